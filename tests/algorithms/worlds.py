"""Small worlds for the tests of algorithms."""

import numpy as np

from theorylab.theory.planning import optimal_policy
from theorylab.theory.tabular import occupancy
from theorylab.worlds import MDP, Policy


def random_world(seed, S=4, A=3, gamma=0.8, sense="cost", concentration=0.5):
    """A world with rows from a Dirichlet law and payoffs in [0, 1]."""
    rng = np.random.default_rng(seed)
    P = rng.dirichlet(np.full(S, concentration), (S, A))
    return MDP(P, rng.random((S, A)), gamma, rng.dirichlet(np.ones(S)), sense)


def random_models(world, count, seed=0):
    """A class of other transitions on the world's spaces."""
    rng = np.random.default_rng((seed, 1))
    rows = rng.dirichlet(np.ones(world.S), (count, world.S, world.A))
    return [world.with_transitions(P) for P in rows]


def covering(world, share=0.5):
    """The optimal policy's occupancy mixed with the uniform law, shape (S, A)."""
    D = occupancy(world, optimal_policy(world))
    return (1 - share) * D + share / D.size


def random_policy(world, seed):
    """A stochastic policy."""
    rng = np.random.default_rng((seed, 2))
    return Policy(rng.dirichlet(np.ones(world.A), world.S))


def two_states(gamma=0.5):
    """State 0 costs 1: action 0 stays there, action 1 goes to state 1, which is free for ever."""
    P = [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]]
    return MDP(P, [[1.0, 1.0], [0.0, 0.0]], gamma, [1.0, 0.0])
