"""Linear-quadratic worlds as givens: how they are drawn, and what their domain is.

    LinearQuadratic, LinearModel, AffinePolicy                      H steps
    DiscountedLinearQuadratic, DiscountedLinearModel, LinearPolicy  discounted, for ever

Sizes: H steps, X coordinates of the state, U of the control. Entries lie in [-1, 1]. Costs are
convex by construction: the quadratic part is LL' on (x, u), L lower triangular, plus u'u, so that R
is positive definite (any convex cost with R positive definite is of this kind up to its scale; a
claim that hangs on the scale has to scale). Covariances are LL'. A model takes costs and start of
the system before it. Discounted: rows of [A B] and of K have absolute sums of at most 1, so that
every policy is stable whatever the discount.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, absolute
from theorylab.errors import ClaimError, ModelError
from theorylab.points import Source
from theorylab.worlds.linear_quadratic import (
    AffinePolicy,
    DiscountedLinearModel,
    DiscountedLinearQuadratic,
    LinearModel,
    LinearPolicy,
    LinearQuadratic,
    check_convex,
    shared_costs,
)
from theorylab.worlds.mdp import unchecked

Build = Callable[[Source, Mapping[str, int], Mapping[str, Any]], Any]


def signed(source: Source, *shape: int) -> Array:
    """Numbers in [-1, 1]; the simplest is 0."""
    return source.fraction(*shape) - source.fraction(*shape)


def semidefinite(source: Source, *shape: int) -> Array:
    """Matrices LL', L lower triangular with entries in [-1, 1]. Shape (..., n) to (..., n, n)."""
    *lead, n = shape
    L = np.zeros((*lead, n, n), dtype=int).astype(object)
    rows, columns = np.tril_indices(n)
    L[..., rows, columns] = signed(source, *lead, len(rows))
    return np.asarray(L @ np.swapaxes(L, -1, -2))


def short_rows(source: Source, *shape: int) -> Array:
    """Rows whose absolute values sum to at most 1. Shape (..., n)."""
    *lead, n = shape
    halves = source.simplex(*lead, 2 * n)
    return np.asarray(halves[..., :n] - halves[..., n:])


def _costs(source: Source, X: int, U: int, *lead: int) -> dict[str, Array]:
    """Q, N, R of one convex cost for each leading index, and q, r."""
    joint = semidefinite(source, *lead, X + U)
    R = joint[..., X:, X:] + np.eye(U, dtype=int).astype(object)
    linear = signed(source, *lead, X + U)
    return {
        "Q": joint[..., :X, :X],
        "N": joint[..., :X, X:],
        "R": R,
        "q": linear[..., :X],
        "r": linear[..., X:],
    }


def _dynamics(source: Source, H: int, X: int, U: int) -> dict[str, Array]:
    A, B = signed(source, H, X, X), signed(source, H, X, U)
    return {"A": A, "B": B, "a": signed(source, H, X), "W": semidefinite(source, H, X)}


def _start(source: Source, X: int) -> dict[str, Array]:
    return {"mean": signed(source, X), "covariance": semidefinite(source, X)}


def _system(source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]) -> LinearQuadratic:
    H, X, U = n["H"], n["X"], n["U"]
    final = {"Q_final": semidefinite(source, X), "q_final": signed(source, X)}
    return unchecked(
        LinearQuadratic,
        **_dynamics(source, H, X, U),
        **_costs(source, X, U, H),
        **final,
        constant=signed(source, H + 1),
        **_start(source, X),
    )


def _model(source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]) -> LinearModel:
    system = _first(so_far, LinearQuadratic)
    return shared_costs(_dynamics(source, n["H"], n["X"], n["U"]), system)


def _policy(source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]) -> AffinePolicy:
    H, X, U = n["H"], n["X"], n["U"]
    K, k = signed(source, H, U, X), signed(source, H, U)
    return unchecked(AffinePolicy, K=K, k=k, covariance=semidefinite(source, H, U))


def _stable_dynamics(source: Source, X: int, U: int) -> dict[str, Array]:
    rows = short_rows(source, X, X + U)
    noise = {"a": signed(source, X), "W": semidefinite(source, X)}
    return {"A": rows[:, :X], "B": rows[:, X:], **noise}


def _discounted(
    source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]
) -> DiscountedLinearQuadratic:
    X, U = n["X"], n["U"]
    return unchecked(
        DiscountedLinearQuadratic,
        **_stable_dynamics(source, X, U),
        **_costs(source, X, U),
        gamma=source.discount(),
        **_start(source, X),
    )


def _discounted_model(
    source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]
) -> DiscountedLinearModel:
    system = _first(so_far, DiscountedLinearQuadratic)
    return shared_costs(_stable_dynamics(source, n["X"], n["U"]), system)


def _stationary(source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]) -> LinearPolicy:
    X, U = n["X"], n["U"]
    K, k = short_rows(source, U, X), signed(source, U)
    return unchecked(LinearPolicy, K=K, k=k, covariance=semidefinite(source, U))


def _first(so_far: Mapping[str, Any], kind: type) -> Any:
    system = next((v for v in so_far.values() if isinstance(v, kind)), None)
    if system is None:
        raise ClaimError(f"a model needs a {kind.__name__} parameter before it, whose costs it has")
    return system


LINEAR_GIVENS: dict[type, tuple[tuple[str, ...], Build]] = {
    LinearQuadratic: (("H", "X", "U"), _system),
    LinearModel: (("H", "X", "U"), _model),
    AffinePolicy: (("H", "U", "X"), _policy),
    DiscountedLinearQuadratic: (("X", "U"), _discounted),
    DiscountedLinearModel: (("X", "U"), _discounted_model),
    LinearPolicy: (("U", "X"), _stationary),
}
"""Of each kind the sizes it depends on, in the order of its main table's axes, and its builder."""

MAIN = {"LinearPolicy": "K", "AffinePolicy": "K"}
"""The table whose shape is a kind's sizes; B where nothing is said."""


LINEAR_SIZES = [(1, 1), (2, 1), (1, 2)]
"""(X, U), smallest first; large ones cost more than they find."""


def linear_sizes(names: Iterable[str], *, wide: bool) -> list[dict[str, int]]:
    """The choices of X and U, of those that a claim has; `wide` adds a larger one."""
    pairs = LINEAR_SIZES + [(3, 2)] * wide
    found = [{k: v for k, v in (("X", X), ("U", U)) if k in names} for X, U in pairs]
    return [dict(sizes) for sizes in dict.fromkeys(tuple(s.items()) for s in found)]


def linear_shape(value: Any) -> tuple[int, ...]:
    """The sizes of a linear world or policy, in the order of `LINEAR_GIVENS`."""
    return tuple(getattr(value, MAIN.get(type(value).__name__, "B")).shape)


def check_linear(name: str, value: Any, world: Any) -> None:
    """Raise ModelError unless a drawn object lies in its domain; `world` is the first system.

    Every table is checked again: a witness may come from a file.
    """
    tables = {key: getattr(value, key) for key in type(value).AXES}
    checked = type(value)(**tables)
    if isinstance(value, LinearQuadratic | DiscountedLinearQuadratic):
        check_convex(checked, name)
    if isinstance(value, DiscountedLinearQuadratic):
        _check_short(np.concatenate([value.A, value.B], axis=1), f"the rows of {name}.[A B]")
    if isinstance(value, LinearPolicy):
        _check_short(value.K, f"the rows of {name}.K")
    if isinstance(value, LinearModel | DiscountedLinearModel):
        for key in set(tables) - {"A", "B", "a", "W"}:
            if not np.all(np.asarray(tables[key] == getattr(world, key))):
                raise ModelError(f"{name}.{key} is another one, expected that of the system")


def _check_short(rows: Array, name: str) -> None:
    sums = absolute(rows).sum(-1)
    if not all(s <= 1 for s in sums):
        raise ModelError(f"{name} have absolute sums {list(map(str, sums))}, expected at most 1")
