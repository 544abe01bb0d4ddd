r"""Section 3: Algorithm 2, footnote 1 (Pinsker) and footnote 2 (performance difference lemma).

Algorithm 2 prints the loss E log M and takes its argmin, which is the least likely model. KL(M, M^\star)
is ambiguous: E log M under the true next states belongs to KL(M^\star||M), and Section 5 prints the
other order. Pinsker's inequality holds for both.
"""

from theorylab import (
    MDP,
    Model,
    Policy,
    StateActionDistribution,
    assume,
    at_least,
    at_most,
    chain,
    equal,
)
from theorylab.arithmetic import sqrt, x_log_ratio
from theorylab.notation import KL, D, E, J, Q, V, d, l1_norm, sup_norm
from theorylab.theory.planning import optimal_performance
from verification.lamps.paper import lamps
from verification.lamps.terms import discounts_inside, has_support


def log_likelihood(M, data, N):
    r"""E_{(s,a)\sim data, s'\sim M^\star(s,a)} \log N(s'|s,a): the loss that Algorithm 2 prints."""
    truth = x_log_ratio(M.P, 1).sum(-1)
    return E(data, truth - KL(M.P, N.P))


@lamps.claim("Algorithm 2")
def truth_leads_as_printed(M: MDP, N: Model, data: StateActionDistribution):
    r"""\ell(M) = E_{D} \log M(s'|s,a) and the argmin of it: in the class {M^\star, N} the truth is
    picked, \ell(M^\star) \le \ell(N)"""
    discounts_inside(M)
    has_support(N, M)
    return at_most(log_likelihood(M, data, M), log_likelihood(M, data, N))


@lamps.claim(
    "Algorithm 2",
    corrects="truth_leads_as_printed",
    because="argmin of the log likelihood picks the least likely model; the loss is its negative",
)
def truth_leads(M: MDP, N: Model, data: StateActionDistribution):
    r"""The same with \ell(M) = -E_{D} \log M(s'|s,a)"""
    return at_least(log_likelihood(M, data, M), log_likelihood(M, data, N))


@lamps.claim("Algorithm 2", reading="a class without the truth")
def printed_leader_is_near(M: MDP, N_1: Model, N_2: Model, data: StateActionDistribution):
    r"""In the class {N_1, N_2} the argmin of \ell(M) = E_{D} \log M(s'|s,a) has the smaller
    E_{D} KL(M^\star \| M)"""
    assume(
        at_most(log_likelihood(M, data, N_1), log_likelihood(M, data, N_2)), "Algorithm 2 picks N_1"
    )
    return at_most(E(data, KL(M.P, N_1.P)), E(data, KL(M.P, N_2.P)))


@lamps.claim("Footnote 1")
def pinsker(M: MDP, M_hat: Model, data: StateActionDistribution):
    r"""E_D\|\hat M - M^\star\|_1 \le E_D\sqrt{2 KL(M^\star\|\hat M)} \le \sqrt{2 E_D KL(M^\star\|\hat M)}"""
    divergence = KL(M.P, M_hat.P)
    return (
        chain(E(data, l1_norm(M_hat.P - M.P)))
        .at_most(E(data, sqrt(2 * divergence)), "Pinsker's inequality")
        .at_most(sqrt(2 * E(data, divergence)), "Jensen's inequality")
    )


@lamps.claim("Footnote 1", reading="KL(M_hat || M*)")
def pinsker_from_the_model(M: MDP, M_hat: Model, data: StateActionDistribution):
    r"""The same with KL(\hat M\|M^\star), the order of the arguments in Theorem 5.1"""
    divergence = KL(M_hat.P, M.P)
    return (
        chain(E(data, l1_norm(M_hat.P - M.P)))
        .at_most(E(data, sqrt(2 * divergence)), "Pinsker's inequality")
        .at_most(sqrt(2 * E(data, divergence)), "Jensen's inequality")
    )


def corollary_3_1_by_kl(M, M_hat, pi_hat, pi_star, divergence):
    """Corollary 3.1 with both total variation terms bounded by a divergence, a table (S, A)."""
    eps_oc = J(M_hat, pi_hat) - optimal_performance(M_hat)
    V_hat_max, V_max = sup_norm(V(M_hat, pi_hat)), sup_norm(V(M_hat, pi_star))
    return at_most(
        (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)),
        eps_oc
        + M.gamma * V_hat_max * sqrt(2 * E(D(M, pi_hat), divergence))
        + M.gamma * V_max * sqrt(2 * E(D(M, pi_star), divergence)),
    )


@lamps.claim("Footnote 1", reading="Corollary 3.1 by KL(M* || M_hat)")
def pdpm_bound_by_kl(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""(1-\gamma)[J_{M^\star}(\hat\pi) - J_{M^\star}(\pi^\star)] \le \epsilon_{oc}
    + \gamma\hat V_{max}\sqrt{2E_{D_{\omega,\hat\pi}}KL(M^\star\|\hat M)}
    + \gamma V_{max}\sqrt{2E_{D_{\omega,\pi^\star}}KL(M^\star\|\hat M)}"""
    return corollary_3_1_by_kl(M, M_hat, pi_hat, pi_star, KL(M.P, M_hat.P))


@lamps.claim("Footnote 1", reading="Corollary 3.1 by KL(M_hat || M*)")
def pdpm_bound_by_kl_from_the_model(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""The same with KL(\hat M\|M^\star)"""
    return corollary_3_1_by_kl(M, M_hat, pi_hat, pi_star, KL(M_hat.P, M.P))


@lamps.claim("Footnote 1", reading="likelihood and KL(M* || M)")
def likelihood_is_kl(M: MDP, N_1: Model, N_2: Model, data: StateActionDistribution):
    r"""E_D \log N_1 - E_D \log N_2 = E_D KL(M^\star\|N_2) - E_D KL(M^\star\|N_1): "maximizing likelihood
    of observed data under learned model would minimize the KL divergence\""""
    return equal(
        log_likelihood(M, data, N_1) - log_likelihood(M, data, N_2),
        E(data, KL(M.P, N_2.P)) - E(data, KL(M.P, N_1.P)),
    )


@lamps.claim("Footnote 1", reading="likelihood and KL(M || M*)")
def likelihood_is_kl_from_the_model(M: MDP, N_1: Model, N_2: Model, data: StateActionDistribution):
    r"""The more likely of N_1 and N_2 has the smaller E_D KL(N\|M^\star), the order of the arguments in
    Theorem 5.1"""
    assume(
        at_least(log_likelihood(M, data, N_1), log_likelihood(M, data, N_2)), "N_1 is more likely"
    )
    return at_most(E(data, KL(N_1.P, M.P)), E(data, KL(N_2.P, M.P)))


def term_1(M, M_hat, pi_hat, pi_star):
    """(1 - gamma) E_{s ~ start}[V^pi_hat - V^pi_star] in the model: term (1) of Lemma 3.1."""
    return (1 - M.gamma) * E(M.start, V(M_hat, pi_hat) - V(M_hat, pi_star))


@lamps.claim("Footnote 2", reading="the disadvantage of (5), d in M*")
def planning_disadvantage(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""(1) = E_{s\sim d_{\omega,\hat\pi}}[V^{\hat\pi}_{\hat M}(s) - E_{a\sim\pi^\star}Q^{\hat\pi}_{\hat M}(s,a)]:
    the disadvantage of (5) "at all states under the learned policy d_{\omega,\hat\pi_t}", d in M^\star"""
    disadvantage = V(M_hat, pi_hat) - E(pi_star, Q(M_hat, pi_hat))
    return equal(term_1(M, M_hat, pi_hat, pi_star), E(d(M, pi_hat), disadvantage))


@lamps.claim("Footnote 2", reading="the disadvantage of (5), d in the model")
def planning_disadvantage_in_model(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""The same with d_{\omega,\hat\pi} in \hat M"""
    disadvantage = V(M_hat, pi_hat) - E(pi_star, Q(M_hat, pi_hat))
    return equal(term_1(M, M_hat, pi_hat, pi_star), E(d(M_hat, pi_hat), disadvantage))


@lamps.claim("Footnote 2", reading="the advantage over pi_star, d in M*")
def planning_advantage(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""(1) = E_{s\sim d_{\omega,\hat\pi}}[E_{a\sim\hat\pi}Q^{\pi^\star}_{\hat M}(s,a) - V^{\pi^\star}_{\hat M}(s)],
    the performance difference lemma with d as Section 3 defines it, in M^\star"""
    advantage = E(pi_hat, Q(M_hat, pi_star)) - V(M_hat, pi_star)
    return equal(term_1(M, M_hat, pi_hat, pi_star), E(d(M, pi_hat), advantage))


@lamps.claim(
    "Footnote 2",
    reading="printed",
    corrects="planning_advantage",
    because="term (1) is a performance difference in the model, so its states are visited there",
)
def planning_advantage_in_model(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""The performance difference lemma on term (1), as the footnote says: (1) =
    E_{s\sim d_{\omega,\hat\pi}}[E_{a\sim\hat\pi}Q^{\pi^\star}_{\hat M}(s,a) - V^{\pi^\star}_{\hat M}(s)], d_{\omega,\hat\pi} in \hat M"""
    advantage = E(pi_hat, Q(M_hat, pi_star)) - V(M_hat, pi_star)
    return equal(term_1(M, M_hat, pi_hat, pi_star), E(d(M_hat, pi_hat), advantage))


@lamps.claim(
    "Footnote 2",
    corrects="planning_disadvantage",
    because="V^pi_hat - Q^pi_hat goes with the states of the other policy, in the model",
)
def planning_disadvantage_corrected(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""(1) = E_{s\sim d_{\omega,\pi^\star}}[V^{\hat\pi}_{\hat M}(s) - E_{a\sim\pi^\star}Q^{\hat\pi}_{\hat M}(s,a)],
    d_{\omega,\pi^\star} in \hat M"""
    disadvantage = V(M_hat, pi_hat) - E(pi_star, Q(M_hat, pi_hat))
    return equal(term_1(M, M_hat, pi_hat, pi_star), E(d(M_hat, pi_star), disadvantage))
