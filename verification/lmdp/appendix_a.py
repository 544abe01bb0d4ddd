r"""Appendix A, one law: Lemmas 5 and 6, and the variance of a product, Lemma 9.

Lemma 6's \bar Z = Z_i/n misses its sum, and its source has \ln(2/\delta) for one side of the deviation;
the two-sided form is judged here. Lemmas 4, 7 and 8 are in `appendix_a_martingales`.
"""

from theorylab import (
    Integer,
    Number,
    StateDistribution,
    StateFunction,
    at_most,
    chain,
    draw_counts,
    with_probability,
)
from theorylab.arithmetic import absolute, log, ratio, sqrt, sup
from theorylab.theory.latent import variance
from verification.lmdp.paper import lmdp

# ---- Lemmas 5 and 6 ------------------------------------------------------------------------------


def sampled(p, f, b, n):
    """Values in [0, b], their law's mean and variance, and mean and variance of n draws."""
    Z = b * (1 + f) / 2
    drawn = draw_counts(p, n) / n
    return (p * Z).sum(), variance(p, Z), (drawn * Z).sum(), variance(drawn, Z)


@lmdp.claim("Lemma 5")
def bennett(
    p: StateDistribution,
    f: StateFunction,
    b: Number("1/2", 2),
    delta: Number("1/1000", 2),
    n: Integer(1, 5),
):
    r"""P[|E Z - \frac1n\sum_i Z_i| > \sqrt{2 V[Z]\ln(2/\delta)/n} + b\ln(2/\delta)/n] \le \delta for i.i.d. Z_i in
    [0, b]"""
    mean, V, found, _ = sampled(p, f, b, n)
    L = log(2 / delta)
    inside = at_most(absolute(mean - found), sqrt(2 * V * L / n) + b * L / n)
    return with_probability(1 - delta, inside)


@lmdp.claim("Lemma 6")
def empirical_bernstein(
    p: StateDistribution,
    f: StateFunction,
    b: Number("1/2", 2),
    delta: Number("1/1000", 2),
    n: Integer(2, 6),
):
    r"""P[|E Z - \frac1n\sum_i Z_i| > \sqrt{2\hat V_n\ln(2/\delta)/(n-1)} + \frac{7b\ln(2/\delta)}{3(n-1)}] \le
    \delta, \hat V_n = \frac1n\sum_i (Z_i - \bar Z)^2 with \bar Z = \frac1n\sum_i Z_i"""
    mean, _, found, V_hat = sampled(p, f, b, n)
    L = log(2 / delta)
    width = sqrt(2 * V_hat * L / (n - 1)) + 7 * b * L / (3 * (n - 1))
    return with_probability(1 - delta, at_most(absolute(mean - found), width))


# ---- Lemma 9 -------------------------------------------------------------------------------------


def largest(p, X):
    """sup |X| over what has positive probability."""
    return sup(ratio(p, p) * absolute(X))


@lmdp.claim("Lemma 9")
def variance_of_a_product(p: StateDistribution, X: StateFunction, Y: StateFunction):
    r"""V(XY) \le 2V(X)(\sup|Y|)^2 + 2(E X)^2 V(Y)"""
    bound = 2 * variance(p, X) * largest(p, Y) ** 2 + 2 * (p * X).sum() ** 2 * variance(p, Y)
    return at_most(variance(p, X * Y), bound)


@lmdp.claim("Lemma 9", reading="consequence")
def variance_of_a_square(p: StateDistribution, X: StateFunction):
    r"""\sup|X| \le C implies V(X^2) \le 4C^2 V(X)"""
    C, V = largest(p, X), variance(p, X)
    return (
        chain(variance(p, X * X))
        .at_most(2 * V * C**2 + 2 * (p * X).sum() ** 2 * V, "Y = X")
        .at_most(4 * C**2 * V, "|E X| <= C")
    )


@lmdp.claim("Lemma 9", reading="line by line")
def variance_of_a_product_lines(p: StateDistribution, X: StateFunction, Y: StateFunction):
    r"""V(XY) \le 2V((X - E X)Y) + 2V(E X\, Y) \le 2E[(X - E X)^2 Y^2] + 2(E X)^2 V(Y) \le ..."""
    mean = (p * X).sum()
    rest = 2 * mean**2 * variance(p, Y)
    return (
        chain(variance(p, X * Y))
        .at_most(2 * variance(p, (X - mean) * Y) + rest, "V(A + B) <= 2 V(A) + 2 V(B)")
        .at_most(2 * (p * (X - mean) ** 2 * Y**2).sum() + rest, "V(A) <= E A^2")
        .at_most(2 * variance(p, X) * largest(p, Y) ** 2 + rest, "Y^2 <= (sup |Y|)^2")
    )
