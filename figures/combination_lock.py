r"""Episodes until a combination lock is opened, as its length grows: LV-Rep against baselines.

The tabular counterpart of LV-Rep's sparse-reward table. A lock of length H opens after the right
one of two actions at each of H steps and pays only then; noise is 0 or 1/10, each latent value
shows as one of two states. The class holds every lock, each action right or wrong at each step, a
wrong one first: what was not seen is not believed. gamma = 9/10. An episode draws s ~ d^pi and two
uniform actions (Algorithm 1).

What is counted: the first n for which pi_n is optimal, exactly, at most the cap. Bonuses: a
fiftieth of the corrected alpha, lambda = 1, clip gamma^2 / (1-gamma); by the operator (LV-Rep), by
50 random features, unnormalised features, counts of state-action pairs, none (greedy).

The paper, read as: LV-Rep opens every lock, at every length, and needs less than greedy from the
third length on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.algorithms.representation_classes import lock_class
from theorylab.algorithms.representation_ucb import explore
from theorylab.errors import InvalidArgument
from theorylab.worlds.latent_variable_instances import combination_lock, in_floats

from .lv_run import ALGORITHMS
from .shared import Conclusion, Each, Floats, check_integer, generator, mean_and_error
from .style import PAGE, cycle, paper_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VARIANTS = ("certain", "noisy")
NOISE = {"certain": 0.0, "noisy": 0.1}
NAMES = {
    "LV-Rep": "small",
    "LV-Rep, random features": "features",
    "unnormalised features": "unnormalised",
    "counts": "count",
    "greedy": "greedy",
}
LENGTHS = (2, 3, 4, 5, 6, 7, 8)
COPIES = 2


@dataclass(frozen=True)
class Item:
    """One run: noise, length, algorithm, the most episodes, a replication."""

    noise: float
    length: int
    algorithm: str
    cap: int
    seed: int
    replication: int


@dataclass(frozen=True, eq=False)
class Locks:
    """What was measured: episodes until the optimum, the cap where it was not found, shape
    (algorithm, length, seeds)."""

    variant: str
    cap: int
    seeds: int
    seed: int
    episodes: Floats


def run_item(item: Item) -> int:
    """Episodes until pi_n is optimal, at most the cap."""
    key = (item.length, item.replication)
    code = generator(item.seed, "lock", *key).integers(2, size=item.length)
    noise = f"{round(10 * item.noise)}/10"
    lock = in_floats(combination_lock(tuple(code.tolist()), noise=noise, copies=COPIES))
    place = list(ALGORITHMS).index(item.algorithm)
    seed = np.random.SeedSequence([item.seed, *key, place])
    candidates = lock_class(lock, noise=item.noise)
    bonus = ALGORITHMS[item.algorithm]
    run = explore(lock, candidates, bonus, episodes=item.cap, seed=seed, until=0.0)
    found = np.flatnonzero(run.regret <= 1e-9)
    return int(found[0]) + 1 if found.size else item.cap


def compute(
    variant: str = "certain", *, seeds: int = 6, cap: int = 500, seed: int = 0, each: Each = map
) -> Locks:
    """Run every algorithm on locks of every length.

    Raises: InvalidArgument for an unknown variant, one seed, a cap below 2, a negative seed.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(
            f"combination_lock: variant is {variant!r}, expected one of {VARIANTS}."
        )
    for name, value, least in (("seeds", seeds, 2), ("cap", cap, 2), ("seed", seed, 0)):
        check_integer("combination_lock", name, value, least)
    items = [
        Item(NOISE[variant], H, name, cap, seed, k)
        for name in NAMES.values()
        for H in LENGTHS
        for k in range(seeds)
    ]
    found = np.array(list(each(run_item, items)), dtype=float)
    return Locks(variant, cap, seeds, seed, found.reshape(len(NAMES), len(LENGTHS), seeds))


def judged(data: Locks) -> dict[str, bool]:
    """The statements, each true or false on this data."""
    lv, greedy = data.episodes[0].mean(-1), data.episodes[-1].mean(-1)
    return {
        "LV-Rep opens every lock": bool((data.episodes[0] < data.cap).all()),
        f"needs less than greedy from length {LENGTHS[2]} on": bool((lv < greedy)[2:].all()),
    }


def conclusion(data: Locks) -> Conclusion:
    """Does LV-Rep explore where greedy does not?"""
    found = judged(data)
    said = "; ".join(f"{name}: {'yes' if holds else 'no'}" for name, holds in found.items())
    lines = []
    for a, name in enumerate(NAMES):
        opened = (data.episodes[a] < data.cap).sum(-1)
        cells = ", ".join(
            f"{mean:.0f} ({k}/{data.seeds})"
            for mean, k in zip(data.episodes[a].mean(-1), opened, strict=True)
        )
        lines.append(f"{name}: {cells}")
    return Conclusion(
        all(found.values()),
        f"{said}. Mean episodes (locks opened) at lengths {LENGTHS}, cap {data.cap}: "
        + "; ".join(lines)
        + ".",
    )


def columns(data: Locks) -> dict[str, Any]:
    """The plotted numbers: by algorithm and length."""
    table: dict[str, list[Any]] = {
        "algorithm": [], "length": [], "episodes_mean": [], "episodes_se": [], "opened": []
    }  # fmt: skip
    for a, name in enumerate(NAMES):
        mean, error = mean_and_error(data.episodes[a].T)
        opened = (data.episodes[a] < data.cap).sum(-1)
        for row in zip(LENGTHS, mean, error, opened, strict=True):
            for key, cell in zip(table, (name, *row), strict=True):
                table[key].append(cell)
    return table


def draw(data: Locks) -> Figure:
    """Episodes until the optimum, and the share of locks opened, against the length."""
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(PAGE, 2.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        for a, name in enumerate(NAMES):
            mean, error = mean_and_error(data.episodes[a].T)
            look = cycle(a)
            left.plot(LENGTHS, mean, label=name, **look)
            low, high = mean - error, mean + error
            left.fill_between(LENGTHS, low, high, color=look["color"], alpha=0.2, linewidth=0)
            right.plot(LENGTHS, (data.episodes[a] < data.cap).mean(-1), **look)
        left.axhline(data.cap, color="grey", linewidth=0.6)
        left.set(yscale="log", xlabel="length H", title="episodes until the optimum")
        right.set(ylim=(-0.03, 1.03), xlabel="length H", title="share of locks opened")
        figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=5)
        figure.supxlabel(
            f"{data.variant}: mean of {data.seeds} locks, band ± 1 standard error", fontsize=7
        )
    return figure
