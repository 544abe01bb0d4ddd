r"""Algorithm 1 of LAMPS: model-based reinforcement learning with any FitModel and ComputePolicy.

    M_1 given, pi_1 = ComputePolicy(M_1);   for t = 1, ..., T:
        D_t: pi_t rolled out in M*, or nu, with equal chance
        M_{t+1} = FitModel(D_1, ..., D_t),   pi_{t+1} = ComputePolicy(M_{t+1})

Data are exact expectations, or `samples` transitions in each round. The random numbers of a step
depend on the seed, the round and the step alone: the same seed gives the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.algorithms.disadvantage import Computed, ComputePolicy
from theorylab.algorithms.fitting import FitModel
from theorylab.algorithms.measures import Measures, measured
from theorylab.algorithms.rounds import Round, expected_data, sampled_data
from theorylab.algorithms.spaces import (
    Floats,
    exploration,
    float_models,
    float_policy,
    float_world,
    generator,
    least_cost,
    whole_number,
)
from theorylab.algorithms.work import Work
from theorylab.errors import InvalidArgument
from theorylab.theory.planning import optimal_policy
from theorylab.theory.tabular import value
from theorylab.worlds.mdp import MDP, Policy

POLICY, DATA, MODEL = range(3)


@dataclass(frozen=True, eq=False)
class Run:
    """One run of Algorithm 1 with T rounds.

    models, policies, computed: T + 1 entries, the last of them fitted after the last round, on
    which nothing is measured; works: T entries, what each round cost (the computation of pi_1
    counts with round 1); measures: rounds 1 to T, exact; candidates: the finite class, or None for
    all tabular models; learner: FitModel's last state; samples: data in a round, None for exact
    expectations. Worlds, models and policies are those of theorylab.worlds, in float64.
    """

    world: MDP
    nu: Floats
    expert: Policy
    candidates: tuple[MDP, ...] | None
    models: tuple[MDP, ...]
    policies: tuple[Policy, ...]
    computed: tuple[Computed, ...]
    works: tuple[Work, ...]
    measures: Measures
    learner: Any
    samples: int | None
    seed: int

    @property
    def rounds(self) -> int:
        """T."""
        return len(self.works)

    @property
    def work(self) -> Work:
        """The work of the whole run."""
        return sum(self.works, Work())


def model_based(
    world: MDP,
    nu: Any,
    *,
    first: MDP,
    fit_model: FitModel,
    compute_policy: ComputePolicy,
    rounds: int,
    samples: int | None = None,
    expert: Policy | None = None,
    candidates: Sequence[MDP] | None = None,
    seed: int = 0,
) -> Run:
    """Run Algorithm 1 from the model `first`; see the module.

    nu: state-action distribution (S, A); expert: whom regret and coverage compare with, by default
    an optimal policy; candidates: the class over which eps_model and Reg_T are taken.
    Raises: InvalidArgument or ModelError naming the argument that is wrong.
    """
    world = float_world(world)
    nu = exploration(nu, world)
    expert = float_policy(optimal_policy(world) if expert is None else expert, world, "expert")
    model: MDP = float_models([first], world, "first")[0]
    known = None if candidates is None else float_models(candidates, world, "candidates")
    T = whole_number(rounds, "rounds", 0)
    if samples is not None:
        whole_number(samples, "samples", 1)
    state, models, works = None, [model], []
    computed = [_checked(compute_policy(model, generator(seed, 0, POLICY)), world)]
    for t in range(T):
        data, walked = _round(
            world, nu, model, computed[-1].policy, samples, generator(seed, t, DATA)
        )
        state, model = fit_model(state, data, generator(seed, t, MODEL))
        models.append(model)
        computed.append(_checked(compute_policy(model, generator(seed, t + 1, POLICY)), world))
        work = computed[-1].work + Work(environment_steps=walked)
        works.append(work + computed[0].work if t == 0 else work)
    policies = tuple(found.policy for found in computed)
    found = measured(world, nu, expert, models[:T], policies[:T], known)
    return Run(
        world, nu, expert, known, tuple(models), policies, tuple(computed), tuple(works), found,
        state, samples, seed,
    )  # fmt: skip


def _round(
    world: MDP,
    nu: Floats,
    model: MDP,
    policy: Policy,
    samples: int | None,
    rng: np.random.Generator,
) -> tuple[Round, int]:
    V, steps = least_cost(world) * value(model, policy), 0
    if samples is None:
        learned, explored = expected_data(world, nu, policy)
    else:
        learned, explored, steps = sampled_data(world, nu, policy, samples, rng)
    return Round(learned, explored, V, model, policy, samples or 0), steps


def _checked(found: Any, world: MDP) -> Computed:
    """What compute_policy returned, if it is a `Computed` with a policy of the world's shape."""
    if not isinstance(found, Computed):
        raise InvalidArgument(
            f"compute_policy returned a {type(found).__name__}, expected a Computed"
            " (policy, disadvantage, work)."
        )
    float_policy(found.policy, world, "compute_policy's policy")
    return found
