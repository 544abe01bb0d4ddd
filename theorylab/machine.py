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
from functools import cache

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import InvalidArgument
from theorylab.lowering import Program
from theorylab.simd import driver
from theorylab.simd.assembly import WIDTH, assembly
from theorylab.simd.generation import Draw
from theorylab.simd.judgement import BINS, EDGES
from theorylab.simd.objects import Loaded, load

__all__ = ["BINS", "EDGES", "WIDTH", "Draw", "Side", "Sweep", "Swept", "Worst"]
ALIGNMENT = 64
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

    `suspects` are the least slack of each lane with its instance, smallest first; `strange` are
    instances at which a side is not a number or the left side infinite, the latter first, at most
    one of each lane; `histogram` counts the slacks of the kept instances between `EDGES`.
    """

    suspects: tuple[tuple[float, int], ...]
    strange: tuple[int, ...]
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


def vectors(count: int) -> Array:
    """Room for `count` vectors, aligned as the code expects: shape (count, WIDTH)."""
    room = np.zeros(count * WIDTH + ALIGNMENT // 8)
    start = (-room.ctypes.data % ALIGNMENT) // 8
    return room[start : start + count * WIDTH].reshape(count, WIDTH)


@dataclass(frozen=True)
class _Body:
    """A program's code with the room that it works in."""

    code: Loaded
    loops: Loaded
    inputs: Array
    results: Array
    scratch: Array

    def arguments(self) -> list[int]:
        """The first arguments of every loop."""
        rooms = (self.inputs, self.results, self.scratch)
        return [self.code.address("body"), *(room.ctypes.data for room in rooms)]


def _body(program: Program, inputs: int) -> _Body:
    code = assembly(program)
    rooms = (inputs + 1, len(program.results), code.scratch)  # an odd row writes one more
    return _Body(load(code.text), _loops(), *(vectors(max(1, k)) for k in rooms))


@cache
def _loops() -> Loaded:
    return load(driver.text(), level=2, passes=2)


def _call(body: _Body, name: str, kinds: Sequence[type], arguments: Sequence[int]) -> None:
    pointers = [ctypes.c_void_p] * 4
    function = ctypes.CFUNCTYPE(None, *pointers, *kinds)(body.loops.address(name))
    function(*body.arguments(), *arguments)


# ---- given inputs --------------------------------------------------------------------------------

COUNT, STRIDE, ADDRESS = ctypes.c_uint32, ctypes.c_int64, ctypes.c_void_p
GIVEN = [COUNT, ADDRESS, STRIDE, COUNT]
EVALUATE = [*GIVEN, ADDRESS, COUNT, STRIDE]
SLACKS = [*GIVEN, ADDRESS, COUNT, COUNT, ADDRESS, ADDRESS, STRIDE]
SWEEP = [ADDRESS, COUNT, ADDRESS, *[COUNT] * 5, *[ADDRESS] * 7]
"""What the loops take after a body."""


def evaluate(program: Program) -> Callable[[Array], Array]:
    """Machine code of a program: float64 values (inputs, n) to its results (results, n).

    Row k of the values is input k; rows beyond those that the program needs are not read.
    """
    count, results = program.inputs(), len(program.results)
    body = _body(program, count)

    def run(values: Array) -> Array:
        def block(block: Array, out: Array) -> None:
            rest = [out.ctypes.data, results, _stride(out)]
            _call(body, "evaluate", EVALUATE, [*_rows(count, block), *rest])

        return _in_blocks(_checked(values, count), results, block)

    return run


def slacks(program: Program, relations: Sequence[Side]) -> Callable[[Array], tuple[Array, Array]]:
    """Machine code of relations among a program's results: values (inputs, n) to the relative slack
    of each link (links, n), and which instances are kept (n,).

    A slack is infinite where the instance is void and NaN where the link is strange.
    """
    count, links = program.inputs(), sum(not r.assumed for r in relations)
    body, table = _body(program, count), _relations(program, relations)
    judged = vectors(3 + 2 * links)
    assumed = len(relations) - links

    def run(values: Array) -> tuple[Array, Array]:
        def block(block: Array, out: Array) -> None:
            rest = [table.ctypes.data, assumed, links, judged.ctypes.data]
            last = [out.ctypes.data, _stride(out)]
            _call(body, "slacks", SLACKS, [*_rows(count, block), *rest, *last])

        found = _in_blocks(_checked(values, count), links + 1, block)
        return found[:-1], found[-1] > 0

    return run


def _checked(values: Array, inputs: int) -> Array:
    if not isinstance(values, np.ndarray) or values.dtype != np.float64 or values.ndim != 2:
        shown = f"{getattr(values, 'dtype', type(values).__name__)} {np.shape(values)}"
        raise InvalidArgument(f"values is {shown}, expected float64 of shape ({inputs}, n)")
    if len(values) < inputs:
        raise InvalidArgument(f"values has {len(values)} rows, expected {inputs}: one an input")
    return values if values.strides[1] == values.itemsize else np.ascontiguousarray(values)


def _in_blocks(values: Array, rows: int, run: Callable[[Array, Array], None]) -> Array:
    """Run on whole vectors, and on the rest padded with copies of the last instance."""
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


def _rows(count: int, values: Array) -> list[int]:
    return [count, values.ctypes.data, _stride(values), values.shape[1] // WIDTH]


def _stride(rows: Array) -> int:
    return rows.strides[0] // rows.itemsize


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
        return [array.ctypes.data for array in vars(self).values()]

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

    body: _Body
    relations: Array
    draws: Array
    links: int
    operations: int

    def run(self, seed: int, first: int, count: int) -> Swept:
        """Draw and judge the instances first, ..., first + 8 count - 1 of a seed."""
        left, judged = Left.empty(self.links), vectors(3 + 2 * self.links)
        hypotheses = len(self.relations) - self.links
        tables = [self.draws.ctypes.data, len(self.draws), self.relations.ctypes.data, hypotheses]
        which = [self.links, seed, first, count, judged.ctypes.data]
        _call(self.body, "sweep", SWEEP, [*tables, *which, *left.addresses()])
        return left.read()


def _worst(slack: Array, instance: Array, strange: Array, odd: Array, histogram: Array) -> Worst:
    suspects = [(float(slack[k]), int(instance[k])) for k in np.argsort(slack) if slack[k] < np.inf]
    odds = [int(odd[k]) for k in np.argsort(-strange, kind="stable") if strange[k] > 0]
    return Worst(tuple(suspects), tuple(odds), tuple(int(k) for k in histogram.sum(-1)[:BINS]))


def swept(program: Program, relations: Sequence[Side], draws: Sequence[Draw]) -> Sweep:
    """Machine code that draws the inputs of a program and judges relations among its results."""
    inputs = sum(draw.rows * draw.length for draw in draws)
    links = sum(not r.assumed for r in relations)
    table = np.array([draw.row() for draw in draws], dtype=np.int32)
    body = _body(program, inputs)
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
