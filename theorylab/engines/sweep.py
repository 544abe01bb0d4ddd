"""The sweep engine: batches of float64 instances, many and larger, random to degenerate.

What floats cannot see, they do not claim: a suspicion goes to exact arithmetic (see `floats`).
Small shapes are also swept in machine code, generation included, where the claim can be traced.
"""

from __future__ import annotations

import numpy as np

from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.compiled import compiled
from theorylab.engines.floats import Seen, evidence_of, examine, judge_batch, judge_suspect
from theorylab.engines.judging import generator, reach_text, visited
from theorylab.engines.smallest import all_corners
from theorylab.errors import HypothesisFailed, Undefined, Unsupported
from theorylab.givens import Sizes
from theorylab.machine import WIDTH
from theorylab.points import random_lanes, replay_lanes
from theorylab.verdicts import Evidence

LARGER = [(1, 6), (2, 4), (5, 2), (6, 3), (8, 2), (12, 1)]
CHUNK = 1_000
BLOCK = 2**15
SUSPICIOUS = -1e-9
JUDGED = 20


def sweep(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Judge many float instances; hand every suspicion to exact arithmetic."""
    rng = generator(claim, "sweep", seed)
    shapes = visited(claim, budget, budget.worlds() + LARGER, wide=True)
    seen, fallback = Seen(), ""
    try:
        for sizes in shapes:
            inequality = _batches(claim, sizes, rng, budget, seen)
            if inequality and not fallback and small(sizes, budget):
                fallback = _in_machine_code(claim, sizes, rng, budget, seen)
    except Unsupported as error:
        return Evidence("sweep", None, str(error), seed=seed)
    found = f"{seen.kept} float instances not refuted"
    if seen.reached:
        found += f", {reach_text(claim, seen.reached, len(shapes))}"
    return evidence_of("sweep", seen, seed, found + fallback)


def small(sizes: Sizes, budget: Budget) -> bool:
    """Whether machine code for the shape is worth its compilation: one state needs none."""
    S, A = sizes.get("S", 1), sizes.get("A", 1)
    return S > 1 and budget.compiled_size >= S * A


def _batches(
    claim: Claim, sizes: Sizes, rng: np.random.Generator, budget: Budget, seen: Seen
) -> bool:
    """Sweep one shape in batches; whether an inequality is among the links.

    Identities need no more: a certificate sees what a million floats would.
    """
    corners = all_corners(claim, sizes)
    if corners is not None:
        source = replay_lanes(corners)
        batch = judge_batch(claim, sizes, source, len(corners))
        examine(claim, sizes, source, batch, budget, seen)
    for first in range(0, budget.lanes, CHUNK):
        count = min(CHUNK, budget.lanes - first)
        source = random_lanes(rng, count)
        batch = judge_batch(claim, sizes, source, count)
        examine(claim, sizes, source, batch, budget, seen)
    return any(link.kind == "at_most" for link in batch.links)


def _in_machine_code(
    claim: Claim, sizes: Sizes, rng: np.random.Generator, budget: Budget, seen: Seen
) -> str:
    """Sweep one shape in machine code; why not, where the claim cannot be traced."""
    try:
        found = compiled(claim, sizes)
    except (Unsupported, Undefined, HypothesisFailed) as error:
        return f" (not compiled: {error})"
    seed = int(rng.integers(2**32))
    suspects: dict[int, list[tuple[float, int]]] = {k: [] for k in range(len(found.kinds))}
    for first in range(0, budget.compiled, BLOCK):
        for link, worst in enumerate(found.code.run(seed, first, BLOCK // WIDTH)):
            suspects[link] += [s for s in worst.suspects if s[0] < SUSPICIOUS]
            seen.kept -= worst.void + worst.strange if link == 0 else 0
    seen.tried += budget.compiled
    seen.kept += budget.compiled
    for link, instances in suspects.items():
        for _, instance in sorted(instances)[:JUDGED]:
            if link not in seen.broken:
                judge_suspect(claim, sizes, found.numbers(seed, instance), link, budget, seen)
    return ""
