"""Instances from counters: instance i of a seed is a function of i and the seed alone.

Machine code draws the integers of eight instances at a time (`driver`); `integers_of` is its twin
in numpy, from which any one of them is rebuilt exactly. Word k of an instance is a bijective mix of
its state and k times the golden ratio; each half of a word, 16 bits, gives one integer. The
integers are distributed as by `points.random_integers`: degenerate to dense, as a whole or table by
table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theorylab.arithmetic import Array
from theorylab.points import LIMITS, MAGNITUDES, OVERALL

GOLDEN, FIRST, SECOND = 0x9E3779B9, 0x7FEB352D, 0x846CA68B
KINDS = ("weight", "fraction", "discount", "vertex")
SHARED = int(OVERALL * 2**16)
"""A table whose coin, of 16 bits, is below this has the magnitude of its instance."""


@dataclass(frozen=True)
class Draw:
    """One table of an instance: its kind (one of KINDS) and its rows.

    A row of weights is one distribution; a row of fractions or discounts is any number of them. A
    row of a vertex is a choice among `length`: one integer, but as many entries.
    """

    kind: str
    rows: int
    length: int

    def limit(self) -> int:
        """The largest integer that it draws."""
        return LIMITS["weight" if self.kind == "vertex" else self.kind]

    def integers(self) -> int:
        """How many integers a row takes."""
        return 1 if self.kind == "vertex" else self.length

    def row(self) -> tuple[int, int, int, int]:
        """Its place in KINDS, rows, length and limit, as the machine code reads them."""
        return KINDS.index(self.kind), self.rows, self.length, self.limit()


def mix(x: Array) -> Array:
    """A bijective mix of 32-bit words (Wellons' lowbias32)."""
    x = x.astype(np.uint32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(FIRST)
    x ^= x >> np.uint32(15)
    x *= np.uint32(SECOND)
    return x ^ (x >> np.uint32(16))


def integers_of(draws: Sequence[Draw], seed: int, instances: Array) -> Array:
    """The integers of instances of a seed, shape (instances, integers), as the code draws them."""
    state = mix(mix(np.asarray(instances, dtype=np.uint32)) + np.uint32(seed))
    overall, counter, columns = _magnitude(_halves(state, 0)[0]), 1, []
    for draw in draws:
        own, coin = _halves(state, counter)
        counter += 1
        size = np.minimum(np.where(coin < SHARED, overall, _magnitude(own)), draw.limit())
        bound = 1 + (np.full(len(state), draw.limit()) if draw.kind == "discount" else size)
        for _ in range(draw.rows):
            words = -(-draw.integers() // 2)
            halves = [h for k in range(words) for h in _halves(state, counter + k)]
            columns += [(half * bound) >> 16 for half in halves[: draw.integers()]]
            counter += words
    return np.stack(columns, axis=1)


def _halves(state: Array, counter: int) -> tuple[Array, Array]:
    word = mix(state + np.uint32((counter * GOLDEN) & 0xFFFFFFFF)).astype(np.int64)
    return word & 0xFFFF, word >> 16


def _magnitude(half: Array) -> Array:
    return np.array(MAGNITUDES)[(half * len(MAGNITUDES)) >> 16]
