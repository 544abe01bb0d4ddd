"""The search: thin false bounds are found, tight ones are called tight, limits are fitted."""

from dataclasses import replace
from fractions import Fraction

import flint
import numpy as np
import pytest

import theorylab as lab
from theorylab import (
    MDP,
    DeterministicPolicy,
    FiniteHorizonMDP,
    Integer,
    Model,
    NonstationaryPolicy,
    Number,
    Policy,
    Several,
    StateActionDistribution,
    StateDistribution,
    StateFunction,
    assume,
    at_most,
    claim,
    equal,
    every,
)
from theorylab.arithmetic import absolute, log, minimum, ratio, sqrt, sup, x_log_ratio
from theorylab.engines.ascent import (
    _on_simplex,
    _slopes,
    ascend,
    floats_of,
    landscape,
    scores_of,
    snapped,
)
from theorylab.engines.budget import NORMAL, QUICK
from theorylab.engines.constants import (
    Constant,
    bounds,
    constants,
    improved_constants,
    isolated,
    sharpened,
)
from theorylab.engines.floats import examine, judge_batch
from theorylab.engines.judging import (
    exactly,
    integer_kinds,
    random_points,
    rebuild,
    rigorous,
    visited,
)
from theorylab.engines.limits import _moves, extrapolated
from theorylab.engines.many_states import limit_of
from theorylab.engines.population import children, limits_of, row_pairs, structured, table_pairs
from theorylab.engines.search import search
from theorylab.engines.tables import from_tables, layout_of, nearby, tables_of
from theorylab.engines.tally import Tally
from theorylab.engines.tightness import shrunk, tighter
from theorylab.givens import check_domain
from theorylab.notation import KL, TV, D, E, J, Q, V, coverage, d, l1_norm, sup_norm
from theorylab.points import LIMITS, replay_lanes
from theorylab.theory.planning import optimal_performance
from theorylab.verdicts import Outcome
from theorylab.worlds.io import decode, encode
from verification.lamps.section_3 import corollary_3_1, pdpm_bound

SMALL = replace(QUICK, shapes=4)

# --- planted bounds, false in a thin region only --------------------------------------------------


@claim("half the span, 1 % too small")
def half_span(M: MDP, M_hat: Model, pi: Policy):
    distance = E(D(M, pi), l1_norm(M.P - M_hat.P))
    bound = M.gamma / (1 - M.gamma) ** 2 * distance / 2
    return at_most(100 * (J(M, pi) - J(M_hat, pi)), 99 * bound)


@claim("half the norm in PDAM, 1 % too small")
def pdam_half(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    gap = (1 - M.gamma) * (J(M, pi_hat) - J(M, pi_star))
    disadvantage = E(D(M, pi_star), V(M_hat, pi_hat)[:, None] - Q(M_hat, pi_hat))
    distance = l1_norm(M_hat.P - M.P)
    both = E(D(M, pi_hat), distance) + E(D(M, pi_star), distance)
    return at_most(gap - disadvantage, 99 * M.gamma * sup_norm(V(M_hat, pi_hat)) * both / 200)


@claim("the variance of the next value, 1 % too small")
def variance(M: MDP, pi: Policy):
    v = V(M, pi)
    spread = M.P @ (v * v) - (M.P @ v) * (M.P @ v)
    return at_most(400 * (1 - M.gamma) ** 2 * spread, 99 + 0 * spread)


@claim("true up to gamma = 0.99")
def beyond(M: MDP, pi: Policy, pi_star: Policy):
    return at_most(J(M, pi) - J(M, pi_star), 100 + M.gamma * 0)


@claim("true up to 1 - 1e-7, more than any discount drawn")
def far_beyond(M: MDP, pi: Policy):
    return at_most(J(M, pi), 10**7 + M.gamma * 0)


@claim("false from three states on, near the uniform occupancy")
def three_states(M: MDP, pi: Policy):
    return at_most(1001 + M.gamma * 0, 3000 * sup(d(M, pi)))


@claim("false where a state is never visited: a row of zeros and ones")
def every_state(M: MDP, pi: Policy):
    return at_most(M.S + M.gamma * 0, ratio(d(M, pi), d(M, pi)).sum())


@claim("false where an entry is tiny and not 0")
def tiny_entry(M: MDP, pi: Policy, nu: StateActionDistribution):
    return at_most(coverage(D(M, pi), nu), 2950 + M.gamma * 0)


@claim("false where two policies coincide")
def policies_coincide(M: MDP, pi: Policy, pi_star: Policy):
    apart = sup(absolute(pi.probabilities - pi_star.probabilities))
    return at_most((M.A - 1) + M.gamma * 0, 10**4 * apart)


@claim("false where the model is right")
def models_coincide(M: MDP, M_hat: Model, pi: Policy):
    return at_most((M.S - 1) + M.gamma * 0, 10**4 * sup(absolute(M.P - M_hat.P)))


@claim("false where all rows coincide")
def rows_coincide(M: MDP, pi: Policy):
    apart = absolute(M.P[:, None] - M.P[None]).sum(-1)
    return at_most((M.S - 1) * (M.A - 1) + M.gamma * 0, 10**4 * sup(apart))


@claim("false within 1e-4 of sqrt(2) - 1, off the table of discounts")
def irrational_discount(M: MDP, pi: Policy):
    return at_most(M.gamma * (1 - M.gamma) / (1 + M.gamma), (171572870 + M.gamma * 0) / 10**9)


@claim("false within 3e-4 of 1 / sqrt(6) and 1 / sqrt(15), off the table of fractions")
def irrational_point(x: Number(0, 1), y: Number(0, 1)):
    return at_most(10**7 * (x - 2 * x**3 + y - 5 * y**3), 4442977 + x * 0)


@claim("Pinsker's constant, 0.005 % too large")
def pinsker(p: StateDistribution, q: StateDistribution):
    return at_most(20001 * TV(p, q) ** 2, 10000 * KL(p, q))


@claim("entropy, 0.1 % too small")
def entropy(M: MDP, p: StateDistribution):
    found = 0 - x_log_ratio(p, p * 0 + 1).sum()
    return at_most(1000 * (found + M.gamma), 999 * log(M.S + M.gamma * 0) + 1000 * M.gamma)


THIN = [
    half_span, pdam_half, variance, beyond, far_beyond, three_states, every_state, tiny_entry,
    policies_coincide, models_coincide, rows_coincide, irrational_discount, irrational_point,
    pinsker, entropy,
]  # fmt: skip
FOUND_BY_CHANCE = {"beyond", "pinsker", "entropy", "tiny_entry"}
"""What as many uniform instances may find too."""


def found_by_chance(planted, count):
    """Whether uniform integers, `count` of them over the same shapes, break the claim."""
    shapes = visited(planted, QUICK)
    seen, rng = Tally(), np.random.default_rng(0)
    for sizes in shapes:
        limits = np.array([LIMITS[k] for k in integer_kinds(planted, sizes)])
        numbers = rng.integers(0, limits + 1, size=(count // len(shapes), len(limits)))
        source = replay_lanes(numbers)
        batch = judge_batch(planted, sizes, source, len(numbers))
        examine(planted, sizes, source, batch, QUICK, seen)
    return bool(seen.broken)


@pytest.mark.parametrize("planted", THIN, ids=lambda c: c.name)
def test_a_thin_false_bound_is_found_where_uniform_instances_miss_it(planted):
    """Quick budget: refuted by an exact instance; as many uniform ones miss 11 of the 15."""
    found = search(planted, QUICK, 0)
    assert found.outcome is Outcome.REFUTED and found.tightness == ()
    (broken,) = found.broken
    instance = {name: decode(value, name) for name, value in broken.instance.items()}
    assert rigorous(QUICK)(planted, instance).broken() == [0]
    assert check_domain(planted.parameters, instance) == dict(broken.sizes)
    assert planted.name in FOUND_BY_CHANCE or not found_by_chance(planted, found.tried)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("planted", THIN, ids=lambda c: c.name)
def test_a_thin_false_bound_is_found_with_every_seed(planted, seed):
    """At both budgets."""
    assert search(planted, QUICK, seed).broken
    assert search(planted, NORMAL, seed).broken


# --- the tightest instance ------------------------------------------------------------------------


@claim("Hoelder, the constant twice as large as needed")
def hoelder(M: MDP, M_hat: Model, pi: Policy):
    V_hat = V(M_hat, pi)
    error = E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat)
    return at_most(error, sup_norm(V_hat) * E(D(M, pi), l1_norm(M.P - M_hat.P)))


@claim("two lines and an identity")
def lines(M: MDP, pi: Policy):
    largest = 1 / (1 - M.gamma)
    return every(
        at_most(J(M, pi), largest),
        equal(J(M, pi), J(M, pi)),
        at_most(V(M, pi), 4 * largest + 0 * M.start),
    )


@claim("sides below 0")
def below_zero(M: MDP, pi: Policy):
    return at_most(-1 - J(M, pi), M.gamma - 1)


@claim("a root, attained")
def root(x: Number(0, 1)):
    return at_most(sqrt(x * x), x)


@claim("short horizons")
def short(M: MDP, pi: Policy):
    assume(at_most(2 * M.gamma, 1), "gamma at most one half")
    return at_most(J(M, pi), 3 + M.gamma * 0)


@claim("a choice")
def choice(M: MDP, pi: DeterministicPolicy):
    return at_most((1 - M.gamma) * J(M, pi), 2 + 0 * M.gamma)


@claim("nothing is drawn")
def whole_numbers(n: Integer(1, 5), m: Integer(0, 3)):
    return at_most(n * m, n * m + 2 * n)


KNOWN = [
    (hoelder, [Fraction(1, 2)]), (lines, [1, Fraction(1, 4)]), (short, [Fraction(2, 3)]),
    (choice, [Fraction(1, 2)]), (whole_numbers, [Fraction(3, 5)]),
]  # fmt: skip


@pytest.mark.parametrize(("tight", "expected"), KNOWN, ids=lambda c: getattr(c, "name", ""))
def test_the_tightest_instance_has_the_ratio_known_by_hand(tight, expected):
    """Each inequality its own, exact, attained at 1 only; its instance gives those sides again."""
    found = search(tight, SMALL, 0)
    assert found.outcome is Outcome.SUPPORTED
    assert [Fraction(t.lhs) / Fraction(t.rhs) for t in found.tightness] == expected
    links = [k for k in (0, 2) if len(expected) > 1 or k == 0]
    for t, r, link in zip(found.tightness, expected, links, strict=True):
        assert (t.ratio, t.attained, t.link, t.limit) == (float(r), r == 1, link, None)
        instance = {name: decode(value, name) for name, value in t.instance.items()}
        again = exactly(tight, instance).links[link]
        assert t.lhs in [str(x) for x in np.ravel(again.lhs)]
        assert t.effort >= found.tried // 3 or not t.numbers


def test_the_note_says_tight_or_what_was_not_found():
    """The words of each line; how far discounts go; why there is no gradient."""
    note = search(lines, SMALL, 0).note
    assert "line 1: largest lhs / rhs 1: tight (S=1 A=1)" in note
    assert "line 3: largest lhs / rhs: no instance found above 0.25 (S=1 A=1)" in note
    assert "discounts up to 1 - 1e-6" in note and "gradient" not in note
    assert "no gradient: a discrete choice" in search(choice, SMALL, 0).note
    assert "discount" not in search(whole_numbers, SMALL, 0).note


def test_without_two_sides_above_zero_there_is_no_ratio():
    """The least slack is reported in its place, and nothing is attained although -1 <= -1."""
    found = search(below_zero, SMALL, 0)
    (t,) = found.tightness
    assert (t.lhs, t.rhs, t.ratio, t.attained) == ("-1", "-1", -np.inf, False)
    assert "no instance has both sides above 0; least slack at -1 <= -1" in found.note


def test_balls_that_touch_are_not_called_attained():
    """sqrt(x x) = x, which balls see up to their last bits; where a root is exact they may."""
    (t,) = search(root, SMALL, 0).tightness
    assert t.ratio == 1
    assert not t.attained or t.lhs == t.rhs


def test_a_hypothesis_bounds_the_search():
    """No instance outside it is reported: at gamma = 1/2, J = 2, and not beyond."""
    (t,) = search(short, SMALL, 0).tightness
    assert (t.lhs, t.rhs, t.instance["M"]["gamma"]) == ("2", "3", "1/2")


def test_the_extremal_instance_is_small():
    """Shrunk while its ratio does not fall: from costs of 1 and any rows to one cost and zeros."""
    (t,) = search(hoelder, SMALL, 0).tightness
    assert t.sizes == {"S": 2, "A": 1} and max(t.numbers) <= 3
    sizes, decide = {"S": 2, "A": 1}, rigorous(QUICK)
    large = tighter(lines, sizes, [700, 3, 8, 501, 1, 1, 10, 9, 77, 5, 6], 0, None, decide)
    assert large.entry.attained and sum(large.numbers) > 1000
    small = shrunk(lines, large, 0, decide)
    assert small.entry.attained and small.numbers == (0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize("tight", [hoelder, lines, far_beyond], ids=lambda c: c.name)
def test_the_search_repeats_with_its_seed(tight):
    """All of the evidence, tightness included."""
    assert search(tight, SMALL, 3) == search(tight, SMALL, 3)


def test_another_seed_tries_other_instances():
    """The same ratio by another way."""
    first, other = search(hoelder, SMALL, 3), search(hoelder, SMALL, 4)
    assert first.tried != other.tried
    assert first.tightness[0].ratio == other.tightness[0].ratio


def test_what_breaks_while_shrinking_is_kept():
    """An extreme that holds, from which shrinking comes upon a counterexample."""
    decide = rigorous(QUICK)
    known = tighter(half_or_less, {}, [5], 0, None, decide)
    met = shrunk(half_or_less, known, 0, decide)
    assert not known.entry.broken and met.entry.broken
    assert exactly(half_or_less, rebuild(half_or_less, {}, met.numbers)).broken() == [0]


@claim("false above 1/3")
def half_or_less(x: Number(0, 1)):
    return at_most(x, (x + 1) / 4 + 0 * x)


# --- limits ---------------------------------------------------------------------------------------


@claim("three quarters as gamma -> 1")
def to_one(M: MDP, pi: Policy):
    return at_most(3 * (1 - M.gamma) * J(M, pi) * (1 + M.gamma), 8 + M.gamma * 0)


@claim("one half as gamma -> 0")
def to_zero(M: MDP, pi: Policy):
    return at_most(M.gamma * E(D(M, pi), M.c), M.gamma * (2 + M.gamma))


@claim("one as x grows")
def to_infinity(x: Number(0, None)):
    return at_most(x, 1 + x)


@claim("one half as an entry vanishes")
def to_a_face(p: StateDistribution):
    return at_most(ratio(p[0], p[0]) * (1 - p[0]), 2 + 0 * p[0])


LIMITING = [
    (to_one, "M.gamma -> 1", 0.75), (to_zero, "M.gamma -> 0", 0.5),
    (to_infinity, "x -> infinity", 1.0), (to_a_face, "p[0] -> 0", 0.5),
]  # fmt: skip


SHAPE_OF = {
    "to_one": {"S": 2, "A": 2}, "to_zero": {"S": 3, "A": 2}, "to_infinity": {},
    "to_a_face": {"S": 3},
}  # fmt: skip


@pytest.mark.parametrize(("limiting", "name", "expected"), LIMITING)
def test_a_ratio_that_is_only_approached_has_its_limit_fitted(limiting, name, expected):
    """Above what is attained; the path rises to it and the interval holds it."""
    (t,) = search(limiting, SMALL, 0).tightness
    low, high = t.limit.interval
    ratios = [r for _, r in t.limit.path]
    assert (t.attained, t.limit.parameter) == (False, name)
    assert t.ratio < low <= expected <= high and high - low < 1e-9
    assert ratios == sorted(ratios) and t.limit.ratio == pytest.approx(expected, abs=1e-9)
    assert f"in the limit {name}" in search(limiting, SMALL, 0).note


def test_a_path_beyond_all_discounts_drawn_refutes():
    """J <= 1e7 breaks at no discount of the table, and is broken on the way to gamma = 1."""
    (broken,) = search(far_beyond, SMALL, 0).broken
    gamma = Fraction(broken.instance["M"]["gamma"])
    assert 1 - Fraction(1, 10**7) < gamma < 1 and Fraction(broken.lhs) > 10**7
    assert broken.numbers == ()


@claim("1 - 1 / S")
def many_states(p: StateDistribution):
    return at_most(1 - (p * p).sum(), 1 + 0 * p[0])


@pytest.mark.parametrize(("limiting", "name"), [row[:2] for row in LIMITING])
def test_a_path_stays_in_the_domain_and_begins_where_it_should(limiting, name):
    """All tables on all paths of a random instance; without a halving they are its own."""
    sizes = SHAPE_OF[limiting.name]
    numbers = next(random_points(limiting, sizes, np.random.default_rng(5)))
    layout, tables = tables_of(limiting, sizes, numbers)
    moves = dict(_moves(layout, tables))
    assert name in moves
    for move in moves.values():
        assert str(move(tables, flint.fmpq(1))) == str(tables)
        for halvings in (1, 9, 60):
            moved = move(tables, flint.fmpq(1, 2**halvings))
            check_domain(limiting.parameters, from_tables(limiting, sizes, moved))


def test_a_ratio_that_grows_with_the_states_has_its_limit_fitted():
    """1 - 1/S, by hand; the shapes visited for it are among the evidence's."""
    found = search(many_states, QUICK, 0)
    (t,) = found.tightness
    assert (t.lhs, t.sizes, t.limit.parameter) == ("5/6", {"S": 6}, "S -> infinity")
    assert t.limit.path[0] == ("S=2", 0.5) and t.limit.ratio == pytest.approx(1)
    assert {"S": 6} in found.shapes


def test_states_are_extrapolated_only_where_they_settle():
    """3/4 - 1/S + 2/S^2 is fitted exactly; what levels off, jumps or is short is not."""
    fitted = limit_of({s: 0.75 - 1 / s - 2 / s**2 for s in range(2, 8)})
    assert fitted.ratio == pytest.approx(0.75) and fitted.interval[1] == pytest.approx(0.75)
    assert limit_of({2: 0.5, 3: 0.6, 4: 0.6, 5: 0.6}) is None
    assert limit_of({2: 0.1, 3: 0.11, 4: 0.3, 5: 0.31}) is None
    assert limit_of({2: 0.5, 3: 0.6, 4: 0.65}) is None


def test_a_path_is_extrapolated_only_where_it_settles():
    """Geometric rests are summed; 1 - 1/k settles too slowly, and what falls is no path."""
    geometric = [flint.fmpq(7, 10) - flint.fmpq(1, 3**k) for k in range(1, 9)]
    ratio_found, high = extrapolated(geometric)
    assert ratio_found == pytest.approx(0.7, abs=1e-12) and 0.7 <= high < 0.7002
    assert extrapolated([flint.fmpq(k, k + 1) for k in range(1, 25)]) is None
    assert extrapolated([*geometric[:-1], geometric[0]]) is None
    assert extrapolated(geometric[:4]) is None


# --- better constants -----------------------------------------------------------------------------


def test_the_constant_of_a_hidden_term_is_found():
    """Corollary 3.1 is tight through its planning error alone; half of each norm suffices."""
    (found,) = improved_constants(pdpm_bound, replace(QUICK, shapes=5), 0)
    assert [(c.term.split(" * E")[0], c.supremum, c.improves) for c in found.constants] == [
        ("eps_oc", 1, False), ("M.gamma * V_hat_max", 0.5, True), ("M.gamma * V_max", 0.5, True)
    ]  # fmt: skip
    assert "0.5 of it suffices" in str(found.constants[1])
    assert "needed as it stands" in str(found.constants[0])
    assert found.together and found.evidence.outcome is Outcome.SUPPORTED
    sizes = {"S": 2, "A": 2}
    numbers = next(random_points(pdpm_bound, sizes, np.random.default_rng(0)))
    ours, by_hand = (exactly(c, rebuild(c, sizes, numbers)).links[0] for c in
                     (found.claim, pdpm_bound_half_of_the_norms))  # fmt: skip
    assert (ours.lhs, ours.rhs) == (by_hand.lhs, by_hand.rhs)


@claim("Corollary 3.1 with half of each norm")
def pdpm_bound_half_of_the_norms(M: MDP, M_hat: Model, pi_hat: Policy, pi_star: Policy):
    eps_oc = J(M_hat, pi_hat) - optimal_performance(M_hat)
    return corollary_3_1(M, M_hat, pi_hat, pi_star, eps_oc, 2)


def test_a_better_constant_is_never_rounded_below_what_was_found():
    """A simple fraction at least as large; 1 where nothing is better."""
    (t,) = search(hoelder, SMALL, 0).tightness
    found = {r: Constant("term", replace(t, ratio=r)).factor for r in (0.5, 2**0.5 - 1, 1 / 3, 1.0)}
    assert found[0.5] == Fraction(1, 2) and found[1.0] == 1
    assert all(r <= factor <= r + 2e-3 for r, factor in found.items())


@claim("a sum")
def a_sum(x: Number(0, 1), y: Number(0, 1)):
    bound = 2 * x + 3 * y - x * y
    return at_most(x + y, bound)


def test_a_term_is_isolated_with_the_others_on_the_left():
    """The same statement, term by term, through a name and with its signs."""
    (bound,) = bounds(a_sum)
    assert bound.terms == ("2 * x", "3 * y", "-(x * y)")
    x, y = flint.fmpq(1, 3), flint.fmpq(1, 5)
    for chosen, term in enumerate((2 * x, 3 * y, -x * y)):
        (link,) = isolated(bound, chosen)(x=x, y=y).links
        assert link.rhs == term and link.rhs - link.lhs == 2 * x + 3 * y - x * y - (x + y)
    (link,) = sharpened(bound, {1: Fraction(2, 7)})(x=x, y=y).links
    assert (link.lhs, link.rhs) == (x + y, 2 * x + 6 * y / 7 - x * y)
    assert list(bounds(hoelder)) == []


def test_constants_that_do_not_hold_together_are_said_so():
    """x + y <= 2 x + 3 y - x y: 1/2 of the first or 1/3 + of the second, and then not both."""
    (found,) = improved_constants(a_sum, SMALL, 0)
    assert [c.improves for c in found.constants][:2] == [True, True]
    assert not found.together and found.evidence.outcome is Outcome.REFUTED


@claim("a bound of a table by a table and a number")
def table_and_number(pi: Policy, x: Number(0, 1)):
    return at_most(pi.probabilities + x, 2 * pi.probabilities + 2 * x)


def test_a_number_among_tables_keeps_their_shape():
    """Alone on the right it still bounds every entry."""
    (found,) = improved_constants(table_and_number, SMALL, 0)
    assert [c.term for c in found.constants] == ["2 * pi.probabilities", "2 * x"]


@claim("a bound with an integer of its own")
def integer_and_number(x: Number(0, 1), n: Integer(1, 3)):
    return at_most(x, 2 * n + 0 * x)


def test_an_integer_with_a_better_constant_stays_exact():
    """2 n times a half, not a float: the claim is not at fault."""
    (found,) = improved_constants(integer_and_number, SMALL, 0)
    assert found.together and found.constants[0].factor == Fraction(1, 2)


@claim("a false sum")
def false_sum(x: Number(0, 1), y: Number(0, 1)):
    return at_most(x + y, x / 2 + y)


def test_a_refuted_bound_has_no_better_constants():
    """What is false needs no sharpening."""
    assert improved_constants(false_sum, SMALL, 0) == ()


# --- tables, populations and the ascent -----------------------------------------------------------


@claim("all kinds of tables")
def all_kinds(
    M: MDP, M_hat: Model, pi: DeterministicPolicy, Pi: Several(Policy), f: StateFunction,
    nu: StateActionDistribution, x: Number(-1, 2),
):  # fmt: skip
    return at_most(J(M, pi), 1 / (1 - M.gamma))


@claim("a finite horizon")
def finite(M: FiniteHorizonMDP, pi: NonstationaryPolicy):
    return at_most(M.payoff.sum(), M.H * M.S * M.A + 0 * M.payoff.sum())


APART = [(all_kinds, {"S": 3, "A": 2, "|Pi|": 2}), (finite, {"H": 2, "S": 3, "A": 2})]


@pytest.mark.parametrize(("kinds", "sizes"), APART)
def test_an_instance_is_its_tables(kinds, sizes):
    """Taken apart and put together it is the same; each integer belongs to one table."""
    numbers = next(random_points(kinds, sizes, np.random.default_rng(0)))
    layout, tables = tables_of(kinds, sizes, numbers)
    whole, again = rebuild(kinds, sizes, numbers), from_tables(kinds, sizes, tables)
    assert {k: encode(v) for k, v in whole.items()} == {k: encode(v) for k, v in again.items()}
    assert [k for t in layout for k in range(len(numbers))[t.places]] == list(range(len(numbers)))
    assert layout == layout_of(kinds, sizes)
    assert list(limits_of(layout)) == [LIMITS[k] for k in integer_kinds(kinds, sizes)]


def test_tables_near_floats_are_in_the_domain():
    """Coarse to fine; a discount rounded to 1 stays below it; a row of zeros is a vertex."""
    sizes = {"S": 2, "A": 1}
    x = np.array([0.04, 0.96, 1 / 3, 2 / 3, 0.5, 0.123456789, 1 - 1e-12, 1, 0, 0.02, 0.04, 1, 0])
    x = x[: len(limits_of(layout_of(beyond_alone, sizes)))]
    found = list(nearby(beyond_alone, sizes, x))
    for tables in found:
        check_domain(beyond_alone.parameters, from_tables(beyond_alone, sizes, tables))
    assert [str(t[2]) for t in found[:2]] == ["9/10", "99/100"]
    assert float(Fraction(str(found[-1][1][1, 0]))) == pytest.approx(0.123456789)


@claim("one policy")
def beyond_alone(M: MDP, pi: Policy):
    return at_most(J(M, pi), 1 / (1 - M.gamma))


def test_tables_are_called_by_their_names():
    """Worlds by field, policies by parameter or place, and the ends of their ranges."""
    layout = layout_of(all_kinds, {"S": 3, "A": 2, "|Pi|": 2})
    assert [t.label for t in layout] == [
        "M.P", "M.payoff", "M.gamma", "M.start", "M_hat.P", "pi", "Pi[0]", "Pi[1]", "f", "nu", "x",
    ]  # fmt: skip
    assert [layout[k].ends for k in (0, 8, 10)] == [("0", "1"), ("1", "-1"), ("-1", "2")]
    assert [(t.kind, t.rows, t.length) for t in (layout[0], layout[5], layout[9])] == [
        ("weight", 6, 3), ("choice", 3, 1), ("weight", 1, 6)
    ]  # fmt: skip


def test_a_population_begins_at_extremes_and_stays_within_limits():
    """Equal models, equal policies, vertices and uniform rows are among the first."""
    layout = layout_of(pdpm_bound, {"S": 3, "A": 2})
    members = structured(layout, np.random.default_rng(0), 200)
    by_name = {t.label: members[:, t.places] for t in layout}
    for a, b in (("M.P", "M_hat.P"), ("pi_hat", "pi_star")):
        uniform = (by_name[a] == 1).all(1)
        assert 10 < ((by_name[a] == by_name[b]).all(1) & ~uniform).sum() < 190
    assert (by_name["M.P"] == 1).all(1).any()
    pairs, rng = [*table_pairs(layout), *row_pairs(layout)], np.random.default_rng(1)
    young = members
    for _ in range(30):
        young = children(young, layout, pairs, rng)
        assert (young >= 0).all() and (young <= limits_of(layout)).all()


def test_rows_are_projected_on_the_simplex():
    """Nearer than any of many other points of it, and unchanged where they lie in it."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2, 4, 5))
    near = _on_simplex(rows)
    assert near.min() >= 0 and near.sum(1) == pytest.approx(np.ones((2, 5)))
    others = rng.dirichlet(np.ones(4) / 2, size=(5_000, 2, 5)).transpose(0, 1, 3, 2)
    distances = ((others - rows) ** 2).sum(2).min(0)
    assert (((near - rows) ** 2).sum(1) <= distances).all()
    assert _on_simplex(near) == pytest.approx(near)


@pytest.mark.parametrize("sides", [(0.3, 0.8), (0.9, 0.8), (-0.4, 0.2), (-0.4, -0.1), (-0.1, -0.4)])
def test_the_score_falls_as_its_slopes_say(sides):
    """By central differences, for all signs of the sides."""
    a, b = (np.array([[s]]) for s in sides)
    step = 1e-6
    by_left = scores_of(a - step, b, False)[0] - scores_of(a + step, b, False)[0]
    by_right = scores_of(a, b - step, False)[0] - scores_of(a, b + step, False)[0]
    expected = [by_left / (2 * step), by_right / (2 * step)]
    assert np.array(_slopes(a[0], b[0])) == pytest.approx(np.array(expected))


def test_what_counts_as_a_score():
    """The worst entry; nothing where both sides are 0; with `positive` only positive sides."""
    left, right = np.array([[1.0, -1.0, 0.0], [1.0, 0.5, 0.0]]), np.array([[2.0, -1, 0], [1, 1, 0]])
    score, worst = scores_of(left, right, False)
    assert list(score) == [0, 0, np.inf] and list(worst[:2]) == [1, 0]
    assert list(scores_of(left, right, True)[0]) == [0, 0.5, np.inf]
    assert scores_of(left, right, False, 1.5)[0][0] == 0.5


def test_the_ascent_reaches_an_interior_optimum_and_never_falls():
    """x - 2 x^3 + y - 5 y^3 is largest at 1 / sqrt(6), 1 / sqrt(15), from anywhere."""
    land = landscape(irrational_point, {})
    start = np.random.default_rng(0).random((2, 40))
    before, _ = scores_of(*(land.sides(start)[k] for k in land.links[0]), False)
    x, score = ascend(land, 0, start, np.random.default_rng(1), 120, False)
    assert (score <= before).all()
    best = x[:, score.argmin()]
    assert best == pytest.approx([6**-0.5, 15**-0.5], abs=1e-4)


def test_integers_become_floats_and_floats_integers():
    """Tables of small integers survive the way there and back; each level keeps to its size."""
    land, sizes = landscape(hoelder, {"S": 3, "A": 2}), {"S": 3, "A": 2}
    layout = layout_of(hoelder, sizes)
    members = np.random.default_rng(0).integers(0, 21, size=(20, len(limits_of(layout))))
    x = floats_of(land, members)
    exact = tables_of(hoelder, sizes, [int(k) for k in members[7]])[1]
    flat = [float(Fraction(str(e))) for t in exact for e in np.ravel(np.asarray(t, dtype=object))]
    assert x[:, 7] == pytest.approx(flat)
    back = snapped(land, x)
    assert (back >= 0).all() and (back <= limits_of(layout)).all()
    errors = np.abs(floats_of(land, back) - np.tile(x, 9)).max(0).reshape(9, 20)
    assert errors[-1].max() < 5e-3 and (errors[0] > 0.1).all()


def test_what_has_no_gradient_says_so():
    """A discrete choice; a program that is too large, which leaves the search to its population."""
    with pytest.raises(lab.TheorylabError, match="a discrete choice has no derivative"):
        landscape(choice, {"S": 2, "A": 2})
    with pytest.raises(lab.TheorylabError, match=r"\d+ operations are too many to differentiate"):
        landscape(hoelder, {"S": 40, "A": 1})


def test_a_counterexample_off_the_integers_is_a_simple_one():
    """It needs no integers: a simple fraction near sqrt(2) - 1, as coarse as will do."""
    (broken,) = search(irrational_discount, QUICK, 0).broken
    gamma = Fraction(broken.instance["M"]["gamma"])
    assert abs(float(gamma) - (2**0.5 - 1)) < 1e-3 and gamma.denominator <= 10**4


@claim("a clip that bites in a thin region")
def clipped(M: MDP, M_hat: Model, pi: Policy):
    gap, far = J(M_hat, pi) - J(M, pi), sup(absolute(M.P - M_hat.P).sum(-1)) / 2
    return equal(gap, minimum(gap, 50 * M.gamma * far / (1 - M.gamma)))


def test_an_equality_that_bends_is_climbed_over():
    """False only for gamma > 98 % and models that differ by less than 2 %: no sample sees it, no
    certificate applies, and the search finds it at the other side of its minimum."""
    found = search(clipped, QUICK, 0)
    assert found.outcome is Outcome.REFUTED and found.broken[0].link == 0


def test_a_bound_met_at_the_edge_of_what_is_drawn_is_followed_beyond():
    """J <= 10^6 holds at every discount that is drawn."""

    @claim("no cost above a million")
    def bounded(M: MDP, pi: Policy):
        return at_most(J(M, pi), 10**6)

    assert search(bounded, QUICK, 0).outcome is Outcome.REFUTED


def test_sides_that_are_tiny_everywhere_are_measured_by_their_own_size():
    """A bound in units of 10^18 is as false as it is in units of 1."""

    @claim("half of the simulation gap, in small units")
    def small(M: MDP, M_hat: Model, pi: Policy):
        gap = E(D(M, pi), l1_norm(M.P - M_hat.P)) / (1 - M.gamma) ** 2
        return at_most((J(M, pi) - J(M_hat, pi)) / 10**18, M.gamma * gap / 10**18 / 3)

    assert search(small, QUICK, 0).outcome is Outcome.REFUTED


def test_better_constants_are_evidence_without_a_verdict():
    """Half of each norm of Corollary 3.1 suffices, both at once; all of eps_oc is needed."""
    found = constants(pdpm_bound, QUICK, 0)
    assert found.outcome is None
    assert [(i.factor, i.together) for i in found.improvements] == [
        ("1", True), ("1/2", True), ("1/2", True),
    ]  # fmt: skip
