"""Var*, against the moments of all deterministic policies, and Definition 1 as printed."""

from itertools import product

import flint
import numpy as np
import pytest

from tests.latent_oracle import all_moments, plain
from theorylab.algorithms.latent_planning_variance import (
    largest_mixed_variance,
    largest_variance,
    variance_policy,
)
from theorylab.errors import ModelError, TooLargeTree
from theorylab.theory import latent
from theorylab.worlds.latent_instances import diagnosis, in_floats, random_latent, random_spikes
from theorylab.worlds.latent_mdp import DeterministicHistoryPolicy, LatentMDP, histories

SHAPES = [(2, 1, 2, 2, 2), (2, 2, 2, 2, 1), (1, 1, 3, 2, 1), (2, 2, 2, 2, 2), (2, 1, 2, 3, 1),
          (3, 2, 2, 2, 2), (1, 2, 2, 2, 3), (2, 3, 2, 1, 2)]  # fmt: skip


def instance(seed):
    M, S, A, H, L = SHAPES[seed % 8]
    if seed % 9 == 8:
        return random_spikes(seed, M=M, S=S + 1, A=A, H=2)
    return random_latent(seed, M=M, S=S, A=A, H=H, L=L, degree=1 if seed % 5 == 4 else None)


@pytest.mark.parametrize("seed", range(48))
def test_it_is_the_largest_of_all_deterministic_policies(seed):
    """Nothing that was dropped had a larger variance; its policy has it, by Definition 1 too."""
    W = instance(seed)
    pairs = all_moments(W)
    found = largest_variance(W)
    assert plain(found.value) == max(y - x * x for x, y in pairs)
    pi = variance_policy(W, found)
    assert latent.policy_value_variance(W, pi) == found.value
    assert latent.total_reward_variance(W, pi) == found.value


@pytest.mark.parametrize("seed", range(48))
def test_mixed_policies_reach_the_hull(seed):
    """The largest variance of a mixture of two policies, by its own formula."""
    W = instance(seed)
    pairs = sorted(all_moments(W))
    best = max(y - x * x for x, y in pairs)
    for (x, y), (u, v) in product(pairs, pairs):
        if x < u:  # y + q (v - y) - (x + q (u - x))^2 is largest at this q
            q = min(max(((v - y) / (u - x) - 2 * x) / (2 * (u - x)), 0), 1)
            best = max(best, y + q * (v - y) - (x + q * (u - x)) ** 2)
    assert plain(largest_mixed_variance(W)) == best
    assert plain(largest_variance(W).mixed) == best


@pytest.mark.parametrize(("seed", "M", "S", "H", "L"), [
    (24, 1, 2, 3, 2), (132, 1, 2, 3, 2), (33, 1, 3, 2, 3), (57, 1, 3, 2, 3),
])  # fmt: skip
def test_merged_histories_of_different_probability(seed, M, S, H, L):
    """Instances where the least of their probabilities counts, or pairs of equal means differ."""
    W = random_latent(seed, M=M, S=S, A=2, H=H, L=L)
    assert plain(largest_variance(W).value) == max(y - x * x for x, y in all_moments(W))


def test_definition_1_over_all_tables_of_actions():
    """max of Var^pi as printed, on the smallest shape with two contexts, by enumeration."""
    W = random_latent(3, M=2, S=1, A=2, H=2, L=2)
    unit = np.array([[1, 0], [0, 1]]).astype(object)
    tables = product(range(2), repeat=sum(histories(W)))
    policies = (DeterministicHistoryPolicy(unit[list(chosen)]) for chosen in tables)
    best = max(latent.policy_value_variance(W, pi) for pi in policies)
    assert largest_variance(W).value == best


def test_a_mixture_can_vary_more_than_every_deterministic_policy():
    """One state, one step: sure rewards 0 and 1 have no variance, a coin between them has 1/4."""
    W = LatentMDP([1], [[1]], [[[[1], [1]]]], [0, 1], [[[0, 1]]], 1)
    found = largest_variance(W)
    assert (found.value, found.mixed) == (0, flint.fmpq(1, 4))


def test_histories_of_equal_belief_may_act_differently():
    """With sure steps and one context the reward paid so far is all that a history tells."""
    W = LatentMDP(
        [1], [["1/2", "1/2", 0]], [[[[0, 0, 1]] * 2] * 3], [0, "1/2"],
        [[[0, 0], [1, 1], [0, 1]]], 2,
    )  # fmt: skip
    assert largest_variance(W).value == flint.fmpq(1, 4)


def test_bad_input_is_refused():
    with pytest.raises(ModelError, match="Var\\* needs exact tables"):
        largest_variance(in_floats(diagnosis(2)))
    with pytest.raises(TooLargeTree, match="pairs of moments remain, over the limit of 20"):
        largest_variance(random_latent(2, M=3, S=3, A=2, H=4), points=20)
    with pytest.raises(TooLargeTree, match="alpha-vector solver"):
        largest_variance(diagnosis(9), memory=10_000)
