"""Compiled sweeps: a program as SIMD code, eight instances to a vector, generation fused in.

The code of a claim at one shape does, for instances first, ..., first + 8 n - 1 of a seed: draw
the integers by a counter-based generator, make rows and fractions of them, compute both sides of
each link, and keep for each link the worst slack, its instance and a count of what is not finite.
Nothing else leaves the loop. `integers_of` re-creates the integers of any instance, from which the
exact instance is rebuilt. Cached by the program's text.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from llvmlite import binding, ir

from theorylab.arithmetic import Array
from theorylab.errors import Unsupported
from theorylab.lowering import Program
from theorylab.points import LIMITS, MAGNITUDES, OVERALL, TABLES

WIDTH = 8
DOUBLE, INT32, INT64 = ir.DoubleType(), ir.IntType(32), ir.IntType(64)
VECTOR, WORDS = ir.VectorType(DOUBLE, WIDTH), ir.VectorType(INT32, WIDTH)
GOLDEN, FIRST, SECOND = 0x9E3779B9, 0x7FEB352D, 0x846CA68B


@dataclass(frozen=True)
class Draw:
    """One table of an instance: its kind ("weight", "fraction", "discount") and its rows."""

    kind: str
    rows: int
    length: int


@dataclass(frozen=True)
class Worst:
    """What a run leaves of one link: the worst relative slacks with their instances, and how many
    instances were void (an infinite bound) or strange (not a number)."""

    suspects: tuple[tuple[float, int], ...]
    void: int
    strange: int


# ---- the generator, in numpy: the twin of the compiled one ---------------------------------------


def mix(x: Array) -> Array:
    """A bijective mix of 32-bit words (Wellons' lowbias32)."""
    x = x.astype(np.uint32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(FIRST)
    x ^= x >> np.uint32(15)
    x *= np.uint32(SECOND)
    return x ^ (x >> np.uint32(16))


def integers_of(draws: Sequence[Draw], seed: int, instances: Array) -> Array:
    """The integers of instances of a seed, shape (instances, integers), as the code draws them."""
    with np.errstate(over="ignore"):
        state = mix(mix(np.asarray(instances, dtype=np.uint32)) + np.uint32(seed))
        overall = _magnitude(_word(state, 0))
        columns, counter = [], 1
        for draw in draws:
            own, coin = _magnitude(_word(state, counter)), _unit(_word(state, counter + 1))
            top = LIMITS[draw.kind]
            limit = np.minimum(np.where(coin < OVERALL, overall, own), top) + 1
            if draw.kind == "discount":
                limit = np.full(len(state), top + 1)
            counter += 2
            for _ in range(draw.rows * draw.length):
                columns.append(np.floor(_unit(_word(state, counter)) * limit).astype(np.int64))
                counter += 1
    return np.stack(columns, axis=1)


def _word(state: Array, counter: int) -> Array:
    return mix(state + np.uint32((counter * GOLDEN) & 0xFFFFFFFF))


def _unit(word: Array) -> Array:
    return (word >> np.uint32(8)).astype(float) * 2.0**-24


def _magnitude(word: Array) -> Array:
    return np.array(MAGNITUDES, dtype=float)[(_unit(word) * len(MAGNITUDES)).astype(int)]


# ---- code ----------------------------------------------------------------------------------------


class _Emitter:
    """Writes the body of the loop: one LLVM value for each operation of the program."""

    def __init__(self, module: ir.Module, builder: ir.IRBuilder, state: ir.Value):
        self.module, self.builder, self.state = module, builder, state

    def number(self, value: float | Fraction) -> ir.Constant:
        try:
            return ir.Constant(VECTOR, [float(value)] * WIDTH)
        except OverflowError:
            raise Unsupported("a constant is too large for floats") from None

    def word(self, value: int) -> ir.Constant:
        return ir.Constant(WORDS, [value & 0xFFFFFFFF] * WIDTH)

    def mix(self, x: ir.Value) -> ir.Value:
        b = self.builder
        x = b.mul(b.xor(x, b.lshr(x, self.word(16))), self.word(FIRST))
        x = b.mul(b.xor(x, b.lshr(x, self.word(15))), self.word(SECOND))
        return b.xor(x, b.lshr(x, self.word(16)))

    def unit(self, counter: int) -> ir.Value:
        b = self.builder
        word = self.mix(b.add(self.state, self.word(counter * GOLDEN)))
        return b.fmul(b.uitofp(b.lshr(word, self.word(8)), VECTOR), self.number(2.0**-24))

    def call(self, name: str, *arguments: ir.Value) -> ir.Value:
        kind = ir.FunctionType(VECTOR, [VECTOR] * len(arguments))
        function = self.module.globals.get(name) or ir.Function(self.module, kind, name=name)
        return self.builder.call(function, arguments)

    def intrinsic(self, name: str, *arguments: ir.Value) -> ir.Value:
        return self.call(f"llvm.{name}.v{WIDTH}f64", *arguments)

    def select(self, test: ir.Value, yes: ir.Value, no: ir.Value) -> ir.Value:
        return self.builder.select(test, yes, no)

    def magnitude(self, counter: int) -> ir.Value:
        step = self.unit(counter)
        value = self.number(MAGNITUDES[-1])
        for k in reversed(range(len(MAGNITUDES) - 1)):
            below = self.builder.fcmp_ordered("<", step, self.number((k + 1) / len(MAGNITUDES)))
            value = self.select(below, self.number(MAGNITUDES[k]), value)
        return value

    def gather(self, table: ir.GlobalVariable, position: ir.Value) -> ir.Value:
        b, out = self.builder, ir.Constant(VECTOR, ir.Undefined)
        places = b.fptosi(position, WORDS)
        for lane in range(WIDTH):
            index = b.extract_element(places, INT32(lane))
            entry = b.load(b.gep(table, [INT32(0), index], inbounds=True))
            out = b.insert_element(out, entry, INT32(lane))
        return out

    def draw_all(self, draws: Sequence[Draw], tables: dict[str, ir.GlobalVariable]) -> list[Any]:
        """The entries of all tables in order, drawn and normalised."""
        overall, counter, entries = self.magnitude(0), 1, []
        for draw in draws:
            own, coin = self.magnitude(counter), self.unit(counter + 1)
            shared = self.builder.fcmp_ordered("<", coin, self.number(OVERALL))
            size = self.select(shared, overall, own)
            top = self.number(LIMITS[draw.kind])
            size = self.select(self.builder.fcmp_ordered("<", size, top), size, top)
            limit = self.builder.fadd(top if draw.kind == "discount" else size, self.number(1))
            counter += 2
            for _ in range(draw.rows):
                units = [self.unit(counter + k) for k in range(draw.length)]
                counter += draw.length
                numbers = [self.intrinsic("floor", self.builder.fmul(u, limit)) for u in units]
                entries += (
                    self.row(numbers)
                    if draw.kind == "weight"
                    else [self.gather(tables[draw.kind], n) for n in numbers]
                )
        return entries

    def row(self, weights: list[ir.Value]) -> list[ir.Value]:
        """Weights divided by their sum; a row of zeros is the first vertex."""
        b, total = self.builder, weights[0]
        for weight in weights[1:]:
            total = b.fadd(total, weight)
        empty = b.fcmp_ordered("==", total, self.number(0))
        first = self.select(empty, self.number(1), weights[0])
        total = self.select(empty, self.number(1), total)
        return [b.fdiv(w, total) for w in (first, *weights[1:])]

    def run(self, program: Program, entries: list[Any]) -> list[ir.Value]:
        """The results of the program."""
        values: list[ir.Value] = []
        for name, *operands in program.operations:
            if name == "input":
                values.append(entries[int(operands[0])])
            elif name == "constant":
                values.append(self.number(operands[0]))
            else:
                values.append(self.operation(name, *(values[k] for k in operands)))
        return [values[r] for r in program.results]

    def operation(self, name: str, *x: ir.Value) -> ir.Value:
        b = self.builder
        plain = {"+": b.fadd, "-": b.fsub, "*": b.fmul, "/": b.fdiv}
        if name in plain:
            return plain[name](*x, flags=("contract",))
        if name in ("sqrt", "log", "exp"):
            return self.intrinsic(name, *x)
        if name == "abs":
            return self.intrinsic("fabs", *x)
        if name in ("max", "min"):
            return self.intrinsic("maximum" if name == "max" else "minimum", *x)
        zero = self.number(0)
        if name == "ratio":
            return self.select(b.fcmp_ordered("==", x[0], zero), zero, b.fdiv(*x))
        if name == "x_log_ratio":
            product = b.fmul(x[0], self.intrinsic("log", b.fdiv(*x)))
            return self.select(b.fcmp_ordered("==", x[0], zero), zero, product)
        raise Unsupported(f"{name} is not compiled")

    def slack(self, kind: str, pairs: Sequence[tuple[Any, Any]]) -> ir.Value:
        """The worst of (rhs - lhs) / (1 + size), or -|rhs - lhs| / (1 + size), over the entries."""
        b, worst = self.builder, None
        for lhs, rhs in pairs:
            gap = b.fsub(rhs, lhs)
            if kind == "equal":
                gap = b.fneg(self.intrinsic("fabs", gap))
            size = b.fadd(self.intrinsic("fabs", lhs), self.number(1))
            relative = b.fdiv(gap, size)
            worst = relative if worst is None else self.intrinsic("minimum", worst, relative)
        return worst

    def updated(
        self, phis: tuple[Any, Any, Any, Any], found: ir.Value, lanes: ir.Value
    ) -> tuple[ir.Value, ir.Value, ir.Value, ir.Value]:
        """The carried values of a link after one more vector. NaN is counted, never the worst: it
        may be a void bound (infinity times 0), and must not hide what is really broken."""
        b, (slack, instance, void, strange) = self.builder, phis
        odd = b.fcmp_unordered("uno", found, found)
        infinite = b.fcmp_ordered("==", found, self.number(float("inf")))
        worse = b.fcmp_ordered("<", found, slack)
        one, none = self.number(1), self.number(0)
        return (
            self.select(worse, found, slack),
            self.select(worse, lanes, instance),
            b.fadd(void, self.select(infinite, one, none)),
            b.fadd(strange, self.select(odd, one, none)),
        )


@dataclass(frozen=True)
class Compiled:
    """Machine code of a claim at one shape: `run(seed, first, vectors)` gives a Worst per link."""

    address: int
    links: int
    operations: int
    keep: Any

    def run(self, seed: int, first: int, vectors: int) -> list[Worst]:
        """Generate and judge 8 * vectors instances."""
        shape = (self.links, WIDTH)
        slack, void, strange = np.empty(shape), np.empty(shape), np.empty(shape)
        instance = np.empty(shape, dtype=np.uint32)
        kind = ctypes.CFUNCTYPE(None, *[ctypes.c_uint32] * 3, *[ctypes.c_void_p] * 4)
        outputs = [a.ctypes.data for a in (slack, instance, void, strange)]
        kind(self.address)(seed, first, vectors, *outputs)
        rows = zip(slack, instance, void, strange, strict=True)
        return [_worst(*row) for row in rows]


def _worst(slack: Array, instance: Array, void: Array, strange: Array) -> Worst:
    order = np.argsort(slack)
    suspects = tuple((float(slack[k]), int(instance[k])) for k in order if slack[k] < np.inf)
    return Worst(suspects, int(void.sum()), int(strange.sum()))


def compile_program(
    program: Program, draws: Sequence[Draw], kinds: Sequence[str], entries: Sequence[int]
) -> Compiled:
    """Compile a program whose results are lhs, rhs pairs: `entries[k]` pairs belong to link k."""
    text = _text(program, draws, kinds, entries)
    engine = _machine_code(text)
    return Compiled(engine.get_function_address("sweep"), len(kinds), program.count(), engine)


def _text(
    program: Program, draws: Sequence[Draw], kinds: Sequence[str], entries: Sequence[int]
) -> str:
    module = ir.Module(name="claim")
    pointers = [v.as_pointer() for v in (VECTOR, WORDS, VECTOR, VECTOR)]
    function = ir.Function(
        module, ir.FunctionType(ir.VoidType(), [INT32] * 3 + pointers), name="sweep"
    )
    seed, first, vectors, *outputs = function.args
    start, loop, end = (function.append_basic_block(name) for name in ("start", "loop", "end"))
    ir.IRBuilder(start).branch(loop)
    builder = ir.IRBuilder(loop)
    step = builder.phi(INT32)
    step.add_incoming(INT32(0), start)
    carried = [_carried(builder, start) for _ in kinds]
    lanes = builder.add(
        _splat(builder, builder.add(first, builder.mul(step, INT32(WIDTH)))),
        ir.Constant(WORDS, list(range(WIDTH))),
    )
    emitter = _Emitter(module, builder, lanes)
    emitter.state = emitter.mix(builder.add(emitter.mix(lanes), _splat(builder, seed)))
    results = emitter.run(program, emitter.draw_all(draws, _tables(module)))
    place = 0
    for phis, kind, count in zip(carried, kinds, entries, strict=True):
        sides = results[2 * place : 2 * (place + count)]
        place += count
        found = emitter.slack(kind, list(zip(sides[0::2], sides[1::2], strict=True)))
        for phi, value in zip(phis, emitter.updated(phis, found, lanes), strict=True):
            phi.add_incoming(value, loop)
    following = builder.add(step, INT32(1))
    step.add_incoming(following, loop)
    builder.cbranch(builder.icmp_unsigned("<", following, vectors), loop, end)
    _store(ir.IRBuilder(end), outputs, carried, loop)
    return str(module)


def _carried(builder: ir.IRBuilder, start: ir.Block) -> tuple[Any, Any, Any, Any]:
    """The worst slack, its instance, and the counts of void and strange ones, round the loop."""
    initial = (
        ir.Constant(VECTOR, [float("inf")] * WIDTH),
        ir.Constant(WORDS, [0] * WIDTH),
        ir.Constant(VECTOR, [0.0] * WIDTH),
        ir.Constant(VECTOR, [0.0] * WIDTH),
    )
    phis = tuple(builder.phi(value.type) for value in initial)
    for phi, value in zip(phis, initial, strict=True):
        phi.add_incoming(value, start)
    return phis


def _store(builder: ir.IRBuilder, outputs: list[Any], carried: list[Any], loop: ir.Block) -> None:
    for k, phis in enumerate(carried):
        for pointer, phi in zip(outputs, phis, strict=True):
            last = next(value for value, block in phi.incomings if block is loop)
            builder.store(last, builder.gep(pointer, [INT32(k)]), align=4)
    builder.ret_void()


def _splat(builder: ir.IRBuilder, scalar: ir.Value) -> ir.Value:
    single = builder.insert_element(ir.Constant(WORDS, ir.Undefined), scalar, INT32(0))
    zeros = ir.Constant(WORDS, [0] * WIDTH)
    return builder.shuffle_vector(single, ir.Constant(WORDS, ir.Undefined), zeros)


def _tables(module: ir.Module) -> dict[str, ir.GlobalVariable]:
    found = {}
    for kind, fractions in TABLES.items():
        values = [float(f) for f in fractions]
        array = ir.ArrayType(DOUBLE, len(values))
        found[kind] = ir.GlobalVariable(module, array, name=kind)
        found[kind].global_constant = True
        found[kind].initializer = ir.Constant(array, values)
    return found


_ENGINES: dict[str, Any] = {}


def _machine_code(text: str) -> Any:
    key = hashlib.sha256(text.encode()).hexdigest()
    if key not in _ENGINES:
        parsed = binding.parse_assembly(text)
        parsed.verify()
        machine = _target()
        options = binding.create_pipeline_tuning_options(speed_level=2)
        builder = binding.create_pass_builder(machine, options)
        builder.getModulePassManager().run(parsed, builder)
        engine = binding.create_mcjit_compiler(parsed, machine)
        engine.finalize_object()
        _ENGINES[key] = engine
    return _ENGINES[key]


@cache
def _set_up() -> None:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()


def _target() -> Any:
    _set_up()
    return binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=2,
    )
