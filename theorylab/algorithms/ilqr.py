r"""iLQR: local plans for smooth systems by Riccati recursions along the last trajectory.

    dx_{t+1} = A_t dx_t + B_t du_t,   cost to second order in (dx, du) around (x_t, u_t)
    du_t = alpha k_t + K_t dx_t,      alpha = 1, 1/2, ... until the cost falls

The backward pass predicts a decrease of alpha (2 - alpha) D; a step is taken if the cost falls by
more than a share of it. Where R + B'PB is not positive definite, or no step helps, mu I is added to
it and mu grows. The plan is u_t = controls_t + K_t (x - states_t), optimal to first order around a
trajectory that is locally optimal when D is 0. Costs are per episode, not discounted.

Source: Li & Todorov (2004); the line search as in Tassa, Erez & Todorov (2012), regularisation on
the control's Hessian.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theorylab.algorithms.ilqr_kernels import (
    CONVERGED,
    DIVERGED,
    INDEFINITE,
    ITERATIONS,
    NO_DECREASE,
    expand,
    iterate,
    machine_code,
)
from theorylab.errors import Diverged, IndefiniteCost, InvalidArgument, NonFiniteDerivative
from theorylab.worlds.checks import frozen, place_name, shown
from theorylab.worlds.smooth import SIGNATURES, SmoothSystem, check_derivatives

Floats = NDArray[np.float64]

STOPPED = {CONVERGED: "converged", NO_DECREASE: "no decrease", ITERATIONS: "iterations"}


@dataclass(frozen=True)
class Search:
    """When to take a step, and when to stop.

    iterations: at most so many trajectories after the first. step_sizes: alpha, in the order tried.
    sufficient: the share of the predicted decrease that is asked for; 0: any decrease.
    tolerance: stop when D <= tolerance (1 + |cost|). largest_regularisation: of mu; 0: none, so
    that the first iteration without decrease is the last.
    """

    iterations: int = 200
    step_sizes: tuple[float, ...] = tuple(0.5**i for i in range(11))
    sufficient: float = 1e-4
    tolerance: float = 1e-10
    largest_regularisation: float = 1e8

    def __post_init__(self) -> None:
        if self.iterations < 0:
            raise InvalidArgument(f"Search.iterations is {self.iterations}, expected at least 0.")
        if not self.step_sizes or not all(0 < alpha <= 1 for alpha in self.step_sizes):
            raise InvalidArgument(
                f"Search.step_sizes is {self.step_sizes}, expected numbers in (0, 1]."
            )
        for name in ("sufficient", "tolerance", "largest_regularisation"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                raise InvalidArgument(f"Search.{name} is {value}, expected a finite number >= 0.")
        if self.sufficient >= 1:
            raise InvalidArgument(
                f"Search.sufficient is {self.sufficient}, expected a share below 1."
            )


@dataclass(frozen=True, eq=False)
class LocalModel:
    """A system to first order, its cost to second, around states (H+1, n) and controls (H, m).

    dx_{t+1} = A dx + B du + a with the drift a_t = f(x_t, u_t) - x_{t+1}, 0 along a trajectory.
    The cost is that of `riccati`: dx'Q dx + 2 dx'N du + du'R du + 2 q'dx + 2 r'du, no factor 1/2.
    Shapes: A, Q (H, n, n), B, N (H, n, m), R (H, m, m), a, q (H, n), r (H, m), Q_final (n, n),
    q_final (n,).
    """

    A: Floats
    B: Floats
    Q: Floats
    R: Floats
    N: Floats
    a: Floats
    q: Floats
    r: Floats
    Q_final: Floats
    q_final: Floats

    @property
    def tables(self) -> tuple[Floats, ...]:
        """The tables in the order of `backward_pass`."""
        drift = (self.A, self.B, self.Q, self.R, self.N, self.a)
        return (*drift, self.q, self.r, self.Q_final, self.q_final)


@dataclass(frozen=True, eq=False)
class Plan:
    """u_t = controls_t + K_t (x - states_t) = K_t x + k_t, and how it was found.

    Shapes: states (H+1, n), controls (H, m), K (H, m, n), k (H, m). costs: of the first trajectory
    and of each one taken. stopped: "converged" (D within tolerance), "no decrease" or "iterations".
    backward_passes and rollouts count all that were made; regularisation is the mu of the gains K,
    0 wherever the control's Hessian is positive definite.
    """

    states: Floats
    controls: Floats
    K: Floats
    k: Floats
    costs: tuple[float, ...]
    stopped: str
    backward_passes: int
    rollouts: int
    regularisation: float

    @property
    def cost(self) -> float:
        """The cost of the plan's own trajectory, per episode."""
        return self.costs[-1]


# ---- the local model ----------------------------------------------------------------------------


def local_model(system: SmoothSystem, states: ArrayLike, controls: ArrayLike) -> LocalModel:
    """The system around states (H+1, n) and controls (H, m), which need be no trajectory of it.

    Raises: InvalidArgument for a wrong shape or a number that is not finite; NonFiniteDerivative
    naming table, step and entry.
    """
    H, n, m = system.horizon, system.states, system.controls
    X = _checked("local_model: states", states, (H + 1, n))
    U = _checked("local_model: controls", controls, (H, m))
    return _local(system, X, U)


def _local(system: SmoothSystem, X: Floats, U: Floats) -> LocalModel:
    (H, m), n = U.shape, X.shape[1]
    shapes: list[tuple[int, ...]] = [(H, n, n), (H, n, m), (H, n, n), (H, m, m), (H, n, m)]
    shapes += [(H, n), (H, n), (H, m), (n, n), (n,)]
    model = LocalModel(*(np.empty(shape) for shape in shapes))
    fill = machine_code()[1] if system.compiled else expand
    fill(
        *(system.step, system.step_derivatives, system.cost_derivatives),
        *(system.final_cost_derivatives, system.parameters, X, U, *model.tables),
    )
    for name, table in vars(model).items():
        if not np.isfinite(table).all():
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(table))[0])
            raise NonFiniteDerivative(
                f"ilqr: {place_name(name, index)} is {shown(table[index])}, expected a finite "
                "derivative (the first index is the step). Bound the controls or smooth the system."
            )
    return model


def _checked(name: str, value: ArrayLike, shape: tuple[int, ...]) -> Floats:
    table = np.array(value, dtype=np.float64, order="C")
    if table.shape != shape:
        raise InvalidArgument(f"{name} has shape {table.shape}, expected {shape}.")
    if not np.isfinite(table).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(table))[0])
        raise InvalidArgument(
            f"{place_name(name, index)} is {shown(table[index])}, expected a finite number."
        )
    return table


# ---- the algorithm -------------------------------------------------------------------------------


def ilqr(
    system: SmoothSystem,
    K: ArrayLike | None = None,
    k: ArrayLike | None = None,
    *,
    search: Search | None = None,
    check: bool = True,
) -> Plan:
    """Plan from the policy u = K_t x + k_t, shapes (H, m, n) and (H, m); None: zeros.

    `check` compares the derivatives with finite differences at the first state and control.
    Raises: Diverged when the first rollout or a backward pass leaves the finite numbers (a step of
    the line search that does is merely not taken); IndefiniteCost naming the step;
    NonFiniteDerivative naming table, step and entry; ModelError for a derivative that is wrong;
    InvalidArgument for K or k of a wrong shape.
    """
    search = search or Search()
    H, n, m = system.horizon, system.states, system.controls
    gains = _checked("ilqr: K", np.zeros((H, m, n)) if K is None else K, (H, m, n))
    k = _checked("ilqr: k", np.zeros((H, m)) if k is None else k, (H, m))
    if check:
        check_derivatives(system, system.start, gains[0] @ system.start + k[0])
    run: Callable[..., Any] = machine_code()[0] if system.compiled else iterate
    costs = np.empty(search.iterations + 1)
    limits = (search.sufficient, search.tolerance, search.largest_regularisation)
    with np.errstate(over="ignore", invalid="ignore"):  # a rollout that diverges is no decrease
        ended, t, taken, passes, rollouts, mu, states, controls = run(
            *(getattr(system, name) for name in SIGNATURES),
            *(system.parameters, system.start, gains, k, np.array(search.step_sizes)),
            *(*limits, costs),
        )
    if ended not in STOPPED:
        _refuse(system, ended, t, mu, states, controls)
    return Plan(
        states=frozen(states),
        controls=frozen(controls),
        K=frozen(gains),
        k=frozen(controls - np.einsum("tmn,tn->tm", gains, states[:-1])),
        costs=tuple(costs[: taken + 1].tolist()),
        stopped=STOPPED[ended],
        backward_passes=int(passes),
        rollouts=int(rollouts),
        regularisation=float(mu),
    )


def _refuse(
    system: SmoothSystem, ended: int, t: int, mu: float, states: Floats, controls: Floats
) -> None:
    """Raise the error that ended a run."""
    if ended == DIVERGED:
        where = f"after step {t}" if t < system.horizon else "at the end"
        raise Diverged(
            f"ilqr: the first rollout diverges: state or cost {where} is not a finite number. "
            "Start from a stabilising policy, or shorten the horizon."
        )
    _local(system, states, controls)  # names the derivative that is not finite, if one is
    if ended == INDEFINITE:
        raise IndefiniteCost(
            f"ilqr: the control's Hessian at step {t} is not positive definite with regularisation "
            f"{mu}. Make the cost convex in the controls, or allow a larger "
            "Search.largest_regularisation."
        )
    raise Diverged("ilqr: the backward pass overflows. Rescale the system, or start nearer.")
