"""Drawn objects as JSON: what is written is read back exactly, what is malformed is refused."""

import copy
import json
from typing import Any

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawing import UNIT, as_rational, finite_horizons, worlds
from tests.oracle import fractions
from theorylab import DeterministicPolicy, Policy, RewardMDP
from theorylab.balls import Ball
from theorylab.errors import ParseError, TheorylabError
from theorylab.worlds.io import decode, encode, exact_texts


def through_json(value: Any) -> Any:
    """The object after a trip through a file's text."""
    return decode(json.loads(json.dumps(encode(value), allow_nan=False)), "M")


def assert_same(one: Any, other: Any) -> None:
    """Same type and same exact tables."""
    assert type(one) is type(other)
    if isinstance(one, tuple):
        for x, y in zip(one, other, strict=True):
            assert_same(x, y)
        return
    for key, table in vars(one).items():
        known = table == getattr(other, key)
        assert np.all(known), key


@given(worlds(), finite_horizons())
def test_worlds_survive_json(drawn: tuple, stepwise: tuple) -> None:
    """MDPs, models, policies, finite horizons and tuples of them come back as they were."""
    for value in (*drawn, *stepwise, drawn[2:]):
        assert_same(through_json(value), value)


@given(st.lists(UNIT, min_size=1, max_size=4), st.integers(-5, 5))
def test_tables_numbers_and_integers_survive_json(entries: list, n: int) -> None:
    """Arbitrary tables, numbers of any sign and Python integers come back exactly."""
    table = np.array([as_rational(x - 1) for x in entries] + [flint.fmpq(1)], dtype=object)
    assert fractions(through_json(table)) == fractions(table)
    assert through_json(table[0]) == table[0]
    assert through_json(n) == n and type(through_json(n)) is int


def test_the_kind_of_a_world_survives_json() -> None:
    """A reward MDP stays one, a deterministic policy too, and a wrong row is no vertex."""
    M = RewardMDP(P=[[[1]]], payoff=[["2/3"]], gamma="1/2", start=[1])
    assert_same(through_json(M), M)
    assert_same(through_json(DeterministicPolicy([[0, 1]])), DeterministicPolicy([[0, 1]]))
    record = {**encode(Policy([["1/2", "1/2"]])), "kind": "DeterministicPolicy"}
    with pytest.raises(TheorylabError, match="expected 0 or 1"):
        decode(record, "pi")


def test_long_fractions_survive_json() -> None:
    """Ten thousand digits are written and read: Python's limit on digits does not stop them."""
    x = flint.fmpq(1, flint.fmpz(10) ** 10_000 + 1)
    assert through_json(x) == x


MDP_RECORD = {
    "kind": "MDP",
    "P": [[["1/2", "1/2"]], [["0", "1"]]],
    "payoff": [["1"], ["0"]],
    "gamma": "1/2",
    "start": ["1", "0"],
    "sense": "cost",
}


def changed(path: tuple, value: Any) -> dict[str, Any]:
    """The record with one place replaced."""
    record = copy.deepcopy(MDP_RECORD)
    *parents, last = path
    place: Any = record
    for key in parents:
        place = place[key]
    place[last] = value
    return record


MALFORMED = {
    "a list": [1, 2],
    "text": "1/2",
    "null": None,
    "no kind": {"P": []},
    "a kind that is a number": {"kind": 3},
    "an unknown kind": {"kind": "POMDP"},
    "a missing table": {k: v for k, v in MDP_RECORD.items() if k != "gamma"},
    "an extra table": {**MDP_RECORD, "noise": "1"},
    "a float probability": changed(("P", 0, 0, 0), 0.5),
    "a float payoff": changed(("payoff", 0, 0), 0.25),
    "a float discount": changed(("gamma",), 0.5),
    "null in a table": changed(("payoff", 1, 0), None),
    "null for a table": changed(("start",), None),
    "a row that does not sum to 1": changed(("P", 1, 0, 0), "1/2"),
    "a negative entry": changed(("start", 0), "-1"),
    "a zero denominator": changed(("payoff", 0, 0), "1/0"),
    "a decimal": changed(("payoff", 0, 0), "0.5"),
    "an exponent": changed(("payoff", 0, 0), "1e3"),
    "nan as text": changed(("payoff", 0, 0), "nan"),
    "spaces": changed(("payoff", 0, 0), " 1/2"),
    "an object in a table": changed(("payoff", 0, 0), {"a": 1}),
    "a ragged table": changed(("P", 0), [["1"]]),
    "gamma 1": changed(("gamma",), "1"),
    "True": changed(("payoff", 0, 0), True),
    "a tuple of no record": {"kind": "tuple", "items": [3]},
    "a tuple without items": {"kind": "tuple"},
    "an integer that is true": {"kind": "integer", "value": True},
    "an integer that is a float": {"kind": "integer", "value": 2.0},
    "a number that is a float": {"kind": "number", "value": 0.5},
    "a number that is a list": {"kind": "number", "value": ["1"]},
    "a table of floats": {"kind": "table", "entries": [0.5, 0.5]},
    "a table of null": {"kind": "table", "entries": [None]},
    "a table without entries": {"kind": "table"},
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_record_is_refused(case: str) -> None:
    """Reading is as strict as a constructor, exact entries only, and raises typed errors only."""
    with pytest.raises(TheorylabError):
        decode(MALFORMED[case], "M")


def test_the_place_of_a_malformed_record_is_named() -> None:
    """The message says which parameter, and which item of a tuple, is wrong."""
    with pytest.raises(ParseError, match=r"pis\[1\] has no kind"):
        decode({"kind": "tuple", "items": [encode(Policy([[1]])), {}]}, "pis")


def test_sides_are_written_exactly() -> None:
    """Rationals as p/q, tables as nested lists, balls with their radius."""
    assert exact_texts(flint.fmpq(1, 3)) == "1/3"
    assert exact_texts(np.array([[flint.fmpq(1, 3), 2]], dtype=object)) == "[['1/3', '2']]"
    assert exact_texts(np.array(flint.fmpq(1, 3), dtype=object)) == "1/3"
    assert "+/-" in exact_texts(Ball(flint.fmpq(1, 3)))
