"""Discounted linear systems: against long truncated sums, closed forms and value iteration."""

from fractions import Fraction

import numpy as np
import pytest

from tests.oracle import fractions
from theorylab.errors import IndefiniteCost, Unstable
from theorylab.givens import Parameter, build_instance
from theorylab.points import ExactSource, random_integers
from theorylab.theory import discounted_linear as dl
from theorylab.theory.linear_quadratic import quadratic_performance, riccati, second_moments
from theorylab.worlds import (
    AffinePolicy,
    DiscountedLinearQuadratic,
    LinearPolicy,
    LinearQuadratic,
)

PARAMETERS = (Parameter("M", DiscountedLinearQuadratic), Parameter("pi", LinearPolicy))


def drawn(seed, X, U):
    source = ExactSource(random_integers(np.random.default_rng(seed)))
    return build_instance(PARAMETERS, source, {"X": X, "U": U}).values()


def truncated(M, H):
    """The first H steps, discounted: gamma^t on each cost."""
    weights = [M.gamma**t for t in range(H)]
    costs = {k: [w * getattr(M, k) for w in weights] for k in ("Q", "R", "N", "q", "r")}
    same = {k: np.array([getattr(M, k)] * H) for k in ("A", "B", "a", "W")}
    return LinearQuadratic(
        **same, **{k: np.array(v) for k, v in costs.items()},
        Q_final=0 * M.Q, mean=M.mean, covariance=M.covariance,
    )  # fmt: skip


def repeated(pi, H):
    return AffinePolicy(*(np.array([t] * H) for t in (pi.K, pi.k, pi.covariance)))


@pytest.mark.parametrize("seed", range(5))
def test_the_value_is_the_limit_of_truncated_sums(seed):
    """The first n steps and gamma^n times the value from there on are the value, exactly."""
    M, pi = drawn(seed, 2, 1)
    cut = truncated(M, 3)
    V = dl.discounted_quadratic_value(M, pi)
    from_there_on = {"Q_final": M.gamma**3 * V[1:, 1:], "q_final": M.gamma**3 * V[1:, 0]}
    zero = 0 * M.gamma
    cut = LinearQuadratic(
        **{**vars(cut), **from_there_on, "constant": [zero, zero, zero, M.gamma**3 * V[0, 0]]}
    )
    whole = dl.discounted_quadratic_performance(M, pi)
    assert quadratic_performance(cut, repeated(pi, 3)) == whole


@pytest.mark.parametrize("seed", range(5))
def test_the_occupancy_sums_to_the_cost_and_flows(seed):
    """D pays (1 - gamma) J, and d = (1 - gamma) start + gamma (D moved on)."""
    M, pi = drawn(seed, 2, 1)
    D, d = dl.discounted_pair_occupancy(M, pi), dl.discounted_state_occupancy(M, pi)
    J = dl.discounted_quadratic_performance(M, pi)
    assert (D * dl.discounted_step_cost(M)).sum() == (1 - M.gamma) * J
    assert d[0, 0] == 1 and (D[:3, :3] == d).all()
    F = np.concatenate([M.a[:, None], M.A, M.B], axis=1)
    moved = F @ D @ F.T + M.W
    start = second_moments(M.mean, M.covariance)
    assert (d[1:, 1:] == (1 - M.gamma) * start[1:, 1:] + M.gamma * moved).all()


def system(seed=0, gamma=0.9, n=4, m=2):
    rng = np.random.default_rng(seed)
    L = rng.normal(size=(n + m, n + m))
    C = L @ L.T + 0.1 * np.eye(n + m)
    return DiscountedLinearQuadratic(
        A=1.1 * rng.normal(size=(n, n)) / np.sqrt(n), B=rng.normal(size=(n, m)), Q=C[:n, :n],
        R=C[n:, n:], N=C[:n, n:], gamma=gamma, mean=rng.normal(size=n), a=rng.normal(size=n),
        q=rng.normal(size=n), r=rng.normal(size=m), W=np.eye(n), covariance=0.5 * np.eye(n),
    )  # fmt: skip


@pytest.mark.parametrize("gamma", [0.3, 0.9, 0.99])
def test_the_algebraic_equation_is_the_limit_of_the_recursion(gamma):
    """scipy's solution is what the finite recursion converges to, affine terms included."""
    M = system(gamma=gamma)
    pi, V = dl.discounted_riccati(M)
    finite, values = riccati(truncated(M, int(40 / (1 - gamma))))
    np.testing.assert_allclose(finite.K[0], pi.K, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(finite.k[0], pi.k, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(values[0], V, rtol=1e-6, atol=1e-7)


def test_the_scalar_equation_by_hand():
    """A = B = Q = R = 1: P = 1 + g P / (1 + g P), so g P^2 + (1 - 2 g) P - 1 = 0; g = 3/4."""
    M = DiscountedLinearQuadratic([[1]], [[1]], [[1]], [[1]], "3/4", [0])
    pi, V = dl.discounted_riccati(M)
    P = (0.5 + np.sqrt(0.25 + 3)) / 1.5
    assert V[1, 1] == pytest.approx(P, rel=1e-12)
    assert pi.K[0, 0] == pytest.approx(-0.75 * P / (1 + 0.75 * P), rel=1e-12)


def test_lyapunov_in_floats_is_lyapunov_in_rationals():
    T = np.array([["1/2", "1/3"], ["-1/4", "9/10"]])
    M = DiscountedLinearQuadratic(T.tolist(), [[0], [0]], [[2, 1], [1, 3]], [[1]], "4/5", [0, 0])
    exact = fractions(dl.stein(M.A, M.gamma, M.Q))
    floats = np.array([[float(Fraction(e)) for e in row] for row in T])
    found = dl.stein(floats, 0.8, np.array([[2.0, 1], [1, 3]]))
    np.testing.assert_allclose(found, np.array(exact, dtype=float), rtol=1e-12)


def scalar(gain, gamma="1/4", **kinds):
    """x' = 2x + u under u = gain x: sqrt(gamma) (2 + gain) must be below 1."""
    M = DiscountedLinearQuadratic([[2]], [[1]], [[1]], [[1]], gamma, [1])
    return dl.discounted_quadratic_value(M, LinearPolicy([[gain]]))


def test_stability_is_decided_exactly_at_its_edge():
    """gamma = 1/4: T = 2 is just unstable, 2 - 10^-30 just stable, with a huge value."""
    with pytest.raises(Unstable, match=r"modulus 2, expected less than 1 / sqrt\(gamma\)"):
        scalar(0)
    value = scalar(f"-1/{10**30}")[1, 1]
    assert value > 10**29
    with pytest.raises(Unstable):
        scalar(f"1/{10**30}")
    with pytest.raises(Unstable):
        scalar(-4)
    assert fractions(scalar(-2)[1, 1]) == 5


def test_stability_in_floats():
    with pytest.raises(Unstable, match="modulus 2,"):
        scalar(0.0, 0.25)
    with pytest.raises(Unstable):
        scalar(1.0, 0.25)
    assert scalar(-0.01, 0.25)[1, 1] > 100


FAILS = {
    "unstabilisable": ({"A": [[2, 0], [1, 1]], "B": [[0], [1]]}, Unstable, "eigenvalue 2.* not st"),
    "indefinite": ({"R": [[-10]], "A": [[1, 0], [0, 0]]}, IndefiniteCost, "eigenvalue is -8.85078"),
    "no solution": ({"R": [[-10]]}, Unstable, "the eigenvalue 0.9.* beside the unit circle"),
}


@pytest.mark.parametrize("case", FAILS)
def test_what_has_no_best_policy_is_named(case):
    changes, error, message = FAILS[case]
    given = {"A": [[1, 0], [1, 1]], "B": [[1], [0]], "Q": [[1, 0], [0, 1]], "R": [[1]]}
    given |= {"gamma": 0.5, "mean": [0, 0]}
    with pytest.raises(error, match=message) as found:
        dl.discounted_riccati(DiscountedLinearQuadratic(**{**given, **changes}))
    assert "\n" not in str(found.value)


def test_a_free_mode_on_the_circle_has_no_stabilising_gain():
    """sqrt(gamma) A = 1 and no cost on the state: the best control does nothing, not stably."""
    M = DiscountedLinearQuadratic([[2.0]], [[1]], [[0]], [[1]], 0.25, [0])
    with pytest.raises(Unstable):
        dl.discounted_riccati(M)
