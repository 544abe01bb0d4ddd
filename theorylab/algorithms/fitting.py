r"""FitModel: Algorithms 2, 4 and 6 of LAMPS, over finite classes and over all tabular models.

    fit_model(state, data, rng) -> (state, model)        state None before the first round

Any such callable serves Algorithm 1. Over a finite class: `FollowTheLeader` (Algorithm 2 with the
log loss) and `HedgeFit`, for any loss of `losses`. Over all tabular models: `Counts` (Algorithm 2;
the leader of the log loss in closed form), `GradientFit` (Algorithm 4 by FTRL on subgradients;
Algorithm 6, whose losses are linear, by FTRL exactly). Data of earlier rounds live on as a sum of
losses, counts or gradients: nothing grows with T.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from theorylab.algorithms.ftrl import Ftrl, Regulariser, ftrl, point
from theorylab.algorithms.ftrl import updated as after_gradient
from theorylab.algorithms.hedge import Hedge, State, hedge, pick, weights
from theorylab.algorithms.hedge import updated as after_losses
from theorylab.algorithms.leader import Leader, leader, leading
from theorylab.algorithms.leader import updated as after_totals
from theorylab.algorithms.losses import ModelLoss, excluded, log_loss
from theorylab.algorithms.rounds import Round
from theorylab.algorithms.simplex import ProjectedGradient, projected_gradient, stepped
from theorylab.algorithms.spaces import Floats
from theorylab.errors import InvalidArgument
from theorylab.worlds.checks import frozen
from theorylab.worlds.mdp import MDP, Model, unchecked

FitModel = Callable[[Any, Round, np.random.Generator], tuple[Any, MDP]]


class InfiniteLoss(UserWarning):
    """A model gives probability 0 to a successor that was seen: its log loss stays infinite."""


@dataclass(frozen=True, eq=False)
class FollowTheLeader:
    """The model of least total loss, ties to the lowest index.

    A model whose loss becomes infinite is reported with `InfiniteLoss` and never leads again;
    Undefined when that befalls the whole class.
    """

    models: tuple[Model, ...]
    loss: ModelLoss = log_loss

    @cached_property
    def stack(self) -> Floats:
        """Transitions of the class, shape (K, S, A, S)."""
        return _stacked(self.models)

    def __call__(
        self, state: Leader | None, data: Round, rng: np.random.Generator
    ) -> tuple[Leader, MDP]:
        """The leader after this round's losses."""
        old = leader(len(self.stack)) if state is None else state
        losses = _class_losses(self.loss, self.stack, data)
        _report_infinite(self.stack, data, np.isinf(losses) & np.isfinite(old.totals))
        new = after_totals(old, losses)
        return new, self.models[leading(new)]


@dataclass(frozen=True, eq=False)
class HedgeFit:
    """Hedge over a finite class, from the given start; losses outside its range are an error.

    `play`: "draw" a model from the weights (Appendix B.1), or the "mixture" of the models' rows by
    weight, which leaves the class but whose loss, if convex, is at most the mean of theirs.
    """

    models: tuple[Model, ...]
    loss: ModelLoss
    start: State
    play: Literal["draw", "mixture"] = "draw"

    @cached_property
    def stack(self) -> Floats:
        """Transitions of the class, shape (K, S, A, S)."""
        return _stacked(self.models)

    def __call__(
        self, state: State | None, data: Round, rng: np.random.Generator
    ) -> tuple[State, MDP]:
        """The state after this round's losses, and the model for the next round."""
        old = self.start if state is None else state
        losses = _class_losses(self.loss, self.stack, data)
        _report_infinite(self.stack, data, np.isinf(losses) & np.isfinite(old.scores))
        new = after_losses(old, losses)
        if self.play == "draw":
            return new, self.models[int(pick(new, rng.random()))]
        mixed = (weights(new)[:, None, None, None] * self.stack).sum(0)
        return new, with_rows(data.model, mixed)


@dataclass(frozen=True, eq=False)
class Counts:
    """Maximum likelihood over all tabular models: M(s'|s,a) = n(s,a,s') / n(s,a).

    `smoothing` is added to every n(s,a,s'), in data (exact rounds: one datum each). Rows of pairs
    without data keep the first round's model.
    """

    smoothing: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.smoothing < np.inf:
            raise InvalidArgument(f"smoothing is {self.smoothing}, expected a finite number >= 0.")

    def __call__(
        self, state: tuple[Floats, Floats] | None, data: Round, rng: np.random.Generator
    ) -> tuple[tuple[Floats, Floats], MDP]:
        """(counts, rows before data), and the model after this round."""
        counts, before = (0 * data.joint, data.model.P) if state is None else state
        counts = frozen(counts + data.joint * max(data.samples, 1))
        smoothed = counts + self.smoothing
        mass = smoothed.sum(-1, keepdims=True)
        rows = np.divide(smoothed, mass, out=before.copy(), where=mass > 0)
        return (counts, before), with_rows(data.model, rows)


@dataclass(frozen=True, eq=False)
class GradientFit:
    """FTRL over all tabular models on (sub)gradients of a loss at the model that was played.

    `largest` bounds a gradient's dual norm (see `ftrl`); R is least at the first round's model.
    """

    gradient: Callable[[Floats, Round], Floats]
    largest: float
    regulariser: Regulariser = "l2"
    rate: float | None = None

    def __call__(
        self, state: Ftrl | None, data: Round, rng: np.random.Generator
    ) -> tuple[Ftrl, MDP]:
        """The state after this round, and its point as a model."""
        if state is None:
            state = ftrl(
                data.model.P, largest=self.largest, regulariser=self.regulariser, rate=self.rate
            )
        new = after_gradient(state, self.gradient(data.model.P, data))
        return new, with_rows(data.model, point(new))


@dataclass(frozen=True, eq=False)
class ProjectedFit:
    """Online projected gradient over all tabular models, from the first round's model; the rates
    follow from the gradients, so no bound has to be declared."""

    gradient: Callable[[Floats, Round], Floats]

    def __call__(
        self, state: ProjectedGradient | None, data: Round, rng: np.random.Generator
    ) -> tuple[ProjectedGradient, MDP]:
        """The state after this round, and its point as a model."""
        old = projected_gradient(data.model.P) if state is None else state
        new = stepped(old, self.gradient(data.model.P, data))
        return new, with_rows(data.model, new.point)


@dataclass(frozen=True, eq=False)
class OnAllData:
    """A FitModel on the data of all rounds so far, in place of the round's own: the mean of their
    laws, with this round's values. (The text adds each round's data to a dataset.)"""

    fit: FitModel

    def __call__(
        self, state: Any, data: Round, rng: np.random.Generator
    ) -> tuple[tuple[Any, Floats, Floats, int], MDP]:
        """(the fit's state, sums of both shares, rounds), and the fit's model."""
        inner, learned, explored, rounds = (None, 0.0, 0.0, 0) if state is None else state
        learned, explored = learned + data.learned, explored + data.explored
        n = rounds + 1
        together = replace(
            data, learned=learned / n, explored=explored / n, samples=data.samples * n
        )
        inner, model = self.fit(inner, together, rng)
        return (inner, learned, explored, n), model


def hedge_start(models: tuple[Model, ...], *, rate: float, high: float, low: float = 0.0) -> Hedge:
    """Equal weights on a class for losses in [low, high]; a range without width gets width 1."""
    return hedge(len(models), rate=rate, loss_range=(low, high if high > low else low + 1))


def with_rows(model: MDP, P: Floats) -> Model:
    """The model with other transitions (S, A, S), known to be rows of distributions."""
    return unchecked(Model, **{**vars(model), "P": frozen(np.asarray(P))})


def _stacked(models: tuple[Model, ...]) -> Floats:
    """Transitions of a class, shape (K, S, A, S); InvalidArgument for an empty or uneven one."""
    if not models:
        raise InvalidArgument("models is empty, expected at least one model.")
    for k, M in enumerate(models):
        if M.P.shape != models[0].P.shape:
            raise InvalidArgument(
                f"models[{k}].P has shape {M.P.shape}, expected {models[0].P.shape} as models[0]."
            )
    return np.stack([M.P for M in models])


def _class_losses(loss: ModelLoss, stack: Floats, data: Round) -> Floats:
    if stack.shape[1:] != data.joint.shape:
        raise InvalidArgument(
            f"models have transitions of shape {stack.shape[1:]}, expected the data's"
            f" {data.joint.shape}. A model lives on the states and actions of the world."
        )
    return loss(stack, data)


def _report_infinite(stack: Floats, data: Round, newly: NDArray[np.bool_]) -> None:
    for k in np.flatnonzero(newly):
        place = excluded(stack[k], data)
        warnings.warn(
            f"models[{k}] has an infinite loss: it gives probability 0 to the successor"
            f" (s, a, s') = {place}, which was seen. It never leads again; smooth the class.",
            InfiniteLoss,
            stacklevel=3,
        )
