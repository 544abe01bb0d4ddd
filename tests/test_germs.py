"""Germs: the ordered field of rational functions near 0+."""

import flint
import numpy as np
import pytest

from theorylab.arithmetic import absolute, det, maximum, ratio, solve, sqrt, sup, using
from theorylab.errors import Unsupported
from theorylab.extended import Infinity
from theorylab.germs import GERMS, Germ, X

Q = flint.fmpq


def test_order_is_that_near_zero() -> None:
    """x is above 0 and below every positive number, whatever the coefficients."""
    assert 0 < X < Q(1, 10**9) and X**2 < X < 1000 * X < 1 < 1 / X < 1 / X**2
    assert 1 - X < 1 and -X < X and not X < X and X <= X and X > 0 and X >= X


def test_arithmetic_agrees_with_numbers() -> None:
    """The germ at x = 1/7 is the rational computed there."""

    def formula(x):
        return (1 - x) ** 3 / (2 + 3 * x) - x / (1 + x) ** -2 + Q(1, 3) * (5 - x) - (-x) / 4

    germ, x = formula(X), Q(1, 7)
    assert germ.top(x) / germ.bottom(x) == formula(x)


def test_limits_and_orders() -> None:
    assert ((1 - X) / (2 + X)).limit() == Q(1, 2)
    assert (X / (1 + X)).limit() == 0 and (1 / X).limit() is None and (X - X).limit() == 0
    assert (X**3 / (X + X**2)).order() == 2 and ((1 + X) / X**2).order() == -2
    with pytest.raises(ValueError, match="no order"):
        (X - X).order()


def test_lowest_terms() -> None:
    germ = (X**2 - 1) / (X - 1)
    assert germ == X + 1 and germ.bottom.degree() == 0


def test_what_needs_an_order_is_asymptotic() -> None:
    assert absolute(X - 1) == 1 - X and absolute(X) == X
    assert maximum(X, Q(1, 1000)) == Q(1, 1000)
    assert sup(np.array([X, 2 * X, X**2], dtype=object)) == 2 * X


def test_linear_systems_need_a_pivot_not_zero() -> None:
    """A zero and an infinitesimal on the diagonal: elimination swaps, the solution is exact."""
    A = np.array([[0 * X, X, 1 + X], [X, X, 1], [1 - X, 2 + X, 3]], dtype=object)
    b = np.array([1, X, 2], dtype=object)
    assert all(A @ solve(A, b) == b)
    assert det(A) != 0
    with pytest.raises(ZeroDivisionError):
        solve(np.array([[X, X**2], [1, X]], dtype=object), np.array([1, 1], dtype=object))


def test_what_is_no_rational_function() -> None:
    with using(GERMS), pytest.raises(Unsupported, match="no rational function"):
        sqrt(X)
    assert ratio(X, 0 * X) == Infinity() and maximum(ratio(X, 0 * X), X) == Infinity()
    with pytest.raises(ZeroDivisionError):
        1 / (X - X)
    with pytest.raises(TypeError):
        X + 0.5
    assert ratio(0 * X, 0 * X) == 0 and Germ([1]) == 1 and Germ([1]) != "1"
