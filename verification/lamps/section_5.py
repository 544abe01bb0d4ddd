r"""Section 5: the corollary behind LAMPS.

(8) bounds the disadvantage under the exploration distribution \nu, with a\sim\nu(\cdot|s), while
PDAM needs it under the expert's: Corollary 5.1 as printed relates the two by nothing.
"""

from theorylab import MDP, Model, Policy, StateActionDistribution, at_most
from theorylab.notation import D, E, J, Q, V, coverage, l1_norm, positive, sup_norm
from verification.lamps.paper import lamps


def corollary_5_1(M, M_hat, pi_hat, pi_star, eps_po):
    """The display of Corollary 5.1 for a given policy advantage error."""
    distance = l1_norm(M_hat.P - M.P)
    V_hat_max = sup_norm(V(M_hat, pi_hat))
    return at_most(
        (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)),
        eps_po
        + M.gamma * V_hat_max * E(D(M, pi_hat), distance)
        + M.gamma * V_hat_max * E(D(M, pi_star), distance),
    )


def disadvantage(M_hat, pi_hat):
    """V(s) - Q(s, a) of pi_hat in the model, a table (S, A)."""
    return V(M_hat, pi_hat)[:, None] - Q(M_hat, pi_hat)


@lamps.claim("Corollary 5.1")
def pdam_bound(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution):
    r"""(1-\gamma)[J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star)] \le \epsilon_{po}
    + \gamma\hat V_{max} E_{D_{\omega,\hat\pi}}\|\hat M - M^\star\|_1
    + \gamma\hat V_{max} E_{D_{\omega,\pi^\star}}\|\hat M - M^\star\|_1,
    with (8) made tight: \epsilon_{po} = E_{s\sim\nu}[V(s) - E_{a\sim\nu(\cdot|s)} Q(s,a)] in \hat M"""
    return corollary_5_1(M, M_hat, pi_hat, pi_star, E(nu, disadvantage(M_hat, pi_hat)))


@lamps.claim("Corollary 5.1", reading="nu is the expert's occupancy")
def pdam_bound_under_the_expert(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""The same with \nu = D_{\omega,\pi^\star}, as Appendix A.3 says "for simplicity\""""
    return corollary_5_1(M, M_hat, pi_hat, pi_star, E(D(M, pi_star), disadvantage(M_hat, pi_hat)))


@lamps.claim(
    "Corollary 5.1",
    corrects="pdam_bound",
    because="the disadvantage is signed, so coverage transfers only its positive part, times C",
)
def pdam_bound_corrected(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution
):
    r"""The same with C\,E_{(s,a)\sim\nu}[(V(s) - Q(s,a))_+] in place of \epsilon_{po},
    C = \sup_{s,a} D_{\omega,\pi^\star}(s,a) / \nu(s,a)"""
    C = coverage(D(M, pi_star), nu)
    eps_po = E(nu, positive(disadvantage(M_hat, pi_hat)))
    return corollary_5_1(M, M_hat, pi_hat, pi_star, C * eps_po)
