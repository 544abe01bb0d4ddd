r"""Coins tossed one after another: with what probability the heads ever leave given limits.

Statements "for all n at once" have 2^n outcomes, but how many heads there are after k tosses, and
whether they have left the limits before, is all that they hang on: n^2 / 2 weights are enough,
exact in any number system. Which whole numbers are inside is decided once, in balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flint

from theorylab.errors import ModelError, Undefined


def exit_probability(q: Any, limits: Sequence[tuple[int, int]]) -> Any:
    """P[for some k <= n the heads after k tosses are below low_k or above high_k].

    `q` is the probability of heads in any number system, `limits` the pairs (low_k, high_k) for
    k = 1, ..., n, both inside. An empty pair (low above high) is left by every walk.
    Raises ModelError for no limits.

    >>> import flint
    >>> exit_probability(flint.fmpq(1, 2), [(0, 1), (1, 1)])
    1/2
    """
    if not limits:
        raise ModelError("limits is empty, expected a pair of whole numbers for each toss")
    inside, left = [1 + 0 * q], 0 * q
    for low, high in limits:
        tails, heads = [w * (1 - q) for w in inside], [w * q for w in inside]
        zero = [0 * q]
        inside = [a + b for a, b in zip(tails + zero, zero + heads, strict=True)]
        for x in range(len(inside)):
            if not low <= x <= high:
                left, inside[x] = left + inside[x], 0 * q
    return left


def whole_below(x: flint.arb) -> int:
    """The largest whole number that is at most x; Undefined where the ball cannot tell."""
    found = x.floor().unique_fmpz()
    if found is None:
        raise Undefined(f"{x} may be on either side of a whole number: give it more bits")
    return int(found)


def whole_above(x: flint.arb) -> int:
    """The smallest whole number that is at least x; Undefined where the ball cannot tell."""
    return -whole_below(-x)


def signs_leave(n: int, edge: Any, square: Any) -> Any:
    """P[|S_k| > sqrt(square k ln(2k / delta)) for some k <= n], S_k the sum of k fair signs.

    delta = 2n exp(-edge^2 / (square n)), so that the bound of step n is `edge`, an exact rational
    that is no whole number; the result is exact. Raises ModelError where delta is above 2.
    """
    limits = []
    with flint.ctx.workprec(256):
        for k in range(1, n + 1):
            log_part = (flint.arb(k) / n).log() + flint.arb(edge) ** 2 / (square * n)
            if not log_part > 0:
                raise ModelError(f"edge is {edge}, expected larger: delta is above 2 at k = {k}")
            bound = (square * k * log_part).sqrt() if k < n else flint.arb(edge)
            limits.append((whole_above((k - bound) / 2), whole_below((k + bound) / 2)))
    return exit_probability(flint.fmpq(1, 2), limits)
