"""Finite horizons: backward induction against path-by-path sums and all deterministic policies."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings

from tests import oracle
from tests.drawing import finite_horizons
from tests.oracle import fractions
from theorylab import FiniteHorizonMDP, NonstationaryPolicy
from theorylab.arithmetic import ratio
from theorylab.extended import Infinity
from theorylab.theory.finite_horizon import (
    finite_horizon_action_values,
    finite_horizon_occupancies,
    finite_horizon_optimal_values,
    finite_horizon_performance,
    finite_horizon_values,
)

SENSES = {"cost": min, "reward": max}


@given(finite_horizons())
def test_values_are_the_sums_over_all_paths(drawn: tuple) -> None:
    """V_h(s) is the expected total of the steps that are left, path by path."""
    M, pi = drawn
    P, payoff, table = fractions([M.P, M.payoff, pi.probabilities])
    values = finite_horizon_values(M, pi)
    assert len(values) == M.H + 1
    for h, V in enumerate(values):
        assert fractions(V) == [oracle.paths_value(P, payoff, table, s, h) for s in range(M.S)]


@given(finite_horizons(2, 3, 2))
def test_occupancies_are_the_sums_over_all_paths(drawn: tuple) -> None:
    """D^h(s, a) is the probability of all paths there; it sums to one."""
    M, pi = drawn
    P, start, table = fractions([M.P, M.start, pi.probabilities])
    for h, D in enumerate(finite_horizon_occupancies(M, pi)):
        assert D.sum() == 1
        for s, a in product(range(M.S), range(M.A)):
            assert fractions(D)[s][a] == oracle.paths_weight(P, start, table, h, s, a)


@given(finite_horizons())
def test_performance_is_the_payoff_under_the_occupancies(drawn: tuple) -> None:
    """J = E_start V_0 = sum_h E_{D^h} payoff_h, and V_h = E_pi Q_h."""
    M, pi = drawn
    J = finite_horizon_performance(M, pi)
    pairs = zip(finite_horizon_occupancies(M, pi), M.payoff, strict=True)
    assert sum((D * payoff).sum() for D, payoff in pairs) == J
    values = finite_horizon_values(M, pi)
    assert (M.start * values[0]).sum() == J and (values[-1] == 0).all()
    for h, Q in enumerate(finite_horizon_action_values(M, pi)):
        assert ((pi.probabilities[h] * Q).sum(-1) == values[h]).all()


@pytest.mark.parametrize("sense", SENSES)
def test_optimal_values_are_the_best_of_all_deterministic_policies(sense) -> None:
    """Backward induction finds, state by state, what enumeration of all policies finds."""

    @settings(max_examples=8)
    @given(finite_horizons(2, 2, 2, sense=sense))
    def check(drawn: tuple) -> None:
        M, pi = drawn
        P, payoff = fractions([M.P, M.payoff])
        policies = list(product(oracle.deterministic_policies(2, 2), repeat=2))
        best = finite_horizon_optimal_values(M)
        for h, V in enumerate(best):
            for s in range(2):
                values = [oracle.paths_value(P, payoff, table, s, h) for table in policies]
                assert fractions(V[s]) == SENSES[sense](values)
        gap = finite_horizon_values(M, pi)[0] - best[0]
        assert ((gap if sense == "cost" else -gap) >= 0).all()

    check()


def test_an_answer_by_hand() -> None:
    """Pay 1, 2, 3 in one state over three steps: totals 6, 5, 3, 0."""
    M = FiniteHorizonMDP(P=[[[[1]]]] * 3, payoff=[[[1]], [[2]], [[3]]], start=[1])
    pi = NonstationaryPolicy([[[1]]] * 3)
    assert fractions(finite_horizon_values(M, pi)) == [[6], [5], [3], [0]]
    assert finite_horizon_performance(M, pi) == 6


def test_steps_are_not_exchanged() -> None:
    """P of step 0 moves the state before step 1 pays: only that order gives 1/2 + 1/3."""
    stay, move = [[[1, 0]], [[0, 1]]], [[["1/3", "2/3"]], [[0, 1]]]
    pi = NonstationaryPolicy([[[1], [1]]] * 2)
    payoff = [[["1/2"], [0]], [[1], [0]]]
    for P, total in (([move, stay], Fraction(5, 6)), ([stay, move], Fraction(3, 2))):
        M = FiniteHorizonMDP(P=P, payoff=payoff, start=[1, 0])
        assert fractions(finite_horizon_performance(M, pi)) == total


def test_no_step_pays_nothing() -> None:
    """At H = 0 the values are V_0 = 0, with no occupancy and J = 0."""
    M = FiniteHorizonMDP(P=np.zeros((0, 2, 1, 2)), payoff=np.zeros((0, 2, 1)), start=[0.5, 0.5])
    pi = NonstationaryPolicy(np.zeros((0, 2, 1)))
    assert [list(V) for V in finite_horizon_values(M, pi)] == [[0, 0]]
    assert [list(V) for V in finite_horizon_optimal_values(M)] == [[0, 0]]
    assert finite_horizon_occupancies(M, pi) == [] and finite_horizon_performance(M, pi) == 0


@pytest.mark.parametrize("sense", SENSES)
def test_leading_batch_axes_equal_the_loop(sense) -> None:
    """In float64 a batch gives what each instance gives alone."""
    rng, n = np.random.default_rng(0), 4
    P = rng.dirichlet(np.ones(2), size=(n, 3, 2, 2))
    M = FiniteHorizonMDP(P, rng.random((n, 3, 2, 2)), rng.dirichlet(np.ones(2), size=n), sense)
    pi = NonstationaryPolicy(rng.dirichlet(np.ones(2), size=(n, 3, 2)))
    J = finite_horizon_performance(M, pi)
    values, best = finite_horizon_values(M, pi), finite_horizon_optimal_values(M)
    laws = finite_horizon_occupancies(M, pi)
    for k in range(n):
        one = FiniteHorizonMDP(M.P[k], M.payoff[k], M.start[k], sense)
        policy = NonstationaryPolicy(pi.probabilities[k])
        assert J[k] == pytest.approx(finite_horizon_performance(one, policy), rel=1e-13)
        for h in range(3):
            np.testing.assert_allclose(values[h][k], finite_horizon_values(one, policy)[h])
            np.testing.assert_allclose(best[h][k], finite_horizon_optimal_values(one)[h])
            np.testing.assert_allclose(laws[h][k], finite_horizon_occupancies(one, policy)[h])


@given(finite_horizons(1, 2, 2))
def test_a_ratio_of_step_laws_is_infinite_where_one_has_no_mass(drawn: tuple) -> None:
    """D^0 / start(s) is the policy where the start has mass, and infinite or 0 elsewhere."""
    M, pi = drawn
    D = finite_horizon_occupancies(M, pi)[0]
    found = ratio(D, M.start[:, None] + 0 * D)
    assert (found == pi.probabilities[0] * (M.start[:, None] > 0)).all()
    if (M.start == 0).any():
        assert Infinity() in ratio(D + 1, M.start[:, None] + 0 * D)
