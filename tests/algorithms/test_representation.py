"""Algorithms 1 and 2 of LV-Rep against brute force: classes, bonuses, plans, samples, lines."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

from theorylab.algorithms.representation_bonus import (
    Bonus,
    bonus_table,
    constants,
    feature_kernel,
    squared_potential,
)
from theorylab.algorithms.representation_classes import (
    ListedClass,
    RowClass,
    lock_class,
    norm_constants,
)
from theorylab.algorithms.representation_lcb import exploit, inverse_propensity
from theorylab.algorithms.representation_terms import (
    coverage,
    explicit_bound,
    offline_lines,
    online_lines,
)
from theorylab.algorithms.representation_ucb import Sampler, explore, plan, policy_of
from theorylab.errors import InvalidArgument, ModelError
from theorylab.theory.tabular import performance, state_occupancy
from theorylab.worlds import Policy
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.latent_variable_instances import (
    clipped_bonus_pair,
    clipped_penalty_pair,
    combination_lock,
    in_floats,
    random_low_rank,
)


def low_rank(models=3, S=4, A=2, Z=3):
    """A class of random models with the reward of the first."""
    found = [in_floats(random_low_rank((5, k), S=S, A=A, Z=Z)) for k in range(models)]
    return [LatentVariableModel(**{**vars(it), "payoff": found[0].payoff}) for it in found]


def pair():
    """The pair for the bonus in floats, the wrong model first."""
    truth, other = (in_floats(it) for it in clipped_bonus_pair())
    return truth, ListedClass((other, truth))


# ---- maximum likelihood --------------------------------------------------------------------------


def likelihood(model, data):
    """The probability of the transitions, one by one."""
    return math.prod(model.P[it] for it in data)


def test_the_listed_class_takes_the_first_most_likely_model():
    models = low_rank(4)
    candidates = ListedClass((models[2], *models, models[2]))
    rng, scores, data = np.random.default_rng(0), candidates.scores(), []
    for _ in range(40):
        s, a = rng.integers(4), rng.integers(2)
        data.append((s, a, rng.choice(4, p=models[2].P[s, a])))
        candidates.add(scores, *data[-1])
    best = max(likelihood(it, data) for it in candidates.models)
    first = [likelihood(it, data) == best for it in candidates.models].index(True)
    choice = candidates.best(scores)
    assert choice.index == [first] == [0] and choice.ties == 3
    assert choice.model is candidates.models[0]


def test_the_row_class_is_the_class_of_all_its_models():
    """Two groups, two actions, two candidates: 16 models, listed in the order of their rows."""
    like = low_rank(1, Z=2)[0]
    rows = np.random.default_rng(1).dirichlet(np.ones(2), size=(2, 2, 2))
    group = np.array([0, 1, 1, 0])
    candidates = RowClass(rows, group, like)
    listed = []
    for choice in itertools.product(range(2), repeat=4):
        table = np.take_along_axis(rows, np.reshape(choice, (2, 2, 1, 1)), 2)[:, :, 0][group]
        listed.append(LatentVariableModel(**{**vars(like), "latents": table}))
    every = ListedClass(tuple(listed))
    assert candidates.log_size == pytest.approx(every.log_size)
    rng, one, two = np.random.default_rng(2), candidates.scores(), every.scores()
    for _ in range(12):
        data = (rng.integers(4), 0, rng.integers(4))
        candidates.add(one, *data)
        every.add(two, *data)
    a, b = candidates.best(one), every.best(two)
    assert (a.model.latents == b.model.latents).all()
    assert a.ties == 4  # action 1 was never taken
    for K in (np.eye(2), np.array([[2.0, 1.0], [1.0, 2.0]])):
        assert norm_constants(candidates, K) == pytest.approx(norm_constants(every, K))


def test_what_no_model_allows_is_named():
    candidates = pair()[1]
    with pytest.raises(InvalidArgument, match=r"\(0, 0\) -> 1 has probability 0 in every model"):
        candidates.add(candidates.scores(), 0, 0, 1)
    lock = in_floats(combination_lock((1, 0)))
    locks = lock_class(lock)
    with pytest.raises(InvalidArgument, match="does not hold the truth"):
        locks.add(locks.scores(), 0, 0, 2)
    with pytest.raises(InvalidArgument, match="no model"):
        ListedClass(())


def test_an_action_of_a_lock_is_wrong_until_it_is_seen_to_be_right():
    lock = in_floats(combination_lock((1, 0), noise="1/10"))
    candidates = lock_class(lock, noise=0.1)
    scores = candidates.scores()
    assert (candidates.best(scores).model.latents[0, :, 3] == 1).all()
    candidates.add(scores, 0, 1, 1)
    assert candidates.best(scores).model.latents[0, 1, :2] == pytest.approx([0, 0.9])


# ---- bonuses -------------------------------------------------------------------------------------


def test_the_potential_is_that_of_the_sum_over_the_data():
    model, K = low_rank(1)[0], np.array([[2.0, 1, 0], [1, 2, 0], [0, 0, 1]])
    visits = np.random.default_rng(0).integers(0, 4, size=(4, 2))
    sigma = 0.5 * np.linalg.inv(K)
    for s, a in np.ndindex(4, 2):
        for _ in range(visits[s, a]):
            sigma = sigma + np.outer(model.latents[s, a], model.latents[s, a])
    gram = feature_kernel(Bonus(), K, np.random.default_rng(0))
    found = squared_potential(model.latents, visits.astype(float), 0.5, gram)
    for s, a in np.ndindex(4, 2):
        p = model.latents[s, a]
        assert found[s, a] == pytest.approx(p @ np.linalg.inv(sigma) @ p)


def test_features_need_no_more_than_their_kernel():
    """phi' (sum visits phi phi' + lambda I)^{-1} phi, with five features and with two for three
    latent values, where the kernel has no inverse."""
    model, visits = low_rank(1)[0], np.random.default_rng(0).integers(0, 4, size=(4, 2))
    for m in (2, 5):
        W = np.random.default_rng(1).normal(size=(3, m))
        found = squared_potential(model.latents, visits.astype(float), 0.5, W @ W.T)
        phi = model.latents @ W
        sigma = 0.5 * np.eye(m) + np.einsum("sa,sai,saj->ij", visits, phi, phi)
        assert found == pytest.approx(np.einsum("sai,ij,saj->sa", phi, np.linalg.inv(sigma), phi))


def test_random_features_tend_to_the_operator():
    """The error falls like 1 / sqrt(m): 100 times the features, a tenth, up to chance."""
    model, K = low_rank(1)[0], np.array([[2.0, 1, 0], [1, 2, 0], [0, 0, 1]])
    visits, rng = np.full((4, 2), 1.0), np.random.default_rng(3)
    exact = squared_potential(model.latents, visits, 0.5, feature_kernel(Bonus(), K, rng))
    errors = []
    for m in (10, 1000):
        maps = [feature_kernel(Bonus("features", features=m), K, rng) for _ in range(20)]
        found = [squared_potential(model.latents, visits, 0.5, it) for it in maps]
        errors.append(np.abs(np.array(found) - exact).max((1, 2)).mean())
    assert errors[1] < errors[0] / 5 and errors[1] > errors[0] / 20


def test_the_constants_are_those_of_the_formulas():
    candidates = pair()[1]
    known = constants(Bonus(printed=True), candidates, np.eye(4), gamma=0.9, ratio=2, N=50)
    assert (known.clip, known.C) == (2, 4)
    assert known.regular == pytest.approx(4 * math.log(50) + math.log(50 * 2 / 0.1))
    inside = 2 * math.log(7 * 2 / 0.1) + known.regular * 4
    assert known.alpha(7) == pytest.approx(9 * math.sqrt(inside))
    known = constants(Bonus(scale=0.5), candidates, np.eye(4), gamma=0.9, ratio=2, N=50)
    assert known.clip == pytest.approx(8.1)
    assert known.regular == pytest.approx(math.e * math.log(4 * 4 * 50 * 2 / 0.1))
    inside = 2 * (math.sqrt(2) + 1) ** 2 * math.log(4 * 49 * 2 / 0.1) + known.regular * 4
    assert known.alpha(7) == pytest.approx(0.5 * 8.1 * math.sqrt((math.e - 1) * inside))


def test_the_bonus_is_clipped_and_baselines_are_their_own():
    truth, candidates = pair()
    visits = np.zeros((5, 2), dtype=np.int64)
    visits[0] = 10**9
    rng = np.random.default_rng(0)
    tables = {}
    for kind in ("operator", "unnormalised", "count", "none"):
        known = constants(Bonus(kind), candidates, np.eye(4), gamma=0.9, ratio=2, N=50)
        gram = feature_kernel(known.bonus, np.eye(4), rng)
        tables[kind] = bonus_table(known, gram, truth.latents, visits, 5)
    assert tables["operator"][1] == pytest.approx([8.1, 8.1])  # to 4 and 2, never a next state
    assert (tables["operator"][0] < 0.1).all() and (tables["none"] == 0).all()
    assert (tables["count"][0] < 0.1).all() and tables["count"][3, 0] == pytest.approx(8.1)
    assert tables["operator"][3, 0] < 0.1  # to 3, as from 0: features generalise, counts do not


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"regular": 0.0}, "lambda is 0.0, expected above 0"),
        ({"regular": math.nan}, "lambda is nan"),
        ({"clip": -1.0}, "clip is -1.0"),
        ({"scale": -1.0}, "scale is -1.0"),
        ({"delta": 1.0}, "delta is 1.0"),
        ({"kind": "ucb"}, "kind is 'ucb'"),
        ({"kind": "features"}, "features is 0"),
        ({"kind": "features", "features": 2.0}, "features is 2.0"),
    ],
)
def test_bad_bonuses_are_named(fields, said):
    with pytest.raises(InvalidArgument) as error:
        Bonus(**fields)
    assert said in str(error.value)


# ---- planning and sampling -----------------------------------------------------------------------


def test_planning_is_exact_from_wherever_it_starts():
    model = low_rank(1, S=3)[0]
    extra = np.random.default_rng(0).random((3, 2))
    paid = model.with_reward(model.payoff + extra).mdp
    every = [policy_of(np.array(it), 2) for it in itertools.product(range(2), repeat=3)]
    best = max(performance(paid, pi) for pi in every)
    for start in (None, *(np.array(it) for it in itertools.product(range(2), repeat=3))):
        actions, value = plan(model, extra, start)
        assert value == pytest.approx(best, rel=1e-12)
        assert (actions == plan(model, extra)[0]).all()
    assert (plan(model, -model.payoff, np.ones(3, dtype=np.int64))[0] == 0).all()  # ties


def test_the_state_where_a_run_stops_has_the_law_of_the_occupancy():
    model, rng = low_rank(1)[0], np.random.default_rng(1)
    pi = Policy(np.array([[0.2, 0.8], [0.5, 0.5], [1.0, 0.0], [0.7, 0.3]]))
    sampler, count = Sampler(model), 3_000
    drawn = np.bincount([sampler.state(pi.probabilities, rng) for _ in range(count)], minlength=4)
    d = state_occupancy(model.mdp, pi)
    assert np.abs(drawn / count - d).max() < 4 * math.sqrt(0.25 / count)
    assert np.abs(drawn / count - model.start).max() > 0.1


# ---- runs ----------------------------------------------------------------------------------------


def test_a_run_depends_on_its_seed_alone():
    truth, candidates = pair()
    one, two = (explore(truth, candidates, Bonus(), episodes=30, seed=4) for _ in range(2))
    assert (one.samples == two.samples).all() and (one.bonuses == two.bonuses).all()
    assert (one.samples != explore(truth, candidates, Bonus(), episodes=30, seed=5).samples).any()
    assert (one.regret >= -1e-12).all() and one.best == pytest.approx(8.1)


def test_clipped_at_two_the_best_state_is_never_seen():
    """Regret 8.1 - 5.4 in every episode, unless the uniform first episode saw state 2."""
    truth, candidates = pair()
    blind = seeing = 0
    for seed in range(6):
        run = explore(truth, candidates, Bonus(printed=True), episodes=60, seed=seed)
        if (run.samples[:, [0, 2]] == 2).any():
            seeing += 1
            assert run.regret[-1] == pytest.approx(0, abs=1e-9)
        else:
            blind += 1
            assert run.regret == pytest.approx(np.full(60, 2.7)) and run.ties[-1] == 2
    assert blind > 0
    wide = Bonus(printed=True, clip=20.0, scale=0.3, regular=1.0)
    run = explore(truth, candidates, wide, episodes=200, seed=0)
    assert run.regret[-1] == pytest.approx(0, abs=1e-9) and run.ties[-1] == 1


def test_the_lock_is_opened_with_a_bonus_and_not_without():
    lock = in_floats(combination_lock((1, 1, 0), copies=2))
    opened = {}
    for kind in ("operator", "none"):
        bonus = Bonus(kind, scale=0.01, regular=1.0)
        run = explore(lock, lock_class(lock), bonus, episodes=150, seed=0)
        opened[kind] = run.regret[-1] < 1e-9
    assert opened == {"operator": True, "none": False}


def test_the_lines_hold_on_runs_and_fall_where_the_bonus_is_too_small():
    models = low_rank(3)
    run = explore(models[1], ListedClass(tuple(models)), Bonus(), episodes=25, seed=1)
    lines = online_lines(run)
    assert len(lines) == 8 * 25 + 1 and all(it.holds for it in lines)
    truth, candidates = pair()
    blind = explore(truth, candidates, Bonus("none"), episodes=20, seed=0)
    broken = {it.name for it in online_lines(blind) if not it.holds}
    assert "optimism" in broken and not broken & {"trace", "potential", "distance", "bonus"}
    assert explicit_bound(run.constants, 3, 25) > run.regret.sum()


def test_tampered_runs_break_their_lines():
    models = low_rank(3)
    run = explore(models[1], ListedClass(tuple(models)), Bonus(), episodes=12, seed=1)
    moved = dataclasses.replace(run, samples=run.samples[:, [2, 3, 0, 1, 4]] * 0)
    assert all(it.holds for it in online_lines(run))
    little = dataclasses.replace(run.constants, regular=1e-3)
    other = online_lines(dataclasses.replace(moved, constants=little))
    assert "operator, below" in {it.name for it in other if not it.holds}
    worse = dataclasses.replace(run, values=run.values - 1e4)
    assert {it.name for it in online_lines(worse) if not it.holds} == {"simulation"}


def test_offline_runs_keep_their_lines_and_see_the_gap():
    models = low_rank(3)
    behaviour = np.tile([0.7, 0.3], (4, 1))
    assert inverse_propensity(Policy(behaviour)) == pytest.approx(1 / 0.3)
    run = exploit(models[1], ListedClass(tuple(models)), behaviour, Bonus(), samples=200, seed=1)
    assert all(it.holds for it in offline_lines(run)) and run.visits.sum() == 200
    assert run.gap >= -1e-12 and run.claimed <= run.value
    never = np.array([[0.5, 0.5], [0.5, 0.5], [0.0, 1.0], [0.5, 0.5]])
    with pytest.raises(InvalidArgument, match=r"pi_b\(0\|2\) is 0: omega"):
        exploit(models[1], ListedClass(tuple(models)), never, Bonus(), samples=2, seed=0)


def test_clipped_at_two_the_penalty_lets_the_chain_through():
    """Only the last pairs are uncovered, each penalised by 2 once; the gain is 1 / (1-gamma)."""
    truth, other = (in_floats(it) for it in clipped_penalty_pair(3, "19/20", "1/10"))
    candidates = ListedClass((other, truth))
    behaviour = np.tile([0.99, 0.01], (6, 1))
    gaps = {}
    for clip in (2.0, 0.95**2 / 0.05):
        bonus = Bonus(scale=0.05, clip=clip, regular=1.0)
        run = exploit(truth, candidates, behaviour, bonus, samples=100_000, seed=0)
        assert run.choice.ties == 2
        gaps[clip] = run.gap
    assert gaps[2.0] == pytest.approx(1.9) and gaps[0.95**2 / 0.05] == pytest.approx(0)


def test_coverage_is_the_best_direction():
    latents = np.array([[[1.0, 0.0]], [[0.3, 0.7]], [[0.5, 0.5]]])
    d, rho = np.array([[0.1], [0.8], [0.1]]), np.array([[0.6], [0.1], [0.3]])
    best = 0.0
    for angle in np.linspace(0, math.pi, 20_001):
        x = latents[:, 0] @ (math.cos(angle), math.sin(angle))
        best = max(best, (d[:, 0] * x * x).sum() / (rho[:, 0] * x * x).sum())
    assert coverage(d, rho, latents) == pytest.approx(best, rel=1e-6)
    assert coverage(d, np.array([[1.0], [0.0], [0.0]]), latents) == math.inf
    assert coverage(rho, rho, latents) == pytest.approx(1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"episodes": 0}, "episodes is 0"),
        ({"episodes": True}, "episodes is True"),
        ({"K": np.eye(3)}, "K has shape"),
        ({"K": np.diag([1.0, 1, 1, -0.5])}, "least eigenvalue -0.5"),
    ],
)
def test_bad_runs_are_named(options, said):
    truth, candidates = pair()
    with pytest.raises((InvalidArgument, ModelError)) as error:
        explore(truth, candidates, Bonus(), **{"episodes": 1, "seed": 0, **options})
    assert said in str(error.value)
