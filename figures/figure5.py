r"""Figure 5: the WideTree domain, drawn from its tables, and what its two models measure.

The real world, M_good and M_bad are built as MDPs from the caption (the worlds of the claims in
verification/lamps/figure_1.py, exact) with N leaves in four groups; a group is drawn as one box.
Dashed is what differs from the real world. Costs: 1 at B, eps = 1/100 elsewhere; gamma = 9/10.

The paper: M_bad errs at A only, M_good everywhere else; M_bad has the smaller prediction error and
the worse policy, value moment loss picks M_good (Sections 3.2, 6, 7.2). What Hedge makes of it is
Figure 2(d), `widetree`. Left open and chosen here: M_good's mistakes (B leads where C should, D
where E should); the three distributions of the prediction error are those of `figure1`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.errors import InvalidArgument

from . import trees
from .figure1 import draw_bars
from .shared import Conclusion, Floats, Variations
from .style import PAGE, paper_style
from .trees import MODELS, WEIGHTS, Choices, Edge, Places

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VARIANTS = ("text",)


@dataclass(frozen=True, eq=False)
class Figure5:
    """What was measured, as in Figure 1; edges with groups in place of leaves."""

    choices: Choices
    leaves: int
    errors: Floats
    value_losses: Floats
    extra_costs: Floats
    edges: tuple[list[Edge], ...]


def compute(variant: str = "text", *, leaves: int = 20, seed: int = 0) -> Figure5:
    """Measure the tree with N = `leaves`; nothing is drawn at random.

    Raises: InvalidArgument for an unknown variant, or leaves other than 4, 8, ..., 100.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(f"figure5: variant is {variant!r}, expected one of {VARIANTS}.")
    if isinstance(leaves, bool) or leaves not in range(4, 101, 4):
        raise InvalidArgument(
            f"figure5: leaves is {leaves!r}, expected a multiple of 4 from 4 to 100: four groups."
        )
    return _measured(leaves, Choices())


def _measured(leaves: int, choices: Choices) -> Figure5:
    trio = trees.wide(leaves // 4, choices)
    lines = [trees.edges(it, trio.world, trio.inner) for it in (trio.world, *trio.models)]
    return Figure5(
        choices,
        leaves,
        trees.prediction_errors(trio),
        trees.value_losses(trio),
        trees.extra_costs(trio),
        tuple(_gathered(edges, leaves // 4) for edges in lines),
    )


def _gathered(edges: list[Edge], quarter: int) -> list[Edge]:
    """The edges with each leaf replaced by its group, 5 to 8, without repetition."""
    kept = {
        (s, a, after if after < 5 else 5 + (after - 5) // quarter, wrong)
        for s, a, after, wrong in edges
    }
    return sorted(kept)


def columns(data: Figure5) -> dict[str, Any]:
    """What both models measure, for the CSV file: one row for each model."""
    table: dict[str, Any] = {"model": np.array(MODELS)}
    table |= {f"error_{w.replace(' ', '_')}": data.errors[k] for k, w in enumerate(WEIGHTS)}
    return table | {"value_loss": np.diag(data.value_losses), "extra_cost": data.extra_costs}


def judged(data: Figure5) -> dict[str, bool]:
    """Each statement of the paper about the tree, and whether it holds here."""
    smaller = data.errors[:, 1] < data.errors[:, 0]
    picks_good = (data.value_losses[:, 0] < data.value_losses[:, 1]).all()
    errors = {
        f"M_bad has the smaller prediction error ({w})": bool(s)
        for w, s in zip(WEIGHTS, smaller, strict=True)
    }
    return errors | {
        "M_bad has the worse policy": bool(data.extra_costs[1] > data.extra_costs[0]),
        "value moment loss picks M_good": bool(picks_good),
    }


def conclusion(data: Figure5) -> Conclusion:
    """The caption and Section 7.2: every statement holds, with the numbers."""
    wrong = [name for name, holds in judged(data).items() if not holds]
    errors = ", ".join(
        f"{b:.3f} and {g:.3f} ({w})" for w, (g, b) in zip(WEIGHTS, data.errors, strict=True)
    )
    said = "All statements hold." if not wrong else "Does not hold: " + "; ".join(wrong) + "."
    return Conclusion(
        not wrong,
        f"N = {data.leaves}: prediction error of M_bad and M_good {errors}; extra cost of their"
        f" policies {data.extra_costs[1]:.3f} and {data.extra_costs[0]:.3f}; value moment loss"
        f" {data.value_losses[1, 1]:.3f} and {data.value_losses[0, 0]:.3f}. {said}",
    )


def variations(*, leaves: int = 20, seed: int = 0) -> Variations:
    """One choice of the tree changed at a time."""
    changes = {
        "nothing": Choices(),
        "gamma = 1/2": Choices(gamma="1/2"),
        "gamma = 99/100": Choices(gamma="99/100"),
        "eps = 1/2": Choices(eps="1/2"),
    }
    rows, turned = [], []
    for change, choices in changes.items():
        found = judged(_measured(leaves, choices))
        rows.append((change, *("yes" if holds else "no" for holds in found.values())))
        turned += [f"{name} fails with {change}" for name, holds in found.items() if not holds]
    text = "; ".join(turned) + "." if turned else "No change turns any statement."
    return Variations(("changed", *found), tuple(rows), text)


def draw(data: Figure5) -> Figure:
    """The three trees above, errors and costs of both models below."""
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(PAGE, 4.2), layout="constrained")
        above, below = figure.subfigures(2, 1, height_ratios=(1.1, 1))
        for axes in trees.draw_trees(above, data.edges, _places(), 5, _name):
            for group in range(4):
                axes.text((group + 0.5) / 4, -0.1, f"{data.leaves // 4}", fontsize=6, ha="center")
        draw_bars(below.subplots(), data.errors, data.value_losses, data.extra_costs)
        figure.supxlabel(
            f"Grey: c(B) = 1, else eps; squares: N/4 = {data.leaves // 4} leaves, equally likely;"
            " dashed: differs from the real world",
            fontsize=7,
        )
    return figure


def _places() -> Places:
    """A above B and C, these above D and E, these above the four groups of leaves."""
    pairs = {0: (0.5, 1.0), 1: (0.25, 0.67), 2: (0.75, 0.67), 3: (0.25, 0.33), 4: (0.75, 0.33)}
    return pairs | {5 + group: ((group + 0.5) / 4, 0.0) for group in range(4)}


def _name(s: int) -> str:
    return "ABCDE"[s] if s < 5 else ""
