"""Gradient ascent towards the worst case of one inequality, and its way back to integers.

Tables move continuously: rows on the simplex, fractions in [0, 1], discounts in [0, 1 - 1e-6].
The score of an instance is its slack in proportion to its sides, at its worst entry: 0 where the
bound is met, below 0 where it is broken. Steps follow the projected subgradient, scaled row by row,
in all rows or in some of them at random, and adapt to their success. Nothing is decided here:
`snapped` gives integers, which are judged like all others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, using
from theorylab.claims import Claim, evaluate
from theorylab.engines.compiled import InputSource
from theorylab.engines.tables import Table, layout_of
from theorylab.errors import Unsupported
from theorylab.givens import Sizes, build_instance
from theorylab.gradient import pullback
from theorylab.lanes import stack
from theorylab.lowering import lower
from theorylab.machine import evaluate as run_compiled
from theorylab.points import DISCOUNTS, FRACTIONS, replay_lanes
from theorylab.relations import Link
from theorylab.tape import TAPES, Node, Tape, recording

LARGEST = 20_000
"""Programs of more operations are not differentiated: the population climbs alone."""
BENDS = 24
"""How many bends of a claim, each way round, are climbed over."""
TOP = float(max(DISCOUNTS))
NEGLIGIBLE = 1e-9
FIRST_STEP, SMALLEST_STEP, LARGEST_STEP = 0.25, 1e-7, 0.9
SOME = 0.3
"""How many rows move when not all do."""


@dataclass(frozen=True)
class Landscape:
    """A claim at one shape as functions of its tables' entries: values (inputs, n) to both sides
    of every entry of every link, (results, n), and the pullback of weights on them. `links` has
    the places of the left and of the right sides of each link."""

    layout: tuple[Table, ...]
    links: tuple[tuple[Array, Array], ...]
    sides: Callable[[Array], Array]
    pull: Callable[[Array], Array]


def landscape(claim: Claim, sizes: Sizes) -> Landscape:
    """The claim traced at one shape, hypotheses left out; Unsupported where it cannot be."""
    layout, tape, links, inputs = _traced(claim, sizes)
    pairs = [(np.ravel(k.lhs), np.ravel(k.rhs)) for k in links]
    return _differentiated(layout, tape, pairs, inputs)


def bends(claim: Claim, sizes: Sizes) -> Landscape:
    """Both sides of every max, min and abs in the claim's equalities, each way round, as links:
    where lhs > rhs the formula is another one. What an equality is on a thin piece, sampling hardly
    ever sees."""
    layout, tape, links, inputs = _traced(claim, sizes)
    sides = [side for k in links if k.kind == "equal" for side in (k.lhs, k.rhs)]
    used = _used(tape, [x.number for s in sides for x in np.ravel(s) if isinstance(x, Node)])
    pairs = []
    for number, (name, *operands) in enumerate(list(tape.operations)):
        if number in used and name in ("max", "min", "abs"):
            x = Node(tape, operands[0])
            y = Node(tape, operands[1]) if len(operands) > 1 else tape.constant(0)
            pairs += [(_one(x), _one(y)), (_one(y), _one(x))]
    if not pairs:
        raise Unsupported("the claim has no bend at this shape")
    return _differentiated(layout, tape, pairs[:BENDS], inputs)


def _used(tape: Tape, numbers: list[int]) -> set[int]:
    """The nodes that these nodes are made of."""
    used, waiting = set(), list(numbers)
    while waiting:
        number = waiting.pop()
        if number in used:
            continue
        used.add(number)
        name, *operands = tape.operations[number]
        if name == "solve":
            system = tape.systems[operands[0]]
            waiting += [k for row in system.matrix for k in row] + list(system.right)
        elif name not in ("input", "constant"):
            waiting += operands
    return used


def _one(x: Any) -> Array:
    out = np.empty(1, dtype=object)
    out[0] = x
    return out


def _traced(claim: Claim, sizes: Sizes) -> tuple[tuple[Table, ...], Tape, tuple[Link, ...], int]:
    layout = layout_of(claim, sizes)
    if any(table.kind == "choice" for table in layout):
        raise Unsupported("a discrete choice has no derivative")
    with recording() as tape, using(TAPES):
        source = InputSource(tape)
        instance = build_instance(claim.parameters, source, sizes)
        links, _ = evaluate(claim, instance, defer=True)
    return layout, tape, links, source.count


def _differentiated(
    layout: tuple[Table, ...], tape: Tape, pairs: list[tuple[Array, Array]], inputs: int
) -> Landscape:
    program = lower(tape, [side for lhs, rhs in pairs for side in (*lhs, *rhs)])
    if program.count() > LARGEST:
        raise Unsupported(f"{program.count()} operations are too many to differentiate")
    places, first = [], 0
    for lhs, _ in pairs:
        n = len(lhs)
        places.append((np.arange(first, first + n), np.arange(first + n, first + 2 * n)))
        first += 2 * n
    pull = run_compiled(pullback(program, inputs), level=0)

    def sides(x: Array) -> Array:
        """Both sides stand before the derivatives: no code of their own to compile."""
        return pull(np.concatenate([x, np.zeros((first, x.shape[1]))]))[:first]

    return Landscape(layout, tuple(places), sides, pull)


def scores_of(
    left: Array, right: Array, positive: bool, stake: Any = NEGLIGIBLE
) -> tuple[Array, Array]:
    """The score of each instance, and its worst entry; sides (entries, n).

    (rhs - lhs) / max(|lhs|, |rhs|), and where lhs <= 0 <= rhs, 1 + |lhs| / (|lhs| + rhs), so that
    a positive left side over a positive right one is always uphill. With `positive` only entries
    count whose sides are both above 0, where lhs / rhs says something; sides at most `stake` count
    for 0.
    """
    size = np.maximum(np.abs(left), np.abs(right))
    at_stake = size > stake
    if positive:
        at_stake &= (left > 0) & (right > 0)
    with np.errstate(all="ignore"):
        apart = 1 - left / (right - left)
        score = np.where(_apart(left, right), apart, (right - left) / size)
    score = np.where(at_stake & np.isfinite(score), score, np.inf)
    return score.min(0), score.argmin(0)


def _apart(left: Array, right: Array) -> Array:
    return np.asarray((left <= 0) & (right >= 0))


def _slopes(a: Array, b: Array) -> tuple[Array, Array]:
    """How fast the score falls with the left side a and with the right side b."""
    with np.errstate(all="ignore"):
        by_right, apart = np.abs(b) >= np.abs(a), _apart(a, b)
        left = np.where(by_right, 1 / np.abs(b), b / (a * np.abs(a)))
        right = np.where(by_right, -a / (b * np.abs(b)), -1 / np.abs(a))
        left = np.where(apart, b / (b - a) ** 2, left)
        return left, np.where(apart, -a / (b - a) ** 2, right)


def ascend(
    land: Landscape, link: int, x: Array, rng: np.random.Generator, steps: int, positive: bool
) -> tuple[Array, Array]:
    """The instances moved uphill, (inputs, n), and their scores (n,); none gets worse."""
    size = np.full(x.shape[1], FIRST_STEP)
    score, direction = _uphill(land, link, x, positive)
    for _ in range(steps):
        moving = direction * _chosen(land, rng, x.shape[1])
        trial = _projected(land, x + size * moving)
        new, slope = _uphill(land, link, trial, positive)
        better = new < score
        x = np.where(better, trial, x)
        score, direction = np.where(better, new, score), np.where(better, slope, direction)
        size = np.where(better, 1.6 * size, 0.6 * size)
        size = np.where(size < SMALLEST_STEP, FIRST_STEP, np.minimum(size, LARGEST_STEP))
    return x, score


def _uphill(land: Landscape, link: int, x: Array, positive: bool) -> tuple[Array, Array]:
    """The score at x, and the direction in which it falls, scaled row by row."""
    sides = land.sides(x)
    lhs, rhs = land.links[link]
    score, worst = scores_of(sides[lhs], sides[rhs], positive)
    weights = np.zeros_like(sides)
    columns = np.arange(x.shape[1])
    a, b = sides[lhs[worst], columns], sides[rhs[worst], columns]
    weights[lhs[worst], columns], weights[rhs[worst], columns] = _slopes(a, b)
    pulled = land.pull(np.concatenate([x, weights]))[len(sides) :]
    return score, _scaled(land, x, np.nan_to_num(pulled, nan=0.0, posinf=1e12, neginf=-1e12))


def _scaled(land: Landscape, x: Array, slope: Array) -> Array:
    """The slope of each row within the simplex, over its largest entry; of a discount, such that
    a step multiplies 1 - gamma."""
    out = np.empty_like(slope)
    for kind, places in _blocks(land.layout):
        block = slope[places]
        if kind == "weight":
            block = block - block.mean(1, keepdims=True)
        largest = np.abs(block).max(1, keepdims=True)
        block = block / np.where(largest > 0, largest, 1.0)
        if kind == "discount":
            block *= np.maximum(1 - x[places], 1 - TOP)
        out[places] = block
    return out


@lru_cache(maxsize=64)
def _blocks(layout: tuple[Table, ...]) -> tuple[tuple[str, Array], ...]:
    """The places of all rows of one kind and length, (rows, length): they move in one step."""
    found: dict[tuple[str, int], list[Array]] = {}
    for table in layout:
        rows = np.arange(table.places.start, table.places.stop).reshape(table.rows, table.length)
        found.setdefault((table.kind, table.length), []).append(rows)
    return tuple((kind, np.concatenate(rows)) for (kind, _), rows in found.items())


def _chosen(land: Landscape, rng: np.random.Generator, count: int) -> Array:
    """Which rows move, (inputs, count): all of them in one half of the instances, else some."""
    rows = sum(table.rows for table in land.layout)
    moving = rng.random((rows, count)) < np.where(rng.random(count) < 0.5, 1.0, SOME)
    lengths = [table.length for table in land.layout for _ in range(table.rows)]
    return np.repeat(moving, lengths, axis=0)


def _projected(land: Landscape, x: Array) -> Array:
    """The nearest tables: rows on the simplex, fractions and discounts in their intervals."""
    out = np.empty_like(x)
    for kind, places in _blocks(land.layout):
        block = x[places]
        if kind == "weight":
            out[places] = _on_simplex(block)
        else:
            out[places] = np.clip(block, 0.0, TOP if kind == "discount" else 1.0)
    return out


def _on_simplex(rows: Array) -> Array:
    """The nearest points of the simplex, along axis 1 (Held, Wolfe and Crowder 1974): every entry
    less the largest excess over 1 of a row's k largest entries, shared by them."""
    falling = -np.sort(-rows, axis=1)
    count = np.arange(1, rows.shape[1] + 1)[None, :, None]
    shift = ((falling.cumsum(1) - 1) / count).max(1, keepdims=True)
    return np.asarray(np.maximum(rows - shift, 0.0))


# ---- integers to tables and back -----------------------------------------------------------------

LEVELS = (1, 2, 3, 4, 6, 10, 24, 120, 997)
"""Largest weights, and largest denominators of fractions, that a table is rounded to."""


def floats_of(land: Landscape, members: Array) -> Array:
    """The tables' entries, (inputs, n), of instances given as rows of integers."""
    source, columns = replay_lanes(members), []
    for table in land.layout:
        if table.kind == "weight":
            values = stack(source.simplex(table.rows, table.length))
        elif table.kind == "fraction":
            values = stack(source.fraction(table.rows * table.length))
        else:
            values = source.discount().values
        columns.append(values.reshape(len(members), -1))
    return np.concatenate(columns, axis=1).T


def snapped(land: Landscape, x: Array) -> Array:
    """Rows of integers near the instances x, rounded to each level of `LEVELS`."""
    return np.concatenate([_rounded(land, x, level) for level in LEVELS])


def _rounded(land: Landscape, x: Array, level: int) -> Array:
    columns = []
    for table in land.layout:
        block = x[table.places]
        if table.kind == "weight":
            rows = block.reshape(table.rows, table.length, -1)
            rounded = np.rint(rows / rows.max(1, keepdims=True) * level)
            columns.append(rounded.reshape(block.shape))
        else:
            columns.append(_nearest(table.kind, block, level))
    return np.concatenate(columns).T.astype(np.int64)


def _nearest(kind: str, block: Array, level: int) -> Array:
    """Positions of the nearest fractions up to a denominator; of discounts in all of their table,
    by the nearest 1 - gamma in proportion, so that those near 1 stay apart."""
    if kind == "discount":
        table = np.array([float(f) for f in DISCOUNTS])
        return np.abs(np.log1p(-table)[:, None, None] - np.log1p(-block)[None]).argmin(0)
    last = level > max(f.denominator for f in FRACTIONS if f.denominator <= 10)
    allowed = [k for k, f in enumerate(FRACTIONS) if last or f.denominator <= level]
    table = np.array([float(FRACTIONS[k]) for k in allowed])
    return np.array(allowed)[np.abs(table[:, None, None] - block[None]).argmin(0)]
