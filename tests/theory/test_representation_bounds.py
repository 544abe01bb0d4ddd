"""LV-Rep's one-step-back bounds: against loops on random models, and where they are attained."""

from math import log, sqrt

import numpy as np
import pytest

from theorylab.theory import representation_bounds as bounds

SEEDS = range(40)


def simplex(rng, *shape):
    """Rows that sum to one, some of them near a vertex."""
    rows = rng.exponential(size=shape) ** rng.integers(1, 5)
    return rows / rows.sum(-1, keepdims=True)


class World:
    """Two random models and all laws, by truncated sums and plain loops; no library function."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        S, A, Z = rng.integers(1, 4, 3)
        self.gamma = float(rng.choice([0.1, 0.5, 0.9]))
        self.A, self.start = A, simplex(rng, S)
        self.p, self.p_hat = simplex(rng, S, A, Z), simplex(rng, S, A, Z)
        self.e, self.e_hat = simplex(rng, Z, S), simplex(rng, Z, S)
        self.pi, self.pi_0 = simplex(rng, S, A), simplex(rng, S, A)
        self.P, self.P_hat = self.p @ self.e, self.p_hat @ self.e_hat
        self.reward, self.g = rng.random((S, A)), rng.random((S, A))
        self.regular, root = float(rng.choice([0.01, 1.0])), np.tril(rng.normal(size=(Z, Z)))
        self.K = root @ root.T + np.eye(Z)
        uniform = self.states(self.P, self.pi_0)[:, None] * np.ones((S, A)) / A
        self.law, self.later = uniform, np.einsum("sa,sat->t", uniform, self.P)[:, None] / A
        self.f = abs(self.P_hat - self.P).sum(-1) / 2

    def states(self, P, pi, steps=400):
        """The normalised state occupancy, summed step by step."""
        law, total = self.start, 0 * self.start
        for t in range(steps):
            total = total + (1 - self.gamma) * self.gamma**t * law
            law = np.einsum("s,sa,sat->t", law, pi, P)
        return total

    def value(self, P, reward, steps=400):
        """V at the start, by iteration from the end."""
        V = 0 * self.start
        for _ in range(steps):
            V = (self.pi * (reward + self.gamma * P @ V)).sum(-1)
        return self.start @ V

    def roots(self, p, law):
        """||p|| in the norm of Sigma^{-1}, n = 1."""
        sigma = np.einsum("sa,sax,say->xy", law, p, p) + self.regular * np.linalg.inv(self.K)
        return np.sqrt(np.einsum("sax,xy,say->sa", p, np.linalg.inv(sigma), p))

    def size(self, e, g):
        """The squared norm of int sum_a p(s | .) pi g in H_k."""
        w = e @ (self.pi * g).sum(-1)
        return w @ np.linalg.solve(self.K, w)


@pytest.mark.parametrize("seed", SEEDS)
def test_step_back_in_the_learned_model(seed):
    """Lemma 5 with its constants, g in [0, 1]."""
    w = World(seed)
    zeta, moment = (w.law * w.f**2).sum(), w.A * (w.later * w.g**2).sum()
    radius = bounds.learned_radius(moment, zeta, w.regular * w.size(w.e_hat, w.g))
    d = w.states(w.P_hat, w.pi)[:, None] * w.pi
    later = bounds.step_back(d, w.gamma * w.roots(w.p_hat, w.law), radius, w.gamma)
    first = bounds.first_step(w.gamma, w.A, (w.law * w.g**2).sum())
    assert (d * w.g).sum() <= later + first + 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_step_back_in_the_true_model(seed):
    """Lemma 6 with its constants."""
    w = World(seed)
    visited = w.states(w.P, w.pi_0)[:, None] * w.pi_0
    moment = w.A * (w.law * w.g**2).sum()
    radius = bounds.true_radius(w.gamma, moment, w.regular * w.size(w.e, w.g))
    d = w.states(w.P, w.pi)[:, None] * w.pi
    later = bounds.step_back(d, w.roots(w.p, visited), radius, w.gamma)
    assert (d * w.g).sum() <= later + bounds.first_step(w.gamma, 1, moment) + 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_almost_optimism(seed):
    """Lemma 7 with the clip that stands."""
    w = World(seed)
    zeta, moment = (w.law * w.f**2).sum(), w.A * (w.later * w.f**2).sum()
    radius = bounds.learned_radius(moment, zeta, w.regular * w.size(w.e_hat, w.f))
    scale, clip = bounds.bonus_scale(w.gamma, radius), bounds.bonus_clip(w.gamma)
    b = bounds.clipped_bonus(scale, w.roots(w.p_hat, w.law), clip)
    gap = w.value(w.P_hat, w.reward + b) - w.value(w.P, w.reward)
    assert gap >= -bounds.optimism_slack(w.gamma, w.A, zeta) - 1e-9


def test_by_hand():
    """Each formula at numbers whose roots are whole."""
    assert bounds.learned_radius(4.0, 9.0, 11.0) == 6
    assert bounds.true_radius(0.5, 7.0, 2.0) == 2
    assert bounds.first_step(0.75, 2, 8.0) == 2
    assert bounds.step_back(np.array([[0.5, 0.5]]), np.array([[1.0, 4.0]]), 2.0, 3.0) == 2.5
    assert bounds.bonus_clip(0.5) == 0.5 and bounds.bonus_scale(0.5, 3.0) == 1.5
    assert bounds.clipped_bonus(2.0, np.array([[2.0, 3.0]]), 5.0).tolist() == [[4, 5]]
    assert bounds.optimism_slack(0.5, 2, 4.0) == 4


def test_the_event():
    """n zeta <= 2 L gives the scale on the event; the levels of all n sum to less than delta."""
    assert bounds.likelihood_error(4, 3, 0.1) == pytest.approx(log(30) / 2)
    assert bounds.every_episode(3, 0.36) == pytest.approx(0.02)
    assert sum(bounds.every_episode(n, 0.3) for n in range(1, 5000)) < 0.3
    L, A, rest, gamma, c = 1.7, 3, 0.4, 0.9, 1.5
    radius = bounds.learned_radius(A * 2 * L, 2 * L, rest)
    expected = bounds.bonus_scale(gamma, radius) * sqrt(c)
    assert bounds.scale_on_event(gamma, A, L, rest, c) == pytest.approx(expected)
