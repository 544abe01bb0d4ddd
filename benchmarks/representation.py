"""The speed of LV-Rep's Algorithm 1: 1,000 episodes on a block MDP of 20 states, and its parts.

    run        explore(...): sampling, maximum likelihood, bonus, exact planning; wanted: < 60 s
    library    the same planning by theory.planning.optimal_policy, for 1,000 bonuses of the run
    planning   algorithms.representation_ucb.plan on the same
    lines      the proof's eight lines at each episode of the run

CPU seconds, medians of five; nothing is compiled.

Run: OMP_NUM_THREADS=1 python -m benchmarks.representation
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from figures.lv_run import SMALL, block_world
from theorylab.algorithms.representation_bonus import Bonus
from theorylab.algorithms.representation_terms import online_lines
from theorylab.algorithms.representation_ucb import Online, explore, plan
from theorylab.theory.planning import optimal_policy

EPISODES = 1000


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
    }
    print(f"S = {truth.S}, Z = {truth.Z}, {EPISODES} episodes")
    for name, work in parts.items():
        print(f"{name:10} {seconds(work):8.3f} s")


if __name__ == "__main__":
    main()
