"""The drawing of a small world: an arrow for each move, labels that do not cover each other."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from theorylab.report import graph
from theorylab.report.graph import PLACES, RADIUS, arrows, draw, short


def world(S, A, law=None):
    laws = [law(s) if law else [f"1/{S}"] * S for s in range(S)]
    return {
        "P": [[laws[s]] * A for s in range(S)],
        "payoff": [["1/2"] * A] * S,
        "start": ["1"] + ["0"] * (S - 1),
        "sense": "cost",
    }


def test_each_move_has_an_arrow_with_a_line_for_each_action():
    P = [[["0", "1"], ["1/2", "1/2"]], [["0", "1"], ["0", "1"]]]
    found = arrows(P, [["0", "1"], ["2", "3"]], "reward")
    assert {(a.source, a.target): a.lines for a in found} == {
        (0, 0): ("a1: 1/2, reward 1",),
        (0, 1): ("a0: 1, reward 0", "a1: 1/2, reward 1"),
        (1, 1): ("a0: 1, reward 2", "a1: 1, reward 3"),
    }


def test_the_drawing_is_well_formed_and_says_itself_in_words():
    svg = ElementTree.fromstring(str(draw("M<1>", world(2, 1))))
    assert svg.attrib["role"] == "img"
    assert svg.attrib["aria-label"] == (
        "Transition graph of M<1>:"
        " from state 0 action 0 (cost 1/2) goes to state 0 with probability 1/2"
        " and state 1 with probability 1/2;"
        " from state 1 action 0 (cost 1/2) goes to state 0 with probability 1/2"
        " and state 1 with probability 1/2"
    )
    assert len([c for c in svg if c.tag == "circle"]) == 3  # two states, one of them starts


def overlap(one, other):
    left, top, right, bottom = one
    return left < other[2] and other[0] < right and top < other[3] and other[1] < bottom


@pytest.mark.parametrize("S", [1, 2, 3, 4])
@pytest.mark.parametrize("A", [1, 2])
def test_labels_cover_no_state_and_no_other_label(S, A):
    it = world(S, A)
    found = arrows(it["P"], it["payoff"], "cost")
    boxes = graph._placed(found, PLACES[S])
    boxes += [graph._around(place, RADIUS) for place in PLACES[S]]
    assert len(boxes) == S * S + S
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]


@pytest.mark.parametrize("S", [1, 2, 3, 4])
def test_the_whole_drawing_is_inside_its_frame(S):
    text = str(draw("M", world(S, 2)))
    left, top, wide, high = map(float, re.search(r'viewBox="([^"]+)"', text)[1].split())
    for x, y, w, h in re.findall(r'rect x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)"', text):
        assert left <= float(x) <= float(x) + float(w) <= left + wide
        assert top <= float(y) <= float(y) + float(h) <= top + high


@pytest.mark.parametrize(("S", "A"), [(5, 1), (1, 5)])
def test_what_is_too_large_is_not_drawn(S, A):
    assert draw("M", world(S, A)) is None


def test_long_numbers_are_shortened():
    assert short("99/100") == "99/100"
    assert short("-123457/1000000") == "≈-0.1235"
