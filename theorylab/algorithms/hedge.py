r"""Hedge, or exponential weights, over finitely many experts.

    w_{t,i} = exp(-rate L_{t-1,i}) / sum_j exp(-rate L_{t-1,j}),   L_t = loss_1 + ... + loss_t

For losses in [low, high] and any rate > 0 the regret after T rounds is bounded,

    sum_t <w_t, loss_t> - min_i L_{T,i}  <=  ln(N) / rate + rate T (high - low)^2 / 8.

`hedge` has one rate for all rounds (`rate_for` suits T of them); `anytime_hedge` need not know T,

    rate_t = sqrt(8 ln(N) / t) / (high - low),   regret <= ln(N) / rate_T + sum_t rate_t (..)^2 / 8.

The state is -rate L, never exponentiated in place: a weight of e^-10000 is still a number. Weights
start equal. Sources: Freund & Schapire (1997); Cesa-Bianchi & Lugosi (2006), Theorem 2.2; de Rooij
et al. (2014), Lemma 2, for rates that fall.

>>> state = updated(hedge(2, rate=0.5), [0, 1])
>>> weights(state).round(3).tolist()
[0.622, 0.378]
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theorylab.errors import InvalidArgument, Undefined

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Hedge:
    """The state: scores -rate L, shape (..., N), the rate, and the declared range of a loss."""

    scores: Floats
    rate: float
    loss_range: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, eq=False)
class AnytimeHedge:
    """The state: total losses L, shape (..., N), rounds played, the declared range of a loss."""

    totals: Floats
    rounds: int
    loss_range: tuple[float, float] = (0.0, 1.0)

    @property
    def rate(self) -> float:
        """rate_t of the next round t = rounds + 1."""
        width = self.loss_range[1] - self.loss_range[0]
        return math.sqrt(8 * math.log(self.totals.shape[-1]) / (self.rounds + 1)) / width

    @property
    def scores(self) -> Floats:
        """-rate L, shape (..., N)."""
        return _frozen(-self.rate * self.totals)


State = Hedge | AnytimeHedge


def hedge(experts: int, *, rate: float, loss_range: tuple[float, float] = (0.0, 1.0)) -> Hedge:
    """Equal weights for N experts, before the first loss.

    `loss_range` is (low, high) of one expert's loss in one round, in the losses' own unit; high
    may be infinite: an infinite loss gives weight exactly zero for ever.
    Raises: InvalidArgument for no experts, a rate that is not above zero and finite, an empty
    range.
    """
    _check_experts(experts)
    _check_rate(rate)
    _check_range(loss_range)
    return Hedge(_frozen(np.zeros(int(experts))), float(rate), loss_range)


def anytime_hedge(experts: int, *, loss_range: tuple[float, float] = (0.0, 1.0)) -> AnytimeHedge:
    """Equal weights for N experts and the rates sqrt(8 ln(N) / t) / (high - low).

    Raises: InvalidArgument for no experts, or a range that is empty or infinite.
    """
    _check_experts(experts)
    _check_range(loss_range)
    if math.isinf(loss_range[1]):
        raise InvalidArgument(
            f"anytime_hedge: loss_range is {loss_range}, expected a finite one: the rate follows"
            " from its width. Use hedge(rate=...) for infinite losses."
        )
    return AnytimeHedge(_frozen(np.zeros(int(experts))), 0, loss_range)


def rate_for(experts: int, rounds: int, *, loss_range: tuple[float, float] = (0.0, 1.0)) -> float:
    """sqrt(8 ln(N) / T) / (high - low), the rate of the least bound; one expert has rate 1 / width.

    The bound is then (high - low) sqrt(T ln(N) / 2). Raises: InvalidArgument as `anytime_hedge`
    does, and for less than one round.
    """
    width = anytime_hedge(experts, loss_range=loss_range).loss_range
    if rounds < 1:
        raise InvalidArgument(f"hedge: rounds is {rounds}, expected at least 1.")
    scale = 8 * math.log(experts) / rounds if experts > 1 else 1.0
    return math.sqrt(scale) / (width[1] - width[0])


def updated(state: State, losses: ArrayLike) -> State:
    """The state after one round; the given state is unchanged.

    Shapes: losses (..., N); leading axes are independent runs.
    Raises: InvalidArgument naming the first loss that is NaN or outside the declared range.
    """
    table = np.asarray(losses, dtype=np.float64)
    _check_losses(state, table)
    if isinstance(state, AnytimeHedge):
        return replace(state, totals=_frozen(state.totals + table), rounds=state.rounds + 1)
    return replace(state, scores=_frozen(state.scores - state.rate * table))


def log_weights(state: State) -> Floats:
    """ln w, shape (..., N); -inf for an expert that has met an infinite loss.

    Raises: Undefined when every expert has.
    """
    return log_normalised(state.scores)


def log_normalised(scores: Floats) -> Floats:
    """scores - ln sum exp(scores) over the last axis, never exponentiated unshifted.

    Raises: Undefined for a row of -inf alone.
    """
    top = scores.max(-1, keepdims=True)
    if np.isneginf(top).any():
        raise Undefined(
            "hedge: every expert has an infinite loss, so the weights are 0/0. "
            "Smooth the losses, or declare a finite loss_range."
        )
    shifted = scores - top
    return np.asarray(shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)))


def weights(state: State) -> Floats:
    """w, shape (..., N), non-negative, summing to one over the last axis up to rounding."""
    return np.asarray(np.exp(log_weights(state)))


def pick(state: State, uniform: ArrayLike) -> NDArray[np.intp]:
    """An expert drawn from the weights by inverting their sums at `uniform` in [0, 1).

    Shapes: uniform (...), as the leading axes of the state. Weight zero is never picked.
    Raises: InvalidArgument for a number outside [0, 1).
    """
    u = np.asarray(uniform, dtype=np.float64)
    if not ((u >= 0) & (u < 1)).all():
        bad = u[~((u >= 0) & (u < 1))].flat[0]
        raise InvalidArgument(f"hedge: uniform is {bad}, expected a number in [0, 1).")
    sums = np.cumsum(weights(state), -1)
    return np.asarray((sums / sums[..., -1:] <= u[..., None]).sum(-1), dtype=np.intp)


def regret_bound(
    experts: int, rounds: int, *, rate: float, loss_range: tuple[float, float] = (0.0, 1.0)
) -> float:
    """ln(N) / rate + rate T (high - low)^2 / 8, in the losses' own unit."""
    state = hedge(experts, rate=rate, loss_range=loss_range)
    if rounds < 0:
        raise InvalidArgument(f"hedge: rounds is {rounds}, expected at least 0.")
    width = state.loss_range[1] - state.loss_range[0]
    return math.log(experts) / rate + (rate * rounds * width**2 / 8 if rounds else 0.0)


def anytime_regret_bound(
    experts: int, rounds: int, *, loss_range: tuple[float, float] = (0.0, 1.0)
) -> float:
    """ln(N) / rate_T + sum_t rate_t (high - low)^2 / 8 in closed form, in the losses' own unit.

    With sum_{t<=T} 1/sqrt(t) <= 2 sqrt(T) - 1: about 1.06 (high - low) sqrt(T ln(N)).
    """
    low, high = anytime_hedge(experts, loss_range=loss_range).loss_range
    if rounds < 0:
        raise InvalidArgument(f"hedge: rounds is {rounds}, expected at least 0.")
    root = math.sqrt(math.log(experts) / 8)
    return (high - low) * root * (math.sqrt(rounds) + (2 * math.sqrt(rounds) - 1 if rounds else 0))


def _frozen(table: Floats) -> Floats:
    table.setflags(write=False)
    return table


def _check_experts(experts: int) -> None:
    if isinstance(experts, bool) or not isinstance(experts, int | np.integer) or experts < 1:
        raise InvalidArgument(f"hedge: experts is {experts!r}, expected an integer of at least 1.")


def _check_rate(rate: float) -> None:
    if not (math.isfinite(rate) and rate > 0):
        raise InvalidArgument(
            f"hedge: rate is {rate}, expected a finite number above 0. "
            "For T rounds of losses in [0, 1] use sqrt(8 ln(N) / T)."
        )


def _check_range(loss_range: tuple[float, float]) -> None:
    low, high = loss_range
    if not (math.isfinite(low) and low < high):
        raise InvalidArgument(
            f"hedge: loss_range is ({low}, {high}), expected low < high, low finite. "
            "Give the smallest and the largest loss of one round."
        )


def _check_losses(state: State, table: Floats) -> None:
    experts = (state.totals if isinstance(state, AnytimeHedge) else state.scores).shape[-1]
    if table.shape[-1:] != (experts,):
        raise InvalidArgument(
            f"hedge: losses have shape {table.shape}, expected (..., {experts}). "
            "Give one loss for each expert."
        )
    low, high = state.loss_range
    wrong = np.argwhere(~((table >= low) & (table <= high)))
    if len(wrong):
        place = tuple(int(i) for i in wrong[0])
        index = ", ".join(map(str, place))
        raise InvalidArgument(
            f"hedge: losses[{index}] is {table[place]}, expected a number in [{low}, {high}]. "
            "Rescale the losses, or declare their range with loss_range."
        )
