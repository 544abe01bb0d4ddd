r"""Section 3: notation, rewards, alpha vectors, beliefs and values.

Expectations over trajectories are sums over the law of (m, h_t) under the policy, forward in time;
so what the paper defines by an expectation is computed without the recursion that it is claimed to
satisfy. A statement conditional on a history h is multiplied by its probability, so that histories
which cannot happen say nothing. The histories that extend h_t at step t' stand together in the
table of step t'.

The print's \sum_{s', r=1}^M b_{m'} is \sum_{s', r} \sum_{m'=1}^M b_{m'}, as in Appendix B.1.
"""

import numpy as np

from theorylab import (
    HistoryPolicy,
    LatentMDP,
    LatentModel,
    StateDistribution,
    StateFunction,
    at_most,
    chain,
    equal,
)
from theorylab.arithmetic import sup
from theorylab.theory.latent import (
    alpha_action_vectors,
    alpha_vectors,
    belief,
    beliefs,
    decisions,
    grown_weights,
    history_laws,
    history_values,
    joint_weights,
    last_states,
    latent_value,
    variance,
)
from theorylab.worlds import largest_total, support
from verification.lmdp.paper import lmdp


def flat(tables):
    """The entries of the tables of all steps in one row."""
    return np.concatenate([np.ravel(table) for table in tables])


# ---- notation and rewards ------------------------------------------------------------------------


@lmdp.claim("Section 3, V")
def empirical_variance(p: StateDistribution, y: StateFunction):
    r"""\mathbb V(x, y) = \sum_i x_i (y_i - x^\top y)^2 = x^\top (y^2) - (x^\top y)^2"""
    mean = (p * y).sum()
    return equal((p * (y - mean) ** 2).sum(), variance(p, y))


@lmdp.claim("Section 3.1, rewards", reading="uniform bounds")
def uniform_bounds_become_total_bounds(W: LatentMDP, W_other: LatentModel):
    r"""uniform-bounded rewards can be converted to total-bounded ones by multiplying 1/H: a model of
    any transitions pays at most H \sup R"""
    return at_most(largest_total(W_other), W_other.H * sup(W_other.rewards))


def paid_before(W):
    """sum_{t' < t} r_t' of each history, a table (N_t,) for each step."""
    found = [0 * W.nu[0]]
    for _ in range(1, W.H):
        grown = found[-1][:, None, None, None] + W.palette[:, None]
        shape = (len(found[-1]), W.A, W.L, W.S)
        found.append(np.ravel(np.broadcast_to(grown, shape)))
    return found


@lmdp.claim("Section 3.1, rewards")
def total_of_a_trajectory(W: LatentMDP, pi: HistoryPolicy):
    r"""the total reward is at most 1 almost surely for any policy: what h has paid and what is then expected,
    \sum_{t' < t} r_{t'} + \alpha_m^\pi(h), where (m, h) can happen, is at most the largest total of a trajectory
    that can, and this is at most 1"""
    parts = zip(joint_weights(W), paid_before(W), alpha_vectors(W, pi), strict=True)
    totals = flat([support(c) * (paid + alpha) for c, paid, alpha in parts])
    return (
        chain(sup(totals))
        .at_most(largest_total(W), "an average over trajectories")
        .at_most(1 + 0 * totals[0], "the assumption")
    )


# ---- alpha vectors -------------------------------------------------------------------------------


def expected_rewards(W, pi):
    """P[m, h_t] E[r_t | m, h_t] at each step, tables (M, N_t)."""
    found = []
    for t, (law, rows) in enumerate(zip(history_laws(W, pi), decisions(W, pi), strict=True), 1):
        found.append(law * (rows * W.rewards[:, last_states(W, t)]).sum(-1))
    return found


def later_rewards(W, pi):
    """P[m, h_t] E[sum_{t' >= t} r_t' | m, h_t], summed over the trajectories that extend h_t."""
    rewards = expected_rewards(W, pi)
    return [
        sum(later.reshape(W.M, own.shape[1], -1).sum(-1) for later in rewards[t:])
        for t, own in enumerate(rewards)
    ]


@lmdp.claim("Section 3.2, alpha")
def alpha_vectors_are_expectations(W: LatentMDP, pi: HistoryPolicy):
    r"""\alpha_m^\pi(h) = E_{\pi, M_m}[\sum_{t'=t}^H R_m(s_{t'}, a_{t'}) | h_t = h]"""
    pairs = zip(history_laws(W, pi), alpha_vectors(W, pi), strict=True)
    return equal(flat([law * alpha for law, alpha in pairs]), flat(later_rewards(W, pi)))


@lmdp.claim("Section 3.2, alpha", reading="with the action")
def alpha_vectors_of_actions(W: LatentMDP, pi: HistoryPolicy):
    r"""\alpha_m^\pi(h, a) = E_{\pi, M_m}[\sum_{t'=t}^H R_m(s_{t'}, a_{t'}) | (h_t, a_t) = (h, a)]"""
    laws, later, Q = history_laws(W, pi), later_rewards(W, pi), alpha_action_vectors(W, pi)
    left, right = [], []
    for t in range(1, W.H + 1):
        taken = laws[t - 1][..., None] * decisions(W, pi)[t - 1]
        expected = taken * W.rewards[:, last_states(W, t)]
        if t < W.H:
            expected = expected + later[t].reshape(*taken.shape, -1).sum(-1)
        left.append(taken * Q[t - 1])
        right.append(expected)
    return equal(flat(left), flat(right))


# ---- beliefs -------------------------------------------------------------------------------------


@lmdp.claim("Section 3.2, belief")
def belief_is_conditional_probability(W: LatentMDP, pi: HistoryPolicy):
    r"""b_m(h) is the probability of the context m conditioned on observing h, under any policy:
    P[m, h] = b_m(h) \sum_{m'} P[m', h]"""
    laws = history_laws(W, pi)
    return equal(
        flat(laws), flat([b * law.sum(0) for law, b in zip(laws, beliefs(W), strict=True)])
    )


@lmdp.claim("Section 3.2, belief", reading="recursion")
def belief_recursion(W: LatentMDP):
    r"""b_m(s) = w_m \nu_m(s) / \sum_{m'} w_{m'} \nu_{m'}(s) and
    b_m(hars') = b_m(h) P_m(s'|s, a) 1[r = R_m(s, a)] / \sum_{m'} b_{m'}(h) P_{m'}(s'|s, a) 1[r = R_{m'}(s, a)],
    0 at a history that cannot happen, are the normalised joint weights"""
    b = [belief(W.w[:, None] * W.nu)]
    for t in range(1, W.H):
        b.append(belief(grown_weights(W, t, b[-1])))
    return equal(flat(b), flat(beliefs(W)))


# ---- values --------------------------------------------------------------------------------------


@lmdp.claim("Section 3.2, V")
def value_through_beliefs(W: LatentMDP, pi: HistoryPolicy):
    r"""V^\pi(h) = b(h)^\top \alpha^\pi(h) is the expected reward from h on: P[h] V^\pi(h) =
    \sum_m P[m, h] E[\sum_{t' \ge t} r_{t'} | m, h]"""
    pairs = zip(history_laws(W, pi), history_values(W, pi), strict=True)
    expected = flat([later.sum(0) for later in later_rewards(W, pi)])
    return equal(flat([law.sum(0) * V for law, V in pairs]), expected)


@lmdp.claim("Section 3.2, V", reading="of an episode")
def value_of_an_episode(W: LatentMDP, pi: HistoryPolicy):
    r"""V^\pi = \sum_m w_m \sum_s \nu_m(s) \alpha_m^\pi(s), as (5) has it, is the expected total reward"""
    return equal(latent_value(W, pi), sum(own.sum() for own in expected_rewards(W, pi)))


def next_values(W, t, b, later):
    """sum_{s', r} sum_m b_m(h) P_m(s' | s, a) 1[r = R_m(s, a)] V(hars'), a table (N_t, A)."""
    reached = grown_weights(W, t, b).sum(0) * later
    return reached.reshape(b.shape[1], W.A, -1).sum(-1)


def backed_up(W, pi):
    """b . R + the next values, for each history and action, from V^pi of the next step."""
    V, b, found = history_values(W, pi), beliefs(W), []
    for t in range(1, W.H + 1):
        own = (b[t - 1][..., None] * W.rewards[:, last_states(W, t)]).sum(0)
        found.append(own + next_values(W, t, b[t - 1], V[t]) if t < W.H else own)
    return found


@lmdp.claim("Section 3.2, Bellman")
def bellman_in_beliefs(W: LatentMDP, pi: HistoryPolicy):
    r"""V^\pi(h) = \sum_a \pi(a|h) Q^\pi(h, a) = \sum_a \pi(a|h) (b(h)^\top R(s, a)
    + \sum_{s', r} \sum_{m'} b_{m'}(h) P_{m'}(s'|s, a) 1[r = R_{m'}(s, a)] V^\pi(hars'))"""
    Q = [(b[..., None] * q).sum(0) for b, q in zip(beliefs(W), alpha_action_vectors(W, pi), strict=True)]  # fmt: skip
    rows = decisions(W, pi)

    def averaged(tables):
        return flat([(row * q).sum(-1) for row, q in zip(rows, tables, strict=True)])

    return (
        chain(flat(history_values(W, pi)))
        .equal(averaged(Q), "Q = b . alpha(h, a)")
        .equal(averaged(backed_up(W, pi)), "the recursion")
    )
