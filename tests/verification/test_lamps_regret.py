"""The regret statements of LAMPS with MLE, by hand: plain fractions and floats, no engine.

Runs of Follow-the-Leader are made here, round by round, and compared with what the claims say of
them by symmetry. Logarithms of one number only appear, so losses are fractions of log 3.
"""

import math
from fractions import Fraction as F
from itertools import pairwise

import pytest

from tests.oracle import dot as mean
from tests.verification.lamps import CLAIMS, LEDGER
from theorylab import Outcome
from theorylab.engines import BUDGETS
from theorylab.engines.asymptotics import member, running
from theorylab.engines.growth import growth
from theorylab.relations import number


def sides(name, k):
    """Both sides of a claim along a family, at step k, as floats."""
    claim = CLAIMS[name]
    parameter = running(claim)
    (link,) = member(claim, {parameter.name: parameter.says.at(k)}, 256)
    return number(link.lhs), number(link.rhs)


def kl(p, q):
    """KL(p || q) in floats, infinite where p goes and q does not."""
    if any(a > 0 and b == 0 for a, b in zip(p, q, strict=True)):
        return math.inf
    return sum(float(a) * math.log(a / b) for a, b in zip(p, q, strict=True) if a)


# ---- one state: the disadvantage and its factor --------------------------------------------------


def test_algorithm_3_bounds_the_disadvantage_and_not_its_total():
    """Costs 0 and 1, gamma = 1/2: the regret is 2, the disadvantage that (8) bounds is 1."""
    gamma, costs = F(1, 2), [F(0), F(1)]
    learned, expert = costs[1] / (1 - gamma), costs[0] / (1 - gamma)
    eps_po = learned - (costs[0] + gamma * learned)
    assert (learned - expert, eps_po) == (2, 1)
    assert learned - expert == eps_po / (1 - gamma)


@pytest.mark.parametrize("k", [1, 3, 6])
def test_theorem_a_1_misses_a_horizon(k):
    """Along gamma -> 1 the printed bound stays 2 while the regret is 1 / (1 - gamma)."""
    assert sides("lamps_regret_restated", k) == (2**k, 2)


@pytest.mark.parametrize("k", [1, 4])
def test_theorem_5_1_under_a_signed_disadvantage(k):
    """pi_hat = nu has disadvantage 0 under nu; its regret is 1, the bound C V_max 2 / sqrt(T)."""
    gamma, costs, nu = F(1, 2), [F(0), F(1)], [F(1, 2), F(1, 2)]
    learned = mean(nu, costs) / (1 - gamma)
    assert mean(nu, [learned - (c + gamma * learned) for c in costs]) == 0
    C, x = 1 / nu[0], F(1, 2**k)
    assert sides("lamps_regret", k) == (learned, C * learned / (1 - gamma) * x)


@pytest.mark.parametrize("k", [1, 4])
def test_corollary_a_4_with_the_explore_policy_s_q(k):
    """V of pi_hat is 3/4 and so is Q of the explore policy at the expert's action."""
    gamma, costs = F(1, 2), [F(0), F(1)]
    learned = mean([F(5, 8), F(3, 8)], costs) / (1 - gamma)
    explored = mean([F(1, 4), F(3, 4)], costs) / (1 - gamma)
    assert learned - (costs[0] + gamma * explored) == 0
    assert sides("lamps_regret_explored_other_values", k) == (learned, 4 * learned * 2 * F(1, 2**k))


# ---- leaving state 0 for state 1, which costs 1 for ever -----------------------------------------


def cost(gamma, leave):
    """V(0) when state 0 is left with this probability: V = gamma ((1 - p) V + p / (1 - gamma))."""
    return gamma * leave / (1 - gamma) / (1 - gamma * (1 - leave))


def time_at_0(gamma, leave):
    """The occupancy of state 0 from state 0."""
    return (1 - gamma) / (1 - gamma * (1 - leave))


def run_of_leaders(n, T, realizable=False):
    """Follow-the-Leader over n models, each wrong at its own action only; and the truth at the end
    of the list when the class is realizable. Losses are excess log losses in units of log 3.

    Model i takes action i to leave with 1/4, in truth it does with 3/4: KL = log(3) / 2. Under
    D_t = (D_pi + D_expert) / 2 only the model whose policy was run is wrong, at half its occupancy.
    """
    loss = time_at_0(F(1, 2), F(3, 4)) / 2 * F(1, 2)
    total, played, paid = [F(0)] * (n + realizable), [], F(0)
    for _ in range(T):
        leader = min(range(len(total)), key=lambda i: total[i])
        played.append(leader)
        if leader < n:
            total[leader] += loss
            paid += loss
    return played, paid, min(total), loss


@pytest.mark.parametrize("n", [2, 3, 5])
def test_leaders_rotate_and_their_regret_is_linear(n):
    """T (1 - 1/n) times the loss of a round, not O(log T); eps_KL is 1/n of that loss."""
    T = 8 * n
    played, paid, best, loss = run_of_leaders(n, T)
    assert played == [t % n for t in range(T)]
    assert paid - best == T * (1 - F(1, n)) * loss
    assert best / T == loss / n


@pytest.mark.parametrize("k", [1, 2])
def test_the_claims_of_rotating_leaders_say_what_the_run_does(k):
    """Regret 4/21 a round; eps_po = 0 and V_max / (1 - gamma) (sqrt(eps_KL) + 1 / sqrt(T))."""
    n = 2**k
    T = n**4
    _, _, best, _ = run_of_leaders(n, T)
    eps_KL = float(best / T) * math.log(3)
    regret = cost(F(1, 2), F(3, 4)) - cost(F(1, 2), F(1, 2))
    bound = 2 / 0.5 * (math.sqrt(eps_KL) + T**-0.5)
    for name in ("lamps_regret_rotating_leaders", "planning_regret"):
        lhs, rhs = sides(name, k)
        assert (lhs, rhs) == (pytest.approx(float(regret)), pytest.approx(bound))


def test_ftl_of_two_leaders_by_rounds():
    """The regret that the claim bounds by log T, round by round."""
    for k in (1, 2, 5):
        _, paid, best, _ = run_of_leaders(2, 2**k)
        lhs, rhs = sides("ftl_regret_of_log_loss", k)
        assert lhs == pytest.approx(float(paid - best) * math.log(3))
        assert rhs == pytest.approx(math.log(2**k))


@pytest.mark.parametrize("T", [4, 16])
def test_a_realizable_class_does_not_help(T):
    """With the truth last in the class and T other models every one of T rounds pays; from then on
    the truth leads."""
    played, paid, best, loss = run_of_leaders(T, T + 5, realizable=True)
    assert played == [*range(T), *[T] * 5]
    assert (paid, best) == (T * loss, 0)
    lhs, rhs = sides("lamps_regret_realizable", int(math.log2(T)) // 2)
    assert (lhs, rhs) == (pytest.approx(4 / 21), pytest.approx(4 / math.sqrt(T)))


# ---- signs and orders ----------------------------------------------------------------------------


def test_the_printed_argmin_picks_the_least_likely_model():
    """E log M under the truth (1/2, 1/2): -log 2 for the truth, less for (1/4, 3/4)."""
    truth, model = [F(1, 2), F(1, 2)], [F(1, 4), F(3, 4)]
    losses = [mean(truth, [math.log(q) for q in row]) for row in (truth, model)]
    assert losses[1] < losses[0] and kl(truth, model) > 0


def test_reversed_divergence_sees_no_missing_support():
    """N = (0, 1) for the truth (x, 1 - x): KL(N || M*) -> 0, but its log loss is infinite."""
    for k in (2, 6):
        x = F(1, 2**k)
        truth, N, M_hat = [x, 1 - x], [F(0), F(1)], [F(3, 4), F(1, 4)]
        assert kl(truth, N) == math.inf > kl(truth, M_hat)
        assert kl(N, truth) == pytest.approx(-math.log(1 - x))
        visits = time_at_0(F(1, 2), 1 - x)
        bound = 4 * (math.sqrt(visits / 2 * kl(N, truth)) + x)
        regret = cost(F(1, 2), 1 - x) - cost(F(1, 2), F(1, 2))
        lhs, rhs = sides("lamps_regret_reversed_kl", k)
        assert (lhs, rhs) == (pytest.approx(float(regret)), pytest.approx(bound))


def test_the_last_display_misses_a_root_of_two():
    """|M_hat - M*|_1 = 1/4 and KL(M* || M_hat) = log(16/15) / 2: 2 / 4 is above 2 sqrt(KL)."""
    truth, model = [F(1, 2)] * 2, [F(5, 8), F(3, 8)]
    distance = sum(abs(a - b) for a, b in zip(truth, model, strict=True))
    assert kl(truth, model) == pytest.approx(math.log(16 / 15) / 2)
    assert 2 * math.sqrt(kl(truth, model)) < 2 * distance < 2 * math.sqrt(2 * kl(truth, model))


def test_footnote_2_needs_the_occupancy_in_the_model():
    """State 0 is free, state 1 costs 1 or, with the expert, 0; in the model state 0 leads to 1, in
    truth it does not, so the learned policy never sees state 1 there."""
    gamma = F(1, 2)
    V_hat, V_star = [gamma / (1 - gamma), 1 / (1 - gamma)], [F(0), F(0)]
    term_1 = (1 - gamma) * (V_hat[0] - V_star[0])
    advantage = [F(0), F(1)]
    in_truth, in_model = [F(1), F(0)], [1 - gamma, gamma]
    assert (term_1, mean(in_truth, advantage), mean(in_model, advantage)) == (
        gamma, 0, gamma,
    )  # fmt: skip


def test_corollary_a_4_multiplies_a_negative_term():
    """S = 2, A = 1: E_{D_pi}[M* V - M_hat V] = -1 with C = 2 becomes -2, no upper bound."""
    gamma, V_hat = F(1, 2), [F(1), F(2)]  # the model leads from 0 to 1, in truth 0 stays
    term = gamma / (1 - gamma) * (V_hat[0] - V_hat[1])
    nu, D_star = [F(1, 2), F(1, 2)], [F(1), F(0)]
    C = max(a / b for a, b in zip(D_star, nu, strict=True))
    assert (term, C * term) == (-1, -2)


# ---- verdicts ------------------------------------------------------------------------------------

GROWS = [
    "lamps_regret",
    "lamps_regret_least_likely",
    "planning_regret",
    "lamps_regret_restated",
    "lamps_regret_rotating_leaders",
    "lamps_regret_realizable",
    "lamps_regret_reversed_kl",
    "ftl_regret_as_printed",
    "ftl_regret_of_log_loss",
    "model_error_as_printed",
    "lamps_regret_explored",
    "lamps_regret_explored_experts_actions",
    "lamps_regret_explored_other_values",
]


@pytest.mark.parametrize("name", GROWS)
def test_no_constant_saves_the_printed_bounds(name):
    """The growth engine has the limit exactly, and the ratios of the members rise like a power."""
    found = growth(CLAIMS[name], BUDGETS["quick"], 0)
    assert found.outcome is Outcome.REFUTED
    ratios = [lhs / rhs for lhs, rhs in (sides(name, k) for k in range(4, 11))]
    assert all(b > 1.3 * a for a, b in pairwise(ratios))


FALLS = {
    "truth_leads_as_printed": ({"S": 2, "A": 1}, 1),
    "printed_leader_is_near": ({"S": 2, "A": 1}, 1),
    "likelihood_is_kl_from_the_model": ({"S": 2, "A": 1}, 1),
    "planning_disadvantage": ({"S": 2, "A": 2}, 1),
    "planning_disadvantage_in_model": ({"S": 2, "A": 2}, 1),
    "planning_advantage": ({"S": 2, "A": 2}, 1),
    "lazy_bound_is_tighter": ({"S": 1, "A": 2}, 1),
    "lazy_bound_is_tighter_under_the_expert": ({"S": 2, "A": 2}, 1),
    "regret_first_lines": ({"S": 1, "A": 2}, 2),
    "kl_lines_as_printed": ({"S": 2, "A": 1}, 1),
    "kl_lines_to_the_truth": ({"S": 2, "A": 1}, 1),
    "kl_lines_of_log_loss_from_the_model": ({"S": 2, "A": 1}, 1),
    "kl_lines_of_log_loss": ({"S": 2, "A": 1}, 1),
    "last_root_from_the_model": ({"S": 2, "A": 1}, 1),
    "explored_first_lines": ({"S": 1, "A": 2}, 2),
}


@pytest.mark.parametrize("name", FALLS)
def test_the_ledger_has_the_first_broken_line(name):
    """What falls at a size is refuted in the ledger at the least one, in the line that breaks."""
    entry = LEDGER[CLAIMS[name].id]
    assert entry["verdict"] == "refuted" and entry["statement"] == CLAIMS[name].hash
    found = entry["counterexample"]
    assert (found["sizes"], found["line"]) == FALLS[name]
