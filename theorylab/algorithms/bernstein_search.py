r"""The best model of a Bernstein set and its best policy, by branch and bound, to a certified gap.

    max over P in the box of rows  max over policies  V_P^pi             (LMDP, Algorithm 2, line 2)

One row per (m, s, a) for the whole episode. V is a polynomial in a row that is used twice, so its
maximum may lie inside the row's polytope: enumerating vertices would not be exact. Upper bounds of
a box: extended value iteration (a row for each history). Lower bounds: plan in the mean of the rows
that it chose. Where they differ, the entry whose chosen values differ most is cut in the middle.
The search ends when no open box can beat the best model found by more than `tolerance`: lower and
upper are then a certificate up to rounding. For small instances: the work grows fast with the rows.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from theorylab.algorithms.bernstein_solver import Box, BoxBackup, bernstein_box, largest_row
from theorylab.algorithms.latent_estimates import Estimates, LinearBackup
from theorylab.algorithms.latent_fronts import Frame, best_plan
from theorylab.algorithms.latent_plans import Floats, Plan, next_vectors
from theorylab.errors import InvalidArgument
from theorylab.worlds.mdp import unchecked


@dataclass(frozen=True, eq=False)
class BestModel:
    """The model P (M, S, A, S) found, its best plan, lower <= maximum <= upper, boxes opened."""

    P: Floats
    plan: Plan
    lower: float
    upper: float
    boxes: int


@dataclass(frozen=True, eq=False)
class _Bounded:
    """A box with its bounds, the model and plan of the lower one and where to cut it."""

    box: Box
    upper: float
    lower: float
    P: Floats
    plan: Plan
    cut: tuple[int, ...]


def tightened(box: Box) -> Box | None:
    """The smallest box with the same rows of sum 1; None if a row has none."""
    low = np.maximum(box.low, 1 - (box.high.sum(-1, keepdims=True) - box.high))
    high = np.minimum(box.high, 1 - (box.low.sum(-1, keepdims=True) - box.low))
    if (low > high + 1e-15).any():
        return None
    return Box(low, np.maximum(low, high))


def best_model(frame: Frame, box: Box, *, tolerance: float, limit: int = 2000) -> BestModel:
    """The best model of a box of rows and its best policy, to a gap of at most the tolerance.

    Raises: InvalidArgument for an empty box, or where so many boxes did not close the gap.
    """
    whole = tightened(box)
    if whole is None:
        raise InvalidArgument("box has a row without a distribution in it, expected low <= high")
    best = first = _bounded(frame, whole)
    heap, count = [(-first.upper, 0, first)], 1
    while -heap[0][0] > best.lower + tolerance:
        if count >= limit:
            raise InvalidArgument(
                f"limit is {limit} boxes, after which the gap is {-heap[0][0] - best.lower:.3g},"
                f" above the tolerance {tolerance}. Raise one of them, or use bernstein_solver."
            )
        parent = heapq.heappop(heap)[2]
        for half in _halves(parent):
            found = _bounded(frame, half)
            best = found if found.lower > best.lower else best
            heapq.heappush(heap, (-found.upper, count, found))
            count += 1
    return BestModel(best.P, best.plan, best.lower, max(-heap[0][0], best.lower), count)


def _bounded(frame: Frame, box: Box) -> _Bounded:
    plan = best_plan(frame, BoxBackup(frame.rewards, box))
    rows = _chosen_rows(frame, box, plan)
    weight = _visits(frame, plan, rows)
    P, spread = _mean_rows(frame, box, plan, rows, weight)
    own = best_plan(frame, LinearBackup(frame.rewards, P))
    cut = tuple(int(k) for k in np.unravel_index(int(np.argmax(spread)), spread.shape))
    return _Bounded(box, plan.value, own.value, P, own, cut)


def _chosen_rows(frame: Frame, box: Box, plan: Plan) -> Floats:
    """The row that extended value iteration uses at each node and context, (N, M, S)."""
    low, high = (it[:, plan.state, plan.action].swapaxes(0, 1) for it in (box.low, box.high))
    return largest_row(low, high, next_vectors(plan, frame.labels, plan.alpha))


def _visits(frame: Frame, plan: Plan, rows: Floats) -> Floats:
    """The probability of each node and context under the chosen rows, (N, M)."""
    M = frame.sizes[0]
    reach = np.zeros((plan.nodes + 1, M))
    np.add.at(reach, plan.start, (frame.w[:, None] * frame.nu).T)
    contexts = np.arange(M)
    for node in range(plan.nodes):
        label = frame.labels[:, plan.state[node], plan.action[node]]
        follow = plan.following[node, label]
        np.add.at(reach, (follow, contexts[:, None]), reach[node, :, None] * rows[node])
    return reach[:-1]


def _mean_rows(
    frame: Frame, box: Box, plan: Plan, rows: Floats, weight: Floats
) -> tuple[Floats, Floats]:
    """The mean row of each (m, s, a), and how far the chosen entries are apart, (M, S, A, S)."""
    P = largest_row(box.low, box.high, np.zeros(box.low.shape))
    spread = box.high - box.low
    spread = spread * 1e-9  # where all chosen rows agree any cut is as good
    for m in range(frame.sizes[0]):
        for s, a in {(int(s), int(a)) for s, a in zip(plan.state, plan.action, strict=True)}:
            at = np.flatnonzero((plan.state == s) & (plan.action == a) & (plan.step < frame.H))
            mass = weight[at, m]
            if mass.sum() > 0:
                used = rows[at[mass > 0], m]
                P[m, s, a] = mass[mass > 0] @ used / mass.sum()
                spread[m, s, a] += np.ptp(used, axis=0) * mass.sum()
    return P, spread


def _halves(it: _Bounded) -> list[Box]:
    """The two halves of a box at its cut; a half without rows is left out."""
    low, high = it.box.low.copy(), it.box.high.copy()
    middle = (low[it.cut] + high[it.cut]) / 2
    low[it.cut] = high[it.cut] = middle
    halves = (tightened(Box(it.box.low, high)), tightened(Box(low, it.box.high)))
    return [half for half in halves if half is not None]


def exact_bernstein_solver(
    *, scale: float = 1.0, tolerance: float = 1e-3, limit: int = 2000
) -> Callable[[Estimates], Plan]:
    """Algorithm 2 with one model per episode: optimistic up to the tolerance, as its plans say."""

    def solve(known: Estimates) -> Plan:
        box = bernstein_box(known, scale)
        found = best_model(known.frame, box, tolerance=tolerance, limit=limit)
        note = f"one model of the set, within {found.upper - found.lower:.3g} of the maximum"
        return unchecked(Plan, **{**vars(found.plan), "note": note})

    return solve
