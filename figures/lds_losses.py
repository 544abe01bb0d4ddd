r"""The two losses of Figure 2(e) as polynomials in the model, from exact sufficient statistics.

A model Theta = [A B], shape (n, n+m), predicts x_hat = Theta z from z = (x, u).

    SysID      mean of || x' - Theta z ||^2                               quadratic in Theta
    LAMPS-MM   mean of ( x'^T P_{h+1} x' - x_hat^T P_{h+1} x_hat )^2      quartic in Theta

Neither needs the data twice. Write v(x) for the products x_i x_j, i <= j, and w(P) for the
coefficients with x^T P x = w(P) . v(x). Then v(Theta z) = L(Theta) v(z) for a matrix L of products
of two parameters, and summed over all data of a step h and all value functions P

    sum ( w . v(x') - w . L v(z) )^2 = trace( W_h ( L F_h L^T - 2 Y_h L^T + E_h ) ),
    W_h = sum w w^T,  F_h = sum v(z) v(z)^T,  Y_h = sum v(x') v(z)^T,  E_h = sum v(x') v(x')^T.

Summed over h this is a quadratic form in L: its matrix of 315 rows (5 states, 1 control) holds all
data and all value functions, and a value with its gradient costs 10^5 multiplications however many
there are. It is exact up to rounding: relative to the mean of (x'^T P x')^2, not to the loss.

No BLAS: `einsum` adds in one order for any number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .shared import Floats

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Transitions:
    """What was seen: at step h, shape (N,), z = (x, u), shape (N, n+m), led to x', shape (N, n)."""

    h: Integers
    z: Floats
    after: Floats


def joined(first: Transitions, second: Transitions) -> Transitions:
    """The transitions of both."""
    parts = zip((first.h, first.z, first.after), (second.h, second.z, second.after), strict=True)
    return Transitions(*(np.concatenate(pair) for pair in parts))


def products(x: Floats) -> Floats:
    """v(x): x_i x_j for i <= j, row by row; (..., n) to (..., n (n + 1) / 2)."""
    i, j = _pairs(x.shape[-1])
    return x[..., i] * x[..., j]


def coefficients(P: Floats) -> Floats:
    """w(P) with x^T P x = w(P) . v(x); (..., n, n) to (..., n (n + 1) / 2)."""
    i, j = _pairs(P.shape[-1])
    return np.where(i == j, 0.5, 1.0) * (P[..., i, j] + P[..., j, i])


@cache
def _pairs(n: int) -> tuple[Integers, Integers]:
    i, j = np.triu_indices(n)
    return i, j


@cache
def _place(n: int) -> Integers:
    """Where the product of entries i and j stands in v, shape (n, n)."""
    i, j = _pairs(n)
    place = np.empty((n, n), dtype=np.int64)
    place[i, j] = place[j, i] = np.arange(len(i))
    return place


def lift(theta: Floats) -> Floats:
    """L with v(theta z) = L v(z); (n, d) to (n (n + 1) / 2, d (d + 1) / 2)."""
    (a, b), (j, k) = (_pairs(size) for size in theta.shape)
    first, second = theta[a], theta[b]
    return first[:, j] * second[:, k] + np.where(j == k, 0.0, first[:, k] * second[:, j])


def lift_gradient(theta: Floats, slope: Floats) -> Floats:
    """The gradient in theta, shape (n, d), of a function whose gradient in L(theta) is `slope`."""
    n, d = theta.shape
    halved = np.where(np.equal(*_pairs(n)), 1.0, 0.5)[:, None] * slope
    whole = halved[_place(n)[:, :, None, None], _place(d)]
    return 2 * np.einsum("abjk,bk->aj", whole, theta)


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over the transitions of each step: F (H, d2, d2), Y (H, n2, d2), E (H, n2, n2)."""

    F: Floats
    Y: Floats
    E: Floats
    count: int

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.F + other.F, self.Y + other.Y, self.E + other.E, self.count + other.count
        )


def moments(data: Transitions, horizon: int) -> Moments:
    """The fourth moments of the transitions at each step h < horizon."""
    v, after = products(data.z), products(data.after)
    return Moments(
        _outer_sums(v, v, data.h, horizon),
        _outer_sums(after, v, data.h, horizon),
        _outer_sums(after, after, data.h, horizon),
        len(data.h),
    )


def _outer_sums(left: Floats, right: Floats, h: Integers, horizon: int) -> Floats:
    sums = np.zeros((horizon, left.shape[1], right.shape[1]))
    order = np.argsort(h, kind="stable")
    steps, begins = np.unique(h[order], return_index=True)
    sums[steps] = np.add.reduceat((left[:, :, None] * right[:, None, :])[order], begins)
    return sums


def outer_values(P: Floats) -> Floats:
    """W_h of one value function for the successors of each step: (H, n, n) to (H, n2, n2)."""
    w = coefficients(P)
    return w[:, :, None] * w[:, None, :]


@dataclass(frozen=True, eq=False)
class ValueLoss:
    """LAMPS-MM's loss: L . K L - 2 k . L + constant for L = L(theta) as one row of numbers.

    Shapes: K (n2 d2, n2 d2), k (n2 d2,). Costs squared, a mean over data and value functions.
    """

    K: Floats
    k: Floats
    constant: float

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """The loss of a model and its gradient, shape (n, d)."""
        lifted = lift(theta)
        L = lifted.ravel()
        KL = np.einsum("ij,j->i", self.K, L)
        value = float(np.sum(L * (KL - 2 * self.k)) + self.constant)
        slope = 2 * (KL - self.k).reshape(lifted.shape)
        return value, lift_gradient(theta, slope)


def value_sums(values: Floats, data: Moments) -> ValueLoss:
    """The sum, not yet a mean, over all data and the value functions of W_h, (H, n2, n2)."""
    _, n2, d2 = data.Y.shape
    (a, b), (j, k) = _pairs(n2), _pairs(d2)  # both are symmetric: a third of the work
    sums = np.einsum("hp,hq->pq", values[:, a, b], data.F[:, j, k])
    K = sums[_place(n2)[:, :, None, None], _place(d2)]
    K = K.swapaxes(1, 2).reshape(n2 * d2, n2 * d2)
    cross = np.einsum("hab,hbj->aj", values, data.Y).ravel()
    return ValueLoss(np.ascontiguousarray(K), cross, float(np.sum(values * data.E)))


def combined(first: ValueLoss, second: ValueLoss) -> ValueLoss:
    """The sum of both."""
    return ValueLoss(first.K + second.K, first.k + second.k, first.constant + second.constant)


def scaled(loss: ValueLoss, factor: float) -> ValueLoss:
    """`factor` times the loss."""
    return ValueLoss(factor * loss.K, factor * loss.k, factor * loss.constant)


@dataclass(frozen=True, eq=False)
class SquaredLoss:
    """SysID's loss: a mean of || x' - theta z ||^2, from C = mean z z^T, D = mean x' z^T."""

    C: Floats
    D: Floats
    constant: float

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """The loss of a model and its gradient, shape (n, d)."""
        product = np.einsum("aj,jk->ak", theta, self.C)
        value = float(np.sum(theta * (product - 2 * self.D)) + self.constant)
        return value, 2 * (product - self.D)


def squared_loss(data: Transitions) -> SquaredLoss:
    """SysID's loss of all transitions."""
    count = len(data.h)
    return SquaredLoss(
        np.einsum("ij,ik->jk", data.z, data.z) / count,
        np.einsum("ia,ij->aj", data.after, data.z) / count,
        float(np.sum(data.after**2)) / count,
    )
