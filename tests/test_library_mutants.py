"""Changes of the library: some claim or test must notice each; defects that shipped elsewhere."""

import builtins
import dis
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.defects import NOT_APPLICABLE, PLANTED, WAIVED
from theorylab.engines.library_mutation import (
    library_mutants,
    mutants_of,
    noticed_by_claim,
    panel,
    planted,
    reached,
)
from theorylab.library_mutating import (
    Planted,
    all_mutants,
    covering_tests,
    failing_test,
    in_child,
    line,
    noticed,
    standing_claims,
    waiver,
)
from theorylab.theory import information, planning, tabular

POINTS = panel(standing_claims(Path(__file__).parent.parent / "verification"))


def test_the_panel_covers_the_standing_claims() -> None:
    """Most claims of LAMPS stand in the panel, each at several exact instances."""
    assert len({claim.id for claim, _ in POINTS}) >= 30
    assert len(POINTS) >= 6 * len({claim.id for claim, _ in POINTS})


def test_the_library_as_it_is_is_not_noticed() -> None:
    """No claim of the panel breaks when nothing is planted."""
    assert noticed_by_claim(POINTS) is None


@pytest.mark.parametrize("defect", PLANTED, ids=lambda d: d.key)
def test_a_defect_that_shipped_elsewhere_is_noticed(defect) -> None:
    """Planted in our own function, some claim or one of its tests notices it."""
    assert noticed(defect, POINTS) is not None


def test_every_defect_of_the_list_is_planted_or_does_not_apply() -> None:
    """Fourteen are listed; each is planted or says why it cannot be."""
    sources = " ".join([*(d.where for d in PLANTED), *NOT_APPLICABLE])
    listed = [
        "pomdp-py#20", "POMDPy#20", "POMDPy#23", "QuantEcon.py#356", "POMDPModelChecking.jl#14",
        "SARSOP.jl#40", "storm#1061", "storm#7", "QuantEcon.jl#118", "test_ddp_Q_rebinding",
        "test_ddp_out_of_range_indices_error", "PEPit#92", "flintlib/flint#2705", "TestLQMarkov",
        "4x3.95.POMDP",
    ]  # fmt: skip
    assert [name for name in listed if name not in sources] == []


@pytest.mark.parametrize("defect", PLANTED, ids=lambda d: d.key)
def test_a_defect_is_noticed_for_what_it_does(defect) -> None:
    """A planted body uses only names of the module that it is planted in, so that it runs."""
    known = {*vars(builtins), *defect.function.__globals__}
    loaded = {i.argval for i in dis.get_instructions(defect.code) if i.opname == "LOAD_GLOBAL"}
    assert loaded <= known
    assert defect.code.co_argcount == defect.function.__code__.co_argcount


def test_what_the_claims_reach_is_known() -> None:
    """Values and occupancies are run by the claims of LAMPS; information is not."""
    called = reached(POINTS[:50])
    assert tabular.value.__code__ in called and tabular.occupancy.__code__ in called
    assert information.kl_divergence.__code__ not in called


def test_planting_is_taken_out_again() -> None:
    """Whoever imported the function sees the change inside the block and not after it."""
    mutant = next(m for m in library_mutants(tabular) if m.function is tabular.state_marginal)
    before = tabular.state_marginal.__code__
    with planted(mutant.function, mutant.code):
        assert tabular.state_marginal.__code__ is mutant.code
    with suppress(RuntimeError), planted(mutant.function, mutant.code):
        raise RuntimeError
    assert tabular.state_marginal.__code__ is before


def test_operators_of_plain_code() -> None:
    """Comparisons, branches, least and largest; what is raised is left alone."""
    greedy = {m.change for m in mutants_of(planning.greedy)}
    assert "np.argmin -> np.argmax" in greedy
    assert "branches of -Q if M.sense == 'reward' else Q swapped" in greedy
    assert not any("no order here" in change for change in greedy)
    steps = {m.change for m in mutants_of(tabular.state_occupancy_at)}
    assert {"h < 0 -> h <= 0", "end one late in range(h)"} <= steps


def test_keys_are_unique() -> None:
    """No two mutants of the library share a name."""
    keys = [p.key for p in all_mutants()]
    assert len(keys) == len(set(keys)) > 300


def test_a_test_notices_where_no_claim_does() -> None:
    """Halving left out of total variation is no concern of LAMPS, and of a test."""
    mutant = next(m for m in mutants_of(information.total_variation) if "divisor" in m.change)
    change = Planted(
        mutant.key, "", mutant.function, mutant.code, ("tests/theory/test_information.py",)
    )
    found = noticed(change, POINTS)
    assert found is not None and "test_information.py::" in found


def test_what_happens_in_a_child_stays_there() -> None:
    """A crash is a notice with its name, a signal too; nothing is noticed where nothing happens."""
    assert in_child(lambda: None) is None
    assert in_child(lambda: str(1 // 0)) == "ZeroDivisionError"
    assert in_child(lambda: "x" * 3) == "xxx"


def test_a_line_of_the_table() -> None:
    """Noticed, waived with its reason, or survived in capitals."""
    row = {"change": "f: x", "where": "f.py:1", "noticed": None, "waived": None}
    assert line(row).startswith("SURVIVED  f: x (f.py:1)")
    assert line({**row, "waived": "no matter"}) == "waived    f: x (f.py:1)  no matter"
    assert line({**row, "noticed": "a test"}) == "noticed   f: x (f.py:1)  by a test"


def test_a_waiver_is_found_by_its_glob() -> None:
    """The first pattern that matches gives the reason; every waiver names functions we have."""
    assert waiver("f.g: drop x", {"f.h: *": "no", "f.g: *": "yes"}) == "yes"
    assert waiver("f.g: drop x", {"f.h: *": "no"}) is None
    keys = [p.key for p in all_mutants()]
    assert [p for p in WAIVED if not any(fnmatchcase(key, p) for key in keys)] == []


def test_a_failing_test_is_named(tmp_path) -> None:
    """The node id of the first failure; None when all pass."""
    file = tmp_path / "test_x.py"
    file.write_text("def test_a(): pass\n\ndef test_b(): assert 0\n")
    found = in_child(lambda: failing_test([str(file)]))
    assert found is not None and found.endswith("test_x.py::test_b")


def test_the_tests_of_a_module_are_there() -> None:
    """A file that is missing would end pytest with an error, and be taken for a notice."""
    files = {file for p in all_mutants() for file in p.tests}
    assert [file for file in files if not Path(file).exists()] == []
    assert covering_tests("theorylab.theory.elbo") == ("tests/theory/test_elbo.py",)
    assert "tests/theory/test_kernels.py" in covering_tests("theorylab.theory.water_filling")
    assert covering_tests("theorylab.algorithms.bayes_kernels") == (
        "tests/algorithms/test_bayes_regret.py",
    )
    assert covering_tests("theorylab.theory.latent_parts") == ()


def test_a_change_that_no_test_runs_is_not_noticed() -> None:
    """Without claims and without tests nothing is asked, not the whole suite."""
    mutant = next(m for m in mutants_of(information.total_variation) if "divisor" in m.change)
    assert noticed(Planted(mutant.key, "", mutant.function, mutant.code, ()), []) is None


@pytest.mark.nightly
def test_no_test_notices_the_library_as_it_is() -> None:
    """The tests that are asked about mutants pass, and in their seconds, without any change."""
    kinds = {p.tests for p in all_mutants() if p.tests}
    assert {t: found for t in kinds if (found := in_child(lambda t=t: failing_test(t)))} == {}


@pytest.mark.nightly
def test_every_mutant_of_the_library_is_noticed_or_waived() -> None:
    """The whole table; a waiver that waives nothing fails too."""
    called = reached(POINTS)
    points = {p.key: POINTS if p.function.__code__ in called else [] for p in all_mutants()}
    alive = [p.key for p in all_mutants() if noticed(p, points[p.key]) is None]
    assert [key for key in alive if waiver(key, WAIVED) is None] == []
    assert [p for p in WAIVED if not any(fnmatchcase(key, p) for key in alive)] == []
