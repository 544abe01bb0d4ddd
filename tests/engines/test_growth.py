"""Bounds with a hidden constant along families, and fitted growth rates."""

from dataclasses import replace

import flint
import numpy as np
import pytest

from theorylab import (
    MDP,
    Along,
    Integer,
    Model,
    Number,
    Outcome,
    Policy,
    assume,
    at_least,
    at_most,
    bounded_by,
    every,
    growth_rate,
    verify,
)
from theorylab.arithmetic import absolute, exp, identity, log, maximum, solve, sqrt
from theorylab.claims import make_claim
from theorylab.engines import ENGINES, asymptotics
from theorylab.engines.budget import QUICK
from theorylab.engines.growth import growth
from theorylab.engines.judging import rigorous
from theorylab.errors import ClaimError, InvalidArgument, RunsAlong
from theorylab.givens import parameters_of, shapes
from theorylab.notation import D, E, J, V, l1_norm
from theorylab.report.records import says_text

SMALL = replace(QUICK, shapes=3, combinations=2)


def judged(function):
    return growth(make_claim(function, "mine", function.__name__), SMALL, 0)


# ---- claims --------------------------------------------------------------------------------------


def two_horizons(gamma: Along(1)):
    return bounded_by(1 / (1 - gamma) ** 2, 1 / (1 - gamma), "a slip")


def simulation_gap(gamma: Along(1)):
    """A chain that leaves a free state with probability eps = 1 - gamma: gap against bound."""
    eps = 1 - gamma
    P = np.array([[1 - eps, eps], [0, 1]], dtype=object)
    c = np.array([0, 1], dtype=object)
    gap = solve(identity(2) - gamma * P, c) - solve(identity(2) - gamma * identity(2), c)
    return bounded_by(absolute(gap[0]), 2 * eps / (1 - gamma) ** 2)


def simulation_gap_one_horizon(gamma: Along(1)):
    eps = (1 - gamma) ** 2
    P = np.array([[1 - eps, eps], [0, 1]], dtype=object)
    c = np.array([0, 1], dtype=object)
    gap = solve(identity(2) - gamma * P, c) - solve(identity(2) - gamma * identity(2), c)
    return bounded_by(absolute(gap[0]), eps / (1 - gamma))


def simulation_gap_small_errors(M: MDP, N: Model, pi: Policy, eps: Along(0)):
    """Models that come closer: the gap is O(eps) with (1 - gamma)^-2 in the constant's place."""
    M_hat = M.with_transitions((1 - eps) * M.P + eps * N.P)
    error = E(D(M, pi), l1_norm(M_hat.P - M.P))
    return bounded_by(absolute(J(M, pi) - J(M_hat, pi)), error / (1 - M.gamma) ** 2)


def scaled_costs(M: MDP, pi: Policy, scale: Along("infinity")):
    return bounded_by(scale * V(M, pi), scale / (1 - M.gamma) + 0 * V(M, pi))


def scaled_costs_squared(M: MDP, pi: Policy, scale: Along("infinity")):
    return bounded_by((scale * J(M, pi)) ** 2, scale / (1 - M.gamma))


def root_against_linear(T: Along("infinity")):
    return bounded_by(sqrt(T), T)


def linear_against_root(T: Along("infinity")):
    return bounded_by(T, sqrt(T))


def logarithm_hidden(T: Along("infinity")):
    return bounded_by(sqrt(T * log(T)), sqrt(T))


def exponential(x: Along(0)):
    return bounded_by(exp(x) - 1, x)


def vanishing_bound(x: Along(0)):
    return bounded_by(x, maximum(x - 1, 0))


def of_two_bounds(x: Along(0)):
    return every(bounded_by(x, x**2), bounded_by(x, 2 * x))


def a_loop_that_grows(T: Along("infinity")):
    return bounded_by(sum(log(2) / (t + 1) for t in range(T)), log(2))


def a_loop_that_does_not(T: Along("infinity")):
    return bounded_by(sum(log(2) / ((t + 1) * (t + 2)) for t in range(T)), log(2))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (simulation_gap, "tends to 1/4 exactly (by germs)"),
        (simulation_gap_small_errors, "exactly (by germs)"),
        (scaled_costs, "at most 1 and tends to 1 exactly (by germs)"),
        (root_against_linear, "at most 0.707107 and tends to 0 exactly (by sympy)"),
        (exponential, "at most 1.29744 and tends to 1 exactly (by sympy)"),
        (a_loop_that_does_not, "no exact limit"),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_supported_with_the_constant(function, words: str) -> None:
    found = judged(function)
    assert found.outcome is Outcome.SUPPORTED and not found.broken
    assert words in found.note


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (two_horizons, "a slip: no constant will do, lhs / rhs grows like (1/x)^1"),
        (simulation_gap_one_horizon, "no constant will do, lhs / rhs grows like (1/x)^1"),
        (scaled_costs_squared, "no constant will do, lhs / rhs grows like (1/x)^1"),
        (linear_against_root, "no constant will do, lhs / rhs grows without limit"),
        (logarithm_hidden, "no constant will do, lhs / rhs grows without limit"),
        (
            vanishing_bound,
            "no constant will do: the right side is 0, or the left one infinite",
        ),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_refuted_because_no_constant_will_do(function, words: str) -> None:
    """The counterexample is a member; it is judged again from its tables alone."""
    found = judged(function)
    assert found.outcome is Outcome.REFUTED
    (broken,) = found.broken
    assert broken.kind == "bounded" and broken.because == words
    assert "left = O of right" in broken.lines()[0]


def test_the_path_is_printed() -> None:
    note = judged(two_horizons).note
    assert "lhs / rhs is 2, 4, 8, 16," in note and "gamma = 1/2, 3/4, 7/8," in note
    assert "x = 1 - gamma tends to 0" in note
    (broken,) = judged(two_horizons).broken
    assert (broken.lhs, broken.rhs) == ("1048576", "1024")
    assert dict(broken.sizes) == {"step of gamma": 10}


def test_only_the_false_line_is_broken() -> None:
    assert [c.link for c in judged(of_two_bounds).broken] == [0]


def test_a_fit_refutes_nothing() -> None:
    """The harmonic sum grows; without an exact limit that is undecided, with an interval."""
    found = judged(a_loop_that_grows)
    assert found.outcome is Outcome.UNDECIDED and not found.broken
    assert "fitted, no exact limit: a fit refutes nothing" in found.note


def test_the_limit_and_its_path_are_kept() -> None:
    (tight,) = judged(simulation_gap).tightness
    assert tight.limit.parameter == "gamma" and tight.limit.interval == (0.25, 0.25)
    assert len(tight.limit.path) == 10 and tight.limit.path[0][0] == "1/2"
    assert tight.ratio == pytest.approx(max(r for _, r in tight.limit.path))


def test_rigorous_judges_a_member_of_a_family() -> None:
    claim = make_claim(two_horizons, "mine", "x")
    found = rigorous(QUICK)(claim, {"gamma": flint.fmpq(7, 8)})
    assert found.broken() == [0] and found.links[0].lhs == 64
    stands = make_claim(simulation_gap, "mine", "x")
    assert rigorous(QUICK)(stands, {"gamma": flint.fmpq(7, 8)}).decisions[0].holds is True


@pytest.mark.parametrize("name", [n for n in ENGINES if n not in ("probability", "growth")])
def test_other_engines_leave_families_to_this_one(name: str) -> None:
    for function in (two_horizons, scaled_costs):
        found = ENGINES[name](make_claim(function, "mine", "x"), SMALL, 0)
        assert found.outcome is None and "the growth engine judges it" in found.note


def test_bounded_by_outside_says_so() -> None:
    with pytest.raises(RunsAlong, match="growth engine"):
        bounded_by(1, 2)


def test_a_family_may_also_be_judged_member_by_member() -> None:
    """at_most with a parameter that runs is an ordinary claim, for every step."""

    def dominated(gamma: Along(1), n: Integer(1, 2)):
        return at_most(gamma**n, gamma)

    found = verify(dominated)
    assert found.outcome is Outcome.SUPPORTED
    claim = make_claim(dominated, "mine", "x")
    assert ENGINES["growth"](claim, SMALL, 0).outcome is None


def test_members_outside_the_hypotheses_do_not_count() -> None:
    def late(T: Along("infinity")):
        assume(at_least(T, 5), "large")
        return bounded_by(T**2, T)

    found = judged(late)
    assert found.outcome is Outcome.REFUTED and found.kept == SMALL.steps - 2
    assert "at T = 8, 16," in found.note

    def bounded_horizon(T: Along("infinity")):
        assume(at_most(T, 600), "not for ever")
        return bounded_by(T**2, T)

    found = judged(bounded_horizon)  # the family ends, so that it has no limit
    assert found.outcome is Outcome.UNDECIDED and not found.broken and found.kept == 9

    def never(T: Along("infinity")):
        assume(at_most(T, 1), "small")
        return bounded_by(T, T)

    assert judged(never).outcome is Outcome.VACUOUS


def test_a_negative_bound_is_undefined() -> None:
    def negative(x: Along(0)):
        return bounded_by(x, -x)

    found = judged(negative)
    assert found.outcome is Outcome.UNDECIDED and "the bound is negative" in found.note


@pytest.mark.parametrize("to", [0, 1, "infinity"])
def test_steps_of_a_parameter_that_runs(to) -> None:
    along = Along(to)
    assert [along.step(along.at(k)) for k in (1, 2, 9)] == [1, 2, 9]
    assert along.step(flint.fmpq(1, 3)) is along.step(3) is along.step(True) is None
    assert along.step(1) is along.step(flint.fmpq(0)) is along.step(flint.fmpq(1)) is None
    assert says_text(along) == f"Along({to})"


def test_one_parameter_runs() -> None:
    def two(x: Along(0), y: Along(1)):
        return bounded_by(x, y)

    def odd(x: Along(2)):
        return bounded_by(x, x)

    def none(x: Along(0, most=0)):
        return bounded_by(x, x)

    with pytest.raises(ClaimError, match="x has most = 0"):
        parameters_of(none)
    with pytest.raises(ClaimError, match="x and y run along a family, expected one"):
        parameters_of(two)
    with pytest.raises(ClaimError, match=r"parameter x is Along\(2\)"):
        parameters_of(odd)


def test_members_may_be_worlds_of_growing_size() -> None:
    """A chain of T states, T = 2 ... 16: its value grows with its length; no exact limit."""

    def long_chain(T: Along("infinity", most=4)):
        P = np.concatenate([identity(T)[1:], identity(T)[-1:]])
        c = np.array([1] * (T - 1) + [0], dtype=object)
        gamma = (2 * T - log(1)) / (2 * T + 1)
        return bounded_by(solve(identity(T) - gamma * P, c)[0], T + 0 * gamma)

    found = judged(long_chain)
    assert found.kept == 4 and found.tried == 4 and not found.broken
    assert "no exact limit" in found.note


def test_steps_are_sizes() -> None:
    def one(T: Along("infinity"), z: Number(0, 1)):
        return bounded_by(T * z, T)

    assert [dict(s) for s in shapes(parameters_of(one), [(1, 1)])][:2] == [
        {"step of T": 1},
        {"step of T": 2},
    ]


# ---- growth rates --------------------------------------------------------------------------------


def test_a_power_law_is_fitted_exactly() -> None:
    xs = [2.0**k for k in range(8)]
    exponent, (low, high) = growth_rate(xs, [3 * x**1.5 for x in xs])
    assert exponent == pytest.approx(1.5) and high - low < 1e-9


def test_intervals_cover_under_noise() -> None:
    """sqrt(T) with log-normal noise, 400 times: the 95 % interval misses in at most 8 %."""
    rng, xs = np.random.default_rng(0), np.arange(10, 200, 10)
    misses = 0
    for _ in range(400):
        low, high = growth_rate(xs, np.sqrt(xs) * np.exp(0.1 * rng.standard_normal(len(xs))))[1]
        misses += not low <= 0.5 <= high
    assert misses <= 0.08 * 400


def test_curvature_widens_the_interval() -> None:
    """x + 100 looks flat at first and linear later: the interval reaches what it comes to."""
    xs = [2.0**k for k in range(14)]
    exponent, (_, high) = growth_rate(xs, [x + 100 for x in xs])
    later = growth_rate(xs[7:], [x + 100 for x in xs[7:]])[0]
    assert exponent < later <= high


@pytest.mark.parametrize(
    ("xs", "ys"),
    [
        ([1, 2], [1, 2]),
        ([1, 2, 3], [1, 2]),
        ([1, 2, 3], [1, 0, 2]),
        ([1, 2, 3], [1, float("nan"), 2]),
        ([2, 2, 2], [1, 2, 3]),
        ([-1, 2, 3], [1, 2, 3]),
    ],
)
def test_points_that_are_no_power_law_are_refused(xs, ys) -> None:
    with pytest.raises(InvalidArgument, match="growth_rate"):
        growth_rate(xs, ys)


@pytest.mark.parametrize(
    ("claimed", "ratios", "believed"),
    [
        (None, [1, 2, 4, 8, 16, 32], True),
        (None, [1, 1.5, 1.75, 1.875, 1.9375, 1.96875], False),  # converges
        (None, [5, 4, 3, 2, 1, 0.5], False),
        (2.0, [1, 1.5, 1.75, 1.875, 1.9375, 1.96875], True),
        (2.0, [1, 2, 4, 8, 16, 32], False),
    ],
)
def test_sympys_limit_counts_only_where_the_members_agree(
    monkeypatch, claimed, ratios, believed: bool
) -> None:
    """A limit that sympy got wrong refutes nothing and supports nothing."""
    ending = asymptotics.Ending(claimed, "as sympy says", "sympy")
    monkeypatch.setattr(asymptotics, "_by_sympy", lambda claim, instance: [ending])
    claim = make_claim(exponential, "mine", "x")  # no germ: its limit is for sympy
    found = asymptotics.endings(claim, {"x": flint.fmpq(1, 2)}, [ratios])
    assert found == ([ending] if believed else None)
