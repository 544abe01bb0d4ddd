"""The WideTree domain: the real world and the two models of LAMPS, Figure 5 (Appendix C.1.2).

    A -l-> B, A -r-> C;   B -> D, C -> E;   D -l-> group 0, D -r-> group 1, E -l-> 2, E -r-> 3

States A, B, C, D, E are 0 to 4, the N leaves 5 to N + 4; the four groups part the leaves. An
episode has H = 3 transitions, one from each layer A | B, C | D, E. Actions: l = 0, r = 1. Cost per
step: 1 at B, `cost` at A, C, D and E, none at a leaf (the episode is over). The branch chosen at A
is taken with probability `root`, else the other one: 1 in the text, 0.7 in the released code.

An episode is an integer array (3, 3): its transitions (s, a, s') in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .shared import Floats

Integers = NDArray[np.int64]
Swap = Literal["moved", "permuted"]

A, B, C, D, E, LEAF = range(6)
LEFT, RIGHT = 0, 1
HORIZON = 3


@dataclass(frozen=True, eq=False)
class Dynamics:
    """Transition probabilities of WideTree, one field for each layer.

    root: probability that the branch chosen at A is taken; branch (2,): the state that l and r
    choose; child (2,): the state below B and below C; groups (4, N/4): the leaves below
    (D, l), (D, r), (E, l), (E, r), each equally likely.
    """

    root: float
    branch: Integers
    child: Integers
    groups: Integers

    @property
    def states(self) -> int:
        """The number of states, N + 5."""
        return LEAF + self.groups.size

    def sample(self, s: Integers, a: Integers, u: Floats) -> Integers:
        """Successors at uniform numbers u; shapes (n, 3), a column for each layer."""
        branch = self.branch_taken(a[:, 0], u[:, 0])
        leaves = self.leaf_reached(s[:, 2], a[:, 2], u[:, 2])
        return np.stack([branch, self.child[s[:, 1] - B], leaves], -1)

    def branch_taken(self, a: Integers, u: Floats) -> Integers:
        """B or C after action a at A; shapes (n,)."""
        chosen = self.branch[a]
        return np.where(u < self.root, chosen, B + C - chosen)

    def leaf_reached(self, s: Integers, a: Integers, u: Floats) -> Integers:
        """The leaf after action a at s in {D, E}; shapes (n,)."""
        place = (u * self.groups.shape[1]).astype(np.int64)
        return np.asarray(self.groups[_group(s, a), place])

    def probability(self, s: Integers, a: Integers, after: Integers) -> Floats:
        """P(after | s, a); shapes (n, 3), a column for each layer."""
        chosen = after[:, 0] == self.branch[a[:, 0]]
        branch = np.where(chosen, self.root, 1 - self.root)
        child = after[:, 1] == self.child[s[:, 1] - B]
        leaf = self._group_of_leaf[after[:, 2] - LEAF] == _group(s[:, 2], a[:, 2])
        return np.stack([branch, child, leaf / self.groups.shape[1]], -1)

    def expected(self, V: Floats, s: Integers, a: Integers) -> Floats:
        """E[V(s') | s, a]; shapes (n, 3), a column for each layer."""
        chosen = self.branch[a[:, 0]]
        branch = self.root * V[chosen] + (1 - self.root) * V[B + C - chosen]
        leaves = V[self.groups].mean(-1)
        return np.stack([branch, V[self.child[s[:, 1] - B]], leaves[_group(s[:, 2], a[:, 2])]], -1)

    def table(self) -> Floats:
        """P as one table, shape (S, 2, S); leaves stay where they are."""
        P = np.zeros((self.states, 2, self.states))
        for action in (LEFT, RIGHT):
            P[A, action, self.branch[action]] += self.root
            P[A, action, B + C - self.branch[action]] += 1 - self.root
            P[[B, C], action, self.child] = 1
            for parent in (D, E):
                group = self.groups[2 * (parent - D) + action]
                P[parent, action, group] = 1 / len(group)
        leaves = np.arange(LEAF, self.states)
        P[leaves, :, leaves] = 1
        return P

    @cached_property
    def _group_of_leaf(self) -> Integers:
        place = np.empty(self.groups.size, dtype=np.int64)
        place[self.groups - LEAF] = np.arange(4)[:, None]
        return place


def _group(s: Integers, a: Integers) -> Integers:
    return np.asarray(2 * (s - D) + a)


def real_world(leaves: int, root: float) -> Dynamics:
    """M*, Figure 5."""
    groups = np.arange(LEAF, LEAF + leaves).reshape(4, -1)
    return Dynamics(root, np.array([B, C]), np.array([D, E]), groups)


def bad_model(world: Dynamics) -> Dynamics:
    """M_bad: the branches swapped at A, the truth everywhere else."""
    return Dynamics(world.root, world.branch[::-1], world.child, world.groups)


def good_model(world: Dynamics, swap: Swap, rng: np.random.Generator) -> Dynamics:
    """M_good: the truth at A; below it D and E are swapped and the leaves are wrong.

    `moved`: D has E's leaves and E has D's, so that every prediction is wrong. `permuted`: a
    random permutation of the leaves cut into four, which a quarter of them survive by chance.
    """
    groups = np.roll(world.groups, 2, axis=0)
    if swap == "permuted":
        groups = rng.permutation(world.groups.ravel()).reshape(4, -1)
    return Dynamics(world.root, world.branch, world.child[::-1], groups)


def step_costs(states: int, cost: float) -> Floats:
    """c(s), shape (S,), the same for both actions: 1 at B, `cost` at A, C, D, E, none at leaves."""
    c = np.zeros(states)
    c[:LEAF] = cost
    c[B] = 1
    return c


def optimal_values(model: Dynamics, cost: float) -> tuple[Floats, Floats]:
    """V*, shape (S,), and Q*(A, .), shape (2,): expected cost to the end of the episode.

    Elsewhere than at A both actions cost the same, so V* is the value of every policy that is
    optimal at A; ties at A go to l.
    """
    V = step_costs(model.states, cost)
    V[[B, C]] += V[model.child]
    chosen = model.branch
    Q = V[A] + model.root * V[chosen] + (1 - model.root) * V[B + C - chosen]
    V[A] = Q.min()
    return V, Q


def roll(world: Dynamics, first: Any, rng: np.random.Generator) -> Integers:
    """One episode for each first action, shape (n, 3, 3); later actions are fair coins."""
    a = rng.integers(0, 2, (len(first), HORIZON))
    a[:, 0] = first
    u = rng.random(a.shape)
    branch = world.branch_taken(a[:, 0], u[:, 0])
    child = world.child[branch - B]
    leaf = world.leaf_reached(child, a[:, 2], u[:, 2])
    states = np.stack([np.full_like(branch, A), branch, child, leaf], -1)
    return np.stack([states[:, :-1], a, states[:, 1:]], -1)
