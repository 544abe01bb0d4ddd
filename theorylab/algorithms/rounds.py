r"""One round of Algorithm 1: the data D_t, as one table, whether drawn or expected.

    D_t = 1/2 D_{omega, pi_t} + 1/2 nu,     s' ~ M*(s, a)

Every model loss of the paper is linear in the joint law of (s, a, s'), so a round is two tables
(S, A, S), the learned policy's share and the exploration's, that sum to one together: exact
expectations, or frequencies of a sample in which a fair coin chooses the source of each datum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theorylab.algorithms.spaces import Floats
from theorylab.theory.tabular import occupancy
from theorylab.worlds.mdp import MDP, Policy

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Round:
    """What a model-fitting step may see.

    learned, explored: shapes (S, A, S), joint weights of (s, a, s'), together summing to one;
    model, policy: the pair of this round; V: (S,), the policy's value in the model, with a minus
    for rewards; samples: the number of data, 0 for exact expectations.
    """

    learned: Floats
    explored: Floats
    V: Floats
    model: MDP
    policy: Policy
    samples: int = 0

    @property
    def joint(self) -> Floats:
        """The law of (s, a, s') under D_t, shape (S, A, S)."""
        return self.learned + self.explored


def expected_data(world: MDP, nu: Floats, policy: Policy) -> tuple[Floats, Floats]:
    """(learned, explored), each (S, A, S) of weight 1/2, exactly."""
    learned = occupancy(world, policy)[..., None] * world.P / 2
    return learned, nu[..., None] * world.P / 2


def sampled_data(
    world: MDP, nu: Floats, policy: Policy, samples: int, rng: np.random.Generator
) -> tuple[Floats, Floats, int]:
    """(learned, explored, environment steps): frequencies of `samples` transitions.

    A fair coin chooses for each datum between the occupancy of the policy (a rollout of geometric
    length, whose last transition is kept) and nu.
    """
    rolled = int(rng.binomial(samples, 0.5))
    s, a, before = occupancy_samples(world, policy, rolled, rng)
    learned = _frequencies(world, s, a, samples, rng)
    place = drawn(np.cumsum(nu.reshape(-1)), rng.random(samples - rolled))
    explored = _frequencies(world, place // world.A, place % world.A, samples, rng)
    return learned, explored, samples + before


def occupancy_samples(
    world: MDP, policy: Policy, count: int, rng: np.random.Generator
) -> tuple[Integers, Integers, int]:
    """`count` pairs (s, a) from the normalised occupancy, and the steps walked to reach them.

    The time of each is geometric, P(h) = (1 - gamma) gamma^h, counted from 0.
    """
    choice, move = np.cumsum(policy.probabilities, -1), np.cumsum(world.P, -1)
    left = rng.geometric(1 - float(world.gamma), count) - 1
    s = drawn(np.cumsum(world.start), rng.random(count))
    a = drawn(choice[s], rng.random(count))
    steps = int(left.sum())
    while (walking := np.flatnonzero(left > 0)).size:
        s[walking] = drawn(move[s[walking], a[walking]], rng.random(walking.size))
        a[walking] = drawn(choice[s[walking]], rng.random(walking.size))
        left[walking] -= 1
    return s, a, steps


def _frequencies(
    world: MDP, s: Integers, a: Integers, samples: int, rng: np.random.Generator
) -> Floats:
    after = drawn(np.cumsum(world.P, -1)[s, a], rng.random(len(s)))
    cell = (s * world.A + a) * world.S + after
    counts = np.bincount(cell, minlength=world.P.size) / samples
    return np.asarray(counts.reshape(world.P.shape))


def drawn(sums: Floats, uniform: Floats) -> Integers:
    """Indices drawn by inverting cumulative weights at `uniform` in [0, 1).

    Shapes: sums (..., n), uniform (...). An index of weight zero is never drawn.
    """
    return np.asarray((sums / sums[..., -1:] <= uniform[..., None]).sum(-1), dtype=np.int64)
