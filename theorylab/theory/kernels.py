r"""Integral operators of kernels: T_k on finite spaces exactly, on an interval by Nystrom's method.

    T_k f (x) = sum_x' k(x, x') f(x') w(x')           w = the measure's weights (LV-Rep, Remark 6)

With weights 1 (counting measure) T_k is the kernel's table. On an interval or under a normal law
the weights are those of a Gauss rule, for a sample 1 / n; the eigenvalues of w^{1/2} k w^{1/2} then
tend to those of T_k.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, inf, sup
from theorylab.errors import InvalidArgument
from theorylab.worlds.checks import check_array, table, to_float
from theorylab.worlds.kernels import Kernel, check_gram, gram


def integral_operator(k: Array, weights: Array) -> Array:
    """The matrix of T_k on functions of the n points, shapes (n, n), (n,) to (n, n)."""
    return np.asarray(k * weights[None, :])


def weighted(f: Array, g: Array, weights: Array) -> Array:
    """<f, g>_{L2(w)}, shapes (..., n) to (...)."""
    return np.asarray((f * g * weights).sum(-1))[()]


def least_square(f: Array, weights: Array, roots: Array, basis: Array) -> Array:
    """sum_i <f, e_i>^2 / mu_i with mu_i = roots_i^2: the square of ||f||_{H_k}; e_i are columns."""
    coefficients = basis.T @ (weights * f)
    return np.asarray((coefficients * coefficients / (roots * roots)).sum())[()]


# ---- covering ----------------------------------------------------------------------------------


def entropy_number(distances: Array, centres: Sequence[int], i: int) -> Any:
    """The i-th dyadic entropy number e_i: the least radius at which 2^(i-1) balls or fewer cover.

    distances (n, m) from n points to m places; centres are the places that balls may have.
    By all subsets, so for small sets; needs no comparison, so for balls, too.
    """
    whole = isinstance(i, int | np.integer) and not isinstance(i, bool)
    if not whole or i < 1 or not len(centres):
        raise InvalidArgument(
            f"i is {i!r} and there are {len(centres)} centres, expected integers of 1 or more"
        )
    size = min(2 ** (i - 1), len(centres))
    radii = [sup(inf(distances[:, list(s)], axis=1)) for s in combinations(centres, size)]
    return inf(np.stack(radii))


# ---- Nystrom -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Nystrom:
    """Eigenvalues (n,), largest first, at so many nodes, and how far they may be off (n,).

    `error` is an estimate, not a proof, and does not fall with the index. Eigenvalues below it are
    inconclusive: `known` counts those that are not. Where it is 0 the nodes are too few for the
    kernel's scale: two resolutions may then agree, and both be wrong.
    """

    nodes: int
    values: Array
    error: Array

    @property
    def known(self) -> int:
        """How many leading eigenvalues are at least ten times their error."""
        unsure = np.flatnonzero(self.values < 10 * self.error)
        return int(unsure[0]) if len(unsure) else len(self.values)


Rule = Callable[[int], tuple[Array, Array]]
"""Points (m, 1) and weights (m,) that stand for a measure, for any number of nodes m."""


def interval_rule(
    low: float = 0.0, high: float = 1.0, density: Callable[[Array], Array] | None = None
) -> Rule:
    """Gauss and Legendre's on [low, high] for a density (m,) to (m,), by default Lebesgue's.

    Raises InvalidArgument unless low < high are finite.
    """
    if not _are_numbers(low, high) or not -np.inf < low < high < np.inf:
        raise InvalidArgument(f"the interval is [{low}, {high}], expected low < high, both finite")

    def rule(m: int) -> tuple[Array, Array]:
        x, w = np.polynomial.legendre.leggauss(m)
        points, weights = low + (high - low) * (x + 1) / 2, w * (high - low) / 2
        return points[:, None], weights if density is None else weights * density(points)

    return rule


def normal_rule(deviation: float = 1.0) -> Rule:
    """Gauss and Hermite's for the normal law of mean 0.

    Raises InvalidArgument unless the deviation is above 0 and finite.
    """
    if not _are_numbers(deviation) or not 0 < deviation < np.inf:
        raise InvalidArgument(f"deviation is {deviation!r}, expected a number above 0")

    def rule(m: int) -> tuple[Array, Array]:
        x, w = np.polynomial.hermite_e.hermegauss(m)
        return deviation * x[:, None], w / w.sum()

    return rule


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(it, int | float | np.integer | np.floating) for it in values)


def nystrom(kernel: Kernel, nodes: int, low: float = 0.0, high: float = 1.0) -> Nystrom:
    """Eigenvalues of T_k on [low, high], Lebesgue measure, by Gauss-Legendre nodes.

    Raises InvalidArgument unless nodes is an even integer >= 4 and low < high.
    """
    return nystrom_by(kernel, interval_rule(low, high), nodes)


def nystrom_by(kernel: Kernel, rule: Rule, nodes: int) -> Nystrom:
    """Eigenvalues of T_k for the measure of a rule; `error` from half the nodes.

    error_i is the largest change of the first i eigenvalues, plus rounding: a change alone passes
    through 0 where the two resolutions cross, far from the truth. Raises InvalidArgument unless
    nodes is an even integer >= 4, ModelError for a kernel that is none on the nodes.
    """
    if type(nodes) is not int or nodes < 4 or nodes % 2:
        raise InvalidArgument(f"nodes is {nodes!r}, expected an even integer of at least 4")
    half = nodes // 2
    fine, coarse = (_eigenvalues(kernel, rule, m) for m in (nodes, half))
    rounding = nodes * np.finfo(float).eps * fine[0]
    change = np.maximum.accumulate(np.abs(fine[:half] - coarse))
    return Nystrom(nodes, fine[:half], change + rounding)


def _eigenvalues(kernel: Kernel, rule: Rule, m: int) -> Array:
    points, weights = rule(m)
    return sample_eigenvalues(gram(kernel, points), weights)


def nystrom_of_sample(kernel: Kernel, points: Array) -> Nystrom:
    """Eigenvalues of T_k for a law of which points (n, d) are independent draws; floats.

    To first order an eigenvalue's error is the mean of mu_i (e_i(x)^2 - 1) over the draws, to
    second order a bias that halves of the sample have twice, and their mean keeps. error_i is three
    standard errors of the first, plus the second, each the largest of the first i. Shapes of values
    and error (n // 2,). Raises InvalidArgument for fewer than four draws.
    """
    draws = to_float(table(points, "points"))
    if draws.ndim != 2 or len(draws) < 4:
        raise InvalidArgument(f"points have shape {draws.shape}, expected (n, d), n at least 4")
    half = len(draws) // 2
    n, drawn = 2 * half, draws[: 2 * half]
    k = gram(kernel, drawn)
    check_gram(k)
    values, vectors = np.linalg.eigh(k / n)
    values, vectors = values[::-1][:half], vectors[:, ::-1][:, :half]
    spread = 3 * np.abs(values) * (n * vectors**2).std(axis=0) / np.sqrt(n)
    halves = [np.linalg.eigvalsh(it / half)[::-1] for it in (k[:half, :half], k[half:, half:])]
    bias = np.abs((halves[0] + halves[1]) / 2 - values)
    error = np.maximum.accumulate(spread) + np.maximum.accumulate(bias)
    return Nystrom(n, values, error + n * np.finfo(float).eps * values[0])


def sample_bound(n: int, largest: float, delta: float) -> float:
    """2 sqrt(2 log(2 / delta) / n) sup k(x, x): what, with probability 1 - delta, all eigenvalues
    of n independent draws are off by at most (Rosasco, Belkin and De Vito 2010, Theorem 7)."""
    if type(n) is not int or n < 1:
        raise InvalidArgument(f"n is {n!r}, expected an integer of at least 1")
    if not (_are_numbers(largest, delta) and 0 < delta < 1 and 0 < largest < np.inf):
        raise InvalidArgument(
            f"largest is {largest!r} and delta {delta!r}, expected above 0 and between 0 and 1"
        )
    return float(2 * largest * np.sqrt(2 * np.log(2 / delta) / n))


def sample_eigenvalues(k: Array, weights: Array) -> Array:
    """Eigenvalues of T_k for any measure on finitely many points (a grid or a sample), floats.

    Shapes (n, n), (n,) to (n,), largest first. Raises ModelError for a table that is no kernel's,
    InvalidArgument for weights that are negative or of another length.
    """
    check_gram(k)
    check_array(weights, "weights")
    k, weights = to_float(k), to_float(weights)
    if weights.shape != k.shape[:1] or not ((weights >= 0) & (weights < np.inf)).all():
        raise InvalidArgument(
            f"weights have shape {weights.shape} and least entry {weights.min(initial=np.inf):g},"
            f" expected {k.shape[:1]}, finite and at least 0"
        )
    root = np.sqrt(weights)
    return np.asarray(np.linalg.eigvalsh(root[:, None] * k * root)[::-1])
