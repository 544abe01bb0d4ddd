"""The Bayes-optimal regret: compiled against exact, against brute force, and its known values."""

from fractions import Fraction as F
from itertools import product

import flint
import numpy as np
import pytest

from theorylab.algorithms import bayes_regret as fast
from theorylab.errors import InvalidArgument
from theorylab.theory import guessing as exact


def as_float(x: flint.fmpq) -> float:
    return int(x.p) / int(x.q)


@pytest.mark.parametrize(("C", "n"), [(2, 9), (2, 8), (3, 8), (4, 6), (5, 5), (7, 3)])
@pytest.mark.parametrize("k", [4, 8, 50])
def test_compiled_is_the_exact_program(C: int, n: int, k: int) -> None:
    known = [as_float(exact.guessing_regret(C, r, flint.fmpq(1, k))) for r in range(n + 1)]
    assert np.allclose(fast.guessing_regrets(C, n, 1 / k), known, rtol=1e-13, atol=0)
    assert fast.guessing_regret(C, n, 1 / k) == pytest.approx(known[-1], rel=1e-13)


@pytest.mark.parametrize("k", [3, 4, 50])
def test_two_arms_by_differences_are_the_two_arms(k: int) -> None:
    eps = flint.fmpq(1, k)
    for n in range(9):
        assert exact.two_arms_regret(n, eps) == exact.guessing_regret(2, n, eps)
    assert exact.two_arms_regret(60, 1 / k) == pytest.approx(fast.guessing_regret(2, 60, 1 / k))


def best_of_all_rules(C: int, eps: F) -> F:
    """Two rounds, every deterministic rule: the first arm, then an arm for each outcome."""
    half, found = F(1, 2), []
    for first, *then in product(range(C), repeat=3):
        lost = F(0)
        for good in range(C):
            p = half + eps * (first == good)
            lost += eps * (first != good)
            lost += sum(q * eps * (arm != good) for q, arm in zip((1 - p, p), then, strict=True))
        found.append(lost / C)
    return min(found)


@pytest.mark.parametrize("C", [2, 3, 4])
def test_two_rounds_by_enumerating_all_rules(C: int) -> None:
    known = best_of_all_rules(C, F(1, 5))
    assert exact.guessing_regret(C, 2, flint.fmpq(1, 5)) == flint.fmpq(*known.as_integer_ratio())


def likeliest(eps: flint.fmpq):  # type: ignore[no-untyped-def]
    def rule(state: exact.State) -> tuple[int, ...]:
        own = exact.weights(state, eps)
        return (max(range(len(own)), key=lambda c: own[c]),)

    return rule


@pytest.mark.parametrize(("C", "n"), [(2, 8), (3, 6), (4, 5)])
def test_the_likeliest_arm_is_best(C: int, n: int) -> None:
    """So one rule serves every number of rounds, and `class_regret` is attained."""
    eps = flint.fmpq(1, 6)
    best = exact.guessing_regret(C, n, eps)
    assert exact.guessing_regret(C, n, eps, likeliest(eps)) == best
    assert exact.guessing_regret(C, n, eps, exact.first_arm) > best


@pytest.mark.parametrize(("C", "M", "K"), [(2, 2, 4), (3, 2, 3), (2, 3, 3)])
def test_class_is_independent_games(C: int, M: int, K: int) -> None:
    eps = flint.fmpq(1, 7)
    joint = exact.joint_regret(C, M, K, eps)
    assert joint == M * exact.active_regret(C, M, K, eps) == exact.class_regret(C, M, K, eps)
    assert fast.class_regret(C, M, K, 1 / 7) == pytest.approx(as_float(joint), rel=1e-12)


def test_layers_hold_every_state_once() -> None:
    """Sizes of the layers against the states that plain histories reach, shifts taken out."""
    for C, n in ((2, 5), (3, 5), (4, 4)):
        layer = {((0, 0),) * C}
        for size in fast.layer_sizes(C, n):
            reduced = {tuple((s - min(p[0] for p in it), f + min(p[0] for p in it))
                             for s, f in it) for it in layer}  # fmt: skip
            expected = reduced if C > 2 else {frozenset([(a[0] - b[0], a[1] - b[1]),
                                                        (b[0] - a[0], b[1] - a[1])])
                                              for a, b in layer}  # fmt: skip
            spare = 0 if C > 2 else size - len(expected)  # pairs (0, e), (0, -e) are kept twice
            assert 0 <= spare <= n and size - spare == len(expected)
            layer = {
                exact.played(it, c, w) for it in layer for c in range(C) for w in (True, False)
            }


def test_no_advantage_no_regret_and_one_round() -> None:
    assert fast.guessing_regret(3, 6, 0.0) == 0
    assert fast.guessing_regret(4, 1, 0.1) == pytest.approx(0.075)


def test_printed_inequality_9_falls_at_two_arms() -> None:
    """The right side of (9) at C = 2 is the regret of one who never learns."""
    for n in (12, 100, 400):
        eps = fast.printed_eps(2, n)
        assert eps * n / 2 == pytest.approx((2 * n) ** 0.5 / 8 / 2**0.5)
        assert fast.guessing_regret(2, n, eps) < eps * n / 2


def test_binomial_and_threshold() -> None:
    law = fast.binomial(50, 3)
    assert law.sum() == pytest.approx(1) and law @ np.arange(51) == pytest.approx(50 / 3)
    assert fast.episodes_allowed(1, 4, 12) == 78


def test_refused() -> None:
    for C, n, eps, words in (
        (1, 3, 0.1, "C is 1"),
        (2, -1, 0.1, "n is -1"),
        (2, 3, 0.5, "eps is 0.5"),
        (3, 701, 0.1, "n is 701"),
        (6, 600, 0.1, "bytes, expected at most"),
    ):
        with pytest.raises(InvalidArgument, match=words):
            fast.guessing_regret(C, n, eps)
    with pytest.raises(InvalidArgument, match="M is 0"):
        fast.class_regret(2, 0, 3, 0.1)
