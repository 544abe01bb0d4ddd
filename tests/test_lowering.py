"""Programs without linear systems: what they compute, in rationals, and what they share."""

from operator import add, mul, sub, truediv
from types import SimpleNamespace

import flint
import numpy as np
import pytest

import theorylab as lab
from theorylab import MDP, Model, Policy, at_most, claim, equal
from theorylab.engines.compiled import InputSource
from theorylab.errors import Unsupported
from theorylab.givens import build_instance
from theorylab.lowering import Program, arranged, lower
from theorylab.notation import D, E, J, T_pi, V, coverage, d
from theorylab.tape import recording


@claim("simulation lemma")
def simulation(M: MDP, M_hat: Model, pi: Policy):
    V_hat = V(M_hat, pi)
    gap = E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat)
    return equal(J(M, pi) - J(M_hat, pi), M.gamma / (1 - M.gamma) * gap)


@claim("occupancy before value")
def dual(M: MDP, pi: Policy):
    return equal((1 - M.gamma) * J(M, pi), E(D(M, pi), M.c))


@claim("recursion")
def recursion(M: MDP, pi: Policy):
    return at_most(V(M, pi), T_pi(M, pi, V(M, pi)))


@claim("coverage")
def covered(M: MDP, pi: Policy, nu: lab.StateActionDistribution):
    return at_most(E(D(M, pi), M.c), coverage(D(M, pi), nu) * E(nu, M.c + 1))


CASES = [
    (simulation, {"S": 3, "A": 2}), (simulation, {"S": 1, "A": 1}), (dual, {"S": 3, "A": 2}),
    (recursion, {"S": 3, "A": 2}), (covered, {"S": 2, "A": 3}),
]  # fmt: skip


def sides(claim, source, sizes):
    """Both sides of every link, entry by entry."""
    links = claim(**build_instance(claim.parameters, source, sizes)).links
    pairs = [p for k in links for p in zip(np.ravel(k.lhs), np.ravel(k.rhs), strict=True)]
    return [side for pair in pairs for side in pair]


def computed(program, inputs):
    """A program in rationals."""
    functions = {"+": add, "-": sub, "*": mul, "/": truediv, "ratio": truediv}
    functions |= {"max": max, "min": min, "abs": lambda x: max(x, -x)}
    values = []
    for name, *operands in program.operations:
        if name == "input":
            values.append(inputs[int(operands[0])])
        elif name == "constant":
            values.append(flint.fmpq(operands[0].numerator, operands[0].denominator))
        else:
            values.append(functions[name](*(values[k] for k in operands)))
    return [values[r] for r in program.results]


@pytest.mark.parametrize(("claim", "sizes"), CASES, ids=lambda c: getattr(c, "name", ""))
def test_lowering_computes_what_exact_arithmetic_does(claim, sizes):
    """Without a linear system left, the program gives both sides to the last digit."""
    with recording() as tape:
        source = InputSource(tape)
        program = lower(tape, sides(claim, source, sizes))
    assert all(op[0] != "solve" for op in program.operations)
    drawn = [flint.fmpq(int(k), 97) for k in np.random.default_rng(0).integers(1, 97, source.count)]
    known = InputSource(SimpleNamespace(input=lambda label: drawn[int(label)]))
    assert computed(program, drawn) == sides(claim, known, sizes)


@pytest.mark.parametrize("first", ["value", "occupancy"])
def test_value_and_occupancy_share_one_elimination(first):
    """Their matrices are each other's transposes: as many divisions as one of them has states."""
    parts = {"value": V, "occupancy": d}
    parts = {first: parts.pop(first), **parts}
    with recording() as tape:
        given = build_instance(dual.parameters, InputSource(tape), {"S": 3, "A": 2})
        vectors = [part(given["M"], given["pi"]) for part in parts.values()]
        program = lower(tape, [entry for vector in vectors for entry in vector])
    assert sum(op[0] == "/" for op in program.operations) == 3


def test_operations_stand_just_before_their_use():
    """Whatever the order on the tape; what no result needs is left out."""
    inputs = [("input", "0"), ("input", "1")]
    operations = [*inputs, ("+", 0, 1), ("*", 0, 0), ("-", 2, 3), ("/", 2, 1)]
    assert arranged(operations, [3, 4, 3]) == Program(
        (("input", "0"), ("*", 0, 0), ("input", "1"), ("+", 0, 2), ("-", 3, 1)), (1, 4, 1)
    )


def test_a_pivot_that_is_the_constant_zero_is_not_compiled():
    """Elimination without pivots does not do (it would divide by zero), and says so."""
    matrix = np.array([[0, 1], [1, 0]], dtype=object)
    with recording() as tape, pytest.raises(Unsupported, match="pivot is 0"):
        lower(tape, list(tape.solve(matrix, np.array([tape.input("0"), 1], dtype=object))))
