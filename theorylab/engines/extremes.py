"""A population that climbs to where a mutant of an inequality must break if it ever does.

The claim holds, so the mutant can break only where it is tighter. The fitness of an instance is

    slack of the mutant / (slack of the claim - slack of the mutant),

in floats: how many times the change would have to be made before the mutant breaks there. Where the
change makes no difference there is nothing to try, so that instances at which both are trivially
tight do not attract the population. Below zero the mutant looks broken; exact arithmetic decides.

Members are rows of integers, so that each is exact; a child differs from its parent in an integer
or two, or in a whole row of a table: made a vertex, spread over two points, or copied from another
row (of another model or policy as well). Uniform random instances do not meet such rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from theorylab.arithmetic import Array
from theorylab.claims import Claim
from theorylab.engines.floats import Batch, judge_batch
from theorylab.givens import Sizes, build_instance
from theorylab.lanes import Lanes, stack_like
from theorylab.points import LIMITS, ExactSource, random_lanes, replay_lanes
from theorylab.relations import Link

POPULATION = 200
PATIENCE = 15
"""Generations without progress after which it stops."""
PARENTS = 40
SIMPLE = 30
"""The integers of simple weights and fractions."""
STAKE = 1e-7
"""A change of slack below this part of the sides, or of rounding, is none."""
ROUNDING = 1e4
"""How many rounding errors a slack must exceed to count."""


@dataclass
class _Layout(ExactSource):
    """Where the rows of tables stand among an instance's integers: (first place, length)."""

    rows: list[tuple[int, int]] = field(default_factory=list)

    def simplex(self, *shape: int) -> Array:
        first, length = len(self.log), shape[-1]
        table = super().simplex(*shape)
        self.rows += [(k, length) for k in range(first, len(self.log), length) if length > 1]
        return table


Rows = dict[int, Array]
"""By length, the first places of the rows of an instance's tables among its integers."""


def layout(claim: Claim, sizes: Sizes) -> tuple[Rows, Array]:
    """The rows of the tables of an instance, and the largest integer at each place."""
    recorder = _Layout(lambda kind, count: [0] * count)
    build_instance(claim.parameters, recorder, sizes)
    lengths = sorted({length for _, length in recorder.rows})
    rows = {n: np.array([k for k, length in recorder.rows if length == n]) for n in lengths}
    return rows, np.array([LIMITS[kind] for kind in recorder.kinds], dtype=np.int64)


def climb(
    claim: Claim | None,
    mutant: Claim,
    sizes: Sizes,
    rng: np.random.Generator,
    generations: int,
) -> Iterator[Array]:
    """After each generation, the members (n, integers) that look broken, worst first.

    Without a claim that holds to compare with, the fitness is the slack over the larger side.
    """
    rows, limits = layout(mutant, sizes)
    if not len(limits):
        return  # sizes alone make the instance: there is nothing to vary
    members = _begin(mutant, sizes, rows, limits, rng)
    scores = fitness(claim, mutant, sizes, members)
    since, best = 0, np.inf
    for generation in range(generations + 1):
        keep = _distinct(members, scores)
        members, scores = members[keep], scores[keep]
        yield members[scores < 0]
        since, best = (0, scores[0]) if scores[0] < best - STAKE else (since + 1, best)
        if generation == generations or since > PATIENCE:
            return
        born = _children(members[:PARENTS], rows, limits, rng)
        members = np.concatenate([born, members])
        scores = np.concatenate([fitness(claim, mutant, sizes, born), scores])


def fitness(claim: Claim | None, mutant: Claim, sizes: Sizes, members: Array) -> Array:
    """How near each member is to breaking the mutant; infinite where nothing is at stake."""
    theirs = _judged(mutant, sizes, members)
    ours = theirs if claim is None else _judged(claim, sizes, members)
    best = np.full(len(members), np.inf)
    rounding = np.maximum(STAKE, ROUNDING * np.maximum(ours.tolerance, theirs.tolerance))
    for a, b in zip(ours.links, theirs.links, strict=True):
        if b.kind == "at_most":
            score = _score(a, b, ours.kept, rounding, alone=claim is None)
            best = np.minimum(best, score.min(-1))
    return np.where(theirs.kept, best, np.inf)


def _score(ours: Link, theirs: Link, kept: Array, rounding: Array, *, alone: bool) -> Array:
    count = len(kept)
    left, right = table(theirs.lhs, count), table(theirs.rhs, count)
    size = np.maximum(np.abs(left), np.abs(right))
    with np.errstate(all="ignore"):
        slack = right - left
        change = table(ours.rhs, count) - table(ours.lhs, count) - slack
        # where the claim is void (its bound infinite) the mutant says more, however much
        change = np.where(kept[:, None] & ~alone, change, size)
        stake = rounding[:, None] * (1 + size)
        broken = np.where(np.abs(slack) > stake, slack, np.maximum(slack, 0)) / change
        return np.where((change > stake) & np.isfinite(broken), broken, np.inf)


def _judged(claim: Claim, sizes: Sizes, members: Array) -> Batch:
    return judge_batch(claim, sizes, replay_lanes(members), len(members))


def table(side: object, count: int) -> Array:
    """A side in lanes, or a constant one, as floats (instances, entries)."""
    column = np.atleast_1d(np.asarray(side, dtype=object)).ravel()
    if any(isinstance(entry, Lanes) for entry in column):  # log(2) is lanes, too, but one instance
        return np.broadcast_to(stack_like(column, column), (count, len(column)))
    return np.broadcast_to(np.array([float(entry) for entry in column]), (count, len(column)))


def _begin(
    claim: Claim,
    sizes: Sizes,
    rows: Rows,
    limits: Array,
    rng: np.random.Generator,
) -> Array:
    """Random members, and as many of zeros and ones whose rows were made extreme."""
    source = random_lanes(rng, POPULATION)
    build_instance(claim.parameters, source, sizes)
    drawn = np.concatenate(source.log, axis=1)
    extreme = rng.integers(0, 2, size=drawn.shape)
    discounts = limits == LIMITS["discount"]
    extreme[:, discounts] = drawn[:, discounts]
    for _ in range(2 * sum(len(places) for places in rows.values())):
        _change_rows(extreme, rows, rng, 0.5)
    return np.concatenate([drawn, extreme])


def _distinct(members: Array, scores: Array) -> Array:
    """Places of the best members, each once, best first; the youngest of equals, so that a
    population drifts along a plateau and does not sit on it."""
    first = np.sort(np.unique(members, axis=0, return_index=True)[1])
    return np.asarray(first[np.argsort(scores[first], kind="stable")][: 4 * PARENTS])


def _children(parents: Array, rows: Rows, limits: Array, rng: np.random.Generator) -> Array:
    """Crossings of two parents, then two or three changes of rows and integers."""
    born = parents[rng.integers(len(parents), size=POPULATION)]
    others = parents[rng.integers(len(parents), size=POPULATION)]
    crossed = (rng.random(POPULATION) < 0.2)[:, None] & (rng.random(born.shape) < 0.5)
    born = np.where(crossed, others, born)
    for share in (0.5, 0.25):
        _change_rows(born, rows, rng, share)
        _change_integers(born, limits, rng, share)
    _change_alike(born, limits, rng, 0.1)
    return born


def _change_alike(members: Array, limits: Array, rng: np.random.Generator, share: float) -> None:
    """In some members: all payoffs (or weights) of one value get another one, as when costs are
    scaled."""
    for member in np.flatnonzero(rng.random(len(members)) < share):
        place = int(rng.integers(len(limits)))
        alike = (limits == limits[place]) & (members[member] == members[member, place])
        members[member, alike] = int(rng.integers(min(int(limits[place]), SIMPLE) + 1))


def _change_rows(members: Array, rows: Rows, rng: np.random.Generator, share: float) -> None:
    """In some members: make one row a vertex, spread it over two points, or copy another row."""
    total = sum(len(places) for places in rows.values())
    for length, places in rows.items():
        chosen = np.flatnonzero(rng.random(len(members)) < share * len(places) / total)
        row = np.arange(length)
        to = places[rng.integers(len(places), size=len(chosen))][:, None] + row
        source = places[rng.integers(len(places), size=len(chosen))][:, None] + row
        support = (row == rng.integers(length, size=(len(chosen), 1))) | (
            (row == rng.integers(length, size=(len(chosen), 1)))
            & (rng.random((len(chosen), 1)) < 0.5)
        )
        copied = rng.random((len(chosen), 1)) < 0.5
        member = chosen[:, None]
        members[member, to] = np.where(copied, members[member, source], support)


def _change_integers(members: Array, limits: Array, rng: np.random.Generator, share: float) -> None:
    """In some members: make one integer 0, 1, one more or less, double, half, largest, or any."""
    chosen = np.flatnonzero(rng.random(len(members)) < share)
    places = rng.integers(len(limits), size=len(chosen))
    values, most = members[chosen, places], limits[places]
    anything = (rng.random(len(chosen)) * (most + 1)).astype(np.int64)
    options = np.stack(
        [0 * most, 0 * most + 1, values + 1, values - 1, 2 * values, values // 2, most, anything]
    )
    new = options[rng.integers(len(options), size=len(chosen)), np.arange(len(chosen))]
    members[chosen, places] = np.clip(new, 0, most)
