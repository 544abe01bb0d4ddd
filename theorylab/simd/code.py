"""Writing the loops round a claim's code: a thin layer on llvmlite's builder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from llvmlite import ir

from theorylab.simd.assembly import WIDTH

DOUBLE, INT1, INT32, INT64 = ir.DoubleType(), ir.IntType(1), ir.IntType(32), ir.IntType(64)
VECTOR, WORDS, LONGS = (ir.VectorType(kind, WIDTH) for kind in (DOUBLE, INT32, INT64))
VECTORS, WORD_ROW, INTS = VECTOR.as_pointer(), WORDS.as_pointer(), INT32.as_pointer()
INFINITY = float("inf")


class Cell:
    """A variable of a function; LLVM keeps it in a register."""

    def __init__(self, code: Code, start: ir.Value):
        self.code = code
        with code.builder.goto_entry_block():
            self.place = code.builder.alloca(start.type)
        self.set(start)

    def get(self) -> ir.Value:
        return self.code.builder.load(self.place)

    def set(self, value: ir.Value) -> None:
        self.code.builder.store(value, self.place)


class Code:
    """A function that is being written."""

    def __init__(self, module: ir.Module, name: str, arguments: Sequence[ir.Type]):
        kind = ir.FunctionType(ir.VoidType(), arguments)
        self.module, self.function = module, ir.Function(module, kind, name=name)
        self.builder = ir.IRBuilder(self.function.append_basic_block("entry"))

    @contextmanager
    def count(self, times: ir.Value) -> Iterator[ir.Value]:
        """Repeat what is written within; yields 0, 1, ..."""
        b = self.builder
        head, body, after = (b.append_basic_block(n) for n in ("head", "body", "after"))
        place = Cell(self, INT32(0))
        b.branch(head)
        b.position_at_end(head)
        step = place.get()
        b.cbranch(b.icmp_unsigned("<", step, times), body, after)
        b.position_at_end(body)
        yield step
        place.set(b.add(step, INT32(1)))
        b.branch(head)
        b.position_at_end(after)

    def load(self, array: ir.Value, place: ir.Value, align: int = WIDTH * 8) -> ir.Value:
        return self.builder.load(self.builder.gep(array, [place]), align=align)

    def store(self, value: ir.Value, array: ir.Value, place: ir.Value, align: int = 64) -> None:
        self.builder.store(value, self.builder.gep(array, [place]), align=align)

    def integer(self, array: ir.Value, place: ir.Value) -> ir.Value:
        return self.load(array, place, align=4)

    def call(self, name: str, *x: ir.Value) -> ir.Value:
        """An intrinsic on vectors."""
        name = f"llvm.{name}.v{WIDTH}f64"
        kind = ir.FunctionType(VECTOR, [VECTOR] * len(x))
        function = self.module.globals.get(name) or ir.Function(self.module, kind, name=name)
        return self.builder.call(function, x)

    def splat(self, scalar: ir.Value) -> ir.Value:
        kind = ir.VectorType(scalar.type, WIDTH)
        single = self.builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, INT32(0))
        return self.builder.shuffle_vector(
            single, ir.Constant(kind, ir.Undefined), ir.Constant(WORDS, [0] * WIDTH)
        )

    def test(self, sign: str, x: ir.Value, y: float) -> ir.Value:
        return self.builder.fcmp_ordered(sign, x, number(y))

    def choose(self, test: ir.Value, yes: ir.Value, no: ir.Value) -> ir.Value:
        return self.builder.select(test, yes, no)


def number(value: float) -> ir.Constant:
    return ir.Constant(VECTOR, [value] * WIDTH)


def word(value: int) -> ir.Constant:
    return ir.Constant(WORDS, [value & 0xFFFFFFFF] * WIDTH)


def long(value: int) -> ir.Constant:
    return ir.Constant(LONGS, [value] * WIDTH)
