"""Latent MDPs against enumeration of all trajectories in `fractions`, without any recursion."""

from collections import defaultdict
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from tests.oracle import fractions
from theorylab import DeterministicHistoryPolicy, HistoryPolicy, LatentMDP, NonstationaryPolicy
from theorylab.errors import ModelError
from theorylab.givens import Parameter, build_instance
from theorylab.points import ExactSource, random_integers
from theorylab.theory import latent

SIZES = [
    {"S": 2, "A": 1, "M": 3, "H": 3, "labels": 0b101101},
    {"S": 1, "A": 2, "M": 2, "H": 3, "labels": 0b1001},
    {"S": 2, "A": 2, "M": 2, "H": 2, "labels": 0b10011010},
    {"S": 3, "A": 2, "M": 1, "H": 2, "labels": 0b100101},
]
Drawn = tuple[LatentMDP, HistoryPolicy]


def drawn(case: int, kind: type = HistoryPolicy) -> Drawn:
    """A random world and policy of one of the sizes."""
    source = ExactSource(random_integers(np.random.default_rng(case)))
    parameters = (Parameter("W", LatentMDP), Parameter("pi", kind))
    instance = build_instance(parameters, source, SIZES[case % len(SIZES)])
    return instance["W"], instance["pi"]


def trajectories(W: LatentMDP, pi: HistoryPolicy) -> list[tuple[Any, ...]]:
    """(probability, m, numbers of h_1 ... h_H, actions, rewards) of each that can happen.

    The number of a history is that of its digits s_1, a_1, label_1, s_2, ... in mixed radix, the
    histories of shorter steps before it: written out here, not taken from the library.
    """
    w, nu, P = fractions(W.w), fractions(W.nu), fractions(W.P)
    R, rows = fractions(W.rewards), fractions(pi.probabilities)
    L, found = len(W.palette), []
    steps = product(product(range(W.S), repeat=W.H), product(range(W.A), repeat=W.H))
    for m, (s, a) in product(range(W.M), steps):
        number, before, numbers, p = s[0], 0, [], w[m] * nu[m][s[0]]
        for t in range(W.H):
            if t:
                label = int(W.labels[m, s[t - 1], a[t - 1]])
                number = ((number * W.A + a[t - 1]) * L + label) * W.S + s[t]
                p *= P[m][s[t - 1]][a[t - 1]][s[t]]
            numbers.append(number)
            p *= rows[before + number][a[t]]
            before += W.S * (W.A * L * W.S) ** t
        if p:
            rewards = [R[m][i][j] for i, j in zip(s, a, strict=True)]
            found.append((p, m, numbers, a, rewards))
    return found


@pytest.mark.parametrize("case", range(8))
def test_laws_alpha_vectors_beliefs_and_values(case: int) -> None:
    """Averages over all trajectories through a history, where it can happen."""
    W, pi = drawn(case)
    paths = trajectories(W, pi)
    assert sum(p for p, *_ in paths) == 1
    for t in range(W.H):
        law: dict[Any, Fraction] = defaultdict(Fraction)
        later: dict[Any, Fraction] = defaultdict(Fraction)
        taken: dict[Any, Fraction] = defaultdict(Fraction)
        gained: dict[Any, Fraction] = defaultdict(Fraction)
        for p, m, numbers, a, rewards in paths:
            law[m, numbers[t]] += p
            later[m, numbers[t]] += p * sum(rewards[t:])
            taken[m, numbers[t], a[t]] += p
            gained[m, numbers[t], a[t]] += p * sum(rewards[t:])
        laws = fractions(latent.history_laws(W, pi)[t])
        assert {(m, h): x for m, row in enumerate(laws) for h, x in enumerate(row) if x} == law
        alpha = fractions(latent.alpha_vectors(W, pi)[t])
        Q = fractions(latent.alpha_action_vectors(W, pi)[t])
        b, V = fractions(latent.beliefs(W)[t]), fractions(latent.history_values(W, pi)[t])
        for (m, h), p in law.items():
            whole = sum(law.get((k, h), Fraction(0)) for k in range(W.M))
            assert alpha[m][h] == later[m, h] / p and b[m][h] == p / whole
            assert V[h] == sum(later[k, h] for k in range(W.M)) / whole
        for (m, h, a), p in taken.items():
            assert Q[m][h][a] == gained[m, h, a] / p


@pytest.mark.parametrize("case", range(8))
def test_value_and_variance_of_the_total(case: int) -> None:
    """Mean and variance of the total reward over all trajectories; Definition 1 at vertices."""
    for kind in (HistoryPolicy, DeterministicHistoryPolicy):
        W, pi = drawn(case, kind)
        totals = [(p, sum(rewards)) for p, _, _, _, rewards in trajectories(W, pi)]
        mean = sum(p * x for p, x in totals)
        variance = sum(p * (x - mean) ** 2 for p, x in totals)
        assert fractions(latent.latent_value(W, pi)) == mean
        assert fractions(latent.total_reward_variance(W, pi)) == variance
        own = fractions(latent.policy_value_variance(W, pi))
        assert own == variance if kind is DeterministicHistoryPolicy else own <= variance


def test_a_history_that_cannot_happen_has_no_belief() -> None:
    """Its belief is 0 in every context, never 0/0."""
    W = LatentMDP([1], [[1, 0]], [[[[1, 0]], [[1, 0]]]], [0], [[[0], [0]]], 2)
    assert fractions(latent.beliefs(W)[0]) == [[1, 0]]
    assert fractions(latent.beliefs(W)[1]) == [[1, 0, 0, 0]]


def test_a_memoryless_policy_looks_at_state_and_step() -> None:
    """Its row at each history is that of the last state."""
    W, _ = drawn(2)
    pi = NonstationaryPolicy([[[1, 0], [0, 1]], [[0, 1], ["1/3", "2/3"]]])
    first, second = latent.decisions(W, latent.memoryless(W, pi))
    assert fractions(first) == [[1, 0], [0, 1]]
    assert fractions(second) == fractions([[0, 1], ["1/3", "2/3"]]) * 8


def test_a_policy_of_another_tree_is_refused() -> None:
    """The message says which histories there are."""
    W, _ = drawn(2)
    with pytest.raises(ModelError, match=r"expected \(N, A\) = \(18, 2\) for H = 2, S = 2, A = 2"):
        latent.decisions(W, HistoryPolicy([[1, 0]] * 17))
