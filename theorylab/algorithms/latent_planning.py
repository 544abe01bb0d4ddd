r"""Optimal history-dependent policies of a latent MDP by backward induction on its belief tree.

    U(node) = max_a  sum_m c_m R_m(s, a) + sum_{r, s'} factor(node, a, r, s') U(child)

with c the weights of the node, so that U = (sum_m c_m) V. Of actions equally good the lowest is
taken, in exact arithmetic and in floats (where rounding may part what is equal). Everything is a
reward, the undiscounted sum of an episode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.algorithms.latent_tree import MEMORY, BeliefTree, Level, belief_tree
from theorylab.arithmetic import Array
from theorylab.errors import InvalidArgument, TooLargeTree, UnreachableHistory
from theorylab.worlds.latent_mdp import DeterministicHistoryPolicy, LatentMDP, histories
from theorylab.worlds.mdp import unchecked


@dataclass(frozen=True, eq=False)
class TreePlan:
    """A policy on a belief tree and what it is worth.

    actions: of each step the action (n,) of each node; values: of each step V (n,), the expected
    reward from there on; value: that of an episode.
    """

    tree: BeliefTree
    actions: list[Array]
    values: list[Array]
    value: Any

    def action(self, history: Sequence[int]) -> int:
        """The action after (s_1, a_1, label_1, s_2, ..., s_t); raises UnreachableHistory."""
        t, node = node_of(self.tree, history)
        return int(self.actions[t - 1][node])


def optimal_plan(W: LatentMDP, memory: int = MEMORY) -> TreePlan:
    """An optimal history-dependent policy; exact if the tables are. Raises TooLargeTree.

    `memory` bounds the tree; action and value take 16 bytes a node more, and what is worked with
    8 A bytes for a node and 24 for an edge of one step.
    """
    return plan_on(belief_tree(W, memory))


def optimal_value(W: LatentMDP) -> Any:
    """max over history-dependent policies of the expected total reward of an episode."""
    return optimal_plan(W).value


def plan_on(tree: BeliefTree) -> TreePlan:
    """An optimal history-dependent policy on a tree that was built."""
    actions: list[Array] = []
    values: list[Array] = []
    later = np.zeros(0)
    for level in reversed(tree.levels):
        Q = action_values(tree.world, level, later)
        actions.append(np.argmax(Q, axis=1))
        later = Q[np.arange(len(Q)), actions[-1]]
        values.append(later / level.weights.sum(1))
    return TreePlan(tree, actions[::-1], values[::-1], at_roots(tree, later))


def at_roots(tree: BeliefTree, U: Array) -> Any:
    """The sum over first states of factor times U, given for the nodes of step 1."""
    possible = tree.roots >= 0
    return (tree.root_factors[possible] * U[tree.roots[possible]]).sum()


def action_values(W: LatentMDP, level: Level, later: Array) -> Array:
    """(sum_m c_m) Q(node, a), shape (n, A), from (sum_m c_m) V of the next step's nodes."""
    own = level.weights[:, :1] * W.rewards[0, level.states]
    for m in range(1, W.M):
        own = own + level.weights[:, m : m + 1] * W.rewards[m, level.states]
    if not len(level.codes):
        return np.asarray(own)
    return np.asarray(own + summed(level, level.factors * later[level.children], W.A))


def summed(level: Level, edges: Array, A: int) -> Array:
    """Sums over the edges of each (node, a): (e, ...) to (n, A, ...). Each pair has an edge."""
    total = np.add.reduceat(edges, level.first[:-1], axis=0)
    return np.asarray(total.reshape(len(level), A, *edges.shape[1:]))


# ---- histories -----------------------------------------------------------------------------------


def child_of(tree: BeliefTree, t: int, node: int, a: int, label: int, following: int) -> int:
    """The node of step t + 1 after action a, a reward and a next state; -1 if they cannot come."""
    level, W = tree.levels[t - 1], tree.world
    low, high = level.first[node * W.A + a : node * W.A + a + 2]
    found = np.flatnonzero(level.codes[low:high] == label * W.S + following)
    return int(level.children[low + found[0]]) if len(found) else -1


def node_of(tree: BeliefTree, history: Sequence[int]) -> tuple[int, int]:
    """Step t and node after (s_1, a_1, label_1, s_2, a_2, label_2, ..., s_t).

    Raises InvalidArgument for what is no history, UnreachableHistory for one that cannot happen.
    """
    steps = _checked(tree.world, history)
    node = int(tree.roots[steps[0]])
    if node < 0:
        raise UnreachableHistory(f"history[0] is {steps[0]}: nu_m gives this first state no weight"
                                 " in any context. Ask for a history that can happen.")  # fmt: skip
    for t in range(1, (len(steps) + 2) // 3):
        a, label, following = steps[3 * t - 2 : 3 * t + 1]
        node = child_of(tree, t, node, a, label, following)
        if node < 0:
            raise UnreachableHistory(
                f"history[{3 * t - 2}:{3 * t + 1}] is action {a}, label {label}, state {following}:"
                f" no context left by step {t} gives them. Ask for a history that can happen."
            )
    return (len(steps) + 2) // 3, node


def _checked(W: LatentMDP, history: Sequence[int]) -> list[int]:
    steps = list(history)
    if len(steps) % 3 != 1 or len(steps) > 3 * W.H - 2:
        raise InvalidArgument(
            f"a history has {len(steps)} entries, expected (s_1, a_1, label_1, ..., s_t) with"
            f" 3 t - 2 of them, t <= H = {W.H}"
        )
    for k, entry in enumerate(steps):
        name, size = (("a state", W.S), ("an action", W.A), ("a label", W.L))[k % 3]
        if not isinstance(entry, int | np.integer) or not 0 <= entry < size:
            raise InvalidArgument(f"history[{k}] is {entry!r}, expected {name} in 0..{size - 1}")
    return [int(entry) for entry in steps]


def tree_nodes(tree: BeliefTree, memory: int = MEMORY) -> list[Array]:
    """Of each step the node of each history, counted as in `worlds.latent_mdp`; -1 if impossible.

    Raises TooLargeTree if they would take more than `memory` bytes.
    """
    W, total = tree.world, sum(histories(tree.world))
    if 8 * (W.A + 2) * total > memory:
        raise TooLargeTree(
            f"the {total:,} histories of H = {W.H} need {8 * (W.A + 2) * total:,} bytes, over the"
            f" limit of {memory:,}. Ask TreePlan.action for one history at a time, or lower H."
        )
    found = [tree.roots]
    for level in tree.levels[:-1]:
        after = np.full((len(level) + 1, W.A, W.L * W.S), -1)  # the last row: after what cannot be
        pair = np.repeat(np.arange(len(level) * W.A), np.diff(level.first))
        after[pair // W.A, pair % W.A, level.codes] = level.children
        found.append(after[found[-1]].ravel())
    return found


def history_policy(plan: TreePlan, memory: int = MEMORY) -> DeterministicHistoryPolicy:
    """The plan as a table over all histories; action 0 at those that cannot happen."""
    W, rows = plan.tree.world, []
    one = W.w.sum() if W.w.dtype == object else 1.0
    unit = np.eye(W.A, dtype=int).astype(W.w.dtype) * one
    for nodes, actions in zip(tree_nodes(plan.tree, memory), plan.actions, strict=True):
        rows.append(unit[np.where(nodes < 0, 0, actions[nodes])])
    return unchecked(DeterministicHistoryPolicy, probabilities=np.concatenate(rows))
