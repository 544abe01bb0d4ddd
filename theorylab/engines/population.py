"""How a population of instances, each a row of integers, begins and varies."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from theorylab.arithmetic import Array
from theorylab.engines.tables import Table
from theorylab.points import DISCOUNTS, LIMITS, WEIGHT_LIMIT

POPULATION = 400
ELITE = 60
STRUCTURED = 200
ALIKE = 9
EXTREME_DISCOUNTS = [
    k for k, f in enumerate(DISCOUNTS) if f in (0, min(f for f in DISCOUNTS if f)) or f >= 1 / 2
]
"""0, the smallest, and all from 1/2 on: where bounds with 1 / (1 - gamma) are tight."""


def limits_of(layout: Sequence[Table]) -> Array:
    """The largest integer at each place."""
    kinds = ["weight" if t.kind == "choice" else t.kind for t in layout for _ in range(_size(t))]
    return np.array([LIMITS[kind] for kind in kinds], dtype=np.int64)


def _size(table: Table) -> int:
    return table.rows * table.length


# ---- structured starts ---------------------------------------------------------------------------


def structured(layout: Sequence[Table], rng: np.random.Generator, count: int) -> Array:
    """Extreme instances: vertices, uniform rows, small supports, rows near a vertex, payoffs 0 and
    1, extreme discounts; in every second one equal tables (two models or policies coincide), in
    every fourth equal rows."""
    tables = [_structured_table(table, rng, count) for table in layout]
    members = np.concatenate(tables, axis=1)
    for first, pairs in ((0, table_pairs(layout)), (1, row_pairs(layout))):
        for member in range(first, count, 2 * (first + 1)) if pairs else ():
            copy_block(members[member], *pairs[int(rng.integers(len(pairs)))])
    return members


def _structured_table(table: Table, rng: np.random.Generator, count: int) -> Array:
    shape = (count, table.rows, table.length)
    if table.kind == "discount":
        return rng.choice(EXTREME_DISCOUNTS, size=(count, 1))
    if table.kind in ("fraction", "choice"):
        top = 2 if table.kind == "fraction" else WEIGHT_LIMIT + 1
        return rng.integers(0, top, size=(count, _size(table)))
    vertices = np.eye(table.length, dtype=np.int64)[rng.integers(table.length, size=shape[:2])]
    styles = np.stack(
        [
            vertices,
            np.ones(shape, dtype=np.int64),
            rng.integers(0, 2, size=shape),
            (WEIGHT_LIMIT - 1) * vertices + 1,
        ]
    )
    return styles[rng.integers(len(styles), size=count), np.arange(count)].reshape(count, -1)


Block = tuple[slice, slice]


def table_pairs(layout: Sequence[Table]) -> list[Block]:
    """Pairs of whole tables of one kind and shape: two models, two policies."""
    return [
        (x.places, y.places)
        for x, y in permutations(layout, 2)
        if (x.kind, x.rows, x.length) == (y.kind, y.rows, y.length)
    ]


def row_pairs(layout: Sequence[Table]) -> list[Block]:
    """Pairs of rows of one kind and length, of one table or of two."""
    rows = [
        (t.kind, t.length, slice(t.first + k * t.length, t.first + (k + 1) * t.length))
        for t in layout
        for k in range(t.rows)
    ]
    return [(a[2], b[2]) for a, b in permutations(rows, 2) if a[:2] == b[:2] and a[0] != "discount"]


def copy_block(member: Array, to: slice, source: slice) -> None:
    """Make two blocks of one instance equal."""
    member[to] = member[source]


# ---- variation -----------------------------------------------------------------------------------


def distinct_best(members: Array, scores: Array) -> Array:
    """Places of the best members, each once, best first."""
    places: dict[bytes, int] = {}
    for place, row in enumerate(np.ascontiguousarray(members)):
        places.setdefault(row.tobytes(), place)
    first = np.array(list(places.values()))
    return np.asarray(first[simplest_first(members[first], scores[first])][: 4 * ELITE])


def simplest_first(members: Array, scores: Array) -> Array:
    """The order by score. Where scores agree to `ALIKE` digits: by the sum of the integers if the
    bound is at stake, else (a plateau, scores from 1 on) the latest first, so that they drift."""
    latest = -np.arange(len(members))
    ties = np.where(scores < 1, members.sum(-1), latest)
    return np.asarray(np.lexsort((ties, np.round(scores, ALIKE))))


def children(
    parents: Array, layout: Sequence[Table], pairs: list[Block], rng: np.random.Generator
) -> Array:
    """New members: crossings of two parents, then changes of one to three integers; some with a
    block made equal to another, some with weight moved from one entry of a row to another."""
    limits = limits_of(layout)
    count, size = POPULATION, len(limits)
    found = parents[rng.integers(len(parents), size=count)].copy()
    others = parents[rng.integers(len(parents), size=count)]
    crossed = (rng.random(count) < 0.3)[:, None] & (rng.random((count, size)) < 0.5)
    found = np.where(crossed, others, found)
    for _ in range(int(rng.integers(1, 4))):
        rows, places = np.arange(count), rng.integers(size, size=count)
        found[rows, places] = _changed(found[rows, places], limits[places], rng)
    for member, pair in enumerate(rng.integers(len(pairs), size=count // 10) if pairs else ()):
        copy_block(found[10 * member], *pairs[pair])
    _move_weight(found[1::5], [t for t in layout if t.kind == "weight" and t.length > 1], rng)
    return found


def _move_weight(members: Array, tables: list[Table], rng: np.random.Generator) -> None:
    """In each member, some of the weight of one entry of a row goes to another entry."""
    if not tables:
        return
    starts = np.concatenate([t.first + t.length * np.arange(t.rows) for t in tables])
    lengths = np.concatenate([np.full(t.rows, t.length) for t in tables])
    rows, row = np.arange(len(members)), rng.integers(len(starts), size=len(members))
    start, length = starts[row], lengths[row]
    giver = rng.integers(length)
    taker = start + (giver + rng.integers(1, length)) % length
    giver = start + giver
    amount = rng.integers(0, members[rows, giver] + 1)
    amount = np.minimum(amount, WEIGHT_LIMIT - members[rows, taker])
    members[rows, giver] -= amount
    members[rows, taker] += amount


def _changed(values: Array, limits: Array, rng: np.random.Generator) -> Array:
    """Zero, one more, one less, double, half, the limit, small or any: one of them for each."""
    options = np.stack(
        [
            0 * values,
            values + 1,
            values - 1,
            2 * values,
            values // 2,
            limits,
            rng.integers(0, 4, size=len(values)),
            (rng.random(len(values)) * (limits + 1)).astype(np.int64),
        ]
    )
    chosen = options[rng.integers(len(options), size=len(values)), np.arange(len(values))]
    return np.clip(chosen, 0, limits)
