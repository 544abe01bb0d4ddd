"""One style for every figure: sizes in columns, colours and line styles that survive grey print.

Nothing global changes: `with paper_style(): ...` starts from matplotlib's own defaults, whatever
the user's matplotlibrc says, and puts everything back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from .shared import Floats, mean_and_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMN = 3.25  # inches
PAGE = 6.75  # inches

# Okabe & Ito (2008): told apart with every common form of colour blindness.
BLUE, ORANGE, GREEN, PURPLE, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000"
SKY, AMBER = "#56B4E9", "#E69F00"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, BLACK, SKY, AMBER)
LINES: tuple[Any, ...] = ("-", "--", "-.", (0, (5, 1, 1, 1, 1, 1)), ":", (0, (8, 2)), (0, (3, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same on every machine
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "legend.fontsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.linewidth": 0.3,
    "grid.color": "#cccccc",
    "lines.linewidth": 1.2,
    "lines.markersize": 3,
    "legend.frameon": False,
    "figure.figsize": (COLUMN, 2.2),
    "figure.dpi": 150,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.hashsalt": "theorylab",
    "text.usetex": False,
}


def cycle(index: int) -> dict[str, Any]:
    """Colour, line style and marker of the index-th curve, as keywords of `Axes.plot`."""
    return {
        "color": COLOURS[index % len(COLOURS)],
        "linestyle": LINES[index % len(LINES)],
        "marker": MARKERS[index % len(MARKERS)],
    }


def curve(
    axes: Axes, x: Any, values: Floats, *, reach: Floats | None = None, floor: float | None = None,
    alpha: float = 0.25, **look: Any,
) -> None:  # fmt: skip
    """The mean over seeds and its band, values (R, N): ± 1 standard error, or the `reach` given.

    floor: on a log scale, the share of the mean at which the band is cut; a mean of 0 or less has
    no place there and is not drawn.
    """
    mean, error = mean_and_error(values)
    mean = mean if floor is None else np.where(mean > 0, mean, np.nan)
    reach = error if reach is None else reach
    low = mean - reach if floor is None else np.maximum(mean - reach, floor * mean)
    axes.plot(x, mean, **look)
    axes.fill_between(x, low, mean + reach, color=look["color"], alpha=alpha, linewidth=0)


@contextmanager
def paper_style() -> Iterator[None]:
    """The house style inside the block; the caller's settings come back after it."""
    from matplotlib import style

    with style.context(STYLE, after_reset=True):
        yield
