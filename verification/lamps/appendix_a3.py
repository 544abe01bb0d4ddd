r"""Appendix A.3: PDAM bounded by the prediction error, in terms of the expert's distribution."""

from theorylab import MDP, Model, Policy, chain
from theorylab.notation import D, E, J, Q, V, d, l1_norm, sup_norm
from verification.lamps.appendix_a2 import learned_term
from verification.lamps.paper import lamps


def corollary_a_3(M, M_hat, pi_hat, pi_star):
    """The right side of Corollary A.3."""
    V_hat, factor = V(M_hat, pi_hat), M.gamma / (1 - M.gamma)
    distance = l1_norm(M_hat.P - M.P)
    return (
        factor * sup_norm(V_hat) * E(D(M, pi_hat), distance)
        + factor * sup_norm(V_hat) * E(D(M, pi_star), distance)
        + 1 / (1 - M.gamma) * E(d(M, pi_star), V_hat - E(pi_star, Q(M_hat, pi_hat)))
    )


@lamps.claim("Corollary A.3")
def pdam_bound_restated(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star) = E_\omega[V^{\hat\pi}_{M^\star} - V^{\pi^\star}_{M^\star}] \le
    \frac{\gamma\hat V_{max}}{1-\gamma}E_{D_{\omega,\hat\pi}}\|\hat M - M^\star\|_1
    + \frac{\gamma\hat V_{max}}{1-\gamma}E_{D_{\omega,\pi^\star}}\|\hat M - M^\star\|_1
    + \frac{1}{1-\gamma}E_{d_{\omega,\pi^\star}}[V^{\hat\pi}_{\hat M} - E_{a\sim\pi^\star}Q^{\hat\pi}_{\hat M}]"""
    return (
        chain(J(M, pi_hat) - J(M, pi_star))
        .equal(E(M.start, V(M, pi_hat) - V(M, pi_star)), "definition of J")
        .at_most(corollary_a_3(M, M_hat, pi_hat, pi_star), "the corollary")
    )


@lamps.claim("Corollary A.3, proof")
def pdam_bound_proof(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""Lemma 4.1, then H\"older's inequality for the first two terms"""
    gamma, V_hat = M.gamma, V(M_hat, pi_hat)
    return (
        chain(E(M.start, V(M, pi_hat) - V(M, pi_star)))
        .equal(
            learned_term(M, M_hat, pi_hat)
            + gamma / (1 - gamma) * E(D(M, pi_star), M_hat.P @ V_hat - M.P @ V_hat)
            + 1 / (1 - gamma) * E(d(M, pi_star), V_hat - E(pi_star, Q(M_hat, pi_hat))),
            "Lemma 4.1",
        )
        .at_most(corollary_a_3(M, M_hat, pi_hat, pi_star), "Hoelder twice")
    )
