"""How tight an inequality is: the instance with the largest lhs / rhs, in exact numbers.

The search proposes instances; here they are evaluated exactly, the tightest is kept and shrunk to
small integers while its ratio does not fall. Ratios are compared in the rationals where the sides
are rational; in balls by their midpoints, and then nothing is ever called attained unless both
sides are exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import Array
from theorylab.balls import Ball, arb_of
from theorylab.claims import Claim
from theorylab.engines.judging import Decide, Judged, counterexample_at, rebuild
from theorylab.engines.tables import Table, from_tables, layout_of, nearby, tables_of
from theorylab.errors import HypothesisFailed, Undefined, Unsupported
from theorylab.extended import Infinity
from theorylab.givens import Instance, Sizes
from theorylab.points import shrink
from theorylab.relations import Link, number
from theorylab.verdicts import Counterexample, Limit, Tightness, shape_text
from theorylab.worlds.io import encode

LAST_BITS = 1e-12
"""What two ratios of balls may be apart and still count as equal."""
WORTH_WHILE = 1e-6
"""How much larger a ratio must be for tables outside the integers' reach to be reported."""
CAPS = (1, 2, 3, 5, 10)
TRIALS = 2_000
"""How many smaller instances are tried for the tightest one, which is shown and proves nothing."""


@dataclass(frozen=True)
class Entry:
    """The tightest entry of one line at one instance. `ratio` is lhs / rhs where both are above 0
    (a rational, or a float from balls), else None; `slack` is (rhs - lhs) / max(|lhs|, |rhs|)."""

    lhs: Any
    rhs: Any
    ratio: Any
    slack: float
    because: str
    broken: bool
    kind: str = "at_most"

    @property
    def attained(self) -> bool:
        """Whether lhs = rhs > 0 exactly."""
        return bool(self.ratio is not None and _equal(self.lhs, self.rhs))

    def beats(self, other: Entry | None) -> bool:
        """Whether it is tighter than the other one, by more than the last bits of balls."""
        if other is None:
            return True
        if self.ratio is None or other.ratio is None:
            return self.ratio is not None or (other.ratio is None and self.slack < other.slack)
        if isinstance(self.ratio, flint.fmpq) and isinstance(other.ratio, flint.fmpq):
            return bool(self.ratio > other.ratio)
        return number(self.ratio) > number(other.ratio) * (1 + LAST_BITS)

    def simpler(self, other: Entry) -> bool:
        """Whether its sides are shorter numbers."""
        return len(f"{self.lhs}{self.rhs}") < len(f"{other.lhs}{other.rhs}")


@dataclass(frozen=True)
class Extreme:
    """The tightest instance of one line found so far; `numbers` is empty where its tables were
    given directly."""

    sizes: Sizes
    numbers: tuple[int, ...]
    tables: tuple[Any, ...]
    entry: Entry


def _equal(x: Any, y: Any) -> bool:
    if isinstance(x, Ball) or isinstance(y, Ball):
        return bool(arb_of(x) == arb_of(y))
    return bool(x == y)


def _above_zero(x: Any) -> bool:
    """Certainly above 0."""
    return bool(arb_of(x) > 0) if isinstance(x, Ball) else bool(x > 0)


def entry_of(claim: Claim, instance: Instance, link: int, decide: Decide) -> Entry | None:
    """The tightest entry of a line at an instance; None where the claim says nothing there."""
    with suppress(HypothesisFailed, Undefined, Unsupported):
        judged = decide(claim, instance)
        return _tightest(judged, link)
    return None


def _tightest(judged: Judged, link: int) -> Entry | None:
    step, best = judged.links[link], None
    broken = judged.decisions[link].holds is False
    for lhs, rhs in _pairs(step):
        found = replace(_entry(lhs, rhs, step.because, broken), kind=step.kind)
        best = found if found.beats(best) else best
    return best


def _pairs(step: Link) -> Iterator[tuple[Any, Any]]:
    for lhs, rhs in zip(_flat(step.lhs), _flat(step.rhs), strict=True):
        yield _number(lhs), _number(rhs)


def _flat(side: Any) -> list[Any]:
    return list(side.ravel()) if isinstance(side, np.ndarray) else [side]


def _number(x: Any) -> Any:
    """A universal constant as a rational, so that ratios are exact."""
    return x if isinstance(x, Ball | flint.fmpq | Infinity) else flint.fmpq(int(x))


def _entry(lhs: Any, rhs: Any, because: str, broken: bool) -> Entry:
    if isinstance(lhs, Infinity) or isinstance(rhs, Infinity):
        return Entry(lhs, rhs, None, -np.inf if broken else np.inf, because, broken)
    size = max(abs(number(lhs)), abs(number(rhs)))
    slack = number(rhs - lhs) / size if 0 < size < np.inf else np.inf
    ratio = lhs / rhs if _above_zero(lhs) and _above_zero(rhs) else None
    ratio = number(ratio) if isinstance(ratio, Ball) else ratio
    return Entry(lhs, rhs, ratio, slack, because, broken)


# ---- the tightest instance -----------------------------------------------------------------------


def tighter(
    claim: Claim,
    sizes: Sizes,
    numbers: Sequence[int],
    link: int,
    known: Extreme | None,
    decide: Decide,
) -> Extreme | None:
    """The tighter one of the known extreme and the instance that these integers describe; of
    equal ones of one shape the one with shorter sides."""
    found = entry_of(claim, rebuild(claim, sizes, numbers), link, decide)
    if found is None or (known is not None and known.entry.beats(found)):
        return known
    if known is not None and not found.beats(known.entry):
        same_shape = known.sizes == sizes and bool(known.numbers)
        if not same_shape or not found.simpler(known.entry):
            return known
    return Extreme(sizes, tuple(numbers), (), found)


def shrunk(claim: Claim, extreme: Extreme, link: int, decide: Decide) -> Extreme:
    """The extreme with smaller integers, as long as its ratio does not fall and the trials last; or
    the first instance met on the way that breaks the line."""
    if not extreme.numbers:
        return extreme
    broken: list[Extreme] = []
    trials = count(1)

    def as_tight(numbers: list[int]) -> bool:
        if next(trials) > TRIALS:
            return False
        found = entry_of(claim, rebuild(claim, extreme.sizes, numbers), link, decide)
        if found is not None and found.broken:
            broken.append(Extreme(extreme.sizes, tuple(numbers), (), found))
        return found is not None and not extreme.entry.beats(found)

    capped = next(filter(as_tight, _capped(extreme.numbers)), list(extreme.numbers))
    for place, k in enumerate(capped):
        ones = [*capped[:place], 1, *capped[place + 1 :]]
        capped = ones if k > 1 and as_tight(ones) else capped
    small = shrink(capped, as_tight)
    if broken:
        return broken[0]
    found = entry_of(claim, rebuild(claim, extreme.sizes, small), link, decide)
    return extreme if found is None else replace(extreme, numbers=tuple(small), entry=found)


def _capped(numbers: Sequence[int]) -> Iterator[list[int]]:
    """All integers cut down at once, the most first: shrinking one by one may not get there."""
    yield from ([min(k, cap) for k in numbers] for cap in CAPS)


def instance_of(claim: Claim, extreme: Extreme) -> Instance:
    """The exact instance."""
    if extreme.numbers or not extreme.tables:
        return rebuild(claim, extreme.sizes, extreme.numbers)
    return from_tables(claim, extreme.sizes, extreme.tables)


def exact_tables(claim: Claim, extreme: Extreme) -> tuple[tuple[Table, ...], list[Any]]:
    """The layout and the tables of an extreme, however it is described."""
    if extreme.tables:
        return layout_of(claim, extreme.sizes), list(extreme.tables)
    layout, tables = tables_of(claim, extreme.sizes, extreme.numbers)
    return layout, tables


# ---- tables outside the integers' reach ----------------------------------------------------------


def tighter_nearby(
    claim: Claim,
    sizes: Sizes,
    x: Array,
    link: int,
    known: Extreme | None,
    decide: Decide,
) -> Extreme | None:
    """An extreme near floats that is tighter than the known one by enough, the coarsest such one;
    one that breaks the line comes first."""
    found: list[Extreme] = []
    for tables in nearby(claim, sizes, x):
        entry = entry_of(claim, from_tables(claim, sizes, tables), link, decide)
        if entry is not None:
            found.append(Extreme(sizes, (), tuple(tables), entry))
            if entry.broken:
                return found[-1]
    best = max((_ratio(e.entry) for e in found), default=-np.inf)
    floor = _ratio(known.entry) if known else -np.inf
    if best == -np.inf or best - floor <= WORTH_WHILE * abs(best):
        return known
    return next(e for e in found if _ratio(e.entry) >= best - WORTH_WHILE * abs(best))


def _ratio(entry: Entry) -> float:
    return -np.inf if entry.ratio is None else number(entry.ratio)


# ---- what is reported ----------------------------------------------------------------------------


def tightness(
    claim: Claim, extreme: Extreme, link: int, effort: int, limit: Limit | None
) -> Tightness:
    """The tightest instance as evidence; its ratio is -inf where no instance has both sides
    above 0."""
    instance, entry = instance_of(claim, extreme), extreme.entry
    return Tightness(
        link=link,
        because=entry.because,
        ratio=_ratio(entry),
        attained=entry.attained,
        sizes=dict(extreme.sizes),
        instance={name: encode(value) for name, value in instance.items()},
        lhs=str(entry.lhs),
        rhs=str(entry.rhs),
        numbers=extreme.numbers,
        effort=effort,
        limit=limit,
    )


def broken_by_tables(
    claim: Claim, sizes: Sizes, tables: Sequence[Any], link: int, decide: Decide
) -> Counterexample:
    """The counterexample that these exact tables are, evaluated once more."""
    return counterexample_at(claim, sizes, from_tables(claim, sizes, tables), link, decide)


def words(found: Sequence[Tightness]) -> str:
    """`1: tight (S=1 A=2)`, or `no instance found above 0.5 (S=2 A=1)`, line by line."""
    texts = [_words(t) for t in found]
    if len(found) > 1:
        texts = [f"line {t.link + 1}: {text}" for t, text in zip(found, texts, strict=True)]
    return "; ".join(texts)


def _words(t: Tightness) -> str:
    at = shape_text(t.sizes)
    if t.attained:
        return f"largest lhs / rhs 1: tight ({at})"
    if not np.isfinite(t.ratio):
        return f"no instance has both sides above 0; least slack at {t.lhs} <= {t.rhs} ({at})"
    text = f"largest lhs / rhs: no instance found above {_shown(t.ratio)} ({at})"
    if t.limit is not None:
        text += f", {_shown(t.limit.ratio)} in the limit {t.limit.parameter}"
    return text


def _shown(ratio: float) -> str:
    """Six digits; a ratio just below 1 is not rounded to it."""
    rest = 1 - ratio
    return f"1 - {rest:.2g}" if LAST_BITS < rest < 1e-5 else f"{ratio:.6g}"
