"""What the tests draw: exact worlds by hypothesis, float worlds by numpy.

An exact world is one string of bytes: rows are small integer weights over their sum, payoffs
twelfths. So a failure shrinks fast, towards vertices and zeros.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import repeat
from typing import Any

import flint
import numpy as np
from hypothesis import strategies as st

from theorylab import MDP, FiniteHorizonMDP, Model, NonstationaryPolicy, Policy
from theorylab.worlds.mdp import map_tables

UNIT = st.fractions(0, 1, max_denominator=12)
Bytes = Iterator[int]


def fraction(data: Bytes) -> Fraction:
    """A number in [0, 1] of denominator 12."""
    return Fraction(next(data) % 13, 12)


def discount(data: Bytes) -> Fraction:
    """A number in [0, 1): k/12, or 1 - 1/100."""
    k = next(data) % 13
    return Fraction(k, 12) if k < 12 else Fraction(99, 100)


def row(n: int) -> Callable[[Bytes], list[Fraction]]:
    """A distribution on n points; weights that are all 0 make the first vertex."""

    def draw(data: Bytes) -> list[Fraction]:
        weights = [next(data) % 5 for _ in range(n)]
        total = sum(weights)
        return [Fraction(w, total) if total else Fraction(k == 0) for k, w in enumerate(weights)]

    return draw


def nested(entry: Callable[[Bytes], Any], data: Bytes, *shape: int) -> Any:
    """A nested list of that shape."""
    if not shape:
        return entry(data)
    return [nested(entry, data, *shape[1:]) for _ in range(shape[0])]


def from_bytes(build: Callable[[Bytes], Any], size: int) -> st.SearchStrategy[Any]:
    """What `build` makes of a string of `size` bytes, and of zeros after that."""

    def decode(data: bytes) -> Any:
        return build(iter([*data, *repeat(0, 1000)]))

    return st.binary(min_size=size, max_size=size).map(decode)


def exact_mdp(data: Bytes, S: int, A: int, sense: Any = "cost") -> MDP:
    """An exact MDP with payoffs in [0, 1]."""
    return MDP(
        P=nested(row(S), data, S, A),
        payoff=nested(fraction, data, S, A),
        gamma=discount(data),
        start=row(S)(data),
        sense=sense,
    )


def mdps(S: int, A: int, sense: Any = "cost") -> st.SearchStrategy[MDP]:
    """An exact MDP with payoffs in [0, 1]."""
    return from_bytes(lambda data: exact_mdp(data, S, A, sense), S * A * (S + 1) + 1 + S)


def worlds(S: int = 3, A: int = 2) -> st.SearchStrategy[tuple[MDP, Model, Policy, Policy]]:
    """An MDP, a model on its spaces and two policies; sizes pairwise different by default."""

    def build(data: Bytes) -> tuple[MDP, Model, Policy, Policy]:
        M = exact_mdp(data, S, A)
        model = M.with_transitions(nested(row(S), data, S, A))
        pi, other = (Policy(nested(row(A), data, S)) for _ in range(2))
        return M, model, pi, other

    return from_bytes(build, S * A * (2 * S + 3) + 1 + S)


def finite_horizons(
    H: int = 3, S: int = 2, A: int = 2, sense: Any = "cost"
) -> st.SearchStrategy[tuple[FiniteHorizonMDP, NonstationaryPolicy]]:
    """A finite-horizon MDP and a policy that depends on the step."""

    def build(data: Bytes) -> tuple[FiniteHorizonMDP, NonstationaryPolicy]:
        P, payoff = nested(row(S), data, H, S, A), nested(fraction, data, H, S, A)
        M = FiniteHorizonMDP(P=P, payoff=payoff, start=row(S)(data), sense=sense)
        return M, NonstationaryPolicy(nested(row(A), data, H, S))

    return from_bytes(build, H * S * A * (S + 2) + S)


def table(entry: st.SearchStrategy[Any], *shape: int) -> st.SearchStrategy[Any]:
    """A nested list of that shape."""
    for n in reversed(shape):
        entry = st.lists(entry, min_size=n, max_size=n)
    return entry


def as_rational(x: Any) -> flint.fmpq:
    """An exact number as flint's rational; a float exactly."""
    f = Fraction(str(x)) if isinstance(x, flint.fmpq | flint.fmpz) else Fraction(x)
    return flint.fmpq(f.numerator, f.denominator)


def as_float(x: Any) -> float:
    """An exact number as the nearest float."""
    return float(Fraction(str(x)))


def cast(world: Any, element: Callable[[Any], Any]) -> Any:
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
