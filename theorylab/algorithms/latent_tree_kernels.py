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


@compiled
def _hash(belief, state):  # type: ignore[no-untyped-def]
    """A hash of a state and the rounded entries of a belief."""
    h = np.uint64(state) + np.uint64(1)
    for m in range(belief.shape[0]):
        h = (h ^ np.uint64(np.int64(belief[m] * GRID + 0.5))) * np.uint64(0x9E3779B97F4A7C15)
        h ^= h >> np.uint64(29)
    return h


@compiled
def _same(one, other):  # type: ignore[no-untyped-def]
    """Whether two beliefs are equal after rounding."""
    for m in range(one.shape[0]):
        if np.int64(one[m] * GRID + 0.5) != np.int64(other[m] * GRID + 0.5):
            return False
    return True


@compiled
def _slot(table, states, weights, belief, state):  # type: ignore[no-untyped-def]
    """The place in the hash table of that node, or the empty place where it belongs."""
    mask = np.uint64(table.shape[0] - 1)
    place = _hash(belief, state) & mask
    while table[place] >= 0:
        node = table[place]
        if states[node] == state and _same(weights[node], belief):
            break
        place = (place + np.uint64(1)) & mask
    return place


@compiled
def filled(table, states, weights, count):  # type: ignore[no-untyped-def]
    """Enter the first `count` nodes, all different, into an empty hash table (a power of two)."""
    table[:] = -1
    for node in range(count):
        table[_slot(table, states, weights, weights[node], states[node])] = node


@compiled
def grown(  # type: ignore[no-untyped-def]
    node, here, beliefs, moves, targets, likelihood, S,
    table, states, weights, count, first, codes, children, factors, edges,
):  # fmt: skip
    """Expand nodes from `node` on while the tables have room; returns (node, count, edges).

    here (n,), beliefs (n, M) of this step; moves (S A + 1,) says where the codes of (s, a) start
    among targets (k,), likelihood (k, M); states, weights the nodes of the next step, `count` of
    them so far; first (n A + 1,), codes, children, factors the edges.
    """
    M, A = beliefs.shape[1], (moves.shape[0] - 1) // S
    belief = np.empty(M)
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
                state = targets[k] % S
                place = _slot(table, states, weights, belief, state)
                if table[place] < 0:
                    table[place] = count
                    states[count] = state
                    weights[count] = belief
                    count += 1
                codes[edges] = targets[k]
                children[edges] = table[place]
                factors[edges] = total
                edges += 1
            first[node * A + a + 1] = edges
        node += 1
    return node, count, edges


@compiled
def transitions_only(here, beliefs, moves, targets, likelihood, S, states, weights):  # type: ignore[no-untyped-def]
    """The yardstick of the benchmark: each edge's belief, normalised, is written down one after
    the other (round the tables), and nothing is merged. Returns the number of edges."""
    M, A = beliefs.shape[1], (moves.shape[0] - 1) // S
    edges, room = 0, states.shape[0]
    for node in range(here.shape[0]):
        start = here[node] * A
        for k in range(moves[start], moves[start + A]):
            total, place = 0.0, edges % room
            for m in range(M):
                weights[place, m] = beliefs[node, m] * likelihood[k, m]
                total += weights[place, m]
            if total < NOTHING:
                continue
            scale = 1.0 / total
            for m in range(M):
                weights[place, m] *= scale
            states[place] = targets[k] % S
            edges += 1
    return edges
