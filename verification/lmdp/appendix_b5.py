r"""Appendix B.5: the proof of Theorem 3, line by line: Algorithm 4, K_m and the display over the class.

Regrets of the guessing game are in units of x. In the display over the class K' = K/2M is an
integer n, K = 2Mn, and an algorithm is judged by r(n), its regret in n rounds of one game averaged
over the C instances: R sums E r(K_m) over the M positions, R^+ and R^- are r(n) on the event that
the n-th interaction comes before the K-th episode and off it. Inequality (9) stands in
`appendix_b5_equation_9`, the variances in `appendix_b5_variance`.
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
from theorylab.arithmetic import absolute, exp, log, sqrt
from theorylab.theory.guessing import (
    active_regret,
    episode_law,
    guessing_regret,
)
from theorylab.theory.latent import latent_value
from theorylab.theory.latent_parts import alone, law_of_episode, replaced
from verification.lmdp.hard import (
    past_decides,
    simulated_law,
    small_policy,
    small_world,
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
