"""Worlds: frozen values whose constructors name the entry that is wrong."""

from theorylab.worlds.finite_horizon import (
    FiniteHorizonMDP,
    NonstationaryPolicy,
    RewardFiniteHorizonMDP,
)
from theorylab.worlds.linear_quadratic import (
    AffinePolicy,
    DiscountedLinearModel,
    DiscountedLinearQuadratic,
    LinearModel,
    LinearPolicy,
    LinearQuadratic,
)
from theorylab.worlds.mdp import MDP, DeterministicPolicy, Model, Policy, RewardMDP

__all__ = [
    "MDP", "AffinePolicy", "DeterministicPolicy", "DiscountedLinearModel",
    "DiscountedLinearQuadratic", "FiniteHorizonMDP", "LinearModel", "LinearPolicy",
    "LinearQuadratic", "Model", "NonstationaryPolicy", "Policy", "RewardFiniteHorizonMDP",
    "RewardMDP",
]  # fmt: skip
