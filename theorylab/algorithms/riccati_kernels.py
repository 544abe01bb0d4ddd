r"""The compiled kernels of linear-quadratic problems: one instance, C-contiguous float64 tables.

They write into tables given and meet no Python object, so that other compiled code may call
`_backward`, `_rollout` and `_cost`; the `..._each` forms loop over a leading axis. What they
compute is said in `riccati`, which checks what it is given and calls them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
compiled: Any = njit(cache=True, nogil=True)


@compiled
def _factored(M: Floats) -> bool:
    """Overwrite M's lower triangle by its Cholesky factor; whether M is positive definite.

    A pivot that rounding alone could have left does not count as positive.
    """
    m = M.shape[0]
    for j in range(m):
        pivot = M[j, j]
        least = abs(pivot) * m * 2.3e-16
        for l in range(j):
            pivot -= M[j, l] * M[j, l]
        if not pivot > least or pivot == np.inf:
            return False
        root = np.sqrt(pivot)
        M[j, j] = root
        for i in range(j + 1, m):
            s = M[i, j]
            for l in range(j):
                s -= M[i, l] * M[j, l]
            M[i, j] = s / root
    return True


@compiled
def _solved(L: Floats, b: Floats) -> None:
    """Overwrite b, shape (m, c), by (L L')^{-1} b."""
    m, c = b.shape
    for i in range(m):
        for l in range(i):
            for j in range(c):
                b[i, j] -= L[i, l] * b[l, j]
        for j in range(c):
            b[i, j] /= L[i, i]
    for i in range(m - 1, -1, -1):
        for l in range(i + 1, m):
            for j in range(c):
                b[i, j] -= L[l, i] * b[l, j]
        for j in range(c):
            b[i, j] /= L[i, i]


@compiled
def _add_product(X: Floats, Y: Floats, out: Floats) -> None:
    """out += X Y."""
    for i in range(X.shape[0]):
        for l in range(X.shape[1]):
            s = X[i, l]
            for j in range(Y.shape[1]):
                out[i, j] += s * Y[l, j]


@compiled
def _add_transposed(X: Floats, Y: Floats, out: Floats) -> None:
    """out += X' Y."""
    for l in range(X.shape[0]):
        for i in range(X.shape[1]):
            s = X[l, i]
            for j in range(Y.shape[1]):
                out[i, j] += s * Y[l, j]


@compiled
def _symmetrised(X: Floats) -> None:
    """Overwrite X by (X + X') / 2."""
    for i in range(X.shape[0]):
        for j in range(i):
            X[i, j] = X[j, i] = 0.5 * (X[i, j] + X[j, i])


@compiled
def _backward(
    A: Floats,
    B: Floats,
    Q: Floats,
    R: Floats,
    N: Floats,
    a: Floats,
    q: Floats,
    r: Floats,
    Q_final: Floats,
    q_final: Floats,
    regularisation: float,
    K: Floats,
    k: Floats,
    P: Floats,
    p: Floats,
) -> tuple[int, float]:
    """Fill K, k, P, p (shapes as in `Gains`); (-1, V_0's constant) when all went well.

    Else the first component is the step whose Hu + mu I is not positive definite (or not finite),
    and the tables hold the steps after it only.
    """
    H, n, m = B.shape
    PA, PB = np.empty((n, n)), np.empty((n, m))
    hessian, factor = np.empty((m, m)), np.empty((m, m))
    G, gains, slack = np.empty((m, n + 1)), np.empty((m, n + 1)), np.empty((m, n + 1))
    v, constant = np.empty(n), 0.0
    P[H], p[H] = Q_final, q_final
    _symmetrised(P[H])
    for t in range(H - 1, -1, -1):
        PA[:], PB[:] = 0.0, 0.0
        _add_product(P[t + 1], A[t], PA)
        _add_product(P[t + 1], B[t], PB)
        for i in range(n):
            v[i] = p[t + 1, i]
            for j in range(n):
                v[i] += P[t + 1, i, j] * a[t, j]
        for i in range(m):  # the last column of G is the gradient of the control at x = 0
            for j in range(n):
                G[i, j] = N[t, j, i]
            G[i, n] = r[t, i]
            for l in range(n):
                s = B[t, l, i]
                for j in range(n):
                    G[i, j] += s * PA[l, j]
                G[i, n] += s * v[l]
        hessian[:] = R[t]
        _add_transposed(B[t], PB, hessian)
        _symmetrised(hessian)
        factor[:] = hessian
        for i in range(m):
            factor[i, i] += regularisation
        if not _factored(factor):
            return t, constant
        for i in range(m):
            for j in range(n + 1):
                gains[i, j] = -G[i, j]
        _solved(factor, gains)
        slack[:] = G  # Hu K + G, which is 0 up to rounding without regularisation
        _add_product(hessian, gains, slack)
        P[t] = Q[t]
        _add_transposed(A[t], PA, P[t])
        for i in range(n):
            p[t, i] = q[t, i]
            for l in range(n):
                p[t, i] += A[t, l, i] * v[l]
            constant += a[t, i] * (v[i] + p[t + 1, i])
        for l in range(m):
            for i in range(n):
                for j in range(n):
                    P[t, i, j] += G[l, i] * gains[l, j] + gains[l, i] * slack[l, j]
                p[t, i] += G[l, i] * gains[l, n] + gains[l, i] * slack[l, n]
                K[t, l, i] = gains[l, i]
            k[t, l] = gains[l, n]
            constant += gains[l, n] * (G[l, n] + slack[l, n])
        _symmetrised(P[t])
    return -1, constant


@compiled
def _rollout(
    A: Floats,
    B: Floats,
    a: Floats,
    K: Floats,
    k: Floats,
    x0: Floats,
    noise: Floats,
    states: Floats,
    controls: Floats,
) -> int:
    """Fill states (H+1, n) and controls (H, m); noise has shape (H, n), or (0, n) for none.

    Returns the first step whose next state is not finite, -1 if all are.
    """
    H, n, m = B.shape
    states[0] = x0
    for t in range(H):
        for i in range(m):
            u = k[t, i]
            for j in range(n):
                u += K[t, i, j] * states[t, j]
            controls[t, i] = u
        for i in range(n):
            y = a[t, i]
            for j in range(n):
                y += A[t, i, j] * states[t, j]
            for j in range(m):
                y += B[t, i, j] * controls[t, j]
            if noise.shape[0] > 0:
                y += noise[t, i]
            if not np.isfinite(y):
                return t
            states[t + 1, i] = y
    return -1


@compiled
def _form(x: Floats, M: Floats, y: Floats) -> float:
    """x'My."""
    total = 0.0
    for i in range(M.shape[0]):
        s = 0.0
        for j in range(M.shape[1]):
            s += M[i, j] * y[j]
        total += x[i] * s
    return total


@compiled
def _cost(
    Q: Floats,
    R: Floats,
    N: Floats,
    q: Floats,
    r: Floats,
    Q_final: Floats,
    q_final: Floats,
    states: Floats,
    controls: Floats,
) -> float:
    """The cost of one trajectory, per episode."""
    total = 0.0
    for t in range(controls.shape[0]):
        x, u = states[t], controls[t]
        total += _form(x, Q[t], x) + 2.0 * _form(x, N[t], u) + _form(u, R[t], u)
        for i in range(x.shape[0]):
            total += 2.0 * q[t, i] * x[i]
        for i in range(u.shape[0]):
            total += 2.0 * r[t, i] * u[i]
    x = states[-1]
    total += _form(x, Q_final, x)
    for i in range(x.shape[0]):
        total += 2.0 * q_final[i] * x[i]
    return total


@compiled
def _backward_each(  # type: ignore[no-untyped-def]
    A, B, Q, R, N, a, q, r, Q_final, q_final, regularisation, K, k, P, p, constants, steps
):
    """`_backward` for each instance of the leading axis."""
    for b in range(A.shape[0]):
        steps[b], constants[b] = _backward(
            A[b],
            B[b],
            Q[b],
            R[b],
            N[b],
            a[b],
            q[b],
            r[b],
            Q_final[b],
            q_final[b],
            regularisation,
            K[b],
            k[b],
            P[b],
            p[b],
        )


@compiled
def _rollout_each(A, B, a, K, k, x0, noise, states, controls, steps):  # type: ignore[no-untyped-def]
    """`_rollout` for each start of the leading axis; a leading axis of 1 serves all starts."""
    for b in range(x0.shape[0]):
        s = b if A.shape[0] > 1 else 0
        g = b if K.shape[0] > 1 else 0
        e = b if noise.shape[0] > 1 else 0
        steps[b] = _rollout(A[s], B[s], a[s], K[g], k[g], x0[b], noise[e], states[b], controls[b])


@compiled
def _cost_each(Q, R, N, q, r, Q_final, q_final, states, controls, out):  # type: ignore[no-untyped-def]
    """`_cost` for each trajectory of the leading axis; a leading axis of 1 serves all."""
    for b in range(states.shape[0]):
        c = b if Q.shape[0] > 1 else 0
        out[b] = _cost(Q[c], R[c], N[c], q[c], r[c], Q_final[c], q_final[c], states[b], controls[b])
