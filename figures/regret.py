r"""The regret theorems on real runs: regret over explicit bound, growth in T and in 1/(1-gamma).

The bounds are the registered claims in the form that stands (verification/lamps), called on each
run: every quantity of a bound (eps_po, eps_model, C, V_max, the learner's regret Reg_T) is
measured in the run, by the claim itself. LAMPS: Theorem 5.1 corrected; SysID: Ross and Bagnell's
bound as quoted there, corrected; LAMPS-MM: Theorem 6.1 corrected; signed loss: Theorem B.1
corrected, an identity for nu = the expert's occupancy, stated for two rounds and asked on each
two neighbouring ones.

Finite classes of five wrong models (M* mixed with random rows), with M* besides (`realizable`) or
without (`agnostic`); random worlds with 4 states, 2 actions and costs in [0, 1], new ones for
each seed; exact expectations; nu half uniform, half the expert's; Follow-the-Leader (SysID,
LAMPS), Hedge at the rate for T rounds (LAMPS-MM, signed loss). Measured: 4 to 64 rounds at gamma
= 0.9; gamma from 1/2 to 31/32 with 16 rounds; an adversary that searches worlds, classes and
gamma, by chance and by small steps, for the largest ratio of regret to bound, with nu = the
expert's occupancy, two rounds.

The paper (Theorems 5.1, 6.1, B.1), read as: on every run the bound holds, and the learner's
regret is of the order sqrt(T). The latter is asked of Hedge: Reg_T, mean of the seeds, is at most
L sqrt(T ln(K) / 2), K models, L the range of the loss (1/(1-gamma), four times that if signed).
Follow-the-Leader has no such guarantee (the claims on Theorem A.1 refute it); its Reg_T is shown.
Growth is fitted as a power by least squares, with 95 % intervals; for T up to 64 Hedge, whose
rate is made for losses as large as L, has hardly begun to learn: an exponent near 1 means this,
and not that it never will.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.engines import growth_rate
from theorylab.errors import InvalidArgument

from .regret_measure import GAMMAS, ROUNDS, VARIANTS, Regret, collected
from .regret_run import ALGORITHMS, ROUNDING, Item, Setting, judge
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


def compute(
    variant: str = "realizable",
    *,
    tries: int = 40,
    seeds: int = 10,
    seed: int = 0,
    each: Each = map,
) -> Regret:
    """Run every algorithm, and the adversary with so many `tries` for each algorithm and seed.

    Raises: InvalidArgument for an unknown variant, no tries, fewer than 2 seeds, a negative seed.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(f"regret: variant is {variant!r}, expected one of {VARIANTS}.")
    for name, value, least in (("tries", tries, 1), ("seeds", seeds, 2), ("seed", seed, 0)):
        check_integer("regret", name, value, least)
    base = Setting(variant == "realizable")
    settings = [replace(base, rounds=T) for T in ROUNDS] + [replace(base, gamma=g) for g in GAMMAS]
    adverse = replace(base, rounds=2, nu="expert")
    items = [
        Item(name, setting, seed, k, tries if setting is adverse else 0)
        for name in ALGORITHMS
        for setting in [*settings, adverse]
        for k in range(seeds)
    ]
    shape = (len(ALGORITHMS), len(settings) + 1, seeds)
    found = list(each(judge, items))
    return collected(variant, seed, tries, found, shape, len(ROUNDS))


# ---- what it says --------------------------------------------------------------------------------


def grows(xs: tuple[float, ...], ys: Floats) -> tuple[float, float, float] | None:
    """Exponent of y ~ x^b and its interval; None where some y is not above 0: nothing to fit."""
    if not (np.isfinite(ys).all() and (ys > 1e-12).all()):
        return None
    exponent, (low, high) = growth_rate(xs, ys)
    return exponent, low, high


def learner_growth(data: Regret, algorithm: int) -> tuple[float, float, float] | None:
    """How the learner's regret grows with T, mean of the seeds."""
    return grows(ROUNDS, data.by_rounds[algorithm, :, :, 2].mean(-1))


def judged(data: Regret) -> dict[str, bool]:
    """Whether all bounds hold, and whether Hedge's regret is within its guarantee."""
    paid = data.by_rounds[2:, :, :, 2].mean(-1)
    return {
        "every bound holds": bool((data.held + data.void == data.runs).all()),
        "Reg_T of Hedge is within its sqrt(T)": bool((paid <= guarantee(data)).all()),
    }


def guarantee(data: Regret) -> Floats:
    """L sqrt(T ln(K) / 2) of LAMPS-MM and of the signed loss, shape (2, T), at gamma = 0.9."""
    setting = Setting(data.variant == "realizable")
    K, L = setting.models + setting.realizable, 1 / (1 - setting.gamma)
    root = np.sqrt(np.array(ROUNDS) * np.log(K) / 2)
    return np.stack([L * root, 4 * L * root])


def conclusion(data: Regret) -> Conclusion:
    """Do the regret theorems hold on these runs, and how tight are they?"""
    found = judged(data)
    lines = [_sentence(data, a) for a in range(len(ALGORITHMS))]
    runs, held, void = (int(count.sum()) for count in (data.runs, data.held, data.void))
    said = "; ".join(f"{name}: {'yes' if holds else 'no'}" for name, holds in found.items())
    return Conclusion(
        all(found.values()),
        f"{runs} runs; the claims hold on {held}, are void on {void}, broken on"
        f" {runs - held - void}. {said}. " + " ".join(lines),
    )


def _sentence(data: Regret, a: int) -> str:
    horizons = tuple(1 / (1 - g) for g in GAMMAS)
    regret, bound = (grows(horizons, data.by_gamma[a, :, :, k].mean(-1)) for k in (0, 1))
    return (
        f"{ALGORITHMS[a]}: regret / bound {_mean(ratios(data)[a, -1])} at T = {ROUNDS[-1]}, at most"
        f" {data.adversary[a].max():.3g} by search; Reg_T {_power(learner_growth(data, a), 'T')};"
        f" regret {_power(regret, '1/(1-gamma)')}, bound {_power(bound, '1/(1-gamma)')}."
    )


def _mean(values: Floats) -> str:
    return plus_minus(values, ".3g", ".2g")


def _power(fit: tuple[float, float, float] | None, of: str) -> str:
    if fit is None:
        return "does not stay above 0 (no fit)"
    return f"like ({of})^{fit[0]:.2f} [{fit[1]:.2f}, {fit[2]:.2f}]"


def ratios(data: Regret) -> Floats:
    """Regret over bound by rounds, shape (algorithm, T, seeds); 1 where both are 0."""
    regret, bound = data.by_rounds[..., 0], data.by_rounds[..., 1]
    return np.divide(regret, bound, out=np.ones(regret.shape), where=np.abs(bound) > ROUNDING)


def columns(data: Regret) -> dict[str, Any]:
    """The plotted numbers, for the CSV file: by T, then by gamma, for each algorithm."""
    table: dict[str, list[Any]] = {"algorithm": [], "T": [], "gamma": []}
    for name in ("regret", "bound", "learner_regret"):
        table |= {f"{name}_mean": [], f"{name}_se": []}
    table["largest_ratio_by_search"] = []
    places = [(T, 0.9) for T in ROUNDS] + [(16, gamma) for gamma in GAMMAS]
    for a, name in enumerate(ALGORITHMS):
        sides = np.concatenate([data.by_rounds[a], data.by_gamma[a]])
        mean, error = mean_and_error(sides.swapaxes(0, 1))
        for k, (T, gamma) in enumerate(places):
            row = [
                name,
                T,
                gamma,
                *np.stack([mean[k], error[k]], -1).ravel(),
                data.adversary[a].max(),
            ]
            for key, cell in zip(table, row, strict=True):
                table[key].append(cell)
    return table


CHANGES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "nu = uniform": {"nu": "uniform"},
    "nu = expert": {"nu": "expert"},
    "samples = 50 a round": {"samples": 50},
    "models = 20": {"models": 20},
    "models nearer (error 0.03)": {"error": 0.03},
    "states = 8": {"states": 8},
}


def variations(*, seeds: int = 10, seed: int = 0, each: Each = map) -> Variations:
    """Both classes with one choice changed at a time, 16 rounds, gamma = 0.9."""
    names = [(variant, change) for variant in VARIANTS for change in CHANGES]
    items = [
        Item(name, replace(Setting(variant == "realizable"), **CHANGES[change]), seed, k)
        for variant, change in names
        for name in ALGORITHMS
        for k in range(seeds)
    ]
    found = np.array(list(each(judge, items)), dtype=object)
    found = found.reshape(len(names), len(ALGORITHMS), seeds)
    rows = [(*name, *_row(of_change)) for name, of_change in zip(names, found, strict=True)]
    broken = sum(int(row[-1].split(" of ")[0]) for row in rows)
    header = ("class", "changed", *(f"{it}: regret / bound" for it in ALGORITHMS), "broken")
    return Variations(header, tuple(rows), f"{len(items)} more runs, {broken} bounds broken.")


def _row(found: Any) -> tuple[str, ...]:
    cells = [_mean(np.array([it.ratio for it in of_algorithm])) for of_algorithm in found]
    broken = sum(it.runs - it.held - it.void for it in found.ravel())
    return (*cells, f"{broken} of {found.size}")


# ---- drawing -------------------------------------------------------------------------------------


def draw(data: Regret) -> Figure:
    """Regret over bound by T, regret and bound by 1/(1-gamma), and what the adversary found."""
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(PAGE, 2.7), layout="constrained")
        left, middle, right = figure.subplots(1, 3)
        _draw_ratios(left, data)
        _draw_growth(middle, data)
        _draw_adversary(right, data)
        figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=4)
        figure.supxlabel(
            f"{data.variant} classes; mean of {data.seeds} seeds, band ± 1 standard error;"
            f" {int(data.runs.sum())} runs, the claims hold on {int(data.held.sum())}",
            fontsize=7,
        )
    return figure


def _draw_ratios(axes: Axes, data: Regret) -> None:
    for a, (name, of_algorithm) in enumerate(zip(ALGORITHMS, ratios(data), strict=True)):
        _curve(axes, ROUNDS, of_algorithm.T, label=name, **cycle(a))
    axes.axhline(1, color="black", linewidth=0.8)
    axes.set(xscale="log", yscale="log", xlabel="rounds T", title="regret / bound")
    axes.set_xticks(ROUNDS, [str(T) for T in ROUNDS], minor=False)
    axes.minorticks_off()


def _draw_growth(axes: Axes, data: Regret) -> None:
    horizons = [1 / (1 - g) for g in GAMMAS]
    for a, _ in enumerate(ALGORITHMS):
        look = cycle(a) | {"linestyle": "-"}
        _curve(axes, horizons, data.by_gamma[a, :, :, 0].T, **look)
        axes.plot(horizons, data.by_gamma[a, :, :, 1].mean(-1), **(look | {"linestyle": ":"}))
    axes.set(xscale="log", yscale="log", xlabel="1 / (1 - $\\gamma$)")
    axes.set_title("mean regret (solid), bound (dotted)")
    axes.set_xticks(horizons, [f"{h:.0f}" for h in horizons])
    axes.minorticks_off()


def _draw_adversary(axes: Axes, data: Regret) -> None:
    for a, _ in enumerate(ALGORITHMS):
        x = np.full(data.seeds, a) + np.linspace(-0.25, 0.25, data.seeds)
        axes.plot(x, data.adversary[a], **(cycle(a) | {"linestyle": ""}))
    axes.axhline(1, color="black", linewidth=0.8)
    axes.set(yscale="log", title="largest ratio by search")
    axes.set_xticks(range(len(ALGORITHMS)), [_in_lines(name) for name in ALGORITHMS])


def _in_lines(name: str) -> str:
    return name.replace(" ", "\n").replace("-", "-\n")


def _curve(axes: Axes, x: Any, values: Floats, **look: Any) -> None:
    """Where the mean is 0 nothing is drawn: it has no place on a log scale."""
    shown = np.where(values.mean(0) > ROUNDING, values, np.nan)
    curve(axes, x, shown, floor=1e-2, alpha=0.2, **look)
