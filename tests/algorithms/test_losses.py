"""Rounds and model losses: drawn data against exact laws, each loss against loops, gradients."""

import numpy as np
import pytest

from theorylab.algorithms.losses import (
    excluded,
    expected_moment_gradient,
    expected_moment_loss,
    log_loss,
    sampled_moment_gradient,
    sampled_moment_loss,
    signed_gradient,
    signed_loss,
    value_span,
)
from theorylab.algorithms.rounds import Round, drawn, expected_data, occupancy_samples, sampled_data
from theorylab.theory.tabular import occupancy, value

from .worlds import covering, random_models, random_policy, random_world, two_states

LOSSES = [log_loss, sampled_moment_loss, expected_moment_loss, signed_loss]
GRADIENTS = {
    sampled_moment_loss: sampled_moment_gradient,
    expected_moment_loss: expected_moment_gradient,
    signed_loss: signed_gradient,
}


def exact_round(seed, **sizes):
    world = random_world(seed, **sizes)
    model, pi, nu = random_models(world, 1, seed)[0], random_policy(world, seed), covering(world)
    return world, nu, Round(*expected_data(world, nu, pi), value(model, pi), model, pi)


def sampled_round(seed, samples=50):
    world = random_world(seed)
    model, pi, nu = random_models(world, 1, seed)[0], random_policy(world, seed), covering(world)
    learned, explored, _ = sampled_data(world, nu, pi, samples, np.random.default_rng(seed))
    return world, nu, Round(learned, explored, value(model, pi), model, pi, samples)


def by_loops(loss, M, data):
    """The module's formulas, term by term."""
    S, A, _ = M.shape
    total = 0.0
    for s in range(S):
        for a in range(A):
            predicted = sum(M[s, a, x] * data.V[x] for x in range(S))
            mean = sum(data.joint[s, a, x] * data.V[x] for x in range(S))
            mass = sum(data.joint[s, a])
            if loss is expected_moment_loss:
                total += abs(mean - mass * predicted)
            for x in range(S):
                if loss is log_loss:
                    total -= data.joint[s, a, x] * np.log(M[s, a, x])
                if loss is sampled_moment_loss:
                    total += data.joint[s, a, x] * abs(data.V[x] - predicted)
                if loss is signed_loss:
                    sign = 2 * (data.learned[s, a, x] - data.explored[s, a, x])
                    total += sign * (data.V[x] - predicted)
    return total


@pytest.mark.parametrize("make", [exact_round, sampled_round])
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_by_loops(loss, make):
    world, _, data = make(3)
    models = random_models(world, 3, 9)
    found = loss(np.stack([M.P for M in models]), data)
    assert found == pytest.approx([by_loops(loss, M.P, data) for M in models], rel=1e-12)


def test_the_true_model():
    """Expected moments and the signed loss vanish, the log loss is the entropy, which is least;
    the printed form of (9) does not vanish where the world is random (double sampling)."""
    world, _, data = exact_round(1)
    assert expected_moment_loss(world.P, data) == pytest.approx(0, abs=1e-15)
    assert signed_loss(world.P, data) == pytest.approx(0, abs=1e-15)
    assert sampled_moment_loss(world.P, data) > 0.01
    assert all(log_loss(world.P, data) < log_loss(M.P, data) for M in random_models(world, 5))


def test_the_printed_form_may_prefer_a_wrong_model():
    """From a state that goes to values 0 and 1 with chances 1/4 and 3/4, the median 1 is best."""
    _, _, data = exact_round(0, S=2, A=1)
    joint = np.array([[[0.25, 0.75]], [[0.0, 0.0]]])
    data = Round(joint, 0 * joint, np.array([0.0, 1.0]), data.model, data.policy)
    truth, median = np.array([[[0.25, 0.75]]] * 2), np.array([[[0.0, 1.0]]] * 2)
    assert sampled_moment_loss(median, data) == 0.25 < sampled_moment_loss(truth, data) == 0.375
    assert expected_moment_loss(truth, data) == 0 < expected_moment_loss(median, data)


@pytest.mark.parametrize("make", [exact_round, sampled_round])
@pytest.mark.parametrize("loss", list(GRADIENTS))
def test_gradients_along_lines(loss, make):
    """Convexity: loss(N) >= loss(M) + <g(M), N - M>, with equality near M away from kinks."""
    world, _, data = make(5)
    M, *others = [model.P for model in random_models(world, 6, 4)]
    g = GRADIENTS[loss](M, data)
    for N in others:
        assert loss(N, data) >= loss(M, data) + (g * (N - M)).sum() - 1e-12
        step = 1e-7 * (N - M)
        assert loss(M + step, data) - loss(M, data) == pytest.approx(
            (g * step).sum(), rel=1e-4, abs=1e-13
        )


def test_log_loss_excludes_without_nan():
    """A successor that is seen and excluded costs infinity; one that is neither costs nothing."""
    world = two_states()
    pi = random_policy(world, 0)
    data = Round(*expected_data(world, covering(world), pi), value(world, pi), world, pi)
    wrong = np.array(world.P)
    wrong[0, 1] = [1.0, 0.0]
    found = log_loss(np.stack([world.P, wrong]), data)
    assert found.tolist() == [0.0, np.inf]
    assert excluded(wrong, data) == (0, 1, 1) and excluded(world.P, data) is None


def test_value_span_bounds_the_moment_losses():
    world, _, data = exact_round(2)
    models = np.stack([M.P for M in random_models(world, 50)])
    assert value_span(two_states()) == 2.0
    assert (sampled_moment_loss(models, data) <= value_span(world)).all()


def test_expected_data_are_the_mixture():
    world, nu, data = exact_round(4)
    D = occupancy(world, data.policy)
    assert data.joint.sum(-1) == pytest.approx((D + nu) / 2, abs=1e-14)
    assert data.joint == pytest.approx(((D + nu) / 2)[..., None] * world.P, abs=1e-14)


def test_samples_follow_the_expected_data():
    """200,000 data: every frequency within five standard deviations, both halves apart."""
    world, nu, exact = exact_round(6)
    n = 200_000
    learned, explored, steps = sampled_data(world, nu, exact.policy, n, np.random.default_rng(0))
    for found, wanted in ((learned, exact.learned), (explored, exact.explored)):
        assert (np.abs(found - wanted) <= 5 * np.sqrt(wanted / n) + 1e-12).all()
    assert (learned + explored).sum() == pytest.approx(1, abs=1e-12)
    assert steps == pytest.approx(n + n / 2 * world.gamma / (1 - world.gamma), rel=0.02)


def test_occupancy_samples_walk_zero_steps_without_discount():
    world = random_world(0, gamma=0.0)
    s, a, steps = occupancy_samples(world, random_policy(world, 0), 2_000, np.random.default_rng(0))
    assert steps == 0 and len(s) == len(a) == 2_000
    assert np.bincount(s, minlength=4) / 2_000 == pytest.approx(world.start, abs=0.05)


def test_drawn_never_hits_weight_zero():
    sums = np.cumsum([0.0, 0.5, 0.0, 0.5, 0.0])
    ends = np.array([0.0, np.nextafter(0.5, 0), 0.5, np.nextafter(1, 0)])
    assert drawn(np.broadcast_to(sums, (4, 5)), ends).tolist() == [1, 1, 3, 3]


def test_the_signed_loss_of_samples_is_unbiased():
    """The mean over 2,000 small samples is the exact loss, though a half is often empty."""
    world, nu, exact = exact_round(7)
    model = random_models(world, 1, 8)[0]
    rng, found = np.random.default_rng(0), []
    for _ in range(2_000):
        halves = sampled_data(world, nu, exact.policy, 2, rng)[:2]
        found.append(signed_loss(model.P, Round(*halves, exact.V, exact.model, exact.policy, 2)))
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found) - signed_loss(model.P, exact)) < 4 * error
