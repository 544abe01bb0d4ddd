r"""Section 3: preliminaries, PDPM and its corollary.

The definitions are judged by what the proofs use of them. Two of them are ambiguous or slip:

* D_{\omega,\pi} = (1-\gamma)\sum_{h\ge1}\gamma^{h-1}D^h with D^h "at time h if we ... executed \pi
  until time h-1". The proofs count from D^0 = \omega\times\pi, and need the start in the sum; that
  is the reading in which time 1 is the start, and the one the library's `D` follows.
* Q is printed without the discount.
"""

from theorylab import MDP, Integer, Model, Policy, Several, at_most, equal, every
from theorylab.arithmetic import minimum
from theorylab.notation import D, D_at, E, J, Q, V, V_star, d, d_at, l1_norm, sup_norm
from theorylab.theory.planning import best_performance, optimal_performance
from theorylab.theory.tabular import with_actions
from verification.lamps.paper import lamps
from verification.lamps.terms import discounts_inside


@lamps.claim("Section 3, V")
def value_recursion(M: MDP, pi: Policy):
    r"""V^\pi(s) = E_{a\sim\pi(s)}[c(s,a) + \gamma E_{s'\sim M(s,a)} V^\pi(s')]"""
    return equal(V(M, pi), E(pi, M.c + M.gamma * (M.P @ V(M, pi))))


@lamps.claim("Section 3, Q")
def action_value_as_printed(M: MDP, pi: Policy):
    r"""Q^\pi(s,a) = c(s,a) + E_{s'\sim M(s,a)} V^\pi(s'), judged by V^\pi(s) = E_{a\sim\pi(s)} Q^\pi(s,a)"""
    discounts_inside(M)
    Q_printed = M.c + M.P @ V(M, pi)
    return equal(V(M, pi), E(pi, Q_printed))


@lamps.claim(
    "Section 3, Q",
    corrects="action_value_as_printed",
    because="the discount is missing; the proof of Lemma A.3 writes c + \\gamma E V",
)
def action_value_corrected(M: MDP, pi: Policy):
    r"""Q^\pi(s,a) = c(s,a) + \gamma E_{s'\sim M(s,a)} V^\pi(s')"""
    Q_corrected = M.c + M.gamma * (M.P @ V(M, pi))
    return every(equal(V(M, pi), E(pi, Q_corrected)), equal(Q(M, pi), Q_corrected))


@lamps.claim("Section 3, D")
def occupancy_from_steps(M: MDP, pi: Policy, n: Integer(1, 3)):
    r"""D_{\omega,\pi} = (1-\gamma)\sum_{h\ge1}\gamma^{h-1}D^h with D^1 = \omega\times\pi: the first n
    terms, and what is left is \gamma^n times the occupancy from the law of the next state."""
    first = sum(M.gamma ** (h - 1) * D_at(M, pi, h - 1) for h in range(1, n + 1))
    later = M.with_start(d_at(M, pi, n))
    return equal(D(M, pi), (1 - M.gamma) * first + M.gamma**n * D(later, pi))


@lamps.claim("Section 3, D", reading="D sums to one")
def occupancy_is_normalised(M: MDP, pi: Policy):
    r"""\sum_{s,a} D_{\omega,\pi}(s,a) = 1 and D_{\omega,\pi}(s,a) = d_{\omega,\pi}(s)\pi(a|s)"""
    return every(equal(D(M, pi).sum(), 1), equal(D(M, pi), with_actions(d(M, pi), pi)))


@lamps.claim("Section 3, D", reading="flow equation")
def occupancy_flow(M: MDP, pi: Policy):
    r"""d_{\omega,\pi}(s') = (1-\gamma)\omega(s') + \gamma E_{(s,a)\sim D_{\omega,\pi}} M(s'|s,a)"""
    inflow = (D(M, pi)[:, :, None] * M.P).sum(0).sum(0)
    return equal(d(M, pi), (1 - M.gamma) * M.start + M.gamma * inflow)


@lamps.claim("Section 3, J")
def performance_through_occupancy(M: MDP, pi: Policy):
    r"""J^\omega(\pi) = E_{s\sim\omega} V^\pi(s) = \frac{1}{1-\gamma} E_{(s,a)\sim D_{\omega,\pi}} c(s,a)"""
    return every(
        equal(J(M, pi), E(M.start, V(M, pi))),
        equal(J(M, pi), E(D(M, pi), M.c) / (1 - M.gamma)),
    )


@lamps.claim("Section 3, J", reading="D^0 at the start, sum from h = 1")
def performance_with_the_start_left_out(M: MDP, pi: Policy):
    r"""J^\omega(\pi) = \frac{1}{1-\gamma} E_D c with D = (1-\gamma)\sum_{h\ge1}\gamma^{h-1}D^h and the
    proofs' clock, D^0 = \omega\times\pi: the sum leaves out the start."""
    discounts_inside(M)
    shifted = M.with_start(d_at(M, pi, 1))
    return equal(J(M, pi), E(D(shifted, pi), M.c) / (1 - M.gamma))


def model_gap(M, M_hat, values):
    """E_{s'~M*(s,a)} V(s') - E_{s''~M_hat(s,a)} V(s''), a table (S, A)."""
    return M.P @ values - M_hat.P @ values


@lamps.claim("Lemma 3.1")
def pdpm(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""(1-\gamma)[J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star)] =
    (1-\gamma) E_{s\sim\omega}[V^{\hat\pi}_{\hat M}(s) - V^{\pi^\star}_{\hat M}(s)]
    + \gamma E_{D_{\omega,\hat\pi}}[M^\star V^{\hat\pi}_{\hat M} - \hat M V^{\hat\pi}_{\hat M}]
    + \gamma E_{D_{\omega,\pi^\star}}[\hat M V^{\pi^\star}_{\hat M} - M^\star V^{\pi^\star}_{\hat M}]"""
    V_hat, V_star = V(M_hat, pi_hat), V(M_hat, pi_star)
    return equal(
        (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)),
        (1 - M.gamma) * E(M.start, V_hat - V_star)
        + M.gamma * E(D(M, pi_hat), model_gap(M, M_hat, V_hat))
        - M.gamma * E(D(M, pi_star), model_gap(M, M_hat, V_star)),
    )


def corollary_3_1(M, M_hat, pi_hat, pi_star, eps_oc, divisor=1):
    """The display of Corollary 3.1 for a given planning error; its norms over `divisor`."""
    distance = l1_norm(M_hat.P - M.P) / divisor
    V_hat_max, V_max = sup_norm(V(M_hat, pi_hat)), sup_norm(V(M_hat, pi_star))
    return at_most(
        (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)),
        eps_oc
        + M.gamma * V_hat_max * E(D(M, pi_hat), distance)
        + M.gamma * V_max * E(D(M, pi_star), distance),
    )


@lamps.claim("Corollary 3.1")
def pdpm_bound(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""(1-\gamma)[J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star)] \le \epsilon_{oc}
    + \gamma\hat V_{max} E_{D_{\omega,\hat\pi}}\|\hat M - M^\star\|_1
    + \gamma V_{max} E_{D_{\omega,\pi^\star}}\|\hat M - M^\star\|_1,
    with (4) made tight and \Pi all policies"""
    eps_oc = J(M_hat, pi_hat) - optimal_performance(M_hat)
    return corollary_3_1(M, M_hat, pi_hat, pi_star, eps_oc)


@lamps.claim("Corollary 3.1", reading="Pi is a class with pi_hat and pi_star")
def pdpm_bound_in_a_class(
    M: MDP, M_hat: Model, Pi: Several(Policy), pi_hat: Policy, pi_star: Policy
):
    r"""The same, with (4) over a finite class \Pi that holds \hat\pi and \pi^\star"""
    eps_oc = J(M_hat, pi_hat) - best_performance(M_hat, (*Pi, pi_hat, pi_star))
    return corollary_3_1(M, M_hat, pi_hat, pi_star, eps_oc)


@lamps.claim("Corollary 3.1", reading="Pi is a class with pi_star, pi_hat any policy")
def pdpm_bound_outside_the_class(
    M: MDP, M_hat: Model, Pi: Several(Policy), pi_hat: Policy, pi_star: Policy
):
    r"""The same, with \hat\pi outside \Pi, as "policies \pi^\star, \hat\pi such that \hat\pi satisfies
    (4)" allows: the planning error may be negative, and the factor 1-\gamma before it matters"""
    eps_oc = J(M_hat, pi_hat) - best_performance(M_hat, (*Pi, pi_star))
    return corollary_3_1(M, M_hat, pi_hat, pi_star, eps_oc)


@lamps.claim(
    "Corollary 3.1",
    reading="Pi is a class with pi_star, pi_hat any policy, corrected",
    corrects="pdpm_bound_outside_the_class",
    because="Lemma 3.1 gives (1-\\gamma)\\epsilon_{oc}, which is larger when \\epsilon_{oc} < 0",
)
def pdpm_bound_outside_the_class_corrected(
    M: MDP, M_hat: Model, Pi: Several(Policy), pi_hat: Policy, pi_star: Policy
):
    r"""The same with (1-\gamma)\epsilon_{oc} in place of \epsilon_{oc}, as Lemma 3.1 gives; it is also
    the sharper bound for \epsilon_{oc} > 0"""
    eps_oc = J(M_hat, pi_hat) - best_performance(M_hat, (*Pi, pi_star))
    return corollary_3_1(M, M_hat, pi_hat, pi_star, (1 - M.gamma) * eps_oc)


@lamps.claim("Corollary 3.1", reading="Pi is a class without pi_star")
def pdpm_bound_without_the_expert(
    M: MDP, M_hat: Model, Pi: Several(Policy), pi_hat: Policy, pi_star: Policy
):
    r"""The same, with \pi^\star outside \Pi: (4) says nothing of the expert"""
    discounts_inside(M)
    eps_oc = J(M_hat, pi_hat) - best_performance(M_hat, (*Pi, pi_hat))
    return corollary_3_1(M, M_hat, pi_hat, pi_star, eps_oc)


@lamps.claim(
    "Corollary 3.1",
    reading="sharper constants",
    corrects="pdpm_bound",
    because="Lemma 3.1 gives (1-\\gamma)\\epsilon_{oc}; and values are at least 0, so half of their"
    " maximum bounds the gap: a difference of two laws sees only the span of V",
)
def pdpm_bound_half(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""The same with (1-\gamma)\epsilon_{oc}, \hat V_{max}/2 and V_{max}/2"""
    eps_oc = (1 - M.gamma) * (J(M_hat, pi_hat) - optimal_performance(M_hat))
    return corollary_3_1(M, M_hat, pi_hat, pi_star, eps_oc, 2)


@lamps.claim(
    "Corollary 3.1",
    reading="by coupling",
    corrects="pdpm_bound",
    because="found by mutants of V_max and D: run both worlds together until they differ, once with"
    " \\hat\\pi, once with \\pi^\\star and an optimal policy of the model after that",
)
def pdpm_bound_by_coupling(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""The same with (1-\gamma)\epsilon_{oc}, half of the distances, the smaller of \hat V_{max} and
    \|V^{\hat\pi}_{M^\star}\|_\infty, \|V^\star_{\hat M}\|_\infty in place of V_{max}, and the smaller
    of the expert's two occupancies"""
    distance = l1_norm(M_hat.P - M.P) / 2
    V_hat_max = minimum(sup_norm(V(M_hat, pi_hat)), sup_norm(V(M, pi_hat)))
    parted = minimum(E(D(M, pi_star), distance), E(D(M_hat, pi_star), distance))
    eps_oc = J(M_hat, pi_hat) - optimal_performance(M_hat)
    return at_most(
        (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)),
        (1 - M.gamma) * eps_oc
        + M.gamma * V_hat_max * E(D(M, pi_hat), distance)
        + M.gamma * sup_norm(V_star(M_hat)) * parted,
    )
