"""What the float engines share: a batch judged in lanes, and suspicions handed to exact arithmetic.

Floats never decide. An instance whose slack is below its rounding bound (from the condition
numbers of the linear systems that it solved) is a suspicion: it is rebuilt as exact rationals from
its integers and judged there.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import reduce

import numpy as np

from theorylab.arithmetic import Array, using
from theorylab.claims import Claim, evaluate
from theorylab.engines.budget import Budget
from theorylab.engines.judging import Decide, counterexample, rigorous
from theorylab.engines.tally import Tally
from theorylab.errors import HypothesisFailed, Unsupported
from theorylab.givens import Sizes, build_instance
from theorylab.lanes import LANES, measuring_condition
from theorylab.points import LaneSource
from theorylab.relations import Decision, Link, compare

SUSPICIONS = 3
ROUNDING = 2.0**-46
CONFIRMED = "suspicions in floats, confirmed exactly"


@dataclass(frozen=True)
class Batch:
    """A judged batch: decisions by link, which instances count, and their rounding bounds."""

    links: tuple[Link, ...]
    decisions: tuple[Decision, ...]
    kept: Array
    tolerance: Array


def judge_batch(claim: Claim, sizes: Sizes, source: LaneSource, count: int) -> Batch:
    """Run the claim on a batch. Instances with an infinite bound are void, not kept."""
    instance = build_instance(claim.parameters, source, sizes)
    try:
        with measuring_condition() as conditions, using(LANES), np.errstate(all="ignore"):
            links, record = evaluate(claim, instance)
            decisions = tuple(compare(link) for link in links)
    except HypothesisFailed:  # a hypothesis on the sizes alone: no instance of the shape counts
        return Batch((), (), np.zeros(count, dtype=bool), np.ones(count))
    assumed = True if record.kept is None else record.kept  # one for all where it is a constant's
    kept = np.broadcast_to(assumed, (count,)).copy()
    for decision in decisions:
        kept &= ~np.isposinf(np.broadcast_to(decision.slack, (count,)))
    tolerance = ROUNDING * reduce(np.maximum, conditions, np.ones(count))
    return Batch(links, decisions, kept, tolerance)


def examine(
    claim: Claim, sizes: Sizes, source: LaneSource, batch: Batch, budget: Budget, tally: Tally
) -> None:
    """Count a batch and judge its suspicions exactly, link by link."""
    count = len(batch.kept)
    tally.tried += count
    tally.reach(sizes, int(batch.kept.sum()))
    for link, decision in enumerate(batch.decisions):
        slack = np.where(batch.kept, np.broadcast_to(decision.slack, (count,)), np.inf)
        tally.slack = min(tally.slack, float(np.nanmin(slack, initial=np.inf)))
        if link not in tally.broken:
            _suspect(claim, sizes, source, link, slack + batch.tolerance, budget, tally)


def _suspect(
    claim: Claim,
    sizes: Sizes,
    source: LaneSource,
    link: int,
    margin: Array,
    budget: Budget,
    tally: Tally,
) -> None:
    """Judge exactly the instances with the worst margins below zero, and some that are NaN."""
    finite_first = np.where(np.isfinite(margin), margin, np.inf)  # infinities must not hide them
    worst = [k for k in np.argsort(finite_first)[:SUSPICIONS] if finite_first[k] < 0]
    odd = np.flatnonzero(np.isnan(margin) | np.isneginf(margin))[:SUSPICIONS]
    for lane in [*worst, *odd]:
        judge_suspect(claim, sizes, source.numbers(int(lane)), link, budget, tally)
        if link in tally.broken:
            return


def judge_suspect(
    claim: Claim, sizes: Sizes, numbers: list[int], link: int, budget: Budget, tally: Tally
) -> None:
    """Rebuild a suspicious instance exactly; keep its counterexample if the link breaks there."""
    decide = rigorous(budget)
    if link in _broken_at(claim, sizes, numbers, decide, tally):
        tally.broken[link] = counterexample(claim, sizes, numbers, link, decide)


def _broken_at(
    claim: Claim, sizes: Sizes, numbers: list[int], decide: Decide, tally: Tally
) -> list[int]:
    """The links that an instance breaks. It is judged once: what is suspicious at one link is so at
    others, and a search comes back to the same corners."""
    key = (tuple(sizes.items()), tuple(numbers))
    if key not in tally.suspects:
        tally.suspects[key] = []
        with suppress(Unsupported):
            judged = tally.attempt(claim, sizes, numbers, decide)
            tally.suspects[key] = [] if judged is None else judged.broken()
    return tally.suspects[key]
