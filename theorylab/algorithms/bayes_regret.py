r"""The exact Bayes-optimal regret on the class of hard instances of LMDP, Section 6.1.

In an episode of a hard instance the context is known before the guess, and a guess among C = L A
choices pays x with probability 1/2, or 1/2 + eps for the right choice of that context. So the
class with its uniform prior is M independent games, one for each context, each played in a random
number of the K episodes. A game is a bandit with one good arm among C; `guessing_regret` is the
least expected regret of any algorithm in n rounds, by dynamic programming over the multiset of
(successes, failures) of the arms. No algorithm does better on average over the class, so for each
some instance is at least as bad: the lower bound of Theorem 3 against all algorithms.

Regrets are rewards in units of x. `theory.guessing` is the twin in exact arithmetic, over plain
histories. Rounding: a sum of n terms in [0, eps] under probabilities, a relative error of about
n 2^-52. The work and the memory of C arms and n rounds are `states(C, n)` and `memory(C, n)`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorylab.algorithms import bayes_kernels as kernels
from theorylab.errors import InvalidArgument

Floats = NDArray[np.float64]
LIMIT = 3 * 2**30
"""Bytes that a call may take unless told otherwise."""
ROUNDS = 700
"""Most rounds for more than two arms: beyond, likelihoods leave the floating-point range."""


def printed_eps(C: int, rounds: float) -> float:
    """eps as printed below (9): (1 / 2 sqrt 2) (1 - 1/C) sqrt(C / K')."""
    return (1 - 1 / C) * math.sqrt(C / rounds / 8)


def printed_bound(M: int, C: int, K: int) -> float:
    """The last line of Theorem 3's proof, sqrt(M C K) / (32 sqrt 2), in units of x."""
    return math.sqrt(M * C * K / 2) / 32


def episodes_allowed(M: int, C: int, SA: int) -> int:
    """The least K that the proof allows: K > (6 + 4 sqrt 2) M^2 ln(2 M C / delta) with its delta,
    sqrt(M C) / (16 sqrt(2 K)), and K / 2M >= S A.

    >>> episodes_allowed(1, 4, 12)
    78
    """
    K = 2 * M * SA
    while (6 + 4 * math.sqrt(2)) * M**2 * math.log(32 * math.sqrt(2 * M * C * K)) >= K:
        K += 1
    return K


def layer_sizes(C: int, n: int) -> list[int]:
    """How many states each round k = 0, ..., n has."""
    if C == 2:
        return [(k + 1) * (k + 2) // 2 for k in range(n + 1)]
    counts = kernels.count_lists(C, n)
    second = kernels.place(1, 0, n)
    return [int(counts[C, 0, k] - counts[C, second, k]) for k in range(n + 1)]


def states(C: int, n: int) -> int:
    """How many states a sweep over n rounds visits."""
    return sum(layer_sizes(C, n)[:n])


def memory(C: int, n: int) -> int:
    """Bytes of a sweep: two layers of values, and the table of counts."""
    if C == 2:
        return 16 * (n + 2) ** 2
    return 16 * layer_sizes(C, n)[n] + _counts_bytes(C, n)


def guessing_regret(C: int, n: int, eps: float, *, limit: int = LIMIT) -> float:
    """The Bayes-optimal regret of n rounds among C arms, prior uniform, in units of x.

    Raises: InvalidArgument for C < 2, n < 0, eps outside [0, 1/2), or more memory than `limit`.
    """
    return float(_sweep(C, n, eps, limit)[n])


def guessing_regrets(C: int, n: int, eps: float, *, limit: int = LIMIT) -> Floats:
    """The same for 0, 1, ..., n rounds with one eps, shape (n + 1,): C sweeps."""
    found = np.zeros(n + 1)
    for last in range(n, max(n - C, 0), -1):
        own = _sweep(C, last, eps, limit)
        known = ~np.isnan(own)
        found[: last + 1][known] = own[known]
    return found


def class_regret(C: int, M: int, K: int, eps: float, *, limit: int = LIMIT) -> float:
    """M E[r(K_m)] with K_m ~ Binomial(K, 1/M) and r(n) the Bayes-optimal regret of n rounds.

    No algorithm has less on average over the class: telling a game its number of rounds only
    helps. It is attained where one rule is best for every number of rounds, which the tests find
    wherever they enumerate the whole class.
    """
    if type(M) is not int or M < 1:
        raise InvalidArgument(f"class_regret: M is {M!r}, expected an integer of at least 1")
    if M == 1:
        return guessing_regret(C, K, eps, limit=limit)
    regrets = guessing_regrets(C, K, eps, limit=limit)
    return float(M * (binomial(K, M) * regrets).sum())


def binomial(K: int, M: int) -> Floats:
    """The law of the number of episodes in one of M contexts, shape (K + 1,)."""
    if M == 1:
        return np.concatenate([np.zeros(K), [1.0]])
    n = np.arange(K + 1)
    steps = np.log((K - n[:-1]) / (n[:-1] + 1.0)) - math.log(M - 1)
    return np.asarray(np.exp(K * math.log1p(-1 / M) + np.concatenate([[0.0], steps.cumsum()])))


def _sweep(C: int, n: int, eps: float, limit: int) -> Floats:
    """Regrets by number of rounds, NaN where this sweep does not meet the start; shape (n + 1,)."""
    _check(C, n, eps, limit)
    found = np.full(n + 1, np.nan)
    if C == 2:
        tables = (np.zeros((n + 2, n + 2)) for _ in range(2))
        kernels.two_arms(n, float(eps), *tables, found)
    else:
        counts = kernels.count_lists(C, n)
        rows: Any = (np.zeros(layer_sizes(C, n)[n]) for _ in range(2))
        kernels.many_arms(C, n, float(eps), counts, *rows, found)
    return found


def _counts_bytes(C: int, n: int) -> int:
    return 8 * (C + 1) * (n + 1) * ((n + 1) * (n + 2) // 2 + 1)


def _check(C: int, n: int, eps: float, limit: int) -> None:
    for name, value, least in (("C", C, 2), ("n", n, 0)):
        if type(value) is not int or value < least:
            raise InvalidArgument(f"guessing_regret: {name} is {value!r}, expected an integer of at"
                                  f" least {least}")  # fmt: skip
    if not 0 <= eps < 0.5:
        raise InvalidArgument(f"guessing_regret: eps is {eps!r}, expected a number in [0, 1/2)")
    if C > 2 and n > ROUNDS:
        raise InvalidArgument(f"guessing_regret: n is {n}, expected at most {ROUNDS} for C > 2")
    needed = _counts_bytes(C, n) if C > 2 else 0
    needed = needed if needed > limit else memory(C, n)
    if needed > limit:
        raise InvalidArgument(
            f"guessing_regret: C = {C} and n = {n} need {needed} bytes, expected at most {limit}."
            " Take fewer rounds, or raise the limit."
        )
