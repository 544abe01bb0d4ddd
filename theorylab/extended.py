"""Infinity: what x / 0 is in a coverage or a divergence, with the arithmetic that has a meaning.

Infinity is not below a finite number; a bound of infinity is void. What has no value (infinity -
infinity, 0 * infinity) makes the instance void, too: neither true nor false. So does infinity times
what is negative there: a coverage C = infinity times a signed term says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from theorylab.errors import Undefined, VoidBound


def _of_elements(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that leaves an array to NumPy, which goes through it entry by entry."""

    def apply(self: Infinity, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else method(self, other)

    return apply


class Infinity:
    """Plus or minus infinity beside the elements of an ordered number system; `sign` is 1 or -1."""

    __slots__ = ("sign",)

    def __init__(self, sign: int = 1):
        self.sign = sign

    @_of_elements
    def __add__(self, other: Any) -> Infinity:
        if isinstance(other, Infinity) and other.sign != self.sign:
            raise VoidBound("infinity - infinity")
        return self

    @_of_elements
    def __sub__(self, other: Any) -> Infinity:
        return self + -other if isinstance(other, Infinity) else self

    @_of_elements
    def __rsub__(self, other: Any) -> Infinity:
        return -self

    @_of_elements
    def __mul__(self, other: Any) -> Infinity:
        sign = sign_of(other)
        if sign == 0:
            raise VoidBound("0 times infinity")
        return Infinity(self.sign * _constant_or_positive(other, sign))

    @_of_elements
    def __truediv__(self, other: Any) -> Infinity:
        if isinstance(other, Infinity):
            raise VoidBound("infinity / infinity")
        return Infinity(self.sign * _constant_or_positive(other, sign_of(other) or 1))

    @_of_elements
    def __rtruediv__(self, other: Any) -> Any:
        return other * 0

    def __pow__(self, exponent: Any) -> Any:
        if not exponent:
            raise VoidBound("infinity to the power 0")
        if exponent < 0:
            return 0
        return Infinity(self.sign if exponent % 2 else 1)

    def __neg__(self) -> Infinity:
        return Infinity(-self.sign)

    def __abs__(self) -> Infinity:
        return Infinity()

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Infinity) and other.sign == self.sign

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: Any) -> bool:
        return self.sign < (other.sign if isinstance(other, Infinity) else 0)

    def __le__(self, other: Any) -> bool:
        return self.sign <= (other.sign if isinstance(other, Infinity) else 0)

    def __gt__(self, other: Any) -> bool:
        return not self <= other

    def __ge__(self, other: Any) -> bool:
        return not self < other

    def __float__(self) -> float:
        return self.sign * float("inf")

    def __repr__(self) -> str:
        return "infinity" if self.sign > 0 else "-infinity"


def _constant_or_positive(x: Any, sign: int) -> int:
    """The sign of a factor; VoidBound where it is negative and no constant, such as -1."""
    if sign < 0 and not isinstance(x, int | Infinity):
        raise VoidBound("infinity times a negative number")
    return sign


def sign_of(x: Any) -> int:
    """-1, 0 or 1; Undefined where a ball is in doubt (a higher precision decides)."""
    if isinstance(x, Infinity):
        return x.sign
    ball = getattr(x, "arb", None)
    if ball is None:
        return int(x > 0) - int(x < 0)
    if ball > 0 or ball < 0 or ball == 0:
        return int(ball > 0) - int(ball < 0)
    raise Undefined("the sign of a number that is multiplied by infinity is in doubt")


def _exponential(x: Infinity) -> Any:
    return x if x.sign > 0 else 0


def _of_positive(x: Infinity) -> Infinity:
    if x.sign < 0:
        raise Undefined(f"a root or logarithm of {x}")
    return x


def _larger(x: Any, y: Any) -> Any:
    top, other = (x, y) if isinstance(x, Infinity) else (y, x)
    return top if top.sign > 0 else other


def _smaller(x: Any, y: Any) -> Any:
    low, other = (x, y) if isinstance(x, Infinity) else (y, x)
    return low if low.sign < 0 else other


def _no_logarithm(x: Any, y: Any) -> Any:
    raise VoidBound("x log(x / y) with an infinite argument")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "max": _larger,
    "min": _smaller,
    "sqrt": _of_positive,
    "log": _of_positive,
    "exp": _exponential,
    "ratio": lambda x, y: x / y,
    "x_log_ratio": _no_logarithm,
}
"""Functions of arguments among which one at least is infinite."""
