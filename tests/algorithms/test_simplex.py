"""Projection onto the simplex by its KKT conditions, and online projected gradient by its bound."""

import math
from itertools import combinations

import numpy as np
import pytest

from theorylab.algorithms.simplex import (
    projected,
    projected_gradient,
    regret_bound,
    stepped,
)
from theorylab.errors import InvalidArgument, ModelError


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("n", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("scale", [0.01, 1.0, 1e6])
def test_projection_satisfies_its_conditions(seed, n, scale):
    """x >= 0, sum 1, and y - x is one number tau on the support, at most tau off it."""
    y = scale * np.random.default_rng(seed).standard_normal((5, n))
    x = projected(y)
    assert (x >= 0).all() and x.sum(-1) == pytest.approx(1, abs=1e-9)
    for row, found in zip(y, x, strict=True):
        tau = (row - found)[found > 0]
        assert tau.max() - tau.min() <= 1e-9 * (1 + scale)
        assert (row[found == 0] <= tau.max() + 1e-9 * (1 + scale)).all()


@pytest.mark.parametrize("seed", range(10))
def test_projection_against_all_supports(seed):
    """The nearest of the points that each support allows."""
    y = np.random.default_rng(seed).standard_normal(4)
    best = np.inf
    for size in range(1, 5):
        for support in map(list, combinations(range(4), size)):
            x = np.zeros(4)
            x[support] = y[support] + (1 - y[support].sum()) / size
            if (x >= 0).all() and ((y - x) ** 2).sum() < best:
                best, nearest = ((y - x) ** 2).sum(), x
    assert projected(y) == pytest.approx(nearest, abs=1e-12)


def test_a_distribution_is_its_own_projection():
    x = np.random.default_rng(0).dirichlet(np.ones(6), (3, 4))
    assert projected(x) == pytest.approx(x, abs=1e-15)


def test_ties_and_far_points():
    assert projected([0.0, 0.0, 0.0]) == pytest.approx([1 / 3] * 3)
    assert projected([5.0, 0.0]).tolist() == [1, 0]
    assert projected([1e15, 1e15 - 2]).tolist() == [1, 0]


def run(losses, start):
    """Projected gradient on linear losses (T, ..., n): what was paid, and the last state."""
    state, paid = projected_gradient(start), 0.0
    for g in losses:
        paid += (state.point * g).sum()
        state = stepped(state, g)
    return paid, state


def test_the_bound_is_the_formula():
    """D^2 / (2 rate_T) + 1/2 sum rate_t |g_t|^2 with rate_t = D / sqrt(2 sum_{s<=t} |g_s|^2)."""
    losses = np.random.default_rng(0).standard_normal((9, 2, 3))
    _, state = run(losses, np.full((2, 3), 1 / 3))
    squares = (losses**2).sum((1, 2))
    rates = 2 / np.sqrt(2 * np.cumsum(squares))  # D^2 = 4
    assert state.rate == pytest.approx(rates[-1])
    assert regret_bound(state) == pytest.approx(2 / rates[-1] + (rates * squares).sum() / 2)


@pytest.mark.parametrize("seed", range(5))
def test_regret_bound_on_random_losses(seed):
    losses = np.random.default_rng(seed).standard_normal((80, 2, 3, 4))
    paid, state = run(losses, np.full((2, 3, 4), 0.25))
    assert state.rows == 6
    regret = paid - losses.sum(0).min(-1).sum()
    assert regret <= regret_bound(state) <= math.sqrt(2 * 12 * (losses**2).sum()) + 1e-9


def test_regret_bound_on_an_adversary():
    """Each round punishes the heavier coordinate."""
    state, paid, total = projected_gradient([1.0, 0.0]), 0.0, np.zeros(2)
    for _ in range(300):
        g = (np.arange(2) == state.point.argmax()).astype(float)
        paid, total, state = paid + state.point @ g, total + g, stepped(state, g)
    assert 0 < paid - total.min() <= regret_bound(state)


def test_a_zero_gradient_is_no_step():
    state = projected_gradient([0.5, 0.5])
    assert stepped(state, [0.0, 0.0]) is state and regret_bound(state) == 0


def test_a_constant_gradient_moves_nothing():
    assert stepped(projected_gradient([0.3, 0.7]), [5.0, 5.0]).point == pytest.approx([0.3, 0.7])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: projected([0.0, math.nan]), r"rows\[1\] is nan"),
        (lambda: projected(np.zeros((2, 0))), "n at least 1"),
        (lambda: projected(1.0), "n at least 1"),
        (lambda: projected_gradient([0.5, 0.6]), "start sums to 1.1"),
        (lambda: stepped(projected_gradient([0.5, 0.5]), [1.0]), r"shape \(1,\), expected"),
        (lambda: stepped(projected_gradient([0.5, 0.5]), [1.0, math.inf]), r"gradient\[1\] is inf"),
    ],
)
def test_bad_input(call, said):
    with pytest.raises((InvalidArgument, ModelError), match=said):
        call()
