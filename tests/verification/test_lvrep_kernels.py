"""Appendices D, E.1 and Lemma 19 of LV-Rep by hand: counterexamples in fractions, and verdicts."""

import math
from fractions import Fraction as F
from pathlib import Path

from theorylab.loading import load
from theorylab.report.ledger import ledger_path, read_ledger

FOLDER = Path(__file__).parents[2] / "verification" / "lvrep"
MODULES = (
    "appendix_d", "appendix_d_kernels", "appendix_d_mercer", "appendix_e1", "appendix_f19",
    "appendix_f19_proof",
)  # fmt: skip
FALLS = {
    "homogeneous_without_bars",
    "bounded_by_infinity",
    "induced_norm_without_root",
    "cauchy_schwarz_without_roots",
    "positive_definite_at_zero",
    "eigenvalue_is_a_number",
    "nuclear_norm_is_the_trace",
    "trace_class_by_the_sum",
    "strict_at_zero",
    "mercer_of_a_semidefinite_kernel",
    "reproducing_without_the_bar",
    "norms_without_roots",
    "kernel_norm_without_root",
    "norm_of_any_representation",
    "polynomial_decay_in_the_kernel_ball",
    "multiplier_with_a_minus",
    "few_axes_at_small_alpha",
}


def test_what_falls_and_what_stands() -> None:
    claims = {c.name: c for c in load(FOLDER).claims if c.function.__module__.endswith(MODULES)}
    ledger = read_ledger(ledger_path(FOLDER, "lvrep"))
    verdicts = {name: ledger[c.id]["verdict"] for name, c in claims.items()}
    assert {name for name, v in verdicts.items() if v == "refuted"} == FALLS
    assert set(verdicts.values()) <= {"refuted", "supported", "certified", "proved"}


def test_definition_13_the_norm_hangs_on_the_representation() -> None:
    """One point, xi one of two with probability 1/2, psi = 1: (1, -1) represents 0, with norm 1."""
    half, representation = F(1, 2), (1, -1)
    assert sum(half * f for f in representation) == 0
    assert sum(half * f * f for f in representation) == 1


def test_definition_9_at_one_number() -> None:
    """T = (-1): its singular value is 1, its trace -1."""
    assert abs(F(-1)) != F(-1)


def test_remark_6_norms_without_roots() -> None:
    """mu = 1, f = 1/2: sum a^2 / mu_1 = 1/4 is not ||f||_{L2} / mu_1 = 1/2."""
    assert F(1, 2) ** 2 / 1 != F(1, 2) / 1


def test_lemma_19_in_the_unit_ball_of_the_kernel() -> None:
    """beta = 2, n axes, alpha = n^3, nu uniform: log det >= n log 2, against alpha^{1/4} log alpha.

    The ratio is 0.53 at n = 2^20 and 8.5 at n = 2^40: it grows like n^{1/4} / log n.
    """
    n = 64
    total = sum(math.log1p(n**3 * i**-2.0 / n) for i in range(1, n + 1))
    assert total >= n * math.log(2)
    ratios = []
    for bits in (20, 40):
        alpha_log, fourth_root = 3 * bits * math.log(2), 2.0 ** (3 * bits / 4)
        ratios.append(2.0**bits * math.log(2) / (fourth_root * alpha_log))
    assert ratios[0] > 0.5 and ratios[1] > 8 and ratios[1] > 10 * ratios[0]


def test_lemma_19_multiplier_with_a_minus() -> None:
    """One axis with all mass, theta = 3, alpha = 1/2: 1/3 >= 1 is false; 1/3 with a plus."""
    theta, alpha, p = F(3), F(1, 2), F(1)
    m = 1 / (alpha * (theta - p))
    assert (m, 1 / (theta * m), 1 / (1 / alpha - m * p)) == (1, F(1, 3), 1)
    assert 1 / (1 / alpha + m * p) == F(1, 3)


def test_lemma_19_support_of_a_flat_spectrum() -> None:
    """n equal eigenvalues 1/n at alpha = 1: all are active, and the log det is below 1."""
    for n in (2, 8, 64):
        theta = (1 + n * n**2) / F(n)
        assert n**2 < theta and n * math.log1p(1 / n**3) < 1
