"""Line (10) solved as a batch: its objective, its certificate, and its place in Algorithm 1."""

import numpy as np
import pytest

from theorylab.algorithms.batch import BatchMoments, least_moments, objective
from theorylab.algorithms.bounds import lamps_mm_bound
from theorylab.algorithms.lamps import uniform_model
from theorylab.algorithms.losses import expected_moment_loss
from theorylab.algorithms.meta import model_based
from theorylab.algorithms.search import NRPI
from theorylab.errors import InvalidArgument

from .test_fitting import fold
from .worlds import covering, random_models, random_world

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("samples", [None, 6])
def test_the_objective_is_the_sum_of_losses(samples):
    world = random_world(0)
    first = uniform_model(world)
    _, seen, state, _ = fold(BatchMoments(0.3, 5), world, first, 4, samples)
    for M in random_models(world, 3):
        losses = sum(float(expected_moment_loss(M.P, data)) for data in seen)
        expected = losses + ((M.P - first.P) ** 2).sum() / 0.6
        assert objective(state, M.P, 0.3) == pytest.approx(expected)


@pytest.mark.parametrize("rate", [0.02, 1.0])
def test_the_certificate_holds(rate):
    """No model tried is below the certified least value; more steps come closer."""
    world = random_world(1)
    _, seen, state, few = fold(BatchMoments(rate, 50), world, uniform_model(world), 6)
    best, gap = least_moments(state, few.P, rate=rate, steps=1_500)
    least = objective(state, best, rate)
    assert 0 < gap < state.gap / 10 and len(seen) == len(state.values) == 6
    assert least - gap <= objective(state, few.P, rate) <= least + state.gap
    for M in random_models(world, 30):
        assert least - gap <= objective(state, M.P, rate)
        assert least - gap <= objective(state, 0.99 * best + 0.01 * M.P, rate)


def test_a_small_rate_stays_at_the_first_model():
    world = random_world(1)
    *_, last = fold(BatchMoments(1e-9), world, uniform_model(world), 3)
    assert pytest.approx(np.full(world.P.shape, 1 / world.S), abs=1e-6) == last.P


def test_as_a_part_of_algorithm_1():
    """The moments are learned: later rounds lose little, and the bound holds."""
    world = random_world(4)
    nu = covering(world)
    run = model_based(
        world, nu, first=uniform_model(world), fit_model=BatchMoments(3.0, 100),
        compute_policy=NRPI(nu), rounds=10,
    )  # fmt: skip
    moment = run.measures.moment.played
    assert moment[5:].mean() < 0.1 * moment[0]
    assert lamps_mm_bound(run).holds


@pytest.mark.parametrize(
    ("rate", "steps", "said"),
    [(0.0, 10, "rate is 0.0"), (np.inf, 10, "rate is inf"), (1.0, 0, "steps")],
)
def test_bad_input(rate, steps, said):
    with pytest.raises(InvalidArgument, match=said):
        BatchMoments(rate, steps)
