"""Features of linear MDPs: norms, covariances and the constants of Assumption 2, by hand."""

from itertools import product

import flint
import numpy as np
import pytest

from theorylab.errors import HypothesisFailed
from theorylab.theory import features
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.mdp import Policy

Q = flint.fmpq


def exact(entries):
    """Rationals from texts and integers, shape as given."""
    return np.vectorize(lambda x: Q(*map(int, str(x).split("/"))), otypes=[object])(entries)


K = exact([[2, 1], [1, 1]])
T = LatentVariableModel(
    latents=[[[1, 0], ["1/2", "1/2"]], [[0, 1], ["1/4", "3/4"]]],
    emissions=[[1, 0], ["1/3", "2/3"]],
    payoff=[[1, 0], [0, 1]],
    gamma="1/2",
    start=[1, 0],
)
STAY = Policy([[1, 0], [1, 0]])


def test_norms_by_hand():
    """K^{-1} = [[1, -1], [-1, 2]]: of (1, 0) and (1/2, 1/2) the squares are 1 and 1/4."""
    assert features.kernel_norm_squared(T.latents, K).tolist() == [[1, Q(1, 4)], [2, Q(13, 16)]]
    assert features.feature_bound(T.latents, K) == 2


def test_the_function_bound_is_that_of_the_worst_signs():
    """E g = (g_0, g_0/3 + 2 g_1/3): (1, -1/3) for g = (1, -1), whose square is 1 + 2/3 + 2/9."""
    assert features.function_bound(T.emissions, K) == Q(17, 9)
    rng = np.random.default_rng(0)
    for g in rng.integers(-4, 5, size=(50, 2)):
        w = T.emissions @ exact(g) / 4
        assert features.kernel_norm_squared(w, K) <= Q(17, 9)


def test_covariance_and_bonus_of_one_pair():
    """n p p' + lambda K^{-1} for a law on (0, 0): p = (1, 0)."""
    law = exact([[1, 0], [0, 0]])
    sigma = features.covariance(law, T.latents, K, 3, Q(1, 2))
    assert (sigma == exact([["7/2", "-1/2"], ["-1/2", 1]])).all()
    assert features.bonus_squared(T.latents[0, 0], sigma) == Q(4, 13)


def test_the_covariance_is_the_sum_over_pairs():
    """Against a plain loop."""
    law = exact([["1/8", "1/4"], ["1/2", "1/8"]])
    total = exact([[0, 0], [0, 0]])
    for s, a in product(range(2), range(2)):
        total = total + law[s, a] * np.outer(T.latents[s, a], T.latents[s, a])
    assert (features.second_moments(law, T.latents) == total).all()


def test_laws_of_what_is_visited():
    """From state 0 with action 0 for ever the state stays 0; its uniform actions lead on."""
    rho = features.visited_states(T, [STAY, STAY])
    assert rho.tolist() == [1, 0]
    assert features.visited_pairs(T, [STAY]).tolist() == [[1, 0], [0, 0]]
    uniform = features.with_uniform_actions(rho, 2)
    assert uniform.tolist() == [[Q(1, 2), Q(1, 2)], [0, 0]]
    assert features.next_states(T, uniform).tolist() == [Q(5, 6), Q(1, 6)]


def test_floats_agree_with_rationals():
    """The same numbers in float64."""
    found = features.kernel_norm_squared(T.latents.astype(float), K.astype(float))
    assert found == pytest.approx(features.kernel_norm_squared(T.latents, K).astype(float))


def test_the_mean_over_signs_by_hand():
    """Signs of mean (1/2, 0): variances (3/4, 1) times the squares of the columns."""
    weight, g = exact([[1, 0], [0, 1]]), exact(["1/2", 0])
    own = features.squared_norm(T.emissions @ g, weight)  # (1/2, 1/6)
    assert own == Q(10, 36)
    columns = (1 + Q(1, 9), Q(4, 9))
    expected = own + Q(3, 4) * columns[0] + columns[1]
    assert features.mean_over_signs(T.emissions, weight, g) == expected
    assert expected <= features.largest_square(T.emissions, weight) == 2  # g = (1, 1)


def test_the_mean_over_signs_has_the_product_of_two_means():
    """Signs of mean (1/2, 1/3): the mean square of u_0 + 2 u_1 is 1 + 4 + 4 (1/2)(1/3)."""
    found = features.mean_over_signs(exact([[1, 2]]), exact([[1]]), exact(["1/2", "1/3"]))
    assert found == 5 + Q(2, 3)


def test_second_moments_of_three_latent_values():
    """One state, two actions, features of another length: 1/4 p p' + 3/4 q q'."""
    vectors = exact([[[1, 0, 2], [0, 1, 1]]])
    found = features.second_moments(exact([["1/4", "3/4"]]), vectors)
    assert (found == exact([["1/4", 0, "1/2"], [0, "3/4", "3/4"], ["1/2", "3/4", "7/4"]])).all()


def test_seven_states_are_few_enough():
    """2^6 sign vectors that begin with 1; the worst is 1 everywhere."""
    assert features.largest_square(exact([[1] * 7]), exact([[1]])) == 49


def test_too_many_states_for_all_signs_are_not_counted():
    """2^23 vectors would not end; the engines pass over the shape."""
    with pytest.raises(HypothesisFailed, match="2\\^23 sign vectors"):
        features.largest_square(exact([[1] * 24]), exact([[1]]))
