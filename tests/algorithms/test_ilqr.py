"""iLQR: Riccati's answer where the system is linear, a stationary trajectory where it is not."""

from dataclasses import replace

import numpy as np
import pytest

from tests.worlds.test_smooth import PENDULUM
from theorylab.algorithms import ilqr_kernels
from theorylab.algorithms.ilqr import Search, ilqr, local_model
from theorylab.algorithms.riccati import backward_pass
from theorylab.errors import (
    Diverged,
    IndefiniteCost,
    InvalidArgument,
    ModelError,
    NonFiniteDerivative,
)
from theorylab.worlds.smooth import SmoothSystem, differences

H, N, M = 12, 3, 2
RNG = np.random.default_rng(0)
A = RNG.normal(size=(N, N)) / 2
B = RNG.normal(size=(N, M))
DRIFT = RNG.normal(size=N)
CROSS = 0.2 * RNG.normal(size=(N, M))


def linear(weight=1.0):
    """x' = Ax + Bu + drift with cost x'x + 2 x'Nu + weight u'u, doubled at the end."""
    return SmoothSystem(
        step=lambda x, u, theta: A @ x + B @ u + DRIFT,
        step_derivatives=lambda x, u, theta: (A, B),
        cost=lambda x, u, theta: x @ x + 2 * x @ CROSS @ u + weight * u @ u,
        cost_derivatives=lambda x, u, theta: (
            2 * x + 2 * CROSS @ u,
            2 * weight * u + 2 * CROSS.T @ x,
            2 * np.eye(N),
            2 * CROSS,
            2 * weight * np.eye(M),
        ),
        final_cost=lambda x, theta: 2 * x @ x,
        final_cost_derivatives=lambda x, theta: (4 * x, 4 * np.eye(N)),
        start=[1, -2, 0.5],
        controls=M,
        horizon=H,
    )


def each_step(table):
    return np.repeat(np.asarray(table, dtype=float)[None], H, 0)


def cost_of(system, controls):
    """The cost of a control sequence, written out."""
    x, total = system.start, 0.0
    for u in controls:
        total += system.cost(x, u, system.parameters)
        x = system.step(x, u, system.parameters)
    return total + system.final_cost(x, system.parameters)


# ------------------------------------------------------------------------------ linear systems


def test_a_linear_system_takes_one_step_to_riccatis_answer():
    plan = ilqr(linear())
    zeros = np.zeros((H, N))
    gains = backward_pass(
        *(each_step(A), each_step(B), each_step(np.eye(N)), each_step(np.eye(M)), each_step(CROSS)),
        *(each_step(DRIFT), zeros, np.zeros((H, M)), 2 * np.eye(N), np.zeros(N)),
    )
    assert plan.stopped == "converged"
    assert (len(plan.costs), plan.backward_passes, plan.rollouts) == (2, 2, 2)
    assert pytest.approx(gains.K, abs=1e-10) == plan.K
    assert plan.k == pytest.approx(gains.k, abs=1e-10)
    start = linear().start
    value = start @ gains.P[0] @ start + 2 * gains.p[0] @ start + gains.constant
    assert plan.cost == pytest.approx(value)


def test_a_quadratic_falls_by_what_was_predicted():
    plan = ilqr(linear(), search=Search(sufficient=0.999))
    assert (plan.stopped, plan.rollouts) == ("converged", 2)


def test_starting_from_the_answer_there_is_nothing_to_do():
    first = ilqr(linear())
    again = ilqr(linear(), first.K, first.k)
    assert (len(again.costs), again.backward_passes) == (1, 1)
    assert again.cost == pytest.approx(first.cost)


def test_the_local_model_has_the_drift_of_a_desired_trajectory():
    system = linear()
    model = local_model(system, np.zeros((H + 1, N)), np.zeros((H, M)))
    assert model.a == pytest.approx(each_step(DRIFT))
    assert model.Q[0] == pytest.approx(np.eye(N))
    assert model.N[0] == pytest.approx(CROSS)
    plan = ilqr(system)
    along = local_model(system, plan.states, plan.controls)
    assert (along.a == 0).all()
    gains = backward_pass(*model.tables)
    assert pytest.approx(gains.K, abs=1e-10) == plan.K  # around any trajectory of a linear system


# --------------------------------------------------------------------------- nonlinear systems


def test_the_plan_is_stationary_and_the_costs_fall():
    plan = ilqr(PENDULUM)
    assert plan.stopped == "converged"
    assert plan.regularisation == 0
    assert len(plan.costs) > 3
    assert (np.diff(plan.costs) < 0).all()
    assert plan.cost == pytest.approx(cost_of(PENDULUM, plan.controls))
    flat = plan.controls.ravel()
    slope = differences(lambda u: cost_of(PENDULUM, u.reshape(-1, 1)), flat)
    before = differences(lambda u: cost_of(PENDULUM, u.reshape(-1, 1)), 0 * flat)
    assert np.abs(slope).max() < 1e-3 * np.abs(before).max()


def test_the_policy_follows_the_plan_and_corrects_what_disturbs_it():
    plan = ilqr(PENDULUM)
    for t in (0, 7):
        u = plan.K[t] @ plan.states[t] + plan.k[t]
        assert u == pytest.approx(plan.controls[t])
    moved = replace(PENDULUM, start=PENDULUM.start + np.array([0.1, 0]))
    planned = cost_of(moved, plan.controls)
    x, total = moved.start, 0.0
    for K, k in zip(plan.K, plan.k, strict=True):
        total += moved.cost(x, K @ x + k, moved.parameters)
        x = moved.step(x, K @ x + k, moved.parameters)
    assert total + moved.final_cost(x, moved.parameters) < planned


def test_the_count_of_iterations_is_kept():
    plan = ilqr(PENDULUM, search=Search(iterations=2))
    assert (plan.stopped, len(plan.costs), plan.backward_passes) == ("iterations", 3, 3)
    assert ilqr(PENDULUM, search=Search(iterations=0)).cost == pytest.approx(
        cost_of(PENDULUM, np.zeros((30, 1)))
    )


def test_without_tolerance_it_ends_at_the_first_iteration_without_decrease():
    search = Search(sufficient=0.0, tolerance=0.0, largest_regularisation=0.0)
    plan = ilqr(PENDULUM, search=search)
    assert plan.stopped == "no decrease"
    assert plan.cost <= ilqr(PENDULUM).cost
    assert plan.rollouts >= plan.backward_passes - 1 + len(search.step_sizes)


# -------------------------------------------------------------------------------- named errors


def test_an_indefinite_cost_is_named():
    with pytest.raises(IndefiniteCost, match=r"Hessian at step 11 is not positive definite"):
        ilqr(linear(-100.0), search=Search(largest_regularisation=0.0))


def wave():
    """cost cos(u + 1/10) in 2 steps: at u = 0 its second derivative is about -1, at its least 1."""
    zero, one = np.zeros(1), np.eye(1)
    return SmoothSystem(
        step=lambda x, u, theta: x,
        step_derivatives=lambda x, u, theta: (one, 0 * one),
        cost=lambda x, u, theta: np.cos(u[0] + 0.1),
        cost_derivatives=lambda x, u, theta: (
            *(zero, -np.sin(u + 0.1), 0 * one, 0 * one, -np.cos(u + 0.1)[:, None]),
        ),
        final_cost=lambda x, theta: 0.0,
        final_cost_derivatives=lambda x, theta: (zero, 0 * one),
        start=[0],
        controls=1,
        horizon=2,
    )


def test_regularisation_carries_over_a_hessian_that_is_not_positive():
    with pytest.raises(IndefiniteCost, match="step 1"):
        ilqr(wave(), search=Search(largest_regularisation=0.0))
    plan = ilqr(wave())
    assert plan.cost == pytest.approx(-2)
    assert plan.regularisation == 0
    assert plan.backward_passes < 40  # mu falls again once it has helped


def test_the_counts_are_those_of_the_calls(monkeypatch):
    calls = []

    def counted(name, function):
        def call(*arguments):
            calls.append(name)
            return function(*arguments)

        return call

    for name in ("_backward", "forward"):
        monkeypatch.setattr(ilqr_kernels, name, counted(name, getattr(ilqr_kernels, name)))
    for system in (wave(), linear(), PENDULUM):
        calls.clear()
        plan = ilqr(system)
        assert plan.backward_passes == calls.count("_backward")
        assert plan.rollouts == calls.count("forward")


def test_a_first_rollout_that_diverges_is_named():
    with pytest.raises(Diverged, match=r"the first rollout diverges.* step \d+ is not a finite"):
        ilqr(linear(), K=np.full((H, M, N), 1e60), check=False)


def test_a_step_of_the_line_search_that_diverges_is_not_taken():
    """The final cost x + 1 / (1 + x) is infinite below 0; from 30 a whole step goes there."""
    system = SmoothSystem(
        step=lambda x, u, theta: x + u,
        step_derivatives=lambda x, u, theta: (np.eye(1), np.eye(1)),
        cost=lambda x, u, theta: float(u @ u),
        cost_derivatives=lambda x, u, theta: (
            *(np.zeros(1), 2 * u, np.zeros((1, 1)), np.zeros((1, 1)), 2 * np.eye(1)),
        ),
        final_cost=lambda x, theta: np.inf if x[0] < 0 else float(x[0] + 1 / (1 + x[0])),
        final_cost_derivatives=lambda x, theta: (
            1 - 1 / (1 + x) ** 2,
            2 / (1 + x)[:, None] ** 3,
        ),
        start=[30],
        controls=1,
        horizon=100,
    )
    plan = ilqr(system)
    assert np.isfinite(plan.costs).all()
    assert plan.rollouts > len(plan.costs)  # a step was refused
    assert plan.states[-1, 0] >= 0
    bold = ilqr(system, search=Search(step_sizes=(1.0,), largest_regularisation=0.0))
    assert bold.stopped == "no decrease"
    assert plan.cost < bold.cost


def test_a_rollout_that_leaves_the_numbers_is_no_decrease():
    """Beyond 0 the state is infinite, and the cost until then is less than any other."""
    system = SmoothSystem(
        step=lambda x, u, theta: np.where(x + u < 0, np.inf, x + u),
        step_derivatives=lambda x, u, theta: (np.eye(1), np.eye(1)),
        cost=lambda x, u, theta: float(x @ x + u @ u / 100),
        cost_derivatives=lambda x, u, theta: (
            *(2 * x, u / 50, 2 * np.eye(1), np.zeros((1, 1)), np.eye(1) / 50),
        ),
        final_cost=lambda x, theta: float(100 * (x[0] + 1) ** 2),
        final_cost_derivatives=lambda x, theta: (200 * (x + 1), np.full((1, 1), 200.0)),
        start=[1],
        controls=1,
        horizon=3,
    )
    plan = ilqr(system)
    assert np.isfinite(plan.states).all()
    assert plan.cost == pytest.approx(cost_of(system, plan.controls))
    assert plan.cost > 100


def test_a_derivative_that_is_not_finite_is_named():
    def slopes(x, u, theta):
        A, B = PENDULUM.step_derivatives(x, u, theta)
        return np.where(x[0] > 1.5, np.nan, A), B

    broken = replace(PENDULUM, step_derivatives=slopes)
    with pytest.raises(NonFiniteDerivative, match=r"A\[\d+, 0, 0\] is nan, expected a finite deri"):
        ilqr(broken)
    with pytest.raises(NonFiniteDerivative, match=r"A\[0, 0, 0\]"):
        local_model(broken, np.full((31, 2), 2.0), np.zeros((30, 1)))


@pytest.mark.parametrize("which", ["c_uu", "c_x", "c_xx"])
def test_a_derivative_of_the_cost_that_is_not_finite_is_named(which):
    names = ["c_x", "c_u", "c_xx", "c_xu", "c_uu"]

    def slopes(x, u, theta):
        tables = [table.astype(float) for table in PENDULUM.cost_derivatives(x, u, theta)]
        if x[0] > 1.5:
            tables[names.index(which)][:] = np.nan
        return tuple(tables)

    table = {"c_uu": "R", "c_x": "q", "c_xx": "Q"}[which]
    with pytest.raises(NonFiniteDerivative, match=rf"ilqr: {table}\[\d+"):
        ilqr(replace(PENDULUM, cost_derivatives=slopes))


def test_a_wrong_derivative_is_found_before_planning():
    def slopes(x, u, theta):
        A, B = PENDULUM.step_derivatives(x, u, theta)
        return A, -B

    with pytest.raises(ModelError, match=r"B\[1, 0\] is .* but finite differences give"):
        ilqr(replace(PENDULUM, step_derivatives=slopes))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"K": np.zeros((H, N, M))}, r"ilqr: K has shape \(12, 3, 2\), expected \(12, 2, 3\)"),
        ({"k": np.full((H, M), np.nan)}, r"ilqr: k\[0, 0\] is nan, expected a finite number"),
    ],
)
def test_bad_policies_are_named(arguments, said):
    with pytest.raises(InvalidArgument, match=said):
        ilqr(linear(), **arguments)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"iterations": -1}, "iterations is -1"),
        ({"step_sizes": ()}, "step_sizes is"),
        ({"step_sizes": (2.0,)}, "step_sizes is"),
        ({"sufficient": 1.0}, "sufficient is 1.0, expected a share below 1"),
        ({"tolerance": np.nan}, "tolerance is nan"),
        ({"largest_regularisation": -1.0}, "largest_regularisation is -1.0"),
    ],
)
def test_bad_searches_are_named(change, said):
    with pytest.raises(InvalidArgument, match=said):
        Search(**change)
