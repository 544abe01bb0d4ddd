"""Minimal sets of vectors: against a slow pruner, by hand at every kind of tie."""

import numpy as np
import pytest

from tests.algorithms.alpha_worlds import largest_gap, needed_slowly
from theorylab.algorithms.alpha_envelope import needed, summed, summits
from theorylab.algorithms.dense_simplex import best_somewhere
from theorylab.errors import InvalidArgument


def draw(rng, n, most=8, size=5):
    """Up to `most` vectors of small integers, with duplicates."""
    K = int(rng.integers(1, most + 1))
    return [tuple(map(int, row)) for row in rng.integers(0, size, size=(K, n))]


def kept(vectors):
    """The vectors of the minimal set."""
    return [vectors[i] for i in needed(vectors)]


@pytest.mark.parametrize(("n", "count"), [(1, 20), (2, 60), (3, 20), (4, 6)])
def test_needed_vectors_are_those_of_the_slow_pruner(n, count):
    """Small integers: ties, equal vectors and touching ones are common."""
    rng = np.random.default_rng(n)
    for _ in range(count):
        vectors = draw(rng, n, most=7)
        assert sorted(kept(vectors)) == needed_slowly(vectors)


@pytest.mark.parametrize(("n", "count"), [(1, 10), (2, 60), (3, 30)])
def test_needed_sums_are_those_of_the_whole_cross_sum(n, count):
    """Two minimal sets, every sum of two pruned slowly."""
    rng = np.random.default_rng(10 + n)
    for _ in range(count):
        one, two = kept(draw(rng, n, 5)), kept(draw(rng, n, 5))
        every = [tuple(x + y for x, y in zip(u, v, strict=True)) for u in one for v in two]
        found = summed(one, two)
        assert sorted(found) == sorted(kept(every)) and len(set(found)) == len(found)
        if n == 2:
            assert found == kept(every)  # a chain, too


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_summit_shows_the_largest_gap(n):
    """At its summit a vector is above all others by as much as it can be at any belief."""
    rng = np.random.default_rng(20 + n)
    for _ in range(10):
        vectors = kept(draw(rng, n, 7, size=9))
        for i, belief in enumerate(summits(vectors)):
            rivals = [u for j, u in enumerate(vectors) if j != i]
            if rivals:
                gaps = [tuple(x - y for x, y in zip(vectors[i], u, strict=True)) for u in rivals]
                shown = min(sum(b * g for b, g in zip(belief, r, strict=True)) for r in gaps)
                assert min(belief) >= 0
                assert largest_gap(gaps) * sum(belief) == shown > 0


@pytest.mark.parametrize(
    ("vectors", "expected"),
    [
        ([(1, 1), (1, 1), (1, 1)], [0]),  # equal: the first
        ([(2, 0), (1, 1), (0, 2)], [0, 2]),  # on the segment: best at one belief, not strictly
        ([(2, 0), (1, 1), (0, 2), (2, 2)], [3]),
        ([(2, 0), (2, 1), (0, 2)], [1, 2]),  # ties at the end of the simplex
        ([(3, 3, 0), (3, 0, 3), (0, 3, 3), (2, 2, 2)], [0, 1, 2]),  # touches at the centre only
        ([(30, 30, 0), (30, 0, 30), (0, 30, 30), (21, 20, 20)], [0, 1, 2, 3]),
        ([(3, 3, 0), (3, 0, 3), (3, 1, 1)], [0, 1]),  # best where b = e_1 only: all three tie
        ([(4, 0, 0), (0, 4, 0), (2, 2, 0)], [0, 1]),  # on an edge between two others
        ([(5, 1, 0), (5, 1, 0), (0, 1, 5)], [0, 2]),
        ([(0, 0, 0)] * 4, [0]),
        ([(7,), (9,), (9,), (8,)], [1]),
    ],
)
def test_ties_by_hand(vectors, expected):
    """Strictness decides: what is best at a boundary only, or beside its equal, is out."""
    assert needed(vectors) == expected


@pytest.mark.parametrize("shift", [0, 10**30])
@pytest.mark.parametrize("side", [-1, 0, 1])
def test_differences_below_rounding_decide(side, shift):
    """A vector beside the middle of two others by 1 in 10^30, and by nothing at all."""
    unit = 10**30
    vectors = [(2 * unit, 0, 5), (0, 2 * unit, 5), (unit + side, unit + side, 5)]
    vectors = [tuple(x + shift for x in v) for v in vectors]
    assert needed(vectors) == ([0, 1, 2] if side > 0 else [0, 1])
    assert len(needed([v[:2] for v in vectors])) == (3 if side > 0 else 2)


def test_a_sum_that_wins_by_less_than_rounding_is_kept():
    """A set whose middle vector is needed by 1 in 10^30: each of its sums is needed, too."""
    unit = 10**30
    one = [(2 * unit, 0, 5), (0, 2 * unit, 5), (unit + 1, unit + 1, 5)]
    two = [(0, 0, 7 * unit), (unit, unit, 0)]
    assert len(summed(one, two)) == 6
    assert len(summed(two, one)) == 6


def test_floats_leave_ties_to_the_exact_test():
    """What touches is neither kept nor dropped by the compiled pass."""
    V = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1], [2 / 3, 2 / 3, 2 / 3], [0.1, 0.1, 0.1]])
    assert best_somewhere(V).tolist() == [1, 1, 1, 0, -1]


def test_a_cross_sum_too_large_says_its_size_before_it_is_made():
    """Its size and the limit are in the message; so for too many vectors, and none."""
    one = [(k, -k * k, k * k * k) for k in range(100)]
    with pytest.raises(InvalidArgument, match=r"cross-sum of 100 x 100 = 10000 vectors .* 1\.4 MiB,"
                                              r" the limit `memory` is 1\.0 MiB"):  # fmt: skip
        summed(one, one, memory=2**20)
    with pytest.raises(InvalidArgument, match="100 vectors would take"):
        needed(one, memory=1000)
    with pytest.raises(InvalidArgument, match="vectors is empty"):
        needed([])
