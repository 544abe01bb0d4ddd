"""Integral operators, entropy numbers, Nystrom, water-filling: against brute force."""

import math

import flint
import numpy as np
import pytest

from theorylab.errors import InvalidArgument, ModelError
from theorylab.theory import kernels, water_filling
from theorylab.worlds.kernels import GaussianKernel, LinearKernel, MaternKernel
from theorylab.worlds.spectra import cayley, polynomial_decay

Q = flint.fmpq
ROUNDING = 1 + 1e-12


class Brownian:
    """k(x, y) = min(x, y): eigenvalues 1 / ((i - 1/2) pi)^2 on [0, 1]."""

    def __call__(self, x, y):
        """The table."""
        return np.minimum(x[:, None, 0], y[None, :, 0])


def brownian(n):
    """The first eigenvalues of min(x, y) on [0, 1]."""
    return 1 / ((np.arange(1, n + 1) - 0.5) * np.pi) ** 2


def exponential(scale, n):
    """Those of exp(-|x - y| / scale), Matern 1/2, on [0, 1]: 2 a / (w^2 + a^2), a = 1 / scale, with
    w the roots of a = w tan(w / 2) and w = -a tan(w / 2), one in each quarter turn."""
    from scipy.optimize import brentq

    a, roots = 1 / scale, []
    for k in range(n):
        low, high = k * np.pi + 1e-12, (k + 1) * np.pi - 1e-12
        even = k % 2 == 0
        roots.append(
            brentq(
                lambda w, even=even: (
                    a * math.cos(w / 2) - w * math.sin(w / 2)
                    if even
                    else w * math.cos(w / 2) + a * math.sin(w / 2)
                ),
                low,
                high,
            )
        )
    return 2 * a / (np.array(roots) ** 2 + a * a)


def gaussian(scale, deviation, n):
    """Those of exp(-(x - y)^2 / scale^2) under N(0, deviation^2) (Rasmussen and Williams 4.3.1)."""
    a, b = 1 / (4 * deviation**2), 1 / scale**2
    total = a + b + math.sqrt(a * a + 2 * a * b)
    return math.sqrt(2 * a / total) * (b / total) ** np.arange(n)


LINE = {
    "brownian": (Brownian(), brownian),
    "short": (MaternKernel("1/2", 0.1), lambda n: exponential(0.1, n)),
    "long": (MaternKernel("1/2", 2.0), lambda n: exponential(2.0, n)),
}


@pytest.mark.parametrize("name", LINE)
@pytest.mark.parametrize("nodes", [16, 64, 128])
def test_nystrom_error_holds_the_truth_at_every_eigenvalue(name, nodes):
    """Against closed spectra; the change from half the nodes alone is too small where they cross.
    What is known grows with the nodes."""
    kernel, spectrum = LINE[name]
    found = kernels.nystrom(kernel, nodes)
    n = len(found.values)
    off = np.abs(found.values - spectrum(n))
    assert (off <= found.error / 2).all() and off.max() > found.error[0] / 5
    assert found.known < kernels.nystrom(kernel, 2 * nodes).known
    coarse = kernels.sample_eigenvalues(*table_of(kernel, nodes // 2))
    assert (off > np.abs(found.values - coarse)).any()


def table_of(kernel, nodes):
    """The kernel's table and the weights at Gauss and Legendre's nodes of [0, 1]."""
    points, weights = kernels.interval_rule()(nodes)
    return kernel(points, points), weights


@pytest.mark.parametrize(("scale", "deviation"), [(1.0, 1.0), (2.0, 0.5), (0.3, 1.0)])
def test_nystrom_under_a_normal_law(scale, deviation):
    """Gaussian kernel, normal measure: all eigenvalues within their error, at every resolution at
    which one is known, down to rounding; at scale 0.3 that takes 128 nodes."""
    first = None
    for nodes in (8, 32, 128):
        rule = kernels.normal_rule(deviation)
        found = kernels.nystrom_by(GaussianKernel(scale), rule, nodes)
        off = np.abs(found.values - gaussian(scale, deviation, len(found.values)))
        if found.known:
            assert (off <= found.error / 3).all()
            first = first or nodes
    assert first == (128 if scale == 0.3 else 8)
    assert (found.known > 10) == (scale > 0.3)


def test_a_density_is_a_measure_too():
    """The normal density on [-8, 8] has the same spectrum as the normal law."""
    rule = kernels.interval_rule(-8, 8, lambda x: np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi))
    found = kernels.nystrom_by(GaussianKernel(1.0), rule, 128)
    assert found.values[:9] == pytest.approx(gaussian(1.0, 1.0, 9), rel=1e-6)
    assert found.known >= 9


def test_nystrom_of_a_sample_holds_the_truth():
    """Forty samples: all eigenvalues within their error, which shrinks like 1 / sqrt(n) and is far
    below what concentration gives; and a tenth of it holds no longer."""
    errors, held, strict = {}, 0, 0
    for n in (50, 200):
        for seed in range(20):
            draws = np.random.default_rng(seed).normal(size=(n, 1))
            found = kernels.nystrom_of_sample(GaussianKernel(1.0), draws)
            off = np.abs(found.values - gaussian(1.0, 1.0, n // 2))
            held += int((off <= found.error).all())
            strict += int((off <= found.error / 10).all())
            assert off.max() <= kernels.sample_bound(n, 1.0, 1e-3)
        errors[n] = found.error[0]
    assert held >= 38 and strict <= 25
    assert 1.5 < errors[50] / errors[200] < 3
    assert errors[200] < kernels.sample_bound(200, 1.0, 0.05) / 3


def test_nystrom_of_finite_rank_and_of_a_smooth_kernel():
    """The linear kernel has one eigenvalue, 1/3; the Gaussian's fall below rounding."""
    linear = kernels.nystrom(LinearKernel(), 16)
    assert linear.values[0] == pytest.approx(1 / 3) and linear.known == 1
    smooth = kernels.nystrom(GaussianKernel(0.5), 64)
    assert smooth.values.sum() == pytest.approx(1) and 5 < smooth.known < 20


def test_nystrom_on_another_interval():
    """k = xy on [1, 3] has the eigenvalue 26/3, at four nodes as well; the error holds rounding."""
    for nodes in (4, 16):
        found = kernels.nystrom(LinearKernel(), nodes, 1.0, 3.0)
        rounding = nodes * np.finfo(float).eps * found.values[0]
        assert found.values[0] == pytest.approx(26 / 3) and len(found.values) == nodes // 2
        assert (found.error >= rounding).all() and (found.error <= 4 * rounding).all()


def test_a_point_without_weight_does_not_count():
    """The eigenvalue of what is left."""
    k = np.array([[2.0, 1.0], [1.0, 3.0]])
    assert kernels.sample_eigenvalues(k, np.array([2.0, 0.0])) == pytest.approx([4, 0])


def test_operator_of_a_weighted_measure():
    """T_k f by its sum, the same eigenvalues as the symmetric form, the square of the H_k norm."""
    rng = np.random.default_rng(1)
    E, roots, s = (
        cayley(rng.normal(size=4), rng.normal(size=4)),
        rng.uniform(1, 2, 4),
        np.arange(1.0, 5.0),
    )
    w = rng.uniform(0.5, 1, 4)
    e = E / np.sqrt(w)[:, None]
    k = (e * roots**2) @ e.T
    T, f = kernels.integral_operator(k, w), rng.normal(size=4)
    assert T @ f == pytest.approx([sum(k[x, y] * f[y] * w[y] for y in range(4)) for x in range(4)])
    assert kernels.sample_eigenvalues(k, w) == pytest.approx(np.sort(roots**2)[::-1])
    square = kernels.least_square(f, w, roots, e)
    assert square == pytest.approx(f @ np.linalg.inv(k) @ f)
    assert kernels.weighted(f, s, w) == pytest.approx(sum(f[i] * s[i] * w[i] for i in range(4)))


def test_entropy_numbers_by_hand():
    """Four points on a line, centres among them: one ball of radius 2, two of radius 1."""
    t = np.array([Q(k) for k in (0, 1, 3, 4)])
    d = abs(t[:, None] - t[None, :])
    found = [kernels.entropy_number(d, range(4), i) for i in (1, 2, 3)]
    assert found == [3, 1, 0]
    middle = kernels.entropy_number(abs(t[:, None] - np.array([Q(2)])), range(1), 1)
    assert middle == 2
    t = np.array([Q(k) for k in (0, 2, 5, 6)])
    d = abs(t[:, None] - t[None, :])
    assert [kernels.entropy_number(d, range(4), i) for i in (1, 2, 3)] == [4, 2, 0]


def brute_force(axes, alpha):
    """The optimum by projected gradient steps, in floats."""
    from scipy.optimize import minimize

    n = len(axes)
    found = minimize(
        lambda p: -np.log1p(alpha * axes * p).sum(),
        np.full(n, 1 / n),
        bounds=[(0, 1)] * n,
        constraints={"type": "eq", "fun": lambda p: p.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    return -found.fun


@pytest.mark.parametrize("alpha", [0.3, 4.0, 60.0])
def test_water_filling_is_the_optimum(alpha):
    """Against a general solver, and over the rationals the same."""
    axes = np.array([1.0, 0.6, 0.25, 0.01])
    found = water_filling.water_filling(axes, alpha)
    assert found.value == pytest.approx(brute_force(axes, alpha), abs=1e-7)
    assert found.masses.sum() == pytest.approx(1) and (found.masses >= 0).all()
    exact_axes = np.array([Q(1), Q(3, 5), Q(1, 4), Q(1, 100)])
    exact = water_filling.water_filling(exact_axes, Q(int(alpha * 10), 10))
    assert exact.masses.sum() == 1 and exact.active == found.active
    assert exact.value == pytest.approx(found.value)


def test_axes_that_are_not_active():
    """An axis of 0 has no mass; one at the level itself has none either, and does not count."""
    found = water_filling.water_filling(np.array([Q(1), Q(0)]), Q(3))
    assert (found.active, found.masses.tolist(), found.level) == (1, [1, 0], Q(4, 3))
    assert found.value == pytest.approx(math.log(4))
    found = water_filling.water_filling(np.array([Q(1), Q(1, 2)]), Q(1))
    assert (found.active, found.masses.tolist()) == (1, [1, 0])


def test_more_axes_than_are_active_change_nothing():
    """So that the value at a finite number of axes is that of the whole spectrum."""
    few, many = (polynomial_decay(1.0, 2.0, n) ** 2 for n in (40, 400))
    found = [water_filling.water_filling(m, 1e6).value for m in (few, many)]
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_no_law_beats_water_filling():
    """Random laws on the ellipsoid, not along its axes."""
    rng, axes = np.random.default_rng(3), np.array([1.0, 0.5, 0.2])
    best = water_filling.water_filling(axes, 20.0).value
    for _ in range(200):
        b = rng.normal(size=(4, 3))
        phi = np.sqrt(axes) * b / np.linalg.norm(b, axis=1)[:, None]
        second = (phi * rng.dirichlet(np.ones(4))[:, None]).T @ phi
        assert np.linalg.slogdet(np.eye(3) + 20 * second)[1] <= best + 1e-12


@pytest.mark.parametrize("regular", [0.1, 4.0])
def test_the_greedy_adversary_under_another_regulariser(regular):
    """Counts by brute force from X = regular, and their log det by numpy."""
    axes, state, counts = np.array([1.0, 0.7, 0.1]), np.full(3, regular), np.zeros(3, dtype=int)
    for _ in range(20):
        i = int(np.argmax(axes / state))
        state[i] += axes[i]
        counts[i] += 1
    assert (water_filling.greedy_counts(axes, 20, regular) == counts).all()
    value = water_filling.log_det_of_counts(axes, counts, regular)
    assert value == pytest.approx(np.log(state / regular).sum())


def test_the_greedy_adversary_tends_to_it():
    """Counts by brute force, and a log det close to the optimum at alpha = steps."""
    axes, state, counts = np.array([1.0, 0.4, 0.1]), np.ones(3), np.zeros(3, dtype=int)
    for _ in range(50):
        i = int(np.argmax(axes / state))
        state[i] += axes[i]
        counts[i] += 1
    found = water_filling.greedy_counts(axes, 50)
    assert (found == counts).all()
    value, best = (
        water_filling.log_det_of_counts(axes, found),
        water_filling.water_filling(axes, 50.0).value,
    )
    assert best - 0.01 < value <= best


@pytest.mark.parametrize("alpha", [0.1, 1.0, 37.0, 1e4])
def test_bounds_hold(alpha):
    """Each bound of Lemma 19 at spectra of its kind, in the power ball."""
    i = np.arange(1.0, 3001)
    value = water_filling.water_filling((0.5 * i**-1.5) ** 2, alpha).value
    assert value <= water_filling.polynomial_bound(alpha, 0.5, 1.5) * ROUNDING
    assert value <= water_filling.sharper_polynomial_bound(alpha, 0.5, 1.5)
    i = i[:40]
    value = water_filling.water_filling((2 * np.exp(-0.5 * i)) ** 2, alpha).value
    assert value <= water_filling.exponential_bound(alpha, 2, 0.5, 1) * ROUNDING
    flat = water_filling.water_filling(np.full(4, 0.25) ** 2, alpha).value
    assert flat == pytest.approx(water_filling.finite_bound(alpha, 4, 0.25))
    assert flat <= 4 * math.log1p(alpha / 4)


def test_bounds_by_hand():
    """At numbers whose roots are whole, most of them; the last ones are rounded up."""
    assert water_filling.finite_bound(12.0, 3, 0.5) == pytest.approx(3 * math.log(2))
    top = 15.0  # alpha C_0^2; (top + 1)^{1/4} = 2
    expected = 2 * math.log(1 + top / 2)
    assert water_filling.polynomial_bound(60.0, 0.5, 2) == pytest.approx(expected)
    top = math.exp(3) - 1  # (1 + log(1 + top) / 2 C_2)^{1/2} = 2 at C_2 = 1/2
    alpha = top * math.e / 4
    expected = 2 * math.log(1 + top / 2)
    assert water_filling.exponential_bound(alpha, 2.0, 0.5, 2) == pytest.approx(expected)
    top = math.exp(9) - 1  # 1 + 9 / 2 C_2 = 4 at C_2 = 3/2
    found = water_filling.exponential_bound(top * math.exp(3) / 4, 2.0, 1.5, 1)
    assert found == pytest.approx(4 * math.log(1 + top / 4))
    assert water_filling.sharper_polynomial_bound(7.0, 2.0, 2) == 12
    assert water_filling.sharper_polynomial_bound(1000.0, 3.0, 2) == 42  # 9000^{1/5} = 6.2
    assert water_filling.polynomial_bound(1e-3, 1.0, 2) == pytest.approx(math.log(1.001))
    assert water_filling.sharper_polynomial_bound(1e-3, 1.0, 3) == 8


BAD = {
    "odd": (lambda: kernels.nystrom(LinearKernel(), 5), "nodes is 5, expected an even"),
    "few": (lambda: kernels.nystrom(LinearKernel(), 2), "nodes is 2"),
    "draws": (
        lambda: kernels.nystrom_of_sample(LinearKernel(), np.ones((3, 1))),
        r"points have shape \(3, 1\)",
    ),
    "deviation": (lambda: kernels.normal_rule(0.0), "deviation is 0.0, expected a number above"),
    "bound": (lambda: kernels.sample_bound(5, 1.0, 0.0), "largest is 1.0 and delta 0.0, expected"),
    "bound n": (lambda: kernels.sample_bound(0, 1.0, 0.1), "n is 0, expected an integer"),
    "interval": (lambda: kernels.nystrom(LinearKernel(), 8, 1.0, 0.0), r"\[1.0, 0.0\], expected"),
    "empty": (lambda: kernels.nystrom(LinearKernel(), 8, 1.0, 1.0), r"\[1.0, 1.0\], expected"),
    "no kernel": (
        lambda: kernels.sample_eigenvalues(np.array([[1.0, 2.0], [2.0, 1.0]]), np.ones(2)),
        "has the eigenvalue -1, expected no negative one",
    ),
    "weights": (
        lambda: kernels.sample_eigenvalues(np.eye(2), np.array([1.0, -1.0])),
        "least entry -1",
    ),
    "alpha": (lambda: water_filling.water_filling(np.ones(2), 0.0), "alpha is 0.0, expected"),
    "nan": (lambda: water_filling.water_filling(np.ones(2), math.nan), "alpha is nan, expected"),
    "unsorted": (lambda: water_filling.water_filling(np.array([1.0, 2.0]), 1.0), r"axes\[1\] is 2"),
    "unsorted later": (
        lambda: water_filling.water_filling(np.array([3.0, 1.0, 2.0]), 1.0),
        r"axes\[2\] is 2",
    ),
    "zero": (lambda: water_filling.water_filling(np.zeros(2), 1.0), "no squared axis above 0"),
    "i": (lambda: kernels.entropy_number(np.ones((1, 1)), range(1), 0), "i is 0 and"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case):
    """One line that names what is wrong."""
    make, words = BAD[case]
    with pytest.raises((InvalidArgument, ModelError), match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_matern_spectra_fall_as_predicted():
    """mu_i of smoothness nu in one dimension falls like i^-(1 + 2 nu): local exponents."""
    for nu, predicted in (("1/2", 2), ("3/2", 4)):
        found = kernels.nystrom(MaternKernel(nu, 1.0), 256)
        assert found.known > 12
        local = np.log(found.values[5] / found.values[11]) / np.log(12 / 6)
        assert local == pytest.approx(predicted, rel=0.2)
