r"""Sets of vectors over n contexts without those that no belief needs: exact, and minimal.

A vector is kept if and only if it is strictly better than all others at some belief: the kept ones
have the same upper envelope as all, and no smaller set has. Of equal vectors the first is kept.
Vectors are tuples of n Python integers, on one common scale.

    n = 1   the largest             n = 2   sweeps along the hull (`planar_envelope`)
    n > 2   pointwise dominance on ranks, then the dominance program of each in floats
            (`dense_simplex`); what rounding could turn is settled exactly (`exact_simplex`)

A sum u + v is needed in a cross-sum of minimal sets if and only if some belief has both u and v
strictly best: the program of a pair has K + L - 2 rivals (Cassandra, Littman & Zhang 1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from theorylab.algorithms import planar_envelope
from theorylab.algorithms.dense_simplex import Floats, best_somewhere, best_together, compiled
from theorylab.algorithms.exact_simplex import Row, has_gap, settled
from theorylab.errors import InvalidArgument

MEMORY = 2**30
"""Bytes that one cross-sum or one pruning may take."""
NUMBER = 48
"""Bytes that an integer of a vector takes, with its place in a tuple; larger ones take more."""


def needed(vectors: Sequence[Row], memory: int = MEMORY) -> list[int]:
    """The indices of the vectors that are strictly best somewhere.

    For n = 2 in the order of the chain, else in their own. Raises InvalidArgument where it would
    take more memory than `memory` bytes.
    """
    if not vectors:
        raise InvalidArgument("vectors is empty, expected at least one vector.")
    n = len(vectors[0])
    if n == 1:
        return [max(range(len(vectors)), key=lambda i: (vectors[i][0], -i))]
    if n == 2:
        return planar_envelope.corners(vectors)
    _check_memory(f"{len(vectors)} vectors", 2 * 8 * n * len(vectors), memory)
    return _needed(vectors, _undominated(vectors))


def _needed(vectors: Sequence[Row], left: list[int]) -> list[int]:
    """Of the vectors left those that are strictly best somewhere among them."""
    floats = unit_floats([vectors[i] for i in left])
    signs = best_somewhere(floats)
    alive = [k for k in range(len(left)) if signs[k] >= 0]
    for k in np.flatnonzero(signs == 0).tolist():
        others = [j for j in alive if j != k]
        if others and not _above(vectors, left, floats, k, others):
            alive.remove(k)
    return [left[k] for k in alive]


def _above(
    vectors: Sequence[Row], left: list[int], floats: Floats, k: int, others: list[int]
) -> bool:
    """Whether vector k is strictly best somewhere beside the others, exactly."""
    G = (floats[k] - floats[others]).T.copy()
    return has_gap(G, lambda j: gaps_to(vectors[left[k]], vectors[left[others[j]]]))


def summed(one: Sequence[Row], two: Sequence[Row], memory: int = MEMORY) -> list[Row]:
    """The needed vectors of the cross-sum {u + v} of two minimal sets (chains, for n = 2).

    Raises InvalidArgument where the cross-sum would take more than `memory` bytes.
    """
    n, pairs = len(one[0]), len(one) * len(two)
    made = len(one) + len(two) if n == 2 else pairs
    what = f"a cross-sum of {len(one)} x {len(two)} = {pairs} vectors"
    _check_memory(what, made * (1 + n * NUMBER), memory)
    if min(len(one), len(two)) == 1:  # moved, all are as needed as before
        return [_sum(u, v) for u in one for v in two]
    if n == 2:
        return list(planar_envelope.merged(list(one), list(two)))
    return [_sum(one[i], two[j]) for i, j in _pairs(one, two)]


def _pairs(one: Sequence[Row], two: Sequence[Row]) -> list[tuple[int, int]]:
    """The pairs that are strictly best together at some belief."""
    floats = unit_floats([*one, *two], split=len(one))
    U, V = floats[: len(one)], floats[len(one) :]
    signs = best_together(U, V)
    found = []
    for i, j in np.argwhere(signs >= 0).tolist():
        if signs[i, j] > 0 or _together(one, two, U, V, i, j):
            found.append((i, j))
    return found


def _together(one: Sequence[Row], two: Sequence[Row], U: Floats, V: Floats, i: int, j: int) -> bool:
    """Whether a belief has vector i of one set and j of the other strictly best, exactly."""
    pairs = [(one[i], u) for k, u in enumerate(one) if k != i]
    pairs += [(two[j], v) for k, v in enumerate(two) if k != j]
    G = np.concatenate([U[i] - np.delete(U, i, 0), V[j] - np.delete(V, j, 0)]).T.copy()
    return has_gap(G, lambda k: gaps_to(*pairs[k]))


def summits(vectors: Sequence[Row]) -> list[Row]:
    """Of each vector of a minimal set the belief where it is most above all others.

    Beliefs are integers (n,), unnormalised. A vector that is alone has the uniform belief.
    """
    n = len(vectors[0])
    if len(vectors) == 1:
        return [(1,) * n]
    if n == 2:
        return list(planar_envelope.summits(list(vectors)))
    return [_summit(vectors, i) for i in range(len(vectors))]


def _summit(vectors: Sequence[Row], i: int) -> Row:
    rivals = [gaps_to(vectors[i], u) for j, u in enumerate(vectors) if j != i]
    return whole(settled(rivals).belief)


def whole(weights: Sequence[Any]) -> Row:
    """Exact rationals times their least common denominator."""
    scale = int(np.lcm.reduce(np.array([int(x.q) for x in weights], dtype=object)))
    return tuple(int(x.p) * (scale // int(x.q)) for x in weights)


def gaps_to(vector: Row, rival: Row) -> Row:
    """By how much the vector is above a rival in each context."""
    return tuple(x - y for x, y in zip(vector, rival, strict=True))


def _sum(u: Row, v: Row) -> Row:
    return tuple(x + y for x, y in zip(u, v, strict=True))


def unit_floats(vectors: Sequence[Row], split: int = 0) -> Floats:
    """The vectors (K, n) as floats in [0, 1], each context on its own scale; nearest ones.

    A positive scale of a context moves beliefs, not who is best somewhere. With `split` the first
    vectors are moved by themselves, on the scale of the wider set: only differences within a set
    count.
    """
    columns = []
    for column in zip(*vectors, strict=True):
        groups = [part for part in (column[:split], column[split:]) if part]
        width = max(max(part) - min(part) for part in groups) or 1
        columns.append([(x - min_) / width for part in groups for min_ in (min(part),)
                        for x in part])  # fmt: skip
    return np.array(columns, dtype=np.float64).T.copy()


def _undominated(vectors: Sequence[Row]) -> list[int]:
    """Indices of the vectors that no other matches in every context; the first of equals stays.

    Compared by ranks, so exactly.
    """
    ranks = np.empty((len(vectors), len(vectors[0])), dtype=np.int64)
    for i, column in enumerate(zip(*vectors, strict=True)):
        place = {x: rank for rank, x in enumerate(sorted(set(column)))}
        ranks[:, i] = [place[x] for x in column]
    return [int(i) for i in np.flatnonzero(_alive(ranks))]


@compiled
def _alive(ranks: Any) -> Any:
    K, n = ranks.shape
    alive = np.ones(K, np.bool_)
    for v in range(K):
        for u in range(K):
            if u == v or not alive[u]:
                continue
            below, same = True, True
            for i in range(n):
                below = below and ranks[v, i] <= ranks[u, i]
                same = same and ranks[v, i] == ranks[u, i]
            if below and not (same and v < u):
                alive[v] = False
                break
    return alive


def _check_memory(what: str, bytes_: int, memory: int) -> None:
    if bytes_ > memory:
        raise InvalidArgument(
            f"{what} would take about {bytes_ / 2**20:.1f} MiB, the limit `memory` is"
            f" {memory / 2**20:.1f} MiB. Raise it, or take a shorter horizon or fewer contexts."
        )
