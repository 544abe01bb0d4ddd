"""The sweep engine: batches of float64 instances, many and larger, random to degenerate.

What floats cannot see, they do not claim: a suspicion goes to exact arithmetic (see `floats`).
"""

from __future__ import annotations

from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.floats import Seen, evidence_of, examine, judge_batch
from theorylab.engines.judging import generator, visited
from theorylab.engines.smallest import all_corners
from theorylab.errors import Unsupported
from theorylab.points import random_lanes, replay_lanes
from theorylab.verdicts import Evidence, shape_text

LARGER = [(5, 2), (6, 3), (8, 2)]
CHUNK = 1_000


def sweep(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Judge many float instances; hand every suspicion to exact arithmetic."""
    rng = generator(claim, "sweep", seed)
    shapes = visited(claim, budget, budget.worlds() + LARGER)
    seen = Seen()
    try:
        for sizes in shapes:
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
    except Unsupported as error:
        return Evidence("sweep", None, str(error), seed=seed)
    found = f"{seen.kept} float instances not refuted, up to {shape_text(shapes[-1])}"
    return evidence_of("sweep", seen, shapes, seed, found)
