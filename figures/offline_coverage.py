r"""Sub-optimality of Algorithm 2 of LV-Rep against coverage, and what the clip of the penalty does.

coverage: block MDPs (4 blocks of 2 states, 3 actions, 4 candidates for each row, |P| = 4^12, a new
world for each seed), n = 100 samples of the behaviour policy share U(A) + (1 - share) x (worst
deterministic policy), share = 1, 1/2, ..., 1/64, so omega = 3 / share. C*_pi of the optimal policy
is measured (a generalised eigenvalue). Penalties: corrected (constants of the proof), small (alpha
a fiftieth, lambda = 1), none. Mean gap V* - V^{pi^} against the median of C*.

clip: a chain of three steps that the data hardly reach, to a state that pays for ever in T^ and
nothing in T*; aside it pays with probability 1/10. gamma = 19/20, n = 10^5, pi_b(on) = 1 / omega.
Penalty with a twentieth of the corrected alpha, lambda = 1, clipped at 2 as printed and at
gamma^2 / (1-gamma); corrected (all constants of the proof); none. The models tie where the end of
the chain was not seen, and T^ is the first.

The paper, read as Theorem 10: sub-optimality grows with C* (coverage: for the small penalty it is
greater at the least share than at share 1), and is small where C* is, whatever else is not covered
(clip: at every omega at most a tenth of V* with clip 2). On every run with the corrected penalty
all lines of the proof are checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.algorithms.representation_bonus import Bonus
from theorylab.algorithms.representation_classes import ListedClass
from theorylab.algorithms.representation_lcb import exploit
from theorylab.algorithms.representation_terms import coverage, offline_lines
from theorylab.errors import InvalidArgument
from theorylab.theory.planning import optimal_policy
from theorylab.theory.tabular import occupancy
from theorylab.worlds.latent_variable_instances import clipped_penalty_pair, in_floats
from theorylab.worlds.mdp import MDP, RewardMDP, unchecked

from .lv_run import SMALL, World, block_world
from .shared import Conclusion, Each, Floats, check_integer, mean_and_error
from .style import PAGE, cycle, paper_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VARIANTS = ("coverage", "clip")
SHARES = tuple(2.0**-k for k in range(7))
OMEGAS = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
SAMPLES = {"coverage": 100, "clip": 100_000}
SEEDS = {"coverage": 40, "clip": 10}
GAMMA = 0.95
CLIPPED = {"scale": 0.05, "regular": 1.0}
PENALTIES: dict[str, dict[str, Bonus]] = {
    "coverage": {"corrected": Bonus(), "small": Bonus(**SMALL), "no penalty": Bonus("none")},
    "clip": {
        "clip 2": Bonus(clip=2.0, **CLIPPED),
        "clip corrected": Bonus(**CLIPPED),
        "corrected": Bonus(),
        "no penalty": Bonus("none"),
    },
}


@dataclass(frozen=True)
class Item:
    """One data set: a variant at a place (share or omega), all penalties on it."""

    variant: str
    place: float
    samples: int
    seed: int
    replication: int


@dataclass(frozen=True)
class Found:
    """Gaps by penalty; C*; V*; lines checked on the corrected penalty, and those broken."""

    gaps: tuple[float, ...]
    coverage: float
    best: float
    lines: int
    broken: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Offline:
    """What was measured: gap (penalty, place, seeds), coverage (place, seeds), V* (place, seeds),
    lines checked, those broken."""

    variant: str
    samples: int
    seeds: int
    seed: int
    gap: Floats
    coverage: Floats
    best: Floats
    lines: int
    broken: str


def world_of(item: Item) -> tuple[World, Floats]:
    """The world, its class and the behaviour policy (S, A) of an item."""
    if item.variant == "clip":
        truth, other = (in_floats(it) for it in clipped_penalty_pair(3, "19/20", "1/10"))
        on = 1 / item.place
        return (truth, ListedClass((other, truth))), np.tile([1 - on, on], (truth.S, 1))
    number = 1000 * item.seed + item.replication
    world = block_world(number, blocks=4, copies=2, A=3, R=4)
    worst = optimal_policy(_reversed(world[0].mdp)).probabilities
    return world, item.place / 3 + (1 - item.place) * worst


def _reversed(M: RewardMDP) -> MDP:
    """The same MDP where the worst policy is the best."""
    return unchecked(RewardMDP, **{**vars(M), "payoff": -M.payoff})


def run_item(item: Item) -> Found:
    """Draw the data and plan with each penalty on them."""
    (truth, candidates), behaviour = world_of(item)
    places = SHARES if item.variant == "coverage" else OMEGAS
    key = [item.seed, item.replication, places.index(item.place)]
    gaps, lines = [], []
    for name, bonus in PENALTIES[item.variant].items():
        seed = np.random.SeedSequence(key)
        options = {"samples": item.samples, "seed": seed}
        run = exploit(truth, candidates, behaviour, bonus, **options)
        gaps.append(run.gap)
        lines = offline_lines(run) if name == "corrected" else lines
    d = occupancy(truth.mdp, optimal_policy(truth.mdp))
    C_star = coverage(d, run.rho, truth.latents)
    broken = tuple(it.name for it in lines if not it.holds)
    return Found(tuple(gaps), C_star, run.best, len(lines), broken)


def compute(
    variant: str = "coverage", *, seeds: int = 0, samples: int = 0, seed: int = 0, each: Each = map
) -> Offline:
    """Run every penalty on data of every quality; `seeds` and `samples` 0 are the variant's own.

    Raises: InvalidArgument for an unknown variant, one seed, no samples, a negative seed.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(
            f"offline_coverage: variant is {variant!r}, expected one of {VARIANTS}."
        )
    n, seeds = samples or SAMPLES[variant], seeds or SEEDS[variant]
    for name, value, least in (("seeds", seeds, 2), ("samples", n, 1), ("seed", seed, 0)):
        check_integer("offline_coverage", name, value, least)
    places = SHARES if variant == "coverage" else OMEGAS
    items = [Item(variant, place, n, seed, k) for place in places for k in range(seeds)]
    found = list(each(run_item, items))
    shape = (len(places), seeds)
    names = sorted(name for it in found for name in it.broken)
    return Offline(
        variant,
        n,
        seeds,
        seed,
        gap=np.moveaxis(np.array([it.gaps for it in found]).reshape(*shape, -1), -1, 0),
        coverage=np.array([it.coverage for it in found]).reshape(shape),
        best=np.array([it.best for it in found]).reshape(shape),
        lines=sum(it.lines for it in found),
        broken=", ".join(f"{name} ({names.count(name)})" for name in sorted(set(names))),
    )


# ---- what it says --------------------------------------------------------------------------------


def judged(data: Offline) -> dict[str, bool]:
    """The statements, each true or false on this data."""
    mean = data.gap.mean(-1)
    found = {"every line of the proof holds": not data.broken}
    if data.variant == "clip":
        small = mean[0] <= data.best.mean(-1) / 10
        return found | {"with clip 2 the gap is at most V* / 10": bool(small.all())}
    return found | {"the gap grows with C*": bool(mean[1, -1] > mean[1, 0])}


def conclusion(data: Offline) -> Conclusion:
    """Is sub-optimality as Theorem 10 says?"""
    found = judged(data)
    said = "; ".join(f"{name}: {'yes' if holds else 'no'}" for name, holds in found.items())
    places = SHARES if data.variant == "coverage" else OMEGAS
    rows = []
    for a, name in enumerate(PENALTIES[data.variant]):
        mean, error = mean_and_error(data.gap[a].T)
        cells = ", ".join(f"{m:.3f} ± {e:.2g}" for m, e in zip(mean, error, strict=True))
        rows.append(f"{name}: {cells}")
    C_star = ", ".join(f"{C:.3g}" for C in np.median(data.coverage, -1))
    word = "shares" if data.variant == "coverage" else "omega"
    return Conclusion(
        all(found.values()),
        f"{said}. {data.lines} lines checked on {data.coverage.size} runs, broken:"
        f" {data.broken or 'none'}. At {word} {', '.join(f'{p:.3g}' for p in places)}, median C*"
        f" {C_star}, mean V* {data.best.mean():.3f}, mean gaps: {'; '.join(rows)}.",
    )


def columns(data: Offline) -> dict[str, Any]:
    """The plotted numbers: by penalty and place."""
    table: dict[str, list[Any]] = {
        "penalty": [], "place": [], "coverage_median": [], "gap_mean": [], "gap_se": []
    }  # fmt: skip
    places, C_star = _places(data), np.median(data.coverage, -1)
    for a, name in enumerate(PENALTIES[data.variant]):
        mean, error = mean_and_error(data.gap[a].T)
        for row in zip(places, C_star, mean, error, strict=True):
            for key, cell in zip(table, (name, *row), strict=True):
                table[key].append(cell)
    return table


def _places(data: Offline) -> tuple[float, ...]:
    return SHARES if data.variant == "coverage" else OMEGAS


def draw(data: Offline) -> Figure:
    """Gaps against C* (coverage) or omega (clip)."""
    from matplotlib.figure import Figure

    by_coverage = data.variant == "coverage"
    x = np.median(data.coverage, -1) if by_coverage else np.array(OMEGAS)
    with paper_style():
        figure = Figure(figsize=(PAGE / 2, 2.6), layout="constrained")
        axes = figure.subplots()
        for a, name in enumerate(PENALTIES[data.variant]):
            mean, error = mean_and_error(data.gap[a].T)
            look = cycle(a)
            axes.plot(x, mean, label=name, **look)
            low, high = mean - error, mean + error
            axes.fill_between(x, low, high, color=look["color"], alpha=0.2, linewidth=0)
        label = "median of $C^*_\\pi$" if by_coverage else "$\\omega$"
        axes.set_xscale("log", base=2)
        axes.set(xlabel=label, title="sub-optimality")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
        figure.supxlabel(
            f"n = {data.samples}, mean of {data.seeds} seeds, ± 1 standard error", fontsize=7
        )
    return figure
