r"""Latent MDPs taken apart and put together: one context alone, one replaced.

What Algorithm 4 of LMDP does to a latent MDP: an MDP at one position, all others simulated.
"""

from __future__ import annotations

from typing import Any

from theorylab.arithmetic import Array
from theorylab.theory.latent import decisions, history_laws
from theorylab.worlds.latent_mdp import HistoryPolicy, LatentMDP, LatentModel
from theorylab.worlds.mdp import unchecked


def build_latent(**tables: Any) -> LatentMDP:
    """A latent MDP of tables of any number system, without checks: for claims."""
    return unchecked(LatentMDP, **tables)


def with_palette(M: LatentMDP, palette: Array) -> LatentModel:
    """The same transitions and labels with other rewards, without checks: for claims."""
    return unchecked(LatentModel, **{**vars(M), "palette": palette})


def build_policy(probabilities: Array) -> HistoryPolicy:
    """A history-dependent policy of a table of any number system, without checks: for claims."""
    return unchecked(HistoryPolicy, probabilities=probabilities)


def alone(W: LatentMDP, m: int) -> LatentMDP:
    """The m-th MDP, as a latent MDP of one context."""
    own = {key: getattr(W, key)[m : m + 1] for key in ("nu", "P", "labels")}
    return unchecked(LatentMDP, **{**vars(W), **own, "w": 0 * W.w[m : m + 1] + 1})


def replaced(W: LatentMDP, m: int, target: LatentMDP) -> LatentMDP:
    """W with its m-th MDP's start and transitions replaced by those of target's first one."""
    nu, P = W.nu.copy(), W.P.copy()
    nu[m], P[m] = target.nu[0], target.P[0]
    return unchecked(LatentMDP, **{**vars(W), "nu": nu, "P": P})


def law_of_episode(W: LatentMDP, pi: HistoryPolicy) -> Array:
    """The law of the context and all of an episode, (m, h_H, a_H): shape (M, N_H, A)."""
    return history_laws(W, pi)[-1][..., None] * decisions(W, pi)[-1]
