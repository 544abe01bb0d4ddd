r"""Appendix E.2, Lemma 8: the lines on one episode, and its explicit form.

Where <~ hides constants the explicit form is judged: t is half the l1 distance, zeta and zeta' its mean squares under rho x U(A) and
rho' x U(A), the bonus is clipped at B = gamma^2/(1-gamma) (Lemma 7 falls at 2) and alpha is

    alpha^2 = gamma^4/(1-gamma)^2 (((n|A| zeta')^{1/2} + (n zeta)^{1/2})^2 + lambda C)

n = 1 and rho_n = d of one policy lose nothing: only lambda / n counts, and a mixture of occupancies is the
occupancy of some policy.
"""

from theorylab import (
    KernelMatrix,
    LatentVariableEstimate,
    LatentVariableModel,
    Number,
    Policy,
    StateActionFunction,
    at_most,
    equal,
)
from theorylab.arithmetic import absolute, minimum, positive, sqrt
from theorylab.notation import TV, D, E, J, V
from theorylab.theory.features import (
    bonus_squared,
    covariance,
    function_bound,
    next_states,
    visited_pairs,
    visited_states,
    with_uniform_actions,
)
from verification.lvrep.paper import lvrep

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
    return (
        learned,
        true,
        function_bound(T.emissions, K),
        n * E(uniform, squares),
        n * E(after, squares),
    )


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


# The chain of the proof with every constant and the bonus clipped at gamma^2/(1-gamma): V_{r+b} is
# then at most 1/(1-gamma)^2 + ..., which costs one more 1/(1-gamma).
@lvrep.claim("Lemma 8", reading="one episode, explicit")
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
