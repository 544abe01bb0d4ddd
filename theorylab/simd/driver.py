"""The loops round a claim's code: instances drawn, computed, judged and counted, eight at a time.

One text for all claims: what differs from claim to claim is the function `body` (see `assembly`),
and small tables that say which tables are drawn and which results are sides of which relation.

    sweep      draw 8 n instances of a seed; leave the worst, the strange, the counts, the slacks
    evaluate   the results of given inputs
    slacks     the relative slacks of given inputs
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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


GIVEN = [BODY, VECTORS, VECTORS, VECTORS, INT32, INT32, INT32, VECTORS, INT64, INT64]
"""body, room for inputs, results, scratch; inputs, vectors, how many are gathered at once (0:
values are blocks, read where they are); values, the numbers between their rows and their steps."""


def _evaluate(module: ir.Module) -> None:
    """evaluate(given, results, how many, their stride by row, by step)."""
    code = Code(module, "evaluate", [*GIVEN, VECTORS, INT32, INT64, INT64])
    outputs, outs, out_row, out_step = code.function.args[len(GIVEN) :]
    with _computed(code) as (step, results), code.count(outs) as k:
        value = code.load(results, k)
        code.builder.store(value, _at(code, outputs, (k, out_row), (step, out_step)), align=8)
    code.builder.ret_void()


@contextmanager
def _computed(code: Code) -> Iterator[tuple[ir.Value, ir.Value]]:
    """Within: each step of given values, and the room of its results.

    Rows of values are gathered some steps at a time: what lies together is read together.
    """
    body, room, results, scratch, inputs, vectors, group, values, by_row, by_step = (
        code.function.args[: len(GIVEN)]
    )
    b = code.builder
    together = b.icmp_unsigned("==", group, INT32(0))
    with code.count(vectors) as step:
        turn = b.and_(step, b.sub(group, INT32(1)))
        first = b.icmp_unsigned("==", turn, INT32(0))
        with b.if_then(b.and_(b.not_(together), first)):
            left = b.sub(vectors, step)
            many = b.select(b.icmp_unsigned("<", left, group), left, group)
            with code.count(inputs) as k, code.count(many) as j:
                place = _at(code, values, (k, by_row), (b.add(step, j), by_step))
                code.store(b.load(place, align=8), room, b.add(b.mul(j, inputs), k))
        gathered = b.gep(room, [b.mul(turn, inputs)])
        here = _at(code, values, (step, by_step))
        b.call(body, [b.select(together, here, gathered), results, scratch])
        yield step, results


def _at(code: Code, array: ir.Value, *steps: tuple[ir.Value, ir.Value]) -> ir.Value:
    """The vector that lies so many strides of numbers beyond the first."""
    b, offset = code.builder, INT64(0)
    for count, stride in steps:
        offset = b.add(offset, b.mul(b.zext(count, INT64), stride))
    numbers = b.bitcast(array, DOUBLE.as_pointer())
    return b.bitcast(b.gep(numbers, [offset]), VECTORS)


def _slacks(module: ir.Module, verdict: ir.Function) -> None:
    """slacks(given, relations, hypotheses, links, judged, slacks, their stride by row, by step): a
    row for each link and one of ones where the instance is kept."""
    code = Code(module, "slacks", [*GIVEN, INTS, INT32, INT32, VECTORS, VECTORS, INT64, INT64])
    relations, hypotheses, links, judged, outputs, *strides = code.function.args[len(GIVEN) :]
    b = code.builder
    worst, strange = b.gep(judged, [INT32(3)]), b.gep(judged, [b.add(INT32(3), links)])
    with _computed(code) as (step, results):
        b.call(verdict, [results, relations, hypotheses, links, worst, strange, judged])
        inside, void, odd = (code.test(">", code.load(judged, INT32(k)), 0) for k in range(3))
        with code.count(links) as link:
            odd_here = code.test(">", code.load(strange, link), 0)
            slack = code.choose(odd_here, number(float("nan")), code.load(worst, link))
            slack = code.choose(void, number(INFINITY), slack)
            place = _at(code, outputs, (link, strides[0]), (step, strides[1]))
            b.store(slack, place, align=8)
        kept = b.and_(b.and_(inside, b.not_(void)), b.not_(odd))
        flag = code.choose(kept, number(1), number(0))
        b.store(flag, _at(code, outputs, (links, strides[0]), (step, strides[1])), align=8)
    b.ret_void()
