"""Optimal values: against every deterministic policy, a linear program, and answers by hand."""

from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import oracle
from tests.drawing import (
    as_float,
    as_rational,
    cast,
    float_mdp,
    float_policy,
    instance,
    mdps,
    worlds,
)
from tests.oracle import fractions
from theorylab import MDP, Policy, RewardMDP
from theorylab.arithmetic import PRIME_FIELD, using
from theorylab.balls import Ball, balls
from theorylab.errors import InvalidArgument, Unsupported
from theorylab.lanes import stack, unstack
from theorylab.lowering import lower
from theorylab.tape import recording
from theorylab.theory.planning import (
    _enclosed,
    _improve,
    best_performance,
    deterministic,
    greedy,
    greedy_policy,
    optimal_performance,
    optimal_policy,
    optimal_value,
    optimal_value_by_linear_program,
    value_iteration,
)
from theorylab.theory.tabular import (
    backup,
    bellman,
    expectation,
    optimal_bellman,
    performance,
    policy_transitions,
    value,
)
from theorylab.worlds.checks import to_float
from theorylab.worlds.mdp import map_tables, unchecked

SIZES = [(3, 2), (2, 3), (1, 1), (1, 3), (3, 1)]
SENSES = {"cost": min, "reward": max}


@pytest.mark.parametrize("sense", SENSES)
@pytest.mark.parametrize(("S", "A"), SIZES)
def test_optimal_values_are_the_best_of_all_deterministic_policies(S, A, sense) -> None:
    """Policy iteration finds, state by state, what enumeration in plain fractions finds."""

    @given(mdps(S, A, sense))
    def check(M: MDP) -> None:
        P, payoff, gamma, start = fractions([M.P, M.payoff, M.gamma, M.start])
        best = oracle.best_values(P, payoff, gamma, SENSES[sense])
        assert fractions(optimal_value(M)) == best
        assert fractions(optimal_performance(M)) == oracle.dot(start, best)

    check()


@given(worlds(), st.sampled_from(sorted(SENSES)))
def test_no_policy_is_better_than_an_optimal_one(drawn: tuple, sense: Any) -> None:
    """V* is at least as good as V^pi in every state, and the fixed point of the best backup."""
    M = MDP(drawn[0].P, drawn[0].payoff, drawn[0].gamma, drawn[0].start, sense)
    V = optimal_value(M)
    assert (optimal_bellman(M, V) == V).all()
    assert (value(M, optimal_policy(M)) == V).all()
    for pi in drawn[2:]:
        gap = value(M, pi) - V if sense == "cost" else V - value(M, pi)
        assert (gap >= 0).all()


@given(mdps(3, 2))
def test_a_reward_is_a_cost_turned_round(M: MDP) -> None:
    """Rewards 1 - c have the same optimal policies, and V* of 1/(1 - gamma) less the costs'."""
    turned = RewardMDP(M.P, 1 - M.payoff, M.gamma, M.start)
    assert (optimal_value(turned) == 1 / (1 - M.gamma) - optimal_value(M)).all()
    assert (optimal_policy(turned).probabilities == optimal_policy(M).probabilities).all()


@pytest.mark.parametrize("sense", SENSES)
def test_a_greedy_policy_is_the_same_in_every_system(sense) -> None:
    """The best backup's action for given values, exactly, in balls, and lane by lane."""
    rng = np.random.default_rng(5)
    batch, values = float_mdp(rng, 3, 3, 6, sense=sense), rng.random((6, 3))
    lanes = greedy_policy(map_tables(batch, unstack), unstack(values)).probabilities
    for k in range(6):
        M = rational_twin(instance(batch, k))
        V = np.array([as_rational(v) for v in values[k]], dtype=object)
        best = [SENSES[sense](range(3), key=row.__getitem__) for row in fractions(backup(M, V))]
        chosen = np.array(best)[:, None] == np.arange(3)
        assert (greedy_policy(M, V).probabilities == chosen.astype(int)).all()
        in_balls = greedy_policy(map_tables(M, balls), balls(V)).probabilities
        assert (in_balls == chosen.astype(int)).all()
        assert (stack(lanes)[k] == chosen).all()


def test_a_greedy_policy_in_balls_takes_the_smallest_of_equals_or_refuses() -> None:
    """Equal balls are a tie; balls that overlap without being equal are no choice."""
    M = MDP(P=[[[1]] * 3], payoff=[["1/2", "1/4", "1/4"]], gamma="1/2", start=[1])
    tied = map_tables(M, balls)
    zero = balls(np.array([flint.fmpq(0)], dtype=object))
    assert greedy_policy(tied, zero).probabilities.tolist() == [[0, 1, 0]]
    wide = np.array([Ball(flint.arb(0, 1))], dtype=object)
    P = balls(np.array([[[flint.fmpq(k, 4)] for k in (1, 2, 3)]], dtype=object))
    first_in_doubt = balls(np.array([[[flint.fmpq(k)] for k in (1, 0, 0)]], dtype=object))
    for table in (P, first_in_doubt):
        doubtful = unchecked(MDP, **{**vars(tied), "P": table})
        with pytest.raises(Unsupported, match="in doubt"):
            greedy_policy(doubtful, wide)


def corridor(S: int, gamma: Any, sense: Any = "cost") -> MDP:
    """States in a row: action 0 stays, action 1 steps on; the last one is the only good one."""
    P = [[[int(t == s) for t in range(S)], [int(t == min(s + 1, S - 1)) for t in range(S)]]
         for s in range(S)]  # fmt: skip
    bad, good = (1, 0) if sense == "cost" else (0, 1)
    payoff = [[bad, bad]] * (S - 1) + [[good, good]]
    return MDP(P=P, payoff=payoff, gamma=gamma, start=[1] + [0] * (S - 1), sense=sense)


@pytest.mark.parametrize("sense", SENSES)
def test_policy_iteration_improves_as_often_as_it_takes(sense) -> None:
    """In a corridor the good news passes one state in each round: V = 1 + g + ... by hand."""
    S, gamma = 6, Fraction(2, 3)
    M = corridor(S, gamma, sense)
    steps = [S - 1 - s for s in range(S)]
    costs = [sum(gamma**k for k in range(n)) for n in steps]
    expected = costs if sense == "cost" else [gamma**n / (1 - gamma) for n in steps]
    assert fractions(optimal_value(M)) == expected
    batch = [map_tables(corridor(S, g, sense), to_float) for g in ("2/3", "1/2", 0)]
    tables = ([getattr(m, name) for m in batch] for name in ("P", "payoff", "gamma", "start"))
    together = MDP(*(np.stack(table).astype(float) for table in tables), sense)
    np.testing.assert_allclose(optimal_value(together)[0], [float(v) for v in expected])
    lanes = optimal_value(map_tables(together, unstack))
    np.testing.assert_allclose(stack(lanes), optimal_value(together))


@pytest.mark.parametrize("sense", SENSES)
def test_an_improvement_of_a_batch_is_that_of_each(sense) -> None:
    """Actions change where they are worse, instance by instance and state by state."""
    rng = np.random.default_rng(9)
    batch, values = float_mdp(rng, 4, 3, 5, sense=sense), rng.random((5, 4))
    actions = rng.integers(3, size=(5, 4))
    found = _improve(batch, values, actions)
    for k in range(5):
        best = greedy(instance(batch, k), values[k])
        assert (_improve(instance(batch, k), values[k], actions[k]) == found[k]).all()
        assert (found[k] == best).all()


@pytest.mark.parametrize("sense", SENSES)
def test_exact_tables_know_the_smallest_difference(sense) -> None:
    """The better action by 1/10^12 is taken, be it the first or the second: no tolerance."""
    for better in (0, 1):
        payoff = [[Fraction(1, 2), Fraction(1, 2)]]
        payoff[0][better] += Fraction(1 if sense == "reward" else -1, 10**12)
        M = MDP(P=[[[1], [1]]], payoff=payoff, gamma="1/2", start=[1], sense=sense)
        assert fractions(optimal_value(M)) == [2 * payoff[0][better]]
        assert fractions(optimal_policy(M).probabilities)[0][better] == 1


@pytest.mark.parametrize("sense", SENSES)
def test_the_linear_program_finds_the_same(sense) -> None:
    """HiGHS agrees with policy iteration, in floats and on exact tables."""
    rng = np.random.default_rng(0)
    for S, A in SIZES:
        M = float_mdp(rng, S, A, sense=sense)
        by_program = optimal_value_by_linear_program(M)
        np.testing.assert_allclose(by_program, optimal_value(M), rtol=1e-7, atol=1e-7)
        exact = map_tables(M, np.vectorize(as_rational, otypes=[object]))
        np.testing.assert_allclose(optimal_value_by_linear_program(exact), by_program, rtol=1e-7)


def rational_twin(M: MDP) -> MDP:
    """The float MDP with every float taken as the rational it is."""
    return map_tables(M, lambda t: np.asarray(np.frompyfunc(as_rational, 1, 1)(t), dtype=object))


def assert_encloses(M: MDP, tolerance: float, *, may_refuse: bool = False) -> None:
    """lower <= V* <= upper, exactly, no wider than asked for; or refused, where that is allowed."""
    try:
        found = value_iteration(M, tolerance, max_sweeps=40_000)
    except InvalidArgument:
        assert may_refuse
        return
    for low, V, up in zip(found.lower, optimal_value(rational_twin(M)), found.upper, strict=True):
        assert as_rational(low) <= V <= as_rational(up)
    assert (found.upper - found.lower).max() <= tolerance * (1 + 1e-9)


@pytest.mark.parametrize(
    ("gamma", "tolerance", "may_refuse"),
    [
        (0.5, 1e-8, False),
        (0.9, 1e-10, False),
        (0.99, 1e-8, False),
        (0.99, 1e-12, True),
        (0.999, 1e-6, False),
        (0.999, 1e-9, True),
    ],
)
def test_value_iteration_encloses_the_exact_value(gamma, tolerance, may_refuse) -> None:
    """The certified bounds hold for the float MDP as it is; rounding may refuse a tolerance."""
    rng = np.random.default_rng(1)
    for S, A in [(1, 1), (1, 3), (2, 1), (3, 2), (4, 2)]:
        for _ in range(4):
            drawn = float_mdp(rng, S, A)
            M = MDP(drawn.P, drawn.payoff, gamma, drawn.start)
            assert_encloses(M, tolerance, may_refuse=may_refuse)


def test_value_iteration_encloses_large_payoffs() -> None:
    """The rounding of payoffs near 1e9 is in the bounds, or the tolerance is refused."""
    S = 6
    P = np.zeros((S, 1, S))
    P[np.arange(S), 0, np.minimum(np.arange(S) + 1, S - 1)] = 1
    M = MDP(P, np.random.default_rng(1).random((S, 1)) * 1e9 / 3, 0.5, np.eye(S)[0])
    assert_encloses(M, 1e-8, may_refuse=True)


@pytest.mark.parametrize("sense", SENSES)
def test_value_iteration_takes_batches(sense) -> None:
    """A batch is enclosed instance by instance, with the greedy actions of each."""
    M = float_mdp(np.random.default_rng(2), 3, 2, 5, sense=sense)
    found = value_iteration(M, 1e-9)
    for k in range(5):
        V = optimal_value(instance(M, k))
        assert (found.lower[k] <= V + 1e-12).all() and (found.upper[k] + 1e-12 >= V).all()
        pi = deterministic(found.actions[k], 2, M.P)
        np.testing.assert_allclose(value(instance(M, k), pi), V, atol=1e-8)


@pytest.mark.parametrize("tolerance", [0, -1.0, float("nan")])
def test_a_tolerance_is_above_zero(tolerance: float) -> None:
    """A stopping error of 0, below 0 or NaN is refused with its value."""
    with pytest.raises(InvalidArgument, match=f"tolerance is {tolerance}"):
        value_iteration(float_mdp(np.random.default_rng(0), 2, 2), tolerance)


def test_value_iteration_is_for_floats_and_says_when_it_is_not_there() -> None:
    """Exact tables are refused by name of the remedy; too few sweeps are no certificate."""
    M = float_mdp(np.random.default_rng(0), 2, 2)
    with pytest.raises(InvalidArgument, match="optimal_value"):
        value_iteration(rational_twin(M))
    with pytest.raises(InvalidArgument, match="not reached in 2 sweeps"):
        value_iteration(M, 1e-9, max_sweeps=2)


@pytest.mark.parametrize("sense", SENSES)
def test_batches_of_floats_equal_the_loop(sense) -> None:
    """Optimal values, policies and performances of a batch are those of each instance."""
    M = float_mdp(np.random.default_rng(3), 3, 2, 6, sense=sense)
    V, pi, J = optimal_value(M), optimal_policy(M), optimal_performance(M)
    for k in range(6):
        one = instance(M, k)
        np.testing.assert_allclose(V[k], optimal_value(one), rtol=1e-12)
        np.testing.assert_array_equal(pi.probabilities[k], optimal_policy(one).probabilities)
        assert J[k] == pytest.approx(optimal_performance(one), rel=1e-12)


def two_ways(first: Any, second: Any, gamma: Any = "1/2", sense: Any = "cost") -> MDP:
    """From state 0, action 0 pays `first` and ends, action 1 pays 0 and then `second` once."""
    return MDP(
        P=[[[0, 1, 0], [0, 0, 1]], [[0, 1, 0]] * 2, [[0, 1, 0]] * 2],
        payoff=[[first, 0], [0, 0], [second, second]],
        gamma=gamma,
        start=[1, 0, 0],
        sense=sense,
    )


def test_the_best_action_by_hand() -> None:
    """Pay 1/3 now or 1 later at gamma = 1/2: now for costs, later for rewards; at 0 greed."""
    for sense, gamma, V, action in [
        ("cost", "1/2", Fraction(1, 3), 0),
        ("reward", "1/2", Fraction(1, 2), 1),
        ("cost", 0, Fraction(0), 1),
        ("reward", 0, Fraction(1, 3), 0),
        ("cost", "1/4", Fraction(1, 4), 1),
    ]:
        M = two_ways("1/3", 1, gamma, sense)
        assert fractions(optimal_value(M))[0] == V
        assert fractions(optimal_policy(M).probabilities)[0][action] == 1


@pytest.mark.parametrize("sense", SENSES)
def test_ties_go_to_the_smallest_action(sense) -> None:
    """1/2 now equals 1 later at gamma = 1/2: action 0 is taken, exactly and in floats."""
    M = two_ways("1/2", 1, sense=sense)
    for world in (M, cast(M, as_float)):
        assert (optimal_policy(world).probabilities[:, 0] == 1).all()
    assert list(greedy(M, 0 * M.start)) == [1 if sense == "cost" else 0, 0, 0]


@given(mdps(2, 2))
def test_balls_enclose_the_optimal_value(M: MDP) -> None:
    """The ball of V* holds the rational V*, ties or not."""
    enclosed = optimal_value(map_tables(M, balls))
    for ball, V in zip(enclosed, optimal_value(M), strict=True):
        assert (ball.arb * int(V.q)).contains(int(V.p))


def test_a_prime_field_has_no_best_action() -> None:
    """Where there is no order there is no optimal policy."""
    M = map_tables(two_ways(1, 1), lambda t: t * flint.nmod(1, 101) + flint.nmod(0, 101))
    with pytest.raises(Unsupported, match="no order"), using(PRIME_FIELD):
        optimal_value(M)


def test_on_a_tape_few_policies_are_enumerated_and_many_refused() -> None:
    """The tape takes the best of all deterministic policies, up to a limit that it names."""
    for sizes, allowed in (((2, 2), True), ((3, 3), False)):
        M = float_mdp(np.random.default_rng(0), *sizes)
        with recording() as tape:
            node = np.frompyfunc(lambda x, tape=tape: tape.constant(Fraction(x)), 1, 1)
            traced = map_tables(M, lambda t, node=node: np.asarray(node(t), dtype=object))
            if allowed:
                assert optimal_value(traced).shape == (2,)
            else:
                with pytest.raises(Unsupported, match="27 deterministic policies"):
                    optimal_value(traced)


@given(worlds(2, 2))
def test_the_best_of_a_class_follows_the_sense(drawn: tuple) -> None:
    """best_performance is the least cost or the largest reward of the class."""
    M, _, *policies = drawn
    values = [performance(M, pi) for pi in policies]
    assert best_performance(M, tuple(policies)) == min(values)
    turned = MDP(M.P, M.payoff, M.gamma, M.start, "reward")
    assert best_performance(turned, tuple(policies)) == max(values)


def test_a_class_of_policies_is_not_empty_and_may_be_a_batch() -> None:
    """No policy: refused. A batch: the best of each instance."""
    rng = np.random.default_rng(4)
    M, policies = float_mdp(rng, 2, 2, 3), tuple(float_policy(rng, 2, 2, 3) for _ in range(4))
    with pytest.raises(InvalidArgument, match="policies is empty"):
        best_performance(M, ())
    expected = np.min([performance(M, pi) for pi in policies], axis=0)
    np.testing.assert_array_equal(best_performance(M, policies), expected)


def test_two_roads_to_the_same_operator() -> None:
    """The optimal backup is the policy's own at the greedy policy."""
    M = float_mdp(np.random.default_rng(5), 4, 3)
    V = np.arange(4.0)
    pi = deterministic(greedy(M, V), 3, M.P)
    np.testing.assert_allclose(optimal_bellman(M, V), bellman(M, pi, V), rtol=1e-15)
    assert policy_transitions(M, pi).shape == (4, 4)
    assert expectation(pi, M.payoff).shape == (4,) and isinstance(pi, Policy)


@pytest.mark.parametrize("sense", SENSES)
def test_an_enclosure_from_a_bad_policy_holds_the_optimum_and_no_more_than_it_must(sense) -> None:
    """V of any policy, widened by its worst Bellman residual over 1 - gamma, holds V*."""
    rng = np.random.default_rng(11)
    for _ in range(6):
        M = rational_twin(float_mdp(rng, 3, 3, sense=sense))
        V = value(M, Policy.deterministic(rng.integers(3, size=3), 3))
        Q = backup(M, V)
        gains = V[:, None] - Q if sense == "cost" else Q - V[:, None]
        width = max(0, *fractions(gains.ravel())) / (1 - Fraction(*fraction_of(M.gamma)))
        found = _enclosed(map_tables(M, balls), balls(V))
        for ball, best in zip(found, optimal_value(M), strict=True):
            assert ball.arb.contains(best)
            assert float(ball.arb.rad()) == pytest.approx(float(width), rel=1e-6, abs=1e-12)


def fraction_of(x: Any) -> tuple[int, int]:
    """Numerator and denominator of a flint rational."""
    return int(x.p), int(x.q)


def on_floats(nodes: Any, inputs: dict[str, float]) -> list[float]:
    """The nodes of a tape evaluated step by step in plain floats."""
    program = lower(nodes[0].tape, list(nodes))
    plain = {"+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y,
             "/": lambda x, y: x / y, "min": min, "max": max}  # fmt: skip
    done: list[float] = []
    for name, *operands in program.operations:
        if name == "input":
            done.append(inputs[operands[0]])
        elif name == "constant":
            done.append(float(operands[0]))
        else:
            done.append(plain[name](*(done[k] for k in operands)))
    return [done[k] for k in program.results]


@pytest.mark.parametrize("sense", SENSES)
@pytest.mark.parametrize(("S", "A"), [(2, 4), (3, 2), (1, 3)])
def test_the_tape_takes_the_best_of_all_policies(S, A, sense) -> None:
    """Traced, V* is the best over all deterministic policies, of which there may be 16."""
    M, inputs = float_mdp(np.random.default_rng(S), S, A, sense=sense), {}
    with recording() as tape:

        def traced(table: Any) -> Any:
            out = np.empty(table.shape, dtype=object)
            for index in np.ndindex(*table.shape):
                inputs[str(len(inputs))] = float(table[index])
                out[index] = tape.input(str(len(inputs) - 1))
            return out

        found = optimal_value(map_tables(M, traced))
    np.testing.assert_allclose(on_floats(found, inputs), optimal_value(M), rtol=1e-10)


def test_a_tolerance_of_zero_is_refused() -> None:
    """It must be above 0, and the message says so."""
    M = float_mdp(np.random.default_rng(0), 2, 2)
    with pytest.raises(InvalidArgument, match="tolerance is 0, expected a number above 0"):
        value_iteration(M, 0)


def test_value_iteration_counts_its_sweeps_and_knows_payoffs_of_both_signs() -> None:
    """At discount 0 one sweep is enough; with gains and losses the bounds are as narrow as said."""
    rng = np.random.default_rng(2)
    drawn = float_mdp(rng, 3, 2)
    assert value_iteration(MDP(drawn.P, drawn.payoff, 0.0, drawn.start)).sweeps == 1
    for _ in range(4):
        drawn = float_mdp(rng, 3, 2)
        for gamma in (0.1, 0.9):
            assert_encloses(MDP(drawn.P, drawn.payoff - 0.5, gamma, drawn.start), 1e-8)


def test_value_iteration_stops_when_every_instance_of_a_batch_is_within_the_tolerance() -> None:
    """An easy instance beside a hard one does not end the sweeps of the hard one."""
    drawn = float_mdp(np.random.default_rng(4), 3, 2, 2)
    found = value_iteration(MDP(drawn.P, drawn.payoff, np.array([0.0, 0.95]), drawn.start), 1e-8)
    assert (found.upper - found.lower).max() <= 1e-8 * (1 + 1e-9)
