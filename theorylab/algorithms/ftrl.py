r"""Follow-the-Regularised-Leader over a product of simplices, on linear or linearised losses.

    x_{t+1} = argmin_x  <g_1 + ... + g_t, x> + R(x) / rate_{t+1}

`l2`: R = |x - centre|^2 / 2, closed form: the projection of centre - rate G. `entropy`: R = sum
over rows of KL(x || centre), closed form: centre exp(-rate G), normalised. R is 1-strongly convex
in |x|_2, respectively in sqrt(sum over rows of |x|_1^2), and at most R_max. Without a rate it
adapts, rate_{t+1} = sqrt(R_max / (G_max^2 + sum_{s<=t} |g_s|_*^2)); a dual norm above the declared
G_max is an error. Regret against any point, for convex losses with (sub)gradients g_t at x_t:

    R_max / rate_T + 1/2 sum_t rate_t |g_t|_*^2

which is at most 2 sqrt(R_max (G_max^2 + sum_t |g_t|_*^2)) for the adaptive rate.

Sources: Hazan (2016), chapter 5; McMahan (2017), Theorem 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from theorylab.algorithms.hedge import log_normalised
from theorylab.algorithms.simplex import checked_gradient, projected
from theorylab.algorithms.spaces import Floats
from theorylab.errors import InvalidArgument
from theorylab.worlds.checks import check_distribution, frozen

Regulariser = Literal["l2", "entropy"]


@dataclass(frozen=True, eq=False)
class Ftrl:
    """The state.

    centre, total: (..., n), the least point of R and the sum of gradients; largest: G_max, the
    declared bound of a gradient's dual norm; fixed: the rate, or None to adapt; squares: sum of
    |g|_*^2; spent: 1/2 sum of rate |g|_*^2.
    """

    centre: Floats
    total: Floats
    regulariser: Regulariser
    largest: float
    fixed: float | None = None
    squares: float = 0.0
    spent: float = 0.0

    @property
    def R_max(self) -> float:
        """The largest value of R on the product of simplices."""
        if self.regulariser == "entropy":
            return float(-np.log(self.centre.min(-1)).sum())
        norms = (self.centre**2).sum(-1) - 2 * self.centre.min(-1) + 1  # to the farthest vertex
        return float(norms.sum() / 2)

    @property
    def rate(self) -> float:
        """The rate of the next point."""
        if self.fixed is not None:
            return self.fixed
        if not self.R_max:
            return 1.0  # simplices of one point: nothing to choose
        return math.sqrt(self.R_max / (self.largest**2 + self.squares))


def ftrl(
    centre: ArrayLike,
    *,
    largest: float,
    regulariser: Regulariser = "l2",
    rate: float | None = None,
) -> Ftrl:
    """Before the first round: R is least at `centre` (..., n), rows of distributions.

    Raises: ModelError naming a row of centre that is no distribution; InvalidArgument for a bound
    or rate that is not above zero, or an entropy whose centre has a zero.
    """
    table = np.array(centre, dtype=np.float64)
    table = frozen(check_distribution(table, "centre", "Normalise the row."))
    if regulariser not in ("l2", "entropy"):
        raise InvalidArgument(f"ftrl: regulariser is {regulariser!r}, expected 'l2' or 'entropy'.")
    if regulariser == "entropy" and not (table > 0).all():
        place = tuple(int(i) for i in np.argwhere(~(table > 0))[0])
        raise InvalidArgument(
            f"ftrl: centre{list(place)} is 0, expected above 0: an entropy never leaves a zero."
        )
    for name, value in (("largest", largest), ("rate", 1.0 if rate is None else rate)):
        if not (math.isfinite(value) and value > 0):
            raise InvalidArgument(f"ftrl: {name} is {value}, expected a finite number above 0.")
    return Ftrl(table, frozen(np.zeros(table.shape)), regulariser, float(largest), rate)


def point(state: Ftrl) -> Floats:
    """x to play next, shape (..., n), rows of distributions."""
    moved = -state.rate * state.total
    if state.regulariser == "l2":
        return projected(state.centre + moved)
    return np.asarray(np.exp(log_normalised(np.log(state.centre) + moved)))


def updated(state: Ftrl, gradient: ArrayLike) -> Ftrl:
    """The state after the round whose loss has this (sub)gradient at the point that was played.

    Raises: InvalidArgument for another shape, NaN, or a dual norm above the declared bound.
    """
    g = checked_gradient(gradient, state.centre)
    square = dual_square(state.regulariser, g)
    if square > (state.largest * (1 + 1e-9)) ** 2:
        raise InvalidArgument(
            f"ftrl: the gradient's dual norm is {math.sqrt(square)}, expected at most the declared"
            f" {state.largest}. Rescale the losses, or declare a larger bound."
        )
    return replace(
        state,
        total=frozen(state.total + g),
        squares=state.squares + square,
        spent=state.spent + state.rate * square / 2,
    )


def dual_square(regulariser: Regulariser, g: Floats) -> float:
    """|g|_*^2: the sum of squares, or the sum over rows of the largest square."""
    return float((g**2).sum() if regulariser == "l2" else (np.abs(g).max(-1) ** 2).sum())


def regret_bound(state: Ftrl) -> float:
    """R_max / rate + 1/2 sum rate_t |g_t|_*^2 for the rounds played, in the losses' unit."""
    return state.R_max / state.rate + state.spent
