"""The exact engine: hypothesis draws integers, instances are rational, the check is exact.

Sizes are visited smallest first; hypothesis shrinks what it finds, and the greedy shrinker of
`points` finishes. Every link of a chain is hunted for, so each broken line has its own smallest
counterexample. Claims with roots and logarithms are not for it (`ball` runs the same hunt).
"""

from __future__ import annotations

import random
import warnings
from contextlib import suppress
from functools import partial

from hypothesis import HealthCheck, Phase, Verbosity, find, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisDeprecationWarning, NoSuchExample

from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.judging import (
    Decide,
    counterexample,
    exactly,
    generator,
    integer_kinds,
    reach_text,
    rebuild,
    visited,
)
from theorylab.engines.tally import Tally
from theorylab.errors import ClaimError, HypothesisFailed, Undefined, Unsupported
from theorylab.givens import Sizes
from theorylab.points import LIMITS, MAGNITUDES
from theorylab.verdicts import Evidence
from theorylab.worlds.io import exact_texts


def exact(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Hunt for counterexamples in exact rationals."""
    return hunt("exact", claim, budget, seed, exactly, budget.examples)


def hunt(
    engine: str, claim: Claim, budget: Budget, seed: int, decide: Decide, examples: int
) -> Evidence:
    """Visit the shapes smallest first with instances from hypothesis, and judge each."""
    tally, shapes = Tally(), visited(claim, budget)
    chance = random.Random(int(generator(claim, engine, seed).integers(2**63)))
    try:
        before = _probe(claim, shapes[0], decide)
        for sizes in shapes:
            _visit(claim, sizes, tally, decide, examples, chance)
        if _probe(claim, shapes[0], decide) != before:
            raise ClaimError(
                f"{claim.id} gives other sides at the same objects after a while: it depends on"
                " more than its arguments (random numbers, global state)"
            )
    except Unsupported as error:
        return Evidence(engine, None, str(error), seed=seed)
    return tally.evidence(engine, seed, _words(claim, tally, len(shapes)))


def _probe(claim: Claim, sizes: Sizes, decide: Decide) -> list[tuple[str, str]]:
    """The sides at the simplest instance; a claim that the engine cannot run says so at once."""
    with suppress(HypothesisFailed, Undefined):
        judged = decide(claim, rebuild(claim, sizes, [0] * len(integer_kinds(claim, sizes))))
        return [(exact_texts(link.lhs), exact_texts(link.rhs)) for link in judged.links]
    return []


def _visit(
    claim: Claim, sizes: Sizes, tally: Tally, decide: Decide, examples: int, chance: random.Random
) -> None:
    """Find an instance of this shape for every link that is not known to break yet."""
    while True:
        numbers = _find(claim, sizes, tally, decide, examples, chance)
        if numbers is None:
            return
        found = partial(counterexample, claim, sizes, numbers, decide=decide)
        tally.collect(decide(claim, rebuild(claim, sizes, numbers)), found)


def _find(
    claim: Claim, sizes: Sizes, tally: Tally, decide: Decide, examples: int, chance: random.Random
) -> list[int] | None:
    def breaks_anew(numbers: list[int]) -> bool:
        tally.tried += 1
        judged = tally.attempt(claim, sizes, numbers, decide)
        if judged is None:
            return False
        tally.count(judged, sizes)
        return any(link not in tally.broken for link in judged.broken())

    with warnings.catch_warnings(), suppress(NoSuchExample):
        # a worker's other threads use the global random numbers, which concern no draw of ours
        warnings.simplefilter("ignore", HypothesisDeprecationWarning)
        return find(
            integers(claim, sizes), breaks_anew, settings=_settings(examples), random=chance
        )
    return None


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def integers(claim: Claim, sizes: Sizes) -> st.SearchStrategy[list[int]]:
    """The integers of an instance, drawn as one string of bytes; shrinks to zeros.

    The first byte chooses a magnitude, each other byte is an integer up to it. One draw for an
    instance is several times faster than one for each integer.
    """
    kinds = integer_kinds(claim, sizes)

    def decode(data: bytes) -> list[int]:
        overall = MAGNITUDES[data[0] % len(MAGNITUDES)]
        limits = [LIMITS[k] if k == "discount" else min(overall, LIMITS[k]) for k in kinds]
        return [b % (limit + 1) for b, limit in zip(data[1:], limits, strict=True)]

    return st.binary(min_size=len(kinds) + 1, max_size=len(kinds) + 1).map(decode)


def _words(claim: Claim, tally: Tally, visited: int) -> str:
    words = f"{tally.kept} instances not refuted{reach_text(claim, tally.reached, visited)}"
    if tally.kept < tally.tried:
        words += f" ({tally.tried - tally.kept} of {tally.tried} outside the hypotheses)"
    if tally.tied:
        words += f", {tally.tied} of them equal to the last bit"
    if tally.undecided:
        words += f", {tally.undecided} undecided"
    return words
