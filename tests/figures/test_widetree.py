"""WideTree: the tables of Figure 5, the loop, and a conclusion that follows the data."""

import dataclasses
import math

import matplotlib as mpl
import numpy as np
import pytest

from figures import widetree
from figures.widetree_measure import goes_to, measure
from figures.widetree_run import (
    ALGORITHMS,
    RELEASED,
    TEXT,
    collect,
    datum_losses,
    generator,
    instance,
    population_losses,
    replicate,
)
from figures.widetree_world import (
    HORIZON,
    LEAF,
    LEFT,
    RIGHT,
    A,
    B,
    C,
    D,
    E,
    bad_model,
    good_model,
    optimal_values,
    real_world,
    roll,
    step_costs,
)
from theorylab.errors import InvalidArgument
from theorylab.theory.finite_horizon import finite_horizon_optimal_values
from theorylab.worlds.finite_horizon import FiniteHorizonMDP

SMALL = {"leaves": 8, "iterations": 6, "seeds": 3}


def case_of(leaves=12, root=0.7, swap="permuted", seed=0):
    world = real_world(leaves, root)
    return world, good_model(world, swap, np.random.default_rng(seed)), bad_model(world)


def every_step(dynamics):
    """(s, a, after) for every layer row of the tree and every successor, as (n, 3) columns."""
    states, n = np.arange(dynamics.states), dynamics.states
    rows = [(b, d, a) for b in (B, C) for d in (D, E) for a in (LEFT, RIGHT)]
    s = np.concatenate([np.tile([A, b, d], (n, 1)) for b, d, _ in rows])
    a = np.concatenate([np.full((n, 3), act) for _, _, act in rows])
    return s, a, np.tile(np.stack([states] * 3, 1), (len(rows), 1))


# ------------------------------------------------------------------------- Figure 5, the tables


@pytest.mark.parametrize("root", [0.7, 1.0])
@pytest.mark.parametrize("leaves", [4, 12, 100])
@pytest.mark.parametrize("swap", ["moved", "permuted"])
def test_rows_sum_to_one_and_groups_part_the_leaves(leaves, root, swap):
    for dynamics in case_of(leaves, root, swap):
        P = dynamics.table()
        assert P.shape == (leaves + 5, 2, leaves + 5)
        assert (P >= 0).all()
        assert P.sum(-1) == pytest.approx(1)
        assert sorted(dynamics.groups.ravel()) == list(range(LEAF, LEAF + leaves))


def test_the_real_world_is_figure_5():
    P = real_world(8, 1.0).table()
    assert P[A, LEFT, B] == P[A, RIGHT, C] == 1
    assert (P[B, :, D] == 1).all()
    assert (P[C, :, E] == 1).all()
    below = {(s, a): np.flatnonzero(P[s, a]).tolist() for s in (D, E) for a in (LEFT, RIGHT)}
    assert below == {(D, 0): [5, 6], (D, 1): [7, 8], (E, 0): [9, 10], (E, 1): [11, 12]}
    assert P[D, LEFT, 5] == 0.5


def test_the_root_of_the_released_world_errs_three_times_in_ten():
    P = real_world(8, 0.7).table()
    assert pytest.approx(np.array([[0.7, 0.3], [0.3, 0.7]])) == P[A, :, [B, C]].T


@pytest.mark.parametrize("root", [0.7, 1.0])
def test_the_bad_model_is_wrong_at_the_root_only(root):
    world, _, bad = case_of(root=root)
    P, Q = world.table(), bad.table()
    assert (Q[A, LEFT] == P[A, RIGHT]).all()
    assert (Q[A, RIGHT] == P[A, LEFT]).all()
    assert (np.delete(Q, A, 0) == np.delete(P, A, 0)).all()


def test_the_good_model_is_right_at_the_root_only():
    world, good, _ = case_of(100, swap="moved")
    P, Q = world.table(), good.table()
    assert (Q[A] == P[A]).all()
    for s in (B, C, D, E):
        assert (P[s] * Q[s] == 0).all()  # no successor in common


def test_the_permuted_leaves_are_drawn_anew():
    world, good, _ = case_of(100)
    other = good_model(world, "permuted", np.random.default_rng(1))
    kept = (good.groups[:, :, None] == world.groups[:, None, :]).any(-1).mean()
    assert (good.groups != other.groups).any()
    assert 0.1 < kept < 0.45  # a quarter survives by chance
    assert good.child.tolist() == [E, D]


# -------------------------------------------------------------- the layers against the one table


@pytest.mark.parametrize("which", [0, 1, 2])
def test_probabilities_and_expectations_are_the_table_s(which):
    dynamics = case_of()[which]
    s, a, after = every_step(dynamics)
    P = dynamics.table()
    first = np.where((after[:, 0] == B) | (after[:, 0] == C), after[:, 0], B)
    possible = np.stack([first, after[:, 1], np.maximum(LEAF, after[:, 2])], 1)
    found = dynamics.probability(s, a, possible)
    assert found == pytest.approx(P[s, a, possible])
    assert found[:, 2].max() == 4 / 12
    V = np.random.default_rng(3).random(dynamics.states)
    assert dynamics.expected(V, s, a) == pytest.approx((P @ V)[s, a])


@pytest.mark.parametrize("which", [0, 1, 2])
def test_sampling_inverts_the_table(which):
    """On an even grid of uniform numbers the frequencies are the probabilities."""
    dynamics = case_of()[which]
    grid = np.repeat((np.arange(600)[:, None] + 0.5) / 600, 3, 1)
    for branch, child, action in [(B, D, 0), (B, E, 1), (C, D, 1), (C, E, 0)]:
        s, a = np.tile([A, branch, child], (600, 1)), np.full((600, 3), action)
        after = dynamics.sample(s, a, grid)
        for layer, state in enumerate((A, branch, child)):
            frequency = np.bincount(after[:, layer], minlength=dynamics.states) / 600
            assert frequency == pytest.approx(dynamics.table()[state, action])


@pytest.mark.parametrize("cost", [0.0, 0.01, 0.5])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_values_are_those_of_backward_induction(which, cost):
    dynamics = case_of(root=0.7)[which]
    V, Q = optimal_values(dynamics, cost)
    P, c = dynamics.table(), step_costs(dynamics.states, cost)
    mdp = FiniteHorizonMDP(
        np.stack([P] * HORIZON),
        np.broadcast_to(c[:, None], (HORIZON, dynamics.states, 2)).copy(),
        np.eye(dynamics.states)[A],
    )
    exact = finite_horizon_optimal_values(mdp)
    assert V[A] == pytest.approx(exact[0][A])
    assert V[[B, C]] == pytest.approx(exact[1][[B, C]])
    assert V[[D, E]] == pytest.approx(exact[2][[D, E]])
    assert V[LEAF:] == pytest.approx(0)
    assert pytest.approx(c[A] + (P @ exact[1])[A]) == Q


def test_episodes_walk_down_the_tree():
    world = real_world(12, 0.7)
    episodes = roll(world, [LEFT] * 500 + [RIGHT] * 500, np.random.default_rng(0))
    s, a, after = np.moveaxis(episodes, -1, 0)
    assert (s[:, 0] == A).all()
    assert (s[:, 1:] == after[:, :-1]).all()
    assert (world.table()[s, a, after] > 0).all()
    assert a[:, 0].tolist() == [LEFT] * 500 + [RIGHT] * 500
    assert abs((after[:500, 0] == B).mean() - 0.7) < 0.1
    assert len(np.unique(after[:, 2])) == 12


# ---------------------------------------------------------------------------- policies and losses


def test_the_released_values_are_those_of_the_release():
    """V is 0.3 at the root, 1 at B and 0 elsewhere, for both models; M_bad's policy is wrong."""
    case = instance(RELEASED, 100, np.random.default_rng(0))
    for V in case.values:
        assert V[A] == pytest.approx(0.3)
        assert V[B] == 1
        assert not V[C:].any()
    assert case.first.tolist() == [RIGHT, LEFT]
    assert case.real_costs == pytest.approx([0.3, 0.7])
    assert case.optimal_cost == pytest.approx(0.3)


def test_the_text_s_costs():
    case = instance(TEXT, 100, np.random.default_rng(0))
    assert case.real_costs == pytest.approx([0.03, 1.02])


def test_expected_losses_of_the_released_setting():
    """At the root 2 x 0.7 x 0.3 and 0.7^2 + 0.3^2, below it as in Figure 5; a third of each."""
    setting = dataclasses.replace(RELEASED, leaves_of_good="moved")
    case = instance(setting, 100, np.random.default_rng(0))
    sysid = population_losses(setting, "SysID", case)
    assert sysid == pytest.approx([(0.42 + 1 + 1) / 3, (0.58 + 0 + 0.96) / 3])
    lamps = population_losses(setting, "LAMPS-MM", case)
    assert lamps == pytest.approx([0.42 / 3, 0.58 / 3])


@pytest.mark.parametrize("leaves", [4, 100, 1000])
def test_a_certain_root_leaves_only_the_leaves_to_the_0_1_loss(leaves):
    setting = dataclasses.replace(TEXT, sysid="0-1")
    case = instance(setting, leaves, np.random.default_rng(0))
    good, bad = population_losses(setting, "SysID", case)
    assert good - bad == pytest.approx(4 / (3 * leaves))


def test_drawn_successors_add_no_bias():
    """The mean of the drawn losses is the expected loss, for both algorithms."""
    case = instance(RELEASED, 12, np.random.default_rng(0))
    episodes = roll(case.world, [RIGHT] * 20_000, np.random.default_rng(1))
    for algorithm in ALGORITHMS:
        for model in case.models:
            args = (RELEASED, algorithm, model, case.values[0], episodes)
            drawn = datum_losses(*args, np.random.default_rng(2))
            assert drawn.mean(0) == pytest.approx(datum_losses(*args).mean(0), abs=0.02)


def test_every_loss_uses_the_drawn_successor():
    """Drawn 0-1 and value losses are 0 or 1 here; expected ones are not."""
    case = instance(RELEASED, 12, np.random.default_rng(0))
    episodes = roll(case.world, [RIGHT] * 50, np.random.default_rng(1))
    for algorithm in ALGORITHMS:
        args = (RELEASED, algorithm, case.models[1], case.values[0], episodes)
        assert set(np.unique(datum_losses(*args, np.random.default_rng(2)))) == {0, 1}
        assert not set(np.unique(datum_losses(*args).round(9))) <= {0, 1}


# ------------------------------------------------------------------------------------- the loop


def test_the_text_is_a_closed_form():
    """Nothing random enters its losses: Hedge's weights are two logistic curves."""
    data = measure(TEXT, leaves=100, iterations=100, seeds=2)
    t, states, a = np.arange(101), 105, 0.01

    def log_loss(p):
        return -math.log((1 - a) * p + a / states)

    good = (log_loss(1) + 2 * log_loss(0)) / 3
    bad = (log_loss(0) + log_loss(1) + log_loss(4 / 100)) / 3
    for seed in range(2):
        sysid, lamps = data.weights[:, seed, :, 0]
        assert sysid == pytest.approx(1 / (1 + np.exp(0.9 * t * (good - bad))), rel=1e-10)
        assert lamps == pytest.approx(1 / (1 + np.exp(-0.9 * t * 0.99 / 3)), rel=1e-10)
    assert data.expected_loss_weights == pytest.approx(data.weights[:, 0], rel=1e-10)


def test_the_released_curve_follows_its_expected_losses():
    data = widetree.compute("released", seeds=40)
    mean, error = data.weights.mean(1), data.weights.std(1, ddof=1) / math.sqrt(40)
    assert (np.abs(mean - data.expected_loss_weights) < 5 * error + 0.04).all()
    assert mean[0, -1, 1] > 0.999999
    assert 0.9 < mean[1, -1, 0] < 0.9999


@pytest.mark.parametrize("learner", [LEFT, RIGHT])
def test_the_released_round_has_a_learner_s_and_an_expert_s_episode(learner):
    rng = np.random.default_rng(0)
    episodes = collect(RELEASED, instance(RELEASED, 8, rng), learner, rng)
    assert episodes[:, 0, 1].tolist() == [learner, RIGHT]


@pytest.mark.parametrize(("exploration", "share"), [("expert", 1 / 2), ("coin", 3 / 4)])
def test_the_text_s_round_is_one_or_the_other(exploration, share):
    """A learner that goes left, half of the time; else nu."""
    rng, setting = np.random.default_rng(0), dataclasses.replace(TEXT, exploration=exploration)
    case = instance(setting, 8, rng)
    episodes = np.concatenate([collect(setting, case, LEFT, rng) for _ in range(2000)])
    assert episodes.shape == (2000, 3, 3)
    assert (episodes[:, 0, 1] == LEFT).mean() == pytest.approx(share, abs=0.04)


def test_start_and_axis():
    data = widetree.compute("released", **SMALL)
    assert data.samples.tolist() == [0, 3, 6, 9, 12, 15, 18]
    assert (data.weights[:, :, 0] == 0.5).all()
    assert data.weights.shape == (2, 3, 7, 2)
    assert data.weights.sum(-1) == pytest.approx(1)


def test_the_real_cost_is_expected_over_the_weights():
    data = widetree.compute("released", **SMALL)
    assert data.real_cost == pytest.approx(data.weights @ [0.3, 0.7])


def test_all_data_are_kept_or_only_the_round_s():
    """`all` and `round` agree in the first round and differ later."""
    size = {"leaves": 8, "iterations": 5, "seed": 0}
    every = replicate(RELEASED, "LAMPS-MM", 0, **size).weights
    only = replicate(dataclasses.replace(RELEASED, data="round"), "LAMPS-MM", 0, **size).weights
    assert (every[:2] == only[:2]).all()
    assert (every[2:] != only[2:]).all()


def test_same_seed_same_bits_other_seed_other_bits():
    one, two = (widetree.compute("released", **SMALL, seed=5) for _ in range(2))
    other = widetree.compute("released", **SMALL, seed=6)
    assert one.weights.tobytes() == two.weights.tobytes()
    assert (one.weights[:, :, -1] != other.weights[:, :, -1]).all()


def test_a_replication_depends_on_its_own_number_only():
    """Any order, any number of workers: replication 2 is the same alone and among five."""
    few = widetree.compute("released", leaves=8, iterations=6, seeds=3)
    many = widetree.compute("released", leaves=8, iterations=6, seeds=5)
    alone = replicate(RELEASED, "SysID", 2, leaves=8, iterations=6, seed=0)
    assert few.weights.tobytes() == many.weights[:, :3].tobytes()
    assert (alone.weights == few.weights[0, 2]).all()


def test_streams_differ_by_variant_algorithm_replication_and_seed():
    keys = [(v, a, r, s) for v in ("x", "y") for a in ALGORITHMS for r in (0, 1) for s in (0, 1)]
    assert len({generator(s, v, a, r).random() for v, a, r, s in keys}) == 16


def test_streams_are_the_same_in_every_process():
    """Names are hashed by sha256, never by hash(), which Python salts."""
    assert generator(0, "released", "SysID", 0).random() == 0.19709356214981288


# ---------------------------------------------------------------- conclusion, variations, drawing


def with_final(data, sysid_bad, lamps_good):
    """The same data with other final weights, each seed's."""
    weights = data.weights.copy()
    weights[0, :, -1] = np.stack([1 - np.array(sysid_bad), sysid_bad], -1)
    weights[1, :, -1] = np.stack([lamps_good, 1 - np.array(lamps_good)], -1)
    return dataclasses.replace(data, weights=weights)


@pytest.mark.parametrize("variant", ["released", "text"])
def test_the_paper_s_conclusion_holds_in_both_variants(variant):
    found = widetree.conclusion(widetree.compute(variant))
    assert found.supported
    assert "conclusion holds here" in found.text


@pytest.mark.parametrize(
    ("sysid_bad", "lamps_good", "picks", "supported"),
    [
        ([0.99, 0.98, 0.99], [0.7, 0.71, 0.72], ("M_bad always", "M_good"), True),
        ([0.99, 0.98, 0.99], [0.99, 0.98, 0.99], ("M_bad always", "M_good always"), True),
        ([0.7, 0.71, 0.72], [0.99, 0.98, 0.99], ("M_bad", "M_good always"), False),
        ([0.01, 0.02, 0.01], [0.7, 0.71, 0.72], ("M_good always", "M_good"), False),
        ([0.99, 0.98, 0.99], [0.3, 0.31, 0.32], ("M_bad always", "M_bad"), False),
        ([0.99, 0.98, 0.99], [0.2, 0.9, 0.6], ("M_bad always", "neither"), False),
        ([0.99, 0.98, 0.99], [0.5, 0.5, 0.5], ("M_bad always", "neither"), False),
        ([0.2, 0.9, 0.7], [0.99, 0.98, 0.99], ("neither", "M_good always"), False),
        ([0.9, np.nan, 0.9], [0.9, 0.9, 0.9], ("undefined", "M_good"), False),
    ],
)
def test_the_conclusion_follows_the_data(sysid_bad, lamps_good, picks, supported):
    data = with_final(widetree.compute("released", **SMALL), sysid_bad, lamps_good)
    assert (goes_to(data, 0), goes_to(data, 1)) == picks
    found = widetree.conclusion(data)
    assert found.supported is supported
    assert ("does not hold" in found.text) is not supported
    if np.isfinite(sysid_bad).all():
        assert f"{np.mean(sysid_bad):.3f}" in found.text


def test_without_smoothing_the_log_loss_is_undefined():
    data = measure(dataclasses.replace(TEXT, smoothing=0.0), **SMALL)
    assert np.isfinite(data.weights[0, :, 0]).all()
    assert np.isnan(data.weights[0, :, 1:]).all()
    assert np.isfinite(data.weights[1]).all()
    assert "SysID: Hedge is 0/0 from iteration 1 on" in widetree.conclusion(data).text
    widetree.draw(data)


def test_variations_change_one_choice_at_a_time_and_say_where_it_hangs():
    found = widetree.variations(leaves=100, iterations=60, seeds=3)
    rows = {row[:2]: row for row in found.rows}
    differing = [f.name for f in dataclasses.fields(TEXT) if f.name != "name"]
    differing = [name for name in differing if getattr(TEXT, name) != getattr(RELEASED, name)]
    for name in differing:
        assert ("text", f"{name} = {shown(getattr(RELEASED, name))}") in rows
        assert ("released", f"{name} = {shown(getattr(TEXT, name))}") in rows
    assert len(rows) == len(found.rows) == 31
    assert all(len(row) == len(found.columns) for row in found.rows)
    assert rows["text", "sysid = +log"][3] == "M_good always"
    assert rows["text", "smoothing = 0"][3] == "undefined"
    assert rows["text", "sysid = 0-1"][3] == "M_bad"
    assert rows["released", "root = 1"][-1] == "no"
    assert rows["text", "cost = 1"][5] == "neither"
    for (base, change), row in rows.items():
        said = found.text.split("text: ")[base == "text"]
        if change != "nothing":
            assert (f"{change} (SysID" in said) is (row[-1] != rows[base, "nothing"][-1])


def shown(value):
    return f"{value:.3g}" if isinstance(value, float) else value


def test_the_csv_columns_are_the_plotted_means():
    data = widetree.compute("released", **SMALL)
    table = widetree.columns(data)
    assert {len(column) for column in table.values()} == {14}
    assert table["algorithm"].tolist() == ["SysID"] * 7 + ["LAMPS-MM"] * 7
    assert table["weight_M_good_mean"] == pytest.approx(data.weights[..., 0].mean(1).ravel())
    deviation = data.weights[1, :, :, 1].std(0, ddof=1)
    assert table["weight_M_bad_std"][7:] == pytest.approx(deviation)
    assert table["weight_M_bad_se"][7:] == pytest.approx(deviation / math.sqrt(3))


@pytest.mark.parametrize("band", ["standard error", "standard deviation"])
def test_the_figure_shows_the_means_and_says_which_band(band):
    before = dict(mpl.rcParams)
    data = widetree.compute("released", **SMALL)
    figure = widetree.draw(data, band=band)
    assert dict(mpl.rcParams) == before
    assert f"band ± 1 {band}" in figure.get_supxlabel()
    sysid, lamps, cost = figure.axes
    assert [axes.get_title() for axes in (sysid, lamps)] == list(ALGORITHMS)
    for i, axes in enumerate((sysid, lamps)):
        good, _, bad, _ = axes.lines
        assert good.get_xydata() == pytest.approx(
            np.stack([data.samples, data.weights[i, ..., 0].mean(0)], 1)
        )
        assert bad.get_ydata() == pytest.approx(data.weights[i, ..., 1].mean(0))
        assert good.get_linestyle() != bad.get_linestyle()
    assert len(cost.lines) == 3
    top = lamps.collections[0].get_paths()[0].vertices[:, 1].max()
    deviation = data.weights[1, ..., 0].std(0, ddof=1)
    reach = deviation / math.sqrt(3) if band == "standard error" else deviation
    assert top == pytest.approx((data.weights[1, ..., 0].mean(0) + reach).max())


def test_results_are_frozen():
    data = widetree.compute("text", **SMALL)
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.seed = 1
    with pytest.raises(ValueError, match="read-only"):
        data.weights[0] = 0


# ------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"variant": "publshed"}, "variant is 'publshed', expected one of"),
        ({"leaves": 0}, "leaves is 0, expected an integer of at least 4"),
        ({"leaves": -4}, "leaves is -4"),
        ({"leaves": 10}, "leaves is 10, expected a positive multiple of 4. Use 12"),
        ({"leaves": 8.0}, "leaves is 8.0, expected an integer"),
        ({"iterations": 0}, "iterations is 0, expected an integer of at least 1"),
        ({"seeds": 1}, "seeds is 1, expected an integer of at least 2"),
        ({"seed": -1}, "seed is -1, expected an integer of at least 0"),
        ({"rate": 0.0}, "rate is 0.0, expected a finite number above 0"),
        ({"rate": math.inf}, "rate is inf"),
        ({"rate": math.nan}, "rate is nan"),
    ],
)
def test_bad_input(options, said):
    with pytest.raises(InvalidArgument, match=said) as caught:
        widetree.compute(**{"variant": "text", **SMALL, **options})
    assert "\n" not in str(caught.value)


def test_bad_band():
    with pytest.raises(InvalidArgument, match="band is 'sd'"):
        widetree.draw(widetree.compute("text", **SMALL), band="sd")


@pytest.mark.parametrize("leaves", [4, 8, 1000])
def test_any_multiple_of_four(leaves):
    data = widetree.compute("released", leaves=leaves, iterations=3, seeds=2)
    assert np.isfinite(data.weights).all()
