"""The search engine: inequalities pushed to their worst case.

Uniform sampling misses bounds that are false by little or in a corner. A population of instances
(as integers, so that every member is exact) climbs towards the largest lhs / rhs: the best are
kept, and vary by single steps, jumps, zeros and crossings. Fitness is seen in floats; what looks
broken is judged exactly. The largest ratio found says how tight the bound is.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from theorylab.arithmetic import Array
from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.floats import Batch, Seen, evidence_of, examine, judge_batch
from theorylab.engines.judging import generator, integer_kinds, rebuild, rigorous, visited
from theorylab.errors import TheorylabError, Unsupported
from theorylab.givens import Sizes
from theorylab.lanes import stack_like
from theorylab.points import LIMITS, random_lanes, replay_lanes
from theorylab.relations import Link, number
from theorylab.verdicts import Evidence, shape_text

POPULATION = 400
ELITE = 60
NEGLIGIBLE = 1e-9


@dataclass
class _Best:
    ratio: float = -np.inf
    at: str = ""


def search(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Climb towards the worst case of every inequality of the claim."""
    rng, seen, best = generator(claim, "search", seed), Seen(), _Best()
    shapes = visited(claim, budget)
    try:
        for sizes in shapes:
            _climb(claim, sizes, rng, budget, seen, best)
    except Unsupported as error:
        return Evidence("search", None, str(error), seed=seed)
    return evidence_of("search", seen, seed, _words(seen, best))


def _words(seen: Seen, best: _Best) -> str:
    if not np.isfinite(best.ratio):
        return f"{seen.kept} climbing instances not refuted"
    ratio = "1: tight" if best.ratio == 1 else f"{best.ratio:.6g}"
    return f"{seen.kept} climbing instances not refuted, largest lhs / rhs {ratio} ({best.at})"


def _climb(
    claim: Claim,
    sizes: Sizes,
    rng: np.random.Generator,
    budget: Budget,
    seen: Seen,
    best: _Best,
) -> None:
    limits = np.array([LIMITS[kind] for kind in integer_kinds(claim, sizes)])
    source = random_lanes(rng, POPULATION)
    batch = judge_batch(claim, sizes, source, POPULATION)
    if not batch.links:
        return
    inequalities = [k for k, link in enumerate(batch.links) if link.kind == "at_most"]
    if not inequalities:
        raise Unsupported("no inequality: identities are for certificate and symbolic")
    for link in inequalities:
        members = np.concatenate(source.log, axis=1)
        scores = _scores(batch, link)
        for _ in range(budget.generations):
            if link in seen.broken:
                break
            children = _children(members[np.argsort(scores)[:ELITE]], limits, rng)
            family = replay_lanes(children)
            judged = judge_batch(claim, sizes, family, POPULATION)
            examine(claim, sizes, family, judged, budget, seen)
            members = np.concatenate([members, children])
            scores = np.concatenate([scores, _scores(judged, link)])
            keep = _distinct_best(members, scores)
            members, scores = members[keep], scores[keep]
        _note_best(claim, sizes, members[np.argmin(scores)], link, budget, best)


def _note_best(
    claim: Claim, sizes: Sizes, numbers: Array, link: int, budget: Budget, best: _Best
) -> None:
    """Evaluate the best member exactly; keep its lhs / rhs where both are positive."""
    with suppress(TheorylabError):
        decide = rigorous(budget)
        step = decide(claim, rebuild(claim, sizes, [int(k) for k in numbers])).links[link]
        pairs = zip(np.ravel(step.lhs), np.ravel(step.rhs), strict=True)
        ratios = [number(lhs / rhs) for lhs, rhs in pairs if lhs > 0 and rhs > 0]
        if ratios and max(ratios) > best.ratio:
            best.ratio, best.at = max(ratios), shape_text(sizes)


def _scores(batch: Batch, link: int) -> Array:
    """1 - lhs / rhs for the worst entry of each instance; infinite where nothing is at stake."""
    left, right = _sides(batch.links[link])
    size = np.maximum(np.abs(left), np.abs(right)).reshape(len(left), -1)
    stake = np.maximum(NEGLIGIBLE, 1e4 * batch.tolerance)[:, None]
    with np.errstate(all="ignore"):
        gap = (right - left).reshape(len(left), -1)
        worst = np.where(size > stake, gap / size, np.inf).min(-1)
    return np.where(batch.kept & np.isfinite(worst), worst, np.inf)


def _sides(link: Link) -> tuple[Array, Array]:
    columns = [np.atleast_1d(np.asarray(side, dtype=object)) for side in (link.lhs, link.rhs)]
    both = np.concatenate([c.ravel() for c in columns])
    return stack_like(columns[0].ravel(), both), stack_like(columns[1].ravel(), both)


def _distinct_best(members: Array, scores: Array) -> Array:
    _, first = np.unique(members, axis=0, return_index=True)
    return np.asarray(first[np.argsort(scores[first], kind="stable")][: 4 * ELITE])


def _children(parents: Array, limits: Array, rng: np.random.Generator) -> Array:
    """New members: crossings of two parents, then changes of one to three integers."""
    count, size = POPULATION, len(limits)
    children = parents[rng.integers(len(parents), size=count)].copy()
    others = parents[rng.integers(len(parents), size=count)]
    crossed = (rng.random(count) < 0.3)[:, None] & (rng.random((count, size)) < 0.5)
    children = np.where(crossed, others, children)
    for _ in range(int(rng.integers(1, 4))):
        rows, places = np.arange(count), rng.integers(size, size=count)
        children[rows, places] = _changed(children[rows, places], limits[places], rng)
    return children


def _changed(values: Array, limits: Array, rng: np.random.Generator) -> Array:
    """Zero, one more, one less, double, half, the limit, small or any: one of them for each."""
    options = np.stack(
        [
            0 * values,
            values + 1,
            values - 1,
            2 * values,
            values // 2,
            limits,
            rng.integers(0, 4, size=len(values)),
            (rng.random(len(values)) * (limits + 1)).astype(np.int64),
        ]
    )
    chosen = options[rng.integers(len(options), size=len(values)), np.arange(len(values))]
    return np.clip(chosen, 0, limits)
