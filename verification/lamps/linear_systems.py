r"""The lemmas for linear systems with quadratic costs.

The paper states its lemmas for finite MDPs and uses them for linear systems (Sections 6 and 7,
Appendix C.1.3). Here x' = A_t x + B_t u + a_t + noise, costs are quadratic with affine and cross
terms, policies u = K_t x + k_t + noise; the real system varies in time, the model has its own
dynamics (time-invariant ones are a case). A function is a matrix on (1, x) or (1, x, u), a law its
second moments. Over H steps nothing is discounted or normalised, and V_h, Q_h are of step h; in the
discounted form the display is the paper's own, Q carrying its discount.
"""

from theorylab import (
    AffinePolicy,
    DiscountedLinearModel,
    DiscountedLinearQuadratic,
    LinearModel,
    LinearPolicy,
    LinearQuadratic,
    chain,
    equal,
)
from theorylab.theory.discounted_linear import (
    discounted_next_value,
    discounted_pair_occupancy,
    discounted_quadratic_action_value,
    discounted_quadratic_performance,
    discounted_quadratic_value,
    discounted_state_occupancy,
    discounted_step_cost,
    stationary_average,
)
from theorylab.theory.linear_quadratic import (
    pair_occupancies,
    performance_by_moments,
    policy_average,
    quadratic_action_values,
    quadratic_next_value,
    quadratic_performance,
    quadratic_values,
    second_moments,
    start_moments,
    state_occupancies,
)
from theorylab.theory.linear_quadratic import quadratic_expectation as E
from verification.lamps.paper import lamps

# ---- over H steps --------------------------------------------------------------------------------


def model_error(M, M_hat, pi, V):
    """sum_h E_{D^h} [ M V_{h+1} - M_hat V_{h+1} ] under the real law of the policy."""
    D = pair_occupancies(M, pi)
    gaps = [
        quadratic_next_value(M, h, V[h + 1]) - quadratic_next_value(M_hat, h, V[h + 1])
        for h in range(M.H)
    ]
    return sum(E(D[h], gaps[h]) for h in range(M.H))


@lamps.claim("Section 3, J, linear systems")
def linear_performance_two_ways(M: LinearQuadratic, pi: AffinePolicy):
    r"""E_\omega[V_0(x_0)] = \sum_h E_{D^h}[c_h(x,u)] + E_{d^H}[c_H(x)]"""
    return equal(quadratic_performance(M, pi), performance_by_moments(M, pi))


@lamps.claim("Section 3, J, linear systems", reading="discounted")
def discounted_linear_performance_two_ways(M: DiscountedLinearQuadratic, pi: LinearPolicy):
    r"""(1-\gamma) J(\pi) = E_{D_{\omega,\pi}}[c(x,u)], D a solution of a Lyapunov equation"""
    return equal(
        (1 - M.gamma) * discounted_quadratic_performance(M, pi),
        E(discounted_pair_occupancy(M, pi), discounted_step_cost(M)),
    )


@lamps.claim("Lemma A.1, linear systems")
def linear_simulation(M: LinearQuadratic, M_hat: LinearModel, pi: AffinePolicy):
    r"""J_{M^\star}(\pi) - J_{\hat M}(\pi) = E_\omega[V^\pi_{M^\star} - V^\pi_{\hat M}]
    = \sum_h E_{D^h_{\omega,\pi}}[M^\star V^\pi_{\hat M,h+1} - \hat M V^\pi_{\hat M,h+1}]"""
    V_hat = quadratic_values(M_hat, pi)
    return (
        chain(quadratic_performance(M, pi) - quadratic_performance(M_hat, pi))
        .equal(E(start_moments(M), quadratic_values(M, pi)[0] - V_hat[0]), "definition of J")
        .equal(model_error(M, M_hat, pi, V_hat), "recurrence solved")
    )


@lamps.claim("Lemma 3.1, linear systems")
def linear_pdpm(
    M: LinearQuadratic, M_hat: LinearModel, pi_hat: AffinePolicy, pi_star: AffinePolicy
):
    r"""J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star) = E_\omega[V^{\hat\pi}_{\hat M} - V^{\pi^\star}_{\hat M}]
    + \sum_h E_{D^h_{\hat\pi}}[M^\star V^{\hat\pi}_{\hat M} - \hat M V^{\hat\pi}_{\hat M}]
    + \sum_h E_{D^h_{\pi^\star}}[\hat M V^{\pi^\star}_{\hat M} - M^\star V^{\pi^\star}_{\hat M}]"""
    V_hat, V_star = quadratic_values(M_hat, pi_hat), quadratic_values(M_hat, pi_star)
    return equal(
        quadratic_performance(M, pi_hat) - quadratic_performance(M, pi_star),
        E(start_moments(M), V_hat[0] - V_star[0])
        + model_error(M, M_hat, pi_hat, V_hat)
        - model_error(M, M_hat, pi_star, V_star),
    )


def disadvantage(M, M_hat, pi_hat, pi_star):
    """sum_h E_{d^h of pi_star} [ V_h - E_{u ~ pi_star} Q_h ], V and Q of pi_hat in the model."""
    d = state_occupancies(M, pi_star)
    Q, V = quadratic_action_values(M_hat, pi_hat), quadratic_values(M_hat, pi_hat)
    return sum(E(d[h], V[h] - policy_average(pi_star, h, Q[h])) for h in range(M.H))


@lamps.claim("Lemma 4.1, linear systems")
def linear_pdam(
    M: LinearQuadratic, M_hat: LinearModel, pi_hat: AffinePolicy, pi_star: AffinePolicy
):
    r"""J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star) =
    \sum_h E_{d^h_{\pi^\star}}[V^{\hat\pi}_{\hat M,h} - E_{u\sim\pi^\star}Q^{\hat\pi}_{\hat M,h}]
    + \sum_h E_{D^h_{\hat\pi}}[M^\star V^{\hat\pi}_{\hat M} - \hat M V^{\hat\pi}_{\hat M}]
    + \sum_h E_{D^h_{\pi^\star}}[\hat M V^{\hat\pi}_{\hat M} - M^\star V^{\hat\pi}_{\hat M}]"""
    V_hat = quadratic_values(M_hat, pi_hat)
    return equal(
        quadratic_performance(M, pi_hat) - quadratic_performance(M, pi_star),
        disadvantage(M, M_hat, pi_hat, pi_star)
        + model_error(M, M_hat, pi_hat, V_hat)
        - model_error(M, M_hat, pi_star, V_hat),
    )


# ---- discounted ----------------------------------------------------------------------------------


def discounted_model_error(M, M_hat, pi, V):
    """E_D [ M V - M_hat V ] under the real normalised occupancy of the policy."""
    gap = discounted_next_value(M, V) - discounted_next_value(M_hat, V)
    return E(discounted_pair_occupancy(M, pi), gap)


@lamps.claim("Lemma A.1, linear systems", reading="discounted")
def discounted_linear_simulation(
    M: DiscountedLinearQuadratic, M_hat: DiscountedLinearModel, pi: LinearPolicy
):
    r"""J_{M^\star}(\pi) - J_{\hat M}(\pi) = \frac{\gamma}{1-\gamma}
    E_{D_{\omega,\pi}}[M^\star V^\pi_{\hat M} - \hat M V^\pi_{\hat M}]"""
    V_hat = discounted_quadratic_value(M_hat, pi)
    return equal(
        discounted_quadratic_performance(M, pi) - discounted_quadratic_performance(M_hat, pi),
        M.gamma / (1 - M.gamma) * discounted_model_error(M, M_hat, pi, V_hat),
    )


@lamps.claim("Lemma 3.1, linear systems", reading="discounted")
def discounted_linear_pdpm(
    M: DiscountedLinearQuadratic,
    M_hat: DiscountedLinearModel,
    pi_hat: LinearPolicy,
    pi_star: LinearPolicy,
):
    r"""(1-\gamma)[J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star)] =
    (1-\gamma) E_\omega[V^{\hat\pi}_{\hat M} - V^{\pi^\star}_{\hat M}]
    + \gamma E_{D_{\omega,\hat\pi}}[M^\star V^{\hat\pi}_{\hat M} - \hat M V^{\hat\pi}_{\hat M}]
    + \gamma E_{D_{\omega,\pi^\star}}[\hat M V^{\pi^\star}_{\hat M} - M^\star V^{\pi^\star}_{\hat M}]"""
    J = discounted_quadratic_performance
    V_hat = discounted_quadratic_value(M_hat, pi_hat)
    V_star = discounted_quadratic_value(M_hat, pi_star)
    start = second_moments(M.mean, M.covariance)
    return equal(
        (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)),
        (1 - M.gamma) * E(start, V_hat - V_star)
        + M.gamma * discounted_model_error(M, M_hat, pi_hat, V_hat)
        - M.gamma * discounted_model_error(M, M_hat, pi_star, V_star),
    )


@lamps.claim("Lemma 4.1, linear systems", reading="discounted")
def discounted_linear_pdam(
    M: DiscountedLinearQuadratic,
    M_hat: DiscountedLinearModel,
    pi_hat: LinearPolicy,
    pi_star: LinearPolicy,
):
    r"""(1-\gamma)[J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star)] =
    E_{d_{\omega,\pi^\star}}[V^{\hat\pi}_{\hat M} - E_{u\sim\pi^\star}Q^{\hat\pi}_{\hat M}]
    + \gamma E_{D_{\omega,\hat\pi}}[M^\star V^{\hat\pi}_{\hat M} - \hat M V^{\hat\pi}_{\hat M}]
    + \gamma E_{D_{\omega,\pi^\star}}[\hat M V^{\hat\pi}_{\hat M} - M^\star V^{\hat\pi}_{\hat M}]"""
    J = discounted_quadratic_performance
    V_hat = discounted_quadratic_value(M_hat, pi_hat)
    Q_hat = discounted_quadratic_action_value(M_hat, pi_hat)
    d_star = discounted_state_occupancy(M, pi_star)
    return equal(
        (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)),
        E(d_star, V_hat - stationary_average(pi_star, Q_hat))
        + M.gamma * discounted_model_error(M, M_hat, pi_hat, V_hat)
        - M.gamma * discounted_model_error(M, M_hat, pi_star, V_hat),
    )
