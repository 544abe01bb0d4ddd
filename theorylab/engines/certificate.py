"""The certificate engine: polynomial identity testing modulo random 61-bit primes.

A claim's sides are rational functions of the free entries of its tables. If lhs - rhs = N / D with
N not zero, then N vanishes at a random point modulo a random prime p with probability at most
deg(N) / p, plus the probability that p divides all of N's coefficients. Degree and coefficient
size are bounded on the tape (Schwartz 1980, Zippel 1979). It is a certificate, never a proof.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import PRIME_FIELD, using
from theorylab.claims import Claim, evaluate
from theorylab.engines.budget import Budget
from theorylab.engines.judging import break_generic, generator, rigorous, visited
from theorylab.errors import HypothesisFailed, Undefined, Unsupported
from theorylab.givens import Sizes, build_instance
from theorylab.points import GenericSource
from theorylab.relations import Link, compare
from theorylab.tape import DegreeBound, degree_bound, recording
from theorylab.verdicts import Counterexample, Evidence, Outcome, shape_text

WORLDS = [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2)]
PRIMES = 2**60 / (61 * math.log(2))
"""At least so many primes lie between 2^60 and 2^61."""
REDRAWS = 20


def certificate(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Test every equality of the claim at random points of random prime fields."""
    rng = generator(claim, "certificate", seed)
    shapes = visited(claim, budget, WORLDS)
    try:
        traced = [trace(claim, sizes) for sizes in shapes]
        false = [(sizes, failing_links(claim, sizes, rng, budget.trials)) for sizes in shapes]
    except Unsupported as error:
        return Evidence("certificate", None, str(error), seed=seed)
    except Undefined as error:
        return Evidence("certificate", None, f"undefined at some shape: {error}", seed=seed)
    except HypothesisFailed:
        note = "its hypotheses cannot be drawn at generic points"
        return Evidence("certificate", None, note, seed=seed)
    failures = [(sizes, link) for sizes, links in false for link in sorted(links)]
    if failures:
        return _refuted(claim, failures, rng, budget, seed)
    bounds = [degree_bound(tape, *gaps(links)) for tape, links in traced]
    whole = all(only_equalities(links) for _, links in traced)
    failure = sum(_failure(bound) ** budget.trials for bound in bounds)
    return Evidence(
        "certificate",
        Outcome.CERTIFIED if whole else Outcome.SUPPORTED,
        f"{_which(traced[0][1])} certified up to {shape_text(shapes[-1])}, degree"
        f" {max(b.degree for b in bounds)}; a false one passes with probability < {failure:.0e}",
        tried=len(shapes) * budget.trials,
        kept=len(shapes) * budget.trials,
        failure=failure,
        shapes=tuple(shapes),
        seed=seed,
    )


def equalities(links: tuple[Link, ...]) -> list[int]:
    """The links that are equalities; Unsupported when there is none."""
    found = [k for k, link in enumerate(links) if link.kind == "equal"]
    if not found:
        raise Unsupported("at_most: a prime field has no order; exact, ball and sweep remain")
    return found


def only_equalities(links: tuple[Link, ...]) -> bool:
    """Whether every link is an equality."""
    return all(link.kind == "equal" for link in links)


def _which(links: tuple[Link, ...]) -> str:
    found = equalities(links)
    if only_equalities(links):
        return "identity"
    return f"equality in line {', '.join(str(k + 1) for k in found)}"


def gaps(links: tuple[Link, ...]) -> list[Any]:
    """lhs - rhs of every equality, entry by entry."""
    entries: list[Any] = []
    for k in equalities(links):
        gap = links[k].lhs - links[k].rhs
        entries.extend(gap.ravel() if isinstance(gap, np.ndarray) else [gap])
    return entries


def trace(claim: Claim, sizes: Sizes) -> tuple[Any, tuple[Link, ...]]:
    """The claim's tape at one shape, and its links with nodes as sides."""
    with recording() as tape:
        labels = (f"x{k}" for k in range(10**9))
        source = GenericSource(lambda: tape.input(next(labels)), tape.constant(1))
        links, _ = evaluate(claim, build_instance(claim.parameters, source, sizes))
        return tape, links


def _failure(bound: DegreeBound) -> float:
    """Probability that one trial passes a false identity: Schwartz-Zippel, twice for the redraw
    of points with a zero denominator, plus the primes that divide every coefficient."""
    return 2 * bound.degree / 2**60 + (max(bound.bits, 0.0) / 60 + 1) / PRIMES


def random_prime(rng: np.random.Generator) -> int:
    """A random prime between 2^60 and 2^61."""
    while True:
        candidate = int(rng.integers(2**60, 2**61)) | 1
        if flint.fmpz(candidate).is_prime():
            return candidate


def failing_links(claim: Claim, sizes: Sizes, rng: np.random.Generator, trials: int) -> set[int]:
    """The links that fail at some generic point."""
    return set().union(*(_trial(claim, sizes, rng) for _ in range(trials)))


def _trial(claim: Claim, sizes: Sizes, rng: np.random.Generator) -> set[int]:
    for _ in range(REDRAWS):
        p = random_prime(rng)
        source = GenericSource(partial(_random_element, rng, p), flint.nmod(1, p))
        try:
            with using(PRIME_FIELD):
                links, _ = evaluate(claim, build_instance(claim.parameters, source, sizes))
                return {k for k in equalities(links) if not compare(links[k]).holds}
        except Undefined:  # a zero denominator, or one that p divides: draw again
            continue
    raise Unsupported(f"a denominator vanished at {REDRAWS} generic points: it is zero")


def _random_element(rng: np.random.Generator, p: int) -> flint.nmod:
    return flint.nmod(int(rng.integers(p)), p)


def _refuted(
    claim: Claim,
    failures: list[tuple[Sizes, int]],
    rng: np.random.Generator,
    budget: Budget,
    seed: int,
) -> Evidence:
    """Exact counterexamples where generic points fail, smallest shape first for each link."""
    found: dict[int, Counterexample] = {}
    for sizes, link in failures:
        if link not in found:
            example = break_generic(claim, sizes, link, rng, rigorous(budget))
            if example is not None:
                found[link] = example
    missing = tuple(sizes for sizes, link in failures if link not in found)
    broken = tuple(found[k] for k in sorted(found))
    outcome = Outcome.CONFLICT if missing else Outcome.REFUTED
    note = "fails at generic points modulo a prime"
    return Evidence("certificate", outcome, note, broken=broken, suspected=missing, seed=seed)
