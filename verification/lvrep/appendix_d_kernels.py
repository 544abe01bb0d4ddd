r"""Appendix D: Definitions 12 to 14, on finite sets.

Xi, the space of random features, is finite, too. A kernel that is psd has no negative quadratic form; the
print's "strict" inequality is judged as it stands and for a \ne 0.

Resolutions: Definition 12 speaks of every finite set of points; sets of 1 to 3 are exact or in balls (Gaussian,
Matern at smoothness 1/2, 3/2, 5/2), up to 24 in floats. A form that is negative anywhere would be so at some
finite set, and grows no more negative with more points: no trend.
"""

import numpy as np

from theorylab import (
    Integer,
    Number,
    StateActionFunction,
    StateDistribution,
    StateFunction,
    at_least,
    at_most,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import absolute, exp, inf, ratio, sqrt, sup
from theorylab.theory.kernels import entropy_number
from theorylab.worlds import (
    GaussianKernel,
    LinearKernel,
    MaternKernel,
    PolynomialKernel,
    gram,
    kernel_of_features,
    spectral,
)
from verification.lvrep.paper import lvrep
from verification.lvrep.spectral import (
    above_zero,
    basis_of,
    inner,
    is_nonzero,
    square,
)

# ---- Definition 12 -----------------------------------------------------------------------------


@lvrep.claim("Definition 12")
def feature_kernels_are_semidefinite(phi: StateActionFunction, a: StateFunction):
    r"""k = <\phi(x), \phi(x')> has \sum a_ia_jk(x_i, x_j) = \|\sum a_i\phi(x_i)\|^2 \ge 0"""
    k = phi @ phi.T
    return chain(a @ k @ a).equal(square(phi.T @ a)).at_least(0 * a[0])


@lvrep.claim("Definition 12", reading="positive definite")
def strict_at_zero(p: StateDistribution, u: StateFunction, a: StateFunction):
    r"""A positive definite k, all \mu_i > 0, has \sum a_ia_jk(x_i, x_j) > 0 for all a and distinct x_i"""
    return equal(is_nonzero(a @ spectral(above_zero(p), basis_of(u)) @ a), 1 + 0 * a[0])


@lvrep.claim(
    "Definition 12",
    reading="positive definite, a not 0",
    corrects="strict_at_zero",
    because="a = 0 is excepted: as printed no kernel is positive definite",
)
def strict_off_zero(p: StateDistribution, u: StateFunction, a: StateFunction):
    r"""The same for a \ne 0"""
    value = a @ spectral(above_zero(p), basis_of(u)) @ a
    return equal(is_nonzero(value), is_nonzero(sup(absolute(a))))


@lvrep.claim("Definition 12, kernels")
def linear_kernel(X: StateActionFunction, a: StateFunction):
    r"""k(x, x') = x'x: \sum a_ia_jk(x_i, x_j) \ge 0"""
    return at_least(a @ gram(LinearKernel(), X) @ a, 0 * a[0])


@lvrep.claim("Definition 12, kernels", reading="polynomial")
def polynomial_kernel(X: StateActionFunction, a: StateFunction, n: Integer(1, 3)):
    r"""k(x, x') = (1 + x'x)^n = <\phi, \phi>, the features of degree n being products of n of (1, x)"""
    k, base = gram(PolynomialKernel(n), X), 1 + X @ X.T
    powers = base if n == 1 else base * base if n == 2 else base * base * base
    return every(equal(k, powers), at_least(a @ k @ a, 0 * a[0]))


@lvrep.claim("Definition 12, kernels", reading="Gaussian")
def gaussian_kernel(X: StateActionFunction, a: StateFunction, scale: Number("1/4", 4)):
    r"""k(x, x') = exp(-\|x - x'\|^2/\sigma^2), which with \sigma = \sqrt2\sigma' is exp(-\|x - x'\|^2/2\sigma'^2):
    \sum a_ia_jk(x_i, x_j) \ge 0, k(x, x) = 1"""
    k = gram(GaussianKernel(scale), X)
    return every(at_least(a @ k @ a, 0 * scale), equal(k[0, 0], 1 + 0 * scale))


@lvrep.claim("Definition 12, kernels", reading="Matern")
def matern_kernel(
    X: StateActionFunction, a: StateFunction, scale: Number("1/4", 4), p: Integer(0, 2)
):
    r"""k = 2^{1-\nu}/\Gamma(\nu) r^\nu B_\nu(r) at \nu = p + 1/2 (the bar before \Gamma is lost), r = \sqrt{2\nu}\|x - x'\|/l,
    which is e^{-r} times 1, 1 + r, 1 + r + r^2/3: \sum a_ia_jk(x_i, x_j) \ge 0, k(x, x) = 1"""
    k = gram(MaternKernel(f"{2 * p + 1}/2", scale), X)
    squares = ((X[:, None] - X[None]) ** 2).sum(-1)
    r = sqrt((2 * p + 1) * squares) / scale
    factor = 1 + 0 * r if p == 0 else 1 + r if p == 1 else 1 + r + r * r / 3
    return every(
        equal(k, exp(-r) * factor, "at half-integers"),
        at_least(a @ k @ a, 0 * scale),
        equal(k[0, 0], 1 + 0 * scale),
    )


# ---- Definition 13 -----------------------------------------------------------------------------


@lvrep.claim("Definition 13")
def random_features_reproduce(
    psi: StateActionFunction, F: StateActionFunction, law: StateDistribution
):
    r"""f(x) = \int\tilde f(\xi)\psi(x; \xi)dP has f(x) = <f, k(x, .)> := \int\tilde f \tilde g dP, as k(x, .) is
    represented by \psi(x; .); \xi is a state, x an action"""
    f, k = F[:, 0], kernel_of_features(psi.T, law)
    return every(
        equal(k, (psi.T * law) @ psi, "k(x, .) by psi(x; .)"),
        equal((psi.T * law) @ f, ((law * f)[:, None] * psi).sum(0), "f(x) = <f, k(x, .)>"),
    )


@lvrep.claim("Definition 13", reading="the norm")
def norm_of_any_representation(psi: StateFunction, law: StateDistribution, f: StateFunction):
    r"""\|f\|_{H_k}^2 = \int\tilde f^2dP for any \tilde f that represents f; one point x, so that
    \|f\|_{H_k}^2 = f(x)^2/k(x, x)"""
    at_x = inner(f, psi, law)
    return equal(square(f, law), ratio(at_x * at_x, square(psi, law)))


@lvrep.claim(
    "Definition 13",
    reading="the norm, least representation",
    corrects="norm_of_any_representation",
    because="different \\tilde f represent the same f, with different \\int\\tilde f^2 dP; the norm is the"
    " least of these, that of \\tilde f = \\sum b_x \\psi(x; .)",
)
def norm_is_the_least(
    psi: StateActionFunction, law: StateDistribution, F: StateFunction, B: StateActionFunction
):
    r"""\int\tilde f^2dP \ge 2b'f - b'Kb for all b, of which the largest is \|f\|_{H_k}^2 = f'K^+f; equal for
    \tilde f = \sum_xb_x\psi(x; .)"""
    b, k = B[0], kernel_of_features(psi.T, law)
    least = psi @ b
    return every(
        at_least(square(F, law), 2 * (b @ ((psi.T * law) @ F)) - b @ k @ b),
        equal(square(least, law), b @ k @ b, "attained"),
    )


# ---- Definition 14 -----------------------------------------------------------------------------


@lvrep.claim("Definition 14")
def entropy_numbers(t: StateFunction, y: StateFunction, i: Integer(1, 2)):
    r"""e_{i+1} \le e_i of the points t_1, ..., t_S on a line, and centres elsewhere, at y, gain a factor of at
    most 2: e_i(with y) \le e_i \le 2e_i(with y) ("cardinality 2^{i-1}" read as at most: there may be fewer points);
    one ball about any centre has 2e_1 \ge the diameter"""
    d, apart = absolute(t[:, None] - t[None, :]), absolute(t[:, None] - y[None, :])
    both, n = np.concatenate([d, apart], axis=1), len(t)
    own, wide = entropy_number(d, range(n), i), entropy_number(both, range(2 * n), i)
    return every(
        at_most(entropy_number(d, range(n), i + 1), own),
        at_most(wide, own),
        at_most(own, 2 * wide),
        at_least(2 * entropy_number(both, range(2 * n), 1), sup(t) - inf(t), "one ball"),
    )
