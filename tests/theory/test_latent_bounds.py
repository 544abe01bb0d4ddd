"""Theorem 2's explicit bound: against a fixed point by hand, its closed form, and bad input."""

import math
import random

import pytest

from theorylab.errors import ModelError
from theorylab.theory.latent_bounds import (
    LatentProblem,
    closed_form,
    first_speaking_episodes,
    log_factor,
    most_updates,
    regret_bound,
    theorem_2_bound,
)


def largest_regret(M, S, A, H, K, Gamma, variance, delta):
    """The largest sum that the lemmas allow: X_4 and X_6 iterated to a fixed point."""
    iota = 2 * math.log(2 * M * S * A * H * K / delta)
    pairs, updates = M * S * A, M * S * A * (math.log2(H * K) + 1)
    X_5, X_4 = 3 * variance * K + 46 * iota**2, 0.0
    for _ in range(2000):
        b, c = 4 * math.sqrt(2 * iota), 5 * iota + 2 * X_4 + updates
        X_6 = ((b + math.sqrt(b * b + 4 * c)) / 2) ** 2
        roots = math.sqrt(3 * pairs * (X_5 + updates)) + math.sqrt(3 * pairs * (X_6 + updates))
        X_4 = 7 * math.sqrt(2 * Gamma) * iota * roots + 90 * pairs * S * iota**2
    others = 2 * (4 * math.sqrt(X_5 * iota) + 4 * math.sqrt(X_6 * iota) + 5 * iota)
    return others + 2 * math.sqrt(2 * variance * K * iota) + 5 * iota + X_4 + updates


def problems():
    rng = random.Random(5)
    for _ in range(40):
        M, S, A, H = (rng.randint(1, 6) for _ in range(4))
        K, variance = int(math.exp(rng.uniform(0, 25))), rng.choice([0.0, 0.25, rng.random() / 4])
        yield M, S, A, H, K, rng.randint(1, S), variance, rng.uniform(0.001, 0.999)


@pytest.mark.parametrize("problem", list(problems()))
def test_the_bound_lies_between_the_fixed_point_and_the_closed_form(problem):
    M, S, A, H, K, Gamma, variance, delta = problem
    bound = theorem_2_bound(*problem)
    iota = log_factor(M, S, A, H, K, delta)
    assert largest_regret(*problem) <= bound <= 2.1 * largest_regret(*problem)
    assert bound <= closed_form(variance, K, M * S * A, S, Gamma, iota)


def test_the_leading_constant():
    """For Var* K large the bound is 2 * 7 sqrt(18) iota sqrt(Var* M Gamma S A K), from above."""
    iota, K = log_factor(1, 1, 1, 1, 2**900, 0.5), 2.0**900
    leading = 14 * math.sqrt(18) * iota * math.sqrt(K / 4)
    bound = regret_bound(0.25, K, most_updates(1, 1, 1, 1, 2**900, 2.0), 1, 1, 1, iota)
    assert 1 < bound / leading < 1.01


def test_the_size_from_which_it_speaks():
    K = first_speaking_episodes(1, 2, 1, 2, 2, 0.25, 0.01)
    assert K == 2**25
    assert theorem_2_bound(1, 2, 1, 2, K, 2, 0.25, 0.01) < K
    assert theorem_2_bound(1, 2, 1, 2, K // 2, 2, 0.25, 0.01) >= K // 2


def test_bad_input_is_named():
    with pytest.raises(ModelError, match=r"LatentProblem\.Gamma is 3, expected at most S = 2"):
        LatentProblem(1, 2, 1, 1, 1, 3)
    with pytest.raises(ModelError, match=r"LatentProblem\.K is 0"):
        theorem_2_bound(1, 2, 1, 1, 0, 1, 0.1, 0.1)
    with pytest.raises(ModelError, match="variance is 2"):
        theorem_2_bound(1, 2, 1, 1, 4, 1, 2, 0.1)
    with pytest.raises(ModelError, match="delta is 0"):
        theorem_2_bound(1, 2, 1, 1, 4, 1, 0.1, 0)
