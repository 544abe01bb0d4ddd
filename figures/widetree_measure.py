"""WideTree over several seeds: both algorithms in one setting, and where their weights go."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theorylab.errors import InvalidArgument

from .shared import Floats, check_integer, frozen, mean_and_error
from .widetree_run import ALGORITHMS, Setting, noise_free, replicate
from .widetree_world import HORIZON

ALWAYS = 0.9  # the paper's word; it gives no number


@dataclass(frozen=True, eq=False)
class WideTree:
    """What was measured: R seeds, T iterations; iteration 0 is before the first loss.

    Shapes: samples (T+1,); weights (algorithm 2, R, T+1, model 2); expected_loss_weights
    (2, T+1, 2), Hedge fed with the expected losses; real_cost (2, R, T+1), the cost of an episode
    in the real world, expected over the weights. NaN where Hedge is undefined.
    """

    setting: Setting
    leaves: int
    iterations: int
    seeds: int
    seed: int
    samples: Floats
    weights: Floats
    expected_loss_weights: Floats
    real_cost: Floats
    optimal_cost: float


def measure(
    setting: Setting, *, leaves: int = 100, iterations: int = 100, seeds: int = 10, seed: int = 0
) -> WideTree:
    """Run both algorithms in any setting; as `compute` otherwise."""
    check_integer("widetree", "iterations", iterations, 1)
    check_integer("widetree", "seeds", seeds, 2)
    check_integer("widetree", "seed", seed, 0)
    check_integer("widetree", "leaves", leaves, 4)
    if leaves % 4:
        raise InvalidArgument(
            f"widetree: leaves is {leaves}, expected a positive multiple of 4. "
            f"Use {leaves - leaves % 4 + 4}: four groups of equal size part the leaves."
        )
    size = {"leaves": leaves, "iterations": iterations, "seed": seed}
    runs = [[replicate(setting, a, r, **size) for r in range(seeds)] for a in ALGORITHMS]
    return WideTree(
        setting,
        leaves,
        iterations,
        seeds,
        seed,
        samples=frozen(HORIZON * np.arange(iterations + 1.0)),
        weights=frozen([[run.weights for run in row] for row in runs]),
        expected_loss_weights=frozen([noise_free(setting, a, **size) for a in ALGORITHMS]),
        real_cost=frozen([[run.real_cost for run in row] for row in runs]),
        optimal_cost=runs[0][0].optimal_cost,
    )


def measure_of(run: tuple[Setting, int, int, int, int]) -> WideTree:
    """`measure` of (setting, leaves, iterations, seeds, seed), as one task for a worker."""
    setting, leaves, iterations, seeds, seed = run
    return measure(setting, leaves=leaves, iterations=iterations, seeds=seeds, seed=seed)


def goes_to(data: WideTree, algorithm: int) -> str:
    """The model that has the greater weight at the end, or "neither", or "undefined".

    By the 95 % Student interval of the mean over seeds: above 1/2, and "... always" above 0.9.
    """
    from scipy.special import stdtrit

    mean, error = mean_and_error(data.weights[algorithm, :, -1, 0])
    if not math.isfinite(mean):
        return "undefined"
    reach = stdtrit(data.seeds - 1, 0.975) * error
    sure = {"M_good": mean - reach, "M_bad": 1 - mean - reach}
    model = max(sure, key=lambda name: sure[name])
    if sure[model] <= 0.5:
        return "neither"
    return f"{model} always" if sure[model] > ALWAYS else model
