"""Claims swept in machine code: what it sees, exact arithmetic judges; what it cannot, is said."""

import sys
from dataclasses import replace

import pytest

import theorylab as lab
from theorylab import MDP, DeterministicPolicy, Number, Policy, assume, at_most, claim, equal
from theorylab.arithmetic import exp
from theorylab.engines import judging
from theorylab.engines.budget import QUICK, Budget
from theorylab.engines.compiled import compiled
from theorylab.engines.judging import exactly, rebuild
from theorylab.engines.sweep import sweep
from theorylab.machine import EDGES
from theorylab.notation import J
from theorylab.theory.planning import optimal_performance


class At(Budget):
    """One shape: two states and one action, or what `shapes` says."""

    def worlds(self):
        return [(2, 1), (2, 2), (3, 2)][self.shapes : self.shapes + 1]


@pytest.fixture(autouse=True)
def machine_code_alone(monkeypatch):
    """Only the shape that a test names, and no corners: few batches, the rest in machine code."""
    module = sys.modules["theorylab.engines.sweep"]
    monkeypatch.setattr(module, "LARGER", [])
    monkeypatch.setattr(module, "all_corners", lambda claim, sizes: None)


def at(shape=0, compiled=2**15, lanes=8):
    """A budget of one shape that leaves nearly all to machine code."""
    limits = replace(QUICK, shapes=shape, compiled=compiled, compiled_size=6, lanes=lanes)
    return At(**vars(limits))


@claim("false in one corner")
def corner(M: MDP, pi: Policy):
    at_corner = M.P[0, 0, 1] * M.P[1, 0, 0] * pi.probabilities[0, 1] * M.c[1, 0] * M.start[1]
    return at_most(100 * at_corner * M.P[0, 1, 1] * (1 - M.c[0, 0]), 99)


def test_a_corner_is_found():
    """False only where all its factors are 1: missed by batches, found in machine code."""
    found = sweep(corner, at(shape=1, compiled=2**18), 0)
    assert found.outcome is lab.Outcome.REFUTED and "not compiled" not in found.note
    (broken,) = found.broken
    assert exactly(corner, rebuild(corner, broken.sizes, broken.numbers)).broken() == [0]
    few = sweep(corner, at(shape=1, compiled=0, lanes=500), 0)
    assert few.outcome is lab.Outcome.SUPPORTED


def test_infinite_left_sides_are_judged_exactly():
    """Wherever the claim is false its left side overflows in floats; in balls it is finite."""

    @claim("finite where floats are not")
    def huge(M: MDP, x: Number(0, 1)):
        return at_most(exp(800 * x), exp(705 + 0 * M.gamma))

    code = compiled(huge, {"S": 2, "A": 1})
    (worst,) = code.code.run(0, 0, 512).links
    assert worst.strange and all(slack > -1e-9 for slack, _ in worst.suspects)
    found = sweep(huge, at(lanes=1), 3)
    assert found.outcome is lab.Outcome.REFUTED
    (broken,) = found.broken
    assert judging.with_balls(huge, rebuild(huge, broken.sizes, broken.numbers), 512).broken() == [
        0
    ]


def test_undefined_instances_are_seen():
    """0/0 where a discount is 0 and a cost is 0, in machine code alone: never passed over."""

    @claim("0/0 in a corner")
    def undefined(M: MDP):
        x = M.c[0, 0] + M.c[1, 0] + M.gamma + M.P[0, 0, 0] + M.P[1, 0, 1]
        return at_most(x / x, 1)

    found = sweep(undefined, at(lanes=1, compiled=2**17), 0)
    assert found.outcome is lab.Outcome.UNDECIDED and found.undefined >= 1
    assert "add an assumption" in found.note


@claim("hypotheses and choices")
def short(M: MDP, pi: DeterministicPolicy):
    assume(at_most(2 * M.gamma, 1), "short horizon")
    return at_most(J(M, pi), 2)


@claim("hypotheses and choices, 1 % too small")
def short_thin(M: MDP, pi: DeterministicPolicy):
    assume(at_most(2 * M.gamma, 1), "short horizon")
    return at_most(100 * J(M, pi), 198)


def test_hypotheses_and_choices_are_compiled():
    """What does not satisfy the hypothesis is tried, not kept, and no suspect."""
    found = sweep(short, at(shape=1), 0)
    assert found.outcome is lab.Outcome.SUPPORTED and "not compiled" not in found.note
    assert found.slack == pytest.approx(0, abs=1e-9)
    code, numbers = compiled(short, {"S": 2, "A": 2}), []
    run = code.code.run(7, 0, 32)
    for k in range(256):
        numbers.append(rebuild(short, {"S": 2, "A": 2}, code.numbers(7, k))["M"].gamma * 2 <= 1)
    assert run.kept == sum(numbers) and run.outside == 256 - sum(numbers)
    assert sweep(short_thin, at(shape=1), 0).outcome is lab.Outcome.REFUTED


def test_a_hypothesis_that_never_holds_keeps_nothing():
    """Vacuous, with the instances tried."""

    @claim("never")
    def never(M: MDP, pi: Policy):
        assume(at_most(2 + M.gamma, M.gamma), "impossible")
        return at_most(J(M, pi), -1)

    found = sweep(never, at(), 0)
    assert (found.outcome, found.kept) == (lab.Outcome.VACUOUS, 0)
    assert found.tried >= 2**15 and found.histogram is None


def test_planning_falls_back_and_says_why():
    """Beyond sixteen policies an optimal value is no straight line: batches remain."""

    @claim("optimal")
    def optimal(M: MDP, pi: Policy):
        return at_most(optimal_performance(M), J(M, pi))

    assert "not compiled" not in sweep(optimal, at(shape=1), 0).note
    limits = replace(QUICK, shapes=1, compiled_size=15, lanes=8, compiled=8)

    class Five(Budget):
        def worlds(self):
            return [(5, 2)]

    note = sweep(optimal, Five(**vars(replace(limits, compiled_size=10))), 0).note
    assert "not compiled from S=5 A=2 on: 32 deterministic policies are too many" in note


def test_the_histogram_counts_the_kept_instances_of_every_inequality():
    """Once for each inequality of the claim; equalities and what lies outside do not count."""

    @claim("two inequalities and an equality")
    def several(M: MDP, pi: DeterministicPolicy):
        assume(at_most(2 * M.gamma, 1), "short horizon")
        return lab.every(at_most(0, J(M, pi)), equal(M.c, M.c + 0), at_most(J(M, pi), 2))

    found, batches = sweep(several, at(), 0), sweep(several, at(compiled=0), 0)
    assert found.histogram.edges == EDGES
    assert sum(found.histogram.counts) == 2 * (found.kept - batches.kept) > 2**12
    assert sum(found.histogram.counts[: len(EDGES) // 2 - 1]) == 0
    assert batches.histogram is None
    assert sweep(several, at(), 0) == found
