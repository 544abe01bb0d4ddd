"""Work: what an algorithm has spent, counted in units that do not depend on the machine."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Work:
    """Counts, all of them totals.

    backups: Bellman backups payoff + gamma P V of one state and action each; linear_solves:
    policies evaluated by solving S equations; solver_calls: planners or classifiers run;
    environment_steps: transitions drawn in the real world; model_steps: those drawn in a model.
    """

    backups: int = 0
    linear_solves: int = 0
    solver_calls: int = 0
    environment_steps: int = 0
    model_steps: int = 0

    def __add__(self, other: Work) -> Work:
        return Work(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Work)))
