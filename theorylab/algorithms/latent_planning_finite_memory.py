r"""Policies with a finite memory, evaluated on (m, s, memory): no tree of histories, any horizon.

    alpha_m(s, k) at t = sum_a pi_t(a | k, s) [ R_m(s, a) + sum_s' P_m(s' | s, a) alpha_m(s', k') ]
    k' = update[k, s, a, label_m(s, a), s'],   k = start[s_1] at first

A memoryless policy has one state of memory. Everything is a reward, the undiscounted sum of an
episode (LMDP, Section 3.2, for a policy that is told the history by its memory alone).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, ratio
from theorylab.errors import ModelError
from theorylab.worlds import checks
from theorylab.worlds.finite_horizon import NonstationaryPolicy
from theorylab.worlds.latent_mdp import HistoryPolicy, LatentMDP
from theorylab.worlds.mdp import Policy, set_fields, unchecked


@dataclass(frozen=True, eq=False)
class FiniteMemoryPolicy:
    """A policy that sees the step, the last state and a memory of K values.

    Shapes: probabilities (H, K, S, A); update (K, S, A, L, S) and start (S,), integers below K.
    Raises ModelError naming the entry that is wrong.
    """

    probabilities: Any
    update: Any
    start: Any

    def __post_init__(self) -> None:
        name = type(self).__name__
        table = checks.table(self.probabilities, f"{name}.probabilities")
        update, start = np.array(self.update), np.array(self.start)
        if table.ndim != 4 or 0 in table.shape:
            raise ModelError(f"{name}.probabilities has shape {table.shape}, expected (H, K, S, A)")
        _, K, S, A = table.shape
        L = update.shape[3] if update.ndim == 5 else 1
        checks.check_shape(update, f"{name}.update", (K, S, A, L, S), "(K, S, A, L, S)")
        checks.check_shape(start, f"{name}.start", (S,), "(S,)")
        _check_memory(update, f"{name}.update", K)
        _check_memory(start, f"{name}.start", K)
        table = checks.check_distribution(table, f"{name}.probabilities", "Normalise the row.")
        set_fields(self, probabilities=table, update=update, start=start)

    @property
    def K(self) -> int:
        """The number of values of the memory."""
        return int(self.probabilities.shape[1])


def _check_memory(table: Array, name: str, K: int) -> None:
    if table.dtype.kind not in "iu":
        raise ModelError(f"{name} has entries of type {table.dtype}, expected integers")
    wrong = np.argwhere((table < 0) | (table >= K))
    if len(wrong):
        index = tuple(int(k) for k in wrong[0])
        raise ModelError(
            f"{checks.place_name(name, index)} is {table[index]}, expected a memory in 0..{K - 1}"
        )


def memoryless_policy(W: LatentMDP, pi: Policy | NonstationaryPolicy) -> FiniteMemoryPolicy:
    """A policy of the last state, or of step and last state, as one with nothing to remember."""
    rows = pi.probabilities
    if isinstance(pi, Policy):
        rows = np.stack([rows] * W.H)
    update = np.zeros((1, W.S, W.A, W.L, W.S), dtype=np.int64)
    start = np.zeros(W.S, dtype=np.int64)
    return unchecked(FiniteMemoryPolicy, probabilities=rows[:, None], update=update, start=start)


def memory_alpha_actions(W: LatentMDP, pi: FiniteMemoryPolicy) -> list[Array]:
    """alpha_m(s, k, a) at steps 1, ..., H, each of shape (M, S, K, A)."""
    rows = _rows(W, pi)
    paid = np.broadcast_to(W.rewards[:, :, None, :], (W.M, W.S, pi.K, W.A))
    found: list[Array] = []
    for t in range(W.H, 0, -1):
        own = paid
        if found:
            own = own + _next_alpha(W, pi, (rows[t].swapaxes(0, 1) * found[-1]).sum(-1))
        found.append(own)
    return found[::-1]


def memory_alphas(W: LatentMDP, pi: FiniteMemoryPolicy) -> list[Array]:
    """alpha_m(s, k) at steps 1, ..., H, each of shape (M, S, K)."""
    pairs = zip(pi.probabilities, memory_alpha_actions(W, pi), strict=True)
    return [(row.swapaxes(0, 1) * table).sum(-1) for row, table in pairs]


def memory_action_values(W: LatentMDP, pi: FiniteMemoryPolicy) -> list[Array]:
    """Q(s, k, a) = E[alpha_m(s, k, a) | s, k], m given by the policy's law, at steps 1, ..., H,
    each of shape (S, K, A); 0 where (s, k) cannot be. What the memory forgot, Q averages over."""
    found = []
    for law, table in zip(memory_laws(W, pi), memory_alpha_actions(W, pi), strict=True):
        given = ratio(law, np.broadcast_to(law.sum(0), law.shape))
        found.append((given[..., None] * table).sum(0))
    return found


def memory_value(W: LatentMDP, pi: FiniteMemoryPolicy) -> Any:
    """The expected total reward of an episode."""
    first = memory_alphas(W, pi)[0]
    return (W.w[:, None] * W.nu * first[:, np.arange(W.S), pi.start]).sum()


def memory_laws(W: LatentMDP, pi: FiniteMemoryPolicy) -> list[Array]:
    """The law of (m, s_t, k_t) at steps 1, ..., H, each of shape (M, S, K)."""
    rows, after = _rows(W, pi), _updates(W, pi)
    law = np.full((W.M, W.S, pi.K), 0 * W.w[0])
    law[:, np.arange(W.S), pi.start] = W.w[:, None] * W.nu
    found = [law]
    for t in range(1, W.H):
        flow = found[-1][..., None] * rows[t - 1].swapaxes(0, 1)  # (M, S, K, A)
        moved = flow[..., None] * W.P[:, :, None]  # (M, S, K, A, S)
        law = np.full((W.M, W.S, pi.K), 0 * W.w[0])
        m, _, _, _, following = np.indices(moved.shape)
        np.add.at(law, (m, following, after), moved)
        found.append(law)
    return found


def memory_history_policy(W: LatentMDP, pi: FiniteMemoryPolicy) -> HistoryPolicy:
    """The same as a table over all histories of a small latent MDP."""
    rows, found = _rows(W, pi), []
    states, memory = np.arange(W.S), np.asarray(pi.start)
    for t in range(W.H):
        found.append(rows[t][memory, states])
        memory = pi.update[memory, states].ravel()
        states = np.arange(len(memory)) % W.S
    return unchecked(HistoryPolicy, probabilities=np.concatenate(found))


def _rows(W: LatentMDP, pi: FiniteMemoryPolicy) -> Array:
    """The policy's rows (H, K, S, A); ModelError if it is for another latent MDP."""
    expected = (W.H, pi.K, W.S, W.A)
    checks.check_shape(pi.probabilities, "probabilities", expected, "(H, K, S, A)")
    checks.check_shape(pi.update, "update", (pi.K, W.S, W.A, W.L, W.S), "(K, S, A, L, S)")
    return np.asarray(pi.probabilities)


def _updates(W: LatentMDP, pi: FiniteMemoryPolicy) -> Array:
    """k' along r = R_m(s, a): integers of shape (M, S, K, A, S)."""
    _, s, a = np.indices(W.labels.shape)
    return np.moveaxis(pi.update[:, s, a, W.labels], 0, 2)


def _next_alpha(W: LatentMDP, pi: FiniteMemoryPolicy, later: Array) -> Array:
    """P_m(s, a) alpha_m(., k'), shape (M, S, K, A), from alpha of the next step (M, S, K)."""
    after = _updates(W, pi)
    m, _, _, _, following = np.indices(after.shape)
    return np.asarray((W.P[:, :, None] * later[m, following, after]).sum(-1))
