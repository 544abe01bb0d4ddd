r"""Appendix B.4: the finite-sample analysis of LAMPS-MM, up to the sum of the losses.

H holds h_M(s, a, v) = E_{M(s,a)} v for the models M of a class; D_t is D_{\omega,\hat\pi_t}; values lie in
[0, 1/(1-\gamma)]; L stands for log(1/\delta), or log(|H|/\delta) after the union bound. Realizable: the
real world is in the class, and h^\star is its h.

What breaks: l_t(h^\star) is the noise of y_t = v_t(s'), not 0. "h^\star best in hindsight" is no
martingale; the union bound over fixed h repairs that, and with a realizable class h^\star is fixed,
so that no union bound is needed: log(1/\delta) suffices. The regret is in `appendix_b4_regret`.
"""

import numpy as np

from theorylab import (
    MDP,
    Along,
    Integer,
    Model,
    Number,
    Policy,
    StateActionDistribution,
    StateFunction,
    at_most,
    bounded_by,
    draw,
    equal,
    every,
    in_expectation,
    so_far,
    with_probability,
)
from theorylab.arithmetic import inf, log, maximum, positive, sqrt, sup
from theorylab.notation import D, E, V
from theorylab.theory.online import leader
from verification.lamps.paper import lamps


def squares(model, v):
    """(h(s, a, v) - v(s'))^2 with h of the model, a table (S, A, S)."""
    return ((model.P @ v)[:, :, None] - v) ** 2


def occupancies(M, pi, pi_star):
    """D_t and D_pi_star, the laws of the two samples of a round."""
    return D(M, pi), D(M, pi_star)


def expected(M, table, laws):
    """E under both laws, added, of a table (S, A, S) at s' ~ M*."""
    step = (M.P * table).sum(-1)
    return sum(E(law, step) for law in laws)


def loss(M, model, v, laws):
    """l_t(h) of the model's h, both samples, for v_t = v."""
    return expected(M, squares(model, v), laws)


def sample(M, law):
    """(s, a) from a law and s' from the real world."""
    s, a = draw(law)
    return s, a, draw(M.P[s, a])


# ---- the martingale ------------------------------------------------------------------------------


@lamps.claim("Appendix B.4, martingale")
def martingale_difference(
    M: MDP,
    models: tuple[Model, Model, Model],
    values: tuple[StateFunction, StateFunction],
    laws: tuple[StateActionDistribution, StateActionDistribution],
):
    r"""E[Z_2 | F_2] = 0 for any fixed h^\star (the last model) and any learner: \hat h_2, v_2 and D_2
    follow the parity of the first round's s', the second sample has the first law"""
    h_star = models[2]
    k = draw(M.P[draw(laws[0])]) % 2
    past, v = so_far(), values[k]
    table = squares(models[k], v) - squares(h_star, v)
    drawn = table[sample(M, laws[k])] + table[sample(M, laws[0])]
    Z = drawn - expected(M, table, [laws[k], laws[0]])
    return in_expectation(equal(Z, 0 * Z), given=past)


def mixture(weights, tables):
    """sum_k weights[k] tables[k]."""
    return sum(w * table for w, table in zip(weights, tables, strict=True))


@lamps.claim("Appendix B.4, martingale", reading="h* best in hindsight")
def martingale_in_hindsight(M: MDP, model_1: Model, model_2: Model, pi: Policy):
    r"""E[Z_1 | F_1] = 0 for h^\star = \arg\min_{h \in H}\sum_{t\le2} l_t(h), as Lemma B.2 defines it, with
    H = \{h_1, h_2\}, \hat h_1 = h_1, and \hat h_2, hence v_2 and l_2, chosen by the parity of s'_1"""
    models, law = [model_1, model_2], D(M, pi)
    first, second = sample(M, law), sample(M, law)
    values = [V(model_1, pi), V(models[first[2] % 2], pi)]
    totals = [sum(loss(M, model, v, [law, law]) for v in values) for model in models]
    best = leader(np.array(totals, dtype=object))
    played = squares(model_1, values[0])
    table = played - mixture(best, [squares(model, values[0]) for model in models])
    Z = table[first] + table[second] - expected(M, table, [law, law])
    return in_expectation(equal(Z, 0 * Z))


def largest_difference(M, h, h_star, pi, pi_star):
    """sup |Z_t| over all samples, for v_t = V^pi in the model of h."""
    v = V(h, pi)
    table = squares(h, v) - squares(h_star, v)
    mean = expected(M, table, occupancies(M, pi, pi_star))
    return maximum(2 * sup(table) - mean, mean - 2 * inf(table))


@lamps.claim("Appendix B.4, range")
def range_of_differences(M: MDP, M_hat: Model, h_star: Model, pi: Policy, pi_star: Policy):
    r"""|Z_t| \le \frac{8}{(1-\gamma)^2}"""
    largest = largest_difference(M, M_hat, h_star, pi, pi_star)
    return at_most(largest, 8 / (1 - M.gamma) ** 2)


@lamps.claim(
    "Appendix B.4, range",
    reading="sharp constant",
    corrects="range_of_differences",
    because="the difference of two squares of numbers in [0, B] lies in [-B^2, B^2], and so does its"
    " mean: twice 2 B^2. It is approached, so that 4 is the least constant",
)
def range_of_differences_sharp(M: MDP, M_hat: Model, h_star: Model, pi: Policy, pi_star: Policy):
    r"""|Z_t| \le \frac{4}{(1-\gamma)^2}"""
    largest = largest_difference(M, M_hat, h_star, pi, pi_star)
    return at_most(largest, 4 / (1 - M.gamma) ** 2)


@lamps.claim("Appendix B.4, Azuma")
def azuma_with_the_range(
    gamma: Number(0, 1, below_high=True), L: Number(0, None), T: Integer(1, 3)
):
    r"""\epsilon^2 = \frac{128\,T L}{(1-\gamma)^4} is 2TR^2 L with R = \frac{8}{(1-\gamma)^2}: Lemma B.1 then
    says \exp(-L). It is below the trivial bound TR on \sum_t Z_t only for T > 2L"""
    R = 8 / (1 - gamma) ** 2
    return equal(128 * T * L / (1 - gamma) ** 4, 2 * T * R**2 * L)


def sums_over_the_class(R, delta, T, size, L):
    """|H| sums of T fair differences of +-R, all within sqrt(2 T R^2 L) with probability 1-delta."""
    coin = np.stack([R, R]) / (2 * R)
    sums = [(2 * sum(draw(coin, T)) - T) * R for _ in range(size)]
    events = [at_most(positive(total) ** 2, 2 * T * R**2 * L) for total in sums]
    return with_probability(1 - delta, every(*events))


@lamps.claim("Appendix B.4, union bound")
def union_over_the_class(
    R: Number("1/2", 1), delta: Number("1/100", "99/100"), T: Integer(1, 2), size: Integer(1, 3)
):
    r"""P(\exists h: \sum_t Z_t(h) > \sqrt{2TR^2\log(|H|/\delta)}) \le \delta for one martingale to each of |H|
    fixed h, here fair and independent"""
    return sums_over_the_class(R, delta, T, size, log(size / delta))


# ---- the sum of the losses -----------------------------------------------------------------------


def squared_gap(M, model, v, laws):
    """E under both laws, added, of (h - h*)^2, h* of the real world."""
    gap = (model.P @ v - M.P @ v) ** 2
    return sum(E(law, gap) for law in laws)


@lamps.claim("Appendix B.4, losses", reading="excess")
def excess_loss(M: MDP, M_hat: Model, pi: Policy, pi_star: Policy):
    r"""l_t(h) - l_t(h^\star) = E_{D_t}(h - h^\star)^2 + E_{D_{\pi^\star}}(h - h^\star)^2 for realizable
    h^\star: the noise of y_t is in both losses"""
    v, laws = V(M_hat, pi), occupancies(M, pi, pi_star)
    excess = loss(M, M_hat, v, laws) - loss(M, M, v, laws)
    return equal(excess, squared_gap(M, M_hat, v, laws))


@lamps.claim("Appendix B.4, losses")
def losses_of_the_truth(T: Along("infinity")):
    r"""\sum_t l_t(\hat h_t) = O(\frac{1}{(1-\gamma)^2}\sqrt{T\log(|H|/\delta)}) for the class of the truth
    alone, so that R(T) = Z_t = 0, where \gamma = 1/2, |H| = 1 and \delta = 1/e are fixed"""
    M = MDP(P=[[["1/2", "1/2"]]] * 2, payoff=[[0], [1]], gamma="1/2", start=["1/2", "1/2"])
    pi = Policy.deterministic([0, 0], 1)
    noise = loss(M, M, V(M, pi), occupancies(M, pi, pi))
    return bounded_by(T * noise, sqrt(T) / (1 - M.gamma) ** 2, "l_t(h*) is the noise of y_t")


@lamps.claim(
    "Appendix B.4, losses",
    reading="corrected",
    corrects="losses_of_the_truth",
    because="only the excess over l_t(h*) is small; by Lemma B.2 with its sign mended, and Lemma B.1"
    " for - Z_t with |Z_t| <= 4/(1-\\gamma)^2 and h* fixed, no union over H",
)
def excess_with_probability(
    M: MDP,
    M_hat: Model,
    f: StateFunction,
    law: StateActionDistribution,
    delta: Number("1/2", "99/100"),
):
    r"""l_t(\hat h_t) - l_t(h^\star) \le R(T) + 4B^2\sqrt{2T\log(1/\delta)} with probability 1-\delta,
    squared, in one round (T = 1) over \{h^\star, \hat h\} and for values in [0, B], here B = 1
    (1/(1-\gamma) in B.4); more rounds: online_to_batch_corrected and hoeffding_azuma"""
    v = (1 + f) / 2
    x, y = sample(M, law), sample(M, law)
    paid, best = (squares(m, v)[x] + squares(m, v)[y] for m in (M_hat, M))
    regret = positive(paid - best)
    beyond = positive(squared_gap(M, M_hat, v, [law, law]) - regret)
    return with_probability(1 - delta, at_most(beyond**2, 32 * log(1 / delta)))
