"""LDS: the world against closed forms, the runs, and a conclusion that follows the data."""

import csv
import dataclasses
import io
import json
import math
import pickle
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from figures import lds
from figures import lds_run as running
from figures.lds_fit import Fit, empty_memory, mean_loss, minimise, remember
from figures.lds_losses import (
    Transitions,
    squared_loss,
)
from figures.lds_measure import NEAR, QUICK, arrival, measure, pace, relevant
from figures.lds_run import ALGORITHMS, CEILING, REACH, SAMPLES, Item, collect, replicate, roll
from figures.lds_settings import OTHER_VALUES, RELEASED, TEXT, changes
from figures.lds_world import (
    HORIZON,
    Setting,
    best_control,
    best_control_of_model,
    initial_model,
    real_costs,
    real_world,
)
from theorylab.algorithms.riccati import rollout, trajectory_cost
from theorylab.errors import Diverged, InvalidArgument
from theorylab.report.figures import find_figures, write_figure

SMALL = {"iterations": 2, "seeds": 2}
FIGURES = Path(__file__).parents[2] / "figures"
FIRST = np.hstack([np.eye(5), np.eye(5)[:, :1]])


# --------------------------------------------------------------------------------------- the world


@pytest.mark.parametrize("setting", [TEXT, RELEASED], ids=["text", "released"])
def test_the_system_shrinks_by_half_and_grows_by_half_in_turn(setting):
    world = real_world(setting)
    assert world.A.shape == (100, 5, 5) and world.B.shape == (100, 5, 1)
    assert (world.A[0] == 0.5 * np.eye(5)).all() and (world.A[99] == 1.5 * np.eye(5)).all()
    assert (world.A[::2] == world.A[0]).all() and (world.A[1::2] == world.A[1]).all()
    assert (world.B[:, :, 0] == np.eye(5)[0]).all()
    assert (world.start == pytest.approx(np.full((5, 5), 0.01))) and world.noise == 0


@pytest.mark.parametrize("factor", [0.5, 1.0])
def test_expert_and_idle_cost_in_closed_form(factor):
    """One coordinate is controlled: its final state costs 1 / (1 + sum of squared effects)."""
    shrink = 0.75**50
    effects = np.cumprod(np.concatenate([[1.0], np.tile([1.5, 0.5], 50)[:-1]]))
    data = measure([replace(RELEASED, factor=factor)], **SMALL)[0]
    assert data.idle_cost == pytest.approx(factor * 5 * 0.01 * shrink**2)
    best = factor * 0.01 * shrink**2 * (4 + 1 / (1 + np.sum(effects**2)))
    assert data.expert_cost == pytest.approx(best)
    assert data.idle_cost / data.expert_cost == pytest.approx(1.214, abs=5e-4)  # as `lds` says


def test_real_costs_are_those_of_a_rollout():
    world, gains = real_world(TEXT), best_control_of_model(FIRST)
    x0, still = np.full(5, 0.1), np.zeros((100, 5))
    states, controls = rollout(world.A, world.B, still, gains.K, gains.k, x0)
    parts = 0.5 * np.sum(controls**2), 0.5 * np.sum(states[-1] ** 2)
    assert real_costs(world, gains.K, 0.5) == pytest.approx(parts)
    zeros = (np.zeros((100, 5, 1)), np.zeros((100, 5)), np.zeros((100, 1)), np.eye(5), np.zeros(5))
    cost = trajectory_cost(
        np.zeros((100, 5, 5)), np.ones((100, 1, 1)), *zeros, states=states, controls=controls
    )
    assert sum(parts) == pytest.approx(0.5 * cost)


@pytest.mark.parametrize("start", ["ones", "normal"])
def test_expected_costs_under_noise_are_the_expert_s_values(start):
    world = real_world(replace(TEXT, noise=0.1, start=start))
    expert = best_control(world.A, world.B)
    traces = np.trace(expert.P, axis1=1, axis2=2)
    value = np.trace(expert.P[0] @ world.start) + 0.01 * np.sum(traces[1:])
    assert sum(real_costs(world, expert.K, 1.0)) == pytest.approx(value)


def test_costs_that_overflow_are_infinite_not_nan():
    K = np.full((100, 1, 5), 1e30)
    assert real_costs(real_world(TEXT), K, 1.0) == (math.inf, math.inf)


def test_variants_of_the_control_matrix_and_the_start():
    cycling = real_world(replace(TEXT, B="cycling")).B[:, :, 0]
    assert cycling.argmax(1).tolist() == [t % 5 for t in range(100)]
    assert (cycling.sum(1) == 1).all()
    ones = real_world(replace(TEXT, B="ones")).B
    assert np.linalg.norm(ones, axis=1) == pytest.approx(1)
    first = real_world(replace(TEXT, start="first", scale=2.0)).start
    assert first[0, 0] == 4 and first.sum() == 4
    assert (real_world(replace(TEXT, start="normal", scale=2.0)).start == 4 * np.eye(5)).all()
    assert (initial_model(replace(TEXT, initial_A=0.5, B="ones"), real_world(TEXT))[0, 0]) == 0.5


# ----------------------------------------------------------------------------------------- the run


def test_samples_are_transitions_of_the_real_world_half_of_them_the_expert_s():
    world, expert = real_world(RELEASED), best_control(*dataclasses.astuple(real_world(TEXT))[:2])
    learner, rng = best_control_of_model(FIRST), np.random.default_rng(0)
    parts = [collect(RELEASED, world, expert, learner, rng) for _ in range(20)]
    for seen in parts:
        assert len(seen.h) == SAMPLES and seen.h.min() >= 0 and seen.h.max() < HORIZON
        x, u = seen.z[:, :5], seen.z[:, 5:]
        after = np.einsum("nij,nj->ni", world.A[seen.h], x) + u * np.eye(5)[0]
        assert seen.after == pytest.approx(after, abs=1e-15)
    steps = np.concatenate([seen.h for seen in parts])
    u = np.concatenate([seen.z[:, 5] for seen in parts])
    x = np.concatenate([seen.z[:, :5] for seen in parts])
    learners = np.isclose(u, np.einsum("nj,nj->n", learner.K[steps, 0], x), rtol=1e-9, atol=0)
    assert 0.45 < learners.mean() < 0.55
    assert 40 < steps.mean() < 60 and len(set(steps)) == HORIZON


def test_a_rollout_ends_where_it_left():
    world, rng = real_world(TEXT), np.random.default_rng(0)
    wild = dataclasses.replace(best_control_of_model(FIRST), K=np.full((100, 1, 5), 10.0))
    states, controls = roll(TEXT, world, wild, rng)
    assert 2 < len(controls) < HORIZON and len(states) == len(controls) + 1
    assert np.abs(states[:-1]).max() <= REACH and np.abs(controls).max() <= REACH
    seen = collect(TEXT, world, best_control(world.A, world.B), wild, rng)
    assert np.abs(seen.z).max() <= REACH


def test_noise_moves_the_samples():
    noisy = replace(TEXT, noise=0.1)
    world, gains = real_world(noisy), best_control_of_model(FIRST)
    one, two = (roll(noisy, world, gains, np.random.default_rng(s))[0] for s in (0, 1))
    assert 0.05 < np.std(one[50:] - two[50:]) < 0.5


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_same_seed_same_bits_and_another_seed_others(algorithm):
    def models(**key):
        return replicate(Item(**{**plain, **key})).models

    plain = {"setting": RELEASED, "algorithm": algorithm, "replication": 0}
    plain |= {"iterations": 3, "seed": 0}
    assert (models() == models()).all()
    assert (models()[1:] != models(seed=1)[1:]).any()
    assert (models()[1:] != models(replication=1)[1:]).any()
    assert (models(iterations=2) == models()[:3]).all()


def test_any_grouping_of_the_work_gives_the_same_bits():
    def backwards(function, items):
        """As workers would: pickled, in another order."""
        done = {k: pickle.loads(pickle.dumps(item)) for k, item in enumerate(items)}
        found = {k: function(done[k]) for k in sorted(done, reverse=True)}
        return [found[k] for k in range(len(found))]

    here, there = lds.compute("text", **SMALL), lds.compute("text", **SMALL, each=backwards)
    for field in dataclasses.fields(here):
        one, other = getattr(here, field.name), getattr(there, field.name)
        assert np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other


def pretended(item):
    """A run as the paper has it where the stop is absolute and R is LAMPS-MM's alone."""
    setting = item.setting
    late = not setting.regulariser_lamps
    if item.algorithm == "SysID":
        late = setting.stop == "absolute" and not setting.regulariser_sysid
    costs = np.full((item.iterations + 1, 2), 1e-15)
    costs[: 10 if late else 1] = 1.0
    models, ones = np.zeros((item.iterations + 1, 5, 6)), np.ones(item.iterations)
    return running.Run(costs, models, ones, ones, 0)


def pretending(asked):
    def each(function, items):
        assert function is running.replicate  # at the top of its file: workers find it
        asked.extend(items)
        return map(pretended, asked)

    return each


def test_each_is_given_every_run_once():
    asked = []
    lds.variations(iterations=1, seeds=2, each=pretending(asked))
    assert len(asked) == len(set(asked))
    settings = 2 * (1 + len(list(changes(TEXT))))
    assert len(asked) <= 0.82 * settings * 2 * 2  # equal runs are made once


@pytest.mark.parametrize("base", [RELEASED, TEXT], ids=["released", "text"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_an_algorithm_does_not_look_at_changes_nothing(base, algorithm):
    for _, setting in changes(base):
        plain = relevant(setting, algorithm)
        if plain != replace(setting, name=""):
            one, other = (replicate(Item(s, algorithm, 1, 2, 0)) for s in (setting, plain))
            assert np.array_equal(one.models, other.models), setting.name
            assert np.array_equal(one.costs, other.costs), setting.name


def test_a_cost_beyond_the_ceiling_counts_as_the_ceiling_and_the_run_goes_on():
    """SysID in the text's setting, the replication that the conclusion names."""
    run = replicate(Item(TEXT, "SysID", 3, 3, 0))
    assert run.diverged == 1
    assert run.costs[2].sum() == CEILING
    assert run.costs[3].sum() < 1e-10


def test_a_run_that_overflows_ends_at_the_ceiling(monkeypatch):
    def overflows(*_):
        raise Diverged("P overflows")

    fits = iter([Fit(0 * FIRST, 1, True)])
    monkeypatch.setattr(running, "fitted", lambda *_: next(fits, None) or overflows())
    run = replicate(Item(RELEASED, "LAMPS-MM", 0, 5, 0))
    assert run.diverged == 4
    assert (run.costs[2:].sum(1) == CEILING).all() and run.costs[:2].sum() < 1
    assert (run.models[1:] == 0).all() and np.isfinite(run.models).all()


# -------------------------------------------------------------------- what it shows, in small sizes


def test_the_regulariser_alone_makes_lamps_mm_do_nothing():
    """As `lds` says: R outweighs the value loss, and without any value loss nothing changes."""
    plain = replicate(Item(RELEASED, "LAMPS-MM", 0, 3, 0))
    alone = replicate(Item(replace(RELEASED, value_factor=0.0), "LAMPS-MM", 0, 3, 0))
    data = measure([RELEASED], **SMALL)[0]
    assert np.abs(plain.models[-1]).max() < 1e-3
    assert plain.costs[1:].sum(1) == pytest.approx(data.idle_cost, rel=1e-6)
    assert alone.costs[1:].sum(1) == pytest.approx(data.idle_cost, rel=1e-12)
    without = replicate(Item(replace(RELEASED, regulariser_lamps=0.0), "LAMPS-MM", 0, 3, 0))
    assert without.costs.sum(1).min() > 1e6 * data.expert_cost


def test_the_losses_of_the_first_model_are_as_told():
    world, memory = real_world(RELEASED), empty_memory("LAMPS-MM")
    learner, rng = best_control_of_model(FIRST), np.random.default_rng(0)
    expert, other = best_control(world.A, world.B), empty_memory("SysID")
    for _ in range(30):
        seen = collect(RELEASED, world, expert, learner, rng)
        memory = remember(memory, RELEASED, seen, learner)
        other = remember(other, RELEASED, seen, learner)
    assert mean_loss(memory, RELEASED)(FIRST)[0] == pytest.approx(1.3e-5, rel=0.2)
    assert np.abs(mean_loss(other, RELEASED)(FIRST)[1]).max() == pytest.approx(2e-4, rel=0.2)


def test_sysid_s_best_rate_is_seven_tenths():
    setting = replace(TEXT, tolerance=1e-10)
    world = real_world(setting)
    expert = best_control(world.A, world.B)
    states, controls = roll(setting, world, expert, np.random.default_rng(0))
    every = Transitions(np.arange(100), np.hstack([states[:-1], controls]), states[1:])
    theta = minimise(squared_loss(every), FIRST, setting).theta
    assert theta[:, :5].sum() / 5 == pytest.approx(0.7, abs=1e-3)
    assert np.sort(np.linalg.eigvals(theta[:, :5]).real)[1:] == pytest.approx(1, abs=1e-3)


def test_the_released_variant_at_its_own_size_up_to_ten_iterations():
    found = lds.conclusion(lds.compute("released", iterations=10, seeds=3))
    assert found.supported
    assert "never acting costs 8.02e-15, 1.214 times as much" in found.text
    arrives = "LAMPS-MM arrives quickly at 2 times the expert's cost: iteration 1.0 ± 0.0"
    assert arrives in found.text
    assert "With R given to SysID in place of LAMPS-MM, SysID arrives quickly" in found.text
    assert "LAMPS-MM arrives never" in found.text


# ---------------------------------------------------------------------------------- the conclusion


def made(sysid, lamps, iterations=30):
    """Data whose algorithms arrive at these iterations, one for each seed."""
    size = {"iterations": iterations, "seeds": len(sysid)}
    data = measure([RELEASED], **size, each=pretending([]))[0]
    costs = np.empty((2, len(sysid), iterations + 1, 2))
    for i, first in enumerate((sysid, lamps)):
        for r, t in enumerate(first):
            costs[i, r, :t] = data.expert_cost * NEAR * 0.51
            costs[i, r, t:] = data.expert_cost * NEAR * 0.49
    return replace(data, costs=costs)


def test_arrival_is_the_last_time_from_which_it_stays():
    data = made([4, 0, 31], [1, 1, 1])
    assert arrival(data, data.real_cost[0]).tolist() == [4, 0, 31]
    costs = data.real_cost[0].copy()
    costs[0, 20] = 1.0  # leaves once more
    assert arrival(data, costs).tolist() == [21, 0, 31]


@pytest.mark.parametrize(
    ("first", "word"),
    [
        ([1, 1, 1], "quickly"),
        ([QUICK] * 3, "quickly"),
        ([QUICK + 1] * 3, "slowly"),
        ([20, 22, 24], "slowly"),
        ([31, 31, 31], "never"),
        ([31, 31, 29], "slowly"),
        ([1, 1, 31], "unclear"),
    ],
)
def test_pace(first, word):
    data = made(first, [1] * len(first))
    assert pace(data, data.real_cost[0]) == word


@pytest.mark.parametrize(
    ("sysid", "lamps", "holds"),
    [
        ([20, 22, 24], [1, 1, 1], True),
        ([31, 31, 31], [1, 2, 1], True),
        ([1, 2, 1], [1, 1, 1], False),
        ([20, 22, 24], [20, 22, 24], False),
        ([20, 22, 24], [31, 31, 31], False),
        ([1, 1, 31], [1, 1, 1], False),
        ([1, 1, 1], [20, 22, 24], False),
    ],
)
def test_the_conclusion_follows_the_data(sysid, lamps, holds):
    found = lds.conclusion(made(sysid, lamps))
    assert found.supported is holds
    assert ("conclusion holds here" in found.text) is holds


def test_the_sentences_say_who_never_arrives_and_who_diverged():
    data = made([1, 31, 1], [31, 31, 31])
    data = replace(data, diverged=np.array([[0, 2, 1], [0, 0, 0]]))
    said = lds.conclusion(data).text
    assert "iteration 11.0 ± 10.0 (never in 1 of 3 seeds, counted as 31)" in said
    assert "LAMPS-MM arrives never at 2 times the expert's cost: iteration none" in said
    assert said.count("Diverged in 2 of 3 seeds") == 1


def test_variations_change_one_choice_at_a_time_and_say_where_it_hangs():
    found = lds.variations(iterations=12, seeds=2, each=pretending([]))
    rows = {row[:2]: row for row in found.rows}
    assert len(rows) == len(found.rows)
    assert all(len(row) == len(found.columns) for row in found.rows)
    for base, other in ((TEXT, RELEASED), (RELEASED, TEXT)):
        for field in dataclasses.fields(Setting)[1:]:
            tried = {getattr(other, field.name), *OTHER_VALUES.get(field.name, ())}
            tried -= {getattr(base, field.name)}
            assert tried, f"{field.name} is never varied"
            for value in tried:
                shown = f"{value:.3g}" if isinstance(value, float) else value
                assert (base.name, f"{field.name} = {shown}") in rows
    assert rows["released", "nothing"][-1] == "yes"
    assert rows["released", "regulariser_sysid = 0.01"][3] == "quickly"
    assert rows["released", "regulariser_lamps = 0"][6] == "slowly"
    assert rows["text", "stop = absolute"][-1] == "yes"
    for (base, change), row in rows.items():
        said = found.text.split("text: ")[base == "text"]
        if change != "nothing":
            assert (f"{change} (SysID" in said) is (row[-1] != rows[base, "nothing"][-1])
    alone = (
        "no value loss at all, LAMPS-MM arrives quickly; with the value loss alone, no R, slowly"
    )
    assert found.text.count(alone) == 2


@pytest.mark.nightly
def test_where_the_conclusion_hangs():
    rows = {row[:2]: row for row in lds.variations().rows}
    assert rows["released", "nothing"][-1] == "yes" and rows["text", "nothing"][-1] == "no"
    assert rows["released", "regulariser_lamps = 0"][6] == "never"
    assert rows["released", "regulariser_sysid = 0.01"][3:5] == ("quickly", "1.0 ± 0.0")
    assert rows["released", "value_factor = 0"][6:8] == ("quickly", "1.0 ± 0.0")
    assert rows["released", "gradient = differences"][-1] == "yes"
    assert rows["text", "stop = absolute"][-1] == "yes"


# -------------------------------------------------------------------------------- figure and files


def test_the_csv_columns_are_the_plotted_means():
    data = lds.compute("released", iterations=3, seeds=3)
    table = lds.columns(data)
    assert {len(column) for column in table.values()} == {8}
    assert table["algorithm"].tolist() == ["SysID"] * 4 + ["LAMPS-MM"] * 4
    assert table["samples"].tolist() == [0, 100, 200, 300] * 2
    assert table["real_cost_mean"] == pytest.approx(data.costs.sum(-1).mean(1).ravel())
    error = data.costs.sum(-1)[0].std(0, ddof=1) / math.sqrt(3)
    assert table["real_cost_se"][:4] == pytest.approx(error)
    parts = table["control_cost_mean"] + table["final_cost_mean"]
    assert parts == pytest.approx(table["real_cost_mean"])
    assert table["exchanged_cost_mean"] == pytest.approx(data.exchanged.mean(1).ravel())


def test_the_figure_shows_the_means_the_expert_and_never_acting():
    data = lds.compute("released", iterations=3, seeds=3)
    figure = lds.draw(data)
    left, right = figure.axes
    for axes, costs in ((left, data.real_cost), (right, data.exchanged)):
        assert axes.get_yscale() == "log"
        for i in range(2):
            assert axes.lines[i].get_xdata().tolist() == [0, 100, 200, 300]
            assert axes.lines[i].get_ydata() == pytest.approx(costs[i].mean(0))
        assert axes.lines[2].get_ydata()[0] == data.expert_cost
        assert axes.lines[3].get_ydata()[0] == data.idle_cost
    assert "released: mean of 3 seeds, band ± 1 standard error" in figure.get_supxlabel()
    assert len(lds.draw(measure([TEXT], **SMALL)[0]).axes) == 1


def test_results_are_frozen():
    data = lds.compute("text", **SMALL)
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.seed = 1
    with pytest.raises(ValueError, match="read-only"):
        data.costs[0] = 0


def test_the_files_of_the_figure(tmp_path):
    assert find_figures(FIGURES)["lds"] == FIGURES / "lds.py"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        paths = write_figure(FIGURES / "lds.py", tmp_path, options={"iterations": 1, "seeds": 2})
    assert len(paths) == 10
    rows = list(csv.DictReader(io.StringIO((tmp_path / "lds-text.csv").read_text())))
    assert len(rows) == 4
    assert all(math.isfinite(float(v)) for row in rows for k, v in row.items() if k != "algorithm")
    side = json.loads((tmp_path / "lds.json").read_text())
    assert side["variants"]["released"]["parameters"]["setting"]["regulariser_lamps"] == 0.01
    assert "One choice changed at a time" in (tmp_path / "lds.md").read_text()


# --------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"variant": "publshed"}, "variant is 'publshed', expected one of"),
        ({"iterations": 0}, "iterations is 0, expected an integer from 1 to 100"),
        ({"iterations": 101}, "iterations is 101, expected an integer from 1 to 100"),
        ({"iterations": 2.0}, "iterations is 2.0, expected an integer"),
        ({"seeds": 1}, "seeds is 1, expected an integer of at least 2"),
        ({"seeds": True}, "seeds is True, expected an integer"),
        ({"seed": -1}, "seed is -1, expected an integer of at least 0"),
    ],
)
def test_bad_input(options, said):
    with pytest.raises(InvalidArgument, match=said) as caught:
        lds.compute(**{"variant": "text", **SMALL, **options})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"regulariser_lamps": -1.0}, "regulariser_lamps of setting 'text' is -1.0, .* >= 0"),
        ({"noise": math.nan}, "noise of setting 'text' is nan"),
        ({"scale": 0.0}, "scale of setting 'text' is 0.0, expected a number > 0"),
        ({"tolerance": math.inf}, "tolerance of setting 'text' is inf"),
        ({"initial_A": math.nan}, "initial_A of setting 'text' is nan"),
    ],
)
def test_bad_settings(change, said):
    with pytest.raises(InvalidArgument, match=said):
        measure([replace(TEXT, **change)], **SMALL)
