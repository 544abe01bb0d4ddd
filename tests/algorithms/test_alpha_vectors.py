"""Alpha vectors: values against all histories, minimality certified, known counts, bad input."""

from dataclasses import replace
from fractions import Fraction

import flint
import numpy as np
import pytest

from tests import oracle
from tests.algorithms.alpha_worlds import best_discounted, best_total, latent, pomdp
from theorylab.algorithms.alpha_certify import certify, certify_pomdp
from theorylab.algorithms.alpha_envelope import summits
from theorylab.algorithms.alpha_vectors import (
    alpha_vector_sets,
    optimal_action,
    optimal_value,
    pomdp_alpha_sets,
)
from theorylab.errors import InvalidArgument
from theorylab.theory.latent import grown_weights, joint_weights
from theorylab.worlds.latent_mdp import LatentMDP
from theorylab.worlds.mdp import map_tables
from theorylab.worlds.tiger import LISTEN, OPEN_LEFT, OPEN_RIGHT, TIGER_LEFT, tiger

COUNTS = [3, 5, 9, 7, 13, 15, 19, 25, 27, 27, 37, 35, 39, 47, 47, 47, 57, 53, 61, 65, 67, 71, 77,
          77, 83, 87, 87, 91, 97, 97]  # fmt: skip
"""Useful vectors of the tiger by horizon."""


@pytest.mark.parametrize("block", range(8))
def test_value_is_that_of_all_histories_and_sets_are_minimal(block):
    """512 latent MDPs of 8 shapes, M = 1 to 4, with ties, twins, certain steps and no rewards."""
    for seed in range(64 * block, 64 * block + 64):
        W = latent(seed)
        sets = alpha_vector_sets(W)
        assert str(optimal_value(W, sets)) == str(best_total(W)), seed
        certificate = certify(W, sets)
        assert certificate.needed == sum(len(found) for row in sets for found in row)


@pytest.mark.parametrize(("X", "A", "O", "horizon"), [(1, 2, 2, 3), (2, 3, 2, 4), (3, 3, 2, 3),
                                                      (4, 2, 3, 2)])  # fmt: skip
def test_pomdp_value_is_that_of_all_histories(X, A, O, horizon):
    """At the corners, the centre and a random belief; minimality certified."""
    for seed in range(4):
        B = pomdp(seed, X, A, O)
        sets = pomdp_alpha_sets(B, horizon)
        certify_pomdp(B, sets)
        corners = [[int(x == y) for x in range(X)] for y in range(X)]
        for row in [*corners, [1] * X, [1, *[3] * (X - 1)]]:
            best = max(oracle.dot(v, row) for v in oracle.fractions(sets[-1].vectors))
            assert best == best_discounted(B, list(map(Fraction, row)), horizon)


def test_acting_on_the_vectors_earns_the_value():
    """The policy of `optimal_action`, run on every history, is worth the optimal value."""
    for seed in (4, 12, 20, 23, 44):
        W = latent(seed)
        sets = alpha_vector_sets(W)
        weights, total = joint_weights(W)[0], 0
        for t in range(1, W.H + 1):
            rows = np.zeros((weights.shape[1], W.A), dtype=int)
            for h, column in enumerate(weights.T):
                if any(column):
                    rows[h, optimal_action(sets, t, h % W.S, column)] = 1
            states = np.arange(weights.shape[1]) % W.S
            total += (weights * (W.rewards[:, states] * rows).sum(-1)).sum()
            grown = grown_weights(W, t, weights).reshape(W.M, -1, W.A, W.L * W.S)
            weights = (grown * rows[:, :, None]).reshape(W.M, -1)
        assert total == optimal_value(W, sets)


def test_actions_say_what_is_to_be_done():
    """Of vectors that tie the smallest action; what is certain is done at once."""
    sets = alpha_vector_sets(LatentMDP(
        [Fraction(1, 2)] * 2, [[1]] * 2, [[[[1]] * 3]] * 2, [0, 1], [[[0, 1, 0]], [[0, 0, 1]]], 1
    ))  # fmt: skip
    assert [optimal_action(sets, 1, 0, w) for w in ([3, 1], [1, 3], [1, 1], [0.25, 0.75])] == [
        1, 2, 1, 2]  # fmt: skip
    assert sorted(sets[0][0].actions) == [1, 2]
    assert sets[0][0].losses == (1, 1)


def test_floats_are_taken_as_the_rationals_that_they_are():
    """Tables that floats hold exactly give the exact value; others the value of what they hold."""
    W = latent(5)
    halves = LatentMDP(W.w, W.nu, np.where(W.P > 0, W.P, W.P), W.palette, W.labels, W.H)
    value = optimal_value(map_tables(halves, lambda t: np.array([float(Fraction(str(x)))
                          for x in t.flat]).reshape(t.shape)))  # fmt: skip
    assert float(Fraction(str(value))) == pytest.approx(float(best_total(W)), abs=1e-12)
    assert str(value) != str(best_total(W))


# ------------------------------------------------------------------------------------------ tiger


def test_tiger_with_one_two_and_three_steps_by_hand():
    """One step: open or listen. Two: listen, then open after hearing it; or open at once."""
    one, two = pomdp_alpha_sets(tiger(), 2)
    points = {a: set() for a in (LISTEN, OPEN_LEFT, OPEN_RIGHT)}
    for vector, a in zip(oracle.fractions(two.vectors), two.actions, strict=True):
        points[a].add(tuple(vector))
    assert oracle.fractions(one.vectors) == [[10, -100], [-1, -1], [-100, 10]]
    gamma, right = Fraction(19, 20), Fraction(17, 20)
    left = -1 + gamma * (right * 10 - (1 - right)), -1 + gamma * (-(1 - right) * 100 - right)
    assert {left, left[::-1]} <= points[LISTEN]  # open the other door if it is heard there
    assert points[OPEN_LEFT] == {(-100 - gamma, 10 - gamma)}


def test_tiger_counts_are_certified_to_horizon_9():
    """Each vector needed, nothing missing, at every horizon; symmetric under left and right."""
    sets = pomdp_alpha_sets(tiger(), 9)
    assert [len(found) for found in sets] == COUNTS[:9]
    certify_pomdp(tiger(), sets)
    for found in sets:
        points = set(found.points)
        assert {(y, x) for x, y in points} == points


def test_tiger_to_horizon_30_keeps_vectors_that_cost_less_than_a_tolerance():
    """At horizon 30 a vector is worth 6e-11 of a reward of 10: an epsilon would drop it."""
    sets = pomdp_alpha_sets(tiger(), 30)
    assert [len(found) for found in sets] == COUNTS
    least = min(sets[-1].losses)
    assert 0 < least < flint.fmpq(1, 10**10)
    uniform = max(sum(row) / 2 for row in sets[-1].vectors)
    assert float(Fraction(str(uniform))) == pytest.approx(float_tiger(30), abs=1e-9)


def float_tiger(horizon):
    """The tiger's value at the uniform belief, in floats: beliefs are counts of what was heard."""

    def belief(d):
        return 1 / (1 + (3 / 17) ** d)  # the tiger is left, after d more ears on the left

    def best(d, left):
        if not left:
            return 0.0
        if (d, left) not in known:
            p = belief(d)
            anew = 0.95 * best(0, left - 1)
            doors = [10 * (1 - q) - 100 * q + anew for q in (p, 1 - p)]
            hears = 0.85 * p + 0.15 * (1 - p)
            listens = hears * best(d + 1, left - 1) + (1 - hears) * best(d - 1, left - 1)
            known[d, left] = max(*doors, -1 + 0.95 * listens)
        return known[d, left]

    known: dict = {}
    return best(0, horizon)


def test_first_action_at_the_tiger():
    """Nobody opens without listening, and who knows where it is opens the other door."""
    found = pomdp_alpha_sets(tiger(), 5)
    sure = [0, 0]
    sure[TIGER_LEFT] = 1
    assert optimal_action([[found[-1]]], 1, 0, [1, 1]) == LISTEN
    assert optimal_action([[found[-1]]], 1, 0, sure) == OPEN_RIGHT


# -------------------------------------------------------------------------- what certify refuses


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: _without(f, 1), r"sets\[2\] lacks \(.*\) of action"),
        (lambda f: replace(f, points=(*f.points[:-1], (0, 0))), r"points\[8\] is \(0, 0\)"),
        (lambda f: replace(f, actions=(LISTEN,) * len(f)), r"points\[0\] is .* of action 0"),
        (lambda f: replace(f, summits=((1, 1), *f.summits[1:])), r"summits\[0\] shows a gap of"),
        (lambda f: replace(f, summits=((-1, 0), *f.summits[1:])), r"summits\[0\] is \(-1, 0\)"),
        (lambda f: _with_more(f), r"summits\[9\] shows a gap of -"),
        (lambda f: replace(f, scale=1), r"sets\[2\].scale is 1, expected"),
    ],
)
def test_a_spoiled_set_is_refused(spoil, said):
    """A vector missing, changed or too much, a wrong action, witness or scale."""
    sets = pomdp_alpha_sets(tiger(), 3)
    with pytest.raises(InvalidArgument, match=said) as caught:
        certify_pomdp(tiger(), [*sets[:2], spoil(sets[2])])
    assert "\n" not in str(caught.value)


def test_a_vector_that_only_touches_the_envelope_is_refused():
    """Two arms that pay 1 in one context each, and one that pays 1/2 in both: needed nowhere."""
    labels = [[[0, 1, 2]], [[1, 0, 2]]]
    W = LatentMDP(["1/2"] * 2, [[1]] * 2, [[[[1]] * 3]] * 2, [0, 1, "1/2"], labels, 1)
    found = alpha_vector_sets(W)[0][0]
    assert len(found) == 2 and certify(W, [[found]]).superfluous == 1
    middle = tuple(sum(column) // 2 for column in zip(*found.points, strict=True))
    more = replace(found, points=(*found.points, middle), actions=(*found.actions, 2),
                   summits=(*found.summits, (1, 1)))  # fmt: skip
    with pytest.raises(InvalidArgument, match=r"summits\[2\] shows a gap of 0, expected"):
        certify(W, [[more]])


def _without(found, i):
    """The set without one vector, with witnesses that are right for the rest."""
    points = found.points[:i] + found.points[i + 1 :]
    actions = found.actions[:i] + found.actions[i + 1 :]
    return replace(found, points=points, actions=actions, summits=tuple(summits(points)))


def _with_more(found):
    """With a cross-sum that no belief needs: listen, then open left whatever was heard."""
    later = pomdp_alpha_sets(tiger(), 2)[1]
    i = next(k for k, a in enumerate(later.actions) if a == OPEN_LEFT)
    x, y = later.points[i]
    low = tuple(found.scale // later.scale * 19 * z // 20 - found.scale for z in (x, y))
    return replace(
        found,
        points=(*found.points, low),
        actions=(*found.actions, LISTEN),
        summits=(*found.summits, (1, 1)),
    )


# -------------------------------------------------------------------------------------- bad input


def test_bad_input():
    """Horizon, step, state, weights, shapes and memory: named in one line."""
    W = latent(2)
    sets = alpha_vector_sets(W)
    for call, said in (
        (lambda: pomdp_alpha_sets(tiger(), 0), "horizon is 0, expected an integer of at least 1"),
        (lambda: pomdp_alpha_sets(tiger(), True), "horizon is True"),
        (lambda: optimal_action(sets, 4, 0, [1, 1]), "t is 4, expected an integer from 1 to 3"),
        (lambda: optimal_action(sets, 1, -1, [1, 1]), "s is -1, expected an integer from 0 to 1"),
        (lambda: optimal_action(sets, 1, 0, [1, -1]), r"weights is \[1, -1\], expected 2"),
        (lambda: optimal_action(sets, 1, 0, [0, 0]), r"weights is \[0, 0\]"),
        (lambda: optimal_action(sets, 1, 0, [1, 1, 1]), r"weights is \[1, 1, 1\]"),
        (lambda: certify(W, sets[:2]), r"sets is 2 steps of \[2\] sets, expected H = 3"),
        (lambda: certify(W, sets, memory=10), r"has full cross-sums of \d+ vectors"),
        (lambda: pomdp_alpha_sets(pomdp(1, 3, 3, 3), 6, memory=400), "MiB, the limit"),
        (lambda: pomdp_alpha_sets(tiger(), 20, memory=5000), "cross-sum of .* MiB, the limit"),
    ):
        with pytest.raises(InvalidArgument, match=said) as caught:
            call()
        assert "\n" not in str(caught.value)
