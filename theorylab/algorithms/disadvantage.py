r"""What ComputePolicy is judged by: the disadvantage of a policy in a model under nu.

    printed       E_{s~nu} [ V(s) - E_{a~nu(.|s)} Q(s, a) ]         (8), of either sign
    positive      E_{(s,a)~nu} [ (V(s) - Q(s, a))_+ ]
    best_action   E_{s~nu} [ V(s) - min_a Q(s, a) ]

per episode, V and Q of the policy in the model; for rewards the signs turn. Coverage transfers the
two last from nu to the expert, not the printed one (see verification/lamps, Corollary 5.1). A
`Computed` is what every ComputePolicy of Algorithm 1 returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from theorylab.algorithms.spaces import Floats, least_cost
from theorylab.algorithms.work import Work
from theorylab.theory.tabular import backup, value
from theorylab.worlds.mdp import MDP, Policy

Form = Literal["printed", "positive", "best_action"]


@dataclass(frozen=True)
class Disadvantage:
    """eps_po of one policy in its three forms, per episode."""

    printed: float
    positive: float
    best_action: float


@dataclass(frozen=True, eq=False)
class Computed:
    """A policy for a model, its eps_po there, and the work done.

    reached: whether the target that was asked for is met (True where none was); iterates: how many
    policies were tried; classifier_regret: eps_Reg of Appendix B.2 per round, measured on the
    costs the classifier saw, None where there is no classifier.
    """

    policy: Policy
    disadvantage: Disadvantage
    work: Work
    reached: bool = True
    iterates: int = 1
    classifier_regret: float | None = None


ComputePolicy = Callable[[MDP, np.random.Generator], Computed]


def disadvantage(model: MDP, policy: Policy, nu: Floats) -> Disadvantage:
    """eps_po of the policy in the model under nu (S, A), by one linear solve."""
    V = value(model, policy)
    return disadvantage_of_values(model, V, backup(model, V), nu)


def disadvantage_of_values(model: MDP, V: Floats, Q: Floats, nu: Floats) -> Disadvantage:
    """The same from V (S,) and Q (S, A)."""
    gap = least_cost(model) * (V[:, None] - Q)
    return Disadvantage(
        printed=float((nu * gap).sum()),
        positive=float((nu * np.maximum(gap, 0)).sum()),
        best_action=float((nu.sum(-1) * gap.max(-1)).sum()),
    )
