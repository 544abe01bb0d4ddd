"""Runs of Algorithm 1 for the regret figure, each with Theorem 2's chain checked on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from theorylab.algorithms.bernstein_solver import bernstein_solver
from theorylab.algorithms.latent_baselines import per_step_solver, posterior_solver
from theorylab.algorithms.latent_estimates import Solver
from theorylab.algorithms.latent_learning import learn
from theorylab.algorithms.latent_learning_terms import chain, explicit_bound, good_events
from theorylab.algorithms.mvp_solver import mvp_solver
from theorylab.theory.latent_bounds import log_factor
from theorylab.worlds.latent_mdp import LatentMDP

from .latent_regret_world import guessing, hard, largest_variance, payoffs, staying

DELTA = 0.1
SOLVERS: dict[str, Callable[[], Solver]] = {
    "MVP": mvp_solver,
    "Bernstein": lambda: bernstein_solver(cap=True),
    "bonus per step": per_step_solver,
    "posterior": posterior_solver,
}
PAPERS = ("MVP", "Bernstein")


@dataclass(frozen=True)
class Item:
    """One run: a variant's world at a parameter (H, the spread x, a number): algorithm, seed."""

    variant: str
    parameter: float
    algorithm: str
    episodes: int
    seed: int
    replication: int


@dataclass(frozen=True)
class Found:
    """Regret after `counts` episodes; the chain's lines that failed; whether both events held."""

    regret: tuple[float, ...]
    broken: tuple[str, ...]
    lines: int
    good: bool


def world_of(variant: str, parameter: float) -> LatentMDP:
    """The world of a variant."""
    if variant == "variance":
        return payoffs(parameter)
    worlds = {"episodes": guessing, "horizon": staying, "hard": hard}
    return worlds[variant](int(parameter))


def variance_of(variant: str, W: LatentMDP) -> float:
    """Var*, or 1/4 where it is not computed: no total in [0, 1] has more."""
    return largest_variance(W) if variant == "variance" else 1 / 4


def counts_of(episodes: int) -> list[int]:
    """The numbers of episodes at which regret is noted: powers of two up to all."""
    return [2**k for k in range(episodes.bit_length()) if 2**k <= episodes]


def run_item(item: Item) -> Found:
    """Play a run and check the chain on it: all lines for the paper's solvers, none else."""
    W = world_of(item.variant, item.parameter)
    place = list(SOLVERS).index(item.algorithm)
    seed = np.random.SeedSequence([item.seed, item.replication, place])
    run = learn(W, SOLVERS[item.algorithm](), episodes=item.episodes, delta=DELTA, seed=seed)
    regret = tuple(float(it) for it in run.regret_at(counts_of(item.episodes)))
    if item.algorithm not in PAPERS:
        return Found(regret, (), 0, all(good_events(run)))
    lines = chain(run, largest=variance_of(item.variant, W))
    broken = tuple(line.name for line in lines if not line.holds)
    return Found(regret, broken, len(lines), all(good_events(run)))


def bound_of(variant: str, parameter: float, episodes: int) -> float:
    """Theorem 2's explicit bound for so many episodes."""
    W = world_of(variant, parameter)
    iota = log_factor(W.M, W.S, W.A, W.H, episodes, DELTA)
    return explicit_bound(W, episodes, iota, variance_of(variant, W))


def speaks_from(variant: str, parameter: float) -> int:
    """The least power of two of episodes where the explicit bound is below one per episode."""
    episodes = 1
    while bound_of(variant, parameter, episodes) >= episodes:
        episodes *= 2
    return episodes
