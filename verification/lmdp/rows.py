r"""One row (m, s, a) on the good events: the smallest iota / N at which an event holds.

p is the truth, p_hat the estimate, p_tilde the optimistic model's; u = iota / N. The bounds hang on
iota and N through u alone, and each of them grows with u, so the smallest u is the sharpest test:

    Omega_1 and (2):  |p_hat - p| <= 2 sqrt(p_hat u) + 5 u    sqrt(u) = d / (sqrt(p_hat + 5 d) + sqrt(p_hat))
    Omega_2:          |p_hat - p| <= sqrt(2 p u) + u          sqrt(u) = 2 d / (sqrt(2 p + 4 d) + sqrt(2 p))

with d = |p_hat - p|. (6) and (7) are printed with 5 iota/N and iota/N under the root, (2) outside; B.4
uses them outside. Vectors in [0, 1] are (1 + f) / 2.
"""

from theorylab import assume, at_least
from theorylab.arithmetic import absolute, maximum, ratio, sqrt, sup
from theorylab.worlds import support

UNDER = "5 iota/N and iota/N under the root, as (6) and (7) print"
UNIT = "alpha in [0, 1]"


def spread(p, x):
    """The variance of x under p as a sum of squares, shapes (..., S) to (...)."""
    mean = (p * x).sum(-1)
    return (p * (x - mean[..., None]) ** 2).sum(-1)


def row_spread(p, x):
    """The variance of x under one row p: shapes (S,), (S,) to a number."""
    return (p * (x - (p * x).sum()) ** 2).sum()


def states_reached(p):
    """supp(p): how many entries of a row are positive, shape (..., S) to (...)."""
    return support(p).sum(-1)


def tight_1(p, p_hat):
    """The smallest u at which Omega_1 (or (2), for a model p) holds, shapes (..., S) to (...)."""
    d = absolute(p_hat - p)
    return sup(ratio(d, sqrt(p_hat + 5 * d) + sqrt(p_hat)) ** 2, -1)


def tight_2(p, p_hat):
    """The smallest u at which Omega_2 holds, shapes (..., S) to (...)."""
    d = absolute(p_hat - p)
    return sup(ratio(2 * d, sqrt(2 * p + 4 * d) + sqrt(2 * p)) ** 2, -1)


def tight_1_under(p, p_hat):
    """The smallest u at which (6) holds as printed: |p_hat - p| <= 2 sqrt(p_hat u + 5 u)."""
    return sup((p_hat - p) ** 2 / (4 * (p_hat + 5)), -1)


def tight_2_under(p, p_hat):
    """The smallest u at which (7) holds as printed: |p_hat - p| <= sqrt(2 p u + u)."""
    return sup((p_hat - p) ** 2 / (2 * p + 1), -1)


def error_1(p_hat, alpha, u):
    """Lemma 12's bound on Omega_1: 2 sqrt(supp(p_hat) V(p_hat, alpha) u) + 5 S u."""
    root = sqrt(states_reached(p_hat) * row_spread(p_hat, alpha) * u)
    return 2 * root + 5 * len(p_hat) * u


def error_2(p, alpha, u):
    """Lemma 12's bound on Omega_2: sqrt(2 supp(p) V(p, alpha) u) + S u."""
    return sqrt(2 * states_reached(p) * row_spread(p, alpha) * u) + len(p) * u


def within_support(p, q):
    """An estimate of p: a row that is positive only where p is, p (1 + q) normalised."""
    weights = p * (1 + q)
    return weights / weights.sum()


def possible_estimate(p, q):
    """Any frequencies that draws from p can have: a row that is 0 where p is, p q normalised."""
    weights = p * q
    assume(at_least(weights.sum(), p.sum() / 10**4), "q and p meet")
    return weights / weights.sum()


def row_bonus(p_hat, alpha, u):
    """(3) as B.4 has it: max(4 sqrt(supp(p_hat) V(p_hat, alpha) u), 16 S u), for one row."""
    root = sqrt(states_reached(p_hat) * row_spread(p_hat, alpha) * u)
    return maximum(4 * root, 16 * len(p_hat) * u)
