"""Two claims compared at the same instances: where the second is tighter, looser, or another one.

In floats to find such instances, exactly to confirm them; and the float instances at which a link
looks broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.balls import Ball, gap
from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.drawn import drawn_lines
from theorylab.engines.extremes import table
from theorylab.engines.floats import Batch
from theorylab.engines.judging import by_number_system, rebuild, rigorous
from theorylab.errors import AtRandom, HypothesisFailed, RunsAlong, Undefined
from theorylab.givens import Sizes
from theorylab.relations import Link

SUSPICIONS = 3
SAME = 1e-9
"""Slacks that differ by less, relative to their size, are compared no further in floats."""


@dataclass(frozen=True)
class Witness:
    """An exact instance: sizes and integers, and the link that is seen there."""

    sizes: Sizes
    numbers: tuple[int, ...]
    link: int = 0


def suspicious(batch: Batch) -> Iterator[tuple[int, int]]:
    """(link, instance) for the worst slacks below zero, and for one that is no number."""
    count = len(batch.kept)
    for link, decision in enumerate(batch.decisions):
        slack = np.where(batch.kept, np.broadcast_to(decision.slack, (count,)), np.inf)
        margin = slack + batch.tolerance
        order = np.argsort(np.where(np.isnan(margin), np.inf, margin))[:SUSPICIONS]
        yield from ((link, int(k)) for k in order if margin[k] < 0)
        yield from ((link, int(k)) for k in np.flatnonzero(np.isnan(margin))[:1])


def apart(ours: Batch, theirs: Batch) -> dict[str, Array]:
    """Float instances at which the two differ most, by how; to be confirmed exactly."""
    if not ours.links or not theirs.links:
        return {}
    if _shapes(ours.links) != _shapes(theirs.links):
        return {"other": np.flatnonzero(ours.kept)[:SUSPICIONS]}
    tighter = theirs.kept & ~ours.kept
    looser = ours.kept & ~theirs.kept
    other = np.zeros_like(tighter)
    both, count = ours.kept & theirs.kept, len(ours.kept)
    for a, b in zip(ours.links, theirs.links, strict=True):
        if a.kind == "equal":
            other |= both & (np.abs(table(a.lhs, count) - table(b.lhs, count)).max(-1) > SAME)
        else:
            change, scale = _change(a, b, count)
            tighter |= both & (change < -SAME * scale).any(-1)
            looser |= both & (change > SAME * scale).any(-1)
    found = {"tighter": tighter, "looser": looser, "other": other}
    return {how: np.flatnonzero(where)[:SUSPICIONS] for how, where in found.items()}


def _shapes(links: Sequence[Link]) -> list[tuple[str, tuple[int, ...]]]:
    return [(link.kind, np.shape(link.lhs)) for link in links]


def _change(a: Link, b: Link, count: int) -> tuple[Array, Array]:
    """How much slack the second link has more than the first, and the size of what is compared."""
    sides = [table(side, count) for side in (a.lhs, a.rhs, b.lhs, b.rhs)]
    with np.errstate(invalid="ignore"):
        change = (sides[3] - sides[2]) - (sides[1] - sides[0])
    return change, 1 + np.abs(np.stack(sides)).max(0)


def differs(claim: Claim, other: Claim, point: Witness, budget: Budget) -> set[str]:
    """How the other claim differs at an exact instance at which it holds: "tighter" or "looser"
    in an inequality or a hypothesis, "other" sides of an equality; in balls, what is certain."""
    found: set[str] = set()
    own, its = (_lines(c, point, budget) for c in (claim, other))
    if its is None or own is None:
        return {"tighter"} if its else {"looser"} if own else found
    (paths, ours), (its_paths, theirs) = own, its
    if paths != its_paths or _shapes(ours) != _shapes(theirs):
        return {"other"}
    for a, b in zip(ours, theirs, strict=True):
        for ours_lhs, ours_rhs, lhs, rhs in zip(*map(np.ravel, _sides(a, b)), strict=True):
            if a.kind == "equal":
                found |= {"other"} if lhs != ours_lhs or rhs != ours_rhs else set()
            elif _certainly_below(rhs - lhs, ours_rhs - ours_lhs):
                found.add("tighter")
            elif _certainly_below(ours_rhs - ours_lhs, rhs - lhs):
                found.add("looser")
    return found


def _certainly_below(x: Any, y: Any) -> bool:
    if isinstance(x, Ball) or isinstance(y, Ball):
        return bool(gap(x, y) > 0)
    return bool(x < y)


def _sides(a: Link, b: Link) -> list[Array]:
    boxed = []
    for side in (a.lhs, a.rhs, b.lhs, b.rhs):
        out = np.empty(np.shape(side), dtype=object)
        out[...] = side
        boxed.append(out)
    return boxed


Lines = tuple[tuple[Any, ...], tuple[Link, ...]]


def _lines(claim: Claim, point: Witness, budget: Budget) -> Lines | None:
    """The claim's lines at an exact instance, along all paths where it draws (see `drawn`); None
    where its hypotheses do not hold."""
    instance = rebuild(claim, point.sizes, point.numbers)
    try:
        try:
            return (), by_number_system(claim, instance, budget.bits).links
        except AtRandom:
            return drawn_lines(claim, instance)
        except RunsAlong:
            return (), rigorous(budget)(claim, instance).links
    except (HypothesisFailed, Undefined):
        return None
