r"""Section 6: LAMPS-MM, value moment matching.

(9) is printed with the sampled successor s' inside the absolute value; the text after it and
Appendix A.4 have the expectation over M^\star there. Both are judged: `moment_loss` is the second,
`sampled_loss` the first. D_t is half the learned policy's occupancy, half \nu (Algorithm 1).
Losses are in units of V, per round; regrets in units of J, averaged over the T rounds.
"""

from theorylab import (
    MDP,
    Along,
    Model,
    Policy,
    StateActionDistribution,
    assume,
    at_most,
    bounded_by,
    chain,
    equal,
)
from theorylab.arithmetic import absolute, minimum
from theorylab.notation import D, E, J, V, positive
from verification.lamps.paper import lamps
from verification.lamps.terms import always, disadvantage, discounts_inside, mixed
from verification.lamps.value_moments import (
    HALF,
    best_loss,
    doors,
    moment_gap,
    moment_loss,
    played_loss,
    sampled_loss,
    terms_6_and_7,
)

SAMPLED = "(9) as printed, s' sampled"
EXPECTED = "both expectations inside"


# ---- Algorithm 4 and (9) -----------------------------------------------------------------------


@lamps.claim("Algorithm 4", reading="with constant 1")
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


@lamps.claim("Section 6, double sampling", reading="unbiased in any world")
def loss_is_the_empirical_version(
    M: MDP, M_hat: Model, N: Model, pi_hat: Policy, D_t: StateActionDistribution
):
    r"""(9) is the empirical version of E_{D_t}|E_{M^\star} V(s') - E_M V(s'')|: on all data, the same. The
    paper says itself that it is not, "it indeed suffers from the double sampling issue\""""
    discounts_inside(M)
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


@lamps.claim("Section 6, double sampling")
def loss_is_unbiased_in_a_deterministic_world(
    M: MDP, M_hat: Model, N: Model, pi_hat: Policy, D_t: StateActionDistribution
):
    r""" "The empirical loss is still unbiased in the deterministic dynamical system": (9) is then
    E_{D_t}|E_{M^\star} V(s') - E_M V(s'')|; elsewhere it is not (double_sampling_bias)"""
    assume(equal(M.P * (1 - M.P), 0 * M.P), "M* is deterministic")
    V_hat = V(M_hat, pi_hat)
    return equal(sampled_loss(M, N.P, V_hat, D_t), moment_loss(M, N.P, V_hat, D_t))


@lamps.claim("(9)", reading="the true model minimises it")
def true_model_minimises_the_loss(
    M: MDP, M_hat: Model, N: Model, pi_hat: Policy, D_t: StateActionDistribution
):
    r"""No model has a smaller loss (9) than the true one: \ell_t(M^\star) \le \ell_t(M)"""
    discounts_inside(M)
    V_hat = V(M_hat, pi_hat)
    return at_most(sampled_loss(M, M.P, V_hat, D_t), sampled_loss(M, N.P, V_hat, D_t))


@lamps.claim(
    "(9)",
    reading="the true model is within twice the least",
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
    discounts_inside(M)
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
