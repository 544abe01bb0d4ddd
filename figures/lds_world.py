"""The linear dynamical system of LAMPS, Section 7.3 and Appendix C.1.3, and what a control costs.

    x_{t+1} = A_t x_t + B_t u_t + noise,   A_t = 0.5 I for even t, 1.5 I for odd t,   t = 0, ..., 99
    cost of an episode = factor * ( sum_t u_t^2 + |x_100|^2 ),       5 states, 1 control

Two steps without control shrink every state by 0.75, an episode by 0.75^50 = 5.7e-7: left alone,
the real system comes to rest by itself. A model is Theta = [A B], shape (5, 6), the same for all t.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from theorylab.algorithms.riccati import Gains, backward_pass

from .shared import Floats

HORIZON, STATES, CONTROLS = 100, 5, 1
SHRINKS, GROWS = 0.5, 1.5


@dataclass(frozen=True)
class Setting:
    """What the text leaves open or the released code does otherwise; told in `lds`."""

    name: str
    factor: float
    regulariser_lamps: float
    regulariser_sysid: float
    centre: Literal["zero", "initial"]
    total: Literal["mean", "sum"]
    pairing: Literal["all", "own", "last"]
    stop: Literal["absolute", "relative"]
    tolerance: float = 1e-5
    optimiser: Literal["BFGS", "CG"] = "BFGS"
    gradient: Literal["analytic", "differences"] = "analytic"
    fit_from: Literal["initial", "last"] = "initial"
    value_at: Literal["h+1", "h"] = "h+1"
    value_factor: float = 1.0
    initial_A: float = 1.0
    start: Literal["ones", "first", "normal"] = "ones"
    scale: float = 0.1
    B: Literal["first", "ones", "cycling"] = "first"
    noise: float = 0.0


@dataclass(frozen=True, eq=False)
class World:
    """The real system: A (100, 5, 5), B (100, 5, 1), E[x_0 x_0'] (5, 5), noise per coordinate."""

    A: Floats
    B: Floats
    start: Floats
    noise: float


def real_world(setting: Setting) -> World:
    """The system of a setting."""
    even = np.arange(HORIZON) % 2 == 0
    A = np.where(even, SHRINKS, GROWS)[:, None, None] * np.eye(STATES)
    moment = np.eye(STATES) if setting.start == "normal" else np.outer(*[_start(setting)] * 2)
    return World(A, _real_B(setting), setting.scale**2 * moment, setting.noise)


def _real_B(setting: Setting) -> Floats:
    B = np.zeros((HORIZON, STATES, CONTROLS))
    if setting.B == "ones":
        B[:] = STATES**-0.5
    else:
        moving = np.arange(HORIZON) % STATES if setting.B == "cycling" else 0
        B[np.arange(HORIZON), moving] = 1
    return B


def _start(setting: Setting) -> Floats:
    return np.eye(STATES)[0] if setting.start == "first" else np.ones(STATES)


def draw_start(setting: Setting, rng: np.random.Generator) -> Floats:
    """x_0, shape (5,)."""
    direction = rng.standard_normal(STATES) if setting.start == "normal" else _start(setting)
    return setting.scale * direction


def initial_model(setting: Setting, world: World) -> Floats:
    """The model before any data: [initial_A I, B_0], shape (5, 6)."""
    return np.hstack([setting.initial_A * np.eye(STATES), world.B[0]])


def best_control(A: Floats, B: Floats) -> Gains:
    """The optimal control for tables A (100, 5, 5), B (100, 5, 1), and its cost to go x'P_t x.

    Without the factor, which moves no optimum. Raises: Diverged if P overflows.
    """
    none = np.zeros((HORIZON, STATES, STATES))
    ones = np.ones((HORIZON, CONTROLS, CONTROLS))
    cross, drift = np.zeros((HORIZON, STATES, CONTROLS)), np.zeros((HORIZON, STATES))
    linear, eye = np.zeros((HORIZON, CONTROLS)), np.eye(STATES)
    return backward_pass(A, B, none, ones, cross, drift, drift, linear, eye, np.zeros(STATES))


def best_control_of_model(theta: Floats) -> Gains:
    """`best_control` of a model, shape (5, 6)."""
    A = np.broadcast_to(theta[:, :STATES], (HORIZON, STATES, STATES))
    B = np.broadcast_to(theta[:, STATES:], (HORIZON, STATES, CONTROLS))
    return best_control(A, B)


def real_costs(world: World, K: Floats, factor: float) -> tuple[float, float]:
    """The expected cost of u_t = K_t x_t in the real world: of the controls, of the final state.

    K (100, 1, 5). By second moments, exact for any start and noise; infinite if they overflow.
    """
    moment, controls, added = world.start, 0.0, world.noise**2 * np.eye(STATES)
    with np.errstate(over="ignore", invalid="ignore"):
        loops = world.A + world.B @ K
        for gain, loop in zip(K, loops, strict=True):
            controls += (gain @ moment @ gain.T).item()
            moment = loop @ moment @ loop.T + added
        final = float(np.trace(moment))
    return tuple(factor * cost if np.isfinite(cost) else np.inf for cost in (controls, final))
