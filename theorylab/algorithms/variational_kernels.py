r"""Compiled variational EM: rows q tied by groups of transitions, over the transitions seen.

A transition seen is (pair, next state, count > 0), with the number of its group; p is log p(z | s,
a), shape (pairs, Z), and e is log p(s' | z) transposed to (S, Z): logs, so that a group of many
unlikely transitions does not underflow. `run` alone takes the tables themselves.
`theorylab.theory.variational` is the plain twin.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from theorylab.algorithms.latent_variable_kernels import normalise

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
compiled: Any = njit(cache=True, nogil=True)
BETTER = 1e-12
"""A transition changes its group for a gain above this."""


@compiled
def best_rows(
    pairs: Integers, following: Integers, counts: Floats, groups: Integers,
    p: Floats, e: Floats, rows: Floats,
) -> float:  # fmt: skip
    """Write the best row of each group, (groups, Z), and return the ELBO.

    -inf where each z is excluded by a transition of the group, whose row is then 0; a group without
    transitions has a uniform row.
    """
    Z, mass, total = p.shape[1], np.zeros(len(rows)), 0.0
    rows[:] = 0.0
    for k in range(len(counts)):
        mass[groups[k]] += counts[k]
        for z in range(Z):
            rows[groups[k], z] += counts[k] * (p[pairs[k], z] + e[following[k], z])
    for g in range(len(rows)):
        if mass[g] == 0.0:
            rows[g] = 1.0 / Z
            continue
        top = rows[g].max() / mass[g]
        if top == -np.inf:
            rows[g] = 0.0
            total = -np.inf
            continue
        rows[g] = np.exp(rows[g] / mass[g] - top)
        size = rows[g].sum()
        rows[g] /= size
        total += mass[g] * (top + np.log(size))
    return total


@compiled
def bound_at(pair: int, t: int, p: Floats, e: Floats, row: Floats) -> float:
    """The ELBO of one transition with one row; -inf for a row of zeros, or excluded mass."""
    found, mass = 0.0, 0.0
    for z in range(len(row)):
        if row[z] > 0.0:
            mass += row[z]
            found += row[z] * (p[pair, z] + e[t, z] - np.log(row[z]))
    return found if mass > 0.0 else -np.inf


@compiled
def regroup(
    pairs: Integers, following: Integers, groups: Integers, p: Floats, e: Floats, rows: Floats
) -> None:
    """Move each transition to the group whose row gives it the largest ELBO, in place."""
    for k in range(len(groups)):
        best = bound_at(pairs[k], following[k], p, e, rows[groups[k]])
        for g in range(len(rows)):
            found = bound_at(pairs[k], following[k], p, e, rows[g])
            if found > best + BETTER:
                best = found
                groups[k] = g


@compiled
def run(
    pairs: Integers, following: Integers, counts: Floats, groups: Integers, moving: bool,
    p: Floats, e: Floats, rows: Floats, trace: Floats, tolerance: float,
) -> int:  # fmt: skip
    """Steps in place until one gains at most tolerance (1 + |ELBO|), or len(trace) - 1 of them.

    trace takes the ELBO before each step and after the last one; returns how many were made.
    p and e are the tables, not their logs. `moving` says that transitions may change their group.
    """
    q, f, most = np.zeros_like(p), np.zeros_like(e), len(trace) - 1
    for made in range(most + 1):
        log_p, log_e = np.log(p), np.log(e)
        found = best_rows(pairs, following, counts, groups, log_p, log_e, rows)
        if moving:
            regroup(pairs, following, groups, log_p, log_e, rows)
            found = best_rows(pairs, following, counts, groups, log_p, log_e, rows)
        trace[made] = found
        if made == most or (made and found - trace[made - 1] <= tolerance * (1.0 + abs(found))):
            return made
        q[:], f[:] = 0.0, 0.0
        for k in range(len(counts)):
            for z in range(p.shape[1]):
                weight = counts[k] * rows[groups[k], z]
                q[pairs[k], z] += weight
                f[following[k], z] += weight
        normalise(q, f, p, e)
    return most
