"""Symmetric, positive semidefinite and positive definite tables: checks that name the matrix.

Exact rationals are decided exactly, by elimination; floats by eigenvalues, with a tolerance for
rounding. Tables of another number system (a prime field, balls, lanes) are taken as they are: the
points they stand for are checked where they are drawn.
"""

from __future__ import annotations

import flint
import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import ModelError
from theorylab.worlds.checks import is_exact, place_name, shown, to_float

ASYMMETRY = 1e-9
ONE = flint.fmpq(1)
ROUNDING = 1e-10
"""What floats may miss, relative to the largest entry."""


def is_decided(table: Array) -> bool:
    """Whether signs of this table's entries can be decided: floats and exact rationals."""
    return table.dtype == np.float64 or is_exact(table)


def check_symmetric(table: Array, name: str) -> None:
    """Raise ModelError at the first pair of mirrored entries that differ. Shape (..., n, n)."""
    mirrored = np.swapaxes(table, -1, -2)
    if table.dtype == np.float64:
        wrong = np.abs(table - mirrored) > ASYMMETRY * np.abs(table).max(initial=0.0)
    else:
        wrong = np.asarray(table != mirrored, dtype=bool)
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        mirror = (*index[:-2], index[-1], index[-2])
        raise ModelError(
            f"{place_name(name, index)} is {shown(table[index])} and {place_name(name, mirror)} is"
            f" {shown(table[mirror])}, expected a symmetric matrix. Pass (M + M') / 2."
        )


def is_semidefinite(matrix: Array, *, strictly: bool = False) -> bool:
    """Whether a symmetric matrix (n, n) of rationals or floats has no negative eigenvalue.

    `strictly`: none that is zero either.
    """
    if matrix.dtype == np.float64:
        return _float_semidefinite(matrix, strictly)
    rows = [[e * ONE for e in row] for row in matrix]
    while rows:
        pivot, rest = rows[0][0], rows[0][1:]
        if pivot < 0 or (pivot == 0 and (strictly or any(e != 0 for e in rest))):
            return False
        rows = [
            [
                e - row[0] * x / pivot if pivot != 0 else e
                for e, x in zip(row[1:], rest, strict=True)
            ]
            for row in rows[1:]
        ]
    return True


def _float_semidefinite(matrix: Array, strictly: bool) -> bool:
    slack = ROUNDING * np.abs(matrix).max(initial=0.0)
    least = least_eigenvalue(matrix)
    return bool(least > slack if strictly else least >= -slack)


def least_eigenvalue(matrix: Array) -> float:
    """The least eigenvalue of a symmetric matrix, in floats."""
    values = np.linalg.eigvalsh(to_float(matrix)) if len(matrix) else np.zeros(1)
    return float(values[0])


def check_semidefinite(table: Array, name: str, expected: str = "no negative eigenvalue") -> None:
    """Raise ModelError naming the first matrix of (..., n, n) with a negative eigenvalue."""
    _check(table, name, expected, strictly=False)


def check_definite(table: Array, name: str) -> None:
    """Raise ModelError naming the first matrix of (..., n, n) that is not positive definite."""
    _check(table, name, "a positive definite matrix", strictly=True)


def check_covariance(table: Array, name: str) -> None:
    """Raise ModelError naming the first matrix of (..., n, n) that is no covariance."""
    check_semidefinite(table, name, "a covariance matrix, which has no negative eigenvalue")


def _check(table: Array, name: str, expected: str, *, strictly: bool) -> None:
    if not is_decided(table):
        return
    for index in np.ndindex(*table.shape[:-2]):
        if not is_semidefinite(table[index], strictly=strictly):
            least = least_eigenvalue(table[index])
            raise ModelError(
                f"{place_name(name, index)} has the eigenvalue {least:.6g}, expected {expected}."
            )
