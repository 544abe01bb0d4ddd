"""The memory of belief trees: what they may take, checked before it is allocated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import log10

import numpy as np

from theorylab.algorithms import latent_tree_kernels as kernels
from theorylab.arithmetic import Array
from theorylab.errors import ModelError, TooLargeTree
from theorylab.worlds.latent_mdp import LatentMDP


class Budget:
    """The bytes that may be used and those spent, with the error that says they do not suffice."""

    def __init__(self, W: LatentMDP, limit: int) -> None:
        if type(limit) is not int or limit < 1:
            raise ModelError(f"belief_tree: memory is {limit!r}, expected a number of bytes")
        self.world, self.limit, self.spent, self.step = W, limit, 0, 1

    def at(self, t: int) -> Budget:
        """The same while step t is expanded."""
        self.step = t
        return self

    def check(self, wanted: int, nodes: int) -> None:
        """Raise TooLargeTree if so many bytes more would exceed the limit."""
        if self.spent + wanted <= self.limit:
            return
        W, tree = self.world, log10(sum(history_counts(self.world)))
        raise TooLargeTree(
            f"the belief tree of {type(W).__name__} with H = {W.H}, S = {W.S}, A = {W.A}, M = {W.M}"
            f" needs {self.spent + wanted:,} bytes at step {self.step + 1} of {W.H} ({nodes:,}"
            f" nodes there), over the limit of {self.limit:,}; it may have up to"
            f" 10^{tree:.1f} nodes. Lower H, raise `memory`, or use the alpha-vector"
            " solver (algorithms.alpha_vectors)."
        )


def history_counts(W: LatentMDP) -> list[int]:
    """How many histories of steps 1, ..., H can happen: the nodes of the tree without merging.

    Counted by last state and set of contexts that are possible, never one by one.
    """
    alive = [frozenset(np.flatnonzero(column > 0).tolist()) for column in W.nu.T]
    counts = Counter({(s, contexts): 1 for s, contexts in enumerate(alive) if contexts})
    found = [sum(counts.values())]
    for _ in range(W.H - 1):
        grown: Counter[tuple[int, frozenset[int]]] = Counter()
        for (s, contexts), number in counts.items():
            for place in _followers(W, s, contexts):
                grown[place] += number
        counts = grown
        found.append(sum(counts.values()))
    return found


def _followers(
    W: LatentMDP, s: int, contexts: frozenset[int]
) -> Iterator[tuple[int, frozenset[int]]]:
    """The next states with the contexts that remain, for each action and label."""
    for a in range(W.A):
        for label in sorted({int(W.labels[m, s, a]) for m in contexts}):
            same = [m for m in contexts if W.labels[m, s, a] == label]
            for following in range(W.S):
                left = frozenset(m for m in same if W.P[m, s, a, following] > 0)
                if left:
                    yield following, left


class Room:
    """Tables for the nodes of a step and the hash table over them; they grow by doubling."""

    def __init__(self, W: LatentMDP, size: int, budget: Budget, beside: int) -> None:
        self.M, self.budget = W.M, budget
        self._allocate(size, 0, beside)

    def _allocate(self, size: int, count: int, beside: int) -> None:
        places = 1 << (2 * size - 1).bit_length()
        self.bytes = size * (8 * self.M + 4) + places * 8
        self.budget.check(beside + self.bytes + count * (8 * self.M + 4), count)
        self.states = np.zeros(size, dtype=np.int32)
        self.weights = np.zeros((size, self.M))
        self.table = np.zeros(places, dtype=np.uint64)

    def grow(self, count: int, wanted: int, beside: int) -> None:
        """More room, the first `count` nodes kept: what is wanted at this rate, at least a half
        more, at most twice as much."""
        states, weights = self.states, self.weights
        size = min(max(wanted, len(states) * 3 // 2), len(states) * 2)
        self._allocate(size, count, beside)
        self.states[:count], self.weights[:count] = states[:count], weights[:count]
        kernels.filled(self.table, self.states, self.weights, count)

    def cut(self, count: int) -> tuple[Array, Array]:
        """States and weights of the nodes, without the hash table and the room left."""
        del self.table
        return _first(count, self.states), _first(count, self.weights)


def _first(count: int, table: Array) -> Array:
    """The first rows: a view where they are most of the table (the rest was never written to)."""
    return table[:count] if 2 * count > len(table) else table[:count].copy()


class Edges:
    """Tables for all edges that the nodes of a step can have."""

    def __init__(self, size: int, budget: Budget, beside: int) -> None:
        self.bytes = size * 16
        budget.check(beside + self.bytes, 0)
        self.codes = np.zeros(size, dtype=np.int32)
        self.children = np.zeros(size, dtype=np.int32)
        self.factors = np.zeros(size)

    def cut(self, used: int) -> tuple[Array, Array, Array]:
        """The edges used."""
        return _first(used, self.codes), _first(used, self.children), _first(used, self.factors)
