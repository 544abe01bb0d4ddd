r"""Lemma 19, proof: optimality of \nu, the multiplier, the size i_0 of its support, Jensen.

The optimum is water-filling, on the axes: a law with mass p_i on the axis m_i satisfies the conditions of
optimality iff 1/(\alpha m_i) = \theta - p_i where p_i > 0, and 1/(\alpha m_i) \ge \theta elsewhere; the multiplier is
C = 1/\theta. So p, \theta > 1 and \alpha are drawn, and m_i = 1/(\alpha(\theta - p_i)). In the operators m_i =
\mu_i^2. The last displays, of what follows for the three decays, are cut off in the seed: "text lost".
"""

import numpy as np

from theorylab import (
    Along,
    Number,
    StateDistribution,
    StateFunction,
    at_least,
    at_most,
    bounded_by,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import det, identity, inverse, solve, sup
from theorylab.worlds import spectral
from verification.lvrep.appendix_f19 import potential
from verification.lvrep.paper import lvrep
from verification.lvrep.spectral import basis_of, inner, square

SIGN = "(\\alpha^{-1}I + E)^{-1}, as before and after this display"


def optimal_axes(p, theta, alpha):
    """Squared axes for which the masses p are optimal at the level theta."""
    return 1 / (alpha * (theta - p))


# ---- the derivative ------------------------------------------------------------------------------


@lvrep.claim("Lemma 19, proof", reading="concavity")
def log_det_is_concave(
    p: StateDistribution, q: StateDistribution, u: StateFunction, v: StateFunction,
    alpha: Number(0, None),
):  # fmt: skip
    r"""log det(X) is concave on X > 0, at the middle: det((X + Y)/2)^2 \ge det X det Y, X = I + \alpha E"""
    one = identity(len(p))
    X, Y = one + alpha * spectral(p, basis_of(u)), one + alpha * spectral(q, basis_of(v))
    return at_least(det((X + Y) / 2) ** 2, det(X) * det(Y))


@lvrep.claim("Lemma 19, proof", reading="derivative")
def derivative_of_the_log_det(
    p: StateDistribution,
    u: StateFunction,
    phi: StateFunction,
    alpha: Number("1/8", 8),
    s: Number(0, 1),
):
    r"""d log det(I + \alpha E_\nu)/d\nu(\phi') = Tr(\alpha(I + \alpha E)^{-1}\phi'\phi'') = <\phi', (\alpha^{-1}I + E)^{-1}\phi'>:
    det(I + \alpha E + s\alpha\phi'\phi'') = det(I + \alpha E)(1 + s<\phi', ...\phi'>)"""
    E, one = spectral(p, basis_of(u)), identity(len(p))
    X, outer = one + alpha * E, phi[:, None] * phi[None, :]
    slope = (alpha * inverse(X) @ outer).trace()
    return every(
        equal(slope, inner(phi, solve(one / alpha + E, phi)), "the operator taken out"),
        equal(det(X + s * alpha * outer), det(X) * (1 + s * slope), "a rank-one change"),
    )


@lvrep.claim("Lemma 19, proof", reading="operator norm")
def inverse_is_at_most_alpha(
    p: StateDistribution, u: StateFunction, x: StateFunction, alpha: Number("1/8", 8)
):
    r"""\|(\alpha^{-1}I + E)^{-1}\|_{op} \le \alpha"""
    regular = identity(len(p)) / alpha + spectral(p, basis_of(u))
    return at_most(inner(x, solve(regular, x)), alpha * square(x))


# ---- the multiplier ------------------------------------------------------------------------------


@lvrep.claim("Lemma 19, proof", reading="water-filling")
def water_filling_is_optimal(
    p: StateDistribution,
    q: StateDistribution,
    u: StateFunction,
    theta: Number("9/8", 8),
    alpha: Number("1/8", 8),
):
    r"""det(I + \alpha E_\nu[\phi\phi']) \le \prod(1 + \alpha m_ip_i) for every law on the ellipsoid, M of eigenvalues q: the
    law that satisfies the conditions is a maximum"""
    m = optimal_axes(p, theta, alpha)
    best = 1 + 0 * alpha
    for factor in 1 + alpha * m * p:
        best = best * factor
    return at_most(potential(alpha, m, q, u), best)


@lvrep.claim("Lemma 19, proof", reading="multiplier, literal")
def multiplier_with_a_minus(p: StateDistribution, theta: Number("9/8", 8), alpha: Number("1/8", 8)):
    r"""CT_k^{-2} - (\alpha^{-1}I - E_\nu[\phi\phi'])^{-1} \ge 0, its diagonal: C/m_i - 1/(1/\alpha - m_ip_i) \ge 0"""
    m = optimal_axes(p, theta, alpha)
    return at_least(1 / (theta * m), 1 / (1 / alpha - m * p))


@lvrep.claim(
    "Lemma 19, proof", reading="multiplier", corrects="multiplier_with_a_minus", because=SIGN
)
def multiplier(
    p: StateDistribution,
    theta: Number("9/8", 8),
    alpha: Number("1/8", 8),
    share: Number("1/16", 1),
):
    r"""CT_k^{-2} - (\alpha^{-1}I + E_\nu[\phi\phi'])^{-1} \ge 0, and 0 on the support of \nu; an axis m = share/\alpha\theta
    without mass beside those of p"""
    idle = np.stack([share / (alpha * theta)])
    m = np.concatenate([optimal_axes(p, theta, alpha), idle])
    masses = np.concatenate([p, 0 * idle])
    rest = 1 / (theta * m) - 1 / (1 / alpha + m * masses)
    return every(
        at_least(rest, 0 * m, "psd"), equal(masses * rest, 0 * m, "complementary slackness")
    )


@lvrep.claim("Lemma 19, proof", reading="Weyl")
def weyl_bound(
    q: StateDistribution, p: StateDistribution, u: StateFunction, x: StateFunction,
    alpha: Number("1/8", 8), C: Number(0, 4),
):  # fmt: skip
    r"""<x, (CT_k^{-2} - (\alpha^{-1}I + E)^{-1})x> \ge <x, (CT_k^{-2} - \alpha I)x>, so the eigenvalues are \ge
    C\mu_i^{-2} - \alpha (\mu_i counted downwards); \mu_i^2 = (1 + q_i)/2"""
    m = (1 + q) / 2
    regular = identity(len(p)) / alpha + spectral(p, basis_of(u))
    left = C * inner(x, x / m) - inner(x, solve(regular, x))
    return at_least(left, C * inner(x, x / m) - alpha * square(x))


@lvrep.claim("Lemma 19, proof", reading="the constant C")
def multiplier_is_not_small(p: StateDistribution, theta: Number("9/8", 8), alpha: Number("1/8", 8)):
    r"""C \ge \alpha\mu_1^2/(\alpha\mu_1^2 + 1), so that C\mu_i^{-2} - \alpha \ge \alpha(\mu_1^2\mu_i^{-2}/(\alpha\mu_1^2 + 1) - 1)"""
    m = optimal_axes(p, theta, alpha)
    first = sup(m)
    least = alpha * first / (alpha * first + 1)
    return every(
        at_least(1 / theta, least),
        at_least(1 / (theta * m) - alpha, alpha * (first / m / (alpha * first + 1) - 1)),
    )


@lvrep.claim("Lemma 19, proof", reading="i_0")
def support_of_the_optimum(p: StateDistribution, theta: Number("9/8", 8), alpha: Number("1/8", 8)):
    r"""Every axis of the support has \mu_1^2\mu_i^{-2} \le \alpha\mu_1^2 + 1"""
    m = optimal_axes(p, theta, alpha)
    return at_most(p * sup(m) / m, p * (alpha * sup(m) + 1))


# ---- the second claim ----------------------------------------------------------------------------


@lvrep.claim("Lemma 19, proof", reading="i_0 = O(1)")
def few_axes_at_small_alpha(x: Along(0)):
    r"""With \alpha = O(1), Assumption 3 gives \mu_i \le 1 and i_0 = O(1): n = 1/x eigenvalues 1/n, \alpha = 1. All
    have \mu_1^2\mu_i^{-2} = 1, so i_0 = n, and the optimum is uniform on them"""
    n = 1 / x
    return bounded_by(n, n / n)


@lvrep.claim(
    "Lemma 19, proof",
    reading="small alpha",
    corrects="few_axes_at_small_alpha",
    because="i_0 may be as large as |Z|, but the log det is at most \\alpha Tr E whatever it is",
)
def small_alpha_by_the_trace(p: StateDistribution, alpha: Number(0, 4)):
    r"""log det is at most \alpha for i_0 axes of any number: det(I + \alpha E) \le (1 + \alpha Tr E/n)^n at E = diag(p), and
    (1 + \alpha/n)^n \le (1 + \alpha/2n)^{2n}, which grows to e^\alpha"""
    n, value = len(p), 1 + 0 * alpha
    for factor in 1 + alpha * p:
        value = value * factor
    return (
        chain(value)
        .at_most((1 + alpha / n) ** n, "Jensen")
        .at_most((1 + alpha / (2 * n)) ** (2 * n), "(1 + 1/k)^k grows")
    )


# ---- the three decays ----------------------------------------------------------------------------


@lvrep.claim("Lemma 19, proof", reading="finite spectrum, Jensen")
def jensen_on_the_support(
    q: StateDistribution, p: StateDistribution, u: StateFunction, alpha: Number(0, None)
):
    r"""det(I + \alpha E) \le (1 + \alpha Tr E/\beta)^\beta \le (1 + \alpha/\beta)^\beta, as Tr E = E\|\phi\|_{L2}^2 \le 1 (text lost after
    "we have")"""
    beta, axes = len(q), q * q
    trace = (axes * spectral(p, basis_of(u)).diagonal()).sum()
    return (
        chain(potential(alpha, axes, p, u))
        .at_most((1 + alpha * trace / beta) ** beta, "Jensen")
        .at_most((1 + alpha / beta) ** beta, "the norms")
    )


@lvrep.claim("Lemma 19, proof", reading="any spectrum below")
def log_det_grows_with_the_spectrum(
    q: StateDistribution,
    extra: StateDistribution,
    p: StateDistribution,
    u: StateFunction,
    alpha: Number(0, None),
):
    r"""The log det grows with each \mu_i: so \mu_i \le C_0i^{-\beta} may be replaced by equality, and C_poly is free of
    \mu_1, which i_0 by \mu_1^2\mu_i^{-2} \le \alpha\mu_1^2 + 1 is not (text lost)"""
    return at_most(potential(alpha, q * q, p, u), potential(alpha, (q + extra) ** 2, p, u))


@lvrep.claim("Lemma 19, proof", reading="Jensen on i_0 axes")
def jensen_on_the_first_axes(p: StateDistribution, q: StateDistribution, alpha: Number(0, None)):
    r"""\prod_{i\le i_0}(1 + \alpha\mu_i^2p_i) \le (1 + \alpha\mu_1^2/i_0)^{i_0}: what remains of the polynomial and exponential cases
    once i_0 is known (text lost); \mu_i^2 = q_i"""
    n, value = len(p), 1 + 0 * alpha
    for factor in 1 + alpha * q * p:
        value = value * factor
    return at_most(value, (1 + alpha * sup(q) / n) ** n)
