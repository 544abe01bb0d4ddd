"""LDS: both losses against plain sums, their slopes against differences, and the fits."""

import dataclasses
from dataclasses import replace

import numpy as np
import pytest

from figures.lds_fit import empty_memory, fitted, mean_loss, minimise, regularised, remember
from figures.lds_losses import (
    Transitions,
    coefficients,
    joined,
    lift,
    lift_gradient,
    moments,
    outer_values,
    products,
    scaled,
    squared_loss,
    value_sums,
)
from figures.lds_settings import RELEASED, TEXT
from figures.lds_world import (
    HORIZON,
    best_control_of_model,
)
from theorylab.errors import Diverged

FIRST = np.hstack([np.eye(5), np.eye(5)[:, :1]])


def transitions(count, seed=0, horizon=HORIZON):
    rng = np.random.default_rng(seed)
    h = rng.integers(0, horizon, count)
    return Transitions(h, rng.standard_normal((count, 6)), rng.standard_normal((count, 5)))


def value_function(seed, horizon=HORIZON):
    root = np.random.default_rng(seed).standard_normal((horizon + 1, 5, 5))
    return root @ root.swapaxes(1, 2)


def plain_value_loss(theta, data, values, shift=1):
    """The printed loss, one datum and one value function after the other."""
    total = 0.0
    for P in values:
        for h, z, after in zip(data.h, data.z, data.after, strict=True):
            model = theta @ z
            total += (after @ P[h + shift] @ after - model @ P[h + shift] @ model) ** 2
    return total / len(values) / len(data.h)


def differences(loss, theta, step=1e-6):
    slopes = np.zeros_like(theta)
    for place in np.ndindex(*theta.shape):
        move = np.zeros_like(theta)
        move[place] = step
        slopes[place] = (loss(theta + move)[0] - loss(theta - move)[0]) / (2 * step)
    return slopes


def stored(setting, algorithm, rounds=3, count=40):
    """A memory of some rounds, and the data and value functions that went in."""
    memory, data, values = empty_memory(algorithm), [], []
    for k in range(rounds):
        data.append(transitions(count, seed=k))
        values.append(value_function(100 + k))
        learner = dataclasses.replace(best_control_of_model(FIRST), P=values[-1])
        memory = remember(memory, setting, data[-1], learner)
    return memory, data, values


# ------------------------------------------------------------------------------------ the losses


def test_products_and_coefficients_make_the_quadratic_form():
    rng = np.random.default_rng(0)
    x, P = rng.standard_normal((7, 5)), value_function(1)[0]
    assert products(x) @ coefficients(P) == pytest.approx(np.einsum("ni,ij,nj->n", x, P, x))


def test_a_value_function_that_is_not_symmetric_counts_by_its_symmetric_part():
    P, x = np.random.default_rng(0).standard_normal((5, 5)), np.arange(5.0)
    assert products(x) @ coefficients(P) == pytest.approx(x @ P @ x)


def test_the_lift_maps_products_to_products():
    rng = np.random.default_rng(0)
    theta, z = rng.standard_normal((5, 6)), rng.standard_normal(6)
    assert lift(theta) @ products(z) == pytest.approx(products(theta @ z))


def test_the_gradient_through_the_lift():
    rng = np.random.default_rng(0)
    theta, slope = rng.standard_normal((5, 6)), rng.standard_normal((15, 21))
    found = differences(lambda t: (np.sum(slope * lift(t)), None), theta)
    assert lift_gradient(theta, slope) == pytest.approx(found, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_the_compressed_value_loss_is_the_plain_one(seed):
    data, values = transitions(60, seed), [value_function(seed + k) for k in (10, 20, 30)]
    total = value_sums(sum(outer_values(P[1:]) for P in values), moments(data, HORIZON))
    loss = scaled(total, 1 / (60 * 3))
    for theta in (np.random.default_rng(seed).standard_normal((5, 6)), FIRST, 0 * FIRST):
        assert loss(theta)[0] == pytest.approx(plain_value_loss(theta, data, values), rel=1e-12)


def test_one_datum_at_one_step_counts_with_that_step_s_value_function():
    data = Transitions(np.array([7]), np.eye(6)[:1], np.full((1, 5), 2.0))
    P = np.zeros((HORIZON + 1, 5, 5))
    P[8] = np.eye(5)  # of the successor of step 7
    loss = value_sums(outer_values(P[1:]), moments(data, HORIZON))
    assert loss(FIRST)[0] == (5 * 4.0 - 1.0) ** 2
    P[8], P[7], P[9] = 0, np.eye(5), np.eye(5)
    assert value_sums(outer_values(P[1:]), moments(data, HORIZON))(FIRST)[0] == 0


def test_slopes_are_those_of_finite_differences():
    theta = np.random.default_rng(5).standard_normal((5, 6))
    data = transitions(50)
    value = scaled(value_sums(outer_values(value_function(1)[1:]), moments(data, HORIZON)), 1 / 50)
    for loss in (value, squared_loss(data), regularised(value, 3.0, FIRST)):
        slope = loss(theta)[1]
        assert np.abs(slope - differences(loss, theta)).max() < 1e-7 * np.abs(slope).max()


def test_the_squared_loss_is_the_plain_one():
    data, theta = transitions(50), np.random.default_rng(1).standard_normal((5, 6))
    plain = np.mean(np.sum((data.after - data.z @ theta.T) ** 2, axis=1))
    assert squared_loss(data)(theta)[0] == pytest.approx(plain, rel=1e-12)


def test_the_regulariser_is_added_once_about_its_centre():
    loss, theta = squared_loss(transitions(9)), np.full((5, 6), 2.0)
    away = np.sum((theta - FIRST) ** 2)
    found = regularised(loss, 0.01, FIRST)(theta)[0]
    assert found - loss(theta)[0] == pytest.approx(0.01 * away)


# ---------------------------------------------------------------------- what is kept of the rounds


THETA = np.random.default_rng(8).standard_normal((5, 6))


@pytest.mark.parametrize(("value_at", "shift"), [("h+1", 1), ("h", 0)])
def test_all_data_meet_all_value_functions(value_at, shift):
    setting = replace(RELEASED, value_at=value_at)
    memory, data, values = stored(setting, "LAMPS-MM")
    together = joined(joined(data[0], data[1]), data[2])
    plain = plain_value_loss(THETA, together, values, shift)
    assert mean_loss(memory, setting)(THETA)[0] == pytest.approx(plain, rel=1e-12)


def test_own_pairs_each_round_with_its_value_function():
    memory, data, values = stored(TEXT, "LAMPS-MM")
    rounds = [plain_value_loss(THETA, d, [P]) for d, P in zip(data, values, strict=True)]
    assert mean_loss(memory, TEXT)(THETA)[0] == pytest.approx(np.mean(rounds), rel=1e-12)


def test_last_keeps_the_last_round_only():
    setting = replace(RELEASED, pairing="last")
    memory, data, values = stored(setting, "LAMPS-MM")
    plain = plain_value_loss(THETA, data[-1], values[-1:])
    assert mean_loss(memory, setting)(THETA)[0] == pytest.approx(plain, rel=1e-12)
    memory, data, _ = stored(setting, "SysID")
    expected = squared_loss(data[-1])(THETA)[0]
    assert mean_loss(memory, setting)(THETA)[0] == pytest.approx(expected)


def test_halved_values_quarter_the_loss():
    half = replace(RELEASED, value_factor=0.5)
    whole = mean_loss(stored(RELEASED, "LAMPS-MM")[0], RELEASED)(THETA)[0]
    assert mean_loss(stored(half, "LAMPS-MM")[0], half)(THETA)[0] == pytest.approx(whole / 4)


def test_sysid_keeps_all_its_data():
    memory, data, _ = stored(RELEASED, "SysID")
    together = joined(joined(data[0], data[1]), data[2])
    expected = squared_loss(together)(THETA)[0]
    assert mean_loss(memory, RELEASED)(THETA)[0] == pytest.approx(expected)


# ---------------------------------------------------------------------------------------- the fits


@pytest.mark.parametrize("stop", ["absolute", "relative"])
@pytest.mark.parametrize("optimiser", ["BFGS", "CG"])
def test_least_squares_are_solved(stop, optimiser):
    data = transitions(200)
    setting = replace(RELEASED, stop=stop, optimiser=optimiser, tolerance=1e-8)
    exact = np.linalg.lstsq(data.z, data.after, rcond=None)[0].T
    assert minimise(squared_loss(data), FIRST, setting).theta == pytest.approx(exact, abs=1e-6)


def test_the_stop_is_absolute_or_relative_to_the_first_slopes():
    data = transitions(200)
    small = Transitions(data.h, 1e-4 * data.z, 1e-4 * data.after)
    absolute = minimise(squared_loss(small), FIRST, RELEASED)
    assert (absolute.theta == FIRST).all()  # all slopes are under 1e-5 from the start
    relative = minimise(squared_loss(small), FIRST, TEXT)
    exact = np.linalg.lstsq(data.z, data.after, rcond=None)[0].T
    assert relative.theta == pytest.approx(exact, abs=1e-4)


def test_differences_find_the_same_minimum_with_more_evaluations():
    loss = regularised(squared_loss(transitions(50)), 0.01, 0 * FIRST)
    analytic = minimise(loss, FIRST, RELEASED)
    found = minimise(loss, FIRST, replace(RELEASED, gradient="differences"))
    assert found.theta == pytest.approx(analytic.theta, abs=1e-4)
    assert found.evaluations > 20 * analytic.evaluations


def test_a_value_fit_reaches_a_stationary_point():
    data, values = transitions(300), value_function(3)
    loss = scaled(value_sums(outer_values(values[1:]), moments(data, HORIZON)), 1e-3 / 300)
    fit = minimise(regularised(loss, 0.01, 0 * FIRST), FIRST, TEXT)
    start = np.abs(loss(FIRST)[1]).max()
    assert np.abs(regularised(loss, 0.01, 0 * FIRST)(fit.theta)[1]).max() < 1e-4 * start
    assert loss(fit.theta)[0] < loss(FIRST)[0]


def test_sum_weighs_the_regulariser_by_one_over_the_rounds():
    for total, weight in (("sum", 0.01 / 3), ("mean", 0.01)):
        setting = replace(TEXT, regulariser_sysid=0.01, total=total, tolerance=1e-9)
        memory, _, _ = stored(setting, "SysID")
        plain = mean_loss(memory, setting)
        exact = np.linalg.solve(plain.C + weight * np.eye(6), plain.D.T).T
        assert fitted(memory, setting, FIRST, FIRST).theta == pytest.approx(exact, abs=1e-6)


def test_a_centre_and_a_start_are_those_of_the_setting():
    centred = replace(RELEASED, regulariser_sysid=1e6, centre="initial")
    memory, _, _ = stored(centred, "SysID")
    assert fitted(memory, centred, FIRST, 0 * FIRST).theta == pytest.approx(FIRST, abs=1e-4)
    warm = replace(RELEASED, fit_from="last", tolerance=1e9)  # stops where it starts
    assert (fitted(memory, warm, FIRST, THETA).theta == THETA).all()
    assert (fitted(memory, replace(warm, fit_from="initial"), FIRST, THETA).theta == FIRST).all()


def test_a_fit_that_overflows_is_an_error():
    data = transitions(5)
    far = Transitions(data.h, 1e200 * data.z, data.after)
    with np.errstate(all="ignore"), pytest.raises(Diverged, match="the fit left the finite"):
        minimise(squared_loss(far), FIRST, RELEASED)
