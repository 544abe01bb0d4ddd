r"""Section 3.1: random features, the bonus (7), and planning with it.

A kernel k(z, z') = E_{xi ~ P}[psi(z; xi) psi(z'; xi)] on finitely many latent values, P finite, too;
so expectations over z_i ~ p(. | s, a) and xi_i ~ P are exact. Where a claim draws them, z has S values
and xi has A. The extraction has lost the display of (7); the appendix and Algorithm 1 force

    b_n(s, a) = \alpha_n \sqrt{\phi'(\sum_{(s_i, a_i) \in D_n} \phi\phi' + \lambda I)^{-1} \phi},

\phi = \hat\phi_n(s, a) = [\psi(z_i; \xi_i)]_{i \le m}. Claims are about its square over \alpha_n^2, which is
rational; the operator's is p'(\sum p p' + \lambda K^{-1})^{-1} p.
"""

import numpy as np

from theorylab import (
    Along,
    Integer,
    KernelMatrix,
    LatentVariableModel,
    Number,
    Policy,
    StateActionDistribution,
    StateActionFunction,
    StateDistribution,
    at_most,
    bounded_by,
    draw,
    equal,
    every,
    in_expectation,
)
from theorylab.arithmetic import absolute, identity, inverse
from theorylab.notation import E, Q, V
from theorylab.theory.features import bonus_squared, covariance, second_moments, squared_norm
from verification.lvrep.paper import lvrep

# ---- random features of Q ------------------------------------------------------------------------


def latent_mean(p, psi, law, w):
    r"""E_{z ~ p}[w(z)] where w(z) = \sum_\xi P(\xi) \tilde w(\xi) \psi(z; \xi)."""
    return E(p, psi @ (law * w))


def sampled_mean(p, psi, law, w, m):
    r"""(1/m) \sum_i \tilde w(\xi_i) \psi(z_i; \xi_i) of m drawn pairs."""
    pairs = [(draw(p), draw(law)) for _ in range(m)]
    return sum(w[xi] * psi[z, xi] for z, xi in pairs) / m


@lvrep.claim("Section 3.1, random features")
def random_features_are_unbiased(
    p: StateDistribution,
    psi: StateActionFunction,
    law: Policy,
    w: StateActionFunction,
    m: Integer(1, 2),
):
    r"""Q^\pi(s, a) \approx r(s, a) + (\gamma/m) \sum_i \tilde w(\xi_i) \psi(z_i; \xi_i), z_i \sim p^*(z|s, a), \xi_i \sim P(\xi):
    the sum has the right expectation"""
    law, w = law.probabilities[0], w[0]
    return in_expectation(equal(sampled_mean(p, psi, law, w, m), latent_mean(p, psi, law, w)))


@lvrep.claim("Section 3.1, random features", reading="error")
def error_of_random_features(
    p: StateDistribution,
    psi: StateActionFunction,
    law: Policy,
    w: StateActionFunction,
    m: Integer(1, 2),
):
    r"""and its mean squared error is 1/m of that of one pair"""
    law, w = law.probabilities[0], w[0]
    mean = latent_mean(p, psi, law, w)
    error = (sampled_mean(p, psi, law, w, m) - mean) ** 2
    one = E(p, psi**2 @ (law * w**2)) - mean**2
    return in_expectation(equal(error, one / m))


# ---- (7): the bonus ------------------------------------------------------------------------------


@lvrep.claim("(7)", reading="mean embeddings")
def bonus_of_mean_embeddings(
    T: LatentVariableModel,
    B: KernelMatrix,
    nu: StateActionDistribution,
    n: Integer(1, 3),
    regular: Number("1/8", 8),
):
    r"""with \phi(s, a) = \sum_z p(z|s, a) \psi(z; .), all features enumerated, \phi'(\sum \phi\phi' + \lambda I)^{-1}\phi =
    p'(\sum p p' + \lambda K^{-1})^{-1} p: the bonus by features is that by the operator"""
    psi = np.concatenate([B, T.emissions[:, :1]], axis=1)
    phi = T.latents @ psi
    sigma = n * second_moments(nu, phi) + regular * identity(T.Z + 1)
    operator = covariance(nu, T.latents, psi @ psi.T, n, regular)
    return equal(bonus_squared(phi, sigma), bonus_squared(T.latents, operator))


def kernel_of(psi, law):
    r"""k(z, z') = \sum_\xi P(\xi) \psi(z; \xi) \psi(z'; \xi)."""
    return (psi * law) @ psi.T


@lvrep.claim("(7)")
def bonus_of_sampled_features(
    p: StateDistribution, psi: StateActionFunction, law: Policy, m: Integer(1, 2)
):
    r"""(7) as printed is the bonus of the operator in expectation, before there are data: \lambda b^2/\alpha^2 =
    \sum_{i \le m} \psi(z_i; \xi_i)^2, one z_i for each \xi_i, against p'Kp"""
    law = law.probabilities[0]
    found = sum(psi[draw(p), draw(law)] ** 2 for _ in range(m))
    return in_expectation(equal(found, squared_norm(p, kernel_of(psi, law))))


@lvrep.claim("(7)", reading="features over the root of m")
def bonus_of_scaled_sampled_features(
    p: StateDistribution, psi: StateActionFunction, law: Policy, m: Integer(1, 2)
):
    r"""the same for \phi = m^{-1/2} [\psi(z_i; \xi_i)]_i: the expectation is E_{z \sim p} k(z, z) for every m, so that no m is
    large enough"""
    law = law.probabilities[0]
    found = sum(psi[draw(p), draw(law)] ** 2 for _ in range(m)) / m
    return in_expectation(equal(found, squared_norm(p, kernel_of(psi, law))))


@lvrep.claim(
    "(7)",
    reading="corrected: two independent z for each xi",
    corrects="bonus_of_scaled_sampled_features",
    because="one z in both factors gives E_z psi^2; a second draw of z for the second factor leaves the"
    " square of the mean, and the sampling as it is",
)
def bonus_of_two_draws(
    p: StateDistribution, psi: StateActionFunction, law: Policy, m: Integer(1, 2)
):
    r"""\frac1m \sum_i \psi(z_i; \xi_i) \psi(z_i'; \xi_i) with z_i, z_i' \sim p(z|s, a) independent and \xi_i \sim P has the expectation
    p'Kp, the square of the operator's bonus before there are data"""
    law, found = law.probabilities[0], 0
    for _ in range(m):
        xi = draw(law)
        found = found + psi[draw(p), xi] * psi[draw(p), xi] / m
    return in_expectation(equal(found, squared_norm(p, kernel_of(psi, law))))


@lvrep.claim(
    "(7)",
    reading="corrected: mean over z of each feature, over the root of m",
    corrects="bonus_of_sampled_features",
    because="a square needs E_z psi(z; xi), not psi at one z: E psi^2 is larger by the variance; and m"
    " features without 1/\\sqrt m make the data m times too large against \\lambda",
)
def bonus_of_embedded_features(
    p: StateDistribution, psi: StateActionFunction, law: Policy, m: Integer(1, 3)
):
    r"""\phi = m^{-1/2} [\sum_z p(z|s, a) \psi(z; \xi_i)]_i: before there are data the expectation of \lambda b^2/\alpha^2 is p'Kp"""
    law = law.probabilities[0]
    found = sum(E(p, psi[:, draw(law)]) ** 2 for _ in range(m)) / m
    return in_expectation(equal(found, squared_norm(p, kernel_of(psi, law))))


def one_datum(x, y, weights, n, regular):
    """The squared bonus at p = (x, 1-x), n data at q = (y, 1-y), k(z, z') = 2 weights_z 1[z = z'];
    by the formula for one rank-one term."""
    p, q = np.stack([x, 1 - x]), np.stack([y, 1 - y])
    pp, pq, qq = (2 * (weights * u * v).sum() for u, v in ((p, p), (p, q), (q, q)))
    return (pp - n * pq**2 / (regular + n * qq)) / regular


@lvrep.claim("(7)", reading="not over the root of m, as m grows")
def unscaled_features_as_m_grows(
    x: Number(0, 1), y: Number(0, 1), n: Integer(1, 4), m: Along("infinity")
):
    r"""m features of mean embeddings without 1/\sqrt m have the kernel mk; with n data, \lambda = 1 and K = I the bonus comes
    near that of the operator: |b_m^2 - b^2| = O(1/m)"""
    one = x - x + 1
    half = np.stack([one, one]) / 2
    gap = one_datum(x, y, m * half, n, 1) - one_datum(x, y, half, n, 1)
    return bounded_by(absolute(gap), one / m)


def expected_over_counts(m, value):
    """The expectation over Binomial(m, 1/2) counts of value(k)."""
    ways, total = 1, 0
    for k in range(m + 1):
        total = total + ways * value(k)
        ways = ways * (m - k) // (k + 1)
    return total / 2**m


@lvrep.claim(
    "(7)",
    reading="corrected, error at most 1/m",
    corrects="unscaled_features_as_m_grows",
    because="m features need the factor 1/sqrt m, or their kernel is m k",
)
def error_of_scaled_features(x: Number(0, 1), y: Number(0, 1), n: Integer(0, 4), m: Integer(1, 6)):
    r"""with m features \xi_i \sim P, each the mean over z, over \sqrt m, and n data, the mean squared error of b^2 is at most 1/m:
    Z = 2, K = I, \psi(z; \xi) = \sqrt 2 1[z = \xi], P = (1/2, 1/2), \lambda = 1"""
    one = x - x + 1
    exact = one_datum(x, y, np.stack([one, one]) / 2, n, 1)
    p, q = np.stack([x, 1 - x]), np.stack([y, 1 - y])
    operator = bonus_squared(p, n * q[:, None] * q + identity(2))

    def error(k):
        weights = np.stack([k * one, (m - k) * one]) / m
        return (one_datum(x, y, weights, n, 1) - exact) ** 2

    return every(
        equal(exact, operator, "b^2 of the operator"),
        at_most(expected_over_counts(m, error), one / m),
    )


# ---- planning with the bonus ---------------------------------------------------------------------


@lvrep.claim("Section 3.1, Bellman with bonus")
def bonus_joins_the_features(T: LatentVariableModel, pi: Policy, b: StateActionFunction):
    r"""Q^\pi(s, a) = r(s, a) + b(s, a) + \gamma E_T[V^\pi(s')] is linear in [r, \phi, b], with weights (1, \gamma w, 1)"""
    M = T.with_reward(T.r + b)
    w = M.emissions @ V(M, pi)
    rows = np.concatenate([T.r[..., None], T.latents, b[..., None]], axis=-1)
    weights = np.concatenate([[1], T.gamma * w, [1]])
    return every(
        equal(Q(M, pi), T.r + b + T.gamma * E(T.P, V(M, pi))),
        equal(Q(M, pi), rows @ weights),
    )


@lvrep.claim("Section 3.1, Bellman with bonus", reading="the bonus as a feature")
def squared_bonus_is_linear_in_products(T: LatentVariableModel, sigma: KernelMatrix):
    r"""the extra O(m^2) of the bonus: b^2 = \phi'\Sigma^{-1}\phi is linear in the m^2 products \phi_i\phi_j, the same weights for
    all pairs"""
    products = T.latents[..., :, None] * T.latents[..., None, :]
    linear = products.reshape(T.S, T.A, -1) @ inverse(sigma).ravel()
    return equal(bonus_squared(T.latents, sigma), linear)
