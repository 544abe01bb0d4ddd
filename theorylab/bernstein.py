r"""Bernstein coefficients on products of simplices: an exact test of a polynomial's sign.

A block is a simplex with n vertices and barycentric coordinates y_1 + ... + y_n = 1, y >= 0. A
polynomial in the free coordinates y_1, ..., y_{n-1} of each block is made homogeneous in every
block by the factors (y_1 + ... + y_n) = 1. What then stands before the monomials are the Bernstein
coefficients, times positive multinomials: if none is negative, the polynomial is not negative on
the whole product. For n = 2 this is the classical basis on [0, 1].

The coefficients at a block's pure powers are values at its vertices. Everything is integers: in
int64 where a bound shows that nothing can overflow, else in Python's own.

Source: Farouki, The Bernstein polynomial basis: a centennial retrospective, 2012, section 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement
from math import comb, factorial, prod

import numpy as np

from theorylab.arithmetic import Array

SAFE = 2**62
"""Bounds below this are computed in int64."""


@dataclass(frozen=True)
class Polynomial:
    """A polynomial as terms: exponents (T, V) of the free coordinates of all blocks, and integer
    coefficients over a common `scale` > 0."""

    exponents: Array
    coefficients: tuple[int, ...]
    scale: int = 1

    def degrees(self, blocks: Sequence[int]) -> tuple[int, ...]:
        """The total degree in each block of so many vertices."""
        return tuple(int(part.sum(-1).max(initial=0)) for part in _by_block(self.exponents, blocks))


def _by_block(exponents: Array, blocks: Sequence[int]) -> list[Array]:
    ends = np.cumsum([n - 1 for n in blocks])
    return np.split(exponents, ends[:-1], axis=1) if len(blocks) else []


@cache
def monomials(vertices: int, degree: int) -> tuple[tuple[int, ...], ...]:
    """Exponents of all homogeneous monomials of the degree in so many coordinates.

    >>> monomials(2, 2)
    ((2, 0), (1, 1), (0, 2))
    """
    found = []
    for chosen in combinations_with_replacement(range(vertices), degree):
        found.append(tuple(chosen.count(k) for k in range(vertices)))
    return tuple(found)


def count(blocks: Sequence[int], degrees: Sequence[int]) -> int:
    """How many coefficients a polynomial of these degrees has."""
    return prod(comb(d + n - 1, n - 1) for n, d in zip(blocks, degrees, strict=True))


@cache
def _raising(vertices: int, degree: int) -> Array:
    """Matrix from free monomials of degree <= `degree` to homogeneous ones: the multinomials of
    (y_1 + ... + y_n)^(degree - e). A free monomial stands at the place of the homogeneous one with
    the same free exponents."""
    basis = monomials(vertices, degree)
    matrix = np.zeros((len(basis), len(basis)), dtype=object)
    for column, low in enumerate(basis):
        for row, high in enumerate(basis):
            rest = [h - e for h, e in zip(high[:-1], low[:-1], strict=True)]
            if min(rest, default=0) >= 0:
                matrix[row, column] = _multinomial([*rest, high[-1]])
    return matrix


def _multinomial(parts: list[int]) -> int:
    return factorial(sum(parts)) // prod(factorial(k) for k in parts)


def coefficients(
    polynomial: Polynomial, blocks: Sequence[int], degrees: Sequence[int] | None = None
) -> Array:
    """The Bernstein coefficients, times multinomials and the scale: integers, shape (N_1, ...).

    Axis b has the monomials of block b in the order of `monomials`. `degrees` may raise the
    polynomial's own. Signs are exact.
    """
    degrees = polynomial.degrees(blocks) if degrees is None else degrees
    numbers = polynomial.coefficients
    matrices = [_raising(n, d) for n, d in zip(blocks, degrees, strict=True)]
    bound = sum(map(abs, numbers)) * prod(int(m.max(initial=1)) for m in matrices)
    kind = np.int64 if bound < SAFE else object
    out = np.zeros(tuple(len(m) for m in matrices), dtype=kind)
    places = _places(polynomial.exponents, blocks, degrees)
    out[places] = np.array(numbers, dtype=kind) if places else sum(numbers)  # a mere number
    for axis, matrix in enumerate(matrices):
        raised = np.tensordot(matrix.astype(kind), out, axes=(1, axis))
        out = np.moveaxis(raised, 0, axis)
    return out


def _places(exponents: Array, blocks: Sequence[int], degrees: Sequence[int]) -> tuple[Array, ...]:
    places = []
    for part, n, d in zip(_by_block(exponents, blocks), blocks, degrees, strict=True):
        known = {m[:-1]: place for place, m in enumerate(monomials(n, d))}
        places.append(np.array([known[row] for row in map(tuple, part.tolist())], dtype=np.int64))
    return tuple(places)


def sign(values: Array) -> int | None:
    """1 where no coefficient is negative, -1 where none is positive, 0 for the zero polynomial,
    None where the coefficients do not tell."""
    low, high = values.min(), values.max()
    if low == 0 and high == 0:
        return 0
    return 1 if low >= 0 else -1 if high <= 0 else None


def positive_on(values: Array, faces: Sequence[tuple[int, Array]]) -> bool:
    """Whether all coefficients are >= 0, and those on the faces > 0.

    A face (block, places) names the monomials of a block that stay positive at every allowed
    point; without a face the whole block must. So the polynomial is > 0 at every allowed point.
    """
    index = [np.arange(size) for size in values.shape]
    for block, places in faces:
        index[block] = places
    return bool(values.min() >= 0 and values[np.ix_(*index)].min(initial=1) > 0)


def control_point(
    place: Sequence[int], blocks: Sequence[int], degrees: Sequence[int]
) -> list[list[Fraction]]:
    """The coordinates at which a coefficient's own monomial is largest; its vertex for a pure
    power. In a block of degree 0 it is the middle."""
    point = []
    for k, n, d in zip(place, blocks, degrees, strict=True):
        monomial = monomials(n, d)[k]
        point.append([Fraction(e, d) for e in monomial] if d else [Fraction(1, n)] * n)
    return point
