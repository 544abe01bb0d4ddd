"""The numbers on which the checker runs a claim: quotients of polynomials on one leaf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, NumberSystem, register
from theorylab.errors import Unsupported
from theorylab.positivity_check.polynomials import Poly


@dataclass(frozen=True, eq=False)
class Element:
    """numerator / (scale * product of factors ** power) on one leaf."""

    leaf: Any
    numerator: Poly
    scale: int = 1
    powers: tuple[tuple[int, int], ...] = ()

    def __add__(self, other: Any) -> Any:
        return self.leaf.sum(self, other, 1)

    def __sub__(self, other: Any) -> Any:
        return self.leaf.sum(self, other, -1)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __neg__(self) -> Element:
        return self * -1

    def __mul__(self, other: Any) -> Any:
        return self.leaf.product(self, other)

    def __truediv__(self, other: Any) -> Any:
        divisor = self.leaf.element(other)
        return NotImplemented if divisor is None else self.leaf.quotient(self, divisor)

    def __rtruediv__(self, other: Any) -> Any:
        return self.leaf.element(other) / self

    def __pow__(self, exponent: Any) -> Any:
        if not isinstance(exponent, int | np.integer):
            return NotImplemented
        out = self.leaf.element(1)
        for _ in range(abs(int(exponent))):
            out = out * self
        return out if exponent >= 0 else 1 / out

    def __abs__(self) -> Any:
        return self.leaf.choose("abs", self)

    def _compare(self, other: Any) -> bool:
        raise Unsupported("a claim compares numbers, which polynomials cannot")

    __radd__ = __add__
    __rmul__ = __mul__
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = __bool__ = _compare
    __hash__ = object.__hash__

    def same(self, other: Element) -> bool:
        """Whether two reduced elements are equal."""
        return (self.numerator, self.scale, self.powers) == (
            other.numerator,
            other.scale,
            other.powers,
        )


def _chosen(name: str) -> Any:
    def function(*values: Any) -> Any:
        leaf = next(v.leaf for v in values if isinstance(v, Element))
        return leaf.choose(name, *(leaf.element(v) for v in values))

    return function


def _solve(A: Array, b: Array) -> Array:
    leaf = next(e.leaf for e in (*A.flat, *b.flat) if isinstance(e, Element))
    out = np.empty(len(b), dtype=object)
    out[:] = leaf.solved(
        [[leaf.element(e) for e in (*row, r)] for row, r in zip(A, b, strict=True)]
    )
    return out


def _det(A: Array) -> Any:
    return determinant([list(row) for row in A])


def determinant(rows: list[list[Any]]) -> Any:
    """By expansion along the first column."""
    total: Any = 0
    for i, row in enumerate(rows):
        minor = [other[1:] for k, other in enumerate(rows) if k != i]
        term = row[0] * determinant(minor) if minor else row[0]
        total = term + total if i % 2 == 0 else total - term
    return total


register(
    NumberSystem(
        name="polynomials of the checker",
        element=Element,
        solve=_solve,
        det=_det,
        functions={name: _chosen(name) for name in ("abs", "max", "min", "ratio")},
        lacks="its values are irrational",
    )
)
