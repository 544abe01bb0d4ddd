r"""Costs-to-go by rollouts in a model, as Algorithm 5 collects them.

s ~ nu,  a uniform,  then the policy until a coin of chance 1 - gamma comes up after a step:
the sum of payoffs has mean Q^pi(s, a), and E[ A 1{a} sum | s ] = Q^pi(s, .)
"""

from __future__ import annotations

import numpy as np

from theorylab.algorithms.rounds import drawn
from theorylab.algorithms.spaces import Floats
from theorylab.worlds.mdp import MDP, Policy


def rollout_costs(
    model: MDP, policy: Policy, nu: Floats, samples: int, rng: np.random.Generator
) -> tuple[Floats, int]:
    """(table, steps): a table (S, A) with mean nu(s) Q(s, a), and the model steps it took.

    Each of `samples` data adds A times its sum of payoffs, over `samples`, at its (s, a).
    """
    choice, move = np.cumsum(policy.probabilities, -1), np.cumsum(model.P, -1)
    s = drawn(np.cumsum(nu.sum(-1)), rng.random(samples))
    a = rng.integers(model.A, size=samples)
    cell, total = s * model.A + a, model.payoff[s, a].copy()
    left = rng.geometric(1 - float(model.gamma), samples) - 1
    steps = int(left.sum())
    while (walking := np.flatnonzero(left > 0)).size:
        s[walking] = drawn(move[s[walking], a[walking]], rng.random(walking.size))
        a[walking] = drawn(choice[s[walking]], rng.random(walking.size))
        total[walking] += model.payoff[s[walking], a[walking]]
        left[walking] -= 1
    sums = np.bincount(cell, weights=total, minlength=model.S * model.A)
    return np.asarray(sums.reshape(model.S, model.A) * (model.A / samples)), steps
