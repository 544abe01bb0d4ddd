"""Online learning: weights, regret and the leader, by hand and in every number system."""

import math
from fractions import Fraction

import flint
import numpy as np
import pytest

from theorylab.algorithms.hedge import hedge, updated, weights
from theorylab.arithmetic import using
from theorylab.balls import BALLS
from theorylab.errors import Unsupported
from theorylab.relations import number
from theorylab.theory.online import (
    best_fixed_loss,
    exponential_weights,
    exponential_weights_policy,
    hedge_weights,
    leader,
    regret,
)

LOSSES = [[0, 1, Fraction(1, 2)], [1, 0, Fraction(1, 2)], [1, 1, 0]]


def exact(rows: list) -> np.ndarray:
    """A table of rationals."""
    table = [[flint.fmpq(Fraction(x).numerator, Fraction(x).denominator) for x in r] for r in rows]
    return np.array(table, dtype=object)


def test_weights_are_those_of_the_learner_in_floats() -> None:
    """Round by round, in floats to rounding, and in balls that hold them."""
    state, learner = hedge(3, rate=0.7), []
    for loss in LOSSES:
        learner.append(weights(state))
        state = updated(state, [float(x) for x in loss])
    floats = hedge_weights(np.array(LOSSES, dtype=float), 0.7)
    assert np.abs(floats - np.array(learner)).max() < 1e-15
    with using(BALLS):
        balls = hedge_weights(exact(LOSSES), flint.fmpq(7, 10))
    assert np.abs(np.vectorize(number)(balls) - floats).max() < 1e-15


def test_weights_are_proportional_to_exponentials() -> None:
    """exp(-rate L_i) over their sum, for totals far from 0 too."""
    found = exponential_weights(np.array([1000.0, 1001.0]), 2.0)
    assert found == pytest.approx([1 / (1 + math.exp(-2)), 1 / (1 + math.exp(2))])
    policy = exponential_weights_policy(np.array([[0.0, 1.0], [5.0, 5.0]]), 2.0)
    assert policy.probabilities[1] == pytest.approx([0.5, 0.5])
    assert policy.probabilities[0] == pytest.approx(found)


def test_regret_by_hand() -> None:
    """Paid 1, 0 and 1; the experts' totals are 2, 2 and 1."""
    losses, paid = exact(LOSSES), exact([[1, 0, 1]])[0]
    assert best_fixed_loss(losses) == 1 and regret(paid, losses) == 1
    assert regret(0 * paid, losses) == -1


def test_the_leader_and_its_ties() -> None:
    """The smallest total, the first among equals, in rationals, balls and floats."""
    totals = exact([[2, 1, 1]])[0]
    assert leader(totals).tolist() == [0, 1, 0]
    assert leader(totals.astype(float)).tolist() == [0, 1, 0]
    with using(BALLS):
        assert leader(totals).tolist() == [0, 1, 0]
        mixed = exponential_weights(totals, flint.fmpq(1))
        assert leader(mixed[:2]).tolist() == [1, 0]
        with pytest.raises(Unsupported):
            leader(mixed[1:])  # two weights in one ball: which is smaller is in doubt
