r"""Linear MDPs: transitions that are inner products of features.

    T(s' | s, a) = <phi(s, a), mu(s')>

(LV-Rep, Definition 1; H = R^d.) Entries of phi and mu may be negative; their products may not, and
sum to one over s'. A latent-variable model is one with phi = p(. | s, a) and mu = p(s' | .).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import ModelError
from theorylab.worlds import checks
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.mdp import RewardMDP, set_fields, unchecked

TABLES = ("phi", "mu", "payoff", "gamma", "start")


@dataclass(frozen=True, eq=False)
class LinearMDP:
    """A discounted MDP with rewards whose transitions are phi(s, a) . mu(s').

    Shapes: phi (S, A, d); mu (d, S); payoff (S, A) rewards per step; gamma in [0, 1); start (S,).
    Floats may miss by `checks.ROUNDING` per feature, relative to the largest product.
    Raises ModelError for features that give no transition, naming the pair and its sum.

    >>> T = LinearMDP([[["1/2", -1]], [[1, 0]]], [[1, 0], ["-1/4", "-1/4"]],
    ...               [[1], [0]], 0, [1, 0])
    >>> T.d, T.P[0, 0, 1]
    (2, 1/4)
    """

    phi: Any
    mu: Any
    payoff: Any
    gamma: Any
    start: Any

    def __post_init__(self) -> None:
        name = type(self).__name__
        tables = {key: checks.table(getattr(self, key), f"{name}.{key}") for key in TABLES}
        tables = checks.same_kind(tables)
        _check_sizes(name, tables)
        for key in ("phi", "mu", "payoff"):
            checks.check_finite(tables[key], f"{name}.{key}")
        _check_transitions(f"{name}.phi @ mu", tables["phi"], tables["mu"])
        tables["start"] = checks.check_distribution(
            tables["start"], f"{name}.start", "Normalise it."
        )
        checks.check_discount(tables["gamma"], f"{name}.gamma")
        set_fields(self, **{**tables, "gamma": tables["gamma"][()]})

    @classmethod
    def of_latents(cls, model: LatentVariableModel) -> LinearMDP:
        """phi = p(. | s, a), mu = p(s' | .): the linear MDP that a latent-variable model is."""
        rest = {key: getattr(model, key) for key in ("payoff", "gamma", "start")}
        return cls(model.latents, model.emissions, **rest)

    @property
    def S(self) -> int:
        """The number of states."""
        return int(self.phi.shape[0])

    @property
    def A(self) -> int:
        """The number of actions."""
        return int(self.phi.shape[1])

    @property
    def d(self) -> int:
        """The dimension of the features."""
        return int(self.phi.shape[2])

    @property
    def P(self) -> Array:
        """The transitions T(s' | s, a), shape (S, A, S)."""
        return self.phi @ self.mu

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
        """The same MDP without its features, its tables unchecked."""
        rest = {key: getattr(self, key) for key in ("payoff", "gamma", "start")}
        return unchecked(RewardMDP, P=self.P, **rest, sense="reward")


def _check_sizes(name: str, tables: dict[str, Array]) -> None:
    phi = tables["phi"]
    if phi.ndim != 3 or 0 in phi.shape:
        raise ModelError(f"{name}.phi has shape {phi.shape}, expected (S, A, d), each at least 1")
    S, A, d = phi.shape
    checks.check_shape(tables["mu"], f"{name}.mu", (d, S), "(d, S)")
    checks.check_shape(tables["payoff"], f"{name}.payoff", (S, A), "(S, A)")
    checks.check_shape(tables["start"], f"{name}.start", (S,), "(S,)")
    checks.check_shape(tables["gamma"], f"{name}.gamma", (), "one number")


def _check_transitions(name: str, phi: Array, mu: Array) -> None:
    """Raise ModelError at the first pair whose products with mu are no distribution."""
    P = phi @ mu
    if P.dtype != np.float64 and not checks.is_exact(P):
        return
    allowed = _rounding(phi, mu) if P.dtype == np.float64 else np.zeros(P.shape[:2], int)
    for s, a in np.ndindex(*P.shape[:2]):
        _check_pair(f"{name} at (s={s}, a={a})", list(P[s, a]), allowed[s, a])


def _check_pair(place: str, row: list[Any], allowed: Any) -> None:
    for k, entry in enumerate(row):
        if entry < -allowed:
            raise ModelError(
                f"{place} has {checks.shown(entry)} at s'={k}, expected >= 0:"
                " these features give no transition"
            )
    total = sum(row)
    if not -allowed * len(row) <= total - 1 <= allowed * len(row):
        raise ModelError(f"{place} sums to {checks.shown(total)}, expected 1: scale phi(s, a)")


def _rounding(phi: Array, mu: Array) -> Array:
    """What float products of these sizes may miss, for each pair."""
    sizes = (np.abs(phi) @ np.abs(mu)).max(-1)
    return np.asarray(checks.ROUNDING * phi.shape[-1] * np.maximum(sizes, 1))
