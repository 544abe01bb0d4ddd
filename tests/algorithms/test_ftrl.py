"""FTRL: its closed forms are the least points, its bound holds, a large gradient is an error."""

import math

import numpy as np
import pytest

from theorylab.algorithms.ftrl import dual_square, ftrl, point, regret_bound, updated
from theorylab.algorithms.hedge import hedge, weights
from theorylab.algorithms.hedge import updated as hedge_updated
from theorylab.errors import InvalidArgument, ModelError

CENTRE = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])


def objective(state, x):
    """<G, x> + R(x) / rate."""
    if state.regulariser == "l2":
        R = ((x - state.centre) ** 2).sum() / 2
    else:
        R = (x * np.log(np.maximum(x, 1e-300) / state.centre)).sum()
    return (state.total * x).sum() + R / state.rate


@pytest.mark.parametrize("kind", ["l2", "entropy"])
@pytest.mark.parametrize("seed", range(5))
def test_the_point_is_the_least_of_many(kind, seed):
    rng = np.random.default_rng(seed)
    state = ftrl(CENTRE, largest=10.0, regulariser=kind)
    for _ in range(4):
        state = updated(state, rng.standard_normal((2, 3)))
    best = objective(state, point(state))
    for _ in range(300):
        other = rng.dirichlet(np.ones(3), 2)
        near = (1 - 1e-3) * point(state) + 1e-3 * other
        assert best <= objective(state, other) + 1e-12 and best <= objective(state, near) + 1e-12


@pytest.mark.parametrize("kind", ["l2", "entropy"])
def test_starts_at_the_centre(kind):
    assert point(ftrl(CENTRE, largest=1.0, regulariser=kind)) == pytest.approx(CENTRE)


@pytest.mark.parametrize("kind", ["l2", "entropy"])
def test_R_max_is_the_largest_at_a_vertex(kind):
    state = ftrl(CENTRE, largest=1.0, regulariser=kind)
    vertices = [np.eye(3)[[i, j]] for i in range(3) for j in range(3)]
    if kind == "l2":
        values = [((x - CENTRE) ** 2).sum() / 2 for x in vertices]
    else:
        values = [-np.log((x * CENTRE).sum(-1)).sum() for x in vertices]
    assert state.R_max == pytest.approx(max(values))


def run(kind, losses, largest, rate=None):
    state, paid = ftrl(CENTRE, largest=largest, regulariser=kind, rate=rate), 0.0
    for g in losses:
        paid += (point(state) * g).sum()
        state = updated(state, g)
    return paid, state


@pytest.mark.parametrize("rate", [None, 0.05, 2.0])
@pytest.mark.parametrize("kind", ["l2", "entropy"])
@pytest.mark.parametrize("seed", range(4))
def test_regret_bound(kind, seed, rate):
    losses = np.random.default_rng(seed).uniform(-1, 2, (150, 2, 3))
    paid, state = run(kind, losses, 5.0, rate)
    regret = paid - losses.sum(0).min(-1).sum()
    assert regret <= regret_bound(state) + 1e-9
    if rate is None:
        squares = sum(dual_square(kind, g) for g in losses)
        assert regret_bound(state) <= 2 * math.sqrt(state.R_max * (25 + squares)) + 1e-9


@pytest.mark.parametrize("kind", ["l2", "entropy"])
def test_the_bound_is_the_formula(kind):
    """R_max / rate + 1/2 sum rate_t |g_t|_*^2 with the rates of the module."""
    losses = np.random.default_rng(0).uniform(-1, 2, (9, 2, 3))
    _, state = run(kind, losses, 5.0)
    squares = [(g**2).sum() if kind == "l2" else (np.abs(g).max(-1) ** 2).sum() for g in losses]
    before = np.concatenate([[0.0], np.cumsum(squares)])
    rates = np.sqrt(state.R_max / (25 + before))
    spent = (rates[:-1] * squares).sum() / 2
    assert regret_bound(state) == pytest.approx(state.R_max / rates[-1] + spent)


def test_regret_bound_on_an_adversary():
    state, paid, total = ftrl(CENTRE, largest=2.0), 0.0, np.zeros((2, 3))
    for _ in range(300):
        x = point(state)
        g = (x == x.max(-1, keepdims=True)).astype(float)
        paid, total, state = paid + (x * g).sum(), total + g, updated(state, g)
    assert 0 < paid - total.min(-1).sum() <= regret_bound(state)


@pytest.mark.parametrize("kind", ["l2", "entropy"])
def test_one_point_has_no_regret(kind):
    state = updated(ftrl([[1.0]], largest=1.0, regulariser=kind), [[1.0]])
    assert point(state).tolist() == [[1.0]] and 0 <= regret_bound(state) <= 0.5


def test_entropy_from_the_uniform_centre_is_hedge():
    losses = np.random.default_rng(0).random((20, 4))
    state, twin = (
        ftrl(np.full(4, 0.25), largest=1.0, regulariser="entropy", rate=0.7),
        hedge(4, rate=0.7),
    )
    for g in losses:
        state, twin = updated(state, g), hedge_updated(twin, g)
    assert point(state) == pytest.approx(weights(twin), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ftrl([0.5, 0.6], largest=1.0), "centre sums to 1.1"),
        (lambda: ftrl([0.5, 0.5], largest=0.0), "largest is 0.0"),
        (lambda: ftrl([0.5, 0.5], largest=1.0, rate=-1.0), "rate is -1.0"),
        (lambda: ftrl([1.0, 0.0], largest=1.0, regulariser="entropy"), r"centre\[1\] is 0"),
        (lambda: ftrl([0.5, 0.5], largest=1.0, regulariser="l3"), "regulariser is 'l3'"),
        (lambda: updated(ftrl([0.5, 0.5], largest=1.0), [1.0, 1.0]), "declared 1.0"),
        (lambda: updated(ftrl([0.5, 0.5], largest=1.0), [1.0]), r"expected the point's \(2,\)"),
        (lambda: updated(ftrl([0.5, 0.5], largest=1.0), [math.nan, 0.0]), r"gradient\[0\] is nan"),
    ],
)
def test_bad_input(call, said):
    with pytest.raises((InvalidArgument, ModelError), match=said):
        call()
