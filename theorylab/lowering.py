"""A tape lowered to straight-line arithmetic: linear systems become elimination without pivots.

Without pivots is safe for I - gamma P and for positive definite systems. For any other matrix a
pivot may vanish: the compiled code then yields an infinity or NaN, which is a suspicion like any
other and goes to exact arithmetic, so that speed may suffer but no verdict.

A = L U serves every system with the matrix A, and with A^T = U^T L^T: values and occupancies of one
policy share one elimination. Operations stand in the order in which their results are wanted, each
as late as it may, so that few values wait at any time: they stay in registers or near the core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from theorylab.errors import Unsupported
from theorylab.tape import Node, System, Tape

ARITHMETIC = ("+", "-", "*", "/")
Operation = tuple[Any, ...]


@dataclass(frozen=True)
class Program:
    """Operations in order (no "solve" among them) and the operations that are its results.

    An operation is ("input", label), ("constant", Fraction) or a name with the numbers of its
    operands: + - * /, those of `tape.FUNCTIONS`, and "sign" (-1, 0 or 1). Labels are "0", "1", ...:
    the places of the inputs.
    """

    operations: tuple[Operation, ...]
    results: tuple[int, ...]

    def count(self) -> int:
        """How many arithmetic operations it does."""
        return sum(op[0] not in ("input", "constant") for op in self.operations)

    def inputs(self) -> int:
        """How many inputs it needs: one more than the largest label."""
        return 1 + max((int(op[1]) for op in self.operations if op[0] == "input"), default=-1)


def lower(tape: Tape, results: list[Any]) -> Program:
    """The program that computes these nodes, with nothing in it that they do not need.

    Raises Unsupported where a pivot or another divisor is the constant 0.
    """
    try:
        flat, done = _flattened(tape)
    except ZeroDivisionError:
        raise Unsupported("a pivot is 0 at this shape: elimination needs a choice") from None
    nodes = [done[r.number] if isinstance(r, Node) else flat.node(r) for r in results]
    return arranged(flat.operations, [node.number for node in nodes])


def _flattened(tape: Tape) -> tuple[Tape, dict[int, Node]]:
    """A tape without systems, and its node for each node of the given one."""
    flat, solver = Tape(), _Solver()
    done: dict[int, Node] = {}
    solutions: dict[int, list[Any]] = {}
    for number, (name, *operands) in enumerate(tape.operations):
        if name == "solve":
            system, row = operands
            if system not in solutions:
                solutions[system] = solver.solve(tape.systems[system], done)
            done[number] = flat.node(solutions[system][row])
        elif name in ("input", "constant"):
            done[number] = flat.emit(name, *operands)
        elif name in ARITHMETIC:
            done[number] = flat.binary(name, *(done[k].number for k in operands))
        else:
            done[number] = flat.emit(name, *(done[k].number for k in operands))
    return flat, done


# ---- linear systems ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Factors:
    """A = L U without pivots: L has ones on its diagonal, `inverses` are those of U's diagonal."""

    lower: list[list[Any]]
    upper: list[list[Any]]
    inverses: list[Any]


@dataclass
class _Solver:
    """Solves the systems of a tape; those with the same matrix, or its transpose, share factors."""

    known: dict[tuple[tuple[int, ...], ...], Factors] = field(default_factory=dict)

    def solve(self, system: System, done: dict[int, Node]) -> list[Any]:
        """The solution in nodes of the flat tape, which folds and shares what it can."""
        rows = [[done[k] for k in row] for row in system.matrix]
        right = [done[k] for k in system.right]
        key = tuple(tuple(node.number for node in row) for row in rows)
        mirror = tuple(zip(*key, strict=True))
        if key not in self.known and mirror in self.known:
            return _substitute_transposed(self.known[mirror], right)
        if key not in self.known:
            self.known[key] = _factorise(rows)
        return _substitute(self.known[key], right)


def _factorise(rows: list[list[Any]]) -> Factors:
    """L and U, entry by entry: each is one chain of fused multiply-adds."""
    n = len(rows)
    lower: list[list[Any]] = [[] for _ in range(n)]
    upper: list[list[Any]] = [[None] * n for _ in range(n)]
    inverses: list[Any] = []
    for i in range(n):
        for j in range(n):
            known = min(i, j)
            entry = _less(rows[i][j], [(lower[i][k], upper[k][j]) for k in range(known)])
            if j < i:
                lower[i].append(entry * inverses[j])
            else:
                upper[i][j] = entry
        inverses.append(1 / upper[i][i])
    return Factors(lower, upper, inverses)


def _substitute(factors: Factors, right: list[Any]) -> list[Any]:
    """x with L U x = right."""
    n = len(right)
    y: list[Any] = []
    for i in range(n):
        y.append(_less(right[i], [(factors.lower[i][k], y[k]) for k in range(i)]))
    for i in reversed(range(n)):
        rest = _less(y[i], [(factors.upper[i][k], y[k]) for k in range(i + 1, n)])
        y[i] = rest * factors.inverses[i]
    return y


def _substitute_transposed(factors: Factors, right: list[Any]) -> list[Any]:
    """x with U^T L^T x = right."""
    n = len(right)
    z: list[Any] = []
    for i in range(n):
        rest = _less(right[i], [(factors.upper[k][i], z[k]) for k in range(i)])
        z.append(rest * factors.inverses[i])
    for i in reversed(range(n)):
        z[i] = _less(z[i], [(factors.lower[k][i], z[k]) for k in range(i + 1, n)])
    return z


def _less(start: Any, products: list[tuple[Any, Any]]) -> Any:
    """start - the sum of the products."""
    for x, y in products:
        start = start - x * y
    return start


# ---- order ---------------------------------------------------------------------------------------


def arranged(operations: Sequence[Operation], results: Sequence[int]) -> Program:
    """The program of these results: what they need, each operation just before its first use."""
    places: dict[int, int] = {}
    ordered: list[Operation] = []
    waiting = list(reversed(results))
    while waiting:
        number = waiting[-1]
        missing = [k for k in operands(operations[number]) if k not in places]
        if number in places or not missing:
            waiting.pop()
            if number not in places:
                places[number] = len(ordered)
                ordered.append(_renumbered(operations[number], places))
        else:
            waiting.extend(reversed(missing))
    return Program(tuple(ordered), tuple(places[r] for r in results))


def operands(operation: Operation) -> tuple[int, ...]:
    """The numbers of the operations that an operation reads."""
    return () if operation[0] in ("input", "constant") else operation[1:]


def _renumbered(operation: Operation, places: dict[int, int]) -> Operation:
    if operation[0] in ("input", "constant"):
        return operation
    return (operation[0], *(places[k] for k in operation[1:]))
