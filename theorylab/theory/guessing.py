r"""The guessing game of LMDP's lower bound in any number system: Bayes-optimal and given rules.

One of C arms pays 1 with probability 1/2 + eps, the others with probability 1/2; which one is
uniform. Everything is a regret in units of x: eps for each round in which a wrong arm is played.
A state is the sorted tuple of (successes, failures) of the arms. Its unnormalised weights are

    w_c = (1 + 2 eps)^s_c (1 - 2 eps)^f_c,     U = min_c eps (W - w_c) + (U' + U'') / 2

with W their sum, U' and U'' after a success and a failure of c, and U_0 / C the regret. Nothing
is divided by, so that exact rationals, balls and floats are all served. For few rounds; the
compiled twin is `algorithms.bayes_regret`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import comb
from typing import Any

import numpy as np

from theorylab.arithmetic import minimum

State = tuple[tuple[int, int], ...]
Rule = Callable[[State], tuple[int, ...]]
"""Of each state, which arms may be played: the best of them is."""


def any_arm(state: State) -> tuple[int, ...]:
    """Every arm that differs from the one before: the Bayes-optimal rule."""
    return tuple(c for c in range(len(state)) if c == 0 or state[c] != state[c - 1])


def first_arm(state: State) -> tuple[int, ...]:
    """The arm with the fewest successes (then failures): never the likeliest, a bad rule."""
    return (0,)


def played(state: State, arm: int, success: bool) -> State:
    """The state after one more outcome of an arm."""
    s, f = state[arm]
    pair = (s + 1, f) if success else (s, f + 1)
    return tuple(sorted((*state[:arm], pair, *state[arm + 1 :])))


def weights(state: State, eps: Any) -> list[Any]:
    """w_c of each arm: 2^k times the probability of what was seen if c is the good arm."""
    return [(1 + 2 * eps) ** s * (1 - 2 * eps) ** f for s, f in state]


def guessing_regret(C: int, n: int, eps: Any, rule: Rule = any_arm) -> Any:
    """The expected regret of n rounds, prior uniform, of the best play that the rule allows."""
    return active_regret(C, 1, n, eps, rule)


def active_regret(C: int, M: int, K: int, eps: Any, rule: Rule = any_arm) -> Any:
    """The same where each of K episodes is a round with probability 1/M only, and does not count
    otherwise; how many are still to come is known, how many of them will be rounds is not."""

    @cache
    def to_go(state: State, left: int) -> Any:
        if left == 0:
            return 0 * eps
        own = weights(state, eps)
        found = None
        for arm in rule(state):
            after = sum(to_go(played(state, arm, good), left - 1) for good in (False, True))
            cost = eps * (sum(own) - own[arm]) + after / 2
            found = cost if found is None else minimum(found, cost)
        return found if M == 1 else (found + (M - 1) * to_go(state, left - 1)) / M

    return to_go(((0, 0),) * C, K) / C


def two_arms_regret(n: int, eps: Any) -> Any:
    """`guessing_regret` of two arms, 0 <= eps < 1/2, in n^3 / 3 steps: a state is i, j, by how many
    successes and failures arm 0 is ahead, at [x, y] with i = x + y - k and j = x - y after k
    rounds; values are over the weight of arm 1, so that arm 0's is w = (1 + 2 eps)^i (1 - 2 eps)^j.
    To play arm 1 is to play arm 0 with the arms exchanged, at [k - x, k - y].
    """
    up, down = 1 + 2 * eps, 1 - 2 * eps
    value = np.full((n + 1, n + 1), 0 * eps)
    for k in range(n - 1, -1, -1):
        rows = np.array([(up * down) ** x / up**k for x in range(k + 1)], dtype=object)
        w = rows[:, None] * np.array([(up / down) ** y for y in range(k + 1)], dtype=object)
        first = eps + (value[1:, 1:] + value[1:, :-1]) / 2
        value = minimum(first, w * first[::-1, ::-1])
    return value[0, 0] / 2


def class_regret(C: int, M: int, K: int, eps: Any) -> Any:
    """M E[r(K_m)], K_m ~ Binomial(K, 1/M), r(n) the Bayes-optimal regret of n rounds."""
    regrets = [guessing_regret(C, n, eps) for n in range(K + 1)]
    law = episode_law(M, K, 1 + 0 * eps)
    return M * sum(p * r for p, r in zip(law, regrets, strict=True))


def episode_law(M: int, K: int, one: Any) -> list[Any]:
    """P[K_m = n], n = 0, ..., K: how many of K episodes are in one of M contexts; `one` is the 1
    of the number system."""
    return [comb(K, n) * (M - 1) ** (K - n) * one / M**K for n in range(K + 1)]


def joint_regret(C: int, M: int, K: int, eps: Any) -> Any:
    """The Bayes-optimal regret over the whole class, all M games played together.

    The state is the tuple of the games' states: for the smallest sizes only. `active_regret` times
    M is the same without the other games in the state.
    """

    @cache
    def to_go(games: tuple[State, ...], left: int) -> Any:
        if left == 0:
            return 0 * eps
        total = 0 * eps
        mass = [sum(weights(game, eps)) for game in games]
        for m, game in enumerate(games):
            others = _product(mass[:m] + mass[m + 1 :])
            own, found = weights(game, eps), None
            for arm in any_arm(game):
                nexts = [(*games[:m], played(game, arm, good), *games[m + 1 :])
                         for good in (False, True)]  # fmt: skip
                after = sum(to_go(it, left - 1) for it in nexts)
                cost = eps * (sum(own) - own[arm]) * others + after / 2
                found = cost if found is None else minimum(found, cost)
            total = total + found
        return total / M

    return to_go((((0, 0),) * C,) * M, K) / C**M


def _product(factors: list[Any]) -> Any:
    total: Any = 1
    for factor in factors:
        total = total * factor
    return total
