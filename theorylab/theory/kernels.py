r"""Integral operators of kernels: T_k on finite spaces exactly, on an interval by Nystrom's method.

    T_k f (x) = sum_x' k(x, x') f(x') w(x')           w = the measure's weights (LV-Rep, Remark 6)

With weights 1 (counting measure) T_k is the kernel's table. On [low, high] the weights are those of
a Gauss-Legendre rule; the eigenvalues of w^{1/2} k w^{1/2} then tend to those of T_k.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, inf, sup
from theorylab.errors import InvalidArgument
from theorylab.worlds.checks import check_array, to_float
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
    if i < 1 or not len(centres):
        raise InvalidArgument(f"i is {i} and there are {len(centres)} centres, expected 1 or more")
    size = min(2 ** (i - 1), len(centres))
    radii = [sup(inf(distances[:, list(s)], axis=1)) for s in combinations(centres, size)]
    return inf(np.stack(radii))


# ---- Nystrom -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Nystrom:
    """Eigenvalues (n,), largest first, at so many nodes, and how far they may be off (n,).

    `error` is the change from half the nodes plus rounding: an estimate, not a proof. Eigenvalues
    below it are inconclusive: `known` counts those that are not.
    """

    nodes: int
    values: Array
    error: Array

    @property
    def known(self) -> int:
        """How many leading eigenvalues are at least ten times their error."""
        unsure = np.flatnonzero(self.values < 10 * self.error)
        return int(unsure[0]) if len(unsure) else len(self.values)


def nystrom(kernel: Kernel, nodes: int, low: float = 0.0, high: float = 1.0) -> Nystrom:
    """Eigenvalues of T_k on [low, high], Lebesgue measure, by Gauss-Legendre nodes.

    Raises InvalidArgument unless nodes is an even integer >= 4 and low < high.
    """
    if type(nodes) is not int or nodes < 4 or nodes % 2:
        raise InvalidArgument(f"nodes is {nodes!r}, expected an even integer of at least 4")
    if not -np.inf < low < high < np.inf:
        raise InvalidArgument(f"the interval is [{low}, {high}], expected low < high, both finite")
    fine, coarse = (_eigenvalues(kernel, m, low, high) for m in (nodes, nodes // 2))
    half = nodes // 2
    rounding = nodes * np.finfo(float).eps * fine[0]
    return Nystrom(nodes, fine[:half], np.abs(fine[:half] - coarse) + rounding)


def _eigenvalues(kernel: Kernel, m: int, low: float, high: float) -> Array:
    x, w = np.polynomial.legendre.leggauss(m)
    points, weights = low + (high - low) * (x + 1) / 2, w * (high - low) / 2
    return sample_eigenvalues(gram(kernel, points[:, None]), weights)


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
