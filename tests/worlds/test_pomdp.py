"""POMDPs: their checks, and latent MDPs seen as such, by expectimax on hidden states."""

import numpy as np
import pytest

from tests.latent_oracle import optimum, plain
from theorylab.errors import ModelError
from theorylab.worlds import POMDP
from theorylab.worlds.latent_instances import diagnosis, in_floats, random_latent
from theorylab.worlds.pomdp import pomdp_of

GOOD = {
    "P": [[["1/3", "2/3"], [1, 0]], [[0, 1], ["1/2", "1/2"]]],
    "observe": [[[1, 0, 0], [0, 1, 0]], [["1/2", 0, "1/2"], [0, 0, 1]]],
    "rewards": [[1, 0], [-5, 2]],
    "start": [1, 0],
    "gamma": "19/20",
}


def best(B, x, steps):
    """The optimal value of so many steps from joint weights x, fraction by fraction."""
    if not steps:
        return 0
    values = []
    for a in range(len(B["P"][0])):
        value = sum(c * B["rewards"][k][a] for k, c in enumerate(x))
        moved = [sum(c * B["P"][k][a][y] for k, c in enumerate(x)) for y in range(len(x))]
        for o in range(len(B["observe"][0][0])):
            seen = [c * B["observe"][a][y][o] for y, c in enumerate(moved)]
            if any(seen):
                value += B["gamma"] * best(B, seen, steps - 1)
        values.append(value)
    return max(values)


def listed(B):
    tables = {key: plain(getattr(B, key)) for key in ("P", "observe", "rewards", "start")}
    return {**tables, "gamma": plain(B.gamma)}


@pytest.mark.parametrize("seed", range(8))
def test_a_latent_mdp_is_a_pomdp_of_one_step_more(seed):
    """The optimal value of H + 1 steps, the first of which deals context and state, is the same."""
    M, S, A, H = [(2, 1, 2, 2), (1, 2, 2, 2), (2, 2, 1, 3), (2, 2, 2, 2)][seed % 4]
    W = random_latent(seed, M=M, S=S, A=A, H=H)
    B = pomdp_of(W)
    assert (B.X, B.A, B.O) == (1 + M * S * 3, A, S * 3)
    tables = listed(B)
    assert best(tables, tables["start"], H + 1) == optimum(W)


def test_floats_stay_floats():
    B = pomdp_of(in_floats(diagnosis(2)))
    assert B.P.dtype == np.float64 and B.gamma == 1.0
    assert (np.vectorize(float)(plain(pomdp_of(diagnosis(2)).P)) == B.P).all()


def test_a_pomdp_keeps_its_tables():
    B = POMDP(**GOOD)
    assert (B.X, B.A, B.O) == (2, 2, 3)
    assert B.rewards[1, 0] == -5 and not B.P.flags.writeable


@pytest.mark.parametrize(("change", "found"), [
    ({"P": [[[1, 0]], [[1, 1]]]}, r"POMDP.observe has shape (2, 2, 3), expected (A, X, O) = (1, 2"),
    ({"P": [[1]]}, "POMDP.P has shape (1, 1), expected (X, A, X)"),
    ({"P": [[["1/3", "1/3"], [1, 0]], [[0, 1], ["1/2", "1/2"]]]}, "POMDP.P[0, 0] sums to 2/3"),
    ({"observe": [[[1, 0], [0, 1]], [["1/2", "1/3"], [0, 1]]]}, "POMDP.observe[1, 0] sums to 5/6"),
    ({"start": [2, -1]}, "POMDP.start[1] is -1, expected at least 0"),
    ({"start": [1]}, "POMDP.start has shape (1,), expected (X,) = (2,)"),
    ({"rewards": [[1, 0]]}, "POMDP.rewards has shape (1, 2), expected (X, A) = (2, 2)"),
    ({"rewards": [[1.0, np.inf], [0, 0]]}, "POMDP.rewards[0, 1] is inf, expected a finite number"),
    ({"gamma": "21/20"}, "POMDP.gamma is 21/20, expected a discount in [0, 1]"),
    ({"gamma": float("nan")}, "POMDP.gamma is nan, expected a discount in [0, 1]"),
    ({"gamma": [1, 1]}, "POMDP.gamma has shape (2,), expected one number"),
])  # fmt: skip
def test_wrong_tables_are_refused(change, found):
    with pytest.raises(ModelError) as caught:
        POMDP(**{**GOOD, **change})
    assert found in str(caught.value) and "\n" not in str(caught.value)
