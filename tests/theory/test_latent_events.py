"""The good events of one coin: limits against the inequalities themselves, exact probabilities."""

import math

import flint
import pytest

from theorylab.theory.latent_events import (
    failure_probability,
    heads_on_event_1,
    heads_on_event_2,
)

COINS = [flint.fmpq(1, 2), flint.fmpq(1, 9), flint.fmpq(1, 300), flint.fmpq(4, 5)]


def inside(which, q, iota, N, x):
    """Whether x heads of N are on the event, in floats, by its definition for both states."""
    for p, found in ((q, x / N), (1 - q, 1 - x / N)):
        width = 2 * math.sqrt(found * iota / N) + 5 * iota / N
        if which is heads_on_event_2:
            width = math.sqrt(2 * p * iota / N) + iota / N
        if abs(found - p) > width:
            return False
    return True


@pytest.mark.parametrize("which", [heads_on_event_1, heads_on_event_2])
@pytest.mark.parametrize("q", COINS)
@pytest.mark.parametrize("iota", [0.3, 1.1, 7.7])
def test_limits_are_those_of_the_inequalities(which, q, iota):
    for N in (1, 2, 7, 30, 150):
        low, high = which(flint.arb(q), flint.arb(iota), N)
        found = [x for x in range(N + 1) if inside(which, float(q.p) / float(q.q), iota, N, x)]
        assert found == list(range(max(low, 0), min(high, N) + 1))


def test_the_union_over_n_is_between_its_largest_term_and_its_sum():
    q, delta, n, share = flint.fmpq(1, 9), flint.fmpq(1, 2), 40, flint.fmpq(1, 20)
    whole = failure_probability(heads_on_event_2, q, delta, n, share=share)
    iota = 0.1 * math.log(4 * n / 0.5)
    single = [
        sum(math.comb(N, x) * (1 / 9) ** x * (8 / 9) ** (N - x) for x in range(N + 1)
            if not inside(heads_on_event_2, 1 / 9, iota, N, x))
        for N in range(1, n + 1)
    ]  # fmt: skip
    assert max(single) < float(whole.p) / float(whole.q) < min(1, sum(single))


def test_an_event_whose_width_is_one_never_fails():
    assert failure_probability(heads_on_event_1, COINS[1], flint.fmpq(1), 30) == 0
    assert 0 < failure_probability(heads_on_event_1, COINS[1], flint.fmpq(1), 90) < 1
