"""What a report shows of a run: the record of `verify`, with all that is derived from it.

One view feeds the page, the terminal and the Markdown and LaTeX tables, so that they say the same.
Keys that older runs lack read as "nothing is known": a dash, never a zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from theorylab.errors import ParseError
from theorylab.report.claim_view import claim_view
from theorylab.report.records import SCHEMA
from theorylab.verdicts import OUTCOMES

SYMBOLS = {
    "proved": "✓",
    "certified": "◆",
    "supported": "○",
    "refuted": "✗",
    "undecided": "?",
    "vacuous": "∅",
    "conflict": "!",
}
"""A sign for each verdict, beside its word: colour alone says nothing."""


def view(record: Mapping[str, Any]) -> dict[str, Any]:
    """All that a report shows: claims with anchors and links, counts, papers, errata.

    Raises: ParseError for a record of another schema, or one that does not read as a run.
    """
    if record.get("schema", SCHEMA) != SCHEMA:
        raise ParseError(
            f"the record has schema {record['schema']!r}, expected {SCHEMA}: run"
            " `theorylab verify` again"
        )
    try:
        return _view(record)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        cause = f"{type(error).__name__}: {error}"
        raise ParseError(
            f"the record does not read as a run ({cause}): run `theorylab verify` again"
        ) from error


def _view(record: Mapping[str, Any]) -> dict[str, Any]:
    claims = [claim_view(c) for c in record.get("claims", ())]
    _link(claims)
    refuted = [c for c in claims if c["verdict"] == "refuted"]
    return {
        "budget": record.get("budget", ""),
        "seed": record.get("seed", ""),
        "versions": _ours_first(record.get("versions", {})),
        "claims": claims,
        "counts": _counts(claims),
        "findings": _findings(claims),
        "papers": _papers(record.get("papers", ()), claims),
        "errata": [c for c in refuted if c["reading"] == "printed"],
        "other_errata": [c for c in refuted if c["reading"] != "printed"],
        "tight_claims": [c for c in claims if c["tightness"]],
        "summed_claims": [c for c in claims if c["constants"]],
        "symbols": SYMBOLS,
        "sentences": {word: outcome.sentence for word, outcome in OUTCOMES.items()},
    }


def _findings(claims: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """What the run found beyond verdicts, counted over all claims.

    Mutants only over those that stand: a mutant of a false claim is false for its own reasons.
    """
    tight = [t for c in claims for t in c["tightness"]]
    statuses = [h["status"] for c in claims for h in c["hypotheses"]]
    mutated = [c["mutants"] for c in claims if c["mutants"] and c["stands"]]
    return {
        "lines": len(tight),
        "attained": sum(bool(t["attained"]) for t in tight),
        "mutants": sum(m["total"] for m in mutated),
        "killed": sum(m["killed"] for m in mutated),
        "open": sum(c["mutants"]["open"] for c in claims if c["mutants"]),
        "hypotheses": len(statuses),
        "idle": statuses.count("idle"),
    }


def _ours_first(versions: Mapping[str, str]) -> dict[str, str]:
    return {n: versions[n] for n in sorted(versions, key=lambda n: (n != "theorylab", n))}


# ---- links and groups ----------------------------------------------------------------------------


def _link(claims: Sequence[dict[str, Any]]) -> None:
    """Anchors, the claims that correct a claim and the one that it corrects."""
    taken = {"top", "summary", "statements", "waived", "errata", "tightness", "figures", "claims"}
    for claim in claims:
        claim["anchor"] = _anchor(claim["id"], taken)
    by_id = {c["id"]: c for c in claims}
    for claim in claims:
        claim["corrected"] = by_id.get(f"{claim['paper']}.{claim['corrects']}")
        claim["corrections"] = [c for c in claims if c["corrects"] and _corrects(c, claim)]
        claim["refers"] = _refers(claim, claims)


def _corrects(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(f"{one['paper']}.{one['corrects']}" == other["id"])


def _refers(claim: Mapping[str, Any], claims: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """What "The same with ..." is the same as: the statement before it under that label."""
    if not claim["statement"].startswith("The same"):
        return None
    place = (claim["paper"], claim["label"])
    before = [c for c in claims if (c["paper"], c["label"]) == place]
    return next((c for c in before if not c["statement"].startswith("The same")), None)


def _anchor(text: str, taken: set[str]) -> str:
    base = anchor = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-") or "claim"
    count = 1
    while anchor in taken:
        count += 1
        anchor = f"{base}-{count}"
    taken.add(anchor)
    return anchor


def _counts(claims: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    words = [c["verdict"] for c in claims]
    return {w: words.count(w) for w in dict.fromkeys([*SYMBOLS, *words]) if w in words}


def _papers(papers: Iterable[Mapping[str, Any]], claims: list[dict[str, Any]]) -> list[Any]:
    """Each paper with its claims, waivers and what has neither; claims of no paper come last."""
    known = {p["name"]: p for p in papers}
    names = dict.fromkeys([*known, *(c["paper"] for c in claims)])
    return [
        _paper(known.get(n, {"name": n}), [c for c in claims if c["paper"] == n]) for n in names
    ]


def _paper(paper: Mapping[str, Any], claims: list[dict[str, Any]]) -> dict[str, Any]:
    statements, waived = statements_of(paper), paper.get("waived", {})
    judged = {c["label"] for c in claims}
    return {
        "name": paper["name"],
        "title": paper.get("title", ""),
        "claims": claims,
        "waived": [(k, title, waived[k]) for k, title in statements.items() if k in waived],
        "missing": [k for k in statements if k not in waived and k not in judged],
    }


def statements_of(paper: Mapping[str, Any]) -> dict[str, str]:
    """Label to title: in the paper's order, or naturally sorted where the record lost it.

    >>> list(statements_of({"statements": [["Lemma 2", ""], ["Lemma 1", ""]]}))
    ['Lemma 2', 'Lemma 1']
    >>> list(statements_of({"statements": {"A.10": "", "A.9": ""}, "waived": {"A.1": "why"}}))
    ['A.1', 'A.9', 'A.10']
    """
    listed, waived = paper.get("statements", {}), dict.fromkeys(paper.get("waived", {}), "")
    if isinstance(listed, Mapping):
        known = {**waived, **listed}
        return {label: known[label] for label in sorted(known, key=_natural)}
    pairs = {str(label): str(title) for label, title in listed}
    return {**pairs, **{label: "" for label in waived if label not in pairs}}


def _natural(label: str) -> list[tuple[int, int, str]]:
    """`Lemma A.10` after `Lemma A.9`."""
    parts = re.findall(r"\d+|\D+", label)
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]
