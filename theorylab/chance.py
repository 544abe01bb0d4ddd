"""Chance inside a claim: draws, and what is said of them.

    label = draw(M.P[s, a])                 one outcome of an exact distribution, a Python integer
    labels = draw(p, n)                     n independent ones, in their order
    counts = draw_counts(p, n)              how often each label comes up in n draws (multinomial)

    with_probability(1 - delta, relation)   P[every line of the relation holds] >= 1 - delta
    almost_surely(relation)                 P[... holds] = 1
    in_expectation(relation)                E lhs (= | <=) E rhs, for each line

A claim runs once for each outcome that an engine chooses for it, so an algorithm may run inside:
what it draws next may depend on what it has drawn. A line outside these three must hold on every
outcome. `past = so_far()` names what has been drawn until now, and `given=past` makes a statement
conditional on it, for each past of positive probability: E[X_t | past] = 0 is a martingale
difference. "For all n at once" is one relation inside (`every(...)`), "for each n" is an Integer.

Only the probability engine runs draws; everything else raises `AtRandom`, which says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

import flint
import numpy as np

from theorylab.arithmetic import Array, system_of
from theorylab.balls import Ball, is_rational
from theorylab.errors import AtRandom, ClaimError
from theorylab.relations import Link, Relation

Label = int | tuple[int, ...]


class Chance(Protocol):
    """Decides what is drawn along one run of a claim. A row is a checked distribution."""

    @property
    def drawn(self) -> int:
        """How many outcomes have been chosen."""

    def labels(self, row: Sequence[Any], count: int) -> list[int]:
        """`count` independent labels of the row."""

    def counts(self, row: Sequence[Any], count: int) -> list[int]:
        """How often each label comes up in `count` independent draws."""


_CHANCE: ContextVar[Chance | None] = ContextVar("chance", default=None)


@contextmanager
def drawing(chance: Chance) -> Iterator[None]:
    """Within: draws take their outcomes from `chance`."""
    token = _CHANCE.set(chance)
    try:
        yield
    finally:
        _CHANCE.reset(token)


def _chance() -> Chance:
    chance = _CHANCE.get()
    if chance is None:
        raise AtRandom("draws at random; the probability engine judges it")
    return chance


# ---- draws -------------------------------------------------------------------------------------


def draw(distribution: Array, count: int | None = None) -> Any:
    """A label drawn from a distribution, or a tuple of `count` independent ones.

    Shapes: distribution (n,) gives integers 0 ... n-1; (S, A) gives pairs (s, a).
    Raises: ClaimError for entries that are negative or do not sum to one.
    """
    chance, row = _chance(), _row(distribution)
    shape = np.shape(distribution)
    labels = [_label(k, shape) for k in chance.labels(row, 1 if count is None else _whole(count))]
    return labels[0] if count is None else tuple(labels)


def draw_counts(distribution: Array, count: int) -> Array:
    """How often each label comes up in `count` draws, as exact numbers: `/ n` gives frequencies.

    Shapes: as the distribution's. For what depends on the counts alone this is far cheaper to
    enumerate than `draw(distribution, count)`, whose outcomes have an order.
    """
    chance, row = _chance(), _row(distribution)
    return _numbers(chance.counts(row, _whole(count))).reshape(np.shape(distribution))


def count_labels(labels: Sequence[Label], *shape: int) -> Array:
    """How often each label of a table of this shape stands among the labels, as exact numbers."""
    found = np.zeros(shape, dtype=int)
    for label in labels:
        found[label] += 1
    return _numbers(found.ravel()).reshape(shape)


def _label(k: int, shape: tuple[int, ...]) -> Label:
    return k if len(shape) == 1 else tuple(int(i) for i in np.unravel_index(k, shape))


def _numbers(counts: Sequence[int] | Array) -> Array:
    out = np.empty(len(counts), dtype=object)
    out[:] = [flint.fmpq(int(k)) for k in counts]
    return out


def _whole(count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
        raise ClaimError(f"draw(..., {count!r}): expected how many, an integer of at least 0")
    return int(count)


def _row(distribution: Any) -> list[Any]:
    """The entries of a distribution; ClaimError unless it is one (in balls: unless it may be)."""
    table = np.asarray(distribution, dtype=object)
    if table.ndim == 0 or table.size == 0:
        raise ClaimError(f"draw got {distribution!r:.60}, expected a distribution: a table, (n,)")
    row, total = list(table.ravel()), table.sum()
    for k, entry in enumerate(row):
        if entry.arb < 0 if isinstance(entry, Ball) else _rational(entry) < 0:
            raise ClaimError(f"draw: entry {k} of the distribution is {entry}, expected >= 0")
    if not (total.arb.contains(1) if isinstance(total, Ball) else total == 1):
        raise ClaimError(f"draw: the distribution sums to {total}, expected 1. Normalise the row")
    return row


def _rational(entry: Any) -> Any:
    if isinstance(entry, float | np.floating):
        raise ClaimError(f"draw got the float {entry}. Write x / n with x an element")
    if not is_rational(entry):
        raise AtRandom(f"draws from {system_of(entry).name}; the probability engine judges it")
    return entry


# ---- statements --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Past:
    """What had been drawn at a moment of the run: the first `drawn` outcomes."""

    drawn: int


def so_far() -> Past:
    """All that has been drawn until now."""
    return Past(_chance().drawn)


@dataclass(frozen=True)
class Event(Link):
    """P[some line of `inner` fails, given the past] <= rhs; lhs is weighed by the engine."""

    inner: tuple[Link, ...] = ()
    given: Past | None = None


@dataclass(frozen=True)
class Expected(Link):
    """E[lhs | past] = or <= E[rhs | past]; `within` holds every value of rhs - lhs."""

    given: Past | None = None
    within: tuple[Any, Any] | None = None


def with_probability(
    level: Any, relation: Relation, *, given: Past | None = None, because: str = ""
) -> Relation:
    """All lines of the relation hold, jointly, with at least this probability."""
    return _event(1 - level, relation, given, because)


def almost_surely(relation: Relation, *, given: Past | None = None, because: str = "") -> Relation:
    """All lines of the relation hold on every outcome of positive probability."""
    return _event(0, relation, given, because)


def _event(allowed: Any, relation: Relation, given: Past | None, because: str) -> Relation:
    _chance()
    inner = _plain(relation, "with_probability")
    because = because or "; ".join(link.because for link in inner if link.because)
    return Relation((Event("at_most", None, allowed, because, inner, given),))


def in_expectation(
    relation: Relation, *, given: Past | None = None, within: tuple[Any, Any] | None = None
) -> Relation:
    """Each line holds between the expectations of its two sides.

    `within=(low, high)` promises that rhs - lhs lies there on every outcome; replications, for
    sizes too large to enumerate, need it (and refuse the claim where it is broken).
    """
    _chance()
    return Relation(
        tuple(
            Expected(link.kind, link.lhs, link.rhs, link.because, given, within)
            for link in _plain(relation, "in_expectation")
        )
    )


def _plain(relation: Any, name: str) -> tuple[Link, ...]:
    if not isinstance(relation, Relation) or not relation.links:
        raise ClaimError(f"{name} got {type(relation).__name__}, expected a relation with a line")
    if any(isinstance(link, Event | Expected) for link in relation.links):
        raise ClaimError(f"{name} of a statement with probability: join them by every(...)")
    return relation.links
