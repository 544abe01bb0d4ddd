"""Where instances come from: sources of simplex rows, fractions and discounts.

A *domain* point is a list of small integers: weights of rows (0, ..., 0 is the first vertex) and
positions in a table of simple fractions. So every instance is rational, is rebuilt from its
integers alone, and shrinks towards vertices, zeros and small denominators. A *generic* point has
free variables, the last entry of a row being 1 - sum of the others; it is for certificates and
polynomials.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import Any, Protocol

import flint
import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import Unsupported
from theorylab.lanes import Lanes

WEIGHT_LIMIT = 997


def _simple_fractions() -> list[Fraction]:
    """0, 1, 1/2, 1/3, 2/3, ... to denominator 10, the near-extremes, then k/101."""
    simple = [Fraction(0), Fraction(1)]
    for denominator in range(2, 11):
        for numerator in range(1, denominator):
            fraction = Fraction(numerator, denominator)
            if fraction not in simple:
                simple.append(fraction)
    tiny = [Fraction(1, 10**k) for k in (2, 3, 4, 6)]
    extremes = [f for t in tiny for f in (t, 1 - t)]
    return simple + extremes + [Fraction(k, 101) for k in range(1, 101)]


FRACTIONS = _simple_fractions()
DISCOUNTS = [f for f in FRACTIONS if f != 1]
TABLES = {"fraction": FRACTIONS, "discount": DISCOUNTS}
_MANTISSAS = {
    kind: (np.array([f.numerator for f in table]), np.array([f.denominator for f in table]))
    for kind, table in TABLES.items()
}
LIMITS = {"weight": WEIGHT_LIMIT, "fraction": len(FRACTIONS) - 1, "discount": len(DISCOUNTS) - 1}
"""The largest integer of each kind; 0 is always the simplest."""


class Source(Protocol):
    """What an instance is built from. Shapes as given; entries are elements of one system."""

    def simplex(self, *shape: int) -> Array:
        """Distributions along the last axis."""

    def fraction(self, *shape: int) -> Array:
        """Numbers in [0, 1], both ends included."""

    def discount(self) -> Any:
        """One number in [0, 1)."""

    def vertex(self, *shape: int) -> Array:
        """Vertices of the simplex along the last axis: a choice for each row."""


def exact_rows(weights: Array) -> Array:
    """Integer weights (..., n) to exact distributions; a row of zeros is the first vertex."""
    n = weights.shape[-1]
    out = np.empty(weights.size, dtype=object)
    out[:] = [q for row in weights.reshape(-1, n).tolist() for q in _exact_row(row)]
    return out.reshape(weights.shape)


def _exact_row(row: list[int]) -> list[flint.fmpq]:
    total = sum(row)
    if total == 0:
        return [flint.fmpq(int(k == 0)) for k in range(len(row))]
    return [flint.fmpq(k, total) for k in row]


_EXACT = {
    kind: [flint.fmpq(f.numerator, f.denominator) for f in table] for kind, table in TABLES.items()
}


def exact_fractions(kind: str, positions: Array) -> Array:
    """Positions in the table of fractions or discounts to exact rationals."""
    table, out = _EXACT[kind], np.empty(positions.size, dtype=object)
    out[:] = [table[k] for k in positions.ravel().tolist()]
    return out.reshape(positions.shape)


@dataclass
class ExactSource:
    """Rational instances from integers, which `integers(kind, count)` supplies; logged in order."""

    integers: Callable[[str, int], Sequence[int]]
    log: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def _take(self, kind: str, shape: tuple[int, ...]) -> Array:
        count = prod(shape)
        numbers = list(self.integers(kind, count))
        self.log.extend(numbers)
        self.kinds.extend([kind] * count)
        return np.array(numbers, dtype=np.int64).reshape(shape)

    def simplex(self, *shape: int) -> Array:
        return exact_rows(self._take("weight", shape))

    def fraction(self, *shape: int) -> Array:
        return exact_fractions("fraction", self._take("fraction", shape))

    def discount(self) -> Any:
        return exact_fractions("discount", self._take("discount", (1,)))[0]

    def vertex(self, *shape: int) -> Array:
        chosen = self._take("weight", shape[:-1]) % shape[-1]
        return exact_rows((chosen[..., None] == np.arange(shape[-1])).astype(np.int64))


def replay(numbers: Sequence[int]) -> ExactSource:
    """A source that rebuilds the instance which these integers describe."""
    remaining = iter(numbers)
    return ExactSource(lambda kind, count: [next(remaining) for _ in range(count)])


def random_integers(rng: np.random.Generator) -> Callable[[str, int], Sequence[int]]:
    """Integers for one exact instance: degenerate to dense, as a whole or table by table."""

    def any_magnitude() -> int:
        return MAGNITUDES[int(rng.integers(len(MAGNITUDES)))]

    overall = any_magnitude()

    def integers(kind: str, count: int) -> Sequence[int]:
        magnitude = overall if rng.random() < OVERALL else any_magnitude()
        magnitude = LIMITS[kind] if kind == "discount" else magnitude
        numbers = rng.integers(0, min(magnitude, LIMITS[kind]) + 1, size=count)
        return numbers.tolist()

    return integers


MAGNITUDES = (1, 1, 1, 2, 5, 20, WEIGHT_LIMIT)
"""Largest integer of an instance: at 1 rows are vertices or uniform on a support, and payoffs 0 or
1; most bounds are tight there, so it is drawn most. Discounts are drawn from all of their table."""
OVERALL = 0.5
"""How often a table is drawn to the magnitude of its instance; else it draws its own."""


@dataclass
class LaneSource:
    """n instances at once, as lanes of floats, from integers (n, size) that are supplied.

    `numbers(i)` are instance i's integers, from which `replay` rebuilds it exactly.
    """

    integers: Callable[[str, int], Array]
    log: list[Array] = field(default_factory=list)

    def _take(self, kind: str, shape: tuple[int, ...]) -> Array:
        numbers = self.integers(kind, prod(shape))
        self.log.append(numbers)
        return numbers.reshape(len(numbers), *shape)

    def simplex(self, *shape: int) -> Array:
        weights = self._take("weight", shape).astype(float)
        weights[..., 0] += weights.sum(-1) == 0
        return as_lanes(weights / weights.sum(-1, keepdims=True))

    def fraction(self, *shape: int) -> Array:
        tops, bottoms = _MANTISSAS["fraction"]
        positions = self._take("fraction", shape)
        return as_lanes(tops[positions] / bottoms[positions])

    def discount(self) -> Any:
        tops, bottoms = _MANTISSAS["discount"]
        positions = self._take("discount", (1,))[:, 0]
        return Lanes(tops[positions] / bottoms[positions])

    def vertex(self, *shape: int) -> Array:
        chosen = self._take("weight", shape[:-1]) % shape[-1]
        return as_lanes((chosen[..., None] == np.arange(shape[-1])).astype(float))

    def numbers(self, instance: int) -> list[int]:
        """The integers of one instance."""
        return [int(k) for block in self.log for k in block[instance]]


def random_lanes(rng: np.random.Generator, count: int) -> LaneSource:
    """n random instances: degenerate to dense, as a whole or table by table."""
    overall = rng.choice(MAGNITUDES, size=count)

    def integers(kind: str, size: int) -> Array:
        own = rng.choice(MAGNITUDES, size=count)
        magnitudes = np.where(rng.random(count) < OVERALL, overall, own)
        if kind == "discount":
            magnitudes = np.full(count, LIMITS[kind])
        limits = np.minimum(magnitudes, LIMITS[kind]) + 1
        return np.asarray((rng.random((count, size)) * limits[:, None]).astype(np.int64))

    return LaneSource(integers)


def replay_lanes(numbers: Array) -> LaneSource:
    """The instances that the rows of an integer array (n, size) describe."""
    place = 0

    def integers(kind: str, size: int) -> Array:
        nonlocal place
        place += size
        return numbers[:, place - size : place]

    return LaneSource(integers)


def as_lanes(values: Array) -> Array:
    """Floats (n, ...) to an object array (...) of lanes."""
    flat = np.ascontiguousarray(values.reshape(len(values), -1).T)
    out = np.empty(flat.shape[0], dtype=object)
    out[:] = [Lanes(row) for row in flat]
    return out.reshape(values.shape[1:])


@dataclass
class GenericSource:
    """Free variables from `fresh()`, the last entry of each row being 1 - sum of the others."""

    fresh: Callable[[], Any]
    one: Any = 1

    def _table(self, shape: tuple[int, ...]) -> Array:
        out = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            out[index] = self.fresh()
        return out

    def simplex(self, *shape: int) -> Array:
        *lead, n = shape
        free = self._table((*lead, n - 1))
        last = self._table(tuple(lead)) if n == 0 else 1 - free.sum(-1) if n > 1 else None
        out = np.empty(shape, dtype=object)
        out[..., : n - 1] = free
        out[..., n - 1] = self.one if last is None else last
        return out

    def fraction(self, *shape: int) -> Array:
        return self._table(shape)

    def discount(self) -> Any:
        return self.fresh()

    def vertex(self, *shape: int) -> Array:
        raise Unsupported("a discrete choice has no generic point; exact, ball and sweep remain")


def shrink(numbers: Sequence[int], fails: Callable[[list[int]], bool]) -> list[int]:
    """Smaller integers that still fail: zeros first, then halves, then one less, to a fixed point;
    from there the simplest values too, and so on again.

    Greedy and deterministic; the result is minimal in the sense that no single integer can be
    replaced by 0, its half, its predecessor or one of the simplest values below it.
    """
    best = _shrunk(list(numbers), fails, _smaller)
    simplest = _shrunk(best, fails, _simplest)
    return best if simplest == best else shrink(simplest, fails)


def _shrunk(
    best: list[int], fails: Callable[[list[int]], bool], candidates: Callable[[int], list[int]]
) -> list[int]:
    """The integers at which no candidate for a single one fails any more."""
    changed = True
    while changed:
        changed = False
        for place in range(len(best)):
            for smaller in candidates(best[place]):
                trial = [*best[:place], smaller, *best[place + 1 :]]
                if fails(trial):
                    best, changed = trial, True
                    break
    return best


SIMPLEST = 6
"""How many of the simplest values are tried in place of any other: near-extremes are far from the
simple fractions by halves and steps."""


def _smaller(k: int) -> list[int]:
    return sorted({0, k // 2, k - 1} - {k}) if k > 0 else []


def _simplest(k: int) -> list[int]:
    return list(range(min(k, SIMPLEST)))
