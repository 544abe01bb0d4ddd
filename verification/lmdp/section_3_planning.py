r"""Section 3: the greedy policy (1), and what is called regret.

`leader` chooses the best action, the first of equal ones, on exact points.
"""

import numpy as np

from theorylab import (
    DeterministicHistoryPolicy,
    HistoryPolicy,
    LatentMDP,
    Number,
    Several,
    at_least,
    at_most,
)
from theorylab.arithmetic import positive, sup
from theorylab.theory.latent import (
    beliefs,
    history_values,
    joint_weights,
    last_states,
    latent_value,
)
from theorylab.theory.online import leader
from verification.lmdp.paper import lmdp
from verification.lmdp.section_3 import backed_up, flat, next_values

# ---- (1) -----------------------------------------------------------------------------------------


def greedy_choices(W):
    """The policy (1) and its values, backwards: rows (N_t, A) and V (N_t,) of each step."""
    rows, V, b = [], [], beliefs(W)
    for t in range(W.H, 0, -1):
        Q = (b[t - 1][..., None] * W.rewards[:, last_states(W, t)]).sum(0)
        if t < W.H:
            Q = Q + next_values(W, t, b[t - 1], V[0])
        rows.insert(0, np.stack([leader(-q) for q in Q]))
        V.insert(0, (rows[0] * Q).sum(-1))
    return rows, V


@lmdp.claim("(1)", reading="V of the policy itself")
def greedy_in_beliefs_is_optimal(W: LatentMDP, pi: HistoryPolicy):
    r"""the policy that satisfies (1) with its own V^\pi, found in descending order of h's length, is an
    optimal history-dependent policy: no policy has a larger V(h), at any history"""
    _, V = greedy_choices(W)
    return at_most(flat(history_values(W, pi)), flat(V))


@lmdp.claim("(1)", reading="its values by a maximum")
def greedy_values_are_largest(W: LatentMDP, pi: HistoryPolicy):
    r"""the same by U(h) = \max_a (c(h)^\top R(s, a) + \sum_{s', r} U(hars')) with joint weights c, which
    divides by nothing: \sum_h P[h] V^\pi(h) \le \sum_s U(s)"""
    U, weights = 0, joint_weights(W)
    for t in range(W.H, 0, -1):
        Q = (weights[t - 1][..., None] * W.rewards[:, last_states(W, t)]).sum(0)
        if t < W.H:
            Q = Q + U.reshape(*Q.shape, -1).sum(-1)
        U = sup(Q, -1)
    return at_most(latent_value(W, pi), U.sum())


@lmdp.claim("(1)", reading="V of any policy, once")
def greedy_once_is_optimal(W: LatentMDP, pi: HistoryPolicy, other: HistoryPolicy):
    r"""the action that is greedy for V^\pi of any policy, then \pi, is optimal at the first step: not
    what the paper means, since it goes through the steps in descending order"""
    Q = backed_up(W, pi)[0]
    return at_most(history_values(W, other)[0], sup(Q, -1))


# ---- regret --------------------------------------------------------------------------------------


def best_value(W):
    """V*, over all history-dependent policies."""
    _, V = greedy_choices(W)
    return (W.w[:, None] * W.nu * V[0]).sum()


@lmdp.claim("Section 3.3, regret")
def regret_is_never_negative(W: LatentMDP, pis: Several(DeterministicHistoryPolicy)):
    r"""Regret(K) = \sum_k (V^\star - V^{\pi^k}) \ge 0, for \Pi all history-dependent policies"""
    V_star = best_value(W)
    regret = sum(V_star - latent_value(W, pi) for pi in pis)
    return at_least(regret, 0 * V_star)


def regrets(W, pis, rho_1, rho_2):
    """The regret against rho_1 V* - rho_2, and the regret, over episodes of these policies."""
    V_star, values = best_value(W), [latent_value(W, pi) for pi in pis]
    weak = sum(rho_1 * V_star - rho_2 - V for V in values)
    return weak, sum(V_star - V for V in values)


@lmdp.claim("Section 3.3, regret", reading="rho-regret")
def rho_regret_with_a_promise(
    W: LatentMDP,
    oracle: DeterministicHistoryPolicy,
    pi: DeterministicHistoryPolicy,
    rho_1: Number(0, 2),
    slack: Number(0, 1),
):
    r"""if an oracle's policy has V^\pi \ge \rho_1 V^\star - \rho_2, here by \rho_2 = \max(\rho_1 V^\star - V^\pi, 0)
    + slack, then \widetilde{Regret}(K) = \sum_k (\rho_1 V^\star - \rho_2 - V^{\pi^k}) \le \rho_1 Regret(K): the promise
    gives \rho_2 \ge (\rho_1 - 1)V^\star"""
    rho_2 = positive(rho_1 * best_value(W) - latent_value(W, oracle)) + slack
    weak, regret = regrets(W, [pi], rho_1, rho_2)
    return at_most(weak, rho_1 * regret)


@lmdp.claim("Section 3.3, regret", reading="rho-regret, the oracle's promise dropped")
def rho_regret_of_any_rho(
    W: LatentMDP, pi: DeterministicHistoryPolicy, rho_1: Number(0, 2), rho_2: Number(0, 1)
):
    r"""\widetilde{Regret}(K) \le \rho_1 Regret(K) for any \rho_1, \rho_2 \ge 0, promise or not"""
    weak, regret = regrets(W, [pi], rho_1, rho_2)
    return at_most(weak, rho_1 * regret)


@lmdp.claim(
    "Section 3.3, regret",
    reading="rho-regret, rho_1 at most 1",
    corrects="rho_regret_of_any_rho",
    because="the difference is -K rho_2 + (rho_1 - 1) sum_k V^{pi_k}: at rho_2 = 0, rho_1 = 2 it is the sum of"
    " the values. rho_1 <= 1 is enough; so is a promise that an oracle keeps (rho_regret_with_a_promise)",
)
def rho_regret(
    W: LatentMDP, pi: DeterministicHistoryPolicy, rho_1: Number(0, 1), rho_2: Number(0, None)
):
    r"""\widetilde{Regret}(K) \le \rho_1 Regret(K) for \rho_1 \le 1 and \rho_2 \ge 0"""
    weak, regret = regrets(W, [pi], rho_1, rho_2)
    return at_most(weak, rho_1 * regret)
