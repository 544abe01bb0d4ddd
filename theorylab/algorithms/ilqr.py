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
from functools import cache
from typing import Any

import numpy as np
from numba import njit, types
from numpy.typing import ArrayLike, NDArray

from theorylab.algorithms.riccati_kernels import _backward
from theorylab.errors import Diverged, IndefiniteCost, InvalidArgument, NonFiniteDerivative
from theorylab.worlds.checks import place_name, shown
from theorylab.worlds.smooth import SIGNATURES, SmoothSystem, check_derivatives

Floats = NDArray[np.float64]

FIRST_REGULARISATION = 1e-6
GROWTH = 10.0


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
    backward_passes and rollouts count all that were made; regularisation is the last mu.
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


# ---- along a trajectory: pure functions, and their machine code ----------------------------------


def _forward(  # type: ignore[no-untyped-def]
    step, cost, final_cost, theta, X, U, K, k, alpha, states, controls
):
    """Fill states and controls of u = U + alpha k + K (x - X) from states[0]; (cost, -1).

    (cost so far, t) if the state after step t, or the cost up to it, is not finite.
    """
    total = 0.0
    for t in range(controls.shape[0]):
        controls[t] = U[t] + alpha * k[t] + K[t] @ (states[t] - X[t])
        total += cost(states[t], controls[t], theta)
        states[t + 1] = step(states[t], controls[t], theta)
        if not (np.isfinite(states[t + 1]).all() and np.isfinite(total)):
            return total, t
    return total + final_cost(states[-1], theta), -1


def _expand(  # type: ignore[no-untyped-def]
    step, step_slopes, cost_slopes, final_slopes, theta, X, U, A, B, Q, R, N, a, q, r, last_Q, last_q
):
    """Fill the tables of `LocalModel`; Taylor's 1/2 goes into Q, N, R, q and r."""
    for t in range(U.shape[0]):
        A_t, B_t = step_slopes(X[t], U[t], theta)
        c_x, c_u, c_xx, c_xu, c_uu = cost_slopes(X[t], U[t], theta)
        A[t], B[t] = A_t, B_t
        Q[t], N[t], R[t] = 0.5 * c_xx, 0.5 * c_xu, 0.5 * c_uu
        q[t], r[t] = 0.5 * c_x, 0.5 * c_u
        a[t] = step(X[t], U[t], theta) - X[t + 1]
    c_x, c_xx = final_slopes(X[-1], theta)
    last_Q[:], last_q[:] = 0.5 * c_xx, 0.5 * c_x


_V, _T, _C = types.float64[::1], types.float64[:, ::1], types.float64[:, :, ::1]
_OF = {name: types.FunctionType(signature) for name, signature in SIGNATURES.items()}
_FORWARD = types.Tuple((types.float64, types.int64))(
    *(_OF["step"], _OF["cost"], _OF["final_cost"], _V, _T, _T, _C, _T, types.float64, _T, _T)
)
_EXPAND = types.void(
    *(_OF["step"], _OF["step_derivatives"], _OF["cost_derivatives"]),
    *(_OF["final_cost_derivatives"], _V, _T, _T, _C, _C, _C, _C, _C, _T, _T, _T, _T, _V),
)


@cache
def _machine_code() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """`_forward` and `_expand` in machine code, compiled once for all systems."""
    fast = {"cache": True, "nogil": True}
    return njit(_FORWARD, **fast)(_forward), njit(_EXPAND, **fast)(_expand)


def _loops(system: SmoothSystem) -> tuple[Callable[..., Any], Callable[..., Any]]:
    return _machine_code() if system.compiled else (_forward, _expand)


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
    shapes = [(H, n, n), (H, n, m), (H, n, n), (H, m, m), (H, n, m)]
    shapes += [(H, n), (H, n), (H, m), (n, n), (n,)]
    model = LocalModel(*(np.empty(shape) for shape in shapes))
    _loops(system)[1](
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


class _Runner:
    """One run: the current trajectory and what has been counted."""

    def __init__(self, system: SmoothSystem, K: Floats, k: Floats) -> None:
        H, n, m = system.horizon, system.states, system.controls
        self.system, self.rollouts, self.passes, self.mu = system, 0, 0, 0.0
        self.states, self.controls = np.zeros((H + 1, n)), np.zeros((H, m))
        self.K, self.k = np.empty((H, m, n)), np.empty((H, m))
        self.P, self.p = np.empty((H + 1, n, n)), np.empty((H + 1, n))
        total, step = self.forward(K, k, 1.0)
        if step >= 0 or not np.isfinite(total):
            where = f"after step {step}" if step >= 0 else "at the end"
            raise Diverged(
                f"ilqr: the first rollout diverges: state or cost {where} is not a finite number. "
                "Start from a stabilising policy, or shorten the horizon."
            )
        self.take()
        self.cost = total

    def forward(self, K: Floats, k: Floats, alpha: float) -> tuple[float, int]:
        """Roll out a policy around the current trajectory; kept for `take`."""
        system = self.system
        self.rollouts += 1
        self.tried = np.empty_like(self.states), np.empty_like(self.controls)
        self.tried[0][0] = system.start
        functions = (system.step, system.cost, system.final_cost)
        total, step = _loops(system)[0](
            *(*functions, system.parameters, self.states, self.controls, K, k, alpha, *self.tried)
        )
        return float(total), int(step)

    def take(self) -> None:
        """The trajectory last rolled out becomes the current one."""
        self.states, self.controls = self.tried

    def backward(self, largest: float) -> float:
        """Gains around the current trajectory, and D; mu grows until there are some."""
        tables = _local(self.system, self.states, self.controls).tables
        while True:
            self.passes += 1
            t, constant = _backward(*tables, self.mu, self.K, self.k, self.P, self.p)
            if t < 0 and np.isfinite(constant) and np.isfinite(self.P[0]).all():
                return -float(constant)
            if t < 0 or not np.isfinite(self.P[t + 1]).all():
                raise Diverged(
                    "ilqr: the backward pass overflows. Rescale the system, or start nearer."
                )
            if not self.grow(largest):
                raise IndefiniteCost(
                    f"ilqr: the control's Hessian at step {t} is not positive definite with "
                    f"regularisation {self.mu}. Make the cost convex in the controls, or allow a "
                    "larger Search.largest_regularisation."
                )

    def grow(self, largest: float) -> bool:
        """Raise mu; whether it may."""
        raised = max(FIRST_REGULARISATION, GROWTH * self.mu)
        if raised > largest:
            return False
        self.mu = raised
        return True

    def improve(self, D: float, search: Search) -> bool:
        """Take the first step size that lowers the cost enough; whether there is one."""
        for alpha in search.step_sizes:
            total, step = self.forward(self.K, self.k, alpha)
            wanted = search.sufficient * alpha * (2 - alpha) * D
            if step < 0 and total < self.cost and self.cost - total >= wanted:
                self.take()
                self.cost = total
                return True
        return False


def ilqr(
    system: SmoothSystem,
    K: ArrayLike | None = None,
    k: ArrayLike | None = None,
    *,
    search: Search | None = None,
    check: bool = True,
) -> Plan:
    """Plan from the policy u = K_t x + k_t, shapes (H, m, n) and (H, m); None: zeros.

    `check` compares the derivatives with finite differences at both ends of the first trajectory.
    Raises: Diverged when the first rollout or a backward pass leaves the finite numbers (a step of
    the line search that does is merely not taken); IndefiniteCost naming the step;
    NonFiniteDerivative naming table, step and entry; ModelError for a derivative that is wrong;
    InvalidArgument for K or k of a wrong shape.
    """
    search = search or Search()
    H, n, m = system.horizon, system.states, system.controls
    first_K = _checked("ilqr: K", np.zeros((H, m, n)) if K is None else K, (H, m, n))
    run = _Runner(system, first_K, _checked("ilqr: k", np.zeros((H, m)) if k is None else k, (H, m)))
    if check:
        for t in {0, H - 1}:
            check_derivatives(system, run.states[t], run.controls[t])
    costs, stopped = [run.cost], "iterations"
    while True:
        D = run.backward(search.largest_regularisation)
        if search.tolerance * (1 + abs(run.cost)) >= D:
            stopped = "converged"
            break
        if len(costs) > search.iterations:
            break
        if not run.improve(D, search):
            if run.grow(search.largest_regularisation):
                continue
            stopped = "no decrease"
            break
        costs.append(run.cost)
        run.mu = run.mu / GROWTH if run.mu > FIRST_REGULARISATION else 0.0
    k_plan = run.controls - np.einsum("tmn,tn->tm", run.K, run.states[:-1])
    tables = (run.states, run.controls, run.K, k_plan)
    for table in tables:
        table.setflags(write=False)
    return Plan(*tables, tuple(costs), stopped, run.passes, run.rollouts, run.mu)
