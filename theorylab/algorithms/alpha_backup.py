r"""One step back of a latent MDP or a POMDP in integers: what alpha vectors are made of.

A place is what is known for sure (the last state of a latent MDP; a POMDP has one place), an
option is an action there, a branch something that may be seen after it. The vector of an option is
its rewards plus, for each branch, one vector of the place it leads to, weighted by the chances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import flint
import numpy as np

from theorylab.algorithms.exact_simplex import Row
from theorylab.arithmetic import Array
from theorylab.worlds.latent_mdp import LatentMDP
from theorylab.worlds.pomdp import POMDP


@dataclass(frozen=True)
class Branch:
    """What is seen after an action: the place it leads to, and the vector there as seen from here.

    `weights` are integers: (n,) for a context that never changes, (n, n) where hidden states do.
    """

    place: int
    weights: tuple[Any, ...]

    def seen(self, points: Sequence[Row]) -> list[Row]:
        """The vectors of the next step, weighted by the chances of getting there."""
        columns: list[Sequence[int]] = list(zip(*points, strict=True))
        if isinstance(self.weights[0], int):
            pairs = zip(self.weights, columns, strict=True)
            return list(zip(*[[p * x for x in column] for p, column in pairs], strict=True))
        rows = {row: _weighted(row, columns) for row in set(self.weights)}
        return list(zip(*[rows[row] for row in self.weights], strict=True))

    def keeps_order(self) -> bool:
        """Whether it takes minimal sets (and chains) to such: a positive weight of each context."""
        return isinstance(self.weights[0], int) and min(self.weights) > 0


@dataclass(frozen=True)
class Option:
    """An action at a place: its rewards (n,), integers times `unit` of `Backup`, and branches."""

    rewards: Row
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Backup:
    """One step back: options of each place; weights are times `factor`, rewards times `unit`."""

    places: tuple[tuple[Option, ...], ...]
    factor: int
    unit: int
    n: int


def latent_backup(W: LatentMDP) -> Backup:
    """The step back of a latent MDP: a place for each last state, branches (s', r) that can be."""
    P, rewards = exact_table(W.P), exact_table(W.rewards)
    factor, unit = _denominator(P), _denominator(rewards)
    whole, paid = scaled(P, factor), scaled(rewards, unit)
    places = []
    for s in range(W.S):
        own = []
        for a in range(W.A):
            told = [W.labels[:, s, a] == r for r in range(W.L)]
            seen = [(after, np.where(r, whole[:, s, a, after], 0)) for after in range(W.S)
                    for r in told]  # fmt: skip
            branches = [Branch(after, tuple(p)) for after, p in seen if p.any()]
            own.append(Option(tuple(paid[:, s, a]), tuple(branches)))
        places.append(tuple(own))
    return Backup(tuple(places), factor, unit, W.M)


def pomdp_backup(B: POMDP) -> Backup:
    """The step back of a POMDP: one place, a branch for each observation that can be made."""
    P, observe = exact_table(B.P), exact_table(B.observe)
    weights = exact_table(np.asarray(B.gamma)) * P[..., None] * observe[None]  # (X, A, X, O)
    rewards = exact_table(B.rewards)
    factor, unit = _denominator(weights), _denominator(rewards)
    whole, paid = scaled(weights, factor), scaled(rewards, unit)
    options = []
    for a in range(B.A):
        tables = [whole[:, a, :, o] for o in range(B.O)]
        branches = [Branch(0, _compact(table)) for table in tables if table.any()]
        options.append(Option(tuple(paid[:, a]), tuple(branches)))
    return Backup((tuple(options),), factor, unit, B.X)


def _compact(table: Array) -> tuple[Any, ...]:
    """The diagonal of a table that has nothing else, else its rows."""
    diagonal = table.diagonal()
    if (table == np.diag(diagonal)).all():
        return tuple(diagonal)
    return tuple(tuple(row) for row in table)


def exact_table(table: Array) -> Array:
    """The table in fractions: floats as the binary rationals that they are."""
    out = np.empty(np.shape(table), dtype=object)
    for index in np.ndindex(out.shape):
        x: Any = np.asarray(table)[index]
        exact = isinstance(x, flint.fmpq | flint.fmpz)
        out[index] = Fraction(int(x.numerator), int(x.denominator)) if exact else Fraction(x)
    return out


def scaled(table: Array, scale: int) -> Array:
    """The table times a common denominator, in Python integers."""
    out = np.empty(table.shape, dtype=object)
    for index in np.ndindex(out.shape):
        out[index] = int(table[index] * scale)
    return out


def _weighted(row: Row, columns: list[Sequence[int]]) -> list[int]:
    """The sum of the columns with these weights."""
    parts = [[p * x for x in column] for p, column in zip(row, columns, strict=True) if p]
    return [sum(xs) for xs in zip(*parts, strict=True)] if parts else [0] * len(columns[0])


def dot(u: Sequence[int], v: Sequence[int]) -> int:
    """The inner product."""
    return sum(x * y for x, y in zip(u, v, strict=True))


def _denominator(table: Array) -> int:
    """The least common denominator of a table of fractions."""
    return lcm(*(int(x.denominator) for x in table.flat))
