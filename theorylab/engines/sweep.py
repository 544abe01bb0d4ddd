"""The sweep engine: batches of float64 instances, many and larger, random to degenerate.

Floats never decide: an instance whose slack is below its rounding bound (from the condition
numbers of the linear systems that it solved) is a suspicion, and is rebuilt as exact rationals and
judged there. What floats cannot see, they do not claim.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from theorylab.arithmetic import Array, using
from theorylab.claims import Claim, evaluate
from theorylab.engines.budget import Budget
from theorylab.engines.search import (
    breaks,
    counterexample,
    finite,
    generator,
    rebuild,
    rigorous,
    visited,
)
from theorylab.errors import HypothesisFailed, Undefined, Unsupported
from theorylab.givens import Sizes, build_instance
from theorylab.lanes import LANES, measuring_condition
from theorylab.points import LaneSource
from theorylab.relations import compare
from theorylab.verdicts import Counterexample, Evidence, Outcome, shape_text

LARGER = [(5, 2), (6, 3), (8, 2)]
CHUNK = 1_000
SUSPICIONS = 3
ROUNDING = 2.0**-46


@dataclass
class _Seen:
    tried: int = 0
    kept: int = 0
    undefined: int = 0
    undefined_at: str = ""
    slack: float = float("inf")
    suspicions: int = 0
    broken: dict[int, Counterexample] = field(default_factory=dict)


def sweep(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Judge many float instances; hand every suspicion to exact arithmetic."""
    rng = generator(claim, "sweep", seed)
    shapes = visited(claim, budget, budget.worlds() + LARGER)
    seen = _Seen()
    try:
        for sizes in shapes:
            for first in range(0, budget.lanes, CHUNK):
                _chunk(claim, sizes, min(CHUNK, budget.lanes - first), rng, budget, seen)
    except Unsupported as error:
        return Evidence("sweep", None, str(error), seed=seed)
    return _evidence(seen, shapes, seed)


def _chunk(
    claim: Claim, sizes: Sizes, count: int, rng: np.random.Generator, budget: Budget, seen: _Seen
) -> None:
    source = LaneSource(rng, count)
    instance = build_instance(claim.parameters, source, sizes)
    seen.tried += count
    with measuring_condition() as conditions, using(LANES), np.errstate(all="ignore"):
        links, record = evaluate(claim, instance)
        decisions = [compare(link) for link in links]
    tolerance = ROUNDING * reduce(np.maximum, conditions, np.ones(count))
    kept = np.ones(count, dtype=bool) if record.kept is None else record.kept
    for link, decision in enumerate(decisions):
        slack = np.broadcast_to(decision.slack, (count,))
        void = np.isposinf(slack)
        kept = kept & ~void
        _suspect(
            claim, sizes, source, link, np.where(kept, slack + tolerance, np.inf), budget, seen
        )
        real = slack[kept & np.isfinite(slack)]
        seen.slack = min(seen.slack, real.min(initial=np.inf))
    seen.kept += int(kept.sum())


def _suspect(
    claim: Claim,
    sizes: Sizes,
    source: LaneSource,
    link: int,
    margin: Array,
    budget: Budget,
    seen: _Seen,
) -> None:
    """Judge exactly the instances with the worst margins below zero, and one that is NaN."""
    if link in seen.broken:
        return
    decide = rigorous(budget)
    worst = np.argsort(margin)[:SUSPICIONS]
    strange = np.flatnonzero(np.isnan(margin))[:1]
    for lane in [*(k for k in worst if margin[k] < 0), *strange]:
        numbers = source.numbers(int(lane))
        seen.suspicions += 1
        if link in breaks(claim, sizes, numbers, decide):
            seen.broken[link] = counterexample(claim, sizes, numbers, link, decide)
            return
        _note_undefined(claim, sizes, numbers, seen, decide)


def _note_undefined(claim: Claim, sizes: Sizes, numbers: list[int], seen: _Seen, decide) -> None:  # type: ignore[no-untyped-def]
    try:
        decide(claim, rebuild(claim, sizes, numbers))
    except Undefined as error:
        seen.undefined += 1
        seen.undefined_at = f"{shape_text(sizes)}: {error}"
    except HypothesisFailed:
        pass


def _evidence(seen: _Seen, shapes: list[Sizes], seed: int) -> Evidence:
    slack = finite(seen.slack)
    largest = shape_text(shapes[-1])
    if seen.broken:
        broken = tuple(seen.broken[k] for k in sorted(seen.broken))
        outcome, note = Outcome.REFUTED, "suspicions in floats, confirmed exactly"
    elif seen.undefined:
        broken, outcome = (), Outcome.UNDECIDED
        note = f"undefined at {seen.undefined_at}; add an assumption or fix the claim"
    elif not seen.kept:
        broken, outcome = (), Outcome.VACUOUS
        note = f"kept 0 of {seen.tried} instances: its hypotheses never held"
    else:
        broken, outcome = (), Outcome.SUPPORTED
        note = f"{seen.kept} float instances not refuted, up to {largest}"
    return Evidence(
        "sweep", outcome, note, seen.tried, seen.kept, undefined=seen.undefined, slack=slack,
        shapes=tuple(shapes), broken=broken, seed=seed,
    )  # fmt: skip
