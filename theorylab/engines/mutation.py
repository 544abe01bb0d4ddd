"""What the engines make of a claim's mutants: how hard the claim was really tried.

killed       an exact instance breaks the mutant (or one of its sides does not exist there)
equivalent   both sides are those of the claim, by certificate
implied      an inequality that is nowhere tighter than the claim: weaker, harmless
sharper      an inequality that was not broken although it is tighter somewhere: the printed
             bound has slack
survived     a statement that holds although it is another one, or could not be told from the claim
repair       of a claim that is false: a mutant that was not broken, tried as hard as a sharper one
stillborn    no formula any more (shapes that do not fit, an index out of range): it tells nothing

Sharper, survived and repair are findings, which need a decision (`Claim.decided`). Each fate but
equivalent carries an exact instance at which it can be checked again in no time. A mutant of a
false claim is called killed where it is still false: that tells nothing of the check either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice

import numpy as np

from theorylab.arithmetic import Array
from theorylab.claims import Claim
from theorylab.engines.budget import BUDGETS, Budget
from theorylab.engines.certificate import certificate
from theorylab.engines.compared import SUSPICIONS, Witness, apart, differs, suspicious
from theorylab.engines.equivalence import same_sides
from theorylab.engines.exact import exact
from theorylab.engines.extremes import climb
from theorylab.engines.floats import judge_batch
from theorylab.engines.judging import (
    breaks,
    generator,
    integer_kinds,
    random_points,
    rebuild,
    rigorous,
    visited,
)
from theorylab.engines.probability import probability
from theorylab.engines.search import search
from theorylab.engines.smallest import all_corners
from theorylab.engines.sweep import sweep
from theorylab.errors import (
    ClaimError,
    HypothesisFailed,
    InvalidArgument,
    TheorylabError,
    Undefined,
    Unsupported,
)
from theorylab.givens import Sizes, build_instance, bulk
from theorylab.mutants import Mutant, is_family, mutants
from theorylab.points import random_lanes, replay_lanes
from theorylab.verdicts import Outcome

FATES = ("killed", "equivalent", "implied", "sharper", "survived", "repair", "stillborn")
FINDINGS = ("sharper", "survived", "repair")
"""The fates that need a decision."""
WORLDS = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 2)]
POINTS = 8
"""Exact instances of each shape."""
LANES = 1_000
"""Float instances of each shape."""
CLIMBED = [(2, 2), (2, 2), (3, 2)]
"""Shapes at which a population climbs: false mutants of bounds mostly fall there."""
GENERATIONS = 50


@dataclass(frozen=True)
class Fate:
    """What became of one mutant, by which engine, and the instance that shows it."""

    mutant: Mutant
    fate: str
    by: str = ""
    witness: Witness | None = None

    @property
    def decision(self) -> str | None:
        """The reason why a finding may stand: what the claim says of this change."""
        return decision(self.mutant.original, self.mutant.key)

    @property
    def open(self) -> bool:
        """Whether it is a finding without a decision."""
        return self.fate in FINDINGS and self.decision is None


def decision(claim: Claim, key: str) -> str | None:
    """What the claim says of a change: the reason of the first pattern that matches its words."""
    return next((why for p, why in claim.decided.items() if matches(claim, key, p)), None)


def matches(claim: Claim, key: str, pattern: str) -> bool:
    """Whether a decision's pattern is about this mutant of the claim."""
    texts = (key.partition(": ")[2], key, f"{claim.name}/{key}")
    return any(fnmatchcase(text, pattern) for text in texts)


def fates(
    claim: Claim, budget: Budget | None = None, seed: int = 0, known: Sequence[Witness] = ()
) -> list[Fate]:
    """Judge every mutant of a claim, cheapest engine first.

    `known` are instances of the same kinds of objects at which other mutants were hard to kill, and
    the claim's own counterexamples (`counterexamples`).
    A bound with a hidden constant, along a family, has none.
    """
    if is_family(claim):
        return []
    bench = Bench.of(claim, budget or BUDGETS["quick"], seed, known)
    before = dict(bench.false)
    found = [bench.fate(mutant) for mutant in mutants(claim)]
    if bench.false != before:  # an instance that broke a mutant breaks the claim: it is false
        found = [bench.fate(mutant) for mutant in mutants(claim)]
    return found


def counterexamples(claim: Claim, budget: Budget, seed: int) -> list[Witness]:
    """Instances that break a claim which is known to be false: without one its mutants would be
    judged as those of a true claim. The bench visits few shapes, these engines many."""
    for engine in (exact, search, sweep, probability):
        broken = engine(claim, budget, seed).broken
        if broken:
            return [Witness(c.sizes, c.numbers, c.link) for c in broken]
    return []


def findings(all_fates: Sequence[Fate]) -> list[Fate]:
    """The fates that need a decision and have none."""
    return [f for f in all_fates if f.open]


def tally(all_fates: Sequence[Fate]) -> dict[str, int]:
    """How many mutants met each fate."""
    return {fate: sum(f.fate == fate for f in all_fates) for fate in FATES}


# ---- the bench on which all mutants of a claim are tried -----------------------------------------


@dataclass
class Bench:
    """A claim with the instances at which all its mutants are tried, smallest first.

    `points` are exact instances; those that killed a mutant come first for the next one. `lanes`
    are the integers of float instances, shape by shape. `false` are the claim's own broken links,
    each with a witness.
    """

    claim: Claim
    budget: Budget
    seed: int
    points: list[Witness] = field(default_factory=list)
    lanes: list[tuple[Sizes, Array]] = field(default_factory=list)
    false: dict[int, Witness] = field(default_factory=dict)

    @classmethod
    def of(cls, claim: Claim, budget: Budget, seed: int, known: Sequence[Witness] = ()) -> Bench:
        """The bench of a claim; its own instances depend on claim, budget and seed alone."""
        bench, rng = cls(claim, budget, seed), generator(claim, "mutation", seed)
        own = [p for s in visited(claim, budget, WORLDS) for p in _points(claim, s, rng)]
        bench.points = sorted([*own, *known], key=lambda p: bulk(p.sizes))
        for sizes in visited(claim, budget):
            bench.lanes.append((sizes, _lanes(claim, sizes, rng)))
        bench.false = bench._own_faults()
        return bench

    def _own_faults(self) -> dict[int, Witness]:
        """Where the claim itself is false."""
        found: dict[int, Witness] = {}
        for point in (*self.points, *self.suspects(self.claim), *self._climbing(None, self.claim)):
            for link in self._broken(self.claim, point):
                found.setdefault(link, replace(point, link=link))
        return found

    def _broken(self, claim: Claim, point: Witness) -> list[int]:
        return breaks(claim, point.sizes, point.numbers, rigorous(self.budget))

    def suspects(self, claim: Claim) -> Iterator[Witness]:
        """The float instances at which a link looks broken, worst first, to be judged exactly."""
        for sizes, numbers in self.lanes:
            with suppress(TheorylabError):
                batch = judge_batch(claim, sizes, replay_lanes(numbers), len(numbers))
                for link, lane in suspicious(batch):
                    yield Witness(sizes, tuple(int(k) for k in numbers[lane]), link)

    # ---- the fate of one mutant -----------------------------------------------------------------

    def fate(self, mutant: Mutant) -> Fate:
        """Judge one mutant, cheapest engine first."""
        found = self._killed_exactly(mutant) or self._killed_in_lanes(mutant)
        if found is not None:
            return found
        if same_sides(self.claim, mutant.claim, self.seed):
            return Fate(mutant, "equivalent", "certificate")
        if self.false:
            return self._repair(mutant)
        return self._compared(mutant)

    def _killed_exactly(self, mutant: Mutant) -> Fate | None:
        """Try the exact points. Faults other than a broken link count when no link breaks."""
        fault: Fate | None = None
        for point in self.points:
            try:
                judged = rigorous(self.budget)(mutant.claim, self._instance(point))
            except (ClaimError, InvalidArgument):
                fault = fault or Fate(mutant, "stillborn", "no formula", point)
            except Undefined:
                undefined = Fate(mutant, "killed", "undefined", point)
                fault = fault or (undefined if self._defined(point) else None)
            except (HypothesisFailed, Unsupported):
                continue
            else:
                if judged.broken():
                    return self._killed(mutant, "exact", point, judged.broken())
        return fault

    def _instance(self, point: Witness) -> dict[str, object]:
        return rebuild(self.claim, point.sizes, point.numbers)

    def _defined(self, point: Witness) -> bool:
        """Whether the claim itself has both sides at this instance."""
        with suppress(TheorylabError):
            rigorous(self.budget)(self.claim, self._instance(point))
            return True
        return False

    def _killed_in_lanes(self, mutant: Mutant) -> Fate | None:
        for point in self.suspects(mutant.claim):
            broken = self._broken(mutant.claim, point)
            if broken:
                return self._killed(mutant, "sweep", point, broken)
        return None

    def _killed(self, mutant: Mutant, by: str, point: Witness, broken: list[int]) -> Fate:
        """Killed, by an instance with as many zeros as it can have; preferably at a line of the
        claim that is true."""
        link = next((k for k in broken if k not in self.false), broken[0])
        numbers = simplified(
            point.numbers,
            lambda trial: link in self._broken(mutant.claim, replace(point, numbers=trial)),
        )
        witness = Witness(point.sizes, numbers, link)
        for own in self._broken(self.claim, witness):
            self.false.setdefault(own, replace(witness, link=own))
        if witness not in self.points:
            self.points.insert(0, witness)
            self.points.sort(key=lambda p: bulk(p.sizes))
        return Fate(mutant, "killed", by, witness)

    def _repair(self, mutant: Mutant) -> Fate:
        """A mutant of a false claim that nothing broke so far: a repair if trying harder fails."""
        witness = next(iter(self.false.values()))
        found = self._climbed(mutant, None)
        for engine in (search, sweep) if found is None else ():
            evidence = engine(mutant.claim, self.budget, self.seed)
            if evidence.broken:
                first = evidence.broken[0]
                point = Witness(first.sizes, first.numbers, first.link)
                return self._killed(mutant, evidence.engine, point, [first.link])
        return found or Fate(mutant, "repair", "climb, search, sweep", witness)

    def _climbed(self, mutant: Mutant, claim: Claim | None) -> Fate | None:
        """Climb to where the mutant is nearest to breaking; the mutant killed, or None."""
        for point in self._climbing(claim, mutant.claim, mutant.key):
            broken = self._broken(mutant.claim, point)
            if broken:
                return self._killed(mutant, "climb", point, broken)
        return None

    def _climbing(self, claim: Claim | None, other: Claim, key: str = "") -> Iterator[Witness]:
        """The instances at which a climbing population looks broken, each once."""
        rng = generator(self.claim, f"climb {key}", self.seed)
        few = replace(self.budget, combinations=0)
        worlds = CLIMBED * (1 + self.budget.generations // 20)
        for sizes in [s for world in worlds for s in visited(self.claim, few, [world])]:
            seen: set[tuple[int, ...]] = set()
            with suppress(TheorylabError):
                for members in climb(claim, other, sizes, rng, GENERATIONS):
                    for numbers in map(tuple, members[:SUSPICIONS].tolist()):
                        if numbers not in seen:
                            yield Witness(sizes, numbers)
                        seen.add(numbers)

    # ---- a mutant that holds, compared with the claim -------------------------------------------

    def _compared(self, mutant: Mutant) -> Fate:
        """Equal, implied or sharper by the slack at all float instances, confirmed exactly."""
        tighter, looser, other = self._differences(mutant)
        if tighter is not None:
            killed = self._climbed(mutant, self.claim)
            return killed or Fate(mutant, "sharper", "climb" if self.compares else "exact", tighter)
        if other is not None or looser is None:
            return self._survivor(mutant, other)
        return Fate(mutant, "implied", "sweep" if self.compares else "exact", looser)

    def _survivor(self, mutant: Mutant, witness: Witness | None) -> Fate:
        """An equality that holds although its sides are others: certified, or only not refuted."""
        found = certificate(mutant.claim, self.budget, self.seed)
        if found.broken:
            first = found.broken[0]
            point = Witness(first.sizes, first.numbers, first.link)
            return self._killed(mutant, "certificate", point, [first.link])
        certified = found.outcome is Outcome.CERTIFIED
        return Fate(mutant, "survived", "certificate" if certified else "sweep", witness)

    def _differences(self, mutant: Mutant) -> tuple[Witness | None, Witness | None, Witness | None]:
        """Instances at which the mutant is tighter, is looser, has other sides in an equality."""
        found: dict[str, Witness] = {}
        for how, point in self._apart(mutant):
            if how not in found:
                with suppress(TheorylabError):
                    if how in differs(self.claim, mutant.claim, point, self.budget):
                        found[how] = self._smaller(mutant, how, point)
        if not self.compares:
            found = self._exact_differences(mutant)
        return found.get("tighter"), found.get("looser"), found.get("other")

    def _apart(self, mutant: Mutant) -> Iterator[tuple[str, Witness]]:
        """Float instances at which the two seem to differ, by how."""
        for sizes, numbers in self.lanes:
            with suppress(TheorylabError):
                ours, theirs = (
                    judge_batch(c, sizes, replay_lanes(numbers), len(numbers))
                    for c in (self.claim, mutant.claim)
                )
                for how, lanes in apart(ours, theirs).items():
                    for lane in lanes:
                        yield how, Witness(sizes, tuple(int(k) for k in numbers[lane]))

    def _exact_differences(self, mutant: Mutant) -> dict[str, Witness]:
        """The same at the exact instances, of a claim that is not for lanes (one that draws)."""
        found: dict[str, Witness] = {}
        for point in self.points:
            with suppress(TheorylabError):
                for how in differs(self.claim, mutant.claim, point, self.budget):
                    found.setdefault(how, point)
        return found

    @cached_property
    def compares(self) -> bool:
        """Whether the claim can be judged in lanes, at some shape at least."""
        for sizes, numbers in self.lanes:
            with suppress(TheorylabError):
                judge_batch(self.claim, sizes, replay_lanes(numbers[:1]), 1)
                return True
        return False

    def _smaller(self, mutant: Mutant, how: str, point: Witness) -> Witness:
        def still(trial: tuple[int, ...]) -> bool:
            there = replace(point, numbers=trial)
            return how in differs(self.claim, mutant.claim, there, self.budget)

        return replace(point, numbers=simplified(point.numbers, still))


def simplified(numbers: Sequence[int], keeps: Callable[[tuple[int, ...]], bool]) -> tuple[int, ...]:
    """The integers with each one made 0, or else 1, where the property is kept: one pass only."""
    best = tuple(numbers)
    for place, value in enumerate(best):
        for smaller in (0, 1):
            trial = (*best[:place], smaller, *best[place + 1 :])
            if smaller < value and keeps(trial):
                best = trial
                break
    return best


def _points(claim: Claim, sizes: Sizes, rng: np.random.Generator) -> Iterator[Witness]:
    """Exact instances of a shape: the simplest one, then random ones."""
    yield Witness(sizes, (0,) * len(integer_kinds(claim, sizes)))
    for numbers in islice(random_points(claim, sizes, rng), POINTS):
        yield Witness(sizes, tuple(numbers))


def _lanes(claim: Claim, sizes: Sizes, rng: np.random.Generator) -> Array:
    """The integers of random float instances, and of all corners where these are few."""
    source = random_lanes(rng, LANES)
    build_instance(claim.parameters, source, sizes)
    drawn = np.concatenate(source.log, axis=1) if source.log else np.zeros((1, 0), dtype=np.int64)
    corners = all_corners(claim, sizes)
    return drawn if corners is None else np.concatenate([corners, drawn])
