"""Values and occupancies over a finite horizon, steps 0 to H-1.

    V_h = payoff_pi,h + P_pi,h V_{h+1},  V_H = 0;     d^0 = start,  d^{h+1} = d^h P_pi,h

Nothing is discounted or normalised: V_0 is the expected total of H steps, each d^h sums to one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.theory.tabular import next_value
from theorylab.worlds.finite_horizon import FiniteHorizonMDP, NonstationaryPolicy


def finite_horizon_action_values(M: FiniteHorizonMDP, pi: NonstationaryPolicy) -> list[Array]:
    """Q_0, ..., Q_{H-1}, each of shape (S, A)."""
    V, tables = 0 * M.start, []
    for h in reversed(range(M.H)):
        Q = M.payoff[..., h, :, :] + next_value(M.P[..., h, :, :, :], V)
        V = (pi.probabilities[..., h, :, :] * Q).sum(-1)
        tables.append(Q)
    return tables[::-1]


def finite_horizon_values(M: FiniteHorizonMDP, pi: NonstationaryPolicy) -> list[Array]:
    """V_0, ..., V_H, each of shape (S,), with V_H = 0."""
    tables = finite_horizon_action_values(M, pi)
    values = [(pi.probabilities[..., h, :, :] * Q).sum(-1) for h, Q in enumerate(tables)]
    return [*values, 0 * M.start]


def finite_horizon_performance(M: FiniteHorizonMDP, pi: NonstationaryPolicy) -> Any:
    """J = E_{s ~ start} V_0(s), the expected total payoff of an episode."""
    return (M.start * finite_horizon_values(M, pi)[0]).sum(-1)


def finite_horizon_occupancies(M: FiniteHorizonMDP, pi: NonstationaryPolicy) -> list[Array]:
    """D^0, ..., D^{H-1}, each of shape (S, A) and summing to one."""
    d, tables = M.start, []
    for h in range(M.H):
        D = d[..., None] * pi.probabilities[..., h, :, :]
        tables.append(D)
        d = (D[..., None] * M.P[..., h, :, :, :]).sum((-3, -2))
    return tables


def finite_horizon_optimal_values(M: FiniteHorizonMDP) -> list[Array]:
    """V*_0, ..., V*_H by backward induction, each of shape (S,)."""
    from theorylab.arithmetic import inf, sup

    best = inf if M.sense == "cost" else sup
    values = [0 * M.start]
    for h in reversed(range(M.H)):
        Q = M.payoff[..., h, :, :] + next_value(M.P[..., h, :, :, :], values[0])
        values.insert(0, np.asarray(best(Q, -1)))
    return values
