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
    2: [(0, 0), (200, 0)],
    3: [(0, 0), (320, 0), (160, -230)],
    4: [(0, 0), (350, 0), (350, -270), (0, -270)],
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
    found = arrows(P, payoff, world.get("sense", "payoff"))
    labels = _placed(found, places)
    inside = [
        *(_path(arrow, places) for arrow in found),
        *(_state(s, places[s], _positive(start[s])) for s in range(len(P))),
        *(_label(arrow.lines, box) for arrow, box in zip(found, labels, strict=True)),
    ]
    boxes = [*labels, *(_around(place, RADIUS) for place in places)]
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


# ---- where things stand --------------------------------------------------------------------------

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _placed(found: Sequence[Arrow], places: Sequence[Point]) -> list[Box]:
    """A box for each arrow's label: the first of its candidates that is free, loops first."""
    taken = [_around(place, RADIUS + 3) for place in places]
    boxes: dict[Arrow, Box] = {}
    for arrow in sorted(found, key=lambda a: a.source != a.target):
        candidates = [_box(arrow.lines, centre) for centre in _centres(arrow, places)]
        boxes[arrow] = min(candidates, key=lambda box: sum(_overlap(box, t) for t in taken))
        taken.append(boxes[arrow])
    return [boxes[arrow] for arrow in found]


def _centres(arrow: Arrow, places: Sequence[Point]) -> list[Point]:
    """Where a label may stand, best first: beyond its loop, or on its curve, near its source."""
    height = LINE * len(arrow.lines)
    if arrow.source == arrow.target:
        x, y = places[arrow.source]
        return [(x, y + _way(arrow, places) * (RADIUS + 1.3 * LOOP + height / 2))]
    begin, control, end = _curve(arrow, places)
    steps = (0.36, 0.3, 0.44, 0.5, 0.24, 0.58, 0.66, 0.74)
    points = [_on_curve(begin, control, end, at) for at in steps]
    return [(x, y + shift) for shift in (0.0, -LINE, LINE) for x, y in points]


def _box(lines: Sequence[str], centre: Point) -> Box:
    half, height = CHARACTER * max(map(len, lines)) / 2, LINE * len(lines)
    return (centre[0] - half, centre[1] - height / 2, centre[0] + half, centre[1] + height / 2)


def _overlap(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(high, 0.0)


def _around(place: Point, reach: float) -> Box:
    return (place[0] - reach, place[1] - reach, place[0] + reach, place[1] + reach)


def _way(arrow: Arrow, places: Sequence[Point]) -> int:
    """Loops stand above the upper states and below the lower ones: -1 is up."""
    return -1 if len(places) <= 2 or places[arrow.source][1] < 0 else 1


def _curve(arrow: Arrow, places: Sequence[Point]) -> tuple[Point, Point, Point]:
    """Begin, control point and end of the bowed arrow from one circle to another."""
    (x, y), (u, v) = places[arrow.source], places[arrow.target]
    length = math.hypot(u - x, v - y)
    control = (
        (x + u) / 2 + 2 * BEND * (v - y) / length,
        (y + v) / 2 - 2 * BEND * (u - x) / length,
    )
    return _toward((x, y), control, RADIUS + 2), control, _toward((u, v), control, RADIUS + 3)


def _toward(place: Point, other: Point, distance: float) -> Point:
    length = math.hypot(other[0] - place[0], other[1] - place[1])
    step = distance / length
    return (place[0] + step * (other[0] - place[0]), place[1] + step * (other[1] - place[1]))


def _on_curve(begin: Point, control: Point, end: Point, at: float) -> Point:
    weights = ((1 - at) ** 2, 2 * at * (1 - at), at**2)
    points = list(zip(weights, (begin, control, end), strict=True))
    return (sum(w * p[0] for w, p in points), sum(w * p[1] for w, p in points))


def _view(boxes: Sequence[Box]) -> tuple[str, float, float]:
    margin = 4.0
    left, top = min(b[0] for b in boxes) - margin, min(b[1] for b in boxes) - margin
    width = max(b[2] for b in boxes) + margin - left
    height = max(b[3] for b in boxes) + margin - top
    return f"{left:.0f} {top:.0f} {width:.0f} {height:.0f}", width, height


# ---- elements ------------------------------------------------------------------------------------


def _path(arrow: Arrow, places: Sequence[Point]) -> Markup:
    if arrow.source == arrow.target:
        x, y = places[arrow.source]
        way = _way(arrow, places)
        edge, reach = y + way * (RADIUS + 1), y + way * (RADIUS + 1.6 * LOOP)
        line = f"M{x - 9:.1f} {edge:.1f}C{x - 26:.1f} {reach:.1f} {x + 26:.1f} {reach:.1f}"
        before, tip = (x + 19, reach), (x + 9, edge + way)
    else:
        begin, before, tip = _curve(arrow, places)
        line = f"M{begin[0]:.1f} {begin[1]:.1f}Q{before[0]:.1f} {before[1]:.1f}"
    return Markup('<path d="{} {:.1f} {:.1f}"/>{}').format(line, *tip, _head(before, tip))


def _head(before: Point, tip: Point) -> Markup:
    """An arrow head at `tip`, coming from `before`."""
    angle = math.atan2(tip[1] - before[1], tip[0] - before[0])
    corners = [
        tip[k] - 9 * turned(angle + turn)
        for turn in (-0.42, 0.42)
        for k, turned in enumerate((math.cos, math.sin))
    ]
    return Markup('<path class="head" d="M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}Z"/>').format(
        *tip, *corners
    )


def _label(lines: Sequence[str], box: Box) -> Markup:
    left, top, right, bottom = box
    spans = (
        Markup('<tspan x="{:.1f}" y="{:.1f}">{}</tspan>').format(
            (left + right) / 2, top + LINE * (k + 0.78), line
        )
        for k, line in enumerate(lines)
    )
    back = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/><text>{}</text>')
    return back.format(left, top, right - left, bottom - top, Markup("").join(spans))


def _state(state: int, place: Point, starts: bool) -> Markup:
    ring = Markup('<circle cx="{:.0f}" cy="{:.0f}" r="{:.0f}"/>')
    inner = ring.format(*place, RADIUS - 4) if starts else Markup("")
    name = Markup('<text class="state" x="{:.0f}" y="{:.0f}">{}</text>')
    return ring.format(*place, RADIUS) + inner + name.format(place[0], place[1] + 5, state)
