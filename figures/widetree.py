r"""Figure 2(d): which model does Hedge settle on, with SysID's loss and with LAMPS-MM's?

    w_{t+1, M} = w_{t, M} exp(-rate l_t(M)) / normaliser,     M in {M_good, M_bad},  w_1 = 1/2
    SysID:     l_t(M) = mean of -log M(s'|s,a)                                (Algorithm 2)
    LAMPS-MM:  l_t(M) = mean of |V(s') - E_{s''~M(s,a)} V(s'')|               (Algorithm 4, (9))

The paper: SysID's weight goes to M_bad, LAMPS-MM's to M_good (Section 7.2, Appendix C.1.2). Two
variants, `released` (the authors' constants) and `text` (the paper's words). Costs are per step,
V is the cost to the end of an episode of H = 3 steps.

Choice                         text                              released
root: chosen branch taken      always                            with probability 0.7
cost at A, C, D, E; 1 at B     0.01 (text: eps << 1)             0
leaves of M_good               D's and E's exchanged             random permutation, cut in four
SysID's loss                   -log q                            1{sampled successor != seen}
successors s''                 expectation under M               one fresh draw for each datum
data in l_t                    this round's, Hedge adds up (10)  all data so far, in each round
episodes a round               one: learner or expert, fair coin one of each
rate                           0.9 ("eps = 0.9")                 0.9

Left open by the text and chosen here, for both variants unless said:
- Both models give probability zero to what is seen (M_bad at A, M_good below), so that -log M is
  infinite for both after one episode and Hedge is 0/0. Text: q = (1 - a) M + a / S with smoothing
  a = 0.01 over all S = N + 5 states. The variations try a = 1e-6, 1/2 and 0 (no smoothing: NaN
  from the round on in which Hedge is undefined).
- Algorithm 2 as printed minimises +log M, the least likely model; text uses -log M. The printed
  sign is a variation. The loss enters Hedge in nats, not rescaled to [0, 1].
- "eps = 0.9" is the rate in exp(-rate l); variations: w 0.9^l (Freund & Schapire's beta) and
  w (1 - 0.9)^l. l_t is a mean over transitions, three to an episode.
- The model of a round is drawn from the weights (Appendix B.1); its policy is optimal at A (ties:
  l) and a fair coin elsewhere, where both actions cost the same. V is the drawn model's value of
  that policy. nu is the optimal policy in the real world; variation: a fair coin at A too.
- V differs among successors only at A, and there |V(seen) - V(drawn)| has the mean of
  |V(seen) - E V|: drawing successors adds noise to LAMPS-MM's loss, not bias.
- x is 3 x iteration, as in the paper. `released` adds six transitions a round: twice that.
- "SysID picks M_bad always" is read as: the 95 % interval of its mean final weight lies above 0.9;
  "LAMPS-MM picks M_good more often" as: above 1/2.

Worth knowing: if the chosen branch is certain, the 0-1 loss counts M_bad's mistake at A as much as
M_good's at B and C. Only the leaves tell the models apart, by 4 / (3 N) a round (exchanged) or by
1 / N on average (permuted): in a wide tree SysID is then slow to decide, or does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from theorylab.errors import InvalidArgument

from .shared import (
    Conclusion,
    Each,
    Floats,
    Variations,
    mean_and_error,
    one_at_a_time,
    plus_minus,
    single_changes,
    where_it_hangs,
)
from .style import PAGE, curve, cycle, paper_style
from .widetree_measure import WideTree, goes_to, measure, measure_of
from .widetree_run import ALGORITHMS, MODELS, RELEASED, TEXT, Setting

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


SETTINGS = {setting.name: setting for setting in (RELEASED, TEXT)}
VARIANTS = tuple(SETTINGS)
PAPER = ("M_bad", "M_good")  # whose weight SysID and LAMPS-MM raise, as the paper has it
OTHER_VALUES: dict[str, tuple[Any, ...]] = {
    "cost": (0.5, 1.0),
    "sysid": ("+log",),
    "rate": (-math.log(0.9), -math.log(0.1)),
    "exploration": ("coin",),
    "smoothing": (1e-6, 0.5, 0.0),
}
Band = Literal["standard error", "standard deviation"]


def compute(
    variant: str = "released",
    *,
    leaves: int = 100,
    iterations: int = 100,
    seeds: int = 10,
    rate: float = 0.9,
    seed: int = 0,
) -> WideTree:
    """Run both algorithms in one variant.

    Raises: InvalidArgument for an unknown variant, leaves that are no positive multiple of 4, no
    iterations, fewer than two seeds (no standard error), a negative seed, a rate outside (0, inf).
    """
    if variant not in SETTINGS:
        raise InvalidArgument(f"widetree: variant is {variant!r}, expected one of {VARIANTS}.")
    setting = replace(SETTINGS[variant], rate=rate)
    return measure(setting, leaves=leaves, iterations=iterations, seeds=seeds, seed=seed)


def columns(data: WideTree) -> dict[str, Any]:
    """The plotted numbers, for the CSV file: one row for each algorithm and iteration."""
    table: dict[str, Any] = {
        "algorithm": np.repeat(ALGORITHMS, data.iterations + 1),
        "samples": np.tile(data.samples, 2),
    }
    for m, model in enumerate(MODELS):
        table |= _summary(f"weight_{model}", data.weights[..., m])
        table[f"weight_{model}_expected_losses"] = data.expected_loss_weights[..., m].ravel()
    return table | _summary("real_cost", data.real_cost)


def _summary(name: str, values: Floats) -> dict[str, Floats]:
    mean, error = mean_and_error(values.swapaxes(0, 1))
    deviation = values.std(1, ddof=1)
    return {
        f"{name}_mean": mean.ravel(),
        f"{name}_se": error.ravel(),
        f"{name}_std": deviation.ravel(),
    }


def conclusion(data: WideTree) -> Conclusion:
    """The paper: SysID picks M_bad always, LAMPS-MM picks M_good more often (Section 7.2)."""
    sysid, lamps = goes_to(data, 0), goes_to(data, 1)
    supported = sysid == "M_bad always" and lamps in ("M_good", "M_good always")
    said = [_sentence(data, 0, sysid), _sentence(data, 1, lamps)]
    if data.setting.episodes == "both":
        said.append("An iteration adds six transitions; the axis, 3 x iteration, shows half.")
    verdict = "holds" if supported else "does not hold"
    return Conclusion(supported, " ".join([*said, f"The paper's conclusion {verdict} here."]))


def _sentence(data: WideTree, i: int, where: str) -> str:
    name, weights = ALGORITHMS[i], data.weights[i, ..., MODELS.index(PAPER[i])]
    if where == "undefined":
        last = int(np.isfinite(weights).sum(1).min())
        return f"{name}: Hedge is 0/0 from iteration {last} on: both models have infinite loss."
    final, cost = weights[:, -1], _or_undefined(data.real_cost[i, :, -1])
    return (
        f"{name}: after {data.iterations} iterations {PAPER[i]} has weight {_or_undefined(final)} "
        f"(mean ± standard error of {data.seeds} seeds, lowest {final.min():.3f}): picks {where}. "
        f"Real cost of an episode {cost}, optimal {data.optimal_cost:.3f}."
    )


def _or_undefined(values: Floats) -> str:
    return plus_minus(values) if math.isfinite(values.mean(0)) else "undefined"


def variations(
    *, leaves: int = 100, iterations: int = 100, seeds: int = 10, seed: int = 0, each: Each = map
) -> Variations:
    """Both variants, then each with one choice changed at a time, about 30 runs of `compute`."""
    tried = one_at_a_time((RELEASED, TEXT), _changes)
    size = (leaves, iterations, seeds, seed)
    measured = each(measure_of, [(setting, *size) for _, _, setting in tried])
    rows = [(base, change, it) for (base, change, _), it in zip(tried, measured, strict=True)]
    header = (
        *("variant", "changed", "SysID: weight of M_bad", "picks", "LAMPS-MM: weight of M_good"),
        *("picks", "real cost: SysID", "LAMPS-MM", "paper's conclusion holds"),
    )
    said = []
    for name in VARIANTS:
        of_variant = {change: data for base, change, data in rows if base == name}
        said.append(where_it_hangs(name, of_variant, conclusion, _turn))
    return Variations(header, tuple(map(_row, rows)), " ".join(said))


def _changes(base: Setting) -> Iterator[tuple[str, Setting]]:
    """One choice at a time: the other variant's, then the values tried in neither."""
    of_logarithms = ("smoothing",) if base.sysid == "0-1" else ()
    return single_changes(base, TEXT if base is RELEASED else RELEASED, OTHER_VALUES, of_logarithms)


def _row(entry: tuple[str, str, WideTree]) -> tuple[str, ...]:
    base, change, data = entry
    cells = [base, change]
    for i, claimed in enumerate(PAPER):
        weight = data.weights[i, :, -1, MODELS.index(claimed)]
        cells += [_or_undefined(weight), goes_to(data, i)]
    cells += [_or_undefined(data.real_cost[i, :, -1]) for i in range(2)]
    return (*cells, "yes" if conclusion(data).supported else "no")


def _turn(change: str, data: WideTree) -> str:
    return f"{change} (SysID picks {goes_to(data, 0)}, LAMPS-MM {goes_to(data, 1)})"


def draw(data: WideTree, *, band: Band = "standard error") -> Figure:
    """Weights of both models for SysID and for LAMPS-MM, and the real cost they lead to.

    Mean over seeds; the band is ± 1 standard error (the paper's caption) or standard deviation
    (the released code), and the figure says which.
    """
    from matplotlib.figure import Figure

    if band not in ("standard error", "standard deviation"):
        raise InvalidArgument(
            f"widetree: band is {band!r}, expected 'standard error' or 'standard deviation'."
        )
    with paper_style():
        figure = Figure(figsize=(PAGE, 2.5), layout="constrained")
        left, middle, right = figure.subplots(1, 3)
        for i, axes in enumerate((left, middle)):
            _draw_weights(axes, data, i, band)
        _draw_costs(right, data, band)
        for axes in (left, middle, right):
            axes.set(xlabel="samples (3 × iteration)", xlim=_padded(data.samples[-1]))
        figure.supxlabel(_caption(data, band), fontsize=7)
    return figure


def _padded(end: float) -> tuple[float, float]:
    return -0.02 * end, 1.02 * end


def _caption(data: WideTree, band: str) -> str:
    return (
        f"WideTree, {data.setting.name}: N = {data.leaves}; mean of {data.seeds} seeds, "
        f"band ± 1 {band}; dotted: Hedge on the expected losses"
    )


def _draw_weights(axes: Axes, data: WideTree, i: int, band: str) -> None:
    for m, model in enumerate(MODELS):
        look = cycle(m)
        _curve(axes, data, data.weights[i, ..., m], band, label=_math(model), **look)
        expected = data.expected_loss_weights[i, :, m]
        axes.plot(data.samples, expected, color="black", linestyle=":", linewidth=0.8)
    axes.set(title=ALGORITHMS[i], ylim=(-0.03, 1.03))
    axes.set_ylabel("" if i else "normalised weight")
    axes.legend(loc="center right")


def _draw_costs(axes: Axes, data: WideTree, band: str) -> None:
    for i, name in enumerate(ALGORITHMS):
        _curve(axes, data, data.real_cost[i], band, label=name, **cycle(i + 2))
    axes.axhline(data.optimal_cost, color="black", linewidth=0.8, label="optimal")
    axes.set(title="policy drawn from the weights", ylabel="real cost of an episode")
    axes.set_ylim(0, 1.15 * axes.get_ylim()[1])
    axes.legend(loc="best")


def _curve(axes: Axes, data: WideTree, values: Floats, band: str, **look: Any) -> None:
    reach = None if band == "standard error" else values.std(0, ddof=1)
    every = max(1, data.iterations // 8)
    curve(axes, data.samples, values, reach=reach, markevery=every, **look)


def _math(model: str) -> str:
    base, index = model.split("_")
    return rf"${base}_{{\mathrm{{{index}}}}}$"
