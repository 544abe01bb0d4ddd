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

Here otherwise than released: gradients are analytic (finite differences are a variation, as are
other values of most choices above), 30 iterations, which is what the figure shows, not 50. The
memories of 10,000 samples and 100 models are not full before iteration 100, the most allowed.

Judged: an algorithm has arrived where its real cost stays at most twice the expert's; quickly: the
95 % Student interval of the mean arrival over seeds lies within 5 iterations; slowly: above 5. The
conclusion holds if LAMPS-MM arrives quickly and SysID slowly or never. The final state is then near
zero, as its cost is part of the real cost. Costs are expected ones (exact second moments). What
diverges: a rollout ends beyond 1e6, a cost above 1e12 counts as 1e12, and a run whose fit or
Riccati recursion overflows keeps that cost to its end; the text counts such seeds.

Worth knowing
- Two steps without control shrink the state to 3/4. Never acting costs 1.214 times the expert: to
  be near the expert is to do nothing. Only a controller that acts on a wrong belief is far.
- The data show A along (1, ..., 1) only, where SysID's best rate is 0.7. Elsewhere A keeps the
  first model's eigenvalue 1, and the controller fights a state that would vanish by itself.
- LAMPS-MM's loss of the first model is about 1.3e-5, R there 0.06. R decides: the fit is A = 0,
  B = 0, a model in which no control has any effect, and the controller never acts.
- SysID is slow with the stop of `released`: its loss has slopes of 2e-4 at most at the first model
  (the mean of x_i^2 is 3e-4), of which a stop under 1e-5 leaves a twentieth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.errors import InvalidArgument

from .lds_measure import (
    LDS,
    NEAR,
    arrival,
    is_capped,
    measure,
    pace,
    rate_of_ones,
    spectral_radius,
    with_exchange,
)
from .lds_run import ALGORITHMS, CEILING
from .lds_settings import RELEASED, SETTINGS, TEXT, changes
from .lds_world import STATES
from .shared import (
    Conclusion,
    Each,
    Floats,
    Variations,
    mean_and_error,
    one_at_a_time,
    plus_minus,
    where_it_hangs,
)
from .style import PAGE, curve, cycle, paper_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VARIANTS = tuple(SETTINGS)


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
    size = {"iterations": iterations, "seeds": seeds, "seed": seed}
    return with_exchange(SETTINGS[variant], **size, each=each)


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
    if data.exchanged.size:
        measured["exchanged_cost"] = data.exchanged
    for name, values in measured.items():
        mean, error = mean_and_error(values.swapaxes(0, 1))
        table |= {f"{name}_mean": mean.ravel(), f"{name}_se": error.ravel()}
    rows = 2 * (data.iterations + 1)
    constants = {"expert_cost": data.expert_cost, "idle_cost": data.idle_cost}
    return table | {name: np.full(rows, cost) for name, cost in constants.items()}


def conclusion(data: LDS) -> Conclusion:
    """The paper: LAMPS-MM comes quickly to the expert's cost, SysID slowly (Section 7.3)."""
    sysid, lamps = (pace(data, costs) for costs in data.real_cost)
    supported = lamps == "quickly" and sysid in ("slowly", "never")
    idle = (
        f"Expert's cost {data.expert_cost:.3g}; never acting costs {data.idle_cost:.3g}, "
        f"{data.idle_cost / data.expert_cost:.3f} times as much."
    )
    verdict = "holds" if supported else "does not hold"
    said = [idle, _sentence(data, 0, sysid), _sentence(data, 1, lamps), *_exchange(data)]
    return Conclusion(supported, " ".join([*said, f"The paper's conclusion {verdict} here."]))


def _sentence(data: LDS, i: int, how: str) -> str:
    costs = data.real_cost[i] / data.expert_cost
    size = np.linalg.norm(data.models[i, :, -1], axis=(-2, -1))
    final = np.sqrt(data.costs[i, :, -1, 1] / data.setting.factor)
    share = data.costs[i, :, -1, 0] / data.real_cost[i, :, -1]
    return (
        f"{ALGORITHMS[i]} arrives {how} at {NEAR:g} times the expert's cost: iteration "
        f"{_arrivals(data, data.real_cost[i])}; {_times(costs[:, 1])} times after 1 iteration, "
        f"{_times(costs[:, -1])} after {data.iterations} (mean ± standard error of {data.seeds} "
        f"seeds), of which controls {share.mean():.2g}; |x_100| = {final.mean():.2g}. "
        f"Last model: |(A, B)| = {size.mean():.3g}, spectral radius "
        f"{spectral_radius(data)[i, :, -1].mean():.3g}, rate of (1, ..., 1) "
        f"{rate_of_ones(data)[i, :, -1].mean():.3g}. A fit takes {data.evaluations[i].mean():.0f} "
        f"evaluations; {data.converged[i].mean():.0%} met the tolerance.{_stops(data, i)}"
    )


def _exchange(data: LDS) -> list[str]:
    if not data.exchanged.size:
        return []
    sysid, lamps = (
        f"{ALGORITHMS[i]} arrives {pace(data, costs)} ({_arrivals(data, costs)})"
        for i, costs in enumerate(data.exchanged)
    )
    return [f"With R given to SysID in place of LAMPS-MM, {sysid} and {lamps}."]


def _stops(data: LDS, i: int) -> str:
    count = int((data.diverged[i] > 0).sum())
    return f" Diverged in {count} of {data.seeds} seeds, cost cut at {CEILING:g}." if count else ""


def _arrivals(data: LDS, costs: Floats) -> str:
    first = arrival(data, costs)
    never = int((first > data.iterations).sum())
    if never == data.seeds:
        return "none"
    said = plus_minus(first.astype(np.float64), ".1f", ".1f")
    if never:
        said += f" (never in {never} of {data.seeds} seeds, counted as {data.iterations + 1})"
    return said


def _times(values: Floats) -> str:
    return plus_minus(values, ".3g", ".1g")


def variations(
    *, iterations: int = 30, seeds: int = 10, seed: int = 0, each: Each = map
) -> Variations:
    """Both variants, then each with one choice changed at a time."""
    cases = one_at_a_time((RELEASED, TEXT), changes)
    settings = [setting for _, _, setting in cases]
    measured = measure(settings, iterations=iterations, seeds=seeds, seed=seed, each=each)
    rows = [(base, change, data) for (base, change, _), data in zip(cases, measured, strict=True)]
    header = (
        *("variant", "changed", "never acting / expert", "SysID arrives", "at iteration"),
        *("last cost / expert", "LAMPS-MM arrives", "at iteration", "last cost / expert"),
        *("|(A, B)| of SysID", "of LAMPS-MM", "paper's conclusion holds"),
    )
    said = []
    for name in VARIANTS:
        tried = {change: data for base, change, data in rows if base == name}
        said += [where_it_hangs(name, tried, conclusion, _turn), _what_does_it(tried)]
    return Variations(header, tuple(map(_row, rows)), " ".join(said))


def _row(entry: tuple[str, str, LDS]) -> tuple[str, ...]:
    base, change, data = entry
    cells = [base, change, f"{data.idle_cost / data.expert_cost:.3f}"]
    for i in range(2):
        last = _times(data.real_cost[i, :, -1] / data.expert_cost)
        costs = data.real_cost[i]
        cells += [pace(data, costs), _arrivals(data, costs)]
        cells.append(last + " (diverged)" * is_capped(costs))
    sizes = np.linalg.norm(data.models[:, :, -1], axis=(-2, -1)).mean(1)
    cells += [f"{size:.3g}" for size in sizes]
    return (*cells, "yes" if conclusion(data).supported else "no")


def _what_does_it(tried: dict[str, LDS]) -> str:
    """How LAMPS-MM fares with R alone and with the value loss alone."""
    regulariser, loss = (
        pace(tried[change], tried[change].real_cost[1])
        for change in ("value_factor = 0", "regulariser_lamps = 0")
    )
    return (
        f"With R alone, no value loss at all, LAMPS-MM arrives {regulariser}; with the value loss "
        f"alone, no R, {loss}."
    )


def _turn(change: str, data: LDS) -> str:
    sysid, lamps = (pace(data, costs) for costs in data.real_cost)
    return f"{change} (SysID {sysid}, LAMPS-MM {lamps})"


def draw(data: LDS) -> Figure:
    """Real cost of both algorithms and of the expert, log scale; beside it with R exchanged.

    Mean over seeds, band ± 1 standard error, cut at a hundredth of the mean.
    """
    from matplotlib.figure import Figure

    panels = {"current controller": data.real_cost}
    if data.exchanged.size:
        panels["R given to SysID, not to LAMPS-MM"] = data.exchanged
    with paper_style():
        figure = Figure(figsize=(PAGE, 2.6), layout="constrained")
        row = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axes, (title, costs) in zip(row, panels.items(), strict=True):
            _draw_costs(axes, data, costs)
            axes.set(title=title, xlabel="samples (100 × iteration)")
            axes.set_xlim(-0.02 * data.samples[-1], 1.02 * data.samples[-1])
        row[0].set_ylabel("real cost of an episode")
        row[0].legend(loc="best")
        figure.supxlabel(
            f"LDS, {data.setting.name}: mean of {data.seeds} seeds, band ± 1 standard error",
            fontsize=7,
        )
    return figure


def _draw_costs(axes: Axes, data: LDS, costs: Floats) -> None:
    for i, name in enumerate(ALGORITHMS):
        look = cycle(i) | {"markevery": max(1, data.iterations // 8)}
        curve(axes, data.samples, costs[i], floor=1e-2, label=name, **look)
    axes.axhline(data.expert_cost, color="black", linewidth=0.6, label="expert")
    axes.axhline(data.idle_cost, color="black", linewidth=0.6, linestyle=":", label="never acting")
    axes.set_yscale("log")
