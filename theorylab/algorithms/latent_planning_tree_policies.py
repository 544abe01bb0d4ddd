r"""What a history-dependent policy is worth, computed on the belief tree: alpha vectors, V and Q.

    alpha_m(node, a) = R_m(s, a) + sum_{s'} P_m(s' | s, a) alpha_m(child(a, R_m(s, a), s'))

A policy on the tree looks at the step and the node, so at the belief and the last state. Policies
that remember something else are for `latent_planning_finite_memory`, or `theory.latent`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from theorylab.algorithms.latent_planning import at_roots, summed
from theorylab.algorithms.latent_tree import BeliefTree, Level
from theorylab.arithmetic import Array
from theorylab.errors import InvalidArgument
from theorylab.worlds import checks

Choose = Callable[[int, int, Array], Sequence[Any]]
"""Step, last state and belief (M,) to action probabilities (A,)."""


def rows_of(tree: BeliefTree, choose: Choose) -> list[Array]:
    """The action probabilities of each step, (n, A), of a policy that is given as a function.

    Raises ModelError naming step and node where they are no distribution.
    """
    found = []
    for t, level in enumerate(tree.levels, start=1):
        beliefs = level.weights / (level.weights.sum(1, keepdims=True) * _one(tree))
        rows = [choose(t, int(s), b) for s, b in zip(level.states, beliefs, strict=True)]
        name = f"policy at step {t}"
        table = checks.table(np.array([list(row) for row in rows], dtype=tree.world.w.dtype), name)
        checks.check_shape(table, name, (len(level), tree.world.A), "(nodes, A)")
        found.append(checks.check_distribution(table, name, "Normalise the row."))
    return found


def rows_of_actions(tree: BeliefTree, actions: Sequence[Array]) -> list[Array]:
    """A deterministic policy, the action (n,) of each node at each step, as rows (n, A)."""
    unit = np.eye(tree.world.A, dtype=int).astype(tree.world.w.dtype) * _one(tree)
    return [np.asarray(unit[chosen]) for chosen in actions]


def alpha_actions(tree: BeliefTree, rows: Sequence[Array]) -> list[Array]:
    """alpha_m(node, a) of each step, shape (n, A, M); where the belief in m is 0 it is 0."""
    if [len(row) for row in rows] != [len(level) for level in tree.levels]:
        raise InvalidArgument(
            f"the policy has rows for {[len(row) for row in rows]} nodes, expected"
            f" {[len(level) for level in tree.levels]}: those of each step of this tree"
        )
    found: list[Array] = []
    for t in range(len(rows) - 1, -1, -1):
        level = tree.levels[t]
        table = np.moveaxis(tree.world.rewards[:, level.states], 0, -1)
        if found:
            table = table + _next_alpha(tree, level, (rows[t + 1][..., None] * found[-1]).sum(1))
        found.append(table * (level.weights > 0).astype(int).astype(table.dtype)[:, None, :])
    return found[::-1]


def alphas(tree: BeliefTree, rows: Sequence[Array]) -> list[Array]:
    """alpha_m(node) of each step, shape (n, M); where the belief in m is 0 it is 0."""
    pairs = zip(rows, alpha_actions(tree, rows), strict=True)
    return [(row[..., None] * table).sum(1) for row, table in pairs]


def tree_action_values(tree: BeliefTree, rows: Sequence[Array]) -> list[Array]:
    """Q(node, a) = sum_m b_m alpha_m(node, a) of each step, shape (n, A)."""
    pairs = zip(tree.levels, alpha_actions(tree, rows), strict=True)
    return [
        (level.weights[:, None, :] * table).sum(-1) / level.weights.sum(1)[:, None]
        for level, table in pairs
    ]


def tree_value(tree: BeliefTree, rows: Sequence[Array]) -> Any:
    """The expected total reward of an episode under the policy."""
    first = alphas(tree, rows)[0]
    return at_roots(tree, (tree.levels[0].weights * first).sum(-1))


def _next_alpha(tree: BeliefTree, level: Level, later: Array) -> Array:
    """sum_{s'} P_m(s' | s, a) alpha_m(child(a, R_m(s, a), s')), shape (n, A, M)."""
    W = tree.world
    pair = np.repeat(np.arange(len(level) * W.A), np.diff(level.first))
    state, action = level.states[pair // W.A], pair % W.A
    # a context in which another reward is paid has weight 0 at the child, and alpha is 0 there
    flow = W.P[:, state, action, level.codes % W.S]
    return summed(level, flow.T * later[level.children], W.A)


def _one(tree: BeliefTree) -> Any:
    """1 in the arithmetic of the tree."""
    return tree.world.w.sum() if tree.world.w.dtype == object else 1.0
