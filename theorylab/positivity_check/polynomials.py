"""Polynomials as dicts of integers, and their Bernstein coefficients, for the checker."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from itertools import combinations_with_replacement, product
from math import comb, prod

from theorylab.errors import TheorylabError

BITS = 24
FULL = (1 << BITS) - 1
Poly = dict[int, int]
"""Packed exponents, BITS bits for each variable, to integer coefficients; no zeros."""


class CertificateError(TheorylabError):
    """A certificate that does not prove what it says."""


def plus(p: Poly, q: Poly, factor: int = 1) -> Poly:
    """p + factor q."""
    out = dict(p)
    for key, c in q.items():
        out[key] = out.get(key, 0) + factor * c
    return {key: c for key, c in out.items() if c}


def mul(p: Poly, q: Poly) -> Poly:
    """p q."""
    out: Poly = {}
    for a, c in p.items():
        for b, d in q.items():
            out[a + b] = out.get(a + b, 0) + c * d
    return {key: c for key, c in out.items() if c}


def exponents(key: int, count: int) -> list[int]:
    """The exponents of the first `count` variables."""
    return [(key >> (BITS * k)) & FULL for k in range(count)]


def over(p: Poly, q: Poly, count: int) -> Poly | None:
    """p / q where q divides p over the integers, else None; q is not 0."""
    rest, quotient, lead = dict(p), {}, max(q)
    heap = [-key for key in rest]
    heapify(heap)
    low = exponents(lead, count)
    while heap:
        key = -heappop(heap)
        c = rest.get(key, 0)
        if not c:
            continue
        if c % q[lead] or any(e < f for e, f in zip(exponents(key, count), low, strict=True)):
            return None
        quotient[key - lead] = c // q[lead]
        for other, d in q.items():
            place = other + key - lead
            if place not in rest:
                heappush(heap, -place)
            rest[place] = rest.get(place, 0) - quotient[key - lead] * d
    return quotient


def power(base: Poly, exponent: int) -> Poly:
    """base ** exponent."""
    out: Poly = {0: 1}
    for _ in range(exponent):
        out = mul(out, base)
    return out


def degrees(p: Poly, blocks: Sequence[int]) -> list[int]:
    """The total degree in the coordinates of each block of so many vertices."""
    count = sum(blocks)
    found = [0] * len(blocks)
    for key in p:
        own, start = exponents(key, count), 0
        for b, n in enumerate(blocks):
            found[b] = max(found[b], sum(own[start : start + n]))
            start += n
    return found


def count(p: Poly, blocks: Sequence[int]) -> int:
    """How many Bernstein coefficients p has."""
    return prod(comb(d + n - 1, n - 1) for n, d in zip(blocks, degrees(p, blocks), strict=True))


def homogeneous(p: Poly, blocks: Sequence[int]) -> Poly:
    """p times powers of (y_1 + ... + y_n) = 1, so that all its terms have one degree in each
    block: its Bernstein coefficients times multinomials."""
    start = 0
    for n, degree in zip(blocks, degrees(p, blocks), strict=True):
        ones = {1 << (BITS * (start + k)): 1 for k in range(n)}
        fill = [power(ones, k) for k in range(degree + 1)]
        mask = sum(FULL << (BITS * (start + k)) for k in range(n))
        out: Poly = {}
        for key, c in p.items():
            missing = degree - sum(exponents((key & mask) >> (BITS * start), n))
            for other, d in fill[missing].items():
                out[key + other] = out.get(key + other, 0) + c * d
        p, start = {key: c for key, c in out.items() if c}, start + n
    return p


def listed(p: Poly, blocks: Sequence[int]) -> list[int]:
    """The coefficients of a homogeneous polynomial in the certificate's order: blocks in order,
    in each the monomials from y_1^d down to y_n^d."""
    keys, start = [], 0
    for n, degree in zip(blocks, degrees(p, blocks), strict=True):
        chosen = combinations_with_replacement(range(n), degree)
        keys.append([sum(1 << (BITS * (start + v)) for v in vs) for vs in chosen])
        start += n
    return [p.get(sum(parts), 0) for parts in product(*keys)]


def positive(p: Poly, blocks: Sequence[int], below: Sequence[tuple[int, Sequence[int]]]) -> bool:
    """Whether p > 0 wherever, for each (block, vertices), one of these coordinates is not 0.

    It is when no coefficient is negative, and those of the monomials in these coordinates (in all
    coordinates, for the other blocks) are positive.
    """
    full = homogeneous(p, blocks)
    allowed = {b: set(range(n)) for b, n in enumerate(blocks)} | {b: set(v) for b, v in below}
    forbidden, start = [], 0
    for b, n in enumerate(blocks):
        forbidden += [start + k for k in range(n) if k not in allowed[b]]
        start += n
    mask = sum(FULL << (BITS * k) for k in forbidden)
    there = sum(1 for key in full if not key & mask)
    sizes = zip((len(allowed[b]) for b in range(len(blocks))), degrees(full, blocks), strict=True)
    wanted = prod(comb(d + n - 1, n - 1) if n else int(d == 0) for n, d in sizes)
    return min(full.values(), default=0) > 0 and there == wanted
