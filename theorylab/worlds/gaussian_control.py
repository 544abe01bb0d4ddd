r"""Stochastic control with Gaussian noise on grids (LV-Rep, Section 3, after Ren et al., 2022b).

The latent value is f(s, a) with half of the noise, the next state the latent value with the other:

    p(z | s, a) ~ exp(-c |z - f(s, a)|^2 / sigma^2),  p(s' | z) ~ exp(-c |s' - z|^2 / sigma^2),

each of variance sigma^2 / (2c), so that s' has the law N(f(s, a), sigma^2 / c): c = 1 gives T* of
the paper, the printed c = 2 half its variance. In one dimension, on m points that are 5/2 sigma /
sqrt(m) apart and centred at 0: half their width is 5/4 sqrt(m) sigma, so that what is cut off and
what the sums miss of the integrals fall alike, like exp(-0.79 m).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, exp, l1_norm
from theorylab.errors import InvalidArgument
from theorylab.worlds.latent_variable import LatentVariableModel


def centred_grid(n: int, one: Any = 1.0) -> Array:
    """m = 4 n^2 points 5 (2k + 1 - m) / (8n) in units of sigma, shape (m,), in the number system of
    `one`, a 1. Raises InvalidArgument for n that is no integer of at least 1.
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise InvalidArgument(f"centred_grid: n is {n!r}, expected an integer of at least 1")
    m = 4 * n * n
    return np.asarray(np.array([5 * (2 * k + 1 - m) for k in range(m)]) * (one / (8 * n)))


def row(points: Array, mean: Any, rate: Any) -> Array:
    """exp(-rate (x - mean)^2) on the points, normalised; shape (m,)."""
    weights = exp(-rate * (points - mean) ** 2)
    return np.asarray(weights / weights.sum())


def rows(points: Array, means: Array, rate: Any) -> Array:
    """The same for many means (k,), shape (k, m)."""
    weights = exp(-rate * (points - means[:, None]) ** 2)
    return np.asarray(weights / weights.sum(-1, keepdims=True))


def emission_rows(points: Array, rate: Any) -> Array:
    """`rows` with the points themselves as means, which are equally spaced; shape (m, m)."""
    places = np.arange(len(points))
    weights = exp(-rate * (points - points[0]) ** 2)[np.abs(places[:, None] - places)]
    return np.asarray(weights / weights.sum(-1, keepdims=True))


def through_latents(points: Array, mean: Any, rate: Any) -> Array:
    """sum_z p(z) p(s' | z) of one f(s, a), latents and states on the points; shape (m,)."""
    return np.asarray(row(points, mean, rate) @ emission_rows(points, rate))


def distance_to_normal(points: Array, mean: Any, rate: Any, variance: Any) -> Any:
    """The l1 distance of `through_latents` to N(mean, variance) on the points, normalised there."""
    gap = through_latents(points, mean, rate) - row(points, mean, 1 / (2 * variance))
    return l1_norm(gap)


def limit_distance(ratio: float) -> float:
    """The l1 distance of N(0, ratio v) and N(0, v), in closed form; InvalidArgument at ratio <= 0.

    Both densities cross at x^2 = v log(ratio) ratio / (ratio - 1).
    """
    if not ratio > 0:
        raise InvalidArgument(f"limit_distance: ratio is {ratio!r}, expected a number above 0")
    if ratio == 1:
        return 0.0
    crossing = math.sqrt(math.log(ratio) * ratio / (ratio - 1) / 2)
    return 2 * abs(math.erf(crossing / math.sqrt(ratio)) - math.erf(crossing))


@dataclass(frozen=True)
class GaussianControl:
    """s' = f(s, a) + N(0, 1 / rate), f(s, a) = decay s + pushes[a]; a state is a number, sigma = 1.

    The reward is exp(-s^2 / 2) per step. `model(n)` has m = 4 n^2 states and as many latent values.
    """

    decay: float = 0.5
    pushes: tuple[float, ...] = (-0.5, 0.0, 0.5)
    rate: float = 1.0
    gamma: float = 0.9

    def mean(self, s: Array) -> Array:
        """f(s, a), shape (S, A)."""
        return np.asarray(self.decay * s[:, None] + np.array(self.pushes))

    def model(self, n: int) -> LatentVariableModel:
        """The latent-variable MDP on the grid, in floats, started from N(1, 1/2)."""
        points = centred_grid(n)
        latents = rows(points, self.mean(points).ravel(), self.rate)
        start = row(points, 1.0, 1.0)
        payoff = np.repeat(np.exp(-(points**2) / 2)[:, None], len(self.pushes), axis=1)
        shape = (len(points), len(self.pushes), len(points))
        emissions = emission_rows(points, self.rate)
        return LatentVariableModel(latents.reshape(shape), emissions, payoff, self.gamma, start)
