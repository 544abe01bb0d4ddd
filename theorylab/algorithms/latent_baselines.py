r"""What the two solvers of LMDP are compared with: a bonus per step, a posterior sampler, uniform.

    per step     plan in P_hat with R + min{ sum_s' 2 sqrt(P_hat(s') iota / N) + 5 S iota / N, 1 }
    posterior    plan in a model whose rows are Dirichlet(prior + n(. | s, a))
    uniform      each action with the same chance, always

The first stands for the bound-H-dependent algorithm of Kwon et al. (2021) as LMDP describes it
(Section 1.1): a bonus by Bernstein's inequality for each step, which does not look at the values
of the next step. The width is that of (2) summed over s', so it is optimistic wherever Omega_1
holds; being paid at each step, it grows with H.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from theorylab.algorithms.latent_estimates import Estimates, LinearBackup
from theorylab.algorithms.latent_fronts import best_plan
from theorylab.algorithms.latent_plans import Floats, Plan
from theorylab.worlds.latent_mdp import LatentMDP


def step_bonus(known: Estimates, scale: float = 1.0) -> Floats:
    """The bonus per step (M, S, A), 1 where nothing was seen."""
    rate = scale * known.iota / np.maximum(known.N, 1)
    width = 2 * np.sqrt(known.P_hat * rate[..., None]).sum(-1) + 5 * known.P_hat.shape[-1] * rate
    return np.where(known.N > 0, np.minimum(width, 1), 1.0)


def per_step_solver(*, scale: float = 1.0, resolution: float = 0.0) -> Callable[[Estimates], Plan]:
    """The bound-H-dependent algorithm; `scale` multiplies iota."""

    def solve(known: Estimates) -> Plan:
        paid = known.frame.rewards + step_bonus(known, scale)
        return best_plan(known.frame, LinearBackup(paid, known.P_hat), resolution=resolution)

    return solve


def posterior_solver(*, prior: float = 1.0, resolution: float = 0.0) -> Callable[[Estimates], Plan]:
    """A model from the posterior at each update, and the best policy in it: not optimistic."""

    def solve(known: Estimates) -> Plan:
        odds = known.rng.standard_gamma(prior + known.P_hat * known.N[..., None])
        P = odds / odds.sum(-1, keepdims=True)
        return best_plan(known.frame, LinearBackup(known.frame.rewards, P), resolution=resolution)

    return solve


def uniform_value(W: LatentMDP) -> float:
    """The value of playing every action with the same chance, per episode."""
    rewards, P = W.rewards.astype(float), W.P.astype(float)
    value = np.zeros((W.M, W.S))
    for _ in range(W.H):
        value = (rewards + (P * value[:, None, None, :]).sum(-1)).mean(-1)
    return float(((W.w[:, None] * W.nu).astype(float) * value).sum())
