"""The helicopter over several seeds: what was measured, and three statements judged by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .helicopter_dynamics import HORIZON
from .helicopter_run import ALGORITHMS, Replication, Setting, replicate
from .shared import Each, Floats, check_integer

LEVEL = 0.025  # of one statement about the seeds, one-sided


@dataclass(frozen=True, eq=False)
class Helicopter:
    """What was measured: R seeds, T iterations; iteration 0 is the initial model and controller.

    All R = `judged` seeds are judged, the first `seeds` of them drawn. Costs are per episode.
    Shapes (algorithm 2, R, T+1): real_cost, the mean of 100 noisy rollouts; passes, cumulative
    backward passes since iteration 0; learner_in_model and expert_in_model, noiseless; capped, the
    share of noisy rollouts whose cost reached the cap. failures (2, R): rounds without a plan.
    expert_cost (R,): the expert's real cost in the same noise.
    """

    setting: Setting
    iterations: int
    seeds: int
    judged: int
    seed: int
    real_cost: Floats
    passes: Floats
    learner_in_model: Floats
    expert_in_model: Floats
    capped: Floats
    failures: Floats
    expert_cost: Floats

    def drawn(self, name: str) -> Floats:
        """The curves (2, seeds, T+1) that are drawn."""
        return np.asarray(getattr(self, name)[:, : self.seeds])

    @property
    def floor(self) -> float:
        """The least cost that any controller could have: the offset of every step and the end."""
        return 0.5 * (HORIZON + 1) if self.setting.cost == "half" else 0.0


@dataclass(frozen=True)
class Judged:
    """One statement: "holds", "does not hold" (the opposite is sure) or "is not decided".

    The mean over rounds of each seed is compared in pairs; p is that of Wilcoxon's signed ranks.
    """

    word: str
    p: float
    wins: int
    text: str


def measure(
    settings: list[Setting], iterations: int, seeds: int, judged: int, seed: int, each: Each = map
) -> list[Helicopter]:
    """Both algorithms in each setting; all replications go to `each` at once.

    Raises: InvalidArgument for no iterations, fewer than two seeds, fewer judged than drawn, a
    negative seed.
    """
    check_integer("helicopter", "iterations", iterations, 1)
    check_integer("helicopter", "seeds", seeds, 2)
    check_integer("helicopter", "judged", judged, seeds)
    check_integer("helicopter", "seed", seed, 0)
    items = [(setting, r, iterations, seed) for setting in settings for r in range(judged)]
    done = list(each(replicate, items))
    groups = [done[i * judged : (i + 1) * judged] for i in range(len(settings))]
    return [
        _collected(setting, group, iterations, seeds, seed)
        for setting, group in zip(settings, groups, strict=True)
    ]


def _collected(
    setting: Setting, group: list[Replication], iterations: int, seeds: int, seed: int
) -> Helicopter:
    def table(name: str) -> Floats:
        rows = [[getattr(one.runs[i], name) for one in group] for i in range(len(ALGORITHMS))]
        array = np.asarray(rows, dtype=np.float64)
        array.setflags(write=False)
        return array

    curves = ("real_cost", "passes", "learner_in_model", "expert_in_model", "capped", "failures")
    expert_cost = np.array([one.expert_cost for one in group])
    tables = {name: table(name) for name in curves}
    sizes = (iterations, seeds, len(group), seed)
    return Helicopter(setting, *sizes, **tables, expert_cost=expert_cost)


def over_rounds(values: Floats) -> Floats:
    """The mean over rounds 1, ..., T; values (..., T+1)."""
    return np.asarray(values[..., 1:].mean(-1))


def compared(smaller: Floats, greater: Floats, text: str) -> Judged:
    """Is `smaller` below `greater`, both (R,), seed by seed?"""
    from scipy.stats import wilcoxon

    gap = greater - smaller
    if not gap.any():
        return Judged("is not decided", 1.0, 0, text)
    p = float(wilcoxon(gap, alternative="greater", zero_method="zsplit").pvalue)
    opposite = float(wilcoxon(gap, alternative="less", zero_method="zsplit").pvalue)
    word = "holds" if p <= LEVEL else "does not hold" if opposite <= LEVEL else "is not decided"
    return Judged(word, p, int((gap > 0).sum()), text)


def statements(data: Helicopter) -> dict[str, Judged]:
    """The paper's three conclusions (Section 7.1); the third for each algorithm."""
    real, passes = over_rounds(data.real_cost), data.passes[..., -1]
    learner, expert = over_rounds(data.learner_in_model), over_rounds(data.expert_in_model)
    found = {
        "a": compared(real[1], real[0], "LAMPS' real cost is below SysID's"),
        "b": compared(passes[1], passes[0], "LAMPS makes fewer backward passes"),
    }
    for i, name in enumerate(ALGORITHMS):
        text = f"{name}'s controller costs less in its model than the expert"
        found[f"c, {name}"] = compared(learner[i], expert[i], text)
    return found
