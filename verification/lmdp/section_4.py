r"""Section 4: the variance of a policy, Definition 1, and that it is at most a constant.

The variance of the total reward is computed from its law, over all trajectories; Definition 1 is for
policies in \Pi, which B.2 says are deterministic: for others it misses what the draw of the action adds.
"""

import numpy as np

from theorylab import DeterministicHistoryPolicy, HistoryPolicy, LatentMDP, at_most, chain, equal
from theorylab.theory.latent import (
    alpha_action_vectors,
    decisions,
    history_laws,
    last_states,
    latent_value,
    policy_value_variance,
    variance,
)
from verification.lmdp.paper import lmdp
from verification.lmdp.section_3 import paid_before


def variance_of_the_total(W, pi):
    """The variance of the total reward: over contexts, histories of H steps and last actions."""
    law = history_laws(W, pi)[-1][..., None] * decisions(W, pi)[-1]
    total = paid_before(W)[-1][:, None] + W.rewards[:, last_states(W, W.H)]
    return variance(np.ravel(law), np.ravel(total))


@lmdp.claim("Definition 1", reading="any policy")
def variance_of_any_policy(W: LatentMDP, pi: HistoryPolicy):
    r"""For any policy \pi, Var^\pi = \mathbb V(w\circ\nu, \alpha^\pi(\cdot)) + E_\pi[\sum_{t=1}^H \mathbb V(P_m(\cdot|s_t,
    a_t), \alpha_m^\pi(h_t a_t r_t \cdot))] is the variance of total reward of \pi"""
    return equal(policy_value_variance(W, pi), variance_of_the_total(W, pi))


@lmdp.claim(
    "Definition 1",
    reading="deterministic",
    corrects="variance_of_any_policy",
    because="with one state, one context and two actions of different rewards no transition is random, but"
    " the total is where the action is drawn; B.2 takes \\pi in \\Pi deterministic",
)
def variance_of_a_deterministic_policy(W: LatentMDP, pi: DeterministicHistoryPolicy):
    r"""The same for any deterministic \pi"""
    return equal(policy_value_variance(W, pi), variance_of_the_total(W, pi))


@lmdp.claim(
    "Definition 1",
    reading="any policy, with its draws",
    corrects="variance_of_any_policy",
    because="the law of total variance has a term for the draw of each action, given context and history",
)
def variance_with_the_draws_of_actions(W: LatentMDP, pi: HistoryPolicy):
    r"""For any policy, Var^\pi + E_\pi[\sum_t \mathbb V(\pi(\cdot|h_t), \alpha_m^\pi(h_t, \cdot))] is the variance
    of total reward of \pi"""
    parts = zip(history_laws(W, pi), decisions(W, pi), alpha_action_vectors(W, pi), strict=True)
    drawn = sum((law * variance(rows, Q)).sum() for law, rows, Q in parts)
    return equal(policy_value_variance(W, pi) + drawn, variance_of_the_total(W, pi))


@lmdp.claim("Section 4, Var*")
def largest_variance_is_at_most_a_quarter(W: LatentMDP, pi: HistoryPolicy):
    r"""Var^\star \le O(1), with its constant: Var^\pi \le V(X) \le V^\pi(1 - V^\pi) \le 1/4, since the total X
    is in [0, 1]"""
    V = latent_value(W, pi)
    return (
        chain(policy_value_variance(W, pi))
        .at_most(variance_of_the_total(W, pi), "law of total variance")
        .at_most(V * (1 - V), "X^2 <= X")
        .at_most((1 + 0 * V) / 4, "x(1 - x) <= 1/4")
    )


@lmdp.claim("Section 4, Var*", reading="at most 1")
def largest_variance_is_at_most_one(W: LatentMDP, pi: DeterministicHistoryPolicy):
    r"""Var^\pi \le 1, as the paper uses it"""
    return at_most(policy_value_variance(W, pi), 1)
