"""The transition graph of a small world as inline SVG.

States are circles (a double one where an episode may start); the arrow from s to s' carries one
line `a0: 1/2, cost 1` for each action that goes there. Drawn for up to 4 states and 4 actions; the
table beside it holds the exact numbers, the accessible name says the same in words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup

STATES, ACTIONS = 4, 4
RADIUS, LINE, LOOP = 20.0, 14.0, 30.0
CHARACTER = 6.2
"""The width of one character of a label, about."""
PLACES: dict[int, list[tuple[float, float]]] = {
    1: [(0, 0)],
    2: [(0, 0), (190, 0)],
    3: [(0, 0), (240, 0), (120, -170)],
    4: [(0, 0), (240, 0), (240, -200), (0, -200)],
}
BEND = 26.0
"""How far an arrow bows away from the straight line, so that there and back do not meet."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Arrow:
    """From one state to another, with a line for each action that takes it."""

    source: int
    target: int
    lines: tuple[str, ...]


def draw(name: str, world: dict[str, Any]) -> Markup | None:
    """The graph of a stationary world; None where it is too large or not such a world.

    Shapes of the world's tables: P (S, A, S), payoff (S, A), start (S,), entries exact texts.
    """
    P, payoff, start = world["P"], world["payoff"], world["start"]
    if not 1 <= len(P) <= STATES or not 1 <= len(P[0]) <= ACTIONS:
        return None
    if not all(isinstance(p, str) for row in P for law in row for p in law):
        return None
    places = PLACES[len(P)]
    drawn = [_drawn(arrow, places) for arrow in arrows(P, payoff, world.get("sense", "payoff"))]
    circles = [_state(s, places[s], _positive(start[s])) for s in range(len(P))]
    inside = [path for path, _, _ in drawn] + circles + [label for _, label, _ in drawn]
    boxes = [box for _, _, box in drawn] + [_around(place) for place in places]
    return Markup(
        '<svg class="graph" role="img" aria-label="{}" viewBox="{}" width="{:.0f}" height="{:.0f}">'
        "{}</svg>"
    ).format(spoken(name, world), *_view(boxes), Markup("").join(inside))


def arrows(P: Any, payoff: Any, sense: str) -> list[Arrow]:
    """One arrow for each pair of states that some action joins, with its labels."""
    found = []
    for s, row in enumerate(P):
        for t in range(len(P)):
            lines = tuple(
                f"a{a}: {short(law[t])}, {sense} {short(payoff[s][a])}"
                for a, law in enumerate(row)
                if _positive(law[t])
            )
            found += [Arrow(s, t, lines)] if lines else []
    return found


def spoken(name: str, world: dict[str, Any]) -> str:
    """The graph in words."""
    sense = world.get("sense", "payoff")
    moves = [
        f"from state {s} action {a} ({sense} {world['payoff'][s][a]}) goes to "
        + " and ".join(f"state {t} with probability {p}" for t, p in enumerate(law) if _positive(p))
        for s, row in enumerate(world["P"])
        for a, law in enumerate(row)
    ]
    return f"Transition graph of {name}: {'; '.join(moves)}"


def short(number: str) -> str:
    """An exact number as a label: as it is when short, else to four digits.

    >>> short("1/2"), short("123456/999999")
    ('1/2', '≈0.1235')
    """
    return number if len(number) <= 7 else f"≈{float(Fraction(number)):.4g}"


def _positive(number: str) -> bool:
    return Fraction(number) > 0


# ---- geometry ------------------------------------------------------------------------------------

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _drawn(arrow: Arrow, places: Sequence[Point]) -> tuple[Markup, Markup, Box]:
    return _loop(arrow, places) if arrow.source == arrow.target else _edge(arrow, places)


def _edge(arrow: Arrow, places: Sequence[Point]) -> tuple[Markup, Markup, Box]:
    """A bowed arrow; its label stands nearer to where it comes from, off crossings."""
    (x, y), (u, v) = places[arrow.source], places[arrow.target]
    length = math.hypot(u - x, v - y)
    across = ((v - y) / length, -(u - x) / length)
    bend = 2 * BEND
    control = ((x + u) / 2 + bend * across[0], (y + v) / 2 + bend * across[1])
    begin, end = _toward((x, y), control, RADIUS + 2), _toward((u, v), control, RADIUS + 3)
    at = 0.5 if len(places) == 2 else 0.36
    label = _label(arrow.lines, _on_curve(begin, control, end, at))
    return _path(begin, control, end), *label


def _loop(arrow: Arrow, places: Sequence[Point]) -> tuple[Markup, Markup, Box]:
    """A loop above the upper states and below the lower ones, its label beyond it."""
    x, y = places[arrow.source]
    up = len(places) <= 2 or y < 0
    way = -1 if up else 1
    left, right = (x - 9, y + way * (RADIUS + 1)), (x + 9, y + way * (RADIUS + 2))
    reach = y + way * (RADIUS + 1.6 * LOOP)
    text = y + way * (RADIUS + 1.3 * LOOP + LINE * len(arrow.lines) / 2)
    path = Markup('<path d="M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}"/>{}').format(
        *left, x - 26, reach, x + 26, reach, *right, _head((x + 19, reach), right)
    )
    return path, *_label(arrow.lines, (x, text))


def _path(begin: Point, control: Point, end: Point) -> Markup:
    return Markup('<path d="M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}"/>{}').format(
        *begin, *control, *end, _head(control, end)
    )


def _head(before: Point, tip: Point) -> Markup:
    """An arrow head at `tip`, coming from `before`."""
    angle = math.atan2(tip[1] - before[1], tip[0] - before[0])
    corners = [
        (tip[0] - 9 * math.cos(angle + turn), tip[1] - 9 * math.sin(angle + turn))
        for turn in (-0.42, 0.42)
    ]
    return Markup('<path class="head" d="M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}Z"/>').format(
        *tip, *corners[0], *corners[1]
    )


def _toward(place: Point, other: Point, distance: float) -> Point:
    length = math.hypot(other[0] - place[0], other[1] - place[1])
    step = distance / length
    return (place[0] + step * (other[0] - place[0]), place[1] + step * (other[1] - place[1]))


def _on_curve(begin: Point, control: Point, end: Point, at: float) -> Point:
    weights = ((1 - at) ** 2, 2 * at * (1 - at), at**2)
    points = (begin, control, end)
    x = sum(w * p[0] for w, p in zip(weights, points, strict=True))
    return (x, sum(w * p[1] for w, p in zip(weights, points, strict=True)))


def _label(lines: Sequence[str], centre: Point) -> tuple[Markup, Box]:
    x, top = centre[0], centre[1] - LINE * len(lines) / 2
    spans = (
        Markup('<tspan x="{:.1f}" y="{:.1f}">{}</tspan>').format(x, top + LINE * (k + 0.78), line)
        for k, line in enumerate(lines)
    )
    half = CHARACTER * max(map(len, lines)) / 2
    box = (x - half, top, x + half, top + LINE * len(lines))
    return Markup("<text>{}</text>").format(Markup("").join(spans)), box


def _state(state: int, place: Point, starts: bool) -> Markup:
    ring = Markup('<circle cx="{:.0f}" cy="{:.0f}" r="{:.0f}"/>')
    inner = ring.format(*place, RADIUS - 4) if starts else Markup("")
    name = Markup('<text class="state" x="{:.0f}" y="{:.0f}">{}</text>')
    return ring.format(*place, RADIUS) + inner + name.format(place[0], place[1] + 5, state)


def _around(place: Point) -> Box:
    x, y = place
    return (x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)


def _view(boxes: Sequence[Box]) -> tuple[str, float, float]:
    margin = 6.0
    left, top = min(b[0] for b in boxes) - margin, min(b[1] for b in boxes) - margin
    width = max(b[2] for b in boxes) + margin - left
    height = max(b[3] for b in boxes) + margin - top
    return f"{left:.0f} {top:.0f} {width:.0f} {height:.0f}", width, height
