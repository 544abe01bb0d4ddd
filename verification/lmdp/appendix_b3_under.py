r"""Lemma 12 on the events as (6) and (7) print them, with 5 iota/N and iota/N under the root.

The last term is then of order sqrt(iota/N), not iota/N: it dominates, and Theorem 2 does not follow. These
are the bounds of this form with the smallest last terms: d(A) = -d(not A), and the smaller of two sums over
k <= S/2 states of mass b is at most k 2 sqrt(5 + b/k) for (6), k sqrt(1 + 2 b/k) for (7), times sqrt(iota/N).
"""

from theorylab import Number, StateDistribution, StateFunction, at_most
from theorylab.arithmetic import absolute, sqrt
from verification.lmdp.paper import lmdp
from verification.lmdp.rows import (
    UNDER,
    UNIT,
    row_spread,
    states_reached,
    tight_1_under,
    tight_2_under,
)

ONE_ENTRY = (
    "(6) and (7) as printed allow an error of order sqrt(iota/N) at a next state of any probability, 0 or"
    " nearly 0 included. With iota/N outside the root, as B.4 uses them, the lemma stands for alpha in [0, 1]"
)


@lmdp.claim(
    "Lemma 12",
    reading=UNIT + ", " + UNDER + ", corrected",
    corrects="estimate_error_under",
    because=ONE_ENTRY,
)
def estimate_error_under_corrected(
    p_hat: StateDistribution, q: StateDistribution, f: StateFunction, t: Number(0, "1/2")
):
    r"""On \Omega_1 as (6) prints it, |(\hat P - P)\alpha| \le 2\sqrt{supp(\hat P) V(\hat P, \alpha)\iota/N} + S\sqrt{5\iota/N} for \alpha in [0, 1];
    P = \hat P + t(q - \hat P)"""
    p, alpha, S = p_hat + t * (q - p_hat), (1 + f) / 2, len(p_hat)
    u = tight_1_under(p, p_hat)
    root = 2 * sqrt(states_reached(p_hat) * row_spread(p_hat, alpha) * u)
    return at_most(absolute((p_hat - p) @ alpha), root + S * sqrt(5 * u))


@lmdp.claim(
    "Lemma 12",
    reading="with Omega_2, " + UNIT + ", " + UNDER + ", corrected",
    corrects="estimate_error_2_under",
    because=ONE_ENTRY,
)
def estimate_error_2_under_corrected(
    p_hat: StateDistribution, q: StateDistribution, f: StateFunction, t: Number(0, "1/2")
):
    r"""On \Omega_2 as (7) prints it, |(\hat P - P)\alpha| \le \sqrt{2 supp(P) V(P, \alpha)\iota/N} + S\sqrt{\iota/3N} for \alpha in [0, 1];
    P = \hat P + t(q - \hat P)"""
    p, alpha, S = p_hat + t * (q - p_hat), (1 + f) / 2, len(p_hat)
    u = tight_2_under(p, p_hat)
    root = sqrt(2 * states_reached(p) * row_spread(p, alpha) * u)
    return at_most(absolute((p_hat - p) @ alpha), root + S * sqrt(u / 3))
