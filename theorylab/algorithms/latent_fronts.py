r"""The best deterministic history-dependent policy under any monotone backup, without enumeration.

    alpha_m(h, a) = f_m(s, a, alpha_m(h a r .)),  r = R_m(s, a),   f_m non-decreasing,
    maximise  sum_{m, s} w_m nu_m(s) alpha_m(s)

What a policy does after a history and its alpha vectors from there on depend on the step and the
state only, so one set of vectors in R^M per (step, state) serves all histories. As f and the
objective are monotone, a vector below another is never needed: a *front* keeps the undominated
ones. Backups: each action, each observed label (the contexts that pay it form a group, and their
continuations are chosen apart from those of other groups), each choice of one vector per next
state. Where f is convex (and not truncated) and M = 2, vectors below the upper hull are not needed
either.

Exact up to TOLERANCE per step, or, with a `resolution`, rounded up to its multiples after each
step: then the value exceeds the maximum by at most H resolution (f(v + e) <= f(v) + e), and the
plan's note says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numba import njit

from theorylab.algorithms.latent_plans import Floats, Integers, Plan
from theorylab.errors import InvalidArgument

TOLERANCE = 1e-12
"""A vector that exceeds another nowhere by more is dropped."""
MEMORY_LIMIT = 2**28
"""Bytes that the choices of one action and label may take."""


class Backup(Protocol):
    """One step back: f_m(s, a, .) of the members m of a group."""

    @property
    def convex(self) -> bool:
        """Whether f is convex in the vector."""
        ...

    def values(self, m: Integers, s: Any, a: Any, later: Floats) -> Floats:
        """f_m(s, a, later[n, m]), shape (n, members, S) to (n, members); rewards included.

        s and a are one for all members, or one for each.
        """
        ...

    def reaches(self, m: Integers, s: int, a: int) -> np.ndarray:
        """Which next states matter to f_m for some member, booleans of shape (S,)."""
        ...


@dataclass(frozen=True, eq=False)
class Frame:
    """What a solver knows of a latent MDP: all but the transitions.

    w (M,), nu (M, S), rewards and labels (M, S, A), L labels, H steps.
    """

    w: Floats
    nu: Floats
    rewards: Floats
    labels: Integers
    L: int
    H: int

    @property
    def sizes(self) -> tuple[int, int, int]:
        """M, S, A."""
        M, S, A = self.labels.shape
        return M, S, A


@dataclass(frozen=True, eq=False)
class Front:
    """Undominated vectors (k, M) of a step and state, the action (k,) of each and the index of the
    next step's vector that it goes on with, (k, L, S); -1 at a label that is not observed."""

    vectors: Floats
    actions: Integers
    choices: Integers


def best_plan(
    frame: Frame, backup: Backup, *, resolution: float = 0.0, memory: int = MEMORY_LIMIT
) -> Plan:
    """The best plan under a backup; ties go to the vector that comes first.

    Raises: InvalidArgument where the choices of a step do not fit the memory, or for a negative
    resolution.
    """
    if not 0 <= resolution < 1:
        raise InvalidArgument(f"resolution is {resolution!r}, expected a number in [0, 1)")
    M, S, _ = frame.sizes
    none = np.zeros(0, dtype=np.int64)
    later = [Front(np.zeros((1, M)), none, none) for _ in range(S)]
    levels: list[list[Front]] = []
    for _ in range(frame.H):
        if all(len(it.vectors) == 1 for it in later):
            parts = _without_choice(frame, backup, later)
        else:
            parts = [_of_state(frame, backup, s, later, memory) for s in range(S)]
        later = [_front(backup, part, resolution) for part in parts]
        levels.append(later)
    return _plan(frame, levels[::-1], resolution)


def _front(backup: Backup, all_: Front, resolution: float) -> Front:
    """The undominated vectors of a state, rounded up first."""
    vectors = all_.vectors
    if resolution:
        vectors = np.maximum(vectors, np.ceil(vectors / resolution) * resolution)
    kept = undominated(vectors, hull=backup.convex)
    return Front(vectors[kept], all_.actions[kept], all_.choices[kept])


def _of_state(frame: Frame, backup: Backup, s: int, later: list[Front], memory: int) -> Front:
    """The vectors of all actions of a state."""
    parts = [_of_action(frame, backup, s, a, later, memory) for a in range(frame.sizes[2])]
    actions = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    vectors, choices = (np.concatenate(rows) for rows in zip(*parts, strict=True))
    return Front(vectors, actions, choices)


def _without_choice(frame: Frame, backup: Backup, later: list[Front]) -> list[Front]:
    """The same for every state at once, where each next state has one vector only."""
    M, S, A = frame.sizes
    m, s, a = (it.ravel() for it in np.indices((M, S, A)))
    ahead = np.stack([it.vectors[0, m] for it in later], -1)[None]
    vectors = backup.values(m, s, a, ahead).reshape(M, S, A)
    choices = np.full((S, A, frame.L, S), -1)
    choices[s, a, frame.labels[m, s, a]] = 0
    return [Front(vectors[:, k].T, np.arange(A), choices[k]) for k in range(S)]


def _of_action(
    frame: Frame, backup: Backup, s: int, a: int, later: list[Front], memory: int
) -> tuple[Floats, Integers]:
    """Vectors (k, M) and choices (k, L, S) of an action: all combinations of its groups."""
    M, S, _ = frame.sizes
    vectors, choices = np.zeros((1, M)), np.full((1, frame.L, S), -1)
    for label in sorted(set(frame.labels[:, s, a].tolist())):
        members = np.flatnonzero(frame.labels[:, s, a] == label)
        own, picked = _of_group(frame, backup, s, a, members, later, memory)
        _check_memory(len(vectors) * len(own), (M + frame.L * S) * 8, memory)
        old, new = np.divmod(np.arange(len(vectors) * len(own)), len(own))
        vectors, choices = vectors[old], choices[old]
        vectors[:, members], choices[:, label] = own[new], picked[new]
    return vectors, choices


def _of_group(
    frame: Frame, backup: Backup, s: int, a: int, members: Integers, later: list[Front], memory: int
) -> tuple[Floats, Integers]:
    """Undominated vectors (k, members) of a group and its choices (k, S) of next vectors."""
    reach = backup.reaches(members, s, a)
    usable = [_usable(frame, backup, members, it, on) for it, on in zip(later, reach, strict=True)]
    count, S = math.prod(len(it) for it in usable), len(later)
    _check_memory(count, (3 * len(members) + 2) * S * 8, memory)
    picked = np.empty((count, S), dtype=np.int64)
    for k, column in enumerate(np.ix_(*usable)):
        picked[:, k] = np.broadcast_to(column, [len(it) for it in usable]).ravel()
    ahead = np.stack([it.vectors[picked[:, k]][:, members] for k, it in enumerate(later)], -1)
    own = backup.values(members, s, a, ahead)
    kept = undominated(own, hull=backup.convex)
    return own[kept], picked[kept]


def _usable(frame: Frame, backup: Backup, members: Integers, front: Front, on: bool) -> Integers:
    """Indices of the vectors of a front that a group needs: one where it does not matter."""
    if len(front.vectors) == 1:
        return np.zeros(1, dtype=np.int64)
    cut = front.vectors[:, members]
    if on:
        return undominated(cut, hull=backup.convex)
    return np.array([np.argmax(cut @ frame.w[members])])


def _check_memory(count: int, size: int, memory: int) -> None:
    if count * size > memory:
        raise InvalidArgument(
            f"one backup has {count} choices of next vectors, {count * size} bytes, expected at"
            f" most {memory}. Give a resolution (values are then rounded up), or a shorter horizon."
        )


def undominated(vectors: Floats, *, hull: bool = False) -> Integers:
    """Indices of the vectors (n, M) that no other exceeds, ascending; one of equals.

    With `hull` and M = 2, only the vertices of their upper hull.
    """
    if len(vectors) == 1:
        return np.zeros(1, dtype=np.int64)
    order = np.lexsort((*-vectors.T[::-1], -vectors.sum(1)))
    kept = order[_filtered(np.ascontiguousarray(vectors[order]), TOLERANCE)]
    if hull and vectors.shape[1] == 2 and len(kept) > 2:
        kept = kept[np.argsort(vectors[kept, 0], kind="stable")]
        kept = kept[_upper_hull(vectors[kept])]
    return np.sort(kept)


@njit(cache=True)
def _filtered(vectors, tolerance):  # type: ignore[no-untyped-def]
    """Of vectors by falling sum, the places of those that none kept before exceeds."""
    n, M = vectors.shape
    kept = np.empty(n, dtype=np.int64)
    k = 0
    for i in range(n):
        dominated = False
        for j in range(k):
            dominated = True
            for m in range(M):
                if vectors[kept[j], m] < vectors[i, m] - tolerance:
                    dominated = False
                    break
            if dominated:
                break
        if not dominated:
            kept[k] = i
            k += 1
    return kept[:k].copy()


@njit(cache=True)
def _upper_hull(points):  # type: ignore[no-untyped-def]
    """Of points (n, 2) by rising first coordinate, the places of the upper hull's vertices."""
    kept = np.empty(len(points), dtype=np.int64)
    k = 0
    for i in range(len(points)):
        while k >= 2:
            o, b, c = points[kept[k - 2]], points[kept[k - 1]], points[i]
            turn = (b[0] - o[0]) * (c[1] - o[1]) - (b[1] - o[1]) * (c[0] - o[0])
            if turn < 0:
                break
            k -= 1
        kept[k] = i
        k += 1
    return kept[:k].copy()


def _plan(frame: Frame, levels: list[list[Front]], resolution: float) -> Plan:
    """The graph of the nodes that the best choice of each first state leads to."""
    M, S, _ = frame.sizes
    weights = frame.w[:, None] * frame.nu
    firsts = [int(np.argmax(front.vectors @ weights[:, s])) for s, front in enumerate(levels[0])]
    value = sum(float((levels[0][s].vectors @ weights[:, s]).max()) for s in range(S))
    at = [(s, np.array([i])) for s, i in enumerate(firsts)]
    parts, count, follow = [], 0, []
    for t, fronts in enumerate(levels):
        states = np.concatenate([np.full(len(i), s) for s, i in at])
        cut = [(fronts[s].vectors[i], fronts[s].actions[i], fronts[s].choices[i]) for s, i in at]
        vectors, actions, choices = (np.concatenate(rows) for rows in zip(*cut, strict=True))
        parts.append((np.full(len(states), t + 1), states, actions, vectors))
        count += len(states)
        at, ids = _next_level(choices, last=t + 1 == len(levels))
        follow.append(np.where(ids < 0, -1, ids + count))
    step, state, action, alpha = (np.concatenate(rows) for rows in zip(*parts, strict=True))
    following = np.concatenate(follow)
    following = np.where(following < 0, count, following)
    note = f"rounded up to 1/{1 / resolution:g} after each step" if resolution else "exact"
    alpha = np.concatenate([alpha, np.zeros((1, M))])
    return Plan(np.arange(S), step, state, action, following, alpha, value, note)


def _next_level(choices: Integers, *, last: bool) -> tuple[list[tuple[int, Integers]], Integers]:
    """The vectors chosen of each next state, and their places in the next level; -1: none."""
    ids, place, at = np.full(choices.shape, -1), 0, []
    for s in range(choices.shape[2]):
        chosen = choices[:, :, s]
        found = np.unique(chosen[chosen >= 0])
        ids[:, :, s] = np.where(chosen >= 0, place + np.searchsorted(found, chosen), -1)
        place += len(found)
        at.append((s, found))
    return at, np.full(choices.shape, -1) if last else ids
