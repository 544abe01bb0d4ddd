"""How often the tree of Figure 1 must be asked: queries (s, a) -> s', c of a model, counted.

    planning        every pair that can be reached, once: backward induction      (exact)
    best first      paths in the order of cost so far + floor x steps left        (exact)
    disadvantage    at each state of the expert's trajectory, from its end: each action once, then
                    a rollout of the policy found so far                        (eps_po = 0 in (8))

A query is one interaction with the model, the unit in which the paper counts ("number of
interactions in the model"). `floor` is a lower bound of the cost of a step that is known
beforehand, as the paper assumes the cost function to be.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from .shared import Floats

LEFT, RIGHT = 0, 1


@dataclass(eq=False)
class Tree:
    """A model of a binary tree that counts how often it is asked; cost (S, 2) of inner pairs."""

    depth: int
    cost: Floats
    queries: int = 0

    def ask(self, s: int, a: int) -> tuple[int, float]:
        """Successor and cost of a pair."""
        self.queries += 1
        return 2 * s + 1 + a, float(self.cost[s, a])


@dataclass(frozen=True)
class Found:
    """What a planner found: the cost of its policy from A, and how often it asked."""

    cost: float
    queries: int


def tree(depth: int, eps: float, rng: np.random.Generator | None = None) -> Tree:
    """Costs of Figure 1: 1 at B, eps elsewhere; with `rng`, elsewhere uniform in [0, 2 eps]."""
    shape = (2**depth - 1, 2)
    cost = np.full(shape, eps) if rng is None else rng.uniform(0, 2 * eps, shape)
    if depth > 1:
        cost[1] = 1
    return Tree(depth, cost)


def plan(model: Tree) -> Found:
    """Backward induction over everything that can be reached."""

    def least(s: int, steps: int) -> float:
        if steps == 0:
            return 0.0
        asked = [model.ask(s, a) for a in (LEFT, RIGHT)]
        return min(cost + least(after, steps - 1) for after, cost in asked)

    return Found(least(0, model.depth), model.queries)


def best_first(model: Tree, floor: float) -> Found:
    """The cheapest path, by the order of what each must cost at least; ties: the longer path."""
    queue = [(floor * model.depth, 0, 0, 0.0)]
    while True:
        _, minus_steps, s, paid = heapq.heappop(queue)
        if -minus_steps == model.depth:
            return Found(paid, model.queries)
        left = model.depth + minus_steps - 1
        for a in (LEFT, RIGHT):
            after, cost = model.ask(s, a)
            total = paid + cost
            heapq.heappush(queue, (round(total + floor * left, 12), minus_steps - 1, after, total))


def minimise_disadvantage(model: Tree, trajectory: list[int]) -> Found:
    """Algorithm 3 along a trajectory (one state for each step, from A), exactly; l off it."""
    policy: dict[int, int] = {}
    for h in reversed(range(model.depth)):
        s = trajectory[h]
        paid = [_rollout(model, policy, s, a, model.depth - h) for a in (LEFT, RIGHT)]
        policy[s] = int(np.argmin(paid))
    queries = model.queries
    return Found(_rollout(model, policy, 0, policy[0], model.depth), queries)


def _rollout(model: Tree, policy: dict[int, int], s: int, a: int, steps: int) -> float:
    paid = 0.0
    for _ in range(steps):
        s, cost = model.ask(s, a)
        paid, a = paid + cost, policy.get(s, LEFT)
    return paid


def expert_trajectory(model: Tree) -> list[int]:
    """The states of an optimal path, one for each step, from A; it asks, so take a fresh model."""

    def best(s: int, steps: int) -> tuple[float, list[int]]:
        if steps == 0:
            return 0.0, []
        options = []
        for a in (LEFT, RIGHT):
            after, cost = model.ask(s, a)
            rest, path = best(after, steps - 1)
            options.append((cost + rest, [s, *path]))
        return min(options, key=lambda option: option[0])

    return best(0, model.depth)[1]
