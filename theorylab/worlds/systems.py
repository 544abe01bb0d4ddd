"""What linear systems and their policies have in common: shapes, completed tables and checks."""

from __future__ import annotations

from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import ModelError
from theorylab.worlds import checks, definite

Axes = dict[str, tuple[str, ...]]
STEP: Axes = {
    "A": ("X", "X"),
    "B": ("X", "U"),
    "Q": ("X", "X"),
    "R": ("U", "U"),
    "N": ("X", "U"),
    "a": ("X",),
    "q": ("X",),
    "r": ("U",),
    "W": ("X", "X"),
}
"""The tables of one step of a system."""
START: Axes = {"mean": ("X",), "covariance": ("X", "X")}


def _completed(world: Any, axes: Axes, sizes: dict[str, int]) -> dict[str, Array]:
    """The tables of a world: copied, those left out as zeros, shapes and entries checked."""
    name, tables = type(world).__name__, {}
    for key in axes:
        given = getattr(world, key)
        if given is not None:
            tables[key] = checks.table(given, f"{name}.{key}")
    for key, letters in axes.items():
        shape = tuple(sizes[letter] for letter in letters)
        if key in tables:
            _check_shape(tables[key], f"{name}.{key}", shape, letters)
            checks.check_finite(tables[key], f"{name}.{key}")
        else:
            tables[key] = checks.table(np.zeros(shape, dtype=int).astype(object), f"{name}.{key}")
    return checks.same_kind({key: tables[key] for key in axes})


def _check_shape(table: Array, name: str, shape: tuple[int, ...], letters: tuple[str, ...]) -> None:
    if table.shape != shape:
        shown = f"({', '.join(letters)}{',' if len(letters) == 1 else ''})"
        raise ModelError(f"{name} has shape {table.shape}, expected {shown} = {shape}")


def _sizes(world: Any, ndim: int) -> dict[str, int]:
    """H, X and U, read off the table B."""
    name = f"{type(world).__name__}.B"
    B = checks.table(world.B, name)
    letters = "(H, X, U)" if ndim == 3 else "(X, U)"
    if B.ndim != ndim or 0 in B.shape[-2:]:
        raise ModelError(
            f"{name} has shape {B.shape}, expected {letters}: X coordinates of the state, U of the"
            " control"
        )
    steps = B.shape[0] if ndim == 3 else 0
    return {"H": steps, "H+1": steps + 1, "X": B.shape[-2], "U": B.shape[-1]}


def checked_system(world: Any, ndim: int) -> dict[str, Array]:
    """A system's tables, completed: costs symmetric, W and the start's covariance semidefinite."""
    name = type(world).__name__
    tables = _completed(world, world.AXES, _sizes(world, ndim))
    for key in ("Q", "R", "Q_final", "W", "covariance"):
        if key in tables:
            definite.check_symmetric(tables[key], f"{name}.{key}")
    for key in ("W", "covariance"):
        definite.check_covariance(tables[key], f"{name}.{key}")
    return tables


class System:
    """The sizes that systems of either kind read off B, shape (..., X, U)."""

    B: Any

    @property
    def X(self) -> int:
        """The number of coordinates of the state."""
        return int(self.B.shape[-2])

    @property
    def U(self) -> int:
        """The number of coordinates of the control."""
        return int(self.B.shape[-1])


def checked_policy(policy: Any, letters: str) -> dict[str, Array]:
    """A policy's tables, completed: the sizes are those of K, the noise has a covariance."""
    name = type(policy).__name__
    K = checks.table(policy.K, f"{name}.K")
    if K.ndim != len(letters) or 0 in K.shape[-2:]:
        raise ModelError(f"{name}.K has shape {K.shape}, expected ({', '.join(letters)})")
    tables = _completed(policy, policy.AXES, dict(zip(letters, K.shape, strict=True)))
    definite.check_symmetric(tables["covariance"], f"{name}.covariance")
    definite.check_covariance(tables["covariance"], f"{name}.covariance")
    return tables
