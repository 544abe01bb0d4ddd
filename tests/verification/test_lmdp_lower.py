"""Section 6 and Appendix B.5 of LMDP by hand, in plain fractions and floats, and as judged."""

import math
from fractions import Fraction as F
from itertools import product
from pathlib import Path

from theorylab.loading import load
from theorylab.report.ledger import ledger_path, read_ledger
from verification.lmdp.section_6 import chance_of_misjudging, comb

FOLDER = Path(__file__).parents[2] / "verification" / "lmdp"
MODULES = ("section_6", "appendix_b5", "appendix_b5_equation_9", "appendix_b5_variance")
FALLS = {
    "one_instance_for_all_K",
    "regret_in_one_mdp",
    "regret_in_one_mdp_second",
    "guess_in_the_step_printed",
    "unique_optimal_policy",
}


def test_what_falls_and_what_stands() -> None:
    claims = {c.name: c for c in load(FOLDER).claims if c.function.__module__.endswith(MODULES)}
    ledger = read_ledger(ledger_path(FOLDER, "lmdp"))
    verdicts = {name: ledger[c.id]["verdict"] for name, c in claims.items()}
    assert {name for name, v in verdicts.items() if v == "refuted"} == FALLS
    assert set(verdicts.values()) <= {"refuted", "supported", "proved"}


def greedy_two_arms(n: int, eps: F) -> F:
    """The regret of playing the likelier of two arms, arm 0 in ties, by the law of what was seen:
    an upper bound on the least regret, with no dynamic program."""
    regret = F(0)
    for good in (0, 1):
        law = {(0, 0, 0, 0): F(1)}
        for _ in range(n):
            after: dict[tuple[int, int, int, int], F] = {}
            for (s, f, t, g), chance in law.items():
                own, other = ((1 + 2 * eps) ** a * (1 - 2 * eps) ** b for a, b in ((s, f), (t, g)))
                arm = 0 if own >= other else 1
                regret += chance * eps * (arm != good) / 2
                wins = F(1, 2) + eps * (arm == good)
                for won, p in ((1, wins), (0, 1 - wins)):
                    key = (s + won, f + 1 - won, t, g) if arm == 0 else (s, f, t + won, g + 1 - won)
                    after[key] = after.get(key, F(0)) + chance * p
            law = after
    return regret


def test_inequality_9_falls_at_two_choices() -> None:
    """K' = 16, S = 6, A = 2, C = 2: epsilon = 1/16, and (9) says K' epsilon / 2 = 1/2 exactly."""
    eps = F(1, 16)
    assert math.isclose(eps, (1 / 2) * math.sqrt(2 / 16) / (2 * math.sqrt(2)))
    assert math.isclose(math.sqrt(2 * 16) / (8 * math.sqrt(2)), 16 * eps / 2)
    found = greedy_two_arms(16, eps)
    assert found < F(1, 2) and F(1, 4) < found  # (1 - 1/C) squared: 1/4 stands


def test_threshold_of_episodes() -> None:
    """c = 6 + 4 sqrt 2 solves sqrt(2 c) + 1 = c / 2."""
    c = 6 + 4 * math.sqrt(2)
    assert math.isclose(math.sqrt(2 * c) + 1, c / 2)


def test_variance_of_a_guess() -> None:
    """x^2 q (1 - q) with q = 1/2 + eps (p_1 + p_2) / 2: the variance of a total of 0 or x."""
    eps, x = F(1, 8), F(3, 4)
    for p_1 in (F(0), F(1, 3), F(1)):
        for p_2 in (F(0), F(1)):
            spread = (p_1 - p_2) ** 2 / 4 - (p_1 + p_2) / 2
            total = x * x * (F(1, 4) - (eps * (p_1 + p_2) / 2) ** 2)
            parted = x * x / 4 + x * x * eps * eps * spread
            # Definition 1 leaves out the variance of the policy's own draw, p (1 - p) in a context
            own = sum(p * (1 - p) for p in (p_1, p_2)) / 2
            assert total - parted == x * x * eps * eps * own


def test_chance_that_the_worse_policy_looks_as_good() -> None:
    """P[X >= Y] over all outcomes of n plays of each: a bound from above lets it be too small."""
    p, q = F(1, 3), F(3, 4)
    for n in (1, 2, 3):
        found = F(0)
        for wins in product((0, 1), repeat=2 * n):
            if sum(wins[:n]) >= sum(wins[n:]):
                chances = [p] * n + [q] * n
                found += math.prod(c if w else 1 - c for w, c in zip(wins, chances, strict=True))
        assert chance_of_misjudging(p, q, n) == found
    assert [comb(5, k) for k in range(6)] == [1, 5, 10, 10, 5, 1]
