"""Germs: rational functions of one small x > 0, ordered by what they are near 0.

    f < g   means   f(x) < g(x) for all small enough x > 0

so a germ has a sign, an absolute value and a limit as x -> 0, all exact. A claim that runs on
germs in place of rationals gives the limits of its sides along a family: x = 1/2^k, 1 - x, 1/x.
What is no rational function (a root, a logarithm) is `Unsupported`.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import Array, NumberSystem, exact_ratio, laplace, ordered, register

Polynomial = flint.fmpq_poly


class Germ:
    """top / bottom in lowest terms."""

    __slots__ = ("bottom", "top")

    def __init__(self, top: Any, bottom: Any = 1):
        top, bottom = Polynomial(top), Polynomial(bottom)
        if bottom == 0:
            raise ZeroDivisionError("a germ over zero")
        common = top.gcd(bottom)
        if common.degree() > 0:
            top, bottom = top // common, bottom // common
        self.top, self.bottom = top, bottom

    def __add__(self, other: Any) -> Any:
        y = germ_of(other)
        if y is None:
            return NotImplemented
        return Germ(self.top * y.bottom + y.top * self.bottom, self.bottom * y.bottom)

    def __neg__(self) -> Germ:
        return Germ(-self.top, self.bottom)

    def __sub__(self, other: Any) -> Any:
        y = germ_of(other)
        return NotImplemented if y is None else self + (-y)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        y = germ_of(other)
        return NotImplemented if y is None else Germ(self.top * y.top, self.bottom * y.bottom)

    def __truediv__(self, other: Any) -> Any:
        y = germ_of(other)
        return NotImplemented if y is None else Germ(self.top * y.bottom, self.bottom * y.top)

    def __rtruediv__(self, other: Any) -> Any:
        y = germ_of(other)
        return NotImplemented if y is None else y / self

    def __pow__(self, exponent: Any) -> Any:
        if not isinstance(exponent, int | np.integer):
            return NotImplemented
        power = abs(int(exponent))
        raised = Germ(self.top**power, self.bottom**power)
        return raised if exponent >= 0 else 1 / raised

    __radd__ = __add__
    __rmul__ = __mul__

    def sign(self) -> int:
        """-1, 0 or 1: the sign for all small enough x > 0."""
        if self.top == 0:
            return 0
        return 1 if (_leading(self.top) > 0) == (_leading(self.bottom) > 0) else -1

    def order(self) -> int:
        """m such that the germ is like a constant times x^m; of zero: ValueError."""
        if self.top == 0:
            raise ValueError("the germ is zero: it has no order")
        return _valuation(self.top) - _valuation(self.bottom)

    def limit(self) -> Any:
        """The limit as x -> 0, an exact rational; None where it is infinite."""
        if self.top == 0 or self.order() > 0:
            return flint.fmpq(0)
        return None if self.order() < 0 else _leading(self.top) / _leading(self.bottom)

    def __eq__(self, other: object) -> bool:
        y = germ_of(other)
        return y is not None and bool(self.top * y.bottom == y.top * self.bottom)

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: Any) -> bool:
        return bool((self - other).sign() < 0)

    def __le__(self, other: Any) -> bool:
        return bool((self - other).sign() <= 0)

    def __gt__(self, other: Any) -> bool:
        return bool((self - other).sign() > 0)

    def __ge__(self, other: Any) -> bool:
        return bool((self - other).sign() >= 0)

    def __repr__(self) -> str:
        return f"({self.top}) / ({self.bottom})"


X = Germ([0, 1])
"""The small positive variable itself."""


def germ_of(value: Any) -> Germ | None:
    """The germ of an integer, an exact rational or a germ; None for anything else."""
    if isinstance(value, Germ):
        return value
    if isinstance(value, int | np.integer | flint.fmpz) and not isinstance(value, bool):
        return Germ([int(value)])
    return Germ([value]) if isinstance(value, flint.fmpq) else None


def _valuation(polynomial: Any) -> int:
    """The number of the lowest coefficient that is not zero."""
    return next(k for k, c in enumerate(polynomial.coeffs()) if c != 0)


def _leading(polynomial: Any) -> Any:
    return flint.fmpq(polynomial[_valuation(polynomial)])


def _solve(A: Array, b: Array) -> Array:
    """Gaussian elimination: germs are a field, so any pivot that is not zero will do."""
    n = len(b)
    rows = [[*A[i], b[i]] for i in range(n)]
    for k in range(n):
        pivot = next((i for i in range(k, n) if rows[i][k] != 0), None)
        if pivot is None:
            raise ZeroDivisionError("a singular matrix of germs")
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [entry / germ_of(rows[k][k]) for entry in rows[k]]
        for i in range(n):
            if i != k and rows[i][k] != 0:
                rows[i] = [e - rows[i][k] * p for e, p in zip(rows[i], rows[k], strict=True)]
    out = np.empty(n, dtype=object)
    out[:] = [row[n] for row in rows]
    return out


GERMS = register(
    NumberSystem(
        name="germs",
        element=Germ,
        solve=_solve,
        det=lambda A: laplace(A.tolist()),
        functions={**ordered(Germ), "ratio": exact_ratio},
        infinite=True,
        lacks="it is no rational function",
    )
)
