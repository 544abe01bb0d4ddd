r"""Appendix B.3, Lemma 12, and its proof in B.4: an estimate's error on a vector.

Lemma 12 is printed for |alpha| <= 1; then |alpha(s') - p_hat alpha| is up to 2, and the last step loses
a factor 2. The paper uses it for alpha vectors, which lie in [0, 1].
What falls is judged at estimates that draws can have, 0 where P is; what stands, at any row.
"""

from theorylab import StateDistribution, StateFunction, at_most, chain
from theorylab.arithmetic import absolute, sqrt
from theorylab.worlds import support
from verification.lmdp.paper import lmdp
from verification.lmdp.rows import (
    UNDER,
    UNIT,
    error_1,
    error_2,
    possible_estimate,
    row_spread,
    states_reached,
    tight_1,
    tight_1_under,
    tight_2,
    tight_2_under,
)

TWICE = "|alpha(s') - p alpha| is at most 1 for alpha in [0, 1], and up to 2 for |alpha| <= 1"


@lmdp.claim("Lemma 12")
def estimate_error(p: StateDistribution, q: StateDistribution, alpha: StateFunction):
    r"""On \Omega_1, |(\hat P - P)\alpha| \le 2\sqrt{supp(\hat P) V(\hat P, \alpha)\iota/N} + 5S\iota/N
    for \|\alpha\|_\infty \le 1"""
    p_hat = possible_estimate(p, q)
    return at_most(absolute((p_hat - p) @ alpha), error_1(p_hat, alpha, tight_1(p, p_hat)))


@lmdp.claim("Lemma 12", reading=UNIT, corrects="estimate_error", because=TWICE)
def estimate_error_corrected(p: StateDistribution, p_hat: StateDistribution, f: StateFunction):
    r"""The same for \alpha = (1 + f)/2 in [0, 1]"""
    alpha = (1 + f) / 2
    return at_most(absolute((p_hat - p) @ alpha), error_1(p_hat, alpha, tight_1(p, p_hat)))


@lmdp.claim("Lemma 12", reading="twice the last term", corrects="estimate_error", because=TWICE)
def estimate_error_signed(p: StateDistribution, p_hat: StateDistribution, alpha: StateFunction):
    r"""The same for \|\alpha\|_\infty \le 1 with 10S\iota/N"""
    u = tight_1(p, p_hat)
    bound = error_1(p_hat, alpha, u) + 5 * len(p) * u
    return at_most(absolute((p_hat - p) @ alpha), bound)


@lmdp.claim("Lemma 12", reading="with Omega_2")
def estimate_error_2(p: StateDistribution, q: StateDistribution, alpha: StateFunction):
    r"""On \Omega_2, |(\hat P - P)\alpha| \le \sqrt{2 supp(P) V(P, \alpha)\iota/N} + S\iota/N
    for \|\alpha\|_\infty \le 1"""
    p_hat = possible_estimate(p, q)
    return at_most(absolute((p_hat - p) @ alpha), error_2(p, alpha, tight_2(p, p_hat)))


@lmdp.claim(
    "Lemma 12",
    reading="with Omega_2, " + UNIT,
    corrects="estimate_error_2",
    because=TWICE,
)
def estimate_error_2_corrected(p: StateDistribution, p_hat: StateDistribution, f: StateFunction):
    r"""The same for \alpha = (1 + f)/2 in [0, 1]"""
    alpha = (1 + f) / 2
    return at_most(absolute((p_hat - p) @ alpha), error_2(p, alpha, tight_2(p, p_hat)))


@lmdp.claim("Lemma 12", reading=UNIT + ", " + UNDER)
def estimate_error_under(p: StateDistribution, q: StateDistribution, f: StateFunction):
    r"""The first half for \alpha in [0, 1] on \Omega_1 as (6) prints it, |\hat P - P| \le
    2\sqrt{\hat P\iota/N + 5\iota/N}: (6) means 5\iota/N outside, as (2) does"""
    alpha, p_hat = (1 + f) / 2, possible_estimate(p, q)
    return at_most(absolute((p_hat - p) @ alpha), error_1(p_hat, alpha, tight_1_under(p, p_hat)))


@lmdp.claim("Lemma 12", reading="with Omega_2, " + UNIT + ", " + UNDER)
def estimate_error_2_under(p: StateDistribution, q: StateDistribution, f: StateFunction):
    r"""The second half for \alpha in [0, 1] on \Omega_2 as (7) prints it, |\hat P - P| \le
    \sqrt{2P\iota/N + \iota/N}"""
    alpha, p_hat = (1 + f) / 2, possible_estimate(p, q)
    return at_most(absolute((p_hat - p) @ alpha), error_2(p, alpha, tight_2_under(p, p_hat)))


def proof_of_lemma_12(p, p_hat, alpha, u):
    """B.4's lines for Omega_1, for a vector alpha of shape (S,)."""
    d, reach = absolute(p_hat - p), absolute(alpha - p_hat @ alpha)
    inside, v, last = support(p_hat), sqrt(u), 5 * len(p) * u
    root = sqrt(states_reached(p_hat) * (p_hat * reach * reach).sum())
    return (
        chain(absolute((p_hat - p) @ alpha))
        .equal(absolute(((p_hat - p) * (alpha - p_hat @ alpha)).sum()), "two distributions")
        .at_most((d * reach).sum(), "the triangle inequality")
        .at_most(((2 * sqrt(p_hat * u) + 5 * u) * reach).sum(), "Omega_1")
        .at_most(2 * v * (inside * sqrt(p_hat) * reach).sum() + last, "|alpha - p_hat alpha| <= 1")
        .at_most(2 * v * root + last, "Cauchy-Schwarz")
        .equal(2 * sqrt(states_reached(p_hat) * row_spread(p_hat, alpha) * u) + last, "V")
    )


@lmdp.claim("Lemma 12, proof")
def estimate_error_proof(p: StateDistribution, q: StateDistribution, alpha: StateFunction):
    r"""|(\hat P - P)\alpha| = |\sum(\hat P - P)(\alpha - \hat P\alpha)| \le \ldots for \|\alpha\|_\infty \le 1"""
    p_hat = possible_estimate(p, q)
    return proof_of_lemma_12(p, p_hat, alpha, tight_1(p, p_hat))


@lmdp.claim("Lemma 12, proof", reading=UNIT, corrects="estimate_error_proof", because=TWICE)
def estimate_error_proof_corrected(
    p: StateDistribution, p_hat: StateDistribution, f: StateFunction
):
    r"""The same lines for \alpha = (1 + f)/2 in [0, 1]"""
    return proof_of_lemma_12(p, p_hat, (1 + f) / 2, tight_1(p, p_hat))
