"""The tape: replaying it gives the number, its bounds bound, and it is as short as it can be."""

import math
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
from hypothesis import given

from tests import oracle
from tests.drawing import worlds
from theorylab import MDP, Model, Policy, equal
from theorylab.arithmetic import absolute, det, identity, laplace, log, maximum, solve, sqrt
from theorylab.claims import make_claim
from theorylab.engines.certificate import gaps, trace
from theorylab.errors import Undefined, Unsupported
from theorylab.notation import D, E, J, V, d_at
from theorylab.tape import (
    Node,
    RationalForm,
    Tape,
    cramer,
    degree_bound,
    is_zero,
    recording,
)
from theorylab.worlds.mdp import unchecked


def polynomials(tape: Tape, ring: Any, variables: dict[str, Any]) -> RationalForm:
    """The nodes of a tape with numerators expanded in a ring."""
    return RationalForm(tape, variables.__getitem__, ring.constant, cramer)


def replay(tape: Tape, inputs: dict[str, Fraction]) -> list[Fraction]:
    """The value of every node, in the standard library's fractions."""
    done: list[Fraction] = []
    plain = {
        "+": lambda x, y: x + y,
        "-": lambda x, y: x - y,
        "*": lambda x, y: x * y,
        "/": lambda x, y: x / y,
        "abs": abs,
        "max": max,
        "min": min,
    }
    for name, *operands in tape.operations:
        if name == "input":
            done.append(inputs[operands[0]])
        elif name == "constant":
            done.append(operands[0])
        elif name == "solve":
            system = tape.systems[operands[0]]
            rows = [[done[k] for k in row] for row in system.matrix]
            done.append(oracle.solve(rows, [done[k] for k in system.right])[operands[1]])
        else:
            done.append(plain[name](*(done[k] for k in operands)))
    return done


def traced(tape: Tape, world: Any, inputs: dict[str, Fraction]) -> Any:
    """A world whose entries are inputs of the tape; their values go into `inputs`."""

    def node(x: Any) -> Node:
        label = f"x{len(inputs)}"
        inputs[label] = Fraction(str(x))
        return tape.input(label)

    fields = {
        key: np.asarray(np.frompyfunc(node, 1, 1)(np.asarray(table, dtype=object)), dtype=object)
        for key, table in vars(world).items()
        if key != "sense"
    }
    if "gamma" in fields:
        fields["gamma"] = fields["gamma"][()]
    return unchecked(type(world), **fields, **({"sense": "cost"} if "gamma" in fields else {}))


TERMS = {
    "gap": lambda M, N, p, r: J(M, p) - J(N, r),
    "occupancy": lambda M, N, p, r: D(M, p)[0, 1],
    "step": lambda M, N, p, r: E(d_at(M, r, 2), V(N, p)),
    "order": lambda M, N, p, r: maximum(absolute(M.gamma - N.start[0]), V(M, p)[1]) / 3,
    "powers": lambda M, N, p, r: (1 + M.gamma) ** -2 - M.gamma**0 * 2,
}


@pytest.mark.parametrize("name", TERMS)
@given(drawn=worlds(2, 2))
def test_the_replayed_tape_is_the_rational(name: str, drawn: tuple) -> None:
    """Running the operations of the tape gives what the rationals give directly."""
    inputs: dict[str, Fraction] = {}
    with recording() as tape:
        node = TERMS[name](*(traced(tape, world, inputs) for world in drawn))
    assert replay(tape, inputs)[node.number] == Fraction(str(TERMS[name](*drawn)))


def test_equal_operations_stand_once() -> None:
    """Hash-consing: the same operation is the same node, and sums and products commute."""
    tape = Tape()
    x, y = tape.input("x"), tape.input("y")
    assert (x + y).number == (y + x).number and (x * y).number == (y * x).number
    assert (x - y).number != (y - x).number and (x / y).number != (y / x).number
    before = len(tape.operations)
    assert ((x + y) * (y + x)).number == ((x + y) * (x + y)).number
    assert len(tape.operations) == before + 1
    assert tape.input("x").number == x.number and tape.constant(2).number == (x * 0 + 2).number


def test_constants_fold_and_neutral_elements_vanish() -> None:
    """x + 0, x * 1, x / 1, x - 0 are x; x * 0, x - x are 0; constants are computed. 0 / x stays,
    since x may be 0."""
    tape = Tape()
    x = tape.input("x")
    for same in (x + 0, 0 + x, x * 1, 1 * x, x / 1, x - 0, x**1):
        assert same.number == x.number
    for zero in (x * 0, 0 * x, 0 / tape.constant(2), x - x):
        assert tape.value(zero.number) == 0
    folded = (tape.constant(1) / 3 + 2) * 3 - 5
    assert tape.value(folded.number) == 2
    assert tape.value((x**0).number) == 1 and (2 - x).number != (x - 2).number
    assert tape.count() == 2  # 2 - x and x - 2 are all that must be computed
    assert tape.value((0 / x).number) is None and tape.count() == 3


def test_a_constant_denominator_of_zero_is_an_error() -> None:
    """Division by the constant 0 is no operation."""
    with pytest.raises(ZeroDivisionError):
        Tape().input("x") / 0


@pytest.mark.parametrize("decide", [bool, lambda x: x < 1, lambda x: x == 0])
def test_a_tape_cannot_branch(decide) -> None:
    """Truth, order and equality of nodes are refused."""
    with pytest.raises(Unsupported, match="tape"):
        decide(Tape().input("x"))


def test_functions_are_nodes_without_a_polynomial() -> None:
    """Roots and logs are recorded, constants too, and have no degree."""
    for function in (sqrt, lambda x: log(x) + 1, lambda x: maximum(x, 2)):
        with recording() as tape:
            x = tape.input("x")
            square, node = x * x, function(x)
        assert degree_bound(tape, square, 3).degree == 2
        with pytest.raises(Unsupported, match="no polynomial form"):
            degree_bound(tape, node)


def simulation(M: MDP, M_hat: Model, pi: Policy):
    V_hat = V(M_hat, pi)
    gap = E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat)
    return equal(J(M, pi) - J(M_hat, pi), M.gamma / (1 - M.gamma) * gap)


def off_by_a_discount(M: MDP, M_hat: Model, pi: Policy):
    V_hat = V(M_hat, pi)
    gap = E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat)
    return equal(J(M, pi) - J(M_hat, pi), 1 / (1 - M.gamma) * gap)


def thirds(M: MDP, pi: Policy):
    return equal(V(M, pi) / 3 - M.gamma / 7, M.c.sum(1) / 5 / (2 + M.gamma**2))


def two_steps(M: MDP, pi: Policy):
    return equal(E(d_at(M, pi, 2), M.c.sum(1)), J(M, pi) * det(M.P[:, 0] * M.gamma - 3))


CLAIMS = {f.__name__: f for f in (simulation, off_by_a_discount, thirds, two_steps)}


def expanded(tape: Tape, nodes: list[Node]) -> list[Any]:
    """Numerators and denominators of the nodes, expanded over the integers by flint."""
    labels = [op[1] for op in tape.operations if op[0] == "input"]
    ring = flint.fmpz_mpoly_ctx.get(labels, "lex")
    variables = dict(zip(labels, ring.gens(), strict=True))
    form = RationalForm(tape, variables.__getitem__, ring.constant, cramer)
    quotients = [form(node.number) for node in nodes if isinstance(node, Node)]
    atoms = [form.atoms[a] for q in quotients for a, _ in q.powers]
    return [*(q.numerator for q in quotients), *atoms]


@pytest.mark.parametrize("name", CLAIMS)
@pytest.mark.parametrize(("S", "A"), [(1, 1), (2, 1), (2, 2)])
def test_the_degree_bound_is_an_upper_bound(name: str, S: int, A: int) -> None:
    """No expanded numerator or denominator has a larger degree or larger coefficients."""
    tape, links = trace(make_claim(CLAIMS[name], "test", name), {"S": S, "A": A})
    nodes = gaps(links)
    bound = degree_bound(tape, *nodes)
    for polynomial in expanded(tape, nodes):
        if polynomial != 0:
            assert polynomial.total_degree() <= bound.degree
            size = sum(abs(int(c)) for c in polynomial.coeffs())
            assert math.log2(size) <= bound.bits + 1e-9


@pytest.mark.parametrize(("name", "zero"), [("simulation", True), ("off_by_a_discount", False)])
def test_expansion_tells_an_identity_from_a_near_miss(name: str, zero: bool) -> None:
    """The numerator of a true identity is the zero polynomial, that of a false one is not."""
    tape, links = trace(make_claim(CLAIMS[name], "test", name), {"S": 2, "A": 1})
    labels = [op[1] for op in tape.operations if op[0] == "input"]
    ring = flint.fmpz_mpoly_ctx.get(labels, "lex")
    variables = dict(zip(labels, ring.gens(), strict=True))
    assert is_zero(polynomials(tape, ring, variables), gaps(links)[0]) is zero


def test_a_denominator_that_is_zero_is_undefined() -> None:
    """A quotient over the zero polynomial is no statement."""
    with recording() as tape:
        x = tape.input("x")
        square = x * x - x * x * 1
        node = 1 / (square + (x + 1) * (x + 1) - x * x - 2 * x - 1)
    ring = flint.fmpz_mpoly_ctx.get(["x"], "lex")
    with pytest.raises(Undefined, match="identically zero"):
        is_zero(polynomials(tape, ring, {"x": ring.gen(0)}), node)


@given(worlds(3, 1))
def test_determinants_by_expansion_agree_with_flint(drawn: tuple) -> None:
    """laplace and cramer compute what flint's determinant and solver compute."""
    M = drawn[0]
    A, b = 3 * identity(M.S) - M.P[:, 0] * M.gamma, M.payoff[:, 0]
    below, above = cramer(A.tolist(), list(b))
    assert laplace(A.tolist()) == below == det(A)
    assert [x / below for x in above] == list(solve(A, b))
