r"""Appendix E.2, Lemma 8: the trace, the log-determinant and the sum of the potentials.

The kernel's matrix is K = R^2, so that T_k^{1/2} = R. X_n = I + (1/lambda) sum_{i<n} E_{d_i}[R p p' R] and
Delta_n is the next increment; the print leaves out i = 0, which n E_{rho_n} needs.
"""

from theorylab import (
    Along,
    Integer,
    KernelMatrix,
    LatentVariableModel,
    Number,
    StateActionDistribution,
    at_most,
    bounded_by,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import det, identity, inverse, log, sqrt, sup
from theorylab.notation import E
from theorylab.theory.features import bonus_squared, second_moments, squared_norm
from verification.lvrep.appendix_e2_rates import product_of_lines
from verification.lvrep.paper import lvrep

CONCAVE = (
    "concavity gives Tr(X_n^{-1} Delta_n) >= log det(X_n + Delta_n) - log det X_n: the new increment is"
    " not in X_n. With Delta_n <= x I, x = max p'Kp / lambda, the factor x / log(1 + x) repairs it"
)

# ---- the trace -----------------------------------------------------------------------------------


def trace(A):
    """The sum of the diagonal."""
    return (A * identity(len(A))).sum()


@lvrep.claim("Lemma 8, proof, trace")
def potential_is_a_trace(
    T: LatentVariableModel,
    R: KernelMatrix,
    nu: StateActionDistribution,
    regular: Number("1/100", 5),
    n: Integer(1, 4),
):
    r"""nE\|\hat p\|^2_{\Sigma^{-1}} = Tr(nE\hat p\hat p^\top(nE\hat p\hat p^\top + \lambda T_k^{-1})^{-1}) = Tr(nET_k^{1/2}\hat p\hat p^\top T_k^{1/2}(\ldots + \lambda I)^{-1}); the
    text has \hat p^\top\hat p, a number"""
    A, K = n * second_moments(nu, T.latents), R @ R
    moved = R @ A @ R
    return (
        chain(n * E(nu, bonus_squared(T.latents, A + regular * inverse(K))))
        .equal(trace(A @ inverse(A + regular * inverse(K))), "Hilbert-Schmidt inner product")
        .equal(trace(moved @ inverse(moved + regular * identity(T.Z))), "similar operators")
    )


@lvrep.claim("Lemma 8, proof, trace", reading="Tr(A(A + B)^{-1})")
def trace_of_a_quotient(T: LatentVariableModel, R: KernelMatrix, nu: StateActionDistribution):
    r"""Tr(A(A + B)^{-1}) = Tr(B^{-1/2}AB^{-1/2}(I + B^{-1/2}AB^{-1/2})^{-1}), B = R^2"""
    A, half = second_moments(nu, T.latents), inverse(R)
    moved = half @ A @ half
    return equal(trace(A @ inverse(A + R @ R)), trace(moved @ inverse(identity(T.Z) + moved)))


@lvrep.claim("Lemma 8, proof, trace", reading="log det")
def trace_below_log_det(
    T: LatentVariableModel,
    R: KernelMatrix,
    nu: StateActionDistribution,
    regular: Number("1/100", 5),
):
    r"""Tr(M(M + \lambda I)^{-1}) \le \log\det(I + M/\lambda), M = nET_k^{1/2}\hat p\hat p^\top T_k^{1/2}, n = 1"""
    moved = R @ second_moments(nu, T.latents) @ R
    value = trace(moved @ inverse(moved + regular * identity(T.Z)))
    return at_most(value, log(det(identity(T.Z) + moved / regular)))


@lvrep.claim("Lemma 8, proof, trace", reading="x / (1 + x)")
def quotient_below_logarithm(x: Number(0, None)):
    r"""\frac{x}{1 + x} \le \log(1 + x)"""
    return at_most(x / (1 + x), log(1 + x))


@lvrep.claim("Lemma 8, proof, trace", reading="T^{1/2} x, power space")
def half_power_of_a_feature(T: LatentVariableModel, R: KernelMatrix):
    r"""x \in B_{H_k} gives T_k^{1/2}x \in B_{H_{\tilde k}}, with equal norms; printed without the tilde"""
    K = R @ R
    moved = squared_norm(T.latents @ R, inverse(K @ K))
    return equal(moved, squared_norm(T.latents, inverse(K)))


@lvrep.claim("Lemma 8, proof, trace", reading="T^{1/2} x, as printed")
def half_power_as_printed(T: LatentVariableModel, R: KernelMatrix):
    r"""x \in B_{H_k} gives T_k^{1/2}x \in B_{H_k} where \mu_1 \le 1: \|T_k^{1/2}x\|_{H_k}^2 \le tr(T_k)\|x\|_{H_k}^2"""
    K = R @ R
    moved = squared_norm(T.latents @ R, inverse(K))
    return at_most(moved, trace(K) * squared_norm(T.latents, inverse(K)))


# ---- the sum of the potentials -------------------------------------------------------------------


def increment(T, R, nu, regular):
    """E_nu[T^{1/2} p p' T^{1/2}] / lambda."""
    return R @ second_moments(nu, T.latents) @ R / regular


def log_det(A):
    """log det of a positive definite matrix."""
    return log(det(A))


@lvrep.claim("Lemma 8, proof, telescoping", reading="the potential as a trace")
def potential_of_an_episode(
    T: LatentVariableModel,
    R: KernelMatrix,
    nu: StateActionDistribution,
    nu_next: StateActionDistribution,
    regular: Number("1/100", 5),
):
    r"""E_{d_n}\langle p^*, \Sigma_n^{-1}p^*\rangle = Tr(X_n^{-1}\Delta_n)"""
    sigma = second_moments(nu, T.latents) + regular * inverse(R @ R)
    X = identity(T.Z) + increment(T, R, nu, regular)
    value = trace(inverse(X) @ increment(T, R, nu_next, regular))
    return equal(E(nu_next, bonus_squared(T.latents, sigma)), value)


@lvrep.claim("Lemma 8, proof, telescoping")
def telescoping_as_printed(
    T: LatentVariableModel,
    R: KernelMatrix,
    nu: StateActionDistribution,
    nu_next: StateActionDistribution,
    regular: Number(1, 5),
):
    r"""Tr(X_n^{-1}\Delta_n) \le \log\det X_n - \log\det X_{n-1} with the first episode counted, X_0 = I and n = 1: so is
    the sum over n, N = 1; \lambda \ge 1, as every choice of it in the paper"""
    X = identity(T.Z) + increment(T, R, nu, regular)
    value = trace(inverse(X) @ increment(T, R, nu_next, regular))
    return at_most(value, log_det(X))


@lvrep.claim("Lemma 8, proof, telescoping", reading="rho_n without pi_0, as printed")
def telescoping_without_the_first(
    T: LatentVariableModel,
    R: KernelMatrix,
    nu: StateActionDistribution,
    regular: Number(1, 5),
):
    r"""The same for \rho_n = \frac1n\sum_{i=1}^{n-1}d^{\pi_i}, n = 1: X_1 = X_0 = I"""
    X = identity(T.Z) + 0 * increment(T, R, nu, regular)
    return at_most(trace(inverse(X) @ increment(T, R, nu, regular)), log_det(X))


@lvrep.claim(
    "Lemma 8, proof, telescoping",
    reading="corrected",
    corrects="telescoping_as_printed",
    because=CONCAVE,
)
def telescoping_corrected(
    T: LatentVariableModel,
    R: KernelMatrix,
    nu: StateActionDistribution,
    nu_next: StateActionDistribution,
    regular: Number("1/100", 5),
):
    r"""Tr(X_n^{-1}\Delta_n) \le \frac{x}{\log(1 + x)}(\log\det X_{n+1} - \log\det X_n), x = \max p^\top Kp/\lambda; at \lambda \ge 1 and Assumption 3
    the factor is at most 1/\log2"""
    X, more = identity(T.Z) + increment(T, R, nu, regular), increment(T, R, nu_next, regular)
    x = sup(squared_norm(T.latents, R @ R)) / regular
    return at_most(trace(inverse(X) @ more) * log(1 + x), x * (log_det(X + more) - log_det(X)))


@lvrep.claim(
    "Lemma 8, proof, telescoping",
    reading="rho_n without pi_0, corrected: two episodes from X_1 = I",
    corrects="telescoping_without_the_first",
    because=CONCAVE + "; the sum then ends with the log det of all N increments",
)
def telescoping_from_the_identity(
    T: LatentVariableModel,
    R: KernelMatrix,
    nu: StateActionDistribution,
    nu_next: StateActionDistribution,
    regular: Number("1/100", 5),
):
    r"""\sum_{n=1}^N Tr(X_n^{-1}\Delta_n) \le \frac{x}{\log(1 + x)} \log\det X_{N+1}, X_1 = I, X_{n+1} = X_n + \Delta_n, x = \max p^\top Kp/\lambda, N = 2; as
    increments of rank one with p^\top Kp/\lambda = x show, the factor is the least"""
    one = identity(T.Z)
    first, second = (increment(T, R, law, regular) for law in (nu, nu_next))
    total = trace(first) + trace(inverse(one + first) @ second)
    x = sup(squared_norm(T.latents, R @ R)) / regular
    return at_most(total * log(1 + x), x * log_det(one + first + second))


@lvrep.claim("Lemma 8, proof, telescoping", reading="what concavity gives")
def concavity_of_log_det(
    T: LatentVariableModel,
    R: KernelMatrix,
    nu: StateActionDistribution,
    nu_next: StateActionDistribution,
    regular: Number("1/100", 5),
):
    r""" "\log\det is concave, with derivative X^{-1}": \log\det(X_n + \Delta_n) - \log\det X_n \le Tr(X_n^{-1}\Delta_n)"""
    X, more = identity(T.Z) + increment(T, R, nu, regular), increment(T, R, nu_next, regular)
    return at_most(log_det(X + more) - log_det(X), trace(inverse(X) @ more))


@lvrep.claim("Lemma 8, proof, telescoping", reading="factor at lambda >= 1")
def factor_of_the_potential(x: Number(0, 1)):
    r"""\frac{x}{\log(1 + x)} \le \frac{1}{\log2} for x \le 1"""
    return at_most(x * log(2 + 0 * x), log(1 + x))


def roots_and_squares(T, K, laws, regular):
    """Sums over episodes of E||p*|| and E||p*||^2 in the norms of the episodes before."""
    sigmas = [
        sum([second_moments(d, T.latents) for d in laws[:k]], regular * inverse(K))
        for k in range(len(laws))
    ]
    squares = [bonus_squared(T.latents, sigma) for sigma in sigmas]
    roots = sum(E(d, sqrt(x)) for d, x in zip(laws, squares, strict=True))
    return roots, sum(E(d, x) for d, x in zip(laws, squares, strict=True))


@lvrep.claim("Lemma 8, proof, telescoping", reading="Cauchy-Schwarz over n, roots lost")
def cauchy_over_episodes_literal(
    T: LatentVariableModel,
    K: KernelMatrix,
    laws: tuple[StateActionDistribution, StateActionDistribution],
    regular: Number("1/100", 5),
):
    r"""\sum_nE\|p^*\|_{\Sigma_n^{-1}} \le N\sum_nE\langle p^*, \Sigma_n^{-1}p^*\rangle, N = 2: the radical sign was lost"""
    roots, squares = roots_and_squares(T, K, laws, regular)
    return at_most(roots, 2 * squares)


@lvrep.claim(
    "Lemma 8, proof, telescoping",
    reading="Cauchy-Schwarz over n",
    corrects="cauchy_over_episodes_literal",
    because="the root over the right side, which the name of the inequality forces",
)
def cauchy_over_episodes(
    T: LatentVariableModel,
    K: KernelMatrix,
    laws: tuple[StateActionDistribution, StateActionDistribution],
    regular: Number("1/100", 5),
):
    r"""\sum_nE\|p^*\|_{\Sigma_n^{-1}} \le \sqrt{N\sum_nE\langle p^*, \Sigma_n^{-1}p^*\rangle}, N = 2"""
    roots, squares = roots_and_squares(T, K, laws, regular)
    return every(at_most(roots, sqrt(2 * squares)))


# ---- the rate with the exact potential -----------------------------------------------------------


@lvrep.claim("Lemma 8", reading="polynomial, sharper")
def regret_polynomial_sharper(x: Along(0), beta: Integer(2, 4)):
    r"""\sum_n V^{\pi^*} - V^{\pi_n} = O(|A|N^{1/2 + 1/(1+2\beta)}\sqrt{C\log(N|P|/\delta)}) on finite Z, below the proof's N^{1/2 + 1/(1+\beta)}\log N: the
    product of the lines, squared, over N, with the log det n = N^{1/(1+2\beta)} = 1/x up to a constant (`polynomial_decay_sharper`,
    \lambda \ge 1), and \lambda = \Theta(\log N) (Lemma 17, explicit), \log N = (1+2\beta)\log n"""
    size = 1 / x
    log_N = (1 + 2 * beta) * log(size)
    return bounded_by(product_of_lines(log_N, size, log_N + 1), size**2 * (log_N + 1))
