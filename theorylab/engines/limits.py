"""Where a ratio is approached but not attained: families of instances along a geometric path.

From the tightest instance one parameter, or a discount and one more, runs towards an end of its
range: its distance to the end is halved again and again (1 - gamma, gamma, an entry of a row, a
payoff), the rest stays. Every point of a path is exact. Where lhs / rhs rises all the way, its
limit is fitted by Aitken's process. The interval reaches from the last ratio, which is attained, to
twice the fitted rest; a far point beyond the fitted ones must lie in it, else nothing is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, permutations
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import Array
from theorylab.claims import Claim
from theorylab.engines.judging import Decide
from theorylab.engines.tables import Table, from_tables
from theorylab.engines.tightness import Entry, Extreme, broken_by_tables, entry_of, exact_tables
from theorylab.relations import number
from theorylab.verdicts import Counterexample, Limit

HALVINGS = 24
FAR = 60
CANDIDATES = 4
"""How many of the most promising paths are followed to their end."""
PATHS = 400
SLOW = 0.9
"""Rests that shrink more slowly than this from point to point are not extrapolated."""
STEADY = 0.1

Tables = Sequence[Any]
Move = Callable[[Tables, Any], list[Any]]
"""Tables and a rational factor in (0, 1) to tables with a distance multiplied by it."""


@dataclass(frozen=True)
class Path:
    """What following the paths gave: a limit, or a counterexample met on the way."""

    limit: Limit | None = None
    broken: Counterexample | None = None
    tried: int = 0


@dataclass
class _Walk:
    """The claim's line along paths from one extreme; counts what it evaluates."""

    claim: Claim
    extreme: Extreme
    link: int
    decide: Decide
    tables: list[Any]
    tried: int = 0
    broken: list[Any] | None = None

    def at(self, move: Move, halvings: int) -> Entry | None:
        """The line's tightest entry where the distance is halved so often."""
        self.tried += 1
        tables = move(self.tables, flint.fmpq(1, 2**halvings))
        instance = from_tables(self.claim, self.extreme.sizes, tables)
        entry = entry_of(self.claim, instance, self.link, self.decide)
        if entry is not None and entry.broken and self.broken is None:
            self.broken = tables
        return entry


def followed(claim: Claim, extreme: Extreme, link: int, decide: Decide) -> Path:
    """Follow all paths from an extreme; the largest limit among them. One that is attained has no
    limit above it, but its neighbours may break the line, where integers do not reach."""
    if extreme.entry.ratio is None:
        return Path()
    layout, tables = exact_tables(claim, extreme)
    walk = _Walk(claim, extreme, link, decide, tables)
    rising = [(entry, name, move) for name, move in _moves(layout, tables)
              if (entry := _rises(walk, move)) is not None]  # fmt: skip
    rising.sort(key=lambda found: -number(found[0].ratio))
    limits = [_limit(walk, name, move) for _, name, move in rising[:CANDIDATES]]
    best = max((x for x in limits if x is not None), key=lambda x: x.ratio, default=None)
    broken = None
    if walk.broken is not None:
        broken = broken_by_tables(claim, extreme.sizes, walk.broken, link, decide)
    return Path(best, broken, walk.tried)


def _rises(walk: _Walk, move: Move) -> Entry | None:
    """The entry two halvings on, where the ratio rises twice."""
    first = walk.at(move, 1)
    if first is None or first.ratio is None or not first.beats(walk.extreme.entry):
        return None
    second = walk.at(move, 2)
    rises = second is not None and second.ratio is not None and second.beats(first)
    return second if rises else None


def _limit(walk: _Walk, name: str, move: Move) -> Limit | None:
    """The limit along one path, None where it does not rise all the way or settles too slowly."""
    entries = [walk.at(move, k) for k in range(1, HALVINGS + 1)]
    far = walk.at(move, FAR)
    ratios = [e.ratio for e in entries if e is not None and e.ratio is not None]
    if len(ratios) < HALVINGS or far is None or far.ratio is None:
        return None
    settled = _settled(ratios)
    fitted = extrapolated(settled)
    if fitted is None:
        return None
    ratio, high = fitted
    low = number(max(settled[-1], far.ratio))
    if not number(walk.extreme.entry.ratio) < low <= high:
        return None
    path = tuple((f"distance * 2^-{k + 1}", number(r)) for k, r in enumerate(ratios))
    return Limit(name, max(low, ratio), (low, high), path)


def _settled(ratios: Sequence[Any]) -> list[Any]:
    """The ratios, without the last ones where floats (from balls) no longer tell them apart."""
    if isinstance(ratios[0], flint.fmpq):
        return list(ratios)
    steps = np.diff(np.array(ratios))
    flat = np.flatnonzero(steps < 1e-11 * np.abs(ratios[-1]))
    return list(ratios[: flat[0] + 1] if len(flat) else ratios)


def extrapolated(ratios: Sequence[Any]) -> tuple[float, float] | None:
    """The limit of rising ratios by Aitken's process, and an upper end for it: twice the rest.

    None where the ratios do not rise, or where the rests do not shrink steadily.
    """
    steps = [number(b - a) for a, b in pairwise(ratios)]
    if len(steps) < 4 or min(steps) <= 0:
        return None
    shrinks = [b / a for a, b in pairwise(steps)][-3:]
    if max(shrinks) > SLOW or max(shrinks) - min(shrinks) > STEADY:
        return None
    rest = steps[-1] * shrinks[-1] / (1 - shrinks[-1])
    before = steps[-2] * shrinks[-2] / (1 - shrinks[-2])
    spread = abs(rest + steps[-1] - before)
    last = number(ratios[-1])
    return last + rest, float(np.nextafter(last + 2 * rest + spread, np.inf))


# ---- the paths -----------------------------------------------------------------------------------


def _moves(layout: Sequence[Table], tables: Tables) -> Iterator[tuple[str, Move]]:
    """Each parameter towards each end of its range; then each discount together with another."""
    single = list(_single(layout, tables))
    discounts = [found for found in single if found[2] == "discount"]
    others = [found for found in single if found[2] != "discount"]
    joint = ((f"{a[0]} with {b[0]}", _both(a[1], b[1])) for a in discounts for b in others)
    alone = ((name, move) for name, move, _ in [*single, *_merging(layout)])
    yield from islice(_in_turn(alone, joint), PATHS)


def _in_turn(*parts: Iterator[tuple[str, Move]]) -> Iterator[tuple[str, Move]]:
    for part in parts:
        yield from part


def _both(first: Move, second: Move) -> Move:
    return lambda tables, factor: second(first(tables, factor), factor)


def _single(layout: Sequence[Table], tables: Tables) -> Iterator[tuple[str, Move, str]]:
    for place, (table, value) in enumerate(zip(layout, tables, strict=True)):
        if table.kind == "choice":
            continue
        for index in np.ndindex(*np.shape(value)):
            entry = value[index] if np.shape(value) else value
            if table.kind == "weight" and not 0 < entry < 1:
                continue  # a vertex stays one: its row is left by no geometric path
            for end in (0, 1):
                if entry != end:
                    where = list(index) if np.size(value) > 1 else ""
                    name = f"{table.label}{where} -> {table.ends[end]}"
                    yield name, _mover(table.kind, place, index, end), table.kind


def _merging(layout: Sequence[Table]) -> Iterator[tuple[str, Move, str]]:
    """One table towards another one of its kind and shape: two models or policies coincide."""
    for (x, a), (y, b) in permutations(enumerate(layout), 2):
        if a.kind in ("weight", "fraction") and _form(a) == _form(b):
            yield f"{a.label} -> {b.label}", _merger(x, y), a.kind


def _form(table: Table) -> tuple[str, int, int]:
    return table.kind, table.rows, table.length


def _merger(place: int, other: int) -> Move:
    """Multiply the distance of one table to another by a factor."""

    def move(tables: Tables, factor: Any) -> list[Any]:
        out = list(tables)
        end = tables[other].reshape(tables[place].shape)
        out[place] = end + (tables[place] - end) * factor
        return out

    return move


def _mover(kind: str, place: int, index: tuple[int, ...], end: int) -> Move:
    """Multiply one entry's distance to an end by a factor; the rest of its row makes room."""

    def move(tables: Tables, factor: Any) -> list[Any]:
        out = list(tables)
        if not index:
            out[place] = end + (tables[place] - end) * factor
            return out
        changed: Array = tables[place].copy()
        old = changed[index]
        new = end + (old - end) * factor
        if kind == "weight":
            changed[index[:-1]] = changed[index[:-1]] * ((1 - new) / (1 - old))
        changed[index] = new
        out[place] = changed
        return out

    return move
