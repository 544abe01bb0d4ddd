"""The tape: a claim traced to straight-line arithmetic.

A claim is plain arithmetic on arrays, so running it on `Node` elements writes down, for one choice
of sizes, every operation that it does. The tape is hash-consed (equal operations stand once) and
folds constants. Linear systems are kept whole, so that what is read off the tape (degrees,
polynomials, and in time compiled code) can treat them by Cramer's rule or by elimination.

`rational_form` reads a node as numerator / product of determinants: with polynomials as
numerators this proves identities, with `DegreeBound`s it bounds the degree and the size of the
coefficients, from which a certificate's failure probability follows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import Array, NumberSystem, laplace, register
from theorylab.errors import ClaimError, Undefined, Unsupported

_ACTIVE: ContextVar[Tape | None] = ContextVar("tape", default=None)


@dataclass(frozen=True)
class System:
    """A linear system A x = b on the tape: rows of node numbers."""

    matrix: tuple[tuple[int, ...], ...]
    right: tuple[int, ...]


@dataclass
class Tape:
    """Operations in order; an operation is (name, operand, operand) with node numbers.

    Names: "input" (label), "constant" (Fraction), "+", "-", "*", "/", "solve" (system, row),
    and functions ("abs", "max", "sqrt", ...) of one or two nodes.
    """

    operations: list[tuple[Any, ...]] = field(default_factory=list)
    systems: list[System] = field(default_factory=list)
    _numbers: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def emit(self, *operation: Any) -> Node:
        """The node of this operation: the one that stands already, or a new one."""
        number = self._numbers.get(operation)
        if number is None:
            number = self._numbers[operation] = len(self.operations)
            self.operations.append(operation)
        return Node(self, number)

    def input(self, label: str) -> Node:
        """A new free variable."""
        return self.emit("input", label)

    def constant(self, value: int | Fraction) -> Node:
        """A universal constant."""
        return self.emit("constant", Fraction(value))

    def value(self, number: int) -> Fraction | None:
        """The value of a node that is a constant, else None."""
        operation = self.operations[number]
        return operation[1] if operation[0] == "constant" else None

    def binary(self, name: str, x: int, y: int) -> Node:
        """x (name) y, with constants folded and neutral elements dropped."""
        folded = _fold(name, self.value(x), self.value(y), x, y)
        if isinstance(folded, Fraction):
            return self.constant(folded)
        if folded is not None:
            return Node(self, folded)
        if name in "+*" and x > y:
            x, y = y, x
        return self.emit(name, x, y)

    def solve(self, matrix: Array, right: Array) -> Array:
        """The solution of a linear system, kept whole on the tape."""
        rows = tuple(tuple(self.node(e).number for e in row) for row in matrix)
        self.systems.append(System(rows, tuple(self.node(e).number for e in right)))
        out = np.empty(len(right), dtype=object)
        for row in range(len(right)):
            out[row] = self.emit("solve", len(self.systems) - 1, row)
        return out

    def node(self, value: Any) -> Node:
        """The value, a node or an exact constant, as a node of this tape."""
        if isinstance(value, Node):
            return value
        exact = exact_constant(value)
        if exact is None:
            raise ClaimError(f"{value!r} is not an exact number. Write x / 3, not x * (1/3)")
        return self.constant(exact)

    def count(self) -> int:
        """How many operations it takes, a system of size n counting as n^3 / 3 + n^2."""
        plain = sum(op[0] not in ("input", "constant", "solve") for op in self.operations)
        return plain + sum(_elimination_cost(len(s.right)) for s in self.systems)


def _elimination_cost(n: int) -> int:
    return (n**3 + 3 * n**2) // 3


def _fold(name: str, a: Fraction | None, b: Fraction | None, x: int, y: int) -> Any:
    """A Fraction (the constant result), a node number (the result is that node), or None."""
    if name == "/" and b == 0:
        raise ZeroDivisionError("division by the constant 0")
    if a is not None and b is not None:
        return {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else None}[name]
    if name == "+" and a == 0:
        return y
    if name in "+-" and b == 0:
        return x
    if name == "*" and 0 in (a, b):  # 0 / y stays: y may be 0
        return Fraction(0)
    if name == "*" and a == 1:
        return y
    if name in "*/" and b == 1:
        return x
    if name == "-" and x == y:
        return Fraction(0)
    return None


class Node:
    """One number on a tape."""

    __slots__ = ("number", "tape")

    def __init__(self, tape: Tape, number: int):
        self.tape, self.number = tape, number

    def _binary(self, name: str, other: Any, swap: bool = False) -> Any:
        if isinstance(other, Node):
            other_number = other.number
        else:
            exact = exact_constant(other)
            if exact is None:
                return NotImplemented
            other_number = self.tape.constant(exact).number
        x, y = (other_number, self.number) if swap else (self.number, other_number)
        return self.tape.binary(name, x, y)

    def __add__(self, other: Any) -> Any:
        return self._binary("+", other)

    def __sub__(self, other: Any) -> Any:
        return self._binary("-", other)

    def __rsub__(self, other: Any) -> Any:
        return self._binary("-", other, swap=True)

    def __mul__(self, other: Any) -> Any:
        return self._binary("*", other)

    def __truediv__(self, other: Any) -> Any:
        return self._binary("/", other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._binary("/", other, swap=True)

    def __neg__(self) -> Any:
        return self._binary("-", 0, swap=True)

    def __pow__(self, exponent: Any) -> Any:
        if not isinstance(exponent, int | np.integer):
            return NotImplemented
        if exponent < 0:
            return 1 / self ** (-int(exponent))
        result, square, rest = self.tape.constant(1), self, int(exponent)
        while rest:
            result = result * square if rest & 1 else result
            square, rest = square * square if rest > 1 else square, rest >> 1
        return result

    def __abs__(self) -> Node:
        return _traced("abs")(self)

    __radd__ = __add__
    __rmul__ = __mul__

    def __bool__(self) -> bool:
        raise Unsupported("a claim branches on a number, which a tape cannot: use planning")

    def _compare(self, other: Any) -> bool:
        raise Unsupported("a claim compares numbers, which a tape cannot: use assume or planning")

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _compare
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"node {self.number}"


def exact_constant(value: Any) -> Fraction | None:
    """An integer or an exact rational as a Fraction; None for anything else."""
    if isinstance(value, int | np.integer | flint.fmpz) and not isinstance(value, bool):
        return Fraction(int(value))
    return Fraction(int(value.p), int(value.q)) if isinstance(value, flint.fmpq) else None


def _traced(name: str) -> Callable[..., Node]:
    def function(*args: Any) -> Node:
        tape = next((a.tape for a in args if isinstance(a, Node)), _ACTIVE.get())
        if tape is None:
            raise Unsupported(f"{name} of constants outside a tape")
        return tape.emit(name, *(tape.node(a).number for a in args))

    return function


def _solve(A: Array, b: Array) -> Array:
    tape = next(e.tape for e in (*A.flat, *b.flat) if isinstance(e, Node))
    return tape.solve(A, b)


def _det(A: Array) -> Any:
    return laplace([list(row) for row in A])


FUNCTIONS = ("sqrt", "log", "exp", "abs", "max", "min", "ratio", "x_log_ratio")

TAPES = register(
    NumberSystem(
        name="the tape",
        element=Node,
        solve=_solve,
        det=_det,
        functions={name: _traced(name) for name in FUNCTIONS},
    )
)


@contextmanager
def recording() -> Iterator[Tape]:
    """A new tape, on which functions of constants are written while the block runs."""
    tape = Tape()
    token = _ACTIVE.set(tape)
    try:
        yield tape
    finally:
        _ACTIVE.reset(token)


# ---- reading a node as numerator / product of powers of atoms -----------------------------------


@dataclass(frozen=True)
class DegreeBound:
    """A polynomial known only by bounds: its degree and log2 of its coefficients' l1 norm."""

    degree: int
    bits: float

    def __add__(self, other: DegreeBound) -> DegreeBound:
        big, small = max(self.bits, other.bits), min(self.bits, other.bits)
        extra = math.log2(1 + 2 ** (small - big)) if small > -math.inf else 0.0
        return DegreeBound(max(self.degree, other.degree), big + extra)

    __sub__ = __add__

    def __mul__(self, other: DegreeBound) -> DegreeBound:
        return DegreeBound(self.degree + other.degree, self.bits + other.bits)


@dataclass(frozen=True)
class Quotient:
    """numerator / product over atoms of atom ** power; the atoms are shared by the whole tape."""

    numerator: Any
    powers: tuple[tuple[int, int], ...] = ()


class RationalForm:
    """Reads nodes of a tape as quotients whose numerators live in a ring of the caller's choice.

    `leaf(label)` and `constant(int)` make ring elements; `cramer(rows, right)` returns the
    determinant and the numerators of Cramer's rule for a matrix of ring elements.
    """

    def __init__(
        self,
        tape: Tape,
        leaf: Callable[[str], Any],
        constant: Callable[[int], Any],
        cramer: Callable[[list[list[Any]], list[Any]], tuple[Any, list[Any]]],
    ):
        self.tape, self.leaf, self.constant, self.cramer = tape, leaf, constant, cramer
        self.atoms: list[Any] = []
        self._solutions: dict[int, tuple[int, list[Any]]] = {}
        self._denominators: dict[int, int] = {}
        self._done: list[Quotient] = []

    def __call__(self, number: int) -> Quotient:
        """The quotient of a node; raises Unsupported at what is not ring arithmetic."""
        while len(self._done) <= number:
            self._done.append(self._read(len(self._done)))
        return self._done[number]

    def _read(self, number: int) -> Quotient:
        name, *args = self.tape.operations[number]
        if name == "input":
            return Quotient(self.leaf(args[0]))
        if name == "constant":
            return self._constant(args[0])
        if name == "solve":
            return self._solution(*args)
        if name in ("+", "-"):
            return self._sum(name, self._done[args[0]], self._done[args[1]])
        if name == "*":
            return self._product(self._done[args[0]], self._done[args[1]])
        if name == "/":
            return self._division(self._done[args[0]], args[1])
        raise Unsupported(f"{name} is not ring arithmetic: no polynomial form")

    def _atom(self, element: Any) -> int:
        self.atoms.append(element)
        return len(self.atoms) - 1

    def _constant(self, value: Fraction) -> Quotient:
        numerator = self.constant(value.numerator)
        if value.denominator == 1:
            return Quotient(numerator)
        key = -value.denominator  # no node has a negative number
        if key not in self._denominators:
            self._denominators[key] = self._atom(self.constant(value.denominator))
        return Quotient(numerator, ((self._denominators[key], 1),))

    def _lift(self, x: Quotient, powers: dict[int, int]) -> Any:
        """The numerator of x over the denominator `powers`, which x's denominator divides."""
        numerator, own = x.numerator, dict(x.powers)
        for atom, power in powers.items():
            for _ in range(power - own.get(atom, 0)):
                numerator = numerator * self.atoms[atom]
        return numerator

    def _sum(self, name: str, x: Quotient, y: Quotient) -> Quotient:
        powers = _common(x, y)
        left, right = self._lift(x, powers), self._lift(y, powers)
        numerator = left + right if name == "+" else left - right
        return Quotient(numerator, tuple(sorted(powers.items())))

    def _product(self, x: Quotient, y: Quotient) -> Quotient:
        powers = dict(x.powers)
        for atom, power in y.powers:
            powers[atom] = powers.get(atom, 0) + power
        return Quotient(x.numerator * y.numerator, tuple(sorted(powers.items())))

    def _division(self, x: Quotient, divisor: int) -> Quotient:
        y = self._done[divisor]
        if divisor not in self._denominators:
            self._denominators[divisor] = self._atom(y.numerator)
        inverse = Quotient(
            self._lift(Quotient(self.constant(1)), dict(y.powers)),
            ((self._denominators[divisor], 1),),
        )
        return self._product(x, inverse)

    def _solution(self, system: int, row: int) -> Quotient:
        if system not in self._solutions:
            self._solutions[system] = self._solve(self.tape.systems[system])
        atom, numerators = self._solutions[system]
        return Quotient(numerators[row], ((atom, 1),))

    def _solve(self, system: System) -> tuple[int, list[Any]]:
        rows, right = [], []
        for numbers, constant in zip(system.matrix, system.right, strict=True):
            entries = [self._done[k] for k in numbers]
            powers = _common(*entries, self._done[constant])
            rows.append([self._lift(e, powers) for e in entries])
            right.append(self._lift(self._done[constant], powers))
        determinant, numerators = self.cramer(rows, right)
        return self._atom(determinant), numerators


def _common(*quotients: Quotient) -> dict[int, int]:
    powers: dict[int, int] = {}
    for quotient in quotients:
        for atom, power in quotient.powers:
            powers[atom] = max(powers.get(atom, 0), power)
    return powers


def cramer(rows: list[list[Any]], right: list[Any]) -> tuple[Any, list[Any]]:
    """Cramer's rule by expansion: for rings whose elements can be computed with."""
    columns = range(len(right))
    numerators = [
        laplace(
            [[right[i] if k == j else e for k, e in enumerate(row)] for i, row in enumerate(rows)]
        )
        for j in columns
    ]
    return laplace(rows), numerators


def bound_cramer(
    rows: list[list[DegreeBound]], right: list[DegreeBound]
) -> tuple[DegreeBound, list[DegreeBound]]:
    """Bounds of the determinant and of the numerators, row by row: no expansion needed."""
    sums = [reduce(DegreeBound.__add__, row) for row in rows]
    extended = [s + b for s, b in zip(sums, right, strict=True)]
    return reduce(DegreeBound.__mul__, sums), [reduce(DegreeBound.__mul__, extended)] * len(rows)


def degree_bound(tape: Tape, *nodes: Any) -> DegreeBound:
    """A bound for the numerators of the nodes, each over its own common denominator.

    Inputs count as free variables of degree one. A numerator over a common denominator has at
    most this degree, and its integer coefficients at most `bits` bits in l1 norm.
    """
    form = RationalForm(
        tape,
        leaf=lambda label: DegreeBound(1, 0.0),
        constant=lambda value: DegreeBound(0, math.log2(abs(value)) if value else -math.inf),
        cramer=bound_cramer,
    )
    quotients = [form(node.number) for node in nodes if isinstance(node, Node)]
    numerators = [q.numerator for q in quotients]
    for quotient in quotients:  # a zero of a denominator is as bad as a zero of the numerator
        for atom, power in quotient.powers:
            numerators.extend([form.atoms[atom]] * power)
    if not numerators:
        return DegreeBound(0, 0.0)
    return DegreeBound(max(b.degree for b in numerators), max(b.bits for b in numerators))


def is_zero(form: RationalForm, node: Any) -> bool:
    """Whether a node is identically zero as a rational function, by its expanded numerator; `form`
    has polynomials as numerators. Undefined where a denominator is identically zero."""
    if not isinstance(node, Node):
        return bool(node == 0)
    quotient = form(node.number)
    if any(form.atoms[atom] == 0 for atom, _ in quotient.powers):
        raise Undefined("a denominator is identically zero")
    return bool(quotient.numerator == 0)
