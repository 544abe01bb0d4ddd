r"""Optimism: B.3.1 for Algorithm 2, Lemma 15 for Algorithm 3, and its proof in B.4.

u = iota / N, one for each (m, s, a), is the smallest at which Omega_1 holds. V~ of Algorithm 3 is the
largest over deterministic policies, V* the largest over all, which a deterministic policy attains: so
V~^pi >= V^pi for each deterministic policy is what Lemma 15 says.
"""

from theorylab import (
    DeterministicHistoryPolicy,
    LatentMDP,
    LatentModel,
    Number,
    StateDistribution,
    StateFunction,
    at_most,
    chain,
    every,
)
from theorylab.arithmetic import absolute, maximum, minimum, sqrt, sup
from theorylab.theory.latent import alpha_vectors, joint_weights, latent_value
from theorylab.worlds import support
from verification.lmdp.optimism import optimistic_value
from verification.lmdp.paper import lmdp
from verification.lmdp.rows import (
    UNDER,
    error_1,
    possible_estimate,
    row_bonus,
    row_spread,
    states_reached,
    tight_1,
    tight_1_under,
)
from verification.lmdp.section_3_planning import best_value


@lmdp.claim("B.3.1, Algorithm 2", reading="the truth is in the set, " + UNDER)
def truth_in_the_set_under(p: StateDistribution, q: StateDistribution):
    r"""On \Omega_1 as (6) prints it, 5\iota/N under the root, P is in the set (2), 5\iota/N outside, for estimates
    that draws can have"""
    p_hat = possible_estimate(p, q)
    u = tight_1_under(p, p_hat)
    return at_most(absolute(p - p_hat), 2 * sqrt(p_hat * u) + 5 * u)


@lmdp.claim(
    "B.3.1, Algorithm 2",
    reading="the truth is in the set",
    corrects="truth_in_the_set_under",
    because="B.4 uses Omega_1 with 5 iota/N outside the root, which is (2)",
)
def truth_in_the_set(p: StateDistribution, p_hat: StateDistribution, more: Number("1/1000", 1)):
    r"""On \Omega_1 with 5\iota/N outside the root P is in the set (2), which is the same interval: judged from just
    above the smallest \iota/N at which Omega_1 holds, found by solving it"""
    u = tight_1(p, p_hat) * (1 + more)
    return at_most(absolute(p - p_hat), 2 * sqrt(p_hat * u) + 5 * u)


@lmdp.claim("B.3.1, Algorithm 2", reading="episode 1, whose policy is arbitrary")
def optimism_in_episode_1(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r""" "For each episode k [...] \tilde V^k \ge V^\star": in episode 1, before any call of the solver, \tilde V^1 is the value of
    line 2's arbitrary policy \pi^1 in some model; with H = 1 the same in every model"""
    return at_most(best_value(W), latent_value(M, pi))


@lmdp.claim(
    "B.3.1, Algorithm 2",
    reading="episode 1, its regret",
    corrects="optimism_in_episode_1",
    because="no solver chose the policy of episode 1. As no pair was visited before, it has an update: it is in"
    " K^C, and costs at most 1. From episode 2 on the model and the policy are the set's best",
)
def regret_of_episode_1(W: LatentMDP, pi: DeterministicHistoryPolicy):
    r"""V^\star - V^{\pi^1} \le 1 for any policy \pi^1"""
    return at_most(best_value(W) - latent_value(W, pi), 1)


@lmdp.claim("Lemma 15")
def mvp_optimism(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""On \Omega_1, \tilde V^\pi \ge V^\pi for every deterministic policy, so \tilde V^k \ge V^\star"""
    return at_most(latent_value(W, pi), optimistic_value(W, M.P, tight_1(W.P, M.P), pi))


@lmdp.claim("Lemma 15, proof", reading="alpha at every history")
def alpha_at_most_one(W: LatentMDP, pi: DeterministicHistoryPolicy):
    r"""\min\{R_m + P_m\alpha, 1\} = \alpha_m(h, a), the last line, for each m and each h that can be observed, in some
    context: \alpha_m(h) \le 1"""
    pairs = zip(alpha_vectors(W, pi), joint_weights(W), strict=True)
    return every(*[at_most(sup(support(c.sum(0)) * alpha), 1) for alpha, c in pairs])


@lmdp.claim(
    "Lemma 15, proof",
    reading="alpha where the history can happen in the context",
    corrects="alpha_at_most_one",
    because="the total is at most 1 on what can happen; elsewhere min(alpha, 1) takes alpha's place, since"
    " P_m gives it no weight",
)
def alpha_at_most_one_corrected(W: LatentMDP, pi: DeterministicHistoryPolicy):
    r"""\alpha_m(h) \le 1 where w_m \nu_m(s_1) P_m(s_2 | s_1, a_1) \ldots > 0"""
    pairs = zip(alpha_vectors(W, pi), joint_weights(W), strict=True)
    return every(*[at_most(sup(support(c) * alpha), 1) for alpha, c in pairs])


@lmdp.claim("Lemma 15, proof")
def mvp_optimism_step(
    p: StateDistribution,
    p_hat: StateDistribution,
    f: StateFunction,
    g: StateFunction,
    share: Number(0, 1),
):
    r"""\min\{R + B + \hat P\tilde\alpha, 1\} \ge \min\{R + f(\hat P, \alpha, N, \iota), 1\} \ge \ldots \ge R + P\alpha for
    \alpha \le \tilde\alpha in [0, 1] and R + P\alpha \le 1"""
    alpha, higher, u = (1 + f) / 2, (1 + maximum(f, g)) / 2, tight_1(p, p_hat)
    R = share * (1 - p @ alpha)
    root = sqrt(states_reached(p_hat) * row_spread(p_hat, alpha) * u)
    half = p_hat @ alpha + 2 * root + 8 * len(p) * u
    return (
        chain(minimum(R + row_bonus(p_hat, higher, u) + p_hat @ higher, 1))
        .at_least(minimum(R + row_bonus(p_hat, alpha, u) + p_hat @ alpha, 1), "Lemma 14, 1")
        .at_least(minimum(R + half, 1), "Lemma 14, 2")
        .at_least(minimum(R + p_hat @ alpha + error_1(p_hat, alpha, u), 1), "5 S is at most 8 S")
        .at_least(R + p @ alpha, "Lemma 12")
    )
