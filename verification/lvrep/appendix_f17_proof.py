r"""Appendix F, Lemma 17: the lines of its proof up to the entropy numbers.

Conventions as in appendix_f17: K = R^2; ||phi||_{H_k} <= 1 and tr T_k <= 1 are not assumed, lines have
their powers of R_0 = max ||phi||_{H_k}^2 and of the trace. phi~ = T_k^{-1/2} phi, Sigma~ is of phi~.
"""

import numpy as np

from theorylab import (
    Integer,
    KernelMatrix,
    LatentVariableModel,
    Number,
    StateActionDistribution,
    StateDistribution,
    StateFunction,
    assume,
    at_most,
    chain,
    draw_counts,
    equal,
    every,
    with_probability,
)
from theorylab.arithmetic import absolute, inverse, log, maximum, sqrt, sup
from theorylab.notation import E
from theorylab.theory.features import second_moments, squared_norm
from verification.lvrep.appendix_f17 import outer
from verification.lvrep.paper import lvrep


@lvrep.claim("Lemma 17, proof", reading="norms")
def norms_of_features(T: LatentVariableModel, R: KernelMatrix, nu: StateActionDistribution):
    r"""\|T_k^{-1/2}\phi\|_{L_2} = \|\phi\|_{H_k}, and the trace of \tilde\Sigma, which bounds its operator norm, is at
    most \max\|\phi\|_{H_k}^2"""
    norms = squared_norm(T.latents, inverse(R @ R))
    moved = T.latents @ inverse(R)
    trace = (second_moments(nu, moved) * np.diag(0 * R[0] + 1)).sum()
    return every(equal((moved**2).sum(-1), norms), at_most(trace, sup(norms)))


@lvrep.claim("Lemma 17, proof", reading="equivalent form")
def power_form(
    T: LatentVariableModel,
    R: KernelMatrix,
    nu: StateActionDistribution,
    regular: Number(0, 5),
    n: Integer(1, 4),
):
    r"""\langle x, (n\Sigma + \lambda T_k^{-1})x\rangle = \langle y, (n\tilde\Sigma + \lambda T_k^{-2})y\rangle with x =
    T_k^{-1/2}y, \tilde\Sigma of \tilde\phi = T_k^{-1/2}\phi, at y = T_k^{1/2}x the features"""
    x, half = T.latents, inverse(R)
    y = x @ R
    left = n * second_moments(nu, x) + regular * inverse(R @ R)
    tilde = n * second_moments(nu, x @ half) + regular * inverse(R @ R @ R @ R)
    return equal(squared_norm(x, left), squared_norm(y, tilde))


@lvrep.claim("Lemma 17, proof", reading="squares")
def squares_of_features(T: LatentVariableModel, R: KernelMatrix):
    r"""\langle x, \tilde\phi\tilde\phi^\top x\rangle = \langle x, \tilde\phi\rangle^2 \le \|x\|^2, times \|\phi\|_{H_k}^2 where it is not 1"""
    x, moved = T.latents[-1, -1], T.latents[0, 0] @ inverse(R)
    squared = (x @ moved) ** 2
    return (
        chain(x @ outer(moved) @ x)
        .equal(squared, "of one vector")
        .at_most((x @ x) * (moved @ moved), "Cauchy-Schwarz")
    )


@lvrep.claim("Lemma 17, proof", reading="variance")
def variance_of_squares(T: LatentVariableModel, R: KernelMatrix, nu: StateActionDistribution):
    r"""Var\langle x, \tilde\phi\rangle^2 \le \|x\|^2E\langle x, \tilde\phi\rangle^2 = \|x\|^2\langle x, \tilde\Sigma x\rangle, times R_0"""
    moved, x = T.latents @ inverse(R), T.latents[0, 0]
    squares = (moved @ x) ** 2
    mean, R_0 = E(nu, squares), sup((moved**2).sum(-1))
    return (
        chain(E(nu, (squares - mean) ** 2))
        .at_most(R_0 * (x @ x) * mean, "a variance is below the second moment")
        .equal(R_0 * (x @ x) * (x @ second_moments(nu, moved) @ x), "definition")
    )


@lvrep.claim("Lemma 17, proof", reading="Bernstein, independent draws")
def bernstein_of_squares(
    f: StateFunction, p: StateDistribution, delta: Number("1/100", 1), n: Integer(1, 4)
):
    r"""|\frac1n\sum\langle x, \phi_i\rangle^2 - \langle x, \Sigma x\rangle| \le c(\sqrt{\|x\|^2\langle x, \Sigma x\rangle\log(2/\delta)/n}
    + \|x\|^2\log(2/\delta)/(3n)) with probability 1-\delta, c = \sqrt2, |Z| = 1 and \|x\|^2 = \max f^2"""
    values, L = f**2, log(2 / delta)
    mean, unit = (p * values).sum(), sup(values)
    found = (draw_counts(p, n) * values).sum() / n
    width = sqrt(unit * mean * L / n) + unit * L / (3 * n)
    c = sqrt(2 + 0 * delta)
    return with_probability(1 - delta, at_most(absolute(found - mean), c * width))


def bernstein_width(unit, v, log_term):
    """sqrt(||x||^2 v L / n) + ||x||^2 L / (3 n), log_term = L / n."""
    return sqrt(unit * v * log_term) + unit * log_term / 3


@lvrep.claim("Lemma 17, proof", reading="both cases")
def width_below_regular(
    v: Number(0, 1), unit: Number(0, 1), log_term: Number(0, 5), share: Number("1/20", 1)
):
    r"""c(\sqrt{\|x\|^2vL/n} + \|x\|^2L/(3n)) \le C(v + \lambda\|x\|^2/n) for \lambda = \max(c/C, c^2/C^2)L, C/c = share:
    one inequality between means does both cases, v = \langle x, \Sigma x\rangle below or above \lambda\|x\|^2/n"""
    regular = maximum(1 / share, 1 / share**2) * log_term
    return at_most(bernstein_width(unit, v, log_term), share * (v + regular * unit))


@lvrep.claim("Lemma 17, proof", reading="the second case, as printed")
def second_case_as_printed(
    unit: Number(0, 1), log_term: Number(0, 5), share: Number("1/20", 1), more: Number(0, 2)
):
    r""" "it's sufficient to show that \lambda \ge \frac cC\log(2/\delta) and \frac cC\|x\|^2\log(2/\delta)/n \le \langle x,
    \Sigma x\rangle": \lambda tight"""
    v = unit * log_term / share * (1 + more)
    regular = log_term / share
    return at_most(bernstein_width(unit, v, log_term), share * (v + regular * unit))


@lvrep.claim(
    "Lemma 17, proof",
    reading="the second case, squared",
    corrects="second_case_as_printed",
    because="the root asks for c^2/C^2 in the second condition; the lambda chosen there has it",
)
def second_case_squared(
    unit: Number(0, 1), log_term: Number(0, 5), share: Number("1/20", 1), more: Number(0, 2)
):
    r"""The same with \frac{c^2}{C^2}\|x\|^2\log(2/\delta)/n \le \langle x, \Sigma x\rangle"""
    v = unit * log_term / share**2 * (1 + more)
    regular = maximum(1 / share, 1 / share**2) * log_term
    return at_most(bernstein_width(unit, v, log_term), share * (v + regular * unit))


@lvrep.claim("Lemma 17, proof", reading="I below the power")
def unit_below_power(T: LatentVariableModel, R: KernelMatrix):
    r"""\langle x, x\rangle \le \langle x, T_k^{-2}x\rangle where \mu_1 \le 1: times the trace's square"""
    K = R @ R
    trace = (R * R).sum()
    bound = trace**2 * squared_norm(T.latents, inverse(K @ K))
    return at_most((T.latents**2).sum(-1), bound)


@lvrep.claim("Lemma 17, proof", reading="net")
def net_of_the_sphere(T: LatentVariableModel, nu: StateActionDistribution):
    r"""|\langle x, \Sigma x\rangle - \langle x', \Sigma x'\rangle| \le 2\varepsilon for \|x - x'\| = \varepsilon, \|x\|, \|x'\| \le 1 and \|\Sigma\|
    \le 1: times (\|x\| + \|x'\|)/2 and E\|\phi\|^2"""
    sigma, x, y = second_moments(nu, T.latents), T.latents[0, 0], T.latents[-1, -1]
    eps = sqrt(((x - y) ** 2).sum())
    size = (sqrt((x**2).sum()) + sqrt((y**2).sum())) * E(nu, (T.latents**2).sum(-1))
    return at_most(absolute(x @ sigma @ x - y @ sigma @ y), eps * size)


@lvrep.claim("Lemma 17, proof", reading="(4 + 2C) eps")
def from_net_to_sphere(
    found: Number(0, 1),
    mean: Number(0, 1),
    found_net: Number(0, 1),
    mean_net: Number(0, 1),
    eps: Number(0, 1),
    ratio_C: Number(0, 1),
    regular: Number(0, 2),
):
    r"""|found - mean| \le C(mean + \lambda/n) + (4 + 2C)\varepsilon on the sphere, \langle x, T_k^{-2}x\rangle = 1, when it is so
    without \varepsilon at a point of the net and both forms are within 2\varepsilon of theirs there"""
    assume(at_most(absolute(found_net - mean_net), ratio_C * (mean_net + regular)), "on the net")
    assume(at_most(absolute(found - found_net), 2 * eps), "sum within 2 eps")
    assume(at_most(absolute(mean - mean_net), 2 * eps), "mean within 2 eps")
    bound = ratio_C * (mean + regular) + (4 + 2 * ratio_C) * eps
    return at_most(absolute(found - mean), bound)


@lvrep.claim("Lemma 17, proof", reading="eps = O(lambda / n)")
def choice_of_eps(
    mean: Number(0, 1), regular: Number(0, 2), ratio_C: Number(0, 1, below_high=True)
):
    r"""C(\langle x, \Sigma x\rangle + \lambda/n) + (4 + 2C)\varepsilon \le C'(\langle x, \Sigma x\rangle + \lambda/n), C' = (1 + C)/2 < 1, for
    \varepsilon = \frac{1 - C}{2(4 + 2C)}\lambda/n"""
    eps = (1 - ratio_C) / (2 * (4 + 2 * ratio_C)) * regular
    lhs = ratio_C * (mean + regular) + (4 + 2 * ratio_C) * eps
    return at_most(lhs, (1 + ratio_C) / 2 * (mean + regular))


@lvrep.claim("Lemma 17, proof", reading="conjugation")
def conjugation(
    T: LatentVariableModel, R: KernelMatrix, nu: StateActionDistribution, regular: Number(0, 5)
):
    r"""\langle x, (n\Sigma + \lambda T_k^{-1})x\rangle = \langle T_k^{-1/2}x, T_k^{1/2}(n\Sigma + \lambda T_k^{-1})T_k^{1/2}T_k^{-1/2}x\rangle, n = 1"""
    form = second_moments(nu, T.latents) + regular * inverse(R @ R)
    moved = T.latents @ inverse(R)
    return equal(squared_norm(T.latents, form), squared_norm(moved, R @ form @ R))


def inverse_forms(T, R, nu, regular, operator):
    """<x, A^{-1} x> and the printed <x', T^{-1/2} A^{-1} T^{-1/2} x'> at x' = operator x."""
    A = second_moments(nu, T.latents) + (1 + regular) * inverse(R @ R)
    half, moved = inverse(R), T.latents @ operator
    return squared_norm(T.latents, inverse(A)), squared_norm(moved, half @ inverse(A) @ half)


@lvrep.claim("Lemma 17, proof", reading="x' = T_k x")
def second_claim_substitution(
    T: LatentVariableModel, R: KernelMatrix, nu: StateActionDistribution, regular: Number(0, 5)
):
    r""" "we can choose x' = T_kx": \langle x', T_k^{-1/2}A^{-1}T_k^{-1/2}x'\rangle = \langle x, A^{-1}x\rangle, A = n\Sigma +
    \lambda T_k^{-1}"""
    return equal(*inverse_forms(T, R, nu, regular, R @ R))


@lvrep.claim(
    "Lemma 17, proof",
    reading="x' = T_k^{1/2} x",
    corrects="second_claim_substitution",
    because="T_k^{-1/2} cancels T_k^{1/2}; with T_k the second claim is had at T_k^{1/2} x, which is as"
    " good since x is arbitrary",
)
def second_claim_substitution_corrected(
    T: LatentVariableModel, R: KernelMatrix, nu: StateActionDistribution, regular: Number(0, 5)
):
    r"""The same for x' = T_k^{1/2}x"""
    return equal(*inverse_forms(T, R, nu, regular, R))
