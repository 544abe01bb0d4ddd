r"""LAMPS, LAMPS-MM and SysID ready made: Algorithm 1 with the parts that the paper combines.

    lamps       maximum likelihood (Algorithm 2)       disadvantage under nu (Algorithms 3 and 5)
    lamps_mm    value moments (Algorithm 4)            disadvantage under nu
    sysid       maximum likelihood (Algorithm 2)       optimal planning

`models` is a finite class, or None for all tabular models; the first model is models[0], or uniform
transitions. Source: LAMPS, Sections 3.1, 5 and 6; Ross & Bagnell (2012).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from theorylab.algorithms.disadvantage import ComputePolicy
from theorylab.algorithms.fitting import (
    Counts,
    FitModel,
    FollowTheLeader,
    GradientFit,
    HedgeFit,
    hedge_start,
    with_rows,
)
from theorylab.algorithms.hedge import rate_for
from theorylab.algorithms.losses import (
    expected_moment_gradient,
    expected_moment_loss,
    log_loss,
    sampled_moment_gradient,
    sampled_moment_loss,
    signed_gradient,
    signed_loss,
    value_span,
)
from theorylab.algorithms.meta import Run, model_based
from theorylab.algorithms.planners import PolicyIteration
from theorylab.algorithms.search import NRPI
from theorylab.algorithms.spaces import (
    exploration,
    float_models,
    float_world,
    whole_number,
)
from theorylab.errors import InvalidArgument
from theorylab.worlds.mdp import MDP, Model, Policy

Form = Literal["expected", "sampled", "signed"]
LOSSES = {"expected": expected_moment_loss, "sampled": sampled_moment_loss, "signed": signed_loss}
GRADIENTS = {
    "expected": expected_moment_gradient,
    "sampled": sampled_moment_gradient,
    "signed": signed_gradient,
}


def lamps(
    world: MDP,
    nu: Any,
    models: Sequence[MDP] | None = None,
    *,
    rounds: int,
    samples: int | None = None,
    expert: Policy | None = None,
    smoothing: float = 0.0,
    search: ComputePolicy | None = None,
    seed: int = 0,
) -> Run:
    """LAMPS: maximum likelihood, and NRPI under nu (or the `search` given).

    smoothing: added to every count, over all tabular models only.
    """
    fit, first, known = _likelihood(world, models, smoothing)
    compute = NRPI(exploration(nu, float_world(world))) if search is None else search
    return model_based(
        world, nu, first=first, fit_model=fit, compute_policy=compute, rounds=rounds,
        samples=samples, expert=expert, candidates=known, seed=seed,
    )  # fmt: skip


def sysid(
    world: MDP,
    nu: Any,
    models: Sequence[MDP] | None = None,
    *,
    rounds: int,
    samples: int | None = None,
    expert: Policy | None = None,
    smoothing: float = 0.0,
    planner: ComputePolicy | None = None,
    seed: int = 0,
) -> Run:
    """SysID: maximum likelihood, and policy iteration in the model (or the `planner` given)."""
    compute = PolicyIteration(exploration(nu, float_world(world))) if planner is None else planner
    return lamps(
        world, nu, models, rounds=rounds, samples=samples, expert=expert, smoothing=smoothing,
        search=compute, seed=seed,
    )  # fmt: skip


def lamps_mm(
    world: MDP,
    nu: Any,
    models: Sequence[MDP] | None = None,
    *,
    rounds: int,
    form: Form = "expected",
    samples: int | None = None,
    expert: Policy | None = None,
    play: Literal["draw", "mixture"] = "draw",
    search: ComputePolicy | None = None,
    seed: int = 0,
) -> Run:
    """LAMPS-MM: value moments, and NRPI under nu (or the `search` given).

    form: (9) with both expectations inside, (9) as printed, or the signed loss (15) of Algorithm 6.
    Over a finite class Hedge at the rate for T rounds, whose `play` is a model drawn from the
    weights or their mixture; over all tabular models FTRL with |M - M_1|^2 / 2.
    """
    fit, first, known = _moments(world, models, form, rounds, play)
    compute = NRPI(exploration(nu, float_world(world))) if search is None else search
    return model_based(
        world, nu, first=first, fit_model=fit, compute_policy=compute, rounds=rounds,
        samples=samples, expert=expert, candidates=known, seed=seed,
    )  # fmt: skip


Parts = tuple[FitModel, MDP, tuple[Model, ...] | None]


def _likelihood(world: MDP, models: Sequence[MDP] | None, smoothing: float) -> Parts:
    world = float_world(world)
    if models is None:
        return Counts(smoothing), uniform_model(world), None
    known = float_models(models, world)
    return FollowTheLeader(known, log_loss), known[0], known


def _moments(
    world: MDP,
    models: Sequence[MDP] | None,
    form: Form,
    rounds: int,
    play: Literal["draw", "mixture"],
) -> Parts:
    world = float_world(world)
    if form not in LOSSES:
        raise InvalidArgument(f"form is {form!r}, expected one of {', '.join(LOSSES)}.")
    low, high = loss_range(world, form)
    if models is None:
        return GradientFit(GRADIENTS[form], gradient_bound(world, form)), uniform_model(world), None
    known = float_models(models, world)
    T = whole_number(rounds, "rounds", 0)
    rate = rate_for(len(known), max(T, 1), loss_range=(low, high))
    start = hedge_start(known, rate=rate, low=low, high=high)
    return HedgeFit(known, LOSSES[form], start, play), known[0], known


def loss_range(world: MDP, form: Form) -> tuple[float, float]:
    """(low, high) of one round's loss of any model, per episode; room for rounding on both sides.

    The moment losses lie in [0, span], the signed one in [-2 span, 2 span], span as `value_span`.
    """
    span = value_span(world) + 1e-9 * (
        1 + float(np.abs(world.payoff).max()) / (1 - float(world.gamma))
    )
    return (-2 * span, 2 * span) if form == "signed" else (0.0, span)


def gradient_bound(world: MDP, form: Form) -> float:
    """A bound on the l2 norm of a loss's (sub)gradient: span sqrt(S) / 2, twice it if signed."""
    high = loss_range(world, form)[1]
    return high * math.sqrt(world.S) / 2


def uniform_model(world: MDP) -> Model:
    """Every successor equally likely, on the spaces of the world."""
    return with_rows(world, np.full(world.P.shape, 1 / world.S))
