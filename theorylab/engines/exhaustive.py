"""The exhaustive engine: every instance of a small shape with entries from a small grid.

Rows of transitions, policies and distributions have entries in {0, 1/2, 1}, payoffs are 0 or 1
(functions -1 or 1), discounts 1/2 or 9/10, discrete choices are all taken. All of them are judged:
in floats where the gap is beyond rounding, exactly where it is not, so that the count in the
verdict is exact. Relabelled states and actions are visited once where the claim's formula names no
state and no action.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, partial
from itertools import combinations, permutations, product
from math import prod
from types import FunctionType

import numpy as np

from theorylab.arithmetic import Array
from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.floats import CONFIRMED, Batch, judge_batch
from theorylab.engines.judging import counterexample, rigorous
from theorylab.engines.tally import Tally
from theorylab.errors import Unsupported
from theorylab.givens import Sizes, build_instance, shapes
from theorylab.lint import definition_of, helpers_of
from theorylab.points import DISCOUNTS, ExactSource, replay_lanes
from theorylab.verdicts import Evidence, shape_text
from theorylab.worlds.mdp import MDP

CHUNK = 2_000
NEAR = 1e-9
GRID_DISCOUNTS = (Fraction(1, 2), Fraction(9, 10))
WORLDS = [(1, 1), (1, 2), (2, 1), (1, 3), (2, 2), (3, 1)]


@dataclass
class GridSource(ExactSource):
    """Notes, for each row, number or choice that is drawn, the integers that the grid allows."""

    options: list[Array] = field(default_factory=list)

    def simplex(self, *shape: int) -> Array:
        self.options += [_rows(shape[-1])] * prod(shape[:-1])
        return super().simplex(*shape)

    def fraction(self, *shape: int) -> Array:
        self.options += [np.array([[0], [1]])] * prod(shape)
        return super().fraction(*shape)

    def discount(self) -> object:
        self.options.append(np.array([[DISCOUNTS.index(g)] for g in GRID_DISCOUNTS]))
        return super().discount()

    def vertex(self, *shape: int) -> Array:
        self.options += [np.arange(shape[-1])[:, None]] * prod(shape[:-1])
        return super().vertex(*shape)


def _rows(n: int) -> Array:
    """The weights of all rows of length n with entries in {0, 1/2, 1}."""
    chosen = [(k,) for k in range(n)] + list(combinations(range(n), 2))
    return np.array([[int(k in places) for k in range(n)] for places in chosen])


def exhaustive(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Judge every grid instance of the smallest shapes, as many shapes as the budget allows."""
    tally, done, left = Tally(), [], budget.grid
    try:
        for sizes in shapes(claim.parameters, WORLDS):
            grid = _grid(claim, sizes)
            if prod(len(o) for o in grid) > left:
                continue
            left -= _judge_all(claim, sizes, grid, budget, tally)
            done.append(sizes)
    except Unsupported as error:
        return Evidence("exhaustive", None, str(error), seed=seed)
    if not done:
        return Evidence("exhaustive", None, "its smallest grid is too large", seed=seed)
    return tally.evidence("exhaustive", seed, _words(claim, tally, done), CONFIRMED)


def _words(claim: Claim, tally: Tally, done: list[Sizes]) -> str:
    relabelled = " up to relabelling" if names_nothing(claim) else ""
    domain = f", {tally.kept:,} of them in its domain" if tally.kept < tally.tried else ""
    open_ = f", {tally.undecided:,} undecided" if tally.undecided else ""
    where = ", ".join(shape_text(sizes) for sizes in done)
    return f"all {tally.tried:,} grid instances{relabelled} hold at {where}{domain}{open_}"


def _grid(claim: Claim, sizes: Sizes) -> list[Array]:
    source = GridSource(lambda kind, count: [0] * count)
    build_instance(claim.parameters, source, sizes)
    return source.options


def _judge_all(claim: Claim, sizes: Sizes, grid: list[Array], budget: Budget, tally: Tally) -> int:
    """Judge a whole grid; how many instances it has, up to relabelling where that is allowed."""
    count = 0
    for numbers in _chunks(claim, sizes, grid):
        source = replay_lanes(numbers)
        batch = judge_batch(claim, sizes, source, len(numbers))
        if batch.links and all(link.kind == "equal" for link in batch.links):
            raise Unsupported("no inequality: identities are for certificate and symbolic")
        tally.tried += len(numbers)
        tally.reach(sizes, int(batch.kept.sum()))
        for lane in _near(batch):
            _judge_exactly(claim, sizes, [int(k) for k in numbers[lane]], budget, tally)
        count += len(numbers)
    return count


def _near(batch: Batch) -> Array:
    """The instances whose floats do not decide every link: near ties, broken, not numbers."""
    slacks = [np.broadcast_to(d.slack, batch.kept.shape) for d in batch.decisions]
    if not slacks:
        return np.zeros(0, dtype=int)
    sure = np.all([s > NEAR + batch.tolerance for s in slacks], axis=0)
    return np.flatnonzero(~sure)


def _judge_exactly(
    claim: Claim, sizes: Sizes, numbers: list[int], budget: Budget, tally: Tally
) -> None:
    decide = rigorous(budget)
    judged = tally.attempt(claim, sizes, numbers, decide)
    if judged is not None:
        tally.undecided += not judged.decided()
        tally.collect(judged, partial(counterexample, claim, sizes, numbers, decide=decide))


# ---- the instances -----------------------------------------------------------------------------


def _chunks(claim: Claim, sizes: Sizes, grid: list[Array]) -> Iterator[Array]:
    """The integers of all instances of a grid, in blocks of rows."""
    heads, first = _heads(claim, sizes, grid)
    radix = [len(options) for options in grid[first:]]
    total = prod(radix)
    for start in range(0, len(heads) * total, CHUNK):
        index = np.arange(start, min(start + CHUNK, len(heads) * total))
        places, index = index // total, index % total
        columns = []
        for options, size in zip(reversed(grid[first:]), reversed(radix), strict=True):
            columns.append(options[index % size])
            index = index // size
        yield np.concatenate([heads[places], *reversed(columns)], axis=1)


def _heads(claim: Claim, sizes: Sizes, grid: list[Array]) -> tuple[Array, int]:
    """The integers of the first world, once for each relabelling, and how many options they take;
    nothing where the claim has no world or its formula may name a state or an action."""
    says = claim.parameters[0].says
    if not (isinstance(says, type) and issubclass(says, MDP) and names_nothing(claim)):
        return np.zeros((1, 0), dtype=int), 0
    S, A = sizes["S"], sizes["A"]
    first = S * A + S * A + 2  # rows of P, payoffs, the discount, the start
    worlds = product(*(map(tuple, options) for options in grid[:first]))
    kept = [w for w in worlds if all(w <= other for other in _relabelled(w, S, A))]
    return np.array([[k for part in w for k in part] for w in kept]), first


World = tuple[tuple[int, ...], ...]


def _relabelled(world: World, S: int, A: int) -> Iterator[World]:
    """The world under every order of the states and of the actions."""
    P, payoff, (gamma, start) = world[: S * A], world[S * A : 2 * S * A], world[2 * S * A :]
    for states in permutations(range(S)):
        for actions in permutations(range(A)):
            pairs = [s * A + a for s in states for a in actions]
            rows = tuple(tuple(P[k][t] for t in states) for k in pairs)
            yield (*rows, *(payoff[k] for k in pairs), gamma, tuple(start[t] for t in states))


POSITIONAL = {
    "arange", "cumsum", "cumprod", "roll", "flip", "triu", "tril", "take", "split", "diag",
    "greedy", "greedy_policy", "optimal_policy",
}  # fmt: skip
"""Functions by which a formula may tell one state or action from another (ties go to the first)."""


def names_nothing(claim: Claim) -> bool:
    """Whether the formula treats all states and all actions alike: no entry is picked by index."""
    return _names_nothing(claim.function)


@lru_cache(maxsize=64)
def _names_nothing(function: FunctionType) -> bool:
    parts = (function, *helpers_of(function))
    nodes = [node for part in parts for node in ast.walk(definition_of(part))]
    picked = any(isinstance(n, ast.Subscript) and not _plain(n.slice) for n in nodes)
    names = {getattr(n, "id", getattr(n, "attr", "")) for n in nodes}
    return not picked and not names & POSITIONAL


def _plain(index: ast.expr) -> bool:
    """Whether an index only moves axes about: full slices, None and ..."""
    entries = index.elts if isinstance(index, ast.Tuple) else [index]
    return all(
        (isinstance(e, ast.Slice) and e.lower is None and e.upper is None and e.step is None)
        or (isinstance(e, ast.Constant) and e.value in (None, ...))
        for e in entries
    )
