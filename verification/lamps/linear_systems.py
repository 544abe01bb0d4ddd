r"""The lemmas for linear systems with quadratic costs, and the value-moment loss of Appendix C.1.3.

The paper states its lemmas for finite MDPs and uses them for linear systems (Sections 6 and 7,
Appendix C.1.3). Here x' = A_t x + B_t u + a_t + noise, costs are quadratic with affine and cross
terms, policies u = K_t x + k_t + noise; the real system varies in time, the model has its own
dynamics (time-invariant ones are a case). A function is a matrix on (1, x) or (1, x, u), a law its
second moments. Over H steps nothing is discounted or normalised, and V_h, Q_h are of step h; in the
discounted form the display is the paper's own, Q carrying its discount.
"""

import numpy as np

from theorylab import (
    AffinePolicy,
    DiscountedLinearModel,
    DiscountedLinearQuadratic,
    LinearModel,
    LinearPolicy,
    LinearQuadratic,
    at_most,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import absolute, identity, inverse
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
    optimal_quadratic_values,
    pair_occupancies,
    performance_by_moments,
    policy_average,
    quadratic_action_values,
    quadratic_function,
    quadratic_next_value,
    quadratic_performance,
    quadratic_values,
    riccati_policy,
    second_moments,
    start_moments,
    state_occupancies,
    step_cost,
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
    r"""The display of Lemma 3.1, with its factors"""
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
    r"""The display of Lemma 4.1, with its factors"""
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


# ---- Appendix C.1.3: value and policy of a linear model ------------------------------------------


def riccati_matrices(M):
    """P_0, ..., P_H of the finite-horizon discrete Riccati recursion, cross terms included."""
    tables = [M.Q_final]
    for h in reversed(range(M.H)):
        A, B, P = M.A[h], M.B[h], tables[0]
        mixed = M.N[h].T + B.T @ P @ A
        control = mixed.T @ inverse(M.R[h] + B.T @ P @ B) @ mixed
        tables = [M.Q[h] + A.T @ P @ A - control, *tables]
    return tables


def later_noise(M, P, h):
    """sum_{k >= h} trace(P_{k+1} W_k)."""
    return sum(((P[k + 1] * M.W[k]).sum() for k in range(h, M.H)), 0 * M.constant[0])


@lamps.claim("C.1.3, value")
def linear_value_as_printed(M: LinearQuadratic):
    r"""V_h(x) = x^\top P_h x is the optimal cost to go, for x' = A_h x + B_h u and homogeneous costs"""
    plain = M.homogeneous()
    V, P = optimal_quadratic_values(plain), riccati_matrices(plain)
    return every(*(equal(V[h], quadratic_function(P[h], 0 * M.mean, 0)) for h in range(M.H + 1)))


@lamps.claim("C.1.3, value", reading="with noise")
def linear_value_with_noise(M: LinearQuadratic):
    r"""V_h(x) = x^\top P_h x + \sum_{k\ge h} tr(P_{k+1} W_k): the gains are those without noise"""
    noisy = M.without_affine_terms()
    V, P = optimal_quadratic_values(noisy), riccati_matrices(noisy)
    return every(
        *(
            equal(V[h], quadratic_function(P[h], 0 * M.mean, later_noise(M, P, h)))
            for h in range(M.H + 1)
        )
    )


@lamps.claim("C.1.3, policy")
def riccati_policy_is_optimal(M: LinearQuadratic, pi: AffinePolicy):
    r"""J_M(\pi^{Riccati}) \le J_M(\pi) for every affine policy \pi, and J_M(\pi^{Riccati}) = E_\omega[V_0]"""
    best = quadratic_performance(M, riccati_policy(M))
    return every(
        equal(best, E(start_moments(M), optimal_quadratic_values(M)[0])),
        at_most(best, quadratic_performance(M, pi)),
    )


@lamps.claim("C.1.3, policy", reading="completed square")
def riccati_completes_the_square(M: LinearQuadratic):
    r"""c_h + M V_{h+1} - V_h = (u - K_h x - k_h)^\top (R_h + B_h^\top P_{h+1} B_h)(u - K_h x - k_h)"""
    pi, V = riccati_policy(M), optimal_quadratic_values(M)
    return every(*(square_completed(M, pi, V, h) for h in range(M.H)))


def square_completed(M, pi, V, h):
    """Bellman's equation of step h, for every control: what it costs not to take the best one."""
    P = V[h + 1][1:, 1:]
    over = step_cost(M, h) + quadratic_next_value(M, h, V[h + 1]) - on_states(V[h], M.U)
    off = np.concatenate([-pi.k[h][:, None], -pi.K[h], identity(M.U)], axis=1)
    return equal(over, off.T @ (M.R[h] + M.B[h].T @ P @ M.B[h]) @ off)


def on_states(V, U):
    """A function of the state as one of state and control."""
    wide = np.concatenate([V, 0 * V[:, :1] @ (0 * identity(U)[:1])], axis=1)
    return np.concatenate([wide, 0 * identity(U)[:, :1] @ wide[:1]])


# ---- Appendix C.1.3: the value-moment loss -------------------------------------------------------


def moment_gaps(M, M_hat, pi, V):
    """V_{h+1}(x_{h+1}) - V_{h+1}(A x_h + B u_h) of each step of the real run, without noise."""
    D = pair_occupancies(M, pi)
    return [
        E(
            D[h],
            quadratic_next_value(M, h, V[h + 1]) - quadratic_next_value(M_hat, h, V[h + 1]),
        )
        for h in range(M.H)
    ]


def gaps_of_the_experiment(M, M_hat, pi):
    """The same for V of the model's Riccati recursion, in a system as the experiment's."""
    real, model = M.homogeneous().without_noise(), M_hat.homogeneous().without_noise()
    return moment_gaps(real, model, pi.without_noise(), optimal_quadratic_values(model))


@lamps.claim("C.1.3, loss")
def linear_loss_as_printed(M: LinearQuadratic, M_hat: LinearModel, pi: AffinePolicy):
    r"""(9) = E|V(x_{h+1}) - V(Ax_h+Bu_h)| is, as printed in C.1.3,
    E(x_{h+1}^\top P_{h+1}x_{h+1} - (Ax_h+Bu_h)^\top P_{h+1}(Ax_h+Bu_h))^2 (both times H)"""
    gaps = gaps_of_the_experiment(M, M_hat, pi)
    return equal(sum(absolute(gap) for gap in gaps), sum(gap * gap for gap in gaps))


@lamps.claim(
    "C.1.3, loss",
    corrects="linear_loss_as_printed",
    because="C.1.3 squares where (9) takes the absolute value: the square of (9) is at most C.1.3's"
    " loss, so that a bound in (9) is one in its square root",
)
def linear_loss_corrected(M: LinearQuadratic, M_hat: LinearModel, pi: AffinePolicy):
    r"""(E|V(x_{h+1}) - V(Ax_h+Bu_h)|)^2 \le
    E(x_{h+1}^\top P_{h+1}x_{h+1} - (Ax_h+Bu_h)^\top P_{h+1}(Ax_h+Bu_h))^2"""
    gaps = gaps_of_the_experiment(M, M_hat, pi)
    nine = sum(absolute(gap) for gap in gaps)
    return at_most(nine * nine, M.H * sum(gap * gap for gap in gaps))


@lamps.claim("C.1.3, loss", reading="bounds the learned policy's term of PDAM")
def linear_loss_bounds_the_model_error(M: LinearQuadratic, M_hat: LinearModel):
    r"""[J_{M^\star}(\hat\pi) - J_{\hat M}(\hat\pi)]^2 \le H^2 \ell(A,B) on the data of \hat\pi, the
    model's Riccati policy, where \ell is the loss as printed in C.1.3 and h is uniform"""
    real, model = M.homogeneous().without_noise(), M_hat.homogeneous().without_noise()
    pi_hat = riccati_policy(model)
    gaps = moment_gaps(real, model, pi_hat, optimal_quadratic_values(model))
    gap = quadratic_performance(real, pi_hat) - quadratic_performance(model, pi_hat)
    return (
        chain(gap * gap)
        .equal(sum(gaps) * sum(gaps), "simulation lemma")
        .at_most(M.H * sum(g * g for g in gaps), "Cauchy-Schwarz")
    )


def noisy_loss(P, y, w, y_hat):
    """E (V(x') - V(y_hat))^2 for V = x'Px and x' = y + w or y - w, with probability 1/2 each."""
    up, down = (y + w) @ P @ (y + w), (y - w) @ P @ (y - w)
    predicted = y_hat @ P @ y_hat
    return ((up - predicted) * (up - predicted) + (down - predicted) * (down - predicted)) / 2


def noisy_step(M, M_hat):
    """P, the real successor's mean and noise, and the model's successor, of one last step."""
    x, u, h = M.mean, M.r[M.H - 1], M.H - 1
    y, y_hat = M.A[h] @ x + M.B[h] @ u, M_hat.A[h] @ x + M_hat.B[h] @ u
    return M.Q_final, y, M.a[h], y_hat


@lamps.claim("C.1.3, loss", reading="noisy data, the true system minimises it")
def linear_loss_with_noisy_data(M: LinearQuadratic, M_hat: LinearModel):
    r"""\ell(A^\star,B^\star) \le \ell(A,B) where x_{h+1} = A^\star x + B^\star u \pm w, each with probability 1/2"""
    P, y, w, y_hat = noisy_step(M, M_hat)
    return at_most(noisy_loss(P, y, w, y), noisy_loss(P, y, w, y_hat))


@lamps.claim(
    "C.1.3, loss",
    reading="noisy data, corrected",
    corrects="linear_loss_with_noisy_data",
    because="the model predicts one successor, whose value must meet the mean of V(x'), not V of the"
    " mean successor: with noise the loss is least where y_hat'P y_hat = y'Py + w'Pw",
)
def linear_loss_with_noisy_data_corrected(M: LinearQuadratic, M_hat: LinearModel):
    r"""\ell(A,B) = Var V(x') + (E V(x') - V(Ax+Bu))^2, E V(x') = y^\top Py + w^\top Pw, Var V(x') = (2y^\top Pw)^2"""
    P, y, w, y_hat = noisy_step(M, M_hat)
    bias = y @ P @ y + w @ P @ w - y_hat @ P @ y_hat
    spread = 2 * (y @ P @ w)
    return equal(noisy_loss(P, y, w, y_hat), spread * spread + bias * bias)
