"""A hostile second reading of LMDP: counterexamples by hand, within the paper's hypotheses.

Nothing here calls theorylab's theory: values, probabilities and bounds are written out in
fractions, or in floats where the margin is large.
"""

from fractions import Fraction as F
from itertools import product
from math import exp, log, sqrt
from pathlib import Path

import pytest

from theorylab.loading import load
from theorylab.report.ledger import ledger_path, read_ledger

FOLDER = Path(__file__).parents[2] / "verification" / "lmdp"
LABELLED = ("inverse_counts_as_printed", "one_instance_for_all_K", "optimism_in_episode_1")
"""What falls in the words' order or at a corner only: never registered as the print itself."""


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("optimism_in_episode_1", "refuted"),
        ("regret_of_episode_1", "supported"),
        ("bellman_error_first_line", "refuted"),
        ("bellman_error_first_line_corrected", "supported"),
        ("updates_under_the_root", "refuted"),
        ("updates_outside_the_root", "supported"),
    ],
)
def test_verdicts_are_those_found_by_hand(name: str, verdict: str) -> None:
    assert read_ledger(ledger_path(FOLDER, "lmdp"))[f"lmdp.{name}"]["verdict"] == verdict


def test_literal_readings_are_labelled_so() -> None:
    readings = {c.name: c.reading for c in load(FOLDER).claims}
    assert not {readings[name] for name in LABELLED} & {"", "printed"}


def test_an_arbitrary_first_policy_is_not_optimistic() -> None:
    """M = S = H = 1, A = 2, rewards 1 and 0: one model, and pi^1 plays the second action."""
    rewards, models = (F(1), F(0)), (F(1),)  # P(0 | 0, a) = 1 in each model
    assert all(p * rewards[1] < max(rewards) for p in models)
    assert max(rewards) - rewards[1] <= 1


def test_a_cut_alpha_is_less_than_its_parts() -> None:
    """S = 1, R = 0, N = 1, alpha~ = 1 at the next step: alpha~(h, a) - R - P alpha~ = 0, but
    B + (P_hat - P) alpha~ = 16 S iota / N > 0."""
    for iota in (F(2), F(32)):
        B = 16 * iota
        assert min(0 + B + 1, F(1)) - 0 - 1 < B


def test_the_printed_bonus_is_too_small_where_iota_fits_the_counts() -> None:
    """P = (7/12, 5/12), P_hat = (1/2, 1/2), alpha = (1, 0): u is where |P_hat - P| = 1/12 is
    2 sqrt(u/2) + 5u. iota = uN is 2 ln(2 M S A H K / delta) for HK = N = 2^14, a small delta."""
    u = ((-sqrt(2) + sqrt(2 + 5 / 3)) / 10) ** 2
    assert abs(2 * sqrt(u / 2) + 5 * u - 1 / 12) < 1e-12
    assert 2 * 2 * 2**14 * exp(-u * 2**14 / 2) < 1e-3
    for iota in (u * 2**14, u * 2**15):
        bonus = max(16 * 2 * u, sqrt(4 * 2 * F(1, 4) * u / iota))
        assert bonus < 1 / 12 - 0.002
    assert max(16 * 2 * u, sqrt(4 * 2 * u / 4)) < 1 / 12  # with iota, the 4 under the root
    assert 4 * sqrt(2 * u / 4) > 1 / 12  # B.4's stands


def test_lemma_7_at_the_end_of_its_interval() -> None:
    """c = 1/4, n = 1: delta = 2 (1/16)^(1/ln 2) is 0.037, the bound 0, and |M_1| = c surely."""
    delta = 2 * (1 / 16) ** (1 / log(2))
    L = log(1 / 16) / log(2) + log(2 / delta)
    assert abs(L) < 1e-12 and delta < 1 / 27


def test_lemma_8_second_display_path_by_path() -> None:
    """q = 1/11, delta = e^-q, 67 steps, days counted one by one."""
    q, hit, alive = F(1, 11), F(0), {0: F(1)}
    for n in range(1, 68):
        after: dict[int, F] = {}
        for (heads, chance), x in product(alive.items(), (0, 1)):
            moved, own = heads + x, chance * (q if x else 1 - q)
            if n * q >= 3 * moved + q:
                hit += own
            else:
                after[moved] = after.get(moved, F(0)) + own
        alive = after
    assert float(hit) > exp(-1 / 11) + 4e-4


def test_updates_of_many_contexts() -> None:
    """H = 1, K = M episodes, each in a context not met before: |K^C| = M."""
    for c in (1, 10, 100):
        M, updates = 2 * c * c, 0
        counts: dict[int, int] = {}
        for m in range(M):
            counts[m] = counts.get(m, 0) + 1
            updates += counts[m] & (counts[m] - 1) == 0
        assert updates == M > c * sqrt(M)


def test_the_constants_of_the_first_line() -> None:
    """The most at Var* = 0, iota = pairs = 1 and full |K^C|: 2 X_4 + 188 suffices for any X_4."""
    for X_4 in (0, 1, 16, 64, 256, 1024, 10**6):
        total = 8 * sqrt(46) + 8 * sqrt(4 * X_4 + 2 + 42) + 10 + 5 + X_4 + 1
        assert total <= 2 * X_4 + 188
    assert 8 * sqrt(3) + 2 * sqrt(2) <= 17
