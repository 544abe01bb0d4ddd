r"""Appendix E.2: Lemma 7, almost optimism, and its proof.

f is half the l1 distance of T_hat and T* at a pair where nothing else is said; the print's "TV" is the full
one (\|f\|_\infty \le 2). Bonuses here are of the operator \Sigma_{\rho_n \times U, \hat p}; that the empirical one
is within constants of it is Lemma 17.

What breaks: the bonus is clipped at 2, but an unseen pair can be worth \gamma^2/(1-\gamma): the proof
compares E[f/(1-\gamma)] with E[\alpha\|\hat p\|], not with E[\min(\alpha\|\hat p\|, 2)]. \zeta_n tends
to 0 with n, so that the statement falls with and without the root that the extraction has lost.
"""

from theorylab import (
    Along,
    Integer,
    KernelMatrix,
    LatentVariableEstimate,
    LatentVariableModel,
    Number,
    Policy,
    StateActionFunction,
    at_most,
    bounded_by,
    equal,
    every,
)
from theorylab.arithmetic import identity, log, minimum, sqrt
from theorylab.notation import D, E, J, V
from theorylab.theory.features import kernel_norm_squared
from theorylab.theory.information import total_variation
from theorylab.theory.representation_bounds import (
    bonus_clip,
    bonus_scale,
    clipped_bonus,
    learned_radius,
    optimism_slack,
)
from verification.lvrep.paper import lvrep
from verification.lvrep.terms import (
    always,
    data_pairs,
    data_pairs_after,
    gap_of_next_values,
    model,
    norms,
    own_bound,
    value_gap,
)

# ---- its proof, line by line ---------------------------------------------------------------------


@lvrep.claim("Lemma 7, proof", reading="Lemma 18")
def optimism_simulation(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, pi: Policy, b: StateActionFunction
):
    r"""(1-\gamma)(V^\pi_{\hat T, r+b} - V^\pi_{T^*, r}) = E_{d^\pi_{\hat T}}[b + \gamma E_{\hat T} V^\pi_{T^*, r} - \gamma E_{T^*} V^\pi_{T^*, r}];
    the print's T and P are T^*: slips of one symbol"""
    step = E(D(T_hat, pi), b) + T.gamma * gap_of_next_values(T, T_hat, pi, V(T, pi))
    return equal((1 - T.gamma) * value_gap(T_hat, b, T, pi), step)


@lvrep.claim("Lemma 7, proof", reading="the bonus of the true operator")
def bonus_up_to_a_constant(
    scale: Number(0, None), exact: Number(0, None), more: Number(0, None), c: Number(0, 1)
):
    r"""b \ge c \min(\alpha_n \|\hat p\|_{\Sigma^{-1}}, 2) where \|\hat p\|_{\hat\Sigma^{-1}} \ge c \|\hat p\|_{\Sigma^{-1}}, c \le 1"""
    empirical = c * exact + more
    return at_most(c * minimum(scale * exact, 2), minimum(scale * empirical, 2))


@lvrep.claim("Lemma 7, proof", reading="Hoelder")
def optimism_hoelder(T: LatentVariableModel, T_hat: LatentVariableEstimate, pi: Policy):
    r"""|E_{d^\pi_{\hat T}}[E_{\hat T} V^\pi_{T^*, r} - E_{T^*} V^\pi_{T^*, r}]| \le E_{d^\pi_{\hat T}}[f]/(1-\gamma), sharper than the
    print: f is half the l1 norm"""
    gap = gap_of_next_values(T, T_hat, pi, V(T, pi))
    bound = E(D(T_hat, pi), total_variation(T_hat.P, T.P)) / (1 - T.gamma)
    return every(at_most(gap, bound), at_most(-gap, bound))


@lvrep.claim("Lemma 7, proof", reading="Lemma 5 at f/(1-gamma), roots restored")
def optimism_radius_printed(actions: Integer(1, 6), zeta: Number(0, None), rest: Number(0, None)):
    r"""R^2 = (\sqrt{n|A|\zeta_n} + \sqrt{n\zeta_n})^2 + 4\lambda C of the corrected Lemma 5, where \|f\|_\infty \le 2, is at most
    the printed n|A|\zeta_n + 4n\zeta_n + 4\lambda C; n\zeta_n is one number"""
    radius = learned_radius(actions * zeta, zeta, 4 * rest)
    return at_most(radius**2, actions * zeta + 4 * zeta + 4 * rest)


@lvrep.claim(
    "Lemma 7, proof",
    reading="Lemma 5 at f/(1-gamma), corrected",
    corrects="optimism_radius_printed",
    because="4 n zeta covers what Lemma 5 lacks for |A| <= 2 only: 2 sqrt|A| + 1 <= 4; at |A| = 3 it falls",
)
def optimism_radius_corrected(actions: Integer(1, 6), zeta: Number(0, None), rest: Number(0, None)):
    r"""R^2 \le 2 n|A|\zeta_n + 2 n\zeta_n + 4\lambda C"""
    radius = learned_radius(actions * zeta, zeta, 4 * rest)
    return at_most(radius**2, 2 * actions * zeta + 2 * zeta + 4 * rest)


@lvrep.claim("Lemma 7, proof", reading="<~ alpha_n, literal: without the root")
def alpha_line_literal(gamma: Along(1)):
    r"""\frac{n\gamma^2|A|\zeta}{(1-\gamma)^2} + \frac{4\lambda\gamma^2 C}{(1-\gamma)^2} + \frac{4n\gamma^2\zeta}{(1-\gamma)^2} = O(\alpha_n) as \gamma \to 1, where n\zeta =
    \log(n|P|/\delta) and |A|, C, \lambda are fixed, all 1"""
    radicand = 9 * gamma**2 / (1 - gamma) ** 2
    return bounded_by(radicand, gamma / (1 - gamma) * sqrt(2 * gamma**0))


@lvrep.claim(
    "Lemma 7, proof",
    reading="<~ alpha_n, forced: the root of the left side",
    corrects="alpha_line_literal",
    because="extraction slip: the factor of ||p_hat|| is the root; the constant is then sqrt 5",
)
def alpha_line_forced(
    gamma: Number(0, 1, below_high=True),
    actions: Integer(1, 6),
    event: Number(0, None),
    rest: Number(0, None),
):
    r"""The left side is at most 5\alpha_n^2, \alpha_n = \frac{\gamma}{1-\gamma}\sqrt{|A| n\zeta + \lambda C}"""
    square = gamma**2 / (1 - gamma) ** 2
    left = square * (actions * event + 4 * rest + 4 * event)
    return at_most(left, 5 * square * (actions * event + rest))


# ---- the statement -------------------------------------------------------------------------------


def two_steps_away(gamma):
    """T*, T_hat: s0 -(a0)-> bad, -(a1)-> s1 -> s2, which T* keeps, paid 1 a step, and T_hat leaves.

    Three latent values, the next state s1, s2 or bad. T_hat differs at s2 only.
    """
    one = gamma**0
    to_1, to_2, bad = one * identity(3)
    rows = [[bad, to_1], [to_2, to_2], [to_2, to_2], [bad, bad]]
    moved = [*rows[:2], [bad, bad], rows[3]]
    reached = (one * identity(4))[1:]
    rest = {"gamma": gamma, "start": [one, 0 * one, 0 * one, 0 * one]}
    rest["payoff"] = [[0 * one] * 2, [0 * one] * 2, [one] * 2, [0 * one] * 2]
    return model(rows, reached, **rest), model(moved, reached, **rest)


def unseen(gamma, n, regular, scale, clip):
    """T*, T_hat, the bonus min(scale ||p_hat||, clip) after n episodes of a0, and pi = a1."""
    T, T_hat = two_steps_away(gamma)
    law = data_pairs(T, (always(0, 4, 2),))
    roots = sqrt(norms(T_hat, law, identity(3), n, regular))
    return T, T_hat, clipped_bonus(scale, roots, clip * gamma**0), always(1, 4, 2)


@lvrep.claim("Lemma 7", reading="forced; printed bonus, constants 1 in Theta, on four states")
def optimism_as_printed(gamma: Number("1/2", 1, below_high=True), doublings: Integer(1, 40)):
    r"""V^\pi_{\hat T, r+b} - V^\pi_{T^*, r} \ge -\sqrt{|A|\zeta_n/(1-\gamma)^3}, \zeta_n = \log(n|P|/\delta)/n, n = 2^{doublings}: \hat T is T^*
    wherever rho_n and rho'_n go. \lambda = 3\log N + \log(N|P|/\delta), N = n, |P| = 2, \delta = 1/10, C = |Z| = 3, all within Assumptions 1
    to 3 by splitting each latent value into 3 copies, K the sum of their laws' squares (`copies`)"""
    one, n = gamma**0, 2**doublings
    event = log(20 * n * one)
    regular = 9 * (3 * log(n * one) + event)
    scale = gamma / (1 - gamma) * sqrt(2 * event + regular * 3)
    T, T_hat, b, pi = unseen(gamma, n, regular, scale, 2)
    slack = sqrt(2 * event / (n * (1 - gamma) ** 3))
    return at_most(-slack, value_gap(T_hat, b, T, pi))


@lvrep.claim("Lemma 7", reading="how optimistic a clipped bonus can be, for every alpha")
def optimism_at_most(
    gamma: Number("1/2", 1, below_high=True),
    n: Integer(1, 12),
    regular: Number("1/10", None),
    scale: Number(0, None),
    clip: Number(0, None),
):
    r"""There V^\pi_{\hat T, r+b} \le \gamma\,clip + \gamma^2 + \frac{\alpha_n}{1-\gamma}\sqrt{\frac{2}{n(1-\gamma)}}, whatever \alpha_n \ge 0 and \lambda > 0, and
    V^\pi_{T^*, r} = \gamma^2/(1-\gamma). \alpha_n/\sqrt n \to 0 for any constants in \Theta, so that Lemma 7 falls for every clip
    below \gamma^2/(1-\gamma), which is the least that stands; for 2 at \gamma = 9/10: 2.61 + o(1) < 8.1"""
    T, T_hat, b, pi = unseen(gamma, n, regular, scale, clip)
    vanishing = scale / (1 - gamma) * sqrt(2 / (n * (1 - gamma)))
    value = J(T_hat.with_reward(T_hat.payoff + b), pi)
    return every(
        at_most(value, gamma * clip + gamma**2 + vanishing),
        equal(J(T, pi), gamma**2 / (1 - gamma)),
    )


@lvrep.claim(
    "Lemma 7",
    reading="corrected: clipped at gamma^2/(1-gamma), explicit constants",
    corrects="optimism_as_printed",
    because="what an unseen pair hides is at most gamma^2/(1-gamma); 2 bounds it where total rewards are"
    " at most 1, or 2/(1-gamma) in the print's style",
)
def optimism_corrected(
    T: LatentVariableModel,
    T_hat: LatentVariableEstimate,
    K: KernelMatrix,
    pi_0: Policy,
    pi: Policy,
    regular: Number("1/1000", None),
):
    r"""V^\pi_{\hat T, r+b} - V^\pi_{T^*, r} \ge -\frac{\gamma}{(1-\gamma)^2}\sqrt{(1-\gamma)|A|\zeta_n} for
    b = \min(\alpha\|\hat p\|, \gamma^2/(1-\gamma)), \alpha = \gamma^2 R/(1-\gamma), R^2 = (\sqrt{n|A|\zeta'_n} +
    \sqrt{n\zeta_n})^2 + \lambda C; \zeta_n, \zeta'_n are the means of f^2 under \rho_n \times U, \rho'_n \times U, n = 1"""
    gamma, law, f = T.gamma, data_pairs(T, (pi_0,)), total_variation(T_hat.P, T.P)
    zeta, moment = E(law, f**2), T.A * E(data_pairs_after(T, (pi_0,)), f**2)
    radius = learned_radius(moment, zeta, regular * own_bound(T_hat, pi, f, K))
    roots = sqrt(norms(T_hat, law, K, 1, regular))
    b = clipped_bonus(bonus_scale(gamma, radius), roots, bonus_clip(gamma))
    return at_most(-optimism_slack(gamma, T.A, zeta), value_gap(T_hat, b, T, pi))


def split(T, m, other):
    """Each latent value in m copies of equal law; the kernel, `other` its size off their span."""
    one = T.gamma**0
    rows = T.latents.repeat(m, -1) / m
    together = identity(T.Z).repeat(m, 0).repeat(m, 1) * one / m
    K = together / m + other * (identity(T.Z * m) - together)
    rest = {"payoff": T.payoff, "gamma": T.gamma, "start": T.start}
    return model(rows, T.emissions.repeat(m, 0), **rest), K


@lvrep.claim("Assumptions 2 and 3", reading="copies of latent values meet both")
def copies(
    T: LatentVariableModel,
    pi_0: Policy,
    regular: Number("1/1000", None),
    other: Number("1/100", 1),
):
    r"""With each latent value split into m = 2 copies and K = \sum_c u_c u_c^\top + \eta(1 - \Pi), u_c uniform on the
    copies of c: \|p\|^2_{\Sigma^{-1}} is that of T with K = 1 and m^2\lambda, \|u_c\|_{H_k} = 1, \|\int p(s|\cdot)g\|^2_{H_k} is
    m^2 times that of T, and tr K = |Z|/m + \eta|Z|(m-1)"""
    law, one = data_pairs(T, (pi_0,)), T.gamma**0
    many, K = split(T, 2, other)
    plain, value = identity(T.Z) * one, V(T, pi_0)
    sizes = kernel_norm_squared(identity(T.Z).repeat(2, -1) * one / 2, K)
    return every(
        equal(norms(many, law, K, 1, regular), norms(T, law, plain, 1, 4 * regular)),
        equal(sizes, identity(T.Z).sum(-1) * one),
        equal(
            kernel_norm_squared(many.emissions @ value, K), 4 * ((T.emissions @ value) ** 2).sum()
        ),
        equal(K.trace(), one * T.Z / 2 + other * T.Z),
    )
