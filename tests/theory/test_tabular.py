"""Values and occupancies: their identities, slow twins in plain fractions, answers by hand."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import oracle
from tests.drawing import float_mdp, float_policy, instance, worlds
from tests.oracle import fractions
from theorylab import MDP, Policy
from theorylab.errors import InvalidArgument
from theorylab.extended import Infinity
from theorylab.theory.tabular import (
    action_value,
    advantage,
    backup,
    bellman,
    coverage_coefficient,
    expectation,
    next_value,
    occupancy,
    occupancy_at,
    optimal_bellman,
    performance,
    policy_payoff,
    policy_transitions,
    state_marginal,
    state_occupancy,
    state_occupancy_at,
    unnormalised_occupancy,
    value,
    with_actions,
)

SIZES = [(3, 2), (1, 1), (1, 2), (2, 1)]
sizes = pytest.mark.parametrize(("S", "A"), SIZES)


def for_worlds(S: int, A: int, check: Any) -> None:
    """Run a check on drawn worlds of one size."""
    given(worlds(S, A))(check)()


@sizes
def test_values_are_the_fixed_point_of_the_bellman_operator(S: int, A: int) -> None:
    """V = T_pi V, V = E_pi Q, and the advantage has mean 0 under its own policy."""

    def check(drawn: tuple) -> None:
        M, _, pi, _ = drawn
        V = value(M, pi)
        assert (bellman(M, pi, V) == V).all()
        assert (expectation(pi, action_value(M, pi)) == V).all()
        assert (expectation(pi, advantage(M, pi)) == 0).all()
        assert (policy_payoff(M, pi) + M.gamma * (policy_transitions(M, pi) @ V) == V).all()

    for_worlds(S, A, check)


@sizes
def test_values_equal_those_of_plain_elimination(S: int, A: int) -> None:
    """The independent twin in the standard library gives the same fractions."""

    def check(drawn: tuple) -> None:
        M, _, pi, _ = drawn
        twin = oracle.policy_value(*fractions([M.P, M.payoff, M.gamma, pi.probabilities]))
        assert fractions(value(M, pi)) == twin

    for_worlds(S, A, check)


@given(worlds())
def test_values_are_within_the_tail_of_the_power_series(drawn: tuple) -> None:
    """0 <= V - sum_{h<n} gamma^h P^h c <= gamma^n / (1 - gamma) for costs in [0, 1]."""
    M, _, pi, _ = drawn
    P, c, gamma, table = fractions([M.P, M.payoff, M.gamma, pi.probabilities])
    partial = oracle.series_value(P, c, gamma, table, 6)
    for exact, head in zip(fractions(value(M, pi)), partial, strict=True):
        assert 0 <= exact - head <= gamma**6 / (1 - gamma)


@sizes
def test_occupancies_satisfy_the_flow_and_sum_to_one(S: int, A: int) -> None:
    """d = (1 - gamma) start + gamma d P_pi, D = d pi, both sum to one."""

    def check(drawn: tuple) -> None:
        M, _, pi, _ = drawn
        d, D = state_occupancy(M, pi), occupancy(M, pi)
        inflow = (D[:, :, None] * M.P).sum(0).sum(0)
        assert (d == (1 - M.gamma) * M.start + M.gamma * inflow).all()
        assert (with_actions(d, pi) == D).all() and (state_marginal(D) == d).all()
        assert d.sum() == 1 == D.sum()
        assert (unnormalised_occupancy(M, pi) * (1 - M.gamma) == D).all()

    for_worlds(S, A, check)


@given(worlds())
def test_occupancies_are_within_the_tail_of_their_series(drawn: tuple) -> None:
    """d is the sum of (1 - gamma) gamma^h d^h: what is left after n steps weighs gamma^n."""
    M, _, pi, _ = drawn
    P, start, gamma, table = fractions([M.P, M.start, M.gamma, pi.probabilities])
    head = oracle.series_occupancy(P, start, gamma, table, 5)
    d = fractions(state_occupancy(M, pi))
    assert all(x >= y for x, y in zip(d, head, strict=True))
    assert sum(d) - sum(head) == gamma**5


@sizes
def test_performance_is_the_value_at_the_start_and_the_cost_under_the_occupancy(S, A) -> None:
    """J = E_start V = E_D c / (1 - gamma)."""

    def check(drawn: tuple) -> None:
        M, _, pi, _ = drawn
        J = performance(M, pi)
        assert expectation(M.start, value(M, pi)) == J
        assert J * (1 - M.gamma) == expectation(occupancy(M, pi), M.payoff)

    for_worlds(S, A, check)


@given(worlds(), st.integers(0, 3))
def test_the_law_at_a_step_is_the_sum_over_all_paths(drawn: tuple, h: int) -> None:
    """d^h and D^h, step by step, equal the probabilities summed path by path."""
    M, _, pi, _ = drawn
    P, start, table = fractions([[M.P] * 4, M.start, [pi.probabilities] * 4])
    D = fractions(occupancy_at(M, pi, h))
    for s in range(M.S):
        for a in range(M.A):
            assert D[s][a] == oracle.paths_weight(P, start, table, h, s, a)
    assert fractions(state_occupancy_at(M, pi, h)) == [sum(row) for row in D]


def chain(cost: Any, gamma: Any, stay: Any = "1/2") -> MDP:
    """Two states: 0 pays `cost` and stays with probability `stay`, 1 is absorbing and free."""
    stay = Fraction(stay)
    return MDP(
        P=[[[stay, 1 - stay]], [[0, 1]]], payoff=[[cost], [0]], gamma=gamma, start=["1/3", "2/3"]
    )


def test_an_answer_by_hand() -> None:
    """V(0) = c / (1 - gamma/2) = 4/5 for c = 1/2, gamma = 3/4; d(0) = (1/3)(1/4)/(1 - 3/8)."""
    M, pi = chain("1/2", "3/4"), Policy([[1], [1]])
    assert fractions(value(M, pi)) == [Fraction(4, 5), 0]
    assert fractions(state_occupancy(M, pi)) == [Fraction(2, 15), Fraction(13, 15)]
    assert fractions(performance(M, pi)) == Fraction(4, 15)
    assert fractions(action_value(M, pi)) == [[Fraction(4, 5)], [0]]
    assert fractions(state_occupancy_at(M, pi, 2)) == [Fraction(1, 12), Fraction(11, 12)]


def test_the_transition_goes_from_row_to_column() -> None:
    """In the one-way chain only state 1 sees nothing of state 0: a transposed P would."""
    M, pi = chain(1, "1/2", stay=0), Policy([[1], [1]])
    assert fractions(value(M, pi)) == [1, 0]
    assert fractions(next_value(M.P, np.array([5, 7], dtype=object))) == [[7], [7]]
    assert fractions(backup(M, np.array([5, 7], dtype=object))) == [
        [Fraction(9, 2)],
        [Fraction(7, 2)],
    ]


def test_gamma_zero_pays_once() -> None:
    """At gamma = 0 the value is the first payoff and the occupancy the start."""
    M, pi = chain("1/2", 0), Policy([[1], [1]])
    assert fractions(value(M, pi)) == [Fraction(1, 2), 0]
    assert fractions(state_occupancy(M, pi)) == [Fraction(1, 3), Fraction(2, 3)]


def test_the_optimal_backup_follows_the_sense() -> None:
    """The best action is the least cost, or the largest reward."""
    tables = {"P": [[[1], [1]]], "payoff": [["1/4", 1]], "gamma": "1/2", "start": [1]}
    V = np.array([2], dtype=object)
    assert fractions(optimal_bellman(MDP(**tables), V)) == [Fraction(5, 4)]
    assert fractions(optimal_bellman(MDP(**tables, sense="reward"), V)) == [2]


BATCHED = {
    "value": value,
    "action value": action_value,
    "advantage": advantage,
    "performance": performance,
    "state occupancy": state_occupancy,
    "occupancy": occupancy,
    "unnormalised": unnormalised_occupancy,
    "step": lambda M, pi: occupancy_at(M, pi, 2),
    "bellman": lambda M, pi: bellman(M, pi, M.start),
    "optimal bellman": lambda M, pi: optimal_bellman(M, M.start),
    "marginal": lambda M, pi: state_marginal(occupancy(M, pi)),
}


@pytest.mark.parametrize("name", BATCHED)
@pytest.mark.parametrize("S", [3, 1])
def test_leading_batch_axes_equal_the_loop(name: str, S: int) -> None:
    """In float64 a batch gives, instance by instance, what each instance gives alone."""
    rng = np.random.default_rng(0)
    M, pi = float_mdp(rng, S, 2, 4), float_policy(rng, S, 2, 4)
    together = BATCHED[name](M, pi)
    for k in range(4):
        alone = BATCHED[name](instance(M, k), Policy(pi.probabilities[k]))
        np.testing.assert_allclose(together[k], alone, rtol=1e-12, atol=1e-14)


def test_expectations_know_their_axes() -> None:
    """A policy averages actions, a transition table next states, a distribution everything."""
    M, pi = chain(1, "1/2"), Policy([["1/4", "3/4"], [1, 0]])
    V, Q = np.array([4, 8], dtype=object), np.array([[4, 8], [1, 2]], dtype=object)
    assert fractions(expectation(pi, Q)) == [7, 1]
    assert fractions(expectation(M.P, V)) == [[6], [8]]
    assert fractions(expectation(M.start, V)) == Fraction(20, 3)


@pytest.mark.parametrize("S", [1, 2])
def test_an_expectation_over_the_wrong_axes_is_refused(S: int) -> None:
    """State values have no action to average: no broadcasting by luck, at no size."""
    pi, V = Policy([["1/2", "1/2"]] * S), np.array([1] * S, dtype=object)
    for distribution in (pi, pi.probabilities):
        with pytest.raises(InvalidArgument, match="expectation"):
            expectation(distribution, V)


def test_a_negative_step_is_refused() -> None:
    """There is no step before the first."""
    with pytest.raises(InvalidArgument, match="step h is -1, expected at least 0"):
        state_occupancy_at(chain(1, 0), Policy([[1], [1]]), -1)


def test_coverage_is_the_worst_ratio() -> None:
    """C = sup D / nu with 0/0 = 0; without coverage it is infinite."""
    target, nu = (chain(1, 0, stay=s).P[0] for s in ("1/2", "1/4"))
    assert coverage_coefficient(target, nu) == 2
    assert coverage_coefficient(chain(1, 0, stay=1).P, chain(1, 0, stay="1/3").P) == 3
    assert coverage_coefficient(target, chain(1, 0, stay=1).P[0]) == Infinity()
    assert coverage_coefficient(np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]])) == np.inf


def test_a_batch_of_policies_averages_over_actions() -> None:
    """E_pi of (batch, S, A) is (batch, S): the last axis is summed, instance by instance."""
    rng = np.random.default_rng(3)
    pi, values = float_policy(rng, 3, 2, 4), rng.random((4, 3, 2))
    found = expectation(pi, values)
    assert found.shape == (4, 3)
    for k in range(4):
        np.testing.assert_allclose(found[k], expectation(Policy(pi.probabilities[k]), values[k]))


def test_the_expectation_of_a_constant_is_its_total_weight() -> None:
    """E of one number is the number times the sum of the weights."""
    weights = np.array([Fraction(1, 2), Fraction(1, 4)], dtype=object)
    assert expectation(weights, Fraction(3)) == Fraction(9, 4)
