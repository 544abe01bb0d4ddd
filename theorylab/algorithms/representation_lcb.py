r"""Algorithm 2 of LV-Rep: offline exploitation with a learned latent-variable model and a penalty.

n samples (s, a) ~ rho, s' ~ T*(s, a), where rho = d^{pi_b} is the discounted occupancy of the
behaviour policy (the text's "stationary distribution" has to be this one); the most likely model of
the class; the bonus b as a penalty; pi^ optimal for r - b in the learned model. Sub-optimality
against the optimal policy is exact. omega = max 1 / pi_b(a | s) over all pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.algorithms.representation_bonus import (
    Bonus,
    Constants,
    bonus_table,
    constants,
    feature_kernel,
)
from theorylab.algorithms.representation_classes import Choice, Floats, ModelClass
from theorylab.algorithms.representation_ucb import (
    Integers,
    check_count,
    check_parts,
    checked_kernel,
    generators,
    plan,
    policy_of,
)
from theorylab.errors import InvalidArgument
from theorylab.theory.planning import optimal_policy
from theorylab.theory.tabular import occupancy, performance
from theorylab.worlds import checks
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.latent_variable_instances import in_floats
from theorylab.worlds.mdp import Policy


@dataclass(frozen=True, eq=False)
class Offline:
    """What Algorithm 2 gave: rho (S, A), visits (S, A) of the data, the choice among models, the
    penalty (S, A), pi^, its value in the truth, its value claimed in the learned model, V*."""

    world: LatentVariableModel
    candidates: ModelClass
    constants: Constants
    K: Floats
    rho: Floats
    visits: Integers
    choice: Choice
    penalty: Floats
    policy: Policy
    value: float
    claimed: float
    best: float

    @property
    def gap(self) -> float:
        """V* - V^{pi^}, per episode."""
        return self.best - self.value


def exploit(
    world: LatentVariableModel,
    candidates: ModelClass,
    behaviour: Any,
    bonus: Bonus,
    *,
    samples: int,
    seed: int | np.random.SeedSequence,
    K: Any = None,
) -> Offline:
    """Run Algorithm 2 on data of the behaviour policy, probabilities (S, A).

    Raises: InvalidArgument for no samples, an action that the behaviour policy never takes (omega
    is infinite, the bonus undefined), a kernel that is not positive definite.
    """
    check_count("samples", samples)
    check_parts(world, candidates, bonus)
    truth, kernel = in_floats(world), checked_kernel(K, world.Z)
    table = checks.to_float(checks.table(behaviour, "pi_b"))
    checks.check_shape(table, "pi_b", (truth.S, truth.A), "(S, A)")
    pi_b = Policy(table)
    omega = inverse_propensity(pi_b)
    known = constants(
        bonus, candidates, kernel, gamma=float(truth.gamma), ratio=omega, N=samples, offline=True
    )
    world_rng, bonus_rng = generators(seed)
    rho = occupancy(truth.mdp, pi_b)
    visits, scores = collect(truth, candidates, rho, samples, world_rng)
    choice = candidates.best(scores)
    gram = feature_kernel(bonus, kernel, bonus_rng)
    penalty = bonus_table(known, gram, choice.model.latents, visits, samples)
    actions, claimed = plan(choice.model, -penalty)
    pi = policy_of(actions, truth.A)
    M = truth.mdp
    return Offline(
        truth,
        candidates,
        known,
        kernel,
        rho,
        visits,
        choice,
        penalty,
        pi,
        value=float(performance(M, pi)),
        claimed=claimed,
        best=float(performance(M, optimal_policy(M))),
    )


def collect(
    truth: LatentVariableModel,
    candidates: ModelClass,
    rho: Floats,
    samples: int,
    rng: np.random.Generator,
) -> tuple[Integers, Floats]:
    """Visits (S, A) of so many draws of rho, and the scores of their transitions."""
    counts = rng.multinomial(samples, (rho[..., None] * truth.P).ravel()).reshape(truth.P.shape)
    scores = candidates.scores()
    for s, a, following in np.argwhere(counts > 0).tolist():
        candidates.add(scores, s, a, following, counts[s, a, following])
    return counts.sum(-1), scores


def inverse_propensity(pi_b: Policy) -> float:
    """omega = max 1 / pi_b(a | s); InvalidArgument where it is infinite."""
    table = pi_b.probabilities
    if (table <= 0).any():
        s, a = np.argwhere(table <= 0)[0]
        raise InvalidArgument(
            f"pi_b({a}|{s}) is 0: omega = max 1 / pi_b is infinite. Give every action weight."
        )
    return float((1 / table).max())
