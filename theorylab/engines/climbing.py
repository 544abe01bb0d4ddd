"""One shape of a search: a population that varies, climbs by its gradient, and varies again.

Fitness is seen in floats; what looks broken is judged exactly, and the tightest instance of each
inequality is evaluated exactly and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from theorylab.arithmetic import Array
from theorylab.claims import Claim
from theorylab.engines.ascent import (
    NEGLIGIBLE,
    Landscape,
    ascend,
    bends,
    floats_of,
    landscape,
    scores_of,
    snapped,
)
from theorylab.engines.budget import Budget
from theorylab.engines.floats import Batch, examine, judge_batch, judge_suspect
from theorylab.engines.judging import rigorous
from theorylab.engines.population import (
    ELITE,
    POPULATION,
    STRUCTURED,
    Block,
    children,
    distinct_best,
    row_pairs,
    simplest_first,
    structured,
    table_pairs,
)
from theorylab.engines.tables import Table, layout_of
from theorylab.engines.tally import Tally
from theorylab.engines.tightness import Extreme, broken_by_tables, tighter, tighter_nearby
from theorylab.errors import HypothesisFailed, Undefined, Unsupported
from theorylab.givens import Sizes
from theorylab.lanes import Lanes, stack_like
from theorylab.points import random_lanes, replay_lanes
from theorylab.relations import Link, number

STALE = 4, 3
"""Variation ends where a quarter of its generations, but at least 3, found nothing better; never on
a plateau, where members drift."""
EVALUATED = 6
"""How many of the best members are evaluated exactly."""
PATIENCE = 4
"""How much longer, and from how many more instances, bends are climbed than slopes."""
SNAPPED = 8
"""How many of the instances that climbed by their gradient are rounded to integers."""


@dataclass
class Search:
    """One search: what it has seen, the tightest instance of each inequality, its effort, the
    shapes visited, the largest ratio of each inequality by the number of states, and whether there
    was anything to climb."""

    claim: Claim
    budget: Budget
    rng: np.random.Generator
    tally: Tally = field(default_factory=Tally)
    extremes: dict[int, Extreme] = field(default_factory=dict)
    effort: dict[int, int] = field(default_factory=dict)
    shapes: list[Sizes] = field(default_factory=list)
    by_states: dict[int, dict[int, float]] = field(default_factory=dict)
    discounted: bool = False
    at_work: bool = False
    without_gradient: str = ""


@dataclass
class Shape:
    """One shape of a search: the layout of its instances, blocks that can be made equal, the
    claim's gradient there, or None, and the least score that it led to, with its tables."""

    sizes: Sizes
    layout: tuple[Table, ...]
    pairs: list[Block]
    land: Landscape | None = None
    highest: tuple[float, Array] | None = None


@dataclass
class Members:
    """Instances as rows of integers, and their scores: 0 is tight, below 0 broken."""

    numbers: Array
    scores: Array

    def joined(self, numbers: Array, scores: Array) -> Members:
        """The best of both, each once."""
        everyone = np.concatenate([self.numbers, numbers])
        marks = np.concatenate([self.scores, scores])
        kept = distinct_best(everyone, marks)
        return Members(everyone[kept], marks[kept])

    def best(self, count: int) -> Array:
        """The best members, best first, of equal ones the simplest."""
        return self.numbers[simplest_first(self.numbers, self.scores)[:count]]


def visit(this: Search, sizes: Sizes, links: Sequence[int] = ()) -> None:
    """Search one shape, these links or all."""
    this.shapes.append(sizes)
    layout = layout_of(this.claim, sizes)
    this.discounted |= any(table.kind == "discount" for table in layout)
    random = random_lanes(this.rng, POPULATION)
    batch = judge_batch(this.claim, sizes, random, POPULATION)
    examine(this.claim, sizes, random, batch, this.budget, this.tally)
    if not batch.links:
        return
    inequalities = [k for k, link in enumerate(batch.links) if link.kind == "at_most"]
    over = _bends(this, sizes, batch) if layout else None
    this.at_work |= bool(inequalities) or over is not None
    inequalities = [k for k in inequalities if not links or k in links]
    if not layout:
        _note_only(this, sizes, inequalities)
        return
    shape = Shape(sizes, layout, [*table_pairs(layout), *row_pairs(layout)])
    extreme = structured(layout, this.rng, STRUCTURED)
    judged = _judged(this, sizes, extreme)
    numbers = np.concatenate([np.concatenate(random.log, axis=1), extreme])
    if over is not None:
        _climb_over(this, sizes, over, numbers, _equalities(batch))
    for link in inequalities:
        if link not in this.tally.broken:
            shape.land = shape.land or _landscape(this, sizes)
            scores = [_scores(b, link, False) for b in (batch, judged)]
            _pursue(this, shape, link, Members(numbers, np.concatenate(scores)))


def _note_only(this: Search, sizes: Sizes, inequalities: Sequence[int]) -> None:
    """A shape that has one instance only: nothing is drawn."""
    for link in inequalities:
        this.effort[link] = this.effort.get(link, 0) + 1
        _note(this, sizes, link, Members(np.zeros((1, 0), dtype=np.int64), np.zeros(1)))


def _judged(this: Search, sizes: Sizes, numbers: Array) -> Batch:
    """Judge these instances in floats; suspicions go to exact arithmetic."""
    source = replay_lanes(numbers)
    batch = judge_batch(this.claim, sizes, source, len(numbers))
    examine(this.claim, sizes, source, batch, this.budget, this.tally)
    return batch


def _bends(this: Search, sizes: Sizes, batch: Batch) -> Landscape | None:
    """Where an equality of the claim takes another formula (max, min, abs), as a landscape: such an
    equality has no certificate, and may be false on a thin piece only."""
    if all(k in this.tally.broken for k in _equalities(batch)):
        return None
    with suppress(Unsupported, Undefined, HypothesisFailed):
        return bends(this.claim, sizes)
    return None


def _equalities(batch: Batch) -> list[int]:
    return [k for k, link in enumerate(batch.links) if link.kind == "equal"]


def _climb_over(
    this: Search, sizes: Sizes, over: Landscape, numbers: Array, unsure: list[int]
) -> None:
    """Climb over each bend that none of the instances is beyond, from those that are nearest;
    what lies beyond is judged like all else."""
    x = floats_of(over, numbers)
    sides, steps = over.sides(x), PATIENCE * this.budget.slopes
    for place, (lhs, rhs) in enumerate(over.links):
        scores, _ = scores_of(sides[lhs], sides[rhs], False)
        if scores.min() < 0:
            continue
        half = PATIENCE * this.budget.ascents // 2
        nearest = np.argsort(scores, kind="stable")[:half]
        others = this.rng.integers(x.shape[1], size=half)
        starts = x[:, np.concatenate([nearest, others])]
        found, scores = ascend(over, place, starts, this.rng, steps, False)
        best = np.argsort(scores, kind="stable")[:SNAPPED]
        _judged(this, sizes, np.unique(snapped(over, found[:, best]), axis=0))
        if scores[best[0]] < 0:
            for link in unsure:
                _look_nearby(this, sizes, link, found[:, best[0]])


def _landscape(this: Search, sizes: Sizes) -> Landscape | None:
    try:
        return landscape(this.claim, sizes)
    except (Unsupported, Undefined, HypothesisFailed) as error:
        this.without_gradient = str(error)
        return None


def _pursue(this: Search, shape: Shape, link: int, members: Members) -> None:
    """Climb towards the least slack; then, unless both sides are above 0 there, towards the largest
    lhs / rhs where they are."""
    first, shape.highest = this.tally.tried, None
    members = _climb(this, shape, link, members, positive=False)
    if link not in this.tally.broken:
        marks = _scores(_judged(this, shape.sizes, members.numbers), link, True)
        by_ratio = Members(members.numbers, marks)
        if np.isfinite(marks).any() and marks.min() > members.scores.min():
            by_ratio = _climb(this, shape, link, by_ratio, positive=True)
        best = by_ratio if np.isfinite(marks).any() else members
        _note(this, shape.sizes, link, best)
        if shape.highest is not None and shape.highest[0] < best.scores.min():
            _look_nearby(this, shape.sizes, link, shape.highest[1])
    this.effort[link] = this.effort.get(link, 0) + this.tally.tried - first


def _climb(this: Search, shape: Shape, link: int, members: Members, positive: bool) -> Members:
    """Vary, climb by the gradient, vary again."""
    half = this.budget.generations // 2
    members = _vary(this, shape, link, members, positive, half)
    if shape.land is not None and link not in this.tally.broken:
        members = _ascend(this, shape, shape.land, link, members, positive)
    return _vary(this, shape, link, members, positive, this.budget.generations - half)


def _vary(
    this: Search, shape: Shape, link: int, members: Members, positive: bool, generations: int
) -> Members:
    part, least = STALE
    patience = left = max(generations // part, least)
    for _ in range(generations):
        if link in this.tally.broken or left == 0:
            break
        before = members.scores.min()
        young = children(members.best(ELITE), shape.layout, shape.pairs, this.rng)
        judged = _judged(this, shape.sizes, young)
        members = members.joined(young, _scores(judged, link, positive))
        better = members.scores.min() < before or before >= 1
        left = patience if better else left - 1
    return members


def _ascend(
    this: Search, shape: Shape, land: Landscape, link: int, members: Members, positive: bool
) -> Members:
    """Some of the best and some others climb by their gradient; the best of them join, rounded to
    integers, and the very best is kept as it is."""
    count = this.budget.ascents
    others = members.numbers[this.rng.integers(len(members.numbers), size=count // 2)]
    starts = np.concatenate([members.best(count - count // 2), others])
    x, scores = ascend(land, link, floats_of(land, starts), this.rng, this.budget.slopes, positive)
    this.effort[link] = this.effort.get(link, 0) + len(starts) * this.budget.slopes
    order = np.argsort(scores, kind="stable")
    if not np.isfinite(scores[order[0]]):
        return members
    rounded = np.unique(snapped(land, x[:, order[:SNAPPED]]), axis=0)
    judged = _judged(this, shape.sizes, rounded)
    members = members.joined(rounded, _scores(judged, link, positive))
    shape.highest = (float(scores[order[0]]), x[:, order[0]])
    return members


def _look_nearby(this: Search, sizes: Sizes, link: int, x: Array) -> None:
    """Exact tables near the floats x: the tightest, or a counterexample."""
    decide, known = rigorous(this.budget), this.extremes.get(link)
    found = tighter_nearby(this.claim, sizes, x, link, known, decide)
    if found is None or link in this.tally.broken:
        return
    if found.entry.broken:
        broken = broken_by_tables(this.claim, sizes, found.tables, link, decide)
        this.tally.broken[link] = broken
    elif found.entry.kind == "at_most":
        this.extremes[link] = found


def _note(this: Search, sizes: Sizes, link: int, members: Members) -> None:
    """Evaluate the best members exactly, of equal ones the simplest; keep the tightest."""
    decide, here = rigorous(this.budget), None
    for row in members.best(EVALUATED):
        numbers = [int(k) for k in row]
        found = tighter(this.claim, sizes, numbers, link, here, decide)
        if found is not None and found.entry.broken:
            judge_suspect(this.claim, sizes, numbers, link, this.budget, this.tally)
            return
        here = found
    known = this.extremes.get(link)
    if here is None:
        return
    if here.entry.ratio is not None and "S" in sizes:
        best = this.by_states.setdefault(link, {})
        best[sizes["S"]] = max(best.get(sizes["S"], 0.0), number(here.entry.ratio))
    if known is None or here.entry.beats(known.entry):
        this.extremes[link] = here


# ---- scores --------------------------------------------------------------------------------------


def _scores(batch: Batch, link: int, positive: bool) -> Array:
    """The score of each instance (see `ascent.scores_of`), infinite where nothing is at stake and
    where the sides are constants."""
    if not batch.links or not _varies(batch.links[link]):
        return np.full(len(batch.kept), np.inf)
    left, right = _sides(batch.links[link])
    unit = _largest_if_small(np.maximum(np.abs(left), np.abs(right)))
    stake = unit * np.maximum(NEGLIGIBLE, 1e4 * batch.tolerance)
    score, _ = scores_of(left.T, right.T, positive, stake)
    return np.where(batch.kept, score, np.inf)


def _largest_if_small(sizes: Array) -> float:
    """The largest finite side where all of them are small, else 1."""
    return min(1.0, float(np.max(sizes, initial=0.0, where=np.isfinite(sizes))) or 1.0)


def _varies(link: Link) -> bool:
    sides = [np.atleast_1d(np.asarray(side, dtype=object)) for side in (link.lhs, link.rhs)]
    return any(isinstance(entry, Lanes) for side in sides for entry in side.ravel())


def _sides(link: Link) -> tuple[Array, Array]:
    columns = [np.atleast_1d(np.asarray(side, dtype=object)) for side in (link.lhs, link.rhs)]
    both = np.concatenate([c.ravel() for c in columns])
    return stack_like(columns[0].ravel(), both), stack_like(columns[1].ravel(), both)
