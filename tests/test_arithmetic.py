"""The number systems against each other, and what each of them lacks."""

import math
from decimal import Decimal
from fractions import Fraction

import flint
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from tests import oracle
from tests.drawing import UNIT, as_float, as_rational, cast, table, worlds
from theorylab.arithmetic import (
    FLOATS,
    PRIME_FIELD,
    RATIONALS,
    absolute,
    as_array,
    det,
    exp,
    identity,
    inf,
    inverse,
    l1_norm,
    log,
    maximum,
    minimum,
    positive,
    ratio,
    solve,
    sqrt,
    sup,
    sup_norm,
    symbols_system,
    system_of,
    using,
    x_log_ratio,
)
from theorylab.balls import BALLS, Ball
from theorylab.errors import Undefined, Unsupported, VoidBound
from theorylab.extended import Infinity
from theorylab.germs import Germ
from theorylab.lanes import LANES, Lanes
from theorylab.theory.planning import optimal_value
from theorylab.theory.tabular import (
    action_value,
    advantage,
    occupancy,
    performance,
    state_occupancy_at,
    value,
)

P61 = 2**61 - 1
RING = {
    "value": lambda M, N, p, r: value(N, p),
    "action value": lambda M, N, p, r: action_value(M, r),
    "advantage": lambda M, N, p, r: advantage(N, r),
    "occupancy": lambda M, N, p, r: occupancy(M, p),
    "step": lambda M, N, p, r: state_occupancy_at(M, r, 2),
    "gap": lambda M, N, p, r: M.gamma / (1 - M.gamma) * (M.P @ value(N, p) - N.P @ value(N, p)),
    "performance": lambda M, N, p, r: performance(M, p) - performance(N, r),
    "determinant": lambda M, N, p, r: det(identity(M.S) * 2 - M.gamma * M.P[:, 0]),
    "inverse": lambda M, N, p, r: inverse(identity(M.S) - M.gamma * M.P[:, 1]),
}
ORDERED = {
    "l1": lambda M, N, p, r: l1_norm(M.P - N.P),
    "sup norm": lambda M, N, p, r: sup_norm(advantage(M, p)),
    "positive": lambda M, N, p, r: positive(M.payoff - M.P @ N.start),
    "sup and inf": lambda M, N, p, r: sup(M.P, 1) - inf(M.P, 1),
    "min and max": lambda M, N, p, r: minimum(M.start, 0) + maximum(M.payoff.sum(), 1),
    "optimal value": lambda M, N, p, r: optimal_value(M),
}


def residue(x: flint.fmpq) -> flint.nmod:
    """x modulo the Mersenne prime 2^61 - 1."""
    return flint.nmod(int(x.p), P61) / flint.nmod(int(x.q), P61)


def holds(ball: object, x: flint.fmpq) -> bool:
    """Whether the ball contains the rational."""
    own = ball.arb if isinstance(ball, Ball) else flint.arb(ball)
    rest = own * int(x.q) if isinstance(x, flint.fmpq) else own
    return rest.contains(int(x.p) if isinstance(x, flint.fmpq) else x)


def entries(side: object) -> list:
    """All entries of an array, or the one number."""
    return list(np.ravel(np.asarray(side, dtype=object)))


@pytest.mark.parametrize("name", [*RING, *ORDERED])
@given(drawn=worlds())
def test_floats_and_balls_agree_with_the_rationals(name: str, drawn: tuple) -> None:
    """The float is within 1e-10 of the rational, and the ball holds it."""
    compute = {**RING, **ORDERED}[name]
    exact = entries(compute(*drawn))
    floats = entries(compute(*(cast(world, as_float) for world in drawn)))
    with using(BALLS):
        balls = entries(compute(*(cast(world, Ball) for world in drawn)))
    for x, f, ball in zip(exact, floats, balls, strict=True):
        assert abs(as_float(x) - f) <= 1e-10 * max(1, abs(f))
        assert holds(ball, x)


@pytest.mark.parametrize("name", RING)
@given(drawn=worlds())
def test_the_prime_field_agrees_with_the_rationals(name: str, drawn: tuple) -> None:
    """Ring arithmetic modulo p is the residue of the rational."""
    exact = entries(RING[name](*drawn))
    with using(PRIME_FIELD):
        modular = entries(RING[name](*(cast(world, residue) for world in drawn)))
    assert modular == [residue(flint.fmpq(x)) for x in exact]


@pytest.mark.parametrize("name", ORDERED)
@given(drawn=worlds(2, 1))
def test_a_prime_field_has_no_order(name: str, drawn: tuple) -> None:
    """What needs an order raises Unsupported in a prime field."""
    with pytest.raises(Unsupported, match="prime field"), using(PRIME_FIELD):
        ORDERED[name](*(cast(world, residue) for world in drawn))


@given(table(UNIT, 3, 3), table(UNIT, 3))
def test_solve_and_det_agree_with_elimination(rows: list, right: list) -> None:
    """flint's solution is that of Gauss' elimination in the standard library."""
    A, b = (np.frompyfunc(as_rational, 1, 1)(np.array(t, dtype=object)) for t in (rows, right))
    assert Fraction(str(det(A))) == oracle.det(rows)
    if oracle.det(rows) == 0:
        with pytest.raises(ZeroDivisionError):
            solve(A, b)
    else:
        assert oracle.fractions(solve(A, b)) == oracle.solve(rows, right)
        assert (inverse(A) @ A == identity(3)).all()


def test_symbols_agree_with_the_rationals() -> None:
    """A symbolic value, with numbers put in for its symbols, is the exact value."""
    symbols_system()
    g, p, c = sympy.symbols("g p c")
    A = np.array([[1 - g * p, g * p - g], [0, 1 - g]], dtype=object)
    x = solve(A, np.array([c, sympy.Integer(1)], dtype=object))
    at = {g: sympy.Rational(1, 2), p: sympy.Rational(1, 3), c: sympy.Rational(1, 5)}
    numbers = [[Fraction(5, 6), Fraction(-1, 3)], [Fraction(0), Fraction(1, 2)]]
    expected = oracle.solve(numbers, [Fraction(1, 5), Fraction(1)])
    assert [Fraction(str(sympy.nsimplify(e.subs(at)))) for e in x] == expected
    assert sympy.simplify(det(A) - (1 - g * p) * (1 - g)) == 0


LACKING = [
    (name, function, system)
    for function, name in ((sqrt, "sqrt"), (log, "log"), (exp, "exp"))
    for system in ("rationals", "prime field")
] + [
    (name, function, "prime field")
    for function, name in ((absolute, "abs"), (sup, "max"), (inf, "min"))
]


@pytest.mark.parametrize(("name", "function", "system"), LACKING)
def test_a_lacking_operation_says_so_and_names_what_remains(name, function, system) -> None:
    """Unsupported names the operation, the number system and the engines that remain."""
    element = flint.fmpq(1, 3) if system == "rationals" else flint.nmod(3, P61)
    with pytest.raises(Unsupported) as caught:
        function(np.array([element], dtype=object))
    for word in (f"{name} does not exist", system, "ball", "sweep"):
        assert word in str(caught.value)


ZERO = {
    "rationals": flint.fmpq(0),
    "balls": Ball(0),
    "floats": 0.0,
    "lanes": Lanes(np.zeros(2)),
    "symbols": sympy.Integer(0),
}


def number(x: object) -> float:
    """An element as one float: a lane's first instance, a ball's midpoint."""
    if isinstance(x, Lanes):
        return float(x.values[0])
    return float(x.mid()) if isinstance(x, flint.arb) else float(Fraction(str(x)))


@pytest.mark.parametrize("system", ZERO)
def test_zero_over_zero_is_zero(system: str) -> None:
    """The convention 0/0 = 0 for ratios, and 0 log(0/y) = 0 for every y, in each system."""
    symbols_system()
    zero = ZERO[system]
    for y in (zero, zero + 1):
        assert number(flint_or_float(ratio(zero, y))) == 0
        assert number(flint_or_float(x_log_ratio(zero, y)) if system != "rationals" else 0) == 0


def flint_or_float(x: object) -> object:
    """Balls by their midpoint, the rest as it is."""
    return float(x.arb.mid()) if isinstance(x, Ball) else x


@pytest.mark.parametrize("system", ["rationals", "balls"])
def test_one_over_zero_is_infinite_in_exact_systems(system: str) -> None:
    """x/0 has the sign of x and x log(x/0) is infinite; what has no value is void."""
    one = ZERO[system] + 1
    assert ratio(one, one - 1) == Infinity() and ratio(-one, one - 1) == Infinity(-1)
    if system == "balls":
        assert x_log_ratio(one, one - 1) == Infinity()
    infinite = ratio(one, one - 1)
    assert one / infinite == 0 and 1 - infinite == -infinite == Infinity(-1)
    assert -1 * infinite == Infinity(-1)
    assert maximum(one, infinite) == infinite and minimum(infinite, one) == one
    table = np.array([one, one + 1], dtype=object)
    for either in (infinite + table, infinite * table, table - infinite, infinite / table):
        assert either.shape == (2,) and all(abs(e) == infinite for e in either)
    for void in (
        lambda: infinite - infinite,
        lambda: infinite * 0,
        lambda: (one - 1) * infinite,
        lambda: infinite / infinite,
        lambda: -one * infinite,
        lambda: solve(np.array([[infinite]]), np.array([one])),
    ):
        with pytest.raises(VoidBound):
            void()


@pytest.mark.parametrize("system", ["floats", "lanes"])
def test_one_over_zero_is_infinite_in_floats(system: str) -> None:
    """x/0 and x log(x/0) are infinite, so that a batch can mark the instance as void."""
    one = ZERO[system] + 1
    for found in (ratio(one, ZERO[system]), x_log_ratio(one, ZERO[system])):
        assert np.isposinf(found.values if isinstance(found, Lanes) else found).all()


def test_balls_are_sound_where_they_overlap() -> None:
    """The larger of two overlapping balls holds every larger of two points in them."""
    wide, other = Ball(flint.arb(1, 0.5)), Ball(flint.arb(1.2, 0.1))
    larger = maximum(wide, other).arb
    assert all(larger.contains(flint.arb(x)) for x in (1.1, 1.5))
    assert not (larger > flint.arb(1.2))
    assert sup(np.array([wide, other])).arb.contains(flint.arb(1.5))


def test_balls_know_roots_logs_and_exponentials() -> None:
    """Balls hold the true number, and are undefined where there is none."""
    with using(BALLS):
        assert log(2).arb.contains(flint.arb.const_log2())
        assert exp(1).arb.contains(flint.arb.const_e())
        assert sqrt(2).arb.contains(flint.arb(2).sqrt())
        exact = (sqrt(flint.fmpq(4, 9)), log(1), exp(0), maximum(2, flint.fmpq(1, 3)))
        assert exact == (flint.fmpq(2, 3), 0, 1, 2)  # rationals stay rationals
        for impossible in (lambda: sqrt(-1), lambda: log(0), lambda: log(Ball(flint.arb(0, 1)))):
            with pytest.raises(Undefined):
                impossible()


@pytest.mark.parametrize("system", [RATIONALS, PRIME_FIELD, BALLS, LANES, FLOATS])
def test_constants_have_a_determinant_in_every_system(system) -> None:
    """det and solve of plain integers work, whatever system the claim is run in."""
    with using(system):
        assert number(det(identity(2))) == 1
        assert number(solve(identity(2), identity(2)[0])[0]) == 1


def test_the_system_of_constants_is_the_one_in_use() -> None:
    """Plain integers belong to no system: log(2) is unsupported in rationals, a ball in balls."""
    assert system_of(1, np.array([2, 3])) is RATIONALS
    with using(BALLS):
        assert system_of(1) is BALLS and isinstance(log(2), Ball)
    with pytest.raises(Unsupported, match="rationals"):
        log(2)
    assert system_of(0, flint.nmod(1, 7)) is PRIME_FIELD and system_of(1.5) is FLOATS


def test_an_unknown_element_is_named() -> None:
    """An element of no known number system is refused with its type and value."""
    with pytest.raises(Unsupported, match=r"Decimal.*0\.5.*no known number system"):
        system_of(Decimal("0.5"))


def test_as_array_never_makes_floats_of_integers() -> None:
    """Integers become Python integers in an object array, floats float64."""
    assert as_array([1, 2]).dtype == object and as_array(np.float32(1)).dtype == np.float64


def test_the_sup_of_nothing_is_undefined() -> None:
    """An empty supremum is undefined, in floats and exactly."""
    for empty in (np.empty(0, dtype=object), np.empty(0)):
        with pytest.raises(Undefined, match="empty"):
            sup(empty)


@pytest.mark.parametrize("element", [flint.fmpq, Germ])
def test_a_picked_integer_is_an_element(element: type) -> None:
    """positive(x) / 3 with Python's 0 would be a float."""
    x = element(-1)
    for picked in (positive(x), maximum(0, x), minimum(-x, 0), sup(np.array([x, 0]))):
        assert type(picked) is element and picked == 0


@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_float_functions_are_the_usual_ones(x: float, y: float) -> None:
    """In floats the functions are those of the mathematical library."""
    assert sqrt(x) == math.sqrt(x) and absolute(-x) == x and maximum(x, y) == max(x, y)
    assert x_log_ratio(x, y) == pytest.approx(x * math.log(x / y), rel=1e-12, abs=1e-9)


def test_exact_values_in_balls_are_no_python_integers() -> None:
    """exp(0) / 2 is one half: 1 / 2 of integers would be a float."""
    with using(BALLS):
        assert exp(flint.fmpq(0)) / 2 == flint.fmpq(1, 2) == (log(1) + 1) / 2
