"""Hedge on a table: against the plain twin, for any cutting, and what it refuses."""

import math
import sys
import threading
import time

import numpy as np
import pytest

from theorylab.algorithms.hedge import anytime_hedge, hedge, rate_for, updated, weights
from theorylab.algorithms.hedge_table import play
from theorylab.errors import InvalidArgument


def slow(losses, start):
    """Hedge's total loss by the library's own rounds."""
    state, paid = start, 0.0
    for row in losses:
        paid += weights(state) @ row
        state = updated(state, row)
    return paid


def in_numpy(losses, rate):
    """The same with one exponential for each round and expert, up to a factor."""
    totals, paid = np.zeros(losses.shape[1]), 0.0
    for row in losses:
        shares = np.exp(-rate * (totals - totals.min()))
        paid += shares @ row / shares.sum()
        totals += row
    return paid


def table(seed, rounds=700, experts=13, low=0.0, high=1.0):
    return np.random.default_rng(seed).uniform(low, high, (rounds, experts))


@pytest.mark.parametrize("rate", [0.001, 0.03, 0.2, 0.9, 40.0])
@pytest.mark.parametrize("bounds", [(0.0, 1.0), (-3.0, 2.0), (100.0, 101.0)])
def test_total_loss_is_that_of_the_rounds(rate, bounds):
    """Short polynomial, long polynomial and exponentials each: equal to 1e-12."""
    losses = table(1, low=bounds[0], high=bounds[1])
    found = play(losses, rate=rate, loss_range=bounds)
    assert found.paid == pytest.approx(
        slow(losses, hedge(13, rate=rate, loss_range=bounds)), rel=1e-12
    )
    assert found.totals == pytest.approx(losses.sum(0), rel=1e-13)


def test_anytime_rates_are_those_of_the_rounds():
    losses = table(2, rounds=3_000, low=-1.0, high=1.0)
    found = play(losses, loss_range=(-1.0, 1.0))
    expected = slow(losses, anytime_hedge(13, loss_range=(-1.0, 1.0)))
    assert found.paid == pytest.approx(expected, abs=1e-10)
    assert found.regret <= found.bound


def test_far_behind_is_no_loss_of_digits():
    """One expert is a thousand nats ahead; then the others catch up."""
    first = np.column_stack([np.zeros(8_000), np.ones(8_000), np.ones(8_000)])
    losses = np.vstack([first, 1 - first])
    rate = 0.03
    assert play(losses, rate=rate).paid == pytest.approx(in_numpy(losses, rate), rel=1e-12)


@pytest.mark.parametrize("rate", [0.01, 0.2, None])
def test_any_cutting_has_the_same_bits(rate):
    losses = table(3, rounds=2_111)
    whole = play(losses, rate=rate)
    for cuts in ([1, 2, 600], [256], [255, 257, *range(900, 2_110, 7)]):
        parts = play(iter(np.split(losses, cuts)), rate=rate)
        assert (parts.paid, parts.rounds) == (whole.paid, whole.rounds)
        assert parts.totals.tobytes() == whole.totals.tobytes()


def test_regret_bound_against_an_adversary():
    """The loser of two experts alternates; the best rate's bound is sqrt(T ln N / 2)."""
    losses = np.array([[t % 2, (t + 1) % 2] for t in range(2_000)], dtype=float)
    rate = rate_for(2, 2_000)
    found = play(losses, rate=rate)
    assert found.bound == pytest.approx(math.sqrt(2_000 * math.log(2) / 2))
    assert 0 < found.regret <= found.bound


def test_no_round_pays_nothing():
    found = play(np.empty((0, 3)), rate=0.5)
    assert (found.rounds, found.paid, found.totals.tolist()) == (0, 0.0, [0.0] * 3)


def test_result_is_read_only():
    with pytest.raises(ValueError, match="read-only"):
        play(table(0), rate=0.1).totals[0] = 1


def test_the_lock_is_released():
    """A thread that naps counts while the loop runs, though no thread is ever forced to yield."""
    losses, ticks, done = table(0, 4_000, 500), [0], threading.Event()
    play(losses[:1], rate=0.01)

    def tick():
        while not done.is_set():
            ticks[0] += 1
            time.sleep(0.0002)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(100)
    thread = threading.Thread(target=tick)
    try:
        thread.start()
        before = ticks[0]
        play([losses] * 60, rate=0.01)
        during = ticks[0] - before
    finally:
        done.set()
        sys.setswitchinterval(interval)
        thread.join()
    assert during > 2


@pytest.mark.parametrize("value", [1.5, -0.001, math.nan, math.inf, 1 + 2**-52])
@pytest.mark.parametrize("rate", [0.01, 0.9, None])
def test_a_loss_out_of_range_is_named(value, rate):
    losses = table(4, rounds=400)
    losses[301, 7] = value
    with pytest.raises(InvalidArgument, match=r"losses\[301, 7\] is .*, expected a number in \[0"):
        play(iter(np.split(losses, [100, 300])), rate=rate)


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        (np.zeros(3), "expected \\(T, N\\)"),
        ([], "no chunk"),
        ([np.zeros((2, 3)), np.zeros((2, 4))], r"losses\[2\] starts a chunk of shape \(2, 4\)"),
        (np.zeros((2, 0)), "experts is 0"),
    ],
)
def test_bad_tables(losses, said):
    with pytest.raises(InvalidArgument, match=said):
        play(losses, rate=0.1)


@pytest.mark.parametrize(
    ("rate", "high"), [(0.0, 1.0), (-1.0, 1.0), (math.nan, 1.0), (0.1, math.inf), (None, 0.0)]
)
def test_bad_rate_or_range(rate, high):
    with pytest.raises(InvalidArgument, match=r"rate is|loss_range is"):
        play(np.zeros((2, 3)), rate=rate, loss_range=(0.0, high))
