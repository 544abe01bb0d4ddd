"""Lanes: a batch goes through the code of one instance and equals the instances one by one."""

import numpy as np
import pytest

from tests.drawing import float_mdp, float_policy, instance
from theorylab import MDP, Policy
from theorylab.arithmetic import absolute, det, exp, identity, log, maximum, solve, sqrt, sup
from theorylab.errors import Unsupported
from theorylab.lanes import Lanes, measuring_condition, stack, stack_like, unstack
from theorylab.theory.information import kl_divergence, total_variation
from theorylab.theory.planning import optimal_policy, optimal_value
from theorylab.theory.tabular import advantage, occupancy, performance, state_occupancy_at, value
from theorylab.worlds.mdp import unchecked

COUNT, S, A = 7, 3, 2


def lanes_of(M: MDP) -> MDP:
    """A batch of MDPs as one MDP of lanes."""
    tables = {key: unstack(getattr(M, key)) for key in ("P", "payoff", "gamma", "start")}
    return unchecked(MDP, **tables, sense=M.sense)


BATCH = float_mdp(np.random.default_rng(0), S, A, COUNT)
POLICIES = float_policy(np.random.default_rng(1), S, A, COUNT)
M, PI = lanes_of(BATCH), unchecked(Policy, probabilities=unstack(POLICIES.probabilities))

FUNCTIONS = {
    "value": value,
    "occupancy": occupancy,
    "performance": performance,
    "advantage": advantage,
    "two steps": lambda M, pi: state_occupancy_at(M, pi, 2),
    "optimal value": lambda M, pi: optimal_value(M),
    "optimal policy": lambda M, pi: optimal_policy(M).probabilities,
    "sup": lambda M, pi: sup(advantage(M, pi), 1),
    "max": lambda M, pi: maximum(M.payoff, pi.probabilities),
    "abs": lambda M, pi: absolute(M.start - M.P[:, 0]),
    "functions": lambda M, pi: exp(sqrt(M.payoff)) - log(M.payoff + 1),
    "divergences": lambda M, pi: kl_divergence(M.start, M.P[0, 0]) + total_variation(*M.P[:2, 1]),
    "powers": lambda M, pi: M.gamma**3 * (2 - M.start) / (1 - M.gamma) - 1 / (1 + M.start),
    "det": lambda M, pi: det(identity(S) * 2 - M.P[:, 0]),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_lanes_equal_the_instances_one_by_one(name: str) -> None:
    """Instance k of the batch is what the floats of instance k give alone."""
    found = np.asarray(FUNCTIONS[name](M, PI), dtype=object)
    together = stack(found)
    for k in range(COUNT):
        alone = FUNCTIONS[name](instance(BATCH, k), Policy(POLICIES.probabilities[k]))
        np.testing.assert_allclose(together[k], alone, rtol=1e-12, atol=1e-12)


def test_stack_undoes_unstack() -> None:
    """A float array with the batch axis first survives the way to lanes and back."""
    values = np.arange(24.0).reshape(4, 3, 2)
    np.testing.assert_array_equal(stack(unstack(values)), values)
    assert unstack(values).shape == (3, 2) and isinstance(unstack(values[:, 0, 0]), Lanes)


def test_integers_beside_lanes_are_the_same_in_every_instance() -> None:
    """An array of constants takes its batch from its neighbour."""
    both = stack_like(identity(2), unstack(np.zeros((5, 2))))
    assert both.shape == (5, 2, 2) and (both == np.eye(2)).all()


def test_the_condition_number_of_a_solve_is_measured() -> None:
    """For I - gamma P the measure is the condition number in the sup norm."""
    with measuring_condition() as found:
        value(M, PI)
    (measured,) = found
    for k in range(COUNT):
        one, pi = instance(BATCH, k), POLICIES.probabilities[k]
        matrix = np.eye(S) - one.gamma * (pi[:, :, None] * one.P).sum(1)
        assert measured[k] == pytest.approx(np.linalg.cond(matrix, np.inf), rel=1e-9)


def test_one_singular_instance_spoils_no_other() -> None:
    """A singular system is NaN in its own lane only."""
    matrices = np.stack([np.eye(2), np.ones((2, 2)), 2 * np.eye(2)])
    found = stack(solve(unstack(matrices), unstack(np.ones((3, 2)))))
    np.testing.assert_array_equal(found[[0, 2]], [[1, 1], [0.5, 0.5]])
    assert not np.isfinite(found[1]).any()


@pytest.mark.parametrize(
    "decision", [bool, lambda x: x < 1, lambda x: x >= x, lambda x: max(x, 1), lambda x: x == 0]
)
def test_a_batch_cannot_branch(decision) -> None:
    """Truth, order and equality of lanes are refused: each instance has its own answer."""
    with pytest.raises(Unsupported, match="batch"):
        decision(Lanes(np.array([0.0, 1.0])))


def test_lanes_mix_with_integers_only() -> None:
    """A lane beside a string or a rational is a TypeError, not a guess."""
    with pytest.raises(TypeError):
        Lanes(np.ones(2)) + "1"
    np.testing.assert_array_equal((2 - Lanes(np.ones(2)) * 3).values, [-1, -1])
