"""The belief tree and its optimal plans, against expectimax on histories that are never merged."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from tests.latent_oracle import optimum, plain
from theorylab.algorithms import alpha_vectors
from theorylab.algorithms.latent_planning import (
    history_policy,
    node_of,
    optimal_plan,
    optimal_value,
    tree_nodes,
)
from theorylab.algorithms.latent_tree import belief_tree
from theorylab.algorithms.latent_tree_memory import history_counts
from theorylab.errors import InvalidArgument, ModelError, TooLargeTree, UnreachableHistory
from theorylab.theory import latent
from theorylab.worlds.hard_instance import hard_instance, hard_layout
from theorylab.worlds.latent_instances import (
    diagnosis,
    in_floats,
    random_latent,
    random_spikes,
    telling_arms,
)
from theorylab.worlds.latent_mdp import LatentMDP

SHAPES = [(1, 1, 1, 1), (2, 1, 2, 3), (3, 2, 2, 2), (2, 2, 3, 2), (2, 3, 2, 2), (3, 1, 2, 4),
          (1, 2, 2, 3), (4, 2, 1, 4), (2, 2, 2, 3), (3, 3, 2, 2)]  # fmt: skip
PLANNERS = [optimal_value, alpha_vectors.optimal_value]
"""Functions of an exact latent MDP to its optimal value; each must agree exactly."""
HALF = Fraction(1, 2)
SPREAD = range(3, 500, 43)
"""Twelve seeds with every shape, every degree and spikes."""


def instance(seed):
    """Dense, sparse, deterministic ones and spikes, of small pairwise different sizes."""
    M, S, A, H = SHAPES[seed % 10]
    if seed % 7 == 6:
        return random_spikes(seed, M=M, S=S + 1, A=A, H=min(H, 3))
    degree = [None, None, 1, max(1, S - 1)][seed // 10 % 4]
    return random_latent(seed, M=M, S=S, A=A, H=H, L=1 + seed % 3, degree=degree)


def agreed(seeds):
    """Both planners against expectimax on the histories, without merging, as fractions."""
    for seed in seeds:
        W = instance(seed)
        values = [plain(planner(W)) for planner in PLANNERS]
        assert values == 2 * [optimum(W)], f"seed {seed}"


def test_planners_agree_on_twelve_instances():
    """Both, exactly; all 500 are nightly."""
    assert len(SPREAD) == 12
    agreed(SPREAD)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(10))
def test_planners_agree_on_500_instances(part):
    """Belief tree, alpha vectors and expectimax, exactly, 50 instances a part."""
    agreed(range(50 * part, 50 * part + 50))


@pytest.mark.parametrize("part", range(10))
def test_the_tree_has_the_values_of_expectimax_without_merging(part):
    """Exactly, on 500 instances."""
    for seed in range(50 * part, 50 * part + 50):
        W = instance(seed)
        assert plain(optimal_value(W)) == optimum(W), f"seed {seed}"


@pytest.mark.parametrize("seed", range(0, 500, 3))
def test_floats_err_by_rounding_only(seed):
    W = instance(seed)
    assert optimal_value(in_floats(W)) == pytest.approx(float(plain(optimal_value(W))), abs=1e-13)


HARD = [((6, 2, 2), 1, "1/8", (0, 1)), ((11, 2, 2), 1, "1/4", (7, 1)),
        ((7, 2, 6), "1/2", "1/8", (0, 1, 1, 0, 0, 1))]  # fmt: skip
NAMED = [
    (diagnosis(2), Fraction(3, 4)), (diagnosis(5), Fraction(27, 32)),
    (diagnosis(3, "2/3"), Fraction(2, 3)), (diagnosis(4, 1), 1),
    (diagnosis(3, "1/2"), Fraction(1, 2)), (diagnosis(9), Fraction(3807, 4096)),
    (telling_arms(2, 4), Fraction(7, 8)), (telling_arms(3, 3), Fraction(2, 3)),
    (telling_arms(3, 5), Fraction(4, 5)), (telling_arms(4, 4), Fraction(5, 8)),
    *[(hard_instance(hard_layout(*sizes), x, eps, answers), Fraction(x) * (HALF + Fraction(eps)))
      for sizes, x, eps, answers in HARD],
]  # fmt: skip


@pytest.mark.parametrize("planner", PLANNERS)
@pytest.mark.parametrize(("W", "value"), NAMED)
def test_named_instances_have_their_values(planner, W, value):
    """By hand: majorities of the tests, actions lost until the rewards tell, a right guess."""
    assert plain(planner(W)) == value


@pytest.mark.parametrize("seed", range(0, 500, 25))
def test_floats_merge_what_is_equal(seed):
    """The tree in floats has as many nodes at each step as the exact one."""
    W = instance(seed)
    sizes = [[len(level) for level in belief_tree(V).levels] for V in (W, in_floats(W))]
    assert sizes[0] == sizes[1]


def test_merging_makes_long_horizons_small():
    """Tests commute: only the difference of the counts, and the last sign, are told apart."""
    tree = belief_tree(diagnosis(9))
    assert tree.nodes == 89 and sum(history_counts(tree.world)) == 37831
    assert belief_tree(in_floats(diagnosis(9))).nodes == 89


@pytest.mark.parametrize("seed", range(12))
def test_the_plan_is_a_policy_that_is_worth_its_value(seed):
    """As a table over all histories its value and V of each history are those of theory.latent."""
    W = instance(seed)
    plan = optimal_plan(W)
    pi = history_policy(plan)
    assert latent.latent_value(W, pi) == plan.value
    weights = latent.joint_weights(W)
    values = latent.history_values(W, pi)
    counts = []
    for t, nodes in enumerate(tree_nodes(plan.tree)):
        possible = nodes >= 0
        assert (possible == (weights[t].sum(0) > 0)).all()
        assert (plan.values[t][nodes[possible]] == values[t][possible]).all()
        counts.append(int(possible.sum()))
    assert counts == history_counts(W)


def test_one_history_at_a_time_is_read_like_the_table():
    """TreePlan.action follows the edges to the node that the table of nodes has."""
    W = random_latent(8, M=2, S=2, A=2, H=3)
    plan = optimal_plan(W)
    rows = latent.decisions(W, history_policy(plan))
    for t, nodes in enumerate(tree_nodes(plan.tree)):
        for h in np.flatnonzero(nodes >= 0):
            history, rest = [], int(h)
            for _ in range(t):
                rest, last = divmod(rest, W.S)
                rest, label = divmod(rest, W.L)
                rest, a = divmod(rest, W.A)
                history = [a, label, last, *history]
            history = [rest, *history]
            assert node_of(plan.tree, history) == (t + 1, nodes[h])
            assert rows[t][h, plan.action(history)] == 1


@pytest.mark.parametrize("cast", [lambda W: W, in_floats])
def test_of_equal_actions_the_lowest_is_taken(cast):
    """Two contexts, two arms, the prior is even: at first all is equal."""
    plan = optimal_plan(cast(telling_arms(2, 3)))
    assert plan.action([0]) == 0
    assert [plan.action([0, 0, label, 0]) for label in (1, 0)] == [0, 1]


@pytest.mark.parametrize("n", [1, 3, 5])
def test_history_gives_the_majority_of_the_tests(n):
    """With n tests of accuracy p the best is right when more than half of them are."""
    p, won = Fraction(3, 4), 0
    for right in range(n // 2 + 1, n + 1):
        ways = np.prod(range(right + 1, n + 1), dtype=int) // np.prod(
            range(1, n - right + 1), dtype=int
        )
        won += int(ways) * p**right * (1 - p) ** (n - right)
    assert plain(optimal_value(diagnosis(n + 1))) == won


def test_rewards_tell_the_context():
    """M arms: with e steps lost, 1/M of the episodes lose min(e, M - 1) of H."""
    for M, H in ((2, 3), (3, 5)):
        lost = Fraction(sum(min(e, M - 1) for e in range(M)), M * H)
        assert plain(optimal_value(telling_arms(M, H))) == 1 - lost


# ---- bad input -----------------------------------------------------------------------------------


def refused(kind, work):
    with pytest.raises(kind) as caught:
        work()
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_tree_over_the_limit_is_refused_before_it_is_allocated():
    """The message has the size, where, and the remedy; the memory stays near the limit."""
    W = in_floats(random_spikes(5, M=4, S=5, A=3, H=7))
    belief_tree(in_floats(random_spikes(5, M=4, S=5, A=3, H=2)))  # compiling takes memory, too
    tracemalloc.start()
    message = refused(TooLargeTree, lambda: belief_tree(W, 10_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 11_000_000
    assert "over the limit of 10,000,000" in message and " of 7 (" in message
    assert "10^7.3 nodes" in message and "alpha-vector solver" in message
    assert "H = 7, S = 5, A = 3, M = 4" in message


def test_an_exact_tree_over_the_limit_is_refused():
    """Its integers and rationals are counted too."""
    W = random_spikes(5, M=4, S=5, A=3, H=6)
    assert "alpha-vector solver" in refused(TooLargeTree, lambda: belief_tree(W, 1_000_000))


def test_histories_over_the_limit_are_refused():
    """A table over all histories is not allocated; the plan itself can be asked."""
    plan = optimal_plan(in_floats(diagnosis(30)))
    message = refused(TooLargeTree, lambda: history_policy(plan))
    assert "Ask TreePlan.action" in message
    assert plan.action([0]) == 0


def test_histories_that_cannot_happen_are_refused():
    """The message names the first step that is impossible."""
    plan = optimal_plan(diagnosis(3))
    message = refused(UnreachableHistory, lambda: plan.action([1]))
    assert "history[0] is 1: nu_m gives this first state no weight" in message
    message = refused(UnreachableHistory, lambda: plan.action([0, 0, 0, 1, 0, 1, 1]))
    assert "history[4:7] is action 0, label 1, state 1: no context left by step 2" in message


@pytest.mark.parametrize(("history", "found"), [
    ([], "a history has 0 entries, expected (s_1, a_1, label_1, ..., s_t)"),
    ([0, 0], "a history has 2 entries"),
    ([0] * 10, "a history has 10 entries"),
    ([4], "history[0] is 4, expected a state in 0..3"),
    ([0, 3, 0, 0], "history[1] is 3, expected an action in 0..2"),
    ([0, 0, -1, 0], "history[2] is -1, expected a label in 0..1"),
    ([0.5], "history[0] is 0.5, expected a state in 0..3"),
])  # fmt: skip
def test_what_is_no_history_is_refused(history, found):
    plan = optimal_plan(diagnosis(3))
    assert found in refused(InvalidArgument, lambda: plan.action(history))


def test_limits_and_tables_are_checked():
    W = diagnosis(2)
    assert "memory is 0, expected" in refused(ModelError, lambda: belief_tree(W, 0))
    symbols = LatentMDP.__new__(LatentMDP)
    symbols.__dict__.update(vars(W))
    symbols.__dict__["P"] = np.full(W.P.shape, None)
    assert "floats or exact rationals" in refused(ModelError, lambda: belief_tree(symbols))
