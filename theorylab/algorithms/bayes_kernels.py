r"""Compiled dynamic programs for the guessing game: one layer of states for each round played.

What an arm has shown is its pair (successes s, failures f). A posterior depends on the multiset of
the pairs, and not on a shift of all pairs by (1, -1), which multiplies all likelihoods alike. So a
state of round k is a sorted list of C pairs whose entries sum to k and whose smallest s is 0; its
place in the layer is its rank among those lists in lexicographic order, from a table of counts.
For C = 2 the state is the difference of the two pairs, and its place a closed form.

Values are expected regrets to go under the normalised posterior, in units of x.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
compiled: Any = njit(cache=True, nogil=True)


@compiled
def two_arms(n: int, eps: float, later: Floats, now: Floats, found: Floats) -> None:
    """Fill found[r] with the regret of r rounds, for r = n, n - 2, ...; tables (n + 2, n + 2).

    State (d, e): differences of successes, d >= 0, and of failures; e = 2 j - (k - d).
    """
    up, down = np.log1p(2 * eps), np.log1p(-2 * eps)
    later[:] = 0.0
    found[0] = 0.0
    for k in range(n - 1, -1, -1):
        for d in range(k + 1):
            for j in range(k - d + 1):
                p = 1.0 / (1.0 + np.exp(-(d * up + (2 * j - (k - d)) * down)))
                other = later[d - 1, j + 1] if d else later[1, k - j]
                q, r = 0.5 + eps * p, 0.5 + eps * (1.0 - p)
                first = eps * (1.0 - p) + q * later[d + 1, j] + (1.0 - q) * later[d, j + 1]
                second = eps * p + r * other + (1.0 - r) * later[d, j]
                now[d, j] = min(first, second)
        later, now = now, later
        if k % 2 == 0:
            found[n - k] = later[0, k // 2]


@compiled
def place(s: int, f: int, n: int) -> int:
    """The number of the pair (s, f), s + f <= n, in lexicographic order; (s, n - s + 1) is
    (s + 1, 0)."""
    return s * (n + 1) - s * (s - 1) // 2 + f


@compiled
def count_lists(C: int, n: int) -> Integers:
    """counts[c, q, k]: sorted lists of c pairs from the q-th on whose entries sum to k.

    Shape (C + 1, number of pairs + 1, n + 1).
    """
    pairs = place(n, 0, n) + 1
    counts = np.zeros((C + 1, pairs + 1, n + 1), dtype=np.int64)
    counts[0, :, 0] = 1
    for c in range(1, C + 1):
        for s in range(n, -1, -1):
            for f in range(n - s, -1, -1):
                q = place(s, f, n)
                for k in range(n + 1):
                    own = counts[c - 1, q, k - s - f] if k >= s + f else 0
                    counts[c, q, k] = counts[c, q + 1, k] + own
    return counts


@compiled
def rank(s: Integers, f: Integers, k: int, n: int, counts: Integers) -> int:
    """The place of a sorted list among those that sum to k."""
    C, q, total = len(s), 0, 0
    for i in range(C):
        here = place(s[i], f[i], n)
        total += counts[C - i, q, k] - counts[C - i, here, k]
        q, k = here, k - s[i] - f[i]
    return total


@compiled
def fill(s: Integers, f: Integers, first: int, k: int, n: int, counts: Integers) -> bool:
    """Complete a list from its entry `first`, given there as a lower bound, to the smallest one
    that sums to k; False where there is none. Entries before `first` stay."""
    C, rest = len(s), k
    for i in range(first):
        rest -= s[i] + f[i]
    for i in range(first, C):
        a, b = s[i], f[i]
        while a <= rest:
            if a + b <= rest and counts[C - 1 - i, place(a, b, n), rest - a - b]:
                break
            b += 1
            if a + b > rest:
                a, b = a + 1, 0
        if a > rest:
            return False
        s[i], f[i], rest = a, b, rest - a - b
        if i + 1 < C:
            s[i + 1], f[i + 1] = a, b
    return True


@compiled
def advance(s: Integers, f: Integers, k: int, n: int, counts: Integers) -> bool:
    """The next list that sums to k, in place; False after the last."""
    for i in range(len(s) - 1, -1, -1):
        f[i] += 1
        if fill(s, f, i, k, n, counts):
            return True
    return False


@compiled
def after(s: Integers, f: Integers, arm: int, success: bool, t: Integers, g: Integers) -> None:
    """Write into (t, g) the list after one more outcome of an arm, sorted, its smallest s 0."""
    C = len(s)
    a, b = (s[arm] + 1, f[arm]) if success else (s[arm], f[arm] + 1)
    i = 0
    for c in range(C):
        if c == arm:
            continue
        t[i], g[i] = s[c], f[c]
        i += 1
    while i and (t[i - 1] > a or (t[i - 1] == a and g[i - 1] > b)):
        t[i], g[i] = t[i - 1], g[i - 1]
        i -= 1
    t[i], g[i] = a, b
    if t[0]:
        for c in range(C):
            t[c], g[c] = t[c] - 1, g[c] + 1


@compiled
def many_arms(
    C: int, n: int, eps: float, counts: Integers, later: Floats, now: Floats, found: Floats
) -> None:
    """Fill found[r] with the regret of r rounds, for r = n, n - C, ...; a row for each state."""
    s, f, t, g = np.zeros((4, C), np.int64)
    weight, powers = np.zeros(C), np.arange(n + 1)
    up, down = (1.0 + 2.0 * eps) ** powers, (1.0 - 2.0 * eps) ** powers
    later[:] = 0.0
    found[0] = 0.0
    for k in range(n - 1, -1, -1):
        s[:] = 0
        f[:] = 0
        fill(s, f, 0, k, n, counts)
        state, more = 0, True
        while more and s[0] == 0:
            for c in range(C):
                weight[c] = up[s[c]] * down[f[c]]
            total = weight.sum()
            best = np.inf
            for c in range(C):
                if c and s[c] == s[c - 1] and f[c] == f[c - 1]:
                    continue
                p = weight[c] / total
                q = 0.5 + eps * p
                after(s, f, c, True, t, g)
                good = later[rank(t, g, k + 1, n, counts)]
                after(s, f, c, False, t, g)
                bad = later[rank(t, g, k + 1, n, counts)]
                best = min(best, eps * (1.0 - p) + q * good + (1.0 - q) * bad)
            now[state] = best
            state += 1
            more = advance(s, f, k, n, counts)
        later, now = now, later
        if k % C == 0:
            s[:] = 0
            f[:] = k // C
            found[n - k] = later[rank(s, f, k, n, counts)]
