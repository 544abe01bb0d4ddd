"""The dominance program: floats that prove what they say, exact solutions, against all corners."""

import numpy as np
import pytest

from tests.algorithms.alpha_worlds import largest_gap
from theorylab.algorithms import exact_simplex
from theorylab.algorithms.dense_simplex import verdict
from theorylab.algorithms.exact_simplex import by_bland, has_gap, settled


def games(count, seed=0, size=3):
    """Rows of small integers: ties and degenerate corners are common."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        n, k = rng.integers(1, 5), rng.integers(1, 6)
        yield [tuple(map(int, row)) for row in rng.integers(-size, size + 1, size=(k, n))]


def check(gaps, game):
    """Belief and mixture are distributions and each proves one side of the gap."""
    assert min(game.belief) >= 0 and sum(game.belief) == 1
    assert min(game.mixture) >= 0 and sum(game.mixture) == 1
    shown = [sum(b * g for b, g in zip(game.belief, row, strict=True)) for row in gaps]
    mixed = [sum(x * row[i] for x, row in zip(game.mixture, gaps, strict=True))
             for i in range(len(gaps[0]))]  # fmt: skip
    assert min(shown) == game.gap == max(mixed)


@pytest.mark.parametrize("solver", [settled, by_bland])
def test_gap_is_that_of_the_best_corner(solver):
    """20 games of small integers, by both solvers, with the proofs of both sides."""
    for gaps in games(20):
        game = solver(gaps)
        check(gaps, game)
        assert str(game.gap) == str(largest_gap(gaps))


def test_floats_never_decide_what_is_zero():
    """On small integers the floats' verdict is the sign of the exact gap, or says nothing."""
    said = {1: 0, 0: 0, -1: 0}
    for gaps in games(600, seed=1):
        G = np.array(gaps, dtype=float).T.copy() / 3
        n, k = G.shape
        sign = verdict(G, np.empty(n, np.int64), np.empty(n), np.empty(k))
        gap = by_bland(gaps).gap
        said[sign] += 1
        assert sign == (gap > 0) - (gap < 0) or sign == 0
        assert gap != 0 or sign == 0
        assert gap == 0 or sign != 0
    assert min(said.values()) > 20


def test_a_wrong_basis_of_the_floats_is_noticed(monkeypatch):
    """Whatever basis the floats return, the answer is right: exactness does not rest on it."""

    def misled(G, basis, belief, mixture):
        basis[:] = np.random.default_rng(G.size).permutation(sum(G.shape))[: len(G)]
        return True

    monkeypatch.setattr(exact_simplex, "solve_game", misled)
    for gaps in games(500, seed=2):
        assert settled(gaps).gap == by_bland(gaps).gap


def test_has_gap_is_the_exact_sign_even_of_wrong_floats():
    """Floats that have nothing to do with the rows only cost time."""
    for gaps in games(150, seed=3):
        right = np.array(gaps, dtype=float).T.copy() / 3
        for G in (right, right[::-1].copy(), np.zeros_like(right), -right):
            assert has_gap(G, lambda j, gaps=gaps: gaps[j]) == (by_bland(gaps).gap > 0)


def test_gaps_far_below_rounding_have_their_sign():
    """Gaps of one part in 10^40 of the entries, of either sign, and none."""
    for tiny in (1, 0, -1):
        gaps = [(10**40, -(10**40) + 2 * tiny, 0), (-(10**40), 10**40, -1)]
        game = settled(gaps)
        check(gaps, game)
        assert (game.gap > 0) - (game.gap < 0) == tiny


def test_many_tied_ratios_do_not_cycle():
    """Games of zeros and ones with 5 contexts and 40 rivals: degenerate at every pivot."""
    for gaps in (
        [tuple(map(int, row)) for row in np.random.default_rng(s).integers(0, 2, size=(40, 5))]
        for s in range(20)
    ):
        game = settled(gaps)
        check(gaps, game)
        assert game.gap == by_bland(gaps).gap
