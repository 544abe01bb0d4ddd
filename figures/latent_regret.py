r"""Regret of learning latent MDPs with context in hindsight: against K, against H, against Var*.

Algorithm 1 of LMDP with its two solvers, at the printed constants (MVP exactly over all
deterministic history-dependent policies; Bernstein by extended value iteration with rows chosen for
each history, an upper bound, cut at 1), a bonus per step in the manner of Kwon et al. as LMDP
describes it, and a posterior sampler (uniform Dirichlet prior, drawn anew at updates). delta is
1/10; iota is that of the last K of a run. Regret is exact: played policies are evaluated in the
truth.

episodes: two contexts that only an episode's past tells apart, S = 2, A = 2, H = 4, regret along
the run; also uniform play, and Theorem 2 in its explicit form with Var* <= 1/4. horizon: 4 to 32
steps of one hour, total reward 1 at every H, K fixed; growth with H fitted as a power. variance:
fixed sizes, values and gaps, payoffs drawn apart so that Var* = x^2/4. The posterior sampler is in
the first only: it plans with the contexts mixed, whose fronts do not fit at H = 32. hard: the four
instances of Section 6.1 with M = 2, S = 6, A = 2, C = 2, x = 1, epsilon = 1/4, their mean along
the run, with the exact Bayes-optimal regret over the class (from K = 512 on that of 512 episodes).

The paper, read as: on every run the explicit bound and the lines of its proof hold; regret stops
to grow like K (episodes); the interval of the power of H lies below 1/2, the power in the bound of
Kwon et al., for both solvers (horizon); more variance costs more, and at the least variance regret
has stopped to grow (variance); over the class no solver is below the Bayes-optimal regret by more
than 3 standard errors (hard: a test of these runs, as no algorithm can be). Updates come when
counts double, so regret moves in steps of up to a factor two. With a gap g MVP needs N > 16 S iota
/ g for its first bonus and N > 16 Gamma Var iota / g^2 for its second; whether the first is why its
regret hardly sees Var* was not tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.algorithms.latent_baselines import uniform_value
from theorylab.algorithms.latent_estimates import optimal_graph
from theorylab.engines import growth_rate
from theorylab.errors import InvalidArgument

from .latent_regret_run import (
    PAPERS,
    SOLVERS,
    Found,
    Item,
    bound_of,
    counts_of,
    run_item,
    speaks_from,
    variance_of,
    world_of,
)
from .latent_regret_world import least_regret
from .shared import Conclusion, Each, Floats, check_integer, mean_and_error
from .style import PAGE, curve, cycle, paper_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VARIANTS = ("episodes", "horizon", "variance", "hard")
PARAMETERS: dict[str, tuple[float, ...]] = {
    "episodes": (4,),
    "horizon": (4, 8, 16, 32),
    "variance": (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1),
    "hard": (0, 1, 2, 3),
}
EPISODES = {"episodes": 2**22, "horizon": 2**20, "variance": 2**23, "hard": 2**20}
ROUNDING = 1e-9
SEEDS = {"episodes": 4, "horizon": 6, "variance": 4, "hard": 2}


@dataclass(frozen=True, eq=False)
class LatentRegret:
    """What was measured: regret (algorithm, parameter, seeds, counts), uniform (parameter,) per
    episode, bound (parameter,) of all episodes, lines checked and broken, runs on which Omega_1
    or Omega_2 failed, speaks: from how many episodes on the bound is below one per episode."""

    variant: str
    seeds: int
    seed: int
    episodes: int
    regret: Floats
    uniform: Floats
    bound: Floats
    variances: Floats
    lines: int
    broken: str
    off_event: int
    speaks: int

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms of the variant, in the order of `regret`."""
        return algorithms_of(self.variant)


def algorithms_of(variant: str) -> tuple[str, ...]:
    """All; without the posterior sampler where its fronts do not fit."""
    return tuple(SOLVERS) if variant == "episodes" else tuple(SOLVERS)[:3]


def compute(
    variant: str = "episodes",
    *,
    seeds: int = 0,
    episodes: int = 0,
    seed: int = 0,
    each: Each = map,
) -> LatentRegret:
    """Run every algorithm at every parameter; `episodes` and `seeds` 0 are the variant's own.

    Raises: InvalidArgument for an unknown variant, one seed, fewer than 4 episodes, negative seed.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(f"latent_regret: variant is {variant!r}, expected one of {VARIANTS}.")
    K, seeds = episodes or EPISODES[variant], seeds or SEEDS[variant]
    check_integer("latent_regret", "seeds", seeds, 2)
    check_integer("latent_regret", "episodes", K, 4)
    check_integer("latent_regret", "seed", seed, 0)
    names, places = algorithms_of(variant), PARAMETERS[variant]
    items = [
        Item(variant, p, name, K, seed, k) for name in names for p in places for k in range(seeds)
    ]
    found = list(each(run_item, items))
    worlds = [world_of(variant, p) for p in places]
    shape = (len(names), len(places), seeds, len(counts_of(K)))
    return LatentRegret(
        variant,
        seeds,
        seed,
        K,
        regret=np.array([it.regret for it in found]).reshape(shape),
        uniform=np.array([optimal_graph(W)[1].value - uniform_value(W) for W in worlds]),
        bound=np.array([bound_of(variant, p, K) for p in places]),
        variances=np.array([variance_of(variant, W) for W in worlds]),
        lines=sum(it.lines for it in found),
        broken=_broken(found),
        off_event=sum(not it.good for it in found),
        speaks=speaks_from(variant, places[-1]),
    )


def _broken(found: list[Found]) -> str:
    names = [name for it in found for name in it.broken]
    return ", ".join(f"{name} ({names.count(name)})" for name in sorted(set(names)))


# ---- what it says --------------------------------------------------------------------------------


def judged(data: LatentRegret) -> dict[str, bool]:
    """Each statement of the variant on each of the paper's solvers."""
    found = {"every line of the proof's chain holds": not data.broken}
    for a, name in enumerate(data.algorithms):
        if name in PAPERS:
            found |= {f"{name}: {said}": holds for said, holds in _judged(data, a).items()}
    return found


def _judged(data: LatentRegret, a: int) -> dict[str, bool]:
    last = data.regret[a, :, :, -1].mean(-1)
    before = data.regret[a, :, :, -3].mean(-1)
    if data.variant == "episodes":
        return {"doubles at most in the last three quarters": bool((last < 2 * before).all())}
    if data.variant == "horizon":
        _, (_, high) = growth(data, a)
        return {"grows like a power of H below 1/2": bool(high < 1 / 2)}
    if data.variant == "hard":
        mean, error = mean_and_error(along(data, a))
        least = [least_regret(K) for K in counts_of(data.episodes)]
        above = mean + 3 * error >= (1 - ROUNDING) * np.array(least)
        return {"at least the Bayes-optimal regret": bool(above.all())}
    return {
        "more variance costs more": bool(last[-1] > 2 * last[0]),
        "at the least variance regret has stopped": bool(last[0] <= 1.01 * before[0]),
    }


def along(data: LatentRegret, a: int) -> Floats:
    """Regret along the run, (seeds, counts): of the last parameter; of `hard` the class's mean."""
    return data.regret[a].mean(0) if data.variant == "hard" else data.regret[a, -1]


def growth(data: LatentRegret, a: int) -> tuple[float, tuple[float, float]]:
    """Exponent and interval of the mean regret after all episodes in the parameter."""
    return growth_rate(PARAMETERS[data.variant], data.regret[a, :, :, -1].mean(-1))


def conclusion(data: LatentRegret) -> Conclusion:
    """Does regret behave as Theorem 2 says, at sizes that can be run?"""
    found = judged(data)
    said = "; ".join(f"{name}: {'yes' if holds else 'no'}" for name, holds in found.items())
    lines = [_sentence(data, a) for a in range(len(data.algorithms))]
    return Conclusion(
        all(found.values()),
        f"{said}. {data.lines} lines of the chain checked, broken: {data.broken or 'none'};"
        f" runs off Omega_1 or Omega_2: {data.off_event}. The explicit bound is vacuous here: it"
        f" falls below one per episode at K = {data.speaks:.3g}. " + " ".join(lines),
    )


def _sentence(data: LatentRegret, a: int) -> str:
    mean, error = mean_and_error(data.regret[a, :, :, -1].T)
    cells = ", ".join(f"{m:.4g} ± {e:.2g}" for m, e in zip(mean, error, strict=True))
    text = f"{data.algorithms[a]}: {cells}"
    if data.variant == "horizon":
        exponent, (low, high) = growth(data, a)
        text += f", like H^{exponent:.2f} [{low:.2f}, {high:.2f}]"
    return text + "."


def columns(data: LatentRegret) -> dict[str, Any]:
    """The plotted numbers: by algorithm, parameter and number of episodes."""
    table: dict[str, list[Any]] = {
        "algorithm": [], "parameter": [], "var_bound": [], "K": [],
        "regret_mean": [], "regret_se": [],
    }  # fmt: skip
    for a, name in enumerate(data.algorithms):
        mean, error = mean_and_error(data.regret[a].swapaxes(0, 1))
        for p, parameter in enumerate(PARAMETERS[data.variant]):
            for k, count in enumerate(counts_of(data.episodes)):
                row = (name, parameter, data.variances[p], count, mean[p, k], error[p, k])
                for key, cell in zip(table, row, strict=True):
                    table[key].append(cell)
    return table


# ---- drawing -------------------------------------------------------------------------------------


def draw(data: LatentRegret) -> Figure:
    """Regret along the run at the largest parameter, and after all episodes by parameter."""
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(PAGE, 2.7), layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_run(left, data)
        if data.variant in ("episodes", "hard"):
            _draw_rate(right, data)
        else:
            _draw_parameter(right, data)
        figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=4)
        figure.supxlabel(
            f"{data.variant}: mean of {data.seeds} seeds, band ± 1 standard error;"
            f" Theorem 2's explicit bound speaks from K = {data.speaks:.2g} on",
            fontsize=7,
        )
    return figure


def _draw_run(axes: Axes, data: LatentRegret) -> None:
    counts = np.array(counts_of(data.episodes), dtype=float)
    for a, name in enumerate(data.algorithms):
        curve(axes, counts, along(data, a), floor=1e-2, alpha=0.2, label=name, **cycle(a))
    axes.plot(counts, counts * data.uniform[-1], color="grey", label="uniform")
    bound = [bound_of(data.variant, PARAMETERS[data.variant][-1], int(k)) for k in counts]
    axes.plot(counts, bound, color="grey", linestyle=":", label="Theorem 2, explicit")
    if data.variant == "hard":
        least = [least_regret(int(k)) for k in counts]
        axes.plot(counts, least, color="black", label="Bayes-optimal over the class")
    axes.set(xscale="log", yscale="log", xlabel="episodes", title="regret along the run")


def _draw_rate(axes: Axes, data: LatentRegret) -> None:
    counts = np.array(counts_of(data.episodes), dtype=float)
    for a in range(len(data.algorithms)):
        rate = along(data, a) / np.sqrt(counts)
        curve(axes, counts, rate, floor=1e-2, alpha=0.2, **cycle(a))
    axes.set(xscale="log", yscale="log", xlabel="episodes", title="regret / $\\sqrt{K}$")


def _draw_parameter(axes: Axes, data: LatentRegret) -> None:
    by_variance = data.variant == "variance"
    x = data.variances if by_variance else np.array(PARAMETERS[data.variant], dtype=float)
    for a in range(len(data.algorithms)):
        curve(axes, x, data.regret[a, :, :, -1].T, floor=1e-2, alpha=0.2, **cycle(a))
    label = "Var*" if by_variance else "H, at total reward 1"
    axes.set(xscale="log", yscale="log", xlabel=label, title="regret after all episodes")
