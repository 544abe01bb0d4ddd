"""LV-Rep's Lemmas 5, 7, 12, 13 and 14: counterexamples recomputed by hand.

Nothing of the engines or of theorylab.theory: exact fractions and `math`.
"""

from fractions import Fraction as F
from math import log, sqrt


def test_lemma_5_falls_with_the_mean_square():
    """Two states, T_hat to the first, T* to it with 7/8; gamma = 999/1000, lambda/n = 1/1000.

    gamma <= gamma sqrt(x) + sqrt(y) would be sqrt(y) >= gamma (1 - sqrt(x)): decided by squares.
    """
    gamma, q, lam = F(999, 1000), F(1, 8), F(1, 1000)
    x = (1 - q + lam + 4 * q**2) / (1 + lam)
    y = (1 - gamma) * gamma * (1 - q)
    # gamma > gamma sqrt(x) + sqrt(y), squared: gamma^2 - gamma^2 x - y > 2 gamma sqrt(x y)
    rest = gamma**2 * (1 - x) - y
    assert rest > 0 and rest**2 > 4 * gamma**2 * x * y
    corrected = (sqrt(1 - q) + 2 * q) ** 2 + lam
    assert float(gamma) * sqrt(corrected / float(1 + lam)) + sqrt(y) > gamma


def test_lemmas_12_and_13_fall_at_one_state():
    """gamma = 1/4, n = 20, lambda = 1, all else 1: .99966 and .98877, below 1."""
    gamma, n, lam = F(1, 4), 20, 1
    for inner in (n * gamma + lam, n * gamma + lam * gamma**2):
        x, y = gamma**2 * F(inner) / (n + lam), 1 - gamma
        rest = 1 - x - y
        assert rest > 0 and rest**2 > 4 * x * y
    forced = gamma**2 * (n / gamma + lam) / F(n + lam)
    assert sqrt(forced) + sqrt(1 - gamma) > 1


def test_lemma_13_falls_for_the_stationary_law():
    """T* always to the second state, d_0 the first, n = 15 lambda: 1/2 above 1/16."""
    gamma, n, lam = F(1, 2), 15, 1
    assert F(1, 16) ** 2 == gamma**4 * F(lam, n + lam) and 1 - gamma > F(1, 16)


def clipped_value(gamma: float, n: float, m: int) -> float:
    """V of the learned model with the printed bonus on the four states, in closed form."""
    event = log(20 * n)
    lam = m**2 * (3 * log(n) + event)
    alpha = gamma / (1 - gamma) * sqrt(2 * event + 3 * lam)
    to_1, bad = (1 - gamma) / 2, (1 + gamma) / 2
    b1, b_bad, unseen = (min(alpha / sqrt(n * w + lam), 2) for w in (to_1, bad, 0))
    later = gamma**2 * (1 + b_bad) + gamma**3 / (1 - gamma) * b_bad
    return b1 + gamma * unseen + later


def test_lemma_7_falls_with_the_bonus_clipped_at_two():
    """gamma = 9/10: the truth is worth 8.1; the printed bonus gives 2.61 in the limit."""
    assert clipped_value(0.9, 2.0**22, 3) < 8.1 < clipped_value(0.9, 2.0**8, 3)
    assert abs(clipped_value(0.9, 1e16, 3) - 2.61) < 1e-2
    gamma = sqrt(3) - 1
    assert abs(gamma**2 / (1 - gamma) - (2 * gamma + gamma**2)) < 1e-12


def penalised_value(gamma: float, omega: float, clip: float) -> float:
    """V of the learned model with the penalty on the six states, pi = a1, the operator
    taken as diagonal (good and bad share a little data, which moves it by 0.003)."""
    d = [(1 - gamma) * (gamma / omega) ** t for t in range(4)]
    drawn = sum(d) * (1 - 1 / omega) / 2
    n = 10 / (4 * d[3] / omega)
    good = drawn + d[3] / omega + gamma * drawn / (1 - gamma)
    counts = [d[0] / omega, d[1] / omega, d[2] / omega, good, good]
    scale = gamma / (1 - gamma) * sqrt(10 * omega + 50 * gamma**2)
    b = [min(scale / sqrt(n * c + 10), clip) for c in counts]
    ahead = sum(gamma**t * x for t, x in enumerate(b[:4]))
    return gamma**4 * (1 - b[4]) / (1 - gamma) - ahead


def test_lemma_14_falls_with_the_penalty_clipped_at_two():
    """gamma = 19/20, omega = 100: a1 is worth 0 in truth, 12.03 with the penalty clipped at 2."""
    gamma, omega = 0.95, 100.0
    zeta = 4 * (1 - gamma) * (gamma / omega) ** 3 / omega
    slack = sqrt(omega * zeta / (1 - gamma) ** 3)
    assert abs(penalised_value(gamma, omega, 2) - 12.03) < 1e-2 and abs(slack - 0.037) < 1e-3
    assert penalised_value(gamma, omega, gamma**2 / (1 - gamma)) < 0
