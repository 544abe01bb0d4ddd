"""The histogram of relative slacks as inline SVG, with the same numbers in words and as a table.

    counts[k] instances have edges[k] <= (rhs - lhs) / (1 + size) < edges[k + 1]

Heights are logarithmic, so that a few instances near zero show beside millions elsewhere. Bins are
drawn to scale where they are equally wide, else side by side; bins below zero are set apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

WIDTH, HEIGHT = 520.0, 120.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 8.0, 24.0
TICKS = 5
"""About how many edges are labelled."""


@dataclass(frozen=True)
class Histogram:
    """A drawing, what it says in words, and the bins that hold something: from, to, how many."""

    drawing: Markup
    words: str
    rows: tuple[tuple[str, str, int], ...]


def histogram(record: Mapping[str, Any] | None) -> Histogram | None:
    """The histogram of a record {edges, counts}; None where there is none or it is empty.

    Raises: ValueError naming what does not fit.
    """
    if record is None:
        return None
    edges, counts = [float(e) for e in record["edges"]], [int(c) for c in record["counts"]]
    _check(edges, counts)
    filled = [k for k, count in enumerate(counts) if count]
    if not filled:
        return None
    first, last = filled[0], filled[-1] + 1
    edges, counts = edges[first : last + 1], counts[first:last]
    bins = zip(edges[:-1], edges[1:], counts, strict=True)
    rows = tuple((text(low), text(high), count) for low, high, count in bins if count)
    said = words(edges, counts)
    return Histogram(draw(edges, counts, said), said, rows)


def _check(edges: Sequence[float], counts: Sequence[int]) -> None:
    if len(edges) != len(counts) + 1:
        raise ValueError(f"{len(edges)} edges and {len(counts)} counts, expected one edge more")
    if not all(math.isfinite(e) for e in edges) or sorted(set(edges)) != list(edges):
        raise ValueError("the edges of the histogram do not increase, or are not finite")
    if min(counts, default=0) < 0:
        raise ValueError(
            f"a bin of the histogram holds {min(counts)} instances, expected 0 or more"
        )


def text(edge: float, digits: int = 3) -> str:
    """An edge to so many digits.

    >>> text(-0.5), text(0.0), text(0.012345), text(0.012345, 2)
    ('−0.5', '0', '0.0123', '0.012')
    """
    return f"{edge:.{digits}g}".replace("-", "−") if edge else "0"


def words(edges: Sequence[float], counts: Sequence[int]) -> str:
    """How many instances, where most are, how many lie below zero and how many next to it."""
    most = max(range(len(counts)), key=counts.__getitem__)
    below = sum(c for high, c in zip(edges[1:], counts, strict=True) if high <= 0)
    nearest = next((k for k in range(len(counts)) if edges[k] <= 0 < edges[k + 1]), None)
    parts = [
        f"{sum(counts):,} instances",
        f"most of them ({counts[most]:,}) {_between(edges, most)}",
    ]
    if nearest is not None:
        parts.append(f"{counts[nearest]:,} {_between(edges, nearest)}")
    parts.append(f"{below:,} below zero" if below else "none below zero")
    return "; ".join(parts)


def _between(edges: Sequence[float], k: int) -> str:
    return f"between {text(edges[k])} and {text(edges[k + 1])}"


# ---- drawing -------------------------------------------------------------------------------------


def draw(edges: Sequence[float], counts: Sequence[int], said: str) -> Markup:
    """The bars, decades as grid lines, and some of the edges as labels."""
    across, up = _across(edges), _up(max(counts))
    parts = [
        *(_grid(power, up(10**power)) for power in _decades(max(counts))),
        *(
            _bar(across[k], across[k + 1], up(c), edges[k + 1] <= 0)
            for k, c in enumerate(counts)
            if c
        ),
        *_axis(edges, across),
    ]
    return Markup(
        '<svg class="histogram" role="img" viewBox="0 0 {0:.0f} {1:.0f}"'
        ' width="{0:.0f}" height="{1:.0f}">'
        "<title>Histogram of relative slacks</title><desc>{2}</desc>{3}</svg>"
    ).format(WIDTH, HEIGHT, said, Markup("").join(parts))


def _across(edges: Sequence[float]) -> list[float]:
    """Where each edge stands: to scale when the bins are equally wide, else one after another."""
    n, span = len(edges) - 1, edges[-1] - edges[0]
    parts = [(e - edges[0]) / span if _even(edges) else k / n for k, e in enumerate(edges)]
    return [LEFT + part * (WIDTH - LEFT - RIGHT) for part in parts]


def _even(edges: Sequence[float]) -> bool:
    """Whether the bins are equally wide."""
    step = (edges[-1] - edges[0]) / (len(edges) - 1)
    return all(abs(e - edges[0] - k * step) < 1e-6 * step for k, e in enumerate(edges))


def _up(largest: int) -> Any:
    """The height at which a bar of a count ends: zero at the axis, one a step above it."""
    scale = (HEIGHT - TOP - BOTTOM) / math.log10(2 * largest)
    return lambda count: HEIGHT - BOTTOM - scale * math.log10(2 * count)


def _decades(largest: int) -> list[int]:
    """Powers of ten to label: at most four."""
    top = int(math.log10(largest))
    return list(range(0, top + 1, max(1, math.ceil((top + 1) / 4))))


def _grid(power: int, y: float) -> Markup:
    return Markup(
        '<path class="grid" d="M{:.1f} {:.1f}H{:.1f}"/>'
        '<text class="count" x="{:.1f}" y="{:.1f}">{}</text>'
    ).format(
        LEFT, y, WIDTH - RIGHT, LEFT - 6, y + 3.5, f"{10**power:,}" if power < 4 else f"1e{power}"
    )


def _bar(left: float, right: float, top: float, below: bool) -> Markup:
    return Markup('<rect{} x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        Markup(' class="below"') if below else "",
        left + 0.5,
        top,
        max(right - left - 1, 0.5),
        HEIGHT - BOTTOM - top,
    )


def _axis(edges: Sequence[float], across: Sequence[float]) -> list[Markup]:
    base = HEIGHT - BOTTOM
    line = Markup('<path class="axis" d="M{:.1f} {:.1f}H{:.1f}"/>').format(
        LEFT, base, WIDTH - RIGHT
    )
    mark = Markup('<path class="axis" d="M{:.1f} {:.1f}v4"/><text x="{:.1f}" y="{:.1f}">{}</text>')
    return [line, *(mark.format(x, base, x, base + 16, said) for x, said in _ticks(edges, across))]


def _ticks(edges: Sequence[float], across: Sequence[float]) -> list[tuple[float, str]]:
    """Where labels stand: every so many edges, counted from zero.

    A zero inside a bin is marked in the middle of it when bins stand side by side.
    """
    step = max(1, math.ceil((len(edges) - 1) / TICKS))
    zero = next((k for k, edge in enumerate(edges) if edge >= 0), 0)
    inside = zero > 0 and edges[zero] > 0 and not _even(edges)
    marked = [(across[zero - 1] + across[zero]) / 2] if inside else []
    right = range(zero + step - 1 if inside else zero, len(edges), step)
    left = range(zero - step, -1, -step)
    return [
        *((x, "0") for x in marked),
        *((across[k], text(edges[k], 2)) for k in (*left, *right)),
    ]
