"""LMDP's Sections 3 and 4 and Appendix A: refuted statements recomputed by hand.

Nothing of the engines or of theorylab.theory: exact fractions, enumeration, and `math`.
"""

from fractions import Fraction
from itertools import product
from math import exp, log, log2, sqrt


def test_lemma_4_falls_at_one_step() -> None:
    """|X_1| = 1 > sqrt(ln(2/delta)) for every delta above 2/e: the failure is sure."""
    delta = 0.8
    assert delta > 2 / exp(1) and sqrt(log(2 / delta)) < 1


def test_lemma_4_falls_for_small_delta() -> None:
    """Six equal signs: 6 > sqrt(6 ln 400), with probability 1/32 > 3/100."""
    delta = Fraction(3, 100)
    broken = 0
    for signs in product((-1, 1), repeat=6):
        sums = [abs(sum(signs[:k])) for k in range(1, 7)]
        broken += any(s > sqrt(k * log(2 * k / delta)) for k, s in enumerate(sums, 1))
    assert Fraction(broken, 64) == Fraction(1, 32) > delta
    assert sqrt(6 * log(400)) + 0.003 < 6


def test_lemma_4_corrected_at_the_same_place() -> None:
    """With twice the root nothing breaks there; the union bound sums to less than delta."""
    assert 2 * sqrt(6 * log(400)) > 6
    delta = Fraction(9, 10)
    assert sum(delta**2 / (2 * k**2) for k in range(1, 400)) < delta


def test_lemma_7_falls_at_one_small_step() -> None:
    """c = 1/2, n = 1, delta = 27/100 <= 2 e^-2: |M_1| = 1/2 exceeds the bound, surely."""
    c, delta = 0.5, 0.27
    assert delta <= 2 * (c**2) ** (1 / log(2))
    L = log2(c**2) + log(2 / delta)
    bound = 2 * sqrt(2 * c**2 * L) + 2 * sqrt(L) + 2 * c * L
    assert 0 < bound < 0.2 < c and delta < 1


def first_hits(q: Fraction, threshold: Fraction, steps: int) -> Fraction:
    """P[n q >= 3 (heads) + threshold for some n <= steps], coins of probability q."""
    alive, hit = {0: Fraction(1)}, Fraction(0)
    for n in range(1, steps + 1):
        grown: dict[int, Fraction] = {}
        for heads, p in alive.items():
            grown[heads] = grown.get(heads, Fraction(0)) + p * (1 - q)
            grown[heads + 1] = grown.get(heads + 1, Fraction(0)) + p * q
        done = [heads for heads in grown if n * q >= 3 * heads + threshold]
        hit += sum(grown.pop(heads) for heads in done)
        alive = grown
    return hit


def test_lemma_8_second_display_falls_in_35_steps() -> None:
    """X_k = 1 with probability 3/34, delta = e^{-3/34}: the event is the first hit of 3/34."""
    q = Fraction(3, 34)
    found = first_hits(q, q, 35)
    assert found == (1 - q) + q * (1 - q) ** 34  # tails at once, or one head and then tails
    assert float(found) > exp(-3 / 34) + 3e-5
    corrected = first_hits(q, q * Fraction(16, 15), 35)
    assert float(corrected) < exp(-3 / 34)


def test_definition_1_misses_the_draw_of_actions() -> None:
    """One context, state and step, rewards 0 and 1 by a coin: variance 1/4, in print 0."""
    pi, R, start = [Fraction(1, 2)] * 2, [0, 1], [Fraction(1)]
    mean = sum(p * r for p, r in zip(pi, R, strict=True))
    total = sum(p * (r - mean) ** 2 for p, r in zip(pi, R, strict=True))
    alpha = [mean]
    average = sum(p * x for p, x in zip(start, alpha, strict=True))
    printed = sum(p * (x - average) ** 2 for p, x in zip(start, alpha, strict=True))
    assert (printed, total) == (0, Fraction(1, 4))


def test_rho_regret_above_the_regret() -> None:
    """V* = V = 1, rho_1 = 2, rho_2 = 0: 2 - 1 > 2 * 0. No oracle keeps the promise V >= 2 V*."""
    V_star = V = 1
    rho_1, rho_2 = 2, 0
    assert rho_1 * V_star - rho_2 - V > rho_1 * (V_star - V)
    assert not rho_1 * V_star - rho_2 <= V


def test_lemma_11_constants() -> None:
    """iota' <= iota needs 2 M A H >= delta; 7/3 at N - 1 is below 5 at N, from N = 2 on."""
    for N in range(2, 50):
        assert Fraction(7, 3 * (N - 1)) <= Fraction(14, 3 * N) < Fraction(5, N)
    for M, S, A, H, K in product((1, 2), (1, 3), (1, 2), (1, 2), (1, 3)):
        assert log(2 * M * S**2 * A * H * K**2) <= 2 * log(2 * M * S * A * H * K)
