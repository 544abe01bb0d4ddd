r"""Deterministic history-dependent policies of a latent MDP as graphs, and what they are worth.

A node belongs to a step and a state and says an action and, for the label that is then observed and
the next state, the node of the next step: histories with the same future share nodes, so that a
policy has as many nodes as it has different plans, not as many as histories. Node 0 of the steps
comes first; number N, one past the last, is the end of the episode. Rewards; per episode.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorylab.arithmetic import Array
from theorylab.theory.latent import last_states, variance
from theorylab.worlds.latent_mdp import DeterministicHistoryPolicy, LatentMDP, histories_at
from theorylab.worlds.mdp import unchecked

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Plan:
    """A policy graph with the vectors and the value that its maker computed for it.

    start (S,) node of each first state; step, state, action (N,), step from 1 to H;
    following (N, L, S) the next node, N where the episode ends or the label cannot be observed;
    alpha (N+1, M) the maker's alpha vectors, optimistic or not, zero at the end; value: its V.
    note: what the maker says about the value (exact, or which approximation).
    """

    start: Integers
    step: Integers
    state: Integers
    action: Integers
    following: Integers
    alpha: Floats
    value: float
    note: str

    @property
    def nodes(self) -> int:
        """The number of nodes."""
        return len(self.action)


@dataclass(frozen=True, eq=False)
class Worth:
    """What a plan is worth in a latent MDP: alpha and moment (N+1, M), value, and Var^pi.

    alpha: expected reward from the node on; moment: that of its square; per episode.
    """

    alpha: Floats
    moment: Floats
    value: float
    variance: float


def memoryless_plan(W: LatentMDP, actions: Array) -> Plan:
    """The plan that plays actions[t, s] at step t+1 in state s; its own vectors are zero.

    Shape: actions (H, S) integers.
    """
    H, S, N = W.H, W.S, W.H * W.S
    step, state = np.divmod(np.arange(N), S)
    later = np.where(step[:, None] < H - 1, (step[:, None] + 1) * S + np.arange(S), N)
    following = np.repeat(later[:, None, :], W.L, axis=1)
    zeros = np.zeros((N + 1, W.M))
    flat = np.asarray(actions, dtype=np.int64).ravel()
    return Plan(np.arange(S), step + 1, state, flat, following, zeros, 0.0, "memoryless")


def next_vectors(plan: Plan, labels: Array, vectors: Any) -> Any:
    """Vectors (N+1, M) at the nodes that follow, as each context's reward tells: (N, M, S)."""
    own = labels[:, plan.state, plan.action].T
    follow = plan.following[np.arange(plan.nodes)[:, None], own]
    return vectors[follow, np.arange(vectors.shape[1])[None, :, None]]


def worth(W: LatentMDP, plan: Plan) -> Worth:
    """Alpha vectors, second moments, value and variance of a plan, exactly evaluated in float64."""
    alpha, moment = np.zeros((2, plan.nodes + 1, W.M))
    rewards, P = W.rewards.astype(float), W.P.astype(float)
    for t in range(W.H, 0, -1):
        at = np.flatnonzero(plan.step == t)
        part = _at_nodes(plan, at)
        R = rewards[:, part.state, part.action].T
        rows = P[:, part.state, part.action].swapaxes(0, 1)
        mean = (rows * next_vectors(part, W.labels, alpha)).sum(-1)
        square = (rows * next_vectors(part, W.labels, moment)).sum(-1)
        alpha[at], moment[at] = R + mean, R * R + 2 * R * mean + square
    weights = (W.w[:, None] * W.nu).astype(float).T
    value = float((weights * alpha[plan.start]).sum())
    return Worth(alpha, moment, value, float((weights * moment[plan.start]).sum()) - value**2)


def _at_nodes(plan: Plan, at: Integers) -> Plan:
    """The part of a plan at some nodes; numbers of nodes stay those of the whole."""
    cut = {key: getattr(plan, key)[at] for key in ("step", "state", "action", "following")}
    return unchecked(Plan, **{**vars(plan), **cut})


def variances(W: LatentMDP, plan: Plan, vectors: Floats) -> Floats:
    """V(P_m(. | s, a), vectors at the next nodes), shape (N, M)."""
    rows = W.P.astype(float)[:, plan.state, plan.action].swapaxes(0, 1)
    return np.asarray(np.maximum(variance(rows, next_vectors(plan, W.labels, vectors)), 0))


def means(W: LatentMDP, plan: Plan, vectors: Floats) -> Floats:
    """P_m(. | s, a) vectors at the next nodes, shape (N, M)."""
    rows = W.P.astype(float)[:, plan.state, plan.action].swapaxes(0, 1)
    return np.asarray((rows * next_vectors(plan, W.labels, vectors)).sum(-1))


def graph_history_policy(W: LatentMDP, plan: Plan) -> DeterministicHistoryPolicy:
    """The same policy row by row over all histories; action 0 at a history without a node."""
    rows, nodes = [], plan.start[last_states(W, 1)]
    for t in range(1, W.H + 1):
        action = np.append(plan.action, 0)[nodes]
        rows.append(np.eye(W.A, dtype=int)[action])
        if t < W.H:
            end = np.full((1, W.L, W.S), plan.nodes)
            taken = np.concatenate([plan.following, end])[nodes]
            grown = np.full((histories_at(W, t), W.A, W.L, W.S), plan.nodes)
            grown[np.arange(len(nodes)), action] = taken
            nodes = grown.ravel()
    table = np.concatenate(rows).astype(object)
    return unchecked(DeterministicHistoryPolicy, probabilities=table)
