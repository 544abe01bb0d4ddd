"""Divergences: the order of arguments, their conventions at zero, answers by hand."""

import math

import flint
import numpy as np
import pytest
from hypothesis import given

from tests.drawing import from_bytes, row
from theorylab.arithmetic import using
from theorylab.balls import BALLS, Ball
from theorylab.errors import Undefined
from theorylab.extended import Infinity
from theorylab.theory.information import cross_entropy, kl_divergence, total_variation

PAIRS = from_bytes(lambda data: (row(3)(data), row(3)(data)), 6)


def exact(p: list) -> np.ndarray:
    """A distribution in rationals."""
    return np.array([flint.fmpq(x.numerator, x.denominator) for x in p], dtype=object)


@given(PAIRS)
def test_total_variation_is_the_largest_difference_over_events(drawn: tuple) -> None:
    """Half the l1 distance equals max over events of p(E) - q(E)."""
    p, q = drawn
    events = range(2**3)
    differences = [sum(p[k] - q[k] for k in range(3) if e >> k & 1) for e in events]
    assert str(total_variation(exact(p), exact(q))) == str(max(differences))


@given(PAIRS)
def test_kl_in_balls_holds_kl_in_floats(drawn: tuple) -> None:
    """KL(p || q) = sum p log(p/q), infinite where q has no mass and p has."""
    p, q = (np.array([float(x) for x in side]) for side in drawn)
    in_floats = kl_divergence(p, q)
    balls = [np.array([Ball(x) for x in exact(side)], dtype=object) for side in drawn]
    if not np.isfinite(in_floats):
        with using(BALLS):
            assert kl_divergence(*balls) == Infinity()
        return
    with using(BALLS):
        rigorous = Ball(0) + kl_divergence(*balls)
    assert float(rigorous.arb.mid()) == pytest.approx(in_floats, abs=1e-12)
    assert in_floats >= -1e-15


def test_the_expectation_is_under_the_first_argument() -> None:
    """KL((1, 0) || (1/2, 1/2)) = log 2; the other way round it is infinite."""
    point, coin = np.array([1.0, 0.0]), np.array([0.5, 0.5])
    assert kl_divergence(point, coin) == pytest.approx(math.log(2))
    assert kl_divergence(coin, point) == np.inf and kl_divergence(point, point) == 0


def test_cross_entropy_is_entropy_plus_kl() -> None:
    """-E_p log q = H(p) + KL(p || q); a zero of q has no logarithm."""
    p, q = np.array([0.25, 0.75]), np.array([0.5, 0.5])
    assert cross_entropy(p, q) == pytest.approx(math.log(2))
    assert cross_entropy(p, q) == pytest.approx(cross_entropy(p, p) + kl_divergence(p, q))
    with pytest.raises(Undefined), using(BALLS):
        cross_entropy(np.array([Ball(1)], dtype=object), np.array([Ball(0)], dtype=object))


def test_divergences_take_leading_axes() -> None:
    """A table of distributions gives a number for each row."""
    p = np.random.default_rng(0).dirichlet(np.ones(3), size=(4, 2))
    for divergence in (kl_divergence, total_variation, cross_entropy):
        together = divergence(p, p[::-1])
        assert together.shape == (4, 2)
        assert together[1, 1] == pytest.approx(divergence(p[1, 1], p[2, 1]))
