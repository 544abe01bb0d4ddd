"""Relations in every number system: what passes, what fails and what nobody can decide."""

from dataclasses import replace

import flint
import numpy as np
import pytest

from theorylab import MDP, Policy, assume, at_least, at_most, chain, claim, equal, every
from theorylab.balls import Ball
from theorylab.claims import evaluate
from theorylab.errors import ClaimError, HypothesisFailed, Undefined, Unsupported
from theorylab.extended import Infinity
from theorylab.lanes import Lanes
from theorylab.notation import V
from theorylab.relations import compare, hypotheses
from theorylab.tape import recording

P61 = 2**61 - 1
NAN, INF = float("nan"), float("inf")


def q(p, r=1):
    """A rational."""
    return flint.fmpq(p, r)


def ball(mid, radius=0):
    """A ball."""
    return Ball(flint.arb(mid, radius))


def lanes(*values):
    """One number in each of several instances."""
    return Lanes(np.array(values, dtype=float))


def row(*entries):
    """An object array of these entries."""
    out = np.empty(len(entries), dtype=object)
    out[:] = entries
    return out


def holds(relation):
    """The decision on each link."""
    return [compare(link).holds for link in relation.links]


# ---- how relations are made ---------------------------------------------------------------------


def test_relations_are_their_links():
    """equal, at_most, at_least, chain and every make the links they say, sides in order."""
    kinds = [(link.kind, link.lhs, link.rhs) for link in equal(1, 2).links + at_most(3, 4).links]
    assert kinds == [("equal", 1, 2), ("at_most", 3, 4)]
    assert at_least(5, 6).links == at_most(6, 5).links
    proof = chain(1).equal(2, "a").at_most(3, "b")
    assert [(k.kind, k.lhs, k.rhs, k.because) for k in proof.links] == [
        ("equal", 1, 2, "a"),
        ("at_most", 2, 3, "b"),
    ]
    assert chain(1).links == ()
    assert every(equal(1, 2), proof).links == (*equal(1, 2).links, *proof.links)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: equal(q(1), row(q(1), q(1))), ["left side is a number", "right side has shape"]),
        (lambda: at_most(row(q(1)), row(q(1), q(2))), ["left side has shape (1,)", "(2,)"]),
        (
            lambda: at_least(np.ones((2, 3), int), np.ones((3, 2), int)),
            ["shape (3, 2)", "shape (2, 3)"],
        ),
        (lambda: chain(q(1)).equal(row(q(1))), ["E(...)", ".sum()"]),
    ],
)
def test_shapes_that_differ_are_refused(make, words):
    """No broadcasting: the message names both shapes and the likely cause."""
    with pytest.raises(ClaimError) as caught:
        make()
    assert all(word in str(caught.value) for word in words)


# ---- decisions ----------------------------------------------------------------------------------


DECIDED = [
    (equal(q(1, 3), q(2, 6)), True),
    (equal(q(1, 3), q(333333333333, 10**12)), False),
    (at_most(q(1, 3), q(1, 3)), True),
    (at_most(q(1, 3) + q(1, 10**40), q(1, 3)), False),
    (at_least(q(1, 2), q(1, 3)), True),
    (at_least(q(1, 3), q(1, 2)), False),
    (equal(q(2), 2), True),
    (at_most(0, q(-1, 10**30)), False),
    (equal(row(q(1), q(2)), row(q(1), q(3))), False),
    (at_most(row(q(1), q(2)), row(q(1), q(1))), False),
    (at_most(row(q(0), q(1)), row(q(1), q(1))), True),
    (equal(2, 2), True),
    (at_most(3, 2), False),
    (equal(flint.nmod(7, P61), flint.nmod(P61 + 7, P61)), True),
    (equal(flint.nmod(7, P61), 8), False),
    (equal(row(flint.nmod(1, 7), 0), row(flint.nmod(8, 7), 0)), True),
    (equal(ball(1), ball(1)), True),
    (equal(ball(1), ball(2)), False),
    (at_most(ball(1), ball(1)), True),
    (at_most(ball(1, 0.25), ball(2, 0.25)), True),
    (at_most(ball(2, 0.25), ball(1, 0.25)), False),
]  # fmt: skip


@pytest.mark.parametrize(("relation", "expected"), DECIDED)
def test_a_link_is_decided_entry_by_entry(relation, expected):
    """Every entry must hold, to the last bit."""
    assert holds(relation) == [expected]


STRADDLING = [
    equal(ball(1, 0.5), ball(1, 0.5)),
    equal(ball(1, 1e-300), ball(1)),
    at_most(ball(1, 0.5), ball(1, 0.5)),
    at_most(ball(1, 1e-300), ball(1)),
    at_most(ball(1.25, 0.5), ball(1, 0.5)),
    at_most(row(ball(0), ball(1, 0.1)), row(ball(1), ball(1, 0.1))),
]


@pytest.mark.parametrize("relation", STRADDLING)
def test_balls_that_straddle_are_undecided(relation):
    """Neither true nor false: None, and falsy as None is, never True."""
    assert holds(relation) == [None]


def test_one_separated_entry_refutes_what_others_leave_open():
    """A broken entry decides, a true one does not; half the bits tell a tie from an open case."""
    apart, open_, true = (ball(2), ball(1)), (ball(1, 0.5), ball(1)), (ball(0), ball(1))
    refuted = at_most(row(open_[0], apart[0]), row(open_[1], apart[1]))
    undecided = at_most(row(open_[0], true[0]), row(open_[1], true[1]))
    assert holds(every(refuted, undecided)) == [False, None]
    assert compare(equal(ball(1, 2.0**-50), ball(1)).links[0]).tied
    assert not compare(at_most(ball(1, 2.0**-50), ball(1)).links[0]).tied  # no support by a tie
    assert not compare(equal(*open_).links[0]).tied


@pytest.mark.parametrize("bad", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("relate", [equal, at_most, at_least])
def test_balls_that_are_no_numbers_are_undefined(bad, relate):
    """NaN and infinite balls raise Undefined on either side, alone or among good entries."""
    bad = ball(bad)
    for relation in (
        relate(bad, ball(1)),
        relate(ball(1), bad),
        relate(bad, bad),
        relate(row(ball(0), bad), row(ball(0), ball(0))),
    ):
        with pytest.raises(Undefined, match="not a number"):
            compare(relation.links[0])


def test_lanes_decide_each_instance():
    """One decision per instance, over all entries; equality within rounding only."""
    assert list(holds(at_most(lanes(1, 2, 1), lanes(1, 1, 2)))[0]) == [True, False, True]
    assert list(holds(equal(lanes(1, 1, 1), lanes(1, 1 + 1e-12, 1.1)))[0]) == [True, True, False]
    both = at_most(row(lanes(0, 0), lanes(1, 0)), row(lanes(1, 1), lanes(0, 1)))
    assert list(holds(both)[0]) == [False, True]
    assert list(holds(at_most(lanes(0, 2), 1))[0]) == [True, False]
    assert list(holds(at_least(lanes(0, 2), 1))[0]) == [False, True]


@pytest.mark.parametrize(
    "relation",
    [
        equal(lanes(NAN, 1), lanes(1, 1)),
        at_most(lanes(NAN, 1), lanes(1, 1)),
        at_most(lanes(0, 1), lanes(NAN, 1)),
        equal(lanes(INF, 1), lanes(INF, 1)),
        equal(lanes(1, 1), lanes(INF, 1)),
        at_most(lanes(INF, 1), lanes(INF, 1)),
        at_most(lanes(1, 1), lanes(-INF, 1)),
        at_most(row(lanes(0, 0), lanes(NAN, 0)), row(lanes(1, 1), lanes(1, 1))),
    ],
)
def test_nan_and_infinite_lanes_never_pass(relation):
    """The instance that is not a number fails; its neighbour does not."""
    assert list(holds(relation)[0]) == [False, True]


def test_what_is_infinite_is_not_below_a_number():
    """An infinite left side breaks a finite bound, in a hypothesis as in a link."""
    assert list(holds(at_most(lanes(INF, 1), lanes(1, 1)))[0]) == [False, True]


def test_slacks():
    """rhs - lhs at the worst entry; -max |lhs - rhs| for an equality; voids are infinite."""
    slack = compare(at_most(lanes(1, 1), lanes(INF, 2)).links[0]).slack
    assert list(np.isposinf(slack)) == [True, False]
    assert compare(at_most(row(q(1), q(0)), row(q(3), q(1, 2))).links[0]).slack == 0.5
    assert compare(equal(row(q(1), q(0)), row(q(3), q(1, 2))).links[0]).slack == -2.0
    assert compare(at_most(ball(2), ball(1)).links[0]).slack == -1.0
    assert compare(equal(ball(2), ball(5)).links[0]).slack == -3.0


def test_a_prime_field_has_no_order_and_a_tape_no_values():
    """at_most, and on a tape equality too, is Unsupported."""
    with pytest.raises(Unsupported, match="no order"):
        compare(at_most(flint.nmod(1, 7), flint.nmod(2, 7)).links[0])
    with recording() as tape, pytest.raises(Unsupported, match="decides no relation"):
        compare(equal(tape.input("x"), 0).links[0])


@pytest.mark.parametrize("side", [0.5, np.array([0.5]), NAN, True, "1/2", [1], None, equal(1, 1)])
def test_a_side_is_a_number_of_the_claims_own(side):
    """Floats, truth values, texts, lists and relations are refused where the link is made."""
    whole = np.ones(np.shape(side), dtype=int) if isinstance(side, np.ndarray) else 1
    with pytest.raises(ClaimError, match=r"expected a number|Python float"):
        compare(equal(side, whole).links[0])
    with pytest.raises(ClaimError, match=r"expected a number|Python float"):
        compare(at_most(whole, side).links[0])


@pytest.mark.parametrize("relation", [equal, at_most])
def test_a_float_beside_a_ball_is_refused_on_either_side(relation):
    """A NumPy float is a number of the lanes; beside a ball it is the fault of the claim."""
    for sides in ((ball(1), np.float64(0.5)), (np.float64(0.5), ball(1))):
        with pytest.raises(ClaimError, match="a side is a Python float"):
            compare(relation(*sides).links[0])


# ---- hypotheses ---------------------------------------------------------------------------------


@claim("with hypotheses")
def with_hypotheses(M: MDP, pi: Policy):
    assume(at_most(M.gamma, M.c[0, 0]), "small discount")
    assume(at_most(M.c[0, 0], 1), "costs at most one")
    return at_most(M.gamma, V(M, pi)[0])


def tiny(cost, gamma):
    """The MDP with one state and one action, and its policy."""
    return {"M": MDP([[[1]]], [[cost]], gamma, [1]), "pi": Policy([[1]])}


def test_hypotheses_are_named_and_met():
    """The record holds the names in order; an instance outside raises HypothesisFailed."""
    _, record = evaluate(with_hypotheses, tiny("1/2", "1/2"))
    assert record.names == ["small discount", "costs at most one"]
    assert record.kept is None
    with pytest.raises(HypothesisFailed, match="'small discount' does not hold"):
        evaluate(with_hypotheses, tiny("1/2", "2/3"))


def test_a_dropped_hypothesis_is_named_but_not_required():
    """Dropping one leaves the others in force."""
    without = replace(with_hypotheses, dropped=frozenset({"small discount"}))
    links, record = evaluate(without, tiny("1/2", "2/3"))
    assert record.names == ["small discount", "costs at most one"]
    assert len(links) == 1
    with pytest.raises(HypothesisFailed, match="costs at most one"):
        evaluate(without, tiny(2, "1/2"))


def test_hypotheses_in_lanes_keep_a_mask():
    """Every hypothesis narrows the mask; a dropped one does not; NaN is not kept."""
    with hypotheses() as record:
        assume(at_most(lanes(0, 1, 2, NAN), 1), "first")
        assume(at_least(lanes(0, 1, 2, 2), 1), "second")
    assert list(record.kept) == [False, True, False, False]
    with hypotheses(frozenset({"second"})) as record:
        assume(at_most(lanes(0, 1, 2, NAN), 1), "first")
        assume(at_least(lanes(0, 1, 2, 2), 1), "second")
    assert list(record.kept) == [True, True, False, False]


def test_every_link_of_a_hypothesis_must_hold():
    """A hypothesis of several relations is their conjunction."""
    with pytest.raises(HypothesisFailed), hypotheses():
        assume(every(equal(q(1), q(1)), at_most(q(2), q(1))), "both")
    with hypotheses() as record:
        assume(every(at_most(lanes(0, 0, 2), 1), at_least(lanes(1, 0, 1), 1)), "both")
    assert list(record.kept) == [True, False, False]


def test_an_undecided_hypothesis_does_not_count_as_met():
    """A straddling ball neither satisfies nor violates: the instance is left out."""
    with pytest.raises(HypothesisFailed, match="'tight' could not be decided"), hypotheses():
        assume(at_most(ball(1, 0.5), ball(1)), "tight")
    with pytest.raises(ClaimError, match=r"assume\('plain'\) got bool"):
        assume(True, "plain")


def test_a_claim_returns_a_relation():
    """A tuple of relations is all of them; anything else is refused."""

    @claim("several")
    def several(M: MDP):
        return equal(M.gamma, M.gamma), at_most(M.gamma, 1)

    @claim("a number")
    def a_number(M: MDP):
        return M.gamma

    world = {"M": tiny("1/2", "1/2")["M"]}
    assert holds(several(**world)) == [True, True]
    with pytest.raises(ClaimError, match="a_number returned fmpq, expected a relation"):
        evaluate(a_number, world)


def test_a_chain_may_go_down():
    """`.at_least` puts the sides the other way round and goes on from its own line."""
    first, second, third = (flint.fmpq(k) for k in (2, 1, 3))
    links = chain(first).at_least(second, "less").at_most(third, "more").links
    assert [(k.kind, k.lhs, k.rhs) for k in links] == [("at_most", 1, 2), ("at_most", 1, 3)]


@pytest.mark.parametrize(
    ("relation", "holds", "void"),
    [
        (at_most(Infinity(), flint.fmpq(1)), False, False),
        (at_most(flint.fmpq(1), Infinity()), True, True),
        (at_most(flint.fmpq(1), Infinity(-1)), False, False),
        (at_most(Infinity(-1), Infinity(-1)), True, True),
        (at_most(Infinity(-1), flint.fmpq(1)), True, True),
        (equal(Infinity(), flint.fmpq(1)), False, False),
        (equal(Infinity(), Infinity()), True, True),
        (at_most(row(Infinity(), flint.fmpq(2)), row(Infinity(), flint.fmpq(1))), False, True),
    ],
)
def test_infinity_breaks_a_finite_bound_and_makes_an_infinite_one_void(relation, holds, void):
    """What is finite beside it is still judged."""
    decision = compare(relation.links[0])
    assert (decision.holds, decision.void) == (holds, void)
