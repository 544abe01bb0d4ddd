r"""Appendix A, sums along time: Lemmas 4, 7 and 8, of martingales and their like.

What falls as printed: Lemma 4 (the root is too small: at n = 1 for \delta > 2/e, at n = 6 for \delta =
3/100); Lemma 7 where nc^2 < 1 (its terms are not of one scale: at the end of the interval that it
allows for \delta its bound is 0); the second display of Lemma 8 (its constant 1 must be about 1.0634).
The paper uses Lemma 7 with c = 1 only.

Statements "for all n" are judged up to a horizon: what is violated by step n is violated.
"""

import flint
import numpy as np

from theorylab import (
    Integer,
    Number,
    StateDistribution,
    StateFunction,
    assume,
    at_most,
    chain,
    draw,
    draw_counts,
    every,
    with_probability,
)
from theorylab.arithmetic import absolute, exp, log, sqrt
from theorylab.theory.walks import signs_leave
from verification.lmdp.paper import lmdp

# ---- Lemma 4 -------------------------------------------------------------------------------------


def fair(B):
    """The law of a fair coin."""
    return np.stack([B, B]) / (2 * B)


def sums_of_fair_signs(B, n):
    """|X_1 + ... + X_k| for k = 1, ..., n, each X_i = B or -B by a fair coin."""
    signs = [2 * toss - 1 for toss in draw(fair(B), n)]
    return [absolute(sum(signs[:k]) * B) for k in range(1, n + 1)]


def anytime(B, delta, n, factor):
    """All sums of up to n signs stay within factor B sqrt(k ln(2k / delta)), jointly."""
    sums = sums_of_fair_signs(B, n)
    inside = [
        at_most(sums[k - 1], factor * B * sqrt(k * log(2 * k / delta))) for k in range(1, n + 1)
    ]
    return with_probability(1 - delta, every(*inside))


def signs_stay(n, top, square):
    """All sums of up to n fair signs stay within sqrt(square k ln(2k / delta)), where delta puts
    the bound of step n just below `top`, a sum that can be."""
    edge = top - flint.fmpq(1, 64)
    delta = 2 * n * exp(-(edge**2) / (square * n))
    assume(at_most(delta, 1), "delta <= 1")
    return at_most(signs_leave(n, edge, square), delta)


@lmdp.claim("Lemma 4")
def anytime_azuma(B: Number("1/2", 2), delta: Number("1/100", 1), n: Integer(1, 6)):
    r"""|\sum_{i=1}^n X_i| \le B\sqrt{n\ln(2n/\delta)} for all n \ge 1 with probability at least 1-\delta;
    here fair signs, up to the horizon n"""
    return anytime(B, delta, n, 1)


@lmdp.claim("Lemma 4", reading="small delta")
def anytime_azuma_for_small_delta(
    B: Number("1/2", 2), delta: Number("3/100", "1/10"), n: Integer(6, 6)
):
    r"""The same for \delta from 3/100 to 1/10: six equal signs have probability 1/32 > 3/100, and
    6 > \sqrt{6\ln 400}"""
    return anytime(B, delta, n, 1)


@lmdp.claim(
    "Lemma 4",
    reading="corrected",
    corrects="anytime_azuma",
    because="Azuma bounds step n by 2 exp(-f^2 ln(2n/delta) / 2) for a factor f; f = 2 gives"
    " delta^2/(2 n^2), which sums to less than delta; with f = 1 the bound on step n is not below"
    " delta/n, and the statement is false",
)
def anytime_azuma_corrected(blocks: Integer(1, 4), i: Integer(0, 6)):
    r"""|\sum_{i=1}^n X_i| \le 2B\sqrt{n\ln(2n/\delta)} for all n \ge 1 with probability at least 1-\delta; here fair signs,
    B = 1, up to the horizon n = 15, 30, 45, 60, exactly, for \delta \le 1 at which the last bound is just below n - 4i"""
    return signs_stay(15 * blocks, 15 * blocks - 4 * i, 4)


@lmdp.claim("Lemma 4", reading="fair signs, sqrt(2)")
def anytime_azuma_of_signs(blocks: Integer(1, 4), i: Integer(0, 6)):
    r"""|\sum_{i=1}^n X_i| \le \sqrt2 B\sqrt{n\ln(2n/\delta)}, the same signs, n and \delta: by Hoeffding each step alone
    has \delta/n; less than \sqrt2 fails for large n"""
    return signs_stay(15 * blocks, 15 * blocks - 4 * i, 2)


@lmdp.claim("Lemma 4", reading="corrected, sum over n")
def anytime_azuma_summed(delta: Number("1/1000", 1), n: Integer(1, 12)):
    r"""\sum_{k\le n} 2\exp(-2\ln(2k/\delta)) = \sum_{k\le n} \frac{\delta^2}{2k^2} \le
    \frac{\delta^2}{2}(2 - 1/n) \le \delta"""
    one = delta / delta
    return (
        chain(sum(2 * exp(-2 * log(2 * k / delta)) for k in range(1, n + 1)))
        .equal(sum(delta**2 / (2 * k**2) for k in range(1, n + 1)), "Azuma with a = 2B sqrt(...)")
        .at_most(delta**2 / 2 * (2 - one / n), "1/k^2 <= 1/(k-1) - 1/k")
        .at_most(delta, "delta <= 1")
    )


# ---- Lemma 7 -------------------------------------------------------------------------------------


def log_two(x):
    """log_2 x."""
    return log(x) / log(2 * x / x)


def martingale(c, q, n):
    """A martingale of n steps and its Var_n: coins of probability q <= 1/2, centred and scaled so
    that a step is at most c; if the first one is heads, the others have probability q/2."""
    first = draw(np.stack([1 - q, q]))
    p = q / (1 + first)
    heads = draw_counts(np.stack([1 - p, p]), n - 1)[1]
    M = c * (first - q) / (1 - q) + c * (heads - (n - 1) * p) / (1 - p)
    return M, c**2 * (q / (1 - q) + (n - 1) * p / (1 - p))


def martingale_bound(c, delta, n, Var):
    """The right side of Lemma 7."""
    L = log_two(n * c**2) + log(2 / delta)
    return 2 * sqrt(2 * Var * L) + 2 * sqrt(L) + 2 * c * L


def deviation_is_rare(M, bound, delta):
    """P[|M| >= bound] <= delta. The event has >=: its complement is |M| < bound."""
    return with_probability(1 - delta, at_most(absolute(M), bound))


@lmdp.claim("Lemma 7")
def variance_dependent_bound(c: Number("1/4", 2), x: Number(0, 1), n: Integer(1, 3)):
    r"""P[|M_n| \ge 2\sqrt{2 Var_n(\log_2(nc^2) + \ln(2/\delta))} + 2\sqrt{\log_2(nc^2) + \ln(2/\delta)} +
    2c(\log_2(nc^2) + \ln(2/\delta))] \le \delta for \delta \in (0, 2(nc^2)^{1/\ln2}], here
    \delta = e^{-x} 2(nc^2)^{1/\ln 2} and M a sum of n signs \pm c; the event with > for \ge, which is less"""
    delta = 2 * exp(log_two(n * c**2) - x)
    assume(at_most(delta, 1 + 0 * delta), "delta <= 1")
    M = c * (2 * sum(draw(fair(c), n)) - n)
    return deviation_is_rare(M, martingale_bound(c, delta, n, n * c**2), delta)


@lmdp.claim(
    "Lemma 7",
    reading="corrected",
    corrects="variance_dependent_bound",
    because="for nc^2 < 1 the logarithm of nc^2 is negative: at delta = 2(nc^2)^{1/ln 2} the bound is 0 and"
    " the event sure, while delta < 1 for nc^2 < 2^{-ln 2}; the lemma needs nc^2 >= 1, as with c = 1, where"
    " the paper uses it",
)
def variance_dependent_bound_corrected(
    c: Number(1, 2), q: Number("1/1000", "1/2"), x: Number(0, 40), blocks: Integer(3, 4)
):
    r"""The same for nc^2 \ge 1; here \delta = e^{-x}, n = 192 or 256, and coins whose probability the first one decides"""
    n, delta = 64 * blocks, exp(-x)
    M, Var = martingale(c, q, n)
    return deviation_is_rare(M, martingale_bound(c, delta, n, Var), delta)


@lmdp.claim("Lemma 7", reading="small delta")
def variance_dependent_bound_for_small_delta(q: Number("1/1000", "1/100"), x: Number(280, 320)):
    r"""The same for c = 1, n = 96, rare heads and \delta = e^{-x} so small that the last term counts"""
    n, delta = 96, exp(-x)
    M, Var = martingale(q / q, q, n)
    return deviation_is_rare(M, martingale_bound(q / q, delta, n, Var), delta)


# ---- Lemma 8 -------------------------------------------------------------------------------------


def sums_and_means(l, q, n):
    """l (X_1 + ... + X_k), l (Y_1 + ... + Y_k) for k = 1, ..., n: coins of probability q[last]."""
    X, Y, last, found = 0 * l, 0 * l, 0, []
    for _ in range(n):
        Y = Y + l * q[last]
        last = draw(np.stack([1 - q[last], q[last]]))
        X = X + l * last
        found.append((X, Y))
    return found


@lmdp.claim("Lemma 8")
def sums_are_below_their_means(
    l: Number("1/2", 2),
    q: tuple[StateDistribution, StateDistribution],
    delta: Number("1/1000", 1),
    n: Integer(1, 5),
):
    r"""P[\exists n, \sum_k X_k \ge 3\sum_k Y_k + l\ln(1/\delta)] \le \delta for X_k \in [0, l] and
    Y_k = E[X_k | X_1, ..., X_{k-1}]; the event with > for \ge"""
    L = l * log(1 / delta)
    sums = sums_and_means(l, [q[0][0], q[1][0]], n)
    return with_probability(1 - delta, every(*[at_most(X, 3 * Y + L) for X, Y in sums]))


def first_hits(q, r, j):
    """P[some time 1 + r i, i <= j, has i heads], coins of probability q, exactly.

    Weights of heads so far, without the paths that have hit; with q = 3/r these are the first times
    at which the means reach 3 i + q.
    """
    weights, hit = [1 - q, q], 0 * q
    hit = hit + weights[0]
    weights[0] = 0 * q
    for i in range(1, j + 1):
        for _ in range(r):
            grown = [w * (1 - q) for w in weights] + [0 * q]
            shifted = [0 * q] + [w * q for w in weights]
            weights = [a + b for a, b in zip(grown, shifted, strict=True)]
        hit = hit + weights[i]
        weights[i] = 0 * q
    return hit


@lmdp.claim("Lemma 8", reading="second display")
def means_are_below_their_sums(l: Number(1, 2), r: Integer(33, 36), j: Integer(0, 2)):
    r"""P[\exists n, \sum_k Y_k \ge 3\sum_k X_k + l\ln(1/\delta)] \le \delta, here for X_k = l with probability
    q = 3/r, else 0, \delta = e^{-q} and n \le 1 + rj: the event needs n q \ge 3 i + q with i heads, that is
    n \ge 1 + r i"""
    q = 3 * (l / l) / r
    return at_most(first_hits(q, r, j), exp(-q))


@lmdp.claim(
    "Lemma 8",
    reading="second display, corrected",
    corrects="means_are_below_their_sums",
    because="in the Poisson limit the event has probability delta^0.940; exp(-theta X/l + (1 - e^{-theta}) Y/l)"
    " is a supermartingale, and theta = 14/5 gives the constant 16/15 (the least is 3/2.8214 = 1.0633)",
)
def means_are_below_their_sums_corrected(l: Number(1, 2), r: Integer(33, 36), j: Integer(0, 2)):
    r"""P[\exists n, \sum_k Y_k \ge 3\sum_k X_k + \frac{16}{15} l\ln(1/\delta)] \le \delta, for the same X_k and
    \delta = e^{-15q/16}"""
    q = 3 * (l / l) / r
    return at_most(first_hits(q, r, j), exp(-15 * q / 16))


@lmdp.claim("Lemma 8", reading="second display, corrected, any law")
def means_are_below_their_sums_drawn(
    l: Number("1/2", 2),
    q: tuple[StateDistribution, StateDistribution],
    delta: Number("1/1000", 1),
    n: Integer(1, 5),
):
    r"""The corrected second display for coins that depend on the last outcome; the event with > for \ge"""
    L = 16 * l * log(1 / delta) / 15
    sums = sums_and_means(l, [q[0][0], q[1][0]], n)
    return with_probability(1 - delta, every(*[at_most(Y, 3 * X + L) for X, Y in sums]))


@lmdp.claim("Lemma 8", reading="second display, corrected, supermartingale")
def supermartingale_of_the_means(p: StateDistribution, f: StateFunction):
    r"""E e^{-\theta X/l} \le 1 - (1 - e^{-\theta}) Y/l \le e^{-(1 - e^{-\theta}) Y/l} for \theta = 14/5, whose constants
    are \theta/(1 - e^{-\theta}) \le 3 and 1/(1 - e^{-\theta}) \le 16/15"""
    X = (1 + f) / 2
    Y, one = (p * X).sum(), p.sum()
    theta = 14 * one / 5
    rate = 1 - exp(-theta)
    return every(
        chain((p * exp(-theta * X)).sum())
        .at_most(1 - rate * Y, "convexity in X")
        .at_most(exp(-rate * Y), "1 - x <= e^-x"),
        at_most(theta / rate, 3 * one, "3 sum X suffices"),
        at_most(1 / rate, 16 * one / 15, "Ville's inequality"),
    )


@lmdp.claim("Lemma 8", reading="first display, supermartingale")
def supermartingale_of_the_sums(p: StateDistribution, f: StateFunction):
    r"""E e^{X/l} \le 1 + (e - 1) Y/l \le e^{(e - 1) Y/l}, and e - 1 \le 3"""
    X = (1 + f) / 2
    Y, one = (p * X).sum(), p.sum()
    rate = exp(one) - 1
    return every(
        chain((p * exp(X)).sum())
        .at_most(1 + rate * Y, "convexity in X")
        .at_most(exp(rate * Y), "1 + x <= e^x"),
        at_most(rate, 3 * one, "3 sum Y suffices"),
    )
