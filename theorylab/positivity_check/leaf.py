"""One leaf of a certificate: arithmetic with its denominators, its choices, and its proofs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from itertools import permutations
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
    exponents,
    homogeneous,
    listed,
    mul,
    over,
    plus,
    positive,
)

ONE: Poly = {0: 1}


@dataclass(frozen=True)
class Opened:
    """A choice that is not decided: bounds (x, y) with f y >= x, and branches, one of which f is."""

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
        fields = [
            sum(self.sizes[:b]) + k for b, n in enumerate(self.sizes) for k in range(n - 1)
        ]
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
            while count and (found := self._over(numerator, self.factors[factor])) is not None:
                numerator, count = found, count - 1
            left += [(factor, count)] * bool(count)
        content = gcd(scale, *numerator.values())
        if content > 1:
            numerator = {key: c // content for key, c in numerator.items()}
        return Element(self, numerator, scale // content, tuple(left))

    def _over(self, p: Poly, q: Poly) -> Poly | None:
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
        rest, powers = y.numerator, {}
        if not rest:
            raise CertificateError("a division by zero")
        for number, factor in enumerate(self.factors):
            while (found := self._over(rest, factor)) is not None:
                rest, powers[number] = found, powers.get(number, 0) + 1
        if set(rest) != {0}:
            raise CertificateError("a denominator is not in the certificate")
        unit = 1 if rest[0] > 0 else -1
        above = self.lifted(Element(self, ONE), 1, dict(y.powers))
        inverse = self.reduced({k: unit * c * y.scale for k, c in above.items()}, abs(rest[0]), powers)
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

    # ---- proofs ---------------------------------------------------------------------------------

    def verify(self, p: Poly, proof: dict[str, Any]) -> None:
        """Check a proof of p >= 0 on the region; CertificateError where it is none."""
        how = {"zero": self._zero, "coefficients": self._plainly}
        how |= {"branches": self._branches, "bounds": self._bounded}
        if proof["by"] not in how:
            raise CertificateError(f"a proof by {proof['by']!r} is unknown")
        how[proof["by"]](p, proof)

    def _zero(self, p: Poly, proof: dict[str, Any]) -> None:
        if p:
            raise CertificateError("a difference is not the zero polynomial")

    def _plainly(self, p: Poly, proof: dict[str, Any]) -> None:
        if not self.at_least_zero(p):
            raise CertificateError("a Bernstein coefficient is negative")
        numbers = listed(homogeneous(p, self.sizes), self.sizes)
        content = gcd(*numbers) or 1
        text = ",".join(str(c // content) for c in numbers)
        found = {
            "count": len(numbers),
            "least": str(min(numbers) // content),
            "greatest": str(max(numbers) // content),
            "sha256": sha256(text.encode()).hexdigest(),
        }
        for key, value in found.items():
            if proof[key] != value:
                raise CertificateError(f"the coefficients' {key} is {value}, not {proof[key]}")

    def groups(self, p: Poly) -> dict[tuple[int, ...], Poly]:
        """The polynomial before each monomial of open choices."""
        parts: dict[tuple[int, ...], Poly] = {}
        low = (1 << (BITS * self.width)) - 1
        for key, c in p.items():
            alpha = tuple(exponents(key >> (BITS * self.width), len(self.opened)))
            parts.setdefault(alpha, {})[key & low] = c
        return parts

    def _branches(self, p: Poly, proof: dict[str, Any]) -> None:
        number, cases = proof["choice"], proof["cases"]
        opened = self.opened[number]
        if not opened.branches or len(cases) != len(opened.branches):
            raise CertificateError("a maximum has other branches than the certificate says")
        without: Poly = {}
        factor: Poly = {}
        for alpha, kappa in self.groups(p).items():
            others = [k for k, e in enumerate(alpha) if e and k != number]
            whole = self._monomial(alpha, number, kappa)
            if not alpha[number]:
                without = plus(without, whole)
                continue
            factor = plus(factor, whole)
            signed = all(self.opened[k].nonnegative for k in others)
            if alpha[number] > 1 or not signed or not self.at_least_zero(kappa, -1):
                raise CertificateError("a line does not fall in a maximum that it branches on")
        for branch, case in zip(opened.branches, cases, strict=True):
            value = Element(self, without) + Element(self, factor) * branch
            self.verify(value.numerator, case)

    def _monomial(self, alpha: tuple[int, ...], number: int, kappa: Poly) -> Poly:
        """kappa times the monomial of choices, the one of that number left out."""
        fields = [(k, e) for k, e in enumerate(alpha) if k != number]
        shift = sum(e << (BITS * (self.width + k)) for k, e in fields)
        return {key + shift: c for key, c in kappa.items()}

    def _bounded(self, p: Poly, proof: dict[str, Any]) -> None:
        groups = self.groups(p)
        total = Element(self, groups.pop((0,) * len(self.opened), {}))
        if not all(self.at_least_zero(kappa) for kappa in groups.values()):
            raise CertificateError("a maximum enters with a negative factor")
        left = {alpha: Element(self, kappa) for alpha, kappa in groups.items()}
        for used in proof["used"]:
            alpha = tuple(used["choices"].count(k) for k in range(len(self.opened)))
            weight = Fraction(used["weight"])
            if weight < 0 or alpha not in groups:
                raise CertificateError("a lower bound is used that is not there")
            value, times = self._bound(alpha, used["bounds"])
            h = self._over(groups[alpha], times) or groups[alpha]
            if not self.at_least_zero(h):
                raise CertificateError("a lower bound is used with a negative factor")
            factor = self.reduced(
                {key: c * weight.numerator for key, c in h.items()}, weight.denominator, {}
            )
            left[alpha] = left[alpha] - factor * Element(self, times)
            total = total + factor * value
        self._check_left(left)
        self.verify(total.numerator, proof["rest"])

    def _bound(self, alpha: tuple[int, ...], picks: Sequence[int]) -> tuple[Element, Poly]:
        """The product (X, Y) of lower bounds f^alpha Y >= X, if it is sound."""
        owners = [self.opened[k] for k, e in enumerate(alpha) for _ in range(e)]
        if len(picks) != len(owners) or any(k < 0 for k in picks):
            raise CertificateError("a product of lower bounds has other factors than its choices")
        bounds = [o.bounds[k] for o, k in zip(owners, picks, strict=True)]
        if not all(self.plain(x.numerator) for x, _ in bounds):
            raise CertificateError("a lower bound holds another open choice")
        signs = [
            (o.nonnegative, self.at_least_zero(x.numerator))
            for o, (x, _) in zip(owners, bounds, strict=True)
        ]
        if len(signs) > 1 and not any(map(_in_order, permutations(signs))):
            raise CertificateError("a product of lower bounds of unknown sign")
        value, times = Element(self, ONE), ONE
        for x, y in bounds:
            value, times = value * x, mul(times, y)
        return value, times

    def _check_left(self, left: dict[tuple[int, ...], Element]) -> None:
        for alpha, rest in left.items():
            known = all(self.opened[k].nonnegative for k, e in enumerate(alpha) if e)
            if rest.numerator and not (known and self.at_least_zero(rest.numerator)):
                raise CertificateError("a lower bound is used more often than it stands there")


def _in_order(signs: Sequence[tuple[bool, bool]]) -> bool:
    """f_1 y_1 >= x_1, ... give the product when all f but the first, all x but the last are >= 0."""
    return all(f for f, _ in signs[1:]) and all(x for _, x in signs[:-1])


def entries(links: Sequence[Any], leaf: Leaf) -> Iterator[tuple[int, int, str, Element]]:
    """(line, entry, kind, rhs - lhs) of all lines."""
    for number, link in enumerate(links):
        gap = link.rhs - link.lhs
        for k, entry in enumerate(gap.ravel() if isinstance(gap, np.ndarray) else [gap]):
            element = leaf.element(entry)
            if element is None:
                raise CertificateError(f"line {number + 1} is not a formula of its arguments")
            yield number, k, link.kind, element
