"""Which hypotheses a claim needs: needed ones come with an instance, idle ones with the effort."""

import numpy as np
import pytest

import theorylab
from theorylab import (
    MDP,
    DeterministicPolicy,
    Model,
    Number,
    Outcome,
    Policy,
    Several,
    StateDistribution,
    StateFunction,
    assume,
    at_least,
    at_most,
    claim,
    equal,
)
from theorylab.engines.budget import QUICK
from theorylab.engines.hypotheses import assumed, dropped, hypotheses
from theorylab.engines.judging import rebuild, rigorous
from theorylab.notation import KL, TV, D, E, J, V, sup_norm
from theorylab.worlds.kernels import GaussianKernel, gram


@claim("needs the first, not the second")
def two_assumptions(x: Number(0, 1), y: Number(0, 1)):
    assume(at_most(x, y), "x <= y")
    assume(at_most(y, x + 1), "y <= x + 1")
    return at_most(x * x, y * y)


@claim("a kernel, defined for a positive scale only")
def kernel_is_one(scale: Number("1/4", 4)):
    x = np.array([[1]]) + 0 * scale
    return equal(gram(GaussianKernel(scale), x)[0, 0], 1 + 0 * scale)


def test_a_statement_undefined_without_its_hypothesis_is_undecided_not_at_fault():
    found = hypotheses(kernel_is_one, QUICK, 0).hypotheses
    assert {h.status for h in found} <= {"undecided", "idle"}
    assert any("scale is 0" in h.note for h in found)


@claim("simulation lemma")
def simulation(M: MDP, M_hat: Model, pi: Policy):
    gap = E(D(M, pi), M.P @ V(M_hat, pi) - M_hat.P @ V(M_hat, pi))
    return equal(J(M, pi) - J(M_hat, pi), M.gamma / (1 - M.gamma) * gap)


@claim("values are not negative")
def non_negative(M: MDP, pi: DeterministicPolicy):
    return at_least(J(M, pi), 0)


@claim("a mean is at most the largest value")
def mean_below_sup(p: StateDistribution, f: StateFunction):
    return at_most(E(p, f), sup_norm(f))


@claim("false")
def false(M: MDP, pi: Policy):
    return at_most(J(M, pi), 1)


@claim("all of them")
def several(M: MDP, pis: Several(Policy)):
    return at_least(sum(J(M, pi) for pi in pis), 0)


def statuses(claim):
    return {h.name: h.status for h in hypotheses(claim, QUICK, 0).hypotheses}


def test_named_assumptions_are_dropped_one_by_one():
    assert assumed(two_assumptions) == ["x <= y", "y <= x + 1"]
    found = statuses(two_assumptions)
    assert (found["x <= y"], found["y <= x + 1"]) == ("needed", "idle")
    assert (found["x: at least 0"], found["y: at most 1"]) == ("needed", "idle")


def test_the_simulation_lemma_needs_the_shared_tables_only():
    """No row need sum to one and no cost be non-negative: it is an identity of linear algebra."""
    found = statuses(simulation)
    needed = {name for name, status in found.items() if status == "needed"}
    assert needed == {
        "M_hat: the payoff of the MDP",
        "M_hat: the discount of the MDP",
        "M_hat: the start of the MDP",
    }
    assert set(found.values()) == {"needed", "idle"} and len(found) == 9


def test_signs_of_costs_matter_where_they_do():
    found = statuses(non_negative)
    assert found["M: costs at least 0"] == "needed"
    assert found["M: costs at most 1"] == found["pi: deterministic"] == "idle"


def test_a_mean_needs_its_mass_at_most_one():
    """Mass may be lost: what sums to less than 1 is still below the largest absolute value."""
    assert set(statuses(mean_below_sup).values()) == {"idle"}


def test_every_member_of_a_tuple_is_weakened():
    assert statuses(several)["each pis: rows sum to 1"] == "idle"


@claim("models in a tuple pay what the MDP pays")
def paid_alike(M: MDP, M_hats: tuple[Model, Model]):
    return at_most(M_hats[1].payoff, M.payoff)


def test_models_in_a_tuple_share_the_tables_of_the_mdp():
    """Other payoffs lie outside the claim: they show the need, and refute nothing."""
    found = hypotheses(paid_alike, QUICK, 0)
    assert found.outcome is not Outcome.REFUTED
    needed = {h.name for h in found.hypotheses if h.status == "needed"}
    assert needed == {"each M_hats: the payoff of the MDP"}


@pytest.mark.parametrize("subject", [two_assumptions, simulation, non_negative])
def test_an_instance_of_need_breaks_the_claim_without_it(subject):
    """It is rebuilt from its integers and evaluated again, under the weaker signature."""
    others = dict(dropped(subject))
    needed = [h for h in hypotheses(subject, QUICK, 0).hypotheses if h.status == "needed"]
    for h in needed:
        c, other = h.counterexample, others[h.name]
        instance = rebuild(other, c.sizes, c.numbers)
        assert c.link in rigorous(QUICK)(other, instance).broken()
    assert needed


def test_a_false_claim_has_no_idle_hypotheses():
    assert hypotheses(false, QUICK, 0).hypotheses == ()


def test_the_verdict_does_not_hang_on_it():
    """Asked for, the hypotheses stand in the evidence, and the outcome is the same."""
    plain = theorylab.verify(non_negative)
    asked = theorylab.verify(non_negative, hypotheses=True)
    assert plain.outcome is asked.outcome is Outcome.SUPPORTED
    assert sum(len(e.hypotheses) for e in asked.evidence) == 6


@claim("an assumption with a logarithm")
def close_laws(p: StateDistribution, q: StateDistribution):
    assume(at_most(8 * KL(p, q), 1), "close")
    return at_most(TV(p, q) ** 2, (1 + 0 * p[0]) / 16)


def test_an_irrational_assumption_is_dropped_too():
    assert assumed(close_laws) == ["close"]
    assert statuses(close_laws)["close"] == "needed"
