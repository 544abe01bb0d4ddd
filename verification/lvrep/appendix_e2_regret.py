r"""Appendix E.2, Lemma 8: one episode, the trace, and the sum of the potentials.

The kernel's matrix is K = R^2, so that T_k^{1/2} = R. X_n = I + (1/lambda) sum_{i<n} E_{d_i}[R p p' R] and
Delta_n is the next increment; the print leaves out i = 0, which n E_{rho_n} needs. Where <~ hides constants
the explicit form is judged: t is half the l1 distance, zeta and zeta' its mean squares under rho x U(A) and
rho' x U(A), the bonus is clipped at B = gamma^2/(1-gamma) (Lemma 7 falls at 2) and alpha is

    alpha^2 = gamma^4/(1-gamma)^2 (((n|A| zeta')^{1/2} + (n zeta)^{1/2})^2 + lambda C)

n = 1 and rho_n = d of one policy lose nothing: only lambda / n counts, and a mixture of occupancies is the
occupancy of some policy.
"""

from theorylab import (
    Integer,
    KernelMatrix,
    LatentVariableEstimate,
    LatentVariableModel,
    Number,
    Policy,
    StateActionDistribution,
    StateActionFunction,
    at_most,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import absolute, det, identity, inverse, log, minimum, positive, sqrt, sup
from theorylab.notation import TV, D, E, J, V
from theorylab.theory.features import (
    bonus_squared,
    covariance,
    function_bound,
    next_states,
    second_moments,
    squared_norm,
    visited_pairs,
    visited_states,
    with_uniform_actions,
)
from verification.lvrep.paper import lvrep

CONCAVE = (
    "concavity gives Tr(X_n^{-1} Delta_n) >= log det(X_n + Delta_n) - log det X_n: the new increment is"
    " not in X_n. With Delta_n <= x I, x = max p'Kp / lambda, the factor x / log(1 + x) repairs it"
)

# ---- one episode ---------------------------------------------------------------------------------


@lvrep.claim("Lemma 8, proof", reading="greedy")
def greedy_for_the_bonus(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    b: StateActionFunction,
    pi: Policy,
    pi_n: Policy,
):
    r"""V^{\pi^*}_{T^*,r} - V^{\pi_n}_{T^*,r} \le V^{\pi_n}_{\hat T_n,r+b} + slack - V^{\pi_n}_{T^*,r} where V^{\pi^*}_{\hat T_n,r+b} +
    slack \ge V^{\pi^*}_{T^*,r} (Lemma 7; slack tight) and up to what \pi_n is short of greedy"""
    paid = T_hat.with_reward(T.r + b)
    slack, short = J(T, pi) - J(paid, pi), positive(J(paid, pi) - J(paid, pi_n))
    return at_most(J(T, pi) - J(T, pi_n), J(paid, pi_n) + short + slack - J(T, pi_n))


@lvrep.claim("Lemma 8, proof", reading="simulation lemma")
def gap_of_an_episode(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, b: StateActionFunction, pi_n: Policy
):
    r"""V^{\pi_n}_{\hat T_n,r+b_n} - V^{\pi_n}_{T^*,r} = \frac{1}{1-\gamma}E_{d^{\pi_n}_{T^*}}[b_n + \gamma(E_{\hat T_n} - E_{T^*})V^{\pi_n}_{\hat T_n,r+b_n}]"""
    paid = T_hat.with_reward(T.r + b)
    later = V(paid, pi_n)
    inner = b + T.gamma * ((T_hat.P - T.P) @ later)
    return equal(J(paid, pi_n) - J(T, pi_n), E(D(T, pi_n), inner) / (1 - T.gamma))


@lvrep.claim("Lemma 8, proof", reading="Hoelder")
def hoelder_with_the_bonus(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, f: StateActionFunction, pi_n: Policy
):
    r"""|(E_{\hat T_n} - E_{T^*})V^{\pi_n}_{\hat T_n,r+b_n}| \le \frac{1 + B}{1-\gamma}t for 0 \le b_n \le B = 2, t half the l1 distance: with f_n =
    \|\cdot\|_1 the constant of \lesssim is 3/2"""
    paid = T_hat.with_reward(T.r + 1 + f)
    gap = absolute((T_hat.P - T.P) @ V(paid, pi_n))
    return at_most(gap, 3 * TV(T_hat.P, T.P) / (1 - T.gamma))


def terms_of(T, T_hat, K, policies, regular):
    """rho x U(A), both covariances, C of Assumption 2, n zeta, n zeta' and n."""
    n, rho = len(policies), visited_states(T, policies)
    uniform = with_uniform_actions(rho, T.A)
    after = with_uniform_actions(next_states(T, uniform), T.A)
    learned = covariance(uniform, T_hat.latents, K, n, regular)
    true = covariance(visited_pairs(T, policies), T.latents, K, n, regular)
    squares = TV(T_hat.P, T.P) ** 2
    return learned, true, function_bound(T.emissions, K), n * E(uniform, squares), n * E(after, squares)


def optimistic(T, T_hat, K, policies, regular):
    """The clipped bonus, alpha^2, n E||p_hat||^2 under rho x U(A), and the other terms."""
    learned, true, C, zeta, zeta_next = terms_of(T, T_hat, K, policies, regular)
    C_hat = function_bound(T_hat.emissions, K)
    width = (sqrt(T.A * zeta_next) + sqrt(zeta)) ** 2 + regular * C_hat
    alpha_squared = T.gamma**4 / (1 - T.gamma) ** 2 * width
    norms = bonus_squared(T_hat.latents, learned)
    uniform = with_uniform_actions(visited_states(T, policies), T.A)
    b = minimum(sqrt(alpha_squared * norms), T.gamma**2 / (1 - T.gamma) + 0 * norms)
    return b, alpha_squared, len(policies) * E(uniform, norms), true, C, zeta


def one_step_back(T, reach, mean_square, size, C, regular, n):
    """Lemma 6 for 0 <= g <= size with n E g^2 = mean_square under rho x U(A); reach = E||p*||."""
    inside = T.gamma * T.A * mean_square + regular * T.gamma**2 * size**2 * C
    return reach * sqrt(inside) + sqrt((1 - T.gamma) * T.A * mean_square / n)


@lvrep.claim("Lemma 8, proof", reading="the bonus by Lemma 6")
def mean_bonus(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    behaviour: Policy,
    pi_n: Policy,
    regular: Number("1/100", 5),
):
    r"""E_{d^{\pi_n}_{T^*}}[b_n] \le E\|p^*\|_{\Sigma^{-1}_{\rho_n,p^*}}\sqrt{n\gamma|A|\alpha_n^2E\|\hat p_n\|^2 + \lambda\gamma^2B^2C} + \sqrt{(1-\gamma)|A|\alpha_n^2E\|\hat p_n\|^2},
    \hat p_n in its own norm under \rho_n \times U(A)"""
    b, alpha_squared, mass, true, C, _ = optimistic(T, T_hat, K, (behaviour,), regular)
    law, size = D(T, pi_n), T.gamma**2 / (1 - T.gamma)
    reach = E(law, sqrt(bonus_squared(T.latents, true)))
    bound = one_step_back(T, reach, alpha_squared * mass, size, C, regular, 1)
    return at_most(E(law, b), bound)


@lvrep.claim(
    "Lemma 8",
    reading="one episode, explicit",
    because="the chain of the proof with every constant and the bonus clipped at gamma^2/(1-gamma):"
    " V_{r+b} is then at most 1/(1-gamma)^2 + ..., which costs one more 1/(1-gamma)",
)
def regret_of_an_episode(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    behaviour: Policy,
    pi_n: Policy,
    pi: Policy,
    regular: Number("1/100", 5),
):
    r"""V^\pi_{T^*,r} - V^{\pi_n}_{T^*,r} \le \frac{1}{1-\gamma}(E_db_n + \gamma V_1E_dt) + \frac{\gamma}{(1-\gamma)^2}\sqrt{(1-\gamma)|A|\zeta_n} + short, d = d^{\pi_n}_{T^*}, V_1 =
    \frac{1+B}{1-\gamma}, both means by Lemma 6, short = (V^\pi_{\hat T,r+b} - V^{\pi_n}_{\hat T,r+b})_+"""
    b, alpha_squared, mass, true, C, zeta = optimistic(T, T_hat, K, (behaviour,), regular)
    n, law, size = 1, D(T, pi_n), T.gamma**2 / (1 - T.gamma)
    reach = E(law, sqrt(bonus_squared(T.latents, true)))
    mean_b = one_step_back(T, reach, alpha_squared * mass, size, C, regular, n)
    mean_t = one_step_back(T, reach, zeta, 1, C, regular, n)
    slack = T.gamma / (1 - T.gamma) ** 2 * sqrt((1 - T.gamma) * T.A * zeta / n)
    paid = T_hat.with_reward(T.r + b)
    short = positive(J(paid, pi) - J(paid, pi_n))
    top = (1 + size) / (1 - T.gamma)
    bound = (mean_b + T.gamma * top * mean_t) / (1 - T.gamma)
    return at_most(J(T, pi) - J(T, pi_n), bound + slack + short)


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
    regular: Number("1/100", 5),
):
    r"""Tr(X_n^{-1}\Delta_n) \le \log\det X_n - \log\det X_{n-1} with the first episode counted, X_0 = I and n = 1: so is
    the sum over n, N = 1"""
    X = identity(T.Z) + increment(T, R, nu, regular)
    value = trace(inverse(X) @ increment(T, R, nu_next, regular))
    return at_most(value, log_det(X))


@lvrep.claim("Lemma 8, proof, telescoping", reading="rho_n without pi_0, as printed")
def telescoping_without_the_first(
    T: LatentVariableModel,
    R: KernelMatrix,
    nu: StateActionDistribution,
    regular: Number("1/100", 5),
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


@lvrep.claim("Lemma 8, proof, telescoping", reading="what concavity gives")
def concavity_of_log_det(
    T: LatentVariableModel,
    R: KernelMatrix,
    nu: StateActionDistribution,
    nu_next: StateActionDistribution,
    regular: Number("1/100", 5),
):
    r""""\log\det is concave, with derivative X^{-1}": \log\det(X_n + \Delta_n) - \log\det X_n \le Tr(X_n^{-1}\Delta_n)"""
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
