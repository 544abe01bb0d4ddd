"""One leaf of a certificate: arithmetic with its denominators, and its choices."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import flint
import numpy as np

from theorylab.positivity_check.domain import Region
from theorylab.positivity_check.numbers import Element, determinant
from theorylab.positivity_check.polynomials import (
    BITS,
    CertificateError,
    Poly,
    homogeneous,
    mul,
    over,
    plus,
    positive,
)

ONE: Poly = {0: 1}


@dataclass(frozen=True)
class Opened:
    """A choice f that is not decided: bounds (x, y), f y >= x, and branches, one of which f is."""

    bounds: tuple[tuple[Element, Poly], ...]
    branches: tuple[Element, ...]
    nonnegative: bool


class Leaf:
    """The region of a leaf with its denominators, proved positive, and its decisions."""

    def __init__(self, region: Region, data: dict[str, Any]):
        self.region, self.data = region, data
        self.sizes = region.sizes
        self.width = sum(self.sizes)
        self.opened: list[Opened] = []
        self.choices: list[tuple[str, tuple[Element, ...], Element]] = []
        self.coefficients = 0
        self.factors = [self._factor(terms) for terms in data["denominators"]]

    def _factor(self, terms: list[Any]) -> Poly:
        fields = [sum(self.sizes[:b]) + k for b, n in enumerate(self.sizes) for k in range(n - 1)]
        values = [(es, Fraction(c)) for es, c in terms]
        scale = lcm(*(c.denominator for _, c in values))
        factor: Poly = {}
        for es, c in values:
            if len(es) != len(fields) or any(type(e) is not int or e < 0 for e in es):
                raise CertificateError(f"a denominator has exponents {es}")
            key = sum(e << (BITS * f) for e, f in zip(es, fields, strict=True))
            factor = plus(factor, {key: int(c * scale)})
        content = gcd(*factor.values())
        factor = {key: c // content for key, c in factor.items()}
        if set(factor) <= {0} or not positive(factor, self.sizes, self.region.below_one()):
            raise CertificateError("a denominator is not positive on its region")
        return factor

    # ---- elements -------------------------------------------------------------------------------

    def element(self, value: Any) -> Element | None:
        """An element or an exact constant as an element; None for anything else."""
        if isinstance(value, Element):
            return value
        if isinstance(value, int | np.integer | flint.fmpz) and not isinstance(value, bool):
            return Element(self, {0: int(value)} if value else {})
        if isinstance(value, flint.fmpq):
            return Element(self, {0: int(value.p)} if value else {}, int(value.q))
        return None

    def input(self, number: int) -> Element:
        """An input as a linear form in the coordinates of its block."""
        block, values = self.region.forms[number]
        scale = lcm(*(v.denominator for v in values))
        start, last = sum(self.sizes[:block]), values[-1]
        form = {0: int(last * scale)}
        for k, value in enumerate(values[:-1]):
            form[1 << (BITS * (start + k))] = int((value - last) * scale)
        return self.reduced({key: c for key, c in form.items() if c}, scale, {})

    def variable(self, number: int) -> Poly:
        """The variable of an open choice."""
        return {1 << (BITS * (self.width + number)): 1}

    def reduced(self, numerator: Poly, scale: int, powers: dict[int, int]) -> Element:
        """The element in lowest terms."""
        if not numerator:
            return Element(self, {})
        left = []
        for factor, count in sorted(powers.items()):
            while count and (found := self.over(numerator, self.factors[factor])) is not None:
                numerator, count = found, count - 1
            left += [(factor, count)] * bool(count)
        content = gcd(scale, *numerator.values())
        if content > 1:
            numerator = {key: c // content for key, c in numerator.items()}
        return Element(self, numerator, scale // content, tuple(left))

    def over(self, p: Poly, q: Poly) -> Poly | None:
        """p / q where q divides p."""
        return over(p, q, self.width + len(self.opened))

    def lifted(self, x: Element, scale: int, powers: dict[int, int]) -> Poly:
        """The numerator of x over a denominator that its own divides."""
        out = {key: c * (scale // x.scale) for key, c in x.numerator.items()}
        for factor, count in powers.items():
            for _ in range(count - dict(x.powers).get(factor, 0)):
                out = mul(out, self.factors[factor])
        return out

    @staticmethod
    def common(*values: Element) -> tuple[int, dict[int, int]]:
        """The least common denominator."""
        powers: dict[int, int] = {}
        for factor, count in (pair for v in values for pair in v.powers):
            powers[factor] = max(powers.get(factor, 0), count)
        return lcm(*(v.scale for v in values)), powers

    def sum(self, x: Element, other: Any, sign: int) -> Any:
        """x + sign other."""
        y = self.element(other)
        if y is None:
            return NotImplemented
        scale, powers = self.common(x, y)
        left, right = self.lifted(x, scale, powers), self.lifted(y, scale, powers)
        return self.reduced(plus(left, right, sign), scale, powers)

    def product(self, x: Element, other: Any) -> Any:
        """x other."""
        y = self.element(other)
        if y is None:
            return NotImplemented
        powers = dict(x.powers)
        for factor, count in y.powers:
            powers[factor] = powers.get(factor, 0) + count
        return self.reduced(mul(x.numerator, y.numerator), x.scale * y.scale, powers)

    def quotient(self, x: Element, y: Element) -> Element:
        """x / y; y's numerator must be a product of the leaf's positive denominators."""
        rest = y.numerator
        powers: dict[int, int] = {}
        if not rest:
            raise CertificateError("a division by zero")
        for number, factor in enumerate(self.factors):
            while (found := self.over(rest, factor)) is not None:
                rest, powers[number] = found, powers.get(number, 0) + 1
        if set(rest) != {0}:
            raise CertificateError("a denominator is not in the certificate")
        unit = 1 if rest[0] > 0 else -1
        above = self.lifted(Element(self, ONE), 1, dict(y.powers))
        inverse = self.reduced(
            {k: unit * c * y.scale for k, c in above.items()}, abs(rest[0]), powers
        )
        return self.product(x, inverse)

    def solved(self, rows: list[list[Element]]) -> list[Element]:
        """Cramer's rule for rows [A | b], cleared of denominators."""
        cleared = []
        for row in rows:
            scale, powers = self.common(*row)
            cleared.append([Element(self, self.lifted(e, scale, powers)) for e in row])
        n = len(rows)
        whole = determinant([row[:n] for row in cleared])
        columns = [
            [[row[n] if k == j else row[k] for k in range(n)] for row in cleared] for j in range(n)
        ]
        return [self.quotient(determinant(column), whole) for column in columns]

    # ---- signs and choices ----------------------------------------------------------------------

    def plain(self, p: Poly) -> bool:
        """Whether no open choice stands in p."""
        return not any(key >> (BITS * self.width) for key in p)

    def at_least_zero(self, p: Poly, sign: int = 1) -> bool:
        """Whether sign * p is shown to be >= 0 on the region."""
        if not self.plain(p):
            return False
        full = homogeneous(p, self.sizes)
        self.coefficients += len(full)
        return all(sign * c >= 0 for c in full.values())

    def choose(self, kind: str, *arguments: Element) -> Element:
        """abs, max, min or ratio, as the certificate decides; a wrong decision is refused."""
        for known, values, value in self.choices:
            if known == kind and all(x.same(y) for x, y in zip(values, arguments, strict=True)):
                return value
        data = self.data["choices"]
        if len(self.choices) >= len(data) or data[len(self.choices)]["kind"] != kind:
            raise CertificateError(f"the claim has another {kind} than the certificate says")
        decision = data[len(self.choices)]["decision"]
        made = (self._ratio if kind == "ratio" else self._extreme)(kind, decision, *arguments)
        self.choices.append((kind, arguments, made))
        return made

    def _extreme(self, kind: str, decision: str, x: Element, y: Element | None = None) -> Element:
        second = -x if y is None else y
        difference = x.numerator if y is None else (x - second).numerator
        sign = -1 if kind == "min" else 1
        if decision in ("first", "second"):
            first = decision == "first"
            if not self.at_least_zero(difference, sign if first else -sign):
                raise CertificateError(f"a {kind} is not its {decision} argument on its region")
            return x if first else second
        if decision != "open":
            raise CertificateError(f"a {kind} cannot be decided as {decision!r}")
        branches = tuple(b * sign for b in (x, second))
        bounds = tuple(bound for b in branches for bound in self._bounds_of(b))
        known = kind == "abs" or any(self._known(b) for b in branches)
        return self._open(Opened(bounds, branches, known)) * sign

    def _open(self, opened: Opened) -> Element:
        self.opened.append(opened)
        return Element(self, self.variable(len(self.opened) - 1))

    def _owner(self, x: Element) -> Opened | None:
        for number, opened in enumerate(self.opened):
            if x.same(Element(self, self.variable(number))):
                return opened
        return None

    def _bounds_of(self, branch: Element) -> tuple[tuple[Element, Poly], ...]:
        owner = self._owner(branch)
        return owner.bounds if owner else ((branch, ONE),)

    def _known(self, branch: Element) -> bool:
        owner = self._owner(branch)
        return owner.nonnegative if owner else self.at_least_zero(branch.numerator)

    def _ratio(self, kind: str, decision: str, x: Element, y: Element) -> Element:
        if decision == "zero" and not x.numerator:
            return x
        if decision == "divide":
            return self.quotient(x, y)
        if decision != "open" or not self.at_least_zero(y.numerator):
            raise CertificateError(f"a ratio cannot be decided as {decision!r} on its region")
        above = self.reduced(self.lifted(Element(self, ONE), y.scale, dict(y.powers)), 1, {})
        known = self.at_least_zero(x.numerator)
        return self._open(Opened(((x * above, y.numerator),), (), known))
