r"""Definition 10's (6), (7), and Lemma 11 with its proof.

A row p stands for P_m(.|s, a), p_hat for the frequencies of its N draws. The print of (6), (7) and of
Lemma 11's proof has 5 iota/N (iota/N, ...) under the root; (2), and Lemma 12's proof, have it outside.
The two readings are registered as `as printed` and `as in (2)`: the first event contains the second.
Lemma 11's N is the number of draws that an estimate was made from, so the union is over N <= HK; where
a pair was never visited, N = 0, (6) and (7) are undefined (judge them with max(N, 1)).
"""

import flint
import numpy as np

from theorylab import (
    Integer,
    Number,
    at_most,
    chain,
    draw_counts,
    every,
    with_probability,
)
from theorylab.arithmetic import absolute, log, sqrt
from theorylab.theory.latent_bounds import log_factor
from theorylab.theory.latent_events import (
    failure_probability,
    heads_on_event_1,
    heads_on_event_2,
)
from verification.lmdp.paper import lmdp


def event_1(p_hat, iota, N):
    """The width of (6) as in (2)."""
    return 2 * sqrt(p_hat * iota / N) + 5 * iota / N


def event_2(p, iota, N):
    """The width of (7), its second term outside the root."""
    return sqrt(2 * p * iota / N) + iota / N


def event_1_printed(p_hat, iota, N):
    """The width of (6) as printed."""
    return 2 * sqrt(p_hat * iota / N + 5 * iota / N)


def event_2_printed(p, iota, N):
    """The width of (7) as printed."""
    return sqrt(2 * p * iota / N + iota / N)


def coin_row(q, delta, N):
    """p = (1 - q, q), the frequencies p_hat of its N draws, and the smallest iota for HK = N."""
    p = np.stack([1 - q, q])
    return p, draw_counts(p, N) / N, log_factor(1, 2, 1, N, 1, delta)


@lmdp.claim("(6)", reading="as in (2)")
def good_event_1(q: Number("1/2000", "1/2"), delta: Number("1/1000000", 1), blocks: Integer(1, 2)):
    r"""|(\hat P - P)(s'|s, a)| \le 2\sqrt{\hat P(s'|s,a)\iota/N} + 5\iota/N for all s', with probability 1-\delta, at
    one (m, s, a, k); S = 2, N = HK = 64 or 128, where the width is not above 1"""
    N = 64 * blocks
    p, p_hat, iota = coin_row(q, delta, N)
    return with_probability(1 - delta, at_most(absolute(p_hat - p), event_1(p_hat, iota, N)))


@lmdp.claim("(6)", reading="as printed")
def good_event_1_printed(
    q: Number("1/2000", "1/2"), delta: Number("1/1000000", 1), blocks: Integer(1, 2)
):
    r"""|(\hat P - P)(s'|s, a)| \le 2\sqrt{\hat P(s'|s,a)\iota/N + 5\iota/N} for all s', with probability 1-\delta, at
    one (m, s, a, k): an event that says little, since its width is 2\sqrt{5\iota/N} where (2) has 5\iota/N;
    S = 2, N = HK = 320 or 640"""
    N = 320 * blocks
    p, p_hat, iota = coin_row(q, delta, N)
    width = event_1_printed(p_hat, iota, N)
    return with_probability(1 - delta, at_most(absolute(p_hat - p), width))


@lmdp.claim("(7)", reading="as in (2)")
def good_event_2(q: Number("1/2000", "1/2"), delta: Number("1/1000000", 1), e: Integer(0, 2)):
    r"""|(\hat P - P)(s'|s, a)| \le \sqrt{2P(s'|s,a)\iota/N} + \iota/N for all s', with probability 1-\delta, at one
    (m, s, a, k); S = 2, N = HK = 16, 80, 400"""
    N = 16 * 5**e
    p, p_hat, iota = coin_row(q, delta, N)
    return with_probability(1 - delta, at_most(absolute(p_hat - p), event_2(p, iota, N)))


@lmdp.claim("(7)", reading="as printed")
def good_event_2_printed(
    q: Number("1/2000", "1/2"), delta: Number("1/1000000", 1), e: Integer(0, 2)
):
    r"""|(\hat P - P)(s'|s, a)| \le \sqrt{2P(s'|s,a)\iota/N + \iota/N} for all s', with probability 1-\delta, at one
    (m, s, a, k); S = 2, N = HK = 16, 80, 400"""
    N = 16 * 5**e
    p, p_hat, iota = coin_row(q, delta, N)
    return with_probability(1 - delta, at_most(absolute(p_hat - p), event_2_printed(p, iota, N)))


@lmdp.claim("Lemma 11")
def good_events(blocks: Integer(1, 2), i: Integer(0, 4), d: Integer(0, 2)):
    r"""P[\Omega_1], P[\Omega_2] \ge 1 - \delta as in (2), exactly, at all N \le HK at once: one pair with S = 2, HK = 64 or 128
    draws, P = 2^{-2i-1}, \delta = 1000^{-d}"""
    q, delta = flint.fmpq(1, 2 ** (2 * i + 1)), flint.fmpq(1, 1000**d)
    return every(
        at_most(failure_probability(heads_on_event_1, q, delta, 64 * blocks), delta),
        at_most(failure_probability(heads_on_event_2, q, delta, 64 * blocks), delta),
    )


@lmdp.claim("Lemma 11", reading="half of iota, S = 2")
def good_event_2_halved(blocks: Integer(1, 2), i: Integer(0, 4), d: Integer(0, 2)):
    r"""P[\Omega_2] \ge 1 - \delta with \ln(2MSAHK/\delta) in place of \iota, twice that: by Lemma 5 for each N \le HK, where
    both states deviate at once; the same pair"""
    q, delta, half = flint.fmpq(1, 2 ** (2 * i + 1)), flint.fmpq(1, 1000**d), flint.fmpq(1, 2)
    return at_most(failure_probability(heads_on_event_2, q, delta, 64 * blocks, share=half), delta)


@lmdp.claim("Lemma 11, proof", reading="from Lemma 6")
def from_lemma_6(
    q: Number(0, 1), iota_prime: Number("1/2", None), x: Number(0, None), N: Integer(2, 9)
):
    r"""\sqrt{2\hat V\iota'/(N-1)} + \frac{7\iota'}{3(N-1)} \le \sqrt{2\hat P\iota'/(N-1)} + \frac{7\iota'}{3(N-1)} \le
    2\sqrt{\hat P\iota/N} + \frac{5\iota}{N} for \iota \ge \iota' and N \ge 2, \hat V = \hat P(1 - \hat P)"""
    iota = iota_prime + x
    last = 7 * iota_prime / (3 * (N - 1))
    return (
        chain(sqrt(2 * q * (1 - q) * iota_prime / (N - 1)) + last)
        .at_most(sqrt(2 * q * iota_prime / (N - 1)) + last, "V of a coin")
        .at_most(sqrt(4 * q * iota_prime / N) + 14 * iota_prime / (3 * N), "1/(x-1) <= 2/x")
        .at_most(event_1(q, iota, N), "iota' <= iota")
    )


@lmdp.claim("Lemma 11, proof", reading="from Lemma 5")
def from_lemma_5(
    q: Number(0, 1), iota_prime: Number("1/2", None), x: Number(0, None), N: Integer(1, 9)
):
    r"""\sqrt{2V\iota'/N} + \iota'/N \le \sqrt{2P\iota/N} + \iota/N for \iota \ge \iota', V = P(1 - P)"""
    iota = iota_prime + x
    return (
        chain(sqrt(2 * q * (1 - q) * iota_prime / N) + iota_prime / N)
        .at_most(sqrt(2 * q * iota_prime / N) + iota_prime / N, "V of a coin")
        .at_most(event_2(q, iota, N), "iota' <= iota")
    )


@lmdp.claim("Lemma 11, proof", reading="iota'")
def iota_prime_is_at_most_iota(
    delta: Number("1/1000", 1), M: Integer(1, 2), S: Integer(1, 3), A: Integer(1, 2), H: Integer(1, 2), K: Integer(1, 3)
):  # fmt: skip
    r"""\iota' = \ln(2MS^2AHK^2/\delta) \le \iota, and 2e^{-\iota'} = \delta/(MSASK\cdot HK), Lemma 6's \delta"""
    iota_prime = log(2 * M * S**2 * A * H * K**2 / delta)
    return at_most(iota_prime, log_factor(M, S, A, H, K, delta))


@lmdp.claim("Lemma 11, proof", reading="N = 1")
def one_draw_is_trivial(
    q: Number(0, 1), p_hat: Number(0, 1), delta: Number("1/1000", 1), n: Integer(1, 9)
):
    r"""N = 1 is trivial: |\hat P - P| \le 1 \le 5\iota, for any MSAHK = n"""
    iota = log_factor(1, 1, 1, 1, n, delta)
    return (
        chain(absolute(p_hat - q))
        .at_most(1 + 0 * q, "both in [0, 1]")
        .at_most(event_1(p_hat, iota, 1), "5 iota >= 10 ln 2")
    )
