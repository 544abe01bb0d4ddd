r"""Appendix B.4: from the sum of the losses to the regret and the sample complexity.

What breaks: the regret bound lacks the factor \sqrt{2}\gamma/(1-\gamma), so the sample complexity has
(1-\gamma)^8, not (1-\gamma)^4; T^{1/4} is T^{-1/4}. L stands for log(1/\delta), see `appendix_b4`.
"""

import numpy as np

from theorylab import (
    MDP,
    Along,
    Integer,
    Model,
    Number,
    Policy,
    assume,
    at_most,
    bounded_by,
    equal,
)
from theorylab.arithmetic import positive
from theorylab.notation import E, J, Q, V, d
from verification.lamps.appendix_b4 import loss, occupancies, squared_gap
from verification.lamps.paper import lamps

# ---- the regret ----------------------------------------------------------------------------------


def policy_error(M, M_hat, pi, pi_star):
    """eps_po of (8) with nu = D_pi_star."""
    return E(d(M, pi_star), V(M_hat, pi) - E(pi_star, Q(M_hat, pi)))


@lamps.claim("Appendix B.4, regret")
def regret_by_losses(M: MDP, M_hat: Model, pi: Policy, pi_star: Policy):
    r"""J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star) \le \sqrt{l(\hat h)} for \epsilon_{po} \le 0, one round,
    squared"""
    assume(at_most(policy_error(M, M_hat, pi, pi_star), 0), "eps_po <= 0")
    paid = loss(M, M_hat, V(M_hat, pi), occupancies(M, pi, pi_star))
    return at_most(positive(J(M, pi) - J(M, pi_star)) ** 2, paid)


@lamps.claim(
    "Appendix B.4, regret",
    reading="corrected",
    corrects="regret_by_losses",
    because="PDAM has \\gamma/(1-\\gamma) before the two model terms, the mean of a square bounds the"
    " square of a mean, and two terms in one root cost \\sqrt{2}; the excess loss suffices",
)
def regret_by_losses_corrected(
    M: MDP, models: tuple[Model, Model], policies: tuple[Policy, Policy], pi_star: Policy
):
    r"""\frac{1}{T}\sum_t J_{M^\star}(\hat\pi_t) - J_{M^\star}(\pi^\star) \le \frac{\bar\epsilon_{po}}{1-\gamma} +
    \frac{\sqrt2\gamma}{1-\gamma}\sqrt{\frac{1}{T}\sum_t [l_t(\hat h_t) - l_t(h^\star)]}, squared, T = 2,
    for any models and policies"""
    rounds = list(zip(models, policies, strict=True))
    gaps = [J(M, pi) - J(M, pi_star) for _, pi in rounds]
    policy = [policy_error(M, model, pi, pi_star) / (1 - M.gamma) for model, pi in rounds]
    excess = [
        squared_gap(M, model, V(model, pi), occupancies(M, pi, pi_star)) for model, pi in rounds
    ]
    left = positive((sum(gaps) - sum(policy)) / len(rounds))
    factor = 2 * M.gamma**2 / (1 - M.gamma) ** 2
    return at_most(left**2, factor * sum(excess) / len(rounds))


def never_arriving(gamma):
    """(world, model, learner, expert): the learner stays in state 0 and pays 1 for ever; its model
    says that it goes to the free state 1, as the expert does; both pay 1 in the first step."""
    one, zero = 1 + 0 * gamma, 0 * gamma
    stay, go = [one, zero], [zero, one]
    world = MDP(
        np.array([[stay, go], [go, go]], dtype=object),
        np.array([[one, one], [zero, zero]], dtype=object),
        gamma,
        np.array(stay, dtype=object),
    )
    model = world.with_transitions(np.array([[go, go], [go, go]], dtype=object))
    return world, model, Policy.deterministic([0, 0], 2), Policy.deterministic([1, 0], 2)


@lamps.claim("Appendix B.4, regret", reading="order in the horizon")
def regret_by_losses_horizon(gamma: Along(1)):
    r"""J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star) = O(\sqrt{l(\hat h)}), squared, in a deterministic
    world with \epsilon_{po} = 0"""
    M, M_hat, pi, pi_star = never_arriving(gamma)
    gap = J(M, pi) - J(M, pi_star)
    return bounded_by(gap**2, loss(M, M_hat, V(M_hat, pi), occupancies(M, pi, pi_star)))


@lamps.claim(
    "Appendix B.4, regret",
    reading="order in the horizon, corrected",
    corrects="regret_by_losses_horizon",
    because="the factor \\gamma/(1-\\gamma) of PDAM",
)
def regret_by_losses_horizon_corrected(gamma: Along(1)):
    r"""The same with \frac{1}{1-\gamma}\sqrt{l(\hat h)}"""
    M, M_hat, pi, pi_star = never_arriving(gamma)
    gap = J(M, pi) - J(M, pi_star)
    paid = loss(M, M_hat, V(M_hat, pi), occupancies(M, pi, pi_star))
    return bounded_by(gap**2, paid / (1 - gamma) ** 2)


# ---- rate and sample complexity ------------------------------------------------------------------


def root_to_the_fourth(gamma, L, T):
    """(1/T sum_t l_t)^2 for sum_t l_t = sqrt(T L) / (1-gamma)^2: the root, to the fourth power."""
    return T * L / (1 - gamma) ** 4 / T**2


@lamps.claim("Appendix B.4, rate")
def rate_as_printed(gamma: Number(0, 1, below_high=True), L: Number(0, None), T: Integer(1, 5)):
    r"""\sqrt{\frac{1}{T}\sum_t l_t} \le \frac{T^{1/4}L^{1/4}}{1-\gamma} for \sum_t l_t =
    \frac{1}{(1-\gamma)^2}\sqrt{TL}, to the fourth power: true, and it grows with T"""
    return at_most(root_to_the_fourth(gamma, L, T), T * L / (1 - gamma) ** 4)


@lamps.claim("Appendix B.4, rate", reading="as an identity")
def rate_as_identity(
    gamma: Number("1/8", 1, below_high=True), L: Number(0, None), T: Integer(1, 5)
):
    r"""The same with "=", as the next line uses it"""
    return equal(root_to_the_fourth(gamma, L, T), T * L / (1 - gamma) ** 4)


@lamps.claim(
    "Appendix B.4, rate",
    reading="corrected",
    corrects="rate_as_identity",
    because="(1/T) \\sqrt{T} is T^{-1/2}, and its root T^{-1/4}",
)
def rate_corrected(gamma: Number(0, 1, below_high=True), L: Number(0, None), T: Integer(1, 5)):
    r"""\sqrt{\frac{1}{T}\sum_t l_t} = \frac{T^{-1/4}L^{1/4}}{1-\gamma}, to the fourth power"""
    return equal(root_to_the_fourth(gamma, L, T), L / (T * (1 - gamma) ** 4))


@lamps.claim("Appendix B.4, sample complexity")
def sample_complexity_as_printed(
    gamma: Number("1/8", 1, below_high=True), L: Number(1, None), eps: Number("1/100", 1)
):
    r"""\frac{T^{1/4}L^{1/4}}{1-\gamma} \le \epsilon at T = \frac{L}{(1-\gamma)^4\epsilon^4}, to the fourth
    power"""
    T = L / ((1 - gamma) ** 4 * eps**4)
    return at_most(T * L / (1 - gamma) ** 4, eps**4)


@lamps.claim(
    "Appendix B.4, sample complexity",
    reading="with T^{-1/4}",
    corrects="sample_complexity_as_printed",
    because="the exponent of T is -1/4: with it, the printed T is what the printed root needs",
)
def sample_complexity_of_the_root(
    gamma: Number(0, 1, below_high=True), L: Number(1, None), eps: Number("1/100", 1)
):
    r"""\frac{T^{-1/4}L^{1/4}}{1-\gamma} = \epsilon at that T, to the fourth power"""
    T = L / ((1 - gamma) ** 4 * eps**4)
    return equal(L / (T * (1 - gamma) ** 4), eps**4)


def needed_rounds(gamma):
    """The least T with sqrt(2) gamma / (1-gamma) sqrt(w / T) <= eps for w = 4 sqrt(2 T L) /
    (1-gamma)^2, in units of L / eps^4: R(T) apart, what regret_by_losses_corrected asks for."""
    return 128 * gamma**4 / (1 - gamma) ** 8


@lamps.claim("Appendix B.4, sample complexity", reading="rounds that the corrected bound needs")
def rounds_of_the_bound(
    gamma: Number("1/10", 1, below_high=True), L: Number(1, None), eps: Number("1/100", 1)
):
    r"""(\frac{\sqrt2\gamma}{1-\gamma}\sqrt{\frac{w}{T}})^4 = \epsilon^4 at T = \frac{128\gamma^4 L}{(1-\gamma)^8\epsilon^4},
    w = \frac{4}{(1-\gamma)^2}\sqrt{2TL} the width of excess_with_probability"""
    T = needed_rounds(gamma) * L / eps**4
    width_squared = 32 * T * L / (1 - gamma) ** 4
    return equal(4 * gamma**4 / (1 - gamma) ** 4 * width_squared / T**2, eps**4)


@lamps.claim("Appendix B.4, sample complexity", reading="order in the horizon")
def sample_complexity_horizon(gamma: Along(1)):
    r"""The rounds that the corrected bound needs are O(\frac{L}{(1-\gamma)^4\epsilon^4})"""
    return bounded_by(needed_rounds(gamma), 1 / (1 - gamma) ** 4)


@lamps.claim(
    "Appendix B.4, sample complexity",
    reading="order in the horizon, corrected",
    corrects="sample_complexity_horizon",
    because="the regret bound lacks \\gamma/(1-\\gamma), to the fourth power here",
)
def sample_complexity_horizon_corrected(gamma: Along(1)):
    r"""They are O(\frac{L}{(1-\gamma)^8\epsilon^4})"""
    return bounded_by(needed_rounds(gamma), 1 / (1 - gamma) ** 8)
