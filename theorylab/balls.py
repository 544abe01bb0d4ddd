"""Real balls: intervals with rigorous error bounds, by Arb through python-flint.

A `Ball` is flint's `arb` behind arithmetic that takes balls, integers and exact rationals and
refuses floats: Arb itself would take a float for the real number that the author did not mean.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import Array, NumberSystem, exact_ratio, laplace, register
from theorylab.errors import Undefined, Unsupported


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


def balls(table: Array) -> Array:
    """Exact rationals as balls at the current precision."""
    return np.asarray(np.frompyfunc(Ball, 1, 1)(table), dtype=object)


def _matrix(rows: list[list[Any]]) -> flint.arb_mat:
    return flint.arb_mat([[arb_of(e) for e in row] for row in rows])


def _solve(A: Array, b: Array) -> Array:
    entries = _matrix(A.tolist()).solve(_matrix([[e] for e in b])).entries()
    out = np.empty(len(entries), dtype=object)
    out[:] = [Ball(e) for e in entries]
    return out


def _defined(name: str) -> Callable[[Any], Ball]:
    def function(x: Any) -> Ball:
        out = getattr(arb_of(x), name)()
        if not out.is_finite():
            raise Undefined(f"{name} of {x}")
        return Ball(out)

    return function


def _sqrt(x: Any) -> Ball:
    """The square root; a ball that straddles 0 may be 0 itself, so its non-negative part is taken.

    What is negative stays outside every such ball once the precision is large enough.
    """
    ball = arb_of(x)
    if ball.contains(0) and not ball.is_zero():
        return Ball(flint.arb(0).union(ball.abs_upper().sqrt()))
    return _defined("sqrt")(x)


def _x_log_ratio(x: Any, y: Any) -> Any:
    return x * 0 if x == 0 else x * _defined("log")(exact_ratio(x, y))


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
            "abs": lambda x: Ball(arb_of(x).__abs__()),
            "max": lambda x, y: Ball(arb_of(x).max(arb_of(y))),
            "min": lambda x, y: Ball(arb_of(x).min(arb_of(y))),
            "ratio": exact_ratio,
            "x_log_ratio": _x_log_ratio,
        },
    )
)
