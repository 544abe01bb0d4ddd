r"""Appendix C.1.3: value, policy and value-moment loss of a linear model, over H steps.

Systems, functions and laws are those of `linear_systems`.
"""

from theorylab import (
    AffinePolicy,
    LinearModel,
    LinearQuadratic,
    at_most,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import absolute, inverse
from theorylab.theory.linear_quadratic import (
    on_pairs,
    optimal_quadratic_values,
    pair_occupancies,
    quadratic_function,
    quadratic_next_value,
    quadratic_performance,
    riccati_policy,
    squared_deviation,
    stacked,
    start_moments,
    step_cost,
)
from theorylab.theory.linear_quadratic import quadratic_expectation as E
from verification.lamps.paper import lamps

# ---- value and policy ----------------------------------------------------------------------------


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
    P = riccati_matrices(plain)
    printed = [quadratic_function(P[h], 0 * M.mean, 0) for h in range(M.H + 1)]
    return equal(stacked(optimal_quadratic_values(plain)), stacked(printed))


@lamps.claim("C.1.3, value", reading="with noise")
def linear_value_with_noise(M: LinearQuadratic):
    r"""V_h(x) = x^\top P_h x + \sum_{k\ge h} tr(P_{k+1} W_k): the gains are those without noise"""
    noisy = M.without_affine_terms()
    P = riccati_matrices(noisy)
    expected = [quadratic_function(P[h], 0 * M.mean, later_noise(M, P, h)) for h in range(M.H + 1)]
    return equal(stacked(optimal_quadratic_values(noisy)), stacked(expected))


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
    r"""c_h + M V_{h+1} - V_h = (u - K_h x - k_h)^\top (R_h + B_h^\top P_{h+1} B_h)(u - K_h x - k_h):
    Bellman's equation, and what any other control costs, of an affine policy or not"""
    pi, V = riccati_policy(M), optimal_quadratic_values(M)
    over = [
        step_cost(M, h) + quadratic_next_value(M, h, V[h + 1]) - on_pairs(V[h], M.U)
        for h in range(M.H)
    ]
    squares = [squared_deviation(pi, h, hessian(M, V, h)) for h in range(M.H)]
    return equal(stacked(over), stacked(squares))


def hessian(M, V, h):
    """R + B'PB of step h, P that of the next value."""
    P = V[h + 1][1:, 1:]
    return M.R[h] + M.B[h].T @ P @ M.B[h]


# ---- the value-moment loss -----------------------------------------------------------------------


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
    """P, the real successor's mean and noise w, and the model's successor, of the first step.

    The state is the start's mean, the control u = r_0, w = a_0: any vectors of their sizes.
    """
    x, u = M.mean, M.r[0]
    y, y_hat = M.A[0] @ x + M.B[0] @ u, M_hat.A[0] @ x + M_hat.B[0] @ u
    return M.Q_final, y, M.a[0], y_hat


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
