"""Follow-the-Leader: against brute force, its bound, ties, infinite losses."""

import math

import numpy as np
import pytest

from theorylab.algorithms.leader import leader, leading, regret_bound, updated
from theorylab.errors import InvalidArgument, Undefined


def played(losses):
    """The leader before each round."""
    state, found = leader(losses.shape[1]), []
    for row in losses:
        found.append(leading(state))
        state = updated(state, row)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_leads_by_least_total(seed):
    losses = np.random.default_rng(seed).integers(-2, 3, (40, 4)).astype(float)
    expected = [min(range(4), key=lambda i, t=t: (losses[:t, i].sum(), i)) for t in range(40)]
    assert played(losses) == expected


@pytest.mark.parametrize("seed", range(6))
def test_regret_is_within_the_bound(seed):
    losses = np.random.default_rng(seed).random((200, 5)) ** 3
    paid = losses[np.arange(200), played(losses)].sum()
    assert paid - losses.sum(0).min() <= regret_bound(losses) + 1e-12


def test_the_bound_is_met_where_the_leader_always_loses():
    """(1/2, 0), then (0, 1), (1, 0), ...: regret and bound are both linear in T."""
    losses = np.array([[0.5, 0.0]] + [[t % 2 == 0, t % 2] for t in range(1, 100)], dtype=float)
    paid = losses[np.arange(100), played(losses)].sum()
    assert paid == 99.5 and losses.sum(0).min() <= 50
    assert regret_bound(losses) >= paid - losses.sum(0).min() > 49


def test_a_staying_leader_costs_nothing():
    assert regret_bound([[0.0, 1.0]] * 10) == 0


def test_an_infinite_loss_never_leads_again():
    state = updated(updated(leader(2), [math.inf, 5.0]), [-100.0, 0.0])
    assert leading(state) == 1


def test_all_infinite_is_undefined():
    with pytest.raises(Undefined, match="every expert has an infinite loss"):
        leading(updated(leader(2), [math.inf, math.inf]))


def test_a_state_never_changes():
    state = leader(2)
    updated(state, [1.0, 0.0])
    assert state.totals.tolist() == [0, 0]
    with pytest.raises(ValueError, match="read-only"):
        state.totals[0] = 1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: leader(0), "experts is 0, expected an integer of at least 1"),
        (lambda: updated(leader(2), [0.0, math.nan]), r"losses\[1\] is nan"),
        (lambda: updated(leader(2), [-math.inf, 0.0]), r"losses\[0\] is -inf"),
        (lambda: updated(leader(2), [0.0]), r"shape \(1,\), expected \(2,\)"),
        (lambda: regret_bound([[0.0, math.inf]]), "expected a finite table"),
        (lambda: regret_bound([0.0, 1.0]), "expected a finite table"),
    ],
)
def test_bad_input(call, said):
    with pytest.raises(InvalidArgument, match=said):
        call()
