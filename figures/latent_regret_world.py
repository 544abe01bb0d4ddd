"""The latent MDPs of the regret figure: history that helps, a finer clock, payoffs apart."""

from __future__ import annotations

import itertools

import numpy as np

from theorylab.algorithms.bayes_regret import class_regret
from theorylab.algorithms.latent_plans import memoryless_plan, worth
from theorylab.worlds.hard_instance import hard_instance, hard_layout
from theorylab.worlds.latent_mdp import LatentMDP


def guessing(H: int = 5) -> LatentMDP:
    """Two contexts, two states, two actions: action m is the right one of context m.

    It leads to state 1, which pays 1/H, with chance 3/5, the other action with 2/5; only the past
    of the episode tells the contexts apart.
    """
    P = np.empty((2, 2, 2, 2))
    for m in range(2):
        for a in range(2):
            good = 3 / 5 if a == m else 2 / 5
            P[m, :, a] = (1 - good, good)
    labels = np.zeros((2, 2, 2), dtype=int)
    labels[:, 1] = 1
    return LatentMDP([0.5, 0.5], np.full((2, 2), 0.5), P, [0, 1 / H], labels, H)


def staying(H: int) -> LatentMDP:
    """Two contexts told by the first state, each with a good and a bad state; good pays 1/H a step.

    From good to bad with chance 1/(2H) a step by the right action, else 2/H; from bad to good
    with 2/H, else 1/(2H): more steps are a finer clock for the same hour, and the total is 1.
    """
    P = np.zeros((2, 4, 2, 4))
    for m in range(2):
        for s in range(4):
            good, bad, is_good = s - s % 2, s - s % 2 + 1, s % 2 == 0
            for a in range(2):
                right = a == m
                chance = (0.5 if right == is_good else 2) / H
                P[m, s, a, bad if is_good else good] = chance
                P[m, s, a, s] = 1 - chance
    nu = np.zeros((2, 4))
    nu[0, :2], nu[1, 2:] = 0.5, 0.5
    labels = np.broadcast_to([[1], [0], [1], [0]], (2, 4, 2)).astype(int)
    return LatentMDP([0.5, 0.5], nu, P, [0, 1 / H], labels, H)


GAP = 1 / 32


def payoffs(x: float) -> LatentMDP:
    """Two contexts, each told by its own first state; success pays 1/2 + x/2, failure 1/2 - x/2.

    The right action of context m succeeds with chance 1/2 + d/2, the other with 1/2 - d/2, where
    x d = GAP: the same gap between the actions for every spread x in [GAP, 1] of the payoffs; with
    x = GAP nothing is random but the start. Half of the episodes start at a payoff, so that
    what comes after it is known at every x alike.
    """
    P = np.zeros((2, 5, 2, 5))
    P[:, 2:, :, 4] = 1
    for m in range(2):
        for a in range(2):
            success = 0.5 + (0.5 if a == m else -0.5) * GAP / x
            P[m, :2, a, 2:4] = (success, 1 - success)
    labels = np.zeros((2, 5, 2), dtype=int)
    labels[:, 2], labels[:, 3] = 1, 2 if x < 1 else 0
    palette = [0, 0.5 + x / 2, 0.5 - x / 2] if x < 1 else [0, 1]
    nu = np.array([[0.5, 0, 0.25, 0.25, 0], [0, 0.5, 0.25, 0.25, 0]])
    return LatentMDP([0.5, 0.5], nu, P, palette, labels, 2)


ADVANTAGE = 0.25
HARD = hard_layout(6, 2, 2)


def hard(number: int) -> LatentMDP:
    """Instance 0, ..., C^M - 1 of the smallest class of Section 6.1 with two contexts, C = 2: the
    answer of each context is a digit; g pays 1, the right choice leads there with chance 3/4."""
    answers = [number // HARD.C**m % HARD.C for m in range(HARD.M)]
    return hard_instance(HARD, 1.0, ADVANTAGE, answers)


def least_regret(episodes: int, most: int = 512) -> float:
    """The Bayes-optimal regret over that class, of the first `most` episodes where there are more:
    regret never falls, so no algorithm has less on average over the class."""
    return class_regret(HARD.C, HARD.M, min(episodes, most), ADVANTAGE)


def largest_variance(W: LatentMDP) -> float:
    """Var* of `payoffs`: the most over all choices at the first states; later ones pay alike."""
    found = []
    for first in itertools.product(range(W.A), repeat=2):
        actions = np.zeros((W.H, W.S), dtype=int)
        actions[0, :2] = first
        found.append(worth(W, memoryless_plan(W, actions)).variance)
    return max(found)
