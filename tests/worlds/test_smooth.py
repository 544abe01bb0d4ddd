"""Smooth systems: what is wrong is named, and every derivative is held against differences."""

from dataclasses import replace

import numpy as np
import pytest

from theorylab.errors import ModelError, NonFiniteDerivative
from theorylab.worlds.smooth import SIGNATURES, SmoothSystem, check_derivatives, differences

DT = 0.1


def step(x, u, theta):
    return np.array([x[0] + DT * x[1], x[1] + DT * (theta[0] * np.sin(x[0]) + u[0] * np.cos(x[0]))])


def step_derivatives(x, u, theta):
    slope = DT * (theta[0] * np.cos(x[0]) - u[0] * np.sin(x[0]))
    return np.array([[1, DT], [slope, 1]]), np.array([[0], [DT * np.cos(x[0])]])


def cost(x, u, theta):
    return float(1 - np.cos(x[0]) + x[1] ** 2 + u[0] ** 2 * (1 + x[1] ** 2))


def cost_derivatives(x, u, theta):
    weight = 1 + x[1] ** 2
    return (
        np.array([np.sin(x[0]), 2 * x[1] * (1 + u[0] ** 2)]),
        np.array([2 * u[0] * weight]),
        np.diag([np.cos(x[0]), 2 * (1 + u[0] ** 2)]),
        np.array([[0], [4 * u[0] * x[1]]]),
        np.array([[2 * weight]]),
    )


def final_cost(x, theta):
    return float(x[0] ** 4 + x[1] ** 2)


def final_cost_derivatives(x, theta):
    return np.array([4 * x[0] ** 3, 2 * x[1]]), np.diag([12 * x[0] ** 2, 2.0])


PENDULUM = SmoothSystem(
    step, step_derivatives, cost, cost_derivatives, final_cost, final_cost_derivatives,
    start=[1, 0], controls=1, horizon=30, parameters=[2.0],
)  # fmt: skip
X, U = np.array([0.7, -0.4]), np.array([0.3])


def bent(name, which, entry, by):
    """The pendulum with one entry of one derivative off."""
    honest = getattr(PENDULUM, name)

    def wrong(*arguments):
        tables = [np.array(table, dtype=float) for table in honest(*arguments)]
        tables[which][entry] += by
        return tuple(tables)

    return replace(PENDULUM, **{name: wrong})


def test_right_derivatives_pass():
    check_derivatives(PENDULUM, X, U, tolerance=1e-8)


@pytest.mark.parametrize(
    ("name", "which", "entry", "said"),
    [
        ("step_derivatives", 0, (1, 0), r"A\[1, 0\]"),
        ("step_derivatives", 1, (1, 0), r"B\[1, 0\]"),
        ("cost_derivatives", 0, (1,), r"c_x\[1\]"),
        ("cost_derivatives", 1, (0,), r"c_u\[0\]"),
        ("cost_derivatives", 2, (0, 1), r"c_xx\[0, 1\]"),
        ("cost_derivatives", 3, (1, 0), r"c_xu\[1, 0\]"),
        ("cost_derivatives", 4, (0, 0), r"c_uu\[0, 0\]"),
        ("final_cost_derivatives", 0, (0,), r"c_x\[0\]"),
        ("final_cost_derivatives", 1, (1, 1), r"c_xx\[1, 1\]"),
    ],
)
def test_a_wrong_entry_is_named(name, which, entry, said):
    with pytest.raises(ModelError, match=rf"SmoothSystem\.{name}: {said} is .* finite differences"):
        check_derivatives(bent(name, which, entry, 0.01), X, U)


def test_a_derivative_that_is_not_finite_is_named():
    system = bent("step_derivatives", 0, (0, 1), 0.0)
    honest = system.step_derivatives

    def wrong(x, u, theta):
        A, B = honest(x, u, theta)
        A[0, 1] = np.nan if x[0] < 1 else A[0, 1]
        return A, B

    with pytest.raises(NonFiniteDerivative, match=r"A\[0, 1\] is nan, expected a finite number"):
        check_derivatives(replace(system, step_derivatives=wrong), X, U)


def test_differences_of_a_polynomial():
    found = differences(lambda x: np.array([x[0] * x[1], x[1] ** 3]), np.array([2.0, 3.0]))
    assert found == pytest.approx(np.array([[3, 2], [0, 27]]), rel=1e-9)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start": [[1, 0]]}, r"start has shape \(1, 2\), expected one axis"),
        ({"start": [1, np.nan]}, r"start\[1\] is nan, expected a finite number"),
        ({"start": ["a"]}, "expected a vector of numbers"),
        ({"start": []}, "start is empty"),
        ({"controls": 0}, "controls is 0, expected an integer of at least 1"),
        ({"horizon": True}, "horizon is True, expected an integer"),
        ({"parameters": []}, r"step fails at \(start, 0\): IndexError"),
        ({"parameters": [np.inf]}, r"parameters\[0\] is inf"),
        ({"cost": lambda x, u, theta: np.zeros(2)}, r"cost gives shapes \(\(2,\),\)"),
        ({"step": lambda x, u, theta: x * np.nan}, r"step at \(start, 0\)\[0\] is nan"),
        ({"final_cost_derivatives": lambda x, theta: (x, x)}, "final_cost_derivatives gives"),
    ],
)
def test_bad_input_is_named(change, said):
    with pytest.raises(ModelError, match=said):
        replace(PENDULUM, **change)


def test_the_functions_and_signatures_agree():
    assert list(SIGNATURES) == [
        "step", "step_derivatives", "cost", "cost_derivatives", "final_cost",
        "final_cost_derivatives",
    ]  # fmt: skip
    assert not PENDULUM.compiled
    assert PENDULUM.states == 2


def test_a_system_keeps_its_own_tables():
    start = np.array([1.0, 0.0])
    system = replace(PENDULUM, start=start)
    start[0] = 5
    assert system.start[0] == 1
