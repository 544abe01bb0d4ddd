r"""Section 6: FTRL (10), Theorem 6.1 and its comparison with LAMPS.

Regrets are in units of J, averaged over the T rounds; the learner's regret Reg_T, in units of V,
is measured along each run. D_t is half the learned policy's occupancy, half \nu (Algorithm 1).
"""

from theorylab import (
    MDP,
    Along,
    Model,
    Number,
    Policy,
    StateActionDistribution,
    assume,
    at_most,
    bounded_by,
    chain,
    equal,
)
from theorylab.arithmetic import absolute
from theorylab.notation import KL, D, E, J, V, coverage, d, l1_norm, positive, sup_norm
from verification.lamps.paper import lamps
from verification.lamps.terms import (
    always,
    average_regret,
    disadvantage,
    discounts_inside,
    mixed,
)
from verification.lamps.value_moments import (
    HALF,
    best_loss,
    doors,
    moment_gap,
    moment_loss,
    played_loss,
    regret_of_two_rounds,
    sampled_loss,
)


@lamps.claim("(10)", reading="R fixed, whatever T")
def ftrl_regret(eps: Along(0)):
    r""" "Follow-the-RegularizedLeader with a strongly convex regularizer R(M) allows us to achieve a
    no-regret guarantee", R the same for every T: Reg_T = O(\sqrt T), for R(p) = \frac12(p-\frac12)^2 over
    the mixtures of two models, in a world where each model is wrong about the door it advises;
    T = 2/\epsilon^2"""
    rounds = 1 / eps**2
    return bounded_by(rounds * regret_of_two_rounds((eps - eps + 1) / 2), 1 / eps)


@lamps.claim(
    "(10)",
    reading="printed",
    corrects="ftrl_regret",
    because="R must grow with the number of rounds; fixed, it loses as much every two rounds",
)
def ftrl_regret_scaled(eps: Along(0)):
    r"""The same for R chosen with T, as FTRL's analysis does (R is the authors' choice: strong convexity
    in proportion to \sqrt T): Reg_T = O(\sqrt T) for R(p) = \frac1{2\epsilon}(p-\frac12)^2"""
    rounds = 1 / eps**2
    return bounded_by(rounds * regret_of_two_rounds(eps / 2), 1 / eps)


@lamps.claim("(10)", reading="(9) is convex in M")
def loss_is_convex(
    M: MDP,
    M_hat: Model,
    K: Model,
    N: Model,
    pi_hat: Policy,
    D_t: StateActionDistribution,
    w: Number(0, 1),
):
    r"""\ell_t(w M + (1-w) M') \le w\ell_t(M) + (1-w)\ell_t(M'), V^{\hat\pi_t}_{\hat M_t} being kept"""
    V_hat = V(M_hat, pi_hat)
    mean = w * sampled_loss(M, K.P, V_hat, D_t) + (1 - w) * sampled_loss(M, N.P, V_hat, D_t)
    return at_most(sampled_loss(M, w * K.P + (1 - w) * N.P, V_hat, D_t), mean)


# ---- Theorem 6.1 -------------------------------------------------------------------------------


@lamps.claim("Theorem 6.1")
def lamps_mm_regret(eps: Along(0)):
    r"""\frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) = \tilde O(C\epsilon_{po} + \frac C{1-\gamma}(\sqrt{\epsilon^{mm}}
    + \frac1{\sqrt T})): one state, two actions of costs 0 and 1, \pi^\star the first, \hat\pi_t = \nu
    uniform, so that \epsilon_{po} = 0 in (8); the model class is \{M^\star\}; T = \epsilon^{-2}"""
    M = MDP(P=[[[1], [1]]], payoff=[[0, 1]], gamma=HALF, start=[1])
    pi_star, pi_hat = always(0, 1), Policy([[HALF, HALF]])
    nu = D(M, pi_hat)
    eps_po = E(nu, disadvantage(M, pi_hat))
    eps_mm = moment_loss(M, M.P, V(M, pi_hat), mixed(M, pi_hat, nu))
    assume(equal(eps_mm, 0), "the class is realizable")
    C = coverage(D(M, pi_star), nu)
    bound = C * eps_po + C / (1 - M.gamma) * eps  # 1 / sqrt(T) = eps
    return bounded_by(average_regret(M, [(M, pi_hat)], pi_star), bound)


@lamps.claim("Theorem 6.1", reading="explicit constants, (8) as printed")
def lamps_mm_regret_explicit(
    M: MDP,
    M_hats: tuple[Model, Model],
    pi_hats: tuple[Policy, Policy],
    pi_star: Policy,
    nu: StateActionDistribution,
):
    r"""\frac{1-\gamma}T\sum_t J(\hat\pi_t) - J(\pi^\star) \le C\epsilon_{po} + 2\gamma C(\epsilon^{mm} + Reg_T/T),
    \epsilon_{po} the average of (8) under \nu, Reg_T the learner's regret over \mathcal M, measured"""
    discounts_inside(M)
    run = tuple(zip(M_hats, pi_hats, strict=True))
    C, T = coverage(D(M, pi_star), nu), len(run)
    best = best_loss(M, run, nu, M_hats, moment_loss)
    regret_of_learner = played_loss(M, run, nu, moment_loss) - best
    eps_po = sum(E(nu, disadvantage(K, pi)) for K, pi in run) / T
    return at_most(
        (1 - M.gamma) * average_regret(M, run, pi_star),
        C * eps_po + 2 * M.gamma * C * (best / T + regret_of_learner / T),
    )


@lamps.claim(
    "Theorem 6.1",
    corrects="lamps_mm_regret_explicit",
    because="the disadvantage is signed, so coverage transfers only its positive part, times C;"
    " and D_t is half of each distribution, hence the 2 and C before the loss",
)
def lamps_mm_regret_corrected(
    M: MDP,
    M_hats: tuple[Model, Model],
    pi_hats: tuple[Policy, Policy],
    pi_star: Policy,
    nu: StateActionDistribution,
):
    r"""The same with the positive part of V - Q under \nu in \epsilon_{po}:
    \frac1T\sum_t J(\hat\pi_t) - J(\pi^\star) \le \frac C{1-\gamma}(\epsilon^+_{po} + 2\gamma(\epsilon^{mm} + Reg_T/T))"""
    run = tuple(zip(M_hats, pi_hats, strict=True))
    C, T = coverage(D(M, pi_star), nu), len(run)
    best = best_loss(M, run, nu, M_hats, moment_loss)
    regret_of_learner = played_loss(M, run, nu, moment_loss) - best
    eps_po = sum(E(nu, positive(disadvantage(K, pi))) for K, pi in run) / T
    return at_most(
        (1 - M.gamma) * average_regret(M, run, pi_star),
        C * eps_po + 2 * M.gamma * C * (best / T + regret_of_learner / T),
    )


@lamps.claim(
    "Theorem 6.1",
    reading="term by term",
    corrects="lamps_mm_regret_explicit",
    because="C belongs to what is measured under \\nu alone, and only an excess there costs;"
    " what the learned policy sees needs no absolute value",
)
def lamps_mm_regret_term_by_term(
    M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy, nu: StateActionDistribution
):
    r"""For a round: (1-\gamma)[J(\hat\pi_t) - J(\pi^\star)] \le \gamma E_{D_{\hat\pi_t}}[M^\star V - \hat M V]
    + C E_\nu[(V - Q + \gamma(\hat M V - M^\star V))_+]
    \le C E_\nu[(V - Q)_+] + \gamma E_{D_{\hat\pi_t}}|M^\star V - \hat M V| + \gamma C E_\nu|M^\star V - \hat M V|
    \le C E_\nu[(V - Q)_+] + 2\gamma C\ell_t(\hat M_t)"""
    C = coverage(D(M, pi_star), nu)
    V_hat, excess = V(M_hat, pi_hat), disadvantage(M_hat, pi_hat)
    gap = moment_gap(M, M_hat.P, V_hat)
    own, eps_po = E(D(M, pi_hat), absolute(gap)), C * E(nu, positive(excess))
    return (
        chain((1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star)))
        .at_most(
            M.gamma * E(D(M, pi_hat), gap) + C * E(nu, positive(excess - M.gamma * gap)),
            "Lemma 4.1, then importance sampling of a positive part",
        )
        .at_most(
            eps_po + M.gamma * own + M.gamma * C * E(nu, absolute(gap)),
            "the positive part of a sum",
        )
        .at_most(
            eps_po + 2 * M.gamma * C * moment_loss(M, M_hat.P, V_hat, mixed(M, pi_hat, nu)),
            "C is at least 1",
        )
    )


@lamps.claim("Section 6, tighter bound")
def bound_is_tighter(eps: Along(0)):
    r""" "Improved statistical efficiency as indicated by its tighter regret bound": for T \to \infty,
    \frac1{1-\gamma}\sqrt{\epsilon^{mm}} = O(\frac{\hat V_{max}}{1-\gamma}\sqrt{\epsilon^{KL}}), that is
    \epsilon^{mm} = O(\hat V_{max}^2\epsilon^{KL}); a coin opens one of two doors, in the only model a coin off by \epsilon/4"""
    one, pi = eps * 0 + 1, always(0, 3)
    coin, bent = [0, one / 2, one / 2], [0, one / 2 + eps / 4, one / 2 - eps / 4]
    M, M_hat = doors(HALF, coin, coin, [0, 0, 1]), doors(HALF, bent, bent, [0, 0, 1])
    V_hat, data = V(M_hat, pi), D(M, pi)
    eps_mm = moment_loss(M, M_hat.P, V_hat, data)
    eps_KL = d(M, pi)[0] * KL(M_hat.P[0, 0, 1:], M.P[0, 0, 1:])  # elsewhere they agree
    return bounded_by(eps_mm, sup_norm(V_hat) ** 2 * eps_KL)


@lamps.claim(
    "Section 6, tighter bound",
    corrects="bound_is_tighter",
    because="without the root of \\epsilon^{mm}, which is no part of the proof for (9), it is tighter",
)
def bound_is_tighter_corrected(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""Along any run, \sum_t 2\gamma\ell_t(\hat M_t) \le \sum_t \gamma\hat V_{max}E_{D_t}\|\hat M_t - M^\star\|_1,
    half of the model terms of Corollary 5.1 with D_t for the two occupancies"""
    run, expert = tuple(zip(M_hats, pi_hats, strict=True)), D(M, pi_star)
    by_distance = sum(
        sup_norm(V(N, pi)) * E(mixed(M, pi, expert), l1_norm(N.P - M.P)) for N, pi in run
    )
    return at_most(2 * M.gamma * played_loss(M, run, expert, moment_loss), M.gamma * by_distance)
