"""The loops round a claim's code: instances drawn, computed, judged and counted, eight at a time.

One text for all claims: what differs from claim to claim is the function `body` (see `assembly`),
and small tables that say which tables are drawn and which results are sides of which relation.

    sweep      draw 8 n instances of a seed; leave the worst, the strange, the counts, the slacks
    evaluate   the results of given inputs
    slacks     the relative slacks of given inputs
"""

from __future__ import annotations

from functools import cache

from llvmlite import ir

from theorylab.simd.assembly import WIDTH
from theorylab.simd.code import (
    DOUBLE,
    INFINITY,
    INT32,
    INT64,
    INTS,
    VECTORS,
    WORD_ROW,
    WORDS,
    Cell,
    Code,
    number,
    word,
)
from theorylab.simd.drawing import generate, mix
from theorylab.simd.judgement import BINS, bins, judge

BODY = ir.FunctionType(ir.VoidType(), [VECTORS] * 3).as_pointer()


@cache
def text() -> str:
    """The assembly of the loops."""
    module = ir.Module(name="driver")
    draw, verdict = generate(module), judge(module)
    _sweep(module, draw, verdict)
    _evaluate(module)
    _slacks(module, verdict)
    return str(module)


SWEEP = [BODY, VECTORS, VECTORS, VECTORS, INTS, INT32, INTS, INT32, INT32, INT32, INT32, INT32]
SWEEP += [VECTORS, VECTORS, WORD_ROW, VECTORS, WORD_ROW, INTS, VECTORS]


def _sweep(module: ir.Module, draw: ir.Function, verdict: ir.Function) -> None:
    """sweep(body, in, out, scratch, draws, how many, relations, hypotheses, links, seed, first,
    vectors, judged, slack, instance, strange, its instance, histogram, counts)."""
    code = Code(module, "sweep", SWEEP)
    body, inputs, results, scratch, draws, count, relations, hypotheses, links = code.function.args[
        :9
    ]
    seed, first, vectors, judged, *outputs, counts = code.function.args[9:]
    b, state = code.builder, Cell(code, word(0))
    worst, strange = b.gep(judged, [INT32(3)]), b.gep(judged, [b.add(INT32(3), links)])
    with code.count(vectors) as step:
        start = code.splat(b.add(first, b.mul(step, INT32(WIDTH))))
        lanes = b.add(start, ir.Constant(WORDS, list(range(WIDTH))))
        state.set(mix(code, b.add(mix(code, lanes), code.splat(seed))))
        b.call(draw, [state.place, draws, count, inputs])
        b.call(body, [inputs, results, scratch])
        b.call(verdict, [results, relations, hypotheses, links, worst, strange, judged])
        live, kept = _counted(code, judged, counts)
        with code.count(links) as link:
            slack, kind = code.load(worst, link), code.load(strange, link)
            slack_now = code.choose(live, slack, number(INFINITY))
            kind_now = code.choose(live, kind, number(0))
            _keep(code, "<", slack_now, lanes, outputs[0], outputs[1], link)
            _keep(code, ">", kind_now, lanes, outputs[2], outputs[3], link)
            _tally(code, bins(code, slack, kept), outputs[4], link)
    b.ret_void()


def _counted(code: Code, flags: ir.Value, counts: ir.Value) -> tuple[ir.Value, ir.Value]:
    """Count the kept, outside, void and strange; which lanes are neither outside nor void, and
    which are kept."""
    b = code.builder
    inside, void, odd = (code.test(">", code.load(flags, INT32(k)), 0) for k in range(3))
    live = b.and_(inside, b.not_(void))
    kept = b.and_(live, b.not_(odd))
    groups = (kept, b.not_(inside), b.and_(inside, void), b.and_(live, odd))
    for k, group in enumerate(groups):
        more = code.choose(group, number(1), number(0))
        code.store(b.fadd(code.load(counts, INT32(k)), more), counts, INT32(k))
    return live, kept


def _keep(
    code: Code,
    sign: str,
    value: ir.Value,
    lanes: ir.Value,
    values: ir.Value,
    instances: ir.Value,
    link: ir.Value,
) -> None:
    """Keep the value and its instance in each lane where it goes beyond what is kept."""
    b = code.builder
    best, instance = code.load(values, link), code.load(instances, link, align=32)
    further = b.fcmp_ordered(sign, value, best)
    code.store(b.select(further, value, best), values, link)
    code.store(b.select(further, lanes, instance), instances, link, align=32)


def _tally(code: Code, bins: ir.Value, histogram: ir.Value, link: ir.Value) -> None:
    """One more in the bin of each lane; lanes have counts of their own."""
    b = code.builder
    base = b.gep(histogram, [b.mul(link, INT32((BINS + 1) * WIDTH))])
    for lane in range(WIDTH):
        place = b.add(b.shl(b.extract_element(bins, INT32(lane)), INT64(3)), INT64(lane))
        code.store(b.add(code.load(base, place, align=4), INT32(1)), base, place, align=4)


GIVEN = [BODY, VECTORS, VECTORS, VECTORS, INT32, VECTORS, INT64, INT32]


def _evaluate(module: ir.Module) -> None:
    """evaluate(body, in, out, scratch, inputs, values, their stride, vectors, results, how many,
    their stride); rows of values and results are instances, unaligned, strides in numbers."""
    code = Code(module, "evaluate", [*GIVEN, VECTORS, INT32, INT64])
    body, inputs, results, scratch, count, values, stride, vectors = code.function.args[:8]
    outputs, outs, out_stride = code.function.args[8:]
    b = code.builder
    with code.count(vectors) as step:
        with code.count(count) as k:
            code.store(_row(code, values, stride, k, step, None), inputs, k)
        b.call(body, [inputs, results, scratch])
        with code.count(outs) as k:
            _row(code, outputs, out_stride, k, step, code.load(results, k))
    b.ret_void()


def _row(
    code: Code,
    rows: ir.Value,
    stride: ir.Value,
    row: ir.Value,
    step: ir.Value,
    value: ir.Value | None,
) -> ir.Value:
    """Read (or write the value as) the eight numbers of a row at a step."""
    b = code.builder
    numbers = b.bitcast(rows, DOUBLE.as_pointer())
    offset = b.add(b.mul(b.zext(row, INT64), stride), b.shl(b.zext(step, INT64), INT64(3)))
    address = b.bitcast(b.gep(numbers, [offset]), VECTORS)
    if value is None:
        return b.load(address, align=8)
    return b.store(value, address, align=8)


def _slacks(module: ir.Module, verdict: ir.Function) -> None:
    """slacks(as evaluate up to vectors, relations, hypotheses, links, judged, slack rows, stride):
    a row for each link and one of ones where the instance is kept."""
    code = Code(module, "slacks", [*GIVEN, INTS, INT32, INT32, VECTORS, VECTORS, INT64])
    body, inputs, results, scratch, count, values, stride, vectors = code.function.args[:8]
    relations, hypotheses, links, judged, outputs, out_stride = code.function.args[8:]
    b = code.builder
    worst, strange = b.gep(judged, [INT32(3)]), b.gep(judged, [b.add(INT32(3), links)])
    with code.count(vectors) as step:
        with code.count(count) as k:
            code.store(_row(code, values, stride, k, step, None), inputs, k)
        b.call(body, [inputs, results, scratch])
        b.call(verdict, [results, relations, hypotheses, links, worst, strange, judged])
        inside, void, odd = (code.test(">", code.load(judged, INT32(k)), 0) for k in range(3))
        with code.count(links) as link:
            odd_here = code.test(">", code.load(strange, link), 0)
            slack = code.choose(odd_here, number(float("nan")), code.load(worst, link))
            slack = code.choose(void, number(INFINITY), slack)
            _row(code, outputs, out_stride, link, step, slack)
        kept = b.and_(b.and_(inside, b.not_(void)), b.not_(odd))
        flag = code.choose(kept, number(1), number(0))
        _row(code, outputs, out_stride, links, step, flag)
    b.ret_void()
