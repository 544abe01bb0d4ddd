"""Checks of tables that name the entry, its value and what was expected.

Floats: a row may miss 1 by `ROUNDING * n` (n its length) and is kept as it is; up to `LOOSE`
(1e-6: .333333 three times) it is
renormalised with a `ModelNotice` that names the worst row; beyond that it is refused. Negative
entries down to `-ROUNDING` are clipped with a notice. Exact tables must be exactly right.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import Array, system_of
from theorylab.balls import Ball, gap
from theorylab.errors import InvalidArgument, ModelError, Unsupported

ROUNDING = 1e-12
LOOSE = 1.001e-6


class ModelNotice(UserWarning):
    """Float input that was repaired, and how."""


def rational(value: Any, place: str) -> flint.fmpq:
    """An exact rational from an int, a Fraction, a flint number or a string such as "1/3"."""
    if isinstance(value, flint.fmpq):
        return value
    if isinstance(value, bool | np.bool_):
        raise ModelError(f"{place} is {value}, expected a number")
    if isinstance(value, Fraction | int | np.integer | flint.fmpz):
        return flint.fmpq(int(value.numerator), int(value.denominator))
    if isinstance(value, str):
        return _parse_rational(value, place)
    shown_value = shortened(repr(value))
    raise ModelError(f"{place} is {shown_value}, expected an exact rational such as '1/3'")


def _parse_rational(text: str, place: str) -> flint.fmpq:
    numerator, slash, denominator = text.partition("/")
    digits = numerator.removeprefix("-")
    if not (_is_number(digits) and (_is_number(denominator) if slash else True)):
        raise ModelError(f"{place} is {text[:40]!r}, expected an exact rational such as '1/3'")
    bottom = flint.fmpz(denominator) if slash else flint.fmpz(1)
    if bottom == 0:
        raise ModelError(f"{place} is {text[:40]!r}: its denominator is zero")
    return flint.fmpq(flint.fmpz(numerator), bottom)


def _is_number(digits: str) -> bool:
    return digits.isascii() and digits.isdigit()


def table(value: Any, name: str) -> Array:
    """A copy of a table: float64, or object with exact rationals where all entries are exact."""
    if isinstance(value, np.ma.MaskedArray | np.matrix):
        raise ModelError(f"{name} is a {type(value).__name__}, expected a plain array")
    array = np.array(value, dtype=object) if not isinstance(value, np.ndarray) else value.copy()
    if array.dtype.kind == "c":
        raise ModelError(f"{name} has complex entries, expected real numbers")
    if array.dtype.kind == "f":
        return array.astype(np.float64)
    if array.dtype.kind == "b":
        raise ModelError(f"{name} has boolean entries, expected numbers")
    return _object_table(array.astype(object), name)


EXACT_KINDS = (int, str, Fraction, np.integer, flint.fmpz, flint.fmpq)


def _object_table(array: Array, name: str) -> Array:
    entries = list(array.flat)
    if any(isinstance(e, list | tuple | np.ndarray) for e in entries):
        raise ModelError(f"{name} is ragged: its rows have different lengths")
    if any(isinstance(e, float | np.floating) for e in entries):
        return _converted(array, name, _nearest_float).astype(np.float64)
    if all(isinstance(e, EXACT_KINDS) for e in entries):
        return _converted(array, name, rational)
    for index in np.ndindex(*array.shape):
        _check_entry(array[index], place_name(name, index))
    return array  # elements of another number system


def _converted(array: Array, name: str, convert: Callable[[Any, str], Any]) -> Array:
    out = np.empty(array.shape, dtype=object)
    for index in np.ndindex(*array.shape):
        out[index] = convert(array[index], place_name(name, index))
    return out


def _nearest_float(value: Any, place: str) -> float:
    if isinstance(value, float | np.floating):
        return float(value)
    if isinstance(value, str):
        raise ModelError(f"{place} is {value[:40]!r}, expected a number like the floats beside it")
    exact = rational(value, place)
    return int(exact.p) / int(exact.q)


def _check_entry(value: Any, place: str) -> None:
    """Raise ModelError unless the entry is exact or of a known number system."""
    try:
        known = not isinstance(value, bool | np.bool_) and system_of(_boxed(value)) is not None
    except Unsupported:
        known = False
    if not known:
        raise ModelError(f"{place} is {shortened(repr(value))}, expected a number")


def _boxed(value: Any) -> Array:
    out = np.empty((), dtype=object)
    out[()] = value
    return out


def shortened(text: str, limit: int = 60) -> str:
    """The text, its middle cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[: limit - 12]}...{text[-9:]}"


def shown(value: Any) -> str:
    """A number as an error shows it: floats without numpy's wrapping, long ones cut."""
    return shortened(repr(float(value)) if isinstance(value, float | np.floating) else str(value))


def is_exact(array: Array) -> bool:
    """Whether every entry is an exact rational or an integer."""
    return array.dtype == object and all(isinstance(e, int | flint.fmpq) for e in array.flat)


def to_float(array: Array) -> Array:
    """The nearest floats of an exact table."""
    if array.dtype == np.float64:
        return array
    return np.array(
        [
            float(Fraction(int(e.p), int(e.q))) if isinstance(e, flint.fmpq) else float(e)
            for e in array.flat
        ]
    ).reshape(array.shape)


def same_kind(tables: dict[str, Array]) -> dict[str, Array]:
    """If one table is float, all are; exact tables stay exact otherwise."""
    if any(t.dtype == np.float64 for t in tables.values()):
        return {name: to_float(t) for name, t in tables.items()}
    return tables


def place_name(name: str, index: tuple[Any, ...]) -> str:
    """`MDP.P[2, 0]`."""
    return f"{name}[{', '.join(str(int(i)) for i in index)}]" if index else name


def check_shape(array: Array, name: str, expected: tuple[int, ...], letters: str) -> None:
    """Raise ModelError unless the trailing axes are as expected and leading ones are a batch."""
    if array.shape != expected:
        raise ModelError(f"{name} has shape {array.shape}, expected {letters} = {expected}")


def check_array(value: Any, name: str) -> None:
    """Raise ModelError unless it is a numpy array."""
    if not isinstance(value, np.ndarray):
        raise ModelError(f"{name} is a {type(value).__name__}, expected a numpy array")


def seed_sequence(seed: Any) -> np.random.SeedSequence:
    """The seed sequence of an integer or of a tuple of them, or itself; else InvalidArgument."""
    if isinstance(seed, np.random.SeedSequence):
        return seed
    parts = seed if isinstance(seed, tuple) else (seed,)
    whole = all(isinstance(k, int | np.integer) and not isinstance(k, bool) for k in parts)
    if not parts or not whole or min(parts) < 0:
        raise InvalidArgument(f"seed is {seed!r}, expected an integer of at least 0")
    return np.random.SeedSequence(seed)


def check_finite(array: Array, name: str) -> None:
    """Raise ModelError at the first entry that is not finite (floats only)."""
    if array.dtype == np.float64 and not np.isfinite(array).all():
        index = tuple(np.argwhere(~np.isfinite(array))[0])
        raise ModelError(
            f"{place_name(name, index)} is {shown(array[index])}, expected a finite number"
        )


def check_distribution(array: Array, name: str, repair: str) -> Array:
    """The table with each row (last axis) a distribution, else ModelError naming row and sum."""
    check_finite(array, name)
    if array.dtype == np.float64:
        return _check_float_rows(array, name, repair)
    if is_exact(array):
        _check_exact_rows(array, name, repair)
    elif any(isinstance(x, Ball) for x in array.flat):
        _check_enclosed_rows(array, name, repair)
    return array


def _check_enclosed_rows(array: Array, name: str, repair: str) -> None:
    """Rows of balls: what certainly is no distribution is refused."""
    for index in np.ndindex(*array.shape):
        if gap(0, array[index]) < 0:
            raise ModelError(f"{place_name(name, index)} is {array[index]}, expected at least 0")
    for index in np.ndindex(*array.shape[:-1]):
        total = array[index].sum()
        apart = gap(1, total)
        if apart > 0 or apart < 0:
            raise ModelError(_row_message(name, index, array[index], total, repair))


def _check_exact_rows(array: Array, name: str, repair: str) -> None:
    for index in np.ndindex(*array.shape):
        if array[index] < 0:
            raise ModelError(
                f"{place_name(name, index)} is {shown(array[index])}, expected at least 0"
            )
    for index in np.ndindex(*array.shape[:-1]):
        total = array[index].sum()
        if total != 1:
            raise ModelError(_row_message(name, index, array[index], total, repair))


def _check_float_rows(array: Array, name: str, repair: str) -> Array:
    if (array < -ROUNDING).any():
        index = tuple(np.argwhere(array < -ROUNDING)[0])
        raise ModelError(f"{place_name(name, index)} is {shown(array[index])}, expected at least 0")
    if (array < 0).any():
        index = tuple(np.argwhere(array < 0)[0])
        warnings.warn(
            f"{place_name(name, index)} is {shown(array[index])}: rounding, taken as 0",
            ModelNotice,
            stacklevel=5,
        )
        array = np.maximum(array, 0.0)
    sums = array.sum(-1)
    error = np.abs(sums - 1.0)
    worst = tuple(np.unravel_index(np.argmax(error), error.shape)) if error.ndim else ()
    if error[worst] > LOOSE:
        raise ModelError(_row_message(name, worst, array[worst], sums[worst], repair))
    if error[worst] > ROUNDING * array.shape[-1]:
        warnings.warn(
            f"{place_name(name, worst)} sums to {shown(sums[worst])}: all rows were renormalised"
            " (pass exact rationals such as '1/3' to avoid it)",
            ModelNotice,
            stacklevel=5,
        )
        array = array / sums[..., None]
    return array


def _row_message(name: str, index: tuple[Any, ...], row: Array, total: Any, repair: str) -> str:
    entries = ", ".join(shown(e) for e in row[:8]) + (", ..." if len(row) > 8 else "")
    return (
        f"{place_name(name, index)} sums to {shown(total)}, expected 1 (row: {entries}). {repair}"
    )


def check_discount(gamma: Any, name: str) -> None:
    """Raise ModelError unless 0 <= gamma < 1 (floats and exact rationals)."""
    values = np.asarray(gamma)
    if values.dtype != np.float64 and not is_exact(values.astype(object)):
        return
    if values.dtype == np.float64:
        check_finite(values, name)
    if not ((values >= 0) & (values < 1)).all():
        raise ModelError(f"{name} is {shown_all(gamma)}, expected a discount in [0, 1)")


def shown_all(value: Any) -> str:
    """A number, or an array of them, as an error shows it."""
    return shown(value) if np.ndim(value) == 0 else shortened(str(value))


def frozen(array: Array) -> Array:
    """The array, read-only."""
    array.setflags(write=False)
    return array
