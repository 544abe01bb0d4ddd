"""The LAMPS paper as claims: every statement accounted for, in the public vocabulary, as judged."""

import ast
import importlib
import json
from pathlib import Path

import pytest

import theorylab
from tests.verification.lamps import CLAIMS, FOLDER, LAMPS, LEDGER
from theorylab import Outcome
from theorylab.report.ledger import ledger_path
from theorylab.verdicts import OUTCOMES

ROOT = Path(__file__).parents[2]
PAPER = LAMPS.papers[0]
BY_ID = {claim.id: claim for claim in LAMPS.claims}
PUBLIC = {"numpy", "theorylab", "theorylab.notation", "theorylab.arithmetic"}
"""What a paper's file may import; which of numpy a claim may use, the lint says."""


def test_every_statement_has_a_claim_or_a_waiver() -> None:
    """No numbered statement of the paper is forgotten, and none is both judged and waived."""
    assert [p.name for p in LAMPS.papers] == ["lamps"]
    assert PAPER.unaccounted(list(LAMPS.claims)) == []
    assert {c.label for c in LAMPS.claims} & set(PAPER.waived) == set()
    assert {c.label for c in LAMPS.claims} <= set(PAPER.statements)


def test_every_claim_states_itself() -> None:
    """Each has a statement in words and symbols, a title and one reading of its label."""
    for claim in LAMPS.claims:
        assert claim.statement and claim.title and claim.paper == "lamps"
    readings = [(c.label, c.reading) for c in LAMPS.claims]
    assert len(set(readings)) == len(readings)


def test_a_correction_names_what_it_corrects_and_why() -> None:
    """Corrections point to claims of this paper; a corrected claim is not another correction."""
    names = {c.name for c in LAMPS.claims}
    for claim in LAMPS.claims:
        assert bool(claim.corrects) == bool(claim.because)
        if claim.corrects:
            assert claim.corrects in names and claim.corrects != claim.name


def modules() -> list[Path]:
    """The modules of the paper."""
    return sorted(FOLDER.glob("*.py"))


def imports(file: Path) -> list[tuple[str, list[str]]]:
    """Each module that a file imports, with the names it takes."""
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, []) for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            found.append((node.module or "", [alias.name for alias in node.names]))
    return found


@pytest.mark.parametrize("file", modules(), ids=lambda f: f.stem)
def test_papers_import_the_public_vocabulary_only(file: Path) -> None:
    """theorylab, its notation, arithmetic and theory; no underscore, no engine, no other paper."""
    for module, names in imports(file):
        theory = module.startswith("theorylab.theory.")
        assert module in PUBLIC or theory or module.startswith("verification.lamps")
        assert not any(name.startswith("_") for name in names)
        if module == "theorylab":
            assert set(names) <= set(theorylab.__all__)
        if module == "theorylab.notation":
            assert set(names) <= set(importlib.import_module(module).__all__)


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


@pytest.mark.skipif(not LEDGER, reason="the ledger is not written yet")
def test_the_ledger_is_of_these_statements() -> None:
    """Every claim has its entry, for the statement as it reads now, and no entry is left over."""
    assert set(LEDGER) == set(BY_ID)
    for name, entry in LEDGER.items():
        claim = BY_ID[name]
        assert entry["statement"] == claim.hash, f"{name} has changed: verify it and --accept"
        assert (entry["label"], entry["reading"]) == (claim.label, claim.reading)
        assert entry.get("corrects") == claim.corrects
        assert ("counterexample" in entry) == (entry["verdict"] == "refuted")


@pytest.mark.skipif(not LEDGER, reason="the ledger is not written yet")
def test_the_ledger_expects_what_was_found_here() -> None:
    """What falls is refuted in the ledger at the same sizes; what corrects it stands."""
    for name, (sizes, line) in FALLS.items():
        entry = LEDGER[CLAIMS[name].id]
        assert entry["verdict"] == "refuted"
        found = entry["counterexample"]
        assert (found["sizes"], found["line"]) == (sizes, line)
    for claim in LAMPS.claims:
        if claim.corrects:
            assert OUTCOMES[LEDGER[claim.id]["verdict"]].stands


@pytest.mark.skipif(not LEDGER, reason="the ledger is not written yet")
def test_the_ledger_holds_no_time_and_no_machine() -> None:
    """The file is the same wherever it was written."""
    text = ledger_path(FOLDER, "lamps").read_text()
    assert json.loads(text)["paper"] == "lamps" and str(ROOT) not in text
