"""Sweep, search and the hunt for smaller shapes: floats suspect, rationals decide."""

from dataclasses import replace

import numpy as np
import pytest

import theorylab as lab
from theorylab import MDP, Model, Number, Policy, assume, at_most, claim, equal, every
from theorylab.engines import climbing, judging
from theorylab.engines.budget import QUICK, Budget
from theorylab.engines.floats import examine, judge_batch
from theorylab.engines.judging import exactly, integer_kinds, rebuild
from theorylab.engines.population import children
from theorylab.engines.search import search
from theorylab.engines.smallest import all_corners, smallest
from theorylab.engines.sweep import sweep
from theorylab.engines.tally import Tally
from theorylab.errors import HypothesisFailed
from theorylab.notation import D, E, J, T, T_pi, V, coverage, l1_norm, sup_norm
from theorylab.points import LIMITS, replay_lanes
from theorylab.verdicts import judge

SMALL = replace(QUICK, shapes=4, lanes=1000, compiled=2**15, generations=6)


@claim("recursion as an inequality")
def recursion(M: MDP, pi: Policy):
    return at_most(V(M, pi), T_pi(M, pi, V(M, pi)))


@claim("a large value, cancelled")
def cancelled(M: MDP, pi: Policy):
    x = V(M, pi) / (1 - M.gamma) ** 2
    return equal((x + 1) - x, V(M, pi) * 0 + 1)


def error(M, M_hat, pi):
    """The model's error in the next value, under the occupancy."""
    V_hat = V(M_hat, pi)
    return E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat)


def bound(M, M_hat, pi):
    """Hoelder's bound of it, sharp for values that are at least 0."""
    return sup_norm(V(M_hat, pi)) * E(D(M, pi), l1_norm(M.P - M_hat.P)) / 2


@claim("Hoelder")
def hoelder(M: MDP, M_hat: Model, pi: Policy):
    return at_most(error(M, M_hat, pi), bound(M, M_hat, pi))


@claim("Hoelder, 1 % too small")
def hoelder_thin(M: MDP, M_hat: Model, pi: Policy):
    return at_most(100 * error(M, M_hat, pi), 99 * bound(M, M_hat, pi))


@claim("Bellman, 1 % too small")
def contraction_thin(M: MDP, f: lab.StateFunction, g: lab.StateFunction):
    return at_most(100 * sup_norm(T(M, f) - T(M, g)), 99 * M.gamma * sup_norm(f - g))


@claim("optimism up to gamma = 0.99")
def long_horizon(M: MDP, pi: Policy):
    return at_most(J(M, pi), 100 + M.gamma * 0)


THIN = [hoelder_thin, contraction_thin, long_horizon]


@pytest.mark.parametrize("true", [recursion, hoelder], ids=lambda c: c.name)
@pytest.mark.parametrize("engine", [sweep, search])
def test_what_is_only_rounding_is_not_refuted(engine, true):
    """Tight everywhere or in corners, gamma up to 1 - 1e-6: suspicions, but no counterexample."""
    found = engine(true, SMALL, 0)
    assert found.outcome is lab.Outcome.SUPPORTED
    assert (found.broken, found.undefined) == ((), 0)
    assert found.kept == found.tried
    assert engine is sweep or "largest lhs / rhs 1: tight" in found.note


def test_rounding_is_suspected_and_cleared_exactly():
    """Floats do see the identity fail (their slack says so), and it is still not refuted."""
    found = sweep(cancelled, SMALL, 0)
    assert found.slack < -1e-9
    assert (found.outcome, found.broken) == (lab.Outcome.SUPPORTED, ())


@claim("a large value, cancelled twice")
def cancelled_twice(M: MDP, pi: Policy):
    return every(cancelled(M, pi), cancelled(M, pi))


def test_a_suspicion_of_two_lines_is_judged_once(monkeypatch):
    """Both lines suspect the same instances: exact arithmetic sees each of them once."""
    seen, attempt = [], Tally.attempt

    def noted(tally, claim, sizes, numbers, decide):
        seen.append((tuple(sizes.items()), tuple(numbers)))
        return attempt(tally, claim, sizes, numbers, decide)

    monkeypatch.setattr(Tally, "attempt", noted)
    assert sweep(cancelled_twice, SMALL, 0).outcome is lab.Outcome.SUPPORTED
    assert len(seen) == len(set(seen)) > 3


@claim("apart")
def apart(M: MDP, pi: Policy):
    return at_most(-J(M, pi), J(M, pi) + 1)


@pytest.mark.parametrize(("subject", "made"), [(recursion, 10), (apart, 40)])
def test_a_search_ends_where_nothing_gets_better(subject, made, monkeypatch):
    """A bound that is met at once: a quarter of each half of the generations, to see whether it
    breaks. On a plateau (the sides are far apart) members drift through all of them."""
    seen = []
    monkeypatch.setattr(climbing, "children", lambda *a: seen.append(1) or children(*a))
    search(subject, replace(SMALL, shapes=1, generations=40), 0)
    assert len(seen) == made


@pytest.mark.parametrize("false", THIN, ids=lambda c: c.name)
@pytest.mark.parametrize(("engine", "seed"), [(sweep, 0), (search, 0), (search, 1), (search, 2)])
def test_thin_violations_are_found_and_refuted_exactly(false, engine, seed):
    """A constant 1 % too small, or a failure for gamma > 0.99 only: broken when it is rebuilt."""
    found = engine(false, SMALL, seed)
    assert found.outcome is lab.Outcome.REFUTED
    (broken,) = found.broken
    assert exactly(false, rebuild(false, broken.sizes, broken.numbers)).broken() == [0]


class Wide(Budget):
    """Three states and two actions, no smaller shape."""

    def worlds(self):
        return [(3, 2)]


def test_search_climbs_where_uniform_instances_miss():
    """Hoelder's bound 1 % too small: as many uniform integers come nowhere near it."""
    sizes = {"S": 3, "A": 2}
    limits = np.array([LIMITS[k] for k in integer_kinds(hoelder_thin, sizes)])
    numbers = np.random.default_rng(0).integers(0, limits + 1, size=(5_000, len(limits)))
    tally, source = Tally(), replay_lanes(numbers)
    batch = judge_batch(hoelder_thin, sizes, source, 5_000)
    examine(hoelder_thin, sizes, source, batch, QUICK, tally)
    assert tally.broken == {} and tally.slack > 0.1
    assert search(hoelder_thin, Wide(**vars(QUICK)), 0).outcome is lab.Outcome.REFUTED


@claim("0/0")
def undefined(x: Number(0, 1)):
    return at_most(x / x, 1)


@claim("never")
def never(M: MDP, pi: Policy):
    assume(at_most(2, M.gamma), "discount above two")
    return at_most(J(M, pi), 0)


@pytest.mark.parametrize("engine", [sweep, search])
def test_nothing_kept_is_vacuous_and_nothing_defined_undecided(engine):
    """A hypothesis that never holds; a side that is 0/0 in a corner; search wants inequalities."""
    none = engine(never, SMALL, 0)
    assert (none.outcome, none.kept) == (lab.Outcome.VACUOUS, 0)
    found = engine(undefined, SMALL, 0)
    assert found.outcome is lab.Outcome.UNDECIDED and found.undefined >= 1
    assert search(cancelled, SMALL, 0).outcome is None


@pytest.mark.parametrize("engine", [sweep, search])
def test_the_same_seed_finds_the_same(engine):
    """Evidence repeats with the seed and differs with another."""
    first, again, other = (engine(hoelder, SMALL, seed) for seed in (4, 4, 5))
    assert first == again
    assert first != replace(other, seed=4)


def test_a_smaller_shape_is_found_once_a_claim_is_false():
    """Known at three states and two actions, found at one state and one action."""
    sizes = {"S": 3, "A": 2}
    rng = np.random.default_rng(0)
    large = judging.break_generic(long_horizon, sizes, 0, rng, judging.rigorous(QUICK))
    verdict = judge([replace(sweep(long_horizon, SMALL, 0), broken=(large,))])
    assert verdict.counterexample.sizes == sizes
    smaller = smallest(long_horizon, verdict, QUICK, 0)
    assert smaller.counterexample.sizes == {"S": 1, "A": 1}
    assert smaller.grade == "refuted exactly at S=1 A=1"
    assert smallest(long_horizon, smaller, QUICK, 0) == smaller
    assert len(np.unique(all_corners(cancelled, {"S": 1, "A": 1}), axis=0)) == 2**5


@claim("coverage")
def covered(M: MDP, pi: Policy, nu: lab.StateActionDistribution):
    return at_most(E(D(M, pi), M.c), coverage(D(M, pi), nu) * E(nu, M.c + 1))


def is_void(claim, sizes, numbers):
    """Whether exact arithmetic calls the instance void."""
    try:
        exactly(claim, rebuild(claim, sizes, numbers))
    except HypothesisFailed:
        return True
    return False


def test_a_batch_leaves_void_instances_out():
    """What floats keep is what exact arithmetic does not call void."""
    sizes = {"S": 1, "A": 2}
    corners = all_corners(covered, sizes)[::5]
    batch = judge_batch(covered, sizes, replay_lanes(corners), len(corners))
    assert list(batch.kept) == [not is_void(covered, sizes, row) for row in corners.tolist()]
    assert 0 < batch.kept.sum() < len(corners)
