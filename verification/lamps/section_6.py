r"""Section 6: LAMPS-MM, value moment matching.

(9) is printed with the sampled successor s' inside the absolute value; the text after it and
Appendix A.4 have the expectation over M^\star there. Both are judged: `moment_loss` is the second,
`sampled_loss` the first. D_t is half the learned policy's occupancy, half \nu (Algorithm 1).
Losses are in units of V, per round; regrets in units of J, averaged over the T rounds.
"""

import numpy as np

from theorylab import (
    MDP,
    Along,
    Model,
    Number,
    Policy,
    StateActionDistribution,
    assume,
    at_most,
    bounded_by,
    chain,
    equal,
)
from theorylab.arithmetic import absolute, identity, minimum
from theorylab.notation import KL, D, E, J, Q, V, coverage, d, l1_norm, positive, sup_norm
from verification.lamps.paper import lamps

SAMPLED = "(9) as printed, s' sampled"
EXPECTED = "both expectations inside"


# ---- the loss and a run ------------------------------------------------------------------------


def moment_gap(M, P, values):
    """E_{M*} V(s') - E_P V(s''), a table (S, A), for transitions P (S, A, S)."""
    return M.P @ values - P @ values


def moment_loss(M, P, values, data):
    """The loss with both expectations inside: E_{(s,a) ~ data} |M* V - P V|."""
    return E(data, absolute(moment_gap(M, P, values)))


def squared_loss(M, P, values, data):
    """The squared form of `moment_loss`: E_{(s,a) ~ data} (M* V - P V)^2, in units of V squared."""
    return E(data, moment_gap(M, P, values) ** 2)


def sampled_loss(M, P, values, data):
    """(9) as printed, over all of M*: E_{(s,a) ~ data, s' ~ M*} |V(s') - P V|."""
    return E(data, (M.P * absolute(values - (P @ values)[:, :, None])).sum(-1))


def mixed(M, pi_hat, other):
    """D_t = half of the learned policy's occupancy and half of another distribution (S, A)."""
    return (D(M, pi_hat) + other) / 2


def played_loss(M, run, other, loss):
    """sum_t l_t(M_hat_t) along a run of pairs (M_hat_t, pi_hat_t)."""
    return sum(loss(M, N.P, V(N, pi), mixed(M, pi, other)) for N, pi in run)


def least(numbers):
    """The smallest of a few numbers."""
    smallest = numbers[0]
    for number in numbers[1:]:
        smallest = minimum(smallest, number)
    return smallest


def best_loss(M, run, other, models, loss):
    """min over the models of sum_t l_t, which is T eps_mm."""
    return least(
        [sum(loss(M, K.P, V(N, pi), mixed(M, pi, other)) for N, pi in run) for K in models]
    )


def average_regret(M, run, pi_star):
    """1/T sum_t J(pi_hat_t) - J(pi_star)."""
    return sum(J(M, pi) for _, pi in run) / len(run) - J(M, pi_star)


def disadvantage(N, pi):
    """V(s) - Q(s, a) of pi in the model N, a table (S, A)."""
    return V(N, pi)[:, None] - Q(N, pi)


# ---- Algorithm 4 and (9) -----------------------------------------------------------------------


def terms_6_and_7(M, M_hat, pi_hat, pi_star):
    """(6) + (7) of Lemma 4.1, in units of (1 - gamma) J."""
    gap = moment_gap(M, M_hat.P, V(M_hat, pi_hat))
    return M.gamma * (E(D(M, pi_hat), gap) - E(D(M, pi_star), gap))


@lamps.claim("Algorithm 4")
def loss_bounds_the_model_terms(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r""" "We use the objective \ell_t in (9) to upper bound the original linear objective in (6) and
    (7)": (6) + (7) \le \ell_t(\hat M_t) with D_t = \frac12 D_{\hat\pi} + \frac12 D_{\pi^\star}"""
    data = mixed(M, pi_hat, D(M, pi_star))
    loss = sampled_loss(M, M_hat.P, V(M_hat, pi_hat), data)
    return at_most(terms_6_and_7(M, M_hat, pi_hat, pi_star), loss)


@lamps.claim(
    "Algorithm 4",
    corrects="loss_bounds_the_model_terms",
    because="D_t is an average of the two occupancies and (6) + (7) is a sum over them: 2\\gamma",
)
def loss_bounds_the_model_terms_corrected(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""(6) + (7) \le \gamma\sum_{s,a}|D_{\hat\pi} - D_{\pi^\star}|\,|M^\star V - \hat M V|
    \le 2\gamma E_{D_t}|M^\star V - \hat M V| \le 2\gamma\ell_t(\hat M_t)"""
    V_hat, data = V(M_hat, pi_hat), mixed(M, pi_hat, D(M, pi_star))
    gap = absolute(moment_gap(M, M_hat.P, V_hat))
    return (
        chain(terms_6_and_7(M, M_hat, pi_hat, pi_star))
        .at_most(M.gamma * (absolute(D(M, pi_hat) - D(M, pi_star)) * gap).sum(), "absolute values")
        .at_most(2 * M.gamma * E(data, gap), "both occupancies are at least 0")
        .at_most(2 * M.gamma * sampled_loss(M, M_hat.P, V_hat, data), "Jensen's inequality")
    )


@lamps.claim("Section 6, double sampling")
def loss_is_the_empirical_version(
    M: MDP, M_hat: Model, N: Model, pi_hat: Policy, D_t: StateActionDistribution
):
    r"""(9) is the empirical version of E_{D_t}|E_{M^\star} V(s') - E_M V(s'')|: on all data, the same"""
    V_hat = V(M_hat, pi_hat)
    return equal(sampled_loss(M, N.P, V_hat, D_t), moment_loss(M, N.P, V_hat, D_t))


@lamps.claim(
    "Section 6, double sampling",
    corrects="loss_is_the_empirical_version",
    because="the absolute value of a mean is not the mean of absolute values",
)
def double_sampling_bias(
    M: MDP, M_hat: Model, N: Model, pi_hat: Policy, D_t: StateActionDistribution
):
    r"""(9) = E_{D_t}|M^\star V - M V| + 2 E_{D_t}\min(E_{s'}(V(s') - M V)_+, E_{s'}(M V - V(s'))_+)"""
    V_hat = V(M_hat, pi_hat)
    error = V_hat - (N.P @ V_hat)[:, :, None]
    above, below = (M.P * positive(error)).sum(-1), (M.P * positive(-error)).sum(-1)
    return equal(
        sampled_loss(M, N.P, V_hat, D_t),
        moment_loss(M, N.P, V_hat, D_t) + 2 * E(D_t, minimum(above, below)),
    )


@lamps.claim("Section 6, double sampling", reading="M* is deterministic")
def loss_is_unbiased_in_a_deterministic_world(
    M: MDP, M_hat: Model, N: Model, pi_hat: Policy, D_t: StateActionDistribution
):
    r""" "The empirical loss is still unbiased in the deterministic dynamical system\""""
    assume(equal(M.P * (1 - M.P), 0 * M.P), "M* is deterministic")
    V_hat = V(M_hat, pi_hat)
    return equal(sampled_loss(M, N.P, V_hat, D_t), moment_loss(M, N.P, V_hat, D_t))


@lamps.claim("(9)")
def true_model_minimises_the_loss(
    M: MDP, M_hat: Model, N: Model, pi_hat: Policy, D_t: StateActionDistribution
):
    r"""No model has a smaller loss (9) than the true one: \ell_t(M^\star) \le \ell_t(M)"""
    V_hat = V(M_hat, pi_hat)
    return at_most(sampled_loss(M, M.P, V_hat, D_t), sampled_loss(M, N.P, V_hat, D_t))


@lamps.claim(
    "(9)",
    corrects="true_model_minimises_the_loss",
    because="(9) is least at the median of V(s'), the true model predicts its mean",
)
def true_model_is_within_twice(
    M: MDP, M_hat: Model, N: Model, pi_hat: Policy, D_t: StateActionDistribution
):
    r"""\ell_t(M^\star) \le 2\ell_t(M): |M^\star V - M V| \le E_{s'}|V(s') - M V|"""
    V_hat = V(M_hat, pi_hat)
    return at_most(sampled_loss(M, M.P, V_hat, D_t), 2 * sampled_loss(M, N.P, V_hat, D_t))


# ---- footnote 6: a class that contains M* ------------------------------------------------------


@lamps.claim("Section 6, footnote 6")
def realizable_error_vanishes(M: MDP, M_hat: Model, pi_hat: Policy, nu: StateActionDistribution):
    r""" "If \mathcal M contains M^\star then this error goes to zero": \min_{M\in\mathcal M}\ell_t(M) = 0
    for (9) and \mathcal M = \{\hat M, M^\star\}"""
    error = best_loss(M, [(M_hat, pi_hat)], nu, (M_hat, M), sampled_loss)
    return at_most(error, 0)


@lamps.claim(
    "Section 6, footnote 6",
    corrects="realizable_error_vanishes",
    because="in a stochastic world (9) keeps the spread of V(s') even at M^\\star",
)
def realizable_error_vanishes_corrected(
    M: MDP, M_hat: Model, pi_hat: Policy, nu: StateActionDistribution
):
    r"""The same with both expectations inside the absolute value"""
    return equal(best_loss(M, [(M_hat, pi_hat)], nu, (M_hat, M), moment_loss), 0)


def realizable_regret(M, M_hat, pi_hat, pi_star, loss):
    """Regret of one round against the loss in excess of M*'s, and the policy's disadvantage."""
    run, expert = [(M_hat, pi_hat)], D(M, pi_star)
    excess = played_loss(M, run, expert, loss) - best_loss(M, run, expert, (M,), loss)
    return at_most(
        (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)),
        E(expert, disadvantage(M_hat, pi_hat)) + 2 * M.gamma * excess,
    )


@lamps.claim("Section 6, footnote 6", reading=f"regret in the realizable case, {SAMPLED}")
def realizable_regret_by_the_sampled_loss(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""With M^\star in the class only the learner's regret against it is left:
    (1-\gamma)[J(\hat\pi) - J(\pi^\star)] \le \epsilon_{po} + 2\gamma(\ell_t(\hat M) - \ell_t(M^\star)), (9)"""
    return realizable_regret(M, M_hat, pi_hat, pi_star, sampled_loss)


@lamps.claim(
    "Section 6, footnote 6",
    reading=f"regret in the realizable case, {EXPECTED}",
    corrects="realizable_regret_by_the_sampled_loss",
    because="a wrong model may have a smaller (9) than M^\\star; its policy then costs more",
)
def realizable_regret_by_the_moment_loss(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""The same with both expectations inside the absolute value, where \ell_t(M^\star) = 0"""
    return realizable_regret(M, M_hat, pi_hat, pi_star, moment_loss)


@lamps.claim("Section 6, footnote 6", reading="the policy of the better loss (9)")
def smaller_loss_gives_the_better_policy(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""A model whose loss (9) under its own data is at most M^\star's, with a policy that has no
    disadvantage against \pi^\star in it, does no worse than \pi^\star"""
    expert = D(M, pi_star)
    V_hat, data = V(M_hat, pi_hat), mixed(M, pi_hat, expert)
    loss = sampled_loss(M, M_hat.P, V_hat, data)
    assume(at_most(loss, sampled_loss(M, M.P, V_hat, data)), "its loss is at most that of M*")
    assume(at_most(E(expert, disadvantage(M_hat, pi_hat)), 0), "(8) with eps_po = 0")
    return at_most(J(M, pi_hat), J(M, pi_star))


# ---- hand-made worlds for families -------------------------------------------------------------


def doors(gamma, left, right, costs):
    """A start of cost 0 whose two actions lead to the rows left and right; the other states keep to
    themselves and cost `costs` a step."""
    S = len(costs)
    stay = [[row, row] for row in identity(S)[1:]]
    P = np.array([[left, right], *stay], dtype=object)
    payoff = np.array([[cost, cost] for cost in costs], dtype=object)
    return MDP(P=P, payoff=payoff, gamma=gamma, start=[1] + [0] * (S - 1))


def always(action, S):
    """The policy that takes one of two actions in each of S states."""
    return Policy.deterministic([action] * S, 2)


HALF = "1/2"
TO_GOOD, TO_BAD = [0, 1, 0], [0, 0, 1]


def rotating(p):
    """The model that is right with probability 1 - p about the left door and p about the right one:
    truly both lead to the bad state; gamma = 1/2, states start, good (cost 0), bad (cost 1)."""
    return doors(HALF, [0, p, 1 - p], [0, 1 - p, p], [0, 0, 1])


def rotating_losses(M, played, action, others, loss):
    """l_t of the played model and of others, its policy being `action` and \\pi^\\star uniform."""
    expert = Policy([[HALF, HALF]] * M.S)
    assume(at_most(E(D(M, expert), disadvantage(played, always(action, M.S))), 0), "(8) with 0")
    values = V(played, always(action, M.S))
    data = mixed(M, always(action, M.S), D(M, expert))
    return [loss(M, N.P, values, data) for N in (played, *others)]


def regret_of_two_rounds(slope_over_rate):
    """What FTRL with R(p) = (rate / 2) (p - 1/2)^2 over the mixtures of the two models loses in two
    rounds to the best of them: it plays p = 1/2, the left door, then 1/2 - slope / rate, the right
    one, and is then where it was."""
    one = slope_over_rate * 0 + 1
    M = doors(HALF, TO_BAD, TO_BAD, [0, 0, 1])
    first, second = rotating(one / 2), rotating(one / 2 - slope_over_rate)
    models = [rotating(one), rotating(one * 0)]
    left = rotating_losses(M, first, 0, models, moment_loss)
    right = rotating_losses(M, second, 1, models, moment_loss)
    slopes = [left[1] - left[2], right[1] - right[2]]
    assume(equal(slopes[0], one / 2), "the first round's slope in p is 1/2")
    assume(equal(slopes[0] + slopes[1], 0), "the second round's slope is opposite")
    return left[0] + right[0] - minimum(left[1] + right[1], left[2] + right[2])


@lamps.claim("(10)")
def ftrl_regret(eps: Along(0)):
    r""" "Follow-the-RegularizedLeader with a strongly convex regularizer R(M) allows us to achieve a
    no-regret guarantee", R fixed as in (10): Reg_T = O(\sqrt T), for R(p) = \frac12(p-\frac12)^2 over
    the mixtures of two models, in a world where each model is wrong about the door it advises;
    T = 2/\epsilon^2"""
    rounds = 1 / eps**2
    return bounded_by(rounds * regret_of_two_rounds((eps - eps + 1) / 2), 1 / eps)


@lamps.claim(
    "(10)",
    corrects="ftrl_regret",
    because="R must grow with the number of rounds; fixed, it loses as much every two rounds",
)
def ftrl_regret_corrected(eps: Along(0)):
    r"""The same with \sqrt T R for R, up to constants: R(p) = \frac1{2\epsilon}(p-\frac12)^2"""
    rounds = 1 / eps**2
    return bounded_by(rounds * regret_of_two_rounds(eps / 2), 1 / eps)


@lamps.claim("(10)", reading="(9) is convex in M")
def loss_is_convex(
    M: MDP,
    M_hat: Model,
    K: Model,
    N: Model,
    pi_hat: Policy,
    D_t: StateActionDistribution,
    w: Number(0, 1),
):
    r"""\ell_t(w M + (1-w) M') \le w\ell_t(M) + (1-w)\ell_t(M'), V^{\hat\pi_t}_{\hat M_t} being kept"""
    V_hat = V(M_hat, pi_hat)
    mean = w * sampled_loss(M, K.P, V_hat, D_t) + (1 - w) * sampled_loss(M, N.P, V_hat, D_t)
    return at_most(sampled_loss(M, w * K.P + (1 - w) * N.P, V_hat, D_t), mean)


@lamps.claim("Section 6, footnote 6", reading="no dependence on V_max")
def realizable_bound_without_values(gamma: Along(1)):
    r""" "A regret bound with no dependence on \hat V_{max}": O(\frac1{(1-\gamma)\sqrt T}) where
    \epsilon_{po} \le 0 and \epsilon^{mm} = 0, for FTRL with the rate of losses in [0, B], B = \frac1{1-\gamma}:
    R(p) = \frac12 B\sqrt T(1-p)^2 over the mixtures p \tilde M + (1-p) M^\star; T = (1-\gamma)^{-2}"""
    B = root_T = 1 / (1 - gamma)
    costs = [0, 0, HALF, 1]
    M = doors(gamma, [0, 0, 0, 1], [0, 0, 1, 0], costs)
    wrong = doors(gamma, [0, 1, 0, 0], [0, 0, 1, 0], costs)
    left, expert = always(0, 4), D(M, always(1, 4))
    slope = moment_loss(M, wrong.P, V(wrong, left), mixed(M, left, expert))
    p = 1 - slope * root_T**2 / (B * root_T)  # after all T rounds; it falls from p = 1
    last = doors(gamma, [0, p, 0, 1 - p], [0, 0, 1, 0], costs)
    loss_at_last = moment_loss(M, wrong.P, V(last, left), mixed(M, left, expert))
    assume(equal(loss_at_last, slope), "all rounds have the same loss")
    assume(at_most(E(expert, disadvantage(wrong, left)), 0), "(8) with eps_po = 0, first round")
    assume(at_most(E(expert, disadvantage(last, left)), 0), "(8) with eps_po = 0, last round")
    return bounded_by(J(M, left) - J(M, always(1, 4)), 1 / (1 - gamma) / root_T)


# ---- Theorem 6.1 -------------------------------------------------------------------------------


@lamps.claim("Theorem 6.1")
def lamps_mm_regret(eps: Along(0)):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) = \tilde O(C\epsilon_{po} + \frac C{1-\gamma}(\sqrt{\epsilon^{mm}}
    + \frac1{\sqrt T})): one state, two actions of costs 0 and 1, \pi^\star the first, \hat\pi_t = \nu
    uniform, so that \epsilon_{po} = 0 in (8); the model class is \{M^\star\}; T = \epsilon^{-2}"""
    M = MDP(P=[[[1], [1]]], payoff=[[0, 1]], gamma=HALF, start=[1])
    pi_star, pi_hat = always(0, 1), Policy([[HALF, HALF]])
    nu = D(M, pi_hat)
    eps_po = E(nu, disadvantage(M, pi_hat))
    eps_mm = moment_loss(M, M.P, V(M, pi_hat), mixed(M, pi_hat, nu))
    assume(equal(eps_mm, 0), "the class is realizable")
    C = coverage(D(M, pi_star), nu)
    bound = C * eps_po + C / (1 - M.gamma) * eps  # 1 / sqrt(T) = eps
    return bounded_by(average_regret(M, [(M, pi_hat)], pi_star), bound)


@lamps.claim("Theorem 6.1", reading="explicit constants, (8) as printed")
def lamps_mm_regret_explicit(
    M: MDP,
    M_hats: tuple[Model, Model],
    pi_hats: tuple[Policy, Policy],
    pi_star: Policy,
    nu: StateActionDistribution,
):
    r"""\frac{1-\gamma}T\sum_t J(\hat\pi_t) - J(\pi^\star) \le C\epsilon_{po} + 2\gamma C(\epsilon^{mm} + Reg_T/T),
    \epsilon_{po} the average of (8) under \nu, Reg_T the learner's regret over \mathcal M, measured"""
    run = tuple(zip(M_hats, pi_hats, strict=True))
    C, T = coverage(D(M, pi_star), nu), len(run)
    best = best_loss(M, run, nu, M_hats, moment_loss)
    regret_of_learner = played_loss(M, run, nu, moment_loss) - best
    eps_po = sum(E(nu, disadvantage(K, pi)) for K, pi in run) / T
    return at_most(
        (1 - M.gamma) * average_regret(M, run, pi_star),
        C * eps_po + 2 * M.gamma * C * (best / T + regret_of_learner / T),
    )


@lamps.claim(
    "Theorem 6.1",
    corrects="lamps_mm_regret_explicit",
    because="the disadvantage is signed, so coverage transfers only its positive part, times C;"
    " and D_t is half of each distribution, hence the 2 and C before the loss",
)
def lamps_mm_regret_corrected(
    M: MDP,
    M_hats: tuple[Model, Model],
    pi_hats: tuple[Policy, Policy],
    pi_star: Policy,
    nu: StateActionDistribution,
):
    r"""The same with the positive part of V - Q under \nu in \epsilon_{po}:
    \frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) \le \frac C{1-\gamma}(\epsilon^+_{po} + 2\gamma(\epsilon^{mm} + Reg_T/T))"""
    run = tuple(zip(M_hats, pi_hats, strict=True))
    C, T = coverage(D(M, pi_star), nu), len(run)
    best = best_loss(M, run, nu, M_hats, moment_loss)
    regret_of_learner = played_loss(M, run, nu, moment_loss) - best
    eps_po = sum(E(nu, positive(disadvantage(K, pi))) for K, pi in run) / T
    return at_most(
        (1 - M.gamma) * average_regret(M, run, pi_star),
        C * eps_po + 2 * M.gamma * C * (best / T + regret_of_learner / T),
    )


@lamps.claim(
    "Theorem 6.1",
    reading="term by term",
    corrects="lamps_mm_regret_explicit",
    because="C belongs to what is measured under \\nu alone, and only an excess there costs;"
    " what the learned policy sees needs no absolute value",
)
def lamps_mm_regret_term_by_term(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution
):
    r"""For a round: (1-\gamma)[J(\hat\pi_t) - J(\pi^\star)] \le \gamma E_{D_{\hat\pi_t}}[M^\star V - \hat M V]
    + C E_\nu[(V - Q + \gamma(\hat M V - M^\star V))_+]
    \le C E_\nu[(V - Q)_+] + \gamma E_{D_{\hat\pi_t}}|M^\star V - \hat M V| + \gamma C E_\nu|M^\star V - \hat M V|
    \le C E_\nu[(V - Q)_+] + 2\gamma C\ell_t(\hat M_t)"""
    C = coverage(D(M, pi_star), nu)
    V_hat, excess = V(M_hat, pi_hat), disadvantage(M_hat, pi_hat)
    gap = moment_gap(M, M_hat.P, V_hat)
    own, eps_po = E(D(M, pi_hat), absolute(gap)), C * E(nu, positive(excess))
    return (
        chain((1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)))
        .at_most(
            M.gamma * E(D(M, pi_hat), gap) + C * E(nu, positive(excess - M.gamma * gap)),
            "Lemma 4.1, then importance sampling of a positive part",
        )
        .at_most(
            eps_po + M.gamma * own + M.gamma * C * E(nu, absolute(gap)),
            "the positive part of a sum",
        )
        .at_most(
            eps_po + 2 * M.gamma * C * moment_loss(M, M_hat.P, V_hat, mixed(M, pi_hat, nu)),
            "C is at least 1",
        )
    )


@lamps.claim("Section 6, tighter bound")
def bound_is_tighter(eps: Along(0)):
    r""" "Improved statistical efficiency as indicated by its tighter regret bound": for T \to \infty,
    \frac1{1-\gamma}\sqrt{\epsilon^{mm}} = O(\frac{\hat V_{max}}{1-\gamma}\sqrt{\epsilon^{KL}}), that is
    \epsilon^{mm} = O(\hat V_{max}^2\epsilon^{KL}); a coin opens one of two doors, in the only model a coin off by \epsilon/4"""
    one, pi = eps * 0 + 1, always(0, 3)
    coin, bent = [0, one / 2, one / 2], [0, one / 2 + eps / 4, one / 2 - eps / 4]
    M, M_hat = doors(HALF, coin, coin, [0, 0, 1]), doors(HALF, bent, bent, [0, 0, 1])
    V_hat, data = V(M_hat, pi), D(M, pi)
    eps_mm = moment_loss(M, M_hat.P, V_hat, data)
    eps_KL = d(M, pi)[0] * KL(M_hat.P[0, 0, 1:], M.P[0, 0, 1:])  # elsewhere they agree
    return bounded_by(eps_mm, sup_norm(V_hat) ** 2 * eps_KL)


@lamps.claim(
    "Section 6, tighter bound",
    corrects="bound_is_tighter",
    because="without the root of \\epsilon^{mm}, which is no part of the proof for (9), it is tighter",
)
def bound_is_tighter_corrected(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""Along any run, \sum_t 2\gamma\ell_t(\hat M_t) \le \sum_t \gamma\hat V_{max}E_{D_t}\|\hat M_t - M^\star\|_1,
    half of the model terms of Corollary 5.1 with D_t for the two occupancies"""
    run, expert = tuple(zip(M_hats, pi_hats, strict=True)), D(M, pi_star)
    by_distance = sum(
        sup_norm(V(N, pi)) * E(mixed(M, pi, expert), l1_norm(N.P - M.P)) for N, pi in run
    )
    return at_most(2 * M.gamma * played_loss(M, run, expert, moment_loss), M.gamma * by_distance)
