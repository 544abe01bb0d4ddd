"""What every learner is given: a finite world in floats, models of its shape, an exploration law.

Each check names the argument, the place in it, what was found and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorylab.errors import InvalidArgument
from theorylab.worlds import checks
from theorylab.worlds.mdp import MDP, Model, Policy, map_tables, unchecked

Floats = NDArray[np.float64]


def float_world(world: MDP, name: str = "world") -> MDP:
    """The world with float64 tables; raises InvalidArgument for batches of worlds."""
    if not isinstance(world, MDP):
        raise InvalidArgument(f"{name} is a {type(world).__name__}, expected an MDP.")
    if world.P.ndim != 3:
        raise InvalidArgument(
            f"{name}.P has shape {world.P.shape}, expected (S, A, S): run worlds one by one."
        )
    if world.P.dtype == np.float64:
        return world
    return map_tables(world, _float_table)


def _float_table(table: Any) -> Any:
    return checks.frozen(checks.to_float(table))


def float_policy(policy: Policy, world: MDP, name: str) -> Policy:
    """The policy with float64 probabilities; InvalidArgument unless it has the world's shape."""
    if not isinstance(policy, Policy):
        raise InvalidArgument(f"{name} is a {type(policy).__name__}, expected a Policy.")
    if policy.probabilities.shape != (world.S, world.A):
        raise InvalidArgument(
            f"{name} has shape {policy.probabilities.shape}, expected (S, A) ="
            f" {(world.S, world.A)}. Give a policy on the world's states and actions."
        )
    return unchecked(Policy, probabilities=_float_table(policy.probabilities))


def float_models(models: Sequence[MDP], world: MDP, name: str = "models") -> tuple[Model, ...]:
    """A finite model class in floats: not empty, each with the world's shape, payoff and discount.

    Raises InvalidArgument naming the model that is not.
    """
    if not models:
        raise InvalidArgument(f"{name} is empty, expected at least one model.")
    return tuple(_float_model(M, world, f"{name}[{k}]") for k, M in enumerate(models))


def _float_model(model: MDP, world: MDP, name: str) -> Model:
    found = float_world(model, name)
    if world.P.shape != found.P.shape:
        raise InvalidArgument(
            f"{name}.P has shape {found.P.shape}, expected the world's {world.P.shape}."
            " A model lives on the states and actions of the world."
        )
    for field in ("payoff", "gamma", "sense"):
        if not np.array_equal(getattr(found, field), getattr(world, field)):
            raise InvalidArgument(
                f"{name}.{field} is not the world's: only transitions are learned."
                " Make models with world.with_transitions(P)."
            )
    return unchecked(Model, **{**vars(found), "start": world.start})


def exploration(nu: Any, world: MDP) -> Floats:
    """A state-action distribution (S, A) in floats, read-only.

    Raises ModelError for another shape, a negative entry or a sum that is not one.
    """
    table = checks.table(nu, "nu")
    checks.check_shape(table, "nu", (world.S, world.A), "(S, A)")
    repair = "Normalise it over states and actions together."
    flat = checks.check_distribution(table.reshape(-1), "nu", repair)
    return np.asarray(checks.frozen(checks.to_float(flat).reshape(table.shape)))


def whole_number(value: Any, name: str, least: int) -> int:
    """The integer `value`; InvalidArgument unless it is one and at least `least`."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise InvalidArgument(f"{name} is {value!r}, expected an integer of at least {least}.")
    return int(value)


def generator(seed: int, *key: int) -> np.random.Generator:
    """The random numbers of one place: they depend on the seed and the key alone."""
    root = np.random.SeedSequence(whole_number(seed, "seed", 0), spawn_key=key)
    return np.random.Generator(np.random.PCG64(root))


def least_cost(M: MDP) -> int:
    """1 for costs and -1 for rewards: what turns a payoff into something to make small."""
    return 1 if M.sense == "cost" else -1
