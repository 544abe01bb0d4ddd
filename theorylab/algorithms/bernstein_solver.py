r"""Solver-L-Bernstein: the best policy in the best model of a Bernstein confidence set.

    |P - P_hat|(s' | s, a) <= 2 sqrt(P_hat(s' | s, a) iota / N) + 5 iota / N     for all m, s, a, s'

(LMDP, Algorithm 2 and (2).) N = 0 leaves the row free. Two solvers:

- `bernstein_solver`: extended value iteration. A row is chosen for each history and context, not
  one for each (m, s, a): an upper bound of the maximum, so still optimistic, and each row lies in
  the set, which is all that Lemmas 16 and 23 ask. Its plans say so.
- `bernstein_search.best_model`: one model for the episode, by branch and bound on the set with
  extended value iteration as its bound, to a certified gap; for small instances.

Extended value iteration is f_m(s, a, v) = R_m(s, a) + max over the row's set of p v: monotone and
convex, so `latent_fronts` applies. As printed, values are not truncated; they may exceed 1, as a
model of the set may pay a reward twice. `cap=True` truncates at 1 (the true values stay below).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.algorithms.latent_estimates import Estimates
from theorylab.algorithms.latent_fronts import MEMORY_LIMIT, best_plan
from theorylab.algorithms.latent_plans import Floats, Integers, Plan
from theorylab.worlds.mdp import unchecked

UPPER = "rows chosen for each history: an upper bound over the Bernstein set"


@dataclass(frozen=True, eq=False)
class Box:
    """The confidence set: the rows p with low <= p <= high, sum 1; each (M, S, A, S)."""

    low: Floats
    high: Floats


def bernstein_box(known: Estimates, scale: float = 1.0) -> Box:
    """The set (2), cut to [0, 1]; `scale` multiplies iota (1: as printed)."""
    rate = (scale * known.iota / np.maximum(known.N, 1))[..., None]
    width = 2 * np.sqrt(known.P_hat * rate) + 5 * rate
    width = np.where(known.N[..., None] > 0, width, 1.0)
    return Box(np.maximum(known.P_hat - width, 0), np.minimum(known.P_hat + width, 1))


def largest_row(low: Floats, high: Floats, vector: Floats) -> Floats:
    """The row of the box with sum 1 that maximises p v: shapes (..., S), vector (n, ..., S).

    It starts at low and raises the entries of the largest v first.
    """
    order = np.argsort(-vector, axis=-1, kind="stable")
    room = np.take_along_axis(np.broadcast_to(high - low, vector.shape), order, -1)
    left = 1 - low.sum(-1)[..., None] - (np.cumsum(room, -1) - room)
    raised = np.clip(left, 0, room)
    found = np.empty(vector.shape)
    np.put_along_axis(found, order, raised, -1)
    return np.asarray(low + found)


@dataclass(frozen=True, eq=False)
class BoxBackup:
    """R_m(s, a) + max of p v over the row's box, cut at 1 if `cap`."""

    rewards: Floats
    box: Box
    cap: bool = False

    @property
    def convex(self) -> bool:
        """A maximum of linear functions is convex, unless it is cut."""
        return not self.cap

    def values(self, m: Integers, s: Any, a: Any, later: Floats) -> Floats:
        """Shape (n, members, S) to (n, members)."""
        rows = largest_row(self.box.low[m, s, a], self.box.high[m, s, a], later)
        found = self.rewards[m, s, a] + (rows * later).sum(-1)
        return np.minimum(found, 1) if self.cap else found

    def reaches(self, m: Integers, s: int, a: int) -> Any:
        """Next states that some member may go to in some model."""
        return (self.box.high[m, s, a] > 0).any(0)


def bernstein_solver(
    *,
    scale: float = 1.0,
    cap: bool = False,
    resolution: float = 0.0,
    memory: int = MEMORY_LIMIT,
) -> Callable[[Estimates], Plan]:
    """Algorithm 2 by extended value iteration; its plans hold the optimistic vectors and value."""

    def solve(known: Estimates) -> Plan:
        backup = BoxBackup(known.frame.rewards, bernstein_box(known, scale), cap)
        plan = best_plan(known.frame, backup, resolution=resolution, memory=memory)
        return unchecked(Plan, **{**vars(plan), "note": f"{UPPER}; {plan.note}"})

    return solve
