r"""What the framework for latent MDPs knows after some episodes, and linear planning with it.

    N_m(s, a)  visits at the last update,   P_hat_m(s' | s, a) = n_m(s' | s, a) / N_m(s, a),
    iota = 2 ln(2 M S A H K / delta)

(LMDP, Section 3 and Algorithm 1.) N = 0: P_hat is a row of zeros and nothing is known of the row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.algorithms.latent_fronts import Frame, best_plan
from theorylab.algorithms.latent_plans import Floats, Integers, Plan, Worth, worth
from theorylab.worlds.latent_mdp import LatentMDP


@dataclass(frozen=True, eq=False)
class Estimates:
    """What a solver is given: frame, counts at the last update and iota.

    N (M, S, A), P_hat (M, S, A, S); rng is for solvers that draw.
    """

    frame: Frame
    N: Integers
    P_hat: Floats
    iota: float
    rng: np.random.Generator


Solver = Callable[[Estimates], Plan]


def frame_of(W: LatentMDP) -> Frame:
    """What is known of a latent MDP from the start: all but its transitions, in float64."""
    w, nu, rewards = (np.asarray(it, dtype=np.float64) for it in (W.w, W.nu, W.rewards))
    return Frame(w, nu, rewards, W.labels, W.L, W.H)


def estimates(frame: Frame, counts: Integers, iota: float, rng: np.random.Generator) -> Estimates:
    """Estimates from the numbers (M, S, A, S) of transitions seen at the last updates."""
    N = counts.sum(-1)
    return Estimates(frame, N, counts / np.maximum(N, 1)[..., None], iota, rng)


@dataclass(frozen=True, eq=False)
class LinearBackup:
    """f_m(s, a, v) = paid_m(s, a) + P_m(s, a) v: planning in a known model. It is convex."""

    paid: Floats
    P: Floats
    convex: bool = True

    def values(self, m: Integers, s: Any, a: Any, later: Floats) -> Floats:
        """Shape (n, members, S) to (n, members)."""
        return np.asarray(self.paid[m, s, a] + (later * self.P[m, s, a]).sum(-1))

    def reaches(self, m: Integers, s: int, a: int) -> Any:
        """Next states that some member can go to."""
        return (self.P[m, s, a] > 0).any(0)


def optimal_graph(W: LatentMDP, *, resolution: float = 0.0) -> tuple[Plan, Worth]:
    """An optimal history-dependent policy of a known latent MDP, and what it is worth."""
    frame, happens = frame_of(W), possible_states(W)[..., None]
    backup = LinearBackup(frame.rewards * happens, W.P.astype(np.float64) * happens[..., None])
    plan = best_plan(frame, backup, resolution=resolution)
    return plan, worth(W, plan)


def possible_states(W: LatentMDP) -> Any:
    """Whether a state can happen in a context at all, booleans (M, S): others bear no value."""
    found, ways = np.asarray(W.nu > 0), np.asarray(W.P > 0).any(2)
    for _ in range(W.S):
        found = found | (found[:, :, None] & ways).any(1)
    return found
