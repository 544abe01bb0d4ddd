r"""Is a vector best at some belief? The dominance program of many small sizes, compiled, in floats.

Rival j falls short of the vector by G[i, j] in context i. The largest gap that a belief can show is

    max_{b in simplex} min_j sum_i b_i G[i, j]  =  min_{x in simplex} max_i sum_j G[i, j] x_j,

a matrix game: positive if and only if the vector is strictly best somewhere; else the mixture x of
the rivals is at least the vector in every context. With 2 added to entries in [-1, 1] it is the
program max sum_j y_j, (G + 2) y <= 1, y >= 0 of n rows, feasible at 0: no first phase.

Floats guess only: `verdict` is +1 or -1 where the belief or the mixture that was found proves it
beyond the rounding errors, and 0 otherwise, whatever went wrong; then `exact_simplex` decides.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Signs = NDArray[np.int8]
compiled: Any = njit(cache=True, nogil=True)

STRICT = 2.220446049250313e-16
"""A unit of rounding: twice the relative error of one operation."""


@compiled
def _entering(costs: Floats, width: int, first: bool) -> int:
    """The column of the least reduced cost, or the first that is negative (Bland); -1 for none."""
    best, chosen = -1e-12, -1
    for j in range(width):
        if costs[j] < best:
            best, chosen = costs[j], j
            if first:
                break
    return chosen


@compiled
def _leaving(T: Floats, basis: Any, q: int, n: int) -> int:
    """The row of the least ratio, ties to the smallest variable (Bland); -1 for none."""
    last, least, chosen = T.shape[1] - 1, np.inf, -1
    for i in range(n):
        if T[i, q] > 1e-12:
            quotient = T[i, last] / T[i, q]
            tied = quotient == least and basis[i] < basis[chosen]
            if quotient < least or tied:
                least, chosen = quotient, i
    return chosen


@compiled
def _pivot(T: Floats, p: int, q: int) -> None:
    """Make column q a unit vector with its 1 in row p."""
    T[p] /= T[p, q]
    for i in range(T.shape[0]):
        if i != p:
            factor = T[i, q]
            for j in range(T.shape[1]):
                T[i, j] -= factor * T[p, j]


@compiled
def _optimise(T: Floats, basis: Any, n: int, k: int) -> bool:
    """Pivot until no reduced cost is negative; False when that takes suspiciously long."""
    for step in range(20 * (n + k) + 20):
        q = _entering(T[n], n + k, step > 4 * n + 8)
        if q < 0:
            return True
        p = _leaving(T, basis, q, n)
        if p < 0:
            return False
        _pivot(T, p, q)
        basis[p] = q
    return False


@compiled
def solve_game(G: Floats, basis: Any, belief: Floats, mixture: Floats) -> bool:
    """Fill the best basis (n,), belief (n,) and mixture (k,) of G (n, k), entries in [-1, 1].

    Basis entries below k are rivals, k + i is the slack of context i. Belief and mixture are
    nonnegative and not scaled to one. False where no optimum was found.
    """
    n, k = G.shape
    T = np.zeros((n + 1, n + k + 1))
    for i in range(n):
        for j in range(k):
            T[i, j] = G[i, j] + 2
        T[i, k + i] = 1
        T[i, n + k] = 1
        basis[i] = k + i
    T[n, :k] = -1
    found = _optimise(T, basis, n, k)
    mixture[:] = 0
    for i in range(n):
        belief[i] = max(T[n, k + i], 0.0)
        if basis[i] < k:
            mixture[basis[i]] = max(T[i, n + k], 0.0)
    return found


@compiled
def verdict(G: Floats, basis: Any, belief: Floats, mixture: Floats) -> int:
    """+1: strictly best somewhere for certain; -1: certainly nowhere; 0: too near to say.

    Entries of G may be wrong by 3 roundings of numbers of at most 1, a sum of m products adds m.
    """
    n, k = G.shape
    if not solve_game(G, basis, belief, mixture):
        return 0
    margin = (n + k + 16) * STRICT
    gap = np.inf
    for j in range(k):
        total = 0.0
        for i in range(n):
            total += belief[i] * G[i, j]
        gap = min(gap, total)
    if gap > margin * belief.sum():
        return 1
    worst = -np.inf
    for i in range(n):
        total = 0.0
        for j in range(k):
            total += mixture[j] * G[i, j]
        worst = max(worst, total)
    return -1 if worst < -margin * mixture.sum() else 0


@compiled
def best_somewhere(V: Floats) -> Signs:
    """The verdict on each row of V (K, n), entries in [0, 1]; rows dropped are rivals no more.

    A row whose verdict is 0 stays a rival: +1 and -1 are right whatever it turns out to be.
    """
    K, n = V.shape
    signs, alive = np.zeros(K, np.int8), np.ones(K, np.bool_)
    basis, belief = np.empty(n, np.int64), np.empty(n)
    for v in range(K):
        k = 0
        G = np.empty((n, K))
        for u in range(K):
            if alive[u] and u != v:
                for i in range(n):
                    G[i, k] = V[v, i] - V[u, i]
                k += 1
        signs[v] = 1 if k == 0 else verdict(G[:, :k].copy(), basis, belief, np.empty(k))
        alive[v] = signs[v] >= 0
    return signs


@compiled
def best_together(U: Floats, V: Floats) -> Signs:
    """The verdict on each pair (u, v), shape (K, L): is a belief where both are strictly best?

    U (K, n) and V (L, n), entries in [0, 1]. That is where u + v is strictly best in the
    cross-sum: K + L - 2 rivals in place of K L - 1.
    """
    K, L, n = U.shape[0], V.shape[0], U.shape[1]
    signs, k = np.ones((K, L), np.int8), U.shape[0] + V.shape[0] - 2
    basis, belief, mixture = np.empty(n, np.int64), np.empty(n), np.empty(k)
    G = np.empty((n, k))
    for u in range(K):
        for i in range(n):
            for other in range(K - 1):
                G[i, other] = U[u, i] - U[other + (other >= u), i]
        for v in range(L):
            for i in range(n):
                for other in range(L - 1):
                    G[i, K - 1 + other] = V[v, i] - V[other + (other >= v), i]
            if k:
                signs[u, v] = verdict(G, basis, belief, mixture)
    return signs
