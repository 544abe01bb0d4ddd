"""Figure 2(e) over several seeds: both algorithms in any setting, and when each comes near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from theorylab.errors import InvalidArgument

from .lds_losses import Integers
from .lds_run import ALGORITHMS, CEILING, SAMPLES, Item, Run, replicate
from .lds_world import CONTROLS, HORIZON, STATES, Setting, best_control, real_costs, real_world
from .shared import Each, Floats, check_integer, frozen, mean_and_error

NEAR = 2.0  # times the expert's cost: "the expert's performance"; the paper gives no number
QUICK = 5  # iterations, 500 samples; the paper gives no number
MOST_ITERATIONS = 100  # the memories, 10,000 samples and 100 models, are full there

Pace = Literal["quickly", "slowly", "never", "unclear"]


@dataclass(frozen=True, eq=False)
class LDS:
    """What was measured: R seeds, T iterations; iteration 0 is before the first fit.

    Shapes: samples (T+1,); costs (algorithm 2, R, T+1, 2), expected real cost per episode of the
    controls and of the final state; models (2, R, T+1, 5, 6); evaluations (2, R, T) of the loss in
    a fit; converged (2, R, T), whether it met the tolerance; diverged (2, R), iterations whose
    cost is at CEILING. expert_cost: the least possible; idle_cost: of never acting. exchanged
    (2, R, T+1): real cost with R given to SysID in place of LAMPS-MM, empty where not run.
    """

    setting: Setting
    iterations: int
    seeds: int
    seed: int
    samples: Floats
    costs: Floats
    models: Floats
    evaluations: Floats
    converged: Floats
    diverged: Integers
    expert_cost: float
    idle_cost: float
    exchanged: Floats

    @property
    def real_cost(self) -> Floats:
        """Expected real cost per episode, shape (2, R, T+1)."""
        return np.asarray(self.costs.sum(-1))


def measure(
    settings: Sequence[Setting],
    *,
    iterations: int = 30,
    seeds: int = 10,
    seed: int = 0,
    each: Each = map,
) -> list[LDS]:
    """Both algorithms in each setting; equal runs of different settings are run once.

    Raises: InvalidArgument for iterations outside 1, ..., 100, fewer than two seeds (no standard
    error), a negative seed, a setting with numbers out of range.
    """
    check_integer("lds", "iterations", iterations, 1, MOST_ITERATIONS)
    check_integer("lds", "seeds", seeds, 2)
    check_integer("lds", "seed", seed, 0)
    for setting in settings:
        _check(setting)
    table = [
        [[_item(s, a, r, iterations, seed) for r in range(seeds)] for a in ALGORITHMS]
        for s in settings
    ]
    items = list(dict.fromkeys(item for rows in table for row in rows for item in row))
    runs = dict(zip(items, each(replicate, items), strict=True))
    return [
        _collected(setting, [[runs[item] for item in row] for row in rows], seed)
        for setting, rows in zip(settings, table, strict=True)
    ]


def with_exchange(
    setting: Setting,
    *,
    iterations: int = 30,
    seeds: int = 10,
    seed: int = 0,
    each: Each = map,
) -> LDS:
    """As `measure`, one setting, and its real costs with the two regularisers exchanged."""
    weights = {
        "regulariser_lamps": setting.regulariser_sysid,
        "regulariser_sysid": setting.regulariser_lamps,
    }
    pair = [setting, replace(setting, name=f"{setting.name}, exchanged", **weights)]
    data, other = measure(pair, iterations=iterations, seeds=seeds, seed=seed, each=each)
    return replace(data, exchanged=frozen(other.real_cost))


def _item(setting: Setting, algorithm: str, replication: int, iterations: int, seed: int) -> Item:
    return Item(relevant(setting, algorithm), algorithm, replication, iterations, seed)


def relevant(setting: Setting, algorithm: str) -> Setting:
    """The setting with what this algorithm never looks at put to one value."""
    if algorithm == "LAMPS-MM":
        return replace(setting, name="", regulariser_sysid=0.0)
    pairing: Literal["last", "all"] = "last" if setting.pairing == "last" else "all"
    plain = replace(setting, name="", regulariser_lamps=0.0, pairing=pairing)
    plain = replace(plain, value_at="h+1", value_factor=1.0)
    return plain if plain.regulariser_sysid else replace(plain, centre="zero", total="mean")


def _check(setting: Setting) -> None:
    positive = ("factor", "scale", "tolerance")
    others = ("regulariser_lamps", "regulariser_sysid", "value_factor", "noise", "initial_A")
    for name in (*positive, *others):
        value = getattr(setting, name)
        if not np.isfinite(value) or value < 0 or (name in positive and value == 0):
            sign = "> 0" if name in positive else ">= 0"
            raise InvalidArgument(
                f"lds: {name} of setting {setting.name!r} is {value!r}, expected a number {sign}."
            )


def _collected(setting: Setting, runs: list[list[Run]], seed: int) -> LDS:
    world, idle = real_world(setting), np.zeros((HORIZON, CONTROLS, STATES))
    iterations = len(runs[0][0].evaluations)
    best = best_control(world.A, world.B).K
    return LDS(
        setting,
        iterations,
        len(runs[0]),
        seed,
        samples=frozen(SAMPLES * np.arange(iterations + 1.0)),
        costs=frozen([[run.costs for run in row] for row in runs]),
        models=frozen([[run.models for run in row] for row in runs]),
        evaluations=frozen([[run.evaluations for run in row] for row in runs]),
        converged=frozen([[run.converged for run in row] for row in runs]),
        diverged=np.array([[run.diverged for run in row] for row in runs]),
        expert_cost=sum(real_costs(world, best, setting.factor)),
        idle_cost=sum(real_costs(world, idle, setting.factor)),
        exchanged=frozen(np.empty((2, 0, iterations + 1))),
    )


def arrival(data: LDS, costs: Floats) -> Integers:
    """For each seed the first iteration from which on its real cost stays near the expert's.

    costs (R, T+1); shape (R,); T + 1 if it never does. Near: at most NEAR times.
    """
    far = costs > NEAR * data.expert_cost
    return np.where(far.any(1), data.iterations + 1 - far[:, ::-1].argmax(1), 0)


def pace(data: LDS, costs: Floats) -> Pace:
    """How real costs (R, T+1) come near the expert's, by the 95 % Student interval of the arrival.

    Quickly: it lies within QUICK iterations; slowly: above; never: no seed arrives.
    """
    from scipy.special import stdtrit

    first = arrival(data, costs)
    if (first > data.iterations).all():
        return "never"
    mean, error = mean_and_error(first.astype(np.float64))
    reach = stdtrit(data.seeds - 1, 0.975) * error
    if mean + reach <= QUICK:
        return "quickly"
    return "slowly" if mean - reach > QUICK else "unclear"


def spectral_radius(data: LDS) -> Floats:
    """The greatest modulus of an eigenvalue of A, shape (2, R, T+1)."""
    return np.asarray(np.abs(np.linalg.eigvals(data.models[..., :STATES])).max(-1))


def rate_of_ones(data: LDS) -> Floats:
    """1'A1 / 5, what the model makes of (1, ..., 1), shape (2, R, T+1); 0.7 fits best."""
    return np.asarray(data.models[..., :STATES].sum((-1, -2)) / STATES)


def is_capped(costs: Floats) -> bool:
    """Whether some last cost of (R, T+1) is the CEILING."""
    return bool((costs[:, -1] >= CEILING).any())
