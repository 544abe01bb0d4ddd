"""Results as plain data: what `--json`, the results folder, the report and `recheck` share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any, get_args, get_origin

from theorylab import __version__
from theorylab.claims import Claim
from theorylab.givens import Along, Integer, Number, Several
from theorylab.report.ledger import Expectation
from theorylab.verdicts import Counterexample, Evidence, Hypothesis, Tightness, Verdict

SCHEMA = 1


def versions() -> dict[str, str]:
    """The versions of what decides a verdict."""
    import flint
    import numpy
    import scipy

    return {
        "theorylab": __version__,
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "python-flint": flint.__version__,
    }


def claim_record(
    claim: Claim,
    verdict: Verdict,
    source: Path,
    expectation: Expectation,
    *,
    mutants: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """All that is known of one claim after a run; `mutants` is a record of their fates."""
    found = verdict.counterexample
    return {
        "id": claim.id,
        "paper": claim.paper,
        "label": claim.label,
        "title": claim.title,
        "reading": claim.reading,
        "corrects": claim.corrects,
        "because": claim.because,
        "statement": claim.statement,
        "statement_hash": claim.hash,
        "parameters": {p.name: says_text(p.says) for p in claim.parameters},
        "code": claim.source,
        "source": source_record(claim, source),
        "verdict": verdict.outcome.word,
        "grade": verdict.grade,
        "broken_lines": [link + 1 for link in verdict.broken_links],
        "evidence": [evidence_record(e) for e in verdict.evidence],
        "counterexample": None if found is None else counterexample_record(claim, found, source),
        "tightness": [tightness_record(t) for e in verdict.evidence for t in e.tightness],
        "histogram": _histogram_record(verdict.evidence),
        "hypotheses": [
            hypothesis_record(claim, h, source) for e in verdict.evidence for h in e.hypotheses
        ],
        "constants": [asdict(i) for e in verdict.evidence for i in e.improvements],
        "mutants": mutants,
        "ledger": {"status": expectation.status, "note": expectation.note},
    }


def source_record(claim: Claim, source: Path) -> dict[str, Any]:
    """Where a claim stands: its file, below the PATH that was given, and its first line."""
    code = claim.function.__code__
    file, folder = Path(code.co_filename).resolve(), source.resolve()
    within = source.is_dir() and file.is_relative_to(folder)
    place = source / file.relative_to(folder) if within else source
    return {"file": place.as_posix(), "line": code.co_firstlineno}


def says_text(says: Any) -> str:
    """A parameter's type as it reads in the signature."""
    if isinstance(says, Several):
        return f"Several({says_text(says.kind)})"
    if isinstance(says, Along):
        return f"Along({says.to})"
    if isinstance(says, Integer | Number):
        return f"{type(says).__name__}({says.low}, {says.high})"
    if get_origin(says) is tuple:
        return f"tuple[{', '.join(says_text(kind) for kind in get_args(says))}]"
    return str(says.__name__)


def evidence_record(e: Evidence) -> dict[str, Any]:
    """One engine's evidence; `outcome` is "not applicable" where it does not apply."""
    return {
        "engine": e.engine,
        "outcome": e.outcome.word if e.outcome else "not applicable",
        "note": e.note,
        "tried": e.tried,
        "kept": e.kept,
        "undecided": e.undecided,
        "undefined": e.undefined,
        "worst_slack": e.slack if e.slack is not None and isfinite(e.slack) else None,
        "failure_probability": e.failure,
        "shapes": [dict(s) for s in e.shapes],
        "broken_lines": [c.link + 1 for c in e.broken],
        "seed": e.seed,
        "certificate": e.certificate,
    }


def tightness_record(t: Tightness) -> dict[str, Any]:
    """The tightest instance of one line; `limit` where a family of instances approaches a ratio."""
    limit = t.limit
    return {
        "line": t.link + 1,
        "because": t.because,
        "ratio": t.ratio if isfinite(t.ratio) else None,
        "attained": t.attained,
        "sizes": dict(t.sizes),
        "instance": t.instance,
        "lhs": t.lhs,
        "rhs": t.rhs,
        "effort": t.effort,
        "limit": None
        if limit is None
        else {
            "parameter": limit.parameter,
            "ratio": limit.ratio,
            "interval": list(limit.interval),
            "path": [{"at": at, "ratio": ratio} for at, ratio in limit.path],
        },
    }


def _histogram_record(evidence: Sequence[Evidence]) -> dict[str, Any] | None:
    """The first histogram of relative slacks that an engine left."""
    found = next((e.histogram for e in evidence if e.histogram is not None), None)
    return None if found is None else {"edges": list(found.edges), "counts": list(found.counts)}


def hypothesis_record(claim: Claim, h: Hypothesis, source: Path) -> dict[str, Any]:
    """One hypothesis: needed (with its counterexample), idle or undecided."""
    c = h.counterexample
    return {
        "name": h.name,
        "status": h.status,
        "note": h.note,
        "counterexample": None if c is None else counterexample_record(claim, c, source),
    }


def counterexample_record(claim: Claim, c: Counterexample, source: Path) -> dict[str, Any]:
    """A counterexample that outlives the source: exact tables, both sides, the statement's hash."""
    return {
        "schema": SCHEMA,
        "kind": "counterexample",
        "claim": claim.id,
        "label": claim.label,
        "reading": claim.reading,
        "source": source.as_posix(),
        "statement_hash": claim.hash,
        "sizes": dict(c.sizes),
        "instance": c.instance,
        "line": c.link + 1,
        "because": c.because,
        "relation": c.kind,
        "lhs": c.lhs,
        "rhs": c.rhs,
    }


def run_record(
    claims: Sequence[dict[str, Any]], *, budget: str, seed: int, papers: Sequence[Any] = ()
) -> dict[str, Any]:
    """One run: its claims, what it was run with, and the statements that are waived.

    A paper's statements are [label, title] pairs in its order, which an object would lose: keys of
    the canonical JSON are sorted. `view.statements_of` also reads the objects of older runs.
    """
    return {
        "schema": SCHEMA,
        "budget": budget,
        "seed": seed,
        "versions": versions(),
        "claims": list(claims),
        "papers": [
            {
                "name": paper.name,
                "title": paper.title,
                "statements": [list(pair) for pair in paper.statements.items()],
                "waived": dict(paper.waived),
            }
            for paper in papers
        ],
    }
