"""The exhaustive engine: it visits what it says, all of it, and nothing twice."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from theorylab import MDP, DeterministicPolicy, Model, Outcome, Policy, at_most, claim, equal
from theorylab.arithmetic import log
from theorylab.engines.budget import QUICK
from theorylab.engines.exhaustive import _chunks, _grid, exhaustive, names_nothing
from theorylab.engines.judging import rebuild
from theorylab.notation import D, E, J, V, l1_norm, sup_norm

WIDE = replace(QUICK, grid=200_000)


@claim("costs in [0, 1]")
def bounded(M: MDP, pi: Policy):
    return at_most(J(M, pi) * (1 - M.gamma), 1)


@claim("the same, with an entry picked")
def picked(M: MDP, pi: Policy):
    return at_most(V(M, pi)[0] * (1 - M.gamma), 1)


@claim("half of the simulation gap's constant")
def quarter_span(M: MDP, M_hat: Model, pi: Policy):
    gap = E(D(M, pi), l1_norm(M.P - M_hat.P))
    bound = M.gamma / (1 - M.gamma) * sup_norm(V(M_hat, pi)) * gap / 4
    return at_most(J(M, pi) - J(M_hat, pi), bound)


@claim("false at one grid instance of a shape")
def one_corner(M: MDP):
    off = (1 - M.P[0, 0, 0]) * M.P[1, 0, 0] if M.S == 2 else 0 * M.gamma
    return at_most(off * M.c[0, 0] * M.start[0] * (1 - M.c.sum() / 2), 3 * M.gamma / 5)


@claim("an identity")
def identity(M: MDP, pi: Policy):
    return equal(J(M, pi), E(M.start, V(M, pi)))


@claim("a discrete choice")
def chosen(M: MDP, pi: DeterministicPolicy):
    return at_most(J(M, pi) * (1 - M.gamma), 1)


@claim("irrational")
def logarithm(M: MDP, pi: Policy):
    return at_most(log(1 + J(M, pi)), J(M, pi))


def count(claim, sizes):
    return sum(len(block) for block in _chunks(claim, sizes, _grid(claim, sizes)))


def test_the_grid_is_counted_by_hand():
    """S=1, A=2: four costs, two discounts, three policies; swapping the actions leaves 3 costs."""
    assert count(picked, {"S": 1, "A": 2}) == 4 * 2 * 3
    assert count(bounded, {"S": 1, "A": 2}) == 3 * 2 * 3
    # S=2, A=1: nine P, four costs, two discounts, three starts; no policy to choose
    assert count(picked, {"S": 2, "A": 1}) == 9 * 4 * 2 * 3
    assert count(chosen, {"S": 1, "A": 2}) == 3 * 2 * 2


def test_relabelling_leaves_one_of_each_orbit():
    """Every world of the grid is a relabelling of exactly one world that is visited."""
    sizes = {"S": 2, "A": 1}
    blocks = _chunks(bounded, sizes, _grid(bounded, sizes))
    visited = [rebuild(bounded, sizes, [int(k) for k in row])["M"] for b in blocks for row in b]
    orbits = [frozenset((world(M), world(relabelled(M)))) for M in visited]
    assert len(set(orbits)) == len(orbits)
    assert sum(map(len, orbits)) == 9 * 4 * 2 * 3


def world(M):
    tables = (M.P, M.payoff, M.start, np.array([M.gamma]))
    return tuple(str(x) for table in tables for x in table.ravel())


def relabelled(M):
    return replace_tables(M, [1, 0])


def replace_tables(M, order):
    P = M.P[order][:, :, order]
    return MDP(P=P, payoff=M.payoff[order], gamma=M.gamma, start=M.start[order])


def test_a_claim_that_picks_an_entry_is_not_relabelled():
    """Positions and tie rules tell states apart; axes moved about do not."""
    assert names_nothing(bounded) and names_nothing(quarter_span)
    assert not names_nothing(picked) and not names_nothing(one_corner)


def test_all_instances_hold_and_the_count_is_said():
    found = exhaustive(bounded, WIDE, 0)
    assert found.outcome is Outcome.SUPPORTED
    assert found.note.startswith(f"all {found.tried:,} grid instances up to relabelling")
    assert found.tried == sum(count(bounded, sizes) for sizes in found.shapes)


@pytest.mark.parametrize("false", [quarter_span, one_corner])
def test_what_is_false_on_the_grid_is_found(false):
    found = exhaustive(false, WIDE, 0)
    assert found.outcome is Outcome.REFUTED and found.broken[0].sizes["S"] == 2


def test_one_corner_is_broken_once():
    """The planted claim is broken at exactly one of the 216 instances: S=2, gamma = 1/2 < ..."""
    sizes = {"S": 2, "A": 1}
    broken = 0
    for block in _chunks(one_corner, sizes, _grid(one_corner, sizes)):
        for row in block:
            instance = rebuild(one_corner, sizes, [int(k) for k in row])
            link = one_corner(**instance).links[0]
            broken += bool(link.lhs > link.rhs)
    assert broken == 1


def test_identities_are_left_to_others():
    assert exhaustive(identity, WIDE, 0).outcome is None


def test_balls_decide_what_is_irrational():
    """log(1 + x) <= x, with a tie at 0 that is exact."""
    found = exhaustive(logarithm, QUICK, 0)
    assert (found.outcome, found.undecided) == (Outcome.SUPPORTED, 0)


def test_the_grid_is_that_of_the_documentation():
    """Entries in {0, 1/2, 1}, costs in {0, 1}, discounts in {1/2, 9/10}."""
    sizes = {"S": 2, "A": 1}
    rows = np.concatenate(list(_chunks(picked, sizes, _grid(picked, sizes))))
    worlds = [rebuild(picked, sizes, [int(k) for k in row])["M"] for row in rows]
    seen = {tuple(str(x) for x in M.P[0, 0]) for M in worlds}
    assert seen == {("1", "0"), ("0", "1"), ("1/2", "1/2")}
    pairs = {(str(M.gamma), str(M.payoff[0, 0])) for M in worlds}
    assert pairs == set(product(("1/2", "9/10"), ("0", "1")))


@claim("false by less than any precision tried")
def tied(M: MDP):
    return at_most(log(2 + M.gamma) + M.gamma**30_000, log(2 + M.gamma))


def test_ties_are_no_support():
    """Most instances are open at 512 bits: nothing is said."""
    found = exhaustive(tied, QUICK, 0)
    assert found.outcome is Outcome.UNDECIDED and 2 * found.undecided > found.kept
