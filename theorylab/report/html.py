"""The report: one self-contained HTML page of a run, readable offline, in print and on a phone.

It loads nothing and runs no script (a strict Content-Security-Policy says so); every text that
comes from a claim is escaped, formulas are MathML. The same record gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from theorylab.errors import ParseError
from theorylab.report import gallery, instance, maths, proof
from theorylab.report.records import SCHEMA
from theorylab.report.store import write_bytes
from theorylab.verdicts import FLOAT, OUTCOMES, STRENGTH, shape_text

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
RIGOROUS = ("exact", "ball")
"""The engines whose slack is exact, or a ball's midpoint; a float's is relative."""
ROUNDING = 1e-100
"""Below this a ball's slack is what its working precision leaves of zero."""
NO_CLAIM: dict[str, Any] = {
    **dict.fromkeys(("id", "paper", "label", "title", "reading", "because", "statement"), ""),
    **dict.fromkeys(("code", "verdict", "grade"), ""),
    "corrects": None,
    "counterexample": None,
    "parameters": {},
    "broken_lines": [],
    "evidence": [],
    "ledger": {"status": "", "note": ""},
}


def write_report(record: Mapping[str, Any], out: Path) -> Path:
    """Write `report.html` into the results folder, atomically; returns its path.

    Figures in `out/figures` are shown with their conclusions.
    Raises: ParseError for a record of another schema, StoreError for a folder not writable.
    """
    if record.get("schema", SCHEMA) != SCHEMA:
        raise ParseError(
            f"the record has schema {record['schema']!r}, expected {SCHEMA}: run"
            " `theorylab verify` again"
        )
    page = _template().render(**view(record), figures=gallery.figures(out / "figures"))
    return write_bytes(out / "report.html", page.encode())


def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("theorylab.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda v: maths.tidy(v) if isinstance(v, str) and not _is_safe(v) else v,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _is_safe(text: str) -> bool:
    return isinstance(text, Markup)


# ---- what the page shows -------------------------------------------------------------------------


def view(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as the template needs it: claims with anchors, counts, papers, errata."""
    claims = [claim_view(c) for c in record.get("claims", ())]
    _link(claims)
    refuted = [c for c in claims if c["verdict"] == "refuted"]
    return {
        "budget": record.get("budget", ""),
        "seed": record.get("seed", ""),
        "versions": _ours_first(record.get("versions", {})),
        "claims": claims,
        "counts": _counts(claims),
        "papers": _papers(record.get("papers", ()), claims),
        "errata": [c for c in refuted if c["reading"] == "printed"],
        "other_errata": [c for c in refuted if c["reading"] != "printed"],
        "symbols": SYMBOLS,
        "sentences": {word: outcome.sentence for word, outcome in OUTCOMES.items()},
    }


def _ours_first(versions: Mapping[str, str]) -> dict[str, str]:
    return {n: versions[n] for n in sorted(versions, key=lambda n: (n != "theorylab", n))}


def claim_view(record: Mapping[str, Any]) -> dict[str, Any]:
    """One claim's record with what is derived from it."""
    claim = {**NO_CLAIM, **record}
    annotations = proof.signature(claim["code"])
    said = claim["parameters"]
    order = [n for n in annotations if n in said] + [n for n in said if n not in annotations]
    return {
        **claim,
        "statement_html": maths.statement(claim["statement"]),
        "because_html": maths.sentence(claim["because"]),
        "parameters": [(name, annotations.get(name, said[name])) for name in order],
        "stands": _stands(claim),
        "strength": strength(claim),
        "slack": worst_slack(claim["evidence"]),
        "tried": _total(claim["evidence"], "tried"),
        "kept": _total(claim["evidence"], "kept"),
        "evidence": [_evidence_view(e) for e in claim["evidence"]],
        "lines": proof.lines(claim["code"]),
        "counterexample": _counterexample_view(claim["counterexample"], order),
    }


def strength(claim: Mapping[str, Any]) -> list[str]:
    """How strong the evidence is: what the strongest engines did, or the whole grade.

    Floats are never the strongest: their engines are left out, the claim's section has them.
    """
    best = [
        f"{e['engine']}: {e['note']}"
        for e in claim["evidence"]
        if e["outcome"] == claim["verdict"] and e["engine"] not in FLOAT
    ]
    return best if best and _stands(claim) else [claim["grade"]]


def _stands(claim: Mapping[str, Any]) -> bool:
    return claim["verdict"] in {outcome.word for outcome in STRENGTH}


def worst_slack(evidence: Iterable[Mapping[str, Any]]) -> str:
    """The smallest right minus left side that a rigorous engine saw."""
    seen = [
        e["worst_slack"]
        for e in evidence
        if e["engine"] in RIGOROUS and e["worst_slack"] is not None
    ]
    return number(min(seen)) if seen else "–"


def number(value: float | None) -> str:
    """A measured number to three digits, zero where it is a ball's rounding, a dash for none.

    >>> number(-1.08012), number(-2e-153), number(None)
    ('−1.08', '0', '–')
    """
    if value is None:
        return "–"
    return "0" if abs(value) < ROUNDING else f"{value:.3g}".replace("-", "−")


def _total(evidence: Iterable[Mapping[str, Any]], key: str) -> int:
    return sum(int(e[key]) for e in evidence if e["outcome"] != "not applicable")


def _evidence_view(evidence: Mapping[str, Any]) -> dict[str, Any]:
    counts = {key: evidence.get(key, 0) for key in ("undecided", "undefined")}
    more = [f"{count} {key}" for key, count in counts.items() if count]
    return {
        **evidence,
        "note": "; ".join([evidence["note"], *more]),
        "worst_slack": number(evidence["worst_slack"]),
        "failure_probability": number(evidence["failure_probability"]),
        "shapes": [shape_text(_sizes(shape)) for shape in evidence["shapes"]],
    }


def _sizes(sizes: Mapping[str, int]) -> dict[str, int]:
    """States first, then actions and the horizon, then the rest."""
    first = [name for name in ("S", "A", "H") if name in sizes]
    return {name: sizes[name] for name in [*first, *(n for n in sizes if n not in first)]}


def _counterexample_view(
    found: Mapping[str, Any] | None, order: Sequence[str]
) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        **found,
        "sign": {**proof.SIGNS, "bounded": "= O of"}.get(found["relation"], found["relation"]),
        "at": shape_text(_sizes(found["sizes"])),
        "left": instance.side(found["lhs"]),
        "right": instance.side(found["rhs"]),
        "items": instance.items(found["instance"], order),
    }


# ---- links and groups ----------------------------------------------------------------------------


def _link(claims: Sequence[dict[str, Any]]) -> None:
    """Anchors, the claims that correct a claim and the one that it corrects."""
    taken = {"top", "summary", "statements", "waived", "errata", "figures", "claims"}
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
    statements, waived = paper.get("statements", {}), paper.get("waived", {})
    judged = {c["label"] for c in claims}
    return {
        "name": paper["name"],
        "title": paper.get("title", ""),
        "claims": claims,
        "waived": [(k, statements.get(k, ""), waived[k]) for k in sorted(waived, key=_natural)],
        "missing": sorted(
            (k for k in statements if k not in waived and k not in judged), key=_natural
        ),
    }


def _natural(label: str) -> list[tuple[int, int, str]]:
    """`Lemma A.10` after `Lemma A.9`: a JSON record does not keep the paper's order."""
    parts = re.findall(r"\d+|\D+", label)
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]
