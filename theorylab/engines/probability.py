"""The probability engine: statements about what a claim draws.

Small instances are enumerated: every path of outcomes, with its exact probability, so that a
refutation is exact and its counterexample can be checked again. Sizes whose outcomes are too many
are replicated (see `replications`): they support at a level that is named, or raise a suspicion,
which is never called refuted. Nothing here is ever called proved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice, product

import numpy as np

from theorylab.arithmetic import using
from theorylab.balls import BALLS
from theorylab.chance import Event, Expected, drawing
from theorylab.claims import Claim, evaluate
from theorylab.engines.budget import Budget
from theorylab.engines.judging import (
    Decide,
    Judged,
    counterexample,
    finite,
    generator,
    integer_kinds,
    random_points,
    rebuild,
    rigorous,
)
from theorylab.engines.outcomes import PATHS, Path, Spent, weigh
from theorylab.engines.replications import Finding, replicate
from theorylab.engines.tally import Tally
from theorylab.errors import (
    HypothesisFailed,
    TheorylabError,
    TooManyOutcomes,
    Undefined,
    Unsupported,
)
from theorylab.givens import Instance, Sizes, bulk, shapes
from theorylab.points import LIMITS
from theorylab.relations import number
from theorylab.verdicts import Counterexample, Evidence, Outcome, shape_text

LEVEL = 1e-6
"""How probable it may be that any replicated finding of a whole run is false."""
CLAIMS = 1_000
"""For so many claims in a run; each has LEVEL / CLAIMS, shared by its instances and statements."""
CORNERS = 5
"""All instances of integers 0 and 1 are enumerated where they have at most so many."""
TRIED_TOO_LARGE = 3
REPLICATED = 3
"""How many sizes that are too large to enumerate are replicated, one instance each."""
SEARCHED = 20
CONFIRMED = 4
"""A suspicion is enumerated with so many times the usual outcomes."""
SMALLER = 40
"""How many smaller shapes are tried for a counterexample."""


@dataclass
class _Seen:
    """What was enumerated, which shapes were too large for it, and what replications found."""

    lines: int = 0
    unvisited: int = 0
    tally: Tally = field(default_factory=Tally)
    spent: Spent = field(default_factory=Spent)
    enumerated: list[Sizes] = field(default_factory=list)
    larger: list[Sizes] = field(default_factory=list)
    findings: list[tuple[Sizes, Finding]] = field(default_factory=list)


def probability(
    claim: Claim, budget: Budget, seed: int, *, level: float = LEVEL, claims: int = CLAIMS
) -> Evidence:
    """Judge what a claim says of its draws: by enumeration, then by replications.

    `level` is the probability that some replicated finding is false in a run of `claims` claims;
    it is shared evenly (Bonferroni) by claims, instances and statements.
    """
    possible = list(shapes(claim.parameters, budget.worlds()))
    planned = _planned(possible, budget)
    seen = _Seen(unvisited=len(possible) - len(planned))
    try:
        if not any(_speaks_of_chance(claim, sizes, seed) for sizes in (planned[0], planned[-1])):
            note = "no draws, no statement with probability: the other engines judge it"
            return Evidence("probability", None, note, seed=seed)
        for k, sizes in enumerate(planned):
            allowed = (budget.outcomes - seen.spent.runs) // (len(planned) - k)
            _enumerate(claim, sizes, budget, seed, max(allowed, 0), seen)
        if not seen.tally.broken and not seen.tally.undefined:
            _replicate(claim, budget, seed, level / claims, seen)
        _make_smaller(claim, budget, seed, seen)
    except Unsupported as error:
        return Evidence("probability", None, str(error), seed=seed)
    return _evidence(seen, seed)


def _planned(found: list[Sizes], budget: Budget) -> list[Sizes]:
    """The smallest shapes, where most false statements fall, and as many spread over the rest."""
    count = budget.shapes + budget.combinations
    rest = found[count:]
    places = sorted({int(k) for k in np.linspace(0, len(rest) - 1, min(count, len(rest)))})
    return found[:count] + [rest[k] for k in places]


def _speaks_of_chance(claim: Claim, sizes: Sizes, seed: int) -> bool:
    """Whether the claim draws, or states something with probability, where its hypotheses hold."""
    rng = generator(claim, "draws", seed)
    simplest = [0] * len(integer_kinds(claim, sizes))
    for numbers in (simplest, *islice(random_points(claim, sizes, rng), SEARCHED)):
        path = Path(())
        try:
            with drawing(path), using(BALLS):
                links, _ = evaluate(claim, rebuild(claim, sizes, numbers))
            return bool(path.drawn) or any(isinstance(link, Event | Expected) for link in links)
        except TheorylabError:
            if path.drawn:
                return True
    return False


# ---- enumeration ---------------------------------------------------------------------------------


def _enumerate(
    claim: Claim, sizes: Sizes, budget: Budget, seed: int, allowed: int, seen: _Seen
) -> None:
    """Weigh instances of one shape, then climb from the tightest, until its runs are spent."""
    if _all_broken(seen):
        return
    limit, too_large, best = seen.spent.runs + max(allowed, budget.paths), 0, None
    rng = generator(claim, f"probability {shape_text(sizes)}", seed)
    decide = _weighing(budget, seen.spent)
    for numbers in _points(claim, sizes, rng, budget.examples if allowed else 1):
        if seen.spent.runs >= limit or too_large >= TRIED_TOO_LARGE:
            break
        try:
            score = _judge(claim, sizes, numbers, decide, budget, seen)
        except TooManyOutcomes:
            too_large += 1
            continue
        if score is not None and (best is None or score < best[0]):
            best = (score, numbers)
    if too_large:
        seen.larger.append(sizes)
    if best is not None:
        seen.enumerated.append(sizes)
        _climb(claim, sizes, best, rng, decide, budget, limit, seen)


def _points(
    claim: Claim, sizes: Sizes, rng: np.random.Generator, count: int
) -> Iterator[list[int]]:
    """The integers of instances: all corners where they are few, then `count` others.

    Every second one has uniform rows and extreme numbers: there chance varies most.
    """
    kinds = integer_kinds(claim, sizes)
    if len(kinds) <= CORNERS:
        yield from (list(corner) for corner in product((0, 1), repeat=len(kinds)))
    for k, numbers in enumerate(islice(random_points(claim, sizes, rng), count)):
        yield numbers if k % 2 else [1 if s == "weight" else int(rng.integers(2)) for s in kinds]


def _weighing(budget: Budget, spent: Spent) -> Decide:
    def decide(claim: Claim, instance: Instance) -> Judged:
        weighed = weigh(claim, instance, paths=budget.paths, bits=budget.bits, spent=spent)
        return Judged(*weighed).checked()

    return decide


def _judge(
    claim: Claim, sizes: Sizes, numbers: list[int], decide: Decide, budget: Budget, seen: _Seen
) -> float | None:
    """Count one instance and keep its counterexamples; its tightness, small where it is tight."""
    tally = seen.tally
    tally.tried += 1
    judged = tally.attempt(claim, sizes, numbers, decide)
    if judged is None:
        return None
    tally.count(judged, sizes)
    seen.lines = len(judged.links)
    tally.collect(judged, lambda link: _found(claim, sizes, numbers, link, budget))
    return min((_score(judged, k) for k in range(len(judged.links)) if k not in tally.broken),
               default=0.0)  # fmt: skip


def _found(
    claim: Claim, sizes: Sizes, numbers: list[int], link: int, budget: Budget
) -> Counterexample:
    """The counterexample, shrunk as far as so many runs go as the whole enumeration may make."""
    spent = Spent()

    def shrinking(claim: Claim, instance: Instance) -> Judged:
        if spent.runs >= budget.outcomes:
            raise TooManyOutcomes("shrinking has come to its end")
        return _weighing(budget, spent)(claim, instance)

    return counterexample(claim, sizes, numbers, link, rigorous(budget), shrinking)


def _all_broken(seen: _Seen) -> bool:
    return 0 < seen.lines == len(seen.tally.broken)


def _make_smaller(claim: Claim, budget: Budget, seed: int, seen: _Seen) -> None:
    """Try the shapes below each counterexample that were not visited, smallest first."""
    for link, known in sorted(seen.tally.broken.items()):
        below = [
            sizes
            for sizes in shapes(claim.parameters, budget.worlds())
            if bulk(sizes) < bulk(known.sizes) and sizes not in seen.enumerated
        ]
        for k, sizes in enumerate(below[:SMALLER]):
            trial = _Seen(lines=seen.lines)
            allowed = (budget.outcomes - seen.spent.runs) // (min(len(below), SMALLER) - k)
            _enumerate(claim, sizes, budget, seed, max(allowed, 1), trial)
            seen.spent.runs += trial.spent.runs
            if link in trial.tally.broken:
                seen.tally.broken[link] = trial.tally.broken[link]
                break


def _score(judged: Judged, k: int) -> float:
    """The slack of a line relative to its right side, where that is a number."""
    right = judged.links[k].rhs
    scale = abs(number(right)) if not isinstance(right, np.ndarray) else 0.0
    return judged.decisions[k].slack / (scale or 1.0)


def _climb(
    claim: Claim,
    sizes: Sizes,
    best: tuple[float, list[int]],
    rng: np.random.Generator,
    decide: Decide,
    budget: Budget,
    limit: int,
    seen: _Seen,
) -> None:
    """Vary single integers of the tightest instance, keeping what is tighter."""
    score, numbers = best
    limits = [LIMITS[kind] for kind in integer_kinds(claim, sizes)]
    for _ in range(2 * budget.generations if numbers else 0):
        if seen.spent.runs >= limit:
            return
        place = int(rng.integers(len(numbers)))
        moves = [0, numbers[place] + 1, numbers[place] // 2, int(rng.integers(limits[place] + 1))]
        trial = list(numbers)
        trial[place] = min(moves[int(rng.integers(len(moves)))], limits[place])
        with suppress(TooManyOutcomes):
            found = _judge(claim, sizes, trial, decide, budget, seen)
            if found is not None and found < score:
                score, numbers = found, trial


# ---- replications --------------------------------------------------------------------------------


def _replicate(claim: Claim, budget: Budget, seed: int, level: float, seen: _Seen) -> None:
    """Replicate the first, middle and last of the sizes that were too large to enumerate."""
    places = np.linspace(0, len(seen.larger) - 1, min(REPLICATED, len(seen.larger)))
    chosen = [seen.larger[int(k)] for k in sorted(set(places.astype(int)))]
    for sizes in chosen:
        rng = generator(claim, f"replications {shape_text(sizes)}", seed)
        for numbers in islice(random_points(claim, sizes, rng), SEARCHED):
            with suppress(HypothesisFailed):
                _replicate_at(claim, sizes, numbers, rng, budget, level / len(chosen), seen)
                break


def _replicate_at(
    claim: Claim,
    sizes: Sizes,
    numbers: list[int],
    rng: np.random.Generator,
    budget: Budget,
    level: float,
    seen: _Seen,
) -> None:
    seeds = np.random.SeedSequence([int(k) for k in rng.integers(2**32, size=4)])
    instance = rebuild(claim, sizes, numbers)
    try:
        found = replicate(claim, instance, seeds, limit=budget.runs, level=level)
    except Undefined as error:
        seen.tally.note_undefined(sizes, error)
        return
    suspected = [f.link for f in found if f.status == "suspected"]
    if suspected:
        _confirm(claim, sizes, numbers, suspected, budget, seen)
    seen.findings += [(sizes, f) for f in found if f.link not in seen.tally.broken]


def _confirm(
    claim: Claim, sizes: Sizes, numbers: list[int], links: list[int], budget: Budget, seen: _Seen
) -> None:
    """A suspicion is enumerated in full where that can be done; only then is it a refutation."""
    paths = min(PATHS, CONFIRMED * budget.paths)
    with suppress(TooManyOutcomes, Undefined):
        instance = rebuild(claim, sizes, numbers)
        broken = Judged(*weigh(claim, instance, paths=paths, bits=budget.bits)).broken()
        for link in (link for link in broken if link in links):
            seen.tally.broken[link] = _found(claim, sizes, numbers, link, budget)


# ---- evidence ------------------------------------------------------------------------------------


def _evidence(seen: _Seen, seed: int) -> Evidence:
    tally, (outcome, note) = seen.tally, _words(seen)
    replicated = [sizes for sizes, f in seen.findings if f.status == "supported"]
    shapes = [*seen.enumerated, *(s for s in replicated if s not in seen.enumerated)]
    return Evidence(
        "probability",
        outcome,
        note,
        tried=tally.tried,
        kept=tally.kept,
        undecided=tally.undecided,
        undefined=tally.undefined,
        slack=finite(tally.slack) if tally.kept else None,
        shapes=tuple(shapes),
        broken=tuple(tally.broken[k] for k in sorted(tally.broken)),
        seed=seed,
    )


def _words(seen: _Seen) -> tuple[Outcome, str]:
    """The outcome and its note; a suspicion of replications alone leaves the claim undecided."""
    tally = seen.tally
    if tally.broken:
        return Outcome.REFUTED, "all outcomes of a counterexample enumerated"
    if tally.undefined:
        note = f"undefined at {tally.undefined_at}; add an assumption or fix the claim"
        return Outcome.UNDECIDED, note
    suspected = [(sizes, f) for sizes, f in seen.findings if f.status == "suspected"]
    if suspected:
        sizes, finding = suspected[0]
        where = f"line {finding.link + 1} at {shape_text(sizes)}"
        return Outcome.UNDECIDED, f"suspected false by replications only, {where}: {finding}"
    parts = [*_enumeration_words(seen), *_replication_words(seen)]
    at_random = seen.spent.outcomes > 1 or not seen.larger  # not only where nothing is random
    decided = at_random and tally.kept > tally.undecided + tally.tied
    supported = {f.link for _, f in seen.findings if f.status == "supported"}
    if decided or (supported and supported == {f.link for _, f in seen.findings}):
        return Outcome.SUPPORTED, "; ".join(parts)
    if tally.tried and not tally.kept and not seen.larger:
        return Outcome.VACUOUS, f"kept 0 of {tally.tried} instances: its hypotheses never held"
    return Outcome.UNDECIDED, "; ".join(["no instance could be decided", *parts])


def _enumeration_words(seen: _Seen) -> Iterator[str]:
    tally = seen.tally
    if tally.kept:
        yield (
            f"not refuted at {tally.kept} instances with all outcomes enumerated"
            f" ({seen.spent.runs:,} runs), up to {shape_text(seen.enumerated[-1])}"
        )
    if tally.undecided + tally.tied:
        yield f"{tally.undecided + tally.tied} of them undecided"
    if seen.unvisited:
        yield f"{seen.unvisited} sizes between were not visited"
    if seen.larger:
        yield f"too many outcomes at {len(seen.larger)} sizes from {shape_text(seen.larger[0])} on"


def _replication_words(seen: _Seen) -> Iterator[str]:
    for sizes, finding in seen.findings:
        word = "" if finding.status == "supported" else "open, "
        yield f"replicated at {shape_text(sizes)}, line {finding.link + 1}: {word}{finding}"
