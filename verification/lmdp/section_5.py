r"""Section 5: the confidence set, the bonus, the optimistic alpha vectors and values.

(3) reads "16 S_L" in the text at hand, for 16 S iota, and sqrt(4 supp V / N) where B.4 has
4 sqrt(supp V iota / N); B.4's are the constants that its Lemma 15 needs. (4) is for deterministic
policies. u = iota / N, one for each (m, s, a), is the smallest at which Omega_1 holds.
"""

from theorylab import (
    DeterministicHistoryPolicy,
    HistoryPolicy,
    LatentMDP,
    LatentModel,
    Number,
    StateDistribution,
    StateFunction,
    at_most,
    equal,
    every,
)
from theorylab.arithmetic import maximum, minimum, sqrt, sup
from theorylab.theory.latent import (
    alpha_action_vectors,
    alpha_vectors,
    last_states,
    latent_value,
    next_alpha,
)
from theorylab.theory.latent_parts import with_palette
from theorylab.worlds import largest_total
from verification.lmdp.optimism import (
    cut_action_vectors,
    cut_vectors,
    optimistic_value,
    with_choice,
)
from verification.lmdp.paper import lmdp
from verification.lmdp.rows import UNIT, row_bonus, row_spread, states_reached, tight_1

A_WAY_BACK = (
    "the total is at most 1 on the trajectories that can happen; a model of the set (2) may go where"
    " the truth never does, back to what pays: at N <= 5 iota the set has every model"
)


# ---- Section 5.1 ---------------------------------------------------------------------------------


@lmdp.claim("Section 5.1, total reward")
def model_pays_at_most_one(W: LatentMDP, M: LatentModel):
    r"""The total reward of any trajectory that can happen in a model of (2) is at most 1"""
    return at_most(largest_total(M), 1)


@lmdp.claim(
    "Section 5.1, total reward",
    reading="alpha of the model cut at 1",
    corrects="model_pays_at_most_one",
    because=A_WAY_BACK,
)
def model_pays_at_most_one_corrected(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""What repairs Algorithm 2: let it use \tilde\alpha_m(h) = \min\{R_m(s,a) + \tilde P_m\tilde\alpha_m(har\cdot), 1\}, (4) without bonus
    (`bernstein_solver(cap=True)`). No \tilde\alpha exceeds 1 in any model, and the cut never acts on the truth:
    V^\pi cut is V^\pi, so that the largest cut value over a set with the truth in it is still \ge V^\star"""
    start = W.w[:, None] * W.nu
    return every(
        *[at_most(sup(alpha), 1) for alpha in cut_vectors(M, pi)],
        equal((start * cut_vectors(W, pi)[0]).sum(), latent_value(W, pi)),
    )


@lmdp.claim(
    "Section 5.1, total reward",
    reading="a total of at most 1 on every sequence",
    corrects="model_pays_at_most_one",
    because=A_WAY_BACK,
)
def model_pays_at_most_one_bounded(W: LatentMDP, M: LatentModel):
    r"""A condition on the class instead: where every sequence of states and actions pays at most 1, one
    pair again and again too, so that each reward is at most 1/H, each trajectory of each model does.
    (The paper's setting, spikes of reward, is lost by it)"""
    return at_most(largest_total(with_palette(M, M.palette / M.H)), 1)


@lmdp.claim("Lemma 16, proof", reading="the upper bound of 1, Algorithm 2")
def bellman_error_at_most_one(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r""" "The upper bound of 1 is trivial": \tilde\alpha_m(h, a) - R_m(s, a) - P_m\tilde\alpha_m(har\cdot) \le 1 for the
    alpha vectors of a model of (2)"""
    return every(*[at_most(sup(error), 1) for error in bellman_errors(W, M, pi)])


def bellman_errors(W, M, pi):
    """(P~ - P) alpha~ at steps 1, ..., H-1, for the alpha vectors of a model; shapes (M, N_t, A)."""
    alphas = alpha_vectors(M, pi)
    found = [0 * alpha_action_vectors(W, pi)[-1]]
    for t in range(1, W.H):
        found.append(next_alpha(M, t, alphas[t]) - next_alpha(W, t, alphas[t]))
    return found


@lmdp.claim(
    "Lemma 16, proof",
    reading="the upper bound of 1, alpha~ cut at 1",
    corrects="bellman_error_at_most_one",
    because=A_WAY_BACK + "; cut at 1, as (4) cuts it, alpha~ is at most 1, and all else at least 0",
)
def bellman_error_at_most_one_cut(W: LatentMDP, M: LatentModel, pi: DeterministicHistoryPolicy):
    r"""\tilde\alpha_m(h, a) - R_m(s, a) - P_m\tilde\alpha_m(har\cdot) \le 1 for \tilde\alpha = \min\{R + \tilde P\tilde\alpha, 1\} of any
    model"""
    return every(*[at_most(sup(error), 1) for error in cut_errors(W, M, pi)])


def cut_errors(W, M, pi):
    """alpha~(h, a) - R - P alpha~ at steps 1, ..., H, alpha~ of a model cut at 1; shapes (M, N_t, A)."""
    own, alphas, found = cut_action_vectors(M, pi), cut_vectors(M, pi), []
    for t in range(1, W.H + 1):
        later = next_alpha(W, t, alphas[t]) if t < W.H else 0 * own[-1]
        found.append(own[t - 1] - W.rewards[:, last_states(W, t)] - later)
    return found


# ---- Section 5.2: (3), (4), (5) --------------------------------------------------------------------


def near(p_hat, q, t):
    """A row on the way from p_hat to q."""
    return p_hat + t * (q - p_hat)


def printed_bonus(p_hat, alpha, u, iota):
    """(3) as printed: max(16 S iota / N, sqrt(4 supp(p_hat) V(p_hat, alpha) / N))."""
    root = sqrt(4 * states_reached(p_hat) * row_spread(p_hat, alpha) * u / iota)
    return maximum(16 * len(p_hat) * u, root)


@lmdp.claim("(3)")
def bonus_as_printed(
    p_hat: StateDistribution,
    q: StateDistribution,
    f: StateFunction,
    t: Number(0, 1),
    iota: Number(32, 64),
):
    r"""On \Omega_1 the bonus covers the error: P\alpha \le \hat P\alpha + \max\{16S\iota/N, \sqrt{4 supp(\hat P) V(\hat P, \alpha)/N}\}
    for \alpha in [0, 1]; \iota is at least 2\ln(2SN), as N \le HK, which 32 is for N up to 10^6"""
    alpha, p = (1 + f) / 2, near(p_hat, q, t)
    paid = printed_bonus(p_hat, alpha, tight_1(p, p_hat), iota)
    return at_most(p @ alpha, p_hat @ alpha + paid)


@lmdp.claim("(3)", reading="with iota, the 4 under the root")
def bonus_four_under_the_root(
    p_hat: StateDistribution, q: StateDistribution, f: StateFunction, t: Number(0, 1)
):
    r"""The same with \sqrt{4 supp(\hat P) V(\hat P, \alpha)\iota/N}"""
    alpha, p = (1 + f) / 2, near(p_hat, q, t)
    paid = printed_bonus(p_hat, alpha, tight_1(p, p_hat), 1)
    return at_most(p @ alpha, p_hat @ alpha + paid)


@lmdp.claim(
    "(3)",
    reading="with iota, the 4 before the root",
    corrects="bonus_as_printed",
    because="B.4 has 4 sqrt(supp V iota / N), half of which is Lemma 12's first term",
)
def bonus_corrected(
    p_hat: StateDistribution, q: StateDistribution, f: StateFunction, t: Number(0, 1)
):
    r"""The same with 4\sqrt{supp(\hat P) V(\hat P, \alpha)\iota/N}"""
    alpha, p = (1 + f) / 2, near(p_hat, q, t)
    return at_most(p @ alpha, p_hat @ alpha + row_bonus(p_hat, alpha, tight_1(p, p_hat)))


@lmdp.claim("(4)", reading=UNIT)
def optimistic_vector_monotone(
    p: StateDistribution, f: StateFunction, g: StateFunction, R: Number(0, 1), u: Number(0, 2)
):
    r"""\min\{R + B + \hat P\tilde\alpha, 1\} does not decrease where \tilde\alpha in [0, 1] grows"""
    low, high = (1 + f) / 2, (1 + maximum(f, g)) / 2
    return at_most(clipped(p, low, R, u), clipped(p, high, R, u))


def clipped(p, alpha, R, u):
    """(4) for one row: min(R + B + p alpha, 1) with B of Appendix B.4."""
    return minimum(R + row_bonus(p, alpha, u) + p @ alpha, 1)


@lmdp.claim("Section 5.2, enumeration")
def deterministic_is_enough(W: LatentMDP, pi: HistoryPolicy):
    r""" "There always exists an optimal policy which is deterministic": at one history after another
    (here the last),    V^\pi \le \max_a V^{\pi_a} with \pi_a = \pi but for the action a at that history"""
    values = [latent_value(W, with_choice(W, pi, -1, a)) for a in range(W.A)]
    return at_most(latent_value(W, pi), sup(values))


@lmdp.claim("Section 5.2, enumeration", reading="the optimistic value")
def enumeration_reaches_the_optimum(W: LatentMDP, M: LatentModel, pi: HistoryPolicy):
    r""" "We only need a policy which has optimistic value no less than that of the optimal value", found
    by one "which enumerates each action at each history": on \Omega_1, at one history after another,
    V^\pi \le \max_a \tilde V^{\pi_a}, where (4) is averaged over the actions at the histories still to come"""
    u = tight_1(W.P, M.P)
    values = [optimistic_value(W, M.P, u, with_choice(W, pi, -1, a)) for a in range(W.A)]
    return at_most(latent_value(W, pi), sup(values))
