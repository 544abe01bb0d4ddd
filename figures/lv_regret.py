r"""Regret of Algorithm 1 of LV-Rep on finite latent-variable MDPs, with the explicit bound.

Algorithm 1 as printed (constants 1 for each Theta, bonus clipped at 2), corrected (the constants
for which the proof goes through, clip gamma^2 / (1-gamma)), and with alpha a fiftieth and lambda =
1: by the exact operator (small), by 50 random features, with unnormalised features and lambda I in
the manner of REP-UCB, with counts of pairs instead of features, and greedy. gamma = 9/10, delta =
1/10, rewards in [0, 1] per step. Regret is exact, discounted, of the policies pi_1, ..., pi_N.

clip: five states, two models, of which the wrong one is as likely until the best state is seen;
lock: a combination lock of length 5, |P| = 2^22, each latent value shown as one of two states;
block: 5 blocks of 4 states, 3 candidates for each row, |P| = 3^10; low_rank: 12 states, rank 4, 16
models with other features and other emissions.

The paper, read as: regret of the printed algorithm stops to grow like N, its second half at most
three quarters of what the first half's second half, doubled, was, or nil (Theorem 4). For the
corrected one every line of the proof is checked along the run where its two events hold, and the
explicit bound (Lemma 8 with constants). Bonuses with the proof's constants are clipped for long:
all pairs then have the same bonus and the algorithm is greedy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.errors import InvalidArgument

from .lv_run import ALGORITHMS, WORLDS, Item, counts_of, increments, run_item
from .shared import Conclusion, Each, Floats, check_integer, mean_and_error
from .style import PAGE, cycle, paper_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VARIANTS = tuple(WORLDS)
EPISODES = {"clip": 4096, "lock": 512, "block": 512, "low_rank": 256}
SEEDS = {"clip": 6, "lock": 4, "block": 4, "low_rank": 4}
CHECKED = "corrected"
HORIZON = 10.0  # 1 / (1 - gamma)


@dataclass(frozen=True, eq=False)
class Regret:
    """What was measured: regret (algorithm, seeds, counts); bound on the regret of all episodes of
    the corrected algorithm; lines checked on it, those broken, events that failed."""

    variant: str
    episodes: int
    seeds: int
    seed: int
    regret: Floats
    bound: float
    lines: int
    broken: str
    events: str


def algorithms_of(variant: str) -> tuple[str, ...]:
    """All; on the hard pair those whose clip differs, and greedy."""
    return ("printed", "corrected", "greedy") if variant == "clip" else tuple(ALGORITHMS)


def compute(
    variant: str = "clip", *, seeds: int = 0, episodes: int = 0, seed: int = 0, each: Each = map
) -> Regret:
    """Run every algorithm; `episodes` and `seeds` 0 are the variant's own.

    Raises: InvalidArgument for an unknown variant, one seed, fewer than 8 episodes, negative seed.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(f"lv_regret: variant is {variant!r}, expected one of {VARIANTS}.")
    N, seeds = episodes or EPISODES[variant], seeds or SEEDS[variant]
    check_integer("lv_regret", "seeds", seeds, 2)
    check_integer("lv_regret", "episodes", N, 8)
    check_integer("lv_regret", "seed", seed, 0)
    names, every = algorithms_of(variant), max(1, N // 64)
    items = [
        Item(variant, name, N, seed, k, every if name == CHECKED else 0)
        for name in names
        for k in range(seeds)
    ]
    found = list(each(run_item, items))
    regret = np.array([it.regret for it in found]).reshape(len(names), seeds, -1)
    corrected = [it for it in found if it.lines]
    return Regret(
        variant,
        N,
        seeds,
        seed,
        regret,
        bound=corrected[0].bound,
        lines=sum(it.lines for it in corrected),
        broken=counted([name for it in corrected for name in it.broken]),
        events=counted([name for it in corrected for name in it.events]),
    )


def counted(names: list[str]) -> str:
    """Each name with how often it is there."""
    return ", ".join(f"{name} ({names.count(name)})" for name in sorted(set(names)))


# ---- what it says --------------------------------------------------------------------------------


def grows(regret: Floats) -> bool:
    """Whether mean regret still grows like N: per episode hardly less than in the half before."""
    last, before = increments(regret.mean(0))
    return bool(last > 0.75 * before and last > 1e-9)


def judged(data: Regret) -> dict[str, bool]:
    """The statements, each true or false on this data."""
    names = algorithms_of(data.variant)
    last = data.regret[names.index(CHECKED), :, -1]
    return {
        "regret as printed stops to grow like N": not grows(data.regret[0]),
        "corrected, it stops to grow like N": not grows(data.regret[names.index(CHECKED)]),
        "every line of the proof holds": not data.broken,
        "regret is within the explicit bound": bool((last <= data.bound).all()),
    }


def conclusion(data: Regret) -> Conclusion:
    """Is regret as Theorem 4 says, for Algorithm 1 as printed?"""
    found = judged(data)
    said = "; ".join(f"{name}: {'yes' if holds else 'no'}" for name, holds in found.items())
    trivial = data.episodes * HORIZON
    vacuous = f"above N / (1-gamma) = {trivial:.4g}" if data.bound > trivial else "not vacuous"
    lines = [_sentence(name, data.regret[a]) for a, name in enumerate(algorithms_of(data.variant))]
    return Conclusion(
        all(found.values()),
        f"{said}. Corrected: {data.lines} lines checked on {data.seeds} runs, broken:"
        f" {data.broken or 'none'}; events that failed: {data.events or 'none'}; the explicit bound"
        f" is {data.bound:.3g}, {vacuous}. After {data.episodes} episodes: " + "; ".join(lines),
    )


def _sentence(name: str, regret: Floats) -> str:
    mean, error = mean_and_error(regret[:, -1])
    return f"{name} {mean:.4g} ± {error:.2g}"


def columns(data: Regret) -> dict[str, Any]:
    """The plotted numbers: by algorithm and number of episodes."""
    table: dict[str, list[Any]] = {"algorithm": [], "N": [], "regret_mean": [], "regret_se": []}
    for a, name in enumerate(algorithms_of(data.variant)):
        mean, error = mean_and_error(data.regret[a])
        for row in zip(counts_of(data.episodes), mean, error, strict=True):
            for key, cell in zip(table, (name, *row), strict=True):
                table[key].append(cell)
    return table


# ---- drawing -------------------------------------------------------------------------------------


def draw(data: Regret) -> Figure:
    """Regret along the run, and per episode."""
    from matplotlib.figure import Figure

    counts = np.array(counts_of(data.episodes), dtype=float)
    with paper_style():
        figure = Figure(figsize=(PAGE, 2.7), layout="constrained")
        left, right = figure.subplots(1, 2)
        for a, name in enumerate(algorithms_of(data.variant)):
            _band(left, counts, data.regret[a], label=name, **cycle(a))
            _band(right, counts, data.regret[a] / counts, **cycle(a))
        left.plot(counts, counts * HORIZON, color="grey", linestyle=":", label=r"$N / (1-\gamma)$")
        left.set(xscale="log", yscale="symlog", xlabel="episodes", title="regret")
        left.set_ylim(bottom=0)
        right.set(xscale="log", xlabel="episodes", title="regret per episode")
        figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=4)
        figure.supxlabel(
            f"{data.variant}: mean of {data.seeds} seeds, band ± 1 standard error; explicit bound"
            f" of the corrected algorithm {data.bound:.2g}",
            fontsize=7,
        )
    return figure


def _band(axes: Any, x: Floats, values: Floats, **look: Any) -> None:
    mean, error = mean_and_error(values)
    axes.plot(x, mean, **look)
    axes.fill_between(x, mean - error, mean + error, color=look["color"], alpha=0.2, linewidth=0)
