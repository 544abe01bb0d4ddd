"""Linear-quadratic values: against every path of two-point laws, known recursions, and by hand."""

from fractions import Fraction
from itertools import product

import flint
import numpy as np
import pytest

from tests.oracle import fractions
from theorylab.arithmetic import identity
from theorylab.errors import IndefiniteCost
from theorylab.givens import Parameter, build_instance
from theorylab.points import ExactSource, random_integers
from theorylab.theory import linear_quadratic as lq
from theorylab.theory.linear_quadratic import quadratic_performance, riccati, riccati_policy
from theorylab.worlds import AffinePolicy, LinearModel, LinearQuadratic

PARAMETERS = (
    Parameter("M", LinearQuadratic),
    Parameter("M_hat", LinearModel),
    Parameter("pi", AffinePolicy),
)


def drawn(seed, H, X, U):
    """A random exact system, model and policy."""
    source = ExactSource(random_integers(np.random.default_rng(seed)))
    return build_instance(PARAMETERS, source, {"H": H, "X": X, "U": U}).values()


def dot(x, y):
    return sum((a * b for a, b in zip(x, y, strict=True)), Fraction(0))


def times(A, x):
    return [dot(row, x) for row in A]


def plus(*vectors):
    return [sum(entries, Fraction(0)) for entries in zip(*vectors, strict=True)]


def scaled(c, x):
    return [c * e for e in x]


def step(costs, t, x, u):
    """x'Qx + 2 x'Nu + u'Ru + 2 q'x + 2 r'u + constant in plain fractions."""
    Q, N, R, q, r, constant = (costs[k][t] for k in ("Q", "N", "R", "q", "r", "constant"))
    quadratic = dot(x, times(Q, x)) + 2 * dot(x, times(N, u)) + dot(u, times(R, u))
    return quadratic + 2 * dot(q, x) + 2 * dot(r, u) + constant


def paths_cost(M, pi, spread):
    """The expected cost over all paths: every noise is +-spread with probability 1/2 each.

    `spread` holds vectors whose outer products are the covariances: start, of each step the
    system's and the policy's.
    """
    world, policy = ({k: fractions(v) for k, v in vars(o).items()} for o in (M, pi))
    start, system, control = spread
    total = Fraction(0)
    for signs in product((-1, 1), repeat=1 + 2 * M.H):
        x, paid = plus(world["mean"], scaled(signs[0], start)), Fraction(0)
        for t in range(M.H):
            u = plus(times(policy["K"][t], x), policy["k"][t], scaled(signs[1 + t], control[t]))
            paid += step(world, t, x, u)
            moved = plus(times(world["A"][t], x), times(world["B"][t], u), world["a"][t])
            x = plus(moved, scaled(signs[1 + M.H + t], system[t]))
        end = dot(x, times(world["Q_final"], x)) + 2 * dot(world["q_final"], x)
        total += paid + end + world["constant"][M.H]
    return total / 2 ** (1 + 2 * M.H)


def outer(vectors):
    """vv' of each vector, exact."""
    return [[[flint.fmpq(a.numerator, a.denominator) * flint.fmpq(b.numerator, b.denominator)
              for b in v] for a in v] for v in vectors]  # fmt: skip


@pytest.mark.parametrize(("H", "X", "U"), [(1, 1, 1), (2, 2, 1), (1, 2, 2), (3, 1, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_the_performance_is_the_mean_over_all_paths(seed, H, X, U):
    """Noise enters through its covariance alone: two-point noise gives the same cost."""
    M, _, pi = drawn(seed, H, X, U)
    rng = np.random.default_rng(seed)
    numbers = [
        [Fraction(int(k), 3) for k in rng.integers(-3, 4, n)] for n in [X] * (H + 1) + [U] * H
    ]
    start, system, control = numbers[0], numbers[1 : H + 1], numbers[H + 1 :]
    tables = {**vars(M), "W": outer(system), "covariance": outer([start])[0]}
    M = LinearQuadratic(**tables)
    pi = AffinePolicy(pi.K, pi.k, outer(control))
    expected = paths_cost(M, pi, (start, system, control))
    assert fractions(quadratic_performance(M, pi)) == expected
    assert fractions(lq.performance_by_moments(M, pi)) == expected


def test_fibonacci():
    """With A = B = Q = R = 1 the values are ratios of Fibonacci numbers, the gains 1/1, 2/3, ..."""
    one = [[1]]
    M = LinearQuadratic.time_invariant(4, one, one, one, one, [0], Q_final=one)
    pi, values = riccati(M)
    assert [str(V[1, 1]) for V in values] == ["55/34", "21/13", "8/5", "3/2", "1"]
    assert [str(K[0, 0]) for K in pi.K] == ["-21/34", "-8/13", "-3/5", "-1/2"]


def test_a_tracking_problem_by_hand():
    """One step, cost (x + u - 3)^2 + u^2 at the end: u = (3 - x) / 2, V = (x - 3)^2 / 2."""
    M = LinearQuadratic(
        A=[[[1]]], B=[[[1]]], Q=[[[0]]], R=[[[1]]], Q_final=[[1]], q_final=[-3], constant=[0, 9],
        mean=[0],
    )  # fmt: skip
    pi, values = riccati(M)
    assert fractions([pi.K[0, 0, 0], pi.k[0, 0]]) == [Fraction(-1, 2), Fraction(3, 2)]
    half = Fraction(1, 2)
    assert fractions(values[0]) == [[9 * half, -3 * half], [-3 * half, half]]


@pytest.mark.parametrize("seed", range(4))
def test_no_change_of_the_best_policy_costs_less(seed):
    M, _, pi = drawn(seed, 2, 2, 1)
    best = riccati_policy(M)
    least = quadratic_performance(M, best)
    assert least == lq.quadratic_expectation(lq.start_moments(M), lq.optimal_quadratic_values(M)[0])
    for size in (flint.fmpq(1, 1000), flint.fmpq(-1, 7)):
        near = AffinePolicy(best.K + size * pi.K, best.k + size * pi.k)
        assert quadratic_performance(M, near) >= least


@pytest.mark.parametrize("seed", range(3))
def test_moments_and_values_in_floats_are_those_in_rationals(seed):
    M, _, pi = drawn(seed, 3, 2, 1)
    floats = LinearQuadratic(**{k: as_floats(v) for k, v in vars(M).items()})
    policy = AffinePolicy(**{k: as_floats(v) for k, v in vars(pi).items()})
    pairs = [
        (lq.pair_occupancies(M, pi), lq.pair_occupancies(floats, policy)),
        (lq.state_occupancies(M, pi), lq.state_occupancies(floats, policy)),
        (lq.quadratic_values(M, pi), lq.quadratic_values(floats, policy)),
        (lq.optimal_quadratic_values(M), lq.optimal_quadratic_values(floats)),
    ]
    for exact, close in pairs:
        assert all(table.dtype == np.float64 for table in close)
        for one, other in zip(exact, close, strict=True):
            np.testing.assert_allclose(as_floats(one), other, rtol=1e-9, atol=1e-9)


def as_floats(table):
    return np.array([float(Fraction(int(e.p), int(e.q))) if isinstance(e, flint.fmpq) else float(e)
                     for e in table.flat]).reshape(table.shape)  # fmt: skip


def test_no_step_costs_the_end():
    M = LinearQuadratic(
        A=np.zeros((0, 1, 1)), B=np.zeros((0, 1, 1)), Q=np.zeros((0, 1, 1)), R=np.zeros((0, 1, 1)),
        Q_final=[[2]], q_final=[1], constant=[5], mean=[3], covariance=[[4]],
    )  # fmt: skip
    pi = riccati_policy(M)
    assert quadratic_performance(M, pi) == 2 * (9 + 4) + 2 * 3 + 5


def test_quadratic_functions():
    """x'Px + 2 p'x + c as a matrix, at a point, and in expectation."""
    P, p = np.array([[2, 1], [1, 3]], dtype=object), np.array([1, -1], dtype=object)
    f = lq.quadratic_function(P, p, 7)
    assert [part.tolist() for part in lq.quadratic_parts(f)[:2]] == [P.tolist(), p.tolist()]
    assert lq.quadratic_parts(f)[2] == 7
    x = np.array([2, 5], dtype=object)
    assert lq.quadratic_at(f, x) == 2 * 4 + 2 * 10 + 3 * 25 + 2 * (2 - 5) + 7
    moments = lq.second_moments(x, 0 * P)
    assert lq.quadratic_expectation(moments, f) == lq.quadratic_at(f, x)
    spread = lq.second_moments(x, identity(2))
    assert lq.quadratic_expectation(spread, f) == lq.quadratic_at(f, x) + 2 + 3
    wide = lq.on_pairs(f, 1)
    assert lq.quadratic_at(wide, np.array([2, 5, 9], dtype=object)) == lq.quadratic_at(f, x)


@pytest.mark.parametrize(
    ("changes", "step", "least"),
    [
        ({"R": [[-1]]}, 2, "-1"),
        ({"R": [[0]], "B": [[0]]}, 2, "0"),
        ({"Q": [[-9]], "Q_final": [[0]]}, 1, "-8"),
        ({"Q": [[-9.0]], "Q_final": [[0]]}, 1, "-8"),
    ],
)
def test_an_indefinite_cost_names_its_step(changes, step, least):
    """Q_final = 0 leaves R alone at the last step; one step before, P = Q."""
    given = {"A": [[1]], "B": [[1]], "Q": [[1]], "R": [[1]], "Q_final": [[0]], "mean": [1]}
    M = LinearQuadratic.time_invariant(3, **{**given, **changes})
    with pytest.raises(
        IndefiniteCost, match=rf"at step {step} \(its least eigenvalue is {least}\)"
    ):
        riccati(M)
