"""The positivity engine: inequalities proved for every instance of a shape, exactly.

At a fixed shape rhs - lhs is a quotient of polynomials in the entries of the tables, with max, abs
and ratios of such. The entries fill a product of simplices, which is split into regions on which
signs of differences are known. On each region the numerator's Bernstein coefficients are computed
in integers: if none is negative and the denominators are positive, the line is proved there, and
when the regions cover the domain, for every instance of the shape. What is proved comes with a
certificate, which `positivity_check` recomputes without this code.

Negative coefficients point at instances; those that break the claim exactly refute it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from math import lcm
from typing import Any

import numpy as np

from theorylab.bernstein import control_point
from theorylab.claims import Claim, evaluate
from theorylab.engines.budget import Budget
from theorylab.engines.envelopes import Stuck, prove
from theorylab.engines.judging import breaks, counterexample, merge_smallest, rigorous, visited
from theorylab.engines.quotients import NotPositive, TooLarge
from theorylab.engines.reading import Reader
from theorylab.engines.splitting import bisection, separation
from theorylab.errors import HypothesisFailed, TheorylabError, Undefined, Unsupported
from theorylab.givens import Sizes, build_instance
from theorylab.points import DISCOUNTS, FRACTIONS, WEIGHT_LIMIT
from theorylab.regions import BoxSource, Region, parts
from theorylab.relations import Link
from theorylab.tape import Tape, recording
from theorylab.verdicts import Counterexample, Evidence, Outcome, shape_text

AXES = 64
"""The most axes of a numpy array, one for each row or number of an instance."""
WORLDS = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]
"""Half as many of them as a budget has shapes: three, four or five."""
FORMAT = "theorylab.positivity/1"
SUSPECTS = 24
"""How many negative coefficients of a region are turned into instances (of four regions)."""
BISECTIONS = 10
"""How often a region may have been bisected; a line that is tight at a corner can take for ever."""
NEAR_ONE = (Fraction(99, 100), Fraction(9, 10), Fraction(999999, 1000000))
"""What is tried for a discount where a coefficient points at 1, which no discount is."""


class Exhausted(TheorylabError):
    """More regions than the budget allows."""


class NotShown(TheorylabError):
    """A region on which a line could not be shown."""


@dataclass
class Traced:
    """A claim traced at one shape: its tape, its links, rhs - lhs of each entry of each, its domain
    and how it is drawn."""

    tape: Tape
    links: tuple[Link, ...]
    gaps: list[tuple[int, int, Any]]
    region: Region
    draws: list[tuple[str, int, int]]


def trace(claim: Claim, sizes: Sizes) -> Traced:
    """Trace a claim with an input for each entry of its tables.

    A hypothesis on sizes is decided here; one on numbers is Unsupported.
    """
    with recording() as tape:
        labels = (f"x{k}" for k in range(10**9))
        source = BoxSource(lambda: tape.input(next(labels)), tape.constant(1))
        links, _ = evaluate(claim, build_instance(claim.parameters, source, sizes))
        nodes = [(line, entry, tape.node(gap)) for line, entry, gap in gaps(links)]
        return Traced(tape, links, nodes, source.region(), source.draws)


@dataclass
class Search:
    """The regions tried so far at one shape."""

    traced: Traced
    budget: Budget
    regions: int = 0
    cases: int = 0
    count: int = 0
    points: list[list[Fraction]] = field(default_factory=list)

    def tree(self, region: Region, bisections: int = 0) -> dict[str, Any]:
        """The proof on a region: a leaf, or a move with the proofs of its parts."""
        self.regions += 1
        if self.regions > self.budget.regions:
            raise Exhausted(f"more than {self.budget.regions} regions")
        try:
            reader = Reader(self.traced.tape, region, self.budget.coefficients)
        except NotPositive as error:
            raise NotShown(str(error)) from None
        abs_first = [c for c in reader.choices if c.kind == "abs"]
        move = separation(reader, abs_first)
        if move is None:
            leaf = self._leaf(reader)
            if isinstance(leaf, dict):
                self.cases += 1
                return leaf
            if len(self.points) < 4 * SUSPECTS:
                self.points += leaf.points(region)
            move = separation(reader, reader.choices) or bisection(region, leaf.stuck)
            bisections += move is not None and move.name == "bisect"
            last = self.regions + 1 > self.budget.regions or bisections > BISECTIONS
            if move is None or last:
                raise NotShown(f"{leaf.stuck.reason} in region {self.regions}")
        below = [self.tree(part, bisections) for part in parts(region, move)]
        return {**move.data(), "parts": below}

    def _leaf(self, reader: Reader) -> dict[str, Any] | Open:
        lines = []
        for link, entry, gap in self.traced.gaps:
            quotient = reader.value(gap)
            if self.traced.links[link].kind == "equal":
                found = {"by": "zero"} if quotient.numerator == 0 else Stuck("not an identity")
            else:
                found = prove(reader, quotient.numerator)
            if isinstance(found, Stuck):
                return Open(found)
            self.count += total(found)
            lines.append({"line": link, "entry": entry, **found})
        choices = [{"kind": c.kind, "decision": c.decision} for c in reader.choices]
        return {"choices": choices, "denominators": denominators(reader), "lines": lines}


@dataclass(frozen=True)
class Open:
    """A line that is not shown on a region, and why."""

    stuck: Stuck

    def points(self, region: Region) -> list[list[Fraction]]:
        """The inputs at which the most negative coefficients point."""
        return [region.values(p) for p in islice(self._points(region), SUSPECTS)]

    def _points(self, region: Region) -> Iterator[list[list[Fraction]]]:
        values = self.stuck.values
        if values is None:
            return
        order = np.argsort(values.astype(float), axis=None, kind="stable")
        for flat in order:
            if values.flat[flat] >= 0:
                return
            place = np.unravel_index(int(flat), values.shape)
            yield control_point([int(k) for k in place], region.sizes, self.stuck.degrees)


def gaps(links: tuple[Link, ...]) -> Iterator[tuple[int, int, Any]]:
    """(link, entry, rhs - lhs) of each entry of each link."""
    for number, link in enumerate(links):
        gap = link.rhs - link.lhs
        entries = gap.ravel() if isinstance(gap, np.ndarray) else [gap]
        yield from ((number, k, entry) for k, entry in enumerate(entries))


def total(proof: dict[str, Any]) -> int:
    """How many coefficients a proof of one entry rests on."""
    below = [*proof.get("cases", ()), *([proof["rest"]] if "rest" in proof else [])]
    return int(proof.get("count", 0)) + sum(map(total, below))


def denominators(reader: Reader) -> list[list[Any]]:
    """The positive factors as terms: exponents of the free coordinates, coefficient."""
    found = []
    for factor in reader.factors:
        plain = reader.plain(factor)
        pairs = zip(plain.exponents.tolist(), plain.coefficients, strict=True)
        found.append([[exponents, str(value)] for exponents, value in pairs])
    return found


# ---- the engine --------------------------------------------------------------------------------


@dataclass
class Found:
    """What the shapes gave: proofs, and for the other shapes why not."""

    proved: list[Sizes] = field(default_factory=list)
    proofs: list[dict[str, Any]] = field(default_factory=list)
    cases: int = 0
    count: int = 0
    undecided: list[str] = field(default_factory=list)
    too_large: list[str] = field(default_factory=list)
    unsupported: dict[str, list[str]] = field(default_factory=dict)
    broken: dict[int, Counterexample] = field(default_factory=dict)


def positivity(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Prove the claim's inequalities for the smallest shapes."""
    found = Found()
    for sizes in visited(claim, budget, WORLDS[: budget.shapes // 2]):
        try:
            traced = trace(claim, sizes)
            if all(link.kind == "equal" for link in traced.links):
                note = "no inequality: certificate and symbolic remain"
                return Evidence("positivity", None, note, seed=seed)
            _prove_shape(claim, sizes, traced, budget, found)
        except (Unsupported, HypothesisFailed, Undefined) as error:
            found.unsupported.setdefault(str(error), []).append(shape_text(sizes))
        if found.broken:
            break
    return _evidence(claim, found, seed)


def _prove_shape(claim: Claim, sizes: Sizes, traced: Traced, budget: Budget, found: Found) -> None:
    search, rows = Search(traced, budget), len(traced.region.sizes)
    try:
        if rows > AXES:
            raise TooLarge(f"{rows} rows and numbers, and an array has at most {AXES} axes")
        tree = search.tree(traced.region)
    except TooLarge as error:
        found.too_large.append(f"{shape_text(sizes)}: {error}")
    except (Exhausted, NotShown) as error:
        broken = _broken(claim, sizes, search, budget)
        if broken is None:
            found.undecided.append(f"{shape_text(sizes)}: {error}")
        else:
            found.broken = merge_smallest(found.broken, broken)
    else:
        found.proved.append(sizes)
        found.proofs.append({"sizes": dict(sizes), "proof": tree})
        found.cases += search.cases
        found.count += search.count


def _evidence(claim: Claim, found: Found, seed: int) -> Evidence:
    rest = _rest(found)
    if found.broken:
        broken = tuple(found.broken[k] for k in sorted(found.broken))
        note = "counterexample at a negative coefficient"
        return Evidence("positivity", Outcome.REFUTED, note, broken=broken, seed=seed)
    if not found.proved:
        outcome = Outcome.UNDECIDED if found.undecided else None
        return Evidence("positivity", outcome, rest, seed=seed)
    shown = ", ".join(shape_text(s) for s in found.proved)
    note = f"proved for {shown} ({found.cases:,} sign cases, {found.count:,} coefficients)"
    data = {"format": FORMAT, "claim": claim.id, "hash": claim.hash, "shapes": found.proofs}
    return Evidence(
        "positivity",
        Outcome.PROVED,
        note + (f"; {rest}" if rest else ""),
        kept=len(found.proved),
        shapes=tuple(found.proved),
        seed=seed,
        certificate=data,
    )


def _rest(found: Found) -> str:
    """The shapes that are not proved, and why."""
    words = [("undecided at ", found.undecided), ("not applicable at ", found.too_large)]
    if not found.proved and not found.undecided and not found.too_large:
        return "; ".join(found.unsupported)
    odd = [f"{', '.join(shapes)}: {why}" for why, shapes in found.unsupported.items()]
    words.append(("not applicable at ", odd))
    return "; ".join(f"{head}{', '.join(shapes)}" for head, shapes in words if shapes)


# ---- from a negative coefficient to an instance --------------------------------------------------


def _broken(claim: Claim, sizes: Sizes, search: Search, budget: Budget) -> Counterexample | None:
    decide = rigorous(budget)
    for point in search.points:
        for near in NEAR_ONE:
            numbers = integers(search.traced.draws, point, near)
            if numbers is None:
                continue
            links = breaks(claim, sizes, numbers, decide)
            if links:
                return counterexample(claim, sizes, numbers, links[0], decide)
    return None


def integers(
    draws: list[tuple[str, int, int]], point: list[Fraction], near: Fraction
) -> list[int] | None:
    """The integers of the instance with these inputs, None where a row needs too large ones; a
    fraction that no integer describes is moved to the nearest that one does."""
    numbers: list[int] = []
    for kind, size, first in draws:
        if kind == "simplex":
            row = point[first : first + size] if size > 1 else [Fraction(1)]
            scale = lcm(*(p.denominator for p in row))
            if scale > WEIGHT_LIMIT:
                return None
            numbers += [int(p * scale) for p in row]
        else:
            table = FRACTIONS if kind == "fraction" else DISCOUNTS
            value = min(point[first], near) if kind == "discount" else point[first]
            numbers.append(min(range(len(table)), key=lambda k: abs(table[k] - value)))
    return numbers
