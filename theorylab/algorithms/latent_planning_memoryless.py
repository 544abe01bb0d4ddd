r"""Optimal memoryless deterministic policies of small latent MDPs, by branch and bound.

A memoryless policy chooses by the last state alone (stationary), or by step and last state. Some
choices fixed, the relaxed problem tells the context: it may choose for each context, at each step,

    G_m(s) at t = max_{a in allowed(t, s)} R_m(s, a) + P_m(s, a) G_m at t + 1,
    bound = sum_m w_m nu_m G_m at 1

which is at least the value of each memoryless policy with these choices. Where the contexts that
can be there agree, the relaxed policy is memoryless, and the bound is attained. The node with the
largest bound is split first, so the first that attains its bound is optimal; exact tables give an
exact optimum.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, sup
from theorylab.errors import InvalidArgument, TooLargeTree
from theorylab.worlds.finite_horizon import NonstationaryPolicy
from theorylab.worlds.latent_mdp import LatentMDP
from theorylab.worlds.mdp import unchecked

NODES = 20_000
"""Nodes of the search that are visited unless told otherwise."""


@dataclass(frozen=True, eq=False)
class MemorylessPlan:
    """Actions (H, S), the same in each row if stationary; the value of an episode, and how many
    nodes of the search were visited. Where a state cannot be, its action is 0 unless it was fixed.
    """

    actions: Array
    value: Any
    visited: int

    def policy(self, W: LatentMDP) -> NonstationaryPolicy:
        """The same as action probabilities (H, S, A)."""
        one = W.w.sum() if W.w.dtype == object else 1.0
        unit = np.eye(W.A, dtype=int).astype(W.w.dtype) * one
        return unchecked(NonstationaryPolicy, probabilities=unit[self.actions])


def best_stationary(W: LatentMDP, nodes: int = NODES) -> MemorylessPlan:
    """The best policy of the last state. Raises TooLargeTree after so many nodes."""
    return _searched(W, True, nodes)


def best_memoryless(W: LatentMDP, nodes: int = NODES) -> MemorylessPlan:
    """The best policy of step and last state. Raises TooLargeTree after so many nodes."""
    return _searched(W, False, nodes)


def _searched(W: LatentMDP, stationary: bool, nodes: int) -> MemorylessPlan:
    """Best first: split the node with the largest bound until one attains it."""
    if type(nodes) is not int or nodes < 1:
        raise InvalidArgument(f"nodes is {nodes!r}, expected an integer of at least 1")
    free = np.full((W.H, W.S), -1)
    heap = [(*_relaxed(W, free, stationary), 0, free)]
    count = 1
    while True:
        low, where, _, fixed = heapq.heappop(heap)
        if where.split is None:
            return MemorylessPlan(where.actions, -low, count)
        for a in range(W.A):
            chosen = fixed.copy()
            chosen[(slice(None) if stationary else where.split[0]), where.split[1]] = a
            heapq.heappush(heap, (*_relaxed(W, chosen, stationary), count, chosen))
            count += 1
        if count > nodes:
            raise TooLargeTree(
                f"branch and bound visited {count} nodes, over the limit of {nodes}, with"
                f" S = {W.S}, A = {W.A}, H = {W.H}; the optimum is at most {-heap[0][0]}. Raise"
                " `nodes`, or lower S or H."
            )


@dataclass(frozen=True, eq=False)
class _Relaxed:
    """Actions (H, S) that all contexts which are there take; split, the (step, state) where they
    differ, None if nowhere."""

    actions: Array
    split: tuple[int, int] | None

    def __lt__(self, other: _Relaxed) -> bool:
        """Of equal bounds, one that is attained comes first."""
        return self.split is None and other.split is not None


def _relaxed(W: LatentMDP, fixed: Array, stationary: bool) -> tuple[Any, _Relaxed]:
    """Minus the bound with these choices (H, S), -1 where free, and its policy."""
    best, G = _best_actions(W, fixed)
    own = _agreed(best, stationary)
    there = _reached(W, own)
    low = np.where(there, own, W.A).min(1 if not stationary else (0, 1))
    high = np.where(there, own, -1).max(1 if not stationary else (0, 1))
    low, high = (np.broadcast_to(x, (W.H, W.S)) for x in (low, high))
    differ = np.argwhere(low < high)
    actions = np.where(fixed >= 0, fixed, np.maximum(high, 0))
    split = _heaviest(differ, there) if len(differ) else None
    return -(W.w[:, None] * W.nu * G).sum(), _Relaxed(actions, split)


def _best_actions(W: LatentMDP, fixed: Array) -> tuple[Array, Array]:
    """Which allowed actions are best, (H, M, S, A) booleans, and G at step 1, (M, S)."""
    G, found = 0 * W.nu, []
    everything = np.arange(W.A)
    for t in range(W.H - 1, -1, -1):
        Q = W.rewards + (W.P * G[:, None, None, :]).sum(-1)
        allowed = (fixed[t][:, None] < 0) | (fixed[t][:, None] == everything)  # (S, A)
        # rewards are at least 0, so is Q: -1 never is the largest
        G = sup(np.where(allowed, Q, -1 + 0 * Q), -1)
        found.append(allowed & (G[..., None] == Q))
    return np.array(found[::-1]), G


def _agreed(best: Array, stationary: bool) -> Array:
    """The lowest best action of each (t, m, s); one that is best everywhere is preferred."""
    everywhere = best.all(axis=(0, 1) if stationary else 1, keepdims=True)
    common = np.broadcast_to(everywhere, best.shape)
    return np.asarray(np.argmax(np.where(common.any(-1, keepdims=True), common, best), axis=-1))


def _reached(W: LatentMDP, own: Array) -> Array:
    """Whether (t, m, s) can be under these actions, booleans (H, M, S)."""
    there = [np.asarray(W.nu > 0)]
    m, s = np.indices((W.M, W.S))
    for t in range(W.H - 1):
        ways = np.asarray(W.P[m, s, own[t]] > 0)
        there.append((there[-1][:, :, None] & ways).any(1))
    return np.array(there)


def _heaviest(differ: Array, there: Array) -> tuple[int, int]:
    """The first of the places where the most contexts are."""
    present = there.sum(1)
    t, s = max(differ.tolist(), key=lambda place: int(present[tuple(place)]))
    return t, s
