"""What the engines say together, and what one of them may not say alone."""

from dataclasses import replace

import pytest

import theorylab
from theorylab import (
    MDP,
    Integer,
    Model,
    Number,
    Outcome,
    Policy,
    Several,
    assume,
    at_least,
    at_most,
    chain,
    claim,
    equal,
)
from theorylab.arithmetic import det, identity, log, maximum
from theorylab.engines import ENGINES
from theorylab.engines.budget import QUICK
from theorylab.notation import E, J, V
from theorylab.verdicts import judge


@claim("constants on the left")
def constants(M: MDP):
    return at_most(maximum(log(2), 0), M.gamma + 1)


@claim("a determinant of constants")
def unit_determinant(M: MDP):
    return equal(det(identity(M.S)) * M.gamma, M.gamma)


@claim("a hypothesis on an integer")
def small_steps(M: MDP, n: Integer(1, 3)):
    assume(at_most(n, 2), "n is at most 2")
    return equal((n - 1) * (n - 2) * M.gamma, 0 * M.gamma)


@claim("a hypothesis that no integer satisfies")
def no_steps(M: MDP, n: Integer(1, 3)):
    assume(at_most(n, 0), "n is 0")
    return equal(n * M.gamma, M.gamma)


@claim("numbers of any length")
def astronomical(M: MDP):
    return at_most(M.gamma, 10**400 * (M.gamma + 1))


@claim("a step that is not there")
def undefined_at_one(M: MDP, n: Integer(1, 3)):
    return equal(M.gamma / (n - 1) * (n - 1), M.gamma)


@claim("a few policies")
def few(M: MDP, pis: Several(Policy, 2)):
    return at_most(len(pis) + 0 * M.gamma, 2)


@claim("a horizon by its usual name")
def long_horizon(M: MDP, pi: Policy, H: Integer(4, 6)):
    return at_least(H + 0 * M.gamma, 4)


@claim("true and false lines")
def half_true(M: MDP, pi: Policy):
    J_pi = J(M, pi)
    return chain(J_pi).equal(E(M.start, V(M, pi)), "definition").at_most(J_pi - 1, "false")


TOGETHER = {
    constants: Outcome.SUPPORTED,
    unit_determinant: Outcome.PROVED,
    small_steps: Outcome.SUPPORTED,
    no_steps: Outcome.VACUOUS,
    astronomical: Outcome.SUPPORTED,
    undefined_at_one: Outcome.UNDECIDED,
    few: Outcome.SUPPORTED,
    long_horizon: Outcome.SUPPORTED,
    half_true: Outcome.REFUTED,
}


SMALL = replace(QUICK, shapes=4, examples=15, balls=6, lanes=200, compiled=2**12, generations=2)


@pytest.mark.parametrize("subject", TOGETHER, ids=lambda c: c.name)
def test_no_engine_spoils_the_verdict(subject) -> None:
    """Every engine runs, none raises for a claim that it cannot treat, and the fold is right."""
    evidence = [engine(subject, SMALL, 0) for engine in ENGINES.values()]
    assert judge(evidence).outcome is TOGETHER[subject]
    for one in evidence:
        assert one.outcome is not None or one.note
        alone = judge([one]).outcome
        if TOGETHER[subject].stands:
            assert alone not in (Outcome.REFUTED, Outcome.CONFLICT)
        else:  # what sees only the equalities of a chain does not call the whole supported
            assert not alone.stands


@pytest.mark.parametrize("engine", ["sweep", "search"])
def test_floats_alone_never_support(engine) -> None:
    """A sweep without exact arithmetic beside it leaves a true claim undecided."""

    def bounded(M: MDP, pi: Policy):
        return at_most(0, J(M, pi))

    assert theorylab.verify(bounded, engines=[engine]).outcome is Outcome.UNDECIDED


def test_a_claim_that_no_engine_can_treat_is_undecided() -> None:
    """A relation that not even balls decide is not folded into true."""

    def close(x: Number(1, 2)):
        return at_most(log(x) + log(1 / x), 0 * x)

    verdict = theorylab.verify(close, engines=["exact", "certificate", "symbolic"])
    assert verdict.outcome is Outcome.UNDECIDED
    assert all(e.outcome is None for e in verdict.evidence) and verdict.grade == "no engine applies"


def test_engines_that_disagree_are_a_conflict(monkeypatch) -> None:
    """A counterexample at a shape that was certified is no verdict but a fault."""
    found = theorylab.verify(wrong_model, engines=["exact"]).counterexample
    certified = theorylab.verify(unit_determinant, engines=["certificate"]).evidence[0]
    assert dict(found.sizes) in [dict(s) for s in certified.shapes]
    monkeypatch.setitem(ENGINES, "certificate", lambda claim, budget, seed: certified)
    verdict = theorylab.verify(wrong_model, engines=["exact", "certificate"])
    assert verdict.outcome is Outcome.CONFLICT


@claim("every model is right")
def wrong_model(M: MDP, M_hat: Model, pi: Policy):
    return equal(J(M, pi), J(M_hat, pi) + 1)


@claim("a chain that breaks late")
def breaks_late(M: MDP, pi: Policy):
    J_pi = J(M, pi)
    return chain(J_pi).equal(E(M.start, V(M, pi)), "definition").equal(2 * J_pi, "a slip")


@pytest.mark.parametrize("engine", ["exact", "certificate", "symbolic", "ball", "sweep"])
def test_every_line_of_a_chain_is_judged(engine) -> None:
    """The second line is the one that is false, and every engine that applies names it."""
    verdict = theorylab.verify(breaks_late, engines=[engine])
    assert verdict.outcome is Outcome.REFUTED and verdict.broken_links == (1,)
    assert verdict.counterexample.because == "a slip"
