"""Worlds: frozen values whose constructors name the entry that is wrong."""

from theorylab.worlds.finite_horizon import (
    FiniteHorizonMDP,
    NonstationaryPolicy,
    RewardFiniteHorizonMDP,
)
from theorylab.worlds.mdp import MDP, DeterministicPolicy, Model, Policy, RewardMDP

__all__ = [
    "MDP", "DeterministicPolicy", "FiniteHorizonMDP", "Model", "NonstationaryPolicy", "Policy",
    "RewardFiniteHorizonMDP", "RewardMDP",
]  # fmt: skip
