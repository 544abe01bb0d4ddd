"""What a claim that draws says along every path of outcomes, for comparing it with another one.

Weighed, "almost surely" is a failure probability of 0 whatever the bound is; along the paths its
lines have sides again, of which one can say that they are tighter or looser.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import flint

from theorylab.arithmetic import RATIONALS
from theorylab.balls import BALLS
from theorylab.chance import Expected
from theorylab.claims import Claim
from theorylab.engines.outcomes import Run, Spent, all_runs, as_event
from theorylab.errors import TooManyOutcomes, Undefined, Unsupported
from theorylab.givens import Instance
from theorylab.relations import Link

PATHS = 2**12
BITS = 128


def drawn_lines(claim: Claim, instance: Instance) -> tuple[tuple[Any, ...], tuple[Link, ...]]:
    """The paths with their probabilities, and the lines along them: those of an event with its
    level, path by path; an expectation once, weighed.

    Raises: TooManyOutcomes; HypothesisFailed; Undefined where a path has no lines.
    """
    runs = _runs(claim, instance)
    if any(r.links is None for r in runs):
        raise Undefined("a path of outcomes has no lines")
    paths = tuple((r.outcomes, str(r.probability)) for r in runs)
    statements = zip(*[r.links or () for r in runs], strict=True)
    return paths, tuple(line for each in statements for line in _lines(list(each), runs))


def _runs(claim: Claim, instance: Instance) -> list[Run]:
    try:
        return all_runs(claim, instance, PATHS, RATIONALS, Spent())
    except TooManyOutcomes:
        raise
    except Unsupported:
        before, flint.ctx.prec = flint.ctx.prec, BITS
        try:
            return all_runs(claim, instance, PATHS, BALLS, Spent())
        finally:
            flint.ctx.prec = before


def _lines(links: list[Link], runs: list[Run]) -> list[Link]:
    """One statement along the runs."""
    if isinstance(links[0], Expected):
        sides = [
            reduce(lambda x, y: x + y, [getattr(link, side) * r.probability for link, r in pairs])
            for side in ("lhs", "rhs")
            for pairs in [list(zip(links, runs, strict=True))]
        ]
        return [Link(links[0].kind, *sides)]
    events = [as_event(link) for link in links]
    return [line for e in events for line in (Link("at_most", flint.fmpq(0), e.rhs), *e.inner)]
