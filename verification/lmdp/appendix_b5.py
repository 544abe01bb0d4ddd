r"""Appendix B.5: the proof of Theorem 3, line by line.

Regrets of the guessing game are in units of x. In the display over the class K' = K/2M is an
integer n, K = 2Mn, and an algorithm is judged by r(n), its regret in n rounds of one game averaged
over the C instances: R sums E r(K_m) over the M positions, R^+ and R^- are r(n) on the event that
the n-th interaction comes before the K-th episode and off it.
"""

import flint
import numpy as np

from theorylab import (
    Integer,
    Number,
    assume,
    at_least,
    at_most,
    chain,
    draw_counts,
    equal,
    every,
    with_probability,
)
from theorylab.arithmetic import absolute, exp, log, minimum, sqrt
from theorylab.theory.guessing import (
    active_regret,
    episode_law,
    guessing_regret,
    two_arms_regret,
)
from theorylab.theory.latent import latent_value
from theorylab.theory.latent_parts import alone, law_of_episode, replaced
from theorylab.worlds import hard_layout
from verification.lmdp.hard import (
    guesses,
    laws_by_context,
    past_decides,
    printed_eps,
    simulated_law,
    small_policy,
    small_world,
    two_contexts,
    value_by_context,
    values_by_context,
    variance_by_context,
)
from verification.lmdp.paper import lmdp

# ---- Algorithm 4 ---------------------------------------------------------------------------------


@lmdp.claim("Algorithm 4, law")
def simulation_has_the_law(
    a: Number(0, 1),
    b: Number(0, 1),
    c: Number(0, 1),
    d: Number(0, 1),
    u: Number(0, 1),
    v: Number(0, 1),
):
    r""" "Focusing on the m-th MDP in the LMDP" and "using the simulator" are the same: two episodes of an
    algorithm (its second policy depends on the revealed context and all of the first episode) in an
    LMDP with w_m = 1/M, and in Algorithm 4 with the m-th MDP as target, have one law; for each m"""
    W, pi, later = small_world(a, b, c, d), small_policy(u), (small_policy(v), small_policy(u * v))
    first = law_of_episode(W, pi)
    second = [p * law_of_episode(W, q) for p, q in zip(past_decides(first), later, strict=True)]
    lines = []
    for m in range(W.M):
        simulated = simulated_law(W, m, alone(W, m), pi)
        pairs = zip(past_decides(simulated), later, strict=True)
        then = [p * simulated_law(W, m, alone(W, m), q) for p, q in pairs]
        lines.append(equal(simulated, first, "first episode"))
        lines.append(equal(np.stack(then), np.stack(second), "second episode, by what came first"))
    return every(*lines)


@lmdp.claim("Algorithm 4, law", reading="a target that the simulator does not know")
def simulation_of_another_target(
    a: Number(0, 1),
    b: Number(0, 1),
    c: Number(0, 1),
    d: Number(0, 1),
    u: Number(0, 1),
    v: Number(0, 1),
):
    r"""\pi(m, \ell^\star, a^\star) on an MDP with another answer than (\ell_m^\star, a_m^\star) is \pi on the LMDP in which
    that MDP stands at position m: what averaging over \ell_m^\star, a_m^\star with \ell_{-m}^\star, a_{-m}^\star fixed needs"""
    W, N, pi = small_world(a, b, c, d), small_world(v, c, a, b), small_policy(u)
    lines = []
    for m in range(W.M):
        changed = replaced(W, m, alone(N, m))
        law = simulated_law(W, m, alone(changed, m), pi)
        lines.append(equal(law, law_of_episode(changed, pi)))
    return every(*lines)


@lmdp.claim("Theorem 3, proof")
def regret_by_positions(
    a: Number(0, 1),
    b: Number(0, 1),
    c: Number(0, 1),
    d: Number(0, 1),
    u: Number(0, 1),
    v: Number(0, 1),
):
    r"""R = \sum_k E[V^\star - V^k] = E\sum_k (V^\star_{m^k} - V^k_{m^k}) = \sum_m \tilde R(m), over two episodes, where
    V^\star = \frac1M\sum_m V_m^\star and w_m = 1/M; \tilde R(m) is measured in Algorithm 4 with target m. For any
    numbers V_m^\star, here a and b"""
    W, pi, later = small_world(a, b, c, d), small_policy(u), (small_policy(v), small_policy(u * v))
    chances, best, targets = past_decides(law_of_episode(W, pi)), (a, b), (alone(W, 0), alone(W, 1))
    played = latent_value(W, pi)
    for p, q in zip(chances, later, strict=True):
        played = played + p * latent_value(W, q)
    by_position = []
    for m in range(W.M):
        own = best[m] - latent_value(targets[m], pi)
        chances = past_decides(simulated_law(W, m, targets[m], pi))
        for p, q in zip(chances, later, strict=True):
            own = own + p * (best[m] - latent_value(targets[m], q))
        by_position.append(own / W.M)
    return equal(a + b - played, sum(by_position))


# ---- K_m -----------------------------------------------------------------------------------------


def log_term(M, C, delta):
    """ln(2 M C / delta)."""
    return log(2 * M * C / delta)


@lmdp.claim("Theorem 3, proof, K_m")
def episodes_concentrate(
    m: Integer(1, 3), C: Integer(2, 3), blocks: Integer(1, 4), x: Number(0, 20)
):
    r"""P[|K_m/K - 1/M| > \sqrt{\frac2M(1-\frac1M)\ln(2MC^M/\delta)/K} + \ln(2MC^M/\delta)/K] \le \delta/(MC^M), for
    M = 2^m, K = 32, 64, 96, 128 and \delta = e^{-x}"""
    M, K, one, delta = 2**m, 32 * blocks, 1 + 0 * x, exp(-x)
    iota = log(2 * M * C**M / delta)
    chosen = draw_counts(np.array([one / M, 1 - one / M], dtype=object), K)[0]
    radius = sqrt(2 * (M - 1) * iota / (M**2 * K)) + iota / K
    return with_probability(1 - delta / (M * C**M), at_most(absolute(chosen / K - one / M), radius))


@lmdp.claim("Theorem 3, proof, K_m", reading="which implies")
def wider_radius(M: Integer(1, 5), C: Integer(2, 5), K: Integer(1, 3), delta: Number("1/1000", 1)):
    r"""K times that radius is at most \sqrt{2K\ln(2MC/\delta)} + M\ln(2MC/\delta), as \ln(2MC^M/\delta) \le
    M\ln(2MC/\delta)"""
    exact, iota = log(2 * M * C**M / delta), log_term(M, C, delta)
    return (
        chain(sqrt(2 * (M - 1) * K * exact / M**2) + exact)
        .at_most(sqrt(2 * (M - 1) * K * iota / M) + M * iota, "one logarithm for all positions")
        .at_most(sqrt(2 * K * iota) + M * iota, "1 - 1/M is at most 1")
    )


@lmdp.claim("Theorem 3, proof, K_m", reading="K > (6 + 4 sqrt 2) M^2 ln(2MC/delta)")
def radius_below_half(
    M: Integer(1, 5), C: Integer(2, 5), delta: Number("1/1000", 1), u: Number(0, None)
):
    r""" "When K > (6+4\sqrt2)M^2\ln(2MC/\delta), we have \sqrt{2K\ln(2MC/\delta)} + M\ln(2MC/\delta) < K/2M": for
    K = (1+u) times that, where u = 0 gives equality"""
    iota = log_term(M, C, delta)
    K = (1 + u) * (6 + 4 * sqrt(2 + 0 * delta)) * M**2 * iota
    return at_most(sqrt(2 * K * iota) + M * iota, K / (2 * M))


@lmdp.claim("Theorem 3, proof, K_m", reading="union bound")
def all_positions_get_half(K: Integer(80, 110), delta: Number("1/2", 1)):
    r"""P[K_m \ge K/2M for all m] \ge 1 - \delta for K > (6+4\sqrt2)M^2\ln(2MC/\delta); M = C = 2. (K_m does not
    depend on the instance: the union over the C^M instances, and \ln C with it, is not needed)"""
    one = delta / delta
    assume(
        at_least(K * one, (6 + 4 * sqrt(2 * one)) * 4 * log_term(2, 2, delta)),
        "K > (6 + 4 sqrt 2) M^2 ln(2MC/delta)",
    )
    counts = draw_counts(np.array([one / 2, one / 2], dtype=object), K)
    return with_probability(1 - delta, at_least(counts, 0 * counts + K * one / 4))


# ---- (9) -----------------------------------------------------------------------------------------


@lmdp.claim("(9)")
def regret_in_one_mdp(K_prime: Integer(12, 15)):
    r"""\frac1C\sum R \ge \frac x{4\sqrt2}(1-\frac1C)\sqrt{CK'} for any K' \ge SA, with \epsilon = \frac1{2\sqrt2}(1-\frac1C)\sqrt{C/K'}: by
    the best algorithm there is. S = 6, A = 2, d_1 = 2 or 3, so that L = 1 and C = 2: there the right side is
    x\epsilon K'(1-\frac1C), the regret of one who never learns; in units of x"""
    C, n = hard_layout(6, 2, 2).C, flint.fmpq(K_prime)
    bound = (C - 1) * sqrt(C * n / 32) / C
    return at_least(guessing_regret(C, K_prime, printed_eps(C, n)), bound)


@lmdp.claim("(9)", reading="second inequality")
def regret_in_one_mdp_second(K_prime: Integer(12, 15)):
    r"""The same \ge \frac{x\sqrt{CK'}}{8\sqrt2}, which is the same number at C = 2"""
    C, n = hard_layout(6, 2, 2).C, flint.fmpq(K_prime)
    return at_least(guessing_regret(C, K_prime, printed_eps(C, n)), sqrt(C * n / 128))


@lmdp.claim(
    "(9)",
    corrects="regret_in_one_mdp",
    because="the factor (1 - 1/C) of \\epsilon stands once more before \\epsilon K': it is squared",
)
def regret_in_one_mdp_corrected(C: Integer(2, 4), K_prime: Integer(1, 9)):
    r"""\frac1C\sum R \ge \frac x{4\sqrt2}(1-\frac1C)^2\sqrt{CK'} \ge \frac{x\sqrt{CK'}}{16\sqrt2}, for any K' with \epsilon \le 1/4"""
    n = flint.fmpq(K_prime)
    eps = printed_eps(C, n)
    assume(at_most(4 * eps, 1), "epsilon at most 1/4")
    return (
        chain(guessing_regret(C, K_prime, eps))
        .at_least((C - 1) ** 2 * sqrt(C * n / 32) / C**2, "Bayes-optimal regret")
        .at_least(sqrt(C * n / 512), "C is at least 2")
    )


@lmdp.claim(
    "(9)",
    reading="as step (ii) takes it",
    corrects="regret_in_one_mdp_second",
    because="for C >= 3, (1 - 1/C)^2 / (4 sqrt 2) is at least 1/16; for C = 2 the two instances,"
    " compared round by round, give 0.067",
)
def regret_in_one_mdp_as_used(C: Integer(2, 4), K_prime: Integer(4, 9)):
    r"""\frac1C\sum R \ge \frac{x\sqrt{CK'}}{16}, which is what step (ii) of the display takes from (9): at
    K' = K/2M it is \frac{x\sqrt{CK}}{16\sqrt{2M}}; where \epsilon \le 1/4"""
    n = flint.fmpq(K_prime)
    eps = printed_eps(C, n)
    assume(at_most(4 * eps, 1), "epsilon at most 1/4")
    return at_least(guessing_regret(C, K_prime, eps), sqrt(C * n) / 16)


@lmdp.claim("(9)", reading="two choices, round by round")
def regret_of_two_choices(n: Integer(1, 10), share: Number(0, 1)):
    r"""C = 2: E_1N_2 + E_2N_1 = K' - \sum_t(P_2 - P_1)[a_t = 2] \ge K' - \sum_t\sqrt{2(t-1)}\epsilon \ge K'(1 - \frac{2\sqrt2}3\epsilon\sqrt{K'}) (Pinsker,
    kl \le 4\epsilon^2), so \frac1C\sum R \ge x\epsilon K'(\frac12 - \frac{\sqrt2}3\epsilon\sqrt{K'}), which is \frac{x\sqrt{2K'}}{4\sqrt2}(\frac12 - \frac{\sqrt2}{12}) \ge \frac{x\sqrt{2K'}}{16} at the printed
    \epsilon = 1/(4\sqrt{K'}). Here \epsilon = share/(2\sqrt{K'}), at most 1/4"""
    root = sqrt(n + 0 * share)
    eps, two = minimum(share / (2 * root), (1 + 0 * share) / 4), sqrt(2 + 0 * share)
    return (
        chain(two_arms_regret(n, eps))
        .at_least(eps * (n - two * eps * sum(sqrt(t + 0 * share) for t in range(n))) / 2, "Pinsker")
        .at_least(eps * n * (1 - 2 * two * eps * root / 3) / 2, "the sum is at most the integral")
    )


@lmdp.claim("(9)", reading="two choices, the constant")
def constant_of_two_choices(n: Number(1, None)):
    r"""\epsilon K'(\frac12 - \frac{\sqrt2}3\epsilon\sqrt{K'}) \ge \sqrt{2K'}/16 at \epsilon = 1/(4\sqrt{K'})"""
    eps, two = printed_eps(2, n), sqrt(2 + 0 * n)
    return at_least(eps * n * (1 - 2 * two * eps * sqrt(n) / 3) / 2, sqrt(2 * n) / 16)


@lmdp.claim("(9)", reading="epsilon at most 1/4")
def advantage_at_most_a_quarter(S: Integer(6, 13), A: Integer(2, 4), u: Number(0, None)):
    r""" "\epsilon \le 1/4 guaranteed by Domingues et al.": for K' = (1+u)SA and every d_1 that is allowed"""
    n = (1 + u) * S * A
    found = [hard_layout(S, A, 1, d_1).C for d_1 in range(1, S // 2 + 1)]
    return every(*[at_most(4 * printed_eps(C, n), 1) for C in found])


def two_rounds(eps, first, second):
    """E[N_0], E[N_1] where arm 0 is the better one, arm 1, or neither, of the
    algorithm that plays arm 0 with probability `first`, then second[arm][outcome]."""
    tables = []
    for better in ((1, 0), (0, 1), (0, 0)):
        one = 1 + 0 * eps
        wins = [one / 2 + eps * better[arm] for arm in range(2)]
        plays = [0 * eps, 0 * eps]
        for arm, chance in enumerate((first, 1 - first)):
            plays[arm] = plays[arm] + chance
            for won, p in enumerate((1 - wins[arm], wins[arm])):
                again = second[arm][won]
                plays[0] = plays[0] + chance * p * again
                plays[1] = plays[1] + chance * p * (1 - again)
        tables.append(plays)
    return tables


@lmdp.claim("(9)", reading="line by line")
def lines_of_domingues(
    eps: Number(0, "1/4"),
    first: Number(0, 1),
    a: Number(0, 1),
    b: Number(0, 1),
    c: Number(0, 1),
    d: Number(0, 1),
):
    r"""(8), (11), (12) of Domingues et al. (2021) as this paper uses them, for every algorithm with C = K' = 2:
    \frac1C\sum R = x\epsilon K'(1 - \frac1{CK'}\sum_c E_c N_c), E_c N_c \le E_0 N_c + \sqrt2\epsilon K'\sqrt{E_0 N_c} (Pinsker, kl \le
    4\epsilon^2), so \frac1C\sum R \ge x\epsilon K'(1 - \frac1C - \sqrt2\epsilon\sqrt{K'/C}) (Cauchy-Schwarz); in units of x"""
    on_0, on_1, on_none = two_rounds(eps, first, ((a, b), (c, d)))
    own, root = on_0[0] + on_1[1], sqrt(2 + 0 * eps)
    regret = eps * (4 - own) / 2
    moved = [on_none[k] + 2 * root * eps * sqrt(on_none[k]) for k in range(2)]
    return every(
        equal(eps * (on_0[1] + on_1[0]) / 2, regret, "(8)"),
        at_most(on_0[0], moved[0], "(11)"),
        at_most(on_1[1], moved[1], "(11)"),
        at_least(regret, eps * (4 - moved[0] - moved[1]) / 2, "(11) in (8)"),
        at_least(eps * (4 - moved[0] - moved[1]) / 2, eps * (1 - 2 * root * eps), "(12)"),
    )


# ---- the display over the class ------------------------------------------------------------------


@lmdp.claim("Theorem 3, proof, average")
def average_over_the_class(M: Integer(1, 3), n: Integer(1, 2)):
    r"""The display, term by term for the Bayes-optimal algorithm, K = 2Mn, \delta = P[K_m < K/2M] exactly, C = 2,
    \epsilon = 1/4: \frac1{C^M}\sum R = \sum_m\tilde R \ge \sum_m\tilde R^+ \ge \sum_m R^+ = \sum_m(R - R^-) \ge \sum_m(R - \frac{x\delta K}{2M});
    in units of x"""
    C, K, eps = 2, 2 * M * n, flint.fmpq(1, 4)
    law = episode_law(M, K, 1 + 0 * eps)
    r = [guessing_regret(C, k, eps) for k in range(K + 1)]
    delta = sum(law[:n])
    R_plus, R_minus = (1 - delta) * r[n], delta * r[n]
    tilde = active_regret(C, M, K, eps)
    tilde_plus = sum(law[k] * r[k] for k in range(n, K + 1))
    return (
        chain(M * sum(law[k] * r[k] for k in range(K + 1)))
        .equal(M * tilde, "by positions, (i)")
        .at_least(M * tilde_plus, "the rest is at least 0")
        .at_least(M * R_plus, "K_m >= K/2M, and a regret is at least 0")
        .equal(M * (r[n] - R_minus), "R = R^+ + R^-")
        .at_least(M * (r[n] - delta * eps * n), "an episode's regret is at most x epsilon")
        .at_least(M * (r[n] - delta * n), "as printed: at most x")
    )


@lmdp.claim("Theorem 3, proof, average", reading="step (ii) and the last line")
def last_lines(M: Integer(1, 4), C: Integer(2, 5), n: Number(1, None)):
    r"""\sum_m(\frac{x\sqrt{CK}}{16\sqrt{2M}} - \frac{x\delta K}{2M}) = \frac{x\sqrt{MCK}}{16\sqrt2} - \frac{x\delta K}2 > \frac{x\sqrt{MCK}}{32\sqrt2} with
    \delta = \frac{\sqrt{MC}}{16\sqrt{2K}} (it is equal), K = 2Mn; (9) would give \frac{\sqrt{CK/2M}}{8\sqrt2} there, which is larger"""
    K = 2 * M * n
    delta = sqrt(M * C / (2 * K)) / 16
    printed = sqrt(C * K / (2 * M)) / 16
    return (
        chain(M * (sqrt(C * n / 128) - delta * n))
        .at_least(
            M * (printed - delta * K / (2 * M)), "(ii): (9) at K' = K/2M, less a factor sqrt 2"
        )
        .equal(sqrt(M * C * K / 2) / 16 - delta * K / 2, "M terms")
        .equal(sqrt(M * C * K / 2) / 32, "the choice of delta")
    )


@lmdp.claim("Theorem 3, proof, K")
def episodes_needed(M: Integer(1, 5), C: Integer(2, 5), u: Number(0, None)):
    r""" "K \ge \Omega(M^2 poly(\log(M,S,A)) + MSA)", explicitly: with that \delta, K > (6+4\sqrt2)M^2\ln(2MC/\delta) =
    (3+2\sqrt2)M^2\ln(2048MCK) holds for K \ge (6+4\sqrt2)M^2\ln(1024(6+4\sqrt2)M^3C), and \delta \le 1"""
    factor = (6 + 4 * sqrt(2 + 0 * u)) * M**2
    K = (1 + u) * factor * log(1024 * factor * M * C)
    delta = sqrt(M * C / (2 * K)) / 16
    return every(
        equal(log(2 * M * C / delta), log(2048 * M * C * K) / 2),
        at_most(factor * log(2 * M * C / delta), K),
        at_most(delta, 1),
    )


# ---- the variance --------------------------------------------------------------------------------


@lmdp.claim("Theorem 3, proof, variance")
def alpha_after_the_guess(x: Number(0, 1), eps: Number(0, "1/4"), p: Number(0, 1), q: Number(0, 1)):
    r"""\alpha_{d_1+d_2+1}(t) = 0 and \alpha_{d_1+d_2+1}(g) = x, and by then every episode is at one of them; M = 2, S = 6, A = 2"""
    layout, W = two_contexts(x, eps)
    rows = guesses(layout, W, (p, q))
    alpha, law = (f(W, rows)[layout.steps - 1] for f in (values_by_context, laws_by_context))
    good, end = layout.good, layout.good + 1
    return every(
        equal(alpha[:, end], 0 * law[:, end]),
        equal(alpha[:, good], 0 * law[:, good] + x),
        equal(law[:, good] + law[:, end], W.w),
    )


@lmdp.claim("Theorem 3, proof, variance", reading="the step of the guess")
def guess_in_the_step_printed(eps: Number(0, "1/4"), p: Number(0, 1), q: Number(0, 1)):
    r""" "If (s_{d_1+d_2+1}, a_{d_1+d_2+1}) \ne (\ell_m^\star, a_m^\star)": the guess is made in step d_1 + d_2 + 1"""
    layout, W = two_contexts(1 + 0 * eps, eps)
    law = laws_by_context(W, guesses(layout, W, (p, q)))
    return equal(law[layout.d_1 + layout.d_2][:, layout.leaf(0)].sum(), 1)


@lmdp.claim(
    "Theorem 3, proof, variance",
    reading="the step of the guess, corrected",
    corrects="guess_in_the_step_printed",
    because="d_1 steps encode and d_2 descend, the guess being the last of them",
)
def guess_in_the_step_before(eps: Number(0, "1/4"), p: Number(0, 1), q: Number(0, 1)):
    r"""The guess is made in step d_1 + d_2"""
    layout, W = two_contexts(1 + 0 * eps, eps)
    law = laws_by_context(W, guesses(layout, W, (p, q)))
    return equal(law[layout.d_1 + layout.d_2 - 1][:, layout.leaf(0)].sum(), 1)


@lmdp.claim("Theorem 3, proof, variance", reading="unique optimal policy")
def unique_optimal_policy(
    x: Number("1/2", 1), eps: Number("1/8", "1/4"), p: Number(0, 1), q: Number(0, 1)
):
    r""" "This LMDP has a unique optimal policy": two policies that guess right and play the first action
    with probability p, q at e_1 are equal if both are optimal"""
    layout, W = two_contexts(x, eps)
    best = guesses(layout, W, (0 * p + 1, 0 * q + 1))
    for share in (p, q):
        rows = np.concatenate([best[:, :1], best[:, 1:]], 1)
        rows[:, 0] = [share, 1 - share]
        assume(equal(value_by_context(W, rows), value_by_context(W, best)), "it is optimal")
    return equal(p, q)


@lmdp.claim(
    "Theorem 3, proof, variance",
    reading="unique where it counts",
    corrects="unique_optimal_policy",
    because="what is played in the encoding phase, at g and at t changes nothing: optimal policies agree on"
    " the guess, and all have the same variance, which is what the proof uses",
)
def optimal_policies_agree_on_the_guess(
    x: Number("1/2", 1),
    eps: Number("1/8", "1/4"),
    p: Number(0, 1),
    q: Number(0, 1),
    elsewhere: Number(0, 1),
):
    r"""V^\star - V^\pi = x\epsilon(2 - p - q)/2 for right guesses with probability p and q in the two contexts: 0 for
    p = q = 1 only; then Var^\pi = x^2(\frac14 - \epsilon^2), whatever is played at the other states"""
    layout, W = two_contexts(x, eps)
    best = guesses(layout, W, (0 * p + 1, 0 * q + 1))
    rows, other = best.copy(), best.copy()
    rows[:], other[:] = [elsewhere, 1 - elsewhere], [elsewhere, 1 - elsewhere]
    leaf = layout.leaf(0)
    rows[:, leaf], other[:, leaf] = guesses(layout, W, (p, q))[:, leaf], best[:, leaf]
    lost = value_by_context(W, best) - value_by_context(W, rows)
    return every(
        equal(lost, x * eps * (2 - p - q) / 2),
        equal(variance_by_context(W, other), x**2 / 4 - x**2 * eps**2),
    )


@lmdp.claim("Theorem 3, proof, variance", reading="the two cases")
def variance_of_a_policy(x: Number(0, 1), eps: Number(0, "1/4"), p: Number(0, 1), q: Number(0, 1)):
    r"""Guessing right with probability p and q in the two contexts: Var^\pi = x^2(\frac14 - \epsilon^2\frac{p+q}2 + \epsilon^2\frac{(p-q)^2}4),
    so \frac{x^2}4 for one who never does and x^2(\frac14-\epsilon^2) for one who always does"""
    layout, W = two_contexts(x, eps)
    spread = (p - q) ** 2 / 4 - (p + q) / 2
    return equal(
        variance_by_context(W, guesses(layout, W, (p, q))), x**2 / 4 + x**2 * eps**2 * spread
    )


@lmdp.claim("Theorem 3, proof, variance", reading="Var* = Theta(x^2)")
def largest_variance(x: Number(0, 1), eps: Number(0, "1/4"), p: Number(0, 1), q: Number(0, 1)):
    r"""\frac3{16}x^2 \le x^2(\frac14-\epsilon^2) = Var^{\pi^\star} \le \min_\tau-bound \le Var^\pi \le \frac{x^2}4 = Var^\star for every \pi: x = 2\sqrt{\mathcal V}
    makes Var^\star = \mathcal V exactly, 0 < \mathcal V \le \frac14"""
    layout, W = two_contexts(x, eps)
    always, never = (guesses(layout, W, (0 * p + k, 0 * q + k)) for k in (1, 0))
    return (
        chain(3 * x**2 / 16)
        .at_most(variance_by_context(W, always), "epsilon is at most 1/4")
        .at_most(variance_by_context(W, guesses(layout, W, (p, q))), "the least of all")
        .at_most(variance_by_context(W, never), "the largest of all")
        .equal(x**2 / 4, "a fair coin between 0 and x")
    )


@lmdp.claim("Theorem 3, proof, variance", reading="the optimal value")
def optimal_value_by_contexts(
    x: Number(0, 1), eps: Number(0, "1/4"), p: Number(0, 1), q: Number(0, 1)
):
    r"""V^\pi \le V^\star = \frac1M\sum_m V_m^\star = x(\frac12+\epsilon): a policy that is told the context attains each V_m^\star"""
    layout, W = two_contexts(x, eps)
    best = guesses(layout, W, (0 * p + 1, 0 * q + 1))
    alone_best = values_by_context(W, best)[0]
    return (
        chain(value_by_context(W, guesses(layout, W, (p, q))))
        .at_most(value_by_context(W, best), "the right guess")
        .equal((W.nu * alone_best).sum() / 2, "average over the contexts")
        .equal(x / 2 + x * eps, "what a right guess pays")
    )
