"""Known-false statements: refuted, at their smallest shape, by instances that stand on their own.

Each is evaluated again from its tables in the standard library's fractions (tests/oracle.py), its
relation written anew: nothing of theorylab decides.
"""

from decimal import Decimal, getcontext
from fractions import Fraction

import numpy as np
import pytest

import theorylab as lab
from tests import oracle
from theorylab import MDP, Model, Policy, StateDistribution, at_most, claim, equal
from theorylab.notation import KL, TV, D, E, J, Q, T, V, V_star, coverage, d, l1_norm, sup_norm
from theorylab.theory.finite_horizon import finite_horizon_performance, finite_horizon_values

FALSE, getcontext().prec = [], 50


def false(**sizes):
    """A claim known to be false, with its smallest shape."""

    def decorate(function):
        FALSE.append((claim("false")(function), sizes))
        return FALSE[-1][0]

    return decorate


def table_of(record):
    """The table of an encoded object: its transitions, probabilities or entries."""
    return next(record[key] for key in ("P", "probabilities", "entries") if key in record)


class World:
    """An instance's tables as Fractions, with the quantities of the claims from the oracle."""

    def __init__(self, instance):
        self.data = {n: oracle.fractions(table_of(v)) for n, v in instance.items()}
        M = next((v for v in instance.values() if "payoff" in v), None)
        if M is not None:
            self.c, self.start = oracle.fractions(M["payoff"]), oracle.fractions(M["start"])
            self.g = Fraction(M.get("gamma", "1"))

    def __getitem__(self, name):
        return self.data[name]

    def V(self, model, pi):
        return oracle.policy_value(self[model], self.c, self.g, self[pi])

    def advantage(self, pi):
        """Q - V in the true world, (S, A)."""
        V = self.V("M", pi)
        return [[q - v for q in row] for v, row in zip(V, self.backup("M", V), strict=True)]

    def backup(self, model, V):
        return [
            [c + self.g * oracle.dot(p, V) for c, p in zip(costs, rows, strict=True)]
            for costs, rows in zip(self.c, self[model], strict=True)
        ]

    def J(self, model, pi):
        return oracle.dot(self.start, self.V(model, pi))

    def d(self, model, pi):
        """The occupancy from the flow equation, by elimination."""
        flow, S = oracle.under(self[model], self[pi]), range(len(self.start))
        A = [[(s == t) - self.g * flow[t][s] for t in S] for s in S]
        return oracle.solve(A, [(1 - self.g) * x for x in self.start])

    def E(self, model, pi, table):
        """E over the occupancy D of a table (S, A)."""
        return oracle.dot(self.D(model, pi), flat(table))

    def rows(self, function):
        """A table (S, A) from the laws of the next state, true and in the model."""
        both = zip(self["M"], self["M_hat"], strict=True)
        return [[function(p, q) for p, q in zip(a, b, strict=True)] for a, b in both]

    def gap(self, V):
        return self.rows(lambda p, q: oracle.dot(p, V) - oracle.dot(q, V))

    def l1(self):
        return self.rows(lambda p, q: sum(abs(x - y) for x, y in zip(p, q, strict=True)))

    def ratio(self, top, bottom):
        """sup top / bottom with 0/0 = 0, from flat lists; no counterexample has x/0."""
        return max(x / y for x, y in zip(top, bottom, strict=True) if x or y)

    def D(self, model, pi):
        return [w * p for w, row in zip(self.d(model, pi), self[pi], strict=True) for p in row]


def flat(table):
    """The entries of a table."""
    return [x for row in table for x in row]


def sup_of(values):
    """The sup norm."""
    return max(abs(x) for x in values)


def simulation(w, occupancy, values):
    """Its two sides with these choices."""
    inside = w.E(occupancy, "pi", w.gap(w.V(values, "pi")))
    return w.J("M", "pi") - w.J("M_hat", "pi"), w.g / (1 - w.g) * inside


def gap(M, M_hat, values):
    """The difference of the next values, true minus model."""
    return M.P @ values - M_hat.P @ values


@false(S=2, A=1)
def simulation_under_the_model(M: MDP, M_hat: Model, pi: Policy):
    inside = E(D(M_hat, pi), gap(M, M_hat, V(M_hat, pi)))
    return equal(J(M, pi) - J(M_hat, pi), M.gamma / (1 - M.gamma) * inside)


@false(S=2, A=1)
def simulation_with_true_values(M: MDP, M_hat: Model, pi: Policy):
    inside = E(D(M, pi), gap(M, M_hat, V(M, pi)))
    return equal(J(M, pi) - J(M_hat, pi), M.gamma / (1 - M.gamma) * inside)


def pdpm_sides(w):
    V_hat, V_star = w.V("M_hat", "pi"), w.V("M_hat", "mu")
    planned = oracle.dot(w.start, V_hat) - oracle.dot(w.start, V_star)
    models = w.E("M", "pi", w.gap(V_hat)) - w.E("M", "pi", w.gap(V_star))
    return (1 - w.g) * (w.J("M", "pi") - w.J("M", "mu")), (1 - w.g) * planned + w.g * models


@false(S=2, A=2)
def pdpm_under_one_occupancy(M: MDP, M_hat: Model, pi: Policy, mu: Policy):
    V_hat, V_star = V(M_hat, pi), V(M_hat, mu)
    models = E(D(M, pi), gap(M, M_hat, V_hat)) - E(D(M, pi), gap(M, M_hat, V_star))
    planned = E(M.start, V_hat - V_star)
    return equal((1 - M.gamma) * (J(M, pi) - J(M, mu)), (1 - M.gamma) * planned + M.gamma * models)


def pdam_sides(w):
    V_hat = w.V("M_hat", "pi")
    undiscounted = [
        [c + oracle.dot(p, V_hat) for c, p in zip(costs, rows, strict=True)]
        for costs, rows in zip(w.c, w["M_hat"], strict=True)
    ]
    first = oracle.dot(w.d("M", "mu"), V_hat) - w.E("M", "mu", undiscounted)
    models = w.E("M", "pi", w.gap(V_hat)) - w.E("M", "mu", w.gap(V_hat))
    return (1 - w.g) * (w.J("M", "pi") - w.J("M", "mu")), first + w.g * models


@false(S=1, A=1)
def pdam_with_q_undiscounted(M: MDP, M_hat: Model, pi: Policy, mu: Policy):
    V_hat = V(M_hat, pi)
    first = E(d(M, mu), V_hat - E(mu, M.c + M_hat.P @ V_hat))
    models = E(D(M, pi), gap(M, M_hat, V_hat)) - E(D(M, mu), gap(M, M_hat, V_hat))
    return equal((1 - M.gamma) * (J(M, pi) - J(M, mu)), first + M.gamma * models)


def hoelder_sides(w):
    V_hat = w.V("M_hat", "pi")
    return w.E("M", "pi", w.gap(V_hat)), sup_of(V_hat) * w.E("M", "pi", w.l1()) / 3


@false(S=2, A=1)
def hoelder_with_a_third(M: MDP, M_hat: Model, pi: Policy):
    V_hat = V(M_hat, pi)
    distance = E(D(M, pi), l1_norm(M.P - M_hat.P))
    return at_most(E(D(M, pi), gap(M, M_hat, V_hat)), sup_norm(V_hat) * distance / 3)


def signed_coverage(w):
    C = w.ratio(w.D("M", "mu"), flat(w["nu"]))
    return w.E("M", "mu", w.advantage("pi")), C * oracle.dot(flat(w["nu"]), flat(w.advantage("pi")))


@false(S=1, A=2)
def coverage_of_a_signed_advantage(M: MDP, pi: Policy, mu: Policy, nu: lab.StateActionDistribution):
    signed = Q(M, pi) - V(M, pi)[:, None]
    return at_most(E(D(M, mu), signed), coverage(D(M, mu), nu) * E(nu, signed))


def contraction_sides(w):
    best = [[min(row) for row in w.backup("M", w[name])] for name in ("f", "g")]
    moved = sup_of(x - y for x, y in zip(*best, strict=True))
    return moved, w.g**2 * sup_of(x - y for x, y in zip(w["f"], w["g"], strict=True))


@false(S=1, A=1)
def contraction_by_the_squared_discount(M: MDP, f: lab.StateFunction, g: lab.StateFunction):
    return at_most(sup_norm(T(M, f) - T(M, g)), M.gamma**2 * sup_norm(f - g))


@false(S=1, A=2)
def every_policy_is_optimal(M: MDP, pi: Policy):
    return at_most(V(M, pi), V_star(M))


def difference_sides(w):
    gap = w.J("M", "pi") - w.J("M", "mu")
    return (1 - w.g) * gap, w.E("M", "mu", w.advantage("mu"))


@false(S=1, A=2)
def difference_under_the_other_occupancy(M: MDP, pi: Policy, mu: Policy):
    advantage = Q(M, mu) - V(M, mu)[:, None]
    return equal((1 - M.gamma) * (J(M, pi) - J(M, mu)), E(D(M, mu), advantage))


@false(S=1, A=1)
def occupancy_taken_unnormalised(M: MDP, pi: Policy):
    return equal(J(M, pi), E(D(M, pi), M.c))


@false(S=1, A=1)
def values_are_normalised(M: MDP, pi: Policy):
    return at_most(J(M, pi), 1)


@false(S=2, A=1)
def occupancy_is_the_start(M: MDP, pi: Policy):
    return equal(d(M, pi), M.start)


def paths(w):
    return [oracle.paths_value(w["M"], w.c, w["pi"], s) for s in range(len(w.start))]


@false(H=2, S=1, A=1)
def an_episode_costs_at_most_one(M: lab.FiniteHorizonMDP, pi: lab.NonstationaryPolicy):
    return at_most(finite_horizon_performance(M, pi), 1)


@false(H=1, S=2, A=1)
def the_first_state_is_the_start(M: lab.FiniteHorizonMDP, pi: lab.NonstationaryPolicy):
    return equal(finite_horizon_values(M, pi)[0][0], finite_horizon_performance(M, pi))


def kl(w):
    """KL in 50 digits."""
    decimal = [[Decimal(x.numerator) / x.denominator for x in w[n]] for n in "pq"]
    return sum((x * (x / y).ln() for x, y in zip(*decimal, strict=True) if x), Decimal(0))


def squared_tv(w, factor):
    """factor TV^2 in 50 digits."""
    tv = sum(abs(x - y) for x, y in zip(w["p"], w["q"], strict=True)) / 2
    side = factor * tv**2
    return Decimal(side.numerator) / side.denominator


@false(S=2)
def pinsker_with_three(p: StateDistribution, q: StateDistribution):
    return at_most(3 * TV(p, q) ** 2, KL(p, q))


# Not in the decorators: what those name is linted with the claim (theorylab/lint.py, _names).
AGAIN = {
    "simulation_under_the_model": lambda w: simulation(w, "M_hat", "M_hat"),
    "simulation_with_true_values": lambda w: simulation(w, "M", "M"),
    "pdpm_under_one_occupancy": pdpm_sides,
    "pdam_with_q_undiscounted": pdam_sides,
    "hoelder_with_a_third": hoelder_sides,
    "occupancy_taken_unnormalised": lambda w: (w.J("M", "pi"), w.E("M", "pi", w.c)),
    "coverage_of_a_signed_advantage": signed_coverage,
    "contraction_by_the_squared_discount": contraction_sides,
    "every_policy_is_optimal": lambda w: (w.V("M", "pi"), oracle.best_values(w["M"], w.c, w.g)),
    "difference_under_the_other_occupancy": difference_sides,
    "values_are_normalised": lambda w: (w.J("M", "pi"), Fraction(1)),
    "occupancy_is_the_start": lambda w: (w.d("M", "pi"), w.start),
    "an_episode_costs_at_most_one": lambda w: (oracle.dot(w.start, paths(w)), Fraction(1)),
    "the_first_state_is_the_start": lambda w: (paths(w)[0], oracle.dot(w.start, paths(w))),
    "pinsker_with_three": lambda w: (squared_tv(w, 3), kl(w)),
}


@pytest.mark.parametrize(("false", "sizes"), FALSE, ids=[c.name for c, _ in FALSE])
def test_a_false_statement_falls_at_its_smallest_shape(false, sizes):
    """Refuted there, and both sides, computed anew from the tables, break the relation."""
    verdict = lab.verify(false)
    assert verdict.outcome is lab.Outcome.REFUTED
    found = verdict.counterexample
    assert found.sizes == sizes
    left, right = AGAIN[false.name](World(found.instance))
    both = list(zip(np.ravel(left), np.ravel(right), strict=True))
    assert any(x != y if found.kind == "equal" else x > y for x, y in both)
    if isinstance(left, Decimal):
        assert left - right > Decimal(10) ** -20
        assert abs(Decimal(found.lhs.strip("[]").split(" ")[0]) - left) < Decimal(10) ** -15
    else:
        assert (text(left), text(right)) == (found.lhs, found.rhs)


def text(side):
    """A side as the counterexample prints it."""
    return str([str(x) for x in side]) if isinstance(side, list) else str(side)
