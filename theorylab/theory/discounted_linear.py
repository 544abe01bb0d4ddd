r"""Values and occupancies of discounted linear systems with quadratic costs, in any arithmetic.

Functions and laws are matrices as in `linear_quadratic`. With the closed loop x' = Tx + b + noise,
T = A + BK, b = a + Bk, covariance W + B Sigma B', a policy's value x'Px + 2 p'x + c solves

    P = C_P + gamma T'PT,    p = C_p + gamma T'(Pb + p),    (1-gamma) c = C_c + gamma (...)

and its normalised occupancy D = (1-gamma) sum_h gamma^h D^h the same equation transposed: discrete
Lyapunov (Stein) equations, solved as linear systems of X^2 unknowns, or by scipy in float64. They
have a finite answer where sqrt(gamma) T is stable, else the policy's value is `Unstable`.
Costs are per step; J = E V(x_0) is not normalised.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theorylab.arithmetic import Array, identity, solve
from theorylab.errors import IndefiniteCost, Unstable
from theorylab.theory.linear_quadratic import (
    averaged,
    best_control,
    pair_moments,
    quadratic_expectation,
    quadratic_function,
    second_moments,
    step_matrix,
)
from theorylab.worlds.checks import to_float
from theorylab.worlds.definite import is_decided, is_semidefinite
from theorylab.worlds.linear_quadratic import (
    DiscountedLinearQuadratic,
    LinearPolicy,
    joint_cost,
)
from theorylab.worlds.mdp import unchecked

BOUNDARY = 1e-12
"""How near to 1 gamma times the squared spectral radius may come in floats."""


def closed_loop(M: DiscountedLinearQuadratic, pi: LinearPolicy) -> tuple[Array, Array, Array]:
    """T (X, X), b (X,) and the noise's covariance (X, X) of x' = Tx + b + noise."""
    return M.A + M.B @ pi.K, M.a + M.B @ pi.k, M.W + M.B @ pi.covariance @ M.B.T


def check_stable(T: Array, gamma: Any) -> None:
    """Raise Unstable unless gamma times the square of T's spectral radius is below 1.

    Decided exactly for rationals: it is where P = I + gamma T'PT has a positive definite solution.
    In number systems without decided signs nothing is checked.
    """
    if not is_decided(T):
        return
    if T.dtype == np.float64:
        stable = gamma * spectral_radius(T) ** 2 < 1 - BOUNDARY
    else:
        stable = _has_definite_solution(T, gamma)
    if not stable:
        raise Unstable(
            f"the closed loop A + BK has an eigenvalue of modulus {spectral_radius(T):.6g},"
            f" expected less than 1 / sqrt(gamma), gamma = {gamma}: its cost is infinite."
            " Choose gains that stabilise it, or a smaller discount."
        )


def _has_definite_solution(T: Array, gamma: Any) -> bool:
    try:
        P = _stein_exactly(T, gamma, identity(len(T)))
    except ZeroDivisionError:
        return False
    return is_semidefinite(P, strictly=True)


def spectral_radius(T: Array) -> float:
    """The largest modulus of an eigenvalue, in floats."""
    return float(np.abs(np.linalg.eigvals(to_float(T))).max())


def stein(T: Array, gamma: Any, C: Array) -> Array:
    """P with P = C + gamma T'PT, all of shape (X, X)."""
    if T.dtype == np.float64:
        from scipy.linalg import solve_discrete_lyapunov

        return np.asarray(solve_discrete_lyapunov(np.sqrt(float(gamma)) * T.T, C))
    return _stein_exactly(T, gamma, C)


def _stein_exactly(T: Array, gamma: Any, C: Array) -> Array:
    n = len(T)
    flow = (T.T[:, None, :, None] * T.T[None, :, None, :]).reshape(n * n, n * n)
    return solve(identity(n * n) - gamma * flow, C.reshape(-1)).reshape(n, n)


# ---- a policy ------------------------------------------------------------------------------------


def discounted_step_cost(M: DiscountedLinearQuadratic) -> Array:
    """The cost of a step as a function of state and control, shape (1+X+U, 1+X+U)."""
    return quadratic_function(joint_cost(M), np.concatenate([M.q, M.r]), 0)


def discounted_next_value(M: DiscountedLinearQuadratic, V: Array) -> Array:
    """E V(x') as a function of (x, u), without gamma. Shape (1+X, 1+X) to (1+X+U, 1+X+U)."""
    F = step_matrix(M.A, M.B, M.a)
    moved = F.T @ V @ F
    moved[0, 0] = moved[0, 0] + (V[1:, 1:] * M.W).sum()
    return moved


def stationary_average(pi: LinearPolicy, Q: Array) -> Array:
    """E_{u ~ pi(x)} Q(x, u) as a function of x. Shape (1+X+U, 1+X+U) to (1+X, 1+X)."""
    return averaged(Q, pi.K, pi.k, pi.covariance)


def discounted_quadratic_value(M: DiscountedLinearQuadratic, pi: LinearPolicy) -> Array:
    """V, the discounted cost from a state on, shape (1+X, 1+X).

    Raises Unstable where it is infinite (see `check_stable`).
    """
    T, b, noise = closed_loop(M, pi)
    check_stable(T, M.gamma)
    paid, gamma = stationary_average(pi, discounted_step_cost(M)), M.gamma
    P = stein(T, gamma, paid[1:, 1:])
    p = solve(identity(len(T)) - gamma * T.T, paid[1:, 0] + gamma * (T.T @ (P @ b)))
    later = b @ P @ b + 2 * (p @ b) + (P * noise).sum()
    return quadratic_function(P, p, (paid[0, 0] + gamma * later) / (1 - gamma))


def discounted_quadratic_action_value(M: DiscountedLinearQuadratic, pi: LinearPolicy) -> Array:
    """Q = cost + gamma E V(x'), as a function of (x, u), shape (1+X+U, 1+X+U)."""
    V = discounted_quadratic_value(M, pi)
    return discounted_step_cost(M) + M.gamma * discounted_next_value(M, V)


def discounted_quadratic_performance(M: DiscountedLinearQuadratic, pi: LinearPolicy) -> Any:
    """J = E V(x_0), not normalised."""
    start = second_moments(M.mean, M.covariance)
    return quadratic_expectation(start, discounted_quadratic_value(M, pi))


def discounted_state_occupancy(M: DiscountedLinearQuadratic, pi: LinearPolicy) -> Array:
    """d = (1-gamma) sum_h gamma^h d^h, the second moments of (1, x), shape (1+X, 1+X).

    Raises Unstable where they are infinite.
    """
    T, b, noise = closed_loop(M, pi)
    check_stable(T, M.gamma)
    gamma, first = M.gamma, second_moments(M.mean, M.covariance)
    mean = solve(identity(len(T)) - gamma * T, (1 - gamma) * M.mean + gamma * b)
    Tm = T @ mean
    crossed = Tm[:, None] * b[None, :] + b[:, None] * Tm[None, :] + b[:, None] * b[None, :]
    around = stein(T.T, gamma, (1 - gamma) * first[1:, 1:] + gamma * (crossed + noise))
    return quadratic_function(around, mean, 1)


def discounted_pair_occupancy(M: DiscountedLinearQuadratic, pi: LinearPolicy) -> Array:
    """D = (1-gamma) sum_h gamma^h D^h, the second moments of (1, x, u), (1+X+U, 1+X+U)."""
    return pair_moments(discounted_state_occupancy(M, pi), pi.K, pi.k, pi.covariance)


# ---- the best policy, in floats ------------------------------------------------------------------


def discounted_riccati(M: DiscountedLinearQuadratic) -> tuple[LinearPolicy, Array]:
    """The best stationary policy of those that are stable, and its value, (1+X, 1+X), in float64.

    With costs that are convex in (x, u) no policy at all does better; with others some unstable one
    may cost -infinity.

    The discrete algebraic Riccati equation of (sqrt(gamma) A, sqrt(gamma) B), solved by scipy.
    Raises Unstable, with the eigenvalue, where no gain stabilises the system or a mode on the
    boundary costs nothing; IndefiniteCost where R + gamma B'PB is not positive definite.
    """
    from scipy.linalg import solve_discrete_are

    A, B, Q, R, N = (to_float(table) for table in (M.A, M.B, M.Q, M.R, M.N))
    gamma = float(to_float(np.array(M.gamma, dtype=object)))
    scale = np.sqrt(gamma)
    _check_stabilisable(scale * A, scale * B, gamma)
    try:
        P = solve_discrete_are(scale * A, scale * B, Q, R, s=N)
    except (np.linalg.LinAlgError, ValueError) as error:
        raise _unsolvable(scale * A, scale * B, Q, R, N, error) from None
    P = (P + P.T) / 2
    hessian = R + gamma * B.T @ P @ B
    if not is_semidefinite(hessian, strictly=True):
        least = np.linalg.eigvalsh(hessian)[0]
        raise IndefiniteCost(
            f"R + gamma B'PB is not positive definite (its least eigenvalue is {least:.6g}), so no"
            " control is best. Make R larger."
        )
    return _with_affine_terms(M, P, gamma)


def _with_affine_terms(
    M: DiscountedLinearQuadratic, P: Array, gamma: float
) -> tuple[LinearPolicy, Array]:
    """The policy and value from P: p solves a linear system once the gain K is known."""
    floats = unchecked(
        DiscountedLinearQuadratic,
        **{key: to_float(np.asarray(value)) for key, value in vars(M).items()},
    )
    X, cost = M.X, discounted_step_cost(floats)
    quadratic = cost + gamma * discounted_next_value(
        floats, quadratic_function(P, np.zeros(X), 0.0)
    )
    K, k_without_p = best_control(quadratic, X)
    hessian = quadratic[1 + X :, 1 + X :]
    T = floats.A + floats.B @ K
    # p = (C + gamma E V)_x + K'(...)_u at the best k, in which p enters through a and B only
    right = quadratic[1 : 1 + X, 0] + K.T @ quadratic[1 + X :, 0]
    p = np.linalg.solve(np.eye(X) - gamma * T.T, right)
    k = k_without_p - np.linalg.solve(hessian, gamma * floats.B.T @ p)
    pi = LinearPolicy(K, k)
    return pi, discounted_quadratic_value(floats, pi)


def _check_stabilisable(A: Array, B: Array, gamma: float) -> None:
    """Raise Unstable at an eigenvalue of modulus >= 1 that no gain moves (Hautus' test)."""
    size = 1 + np.abs(A).max() + np.abs(B).max()
    for value in np.linalg.eigvals(A):
        pencil = np.concatenate([value * np.eye(len(A)) - A, B], axis=1)
        moves = np.linalg.svd(pencil, compute_uv=False)[-1] > 1e-10 * size
        if abs(value) >= 1 - 1e-12 and not moves:
            raise Unstable(
                f"A has the eigenvalue {value / np.sqrt(gamma):.6g}, which no gain moves, and"
                f" sqrt(gamma) times its modulus is {abs(value):.6g}, expected less than 1: the"
                " system is not stabilisable. Choose other controls, or a smaller discount."
            )


def _unsolvable(A: Array, B: Array, Q: Array, R: Array, N: Array, error: Exception) -> Unstable:
    """The error for a Riccati equation without a stabilising solution, with the eigenvalue."""
    from scipy.linalg import eigvals

    n, m = B.shape
    zero, eye = np.zeros, np.eye(n)
    left = np.block([[A, zero((n, n)), B], [-Q, eye, -N], [N.T, zero((m, n)), R]])
    right = np.block(
        [
            [eye, zero((n, n + m))],
            [zero((n, n)), A.T, zero((n, m))],
            [zero((m, n)), -B.T, zero((m, m))],
        ]
    )
    values = eigvals(left, right)
    values = values[np.isfinite(values)]
    worst = values[np.argmin(np.abs(np.abs(values) - 1))] if len(values) else np.nan
    return Unstable(
        "the discrete algebraic Riccati equation has no stabilising solution: its pencil has the"
        f" eigenvalue {worst:.6g} beside the unit circle ({error}). Penalise the states that do"
        " not decay."
    )
