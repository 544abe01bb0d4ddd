r"""Compiled EM for latent-variable transitions, over the transitions that were seen.

A transition seen is (pair, next state, count); pairs are numbered s A + a. One step computes the
posteriors and the sums of Dempster, Laird and Rubin (1977) in one pass, so that no table of shape
(S, A, S, Z) is made. `theorylab.theory.elbo.em_step` is the plain twin.
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
def step(
    pairs: Integers, following: Integers, counts: Floats, p: Floats, e: Floats, q: Floats, f: Floats
) -> float:
    """Add the sums of one step to q (pairs, Z) and f (S, Z); the log-likelihood under p and e.

    p is p(z | s, a), shape (pairs, Z); e is p(s' | z), transposed to (S, Z). -inf where a
    transition seen has no probability; it adds nothing to the sums.
    """
    Z, total = p.shape[1], 0.0
    for k in range(len(counts)):
        pair, t, mass = pairs[k], following[k], 0.0
        for z in range(Z):
            mass += p[pair, z] * e[t, z]
        if mass <= 0.0:
            total = -np.inf
            continue
        total += counts[k] * np.log(mass)
        for z in range(Z):
            weight = counts[k] * p[pair, z] * e[t, z] / mass
            q[pair, z] += weight
            f[t, z] += weight
    return total


@compiled
def run(
    pairs: Integers,
    following: Integers,
    counts: Floats,
    p: Floats,
    e: Floats,
    most: int,
    tolerance: float,
) -> tuple[int, float]:
    """Steps in place until one gains at most tolerance (1 + |log-likelihood|), or `most` of them.

    Returns how many were made and the log-likelihood of the tables left.
    """
    q, f, before = np.zeros_like(p), np.zeros_like(e), -np.inf
    for k in range(most):
        q[:], f[:] = 0.0, 0.0
        found = step(pairs, following, counts, p, e, q, f)
        if k and found - before <= tolerance * (1.0 + abs(found)):
            return k, found
        before = found
        normalise(q, f, p, e)
    q[:], f[:] = 0.0, 0.0
    return most, step(pairs, following, counts, p, e, q, f)


@compiled
def normalise(q: Floats, f: Floats, p: Floats, e: Floats) -> None:
    """Rows of q over their sums into p, columns of f into e; what has no mass keeps its values."""
    for pair in range(len(p)):
        mass = q[pair].sum()
        if mass > 0.0:
            p[pair] = q[pair] / mass
    for z in range(e.shape[1]):
        mass = f[:, z].sum()
        if mass > 0.0:
            e[:, z] = f[:, z] / mass
