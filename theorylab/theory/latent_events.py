r"""LMDP's good events for one pair with two next states, and how probably they ever fail.

    Omega_1:  |P_hat - P|(s') <= 2 sqrt(P_hat(s') iota / N) + 5 iota / N        ((6), as in (2))
    Omega_2:  |P_hat - P|(s') <= sqrt(2 P(s') iota / N) + iota / N              ((7), as in (2))

for every N up to HK. With two next states the heads of a coin are all there is, so that the
probability is exact: see `walks`. Lemma 11 is a union bound over N and s' of Lemmas 5 and 6.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flint

from theorylab.balls import Ball
from theorylab.theory.latent_bounds import log_factor
from theorylab.theory.walks import exit_probability, whole_above, whole_below

BITS = 256
Limits = Callable[[Any, Any, int], tuple[int, int]]
"""Fewest and most heads of N on an event, from the coin's probability, iota (balls) and N."""


def heads_on_event_1(q: Any, iota: Any, N: int) -> tuple[int, int]:
    """Omega_1 for y heads or tails, |y - p N| <= 2 sqrt(y iota) + 5 iota, solved for sqrt(y)."""
    most, least = [], []
    for p in (q, 1 - q):
        most.append(whole_below((iota.sqrt() + (p * N + 6 * iota).sqrt()) ** 2))
        above = p * N > 5 * iota  # else none at all is inside
        least.append(whole_above(((p * N - 4 * iota).sqrt() - iota.sqrt()) ** 2) if above else 0)
    return max(least[0], N - most[1]), min(most[0], N - least[1])


def heads_on_event_2(q: Any, iota: Any, N: int) -> tuple[int, int]:
    """Omega_2, |y - p N| <= sqrt(2 p N iota) + iota for heads and tails: the rarer side decides."""
    width = (2 * q.min(1 - q) * N * iota).sqrt() + iota
    return whole_above(q * N - width), whole_below(q * N + width)


def failure_probability(
    heads_on_event: Limits, q: Any, delta: Any, episodes: int, *, share: Any = 1
) -> Any:
    """P[the event fails at some N <= HK], one coin drawn in each of `episodes` episodes of a step.

    Shapes: numbers; q and delta exact rationals, the result is one. M = A = H = 1, S = 2, which is
    the smallest iota; `share` multiplies it (1/2: ln in place of 2 ln).
    """
    with flint.ctx.workprec(BITS):
        iota = share * log_factor(1, 2, 1, 1, episodes, Ball(flint.arb(delta))).arb
        limits = [heads_on_event(flint.arb(q), iota, N) for N in range(1, episodes + 1)]
    return exit_probability(q, limits)
