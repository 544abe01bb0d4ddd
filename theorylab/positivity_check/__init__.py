"""A small checker of positivity certificates, apart from the engine that writes them.

It shares nothing with the engine but the claim itself: it runs the claim, untouched, on its own
polynomials (Python dicts of integers), splits the domain by its own code, and computes the
Bernstein coefficients again. What it checks, for every shape that a certificate names:

1. the claim is the one named, and its statement has the hash named;
2. the moves are among those known, and every part of each move has a proof, so that the leaves
   cover the whole domain (`domain`);
3. on each leaf every denominator is > 0 wherever the discounts are below 1, every choice of an
   abs, max or min that is taken as decided is so, and every line of the claim is proved: for an
   equality the difference is the zero polynomial; for an inequality the numerator of rhs - lhs,
   or what remains of it below sound bounds of its maxima, has no negative Bernstein coefficient,
   and these have the count, the extremes and the digest that the certificate says (`leaf`).

There is no sampling and no float: what passes is proved, up to faults of this folder, of `claims`
and `givens`, of the claim's own formulas, and of Python's integers. Instances at which the claim is
void (a ratio x/0) are not its subject. Certificates are data: reading one runs no code of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.claims import Claim, evaluate
from theorylab.errors import TheorylabError
from theorylab.givens import Integer, Several, build_instance
from theorylab.positivity_check.domain import Region, Source
from theorylab.positivity_check.leaf import Leaf
from theorylab.positivity_check.numbers import Element
from theorylab.positivity_check.polynomials import CertificateError
from theorylab.positivity_check.proofs import Proofs

__all__ = ["CertificateError", "Checked", "check"]
FORMAT = "theorylab.positivity/1"


@dataclass(frozen=True)
class Checked:
    """What was recomputed: the shapes proved, the leaves, and the coefficients looked at."""

    shapes: tuple[dict[str, int], ...]
    leaves: int
    coefficients: int


def check(claim: Claim, certificate: Any) -> Checked:
    """Recompute a certificate from the claim; CertificateError where it does not prove it."""
    try:
        return _checked(claim, certificate)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError) as odd:
        raise CertificateError(
            f"the certificate of {claim.id} is malformed: {type(odd).__name__} {odd}"
        ) from odd


def _checked(claim: Claim, certificate: Any) -> Checked:
    expected = {"format": FORMAT, "claim": claim.id, "hash": claim.hash}
    for key, value in expected.items():
        if certificate[key] != value:
            raise CertificateError(
                f"the certificate's {key} is {certificate[key]!r}, expected {value!r}"
            )
    if not certificate["shapes"]:
        raise CertificateError(f"the certificate of {claim.id} names no shape")
    counts = [_check_shape(claim, shape) for shape in certificate["shapes"]]
    shapes = tuple(dict(shape["sizes"]) for shape in certificate["shapes"])
    return Checked(shapes, sum(n for n, _ in counts), sum(c for _, c in counts))


def _check_shape(claim: Claim, shape: dict[str, Any]) -> tuple[int, int]:
    sizes = shape["sizes"]
    _check_sizes(claim, sizes)
    region = _domain(claim, sizes)
    leaves = list(_leaves(region, shape["proof"]))
    return len(leaves), sum(_check_leaf(claim, sizes, *leaf) for leaf in leaves)


def _check_sizes(claim: Claim, sizes: dict[str, int]) -> None:
    names = {name for p in claim.parameters for name in p.sizes}
    if set(sizes) != names or any(type(n) is not int for n in sizes.values()):
        raise CertificateError(f"the sizes {sizes} are not those of {claim.id}")
    for parameter in claim.parameters:
        low, high = 1, None
        if isinstance(parameter.says, Integer):
            low, high = parameter.says.low, parameter.says.high
        if isinstance(parameter.says, Several):
            high = parameter.says.most
        own = [f"|{parameter.name}|"] if isinstance(parameter.says, Several) else parameter.sizes
        for name in own:
            if sizes[name] < low or (high is not None and sizes[name] > high):
                raise CertificateError(f"the size {name} = {sizes[name]} is outside the claim")


def _domain(claim: Claim, sizes: dict[str, int]) -> Region:
    """The whole domain: built once with inputs that are never computed with."""
    source = Source(lambda number: _Blank(), _Blank())
    build_instance(claim.parameters, source, sizes)
    return source.region


class _Blank:
    """An input of which only the number counts."""

    def _same(self, *_: Any) -> _Blank:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _same
    __truediv__ = __rtruediv__ = __neg__ = _same


def _leaves(region: Region, node: dict[str, Any]) -> Iterator[tuple[Region, dict[str, Any]]]:
    """(region, leaf) of all leaves; every part of every move has its own."""
    if "move" not in node:
        yield region, node
        return
    parts = region.parts(node["move"], node["blocks"], node["detail"])
    if len(parts) != len(node["parts"]):
        raise CertificateError(
            f"a {node['move']} has {len(node['parts'])} parts, expected {len(parts)}: the cases do"
            " not cover the domain"
        )
    for part, below in zip(parts, node["parts"], strict=True):
        yield from _leaves(part, below)


def _check_leaf(claim: Claim, sizes: dict[str, int], region: Region, data: dict[str, Any]) -> int:
    leaf = Leaf(region, data)
    source = Source(leaf.input, leaf.element(1))
    try:
        links, _ = evaluate(claim, build_instance(claim.parameters, source, sizes))
    except CertificateError:
        raise
    except TheorylabError as error:
        raise CertificateError(f"{claim.id} does not run on polynomials: {error}") from error
    proofs = {(p["line"], p["entry"]): p for p in data["lines"]}
    found = list(_entries(links, leaf))
    if set(proofs) != {(line, entry) for line, entry, _, _ in found}:
        raise CertificateError("the lines proved are not the lines of the claim")
    for line, entry, kind, gap in found:
        proof = proofs[line, entry]
        Proofs(leaf).verify(gap.numerator, {"by": "zero"} if kind == "equal" else proof)
    return leaf.coefficients


def _entries(links: Sequence[Any], leaf: Leaf) -> Iterator[tuple[int, int, str, Element]]:
    """(line, entry, kind, rhs - lhs) of all lines."""
    for number, link in enumerate(links):
        gap = link.rhs - link.lhs
        for k, entry in enumerate(gap.ravel() if isinstance(gap, np.ndarray) else [gap]):
            element = leaf.element(entry)
            if element is None:
                raise CertificateError(f"line {number + 1} is not a formula of its arguments")
            yield number, k, link.kind, element
