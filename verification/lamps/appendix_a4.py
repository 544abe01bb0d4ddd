r"""Appendix A.4: regret of LAMPS-MM under the expert's distribution, and its proof, line by line.

D_t is half of D_{\hat\pi_t} and half of D_{\pi^\star}; \ell_t has both expectations inside the absolute
value, as the proof writes it. In (13) the factor of (8) is lost, where (13) is used the factors of the
loss, and the root of the last display has no reason for an absolute loss; the rates at the end of
Appendix B.3 speak of a squared loss, for which Jensen's inequality gives the root.
The learner's regret Reg_T = \sum_t\ell_t(\hat M_t) - \min_M\sum_t\ell_t(M) is measured in each run.
"""

from theorylab import MDP, Along, Model, Policy, assume, at_most, bounded_by, chain, equal
from theorylab.arithmetic import absolute
from theorylab.notation import D, E, J, V, positive
from verification.lamps.paper import lamps
from verification.lamps.terms import always, average_regret, disadvantage, largest, mixed
from verification.lamps.value_moments import (
    HALF,
    best_loss,
    doors,
    moment_gap,
    moment_loss,
    played_loss,
    squared_loss,
)

# ---- the lines of the proof, sums over the rounds of a run of pairs (M_hat_t, pi_hat_t) ------------


def total_regret(M, run, pi_star):
    """sum_t J(pi_hat_t) - J(pi_star)."""
    return sum(J(M, pi) - J(M, pi_star) for _, pi in run)


def model_terms(M, run, pi_star):
    """The two sums over models of (13), gamma / (1 - gamma) included."""
    expert = D(M, pi_star)
    gaps = [(D(M, pi), moment_gap(M, N.P, V(N, pi))) for N, pi in run]
    return M.gamma / (1 - M.gamma) * sum(E(own, gap) - E(expert, gap) for own, gap in gaps)


def policy_errors(M, run, pi_star):
    """The left side of (8) under \\pi^\\star, round by round."""
    return [E(D(M, pi_star), disadvantage(N, pi)) for N, pi in run]


def after_lemma_4_1(M, run, pi_star):
    """The second display of the proof: model terms and disadvantages, 1 / (1 - gamma) included."""
    return model_terms(M, run, pi_star) + sum(policy_errors(M, run, pi_star)) / (1 - M.gamma)


@lamps.claim("(13)")
def policy_error_in_13(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""\sum_t\frac1{1-\gamma}E_{D_{\pi^\star}}[V - Q] \le T\epsilon_{po}: \epsilon_{po} the largest left side of
    (8), with \nu = D_{\pi^\star}"""
    errors = policy_errors(M, tuple(zip(M_hats, pi_hats, strict=True)), pi_star)
    return at_most(sum(errors) / (1 - M.gamma), len(errors) * largest(errors))


@lamps.claim(
    "(13)",
    corrects="policy_error_in_13",
    because="(8) bounds the disadvantage without the factor 1/(1-\\gamma) that stands before it",
)
def policy_error_in_13_corrected(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""\sum_t J(\hat\pi_t) - J(\pi^\star) = the sums of (13) + \frac1{1-\gamma}\sum_t\epsilon_{po,t}
    \le the sums of (13) + \frac T{1-\gamma}\epsilon_{po}"""
    run = tuple(zip(M_hats, pi_hats, strict=True))
    errors = policy_errors(M, run, pi_star)
    return (
        chain(total_regret(M, run, pi_star))
        .equal(after_lemma_4_1(M, run, pi_star), "Lemma 4.1 in each round")
        .at_most(
            model_terms(M, run, pi_star) + len(run) * largest(errors) / (1 - M.gamma),
            "Algorithm 3 in each round",
        )
    )


# ---- the proof as a chain ----------------------------------------------------------------------


@lamps.claim("Theorem A.2, proof")
def lamps_mm_proof(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""Lemma 4.1, (13), and "our loss in (9)" in it: \sum_t\ell_t(\hat M_t) + T\epsilon_{po}, T = 1"""
    run, expert = [(M_hat, pi_hat)], D(M, pi_star)
    eps_po = policy_errors(M, run, pi_star)[0]
    played = played_loss(M, run, expert, moment_loss)
    return (
        chain(total_regret(M, run, pi_star))
        .equal(after_lemma_4_1(M, run, pi_star), "Lemma 4.1 in each round")
        .at_most(model_terms(M, run, pi_star) + eps_po, "(13), by Algorithm 3")
        .at_most(played + eps_po, "our loss in (9)")
    )


@lamps.claim(
    "Theorem A.2, proof",
    corrects="lamps_mm_proof",
    because="1/(1-\\gamma) stands before (8), and D_t is half of each occupancy: 2\\gamma/(1-\\gamma) stands"
    " before the loss",
)
def lamps_mm_proof_corrected(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    r"""\sum_t J(\hat\pi_t) - J(\pi^\star) \le \frac1{1-\gamma}\sum_t\epsilon_{po,t}
    + \frac\gamma{1-\gamma}\sum_t\sum_{s,a}|D_{\hat\pi_t} - D_{\pi^\star}|\,|M^\star V - \hat M_t V|
    \le ... + \frac{2\gamma}{1-\gamma}\sum_t\ell_t(\hat M_t), a sum of rounds: T = 1"""
    run, expert = [(M_hat, pi_hat)], D(M, pi_star)
    eps_po = policy_errors(M, run, pi_star)[0] / (1 - M.gamma)
    played, factor = played_loss(M, run, expert, moment_loss), M.gamma / (1 - M.gamma)
    gap = absolute(moment_gap(M, M_hat.P, V(M_hat, pi_hat)))
    apart = (absolute(D(M, pi_hat) - expert) * gap).sum()
    return (
        chain(total_regret(M, run, pi_star))
        .equal(model_terms(M, run, pi_star) + eps_po, "Lemma 4.1 in each round")
        .at_most(factor * apart + eps_po, "absolute values")
        .at_most(2 * factor * played + eps_po, "both occupancies are at least 0")
    )


@lamps.claim("Theorem A.2, proof, root")
def root_of_the_model_error(M: MDP, M_hat: Model, N: Model, pi_hat: Policy, pi_star: Policy):
    r"""T\epsilon^{mm} \le T\sqrt{\epsilon^{mm}}, which leads to the last display; squared, T = 1"""
    run, expert = [(M_hat, pi_hat)], D(M, pi_star)
    eps_mm = best_loss(M, run, expert, (M_hat, N), moment_loss)
    return at_most(eps_mm**2, eps_mm)


@lamps.claim(
    "Theorem A.2, proof, root",
    corrects="root_of_the_model_error",
    because="values reach 1/(1-\\gamma), and \\epsilon^{mm} with them; a regret of at most 1/(1-\\gamma) a"
    " round saves the root in the end, not in this line",
)
def root_of_the_model_error_corrected(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], N: Model, pi_star: Policy
):
    r"""\frac{1-\gamma}T\sum_t J(\hat\pi_t) - J(\pi^\star) \le (\epsilon_{po})_+ + \sqrt{2\gamma\epsilon^{mm}}
    + 2\gamma (Reg_T)_+/T for costs in [0, 1]; the last two terms brought over and squared"""
    run, expert = tuple(zip(M_hats, pi_hats, strict=True)), D(M, pi_star)
    best = best_loss(M, run, expert, (*M_hats, N), moment_loss)
    learner = positive(played_loss(M, run, expert, moment_loss) - best) / len(run)
    eps_po = positive(sum(policy_errors(M, run, pi_star)) / len(run))
    left = (1 - M.gamma) * average_regret(M, run, pi_star) - eps_po - 2 * M.gamma * learner
    return at_most(positive(left) ** 2, 2 * M.gamma * best / len(run))


@lamps.claim("Theorem A.2, proof, last display")
def last_display(gamma: Along(1)):
    r"""J(\hat\pi, T) - J(\pi^\star, T) \le T\epsilon_{po} + T\sqrt{\epsilon^{mm}} + \tilde O(\sqrt T), without
    1/(1-\gamma), divided by T and squared; one model, wrong about the bad door; T = (1-\gamma)^{-2}"""
    costs = [0, 0, HALF, 1]
    M = doors(gamma, [0, 0, 0, 1], [0, 0, 1, 0], costs)
    N = doors(gamma, [0, 1, 0, 0], [0, 0, 1, 0], costs)
    pi_hat, pi_star = always(0, 4), always(1, 4)
    expert, root_T = D(M, pi_star), 1 / (1 - gamma)
    assume(at_most(E(expert, disadvantage(N, pi_hat)), 0), "(8) with eps_po = 0")
    eps_mm = moment_loss(M, N.P, V(N, pi_hat), mixed(M, pi_hat, expert))
    return bounded_by((J(M, pi_hat) - J(M, pi_star)) ** 2, eps_mm + 1 / root_T**2)


# ---- Theorem A.2 -------------------------------------------------------------------------------


@lamps.claim("Theorem A.2")
def lamps_mm_regret_restated(gamma: Along(1)):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) = \tilde O(\epsilon_{po} + \frac1{1-\gamma}(\sqrt{\epsilon^{mm}}
    + \frac1{\sqrt T})): one state, actions of costs 0 and 1, \hat\pi_t the second, \pi^\star the first,
    \mathcal M = \{M^\star\}, so that \epsilon^{mm} = 0; T = (1-\gamma)^{-2}"""
    M = MDP(P=[[[1], [1]]], payoff=[[0, 1]], gamma=gamma, start=[1])
    pi_hat, pi_star = always(1, 1), always(0, 1)
    expert, root_T = D(M, pi_star), 1 / (1 - gamma)
    eps_mm = moment_loss(M, M.P, V(M, pi_hat), mixed(M, pi_hat, expert))
    assume(equal(eps_mm, 0), "the class is realizable")
    eps_po = E(expert, disadvantage(M, pi_hat))
    bound = eps_po + 1 / (1 - gamma) / root_T
    return bounded_by(average_regret(M, [(M, pi_hat)], pi_star), bound)


@lamps.claim("Theorem A.2", reading="costs in another unit")
def lamps_mm_regret_in_another_unit(eps: Along(0)):
    r"""The same as T \to \infty at \gamma = 1/2, \epsilon_{po} = 0, squared, if costs are counted in units of
    which \epsilon make 1: the two sides do not scale alike (the paper has costs in [0, 1])"""
    costs = [0, 0, 1 / eps / 2, 1 / eps]
    M = doors(HALF, [0, 0, 0, 1], [0, 0, 1, 0], costs)
    N = doors(HALF, [0, 1, 0, 0], [0, 0, 1, 0], costs)
    pi_hat, pi_star = always(0, 4), always(1, 4)
    expert = D(M, pi_star)
    assume(at_most(E(expert, disadvantage(N, pi_hat)), 0), "(8) with eps_po = 0")
    eps_mm = moment_loss(M, N.P, V(N, pi_hat), mixed(M, pi_hat, expert))
    return bounded_by((J(M, pi_hat) - J(M, pi_star)) ** 2, eps_mm / (1 - M.gamma) ** 2)


def expert_bound(M, run, pi_star, models, loss):
    """(1 - gamma) times the average regret, eps_po on average, eps_model and Reg_T / T."""
    T, expert = len(run), D(M, pi_star)
    best = best_loss(M, run, expert, models, loss) / T
    learner = played_loss(M, run, expert, loss) / T - best
    eps_po = sum(policy_errors(M, run, pi_star)) / T
    return (1 - M.gamma) * average_regret(M, run, pi_star), eps_po, best, learner


@lamps.claim(
    "Theorem A.2",
    corrects="lamps_mm_regret_restated",
    because="1/(1-\\gamma) stands before \\epsilon_{po}, too; no root for an absolute loss; the learner's"
    " regret is in units of the values",
)
def lamps_mm_regret_restated_corrected(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) \le \frac1{1-\gamma}\bar\epsilon_{po}
    + \frac{2\gamma}{1-\gamma}(\epsilon^{mm} + Reg_T/T), times 1 - \gamma; \bar\epsilon_{po} the average of (8)"""
    run = tuple(zip(M_hats, pi_hats, strict=True))
    regret, eps_po, eps_mm, learner = expert_bound(M, run, pi_star, M_hats, moment_loss)
    return at_most(regret, eps_po + 2 * M.gamma * eps_mm + 2 * M.gamma * learner)


@lamps.claim(
    "Theorem A.2",
    reading="squared loss",
    corrects="lamps_mm_regret_restated",
    because="the text after Theorem B.1 speaks of a squared loss: there Jensen's inequality gives the"
    " root, over the learner's regret as well",
)
def lamps_mm_regret_squared_loss(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""\frac{1-\gamma}T\sum_t J(\hat\pi_t) - J(\pi^\star) \le \bar\epsilon_{po} + 2\gamma\sqrt{\epsilon^{mm}
    + Reg_T/T} for \ell_t(M) = E_{D_t}(M^\star V - M V)^2; \bar\epsilon_{po} brought over, squared"""
    run = tuple(zip(M_hats, pi_hats, strict=True))
    regret, eps_po, eps_mm, learner = expert_bound(M, run, pi_star, M_hats, squared_loss)
    return at_most(positive(regret - eps_po) ** 2, 4 * M.gamma**2 * (eps_mm + learner))
