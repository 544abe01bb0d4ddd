r"""Algorithm 4's line (10) itself: the least regularised sum of all value-moment losses so far.

    M_{t+1} = argmin_M  F(M) = sum_{tau<=t} l_tau(M) + |M - M_1|^2 / (2 rate)

with both expectations inside the absolute value, over all tabular models. F is 1/rate strongly
convex; K projected subgradient steps of 2 rate / (k+1), averaged with weights k, come within

    2 rate max_k |g_k|^2 / (K + 1)

of its least value, which is returned as a certificate. All rounds' data and values are kept, as the
paper says of a batch algorithm; `fitting.GradientFit` is the linearised form, flat in T.
Source: Lacoste-Julien, Schmidt & Bach (2012).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theorylab.algorithms.fitting import with_rows
from theorylab.algorithms.losses import centred
from theorylab.algorithms.rounds import Round
from theorylab.algorithms.simplex import projected
from theorylab.algorithms.spaces import Floats, whole_number
from theorylab.errors import InvalidArgument
from theorylab.worlds.checks import frozen
from theorylab.worlds.mdp import MDP


@dataclass(frozen=True, eq=False)
class Seen:
    """The state: the first model's rows and, for t rounds, weights (t, S, A), weighted mean values
    of successors (t, S, A), values (t, S); gap: how far the last model is from the least F."""

    first: Floats
    weights: Floats
    means: Floats
    values: Floats
    gap: float = math.inf


@dataclass(frozen=True, eq=False)
class BatchMoments:
    """A FitModel: (10) by `steps` projected subgradient steps, from the model of the last round."""

    rate: float
    steps: int = 200

    def __post_init__(self) -> None:
        whole_number(self.steps, "BatchMoments.steps", 1)
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise InvalidArgument(
                f"BatchMoments.rate is {self.rate}, expected a finite number above 0."
            )

    def __call__(
        self, state: Seen | None, data: Round, rng: np.random.Generator
    ) -> tuple[Seen, MDP]:
        """All that was seen, with the certificate, and the model."""
        seen = _with(_nothing(data) if state is None else state, data)
        P, gap = least_moments(seen, data.model.P, rate=self.rate, steps=self.steps)
        kept = Seen(seen.first, seen.weights, seen.means, seen.values, gap)
        return kept, with_rows(data.model, P)


def least_moments(seen: Seen, start: Floats, *, rate: float, steps: int) -> tuple[Floats, float]:
    """(P, gap): rows (S, A, S) whose F is within `gap` of the least, from K steps."""
    P, mean, largest, K = start, np.zeros(start.shape), 0.0, steps
    for k in range(1, K + 1):
        mean = mean + (2 * k / (K * (K + 1))) * P
        g = _slope(seen, P) + (P - seen.first) / rate
        largest = max(largest, float((g**2).sum()))
        P = projected(P - (2 * rate / (k + 1)) * g)
    return mean, 2 * rate * largest / (K + 1)


def objective(seen: Seen, P: Floats, rate: float) -> float:
    """F at the model P (S, A, S)."""
    losses = np.abs(seen.means - seen.weights * _predicted(seen, P)).sum()
    return float(losses + ((P - seen.first) ** 2).sum() / (2 * rate))


def _predicted(seen: Seen, P: Floats) -> Floats:
    """E[V_tau(s') | s, a] in the model, shape (t, S, A)."""
    return np.asarray(np.moveaxis(P @ seen.values.T, -1, 0))


def _slope(seen: Seen, P: Floats) -> Floats:
    """A subgradient of the sum of losses at P, shape (S, A, S)."""
    signs = seen.weights * np.sign(seen.weights * _predicted(seen, P) - seen.means)
    return np.asarray(np.moveaxis(signs, 0, -1) @ seen.values)


def _nothing(data: Round) -> Seen:
    S, A, _ = data.joint.shape
    return Seen(data.model.P, np.empty((0, S, A)), np.empty((0, S, A)), np.empty((0, S)))


def _with(seen: Seen, data: Round) -> Seen:
    """One round more; values are centred, which moves no model."""
    V = centred(data.V)
    rounds = (
        (seen.weights, data.joint.sum(-1)),
        (seen.means, data.joint @ V),
        (seen.values, V),
    )
    weights, means, values = (frozen(np.concatenate([old, [new]])) for old, new in rounds)
    return Seen(seen.first, weights, means, values)
