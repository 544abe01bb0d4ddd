r"""Figure 2(e): how fast do SysID and LAMPS-MM come to the expert's cost on a linear system?

    x_{t+1} = A_t x_t + B u_t,  A_t = 0.5 I (t even), 1.5 I (t odd);  cost  sum_t u_t^2 + |x_100|^2
    SysID:     mean of ||x' - Ax - Bu||^2                                          (Algorithm 2)
    LAMPS-MM:  mean of (x'^T P_{h+1} x' - (Ax + Bu)^T P_{h+1} (Ax + Bu))^2         (Algorithm 4)

over time-invariant models (A, B), 30 parameters; P_h from the Riccati recursion of the model of a
round. The paper: SysID converges slowly to the expert, LAMPS-MM quickly realizes that only the
final state matters and finds a simple model whose controls bring the state to zero (Section 7.3,
Appendix C.1.3). Costs are per episode. Two variants:

Choice                            text                          released
factor of all costs               1                             1/2
LAMPS-MM's data and values        each round's data with its    all data with all value functions
                                  own value function
... and R(M) = 0.01 (|A|^2 + |B|^2)   sum of rounds + R (FTRL)  mean + R
SysID's R(M)                      none                          none
a fit stops where all slopes are  under 1e-5 of the first       under 1e-5
                                  model's greatest

Left open by the text and chosen as released, for both variants: x_0 = 0.1 (1, ..., 1); B = e_1 at
all t; no noise; control cost 1, final cost I; 5 states, 1 control; first model A = I, B = e_1, and
every fit starts there; BFGS; 100 samples an iteration, each by a fair coin from a rollout of the
expert (Riccati on the true system) or of the learner, uniform over its steps; the value function of
a datum at step h is that of its successor, P_{h+1}. The text asks for a strongly convex R(M) in
Algorithm 4 and gives none; C.1.3 has none. It says "a gradient-based optimization method" (Section
6); a stop that follows the loss's unit is the plain reading of "argmin".

Here otherwise than released: gradients are analytic (finite differences are a variation, as is
every choice above), 30 iterations, which is what the figure shows, not 50. The memories of 10,000
samples and 100 models are not full before iteration 100, the most that may be asked for.

Judged: an algorithm has arrived where its real cost stays at most twice the expert's; quickly: the
95 % Student interval of the mean arrival over seeds lies within 5 iterations; slowly: above 5. The
conclusion holds if LAMPS-MM arrives quickly and SysID slowly or never. The final state is then near
zero, as its cost is part of the real cost. Costs are expected ones (exact second moments).

Worth knowing
- Two steps without control shrink the state by 3/4. Never acting costs 1.215 times the expert, so
  "near the expert" and "does nothing" are one; only a controller that acts on a wrong belief is far.
- A fits data only along (1, ..., 1); SysID's best rate there is 0.7. Elsewhere A keeps what the
  first model has, eigenvalue 1, and controls act on it.
- values of 0.01 (x_0^2 is 0.01, P <= I) squared make LAMPS-MM's loss at most about 1e-5: R outweighs
  it a thousandfold, and the fitted model is A = 0, B = 0: nothing to control.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.errors import InvalidArgument

from .lds_measure import (
    LDS,
    NEAR,
    Each,
    arrival,
    is_capped,
    measure,
    pace,
    rate_of_ones,
    spectral_radius,
)
from .lds_run import ALGORITHMS, CEILING
from .lds_world import STATES, Floats, Setting
from .style import PAGE, cycle, paper_style
from .widetree import Conclusion, Variations
from .widetree_measure import mean_and_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TEXT = Setting("text", 1.0, 0.01, 0.0, "zero", "sum", "own", "relative")
RELEASED = Setting("released", 0.5, 0.01, 0.0, "zero", "mean", "all", "absolute")
SETTINGS = {setting.name: setting for setting in (RELEASED, TEXT)}
VARIANTS = tuple(SETTINGS)
OTHER_VALUES: dict[str, tuple[Any, ...]] = {
    "regulariser_lamps": (0.0, 1e-6),
    "regulariser_sysid": (0.01,),
    "centre": ("initial",),
    "pairing": ("last",),
    "tolerance": (1e-8,),
    "optimiser": ("CG",),
    "gradient": ("differences",),
    "fit_from": ("last",),
    "value_at": ("h",),
    "value_factor": (0.5, 0.0),
    "initial_A": (0.5, 0.0),
    "start": ("first", "normal"),
    "scale": (1.0, 10.0),
    "B": ("ones", "cycling"),
    "noise": (0.01, 0.1),
}


def compute(
    variant: str = "released",
    *,
    iterations: int = 30,
    seeds: int = 10,
    seed: int = 0,
    each: Each = map,
) -> LDS:
    """Run both algorithms in one variant; `each` is an ordered map over replications.

    Raises: InvalidArgument for an unknown variant, iterations outside 1, ..., 100, fewer than two
    seeds (no standard error), a negative seed.
    """
    if variant not in SETTINGS:
        raise InvalidArgument(f"lds: variant is {variant!r}, expected one of {VARIANTS}.")
    (data,) = measure([SETTINGS[variant]], iterations=iterations, seeds=seeds, seed=seed, each=each)
    return data


def columns(data: LDS) -> dict[str, Any]:
    """The plotted numbers, for the CSV file: one row for each algorithm and iteration."""
    table: dict[str, Any] = {
        "algorithm": np.repeat(ALGORITHMS, data.iterations + 1),
        "samples": np.tile(data.samples, 2),
    }
    measured = {
        "real_cost": data.real_cost,
        "control_cost": data.costs[..., 0],
        "final_cost": data.costs[..., 1],
        "spectral_radius_A": spectral_radius(data),
        "rate_of_ones": rate_of_ones(data),
        "norm_A": np.linalg.norm(data.models[..., :STATES], axis=(-2, -1)),
        "norm_B": np.linalg.norm(data.models[..., STATES:], axis=(-2, -1)),
    }
    for name, values in measured.items():
        mean, error = mean_and_error(values.swapaxes(0, 1))
        table |= {f"{name}_mean": mean.ravel(), f"{name}_se": error.ravel()}
    rows = 2 * (data.iterations + 1)
    constants = {"expert_cost": data.expert_cost, "idle_cost": data.idle_cost}
    return table | {name: np.full(rows, cost) for name, cost in constants.items()}


def conclusion(data: LDS) -> Conclusion:
    """The paper: LAMPS-MM comes quickly to the expert's cost, SysID slowly (Section 7.3)."""
    sysid, lamps = pace(data, 0), pace(data, 1)
    supported = lamps == "quickly" and sysid in ("slowly", "never")
    idle = (
        f"Expert's cost {data.expert_cost:.3g}; never acting costs {data.idle_cost:.3g}, "
        f"{data.idle_cost / data.expert_cost:.3f} times as much."
    )
    verdict = "holds" if supported else "does not hold"
    said = [idle, _sentence(data, 0, sysid), _sentence(data, 1, lamps)]
    return Conclusion(supported, " ".join([*said, f"The paper's conclusion {verdict} here."]))


def _sentence(data: LDS, i: int, how: str) -> str:
    costs = data.real_cost[i] / data.expert_cost
    size = np.linalg.norm(data.models[i, :, -1], axis=(-2, -1))
    final = np.sqrt(data.costs[i, :, -1, 1] / data.setting.factor)
    share = data.costs[i, :, -1, 0] / data.real_cost[i, :, -1]
    return (
        f"{ALGORITHMS[i]} comes within {NEAR:g} times the expert's cost {how}: from iteration "
        f"{_arrivals(data, i)} on; cost relative to the expert's {_times(costs[:, 1])} after 1 "
        f"iteration, {_times(costs[:, -1])} after {data.iterations} (mean ± standard error of "
        f"{data.seeds} seeds), of which controls {share.mean():.2g}; |x_100| = {final.mean():.2g}. "
        f"Last model: |(A, B)| = {size.mean():.3g}, spectral radius "
        f"{spectral_radius(data)[i, :, -1].mean():.3g}, rate of (1, ..., 1) "
        f"{rate_of_ones(data)[i, :, -1].mean():.3g}.{_stops(data, i)}"
    )


def _stops(data: LDS, i: int) -> str:
    count = int((data.diverged[i] > 0).sum())
    return f" Diverged in {count} seeds, cost cut at {CEILING:g}." if count else ""


def _arrivals(data: LDS, i: int) -> str:
    first = arrival(data, i)
    never = int((first > data.iterations).sum())
    if never == data.seeds:
        return "none"
    late = f" (never in {never} seeds, counted as {data.iterations + 1})" if never else ""
    mean, error = mean_and_error(first.astype(np.float64))
    return f"{mean:.1f} ± {error:.1f}{late}"


def _times(values: Floats) -> str:
    mean, error = mean_and_error(values)
    return f"{mean:.3g} ± {error:.1g}"


def variations(
    *, iterations: int = 30, seeds: int = 10, seed: int = 0, each: Each = map
) -> Variations:
    """Both variants, then each with one choice changed at a time."""
    cases = [
        (base.name, change, setting)
        for base in (RELEASED, TEXT)
        for change, setting in [("nothing", base), *_changes(base)]
    ]
    settings = [setting for _, _, setting in cases]
    measured = measure(settings, iterations=iterations, seeds=seeds, seed=seed, each=each)
    rows = [(base, change, data) for (base, change, _), data in zip(cases, measured, strict=True)]
    header = (
        *("variant", "changed", "never acting / expert", "SysID arrives", "at iteration"),
        *("last cost / expert", "LAMPS-MM arrives", "at iteration", "last cost / expert"),
        *("|(A, B)| of SysID", "of LAMPS-MM", "paper's conclusion holds"),
    )
    return Variations(header, tuple(map(_row, rows)), _where_it_hangs(rows))


def _changes(base: Setting) -> Iterator[tuple[str, Setting]]:
    """One choice at a time: the other variant's, then the values tried in neither."""
    other = TEXT if base is RELEASED else RELEASED
    for key in (field.name for field in fields(Setting)[1:]):
        for value in dict.fromkeys((getattr(other, key), *OTHER_VALUES.get(key, ()))):
            if value != getattr(base, key):
                shown = f"{value:.3g}" if isinstance(value, float) else value
                change = f"{key} = {shown}"
                yield change, replace(base, **{key: value, "name": f"{base.name}, {change}"})


def _row(entry: tuple[str, str, LDS]) -> tuple[str, ...]:
    base, change, data = entry
    cells = [base, change, f"{data.idle_cost / data.expert_cost:.3f}"]
    for i in range(2):
        last = _times(data.real_cost[i, :, -1] / data.expert_cost)
        cells += [pace(data, i), _arrivals(data, i), last + (" (diverged)" * is_capped(data, i))]
    sizes = np.linalg.norm(data.models[:, :, -1], axis=(-2, -1)).mean(1)
    cells += [f"{size:.3g}" for size in sizes]
    return (*cells, "yes" if conclusion(data).supported else "no")


def _where_it_hangs(rows: list[tuple[str, str, LDS]]) -> str:
    said = []
    for name in VARIANTS:
        tried = {change: data for base, change, data in rows if base == name}
        plain = conclusion(tried.pop("nothing")).supported
        turns = [_turn(c, data) for c, data in tried.items() if conclusion(data).supported != plain]
        holds, other = ("holds", "fails") if plain else ("fails", "holds")
        where = f"it {other} with {'; '.join(turns)}" if turns else "no single change turns it"
        said.append(
            f"{name}: the paper's conclusion {holds}; of {len(tried)} single changes {where}."
        )
    return " ".join(said)


def _turn(change: str, data: LDS) -> str:
    return f"{change} (SysID {pace(data, 0)}, LAMPS-MM {pace(data, 1)})"


def draw(data: LDS) -> Figure:
    """Real cost of both algorithms and of the expert, log scale, and the spectral radius of A.

    Mean over seeds, band ± 1 standard error, cut at a hundredth of the mean.
    """
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(PAGE, 2.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_costs(left, data)
        _draw_radius(right, data)
        for axes in (left, right):
            axes.set(xlabel="samples (100 × iteration)", xlim=_padded(data.samples[-1]))
        figure.supxlabel(
            f"LDS, {data.setting.name}: mean of {data.seeds} seeds, band ± 1 standard error",
            fontsize=7,
        )
    return figure


def _padded(end: float) -> tuple[float, float]:
    return -0.02 * end, 1.02 * end


def _draw_costs(axes: Axes, data: LDS) -> None:
    for i, name in enumerate(ALGORITHMS):
        _curve(axes, data, data.real_cost[i], label=name, **cycle(i))
    axes.axhline(data.expert_cost, color="black", linewidth=0.8, label="expert")
    axes.axhline(data.idle_cost, color="black", linewidth=0.8, linestyle=":", label="never acting")
    axes.set(yscale="log", title="current controller", ylabel="real cost of an episode")
    axes.legend(loc="best")


def _draw_radius(axes: Axes, data: LDS) -> None:
    for i, name in enumerate(ALGORITHMS):
        _curve(axes, data, spectral_radius(data)[i], label=name, **cycle(i))
    axes.axhline(math.sqrt(0.75), color="black", linewidth=0.8, linestyle=":", label="real, a step")
    axes.set(title="learned A", ylabel="spectral radius")
    axes.set_ylim(bottom=0)
    axes.legend(loc="best")


def _curve(axes: Axes, data: LDS, values: Floats, **look: Any) -> None:
    mean, error = mean_and_error(values)
    axes.plot(data.samples, mean, markevery=max(1, data.iterations // 8), **look)
    low = np.maximum(mean - error, mean / 100)
    axes.fill_between(data.samples, low, mean + error, color=look["color"], alpha=0.25, linewidth=0)
