"""The ledger: what is expected of each claim of a paper, and how a run compares with it.

One JSON file per paper, `ledger/<paper>.json` beside the paper's folder, with no times and no
machine: the regression test of the whole repository. `verify --accept` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from theorylab.claims import Claim
from theorylab.errors import ParseError
from theorylab.report.store import read_json, write_json
from theorylab.verdicts import OUTCOMES, STRENGTH, Outcome, Verdict

SCHEMA = 1


@dataclass(frozen=True)
class Expectation:
    """How a verdict compares with the ledger: "same", "changed" or "new", and why."""

    status: str
    note: str = ""
    fails: bool = False


def ledger_path(source: Path, paper: str) -> Path:
    """Where the ledger of a paper stands: beside its folder, or beside its file."""
    folder = source if source.is_dir() else source.parent
    in_package = (folder / "__init__.py").exists()
    return (folder.parent if in_package else folder) / "ledger" / f"{paper}.json"


def read_ledger(path: Path) -> dict[str, Any]:
    """Claim id to its entry; empty when there is no ledger yet."""
    if not path.exists():
        return {}
    data = read_json(path)
    claims = data.get("claims") if isinstance(data, dict) else None
    if not isinstance(claims, dict) or data.get("schema", SCHEMA) != SCHEMA:
        raise ParseError(f"{path} is not a ledger: expected schema {SCHEMA} and claims by id")
    return claims


def entry(claim: Claim, verdict: Verdict) -> dict[str, Any]:
    """What the ledger says of one claim."""
    record: dict[str, Any] = {
        "label": claim.label,
        "reading": claim.reading,
        "verdict": verdict.outcome.word,
        "statement": claim.hash,
    }
    if claim.corrects:
        record["corrects"] = claim.corrects
    found = verdict.counterexample
    if found is not None:
        record["counterexample"] = {
            "sizes": dict(found.sizes),
            "line": found.link + 1,
            "relation": found.kind,
            "lhs": found.lhs,
            "rhs": found.rhs,
        }
    return record


def write_ledger(path: Path, paper: str, entries: Mapping[str, Any]) -> Path:
    """Accept these verdicts: keep entries of claims that this run did not judge."""
    kept = {**read_ledger(path), **entries}
    return write_json(path, {"schema": SCHEMA, "paper": paper, "claims": kept})


def compare(claim: Claim, verdict: Verdict, known: Mapping[str, Any]) -> Expectation:
    """Same, changed or new. A new claim is expected to stand."""
    expected = known.get(claim.id)
    if expected is None:
        return Expectation("new", fails=not verdict.outcome.stands)
    _check_entry(claim, expected)
    if expected["statement"] != claim.hash:
        return Expectation("changed", "the statement is another one", True)
    was = OUTCOMES[expected["verdict"]]
    if was is verdict.outcome:
        return Expectation("same")
    if _stronger(verdict.outcome, was):
        return Expectation("same", f"stronger than the ledger's {was.word}")
    return Expectation("changed", f"the ledger says {was.word}", True)


def _check_entry(claim: Claim, known: Any) -> None:
    if not isinstance(known, dict) or not {"statement", "verdict"} <= set(known):
        raise ParseError(f"the ledger's entry of {claim.id} has no statement or no verdict")
    if known["verdict"] not in OUTCOMES:
        words = ", ".join(OUTCOMES)
        raise ParseError(
            f"the ledger says {known['verdict']!r} of {claim.id}, expected one of {words}"
        )


def _stronger(now: Outcome, was: Outcome) -> bool:
    return now in STRENGTH and was in STRENGTH and STRENGTH.index(now) > STRENGTH.index(was)
