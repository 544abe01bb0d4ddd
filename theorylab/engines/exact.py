"""The exact engine: random integers, smallest sizes first; instances are rational, the check exact.

At each size the simplest instance comes first, then random ones, each once. What breaks a line is
shrunk, greedily and deterministically (`points.shrink`), so each broken line has its own small
counterexample. Claims with roots and logarithms are not for it (`ball` runs the same hunt).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import islice

import numpy as np

from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.judging import (
    Decide,
    counterexample,
    exactly,
    generator,
    integer_kinds,
    random_points,
    reach_text,
    rebuild,
    visited,
)
from theorylab.engines.tally import Tally
from theorylab.errors import ClaimError, HypothesisFailed, Undefined, Unsupported
from theorylab.givens import Sizes
from theorylab.verdicts import Evidence
from theorylab.worlds.io import exact_texts

ALIKE = 4
"""How many times as many instances are drawn at most: those drawn before are not judged again."""


def exact(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Hunt for counterexamples in exact rationals."""
    return hunt("exact", claim, budget, seed, exactly, budget.examples)


def hunt(
    engine: str, claim: Claim, budget: Budget, seed: int, decide: Decide, examples: int
) -> Evidence:
    """Visit the shapes smallest first with random instances, and judge each."""
    tally, shapes = Tally(), visited(claim, budget)
    rng = generator(claim, engine, seed)
    try:
        before = _probe(claim, shapes[0], decide)
        for sizes in shapes:
            _visit(claim, sizes, tally, decide, _points(claim, sizes, rng, examples))
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
    claim: Claim, sizes: Sizes, tally: Tally, decide: Decide, points: Iterator[list[int]]
) -> None:
    """Judge instances of this shape until each of its lines is known to break."""
    for numbers in points:
        tally.tried += 1
        judged = tally.attempt(claim, sizes, numbers, decide)
        if judged is None:
            continue
        tally.count(judged, sizes)
        tally.collect(judged, partial(counterexample, claim, sizes, numbers, decide=decide))
        if all(link in tally.broken for link in range(len(judged.links))):
            return


def _points(
    claim: Claim, sizes: Sizes, rng: np.random.Generator, count: int
) -> Iterator[list[int]]:
    """The integers of at most `count` instances, each once: the simplest, then random ones."""
    simplest = [0] * len(integer_kinds(claim, sizes))
    yield simplest
    seen = {tuple(simplest)}
    for numbers in islice(random_points(claim, sizes, rng), ALIKE * count):
        if len(seen) >= count:
            return
        if tuple(numbers) not in seen:
            seen.add(tuple(numbers))
            yield numbers


def _words(claim: Claim, tally: Tally, visited: int) -> str:
    words = f"{tally.kept} instances not refuted{reach_text(claim, tally.reached, visited)}"
    if tally.kept < tally.tried:
        words += f" ({tally.tried - tally.kept} of {tally.tried} outside the hypotheses)"
    if tally.tied:
        words += f", {tally.tied} of them equal to the last bit"
    if tally.undecided:
        words += f", {tally.undecided} undecided"
    return words
