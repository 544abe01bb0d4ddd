r"""Appendix A.3: Theorem A.1 and its proof line by line, with D_t = (D_{\pi_t} + D_{\pi^\star}) / 2.

Where the proof writes O(log T) its first display defines what is meant: the learner's regret Reg_T.
It is measured here, so that each later line is explicit. The order of the arguments of KL, printed
KL(M, M^\star), is judged both ways; the log loss goes with KL(M^\star||M).
"""

from theorylab import (
    MDP,
    Along,
    Model,
    Number,
    Policy,
    at_most,
    bounded_by,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import log, minimum
from theorylab.notation import KL, D, E, J, V, V_star, l1_norm, positive, sup_norm
from verification.lamps.paper import lamps
from verification.lamps.regret_runs import (
    believed,
    leaving,
    one_state,
    rotating_leaders,
)
from verification.lamps.section_3_fitting import log_likelihood
from verification.lamps.section_5_regret import (
    kl_of_leaders,
    log_loss,
    model_bound,
    printed_bound,
    rounds_of,
    values_at_most,
)
from verification.lamps.terms import always, average_regret, disadvantage, largest, mixed

# ---- Theorem A.1 ---------------------------------------------------------------------------------


@lamps.claim("Theorem A.1")
def lamps_regret_restated(gamma: Along(1)):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) = \tilde O(\epsilon_{po}
    + \frac{\hat V_{max}}{1-\gamma}(\sqrt{\epsilon^{KL}_{model}} + \frac{1}{\sqrt T})), one state, the true model, the dearer
    of two actions in each of T = (1-\gamma)^{-4} rounds"""
    one = 1 - gamma + gamma
    M = one_state(one, [0, 1], gamma)
    pi_star, pi_hat = always(0, 1), always(1, 1)
    eps_po = E(D(M, pi_star), disadvantage(M, pi_hat))
    bound = printed_bound(M, eps_po, sup_norm(V(M, pi_hat)), 0 * one, (1 - gamma) ** 2)
    return bounded_by(J(M, pi_hat) - J(M, pi_star), bound)


@lamps.claim("Theorem A.1", reading="Follow-the-Leader, no model is true")
def lamps_regret_rotating_leaders(share: Along(0)):
    r"""The same for n = 1/share models, each wrong where its own policy goes, which lead in turn for
    T = n^4 rounds: each round pays alike, and \epsilon_{KL} is 1/n of what a round pays"""
    M, (M_hat, _), policies = rotating_leaders(share / share, share / share / 2)
    pi_star, pi_hat, _ = policies
    eps_po = positive(E(D(M, pi_star), disadvantage(M_hat, pi_hat)))
    eps_KL = kl_of_leaders(M, M_hat, policies, share)
    bound = printed_bound(M, eps_po, sup_norm(V(M_hat, pi_hat)), eps_KL, share**2)
    return bounded_by(J(M, pi_hat) - J(M, pi_star), bound)


@lamps.claim("Theorem A.1", reading="Follow-the-Leader, as many models as rounds")
def lamps_regret_realizable(x: Along(0)):
    r"""The same for the class of M^\star and T = 1/x^2 rotating leaders, one full turn: a model that has
    not led has paid nothing yet, like the truth, and may lead next; \epsilon_{KL} = 0"""
    M, (M_hat, _), (pi_star, pi_hat, _) = rotating_leaders(x / x, x / x / 2)
    eps_po = positive(E(D(M, pi_star), disadvantage(M_hat, pi_hat)))
    eps_KL = E(D(M, pi_hat), KL(M.P, M.P))
    bound = printed_bound(M, eps_po, sup_norm(V(M_hat, pi_hat)), eps_KL, x)
    return bounded_by(J(M, pi_hat) - J(M, pi_star), bound)


@lamps.claim("Theorem A.1", reading="KL(M || M*)")
def lamps_regret_reversed_kl(x: Along(0)):
    r"""The same for the class {\hat M, N}, \epsilon_{KL} by KL(M\|M^\star) and T = 1/x^2: N excludes what M^\star does
    with probability x, so its log loss is infinite and \hat M leads, but KL(N\|M^\star) is about x"""
    one = x / x
    M, M_hat = leaving(one, [4, 8 - 8 * x], one / 2), leaving(one, [4, 2], one / 2)
    N, pi_hat, pi_star = leaving(one, [4, 8], one / 2), always(1, 2), always(0, 2)
    eps_po = positive(E(D(M, pi_star), disadvantage(M_hat, pi_hat)))
    eps_KL = E(mixed(M, pi_hat, D(M, pi_star)), KL(N.P, M.P))
    bound = printed_bound(M, eps_po, sup_norm(V(M_hat, pi_hat)), eps_KL, x)
    return bounded_by(J(M, pi_hat) - J(M, pi_star), bound)


@lamps.claim(
    "Theorem A.1",
    corrects="lamps_regret_restated",
    because="the disadvantage counts 1 / (1 - gamma) times, and the learner's regret is measured:"
    " Follow-the-Leader's is linear. Values are at least 0, so half of V_hat_max will do",
)
def lamps_regret_restated_corrected(
    M: MDP,
    M_hats: tuple[Model, Model],
    pi_hats: tuple[Policy, Policy],
    pi_star: Policy,
    models: tuple[Model, Model],
):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) \le \frac{\epsilon_{po}}{1-\gamma}
    + \frac{2\gamma\hat V_{max}/2}{1-\gamma}(\sqrt{2\epsilon_{KL}} + \sqrt{2Reg_T/T}) for any models and policies, (8) tight,
    \epsilon_{KL} = \min_M E_{\bar D_T} KL(M^\star\|M), Reg_T of the log loss"""
    rounds, D_star = rounds_of(M_hats, pi_hats), D(M, pi_star)
    eps_po = largest([E(D_star, disadvantage(*pair)) for pair in rounds])
    bound = model_bound(M, rounds, models, D_star, values_at_most(rounds) / 2)
    return at_most(average_regret(M, rounds, pi_star), eps_po / (1 - M.gamma) + bound)


# ---- the proof: Corollary 5.1 along the rounds, Algorithm 3 --------------------------------------


def model_distances(M, rounds, D_star):
    """sum_t gamma V_hat_max / (1 - gamma) (E_{D_{pi_t}} + E_{D_star}) |M_hat_t - M*|_1, with the
    round's own V_hat_max."""
    terms = [sup_norm(V(N, pi)) * E(D(M, pi) + D_star, l1_norm(N.P - M.P)) for N, pi in rounds]
    return M.gamma / (1 - M.gamma) * sum(terms)


def first_lines(M, M_hats, pi_hats, pi_star, horizon):
    """sum_t J(pi_t) - J(pi_star), by Corollary 5.1, by (8): its eps_po counts `horizon` times."""
    rounds, D_star = rounds_of(M_hats, pi_hats), D(M, pi_star)
    errors = [E(D_star, disadvantage(*pair)) for pair in rounds]
    models = model_distances(M, rounds, D_star)
    return (
        chain(sum(J(M, pi) - J(M, pi_star) for pi in pi_hats))
        .at_most(models + sum(errors) / (1 - M.gamma), "Corollary 5.1")
        .at_most(models + len(rounds) * largest(errors) * horizon, "Algorithm 3")
    )


@lamps.claim("Theorem A.1, proof")
def regret_first_lines(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""\sum_t J(\hat\pi_t) - J(\pi^\star) \le \sum_t\frac{\gamma\hat V_{max}}{1-\gamma}(E_{D_{\hat\pi_t}} + E_{D_{\pi^\star}})\|\hat M_t - M^\star\|_1
    + \sum_t\frac{1}{1-\gamma}E_{d_{\pi^\star}}[V - E_{\pi^\star}Q] \le ... + T\epsilon_{po}, "by running Algorithm 3\""""
    return first_lines(M, M_hats, pi_hats, pi_star, 1)


@lamps.claim(
    "Theorem A.1, proof",
    corrects="regret_first_lines",
    because="(8) bounds the disadvantage itself, not 1 / (1 - gamma) times it",
)
def regret_first_lines_corrected(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""The same with T\epsilon_{po}/(1-\gamma)"""
    return first_lines(M, M_hats, pi_hats, pi_star, 1 / (1 - M.gamma))


# ---- the proof: Follow-the-Leader ----------------------------------------------------------------


def regret_of_turns(T, turns):
    """The regret of T rounds of two leaders that take turns, from turns[t][i], the loss of model i
    in the round of model t."""
    (first, other), (another, second) = turns
    return T * (first + second - minimum(first + another, other + second)) / 2


@lamps.claim("Theorem A.1, proof, FTL")
def ftl_regret_as_printed(x: Along(0)):
    r"""\sum_t\ell_t(\hat M_t) \le \min_M\sum_t\ell_t(M) + O(\log T), \ell_t(M) = E_{D_t} \log M, T = 1/x: two models, each
    right where its own policy goes and pessimistic elsewhere, so that the other one leads next"""
    one = x / x
    M, pi_star = leaving(one, [4, 6, 6], one / 2), always(0, 2, 3)
    models = [believed(M, one, [7, 6, 7]), believed(M, one, [7, 7, 6])]
    data = [mixed(M, always(a, 2, 3), D(M, pi_star)) for a in (1, 2)]
    turns = [[log_likelihood(M, D_t, N) for N in models] for D_t in data]
    return bounded_by(regret_of_turns(1 / x, turns), log(1 / x))


@lamps.claim("Theorem A.1, proof, FTL", reading="log loss")
def ftl_regret_of_log_loss(x: Along(0)):
    r"""The same for \ell_t(M) = -E_{D_t} \log M and two rotating leaders"""
    M, models, (pi_star, *policies) = rotating_leaders(x / x, x / x / 2)
    data = [mixed(M, pi, D(M, pi_star)) for pi in policies]
    turns = [[log_loss(M, D_t, N) for N in models] for D_t in data]
    return bounded_by(regret_of_turns(1 / x, turns), log(1 / x))


@lamps.claim("Theorem A.1, proof, FTL", reading="the rotating leaders lead")
def leaders_rotate(gamma: Number(0, 1, below_high=True)):
    r"""\hat\pi_i is optimal in model i and \pi^\star in M^\star; after a round of the first model the second one
    and the truth lead, and after a round of each the two have paid the same"""
    M, models, (pi_star, *policies) = rotating_leaders(1 - gamma + gamma, gamma)
    data = [mixed(M, pi, D(M, pi_star)) for pi in policies]
    (first, other), (another, second) = [[log_loss(M, D_t, N) for N in models] for D_t in data]
    return every(
        equal(V(models[0], policies[0]), V_star(models[0]), "optimal in the first model"),
        equal(V(models[1], policies[1]), V_star(models[1]), "optimal in the second model"),
        equal(V(M, pi_star), V_star(M), "the expert is optimal"),
        at_most(other, first, "the second model leads after the first"),
        equal(other, log_loss(M, data[0], M), "and so does the truth"),
        equal(first + another, other + second, "then both have paid the same"),
    )
