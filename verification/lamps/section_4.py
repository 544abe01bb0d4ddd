r"""Section 4: performance difference via advantage in model (PDAM).

Q carries its discount, as the proof in Appendix A.2 writes it and unlike Section 3; the reading
with Section 3's Q is judged too.
"""

from theorylab import MDP, Model, Policy, equal
from theorylab.notation import D, E, J, Q, V, d
from verification.lamps.paper import lamps
from verification.lamps.terms import discounts_inside


def pdam_display(M, M_hat, pi_hat, pi_star, Q_hat):
    """The display of Lemma 4.1 for a given table of action values in the model."""
    V_hat = V(M_hat, pi_hat)
    return equal(
        (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)),
        E(d(M, pi_star), V_hat - E(pi_star, Q_hat))
        + M.gamma * E(D(M, pi_hat), M.P @ V_hat - M_hat.P @ V_hat)
        + M.gamma * E(D(M, pi_star), M_hat.P @ V_hat - M.P @ V_hat),
    )


@lamps.claim("Lemma 4.1")
def pdam(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""(1-\gamma)[J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star)] =
    E_{s\sim d_{\omega,\pi^\star}}[V^{\hat\pi}_{\hat M}(s) - E_{a\sim\pi^\star(s)} Q^{\hat\pi}_{\hat M}(s,a)]
    + \gamma E_{D_{\omega,\hat\pi}}[M^\star V^{\hat\pi}_{\hat M} - \hat M V^{\hat\pi}_{\hat M}]
    + \gamma E_{D_{\omega,\pi^\star}}[\hat M V^{\hat\pi}_{\hat M} - M^\star V^{\hat\pi}_{\hat M}]"""
    return pdam_display(M, M_hat, pi_hat, pi_star, Q(M_hat, pi_hat))


@lamps.claim("Lemma 4.1", reading="Q as printed in Section 3")
def pdam_with_the_printed_q(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""The same with Q^{\hat\pi}_{\hat M} = c + E_{\hat M} V^{\hat\pi}_{\hat M}, the discount missing"""
    discounts_inside(M)
    Q_printed = M_hat.c + M_hat.P @ V(M_hat, pi_hat)
    return pdam_display(M, M_hat, pi_hat, pi_star, Q_printed)
