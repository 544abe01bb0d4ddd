r"""The tree of reachable beliefs of a latent MDP, equal beliefs merged.

A node of step t is a last state s and a vector of joint weights c (M,), up to scale, that some
history of t steps has. Its edges go to the nodes of step t + 1:

    c_m(h a r s') = c_m(h) P_m(s' | s, a) 1[r = R_m(s, a)] = factor * (the weights of the child)

Exact tables: the weights are integers without common divisor, and two nodes are one if they are
the same integers. Floats: the weights sum to 1, and two nodes are one if all their weights, rounded
to multiples of 2^-40, are the same (an equality of integers, no comparison within a tolerance); the
first one found stands for both. A value is moved by at most M 2^-40 for each step that remains.

Memory: a node takes 8 M + 8 A + 4 bytes in floats, an edge 16, and while its step is built the hash
table 16 to 48 a node. It is checked against the limit before any table is allocated.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Any

import flint
import numpy as np

from theorylab.algorithms import latent_tree_kernels as kernels
from theorylab.algorithms.latent_tree_memory import Budget, Edges, Room
from theorylab.arithmetic import Array
from theorylab.errors import ModelError
from theorylab.worlds import checks
from theorylab.worlds.latent_mdp import LatentMDP

MEMORY = 2**31
"""Bytes that a tree may take unless told otherwise."""
BLOCK = 256
"""Edges that are drafted together, so that their reads of the hash table overlap."""
EXACT_EDGE = 200
"""Bytes of an edge between exact nodes: a rational, a key and two entries of lists."""


@dataclass(frozen=True, eq=False)
class Level:
    """The nodes of one step and the edges that leave them (none at the last step).

    Shapes: states (n,), weights (n, M); the edges of (node, a) are first[node A + a] up to the next
    entry of first (n A + 1,); of each edge codes (e,), label S + next state, children (e,), factors
    (e,): c_m P_m 1[.] of the node is the factor times the child's weight.
    """

    states: Array
    weights: Array
    first: Array
    codes: Array
    children: Array
    factors: Array

    def __len__(self) -> int:
        return len(self.states)


@dataclass(frozen=True, eq=False)
class BeliefTree:
    """A latent MDP with its levels 1, ..., H; roots (S,) says the node of each first state, -1
    where it cannot happen, and root_factors (S,) the probability: w_m nu_m = factor * weights."""

    world: LatentMDP
    levels: list[Level]
    roots: Array
    root_factors: Array

    @property
    def nodes(self) -> int:
        """The number of nodes of all steps."""
        return sum(map(len, self.levels))

    @property
    def bytes(self) -> int:
        """The bytes of its tables; what the numbers in exact tables take is not counted."""
        return sum(table.nbytes for level in self.levels for table in vars(level).values())


@dataclass(frozen=True, eq=False)
class Moves:
    """What can follow (s, a): first (S A + 1,) into targets (k,), label S + next state, with
    likelihood (k, M), P_m(s' | s, a) 1[r = R_m(s, a)] times scale (S A,)."""

    first: Array
    targets: Array
    likelihood: Array
    scale: list[int]


def belief_tree(W: LatentMDP, memory: int = MEMORY) -> BeliefTree:
    """The reachable beliefs from the first states on; for every action, whatever the policy.

    Raises TooLargeTree before more than `memory` bytes would be allocated, ModelError for tables
    that are neither exact rationals nor floats.
    """
    exact = checks.is_exact(W.P)
    if not exact and W.P.dtype != np.float64:
        raise ModelError("belief_tree needs floats or exact rationals, to merge equal beliefs")
    moves, budget = moves_of(W), Budget(W, memory)
    grow = _grown_exactly if exact else _grown_in_floats
    roots, factors, states, weights = _roots(W, exact)
    levels: list[Level] = []
    for t in range(1, W.H):
        level, states, weights = grow(W, moves, states, weights, budget.at(t))
        levels.append(level)
        budget.spent += _size(W, level, exact)
    none = np.zeros(0, dtype=np.int32)
    levels.append(Level(states, weights, np.zeros(1, dtype=np.int64), none, none, none))
    return BeliefTree(W, levels, roots, factors)


def moves_of(W: LatentMDP) -> Moves:
    """What can follow each (s, a); exact likelihoods are integers over a common scale."""
    first, targets, rows, scales = [0], [], [], []
    exact = checks.is_exact(W.P)
    for s, a in np.ndindex(W.S, W.A):
        scale = _denominator(W.P[:, s, a]) if exact else 1
        scales.append(scale)
        for label in range(W.L):
            same = W.labels[:, s, a] == label
            for following in range(W.S):
                row = np.where(same, W.P[:, s, a, following] * scale, 0)
                if (row > 0).any():
                    targets.append(label * W.S + following)
                    rows.append([_numerator(x) for x in row])
        first.append(len(targets))
    likelihood = np.array(rows, dtype=object if exact else np.float64)
    return Moves(np.array(first), np.array(targets, dtype=np.int64), likelihood, scales)


def _denominator(table: Array) -> int:
    """The least common denominator of exact entries."""
    scale = 1
    for x in table.flat:
        q = int(x.q) if isinstance(x, flint.fmpq) else 1
        scale = scale * q // gcd(scale, q)
    return scale


def _numerator(x: Any) -> Any:
    """The integer that an exact entry is by now, or the float."""
    return int(x.p) if isinstance(x, flint.fmpq) else x


def _roots(W: LatentMDP, exact: bool) -> tuple[Array, Array, Array, Array]:
    """Of the first states: nodes (S,) and factors (S,); states (n,) and weights (n, M)."""
    joint = (W.w[:, None] * W.nu).T
    total = joint.sum(1)
    possible = np.flatnonzero(total > 0)
    roots = np.full(W.S, -1)
    roots[possible] = np.arange(len(possible))
    if not exact:
        return roots, total, possible.astype(np.int32), joint[possible] / total[possible, None]
    scale = _denominator(joint)
    factors, weights = 0 * total, np.empty((len(possible), W.M), dtype=object)
    for node, s in enumerate(possible):
        whole = [_numerator(x * scale) for x in joint[s]]
        common = gcd(*whole)
        weights[node] = [x // common for x in whole]
        factors[s] = flint.fmpq(common, scale)
    return roots, factors, possible.astype(np.int32), weights


def _size(W: LatentMDP, level: Level, exact: bool) -> int:
    """The bytes of a level."""
    held = sum(table.nbytes for table in vars(level).values())
    return held + (len(level.codes) * EXACT_EDGE + _integers(level.weights) if exact else 0)


def _integers(weights: Array) -> int:
    """The bytes of the integers in a table."""
    return sum(28 + x.bit_length() // 7 for x in weights.flat)


# ---- one step ------------------------------------------------------------------------------------


def _grown_exactly(
    W: LatentMDP, moves: Moves, states: Array, weights: Array, budget: Budget
) -> tuple[Level, Array, Array]:
    """The level of these nodes, and states and weights of the nodes of the next step."""
    grown, first = _Exact(W, moves), [0]
    for s, own in zip(states.tolist(), weights.tolist(), strict=True):
        budget.check(grown.bytes + len(grown.codes) * EXACT_EDGE, len(grown.found))
        for a in range(W.A):
            grown.expand(s, own, a)
            first.append(len(grown.codes))
    level = Level(states, weights, np.array(first), *grown.edges())
    nodes = np.array([list(key) for key in grown.found], dtype=object)
    return level, nodes[:, 0].astype(np.int32), nodes[:, 1:]


class _Exact:
    """The nodes found so far, each a state with its weights, and the edges to them."""

    def __init__(self, W: LatentMDP, moves: Moves) -> None:
        self.world, self.moves, self.bytes = W, moves, 0
        self.likelihood = [[int(x) for x in row] for row in moves.likelihood]
        self.found: dict[tuple[int, ...], int] = {}
        self.codes: list[int] = []
        self.children: list[int] = []
        self.factors: list[flint.fmpq] = []

    def expand(self, s: int, weights: list[int], a: int) -> None:
        """The edges of action a at state s with these weights."""
        pair = s * self.world.A + a
        for k in range(self.moves.first[pair], self.moves.first[pair + 1]):
            joint = [c * x for c, x in zip(weights, self.likelihood[k], strict=True)]
            common = gcd(*joint)
            if common:
                code = int(self.moves.targets[k])
                self.codes.append(code)
                self.children.append(
                    self._node((code % self.world.S, *[x // common for x in joint]))
                )
                self.factors.append(flint.fmpq(common, self.moves.scale[pair]))

    def _node(self, key: tuple[int, ...]) -> int:
        """The number of a node, a new one if it was not found before."""
        before = len(self.found)
        number = self.found.setdefault(key, before)
        if number == before:
            self.bytes += sum(60 + x.bit_length() // 7 for x in key)
        return number

    def edges(self) -> tuple[Array, Array, Array]:
        """Codes, children and factors as arrays."""
        held = np.empty(len(self.factors), dtype=object)
        held[:] = self.factors
        return np.array(self.codes, dtype=np.int32), np.array(self.children, dtype=np.int32), held


def _grown_in_floats(
    W: LatentMDP, moves: Moves, states: Array, weights: Array, budget: Budget
) -> tuple[Level, Array, Array]:
    """The same in floats: the tables are doubled whenever the kernel says that they are full."""
    most, following = int(np.diff(moves.first[:: W.A]).max()), moves.targets % W.S
    block = max(BLOCK, most)
    first = np.zeros(len(states) * W.A + 1, dtype=np.int64)
    room = Room(W, 2 * block + 2 * len(states), budget, first.nbytes)
    edges = Edges(most * len(states) + block, budget, first.nbytes + room.bytes)
    node, count, used = 0, 0, 0
    while True:
        node, count, used, _ = kernels.grown(
            node, states, weights, moves.first, moves.targets, following, moves.likelihood,
            room.table, room.states, room.weights, count,
            first, edges.codes, edges.children, edges.factors, used, block,
        )  # fmt: skip
        if node == len(states):
            break
        room.grow(count, count * len(states) // max(node, 1) + block, first.nbytes + edges.bytes)
    level = Level(states, weights, first, *edges.cut(used))
    return level, *room.cut(count)
