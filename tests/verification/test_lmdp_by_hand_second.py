"""Where LMDP's Section 5 and Appendices B.3 and B.4 fall, by hand in fractions and plain floats."""

import json
from fractions import Fraction
from math import comb, log, log2, sqrt
from pathlib import Path

import pytest

LEDGER = Path(__file__).parents[2] / "verification" / "ledger" / "lmdp.json"
REFUTED = [
    "estimate_error", "estimate_error_2", "estimate_error_under", "estimate_error_2_under",
    "estimate_error_proof", "mvp_monotone", "model_pays_at_most_one",
    "bellman_error_at_most_one", "optimistic_at_most_one", "bonus_as_printed",
    "bonus_four_under_the_root", "truth_in_the_set_under", "alpha_at_most_one",
    "solver_calls_are_few", "inverse_counts_as_printed", "first_value_is_known",
    "indicator_dropped", "model_error_as_printed", "model_error_variance_by_beta",
    "regret_of_algorithm_2", "bellman_errors_as_printed", "regret_as_printed",
    "optimistic_variance_first_line", "difference_of_squares",
]  # fmt: skip


def outcomes():
    records = json.loads(LEDGER.read_text())
    return {name.split(".")[-1]: record["verdict"] for name, record in records["claims"].items()}


@pytest.mark.parametrize("name", REFUTED)
def test_the_ledger_has_it_refuted(name):
    assert outcomes()[name] == "refuted"


def dot(p, x):
    return sum(a * b for a, b in zip(p, x, strict=True))


def variance(p, x):
    return dot(p, [v * v for v in x]) - dot(p, x) ** 2


def in_omega_1(p, p_hat, u):
    """(|d| - 5 u)^2 <= 4 p_hat u wherever |d| > 5 u."""
    errors = [abs(a - b) - 5 * u for a, b in zip(p, p_hat, strict=True)]
    return all(e <= 0 or e * e <= 4 * q * u for e, q in zip(errors, p_hat, strict=True))


def in_omega_2(p, p_hat, u):
    errors = [abs(a - b) - u for a, b in zip(p, p_hat, strict=True)]
    return all(e <= 0 or e * e <= 2 * q * u for e, q in zip(errors, p, strict=True))


def test_lemma_12_falls_for_signed_vectors_at_three_states():
    """p_hat = e_1, 5 u on each other state, alpha = (1, -1, -1): 20 u against 5 S u = 15 u."""
    u = Fraction(1, 25)
    p_hat, p, alpha = (1, 0, 0), (1 - 10 * u, 5 * u, 5 * u), (1, -1, -1)
    assert in_omega_1(p, p_hat, u) and variance(p_hat, alpha) == 0
    assert abs(dot(p_hat, alpha) - dot(p, alpha)) == 20 * u > 5 * 3 * u


def test_lemma_12_on_omega_2_falls_alike():
    u = Fraction(1, 25)
    p, p_hat, alpha = (1, 0, 0), (1 - 2 * u, u, u), (1, -1, -1)
    assert in_omega_2(p, p_hat, u) and variance(p, alpha) == 0
    assert abs(dot(p_hat, alpha) - dot(p, alpha)) == 4 * u > 3 * u


@pytest.mark.parametrize("d", [Fraction(1, 2), Fraction(1, 4)])
def test_with_iota_under_the_root_lemma_12_and_the_set_fail(d):
    """p_hat = e_1, p = (1 - d, d): (6) as printed allows u = d^2 / 20, where 5 u = d^2 / 4 < d."""
    u = d * d / 20
    assert d * d <= 4 * (0 + 5) * u and d * d <= 4 * (1 + 5) * u
    assert d > 5 * 2 * u and d > 5 * u


def test_with_iota_under_the_root_omega_2_fails():
    d = Fraction(1, 4)
    u = d * d
    assert d * d <= 2 * 0 * u + u and d > 2 * u


def test_lemma_14_falls_for_signed_vectors():
    """p = (1/4, 3/4), v = (-1, 1), u = 1/2: raising -1 to -9/10 lowers f by 0.0057."""
    p, u = (Fraction(1, 4), Fraction(3, 4)), Fraction(1, 2)

    def f(v):
        return float(dot(p, v)) + max(sqrt(variance(p, v) * u), float(u))

    assert f((-1, 1)) - f((Fraction(-9, 10), 1)) == pytest.approx(0.0057, abs=1e-4)


def test_a_model_pays_twice_what_the_truth_pays_once():
    """State 0 pays 1, leads to 1, which pays 0; the model returns: 2 at H = 2, error 2 at 3."""
    R, truth, model = (1, 0), ((0, 1), (0, 1)), ((1, 0), (0, 1))
    alpha, own = (0, 0), (0, 0)
    for _ in range(2):
        alpha = tuple(R[s] + dot(model[s], alpha) for s in (0, 1))
        own = tuple(R[s] + dot(truth[s], own) for s in (0, 1))
    assert own[0] == 1 and alpha[0] == 2
    assert dot(model[0], alpha) - dot(truth[0], alpha) == 2


@pytest.mark.parametrize("iota", [1, 2, 5])
def test_the_printed_bonus_is_too_small(iota):
    """p_hat = (1/2, 1/2), alpha = (0, 1), p = (49/100, 51/100), on the edge of Omega_1."""
    d = 1 / 50
    v = d / (sqrt(0.5 + 5 * d) + sqrt(0.5))
    assert 2 * sqrt(0.5) * v + 5 * v * v == pytest.approx(d)
    assert d > max(32 * v * v, sqrt(4 * 2 * 0.25 * v * v / iota))
    assert d <= max(32 * v * v, 4 * sqrt(2 * 0.25 * v * v))


def test_alpha_exceeds_one_where_no_history_leads():
    """nu = e_0, both states absorbing, state 1 pays 1: two steps there pay 2, but 0 happens."""
    R = (0, 1)
    alpha = [r + r for r in R]
    assert alpha[0] <= 1 < alpha[1]


def test_the_solver_runs_in_each_episode():
    """One pair, H = 1, K = 3: updates at n = 1 and 2, calls after all three; log2(3) + 1 = 2.58."""
    updates = [n & (n - 1) == 0 for n in (1, 2, 3)]
    calls = sum(any(updates[: k + 1]) for k in range(3))
    assert sum(updates) <= log2(3) + 1 < calls == 3


def test_the_first_visit_has_no_estimate():
    with pytest.raises(ZeroDivisionError):
        Fraction(1, 0)
    assert 3 * 2 * log(2) >= 1


def test_the_first_value_is_not_known_before():
    values, w = (0, 1), (Fraction(1, 2), Fraction(1, 2))
    assert max(values) > dot(w, values)


def test_a_dropped_indicator_may_lower_the_sum():
    """t_0 = 1, a fair coin to values 0 and 1: 0 on the left, 1/2 - 1 on the right at the 1."""
    left, right = 0, Fraction(1, 2) - 1
    assert left > right


def test_x_3_exceeds_the_root_of_x_4():
    """K fair coins exceed sqrt(K) / 4 more often than 1/16; X_4 grows as sqrt(K) only."""
    for K in (100, 1_000):
        least = -(-(K + int(K**0.5) // 2) // 2)
        above = Fraction(sum(comb(K, j) for j in range(least, K + 1)), 2**K)
        assert above > Fraction(1, 16)
    ratios = []
    for k in (20, 40, 80):
        iota, root_K = 2**k, 2 ** (2 * k)
        X_4 = 16 * sqrt(iota) * root_K + 810 * iota**2
        ratios.append(root_K / 4 / (sqrt(X_4 * iota) + iota))
    assert ratios[0] * 10 < ratios[1] < ratios[2] / 10


def test_the_doubled_counts_bound_the_sum_of_bonuses():
    """What that family uses: sum of 1 / sqrt(N) over K visits is at most 2 sqrt(2 K) + 2."""
    total, N = 0.0, 1
    for n in range(4096):
        N = 2 ** (n.bit_length() - 1) if n else 1
        total += 1 / sqrt(N)
    assert total <= 2 * sqrt(2 * 4096) + 2


def test_iota_is_enough_for_one_episode():
    """The last difference is 0, so n = H: at H = K = 1 and delta = 1, ln 2 against 2 ln 2."""
    for H in (1, 2, 3, 64):
        for K in (1, 2, 64):
            assert log2(H) + log(2 * K) <= 2 * log(2 * H * K)


def optimistic(N, H, iota, paid):
    """The best value in (2) of always acting so in state 0, which pays `paid`: state 1 pays 1."""
    p = min(1, 5 * iota / N) if N else 1
    stays = [(1 - p) ** t for t in range(H)]
    return sum(1 - q + q * paid for q in stays)


@pytest.mark.parametrize("H", [16, 64, 256])
def test_algorithm_2_pays_for_optimism_above_1(H):
    """Two policies, a paying 0 and b paying 1 in all, both known after a few steps: Var* = 0."""
    K, delta = 100 * H, 1 / 10
    iota = 2 * log(2 * 2 * 2 * H * K / delta)
    n, N, regret = [0, 0], [0, 0], 0
    for _ in range(K):
        own = [optimistic(N[0], H, iota, 0), optimistic(N[1], H, iota, 1 / H)]
        arm = int(own[1] > own[0])
        regret += 1 - arm
        n[arm] += H
        N[arm] = 2 ** (n[arm].bit_length() - 1)
        assert n[arm] / 2 < N[arm] <= n[arm]
    assert 2 * iota * H <= K and 5 * iota * H / 32 < regret < K


def test_the_lost_root_of_iota():
    ratios = [(K * i + i * i) / (K * sqrt(i) + i * i) for i, K in ((10, 10**2), (10**6, 10**12))]
    assert ratios[0] < 10 and ratios[1] > 400


def test_x_6_has_its_first_term_and_zeta_may_be_negative():
    """H = 2: state 2 pays 1; the truth goes there with 1/2, the model with 1/4, so zeta = -1/4."""
    zeta = Fraction(1, 4) - Fraction(1, 2)
    assert zeta**2 - 0 > 2 * max(zeta, 0)
    assert zeta**2 <= 2 * abs(zeta)
    half = Fraction(1, 2)
    assert variance((half, half), (zeta, 0)) > 0


def test_lemma_16_needs_that_estimates_stay_in_the_support():
    """On Omega_1 and Omega_2 alone the constants 7 and 23 fail at S = 4: p_hat has two states more
    than p = (1/2, 1/2, 0, 0), u each, so supp(p_hat) = 4 stands in the bonus and 2 in the bound."""
    u, alpha, p = 1e-8, (0, 1, 0.5, 0.5), (0.5, 0.5, 0, 0)
    d = sqrt(u) - u
    p_hat = (0.5 - d - 2 * u, 0.5 + d, u, u)
    for a, b in zip(p, p_hat, strict=True):
        assert abs(a - b) <= (sqrt(2 * a * u) + u) * (1 + 1e-9)
        assert abs(a - b) <= 2 * sqrt(b * u) + 5 * u
    bonus = max(4 * sqrt(4 * variance(p_hat, alpha) * u), 16 * 4 * u)
    error = bonus + dot(p_hat, alpha) - dot(p, alpha)
    bound = 7 * sqrt(2 * variance(p, alpha) * u) + 23 * 4 * u
    assert bound < error * 0.999
