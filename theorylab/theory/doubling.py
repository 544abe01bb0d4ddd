"""Counts of LMDP's Algorithm 1: estimates are renewed as a pair's visits reach 1, 2, 4, 8, ...

n counts the visits of a pair (m, s, a), N is n at the last power of two, and is fixed while an
episode runs. X has the steps of an episode after the first one whose visit reaches a power of two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import ModelError


@dataclass(frozen=True)
class DoublingRun:
    """What Algorithm 1 counts along a run of episodes.

    `kept` are the visits outside X in their order, each as its pair and N when its episode began
    (0 before the pair's first update); `updates` is the number of episodes with an update, `calls`
    that of episodes after which the solver runs if TRIGGERED is never set back.
    """

    kept: tuple[tuple[int, int], ...]
    updates: int
    calls: int


def doubling_run(episodes: Sequence[Sequence[int]], pairs: int) -> DoublingRun:
    """The counts along episodes, each a sequence of pairs 0, ..., pairs - 1.

    Raises ModelError for a pair outside this range.

    >>> doubling_run([(0, 0), (0,)], 1)
    DoublingRun(kept=((0, 0), (0, 2)), updates=1, calls=2)
    """
    n, N = [0] * pairs, [0] * pairs
    kept: list[tuple[int, int]] = []
    updated = []
    for k, episode in enumerate(episodes):
        start, triggered = tuple(N), False
        for t, pair in enumerate(episode):
            if not 0 <= pair < pairs:
                raise ModelError(f"episodes[{k}][{t}] is {pair}, expected a pair in 0..{pairs - 1}")
            if not triggered:
                kept.append((pair, start[pair]))
            n[pair] += 1
            if n[pair] & (n[pair] - 1) == 0:
                N[pair], triggered = n[pair], True
        updated.append(triggered)
    calls = sum(any(updated[: k + 1]) for k in range(len(updated)))
    return DoublingRun(tuple(kept), sum(updated), calls)


def visits_by_power(run: DoublingRun, pairs: int, powers: int) -> Array:
    """Visits outside X by pair and by i with max(N, 1) = 2^i: integers, shape (pairs, powers)."""
    found = np.zeros((pairs, powers), dtype=int)
    for pair, N in run.kept:
        found[pair, max(N, 1).bit_length() - 1] += 1
    return found.astype(object)
