r"""Section 5: the corollary behind LAMPS.

(8) bounds the disadvantage under the exploration distribution \nu, with a\sim\nu(\cdot|s), while
PDAM needs it under the expert's: Corollary 5.1 as printed relates the two by nothing.
"""

from theorylab import MDP, Model, Policy, StateActionDistribution, StateDistribution, at_most
from theorylab.arithmetic import inf
from theorylab.notation import D, E, J, Q, V, coverage, d, l1_norm, positive, sup_norm
from verification.lamps.paper import lamps
from verification.lamps.terms import covers, disadvantage, discounts_inside


def corollary_5_1(M, M_hat, pi_hat, pi_star, eps_po, divisor=1):
    """The display of Corollary 5.1 for a given policy advantage error; its norms over `divisor`."""
    distance = l1_norm(M_hat.P - M.P) / divisor
    V_hat_max = sup_norm(V(M_hat, pi_hat))
    return at_most(
        (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)),
        eps_po
        + M.gamma * V_hat_max * E(D(M, pi_hat), distance)
        + M.gamma * V_hat_max * E(D(M, pi_star), distance),
    )


@lamps.claim("Corollary 5.1")
def pdam_bound(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution):
    r"""(1-\gamma)[J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star)] \le \epsilon_{po}
    + \gamma\hat V_{max} E_{D_{\omega,\hat\pi}}\|\hat M - M^\star\|_1
    + \gamma\hat V_{max} E_{D_{\omega,\pi^\star}}\|\hat M - M^\star\|_1,
    with (8) made tight: \epsilon_{po} = E_{s\sim\nu}[V(s) - E_{a\sim\nu(\cdot|s)} Q(s,a)] in \hat M, for \nu
    that covers D_{\omega,\pi^\star}"""
    discounts_inside(M)
    covers(nu, D(M, pi_star))
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


@lamps.claim("Corollary 5.1", reading="nu covers the expert, C times (8)")
def pdam_bound_with_coverage(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution
):
    r"""The same with C\epsilon_{po} in place of \epsilon_{po}, as the theorems after it write: the
    signed disadvantage under \nu may vanish while the expert's does not"""
    discounts_inside(M)
    C = coverage(D(M, pi_star), nu)
    return corollary_5_1(M, M_hat, pi_hat, pi_star, C * E(nu, disadvantage(M_hat, pi_hat)))


@lamps.claim(
    "Corollary 5.1",
    reading="corrected, best action in (8)",
    corrects="pdam_bound",
    because="V(s) - min_a Q(s, a) is never negative, so the coverage of states transfers it",
)
def pdam_bound_best_action(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateDistribution
):
    r"""The same with C_s E_{s\sim\nu}[V(s) - \min_a Q(s,a)] in place of \epsilon_{po},
    C_s = \sup_s d_{\omega,\pi^\star}(s) / \nu(s)"""
    C = coverage(d(M, pi_star), nu)
    disadvantage_of_best = V(M_hat, pi_hat) - inf(Q(M_hat, pi_hat), 1)
    return corollary_5_1(M, M_hat, pi_hat, pi_star, C * E(nu, disadvantage_of_best))


@lamps.claim(
    "Corollary 5.1",
    reading="nu is the expert's occupancy, sharper constant",
    corrects="pdam_bound_under_the_expert",
    because="values are at least 0, so half of V_max bounds the gap: a difference of two laws sees"
    " only the span of V",
)
def pdam_bound_half(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""The same with \nu = D_{\omega,\pi^\star} and \hat V_{max}/2 in place of \hat V_{max}"""
    eps_po = E(D(M, pi_star), disadvantage(M_hat, pi_hat))
    return corollary_5_1(M, M_hat, pi_hat, pi_star, eps_po, 2)
