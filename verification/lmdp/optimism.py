"""Optimistic alpha vectors: Algorithm 3's, and Algorithm 2's cut at 1; models and policies made from others."""

from theorylab.arithmetic import identity, maximum, minimum, sqrt
from theorylab.theory.latent import (
    along_reward,
    alpha_vectors,
    decisions,
    last_states,
    next_alpha,
)
from theorylab.theory.latent_parts import build_policy
from verification.lmdp.rows import spread, states_reached


def optimistic_action_vectors(W, P_hat, u, pi):
    """alpha~_m(h, a) of (3) and (4) with B.4's constants, at steps 1, ..., H: shapes (M, N_t, A).

    P_hat has shape (M, S, A, S), u = iota / N has shape (M, S, A); a reward, the rest of an episode.
    """
    rows = decisions(W, pi)
    found = [clipped(W, P_hat, u, W.H, 0 * W.P[:, last_states(W, W.H)])]
    for t in range(W.H - 1, 0, -1):
        later = (rows[t] * found[-1]).sum(-1)
        found.append(clipped(W, P_hat, u, t, along_reward(W, t, later)))
    return found[::-1]


def clipped(W, P_hat, u, t, next_alpha):
    """(4) at step t from alpha~_m(h a r .), shape (M, N_t, A, S): shape (M, N_t, A)."""
    s = last_states(W, t)
    mean = (P_hat[:, s] * next_alpha).sum(-1)
    return minimum(W.rewards[:, s] + mean + bonus(P_hat[:, s], next_alpha, u[:, s]), 1)


def bonus(p_hat, alpha, u):
    """B.4's bonus: max(4 sqrt(supp V u), 16 S u), shapes (..., S), (..., S), (...) to (...)."""
    root = 4 * sqrt(states_reached(p_hat) * spread(p_hat, alpha) * u)
    return maximum(root, 16 * p_hat.shape[-1] * u)


def optimistic_vectors(W, P_hat, u, pi):
    """alpha~_m(h) at steps 1, ..., H: shapes (M, N_t)."""
    tables = optimistic_action_vectors(W, P_hat, u, pi)
    return [(row * table).sum(-1) for row, table in zip(decisions(W, pi), tables, strict=True)]


def optimistic_value(W, P_hat, u, pi):
    """(5): V~ = sum over m, s of w_m nu_m(s) alpha~_m(s)."""
    return (W.w[:, None] * W.nu * optimistic_vectors(W, P_hat, u, pi)[0]).sum()


def cut_action_vectors(M, pi):
    """min(R + P~ alpha~, 1), a model's alpha~_m(h, a) cut at 1 as (4) cuts it: shapes (M, N_t, A)."""
    rows, found = decisions(M, pi), [minimum(M.rewards[:, last_states(M, M.H)], 1)]
    for t in range(M.H - 1, 0, -1):
        later = next_alpha(M, t, (rows[t] * found[-1]).sum(-1))
        found.append(minimum(M.rewards[:, last_states(M, t)] + later, 1))
    return found[::-1]


def cut_vectors(M, pi):
    """A model's alpha~_m(h) cut at 1, at steps 1, ..., H: shapes (M, N_t)."""
    tables = cut_action_vectors(M, pi)
    return [(row * table).sum(-1) for row, table in zip(decisions(M, pi), tables, strict=True)]


def cut_differences(W, M, pi):
    """zeta = alpha~ - alpha at steps 1, ..., H for a model's alpha~ cut at 1: shapes (M, N_t)."""
    pairs = zip(cut_vectors(M, pi), alpha_vectors(W, pi), strict=True)
    return [optimistic - own for optimistic, own in pairs]


def first_value(W, alphas):
    """The sum over m, s of w_m nu_m(s) alpha_m(s), of alpha vectors at steps 1, ..., H."""
    return (W.w[:, None] * W.nu * alphas[0]).sum()


def same_support(W, M):
    """A model that goes only where the truth goes: P (1 + Q) normalised, Q that of a model M."""
    weights = W.P * (1 + M.P)
    return W.with_transitions(weights / weights.sum(-1)[..., None])


def with_choice(W, pi, i, a):
    """The policy that takes action a at its history number i (modulo their number), else pi."""
    rows = pi.probabilities.copy()
    rows[i % len(rows)] = 0 * rows[0] + identity(W.A)[a]
    return build_policy(rows)
