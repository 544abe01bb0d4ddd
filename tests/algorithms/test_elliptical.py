"""Elliptical potentials by rank-one updates: against recomputation, exact arithmetic, bad input."""

import math

import flint
import numpy as np
import pytest

from theorylab.algorithms import elliptical
from theorylab.algorithms.elliptical import EllipticalPotential, elliptical_stream
from theorylab.algorithms.elliptical_kernels import add_all, add_products, plain_add
from theorylab.errors import InvalidArgument, ModelError


def vectors(T, d, seed=0):
    rows = np.random.default_rng(seed).normal(size=(T, d))
    return rows / np.linalg.norm(rows, axis=1)[:, None]


def exact_squares(rows, start):
    """x_t' Sigma_{t-1}^{-1} x_t over the rationals, then rounded."""
    d = rows.shape[1]
    sigma = flint.fmpq_mat([[_exact(e) for e in row] for row in start])
    found = []
    for x in rows:
        column = flint.fmpq_mat([[_exact(e)] for e in x])
        q = (column.transpose() * sigma.solve(column))[0, 0]
        found.append(int(q.p) / int(q.q))
        sigma = sigma + column * column.transpose()
    assert sigma.nrows() == d
    return np.array(found)


def _exact(value):
    return flint.fmpq(*float(value).as_integer_ratio())


@pytest.mark.parametrize("every", [1, 3, 7, 1000])
def test_potentials_and_log_dets_are_those_of_the_sum(every):
    rows, sigma = vectors(40, 5), 0.5 * np.eye(5)
    found = elliptical_stream(rows, 0.5, every=every)
    for t, x in enumerate(rows):
        assert found.squared[t] == pytest.approx(x @ np.linalg.inv(sigma) @ x, rel=1e-12)
        sigma = sigma + np.outer(x, x)
        grown = np.linalg.slogdet(sigma)[1] - 5 * math.log(0.5)
        assert found.log_dets[t] == pytest.approx(grown, rel=1e-12)
    assert found.sigma == pytest.approx(sigma, rel=1e-14)
    assert found.bonuses**2 == pytest.approx(found.squared)
    assert 0 < found.drift < 1e-13 and 0 <= found.fresh < 1e-13


def test_the_kernel_is_its_plain_twin():
    """Ties, zero rows, one dimension, sizes far apart; both number formats."""
    for dtype, rel in ((np.float64, 1e-13), (np.float32, 1e-4)):
        for d, factor in ((1, 1.0), (4, 1e100 if dtype == np.float64 else 1e10), (7, 1e-6)):
            rows = (factor * vectors(20, d, d)).astype(dtype)
            rows[3], rows[5] = 0, rows[4]
            upper, diagonal = np.eye(d, dtype=dtype), np.ones(d, dtype=dtype)
            other, other_diagonal, squared = np.eye(d), np.ones(d), np.empty(20)
            assert add_all(rows, upper, diagonal, squared) == 20
            plain = [plain_add(x.astype(float), other, other_diagonal) for x in rows]
            assert squared == pytest.approx(plain, rel=rel) and squared[3] == 0
            assert diagonal == pytest.approx(other_diagonal, rel=rel) and diagonal.dtype == dtype
            assert np.triu(upper, 1) == pytest.approx(np.triu(other, 1), rel=rel, abs=rel)
            total = np.zeros((d, d))
            add_products(rows, total)
            wide = rows.astype(float)
            assert total == pytest.approx(np.triu(wide.T @ wide), rel=1e-12, abs=1e-12 * factor**2)


def test_a_stream_may_come_in_pieces():
    """The same bits for any cutting, one by one too; vectors that are not added change nothing."""
    rows = vectors(50, 3)
    whole = elliptical_stream(rows, 2.0, every=16)
    state = EllipticalPotential(2.0, dimension=3, every=16)
    given = rows.copy()
    found = np.concatenate([state.add(given[:7]), *[state.add(x[None]) for x in given[7:]]])
    given[:] = 0  # the caller's own again
    assert (found == whole.squared).all() and (state.sigma == whole.sigma).all()
    assert state.steps == 50
    ahead = state.squared(rows.reshape(10, 5, 3))
    assert ahead.shape == (10, 5)
    sigma = 2 * np.eye(3) + rows.T @ rows
    inverse = np.linalg.inv(sigma)
    assert ahead.ravel() == pytest.approx(np.einsum("ti,ij,tj->t", rows, inverse, rows))
    assert state.log_det == pytest.approx(np.linalg.slogdet(sigma)[1], rel=1e-13)


def test_it_starts_from_any_definite_matrix():
    start, rows = np.array([[2.0, 1.0], [1.0, 3.0]]), vectors(9, 2)
    found = elliptical_stream(rows, start)
    assert found.squared == pytest.approx(exact_squares(rows, start), rel=1e-14)


def test_factors_keep_the_digits_that_an_updated_inverse_loses():
    """lambda = 1e-8: Sherman and Morrison's inverse is wrong in the ninth digit for good."""
    rows, start = vectors(30, 8), 1e-8 * np.eye(8)
    truth, inverse, worst = exact_squares(rows, start), 1e8 * np.eye(8), 0.0
    for x, exact in zip(rows, truth, strict=True):
        v = inverse @ x
        worst = max(worst, abs(x @ v / exact - 1))
        inverse = inverse - np.outer(v, v) / (1 + x @ v)
    found = elliptical_stream(rows, 1e-8)
    assert np.abs(found.squared / truth - 1).max() < 1e-13 and worst > 1e-11


def test_the_drift_tells_how_far_bonuses_are_off():
    """Factors that are spoilt on purpose: each bonus^2 is off by at most the drift measured, also
    where axes have other units."""
    units = np.array([100, 100, 1e-3, 1e3])
    rows = vectors(30, 4) * units
    state = EllipticalPotential(1e-7, dimension=4, limit=0.9)
    state.add(rows)
    state._diagonal *= 1.01
    state._upper[0, 1:] += 0.02 * units[1:] / units[0]
    spoilt = state.squared(rows)
    state.refactorise()
    apart = np.abs(spoilt / state.squared(rows) - 1).max()
    assert 0.1 * state.drift < apart <= state.drift and 0.01 < state.drift < 0.9
    state._diagonal *= 3
    with pytest.raises(InvalidArgument, match=r"step 30: the factors drifted by .*more often than"):
        state.refactorise()
    assert state.squared(rows) == pytest.approx(spoilt, rel=0.2)  # made anew all the same


def test_potentials_sum_to_less_than_the_lemma_says():
    """Sum of min(1, bonus^2) at most 2 log det, and log det at most d log(1 + T / (d lambda))."""
    found = elliptical_stream(vectors(3_000, 6), 0.25)
    total = np.minimum(found.squared, 1).cumsum()
    assert (total <= 2 * found.log_dets).all() and total[-1] > found.log_dets[-1] / 2
    assert (found.log_dets <= 6 * np.log1p(np.arange(1, 3_001) / (6 * 0.25))).all()


def test_single_precision_is_kept_and_its_drift_is_measured():
    rows = vectors(2_000, 6)
    double, single = elliptical_stream(rows), elliptical_stream(rows.astype(np.float32))
    assert single.drift > 100 * double.drift and single.drift < 1e-2
    apart = np.abs(single.squared / double.squared - 1).max()
    assert 1e-9 < apart < 10 * single.drift


def test_no_vectors_are_no_error():
    found = elliptical_stream(np.empty((0, 3)), 2.0)
    assert found.squared.shape == (0,) and (found.sigma == 2 * np.eye(3)).all()


NEAR = np.full((3, 2), 1.0)
BAD = {
    "nan": (lambda: elliptical_stream([[1.0, 2.0], [0.0, math.nan]]), r"vectors\[1, 1\] is nan"),
    "inf": (lambda: elliptical_stream([[math.inf]]), r"vectors\[0, 0\] is inf \(step 1\)"),
    "overflow": (lambda: elliptical_stream([[1.0], [1e200]]), r"step 2: .* 1e\+200 overflows"),
    "single": (
        lambda: elliptical_stream(np.array([[1e30]], dtype=np.float32)),
        "step 1: .* overflows float32. Scale",
    ),
    "lambda 0": (lambda: elliptical_stream([[1.0]], 0), "lambda is 0, expected a number above 0"),
    "lambda -1": (lambda: elliptical_stream([[1.0]], -1.0), "lambda is -1.0, expected"),
    "lambda nan": (lambda: elliptical_stream([[1.0]], math.nan), "lambda is nan, expected"),
    "lambda true": (lambda: elliptical_stream([[1.0]], True), "lambda is True, expected"),
    "lambda word": (lambda: elliptical_stream([[1.0]], "1"), "lambda is '1', expected"),
    "axes": (
        lambda: elliptical_stream([1.0, 2.0]),
        r"vectors have shape \(2,\), expected \(T, d\)",
    ),
    "complex": (lambda: elliptical_stream([[1j]]), "dtype complex128, expected real"),
    "objects": (lambda: elliptical_stream([["1"]]), "dtype <U1, expected real"),
    "dimension": (
        lambda: elliptical_stream(NEAR, np.eye(3)),
        r"Sigma has shape \(3, 3\), expected \(d, d\) = \(2, 2\)",
    ),
    "later": (
        lambda: EllipticalPotential(dimension=3).add(NEAR),
        r"vectors have shape \(3, 2\), expected \(T, d\) with d = 3",
    ),
    "no feature": (lambda: elliptical_stream(np.empty((2, 0))), "dimension is 0, expected"),
    "symmetric": (
        lambda: elliptical_stream(NEAR, np.array([[1.0, 0.5], [0.0, 1.0]])),
        r"Sigma\[0, 1\] is 0.5 and",
    ),
    "limit text": (lambda: elliptical_stream(NEAR, limit="x"), "limit is 'x', expected a drift"),
    "ragged": (lambda: elliptical_stream([[1.0, 2.0], [3.0]]), "vectors are ragged"),
    "scalar": (
        lambda: EllipticalPotential(dimension=2).squared(3.0),
        r"vectors have shape \(1, 1\), expected \(T, d\) with d = 2",
    ),
    "Sigma text": (lambda: elliptical_stream(NEAR, [["a", 1], [1, 2]]), r"Sigma\[0, 0\] is 'a'"),
    "tiny lambda": (
        lambda: EllipticalPotential(1e-300, dimension=2, dtype=np.float32),
        "step 0: factorised afresh, Sigma still drifts by inf",
    ),
    "definite": (
        lambda: elliptical_stream(NEAR, np.array([[1.0, 2.0], [2.0, 1.0]])),
        "has the eigenvalue -1, expected a positive definite",
    ),
    "start nan": (lambda: elliptical_stream(NEAR, np.full((2, 2), math.nan)), "Sigma.*is nan"),
    "every": (lambda: elliptical_stream(NEAR, every=0), "every is 0, expected an integer"),
    "limit": (lambda: elliptical_stream(NEAR, limit=0.0), "limit is 0.0, expected a drift"),
    "singular": (
        lambda: elliptical_stream(1e6 * NEAR, 1e-5, every=2),
        "step 2: factorised afresh, Sigma still drifts by .* larger lambda",
    ),
    "dtype": (lambda: EllipticalPotential(dimension=1, dtype=int), "dtype is int64, expected"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named_in_one_line(case):
    make, words = BAD[case]
    with pytest.raises((InvalidArgument, ModelError), match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_after_an_overflow_the_steps_before_it_stand():
    state = EllipticalPotential(dimension=2)
    with pytest.raises(InvalidArgument, match="step 3"):
        state.add(np.array([[1.0, 0.0], [1.0, 1.0], [1e300, 0.0]]))
    assert state.squared(np.array([1.0, 0.0])) == pytest.approx(2 / 5)
    assert elliptical.LIMITS[np.dtype(np.float64)] == 1e-6
