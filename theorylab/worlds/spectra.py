r"""Kernels whose spectrum is known: k = sum_i mu_i e_i e_i' with exact eigenvalues and basis.

Orthonormal bases are Cayley transforms (I - A)(I + A)^{-1} of skew matrices A, so they are rational
where A is. A = u v' - v u' is every skew matrix up to dimension 3.

Eigendecays (LV-Rep, Assumption 4): finite, mu_i = 0 for i > beta; polynomial, C_0 i^-beta with
beta > 1; exponential, C_1 exp(-C_2 i^beta) with beta > 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import Array, identity, inverse
from theorylab.errors import InvalidArgument, ModelError
from theorylab.worlds.checks import check_array, check_finite, is_exact, shown
from theorylab.worlds.kernels import is_positive_number


def cayley(u: Array, v: Array) -> Array:
    """The orthogonal matrix (I - A)(I + A)^{-1}, A = u v' - v u'; its columns are the basis.

    Shapes (n,), (n,) to (n, n). I + A is never singular.
    """
    skew = u[:, None] * v[None, :] - v[:, None] * u[None, :]
    one = np.eye(len(u)) if skew.dtype == np.float64 else identity(len(u))
    return np.asarray((one - skew) @ inverse(one + skew))


def spectral(values: Array, basis: Array) -> Array:
    """sum_i mu_i e_i e_i', the columns of `basis` being e_i. Shapes (n,), (n, n) to (n, n)."""
    return np.asarray((basis * values) @ basis.T)


@dataclass(frozen=True, eq=False)
class KnownSpectrum:
    """A kernel on n points by its eigenvalues mu, largest first, and orthonormal e_i (columns).

    Shapes: values (n,), basis (n, n). Raises ModelError for eigenvalues that are negative or not
    sorted, and for a basis that is not orthonormal.
    """

    values: Array
    basis: Array

    def __post_init__(self) -> None:
        check_spectrum(self.values)
        n = len(self.values)
        check_array(self.basis, "basis")
        if self.basis.shape != (n, n):
            raise ModelError(f"basis has shape {self.basis.shape}, expected (n, n) = {(n, n)}")
        off = self.basis.T @ self.basis - np.eye(n, dtype=int)
        rounding = 0 if is_exact(self.basis) else 1e-10
        if (abs(off) > rounding).any():
            i, j = (int(k) for k in np.argwhere(abs(off) > rounding)[0])
            found = self.basis[:, i] @ self.basis[:, j]
            raise ModelError(
                f"basis columns {i} and {j} have inner product {shown(found)},"
                f" expected {int(i == j)}. Make one by cayley(u, v)."
            )

    @property
    def kernel(self) -> Array:
        """The table k(x, x'), shape (n, n)."""
        return spectral(self.values, self.basis)

    def power(self, exponent: int) -> Array:
        """T_k^exponent, an integer power; a negative one needs a spectrum without zeros."""
        if exponent < 0 and (self.values == 0).any():
            index = int(np.flatnonzero(self.values == 0)[0])
            raise ModelError(f"values[{index}] is 0: T_k has no power {exponent}. Leave zeros out.")
        return spectral(self.values**exponent, self.basis)


def check_spectrum(values: Array, trace: Any = None, most: int | None = None) -> None:
    """Raise ModelError unless eigenvalues are >= 0, sorted, and (where given) sum to at most
    `trace` and are at most so many."""
    check_array(values, "values")
    check_finite(values, "values")
    if values.ndim != 1 or not len(values):
        raise ModelError(f"values have shape {values.shape}, expected (n,) with n at least 1")
    if most is not None and len(values) > most:
        raise ModelError(f"values are {len(values)}, expected at most |Z| = {most}")
    for i, value in enumerate(values):
        if not value >= 0:
            raise ModelError(f"values[{i}] is {shown(value)}, expected an eigenvalue >= 0")
        if i and value > values[i - 1]:
            raise ModelError(
                f"values[{i}] is {shown(value)}, above values[{i - 1}] = {shown(values[i - 1])}:"
                " expected the largest first. Sort them."
            )
    if trace is not None and values.sum() > trace:
        raise ModelError(
            f"the trace is {shown(values.sum())}, expected at most {shown(trace)}. Divide it"
            f" by {shown(values.sum() / trace)}."
        )


# ---- eigendecays -------------------------------------------------------------------------------


def finite_decay(beta: int, n: int) -> Array:
    """mu_i = 1/beta for i <= beta, 0 beyond: exact, shape (n,)."""
    _check_count("beta", beta)
    _check_count("n", n)
    return np.array([flint.fmpq(int(i < beta), beta) for i in range(n)])


def polynomial_decay(C0: Any, beta: Any, n: int) -> Array:
    """mu_i = C_0 i^-beta, i = 1, ..., n; exact where C_0 and beta are (beta an integer)."""
    _check_constant("C0", C0)
    _check_count("n", n)
    if not is_positive_number(beta) or not beta > 1:
        raise InvalidArgument(
            f"beta is {beta!r}, expected a number above 1: the sum of i^-beta diverges"
        )
    if type(beta) is int and not isinstance(C0, float):
        return np.array([C0 * flint.fmpq(1, i**beta) for i in range(1, n + 1)])
    return np.asarray(float(C0) * np.arange(1.0, n + 1) ** -float(beta))


def exponential_decay(C1: Any, C2: Any, beta: Any, n: int) -> Array:
    """mu_i = C_1 exp(-C_2 i^beta), i = 1, ..., n, in floats."""
    _check_constant("C1", C1)
    _check_constant("C2", C2)
    _check_constant("beta", beta)
    _check_count("n", n)
    return np.asarray(float(C1) * np.exp(-float(C2) * np.arange(1.0, n + 1) ** float(beta)))


def _check_constant(name: str, value: Any) -> None:
    if not is_positive_number(value):
        raise InvalidArgument(f"{name} is {value!r}, expected a number above 0")


def _check_count(name: str, value: Any) -> None:
    if type(value) is not int or value < 1:
        raise InvalidArgument(f"{name} is {value!r}, expected a positive integer")


def by_decreasing(weights: Array) -> Array:
    """Eigenvalues with the same sum, largest first: mu_i = sum_{j >= i} weights_j / j.

    Every sorted spectrum is of this kind, for weights >= 0; needs no comparison. Shape (n,).
    """
    shares = weights / np.arange(1, len(weights) + 1)
    return np.asarray(np.cumsum(shares[::-1])[::-1])
