"""Helicopter: the step and its derivatives, fits, plans, the loop, what the data say."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from figures import helicopter as figure
from figures.helicopter_bfgs import best_of, bfgs
from figures.helicopter_dynamics import CONTROLS, HORIZON, STATES, parameter_slopes
from figures.helicopter_fit import combined, fit_exactly, loss_and_gradient, no_data
from figures.helicopter_measure import Helicopter, compared, measure, over_rounds, statements
from figures.helicopter_run import (
    RELEASED,
    TEXT,
    Policy,
    expert,
    exploration,
    generator,
    hover_pass,
    mixed,
    plan,
    replicate,
    rollout,
)
from figures.helicopter_world import CAP, TRUE, costs, helicopter
from theorylab.algorithms.ilqr import Search, ilqr
from theorylab.errors import Diverged, InvalidArgument
from theorylab.worlds.smooth import SIGNATURES, check_derivatives, differences

X = np.array([0.1, -0.2, 0.3, 1, 2, -1, 0.05, -0.1, 0.2, 0.02, -0.03, 0.04])
U = np.array([0.1, -0.2, 0.3, 0.05])
MIDDLE = [1.005, 1.99, -0.985, 0.107325, 0.0074, 0.3968]
AFTER = {
    True: [0.13225725, -0.17517971, 0.23272418, *MIDDLE, 0.06480238, -0.10020175, 0.13994716],
    False: [0.11625588, -0.18730753, 0.23162157, *MIDDLE, 0.0224503, -0.03505022, 0.04998715],
}
both = pytest.mark.parametrize("doubled", [True, False])


# ------------------------------------------------------------------------------------ the world


@both
def test_one_step_is_the_one_that_was_written_down(doubled):
    system = helicopter(doubled=doubled)
    assert system.step(X, U, system.parameters) == pytest.approx(np.array(AFTER[doubled]), abs=6e-9)


def test_the_correct_attitude_is_scipys_composition():
    from scipy.spatial.transform import Rotation

    system = helicopter(doubled=False)
    for size in (1e-9, 0.1, 1.0, 3.0):
        x = X.copy()
        x[9:] *= size / np.linalg.norm(x[9:])
        turned = Rotation.from_rotvec(x[9:]) * Rotation.from_rotvec(0.05 * x[6:9])
        after = system.step(x, U, system.parameters)
        assert after[9:] == pytest.approx(turned.as_rotvec(), abs=1e-12)
        free = system.parameters.copy()
        free[13:19] = 0, 0, 0, -1, 0, 0  # one newton along the body's -z
        down = Rotation.from_rotvec(x[9:]).apply([0, 0, -1]) / 5 + [0, 0, 9.81]
        assert system.step(x, 0 * U, free)[:3] - x[:3] == pytest.approx(0.05 * down, abs=1e-12)


@both
@pytest.mark.parametrize("size", [0.0, 1e-6, 1e-3, 0.03, 0.3, 2.0, 5.0])
def test_derivatives_are_those_of_finite_differences(doubled, size):
    rng = np.random.default_rng(int(10 * size))
    theta = TRUE + rng.random(20)
    system = helicopter(theta, doubled=doubled)
    x, u = size * rng.normal(size=STATES), size * rng.normal(size=CONTROLS)
    check_derivatives(system, x, u, tolerance=1e-7)
    by_theta = differences(lambda p: system.step(x, u, np.append(p, system.parameters[20:])), theta)
    found = parameter_slopes(x, u, system.parameters, doubled)
    assert np.abs(found - by_theta).max() < 1e-6 * max(1, np.abs(by_theta).max())


def test_controls_beyond_the_clip_have_no_effect_and_no_derivative():
    system = helicopter()
    low, high = (system.step(X, np.full(4, c), system.parameters) for c in (100.0, 200.0))
    assert (low == high).all()
    assert (system.step_derivatives(X, np.full(4, 200.0), system.parameters)[1] == 0).all()


def test_hover_costs_the_offset_alone_and_noise_costs_more():
    still = np.zeros((HORIZON, 4, 12)), np.zeros((HORIZON, 4))
    system = helicopter()
    noise = 0.1 * np.random.default_rng(0).standard_normal((3, HORIZON, 6))
    assert costs(system.parameters, *still, 0 * noise) == pytest.approx(50.5)
    assert (costs(system.parameters, *still, noise) > 50.6).all()
    plain = helicopter(scale=1.0, offset=0.0)
    released = costs(system.parameters, *still, noise)
    assert costs(plain.parameters, *still, noise) == pytest.approx(2 * (released - 50.5))


def test_a_rollout_that_diverges_costs_the_cap():
    unstable = TRUE.copy()
    unstable[5] = 1e6  # a torque that grows with the rate
    pushed = np.zeros((HORIZON, 4, 12)), np.ones((HORIZON, 4))
    assert costs(helicopter(unstable).parameters, *pushed, np.zeros((1, HORIZON, 6)))[0] == CAP
    with pytest.raises(Diverged, match="the first rollout diverges"):
        ilqr(helicopter(unstable), *pushed, check=False)


@both
def test_machine_code_and_plain_python_plan_alike(doubled):
    fast = replace(helicopter(TRUE + 0.2, doubled=doubled), horizon=6)
    plain = replace(fast, **{name: getattr(fast, name).py_func for name in SIGNATURES})
    assert (fast.compiled, plain.compiled) == (True, False)
    one, other = (ilqr(it, search=Search(iterations=5)) for it in (fast, plain))
    assert one.costs == pytest.approx(other.costs, rel=1e-9)
    assert len(one.costs) > 2
    assert pytest.approx(other.K, rel=1e-6, abs=1e-9) == one.K


# ------------------------------------------------------------------------------------- the fits


def transitions(setting, seed=0):
    return exploration(replace(setting, exploration="expert"), np.random.default_rng(seed))


def moments(setting, seed=0):
    data = transitions(setting, seed)
    doubled = setting.attitude == "doubled"
    return no_data().plus(data.before, data.controls, data.after, doubled), data


@pytest.mark.parametrize("setting", [RELEASED, TEXT], ids=["released", "text"])
def test_the_loss_is_the_mean_squared_one_step_error(setting):
    found, data = moments(setting)
    theta = TRUE + np.random.default_rng(1).random(20)
    system = setting.system(theta)

    def direct(p):
        packed = np.append(p, system.parameters[20:])
        rows = zip(data.before, data.controls, data.after, strict=True)
        error = np.array([system.step(x, u, packed) - y for x, u, y in rows])
        return (error[:, [0, 1, 2, 6, 7, 8]] ** 2).sum(1).mean()

    loss, gradient = loss_and_gradient(theta, found.count, found.gram, found.cross, found.square)
    assert loss == pytest.approx(direct(theta), rel=1e-9)
    assert gradient == pytest.approx(differences(direct, theta), abs=1e-7)
    # what is left out holds no parameter, and is no error
    after = np.array(
        [
            system.step(x, u, system.parameters)
            for x, u in zip(data.before, data.controls, strict=True)
        ]
    )
    assert after[:, [3, 4, 5, 9, 10, 11]] == pytest.approx(data.after[:, [3, 4, 5, 9, 10, 11]])


def test_the_exact_fit_is_least_and_keeps_what_the_data_do_not_say():
    found, _ = moments(RELEASED)
    arguments = (found.count, found.gram, found.cross, found.square)
    initial = TRUE + np.random.default_rng(1).random(20)
    best = fit_exactly(found, initial)
    loss, gradient = loss_and_gradient(best, *arguments)
    assert np.abs(gradient).max() < 1e-9
    assert loss < loss_and_gradient(TRUE, *arguments)[0] < loss_and_gradient(initial, *arguments)[0]
    assert best[:4].tolist() == initial[:4].tolist()
    nothing = replace(found, gram=0 * found.gram, cross=0 * found.cross)
    assert combined(fit_exactly(nothing, initial)) == pytest.approx(combined(initial))


@pytest.mark.parametrize("gtol", [1e-5, 1e-8])
def test_bfgs_stops_where_scipys_does(gtol):
    from scipy.optimize import minimize

    found, _ = moments(TEXT)
    arguments = (found.count, found.gram, found.cross, found.square)
    start = TRUE + np.random.default_rng(2).random(20)
    x, loss, made = bfgs(start, gtol, 4000, *arguments)
    theirs = minimize(
        *(loss_and_gradient, start, arguments), jac=True, method="BFGS", options={"gtol": gtol}
    )
    least = loss_and_gradient(fit_exactly(found, start), *arguments)[0]
    before = loss_and_gradient(start, *arguments)[0]
    assert np.abs(loss_and_gradient(x, *arguments)[1]).max() <= gtol
    assert loss == loss_and_gradient(x, *arguments)[0]
    assert loss - least < 1e-3 * (before - least)
    assert 0.5 < made / theirs.nit < 2
    assert loss - least == pytest.approx(theirs.fun - least, rel=0.5)


def test_restarts_never_make_a_fit_worse():
    found, _ = moments(RELEASED)
    arguments = (found.count, found.gram, found.cross, found.square)
    start = TRUE + np.random.default_rng(3).random(20)
    starts = np.concatenate([[start], start + np.random.default_rng(4).normal(size=(4, 20))])
    losses = [bfgs(one, 1e-5, 4000, *arguments)[1] for one in starts]
    chosen = best_of(starts, 1e-5, 4000, *arguments)
    assert loss_and_gradient(chosen, *arguments)[0] == min(losses)


# ------------------------------------------------------------------------------ plans and data


def test_without_drift_the_pass_says_nothing_at_hover_and_with_it_trims():
    model = TEXT.system(TRUE + 0.3)
    bare, whole = (hover_pass(model, drift) for drift in ("left out", "in the pass"))
    assert (bare.k == 0).all()
    assert np.abs(whole.k).max() > 0.01
    assert pytest.approx(whole.K) == bare.K
    still = np.zeros((1, HORIZON, 6))
    assert costs(model.parameters, whole.K, whole.k, still) < costs(
        model.parameters, bare.K, bare.k, still
    )


def test_sysid_plans_better_in_the_model_at_more_passes():
    model, last = RELEASED.system(TRUE + 0.05), expert(RELEASED)
    (lamps, one), (sysid, more) = (plan(RELEASED, name, model, last) for name in ("LAMPS", "SysID"))
    still = np.zeros((1, HORIZON, 6))
    cheap, dear = (costs(model.parameters, it.K, it.k, still)[0] for it in (sysid, lamps))
    assert (one, cheap < dear) == (1, True)
    assert more > 2
    again = plan(replace(RELEASED, first_plan="last"), "SysID", model, sysid)
    assert again[1] < more


def test_the_experts_controller_hovers_and_is_optimal():
    for setting in (RELEASED, TEXT):
        policy = expert(setting)
        assert (policy.k == 0).all()
        assert pytest.approx(hover_pass(setting.system(), "in the pass").K) == policy.K


def test_a_rollout_stops_before_it_leaves():
    noise = 0.1 * np.random.default_rng(0).standard_normal((HORIZON, 6))
    wild = Policy(np.zeros((HORIZON, 4, 12)), np.full((HORIZON, 4), 2.0))
    data = rollout(RELEASED, wild, noise)
    assert 0 < len(data) < HORIZON
    assert (np.hypot(*(np.linalg.norm(t, axis=1) for t in (data.before, data.controls))) <= 5).all()
    assert len(rollout(TEXT, wild, noise)) == HORIZON
    gone = rollout(RELEASED, Policy(wild.K, 3 * wild.k), noise)
    assert len(gone) == 0
    parts = mixed(transitions(RELEASED), gone, np.random.default_rng(0))
    assert [len(part) for part in parts] == [100]


def test_samples_come_from_both_sets_alike():
    nu = transitions(RELEASED)
    learner = replace(nu, before=nu.before + 100.0)
    rng = np.random.default_rng(0)
    rounds = [mixed(nu, learner, rng) for _ in range(50)]
    assert all(sum(map(len, parts)) == 100 for parts in rounds)
    share = np.mean([(part.before[:, 0] > 50).sum() for parts in rounds for part in parts]) / 50
    assert share == pytest.approx(0.5, abs=0.05)


def test_the_texts_exploration_stays_at_hover():
    data = exploration(TEXT, np.random.default_rng(0))
    assert data.before.shape == (1000, 12)
    assert not data.before.any()
    assert not data.controls.any()
    moved = data.after[:, 6:9].std(0)
    assert moved == pytest.approx(0.05 * 0.1 / 0.3, rel=0.1)


# --------------------------------------------------------------------------- loop and conclusion


@pytest.fixture(scope="module")
def small():
    return figure.compute("text", iterations=3, seeds=4, judged=6)


def backwards(function, items):
    """A map that works from the last item to the first."""
    return reversed([function(item) for item in reversed(list(items))])


def test_a_run_depends_on_its_seed_alone(small):
    (again,) = measure([TEXT], 3, 2, 3, 0, each=backwards)
    assert (again.real_cost == small.real_cost[:, :3]).all()
    assert (again.learner_in_model == small.learner_in_model[:, :3]).all()
    other = figure.compute("text", iterations=3, seeds=2, judged=2, seed=1)
    assert (other.real_cost != small.real_cost[:, :2]).any()
    assert generator(0, 1, "a").random() != generator(0, 1, "b").random()


def test_the_loop_learns(small):
    for i in range(2):
        before, after = small.real_cost[i, :, 0], small.real_cost[i, :, -1]
        assert np.median(after) < np.median(before)
        assert np.median(after - small.expert_cost) < 0.1 * np.median(small.expert_cost)
    assert (small.real_cost[0, :, 0] == small.real_cost[1, :, 0]).all()  # one initial controller
    assert (small.passes[1] == np.arange(4)).all()
    assert (np.diff(small.passes[0], axis=-1) >= 2).all()
    assert (small.failures == 0).all()
    assert np.isfinite(small.real_cost).all()


def test_a_planner_that_fails_keeps_the_controller(monkeypatch):
    def fail(*_):
        raise Diverged("planned to")

    monkeypatch.setattr("figures.helicopter_run.plan", fail)
    done = replicate((TEXT, 0, 2, 0))
    assert [run.failures for run in done.runs] == [2, 2]
    assert len(set(done.runs[0].real_cost)) == 1


def made(sysid, lamps, passes=(5.0, 1.0)):
    """Data of 8 seeds with these real costs; in the model both learners beat the expert."""
    rng = np.random.default_rng(0)
    near = rng.random((2, 8, 3)) / 10
    real = near + np.array([sysid, lamps])[:, None, None]
    counts = np.array(passes)[:, None, None] * np.arange(3)[None, None] + np.zeros((2, 8, 3))
    zeros = np.zeros((2, 8, 3))
    return Helicopter(
        *(TEXT, 2, 8, 8, 0, real, counts, 1 + near, 2 + near, zeros, zeros[..., 0], np.ones(8))
    )


@pytest.mark.parametrize(
    ("data", "words", "supported"),
    [
        (made(3, 2), ("holds", "holds"), True),
        (made(2, 3), ("does not hold", "holds"), False),
        (made(2, 2), ("is not decided", "holds"), False),
        (made(3, 2, (1.0, 5.0)), ("holds", "does not hold"), False),
        (made(3, 2, (1.0, 1.0)), ("holds", "is not decided"), False),
    ],
)
def test_the_conclusion_follows_the_data(data, words, supported):
    found = statements(data)
    assert (found["a"].word, found["b"].word) == words
    said = figure.conclusion(data)
    assert said.supported is supported
    assert f"LAMPS' real cost is below SysID's: {words[0]}" in said.text


def test_the_expert_must_cost_more_in_both_models():
    data = made(3, 2)
    learner = data.learner_in_model.copy()
    learner[1] += 2
    turned = replace(data, learner_in_model=learner)
    words = {name: it.word for name, it in statements(turned).items()}
    assert (words["c, SysID"], words["c, LAMPS"]) == ("holds", "does not hold")
    assert not figure.conclusion(turned).supported


def test_few_seeds_decide_nothing():
    assert compared(np.zeros(4), np.ones(4), "").word == "is not decided"
    assert compared(np.zeros(6), np.ones(6), "").word == "holds"


def test_columns_and_figure_hold_no_nan(small):
    table = figure.columns(small)
    assert {len(column) for column in table.values()} == {8}
    numbers = [column for name, column in table.items() if name != "algorithm"]
    assert np.isfinite(np.array(numbers, dtype=float)).all()
    row = table["real_cost_mean"].reshape(2, -1)[:, 1:].mean(1)
    assert row == pytest.approx(over_rounds(small.real_cost[:, :4]).mean(1))
    drawn = figure.draw(small)
    assert isinstance(drawn, Figure)
    titles = [axes.get_title() for axes in drawn.axes]
    assert titles == ["(a) real cost", "(b) backward passes so far", "(c) in the learned model"]
    left = drawn.axes[0].lines[0].get_ydata()
    assert left == pytest.approx((small.real_cost[0] - small.expert_cost[:, None])[:4].mean(0)[1:])


def test_variations_change_one_choice_at_a_time():
    seen, one = [], replicate((TEXT, 0, 1, 0))

    def each(function, items):
        assert function is replicate
        seen.extend(items)
        return [one for _ in seen]

    table = figure.variations(iterations=1, judged=2, each=each)
    changes = [row[:2] for row in table.rows]
    assert len(changes) == len(set(changes)) > 25
    assert {len(row) for row in table.rows} == {len(table.columns)}
    settings = {item[0] for item in seen}
    for setting in settings - {RELEASED, TEXT}:
        base = RELEASED if setting.name.startswith("released") else TEXT
        differing = [k for k in vars(base) if getattr(base, k) != getattr(setting, k)]
        assert len(differing) == 2  # the name and one choice
    assert "released (a)" in table.text
    assert "text (c, LAMPS)" in table.text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"variant": "other"}, "variant is 'other', expected one of"),
        ({"iterations": 0}, "iterations is 0, expected an integer of at least 1"),
        ({"seeds": 1}, "seeds is 1, expected an integer of at least 2"),
        ({"seed": -1}, "seed is -1"),
        ({"seeds": 2.0}, "seeds is 2.0"),
        ({"judged": 9}, "judged is 9, expected an integer of at least 10"),
    ],
)
def test_bad_options_are_named(options, said):
    with pytest.raises(InvalidArgument, match=said):
        figure.compute(**options)
