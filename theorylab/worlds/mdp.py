"""Finite discounted Markov decision processes.

    V^pi(s) = E[ sum_h gamma^h payoff(s_h, a_h) | s_0 = s, a_h ~ pi(s_h), s_{h+1} ~ P(s_h, a_h) ]

`payoff` is what is paid at each step, a cost or a reward as `sense` says; it is per step, not
normalised. Tables are float64 (leading batch axes allowed) or exact (object arrays).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar

import flint
import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import ModelError
from theorylab.worlds import checks

Sense = Literal["cost", "reward"]
World = TypeVar("World")

WEIGHTS = "Normalise the row, or pass weights to {}.from_weights."


def unchecked(kind: type[World], **values: Any) -> World:
    """A frozen world from tables that are known to be right: no copy, no check."""
    world = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(world, name, value)
    return world


def map_tables(world: World, function: Callable[[Array], Array]) -> World:
    """The same world with `function` applied to every table (numbers as 0-d arrays).

    Labels, arrays of integers, stay as they are.
    """
    values = {}
    for item in fields(world):  # type: ignore[arg-type]
        value = getattr(world, item.name)
        if isinstance(value, np.ndarray):
            value = value if value.dtype == np.int64 else function(value)
        elif not isinstance(value, str | int):
            out = function(np.array(value, dtype=object))
            value = out[()] if isinstance(out, np.ndarray) else out
        values[item.name] = value
    return unchecked(type(world), **values)


def set_fields(world: Any, **values: Any) -> None:
    """Store checked tables in a frozen dataclass, read-only."""
    for name, value in values.items():
        stored = checks.frozen(value) if isinstance(value, np.ndarray) else value
        object.__setattr__(world, name, stored)


@dataclass(frozen=True, eq=False)
class MDP:
    """A finite discounted MDP.

    Shapes: P (S, A, S) transitions, payoff (S, A), gamma in [0, 1), start (S,). All may have the
    same leading batch axes in float64. Raises ModelError naming the entry that is wrong.

    >>> M = MDP(P=[[["1/2", "1/2"]], [[0, 1]]], payoff=[[1], [0]], gamma="9/10", start=[1, 0])
    >>> M.S, M.A, M.c[0, 0]
    (2, 1, 1)
    """

    P: Any
    payoff: Any
    gamma: Any
    start: Any
    sense: Sense = "cost"

    def __post_init__(self) -> None:
        name = type(self).__name__
        tables = {key: checks.table(getattr(self, key), f"{name}.{key}") for key in _TABLES}
        tables = checks.same_kind(tables)
        _check_sizes(name, tables)
        repair = WEIGHTS.format("MDP")
        tables["P"] = checks.check_distribution(tables["P"], f"{name}.P", repair)
        tables["start"] = checks.check_distribution(tables["start"], f"{name}.start", repair)
        checks.check_finite(tables["payoff"], f"{name}.payoff")
        checks.check_discount(tables["gamma"], f"{name}.gamma")
        if self.sense not in ("cost", "reward"):
            raise ModelError(f"{name}.sense is {self.sense!r}, expected 'cost' or 'reward'")
        if tables["gamma"].ndim == 0:
            tables["gamma"] = tables["gamma"][()]
        set_fields(self, **tables)

    @property
    def S(self) -> int:
        """The number of states."""
        return int(self.P.shape[-1])

    @property
    def A(self) -> int:
        """The number of actions."""
        return int(self.P.shape[-2])

    @property
    def c(self) -> Array:
        """The cost table (S, A); raises ModelError when rewards are paid."""
        return self._paid("cost")

    @property
    def r(self) -> Array:
        """The reward table (S, A); raises ModelError when costs are paid."""
        return self._paid("reward")

    def _paid(self, sense: Sense) -> Array:
        if self.sense != sense:
            raise ModelError(f"a {sense} was asked of an MDP whose payoff is a {self.sense}")
        return self.payoff

    def with_transitions(self, P: Any) -> Model:
        """A model on the same spaces: other transitions, the same payoff, discount and start."""
        return Model(P, self.payoff, self.gamma, self.start, self.sense)

    def with_start(self, start: Array) -> MDP:
        """The same MDP from another law of the first state, shape (S,)."""
        name = "with_start(start)"
        checked = checks.table(start, name)
        checks.check_shape(checked, name, self.start.shape, "(S,)")
        checked = checks.check_distribution(checked, name, "Normalise it.")
        return unchecked(type(self), **{**vars(self), "start": checks.frozen(checked)})

    @classmethod
    def from_weights(
        cls, P: Any, payoff: Any, gamma: Any, start: Any, sense: Sense = "cost"
    ) -> MDP:
        """An MDP from non-negative weights: every row of P and start is divided by its sum."""
        rows, first = normalised(P, "weights P"), normalised(start, "weights start")
        return cls(rows, payoff, gamma, first, sense)


class Model(MDP):
    """A transition model on the spaces of an MDP, with its payoff, discount and start."""


@dataclass(frozen=True, eq=False)
class RewardMDP(MDP):
    """An MDP whose payoff is a reward; as a parameter of a claim: "for any MDP with rewards"."""

    sense: Sense = "reward"


_TABLES = ("P", "payoff", "gamma", "start")


def _check_sizes(name: str, tables: dict[str, Array]) -> None:
    P = tables["P"]
    if P.ndim < 3 or P.shape[-1] != P.shape[-3]:
        raise ModelError(f"{name}.P has shape {P.shape}, expected (S, A, S)")
    *batch, S, A, _ = P.shape
    if S == 0 or A == 0:
        raise ModelError(f"{name}.P has shape {P.shape}: at least one state and action is needed")
    checks.check_shape(tables["payoff"], f"{name}.payoff", (*batch, S, A), "(S, A)")
    checks.check_shape(tables["start"], f"{name}.start", (*batch, S), "(S,)")
    if tables["gamma"].shape not in ((), tuple(batch)):
        raise ModelError(f"{name}.gamma has shape {tables['gamma'].shape}, expected one number")


def normalised(weights: Any, name: str) -> Array:
    """Rows (last axis) of non-negative weights divided by their sums; ModelError where it is 0."""
    array = checks.table(weights, name)
    checks.check_finite(array, name)
    if (array < 0).any():
        index = tuple(np.argwhere(array < 0)[0])
        raise ModelError(
            f"{checks.place_name(name, index)} is {checks.shown(array[index])}, expected at least 0"
        )
    sums = array.sum(-1, keepdims=True)
    if (sums == 0).any():
        index = tuple(np.argwhere(sums == 0)[0])[:-1]
        raise ModelError(f"{checks.place_name(name, index)} sums to 0, expected a positive weight")
    return np.asarray(array / sums)


@dataclass(frozen=True, eq=False)
class Policy:
    """A stationary policy: action probabilities, shape (S, A). Deterministic as a special case."""

    probabilities: Any

    def __post_init__(self) -> None:
        table = checks.table(self.probabilities, "Policy.probabilities")
        if table.ndim < 2 or 0 in table.shape:
            raise ModelError(f"Policy.probabilities has shape {table.shape}, expected (S, A)")
        repair = "Normalise the row, or pass actions to Policy.deterministic."
        table = checks.check_distribution(table, "Policy.probabilities", repair)
        set_fields(self, probabilities=table)

    @classmethod
    def deterministic(cls, actions: Any, A: int) -> Policy:
        """The policy that takes actions[s] in state s; actions (S,) of integers below A."""
        rows = []
        for state, action in enumerate(actions):
            whole = isinstance(action, int | np.integer) and not isinstance(action, bool)
            if not whole or not 0 <= action < A:
                raise ModelError(f"actions[{state}] is {action}, expected an action in 0..{A - 1}")
            rows.append([flint.fmpq(int(a == action)) for a in range(A)])
        return cls(np.array(rows, dtype=object))

    @property
    def S(self) -> int:
        """The number of states."""
        return int(self.probabilities.shape[-2])

    @property
    def A(self) -> int:
        """The number of actions."""
        return int(self.probabilities.shape[-1])


class DeterministicPolicy(Policy):
    """A policy whose rows are vertices; as a parameter: "for any deterministic policy"."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not np.isin(self.probabilities, (0, 1)).all():
            index = tuple(np.argwhere(~np.isin(self.probabilities, (0, 1)))[0])
            place = checks.place_name("DeterministicPolicy.probabilities", index)
            raise ModelError(f"{place} is {self.probabilities[index]}, expected 0 or 1")
