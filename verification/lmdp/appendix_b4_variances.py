r"""Lemmas 20 and 21, proofs in B.4: the variances along a trajectory, for one episode.

W^k is that of alpha, X_6 that of zeta = alpha~ - alpha with the indicators. The differences that Lemma 7
bounds are left as they are: `noise`. alpha~ are those of any model cut at 1, as (4) cuts them.
"""

from theorylab import (
    DeterministicHistoryPolicy,
    LatentMDP,
    LatentModel,
    almost_surely,
    at_most,
    chain,
    equal,
    in_expectation,
)
from theorylab.arithmetic import absolute
from theorylab.theory.latent import alpha_vectors, policy_value_variance
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
from verification.lmdp.optimism import cut_differences, cut_vectors, same_support
from verification.lmdp.paper import lmdp

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


@lmdp.claim("Lemma 21, proof", corrects="optimistic_variance_first_line", because=DROPPED)
def optimistic_variance_lines(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""X_6 = V(w\circ\nu, \zeta) + \sum(P\zeta^2 - (P\zeta)^2) 1[(k, t+1) \notin X] \le noise
    + 2\sum|(\tilde P - P)\tilde\alpha| 1[(k, t+1) \notin X] + |K^C|, \tilde\alpha of any model cut at 1"""
    e, optimistic, zeta = episode_of(W, pi), cut_vectors(M, pi), cut_differences(W, M, pi)
    model, truth = (next_values_along(world, e, optimistic) for world in (M, W))
    start, steps = noise_of(W, e, zeta)
    noise = start + sum(x * k for x, k in zip(steps, e.kept[1:], strict=True))
    errors = sum(absolute(model[t] - truth[t]) * e.kept[t + 1] for t in range(W.H))
    bound = noise + 2 * errors + (1 - e.kept[-1])
    return almost_surely(at_most(kept_variance(W, e, zeta), bound))


# ---- Lemma 19 ------------------------------------------------------------------------------------


@lmdp.claim(
    "Lemma 19, proof",
    reading="its variance by X_5 and X_6",
    corrects="model_error_variance_by_beta",
    because="beta vanishes as N grows, the variance of alpha~ does not: alpha~ = alpha + zeta",
)
def model_error_variance(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""V(w\circ\nu, \tilde\alpha) + \sum V(P, \tilde\alpha) 1[(k, t+1) \notin X] \le 2X_5 + 2X_6 in each episode, \tilde\alpha of any model cut
    at 1"""
    e, alphas, optimistic = episode_of(W, pi), alpha_vectors(W, pi), cut_vectors(M, pi)
    X_5, X_6 = kept_variance(W, e, alphas), kept_variance(W, e, cut_differences(W, M, pi))
    return almost_surely(at_most(kept_variance(W, e, optimistic), 2 * X_5 + 2 * X_6))
