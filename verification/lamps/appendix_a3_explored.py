r"""Appendix A.3: Corollary A.4, the regret of LAMPS under an exploration distribution.

Its proof starts from Corollary A.2, which is false on signed terms, multiplies a signed term by
C >= 1, and ends with the explore policy's Q in place of the learned policy's.
"""

from theorylab import (
    MDP,
    Along,
    Model,
    Policy,
    StateActionDistribution,
    at_most,
    bounded_by,
    chain,
)
from theorylab.notation import KL, D, E, J, Q, V, coverage, l1_norm, positive, sup_norm
from verification.lamps.appendix_a2 import corollary_a_2, integrands, learned_term
from verification.lamps.paper import lamps
from verification.lamps.regret_runs import one_state, table
from verification.lamps.section_5_regret import (
    finite_coverage,
    model_bound,
    printed_bound,
    rounds_of,
    values_at_most,
)
from verification.lamps.terms import (
    always,
    average_regret,
    disadvantage,
    discounts_inside,
    largest,
)


@lamps.claim("Corollary A.4")
def lamps_regret_explored(x: Along(0)):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) = \tilde O(C\epsilon_{po} + \frac{C\hat V_{max}}{1-\gamma}(\sqrt{\epsilon_{KL}} + \frac{1}{\sqrt T})),
    \epsilon_{po} of (8): one state, the true model, \hat\pi_t = \nu, so that the signed disadvantage under \nu
    is 0; C = 4, T = 1/x^2"""
    one = x / x
    M, pi_star, pi_hat = explored_state(one)
    nu = D(M, pi_hat)
    C, eps_po = coverage(D(M, pi_star), nu), E(nu, disadvantage(M, pi_hat))
    bound = printed_bound(M, C * eps_po, sup_norm(V(M, pi_hat)), E(nu, KL(M.P, M.P)), x, C)
    return bounded_by(J(M, pi_hat) - J(M, pi_star), bound)


def explored_state(one):
    """One state of costs 0 and 1: (M, pi_star, the explore policy), which is right in 1 of 4 times."""
    M, pi_star = one_state(one, [0, 1], one / 2), always(0, 1)
    return M, pi_star, Policy(table(one / 4, [[1, 3]]))


@lamps.claim("Corollary A.4", reading="(8) with the expert's actions at the states of nu")
def lamps_regret_explored_experts_actions(x: Along(0)):
    r"""The same for \epsilon_{po} = E_{s\sim\nu}[V^{\hat\pi_t}_{\hat M_t}(s) - E_{a\sim\pi^\star}Q^{\hat\pi_t}_{\hat M_t}(s,a)], the proof's
    line with its slip mended: two states that are never left, of which the start is the first;
    \hat\pi_t is wrong in the first and better than \pi^\star in the second, so that \epsilon_{po} = 0; C = 2"""
    one = x / x
    kept, costs = [table(one, [[1, 0]] * 2), table(one, [[0, 1]] * 2)], table(one, [[0, 1]] * 2)
    M = MDP(kept, costs, one / 2, *table(one, [[1, 0]]))
    swapped = table(one, [[0, 1], [1, 0]])
    pi_star, pi_hat = Policy(swapped[::-1]), Policy(swapped)
    nu = pi_star.probabilities * one / 2
    C, eps_po = coverage(D(M, pi_star), nu), E(nu, disadvantage(M, pi_hat))
    bound = printed_bound(M, C * eps_po, sup_norm(V(M, pi_hat)), E(nu, KL(M.P, M.P)), x, C)
    return bounded_by(J(M, pi_hat) - J(M, pi_star), bound)


@lamps.claim("Corollary A.4", reading="(8) with the explore policy's Q, as its proof prints")
def lamps_regret_explored_other_values(x: Along(0)):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) = \tilde O(C\epsilon_{po} + \frac{C\hat V_{max}}{1-\gamma}(\sqrt{\epsilon_{KL}} + \frac{1}{\sqrt T})),
    \epsilon_{po} = E_{s\sim d_e}[V^{\hat\pi_t}_{\hat M_t}(s) - E_{a\sim\pi^\star}Q^{\pi_e}_{\hat M_t}(s,a)] as the proof prints it, with the
    explore policy's Q: one state, the true model, \epsilon_{po} = 0, C = 4, T = 1/x^2"""
    one = x / x
    M, pi_star, pi_e = explored_state(one)
    pi_hat = Policy(table(one / 8, [[5, 3]]))
    eps_po = E(D(M, pi_e), V(M, pi_hat)[:, None] - E(pi_star, Q(M, pi_e))[:, None] + 0 * M.c)
    C, V_hat_max = coverage(D(M, pi_star), D(M, pi_e)), sup_norm(V(M, pi_hat))
    bound = printed_bound(M, C * eps_po, V_hat_max, E(D(M, pi_e), KL(M.P, M.P)), x, C)
    return bounded_by(J(M, pi_hat) - J(M, pi_star), bound)


@lamps.claim(
    "Corollary A.4",
    corrects="lamps_regret_explored",
    because="coverage transfers positive parts only; 1 / (1 - gamma) times"
    " the disadvantage; the learner's regret is measured on the data from nu",
)
def lamps_regret_explored_corrected(
    M: MDP,
    M_hats: tuple[Model, Model],
    pi_hats: tuple[Policy, Policy],
    pi_star: Policy,
    models: tuple[Model, Model],
    nu: StateActionDistribution,
):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) \le \frac{C}{1-\gamma}\max_t E_{s\sim\nu}[(V^{\hat\pi_t}_{\hat M_t}(s) - E_{a\sim\pi^\star}Q^{\hat\pi_t}_{\hat M_t}(s,a))_+]
    + \frac{2C\gamma\hat V_{max}}{1-\gamma}(\sqrt{2\epsilon_{KL}} + \sqrt{2Reg_T/T}), D_t = (D_{\omega,\hat\pi_t} + \nu)/2"""
    rounds = rounds_of(M_hats, pi_hats)
    C = finite_coverage(D(M, pi_star), nu)
    errors = [positive(V(N, pi) - E(pi_star, Q(N, pi))) for N, pi in rounds]
    eps_po = largest([E(nu.sum(-1), error) for error in errors])
    bound = model_bound(M, rounds, models, nu, values_at_most(rounds))
    return at_most(average_regret(M, rounds, pi_star), C * eps_po / (1 - M.gamma) + C * bound)


@lamps.claim("Corollary A.4, proof")
def explored_first_lines(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution
):
    r"""Corollary A.2, "the first term is by C \ge 1": \frac{\gamma}{1-\gamma}E_{D_{\omega,\hat\pi}}[M^\star V - \hat M V] counts C times"""
    discounts_inside(M)
    C = finite_coverage(D(M, pi_star), nu)
    model, policy = integrands(M, M_hat, pi_hat)
    under_nu = corollary_a_2(M, M_hat, pi_hat, C * E(nu, model), C * E(nu, policy))
    more = (C - 1) * learned_term(M, M_hat, pi_hat)
    return (
        chain(J(M, pi_hat) - J(M, pi_star))
        .equal(E(M.start, V(M, pi_hat) - V(M, pi_star)), "definition of J")
        .at_most(under_nu, "Corollary A.2, by importance ratio")
        .at_most(under_nu + more, "C >= 1")
    )


@lamps.claim(
    "Corollary A.4, proof",
    corrects="explored_first_lines",
    because="Hoelder's inequality first: the norms are not negative, so C may stand before them",
)
def explored_first_lines_corrected(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution
):
    r"""\le \frac{\gamma\hat V_{max}}{1-\gamma}(E_{D_{\omega,\hat\pi}} + C E_\nu)\|\hat M - M^\star\|_1 + \frac{C}{1-\gamma}E_\nu[(V - Q)_+]
    \le \frac{C\gamma\hat V_{max}}{1-\gamma}(E_{D_{\omega,\hat\pi}} + E_\nu)\|\hat M - M^\star\|_1 + \frac{C}{1-\gamma}E_\nu[(V - Q)_+]"""
    C = finite_coverage(D(M, pi_star), nu)
    _, policy = integrands(M, M_hat, pi_hat)
    factor = M.gamma / (1 - M.gamma) * sup_norm(V(M_hat, pi_hat))
    distance = l1_norm(M_hat.P - M.P)
    learned, explored = E(D(M, pi_hat), distance), E(nu, distance)
    eps_po = C / (1 - M.gamma) * E(nu, positive(policy))
    return (
        chain(J(M, pi_hat) - J(M, pi_star))
        .at_most(factor * (learned + C * explored) + eps_po, "Hoelder, then importance ratio")
        .at_most(C * factor * (learned + explored) + eps_po, "C >= 1")
    )
