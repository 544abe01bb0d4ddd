"""All pairs (E X, E X^2) that deterministic policies give, but for those that cannot matter.

What is dropped, and why, is said in `latent_planning_variance`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from theorylab.algorithms.latent_planning_moments import (
    Edge,
    Moments,
    Node,
    PaidTree,
    best_levels,
    joined,
    variance_of,
)
from theorylab.errors import TooLargeTree

Pairs = dict[Any, Moments]
"""Of each first moment the moments with the largest second one."""


@dataclass(frozen=True, eq=False)
class _Bounds:
    """For a few c: tops[i][t][k], the largest integral of (X - c)^2 from node k of step t, and that
    at the start (the last entry); slack[i] is U(c) less the variance that is to be beaten."""

    centres: list[Any]
    tops: list[list[list[Any]]]
    slack: list[Any]
    limit: int

    def useful(self, top: list[Any], least: Any, x: Moments, rest: list[Any]) -> bool:
        """Whether moments of some edges of a node with these tops, the rest at its best, may still
        be part of a policy that has a larger variance."""
        together = zip(self.centres, top, self.slack, rest, strict=True)
        return all(least * (best - r - x.about(c)) < slack for c, best, slack, r in together)

    def after(self, t: int, child: int) -> list[Any]:
        """The tops of a node of step t + 1."""
        return [tops[t + 1][child] for tops in self.tops]


def best_by_pairs(search: PaidTree, centres: list[Any], best: Moments, limit: int) -> Moments:
    """The deterministic policy of largest variance, `best` if none is better.

    Raises TooLargeTree if more than `limit` pairs remain at a step, or while edges are joined.
    """
    bounds = _bounds(search, centres, best, limit)
    later: list[list[Moments]] = []
    for t in range(len(search.levels) - 1, -1, -1):
        later = [_pairs(bounds, t, k, node, later) for k, node in enumerate(search.levels[t])]
        _check(sum(map(len, later)), limit)
    start = Node(1, [], [search.roots])
    return max([best, *_pairs(bounds, -1, 0, start, later)], key=variance_of)


def _bounds(search: PaidTree, centres: list[Any], best: Moments, limit: int) -> _Bounds:
    tops, slack = [], []
    for c in centres:
        levels = best_levels(search, c)
        start = joined(search.roots, levels[0], -1).about(c)
        tops.append([*([x.about(c) for x in level] for level in levels), [start]])
        slack.append(start - variance_of(best))
    return _Bounds(centres, tops, slack, limit)


def _check(count: int, limit: int) -> None:
    if count > limit:
        raise TooLargeTree(
            f"Var*: {count:,} pairs of moments remain, over the limit of {limit:,}. Raise `points`,"
            " lower H, or take the bound largest_mixed_variance."
        )


def _pairs(
    bounds: _Bounds, t: int, k: int, node: Node, later: list[list[Moments]]
) -> list[Moments]:
    """What the node can give and may matter, whatever the action."""
    top, nothing = [tops[t][k] for tops in bounds.tops], [0 for _ in bounds.centres]
    found: Pairs = {}
    for moments in node.last:
        if bounds.useful(top, node.least, moments, nothing):
            _keep(found, moments)
    for a, edges in enumerate(node.edges):
        for moments in _sums(bounds, t, top, node.least, a, edges, later).values():
            _keep(found, moments)
    return list(found.values())


def _keep(found: Pairs, moments: Moments) -> None:
    other = found.get(moments.first)
    if other is None or other.second < moments.second:
        found[moments.first] = moments


def _sums(
    bounds: _Bounds, t: int, top: list[Any], least: Any, a: int, edges: list[Edge],
    later: list[list[Moments]],
) -> Pairs:  # fmt: skip
    """The sums of one choice for each edge, edge by edge; what cannot matter is dropped at once."""
    partial: Pairs = {0: Moments(0, 0, 0, a, ())}
    rest = [sum(f * tops[t + 1][k] for _, k, f in edges) for tops in bounds.tops]
    for code, child, factor in edges:
        own = _times(factor, bounds.after(t, child))
        rest = [r - best for r, best in zip(rest, own, strict=True)]
        grown: Pairs = {}
        for x in partial.values():
            for y in later[child]:
                moments = _added(x, code, factor, y)
                if bounds.useful(top, least, moments, rest):
                    _keep(grown, moments)
            _check(len(grown), bounds.limit)
        partial = grown
    return partial


def _times(factor: Any, values: list[Any]) -> list[Any]:
    return [factor * value for value in values]


def _added(x: Moments, code: int, factor: Any, y: Moments) -> Moments:
    """Moments of some edges with those of one more."""
    mass, first, second = (x[k] + factor * y[k] for k in range(3))
    return Moments(mass, first, second, x.action, (*x.after, (code, y)))
