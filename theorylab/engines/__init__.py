"""Engines: each a function (claim, budget, seed) -> Evidence, which can refute or support.

Which engines apply is found by running: an operation that a number system lacks ends the engine
with "not applicable, because ...". Order: cheap to rigorous.
"""

from theorylab.engines.ball import ball
from theorylab.engines.budget import BUDGETS, Budget
from theorylab.engines.certificate import certificate
from theorylab.engines.constants import constants
from theorylab.engines.exact import exact
from theorylab.engines.exhaustive import exhaustive
from theorylab.engines.growth import growth, growth_rate
from theorylab.engines.hypotheses import hypotheses
from theorylab.engines.positivity import positivity
from theorylab.engines.probability import probability
from theorylab.engines.search import search
from theorylab.engines.sweep import sweep
from theorylab.engines.symbolic import symbolic

ENGINES = {
    "exact": exact,
    "certificate": certificate,
    "symbolic": symbolic,
    "positivity": positivity,
    "ball": ball,
    "exhaustive": exhaustive,
    "sweep": sweep,
    "search": search,
    "probability": probability,
    "growth": growth,
}

ANALYSES = {"hypotheses": hypotheses, "constants": constants}
"""What is asked of a claim beside its verdict: their evidence has no outcome of its own."""

__all__ = ["ANALYSES", "BUDGETS", "ENGINES", "Budget", "growth_rate"]
