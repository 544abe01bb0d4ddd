"""Hedge on 1,000 models and 100,000 rounds: the compiled loop against numpy, as ratios in one run.

The rival is what a user would write: numpy round by round, with one exponential for each expert.
Both are fed the same chunks of fresh losses, whose drawing is not timed. Medians of CPU seconds
over alternating repetitions, so that other load on the machine harms all alike. Wanted: 15 times
faster, total losses equal to 1e-12, cost of a round and memory flat in T (at one rate, that of the
longest run; the anytime rates of the first thousand rounds need an exponential each).

Run: OMP_NUM_THREADS=1 python -m benchmarks.hedge
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np

from theorylab.algorithms.hedge import rate_for
from theorylab.algorithms.hedge_table import play
from theorylab.algorithms.spaces import Floats

MODELS, ROUNDS, CHUNK = 1_000, (10_000, 30_000, 100_000), 100
REPETITIONS = 5


class Stream:
    """Rounds of uniform losses in chunks; `seconds` is the time it took to draw them."""

    def __init__(self, rounds: int, seed: int = 0):
        self.rounds, self.seed, self.seconds = rounds, seed, 0.0

    def __iter__(self) -> Iterator[Floats]:
        rng, chunk = np.random.default_rng(self.seed), np.empty((CHUNK, MODELS))
        for _ in range(self.rounds // CHUNK):
            start = time.process_time()
            rng.random(out=chunk)
            self.seconds += time.process_time() - start
            yield chunk


def numpy_rounds(chunks: Stream, rate: float) -> float:
    """Hedge's total loss, round by round."""
    totals, paid = np.zeros(MODELS), 0.0
    for chunk in chunks:
        for row in chunk:
            weights = np.exp(-rate * (totals - totals.min()))
            paid += float(weights @ row) / float(weights.sum())
            totals += row
    return paid


def compiled(chunks: Stream, rate: float) -> float:
    """The same by `hedge_table.play`."""
    return play(chunks, rate=rate).paid


def anytime(chunks: Stream, rate: float) -> float:
    """The compiled loop at the anytime rates."""
    return play(chunks).paid


Learner = Callable[[Stream, float], float]


def microseconds(learner: Learner, rounds: int) -> tuple[float, float]:
    """(CPU microseconds for each round, total loss)."""
    chunks, rate = Stream(rounds), rate_for(MODELS, ROUNDS[-1])
    start = time.process_time()
    paid = learner(chunks, rate)
    return (time.process_time() - start - chunks.seconds) / rounds * 1e6, paid


def peak(learner: Learner, rounds: int) -> float:
    """The largest memory held beside the chunk, in kilobytes."""
    tracemalloc.start()
    learner(Stream(rounds), rate_for(MODELS, ROUNDS[-1]))
    bytes_held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (bytes_held - 8 * CHUNK * MODELS) / 1_000


def main() -> None:
    """Print the table."""
    learners = {"numpy": numpy_rounds, "compiled": compiled, "anytime": anytime}
    for learner in (compiled, anytime):
        learner(Stream(CHUNK), rate_for(MODELS, ROUNDS[-1]))  # compiles
    print(f"Hedge, {MODELS} models, CPU microseconds for each round, medians of {REPETITIONS}")
    print(
        "   rounds     numpy  compiled   ratio   anytime   |difference| of total losses, relative"
    )
    for rounds in ROUNDS:
        found: dict[str, list[float]] = {name: [] for name in learners}
        for _ in range(REPETITIONS):
            paid = {}
            for name, learner in learners.items():
                spent, paid[name] = microseconds(learner, rounds)
                found[name].append(spent)
        middle = {name: statistics.median(times) for name, times in found.items()}
        apart = abs(paid["compiled"] / paid["numpy"] - 1)
        ratio = middle["numpy"] / middle["compiled"]
        print(
            f"{rounds:9,d} {middle['numpy']:9.2f} {middle['compiled']:9.3f} {ratio:7.1f}"
            f" {middle['anytime']:9.3f}   {apart:.1e}"
        )
    kilobytes = [f"{peak(compiled, rounds):.0f} ({rounds:,d})" for rounds in ROUNDS]
    print("memory beside the chunk, kB (rounds): " + ", ".join(kilobytes))


if __name__ == "__main__":
    main()
