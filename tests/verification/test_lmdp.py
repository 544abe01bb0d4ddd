"""The LMDP paper as claims: every statement accounted for, in the public vocabulary, as judged."""

import ast
import json
from pathlib import Path

import pytest

import theorylab
from theorylab.loading import load
from theorylab.mutants import is_family
from theorylab.report.ledger import ledger_path, read_ledger
from theorylab.report.mutant_ledger import read_mutants
from theorylab.verdicts import OUTCOMES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "verification" / "lmdp"
LMDP = load(FOLDER)
PAPER = LMDP.papers[0]
CLAIMS = {claim.name: claim for claim in LMDP.claims}
BY_ID = {claim.id: claim for claim in LMDP.claims}
LEDGER = read_ledger(ledger_path(FOLDER, "lmdp"))
PUBLIC = {"numpy", "theorylab", "theorylab.arithmetic", "theorylab.worlds", "dataclasses"}
"""What a paper's file may import; which of numpy a claim may use, the lint says."""


def test_every_statement_has_a_claim_or_a_waiver() -> None:
    """No statement of the paper is forgotten, and none is both judged and waived."""
    labels = {c.label for c in LMDP.claims}
    assert [p.name for p in LMDP.papers] == ["lmdp"]
    assert PAPER.unaccounted(list(LMDP.claims)) == []
    assert not labels & set(PAPER.waived) and labels <= set(PAPER.statements)


def test_every_claim_states_itself() -> None:
    """Each has a statement in words and symbols, a title and one reading of its label."""
    for claim in LMDP.claims:
        assert claim.statement and claim.title and claim.paper == "lmdp"
    readings = [(c.label, c.reading) for c in LMDP.claims]
    assert len(set(readings)) == len(readings)


def test_a_correction_names_what_it_corrects_and_why() -> None:
    """Corrections point to claims of this paper."""
    for claim in LMDP.claims:
        assert bool(claim.corrects) == bool(claim.because)
        assert not claim.corrects or claim.corrects in set(CLAIMS) - {claim.name}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda f: f.stem)
def test_papers_import_the_public_vocabulary_only(file: Path) -> None:
    """theorylab, its arithmetic, worlds and theory; no underscore, no engine, no other paper."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            module, names = node.module or "", {alias.name for alias in node.names}
            own = module.startswith(("theorylab.theory.", "theorylab.worlds.", "verification.lmdp"))
            assert module in PUBLIC or own
            assert not any(name.startswith("_") for name in names)
            assert module != "theorylab" or names <= set(theorylab.__all__)


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


def test_the_ledger_is_of_these_statements() -> None:
    """Every entry is of a claim, for the statement as it reads now; none is left over."""
    assert set(LEDGER) == set(BY_ID)
    for name, entry in LEDGER.items():
        claim = BY_ID[name]
        assert entry["statement"] == claim.hash, f"{name} has changed: verify it and --accept"
        assert (entry["label"], entry["reading"]) == (claim.label, claim.reading)
        assert ("counterexample" in entry) == (entry["verdict"] == "refuted")
        if claim.corrects:
            assert OUTCOMES[entry["verdict"]].stands


def test_a_claim_has_its_mutants_or_waits_for_them() -> None:
    """Nothing waits for mutants that it has, and only claims wait."""
    waiting = (ROOT / "tests" / "pending_mutants.txt").read_text().split()
    pending = {name for name in waiting if name.startswith("lmdp.")}
    judged = set(read_mutants(FOLDER.parent / "ledger" / "lmdp.mutants.json"))
    alone = {claim.id for claim in LMDP.claims if not is_family(claim)}
    assert pending | judged <= alone and not pending & judged  # == once all mutants have run


def test_the_ledger_holds_no_time_and_no_machine() -> None:
    """The file is the same wherever it was written."""
    text = ledger_path(FOLDER, "lmdp").read_text()
    assert json.loads(text)["paper"] == "lmdp" and str(ROOT) not in text
