"""The speed of alpha vectors, as ratios within one run on one core.

    one dominance program   20 rivals, 4 contexts: the compiled game with its verdict, against
                            `scipy.optimize.linprog` (HiGHS) on the same program; wanted: 200 x.
                            Also with the exact solution of a program that floats cannot settle
    tiger to horizon 30     exact sets, witnesses included, against 10 such linprog calls
    latent MDPs             seconds and vectors on random instances of 2, 3 and 4 contexts

Medians of CPU seconds; results are compared before anything is timed, compiling is not counted.
Known solvers that are installed are compared, too; none is a requirement of this repository.

Run: OMP_NUM_THREADS=1 python -m benchmarks.alpha_vectors
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable
from typing import Any

import flint
import numpy as np
from scipy.optimize import linprog

from theorylab.algorithms.alpha_vectors import alpha_vector_sets, pomdp_alpha_sets
from theorylab.algorithms.dense_simplex import verdict
from theorylab.algorithms.exact_simplex import settled
from theorylab.worlds.latent_mdp import LatentMDP
from theorylab.worlds.tiger import tiger

RIVALS, CONTEXTS, UNIT = 20, 4, 10**6
SOLVERS = ("pomdp_py", "pomdpy", "AdaPy", "madp", "sarsop")
SIZES = ((2, 3, 3, 12), (3, 2, 3, 8), (3, 3, 3, 6), (4, 2, 4, 5))


def seconds(work: Callable[[], object], least: float = 0.02, repetitions: int = 9) -> float:
    """Median CPU seconds of one call, each measured over at least `least` seconds."""
    work()
    start = time.process_time()
    work()
    times = max(1, int(least / max(1e-6, time.process_time() - start)))
    found = []
    for _ in range(repetitions):
        start = time.process_time()
        for _ in range(times):
            work()
        found.append((time.process_time() - start) / times)
    return statistics.median(found)


def by_scipy(G: Any) -> Any:
    """max z, z <= b G[:, j] for each rival, b a belief."""
    n, k = G.shape
    return linprog(
        [0] * n + [-1],
        A_ub=np.hstack([-G.T, np.ones((k, 1))]),
        b_ub=np.zeros(k),
        A_eq=[[1] * n + [0]],
        b_eq=[1],
        bounds=[(0, None)] * n + [(None, None)],
        method="highs",
    )


def programs(count: int) -> list[list[tuple[int, ...]]]:
    """Random gaps, times UNIT: in [-1, 1], where vectors fall, in [-1/4, 1], where most stay."""
    rng = np.random.default_rng(0)
    shape = count // 2, RIVALS, CONTEXTS
    tables = [rng.integers(low, UNIT + 1, size=shape) for low in (-UNIT, -UNIT // 4)]
    return [[tuple(row) for row in table] for table in np.concatenate(tables).tolist()]


def dominance() -> float:
    """Print the ratios of one dominance program; linprog's seconds."""
    room = np.empty(CONTEXTS, np.int64), np.empty(CONTEXTS), np.empty(RIVALS)
    games = programs(50)
    floats = [np.array(rows, dtype=np.float64).T.copy() / UNIT for rows in games]
    signs = {1: 0, 0: 0, -1: 0}
    for rows, G in zip(games, floats, strict=True):
        gap, rival = settled(rows).gap, -by_scipy(G).fun
        assert abs(float(int(gap.p) / int(gap.q)) / UNIT - rival) < 1e-9
        sign = verdict(G, *room)
        assert sign in (0, (gap > 0) - (gap < 0))
        signs[sign] += 1
    said = f"{signs[1]} kept, {signs[-1]} dropped, {signs[0]} open"
    print(f"verdicts on {len(games)} programs: {said}")
    own = seconds(lambda: [verdict(G, *room) for G in floats]) / len(floats)
    exact = seconds(lambda: [settled(rows) for rows in games]) / len(games)
    theirs = seconds(lambda: [by_scipy(G) for G in floats[:5]]) / 5
    print(f"linprog (HiGHS)              {1e6 * theirs:9.1f} us")
    print(f"compiled, with its verdict   {1e6 * own:9.2f} us  {theirs / own:7.1f} x   wanted 200")
    print(f"settled exactly              {1e6 * exact:9.1f} us  {theirs / exact:7.1f} x")
    return theirs


def tiger_to_30(one_program: float) -> None:
    """Print the time to horizon 30 and the number of useful vectors by horizon."""
    B = tiger()
    sets = pomdp_alpha_sets(B, 30)
    spent = seconds(lambda: pomdp_alpha_sets(B, 30))
    print(f"tiger to horizon 30          {1e3 * spent:9.2f} ms  = {spent / one_program:.1f} linprog"
          "   wanted 10")  # fmt: skip
    print("useful vectors by horizon   ", *(len(found) for found in sets))
    worth = [min(found.losses) for found in sets]
    print("least loss of a vector      ", *(f"{int(x.p) / int(x.q):.0e}" for x in worth))


def random_latent(seed: int, M: int, S: int, A: int, H: int) -> LatentMDP:
    """Odds from 1 to 9; in each context and state one action pays, dealt at random."""
    rng = np.random.default_rng(seed)
    odds = rng.integers(1, 10, size=(M, S, A, S))
    P = np.empty(odds.shape, dtype=object)
    for index in np.ndindex(*odds.shape):
        P[index] = flint.fmpq(int(odds[index]), int(odds[index[:-1]].sum()))
    labels = rng.permuted(np.broadcast_to(np.arange(A) == 0, (M, S, A)).astype(int), axis=-1)
    w, nu = [flint.fmpq(1, M)] * M, [[flint.fmpq(1, S)] * S] * M
    return LatentMDP(w, nu, P, [0, flint.fmpq(1, H)], labels, H)


def latent() -> None:
    """Print seconds and the largest set of each step."""
    for M, S, A, H in SIZES:
        W = random_latent(0, M, S, A, H)
        start = time.process_time()
        sets = alpha_vector_sets(W)
        spent = time.process_time() - start
        counts = [max(len(found) for found in row) for row in sets]
        print(f"M={M} S={S} A={A} H={H}  {spent:8.3f} s  vectors by step: {counts}")


def rivals() -> None:
    """Say which other POMDP solvers are installed."""
    present = [name for name in SOLVERS if importlib.util.find_spec(name)]
    print("other POMDP solvers installed:", ", ".join(present) or "none: nothing to compare with")


def main() -> None:
    """Print the tables."""
    tiger_to_30(dominance())
    latent()
    rivals()


if __name__ == "__main__":
    main()
