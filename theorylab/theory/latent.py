r"""Latent MDPs: beliefs, alpha vectors, values and variances of history-dependent policies.

    alpha_m(h, a) = R_m(s, a) + P_m(s, a) alpha_m(h a r .),  r = R_m(s, a)
    alpha_m(h)    = sum_a pi(a | h) alpha_m(h, a)
    joint weight  c_m(s) = w_m nu_m(s),   c_m(h a r s') = c_m(h) P_m(s' | s, a) 1[r = R_m(s, a)]
    belief        b_m(h) = c_m(h) / sum_m' c_m'(h),       V(h) = b(h) . alpha(h)

(LMDP, Section 3.2.) Everything is a reward, the undiscounted sum of an episode. Lists are by step
t = 1, ..., H; tables are over all histories of a step, counted as in `worlds.latent_mdp`. The joint
weight leaves out the policy, as the belief does; the law of histories has it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theorylab.arithmetic import Array, ratio
from theorylab.errors import ModelError
from theorylab.worlds.finite_horizon import NonstationaryPolicy
from theorylab.worlds.latent_mdp import HistoryPolicy, LatentMDP, histories, histories_at
from theorylab.worlds.mdp import Policy, unchecked


def last_states(W: LatentMDP, t: int) -> Array:
    """The last state of each history of step t, integers of shape (N_t,)."""
    return np.arange(histories_at(W, t)) % W.S


def decisions(W: LatentMDP, pi: HistoryPolicy) -> list[Array]:
    """The policy's rows step by step: tables (N_t, A); ModelError for another tree."""
    counts = histories(W)
    if pi.probabilities.shape != (sum(counts), W.A):
        raise ModelError(
            f"HistoryPolicy.probabilities has shape {pi.probabilities.shape}, expected (N, A) ="
            f" {(sum(counts), W.A)} for H = {W.H}, S = {W.S}, A = {W.A} and {W.L} labels"
        )
    return np.split(pi.probabilities, np.cumsum(counts)[:-1])


def memoryless(W: LatentMDP, pi: Policy | NonstationaryPolicy) -> HistoryPolicy:
    """The history-dependent policy that looks at the last state (and the step) only."""
    rows = []
    for t in range(1, W.H + 1):
        own = pi.probabilities if isinstance(pi, Policy) else pi.probabilities[t - 1]
        rows.append(own[last_states(W, t)])
    return unchecked(HistoryPolicy, probabilities=np.concatenate(rows))


def along_reward(W: LatentMDP, t: int, later: Array) -> Array:
    """Of a table over m and histories of step t+1 its entries at r = R_m(s, a).

    Shape (M, N_{t+1}) to (M, N_t, A, S): entry [m, h, a, s'] is later[m, h a R_m(s, a) s'].
    """
    grown = later.reshape(W.M, histories_at(W, t), W.A, W.L, W.S)
    label = W.labels[:, last_states(W, t), :]
    m, h, a = np.indices(label.shape)
    return np.asarray(grown[m, h, a, label])


def next_alpha(W: LatentMDP, t: int, later: Array) -> Array:
    """P_m(s, a) alpha_m(h a r .), shape (M, N_t, A), from alpha of step t+1, shape (M, N_{t+1})."""
    P = W.P[:, last_states(W, t)]
    return np.asarray((P * along_reward(W, t, later)).sum(-1))


def alpha_action_vectors(W: LatentMDP, pi: HistoryPolicy) -> list[Array]:
    """alpha_m(h, a) at steps 1, ..., H, each of shape (M, N_t, A)."""
    rows = decisions(W, pi)
    found: list[Array] = []
    for t in range(W.H, 0, -1):
        own = W.rewards[:, last_states(W, t)]
        if found:
            own = own + next_alpha(W, t, (rows[t] * found[-1]).sum(-1))
        found.append(own)
    return found[::-1]


def alpha_vectors(W: LatentMDP, pi: HistoryPolicy) -> list[Array]:
    """alpha_m(h) at steps 1, ..., H, each of shape (M, N_t); at step H+1 it is 0."""
    pairs = zip(decisions(W, pi), alpha_action_vectors(W, pi), strict=True)
    return [(row * table).sum(-1) for row, table in pairs]


def joint_weights(W: LatentMDP) -> list[Array]:
    """c_m(h) at steps 1, ..., H, each of shape (M, N_t): w_m nu_m(s_1) times all the P_m."""
    found = [W.w[:, None] * W.nu]
    for t in range(1, W.H):
        found.append(grown_weights(W, t, found[-1]))
    return found


def grown_weights(W: LatentMDP, t: int, weights: Array) -> Array:
    """c_m(h a r s') = c_m(h) P_m(s' | s, a) 1[r = R_m(s, a)]: shape (M, N_t) to (M, N_{t+1})."""
    s = last_states(W, t)
    same = (W.labels[:, s, :, None] == np.arange(W.L)).astype(int).astype(object)
    reached = weights[:, :, None, None] * W.P[:, s]
    return np.asarray(same[..., None] * reached[:, :, :, None, :]).reshape(W.M, -1)


def belief(weights: Array) -> Array:
    """Joint weights (M, N) to beliefs (M, N); 0 at a history that cannot happen."""
    return np.asarray(ratio(weights, np.broadcast_to(weights.sum(0), weights.shape)))


def beliefs(W: LatentMDP) -> list[Array]:
    """b_m(h) at steps 1, ..., H, each of shape (M, N_t)."""
    return [belief(weights) for weights in joint_weights(W)]


def history_laws(W: LatentMDP, pi: HistoryPolicy) -> list[Array]:
    """The law of (m, h_t) under the policy at steps 1, ..., H, each of shape (M, N_t)."""
    rows, found = decisions(W, pi), [W.w[:, None] * W.nu]
    for t in range(1, W.H):
        grown = grown_weights(W, t, found[-1]).reshape(W.M, -1, W.A, W.L * W.S)
        found.append((grown * rows[t - 1][:, :, None]).reshape(W.M, -1))
    return found


def history_values(W: LatentMDP, pi: HistoryPolicy) -> list[Array]:
    """V(h) = b(h) . alpha(h) at steps 1, ..., H, each of shape (N_t,)."""
    pairs = zip(beliefs(W), alpha_vectors(W, pi), strict=True)
    return [(b * alpha).sum(0) for b, alpha in pairs]


def latent_value(W: LatentMDP, pi: HistoryPolicy) -> Any:
    """V = sum_m w_m E_{s ~ nu_m} alpha_m(s): the expected total reward of an episode."""
    return (W.w[:, None] * W.nu * alpha_vectors(W, pi)[0]).sum()


def variance(p: Array, x: Array) -> Any:
    """The variance of x under the law p, along the last axis: p x^2 - (p x)^2."""
    return (p * x * x).sum(-1) - (p * x).sum(-1) ** 2


def second_moments(W: LatentMDP, pi: HistoryPolicy) -> list[Array]:
    """E[(sum of rewards from step t on)^2 | m, h_t] at steps 1, ..., H, each of shape (M, N_t)."""
    rows, alphas = decisions(W, pi), alpha_vectors(W, pi)
    found: list[Array] = []
    for t in range(W.H, 0, -1):
        R = W.rewards[:, last_states(W, t)]
        own = R * R
        if found:
            own = own + 2 * R * next_alpha(W, t, alphas[t]) + next_alpha(W, t, found[-1])
        found.append((rows[t - 1] * own).sum(-1))
    return found[::-1]


def total_reward_variance(W: LatentMDP, pi: HistoryPolicy) -> Any:
    """The variance of an episode's total reward, from its first two moments."""
    start = W.w[:, None] * W.nu
    return (start * second_moments(W, pi)[0]).sum() - latent_value(W, pi) ** 2


def policy_value_variance(W: LatentMDP, pi: HistoryPolicy) -> Any:
    """Var^pi of Definition 1: the variance of alpha at the start, plus that of each step's next."""
    alphas, laws, rows = alpha_vectors(W, pi), history_laws(W, pi), decisions(W, pi)
    start = np.ravel(W.w[:, None] * W.nu)
    total = variance(start, np.ravel(alphas[0]))
    for t in range(1, W.H):
        P = W.P[:, last_states(W, t)]
        own = variance(P, along_reward(W, t, alphas[t]))
        total = total + (laws[t - 1][..., None] * rows[t - 1] * own).sum()
    return total
