r"""Latent-variable MDPs: the next state is drawn through a latent value.

    T(s' | s, a) = sum_z p(z | s, a) p(s' | z)

(LV-Rep, equation (3).) So T is a linear MDP with features p(. | s, a) and p(s' | .). Rewards are
per step, discounted, not normalised. Tables are float64 or exact (object arrays).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from theorylab.arithmetic import Array
from theorylab.errors import ModelError
from theorylab.worlds import checks
from theorylab.worlds.mdp import RewardMDP, set_fields, unchecked

TABLES = ("latents", "emissions", "payoff", "gamma", "start")


@dataclass(frozen=True, eq=False)
class LatentVariableModel:
    """A discounted MDP with rewards whose transitions go through Z latent values.

    Shapes: latents (S, A, Z) p(z | s, a); emissions (Z, S) p(s' | z); payoff (S, A) rewards per
    step; gamma in [0, 1); start (S,). Raises ModelError naming the entry that is wrong.

    >>> T = LatentVariableModel([[["1/2", "1/2"]], [[0, 1]]], [[1, 0], ["1/3", "2/3"]],
    ...                         [[1], [0]], "9/10", [1, 0])
    >>> T.Z, T.P[0, 0, 1]
    (2, 1/3)
    """

    latents: Any
    emissions: Any
    payoff: Any
    gamma: Any
    start: Any

    def __post_init__(self) -> None:
        name = type(self).__name__
        tables = {key: checks.table(getattr(self, key), f"{name}.{key}") for key in TABLES}
        tables = checks.same_kind(tables)
        _check_sizes(name, tables)
        for key in ("latents", "emissions", "start"):
            tables[key] = checks.check_distribution(tables[key], f"{name}.{key}", "Normalise it.")
        checks.check_finite(tables["payoff"], f"{name}.payoff")
        checks.check_discount(tables["gamma"], f"{name}.gamma")
        set_fields(self, **{**tables, "gamma": tables["gamma"][()]})

    @property
    def S(self) -> int:
        """The number of states."""
        return int(self.latents.shape[0])

    @property
    def A(self) -> int:
        """The number of actions."""
        return int(self.latents.shape[1])

    @property
    def Z(self) -> int:
        """The number of latent values."""
        return int(self.latents.shape[2])

    @property
    def P(self) -> Array:
        """The transitions T(s' | s, a), shape (S, A, S)."""
        return self.latents @ self.emissions

    @property
    def r(self) -> Array:
        """The reward table (S, A)."""
        return self.payoff

    @property
    def sense(self) -> str:
        """What is paid: "reward"."""
        return "reward"

    @property
    def mdp(self) -> RewardMDP:
        """The same MDP without its latent values, its tables unchecked."""
        rest = {key: getattr(self, key) for key in ("payoff", "gamma", "start")}
        return unchecked(RewardMDP, P=self.P, **rest, sense="reward")

    def with_reward(self, payoff: Array) -> LatentVariableModel:
        """The same transitions with another reward, such as r plus a bonus; shape (S, A)."""
        return unchecked(LatentVariableModel, **{**vars(self), "payoff": payoff})


class LatentVariableEstimate(LatentVariableModel):
    """Other latents and emissions for a latent-variable MDP: its reward, discount and start."""


def _check_sizes(name: str, tables: dict[str, Array]) -> None:
    latents, emissions = tables["latents"], tables["emissions"]
    if latents.ndim != 3 or 0 in latents.shape:
        raise ModelError(
            f"{name}.latents has shape {latents.shape}, expected (S, A, Z), each at least 1"
        )
    S, A, Z = latents.shape
    checks.check_shape(emissions, f"{name}.emissions", (Z, S), "(Z, S)")
    checks.check_shape(tables["payoff"], f"{name}.payoff", (S, A), "(S, A)")
    checks.check_shape(tables["start"], f"{name}.start", (S,), "(S,)")
    checks.check_shape(tables["gamma"], f"{name}.gamma", (), "one number")
