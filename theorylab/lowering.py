"""A tape lowered to straight-line arithmetic: linear systems become elimination without pivots.

Without pivots is safe for I - gamma P and for positive definite systems. For any other matrix a
pivot may vanish: the compiled code then yields an infinity or NaN, which is a suspicion like any
other and goes to exact arithmetic, so that speed may suffer but no verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.tape import FUNCTIONS, Node, Tape


@dataclass(frozen=True)
class Program:
    """Operations in order (no "solve" among them) and the operations that are its results."""

    operations: tuple[tuple[Any, ...], ...]
    results: tuple[int, ...]

    def count(self) -> int:
        """How many arithmetic operations it does."""
        return sum(op[0] not in ("input", "constant") for op in self.operations)


def lower(tape: Tape, results: list[Any]) -> Program:
    """The program that computes these nodes, with nothing in it that they do not need."""
    flat, done, solutions = Tape(), {}, {}  # type: ignore[var-annotated]
    for number, (name, *operands) in enumerate(tape.operations):
        if name == "solve":
            system, row = operands
            if system not in solutions:
                solutions[system] = _eliminate(tape, system, done)
            done[number] = solutions[system][row]
        elif name in ("input", "constant"):
            done[number] = flat.emit(name, *operands)
        elif name in FUNCTIONS or name == "sign":
            done[number] = flat.emit(name, *(done[k].number for k in operands))
        else:
            done[number] = flat.binary(name, *(done[k].number for k in operands))
    nodes = [done[r.number] if isinstance(r, Node) else flat.node(r) for r in results]
    return _pruned(flat, [node.number for node in nodes])


def _eliminate(tape: Tape, system: int, done: dict[int, Node]) -> Array:
    """Gaussian elimination on nodes of the flat tape, which folds and shares what it can."""
    found = tape.systems[system]
    rows = np.array([[done[k] for k in row] for row in found.matrix], dtype=object)
    right = np.array([done[k] for k in found.right], dtype=object)
    n = len(right)
    for k in range(n):
        inverse = 1 / rows[k, k]
        for i in range(k + 1, n):
            factor = rows[i, k] * inverse
            rows[i, k + 1 :] = rows[i, k + 1 :] - factor * rows[k, k + 1 :]
            right[i] = right[i] - factor * right[k]
    for k in reversed(range(n)):
        rest = right[k] - (rows[k, k + 1 :] * right[k + 1 :]).sum() if k + 1 < n else right[k]
        right[k] = rest / rows[k, k]
    return right


def _pruned(tape: Tape, results: list[int]) -> Program:
    needed, waiting = set(), list(results)
    while waiting:
        number = waiting.pop()
        if number not in needed:
            needed.add(number)
            waiting.extend(_operands(tape.operations[number]))
    order = {old: new for new, old in enumerate(sorted(needed))}
    operations = tuple(_renumbered(tape.operations[old], order) for old in sorted(needed))
    return Program(operations, tuple(order[r] for r in results))


def _operands(operation: tuple[Any, ...]) -> tuple[int, ...]:
    return () if operation[0] in ("input", "constant") else operation[1:]


def _renumbered(operation: tuple[Any, ...], order: dict[int, int]) -> tuple[Any, ...]:
    if operation[0] in ("input", "constant"):
        return operation
    return (operation[0], *(order[k] for k in operation[1:]))
