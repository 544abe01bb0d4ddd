"""Draws inside claims and what is said of them: what they return, what they refuse."""

import flint
import numpy as np
import pytest

import theorylab
from theorylab import (
    Integer,
    StateDistribution,
    almost_surely,
    at_most,
    count_labels,
    draw,
    draw_counts,
    equal,
    every,
    in_expectation,
    so_far,
    with_probability,
)
from theorylab.balls import balls
from theorylab.chance import Event, Expected, drawing
from theorylab.claims import make_claim
from theorylab.engines.outcomes import Path
from theorylab.errors import AtRandom, ClaimError, Unsupported
from theorylab.lint import check

HALF = flint.fmpq(1, 2)
COIN = np.array([HALF, HALF], dtype=object)


@pytest.mark.parametrize(
    "run",
    [
        lambda: draw(COIN),
        lambda: draw_counts(COIN, 2),
        so_far,
        lambda: with_probability(HALF, equal(HALF, HALF)),
        lambda: almost_surely(equal(HALF, HALF)),
        lambda: in_expectation(equal(HALF, HALF)),
    ],
)
def test_chance_is_for_the_probability_engine(run) -> None:
    """Outside of it a draw says so, as an operation that the other engines lack."""
    with pytest.raises(AtRandom, match="the probability engine judges it") as caught:
        run()
    assert isinstance(caught.value, Unsupported)


def test_a_draw_takes_the_first_possible_outcome_and_notes_the_others() -> None:
    path = Path(())
    with drawing(path):
        assert draw(np.array([0, HALF, 0, HALF], dtype=object)) == 1
        assert draw(COIN, 2) == (0, 0)
        assert so_far().drawn == 3
    assert path.others == [(3,), (1, 1), (1, 0, 1)]
    assert path.probability == HALF**3


def test_a_draw_repeats_its_prefix() -> None:
    path = Path((1, 0, 1))
    with drawing(path):
        assert draw(COIN, 3) == (1, 0, 1)
    assert path.others == [] and path.outcomes == [1, 0, 1]


def test_pairs_are_drawn_from_tables_of_pairs() -> None:
    nu = np.array([[0, 0, 0], [0, 0, HALF], [0, HALF, 0]], dtype=object)
    with drawing(Path((5,))):
        assert draw(nu) == (1, 2)
    with drawing(Path((7,))):
        assert draw(nu) == (2, 1)


def test_counts_are_exact_numbers() -> None:
    """Counts divided by n are frequencies, not floats."""
    with drawing(Path((2,))):
        counts = draw_counts(COIN, 3)
    assert counts.tolist() == [2, 1] and (counts / 3).tolist() == [
        flint.fmpq(2, 3),
        flint.fmpq(1, 3),
    ]
    assert (count_labels((0, 2, 2), 3) / 3).tolist() == [flint.fmpq(1, 3), 0, flint.fmpq(2, 3)]
    assert count_labels([(0, 1), (1, 1), (0, 1)], 2, 2).tolist() == [[0, 2], [0, 1]]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([HALF, HALF / 2], "sums to 3/4, expected 1"),
        ([HALF * 3, -HALF], "entry 1 of the distribution is -1/2, expected >= 0"),
        ([], "expected a distribution"),
        ([1 / 2, 1 / 2], "draw got the float 0.5"),
    ],
)
def test_what_is_no_distribution_is_refused(row, said) -> None:
    with drawing(Path(())), pytest.raises(ClaimError, match=said):
        draw(np.array(row, dtype=object))


def test_balls_that_cannot_sum_to_one_are_refused() -> None:
    with drawing(Path(())):
        draw(balls(np.array([flint.fmpq(1, 3)] * 3, dtype=object)))
        with pytest.raises(ClaimError, match="sums to"):
            draw(balls(np.array([flint.fmpq(1, 3)] * 2, dtype=object)))


@pytest.mark.parametrize("count", [-1, True, "two"])
def test_a_count_is_a_whole_number(count) -> None:
    with drawing(Path(())), pytest.raises(ClaimError, match="an integer of at least 0"):
        draw(COIN, count)


def test_statements_are_links_of_their_own_kind() -> None:
    with drawing(Path(())):
        event = with_probability(1 - HALF / 2, every(at_most(0, HALF, "a"), at_most(0, 1, "b")))
        mean = in_expectation(at_most(0, HALF, "c"), within=(0, 1))
    (link,) = event.links
    assert isinstance(link, Event) and link.rhs == HALF / 2 and link.because == "a; b"
    assert len(link.inner) == 2
    assert isinstance(mean.links[0], Expected) and mean.links[0].within == (0, 1)


@pytest.mark.parametrize("statement", [in_expectation, almost_surely])
def test_statements_are_joined_not_nested(statement) -> None:
    with drawing(Path(())):
        inner = in_expectation(equal(HALF, HALF))
        with pytest.raises(ClaimError, match=r"join them by every"):
            statement(inner)
        with pytest.raises(ClaimError, match="expected a relation"):
            statement(HALF)


def test_a_claim_may_branch_on_labels_but_not_on_numbers() -> None:
    """Labels are integers, whatever runs; a name that is also a number is none."""

    def walk(p: StateDistribution, n: Integer(1, 2)):
        state, steps = 0, 0 * p[0]
        for label in draw(p, n):
            steps = steps + 1 if label > 0 else steps
        state = draw(p)
        while state > 0:
            state = draw(p)
        return almost_surely(at_most(0, steps))

    def number(p: StateDistribution):
        x = draw(p)
        x = p[x]
        return almost_surely(at_most(0, x if x > 0 else 0 * x))

    check(walk, "walk", frozenset({"n"}))
    with pytest.raises(ClaimError, match="decides on a number"):
        make_claim(number, "mine", "number")


def test_public_names() -> None:
    for name in ("draw", "draw_counts", "with_probability", "bounded_by", "Along", "growth_rate"):
        assert name in theorylab.__all__ and getattr(theorylab, name)
