"""The coverage figure: exploration of the stated quality, and judgements that follow the data."""

import dataclasses

import numpy as np
import pytest

from figures import coverage
from figures.coverage_run import ALGORITHMS, Item, Setting, build, explored, replicate
from theorylab.errors import InvalidArgument
from theorylab.theory.planning import optimal_performance, optimal_policy
from theorylab.theory.tabular import coverage_coefficient, occupancy, performance
from theorylab.worlds import Policy


@pytest.mark.parametrize("poor", ["worst policy", "uniform"])
@pytest.mark.parametrize("world", ["random", "chain"])
def test_nu_is_of_the_stated_quality(world, poor):
    M = build(Setting(world), np.random.default_rng(3))
    expert = optimal_policy(M)
    for share in (1.0, 0.5, 0.01):
        nu = explored(M, expert, poor, share)
        assert nu.sum() == pytest.approx(1)
        C = coverage_coefficient(occupancy(M, expert), nu)
        assert 1 - 1e-12 <= C <= 1 / share + 1e-9
    assert C > 10 or poor == "uniform"


def test_the_chain_tempts_to_the_left():
    M = build(Setting("chain"), np.random.default_rng(0))
    right, left = (Policy(np.eye(2)[np.full(M.S, a)]) for a in (1, 0))
    assert optimal_performance(M) == pytest.approx(performance(M, right))
    assert performance(M, left) == pytest.approx(0.8 / 0.1)
    assert performance(M, left) > performance(M, right)


def test_a_run_depends_on_its_own_key_alone():
    item = Item(Setting("random"), 0.1, 4, 0, 1)
    one, again = replicate(item), replicate(item)
    assert (one.regret == again.regret).all()
    assert one.regret.shape == (len(ALGORITHMS), 4)
    fewer = replicate(dataclasses.replace(item, algorithms=2))
    assert (fewer.regret == one.regret[:2]).all()
    assert (replicate(dataclasses.replace(item, replication=2)).regret != one.regret).any()
    assert (one.regret >= -1e-9).all()


def made(gaps):
    """Data with so much regret of LAMPS above SysID's: gaps (share, T), the same but for noise."""
    shares, rounds, seeds = len(coverage.SHARES), 8, 5
    regret = np.zeros((shares, 3, seeds, rounds))
    regret[:, 1] = np.asarray(gaps)[:, None, :] + 1e-3 * np.arange(-2, 3)[:, None]
    setting = Setting("random")
    return coverage.Coverage(
        setting, coverage.SHARES, rounds, seeds, 0, regret, np.ones((shares, seeds))
    )


def test_judgements_follow_the_data():
    gaps = np.zeros((5, 8))
    assert not coverage.conclusion(made(gaps)).supported
    gaps[coverage.POOR, :4] = 1
    found = coverage.judged(made(gaps))
    assert all(holds for holds, _ in found.values())
    assert coverage.conclusion(made(gaps)).supported
    gaps[coverage.POOR, -4:] = 0.5
    assert [holds for holds, _ in coverage.judged(made(gaps)).values()] == [True, True, False]
    gaps[:] = 0.5
    assert [holds for holds, _ in coverage.judged(made(gaps)).values()] == [False, True, False]


def test_the_interval_is_students():
    mean, low, high = coverage.interval(np.array([1.0, 2.0, 3.0]))
    reach = 4.302652729911275 / np.sqrt(3)  # t(2, 0.975)
    assert (mean, low, high) == pytest.approx((2, 2 - reach, 2 + reach))


def test_end_to_end_in_small():
    data = coverage.compute("chain", rounds=4, seeds=2)
    assert data.regret.shape == (5, 3, 2, 4)
    table = coverage.columns(data)
    assert len({len(column) for column in table.values()}) == 1
    assert table["regret_mean"][:4] == pytest.approx(data.regret[0, 0].mean(0))
    assert table["regret_mean"][-4:] == pytest.approx(data.regret[-1, 2].mean(0))
    assert np.isinf(table["C_median"][-1])
    assert len(coverage.draw(data).axes) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"variant": "maze"}, "coverage: variant is 'maze'"),
        ({"rounds": 3}, "coverage: rounds is 3, expected an integer of at least 4"),
        ({"seeds": 1}, "coverage: seeds is 1"),
        ({"seed": -1}, "coverage: seed is -1"),
    ],
)
def test_bad_input(options, said):
    with pytest.raises(InvalidArgument, match=said):
        coverage.compute(**options)


def test_variations_say_where_each_statement_holds(monkeypatch):
    monkeypatch.setattr(coverage, "CHANGES", {"nothing": {}, "samples = 400": {"samples": 400}})
    found = coverage.variations(rounds=4, seeds=2)
    assert [row[:2] for row in found.rows] == [
        (world, change) for world in coverage.VARIANTS for change in coverage.CHANGES
    ]
    assert all(len(row) == len(found.columns) for row in found.rows)
    for k, name in enumerate(coverage.STATEMENTS):
        said = found.text.split(f"{name}: ")[1].split(".")[0]
        holds = [f"{row[0]}, {row[1]}" for row in found.rows if row[2 + k].startswith("yes")]
        assert said == ("; ".join(holds) or "nowhere")
