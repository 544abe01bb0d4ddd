"""Lanes: a batch of float64 instances that looks like one instance.

A `Lanes` element is one number in each of n instances, held in a vector of n floats. An object
array of lanes goes through exactly the code that an object array of rationals goes through, so a
claim needs no change to run on a batch, and no axis can be confused with the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import (
    Array,
    NumberSystem,
    _float_ratio,
    collecting,
    float_x_log_ratio,
    register,
)
from theorylab.errors import Unsupported

_CONDITIONS: ContextVar[list[Array] | None] = ContextVar("condition numbers", default=None)


def measuring_condition() -> AbstractContextManager[list[Array]]:
    """Within: every linear solve of lanes adds its condition numbers, shape (n,), to the list."""
    return collecting(_CONDITIONS)


class Lanes:
    """One number in each of n instances: `values` has shape (n,)."""

    __slots__ = ("values",)

    def __init__(self, values: Array):
        self.values = values

    def __add__(self, other: Any) -> Lanes:
        return _combine(np.add, self, other)

    def __sub__(self, other: Any) -> Lanes:
        return _combine(np.subtract, self, other)

    def __rsub__(self, other: Any) -> Lanes:
        return _combine(np.subtract, other, self)

    def __mul__(self, other: Any) -> Lanes:
        return _combine(np.multiply, self, other)

    def __truediv__(self, other: Any) -> Lanes:
        return _combine(np.divide, self, other)

    def __rtruediv__(self, other: Any) -> Lanes:
        return _combine(np.divide, other, self)

    def __pow__(self, other: Any) -> Lanes:
        return _combine(np.power, self, other)

    def __neg__(self) -> Lanes:
        return Lanes(-self.values)

    def __abs__(self) -> Lanes:
        return Lanes(np.abs(self.values))

    __radd__ = __add__
    __rmul__ = __mul__

    def __bool__(self) -> bool:
        raise Unsupported("a claim branches on a number, which a batch cannot: use planning")

    def _compare(self, other: Any) -> bool:
        raise Unsupported("a claim compares numbers, which a batch cannot: use assume or planning")

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _compare
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"Lanes({len(self.values)})"


def _combine(op: Callable[..., Array], x: Any, y: Any) -> Any:
    if type(x) is Lanes and type(y) is Lanes:
        return Lanes(op(x.values, y.values))
    left, right = _values(x), _values(y)
    if left is None or right is None:
        return NotImplemented
    return Lanes(op(left, right))


def _values(x: Any) -> Any:
    if isinstance(x, Lanes):
        return x.values
    try:
        if isinstance(x, int | np.integer):
            return float(x)
        return int(x.p) / int(x.q) if isinstance(x, flint.fmpq) else None
    except OverflowError:
        return np.inf if x > 0 else -np.inf


def stack(array: Array) -> Array:
    """Lanes to a plain float array with the batch axis first: shape (...) to (n, ...)."""
    out = np.empty((_count(array), array.size))
    for k, element in enumerate(array.flat):
        out[:, k] = _values(element)
    return out.reshape(len(out), *array.shape)


def unstack(values: Array) -> Any:
    """A float array with the batch axis first to an object array of lanes (or one Lanes)."""
    if values.ndim == 1:
        return Lanes(values)
    columns = np.ascontiguousarray(np.moveaxis(values, 0, -1)).reshape(-1, len(values))
    out = np.empty(len(columns), dtype=object)
    out[:] = [Lanes(column) for column in columns]
    return out.reshape(values.shape[1:])


def _solve(A: Array, b: Array) -> Array:
    """Solve, and note max |A| max |A^-1 1|: the condition number where A^-1 is non-negative, as
    for I - gamma P, and an estimate elsewhere (it sets a tolerance, it decides nothing)."""
    matrices, right = stack_like(A, b), stack_like(b, A)
    with np.errstate(all="ignore"):
        both = np.stack([right, np.ones_like(right)], axis=-1)
        x = _solutions(matrices, both)
        _note_condition(np.abs(matrices).sum(-1).max(-1) * np.abs(x[..., 1]).max(-1))
    return np.asarray(unstack(x[..., 0]))


def _note_condition(size: Array) -> None:
    found = _CONDITIONS.get()
    if found is not None:
        found.append(size)


def stack_like(array: Array, other: Array) -> Array:
    """`stack`, for an array that may hold only integers beside one that holds lanes."""
    if any(isinstance(e, Lanes) for e in array.flat):
        return stack(array)
    plain = np.array([_values(e) for e in array.flat], dtype=float).reshape(array.shape)
    return np.broadcast_to(plain, (_count(other), *array.shape))


def _count(array: Array) -> int:
    """How many instances the lanes of an array hold; a constant such as log(2) holds none."""
    return max(np.size(e.values) for e in array.flat if isinstance(e, Lanes))


def _solutions(matrices: Array, right: Array) -> Array:
    try:
        return np.linalg.solve(matrices, right)
    except np.linalg.LinAlgError:  # one singular instance: the others are still wanted
        pairs = zip(matrices, right, strict=True)
        return np.stack([_solution_or_nan(m, r) for m, r in pairs])


def _solution_or_nan(matrix: Array, right: Array) -> Array:
    try:
        return np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        return np.full(right.shape, np.nan)


def _lanewise(function: Callable[..., Array]) -> Callable[..., Any]:
    def apply(*args: Any) -> Any:
        with np.errstate(all="ignore"):
            return Lanes(function(*(np.asarray(_values(a)) for a in args)))

    return apply


LANES = register(
    NumberSystem(
        name="lanes of floats",
        element=Lanes,
        solve=_solve,
        det=lambda A: Lanes(np.linalg.det(stack(A))),
        functions={
            "sqrt": _lanewise(np.sqrt),
            "log": _lanewise(np.log),
            "exp": _lanewise(np.exp),
            "abs": _lanewise(np.abs),
            "max": _lanewise(np.maximum),
            "min": _lanewise(np.minimum),
            "ratio": _lanewise(_float_ratio),
            "x_log_ratio": _lanewise(float_x_log_ratio),
        },
    )
)
