"""LAMPS-MM's statements by hand, in plain fractions: what falls, at which line, and what stands."""

from fractions import Fraction as F
from itertools import product

import pytest

from tests.oracle import Matrix, Row, deterministic_policies, dot, policy_value, solve, under
from tests.verification.lamps import CLAIMS, LEDGER
from theorylab import Outcome
from theorylab.engines.mutation import fates
from theorylab.run import verify

LEFT, RIGHT = 0, 1


# ---- an oracle of its own ----------------------------------------------------------------------


def rows(table: list) -> list:
    """A nested table of fractions."""
    return [rows(x) for x in table] if isinstance(table, list) else F(table)


def taking(action: int, S: int) -> Matrix:
    """The policy of two actions that always takes this one."""
    return rows([[int(a == action) for a in range(2)] for _ in range(S)])


def occupancy(P: list, start: Row, gamma: F, pi: Matrix) -> Matrix:
    """(1 - gamma) sum_h gamma^h D^h, by elimination."""
    T, S = under(P, pi), range(len(P))
    A = [[(s == t) - gamma * T[t][s] for t in S] for s in S]
    d = solve(A, [(1 - gamma) * x for x in start])
    return [[d[s] * p for p in pi[s]] for s in S]


def mean(D: Matrix, x: Matrix) -> F:
    """E_D x over states and actions."""
    return sum(map(dot, D, x), F(0))


def table(P: list, f) -> Matrix:
    """f of each row P[s][a]."""
    return [[f(row) for row in actions] for actions in P]


def gap(P: list, N: list, v: Row) -> Matrix:
    """M* v - N v."""
    return [
        [dot(p, v) - dot(n, v) for p, n in zip(*pair, strict=True)]
        for pair in zip(P, N, strict=True)
    ]


def size(x: Matrix) -> Matrix:
    """Absolute values."""
    return [[abs(y) for y in row] for row in x]


def half(D: Matrix, other: Matrix) -> Matrix:
    """D_t."""
    return [
        [(x + y) / 2 for x, y in zip(*pair, strict=True)] for pair in zip(D, other, strict=True)
    ]


def sampled(P: list, N: list, v: Row, D: Matrix) -> F:
    """(9) as printed: E_D sum_s' P(s') |v(s') - N v|."""
    S, A = range(len(P)), range(len(P[0]))
    return sum(D[s][a] * P[s][a][t] * abs(v[t] - dot(N[s][a], v)) for s in S for a in A for t in S)


def round_of(P: list, N: list, cost: Matrix, start: Row, gamma: F, pi: Matrix, expert: Matrix):
    """(1 - gamma) regret, the left side of (8) under the expert, the loss and the signed loss."""
    v = policy_value(N, cost, gamma, pi)
    own, other = occupancy(P, start, gamma, pi), occupancy(P, start, gamma, expert)
    regret = mean(own, cost) - mean(other, cost)
    Q = [
        [c + gamma * dot(n, v) for c, n in zip(*x, strict=True)] for x in zip(cost, N, strict=True)
    ]
    eps_po = mean(other, [[v[s] - q for q in Q[s]] for s in range(len(P))])
    x = gap(P, N, v)
    return regret, eps_po, mean(half(own, other), size(x)), mean(own, x) - mean(other, x)


# ---- the loss (9) ------------------------------------------------------------------------------


def test_the_printed_loss_prefers_a_wrong_model_whose_policy_is_worse():
    """S=2, A=2, M* in the class: action 0 of state 0 leaves it with probability 1/3, state 1 is
    free. A model in which nothing leaves has the smaller (9), and its policy never tries."""
    gamma, start, cost = F(1, 2), rows([1, 0]), rows([[1, 1], [0, 0]])
    P = [[[F(2, 3), F(1, 3)], rows([1, 0])], rows([[1, 0], [1, 0]])]
    N = rows([[[1, 0], [1, 0]], [[1, 0], [1, 0]]])
    stay, leave = rows([[0, 1], [1, 0]]), rows([[1, 0], [1, 0]])
    v = policy_value(N, cost, gamma, stay)
    own, expert = occupancy(P, start, gamma, stay), occupancy(P, start, gamma, leave)
    data = half(own, expert)
    assert sampled(P, N, v, data) < sampled(P, P, v, data)
    assert mean(own, cost) > mean(expert, cost)
    _, eps_po, loss, _ = round_of(P, N, cost, start, gamma, stay, leave)
    assert eps_po == 0 < loss  # both actions look alike; with expectations inside, N is found out


def test_the_spread_of_the_values_stays_at_the_true_model():
    """A coin with values 0 and 1: (9) is 1/2 at M*, and the double-sampling bias is all of it."""
    P, v = [[[F(1, 2), F(1, 2)]], [[F(1, 2), F(1, 2)]]], rows([0, 1])
    D = rows([[1], [0]])
    assert sampled(P, P, v, D) == F(1, 2)
    assert mean(D, size(gap(P, P, v))) == 0


def test_the_true_model_is_almost_twice_the_least():
    """A coin of probability p: 2 p (1 - p) at M*, p at the median: the factor 2 is sharp."""
    p, v, D = F(1, 1000), rows([0, 1]), rows([[1]])
    P, N = [[[1 - p, p]]] * 2, [[[F(1), F(0)]]] * 2
    true, least = sampled(P[:1] + P[:1], P, v, D + rows([[0]])), p
    assert true == 2 * p * (1 - p) and true / least > F(199, 100)
    assert sampled(P, N, v, D + rows([[0]])) == least


# ---- the learner, run for real -----------------------------------------------------------------


def doors(p: F) -> list:
    """A model that says: left leads to the good state with probability p, right with 1 - p."""
    stay = [[rows([0, 1, 0])] * 2, [rows([0, 0, 1])] * 2]
    return [[[F(0), p, 1 - p], [F(0), 1 - p, p]], *stay]


def losses(p: F, others: list[F]) -> list[F]:
    """The loss of other mixtures in a round in which p is played, with its best policy; truly both
    doors lead to the bad state, and the expert tosses a coin."""
    gamma, start, cost = F(1, 2), rows([1, 0, 0]), rows([[0, 0], [0, 0], [1, 1]])
    true = [[rows([0, 0, 1])] * 2, [rows([0, 1, 0])] * 2, [rows([0, 0, 1])] * 2]
    pi = taking(LEFT if p >= F(1, 2) else RIGHT, 3)
    v = policy_value(doors(p), cost, gamma, pi)
    expert = occupancy(true, start, gamma, [[F(1, 2)] * 2] * 3)
    data = half(occupancy(true, start, gamma, pi), expert)
    return [mean(data, size(gap(true, doors(q), v))) for q in others]


def test_follow_the_leader_has_linear_regret():
    """Two models, ties to the first: it plays them in turn and loses 1/8 a round to either."""
    models, totals, played = [F(1), F(0)], [F(0), F(0)], F(0)
    for t in range(12):
        leader = totals.index(min(totals))
        found = losses(models[leader], models)
        assert leader == t % 2
        played += found[leader]
        totals = [x + y for x, y in zip(totals, found, strict=True)]
    assert played - min(totals) == 12 * F(1, 4)


@pytest.mark.parametrize(("rounds", "rate", "regret"), [(16, 1, 2), (16, 4, F(1, 2)), (64, 1, 8)])
def test_ftrl_needs_a_regulariser_that_grows(rounds: int, rate: int, regret: F):
    """R(p) = rate/2 (p - 1/2)^2 over the mixtures: regret T / (8 rate); so T/8, or sqrt(T)/8."""
    played, ends, slope = F(0), [F(0), F(0)], F(0)
    for _ in range(rounds):
        p = min(F(1), max(F(0), F(1, 2) - slope / rate))
        now, *at_ends = losses(p, [p, F(0), F(1)])
        assert now == at_ends[0] + p * (at_ends[1] - at_ends[0])
        played, slope = played + now, slope + at_ends[1] - at_ends[0]
        ends = [x + y for x, y in zip(ends, at_ends, strict=True)]
    assert played - min(ends) == regret


def mixed_door(p: F) -> list:
    """Left leads to good with probability p, else to bad; right to the middle state."""
    stay = [[rows([int(i == j) for j in range(4)])] * 2 for i in (1, 2, 3)]
    return [[[F(0), p, F(0), 1 - p], rows([0, 0, 1, 0])], *stay]


@pytest.mark.parametrize("n", [2, 4, 6])
def test_the_realizable_bound_depends_on_the_values(n: int):
    """gamma = 1 - 1/n, T = n^2, FTRL with the rate of losses up to 1/(1 - gamma): it opens the bad
    door in all T rounds, with no advantage error, though M* is a mixture. Regret / bound: n/2."""
    gamma, start = 1 - F(1, n), rows([1, 0, 0, 0])
    cost = [[F(c)] * 2 for c in (0, 0, F(1, 2), 1)]
    left, right, true, slope, total = taking(LEFT, 4), taking(RIGHT, 4), mixed_door(F(0)), 0, F(0)
    for _ in range(n * n):
        p = max(F(0), 1 - slope / F(n * n))  # B sqrt(T) = n^2
        regret, eps_po, loss, _ = round_of(true, mixed_door(p), cost, start, gamma, left, right)
        assert eps_po <= 0 and loss == p / 2
        total, slope = total + regret / (1 - gamma), slope + F(1, 2)
    assert total / n**2 == gamma / (1 - gamma) / 2 == F(n - 1, 2)  # the printed bound is 1


# ---- the theorems ------------------------------------------------------------------------------


def test_theorem_a_2_and_b_1_lose_a_horizon_with_one_state():
    """Costs 0 and 1, pi_hat the second action: regret 1/(1 - gamma), eps_po = 1, no model error."""
    gamma, P, cost = F(99, 100), rows([[[1], [1]]]), rows([[0, 1]])
    regret, eps_po, loss, signed = round_of(
        P, P, cost, rows([1]), gamma, rows([[0, 1]]), rows([[1, 0]])
    )
    assert (regret / (1 - gamma), eps_po, loss, signed) == (100, 1, 0, 0)


def test_theorem_6_1_falls_where_8_is_zero():
    """Uniform nu and pi_hat: E_nu[V - Q] = 0, C = 2, yet pi_hat pays 1/2 a step more for ever."""
    gamma, cost = F(1, 2), rows([0, 1])
    V = F(1, 2) / (1 - gamma)
    assert sum(F(1, 2) * (V - c - gamma * V) for c in cost) == 0
    assert V - 0 == 1  # the regret, in every round; C / ((1 - gamma) sqrt(T)) tends to 0


def test_the_root_of_the_model_error_goes_the_wrong_way():
    """Two states that change places, a model in which they stay: loss 1/(1 - gamma) > its root."""
    gamma, P, N = F(9, 10), rows([[[0, 1]], [[1, 0]]]), rows([[[1, 0]], [[0, 1]]])
    pi, cost = rows([[1], [1]]), rows([[0], [1]])
    _, _, loss, signed = round_of(P, N, cost, rows([1, 0]), gamma, pi, pi)
    assert loss == 10 and loss > 1 and signed == 0


def test_the_signed_loss_is_a_sum_and_the_argument_of_o_may_be_negative():
    """Truly everything leads to state 0. Regret 2 > 0, but eps_po + eps_sn / (1 - gamma) = -1/2."""
    gamma, cost = F(1, 2), rows([[0, 1], [0, 0]])
    P, N = rows([[[1, 0]] * 2] * 2), rows([[[0, 1], [1, 0]], [[1, 0]] * 2])
    found = round_of(P, N, cost, rows([1, 0]), gamma, rows([[0, 1], [1, 0]]), rows([[1, 0]] * 2))
    regret, eps_po, _, signed = found
    assert (regret, eps_po, signed) == (1, F(3, 2), -1)
    assert eps_po + signed / (1 - gamma) == F(-1, 2)


@pytest.mark.parametrize("gamma", [F(0), F(1, 2), F(999, 1000)])
def test_the_corrected_forms_hold_in_every_deterministic_world(gamma: F):
    """S=2, A=2, actions that lead to one state each, costs 0 and 1 in two ways: the identity of
    Theorem B.1, the bound of Theorem A.2, and the root for costs of at most 1; some are tight."""
    go, tight = [rows([1, 0]), rows([0, 1])], 0
    worlds = [[[go[a], go[b]], [go[c], go[d]]] for a, b, c, d in product((0, 1), repeat=4)]
    learned, expert = rows([[1, 0], [0, 1]]), rows([[0, 1], [0, 1]])
    for P, N, pi in product(worlds, worlds, (learned, expert)):
        for cost in (rows([[0, 1], [1, 0]]), rows([[0, 0], [1, 1]])):
            start = rows([1, 0])
            regret, eps_po, loss, signed = round_of(P, N, cost, start, gamma, pi, expert)
            assert regret == eps_po + gamma * signed
            assert regret <= eps_po + 2 * gamma * loss
            assert max(F(0), regret - max(F(0), eps_po)) ** 2 <= 2 * gamma * loss
            assert signed <= 2 * loss
            tight += regret == eps_po + 2 * gamma * loss and loss > 0
    assert tight > 0


def test_the_corrected_theorem_6_1_holds_for_all_policies_of_one_state_pair():
    """S=2, A=2 with nu uneven: C E_nu(V - Q)_+ + 2 gamma C l_t bounds every pair of policies."""
    gamma, start, cost = F(9, 10), rows([1, 0]), rows([[0, 1], [1, 0]])
    P = [[rows([0, 1]), rows([1, 0])], [[F(1, 2), F(1, 2)], rows([1, 0])]]
    N = [[rows([1, 0]), rows([1, 0])], [rows([0, 1]), rows([1, 0])]]
    nu = [[F(1, 8), F(3, 8)], [F(1, 4), F(1, 4)]]
    for pi, expert in product(deterministic_policies(2, 2), repeat=2):
        v, other = policy_value(N, cost, gamma, pi), occupancy(P, start, gamma, expert)
        own = occupancy(P, start, gamma, pi)
        C = max(o / n for x, y in zip(other, nu, strict=True) for o, n in zip(x, y, strict=True))
        excess = [[v[s] - cost[s][a] - gamma * dot(N[s][a], v) for a in (0, 1)] for s in (0, 1)]
        eps_po = mean(nu, [[max(F(0), x) for x in row] for row in excess])
        loss = mean(half(own, nu), size(gap(P, N, v)))
        assert mean(own, cost) - mean(other, cost) <= C * eps_po + 2 * gamma * C * loss


# ---- the verdicts ------------------------------------------------------------------------------

EXACT = {
    "loss_bounds_the_model_terms": ({"S": 2, "A": 2}, [1]),
    "loss_is_the_empirical_version": ({"S": 2, "A": 1}, [1]),
    "true_model_minimises_the_loss": ({"S": 2, "A": 1}, [1]),
    "realizable_error_vanishes": ({"S": 2, "A": 1}, [1]),
    "realizable_regret_by_the_sampled_loss": ({"S": 2, "A": 1}, [1]),
    "smaller_loss_gives_the_better_policy": ({"S": 2, "A": 2}, [1]),
    "lamps_mm_regret_explicit": ({"S": 1, "A": 2}, [1]),
    "policy_error_in_13": ({"S": 1, "A": 2}, [1]),
    "lamps_mm_proof": ({"S": 1, "A": 2}, [2, 3]),
    "root_of_the_model_error": ({"S": 2, "A": 1}, [1]),
    "signed_proof": ({"S": 1, "A": 2}, [2, 3]),
    "signed_error_below_the_absolute": ({"S": 2, "A": 2}, [1]),
    "signed_regret_has_a_bound": ({"S": 2, "A": 2}, [1]),
    "signed_regret_under_exploration": ({"S": 2, "A": 1}, [1]),
}


@pytest.mark.parametrize("name", EXACT)
def test_what_falls_fell_at_its_smallest_size_and_first_line(name: str):
    """As the ledger has it: refuted at the smallest size at which it can be, this line first."""
    found = LEDGER[f"lamps.{name}"]
    sizes, lines = EXACT[name]
    assert found["verdict"] == "refuted"
    assert (found["counterexample"]["sizes"], found["counterexample"]["line"]) == (sizes, lines[0])


@pytest.mark.parametrize("name", ["policy_error_in_13", "lamps_mm_regret_explicit"])
def test_the_policy_error_falls_with_one_state(name: str):
    """Run anew by the exact engine: S=1, A=2, where no model can be wrong."""
    verdict = verify(CLAIMS[name], engines=["exact"])
    assert verdict.outcome is Outcome.REFUTED
    assert (dict(verdict.counterexample.sizes), [k + 1 for k in verdict.broken_links]) == EXACT[
        name
    ]


GROWS = [
    "ftrl_regret",
    "realizable_bound_without_values",
    "bound_is_tighter",
    "lamps_mm_regret",
    "ftl_regret_is_logarithmic",
    "ftl_regret_is_a_root",
    "ftl_regret_of_the_squared_loss",
    "learner_regret_without_values",
    "root_of_a_root_regret",
    "last_display",
    "lamps_mm_regret_restated",
    "lamps_mm_regret_in_another_unit",
    "ftrl_regret_without_values",
    "signed_regret",
]


@pytest.mark.parametrize("name", GROWS)
def test_no_hidden_constant_saves_these(name: str):
    """The ratio has an infinite limit along the family, found exactly."""
    assert verify(CLAIMS[name], engines=["growth"]).outcome is Outcome.REFUTED


def test_a_bound_with_a_hidden_constant_has_no_mutants():
    """No single member of a family could kill them; a bound at one instance has some."""
    assert fates(CLAIMS["last_display"]) == []


@pytest.mark.parametrize("name", ["ftrl_regret_scaled", "root_of_a_logarithmic_regret"])
def test_the_corrected_rates_stand(name: str):
    """The ratio has a finite limit, found exactly."""
    assert verify(CLAIMS[name], engines=["growth"]).outcome is Outcome.SUPPORTED


@pytest.mark.parametrize(
    "name", ["signed_loss_is_the_model_terms", "signed_loss_is_linear", "signed_proof_corrected"]
)
def test_the_identities_of_the_signed_loss_are_certified(name: str):
    """They hold at generic points: the corrected Theorem B.1 is an identity."""
    assert verify(CLAIMS[name], engines=["certificate"]).outcome is Outcome.CERTIFIED
