"""One style for every figure: sizes in columns, colours and line styles that survive grey print.

Nothing global changes: `with paper_style(): ...` starts from matplotlib's own defaults, whatever
the user's matplotlibrc says, and puts everything back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

COLUMN = 3.25  # inches
PAGE = 6.75  # inches

# Okabe & Ito (2008): told apart with every common form of colour blindness.
BLUE, ORANGE, GREEN, PURPLE, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, BLACK)
LINES: tuple[Any, ...] = ("-", "--", "-.", (0, (5, 1, 1, 1, 1, 1)), ":")
MARKERS = ("o", "s", "^", "D", "v")

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


@contextmanager
def paper_style() -> Iterator[None]:
    """The house style inside the block; the caller's settings come back after it."""
    from matplotlib import style

    with style.context(STYLE, after_reset=True):
        yield
