"""Policies on the belief tree, with finite memory and memoryless, against tables of histories."""

from itertools import product

import flint
import numpy as np
import pytest

from theorylab.algorithms.latent_planning import (
    history_policy,
    optimal_value,
    plan_on,
    tree_nodes,
)
from theorylab.algorithms.latent_planning_finite_memory import (
    FiniteMemoryPolicy,
    memory_action_values,
    memory_alphas,
    memory_history_policy,
    memory_laws,
    memory_value,
    memoryless_policy,
)
from theorylab.algorithms.latent_planning_memoryless import (
    MemorylessPlan,
    best_memoryless,
    best_stationary,
)
from theorylab.algorithms.latent_planning_tree_policies import (
    alphas,
    rows_of,
    rows_of_actions,
    tree_action_values,
    tree_value,
)
from theorylab.algorithms.latent_tree import belief_tree
from theorylab.errors import InvalidArgument, ModelError, TooLargeTree
from theorylab.theory import latent
from theorylab.worlds.latent_instances import diagnosis, in_floats, random_latent, telling_arms
from theorylab.worlds.latent_mdp import HistoryPolicy
from theorylab.worlds.mdp import Policy

SHAPES = [(2, 1, 2, 3), (3, 2, 2, 2), (2, 3, 2, 2), (2, 2, 2, 3), (1, 2, 3, 1)]


def instance(seed):
    M, S, A, H = SHAPES[seed % 5]
    return random_latent(seed, M=M, S=S, A=A, H=H, degree=[None, 1, 2][seed % 3] if S > 1 else 1)


def random_rows(seed, shape):
    odds = np.random.default_rng(seed).integers(0, 4, size=shape)
    odds[..., 0] += 1
    table = np.vectorize(lambda k: flint.fmpq(int(k)), otypes=[object])(odds)
    return table / table.sum(-1, keepdims=True)


# ---- on the tree ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_alpha_vectors_on_the_tree_are_those_of_histories(seed):
    """alpha_m and Q of a random policy of the belief, at every history, where c_m(h) > 0."""
    W = instance(seed)
    tree = belief_tree(W)
    rows = [random_rows((seed, t), (len(level), W.A)) for t, level in enumerate(tree.levels)]
    nodes = tree_nodes(tree)
    table = np.concatenate([row[np.maximum(k, 0)] for row, k in zip(rows, nodes, strict=True)])
    pi = HistoryPolicy(table)
    assert tree_value(tree, rows) == latent.latent_value(W, pi)
    given = zip(
        nodes, alphas(tree, rows), tree_action_values(tree, rows), latent.joint_weights(W),
        latent.alpha_vectors(W, pi), latent.alpha_action_vectors(W, pi), strict=True,
    )  # fmt: skip
    for where, own, Q, weights, vectors, actions in given:
        live = np.where(weights.sum(0) > 0)[0]
        there = weights[:, live].T > 0
        assert (own[where[live]][there] == vectors.T[live][there]).all()
        assert (own[where[live]][~there] == 0).all()
        expected = (latent.belief(weights)[..., None] * actions).sum(0)
        assert (Q[where[live]] == expected[live]).all()


def test_policies_given_as_a_function_see_step_state_and_belief():
    """Treat what is more likely, at the last step only: the optimum of the diagnosis."""
    W = diagnosis(4)

    def choose(t, s, b):
        return [0, b[0] >= b[1], b[0] < b[1]] if t == 4 else [1, 0, 0]

    tree = belief_tree(W)
    rows = rows_of(tree, lambda t, s, b: [int(x) for x in choose(t, s, b)])
    assert tree_value(tree, rows) == flint.fmpq(27, 32)
    plan = plan_on(tree)
    assert tree_value(tree, rows_of_actions(tree, plan.actions)) == flint.fmpq(27, 32)
    assert history_policy(plan).probabilities.dtype == object


def test_rows_for_another_tree_are_refused():
    tree = belief_tree(diagnosis(2))
    with pytest.raises(InvalidArgument, match="rows for"):
        tree_value(tree, rows_of(belief_tree(diagnosis(3)), lambda t, s, b: [1, 0, 0]))
    with pytest.raises(ModelError, match=r"policy at step 1\[0\] sums to 2, expected 1"):
        rows_of(tree, lambda t, s, b: [1, 1, 0])
    with pytest.raises(ModelError, match="policy at step 1 has shape"):
        rows_of(tree, lambda t, s, b: [1, 0])


# ---- finite memory -------------------------------------------------------------------------------


def random_memory(W, seed, K=3):
    rng = np.random.default_rng(seed)
    update = rng.integers(0, K, size=(K, W.S, W.A, W.L, W.S))
    start = rng.integers(0, K, size=W.S)
    return FiniteMemoryPolicy(random_rows(seed, (W.H, K, W.S, W.A)), update, start)


@pytest.mark.parametrize("seed", range(12))
def test_finite_memory_agrees_with_its_table_of_histories(seed):
    """Value, alpha and Q at the start, and the law of the last state at every step, exactly."""
    W = instance(seed)
    pi = random_memory(W, seed)
    table = memory_history_policy(W, pi)
    assert memory_value(W, pi) == latent.latent_value(W, table)
    s = np.arange(W.S)
    assert (memory_alphas(W, pi)[0][:, s, pi.start] == latent.alpha_vectors(W, table)[0]).all()
    laws = zip(memory_laws(W, pi), latent.history_laws(W, table), strict=True)
    for law, full in laws:
        assert (law.sum(-1) == full.reshape(W.M, -1, W.S).sum(1)).all()
    own = memory_action_values(W, pi)
    last = (memory_laws(W, pi)[-1][..., None] * W.rewards[:, :, None]).sum(0)
    weight = memory_laws(W, pi)[-1].sum(0)
    live = weight > 0
    assert (own[-1][live] * weight[live][:, None] == last[live]).all()
    assert (own[-1][~live] == 0).all()


def test_a_memory_of_the_difference_is_optimal_for_the_diagnosis():
    """At H = 40 no tree of histories fits; memory: how many more tests pointed to illness 0."""
    H, far = 40, 40
    K = 2 * far + 1
    update = np.tile(np.arange(K)[:, None, None, None, None], (1, 4, 3, 2, 4))
    update[:, :, :, :, 1] = np.minimum(update[:, :, :, :, 1] + 1, K - 1)
    update[:, :, :, :, 2] = np.maximum(update[:, :, :, :, 2] - 1, 0)
    rows = np.zeros((H, K, 4, 3))
    rows[: H - 1, :, :, 0] = 1
    rows[H - 1, far:, :, 1] = 1
    rows[H - 1, :far, :, 2] = 1
    W = in_floats(diagnosis(H))
    pi = FiniteMemoryPolicy(rows, update, np.full(4, far))
    assert memory_value(W, pi) == pytest.approx(optimal_value(W), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_memoryless_policies_have_one_memory(seed):
    W = instance(seed)
    pi = Policy(random_rows(seed, (W.S, W.A)))
    assert memory_value(W, memoryless_policy(W, pi)) == latent.latent_value(
        W, latent.memoryless(W, pi)
    )


def test_bad_memories_are_refused():
    rows, update = np.full((2, 2, 1, 2), 0.5), np.zeros((2, 1, 2, 1, 1), dtype=int)
    with pytest.raises(ModelError, match=r"start\[0\] is 2, expected a memory in 0..1"):
        FiniteMemoryPolicy(rows, update, [2])
    with pytest.raises(ModelError, match="entries of type float64, expected integers"):
        FiniteMemoryPolicy(rows, update + 0.5, [0])
    with pytest.raises(ModelError, match=r"update has shape \(1, 2, 1, 1\)"):
        FiniteMemoryPolicy(rows, update[0], [0])
    with pytest.raises(ModelError, match="probabilities has shape"):
        FiniteMemoryPolicy(rows[0], update, [0])
    with pytest.raises(ModelError, match=r"probabilities has shape .* expected \(H, K, S, A\)"):
        memory_value(diagnosis(2), FiniteMemoryPolicy(rows, update, [0]))


# ---- memoryless optima ---------------------------------------------------------------------------


def enumerated(W, stationary):
    """The best of all memoryless deterministic policies."""
    best = -1
    for chosen in product(range(W.A), repeat=W.S * (1 if stationary else W.H)):
        actions = np.broadcast_to(np.reshape(chosen, (-1, W.S)), (W.H, W.S))
        plan = MemorylessPlan(actions, 0, 0)
        best = max(best, memory_value(W, memoryless_policy(W, plan.policy(W))))
    return best


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("stationary", [True, False])
def test_branch_and_bound_agrees_with_enumeration(seed, stationary):
    """Exactly; its policy is worth it; floats agree up to rounding."""
    W = instance(seed)
    search = best_stationary if stationary else best_memoryless
    found = search(W)
    assert found.value == enumerated(W, stationary)
    assert memory_value(W, memoryless_policy(W, found.policy(W))) == found.value
    assert not stationary or (found.actions == found.actions[0]).all()
    expected = int(found.value.p) / int(found.value.q)
    assert search(in_floats(W)).value == pytest.approx(expected, abs=1e-13)


def test_history_is_worth_its_memory():
    """Exact figures: stationary < of step and state < of the history."""
    W = diagnosis(4)
    values = best_stationary(W).value, best_memoryless(W).value, optimal_value(W)
    assert values == (flint.fmpq(3, 4), flint.fmpq(51, 64), flint.fmpq(27, 32))
    arms = telling_arms(3, 4)
    assert best_memoryless(arms).value == flint.fmpq(1, 3)
    assert optimal_value(arms) == flint.fmpq(3, 4)


def test_a_search_that_is_too_long_is_refused():
    """It says how good the optimum can be at most."""
    W = in_floats(random_latent(7, M=2, S=4, A=2, H=5))
    with pytest.raises(TooLargeTree, match=r"over the limit of 50, with S = 4.*is at most 0"):
        best_memoryless(W, nodes=50)
    with pytest.raises(InvalidArgument, match="nodes is 0"):
        best_memoryless(W, nodes=0)
