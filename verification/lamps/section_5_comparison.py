r"""Section 5: the bound with V_hat_max against the bound with V_max, and footnote 5."""

from theorylab import (
    MDP,
    Model,
    Number,
    Policy,
    StateActionDistribution,
    at_most,
    equal,
    every,
)
from theorylab.arithmetic import maximum
from theorylab.notation import D, E, J, V, coverage, sup_norm
from theorylab.theory.planning import optimal_performance, optimal_policy
from verification.lamps.paper import lamps
from verification.lamps.regret_runs import table
from verification.lamps.terms import always, disadvantage, discounts_inside


def two_bounds(M, M_hat, pi_hat, pi_star, nu, error):
    """The bound of Theorem 5.1 and the one quoted for planning, both with (8) and (4) tight, for the
    same error = (sqrt(eps_KL) + 1/sqrt(T)) / (1 - gamma) of the models."""
    C = coverage(D(M, pi_star), nu)
    V_hat_max, V_max = sup_norm(V(M_hat, pi_hat)), sup_norm(V(M_hat, pi_star))
    eps_oc = J(M_hat, pi_hat) - optimal_performance(M_hat)
    lazy = C * E(nu, disadvantage(M_hat, pi_hat)) + C * V_hat_max * error
    return lazy, eps_oc + C * maximum(V_max, V_hat_max) * error


@lamps.claim("Section 5, comparison", reading="for the same policies")
def lazy_bound_is_tighter(
    M: MDP,
    M_hat: Model,
    pi_hat: Policy,
    pi_star: Policy,
    nu: StateActionDistribution,
    error: Number(0, None),
):
    r"""C\epsilon_{po} + C\hat V_{max} m \le \epsilon_{oc} + C\max\{V_{max}, \hat V_{max}\} m for any error m of the
    models: "a tighter regret bound\""""
    discounts_inside(M)
    lazy, planned = two_bounds(M, M_hat, pi_hat, pi_star, nu, error)
    return at_most(lazy, planned)


@lamps.claim("Section 5, comparison", reading="for the same policies, nu the expert's occupancy")
def lazy_bound_is_tighter_under_the_expert(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, error: Number(0, None)
):
    r"""The same with \nu = D_{\omega,\pi^\star}, C = 1: (4) asks nothing where \hat\pi does not go in the model"""
    lazy, planned = two_bounds(M, M_hat, pi_hat, pi_star, D(M, pi_star), error)
    return at_most(lazy, planned)


@lamps.claim(
    "Section 5, comparison",
    reading="for an optimal policy of the model",
    corrects="lazy_bound_is_tighter",
    because="an optimal policy has no disadvantage anywhere; with eps_po > 0 either may win",
)
def lazy_bound_is_tighter_for_planners(
    M: MDP,
    M_hat: Model,
    pi_star: Policy,
    nu: StateActionDistribution,
    error: Number(0, None),
):
    r"""The same for \hat\pi optimal in \hat M"""
    lazy, planned = two_bounds(M, M_hat, optimal_policy(M_hat), pi_star, nu, error)
    return at_most(lazy, planned)


@lamps.claim("Section 5, comparison")
def smaller_values_exist(gamma: Number(0, 1, below_high=True)):
    r""" "there exists cases where \hat V_{max} is much smaller when compared to V_{max}": \hat V_{max} = 1 and
    V_{max} = 1/(1-\gamma), for policies that are optimal in \hat M and in M^\star"""
    one = 1 - gamma + gamma
    M = MDP(
        [table(one, [[1, 0], [1, 0]]), table(one, [[0, 1], [1, 0]])],
        table(one, [[0, 0], [1, 1]]),
        gamma,
        *table(one, [[1, 0]]),
    )
    M_hat = M.with_transitions([table(one, [[0, 1], [1, 0]])] * 2)
    pi_hat, pi_star = always(1, 2), always(0, 2)
    return every(
        equal(sup_norm(V(M_hat, pi_hat)), one),
        equal((1 - gamma) * sup_norm(V(M_hat, pi_star)), one),
        equal(J(M_hat, pi_hat), 0 * one),
        equal(J(M, pi_star), 0 * one),
    )


@lamps.claim("Footnote 5")
def values_at_most_horizon(M: MDP, M_hat: Model, pi_hat: Policy):
    r"""\hat V_{max} \le 1/(1-\gamma)"""
    return at_most(sup_norm(V(M_hat, pi_hat)), 1 / (1 - M.gamma))


@lamps.claim("Footnote 5", reading="attained by a policy that satisfies (8)")
def values_reach_the_horizon(gamma: Number(0, 1, below_high=True)):
    r""" "in the worst case, \hat V_{max} can also be as large as 1/(1-\gamma)": although \epsilon_{po} = 0 under the
    expert's occupancy, the model is the truth and V_{max} = 1"""
    one = 1 - gamma + gamma
    M = MDP(
        [table(one, [[1, 0], [1, 0]]), table(one, [[0, 1], [1, 0]])],
        table(one, [[0, 0], [1, 1]]),
        gamma,
        *table(one, [[1, 0]]),
    )
    pi_hat, pi_star = always(0, 2), always(1, 2)
    return every(
        equal((1 - gamma) * sup_norm(V(M, pi_hat)), one),
        equal(sup_norm(V(M, pi_star)), one),
        equal(E(D(M, pi_star), disadvantage(M, pi_hat)), 0 * one),
    )
