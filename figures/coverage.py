r"""Regret of LAMPS, LAMPS-MM and SysID as the quality of nu falls (Appendix C.2, in tabular form).

    nu = share D_expert + (1 - share) D_worst,    share = 1, 1/2, 1/10, 1/100, 0

The paper saw LAMPS "outperformed by MBPO-SysID initially" and reaching "the same performance given
enough data" (Figure 7, HalfCheetah), and takes it that "Algorithm 3 is more sensitive to the
quality of the exploration distribution" (Section 5: C multiplies eps_po in LAMPS' bound only). Read
here as three statements on SysID and LAMPS, paired over seeds, by 95 % Student intervals of means:
- more sensitive: from share 1 to 1/100 LAMPS' mean regret rises by more than SysID's (above 0);
- initially worse: at share 1/100 LAMPS' regret in the first quarter of the rounds is above SysID's;
- catches up: in the last quarter it is not above SysID's any more (the interval reaches down to 0).
The conclusion is supported if all three hold. Regret is J of the round's policy less the expert's,
per episode; C = sup D_expert / nu is measured. Two variants: random MDPs (6 states, 3 actions,
new ones for each seed) and a chain of 6 states whose left end tempts.

Chosen here, and varied one at a time: all tabular models, counts plus 0.01 (SysID, LAMPS), FTRL
(LAMPS-MM); 40 samples a round, 16 rounds; gamma = 0.9; what the poor part of nu is; Algorithm 3 by
NRPI with exact costs-to-go over all policies of the states that nu visits (rollouts; a class of 30
random deterministic policies); SysID plans by policy iteration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.errors import InvalidArgument

from .coverage_run import ALGORITHMS, WORLDS, Item, Setting, replicate
from .shared import (
    Conclusion,
    Each,
    Floats,
    Variations,
    check_integer,
    mean_and_error,
    plus_minus,
)
from .style import PAGE, curve, cycle, paper_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


VARIANTS = WORLDS
SHARES = (1.0, 0.5, 0.1, 0.01, 0.0)
POOR = 3  # the share of the expert in the poor nu, 1/100
STATEMENTS = ("more sensitive", "initially worse", "catches up")


@dataclass(frozen=True, eq=False)
class Coverage:
    """What was measured.

    regret: (share L, algorithm 3, seeds, T), per episode; coverage: (L, seeds), may be infinite.
    """

    setting: Setting
    shares: tuple[float, ...]
    rounds: int
    seeds: int
    seed: int
    regret: Floats
    coverage: Floats


def compute(
    variant: str = "random", *, rounds: int = 16, seeds: int = 10, seed: int = 0, each: Each = map
) -> Coverage:
    """Run the three algorithms for every quality of nu.

    Raises: InvalidArgument for an unknown variant, fewer than 4 rounds, fewer than 2 seeds, a
    negative seed.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(f"coverage: variant is {variant!r}, expected one of {VARIANTS}.")
    for name, value, least in (("rounds", rounds, 4), ("seeds", seeds, 2), ("seed", seed, 0)):
        check_integer("coverage", name, value, least)
    return measure([Setting(variant)], SHARES, rounds, seeds, seed, each)[0]


def measure(
    settings: list[Setting],
    shares: tuple[float, ...],
    rounds: int,
    seeds: int,
    seed: int,
    each: Each = map,
    algorithms: int = 3,
) -> list[Coverage]:
    """Each setting with each share, as one batch of tasks, for the first few of ALGORITHMS."""
    items = [
        Item(setting, share, rounds, seed, k, algorithms)
        for setting in settings
        for share in shares
        for k in range(seeds)
    ]
    found = list(each(replicate, items))
    size = len(shares) * seeds
    return [
        _collected(settings[n], shares, rounds, seeds, seed, found[n * size : (n + 1) * size])
        for n in range(len(settings))
    ]


def _collected(
    setting: Setting, shares: tuple[float, ...], rounds: int, seeds: int, seed: int, found: Any
) -> Coverage:
    regret = np.array([it.regret for it in found])
    regret = regret.reshape(len(shares), seeds, -1, rounds).swapaxes(1, 2)
    coverage = np.array([it.coverage for it in found]).reshape(len(shares), seeds)
    return Coverage(setting, shares, rounds, seeds, seed, regret, coverage)


# ---- the paper's statements ----------------------------------------------------------------------


def differences(data: Coverage, good: int = 0, poor: int = POOR) -> dict[str, Floats]:
    """What each of STATEMENTS is about, LAMPS less SysID, one number for each seed."""
    quarter = max(1, data.rounds // 4)
    gap = data.regret[:, 1] - data.regret[:, 0]
    mean = gap.mean(-1)
    return {
        "more sensitive": mean[poor] - mean[good],
        "initially worse": gap[poor, :, :quarter].mean(-1),
        "catches up": gap[poor, :, -quarter:].mean(-1),
    }


def interval(values: Floats) -> tuple[float, float, float]:
    """Mean, and the ends of its 95 % Student interval."""
    from scipy.special import stdtrit

    mean, error = mean_and_error(values)
    reach = stdtrit(len(values) - 1, 0.975) * float(error)
    return float(mean), float(mean) - reach, float(mean) + reach


def judged(data: Coverage, good: int = 0, poor: int = POOR) -> dict[str, tuple[bool, str]]:
    """Whether each statement holds, and its numbers."""
    found = {}
    for name, values in differences(data, good, poor).items():
        mean, low, high = interval(values)
        holds = low <= 1e-9 if name == "catches up" else low > 1e-9
        found[name] = (holds, f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]")
    return found


def conclusion(data: Coverage) -> Conclusion:
    """Is LAMPS more sensitive to nu than SysID, worse at first, and does it catch up?"""
    found = judged(data)
    supported = all(holds for holds, _ in found.values())
    said = "; ".join(
        f"{name}: {'yes' if yes else 'no'} ({text})" for name, (yes, text) in found.items()
    )
    ends = []
    for a, name in enumerate(ALGORITHMS):
        good, poor = (plus_minus(data.regret[k, a].mean(-1)) for k in (0, POOR))
        ends.append(f"{name} {good} and {poor}")
    C = float(np.median(data.coverage[POOR]))
    verdict = "holds" if supported else "does not hold"
    return Conclusion(
        supported,
        f"LAMPS less SysID: {said}. Mean regret with share 1 and {data.shares[POOR]} (median C"
        f" {C:.3g}): "
        + ", ".join(ends)
        + f". Mean ± standard error of {data.seeds} seeds. The paper's conclusion {verdict} here.",
    )


def columns(data: Coverage) -> dict[str, Any]:
    """The plotted numbers, for the CSV file: one row for each algorithm, share and round."""
    L, A, _, T = data.regret.shape
    mean, error = mean_and_error(data.regret.transpose(2, 1, 0, 3))
    C = np.median(data.coverage, axis=1)
    return {
        "algorithm": np.repeat(ALGORITHMS, L * T),
        "share": np.tile(np.repeat(data.shares, T), A),
        "C_median": np.tile(np.repeat(C, T), A),
        "round": np.tile(np.arange(1, T + 1), A * L),
        "regret_mean": mean.ravel(),
        "regret_se": error.ravel(),
    }


CHANGES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "poor part = uniform": {"poor": "uniform"},
    "search = rollouts": {"search": "rollouts"},
    "search = class of 30 policies": {"search": "class"},
    "samples = 400": {"samples": 400},
    "gamma = 0.8": {"gamma": 0.8},
    "states = 10": {"states": 10},
    "smoothing = 1": {"smoothing": 1.0},
}


def variations(*, rounds: int = 16, seeds: int = 10, seed: int = 0, each: Each = map) -> Variations:
    """Both variants, then each with one choice changed at a time."""
    shares = (SHARES[0], SHARES[POOR])
    settings = [
        replace(Setting(world), **change) for world in VARIANTS for change in CHANGES.values()
    ]
    found = measure(settings, shares, rounds, seeds, seed, each, 2)
    rows = []
    names = [(world, change) for world in VARIANTS for change in CHANGES]
    for (world, change), data in zip(names, found, strict=True):
        rows.append(_row(world, change, judged(data, 0, 1)))
    names_of = {
        name: [f"{row[0]}, {row[1]}" for row in rows if row[2 + k].startswith("yes")]
        for k, name in enumerate((*STATEMENTS, "the conclusion"))
    }
    said = [f"{name}: {'; '.join(where) or 'nowhere'}." for name, where in names_of.items()]
    text = "Where each statement holds. " + " ".join(said)
    header = ("world", "changed", *STATEMENTS, "paper's conclusion holds")
    return Variations(header, tuple(rows), text)


def _row(world: str, change: str, found: dict[str, tuple[bool, str]]) -> tuple[str, ...]:
    cells = (f"{'yes' if holds else 'no'}: {text}" for holds, text in found.values())
    return (world, change, *cells, "yes" if all(h for h, _ in found.values()) else "no")


# ---- drawing -------------------------------------------------------------------------------------


def draw(data: Coverage) -> Figure:
    """Mean regret against the quality of nu, and regret by round with good and poor nu."""
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(PAGE, 2.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_quality(left, data)
        _draw_rounds(right, data)
        figure.supxlabel(
            f"{data.setting.world}, {data.setting.samples} samples a round; mean of {data.seeds}"
            " seeds, band ± 1 standard error",
            fontsize=7,
        )
    return figure


def _draw_quality(axes: Axes, data: Coverage) -> None:
    places = np.arange(len(data.shares))
    for a, name in enumerate(ALGORITHMS):
        curve(axes, places, data.regret[:, a].mean(-1).T, alpha=0.2, label=name, **cycle(a))
    names = []
    for share, C in zip(data.shares, np.median(data.coverage, axis=1), strict=True):
        shown = r"$\infty$" if math.isinf(C) else f"{C:.3g}"
        names.append(f"{share:g}\nC = {shown}")
    axes.set_xticks(places, names)
    axes.set(xlabel="expert's share of $\\nu$", ylabel="mean regret of an episode")
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.legend(loc="best")


def _draw_rounds(axes: Axes, data: Coverage) -> None:
    rounds = np.arange(1, data.rounds + 1)
    for a, name in enumerate(ALGORITHMS[:2]):
        for k, quality in ((0, "good"), (POOR, "poor")):
            look = cycle(a) | {"linestyle": "-" if k == 0 else "--", "marker": "", "alpha": 0.2}
            curve(axes, rounds, data.regret[k, a], label=f"{name}, {quality} $\\nu$", **look)
    axes.set(xlabel="round", ylabel="regret of the round's policy")
    axes.locator_params(axis="x", integer=True)
    axes.legend(loc="center right")
