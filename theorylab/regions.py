"""Regions: parts of a claim's domain at one shape, each a product of simplices.

Every entry of an instance's tables is an *input*. A region says for each input which block
(simplex) it lives in and its value at the block's vertices, so that it is a linear form in the
block's barycentric coordinates. The whole domain is one region; three moves split a region into
parts that cover it:

    merge   two ordered blocks 1 >= s_1 >= s_2 ... >= 0 into all their common orders
    couple  two rows p, q of n >= 3 entries, by the signs of p - q: p = common + flows,
            q = common + the same flows moved
    bisect  a simplex at the middle of an edge

After a merge or a coupling the signs of the differences are known and nothing has grown in degree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import Unsupported

Weights = tuple[Fraction, ...]


@dataclass(frozen=True)
class Block:
    """A simplex of `size` vertices. `chain`: its coordinates are the gaps of an ordered list of
    numbers in [0, 1], so that it can be merged; `row`: it is a row that can be coupled."""

    size: int
    chain: bool = False
    row: bool = False


@dataclass(frozen=True)
class Region:
    """Blocks, and for each input its block and its values at the block's vertices.

    `discounts` are the inputs that are below 1.
    """

    blocks: tuple[Block, ...]
    forms: tuple[tuple[int, Weights], ...]
    discounts: tuple[int, ...] = ()

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of vertices of each block."""
        return tuple(block.size for block in self.blocks)

    def below_one(self) -> list[tuple[int, tuple[int, ...]]]:
        """For each discount its block and the vertices at which it is below 1."""
        found = []
        for number in self.discounts:
            block, weights = self.forms[number]
            found.append((block, tuple(k for k, w in enumerate(weights) if w < 1)))
        return found

    def values(self, point: Sequence[Sequence[Fraction]]) -> list[Fraction]:
        """The inputs at a point, which has the coordinates of each block."""
        return [
            sum((w * y for w, y in zip(weights, point[block], strict=True)), Fraction(0))
            for block, weights in self.forms
        ]


@dataclass(frozen=True)
class Move:
    """A split of a region: its name, the blocks it concerns, and a detail (flip, or an edge)."""

    name: str
    blocks: tuple[int, ...]
    detail: tuple[int, ...] = ()

    def data(self) -> dict[str, Any]:
        """The move as plain data."""
        return {"move": self.name, "blocks": list(self.blocks), "detail": list(self.detail)}


@dataclass
class BoxSource:
    """Builds an instance of inputs, one for each entry, and notes the region that they fill.

    `draws` has each draw in order, as ExactSource takes its integers: (kind, size, first input).
    """

    fresh: Any
    one: Any = 1
    blocks: list[Block] = field(default_factory=list)
    forms: list[tuple[int, Weights]] = field(default_factory=list)
    discounts: list[int] = field(default_factory=list)
    draws: list[tuple[str, int, int]] = field(default_factory=list)

    def region(self) -> Region:
        """The whole domain."""
        return Region(tuple(self.blocks), tuple(self.forms), tuple(self.discounts))

    def _input(self, *weights: int) -> Any:
        self.forms.append((len(self.blocks), tuple(map(Fraction, weights))))
        return self.fresh()

    def _row(self, n: int) -> Array:
        self.draws.append(("simplex", n, len(self.forms)))
        out = np.empty(n, dtype=object)
        if n == 1:
            out[0] = self.one
            return out
        out[:] = [self._input(*(int(j == k) for j in range(n))) for k in range(n)]
        self.blocks.append(Block(n, chain=n == 2, row=n > 2))
        return out

    def simplex(self, *shape: int) -> Array:
        out = np.empty(shape, dtype=object)
        for lead in np.ndindex(*shape[:-1]):
            out[lead] = self._row(shape[-1])
        return out

    def _scalar(self, kind: str) -> Any:
        self.draws.append((kind, 1, len(self.forms)))
        scalar = self._input(0, 1)
        self.blocks.append(Block(2, chain=True))
        return scalar

    def fraction(self, *shape: int) -> Array:
        out = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            out[index] = self._scalar("fraction")
        return out

    def discount(self) -> Any:
        self.discounts.append(len(self.forms))
        return self._scalar("discount")

    def vertex(self, *shape: int) -> Array:
        raise Unsupported("a discrete choice is no point of a simplex; exact and sweep remain")


def parts(region: Region, move: Move) -> list[Region]:
    """The regions into which a move splits a region; together they cover it."""
    if move.name == "bisect":
        return list(_bisected(region, move.blocks[0], move.detail[0], move.detail[1]))
    first, second = move.blocks
    if move.name == "merge":
        return list(_merged(region, first, second, bool(move.detail[0])))
    return list(_coupled(region, first, second))


def _bisected(region: Region, block: int, i: int, j: int) -> Iterator[Region]:
    """Vertex j, then vertex i, moved to the middle of the edge between them."""
    half = Fraction(1, 2)
    for kept, moved in ((i, j), (j, i)):
        matrix = _identity(region.blocks[block].size)
        matrix[kept][moved], matrix[moved][moved] = half, half
        yield _replaced(region, {block: matrix}, Block(region.blocks[block].size))


def _merged(region: Region, first: int, second: int, flip: bool) -> Iterator[Region]:
    """All interleavings of two chains. A chain of k numbers has k + 1 gaps; gap j of a chain is
    the sum of the common gaps between its numbers j and j + 1."""
    k, m = region.blocks[first].size - 1, region.blocks[second].size - 1
    for places in combinations(range(k + m), k):
        owners = [place in places for place in range(k + m)]
        gaps = _gap_rows(owners, True), _gap_rows(owners, False)
        matrices = {first: gaps[0], second: gaps[1][::-1] if flip else gaps[1]}
        yield _replaced(region, matrices, Block(k + m + 1, chain=True))


def _gap_rows(owners: list[bool], mine: bool) -> list[list[Fraction]]:
    rows = [[Fraction(0)] * (len(owners) + 1)]
    for gap in range(len(owners) + 1):
        rows[-1][gap] = Fraction(1)
        if gap < len(owners) and owners[gap] is mine:
            rows.append([Fraction(0)] * (len(owners) + 1))
    return rows


def _coupled(region: Region, first: int, second: int) -> Iterator[Region]:
    """All sign patterns of p - q that two rows of n entries can have."""
    n = region.blocks[first].size
    for signs in product((True, False), repeat=n):
        if any(signs) and not all(signs):
            flows = [(i, j) for i in range(n) for j in range(n) if signs[i] and not signs[j]]
            p, q = _identity(n), _identity(n)
            for i, j in flows:
                for k in range(n):
                    p[k].append(Fraction(k == i))
                    q[k].append(Fraction(k == j))
            yield _replaced(region, {first: p, second: q}, Block(n + len(flows)))


def _identity(n: int) -> list[list[Fraction]]:
    return [[Fraction(i == j) for j in range(n)] for i in range(n)]


def _replaced(region: Region, matrices: dict[int, list[list[Fraction]]], new: Block) -> Region:
    """The region with blocks replaced by one; matrices give their old coordinates by the new."""
    kept = [b for b in range(len(region.blocks)) if b not in matrices]
    place = {b: k for k, b in enumerate(kept)} | {b: len(kept) for b in matrices}
    forms = []
    for block, weights in region.forms:
        if block in matrices:
            weights = _through(weights, matrices[block])
        forms.append((place[block], weights))
    blocks = (*(region.blocks[b] for b in kept), new)
    return replace(region, blocks=blocks, forms=tuple(forms))


def _through(weights: Weights, matrix: list[list[Fraction]]) -> Weights:
    columns = zip(*matrix, strict=True)
    return tuple(
        sum((w * e for w, e in zip(weights, column, strict=True)), Fraction(0))
        for column in columns
    )
