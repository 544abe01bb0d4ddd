"""What a learner keeps of its data, the loss it makes of it, and the fit of a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import minimize

from theorylab.algorithms.riccati import Gains
from theorylab.errors import Diverged

from .lds_losses import (
    Moments,
    SquaredLoss,
    Transitions,
    ValueLoss,
    combined,
    joined,
    moments,
    outer_values,
    scaled,
    squared_loss,
    value_sums,
)
from .lds_world import HORIZON, Setting
from .shared import Floats

Loss = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True, eq=False)
class Memory:
    """What a fit may use of the rounds so far.

    SysID: data. LAMPS-MM: seen, the fourth moments of all data, and values, the sum of all W_h
    (pairing "all"); or own, the sum of each round's loss ("own") or the last round's ("last").
    """

    algorithm: str
    rounds: int = 0
    data: Transitions | None = None
    seen: Moments | None = None
    values: Floats | None = None
    own: ValueLoss | None = None


def empty_memory(algorithm: str) -> Memory:
    """Nothing seen yet."""
    return Memory(algorithm)


def remember(memory: Memory, setting: Setting, data: Transitions, learner: Gains) -> Memory:
    """Add a round: its data and the value function x'P_h x of its learner in its model."""
    fresh = setting.pairing == "last" or not memory.rounds
    kept = replace(memory, rounds=1 if setting.pairing == "last" else memory.rounds + 1)
    if memory.algorithm == "SysID":
        return replace(kept, data=data if fresh else joined(memory.data, data))
    met = learner.P[1:] if setting.value_at == "h+1" else learner.P[:-1]
    values, seen = outer_values(setting.value_factor * met), moments(data, HORIZON)
    if setting.pairing == "all":
        if not fresh:
            values, seen = memory.values + values, memory.seen + seen
        return replace(kept, seen=seen, values=values)
    own = scaled(value_sums(values, seen), 1 / seen.count)
    return replace(kept, own=own if fresh else combined(memory.own, own))


def mean_loss(memory: Memory, setting: Setting) -> ValueLoss | SquaredLoss:
    """The mean over all that is kept, without the regulariser."""
    if memory.algorithm == "SysID":
        return squared_loss(memory.data)
    if setting.pairing == "all":
        return scaled(value_sums(memory.values, memory.seen), 1 / memory.seen.count / memory.rounds)
    return scaled(memory.own, 1 / memory.rounds)


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model (5, 6), the evaluations of the loss, and whether the tolerance was met."""

    theta: Floats
    evaluations: int
    converged: bool


def fitted(memory: Memory, setting: Setting, initial: Floats, last: Floats) -> Fit:
    """The model that the optimiser finds for loss + regulariser. Raises: Diverged if not finite."""
    weight = setting.regulariser_sysid if memory.algorithm == "SysID" else setting.regulariser_lamps
    if setting.total == "sum":
        weight /= memory.rounds  # sum + R is minimal where mean + R / rounds is
    centre = initial if setting.centre == "initial" else np.zeros_like(initial)
    loss = regularised(mean_loss(memory, setting), weight, centre)
    first = initial if setting.fit_from == "initial" else last
    return minimise(loss, first, setting)


def regularised(loss: Loss, weight: float, centre: Floats) -> Loss:
    """loss + weight |theta - centre|_F^2."""

    def total(theta: Floats) -> tuple[float, Floats]:
        value, slope = loss(theta)
        away = theta - centre
        return value + weight * float(np.sum(away**2)), slope + 2 * weight * away

    return total


def minimise(loss: Loss, first: Floats, setting: Setting) -> Fit:
    """A minimum by scipy's optimiser, which stops where no slope exceeds the tolerance.

    The tolerance is absolute, or relative to the greatest slope at the first model: then the loss
    is divided by that, so that its unit does not matter.
    """
    unit = float(np.abs(loss(first)[1]).max()) if setting.stop == "relative" else 1.0
    if unit == 0:
        return Fit(first, 1, True)

    def flat(parameters: Floats) -> Any:
        value, slope = loss(parameters.reshape(first.shape))
        return value / unit, slope.ravel() / unit

    analytic = setting.gradient == "analytic"
    function = flat if analytic else lambda parameters: flat(parameters)[0]
    with np.errstate(over="ignore", invalid="ignore"):
        found = minimize(
            function,
            first.ravel(),
            jac=analytic,
            method=setting.optimiser,
            options={"gtol": setting.tolerance},
        )
    if not (np.isfinite(found.x).all() and np.isfinite(found.fun)):
        raise Diverged("lds: the fit left the finite numbers. Add a regulariser.")
    return Fit(found.x.reshape(first.shape), int(found.nfev), bool(found.success))
