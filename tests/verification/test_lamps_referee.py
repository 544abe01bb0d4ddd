"""What a second reading of LAMPS settled: which reading is printed, and by hand what falls."""

from fractions import Fraction as F
from math import log, sqrt

import numpy as np
import pytest
from flint import fmpq

from tests.oracle import dot as mean
from tests.verification.lamps import CLAIMS, LEDGER, refuted, tables
from tests.verification.test_lamps_regret import number, sides
from theorylab import MDP, Policy
from theorylab.engines import BUDGETS
from theorylab.engines.judging import rigorous
from theorylab.errors import HypothesisFailed

PRINTED_STAND = [
    "planning_regret_of_a_learner",
    "loss_is_unbiased_in_a_deterministic_world",
    "ftrl_regret_scaled",
    "ftrl_regret_with_values",
    "planning_advantage_in_model",
]
OTHER_READINGS_FALL = [
    "planning_regret",
    "loss_is_the_empirical_version",
    "ftrl_regret",
    "ftrl_regret_without_values",
    "planning_disadvantage",
    "lamps_regret_explored_other_values",
    "nrpi_proof_in_a_class",
]


def test_what_stands_as_a_reviewer_reads_it_is_not_an_erratum():
    """The quoted bound, the deterministic remark, FTRL's regret and footnote 2 stand as printed."""
    for name in PRINTED_STAND:
        entry = LEDGER[CLAIMS[name].id]
        assert entry["reading"] == "printed" and entry["verdict"] in ("supported", "proved")
    for name in OTHER_READINGS_FALL:
        entry = LEDGER[CLAIMS[name].id]
        assert entry["reading"] != "printed" and entry["verdict"] == "refuted"


def discounts(data):
    """All discounts in an encoded instance."""
    if isinstance(data, dict):
        own = [data["gamma"]] if "gamma" in data else []
        return own + [g for value in data.values() for g in discounts(value)]
    return [g for item in data for g in discounts(item)] if isinstance(data, list) else []


FALL_AT_ONE_INSTANCE = [
    "action_value_as_printed",
    "pdam_bound",
    "pdam_exploration",
    "pdam_exploration_proof",
    "explored_first_lines",
    "lamps_mm_regret_explicit",
    "realizable_error_vanishes",
    "policy_error_in_13",
    "lamps_mm_proof",
    "signed_proof",
]


@pytest.mark.parametrize("name", FALL_AT_ONE_INSTANCE)
def test_no_counterexample_is_at_discount_zero(name):
    """The statements fall inside (0, 1), where there is a future."""
    found = discounts(tables(refuted(name).instance))
    assert found and all(0 < g < 1 for g in found)


def test_corollary_5_1_falls_for_a_nu_that_covers_the_expert():
    """One state: regret and (8) in fractions, with C = max D_pi_star / nu finite."""
    instance = tables(refuted("pdam_bound").instance)
    gamma, costs = instance["M"]["gamma"], instance["M"]["payoff"][0]
    learned, expert = (mean(instance[k]["probabilities"][0], costs) for k in ("pi_hat", "pi_star"))
    V, nu = learned / (1 - gamma), instance["nu"]["entries"][0]
    expected = instance["pi_star"]["probabilities"][0]
    assert all(n > 0 for n, p in zip(nu, expected, strict=True) if p)
    eps_po = mean(nu, [V - c - gamma * V for c in costs])
    assert learned - expert > eps_po  # (1 - gamma) (J - J_star), and the models agree


@pytest.mark.parametrize("k", [1, 4])
def test_corollary_a_4_as_stated(k):
    """V = 3/2 for the explore policy, which has no disadvantage over itself; C = 1 / (1/4)."""
    gamma, costs, nu = F(1, 2), [F(0), F(1)], [F(1, 4), F(3, 4)]
    V = mean(nu, costs) / (1 - gamma)
    assert mean(nu, [V - c - gamma * V for c in costs]) == 0
    assert sides("lamps_regret_explored", k) == (V, 4 * V / (1 - gamma) / 2**k)


@pytest.mark.parametrize("k", [1, 4])
def test_corollary_a_4_with_the_expert_s_actions(k):
    """Two states never left: V is 2 and 0 for pi_hat, and pi_star's action there 0 and 1."""
    gamma, V, expert = F(1, 2), [F(2), F(0)], [F(0), F(1)]
    errors = [v - (c + gamma * v) for v, c in zip(V, expert, strict=True)]
    assert errors == [1, -1] and mean([F(1, 2)] * 2, errors) == 0
    regret, C = V[0] - expert[0] / (1 - gamma), 2
    assert sides("lamps_regret_explored_experts_actions", k) == (
        regret,
        C * max(V) / (1 - gamma) / 2**k,
    )


def test_the_regret_of_a_class_is_not_the_printed_line():
    """Two constant policies, states whose best actions differ: min inside E_nu is the smaller one,
    although one of the two is no dearer than nu(.|s)."""
    instance = tables(refuted("nrpi_proof_in_a_class").instance)
    M, nu = instance["M"], instance["nu"]["entries"]
    assert M["P"] == [[[1, 0]] * 2] * 2  # so Q of pi is c + gamma V(0)
    policies = [instance[k]["probabilities"] for k in ("pi_1", "pi_2")]
    gamma, costs, d_nu = M["gamma"], M["payoff"], [sum(row) for row in nu]
    later = sum(gamma / (1 - gamma) * mean(pi[0], costs[0]) for pi in policies) / 2
    Q = [[c + later for c in row] for row in costs]
    paid = [[mean(pi[s], Q[s]) for s in (0, 1)] for pi in policies]
    inside = mean(d_nu, [min(column) for column in zip(*paid, strict=True)])
    outside = min(mean(d_nu, row) for row in paid)
    assert outside <= sum(mean(n, q) for n, q in zip(nu, Q, strict=True))
    assert inside < outside


def leaving(chance):
    """State 0 is left for state 1, which costs 1 for ever, with this probability; one action."""
    return [[[1 - F(chance), F(chance)]], [[F(0), F(1)]]]


def quoted_bound(learned, best):
    """The quoted bound's sides where the truth leaves with 1/2, both models of the run with
    `learned` and those of the class with `best`; gamma = 1/2, nu uniform."""
    M = MDP(leaving("1/2"), [[F(0)], [F(1)]], F(1, 2), [F(1), F(0)])
    run, models = (M.with_transitions(leaving(chance)) for chance in (learned, best))
    pi = Policy([[F(1)], [F(1)]])
    given = {"M": M, "M_hats": (run, run), "pi_hats": (pi, pi), "pi_star": pi}
    given |= {"models": (models, models), "nu": np.array([[fmpq(1, 2)], [fmpq(1, 2)]])}
    (link,) = rigorous(BUDGETS["quick"])(CLAIMS["planning_regret_of_a_learner"], given).links
    return number(link.lhs), number(link.rhs)


def test_the_quoted_bound_by_hand():
    """D = (2/3, 1/3), C = 4/3, V_max = 2, D_t = (7/12, 5/12) and KL(1/2 || 1/4) = log(4/3) / 2."""
    bound = 2 * (4 / 3) * 2 / 0.5 * (sqrt(2 * 7 / 12 * log(4 / 3) / 2) + 1)
    assert quoted_bound("1/4", "1/4") == (0, pytest.approx(bound))


def test_the_quoted_bound_is_for_a_no_regret_learner():
    """Two rounds of a model that leaves with 1/1000 cost 7/12 log(250 / 0.999) > 1 more."""
    assert 7 / 12 * log(1000**2 / 999 / 4) > 1
    with pytest.raises(HypothesisFailed):
        quoted_bound("1/1000", "1/2")
