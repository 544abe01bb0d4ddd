"""The coverage experiment's loop: three algorithms on one world, with one exploration distribution.

Random numbers depend on (seed, world, replication) alone: all qualities of nu and all algorithms
meet the same worlds, so that differences are paired.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from theorylab.algorithms.lamps import lamps, lamps_mm, sysid
from theorylab.algorithms.meta import Run
from theorylab.algorithms.search import NRPI
from theorylab.theory.planning import optimal_policy
from theorylab.theory.tabular import occupancy
from theorylab.worlds import MDP, Policy

from .shared import Floats

ALGORITHMS = ("SysID", "LAMPS", "LAMPS-MM")
WORLDS = ("random", "chain")


@dataclass(frozen=True)
class Setting:
    """What the text leaves open, one field for each choice in `coverage`."""

    world: Literal["random", "chain"]
    poor: Literal["worst policy", "uniform"] = "worst policy"
    search: Literal["exact", "rollouts", "class"] = "exact"
    samples: int = 40
    gamma: float = 0.9
    states: int = 6
    smoothing: float = 0.01


@dataclass(frozen=True)
class Item:
    """One task: a setting, the expert's share of nu, how many of ALGORITHMS run, from the first."""

    setting: Setting
    share: float
    rounds: int
    seed: int
    replication: int
    algorithms: int = 3


@dataclass(frozen=True, eq=False)
class Found:
    """Regret of each round, shape (algorithm, T), per episode; C of nu, which may be infinite."""

    regret: Floats
    coverage: float


def replicate(item: Item) -> Found:
    """All algorithms on one world with one nu."""
    key = (item.seed, WORLDS.index(item.setting.world), item.replication)
    rng = np.random.default_rng(key)
    world = build(item.setting, rng)
    expert = optimal_policy(world)
    nu = explored(world, expert, item.setting.poor, item.share)
    number = int(rng.integers(2**32))
    runs = [run(name, world, nu, expert, item, number) for name in ALGORITHMS[: item.algorithms]]
    regret = np.array([it.measures.regret for it in runs])
    return Found(regret, float(runs[0].measures.coverage))


def build(setting: Setting, rng: np.random.Generator) -> MDP:
    """A world with costs in [0, 1], started in state 0.

    random: rows from a Dirichlet law of weight 0.3 (few likely successors), three actions. chain:
    action 1 moves right with probability 0.9, action 0 left; a step costs 1, but 0 at the right end
    and 0.8 at the left end, so that the bad end tempts.
    """
    S = setting.states
    start = np.eye(S)[0]
    if setting.world == "random":
        P = rng.dirichlet(np.full(S, 0.3), (S, 3))
        return MDP(P, rng.random((S, 3)), setting.gamma, start)
    P, c = np.zeros((S, 2, S)), np.ones((S, 2))
    for s in range(S):
        P[s, 0, max(s - 1, 0)] += 1
        P[s, 1, min(s + 1, S - 1)] += 0.9
        P[s, 1, s] += 0.1
    c[0, 0], c[S - 1, 1] = 0.8, 0
    return MDP(P, c, setting.gamma, start)


def explored(world: MDP, expert: Policy, poor: str, share: float) -> Floats:
    """nu = share D_expert + (1 - share) of something poor, a table (S, A)."""
    other = np.full((world.S, world.A), 1 / (world.S * world.A))
    if poor == "worst policy":
        flipped = MDP(world.P, -world.payoff, world.gamma, world.start)
        other = occupancy(world, optimal_policy(flipped))
    return np.asarray(share * occupancy(world, expert) + (1 - share) * other)


def run(name: str, world: MDP, nu: Floats, expert: Policy, item: Item, seed: int) -> Run:
    """One algorithm over all tabular models, on sampled data."""
    setting = item.setting
    options = {"rounds": item.rounds, "samples": setting.samples, "expert": expert, "seed": seed}
    if name == "SysID":
        return sysid(world, nu, None, smoothing=setting.smoothing, **options)
    found = _search(setting, nu, world, seed)
    if name == "LAMPS":
        return lamps(world, nu, None, smoothing=setting.smoothing, search=found, **options)
    return lamps_mm(world, nu, None, search=found, **options)


def _search(setting: Setting, nu: Floats, world: MDP, seed: int) -> NRPI:
    if setting.search == "rollouts":
        return NRPI(nu, rounds=10, samples=200, returned="last")
    if setting.search == "class":
        drawn = np.random.default_rng((seed, 7)).integers(world.A, size=(30, world.S))
        return NRPI(nu, rounds=10, policies=tuple(Policy(np.eye(world.A)[it]) for it in drawn))
    return NRPI(nu, rounds=10)
