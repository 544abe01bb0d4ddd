r"""The upper envelope of vectors over two contexts, exactly, by sweeps: no linear program.

The vector (x, y) is worth (1 - b) x + b y at the belief (1 - b, b). Those strictly best at some b
in [0, 1] are the corners of the upper right hull of the points, from the largest x to the largest
y: the slope y - x grows along it, and so does b. A `Chain` is such a list in this order. The sum of
two envelopes merges the edges of two chains by slope, in linear time, and needs no pruning.
Points are pairs of Python integers: of any size, on one common scale.
"""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[int, ...]
Chain = list[Point]


def corners(points: Sequence[Point]) -> list[int]:
    """Indices of the points that are strictly best somewhere, along the chain; the first of equals.

    A point on the segment between two others, or that touches the envelope at an end only, is out.
    """
    # stable: of equal points the first comes first
    order = sorted(range(len(points)), key=points.__getitem__, reverse=True)
    kept: list[int] = []
    for i in order:
        right = points[i]
        if kept and right[1] <= points[kept[-1]][1]:
            continue  # no better in either context than the one before
        while len(kept) > 1 and _hides(points[kept[-2]], right, points[kept[-1]]):
            kept.pop()
        kept.append(i)
    return kept


def _hides(left: Point, right: Point, middle: Point) -> bool:
    """Whether the middle point lies on the segment between the others or below it."""
    x, y = middle
    return (left[0] - x) * (right[1] - y) >= (x - right[0]) * (y - left[1])


def merged(one: Chain, two: Chain) -> Chain:
    """The chain of the sum of two envelopes: edges in the order of their slopes, parallels as one.

    An edge (dx, dy), dx < 0 < dy, is where the belief (dy, -dx) ties its two ends.
    """
    i = j = 0
    found: Chain = [(one[0][0] + two[0][0], one[0][1] + two[0][1])]
    last, end = len(one) - 1, len(two) - 1
    while i < last and j < end:
        turn = _turn(one[i], one[i + 1], two[j], two[j + 1])
        i, j = i + (turn <= 0), j + (turn >= 0)
        found.append((one[i][0] + two[j][0], one[i][1] + two[j][1]))
    x, y = two[end]
    found += [(p + x, q + y) for p, q in one[i + 1 :]]
    x, y = one[last]
    return found + [(p + x, q + y) for p, q in two[j + 1 :]]


def _turn(start: Point, end: Point, other_start: Point, other_end: Point) -> int:
    """Negative where the first edge comes before the other, 0 where they are parallel."""
    return (start[0] - end[0]) * (other_end[1] - other_start[1]) - (
        other_start[0] - other_end[0]
    ) * (end[1] - start[1])


def summits(chain: Chain) -> list[Point]:
    """Of each point of a chain the belief, unnormalised, where it is most above all others.

    That is where its neighbours tie, or the end of the simplex; the gap there is what its loss
    would cost. A point that is alone has the uniform belief.
    """
    if len(chain) == 1:
        return [(1, 1)]
    inner = [
        (right[1] - left[1], left[0] - right[0])
        for left, right in zip(chain, chain[2:], strict=False)
    ]
    return [(1, 0), *inner, (0, 1)]
