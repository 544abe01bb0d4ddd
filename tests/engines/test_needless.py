"""Engines that are left out: only where others have settled what they could find."""

from dataclasses import replace
from pathlib import Path

import pytest

import theorylab
from theorylab import MDP, Model, Outcome, Policy, StateDistribution, at_most, chain, claim, equal
from theorylab.engines import ENGINES
from theorylab.engines.budget import QUICK
from theorylab.engines.exact import exact
from theorylab.engines.needless import LATER, needless
from theorylab.loading import load
from theorylab.notation import KL, TV, D, E, J, V
from theorylab.run import verify_all
from theorylab.verdicts import Evidence

SMALL = replace(QUICK, shapes=3, examples=20)


@claim("false in both lines")
def false_throughout(M: MDP, pi: Policy):
    return chain(J(M, pi)).equal(2 * J(M, pi) + 1, "twice").at_most(J(M, pi) - 1, "less")


@claim("false in one line")
def half_false(M: MDP, pi: Policy):
    return chain(J(M, pi)).at_most(J(M, pi) + M.gamma, "true").at_most(J(M, pi) - 1, "less")


@claim("simulation")
def simulation(M: MDP, M_hat: Model, pi: Policy):
    gap = E(D(M, pi), M.P @ V(M_hat, pi) - M_hat.P @ V(M_hat, pi))
    return equal(J(M, pi) - J(M_hat, pi), M.gamma / (1 - M.gamma) * gap)


@claim("Pinsker with 3")
def pinsker_three(p: StateDistribution, q: StateDistribution):
    return at_most(3 * TV(p, q) ** 2, KL(p, q))


def left_out(subject, engines=("exact", "certificate", "symbolic", *LATER)):
    """The verdict, and the engines that were not needed."""
    verdict = theorylab.verify(subject, engines=engines)
    notes = {e.engine: e for e in verdict.evidence if e.note.startswith("not needed")}
    assert all(e.outcome is None and e.tried == 0 for e in notes.values())
    return verdict, set(notes)


def test_what_exact_refutes_in_every_line_is_not_sampled_again() -> None:
    """The verdict has both lines, each with its counterexample, from the exact engine alone."""
    verdict, notes = left_out(false_throughout)
    assert (verdict.outcome, verdict.broken_links) == (Outcome.REFUTED, (0, 1))
    assert notes == set(LATER)


def test_a_line_that_stands_is_sampled() -> None:
    """One broken line of two: the other one is still searched for its worst case."""
    verdict, notes = left_out(half_false, ("exact", *LATER))
    assert verdict.broken_links == (1,) and notes == {"ball"}
    search = next(e for e in verdict.evidence if e.engine == "search")
    assert search.tried > 0 and [t.link for t in search.tightness] == [0]


def test_a_settled_identity_is_not_climbed_and_a_rational_one_not_judged_in_balls() -> None:
    """Floats still look at it, at sizes beyond those of the proof."""
    verdict, notes = left_out(simulation)
    assert verdict.outcome is Outcome.PROVED and notes == {"ball", "search"}


def test_balls_judge_what_has_logarithms() -> None:
    """The exact engine does not apply: nothing is left out."""
    verdict, notes = left_out(pinsker_three, ("exact", "ball"))
    assert verdict.outcome is Outcome.REFUTED and notes == set()


@pytest.mark.parametrize("engine", LATER)
def test_an_engine_asked_for_alone_runs(engine: str) -> None:
    """Nothing has spoken before it."""
    assert left_out(half_false, [engine])[1] == set()
    assert needless(engine, ()) is None


def test_no_engine_is_left_out_for_evidence_that_settles_nothing() -> None:
    """A crash, a claim that is vacuous, support where a line was not seen to break."""
    for outcome in (Outcome.UNDECIDED, Outcome.VACUOUS):
        assert all(needless(e, [Evidence("exact", outcome, lines=1)]) is None for e in LATER)
    supported = exact(simulation, SMALL, 0)
    assert [e for e in LATER if needless(e, [supported]) is not None] == ["ball"]
    refuted = exact(false_throughout, SMALL, 0)
    assert refuted.lines == 2 and len(refuted.broken) == 2
    unseen = replace(refuted, lines=3)
    assert [e for e in LATER if needless(e, [unseen]) is not None] == ["ball"]
    assert all(needless(e, [refuted]) is None for e in ENGINES if e not in LATER)


def test_a_file_is_judged_as_a_claim_alone_is(tmp_path: Path) -> None:
    """One rule for both ways: the same evidence, engine by engine."""
    source = tmp_path / "mine.py"
    source.write_text(
        "from theorylab import MDP, Policy, claim, equal\n"
        "from theorylab.notation import J, V, E\n\n\n"
        '@claim("false")\ndef false(M: MDP, pi: Policy):\n'
        "    return equal(J(M, pi), 2 * E(M.start, V(M, pi)))\n"
    )
    library = load(source)
    (result,) = verify_all([(library, list(library.claims))], budget="quick", seed=0)
    assert result.verdict == theorylab.verify(library.claims[0])
