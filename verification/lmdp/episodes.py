r"""One episode along a trajectory that can happen: what Appendix B.3.2 sums over k.

An update is due at the visits of state 0: the first of them ends the steps outside X, as t_0(k) does.
Lists are by step t = 1, ..., H; `kept` also has step H + 1. At step H + 1 alpha vectors are 0.
"""

from dataclasses import dataclass

import numpy as np

from theorylab import draw
from theorylab.arithmetic import identity
from theorylab.theory.latent import (
    along_reward,
    alpha_vectors,
    decisions,
    next_alpha,
    variance,
)


@dataclass(frozen=True)
class Episode:
    """A trajectory: its context, and at each step the history's number, state, action and reward.

    `kept` is 1[(k, t) not in X] for t = 1, ..., H + 1, numbers.
    """

    m: int
    h: list
    s: list
    a: list
    rewards: list
    kept: list


def episode_of(W, pi):
    """An episode drawn: the context, the first state, actions of the policy and next states."""
    rows, m = decisions(W, pi), draw(W.w)
    s = draw(W.nu[m])
    h, found, kept = s, [], [W.w.sum()]
    for t in range(W.H):
        a = draw(rows[t][h])
        found.append((h, s, a, W.rewards[m, s, a]))
        kept.append(kept[-1] * (1 - identity(W.S)[0][s]))
        s_next = draw(W.P[m, s, a])
        h = ((h * W.A + a) * W.L + W.labels[m, s, a]) * W.S + s_next
        s = s_next
    return Episode(m, *map(list, zip(*found, strict=True)), kept)


def values_along(e, alphas):
    """alpha_m(h_t) at steps 1, ..., H and 0 at step H + 1."""
    found = [alpha[e.m, h] for alpha, h in zip(alphas, e.h, strict=True)]
    return [*found, 0 * found[0]]


def next_values_along(W, e, alphas):
    """P_m(s_t, a_t) alpha_m(h_t a_t r_t .) at steps 1, ..., H: 0 at step H."""
    steps = zip(range(1, W.H), alphas[1:], e.h[:-1], e.a[:-1], strict=True)
    return [*[next_alpha(W, t, alpha)[e.m, h, a] for t, alpha, h, a in steps], 0 * e.kept[0]]


def variances_along(W, e, alphas):
    """V(P_m(s_t, a_t), alpha_m(h_t a_t r_t .)) at steps 1, ..., H: 0 at step H."""
    steps = zip(range(1, W.H), alphas[1:], e.h[:-1], e.s[:-1], e.a[:-1], strict=True)
    found = [
        variance(W.P[e.m, s, a], along_reward(W, t, alpha)[e.m, h, a])
        for t, alpha, h, s, a in steps
    ]
    return [*found, 0 * e.kept[0]]


def start_variance(W, first):
    """V(w o nu, alpha(.)) of alpha vectors of step 1, shape (M, S)."""
    return variance(np.ravel(W.w[:, None] * W.nu), np.ravel(first))


def kept_variance(W, e, alphas):
    """One episode's X_5 (or X_6): V(w o nu, alpha) + sum_t V(P, alpha) 1[(k, t+1) not in X]."""
    steps = zip(variances_along(W, e, alphas), e.kept[1:], strict=True)
    return start_variance(W, alphas[0]) + sum(v * k for v, k in steps)


def differences(W, model, pi):
    """zeta_m(h) = alpha~_m(h) - alpha_m(h) at steps 1, ..., H, alpha~ those of a model."""
    pairs = zip(alpha_vectors(model, pi), alpha_vectors(W, pi), strict=True)
    return [optimistic - own for optimistic, own in pairs]


def squares(alphas):
    """The squares of alpha vectors, step by step."""
    return [alpha * alpha for alpha in alphas]
