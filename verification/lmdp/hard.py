"""What the claims on the hard instance share: policies that know the context, their moments, and
episodes of Algorithm 4. Rows are (M, S, A): the context is told before it matters."""

import numpy as np

from theorylab.arithmetic import sqrt
from theorylab.theory.latent import variance
from theorylab.theory.latent_parts import alone, build_latent, build_policy, law_of_episode
from theorylab.worlds import hard_layout, hard_tables


def factorial(n):
    """n! of a small integer."""
    product = 1
    for k in range(2, n + 1):
        product = product * k
    return product


def schedule(K):
    """Episodes 1, ..., K <= 81 of two policies, of which one with fewer than k^{1/4} forced plays at
    episode k is forced: 1 if it is the first, 1 if neither is, and how often the first was before."""
    in_turn = [[(1, 0, n), (0, 0, n + 1)] for n in range(3)]
    return [*in_turn[0], *in_turn[1], *[(0, 1, 2)] * 12, *in_turn[2], *[(0, 1, 3)] * 63][:K]


def guesses(layout, W, shares):
    """Rows (M, S, A) that go to the one leaf of a layout with d_2 = 1 and guess there: shares[m] is
    the probability of the first action in context m; elsewhere the first action is played."""
    sure = 1 + 0 * W.palette[1]
    rows = [[[sure] + [0 * sure] * (layout.A - 1)] * layout.S for _ in shares]
    for m, share in enumerate(shares):
        rest = [0 * share] * (layout.A - 2)
        rows[m][layout.leaf(0)] = [share, 1 - share, *rest]
    return np.array(rows, dtype=object)


def two_contexts(x, eps, answers=(0, 0)):
    """The smallest hard instance with M = 2: S = 6, A = 2, d_1 = 2, d_2 = 1, C = 2."""
    layout = hard_layout(S=6, A=2, M=2)
    return layout, hard_tables(layout, x, eps, answers)


def values_by_context(W, rows):
    """alpha_m(s) at steps 1, ..., H + 1, each of shape (M, S)."""
    found = [0 * W.nu]
    for _ in range(W.H):
        ahead = (W.P * found[-1][:, None, None, :]).sum(-1)
        found.append((rows * (W.rewards + ahead)).sum(-1))
    return found[::-1]


def laws_by_context(W, rows):
    """The law of (m, s_t) at steps 1, ..., H + 1, each of shape (M, S)."""
    found = [W.w[:, None] * W.nu]
    for _ in range(W.H):
        found.append((found[-1][:, :, None, None] * rows[..., None] * W.P).sum((1, 2)))
    return found


def value_by_context(W, rows):
    """V^pi."""
    return (W.w[:, None] * W.nu * values_by_context(W, rows)[0]).sum()


def variance_by_context(W, rows):
    """Var^pi of Definition 1."""
    alphas, laws = values_by_context(W, rows), laws_by_context(W, rows)
    total = variance(np.ravel(laws[0]), np.ravel(alphas[0]))
    for t in range(W.H):
        own = variance(W.P, np.broadcast_to(alphas[t + 1][:, None, None, :], W.P.shape))
        total = total + (laws[t] * (rows * own).sum(-1)).sum()
    return total


def printed_eps(C, K_prime):
    """(1 / 2 sqrt 2) (1 - 1/C) sqrt(C / K') for a number K' of the claim's own."""
    return (C - 1) * sqrt(C / K_prime / 8) / C


# ---- Algorithm 4 ---------------------------------------------------------------------------------


def small_world(a, b, c, d):
    """M = S = A = H = 2 with w_m = 1/2: from s = 0 action 0 leads to 0 with probability a, b in
    the two contexts, action 1 with c, d; from s = 1 with their squares. Rewards: 1/2 where
    m + s + a is odd."""
    one, half = 1 + 0 * a, (1 + 0 * a) / 2
    chances = np.array([[[a, c], [a * a, c * c]], [[b, d], [b * b, d * d]]], dtype=object)
    labels = np.array([[[0, 1], [1, 0]], [[1, 0], [0, 1]]])
    return build_latent(
        w=np.array([half, half], dtype=object),
        nu=np.array([[a, 1 - a], [d, 1 - d]], dtype=object),
        P=np.stack([chances, 1 - chances], -1),
        palette=np.array([0 * one, half], dtype=object),
        labels=labels,
        H=2,
    )


def small_policy(u):
    """A policy for its histories: action 0 with probability u, 1 - u, u^2 in turn."""
    rows = [(u, 1 - u, u * u)[k % 3] for k in range(2 + 2 * 8)]
    return build_policy(np.array([[p, 1 - p] for p in rows], dtype=object))


def simulated_law(W, m, target, pi):
    """The same in an episode of Algorithm 4: m^k ~ Unif(M); the m^k-th MDP of W if m^k is another
    one than m, the target otherwise."""
    parts = [law_of_episode(alone(W, k), pi)[0] / W.M for k in range(W.M)]
    parts[m] = law_of_episode(target, pi)[0] / W.M
    return np.stack(parts)


def past_decides(law):
    """The probabilities of two classes of first episodes, on which an algorithm's next policy
    depends: by the parity of the outcome's number. Shape (2,)."""
    flat = np.ravel(law)
    return np.array([flat[0::2].sum(), flat[1::2].sum()], dtype=object)
