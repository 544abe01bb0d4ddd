"""The exact engine and the ball engine: what they refute, what they leave, what is not theirs."""

from dataclasses import replace
from fractions import Fraction

import flint
import pytest

from theorylab import (
    MDP,
    Integer,
    Model,
    Number,
    Outcome,
    Policy,
    StateDistribution,
    StateFunction,
    assume,
    at_least,
    at_most,
    chain,
    claim,
    equal,
    every,
)
from theorylab.arithmetic import exp, log, sqrt
from theorylab.engines.ball import ball
from theorylab.engines.budget import QUICK
from theorylab.engines.exact import exact
from theorylab.engines.judging import exactly, rebuild, with_balls
from theorylab.engines.sweep import sweep
from theorylab.engines.tally import Tally
from theorylab.errors import Undefined, VoidBound
from theorylab.notation import KL, TV, D, E, J, T_pi, V, l1_norm, sup_norm
from theorylab.worlds.io import exact_texts

SMALL = replace(QUICK, shapes=3, examples=30, balls=8)


@claim("false at three states, where the hypotheses leave one of 25 pairs (n, m)")
def tied_sizes(M: MDP, n: Integer(1, 5), m: Integer(1, 5)):
    assume(equal(n, M.S), "n = S")
    assume(equal(m, M.S + 1), "m = S + 1")
    return at_least(2 * sup_norm(M.start), 1 + 0 * M.gamma)


def test_sizes_that_hypotheses_tie_to_the_world_are_visited():
    found = exact(tied_sizes, QUICK, 0)
    assert found.outcome is Outcome.REFUTED
    assert found.broken[0].sizes == {"S": 3, "A": 1, "n": 3, "m": 4}


@claim("contraction")
def contraction(M: MDP, pi: Policy, f: StateFunction, g: StateFunction):
    return at_most(sup_norm(T_pi(M, pi, f) - T_pi(M, pi, g)), M.gamma * sup_norm(f - g))


@claim("contraction, squared discount")
def contraction_squared(M: MDP, pi: Policy, f: StateFunction, g: StateFunction):
    return at_most(sup_norm(T_pi(M, pi, f) - T_pi(M, pi, g)), M.gamma**2 * sup_norm(f - g))


@claim("recursion")
def recursion(M: MDP, pi: Policy):
    return equal(V(M, pi), T_pi(M, pi, V(M, pi)))


@claim("recursion, undiscounted")
def undiscounted(M: MDP, pi: Policy):
    return equal(V(M, pi), E(pi, M.c + M.P @ V(M, pi)))


@claim("half the norm")
def half_norm(M: MDP, M_hat: Model, pi: Policy):
    V_hat = V(M_hat, pi)
    gap = E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat)
    return at_most(gap, sup_norm(V_hat) * E(D(M, pi), l1_norm(M.P - M_hat.P)) / 3)


@claim("two false lines")
def two_false_lines(M: MDP, pi: Policy):
    return (
        chain(J(M, pi))
        .equal(E(M.start, V(M, pi)), "true")
        .at_most(E(D(M, pi), M.c), "a factor is missing")
        .at_most(J(M, pi), "true again")
        .equal(2 * J(M, pi), "twice")
    )


@claim("out of reach")
def never(M: MDP):
    assume(at_most(2, M.gamma), "discount above two")
    return equal(M.gamma, 0)


@claim("half the discounts")
def sometimes(M: MDP):
    assume(at_most(M.gamma, M.c[0, 0]), "discount below the cost")
    return at_most(M.gamma, M.c[0, 0])


@claim("0/0")
def undefined(x: Number(0, 1)):
    return equal(x / x, 1)


@pytest.mark.parametrize("engine", [exact, ball])
@pytest.mark.parametrize("true", [contraction, recursion])
def test_a_true_claim_is_supported(engine, true):
    """Support, from instances that were all kept, at every shape of the budget."""
    found = engine(true, SMALL, 0)
    assert found.outcome is Outcome.SUPPORTED
    assert found.kept == found.tried >= 8
    assert [tuple(s.values()) for s in found.shapes] == [(1, 1), (1, 2), (2, 1)]
    assert (found.broken, found.undefined, found.undecided) == ((), 0, 0)


@pytest.mark.parametrize("engine", [exact, ball])
@pytest.mark.parametrize("false", [contraction_squared, undiscounted, half_norm])
def test_a_false_claim_is_refuted(engine, false):
    """With an instance at which an evaluation of its own breaks the link."""
    found = engine(false, QUICK, 0)
    assert found.outcome is Outcome.REFUTED
    (broken,) = found.broken
    again = exactly(false, rebuild(false, broken.sizes, broken.numbers))
    assert again.broken() == [0]
    assert Fraction(broken.lhs.strip("[]' ").split("'")[0]) >= 0


@pytest.mark.parametrize("engine", [exact, sweep])
@pytest.mark.parametrize("false", [undiscounted, half_norm])
def test_counterexamples_are_shrunk_to_a_fixed_point(engine, false):
    """No integer of the counterexample can be 0, halved or one less."""
    (broken,) = engine(false, SMALL, 0).broken
    for place, k in enumerate(broken.numbers):
        for smaller in {0, k // 2, k - 1} - {k} if k else ():
            trial = [*broken.numbers[:place], smaller, *broken.numbers[place + 1 :]]
            assert exactly(false, rebuild(false, broken.sizes, trial)).broken() == []


@pytest.mark.parametrize("engine", [exact, ball])
def test_each_broken_line_has_its_own_counterexample(engine):
    """Lines 2 and 4 break, each with its reason; lines 1 and 3 do not (line 3 for gamma < 1)."""
    found = engine(two_false_lines, SMALL, 0)
    assert [(c.link, c.because) for c in found.broken] == [
        (1, "a factor is missing"),
        (3, "twice"),
    ]
    for broken in found.broken:
        judged = exactly(two_false_lines, rebuild(two_false_lines, broken.sizes, broken.numbers))
        assert broken.link in judged.broken()


def judged_by(engine, subject, monkeypatch):
    """The instances that an engine judges, in their order, apart from those of shrinking."""
    seen, attempt = [], Tally.attempt

    def noted(tally, claim, sizes, numbers, decide):
        seen.append((tuple(sizes.items()), tuple(numbers)))
        return attempt(tally, claim, sizes, numbers, decide)

    monkeypatch.setattr(Tally, "attempt", noted)
    found = engine(subject, SMALL, 0)
    assert len(seen) == found.tried
    return seen


@claim("two distributions")
def nearer(p: StateDistribution, q: StateDistribution):
    return at_most(TV(p, q), 1)


def test_each_instance_is_judged_once_the_simplest_first(monkeypatch):
    """Vertices come up again and again at random: they are drawn, but not counted again."""
    seen = judged_by(exact, nearer, monkeypatch)
    assert len(set(seen)) == len(seen) <= 2 * SMALL.examples
    shapes = list(dict.fromkeys(sizes for sizes, _ in seen))
    firsts = [next(n for at, n in seen if at == sizes) for sizes in shapes]
    assert len(shapes) == 2 and not any(k for numbers in firsts for k in numbers)


def test_a_shape_is_left_once_its_lines_are_broken(monkeypatch):
    """One broken line of one: each later shape sees one instance; one of two: all of them."""
    seen = judged_by(exact, undiscounted, monkeypatch)
    later = [sizes for sizes, _ in seen if sizes != seen[0][0]]
    assert len(later) == SMALL.shapes - 1 == len(set(later))
    found = exact(two_false_lines, SMALL, 0)
    assert found.lines == 4 and found.tried == SMALL.shapes * SMALL.examples


@pytest.mark.parametrize("engine", [exact, ball])
def test_hypotheses_that_never_hold_are_vacuous(engine):
    """Nothing kept is nothing supported, though the relation is false everywhere else."""
    found = engine(never, SMALL, 0)
    assert (found.outcome, found.kept) == (Outcome.VACUOUS, 0)
    assert found.tried > 0


def test_instances_outside_the_hypotheses_are_not_counted():
    """Kept and tried are told apart, in numbers and in words."""
    found = exact(sometimes, SMALL, 0)
    assert found.outcome is Outcome.SUPPORTED
    assert 0 < found.kept < found.tried
    assert f"{found.tried - found.kept} of {found.tried} outside the hypotheses" in found.note


@pytest.mark.parametrize("engine", [exact, ball])
def test_what_is_undefined_is_undecided(engine):
    """0/0 at one instance: counted apart, with what to do."""
    found = engine(undefined, SMALL, 0)
    assert found.outcome is Outcome.UNDECIDED
    assert found.undefined >= 1
    assert found.kept + found.undefined == found.tried
    assert "add an assumption" in found.note


@claim("Pinsker")
def pinsker(p: StateDistribution, q: StateDistribution):
    return at_most(2 * TV(p, q) ** 2, KL(p, q))


@claim("Pinsker with 3")
def pinsker_three(p: StateDistribution, q: StateDistribution):
    return at_most(3 * TV(p, q) ** 2, KL(p, q))


@claim("Pinsker backwards")
def pinsker_above(p: StateDistribution, q: StateDistribution):
    return at_most(KL(p, q), 2 * TV(p, q) ** 2)


def test_logarithms_are_not_for_the_exact_engine():
    """It does not apply, and names what lacks and what remains."""
    found = exact(pinsker, SMALL, 0)
    assert (found.outcome, found.tried) == (None, 0)
    assert "rationals" in found.note and "ball" in found.note


def test_pinsker_holds_with_two_and_fails_with_three():
    """The constant of Pinsker's inequality, in balls; infinite divergences are not counted."""
    stands, falls = ball(pinsker, QUICK, 0), ball(pinsker_three, QUICK, 0)
    assert stands.outcome is Outcome.SUPPORTED
    assert 0 < stands.kept < stands.tried
    assert falls.outcome is Outcome.REFUTED
    assert falls.broken[0].sizes == {"S": 2}


def test_an_infinite_divergence_breaks_what_is_finite_and_supports_nothing():
    """KL = infinity: at_most(..., KL) is void there, and at_most(KL, what is finite) is broken."""
    apart = [1, 0, 0, 1]  # p at one point, q at the other
    with pytest.raises(VoidBound, match="infinite"):
        with_balls(pinsker, rebuild(pinsker, {"S": 2}, apart), 256)
    judged = with_balls(pinsker_above, rebuild(pinsker_above, {"S": 2}, apart), 256)
    assert judged.broken() == [0] and exact_texts(judged.links[0].lhs) == "infinity"


DIGITS = 141421356237309504880168872420


@claim("sqrt(2), rounded up")
def root_above(x: Number(0, 1)):
    return at_most(sqrt(x * 0 + 2), (x * 0 + 141421356237309504880168872421) / 10**29)


@claim("sqrt(2), rounded down")
def root_below(x: Number(0, 1)):
    return at_most(sqrt(x * 0 + 2), (x * 0 + 141421356237309504880168872420) / 10**29)


@claim("the square of a root")
def root_squared(x: Number(0, 1)):
    return equal(sqrt(x + 1) ** 2, x + 1)


@claim("log of zero")
def log_of_zero(x: Number(0, 1)):
    return at_most(log(x), x)


@claim("convexity of exp")
def exponential(x: Number(0, 1)):
    return every(at_most(1 + x, exp(x)), at_most(exp(x), 1 + x + x**2))


def test_precision_is_doubled_until_a_close_call_is_decided():
    """30 digits of sqrt(2): 64 bits cannot tell the sides apart, 128 can, both ways."""
    assert DIGITS**2 < 2 * 10**58 < (DIGITS + 1) ** 2
    for close, outcome in ((root_above, Outcome.SUPPORTED), (root_below, Outcome.REFUTED)):
        coarse = ball(close, replace(SMALL, bits=64), 0)
        assert coarse.broken == ()
        assert coarse.outcome is Outcome.UNDECIDED and coarse.undecided == coarse.kept
        fine = ball(close, replace(SMALL, bits=128), 0)
        assert (fine.outcome, fine.undecided) == (outcome, 0)


def test_an_irrational_identity_is_tied_and_never_refuted():
    """Sides equal to the last bit stay in the words of the evidence."""
    found = ball(root_squared, SMALL, 0)
    assert found.outcome is Outcome.SUPPORTED
    assert "equal to the last bit" in found.note


def test_balls_see_functions_of_an_exponential():
    """1 + x <= e^x <= 1 + x + x^2 on [0, 1], tied at 0; log 0 is undefined, not true."""
    assert ball(exponential, SMALL, 0).outcome is Outcome.SUPPORTED
    assert ball(log_of_zero, SMALL, 0).outcome is Outcome.UNDECIDED
    with pytest.raises(Undefined):
        with_balls(log_of_zero, rebuild(log_of_zero, {}, [0]), 128)


def test_the_precision_is_given_back():
    """A ball engine leaves flint as it was."""
    before = flint.ctx.prec
    ball(root_above, SMALL, 0)
    assert flint.ctx.prec == before


@pytest.mark.parametrize("engine", [exact, ball])
def test_the_same_seed_finds_the_same(engine):
    """Evidence repeats with the seed, and draws differ with another."""
    assert engine(half_norm, QUICK, 3) == engine(half_norm, QUICK, 3)
    found = {engine(sometimes, SMALL, seed).kept for seed in range(4)}
    assert len(found) > 1
