r"""Section 6: the hard instance, and Theorem 3 as a statement with its quantifiers.

The class is judged through the exact Bayes-optimal regret (`theorylab.theory.guessing`): an episode
is a guess among C choices in a known context, so that no algorithm has less regret on average over
the class than the Bayes-optimal one, and some instance is at least as bad as the average.
Regrets are rewards; in the guessing game they are in units of x.
"""

import flint
import numpy as np

from theorylab import (
    Along,
    Integer,
    Number,
    assume,
    at_least,
    at_most,
    bounded_by,
    chain,
    equal,
    every,
)
from theorylab.arithmetic import exp, identity, log, maximum, minimum, sqrt, sup
from theorylab.theory.guessing import (
    active_regret,
    class_regret,
    episode_law,
    joint_regret,
    two_arms_regret,
)
from theorylab.theory.latent import beliefs
from theorylab.worlds import hard_layout, hard_tables, largest_total, support
from verification.lmdp.hard import factorial, printed_eps, schedule
from verification.lmdp.paper import lmdp

# ---- the constraints -----------------------------------------------------------------------------


@lmdp.claim("Section 6.1")
def d_1_exists(S: Integer(6, 9)):
    r""" "Since M \le \lfloor S/2\rfloor!, we can always find an integer d_1 such that d_1 \le S/2 and
    M \le d_1!": for every M \le \lfloor S/2\rfloor!, the smallest one"""
    found = [hard_layout(S, 2, M).d_1 for M in range(1, factorial(S // 2) + 1)]
    fits = [at_most(M + 1, factorial(d_1)) for M, d_1 in enumerate(found)]
    return every(*fits, *[at_most(2 * d_1, S) for d_1 in found])


@lmdp.claim("Section 6.1", reading="d_2")
def d_2_exists(S: Integer(6, 21)):
    r"""For S \ge 6 and every d_1 \le S/2 there is d_2 \ge 1 with 2^{d_2}-1 \le S-d_1-2 < 2^{d_2+1}-1, and
    the states fit: d_1 + N + 2 \le S"""
    found = [hard_layout(S, 2, 1, d_1) for d_1 in range(1, S // 2 + 1)]
    lines = []
    for it in found:
        room = S - it.d_1 - 2
        lines += [at_most(1, it.d_2), at_most(2**it.d_2 - 1, room)]
        lines += [at_most(room + 1, 2 ** (it.d_2 + 1) - 1), at_most(it.d_1 + it.N + 2, S)]
    return every(*lines)


@lmdp.claim("Section 6.1", reading="L = Theta(S)")
def leaves_in_proportion(S: Integer(6, 37)):
    r"""S/8 \le L \le (S-2)/2 for every d_1 that is allowed, hence SA/8 \le C \le (S-2)A/2: the explicit
    form of L = \Theta(S) and C = \Theta(SA)"""
    found = [hard_layout(S, 2, 1, d_1).L for d_1 in range(1, S // 2 + 1)]
    return every(*[at_most(S, 8 * L) for L in found], *[at_most(2 * L + 2, S) for L in found])


# ---- the instance --------------------------------------------------------------------------------


@lmdp.claim("Section 6.1, Figure 1")
def sizes_of_the_figure(A: Integer(2, 9)):
    r""" "An example of the model with M = 2, S = 11, arbitrary A \ge 2 and H \ge 6": d_1 = 2, d_2 = 3, all
    states used, and g pays in step d_1 + d_2 + 1 = 6"""
    it = hard_layout(11, A, 2)
    return every(
        equal(it.d_1, 2),
        equal(it.d_2, 3),
        equal(it.d_1 + it.N + 2, 11),
        equal(it.steps, 6),
        equal(it.C, 4 * A),
    )


@lmdp.claim("Section 6.1, Figure 1", reading="supports")
def two_successors(S: Integer(6, 8), A: Integer(2, 3), eps: Number(0, "1/4")):
    r""" "supp(P_m(\cdot|s,a)) \le 2 for any (m,s,a)", and every row is a distribution; M = 2"""
    layout = hard_layout(S, A, 2)
    W = hard_tables(layout, 1 + 0 * eps, eps, (0, layout.C - 1))
    ones = 0 * W.P[..., 0] + 1
    return every(at_most(support(W.P).sum(-1), 2 * ones), equal(W.P.sum(-1), ones))


@lmdp.claim("Section 6.1, Figure 1", reading="the context is told")
def context_is_told(M: Integer(1, 2), eps: Number(0, "1/4")):
    r""" "The agent can fully determine which context it is in after this phase": at step d_1 every
    history's belief is 0 or 1 in each context; S = 6, A = 2"""
    layout = hard_layout(6, 2, M)
    W = hard_tables(layout, 1 + 0 * eps, eps, (0,) * M, layout.d_1)
    b = beliefs(W)[-1]
    return equal(b * b, b)


def chance_of_good(layout, W, m, choice):
    """The probability of g at step d_1 + d_2 + 1 in context m for one who makes this choice."""
    place, leaf = W.nu[m], layout.leaf(choice) - layout.d_1 + 1
    for _ in range(layout.d_1):
        place = place @ W.P[m, :, 0]
    for k in range(layout.d_2 - 1, 0, -1):
        bit = (leaf >> (k - 1)) & 1
        place = place @ W.P[m, :, 1 - bit]
    return (place @ W.P[m, :, choice % layout.A])[layout.good]


@lmdp.claim("Section 6.1, Figure 1", reading="what a guess pays")
def what_a_guess_pays(S: Integer(6, 8), A: Integer(2, 3), x: Number(0, 1), eps: Number(0, "1/4")):
    r"""Inputting the binary representation of a leaf leads there, and the choice pays x(1/2 + \epsilon) if
    it is that of the context, x/2 otherwise: a wrong guess costs x\epsilon; M = 2"""
    layout = hard_layout(S, A, 2)
    answers = (layout.C - 1, 1)
    W = hard_tables(layout, x, eps, answers)
    paid = [[x * chance_of_good(layout, W, m, c) for c in range(layout.C)] for m in range(2)]
    right = x / 2 + x * eps * identity(layout.C)[list(answers)]
    return equal(np.array(paid, dtype=object), right)


@lmdp.claim("Section 6.1, rewards")
def pays_once(S: Integer(6, 7), longer: Integer(0, 1), x: Number(0, 1), eps: Number(0, "1/4")):
    r""" "g is visited at most once in any episode", so that "the cumulative reward is either 0 or x": from
    g no policy comes back to g, and the largest total of a trajectory is x, at any horizon; M = A = 2"""
    layout = hard_layout(S, 2, 2)
    W = hard_tables(layout, x, eps, (0, 1), layout.steps + longer)
    at_good = identity(S)[layout.good]
    back = 0 * W.nu
    for _ in range(W.H):
        arrive = at_good + (1 - at_good) * back
        back = sup((W.P * arrive[:, None, None, :]).sum(-1), -1)
    return every(equal(back[:, layout.good], 0 * back[:, 0]), equal(largest_total(W), x))


# ---- Theorem 3 -----------------------------------------------------------------------------------


@lmdp.claim("Theorem 3", reading="one instance for all K, in the order of the words")
def one_instance_for_all_K(
    gap: Number("1/8", "1/2"), policies: Integer(2, 4), K: Along("infinity")
):
    r""" "For any algorithm \pi, there exists an LMDP \mathcal M_\pi such that, for K \ge \tilde\Omega(M^2 + MSA)",
    its regret is \Omega(\sqrt{\mathcal V MSAK}): one instance for all K. With H fixed an LMDP has finitely many
    deterministic policies, totals in [0,1] and a least gap \Delta. Let \pi force, in turn, each of the N
    policies that has fewer than k^{1/4} forced plays at episode k, else play the one that is best on
    average over the forced plays alone: on EVERY LMDP its regret is at most
    (N-1)(K^{1/4} + 1 + 24/\Delta^8) (`regret_of_forced_plays`), and \sqrt K is not O(that)"""
    root = sqrt(gap / gap * K)
    regret = (policies - 1) * (sqrt(root) + 1 + 24 / gap**8)
    return bounded_by(root, regret)


def chance_of_misjudging(p, q, n):
    """P[X >= Y] for independent X ~ Binomial(n, p) and Y ~ Binomial(n, q)."""
    first = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    second = [comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(n + 1)]
    return sum(first[i] * second[j] for i in range(n + 1) for j in range(i + 1))


def comb(n, k):
    """n choose k of small integers."""
    return factorial(n) // (factorial(k) * factorial(n - k))


@lmdp.claim("Theorem 3", reading="a policy misjudged")
def policy_misjudged(p: Number(0, 1), q: Number(0, 1), n: Integer(1, 8)):
    r"""The step by Hoeffding of that bound: of two policies whose totals are 0 or 1 with means p \le q,
    each forced n times, the worse one looks at least as good with probability at most e^{-n\Delta^2};
    \sum_k e^{-k^{1/4}\Delta^2} \le \int_0^\infty e^{-u\Delta^2} 4u^3 du = 24/\Delta^8"""
    low, high = minimum(p, q), maximum(p, q)
    return at_most(chance_of_misjudging(low, high, n), exp(-n * (high - low) ** 2))


@lmdp.claim("Theorem 3", reading="the regret of forced plays")
def regret_of_forced_plays(p: Number(0, 1), q: Number(0, 1), K: Integer(1, 20)):
    r"""That algorithm with two policies whose totals are 0 or 1 with means p, q, the worse one first and
    ties lost: the episodes that are forced are known beforehand, so that those judged on are
    independent, and its regret is at most \Delta(K^{1/4} + 1) + \Delta\sum_k e^{-k^{1/4}\Delta^2} over the others"""
    low, high = minimum(p, q), maximum(p, q)
    gap, lost, bound = high - low, 0 * p, 0 * p
    for k, (worse, free, plays) in enumerate(schedule(K), 1):
        lost = lost + gap * (worse + free * chance_of_misjudging(low, high, plays))
        bound = bound + free * gap * exp(-sqrt(sqrt(k + 0 * p)) * gap**2)
    return at_most(lost, gap * (sqrt(sqrt(K + 0 * p)) + 1) + bound)


@lmdp.claim(
    "Theorem 3",
    reading="an instance for each K",
    corrects="one_instance_for_all_K",
    because="epsilon, and with it the instance, is chosen for each K",
)
def instance_for_each_K(M: Integer(1, 2), n: Integer(44, 45)):
    r"""For every K that the proof allows, K \ge 2MSA and > (6+4\sqrt2)M^2\ln(2MC/\delta), and every algorithm
    some instance of the class, whose Var^\star = x^2/4 = \mathcal V, has regret at least
    x\sqrt{MCK}/(32\sqrt2) \ge \sqrt{\mathcal V MSAK}/64: the Bayes-optimal regret with the printed \epsilon is, as it is at
    least that of the first K' = K/2M rounds of each game that has them. K = 2M^2n; in units of x;
    S = 8, A = 2, d_1 = 4, where C = SA/8 = 2, the least; more sizes in figures/lower_bound.py"""
    layout, K_prime = hard_layout(8, 2, M, 4), M * n
    one, K = flint.fmpq(1), 2 * M * K_prime
    needed = (6 + 4 * sqrt(2 * one)) * M**2 * log(2048 * M * layout.C * K * one) / 2
    assume(every(at_least(K, 32 * M), at_least(K * one, needed)), "the proof allows K")
    in_time = sum(episode_law(M, K, one)[K_prime:])
    rounds = two_arms_regret(K_prime, printed_eps(layout.C, K_prime * one))
    line = (
        chain(M * in_time * rounds)
        .at_least(in_time * sqrt(M * layout.C * K * one / 2) / 16, "(9), as used")
        .at_least(sqrt(M * layout.C * K * one / 2) / 32, "P[K_m >= K/2M] is at least 1/2")
    )
    return every(line, at_least(8 * layout.C, 16, "C >= SA/8, with sqrt(V) = x/2"))


@lmdp.claim("Theorem 3", reading="regret splits evenly over positions")
def games_are_independent(C: Integer(2, 3), M: Integer(1, 2), K: Integer(1, 3), n: Integer(4, 5)):
    r"""The M contexts are M games that do not help each other: the Bayes-optimal regret over the class,
    all games played together, is M times that of one game that is played with probability 1/M in
    each episode, and this is \sum_n P[K_m = n] r(n) with r(n) the regret of n rounds known in advance;
    \epsilon = 1/n"""
    eps = flint.fmpq(1, n)
    return (
        chain(joint_regret(C, M, K, eps))
        .equal(M * active_regret(C, M, K, eps), "one game at a time")
        .equal(class_regret(C, M, K, eps), "one rule is best for every number of rounds")
    )
