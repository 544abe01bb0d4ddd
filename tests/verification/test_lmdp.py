"""What falls in LMDP, at its smallest size; what all papers owe is in test_papers."""

from pathlib import Path

import pytest

from theorylab.loading import load
from theorylab.report.ledger import ledger_path, read_ledger

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "verification" / "lmdp"
LMDP = load(FOLDER)
CLAIMS = {claim.name: claim for claim in LMDP.claims}
LEDGER = read_ledger(ledger_path(FOLDER, "lmdp"))

FALLS = {
    "anytime_azuma": {"n": 1},
    "anytime_azuma_for_small_delta": {"n": 6},
    "variance_dependent_bound": {"n": 1},
    "means_are_below_their_sums": {"r": 33, "j": 2},
    "variance_of_any_policy": {"S": 1, "A": 2, "M": 1, "H": 1},
    "rho_regret_of_any_rho": {"S": 1, "A": 1, "M": 1, "H": 1},
    "greedy_once_is_optimal": {"M": 1, "H": 2},
    "alpha_at_most_one": {"S": 2, "A": 1, "M": 2, "H": 2},
}


@pytest.mark.parametrize("name", FALLS)
def test_what_is_false_as_printed_is_refuted_where_it_first_fails(name: str) -> None:
    """The sizes are the least at which the statement can fail, among those visited."""
    entry = LEDGER[CLAIMS[name].id]
    assert entry["verdict"] == "refuted"
    assert FALLS[name].items() <= entry["counterexample"]["sizes"].items()
