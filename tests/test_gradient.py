"""Reverse mode against finite differences, exact differentiation and derivatives by hand."""

import flint
import numpy as np
import pytest
import sympy

from theorylab import MDP, Model, Policy
from theorylab.arithmetic import using
from theorylab.engines.compiled import InputSource
from theorylab.errors import InvalidArgument, Unsupported
from theorylab.givens import build_instance, parameters_of
from theorylab.gradient import evaluate, gradient, pullback
from theorylab.lowering import Program, lower
from theorylab.notation import D, E, J, V, l1_norm, sup_norm
from theorylab.tape import TAPES, recording


def program_of(formula, inputs):
    """A formula of tape nodes, with functions of the tape by name, as a program."""
    with recording() as tape:
        x = [tape.input(str(k)) for k in range(inputs)]
        named = {
            name: lambda *args, name=name: tape.emit(name, *(tape.node(a).number for a in args))
            for name in ("abs", "max", "min", "sqrt", "log", "exp", "ratio", "x_log_ratio")
        }
        results = formula(*x, **named)
        return lower(tape, list(results) if isinstance(results, tuple) else [results])


def derivative(program, point):
    """The gradient at one point, as a list."""
    column = np.array(point, dtype=float)[:, None]
    return list(evaluate(gradient(program, len(point)))(column)[1:, 0])


RATIONAL = [
    (lambda x, y, z, **f: x * y / (1 + z) - x / (y * y + 2), 3),
    (lambda x, y, z, **f: (x - y) ** 3 / (x + y + z) + 1 / (1 - x * z), 3),
    (lambda x, y, z, **f: x - x + y - 3 * z, 3),
    (lambda x, y, z, **f: (1 - x) / (1 - x * y) * (x - 1) + 7, 3),
]


@pytest.mark.parametrize(("formula", "inputs"), RATIONAL)
def test_a_rational_function_is_differentiated_exactly(formula, inputs):
    """The derivative program, run in rationals, gives what sympy gives at rational points."""
    symbols = sympy.symbols("x y z")
    by_hand = [sympy.diff(formula(*symbols), s) for s in symbols]
    program = gradient(program_of(formula, inputs), inputs)
    at = [flint.fmpq(2, 7), flint.fmpq(3, 5), flint.fmpq(-1, 3)]
    point = dict(zip(symbols, (sympy.Rational(int(a.p), int(a.q)) for a in at), strict=True))
    expected = [sympy.Rational(d.subs(point)) for d in map(sympy.sympify, by_hand)]
    found = in_rationals(program, at)[1:]
    assert [(int(a.p), int(a.q)) for a in found] == [(int(e.p), int(e.q)) for e in expected]


def in_rationals(program, inputs):
    """A program of ring operations on exact numbers: a route of its own."""
    values = []
    for name, *operands in program.operations:
        if name == "input":
            values.append(inputs[int(operands[0])])
        elif name == "constant":
            values.append(flint.fmpq(operands[0].numerator, operands[0].denominator))
        else:
            x, y = (values[k] for k in operands)
            values.append(x + y if name == "+" else x - y if name == "-" else None)
            values[-1] = x * y if name == "*" else x / y if name == "/" else values[-1]
    return [values[r] for r in program.results]


SMOOTH = [
    (lambda x, y, **f: f["sqrt"](x) * f["log"](y) + f["exp"](x * y), 2),
    (lambda x, y, **f: f["x_log_ratio"](x, y) + f["ratio"](x, y), 2),
    (lambda x, y, **f: f["abs"](x - y) * f["max"](x, 2 * y) - f["min"](x, y) / x, 2),
    (lambda x, y, **f: f["max"](f["max"](x, y), f["abs"](x - 3)) ** 2, 2),
]


@pytest.mark.parametrize(("formula", "inputs"), SMOOTH)
@pytest.mark.parametrize("point", [(0.3, 0.8), (0.9, 0.2), (1.7, 2.9)])
def test_functions_agree_with_finite_differences(formula, inputs, point):
    """Away from kinks, by central differences."""
    program = program_of(formula, inputs)
    assert derivative(program, point) == pytest.approx(differences(program, point), rel=1e-6)


def differences(program, point, result=0, step=1e-6):
    """Central differences of one result."""
    run, found = evaluate(program), []
    for k in range(len(point)):
        ends = np.array([point, point], dtype=float).T
        ends[k] += [step, -step]
        up, down = run(ends)[result]
        found.append((up - down) / (2 * step))
    return found


KINKS = [
    (lambda x, y, **f: f["abs"](x), [0.0, 0.0], [0, 0]),
    (lambda x, y, **f: f["max"](x, y), [0.5, 0.5], [0.5, 0.5]),
    (lambda x, y, **f: f["min"](x, 3 * y), [0.5, 0.1], [0, 3]),
    (lambda x, y, **f: f["max"](x, x), [0.5, 0.1], [1, 0]),
    (lambda x, y, **f: f["sqrt"](x), [0.0, 0.0], [np.inf, 0]),
]


@pytest.mark.parametrize(("formula", "point", "expected"), KINKS)
def test_a_kink_has_a_subgradient(formula, point, expected):
    """Equal arguments share the weight of a maximum; |x| has 0 at 0; a root is steep at 0."""
    assert derivative(program_of(formula, 2), point) == expected


def bound(M: MDP, M_hat: Model, pi: Policy):
    """Both sides of Hoelder's bound, and the performance."""
    V_hat = V(M_hat, pi)
    error = E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat)
    return error, sup_norm(V_hat) * E(D(M, pi), l1_norm(M.P - M_hat.P)), J(M, pi)


@pytest.mark.parametrize("sizes", [{"S": 2, "A": 1}, {"S": 3, "A": 2}])
def test_a_bound_of_an_mdp_is_differentiated_through_its_linear_systems(sizes):
    """Every result and input; a weighted sum of results by the pullback; unread inputs give 0."""
    with recording() as tape, using(TAPES):
        source = InputSource(tape)
        program = lower(tape, list(bound(**build_instance(parameters_of(bound), source, sizes))))
    n = source.count
    point = np.random.default_rng(0).uniform(0.1, 0.9, n)
    by_result = np.array([differences(program, point, k) for k in range(3)])
    for k in range(3):
        found = evaluate(gradient(program, n, k))(point[:, None])
        assert found[0, 0] == evaluate(program)(point[:, None])[k, 0]
        assert found[1:, 0] == pytest.approx(by_result[k], abs=1e-6)
    weights = np.array([2.0, -1.0, 0.5])
    pulled = evaluate(pullback(program, n))(np.concatenate([point, weights])[:, None])
    assert pulled[3:, 0] == pytest.approx(weights @ by_result, abs=1e-6)
    start_only = lower(tape, [tape.emit("input", "0")])
    assert list(evaluate(gradient(start_only, 3))(np.ones((3, 1)))[:, 0]) == [1, 1, 0, 0]


def test_a_batch_is_its_columns():
    """Each instance of a batch is computed as it is alone, in the order of the results."""
    program = gradient(program_of(lambda x, y, **f: (x / y, x), 2), 2)
    values = np.random.default_rng(1).random((2, 7))
    batch = evaluate(program)(values)
    alone = np.concatenate([evaluate(program)(values[:, [k]]) for k in range(7)], axis=1)
    assert batch.shape == (3, 7) and (batch == alone).all()
    assert batch == pytest.approx(
        np.stack([values[0] / values[1], 1 / values[1], -values[0] / values[1] ** 2])
    )


def test_one_result_that_stands_twice_is_weighted_twice():
    """Equal results are one operation on the tape; their weights add up."""
    program = pullback(program_of(lambda x, **f: (x * x, x * x), 1), 1)
    assert evaluate(program)(np.array([[3.0], [1.0], [10.0]]))[2, 0] == 66


def test_what_cannot_be_done_is_said():
    """A result that is not there, too few rows, an operation without a derivative."""
    program = program_of(lambda x, y, **f: x + y, 2)
    with pytest.raises(InvalidArgument, match=r"result is 1, expected 0\.\.0"):
        gradient(program, 2, 1)
    with pytest.raises(InvalidArgument, match=r"values has shape \(1, 4\), expected \(2, n\)"):
        evaluate(program)(np.zeros((1, 4)))
    odd = Program((("input", "0"), ("gamma", 0)), (1,))
    with pytest.raises(Unsupported, match="gamma has no derivative"):
        gradient(odd, 1)
    with pytest.raises(Unsupported, match="gamma is not run in floats"):
        evaluate(odd)
