"""Real balls: intervals with rigorous error bounds, by Arb through python-flint.

Rationals beside balls stay rationals: what is rational is computed exactly, and a ball appears
where a root, logarithm or exponential is irrational.

A `Ball` is flint's `arb` behind arithmetic that takes balls, integers and exact rationals and
refuses floats: Arb itself would take a float for the real number that the author did not mean.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from math import isqrt
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import (
    RATIONALS,
    Array,
    NumberSystem,
    collecting,
    exact_ratio,
    laplace,
    refuse_infinite,
    register,
)
from theorylab.errors import Undefined, Unsupported
from theorylab.extended import FUNCTIONS, Infinity


class Ball:
    """A real number known to lie in a ball; `arb` is flint's."""

    __slots__ = ("arb",)

    def __init__(self, value: Any):
        self.arb = value if isinstance(value, flint.arb) else flint.arb(value)

    def __add__(self, other: Any) -> Any:
        y = arb_of(other)
        return NotImplemented if y is None else Ball(self.arb + y)

    def __sub__(self, other: Any) -> Any:
        y = arb_of(other)
        return NotImplemented if y is None else Ball(self.arb - y)

    def __rsub__(self, other: Any) -> Any:
        y = arb_of(other)
        return NotImplemented if y is None else Ball(y - self.arb)

    def __mul__(self, other: Any) -> Any:
        y = arb_of(other)
        return NotImplemented if y is None else Ball(self.arb * y)

    def __truediv__(self, other: Any) -> Any:
        y = arb_of(other)
        return NotImplemented if y is None else Ball(self.arb / y)

    def __rtruediv__(self, other: Any) -> Any:
        y = arb_of(other)
        return NotImplemented if y is None else Ball(y / self.arb)

    def __pow__(self, exponent: Any) -> Any:
        if not isinstance(exponent, int | np.integer):
            return NotImplemented
        return Ball(_power(self.arb, int(exponent)))

    def __neg__(self) -> Ball:
        return Ball(-self.arb)

    def __abs__(self) -> Ball:
        return Ball(self.arb.__abs__())

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        """Certainly equal."""
        y = arb_of(other)
        return y is not None and bool(self.arb == y)

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise Unsupported("a claim branches on a number, which a ball cannot: use planning")

    def _compare(self, other: Any) -> bool:
        raise Unsupported("a claim compares numbers, which balls cannot: use assume or planning")

    __lt__ = __le__ = __gt__ = __ge__ = _compare

    def __repr__(self) -> str:
        return str(self.arb.str(30))


def _power(x: flint.arb, exponent: int) -> flint.arb:
    """By squaring: Arb's general power takes a logarithm, which a ball around 0 does not have."""
    if exponent < 0:
        return 1 / _power(x, -exponent)
    result = flint.arb(1)
    while exponent:
        if exponent & 1:
            result = result * x
        x, exponent = x * x, exponent >> 1
    return result


def arb_of(value: Any) -> Any:
    """flint's ball of a Ball, an integer or an exact rational; None for anything else."""
    if isinstance(value, Ball):
        return value.arb
    if isinstance(value, int | np.integer | flint.fmpz):
        return flint.arb(int(value))
    return flint.arb(value) if isinstance(value, flint.fmpq) else None


def is_rational(value: Any) -> bool:
    """Whether it is an integer or an exact rational, which balls compute with exactly."""
    return isinstance(value, int | np.integer | flint.fmpz | flint.fmpq)


def gap(lhs: Any, rhs: Any) -> Any:
    """rhs - lhs, exact where both are rational, else flint's ball."""
    if is_rational(lhs) and is_rational(rhs):
        return flint.fmpq(rhs) - flint.fmpq(lhs)
    return arb_of(rhs) - arb_of(lhs)


def balls(table: Array) -> Array:
    """Exact rationals as balls at the current precision."""
    return np.asarray(np.frompyfunc(Ball, 1, 1)(table), dtype=object)


def _matrix(rows: list[list[Any]]) -> flint.arb_mat:
    return flint.arb_mat([[arb_of(e) for e in row] for row in rows])


def _solve(A: Array, b: Array) -> Array:
    refuse_infinite(A, b)
    if all(is_rational(e) for table in (A, b) for e in table.flat):
        return RATIONALS.solve(A, b)
    entries = _matrix(A.tolist()).solve(_matrix([[e] for e in b])).entries()
    out = np.empty(len(entries), dtype=object)
    out[:] = [Ball(e) for e in entries]
    return out


FIXED = {"log": (1, 0), "exp": (0, 1), "sqrt": (0, 0)}
"""Where a function takes a rational to a rational: there its value is exact."""


def _defined(name: str) -> Callable[[Any], Ball]:
    def function(x: Any) -> Any:
        if is_rational(x) and x == FIXED[name][0]:
            return flint.fmpq(FIXED[name][1])  # not an integer: 1 / 2 of integers is a float
        out = getattr(arb_of(x), name)()
        if not out.is_finite():
            raise Undefined(f"{name} of {x}")
        return Ball(out)

    return function


_ROOTS: ContextVar[list[Any] | None] = ContextVar("roots of balls around 0", default=None)


def noting_roots() -> AbstractContextManager[list[Any]]:
    """Within: every ball around 0 whose root is taken is noted in the list, for a second look at a
    higher precision, at which what is negative would no longer contain 0."""
    return collecting(_ROOTS)


def _sqrt(x: Any) -> Ball:
    """The square root; a ball that straddles 0 may be 0 itself, so its non-negative part is taken.

    What is negative stays outside every such ball once the precision is large enough.
    """
    if is_rational(x):
        return _rational_sqrt(flint.fmpq(x))
    ball = arb_of(x)
    if ball.contains(0) and not ball.is_zero():
        noted = _ROOTS.get()
        if noted is not None:
            noted.append(ball)
        return Ball(flint.arb(0).union(ball.abs_upper().sqrt()))
    return _defined("sqrt")(x)


def _rational_sqrt(x: flint.fmpq) -> Any:
    """Exact for squares of rationals."""
    if x < 0:
        raise Undefined(f"sqrt of {x}")
    p, q = isqrt(int(x.p)), isqrt(int(x.q))
    return flint.fmpq(p, q) if flint.fmpq(p * p, q * q) == x else Ball(flint.arb(x).sqrt())


def _ordered(name: str) -> Callable[[Any, Any], Any]:
    """The larger or smaller of two, exact where both are rational."""

    def function(x: Any, y: Any) -> Any:
        if is_rational(x) and is_rational(y):
            return RATIONALS.functions[name](x, y)
        return Ball(getattr(arb_of(x), name)(arb_of(y)))

    return function


def _x_log_ratio(x: Any, y: Any) -> Any:
    if x == 0:
        return x * 0
    quotient = exact_ratio(x, y)
    if isinstance(quotient, Infinity):
        return FUNCTIONS["log"](quotient)
    return x * _defined("log")(quotient)


BALLS = register(
    NumberSystem(
        name="real balls",
        element=Ball,
        solve=_solve,
        det=lambda A: laplace(A.tolist()),
        functions={
            "sqrt": _sqrt,
            "log": _defined("log"),
            "exp": _defined("exp"),
            "abs": abs,
            "max": _ordered("max"),
            "min": _ordered("min"),
            "ratio": exact_ratio,
            "x_log_ratio": _x_log_ratio,
        },
        infinite=True,
        rationals=True,
    )
)
