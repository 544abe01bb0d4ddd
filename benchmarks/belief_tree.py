"""The belief tree with merged beliefs, against a compiled loop over the same transitions.

The loop computes and writes down the same edges, each with the normalised belief that it leads to;
it looks nothing up and merges nothing. Medians of CPU seconds over alternating repetitions.

    build         nodes and edges per second of building the tree (merging, keeping all edges), and
                  its time over that of the loop, wanted at most 3; bytes for each node
    plan          the same of backward induction on the tree
    unmerged      how many histories the tree stands for

Run: OMP_NUM_THREADS=1 python -m benchmarks.belief_tree
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from math import log10

import numpy as np

from theorylab.algorithms import latent_tree_kernels as kernels
from theorylab.algorithms.latent_planning import plan_on
from theorylab.algorithms.latent_tree import BeliefTree, belief_tree, moves_of
from theorylab.algorithms.latent_tree_memory import history_counts
from theorylab.worlds.latent_instances import diagnosis, in_floats, random_latent, random_spikes
from theorylab.worlds.latent_mdp import LatentMDP

CASES: dict[str, Callable[[], LatentMDP]] = {
    "dense M=2 S=2 A=2 H=20": lambda: random_latent(3, M=2, S=2, A=2, H=20, L=1),
    "dense M=3 S=3 A=2 H=12": lambda: random_latent(3, M=3, S=3, A=2, H=12),
    "spikes M=4 S=5 A=3 H=7": lambda: random_spikes(5, M=4, S=5, A=3, H=7),
    "diagnosis H=400": lambda: diagnosis(400),
}


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def loop(tree: BeliefTree, levels: int) -> int:
    """The compiled transition loop over the nodes of the tree; the number of edges."""
    W, moves, edges = tree.world, moves_of(tree.world), 0
    following = moves.targets % W.S
    for level in tree.levels[:levels]:
        room = len(level) * W.A * W.L * W.S
        states, codes = np.zeros(room, dtype=np.int32), np.zeros(room, dtype=np.int32)
        weights, factors = np.zeros((room, W.M)), np.zeros(room)
        edges += kernels.transitions_only(
            level.states, level.weights, moves.first, moves.targets, following, moves.likelihood,
            W.A, states, weights, codes, factors,
        )  # fmt: skip
    return edges


def row(name: str, W: LatentMDP, repetitions: int = 7) -> str:
    """One line of the table."""
    tree = belief_tree(W)
    works: dict[str, Callable[[], object]] = {
        "build": lambda: belief_tree(W),
        "loop": lambda: loop(tree, W.H - 1),
        "plan": lambda: plan_on(tree),
    }
    found: dict[str, list[float]] = {key: [] for key in works}
    for _ in range(repetitions + 1):
        for key, work in works.items():
            found[key].append(seconds(work))
    spent = {key: statistics.median(times[1:]) for key, times in found.items()}
    edges = loop(tree, W.H - 1)
    return (
        f"{name:24} {tree.nodes:9,} nodes {edges:10,} edges"
        f" {tree.nodes / spent['build'] / 1e6:6.2f} M nodes/s {edges / spent['build'] / 1e6:6.1f} M"
        f" edges/s, {spent['build'] / spent['loop']:5.2f} x the loop; plan"
        f" {tree.nodes / spent['plan'] / 1e6:6.2f} M nodes/s; {tree.bytes / tree.nodes:5.0f}"
        f" bytes/node; 10^{log10(sum(history_counts(W))):.1f} histories"
    )


def main() -> None:
    """Print the table."""
    for name, case in CASES.items():
        print(row(name, in_floats(case())))


if __name__ == "__main__":
    main()
