"""What a report shows of one claim: its record with all that is derived from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from theorylab.report import findings, instance, maths, proof
from theorylab.report.histogram import histogram
from theorylab.verdicts import FLOAT, STRENGTH, shape_text

RIGOROUS = ("exact", "ball")
"""The engines whose slack is exact, or a ball's midpoint; a float's is relative."""
ROUNDING = 1e-100
"""Below this a ball's slack is what its working precision leaves of zero."""
NO_CLAIM: dict[str, Any] = {
    **dict.fromkeys(("id", "paper", "label", "title", "reading", "because", "statement"), ""),
    **dict.fromkeys(("code", "verdict", "grade"), ""),
    **dict.fromkeys(("corrects", "counterexample", "histogram", "mutants")),
    "source": {"file": "", "line": 0},
    "parameters": {},
    "broken_lines": [],
    "evidence": [],
    "tightness": [],
    "hypotheses": [],
    "constants": [],
    "ledger": {"status": "", "note": ""},
}


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
        **_beyond(claim, order),
    }


def _beyond(claim: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """What is known beyond the verdict, each with its words for the tables."""
    mutants = findings.mutants_view(_with_shapes(claim["mutants"]))
    return {
        "tightness": [_tightness_view(t, order) for t in findings.tightest(claim["tightness"])],
        "tightness_texts": findings.tightness_texts(claim["tightness"]),
        "hypotheses": [
            {**h, "counterexample": _counterexample_view(h["counterexample"], order)}
            for h in claim["hypotheses"]
        ],
        "hypotheses_text": findings.hypotheses_text(claim["hypotheses"]),
        "constants": claim["constants"],
        "mutants": mutants,
        "mutants_text": findings.mutants_text(mutants),
        "histogram": histogram(claim["histogram"]),
        "certificates": _certificates(claim["evidence"]),
    }


def _certificates(evidence: Iterable[Mapping[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Each engine that left a certificate, with the certificate in short."""
    found = [(e["engine"], findings.certificate_view(e.get("certificate"))) for e in evidence]
    return [(engine, shown) for engine, shown in found if shown is not None]


def strength(claim: Mapping[str, Any]) -> list[str]:
    """How strong the evidence is: what the two strongest engines did, or the whole grade.

    Floats are never the strongest: the claim's section has them, and all others.
    """
    found = [
        e
        for e in claim["evidence"]
        if e["outcome"] in (claim["verdict"], "proved") and e["engine"] not in FLOAT
    ]
    proofs_first = sorted(found, key=lambda e: e["outcome"] != "proved")[:2]
    best = [f"{e['engine']}: {e['note']}" for e in proofs_first]
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

    >>> number(-1.08012), number(-2e-153), number(None), number(-4994.2)
    ('−1.08', '0', '–', '−4,994')
    """
    if value is None:
        return "–"
    if abs(value) < ROUNDING:
        return "0"
    text = f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.3g}"
    return text.replace("-", "−")


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


def _tightness_view(entry: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
    return {
        **entry,
        "text": findings.ratio_text(entry["ratio"], attained=entry["attained"]),
        "limit_text": findings.limit_text(entry["limit"]),
        "path": findings.thinned(entry["limit"]["path"]) if entry["limit"] else [],
        "at": shape_text(_sizes(entry["sizes"])),
        "left": instance.side(entry["lhs"]),
        "right": instance.side(entry["rhs"]),
        "items": instance.items(entry["instance"] or {}, order),
    }


def _with_shapes(mutants: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The record of mutants, with the shape of each killing instance in words."""
    if mutants is None:
        return None
    return {**mutants, "list": [{**m, "at": _killed_at(m)} for m in mutants.get("list", ())]}


def _killed_at(mutant: Mapping[str, Any]) -> str:
    found = mutant["counterexample"]
    return "" if found is None else shape_text(_sizes(found["sizes"]))
