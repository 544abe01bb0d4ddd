r"""Solver-L-MVP: monotonic value propagation for latent MDPs, exact over deterministic policies.

    alpha_m(h) = min{ R_m(s, a) + B_m(h, a) + P_hat_m(s, a) alpha_m(h a r .), 1 }
    B_m(h, a)  = max{ 16 S iota / N,  4 sqrt(supp(P_hat) V(P_hat, alpha_m(h a r .)) iota / N) }

(LMDP, Algorithm 3, (3) to (5), with the constants of Appendix B.4: the print of (3) lost iota and
set the 4 under the root.) N = 0: the bonus is infinite and alpha 1. The bonus depends on the
policy, yet the operator is monotone on [0, 1] (Lemma 14), so `latent_fronts` finds the best policy
among all deterministic history-dependent ones without enumerating them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.algorithms.latent_estimates import Estimates
from theorylab.algorithms.latent_fronts import MEMORY_LIMIT, best_plan
from theorylab.algorithms.latent_plans import Floats, Integers, Plan


@dataclass(frozen=True, eq=False)
class MvpBackup:
    """The backup (3), (4); `scale` multiplies iota (1: as printed)."""

    known: Estimates
    scale: float = 1.0

    @property
    def convex(self) -> bool:
        """Truncation makes it not convex."""
        return False

    def values(self, m: Integers, s: Any, a: Any, later: Floats) -> Floats:
        """Shape (n, members, S) to (n, members)."""
        known = self.known
        P, N = known.P_hat[m, s, a], known.N[m, s, a]
        rate = self.scale * known.iota / np.maximum(N, 1)
        mean = (later * P).sum(-1)
        spread = ((later - mean[..., None]) ** 2 * P).sum(-1)
        first = 16 * known.P_hat.shape[-1] * rate
        bonus = np.maximum(first, 4 * np.sqrt((P > 0).sum(-1) * spread * rate))
        found = np.minimum(known.frame.rewards[m, s, a] + bonus + mean, 1)
        return np.asarray(np.where(N > 0, found, 1.0))

    def reaches(self, m: Integers, s: int, a: int) -> Any:
        """Next states seen by a member whose first bonus does not already reach the truncation."""
        known = self.known
        N = known.N[m, s, a]
        first = 16 * known.P_hat.shape[-1] * self.scale * known.iota
        open_ = (N > 0) & (first < np.maximum(N, 1) * (1 - known.frame.rewards[m, s, a]))
        return ((known.P_hat[m, s, a] > 0) & open_[:, None]).any(0)


def mvp_solver(
    *, scale: float = 1.0, resolution: float = 0.0, memory: int = MEMORY_LIMIT
) -> Callable[[Estimates], Plan]:
    """Algorithm 3; its plans hold the optimistic alpha vectors and value.

    scale multiplies iota: below 1 the paper's guarantee does not cover it. resolution: see
    `latent_fronts.best_plan`.
    """

    def solve(known: Estimates) -> Plan:
        return best_plan(known.frame, MvpBackup(known, scale), resolution=resolution, memory=memory)

    return solve
