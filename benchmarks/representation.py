"""The speed of LV-Rep's Algorithm 1: 1,000 episodes on a block MDP of 20 states, and its parts.

    run        explore(...): sampling, maximum likelihood, bonus, exact planning; wanted: < 60 s
    library    the same planning by theory.planning.optimal_policy, for 1,000 bonuses of the run
    planning   algorithms.representation_ucb.plan on the same
    lines      the proof's eight lines at each episode of the run
    bonus      the elliptical bonuses of all its episodes, a part of `run`

CPU seconds, medians of five; nothing is compiled. Then ten seeds of `LONG` episodes in this process
and on two workers, as figures run them: wall seconds, medians over alternating repetitions, and
whether the results have the same bits. Two hardware threads of one core are no two cores.

Run: OMP_NUM_THREADS=1 python -m benchmarks.representation
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from figures.lv_run import SMALL, Item, block_world, run_item
from theorylab.algorithms.representation_bonus import Bonus, bonus_table
from theorylab.algorithms.representation_terms import online_lines
from theorylab.algorithms.representation_ucb import Online, explore, plan
from theorylab.theory.planning import optimal_policy
from theorylab.workers import HERE, Workers, workers

EPISODES, LONG, SEEDS, REPETITIONS = 1_000, 5_000, 10, 3


def seconds(work: Callable[[], Any], times: int = 5) -> float:
    """The median of CPU seconds."""
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


def plans(run: Online, plain: bool) -> None:
    """Plan with every bonus of a run."""
    actions = None
    for index, bonus in zip(run.index, run.bonuses, strict=True):
        model = run.candidates.pick(index)
        if plain:
            optimal_policy(model.with_reward(model.payoff + bonus).mdp)
        else:
            actions, _ = plan(model, bonus, actions)


def bonuses(run: Online) -> None:
    """The bonus of every episode again."""
    visits = np.zeros((run.world.S, run.world.A), dtype=np.int64)
    for n, (index, (s, a, *_)) in enumerate(zip(run.index, run.samples, strict=True), 1):
        visits[s, a] += 1
        latents = run.candidates.pick(index).latents
        bonus_table(run.constants, run.K, latents, visits, n)


def ten_seeds(pool: Workers) -> tuple[float, list[Any]]:
    """(wall seconds, results) of ten seeds."""
    items = [Item("block", "small", LONG, 0, k) for k in range(SEEDS)]
    start = time.perf_counter()
    found = list(pool.each(run_item, items))
    return time.perf_counter() - start, found


def scaling() -> None:
    """Print how ten seeds gain from a second worker."""
    alone, both = [], []
    with workers(2) as pool:
        ten_seeds(pool)  # imports
        for _ in range(REPETITIONS):
            alone.append(ten_seeds(HERE))
            both.append(ten_seeds(pool))
    one, two = (statistics.median(t for t, _ in found) for found in (alone, both))
    same = all(found == alone[0][1] for _, found in (*alone, *both))
    print(f"{SEEDS} seeds of {LONG:,d} episodes: {one:.2f} s here, {two:.2f} s on two workers:"
          f" {one / two:.2f} x; the same bits: {'yes' if same else 'NO'}")  # fmt: skip


def main() -> None:
    """Print the seconds of each part."""
    truth, candidates = block_world(0)
    settings = {"episodes": EPISODES, "seed": 0}
    run = explore(truth, candidates, Bonus(**SMALL), **settings)
    parts = {
        "run": lambda: explore(truth, candidates, Bonus(**SMALL), **settings),
        "planning": lambda: plans(run, plain=False),
        "library": lambda: plans(run, plain=True),
        "lines": lambda: online_lines(run),
        "bonus": lambda: bonuses(run),
    }
    print(f"S = {truth.S}, Z = {truth.Z}, {EPISODES} episodes")
    for name, work in parts.items():
        print(f"{name:10} {seconds(work):8.3f} s")
    scaling()


if __name__ == "__main__":
    main()
