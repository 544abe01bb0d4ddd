r"""Lemmas 14, 16 and 23, and their proofs in B.4: statements on one row.

Lemma 14 is printed for |v| <= 1; Lemma 15 uses it for vectors in [0, 1]. Lemma 16 falls for Algorithm
2 as printed; with its own constants, 7 and 30, it is judged for alpha~ in [0, 1]. Estimates have no next state that the truth has not, which supp(p_hat) <= supp(p) says.
"""

import numpy as np

from theorylab import (
    Along,
    Number,
    StateDistribution,
    StateFunction,
    at_most,
    bounded_by,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import absolute, maximum, minimum, sqrt
from verification.lmdp.paper import lmdp
from verification.lmdp.rows import (
    UNIT,
    error_2,
    row_bonus,
    row_spread,
    states_reached,
    tight_1,
    tight_2,
    within_support,
)

ABOVE_1 = (
    "the proof takes alpha~ in [0, 1], which a model of the set (2) may exceed: then the last term is that times"
    " as large. Cut at 1, as (4) cuts it, alpha~ keeps Algorithm 2's optimism and has the bound"
)
BY_RANGE = "|v_i - p v| is at most 1 for v in [0, 1], and up to 2 for |v| <= 1"


# ---- Lemma 14 ------------------------------------------------------------------------------------


def mvp_operator(p, v, c_1, c_2, u):
    """f(p, v, n, iota) = p v + max(c_1 sqrt(V(p, v) u), c_2 u) with u = iota / n."""
    return p @ v + maximum(c_1 * sqrt(row_spread(p, v) * u), c_2 * u)


@lmdp.claim("Lemma 14")
def mvp_monotone(
    p: StateDistribution, v: StateFunction, x: StateFunction, c_1: Number(0, 4), u: Number(0, 4)
):
    r"""f(p, v, n, \iota) \le f(p, v', n, \iota) for v \le v' = \max(v, x), \|v\|_\infty, \|v'\|_\infty \le 1,
    at c_2 = c_1^2"""
    first = mvp_operator(p, v, c_1, c_1**2, u)
    return at_most(first, mvp_operator(p, maximum(v, x), c_1, c_1**2, u))


@lmdp.claim("Lemma 14", reading=UNIT, corrects="mvp_monotone", because=BY_RANGE)
def mvp_monotone_corrected(
    p: StateDistribution,
    f: StateFunction,
    g: StateFunction,
    c_1: Number(0, 4),
    more: Number(0, 4),
    u: Number(0, 4),
):
    r"""The same for v = (1 + f)/2 and v' = \max(v, (1 + g)/2) in [0, 1], for any c_2 \ge c_1^2"""
    v, higher, c_2 = (1 + f) / 2, (1 + maximum(f, g)) / 2, c_1**2 + more
    return at_most(mvp_operator(p, v, c_1, c_2, u), mvp_operator(p, higher, c_1, c_2, u))


@lmdp.claim("Lemma 14", reading="2 c_1^2 <= c_2", corrects="mvp_monotone", because=BY_RANGE)
def mvp_monotone_signed(
    p: StateDistribution, v: StateFunction, x: StateFunction, c_1: Number(0, 4), u: Number(0, 4)
):
    r"""The same for \|v\|_\infty, \|v'\|_\infty \le 1 at c_2 = 2 c_1^2"""
    first = mvp_operator(p, v, c_1, 2 * c_1**2, u)
    return at_most(first, mvp_operator(p, maximum(v, x), c_1, 2 * c_1**2, u))


@lmdp.claim("Lemma 14", reading="second property")
def mvp_operator_bound(
    p: StateDistribution, v: StateFunction, c_1: Number(0, 4), c_2: Number(0, 16), u: Number(0, 4)
):
    r"""f(p, v, n, \iota) \ge pv + \frac{c_1}{2}\sqrt{V(p, v)\iota/n} + \frac{c_2}{2}\iota/n, for any c_1, c_2 \ge 0"""
    half = p @ v + c_1 * sqrt(row_spread(p, v) * u) / 2 + c_2 * u / 2
    return at_most(half, mvp_operator(p, v, c_1, c_2, u))


# ---- Lemma 23 ------------------------------------------------------------------------------------


@lmdp.claim("Lemma 23")
def models_of_the_set(p: StateDistribution, p_hat: StateDistribution, p_tilde: StateDistribution):
    r"""|P - \tilde P| \le 4\sqrt{P\iota/N} + 30\iota/N for P and \tilde P in the set (2) of \hat P"""
    u = maximum(tight_1(p, p_hat), tight_1(p_tilde, p_hat))
    return at_most(absolute(p - p_tilde), 4 * sqrt(p * u) + 30 * u)


@lmdp.claim("Lemma 23", reading="with 24")
def models_of_the_set_sharper(
    p: StateDistribution, p_hat: StateDistribution, p_tilde: StateDistribution
):
    r"""|P - \tilde P| \le 4\sqrt{P\iota/N} + 24\iota/N: \sqrt{\hat P} \le \sqrt u + \sqrt{P + 6u} without loss"""
    u = maximum(tight_1(p, p_hat), tight_1(p_tilde, p_hat))
    return at_most(absolute(p - p_tilde), 4 * sqrt(p * u) + 24 * u)


@lmdp.claim("Lemma 23, proof")
def models_of_the_set_proof(p: StateDistribution, p_hat: StateDistribution, more: Number(0, 1)):
    r"""On \Omega_1, \hat P \le P + 2\sqrt{\hat P u} + 5u gives \sqrt{\hat P} \le 2\sqrt u + \sqrt{5u + P} \le
    \sqrt P + 5\sqrt u, which gives |P - \hat P| \le 2\sqrt{\hat P u} + 5u \le 2\sqrt{P u} + 15u"""
    u = tight_1(p, p_hat) + more
    roots = (
        chain(sqrt(p_hat))
        .at_most(2 * sqrt(u) + sqrt(5 * u + p), "x^2 <= a x + b gives x <= a + sqrt(b)")
        .at_most(sqrt(p) + 5 * sqrt(u), "sqrt(x + y) <= sqrt(x) + sqrt(y)")
    )
    errors = (
        chain(absolute(p - p_hat))
        .at_most(2 * sqrt(p_hat * u) + 5 * u, "Omega_1")
        .at_most(2 * sqrt(p * u) + 15 * u, "the line before")
    )
    return every(roots, errors)


# ---- Lemma 16 ------------------------------------------------------------------------------------


@lmdp.claim("Lemma 16", reading="Algorithm 2, alpha~ as it is")
def bellman_error_as_printed(u: Along(0)):
    r"""\tilde\alpha(h, a) - R - P\tilde\alpha \le \min\{\beta, 1\} for Algorithm 2: M = A = 1, S = 2, H = N + 1, N = 2^i; the start is
    state 0, which leads to itself and pays 0, state 1, never met, pays 1. After an episode \hat P = P at (N), so that
    Algorithm 2 takes \tilde P(1 | 0) = p = 5u, u = \iota/N, and \tilde P(1 | 1) = 1. At step 2 T = N \ge 1/u are to go: \tilde\alpha(1) = T,
    \tilde\alpha(0) = T - \sum_{j<T}(1-p)^j, whose sum is at least T/(1 + pT). So the error is at least 5/6, but \beta = 60u"""
    T, p = 1 / u, 5 * u
    truth, model = np.array([u / u, 0 * u]), np.array([1 - p, p])
    alpha = np.array([T - T / (1 + p * T), T])
    root = sqrt(row_spread(truth, alpha) * u)
    return bounded_by((model - truth) @ alpha, 7 * root + 30 * len(truth) * u)


@lmdp.claim("Lemma 16", reading="Algorithm 2", corrects="bellman_error_as_printed", because=ABOVE_1)
def bellman_error_bernstein(
    p_hat: StateDistribution,
    q: StateDistribution,
    q_tilde: StateDistribution,
    f: StateFunction,
    t: Number(0, 1),
):
    r"""(\tilde P - P)\tilde\alpha \le 4\sqrt{supp(P) V(P, \tilde\alpha)\iota/N} + 30S\iota/N for \tilde\alpha in [0, 1];
    P = \hat P + t(q - \hat P), \tilde P = \hat P + t(\tilde q - \hat P)"""
    p, p_tilde = p_hat + t * (q - p_hat), p_hat + t * (q_tilde - p_hat)
    alpha, u = (1 + f) / 2, maximum(tight_1(p, p_hat), tight_1(p_tilde, p_hat))
    root = sqrt(states_reached(p) * row_spread(p, alpha) * u)
    return at_most(absolute((p_tilde - p) @ alpha), 4 * root + 30 * len(p) * u)


@lmdp.claim("Lemma 16", reading="Algorithm 3")
def bellman_error_mvp(
    p: StateDistribution,
    q: StateDistribution,
    f: StateFunction,
    t: Number(0, 1),
    more: Number(0, 1),
):
    r"""B + (\hat P - P)\tilde\alpha \le 7\sqrt{supp(P) V(P, \tilde\alpha)\iota/N} + 23S\iota/N for \tilde\alpha in [0, 1]
    and an estimate \hat P on the way from P to P(1 + q) / \sum P(1 + q)"""
    alpha, p_hat = (1 + f) / 2, p + t * (within_support(p, q) - p)
    u = tight_2(p, p_hat) + more
    root = sqrt(states_reached(p) * row_spread(p, alpha) * u)
    error = row_bonus(p_hat, alpha, u) + (p_hat - p) @ alpha
    return at_most(error, 7 * root + 23 * len(p) * u)


@lmdp.claim("Lemma 16")
def bellman_error_parts(
    p: StateDistribution, alpha: StateFunction, zeta: StateFunction, u: Number(0, 4)
):
    r"""7\sqrt{\Gamma V(P, \tilde\alpha)\iota/N} + 30S\iota/N \le \beta = 7\sqrt2(\sqrt{\Gamma V(P, \alpha)\iota/N}
    + \sqrt{\Gamma V(P, \tilde\alpha - \alpha)\iota/N}) + 30S\iota/N, \Gamma = supp(P)"""
    Gamma, rest = states_reached(p), 30 * len(p) * u
    whole = 7 * sqrt(Gamma * row_spread(p, alpha + zeta) * u)
    own = sqrt(2 * Gamma * row_spread(p, alpha) * u)
    other = sqrt(2 * Gamma * row_spread(p, zeta) * u)
    return at_most(whole + rest, 7 * (own + other) + rest)


def clipped_error(p, p_hat, alpha, R, u):
    """alpha~(h, a) - R - P alpha~ with alpha~(h, a) of (4), and B + (P_hat - P) alpha~."""
    B = row_bonus(p_hat, alpha, u)
    own = minimum(R + B + p_hat @ alpha, 1)
    return own - R - p @ alpha, B + (p_hat - p) @ alpha


@lmdp.claim("Lemma 16, proof", reading="the first line, an equality")
def bellman_error_first_line(
    p: StateDistribution, q: StateDistribution, f: StateFunction, R: Number(0, 1), u: Number(0, 2)
):
    r"""\tilde\alpha(h, a) - R - P\tilde\alpha = R + B + \hat P\tilde\alpha - R - P\tilde\alpha = B + (\hat P - P)\tilde\alpha for Algorithm 3"""
    return equal(*clipped_error(p, within_support(p, q), (1 + f) / 2, R, u))


@lmdp.claim(
    "Lemma 16, proof",
    reading="the first line, at most",
    corrects="bellman_error_first_line",
    because="(4) cuts alpha~ at 1, where its bonus is not added in full: the left side is at most the right,"
    " which is all that the proof needs",
)
def bellman_error_first_line_corrected(
    p: StateDistribution, q: StateDistribution, f: StateFunction, R: Number(0, 1), u: Number(0, 2)
):
    r"""The same with \le"""
    return at_most(*clipped_error(p, within_support(p, q), (1 + f) / 2, R, u))


@lmdp.claim("Lemma 16, proof", reading="Algorithm 3, first bound")
def bellman_error_mvp_first(
    p: StateDistribution, q: StateDistribution, f: StateFunction, more: Number(0, 1)
):
    r"""B + (\hat P - P)\tilde\alpha \le 4\sqrt{supp(\hat P) V(\hat P, \tilde\alpha)u} + \sqrt{2 supp(P) V(P, \tilde\alpha)u}
    + 17Su"""
    alpha, p_hat = (1 + f) / 2, within_support(p, q)
    u = tight_2(p, p_hat) + more
    estimated = 4 * sqrt(states_reached(p_hat) * row_spread(p_hat, alpha) * u)
    return (
        chain(row_bonus(p_hat, alpha, u) + (p_hat - p) @ alpha)
        .at_most(estimated + 16 * len(p) * u + (p_hat - p) @ alpha, "the maximum")
        .at_most(estimated + 16 * len(p) * u + error_2(p, alpha, u), "Lemma 12 on Omega_2")
    )


def variance_lines(p, p_hat, alpha, u):
    """B.4's bound of V(p_hat, alpha) by V(p, alpha), line by line."""
    reach = (alpha - p @ alpha) ** 2
    return (
        chain(row_spread(p_hat, alpha))
        .at_most((p_hat * reach).sum(), "the mean minimises the mean square")
        .at_most(((p + sqrt(2 * p * u) + u) * reach).sum(), "Omega_2")
        .at_most((3 * p / 2 * reach).sum() + (2 * u * reach).sum(), "2 sqrt(xy) <= x + y")
        .at_most(3 * row_spread(p, alpha) / 2 + 2 * len(p) * u, "|alpha - p alpha| <= 1")
    )


@lmdp.claim("Lemma 16, proof")
def estimated_variance(p: StateDistribution, p_hat: StateDistribution, f: StateFunction):
    r"""V(\hat P, \tilde\alpha) \le \sum\hat P(\tilde\alpha - P\tilde\alpha)^2 \le \ldots \le \frac32 V(P, \tilde\alpha) + 2S\iota/N,
    \tilde\alpha in [0, 1]"""
    return variance_lines(p, p_hat, (1 + f) / 2, tight_2(p, p_hat))


@lmdp.claim("Lemma 16, proof", reading="Algorithm 3, last bound")
def bellman_error_mvp_last(
    p: StateDistribution, q: StateDistribution, f: StateFunction, u: Number(0, 4)
):
    r"""4\sqrt{supp(\hat P)(\frac32 V + 2Su)u} + \sqrt{2 supp(P) V u} + 17Su \le 7\sqrt{supp(P) V u} + 23Su, V = V(P, \tilde\alpha),
    supp(\hat P) \le supp(P)"""
    alpha, p_hat = (1 + f) / 2, within_support(p, q)
    V, S, Gamma = row_spread(p, alpha), len(p), states_reached(p)
    estimated = 4 * sqrt(states_reached(p_hat) * (3 * V / 2 + 2 * S * u) * u)
    first = estimated + sqrt(2 * Gamma * V * u) + 17 * S * u
    return at_most(first, 7 * sqrt(Gamma * V * u) + 23 * S * u)
