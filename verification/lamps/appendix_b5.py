r"""Appendix B.5: the Hoeffding-Azuma inequality and the online-to-batch conversion.

Lemma B.1 sums X_i over t: X_t is meant; the printed index is a reading. P(sum > eps) <= b(eps) for
every eps says P(sum >= eps) <= b(eps) too, since b is continuous: the claims have the first.
Lemma B.2 has "+ Z_t", and Z_t outside the sum: with the paper's own definition of Z_t it is
- sum_t Z_t. Its data are "generated i.i.d." from a law that depends on the data before them: adaptive
is meant. R(T) is the regret on the empirical losses, which is what the learner sees.
"""

import numpy as np

from theorylab import (
    MDP,
    Integer,
    Number,
    StateDistribution,
    StateFunction,
    almost_surely,
    at_most,
    chain,
    draw,
    in_expectation,
    with_probability,
)
from theorylab.arithmetic import exp, inf, sup, sup_norm
from theorylab.theory.online import leader, regret
from verification.lamps.paper import lamps


def differences(M, f):
    """X(s, a, s') = c(s, a) (f(s') - E_{M(s, a)} f): mean zero in each row, (S, A, S)."""
    return M.c[:, :, None] * (f - (M.P @ f)[:, :, None])


def azuma_run(M, f, T):
    """X_1, ..., X_T: round t draws from the row (last label, t mod A), so laws hang on the past."""
    X, last, drawn = differences(M, f), 0, []
    for t in range(T):
        label = draw(M.P[last, t % M.A])
        drawn.append(X[last, t % M.A, label])
        last = label
    return drawn, sup_norm(X)


@lamps.claim("Lemma B.1")
def hoeffding_azuma(M: MDP, f: StateFunction, T: Integer(1, 3), u: Number(0, 4)):
    r"""P(\sum_t X_t \ge \epsilon) \le \exp(\frac{-\epsilon^2}{2TR^2}) for any martingale differences
    with |X_t| \le R, at \epsilon = u R"""
    X, R = azuma_run(M, f, T)
    return with_probability(1 - exp(-(u**2) / (2 * T)), at_most(sum(X), u * R))


@lamps.claim("Lemma B.1", reading="a fair coin")
def hoeffding_azuma_fair_coin(R: Number("1/2", 1), T: Integer(1, 4), k: Integer(1, 4)):
    r"""The same for X_t = \pm R with probability 1/2 at \epsilon = k R, the case nearest to the bound:
    the sum is below k R where it is at most (k - 1) R"""
    coin, eps = np.stack([R, R]) / (2 * R), k * R
    heads = sum(draw(coin, T))
    below = at_most((2 * heads - T) * R, (k - 1) * R)
    return with_probability(1 - exp(-(eps**2) / (2 * T * R**2)), below)


@lamps.claim("Lemma B.1", reading="the index as printed")
def hoeffding_azuma_printed_index(R: Number("1/2", 1), T: Integer(1, 2), k: Integer(1, 2)):
    r"""P(\sum_{t=1}^T X_i \ge \epsilon) \le \exp(\frac{-\epsilon^2}{2TR^2}) with one X_i = \pm R, T times"""
    coin, eps = (1 + 0 * np.stack([R, R])) / 2, k * R
    X = (2 * draw(coin) - 1) * R
    return with_probability(1 - exp(-(eps**2) / (2 * T * R**2)), at_most(T * X, (k - 1) * R))


@lamps.claim("Lemma B.1", reading="bounded from above only")
def hoeffding_azuma_one_sided(p: StateDistribution, f: StateFunction, u: Number(0, 1)):
    r"""The same for T = 1 with X \le R in place of |X| \le R"""
    X = f - p @ f
    R = sup(X)
    return with_probability(1 - exp(-(u**2) / 2), at_most(X[draw(p)], u * R))


@lamps.claim("Lemma B.1", reading="without the martingale")
def hoeffding_without_martingale(p: StateDistribution, f: StateFunction, u: Number(0, 4)):
    r"""The same for T = 1 and any X with |X| \le R, whatever its mean"""
    return with_probability(1 - exp(-(u**2) / 2), at_most(f[draw(p)], u * sup_norm(f)))


# ---- Lemma B.2 -----------------------------------------------------------------------------------


def online_to_batch(p, f, g, T):
    """Sums over a run of T rounds with two hypotheses, whose losses on the target y are f and g.

    y_t ~ p, and the next hypothesis is chosen by the parity of y_t, so that the learner adapts.
    Returns sum l_t(h_t), R(T), sum l_t(h*) and the list of Z_t; h* minimises the expected losses.
    """
    losses, play, plays, seen = np.stack([f, g]), 0, [], []
    for _ in range(T):
        y = draw(p)
        plays.append(play)
        seen.append(losses[:, y])
        play = y % 2
    expected = losses @ p
    best = leader(expected)
    paid = np.array([loss[h] for h, loss in zip(plays, seen, strict=True)], dtype=object)
    excess = [loss[h] - expected[h] for h, loss in zip(plays, seen, strict=True)]
    Z = [x - best @ (loss - expected) for x, loss in zip(excess, seen, strict=True)]
    return sum(expected[h] for h in plays), regret(paid, np.stack(seen)), T * inf(expected), Z


@lamps.claim("Lemma B.2")
def online_to_batch_printed(
    p: StateDistribution, f: StateFunction, g: StateFunction, T: Integer(1, 3)
):
    r"""\sum_t l_t(\hat h_t) \le R(T) + \sum_t [l_t(h^\star) + Z_t], as B.4 uses it"""
    paid, R, best, Z = online_to_batch(p, f, g, T)
    return almost_surely(at_most(paid, R + best + sum(Z)))


@lamps.claim("Lemma B.2", reading="the last Z only")
def online_to_batch_last_difference(
    p: StateDistribution, f: StateFunction, g: StateFunction, T: Integer(1, 3)
):
    r"""\sum_t l_t(\hat h_t) \le R(T) + \sum_t l_t(h^\star) + Z_T, with Z outside the sum"""
    paid, R, best, Z = online_to_batch(p, f, g, T)
    return almost_surely(at_most(paid, R + best + Z[-1]))


@lamps.claim("Lemma B.2", reading="minus the last Z only")
def online_to_batch_minus_last_difference(
    p: StateDistribution, f: StateFunction, g: StateFunction, T: Integer(1, 3)
):
    r"""The same with - Z_T: the sign alone does not mend it"""
    paid, R, best, Z = online_to_batch(p, f, g, T)
    return almost_surely(at_most(paid, R + best - Z[-1]))


@lamps.claim(
    "Lemma B.2",
    reading="corrected",
    corrects="online_to_batch_printed",
    because="Z_t is the empirical excess minus the expected one, so the expected one is the empirical"
    " one minus Z_t, in every round",
)
def online_to_batch_corrected(
    p: StateDistribution, f: StateFunction, g: StateFunction, T: Integer(1, 3)
):
    r"""\sum_t l_t(\hat h_t) = \sum_t l_t(h^\star) + \sum_t [\hat l_t(\hat h_t) - \hat l_t(h^\star)]
    - \sum_t Z_t \le R(T) + \sum_t l_t(h^\star) - \sum_t Z_t"""
    paid, R, best, Z = online_to_batch(p, f, g, T)
    return almost_surely(at_most(paid, R + best - sum(Z)))


@lamps.claim("Lemma B.2", reading="in expectation")
def online_to_batch_in_expectation(
    p: StateDistribution, f: StateFunction, g: StateFunction, T: Integer(1, 3)
):
    r"""E\sum_t l_t(\hat h_t) \le E[R(T) + \sum_t l_t(h^\star)] for an h^\star that does not hang on the
    data: E Z_t = 0, so the sign of Z_t does not matter there"""
    paid, R, best, Z = online_to_batch(p, f, g, T)
    return in_expectation(
        chain(paid)
        .at_most(R + best + sum(Z), "the lemma as printed")
        .equal(R + best, "martingale differences")
    )
