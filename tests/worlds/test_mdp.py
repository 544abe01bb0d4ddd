"""MDPs and policies: what is wrong is named with its place and value; what is right is kept."""

import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
import scipy.sparse

from tests.oracle import fractions
from theorylab import MDP, DeterministicPolicy, Model, Policy, RewardMDP
from theorylab.errors import InvalidArgument, ModelError, TheorylabError
from theorylab.worlds.checks import ModelNotice

NAN, INF = float("nan"), float("inf")
GOOD: dict[str, Any] = {
    "P": [[["1/2", "1/2"]], [[0, 1]]],
    "payoff": [[1], ["1/3"]],
    "gamma": "9/10",
    "start": [1, 0],
}


def mdp(**changes: Any) -> MDP:
    """A good MDP of two states and one action, with some tables replaced."""
    return MDP(**{**GOOD, **changes})


REFUSED = {
    # rows 1 and 2: what is not finite
    "nan probability": ({"P": [[[NAN, 1.0]], [[0.0, 1.0]]]}, "MDP.P[0, 0, 0]", "nan", "finite"),
    "inf probability": ({"P": [[[0.0, 1.0]], [[0.0, INF]]]}, "MDP.P[1, 0, 1]", "inf", "finite"),
    "nan payoff": ({"payoff": [[0.5], [NAN]]}, "MDP.payoff[1, 0]", "nan", "finite"),
    "-inf payoff": ({"payoff": [[-INF], [0.0]]}, "MDP.payoff[0, 0]", "-inf", "finite"),
    "nan start": ({"start": [NAN, 1.0]}, "MDP.start[0]", "nan", "finite"),
    # rows 3, 4 and 8: negative entries
    "tiny negative, exact": (
        {"P": [[["-1/1000000000000000000", "1000000000000000001/1000000000000000000"]], [[0, 1]]]},
        "MDP.P[0, 0, 0]",
        "-1/1000000000000000000",
        "at least 0",
    ),
    "negative": ({"P": [[["11/10", "-1/10"]], [[0, 1]]]}, "MDP.P[0, 0, 1]", "-1/10", "at least 0"),
    "negative float": ({"P": [[[1.2, -0.2]], [[0, 1]]]}, "MDP.P[0, 0, 1]", "is -0.2,", "least 0"),
    "negative start": ({"start": [2, -1]}, "MDP.start[1]", "-1", "at least 0"),
    # rows 5 to 7: sums
    "1 + 1e-7, exact": (
        {"P": [[["1/2", "5000001/10000000"]], [[0, 1]]]},
        "MDP.P[0, 0]",
        "sums to 10000001/10000000",
        "expected 1",
    ),
    "99/100": ({"P": [[["1/2", "49/100"]], [[0, 1]]]}, "MDP.P[0, 0]", "99/100", "from_weights"),
    "1.1": ({"P": [[[0.5, 0.5]], [[0.0, 1.1]]]}, "MDP.P[1, 0]", "sums to 1.1", "expected 1"),
    "1.8": ({"P": [[[0.9, 0.9]], [[0.0, 1.0]]]}, "MDP.P[0, 0]", "sums to 1.8", "expected 1"),
    "0": ({"P": [[[0.5, 0.5]], [[0.0, 0.0]]]}, "MDP.P[1, 0]", "sums to 0.0", "expected 1"),
    "1 + 2e-6": ({"P": [[[0.5, 0.500002]], [[0.0, 1.0]]]}, "MDP.P[0, 0]", "1.00000", "expected 1"),
    "start": ({"start": ["1/2", "1/3"]}, "MDP.start", "sums to 5/6", "(row: 1/2, 1/3)"),
    # row 10: discounts
    "gamma 1": ({"gamma": 1}, "MDP.gamma", "is 1,", "[0, 1)"),
    "gamma 1.0": ({"gamma": 1.0}, "MDP.gamma", "is 1.0,", "[0, 1)"),
    "gamma 3/2": ({"gamma": "3/2"}, "MDP.gamma", "is 3/2,", "[0, 1)"),
    "gamma below 0": ({"gamma": -0.1}, "MDP.gamma", "-0.1", "[0, 1)"),
    "gamma nan": ({"gamma": NAN}, "MDP.gamma", "nan", "finite"),
    "gamma True": ({"gamma": True}, "MDP.gamma", "True", "expected a number"),
    "gamma text": ({"gamma": "half"}, "MDP.gamma is", "'half'", "exact rational"),
    "gamma None": ({"gamma": None}, "MDP.gamma", "None", "expected"),
    "two gammas": ({"gamma": ["1/2", "1/2"]}, "MDP.gamma", "shape (2,)", "one number"),
    # row 11: sizes
    "no states": (
        {"P": np.zeros((0, 1, 0)), "payoff": np.zeros((0, 1)), "start": np.zeros(0)},
        "MDP.P",
        "(0, 1, 0)",
        "at least one state",
    ),
    "no actions": (
        {"P": np.zeros((2, 0, 2)), "payoff": np.zeros((2, 0))}, "MDP.P", "(2, 0, 2)", "action"
    ),
    "flat P": ({"P": [["1/2", "1/2"], [0, 1]]}, "MDP.P", "shape (2, 2)", "(S, A, S)"),
    "P to three states": ({"P": [[[0, 0, 1]], [[1, 0, 0]]]}, "MDP.P", "(2, 1, 3)", "(S, A, S)"),
    "flat payoff": ({"payoff": [1, 0]}, "MDP.payoff", "shape (2,)", "(S, A) = (2, 1)"),
    "long start": ({"start": [1, 0, 0]}, "MDP.start", "shape (3,)", "(S,) = (2,)"),
    # row 16: kinds of arrays
    "ragged": ({"P": [[[1, 0]], [[1]]]}, "MDP.P", "ragged", "lengths"),
    "masked": ({"payoff": np.ma.array([[1.0], [0.0]])}, "MDP.payoff", "MaskedArray", "plain array"),
    "matrix": ({"payoff": np.matrix([[1.0], [0.0]])}, "MDP.payoff", "matrix", "plain array"),
    "complex": ({"payoff": np.array([[1j], [0]])}, "MDP.payoff", "complex", "real"),
    "complex in a list": ({"payoff": [[1j], [0]]}, "MDP.payoff[0, 0]", "1j", "expected"),
    "boolean": ({"payoff": np.array([[True], [False]])}, "MDP.payoff", "boolean", "numbers"),
    "True in a list": ({"P": [[[True, False]], [[0, 1]]]}, "MDP.P[0, 0, 0]", "True", "a number"),
    "sparse": ({"start": scipy.sparse.coo_array(([0.5, 0.5], ([0, 0],)))}, "MDP.start", "", ""),
    "None": ({"P": [[[None, 1]], [[0, 1]]]}, "MDP.P[0, 0, 0]", "None", "expected"),
    "None payoff": ({"payoff": [[0], [None]]}, "MDP.payoff[1, 0]", "None", "expected"),
    "text": ({"P": [[["x", 1]], [[0, 1]]]}, "MDP.P[0, 0, 0]", "'x'", "exact rational"),
    "zero denominator": ({"payoff": [["1/0"], [0]]}, "MDP.payoff[0, 0]", "'1/0'", "denominator"),
    "other digits": ({"payoff": [["１/2"], [0]]}, "MDP.payoff[0, 0]", "１/2", "exact rational"),
    "Decimal": ({"payoff": [[Decimal("0.6")], [0]]}, "MDP.payoff[0, 0]", "0.6", "expected"),
    "float and text": ({"P": [[[0.5, "1/2"]], [[0, 1]]]}, "MDP.P[0, 0, 1]", "'1/2'", "number"),
    "rational and text, sum 5/6": (
        {"P": [[[flint.fmpq(1, 2), "1/3"]], [[0, 1]]]}, "MDP.P[0, 0]", "5/6", "expected 1"
    ),
    "rational and Fraction, sum 3/2": (
        {"P": [[[flint.fmpq(1, 2), Fraction(1)]], [[0, 1]]]}, "MDP.P[0, 0]", "3/2", "expected 1"
    ),
    "rational and numpy integer, sum 3/2": (
        {"P": np.array([[[flint.fmpq(3, 2), np.int64(0)]], [[0, 1]]], dtype=object)},
        "MDP.P[0, 0]",
        "3/2",
        "expected 1",
    ),
    "sense": ({"sense": "gain"}, "MDP.sense", "'gain'", "'cost' or 'reward'"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_table_is_refused_in_one_line_that_names_it(case: str) -> None:
    """The message names argument and place, the value as a reader writes it, what was expected."""
    changes, place, value, expected = REFUSED[case]
    with pytest.raises(InvalidArgument) as caught:
        mdp(**changes)
    message = str(caught.value)
    for part in (place, value, expected):
        assert part in message
    assert "np." not in message and "\n" not in message and len(message) < 500


def test_a_long_exact_row_is_shown_shortened() -> None:
    """A row of numbers with thousands of digits makes a message of one line, not of a book."""
    with pytest.raises(ModelError) as caught:
        mdp(start=["1/" + "7" * 100_000, 0])
    assert len(str(caught.value)) < 1000


LOOSE = {
    "1 + 1e-7": [0.5, 0.5 + 1e-7],
    "three times .333333": [0.333333, 0.333333, 0.333333],
    "float32 thirds": np.array([1 / 3, 2 / 3], dtype=np.float32),
}


@pytest.mark.parametrize("case", LOOSE)
def test_a_float_row_within_1e_6_is_normalised_with_a_notice(case: str) -> None:
    """The notice names the worst row and its sum and offers exact rationals; the row sums to 1."""
    row = LOOSE[case]
    with pytest.warns(ModelNotice, match=r"probabilities\[0\] sums to .*'1/3'") as caught:
        policy = Policy([row])
    assert policy.probabilities.sum() == pytest.approx(1, abs=1e-15)
    assert "np." not in str(caught[0].message)


def test_a_float_row_within_rounding_is_kept_as_it_is() -> None:
    """Ten tenths miss 1 by an ulp: no notice, no change."""
    row = np.full(10, 0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (Policy([row]).probabilities == row).all() and row.sum() != 1.1


def test_a_negative_rounding_error_is_clipped_with_a_notice() -> None:
    """-1e-18 in floats is taken as 0, and said; -1e-11 is refused."""
    with pytest.warns(ModelNotice, match=r"probabilities\[0, 0\] is -1e-18"):
        assert Policy([[-1e-18, 1.0]]).probabilities[0, 0] == 0
    with pytest.raises(ModelError, match="at least 0"):
        Policy([[-1e-11, 1.0]])


ACCEPTED = {
    "Fortran order": lambda x: np.asfortranarray(x),
    "not contiguous": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "long double": lambda x: x.astype(np.longdouble),
    "nested lists": lambda x: x.tolist(),
    "objects": lambda x: x.astype(object),
}


@pytest.mark.parametrize("layout", ACCEPTED)
def test_every_layout_of_an_array_is_the_same_world(layout: str) -> None:
    """Memory order, strides and precision of the input change nothing."""
    rng = np.random.default_rng(0)
    P, payoff = rng.dirichlet(np.ones(3), size=(3, 2)), rng.random((3, 2))
    tables = [ACCEPTED[layout](x) for x in (P, payoff, np.array([0.5, 0.5, 0.0]))]
    M = MDP(tables[0], tables[1], 0.5, tables[2])
    assert M.P.dtype == np.float64
    np.testing.assert_array_equal(M.P, P)
    np.testing.assert_array_equal(M.payoff, payoff)


EXACT = {
    "text": "1/3",
    "Fraction": Fraction(1, 3),
    "fmpq": flint.fmpq(1, 3),
}


@pytest.mark.parametrize("kind", EXACT)
def test_exact_entries_of_any_kind_become_rationals(kind: str) -> None:
    """Text, Fractions and flint's numbers, alone or mixed with integers, stay exact."""
    M = mdp(payoff=[[EXACT[kind]], [np.int64(1)]], gamma=EXACT[kind])
    assert fractions(M.payoff) == [[Fraction(1, 3)], [Fraction(1)]]
    assert all(isinstance(x, flint.fmpq) for x in [*M.payoff.flat, *M.P.flat, M.gamma])


def test_huge_fractions_are_exact() -> None:
    """100,000 digits go through; Python's limit on digits does not stop them."""
    digits = "1" + "0" * 99_999
    assert mdp(payoff=[["1/" + digits], [0]]).payoff[0, 0] * flint.fmpz(digits) == 1


def test_one_float_makes_every_table_float() -> None:
    """A world is float or exact as a whole."""
    M = mdp(payoff=[[0.5], [0]])
    assert (M.P.dtype, M.start.dtype, type(M.gamma)) == (np.float64, np.float64, np.float64)
    assert M.gamma == 0.9


def test_gamma_zero_and_one_state_and_action_are_fine() -> None:
    """The smallest world there is."""
    M = MDP(P=[[[1]]], payoff=[[0]], gamma=0, start=[1])
    assert (M.S, M.A, M.gamma) == (1, 1, 0)


def test_a_world_does_not_follow_its_callers_arrays() -> None:
    """Tables are copies, read-only, and fields cannot be set."""
    P = np.array([[[0.5, 0.5]], [[0.0, 1.0]]])
    M = mdp(P=P)
    P[0, 0] = [9, 9]
    assert M.P[0, 0, 0] == 0.5
    for table in (M.P, M.payoff, M.start, Policy([[1.0]]).probabilities, mdp().P):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 0
    with pytest.raises(AttributeError):
        M.gamma = 0


def test_another_start_is_checked_and_copied() -> None:
    """with_start refuses what the constructor refuses, and does not follow the caller's array."""
    M = mdp()
    assert fractions(M.with_start(np.array(["0", "1"], dtype=object)).start) == [0, 1]
    with pytest.raises(ModelError, match=r"start.* sums to 7/5"):
        M.with_start(np.array([flint.fmpq(1, 2), flint.fmpq(9, 10)], dtype=object))


def test_a_model_shares_all_but_its_transitions() -> None:
    """with_transitions checks the new table and keeps the rest."""
    M = mdp()
    model = M.with_transitions([[[0, 1]], [[1, 0]]])
    assert isinstance(model, Model) and (model.payoff == M.payoff).all()
    assert (model.gamma, list(model.start)) == (M.gamma, list(M.start))
    assert mdp(sense="reward").with_transitions(M.P).sense == "reward"
    with pytest.raises(ModelError, match=r"Model\.P\[0, 0\] sums to 2"):
        M.with_transitions([[[1, 1]], [[1, 0]]])


def test_costs_and_rewards_are_not_confused() -> None:
    """c is of costs, r of rewards; asking for the other one is an error."""
    assert fractions(mdp().c) == fractions(mdp(sense="reward").r) == [[1], [Fraction(1, 3)]]
    assert fractions(RewardMDP(**GOOD).r) == fractions(mdp().c)
    for wrong in (lambda: mdp().r, lambda: mdp(sense="reward").c):
        with pytest.raises(ModelError, match="was asked of an MDP whose payoff is a"):
            wrong()


def test_weights_are_normalised_exactly() -> None:
    """from_weights divides each row by its sum; a zero row and a negative weight are refused."""
    M = MDP.from_weights([[[1, 2]], [[0, 7]]], GOOD["payoff"], "1/2", [3, 1])
    assert fractions(M.P) == [[[Fraction(1, 3), Fraction(2, 3)]], [[0, 1]]]
    assert fractions(M.start) == [Fraction(3, 4), Fraction(1, 4)]
    for bad, message in (([0, 0], r"P\[0, 0\] sums to 0"), ([-1, 2], r"P\[0, 0, 0\] is -1")):
        with pytest.raises(ModelError, match=message):
            MDP.from_weights([[bad], [[0, 7]]], GOOD["payoff"], "1/2", [3, 1])


@pytest.mark.parametrize("action", [2, -1, 0.5, True])
def test_an_action_out_of_range_is_refused_never_wrapped(action: Any) -> None:
    """Actions are integers in 0..A-1; -1 is not the last one, True is not 1."""
    with pytest.raises(TheorylabError, match=r"actions\[1\] is .*0\.\.1"):
        Policy.deterministic([0, action], 2)


def test_deterministic_policies_choose_one_action() -> None:
    """Rows are vertices; anything else is refused as deterministic."""
    assert fractions(Policy.deterministic([1, 0], 2).probabilities) == [[0, 1], [1, 0]]
    assert DeterministicPolicy([[0, 1]]).A == 2
    with pytest.raises(ModelError, match=r"probabilities\[0, 0\] is 1/2, expected 0 or 1"):
        DeterministicPolicy([["1/2", "1/2"]])


@pytest.mark.parametrize("table", [[[]], [], [1, 0], [["1/2", "1/3"]], [[2, -1]], [[NAN, 1]]])
def test_a_bad_policy_is_refused(table: Any) -> None:
    """Empty, flat, not summing, negative, not a number."""
    with pytest.raises(ModelError, match=r"Policy\.probabilities"):
        Policy(table)
