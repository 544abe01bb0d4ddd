r"""Kernels on R^d: linear, polynomial, Gaussian, Matern (LV-Rep, Definition 12).

A kernel is called with points x (m, d) and y (n, d) and gives the table k(x_i, y_j), shape (m, n),
in the points' number system: the linear and polynomial kernels are rational, the others need exp.
A Matern kernel of half-integer smoothness p + 1/2 is exp(-r) times a polynomial in r,
r = sqrt(2 nu) ||x - x'|| / l; any other smoothness is for floats only (scipy's Bessel function).
The seed lost a bar: k = 2^(1-nu) / Gamma(nu) r^nu B_nu(r), which is 1 at r = 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import flint
import numpy as np

from theorylab.arithmetic import Array, as_array, exp, inverse, sqrt
from theorylab.errors import InvalidArgument, ModelError, Unsupported
from theorylab.worlds.checks import check_array, check_finite, is_exact, place_name, shown
from theorylab.worlds.definite import check_semidefinite, check_symmetric


class Kernel(Protocol):
    """Anything that gives a table k(x_i, y_j) of points (m, d) and (n, d)."""

    def __call__(self, x: Array, y: Array) -> Array:
        """The table (m, n)."""


@dataclass(frozen=True)
class LinearKernel:
    """k(x, x') = x'x."""

    def __call__(self, x: Array, y: Array) -> Array:
        """The table (m, n) of inner products."""
        _check_points(x, y)
        return np.asarray(x @ y.T)


@dataclass(frozen=True)
class PolynomialKernel:
    """k(x, x') = (1 + x'x)^degree. Raises InvalidArgument unless the degree is an integer >= 1."""

    degree: int

    def __post_init__(self) -> None:
        whole = isinstance(self.degree, int) and not isinstance(self.degree, bool)
        if not whole or self.degree < 1:
            raise InvalidArgument(
                f"PolynomialKernel.degree is {self.degree!r}, expected a positive integer"
            )

    def __call__(self, x: Array, y: Array) -> Array:
        """The table (m, n)."""
        _check_points(x, y)
        return np.asarray((1 + x @ y.T) ** self.degree)


@dataclass(frozen=True)
class GaussianKernel:
    """k(x, x') = exp(-||x - x'||^2 / scale^2). Raises InvalidArgument unless the scale is > 0.

    The other usual reading, / (2 scale^2), is this one with another scale.
    """

    scale: Any

    def __post_init__(self) -> None:
        _check_positive("GaussianKernel.scale", self.scale)

    def __call__(self, x: Array, y: Array) -> Array:
        """The table (m, n)."""
        return np.asarray(exp(-squared_distances(x, y) / (self.scale * self.scale)))


@dataclass(frozen=True)
class MaternKernel:
    """The Matern kernel of a smoothness nu ("1/2", "3/2", ... or a float) and a scale l.

    Raises InvalidArgument unless both are > 0.
    """

    smoothness: str | float
    scale: Any

    def __post_init__(self) -> None:
        _check_positive("MaternKernel.smoothness", self.nu)
        _check_positive("MaternKernel.scale", self.scale)

    @property
    def nu(self) -> Fraction | float:
        """The smoothness as a number."""
        try:
            return Fraction(self.smoothness)
        except (ValueError, TypeError, OverflowError, ZeroDivisionError):
            raise InvalidArgument(
                f"MaternKernel.smoothness is {self.smoothness!r}, expected a number such as '3/2'"
            ) from None

    def __call__(self, x: Array, y: Array) -> Array:
        """The table (m, n)."""
        nu = Fraction(self.nu)
        squares = squared_distances(x, y) * (2 * nu).numerator / (2 * nu).denominator
        r = sqrt(squares) / self.scale
        if nu.denominator == 2:
            return np.asarray(exp(-r) * _matern_polynomial(int(nu - Fraction(1, 2)), r))
        return _bessel_form(float(nu), r)


def _matern_polynomial(p: int, r: Array) -> Array:
    """p! / (2p)! sum_i (p + i)! / (i! (p - i)!) (2r)^(p - i): exp(-r) times it is the kernel."""
    total = 0 * r
    for i in range(p + 1):
        weight = math.factorial(p + i) // (math.factorial(i) * math.factorial(p - i))
        total = total + weight * 2 ** (p - i) * r ** (p - i)
    return np.asarray(total * math.factorial(p) / math.factorial(2 * p))


def _bessel_form(nu: float, r: Array) -> Array:
    from scipy.special import gammaln, kve

    if r.dtype != np.float64:
        raise Unsupported(f"the Matern kernel of smoothness {nu:g} is for floats: give p + 1/2")
    safe = np.where(r == 0, 1.0, r)
    with np.errstate(divide="ignore"):
        power = (1 - nu) * np.log(2) - gammaln(nu) + nu * np.log(safe)
        found = np.exp(power + np.log(kve(nu, safe)) - safe)
    if not np.isfinite(found).all():
        raise Unsupported(f"the Matern kernel of smoothness {nu:g} overflows: take the Gaussian")
    return np.asarray(np.where(r == 0, 1.0, found))


def polynomial_rank(d: int, degree: int) -> int:
    """C(d + degree, degree): the number of monomials of at most this degree in d variables."""
    return math.comb(d + degree, degree)


def squared_distances(x: Array, y: Array) -> Array:
    """||x_i - y_j||^2, shapes (m, d) and (n, d) to (m, n)."""
    _check_points(x, y)
    gaps = x[:, None, :] - y[None, :, :]
    return np.asarray((gaps * gaps).sum(-1))


def gram(kernel: Kernel, points: Array) -> Array:
    """The kernel's table on its own points, shape (m, d) to (m, m)."""
    return kernel(as_array(points), as_array(points))


# ---- bad input -------------------------------------------------------------------------------


def _check_points(x: Array, y: Array) -> None:
    for name, points in (("x", x), ("y", y)):
        check_array(points, f"kernel points {name}")
        if np.ndim(points) != 2:
            raise ModelError(f"kernel points {name} have shape {np.shape(points)}, expected (m, d)")
        check_finite(points, f"kernel points {name}")
    if x.shape[1] != y.shape[1]:
        raise ModelError(
            f"kernel points x have dimension {x.shape[1]} and y {y.shape[1]}, expected the same"
        )


def is_positive_number(value: Any) -> bool:
    """Whether it is a number above 0 and finite; elements of other number systems pass."""
    if isinstance(value, float | np.floating):
        return bool(0 < value < math.inf)
    if isinstance(value, int | Fraction | flint.fmpq | np.integer):
        return not isinstance(value, bool) and bool(value > 0)
    return hasattr(value, "__mul__") and not isinstance(value, str | np.bool_ | list | complex)


def _check_positive(name: str, value: Any) -> None:
    if not is_positive_number(value):
        raise InvalidArgument(f"{name} is {value!r}, expected a number above 0")


def check_gram(K: Array, name: str = "gram") -> None:
    """Raise ModelError unless a table is a kernel's: square, symmetric, no negative eigenvalue."""
    check_array(K, name)
    if K.ndim != 2 or K.shape[0] != K.shape[1] or not K.size:
        raise ModelError(f"{name} has shape {K.shape}, expected (Z, Z) with Z at least 1")
    check_finite(K, name)
    check_symmetric(K, name)
    check_semidefinite(K, name, "no negative one: a kernel is positive semidefinite")


def rank(K: Array) -> int:
    """The rank of an exact table, by elimination over the rationals."""
    if not is_exact(K):
        raise ModelError("rank needs a table of exact rationals: floats have no certain rank")
    return int(flint.fmpq_mat([[flint.fmpq(1) * e for e in row] for row in K]).rank())


def check_in_range(vectors: Array, K: Array, name: str = "latents") -> None:
    """Raise ModelError at a vector (..., Z) outside the range of K: its H_k norm is infinite."""
    whole = rank(K)
    for index in np.ndindex(*vectors.shape[:-1]):
        if rank(np.vstack([K, vectors[index][None]])) > whole:
            raise ModelError(
                f"{place_name(name, index)} is not in the range of the kernel (rank {whole} of"
                f" {len(K)}): its H_k norm is infinite. Take a kernel of full rank."
            )


def check_normalised(latents: Array, K: Array) -> None:
    """Raise ModelError unless ||p(. | s, a)||_{H_k} <= 1 for all pairs (Assumption 2)."""
    check_in_range(latents, K)
    weight = inverse(K)
    squares = (latents * (latents @ weight)).sum(-1)
    worst = max(np.ndindex(*squares.shape), key=lambda index: squares[index])
    if squares[worst] > 1:
        raise ModelError(
            f"||{place_name('latents', worst)}||^2 in H_k is {shown(squares[worst])}, expected at"
            f" most 1. Scale K by {shown(squares[worst])} (its trace then is"
            f" {shown(squares[worst] * np.trace(K))})."
        )
