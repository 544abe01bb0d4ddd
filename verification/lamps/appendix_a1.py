r"""Appendix A.1: simulation lemma, PDPM and their proofs, line by line.

Where the print writes (s,a)\sim d_{\omega,\pi} with a state distribution, D_{\omega,\pi} is meant.
"""

from theorylab import MDP, Integer, Model, Policy, at_most, chain, equal
from theorylab.notation import D, D_at, E, J, V, d_at, l1_norm, sup_norm
from theorylab.theory.planning import optimal_performance
from verification.lamps.paper import lamps


@lamps.claim("Lemma A.1")
def simulation(M: MDP, M_hat: Model, pi: Policy):
    r"""J_{M^\star}(\pi) - J_{\hat M}(\pi) = E_{s\sim\omega}[V^\pi_{M^\star}(s) - V^\pi_{\hat M}(s)] =
    \frac{\gamma}{1-\gamma} E_{D_{\omega,\pi}}[M^\star V^\pi_{\hat M} - \hat M V^\pi_{\hat M}]"""
    gamma, V_hat = M.gamma, V(M_hat, pi)
    return (
        chain(J(M, pi) - J(M_hat, pi))
        .equal(E(M.start, V(M, pi) - V_hat), "definition of J")
        .equal(
            gamma / (1 - gamma) * E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat), "recurrence solved"
        )
    )


@lamps.claim("Lemma A.1", reading="D^0 at the start, sum from h = 1")
def simulation_with_the_start_left_out(M: MDP, M_hat: Model, pi: Policy):
    r"""The same with D = (1-\gamma)\sum_{h\ge1}\gamma^{h-1}D^h read by the proofs' clock, in which
    D^0 = \omega\times\pi: the sum leaves out the start"""
    gamma, V_hat = M.gamma, V(M_hat, pi)
    shifted = M.with_start(d_at(M, pi, 1))
    return equal(
        J(M, pi) - J(M_hat, pi),
        gamma / (1 - gamma) * E(D(shifted, pi), M.P @ V_hat - M_hat.P @ V_hat),
    )


@lamps.claim("Lemma A.1, proof")
def simulation_recurrence(M: MDP, M_hat: Model, pi: Policy):
    r"""E_\omega[V_{M^\star} - V_{\hat M}] = ... = \gamma E_{s'\sim d^1}[V_{M^\star}(s') - V_{\hat M}(s')]
    + \gamma E_{D^0}[M^\star V_{\hat M} - \hat M V_{\hat M}], the four displayed lines"""
    gamma, V_M, V_hat = M.gamma, V(M, pi), V(M_hat, pi)
    D0 = D_at(M, pi, 0)
    return (
        chain(E(M.start, V_M - V_hat))
        .equal(
            E(D0, M.c + gamma * (M.P @ V_M) - M.c - gamma * (M_hat.P @ V_hat)), "Bellman in both"
        )
        .equal(gamma * E(D0, M.P @ V_M - M_hat.P @ V_hat), "costs cancel")
        .equal(
            gamma * E(D0, M.P @ V_M - M.P @ V_hat + M.P @ V_hat - M_hat.P @ V_hat),
            "add and subtract",
        )
        .equal(
            gamma * E(d_at(M, pi, 1), V_M - V_hat) + gamma * E(D0, M.P @ V_hat - M_hat.P @ V_hat),
            "the next state's law is d^1",
        )
    )


@lamps.claim("Lemma A.1, proof, unrolled")
def simulation_unrolled(M: MDP, M_hat: Model, pi: Policy, n: Integer(1, 3)):
    r"""E_\omega[V_{M^\star} - V_{\hat M}] = \sum_{h<n}\gamma^{h+1}E_{D^h}[M^\star V_{\hat M} - \hat M V_{\hat M}]
    + \gamma^n E_{d^n}[V_{M^\star} - V_{\hat M}]"""
    V_M, V_hat = V(M, pi), V(M_hat, pi)
    gap = M.P @ V_hat - M_hat.P @ V_hat
    terms = sum(M.gamma ** (h + 1) * E(D_at(M, pi, h), gap) for h in range(n))
    return equal(E(M.start, V_M - V_hat), terms + M.gamma**n * E(d_at(M, pi, n), V_M - V_hat))


def pdpm_terms(M, M_hat, pi_hat, pi_star):
    """The right side of Lemma A.2 as its three terms."""
    V_hat, V_star = V(M_hat, pi_hat), V(M_hat, pi_star)
    factor = M.gamma / (1 - M.gamma)
    return (
        E(M.start, V_hat - V_star),
        factor * E(D(M, pi_hat), M.P @ V_hat - M_hat.P @ V_hat),
        factor * E(D(M, pi_star), M_hat.P @ V_star - M.P @ V_star),
    )


@lamps.claim("Lemma A.2")
def pdpm_restated(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star) = E_\omega[V^{\hat\pi}_{M^\star} - V^{\pi^\star}_{M^\star}]
    = E_\omega[V^{\hat\pi}_{\hat M} - V^{\pi^\star}_{\hat M}]
    + \frac{\gamma}{1-\gamma}E_{D_{\omega,\hat\pi}}[M^\star V^{\hat\pi}_{\hat M} - \hat M V^{\hat\pi}_{\hat M}]
    + \frac{\gamma}{1-\gamma}E_{D_{\omega,\pi^\star}}[\hat M V^{\pi^\star}_{\hat M} - M^\star V^{\pi^\star}_{\hat M}]"""
    in_model, learned, expert = pdpm_terms(M, M_hat, pi_hat, pi_star)
    return (
        chain(J(M, pi_hat) - J(M, pi_star))
        .equal(E(M.start, V(M, pi_hat) - V(M, pi_star)), "definition of J")
        .equal(in_model + learned + expert, "the lemma")
    )


@lamps.claim("Lemma A.2, proof")
def pdpm_proof(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""E_\omega[V^{\hat\pi}_{M^\star} - V^{\pi^\star}_{M^\star}] = E_\omega[(V^{\hat\pi}_{\hat M} - V^{\pi^\star}_{\hat M})
    + (V^{\hat\pi}_{M^\star} - V^{\hat\pi}_{\hat M}) + (V^{\pi^\star}_{\hat M} - V^{\pi^\star}_{M^\star})] = ..."""
    V_hat, V_star = V(M_hat, pi_hat), V(M_hat, pi_star)
    in_model, learned, expert = pdpm_terms(M, M_hat, pi_hat, pi_star)
    return (
        chain(E(M.start, V(M, pi_hat) - V(M, pi_star)))
        .equal(
            E(M.start, (V_hat - V_star) + (V(M, pi_hat) - V_hat) + (V_star - V(M, pi_star))),
            "add and subtract",
        )
        .equal(in_model + learned + expert, "simulation lemma on the second and third terms")
    )


def corollary_a_1(M, M_hat, pi_hat, pi_star):
    """The right side of Corollary A.1, with (4) made tight over all policies."""
    distance = l1_norm(M_hat.P - M.P)
    factor = M.gamma / (1 - M.gamma)
    V_hat_max, V_max = sup_norm(V(M_hat, pi_hat)), sup_norm(V(M_hat, pi_star))
    eps_oc = J(M_hat, pi_hat) - optimal_performance(M_hat)
    return (
        eps_oc
        + factor * V_hat_max * E(D(M, pi_hat), distance)
        + factor * V_max * E(D(M, pi_star), distance)
    )


@lamps.claim("Corollary A.1")
def pdpm_bound_restated(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""E_\omega[V^{\hat\pi}_{M^\star} - V^{\pi^\star}_{M^\star}] \le \epsilon_{oc}
    + \frac{\gamma\hat V_{max}}{1-\gamma}E_{D_{\omega,\hat\pi}}\|\hat M - M^\star\|_1
    + \frac{\gamma V_{max}}{1-\gamma}E_{D_{\omega,\pi^\star}}\|\hat M - M^\star\|_1"""
    gap = E(M.start, V(M, pi_hat) - V(M, pi_star))
    return at_most(gap, corollary_a_1(M, M_hat, pi_hat, pi_star))


@lamps.claim("Corollary A.1, proof")
def pdpm_bound_proof(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""Lemma 3.1, then (4) for the first term and H\"older's inequality for the others"""
    in_model, learned, expert = pdpm_terms(M, M_hat, pi_hat, pi_star)
    return (
        chain(E(M.start, V(M, pi_hat) - V(M, pi_star)))
        .equal(in_model + learned + expert, "Lemma 3.1")
        .at_most(corollary_a_1(M, M_hat, pi_hat, pi_star), "(4) and Hoelder twice")
    )


@lamps.claim("Corollary A.1, proof, Hoelder")
def hoelder_step(M: MDP, M_hat: Model, pi_hat: Policy):
    r"""\frac{\gamma}{1-\gamma}E_{D_{\omega,\hat\pi}}[M^\star V^{\hat\pi}_{\hat M} - \hat M V^{\hat\pi}_{\hat M}]
    \le \frac{\gamma}{1-\gamma}\|V^{\hat\pi}_{\hat M}\|_\infty E_{D_{\omega,\hat\pi}}\|\hat M - M^\star\|_1"""
    V_hat, factor = V(M_hat, pi_hat), M.gamma / (1 - M.gamma)
    return at_most(
        factor * E(D(M, pi_hat), M.P @ V_hat - M_hat.P @ V_hat),
        factor * sup_norm(V_hat) * E(D(M, pi_hat), l1_norm(M_hat.P - M.P)),
    )
