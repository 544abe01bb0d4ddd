"""Lemmas 8, 16, 17 and Theorems 9, 15 of LV-Rep: counterexamples by hand."""

from fractions import Fraction as F
from math import comb, e, exp, log
from pathlib import Path

from theorylab.loading import load
from theorylab.report.ledger import ledger_path, read_ledger

FOLDER = Path(__file__).parents[2] / "verification" / "lvrep"
MODULES = (
    "section_3_elbo",
    "section_3_families",
    "section_3_gaussian",
    "appendix_e2_potential",
    "appendix_e2_rates",
    "appendix_e2_regret",
    "appendix_e3_rates",
    "appendix_e3_regret",
    "appendix_f16",
    "appendix_f17",
    "appendix_f17_entropy",
    "appendix_f17_proof",
)
CELLS = ((0, 0), (0, 1), (1, 0), (1, 1))
FALLS = {
    "ball_below_sphere",
    "cauchy_over_episodes_literal",
    "covering_exponential",
    "elbo_estimator_with_poor_class",
    "elbo_minimised",
    "entropy_exponential",
    "entropy_finite",
    "entropy_finite_substituted",
    "entropy_polynomial",
    "entropy_polynomial_substituted",
    "episodes_exponential",
    "episodes_exponential_formal",
    "gap_with_the_sign_lost",
    "gaussian_grid_as_printed",
    "mean_of_policies",
    "mle_distance_2n",
    "mle_distance_all_n",
    "mle_distance_n",
    "offline_combined_exponential",
    "offline_discount_slip",
    "offline_finite",
    "offline_gap_as_printed",
    "offline_guarantee_finite",
    "offline_substitution",
    "offline_width_below_alpha",
    "regret_finite",
    "regret_finite_short_root",
    "regret_polynomial",
    "regular_exponential",
    "second_case_as_printed",
    "second_claim_substitution",
    "telescoping_as_printed",
    "telescoping_without_the_first",
    "union_levels",
    "variational_em_climbs_in_likelihood",
    "width_below_alpha",
}


def test_what_falls_and_what_stands() -> None:
    """Each claim of these modules that has been judged falls if it is named here, else stands."""
    claims = {c.name: c for c in load(FOLDER).claims if c.function.__module__.endswith(MODULES)}
    ledger = read_ledger(ledger_path(FOLDER, "lvrep"))
    verdicts = {name: ledger[c.id]["verdict"] for name, c in claims.items() if c.id in ledger}
    assert {name for name, v in verdicts.items() if v == "refuted"} == FALLS & set(verdicts)
    assert set(claims) >= FALLS
    assert set(verdicts.values()) <= {"refuted", "supported", "proved"}


def chosen(q: F, tosses: int) -> F:
    """The probability that a fair coin's tosses are likelier under heads with probability q."""
    half = F(1, 2) ** tosses
    ways = (comb(tosses, k) for k in range(tosses + 1) if q**k * (1 - q) ** (tosses - k) > half)
    return half * sum(ways)


def test_lemma_16_with_n_transitions() -> None:
    """Three tosses, a rival that shows heads always: 1/8 > 1/9, but 1 > log(18) / 3."""
    assert chosen(F(1), 3) == F(1, 8) > F(1, 9)
    assert log(2 * 9) / 3 < 1


def test_lemma_16_with_2n_transitions() -> None:
    """Five transitions in each of D and D', q = 19/20: 7/128 > 1/20, but 81/100 > log(40) / 5."""
    assert chosen(F(19, 20), 5 * 2) == F(7, 128) > F(1, 20)
    assert (2 * (F(19, 20) - F(1, 2))) ** 2 == F(81, 100)
    assert log(40) / 5 < 0.81


def test_lemma_16_for_all_n() -> None:
    """At n = 10 alone, heads always: 1/1024 > 1/1050, but 1 > log(10 * 2 * 1050) / 10."""
    assert chosen(F(1), 10) == F(1, 1024) > F(1, 1050)
    assert log(10 * 2 * 1050) / 10 < 1


def test_lemma_16_corrected_is_within_four_of_the_least_constant() -> None:
    """A rival near the fair coin is chosen with probability about 1/2 - o(1): 2 exp(-n l1^2 / 4)
    is above it, and 2 exp(-n l1^2) is not at some n."""
    pairs = [(n, F(k, 40)) for n in range(1, 12) for k in range(21, 41)]
    bound = {c: [2 * exp(-n * float(2 * q - 1) ** 2 / c) for n, q in pairs] for c in (1, 4)}
    found = [float(chosen(q, 2 * n)) for n, q in pairs]
    assert all(x <= y for x, y in zip(found, bound[4], strict=True))
    assert any(x > y for x, y in zip(found, bound[1], strict=True))


def test_telescoping_of_log_determinants() -> None:
    """Two latent values, lambda = 1, the first episode sees one and the second the other:
    X_1 = diag(2, 1), Tr(X_1^{-1} Delta_1) = 1 > log det X_1 = log 2."""
    X, following = (F(2), F(1)), (F(0), F(1))
    assert sum(d / x for d, x in zip(following, X, strict=True)) == 1
    assert log(2) < 1
    assert (1 / log(2)) * (log(2 * 2) - log(2)) + 1e-15 >= 1


def test_entropy_of_one_axis_refutes_the_finite_line() -> None:
    """mu_1 = 1, i = 2: [-1, 1] by two intervals of half-length 1/2; printed 128 / 48^2 = 1/18."""
    assert F(1, 2) > F(128, 48**2) == F(1, 18)


def test_volumes_refute_the_exponential_line() -> None:
    """mu_j = 2^{-j}, five axes, i = 13: e_13 >= 2^{-12/5 - 3} > 2^7 2^{-13}."""
    assert F(12, 5) + F(1 + 2 + 3 + 4 + 5, 5) == F(27, 5) < 13 - 7


def test_volumes_refute_the_polynomial_line() -> None:
    """mu_j = j^{-16}, 16 axes, i = 384: the sixteenth powers as integers."""
    beta, i, factorial = 16, 384, 1
    for j in range(2, beta + 1):
        factorial *= j
    volume = F(1, 2 ** (i - 1) * factorial**beta)
    printed = (F(128 * (32 + 8 * beta) ** (beta // 2)) / i**beta) ** beta
    assert volume > printed


def test_exponential_number_of_episodes_is_short_by_a_logarithm() -> None:
    """beta = 1: (gap / eps)^2 = log(N)^5 (log(N) + 1) / y^5 at N = e^y y^5 grows like y."""
    ratios = [(y + 5 * log(y)) ** 5 * (y + 5 * log(y) + 1) / y**5 for y in (e**9, e**10, e**11)]
    assert ratios[1] / ratios[0] > 2.5
    assert ratios[2] / ratios[1] > 2.6


def test_theorem_15_pairs_the_wrong_value() -> None:
    """Two states, gamma = 1/2, b = 0, T*: s0 -> s1, T^: s0 stays; s1 absorbs and pays 1."""
    gamma = F(1, 2)
    true_value, learned_value = gamma / (1 - gamma), F(0)
    occupancy = 1 - gamma  # of s0, the only state where the models differ
    worth = 1 / (1 - gamma)  # of s1 in both models
    right = occupancy * gamma * (worth - learned_value) / (1 - gamma)
    printed = occupancy * gamma * (worth - true_value) / (1 - gamma)
    assert true_value - learned_value == right == 1
    assert printed == F(1, 2)


def test_one_q_prefers_the_less_likely_model() -> None:
    """q = (1/2, 1/2) = p of both, s' = 0 seen: e = (1/4, 1/4) has ELBO log 1/4, its likelihood; e =
    (1, 1/100) is likelier, 101/200, and has ELBO log 1/10. The loss is within its gap."""
    likelihood, bound = F(1, 4), F(1, 4)
    likelier, lower = (F(1) + F(1, 100)) / 2, F(1, 10)
    assert lower**2 == F(1) * F(1, 100)
    assert lower < bound and likelier > likelihood
    assert log(likelier / likelihood) < log(likelier / lower)


def test_a_step_of_variational_em_loses_likelihood() -> None:
    """p = e = ((3/4, 1/4), (1/4, 3/4)), data as the model: one q is (1/2, 1/2), and the step makes
    every next state 1/2, which is less likely than 5/8 and 3/8."""
    p = ((F(3, 4), F(1, 4)), (F(1, 4), F(3, 4)))
    T = [[sum(p[s][z] * p[z][t] for z in range(2)) for t in range(2)] for s in range(2)]
    assert T[0] == T[1][::-1] == [F(5, 8), F(3, 8)]
    joints = [p[s][0] * p[0][t] / (p[s][1] * p[1][t]) for s, t in CELLS]
    mean = F(1)
    for (s, t), ratio in zip(CELLS, joints, strict=True):
        mean *= ratio ** int(8 * T[s][t])
    assert mean == 1  # so that q is uniform
    before = sum(float(T[s][t]) * log(T[s][t]) for s, t in CELLS)
    assert 2 * log(1 / 2) < before
