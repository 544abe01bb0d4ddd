"""Solvers for latent MDPs against plain enumeration, hand arithmetic, and the truth they bound."""

import itertools

import numpy as np
import pytest

from theorylab.algorithms.bernstein_search import best_model, exact_bernstein_solver
from theorylab.algorithms.bernstein_solver import (
    UPPER,
    Box,
    bernstein_box,
    bernstein_solver,
    largest_row,
)
from theorylab.algorithms.latent_baselines import per_step_solver, posterior_solver, uniform_value
from theorylab.algorithms.latent_estimates import (
    Estimates,
    estimates,
    frame_of,
    optimal_graph,
)
from theorylab.algorithms.latent_fronts import Frame
from theorylab.algorithms.latent_learning import Stretch
from theorylab.algorithms.latent_learning_terms import bellman_bounds, bellman_errors
from theorylab.algorithms.latent_plans import graph_history_policy, worth
from theorylab.algorithms.mvp_solver import MvpBackup, mvp_solver
from theorylab.errors import InvalidArgument
from theorylab.theory import latent
from theorylab.worlds.latent_mdp import LatentMDP
from theorylab.worlds.mdp import Policy


def world(seed, M=2, S=2, A=2, H=3, L=2):
    rng = np.random.default_rng(seed)
    return LatentMDP(
        rng.dirichlet(np.ones(M)),
        rng.dirichlet(np.ones(S), M),
        rng.dirichlet(np.ones(S) / 2, (M, S, A)),
        [0.0, 1 / H][:L],
        rng.integers(0, L, (M, S, A)),
        H,
    )


def guess(W, seed, iota=1.0, most=400):
    """Estimates from so many true transitions of each row, some of none."""
    rng = np.random.default_rng(seed)
    N = rng.integers(0, most, W.labels.shape)
    rows = zip(N.ravel(), W.P.reshape(-1, W.S), strict=True)
    counts = np.array([rng.multinomial(n, p) for n, p in rows])
    return estimates(frame_of(W), counts.reshape(W.P.shape), iota, rng)


def every_vector(W, t, s, step):
    """Alpha vectors of all deterministic plans from a step and state on, without any pruning."""
    if t > W.H:
        return [np.zeros(W.M)]
    after = [every_vector(W, t + 1, s2, step) for s2 in range(W.S)]
    found = []
    for a in range(W.A):
        own = sorted(set(W.labels[:, s, a].tolist()))
        for tree in itertools.product(*(after[s2] for _ in own for s2 in range(W.S))):
            vector = np.zeros(W.M)
            for m in range(W.M):
                k = own.index(W.labels[m, s, a]) * W.S
                vector[m] = step(m, s, a, [tree[k + s2][m] for s2 in range(W.S)])
            found.append(vector)
    return found


def enumerated(W, step):
    """The largest sum of w nu alpha over all deterministic history-dependent policies."""
    weights = W.w[:, None] * W.nu
    return sum(max(weights[:, s] @ v for v in every_vector(W, 1, s, step)) for s in range(W.S))


def mvp_step(W, known):
    """(3), (4) in the constants of B.4, written out."""

    def step(m, s, a, v):
        P, N = known.P_hat[m, s, a], known.N[m, s, a]
        if N == 0:
            return 1.0
        mean = sum(p * x for p, x in zip(P, v, strict=True))
        spread = sum(p * x * x for p, x in zip(P, v, strict=True)) - mean**2
        support = sum(p > 0 for p in P)
        rate = known.iota / N
        bonus = max(16 * W.S * rate, 4 * np.sqrt(support * max(spread, 0) * rate))
        return min(W.rewards[m, s, a] + bonus + mean, 1)

    return step


def box_step(W, known):
    """The best of the two ends of the interval of the first entry; two states."""

    def step(m, s, a, v):
        P, N = known.P_hat[m, s, a], known.N[m, s, a]
        width = [2 * np.sqrt(p * known.iota / N) + 5 * known.iota / N if N else 1 for p in P]
        low = max(0, P[0] - width[0], 1 - P[1] - width[1]) if N else 0
        high = min(1, P[0] + width[0], 1 - P[1] + width[1]) if N else 1
        return W.rewards[m, s, a] + max(q * v[0] + (1 - q) * v[1] for q in (low, high))

    return step


SIZES = [(2, 2, 2, 2, 2), (3, 2, 2, 2, 2), (2, 2, 2, 3, 1), (1, 2, 2, 3, 1), (2, 1, 3, 3, 2)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("most", "iota"), [(400, 0.02), (20, 0.05)])
def test_mvp_is_the_maximum_over_all_policies(size, most, iota):
    for seed in range(3):
        W = world(seed, *size)
        known = guess(W, seed, iota, most)
        plan = mvp_solver()(known)
        assert plan.value == pytest.approx(enumerated(W, mvp_step(W, known)), abs=1e-9)
        assert plan.note == "exact"


@pytest.mark.parametrize("size", [it for it in SIZES if it[1] == 2])
def test_extended_value_iteration_is_the_maximum_over_all_policies(size):
    for seed in range(3):
        W = world(seed, *size)
        known = guess(W, seed, 0.1, 40)
        plan = bernstein_solver()(known)
        assert plan.value == pytest.approx(enumerated(W, box_step(W, known)), abs=1e-9)
        assert plan.note.startswith(UPPER)


@pytest.mark.parametrize("size", [(2, 2, 2, 3), (3, 2, 2, 3), (2, 3, 2, 3), (1, 3, 2, 4)])
def test_the_best_plan_is_that_of_dynamic_programming_over_histories(size):
    for seed in range(5):
        W = world(seed, *size)
        plan, found = optimal_graph(W)
        weights, later = latent.joint_weights(W), None
        for t in range(W.H, 0, -1):
            value = (weights[t - 1][:, :, None] * W.rewards[:, latent.last_states(W, t)]).sum(0)
            if later is not None:
                value = value + later.reshape(-1, W.A, W.L, W.S).sum((2, 3))
            later = value.max(-1)
        pi = graph_history_policy(W, plan)
        assert plan.value == pytest.approx(later.sum()) == pytest.approx(found.value)
        assert found.value == pytest.approx(float(latent.latent_value(W, pi)))
        assert found.variance == pytest.approx(float(latent.total_reward_variance(W, pi)))


def one_row(N, P, iota):
    labels = np.zeros((1, 2, 1), dtype=int)
    frame = Frame(np.ones(1), np.array([[1.0, 0]]), 0.0 * labels, labels, 1, 2)
    shape = (1, 2, 1, 2)
    return Estimates(frame, np.full(shape[:3], N), np.broadcast_to(P, shape), iota, None)


def test_a_bonus_by_hand():
    """iota/N = 1/3200: 4 sqrt(2 / 4 / 3200) = 1/20 and 16 * 2 / 3200 = 1/100."""
    backup = MvpBackup(one_row(3200, [0.5, 0.5], 1.0))
    at = np.zeros(1, dtype=int), 0, 0
    assert backup.values(*at, np.array([[[1.0, 0.0]]])) == pytest.approx(1 / 2 + 1 / 20)
    assert backup.values(*at, np.array([[[0.2, 0.2]]])) == pytest.approx(1 / 5 + 1 / 100)
    assert backup.values(*at, np.array([[[1.0, 1.0]]])) == 1
    assert MvpBackup(one_row(0, [0, 0], 1.0)).values(*at, np.zeros((1, 1, 2))) == 1


def test_the_largest_row_is_the_best_vertex():
    rng = np.random.default_rng(0)
    for _ in range(50):
        p, v = rng.dirichlet(np.ones(3)), rng.random(3)
        low, high = np.maximum(p - rng.random(3) / 3, 0), np.minimum(p + rng.random(3) / 3, 1)
        row = largest_row(low, high, v)
        assert row.sum() == pytest.approx(1)
        assert ((low - 1e-12 <= row) & (row <= high + 1e-12)).all()
        best = max(
            v @ q
            for free in range(3)
            for ends in itertools.product((low, high), repeat=3)
            if (q := _vertex(ends, free, low, high)) is not None
        )
        assert row @ v == pytest.approx(best)


def _vertex(ends, free, low, high):
    q = np.array([ends[k][k] for k in range(3)])
    q[free] = 1 - np.delete(q, free).sum()
    return q if low[free] - 1e-12 <= q[free] <= high[free] + 1e-12 else None


def inside(W, known):
    """Omega_1: the truth lies in the Bernstein set."""
    box = bernstein_box(known)
    return ((box.low <= W.P + 1e-15) & (box.high + 1e-15 >= W.P)).all()


def edge(W, seed, iota):
    """Estimates as wrong as Omega_1 allows: rows at random, as little data as admits them."""
    rng = np.random.default_rng(seed)
    P_hat = rng.dirichlet(np.ones(W.S) / 2, W.labels.shape)
    off = np.abs(P_hat - W.P)
    root = (2 * np.sqrt(P_hat) + np.sqrt(4 * P_hat + 20 * off)) / (2 * np.maximum(off, 1e-9))
    N = np.floor(iota * root.min(-1) ** 2)
    return Estimates(frame_of(W), np.minimum(N, 1e7).astype(int), P_hat, iota, rng)


@pytest.mark.parametrize("solver", [mvp_solver(), bernstein_solver(), bernstein_solver(cap=True),
                                    per_step_solver()])  # fmt: skip
def test_solvers_are_optimistic_wherever_omega_1_holds(solver):
    kept = 0
    for seed in range(30):
        W = world(seed, 1 + seed % 2, 2, 2, 2 + seed % 2)
        for known in (guess(W, seed, 0.5), edge(W, seed, 5.0)):
            if inside(W, known):
                kept += 1
                assert solver(known).value >= optimal_graph(W)[1].value - 1e-9
    assert kept >= 45


def test_the_exact_solver_lies_between_its_bounds():
    for seed in range(3):
        W = world(seed)
        known = guess(W, seed, 0.5, 60)
        plan = exact_bernstein_solver(tolerance=0.01)(known)
        upper = bernstein_solver()(known).value
        assert plan.value <= upper + 1e-9
        assert plan.value >= optimal_graph(W)[1].value - 0.01 or not inside(W, known)
        assert "one model of the set, within" in plan.note


def test_the_best_model_may_lie_inside_the_polytope():
    """One context, s pays 1/6 and stays with chance p, g pays 3/10 once: the vertices p = 0, 1 give
    7/15 and 1/2; the maximum is 83/160 at p = 5/8, as dV/dp = 1/6 - (4/15) p shows."""
    rewards = np.array([1 / 6, 3 / 10, 0]).reshape(1, 3, 1)
    frame = Frame(np.ones(1), np.array([[1.0, 0, 0]]), rewards, np.arange(3).reshape(1, 3, 1), 3, 3)
    low, high = np.zeros((1, 3, 1, 3)), np.zeros((1, 3, 1, 3))
    high[0, 0, 0, :2] = high[0, 1:, 0, 2] = 1
    found = best_model(frame, Box(low, high), tolerance=1e-4)
    assert found.P[0, 0, 0, 0] == pytest.approx(5 / 8, abs=1e-2)
    assert found.lower - 1e-9 <= 83 / 160 <= found.upper + 1e-9
    assert found.upper - found.lower <= 1e-4
    for p in (0, 1):
        assert 1 / 6 * (1 + p + p * p) + 3 / 10 * ((1 - p) + p * (1 - p)) < found.lower - 0.01
    with pytest.raises(InvalidArgument, match="limit is 3 boxes"):
        best_model(frame, Box(low, high), tolerance=1e-4, limit=3)
    with pytest.raises(InvalidArgument, match="box has a row without a distribution"):
        best_model(frame, Box(low, 0 * high), tolerance=1e-4)


def spike():
    """State 0 pays 1, once: it leads to state 1, for good."""
    P = np.zeros((1, 2, 1, 2))
    P[..., 1] = 1
    return LatentMDP([1.0], [[1.0, 0]], P, [1.0, 0.0], [[[0], [1]]], 3)


@pytest.mark.parametrize(("cap", "broken"), [(False, True), (True, False)])
def test_a_model_of_the_set_may_pay_a_reward_twice(cap, broken):
    """Section 5.1 says totals stay below 1; at iota/N = 1 the row of state 0 is free, its
    loop has chance 1, and Lemma 16's "upper bound of 1" fails without truncation though the truth
    is in the set: V~ = 3, and the Bellman error at the first step is 2."""
    W = spike()
    counts = np.zeros((1, 2, 1, 2), dtype=int)
    counts[0, :, 0, 1] = 1, 10**12
    known = estimates(frame_of(W), counts, 1.0, None)
    plan = bernstein_solver(cap=cap)(known)
    it = Stretch(0, 1, plan, worth(W, plan), counts, None, None, False)
    over = (bellman_errors(W, it) - bellman_bounds(W, it, 1.0)).max()
    assert inside(W, known)
    assert plan.value == pytest.approx(3 if broken else 1)
    assert over == pytest.approx(1 if broken else 0, abs=1e-5)


def test_baselines():
    W = world(5, H=3)
    uniform = latent.memoryless(W, Policy(np.full((W.S, W.A), 1 / W.A)))
    assert uniform_value(W) == pytest.approx(float(latent.latent_value(W, uniform)))
    much = estimates(frame_of(W), np.round(W.P * 10**9).astype(int), 1.0, np.random.default_rng(0))
    for solver in (per_step_solver(), posterior_solver(), mvp_solver(), bernstein_solver()):
        assert solver(much).value == pytest.approx(optimal_graph(W)[1].value, abs=1e-3)
    row = one_row(400, [0.25, 0.75], 1.0)
    paid = per_step_solver()(row).value
    bonus = 2 * (0.5 + np.sqrt(0.75)) / 20 + 10 / 400
    assert paid == pytest.approx(2 * bonus)
