"""Worlds: frozen values whose constructors name the entry that is wrong."""

from theorylab.worlds.finite_horizon import FiniteHorizonMDP, NonstationaryPolicy
from theorylab.worlds.mdp import MDP, Model, Policy

__all__ = ["MDP", "FiniteHorizonMDP", "Model", "NonstationaryPolicy", "Policy"]
