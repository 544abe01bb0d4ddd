r"""Appendix B.1: the warm-up with Hedge over a finite class of models, its lines 1 and 2.

R(T) is a total over rounds; the print writes d with (s,a), so D is meant, and \hat M stands for the
drawn \hat M_t inside the expectation over the draw. V_max is any bound on values, 1/(1-\gamma), as
Section 5 says of the worst case; its other meaning there is a reading.

What breaks: line 2 drops \gamma V_max/(1-\gamma) and the size of the l1 norms. Line 3, and what follows
from all three, is in `appendix_b1_run`.
"""

import numpy as np

from theorylab import (
    MDP,
    DeterministicPolicy,
    Model,
    Number,
    Policy,
    Several,
    StateFunction,
    assume,
    at_most,
)
from theorylab.arithmetic import exp, log, minimum, ratio
from theorylab.notation import D, E, J, Q, V, d, l1_norm, sup_norm
from theorylab.theory.online import best_fixed_loss, hedge_weights, regret
from verification.lamps.paper import lamps


def in_unit_interval(functions):
    """Functions with values in [-1, 1] as a table of losses in [0, 1], (T, N)."""
    return (1 + np.stack(functions)) / 2


@lamps.claim("Appendix B.1, Hedge")
def hedge_bound(losses: Several(StateFunction), rate: Number(0, None)):
    r"""\sum_t <w_t, l_t> - \min_i \sum_t l_t(i) \le \frac{\ln N}{rate} + \frac{rate\,T}{8} for any
    losses in [0, 1] and any rate > 0, multiplied by the rate"""
    table = in_unit_interval(losses)
    paid = (hedge_weights(table, rate) * table).sum(-1)
    T, N = table.shape
    return at_most(rate * regret(paid, table), log(N) + rate**2 * T / 8)


@lamps.claim(
    "Appendix B.1, Hedge",
    reading="small losses",
    corrects="hedge_bound",
    because="in a realizable class the best total is 0, and Hedge then pays at most"
    " ln N / (1 - exp(-rate)) however many rounds there are: no \\sqrt{T} is needed",
)
def hedge_bound_of_small_losses(losses: Several(StateFunction), rate: Number(0, None)):
    r"""(1 - e^{-rate}) \sum_t <w_t, l_t> \le \ln N + rate \min_i \sum_t l_t(i)"""
    table = in_unit_interval(losses)
    paid = (hedge_weights(table, rate) * table).sum()
    return at_most((1 - exp(-rate)) * paid, log(len(table[0])) + rate * best_fixed_loss(table))


# ---- line 1: the regret by the prediction errors -------------------------------------------------


def disadvantage_over_the_expert(world, M_hat, pi_hat, pi_star):
    """E_{s ~ d_pi_star}[V(s) - E_{a ~ pi_star} Q(s, a)], V and Q of pi_hat in the model."""
    return E(d(world, pi_star), V(M_hat, pi_hat) - E(pi_star, Q(M_hat, pi_hat)))


def errors(M, M_hat, pi, pi_star):
    """E_{D_pi} ||M_hat - M*||_1 + E_{D_pi_star} ||M_hat - M*||_1."""
    distance = l1_norm(M_hat.P - M.P)
    return E(D(M, pi), distance) + E(D(M, pi_star), distance)


def line_1(M, M_hat, pi_hat, pi_star, V_max):
    """J(pi_hat) - J(pi_star) <= gamma V_max / (1 - gamma) times the errors."""
    bound = M.gamma * V_max / (1 - M.gamma) * errors(M, M_hat, pi_hat, pi_star)
    return at_most(J(M, pi_hat) - J(M, pi_star), bound)


@lamps.claim("Appendix B.1, line 1")
def warm_up_line_1(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""J_{M^\star}(\pi_{\hat M}) - J_{M^\star}(\pi^\star) \le \frac{\gamma V_{max}}{1-\gamma}
    (E_{D_{\pi_{\hat M}}}\|\hat M - M^\star\|_1 + E_{D_{\pi^\star}}\|\hat M - M^\star\|_1),
    V_{max} = 1/(1-\gamma), for any \hat M and any \pi_{\hat M} without disadvantage (5); the sum over
    rounds and the mean over draws are linear in it"""
    gap = disadvantage_over_the_expert(M, M_hat, pi_hat, pi_star)
    assume(at_most(gap, 0), "non-positive disadvantage")
    return line_1(M, M_hat, pi_hat, pi_star, 1 / (1 - M.gamma))


@lamps.claim("Appendix B.1, line 1", reading="disadvantage at the model's own states")
def warm_up_line_1_in_the_model(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""The same for a disadvantage "in the model" at the states of d^{\hat M}_{\pi^\star}, which is
    J_{\hat M}(\hat\pi) \le J_{\hat M}(\pi^\star)"""
    gap = disadvantage_over_the_expert(M_hat, M_hat, pi_hat, pi_star)
    assume(at_most(gap, 0), "non-positive disadvantage")
    return line_1(M, M_hat, pi_hat, pi_star, 1 / (1 - M.gamma))


@lamps.claim("Appendix B.1, line 1", reading="V_max of the expert in the model")
def warm_up_line_1_expert_values(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""The same with V_{max} = \|V^{\pi^\star}_{\hat M}\|_\infty, as Section 5 defines it"""
    gap = disadvantage_over_the_expert(M, M_hat, pi_hat, pi_star)
    assume(at_most(gap, 0), "non-positive disadvantage")
    return line_1(M, M_hat, pi_hat, pi_star, sup_norm(V(M_hat, pi_star)))


@lamps.claim(
    "Appendix B.1, line 1",
    reading="V_max of the learner in the model, corrected",
    corrects="warm_up_line_1_expert_values",
    because="PDAM has the learner's values in the model in both terms, and half of their maximum"
    " bounds a difference of two laws' means",
)
def warm_up_line_1_learner_values(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""The same with V_{max} = \|V^{\hat\pi}_{\hat M}\|_\infty / 2"""
    gap = disadvantage_over_the_expert(M, M_hat, pi_hat, pi_star)
    assume(at_most(gap, 0), "non-positive disadvantage")
    return line_1(M, M_hat, pi_hat, pi_star, sup_norm(V(M_hat, pi_hat)) / 2)


# ---- line 2: the errors by the indicators --------------------------------------------------------


def indicator(x):
    """1 where x > 0, and 0 at 0, for x >= 0: exact, since 0/0 counts as 0 there."""
    return ratio(x, x)


def loss(M, M_hat, pi, pi_star):
    """l(M_hat) = I{M_hat errs on the run of pi or of pi_star}."""
    return indicator(errors(M, M_hat, pi, pi_star))


def wrong_where(M, M_hat, wrong):
    """The model that errs at the actions of `wrong` only, where it follows M_hat."""
    return M.with_transitions(M.P + wrong.probabilities[:, :, None] * (M_hat.P - M.P))


@lamps.claim("Appendix B.1, line 2")
def warm_up_line_2(
    M: MDP, M_hat: Model, wrong: DeterministicPolicy, pi_hat: Policy, pi_star: Policy
):
    r"""\frac{\gamma V_{max}}{1-\gamma}(E_{D_{\hat\pi}}\|\hat M - M^\star\|_1 +
    E_{D_{\pi^\star}}\|\hat M - M^\star\|_1) \le l(\hat M), V_{max} = 1/(1-\gamma)"""
    model = wrong_where(M, M_hat, wrong)
    bound = M.gamma / (1 - M.gamma) ** 2 * errors(M, model, pi_hat, pi_star)
    return at_most(bound, loss(M, model, pi_hat, pi_star))


@lamps.claim(
    "Appendix B.1, line 2",
    reading="corrected",
    corrects="warm_up_line_2",
    because="\\gamma V_max / (1-\\gamma) is dropped, and each l1 norm may be as large as 2",
)
def warm_up_line_2_corrected(
    M: MDP, M_hat: Model, wrong: DeterministicPolicy, pi_hat: Policy, pi_star: Policy
):
    r"""The same with \frac{4\gamma}{(1-\gamma)^2} l(\hat M) on the right"""
    factor = M.gamma / (1 - M.gamma) ** 2
    model = wrong_where(M, M_hat, wrong)
    bound = factor * errors(M, model, pi_hat, pi_star)
    return at_most(bound, 4 * factor * loss(M, model, pi_hat, pi_star))


def price_of_an_error(gamma):
    """What a round with an erring model costs at most: never more than 1 / (1-gamma), and for a
    small discount gamma / (1-gamma) + gamma / (1-gamma)^2."""
    return minimum(1, gamma * (2 - gamma) / (1 - gamma)) / (1 - gamma)


@lamps.claim(
    "Appendix B.1, line 2",
    reading="lines 1 and 2 together, sharp constant",
    corrects="warm_up_line_2",
    because="run \\hat\\pi in both worlds until they part: at most \\gamma/(1-\\gamma); the expert's"
    " term is at most the span of the values times \\gamma/(1-\\gamma); and no policy costs more than"
    " 1/(1-\\gamma) at all. Attained (tests/verification/test_lamps_online.py)",
)
def warm_up_round(
    M: MDP, M_hat: Model, wrong: DeterministicPolicy, pi_hat: Policy, pi_star: Policy
):
    r"""J_{M^\star}(\pi_{\hat M}) - J_{M^\star}(\pi^\star) \le
    \min\{\frac{1}{1-\gamma}, \frac{\gamma(2-\gamma)}{(1-\gamma)^2}\} l(\hat M)"""
    model = wrong_where(M, M_hat, wrong)
    gap = disadvantage_over_the_expert(M, model, pi_hat, pi_star)
    assume(at_most(gap, 0), "non-positive disadvantage")
    price = price_of_an_error(M.gamma)
    return at_most(J(M, pi_hat) - J(M, pi_star), price * loss(M, model, pi_hat, pi_star))
