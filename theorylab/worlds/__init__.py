"""Worlds: frozen values whose constructors name the entry that is wrong."""

from theorylab.worlds.finite_horizon import (
    FiniteHorizonMDP,
    NonstationaryPolicy,
    RewardFiniteHorizonMDP,
)
from theorylab.worlds.hard_instance import HardLayout, hard_layout, hard_tables
from theorylab.worlds.latent_mdp import (
    DeterministicHistoryPolicy,
    HistoryPolicy,
    LatentMDP,
    LatentModel,
    histories,
    largest_total,
    support,
)
from theorylab.worlds.latent_variable import LatentVariableEstimate, LatentVariableModel
from theorylab.worlds.linear_mdp import LinearMDP
from theorylab.worlds.linear_quadratic import (
    AffinePolicy,
    DiscountedLinearModel,
    DiscountedLinearQuadratic,
    LinearModel,
    LinearPolicy,
    LinearQuadratic,
)
from theorylab.worlds.mdp import MDP, DeterministicPolicy, Model, Policy, RewardMDP
from theorylab.worlds.pomdp import POMDP

__all__ = [
    "MDP", "POMDP", "AffinePolicy", "DeterministicHistoryPolicy", "DeterministicPolicy",
    "DiscountedLinearModel", "DiscountedLinearQuadratic", "FiniteHorizonMDP", "HardLayout",
    "HistoryPolicy",
    "LatentMDP", "LatentModel", "LatentVariableEstimate", "LatentVariableModel", "LinearMDP",
    "LinearModel", "LinearPolicy", "LinearQuadratic", "Model",
    "NonstationaryPolicy", "Policy", "RewardFiniteHorizonMDP", "RewardMDP", "hard_layout",
    "hard_tables", "histories", "largest_total", "support",
]  # fmt: skip
