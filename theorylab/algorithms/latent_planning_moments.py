"""The belief tree with the reward paid so far, and moments of the total reward on it.

A node is a node of the belief tree with the sum of the rewards before; histories that agree in both
are one. Exact tables only: equal sums of rewards are found by equality.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from theorylab.algorithms.latent_tree import BeliefTree

Edge = tuple[int, int, Any]
"""Code (label S + next state), child, factor."""
Keys = dict[tuple[int, Any], int]
"""Of (node of the belief tree, reward paid before) the number of the node."""


class Moments(NamedTuple):
    """1, X and X^2 integrated over what follows a node (times its scale), the action there, and for
    each edge of it the code, label S + next state, with the moments chosen for its child."""

    mass: Any
    first: Any
    second: Any
    action: int
    after: tuple[tuple[int, Moments], ...]

    def about(self, c: Any) -> Any:
        """(X - c)^2 integrated."""
        return self.second - 2 * c * self.first + c * c * self.mass


class Node(NamedTuple):
    """The least factor of a history that leads to it (its probability is the factor times the
    mass), and for each action what follows: the moments at the last step, else the edges."""

    least: Any
    last: list[Moments]
    edges: list[list[Edge]]


@dataclass(frozen=True, eq=False)
class PaidTree:
    """The nodes of each step, and the first states as edges: code (the state), node, factor."""

    levels: list[list[Node]]
    roots: list[Edge]


def paid_tree(tree: BeliefTree) -> PaidTree:
    """The belief tree with the reward paid so far, from the start on."""
    zero = 0 * tree.world.w[0]
    roots = [(s, int(k), tree.root_factors[s]) for s, k in enumerate(tree.roots) if k >= 0]
    keys: Keys = {(k, zero): k for _, k, _ in roots}
    least, levels = [factor for _, _, factor in roots], []
    for t in range(len(tree.levels)):
        after: Keys = {}
        reached: list[Any] = []
        pairs = zip(keys, least, strict=True)
        levels.append([_node(tree, t, key, own, after, reached) for key, own in pairs])
        keys, least = after, reached
    return PaidTree(levels, roots)


def _node(
    tree: BeliefTree, t: int, key: tuple[int, Any], least: Any, after: Keys, reached: list[Any]
) -> Node:
    """A node; its children are entered into `after`, with their least factors into `reached`."""
    if t + 1 == len(tree.levels):
        return Node(least, [_paid(tree, key, a) for a in range(tree.world.A)], [])
    edges = [_edges(tree, t, key, a, least, after, reached) for a in range(tree.world.A)]
    return Node(least, [], edges)


def _paid(tree: BeliefTree, key: tuple[int, Any], a: int) -> Moments:
    """The moments after action a at the last step."""
    level, (node, paid) = tree.levels[-1], key
    weights, total = level.weights[node], paid + tree.world.rewards[:, level.states[node], a]
    first, second = (weights * total).sum(), (weights * total * total).sum()
    return Moments(weights.sum(), first, second, a, ())


def _edges(
    tree: BeliefTree, t: int, key: tuple[int, Any], a: int, least: Any, after: Keys,
    reached: list[Any],
) -> list[Edge]:  # fmt: skip
    """What follows action a."""
    W, level, (node, paid) = tree.world, tree.levels[t], key
    low, high = level.first[node * W.A + a : node * W.A + a + 2]
    found = []
    for e in range(low, high):
        code, factor = int(level.codes[e]), level.factors[e]
        place = (int(level.children[e]), paid + W.palette[code // W.S])
        child = after.setdefault(place, len(after))
        if child == len(reached):
            reached.append(least * factor)
        reached[child] = min(reached[child], least * factor)
        found.append((code, child, factor))
    return found


# ---- policies that are best about a number -------------------------------------------------------


def variance_of(x: Moments) -> Any:
    """E X^2 - (E X)^2, of moments at the start."""
    return x.second - x.first**2


def best_about(search: PaidTree, c: Any) -> Moments:
    """A policy that has the largest E (X - c)^2: its moments at the start."""
    return joined(search.roots, best_levels(search, c)[0], -1)


def best_levels(search: PaidTree, c: Any) -> list[list[Moments]]:
    """The same for each node of each step: the moments of a policy that is best from there on."""
    found: list[list[Moments]] = []
    for level in reversed(search.levels):
        later = found[-1] if found else []
        found.append([_best_at(node, later, c) for node in level])
    return found[::-1]


def _best_at(node: Node, later: list[Moments], c: Any) -> Moments:
    choices = node.last or [joined(edges, later, a) for a, edges in enumerate(node.edges)]
    return max(choices, key=lambda x: x.about(c))


def joined(edges: list[Edge], later: list[Moments], action: int) -> Moments:
    """The moments of an action from those of all its children."""
    mass, first, second = (
        sum(factor * later[child][k] for _, child, factor in edges) for k in range(3)
    )
    return Moments(mass, first, second, action, tuple((code, later[k]) for code, k, _ in edges))
