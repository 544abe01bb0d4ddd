r"""Smooth nonlinear systems over a finite horizon, with their derivatives.

    x_{t+1} = f(x_t, u_t; theta),   t = 0, ..., H-1
    cost    = sum_t c(x_t, u_t; theta) + c_H(x_H; theta)

Costs are per episode, not discounted and not normalised. Derivatives are functions beside the
functions, so `check_derivatives` compares them with central finite differences and names the entry.

A system's functions may be plain Python, or machine code: `machine_code(STEP)` etc. compile and
cache them, and a system all of whose functions are compiled is rolled out and planned in machine
code, one compilation for all systems.

>>> spring = SmoothSystem(
...     step=lambda x, u, theta: np.array([x[0] + x[1] / 10, x[1] - np.sin(x[0]) / 10 + u[0]]),
...     step_derivatives=lambda x, u, theta: (
...         np.array([[1, 0.1], [-np.cos(x[0]) / 10, 1]]), np.array([[0.0], [1.0]])),
...     cost=lambda x, u, theta: float(x @ x + u @ u),
...     cost_derivatives=lambda x, u, theta: (
...         2 * x, 2 * u, 2 * np.eye(2), np.zeros((2, 1)), 2 * np.eye(1)),
...     final_cost=lambda x, theta: float(x @ x),
...     final_cost_derivatives=lambda x, theta: (2 * x, 2 * np.eye(2)),
...     start=[1, 0], controls=1, horizon=3)
>>> check_derivatives(spring, spring.start, [0.0])
>>> spring.step(spring.start, np.zeros(1), spring.parameters).round(4).tolist()
[1.0, -0.0841]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, types
from numba.core.dispatcher import Dispatcher
from numpy.typing import ArrayLike, NDArray

from theorylab.errors import ModelError, NonFiniteDerivative
from theorylab.worlds.checks import place_name, shown

Floats = NDArray[np.float64]

_VECTOR, _TABLE = types.float64[::1], types.float64[:, ::1]
STEP = _VECTOR(_VECTOR, _VECTOR, _VECTOR)
STEP_DERIVATIVES = types.UniTuple(_TABLE, 2)(_VECTOR, _VECTOR, _VECTOR)
COST = types.float64(_VECTOR, _VECTOR, _VECTOR)
COST_DERIVATIVES = types.Tuple((_VECTOR, _VECTOR, _TABLE, _TABLE, _TABLE))(
    _VECTOR, _VECTOR, _VECTOR
)
FINAL_COST = types.float64(_VECTOR, _VECTOR)
FINAL_COST_DERIVATIVES = types.Tuple((_VECTOR, _TABLE))(_VECTOR, _VECTOR)
SIGNATURES = {
    "step": STEP,
    "step_derivatives": STEP_DERIVATIVES,
    "cost": COST,
    "cost_derivatives": COST_DERIVATIVES,
    "final_cost": FINAL_COST,
    "final_cost_derivatives": FINAL_COST_DERIVATIVES,
}
"""What each function takes and gives, in numba's types: C-contiguous float64."""

STEP_SIZE = 6e-6
"""Relative step of central differences: the cube root of the unit roundoff, which balances them."""


def machine_code(signature: Any) -> Callable[[Callable[..., Any]], Any]:
    """Decorator: compile a function of a system (STEP, COST, ...), cached, without the lock."""
    compile_it: Callable[[Callable[..., Any]], Any] = njit(
        signature, cache=True, nogil=True, error_model="numpy"
    )
    return compile_it


@dataclass(frozen=True, eq=False)
class SmoothSystem:
    """A system with n states, m controls and H steps.

    step(x, u, theta) -> x'; step_derivatives -> (A (n, n), B (n, m)), rows are those of x';
    cost(x, u, theta) -> per step; cost_derivatives -> (c_x (n,), c_u (m,), c_xx (n, n),
    c_xu (n, m), c_uu (m, m)); final_cost(x, theta); final_cost_derivatives -> (c_x, c_xx).
    start has shape (n,), parameters theta (p,), passed on as they are.
    Raises: ModelError for sizes that are none, or a function that fails at (start, 0) or gives
    a shape that is not its own; a number there that is not finite.
    """

    step: Callable[..., Any]
    step_derivatives: Callable[..., Any]
    cost: Callable[..., Any]
    cost_derivatives: Callable[..., Any]
    final_cost: Callable[..., Any]
    final_cost_derivatives: Callable[..., Any]
    start: Any
    controls: int
    horizon: int
    parameters: Any = ()

    def __post_init__(self) -> None:
        for name in ("start", "parameters"):
            table = _vector(getattr(self, name), f"SmoothSystem.{name}")
            object.__setattr__(self, name, table)
        for name in ("controls", "horizon"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
                raise ModelError(
                    f"SmoothSystem.{name} is {value!r}, expected an integer of at least 1."
                )
        if not self.start.size:
            raise ModelError("SmoothSystem.start is empty, expected at least one state.")
        _check_functions(self)

    @property
    def states(self) -> int:
        """n, the number of states."""
        return int(self.start.size)

    @property
    def compiled(self) -> bool:
        """Whether every function is machine code of the right signature."""
        return all(_is_compiled(getattr(self, name), SIGNATURES[name]) for name in SIGNATURES)


def _is_compiled(function: Any, signature: Any) -> bool:
    return isinstance(function, Dispatcher) and signature.args in function.overloads


def _vector(value: Any, name: str) -> Floats:
    try:
        table = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ModelError(f"{name} is {value!r}, expected a vector of numbers.") from None
    if table.ndim != 1:
        raise ModelError(f"{name} has shape {table.shape}, expected one axis.")
    _check_finite(table, name, ModelError)
    return np.ascontiguousarray(table)  # a copy, not read-only: machine code takes no such table


def _check_finite(table: Any, name: str, error: type[Exception]) -> None:
    table = np.asarray(table)
    if not np.isfinite(table).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(table))[0])
        place = place_name(name, index) if index else name
        raise error(f"{place} is {shown(table[index])}, expected a finite number.")


def _shapes(n: int, m: int) -> dict[str, tuple[tuple[int, ...], ...]]:
    """The shapes that each function gives."""
    return {
        "step": ((n,),),
        "step_derivatives": ((n, n), (n, m)),
        "cost": ((),),
        "cost_derivatives": ((n,), (m,), (n, n), (n, m), (m, m)),
        "final_cost": ((),),
        "final_cost_derivatives": ((n,), (n, n)),
    }


def _check_functions(system: SmoothSystem) -> None:
    """Each function at the start, without control: it runs, and gives finite tables of its shapes.

    It is given a copy: a plain function could write into what it is given.
    """
    x, u, theta = system.start, np.zeros(system.controls), system.parameters
    for name, shapes in _shapes(system.states, system.controls).items():
        arguments = (x, theta) if name.startswith("final") else (x, u, theta)
        try:
            given = getattr(system, name)(*(table.copy() for table in arguments))
        except Exception as error:
            said = f"{type(error).__name__}: {error}".splitlines()[0]
            raise ModelError(f"SmoothSystem.{name} fails at (start, 0): {said}") from error
        tables = given if len(shapes) > 1 else (given,)
        found = tuple(np.shape(table) for table in tables)
        if found != shapes:
            raise ModelError(f"SmoothSystem.{name} gives shapes {found}, expected {shapes}.")
        for table in tables:
            _check_finite(table, f"SmoothSystem.{name} at (start, 0)", ModelError)


# ---- derivatives ---------------------------------------------------------------------------------


def check_derivatives(
    system: SmoothSystem, x: ArrayLike, u: ArrayLike, *, tolerance: float = 1e-4
) -> None:
    """Compare every derivative at (x, u) with central differences of what it differentiates.

    Second derivatives are compared with differences of the first. An entry may be off by
    `tolerance`, relative to the greatest entry of its table, or to 1.
    Raises: ModelError naming the worst entry, both values and what to repair;
    NonFiniteDerivative for one that is not finite.
    """
    at = _vector(x, "check_derivatives: x"), _vector(u, "check_derivatives: u")
    for name, table, differences in _pairs(system, *at):
        _check_finite(table, name, NonFiniteDerivative)
        _check_finite(differences, f"{name}'s finite difference", NonFiniteDerivative)
        gap = np.abs(table - differences)
        if gap.max() > tolerance * max(1.0, np.abs(differences).max()):
            index = tuple(int(i) for i in np.unravel_index(gap.argmax(), gap.shape))
            raise ModelError(
                f"{place_name(name, index)} is {shown(table[index])}, but finite differences give "
                f"{shown(differences[index])} at x = {_short(at[0])}, u = {_short(at[1])}. "
                "Repair the derivative."
            )


def _short(vector: Floats) -> str:
    return np.array2string(vector, precision=6, threshold=6, max_line_width=10**6)


def _pairs(system: SmoothSystem, x: Floats, u: Floats) -> Iterator[tuple[str, Floats, Floats]]:
    """(name, derivative, finite differences) of every table."""
    theta = system.parameters
    A, B = system.step_derivatives(x, u, theta)
    c_x, c_u, c_xx, c_xu, c_uu = system.cost_derivatives(x, u, theta)
    f_x, f_xx = system.final_cost_derivatives(x, theta)

    def slopes(y: Floats, v: Floats) -> Floats:
        first = system.cost_derivatives(y, v, theta)
        return np.concatenate([first[0], first[1]])

    n = x.size
    by_x, by_u = differences(lambda y: slopes(y, u), x), differences(lambda v: slopes(x, v), u)
    rows = (
        ("step_derivatives: A", A, differences(lambda y: system.step(y, u, theta), x)),
        ("step_derivatives: B", B, differences(lambda v: system.step(x, v, theta), u)),
        ("cost_derivatives: c_x", c_x, differences(lambda y: system.cost(y, u, theta), x)),
        ("cost_derivatives: c_u", c_u, differences(lambda v: system.cost(x, v, theta), u)),
        ("cost_derivatives: c_xx", c_xx, by_x[:n]),
        ("cost_derivatives: c_xu", c_xu, by_u[:n]),
        ("cost_derivatives: c_uu", c_uu, by_u[n:]),
        ("final_cost_derivatives: c_x", f_x, differences(lambda y: system.final_cost(y, theta), x)),
        (
            "final_cost_derivatives: c_xx",
            f_xx,
            differences(lambda y: system.final_cost_derivatives(y, theta)[0], x),
        ),
    )
    for name, table, by_difference in rows:
        yield f"SmoothSystem.{name}", np.asarray(table), by_difference


def differences(function: Callable[[Floats], Any], at: Floats) -> Floats:
    """Central finite differences: shape (..., k) for a function (k,) -> (...)."""
    columns = []
    for i in range(at.size):
        reach = STEP_SIZE * max(1.0, abs(at[i]))
        up, down = at.copy(), at.copy()
        up[i] += reach
        down[i] -= reach
        change = np.asarray(function(up)) - np.asarray(function(down))
        columns.append(change / (up[i] - down[i]))
    return np.stack(columns, -1)
