"""The histogram of slacks: every instance is drawn, said and listed; bad data is named."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from tests.report.samples import HISTOGRAM
from theorylab.errors import ParseError
from theorylab.report.histogram import HEIGHT, LEFT, RIGHT, WIDTH, histogram
from theorylab.report.view import view


def drawn(record):
    svg = ElementTree.fromstring(str(histogram(record).drawing))
    return svg, [{k: float(v) for k, v in r.items() if k != "class"} for r in svg.iter("rect")]


def test_it_says_itself_in_words_and_as_a_table():
    shown = histogram(HISTOGRAM)
    assert shown.words == (
        "5,153 instances; most of them (5,000) between 0.25 and 0.5; 31 between 0 and 0.25;"
        " 2 below zero"
    )
    assert shown.rows[0] == ("−0.25", "0", 2)
    assert sum(count for _, _, count in shown.rows) == sum(HISTOGRAM["counts"])
    svg, _ = drawn(HISTOGRAM)
    assert svg.attrib["role"] == "img"
    assert [e.tag for e in svg][:2] == ["title", "desc"]
    assert svg.find("desc").text == shown.words


def test_bars_stand_in_order_within_the_frame_and_rise_with_their_counts():
    svg, bars = drawn(HISTOGRAM)
    counts = [c for c in HISTOGRAM["counts"] if c]
    assert len(bars) == len(counts)
    by_count = [
        bar["height"] for _, bar in sorted(zip(counts, bars, strict=True), key=lambda p: p[0])
    ]
    assert by_count == sorted(by_count) and by_count[0] > 3
    for bar in bars:
        assert LEFT <= bar["x"] < bar["x"] + bar["width"] <= WIDTH - RIGHT
        assert bar["y"] >= 0 and bar["y"] + bar["height"] <= HEIGHT
    below = [r.attrib.get("class") for r in svg.iter("rect")]
    assert below == ["below", None, None, None]


def test_unequal_bins_stand_side_by_side():
    edges = [-1.0, -1e-6, 0.0, 1e-9, 1e-3, 1.0]
    _, bars = drawn({"edges": edges, "counts": [1, 1, 1, 1, 1]})
    assert len({round(bar["width"], 3) for bar in bars}) == 1


def test_empty_ends_are_left_out_and_zero_is_marked_in_its_bin():
    sizes = [8.0**-k for k in range(11, -1, -1)]
    edges = [*(-size for size in reversed(sizes)), *sizes]
    counts = [0] * 10 + [3, 500, 7, 2] + [9] * 8 + [0]
    svg, bars = drawn({"edges": edges, "counts": counts})
    assert len(bars) == 12
    labels = {t.text: float(t.attrib["x"]) for t in svg.iter("text") if "class" not in t.attrib}
    middle = next(bar for bar in bars if bar["height"] == max(b["height"] for b in bars))
    assert labels["0"] == pytest.approx(middle["x"] + middle["width"] / 2, abs=0.2)
    places = sorted(labels.values())
    assert min(b - a for a, b in pairwise(places)) > 45  # eight signs of the smallest type
    assert [r.attrib.get("class") for r in svg.iter("rect")].count("below") == 1


@pytest.mark.parametrize("counts", [[1], [10**9, 1], [0, 7, 0], [3] * 64])
def test_any_counts_can_be_drawn(counts):
    svg, bars = drawn({"edges": [k / 8 for k in range(len(counts) + 1)], "counts": counts})
    assert len(bars) == sum(c > 0 for c in counts)
    assert not re.search("nan|inf", ElementTree.tostring(svg, "unicode"))


@pytest.mark.parametrize("empty", [None, {"edges": [0.0, 1.0], "counts": [0]}])
def test_nothing_seen_is_not_drawn(empty):
    assert histogram(empty) is None


@pytest.mark.parametrize(
    ("edges", "counts", "said"),
    [
        ([0, 1], [1, 2], "one edge more"),
        ([1, 0], [1], "increase"),
        ([0, 0], [1], "increase"),
        ([0, float("nan")], [1], "increase"),
        ([0, 1], [-1], "0 or more"),
        ([0, "x"], [1], "could not convert"),
    ],
)
def test_what_is_no_histogram_is_named(edges, counts, said):
    record = {"claims": [{"histogram": {"edges": edges, "counts": counts}}]}
    with pytest.raises(ParseError, match=said):
        view(record)
