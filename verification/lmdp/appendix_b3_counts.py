r"""Appendix B.3, triggers and Lemma 13, with its proof in B.4: counts of Algorithm 1.

A run is a sequence of visits to pairs (m, s, a): that m is one for all steps of an episode is not used.
Visits are drawn, and every sequence of them is judged. N is what it is when the episode begins; an
update at step t is one that line 14 makes for the visit of step t. N = 0 until a first visit, so 1 / N
is not defined there: max(N, 1) is what "2 for i = 0" in the proof counts, and the fair reading. TRIGGERED is never reset in
Algorithm 1: read as printed, the solver runs in every episode after the first.
"""

import numpy as np

from theorylab import (
    Integer,
    Number,
    StateDistribution,
    StateFunction,
    almost_surely,
    at_most,
    chain,
    draw,
)
from theorylab.arithmetic import maximum, ratio, sqrt
from theorylab.theory.doubling import doubling_run, visits_by_power
from theorylab.theory.latent_bounds import log_factor, most_updates
from verification.lmdp.paper import lmdp

ONE = "max(N, 1) for N"


def run_of(p, K, H):
    """Algorithm 1's counts along K episodes of H steps, whose pairs are drawn from p."""
    return doubling_run([draw(p, H) for _ in range(K)], len(p))


def one_of(p):
    """1 in the number system of p."""
    return p.sum()


# ---- triggers ------------------------------------------------------------------------------------


@lmdp.claim("B.3, triggers")
def updates_are_few(
    p: StateDistribution, K: Integer(1, 4), H: Integer(1, 3), delta: Number("1/100", 1)
):
    r"""|K^C| \le MSA(\log_2(HK) + 1) \le MSA\iota, K^C the episodes with an update"""
    run = run_of(p, K, H)
    most = most_updates(len(p), 1, 1, H, K, 2 * one_of(p))
    line = chain(run.updates * one_of(p)).at_most(most, "n = 1, 2, 4, ... at most HK")
    return almost_surely(line.at_most(len(p) * log_factor(1, len(p), 1, H, K, delta), "iota"))


@lmdp.claim("B.3, triggers", reading="TRIGGERED is never reset")
def solver_calls_are_few(p: StateDistribution, K: Integer(1, 8), H: Integer(1, 2)):
    r"""The same for the episodes after which Algorithm 1, as printed, calls the solver: all of them"""
    run = run_of(p, K, H)
    most = most_updates(len(p), 1, 1, H, K, 2 * one_of(p))
    return almost_surely(at_most(run.calls * one_of(p), most))


@lmdp.claim(
    "B.3, triggers",
    reading="TRIGGERED is reset in each episode",
    corrects="solver_calls_are_few",
    because="nothing sets TRIGGERED to FALSE. Reset when an episode begins, it is true at the end of those with"
    " an update only",
)
def solver_calls_with_reset(p: StateDistribution, K: Integer(1, 5)):
    r"""The same for the episodes after which the solver is called if TRIGGERED is FALSE when an episode begins: those of
    K^C; H = 1"""
    run = run_of(p, K, 1)
    most = most_updates(len(p), 1, 1, 1, K, 2 * one_of(p))
    return almost_surely(at_most(run.updates * one_of(p), most))


# ---- Lemma 13 ------------------------------------------------------------------------------------


def inverse_counts(run, one):
    """The sum of 1 / max(N, 1) over the visits outside X."""
    return sum(one / maximum(one * N, 1) for _, N in run.kept)


@lmdp.claim("Lemma 13", reading="1 / N as it stands, N = 0 at a first visit")
def inverse_counts_as_printed(
    p: StateDistribution, K: Integer(1, 3), H: Integer(1, 2), delta: Number("1/100", 1)
):
    r"""\sum_{k,t} 1[(k, t) \notin X] / N \le 3MSA\iota, with N = 0 before a first visit"""
    run, one = run_of(p, K, H), one_of(p)
    total = sum(ratio(one, one * N) for _, N in run.kept)
    return almost_surely(at_most(total, 3 * len(p) * log_factor(1, len(p), 1, H, K, delta)))


@lmdp.claim(
    "Lemma 13",
    reading=ONE,
    corrects="inverse_counts_as_printed",
    because="N = 0 at the first visits: 1 / N has no value there",
)
def inverse_counts_corrected(
    p: StateDistribution, K: Integer(1, 4), H: Integer(1, 3), delta: Number("1/100", 1)
):
    r"""\sum_{k,t} 1[(k, t) \notin X] / \max(N, 1) \le MSA(2 + \log_2(HK)) \le 3MSA\iota"""
    run, one = run_of(p, K, H), one_of(p)
    middle = most_updates(len(p), 1, 1, H, K, 2 * one) + len(p)
    line = chain(inverse_counts(run, one)).at_most(middle, "2 for i = 0, 1 for each i above")
    return almost_surely(line.at_most(3 * len(p) * log_factor(1, len(p), 1, H, K, delta), "iota"))


@lmdp.claim("Lemma 13", reading=ONE + ", with weights")
def weighted_inverse_counts(
    p: StateDistribution,
    f: StateFunction,
    k: Integer(0, 3),
    H: Integer(1, 2),
    e: Integer(0, 1),
    delta: Number("1/100", 1),
):
    r"""\sum\sqrt{w 1[(k, t) \notin X] / \max(N, 1)} \le \sqrt{3MSA\iota\sum w 1[(k, t) \notin X]}, line by line: 3K episodes, K = 2^k
    with each of three pairs drawn, weights w = f_j^2/\max(N, 1)^e at the j-th visit, j modulo the length of f"""
    K, one = 2**k, one_of(p)
    run = doubling_run([(pair,) * H for pair in draw(p, 3) for _ in range(K)], len(p))
    counts = [maximum(one * N, 1) for _, N in run.kept]
    weights = [f[j % len(p)] ** 2 / N**e for j, N in enumerate(counts)]
    roots = sum(sqrt(w / N) for w, N in zip(weights, counts, strict=True))
    total, most = sum(weights), most_updates(len(p), 1, 1, H, 3 * K, 2 * one)
    iota = log_factor(1, len(p), 1, H, 3 * K, delta)
    return almost_surely(
        chain(roots)
        .at_most(sqrt(inverse_counts(run, one) * total), "Cauchy-Schwarz")
        .at_most(
            sqrt(most * total), "1 + log2(HK) for each pair, one less than Lemma 13's proof has"
        )
        .at_most(sqrt(3 * len(p) * iota * total), "iota")
    )


@lmdp.claim("Lemma 13, proof")
def visits_at_each_count(p: StateDistribution, K: Integer(1, 4), H: Integer(1, 3)):
    r"""\sum_{k,t} 1[(m^k, s^k_t, a^k_t) = (m, s, a), \max(N, 1) = 2^i, (k, t) \notin X] \le 2 at i = 0, 2^i at i \ge 1"""
    powers = (H * K).bit_length()
    seen = visits_by_power(run_of(p, K, H), len(p), powers) * one_of(p)
    allowed = np.array([2, *[2**i for i in range(1, powers)]], dtype=object)
    return almost_surely(at_most(seen, allowed + 0 * seen))


@lmdp.claim("Lemma 13, proof", reading="sum over i")
def inverse_counts_by_powers(p: StateDistribution, K: Integer(1, 4), H: Integer(1, 3)):
    r"""\sum 1[(k, t) \notin X] / \max(N, 1) \le \sum_{m,s,a}(2 + \sum_{i=1}^{\lfloor\log_2(HK)\rfloor} 1)"""
    run, most = run_of(p, K, H), len(p) * (1 + (H * K).bit_length())
    return almost_surely(at_most(inverse_counts(run, one_of(p)), most * one_of(p)))
