r"""Appendix A.3: the rest of Theorem A.1's proof, from the log loss to the model error.

The displays are inequalities with O(log T) on the right; what stands for it is the learner's regret
Reg_T = \sum_t\ell_t(\hat M_t) - \min_M\sum_t\ell_t(M), as the first display defines it.
"""

from theorylab import (
    MDP,
    Along,
    Integer,
    Model,
    Number,
    Policy,
    at_most,
    bounded_by,
    chain,
)
from theorylab.arithmetic import sqrt
from theorylab.notation import KL, D, E, V, l1_norm, sup_norm
from verification.lamps.appendix_a3_regret import model_distances
from verification.lamps.paper import lamps
from verification.lamps.regret_runs import table
from verification.lamps.section_3_fitting import log_likelihood
from verification.lamps.section_5_regret import (
    kl_model,
    learner_regret,
    log_loss,
    rounds_of,
    training,
    values_at_most,
)
from verification.lamps.terms import always, discounts_inside, has_support, least

# ---- from the loss to the divergence -------------------------------------------------------------


def to_the_truth(M, N):
    """KL(M* || N), a table (S, A)."""
    return KL(M.P, N.P)


def from_the_model(M, N):
    """KL(N || M*), a table (S, A)."""
    return KL(N.P, M.P)


def kl_lines(M, M_hats, pi_hats, pi_star, models, loss, divergence):
    """2 sum_t E KL(M_hat_t, M*) by the display before it, whose O(log T) is Reg_T of `loss`; then by
    the definition of eps_KL."""
    discounts_inside(M)
    data = training(M, rounds_of(M_hats, pi_hats), D(M, pi_star))
    paid = sum(loss(M, D_t, N) for D_t, N in zip(data, M_hats, strict=True))
    regret = paid - least([sum(loss(M, D_t, N) for D_t in data) for N in models])
    errors = [sum(E(D_t, divergence(M, N)) for D_t in data) for N in models]
    D_bar = sum(data) / len(data)
    eps_KL = least([E(D_bar, divergence(M, N)) for N in models])
    model = sum(E(D_t, divergence(M, N)) for D_t, N in zip(data, M_hats, strict=True))
    return (
        chain(2 * model)
        .at_most(2 * least(errors) + regret, "the loss plus log M* is the divergence")
        .equal(2 * len(data) * eps_KL + regret, "definition of eps_KL")
    )


@lamps.claim("Theorem A.1, proof, KL")
def kl_lines_as_printed(
    M: MDP,
    M_hats: tuple[Model],
    pi_hats: tuple[Policy],
    pi_star: Policy,
    models: tuple[Model],
):
    r"""\sum_t 2E_{D_t}KL(\hat M_t\|M^\star) \le \min_M\sum_t 2E_{D_t}KL(M\|M^\star) + Reg_T = 2T\epsilon_{KL} + Reg_T, Reg_T of the
    printed loss \ell_t(M) = E_{D_t}\log M"""
    has_support(M_hats[0], M)
    return kl_lines(M, M_hats, pi_hats, pi_star, models, log_likelihood, from_the_model)


@lamps.claim("Theorem A.1, proof, KL", reading="KL(M* || M)")
def kl_lines_to_the_truth(
    M: MDP,
    M_hats: tuple[Model],
    pi_hats: tuple[Policy],
    pi_star: Policy,
    models: tuple[Model],
):
    r"""The same with KL(M^\star\|M), the printed sign of the loss"""
    return kl_lines(M, M_hats, pi_hats, pi_star, models, log_likelihood, to_the_truth)


@lamps.claim("Theorem A.1, proof, KL", reading="log loss, KL(M || M*)")
def kl_lines_of_log_loss_from_the_model(
    M: MDP,
    M_hats: tuple[Model],
    pi_hats: tuple[Policy],
    pi_star: Policy,
    models: tuple[Model],
):
    r"""The same with \ell_t(M) = -E_{D_t}\log M, KL(M\|M^\star)"""
    return kl_lines(M, M_hats, pi_hats, pi_star, models, log_loss, from_the_model)


@lamps.claim("Theorem A.1, proof, KL", reading="log loss, KL(M* || M)")
def kl_lines_of_log_loss(
    M: MDP,
    M_hats: tuple[Model],
    pi_hats: tuple[Policy],
    pi_star: Policy,
    models: tuple[Model],
):
    r"""The same with \ell_t(M) = -E_{D_t}\log M and KL(M^\star\|M): the divergence is doubled, the loss and
    its regret are not"""
    return kl_lines(M, M_hats, pi_hats, pi_star, models, log_loss, to_the_truth)


@lamps.claim(
    "Theorem A.1, proof, KL",
    corrects="kl_lines_as_printed",
    because="-E log M - E log M* is KL(M* || M): the loss is the negative, the truth comes first, and"
    " one loss is one divergence, so twice the divergence has twice the regret",
)
def kl_lines_corrected(
    M: MDP,
    M_hats: tuple[Model, Model],
    pi_hats: tuple[Policy, Policy],
    pi_star: Policy,
    models: tuple[Model, Model],
):
    r"""2\sum_t E_{D_t}KL(M^\star\|\hat M_t) = \sum_t 2(\ell_t(\hat M_t) + E_{D_t}\log M^\star) =
    \min_M\sum_t 2E_{D_t}KL(M^\star\|M) + 2Reg_T = 2T\epsilon_{KL} + 2Reg_T, \ell_t(M) = -E_{D_t}\log M"""
    data = training(M, rounds_of(M_hats, pi_hats), D(M, pi_star))
    pairs = list(zip(data, M_hats, strict=True))
    paid = sum(log_loss(M, D_t, N) for D_t, N in pairs)
    regret = paid - least([sum(log_loss(M, D_t, N) for D_t in data) for N in models])
    errors = [sum(E(D_t, KL(M.P, N.P)) for D_t in data) for N in models]
    return (
        chain(2 * sum(E(D_t, KL(M.P, N.P)) for D_t, N in pairs))
        .equal(2 * paid - 2 * sum(log_loss(M, D_t, M) for D_t in data), "definition of KL")
        .equal(2 * least(errors) + 2 * regret, "definition of Reg_T")
        .equal(2 * len(data) * kl_model(M, data, models) + 2 * regret, "definition of eps_KL")
    )


# ---- Pinsker and Jensen --------------------------------------------------------------------------


def pinsker_lines(M, M_hats, pi_hats, pi_star, divergence):
    """sum_t E_{D_t} |M_hat_t - M*|_1 by Pinsker, by Jensen over the rounds."""
    data, T = training(M, rounds_of(M_hats, pi_hats), D(M, pi_star)), len(M_hats)
    pairs = list(zip(data, M_hats, strict=True))
    errors = [E(D_t, divergence(M, N)) for D_t, N in pairs]
    return (
        chain(sum(E(D_t, l1_norm(N.P - M.P)) for D_t, N in pairs))
        .at_most(sum(sqrt(2 * error) for error in errors), "Pinsker and Jensen")
        .at_most(T * sqrt(2 * (sum(errors) / T)), "Jensen")
    )


@lamps.claim("Theorem A.1, proof, Pinsker")
def pinsker_lines_from_the_model(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""\sum_t E_{D_t}\|\hat M_t - M^\star\|_1 \le \sum_t\sqrt{2E_{D_t}KL(\hat M_t\|M^\star)}
    \le T\sqrt{\frac1T\sum_t 2E_{D_t}KL(\hat M_t\|M^\star)}"""
    return pinsker_lines(M, M_hats, pi_hats, pi_star, from_the_model)


@lamps.claim("Theorem A.1, proof, Pinsker", reading="KL(M* || M)")
def pinsker_lines_to_the_truth(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""The same with KL(M^\star\|\hat M_t)"""
    return pinsker_lines(M, M_hats, pi_hats, pi_star, to_the_truth)


@lamps.claim("Theorem A.1, proof, Pinsker", reading="the last line, KL(M || M*)")
def last_root_from_the_model(
    M: MDP,
    M_hats: tuple[Model],
    pi_hats: tuple[Policy],
    pi_star: Policy,
    models: tuple[Model],
):
    r"""T\sqrt{\frac1T\sum_t 2E_{D_t}KL(\hat M_t\|M^\star)} \le 2T\sqrt{\epsilon_{KL}} + \sqrt{2T Reg_T}, Reg_T of the log loss and
    \epsilon_{KL} by KL(M\|M^\star)"""
    discounts_inside(M)
    rounds = rounds_of(M_hats, pi_hats)
    data, T = training(M, rounds, D(M, pi_star)), len(rounds)
    errors = [E(D_t, from_the_model(M, N)) for D_t, N in zip(data, M_hats, strict=True)]
    D_bar = sum(data) / T
    eps_KL = least([E(D_bar, from_the_model(M, N)) for N in models])
    regret = learner_regret(M, data, rounds, models)
    return at_most(T * sqrt(2 * (sum(errors) / T)), 2 * T * sqrt(eps_KL) + sqrt(2 * T * regret))


@lamps.claim("Theorem A.1, proof, Pinsker", reading="the last line, KL(M* || M)")
def last_root_to_the_truth(eps_KL: Number(0, None), regret: Number(0, None), T: Integer(1, 3)):
    r"""The same where 2\sum_t E_{D_t}KL(M^\star\|\hat M_t) = 2T\epsilon_{KL} + 2Reg_T (kl_lines_corrected), Reg_T \ge 0"""
    divergence = 2 * T * eps_KL + 2 * regret
    return at_most(T * sqrt(divergence / T), 2 * T * sqrt(eps_KL) + sqrt(2 * T * regret))


# ---- both model error terms ----------------------------------------------------------------------


@lamps.claim("Theorem A.1, proof, model error")
def model_error_as_printed(x: Along(0)):
    r"""\sum_t\frac{\gamma\hat V_{max}}{1-\gamma}(E_{D_{\hat\pi_t}} + E_{D_{\pi^\star}})\|\hat M_t - M^\star\|_1 \le
    \frac{\gamma\hat V_{max}}{1-\gamma}\{2T\sqrt{\epsilon_{KL}} + \tilde O(\sqrt T)\}, T = 1/x^2: one action and one model, which is picked
    without regret; what exceeds the first term must be O(\sqrt T)"""
    one = x / x
    halves, costs = [table(one / 2, [[1, 1]])] * 2, table(one, [[0], [1]])
    M = MDP(halves, costs, one / 2, *table(one, [[1, 0]]))
    M_hat, pi = M.with_transitions([table(one / 8, [[5, 3]])] * 2), always(0, 2, 1)
    factor = M.gamma * sup_norm(V(M_hat, pi)) / (1 - M.gamma)
    T, eps_KL = 1 / x**2, E(D(M, pi), KL(M.P, M_hat.P))
    error = T * model_distances(M, [(M_hat, pi)], D(M, pi))
    return bounded_by(error - factor * 2 * T * sqrt(eps_KL), factor / x)


@lamps.claim(
    "Theorem A.1, proof, model error",
    corrects="model_error_as_printed",
    because="E_{D_pi_t} + E_{D_pi_star} is twice E_{D_t}, so Pinsker leaves 2 sqrt(2) T sqrt(eps_KL)",
)
def model_error_corrected(
    M: MDP, M_hats: tuple[Model, Model], pi_hats: tuple[Policy, Policy], pi_star: Policy
):
    r"""The left side is at most \frac{\gamma\hat V_{max}}{1-\gamma} 2\sum_t E_{D_t}\|\hat M_t - M^\star\|_1 \le
    \frac{\gamma\hat V_{max}}{1-\gamma} 2\sqrt2 T\sqrt{\frac1T\sum_t E_{D_t}KL(M^\star\|\hat M_t)}, the root of \epsilon_{KL} + Reg_T/T"""
    rounds, D_star = rounds_of(M_hats, pi_hats), D(M, pi_star)
    T, data = len(rounds), training(M, rounds, D_star)
    factor = 2 * M.gamma * values_at_most(rounds) / (1 - M.gamma)
    pairs = list(zip(data, M_hats, strict=True))
    divergence = sum(E(D_t, KL(M.P, N.P)) for D_t, N in pairs) / T
    return (
        chain(model_distances(M, rounds, D_star))
        .at_most(factor * sum(E(D_t, l1_norm(N.P - M.P)) for D_t, N in pairs), "twice D_t")
        .at_most(factor * T * sqrt(2 * divergence), "Pinsker and Jensen")
    )
