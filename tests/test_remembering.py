"""What an evaluation remembers: the same objects once, and nothing beyond itself."""

import flint
import numpy as np
import pytest

from theorylab import MDP, Policy, at_most, claim
from theorylab.arithmetic import RATIONALS, using
from theorylab.claims import evaluate
from theorylab.remembering import once, remembering
from theorylab.theory import tabular

M = MDP(P=[[["1/2", "1/2"]], [[0, 1]]], payoff=[[1], [0]], gamma="9/10", start=[1, 0])
PI = Policy([[1], [1]])


def counted():
    """A function of objects that counts its calls, and gives another array each time."""
    calls = []

    def function(*objects):
        calls.append(objects)
        return np.array([len(calls)])

    return function, calls


def test_the_same_objects_are_computed_once_within():
    """The very array again, read-only; other objects have their own, even if they are equal."""
    function, calls = counted()
    with remembering():
        first = once(function, M, PI)
        assert once(function, M, PI) is first and not first.flags.writeable
        other = Policy([[1], [1]])
        assert once(function, M, other)[0] == 2 and once(function, M, PI) is first
    assert len(calls) == 2


def test_nothing_is_remembered_outside():
    """Neither without the block, nor from one block to the next."""
    function, calls = counted()
    assert [once(function, M)[0], once(function, M)[0]] == [1, 2]
    for _ in range(2):
        with remembering():
            once(function, M)
    assert len(calls) == 4
    with remembering():
        once(function, M)
        with remembering():  # another number system, maybe
            once(function, M)
        assert once(function, M)[0] == 5
    assert len(calls) == 6


def test_an_object_that_is_gone_is_not_taken_for_a_new_one():
    """Objects that are remembered are kept: a new one cannot have the place of an old one."""
    with remembering():
        found = [once(lambda x: np.array([x[0]]), np.array([k]))[0] for k in range(200)]
        echo = [once(_first, np.array([k]))[0] for k in range(200)]
    assert found == echo == list(range(200))


def _first(x):
    return np.array([x[0]])


def test_a_claim_solves_each_system_once(monkeypatch):
    """V(M, pi) named three times is one linear system, and the next evaluation solves its own."""
    solved = []
    solve = tabular.solve
    monkeypatch.setattr(tabular, "solve", lambda A, b: solved.append(1) or solve(A, b))

    @claim("value")
    def value(M: MDP, pi: Policy):
        V = tabular.value(M, pi)
        return at_most((V + tabular.value(M, pi)).sum(), 2 * tabular.value(M, pi).sum())

    for k in (1, 2):
        with using(RATIONALS):
            (link,), _ = evaluate(value, {"M": M, "pi": PI})
        assert len(solved) == k and link.lhs == link.rhs == flint.fmpq(40, 11)


def test_what_is_remembered_cannot_be_written():
    """A claim that changed a table in place would change it for the others: numpy refuses."""
    with remembering(), pytest.raises(ValueError, match="read-only"):
        tabular.value(M, PI)[0] = 0
