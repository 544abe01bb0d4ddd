"""What falls in LAMPS, at its smallest size; what all papers owe is in test_papers."""

import pytest

import theorylab
from tests.verification.lamps import CLAIMS, LEDGER
from theorylab import Outcome

FALLS = {
    "action_value_as_printed": ({"S": 1, "A": 1}, 1),
    "performance_with_the_start_left_out": ({"S": 2, "A": 1}, 1),
    "simulation_with_the_start_left_out": ({"S": 2, "A": 1}, 1),
    "pdpm_bound_outside_the_class": ({"S": 1, "A": 2, "|Pi|": 1}, 1),
    "pdpm_bound_without_the_expert": ({"S": 1, "A": 2, "|Pi|": 1}, 1),
    "pdam_exploration": ({"S": 1, "A": 2}, 1),
    "pdam_exploration_proof": ({"S": 1, "A": 2}, 3),
}


@pytest.mark.parametrize("name", FALLS)
def test_what_is_false_as_printed_falls_at_its_smallest_size(name: str) -> None:
    """The sizes are the least at which the statement can fail, the line the first that breaks."""
    sizes, line = FALLS[name]
    verdict = theorylab.verify(CLAIMS[name], engines=["exact"])
    assert verdict.outcome is Outcome.REFUTED
    found = verdict.counterexample
    assert (dict(found.sizes), found.link + 1) == (sizes, line)


STANDS = ["simulation", "pdpm", "pdam", "value_recursion", "pdam_recurrence", "occupancy_flow"]


@pytest.mark.parametrize("name", STANDS)
def test_the_core_identities_are_certified(name: str) -> None:
    """Lemmas A.1, 3.1, 4.1, their recurrences and definitions hold at generic points."""
    verdict = theorylab.verify(CLAIMS[name], engines=["certificate"])
    assert verdict.outcome is Outcome.CERTIFIED
    assert verdict.evidence[0].failure < 1e-20


def test_the_ledger_expects_what_was_found_here() -> None:
    """What falls is refuted in the ledger at the same sizes; what corrects it stands."""
    for name, (sizes, line) in FALLS.items():
        entry = LEDGER[CLAIMS[name].id]
        assert entry["verdict"] == "refuted"
        found = entry["counterexample"]
        assert (found["sizes"], found["line"]) == (sizes, line)
