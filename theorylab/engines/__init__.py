"""Engines: each a function (claim, budget, seed) -> Evidence, which can refute or support.

Which engines apply is found by running: an operation that a number system lacks ends the engine
with "not applicable, because ...". Order: cheap to rigorous.
"""

from theorylab.engines.ball import ball
from theorylab.engines.budget import BUDGETS, Budget
from theorylab.engines.certificate import certificate
from theorylab.engines.exact import exact
from theorylab.engines.exhaustive import exhaustive
from theorylab.engines.search import search
from theorylab.engines.sweep import sweep
from theorylab.engines.symbolic import symbolic

ENGINES = {
    "exact": exact,
    "certificate": certificate,
    "symbolic": symbolic,
    "ball": ball,
    "exhaustive": exhaustive,
    "sweep": sweep,
    "search": search,
}

__all__ = ["BUDGETS", "ENGINES", "Budget"]
