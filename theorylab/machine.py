"""Programs as machine code: eight instances to a vector, many vectors to a call.

    evaluate(program)(values)      results of given inputs, (inputs, n) to (results, n)
    slacks(program, relations)     relative slacks of given inputs
    swept(program, relations, draws).run(seed, first, vectors)
                                   instances drawn in the same loop; only counts, a histogram and
                                   the worst instances leave it

`simd.generation.integers_of` re-creates the integers of any instance that was drawn, from which the
exact instance is rebuilt. What the loops do is said in `simd.driver` and `simd.judgement`, what is
kept between runs in `simd.objects`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import InvalidArgument
from theorylab.lowering import Program
from theorylab.simd.assembly import WIDTH
from theorylab.simd.generation import Draw
from theorylab.simd.judgement import BINS, EDGES, INFINITE
from theorylab.simd.rooms import ALIGNMENT, Body, address, body_of, vectors

__all__ = ["BINS", "EDGES", "WIDTH", "Draw", "Side", "Sweep", "Swept", "Worst"]
__all__ += ["blocks", "evaluate", "slacks", "swept"]
KINDS = ("at_most", "equal")


@dataclass(frozen=True)
class Side:
    """A relation among a program's results: its kind and how many (lhs, rhs) pairs it has.

    The pairs stand in the order of the relations, hypotheses (`assumed`) before links.
    """

    kind: str
    entries: int
    assumed: bool = False


@dataclass(frozen=True)
class Worst:
    """What a run leaves of one link.

    `suspects` are the least slack of each lane with its instance, smallest first. `strange` are
    instances, at most one of each lane, at which a side is infinite (but not the right side alone)
    or not a number: `infinite` says how many of them are the former, which come first. `histogram`
    counts the slacks of the kept instances between `EDGES`.
    """

    suspects: tuple[tuple[float, int], ...]
    strange: tuple[int, ...]
    infinite: int
    histogram: tuple[int, ...]


@dataclass(frozen=True)
class Swept:
    """What a run leaves: how many instances were kept, outside a hypothesis, void (an infinite
    bound) or strange, and the worst of each link. The four counts sum to the instances drawn."""

    kept: int
    outside: int
    void: int
    strange: int
    links: tuple[Worst, ...]


# ---- given inputs --------------------------------------------------------------------------------

COUNT, STRIDE, ADDRESS = ctypes.c_uint32, ctypes.c_int64, ctypes.c_void_p
GIVEN = [COUNT, COUNT, COUNT, ADDRESS, STRIDE, STRIDE]
EVALUATE = [*GIVEN, ADDRESS, COUNT, STRIDE, STRIDE]
SLACKS = [*GIVEN, ADDRESS, COUNT, COUNT, ADDRESS, ADDRESS, STRIDE, STRIDE]
SWEEP = [ADDRESS, COUNT, ADDRESS, *[COUNT] * 5, *[ADDRESS] * 7]
"""What the loops take after a body."""
GATHERED = 4_096
"""How many vectors of inputs are gathered at once, at most: they stay near the core."""


def blocks(count: int, rows: int) -> Array:
    """Room for 8 count instances as code reads them without copying: shape (count, rows, WIDTH)."""
    return vectors(count * rows).reshape(count, rows, WIDTH)


def evaluate(program: Program, level: int = 1) -> Callable[[Array], Array]:
    """Machine code of a program: float64 values (inputs, n) to its results (results, n).

    Row k of the values is input k; rows beyond those that the program needs are not read. Values
    may also come as `blocks` (count, inputs, WIDTH), which is faster: results are blocks then. The
    code works in a room of its own: one call at a time. For few calls `level` 0 compiles faster.
    """
    count, results, group = program.inputs(), len(program.results), _group(program)
    loop = body_of(program, group * count, level).loop("evaluate", EVALUATE)

    def block(values: Array, out: Array) -> None:
        loop(*_given(count, group, values), address(out), results, *_strides(out))

    return lambda values: _in_blocks(_checked(values, count), results, block)


def slacks(program: Program, relations: Sequence[Side]) -> Callable[[Array], tuple[Array, Array]]:
    """Machine code of relations among a program's results: values (inputs, n) to the relative slack
    of each link (links, n), and which instances are kept (n,).

    A slack is infinite where the instance is void and NaN where the link is strange. Values may be
    blocks, as for `evaluate`; slacks and kept are then (count, links, WIDTH) and (count, WIDTH).
    """
    count, links, group = program.inputs(), sum(not r.assumed for r in relations), _group(program)
    loop, table = (
        body_of(program, group * count).loop("slacks", SLACKS),
        _relations(program, relations),
    )
    judged, assumed = vectors(3 + 2 * links), len(relations) - links

    def block(values: Array, out: Array) -> None:
        tables = (address(table), assumed, links, address(judged))
        loop(*_given(count, group, values), *tables, address(out), *_strides(out))

    def run(values: Array) -> tuple[Array, Array]:
        found = _in_blocks(_checked(values, count), links + 1, block)
        return found[..., :-1, :], found[..., -1, :] > 0

    return run


def _group(program: Program) -> int:
    """How many vectors of instances are gathered at once: a power of two."""
    return next(k for k in (8, 4, 2, 1) if k == 1 or k * program.inputs() <= GATHERED)


def _checked(values: Array, inputs: int) -> Array:
    plain = isinstance(values, np.ndarray) and values.dtype == np.float64
    if not plain or values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] != WIDTH):
        shown = f"{getattr(values, 'dtype', type(values).__name__)} {np.shape(values)}"
        raise InvalidArgument(
            f"values is {shown}, expected float64 of shape ({inputs}, n) or (n, {inputs}, {WIDTH})"
        )
    if values.shape[-2] < inputs:
        raise InvalidArgument(
            f"values has {values.shape[-2]} rows, expected {inputs}: one an input"
        )
    return values if _as_it_lies(values) else _copied(values)


def _as_it_lies(values: Array) -> bool:
    """Whether code can read the array where it is."""
    if values.ndim == 2:
        return values.strides[1] == values.itemsize
    return bool(values.flags.c_contiguous) and address(values) % ALIGNMENT == 0


def _copied(values: Array) -> Array:
    out = np.empty(values.shape) if values.ndim == 2 else blocks(*values.shape[:2])
    out[:] = values
    return out


def _in_blocks(values: Array, rows: int, run: Callable[[Array, Array], None]) -> Array:
    """Run on blocks, or on whole vectors and the rest padded with copies of the last instance."""
    if values.ndim == 3:
        out = blocks(len(values), rows)
        run(values, out)
        return out
    n = values.shape[1]
    out, whole = np.empty((rows, n)), n - n % WIDTH
    if whole:
        run(values[:, :whole], out[:, :whole])
    if whole < n:
        padded, results = np.repeat(values[:, -1:], WIDTH, axis=1), np.empty((rows, WIDTH))
        padded[:, : n - whole] = values[:, whole:]
        run(padded, results)
        out[:, whole:] = results[:, : n - whole]
    return out


def _given(count: int, group: int, values: Array) -> tuple[int, ...]:
    if values.ndim == 3:
        return count, len(values), 0, address(values), *_strides(values)
    return count, values.shape[1] // WIDTH, group, address(values), *_strides(values)


def _strides(array: Array) -> tuple[int, int]:
    """The numbers between two rows, and between two steps of eight instances."""
    row = array.strides[-2] // array.itemsize
    return row, array.strides[0] // array.itemsize if array.ndim == 3 else WIDTH


# ---- drawn inputs --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Left:
    """The room for what a run leaves: the worst slack of each link and lane with its instance, the
    strangest with its instance, the histogram, and the four counts."""

    slack: Array
    worst: Array
    strange: Array
    odd: Array
    histogram: Array
    counts: Array

    @staticmethod
    def empty(links: int) -> Left:
        """Nothing seen yet."""
        slack = vectors(links)
        slack[:] = np.inf
        histogram = np.zeros((links, BINS + 1, WIDTH), dtype=np.int32)
        return Left(slack, _words(links), vectors(links), _words(links), histogram, vectors(4))

    def addresses(self) -> list[int]:
        """In the order in which the code takes them."""
        return [address(array) for array in vars(self).values()]

    def read(self) -> Swept:
        """As counts and instances."""
        rows = zip(self.slack, self.worst, self.strange, self.odd, self.histogram, strict=True)
        kept, outside, void, odd = (int(k) for k in self.counts.sum(-1))
        return Swept(kept, outside, void, odd, tuple(_worst(*row) for row in rows))


def _words(count: int) -> Array:
    """Room for `count` vectors of instances."""
    return vectors(count).reshape(-1).view(np.uint32)[: count * WIDTH].reshape(count, WIDTH)


@dataclass(frozen=True)
class Sweep:
    """Machine code of a claim at one shape, the drawing of its instances included.

    It works in a room of its own: one run at a time.
    """

    body: Body
    relations: Array
    draws: Array
    links: int
    operations: int

    def run(self, seed: int, first: int, count: int) -> Swept:
        """Draw and judge the instances first, ..., first + 8 count - 1 of a seed."""
        left, judged = Left.empty(self.links), vectors(3 + 2 * self.links)
        hypotheses = len(self.relations) - self.links
        tables = (address(self.draws), len(self.draws), address(self.relations), hypotheses)
        which = (self.links, seed, first, count, address(judged))
        self.body.loop("sweep", SWEEP)(*tables, *which, *left.addresses())
        return left.read()


def _worst(slack: Array, instance: Array, strange: Array, odd: Array, histogram: Array) -> Worst:
    suspects = [(float(slack[k]), int(instance[k])) for k in np.argsort(slack) if slack[k] < np.inf]
    odds = [int(odd[k]) for k in np.argsort(-strange, kind="stable") if strange[k] > 0]
    counts = tuple(int(k) for k in histogram.sum(-1)[:BINS])
    return Worst(tuple(suspects), tuple(odds), int((strange == INFINITE).sum()), counts)


def swept(program: Program, relations: Sequence[Side], draws: Sequence[Draw]) -> Sweep:
    """Machine code that draws the inputs of a program and judges relations among its results."""
    inputs = sum(draw.rows * draw.length for draw in draws)
    links = sum(not r.assumed for r in relations)
    table = np.array([draw.row() for draw in draws], dtype=np.int32)
    body = body_of(program, inputs)
    return Sweep(body, _relations(program, relations), table, links, program.count())


def _relations(program: Program, relations: Sequence[Side]) -> Array:
    """The relations as the code reads them: kind and entries, hypotheses first."""
    pairs, order = sum(r.entries for r in relations), [r.assumed for r in relations]
    if 2 * pairs != len(program.results) or order != sorted(order, reverse=True):
        raise InvalidArgument(
            f"relations have {pairs} entries, expected hypotheses before links and"
            f" {len(program.results)} / 2 entries in all"
        )
    return np.array([(KINDS.index(r.kind), r.entries) for r in relations], dtype=np.int32)
