r"""Appendix D: Definitions 3 to 10 and Theorem 2, on finite-dimensional spaces.

Every operator here is compact. Norms are roots of the displayed squares: the seed has lost the root
of Definition 6, \|x\| = \sqrt{<x, x>}, as the inequality after it needs. Definition 3 calls any normed space a
Banach space: completeness is not asked for, and holds of itself only in finite dimension.

Resolutions: Theorem 2 and the definitions are judged on |I| = 1, 2, 3 axes with drawn spectra exactly and up to 24 in
floats. They are identities of each finite section, without an error that would tend to 0: no trend is to be
seen, and what is left to the limit is that a compact operator is one of finite sections.
"""

from theorylab import (
    Along,
    Number,
    StateActionFunction,
    StateDistribution,
    StateFunction,
    at_least,
    at_most,
    bounded_by,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import absolute, identity, inf, sqrt, sup
from theorylab.worlds import spectral
from verification.lvrep.paper import lvrep
from verification.lvrep.spectral import (
    above_zero,
    basis_of,
    inner,
    is_nonzero,
    kernel_square,
    square,
)

NOT_AT_ZERO = "0 is excepted: <S0, 0> = 0 for every S"
ABSOLUTE = "a negative eigenvalue counts with its absolute value"


# ---- norms and operators -----------------------------------------------------------------------


def is_a_norm(squared, f, g, c):
    """Definition 3's three properties of the root of a quadratic form; the first as
    squared >= sup |f|^2, for forms of which no eigenvalue is below 1."""
    return every(
        at_least(squared(f), sup(f * f), "0 at 0 only"),
        equal(squared(c * f), c * c * squared(f), "||cf|| = |c| ||f||"),
        at_most(sqrt(squared(f + g)), sqrt(squared(f)) + sqrt(squared(g)), "triangle"),
    )


@lvrep.claim(
    "Definition 3",
    reading="L2",
    corrects="induced_norm_without_root",
    because="extraction slip: the root over <x, x> is lost; with it the norm scales as a norm must",
)
def l2_norm_is_a_norm(f: StateFunction, g: StateFunction, c: Number(-2, 2)):
    r"""\|f\|_{L2} is a norm"""
    return is_a_norm(square, f, g, c)


@lvrep.claim("Definition 3", reading="H_k")
def kernel_norm_is_a_norm(
    p: StateDistribution, u: StateFunction, f: StateFunction, g: StateFunction, c: Number(-2, 2)
):
    r"""\|f\|_{H_k} is a norm, eigenvalues in (0, 1]"""
    mu, E = above_zero(p), basis_of(u)
    return is_a_norm(lambda h: kernel_square(h, mu, E), f, g, c)


@lvrep.claim("Definition 3", reading="printed, the second property")
def homogeneous_without_bars(f: StateFunction, c: Number(-2, 2)):
    r"""\|cf\| = c\|f\| for every real c, here for the largest absolute value"""
    return equal(sup(absolute(c * f)), c * sup(absolute(f)))


@lvrep.claim(
    "Definition 3",
    reading="corrected: the second property",
    corrects="homogeneous_without_bars",
    because="at c = -1 it would make the norm of -f negative: |c| is meant",
)
def homogeneous_with_bars(f: StateFunction, c: Number(-2, 2)):
    r"""\|cf\| = |c|\|f\|"""
    return equal(sup(absolute(c * f)), absolute(c) * sup(absolute(f)))


@lvrep.claim("Definition 4")
def bounded_by_infinity(x: Along(0)):
    r"""S is bounded if \|Sx\| \le c\|x\| for some c \in [0, \infty]; then \|S\|_{op} is finite. On finite
    sequences S e_n = n e_n, n = 1/x: it satisfies this with c = \infty"""
    norm_of_unit = x / x
    return bounded_by(norm_of_unit / x, norm_of_unit)


@lvrep.claim(
    "Definition 4",
    corrects="bounded_by_infinity",
    because="c < infinity is meant: with c = infinity every linear operator is bounded",
)
def bounded_by_a_number(S: StateActionFunction, X: StateActionFunction):
    r"""In finite dimensions a c < \infty exists: \|Sx\|^2 \le \sum S_{ij}^2 \|x\|^2"""
    x = X[0]
    return at_most(square(S @ x), (S * S).sum() * square(x))


@lvrep.claim("Definition 4", reading="operator norm")
def operator_norm(mu: StateFunction, u: StateFunction, x: StateFunction):
    r"""\|S\|_{op} = \max |\mu_i| for a self-adjoint S: \|Sx\|^2 \le \max\mu_i^2\|x\|^2, equal at some e_i"""
    E = basis_of(u)
    S = spectral(mu, E)
    largest = sup(mu * mu)
    return every(
        at_most(square(S @ x), largest * square(x)),
        equal(sup(((S @ E) ** 2).sum(0)), largest * sup((E * E).sum(0)), "attained"),
    )


# ---- inner products ----------------------------------------------------------------------------


@lvrep.claim("Definition 6", reading="literal")
def induced_norm_without_root(x: StateFunction, c: Number(-2, 2)):
    r"""\|x\|_H := <x, x> is a norm: \|cx\| = |c|\|x\|"""
    return equal(square(c * x), absolute(c) * square(x))


@lvrep.claim("Definition 6", reading="literal, Cauchy-Schwarz")
def cauchy_schwarz_without_roots(x: StateFunction, y: StateFunction):
    r"""|<x, y>| \le \|x\|\|y\| with \|x\| = <x, x>"""
    return at_most(absolute(inner(x, y)), square(x) * square(y))


@lvrep.claim(
    "Definition 6",
    reading="forced: norms with their roots, squared",
    corrects="cauchy_schwarz_without_roots",
    because="extraction slip: with the lost root over <x, x> the inequality is that of Cauchy and Schwarz",
)
def cauchy_schwarz(p: StateDistribution, u: StateFunction, x: StateFunction, y: StateFunction):
    r"""|<x, y>| \le \|x\|\|y\|, squared, in L2 and in H_k"""
    weight = spectral(1 / above_zero(p), basis_of(u))
    return every(
        at_most(inner(x, y) ** 2, square(x) * square(y)),
        at_most(inner(x, weight @ y) ** 2, inner(x, weight @ x) * inner(y, weight @ y)),
    )


@lvrep.claim("Definition 7")
def adjoint_of_the_embedding(
    p: StateDistribution, u: StateFunction, f: StateFunction, g: StateFunction
):
    r"""<Sf, g>_{L2} = <f, S^* g>_{H_k} for the embedding S of H_k into L2: S^* = T_k"""
    mu, E = above_zero(p), basis_of(u)
    return equal(inner(f, g), inner(f, spectral(1 / mu, E) @ (spectral(mu, E) @ g)))


@lvrep.claim("Definition 7", reading="self-adjoint")
def spectral_operators_are_self_adjoint(
    mu: StateFunction, u: StateFunction, x: StateFunction, y: StateFunction
):
    r"""<Sx, y> = <x, Sy>, and <Sx, x> >= min \mu_i \|x\|^2, for S = \sum\mu_i e_i<e_i, .>"""
    S = spectral(mu, basis_of(u))
    return every(equal(inner(S @ x, y), inner(x, S @ y)),
                 at_least(inner(S @ x, x), inf(mu) * square(x)))  # fmt: skip


@lvrep.claim("Definition 7", reading="positive definite")
def positive_definite_at_zero(p: StateDistribution, u: StateFunction, x: StateFunction):
    r"""A positive definite S, all \mu_i > 0, has <Sx, x> > 0 for every x"""
    return equal(is_nonzero(inner(spectral(above_zero(p), basis_of(u)) @ x, x)), 1 + 0 * x[0])


@lvrep.claim(
    "Definition 7",
    reading="positive definite, x not 0",
    corrects="positive_definite_at_zero",
    because=NOT_AT_ZERO,
)
def positive_definite_off_zero(p: StateDistribution, u: StateFunction, x: StateFunction):
    r"""<Sx, x> > 0 wherever x \ne 0"""
    value = inner(spectral(above_zero(p), basis_of(u)) @ x, x)
    return equal(is_nonzero(value), is_nonzero(sup(absolute(x))))


@lvrep.claim("Definition 8")
def expansion_in_a_basis(u: StateFunction, x: StateFunction):
    r"""<e_i, e_j> = 1\{i = j\}, and x = \sum_i <x, e_i>e_i"""
    E = basis_of(u)
    return every(equal(E.T @ E, identity(len(u))), equal((E * (x @ E)).sum(-1), x))


# ---- the spectral theorem, traces --------------------------------------------------------------


@lvrep.claim("Theorem 2", reading="literal")
def eigenvalue_is_a_number(mu: StateFunction, u: StateFunction):
    r"""T e_i = \mu_i(T)"""
    E = basis_of(u)
    return equal(spectral(mu, E) @ E, mu + 0 * E)


@lvrep.claim(
    "Theorem 2",
    reading="forced: T e_i = mu_i e_i",
    corrects="eigenvalue_is_a_number",
    because="extraction slip: e_i is lost after mu_i(T)",
)
def spectral_theorem(mu: StateFunction, u: StateFunction, x: StateFunction):
    r"""Tx = \sum_i\mu_i(T)<x, e_i>e_i and T e_i = \mu_i(T)e_i, T self-adjoint (e_i lost after \mu_i(T))"""
    E = basis_of(u)
    T = spectral(mu, E)
    return every(
        equal(T, T.T, "self-adjoint"),
        equal(T @ x, (E * (mu * (x @ E))).sum(-1)),
        equal(T @ E, mu * E, "eigenvectors"),
    )


@lvrep.claim("Definition 9")
def nuclear_norm_is_the_trace(mu: StateFunction, u: StateFunction):
    r"""\|T\|_* = Tr(T) = \sum\mu_i(T), \|T\|_* the sum of T's singular values, for a self-adjoint T"""
    T = spectral(mu, basis_of(u))
    return chain(absolute(mu).sum()).equal(T.trace(), "the trace").equal(mu.sum(), "eigenvalues")


@lvrep.claim(
    "Definition 9",
    corrects="nuclear_norm_is_the_trace",
    because=ABSOLUTE + "; for T >= 0 all agree",
)
def nuclear_norm_of_a_positive_operator(p: StateDistribution, u: StateFunction, v: StateFunction):
    r"""\|T\|_* = Tr(T) = \sum\mu_i(T) for \mu_i \ge 0; Tr(T) = \sum <Tf_i, f_i> in any basis"""
    E, F = basis_of(u), basis_of(v)
    T = spectral(p, E)
    return (
        chain(absolute(p).sum())
        .equal(p.sum(), "positive")
        .equal(T.trace(), "the trace")
        .equal((F * (T @ F)).sum(), "in another basis")
    )


@lvrep.claim("Definition 9", reading="trace class")
def trace_class_by_the_sum(x: Along(0)):
    r"""If \sum\mu_i < \infty then T is nuclear: \|T\|_* is finite. T has 2^j eigenvalues -2^{-j}, j < n = 1/x,
    and so on: it is compact, its sum is -n, which has -\infty < \infty as limit"""
    blocks, per_block = 1 / x, -x / x
    total = blocks * per_block
    return bounded_by(absolute(total), 1 + (total + absolute(total)) / 2)


@lvrep.claim(
    "Definition 9",
    reading="trace class, absolute values",
    corrects="trace_class_by_the_sum",
    because=ABSOLUTE + ": \\sum|\\mu_i| < \\infty is what trace class asks",
)
def trace_class_by_absolute_values(
    mu: StateFunction, u: StateFunction, v: StateFunction, w: StateFunction
):
    r"""\sum_i|<Tf_i, g_i>| \le \sum|\mu_i| = \|T\|_* in all bases f, g, so that with \sum|\mu_i| < \infty the trace
    converges absolutely in each; equal in that of the eigenvectors"""
    E, F, G = basis_of(u), basis_of(v), basis_of(w)
    T, norm = spectral(mu, E), absolute(mu).sum()
    return every(
        at_most(absolute((G * (T @ F)).sum(0)).sum(), norm),
        equal(absolute((E * (T @ E)).sum(0)).sum(), norm, "attained"),
    )


@lvrep.claim("Definition 10")
def hilbert_schmidt_in_any_basis(
    S: StateActionFunction, R: StateActionFunction, u: StateFunction, v: StateFunction
):
    r"""\|S\|_{HS}^2 = \sum\|Se_i\|^2 and <R, S>_{HS} = \sum<Re_i, Se_i> in two bases of R^S (S, R to R^A)"""
    E, F = basis_of(u), basis_of(v)
    return every(
        equal(square(S.T @ E), square(S.T @ F), "the norm"),
        equal(inner(R.T @ E, S.T @ E), inner(R.T @ F, S.T @ F), "the inner product"),
    )
