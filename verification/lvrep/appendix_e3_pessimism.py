r"""Appendix E.3: Lemma 14, almost pessimism, and its proof.

The penalty is of the operator \Sigma_{\rho, \hat p}; Lemma 17 compares it with the empirical one. f is half the
l1 distance of T_hat and T* at a pair. rho is the occupancy of pi_b, n = 1 where only lambda/n matters.

What breaks: the penalty clipped at 2, as in Lemma 7; alpha, which is short of 1/\sqrt\gamma and has \gamma^2
too much at \lambda C.
"""

from theorylab import (
    Along,
    KernelMatrix,
    LatentVariableEstimate,
    LatentVariableModel,
    Number,
    Policy,
    StateActionFunction,
    at_most,
    bounded_by,
    equal,
)
from theorylab.arithmetic import identity, log, sqrt
from theorylab.notation import D, E, V
from theorylab.theory.information import total_variation
from theorylab.theory.representation_bounds import (
    bonus_clip,
    clipped_bonus,
    learned_radius,
    optimism_slack,
)
from verification.lvrep.appendix_e3 import behaviour
from verification.lvrep.paper import lvrep
from verification.lvrep.terms import (
    always,
    gap_of_next_values,
    model,
    norms,
    own_bound,
    squared_distance,
    stationary,
    value_gap,
)


@lvrep.claim("Lemma 14, proof", reading="Lemma 18")
def pessimism_simulation(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, pi: Policy, b: StateActionFunction
):
    r"""(1-\gamma)(V^\pi_{\hat T, r-b} - V^\pi_{T^*, r}) = E_{d^\pi_{\hat T}}[-b + \gamma E_{\hat T} V^\pi_{T^*, r} - \gamma E_{T^*} V^\pi_{T^*, r}]"""
    step = T.gamma * gap_of_next_values(T, T_hat, pi, V(T, pi)) - E(D(T_hat, pi), b)
    return equal((1 - T.gamma) * value_gap(T_hat, -b, T, pi), step)


@lvrep.claim("Lemma 14, proof", reading="Hoelder")
def pessimism_hoelder(T: LatentVariableModel, T_hat: LatentVariableEstimate, pi: Policy):
    r"""E_{d^\pi_{\hat T}}[E_{\hat T} V^\pi_{T^*, r} - E_{T^*} V^\pi_{T^*, r}] \le E_{d^\pi_{\hat T}}[f]/(1-\gamma), f half the l1 norm"""
    bound = E(D(T_hat, pi), total_variation(T_hat.P, T.P)) / (1 - T.gamma)
    return at_most(gap_of_next_values(T, T_hat, pi, V(T, pi)), bound)


@lvrep.claim("Lemma 14, proof", reading="choice of alpha, printed")
def penalty_scale_printed(gamma: Along(0)):
    r"""\frac{n\omega\gamma\zeta + 4\lambda\gamma^2 C + 4n\gamma^2\zeta}{(1-\gamma)^2} = O(\alpha^2) as \gamma \to 0, by Lemma 12 as its proof
    gives it; \alpha^2 = \frac{\gamma^2}{(1-\gamma)^2}(\omega\log\frac{|P|}{\delta} + \lambda\gamma^2 C), n\zeta = \log(|P|/\delta), all else 1"""
    needed = (gamma + 8 * gamma**2) / (1 - gamma) ** 2
    return bounded_by(needed, gamma**2 * (1 + gamma**2) / (1 - gamma) ** 2)


@lvrep.claim(
    "Lemma 14, proof",
    reading="choice of alpha, corrected",
    corrects="penalty_scale_printed",
    because="Lemma 12 has n omega/gamma, and lambda C without another gamma^2",
)
def penalty_scale_corrected(
    gamma: Number(0, 1, below_high=True),
    omega: Number(1, None),
    event: Number(0, None),
    rest: Number(0, None),
):
    r"""The same, with 5\alpha^2 for the right side, \alpha^2 = \frac{\gamma}{(1-\gamma)^2}(\omega\log\frac{|P|}{\delta} + \lambda\gamma C)"""
    needed = gamma * omega * event + 4 * gamma**2 * rest + 4 * gamma**2 * event
    return at_most(needed, 5 * gamma * (omega * event + gamma * rest))


# ---- the statement -------------------------------------------------------------------------------


def a_way_to_gamble(gamma, omega):
    """T*, T_hat, pi_b: s0 -> s1 -> s2 -> s3 by a1; a0 leads to good or bad, 1/2 each. From s3 a1 leads to
    bad, in T_hat to good. pi_b takes a1 with probability 1/omega. The latent value is the next state."""
    one = gamma**0
    states = one * identity(6)
    s1, s2, s3, good, bad = states[1:, 1:]
    half = (good + bad) / 2
    rows = [[half, s1], [half, s2], [half, s3], [half, bad], [good] * 2, [bad] * 2]
    moved = [*rows[:3], [half, good], *rows[4:]]
    paid = [[row[4]] * 2 for row in states]
    rest = {"payoff": paid, "gamma": gamma, "start": states[0]}
    models = [model(latents, states[1:], **rest) for latents in (rows, moved)]
    return (*models, stationary([[1 - 1 / omega, 1 / omega]] * 6))


@lvrep.claim("Lemma 14", reading="printed, roots restored; constants 1 in Theta, on six states")
def pessimism_printed(gamma: Number("1/2", 1, below_high=True), omega: Number(2, None)):
    r"""V^\pi_{\hat T, r-b} - V^\pi_{T^*, r} \le \sqrt{\omega\zeta/(1-\gamma)^3}, b = \min(\alpha\|\hat p\|, 2),
    \alpha = \frac{\gamma}{1-\gamma}\sqrt{\omega\log(|P|/\delta) + \lambda\gamma^2 C}, \lambda = 5\log n + \log(|P|/\delta): \log(|P|/\delta) = 10 = n\zeta, \zeta =
    E_\rho\|\hat T - T^*\|_1^2, \rho the occupancy of \pi_b, \pi always a1; within Assumptions 1 to 3, each of the 5 latent values split
    into 5 copies (`copies`): C = 125, and \|p\| is that of K = 1 and 25\lambda"""
    T, T_hat, pi_b = a_way_to_gamble(gamma, omega)
    law = D(T, pi_b)
    zeta = E(law, squared_distance(T, T_hat))
    n = 10 / zeta
    regular = 25 * (5 * log(n) + 10)
    roots = sqrt(norms(T_hat, law, identity(5), n, regular))
    scale = gamma / (1 - gamma) * sqrt(10 * omega + 5 * regular * gamma**2)
    b = clipped_bonus(scale, roots, 2 * gamma**0)
    slack = sqrt(omega * zeta / (1 - gamma) ** 3)
    return at_most(value_gap(T_hat, -b, T, always(1, 6, 2)), slack)


@lvrep.claim(
    "Lemma 14",
    reading="corrected: clipped at gamma^2/(1-gamma), explicit constants",
    corrects="pessimism_printed",
    because="an unseen pair can gain gamma^2/(1-gamma), and the penalty must outweigh it",
)
def pessimism_corrected(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    pi_b: Policy,
    pi: Policy,
    regular: Number("1/1000", None),
    share: Number("1/10", 1),
):
    r"""V^\pi_{\hat T, r-b} - V^\pi_{T^*, r} \le \frac{\gamma}{(1-\gamma)^2}\sqrt{(1-\gamma)\omega\zeta} for
    b = \min(\alpha\|\hat p\|, \gamma^2/(1-\gamma)), \alpha = \frac{\gamma}{1-\gamma}\sqrt{(\sqrt{n\omega\gamma\zeta} + \gamma\sqrt{n\zeta})^2 +
    \lambda\gamma^2 C}, \zeta = E_\rho[f^2]"""
    gamma, (base, omega) = T.gamma, behaviour(pi_b, share)
    law, f = D(T, base), total_variation(T_hat.P, T.P)
    zeta, rest = E(law, f**2), regular * own_bound(T_hat, pi, f, K)
    radius = learned_radius(gamma * omega * zeta, gamma**2 * zeta, gamma**2 * rest)
    roots = sqrt(norms(T_hat, law, K, 1, regular))
    b = clipped_bonus(gamma * radius / (1 - gamma), roots, bonus_clip(gamma))
    return at_most(value_gap(T_hat, -b, T, pi), optimism_slack(gamma, omega, zeta))
