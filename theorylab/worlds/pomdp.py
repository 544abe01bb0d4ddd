r"""Partially observed MDPs as plain arrays, and latent MDPs seen as such.

    x_1 ~ start;   reward_t = rewards[x_t, a_t],   x_{t+1} ~ P(x_t, a_t),
    o_{t+1} ~ observe[a_t, x_{t+1}];               the total is sum_t gamma^(t-1) reward_t

The first state shows nothing before the first action. What is paid is a reward, per step, of any
sign; it is not observed unless `observe` shows it. Tables are float64 or exact (object arrays).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import ModelError
from theorylab.worlds import checks
from theorylab.worlds.latent_mdp import LatentMDP
from theorylab.worlds.mdp import set_fields

TABLES = ("P", "observe", "rewards", "start", "gamma")


@dataclass(frozen=True, eq=False)
class POMDP:
    """A finite partially observed MDP.

    Shapes: P (X, A, X); observe (A, X, O), the law of what is seen after action a on arrival at x;
    rewards (X, A); start (X,); gamma in [0, 1]. Raises ModelError naming the entry that is wrong.

    >>> B = POMDP([[[1]]], [[["1/2", "1/2"]]], [[1]], [1], "19/20")
    >>> B.X, B.A, B.O, B.gamma
    (1, 1, 2, 19/20)
    """

    P: Any
    observe: Any
    rewards: Any
    start: Any
    gamma: Any = 1

    def __post_init__(self) -> None:
        name = type(self).__name__
        tables = {key: checks.table(getattr(self, key), f"{name}.{key}") for key in TABLES}
        tables = checks.same_kind(tables)
        _check_sizes(name, tables)
        for key in ("P", "observe", "start"):
            tables[key] = checks.check_distribution(tables[key], f"{name}.{key}", "Normalise it.")
        checks.check_finite(tables["rewards"], f"{name}.rewards")
        gamma = tables["gamma"][()]
        if not 0 <= gamma <= 1:
            raise ModelError(
                f"{name}.gamma is {checks.shown(gamma)}, expected a discount in [0, 1]"
            )
        set_fields(self, **{**tables, "gamma": gamma})

    @property
    def X(self) -> int:
        """The number of hidden states."""
        return int(self.P.shape[0])

    @property
    def A(self) -> int:
        """The number of actions."""
        return int(self.P.shape[1])

    @property
    def O(self) -> int:  # noqa: E743
        """The number of observations."""
        return int(self.observe.shape[-1])


def _check_sizes(name: str, tables: dict[str, Array]) -> None:
    P, observe = tables["P"], tables["observe"]
    if P.ndim != 3 or P.shape[0] != P.shape[2] or 0 in P.shape:
        raise ModelError(f"{name}.P has shape {P.shape}, expected (X, A, X)")
    X, A, _ = P.shape
    if observe.ndim != 3 or observe.shape[:2] != (A, X) or not observe.shape[2]:
        raise ModelError(
            f"{name}.observe has shape {observe.shape}, expected (A, X, O) = ({A}, {X}, O)"
        )
    checks.check_shape(tables["rewards"], f"{name}.rewards", (X, A), "(X, A)")
    checks.check_shape(tables["start"], f"{name}.start", (X,), "(X,)")
    checks.check_shape(tables["gamma"], f"{name}.gamma", (), "one number")


def pomdp_of(W: LatentMDP) -> POMDP:
    """The latent MDP as an undiscounted POMDP of H + 1 steps, of the same value.

    Hidden state 0 stands before the episode: each action pays nothing there and deals m and s_1.
    Hidden state 1 + (m S + s) (L + 1) + l has the context, the state and the label of the reward
    just paid (l = L: none yet); the observation s (L + 1) + l hides the context.
    """
    M, S, A, L = W.M, W.S, W.A, W.L
    X = 1 + M * S * (L + 1)
    zero = 0 * W.w[0]
    P, observe = np.full((X, A, X), zero), np.full((A, X, S * (L + 1)), zero)
    rewards, start = np.full((X, A), zero), np.full(X, zero)
    place = 1 + np.arange(M * S * (L + 1)).reshape(M, S, L + 1)
    P[0][:, place[:, :, L]] = W.w[:, None] * W.nu
    for m, s, a in np.ndindex(M, S, A):
        P[place[m, s][:, None], a, place[m, :, W.labels[m, s, a]]] = W.P[m, s, a]
        rewards[place[m, s], a] = W.rewards[m, s, a]
    observe[:, place.reshape(M, -1), np.arange(S * (L + 1))] = 1 + zero
    observe[:, 0, 0] = start[0] = 1 + zero
    return POMDP(P, observe, rewards, start, 1)
