r"""Appendix B.1: line 3, the run of Hedge, and the order of growth.

What breaks: line 3 charges the drawn model on the run of *its own* policy. Hedge bounds
\sum_t <w_t, l_t>, where l_t is fixed before the draw; here l_t is evaluated on the drawn model's
policy and E l_t(\hat M_t) is not E <w_t, l_t>. N - 1 wrong models, each wrong on its own run only,
cost about N - 1 rounds.
"""

import numpy as np

from theorylab import (
    MDP,
    Along,
    DeterministicPolicy,
    Integer,
    Model,
    Number,
    Policy,
    StateFunction,
    almost_surely,
    at_least,
    at_most,
    bounded_by,
    chain,
    draw,
    equal,
    every,
    in_expectation,
)
from theorylab.arithmetic import exp, identity, log, maximum, sqrt
from theorylab.notation import J, J_star
from theorylab.theory.online import exponential_weights
from theorylab.theory.planning import optimal_policy
from verification.lamps.appendix_b1 import errors, indicator, loss, price_of_an_error, wrong_where
from verification.lamps.paper import lamps

# ---- line 3: the run of Hedge --------------------------------------------------------------------


def temptation(N):
    """State 0: action 0 costs 1/4 and stays, the others cost nothing and lead to state 1, where
    every step costs 1; the discount is 1/2."""
    stay, fall = [1, 0], [0, 1]
    P = [[stay, *[fall] * (N - 1)], [fall] * N]
    costs = [["1/4", *[0] * (N - 1)], [1] * N]
    return MDP(P=P, payoff=costs, gamma="1/2", start=stay)


def tempted(world, k):
    """The model that errs at (state 0, action k) only: it says that action k > 0 stays."""
    step = identity(world.A)[k][:, None] * np.array([1, -1], dtype=object)
    return world.with_transitions(world.P + np.stack([step, 0 * step]))


def tempted_class(N):
    """The world of N - 1 temptations, its class with the truth first, and each one's policy."""
    world = temptation(N)
    members = [world, *(tempted(world, k) for k in range(1, N))]
    return world, members, [Policy.deterministic([k, 0], N) for k in range(N)]


def own_errors(N):
    """Row k: the losses of all models on the run of model k's policy. Each errs on its own only."""
    mistaken = 1 - identity(N)[0]
    return identity(N) * mistaken


@lamps.claim("Appendix B.1, line 3", reading="the losses of N - 1 temptations")
def losses_of_temptations(N: Integer(2, 4)):
    r"""The policies of tempted_class are optimal in their models, \pi^\star in the truth; model k > 0
    errs on the run of its own policy and on no other"""
    world, members, policies = tempted_class(N)
    rows = [[loss(world, model, pi, policies[0]) for model in members] for pi in policies]
    pairs = zip(members, policies, strict=True)
    optimal = [equal(J(model, pi), J_star(model)) for model, pi in pairs]
    return every(equal(np.array(rows, dtype=object), own_errors(N)), *optimal)


def drawn_models(losses, rate, T):
    """The models that Hedge draws in T rounds, each from the losses on the earlier ones' runs."""
    totals, drawn = 0 * losses[0], []
    for _ in range(T):
        k = draw(exponential_weights(totals, rate))
        drawn.append(k)
        totals = totals + losses[k]
    return drawn


@lamps.claim("Appendix B.1")
def warm_up(T: Integer(1, 3)):
    r"""R(T) \le \sum_t E[\frac{\gamma V_{max}}{1-\gamma}(...)] \le \sum_t E\, l_t(\hat M_t) \le
    \sqrt{T \ln N / 2}, the three displayed lines on the run of Hedge with its optimal rate
    \sqrt{8 \ln N / T}, for N = 2 in the world of one temptation"""
    N = 2
    world, members, policies = tempted_class(N)
    losses, best = own_errors(N) + 0 * world.gamma, policies[0]
    factor, rounds = world.gamma / (1 - world.gamma) ** 2, T + 0 * world.gamma
    drawn = drawn_models(losses, sqrt(8 * log(N) / rounds), T)
    bounds = [factor * errors(world, members[k], policies[k], best) for k in drawn]
    return in_expectation(
        chain(sum(J(world, policies[k]) - J(world, best) for k in drawn))
        .at_most(sum(bounds), "performance difference")
        .at_most(sum(losses[k, k] for k in drawn), "the loss says whether a model errs")
        .at_most(sqrt(rounds * log(N)) / sqrt(2), "regret of Hedge, and a model without loss")
    )


@lamps.claim("Appendix B.1, line 3")
def warm_up_line_3(rate: Number("1/10", 3), N: Integer(2, 3), T: Integer(1, 3)):
    r"""\sum_t E\, l_t(\hat M_t) \le \frac{\ln N}{rate} + \frac{rate\,T}{8} for any rate, in the same
    world"""
    losses = own_errors(N)
    mistakes = sum(losses[k, k] for k in drawn_models(losses, rate, T))
    return in_expectation(at_most(mistakes, log(N) / rate + rate * T / 8))


def runs_of_hedge(losses, rate, T):
    """(probability, drawn) for every sequence of T draws: `drawn_models` as exact recursion."""
    N, runs = len(losses), [(1, ())]
    for _ in range(T):
        totals = [sum((losses[k] for k in drawn), 0 * losses[0]) for _, drawn in runs]
        weights = [exponential_weights(total, rate) for total in totals]
        branches = zip(runs, weights, strict=True)
        runs = [(p * w[k], (*drawn, k)) for (p, drawn), w in branches for k in range(N)]
    return runs


def expected_mistakes(losses, rate, T):
    """E sum_t l_t(M_t): what the drawn models lose on the runs of their own policies."""
    runs = runs_of_hedge(losses, rate, T)
    return sum(p * sum(losses[k, k] for k in drawn) for p, drawn in runs)


def realizable_losses(f, g):
    """A table of losses in [0, 1], row k on the run of model k, with the truth (model 0) at 0."""
    first, scale = (1 + f) / 2, (1 + g) / 2
    rows = [np.roll(first, k) * scale[k] for k in range(len(f))]
    return np.stack(rows) * (1 - identity(len(f))[0])


@lamps.claim(
    "Appendix B.1, line 3",
    reading="corrected",
    corrects="warm_up_line_3",
    because="l_t is evaluated on the run of the drawn model itself. A model with n losses of its own"
    " is drawn with probability at most exp(-rate n), so that E exp(rate n) grows by at most"
    " exp(rate) - 1 a round, and E n <= ln(1 + T (exp(rate) - 1)) / rate for each wrong model",
)
def warm_up_line_3_corrected(
    f: StateFunction, g: StateFunction, rate: Number(0, None), T: Integer(1, 3)
):
    r"""rate \sum_t E\, l_t(\hat M_t) \le (N - 1)\ln(1 + T(e^{rate} - 1)) for losses in [0, 1] that
    depend on the drawn model, 0 for the truth"""
    losses = realizable_losses(f, g)
    bound = (len(f) - 1) * log(1 + T * (exp(rate) - 1))
    return at_most(rate * expected_mistakes(losses, rate, T), bound)


@lamps.claim(
    "Appendix B.1",
    reading="corrected",
    corrects="warm_up",
    because="line 2 drops the price of an error; line 3 needs losses that do not hang on the draw",
)
def warm_up_corrected(
    M: MDP, M_hat: Model, wrong: DeterministicPolicy, pi_star: Policy, rate: Number(0, 3)
):
    r"""rate R(T) \le price (N - 1)\ln(1 + T(e^{rate} - 1)) for T = 2 and the class of the truth and
    one other model, \pi_{\hat M} optimal in \hat M,
    price = \min\{\frac{1}{1-\gamma}, \frac{\gamma(2-\gamma)}{(1-\gamma)^2}\}"""
    members = [M.with_transitions(M.P), wrong_where(M, M_hat, wrong)]
    policies = [optimal_policy(model) for model in members]
    rows = [[loss(M, model, pi, pi_star) for model in members] for pi in policies]
    losses, price = np.array(rows, dtype=object), price_of_an_error(M.gamma)
    gaps = [J(M, pi) - J(M, pi_star) for pi in policies]
    runs = runs_of_hedge(losses, rate, 2)
    return (
        chain(rate * sum(p * sum(gaps[k] for k in drawn) for p, drawn in runs))
        .at_most(rate * price * expected_mistakes(losses, rate, 2), "lines 1 and 2, corrected")
        .at_most(price * log(1 + 2 * (exp(rate) - 1)), "line 3, corrected")
    )


@lamps.claim(
    "Appendix B.1, line 3",
    reading="by elimination",
    corrects="warm_up_line_3",
    because="a model that has erred need not be drawn again: at most N - 1 rounds err, surely",
)
def warm_up_by_elimination(f: StateFunction, g: StateFunction, T: Integer(1, 3)):
    r"""\sum_t l_t(\hat M_t) \le N - 1 almost surely, for indicators l_t and \hat M_t drawn uniformly
    from the models without a loss so far; every model but the truth errs on its own run"""
    losses = maximum(indicator(realizable_losses(f, g)), own_errors(len(f)))
    alive, mistakes = 0 * losses[0] + 1, 0 * losses[0, 0]
    for _ in range(T):
        k = draw(alive / alive.sum())
        mistakes = mistakes + losses[k, k]
        alive = alive * (1 - losses[k])
    return almost_surely(at_most(mistakes, len(f) - 1))


# ---- the order of growth -------------------------------------------------------------------------


@lamps.claim("Appendix B.1, line 3", reading="at least so many mistakes")
def warm_up_mistakes_at_least(rate: Number(0, None), N: Integer(2, 4)):
    r"""With N - 1 temptations \sum_{t\le N} E\, l_t(\hat M_t) \ge N - 1 - \ln N for every rate: before
    round t at least N - t of the others were never drawn and weigh as much as the truth"""
    return at_least(expected_mistakes(own_errors(N), rate, N), N - 1 - log(N) + 0 * rate)


@lamps.claim("Appendix B.1, line 3", reading="order in N and T")
def warm_up_order(N: Along("infinity")):
    r"""\sum_t E\, l_t(\hat M_t) = O(\sqrt{T\log N}) at T = N, for the least number of mistakes that
    warm_up_mistakes_at_least names"""
    return bounded_by(N - 1 - log(N), sqrt(N * log(N)), "N - 1 wrong models are tried one by one")


def tempting_world(gamma):
    """The world of one temptation for any discount: staying costs gamma / 2 a step."""
    stay, fall = [1 + 0 * gamma, 0 * gamma], [0 * gamma, 1 + 0 * gamma]
    P = np.array([[stay, fall], [fall, fall]], dtype=object)
    costs = np.array([[gamma / 2, 0 * gamma], [1 + 0 * gamma] * 2], dtype=object)
    return MDP(P, costs, gamma, np.array(stay, dtype=object))


def regret_of_one_round(gamma):
    """R(1) of Hedge with two models: the wrong one is drawn with probability 1/2."""
    world = tempting_world(gamma)
    fallen, best = (Policy.deterministic([k, 0], 2) for k in (1, 0))
    return (J(world, fallen) - J(world, best)) / 2


@lamps.claim("Appendix B.1", reading="order in the horizon")
def warm_up_horizon(gamma: Along(1)):
    r"""R(T) = O(\sqrt{T\log N}) with nothing of \gamma in the constant, where T = 1 and N = 2"""
    return bounded_by(regret_of_one_round(gamma), 1 + 0 * gamma)


@lamps.claim(
    "Appendix B.1",
    reading="order in the horizon, corrected",
    corrects="warm_up_horizon",
    because="an error costs up to 1/(1-\\gamma)",
)
def warm_up_horizon_corrected(gamma: Along(1)):
    r"""R(T) = O(\frac{1}{1-\gamma}\sqrt{T\log N}) in that family"""
    return bounded_by(regret_of_one_round(gamma), 1 / (1 - gamma))
