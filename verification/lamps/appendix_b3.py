r"""Appendix B.3: the signed loss (15), Algorithm 6 and Theorem B.1, line by line.

\ell^{sn}_t is a sum over two distributions, the learned policy's occupancy and the expert's (\nu in
Algorithm 6), where (9) is an average over both; \gamma\ell^{sn}_t(\hat M_t) is (6) + (7) of Lemma 4.1, with its
sign. So the corrected Theorem B.1 is an identity. Nothing in it is bounded below by 0. (Where Section 6
announces it as the "unsigned/linear loss", signed is meant.)
"""

from theorylab import (
    MDP,
    Along,
    Model,
    Number,
    Policy,
    StateActionDistribution,
    assume,
    at_least,
    at_most,
    bounded_by,
    chain,
    draw,
    equal,
    in_expectation,
)
from theorylab.arithmetic import maximum, minimum
from theorylab.notation import D, E, J, V, coverage, positive
from verification.lamps.appendix_a4 import (
    after_lemma_4_1,
    model_terms,
    policy_errors,
    total_regret,
)
from verification.lamps.paper import lamps
from verification.lamps.terms import (
    always,
    average_regret,
    disadvantage,
    discounts_inside,
    least,
)
from verification.lamps.value_moments import (
    best_loss,
    moment_gap,
    moment_loss,
    terms_6_and_7,
)


def signed_loss(M, P, values, learned, exploration):
    """(15), over all of M*: E_learned[M* V - P V] + E_exploration[P V - M* V], in units of V."""
    gap = moment_gap(M, P, values)
    return E(learned, gap) - E(exploration, gap)


def signed_losses(M, run, P, other):
    """sum_t l^sn_t of one model along a run of pairs (M_hat_t, pi_hat_t)."""
    return sum(signed_loss(M, P, V(N, pi), D(M, pi), other) for N, pi in run)


def played_signed(M, run, other):
    """sum_t l^sn_t(M_hat_t)."""
    return sum(signed_loss(M, N.P, V(N, pi), D(M, pi), other) for N, pi in run)


def best_signed(M, run, other, models):
    """min over the models of sum_t l^sn_t, which is T eps_sn."""
    return least([signed_losses(M, run, N.P, other) for N in models])


# ---- (15) --------------------------------------------------------------------------------------


@lamps.claim("(15)")
def signed_loss_is_unbiased(M: MDP, M_hat: Model, N: Model, pi_hat: Policy, pi_star: Policy):
    r"""One pair (s,a) of either kind and its successor suffice: E of the sampled (15) is
    E_{D_{\hat\pi}}[M^\star V - M V] + E_{D_{\pi^\star}}[M V - M^\star V]"""
    values, learned, expert = V(M_hat, pi_hat), D(M, pi_hat), D(M, pi_star)
    predicted = N.P @ values
    s, a = draw(learned)
    s_next = draw(M.P[s, a])
    u, b = draw(expert)
    u_next = draw(M.P[u, b])
    sampled = values[s_next] - predicted[s, a] + predicted[u, b] - values[u_next]
    return in_expectation(equal(sampled, signed_loss(M, N.P, values, learned, expert)))


@lamps.claim("(15)", reading="linear in M")
def signed_loss_is_linear(
    M: MDP,
    M_hat: Model,
    K: Model,
    N: Model,
    pi_hat: Policy,
    nu: StateActionDistribution,
    w: Number(0, 1),
):
    r""" "An online no-regret algorithm that works with convex loss":
    \ell^{sn}_t(w M + (1-w) M') = w\ell^{sn}_t(M) + (1-w)\ell^{sn}_t(M'), V^{\hat\pi_t}_{\hat M_t} being kept"""
    values, learned = V(M_hat, pi_hat), D(M, pi_hat)
    first = signed_loss(M, K.P, values, learned, nu)
    second = signed_loss(M, N.P, values, learned, nu)
    mixture = w * K.P + (1 - w) * N.P
    return equal(signed_loss(M, mixture, values, learned, nu), w * first + (1 - w) * second)


@lamps.claim("Algorithm 6")
def signed_loss_is_the_model_terms(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""\gamma\ell^{sn}_t(\hat M_t) = (6) + (7) of Lemma 4.1"""
    values = V(M_hat, pi_hat)
    loss = signed_loss(M, M_hat.P, values, D(M, pi_hat), D(M, pi_star))
    return equal(M.gamma * loss, terms_6_and_7(M, M_hat, pi_hat, pi_star))


# ---- the learner -------------------------------------------------------------------------------


@lamps.claim("Theorem B.1, proof, FTRL", reading="a constant free of the discount")
def ftrl_regret_without_values(gamma: Along(1)):
    r"""\sum_t\ell^{sn}_t(\hat M_t) \le \min_M\sum_t\ell^{sn}_t(M) + O(\sqrt T) at T = 1: an expert's action that
    truly stays in the state of cost 0; the initial model says that it leads to cost 1 for ever"""
    stays, leaves = [[1, 0], [1, 0]], [[1, 0], [0, 1]]
    bad = [[0, 1], [0, 1]]
    M = MDP(P=[stays, bad], payoff=[[0, 0], [1, 1]], gamma=gamma, start=[1, 0])
    first = M.with_transitions([leaves, bad])
    run, expert = [(first, always(0, 2))], D(M, always(1, 2))
    assume(at_most(policy_errors(M, run, always(1, 2))[0], 0), "(8) with eps_po = 0")
    regret = played_signed(M, run, expert) - best_signed(M, run, expert, (first, M))
    return bounded_by(regret, 1 + 0 * gamma)


@lamps.claim(
    "Theorem B.1, proof, FTRL",
    reading="printed",
    corrects="ftrl_regret_without_values",
    because="O(\\sqrt T) hides the slopes of the losses, which are in units of the values",
)
def ftrl_regret_with_values(
    M: MDP,
    K: Model,
    N: Model,
    pi_hats: tuple[Policy, Policy],
    nu: StateActionDistribution,
    p: Number(0, 1),
    rate: Number(0, 1),
):
    r"""Two rounds of Algorithm 6 over the mixtures p K + (1-p) N with R(q) = (q - p)^2/2\eta:
    Reg_T \le \frac1{2\eta}\max(p, 1-p)^2 + \frac\eta2\sum_t g_t^2, g_t = \ell^{sn}_t(K) - \ell^{sn}_t(N), which is
    O(\sqrt T) for \eta = 1/\sqrt T; times 2\eta"""
    q, total, played, squares = p, 0 * p, 0 * p, 0 * p
    for pi in pi_hats:
        values = V(M.with_transitions(q * K.P + (1 - q) * N.P), pi)
        learned = D(M, pi)
        slope = signed_loss(M, K.P, values, learned, nu) - signed_loss(M, N.P, values, learned, nu)
        total, played, squares = total + slope, played + q * slope, squares + slope**2
        q = minimum(maximum(p - rate * total, 0), 1)
    regret = played - minimum(total, 0)
    return at_most(2 * rate * regret, maximum(p, 1 - p) ** 2 + rate**2 * squares)


@lamps.claim("Theorem B.1, proof, model error")
def signed_error_below_the_absolute(
    M: MDP, M_hat: Model, N: Model, pi_hat: Policy, pi_star: Policy
):
    r""" "\min_M\sum_t\ell^{sn}_t(M) + O(\sqrt T) \le T\epsilon^{mm} + O(\sqrt T)" with \epsilon^{mm} of (9); T = 1"""
    discounts_inside(M)
    run, expert = [(M_hat, pi_hat)], D(M, pi_star)
    return at_most(
        best_signed(M, run, expert, (M_hat, N)),
        best_loss(M, run, expert, (M_hat, N), moment_loss),
    )


@lamps.claim(
    "Theorem B.1, proof, model error",
    corrects="signed_error_below_the_absolute",
    because="\\epsilon^{sn} is meant, as the theorem says; (9) is an average over the two"
    " distributions and (15) a sum over them, hence the 2",
)
def signed_error_below_twice_the_absolute(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""\epsilon^{sn} \le 2\epsilon^{mm}, for any run and class"""
    run, expert = tuple(zip(M_hats, pi_hats, strict=True)), D(M, pi_star)
    best = best_loss(M, run, expert, M_hats, moment_loss)
    return at_most(best_signed(M, run, expert, M_hats), 2 * best)


# ---- Theorem B.1 -------------------------------------------------------------------------------


@lamps.claim("Theorem B.1, proof")
def signed_proof(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""\sum_t J(\hat\pi_t) - J(\pi^\star) \le the sums of (13) + T\epsilon_{po}
    = \sum_t\ell^{sn}_t(\hat M_t) + T\epsilon_{po}; T = 1"""
    run = [(M_hat, pi_hat)]
    eps_po = policy_errors(M, run, pi_star)[0]
    return (
        chain(total_regret(M, run, pi_star))
        .equal(after_lemma_4_1(M, run, pi_star), "Lemma 4.1 in each round")
        .at_most(model_terms(M, run, pi_star) + eps_po, "Algorithm 3")
        .equal(played_signed(M, run, D(M, pi_star)) + eps_po, "definition of (15)")
    )


@lamps.claim(
    "Theorem B.1, proof",
    corrects="signed_proof",
    because="1/(1-\\gamma) stands before (8) and \\gamma/(1-\\gamma) before the loss; then all are equal",
)
def signed_proof_corrected(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""\sum_t J(\hat\pi_t) - J(\pi^\star) = the sums of (13) + \frac1{1-\gamma}\sum_t\epsilon_{po,t}
    = \frac\gamma{1-\gamma}\sum_t\ell^{sn}_t(\hat M_t) + \frac1{1-\gamma}\sum_t\epsilon_{po,t}"""
    run = tuple(zip(M_hats, pi_hats, strict=True))
    eps_po = sum(policy_errors(M, run, pi_star)) / (1 - M.gamma)
    loss = M.gamma / (1 - M.gamma) * played_signed(M, run, D(M, pi_star))
    return (
        chain(total_regret(M, run, pi_star))
        .equal(model_terms(M, run, pi_star) + eps_po, "Lemma 4.1 in each round")
        .equal(loss + eps_po, "definition of (15)")
    )


@lamps.claim("Theorem B.1")
def signed_regret(gamma: Along(1)):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) = O(\epsilon_{po} + \frac1{1-\gamma}(\epsilon^{sn} + \frac1{\sqrt T})): one
    state, actions of costs 0 and 1, \hat\pi_t the second, \pi^\star the first, \mathcal M = \{M^\star\}, so that
    \epsilon^{sn} = 0; T = (1-\gamma)^{-2}"""
    M = MDP(P=[[[1], [1]]], payoff=[[0, 1]], gamma=gamma, start=[1])
    run, pi_star, root_T = [(M, always(1, 1))], always(0, 1), 1 / (1 - gamma)
    eps_sn = best_signed(M, run, D(M, pi_star), (M,))
    bound = policy_errors(M, run, pi_star)[0] + (eps_sn + 1 / root_T) / (1 - gamma)
    return bounded_by(average_regret(M, run, pi_star), bound)


@lamps.claim(
    "Theorem B.1",
    corrects="signed_regret",
    because="1/(1-\\gamma) stands before \\epsilon_{po}, too; what remains is an identity",
)
def signed_regret_corrected(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) = \frac1{1-\gamma}\bar\epsilon_{po}
    + \frac\gamma{1-\gamma}(\epsilon^{sn} + Reg_T/T), Reg_T the learner's regret on (15); times 1 - \gamma"""
    run, expert = tuple(zip(M_hats, pi_hats, strict=True)), D(M, pi_star)
    best = best_signed(M, run, expert, M_hats)
    regret_of_learner = played_signed(M, run, expert) - best
    return equal(
        (1 - M.gamma) * average_regret(M, run, pi_star),
        sum(policy_errors(M, run, pi_star)) / 2 + M.gamma * (best / 2 + regret_of_learner / 2),
    )


@lamps.claim("Theorem B.1", reading="what stands in O(...) is at least 0")
def signed_regret_has_a_bound(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""Where the regret is at least 0, so is \epsilon_{po} + \frac1{1-\gamma}(\epsilon^{sn} + Reg_T/T): else no
    constant makes a bound of it. T = 1"""
    discounts_inside(M)
    run, expert = [(M_hat, pi_hat)], D(M, pi_star)
    assume(at_least(J(M, pi_hat), J(M, pi_star)), "the regret is at least 0")
    signed = played_signed(M, run, expert) / (1 - M.gamma)
    return at_least(policy_errors(M, run, pi_star)[0] + signed, 0)


@lamps.claim("Theorem B.1", reading="under an exploration distribution")
def signed_regret_under_exploration(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution
):
    r""" "Using this linear loss can also achieve the same regret guarantee", with the samples of \nu:
    (1-\gamma)[J(\hat\pi) - J(\pi^\star)] \le C E_\nu(V - Q)_+ + \gamma C\ell^{sn}(\hat M), for a round"""
    C, run = coverage(D(M, pi_star), nu), [(M_hat, pi_hat)]
    return at_most(
        (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)),
        C * E(nu, positive(disadvantage(M_hat, pi_hat))) + M.gamma * C * played_signed(M, run, nu),
    )


@lamps.claim(
    "Theorem B.1",
    reading="under an exploration distribution, corrected",
    corrects="signed_regret_under_exploration",
    because="coverage transfers only what is at least 0: the expert's half needs its positive part,"
    " which is not linear in M, and the learned policy's half no C",
)
def signed_regret_under_exploration_corrected(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution
):
    r"""(1-\gamma)[J(\hat\pi) - J(\pi^\star)] \le C E_\nu(V - Q)_+ + \gamma E_{D_{\hat\pi}}[M^\star V - \hat M V]
    + \gamma C E_\nu(\hat M V - M^\star V)_+"""
    C, gap = coverage(D(M, pi_star), nu), moment_gap(M, M_hat.P, V(M_hat, pi_hat))
    return at_most(
        (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)),
        C * E(nu, positive(disadvantage(M_hat, pi_hat)))
        + M.gamma * E(D(M, pi_hat), gap)
        + M.gamma * C * E(nu, positive(-gap)),
    )
