r"""Appendix E.3: Lemmas 11, 12, 13 and 14, one step back and almost pessimism offline.

rho is the discounted occupancy of pi_b: the proofs use (1-gamma) d_0 pi_b <= rho and gamma rho T pi_b <= rho.
pi_b plays every action with some probability: else omega is infinite. B = 1 and n = 1, as only lambda/n
matters; C is the squared norm of the very function that the proof takes, at most Assumption 2's.
"\Lambda = U \Sigma U" lacks a transpose; "C^*_\pi" is at least 1 (x constant).

What breaks: Lemma 12 has gamma for 1/gamma under its root, and Lemma 5's sum of squares; Lemma 13 has gamma
twice; Lemma 14's alpha is short of a root of gamma, and its penalty is clipped at 2.
"""

import numpy as np

from theorylab import (
    KernelMatrix,
    LatentVariableEstimate,
    LatentVariableModel,
    Number,
    Policy,
    StateActionDistribution,
    StateActionFunction,
    StateDistribution,
    at_most,
    chain,
    equal,
)
from theorylab.arithmetic import identity, inf, ratio, sqrt, sup
from theorylab.notation import D, E
from theorylab.theory.features import covariance, kernel_norm_squared, squared_norm
from theorylab.theory.latent_variable_parts import build_policy
from theorylab.theory.representation_bounds import (
    first_step,
    learned_radius,
    step_back,
    true_radius,
)
from verification.lvrep.paper import lvrep
from verification.lvrep.terms import (
    ahead,
    always,
    first,
    latent_mean,
    model,
    norms,
    own_bound,
    squared_distance,
)


def behaviour(pi, share):
    """pi_b, which explores with probability `share`, and omega = max 1/pi_b."""
    rows = (1 - share) * pi.probabilities + share / pi.A
    return build_policy(rows), 1 / inf(rows)


# ---- Lemma 11 ------------------------------------------------------------------------------------


@lvrep.claim("Lemma 11")
def distribution_shift(
    T: LatentVariableModel, rho: StateActionDistribution, pi: Policy, root: KernelMatrix
):
    r"""E_{d^\pi_{T^*}}<p^*, \Lambda p^*> \le C^*_\pi E_\rho<p^*, \Lambda p^*>, \Lambda = X^2 for a drawn X, sharper: C is the
    largest ratio over the rows of X, as a sum of squares \Lambda is as well the eigenvectors'"""
    along = T.latents @ root
    coverage = largest_ratio(D(T, pi), rho, along)
    target, data = E(D(T, pi), (along**2).sum(-1)), E(rho, (along**2).sum(-1))
    return at_most(target, coverage * data)


def largest_ratio(d_pi, rho, along):
    """The largest E_d<p, x>^2 / E_rho<p, x>^2 of a few x, 0/0 = 0; `along` is (S, A, number of x)."""
    target, data = ((law[..., None] * along**2).sum((0, 1)) for law in (d_pi, rho))
    return sup(ratio(target, data))


@lvrep.claim("Lemma 11", reading="C* is at least 1")
def coverage_at_least_one(T: LatentVariableModel, rho: StateActionDistribution, pi: Policy):
    r"""At x = 1 the ratio of C^*_\pi is 1: coverage cannot help below 1"""
    ones = T.latents.sum(-1)
    return equal(E(D(T, pi), ones**2), E(rho, ones**2))


@lvrep.claim("Lemma 11, proof")
def distribution_shift_lines(
    T: LatentVariableModel, rho: StateActionDistribution, pi: Policy, root: KernelMatrix
):
    r"""E_d<p^*, \Lambda p^*> = \sum_i E_d<x_i, p^*>^2 \le C^*_\pi \sum_i E_\rho<x_i, p^*>^2 = C^*_\pi E_\rho<p^*, \Lambda p^*>"""
    along, d_pi, shape = T.latents @ root, D(T, pi), root @ root
    coverage = largest_ratio(d_pi, rho, along)
    return (
        chain(E(d_pi, squared_norm(T.latents, shape)))
        .equal((d_pi[..., None] * along**2).sum(), "decomposition")
        .at_most(coverage * (rho[..., None] * along**2).sum(), "C*")
        .equal(coverage * E(rho, squared_norm(T.latents, shape)), "decomposition")
    )


# ---- Lemma 12 ------------------------------------------------------------------------------------


@lvrep.claim("Lemma 12, proof", reading="second term, squared")
def offline_first_step(
    T: LatentVariableModel,
    pi_b: Policy,
    pi: Policy,
    g: StateActionFunction,
    share: Number("1/10", 1),
):
    r"""(1-\gamma) E_{d_0, \pi}[g] \le \sqrt{(1-\gamma)\omega E_\rho[g^2]}; the extraction has lost the root"""
    gamma, (base, omega) = T.gamma, behaviour(pi_b, share)
    return (
        chain((1 - gamma) ** 2 * first(T, pi, g) ** 2)
        .at_most((1 - gamma) ** 2 * first(T, pi, g**2), "Jensen")
        .at_most((1 - gamma) * omega * E(D(T, base), g**2), "importance sampling")
    )


@lvrep.claim("Lemma 12, proof", reading="expansion of the norm of w")
def offline_expansion(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    pi_b: Policy,
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
):
    r"""\|w\|^2_{\Sigma_{\rho, \hat p}} = n E_\rho(E_{\hat T, \pi}[g])^2 + \lambda\|w\|^2_{H_k}, the square restored"""
    law, w = D(T, pi_b), latent_mean(T_hat, pi, g)
    sigma = covariance(law, T_hat.latents, K, 1, regular)
    rest = regular * kernel_norm_squared(w, K)
    return equal(squared_norm(w, sigma), E(law, ahead(T_hat, pi, g) ** 2) + rest)


@lvrep.claim("Lemma 12, proof", reading="Jensen, omega, 1/gamma")
def offline_last_lines(
    T: LatentVariableModel,
    pi_b: Policy,
    pi: Policy,
    g: StateActionFunction,
    share: Number("1/10", 1),
):
    r"""n E_\rho(E_{T^*, \pi}[g])^2 \le n E E_{T^*, \pi}[g^2] \le n\omega E E_{T^*, \pi_b}[g^2] \le \frac{n\omega}{\gamma} E_\rho[g^2], times
    \gamma/n. The statement has \gamma for this 1/\gamma. The change of the model before it is Lemma 5's, which falls"""
    base, omega = behaviour(pi_b, share)
    law, gamma = D(T, base), T.gamma
    return (
        chain(gamma * E(law, ahead(T, pi, g) ** 2))
        .at_most(gamma * E(law, ahead(T, pi, g**2)), "Jensen")
        .at_most(gamma * omega * E(law, ahead(T, base, g**2)), "importance sampling")
        .at_most(omega * E(law, g**2), "1/gamma")
    )


def one_of_all(gamma):
    """One state, action and latent value."""
    one = gamma**0
    return model([[[one]]], [[one]], payoff=[[one]], gamma=gamma, start=[one])


@lvrep.claim("Lemma 12", reading="printed, roots restored; one state, action and latent value")
def offline_learned_printed(gamma: Number(0, 1, below_high=True), regular: Number("1/1000", None)):
    r"""E_{d^\pi_{\hat T}}[g] \le \gamma E\|\hat p\|_{\Sigma^{-1}}\sqrt{n\omega\gamma E_\rho[g^2] + \lambda B^2 C + nB^2\zeta} +
    \sqrt{(1-\gamma)\omega E_\rho[g^2]}, \hat T = T^*, \zeta = 0, g = 1, \omega = K = C = 1, n = 1"""
    T, pi = one_of_all(gamma), always(0, 1, 1)
    law, g = D(T, pi), T.payoff
    roots = sqrt(norms(T, law, identity(1), 1, regular))
    later = gamma * E(law, roots) * sqrt(gamma * E(law, g**2) + regular)
    return at_most(E(law, g), later + first_step(gamma, 1, E(law, g**2)))


@lvrep.claim(
    "Lemma 12",
    reading="corrected",
    corrects="offline_learned_printed",
    because="the proof ends with n omega/gamma, and norms add in the change of the model",
)
def offline_learned_corrected(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    pi_b: Policy,
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
    share: Number("1/10", 1),
):
    r"""E_{d^\pi_{\hat T}}[g] \le E\min(\|\hat p\|_{\Sigma^{-1}} \gamma R, \gamma B) + \sqrt{(1-\gamma)\omega E_\rho[g^2]},
    \gamma^2 R^2 = (\sqrt{n\omega\gamma E_\rho[g^2]} + \gamma B\sqrt{n\zeta})^2 + \lambda\gamma^2 B^2 C, g signed"""
    gamma, (base, omega) = T.gamma, behaviour(pi_b, share)
    law, rest = D(T, base), regular * own_bound(T_hat, pi, g, K)
    zeta, moment = E(law, squared_distance(T, T_hat)), omega * E(law, g**2)
    radius = learned_radius(gamma * moment, gamma**2 * zeta, gamma**2 * rest)
    later = step_back(D(T_hat, pi), sqrt(norms(T_hat, law, K, 1, regular)), radius, gamma)
    return at_most(E(D(T_hat, pi), g), later + first_step(gamma, 1, moment))


# ---- Lemma 13 ------------------------------------------------------------------------------------


@lvrep.claim("Lemma 13", reading="printed; one state, action and latent value")
def offline_true_printed(gamma: Number(0, 1, below_high=True), regular: Number("1/1000", None)):
    r"""E_{d^\pi_{T^*}}[g] \le \gamma E\|p^*\|_{\Sigma^{-1}}\sqrt{n\omega\gamma E_\rho[g^2] + \lambda\gamma^2 B^2 C} +
    \sqrt{(1-\gamma)\omega E_\rho[g^2]}, g = 1, \omega = K = C = 1, n = 1"""
    T, pi = one_of_all(gamma), always(0, 1, 1)
    law, g = D(T, pi), T.payoff
    roots = sqrt(norms(T, law, identity(1), 1, regular))
    later = gamma * E(law, roots) * true_radius(gamma, E(law, g**2), regular)
    return at_most(E(law, g), later + first_step(gamma, 1, E(law, g**2)))


@lvrep.claim("Lemma 13", reading="without gamma in front; rho stationary without discount")
def offline_true_stationary(gamma: Number(0, 1, below_high=True), regular: Number("1/1000", None)):
    r"""The same where \rho is the stationary law of \pi_b's chain, as printed: d_0 the first of two states, T^*
    always to the second, g the indicator of the first"""
    one = gamma**0
    rest = {"payoff": [[one], [0 * one]], "gamma": gamma, "start": [one, 0 * one]}
    T = model([[[one]], [[one]]], [[0 * one, one]], **rest)
    law, g, pi = one - T.payoff, T.payoff, always(0, 2, 1)
    roots = sqrt(norms(T, law, identity(1), 1, regular))
    later = E(D(T, pi), roots) * true_radius(gamma, E(law, g**2), regular)
    return at_most(E(D(T, pi), g), later + first_step(gamma, 1, E(law, g**2)))


def restarted(T, law):
    """T, which starts afresh from d_0 with probability 1-gamma, from `law`: one latent value more."""
    one = T.gamma**0 + 0 * T.r
    latents = np.concatenate([T.gamma * T.latents, ((1 - T.gamma) * one)[..., None]], axis=-1)
    emissions = np.concatenate([T.emissions, T.start[None]])
    return model(latents, emissions, payoff=T.payoff, gamma=T.gamma, start=law)


@lvrep.claim(
    "Lemma 13",
    reading="rho stationary without discount, corrected: the start apart",
    corrects="offline_true_stationary",
    because="a stationary rho covers what comes after a pair, without 1/gamma, but not the start d_0",
)
def offline_true_stationary_corrected(
    T: LatentVariableModel,
    start: StateDistribution,
    pi_b: Policy,
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
    share: Number("1/10", 1),
):
    r"""E_{d^\pi_{T^*}}[g] \le \gamma E\|p^*\|_{\Sigma^{-1}}\sqrt{n\omega E_\rho[g^2] + \lambda B^2C} + (1-\gamma)E_{d_0, \pi}[g] where \rho T\pi_b = \rho, K = 1: the model
    starts afresh with probability 1-\gamma, so that the discounted occupancy without this is its \rho"""
    base, omega = behaviour(pi_b, share)
    rho, M = D(T, base), restarted(T, start)
    K = identity(M.Z)
    radius = sqrt(omega * E(rho, g**2) + regular * own_bound(M, pi, g, K))
    later = M.gamma * E(D(M, pi), sqrt(norms(M, rho, K, 1, regular))) * radius
    return at_most(E(D(M, pi), g), later + (1 - M.gamma) * first(M, pi, g))


@lvrep.claim(
    "Lemma 13",
    reading="corrected",
    corrects="offline_true_printed",
    because="gamma stands in front and under the root; Lemma 6, whose proof it takes, has it only there;"
    " rho is the discounted occupancy",
)
def offline_true_corrected(
    T: LatentVariableModel,
    K: KernelMatrix,
    pi_b: Policy,
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
    share: Number("1/10", 1),
):
    r"""E_{d^\pi_{T^*}}[g] \le E\min(\|p^*\|_{\Sigma^{-1}} R, \gamma B) + \sqrt{(1-\gamma)\omega E_\rho[g^2]},
    R^2 = n\omega\gamma E_\rho[g^2] + \lambda\gamma^2 B^2 C"""
    gamma, (base, omega) = T.gamma, behaviour(pi_b, share)
    law, moment = D(T, base), omega * E(D(T, base), g**2)
    radius = true_radius(gamma, moment, regular * own_bound(T, pi, g, K))
    later = step_back(D(T, pi), sqrt(norms(T, law, K, 1, regular)), radius, gamma)
    return at_most(E(D(T, pi), g), later + first_step(gamma, 1, moment))
