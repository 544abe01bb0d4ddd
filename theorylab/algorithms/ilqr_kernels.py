"""The loops of iLQR: plain Python for systems of plain functions, machine code for compiled ones.

Each is written once. `register_jitable` leaves a function as it is in Python and compiles it where
compiled code calls it; `machine_code` gives the outer two compiled, once for all systems.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import register_jitable

from theorylab.algorithms.riccati_kernels import _backward
from theorylab.worlds.smooth import SIGNATURES

RUNNING, CONVERGED, NO_DECREASE, ITERATIONS, DIVERGED, INDEFINITE, NOT_FINITE = range(7)
"""How a run ended; the last three are errors."""

FIRST_REGULARISATION = 1e-6
GROWTH = 10.0


@register_jitable
def forward(  # type: ignore[no-untyped-def]
    step, cost, final_cost, theta, X, U, K, k, alpha, states, controls
):
    """Fill states and controls of u = U + alpha k + K (x - X) from states[0]; (cost, -1).

    (cost so far, t) if the state after step t, or the cost up to it, is not finite.
    """
    total = 0.0
    for t in range(controls.shape[0]):
        change = K[t] @ (states[t] - X[t])
        for i in range(change.size):
            controls[t, i] = U[t, i] + alpha * k[t, i] + change[i]
        total += cost(states[t], controls[t], theta)
        states[t + 1] = step(states[t], controls[t], theta)
        if not (_finite(states[t + 1]) and math.isfinite(total)):
            return total, t
    total += final_cost(states[-1], theta)
    return total, -1 if math.isfinite(total) else controls.shape[0]


@register_jitable
def _finite(vector) -> bool:  # type: ignore[no-untyped-def]
    for entry in vector:  # noqa: SIM110 - all(...) does not compile
        if not math.isfinite(entry):
            return False
    return True


@register_jitable
def _halved(table, out) -> None:  # type: ignore[no-untyped-def]
    for i in range(table.shape[0]):
        for j in range(table.shape[1]):
            out[i, j] = 0.5 * table[i, j]


@register_jitable
def _halved_vector(vector, out) -> None:  # type: ignore[no-untyped-def]
    for i in range(vector.size):
        out[i] = 0.5 * vector[i]


@register_jitable
def expand(  # type: ignore[no-untyped-def]
    step,
    step_slopes,
    cost_slopes,
    final_slopes,
    theta,
    X,
    U,
    A,
    B,
    Q,
    R,
    N,
    a,
    q,
    r,
    last_Q,
    last_q,
):
    """Fill the tables of `LocalModel`, with Taylor's 1/2 in Q, N, R, q and r."""
    for t in range(U.shape[0]):
        A[t], B[t] = step_slopes(X[t], U[t], theta)
        c_x, c_u, c_xx, c_xu, c_uu = cost_slopes(X[t], U[t], theta)
        _halved(c_xx, Q[t])
        _halved(c_xu, N[t])
        _halved(c_uu, R[t])
        _halved_vector(c_x, q[t])
        _halved_vector(c_u, r[t])
        after = step(X[t], U[t], theta)
        for i in range(after.size):
            a[t, i] = after[i] - X[t + 1, i]
    c_x, c_xx = final_slopes(X[-1], theta)
    _halved(c_xx, last_Q)
    _halved_vector(c_x, last_q)


@register_jitable
def _raised(mu: float) -> float:
    return max(FIRST_REGULARISATION, GROWTH * mu)


@register_jitable
def _gains(A, B, Q, R, N, a, q, r, last_Q, last_q, mu, largest, K, k, P, p):  # type: ignore[no-untyped-def]
    """Gains with the first mu, of those growing from the given one, that has some.

    Returns (step, predicted decrease, mu, passes): step -1, or where the last one failed; NaN for
    the decrease where numbers are not finite.
    """
    passes = 0
    while True:
        passes += 1
        t, constant = _backward(A, B, Q, R, N, a, q, r, last_Q, last_q, mu, K, k, P, p)
        if not (math.isfinite(constant) and _finite(P[t + 1].ravel())):
            return t, math.nan, mu, passes
        if t < 0 or _raised(mu) > largest:
            return t, -constant, mu, passes
        mu = _raised(mu)


@register_jitable
def _search(  # type: ignore[no-untyped-def]
    step, cost, final_cost, theta, X, U, K, k, step_sizes, least, best, states, controls
):
    """(cost, rollouts) of the first step that lowers the cost by alpha (2 - alpha) least or more.

    The cost stays where there is none.
    """
    rollouts = 0
    for alpha in step_sizes:
        rollouts += 1
        total, bad = forward(step, cost, final_cost, theta, X, U, K, k, alpha, states, controls)
        if bad < 0 and total < best and best - total >= alpha * (2 - alpha) * least:
            return total, rollouts
    return best, rollouts


def iterate(  # type: ignore[no-untyped-def]
    step, step_slopes, cost, cost_slopes, final_cost, final_slopes,
    theta, start, K, k, step_sizes, sufficient, tolerance, largest, costs,
):  # fmt: skip
    """Run iLQR from u = K x + k; overwrite K and k by gains around the last trajectory taken.

    costs (iterations + 1,) is filled with the costs of the trajectories taken. Returns how it
    ended, the step where an error occurred, (trajectories taken, backward passes, rollouts), mu,
    and the trajectory: states (H+1, n), controls (H, m).
    """
    H, m, n = K.shape
    P, p = np.empty((H + 1, n, n)), np.empty((H + 1, n))
    A, B, Q, R = np.empty((H, n, n)), np.empty((H, n, m)), np.empty((H, n, n)), np.empty((H, m, m))
    N, a, q, r = np.empty((H, n, m)), np.empty((H, n)), np.empty((H, n)), np.empty((H, m))
    last_Q, last_q = np.empty((n, n)), np.empty(n)
    X, U, states, controls = np.zeros((H + 1, n)), np.zeros((H, m)), np.zeros((H + 1, n)), 0.0 * k
    states[0] = start
    best, t = forward(step, cost, final_cost, theta, X, U, K, k, 1.0, states, controls)
    X[0] = start
    taken, passes, rollouts, mu = -1, 0, 1, 0.0
    ended = RUNNING if t < 0 else DIVERGED
    improved = True
    while ended == RUNNING:
        if improved:
            taken += 1
            costs[taken] = best
            X, U, states, controls = states, controls, X, U
            expand(
                step, step_slopes, cost_slopes, final_slopes,
                theta, X, U, A, B, Q, R, N, a, q, r, last_Q, last_q,
            )  # fmt: skip
        t, decrease, mu, made = _gains(
            A, B, Q, R, N, a, q, r, last_Q, last_q, mu, largest, K, k, P, p
        )
        passes += made
        if math.isnan(decrease):
            ended = NOT_FINITE
        elif t >= 0:
            ended = INDEFINITE
        elif decrease <= tolerance * (1 + abs(best)):
            ended = CONVERGED
        elif taken + 1 == costs.size:
            ended = ITERATIONS
        else:
            total, made = _search(
                step, cost, final_cost, theta,
                X, U, K, k, step_sizes, sufficient * decrease, best, states, controls,
            )  # fmt: skip
            improved = total < best
            rollouts += made
            best = total
            if improved:
                mu = mu / GROWTH if mu > FIRST_REGULARISATION else 0.0
            elif _raised(mu) <= largest:
                mu = _raised(mu)
            else:
                ended = NO_DECREASE
    if mu > 0 and ended in (CONVERGED, ITERATIONS, NO_DECREASE):
        # the plan's gains: with the least mu that has some, not with the search's
        t, decrease, mu, made = _gains(
            A, B, Q, R, N, a, q, r, last_Q, last_q, 0.0, largest, K, k, P, p
        )
        passes += made
    return ended, t, taken, passes, rollouts, mu, X, U


_V, _T, _C, _F = types.float64[::1], types.float64[:, ::1], types.float64[:, :, ::1], types.float64
_OF = {name: types.FunctionType(signature) for name, signature in SIGNATURES.items()}
_ITERATE = types.Tuple((*(types.int64,) * 5, _F, _T, _T))(
    *_OF.values(), _V, _V, _C, _T, _V, _F, _F, _F, _V
)
_EXPAND = types.void(
    *(_OF["step"], _OF["step_derivatives"], _OF["cost_derivatives"]),
    *(_OF["final_cost_derivatives"], _V, _T, _T, _C, _C, _C, _C, _C, _T, _T, _T, _T, _V),
)


@cache
def machine_code() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """`iterate` and `expand`, compiled for every system of compiled functions."""
    run: Callable[..., Any] = njit(_ITERATE, cache=True, nogil=True)(iterate)
    fill: Callable[..., Any] = njit(_EXPAND, cache=True, nogil=True)(expand)
    return run, fill
