r"""Figure 1 of LMDP: the hard instance with M = 2 and S = 11, drawn from its tables.

Built by `worlds.hard_instance` in exact arithmetic (A = 2, H = 6, x = 1, epsilon = 1/8; answers:
s_5 with action 1 in context 1, s_6 with action 2 in context 2) and read off again: an arrow for
each transition of positive probability, dashed where it is below 1. Encoding states are visited in
the order sigma(m), in the colour of the context; below s_1 the contexts differ at the answer only.

Judged on the tables: no state-action pair has more than two successors; the first d_1 states tell
the context; an episode pays 0 or x; the answer pays x (1/2 + epsilon), any other guess x / 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import flint
import numpy as np

from theorylab.errors import InvalidArgument
from theorylab.worlds.hard_instance import HardLayout, hard_instance, hard_layout, permutation
from theorylab.worlds.latent_mdp import largest_total

from .shared import Conclusion, Floats, frozen
from .style import BLACK, BLUE, ORANGE, PAGE, paper_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VARIANTS = ("text",)
ANSWERS = (1 * 2 + 0, 2 * 2 + 1)
"""The choice l A + a of each context."""
COLOURS = (BLUE, ORANGE)


@dataclass(frozen=True, eq=False)
class HardInstance:
    """The instance's transitions: rows (m, s, a, s', probability), and what was judged.

    Shapes: edges (E, 5); pays (M, C) the expected reward of each guess.
    """

    S: int
    A: int
    M: int
    d_1: int
    d_2: int
    degree: int
    largest_total: float
    edges: Floats
    pays: Floats


def compute(variant: str = "text", *, seed: int = 0) -> HardInstance:
    """The instance of the paper's Figure 1; InvalidArgument for an unknown variant."""
    if variant not in VARIANTS:
        raise InvalidArgument(f"hard_instance: variant is {variant!r}, expected one of {VARIANTS}.")
    layout = hard_layout(S=11, A=2, M=2)
    W = hard_instance(layout, 1, "1/8", ANSWERS)
    edges = [(*map(int, at), _number(W.P[tuple(at)])) for at in np.argwhere(W.P > 0)]
    pays = [[_number(W.P[m, layout.leaf(c), c % 2, layout.good]) for c in range(layout.C)]
            for m in range(layout.M)]  # fmt: skip
    total = _number(largest_total(W))
    return HardInstance(11, 2, 2, layout.d_1, layout.d_2, W.degree, total, frozen(edges),
                        frozen(pays))  # fmt: skip


def _number(x: flint.fmpq) -> float:
    return int(x.p) / int(x.q)


def columns(data: HardInstance) -> dict[str, Any]:
    """The transitions, for the CSV file."""
    names = ("context", "state", "action", "next_state")
    table = {name: data.edges[:, k].astype(int) for k, name in enumerate(names)}
    return table | {"probability": data.edges[:, 4]}


def judged(data: HardInstance) -> dict[str, bool]:
    """Each statement about the instance, and whether its tables say so."""
    orders = {permutation(m, data.d_1) for m in range(data.M)}
    right = np.full(data.pays.shape, 0.5)
    right[np.arange(data.M), list(ANSWERS)] = 0.625
    good = data.d_1 + 2**data.d_2 - 1
    from_good = data.edges[data.edges[:, 1] == good]
    return {
        "at most two successors": data.degree <= 2,
        "the first d_1 states tell the context": len(orders) == data.M and _in_order(data),
        "an episode pays 0 or x": data.largest_total == 1 and bool((from_good[:, 3] > good).all()),
        "the answer pays x epsilon more": bool((data.pays == right).all()),
    }


def _in_order(data: HardInstance) -> bool:
    """Whether each context's encoding states lead to one another as its permutation says."""
    sure = {(int(m), int(s), int(after)) for m, s, _, after, p in data.edges if p == 1}
    for m in range(data.M):
        order = (*permutation(m, data.d_1), data.d_1)
        if not all((m, *pair) in sure for pair in zip(order, order[1:], strict=False)):  # noqa: RUF007
            return False
    return True


def conclusion(data: HardInstance) -> Conclusion:
    """The instance is what the caption says."""
    found = judged(data)
    wrong = [name for name, holds in found.items() if not holds]
    text = (
        f"d_1 = {data.d_1}, d_2 = {data.d_2}, {len(data.edges)} transitions of positive"
        f" probability, {int((data.edges[:, 4] < 1).sum())} of them below 1, all at the leaves."
    )
    said = "All statements hold." if not wrong else "Does not hold: " + "; ".join(wrong) + "."
    return Conclusion(not wrong, f"{text} {said}")


# ---- drawing -------------------------------------------------------------------------------------

Places = dict[int, tuple[float, float]]


def draw(data: HardInstance) -> Figure:
    """The states from left to right by step; a colour for each context where they differ."""
    from matplotlib.figure import Figure

    layout = HardLayout(data.S, data.A, data.M, data.d_1, data.d_2)
    with paper_style():
        figure = Figure(figsize=(PAGE, 3.2), layout="constrained")
        axes = figure.subplots()
        places = _places(layout)
        for (s, after), rows in _together(data).items():
            if s != after:
                _arrows(axes, places, s, after, rows, data.M)
        for s, place in places.items():
            axes.plot(*place, marker="o", markersize=15, color="white", markeredgecolor=BLACK,
                      markeredgewidth=0.7, zorder=3)  # fmt: skip
            axes.text(*place, _name(layout, s), fontsize=7, ha="center", va="center", zorder=4)
        axes.set_title("blue: context 1, orange: context 2; dashed: probability below 1")
        axes.set(xlim=(-0.4, 6.4), ylim=(-0.12, 1.12))
        axes.axis("off")
    return figure


def _together(data: HardInstance) -> dict[tuple[int, int], list[tuple[int, int, float]]]:
    """(s, s') to its (m, a, probability)."""
    found: dict[tuple[int, int], list[tuple[int, int, float]]] = {}
    for m, s, a, after, p in data.edges:
        found.setdefault((int(s), int(after)), []).append((int(m), int(a), float(p)))
    return found


def _places(layout: HardLayout) -> Places:
    places: Places = {k: (0.0, 0.85 - 0.7 * k) for k in range(layout.d_1)}
    for depth in range(layout.d_2):
        width = 2**depth
        for k in range(width):
            places[layout.tree(width + k)] = (1.3 + 1.2 * depth, 1 - (k + 0.5) / width)
    return places | {layout.good: (5.2, 0.75), layout.good + 1: (6.1, 0.25)}


def _name(layout: HardLayout, s: int) -> str:
    if s < layout.d_1:
        return f"$e_{s + 1}$"
    if s < layout.good:
        return f"$s_{s - layout.d_1 + 1}$"
    return "$g$" if s == layout.good else "$t$"


def _arrows(
    axes: Axes, places: Places, s: int, after: int, rows: list[tuple[int, int, float]], M: int
) -> None:
    """An arrow for all contexts where they agree, else one for each in its colour; labels name the
    actions (1, 2) of a context where its probability is no other's."""
    by_context = {m: sorted((a, p) for k, a, p in rows if k == m) for m in range(M)}
    agree = len({tuple(v) for v in by_context.values()}) == 1
    for m in (0,) if agree else range(M):
        if by_context[m]:
            colour = BLACK if agree else COLOURS[m % 2]
            _arrow(
                axes,
                places[s],
                places[after],
                by_context[m],
                colour,
                0 if agree else (1 - 2 * m) * (1 if after > s else -1),
            )


def _arrow(
    axes: Axes, start: Any, end: Any, moves: list[tuple[int, float]], colour: str, bend: int
) -> None:
    style = "-" if all(p == 1 for _, p in moves) else "--"
    curve = f"arc3,rad={0.18 * bend}"
    axes.annotate("", end, start, arrowprops={
        "arrowstyle": "-|>", "linestyle": style, "color": colour, "linewidth": 0.7, "shrinkA": 8,
        "shrinkB": 8, "connectionstyle": curve})  # fmt: skip
    special = [(a, p) for a, p in moves if p not in (0.5, 1)]
    if special:
        a, p = special[0]
        near = 0.75
        x, y = (near * u + (1 - near) * v for u, v in zip(start, end, strict=True))
        axes.text(x, y, f"a={a + 1}: {p:g}", color=colour, fontsize=5, ha="center", va="center",
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.2})  # fmt: skip
