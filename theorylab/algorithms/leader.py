r"""Follow-the-Leader over finitely many experts: play the one with the least total loss.

    i_{t+1} = argmin_i L_{t,i},   L_t = loss_1 + ... + loss_t,   ties to the lowest index

Its regret is at most what the be-the-leader lemma leaves,

    sum_t loss_t(i_t) - min_i L_{T,i}  <=  sum_t [loss_t(i_t) - loss_t(i_{t+1})],

which vanishes in the rounds in which the leader stays. It can be linear in T on linear losses. A
loss may be infinite: that expert never leads again.
Source: Kalai & Vempala (2005); Shalev-Shwartz (2012), Lemma 2.1. Losses: any unit, per round.

>>> leading(updated(leader(2), [1, 0]))
1
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theorylab.algorithms.spaces import Floats, whole_number
from theorylab.errors import InvalidArgument, Undefined
from theorylab.worlds.checks import frozen


@dataclass(frozen=True, eq=False)
class Leader:
    """The state: total losses (N,), read-only."""

    totals: Floats


def leader(experts: int) -> Leader:
    """N experts before the first loss. Raises InvalidArgument for none."""
    return Leader(frozen(np.zeros(whole_number(experts, "leader: experts", 1))))


def updated(state: Leader, losses: ArrayLike) -> Leader:
    """The state after one round; losses (N,), above minus infinity.

    Raises: InvalidArgument naming the first loss that is NaN or minus infinity, or the shape.
    """
    table = np.asarray(losses, dtype=np.float64)
    if table.shape != state.totals.shape:
        raise InvalidArgument(
            f"leader: losses have shape {table.shape}, expected {state.totals.shape}."
            " Give one loss for each expert."
        )
    wrong = np.flatnonzero(~(table > -np.inf))
    if wrong.size:
        raise InvalidArgument(
            f"leader: losses[{wrong[0]}] is {table[wrong[0]]}, expected a number above -inf."
        )
    return Leader(frozen(state.totals + table))


def leading(state: Leader) -> int:
    """The expert of least total loss; ties to the lowest index.

    Raises: Undefined when every total is infinite.
    """
    best = int(np.argmin(state.totals))
    if np.isinf(state.totals[best]):
        raise Undefined(
            "leader: every expert has an infinite loss, so none leads."
            " Smooth the losses, or widen the class."
        )
    return best


def regret_bound(losses: ArrayLike) -> float:
    """The be-the-leader bound on the regret over a whole table of losses, shape (T, N).

    Raises: InvalidArgument for a table that is not (T, N) or not finite.
    """
    table = np.asarray(losses, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] == 0 or not np.isfinite(table).all():
        raise InvalidArgument(
            f"leader: losses of shape {table.shape}, expected a finite table (T, N)."
        )
    totals = np.cumsum(np.vstack([np.zeros(table.shape[1]), table]), 0)
    played, round_ = totals.argmin(-1), np.arange(len(table))
    return float((table[round_, played[:-1]] - table[round_, played[1:]]).sum())
