r"""Section 2: values, occupancies and linear MDPs.

The text defines d^\pi = E sum_i \gamma^i 1[s_i = s, a_i = a], which sums to 1/(1-\gamma); its recursion
and all of the paper's proofs are those of the normalised occupancy, which sums to one. Expectations
over trajectories are sums over the laws of the first n steps, and what is left is the same from the
law of the n-th state.

Features of a linear MDP are those of a latent-variable model in another basis: phi = p(. | s, a) B
and mu = B^{-1} p(s' | .), so that they may have any sign.
"""

import numpy as np

from theorylab import (
    Integer,
    KernelMatrix,
    LatentVariableModel,
    Policy,
    RewardMDP,
    StateActionFunction,
    StateFunction,
    at_most,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import identity, inverse
from theorylab.notation import D, D_at, E, J, Q, V, d_at
from theorylab.theory.tabular import with_actions
from verification.lvrep.paper import lvrep
from verification.lvrep.terms import inside

# ---- Section 2.1 ---------------------------------------------------------------------------------


@lvrep.claim("Section 2.1, V")
def value_from_steps(M: RewardMDP, pi: Policy, n: Integer(1, 3)):
    r"""V^\pi_{T^*,r} = E[\sum_i \gamma^i r(s_i, a_i) | s_0 \sim d_0] = E_{s \sim d_0} V^\pi(s): the first n steps, and
    \gamma^n E V^\pi(s_n)"""
    paid = sum(M.gamma**i * E(D_at(M, pi, i), M.r) for i in range(n))
    return every(
        equal(J(M, pi), paid + M.gamma**n * E(d_at(M, pi, n), V(M, pi))),
        equal(J(M, pi), E(M.start, V(M, pi))),
    )


@lvrep.claim("Section 2.1, V", reading="ranges")
def ranges_of_values(M: RewardMDP, pi: Policy):
    r"""V: S \to [0, 1/(1-\gamma)] and Q: S \times A \to [0, 1/(1-\gamma)]"""
    high = 1 / (1 - M.gamma)
    return every(
        chain(0 * V(M, pi)).at_most(V(M, pi)).at_most(0 * V(M, pi) + high),
        chain(0 * Q(M, pi)).at_most(Q(M, pi)).at_most(0 * Q(M, pi) + high),
    )


@lvrep.claim("Section 2.1, Bellman")
def bellman_equations(M: RewardMDP, pi: Policy):
    r"""Q^\pi(s, a) = r(s, a) + \gamma E_{s' \sim T^*(.|s, a)} V^\pi(s') and V^\pi(s) = E_{a \sim \pi(.|s)} Q^\pi(s, a)"""
    return every(
        equal(Q(M, pi), M.r + M.gamma * E(M.P, V(M, pi))),
        equal(V(M, pi), E(pi, Q(M, pi))),
    )


def printed_occupancy(M, pi):
    r"""E \sum_i \gamma^i 1[s_i = s, a_i = a], as Section 2.1 defines d^\pi; it sums to 1/(1-\gamma)."""
    return D(M, pi) / (1 - M.gamma)


@lvrep.claim("Section 2.1, occupancy value")
def value_through_occupancy(M: RewardMDP, pi: Policy, n: Integer(1, 3)):
    r"""V^\pi = E_{(s, a) \sim d^\pi}[r(s, a)] with d^\pi as defined, not normalised: the first n terms of
    \sum_i \gamma^i 1[s_i = s, a_i = a], and \gamma^n times the same from the law of s_n"""
    first = sum(M.gamma**i * D_at(M, pi, i) for i in range(n))
    later = printed_occupancy(M.with_start(d_at(M, pi, n)), pi)
    return every(
        equal(printed_occupancy(M, pi), first + M.gamma**n * later),
        equal(J(M, pi), E(printed_occupancy(M, pi), M.r)),
    )


def entered(M, pi, pairs):
    r"""E_{(\tilde s, \tilde a) \sim pairs}[T(s | \tilde s, \tilde a) \pi(a | s)], shape (S, A)."""
    return with_actions(np.tensordot(pairs, M.P, axes=2), pi)


@lvrep.claim("Section 2.1, occupancy recursion")
def occupancy_recursion(M: RewardMDP, pi: Policy):
    r"""d^\pi(s, a) = (1-\gamma) d_0(s) \pi(a|s) + \gamma E_{(\tilde s, \tilde a) \sim d^\pi}[T^*(s|\tilde s, \tilde a) \pi(a|s)],
    with d^\pi as the text defines it"""
    pairs = printed_occupancy(M, pi)
    first = with_actions(M.start, pi)
    return equal(pairs, (1 - M.gamma) * first + M.gamma * entered(M, pi, pairs))


@lvrep.claim(
    "Section 2.1, occupancy recursion",
    corrects="occupancy_recursion",
    because="the recursion is that of (1-\\gamma) E sum_i \\gamma^i 1[...]; with it V = E_d[r]/(1-\\gamma), which"
    " is what Lemma 18 and all proofs use",
)
def normalised_occupancy_recursion(M: RewardMDP, pi: Policy):
    r"""the same for d^\pi = (1-\gamma) E \sum_i \gamma^i 1[s_i = s, a_i = a]; then V^\pi = E_{d^\pi}[r] / (1-\gamma)"""
    first = with_actions(M.start, pi)
    return every(
        equal(D(M, pi), (1 - M.gamma) * first + M.gamma * entered(M, pi, D(M, pi))),
        equal(J(M, pi), E(D(M, pi), M.r) / (1 - M.gamma)),
    )


@lvrep.claim(
    "Section 2.1, occupancy recursion",
    reading="corrected, not normalised",
    corrects="occupancy_recursion",
    because="with d as defined the start is counted once: without the factor 1-\\gamma",
)
def unnormalised_occupancy_recursion(M: RewardMDP, pi: Policy):
    r"""d^\pi(s, a) = d_0(s) \pi(a|s) + \gamma E_{(\tilde s, \tilde a) \sim d^\pi}[T^*(s|\tilde s, \tilde a) \pi(a|s)]"""
    pairs = printed_occupancy(M, pi)
    return equal(pairs, with_actions(M.start, pi) + M.gamma * entered(M, pi, pairs))


# ---- Section 2.2: linear MDPs --------------------------------------------------------------------


def features(T, B):
    """phi (S, A, d) and mu (d, S) of the model's transitions in the basis B."""
    return T.latents @ B, inverse(B) @ T.emissions


@lvrep.claim("Definition 1")
def linear_in_any_basis(T: LatentVariableModel, B: KernelMatrix):
    r"""T^*(s'|s, a) = <\phi^*(s, a), \mu^*(s')>: the features are one of many, since <B'\phi, B^{-1}\mu> is the
    same"""
    phi, mu = features(T, B)
    return equal(phi @ mu, T.P)


@lvrep.claim("Definition 1", reading="every finite MDP is one")
def tabular_features(M: RewardMDP):
    r"""with H = R^{|S||A|}, \phi(s, a) = e_{(s, a)} and \mu(s')_{(s, a)} = T(s'|s, a)"""
    phi = identity(M.S * M.A).reshape(M.S, M.A, -1)
    return equal(phi @ M.P.reshape(-1, M.S), M.P)


@lvrep.claim("(1)")
def action_value_without_the_discount(T: LatentVariableModel, B: KernelMatrix, pi: Policy):
    r"""Q^\pi(s, a) = r(s, a) + \gamma E V^\pi(s') = r(s, a) + <\phi^*(s, a), \int \mu^*(s') V^\pi(s') ds'>"""
    T = inside(T)
    phi, mu = features(T, B)
    return (
        chain(Q(T, pi))
        .equal(T.r + T.gamma * E(T.P, V(T, pi)), "Bellman")
        .equal(T.r + phi @ (mu @ V(T, pi)), "T is linear")
    )


@lvrep.claim(
    "(1)",
    corrects="action_value_without_the_discount",
    because="the last line has lost \\gamma, which is no sign that the extraction drops; (6) has it",
)
def action_value_in_features(T: LatentVariableModel, B: KernelMatrix, pi: Policy):
    r"""Q^\pi(s, a) = r(s, a) + \gamma <\phi^*(s, a), \int \mu^*(s') V^\pi(s') ds'>"""
    phi, mu = features(T, B)
    return equal(Q(T, pi), T.r + T.gamma * (phi @ (mu @ V(T, pi))))


@lvrep.claim("(1), in [r, phi]")
def linear_in_reward_and_features(T: LatentVariableModel, pi: Policy, r: StateActionFunction):
    r"""for any policy, Q^\pi(s, a) is linear with respect to [r(s, a), \phi(s, a)]: Q^\pi = [r, \phi]'(1, \gamma w) with w =
    \int \mu V^\pi the same for all pairs, whatever the reward"""
    M = T.with_reward(r)
    weights = np.concatenate([[1], M.gamma * (M.emissions @ V(M, pi))])
    rows = np.concatenate([M.r[..., None], M.latents], axis=-1)
    return equal(Q(M, pi), rows @ weights)


@lvrep.claim("(2)", reading="the constraint says that rows sum to one")
def constraint_of_likelihood(T: LatentVariableModel, B: KernelMatrix):
    r"""<\phi(s, a), \int \mu(s') ds'> = \int <\phi(s, a), \mu(s')> ds', so the constraint of (2) is that the rows of
    <\phi, \mu> sum to one"""
    phi, mu = features(T, B)
    return chain(phi @ mu.sum(-1)).equal((phi @ mu).sum(-1)).equal(1 + 0 * T.r)


@lvrep.claim("(2)", reading="literal: the constraint alone, without <phi, mu> >= 0")
def constraint_gives_a_transition(mu: StateFunction):
    r"""whatever satisfies the constraint of (2), <\phi(s, a), \int \mu(s') ds'> = 1, is a transition, of which (2)
    takes the likelihood: with d = 1 and \phi = 1/\int\mu, no entry <\phi, \mu(s')> exceeds 1"""
    likelihood = mu / mu.sum()
    return at_most(likelihood, 1 + 0 * mu)


@lvrep.claim(
    "(2)",
    reading="forced: entries at least 0",
    corrects="constraint_gives_a_transition",
    because="a conditional density is asked for, which is not negative: features may have any sign: <\\phi, \\mu> with a negative entry has another above 1, and the"
    " likelihood of (2) has no maximum; <\\phi, \\mu> >= 0 must be asked for as well",
)
def constraint_with_the_sign_gives_a_transition(T: LatentVariableModel, B: KernelMatrix):
    r"""with <\phi(s, a), \mu(s')> \ge 0, too, as it is where phi and mu are two conditional laws in some basis,
    the entries are at most 1"""
    phi, mu = features(T, B)
    return at_most(phi @ mu, 1 + 0 * T.P)
