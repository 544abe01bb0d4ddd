"""The compiled loops of the belief tree: one step's nodes to the nodes and edges of the next.

They write into tables given and stop before one would overflow. What they compute is said in
`latent_tree`, which grows the tables and calls them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

compiled: Any = njit(cache=True, nogil=True)

GRID = 2.0**40
"""Beliefs are equal if their entries, rounded to multiples of 2^-40, are the same integers."""
NOTHING = 1e-300
"""A move of smaller probability counts as impossible: the reciprocal would overflow."""


MIX, LOW = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFFFFFFFF)
HALF, ONE, EMPTY = np.uint64(32), np.uint64(1), np.uint64(0)


@compiled
def _hash(key, state):  # type: ignore[no-untyped-def]
    """A hash of a state and the rounded entries of a belief."""
    h = np.uint64(state)
    for m in range(key.shape[0]):
        h = (h ^ np.uint64(key[m])) * MIX
    return h ^ (h >> HALF)


@compiled
def _find(table, states, weights, key, state, h):  # type: ignore[no-untyped-def]
    """The node of that state and rounded belief, or -1; and its place in the hash table, or the
    empty one where it belongs. An entry is the upper half of the hash and the node + 1."""
    mask = np.uint64(table.shape[0] - 1)
    place = h & mask
    while table[place] != EMPTY:
        if ((table[place] ^ h) >> HALF) == EMPTY:
            node = np.int64(table[place] & LOW) - 1
            same = states[node] == state
            for m in range(key.shape[0]):
                same &= np.int64(weights[node, m] * GRID + 0.5) == key[m]
            if same:
                return node, place
        place = (place + ONE) & mask
    return -1, place


@compiled
def filled(table, states, weights, count):  # type: ignore[no-untyped-def]
    """Enter the first `count` nodes, all different, into an empty hash table (a power of two)."""
    key = np.empty(weights.shape[1], np.int64)
    for node in range(count):
        for m in range(key.shape[0]):
            key[m] = np.int64(weights[node, m] * GRID + 0.5)
        h = _hash(key, states[node])
        _, place = _find(table, states, weights, key, states[node], h)
        table[place] = (h & ~LOW) | np.uint64(node + 1)


@compiled
def grown(  # type: ignore[no-untyped-def]
    node, here, beliefs, moves, targets, following, likelihood,
    table, states, weights, count, first, codes, children, factors, edges,
):  # fmt: skip
    """Expand nodes from `node` on while the tables have room; returns (node, count, edges).

    here (n,), beliefs (n, M) of this step; moves (S A + 1,) says where the codes of (s, a) start
    among targets (k,), their next states following (k,) and likelihood (k, M); states, weights are
    the nodes of the next step, `count` of them so far; first (n A + 1,), codes, children, factors
    the edges.
    """
    M, A = beliefs.shape[1], (first.shape[0] - 1) // here.shape[0]
    belief, key = np.empty(M), np.empty(M, np.int64)
    while node < here.shape[0]:
        start = here[node] * A
        most = moves[start + A] - moves[start]
        if count + most > states.shape[0] or edges + most > codes.shape[0]:
            break
        for a in range(A):
            for k in range(moves[start + a], moves[start + a + 1]):
                total = 0.0
                for m in range(M):
                    belief[m] = beliefs[node, m] * likelihood[k, m]
                    total += belief[m]
                if total < NOTHING:
                    continue
                scale = 1.0 / total
                for m in range(M):
                    belief[m] *= scale
                    key[m] = np.int64(belief[m] * GRID + 0.5)
                h = _hash(key, following[k])
                child, place = _find(table, states, weights, key, following[k], h)
                if child < 0:
                    child = count
                    table[place] = (h & ~LOW) | np.uint64(count + 1)
                    states[count] = following[k]
                    for m in range(M):
                        weights[count, m] = belief[m]
                    count += 1
                codes[edges] = targets[k]
                children[edges] = child
                factors[edges] = total
                edges += 1
            first[node * A + a + 1] = edges
        node += 1
    return node, count, edges


@compiled
def transitions_only(  # type: ignore[no-untyped-def]
    here, beliefs, moves, targets, following, likelihood, A, states, weights, codes, factors
):
    """The yardstick of the benchmark: the same edges with each child's normalised belief, written
    one after the other; nothing is looked up or merged. Returns the number of edges."""
    M, edges = beliefs.shape[1], 0
    for node in range(here.shape[0]):
        start = here[node] * A
        for k in range(moves[start], moves[start + A]):
            total = 0.0
            for m in range(M):
                weights[edges, m] = beliefs[node, m] * likelihood[k, m]
                total += weights[edges, m]
            if total < NOTHING:
                continue
            scale = 1.0 / total
            for m in range(M):
                weights[edges, m] *= scale
            states[edges] = following[k]
            codes[edges] = targets[k]
            factors[edges] = total
            edges += 1
    return edges
