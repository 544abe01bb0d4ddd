"""What the searching engines share: deciding an exact instance, and the smallest counterexample."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import RATIONALS, using
from theorylab.balls import BALLS, balls, noting_roots
from theorylab.claims import Claim, evaluate
from theorylab.engines.asymptotics import judge_member
from theorylab.engines.budget import Budget
from theorylab.engines.outcomes import CERTAIN_BITS, PATHS, weigh
from theorylab.errors import (
    AtRandom,
    ClaimError,
    HypothesisFailed,
    RunsAlong,
    TheorylabError,
    Undefined,
    Unsupported,
    VoidBound,
)
from theorylab.givens import FEW, Instance, Integer, Sizes, build_instance, fmap, shapes
from theorylab.points import ExactSource, random_integers, replay, shrink
from theorylab.relations import Decision, Link, compare
from theorylab.verdicts import Counterexample, shape_text
from theorylab.worlds.io import encode, exact_texts

FIRST_BITS = 64
FAMILY_BITS = 256
"""The precision of a family's members, the same whatever the budget."""
EVERY = 64
"""How many combinations of further sizes are visited at the smallest world."""
PROBES = 3
"""Random instances, beside the simplest, that show whether a combination can satisfy hypotheses."""


@dataclass(frozen=True)
class Judged:
    """One exact instance judged: the links with their sides and the decision on each."""

    links: tuple[Link, ...]
    decisions: tuple[Decision, ...]

    def broken(self) -> list[int]:
        """The links that do not hold here."""
        return [k for k, d in enumerate(self.decisions) if d.holds is False]

    def decided(self) -> bool:
        """Whether every link is decided."""
        return all(d.holds is not None for d in self.decisions)

    def checked(self) -> Judged:
        """Itself; VoidBound where nothing is broken and a bound is infinite."""
        if any(d.void for d in self.decisions) and not self.broken():
            raise VoidBound("a bound is infinite here")
        return self


Decide = Callable[[Claim, Instance], Judged]


def generator(claim: Claim, engine: str, seed: int) -> np.random.Generator:
    """Random numbers that depend on the claim's name, the engine and the seed alone."""
    digest = hashlib.sha256(f"{claim.id}/{engine}".encode()).digest()
    key = tuple(int.from_bytes(digest[k : k + 4], "big") for k in (0, 4, 8))
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=key))


def exactly(claim: Claim, instance: Instance) -> Judged:
    """Judge an instance in the rationals; Unsupported where a side is irrational."""
    with using(RATIONALS):
        links, _ = evaluate(claim, instance)
        return Judged(links, tuple(compare(link) for link in links)).checked()


def with_balls(claim: Claim, instance: Instance, bits: int) -> Judged:
    """Judge an instance in balls, doubling the precision until each link is decided or `bits`.

    At first every entry is a ball. Where that decides nothing (a tie, a choice that planning must
    make), the tables stay rational, so that balls appear only at irrational functions.
    """
    before = flint.ctx.prec
    try:
        with using(BALLS), suppress(Unsupported):
            flint.ctx.prec = FIRST_BITS
            judged = _sure(claim, {k: fmap(v, balls) for k, v in instance.items()})
            if judged is not None:
                return judged.checked()
        with using(BALLS):
            return _doubling(claim, instance, bits)
    finally:
        flint.ctx.prec = before


def _doubling(claim: Claim, instance: Instance, bits: int) -> Judged:
    while True:
        judged = _sure(claim, instance)
        if judged is not None:
            return judged.checked()
        if flint.ctx.prec >= bits:
            return _last(_once(claim, instance)).checked()
        flint.ctx.prec *= 2


def _sure(claim: Claim, instance: Instance) -> Judged | None:
    """The instance judged, or None where a higher precision should look again."""
    with noting_roots() as roots:
        judged = _once(claim, instance)
    sure = not roots or flint.ctx.prec >= CERTAIN_BITS
    return judged if judged is not None and judged.decided() and sure else None


def _once(claim: Claim, instance: Instance) -> Judged | None:
    """One evaluation, or None where the precision was too small to define it."""
    with suppress(Undefined):
        links, _ = evaluate(claim, instance)
        return Judged(links, tuple(compare(link) for link in links))
    return None


def _last(judged: Judged | None) -> Judged:
    if judged is None:
        raise Undefined("a side is not a number at any precision tried")
    return judged


def rigorous(budget: Budget) -> Decide:
    """Decide in the rationals where that works, else in balls; weigh all outcomes of draws, and
    judge a bound with a hidden constant along its family."""

    def decide(claim: Claim, instance: Instance) -> Judged:
        try:
            return by_number_system(claim, instance, budget.bits)
        except AtRandom:
            return Judged(*weigh(claim, instance, paths=PATHS, bits=budget.bits)).checked()
        except RunsAlong:
            return Judged(*judge_member(claim, instance, FAMILY_BITS))

    return decide


def by_number_system(claim: Claim, instance: Instance, bits: int) -> Judged:
    """Judge an instance in the rationals where that works, else in balls; raises AtRandom for a
    claim that draws, RunsAlong for one about a family."""
    try:
        return exactly(claim, instance)
    except (AtRandom, RunsAlong):
        raise
    except Unsupported:
        return with_balls(claim, instance, bits)


def visited(
    claim: Claim,
    budget: Budget,
    worlds: list[tuple[int, int]] | None = None,
    *,
    wide: bool = False,
) -> list[Sizes]:
    """The sizes that an engine visits, smallest first.

    Every (S, A) is visited. Where a claim has further sizes (a horizon, a step n), all their
    combinations (up to `EVERY`) are visited at the smallest world, and they are spread over the
    larger ones when there are too many to visit all. Hypotheses may tie a size to another (n = S):
    combinations that never satisfy them give way to those that do, but for `wide` ones, where
    exact probes would take long.
    """
    chosen = worlds or budget.worlds()
    found = list(shapes(claim.parameters, chosen, wide=wide))
    kinds = max(1, len({_extras(sizes) for sizes in found}))
    stride = max(1, -(-len(found) // (len(chosen) + budget.combinations)))
    if stride == 1:
        return found
    found = found if wide else _possible(claim, found)
    stride = max(1, -(-len(found) // (len(chosen) + budget.combinations)))
    ranks: dict[Any, int] = {}
    kept: list[Sizes] = []
    first = _world(found[0])
    for sizes in found:
        world = _world(sizes)
        rank = ranks[world] = ranks.get(world, -1) + 1
        offset = len(ranks) - 1
        at_smallest = world == first and len(kept) < EVERY
        if at_smallest or (rank + offset) % stride == 0 or rank == offset % kinds:
            kept.append(sizes)
    return kept


def _possible(claim: Claim, found: list[Sizes]) -> list[Sizes]:
    """Without the sizes where no probe was inside the hypotheses, if others of their (S, A) have
    one."""
    rng = generator(claim, "sizes", 0)
    seen = [any(_inside(claim, sizes, k) for k in _probes(claim, sizes, rng)) for sizes in found]
    worlds = {_world(sizes) for sizes, inside in zip(found, seen, strict=True) if inside}
    kept = zip(found, seen, strict=True)
    return [sizes for sizes, inside in kept if inside or _world(sizes) not in worlds]


def _probes(claim: Claim, sizes: Sizes, rng: np.random.Generator) -> Iterator[list[int]]:
    yield [0] * len(integer_kinds(claim, sizes))
    yield from islice(random_points(claim, sizes, rng), PROBES)


def _inside(claim: Claim, sizes: Sizes, numbers: list[int]) -> bool:
    """Whether the hypotheses are not seen to fail at an exact instance."""
    try:
        with using(RATIONALS):
            evaluate(claim, rebuild(claim, sizes, numbers))
    except HypothesisFailed:
        return False
    except (TheorylabError, ArithmeticError):
        pass
    return True


def _world(sizes: Sizes) -> tuple[int | None, int | None]:
    return sizes.get("S"), sizes.get("A")


def _extras(sizes: Sizes) -> tuple[tuple[str, int], ...]:
    return tuple((name, size) for name, size in sizes.items() if name not in ("S", "A"))


def random_points(claim: Claim, sizes: Sizes, rng: np.random.Generator) -> Iterator[list[int]]:
    """The integers of random exact instances of a shape, without end."""
    asked = _asked(claim, sizes)
    while True:
        integers = random_integers(rng)
        yield [k for kind, count in asked for k in integers(kind, count)]


def integer_kinds(claim: Claim, sizes: Sizes) -> list[str]:
    """The kinds of the integers that describe an instance of this shape."""
    return [kind for kind, count in _asked(claim, sizes) for _ in range(count)]


def _asked(claim: Claim, sizes: Sizes) -> list[tuple[str, int]]:
    """The kind and the number of integers of each table of an instance of this shape: they do not
    depend on the integers before."""
    asked: list[tuple[str, int]] = []

    def zeros(kind: str, count: int) -> list[int]:
        asked.append((kind, count))
        return [0] * count

    build_instance(claim.parameters, ExactSource(zeros), sizes)
    return asked


def rebuild(claim: Claim, sizes: Sizes, numbers: Sequence[int]) -> Instance:
    """The exact instance that these integers describe."""
    return build_instance(claim.parameters, replay(numbers), sizes)


def breaks(claim: Claim, sizes: Sizes, numbers: Sequence[int], decide: Decide) -> list[int]:
    """The links that an exact instance breaks; none where it is not in the claim's domain."""
    with suppress(HypothesisFailed, Undefined, Unsupported):
        return decide(claim, rebuild(claim, sizes, numbers)).broken()
    return []


def counterexample(
    claim: Claim,
    sizes: Sizes,
    numbers: Sequence[int],
    link: int,
    decide: Decide,
    shrinking: Decide | None = None,
) -> Counterexample:
    """The shrunk counterexample to one link, evaluated once more from its integers.

    `shrinking` decides the trials where that is not left to `decide`: it may give up.
    """
    cheap = shrinking or decide
    small = shrink(numbers, lambda trial: link in breaks(claim, sizes, trial, cheap))
    return counterexample_at(claim, sizes, rebuild(claim, sizes, small), link, decide, small)


def counterexample_at(
    claim: Claim,
    sizes: Sizes,
    instance: Instance,
    link: int,
    decide: Decide,
    numbers: Sequence[int] = (),
) -> Counterexample:
    """The counterexample that an exact instance is, evaluated once more; `numbers` are its integers
    where it has some."""
    judged = _evaluated(claim, instance, decide)
    if judged.decisions[link].holds is not False:
        raise ClaimError(
            f"{claim.id} gives other results at the same objects: it depends on more than its"
            " arguments (random numbers, global state)"
        )
    step = judged.links[link]
    return Counterexample(
        sizes=dict(sizes),
        instance={name: encode(value) for name, value in instance.items()},
        link=link,
        because=step.because,
        kind=step.kind,
        lhs=exact_texts(step.lhs),
        rhs=exact_texts(step.rhs),
        numbers=tuple(numbers),
    )


def _evaluated(claim: Claim, instance: Instance, decide: Decide) -> Judged:
    """The instance judged in the rationals where that works, so that its sides are exact."""
    try:
        return exactly(claim, instance)
    except Unsupported:
        return decide(claim, instance)


def break_generic(
    claim: Claim, sizes: Sizes, link: int, rng: np.random.Generator, decide: Decide
) -> Counterexample | None:
    """An exact counterexample where an identity is known to be false at generic points."""
    for numbers in islice(random_points(claim, sizes, rng), 200):
        if link in breaks(claim, sizes, numbers, decide):
            return counterexample(claim, sizes, numbers, link, decide)
    return None


def merge_smallest(
    found: dict[int, Counterexample], new: Counterexample
) -> dict[int, Counterexample]:
    """The counterexamples by link, keeping the first (smallest shape) of each."""
    return found if new.link in found else {**found, new.link: replace(new)}


def reach_text(claim: Claim, reached: Sequence[Sizes], visited: int) -> str:
    """`, up to S=3 A=2`, how many of the shapes visited had no instance that counts, and where only
    some values of an Integer were tried; nothing where no shape was reached."""
    if not reached:
        return ""
    missed = visited - len(reached)
    none = f" (none counted at {missed} of {visited} shapes)" if missed else ""
    sampled = [
        f"; {len({s[p.size] for s in reached})} of the {p.says.high + 1 - p.says.low} values of"
        f" {p.name}"
        for p in claim.parameters
        if isinstance(p.says, Integer) and p.says.high - p.says.low >= FEW
    ]
    return f", up to {shape_text(reached[-1])}{_largest(reached)}{none}{''.join(sampled)}"


def _largest(reached: Sequence[Sizes]) -> str:
    """Sizes that were larger at some other shape than at the last one: `, S to 24, H to 20`."""
    tops = {name: max(sizes.get(name, 0) for sizes in reached) for name in reached[-1]}
    larger = [f"{n} to {k}" for n, k in tops.items() if k > reached[-1][n]]
    return f" ({', '.join(larger)} elsewhere)" if larger else ""


def finite(x: Any) -> float | None:
    """A float for a report, None where it is infinite or not a number."""
    value = float(x)
    return value if np.isfinite(value) else None
