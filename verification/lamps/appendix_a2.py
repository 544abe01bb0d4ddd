r"""Appendix A.2: PDAM and its proof, line by line; its form under an exploration distribution.

In Corollary A.2 the integrands under \nu are signed. E_{D}[f] \le C E_\nu[f] with
C = \sup D/\nu needs f \ge 0, so "by importance sampling" is the line that breaks.
"""

from theorylab import (
    MDP,
    Integer,
    Model,
    Policy,
    StateActionDistribution,
    at_least,
    at_most,
    chain,
    equal,
)
from theorylab.notation import D, D_at, E, J, Q, V, coverage, d, d_at, positive
from verification.lamps.paper import lamps
from verification.lamps.terms import discounts_inside


def learned_term(M, M_hat, pi_hat):
    """gamma / (1 - gamma) E_{D_pi_hat}[M* V - M_hat V], V = V^pi_hat in the model."""
    V_hat = V(M_hat, pi_hat)
    return M.gamma / (1 - M.gamma) * E(D(M, pi_hat), M.P @ V_hat - M_hat.P @ V_hat)


@lamps.claim("Lemma A.3")
def pdam_restated(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star) = E_\omega[V^{\hat\pi}_{M^\star} - V^{\pi^\star}_{M^\star}] =
    \frac{\gamma}{1-\gamma}E_{D_{\omega,\hat\pi}}[M^\star V^{\hat\pi}_{\hat M} - \hat M V^{\hat\pi}_{\hat M}]
    + \frac{\gamma}{1-\gamma}E_{D_{\omega,\pi^\star}}[\hat M V^{\hat\pi}_{\hat M} - M^\star V^{\hat\pi}_{\hat M}]
    + \frac{1}{1-\gamma}E_{d_{\omega,\pi^\star}}[V^{\hat\pi}_{\hat M} - E_{a\sim\pi^\star}Q^{\hat\pi}_{\hat M}]"""
    gamma, V_hat, Q_hat = M.gamma, V(M_hat, pi_hat), Q(M_hat, pi_hat)
    return (
        chain(J(M, pi_hat) - J(M, pi_star))
        .equal(E(M.start, V(M, pi_hat) - V(M, pi_star)), "definition of J")
        .equal(
            learned_term(M, M_hat, pi_hat)
            + gamma / (1 - gamma) * E(D(M, pi_star), M_hat.P @ V_hat - M.P @ V_hat)
            + 1 / (1 - gamma) * E(d(M, pi_star), V_hat - E(pi_star, Q_hat)),
            "the lemma",
        )
    )


@lamps.claim("Lemma A.3, proof, (12)")
def pdam_first_step(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""E_\omega[V^{\hat\pi}_{M^\star} - V^{\pi^\star}_{M^\star}] = E_\omega[V^{\hat\pi}_{\hat M} - V^{\pi^\star}_{M^\star}]
    + E_\omega[V^{\hat\pi}_{M^\star} - V^{\hat\pi}_{\hat M}] = ... + \frac{\gamma}{1-\gamma}E_{D_{\omega,\hat\pi}}[...]"""
    V_hat, V_star = V(M_hat, pi_hat), V(M, pi_star)
    return (
        chain(E(M.start, V(M, pi_hat) - V_star))
        .equal(E(M.start, V_hat - V_star) + E(M.start, V(M, pi_hat) - V_hat), "add and subtract")
        .equal(E(M.start, V_hat - V_star) + learned_term(M, M_hat, pi_hat), "simulation lemma")
    )


@lamps.claim("Lemma A.3, proof")
def pdam_recurrence(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""E_\omega[V^{\hat\pi}_{\hat M} - V^{\pi^\star}_{M^\star}] = ... = E_\omega[V^{\hat\pi}_{\hat M} - E_{\pi^\star}Q^{\hat\pi}_{\hat M}]
    + \gamma E_{D^0_{\omega,\pi^\star}}[\hat M V^{\hat\pi}_{\hat M} - M^\star V^{\hat\pi}_{\hat M}]
    + \gamma E_{d^1_{\omega,\pi^\star}}[V^{\hat\pi}_{\hat M} - V^{\pi^\star}_{M^\star}], the six displayed lines"""
    gamma, V_hat, V_star = M.gamma, V(M_hat, pi_hat), V(M, pi_star)
    Q_hat = Q(M_hat, pi_hat)
    expert = E(pi_star, Q_hat)
    D0 = D_at(M, pi_star, 0)
    disadvantage = E(M.start, V_hat - expert)
    return (
        chain(E(M.start, V_hat - V_star))
        .equal(E(M.start, V_hat - expert + expert - V_star), "add and subtract")
        .equal(
            disadvantage
            + E(
                M.start,
                E(pi_star, M.c + gamma * (M_hat.P @ V_hat))
                - E(pi_star, M.c + gamma * (M.P @ V_star)),
            ),
            "definition of Q and Bellman",
        )
        .equal(disadvantage + gamma * E(D0, M_hat.P @ V_hat - M.P @ V_star), "costs cancel")
        .equal(
            disadvantage
            + gamma * E(D0, M_hat.P @ V_hat - M.P @ V_hat + M.P @ V_hat - M.P @ V_star),
            "add and subtract",
        )
        .equal(
            disadvantage
            + gamma * E(D0, M_hat.P @ V_hat - M.P @ V_hat)
            + gamma * E(D0, M.P @ V_hat - M.P @ V_star),
            "linearity",
        )
        .equal(
            disadvantage
            + gamma * E(D0, M_hat.P @ V_hat - M.P @ V_hat)
            + gamma * E(d_at(M, pi_star, 1), V_hat - V_star),
            "the next state's law is d^1",
        )
    )


@lamps.claim("Lemma A.3, proof, unrolled")
def pdam_unrolled(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, n: Integer(1, 3)):
    r"""E_\omega[V^{\hat\pi}_{\hat M} - V^{\pi^\star}_{M^\star}] = \sum_{h<n}\gamma^h(E_{d^h}[V - E_{\pi^\star}Q]
    + \gamma E_{D^h}[\hat M V - M^\star V]) + \gamma^n E_{d^n}[V^{\hat\pi}_{\hat M} - V^{\pi^\star}_{M^\star}]"""
    gamma, V_hat, V_star = M.gamma, V(M_hat, pi_hat), V(M, pi_star)
    disadvantage = V_hat - E(pi_star, Q(M_hat, pi_hat))
    gap = M_hat.P @ V_hat - M.P @ V_hat
    terms = sum(
        gamma**h * (E(d_at(M, pi_star, h), disadvantage) + gamma * E(D_at(M, pi_star, h), gap))
        for h in range(n)
    )
    rest = gamma**n * E(d_at(M, pi_star, n), V_hat - V_star)
    return equal(E(M.start, V_hat - V_star), terms + rest)


@lamps.claim("Lemma A.3, proof, solved")
def pdam_recurrence_solved(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""E_\omega[V^{\hat\pi}_{\hat M} - V^{\pi^\star}_{M^\star}] =
    \frac{\gamma}{1-\gamma}E_{D_{\omega,\pi^\star}}[\hat M V^{\hat\pi}_{\hat M} - M^\star V^{\hat\pi}_{\hat M}]
    + \frac{1}{1-\gamma}E_{d_{\omega,\pi^\star}}[V^{\hat\pi}_{\hat M} - E_{a\sim\pi^\star}Q^{\hat\pi}_{\hat M}]"""
    gamma, V_hat = M.gamma, V(M_hat, pi_hat)
    return equal(
        E(M.start, V_hat - V(M, pi_star)),
        gamma / (1 - gamma) * E(D(M, pi_star), M_hat.P @ V_hat - M.P @ V_hat)
        + 1 / (1 - gamma) * E(d(M, pi_star), V_hat - E(pi_star, Q(M_hat, pi_hat))),
    )


def corollary_a_2(M, M_hat, pi_hat, model_part, policy_part):
    """The right side of Corollary A.2 from its two terms under nu, C included."""
    return (
        learned_term(M, M_hat, pi_hat)
        + M.gamma / (1 - M.gamma) * model_part
        + 1 / (1 - M.gamma) * policy_part
    )


def integrands(M, M_hat, pi_hat):
    """M_hat V - M* V and V - Q, tables (S, A), for V and Q of pi_hat in the model."""
    V_hat = V(M_hat, pi_hat)
    return M_hat.P @ V_hat - M.P @ V_hat, V_hat[:, None] - Q(M_hat, pi_hat)


@lamps.claim("Corollary A.2")
def pdam_exploration(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution
):
    r"""J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star) \le
    \frac{\gamma}{1-\gamma}E_{D_{\omega,\hat\pi}}[M^\star V^{\hat\pi}_{\hat M} - \hat M V^{\hat\pi}_{\hat M}]
    + \frac{\gamma C}{1-\gamma}E_\nu[\hat M V^{\hat\pi}_{\hat M} - M^\star V^{\hat\pi}_{\hat M}]
    + \frac{C}{1-\gamma}E_{s\sim\nu}[V^{\hat\pi}_{\hat M}(s) - E_{a\sim\nu(\cdot|s)}Q^{\hat\pi}_{\hat M}(s,a)],
    C = \sup_{s,a} D_{\omega,\pi^\star}(s,a)/\nu(s,a)"""
    discounts_inside(M)
    C = coverage(D(M, pi_star), nu)
    model, policy = integrands(M, M_hat, pi_hat)
    bound = corollary_a_2(M, M_hat, pi_hat, C * E(nu, model), C * E(nu, policy))
    return at_most(J(M, pi_hat) - J(M, pi_star), bound)


@lamps.claim(
    "Corollary A.2",
    corrects="pdam_exploration",
    because="E_D f <= C E_nu f needs f >= 0, and both integrands are signed",
)
def pdam_exploration_corrected(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution
):
    r"""The same with the positive parts of \hat M V - M^\star V and of V - Q under \nu"""
    C = coverage(D(M, pi_star), nu)
    model, policy = integrands(M, M_hat, pi_hat)
    model_part, policy_part = C * E(nu, positive(model)), C * E(nu, positive(policy))
    bound = corollary_a_2(M, M_hat, pi_hat, model_part, policy_part)
    return at_most(J(M, pi_hat) - J(M, pi_star), bound)


@lamps.claim(
    "Corollary A.2",
    reading="corrected, one positive part",
    corrects="pdam_exploration",
    because="the positive part of the sum is at most the sum of the positive parts",
)
def pdam_exploration_sharper(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution
):
    r"""The same with C E_\nu[(\gamma(\hat M V - M^\star V) + V - Q)_+] / (1-\gamma) for both terms"""
    C = coverage(D(M, pi_star), nu)
    model, policy = integrands(M, M_hat, pi_hat)
    together = C * E(nu, positive(M.gamma * model + policy))
    bound = learned_term(M, M_hat, pi_hat) + 1 / (1 - M.gamma) * together
    return at_most(J(M, pi_hat) - J(M, pi_star), bound)


@lamps.claim("Corollary A.2, proof")
def pdam_exploration_proof(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution
):
    r"""Lemma 4.1 with E_{(s,a)\sim D_{\omega,\pi^\star}}[V(s) - Q(s,a)], then "by importance sampling\""""
    discounts_inside(M)
    C = coverage(D(M, pi_star), nu)
    model, policy = integrands(M, M_hat, pi_hat)
    D_star = D(M, pi_star)
    return (
        chain(J(M, pi_hat) - J(M, pi_star))
        .equal(E(M.start, V(M, pi_hat) - V(M, pi_star)), "definition of J")
        .equal(corollary_a_2(M, M_hat, pi_hat, E(D_star, model), E(D_star, policy)), "Lemma 4.1")
        .at_most(
            corollary_a_2(M, M_hat, pi_hat, C * E(nu, model), C * E(nu, policy)),
            "importance sampling",
        )
    )


@lamps.claim("Corollary A.2, proof, C")
def coverage_at_least_one(M: MDP, pi_star: Policy, nu: StateActionDistribution):
    r"""C \ge 1"""
    C = coverage(D(M, pi_star), nu)
    return at_least(C, 1)
