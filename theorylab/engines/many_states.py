"""Where a ratio grows with the number of states: a few shapes more, and the limit S -> infinity.

Where the best ratio of each number of states still rises at the largest ones visited, the search
goes on to larger shapes. The best ratios r(S) are then extrapolated as L - a / S - b / S^2 through
the last three; the interval reaches from the last ratio found to L and twice its change by the last
shape. These ratios are the best that were found, not known to be the best there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from theorylab.engines.climbing import Search, visit
from theorylab.verdicts import Limit

MORE = 3
"""How many larger numbers of states are visited."""
ALIKE = 1e-9


def grown(this: Search, link: int) -> Limit | None:
    """The limit of an inequality's best ratio as S grows; larger shapes may become its extreme."""
    extreme = this.extremes[link]
    by_states = this.by_states.get(link, {})
    if extreme.entry.attained or not _rising(by_states):
        return None
    last = max(by_states)
    for states in range(last + 1, last + 1 + MORE):
        visit(this, {**extreme.sizes, "S": states}, (link,))
        if link in this.tally.broken:
            return None
    return limit_of(this.by_states[link])


def _rising(ratios: Mapping[int, float], last: int = 2) -> bool:
    """Whether the ratio rises strictly over the last numbers of states."""
    if len(ratios) < last:
        return False
    found = [ratios[s] for s in sorted(ratios)[-last:]]
    return bool(np.all(np.diff(found) > ALIKE * abs(found[-1])))


def limit_of(ratios: Mapping[int, float]) -> Limit | None:
    """The limit of rising ratios by their number of states; None where they do not settle."""
    states = sorted(ratios)
    if len(states) < 4 or not _rising(ratios, MORE + 1):
        return None
    limit, before = _fitted(ratios, states[-3:]), _fitted(ratios, states[-4:-1])
    last, spread = ratios[states[-1]], abs(limit - before)
    if not last < limit or spread > limit - last:
        return None
    path = tuple((f"S={s}", ratios[s]) for s in states)
    return Limit("S -> infinity", limit, (last, limit + 2 * spread), path)


def _fitted(ratios: Mapping[int, float], states: Sequence[int]) -> float:
    """L of L - a / S - b / S^2 through three points."""
    inverse = 1 / np.array(states, dtype=float)
    rows = np.stack([np.ones(3), -inverse, -(inverse**2)], axis=1)
    return float(np.linalg.solve(rows, [ratios[s] for s in states])[0])
