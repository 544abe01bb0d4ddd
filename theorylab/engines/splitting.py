"""How regions split: by the sign of a difference of two entries, or in the middle of an edge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from theorylab.bernstein import monomials
from theorylab.engines.envelopes import Stuck
from theorylab.engines.reading import Choice, Reader
from theorylab.regions import Move, Region, parts

FACTORED = 2_000
"""The most terms of a difference that is factored in the hope of a linear factor."""


def separation(reader: Reader, choices: Sequence[Choice]) -> Move | None:
    """A move after which a factor of an open choice's difference has a sign in every part."""
    for choice in choices:
        if choice.decision == "open" and choice.difference is not None:
            for factor in _undecided_factors(reader, choice.difference):
                move = _move_for(reader.region, _linear_form(reader, factor))
                if move is not None:
                    return move
    return None


def _undecided_factors(reader: Reader, difference: Any) -> Iterator[Any]:
    if reader.is_plain(difference) and len(difference) <= FACTORED:
        _, factors = difference.factor()
        for factor, power in factors:
            if int(power) % 2 and reader.sign(factor) is None:
                yield factor


def _linear_form(reader: Reader, factor: Any) -> dict[int, list[Fraction]]:
    """A factor of degree one as its values at the vertices of the blocks that it concerns; the
    constant goes to the first of them. Empty for a higher degree."""
    if factor.total_degree() != 1:
        return {}
    plain = reader.plain(factor)
    numbers = map(Fraction, plain.coefficients)
    terms = dict(zip(map(tuple, plain.exponents.tolist()), numbers, strict=True))
    form: dict[int, list[Fraction]] = {}
    start = 0
    for block, size in enumerate(reader.region.sizes):
        unit = [tuple(int(v == start + k) for v in range(reader.width)) for k in range(size - 1)]
        weights = [terms.get(u, Fraction(0)) for u in unit]
        if any(weights):
            form[block] = [*weights, Fraction(0)]
        start += size - 1
    constant = terms.get((0,) * reader.width, Fraction(0))
    first = min(form)
    form[first] = [w + constant for w in form[first]]
    return form


def _move_for(region: Region, form: dict[int, list[Fraction]]) -> Move | None:
    for move in _candidates(region, tuple(form)):
        if all(_has_sign(part) for part in parts(_probe(region, form), move)):
            return move
    return None


def _candidates(region: Region, blocks: tuple[int, ...]) -> Iterator[Move]:
    if len(blocks) == 2:
        first, second = (region.blocks[b] for b in blocks)
        if first.chain and second.chain:
            yield Move("merge", blocks, (0,))
            yield Move("merge", blocks, (1,))
        if first.row and second.row and first.size == second.size:
            yield Move("couple", blocks)


def _probe(region: Region, form: dict[int, list[Fraction]]) -> Region:
    """The region with the two parts of a linear form in place of its inputs."""
    return replace(region, forms=tuple((b, tuple(w)) for b, w in form.items()), discounts=())


def _has_sign(part: Region) -> bool:
    values = [sum(ws, Fraction(0)) for ws in zip(*(w for _, w in part.forms), strict=True)]
    return min(values) >= 0 or max(values) <= 0


def bisection(region: Region, stuck: Stuck) -> Move | None:
    """Where the most negative coefficient is no vertex: the edge that it is most in the middle of.

    At a vertex a coefficient is a value, which no subdivision will change.
    """
    values = stuck.values
    if values is None:
        return None
    place = np.unravel_index(int(np.argmin(values.astype(float))), values.shape)
    found = []
    for block, (size, degree, k) in enumerate(zip(region.sizes, stuck.degrees, place, strict=True)):
        if degree > 1:
            exponents = monomials(size, degree)[int(k)]
            order = sorted(range(size), key=lambda v: (-exponents[v], v))
            found.append((Fraction(exponents[order[1]], degree), -block, (order[0], order[1])))
    best = max(found, default=None)
    if best is None or best[0] == 0:
        return None
    return Move("bisect", (-best[1],), best[2])
