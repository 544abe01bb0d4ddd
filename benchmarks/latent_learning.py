"""The speed of learning a latent MDP: episodes per second, with and without updates.

    played      episodes of the compiled loop between two updates
    literal     the same in plain Python: what a user would write instead
    update      one call of a solver: MVP, Bernstein (extended value iteration), bonus per step
    K = 200000  a whole run of Algorithm 1 with each; wanted: under 2 minutes

CPU seconds, medians of five; compiling is not counted.

Run: OMP_NUM_THREADS=1 python -m benchmarks.latent_learning
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from theorylab.algorithms.bernstein_solver import bernstein_solver
from theorylab.algorithms.latent_baselines import per_step_solver
from theorylab.algorithms.latent_estimates import (
    Solver,
    estimates,
    frame_of,
    optimal_graph,
)
from theorylab.algorithms.latent_learning import Run, learn
from theorylab.algorithms.latent_plans import Plan
from theorylab.algorithms.mvp_solver import mvp_solver
from theorylab.theory.latent_bounds import log_factor
from theorylab.worlds.latent_mdp import LatentMDP

EPISODES = 200_000
SOLVERS: dict[str, Solver] = {
    "MVP": mvp_solver(),
    "Bernstein": bernstein_solver(cap=True),
    "bonus per step": per_step_solver(),
}


def world(seed: int, M: int = 2, S: int = 3, A: int = 2, H: int = 4) -> LatentMDP:
    """A random dense latent MDP with rewards 0 and 1/H."""
    rng = np.random.default_rng(seed)
    return LatentMDP(
        rng.dirichlet(np.ones(M)),
        rng.dirichlet(np.ones(S), M),
        rng.dirichlet(np.ones(S), (M, S, A)),
        [0.0, 1 / H],
        rng.integers(0, 2, (M, S, A)),
        H,
    )


def seconds(work: Callable[[], Any], times: int = 5) -> float:
    """The median of CPU seconds."""
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


def literal(W: LatentMDP, plan: Plan, episodes: int) -> dict[tuple[int, ...], int]:
    """Episodes and counts in plain Python."""
    rng, counts = np.random.default_rng(0), dict[tuple[int, ...], int]()
    for _ in range(episodes):
        m = int(rng.choice(W.M, p=W.w))
        s = int(rng.choice(W.S, p=W.nu[m]))
        node = int(plan.start[s])
        for _ in range(W.H):
            a = int(plan.action[node])
            after = int(rng.choice(W.S, p=W.P[m, s, a]))
            counts[m, s, a, after] = counts.get((m, s, a, after), 0) + 1
            node, s = int(plan.following[node, W.labels[m, s, a], after]), after
    return counts


def main() -> None:
    """Print the figures."""
    W = world(0)
    plan, found = optimal_graph(W)

    def run(solver: Solver, episodes: int) -> Run:
        return learn(W, solver, episodes=episodes, delta=0.1, seed=0, best=found.value)

    for solver in SOLVERS.values():
        run(solver, 100)
    played = seconds(lambda: run(lambda _: plan, 10**6)) / 10**6
    slow = seconds(lambda: literal(W, plan, 500), 3) / 500
    print(f"M = 2, S = 3, A = 2, H = 4; played {1 / played:,.0f} episodes a second,")
    print(f"literal {1 / slow:,.0f}: {slow / played:,.0f} times slower")
    frame = frame_of(W)
    counts = np.round(W.P * 10**5).astype(int)
    iota = log_factor(*frame.sizes, frame.H, EPISODES, 0.1)
    known = estimates(frame, counts, iota, np.random.default_rng(0))
    for name, solver in SOLVERS.items():
        call = seconds(lambda solver=solver: solver(known))  # type: ignore[misc]
        whole = seconds(lambda solver=solver: run(solver, EPISODES), 1)  # type: ignore[misc]
        print(f"{name}: update {1e3 * call:.2f} ms; K = {EPISODES}: {whole:.2f} s")


if __name__ == "__main__":
    main()
