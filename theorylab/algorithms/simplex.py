r"""Euclidean projection onto the simplex, and online projected gradient over products of simplices.

    Pi(y) = argmin_{x in simplex} |x - y|^2 = (y - tau)_+,  tau such that the sum is one
    x_{t+1} = Pi(x_t - rate_t g_t),   rate_t = D / sqrt(2 sum_{s<=t} |g_s|^2),   D^2 = 2 rows

For convex losses with (sub)gradients g_t at x_t the regret against any point is at most

    D^2 / (2 rate_T) + 1/2 sum_t rate_t |g_t|^2  <=  D sqrt(2 sum_t |g_t|^2).

Sources: Held, Wolfe & Crowder (1974); Zinkevich (2003); Streeter & McMahan (2010) for the rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theorylab.algorithms.spaces import Floats
from theorylab.errors import InvalidArgument
from theorylab.worlds.checks import check_distribution, check_finite, frozen


def projected(rows: ArrayLike) -> Floats:
    """The nearest point of the simplex to each row (last axis), by sorting.

    Raises: InvalidArgument naming an entry that is not finite, or for a last axis of length 0.
    """
    table = np.asarray(rows, dtype=np.float64)
    if table.ndim == 0 or table.shape[-1] == 0:
        raise InvalidArgument(f"rows has shape {table.shape}, expected (..., n) with n at least 1.")
    check_finite(table, "rows")
    table = table - table.max(-1, keepdims=True)  # a constant moves no projection; keeps the digits
    falling = -np.sort(-table, -1)
    excess = np.cumsum(falling, -1) - 1
    count = np.arange(1, table.shape[-1] + 1)
    support = (falling * count > excess).sum(-1, keepdims=True)
    tau = np.take_along_axis(excess, support - 1, -1) / support
    return np.asarray(np.maximum(table - tau, 0.0))


@dataclass(frozen=True, eq=False)
class ProjectedGradient:
    """The state: the point (..., n) to play, sum of |g|^2, and the bound's second term so far."""

    point: Floats
    squares: float = 0.0
    spent: float = 0.0

    @property
    def rows(self) -> int:
        """The number of simplices."""
        return int(self.point[..., 0].size)

    @property
    def rate(self) -> float:
        """The rate of the last step, in points per gradient; infinite before the first."""
        return float(np.sqrt(self.rows / self.squares)) if self.squares else np.inf


def projected_gradient(start: ArrayLike) -> ProjectedGradient:
    """Before the first round, at `start` (..., n): rows of distributions.

    Raises: ModelError naming the row that is none.
    """
    table = np.array(start, dtype=np.float64)
    return ProjectedGradient(frozen(check_distribution(table, "start", "Normalise the row.")))


def stepped(state: ProjectedGradient, gradient: ArrayLike) -> ProjectedGradient:
    """The state after the round whose loss has this (sub)gradient, of the point's shape."""
    g = checked_gradient(gradient, state.point)
    square = float((g**2).sum())
    if not square:
        return state
    total = state.squares + square
    rate = np.sqrt(state.rows / total)
    point = frozen(projected(state.point - rate * g))
    return ProjectedGradient(point, total, state.spent + rate * square / 2)


def regret_bound(state: ProjectedGradient) -> float:
    """D^2 / (2 rate_T) + 1/2 sum rate_t |g_t|^2 for the rounds played, in the losses' unit."""
    return state.rows / state.rate + state.spent


def checked_gradient(gradient: ArrayLike, point: Floats) -> Floats:
    """The gradient as floats; InvalidArgument for another shape than the point's or NaN."""
    g = np.asarray(gradient, dtype=np.float64)
    if g.shape != point.shape:
        raise InvalidArgument(f"gradient has shape {g.shape}, expected the point's {point.shape}.")
    check_finite(g, "gradient")
    return g
