r"""Latent MDPs: an MDP drawn from a few at the start of each episode, and hidden until its end.

    m ~ w,  s_1 ~ nu_m;   r_t = palette[labels[m, s_t, a_t]],  s_{t+1} ~ P_m(s_t, a_t),  t <= H

Rewards are paid per step, undiscounted, and the total of an episode is at most 1 on every
trajectory that can happen (LMDP, Section 3.1). Rewards are named by integer labels, so that
"r = R_m(s, a)" compares labels, never numbers. Tables are float64 or exact (object arrays).

A history h_t = (s_1, a_1, r_1, ..., s_t) is counted by the integer

    h_1 = s_1,   h_{t+1} = ((h_t A + a_t) L + label_t) S + s_{t+1}

among the S (A L S)^(t-1) of step t, whether it can happen or not; h_t mod S is its last state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, maximum, ratio, sup
from theorylab.errors import ModelError
from theorylab.worlds import checks
from theorylab.worlds.mdp import set_fields, unchecked

TABLES = ("w", "nu", "P", "palette")


@dataclass(frozen=True, eq=False)
class LatentMDP:
    """M MDPs on the same states and actions, one of which is played for H steps.

    Shapes: w (M,) weights, all positive; nu (M, S) laws of the first state; P (M, S, A, S);
    palette (L,) the different rewards, in [0, 1]; labels (M, S, A) integers below L; H at least 1.
    Raises ModelError naming the entry that is wrong, or a trajectory that pays more than 1.

    >>> W = LatentMDP(["1/2", "1/2"], [[1], [1]], [[[[1]]], [[[1]]]], [0, "1/2"], [[[0]], [[1]]], 2)
    >>> W.M, W.S, W.A, W.rewards[1, 0, 0]
    (2, 1, 1, 1/2)
    """

    w: Any
    nu: Any
    P: Any
    palette: Any
    labels: Any
    H: int

    def __post_init__(self) -> None:
        name = type(self).__name__
        tables = {key: checks.table(getattr(self, key), f"{name}.{key}") for key in TABLES}
        tables = checks.same_kind(tables)
        labels = _labels(self.labels, f"{name}.labels")
        _check_sizes(name, tables, labels)
        for key in ("w", "nu", "P"):
            tables[key] = checks.check_distribution(tables[key], f"{name}.{key}", "Normalise it.")
        _check_weights(tables["w"], f"{name}.w")
        _check_palette(tables["palette"], f"{name}.palette")
        _check_labels(labels, len(tables["palette"]), f"{name}.labels")
        if type(self.H) is not int or self.H < 1:
            raise ModelError(f"{name}.H is {self.H!r}, expected an integer of at least 1")
        set_fields(self, **tables, labels=labels)
        self._check_total()

    def _check_total(self) -> None:
        """Raise ModelError naming a trajectory that can happen and pays more than 1."""
        tolerance = 0 if checks.is_exact(self.palette) else 1e-12 * self.H
        if largest_total(self) > 1 + tolerance:
            m, steps, paid = _best_trajectory(self)
            shown = ", ".join(f"s={s} a={a}" for s, a in steps)
            raise ModelError(
                f"{type(self).__name__} pays {checks.shown(paid)} in context {m} on the trajectory"
                f" {shown}, expected a total of at most 1. Scale the palette."
            )

    @property
    def M(self) -> int:
        """The number of contexts."""
        return int(self.P.shape[0])

    @property
    def S(self) -> int:
        """The number of states."""
        return int(self.P.shape[-1])

    @property
    def A(self) -> int:
        """The number of actions."""
        return int(self.P.shape[2])

    @property
    def L(self) -> int:
        """The number of labels: of different rewards."""
        return len(self.palette)

    @property
    def rewards(self) -> Array:
        """R_m(s, a), shape (M, S, A)."""
        return np.asarray(self.palette[self.labels])

    @property
    def degree(self) -> int:
        """Gamma: the largest number of next states that a state-action pair has in a context."""
        return int((self.P > 0).sum(-1).max())

    def with_transitions(self, P: Any) -> LatentModel:
        """A model of it: other transitions, all else the same."""
        return LatentModel(self.w, self.nu, P, self.palette, self.labels, self.H)


class LatentModel(LatentMDP):
    """Other transitions for a latent MDP. Its total reward may exceed 1: a reward that is paid once
    in an episode of the true MDP can be paid twice where an estimate allows a way back."""

    def _check_total(self) -> None:
        """A model is free to pay more than 1."""


@dataclass(frozen=True, eq=False)
class HistoryPolicy:
    """Action probabilities for every history, shape (N, A): those of step 1 first, then step 2, ...

    N = S + S (A L S) + ... + S (A L S)^(H-1). Raises ModelError naming the row that is wrong.
    """

    probabilities: Any

    def __post_init__(self) -> None:
        name = f"{type(self).__name__}.probabilities"
        table = checks.table(self.probabilities, name)
        if table.ndim != 2 or 0 in table.shape:
            raise ModelError(f"{name} has shape {table.shape}, expected (N, A): N histories")
        set_fields(self, probabilities=checks.check_distribution(table, name, "Normalise the row."))


class DeterministicHistoryPolicy(HistoryPolicy):
    """A history-dependent policy whose rows are vertices."""

    def __post_init__(self) -> None:
        super().__post_init__()
        sure = np.isin(self.probabilities, (0, 1))
        if not sure.all():
            index = tuple(np.argwhere(~sure)[0])
            place = checks.place_name("DeterministicHistoryPolicy.probabilities", index)
            raise ModelError(f"{place} is {self.probabilities[index]}, expected 0 or 1")


def histories_at(W: LatentMDP, t: int) -> int:
    """How many histories step t = 1, 2, ... has, possible or not: S (A L S)^(t-1)."""
    return W.S * (W.A * W.L * W.S) ** (t - 1)


def histories(W: LatentMDP) -> list[int]:
    """The number of histories of each step 1, ..., H."""
    return [histories_at(W, t) for t in range(1, W.H + 1)]


def support(P: Array) -> Array:
    """1 where a probability is positive, 0 elsewhere; same shape and arithmetic."""
    return np.asarray(ratio(P, P))


def largest_total(W: LatentMDP) -> Any:
    """The largest total reward of a trajectory that can happen in some context."""
    G, way = 0 * W.nu, support(W.P)
    for _ in range(W.H):
        G = sup(W.rewards + sup(way * G[:, None, None, :], -1), -1)
    return sup(support(W.nu) * G)


def capped(W: LatentMDP) -> LatentMDP:
    """The same with its palette divided by the largest total, where that exceeds 1."""
    return unchecked(type(W), **{**vars(W), "palette": W.palette / maximum(largest_total(W), 1)})


def _best_trajectory(W: LatentMDP) -> tuple[int, list[tuple[int, int]], Any]:
    """A context and the steps (s, a) of a trajectory that pays most there, and its total."""
    G = [0 * W.nu]
    for _ in range(W.H):
        reached = np.where(W.P > 0, G[-1][:, None, None, :], 0).max(-1)
        G.append((W.rewards + reached).max(-1))
    best = np.where(W.nu > 0, G[-1], -1)
    m, s = (int(k) for k in np.unravel_index(int(np.argmax(best)), best.shape))
    paid, steps = G[-1][m, s], []
    for later in reversed(G[:-1]):
        reached = np.where(W.P[m, s] > 0, later[m], -1)
        a = int(np.argmax(W.rewards[m, s] + np.maximum(reached, 0).max(-1)))
        steps.append((s, a))
        s = int(np.argmax(reached[a]))
    return m, steps, paid


def _labels(value: Any, name: str) -> Array:
    try:
        labels = np.array(value)
        whole = labels.astype(np.int64)
        same = bool((whole == labels.astype(object)).all())
    except (TypeError, ValueError, OverflowError):
        same = False
    if not same or labels.dtype == bool:
        raise ModelError(f"{name} has an entry that is no integer, expected labels (M, S, A)")
    return whole


def _check_sizes(name: str, tables: dict[str, Array], labels: Array) -> None:
    P = tables["P"]
    if P.ndim != 4 or P.shape[1] != P.shape[3] or 0 in P.shape:
        raise ModelError(f"{name}.P has shape {P.shape}, expected (M, S, A, S)")
    M, S, A, _ = P.shape
    expected = {"w": ((M,), "(M,)"), "nu": ((M, S), "(M, S)")}
    for key, (shape, letters) in expected.items():
        if tables[key].shape != shape:
            raise ModelError(f"{name}.{key} has shape {tables[key].shape}, expected {letters}"
                             f" = {shape}")  # fmt: skip
    if labels.shape != (M, S, A):
        raise ModelError(f"{name}.labels has shape {labels.shape}, expected (M, S, A) = {M, S, A}")
    if tables["palette"].ndim != 1 or not len(tables["palette"]):
        raise ModelError(f"{name}.palette has shape {tables['palette'].shape}, expected (L,)")


def _check_weights(w: Array, name: str) -> None:
    for m, weight in enumerate(w):
        if not weight > 0:
            raise ModelError(f"{name}[{m}] is {checks.shown(weight)}, expected a positive weight:"
                             " leave out a context that is never played")  # fmt: skip


def _check_palette(palette: Array, name: str) -> None:
    checks.check_finite(palette, name)
    for k, reward in enumerate(palette):
        if not 0 <= reward <= 1:
            raise ModelError(f"{name}[{k}] is {checks.shown(reward)}, expected a reward in [0, 1]")
        if (palette[:k] == reward).any():
            raise ModelError(
                f"{name}[{k}] is {checks.shown(reward)} as an earlier entry, expected different"
                " rewards: give both one label"
            )


def _check_labels(labels: Array, L: int, name: str) -> None:
    wrong = np.argwhere((labels < 0) | (labels >= L))
    if len(wrong):
        index = tuple(int(k) for k in wrong[0])
        raise ModelError(
            f"{checks.place_name(name, index)} is {labels[index]}, expected a label in 0..{L - 1}"
        )
