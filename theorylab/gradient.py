"""Derivatives of a program by reverse mode, and programs run on float64 batches.

    pullback(program, n)   inputs x_0, ..., x_{n-1}, then one weight w_j for each result r_j
                           results r_j(x), then sum_j w_j dr_j / dx_i for each i
    gradient(program, n)   results r(x), then dr / dx_i for each i, of one chosen result

Both are programs again: straight-line arithmetic in the operations of the tape and one more,
"sign" (-1, 0, 1). Where a function has a kink the result is a subgradient: sign(0) = 0, so a
maximum shares its weight between equal arguments. At the edge of a domain (sqrt and log at 0,
x / 0 in a ratio) a derivative is infinite or NaN, which the caller must expect.

Source: Griewank and Walther, Evaluating Derivatives, chapter 3 (reverse mode), 14 (kinks).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, _float_ratio, float_x_log_ratio
from theorylab.errors import InvalidArgument, Unsupported
from theorylab.lowering import Program, lower
from theorylab.tape import Node, Tape

LEAVES = ("input", "constant")


def gradient(program: Program, inputs: int, result: int = 0) -> Program:
    """One result of a program and its partial derivatives by inputs 0, ..., inputs - 1."""
    if not 0 <= result < len(program.results):
        raise InvalidArgument(f"result is {result}, expected 0..{len(program.results) - 1}")
    tape, nodes = _loaded(program)
    chosen = nodes[program.results[result]]
    adjoints = _sweep(tape, {chosen.number: tape.constant(1)})
    return _program(tape, [chosen], _partials(tape, adjoints, inputs))


def pullback(program: Program, inputs: int) -> Program:
    """All results, and the derivatives of their sum weighted by further inputs, one per result."""
    tape, nodes = _loaded(program)
    results = [nodes[r] for r in program.results]
    weights: dict[int, Node] = {}
    for place, node in enumerate(results):
        weight = tape.input(str(inputs + place))
        weights[node.number] = weights[node.number] + weight if node.number in weights else weight
    return _program(tape, results, _partials(tape, _sweep(tape, weights), inputs))


def _loaded(program: Program) -> tuple[Tape, list[Node]]:
    """A tape with the program's operations, and the node of each."""
    tape = Tape()
    nodes: list[Node] = []
    for name, *operands in program.operations:
        if name in LEAVES:
            nodes.append(tape.emit(name, *operands))
        else:
            nodes.append(tape.emit(name, *(nodes[k].number for k in operands)))
    return tape, nodes


def _program(tape: Tape, results: list[Node], partials: list[Node]) -> Program:
    return lower(tape, [*results, *partials])


def _partials(tape: Tape, adjoints: Mapping[int, Node], inputs: int) -> list[Node]:
    """The adjoint of each input; the constant 0 for one that the program does not read."""
    numbers = {op[1]: k for k, op in enumerate(tape.operations) if op[0] == "input"}
    places = [numbers.get(str(k), -1) for k in range(inputs)]
    return [adjoints[p] if p in adjoints else tape.constant(0) for p in places]


def _sweep(tape: Tape, weights: Mapping[int, Node]) -> dict[int, Node]:
    """The adjoint of every operation on the tape that the weighted results depend on."""
    adjoints = dict(weights)
    for number in reversed(range(max(weights) + 1)):
        name, *operands = tape.operations[number]
        if number not in adjoints or name in LEAVES:
            continue
        if name not in RULES:
            raise Unsupported(f"{name} has no derivative here")
        shares = RULES[name](
            adjoints[number], Node(tape, number), *(Node(tape, k) for k in operands)
        )
        for operand, share in zip(operands, shares, strict=True):
            known = adjoints.get(operand)
            adjoints[operand] = share if known is None else known + share
    return adjoints


def _emit(name: str, *operands: Node) -> Node:
    return operands[0].tape.emit(name, *(x.number for x in operands))


def _larger(w: Node, x: Node, y: Node) -> tuple[Node, Node]:
    """w to x where x > y, w to y where y > x, half and half where they are equal (as for max)."""
    sign = _emit("sign", x - y)
    return w * (1 + sign) / 2, w * (1 - sign) / 2


def _ratio(w: Node, value: Node, y: Node) -> tuple[Node, Node]:
    return _emit("ratio", w, y), -_emit("ratio", w * value, y)


def _x_log_ratio(w: Node, x: Node, y: Node) -> tuple[Node, Node]:
    quotient = _emit("ratio", x, y)
    return w * (_emit("log", quotient) + 1), -(w * quotient)


RULES: dict[str, Callable[..., tuple[Node, ...]]] = {
    "+": lambda w, value, x, y: (w, w),
    "-": lambda w, value, x, y: (w, -w),
    "*": lambda w, value, x, y: (w * y, w * x),
    "/": lambda w, value, x, y: (w / y, -(w * value / y)),
    "abs": lambda w, value, x: (w * _emit("sign", x),),
    "max": lambda w, value, x, y: _larger(w, x, y),
    "min": lambda w, value, x, y: _larger(w, y, x),
    "sqrt": lambda w, value, x: (w / (2 * value),),
    "log": lambda w, value, x: (w / x,),
    "exp": lambda w, value, x: (w * value,),
    "ratio": lambda w, value, x, y: _ratio(w, value, y),
    "x_log_ratio": lambda w, value, x, y: _x_log_ratio(w, x, y),
}
"""For each operation: what its weight w gives to each of its operands."""


# ---- running a program on floats -----------------------------------------------------------------

FLOAT_OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "abs": np.abs,
    "sign": np.sign,
    "max": np.maximum,
    "min": np.minimum,
    "sqrt": np.sqrt,
    "log": np.log,
    "exp": np.exp,
    "ratio": _float_ratio,
    "x_log_ratio": float_x_log_ratio,
}


def evaluate(program: Program) -> Callable[[Array], Array]:
    """The program as a function of float64 tables: inputs (inputs, n) to results (results, n).

    Input "k" of the program is row k. What is not defined is infinite or NaN, without a warning.
    """
    steps = [_step(operation) for operation in program.operations]
    needed = 1 + max((int(op[1]) for op in program.operations if op[0] == "input"), default=-1)

    def run(values: Array) -> Array:
        if values.ndim != 2 or len(values) < needed:
            raise InvalidArgument(f"values has shape {values.shape}, expected ({needed}, n)")
        found: list[Any] = []
        with np.errstate(all="ignore"):
            for function, operands in steps:
                if function is None:
                    found.append(values[operands[0]])
                else:
                    found.append(function(*(found[k] for k in operands)))
        out = np.empty((len(program.results), values.shape[1]))
        for row, number in enumerate(program.results):
            out[row] = found[number]
        return out

    return run


def _step(operation: tuple[Any, ...]) -> tuple[Callable[..., Any] | None, tuple[int, ...]]:
    """What computes an operation, and from which earlier ones; None for an input and its row."""
    name, *operands = operation
    if name == "input":
        return None, (int(operands[0]),)
    if name == "constant":
        value = _as_float(operands[0])
        return (lambda: value), ()
    if name not in FLOAT_OPERATIONS:
        raise Unsupported(f"{name} is not run in floats")
    return FLOAT_OPERATIONS[name], tuple(operands)


def _as_float(value: Any) -> np.float64:
    try:
        return np.float64(value)
    except OverflowError:
        raise Unsupported("a constant is too large for floats") from None
