"""A program as LLVM assembly: eight instances to a vector, one instruction for each operation.

`body(in, out, scratch)` computes the results of eight instances: `in` holds a vector for each
input, `out` one for each result. Long straight-line code is slow to compile and spills its
registers, so it is cut into functions of at most `LENGTH` operations; what a later one needs waits
in `scratch`, in places that are used again. No instruction assumes that numbers are finite.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from fractions import Fraction

from theorylab.errors import Unsupported
from theorylab.lowering import ARITHMETIC, Operation, Program, operands

WIDTH = 8
LENGTH = 180
VECTOR = f"<{WIDTH} x double>"
BITS = f"<{WIDTH} x i1>"
PLAIN = {"+": "fadd contract", "-": "fsub contract", "*": "fmul contract", "/": "fdiv contract"}
CALLS = {
    "sqrt": "sqrt",
    "log": "log",
    "exp": "exp",
    "abs": "fabs",
    "max": "maximum",  # these two yield NaN where either side is NaN
    "min": "minimum",
}


@dataclass(frozen=True)
class Assembly:
    """The text of `body`, and how many vectors of scratch it needs."""

    text: str
    scratch: int


def assembly(program: Program) -> Assembly:
    """The code of a program; Unsupported for an operation or a constant that floats lack."""
    places = _Places(program)
    texts = [_Function(program, places, number).text() for number in range(places.count)]
    calls = [f"  call void @part{k}(ptr %in, ptr %out, ptr %scratch)" for k in range(places.count)]
    body = _function("body", "", calls)
    return Assembly("\n".join([*_declarations(), *texts, body]), places.used)


def _function(name: str, attributes: str, lines: list[str]) -> str:
    pointers = ", ".join(f"ptr noalias %{p}" for p in ("in", "out", "scratch"))
    head = f"define void @{name}({pointers}) {attributes}{{"
    return "\n".join([head, *lines, "  ret void", "}"])


def _declarations() -> list[str]:
    """The functions that LLVM knows, on vectors."""
    single = [f"declare {VECTOR} @llvm.{CALLS[n]}.v8f64({VECTOR})" for n in list(CALLS)[:4]]
    double = [
        f"declare {VECTOR} @llvm.{CALLS[n]}.v8f64({VECTOR}, {VECTOR})" for n in list(CALLS)[4:]
    ]
    return single + double


def splat(value: float | Fraction) -> str:
    """A constant vector, by the bits of its number."""
    try:
        bits = struct.unpack("<Q", struct.pack("<d", float(value)))[0]
    except OverflowError:
        raise Unsupported("a constant is too large for floats") from None
    return "<" + ", ".join([f"double 0x{bits:016x}"] * WIDTH) + ">"


class _Places:
    """Which function computes an operation, and where in scratch its value waits for later ones."""

    def __init__(self, program: Program):
        order = [k for k, op in enumerate(program.operations) if not _given(op)]
        self.parts = [order[k : k + LENGTH] for k in range(0, len(order), LENGTH)] or [[]]
        self.count = len(self.parts)
        self.part = {k: number for number, part in enumerate(self.parts) for k in part}
        self.place: dict[int, int] = {}
        self.used = 0
        self._assign(self._last_uses(program))

    def _last_uses(self, program: Program) -> dict[int, int]:
        """The last function that reads an operation which an earlier one computed."""
        last: dict[int, int] = {}
        for number, part in enumerate(self.parts):
            reads = (j for k in part for j in operands(program.operations[k]))
            last |= {j: number for j in reads if self.part.get(j, number) < number}
        return last

    def _assign(self, last: dict[int, int]) -> None:
        free: list[int] = []
        ending: dict[int, list[int]] = {}
        for number, part in enumerate(self.parts):
            free += ending.pop(number - 1, [])
            for k in part:
                if k in last:
                    self.place[k] = free.pop() if free else self.used
                    self.used = max(self.used, self.place[k] + 1)
                    ending.setdefault(last[k], []).append(self.place[k])


def _given(operation: Operation) -> bool:
    return operation[0] in ("input", "constant")


@dataclass
class _Function:
    """Writes one part of a program."""

    program: Program
    places: _Places
    number: int
    lines: list[str] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)

    def text(self) -> str:
        """The part as a function."""
        part = self.places.parts[self.number]
        for k in part:
            name, *read = self.program.operations[k]
            self.names[k] = self.operation(name, *(self.value(j) for j in read))
        for k in part:
            if k in self.places.place:
                self.store(self.names[k], "scratch", self.places.place[k])
        for place, result in enumerate(self.program.results):
            if self.places.part.get(result, 0) == self.number:
                self.store(self.value(result), "out", place)
        return _function(f"part{self.number}", "noinline ", self.lines)

    def let(self, expression: str) -> str:
        """A new name for an expression."""
        name = f"%v{len(self.lines)}"
        self.lines.append(f"  {name} = {expression}")
        return name

    def value(self, number: int) -> str:
        """The name of a value: computed here, loaded once, or a constant."""
        if number in self.names:
            return self.names[number]
        operation = self.program.operations[number]
        if operation[0] == "constant":
            return splat(operation[1])
        if operation[0] == "input":
            self.names[number] = self.load("in", int(operation[1]))
        else:
            self.names[number] = self.load("scratch", self.places.place[number])
        return self.names[number]

    def load(self, array: str, place: int) -> str:
        address = self.let(f"getelementptr {VECTOR}, ptr %{array}, i64 {place}")
        return self.let(f"load {VECTOR}, ptr {address}, align 64")

    def store(self, value: str, array: str, place: int) -> None:
        address = self.let(f"getelementptr {VECTOR}, ptr %{array}, i64 {place}")
        self.lines.append(f"  store {VECTOR} {value}, ptr {address}, align 64")

    def operation(self, name: str, *x: str) -> str:
        """One operation on vectors."""
        if name in ARITHMETIC:
            return self.let(f"{PLAIN[name]} {VECTOR} {x[0]}, {x[1]}")
        if name in CALLS:
            arguments = ", ".join(f"{VECTOR} {value}" for value in x)
            return self.let(f"call {VECTOR} @llvm.{CALLS[name]}.v8f64({arguments})")
        if name == "ratio":
            return self.ratio(*x)
        if name == "x_log_ratio":
            return self.x_log_ratio(*x)
        if name == "sign":
            return self.sign(*x)
        raise Unsupported(f"{name} is not compiled")

    def test(self, condition: str, x: str, y: str) -> str:
        return self.let(f"fcmp {condition} {VECTOR} {x}, {y}")

    def select(self, test: str, yes: str, no: str) -> str:
        return self.let(f"select {BITS} {test}, {VECTOR} {yes}, {VECTOR} {no}")

    def ratio(self, x: str, y: str) -> str:
        """x / y with 0/0 = 0 and x/0 infinite; NaN stays NaN."""
        zero = splat(0)
        at_zero = self.select(self.test("oeq", x, zero), zero, splat(float("inf")))
        quotient = self.operation("/", x, y)
        undefined = self.select(self.test("ord", x, zero), at_zero, quotient)
        return self.select(self.test("oeq", y, zero), undefined, quotient)

    def x_log_ratio(self, x: str, y: str) -> str:
        """x log(x / y), 0 at x = 0 and infinite where y = 0 < x; NaN stays NaN."""
        product = self.operation("*", x, self.operation("log", self.ratio(x, y)))
        none = self.let(f"and {BITS} {self.test('oeq', x, splat(0))}, {self.test('ord', y, y)}")
        return self.select(none, splat(0), product)

    def sign(self, x: str) -> str:
        """-1, 0 or 1; NaN stays NaN."""
        zero = splat(0)
        up = self.select(self.test("ogt", x, zero), splat(1), x)
        return self.select(self.test("olt", x, zero), splat(-1), up)
