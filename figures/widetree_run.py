"""WideTree's loop: data, losses and Hedge, one replication at a time (Algorithms 1, 2 and 4).

    draw M ~ w_t  ->  episodes of its policy and of nu  ->  l_t(M_good), l_t(M_bad)  ->  w_{t+1}

A replication's random numbers depend on (seed, setting, algorithm, replication) alone, so that the
order of the runs and the number of workers change nothing. The choices are told in `widetree`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from theorylab.algorithms.hedge import Hedge, hedge, pick, updated, weights
from theorylab.errors import Undefined

from .shared import Floats, generator
from .widetree_world import (
    HORIZON,
    RIGHT,
    A,
    B,
    C,
    D,
    Dynamics,
    E,
    Integers,
    Swap,
    bad_model,
    good_model,
    optimal_values,
    real_world,
    roll,
)

ALGORITHMS = ("SysID", "LAMPS-MM")
MODELS = ("M_good", "M_bad")


@dataclass(frozen=True)
class Setting:
    """What the text leaves open, one field for each row of the table in `widetree`.

    `smoothing` acts on the logarithmic losses only.
    """

    name: str
    root: float
    cost: float
    leaves_of_good: Swap
    sysid: Literal["-log", "+log", "0-1"]
    successors: Literal["expected", "sampled"]
    data: Literal["round", "all"]
    episodes: Literal["one of two", "both"]
    rate: float = 0.9
    smoothing: float = 0.01
    exploration: Literal["expert", "coin"] = "expert"


TEXT = Setting("text", 1.0, 0.01, "moved", "-log", "expected", "round", "one of two")
RELEASED = Setting("released", 0.7, 0.0, "permuted", "0-1", "sampled", "all", "both")


@dataclass(frozen=True, eq=False)
class Instance:
    """The real world, M_good and M_bad, and what each model's optimal policy is and costs.

    values (2, S): V of each model's policy in that model; first (2,): its action at A; real_costs
    (2,): what it costs in the real world, per episode; optimal_cost: the least possible.
    """

    world: Dynamics
    models: tuple[Dynamics, Dynamics]
    values: Floats
    first: Integers
    real_costs: Floats
    optimal_cost: float


def instance(setting: Setting, leaves: int, rng: np.random.Generator) -> Instance:
    """WideTree with N leaves in the given setting; rng permutes the leaves of M_good."""
    world = real_world(leaves, setting.root)
    models = (good_model(world, setting.leaves_of_good, rng), bad_model(world))
    values, tables = zip(*(optimal_values(model, setting.cost) for model in models), strict=True)
    first = np.array([Q.argmin() for Q in tables])
    _, real = optimal_values(world, setting.cost)
    return Instance(world, models, np.array(values), first, real[first], float(real.min()))


def loss_range(setting: Setting, algorithm: str, states: int) -> tuple[float, float]:
    """(low, high) of a mean loss: [0, 1], [0, 1 + 2 cost], or what the smoothing leaves of -log."""
    if algorithm == "LAMPS-MM":
        return 0.0, 1 + 2 * setting.cost
    if setting.sysid == "0-1":
        return 0.0, 1.0
    top = math.log(states / setting.smoothing) if setting.smoothing else math.inf
    return (0.0, top) if setting.sysid == "-log" else (-top, 0.0)


def datum_losses(
    setting: Setting,
    algorithm: str,
    model: Dynamics,
    V: Floats,
    episodes: Integers,
    rng: np.random.Generator | None = None,
) -> Floats:
    """The loss of a model at each transition, shape (n, 3); episodes (n, 3, 3), V (S,).

    Without rng successors are averaged, not drawn.
    """
    s, a, after = np.moveaxis(episodes, -1, 0)
    drawn = None if rng is None else model.sample(s, a, rng.random(s.shape))
    if algorithm == "LAMPS-MM":
        return np.abs(V[after] - (model.expected(V, s, a) if drawn is None else V[drawn]))
    if setting.sysid == "0-1":
        return 1 - model.probability(s, a, after) if drawn is None else 1.0 * (drawn != after)
    a_s = setting.smoothing
    with np.errstate(divide="ignore"):
        log = np.log((1 - a_s) * model.probability(s, a, after) + a_s / model.states)
    return log if setting.sysid == "+log" else -log


def mean_losses(
    setting: Setting,
    algorithm: str,
    case: Instance,
    V: Floats,
    episodes: Integers,
    rng: np.random.Generator,
) -> Floats:
    """l_t of both models, shape (2,): means over transitions, in range despite rounding."""
    draws = rng if setting.successors == "sampled" else None
    losses = [
        datum_losses(setting, algorithm, model, V, episodes, draws).mean() for model in case.models
    ]
    return np.clip(losses, *loss_range(setting, algorithm, case.world.states))


def collect(setting: Setting, case: Instance, learner: int, rng: np.random.Generator) -> Integers:
    """The episodes of one round, shape (1 or 2, 3, 3), in the real world (Algorithm 1, line 4)."""
    expert = RIGHT if setting.exploration == "expert" else int(rng.integers(2))
    if setting.episodes == "both":
        return roll(case.world, [learner, expert], rng)
    return roll(case.world, [learner if rng.random() < 0.5 else expert], rng)


@dataclass(frozen=True, eq=False)
class Run:
    """One replication: weights (T + 1, 2), real_cost (T + 1,) expected under them per episode.

    NaN from the round on in which Hedge is undefined.
    """

    weights: Floats
    real_cost: Floats
    optimal_cost: float


def replicate(
    setting: Setting,
    algorithm: str,
    replication: int,
    *,
    leaves: int,
    iterations: int,
    seed: int,
) -> Run:
    """Run T iterations of one algorithm in one setting."""
    rng = generator(seed, setting.name, algorithm, replication)
    case = instance(setting, leaves, rng)
    state = _start(setting, algorithm, case)
    path = np.full((iterations + 1, 2), np.nan)
    path[0] = weights(state)
    seen = np.empty((0, HORIZON, 3), dtype=np.int64)
    try:
        for t in range(iterations):
            model = int(pick(state, rng.random()))
            new = collect(setting, case, int(case.first[model]), rng)
            seen = np.concatenate([seen, new]) if setting.data == "all" else new
            V = case.values[model]
            state = updated(state, mean_losses(setting, algorithm, case, V, seen, rng))
            path[t + 1] = weights(state)
    except Undefined:
        pass  # the rest of the path stays NaN, and the conclusion says so
    return Run(path, path @ case.real_costs, case.optimal_cost)


def _start(setting: Setting, algorithm: str, case: Instance) -> Hedge:
    declared = loss_range(setting, algorithm, case.world.states)
    return hedge(2, rate=setting.rate, loss_range=declared)


def population_losses(setting: Setting, algorithm: str, case: Instance) -> Floats:
    """E l_t of both models, shape (2,), over the episodes of the optimal policy, exactly.

    By the symmetry of the tree the learner's episodes have the same mean, up to which leaves of
    M_good survive their permutation.
    """
    episodes, chances = _every_episode(case.world)
    V = case.values[0]
    losses = [datum_losses(setting, algorithm, m, V, episodes).mean(-1) for m in case.models]
    return np.array(losses) @ chances


def noise_free(
    setting: Setting, algorithm: str, *, leaves: int, iterations: int, seed: int
) -> Floats:
    """The weights of Hedge fed with the expected losses, shape (T + 1, 2); NaN if undefined."""
    case = instance(setting, leaves, generator(seed, setting.name, algorithm, 0))
    total = population_losses(setting, algorithm, case)
    state, path = _start(setting, algorithm, case), np.full((iterations + 1, 2), np.nan)
    try:
        for t in range(iterations + 1):
            path[t] = weights(state)
            state = updated(state, total)
    except Undefined:
        pass  # as in replicate
    return path


def _every_episode(world: Dynamics) -> tuple[Integers, Floats]:
    """All episodes of the optimal policy, shape (n, 3, 3), and their probabilities (n,)."""
    rows, chances = [], []
    for branch, child, chance in ((B, D, 1 - world.root), (C, E, world.root)):
        for action in (0, 1):
            for leaf in world.groups[2 * (child - D) + action]:
                steps = [(A, RIGHT, branch), (branch, 0, child), (child, action, leaf)]
                rows.append(steps)
                chances.append(chance / 2 / world.groups.shape[1])
    kept = np.array(chances) > 0
    return np.array(rows)[kept], np.array(chances)[kept]
