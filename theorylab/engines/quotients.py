"""Quotients of polynomials in a region's coordinates, and the signs that can be shown of them.

Denominators are kept as powers of irreducible factors, each proved positive on the region by its
Bernstein coefficients, so that common factors cancel and degrees stay low.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import flint
import numpy as np

from theorylab import bernstein
from theorylab.errors import TheorylabError, Undefined, Unsupported
from theorylab.regions import Region


class TooLarge(TheorylabError):
    """A polynomial with more terms or coefficients than the budget allows."""


class NotPositive(TheorylabError):
    """A denominator whose Bernstein coefficients do not show its sign on the region."""


@dataclass(frozen=True)
class Quotient:
    """numerator / product of factors ** power; factors are numbers of the reader's table."""

    numerator: Any
    powers: tuple[tuple[int, int], ...] = ()


def common(*quotients: Quotient) -> dict[int, int]:
    """The least common denominator."""
    powers: dict[int, int] = {}
    for quotient in quotients:
        for factor, power in quotient.powers:
            powers[factor] = max(powers.get(factor, 0), power)
    return powers


class Quotients:
    """The quotients on a region; raises TooLarge beyond `limit` terms or coefficients.

    The polynomials are in the free coordinates of the region's blocks and in `opens` further
    variables, those of open choices.
    """

    def __init__(self, region: Region, limit: int, opens: int):
        self.region, self.limit = region, limit
        self.factors: list[Any] = []
        self._last: tuple[Any, bernstein.Polynomial | None] = (None, None)
        names = [f"y{b}_{k}" for b, n in enumerate(region.sizes) for k in range(n - 1)]
        self.width = len(names)
        names += [f"f{k}" for k in range(opens)]
        self.ring = flint.fmpq_mpoly_ctx.get(names or ["y"], "degrevlex")
        self.variables = self.ring.gens()

    def linear(self, block: int, weights: Sequence[Fraction]) -> Any:
        """The linear form with these values at the vertices of a block."""
        first = sum(n - 1 for n in self.region.sizes[:block])
        *free, last = weights
        form = self.constant(last)
        for k, weight in enumerate(free):
            form = form + self._rational(weight - last) * self.variables[first + k]
        return form

    def coordinate(self, block: int, vertex: int) -> Any:
        """A barycentric coordinate of a block."""
        size = self.region.sizes[block]
        return self.linear(block, [Fraction(v == vertex) for v in range(size)])

    @staticmethod
    def _rational(value: Fraction) -> flint.fmpq:
        return flint.fmpq(value.numerator, value.denominator)

    def constant(self, value: Any) -> Any:
        """A constant polynomial."""
        return self.ring.constant(self._rational(Fraction(value)))

    def negated(self, x: Quotient) -> Quotient:
        """-x."""
        return Quotient(-x.numerator, x.powers)

    def times(self, x: Any, y: Any) -> Any:
        """The product of two polynomials; raises TooLarge before it grows beyond the limit."""
        if len(x) * len(y) > 50 * self.limit:
            raise TooLarge(f"more than {self.limit:,} terms")
        product = x * y
        if len(product) > self.limit:
            raise TooLarge(f"more than {self.limit:,} terms")
        return product

    def lift(self, x: Quotient, powers: dict[int, int]) -> Any:
        """The numerator of x over a denominator that its own divides."""
        numerator, own = x.numerator, dict(x.powers)
        for factor, power in powers.items():
            for _ in range(power - own.get(factor, 0)):
                numerator = self.times(numerator, self.factors[factor])
        return numerator

    def add(self, x: Quotient, y: Quotient) -> Quotient:
        """x + y."""
        powers = common(x, y)
        return self.reduced(self.lift(x, powers) + self.lift(y, powers), powers)

    def subtract(self, x: Quotient, y: Quotient) -> Quotient:
        """x - y."""
        powers = common(x, y)
        return self.reduced(self.lift(x, powers) - self.lift(y, powers), powers)

    def multiply(self, x: Quotient, y: Quotient) -> Quotient:
        """x y."""
        powers = dict(x.powers)
        for factor, power in y.powers:
            powers[factor] = powers.get(factor, 0) + power
        return self.reduced(self.times(x.numerator, y.numerator), powers)

    def divide(self, x: Quotient, y: Quotient) -> Quotient:
        """x / y, for y with a sign: NotPositive where its coefficients do not show one."""
        unit, factors = self.positive_factors(y.numerator)
        inverse = Quotient(self.lift(Quotient(self.constant(1 / unit)), dict(y.powers)))
        quotient = self.multiply(x, inverse)
        powers = dict(quotient.powers)
        for factor, power in factors.items():
            powers[factor] = powers.get(factor, 0) + power
        return self.reduced(quotient.numerator, powers)

    def reduced(self, numerator: Any, powers: dict[int, int]) -> Quotient:
        """The quotient with the factors cancelled that divide the numerator."""
        if numerator == 0:
            return Quotient(numerator)
        left = {}
        for factor, power in sorted(powers.items()):
            while power:
                divided, rest = divmod(numerator, self.factors[factor])
                if rest != 0:
                    break
                numerator, power = divided, power - 1
            if power:
                left[factor] = power
        return Quotient(numerator, tuple(left.items()))

    # ---- signs ------------------------------------------------------------------------------

    def plain(self, polynomial: Any) -> bernstein.Polynomial:
        """A polynomial without open choices, as exponents and coefficients."""
        known, found = self._last
        if found is None or known is not polynomial:  # often asked for twice in a row
            found = self._plain(polynomial)
            self._last = (polynomial, found)
        return found

    def _plain(self, polynomial: Any) -> bernstein.Polynomial:
        exponents = np.array(polynomial.monoms(), dtype=np.int64).reshape(len(polynomial), -1)
        if exponents[:, self.width :].any():
            raise Unsupported("a maximum is divided by, or stands inside another choice")
        pairs = [(int(c.p), int(c.q)) for c in polynomial.coeffs()]
        scale = lcm(*(q for _, q in pairs))
        numbers = tuple(p * (scale // q) for p, q in pairs)
        return bernstein.Polynomial(exponents[:, : self.width], numbers, scale)

    def is_plain(self, polynomial: Any) -> bool:
        """Whether no open choice stands in a polynomial."""
        return all(d <= 0 for d in polynomial.degrees()[self.width :])

    def coefficients(self, polynomial: Any, degrees: Sequence[int] | None = None) -> Any:
        """The Bernstein coefficients; raises TooLarge where there are more than the limit."""
        plain, sizes = self.plain(polynomial), self.region.sizes
        size = bernstein.count(sizes, degrees or plain.degrees(sizes))
        if size > self.limit:
            raise TooLarge(f"{size:,} coefficients")
        return bernstein.coefficients(plain, sizes, degrees)

    def sign(self, polynomial: Any) -> int | None:
        """The sign of a polynomial on the region where its coefficients show it."""
        if polynomial == 0:
            return 0
        if not self.is_plain(polynomial):
            return None
        return bernstein.sign(self.coefficients(polynomial))

    def positive(self, polynomial: Any) -> bool:
        """Whether a polynomial is > 0 wherever every discount is below 1."""
        values = self.coefficients(polynomial)
        degrees = self.plain(polynomial).degrees(self.region.sizes)
        faces = []
        for block, vertices in self.region.below_one():
            basis = bernstein.monomials(self.region.blocks[block].size, degrees[block])
            others = set(range(self.region.blocks[block].size)) - set(vertices)
            places = [k for k, m in enumerate(basis) if not any(m[v] for v in others)]
            faces.append((block, np.array(places, dtype=np.int64)))
        return bernstein.positive_on(values, faces)

    def positive_factors(self, polynomial: Any) -> tuple[Fraction, dict[int, int]]:
        """A unit and positive irreducible factors with their powers."""
        if polynomial == 0:
            raise Undefined("a denominator is identically zero")
        unit, parts = polynomial.factor()
        found: dict[int, int] = {}
        sign = 1
        for part, power in parts:
            factor, own = self._positive_factor(part)
            found[factor] = found.get(factor, 0) + int(power)
            sign *= own ** int(power)
        return Fraction(int(unit.p), int(unit.q)) * sign, found

    def _positive_factor(self, part: Any) -> tuple[int, int]:
        for known, factor in enumerate(self.factors):
            if part == factor or part == -factor:
                return known, 1 if part == factor else -1
        if not self.is_plain(part):
            raise Unsupported("a maximum is divided by")
        for own in (1, -1):
            if self.positive(own * part):
                self.factors.append(own * part)
                return len(self.factors) - 1, own
        raise NotPositive(f"a denominator may vanish: {str(part)[:60]}")
