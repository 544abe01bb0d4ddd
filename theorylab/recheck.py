"""Recheck a stored counterexample: pure exact arithmetic on the file and the claim, no search.

The tables are read and checked against the domain that the claim's signature names, the statement's
hash against the claim's, and both sides are computed anew. A file for another statement, outside
the domain, or with other sides is rejected with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from theorylab.claims import Claim
from theorylab.engines import BUDGETS
from theorylab.engines.judging import Judged, rigorous
from theorylab.errors import ParseError, TheorylabError
from theorylab.givens import check_domain
from theorylab.loading import load
from theorylab.relations import SIGNS
from theorylab.report.store import read_json
from theorylab.worlds.io import decode, exact_texts

FIELDS = {
    "schema", "kind", "claim", "label", "reading", "source", "statement_hash", "sizes", "instance",
    "line", "because", "relation", "lhs", "rhs",
}  # fmt: skip


@dataclass(frozen=True)
class Recheck:
    """Whether the counterexample stands, and why not; with the sides as computed now."""

    confirmed: bool
    reason: str
    lhs: str = ""
    rhs: str = ""


def recheck(file: Path, source: Path | None = None) -> tuple[dict[str, Any], Recheck]:
    """Recheck a counterexample file; ParseError when it cannot be read as one."""
    record = read_counterexample(file)
    library = load(source or Path(record["source"]))
    claim = next((c for c in library.claims if c.id == record["claim"]), None)
    if claim is None:
        raise ParseError(f"{file} is for {record['claim']}, which {library.path} does not have")
    return record, check_record(claim, record)


def read_counterexample(file: Path) -> dict[str, Any]:
    """The record of a counterexample file, with its fields checked; ParseError."""
    record = read_json(file)
    if not isinstance(record, dict) or record.get("kind") != "counterexample":
        raise ParseError(f"{file} is not a counterexample file")
    if type(record.get("schema")) is not int or record["schema"] != 1:
        raise ParseError(f"{file} has schema {record.get('schema')!r}, expected 1")
    if set(record) != FIELDS:
        odd = ", ".join(sorted(set(record) ^ FIELDS))
        raise ParseError(f"{file} has missing or unknown fields: {odd}")
    if not isinstance(record["instance"], dict) or type(record["line"]) is not int:
        raise ParseError(f"{file} has no instance or no line number")
    for field in FIELDS - {"schema", "sizes", "instance", "line"}:
        if not isinstance(record[field], str):
            raise ParseError(f"{file}: {field} is {record[field]!r:.60}, expected a text")
    if record["relation"] not in SIGNS:
        raise ParseError(f"{file}: relation is {record['relation']!r:.60}, expected {list(SIGNS)}")
    return record


def check_record(claim: Claim, record: dict[str, Any]) -> Recheck:
    """Compare a record with the claim and with both sides computed anew."""
    if (record["label"], record["reading"]) != (claim.label, claim.reading):
        return Recheck(False, f"its label is not the claim's, {claim.label} [{claim.reading}]")
    if record["statement_hash"] != claim.hash:
        return Recheck(False, "it was made for another statement: the claim has changed since")
    try:
        instance = {name: decode(data, name) for name, data in record["instance"].items()}
        sizes = check_domain(claim.parameters, instance)
        if sizes != record["sizes"] or any(type(k) is not int for k in record["sizes"].values()):
            return Recheck(False, f"its sizes are {sizes}, not {record['sizes']!r:.60}")
        judged = rigorous(BUDGETS["deep"])(claim, instance)
    except TheorylabError as error:
        return Recheck(False, f"its instance is outside the claim's domain: {error}")
    return _compare(judged, record)


def _compare(judged: Judged, record: dict[str, Any]) -> Recheck:
    link = record["line"] - 1
    if not 0 <= link < len(judged.links):
        return Recheck(False, f"it names line {record['line']} of {len(judged.links)}")
    step = judged.links[link]
    lhs, rhs = exact_texts(step.lhs), exact_texts(step.rhs)
    if judged.decisions[link].holds is not False:
        return Recheck(False, "the relation holds at its instance", lhs, rhs)
    if (step.kind, step.because) != (record["relation"], record["because"]):
        return Recheck(False, "its relation or reason is not the claim's", lhs, rhs)
    if (lhs, rhs) != (record["lhs"], record["rhs"]):
        return Recheck(False, "its sides are not those of its instance", lhs, rhs)
    return Recheck(True, "both sides recomputed exactly; the relation fails", lhs, rhs)
