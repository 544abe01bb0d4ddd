r"""Appendix B.3.2: the regret decomposition along a trajectory, for one episode; episodes add up.

alpha~ are those of any model cut at 1, as (4) cuts them: without the cut (iii) falls; beta is the positive part of the Bellman error, the least that (8) allows. Print has "(k, 1) in
X" at (i): not in X is meant; X_2 stands twice, the middle brace has no name.
"""

from theorylab import (
    Along,
    DeterministicHistoryPolicy,
    LatentMDP,
    LatentModel,
    Number,
    almost_surely,
    at_most,
    bounded_by,
    chain,
    equal,
    every,
    in_expectation,
)
from theorylab.arithmetic import positive, sqrt, sup
from theorylab.theory.latent import alpha_vectors, joint_weights, latent_value
from theorylab.theory.latent_bounds import x_6_bound
from theorylab.theory.latent_parts import with_palette
from theorylab.worlds import support
from verification.lmdp.episodes import (
    episode_of,
    next_values_along,
    values_along,
)
from verification.lmdp.optimism import cut_vectors, first_value, same_support
from verification.lmdp.paper import lmdp

FIRST_OUT = (
    "the terms have both signs: that of the step t_0 is dropped on the left and kept on the right."
    " X_3 is a sum of martingale differences as it stands, since the step t decides whether t + 1 is in X"
)


ABOVE_1 = (
    "a model of the set (2) may lead back to what pays, and its alpha~ exceed 1, as its total may;"
    " Section 5.1 says that it cannot"
)


def decomposition(W, alphas, pi):
    """The displayed lines of B.3.2, from V~ - V on, for optimistic vectors at steps 1, ..., H."""
    e = episode_of(W, pi)
    own, later, steps = values_along(e, alphas), next_values_along(W, e, alphas), range(W.H)
    optimistic, V = first_value(W, alphas), latent_value(W, pi)
    paid = sum(e.rewards[t] * e.kept[t] for t in steps)
    X_1, X_2 = optimistic - own[0], paid - V
    X_3 = sum((later[t] - own[t + 1]) * e.kept[t + 1] for t in steps)
    errors = [(own[t] - e.rewards[t] - later[t]) * e.kept[t] for t in steps]
    turned = sum(later[t] * (e.kept[t] - e.kept[t + 1]) for t in steps)
    return (
        chain(optimistic - V)
        .equal(X_1 + (own[0] - paid) + X_2, "add and subtract")
        .equal(X_1 + X_2 + sum(errors) + X_3 + turned, "(i)")
        .at_most(X_1 + X_2 + X_3 + sum(positive(x) for x in errors) + turned, "(ii)")
        .at_most(X_1 + X_2 + X_3 + sum(positive(x) for x in errors) + (1 - e.kept[-1]), "(iii)")
    )


@lmdp.claim("B.3.2", reading="alpha~ is at most 1, any model of the set (2)")
def optimistic_at_most_one(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""(iii): "the fact that \tilde\alpha^k \le 1", for a model of (2), at the histories that can happen"""
    pairs = zip(alpha_vectors(M, pi), joint_weights(W), strict=True)
    return every(*[at_most(sup(support(c) * alpha), 1) for alpha, c in pairs])


@lmdp.claim(
    "B.3.2",
    reading="alpha~ is at most 1, cut at 1",
    corrects="optimistic_at_most_one",
    because=ABOVE_1,
)
def optimistic_at_most_one_cut(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""\tilde\alpha = \min\{R + \tilde P\tilde\alpha, 1\} of any model is at most 1 at every history, and the optimism stays: for the
    truth, a model of the set, the cut changes nothing in \sum w_m\nu_m(s)\tilde\alpha_m(s) = V^\pi"""
    bounded = [at_most(sup(alpha), 1) for alpha in cut_vectors(M, pi)]
    return every(*bounded, equal(first_value(W, cut_vectors(W, pi)), latent_value(W, pi)))


@lmdp.claim(
    "B.3.2",
    reading="alpha~ is at most 1, rewards of at most 1/H",
    corrects="optimistic_at_most_one",
    because=ABOVE_1
    + ". Some model stays at the pair that pays most: no weaker bound on rewards will do",
)
def optimistic_at_most_one_bounded(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""The same for any model, at every history, where each reward is at most 1/H"""
    alphas = alpha_vectors(with_palette(M, M.palette / M.H), pi)
    return every(*[at_most(sup(alpha), 1) for alpha in alphas])


@lmdp.claim("B.3.2")
def regret_decomposition(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""\tilde V - V^\pi = X_1 + (\tilde\alpha(s_1) - \sum\breve r_t) + X_2 = \ldots \le X_1 + X_2 + X_3 + X_4 + |K^C| for the
    alpha vectors of any model cut at 1"""
    return almost_surely(decomposition(W, cut_vectors(M, pi), pi))


# ---- Lemmas 17, 18, 19 ---------------------------------------------------------------------------


@lmdp.claim(
    "Lemma 17, proof",
    reading="the mean",
    corrects="first_value_is_known",
    because="the first state and the context are drawn in episode k: Lemma 7 needs the mean given the past,"
    " which is V^k",
)
def first_value_is_unbiased(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""\alpha_{m^k}(s_1^k) is a random variable with mean V^k, for alpha vectors of the truth and of a model"""
    e, alphas, optimistic = episode_of(W, pi), alpha_vectors(W, pi), alpha_vectors(M, pi)
    both = chain(values_along(e, optimistic)[0] - values_along(e, alphas)[0])
    return in_expectation(both.equal(latent_value(M, pi) - latent_value(W, pi), "m and s_1 drawn"))


@lmdp.claim("Lemma 17, proof", reading="measurable before the episode")
def first_value_is_known(W: LatentMDP, pi: DeterministicHistoryPolicy):
    r""" "\alpha_{m^k}(s_1^k) is measurable with respect to U^{k-1}": then it is its mean V^k. It is so with respect
    to U^k, and X_1 is no sum of zeros"""
    first = values_along(episode_of(W, pi), alpha_vectors(W, pi))[0]
    return almost_surely(at_most(first, latent_value(W, pi)))


@lmdp.claim("Lemma 18, proof")
def rewards_are_unbiased(W: LatentMDP, pi: DeterministicHistoryPolicy):
    r"""E[\sum_t r_t^k] = V^{\pi^k}"""
    paid = chain(sum(episode_of(W, pi).rewards))
    return in_expectation(paid.equal(latent_value(W, pi), "Monte Carlo"))


@lmdp.claim("Lemma 19, proof")
def indicator_dropped(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""X_3 \le \sum_t (P\tilde\alpha - \tilde\alpha(h_{t+1})) 1[(k, t) \notin X], since 1[(k, t+1) \notin X] \le 1[(k, t) \notin X]"""
    e, alphas = episode_of(W, pi), alpha_vectors(same_support(W, M), pi)
    own, later = values_along(e, alphas), next_values_along(W, e, alphas)
    noise = [later[t] - own[t + 1] for t in range(W.H)]
    X_3 = sum(x * k for x, k in zip(noise, e.kept[1:], strict=True))
    return almost_surely(at_most(X_3, sum(x * k for x, k in zip(noise, e.kept[:-1], strict=True))))


@lmdp.claim(
    "Lemma 19, proof", reading="X_3 itself", corrects="indicator_dropped", because=FIRST_OUT
)
def model_error_is_unbiased(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""E X_3 = 0 for an update at the first visit of a state"""
    e, alphas = episode_of(W, pi), alpha_vectors(same_support(W, M), pi)
    own, later = values_along(e, alphas), next_values_along(W, e, alphas)
    X_3 = sum((later[t] - own[t + 1]) * e.kept[t + 1] for t in range(W.H))
    return in_expectation(chain(X_3).equal(0 * latent_value(W, pi), "martingale differences"))


# ---- Theorem 2, the first line of its proof --------------------------------------------------------


@lmdp.claim("Theorem 2, proof", reading="the first line, |K^C| under the root")
def updates_under_the_root(x: Along(0)):
    r"""Regret \le O(\sqrt{Var^\star K\iota} + X_4 + \sqrt{MSA\iota^2}) "from Lemma 17, 18, 19 and property of K": the
    decomposition adds |K^C|, which that property bounds by MSA\iota, not by its root; M = 1/x, all else fixed"""
    M = 1 / x
    return bounded_by(M, sqrt(M))


@lmdp.claim(
    "Theorem 2, proof",
    "the first line, given the events of Lemmas 7, 8 and 11",
    reading="the first line, with MSA iota^2",
    corrects="updates_under_the_root",
    because="|K^C| <= MSA iota is not under a root, and X_5 <= 3 Var* K + 46 iota^2 gives iota^(3/2); Theorem"
    " 2's MS^2A iota^2 has room for both",
)
def updates_outside_the_root(
    variance: Number(0, "1/4"),
    K: Number(1, 4096),
    X_4: Number(0, 1024),
    pairs: Number(1, 64),
    few: Number(0, 1),
    iota: Number(1, 64),
):
    r"""On the events X_1 + X_2 + X_3 + X_4 + |K^C| \le 17\sqrt{Var^\star K\iota} + 2X_4 + 188MSA\iota^2"""
    updates, X_5 = few * pairs * iota, 3 * variance * K + 46 * iota**2
    X_6 = x_6_bound(X_4, updates, iota)
    X_2 = 2 * sqrt(2 * variance * K * iota) + 5 * iota
    total = 8 * sqrt(X_5 * iota) + 8 * sqrt(X_6 * iota) + 10 * iota + X_2 + X_4 + updates
    bound = 17 * sqrt(variance * K * iota) + 2 * X_4
    return at_most(total, bound + 188 * pairs * iota**2)
