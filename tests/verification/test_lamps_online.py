"""Appendix B.1, B.2, B.4 and B.5 of LAMPS by hand, in plain fractions and floats, and as judged."""

import math
from fractions import Fraction as F
from itertools import product

import pytest

import theorylab
from tests.oracle import dot, solve
from tests.verification.lamps import CLAIMS, LEDGER, recorded
from theorylab import Outcome
from theorylab.engines import BUDGETS
from theorylab.engines.extremes import climb
from theorylab.engines.judging import generator, rigorous
from theorylab.verdicts import OUTCOMES

FALLS = {
    "warm_up": ({"T": 1}, 2),
    "warm_up_line_1_expert_values": ({"S": 2, "A": 2}, 1),
    "warm_up_line_2": ({"S": 2, "A": 1}, 1),
    "warm_up_line_3": ({"N": 2, "T": 2}, 1),
    "warm_up_order": ({"step of N": 10}, 1),
    "warm_up_horizon": ({"step of gamma": 10}, 1),
    "average_policy_action_wise": ({"S": 2, "A": 2}, 1),
    "average_policy_printed_index": ({"S": 1, "A": 2}, 1),
    "nrpi_proof_in_a_class": ({"S": 2, "A": 2}, 2),
    "classification_data_unweighted": ({"S": 1, "A": 2}, 1),
    "martingale_in_hindsight": ({"S": 3, "A": 1}, 1),
    "losses_of_the_truth": ({"step of T": 10}, 1),
    "regret_by_losses": ({"S": 2, "A": 2}, 1),
    "regret_by_losses_horizon": ({"step of gamma": 10}, 1),
    "rate_as_identity": ({"T": 2}, 1),
    "sample_complexity_as_printed": ({}, 1),
    "sample_complexity_horizon": ({"step of gamma": 10}, 1),
    "hoeffding_azuma_printed_index": ({"T": 2, "k": 2}, 1),
    "hoeffding_azuma_one_sided": ({"S": 2}, 1),
    "hoeffding_without_martingale": ({"S": 1}, 1),
    "online_to_batch_printed": ({"S": 2, "T": 1}, 1),
    "online_to_batch_last_difference": ({"S": 2, "T": 1}, 1),
    "online_to_batch_minus_last_difference": ({"S": 2, "T": 2}, 1),
}
MODULES = ("b1", "b1_run", "b2", "b4", "b4_regret", "b5")


def test_what_falls_and_what_stands() -> None:
    """Every claim of these appendices, its smallest sizes and the first broken line."""
    ours = {n for n, c in CLAIMS.items() if c.function.__module__.split("appendix_")[-1] in MODULES}
    verdicts = {n: LEDGER[CLAIMS[n].id]["verdict"] for n in ours}
    assert {n for n, v in verdicts.items() if v == "refuted"} == set(FALLS)
    assert all(OUTCOMES[v].stands for n, v in verdicts.items() if n not in FALLS)
    found = {n: (recorded(n)["sizes"], recorded(n)["line"]) for n in FALLS}
    assert found == FALLS


@pytest.mark.parametrize("name", ["warm_up_line_3", "online_to_batch_printed", "warm_up_horizon"])
def test_the_engines_find_them_anew(name: str) -> None:
    """Not only the ledger says so."""
    verdict = theorylab.verify(CLAIMS[name], engines=["exact", "probability", "growth"])
    assert verdict.outcome is Outcome.REFUTED
    assert (dict(verdict.counterexample.sizes), verdict.counterexample.link + 1) == FALLS[name]


def test_both_later_lines_of_the_warm_up_break() -> None:
    """Line 2 in the first round, line 3 in the third; line 1 stands."""
    decide = rigorous(BUDGETS["quick"])
    assert decide(CLAIMS["warm_up"], {"T": 1}).broken() == [1]
    assert decide(CLAIMS["warm_up"], {"T": 3}).broken() == [1, 2]


def test_a_claim_of_sizes_alone_has_nothing_to_climb() -> None:
    """`mutate` once broke on claims whose instances are their sizes."""
    claim, sizes = CLAIMS["losses_of_temptations"], {"N": 2}
    assert list(climb(None, claim, sizes, generator(claim, "climb", 0), 1)) == []


# ---- B.1 -----------------------------------------------------------------------------------------


def test_the_round_of_one_temptation_by_hand() -> None:
    """gamma = 1/2. Staying costs 1/4 a step; falling costs nothing now and 1 a step from then on.
    The model is wrong by an l1 distance of 2 in the first step, half of the occupancy."""
    gamma = F(1, 2)
    gap = gamma / (1 - gamma) - F(1, 4) / (1 - gamma)
    bound = gamma / (1 - gamma) ** 2 * (1 - gamma) * 2
    drawn = F(1, 2)
    assert (drawn * gap, drawn * bound, drawn * 1) == (F(1, 4), 1, F(1, 2))
    assert drawn * bound > drawn * 1  # line 2
    found = recorded("warm_up")
    assert (float(found["lhs"]), float(found["rhs"])) == (1, 0.5)


def mistakes(N: int, T: int, rate: float) -> float:
    """E sum_t l_t(M_t) where each wrong model errs on its own policy's run only, by enumeration."""
    total = 0.0
    for drawn in product(range(N), repeat=T):
        probability, counts = 1.0, [0] * N
        for k in drawn:
            weights = [math.exp(-rate * n) for n in counts]
            probability *= weights[k] / sum(weights)
            counts[k] += k > 0
        total += probability * sum(k > 0 for k in drawn)
    return total


def test_hedge_pays_more_than_its_regret_for_models_wrong_on_their_own_run() -> None:
    """Two models: at the optimal rate from T = 3, at rate 3/2 from T = 2; three models: T = 2."""
    for N, T in ((2, 3), (3, 2)):
        assert mistakes(N, T, math.sqrt(8 * math.log(N) / T)) > math.sqrt(T * math.log(N) / 2)
    assert mistakes(2, 2, 1.5) > math.log(2) / 1.5 + 1.5 * 2 / 8
    assert mistakes(2, 2, math.sqrt(4 * math.log(2))) < math.sqrt(math.log(2))


@pytest.mark.parametrize(("N", "T", "rate"), [(2, 3, 1.0), (3, 4, 0.5), (4, 5, 2.0), (3, 6, 5.0)])
def test_the_corrected_number_of_mistakes_on_longer_runs(N: int, T: int, rate: float) -> None:
    """At most (N-1) ln(1 + T (e^rate - 1)) / rate, and at least N - 1 - ln N once T >= N."""
    found = mistakes(N, T, rate)
    assert found <= (N - 1) * math.log(1 + T * (math.exp(rate) - 1)) / rate
    assert found >= N - 1 - math.log(N)


def test_the_price_of_an_error_is_attained() -> None:
    """gamma = 1/4, states 0 (start), 1, dear and free; x = gamma / (1-gamma)^2.

    Learner: pays x in state 0, then the world goes to dear, its model to free. Expert: pays nothing
    in 0 and 1, where the world goes to 1 and stays; the model goes to dear from both.
    """
    gamma = F(1, 4)
    dear, x = 1 / (1 - gamma), gamma / (1 - gamma) ** 2
    values = {0: x, 1: F(0)}  # of the learner in its model: 1 is free for it
    expert = {0: gamma * dear, 1: gamma * dear}  # Q of the expert's action there
    weights = {0: 1 - gamma, 1: gamma}  # the expert's occupancy in the world
    assert sum(weights[s] * (values[s] - expert[s]) for s in (0, 1)) == 0
    gap = (x + gamma * dear) - 0
    assert x <= 1 and gap == gamma * (2 - gamma) / (1 - gamma) ** 2 < dear
    assert gap > 2 * gamma / (1 - gamma)  # the constants that no random search breaks
    assert gap > gamma / (1 - gamma) ** 2


# ---- B.2 -----------------------------------------------------------------------------------------


def test_nrpi_in_a_class_by_hand() -> None:
    """One state, gamma = 1/2, costs 0 and 1: Pi holds the bad action alone, nu the good one."""
    gamma, bad = F(1, 2), 1 / (1 - F(1, 2))
    V, Q = bad, [0 + gamma * bad, 1 + gamma * bad]
    assert V - Q[0] == 1 and Q[1] - min(Q[1:]) == 0  # the disadvantage, and the regret in Pi


def test_the_minimum_inside_is_smaller_by_hand() -> None:
    """Two states, gamma = 0, costs 0 or 1: each policy of Pi is right in one state only."""
    Q = [[F(0), F(1)], [F(1), F(0)]]
    policies = [(0, 0), (1, 1)]
    inside = sum(min(Q[s][pi[s]] for pi in policies) for s in (0, 1)) / 2
    outside = min(sum(Q[s][pi[s]] for s in (0, 1)) / 2 for pi in policies)
    assert (inside, outside) == (0, F(1, 2))


def test_averaging_actions_is_another_policy_by_hand() -> None:
    """State 0 costs 1 until action 1 leads to the free state 1; gamma = 1/2."""
    gamma = F(1, 2)

    def value(p: F) -> F:
        """V(0) where action 1 is taken with probability p."""
        return 1 / (1 - gamma * (1 - p))

    assert (value(F(0)) + value(F(1))) / 2 == F(3, 2) and value(F(1, 2)) == F(4, 3)


# ---- B.4 -----------------------------------------------------------------------------------------


def test_the_learner_who_never_arrives_by_hand() -> None:
    """gamma = 3/4: the learner pays 1 for ever, the expert once; h is wrong by 1 on D_pi, nowhere
    on D_pi_star, and eps_po = 0."""
    gamma = F(3, 4)
    gap, paid = 1 / (1 - gamma) - 1, F(1)
    assert gap == 3 and gap**2 > paid
    assert gap**2 <= 2 * gamma**2 / (1 - gamma) ** 2 * paid
    found, far = recorded("regret_by_losses_horizon"), 1 - F(1, 2**10)
    assert (found["lhs"], found["rhs"]) == (str((1 / (1 - far) - 1) ** 2), "1")


@pytest.mark.parametrize("eps", [F(1, 10), F(1, 1000)])
def test_four_is_the_least_constant_of_the_range(eps: F) -> None:
    """h says B for ever in state 1, h* says 0; the world leaves state 1 with probability eps and
    comes back at once. A sample that leaves has (h-y)^2 - (h*-y)^2 = B^2, one that stays -B^2."""
    gamma, B = F(1, 2), F(2)
    # d = (1-gamma) start + gamma d P from state 1: d_1 (1 - gamma (1-eps)) - gamma d_0 = 1-gamma
    d_1 = (1 - gamma + gamma) / (1 - gamma * (1 - eps) + gamma)
    mean = d_1 * (eps * B**2 - (1 - eps) * B**2)  # state 0: h = h* = 0
    Z = 2 * (B**2 - mean)
    assert (4 - 12 * eps) * B**2 < Z <= 4 * B**2


def test_the_truth_pays_the_noise_by_hand() -> None:
    """V differs by 1 between two equally likely next states: both samples have variance 1/4."""
    found, T = recorded("losses_of_the_truth"), 2**10
    assert found["lhs"] == str(T * (F(1, 4) + F(1, 4)))


def test_the_best_in_hindsight_is_no_martingale_by_hand() -> None:
    """E Z_1 of the engine's counterexample, computed anew: values, occupancy, h* for each s'.

    State 2 costs 1; the world goes 0 -> 2 -> 1 -> 1, one model 0 -> 0, 1 -> 2, 2 -> 0, the other
    to 0 from everywhere.
    """
    gamma, costs, start = F(2, 3), [F(0), F(0), F(1)], [F(1), F(0), F(0)]
    P, *models = (
        [[F(k == t) for k in range(3)] for t in to] for to in ((2, 1, 1), (0, 2, 0), (0, 0, 0))
    )
    S = range(3)
    v = [solve([[(s == t) - gamma * m[s][t] for t in S] for s in S], costs) for m in models]
    flow = [[(s == t) - gamma * P[s][t] for s in S] for t in S]
    law = solve(flow, [(1 - gamma) * x for x in start])

    def square(m: list, values: list, s: int, t: int) -> F:
        return (dot(m[s], values) - values[t]) ** 2

    def loss(m: list, values: list) -> F:
        return 2 * sum(law[s] * P[s][t] * square(m, values, s, t) for s in S for t in S)

    mean = F(0)
    for first in S:
        weight = sum(law[s] * P[s][first] for s in S)
        totals = [loss(m, v[0]) + loss(m, v[first % 2]) for m in models]
        best = models[totals.index(min(totals))]
        excess = [[square(models[0], v[0], s, t) - square(best, v[0], s, t) for t in S] for s in S]
        centre = sum(law[s] * dot(P[s], excess[s]) for s in S)
        mean += sum(law[s] * P[s][first] * excess[s][first] for s in S) - weight * centre
    assert mean != 0 and recorded("martingale_in_hindsight")["lhs"] == str(mean)


# ---- B.5 -----------------------------------------------------------------------------------------


def test_azuma_variants_by_hand() -> None:
    """One-sided: 1 with probability 3/4, else -3. One index: a fair coin twice the same. No
    martingale: surely 1."""
    assert F(3, 4) * 1 - F(1, 4) * 3 == 0 and math.exp(-(0.99**2) / 2) < 3 / 4
    k = T = 2
    assert k <= T and math.exp(-(k**2) / (2 * T)) < 1 / 2
    assert math.exp(-1 / 2) < 1


def test_the_sign_of_z_by_hand() -> None:
    """One round. f loses 0 or 1 on a fair coin, g surely 1/4, so h* = g; f is played and y = 0."""
    f, f_mean, g = F(0), F(1, 2), F(1, 4)
    R, Z = f - min(f, g), (f - f_mean) - (g - g)
    assert (R, 2 * Z) == (0, -1)
    assert f_mean > R + g + Z and f_mean <= R + g - Z
