"""A hostile second reading of LV-Rep: counterexamples by hand, within the paper's hypotheses.

Nothing here calls theorylab's theory: occupancies, norms and values are written out in fractions;
roots and logarithms are rational bounds on the side that makes the counterexample weaker.
"""

import itertools
import math
import random
from fractions import Fraction as F
from pathlib import Path

import pytest

from theorylab.loading import load
from theorylab.report.ledger import ledger_path, read_ledger

FOLDER = Path(__file__).parents[2] / "verification" / "lvrep"


def root_above(x: F) -> F:
    """A rational number at least the root of x >= 0, within 1e-12."""
    scale = 10**24
    return F(math.isqrt(x.numerator * scale // x.denominator) + 1, 10**12)


def log_above(x: F) -> F:
    """A rational number above log x."""
    return F(math.log(x)) + F(1, 10**9)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("constraint_gives_a_transition", "refuted"),
        ("step_back_learned_forced", "refuted"),
        ("step_back_learned_literal", "supported"),
        ("optimism_as_printed", "refuted"),
        ("pessimism_printed", "refuted"),
        ("online_guarantee", "refuted"),
        ("telescoping_as_printed", "refuted"),
        ("homogeneous_without_bars", "refuted"),
        ("regret_exponential", "supported"),
        ("regret_finite_short_root", "refuted"),
        ("gap_with_the_sign_lost", "refuted"),
        ("gap_with_the_sign", "proved"),
        ("episodes_finite_formal", "supported"),
        ("episodes_polynomial_formal", "supported"),
        ("offline_guarantee_polynomial", "supported"),
        ("offline_guarantee_exponential", "supported"),
        ("elbo_minimised", "refuted"),
        ("offline_learned_printed", "refuted"),
        ("offline_true_printed", "refuted"),
        ("mle_distance_n", "refuted"),
    ],
)
def test_verdicts_are_those_found_by_hand(name: str, verdict: str) -> None:
    assert read_ledger(ledger_path(FOLDER, "lvrep"))[f"lvrep.{name}"]["verdict"] == verdict


def test_only_a_literal_reading_lacks_the_sign_in_2() -> None:
    readings = {c.name: c.reading for c in load(FOLDER).claims}
    assert readings["constraint_gives_a_transition"].startswith("literal")
    phi, mu = F(2), (F(1), F(-1, 2))
    assert phi * sum(mu) == 1 and [phi * m for m in mu] == [2, -1]


# ---- Lemma 5 -------------------------------------------------------------------------------------


def test_lemma_5_falls_with_the_square_and_not_without() -> None:
    # one latent value, action, K = C = B = 1; T* goes to the first state but for q.
    gamma, q = F(9999, 10000), F(1, 6)
    regular = 1 - gamma
    first = gamma * (
        1 - q
    )  # d_T*(first): the start is the second state, and it is never left for good
    l1 = 2 * q
    second_term = root_above((1 - gamma) * first)
    squared = gamma * root_above((1 - q + regular + l1**2) / (1 + regular)) + second_term
    plain = gamma * root_above((1 - q + regular + l1) / (1 + regular)) + second_term
    assert gamma > squared  # E_{d_T_hat}[1{first}] = gamma
    assert gamma <= plain


def test_the_line_on_the_model_needs_a_nonnegative_g() -> None:
    p, q = F(1), F(9, 10)  # of the state with g = 1; elsewhere g = -1
    l1 = 2 * (p - q)
    assert (2 * p - 1) ** 2 > (2 * q - 1) ** 2 + l1
    assert p**2 <= q**2 + l1  # g in [0, 1]


# ---- Lemmas 12, 13 -------------------------------------------------------------------------------


@pytest.mark.parametrize(("inside", "outside"), [("12", F(1)), ("13", F(1, 16))])
def test_lemmas_12_and_13_fall_on_one_state(inside: str, outside: F) -> None:
    # S = A = |Z| = omega = K = C = B = 1, T_hat = T*, zeta = 0, g = 1, n = 60 and lambda = 1.
    gamma, n, regular = F(1, 4), 60, 1
    norm = root_above(F(1, n + regular))
    radius = root_above(n * gamma + regular * outside)
    assert gamma * norm * radius + root_above(1 - gamma) < 1
    assert norm * root_above(n * gamma + regular * gamma**2) + F(866, 1000) >= 1  # Lemma 6's form


# ---- Lemma 7 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gamma", "doublings"), [(F(9, 10), 30), (F(5, 6), 20), (F(99, 100), 40)])
def test_lemma_7_falls_with_zeta_n_of_the_paper(gamma: F, doublings: int) -> None:
    # s0 -a0-> bad, -a1-> s1 -> s2; T* keeps s2 (paid 1), T_hat sends it to bad; rho_n is of a0.
    n, actions, latents = 2**doublings, 2, 3
    event = log_above(F(20 * n))  # |P| = 2, delta = 1/10
    regular = 9 * (3 * log_above(F(n)) + event)  # 3 copies of each latent value: 9 lambda
    alpha = gamma / (1 - gamma) * root_above(actions * event + latents * regular)
    # Data of rho_n x U(A) that go to bad: (1-gamma)/2 from s0, gamma from bad; lambda at least 9.
    at_bad = min(F(2), alpha * root_above(1 / (n * ((1 - gamma) / 2 + gamma) + 9)))
    to_s1 = min(F(2), alpha * root_above(1 / (n * (1 - gamma) / 2 + 9)))
    # pi = a1: bonuses of (s0, a1), to s1; of s1, to s2, unseen: the clip; of s2 and bad, to bad.
    learned = to_s1 + gamma * 2 + gamma**2 * (1 + at_bad) + gamma**3 * at_bad / (1 - gamma)
    truth = gamma**2 / (1 - gamma)
    slack = root_above(actions * event / (n * (1 - gamma) ** 3))
    assert learned - truth < -slack
    # The clip gamma^2/(1-gamma) is enough here.
    assert gamma * gamma**2 / (1 - gamma) + gamma**2 >= truth


# ---- Lemma 14 ------------------------------------------------------------------------------------


def test_lemma_14_falls_within_the_assumptions() -> None:
    gamma, omega = F(19, 20), 1000
    # pi_b takes a1 with 1/omega; s0 -> s1 -> s2 -> s3 by a1, a0 leads to good or bad evenly.
    at_s3 = (1 - gamma) * (gamma / omega) ** 3
    zeta = at_s3 / omega * 4  # l1 = 2 at (s3, a1)
    n = 10 / zeta
    regular = 25 * (5 * log_above(n) + 10)
    alpha = gamma / (1 - gamma) * root_above(10 * omega + 5 * regular * gamma**2)
    # good has the mass of bad in rho up to (s3, a1), which leads to bad.
    arrived = 1 - sum((1 - gamma) * (gamma / omega) ** k for k in range(4))
    at_good = arrived / 2 - at_s3
    b_good = alpha * root_above(1 / (n * at_good))
    before = 2 * (1 + gamma + gamma**2 + gamma**3)  # penalties of s0, ..., s3: at most the clip
    learned = gamma**4 / (1 - gamma) * (1 - b_good) - before
    truth = F(0)  # a1 ends in bad, which pays nothing
    assert learned - truth > root_above(omega * zeta / (1 - gamma) ** 3)


# ---- Theorem 4 -----------------------------------------------------------------------------------

AFTER = ((3, 1), (4, 2), (2, 2), (3, 4), (4, 4))
REWARDS = (0.0, 0.0, 1.0, 0.6, 0.0)


def plan(after, bonus, gamma: float) -> list[int]:
    """The greedy policy for the rewards and the bonus of the next state, by value iteration."""
    value = [0.0] * 5
    for _ in range(150):
        rows = [[REWARDS[s] + bonus[z] + gamma * value[z] for z in after[s]] for s in range(5)]
        value = [max(row) for row in rows]
    return [row.index(max(row)) for row in rows]


def value_of(policy, after, gamma: float) -> float:
    """The value of a policy from state 0."""
    s, total = 0, 0.0
    for t in range(150):
        total += gamma**t * REWARDS[s]
        s = after[s][policy[s]]
    return total


def stopped(policy, rng: random.Random, gamma: float) -> int:
    """A state of the occupancy: go on with probability gamma; None is the uniform policy."""
    s = 0
    while rng.random() < gamma:
        s = AFTER[s][rng.randrange(2) if policy is None else policy[s]]
    return s


def algorithm_1(seed: int, episodes: int) -> list[float]:
    """The regret of each episode; ties between the models go to the one without state 2's loop."""
    gamma, rng, counts, seen, policy = 0.9, random.Random(seed), [0] * 5, False, None
    other = (*AFTER[:2], (4, 4), *AFTER[3:])
    regular = 16 * (4 * math.log(episodes) + math.log(2 * episodes / 0.5))
    lost = []
    for n in range(1, episodes + 1):
        s = stopped(policy, rng, gamma)
        following = AFTER[s][rng.randrange(2)]
        counts[following] += 1
        seen = seen or s == 2 or following == 2
        alpha = 9 * math.sqrt(2 * math.log(2 * n / 0.5) + 4 * regular)
        bonus = [min(alpha / math.sqrt(k + regular), 2.0) for k in counts]
        policy = plan(AFTER if seen else other, bonus, gamma)
        lost.append(8.1 - value_of(policy, AFTER, gamma))
    return lost


def test_algorithm_1_has_linear_regret_at_the_printed_clip() -> None:
    blind = [algorithm_1(seed, 60) for seed in range(12)]
    stuck = [run for run in blind if min(run) > 2.69]
    assert len(stuck) >= 6  # 1 - gamma/4 = .775 of the runs, in the mean
    # The rest have seen state 2; it alone, with its data, can bring them to the optimum.
    assert all(max(run) - min(run) < 1e-6 for run in stuck)


# ---- other lines ---------------------------------------------------------------------------------


def test_telescoping_falls_at_lambda_1_by_a_constant_only() -> None:
    for regular in (1, 5, 100):  # d_0 at one latent value, d_1 at another: X_1 has nothing of d_1
        x = F(1, regular)
        assert x > log_above(1 + x) and x <= F(3, 2) * F(math.log(1 + x))


@pytest.mark.parametrize("beta", range(2, 7))
def test_the_powers_of_lemma_8_and_theorem_9(beta: int) -> None:
    alpha_squared, log_det = F(1, 1 + beta), F(1, 2 * (1 + beta))
    regret = (alpha_squared + log_det) / 2 + (1 + log_det) / 2
    assert regret == F(1, 2) + F(1, 1 + beta) > F(1, 2) + F(1, 2 * (1 + beta))
    assert regret - 1 == -F(beta - 1, 2 * (1 + beta)) != F(beta - 1, 2 * (1 + beta))


@pytest.mark.parametrize("beta", range(1, 5))
def test_the_logarithms_of_theorems_9_and_15(beta: int) -> None:
    own = F(3 + 2 * beta, beta)  # of the squared gap, with log(N|P|/delta) beside it
    assert 1 + F(1, beta) + F(1, beta) + 1 + F(1, beta) == own  # lambda, and two log determinants
    assert own + 1 > F(3 + 2 * beta, beta) and own + 1 == F(3 + 3 * beta, beta)


def test_maximum_likelihood_at_the_constant_1() -> None:
    n, delta = 3, F(1, 10)  # a fair coin; the rival shows heads surely, l1 = 1
    assert F(1, 2**n) > delta and log_above(2 / delta) / n < 1
    assert 4 * F(math.log(2 / delta)) / n >= 1


def test_standard_conditions_do_not_give_assumptions_2_and_3() -> None:
    # Two point masses: p p' <= K asks K_zz >= 1 twice, and Assumption 3 allows a trace of 1.
    laws = [(1, 0), (0, 1)]
    assert all(sum(x * x for x in p) <= 1 for p in laws)
    assert sum(max(p[z] ** 2 for p in laws) for z in range(2)) > 1


def test_occupancy_and_equation_1_at_a_discount_inside() -> None:
    gamma = F(1, 2)
    printed = 1 / (1 - gamma)
    assert printed != (1 - gamma) + gamma * printed
    assert 1 / (1 - gamma) != 1 + 1 / (1 - gamma)  # Q = r + <phi, int mu V> without gamma


def test_the_power_rkhs_is_needed_in_lemma_19() -> None:
    # mu_i = i^-2 / 2, nu uniform on mu_i^(1/2) e_i, i <= m: log det >= m log 2, alpha = 2 m^3.
    for m, worst in itertools.product((10**4, 10**6), (F(1),)):
        assert all(2 * m**3 * F(1, 2 * i**2) / m >= worst for i in (1, m // 2, m))
    rates = [
        m * math.log(2) / ((2 * m**3) ** 0.25 * math.log(2 * m**3)) for m in (10**6, 10**9, 10**12)
    ]
    assert rates[0] < rates[1] / 3 < rates[2] / 9
