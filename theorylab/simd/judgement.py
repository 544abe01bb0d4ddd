"""Machine code that judges instances and sorts their slacks into bins.

A relation is judged entry by entry: slack = (rhs - lhs) / (1 + max(|lhs|, |rhs|)), minus its
absolute value for an equality; infinite where a bound is. Hypotheses come before links: an instance
at which one does not hold is outside and counts no further. Else it is void where a bound is
infinite, strange where a side is NaN, the left side infinite or an equality has an infinite side,
and kept where it is neither.
"""

from __future__ import annotations

from llvmlite import ir

from theorylab.simd.code import (
    INFINITY,
    INT32,
    INTS,
    LONGS,
    VECTORS,
    Cell,
    Code,
    long,
    number,
)

TOLERANCE = 1e-9
"""A hypothesis holds where its slack is above minus this: floats cannot tell it from 0."""
NOT_A_NUMBER, INFINITE = 1.0, 2.0
"""How strange an instance is."""
OCTAVES, SMALLEST, MAGNITUDE_BINS = 3, -35, 12
BINS = 2 * MAGNITUDE_BINS + 1
_SIZES = [2.0 ** (SMALLEST + OCTAVES * k) for k in range(MAGNITUDE_BINS + 1)]
EDGES = (*(-size for size in reversed(_SIZES)), *_SIZES)
"""Edges of the histogram of relative slacks: three octaves to a bin, from 2 down to 2^-35. The bin
in the middle, from -2^-35 to 2^-35, holds what is 0 up to rounding. A slack on an edge belongs to
the bin of larger size."""


def judge(module: ir.Module) -> ir.Function:
    """judge(results, relations, hypotheses, links, worst, strange, flags): one vector judged.

    `worst` and `strange` get a vector for each link; `flags` gets three of ones and zeros: inside,
    void, strange.
    """
    code = Code(module, "judge", [VECTORS, INTS, INT32, INT32, VECTORS, VECTORS, VECTORS])
    results, relations, hypotheses, links, worst, strange, flags = code.function.args
    b = code.builder
    inside, void, odd = (Cell(code, number(start)) for start in (1, 0, 0))
    place = Cell(code, INT32(0))
    with code.count(b.add(hypotheses, links)) as k:
        least, most, kind = _relation(code, results, relations, k, place)
        infinite, strangely = code.test("==", most, INFINITY), code.test(">", kind, 0)
        with b.if_else(b.icmp_unsigned("<", k, hypotheses)) as (assumed, judged):
            with assumed:
                holds = b.and_(code.test(">=", least, -TOLERANCE), b.not_(strangely))
                inside.set(code.choose(holds, inside.get(), number(0)))
            with judged:
                link = b.sub(k, hypotheses)
                code.store(least, worst, link)
                code.store(kind, strange, link)
                void.set(code.choose(infinite, number(1), void.get()))
                odd.set(code.choose(strangely, number(1), odd.get()))
    for flag, cell in enumerate((inside, void, odd)):
        code.store(cell.get(), flags, INT32(flag))
    b.ret_void()
    return code.function


def _relation(
    code: Code, results: ir.Value, relations: ir.Value, k: ir.Value, place: Cell
) -> tuple[ir.Value, ir.Value, ir.Value]:
    """The least and the greatest slack of relation k over its entries, and how strange it is."""
    b = code.builder
    first = b.shl(k, INT32(1))
    equality = b.icmp_unsigned("!=", code.integer(relations, first), INT32(0))
    entries = code.integer(relations, b.add(first, INT32(1)))
    least, most, strange = (Cell(code, number(s)) for s in (INFINITY, -INFINITY, 0))
    with code.count(entries):
        lhs, rhs = (code.load(results, b.add(place.get(), INT32(s))) for s in (0, 1))
        slack, kind = _slack(code, lhs, rhs, equality)
        lower, higher = (b.fcmp_ordered(s, slack, c.get()) for s, c in (("<", least), (">", most)))
        least.set(code.choose(lower, slack, least.get()))
        most.set(code.choose(higher, slack, most.get()))
        stranger = b.fcmp_ordered(">", kind, strange.get())
        strange.set(code.choose(stranger, kind, strange.get()))
        place.set(b.add(place.get(), INT32(2)))
    return least.get(), most.get(), strange.get()


def _slack(
    code: Code, lhs: ir.Value, rhs: ir.Value, equality: ir.Value
) -> tuple[ir.Value, ir.Value]:
    """The relative slack of one entry (NaN where strange), and how strange it is."""
    b = code.builder
    left, right = code.call("fabs", lhs), code.call("fabs", rhs)
    larger = code.choose(b.fcmp_ordered(">", left, right), left, right)
    relative = b.fdiv(b.fsub(rhs, lhs), b.fadd(larger, number(1)))
    negative = b.fneg(code.call("fabs", relative))
    relative = code.choose(code.splat(equality), negative, relative)
    void = b.and_(code.test("==", rhs, INFINITY), b.not_(code.splat(equality)))
    relative = code.choose(void, number(INFINITY), relative)
    odd = b.fcmp_unordered("uno", relative, relative)
    infinite = b.fcmp_ordered("ord", lhs, rhs)
    kind = code.choose(infinite, number(INFINITE), number(NOT_A_NUMBER))
    return relative, code.choose(odd, kind, number(0))


def bins(code: Code, slack: ir.Value, kept: ir.Value) -> ir.Value:
    """The bin of each slack; those that are not kept go to a bin of their own, number BINS."""
    b = code.builder
    bits = b.bitcast(slack, LONGS)
    exponent = b.and_(b.lshr(bits, long(52)), long(0x7FF))
    start = 1023 + SMALLEST - OCTAVES
    step = b.sub(exponent, long(start))  # OCTAVES at the smallest size that is not 0
    low, high = long(0), long(OCTAVES * (MAGNITUDE_BINS + 1) - 1)
    step = b.select(b.icmp_signed("<", step, low), low, step)
    step = b.select(b.icmp_signed(">", step, high), high, step)
    size = b.lshr(b.mul(step, long(171)), long(9))  # a third, for numbers this small
    sign = b.ashr(bits, long(63))
    signed = b.sub(b.xor(size, sign), sign)
    return b.select(kept, b.add(signed, long(MAGNITUDE_BINS)), long(BINS))
