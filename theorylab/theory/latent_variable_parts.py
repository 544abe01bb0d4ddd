"""Latent-variable models and policies put together from tables of any number system: for claims."""

from __future__ import annotations

from typing import Any

from theorylab.arithmetic import Array
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.mdp import Policy, unchecked


def build_model(**tables: Any) -> LatentVariableModel:
    """A latent-variable model of tables of any number system, without checks."""
    return unchecked(LatentVariableModel, **tables)


def build_policy(probabilities: Array) -> Policy:
    """A policy of a table (S, A) of any number system, without checks."""
    return unchecked(Policy, probabilities=probabilities)
