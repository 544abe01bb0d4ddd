r"""Appendix E.2: Lemma 5, one step back in the learned model.

Its proof, line by line, is in `appendix_e2_step`. B = 1, and one policy pi_0 stands for all: a mean of
occupancies is the occupancy of one policy, and only lambda/n matters. In what stands, C is the squared
norm of the very function that the proof takes: at most Assumption 2's C, so sharper.
"""

from theorylab import (
    KernelMatrix,
    LatentVariableEstimate,
    LatentVariableModel,
    Number,
    Policy,
    StateActionFunction,
    at_most,
)
from theorylab.arithmetic import absolute, sqrt
from theorylab.notation import D, E, l1_norm
from theorylab.theory.representation_bounds import first_step, learned_radius, step_back
from verification.lvrep.paper import lvrep
from verification.lvrep.terms import (
    always,
    data_pairs,
    data_pairs_after,
    model,
    norms,
    own_bound,
    squared_distance,
)

# ---- Lemma 5 -------------------------------------------------------------------------------------


def one_value(gamma, q):
    """One latent value, two states, one action: T_hat goes to the first, T* to it but for q."""
    one = q**0
    rest = {"payoff": [[one], [0 * one]], "gamma": gamma, "start": [0 * one, one]}
    pairs = [[[one]], [[one]]]
    T_hat = model(latents=pairs, emissions=[[one, 0 * one]], **rest)
    return model(latents=pairs, emissions=[[1 - q, q]], **rest), T_hat


def step_back_learned(T, T_hat, K, pi_0, pi, g, regular, share):
    """Lemma 5 with norms that add, clipped at gamma B, zeta a mean of ||.||_1^2 / share."""
    gamma, law = T.gamma, data_pairs(T, (pi_0,))
    zeta = E(law, squared_distance(T, T_hat)) / share
    moment = T.A * E(data_pairs_after(T, (pi_0,)), g**2)
    radius = learned_radius(moment, zeta, regular * own_bound(T_hat, pi, g, K))
    roots = sqrt(norms(T_hat, law, K, 1, regular))
    later = step_back(D(T_hat, pi), gamma * roots, radius, gamma)
    return at_most(E(D(T_hat, pi), g), later + first_step(gamma, T.A, E(law, g**2)))


@lvrep.claim("Lemma 5", reading="forced: E||.||_1^2 at most zeta, roots restored; one latent value")
def step_back_learned_forced(gamma: Number(0, 1, below_high=True), q: Number(0, 1)):
    r"""E_{d^\pi_{\hat T}}[g] \le \gamma E\|\hat p\|_{\Sigma^{-1}} \sqrt{n|A|E_{\rho'_n \times U}[g^2] + \lambda B^2 C + n B^2 \zeta_n} +
    \sqrt{(1-\gamma)|A| E_{\rho_n \times U}[g^2]}, n = 1, K = 1, C = 1, \lambda = 1 - \gamma, \zeta_n = 4 q^2, d_0 the second state,
    g the indicator of the first, so that the left side is \gamma"""
    T, T_hat = one_value(gamma, q)
    regular, g = 1 - gamma, T.payoff
    pi = always(0, 2, 1)
    law = data_pairs(T, (pi,))
    moment, zeta = E(data_pairs_after(T, (pi,)), g**2), E(law, squared_distance(T, T_hat))
    radius = sqrt((moment + regular + zeta) / (1 + regular))
    bound = gamma * radius + first_step(gamma, 1, E(law, g**2))
    return at_most(E(D(T_hat, pi), g), bound)


@lvrep.claim(
    "Lemma 5",
    reading="corrected: g signed, zeta a mean of ||.||_1^2",
    corrects="step_back_learned_forced",
    because="the change of the model adds norms: (sqrt(n|A|E g^2) + B sqrt(n zeta))^2 takes the place of"
    " n|A|E g^2 + n B^2 zeta",
)
def step_back_learned_signed(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    pi_0: Policy,
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
):
    r"""E_{d^\pi_{\hat T}}[g] \le \gamma E\|\hat p\|_{\Sigma^{-1}} R + \sqrt{(1-\gamma)|A| E_{\rho_n \times U}[g^2]},
    R^2 = (\sqrt{n|A|E_{\rho'_n \times U}[g^2]} + B\sqrt{n\zeta_n})^2 + \lambda B^2 C"""
    return step_back_learned(T, T_hat, K, pi_0, pi, g, regular, 1)


@lvrep.claim(
    "Lemma 5",
    reading="corrected: g in [0, B], zeta a mean of squared total variations, clipped",
    corrects="step_back_learned_forced",
    because="for g in [0, B] half the l1 norm is enough, and at each pair gamma E_T_hat[g] <= gamma B",
)
def step_back_learned_positive(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    pi_0: Policy,
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
):
    r"""The same with \min(\gamma\|\hat p\|_{\Sigma^{-1}} R, \gamma B) under the mean: what a clipped bonus needs"""
    return step_back_learned(T, T_hat, K, pi_0, pi, (1 + g) / 2, regular, 4)


@lvrep.claim("Lemma 5", reading="literal: E||.||_1 at most zeta")
def step_back_learned_literal(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    pi_0: Policy,
    pi: Policy,
    g: StateActionFunction,
    regular: Number("1/1000", None),
):
    r"""As printed with \zeta_n = E\|\hat T - T^*\|_1 without a square: it stands, as |g| has g's squares and the proof's
    line on the model holds for it (not for g); but Lemma 16 gives \log(n|P|/\delta)/n for the mean of squares only"""
    h, gamma, law = absolute(g), T.gamma, data_pairs(T, (pi_0,))
    zeta = E(law, l1_norm(T_hat.P - T.P))
    moment = T.A * E(data_pairs_after(T, (pi_0,)), h**2)
    radius = sqrt(moment + zeta + regular * own_bound(T_hat, pi, h, K))
    later = gamma * E(D(T_hat, pi), sqrt(norms(T_hat, law, K, 1, regular))) * radius
    return at_most(E(D(T_hat, pi), g), later + first_step(gamma, T.A, E(law, h**2)))
