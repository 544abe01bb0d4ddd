r"""Replicated runs of a claim that draws: confidence bounds that stay valid while one looks.

Where the outcomes are too many to enumerate, N independent runs of which X fail bound the failure
probability p by Clopper & Pearson (1934),

    P[Binomial(N, high) <= X] = a,    P[Binomial(N, low) >= X] = a,

exactly, for any N. After 64, 128, 256, ... runs one may stop; look k spends a / (k (k + 1)) of the
level a, which sums to a over all looks. Expectations of bounded variables are bounded by Maurer &
Pontil (2009), Theorem 4 (an empirical Bernstein inequality), with the same looks.

Run i of an instance draws from child i of its SeedSequence. Arithmetic is exact or in balls, so a
run's event is decided, not guessed; where balls cannot tell, the run counts as failing in the
upper bound and as not failing in the lower one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import Array, using
from theorylab.balls import BALLS, Ball
from theorylab.chance import Event, Expected
from theorylab.claims import Claim
from theorylab.engines.outcomes import (
    Run,
    as_event,
    check_hypotheses,
    event_holds,
    named,
    run,
)
from theorylab.errors import ClaimError, TooManyOutcomes, Undefined
from theorylab.givens import Instance
from theorylab.relations import Link, number

FIRST_LOOK = 64
CHUNK = 2**12
BITS = 128
DRAWS = 10**6
"""How many draws a replication may make: a loop that ends with probability one need not end."""
ROUNDING = 1e-9
UNIT = 2**64


@dataclass
class Sampler:
    """Draws from random integers; a label's probability is right to 2^-64 (2^-53 in balls).

    Outcomes are not kept: there may be very many, and no run is repeated.
    """

    rng: np.random.Generator
    drawn: int = 0
    outcomes: tuple[int, ...] = ()
    probability: Any = 1

    def labels(self, row: Sequence[Any], count: int) -> list[int]:
        """Independent labels."""
        self.drawn += count
        if self.drawn > DRAWS:
            raise TooManyOutcomes(f"a run makes more than {DRAWS} draws")
        uniform = self.rng.integers(UNIT, size=count, dtype=np.uint64)
        found = np.searchsorted(_thresholds(row), uniform, side="right")
        return [int(k) for k in found]

    def counts(self, row: Sequence[Any], count: int) -> list[int]:
        """How often each label comes up."""
        return [int(k) for k in np.bincount(self.labels(row, count), minlength=len(row))]


def _thresholds(row: Sequence[Any]) -> Array:
    """Sums of the row in units of 2^-64; label k is drawn between threshold k - 1 and k."""
    sums, total = [], flint.fmpq(0)
    for entry in row[:-1]:
        total = total + (_rational_midpoint(entry) if isinstance(entry, Ball) else entry)
        sums.append(int(total.p) * UNIT // int(total.q))
    return np.array([t for t in sums if t < UNIT], dtype=np.uint64)


def _rational_midpoint(ball: Ball) -> flint.fmpq:
    top, bottom = max(0.0, float(ball.arb.mid())).as_integer_ratio()
    return flint.fmpq(top, bottom)


# ---- bounds --------------------------------------------------------------------------------------


def clopper_pearson(fails: int, runs: int, level: float) -> tuple[float, float]:
    """(low, high): each end is on the wrong side of p with probability at most `level`."""
    from scipy.special import betainccinv, betaincinv

    low = float(betaincinv(fails, runs - fails + 1, level)) if fails else 0.0
    high = float(betainccinv(fails + 1, runs - fails, level)) if fails < runs else 1.0
    return low, high


def empirical_bernstein(
    mean: float, variance: float, runs: int, width: float, level: float
) -> tuple[float, float]:
    """(low, high) around a mean of `runs` values in an interval of this width; `variance` is the
    unbiased one. Each end is wrong with probability at most `level`."""
    logarithm = math.log(2 / level)
    radius = math.sqrt(2 * variance * logarithm / runs) + 7 * width * logarithm / (3 * (runs - 1))
    radius += ROUNDING * width
    return mean - radius, mean + radius


def look_level(level: float, look: int) -> float:
    """What look 1, 2, 3, ... may spend: level / (k (k + 1)), which sums to the level."""
    return level / (look * (look + 1))


def looks(limit: int) -> list[int]:
    """After how many runs one looks: 64, 128, ..., the last at the limit."""
    found, runs = [], FIRST_LOOK
    while runs < limit:
        found.append(runs)
        runs *= 2
    return [*found, max(limit, 2)]


@dataclass(frozen=True)
class Finding:
    """What replications say of one statement at one instance.

    `status` is "supported", "suspected" or "open"; [low, high] encloses, at the level, the failure
    probability (to be at most `limit` = delta) or E[rhs - lhs] (to be at least 0, or 0).
    """

    link: int
    status: str
    runs: int
    low: float
    high: float
    limit: float
    level: float
    expectation: bool = False

    def __str__(self) -> str:
        """The numbers in words."""
        what = "E[rhs - lhs]" if self.expectation else "failure probability"
        aim = "" if self.expectation else f" against delta = {self.limit:.3g}"
        bound = f"in [{self.low:.3g}, {self.high:.3g}]"
        if self.status == "supported" and not self.expectation:
            bound = f"at most {self.high:.3g}"
        return f"{what} {bound} at level {self.level:.0e}{aim}, {self.runs:,} runs"


def status_of_failure(
    fails: int, maybe: int, runs: int, delta: float, level: float
) -> tuple[str, float, float]:
    """Status and bounds after `runs` runs: `fails` surely failed, `maybe` more may have."""
    low = clopper_pearson(fails, runs, level)[0]
    high = clopper_pearson(fails + maybe, runs, level)[1]
    status = "suspected" if low > delta else "supported" if high <= delta else "open"
    return status, low, high


# ---- running -------------------------------------------------------------------------------------


def replicate(
    claim: Claim, instance: Instance, seeds: np.random.SeedSequence, *, limit: int, level: float
) -> list[Finding]:
    """Sequential findings on every statement of the claim at one exact instance.

    `level` is shared by the statements. Raises: HypothesisFailed where the instance does not count.
    """
    tallies: list[Any] = []
    settled: dict[int, Finding] = {}
    done = 0
    for look, total in enumerate(looks(limit), 1):
        while done < total:
            runs = _more(claim, instance, seeds, min(CHUNK, total - done))
            done += len(runs)
            tallies = tallies or _tallies(runs)
            for k, tally in enumerate(tallies):
                tally.add([r.links[k] if r.links is not None else None for r in runs])
        for k, tally in enumerate(tallies):
            own = level / len(tallies)
            finding = tally.finding(k, look_level(own, look), own)
            if k not in settled or settled[k].status == "open":
                settled[k] = finding
        if all(f.status != "open" for f in settled.values()):
            break
    return [settled[k] for k in sorted(settled)]


def _more(claim: Claim, instance: Instance, seeds: np.random.SeedSequence, count: int) -> list[Run]:
    with _precision(BITS), using(BALLS):
        samplers = [Sampler(np.random.default_rng(child)) for child in seeds.spawn(count)]
        runs = [run(claim, instance, sampler) for sampler in samplers]
    check_hypotheses(runs)
    return runs


@contextmanager
def _precision(bits: int) -> Iterator[None]:
    before, flint.ctx.prec = flint.ctx.prec, bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def _tallies(runs: Sequence[Run]) -> list[Any]:
    links = next((r.links for r in runs if r.links is not None), None)
    if links is None:
        raise Undefined(runs[0].without)
    return [MeanTally(k) if isinstance(k, Expected) else FailureTally(as_event(k)) for k in links]


@dataclass
class FailureTally:
    """How many runs failed an event."""

    event: Event
    runs: int = 0
    fails: int = 0
    maybe: int = 0

    def add(self, links: Sequence[Link | None]) -> None:
        """Count more runs; one without links may have failed."""
        with _precision(BITS), using(BALLS):
            held = [None if k is None else event_holds(as_event(k)) for k in links]
        self.runs += len(held)
        self.fails += held.count(False)
        self.maybe += held.count(None)

    def finding(self, k: int, look: float, level: float) -> Finding:
        """What they say at a look; given a past, runs can only raise a suspicion."""
        delta = number(self.event.rhs)
        status, low, high = status_of_failure(self.fails, self.maybe, self.runs, delta, look)
        if status == "supported" and self.event.given is not None:
            status = "open"
        return Finding(k, status, self.runs, low, high, delta, level)


@dataclass
class MeanTally:
    """Sums of rhs - lhs, entry by entry, for a statement in expectation."""

    link: Expected
    runs: int = 0
    total: Any = 0.0
    squares: Any = 0.0

    def add(self, links: Sequence[Link | None]) -> None:
        """Add more runs; ClaimError where one leaves the range that the claim promises."""
        if self.link.within is None or any(k is None for k in links):
            self.link = replace(self.link, within=None)  # without a range there is no bound
            self.runs += len(links)
            return
        low, high = (number(end) for end in self.link.within)
        gaps = np.array([_gap(k) for k in links if k is not None])
        slack = ROUNDING * (high - low)
        if gaps.min() < low - slack or gaps.max() > high + slack:
            raise ClaimError(
                f"{named('in expectation', self.link)}: rhs - lhs is promised within [{low:.6g},"
                f" {high:.6g}], met [{gaps.min():.6g}, {gaps.max():.6g}]"
            )
        self.runs += len(gaps)
        self.total = self.total + gaps.sum(0)
        self.squares = self.squares + (gaps**2).sum(0)

    def finding(self, k: int, look: float, level: float) -> Finding:
        """What they say at a look: an equality can be suspected, never supported."""
        if self.link.within is None:
            return Finding(k, "open", self.runs, -math.inf, math.inf, 0.0, level, True)
        low, high = (number(end) for end in self.link.within)
        means = np.ravel(self.total / self.runs)
        variances = np.ravel(self.squares / self.runs) - means**2
        unbiased = np.maximum(variances, 0.0) * self.runs / (self.runs - 1)
        bounds = [
            empirical_bernstein(m, v, self.runs, high - low, look / len(means))
            for m, v in zip(means, unbiased, strict=True)
        ]
        worst = min(bounds)
        status = "suspected" if worst[1] < 0 else "supported" if worst[0] >= 0 else "open"
        if self.link.kind == "equal":
            worst = max(bounds, key=lambda b: max(b[0], -b[1]))
            status = "suspected" if max(worst[0], -worst[1]) > 0 else "open"
        given = self.link.given is not None and status == "supported"
        return Finding(k, "open" if given else status, self.runs, *worst, 0.0, level, True)


def _gap(link: Link) -> Array:
    return np.array([number(x) for x in np.ravel(np.asarray(link.rhs - link.lhs, dtype=object))])
