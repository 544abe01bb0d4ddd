"""The report's tables as plain data: what the terminal, Markdown and LaTeX forms have in common.

statements by paper in its order; errata: printed, counterexample, corrected form and verdict;
the tightest instance of each inequality; statements without a claim
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from theorylab.report.findings import NONE
from theorylab.report.instance import Table

Kind = Literal["text", "number", "maths"]


@dataclass(frozen=True)
class Column:
    """A heading, what stands below (`maths` is LaTeX among words), its share of the width."""

    heading: str
    kind: Kind = "text"
    share: int = 2


@dataclass(frozen=True)
class Sheet:
    """One table: as many cells in each row as there are columns."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


def sheets(view: Mapping[str, Any]) -> list[Sheet]:
    """All tables of a report that have a row."""
    found = [
        *(_statements(paper) for paper in view["papers"]),
        _errata("Errata: false as printed", "Printed", view["errata"]),
        _errata("Errata: false in another reading", "Read as", view["other_errata"]),
        _tightness(view["tight_claims"]),
        _constants(view["summed_claims"]),
        *(_waived(paper) for paper in view["papers"]),
    ]
    return [sheet for sheet in found if sheet.rows]


def name(claim: Mapping[str, Any]) -> str:
    """`Lemma 3.1 [printed]`."""
    return f"{claim['label']} [{claim['reading']}]" if claim["reading"] else str(claim["label"])


# ---- statements ----------------------------------------------------------------------------------

STATEMENTS = (
    Column("Statement", share=4),
    Column("Verdict"),
    Column("Evidence", share=6),
    Column("Worst slack", "number"),
    Column("Tightness", share=3),
    Column("Mutants killed", share=2),
    Column("Hypotheses"),
)


def _statements(paper: Mapping[str, Any]) -> Sheet:
    title = f"{paper['name']}: {paper['title']}" if paper["title"] else str(paper["name"])
    return Sheet(f"Statements of {title}", STATEMENTS, tuple(map(_statement, paper["claims"])))


def _statement(claim: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        name(claim),
        claim["verdict"],
        "; ".join(claim["strength"]),
        claim["slack"],
        "; ".join(claim["tightness_texts"]),
        claim["mutants_text"],
        claim["hypotheses_text"],
    )


# ---- errata --------------------------------------------------------------------------------------


def _errata(title: str, heading: str, claims: Sequence[Mapping[str, Any]]) -> Sheet:
    columns = (
        Column("Statement", share=3),
        Column(heading, "maths", 6),
        Column("Counterexample", share=4),
        Column("Corrected form", "maths", 6),
        Column("Its verdict"),
    )
    return Sheet(title, columns, tuple(row for claim in claims for row in _erratum(claim)))


def _erratum(claim: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """One row for each correction; what was printed and its counterexample stand in the first."""
    first = (name(claim), full_statement(claim), _in_short(claim))
    if not claim["corrections"]:
        yield (*first, NONE, NONE)
    for other in claim["corrections"]:
        yield (*first, full_statement(other), other["verdict"])
        first = (name(claim), NONE, NONE)


def full_statement(claim: Mapping[str, Any]) -> str:
    """The statement; "The same with ..." names what it is the same as."""
    text, refers = str(claim["statement"]), claim["refers"]
    return f"{text} (the same as {name(refers)})" if refers else text


def _in_short(claim: Mapping[str, Any]) -> str:
    """`S=1 A=2, line 2: 5/7 = left ≤ right = -11/13 fails`, or the grade where there is none."""
    found = claim["counterexample"]
    if found is None:
        return str(claim["grade"])
    place = f"{found['at']}, line {found['line']}" if claim["lines"] else str(found["at"])
    left, right = side_text(found["left"]), side_text(found["right"])
    return f"{place}: left = {left}, right = {right}, claimed left {found['sign']} right"


def side_text(side: Table | str) -> str:
    """A side of a relation in a line: the numbers of a table in brackets."""
    if isinstance(side, str):
        return side
    return f"({', '.join(entry for _, row in side.rows for entry in row)})"


# ---- tightness and waivers -----------------------------------------------------------------------

TIGHTNESS = (
    Column("Statement", share=4),
    Column("Line", share=3),
    Column("Largest left / right", share=2),
    Column("At", share=2),
    Column("Left", "number"),
    Column("Right", "number"),
    Column("Limit", share=4),
    Column("Instances tried", "number"),
)


def _tightness(claims: Sequence[Mapping[str, Any]]) -> Sheet:
    rows = tuple(_tight(claim, entry) for claim in claims for entry in claim["tightness"])
    return Sheet("Tightness of the inequalities", TIGHTNESS, rows)


def _tight(claim: Mapping[str, Any], entry: Mapping[str, Any]) -> tuple[str, ...]:
    because = f" ({entry['because']})" if entry["because"] else ""
    return (
        name(claim),
        f"{entry['line']}{because}",
        entry["text"],
        entry["at"],
        side_text(entry["left"]),
        side_text(entry["right"]),
        entry["limit_text"] or NONE,
        f"{entry['effort']:,}",
    )


CONSTANTS = (
    Column("Statement", share=4),
    Column("Term", share=6),
    Column("Needed of it", "number"),
    Column("Together", share=2),
    Column("Instances tried", "number"),
)


def _constants(claims: Sequence[Mapping[str, Any]]) -> Sheet:
    rows = tuple(_constant(claim, term) for claim in claims for term in claim["constants"])
    return Sheet("Better constants, term by term", CONSTANTS, rows)


def _constant(claim: Mapping[str, Any], term: Mapping[str, Any]) -> tuple[str, ...]:
    together = "not broken" if term["together"] else "broken"
    better = term["factor"] != "1"
    effort = f"{term['effort']:,}"
    return (name(claim), term["term"], term["factor"], together if better else NONE, effort)


def _waived(paper: Mapping[str, Any]) -> Sheet:
    columns = (Column("Statement", share=3), Column("Title", share=6), Column("Reason", share=8))
    rows = [*paper["waived"], *((k, NONE, "neither judged nor waived") for k in paper["missing"])]
    return Sheet(f"Statements of {paper['name']} without a claim", columns, tuple(rows))
