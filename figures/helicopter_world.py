r"""The helicopter near hover: 12 states, 4 controls, 20 parameters, in machine code.

State: velocity 0-2 and position 3-5 (world, north-east-down), body rates 6-8, attitude 9-11 as an
axis-angle vector. Controls: 0-2 turn about the body's x, y, z, 3 pushes along its z. Explicit
Euler, dt = 0.05 s, H = 100 steps; start and target are the origin at rest.

    w = R' v,   f = (Fx w_0, Fy0 + Fy1 w_1, Fz0 + Fz1 w_2 + Fz2 u_3)
    v'        = v + dt ((R f + noise) / m + (0, 0, g))
    position' = position + dt v
    rate_i'   = rate_i + dt (T_i0 + T_i1 rate_i + T_i2 u_i + noise) / I_i
    attitude' = log(q(attitude) q(dt rates))                            (correct)
              = attitude + log(q(attitude) q(dt rates))                 (doubled, as released)

R is the rotation of q(attitude). q(a) = (a sin(|a|/2) / |a|, cos(|a|/2)); doubled: with |a| in
place of |a|/2, so that every turn counts twice, and a positive scalar part. log gives the angle in
[0, pi]. Controls are clipped to +-100. Model: Abbeel & Ng (2005), Ross & Bagnell (2012).

Cost, per episode: sum_t (x'x + offset + u'u) scale over t < H, plus (x'x + offset) scale at H.
"""

from __future__ import annotations

import numpy as np

from theorylab.worlds.smooth import (
    COST,
    COST_DERIVATIVES,
    FINAL_COST,
    FINAL_COST_DERIVATIVES,
    STEP,
    STEP_DERIVATIVES,
    SmoothSystem,
    machine_code,
)

from .helicopter_dynamics import CLIP, CONTROLS, HORIZON, STATES, advance, inner, slopes
from .shared import Floats

_TORQUES = (0, -1.041, 3.96, 0, -0.918, -2.763, 0, -0.774, 4.452)
_FORCES = (-0.24, 0, -0.6, -49.05, -0.0025, -137.5)
TRUE = np.array([5, 0.3, 0.3, 0.3, *_TORQUES, *_FORCES, 9.81])
"""m, I (3), T about x, y, z (3 each), Fx, Fy (2), Fz (3), g, in SI units."""
TRUE.setflags(write=False)
DOUBLED, SCALE, OFFSET = 20, 21, 22  # what `helicopter` appends to the parameters
CAP = 1e12


# ---- as a smooth system: what iLQR takes ---------------------------------------------------------


@machine_code(STEP)
def _step(x, u, theta):  # type: ignore[no-untyped-def]
    out = np.empty(STATES)
    advance(x, u, theta, theta[DOUBLED] > 0, np.zeros(6), out)
    return out


@machine_code(STEP_DERIVATIVES)
def _step_derivatives(x, u, theta):  # type: ignore[no-untyped-def]
    return slopes(x, u, theta, theta[DOUBLED] > 0)


@machine_code(FINAL_COST)
def _final_cost(x, theta):  # type: ignore[no-untyped-def]
    total = theta[OFFSET]
    for i in range(x.size):
        total += x[i] * x[i]
    return total * theta[SCALE]


@machine_code(COST)
def _cost(x, u, theta):  # type: ignore[no-untyped-def]
    total = _final_cost(x, theta)
    for i in range(u.size):
        total += u[i] * u[i] * theta[SCALE]
    return total


@machine_code(FINAL_COST_DERIVATIVES)
def _final_cost_derivatives(x, theta):  # type: ignore[no-untyped-def]
    return 2 * theta[SCALE] * x, 2 * theta[SCALE] * np.eye(x.size)


@machine_code(COST_DERIVATIVES)
def _cost_derivatives(x, u, theta):  # type: ignore[no-untyped-def]
    twice = 2 * theta[SCALE]
    cross = np.zeros((x.size, u.size))
    return twice * x, twice * u, twice * np.eye(x.size), cross, twice * np.eye(u.size)


def helicopter(
    theta: Floats = TRUE, *, doubled: bool = True, scale: float = 0.5, offset: float = 1.0
) -> SmoothSystem:
    """The noiseless helicopter with parameters theta (20,), from hover, as iLQR takes it."""
    return SmoothSystem(
        step=_step,
        step_derivatives=_step_derivatives,
        cost=_cost,
        cost_derivatives=_cost_derivatives,
        final_cost=_final_cost,
        final_cost_derivatives=_final_cost_derivatives,
        start=np.zeros(STATES),
        controls=CONTROLS,
        horizon=HORIZON,
        parameters=np.append(theta, [float(doubled), scale, offset]),
    )


# ---- rollouts with noise and clipped controls ----------------------------------------------------


@inner
def roll(theta, K, k, noise, states, controls):  # type: ignore[no-untyped-def]
    """Fill states (H+1, 12), controls (H, 4) of u = K_t x + k_t, clipped, from hover; the cost.

    theta (23,) as `helicopter` packs it; noise (H, 6). The cost is that of the clipped controls;
    where it is not below CAP, or not a number, it is CAP.
    """
    states[0] = 0.0
    total = 0.0
    for t in range(K.shape[0]):
        for i in range(CONTROLS):
            wanted = k[t, i]
            for j in range(STATES):
                wanted += K[t, i, j] * states[t, j]
            controls[t, i] = min(max(wanted, -CLIP), CLIP)
        total += _cost(states[t], controls[t], theta)
        advance(states[t], controls[t], theta, theta[DOUBLED] > 0, noise[t], states[t + 1])
    total += _final_cost(states[-1], theta)
    return total if total < CAP else CAP


@inner
def costs(theta, K, k, noise):  # type: ignore[no-untyped-def]
    """The costs of many rollouts, shape (n,); noise (n, H, 6)."""
    H = K.shape[0]
    states, controls = np.empty((H + 1, STATES)), np.empty((H, CONTROLS))
    out = np.empty(noise.shape[0])
    for i in range(out.size):
        out[i] = roll(theta, K, k, noise[i], states, controls)
    return out
