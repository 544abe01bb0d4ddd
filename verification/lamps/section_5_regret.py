r"""Section 5: the regret bounds of LAMPS and of planning in the model.

The printed bounds hide a constant and logarithms; they are judged along runs whose ratio grows like
a power. The explicit forms are for any sequences of models and policies, with the online learner's
regret measured, so they contain every run of every algorithm. \hat V_{max} is the largest of all
rounds: the theorem prints it without its t.
"""

from theorylab import (
    MDP,
    Along,
    Model,
    Policy,
    StateActionDistribution,
    assume,
    at_most,
    bounded_by,
)
from theorylab.arithmetic import maximum, minimum, sqrt
from theorylab.notation import KL, D, E, J, V, coverage, positive, sup_norm
from theorylab.theory.planning import best_performance, optimal_performance
from verification.lamps.paper import lamps
from verification.lamps.regret_runs import (
    believed,
    leaving,
    one_state,
    rotating_leaders,
    table,
)
from verification.lamps.section_3_fitting import log_likelihood
from verification.lamps.terms import (
    always,
    average_regret,
    disadvantage,
    largest,
    least,
    mixed,
)


def rounds_of(M_hats, pi_hats):
    """[(M_hat_t, pi_hat_t)] from the sequences of models and of policies."""
    return list(zip(M_hats, pi_hats, strict=True))


def finite_coverage(target, nu):
    """C = sup target / nu; where C is infinite the bound is void, as C - C is then."""
    C = coverage(target, nu)
    return C + (C - C)


def training(M, rounds, other):
    """D_t = D_{pi_hat_t} / 2 + other / 2 for each round, other = nu or the expert's occupancy."""
    return [mixed(M, pi_hat, other) for _, pi_hat in rounds]


def values_at_most(rounds):
    """V_hat_max, the largest of all rounds."""
    return largest([sup_norm(V(M_hat, pi_hat)) for M_hat, pi_hat in rounds])


def kl_model(M, data, models):
    """eps_KL = min_M E_{D_bar} KL(M* || M), D_bar the mean of `data`."""
    D_bar = sum(data) / len(data)
    return least([E(D_bar, KL(M.P, N.P)) for N in models])


def log_loss(M, D_t, N):
    """l_t(N) = -E_{D_t} log N, with the sign that Algorithm 2 leaves out."""
    return -log_likelihood(M, D_t, N)


def learner_regret(M, data, rounds, models):
    """Reg_T = sum_t l_t(M_hat_t) - min_M sum_t l_t(M); its positive part."""
    paid = sum(log_loss(M, D_t, N) for D_t, (N, _) in zip(data, rounds, strict=True))
    return positive(paid - least([sum(log_loss(M, D_t, N) for D_t in data) for N in models]))


def model_bound(M, rounds, models, other, V_max):
    r"""2\gamma V_{max}/(1-\gamma) (\sqrt{2\epsilon_{KL}} + \sqrt{2Reg_T/T}) for data from `other`."""
    data = training(M, rounds, other)
    regret = learner_regret(M, data, rounds, models) / len(rounds)
    root = sqrt(2 * kl_model(M, data, models)) + sqrt(2 * regret)
    return 2 * M.gamma * V_max / (1 - M.gamma) * root


def printed_bound(M, policy_part, V_max, eps_KL, T_root, C=1):
    r"""policy_part + C V_{max}/(1-\gamma) (\sqrt{\epsilon_{KL}} + 1/\sqrt T), T_root = 1/\sqrt T."""
    return policy_part + C * V_max / (1 - M.gamma) * (sqrt(eps_KL) + T_root)


# ---- Theorem 5.1 ---------------------------------------------------------------------------------


@lamps.claim("Theorem 5.1")
def lamps_regret(x: Along(0)):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) = \tilde O(C\epsilon_{po}
    + \frac{C\hat V_{max}}{1-\gamma}(\sqrt{\epsilon^{KL}_{model}} + \frac{1}{\sqrt T})), T = 1/x^2 rounds with the true
    model and \hat\pi_t = \nu, so that the signed disadvantage (8) under \nu is 0 and C = 2"""
    one = x / x
    M = one_state(one, [0, 1], one / 2)
    pi_star, pi_hat = always(0, 1), Policy(table(one / 2, [[1, 1]]))
    nu = D(M, pi_hat)
    C, eps_po = coverage(D(M, pi_star), nu), E(nu, disadvantage(M, pi_hat))
    eps_KL = E(mixed(M, pi_hat, nu), KL(M.P, M.P))
    V_hat_max = sup_norm(V(M, pi_hat))
    return bounded_by(
        J(M, pi_hat) - J(M, pi_star), printed_bound(M, C * eps_po, V_hat_max, eps_KL, x, C)
    )


@lamps.claim("Theorem 5.1", reading="Algorithm 2 with its printed sign")
def lamps_regret_least_likely(x: Along(0)):
    r"""The same for \nu = D_{\omega,\pi^\star} and the class {M^\star, \hat M}: the argmin of E log M picks
    the wrong model in each of T = 1/x^2 rounds, and \epsilon_{KL} = 0"""
    one = x / x
    M = leaving(one, [4, 6], one / 2)
    M_hat, pi_hat, pi_star = believed(M, one, [4, 2]), always(1, 2), always(0, 2)
    D_t = mixed(M, pi_hat, D(M, pi_star))
    eps_po = positive(E(D(M, pi_star), disadvantage(M_hat, pi_hat)))
    eps_KL = minimum(E(D_t, KL(M.P, M.P)), E(D_t, KL(M.P, M_hat.P)))
    V_hat_max = sup_norm(V(M_hat, pi_hat))
    return bounded_by(J(M, pi_hat) - J(M, pi_star), printed_bound(M, eps_po, V_hat_max, eps_KL, x))


@lamps.claim(
    "Theorem 5.1",
    corrects="lamps_regret",
    because="nu transfers only the positive part of the disadvantage, which counts 1 / (1 - gamma)"
    " times; 1 / sqrt(T) presumes a learner whose regret is bounded, so it is measured",
)
def lamps_regret_corrected(
    M: MDP,
    M_hats: tuple[Model, Model],
    pi_hats: tuple[Policy, Policy],
    pi_star: Policy,
    models: tuple[Model, Model],
    nu: StateActionDistribution,
):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) \le \frac{C}{1-\gamma}\max_t E_\nu[(V^{\hat\pi_t}_{\hat M_t} - Q^{\hat\pi_t}_{\hat M_t})_+]
    + \frac{2C\gamma\hat V_{max}}{1-\gamma}(\sqrt{2\epsilon_{KL}} + \sqrt{2 Reg_T/T}), D_t = (D_{\omega,\hat\pi_t} + \nu)/2,
    for any models and policies, \epsilon_{KL} = \min_M E_{\bar D_T} KL(M^\star\|M), Reg_T of the log loss"""
    rounds = rounds_of(M_hats, pi_hats)
    C = finite_coverage(D(M, pi_star), nu)
    eps_po = largest([E(nu, positive(disadvantage(*pair))) for pair in rounds])
    return at_most(
        average_regret(M, rounds, pi_star),
        C * eps_po / (1 - M.gamma) + C * model_bound(M, rounds, models, nu, values_at_most(rounds)),
    )


# ---- Ross & Bagnell (2012) as quoted -------------------------------------------------------------


def kl_of_leaders(M, M_hat, policies, share):
    r"""\epsilon_{KL} of n = 1/share rotating leaders after full turns. All models have the same; the first
    one sees its own policy in the share 1/n of the rounds, and others, like the second, in the rest."""
    expert, own, others = (D(M, pi) for pi in policies)
    D_bar = (share * own + (1 - share) * others + expert) / 2
    return E(D_bar, KL(M.P, M_hat.P))


@lamps.claim("Section 5, Ross & Bagnell")
def planning_regret_of_a_learner(
    M: MDP,
    M_hats: tuple[Model, Model],
    pi_hats: tuple[Policy, Policy],
    pi_star: Policy,
    models: tuple[Model, Model],
    nu: StateActionDistribution,
):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) \le \epsilon_{oc}
    + \frac{2\sqrt2 C\max\{V_{max},\hat V_{max}\}}{1-\gamma}(\sqrt{\epsilon^{KL}_{model}} + \frac{1}{\sqrt T}), with the constant that \tilde O
    hides, for a no-regret learner of the log loss, Reg_T \le 1 (more is hidden as a logarithm); T = 2"""
    rounds = rounds_of(M_hats, pi_hats)
    data, T = training(M, rounds, nu), len(rounds)
    assume(at_most(learner_regret(M, data, rounds, models), 1), "a no-regret learner")
    C = finite_coverage(D(M, pi_star), nu)
    eps_oc = largest([J(N, pi) - optimal_performance(N) for N, pi in rounds])
    V_max = maximum(values_at_most(rounds), values_at_most([(N, pi_star) for N, _ in rounds]))
    root = sqrt(2 * kl_model(M, data, models)) + sqrt(2 * (1 + 0 * M.gamma) / T)
    return at_most(
        average_regret(M, rounds, pi_star), eps_oc + 2 * C * V_max / (1 - M.gamma) * root
    )


@lamps.claim("Section 5, Ross & Bagnell", reading="Follow-the-Leader, no model is true")
def planning_regret(share: Along(0)):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) = \tilde O(\epsilon_{oc}
    + \frac{C\max\{V_{max},\hat V_{max}\}}{1-\gamma}(\sqrt{\epsilon^{KL}_{model}} + \frac{1}{\sqrt T})), with Follow-the-Leader:
    n = 1/share models, each wrong where its own policy goes, lead in turn (see Theorem A.1); T = n^4"""
    M, (M_hat, _), policies = rotating_leaders(share / share, share / share / 2)
    pi_star, pi_hat, _ = policies
    eps_KL = kl_of_leaders(M, M_hat, policies, share)
    eps_oc = J(M_hat, pi_hat) - best_performance(M_hat, policies)
    V_max = maximum(sup_norm(V(M_hat, pi_hat)), sup_norm(V(M_hat, pi_star)))
    return bounded_by(
        J(M, pi_hat) - J(M, pi_star), printed_bound(M, eps_oc, V_max, eps_KL, share**2)
    )


@lamps.claim(
    "Section 5, Ross & Bagnell",
    corrects="planning_regret",
    because="Follow-the-Leader's regret is linear, so the learner's is measured; eps_oc needs neither C nor 1 / (1 - gamma)",
)
def planning_regret_corrected(
    M: MDP,
    M_hats: tuple[Model, Model],
    pi_hats: tuple[Policy, Policy],
    pi_star: Policy,
    models: tuple[Model, Model],
    nu: StateActionDistribution,
):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) \le \max_t\epsilon_{oc}
    + \frac{2C\gamma\max\{V_{max},\hat V_{max}\}}{1-\gamma}(\sqrt{2\epsilon_{KL}} + \sqrt{2Reg_T/T}), for any models and policies"""
    rounds = rounds_of(M_hats, pi_hats)
    C = finite_coverage(D(M, pi_star), nu)
    eps_oc = largest([J(N, pi) - optimal_performance(N) for N, pi in rounds])
    V_max = maximum(values_at_most(rounds), values_at_most([(N, pi_star) for N, _ in rounds]))
    return at_most(
        average_regret(M, rounds, pi_star), eps_oc + C * model_bound(M, rounds, models, nu, V_max)
    )
