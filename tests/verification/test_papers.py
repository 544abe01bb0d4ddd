"""Each paper as claims: every statement accounted for, in the public vocabulary, as judged."""

import ast
import importlib
import json
from pathlib import Path

import pytest

from theorylab.loading import load
from theorylab.report.ledger import ledger_path, read_ledger
from theorylab.verdicts import OUTCOMES

ROOT = Path(__file__).parents[2]
FOLDERS = {name: ROOT / "verification" / name for name in ("lamps", "lmdp", "lvrep")}
PAPERS = {name: load(folder) for name, folder in FOLDERS.items()}
PUBLIC = {
    "numpy", "flint", "dataclasses", "fractions", "itertools", "math",
    "theorylab", "theorylab.notation", "theorylab.arithmetic", "theorylab.worlds",
}  # fmt: skip
"""What a paper's file may import; which of numpy a claim may use, the lint says."""
ROOMS = ("theorylab.theory.",)

papers = pytest.mark.parametrize("name", PAPERS)


def ledger(name: str) -> dict:
    """The verdicts expected, by claim."""
    return read_ledger(ledger_path(FOLDERS[name], name))


@papers
def test_every_statement_has_a_claim_or_a_waiver(name: str) -> None:
    """No numbered statement of the paper is forgotten, and none is both judged and waived."""
    (paper,), claims = PAPERS[name].papers, list(PAPERS[name].claims)
    labels = {c.label for c in claims}
    assert paper.name == name and paper.unaccounted(claims) == []
    assert not labels & set(paper.waived) and labels <= set(paper.statements)


@papers
def test_every_claim_states_itself(name: str) -> None:
    """Each has a statement in words and symbols, a title and one reading of its label."""
    claims = PAPERS[name].claims
    assert all(c.statement and c.title and c.paper == name for c in claims)
    assert len({(c.label, c.reading) for c in claims}) == len(claims)


@papers
def test_a_correction_names_what_it_corrects_and_why(name: str) -> None:
    """Corrections point to claims of their paper, stand, and no claim corrects itself."""
    names, verdicts = {c.name for c in PAPERS[name].claims}, ledger(name)
    for claim in PAPERS[name].claims:
        assert bool(claim.corrects) == bool(claim.because)
        assert not claim.corrects or claim.corrects in names - {claim.name}
        assert not claim.corrects or OUTCOMES[verdicts[claim.id]["verdict"]].stands


@papers
def test_the_ledger_is_of_these_statements(name: str) -> None:
    """Every claim has its entry, for the statement as it reads now, and no entry is left over."""
    by_id, verdicts = {c.id: c for c in PAPERS[name].claims}, ledger(name)
    assert set(verdicts) == set(by_id)
    for key, entry in verdicts.items():
        claim = by_id[key]
        assert entry["statement"] == claim.hash, f"{key} has changed: verify it and --accept"
        assert (entry["label"], entry["reading"]) == (claim.label, claim.reading)
        assert entry.get("corrects") == claim.corrects
        assert ("counterexample" in entry) == (entry["verdict"] == "refuted")


@papers
def test_the_ledger_holds_no_time_and_no_machine(name: str) -> None:
    """The file is the same wherever it was written."""
    text = ledger_path(FOLDERS[name], name).read_text()
    assert json.loads(text)["paper"] == name and str(ROOT) not in text


def imports(file: Path) -> list[tuple[str, list[str]]]:
    """Each module that a file imports, with the names it takes."""
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, []) for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            found.append((node.module or "", [alias.name for alias in node.names]))
    return found


FILES = [file for folder in FOLDERS.values() for file in sorted(folder.glob("*.py"))]


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.stem}")
def test_papers_import_the_public_vocabulary_only(file: Path) -> None:
    """theorylab, its words, worlds and theory; no underscore, no engine, no other paper."""
    for module, names in imports(file):
        own = module.startswith((*ROOMS, f"verification.{file.parent.name}"))
        assert module in PUBLIC or own
        assert not any(name.startswith("_") for name in names)
        if module in ("theorylab", "theorylab.notation"):
            assert set(names) <= set(importlib.import_module(module).__all__)


def test_no_paper_is_left_out() -> None:
    """Each folder with claims is one of these."""
    found = {file.parent.name for file in (ROOT / "verification").glob("*/paper.py")}
    assert found == set(PAPERS)
