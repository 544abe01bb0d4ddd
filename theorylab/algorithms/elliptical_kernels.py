r"""The compiled rank-one update of Sigma = L D L', and its plain twin.

Sigma + x x' is factorised in place by method C1 of Gill, Golub, Murray and Saunders (1974): with
p = L^{-1} x met entry by entry, a_1 = 1 and j = 1, ..., d,

    d_j' = d_j + a_j p_j^2,    a_{j+1} = a_j d_j / d_j',    l_ij' = l_ij + (a_j p_j / d_j') x_i,

x_i -= p_j l_ij before. It also gives x' Sigma^{-1} x = sum_j p_j^2 / d_j on the way. L is kept as
rows of L' (upper, unit diagonal not read), so that the inner loop runs along memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from theorylab.arithmetic import Array

compiled: Any = njit(cache=True, nogil=True)


@compiled
def add_all(vectors: Array, upper: Array, diagonal: Array, squared: Array) -> int:
    """Add x x' for each row x of vectors (T, d), in order; the number of rows that went well.

    upper (d, d) and diagonal (d,) are the factors, in the vectors' dtype, changed in place; squared
    (T,) gets x' Sigma^{-1} x before x is added. It stops at a row that overflows.
    """
    d = len(diagonal)
    one = np.ones(1, dtype=vectors.dtype)[0]
    x = np.empty(d, dtype=vectors.dtype)
    for t in range(len(vectors)):
        x[:] = vectors[t]
        weight, q = one, one - one
        for j in range(d):
            p, before, row = x[j], diagonal[j], upper[j]
            after = before + weight * p * p
            step = weight * p / after
            q += p * p / before
            weight *= before / after
            diagonal[j] = after
            for i in range(j + 1, d):
                x[i] -= p * row[i]
                row[i] += step * x[i]
        if not (np.isfinite(q) and weight > 0):
            return t
        squared[t] = q
    return len(vectors)


@compiled
def add_products(vectors: Array, total: Array) -> None:
    """Add the upper triangle of sum x x' over the rows of vectors (T, d) to total (d, d), in
    float64; four rows at a time, in a fixed order: the same bits for any number of threads."""
    T, d = vectors.shape
    for t in range(0, T - 3, 4):
        a, b, c, e = vectors[t], vectors[t + 1], vectors[t + 2], vectors[t + 3]
        for j in range(d):
            row = total[j]
            w, x, y, z = np.float64(a[j]), np.float64(b[j]), np.float64(c[j]), np.float64(e[j])
            for i in range(j, d):
                row[i] += (w * a[i] + x * b[i]) + (y * c[i] + z * e[i])
    for t in range(T - T % 4, T):
        for j in range(d):
            w = np.float64(vectors[t, j])
            for i in range(j, d):
                total[j, i] += w * vectors[t, i]


def plain_add(x: Array, upper: Array, diagonal: Array) -> float:
    """The twin for one vector (d,): changes the factors in place, gives x' Sigma^{-1} x."""
    rest, weight, q = np.array(x), 1.0, 0.0
    for j, p in enumerate(rest):
        before = diagonal[j]
        q += p * p / before
        diagonal[j] = before + weight * p * p
        step = weight * p / diagonal[j]
        weight *= before / diagonal[j]
        rest[j + 1 :] -= p * upper[j, j + 1 :]
        upper[j, j + 1 :] += step * rest[j + 1 :]
    return float(q)
