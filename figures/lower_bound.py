r"""Theorem 3 of LMDP against all algorithms: the exact Bayes-optimal regret on the hard instances.

Under the uniform prior over the class of Section 6.1 no algorithm has less expected regret than
this, so for every algorithm some instance of the class is at least as bad. It is computed by
dynamic programming over what each of the C = L A choices has shown (`algorithms.bayes_regret`),
not simulated: there is no seed and no error bar. Everything is divided by x sqrt(M C K).

Left: epsilon as printed, for K' = K / 2M, at most 1/4 (solid), the best of a few multiples of it
(dotted: the class may be chosen with any epsilon). The line is the printed 1 / (32 sqrt 2); filled
marks are K that the proof allows, K > (6 + 4 sqrt 2) M^2 ln(2MC/delta) and K >= 2 M S A, hollow
ones are below. Right: inequality (9), one MDP with K' = K rounds and epsilon for that K' (circles),
the right side as printed (dashes) and with (1 - 1/C) squared, which is what its proof gives (dots).

Sizes: S and A as in `CASES`, with a d_1 that is allowed (C = 2 at S = 6 has d_1 = 2 or 3); K as far
as some seconds go, since the states of all rounds together grow like K^(2C-1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.algorithms.bayes_regret import (
    class_regret,
    episodes_allowed,
    guessing_regret,
    printed_bound,
    printed_eps,
)
from theorylab.errors import InvalidArgument

from .shared import Conclusion, Each, Floats, check_integer, frozen
from .style import PAGE, cycle, paper_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VARIANTS = ("text",)
FACTORS = (1.0, math.sqrt(2), 2.0, 2 * math.sqrt(2))
"""Multiples of the printed epsilon that are tried."""
CASES = (
    (2, 1, 6, 2, (12, 24, 48, 96, 192, 384)),
    (2, 2, 6, 2, (24, 48, 96, 192, 384, 768)),
    (2, 3, 6, 2, (36, 72, 144, 288, 576, 1152)),
    (3, 1, 6, 3, (6, 12, 24, 48, 77)),
    (4, 1, 6, 2, (6, 12, 24, 36)),
    (6, 1, 6, 3, (6, 12, 18)),
    (8, 1, 10, 2, (6, 10, 14)),
)
"""C, M, S, A and the numbers of episodes K."""


@dataclass(frozen=True, eq=False)
class LowerBound:
    """What was computed, a row for each (C, M, S, A, K).

    Shapes: sizes (R, 5), allowed (R,) the least K that the proof allows, printed and best (R,) the
    regrets over x sqrt(M C K) with the printed epsilon and with the best of FACTORS, factor (R,)
    that one, one_mdp (R,) the regret of K rounds over x sqrt(C K), NaN unless M = 1.
    """

    shortened: int
    sizes: Floats
    allowed: Floats
    printed: Floats
    best: Floats
    factor: Floats
    one_mdp: Floats


def compute(
    variant: str = "text", *, shortened: int = 0, seed: int = 0, each: Each = map
) -> LowerBound:
    """The regrets of CASES; `shortened` leaves out so many of the largest K of each case.

    Raises: InvalidArgument for an unknown variant or a `shortened` outside 0..2.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(f"lower_bound: variant is {variant!r}, expected one of {VARIANTS}.")
    check_integer("lower_bound", "shortened", shortened, 0, 2)
    items = [(C, M, S, A, K) for C, M, S, A, Ks in CASES for K in Ks[: len(Ks) - shortened]]
    rows = frozen(list(each(measured, items)))
    columns = [frozen(rows[:, k]) for k in range(5)]
    return LowerBound(shortened, frozen(items), *columns)


def measured(item: tuple[int, int, int, int, int]) -> list[float]:
    """One row: allowed, printed, best, factor, one_mdp."""
    C, M, S, A, K = item
    scale, eps = math.sqrt(M * C * K), printed_eps(C, K / (2 * M))
    found = [class_regret(C, M, K, min(f * eps, 0.25)) / scale for f in FACTORS]
    top = int(np.argmax(found))
    own = guessing_regret(C, K, min(printed_eps(C, K), 0.25)) / math.sqrt(C * K)
    return [episodes_allowed(M, C, S * A), found[0], found[top], FACTORS[top],
            own if M == 1 else math.nan]  # fmt: skip


def columns(data: LowerBound) -> dict[str, Any]:
    """The rows, for the CSV file."""
    table = {name: data.sizes[:, k].astype(int) for k, name in enumerate("CMSAK")}
    return table | {
        "least_K_allowed": data.allowed.astype(int),
        "regret_over_x_sqrt_MCK_printed_eps": data.printed,
        "regret_over_x_sqrt_MCK_best_eps": data.best,
        "best_eps_over_printed_eps": data.factor,
        "one_mdp_regret_over_x_sqrt_CK": data.one_mdp,
    }


def sides_of_9(data: LowerBound) -> dict[str, Floats]:
    """(9) at the rows with M = 1 and epsilon at most 1/4: what holds, over x sqrt(C K')."""
    C, K = data.sizes[:, 0], data.sizes[:, 4]
    at = (data.sizes[:, 1] == 1) & (np.sqrt(C / K / 8) * (1 - 1 / C) <= 0.25)
    share = (1 - 1 / C[at]) / (4 * math.sqrt(2))
    return {"C": C[at], "regret": data.one_mdp[at], "printed": share,
            "squared": share * (1 - 1 / C[at])}  # fmt: skip


def conclusion(data: LowerBound) -> Conclusion:
    """Theorem 3's explicit bound stands at every size; (9), on the way to it, does not."""
    bound = printed_bound(1, 1, 1)
    allowed = data.sizes[:, 4] >= data.allowed
    nine = sides_of_9(data)
    falls = nine["regret"] < nine["printed"]
    squared = bool((nine["regret"] >= nine["squared"]).all())
    stands = bool((data.printed > bound).all())
    text = (
        f"The Bayes-optimal regret is between {data.printed.min():.4f} and {data.printed.max():.4f}"
        f" times x sqrt(MCK) with the printed epsilon, at {len(data.printed)} sizes of which"
        f" {int(allowed.sum())} have a K that the proof allows (there at least"
        f" {_least(data.printed[allowed])}); printed: {bound:.4f}. With the best epsilon tried"
        f" ({data.factor.min():.2f} to {data.factor.max():.2f} times the printed one) it is at"
        f" least {data.best.min():.4f}. (9) as printed fails at C ="
        f" {', '.join(f'{c:.0f}' for c in sorted(set(nine['C'][falls])))}"
        f" ({int(falls.sum())} of {int((nine['C'] == 2).sum())} sizes with C = 2); with (1 - 1/C)"
        f" squared it {'holds' if squared else 'fails'} at all {len(falls)}."
    )
    return Conclusion(stands and squared, text)


def _least(values: Floats) -> str:
    return f"{values.min():.4f}" if len(values) else "none was computed"


# ---- drawing -------------------------------------------------------------------------------------


def draw(data: LowerBound) -> Figure:
    """Constants against K; inequality (9) against K."""
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(PAGE, 2.9), layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_class(left, data)
        _draw_nine(right, data)
    return figure


def _cases(data: LowerBound) -> list[tuple[int, int, Any]]:
    found = dict.fromkeys((int(C), int(M)) for C, M in data.sizes[:, :2])
    return [(C, M, (data.sizes[:, 0] == C) & (data.sizes[:, 1] == M)) for C, M in found]


def _draw_class(axes: Axes, data: LowerBound) -> None:
    for k, (C, M, at) in enumerate(_cases(data)):
        look, K = cycle(k), data.sizes[at, 4]
        allowed = data.allowed[at] <= K
        axes.plot(K, data.printed[at], label=f"C = {C}, M = {M}", **{**look, "marker": None})
        axes.plot(K, data.best[at], color=look["color"], linestyle=":", linewidth=0.7)
        for inside, face in ((allowed, look["color"]), (~allowed, "w")):
            axes.plot(K[inside], data.printed[at][inside], linestyle="", marker=look["marker"],
                      color=look["color"], markerfacecolor=face)  # fmt: skip
    axes.axhline(printed_bound(1, 1, 1), color="black", linewidth=0.8)
    axes.text(data.sizes[:, 4].max(), printed_bound(1, 1, 1), r"$1/(32\sqrt{2})$, printed",
              ha="right", va="bottom", fontsize=7)  # fmt: skip
    axes.set(xscale="log", ylim=(0, None), xlabel="episodes K", ylabel=r"regret / $(x\sqrt{MCK})$")
    axes.set_title("Bayes-optimal regret over the class")
    axes.legend(ncols=2)


def _draw_nine(axes: Axes, data: LowerBound) -> None:
    for k, (C, M, at) in enumerate(_cases(data)):
        if M > 1:
            continue
        colour, share = cycle(k)["color"], (1 - 1 / C) / (4 * math.sqrt(2))
        axes.plot(data.sizes[at, 4], data.one_mdp[at], color=colour, marker="o", linestyle="",
                  label=f"C = {C}")  # fmt: skip
        for height, line in ((share, "--"), (share * (1 - 1 / C), ":")):
            axes.plot(data.sizes[at, 4][[0, -1]], [height] * 2, color=colour, linestyle=line)
    axes.set(xscale="log", ylim=(0, None), xlabel="rounds K'", ylabel=r"regret / $(x\sqrt{CK'})$",
             title="one MDP: (9) printed (dashes), squared (dots)")  # fmt: skip
    axes.legend(ncols=2)
