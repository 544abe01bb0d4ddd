"""Finite-horizon Markov decision processes, possibly time-varying.

    V_h^pi(s) = E[ sum_{k=h}^{H-1} payoff_k(s_k, a_k) | s_h = s ],   V_H = 0

Steps are counted 0, ..., H-1. Payoffs are per step; nothing is discounted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from theorylab.arithmetic import Array
from theorylab.errors import ModelError
from theorylab.worlds import checks
from theorylab.worlds.mdp import WEIGHTS, Sense, set_fields


@dataclass(frozen=True, eq=False)
class FiniteHorizonMDP:
    """A finite MDP of H steps.

    Shapes: P (H, S, A, S), payoff (H, S, A), start (S,); leading batch axes in float64. H = 0 is
    allowed and pays nothing. Raises ModelError naming the entry that is wrong.
    """

    P: Any
    payoff: Any
    start: Any
    sense: Sense = "cost"

    def __post_init__(self) -> None:
        name = "FiniteHorizonMDP"
        keys = ("P", "payoff", "start")
        tables = checks.same_kind({k: checks.table(getattr(self, k), f"{name}.{k}") for k in keys})
        _check_sizes(name, tables)
        repair = WEIGHTS.format("MDP")
        if tables["P"].size:
            tables["P"] = checks.check_distribution(tables["P"], f"{name}.P", repair)
        tables["start"] = checks.check_distribution(tables["start"], f"{name}.start", repair)
        checks.check_finite(tables["payoff"], f"{name}.payoff")
        if self.sense not in ("cost", "reward"):
            raise ModelError(f"{name}.sense is {self.sense!r}, expected 'cost' or 'reward'")
        set_fields(self, **tables)

    @property
    def H(self) -> int:
        """The number of steps."""
        return int(self.P.shape[-4])

    @property
    def S(self) -> int:
        """The number of states."""
        return int(self.P.shape[-1])

    @property
    def A(self) -> int:
        """The number of actions."""
        return int(self.P.shape[-2])


@dataclass(frozen=True, eq=False)
class RewardFiniteHorizonMDP(FiniteHorizonMDP):
    """A finite-horizon MDP whose payoff is a reward."""

    sense: Sense = "reward"


def _check_sizes(name: str, tables: dict[str, Array]) -> None:
    P = tables["P"]
    if P.ndim < 4 or P.shape[-1] != P.shape[-3] or 0 in P.shape[-3:]:
        raise ModelError(f"{name}.P has shape {P.shape}, expected (H, S, A, S)")
    *batch, H, S, A, _ = P.shape
    checks.check_shape(tables["payoff"], f"{name}.payoff", (*batch, H, S, A), "(H, S, A)")
    checks.check_shape(tables["start"], f"{name}.start", (*batch, S), "(S,)")


@dataclass(frozen=True, eq=False)
class NonstationaryPolicy:
    """A policy that depends on the step: action probabilities, shape (H, S, A)."""

    probabilities: Any

    def __post_init__(self) -> None:
        name = "NonstationaryPolicy.probabilities"
        table = checks.table(self.probabilities, name)
        if table.ndim < 3 or 0 in table.shape[-2:]:
            raise ModelError(f"{name} has shape {table.shape}, expected (H, S, A)")
        if table.size:
            table = checks.check_distribution(table, name, "Normalise the row.")
        set_fields(self, probabilities=table)
