r"""Lemma 21's step (ii): zeta = alpha~ - alpha may be negative for Algorithm 2, at a history that can happen.

One policy, three steps. The start leads to itself, to `soon`, which pays 3/4 and leads back, and to
`late`, which pays 1/4 and leads to `soon`: from step 1 on `late` is worth 1 and better, from step 2 on
1/4 and worse. At u = iota/N = 1/200 and P_hat = P the best model of the set (2) takes the start's own
probability and some of `soon`'s for `late`: back at the start in step 2 it expects less than is true.
"""

import numpy as np

from theorylab import Number, StateDistribution, StateFunction, at_most, every
from theorylab.arithmetic import absolute, maximum, minimum, sqrt
from theorylab.theory.latent import (
    alpha_vectors,
    decisions,
    joint_weights,
    latent_value,
    next_alpha,
)
from theorylab.theory.latent_parts import build_latent, build_policy
from theorylab.worlds import support
from theorylab.worlds.latent_mdp import histories
from verification.lmdp.paper import lmdp

NEGATIVE = (
    "x^2 - y^2 <= (x + y) max(x - y, 0) needs x, y >= 0: Algorithm 3's alpha~ is at least alpha at every"
    " history, the best model of Algorithm 2's set is so on average over contexts and first states only."
    " Lemma 16's bound is one for |(P~ - P) alpha~|, too"
)


# ---- a world in which the best model expects less at one history -----------------------------------


def three_states(start, soon, late):
    """The latent MDP of these three rows of the transitions, with M = A = 1, S = H = 3."""
    one = 1 + 0 * start[0]
    rows = [[[[x * one for x in row]] for row in (start, soon, late)]]
    return build_latent(
        w=np.array([one], dtype=object),
        nu=np.array([[one, 0 * one, 0 * one]], dtype=object),
        P=np.array(rows, dtype=object),
        palette=np.array([0 * one, 3 * one / 4, one / 4], dtype=object),
        labels=np.array([[[0], [1], [2]]]),
        H=3,
    )


def the_truth(stay):
    """`stay` is the start's own probability; that of `late` is 1/2."""
    one = 1 + 0 * stay
    return three_states((stay, one / 2 - stay, one / 2), (1, 0, 0), (0, 1, 0))


def the_best_model(stay):
    """The best of (2) at u = 1/200 for `stay` at most 1/32: `late` has 1/8 more."""
    one = 1 + 0 * stay
    soon = (19 * one / 20, one / 40, one / 40)
    return three_states((0 * one, 3 * one / 8, 5 * one / 8), soon, (0, 1, 0))


def the_policy(W):
    """The one policy of a latent MDP with one action."""
    return build_policy(np.array([[W.w[0]]] * sum(histories(W)), dtype=object))


@lmdp.claim("Lemma 21, proof", reading="(ii), the best model of an example")
def best_model_of_the_set(
    stay: Number(0, "1/32"),
    back: Number(0, "1/10"),
    late: Number("3/8", "5/8"),
    again: Number(0, "1/40"),
    on: Number(0, "1/40"),
    first: Number(0, "1/40"),
    last: Number(0, "1/40"),
):
    r"""At \iota/N = 1/200 and \hat P = P the model is in the set (2), and no other of it has a larger value: (2) bounds the
    start's own probability by 1/32 + 1/20 or less, that of late by 1/2 \pm 1/8, and new ones by 1/40"""
    one = 1 + 0 * stay
    W, best, u = the_truth(stay), the_best_model(stay), one / 200
    rows = (
        (back, 1 - back - late, late),
        (1 - again - on, again, on),
        (first, 1 - first - last, last),
    )
    other, pi = three_states(*rows), the_policy(W)
    inside = at_most(absolute(best.P - W.P), 2 * sqrt(W.P * u) + 5 * u)
    return every(inside, at_most(latent_value(other, pi), latent_value(best, pi)))


# ---- (ii) ----------------------------------------------------------------------------------------


def squares_along(W, zeta, pi):
    """zeta(h)^2 - (P zeta(h a r .))^2 and zeta - P zeta of the policy's actions, at steps 1, ..., H.

    At histories that cannot happen in the context both are 0, at step H P zeta is; shapes (M, N_t).
    """
    rows, c, found = decisions(W, pi), joint_weights(W), []
    for t in range(1, W.H + 1):
        own, later = zeta[t - 1] * support(c[t - 1]), 0 * zeta[t - 1]
        if t < W.H:
            later = (rows[t - 1] * next_alpha(W, t, zeta[t])).sum(-1) * support(c[t - 1])
        found.append((own**2 - later**2, own - later))
    return found


@lmdp.claim("Lemma 21, proof", reading="(ii), Algorithm 2")
def difference_of_squares(stay: Number("1/64", "1/32")):
    r"""\zeta^2 - (P\zeta)^2 \le 2\max\{\zeta - P\zeta, 0\} for \zeta = \tilde\alpha - \alpha of Algorithm 2, where h can happen: M = A = 1, S = H = 3,
    P(s | s) = stay; see `best_model_of_the_set`"""
    W, best = the_truth(stay), the_best_model(stay)
    pi = the_policy(W)
    pairs = zip(alpha_vectors(best, pi), alpha_vectors(W, pi), strict=True)
    squares = squares_along(W, [optimistic - own for optimistic, own in pairs], pi)
    return every(*[at_most(square, 2 * maximum(gap, 0 * gap)) for square, gap in squares])


@lmdp.claim(
    "Lemma 21, proof",
    reading="(ii), with the absolute error",
    corrects="difference_of_squares",
    because=NEGATIVE,
)
def difference_of_squares_corrected(
    p: StateDistribution,
    p_tilde: StateDistribution,
    f: StateFunction,
    g: StateFunction,
    share: Number(0, 1),
):
    r"""\zeta^2 - (P\zeta)^2 \le 2|(\tilde P - P)\tilde\alpha'|, \zeta = \min\{R + \tilde P\tilde\alpha', 1\} - (R + P\alpha') cut at 1, P\zeta = P(\tilde\alpha' - \alpha'),
    for \alpha', \tilde\alpha' in [0, 1] at the next step and R + P\alpha' \le 1, which holds where h can happen"""
    alpha, optimistic = (1 + f) / 2, (1 + g) / 2
    R = share * (1 - p @ alpha)
    zeta = minimum(R + p_tilde @ optimistic, 1) - R - p @ alpha
    square = zeta**2 - (p @ (optimistic - alpha)) ** 2
    return at_most(square, 2 * absolute((p_tilde - p) @ optimistic))
