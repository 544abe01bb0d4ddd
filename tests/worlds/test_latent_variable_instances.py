"""Instances of latent-variable MDPs: what they promise, by hand or against brute force."""

import flint
import numpy as np
import pytest

from theorylab.errors import InvalidArgument, ModelError
from theorylab.theory.planning import optimal_performance, optimal_value
from theorylab.worlds.latent_variable_instances import (
    block_mdp,
    clipped_bonus_pair,
    clipped_penalty_pair,
    combination_lock,
    in_floats,
    random_low_rank,
)


def test_low_rank_has_the_rank_it_says_and_depends_on_the_seed():
    T = random_low_rank(3, S=5, A=2, Z=2)
    rows = T.P.reshape(10, 5)
    assert flint.fmpq_mat(10, 5, rows.ravel().tolist()).rank() == 2
    assert (T.P == random_low_rank(3, S=5, A=2, Z=2).P).all()
    assert (T.P != random_low_rank(4, S=5, A=2, Z=2).P).any()
    assert in_floats(T).P.dtype == np.float64


def test_only_the_block_matters_and_emissions_do_not_overlap():
    T = block_mdp(1, blocks=3, copies=2, A=2)
    assert (T.latents[0::2] == T.latents[1::2]).all() and (T.payoff[0::2] == T.payoff[1::2]).all()
    assert ((T.emissions > 0).sum(0) == 1).all()


@pytest.mark.parametrize(("noise", "copies"), [(0, 1), ("1/10", 2)])
def test_a_lock_opens_after_its_code_only(noise, copies):
    """gamma^H (1 - noise)^H / (1 - gamma); the wrong values are worth nothing."""
    lock = combination_lock((1, 0, 1), noise=noise, copies=copies)
    right = flint.fmpq(9, 10) * (1 if noise == 0 else flint.fmpq(9, 10))
    V = optimal_value(lock.mdp)
    assert optimal_performance(lock.mdp) == right**3 * 10
    assert (V[4 * copies :] == 0).all() and (V[3 * copies : 4 * copies] == 10).all()
    for code in ((0, 0, 1), (1, 1, 1), (1, 0, 0)):
        other = combination_lock(code, noise=noise, copies=copies)
        wrong = np.flatnonzero(np.array(code) != (1, 0, 1))[0]
        rows = (other.latents != lock.latents).any((1, 2))
        assert set(np.flatnonzero(rows) // copies) == {wrong}


def test_the_pair_for_the_bonus():
    """V* = 9/10 9/10 10 = 8.1; without state 2, staying at 3: 9/10 3/5 10 = 5.4."""
    truth, other = clipped_bonus_pair()
    assert optimal_performance(truth.mdp) == flint.fmpq(81, 10)
    assert optimal_performance(other.mdp) == flint.fmpq(54, 10)
    assert {s for s, _, _ in np.argwhere(truth.latents != other.latents)} == {2}


def test_the_pair_for_the_penalty():
    """T*: aside at once, gamma q / (1-gamma); T^: through the chain, gamma^(L+1) / (1-gamma)."""
    truth, other = clipped_penalty_pair(2, gamma="9/10", aside="1/10")
    assert optimal_performance(truth.mdp) == flint.fmpq(9, 10)
    assert optimal_performance(other.mdp) == flint.fmpq(9, 10) ** 3 * 10
    assert {s for s, _, _ in np.argwhere(truth.latents != other.latents)} == {2}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: random_low_rank(0, S=2, A=1, Z=0), "Z is 0"),
        (lambda: combination_lock((0, 2)), "code is (0, 2)"),
        (lambda: combination_lock((0,), noise=1), "noise is 1"),
        (lambda: combination_lock(()), "steps is 0"),
        (lambda: clipped_penalty_pair(aside="3/2"), "aside is 3/2"),
        (lambda: block_mdp(0, blocks=2, copies=True, A=1), "copies is True"),
    ],
)
def test_bad_arguments_are_named(call, said):
    with pytest.raises(InvalidArgument) as error:
        call()
    assert said in str(error.value)


def test_a_discount_of_one_is_refused():
    with pytest.raises(ModelError, match="gamma"):
        combination_lock((0,), gamma=1)
