"""What the tests draw: exact tables by hypothesis, float tables by numpy, worlds of both.

Rows are small integer weights over their sum, so that what fails shrinks to vertices and zeros.
"""

from fractions import Fraction
from typing import Any

import flint
import numpy as np
from hypothesis import strategies as st

from theorylab import MDP, FiniteHorizonMDP, Model, NonstationaryPolicy, Policy
from theorylab.worlds.mdp import map_tables

UNIT = st.fractions(0, 1, max_denominator=12)
DISCOUNT = UNIT.filter(lambda g: g < 1)


def simplex(n: int) -> st.SearchStrategy[list[Fraction]]:
    """A distribution on n points; all weights 0 is the first vertex."""

    def normalise(weights: list[int]) -> list[Fraction]:
        total = sum(weights)
        return [
            Fraction(w, total) if total else Fraction(int(k == 0)) for k, w in enumerate(weights)
        ]

    return st.lists(st.integers(0, 6), min_size=n, max_size=n).map(normalise)


def table(entry: st.SearchStrategy[Any], *shape: int) -> st.SearchStrategy[Any]:
    """A nested list of that shape."""
    for n in reversed(shape):
        entry = st.lists(entry, min_size=n, max_size=n)
    return entry


@st.composite
def mdps(draw: Any, S: int, A: int, sense: str = "cost") -> MDP:
    """An exact MDP with payoffs in [0, 1]."""
    return MDP(
        P=draw(table(simplex(S), S, A)),
        payoff=draw(table(UNIT, S, A)),
        gamma=draw(DISCOUNT),
        start=draw(simplex(S)),
        sense=sense,
    )


@st.composite
def worlds(draw: Any, S: int = 3, A: int = 2) -> tuple[MDP, Model, Policy, Policy]:
    """An MDP, a model on its spaces and two policies; sizes pairwise different by default."""
    M = draw(mdps(S, A))
    return (
        M,
        M.with_transitions(draw(table(simplex(S), S, A))),
        Policy(draw(table(simplex(A), S))),
        Policy(draw(table(simplex(A), S))),
    )


@st.composite
def finite_horizons(
    draw: Any, H: int = 3, S: int = 2, A: int = 2
) -> tuple[FiniteHorizonMDP, NonstationaryPolicy]:
    """A finite-horizon MDP and a policy that depends on the step."""
    M = FiniteHorizonMDP(
        P=draw(table(simplex(S), H, S, A)),
        payoff=draw(table(UNIT, H, S, A)),
        start=draw(simplex(S)),
    )
    return M, NonstationaryPolicy(draw(table(simplex(A), H, S)))


def as_rational(x: Any) -> flint.fmpq:
    """An exact number as flint's rational; a float exactly."""
    f = Fraction(str(x)) if isinstance(x, flint.fmpq | flint.fmpz) else Fraction(x)
    return flint.fmpq(f.numerator, f.denominator)


def as_float(x: Any) -> float:
    """An exact number as the nearest float."""
    return float(Fraction(str(x)))


def cast(world: Any, element: Any) -> Any:
    """A world (or a table) with `element` applied to every exact entry."""
    convert = np.frompyfunc(element, 1, 1)

    def tables(entries: Any) -> Any:
        out = np.asarray(convert(entries), dtype=object)
        return out.astype(float) if element is as_float else out

    return tables(world) if isinstance(world, np.ndarray) else map_tables(world, tables)


def float_mdp(rng: np.random.Generator, S: int, A: int, *batch: int, sense: Any = "cost") -> MDP:
    """A dense float MDP, with leading batch axes."""
    return MDP(
        P=rng.dirichlet(np.ones(S), size=(*batch, S, A)),
        payoff=rng.random((*batch, S, A)),
        gamma=rng.uniform(0.1, 0.95, size=batch) if batch else float(rng.uniform(0.1, 0.95)),
        start=rng.dirichlet(np.ones(S), size=batch or None),
        sense=sense,
    )


def float_policy(rng: np.random.Generator, S: int, A: int, *batch: int) -> Policy:
    """A dense float policy, with leading batch axes."""
    return Policy(rng.dirichlet(np.ones(A), size=(*batch, S)))


def instance(M: MDP, k: int) -> MDP:
    """Instance k of a batch."""
    return MDP(M.P[k], M.payoff[k], float(M.gamma[k]), M.start[k], M.sense)
