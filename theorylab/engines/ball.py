"""The ball engine: real balls with rigorous error bounds, for roots, logarithms and exponentials.

The precision is doubled until each link is decided, up to a limit; an instance that stays open is
undecided. Sides that agree to half of the last precision's bits are reported as tied.
"""

from __future__ import annotations

from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.exact import hunt
from theorylab.engines.judging import Judged, with_balls
from theorylab.givens import Instance
from theorylab.verdicts import Evidence


def ball(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Hunt for counterexamples with separated enclosures."""

    def decide(claim: Claim, instance: Instance) -> Judged:
        return with_balls(claim, instance, budget.bits)

    return hunt("ball", claim, budget, seed, decide, budget.balls)
