"""Finite-horizon worlds: the step, state and action that is wrong are named."""

from typing import Any

import numpy as np
import pytest

from tests.oracle import fractions
from theorylab import FiniteHorizonMDP, NonstationaryPolicy, RewardFiniteHorizonMDP
from theorylab.errors import ModelError

NAN = float("nan")
GOOD: dict[str, Any] = {
    "P": [[[["1/2", "1/2"]], [[0, 1]]], [[[1, 0]], [[0, 1]]]],
    "payoff": [[[1], [0]], [["1/3"], [0]]],
    "start": [1, 0],
}


def world(**changes: Any) -> FiniteHorizonMDP:
    """A good world of two steps, two states and one action, with some tables replaced."""
    return FiniteHorizonMDP(**{**GOOD, **changes})


REFUSED = {
    "a row of step 1": (
        {"P": [GOOD["P"][0], [[[1, 0]], [["1/3", "1/3"]]]]},
        "FiniteHorizonMDP.P[1, 1, 0]",
        "sums to 2/3",
    ),
    "a negative entry": (
        {"P": [GOOD["P"][0], [[[2, -1]], [[0, 1]]]]},
        "FiniteHorizonMDP.P[1, 0, 0, 1]",
        "is -1,",
    ),
    "nan": (
        {"payoff": [[[1.0], [0.0]], [[NAN], [0.0]]]},
        "FiniteHorizonMDP.payoff[1, 0, 0]",
        "nan",
    ),
    "no steps axis": ({"P": GOOD["P"][0]}, "FiniteHorizonMDP.P", "(H, S, A, S)"),
    "one step too few": ({"payoff": [[[1], [0]]]}, "FiniteHorizonMDP.payoff", "(H, S, A)"),
    "start": ({"start": ["1/2", "1/4"]}, "FiniteHorizonMDP.start", "sums to 3/4"),
    "long start": ({"start": [1, 0, 0]}, "FiniteHorizonMDP.start", "(S,)"),
    "no state": (
        {"P": np.zeros((2, 0, 1, 0)), "payoff": np.zeros((2, 0, 1)), "start": np.zeros(0)},
        "FiniteHorizonMDP.P",
        "(2, 0, 1, 0)",
    ),
    "no action": (
        {"P": np.zeros((2, 2, 0, 2)), "payoff": np.zeros((2, 2, 0))},
        "FiniteHorizonMDP.P",
        "(2, 2, 0, 2)",
    ),
    "sense": ({"sense": "gain"}, "FiniteHorizonMDP.sense", "'gain'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_table_is_refused_with_its_step(case: str) -> None:
    """The message names the table with its step, and the value."""
    changes, place, value = REFUSED[case]
    with pytest.raises(ModelError) as caught:
        world(**changes)
    assert place in str(caught.value) and value in str(caught.value)


def test_the_sizes_are_those_of_the_tables() -> None:
    """H, S and A are read off P, exact tables stay exact."""
    M = world()
    assert (M.H, M.S, M.A) == (2, 2, 1)
    assert fractions(M.payoff) == fractions(GOOD["payoff"])
    assert RewardFiniteHorizonMDP(**GOOD).sense == "reward"


def test_no_steps_is_a_world_that_pays_nothing() -> None:
    """H = 0 is allowed."""
    M = world(P=np.zeros((0, 2, 1, 2)), payoff=np.zeros((0, 2, 1)))
    assert M.H == 0


def test_tables_are_copies_and_read_only() -> None:
    """The caller's array changes nothing, and the world's own cannot be written."""
    payoff = np.zeros((2, 2, 1))
    M = world(payoff=payoff)
    payoff[0] = 7
    assert (M.payoff == 0).all()
    pi = NonstationaryPolicy([[[1], [1]], [[1], [1]]])
    for table in (M.P, M.payoff, M.start, pi.probabilities):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 0


@pytest.mark.parametrize(
    ("table", "place", "value"),
    [
        ([[1], [1]], "NonstationaryPolicy.probabilities", "(H, S, A)"),
        ([[[1]], [["1/2"]]], "NonstationaryPolicy.probabilities[1, 0]", "sums to 1/2"),
        ([[[1]], [[NAN]]], "NonstationaryPolicy.probabilities[1, 0, 0]", "nan"),
        ([[[2, -1]]], "NonstationaryPolicy.probabilities[0, 0, 1]", "-1"),
        (np.zeros((2, 2, 0)), "NonstationaryPolicy.probabilities", "(2, 2, 0)"),
    ],
)
def test_a_bad_policy_is_refused_with_its_step(table: Any, place: str, value: str) -> None:
    """The message names the step, the state and the value."""
    with pytest.raises(ModelError) as caught:
        NonstationaryPolicy(table)
    assert place in str(caught.value) and value in str(caught.value)
