"""Linear-quadratic worlds: what they hold, and the one-line error of each wrong table."""

import numpy as np
import pytest

from theorylab.errors import ModelError
from theorylab.givens import Parameter, build_instance, check_domain
from theorylab.points import ExactSource, random_integers
from theorylab.worlds import (
    AffinePolicy,
    DiscountedLinearModel,
    DiscountedLinearQuadratic,
    LinearModel,
    LinearPolicy,
    LinearQuadratic,
)
from theorylab.worlds.definite import is_semidefinite
from theorylab.worlds.io import decode, encode

GOOD = {
    "A": [[[1, 0], [0, "1/2"]]] * 2,
    "B": [[[1], [0]]] * 2,
    "Q": [[[1, 0], [0, 1]]] * 2,
    "R": [[[1]]] * 2,
    "Q_final": [[1, 0], [0, 1]],
    "mean": [1, 2],
}


def world(**changes):
    return LinearQuadratic(**{**GOOD, **changes})


def test_what_is_left_out_is_zero():
    M = world()
    assert (M.H, M.X, M.U) == (2, 2, 1)
    shapes = {"N": (2, 2, 1), "a": (2, 2), "q": (2, 2), "r": (2, 1), "q_final": (2,),
              "constant": (3,), "W": (2, 2, 2), "covariance": (2, 2)}  # fmt: skip
    for key, shape in shapes.items():
        assert getattr(M, key).shape == shape and not getattr(M, key).any()
    assert str(M.A[0, 1, 1]) == "1/2" and not M.A.flags.writeable


def test_one_float_makes_all_floats():
    M = world(mean=[0.5, 1])
    assert all(getattr(M, key).dtype == np.float64 for key in LinearQuadratic.AXES)


BAD = {
    "A of another size": ({"A": [[[1]]] * 2}, "LinearQuadratic.A has shape (2, 1, 1), expected"),
    "no steps axis": ({"B": [[1], [0]]}, "LinearQuadratic.B has shape (2, 1), expected (H, X, U)"),
    "no control": ({"B": np.zeros((2, 2, 0))}, "LinearQuadratic.B has shape (2, 2, 0)"),
    "one step too few": ({"r": [[1]]}, "LinearQuadratic.r has shape (1, 1), expected (H, U) = (2"),
    "mean": ({"mean": [1]}, "LinearQuadratic.mean has shape (1,), expected (X,) = (2,)"),
    "asymmetric Q": (
        {"Q": [[[1, 2], [0, 1]]] * 2},
        "LinearQuadratic.Q[0, 0, 1] is 2 and LinearQuadratic.Q[0, 1, 0] is 0",
    ),
    "asymmetric in floats": (
        {"Q_final": [[1.0, 0.1], [0, 1]]},
        "LinearQuadratic.Q_final[0, 1] is 0.1",
    ),
    "not a number": ({"q": [[0, 0.0], [0, np.nan]]}, "LinearQuadratic.q[1, 1] is nan"),
    "infinite": ({"R": [[[np.inf]]] * 2}, "LinearQuadratic.R[0, 0, 0] is inf"),
    "negative noise": (
        {"W": [[[1, 0], [0, 1]], [[1, 2], [2, 1]]]},
        "LinearQuadratic.W[1] has the eigenvalue -1, expected a covariance",
    ),
    "hidden negative noise": (
        {"covariance": [[0, 1], [1, 5]]},
        "LinearQuadratic.covariance has the eigenvalue -0.192582",
    ),
    "words": ({"mean": ["a", 1]}, "LinearQuadratic.mean[0] is 'a'"),
    "complex": ({"a": np.array([[1j, 0]] * 2)}, "LinearQuadratic.a has complex entries"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_tables_are_named(case):
    changes, message = BAD[case]
    with pytest.raises(ModelError) as error:
        world(**changes)
    assert message in str(error.value) and "\n" not in str(error.value)


def test_time_invariant():
    one = LinearQuadratic.time_invariant(
        3, [[2]], [[1]], [[1]], [["1/3"]], [0], W=[["1/4"]], q=[1], constant=5, q_final=[2]
    )
    assert one.H == 3 and (one.A == 2).all() and (one.q == 1).all() and one.W.shape == (3, 1, 1)
    assert one.constant.tolist() == [5, 5, 5, 0] and one.Q_final.tolist() == [[0]]
    for H in (-1, 2.5, True):
        with pytest.raises(ModelError, match="expected a number of steps"):
            LinearQuadratic.time_invariant(H, [[2]], [[1]], [[1]], [[1]], [0])


def test_a_model_shares_costs_and_start():
    M = world(constant=[1, 2, 3])
    time_invariant = M.with_dynamics([[0, 1], [1, 0]], [[0], [1]])
    assert (
        type(time_invariant) is LinearModel and (time_invariant.A[0] == time_invariant.A[1]).all()
    )
    assert time_invariant.constant is not None and (time_invariant.constant == M.constant).all()
    assert not time_invariant.a.any() and not time_invariant.W.any()
    with pytest.raises(ModelError, match=r"LinearModel.A has shape \(2, 1, 1\)"):
        M.with_dynamics([[1]], [[0], [1]])


def test_zeroed_tables():
    M = world(a=[[1, 1]] * 2, q=[[1, 1]] * 2, W=[[[1, 0], [0, 1]]] * 2, covariance=[[1, 0], [0, 1]])
    plain = M.homogeneous()
    assert not plain.a.any() and not plain.q.any() and not plain.W.any() and plain.covariance.any()
    still = M.without_noise()
    assert still.a.any() and not still.W.any() and not still.covariance.any()
    assert M.without_affine_terms().W.any()
    pi = AffinePolicy([[[1]]], covariance=[[[2]]])
    assert not pi.without_noise().covariance.any() and pi.without_noise().K.any()


@pytest.mark.parametrize(
    ("kind", "tables", "message"),
    [
        (AffinePolicy, {"K": [[1]]}, "AffinePolicy.K has shape (1, 1), expected (H, U, X)"),
        (AffinePolicy, {"K": [[[1, 2]]], "k": [[1, 2]]}, "AffinePolicy.k has shape (1, 2)"),
        (AffinePolicy, {"K": [[[1]]], "covariance": [[[-1]]]}, "covariance[0] has the eigenv"),
        (LinearPolicy, {"K": [1]}, "LinearPolicy.K has shape (1,), expected (U, X)"),
        (LinearPolicy, {"K": [[1]], "covariance": [["-1/2"]]}, "has the eigenvalue -0.5"),
    ],
)  # fmt: skip
def test_bad_policies_are_named(kind, tables, message):
    with pytest.raises(ModelError) as error:
        kind(**tables)
    assert message in str(error.value)


def test_bad_discounted_systems_are_named():
    good = {"A": [[1]], "B": [[1]], "Q": [[1]], "R": [[1]], "gamma": "1/2", "mean": [0]}
    for changes, message in [
        ({"gamma": 1}, "DiscountedLinearQuadratic.gamma is 1, expected a discount in"),
        ({"gamma": float("nan")}, "gamma is nan"),
        ({"B": [[[1]]]}, r"B has shape \(1, 1, 1\), expected \(X, U\)"),
        ({"Q": [[1, 1]]}, r"Q has shape \(1, 2\)"),
        ({"W": [[-1]]}, "W has the eigenvalue -1"),
    ]:
        with pytest.raises(ModelError, match=message):
            DiscountedLinearQuadratic(**{**good, **changes})


@pytest.mark.parametrize(
    ("matrix", "semidefinite", "definite"),
    [
        ([[1, 0], [0, 1]], True, True),
        ([[1, 1], [1, 1]], True, False),
        ([[0, 0], [0, 2]], True, False),
        ([[0, 1], [1, 5]], False, False),
        ([[1, 2], [2, 3]], False, False),
        ([["1/3", "1/2"], ["1/2", "3/4"]], True, False),
        ([["1/3", "1/2"], ["1/2", "749999999/1000000000"]], False, False),
        ([[1, 0, 1], [0, 0, 0], [1, 0, 1]], True, False),
        ([[2, 1, 0], [1, 2, 1], [0, 1, 2]], True, True),
        ([[1, 0, 0], [0, 0, 1], [0, 1, 0]], False, False),
        ([[-1]], False, False),
    ],
)
def test_definiteness_is_exact(matrix, semidefinite, definite):
    table = world(Q_final=[[1, 0], [0, 1]]).Q_final  # an exact table to take the type of
    exact = LinearPolicy(matrix).K
    assert table.dtype == exact.dtype == object
    assert is_semidefinite(exact) is semidefinite
    assert is_semidefinite(exact, strictly=True) is definite


PARAMETERS = tuple(
    Parameter(name, kind)
    for name, kind in [
        ("M", LinearQuadratic), ("M_hat", LinearModel), ("pi", AffinePolicy),
        ("N", DiscountedLinearQuadratic), ("N_hat", DiscountedLinearModel), ("mu", LinearPolicy),
    ]
)  # fmt: skip


def instance(seed=0):
    source = ExactSource(random_integers(np.random.default_rng(seed)))
    return build_instance(PARAMETERS, source, {"H": 2, "X": 2, "U": 1})


@pytest.mark.parametrize("seed", range(8))
def test_what_is_drawn_lies_in_its_domain_and_is_read_back(seed):
    drawn = instance(seed)
    back = {name: decode(encode(value), name) for name, value in drawn.items()}
    assert check_domain(PARAMETERS, back) == {"H": 2, "X": 2, "U": 1}
    for name, value in drawn.items():
        for key in type(value).AXES:
            assert np.all(np.asarray(getattr(back[name], key) == getattr(value, key)))


OUTSIDE = {
    "not convex": ("M", {"N": [[[9], [9]]] * 2}, "M, the cost of"),
    "R not definite": ("M", {"R": [[[0]]] * 2, "N": [[[0], [0]]] * 2}, "M.R"),
    "another cost": ("M_hat", {"q_final": [7, 7]}, "M_hat.q_final"),
    "another start": ("M_hat", {"mean": [7, 7]}, "M_hat.mean"),
    "unstable": ("N", {"A": [[2, 0], [0, 0]]}, "rows of N"),
    "long gains": ("mu", {"K": [["1/2", "-2/3"]]}, "rows of mu.K"),
    "another horizon": ("pi", {"K": [[[0, 0]]], "k": [[0]], "covariance": [[[0]]]}, "pi has H = 1"),
}


@pytest.mark.parametrize("case", OUTSIDE)
def test_what_lies_outside_the_domain_is_refused(case):
    name, changes, message = OUTSIDE[case]
    drawn = instance(1)
    record = encode(drawn[name]) | changes
    with pytest.raises(ModelError) as error:
        check_domain(PARAMETERS, {**drawn, name: decode(record, name)})
    assert message in str(error.value)
