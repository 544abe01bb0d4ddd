"""Kernels, known spectra and random features: by hand, against scipy, and bad input."""

from itertools import product

import flint
import numpy as np
import pytest

from theorylab.arithmetic import identity
from theorylab.balls import BALLS
from theorylab.errors import TheorylabError, Unsupported
from theorylab.worlds import kernels, random_features, spectra

Q = flint.fmpq
POINTS = np.random.default_rng(0).normal(size=(7, 2))


def exact(entries):
    """Rationals from integers."""
    return np.vectorize(Q, otypes=[object])(np.array(entries, dtype=object))


def test_polynomial_kernel_is_the_product_of_its_monomials():
    """(1 + x'y)^2 by the six explicit features of two dimensions, over the rationals."""
    x = exact([[1, 2], [-3, 1], [0, 5]])
    a, b = x.T
    squares = [1 + 0 * a, a * a, b * b]
    double = [a, b, a * b]
    by_hand = sum(np.outer(f, f) for f in squares) + 2 * sum(np.outer(f, f) for f in double)
    assert (kernels.gram(kernels.PolynomialKernel(2), x) == by_hand).all()
    assert kernels.rank(by_hand) == 3 and kernels.polynomial_rank(2, 2) == 6
    assert (kernels.gram(kernels.PolynomialKernel(1), x) == 1 + x @ x.T).all()
    assert (kernels.gram(kernels.LinearKernel(), x) == x @ x.T).all()


@pytest.mark.parametrize("p", [0, 1, 2, 3])
def test_half_integer_matern_is_the_bessel_form(p):
    """The closed form against scipy's Bessel function, which the float smoothness uses."""
    closed = kernels.gram(kernels.MaternKernel(f"{2 * p + 1}/2", 0.7), POINTS)
    near = kernels.gram(kernels.MaternKernel(p + 0.5 + 1e-9, 0.7), POINTS)
    assert closed == pytest.approx(near, abs=1e-7)
    assert np.diag(closed) == pytest.approx(1) and np.diag(near) == pytest.approx(1)
    assert kernels.MaternKernel("3/2", 1).nu == 1.5


def test_matern_tends_to_the_gaussian():
    """As the smoothness grows, with scale^2 = 2 l^2."""
    rough = kernels.gram(kernels.MaternKernel(40.25, 1.0), POINTS)
    assert rough == pytest.approx(kernels.gram(kernels.GaussianKernel(2**0.5), POINTS), abs=1e-2)
    with pytest.raises(Unsupported, match=r"smoothness 900\.2 overflows"):
        kernels.gram(kernels.MaternKernel(900.2, 1.0), POINTS)


def test_kernels_in_balls_hold_the_floats():
    """The same formula in Arb; a smoothness that is no half-integer says that it cannot."""
    x = exact([[0, 1], [2, 1]])
    for kernel, value in [
        (kernels.GaussianKernel(2), np.exp(-1)),
        (kernels.MaternKernel("3/2", 2), (1 + 3**0.5) * np.exp(-(3**0.5))),
    ]:
        entry = kernels.gram(kernel, np.vectorize(BALLS_OF, otypes=[object])(x))[0, 1]
        assert float(entry.arb.mid()) == pytest.approx(value, abs=1e-14)
    with pytest.raises(Unsupported, match="is for floats"):
        kernels.gram(kernels.MaternKernel(1.0, 2), np.vectorize(BALLS_OF, otypes=[object])(x))


def BALLS_OF(x):
    """A ball around a rational."""
    return BALLS.element(flint.arb(x))


def test_cayley_basis_is_orthonormal_and_the_spectrum_known():
    """Over the rationals; powers multiply; the trace is the sum."""
    E = spectra.cayley(exact([1, 2, 0]), exact([3, -1, 1]))
    assert (identity(3) == E.T @ E).all() and (identity(3) != E).any()
    mu = exact([3, 2, 1]) / 6
    known = spectra.KnownSpectrum(mu, E)
    assert (known.kernel @ E == E * mu).all() and known.kernel.trace() == 1
    assert (known.power(-1) @ known.power(2) == known.kernel).all()


def test_sorted_spectra_from_weights():
    """Sorted, and of the same sum."""
    assert spectra.by_decreasing(exact([1, 2, 3])).tolist() == [3, 2, 1]


def test_eigendecays():
    """By hand, exact where they can be."""
    assert spectra.finite_decay(2, 3).tolist() == [Q(1, 2), Q(1, 2), 0]
    assert spectra.polynomial_decay(Q(1, 2), 2, 3).tolist() == [Q(1, 2), Q(1, 8), Q(1, 18)]
    assert spectra.polynomial_decay(2.0, 1.5, 4)[3] == pytest.approx(2 / 8)
    assert spectra.exponential_decay(2, 1, 2, 2)[1] == pytest.approx(2 * np.exp(-4))


def test_finite_features_by_brute_force():
    """The kernel as an average over xi, and its least function representation."""
    psi = exact([[1, 2, 0], [0, -1, 3]])
    F = random_features.FiniteFeatures(psi, [Q(1, 2), Q(1, 3), Q(1, 6)])
    for x, y in product(range(2), repeat=2):
        assert F.kernel[x, y] == sum(F.law[i] * psi[x, i] * psi[y, i] for i in range(3))
    assert F.function(exact([1, 1, 1])).tolist() == [Q(7, 6), Q(1, 6)]
    root = F.square_root
    assert root @ root.T == pytest.approx(np.array(F.kernel, dtype=float))


@pytest.mark.parametrize(
    "kernel", [kernels.GaussianKernel(1.5), kernels.MaternKernel("3/2", 1.2)], ids=str
)
def test_fourier_features_tend_to_their_kernel(kernel):
    """The error falls like 1 / sqrt(count): at 100 times the features it is about a tenth."""
    truth, errors = kernels.gram(kernel, POINTS), []
    for count in (200, 20000):
        tables = [random_features.fourier_features(kernel, POINTS, count, s) for s in range(8)]
        gaps = [F @ F.T - truth for F in tables]
        errors.append(np.sqrt(np.mean(np.square(gaps))))
    assert errors[1] < 0.02 and 5 < errors[0] / errors[1] < 20


GAUSS = kernels.GaussianKernel(1.0)
BAD = {
    "degree": (lambda: kernels.PolynomialKernel(0), "degree is 0, expected a positive integer"),
    "flag": (lambda: kernels.PolynomialKernel(True), "degree is True, expected a positive"),
    "scale": (lambda: kernels.GaussianKernel(0), "scale is 0, expected a number above 0"),
    "nan": (lambda: kernels.GaussianKernel(float("nan")), "scale is nan, expected"),
    "smooth": (lambda: kernels.MaternKernel("-1/2", 1), "smoothness is .*, expected"),
    "word": (lambda: kernels.MaternKernel("smooth", 1), "smoothness is 'smooth', expected"),
    "points": (lambda: GAUSS(np.ones((2, 1)), np.ones((2, 2))), "have dimension 1 and y 2"),
    "axis": (lambda: GAUSS(np.ones(2), np.ones((2, 2))), r"points x have shape \(2,\)"),
    "eigenvalue": (lambda: kernels.check_gram(exact([[1, 2], [2, 1]])), "eigenvalue -1, expected"),
    "symmetric": (lambda: kernels.check_gram(exact([[1, 2], [3, 1]])), r"gram\[0, 1\] is 2 and"),
    "infinite": (lambda: kernels.check_gram(np.array([[np.inf]])), "is inf, expected a finite"),
    "empty": (lambda: kernels.check_gram(np.zeros((0, 0))), r"shape \(0, 0\), expected"),
    "range": (
        lambda: kernels.check_in_range(exact([[[1, 1], [1, 0]]]), exact([[1, 1], [1, 1]])),
        r"latents\[0, 1\] is not in the range of the kernel \(rank 1 of 2\)",
    ),
    "norm": (
        lambda: kernels.check_normalised(exact([[[1, 0]]]), exact([[2, 0], [0, 2]]) / 3),
        r"latents\[0, 0\]\|\|\^2 in H_k is 3/2, expected at most 1. Scale K by 3/2 \(.* is 2\)",
    ),
    "floats": (lambda: kernels.rank(np.eye(2)), "rank needs a table of exact rationals"),
    "beta": (lambda: spectra.polynomial_decay(1, 1, 3), "beta is 1, expected a number above 1"),
    "ranks": (lambda: spectra.finite_decay(0, 3), "beta is 0, expected a positive integer"),
    "half": (lambda: spectra.finite_decay(1.5, 3), "beta is 1.5, expected a positive integer"),
    "C0": (lambda: spectra.polynomial_decay(0, 2, 3), "C0 is 0, expected"),
    "C2": (lambda: spectra.exponential_decay(1, -1, 1, 3), "C2 is -1, expected"),
    "exponent": (lambda: spectra.exponential_decay(1, 1, 0, 3), "beta is 0, expected"),
    "sorted": (lambda: spectra.check_spectrum(exact([1, 2])), r"values\[1\] is 2, above values"),
    "negative": (lambda: spectra.check_spectrum(exact([1, -1])), r"values\[1\] is -1, expected"),
    "trace": (lambda: spectra.check_spectrum(exact([2, 1]), 1), "trace is 3, expected at most 1"),
    "long": (lambda: spectra.check_spectrum(exact([2, 1]), most=1), r"are 2, expected at most"),
    "basis": (
        lambda: spectra.KnownSpectrum(exact([1, 1]), exact([[1, 1], [0, 1]])),
        "columns 0 and 1 have inner product 1, expected 0",
    ),
    "power": (
        lambda: spectra.KnownSpectrum(exact([1, 0]), identity(2)).power(-1),
        r"values\[1\] is 0: T_k has no power -1",
    ),
    "count": (lambda: random_features.fourier_features(GAUSS, POINTS, 0, 0), "count is 0"),
    "kind": (
        lambda: random_features.fourier_features(kernels.LinearKernel(), POINTS, 1, 0),
        "kernel is a LinearKernel, expected",
    ),
    "law": (lambda: random_features.FiniteFeatures([[1, 2]], ["1/2", "1/3"]), "sums to 5/6"),
    "columns": (lambda: random_features.FiniteFeatures([[1, 2]], [1]), r"law has shape \(1,\)"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case):
    """One line that names what is wrong."""
    make, words = BAD[case]
    with pytest.raises(TheorylabError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)
