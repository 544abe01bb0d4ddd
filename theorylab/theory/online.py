r"""Online learning over finitely many experts, over any number system.

    w_t(i) = exp(-rate L_{t-1}(i)) / sum_j exp(-rate L_{t-1}(j)),   L_t = loss_1 + ... + loss_t
    regret = sum_t paid_t - min_i L_T(i)

Losses are tables (T, N): T rounds, N experts; what is paid is one number per round. Everything is a
total over the rounds, not an average. The learner in float64, for long runs, is
`theorylab.algorithms.hedge`. Source: Cesa-Bianchi & Lugosi (2006), chapter 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theorylab.arithmetic import Array, exp, inf
from theorylab.theory.planning import greedy_policy
from theorylab.worlds.mdp import MDP, Policy, unchecked


def exponential_weights(totals: Array, rate: Any) -> Array:
    """Weights (N,) proportional to exp(-rate totals) for the totals (N,) of the losses so far.

    Relative to the smallest total, so that no number system meets exp(-10000) / exp(-10000).
    """
    scores = exp(-rate * (totals - inf(totals)))
    return np.asarray(scores / scores.sum())


def exponential_weights_policy(totals: Array, rate: Any) -> Policy:
    """The policy with exponential weights in each state, for totals (S, A) of what actions lost."""
    rows = np.stack([exponential_weights(row, rate) for row in totals])
    return unchecked(Policy, probabilities=rows)


def hedge_weights(losses: Array, rate: Any) -> Array:
    """The weights of Hedge in each round, (T, N), each from the losses (T, N) before the round."""
    totals, rows = 0 * losses[0], []
    for loss in losses:
        rows.append(exponential_weights(totals, rate))
        totals = totals + loss
    return np.stack(rows)


def best_fixed_loss(losses: Array) -> Any:
    """min_i sum_t loss_t(i), a number, for losses (T, N)."""
    return inf(losses.sum(0))


def regret(paid: Array, losses: Array) -> Any:
    """sum_t paid_t - min_i sum_t loss_t(i), payments (T,) and losses (T, N); may be negative."""
    return paid.sum() - best_fixed_loss(losses)


def leader(totals: Array) -> Array:
    """The expert of the smallest total (N,) as a distribution of ones and zeros; ties: smallest.

    A choice is made on exact points, by planning in a world of one state; balls choose where every
    comparison is certain, else Unsupported.
    """
    one = 0 * totals[:1] + 1
    bandit = unchecked(
        MDP,
        P=np.ones((1, len(totals), 1), dtype=int).astype(totals.dtype),
        payoff=totals[None],
        gamma=0,
        start=one,
        sense="cost",
    )
    return np.asarray(greedy_policy(bandit, 0 * one).probabilities[0])
