r"""The helicopter's loop: data, fit, plan, one seed at a time (Algorithms 1, 2 and 3).

    roll out pi_t  ->  100 samples from it and from nu  ->  fit M_hat  ->  pi_{t+1} = plan(M_hat)

SysID plans by iLQR, LAMPS by one backward pass along the desired trajectory, hover. All random
numbers depend on (seed, replication, what they are for) alone: any number of workers gives the same
bits, and settings that differ in one choice see the same draws. The choices are told in
`helicopter`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from theorylab.algorithms.ilqr import Search, ilqr, local_model
from theorylab.algorithms.riccati import backward_pass
from theorylab.errors import Diverged, IndefiniteCost, NonFiniteDerivative
from theorylab.worlds.smooth import SmoothSystem

from .helicopter_bfgs import best_of
from .helicopter_dynamics import CONTROLS, HORIZON, PARAMETERS, STATES
from .helicopter_fit import Moments, Optimiser, fit_exactly, no_data
from .helicopter_world import CAP, TRUE, costs, helicopter, roll
from .shared import Floats, generator

ALGORITHMS = ("SysID", "LAMPS")
SAMPLES = 100  # a round
EXPLORATION = 1000  # transitions
EVALUATION = 100  # rollouts
PLANS = 200  # iterations of iLQR at most
ITERATIONS_OF_BFGS = 4000  # scipy's 200 for each parameter
FAILURES = (Diverged, IndefiniteCost, NonFiniteDerivative)


@dataclass(frozen=True)
class Setting:
    """What the text leaves open, one field for each row of the table in `helicopter`."""

    name: str
    attitude: Literal["doubled", "correct"]
    drift: Literal["left out", "in the pass"]
    cost: Literal["half", "plain"]
    planner: Literal["first failure", "convergence"]
    optimiser: Optimiser
    exploration: Literal["expert", "hover"]
    stop: float
    first_plan: Literal["LAMPS", "zero", "last"] = "LAMPS"
    noise: float = 0.1
    spread: float = 1.0
    gtol: float = 1e-5
    restarts: int = 4

    def system(self, theta: Floats = TRUE) -> SmoothSystem:
        """The helicopter with these parameters, in this setting."""
        scale, offset = (0.5, 1.0) if self.cost == "half" else (1.0, 0.0)
        doubled = self.attitude == "doubled"
        return helicopter(theta, doubled=doubled, scale=scale, offset=offset)

    @property
    def search(self) -> Search:
        """How iLQR searches and stops."""
        if self.planner == "first failure":
            return Search(PLANS, sufficient=0.0, tolerance=0.0, largest_regularisation=0.0)
        return Search(PLANS, tolerance=1e-8)


RELEASED = Setting(
    "released", "doubled", "left out", "half", "first failure", "BFGS", "expert", 5.0
)
TEXT = Setting(
    *("text", "correct", "in the pass", "plain", "convergence", "exact", "hover", np.inf)
)


@dataclass(frozen=True, eq=False)
class Policy:
    """u = K_t x + k_t, clipped; shapes (H, 4, 12) and (H, 4)."""

    K: Floats
    k: Floats


@dataclass(frozen=True, eq=False)
class Transitions:
    """Shapes: before (n, 12), controls (n, 4), after (n, 12)."""

    before: Floats
    controls: Floats
    after: Floats

    def __len__(self) -> int:
        return len(self.before)

    def at(self, index: Floats) -> Transitions:
        """Those with these numbers."""
        return Transitions(self.before[index], self.controls[index], self.after[index])


@dataclass(frozen=True, eq=False)
class Run:
    """One algorithm on one seed; the first entry is before the first round. Costs per episode.

    Shapes (T+1,): real_cost (mean of noisy rollouts), passes (cumulative, without those of the
    initial controller), learner_in_model and expert_in_model (noiseless), capped (the share of the
    rollouts that reached CAP); failures: rounds whose planner failed and kept the controller.
    """

    real_cost: Floats
    passes: Floats
    learner_in_model: Floats
    expert_in_model: Floats
    capped: Floats
    failures: int


@dataclass(frozen=True, eq=False)
class Replication:
    """Both algorithms, in the order of ALGORITHMS, and the expert's real cost in the same noise."""

    runs: tuple[Run, ...]
    expert_cost: float


def hover_pass(system: SmoothSystem, drift: str) -> Policy:
    """The best control of the model linearised along hover: one backward pass (Algorithm 3)."""
    H = system.horizon
    local = local_model(system, np.zeros((H + 1, STATES)), np.zeros((H, CONTROLS)))
    tables = list(local.tables)
    if drift == "left out":
        tables[5] = np.zeros_like(local.a)
    gains = backward_pass(*tables)
    return Policy(gains.K, gains.k)


@cache
def expert(setting: Setting) -> Policy:
    """The optimal controller: iLQR on the true parameters."""
    plan = ilqr(setting.system(), search=setting.search, check=False)
    return Policy(plan.K, plan.k)


def plan(setting: Setting, algorithm: str, model: SmoothSystem, last: Policy) -> tuple[Policy, int]:
    """(controller, backward passes) of one round."""
    if algorithm == "LAMPS":
        return hover_pass(model, setting.drift), 1
    start, made = last, 0
    if setting.first_plan == "LAMPS":
        start, made = hover_pass(model, setting.drift), 1
    if setting.first_plan == "zero":
        start = Policy(np.zeros_like(last.K), np.zeros_like(last.k))
    found = ilqr(model, start.K, start.k, search=setting.search, check=False)
    return Policy(found.K, found.k), made + found.backward_passes


# ---- data ----------------------------------------------------------------------------------------


def rollout(setting: Setting, policy: Policy, noise: Floats) -> Transitions:
    """One rollout in the real world, stopped before |(x, u)| exceeds `stop`; noise (H, 6)."""
    states, controls = np.empty((HORIZON + 1, STATES)), np.empty((HORIZON, CONTROLS))
    roll(setting.system().parameters, policy.K, policy.k, noise, states, controls)
    size = np.sqrt((states[:-1] ** 2).sum(1) + (controls**2).sum(1))
    beyond = np.flatnonzero(~(size <= setting.stop))
    n = beyond[0] if len(beyond) else HORIZON
    return Transitions(states[:n], controls[:n], states[1 : n + 1])


def exploration(setting: Setting, rng: np.random.Generator) -> Transitions:
    """nu: rollouts of the expert, or single steps from the desired state and control."""
    noise = setting.noise * rng.standard_normal((EXPLORATION // HORIZON, HORIZON, 6))
    if setting.exploration == "expert":
        parts = [rollout(setting, expert(setting), one) for one in noise]
        return _joined(parts)
    still = Policy(np.zeros((1, CONTROLS, STATES)), np.zeros((1, CONTROLS)))
    theta, parts = setting.system().parameters, []
    for one in noise.reshape(-1, 1, 6):
        states, controls = np.empty((2, STATES)), np.empty((1, CONTROLS))
        roll(theta, still.K, still.k, one, states, controls)
        parts.append(Transitions(states[:1], controls, states[1:]))
    return _joined(parts)


def _joined(parts: list[Transitions]) -> Transitions:
    names = ("before", "controls", "after")
    return Transitions(*(np.concatenate([getattr(part, n) for part in parts]) for n in names))


def mixed(nu: Transitions, learner: Transitions, rng: np.random.Generator) -> list[Transitions]:
    """A round's samples: each a fair coin between both sets, uniform in it, with replacement.

    A learner stopped at once leaves nu alone.
    """
    heads = int(rng.binomial(SAMPLES, 0.5)) if len(learner) else 0
    sizes = ((learner, heads), (nu, SAMPLES - heads))
    return [data.at(rng.integers(0, len(data), n)) for data, n in sizes if n]


def fit(setting: Setting, data: Moments, initial: Floats, rng: np.random.Generator) -> Floats:
    """The model of a round: from the initial one and perturbed restarts, or the exact minimiser."""
    if setting.optimiser == "exact":
        return fit_exactly(data, initial)
    shifts = rng.standard_normal((setting.restarts, PARAMETERS))
    starts = np.concatenate([initial[None], initial + shifts])
    moments = (data.count, data.gram, data.cross, data.square)
    return np.asarray(best_of(starts, setting.gtol, ITERATIONS_OF_BFGS, *moments))


# ---- the loop ------------------------------------------------------------------------------------


def replicate(task: tuple[Setting, int, int, int]) -> Replication:
    """Both algorithms on one replication; task: (setting, replication, iterations, seed)."""
    setting, replication, iterations, seed = task
    rng = generator(seed, replication, "start")
    initial = TRUE + setting.spread * rng.random(PARAMETERS)
    nu = exploration(setting, rng)
    noise = setting.noise * rng.standard_normal((EVALUATION, HORIZON, 6))
    first = ilqr(setting.system(initial), search=setting.search, check=False)
    start = Policy(first.K, first.k)
    runs = tuple(
        _loop(setting, a, initial, start, nu, noise, iterations, generator(seed, replication, a))
        for a in ALGORITHMS
    )
    best = expert(setting)
    paid = costs(setting.system().parameters, best.K, best.k, noise)
    return Replication(runs, float(paid.mean()))


def _loop(
    setting: Setting,
    algorithm: str,
    initial: Floats,
    policy: Policy,
    nu: Transitions,
    noise: Floats,
    iterations: int,
    rng: np.random.Generator,
) -> Run:
    rows, passes, failures = [], 0, 0
    data, model = no_data(), setting.system(initial)
    rows.append((passes, *_judged(setting, policy, model, noise)))
    for _ in range(iterations):
        one = setting.noise * rng.standard_normal((HORIZON, 6))
        for part in mixed(nu, rollout(setting, policy, one), rng):
            doubled = setting.attitude == "doubled"
            data = data.plus(part.before, part.controls, part.after, doubled)
        model = setting.system(fit(setting, data, initial, rng))
        try:
            policy, made = plan(setting, algorithm, model, policy)
        except FAILURES:
            failures, made = failures + 1, 1
        passes += made
        rows.append((passes, *_judged(setting, policy, model, noise)))
    columns = np.array(rows, dtype=np.float64).T
    made_passes, real, capped, learner, best = columns
    return Run(real, made_passes, learner, best, capped, failures)


def _judged(
    setting: Setting, policy: Policy, model: SmoothSystem, noise: Floats
) -> tuple[float, float, float, float]:
    """(real cost, share capped, learner in the model, expert in the model), costs per episode."""
    real = costs(setting.system().parameters, policy.K, policy.k, noise)
    none = np.zeros((1, HORIZON, 6))
    best = expert(setting)
    learner = costs(model.parameters, policy.K, policy.k, none)[0]
    experts = costs(model.parameters, best.K, best.k, none)[0]
    return float(real.mean()), float((real >= CAP).mean()), float(learner), float(experts)
