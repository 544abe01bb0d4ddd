r"""Figures 2(a)-(c): planning in a learned model, everywhere (SysID) or along hover (LAMPS).

    pi_t+1 = argmin_pi V^pi in M_hat from the start       SysID: iLQR                  (4)
    pi_t+1 = no worse than its best action along nu       LAMPS: one backward pass     (Algorithm 3)

The helicopter holds hover under noise; its 20 parameters are learned. The paper (Section 7.1): with
the same data LAMPS learns a better policy (a) with far fewer calls of the LQR solver (b), and both
optimise V^pi_hat in the model, in which the expert's cost is not as low (c). The step, cost and
noise are those of `helicopter_world`. Costs are per episode of H = 100 steps.

Choice                     text                            released
attitude                   correct composition             doubled, then added to the old one
LAMPS' pass at hover       the model's drift in it         quadratic terms only, u = K_t x
cost                       x'x + u'u (Q = R = I)           (x'x + 1 + u'u) / 2
SysID's iLQR               until convergence               to the first iteration without decrease
fit                        exact least squares (MLE)       BFGS, gtol 1e-5, and 4 perturbed restarts
nu                         1,000 steps from hover          10 rollouts of the expert
learner's rollout          whole                           stopped before |(x, u)| exceeds 5

Both variants, unless said: 20 iterations x 100 samples, each a fair coin between nu and one noisy
rollout of the current controller, uniform with replacement, all kept (Follow the Leader). Noise:
six independent N(0, 0.1^2), forces and torques, in the real world only. The initial model is the
truth plus U[0,1) in every parameter, also the start of every fit; the initial controller is iLQR's
on it. The expert is iLQR's plan for the true parameters.

Left open and chosen here:
- iLQR starts from LAMPS' controller (variations: zero controls, the last controller); step sizes
  1, 1/2, ..., 2^-10; at most 200 iterations. "Convergence": predicted decrease within 1e-8
  (1 + cost), with regularisation where no step helps. Its gains are those around the last
  trajectory. Backward passes count all of them, SysID's first pass, of LAMPS' controller, included;
  those of the initial controller, the same for both, are left out.
- Perturbed restarts are N(0, I) away from the initial parameters; gtol is that of the mean over
  data of the squared error, summed over the states. The exact minimiser is the one nearest to the
  initial model in T / I, F / m and g, all that the data see.
- Controls are clipped to +-100 before they act and are paid for; iLQR pays for unclipped ones.
- A rollout whose cost is above 1e12, or no number, costs 1e12; the CSV has the share of these. A
  planner that fails (named error of iLQR or of the pass) leaves the controller as it was; counted.
- The figure shows 10 seeds, as the paper's; statements are judged by 20, these included, in pairs:
  mean over iterations 1 to 20, Wilcoxon's signed ranks, p <= 0.025 one-sided either way, else not
  decided. (a) in released needs them: by the 10 alone it is 8 to 2, not decided; by 60, 54 to 6.

Worth knowing: the hover trims of the true helicopter are zero, and a pass without drift returns a
controller with exactly these trims, whatever the model says. That is knowledge of the real world
that SysID is not given; with the model's drift in the pass LAMPS loses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.errors import InvalidArgument

from .helicopter_measure import (
    Helicopter,
    Judged,
    measure,
    over_rounds,
    statements,
)
from .helicopter_run import ALGORITHMS, RELEASED, TEXT, Setting
from .shared import (
    Conclusion,
    Each,
    Floats,
    Variations,
    mean_and_error,
    one_at_a_time,
    plus_minus,
    single_changes,
)
from .style import PAGE, curve, cycle, paper_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SETTINGS = {setting.name: setting for setting in (RELEASED, TEXT)}
VARIANTS = tuple(SETTINGS)
OTHER_VALUES: dict[str, tuple[Any, ...]] = {
    "first_plan": ("zero", "last"),
    "noise": (0.0, 0.3),
    "spread": (0.1, 2.0),
    "gtol": (1e-8,),
    "restarts": (0,),
}


def compute(
    variant: str = "released",
    *,
    iterations: int = 20,
    seeds: int = 10,
    judged: int = 20,
    seed: int = 0,
    each: Each = map,
) -> Helicopter:
    """Run both algorithms in one variant on `judged` seeds, of which the first `seeds` are drawn.

    Raises: InvalidArgument for an unknown variant, no iterations, fewer than two seeds (no standard
    error), fewer judged than drawn, a negative seed.
    """
    if variant not in SETTINGS:
        raise InvalidArgument(f"helicopter: variant is {variant!r}, expected one of {VARIANTS}.")
    return measure([SETTINGS[variant]], iterations, seeds, judged, seed, each)[0]


def columns(data: Helicopter) -> dict[str, Any]:
    """The plotted numbers, for the CSV file: one row for each algorithm and iteration."""
    length = data.iterations + 1
    table: dict[str, Any] = {
        "algorithm": np.repeat(ALGORITHMS, length),
        "iteration": np.tile(np.arange(length), len(ALGORITHMS)),
    }
    for name in ("real_cost", "passes", "learner_in_model", "expert_in_model"):
        mean, error = mean_and_error(data.drawn(name).swapaxes(0, 1))
        table[f"{name}_mean"], table[f"{name}_se"] = mean.ravel(), error.ravel()
        table[f"{name}_median"] = np.median(data.drawn(name), 1).ravel()
    table["capped_share"] = data.drawn("capped").mean(1).ravel()
    expert, error = mean_and_error(data.expert_cost[: data.seeds])
    table["expert_real_cost_mean"] = np.full(2 * length, expert)
    return table | {"expert_real_cost_se": np.full(2 * length, error)}


# ---- what the data say ---------------------------------------------------------------------------


def conclusion(data: Helicopter) -> Conclusion:
    """The paper's three conclusions, each with the numbers that it is judged by."""
    found = statements(data)
    real, model = over_rounds(data.real_cost), over_rounds(data.learner_in_model)
    expert = over_rounds(data.expert_in_model)
    said = [
        f"Mean over iterations 1 to {data.iterations} and standard error of {data.judged} seeds, "
        f"of which {data.seeds} are drawn.",
        f"(a) {_verdict(found['a'], data)}: {_costs(real[1])} against {_costs(real[0])} "
        f"(SysID's minus LAMPS': {_costs(real[0] - real[1])}; after the last iteration "
        f"{_costs(data.real_cost[0, :, -1] - data.real_cost[1, :, -1])}); "
        f"the expert's is {_costs(data.expert_cost)}.",
        f"(b) {_verdict(found['b'], data)}: {_costs(data.passes[1, :, -1])} in all against "
        f"{_costs(data.passes[0, :, -1])}, {_ratio(data):.1f} times fewer.",
    ]
    for i, name in enumerate(ALGORITHMS):
        said.append(
            f"(c) {_verdict(found[f'c, {name}'], data)}: {_costs(model[i])} against "
            f"{_costs(expert[i])}."
        )
    if data.failures.any() or data.capped[..., 1:].any():
        said.append(
            f"Planners failed in {int(data.failures.sum())} rounds; "
            f"{100 * data.capped[..., 1:].mean():.2f} % of the rollouts reached the cap."
        )
    supported = all(it.word == "holds" for it in found.values())
    verdict = "holds" if supported else "does not hold as a whole"
    return Conclusion(supported, " ".join([*said, f"The paper's conclusion {verdict} here."]))


def _verdict(it: Judged, data: Helicopter) -> str:
    return f"{it.text}: {it.word} ({it.wins} of {data.judged} seeds, p = {it.p:.2g})"


def _ratio(data: Helicopter) -> float:
    return float(data.passes[0, :, -1].mean() / data.passes[1, :, -1].mean())


def variations(
    *, iterations: int = 20, judged: int = 20, seed: int = 0, each: Each = map
) -> Variations:
    """Both variants, then each with one choice changed at a time, about 30 settings."""
    tried = one_at_a_time((RELEASED, TEXT), _changes)
    measured = measure([setting for _, _, setting in tried], iterations, judged, judged, seed, each)
    rows = [(base, change, it) for (base, change, _), it in zip(tried, measured, strict=True)]
    header = (
        *("variant", "changed", "real cost: SysID", "LAMPS", "expert", "(a) LAMPS lower"),
        *("passes: SysID", "LAMPS", "(b) LAMPS fewer", "in the model, SysID: learner", "expert"),
        *("(c) SysID", "in the model, LAMPS: learner", "expert", "(c) LAMPS"),
    )
    return Variations(header, tuple(map(_row, rows)), _where_it_hangs(rows))


def _changes(base: Setting) -> Iterator[tuple[str, Setting]]:
    """One choice at a time: the other variant's, then the values tried in neither."""
    of_bfgs = ("gtol", "restarts") if base.optimiser == "exact" else ()
    return single_changes(base, TEXT if base is RELEASED else RELEASED, OTHER_VALUES, of_bfgs)


def _costs(values: Floats) -> str:
    return plus_minus(values, ".5g", ".2g")


def _row(entry: tuple[str, str, Helicopter]) -> tuple[str, ...]:
    base, change, data = entry
    found, real = statements(data), over_rounds(data.real_cost)
    cells = [base, change, _costs(real[0]), _costs(real[1])]
    cells += [_costs(data.expert_cost), _word(found["a"])]
    cells += [f"{data.passes[i, :, -1].mean():.1f}" for i in range(2)] + [_word(found["b"])]
    for i, name in enumerate(ALGORITHMS):
        cells += [_costs(over_rounds(data.learner_in_model)[i])]
        cells += [_costs(over_rounds(data.expert_in_model)[i]), _word(found[f"c, {name}"])]
    return tuple(cells)


def _word(it: Judged) -> str:
    return f"{it.word} ({it.wins}, p = {it.p:.2g})"


def _where_it_hangs(rows: list[tuple[str, str, Helicopter]]) -> str:
    said = []
    for name in VARIANTS:
        tried = {change: statements(data) for base, change, data in rows if base == name}
        plain = tried.pop("nothing")
        for part, it in plain.items():
            turned: dict[str, list[str]] = {}
            for change, found in tried.items():
                if found[part].word != it.word:
                    turned.setdefault(found[part].word, []).append(change)
            where = "; ".join(f"it {word} with {', '.join(c)}" for word, c in turned.items())
            said.append(
                f"{name} ({part}) {it.text}: {it.word}; of {len(tried)} single changes "
                f"{where or 'none turns it'}."
            )
    return " ".join(said)


# ---- drawing -------------------------------------------------------------------------------------


def draw(data: Helicopter) -> Figure:
    """Real cost, backward passes, and costs in the learned model, against the iteration.

    Mean over seeds and band of one standard error, from iteration 1; the initial controller's
    costs, thousands of times as high, are in the CSV, as is the real cost itself. In (a) the
    expert's cost in the same noise is taken off, so that the noise that both share drops out.
    """
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(PAGE, 2.5), layout="constrained")
        left, middle, right = figure.subplots(1, 3)
        best = data.expert_cost[: data.seeds]
        for i, name in enumerate(ALGORITHMS):
            _curve(left, data, data.drawn("real_cost")[i] - best[:, None], label=name, **cycle(i))
            _curve(middle, data, data.drawn("passes")[i], label=name, **cycle(i))
            learner = data.drawn("learner_in_model")[i]
            expert = data.drawn("expert_in_model")[i]
            _curve(right, data, learner - data.floor, label=f"{name}, learner", **cycle(i))
            look = cycle(i + 2)
            _curve(right, data, expert - data.floor, label=f"{name}, expert", **look)
        own = f"cost − expert's {best.mean():.5g}"
        left.set(title="(a) real cost", ylabel=own)
        middle.set(title="(b) backward passes so far", ylabel="LQR calls")
        less = f" − {data.floor:g}" if data.floor else ""
        right.set(title="(c) in the learned model", ylabel=f"cost of an episode{less}")
        for axes in (left, right):
            axes.set_yscale("log", nonpositive="clip")
        for axes in (left, middle, right):
            axes.set(xlabel="iteration (100 samples each)")
            axes.legend(loc="best")
        figure.supxlabel(
            f"Helicopter, {data.setting.name}; mean of {data.seeds} seeds, band ± 1 standard error",
            fontsize=7,
        )
    return figure


def _curve(axes: Axes, data: Helicopter, values: Floats, **look: Any) -> None:
    every = max(1, data.iterations // 6)
    curve(axes, np.arange(1, data.iterations + 1), values[:, 1:], markevery=every, **look)
