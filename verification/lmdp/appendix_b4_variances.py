r"""Lemmas 20 and 21, proofs in B.4: the variances along a trajectory, for one episode.

W^k is that of alpha, X_6 that of zeta = alpha~ - alpha with the indicators. The differences that Lemma 7
bounds are left as they are: `noise`. alpha~ are alpha vectors of a model that goes where the truth goes.
"""

from theorylab import (
    DeterministicHistoryPolicy,
    LatentMDP,
    LatentModel,
    almost_surely,
    at_most,
    chain,
    equal,
    every,
    in_expectation,
)
from theorylab.arithmetic import absolute, maximum
from theorylab.theory.latent import alpha_vectors, joint_weights, next_alpha, policy_value_variance
from theorylab.worlds import support
from verification.lmdp.episodes import (
    differences,
    episode_of,
    kept_variance,
    next_values_along,
    squares,
    start_variance,
    values_along,
    variances_along,
)
from verification.lmdp.optimism import same_support
from verification.lmdp.paper import lmdp

NEGATIVE = (
    "x^2 - y^2 <= (x + y) max(x - y, 0) needs x, y >= 0: Algorithm 3's alpha~ is at least alpha at every"
    " history, a model of Algorithm 2's set is so on average over contexts and first states only"
)
DROPPED = (
    "X_6 also has the variance over w o nu; with it the first state's square cancels as in Lemma 20"
)


def noise_of(W, e, alphas):
    """Martingale differences of the squares: at the start, and at each step t (before indicators)."""
    twice = squares(alphas)
    own, later = values_along(e, twice), next_values_along(W, e, twice)
    start = (W.w[:, None] * W.nu * twice[0]).sum() - own[0]
    return start, [later[t] - own[t + 1] for t in range(W.H)]


@lmdp.claim("Lemma 20, proof")
def episode_variance_lines(W: LatentMDP, pi: DeterministicHistoryPolicy):
    r"""W^k = (w\circ\nu)(\alpha)^2 - \alpha(s_1)^2 + \sum(P(\alpha)^2 - \alpha(h_{t+1})^2) + \sum(\alpha(h_t)^2 - (P\alpha)^2) - ((w\circ\nu)\alpha)^2
    \le noise + 2\sum(\alpha(h_t) - P\alpha) = noise + 2\sum R \le noise + 2"""
    e, alphas = episode_of(W, pi), alpha_vectors(W, pi)
    own, later = values_along(e, alphas), next_values_along(W, e, alphas)
    start, steps = noise_of(W, e, alphas)
    noise, mean = start + sum(steps), (W.w[:, None] * W.nu * alphas[0]).sum()
    drift = sum(own[t] ** 2 - later[t] ** 2 for t in range(W.H))
    paid = sum(own[t] - later[t] for t in range(W.H))
    return almost_surely(
        chain(start_variance(W, alphas[0]) + sum(variances_along(W, e, alphas)))
        .equal(noise + drift - mean**2, "telescoping")
        .at_most(noise + 2 * paid, "x^2 - y^2 <= (x + y)(x - y)")
        .equal(noise + 2 * sum(e.rewards), "the policy is deterministic")
        .at_most(noise + 2, "the total reward is at most 1")
    )


@lmdp.claim("Lemma 20, proof", reading="the mean of W")
def episode_variance_mean(W: LatentMDP, pi: DeterministicHistoryPolicy):
    r"""E[W^k | F_k] = Var^{\pi^k}"""
    alphas = alpha_vectors(W, pi)
    found = start_variance(W, alphas[0]) + sum(variances_along(W, episode_of(W, pi), alphas))
    return in_expectation(equal(found, policy_value_variance(W, pi)))


# ---- Lemma 21 ------------------------------------------------------------------------------------


@lmdp.claim("Lemma 21, proof", reading="the first line")
def optimistic_variance_first_line(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""X_6 = \sum_k\sum_t (P\zeta^2 - (P\zeta)^2) 1[(k, t+1) \notin X], without the variance over w\circ\nu"""
    e, zeta = episode_of(W, pi), differences(W, same_support(W, M), pi)
    steps = sum(v * k for v, k in zip(variances_along(W, e, zeta), e.kept[1:], strict=True))
    return almost_surely(equal(kept_variance(W, e, zeta), steps))


def squares_and_gaps(W, M, pi):
    """zeta_m(h)^2 - (P_m zeta_m(h a r .))^2 and zeta - P zeta of the policy's actions, step by step.

    At histories that cannot happen in the context both are 0; shapes (M, N_t).
    """
    zeta, c = differences(W, M, pi), joint_weights(W)
    found = []
    for t in range(1, W.H):
        later = (policy_rows(W, pi, t) * next_alpha(W, t, zeta[t])).sum(-1)
        inside = support(c[t - 1])
        own = zeta[t - 1] * inside
        found.append((own**2 - (later * inside) ** 2, own - later * inside))
    return [*found, (zeta[-1] ** 2 * support(c[-1]), zeta[-1] * support(c[-1]))]


def policy_rows(W, pi, t):
    """The policy's rows of step t, shape (N_t, A)."""
    sizes = [W.S * (W.A * W.L * W.S) ** k for k in range(t)]
    return pi.probabilities[sum(sizes) - sizes[-1] : sum(sizes)]


@lmdp.claim("Lemma 21, proof", reading="(ii), any model of the set (2)")
def difference_of_squares(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""\zeta^2 - (P\zeta)^2 \le 2\max\{\zeta - P\zeta, 0\} for \zeta = \tilde\alpha - \alpha, \tilde\alpha of a model whose next states are those
    of the truth"""
    pairs = squares_and_gaps(W, same_support(W, M), pi)
    return every(*[at_most(square, 2 * maximum(gap, 0 * gap)) for square, gap in pairs])


@lmdp.claim(
    "Lemma 21, proof",
    reading="(ii), with the absolute value",
    corrects="difference_of_squares",
    because=NEGATIVE,
)
def difference_of_squares_corrected(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""\zeta^2 - (P\zeta)^2 \le 2|\zeta - P\zeta|; |(\tilde P - P)\tilde\alpha| has Lemma 16's bound, too"""
    pairs = squares_and_gaps(W, same_support(W, M), pi)
    return every(*[at_most(square, 2 * absolute(gap)) for square, gap in pairs])


@lmdp.claim("Lemma 21, proof", corrects="optimistic_variance_first_line", because=DROPPED)
def optimistic_variance_lines(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""X_6 = V(w\circ\nu, \zeta) + \sum(P\zeta^2 - (P\zeta)^2) 1[(k, t+1) \notin X] \le noise
    + 2\sum|\zeta - P\zeta| 1[(k, t+1) \notin X] + |K^C|"""
    e, zeta = episode_of(W, pi), differences(W, same_support(W, M), pi)
    own, later = values_along(e, zeta), next_values_along(W, e, zeta)
    start, steps = noise_of(W, e, zeta)
    noise = start + sum(x * k for x, k in zip(steps, e.kept[1:], strict=True))
    gaps = sum(absolute(own[t] - later[t]) * e.kept[t + 1] for t in range(W.H))
    bound = noise + 2 * gaps + (1 - e.kept[-1])
    return almost_surely(at_most(kept_variance(W, e, zeta), bound))
