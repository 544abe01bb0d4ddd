"""Walks between limits: against every sequence of tosses, and bad input."""

import itertools
import math

import flint
import pytest

from theorylab.errors import ModelError, Undefined
from theorylab.theory.walks import exit_probability, signs_leave, whole_above, whole_below


def by_hand(q, limits):
    """The probability of the sequences that leave, one after another."""
    total = 0 * q
    for tosses in itertools.product((0, 1), repeat=len(limits)):
        heads = list(itertools.accumulate(tosses))
        if any(not low <= x <= high for x, (low, high) in zip(heads, limits, strict=True)):
            total += q ** heads[-1] * (1 - q) ** (len(limits) - heads[-1])
    return total


@pytest.mark.parametrize("q", [flint.fmpq(1, 2), flint.fmpq(1, 7), flint.fmpq(0), flint.fmpq(1)])
@pytest.mark.parametrize(
    "limits",
    [
        [(0, 1), (0, 1), (1, 2), (1, 3), (2, 3), (2, 4)],  # leaves above, and below
        [(0, 6)] * 6,  # never
        [(0, 6)] * 3 + [(2, 1)] + [(0, 6)] * 2,  # always: nothing is inside
        [(1, 1), (1, 1), (1, 1), (1, 1), (1, 2), (2, 2)],
    ],
)
def test_every_sequence(q, limits):
    assert exit_probability(q, limits) == by_hand(q, limits)


def test_a_long_walk_in_floats_and_exactly():
    """What has left does not come back: 1 minus what stays within two heads of half, 40 tosses."""
    limits = [((k - 4) // 2, (k + 4) // 2) for k in range(1, 41)]
    exact = exit_probability(flint.fmpq(1, 2), limits)
    assert abs(exit_probability(0.5, limits) - float(exact.p) / float(exact.q)) < 1e-12
    assert exact < exit_probability(flint.fmpq(1, 2), [(low + 1, high) for low, high in limits])


def test_whole_numbers_around_a_ball():
    with flint.ctx.workprec(128):
        root = flint.arb(7).sqrt()
        assert (whole_below(root), whole_above(root)) == (2, 3)
        assert (whole_below(-root), whole_above(-root)) == (-3, -2)
        assert whole_below(flint.arb(3)) == whole_above(flint.arb(3)) == 3
        with pytest.raises(Undefined, match="give it more bits"):
            whole_below(flint.arb(2).sqrt() ** 2)


def test_no_limits():
    with pytest.raises(ModelError, match="limits is empty"):
        exit_probability(flint.fmpq(1, 2), [])


@pytest.mark.parametrize("square", [1, 4])
@pytest.mark.parametrize("edge", [flint.fmpq(23, 2), flint.fmpq(19, 2)])
def test_signs_against_every_sequence(square, edge):
    n, found = 12, 0
    height = float(edge.p) / float(edge.q)
    delta = 2 * n * math.exp(-(height**2) / (square * n))
    if delta > 2:
        with pytest.raises(ModelError, match="delta is above 2 at k = 1"):
            signs_leave(n, edge, square)
        return
    for signs in itertools.product((-1, 1), repeat=n):
        sums = itertools.accumulate(signs)
        found += any(
            abs(s) > math.sqrt(square * k * math.log(2 * k / delta)) for k, s in enumerate(sums, 1)
        )
    assert 0 < signs_leave(n, edge, square) == flint.fmpq(found, 2**n)
