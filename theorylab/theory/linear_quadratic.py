r"""Values and moments of linear systems with quadratic costs, in any arithmetic.

A quadratic function of x is a symmetric matrix on z = (1, x), one of state and control a symmetric
matrix on z = (1, x, u), so that f(z) = z'Fz: x'Px + 2 p'x + c is [[c, p'], [p, P]]. A law enters
only through its second moments E[zz'], shape (1+X, 1+X) or (1+X+U, 1+X+U), and E f is the sum of
the products of entries. With z_{t+1} = F_t (z_t, u_t) + (0, w_t),

    Q_t = C_t + F_t' V_{t+1} F_t + trace(P_{t+1} W_t),    V_t = Q_t averaged over the policy,
    S_{t+1} = F_t D_t F_t' + W_t,            D_t = the second moments of (z, u) with the policy's u.

Costs are per step, those of H steps per episode, not normalised; no factor 1/2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theorylab.arithmetic import Array, as_array, solve
from theorylab.errors import IndefiniteCost
from theorylab.worlds.definite import is_decided, is_semidefinite, least_eigenvalue
from theorylab.worlds.linear_quadratic import AffinePolicy, LinearQuadratic
from theorylab.worlds.mdp import unchecked

# ---- quadratic functions -------------------------------------------------------------------------


def quadratic_function(P: Array, p: Array, constant: Any) -> Array:
    """z'Pz + 2 p'z + constant as a matrix on (1, z). Shapes: P (d, d), p (d,) to (1+d, 1+d)."""
    out = np.empty((1 + len(P), 1 + len(P)), dtype=P.dtype)
    out[0, 0], out[0, 1:], out[1:, 0], out[1:, 1:] = constant, p, p, P
    return out


def quadratic_parts(f: Array) -> tuple[Array, Array, Any]:
    """P (d, d), p (d,) and the constant of f, shape (1+d, 1+d)."""
    return f[1:, 1:], f[1:, 0], f[0, 0]


def quadratic_at(f: Array, z: Array) -> Any:
    """f at a point, z'Pz + 2 p'z + constant. Shapes: f (1+d, 1+d), z (d,)."""
    return (second_moments(as_array(z), 0 * f[1:, 1:]) * f).sum()


def quadratic_expectation(moments: Array, f: Array) -> Any:
    """E f under a law with these second moments, both of shape (1+d, 1+d)."""
    return (moments * f).sum()


def second_moments(mean: Array, covariance: Array) -> Array:
    """E[zz'] of z = (1, x). Shapes: mean (d,), covariance (d, d) to (1+d, 1+d)."""
    around = as_array(mean)[:, None] * as_array(mean)[None, :]
    return quadratic_function(covariance + around, mean, 1)


def _with_constant(f: Array, value: Any) -> Array:
    """f + value."""
    raised = f.copy()
    raised[0, 0] = f[0, 0] + value
    return raised


# ---- one step ------------------------------------------------------------------------------------


def step_cost(M: LinearQuadratic, t: int) -> Array:
    """The cost of step t as a function of state and control, shape (1+X+U, 1+X+U)."""
    top = np.concatenate([M.Q[t], M.N[t]], axis=1)
    bottom = np.concatenate([M.N[t].T, M.R[t]], axis=1)
    linear = np.concatenate([M.q[t], M.r[t]])
    return quadratic_function(np.concatenate([top, bottom]), linear, M.constant[t])


def final_cost(M: LinearQuadratic) -> Array:
    """The cost of the last state as a function of it, shape (1+X, 1+X)."""
    return quadratic_function(M.Q_final, M.q_final, M.constant[-1])


def step_matrix(A: Array, B: Array, a: Array) -> Array:
    """F with E[(1, x')] = F (1, x, u), shape (1+X, 1+X+U)."""
    X, U = B.shape
    out = np.empty((1 + X, 1 + X + U), dtype=A.dtype)
    out[0], out[0, 0] = 0, 1
    out[1:, 0], out[1:, 1 : 1 + X], out[1:, 1 + X :] = a, A, B
    return out


def quadratic_next_value(M: LinearQuadratic, t: int, V: Array) -> Array:
    """E V(x_{t+1}) as a function of (x_t, u_t). Shapes: V (1+X, 1+X) to (1+X+U, 1+X+U)."""
    F = step_matrix(M.A[t], M.B[t], M.a[t])
    return _with_constant(F.T @ V @ F, (V[1:, 1:] * M.W[t]).sum())


def _policy_matrix(K: Array, k: Array) -> Array:
    """G with E[(1, x, u)] = G (1, x), shape (1+X+U, 1+X)."""
    U, X = K.shape
    out = np.empty((1 + X + U, 1 + X), dtype=K.dtype)
    out[: 1 + X] = np.eye(1 + X, dtype=int)
    out[1 + X :, 0], out[1 + X :, 1:] = k, K
    return out


def averaged(Q: Array, K: Array, k: Array, covariance: Array) -> Array:
    """E_u Q(x, u) for u = Kx + k + noise, as a function of x.

    Shapes: Q (1+X+U, 1+X+U), K (U, X), k (U,), covariance (U, U) to (1+X, 1+X).
    """
    G, X = _policy_matrix(K, k), K.shape[1]
    return _with_constant(G.T @ Q @ G, (Q[1 + X :, 1 + X :] * covariance).sum())


def pair_moments(S: Array, K: Array, k: Array, covariance: Array) -> Array:
    """The second moments of (1, x, u) from those of (1, x), shape (1+X+U, 1+X+U)."""
    G, X = _policy_matrix(K, k), K.shape[1]
    D = G @ S @ G.T
    D[1 + X :, 1 + X :] = D[1 + X :, 1 + X :] + covariance
    return D


# ---- a policy over the horizon -------------------------------------------------------------------


def quadratic_action_values(M: LinearQuadratic, pi: AffinePolicy) -> list[Array]:
    """Q_0, ..., Q_{H-1}, the cost to go from state and control, each (1+X+U, 1+X+U)."""
    V, tables = final_cost(M), []
    for t in reversed(range(M.H)):
        Q = step_cost(M, t) + quadratic_next_value(M, t, V)
        V = averaged(Q, pi.K[t], pi.k[t], pi.covariance[t])
        tables.append(Q)
    return tables[::-1]


def policy_average(pi: AffinePolicy, t: int, Q: Array) -> Array:
    """E_{u ~ pi_t(x)} Q(x, u) as a function of x. Shapes: (1+X+U, 1+X+U) to (1+X, 1+X)."""
    return averaged(Q, pi.K[t], pi.k[t], pi.covariance[t])


def quadratic_values(M: LinearQuadratic, pi: AffinePolicy) -> list[Array]:
    """V_0, ..., V_H, the cost to go from each step's state, each (1+X, 1+X)."""
    tables = quadratic_action_values(M, pi)
    return [*(policy_average(pi, t, Q) for t, Q in enumerate(tables)), final_cost(M)]


def quadratic_performance(M: LinearQuadratic, pi: AffinePolicy) -> Any:
    """J = E V_0(x_0), the expected cost of an episode."""
    return quadratic_expectation(start_moments(M), quadratic_values(M, pi)[0])


def start_moments(M: LinearQuadratic) -> Array:
    """The second moments of (1, x_0), shape (1+X, 1+X)."""
    return second_moments(M.mean, M.covariance)


def pair_occupancies(M: LinearQuadratic, pi: AffinePolicy) -> list[Array]:
    """D^0, ..., D^{H-1}: the second moments of (1, x_t, u_t), each (1+X+U, 1+X+U)."""
    S, tables = start_moments(M), []
    for t in range(M.H):
        D = pair_moments(S, pi.K[t], pi.k[t], pi.covariance[t])
        tables.append(D)
        S = _moved(M, t, D)
    return tables


def state_occupancies(M: LinearQuadratic, pi: AffinePolicy) -> list[Array]:
    """d^0, ..., d^H: the second moments of (1, x_t), each (1+X, 1+X)."""
    pairs = pair_occupancies(M, pi)
    return [start_moments(M), *(_moved(M, t, D) for t, D in enumerate(pairs))]


def _moved(M: LinearQuadratic, t: int, D: Array) -> Array:
    """The second moments of (1, x_{t+1}) from those of (1, x_t, u_t)."""
    F = step_matrix(M.A[t], M.B[t], M.a[t])
    S = F @ D @ F.T
    S[1:, 1:] = S[1:, 1:] + M.W[t]
    return S


def performance_by_moments(M: LinearQuadratic, pi: AffinePolicy) -> Any:
    """J as the expectation of each step's cost under the law of that step's state and control."""
    paid = [(D * step_cost(M, t)).sum() for t, D in enumerate(pair_occupancies(M, pi))]
    return sum(paid) + quadratic_expectation(state_occupancies(M, pi)[-1], final_cost(M))


# ---- the best policy -----------------------------------------------------------------------------


def optimal_quadratic_values(M: LinearQuadratic) -> list[Array]:
    """V*_0, ..., V*_H of the Riccati recursion, each (1+X, 1+X); errors as `riccati`."""
    return riccati(M)[1]


def riccati_policy(M: LinearQuadratic) -> AffinePolicy:
    """The best policy, u = K_t x + k_t; errors as `riccati`."""
    return riccati(M)[0]


def riccati(M: LinearQuadratic) -> tuple[AffinePolicy, list[Array]]:
    """The best policy, and V*_0, ..., V*_H, each (1+X, 1+X).

    With Q_t = C_t + E V*_{t+1} as a function of (1, x, u), the control's part Q_uu = R + B'PB and
    Q_ux its products with (1, x): (k, K) = -Q_uu^{-1} Q_ux.
    Raises IndefiniteCost naming the step where R + B'PB is not positive definite, where signs are
    decided (floats and exact rationals); in other systems a singular one divides by zero.
    """
    V, gains, values = final_cost(M), [], [final_cost(M)]
    for t in reversed(range(M.H)):
        Q = step_cost(M, t) + quadratic_next_value(M, t, V)
        K, k = best_control(Q, M.X, t)
        gains.append((K, k))
        V = averaged(Q, K, k, 0 * M.R[t])
        values.append(V)
    gains.reverse()
    K_table = np.array([K for K, _ in gains]).reshape(M.H, M.U, M.X)
    k_table = np.array([k for _, k in gains]).reshape(M.H, M.U)
    return unchecked(AffinePolicy, K=K_table, k=k_table, covariance=0 * M.R), values[::-1]


def best_control(Q: Array, X: int, t: int = 0) -> tuple[Array, Array]:
    """K (U, X) and k (U,) of the control that minimises Q, shape (1+X+U, 1+X+U), at each state."""
    Q_uu, Q_ux = Q[1 + X :, 1 + X :], Q[1 + X :, : 1 + X]
    if is_decided(Q_uu) and not is_semidefinite(Q_uu, strictly=True):
        raise IndefiniteCost(
            f"R + B'PB is not positive definite at step {t} (its least eigenvalue is"
            f" {least_eigenvalue(Q_uu):.6g}), so no control is best. Make R larger."
        )
    gains = -np.stack([solve(Q_uu, column) for column in Q_ux.T], axis=1)
    return gains[:, 1:], gains[:, 0]
