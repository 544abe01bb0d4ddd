"""Certificate and symbolic: identities of rational functions, tested modulo primes and expanded."""

from dataclasses import replace

import numpy as np
import pytest

from theorylab import (
    MDP,
    FiniteHorizonMDP,
    Integer,
    Model,
    NonstationaryPolicy,
    Number,
    Outcome,
    Policy,
    assume,
    at_most,
    claim,
    equal,
    every,
)
from theorylab.arithmetic import sqrt
from theorylab.engines.budget import QUICK
from theorylab.engines.certificate import certificate, failing_links, random_prime, trace
from theorylab.engines.judging import exactly, generator, rebuild
from theorylab.engines.symbolic import symbolic
from theorylab.notation import D, E, J, Q, V, d, d_at, sup_norm
from theorylab.theory.finite_horizon import finite_horizon_performance, finite_horizon_values
from theorylab.verdicts import judge

ENGINES = [certificate, symbolic]


def gap(M, M_hat, values):
    """The model's error in the next value, (S, A)."""
    return M.P @ values - M_hat.P @ values


@claim("simulation lemma")
def simulation(M: MDP, M_hat: Model, pi: Policy):
    inside = E(D(M, pi), gap(M, M_hat, V(M_hat, pi)))
    return equal(J(M, pi) - J(M_hat, pi), M.gamma / (1 - M.gamma) * inside)


@claim("performance difference")
def difference(M: MDP, pi: Policy, mu: Policy):
    advantage = Q(M, mu) - V(M, mu)[:, None]
    return equal((1 - M.gamma) * (J(M, pi) - J(M, mu)), E(D(M, pi), advantage))


@claim("finite horizon")
def finite(M: FiniteHorizonMDP, pi: NonstationaryPolicy):
    return equal(finite_horizon_performance(M, pi), E(M.start, finite_horizon_values(M, pi)[0]))


@claim("unrolled")
def unrolled(M: MDP, pi: Policy, n: Integer(1, 2)):
    first = sum(M.gamma**h * (1 - M.gamma) * d_at(M, pi, h) for h in range(n))
    return equal(d(M, pi), first + M.gamma**n * d(M.with_start(d_at(M, pi, n)), pi))


TRUE = [simulation, difference, finite, unrolled]


@claim("occupancy of the model")
def wrong_occupancy(M: MDP, M_hat: Model, pi: Policy):
    inside = E(D(M_hat, pi), gap(M, M_hat, V(M_hat, pi)))
    return equal(J(M, pi) - J(M_hat, pi), M.gamma / (1 - M.gamma) * inside)


@claim("value of the truth")
def wrong_value(M: MDP, M_hat: Model, pi: Policy):
    inside = E(D(M, pi), gap(M, M_hat, V(M, pi)))
    return equal(J(M, pi) - J(M_hat, pi), M.gamma / (1 - M.gamma) * inside)


@claim("a factor gamma too many")
def wrong_factor(M: MDP, M_hat: Model, pi: Policy):
    inside = E(D(M, pi), gap(M, M_hat, V(M_hat, pi)))
    return equal(J(M, pi) - J(M_hat, pi), M.gamma**2 / (1 - M.gamma) * inside)


@claim("a constant off by one in a million")
def wrong_constant(M: MDP, pi: Policy):
    return equal(1000000 * J(M, pi), 1000001 * E(M.start, V(M, pi)))


@claim("advantage of the other policy")
def wrong_policy(M: MDP, pi: Policy, mu: Policy):
    advantage = Q(M, pi) - V(M, pi)[:, None]
    return equal((1 - M.gamma) * (J(M, pi) - J(M, mu)), E(D(M, pi), advantage))


@claim("a step too late")
def wrong_step(M: MDP, pi: Policy, n: Integer(1, 2)):
    first = sum(M.gamma**h * (1 - M.gamma) * d_at(M, pi, h) for h in range(n))
    return equal(d(M, pi), first + M.gamma**n * d(M.with_start(d_at(M, pi, n - 1)), pi))


@claim("true for one state only")
def one_state(M: MDP, pi: Policy):
    return equal(V(M, pi)[0], J(M, pi))


@claim("true for one action only")
def one_action(M: MDP, pi: Policy, mu: Policy):
    return equal(V(M, pi), V(M, mu))


@claim("Vandermonde: zero for fewer than three states")
def three_states(M: MDP):
    x = M.start
    product = 1
    for i in range(M.S):
        for j in range(M.S):
            product = product * ((x[i] - x[j]) if i != j else 1)
    return equal(product * (M.S - 1) * (M.S - 2), 0)


FALSE = {
    wrong_occupancy: (2, 1), wrong_value: (2, 1), wrong_factor: (2, 1), wrong_constant: (1, 1),
    wrong_policy: (1, 2), wrong_step: (2, 1), one_state: (2, 1), one_action: (1, 2),
    three_states: (3, 2),
}  # fmt: skip


@pytest.mark.parametrize("true", TRUE, ids=lambda c: c.name)
def test_a_true_identity_is_certified(true):
    """At every shape, and a false one would have passed with probability below 1e-20."""
    found = certificate(true, QUICK, 0)
    assert found.outcome is Outcome.CERTIFIED
    assert 0 < found.failure < 1e-20
    assert found.kept == len(found.shapes) * QUICK.trials
    assert {(n["S"], n["A"]) for n in found.shapes} >= {(1, 1), (2, 2), (2, 3), (3, 2)}


@pytest.mark.parametrize("true", TRUE, ids=lambda c: c.name)
def test_a_true_identity_is_proved_for_the_shapes_named(true):
    """Each shape proved is named, none else, and all of them are small."""
    found = symbolic(true, QUICK, 0)
    assert found.outcome is Outcome.PROVED
    for sizes in found.shapes:
        assert f"S={sizes['S']} A={sizes['A']}" in found.note
        assert sizes["S"] * sizes["A"] <= 4
    assert found.kept == len(found.shapes)


@pytest.mark.parametrize(
    ("engine", "false"),
    [(e, c) for e in ENGINES for c in FALSE if (e, c) != (symbolic, three_states)],
)
def test_a_subtly_false_identity_is_refuted_at_its_smallest_shape(engine, false):
    """One index, factor, argument or step: an exact counterexample, never a conflict."""
    found = engine(false, QUICK, 0)
    assert found.outcome is Outcome.REFUTED
    assert found.suspected == ()
    (broken,) = found.broken
    assert (broken.sizes["S"], broken.sizes["A"]) == FALSE[false]
    again = exactly(false, rebuild(false, broken.sizes, broken.numbers))
    assert again.broken() == [0]


def test_what_is_true_for_one_state_is_refuted_at_larger_ones():
    """The sizes below the first false one pass at every prime, the others fail at each."""
    rng = generator(one_state, "test", 0)
    for S, A in [(1, 1), (1, 3), (2, 1), (3, 2), (4, 2)]:
        failing = failing_links(one_state, {"S": S, "A": A}, rng, 1)
        assert failing == ({0} if S > 1 else set())
    for S in (1, 2, 3, 4):
        assert bool(failing_links(three_states, {"S": S, "A": 1}, rng, 1)) == (S >= 3)


def test_symbolic_names_only_the_shapes_at_which_it_is_true():
    """An identity of two states: proved at S <= 2, refuted by the certificate; so it is refuted."""
    proved, refuted = symbolic(three_states, QUICK, 0), certificate(three_states, QUICK, 0)
    assert proved.outcome is Outcome.PROVED
    assert max(n["S"] for n in proved.shapes) == 2
    assert judge([proved, refuted]).outcome is Outcome.REFUTED


@claim("an inequality")
def inequality(M: MDP, pi: Policy):
    return at_most(J(M, pi), sup_norm(V(M, pi)))


@claim("an inequality of ring arithmetic")
def plain_inequality(M: MDP):
    return at_most(M.gamma, 1)


@claim("a root")
def root(x: Number(0, 1)):
    return equal(sqrt(x) ** 2, x)


@claim("a hypothesis")
def conditional(M: MDP, pi: Policy):
    assume(equal(M.gamma, 0), "no future")
    return equal(V(M, pi), E(pi, M.c))


@claim("a zero denominator")
def zero_denominator(M: MDP):
    return equal(M.gamma / (M.start.sum() - 1), 0)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (inequality, "prime field|no polynomial form|at_most"),
        (plain_inequality, "at_most|order"),
        (root, "sqrt"),
        (conditional, "hypothes|decides no relation"),
        (zero_denominator, "zero|undefined"),
    ],
)
def test_what_is_no_identity_is_not_theirs(engine, other, reason):
    """Not applicable, with a reason; never a verdict."""
    found = engine(other, QUICK, 0)
    assert found.outcome is None
    assert found.broken == () and found.failure is None
    assert any(word in found.note for word in reason.split("|"))


@claim("an identity and an inequality")
def mixed(M: MDP, pi: Policy):
    return every(equal(J(M, pi), E(M.start, V(M, pi))), at_most(M.gamma, 1))


@claim("a false identity and an inequality")
def mixed_false(M: MDP, pi: Policy):
    return every(at_most(M.gamma, 1), equal(J(M, pi), V(M, pi)[0]))


@pytest.mark.parametrize("engine", ENGINES)
def test_an_identity_beside_an_inequality_supports_only(engine):
    """The equalities are seen to, the whole is neither certified nor proved."""
    assert engine(mixed, QUICK, 0).outcome is Outcome.SUPPORTED
    found = engine(mixed_false, QUICK, 0)
    assert found.outcome is Outcome.REFUTED
    assert [c.link for c in found.broken] == [1]


def test_polynomials_that_grow_too_large_are_left_out():
    """With few terms allowed fewer shapes are proved, and the note says why."""
    few, none = (symbolic(simulation, replace(QUICK, terms=t), 0) for t in (60, 1))
    assert 0 < len(few.shapes) < len(symbolic(simulation, QUICK, 0).shapes)
    assert "too many terms" in few.note
    assert none.outcome is None and "no shape is small enough" in none.note


def test_more_primes_leave_less_doubt():
    """The failure probability is a power of that of one trial, and grows with the degree."""
    one, two, three = (
        certificate(simulation, replace(QUICK, trials=t), 0).failure for t in (1, 2, 3)
    )
    assert one > 1e9 * two > 1e18 * three > 0
    assert certificate(equal_numbers, replace(QUICK, trials=1), 0).failure < one
    assert "degree 3;" in certificate(equal_cubes, QUICK, 0).note


@claim("of degree one")
def equal_numbers(M: MDP):
    return equal(M.gamma + M.c, M.c + M.gamma)


@claim("of degree three")
def equal_cubes(M: MDP):
    x, y = M.gamma, M.c
    return equal((x + y) ** 3, x**3 + 3 * x**2 * y + 3 * x * y**2 + y**3)


def test_primes_are_drawn_anew():
    """Primes lie between 2^60 and 2^61 and differ."""
    rng = np.random.default_rng(0)
    primes = {random_prime(rng) for _ in range(5)}
    assert len(primes) == 5
    assert all(2**60 < p < 2**61 and p % 2 and pow(3, p - 1, p) == 1 for p in primes)


def test_a_trace_has_one_input_for_each_free_entry():
    """A row of n entries has n - 1 free ones; costs, discount and start besides."""
    tape, links = trace(simulation, {"S": 2, "A": 2})
    inputs = [op for op in tape.operations if op[0] == "input"]
    free = 4 * 1 + 4 + 1 + 1  # P, costs, discount, start
    assert len(inputs) == free + 4 + 2  # the model's P and the policy
    assert len(links) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_seed_finds_the_same(engine):
    """Evidence repeats with the seed."""
    assert engine(wrong_policy, QUICK, 5) == engine(wrong_policy, QUICK, 5)
