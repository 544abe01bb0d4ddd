"""The sweep engine: batches of float64 instances, many and larger, random to degenerate.

What floats cannot see, they do not claim: a suspicion goes to exact arithmetic (see `floats`).
Small shapes are also swept in machine code, generation included, where the claim can be traced.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from theorylab.arithmetic import Array
from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.compiled import compiled
from theorylab.engines.floats import CONFIRMED, examine, judge_batch, judge_suspect
from theorylab.engines.judging import generator, reach_text, visited
from theorylab.engines.smallest import all_corners
from theorylab.engines.tally import Tally
from theorylab.errors import HypothesisFailed, Undefined, Unsupported
from theorylab.givens import Sizes
from theorylab.machine import BINS, EDGES, WIDTH, Worst
from theorylab.points import random_lanes, replay_lanes
from theorylab.verdicts import Evidence, Histogram, shape_text

LARGER = [(1, 6), (2, 4), (5, 2), (6, 3), (8, 2), (12, 1), (1, 24), (24, 1)]
CHUNK = 1_000
BLOCK = 2**15
SUSPICIOUS = -1e-9
JUDGED = 20
ODD = 4


def sweep(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Judge many float instances; hand every suspicion to exact arithmetic."""
    rng = generator(claim, "sweep", seed)
    shapes = visited(claim, budget, budget.worlds() + LARGER, wide=True)
    tally, fallback, slacks = Tally(), "", np.zeros(BINS, dtype=np.int64)
    try:
        for sizes in shapes:
            inequality = _batches(claim, sizes, rng, budget, tally)
            if inequality and not fallback and small(sizes, budget):
                fallback = _in_machine_code(claim, sizes, rng, budget, tally, slacks)
    except Unsupported as error:
        return Evidence("sweep", None, str(error), seed=seed)
    reach = reach_text(claim, tally.reached, len(shapes))
    found = f"{tally.kept} float instances not refuted{reach}"
    evidence = tally.evidence("sweep", seed, found + fallback, CONFIRMED)
    return replace(evidence, histogram=_histogram(slacks))


def _histogram(slacks: Array) -> Histogram | None:
    """The relative slacks of all inequalities that were compiled; None where none was kept."""
    counts = tuple(int(k) for k in slacks)
    return Histogram(EDGES, counts) if any(counts) else None


def small(sizes: Sizes, budget: Budget) -> bool:
    """Whether machine code for the shape is worth its compilation: one state needs none."""
    S, A = sizes.get("S", 1), sizes.get("A", 1)
    return S > 1 and budget.compiled_size >= S * A and budget.compiled >= WIDTH


def _batches(
    claim: Claim, sizes: Sizes, rng: np.random.Generator, budget: Budget, tally: Tally
) -> bool:
    """Sweep one shape in batches; whether an inequality is among the links.

    Identities need no more: a certificate sees what a million floats would.
    """
    corners = all_corners(claim, sizes)
    if corners is not None:
        source = replay_lanes(corners)
        batch = judge_batch(claim, sizes, source, len(corners))
        examine(claim, sizes, source, batch, budget, tally)
    for first in range(0, budget.lanes, CHUNK):
        count = min(CHUNK, budget.lanes - first)
        source = random_lanes(rng, count)
        batch = judge_batch(claim, sizes, source, count)
        examine(claim, sizes, source, batch, budget, tally)
    return any(link.kind == "at_most" for link in batch.links)


def _in_machine_code(
    claim: Claim,
    sizes: Sizes,
    rng: np.random.Generator,
    budget: Budget,
    tally: Tally,
    slacks: Array,
) -> str:
    """Sweep one shape in machine code; why not, where the claim cannot be traced."""
    try:
        found = compiled(claim, sizes)
    except (Unsupported, Undefined, HypothesisFailed) as error:
        return f" (not compiled from {shape_text(sizes)} on: {error})"
    seed = int(rng.integers(2**32))
    counts = [min(BLOCK, budget.compiled - k) // WIDTH for k in range(0, budget.compiled, BLOCK)]
    runs = [found.code.run(seed, k * BLOCK, count) for k, count in enumerate(counts)]
    for link, kind in enumerate(found.kinds):
        worsts = [run.links[link] for run in runs]
        tally.slack = min([tally.slack, *(s for worst in worsts for s, _ in worst.suspects[:1])])
        if kind == "at_most":
            slacks += np.sum([worst.histogram for worst in worsts], axis=0)
        for instance in _suspicious(worsts):
            if link not in tally.broken:
                judge_suspect(claim, sizes, found.numbers(seed, instance), link, budget, tally)
    tally.tried += sum(counts) * WIDTH
    tally.kept += sum(run.kept for run in runs)
    return ""


def _suspicious(worsts: list[Worst]) -> list[int]:
    """The instances of a link to be judged exactly: the worst ones, and some that are strange,
    those with an infinite side first."""
    slacks = sorted(s for worst in worsts for s in worst.suspects if s[0] < SUSPICIOUS)
    strange = sorted((not worst.infinite, worst.strange[0]) for worst in worsts if worst.strange)
    return [instance for _, instance in (*slacks[:JUDGED], *strange[:ODD])]
