"""The proofs of a leaf's lines, recomputed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from itertools import permutations
from math import gcd
from typing import Any

from theorylab.positivity_check.leaf import ONE, Leaf
from theorylab.positivity_check.numbers import Element
from theorylab.positivity_check.polynomials import (
    BITS,
    CertificateError,
    Poly,
    count,
    exponents,
    homogeneous,
    listed,
    mul,
    plus,
)


@dataclass(frozen=True)
class Proofs:
    """Checks proofs on one leaf."""

    leaf: Leaf

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
        if not self.leaf.at_least_zero(p):
            raise CertificateError("a Bernstein coefficient is negative")
        numbers = listed(homogeneous(p, self.leaf.sizes), self.leaf.sizes)
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
        low = (1 << (BITS * self.leaf.width)) - 1
        for key, c in p.items():
            alpha = tuple(exponents(key >> (BITS * self.leaf.width), len(self.leaf.opened)))
            parts.setdefault(alpha, {})[key & low] = c
        return parts

    def _branches(self, p: Poly, proof: dict[str, Any]) -> None:
        """A maximum is one of its branches at every instance: p >= 0 must hold for each."""
        number, cases = proof["choice"], proof["cases"]
        opened = self.leaf.opened[number]
        if not opened.branches or len(cases) != len(opened.branches):
            raise CertificateError("a maximum has other branches than the certificate says")
        without: Poly = {}
        factor: Poly = {}
        for alpha, kappa in self.groups(p).items():
            whole = self._monomial(alpha, number, kappa)
            if alpha[number] > 1:
                raise CertificateError("a maximum that is branched on stands in a power")
            if alpha[number]:
                factor = plus(factor, whole)
            else:
                without = plus(without, whole)
        for branch, case in zip(opened.branches, cases, strict=True):
            value = Element(self.leaf, without) + Element(self.leaf, factor) * branch
            self.verify(value.numerator, case)

    def _monomial(self, alpha: tuple[int, ...], number: int, kappa: Poly) -> Poly:
        """kappa times the monomial of choices, the one of that number left out."""
        fields = [(k, e) for k, e in enumerate(alpha) if k != number]
        shift = sum(e << (BITS * (self.leaf.width + k)) for k, e in fields)
        return {key + shift: c for key, c in kappa.items()}

    def _bounded(self, p: Poly, proof: dict[str, Any]) -> None:
        groups = self.groups(p)
        total = Element(self.leaf, groups.pop((0,) * len(self.leaf.opened), {}))
        if not all(self.leaf.at_least_zero(kappa) for kappa in groups.values()):
            raise CertificateError("a maximum enters with a negative factor")
        if sum(count(kappa, self.leaf.sizes) for kappa in groups.values()) != proof["count"]:
            raise CertificateError(f"the factors of maxima have not {proof['count']} coefficients")
        left = {alpha: Element(self.leaf, kappa) for alpha, kappa in groups.items()}
        for used in proof["used"]:
            alpha = tuple(used["choices"].count(k) for k in range(len(self.leaf.opened)))
            weight = Fraction(used["weight"])
            if weight < 0 or alpha not in groups:
                raise CertificateError("a lower bound is used that is not there")
            value, times = self._bound(alpha, used["bounds"])
            h = self.leaf.over(groups[alpha], times) or groups[alpha]
            if used["at"]:
                h = mul(h, self._coordinate(*used["at"]))
            if not self.leaf.at_least_zero(h):
                raise CertificateError("a lower bound is used with a negative factor")
            factor = self.leaf.reduced(
                {key: c * weight.numerator for key, c in h.items()}, weight.denominator, {}
            )
            left[alpha] = left[alpha] - factor * Element(self.leaf, times)
            total = total + factor * value
        self._check_left(left)
        self.verify(total.numerator, proof["rest"])

    def _coordinate(self, block: int, vertex: int) -> Poly:
        if not (0 <= block < len(self.leaf.sizes) and 0 <= vertex < self.leaf.sizes[block]):
            raise CertificateError(f"block {block} has no vertex {vertex}")
        start, last = sum(self.leaf.sizes[:block]), self.leaf.sizes[block] - 1
        free = {1 << (BITS * (start + k)): -1 for k in range(last)}
        return {1 << (BITS * (start + vertex)): 1} if vertex < last else {0: 1, **free}

    def _bound(self, alpha: tuple[int, ...], picks: Sequence[int]) -> tuple[Element, Poly]:
        """The product (X, Y) of lower bounds f^alpha Y >= X, if it is sound."""
        owners = [self.leaf.opened[k] for k, e in enumerate(alpha) for _ in range(e)]
        if len(picks) != len(owners) or any(k < 0 for k in picks):
            raise CertificateError("a product of lower bounds has other factors than its choices")
        bounds = [o.bounds[k] for o, k in zip(owners, picks, strict=True)]
        if not all(self.leaf.plain(x.numerator) for x, _ in bounds):
            raise CertificateError("a lower bound holds another open choice")
        signs = [
            (o.nonnegative, self.leaf.at_least_zero(x.numerator))
            for o, (x, _) in zip(owners, bounds, strict=True)
        ]
        if len(signs) > 1 and not any(map(_in_order, permutations(signs))):
            raise CertificateError("a product of lower bounds of unknown sign")
        value, times = Element(self.leaf, ONE), ONE
        for x, y in bounds:
            value, times = value * x, mul(times, y)
        return value, times

    def _check_left(self, left: dict[tuple[int, ...], Element]) -> None:
        for alpha, rest in left.items():
            known = all(self.leaf.opened[k].nonnegative for k, e in enumerate(alpha) if e)
            if rest.numerator and not (known and self.leaf.at_least_zero(rest.numerator)):
                raise CertificateError("a lower bound is used more often than it stands there")


def _in_order(signs: Sequence[tuple[bool, bool]]) -> bool:
    """f_i y_i >= x_i may be multiplied: all f but the first and all x but the last are >= 0."""
    return all(f for f, _ in signs[1:]) and all(x for _, x in signs[:-1])
