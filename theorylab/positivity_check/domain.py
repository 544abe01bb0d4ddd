"""The domain of a claim at one shape as a product of simplices, and the moves that split it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import Unsupported
from theorylab.positivity_check.polynomials import CertificateError

Forms = list[tuple[int, list[Fraction]]]


@dataclass
class Region:
    """Blocks as (vertices, kind), and each input's block and values at its vertices."""

    blocks: list[tuple[int, str]] = field(default_factory=list)
    forms: Forms = field(default_factory=list)
    discounts: list[int] = field(default_factory=list)

    def parts(self, name: str, blocks: list[int], detail: list[int]) -> list[Region]:
        """The regions that cover this one after a move."""
        if len(set(blocks)) == len(blocks) and set(blocks) <= set(range(len(self.blocks))):
            kinds = [self.blocks[b] for b in blocks]
            edge = len(set(detail)) == 2 and set(detail) <= set(range(kinds[0][0]))
            if name == "bisect" and len(blocks) == 1 and edge:
                return self._bisected(blocks[0], *detail)
            if name == "merge" and [kind for _, kind in kinds] == ["chain", "chain"]:
                return self._merged(blocks[0], blocks[1], bool(detail[0]))
            rows = len(kinds) == 2 and kinds[0] == kinds[1] and kinds[0][1] == "row"
            if name == "couple" and rows:
                return self._coupled(blocks[0], blocks[1])
        raise CertificateError(f"a move {name!r} {detail} of blocks {blocks} does not exist")

    @property
    def sizes(self) -> list[int]:
        """The number of vertices of each block."""
        return [size for size, _ in self.blocks]

    def below_one(self) -> list[tuple[int, list[int]]]:
        """For each discount its block, and the vertices at which it is below 1."""
        found = []
        for number in self.discounts:
            block, values = self.forms[number]
            found.append((block, [v for v, value in enumerate(values) if value < 1]))
        return found

    def _bisected(self, block: int, i: int, j: int) -> list[Region]:
        size = self.blocks[block][0]
        out = []
        for kept, moved in ((i, j), (j, i)):
            corners = [{v: Fraction(1)} for v in range(size)]  # new vertex: mixture of old ones
            corners[moved] = {kept: Fraction(1, 2), moved: Fraction(1, 2)}
            out.append(self._with({block: corners}, "cut"))
        return out

    def _merged(self, first: int, second: int, flip: bool) -> list[Region]:
        """Every common order of two lists of numbers. Vertex v of a list of k numbers is the list
        whose first v numbers are 1 and the others 0, so a new vertex names one old vertex of each:
        how many of its own numbers are 1 there."""
        k, m = self.blocks[first][0] - 1, self.blocks[second][0] - 1
        out = []
        for mine in combinations(range(k + m), k):
            ones = [sum(place < v for place in mine) for v in range(k + m + 1)]
            left = [{one: Fraction(1)} for one in ones]
            right = [
                {(m - (v - one) if flip else v - one): Fraction(1)} for v, one in enumerate(ones)
            ]
            out.append(self._with({first: left, second: right}, "chain"))
        return out

    def _coupled(self, first: int, second: int) -> list[Region]:
        """Two rows p, q: vertices p = q = e_k, and p = e_i, q = e_j for p_i >= q_i, p_j <= q_j."""
        n = self.blocks[first][0]
        out = []
        for signs in product((True, False), repeat=n):
            pairs = [(k, k) for k in range(n)]
            pairs += [(i, j) for i in range(n) for j in range(n) if signs[i] and not signs[j]]
            if len(pairs) > n:
                p = [{i: Fraction(1)} for i, _ in pairs]
                q = [{j: Fraction(1)} for _, j in pairs]
                out.append(self._with({first: p, second: q}, "cut"))
        return out

    def _with(self, corners: dict[int, list[dict[int, Fraction]]], kind: str) -> Region:
        """Blocks replaced by one, each new vertex a mixture of old vertices of each."""
        kept = [b for b in range(len(self.blocks)) if b not in corners]
        forms: Forms = []
        for block, values in self.forms:
            if block in corners:
                mixed = [
                    sum((w * values[v] for v, w in corner.items()), Fraction(0))
                    for corner in corners[block]
                ]
                forms.append((len(kept), mixed))
            else:
                forms.append((kept.index(block), values))
        size = len(next(iter(corners.values())))
        blocks = [*(self.blocks[b] for b in kept), (size, kind)]
        return Region(blocks, forms, self.discounts)


@dataclass
class Source:
    """Builds the claim's instance from elements, one input for each entry."""

    element: Any
    one: Any
    region: Region = field(default_factory=Region)

    def _inputs(self, count: int, weights: list[list[int]], kind: str) -> list[Any]:
        made = []
        for row in weights:
            self.region.forms.append((len(self.region.blocks), [Fraction(w) for w in row]))
            made.append(self.element(len(self.region.forms) - 1))
        self.region.blocks.append((count, kind))
        return made

    def simplex(self, *shape: int) -> Array:
        out = np.empty(shape, dtype=object)
        n = shape[-1]
        unit = [[int(j == k) for j in range(n)] for k in range(n)]
        for lead in np.ndindex(*shape[:-1]):
            row = self._inputs(n, unit, "chain" if n == 2 else "row") if n > 1 else [self.one]
            out[lead] = row
        return out

    def fraction(self, *shape: int) -> Array:
        out = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            out[index] = self._inputs(2, [[0, 1]], "chain")[0]
        return out

    def discount(self) -> Any:
        self.region.discounts.append(len(self.region.forms))
        return self._inputs(2, [[0, 1]], "chain")[0]

    def vertex(self, *shape: int) -> Array:
        raise Unsupported("a discrete choice is no point of a simplex")
