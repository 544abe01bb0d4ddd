r"""Var*: the largest variance of the total reward X of a deterministic history-dependent policy.

(LMDP, Definition 1: for such a policy Var^pi is the variance of X.) For any number c

    Var(X) = min_c E[(X - c)^2],      so  Var* <= min_c U(c),   U(c) = max_pi E[(X - c)^2]

The right side is what policies that draw at random reach; it is found exactly, as U is the upper
envelope of parabolas, one for each policy. Deterministic ones need not reach it. They are found by
the pairs (E X, E X^2) that each node of the belief tree, with the reward paid so far, can give: of
equal first moments only the largest second one is kept, and what cannot beat the best policy met is
dropped: at a history of probability p a choice with moments x instead of the best for c leaves at
most U(c) - p (U_node(c) - x(c)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.algorithms.latent_planning_moments import (
    Moments,
    PaidTree,
    best_about,
    paid_tree,
    variance_of,
)
from theorylab.algorithms.latent_planning_pairs import best_by_pairs
from theorylab.algorithms.latent_tree import MEMORY, belief_tree
from theorylab.errors import ModelError
from theorylab.worlds import checks
from theorylab.worlds.latent_mdp import (
    DeterministicHistoryPolicy,
    LatentMDP,
    histories,
    largest_total,
)
from theorylab.worlds.mdp import unchecked

POINTS = 200_000
"""Pairs of moments that are kept at all nodes together unless told otherwise."""
CENTRES = 4
"""How many of the last c tried are used to drop pairs."""


@dataclass(frozen=True, eq=False)
class LargestVariance:
    """value: Var*; mixed: the largest variance of policies that draw at random, never smaller;
    chosen: for each first state (S,) the moments with the actions of an optimal policy, or None.
    """

    value: Any
    mixed: Any
    chosen: list[Moments | None]


def largest_variance(W: LatentMDP, memory: int = MEMORY, points: int = POINTS) -> LargestVariance:
    """Var*, exactly, with a policy that has it.

    Raises ModelError for floats, TooLargeTree if the tree does not fit the memory or more than so
    many pairs of moments remain.
    """
    search = _paid_tree(W, memory)
    mixed, centres, best = _minimised(search, largest_total(W))
    if variance_of(best) < mixed:
        best = best_by_pairs(search, centres[-CENTRES:], best, points)
    chosen: list[Moments | None] = [None] * W.S
    for code, moments in best.after:
        chosen[code] = moments
    return LargestVariance(variance_of(best), mixed, chosen)


def largest_mixed_variance(W: LatentMDP, memory: int = MEMORY) -> Any:
    """The largest variance of the total reward that policies reach which may draw at random.

    It is at least Var*, is found by a few sweeps of the tree, and has the errors of the above.
    """
    return _minimised(_paid_tree(W, memory), largest_total(W))[0]


def _paid_tree(W: LatentMDP, memory: int) -> PaidTree:
    if not checks.is_exact(W.P):
        raise ModelError("Var* needs exact tables, to tell equal moments: pass rationals ('1/3')")
    return paid_tree(belief_tree(W, memory))


def variance_policy(W: LatentMDP, found: LargestVariance) -> DeterministicHistoryPolicy:
    """The policy as a table over all histories of a small latent MDP; 0 where it is never."""
    counts = histories(W)
    actions, before = np.zeros(sum(counts), dtype=np.int64), np.cumsum([0, *counts])
    todo = [(0, s, chosen) for s, chosen in enumerate(found.chosen) if chosen is not None]
    while todo:
        t, h, here = todo.pop()
        actions[before[t] + h] = here.action
        grown = (h * W.A + here.action) * W.L * W.S
        todo += [(t + 1, grown + code, later) for code, later in here.after]
    unit = np.eye(W.A, dtype=int).astype(object) * W.w.sum()
    return unchecked(DeterministicHistoryPolicy, probabilities=unit[actions])


# ---- the envelope over c -------------------------------------------------------------------------


def _minimised(search: PaidTree, most: Any) -> tuple[Any, list[Any], Moments]:
    """min_c U(c), the c tried, and of the policies met the one with the largest variance.

    `low` and `high` are best left and right of the minimum. Where the higher of their two parabolas
    is lowest, U is no smaller; it is no larger only at its minimum.
    """
    centres = [0 * most, most]
    low, high = (best_about(search, c) for c in centres)
    met = [low, high]
    while True:
        c = _lowest(low, high)
        here = best_about(search, c)
        centres.append(c)
        met.append(here)
        height = here.about(c)
        if here.first == c or height <= max(low.about(c), high.about(c)):
            return height, centres, max(met, key=variance_of)
        low, high = (here, high) if here.first > c else (low, here)


def _lowest(low: Moments, high: Moments) -> Any:
    """Where the higher of the two parabolas is lowest: the bottom of one, or where they cross."""
    for one, other in ((low, high), (high, low)):
        if other.about(one.first) <= one.about(one.first):
            return one.first
    return (low.second - high.second) / (2 * (low.first - high.first))
