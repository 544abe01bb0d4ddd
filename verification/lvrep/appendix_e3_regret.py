r"""Appendix E.3: Theorems 10 and 15, line by line, in explicit form and as rates.

rho = d^{pi_b}; pi_b is positive: gamma pi_b + (1-gamma)/|A|, so that omega is finite. The penalty is
clipped at B = gamma^2/(1-gamma), t is half the l1 distance and zeta = E_rho t^2 is tight. Only lambda / n
counts: n = 1 in the explicit form. C*_pi is replaced by the larger sup d^pi / rho where a claim needs a
number (Lemma 11 is judged by itself). The rates are in appendix_e3_rates.
"""

from theorylab import (
    Along,
    KernelMatrix,
    LatentVariableEstimate,
    LatentVariableModel,
    Number,
    Policy,
    StateActionDistribution,
    StateActionFunction,
    at_most,
    bounded_by,
    chain,
    equal,
)
from theorylab.arithmetic import (
    det,
    identity,
    inverse,
    log,
    minimum,
    positive,
    ratio,
    sqrt,
    sup,
)
from theorylab.notation import TV, D, E, J, V, coverage
from theorylab.theory.features import (
    bonus_squared,
    covariance,
    function_bound,
    mixture,
    second_moments,
)
from theorylab.theory.latent_variable_parts import build_policy
from verification.lvrep.paper import lvrep

LEARNED = "the difference of the two models is taken of the value in the learned one, V_{T^,r-b}"

# ---- pessimism and the simulation lemma ----------------------------------------------------------


@lvrep.claim("Theorem 15, proof", reading="pessimism")
def pessimism_of_the_choice(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    b: StateActionFunction,
    pi: Policy,
    pi_hat: Policy,
):
    r"""V^\pi_{T^*,r} - V^{\hat\pi}_{T^*,r} \le V^\pi_{T^*,r} - V^{\hat\pi}_{\hat T,r-b} + slack \le V^\pi_{T^*,r} - V^\pi_{\hat T,r-b} + slack, slack tight
    (Lemma 14) and up to what \hat\pi is short of greedy"""
    paid = T_hat.with_reward(T.r - b)
    slack, short = J(paid, pi_hat) - J(T, pi_hat), positive(J(paid, pi) - J(paid, pi_hat))
    return (
        chain(J(T, pi) - J(T, pi_hat))
        .at_most(J(T, pi) - J(paid, pi_hat) + slack, "pessimism")
        .at_most(J(T, pi) - J(paid, pi) + slack + short, "greedy")
    )


def gap_and_display(T, T_hat, b, pi, value):
    """V^pi_{T*,r} - V^pi_{T^,r-b} and the display with a value in place of V."""
    paid = T_hat.with_reward(T.r - b)
    inner = b + T.gamma * ((T.P - T_hat.P) @ value)
    return J(T, pi) - J(paid, pi), E(D(T, pi), inner) / (1 - T.gamma)


@lvrep.claim("Theorem 15, proof", reading="simulation lemma")
def offline_gap_as_printed(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, b: StateActionFunction, pi: Policy
):
    r"""V^\pi_{T^*,r} - V^\pi_{\hat T,r-b} \le \frac{1}{1-\gamma}E_{d^\pi_{T^*}}[b + \gamma E_{T^*}V^\pi_{T^*,r} - \gamma E_{\hat T}V^\pi_{T^*,r}]"""
    return at_most(*gap_and_display(T, T_hat, b, pi, V(T, pi)))


@lvrep.claim(
    "Theorem 15, proof",
    reading="simulation lemma, corrected",
    corrects="offline_gap_as_printed",
    because=LEARNED,
)
def offline_gap(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, b: StateActionFunction, pi: Policy
):
    r"""The same with V^\pi_{\hat T,r-b}, an equality"""
    return equal(*gap_and_display(T, T_hat, b, pi, V(T_hat.with_reward(T.r - b), pi)))


# ---- the explicit form ---------------------------------------------------------------------------


def data_policy(T, pi):
    """A positive policy: gamma pi + (1 - gamma) / A."""
    return build_policy(T.gamma * pi.probabilities + (1 - T.gamma) / T.A)


def offline_terms(T, T_hat, K, pi_b, regular, n):
    """The penalty, alpha^2, n E_rho||p_hat||^2, zeta, omega, Sigma_{rho, p*} and C."""
    rho, omega = D(T, pi_b), sup(1 / pi_b.probabilities)
    zeta = E(rho, TV(T_hat.P, T.P) ** 2)
    width = (sqrt(n * omega * zeta) + sqrt(n * T.gamma * zeta)) ** 2
    width = width + regular * T.gamma * function_bound(T_hat.emissions, K)
    alpha_squared = T.gamma**3 / (1 - T.gamma) ** 2 * width
    norms = bonus_squared(T_hat.latents, covariance(rho, T_hat.latents, K, n, regular))
    b = minimum(sqrt(alpha_squared * norms), T.gamma**2 / (1 - T.gamma) + 0 * norms)
    true = covariance(rho, T.latents, K, n, regular)
    return b, alpha_squared * n * E(rho, norms), zeta, omega, true, function_bound(T.emissions, K)


def offline_step_back(T, reach, mean_square, size, omega, C, regular, n):
    """Lemma 13 for 0 <= g <= size with n E_rho g^2 = mean_square; reach = E||p*||."""
    inside = omega * T.gamma * mean_square + regular * T.gamma**2 * size**2 * C
    return reach * sqrt(inside) + sqrt((1 - T.gamma) * omega * mean_square / n)


# The chain of the proof with every constant, the penalty clipped at gamma^2/(1-gamma) and the gammas
# of Lemmas 12 and 13 as they must be.
@lvrep.claim("Theorem 15", reading="explicit")
def offline_gap_explicit(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    behaviour: Policy,
    pi: Policy,
    pi_hat: Policy,
    regular: Number("1/100", 5),
):
    r"""V^\pi - V^{\hat\pi} \le \frac{1}{1-\gamma}(E_db + \gamma V_1E_dt) + \frac{\gamma}{(1-\gamma)^2}\sqrt{(1-\gamma)\omega\zeta} + short, d = d^\pi_{T^*}, V_1 = \frac{1 + B}{1-\gamma}, both
    means by Lemma 13, short = (V^\pi_{\hat T,r-b} - V^{\hat\pi}_{\hat T,r-b})_+"""
    n = 1
    terms = offline_terms(T, T_hat, K, data_policy(T, behaviour), regular, n)
    b, mass, zeta, omega, true, C = terms
    reach = E(D(T, pi), sqrt(bonus_squared(T.latents, true)))
    size = T.gamma**2 / (1 - T.gamma)
    mean_b = offline_step_back(T, reach, mass, size, omega, C, regular, n)
    mean_t = offline_step_back(T, reach, n * zeta, 1, omega, C, regular, n)
    slack = T.gamma / (1 - T.gamma) ** 2 * sqrt((1 - T.gamma) * omega * zeta)
    paid = T_hat.with_reward(T.r - b)
    short = positive(J(paid, pi) - J(paid, pi_hat))
    bound = (mean_b + T.gamma * (1 + size) / (1 - T.gamma) * mean_t) / (1 - T.gamma)
    return at_most(J(T, pi) - J(T, pi_hat), bound + slack + short)


# ---- other lines ---------------------------------------------------------------------------------


@lvrep.claim("Theorem 15, proof", reading="E_rho||p||^2")
def offline_potential(
    T: LatentVariableModel,
    R: KernelMatrix,
    rho: StateActionDistribution,
    regular: Number("1/100", 5),
):
    r"""E_\rho\|p\|^2_{\Sigma^{-1}} \le \frac1n\log\det(I + \frac n\lambda E_\rho T_k^{1/2}pp^\top T_k^{1/2}): printed O(\beta\log n), without the 1/n that the next line
    uses; here n = 1"""
    moments = second_moments(rho, T.latents)
    moved = R @ moments @ R / regular
    norms = bonus_squared(T.latents, moments + regular * inverse(R @ R))
    return at_most(E(rho, norms), log(det(identity(T.Z) + moved)))


@lvrep.claim("Theorem 15, proof", reading="E_rho||p||^2 = O(beta log n), substituted")
def offline_substitution(x: Along(0), log_term: Number(1, 5)):
    r""" "which leads to": n\omega\gamma\alpha^2E_\rho\|p\|^2 = O(\omega\gamma\beta\alpha^2\log n) for E_\rho\|p\|^2 = O(\beta\log n) as printed; n = 1/x"""
    return bounded_by(log_term / x, log_term)


@lvrep.claim(
    "Theorem 15, proof",
    reading="E_rho||p||^2 = O(beta log n / n), substituted",
    corrects="offline_substitution",
    because="the mean under rho is the trace over n (offline_potential)",
)
def offline_substitution_corrected(x: Along(0), log_term: Number(1, 5)):
    r"""The same for E_\rho\|p\|^2 = O(\beta\log n/n)"""
    n = 1 / x
    return bounded_by(n * (log_term / n), log_term)


@lvrep.claim("Theorem 15, proof", reading="1 - gamma^2")
def offline_discount_slip(gamma: Number(0, 1, below_high=True), mass: Number(0, 2)):
    r"""\frac{n\omega\gamma}{(1-\gamma)^2}E_\rho f^2 \le \frac{n\omega\gamma\zeta}{(1-\gamma^2)} for n\omega E_\rho f^2 = n\omega\zeta = mass"""
    return at_most(gamma * mass / (1 - gamma) ** 2, gamma * mass / (1 - gamma**2))


@lvrep.claim(
    "Theorem 15, proof",
    reading="(1 - gamma)^2",
    corrects="offline_discount_slip",
    because="the square belongs outside",
)
def offline_discount(gamma: Number(0, 1, below_high=True), mass: Number(0, 2), part: Number(0, 1)):
    r"""\frac{n\omega\gamma}{(1-\gamma)^2}E_\rho f^2 \le \frac{n\omega\gamma\zeta}{(1-\gamma)^2} for E_\rho f^2 \le \zeta"""
    return at_most(gamma * mass * part / (1 - gamma) ** 2, gamma * mass / (1 - gamma) ** 2)


@lvrep.claim("Theorem 15, proof", reading="<~ alpha, uniformly in gamma")
def offline_width_below_alpha(gamma: Along(0), log_term: Number(1, 5), regular: Number(1, 5)):
    r"""\frac{n\omega\gamma\zeta}{(1-\gamma)^2} + \frac{4\lambda\gamma^2C}{(1-\gamma)^2} \lesssim \alpha^2 = \frac{\gamma^2}{(1-\gamma)^2}(\omega\log(|P|/\delta) + \lambda\gamma^2C), n\zeta = \log(|P|/\delta)"""
    alpha_squared = (gamma / (1 - gamma)) ** 2 * (log_term + regular * gamma**2)
    width = (gamma * log_term + 4 * regular * gamma**2) / (1 - gamma) ** 2
    return bounded_by(width, alpha_squared)


@lvrep.claim(
    "Theorem 15, proof",
    reading="<~ alpha, corrected",
    corrects="offline_width_below_alpha",
    because="Lemma 13 has gamma omega under its root, and lambda gamma^2 C needs no further gamma^2",
)
def offline_width_below_alpha_corrected(
    gamma: Number(0, 1, below_high=True), log_term: Number(1, 5), regular: Number(1, 5)
):
    r"""The same with \alpha^2 = \frac{4\gamma}{(1-\gamma)^2}(\omega\log(|P|/\delta) + \gamma\lambda C)"""
    width = (gamma * log_term + 4 * regular * gamma**2) / (1 - gamma) ** 2
    return at_most(width, 4 * gamma / (1 - gamma) ** 2 * (log_term + gamma * regular))


@lvrep.claim("Theorem 15, proof", reading="Jensen and Lemma 11")
def offline_coverage(
    T: LatentVariableModel,
    K: KernelMatrix,
    behaviour: Policy,
    pi: Policy,
    regular: Number("1/100", 5),
):
    r"""E_d\|p^*\|^2 \le C^*_\pi E_\rho\|p^*\|^2, printed C for C^*_\pi, with \sup d/\rho \ge C^*_\pi where it is finite; E_d\|p^*\|
    is below the root of the left side"""
    rho, law = D(T, behaviour), D(T, pi)
    most = coverage(law, rho)
    norms = bonus_squared(T.latents, covariance(rho, T.latents, K, 1, regular))
    return at_most(E(law, norms), (most + (most - most)) * E(rho, norms))


@lvrep.claim("Theorem 15, proof", reading="a competitor that is not Markov")
def occupancy_of_a_mixture(T: LatentVariableModel, policies: tuple[Policy, Policy]):
    r"""For a policy that hangs on the history, here one of two drawn at the start, \pi'(a|s) = d(s, a)/d(s) is Markov and
    has the same occupancy: the bound for all Markov \pi is one for all"""
    law = mixture([D(T, pi) for pi in policies])
    states = law.sum(-1, keepdims=True) + 0 * law
    rule = ratio(law, states) + (1 - ratio(states, states)) * policies[0].probabilities
    return equal(D(T, build_policy(rule)), law)
