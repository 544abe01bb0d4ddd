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
def _drafted(  # type: ignore[no-untyped-def]
    node, here, beliefs, moves, targets, following, likelihood,
    first, codes, factors, edges, drafts, keys, hashes, states,
):  # fmt: skip
    """Edges of the next nodes, as many as the drafts have room for: their codes and factors, and
    beliefs, rounded beliefs, hashes and states of their children; returns (node, edges drafted)."""
    M, A = beliefs.shape[1], (first.shape[0] - 1) // here.shape[0]
    n = 0
    while node < here.shape[0]:
        start = here[node] * A
        if n + moves[start + A] - moves[start] > hashes.shape[0]:
            break
        for a in range(A):
            for k in range(moves[start + a], moves[start + a + 1]):
                total = 0.0
                for m in range(M):
                    drafts[n, m] = beliefs[node, m] * likelihood[k, m]
                    total += drafts[n, m]
                if total < NOTHING:
                    continue
                scale = 1.0 / total
                for m in range(M):
                    drafts[n, m] *= scale
                    keys[n, m] = np.int64(drafts[n, m] * GRID + 0.5)
                hashes[n] = _hash(keys[n], following[k])
                states[n] = following[k]
                codes[edges + n] = targets[k]
                factors[edges + n] = total
                n += 1
            first[node * A + a + 1] = edges + n
        node += 1
    return node, n


@compiled
def _touched(table, states, weights, hashes, n, places):  # type: ignore[no-untyped-def]
    """Read what will be compared, before it is needed: reads that do not wait for each other reach
    the memory together, where one after the other each would wait for it."""
    mask, total = np.uint64(table.shape[0] - 1), 0.0
    for j in range(n):
        places[j] = max(np.int64(table[hashes[j] & mask] & LOW) - 1, 0)
    for j in range(n):
        total += weights[places[j], 0] + states[places[j]]
    return total


@compiled
def grown(  # type: ignore[no-untyped-def]
    node, here, beliefs, moves, targets, following, likelihood,
    table, states, weights, count, first, codes, children, factors, edges, block,
):  # fmt: skip
    """Expand nodes from `node` on while the tables have room for a block of edges.

    here (n,), beliefs (n, M) of this step; moves (S A + 1,) says where the codes of (s, a) start
    among targets (k,), their next states following (k,) and likelihood (k, M); states, weights are
    the nodes of the next step, `count` of them so far; first (n A + 1,), codes, children, factors
    the edges. Returns (node, count, edges, a number of no meaning: it keeps `_touched` compiled).
    """
    M, total = beliefs.shape[1], 0.0
    drafts, keys = np.empty((block, M)), np.empty((block, M), np.int64)
    hashes, places = np.empty(block, np.uint64), np.empty(block, np.int64)
    reached = np.empty(block, np.int32)
    while (
        node < here.shape[0]
        and count + block <= states.shape[0]
        and edges + block <= codes.shape[0]
    ):
        node, n = _drafted(
            node, here, beliefs, moves, targets, following, likelihood,
            first, codes, factors, edges, drafts, keys, hashes, reached,
        )  # fmt: skip
        total += _touched(table, states, weights, hashes, n, places)
        for j in range(n):
            child, place = _find(table, states, weights, keys[j], reached[j], hashes[j])
            if child < 0:
                child = count
                table[place] = (hashes[j] & ~LOW) | np.uint64(count + 1)
                states[count] = reached[j]
                for m in range(M):
                    weights[count, m] = drafts[j, m]
                count += 1
            children[edges + j] = child
        edges += n
    return node, count, edges, total


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
