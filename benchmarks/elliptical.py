"""Elliptical potentials along 100,000 vectors of dimension 50: rank-one updates against others.

    updates      `algorithms.elliptical.elliptical_stream`, all vectors
    recomputed   numpy's slogdet and solve of Sigma at every step
    cholesky     numpy's factor at every step, log det and bonus from it
    inverse      Sherman and Morrison's formula in numpy, whose inverse is never renewed

The rivals are timed on `SAMPLE` steps after as many of warm-up, which cost the same wherever they
are in the stream; microseconds of CPU for each step, medians over alternating repetitions. Accuracy
is against 300-bit arithmetic at ten steps, of bonus^2 and of the log det, relative; again with
lambda = 1e-8. Wanted: 20 times faster than recomputing, and a drift that does not grow with T.

Run: OMP_NUM_THREADS=1 python -m benchmarks.elliptical
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import flint
import numpy as np

from theorylab.algorithms.elliptical import EVERY, elliptical_stream
from theorylab.algorithms.spaces import Floats

STEPS, DIMENSION, SAMPLE, REPETITIONS = 100_000, 50, 2_000, 7
Pair = tuple[float, float]
Rival = Callable[[Floats, float], Iterator[Pair]]


def recomputed(rows: Floats, start: float) -> Iterator[Pair]:
    """(bonus^2, log det after) of each row, from Sigma anew."""
    sigma = start * np.eye(rows.shape[1])
    for x in rows:
        squared = float(x @ np.linalg.solve(sigma, x))
        sigma += np.outer(x, x)
        yield squared, float(np.linalg.slogdet(sigma)[1])


def cholesky(rows: Floats, start: float) -> Iterator[Pair]:
    """The same by one Cholesky factor a step."""
    sigma = start * np.eye(rows.shape[1])
    for x in rows:
        root = np.linalg.cholesky(sigma)
        y = np.linalg.solve(root, x)
        sigma += np.outer(x, x)
        q = float(y @ y)
        yield q, 2 * float(np.log(np.diag(root)).sum()) + np.log1p(q)


def inverse(rows: Floats, start: float) -> Iterator[Pair]:
    """The same by updates of the inverse."""
    held, total = np.eye(rows.shape[1]) / start, rows.shape[1] * np.log(start)
    for x in rows:
        v = held @ x
        q = float(x @ v)
        held -= np.outer(v, v / (1 + q))
        total += np.log1p(q)
        yield q, total


RIVALS: dict[str, Rival] = {"recomputed": recomputed, "cholesky": cholesky, "inverse": inverse}


def stream(steps: int = STEPS) -> Floats:
    """Unit vectors, uniform."""
    rows = np.random.default_rng(0).normal(size=(steps, DIMENSION))
    return np.asarray(rows / np.linalg.norm(rows, axis=1)[:, None])


def updates_cost(rows: Floats) -> float:
    """Microseconds a step."""
    start = time.process_time()
    elliptical_stream(rows)
    return (time.process_time() - start) / len(rows) * 1e6


def rival_cost(rival: Rival, rows: Floats) -> float:
    """Microseconds a step over the second half of the rows."""
    steps, half = rival(rows, 1.0), len(rows) // 2
    for _ in range(half):
        next(steps)
    start = time.process_time()
    done = sum(1 for _ in steps)
    return (time.process_time() - start) / done * 1e6


def exact(rows: Floats, start: float, steps: list[int]) -> list[Pair]:
    """(bonus^2, log det after) at some steps, by balls of 300 bits."""
    flint.ctx.prec = 300
    d = rows.shape[1]
    found, done = [], 0
    sigma = flint.arb_mat(d, d, [start * (i == j) for i in range(d) for j in range(d)])
    for t in steps:
        part = flint.arb_mat(t - done, d, rows[done:t].ravel().tolist())
        sigma, done = sigma + part.transpose() * part, t
        x = flint.arb_mat(d, 1, rows[t].tolist())
        q = (x.transpose() * sigma.solve(x))[0, 0]
        found.append((float(q.mid()), float((sigma.det() * (1 + q)).log().mid())))
    return found


def worst(found: list[Pair], truth: list[Pair]) -> Pair:
    """The largest relative error of bonus^2, and of the log det."""
    off = np.abs(np.array(found) / np.array(truth) - 1).max(0)
    return float(off[0]), float(off[1])


def accuracy(rows: Floats, start: float, steps: list[int]) -> None:
    """Print errors of all at some steps."""
    truth, found = exact(rows, start, steps), elliptical_stream(rows, start, limit=1.0)
    grown = found.log_dets + DIMENSION * np.log(start)
    said = {"updates": worst([(found.squared[t], grown[t]) for t in steps], truth)}
    for name in ("recomputed", "inverse"):
        every = dict(zip(range(len(rows)), RIVALS[name](rows, start), strict=False))
        said[name] = worst([every[t] for t in steps], truth)
    cells = ", ".join(f"{name} {a:.1e} {b:.1e}" for name, (a, b) in said.items())
    print(f"lambda = {start:g}, {len(rows):,d} vectors, drift {found.drift:.1e}, just factorised"
          f" {found.fresh:.1e}; errors of bonus^2 and log det: {cells}")  # fmt: skip


def main() -> None:
    """Print costs, ratios, drift and errors."""
    rows = stream()
    elliptical_stream(rows[:10])  # compiles
    costs: dict[str, list[float]] = {name: [] for name in ("updates", *RIVALS)}
    for _ in range(REPETITIONS):
        costs["updates"].append(updates_cost(rows))
        for name, rival in RIVALS.items():
            costs[name].append(rival_cost(rival, rows[: 2 * SAMPLE]))
    print(f"{STEPS:,d} vectors of dimension {DIMENSION}, factorised every {EVERY:,d}; rivals on"
          f" {SAMPLE:,d} steps; medians of {REPETITIONS}; numpy {np.__version__}")  # fmt: skip
    for name, found in costs.items():
        ratios = [a / b for a, b in zip(found, costs["updates"], strict=True)]
        print(f"{name:11} {statistics.median(found):8.2f} us a step,"
              f" {statistics.median(ratios):6.1f} times the updates")  # fmt: skip
    for steps in (10_000, 30_000, STEPS):
        found = elliptical_stream(rows[:steps])
        print(f"drift after {steps:7,d}: {found.drift:.1e}")
    accuracy(rows[:20_000], 1.0, [1, 10, 49, 50, 51, 100, 1_000, 5_000, 12_345, 19_999])
    accuracy(rows[:20_000], 1e-8, [1, 10, 49, 50, 51, 100, 1_000, 5_000, 12_345, 19_999])


if __name__ == "__main__":
    main()
