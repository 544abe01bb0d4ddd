"""The compiled Riccati recursion: against a plain numpy loop, the exact theory and by hand."""

import numpy as np
import pytest
from numba import njit

from theorylab.algorithms import riccati
from theorylab.algorithms.riccati import backward_pass, rollout, trajectory_cost
from theorylab.errors import Diverged, IndefiniteCost, InvalidArgument
from theorylab.theory import linear_quadratic as exact
from theorylab.worlds import AffinePolicy, LinearQuadratic

COSTS = ("Q", "R", "N", "q", "r", "Q_final", "q_final")


def problem(seed, H, n, m, *, growth=1.0, least=0.1):
    """A random convex problem; `growth` scales A, `least` is the least eigenvalue of a cost."""
    rng = np.random.default_rng(seed)
    L = rng.normal(size=(H + 1, n + m, n + m))
    C = L @ L.swapaxes(1, 2) + least * np.eye(n + m)
    return {
        "A": growth * rng.normal(size=(H, n, n)) / np.sqrt(n),
        "B": rng.normal(size=(H, n, m)),
        "Q": C[:H, :n, :n],
        "R": C[:H, n:, n:],
        "N": C[:H, :n, n:],
        "a": rng.normal(size=(H, n)),
        "q": rng.normal(size=(H, n)),
        "r": rng.normal(size=(H, m)),
        "Q_final": C[H, :n, :n],
        "q_final": rng.normal(size=n),
    }


def twin(A, B, Q, R, N, a, q, r, Q_final, q_final):
    """The recursion in plain numpy, unregularised: K, k, P, p, constant."""
    P, p, constant, tables = [Q_final], [q_final], 0.0, []
    for t in range(len(A) - 1, -1, -1):
        G, v = N[t].T + B[t].T @ P[0] @ A[t], P[0] @ a[t] + p[0]
        hessian = R[t] + B[t].T @ P[0] @ B[t]
        K, k = -np.linalg.solve(hessian, G), -np.linalg.solve(hessian, r[t] + B[t].T @ v)
        constant += a[t] @ (v + p[0]) + (r[t] + B[t].T @ v) @ k
        p.insert(0, q[t] + A[t].T @ v + G.T @ k)
        after = Q[t] + A[t].T @ P[0] @ A[t] + G.T @ K
        P.insert(0, (after + after.T) / 2)
        tables.insert(0, (K, k))
    return [K for K, _ in tables], [k for _, k in tables], P, p, constant


SIZES = [(1, 1, 1), (3, 2, 3), (100, 5, 1), (20, 12, 4), (50, 1, 2)]
CASES = {
    "random": {},
    "unstable": {"growth": 3.0},
    "nearly free controls": {"least": 1e-6},
    "dynamics that vanish": {"growth": 0.0},
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("H", "n", "m"), SIZES)
def test_the_gains_are_those_of_a_plain_loop(H, n, m, case):
    if case == "unstable" and H > 20:
        H = 20  # 3^100 leaves no digit to compare
    given = problem(7, H, n, m, **CASES[case])
    found = backward_pass(**given)
    expected = twin(**given)
    for table, plain in zip((found.K, found.k, found.P, found.p), expected[:4], strict=True):
        np.testing.assert_allclose(table, np.array(plain), rtol=1e-7, atol=1e-8)
    assert found.constant == pytest.approx(expected[4], rel=1e-8)
    assert np.array_equal(found.P, found.P.swapaxes(1, 2))


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_scale_of_costs_changes_no_gain(scale):
    given = problem(3, 30, 4, 2)
    scaled = {k: v * scale if k in COSTS else v for k, v in given.items()}
    one, other = backward_pass(**given), backward_pass(**scaled)
    np.testing.assert_allclose(other.K, one.K, rtol=1e-9)
    np.testing.assert_allclose(other.P, scale * one.P, rtol=1e-9)


def world(given, **others):
    return LinearQuadratic(**given, mean=np.zeros(given["A"].shape[1]), **others)


@pytest.mark.parametrize("seed", range(4))
def test_the_theory_in_floats_has_the_same_gains_and_values(seed):
    given = problem(seed, 12, 3, 2)
    pi, values = exact.riccati(world(given))
    found = backward_pass(**given)
    np.testing.assert_allclose(found.K, pi.K, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.k, pi.k, rtol=1e-9, atol=1e-12)
    for t, V in enumerate(values):
        P, p, _ = exact.quadratic_parts(V)
        np.testing.assert_allclose(found.P[t], P, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(found.p[t], p, rtol=1e-9, atol=1e-11)
    assert found.constant == pytest.approx(values[0][0, 0], rel=1e-9)


def test_fibonacci():
    """With A = B = Q = R = 1 the matrices P are ratios of Fibonacci numbers."""
    one = np.ones((4, 1, 1))
    zero = np.zeros((4, 1))
    P = backward_pass(one, one, one, one, 0 * one, zero, zero, zero, [[1.0]], [0.0]).P
    expected = [55 / 34, 21 / 13, 8 / 5, 3 / 2, 1]
    assert P[:, 0, 0].tolist() == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("regularisation", [0.0, 0.3, 100.0])
def test_the_cost_to_go_is_that_of_the_control_itself(regularisation):
    """With regularisation the control is another, and P, p, constant are its own value."""
    given = problem(5, 10, 3, 2)
    found = backward_pass(**given, regularisation=regularisation)
    values = exact.quadratic_values(world(given), AffinePolicy(found.K, found.k))
    P, p, constant = exact.quadratic_parts(values[0])
    np.testing.assert_allclose(found.P[0], P, rtol=1e-9)
    np.testing.assert_allclose(found.p[0], p, rtol=1e-9)
    assert found.constant == pytest.approx(constant, rel=1e-9)


def test_regularisation_shrinks_the_control():
    given = problem(5, 10, 3, 2)
    sizes = [np.abs(backward_pass(**given, regularisation=x).K).sum() for x in (0, 1, 10, 1e9)]
    assert sizes == sorted(sizes, reverse=True) and sizes[-1] < 1e-5


def test_regularisation_makes_an_indefinite_cost_definite():
    given = problem(5, 3, 2, 1)
    given["R"] = given["R"] - 100 * np.eye(1)
    with pytest.raises(IndefiniteCost, match="at step 2"):
        backward_pass(**given)
    assert np.isfinite(backward_pass(**given, regularisation=1e4).K).all()


def test_a_batch_is_its_instances_bit_for_bit():
    given = [problem(seed, 15, 4, 2) for seed in range(6)]
    together = {
        k: np.stack([g[k] for g in given]).reshape(2, 3, *given[0][k].shape) for k in given[0]
    }
    found = backward_pass(**together)
    assert found.K.shape == (2, 3, 15, 2, 4) and found.constant.shape == (2, 3)
    for b, one in enumerate(given):
        single, place = backward_pass(**one), (b // 3, b % 3)
        for name in ("K", "k", "P", "p", "constant"):
            assert (getattr(found, name)[place] == getattr(single, name)).all()


def test_no_step():
    given = problem(0, 0, 2, 1)
    found = backward_pass(**given)
    assert found.K.shape == (0, 1, 2) and (found.P[0] == given["Q_final"]).all()
    assert found.constant == 0
    states, controls = rollout(given["A"], given["B"], given["a"], found.K, found.k, [1, 2])
    assert states.tolist() == [[1, 2]] and controls.shape == (0, 1)


def plain_rollout(A, B, a, K, k, x, noise):
    states, controls = [x], []
    for t in range(len(A)):
        controls.append(K[t] @ states[-1] + k[t])
        states.append(A[t] @ states[-1] + B[t] @ controls[-1] + a[t] + noise[t])
    return np.array(states), np.array(controls)


def plain_cost(Q, R, N, q, r, Q_final, q_final, states, controls):
    x, end = states[:-1], states[-1]
    forms = [np.einsum("ti,tij,tj", *f) for f in ((x, Q, x), (x, 2 * N, controls))]
    paid = sum(forms) + np.einsum("ti,tij,tj", controls, R, controls)
    return (
        paid
        + 2 * (q * x).sum()
        + 2 * (r * controls).sum()
        + end @ Q_final @ end
        + 2 * q_final @ end
    )


def test_rollouts_and_costs_are_those_of_a_plain_loop():
    given, rng = problem(2, 25, 4, 2), np.random.default_rng(0)
    gains = backward_pass(**given)
    system = [given[k] for k in "ABa"]
    starts, noise = rng.normal(size=(7, 4)), rng.normal(size=(7, 25, 4))
    states, controls = rollout(*system, gains.K, gains.k, starts, noise)
    costs = trajectory_cost(*(given[k] for k in COSTS), states, controls)
    for b in range(7):
        x, u = plain_rollout(*system, gains.K, gains.k, starts[b], noise[b])
        np.testing.assert_allclose(states[b], x, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(controls[b], u, rtol=1e-9, atol=1e-11)
        assert costs[b] == pytest.approx(plain_cost(*(given[k] for k in COSTS), x, u), rel=1e-9)
        one = rollout(*system, gains.K, gains.k, starts[b], noise[b])
        assert (one[0] == states[b]).all() and (one[1] == controls[b]).all()


def test_many_systems_share_one_start():
    given = [problem(seed, 6, 2, 1) for seed in range(3)]
    gains = [backward_pass(**g) for g in given]
    system = [np.stack([g[k] for g in given]) for k in "ABa"]
    feedback = [np.stack([getattr(g, k) for g in gains]) for k in "Kk"]
    states, _ = rollout(*system, *feedback, [1.0, -1.0])
    for b, (g, own) in enumerate(zip(given, gains, strict=True)):
        alone, _ = rollout(g["A"], g["B"], g["a"], own.K, own.k, [1.0, -1.0])
        assert (alone == states[b]).all()


def test_the_value_at_the_start_is_the_cost_of_the_run():
    given, x = problem(9, 40, 5, 1), np.arange(5.0)
    gains = backward_pass(**given)
    run = rollout(given["A"], given["B"], given["a"], gains.K, gains.k, x)
    value = x @ gains.P[0] @ x + 2 * gains.p[0] @ x + gains.constant
    assert trajectory_cost(*(given[k] for k in COSTS), *run) == pytest.approx(value, rel=1e-9)


def test_kernels_are_called_from_compiled_code():
    """A search over regularisations without leaving machine code."""
    given = {k: np.ascontiguousarray(v) for k, v in problem(4, 8, 3, 2).items()}
    tables = tuple(given.values())
    kernel = riccati._backward

    @njit
    def smallest(A, B, Q, R, N, a, q, r, Q_final, q_final):
        H, n, m = B.shape
        K, k = np.empty((H, m, n)), np.empty((H, m))
        P, p = np.empty((H + 1, n, n)), np.empty((H + 1, n))
        best = np.inf
        for power in range(4):
            step, constant = kernel(
                A, B, Q, R, N, a, q, r, Q_final, q_final, 10.0**-power, K, k, P, p
            )
            best = min(best, constant) if step < 0 else best
        return best

    assert smallest(*tables) == backward_pass(**given, regularisation=1e-3).constant


BAD = {
    "shape": ({"q": np.zeros((4, 3))}, r"q has shape \(4, 3\), expected \(H, n\) = \(4, 2\)"),
    "no steps": ({"B": np.zeros((2, 2))}, r"B has shape \(2, 2\), expected \(H, n, m\)"),
    "not a number": ({"a": np.array([[0, 0], [0, np.nan], [0, 0], [0, 0]])}, r"a\[1, 1\] is nan"),
    "infinite": ({"Q_final": np.array([[np.inf, 0], [0, 1]])}, r"Q_final\[0, 0\] is inf"),
    "asymmetric Q": ({"Q": np.array([[[1, 2], [0, 1.0]]] * 4)}, r"Q\[0, 0, 1\] is 2.0 and its mir"),
    "regularisation": ({"regularisation": -1.0}, "regularisation is -1.0"),
    "no number": ({"regularisation": np.nan}, "regularisation is nan"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_names_the_entry(case):
    change, message = BAD[case]
    with pytest.raises(InvalidArgument, match=message) as error:
        backward_pass(**{**problem(0, 4, 2, 1), **change})
    assert "\n" not in str(error.value)


def test_rounding_of_a_symmetric_cost_is_no_error():
    given = problem(0, 4, 2, 1)
    given["Q"] = given["Q"] + 1e-13 * np.array([[0, 1], [0, 0]])
    assert np.isfinite(backward_pass(**given).P).all()


def test_an_indefinite_cost_names_its_step_and_eigenvalue():
    given = problem(0, 4, 2, 1)
    given["R"] = given["R"].copy()
    given["R"][1] = -50.0
    later = {k: v if k.endswith("final") else v[2:] for k, v in given.items()}
    P, B = twin(**later)[2][0], given["B"][1]
    least = float((given["R"][1] + B.T @ P @ B)[0, 0])
    with pytest.raises(IndefiniteCost, match=f"at step 1 .*is {least:.6g}"):
        backward_pass(**given)


@pytest.mark.parametrize("cost", [0.0, 1e-20])
def test_a_control_without_cost_or_effect_has_no_best_value(cost):
    """R + B'PB of 0, or what rounding leaves of it, has no inverse."""
    given = problem(0, 3, 2, 2)
    given["B"] = np.concatenate([given["B"][..., :1], given["B"][..., :1]], axis=-1)
    given["R"] = np.ones((3, 2, 2)) + cost * np.eye(2)
    given["N"] = 0 * given["N"]
    with pytest.raises(IndefiniteCost, match="at step 2"):
        backward_pass(**given)


def test_an_instance_of_a_batch_is_named():
    good, bad = problem(0, 3, 2, 1), problem(0, 3, 2, 1)
    bad["R"] = -50 + 0 * bad["R"]
    both = {k: np.stack([good[k], bad[k]]) for k in good}
    with pytest.raises(IndefiniteCost, match=r"of instance 1: .* at step 2"):
        backward_pass(**both)


def test_what_overflows_is_said_to():
    given = problem(0, 5, 2, 1)
    given["A"] = 1e200 * given["A"]
    with pytest.raises(Diverged, match="overflows at step"):
        backward_pass(**given)
    given = problem(0, 5, 2, 1)
    given["q_final"] = np.array([1e308, 1e308])
    given["A"] = 1e3 + 0 * given["A"]
    given["B"] = 0 * given["B"]
    with pytest.raises(Diverged, match="overflows at step"):
        backward_pass(**given)


def test_a_diverging_rollout_names_its_step():
    A, zero = np.full((6, 1, 1), 1e100), np.zeros((6, 1))
    with pytest.raises(Diverged, match=r"after step 3 is not a finite"):
        rollout(A, zero[:, :, None], zero, 0 * A, zero, [1.0])
    with pytest.raises(Diverged, match=r"after step 3 of start 1 is not a finite"):
        rollout(A, zero[:, :, None], zero, 0 * A, zero, [[0.0], [1.0]])


@pytest.mark.parametrize(
    ("x0", "noise", "message"),
    [
        ([1.0, 2.0, 3.0], None, r"x0 has shape \(3,\), expected \(n,\) = \(2,\)"),
        ([1.0, np.nan], None, r"x0\[1\] is nan"),
        (np.ones((3, 2)), np.ones((2, 4, 2)), "of length 3"),
        (np.ones((1, 3, 2)), None, "one leading axis at most"),
        ([1.0, 2.0], np.ones((3, 2)), r"noise has shape \(3, 2\), expected \(H, n\)"),
    ],
)
def test_bad_starts_and_noise(x0, noise, message):
    given = problem(0, 4, 2, 1)
    gains = backward_pass(**given)
    with pytest.raises(InvalidArgument, match=message):
        rollout(given["A"], given["B"], given["a"], gains.K, gains.k, x0, noise)
