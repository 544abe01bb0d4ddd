"""The episodes of Algorithm 1 between two updates, in machine code; integers are counted only."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def _draw(sums, u):  # type: ignore[no-untyped-def]
    """The first index whose running sum exceeds u."""
    k = 0
    while u >= sums[k]:
        k += 1
    return k


@njit(cache=True)
def play(  # type: ignore[no-untyped-def]
    rng, w, nu, P, labels, start, state, action, following, H, seen, known, before, moves, contexts
):
    """Play a plan until an update is triggered or the contexts are full; how many episodes.

    w, nu, P: running sums, their last entry infinite. seen, known (M, S, A, S): transitions so far
    and at the last update, changed in place. before (N, M): visits of node and context with (k, t)
    not in X, moves (N, M, S): with (k, t+1) not in X, by next state; added to; contexts (K,).
    """
    nodes, states, total = [0] * H, [0] * (H + 1), contexts.shape[0]
    for k in range(total):
        m = _draw(w, rng.random())
        contexts[k] = m
        s = _draw(nu[m], rng.random())
        node = start[s]
        for t in range(H):
            a = action[node]
            nodes[t], states[t] = node, s
            s = _draw(P[m, s, a], rng.random())
            node = following[node, labels[m, states[t], a], s]
        states[H] = s
        first = H
        for t in range(H):
            s, a = states[t], action[nodes[t]]
            seen[m, s, a, states[t + 1]] += 1
            n = seen[m, s, a].sum()
            if n & (n - 1) == 0:
                known[m, s, a] = seen[m, s, a]
                first = min(first, t)
        for t in range(H):
            if t <= first:
                before[nodes[t], m] += 1
            if t + 1 <= first or t + 1 == H:
                moves[nodes[t], m, states[t + 1]] += 1
        if first < H:
            return k + 1
    return total
