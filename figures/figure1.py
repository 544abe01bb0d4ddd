r"""Figure 1: the tree in which the model of smaller prediction error has the worse policy.

The real world, M_good and M_bad are built as MDPs from the caption (the worlds of the claims in
verification/lamps/figure_1.py, exact), and drawn from their tables: dashed is what differs from the
real world. Costs: 1 at B, eps = 1/100 elsewhere, leaves too; gamma = 9/10; costs are per episode.

Measured, and what the paper says of it:
- prediction error E ||M - M*||_1: M_bad's is the smaller one (Section 3.2). Three distributions:
  uniform over the pairs above the leaves; what learner and expert visit (half each), discounted, as
  in Corollary 3.1; the same over an episode of H steps without discount.
- extra cost in the real world of each model's optimal policy: M_bad's is the worse one.
- value moment loss (9) with V of either model: LAMPS-MM picks M_good (Section 6).
- operations: queries (s, a) -> s', c of a model. "Solving for the optimal policy requires O(2^H)
  operations", disadvantage minimisation along nu = expert is polynomial (Sections 3.2, 4). Every
  H from 2 to 12, on the real dynamics; every planner finds a policy of least cost: that is checked.

Left open by the text and chosen here:
- M_good's mistakes: l and r are exchanged in every state below A (it predicts siblings). Variation:
  every mistake predicts B.
- Optimal planning asks for every pair that can be reached once. Variation: best-first search, which
  uses that costs are known (Section 3) to be at least a floor, in the figure's tree and in trees
  with random costs, uniform in [0, 2 eps], but still 1 at B (10 seeds, mean and standard error).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.engines import growth_rate
from theorylab.errors import InvalidArgument

from . import tree_search, trees
from .shared import Conclusion, Each, Floats, Variations, check_integer, mean_and_error
from .style import PAGE, cycle, paper_style
from .trees import MODELS, WEIGHTS, Choices, Edge

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


VARIANTS = ("text",)
PLANNERS = ("optimal planning", "best first", "best first, random costs", "disadvantage")
EPS = 0.01


@dataclass(frozen=True, eq=False)
class Figure1:
    """What was measured.

    Shapes: errors (weights 3, model 2), value_losses (whose V 2, model 2), extra_costs (2,), models
    as in MODELS; horizons (K,), queries (planner 4, seeds, K); edges of M*, M_good, M_bad.
    """

    choices: Choices
    depth: int
    seeds: int
    seed: int
    errors: Floats
    value_losses: Floats
    extra_costs: Floats
    horizons: Floats
    queries: Floats
    edges: tuple[list[Edge], ...]


def compute(
    variant: str = "text",
    *,
    depth: int = 3,
    longest: int = 12,
    seeds: int = 10,
    seed: int = 0,
    each: Each = map,
) -> Figure1:
    """Measure the tree with `depth` steps, and count queries for 2 to `longest` steps.

    Raises: InvalidArgument for an unknown variant, a depth outside 2..6, a longest below 4, fewer
    than two seeds, a negative seed.
    """
    _check(variant, depth, longest, seeds, seed)
    horizons = range(2, longest + 1)
    counted = list(each(count, [(H, seed, k) for k in range(seeds) for H in horizons]))
    queries = np.array(counted).reshape(seeds, len(horizons), len(PLANNERS)).transpose(2, 0, 1)
    return _measured(Choices(), depth, seeds, seed, np.array(horizons), queries)


def _measured(
    choices: Choices, depth: int, seeds: int, seed: int, horizons: Any, queries: Any
) -> Figure1:
    trio = trees.binary(depth, choices)
    worlds = (trio.world, *trio.models)
    return Figure1(
        choices,
        depth,
        seeds,
        seed,
        trees.prediction_errors(trio),
        trees.value_losses(trio),
        trees.extra_costs(trio),
        horizons,
        queries,
        tuple(trees.edges(it, trio.world, trio.inner) for it in worlds),
    )


def _check(variant: str, depth: int, longest: int, seeds: int, seed: int) -> None:
    if variant not in VARIANTS:
        raise InvalidArgument(f"figure1: variant is {variant!r}, expected one of {VARIANTS}.")
    for name, value, low, high in (
        ("depth", depth, 2, 6),
        ("longest", longest, 4, 16),
        ("seeds", seeds, 2, 10_000),
        ("seed", seed, 0, 2**63),
    ):
        check_integer("figure1", name, value, low, high)


def count(item: tuple[int, int, int]) -> list[int]:
    """Queries of each of PLANNERS for (H, seed, replication)."""
    H, seed, k = item

    def random() -> tree_search.Tree:
        return tree_search.tree(H, EPS, np.random.default_rng((seed, H, k)))

    known = tree_search.tree(H, EPS)
    expert = tree_search.expert_trajectory(tree_search.tree(H, EPS))
    found = [
        tree_search.plan(tree_search.tree(H, EPS)),
        tree_search.best_first(known, EPS),
        tree_search.best_first(random(), 0.0),
        tree_search.minimise_disadvantage(tree_search.tree(H, EPS), expert),
    ]
    least = [found[0].cost, found[0].cost, tree_search.plan(random()).cost, found[0].cost]
    for planner, it, cost in zip(PLANNERS, found, least, strict=True):
        if not math.isclose(it.cost, cost, rel_tol=1e-9):
            raise ArithmeticError(f"{planner} found {it.cost}, not the least cost {cost}, H = {H}")
    return [it.queries for it in found]


def columns(data: Figure1) -> dict[str, Any]:
    """The counted queries, for the CSV file: one row for each H; then what the models measure."""
    table: dict[str, Any] = {"H": data.horizons}
    for name, counted in zip(PLANNERS, data.queries, strict=True):
        key = name.replace(",", "").replace(" ", "_")
        table[f"{key}_mean"] = counted.mean(0)
        table[f"{key}_se"] = counted.std(0, ddof=1) / math.sqrt(data.seeds)
    for m, model in enumerate(MODELS):
        for w, name in enumerate(WEIGHTS):
            table[f"error_{model}_{name.replace(' ', '_')}"] = np.full(
                len(data.horizons), data.errors[w, m]
            )
        table[f"value_loss_{model}"] = np.full(len(data.horizons), data.value_losses[m, m])
        table[f"extra_cost_{model}"] = np.full(len(data.horizons), data.extra_costs[m])
    return table


def judged(data: Figure1) -> dict[str, bool]:
    """Each statement of the paper about the tree, and whether it holds here."""
    smaller = data.errors[:, 1] < data.errors[:, 0]
    picks_good = (data.value_losses[:, 0] < data.value_losses[:, 1]).all()
    by_power = data.queries[0].mean(0) / 2.0**data.horizons
    by_square = data.queries[3].mean(0) / data.horizons**2.0
    return {
        **{
            f"M_bad has the smaller prediction error ({w})": bool(s)
            for w, s in zip(WEIGHTS, smaller, strict=True)
        },
        "M_bad has the worse policy": bool(data.extra_costs[1] > data.extra_costs[0]),
        "value moment loss picks M_good": bool(picks_good),
        "optimal planning grows like 2^H": bool((np.diff(by_power) >= 0).all()),
        "disadvantage minimisation grows like H^2 at most": bool((np.diff(by_square) <= 0).all()),
    }


def conclusion(data: Figure1) -> Conclusion:
    """Sections 3.2, 4 and 6 on this tree: every statement holds, with the numbers."""
    found = judged(data)
    wrong = [name for name, holds in found.items() if not holds]
    exponent, (low, high) = growth_rate(data.horizons, data.queries[3].mean(0))
    first = data.queries[:, :, -1].mean(1)
    H = int(data.horizons[-1])
    text = (
        f"H = {data.depth}: prediction error of M_bad and M_good "
        + ", ".join(
            f"{b:.3f} and {g:.3f} ({w})" for w, (g, b) in zip(WEIGHTS, data.errors, strict=True)
        )
        + f"; extra cost of their policies {data.extra_costs[1]:.3f} and {data.extra_costs[0]:.3f};"
        f" value moment loss {data.value_losses[1, 1]:.3f} and {data.value_losses[0, 0]:.3f}."
        f" H = {H}: {first[0]:.0f} queries for optimal planning (2^(H+1) - 2), {first[3]:.0f} for"
        " minimising"
        f" the disadvantage, H (H + 1), fitted H^{exponent:.2f} [{low:.2f}, {high:.2f}]. Best-first"
        f" search needs {first[1]:.0f}, and {first[2]:.0f} with random costs: that planning must"
        " ask for the whole tree hangs on not using the known costs."
    )
    said = "All statements hold." if not wrong else "Does not hold: " + "; ".join(wrong) + "."
    return Conclusion(not wrong, f"{text} {said}")


def variations(*, depth: int = 3, seeds: int = 10, seed: int = 0) -> Variations:
    """One choice of the tree changed at a time; the counts of queries do not depend on them."""
    changes = {
        "nothing": (depth, Choices()),
        "H = 2": (2, Choices()),
        "H = 5": (5, Choices()),
        "gamma = 1/2": (depth, Choices(gamma="1/2")),
        "gamma = 99/100": (depth, Choices(gamma="99/100")),
        "eps = 1/2": (depth, Choices(eps="1/2")),
        "M_good's mistakes predict B": (depth, Choices(mistakes="to B")),
        "M_good's mistakes predict B, H = 2": (2, Choices(mistakes="to B")),
    }
    none = np.ones((len(PLANNERS), seeds, 2))
    rows, turned = [], []
    for change, (H, choices) in changes.items():
        found = judged(_measured(choices, H, seeds, seed, np.array([2, 3]), none))
        cells = list(found.items())[:5]
        rows.append((change, *("yes" if holds else "no" for _, holds in cells)))
        turned += [f"{name} fails with {change}" for name, holds in cells if not holds]
    header = (
        "changed",
        *list(judged(_measured(Choices(), 2, seeds, seed, np.array([2, 3]), none)))[:5],
    )
    text = "; ".join(turned) + "." if turned else "No change turns any statement."
    return Variations(header, tuple(rows), text)


# ---- drawing -------------------------------------------------------------------------------------


def draw(data: Figure1) -> Figure:
    """The three trees above; below, errors and costs of both models, and queries against H."""
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(PAGE, 4.2), layout="constrained")
        above, below = figure.subfigures(2, 1, height_ratios=(1, 1.1))
        trees.draw_trees(above, data.edges, trees.rows_of(data.depth), 2**data.depth - 1, _name)
        left, right = below.subplots(1, 2)
        draw_bars(left, data.errors, data.value_losses, data.extra_costs)
        _draw_queries(right, data)
        figure.supxlabel(
            "Grey: c(B) = 1, else eps; dashed: differs from the real world. Random costs: mean of"
            f" {data.seeds} seeds, band ± 1 standard error",
            fontsize=7,
        )
    return figure


def _name(s: int) -> str:
    return "ABC"[s] if s < 3 else ""


def draw_bars(axes: Axes, errors: Floats, value_losses: Floats, extra_costs: Floats) -> None:
    """What each model measures, side by side."""
    groups = [*errors, np.diag(value_losses), extra_costs]
    names = [
        "uniform",
        "visits,\ndiscounted",
        "visits,\nepisode",
        "value\nmoments (9)",
        "extra cost\nof policy",
    ]
    for m, model in enumerate(MODELS):
        places = np.arange(len(groups)) + (m - 0.5) * 0.38
        heights = [float(group[m]) for group in groups]
        hatch = "" if m == 0 else "////"
        axes.bar(
            places, heights, 0.36, label=f"$M_{{{model[2:]}}}$", color=cycle(m)["color"],
            hatch=hatch, edgecolor="white",
        )  # fmt: skip
        for x, height in zip(places, heights, strict=True):
            axes.text(x, height, f"{height:.2g}", ha="center", va="bottom", fontsize=5.5)
    axes.set_xticks(range(len(groups)), names, fontsize=6)
    axes.set_title("prediction error (three) and what matters (two)")
    axes.grid(visible=False, axis="x")
    axes.legend(loc="upper right")


def _draw_queries(axes: Axes, data: Figure1) -> None:
    for p, name in enumerate(PLANNERS):
        mean, error = mean_and_error(data.queries[p])
        axes.plot(data.horizons, mean, label=name, **cycle(p))
        axes.fill_between(
            data.horizons, mean - error, mean + error, alpha=0.2, color=cycle(p)["color"]
        )
    axes.set(yscale="log", xlabel="H", ylabel="queries of the model", title="operations")
    axes.legend(loc="upper left")
