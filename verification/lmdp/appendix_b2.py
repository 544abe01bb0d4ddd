r"""Appendix B.2: why Definition 1 is the variance of the total reward, line by line.

Var_m(h) is the variance of the reward from h on, in context m: second moment less squared mean.
"""

import numpy as np

from theorylab import DeterministicHistoryPolicy, LatentMDP, chain, equal, every
from theorylab.theory.latent import (
    along_reward,
    alpha_vectors,
    decisions,
    history_laws,
    last_states,
    second_moments,
    variance,
)
from verification.lmdp.paper import lmdp
from verification.lmdp.section_4 import variance_of_the_total


def variances(W, pi):
    """Var_m(h) at each step, tables (M, N_t)."""
    pairs = zip(second_moments(W, pi), alpha_vectors(W, pi), strict=True)
    return [second - alpha**2 for second, alpha in pairs]


@lmdp.claim("B.2", reading="start")
def variance_at_the_start(W: LatentMDP, pi: DeterministicHistoryPolicy):
    r"""Var^\pi = E_{m\sim w, s\sim\nu_m}[Var_m^\pi(s)] + \mathbb V_{m\sim w, s\sim\nu_m}(\alpha_m^\pi(s))
    = (w\circ\nu)^\top Var^\pi(\cdot) + \mathbb V(w\circ\nu, \alpha^\pi(\cdot))"""
    start, alpha = W.w[:, None] * W.nu, alpha_vectors(W, pi)[0]
    within = (start * variances(W, pi)[0]).sum()
    mean = (start * alpha).sum()
    return (
        chain(variance_of_the_total(W, pi))
        .equal(within + (start * (alpha - mean) ** 2).sum(), "law of total variance")
        .equal(within + variance(np.ravel(start), np.ravel(alpha)), "as V(w o nu, alpha)")
    )


def step_lines(W, pi, t):
    """Var_m(h) at step t and the displayed lines, averaged over the action: tables (M, N_t)."""
    P, R = W.P[:, last_states(W, t)], W.rewards[:, last_states(W, t)]
    rows = decisions(W, pi)[t - 1]
    alpha = along_reward(W, t, alpha_vectors(W, pi)[t])
    second = along_reward(W, t, second_moments(W, pi)[t])
    r = R[..., None]
    paid = (P * (second + 2 * r * alpha + r**2 - (r + alpha) ** 2)).sum(-1)
    later = (P * along_reward(W, t, variances(W, pi)[t])).sum(-1)
    mean = (P * (r + alpha)).sum(-1)[..., None]
    centred = (P * (r + alpha - mean) ** 2).sum(-1)
    return [
        (rows * line).sum(-1)
        for line in (paid + centred, later + variance(P, r + alpha), later + variance(P, alpha))
    ]


@lmdp.claim("B.2", reading="step")
def variance_of_a_step(W: LatentMDP, pi: DeterministicHistoryPolicy):
    r"""Var_m^\pi(h) = E_{s'}[\mathbb V(r + X_m^\pi(hars'))] + \mathbb V_{s'}(E[r + X_m^\pi(hars')]) = ... =
    P_m(\cdot|s,a)^\top Var_m^\pi(har\cdot) + \mathbb V(P_m(\cdot|s,a), \alpha_m^\pi(har\cdot)); at step H it is 0"""
    found = variances(W, pi)
    relations = [chain(found[-1]).equal(0 * found[-1], "one reward, known")]
    for t in range(1, W.H):
        first, second, third = step_lines(W, pi, t)
        relations.append(
            chain(found[t - 1])
            .equal(first, "law of total variance")
            .equal(second, "r is known given (m, h)")
            .equal(third, "a shift by r")
        )
    return every(*relations)


@lmdp.claim("B.2", reading="induction")
def variance_by_induction(W: LatentMDP, pi: DeterministicHistoryPolicy):
    r"""Var^\pi = \mathbb V(w\circ\nu, \alpha^\pi) + E_\pi[\sum_{t\le n} \mathbb V(P_m(\cdot|s_t,a_t),
    \alpha_m^\pi(h_t a_t r_t \cdot)) + Var_m^\pi(h_{n+1})] for every n < H"""
    laws, alphas, within = history_laws(W, pi), alpha_vectors(W, pi), variances(W, pi)
    whole, rows = variance_of_the_total(W, pi), decisions(W, pi)
    total = variance(np.ravel(W.w[:, None] * W.nu), np.ravel(alphas[0]))
    lines = [equal(whole, total + (laws[0] * within[0]).sum(), "B.2, no step")]
    for t in range(1, W.H):
        own = variance(W.P[:, last_states(W, t)], along_reward(W, t, alphas[t]))
        total = total + (laws[t - 1] * (rows[t - 1] * own).sum(-1)).sum()
        lines.append(equal(whole, total + (laws[t] * within[t]).sum(), "B.2, a step more"))
    return every(*lines)
