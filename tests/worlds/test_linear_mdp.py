"""Linear MDPs: features of any sign, and what is said of those that give no transition."""

from typing import Any

import flint
import numpy as np
import pytest

from theorylab.errors import ModelError
from theorylab.worlds import LatentVariableModel, LinearMDP

Q = flint.fmpq
FIELDS: dict[str, Any] = {
    "phi": [[["1/2", -2]], [[1, 0]]],
    "mu": [[1, 0], ["1/4", "-1/2"]],
    "payoff": [[1], [0]],
    "gamma": "1/2",
    "start": [1, 0],
}


def test_transitions_of_signed_features_by_hand() -> None:
    """(1/2, -2) . (1, 1/4) = 0 and (1/2, -2) . (0, -1/2) = 1."""
    T = LinearMDP(**FIELDS)
    assert (T.S, T.A, T.d, T.sense) == (2, 1, 2, "reward")
    assert T.P.tolist() == [[[0, 1]], [[1, 0]]]
    assert T.mdp.P.tolist() == T.P.tolist() and T.r.tolist() == [[1], [0]]


def test_a_latent_variable_model_is_one() -> None:
    """phi = p(. | s, a), mu = p(s' | .)."""
    rest = {key: FIELDS[key] for key in ("payoff", "gamma", "start")}
    T = LatentVariableModel([[["1/2", "1/2"]], [[0, 1]]], [[1, 0], ["1/3", "2/3"]], **rest)
    M = LinearMDP.of_latents(T)
    assert (M.P == T.P).all() and M.P[0, 0, 1] == Q(1, 3)


def test_float_features_may_round() -> None:
    """Large features that cancel miss by more than small ones; a real error is still refused."""
    rng = np.random.default_rng(0)
    P, basis = rng.dirichlet(np.ones(4), size=(4, 2)), rng.normal(size=(4, 4)) * 1e3
    rest = {"payoff": np.zeros((4, 2)), "gamma": 0.9, "start": np.ones(4) / 4}
    phi, mu = P @ basis, np.linalg.inv(basis)
    np.testing.assert_allclose(LinearMDP(phi, mu, **rest).P, P, atol=1e-9)
    with pytest.raises(ModelError, match="sums to"):
        LinearMDP(phi * (1 + 1e-6), mu, **rest)


BAD = {
    "sum": ({"phi": [[["11/10", 0]], [[1, 0]]]}, "LinearMDP.phi @ mu at (s=0, a=0) sums to 11/10"),
    "negative": ({"phi": [[[1, 0]], [[1, "2/5"]]]}, "(s=1, a=0) has -1/5 at s'=1, expected >= 0"),
    "no feature": ({"phi": [[[]], [[]]]}, "LinearMDP.phi has shape (2, 1, 0)"),
    "shape of mu": ({"mu": [[1, 0]]}, "LinearMDP.mu has shape (1, 2), expected (d, S) = (2, 2)"),
    "start": ({"start": [1, 1]}, "LinearMDP.start sums to 2"),
    "discount": ({"gamma": 1}, "gamma is 1"),
    "infinite": ({"phi": [[[np.inf, 0.0]], [[1.0, 0.0]]]}, "expected a finite number"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_features_are_refused_in_one_line(case: str) -> None:
    """The pair, what was found there and what was expected."""
    changed, words = BAD[case]
    good = {**FIELDS, "phi": [[[1, 0]], [[1, 0]]]}
    with pytest.raises(ModelError) as error:
        LinearMDP(**{**good, **changed})
    assert words in str(error.value) and "\n" not in str(error.value)
