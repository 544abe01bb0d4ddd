"""Machine code that draws instances: twin of `generation.integers_of`, then integers to entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce

from llvmlite import ir

from theorylab.points import MAGNITUDES, TABLES
from theorylab.simd.assembly import WIDTH
from theorylab.simd.code import (
    DOUBLE,
    INT32,
    INTS,
    VECTOR,
    VECTORS,
    WORD_ROW,
    Cell,
    Code,
    number,
    word,
)
from theorylab.simd.generation import FIRST, GOLDEN, KINDS, SECOND, SHARED

SHORT = (2, 3, 4, 5, 6)
"""Lengths of rows that are drawn without a loop."""


def mix(code: Code, x: ir.Value) -> ir.Value:
    """`generation.mix` of eight words."""
    b = code.builder
    x = b.mul(b.xor(x, b.lshr(x, word(16))), word(FIRST))
    x = b.mul(b.xor(x, b.lshr(x, word(15))), word(SECOND))
    return b.xor(x, b.lshr(x, word(16)))


def _halves(code: Code, state: ir.Value, counter: ir.Value) -> tuple[ir.Value, ir.Value]:
    b = code.builder
    found = mix(code, b.add(state, code.splat(b.mul(counter, INT32(GOLDEN)))))
    return b.and_(found, word(0xFFFF)), b.lshr(found, word(16))


def _magnitude(code: Code, half: ir.Value) -> ir.Value:
    b = code.builder
    step = b.lshr(b.mul(half, word(len(MAGNITUDES))), word(16))
    value = word(MAGNITUDES[-1])
    for k in range(len(MAGNITUDES) - 1):
        value = b.select(b.icmp_unsigned("==", step, word(k)), word(MAGNITUDES[k]), value)
    return value


def generate(module: ir.Module) -> ir.Function:
    """generate(state, draws, how many draws, inputs): draw and normalise the tables."""
    code = Code(module, "generate", [WORD_ROW, INTS, INT32, VECTORS])
    state_at, draws, count, inputs = code.function.args
    b, tables = code.builder, _tables(module)
    state = b.load(state_at, align=32)
    overall = _magnitude(code, _halves(code, state, INT32(0))[0])
    counter, place = Cell(code, INT32(1)), Cell(code, INT32(0))
    with code.count(count) as draw:
        kind, rows, length, top = (
            code.integer(draws, b.add(b.mul(draw, INT32(4)), INT32(k))) for k in range(4)
        )
        bound = _bound(code, state, counter, overall, kind, top)
        single = b.icmp_unsigned("==", kind, INT32(KINDS.index("vertex")))
        numbers = b.select(single, INT32(1), length)
        weights = b.icmp_unsigned("==", kind, INT32(KINDS.index("weight")))
        short = b.select(weights, length, INT32(0))
        with code.count(rows):
            row = b.gep(inputs, [place.get()])
            with _general(code, short, lambda n: _short(code, state, counter, bound, row, n)):
                total = _numbers(code, state, counter, bound, numbers, row)
                _finish(code, tables, kind, row, length, total)
            place.set(b.add(place.get(), length))
    b.ret_void()
    return code.function


@contextmanager
def _general(code: Code, length: ir.Value, short: Callable[[int], None]) -> Iterator[None]:
    """Within: what is done at any length; `short` writes what is done at each of SHORT instead."""
    b = code.builder
    general, after = b.append_basic_block("general"), b.append_basic_block("after")
    choice = b.switch(length, general)
    for n in SHORT:
        block = b.append_basic_block(f"short{n}")
        choice.add_case(INT32(n), block)
        b.position_at_end(block)
        short(n)
        b.branch(after)
    b.position_at_end(general)
    yield
    b.branch(after)
    b.position_at_end(after)


def _short(
    code: Code, state: ir.Value, counter: Cell, bound: ir.Value, row: ir.Value, length: int
) -> None:
    """A row of weights of a known length, without a loop: the same numbers in registers."""
    b, start, weights = code.builder, counter.get(), []
    words = -(-length // 2)
    for k in range(words):
        pair = _halves(code, state, b.add(start, INT32(k)))
        weights += [b.uitofp(b.lshr(b.mul(h, bound), word(16)), VECTOR) for h in pair]
    del weights[length:]
    total = reduce(b.fadd, weights)
    empty = code.test("==", total, 0)
    inverse = b.fdiv(number(1), code.choose(empty, number(1), total))
    entries = [b.fmul(weight, inverse) for weight in weights]
    entries[0] = code.choose(empty, number(1), entries[0])
    for k, entry in enumerate(entries):
        code.store(entry, row, INT32(k))
    counter.set(b.add(start, INT32(words)))


def _bound(
    code: Code,
    state: ir.Value,
    counter: Cell,
    overall: ir.Value,
    kind: ir.Value,
    top: ir.Value,
) -> ir.Value:
    """How many values an integer of this draw has, in each instance."""
    b, limit = code.builder, code.splat(top)
    own, coin = _halves(code, state, counter.get())
    counter.set(b.add(counter.get(), INT32(1)))
    shared = b.icmp_unsigned("<", coin, word(SHARED))
    size = b.select(shared, overall, _magnitude(code, own))
    size = b.select(b.icmp_unsigned("<", size, limit), size, limit)
    whole = code.splat(b.icmp_unsigned("==", kind, INT32(KINDS.index("discount"))))
    return b.add(b.select(whole, limit, size), word(1))


def _numbers(
    code: Code,
    state: ir.Value,
    counter: Cell,
    bound: ir.Value,
    numbers: ir.Value,
    row: ir.Value,
) -> ir.Value:
    """Write the integers of a row, two for each word (and one place more where they are odd), and
    return their sum."""
    b, total = code.builder, Cell(code, number(0))
    words = b.lshr(b.add(numbers, INT32(1)), INT32(1))
    start = counter.get()
    with code.count(words) as k:
        pair = _halves(code, state, b.add(start, k))
        first, second = (b.uitofp(b.lshr(b.mul(half, bound), word(16)), VECTOR) for half in pair)
        place = b.shl(k, INT32(1))
        after = b.add(place, INT32(1))
        code.store(first, row, place)
        code.store(second, row, after)
        there = code.splat(b.icmp_unsigned("<", after, numbers))
        added = b.fadd(first, b.select(there, second, number(0)))
        total.set(b.fadd(total.get(), added))
    counter.set(b.add(start, words))
    return total.get()


def _finish(
    code: Code,
    tables: ir.GlobalVariable,
    kind: ir.Value,
    row: ir.Value,
    length: ir.Value,
    total: ir.Value,
) -> None:
    """Make the integers of a row its entries."""
    b = code.builder
    makers = {"weight": _weights, "vertex": _choice}
    for name, make in makers.items():
        with b.if_then(b.icmp_unsigned("==", kind, INT32(KINDS.index(name)))):
            make(code, row, length, total)
    for name in TABLES:
        with b.if_then(b.icmp_unsigned("==", kind, INT32(KINDS.index(name)))):
            _fractions(code, tables[name], row, length)


def _weights(code: Code, row: ir.Value, length: ir.Value, total: ir.Value) -> None:
    """Weights over their sum; a row of zeros is the first vertex."""
    b = code.builder
    empty = code.test("==", total, 0)
    inverse = b.fdiv(number(1), code.choose(empty, number(1), total))
    added = Cell(code, code.choose(empty, number(1), number(0)))  # to the first entry
    with code.count(length) as k:
        code.store(b.fadd(b.fmul(code.load(row, k), inverse), added.get()), row, k)
        added.set(number(0))


def _choice(code: Code, row: ir.Value, length: ir.Value, total: ir.Value) -> None:
    """The vertex whose number is the integer modulo the length."""
    b = code.builder
    size = code.splat(b.uitofp(length, DOUBLE))
    turns = code.call("floor", b.fdiv(b.fadd(total, number(0.5)), size))
    chosen = b.fsub(total, b.fmul(turns, size))
    with code.count(length) as k:
        here = b.fcmp_ordered("==", chosen, code.splat(b.uitofp(k, DOUBLE)))
        code.store(code.choose(here, number(1), number(0)), row, k)


def _fractions(code: Code, table: ir.GlobalVariable, row: ir.Value, length: ir.Value) -> None:
    """Each integer is a place in the table."""
    b = code.builder
    entries = b.bitcast(row, DOUBLE.as_pointer())
    with code.count(b.mul(length, INT32(WIDTH))) as k:
        place = b.fptoui(code.load(entries, k, align=8), INT32)
        entry = b.load(b.gep(table, [INT32(0), place], inbounds=True), align=8)
        code.store(entry, entries, k, align=8)


def _tables(module: ir.Module) -> dict[str, ir.GlobalVariable]:
    found = {}
    for kind, fractions in TABLES.items():
        values = [float(f) for f in fractions]
        array = ir.ArrayType(DOUBLE, len(values))
        found[kind] = ir.GlobalVariable(module, array, name=kind)
        found[kind].global_constant = True
        found[kind].initializer = ir.Constant(array, values)
    return found
