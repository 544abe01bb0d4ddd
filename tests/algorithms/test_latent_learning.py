"""Algorithm 1 against a literal, slow copy of it; the terms of the proof and its chain on runs."""

import dataclasses

import numpy as np
import pytest

from theorylab.algorithms.bernstein_solver import bernstein_solver
from theorylab.algorithms.latent_baselines import uniform_value
from theorylab.algorithms.latent_estimates import optimal_graph
from theorylab.algorithms.latent_learning import learn
from theorylab.algorithms.latent_learning_terms import (
    Line,
    chain,
    explicit_bound,
    good_events,
    run_terms,
    stretch_terms,
)
from theorylab.algorithms.latent_plans import graph_history_policy, memoryless_plan
from theorylab.algorithms.mvp_solver import mvp_solver
from theorylab.errors import InvalidArgument
from theorylab.theory import latent
from theorylab.worlds.latent_mdp import LatentMDP, histories, histories_at

from .test_latent_solvers import world


def literal(W, solver_plans, seed, episodes):
    """Algorithm 1 as printed, on histories, with the uniforms that `learn` draws.

    Returns episodes as (context, t_0, visited (history number, t), indicator), and n, N at the end.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed).spawn(2)[0]))
    n, N, seen, first_calls, played = {}, {}, {}, [], []
    policies = iter(solver_plans)
    rows = latent.decisions(W, graph_history_policy(W, next(policies)))
    for k in range(episodes):
        m = _draw(W.w, rng.random())
        s, history, steps = _draw(W.nu[m], rng.random()), None, []
        history = s
        for t in range(W.H):
            a = int(np.argmax(rows[t][history]))
            s2 = _draw(W.P[m, s, a], rng.random())
            steps.append((history, s, a, s2))
            history = ((history * W.A + a) * W.L + int(W.labels[m, s, a])) * W.S + s2
            s = s2
        triggered = W.H + 1
        for t, (_, s, a, s2) in enumerate(steps, start=1):
            n[m, s, a] = n.get((m, s, a), 0) + 1
            seen[m, s, a, s2] = seen.get((m, s, a, s2), 0) + 1
            if n[m, s, a] in {2**i for i in range(40)}:
                triggered = min(triggered, t)
                N[m, s, a] = n[m, s, a]
        played.append((m, triggered, steps))
        if triggered <= W.H:
            first_calls.append(k)
            rows = latent.decisions(W, graph_history_policy(W, next(policies)))
    return played, n, N, first_calls


def _draw(p, u):
    return int(np.argmax(u < np.append(np.cumsum(np.asarray(p, float))[:-1], np.inf)))


@pytest.mark.parametrize("seed", range(3))
def test_a_run_is_that_of_the_literal_algorithm(seed):
    W = world(seed, 2, 2, 2, 3)
    run = learn(W, mvp_solver(scale=0.01), episodes=300, delta=0.1, seed=seed)
    plans = [it.plan for it in run.stretches]
    played, n, N, calls = literal(W, [*plans, plans[-1]], seed, 300)
    assert run.contexts.tolist() == [m for m, _, _ in played]
    assert [it.first + it.episodes - 1 for it in run.stretches if it.triggered] == calls
    ends = [it.first for it in run.stretches]
    stretch_of = [sum(end <= k for end in ends) - 1 for k in range(300)]
    assert [run.policy_at(k) for k in range(300)] == stretch_of
    last = run.stretches[-1]
    for key, value in N.items():
        assert value & (value - 1) == 0 and value <= n[key] < 2 * value
        if not last.triggered:
            assert last.known.sum(-1)[key] == value
    for it in run.stretches:
        part = played[it.first : it.first + it.episodes]
        assert it.before.sum() == sum(min(t0, W.H) for _, t0, _ in part)
        assert it.after.sum() == sum(min(t0 - 1, W.H - 1) + 1 for _, t0, _ in part)


def test_the_terms_are_those_of_histories():
    """X_1 to X_6 again, on alpha vectors over all histories by theorylab.theory, no graph."""
    W = world(7, 2, 2, 2, 3)
    run = learn(W, bernstein_solver(scale=0.02, cap=True), episodes=200, delta=0.1, seed=3)
    plans = [it.plan for it in run.stretches]
    played = literal(W, [*plans, plans[-1]], 3, 200)[0]
    got = np.zeros(6)
    for k, (m, t0, steps) in enumerate(played):
        it = run.stretches[run.policy_at(k)]
        pi = graph_history_policy(W, it.plan)
        true = [*latent.alpha_vectors(W, pi), None]
        optimistic = [*spread_out(W, it.plan), None]
        value = float(latent.latent_value(W, pi))
        got[0] += it.plan.value - optimistic[0][m, steps[0][0]]
        got[1] -= value
        start = (W.w[:, None] * W.nu).ravel()
        got[4] += latent.variance(start, true[0].astype(float).ravel())
        got[5] += latent.variance(start, (optimistic[0] - true[0]).astype(float).ravel())
        for t, (h, s, a, s2) in enumerate(steps, start=1):
            now, nxt = t <= t0, t + 1 <= t0 or t == W.H
            label = int(W.labels[m, s, a])
            base = ((h * W.A + a) * W.L + label) * W.S
            P, N = W.P[m, s, a], it.known[m, s, a].sum()
            zero = np.zeros(W.S)
            v = optimistic[t][m, base : base + W.S] if t < W.H else zero
            x = true[t][m, base : base + W.S].astype(float) if t < W.H else zero
            got[1] += W.rewards[m, s, a] * now
            got[2] += nxt * (P @ v - v[s2])
            spread = max(P @ v**2 - (P @ v) ** 2, 0)
            rate = run.iota / max(N, 1)
            beta = 7 * np.sqrt(W.degree * spread * rate) + 30 * W.S * rate if N else 1
            got[3] += now * min(beta, 1)
            got[4] += nxt * (P @ x**2 - (P @ x) ** 2)
            got[5] += nxt * (P @ (v - x) ** 2 - (P @ (v - x)) ** 2)
    it = run_terms(run)
    assert got == pytest.approx([it.x1, it.x2, it.x3, it.x4, it.x5, it.x6], abs=1e-8)


def spread_out(W, plan):
    """The plan's own vectors over all histories of each step, (M, N_t); 0 without a node."""
    nodes, found = plan.start[latent.last_states(W, 1)], []
    for t in range(1, W.H + 1):
        found.append(plan.alpha[nodes].T)
        action = np.append(plan.action, 0)[nodes]
        end = np.full((1, W.L, W.S), plan.nodes)
        grown = np.full((histories_at(W, t), W.A, W.L, W.S), plan.nodes)
        grown[np.arange(len(nodes)), action] = np.concatenate([plan.following, end])[nodes]
        nodes = grown.ravel()
    return found


@pytest.mark.parametrize("solver", [mvp_solver(), bernstein_solver(cap=True)])
def test_the_chain_holds_along_runs(solver):
    for seed in range(2):
        W = world(seed, 2, 3, 2, 2)
        run = learn(W, solver, episodes=3000, delta=0.1, seed=seed)
        assert good_events(run) == good_events(run, under_root=True) == (True, True)
        lines = chain(run, largest=1 / 4)
        assert [line.name for line in lines if not line.holds] == []
        assert len(lines) == 18


def test_a_wrong_count_breaks_the_decomposition():
    W = world(1, 2, 3, 2, 3)
    run = learn(W, mvp_solver(), episodes=500, delta=0.1, seed=0)
    one = np.zeros_like(run.stretches[-1].before)
    one[-1, 0] = 1
    last = dataclasses.replace(run.stretches[-1], before=run.stretches[-1].before + one)
    broken = dataclasses.replace(run, stretches=(*run.stretches[:-1], last))
    names = [line.name for line in chain(broken, largest=1 / 4) if not line.holds]
    assert "decomposition (i)" in names
    assert not Line("x", 2.0, 1.0, "here", True).holds


def test_regret_is_the_sum_of_exact_gaps():
    W = world(2, 2, 2, 2, 3)
    run = learn(W, mvp_solver(scale=0.01), episodes=100, delta=0.1, seed=1)
    gaps = [run.best - run.stretches[run.policy_at(k)].worth.value for k in range(100)]
    assert run.best == optimal_graph(W)[1].value
    assert run.regret_at([0, 37, 100]) == pytest.approx([0, sum(gaps[:37]), sum(gaps)])
    assert run_terms(run).regret == pytest.approx(sum(gaps))
    assert run.literal_calls == 100
    parts = [stretch_terms(run, it).updates for it in run.stretches]
    assert sum(parts) == run_terms(run).updates
    with pytest.raises(InvalidArgument, match="leave the range"):
        run.regret_at([101])


def test_the_same_seed_gives_the_same_run():
    W = world(4)
    first, second = (learn(W, mvp_solver(), episodes=500, delta=0.1, seed=9) for _ in range(2))
    assert (first.contexts == second.contexts).all()
    assert run_terms(first) == run_terms(second)
    other = learn(W, mvp_solver(), episodes=500, delta=0.1, seed=10)
    assert (first.contexts != other.contexts).any()


def test_the_law_of_episodes_is_that_of_the_world():
    """Contexts and the next states of a fixed plan, within five standard errors."""
    W = world(3, 2, 3, 1, 2)
    fixed = memoryless_plan(W, np.zeros((2, 3), dtype=int))
    run = learn(W, lambda _: fixed, episodes=20000, delta=0.1, seed=0)
    share = np.bincount(run.contexts) / run.episodes
    assert np.abs(share - W.w).max() < 5 * np.sqrt(1 / 4 / run.episodes)
    known = run.stretches[-1].known
    N = known.sum(-1, keepdims=True)
    off = np.abs(known / np.maximum(N, 1) - W.P) * (N > 0)
    assert (off <= 5 * np.sqrt(1 / 4 / np.maximum(N, 1))).all()


def test_an_unlikely_estimate_is_seen_off_the_events():
    W = LatentMDP([1.0], [[1.0, 0]], [[[[0.5, 0.5]], [[0.5, 0.5]]]], [0.0], [[[0], [0]]], 1)
    run = learn(W, mvp_solver(), episodes=8, delta=1.0, seed=0)
    known = np.zeros((1, 2, 1, 2), dtype=int)
    known[..., 0] = 10**4
    odd = dataclasses.replace(run.stretches[0], known=known)
    assert good_events(dataclasses.replace(run, stretches=(odd,))) == (False, False)
    assert good_events(run) == (True, True)


def test_the_explicit_bound_grows_like_the_theorem():
    """Without variance only its logarithm sees K; with it the square root takes over."""
    W = world(0)
    at = [explicit_bound(W, 10**k, 40.0, 0.0) for k in (6, 16)]
    assert at[0] == at[1]
    low, high = (explicit_bound(W, 10**k, 40.0, 0.25) for k in (18, 20))
    assert high / low == pytest.approx(10, rel=0.01)


@pytest.mark.parametrize(("change", "said"), [({"episodes": 0}, "episodes is 0"),
                                          ({"episodes": True}, "episodes is True"),
                                          ({"delta": 1.5}, "delta is 1.5")])  # fmt: skip
def test_bad_arguments(change, said):
    with pytest.raises(InvalidArgument, match=said):
        learn(world(0), mvp_solver(), **{"episodes": 10, "delta": 0.1, "seed": 0, **change})


def test_an_exact_world_is_learnt_in_floats():
    """One state; action 1 pays 1/2 in each of two steps; without data MVP plays action 0."""
    W = LatentMDP([1], [[1]], [[[[1], [1]]]], [0, "1/2"], [[[0, 1]]], 2)
    run = learn(W, mvp_solver(), episodes=100, delta=0.1, seed=0)
    assert run.regret_at([1, 100]).tolist() == [1.0, 100.0]
    assert uniform_value(W) == 1 / 2
    assert all(line.holds for line in chain(run, largest=1 / 4))


def test_a_plan_covers_the_histories():
    W = world(0, 2, 2, 2, 3)
    assert graph_history_policy(W, optimal_graph(W)[0]).probabilities.shape == (
        sum(histories(W)),
        W.A,
    )
