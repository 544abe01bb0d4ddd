"""Optimal planning in a model, the ComputePolicy of SysID, with its work counted.

Policy iteration: a linear solve and S A backups for each improvement. Value iteration: S A backups
for each sweep, to MacQueen's bounds. Source: Puterman, sections 6.3-6.6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theorylab.algorithms.disadvantage import Computed, disadvantage, disadvantage_of_values
from theorylab.algorithms.spaces import Floats, exploration, least_cost
from theorylab.algorithms.work import Work
from theorylab.theory.planning import deterministic, value_iteration
from theorylab.theory.tabular import backup, value
from theorylab.worlds.checks import frozen
from theorylab.worlds.mdp import MDP, Policy, unchecked

ROUNDING = 1e-14
"""An action is changed for a gain above this times the size of values over 1 - gamma, which is what
a linear solve may err, so that ties do not cycle."""


@dataclass(frozen=True, eq=False)
class PolicyIteration:
    """An optimal policy of the model, by policy iteration from action 0; eps_po under nu (S, A)."""

    nu: Floats

    def __call__(self, model: MDP, rng: np.random.Generator) -> Computed:
        """The optimal policy; its eps_po is measured with the last values, at no further work."""
        nu = exploration(self.nu, model)
        actions, work = np.zeros(model.S, dtype=np.int64), Work(solver_calls=1)
        while True:
            pi = _deterministic(actions, model)
            V = value(model, pi)
            Q = backup(model, V)
            work += Work(linear_solves=1, backups=model.S * model.A)
            margin = ROUNDING * (1 + np.abs(Q).max()) / (1 - float(model.gamma))
            better = _improved(least_cost(model) * Q, actions, margin)
            if (better == actions).all():
                error = disadvantage_of_values(model, V, Q, nu)
                return Computed(pi, error, work, iterates=work.linear_solves)
            actions = better


def _improved(Q: Floats, actions: np.ndarray, margin: float) -> np.ndarray:
    """Least actions of Q (S, A), changed only where they gain more than the margin."""
    best = Q.argmin(-1)
    states = np.arange(len(Q))
    gain = Q[states, actions] - Q[states, best]
    return np.where(gain > margin, best, actions)


def _deterministic(actions: np.ndarray, model: MDP) -> Policy:
    """The policy of these actions, read-only."""
    pi = deterministic(actions, model.A, model.P)
    return unchecked(Policy, probabilities=frozen(pi.probabilities))


@dataclass(frozen=True, eq=False)
class ValueIteration:
    """A greedy policy of values within `tolerance` of the optimal ones, per episode."""

    nu: Floats
    tolerance: float = 1e-8

    def __call__(self, model: MDP, rng: np.random.Generator) -> Computed:
        """The greedy policy; measuring its eps_po costs one linear solve, which is not counted."""
        nu = exploration(self.nu, model)
        found = value_iteration(model, self.tolerance)
        pi = _deterministic(found.actions, model)
        work = Work(solver_calls=1, backups=(found.sweeps + 1) * model.S * model.A)
        return Computed(pi, disadvantage(model, pi, nu), work, iterates=found.sweeps)
