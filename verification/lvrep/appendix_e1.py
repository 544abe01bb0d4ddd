r"""Appendix E.1: Assumptions 3 and 4, Remarks 7 and 8.

Assumption 3 is \int k(z, z)d\mu = Tr T_k \le 1, Assumption 4 one of three bounds on the sorted
eigenvalues. Remark 8's finite ranks are exact. For the Gaussian and the Matern kernel of smoothness 1/2
on an interval the bound on what a kernel of rank n leaves over, which by Footnote 0 bounds the
eigenvalues beyond n, is judged in balls; other smoothnesses by Nystrom's method at growing resolution
(`theorylab figure kernel_spectra`): on [0, 1] at 64, 128, 256, 512 nodes the fitted powers of i fall to what is
said, 2.09, 2.04, 2.02, 2.01 for 1 + 2 nu = 2; 4.55, 4.29, 4.17, 4.10 for 4; 7.33, 6.71, 6.40, 6.24 for 6; the
Gaussian's -log mu_i grows like i^1.6 at each, faster than any i^1 that Remark 8 needs.
"""

import numpy as np

from theorylab import (
    Integer,
    KernelMatrix,
    Number,
    StateActionFunction,
    StateDistribution,
    StateFunction,
    assume,
    at_most,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import det, exp, sup
from theorylab.worlds import (
    LinearKernel,
    PolynomialKernel,
    by_decreasing,
    gram,
    polynomial_rank,
    spectral,
)
from verification.lvrep.paper import lvrep
from verification.lvrep.spectral import (
    above_zero,
    basis_of,
    inner,
    kernel_square,
    mercer,
    square,
)

# ---- Assumption 3, Remark 7 ----------------------------------------------------------------------


@lvrep.claim("Assumption 3")
def regular_after_scaling(
    p: StateDistribution, u: StateFunction, s: StateFunction, c: Number("1/4", 4)
):
    r"""c k with \int k = 1 is regular once divided by \int c k(z, z)d\mu = c: what that is, for any weights"""
    e, w = mercer(basis_of(u), 2 + s)
    k = spectral(c * p, e)
    return every(
        equal(inner(k.diagonal(), w), c),
        equal(inner((k / c).diagonal(), w), 1 + 0 * c, "Assumption 3, tight"),
    )


@lvrep.claim("Remark 7")
def trace_bounds_the_eigenvalues(
    p: StateDistribution, u: StateFunction, s: StateFunction, f: StateFunction
):
    r"""\sum\mu_i = \int k(z, z)d\mu = 1, so \mu_1 \le 1 and \|f\|_{L2} \le \|f\|_{H_k}; squared, f = T_kg"""
    e, w = mercer(basis_of(u), 2 + s)
    k = spectral(p, e)
    image = (k * w) @ f
    return every(
        equal(p.sum(), inner(k.diagonal(), w)),
        at_most(sup(p), p.sum(), "mu_1 <= 1"),
        at_most(square(image, w), inner(f, image, w), "<T g, T g> <= <g, T g>"),
    )


@lvrep.claim("Remark 7", reading="c")
def norms_under_a_larger_trace(
    p: StateDistribution, u: StateFunction, f: StateFunction, c: Number(1, 8)
):
    r"""With \int k = c instead: \|f\|_{L2}^2 \le c\|f\|_{H_k}^2, the price of the relaxed assumption"""
    mu, E = c * above_zero(p), basis_of(u)
    return at_most(square(f), c * kernel_square(f, mu, E))


# ---- Assumption 4 ------------------------------------------------------------------------------


@lvrep.claim("Assumption 4")
def decay_of_order_one_is_free(p: StateDistribution):
    r"""Tr T_k \le 1 alone gives \mu_i \le 1/i, polynomial decay with \beta = 1, which is excluded, and C_0 = 1"""
    mu = by_decreasing(p)
    i = np.arange(1, len(mu) + 1)
    return every(equal(mu.sum(), p.sum()), at_most(i * mu, 1 + 0 * mu))


@lvrep.claim("Assumption 4", reading="finite Z")
def every_finite_spectrum_decays(
    p: StateDistribution, beta: Integer(2, 3), q: Number("1/8", "7/8")
):
    r"""On n = |Z| points all three conditions hold: \mu_i = 0 for i > n; \mu_i \le n^{\beta-1}i^{-\beta}; \mu_i \le
    e^{C_2n^\beta}e^{-C_2i^\beta}, q = e^{-C_2}: the constants, C_poly and C_exp, hold |Z|"""
    mu, n = by_decreasing(p), len(p)
    i = [k + 1 for k in range(n)]
    return every(
        at_most(np.array([k**beta for k in i]) * mu, n ** (beta - 1) + 0 * mu, "polynomial"),
        at_most(mu * q ** (n**beta), np.stack([q ** (k**beta) for k in i]), "exponential"),
    )


# ---- Remark 8 ----------------------------------------------------------------------------------


def points_of(X, Y, count, d):
    """So many points of R^d from the entries of two tables."""
    entries = np.concatenate([X.ravel(), Y.ravel()])
    assume(at_most(count * d, entries.size), "the tables have so many entries")
    return entries[: count * d].reshape(count, d)


@lvrep.claim("Remark 8", reading="linear kernel")
def rank_of_the_linear_kernel(X: StateActionFunction, Y: StateActionFunction, d: Integer(1, 2)):
    r"""Any d + 1 points of R^d have a singular Gram matrix: rank \le d"""
    return equal(det(gram(LinearKernel(), points_of(X, Y, d + 1, d))), 0 * X[0, 0])


@lvrep.claim("Remark 8", reading="polynomial kernel")
def rank_of_the_polynomial_kernel(X: StateActionFunction, Y: StateActionFunction, n: Integer(1, 3)):
    r"""The same for (1 + xx')^n with C(d + n, n) + 1 points, the number of monomials of degree at most n
    and one more; d = 1"""
    points = points_of(X, Y, polynomial_rank(1, n) + 1, 1)
    return equal(det(gram(PolynomialKernel(n), points)), 0 * X[0, 0])


@lvrep.claim("Remark 8", reading="discrete Z")
def rank_on_a_finite_set(K: KernelMatrix):
    r"""Among |Z| + 1 points of Z two are the same: their Gram matrix is singular, so \beta \le |Z|"""
    places = [*range(len(K)), 0]
    return equal(det(K[np.ix_(places, places)]), 0 * K[0, 0])


@lvrep.claim("Remark 8", reading="Gaussian kernel")
def gaussian_kernel_decays(
    x: Number(-1, 1), scale: Number("1/2", 64), n: Integer(1, 5), C2: Number(0, 2)
):
    r"""exp(-(x-y)^2/\sigma^2) less its first n Taylor features leaves at (x, x), |x| \le 1,
    1 - e^{-t}\sum_{j<n}t^j/j! \le c^n/n! \le e^{ce^{C_2}}e^{-C_2n}, t = cx^2, c = 2/\sigma^2: on an interval
    exponential decay with \beta = 1 and any C_2"""
    c = 2 / (scale * scale)
    t = c * x * x
    taken, term, last = 1 + 0 * t, 1 + 0 * t, c
    for j in range(1, n):
        term, last = term * t / j, last * c / (j + 1)
        taken = taken + term
    return (
        chain(1 - exp(-t) * taken)
        .at_most(last, "the tail of a Poisson law")
        .at_most(exp(c * exp(C2)) * exp(-C2 * n), "a term of the series of exp")
    )


@lvrep.claim("Remark 8", reading="Matern kernel, smoothness 1/2, given two values")
def left_between_two_nodes(a: Number(0, 1), b: Number(0, 1)):
    r"""k(x, x) - k_x'K^{-1}k_x for k = e^{-|x-y|} and nodes at distances t and s to both sides of x, times
    1 - e^{-2(t+s)}, is (1 - a^2)(1 - b^2); a = e^{-t}, b = e^{-s}"""
    between = a * b
    left = 1 - between**2 - (a * a + b * b - 2 * between * a * b)
    return equal(left, (1 - a * a) * (1 - b * b))


@lvrep.claim("Remark 8", reading="Matern kernel, smoothness 1/2")
def exponential_kernel_decays(t: Number(0, 2), s: Number(0, 2)):
    r"""It is at most 2ts/(t + s), whose mean over an interval of length h is h/3: m + 1 nodes leave L^2/3m on
    length L, so \mu_{2m+1} \le L^2/3m^2: polynomial decay with \beta = 2 = 1 + 2\nu"""
    a, b = exp(-t), exp(-s)
    left = (1 - a * a) * (1 - b * b)
    return at_most(left * (t + s), 2 * t * s * (1 - a * a * b * b))
