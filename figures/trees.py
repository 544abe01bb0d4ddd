"""The two trees of LAMPS, Figures 1 and 5: exact worlds, what they measure, and how they are drawn.

The worlds are those of the claims (`verification/lamps/trees.py`), with exact rational tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import flint
import numpy as np

from theorylab.theory.planning import optimal_policy
from theorylab.theory.tabular import performance, value
from theorylab.worlds import MDP

from .claims_of_lamps import claims_in
from .shared import Floats
from .style import BLACK, ORANGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Rational = Any
MODELS = ("M_good", "M_bad")
WEIGHTS = ("uniform", "discounted visits", "visits of an episode")
CLAIMS = claims_in("trees")


@dataclass(frozen=True, eq=False)
class Trio:
    """The real world, M_good and M_bad; `inner` states above the leaves, `steps` to a leaf."""

    world: MDP
    good: MDP
    bad: MDP
    inner: int
    steps: int

    @property
    def models(self) -> tuple[MDP, MDP]:
        """In the order of MODELS."""
        return self.good, self.bad


@dataclass(frozen=True)
class Choices:
    """What the text leaves open: the cost elsewhere, the discount, M_good's mistakes."""

    eps: str = "1/100"
    gamma: str = "9/10"
    mistakes: str = "exchanged"


def binary(depth: int, choices: Choices = Choices()) -> Trio:
    """Figure 1 with `depth` steps; mistakes: "exchanged" siblings, or every pair leads "to B"."""
    truth, inner = CLAIMS.tree(depth), 2**depth - 1
    wrong = {"exchanged": CLAIMS.siblings_exchanged, "to B": CLAIMS.always_to_b}[choices.mistakes]
    return _trio(truth, wrong(truth, inner), choices, inner, depth)


def wide(quarter: int, choices: Choices = Choices()) -> Trio:
    """Figure 5 with 4 * quarter leaves; below A, neighbours lead where the other one should."""
    truth = CLAIMS.wide_tree(quarter)
    return _trio(truth, CLAIMS.branches_exchanged(truth), choices, 5, 3)


def _trio(truth: Any, good: Any, choices: Choices, inner: int, steps: int) -> Trio:
    eps, gamma = rational(choices.eps), rational(choices.gamma)
    worlds = [CLAIMS.world(it, eps, gamma) for it in (truth, good, CLAIMS.bad(truth))]
    return Trio(*worlds, inner=inner, steps=steps)


def rational(text: str) -> Rational:
    """The exact rational of "p/q"."""
    p, _, q = text.partition("/")
    return flint.fmpq(int(p), int(q or 1))


# ---- what is measured ----------------------------------------------------------------------------


def prediction_errors(trio: Trio) -> Floats:
    """E ||M - M*||_1 of both models under each of WEIGHTS, shape (weights 3, model 2)."""
    M = trio.world
    weights = (
        CLAIMS.uniform_above(trio.inner, M),
        CLAIMS.visited(M),
        CLAIMS.visited_in_an_episode(M, trio.steps),
    )
    return np.array(
        [[number(CLAIMS.prediction_error(M, it, w)) for it in trio.models] for w in weights]
    )


def value_losses(trio: Trio) -> Floats:
    """(9) under the discounted visits: [whose V][of which model], shape (2, 2)."""
    M, found = trio.world, []
    for current in trio.models:
        V = value(current, optimal_policy(current))
        weights = CLAIMS.visited(M)
        found.append([number(CLAIMS.value_moment_loss(M, it, V, weights)) for it in trio.models])
    return np.array(found)


def extra_costs(trio: Trio) -> Floats:
    """What each model's optimal policy really costs above the least, per episode, shape (2,)."""
    M = trio.world
    least = performance(M, optimal_policy(M))
    return np.array([number(performance(M, optimal_policy(it)) - least) for it in trio.models])


def number(x: Rational) -> float:
    """The nearest float of an exact rational."""
    return int(x.p) / int(x.q)


# ---- drawing -------------------------------------------------------------------------------------

Edge = tuple[int, int, int, bool]
Places = dict[int, tuple[float, float]]


def edges(M: MDP, truth: MDP, inner: int) -> list[Edge]:
    """(s, a, s', wrong) of each transition above the leaves that the table gives a probability."""
    found = []
    for s, a, after in np.argwhere(np.asarray(M.P[:inner] != 0, dtype=bool)):
        wrong = bool((M.P[s, a] != truth.P[s, a]).any())
        found.append((int(s), int(a), int(after), wrong))
    return found


def rows_of(depth: int) -> Places:
    """Places of the states of a binary tree, row by row from the top."""
    places = {}
    for row in range(depth + 1):
        for k in range(2**row):
            places[2**row - 1 + k] = ((k + 0.5) / 2**row, 1 - row / depth)
    return places


def draw_trees(
    figure: Any, edges: Sequence[list[Edge]], places: Places, inner: int, name: Callable[[int], str]
) -> list[Axes]:
    """The real world, M_good and M_bad side by side, each under its title."""
    row = list(figure.subplots(1, 3))
    titles = ("real world $M^*$", "$M_{good}$: errs below A", "$M_{bad}$: errs at A")
    for axes, lines, title in zip(row, edges, titles, strict=True):
        draw_tree(axes, lines, places, inner, name)
        axes.set_title(title)
    return row


def draw_tree(
    axes: Axes, lines: list[Edge], places: Places, inner: int, name: Callable[[int], str]
) -> None:
    """States at their places and an arrow for each transition; what errs is dashed and coloured."""
    actions: dict[tuple[int, int, bool], list[str]] = {}
    for s, a, after, wrong in lines:
        actions.setdefault((s, after, wrong), []).append(r"$\ell$" if a == 0 else "$r$")
    for (s, after, wrong), names in actions.items():
        _arrow(axes, places[s], places[after], ", ".join(names), wrong)
    for s, place in places.items():
        _state(axes, place, name(s), s < inner)
    axes.set(xlim=(-0.04, 1.04), ylim=(-0.12, 1.12))
    axes.axis("off")


def _arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], label: str, wrong: bool
) -> None:
    look = {"color": ORANGE if wrong else BLACK, "linewidth": 1.3 if wrong else 0.7}
    style = "--" if wrong else "-"
    axes.annotate(
        "",
        end,
        start,
        arrowprops={"arrowstyle": "-|>", "linestyle": style, "shrinkA": 6, "shrinkB": 5, **look},
    )
    near = 0.36  # of the way, so that labels of crossing arrows stay apart
    x, y = (near * q + (1 - near) * p for p, q in zip(start, end, strict=True))
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}
    axes.text(x, y, label, color=look["color"], fontsize=6, ha="center", va="center", bbox=box)


def _state(axes: Axes, place: tuple[float, float], name: str, inner: bool) -> None:
    if not inner:
        axes.plot(*place, marker="s", markersize=3.5, color="#999999", zorder=3)
        return
    filled = name == "B"  # the state that costs 1
    axes.plot(
        *place, marker="o", markersize=11, color="#bbbbbb" if filled else "white",
        markeredgecolor=BLACK, markeredgewidth=0.7, zorder=3,
    )  # fmt: skip
    axes.text(*place, name, fontsize=7, ha="center", va="center", zorder=4)
