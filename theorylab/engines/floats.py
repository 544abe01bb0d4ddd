"""What the float engines share: a batch judged in lanes, and suspicions handed to exact arithmetic.

Floats never decide. An instance whose slack is below its rounding bound (from the condition
numbers of the linear systems that it solved) is a suspicion: it is rebuilt as exact rationals from
its integers and judged there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from theorylab.arithmetic import Array, using
from theorylab.claims import Claim, evaluate
from theorylab.engines.budget import Budget
from theorylab.engines.judging import counterexample, finite, rebuild, rigorous
from theorylab.errors import HypothesisFailed, Undefined, Unsupported
from theorylab.givens import Sizes, build_instance
from theorylab.lanes import LANES, measuring_condition
from theorylab.points import LaneSource
from theorylab.relations import Decision, Link, compare
from theorylab.verdicts import Counterexample, Evidence, Outcome, shape_text

SUSPICIONS = 3
ROUNDING = 2.0**-46


@dataclass
class Seen:
    """What a float engine has seen so far."""

    tried: int = 0
    kept: int = 0
    undecided: int = 0
    undefined: int = 0
    undefined_at: str = ""
    slack: float = float("inf")
    broken: dict[int, Counterexample] = field(default_factory=dict)
    reached: list[Sizes] = field(default_factory=list)


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
    kept = np.ones(count, dtype=bool) if record.kept is None else record.kept.copy()
    for decision in decisions:
        kept &= ~np.isposinf(np.broadcast_to(decision.slack, (count,)))
    tolerance = ROUNDING * reduce(np.maximum, conditions, np.ones(count))
    return Batch(links, decisions, kept, tolerance)


def examine(
    claim: Claim, sizes: Sizes, source: LaneSource, batch: Batch, budget: Budget, seen: Seen
) -> None:
    """Count a batch and judge its suspicions exactly, link by link."""
    count = len(batch.kept)
    seen.tried += count
    seen.kept += int(batch.kept.sum())
    if batch.kept.any() and sizes not in seen.reached:
        seen.reached.append(sizes)
    for link, decision in enumerate(batch.decisions):
        slack = np.where(batch.kept, np.broadcast_to(decision.slack, (count,)), np.inf)
        seen.slack = min(seen.slack, float(np.nanmin(slack, initial=np.inf)))
        if link not in seen.broken:
            _suspect(claim, sizes, source, link, slack + batch.tolerance, budget, seen)


def _suspect(
    claim: Claim,
    sizes: Sizes,
    source: LaneSource,
    link: int,
    margin: Array,
    budget: Budget,
    seen: Seen,
) -> None:
    """Judge exactly the instances with the worst margins below zero, and some that are NaN."""
    finite_first = np.where(np.isfinite(margin), margin, np.inf)  # infinities must not hide them
    worst = [k for k in np.argsort(finite_first)[:SUSPICIONS] if finite_first[k] < 0]
    odd = np.flatnonzero(np.isnan(margin) | np.isneginf(margin))[:SUSPICIONS]
    for lane in [*worst, *odd]:
        judge_suspect(claim, sizes, source.numbers(int(lane)), link, budget, seen)
        if link in seen.broken:
            return


def judge_suspect(
    claim: Claim, sizes: Sizes, numbers: list[int], link: int, budget: Budget, seen: Seen
) -> None:
    """Rebuild a suspicious instance exactly; keep its counterexample if the link breaks there."""
    if _breaks(claim, sizes, numbers, link, budget, seen):
        decide = rigorous(budget)
        seen.broken[link] = counterexample(claim, sizes, numbers, link, decide)


def _breaks(
    claim: Claim, sizes: Sizes, numbers: list[int], link: int, budget: Budget, seen: Seen
) -> bool:
    try:
        return link in rigorous(budget)(claim, rebuild(claim, sizes, numbers)).broken()
    except Undefined as error:
        seen.undefined += 1
        seen.undefined_at = f"{shape_text(sizes)}: {error}"
    except (HypothesisFailed, Unsupported):
        pass
    return False


def evidence_of(engine: str, seen: Seen, seed: int, found: str) -> Evidence:
    """The evidence of a float engine; `found` says in words what it saw when nothing broke."""
    broken = tuple(seen.broken[k] for k in sorted(seen.broken))
    if broken:
        outcome, note = Outcome.REFUTED, "suspicions in floats, confirmed exactly"
    elif seen.undefined:
        outcome = Outcome.UNDECIDED
        note = f"undefined at {seen.undefined_at}; add an assumption or fix the claim"
    elif not seen.kept:
        outcome = Outcome.VACUOUS
        note = f"kept 0 of {seen.tried} instances: its hypotheses never held"
    elif 2 * seen.undecided > seen.kept:
        outcome = Outcome.UNDECIDED
        note = f"{seen.undecided} of {seen.kept} instances could not be decided"
    else:
        outcome, note = Outcome.SUPPORTED, found
    return Evidence(
        engine,
        outcome,
        note,
        seen.tried,
        seen.kept,
        seen.undecided,
        undefined=seen.undefined,
        slack=finite(seen.slack),
        shapes=tuple(seen.reached),
        broken=broken,
        seed=seed,
    )
