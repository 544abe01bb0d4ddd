"""Weaker signatures: what a claim's "for any ..." assumes, dropped one by one.

"For any MDP" says that rows sum to one and that costs lie in [0, 1]; "for any model" that it shares
costs, discount and start with the MDP; a `Number(0, 1)` has two ends. "For any latent MDP" says
that weights and rows sum to 1, that no reward is negative and that no trajectory pays more than 1.
Each is a hypothesis of the claim, as the ones named by `assume` are, and may turn out to be idle.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from theorylab.givens import (
    Number,
    Parameter,
    Several,
    StateActionDistribution,
    StateActionFunction,
    StateDistribution,
    StateFunction,
)
from theorylab.points import Source
from theorylab.worlds.finite_horizon import FiniteHorizonMDP, NonstationaryPolicy
from theorylab.worlds.latent_mdp import (
    DeterministicHistoryPolicy,
    HistoryPolicy,
    LatentMDP,
    LatentModel,
)
from theorylab.worlds.latent_variable import LatentVariableEstimate, LatentVariableModel
from theorylab.worlds.mdp import MDP, DeterministicPolicy, Model, Policy, unchecked

Change = Callable[[Any, Source], Any]


def weaker(parameter: Parameter) -> Iterator[tuple[str, Parameter]]:
    """Each hypothesis that a parameter's type states, with the parameter that drops it."""
    says, inside = parameter.says, ""
    if isinstance(says, Several):
        says, inside = says.kind, "each "
    elif typing.get_origin(says) is tuple:
        says, inside = typing.get_args(says)[0], "each "
    for words, change in _changes(says):
        dropped = _each(change) if inside else change
        yield f"{inside}{parameter.name}: {words}", replace(parameter, change=dropped)


def _each(change: Change) -> Change:
    return lambda values, source: tuple(change(value, source) for value in values)


def _changes(says: Any) -> Iterator[tuple[str, Change]]:
    """The hypotheses of a type in words, and what a drawn object becomes without them."""
    if isinstance(says, Number):
        yield f"at least {says.low}", lambda x, source: x - _unbounded(source)
        if says.high is not None:
            yield f"at most {says.high}", lambda x, source: x + _unbounded(source)
    elif says in (StateDistribution, StateActionDistribution):
        yield "sums to 1", lambda table, source: table * source.fraction(1)[0]
    elif says in (StateFunction, StateActionFunction):
        yield "values in [-1, 1]", lambda table, source: table * (1 + _unbounded(source))
    elif not isinstance(says, type):
        return  # an Integer is a size, not a hypothesis
    elif issubclass(says, Model):
        yield from _of_a_model()
    elif issubclass(says, LatentVariableEstimate):
        yield from _of_an_estimate()
    elif issubclass(says, LatentVariableModel):
        yield from _of_a_latent_variable_model()
    elif issubclass(says, LatentModel):
        yield from _of_a_latent_model()
    elif issubclass(says, LatentMDP):
        yield from _of_a_latent_world()
    elif issubclass(says, MDP | FiniteHorizonMDP):
        yield from _of_a_world(f"{says.sense}s")
    elif issubclass(says, Policy | NonstationaryPolicy | HistoryPolicy):
        yield "rows sum to 1", _thinner("probabilities")
        if issubclass(says, DeterministicPolicy):
            yield "deterministic", _stochastic(Policy)
        elif issubclass(says, DeterministicHistoryPolicy):
            yield "deterministic", _stochastic(HistoryPolicy)


def _of_a_world(paid: str) -> Iterator[tuple[str, Change]]:
    yield f"{paid} at least 0", _with("payoff", lambda t, source: t - source.fraction(*t.shape))
    yield f"{paid} at most 1", _with("payoff", lambda t, source: t * (1 + _unbounded(source)))
    yield "rows of P sum to 1", _thinner("P")
    yield "start sums to 1", _with("start", lambda t, source: t * source.fraction(1)[0])


def _of_a_model() -> Iterator[tuple[str, Change]]:
    yield "rows of P sum to 1", _thinner("P")
    yield "the payoff of the MDP", _with("payoff", lambda t, source: source.fraction(*t.shape))
    yield "the discount of the MDP", _with("gamma", lambda gamma, source: source.discount())
    yield "the start of the MDP", _with("start", lambda t, source: source.simplex(*t.shape))


def _of_a_latent_world() -> Iterator[tuple[str, Change]]:
    yield "rewards at least 0", _with("palette", lambda t, source: t - source.fraction(*t.shape))
    yield "total at most 1", _with("palette", lambda t, source: t * (1 + _unbounded(source)))
    yield "rows of P sum to 1", _thinner("P")
    yield "rows of nu sum to 1", _thinner("nu")
    yield "weights sum to 1", _with("w", lambda t, source: t * source.fraction(1)[0])


def _of_a_latent_model() -> Iterator[tuple[str, Change]]:
    yield "rows of P sum to 1", _thinner("P")
    yield (
        "the palette of the latent MDP",
        _with("palette", lambda t, source: source.fraction(*t.shape)),
    )
    yield "the weights of the latent MDP", _with("w", lambda t, source: source.simplex(*t.shape))
    yield "the start of the latent MDP", _with("nu", lambda t, source: source.simplex(*t.shape))


def _of_a_latent_variable_model() -> Iterator[tuple[str, Change]]:
    yield "rewards at least 0", _with("payoff", lambda t, source: t - source.fraction(*t.shape))
    yield "rewards at most 1", _with("payoff", lambda t, source: t * (1 + _unbounded(source)))
    yield "rows of the latents sum to 1", _thinner("latents")
    yield "rows of the emissions sum to 1", _thinner("emissions")
    yield "start sums to 1", _with("start", lambda t, source: t * source.fraction(1)[0])


def _of_an_estimate() -> Iterator[tuple[str, Change]]:
    yield "rows of the latents sum to 1", _thinner("latents")
    yield "rows of the emissions sum to 1", _thinner("emissions")
    yield "the reward of the model", _with("payoff", lambda t, source: source.fraction(*t.shape))
    yield "the discount of the model", _with("gamma", lambda gamma, source: source.discount())
    yield "the start of the model", _with("start", lambda t, source: source.simplex(*t.shape))


def _unbounded(source: Source) -> Any:
    """A number from 0 up."""
    u = source.discount()
    return u / (1 - u)


def _with(field: str, change: Change) -> Change:
    """The object with one field changed, unchecked: it is outside its domain on purpose."""

    def changed(value: Any, source: Source) -> Any:
        fields = {**vars(value), field: change(getattr(value, field), source)}
        return unchecked(type(value), **fields)

    return changed


def _thinner(field: str) -> Change:
    """Rows that sum to at most 1: mass may be lost."""
    return _with(field, lambda table, source: table * source.fraction(*table.shape[:-1])[..., None])


def _stochastic(kind: type) -> Change:
    """A policy of the kind, as wide as the deterministic one."""

    def changed(pi: Any, source: Source) -> Any:
        return unchecked(kind, probabilities=source.simplex(*np.shape(pi.probabilities)))

    return changed
