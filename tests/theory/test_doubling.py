"""Algorithm 1's counts: against a plain rewriting from the counts alone, and bad input."""

import itertools

import numpy as np
import pytest

from theorylab.errors import ModelError
from theorylab.theory.doubling import doubling_run, visits_by_power


def by_hand(episodes):
    """Kept visits and updates, from the number of earlier visits of a pair, counted anew."""
    seen, kept, updates = [], [], 0
    for episode in episodes:
        before, open_, hit = list(seen), True, False
        for pair in episode:
            n = before.count(pair)
            if open_:
                kept.append((pair, 2 ** (n.bit_length() - 1) if n else 0))
            seen.append(pair)
            doubled = bin(seen.count(pair)).count("1") == 1
            open_, hit = open_ and not doubled, hit or doubled
        updates += hit
    return kept, updates


@pytest.mark.parametrize("H", [1, 2, 3])
def test_all_short_runs(H):
    for labels in itertools.product(range(2), repeat=4 * H):
        episodes = [labels[k * H : (k + 1) * H] for k in range(4)]
        run = doubling_run(episodes, 2)
        assert (list(run.kept), run.updates) == by_hand(episodes)
        assert run.calls == 4  # the first visit of the first episode is an update


def test_visits_by_power():
    run = doubling_run([(0,)] * 9, 1)
    assert np.array_equal(visits_by_power(run, 1, 4), [[2, 2, 4, 1]])


def test_bad_pair():
    with pytest.raises(ModelError, match=r"episodes\[0\]\[1\] is 2, expected a pair in 0\.\.1"):
        doubling_run([(0, 2)], 2)
