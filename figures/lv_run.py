"""Worlds, model classes and runs of LV-Rep's algorithms for its figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theorylab.algorithms.representation_bonus import Bonus
from theorylab.algorithms.representation_classes import (
    ListedClass,
    ModelClass,
    RowClass,
    lock_class,
)
from theorylab.algorithms.representation_terms import Line, explicit_bound, online_lines
from theorylab.algorithms.representation_ucb import Online, explore
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.latent_variable_instances import (
    block_mdp,
    clipped_bonus_pair,
    combination_lock,
    decoder,
    in_floats,
    random_low_rank,
)

from .shared import Floats, generator

SMALL = {"scale": 0.02, "regular": 1.0}
"""alpha a fiftieth of the corrected one and lambda = 1: a bonus that can be seen to work."""
ALGORITHMS: dict[str, Bonus] = {
    "printed": Bonus(printed=True),
    "corrected": Bonus(),
    "small": Bonus(**SMALL),
    "features": Bonus("features", features=50, **SMALL),
    "unnormalised": Bonus("unnormalised", **SMALL),
    "count": Bonus("count", **SMALL),
    "greedy": Bonus("none"),
}
"""printed: constants 1, clip 2; corrected: those of the proof; the others with the small bonus."""

World = tuple[LatentVariableModel, ModelClass]


def clip_world(seed: int) -> World:
    """The hard pair for the bonus clipped at 2: T^ before T*."""
    truth, other = (in_floats(it) for it in clipped_bonus_pair())
    return truth, ListedClass((other, truth))


def lock_world(seed: int, length: int = 5, copies: int = 2) -> World:
    """A lock with a random code, and all locks."""
    code = generator(seed, "code").integers(2, size=length)
    lock = in_floats(combination_lock(tuple(code.tolist()), copies=copies))
    return lock, lock_class(lock)


def block_world(seed: int, *, blocks: int = 5, copies: int = 4, A: int = 2, R: int = 3) -> World:
    """A block MDP, and the class of R candidates for each row of latents, the true one among
    them at a random place; the decoder is known."""
    truth = in_floats(block_mdp((seed, 0), blocks=blocks, copies=copies, A=A))
    rng = generator(seed, "rows")
    rows = np.array(
        [
            in_floats(block_mdp((seed, k), blocks=blocks, copies=copies, A=A)).latents[::copies]
            for k in range(R)
        ]
    )
    order = rng.permuted(np.broadcast_to(np.arange(R), (blocks, A, R)), axis=-1)
    candidates = np.take_along_axis(np.moveaxis(rows, 0, 2), order[..., None], 2)
    return truth, RowClass(candidates, decoder(truth.S, copies), truth)


def low_rank_world(seed: int, *, S: int = 12, A: int = 3, Z: int = 4, models: int = 16) -> World:
    """A random low-rank MDP, and a list of models of which it is the last: both factors differ."""
    found = [in_floats(random_low_rank((seed, k), S=S, A=A, Z=Z)) for k in range(models)]
    fields = {key: getattr(found[-1], key) for key in ("payoff", "gamma", "start")}
    same = [LatentVariableModel(it.latents, it.emissions, **fields) for it in found]
    return same[-1], ListedClass(tuple(same))


WORLDS = {
    "clip": clip_world,
    "lock": lock_world,
    "block": block_world,
    "low_rank": low_rank_world,
}


@dataclass(frozen=True)
class Item:
    """One run: a world, an algorithm, so many episodes, a replication; lines every so many."""

    world: str
    algorithm: str
    episodes: int
    seed: int
    replication: int
    every: int = 0


@dataclass(frozen=True)
class Found:
    """Regret after `counts` episodes; lines checked; names of those broken, events apart."""

    regret: tuple[float, ...]
    lines: int
    broken: tuple[str, ...]
    events: tuple[str, ...]
    bound: float


def counts_of(episodes: int) -> list[int]:
    """The numbers of episodes at which regret is noted: powers of two up to all."""
    return [2**k for k in range(episodes.bit_length()) if 2**k <= episodes]


def seed_of(item: Item) -> np.random.SeedSequence:
    """The random numbers of a run, from its item alone."""
    place = list(ALGORITHMS).index(item.algorithm)
    return np.random.SeedSequence([item.seed, item.replication, place])


def run_of(item: Item) -> Online:
    """The run of an item."""
    truth, candidates = WORLDS[item.world](item.seed)
    bonus = ALGORITHMS[item.algorithm]
    return explore(truth, candidates, bonus, episodes=item.episodes, seed=seed_of(item))


def run_item(item: Item) -> Found:
    """Play a run; where lines are asked for, check them along it."""
    run = run_of(item)
    total = np.cumsum(run.regret)[np.array(counts_of(item.episodes)) - 1]
    lines: list[Line] = online_lines(run, item.every) if item.every else []
    bad = [it for it in lines if not it.holds]
    bound = explicit_bound(run.constants, run.world.Z, item.episodes)
    return Found(
        tuple(total.tolist()),
        len(lines),
        tuple(it.name for it in bad if not it.event),
        tuple(it.name for it in bad if it.event),
        bound,
    )


def increments(regret: Floats) -> Floats:
    """Mean regret per episode in the last half and in the quarter before, of totals at powers of
    two (..., counts), shape (..., 2)."""
    last, middle, early = regret[..., -1], regret[..., -2], regret[..., -3]
    return np.stack([last - middle, 2 * (middle - early)], axis=-1)
