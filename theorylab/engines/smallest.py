"""The smallest counterexample: once a claim is known to be false, smaller shapes are tried harder.

Each shape below the known one is swept again: all its corners (integers 0 and 1) where they are
few, and many random instances, and searched; what breaks exactly is shrunk. So the shape reported
does not hang on which instances an engine happened to draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np

from theorylab.arithmetic import Array
from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.climbing import Search, visit
from theorylab.engines.floats import examine, judge_batch
from theorylab.engines.judging import generator, integer_kinds
from theorylab.engines.tally import Tally
from theorylab.errors import AtRandom, HypothesisFailed, RunsAlong, Unsupported
from theorylab.givens import Sizes, bulk, shapes
from theorylab.points import LaneSource, random_lanes, replay_lanes
from theorylab.verdicts import Counterexample, Verdict, shape_text

CORNERS = 12
"""All corners of a shape are visited where it has at most this many integers."""
ROUNDS = 8
CHUNK = 1_000


def smallest(claim: Claim, verdict: Verdict, budget: Budget, seed: int) -> Verdict:
    """The verdict with a counterexample at a smaller shape, if one is found there."""
    known = verdict.counterexample
    found = None if known is None else smaller(claim, known, budget, seed)
    return with_smaller(verdict, found)


def smaller(
    claim: Claim, known: Counterexample, budget: Budget, seed: int
) -> Counterexample | None:
    """A counterexample to the same line at the smallest shape below the known one's, if any."""
    with suppress(AtRandom, RunsAlong):  # their own engines look at small shapes first
        for sizes in _smaller_shapes(claim, known):
            found = _hunt(claim, sizes, known.link, budget, seed)
            if found is not None:
                return found
    return None


def with_smaller(verdict: Verdict, found: Counterexample | None) -> Verdict:
    """The verdict with a smaller counterexample in place of its own; itself where there is none."""
    known = verdict.counterexample
    if known is None or found is None:
        return verdict
    return replace(verdict, counterexample=found, grade=_regraded(verdict, known, found))


def _regraded(verdict: Verdict, old: Counterexample, new: Counterexample) -> str:
    return verdict.grade.replace(shape_text(old.sizes), shape_text(new.sizes), 1)


def _smaller_shapes(claim: Claim, known: Counterexample) -> Iterator[Sizes]:
    """Every shape below the known one, whatever the budget visited."""
    S, A = known.sizes.get("S", 1), known.sizes.get("A", 1)
    worlds = [(s, a) for s in range(1, S * A + 1) for a in range(1, S * A // s + 1)]
    limit = bulk(known.sizes)
    return (s for s in shapes(claim.parameters, worlds, wide=True) if bulk(s) < limit)


def _hunt(
    claim: Claim, sizes: Sizes, link: int, budget: Budget, seed: int
) -> Counterexample | None:
    rng, tally = generator(claim, "smallest", seed), Tally()
    for source, count in _sources(claim, sizes, rng):
        try:
            batch = judge_batch(claim, sizes, source, count)
            examine(claim, sizes, source, batch, budget, tally)
        except (AtRandom, RunsAlong):
            raise
        except (Unsupported, HypothesisFailed):
            return None
        if link in tally.broken:
            return tally.broken[link]
    climbing = Search(claim, budget, rng)
    with suppress(Unsupported, HypothesisFailed):
        visit(climbing, sizes, [link])
    return climbing.tally.broken.get(link)


def _sources(
    claim: Claim, sizes: Sizes, rng: np.random.Generator
) -> Iterator[tuple[LaneSource, int]]:
    corners = all_corners(claim, sizes)
    if corners is not None:
        yield replay_lanes(corners), len(corners)
    for _ in range(ROUNDS):
        yield random_lanes(rng, CHUNK), CHUNK


def all_corners(claim: Claim, sizes: Sizes) -> Array | None:
    """All instances whose integers are 0 or 1, as rows; None where there are too many."""
    size = len(integer_kinds(claim, sizes))
    if size > CORNERS:
        return None
    return (np.arange(2**size)[:, None] >> np.arange(size)[None, :]) & 1
