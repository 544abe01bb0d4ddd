"""One replication of Figure 2(e): data, fit and Riccati in turn (Algorithms 1, 2 and 4).

    100 samples, each from the expert's rollout or the learner's by a fair coin -> fit -> control

A replication's random numbers depend on (seed, algorithm, replication) alone: the order of the runs
and the number of workers change nothing, and a changed choice meets the same draws.

What leaves the finite: a rollout ends where |(x, u)| > REACH, and only what was seen until then is
sampled; a real cost above CEILING counts as CEILING; a run whose Riccati recursion, rollout or fit
overflows ends there, with CEILING for the rest. `Run.diverged` counts such iterations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theorylab.algorithms.riccati import Gains, rollout
from theorylab.errors import Diverged, IndefiniteCost

from .lds_fit import empty_memory, fitted, remember
from .lds_losses import Transitions
from .lds_world import (
    CONTROLS,
    HORIZON,
    STATES,
    Setting,
    World,
    best_control,
    best_control_of_model,
    draw_start,
    initial_model,
    real_costs,
    real_world,
)
from .shared import Floats, generator

ALGORITHMS = ("SysID", "LAMPS-MM")
SAMPLES = 100  # an iteration
REACH, CEILING = 1e6, 1e12


@dataclass(frozen=True)
class Item:
    """Which run: everything that its numbers depend on."""

    setting: Setting
    algorithm: str
    replication: int
    iterations: int
    seed: int


@dataclass(frozen=True, eq=False)
class Run:
    """One replication of T iterations; iteration 0 is before the first fit.

    Shapes: costs (T+1, 2), expected real cost per episode of the controls and of the final state;
    models (T+1, 5, 6), the last one after an overflow; evaluations (T,) of the loss; converged
    (T,): whether the optimiser met its tolerance; diverged: iterations at CEILING.
    """

    costs: Floats
    models: Floats
    evaluations: Floats
    converged: Floats
    diverged: int


def replicate(item: Item) -> Run:
    """Run one algorithm in one setting."""
    setting, T = item.setting, item.iterations
    rng = generator(item.seed, "lds", item.algorithm, item.replication)
    world = real_world(setting)
    expert, first = best_control(world.A, world.B), initial_model(setting, world)
    costs, models = np.full((T + 1, 2), CEILING / 2), np.array([first] * (T + 1))
    evaluations, converged = np.zeros(T), np.zeros(T)
    memory = empty_memory(item.algorithm)
    try:
        for t in range(T + 1):
            learner = best_control_of_model(models[t])
            costs[t] = _capped(real_costs(world, learner.K, setting.factor))
            if t < T:
                seen = collect(setting, world, expert, learner, rng)
                memory = remember(memory, setting, seen, learner)
                fit = fitted(memory, setting, first, models[t])
                models[t + 1 :] = fit.theta
                evaluations[t], converged[t] = fit.evaluations, fit.converged
    except (Diverged, IndefiniteCost):
        pass  # indefinite by rounding only, as P >= 0; the costs to come stay at CEILING
    return Run(costs, models, evaluations, converged, int((costs.sum(1) >= CEILING).sum()))


def _capped(costs: tuple[float, float]) -> tuple[float, float]:
    return costs if sum(costs) < CEILING else (CEILING / 2, CEILING / 2)


def collect(
    setting: Setting, world: World, expert: Gains, learner: Gains, rng: np.random.Generator
) -> Transitions:
    """An iteration's samples: by a fair coin from one rollout of each, any of its steps."""
    rolled = [roll(setting, world, gains, rng) for gains in (expert, learner)]
    who = (rng.random(SAMPLES) < 0.5).astype(np.int64)
    seen = np.array([len(controls) for _, controls in rolled])
    h = (rng.random(SAMPLES) * seen[who]).astype(np.int64)
    z, after = np.empty((SAMPLES, STATES + CONTROLS)), np.empty((SAMPLES, STATES))
    for w, (states, controls) in enumerate(rolled):
        mine = who == w
        z[mine] = np.hstack([states[h[mine]], controls[h[mine]]])
        after[mine] = states[h[mine] + 1]
    return Transitions(h, z, after)


def roll(
    setting: Setting, world: World, gains: Gains, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """One episode in the real world: states (L+1, 5), controls (L, 1), L = 100 or where it left."""
    start = draw_start(setting, rng)
    noise = setting.noise * rng.standard_normal((HORIZON, STATES)) if setting.noise else None
    still = np.zeros((HORIZON, STATES))
    states, controls = rollout(world.A, world.B, still, gains.K, gains.k, start, noise)
    far = np.hypot(np.abs(states[:-1]).max(1), np.abs(controls[:, 0])) > REACH
    end = max(1, int(far.argmax())) if far.any() else HORIZON
    return states[: end + 1], controls[:end]
