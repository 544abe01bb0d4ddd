"""LV-Rep's figures: classes that hold the truth, runs of their item alone, judgements that turn."""

import dataclasses

import numpy as np
import pytest

from figures import combination_lock, lv_regret, offline_coverage, optimism
from figures.lv_run import WORLDS, Item, counts_of, increments, run_item
from theorylab.algorithms.representation_bonus import Bonus
from theorylab.algorithms.representation_classes import RowClass
from theorylab.algorithms.representation_ucb import explore, policy_of
from theorylab.errors import InvalidArgument
from theorylab.theory.tabular import performance, state_occupancy
from theorylab.worlds import Policy
from theorylab.worlds.latent_variable_instances import clipped_bonus_pair, in_floats


@pytest.mark.parametrize("name", WORLDS)
def test_each_class_holds_the_truth(name):
    truth, candidates = WORLDS[name](3)
    if isinstance(candidates, RowClass):
        P, group = candidates.rows @ truth.emissions, candidates.group
        near = np.abs(P[group] - truth.P[:, :, None]).sum(-1).min(-1)
        assert near.max() < 1e-12
    else:
        assert min(np.abs(it.P - truth.P).max() for it in candidates.models) == 0


def test_a_run_depends_on_its_item_alone():
    item = Item("block", "small", 16, 5, 1, every=4)
    found = run_item(item)
    assert found == run_item(item)
    assert found.lines == 8 * 4 + 1 and len(found.regret) == len(counts_of(16)) == 5
    other = dataclasses.replace(item, replication=2)
    assert run_item(other).regret != found.regret


def test_increments_are_means_per_episode():
    """Totals 1, 3, 7 at 2, 4, 8 episodes: 4 in the last four, 2 in two, which is 4 in four."""
    assert increments(np.array([0.0, 1.0, 3.0, 7.0])).tolist() == [4.0, 4.0]


@pytest.fixture(scope="module")
def regret():
    return lv_regret.compute("clip", seeds=2, episodes=16, seed=1)


def test_the_conclusion_on_regret_turns(regret):
    N = np.array(counts_of(16), dtype=float)
    linear = dataclasses.replace(regret, regret=np.ones_like(regret.regret) * N)
    assert not lv_regret.judged(linear)["regret as printed stops to grow like N"]
    stopped = dataclasses.replace(regret, regret=np.ones_like(regret.regret))
    assert lv_regret.conclusion(stopped).supported
    assert not lv_regret.conclusion(dataclasses.replace(stopped, broken="trace (1)")).supported
    assert not lv_regret.conclusion(dataclasses.replace(stopped, bound=0.5)).supported
    assert "lines checked on 2 runs, broken: none" in lv_regret.conclusion(regret).text
    assert len(lv_regret.columns(regret)["N"]) == 3 * 5


def test_a_lock_that_opens_at_once_is_counted_so():
    item = combination_lock.Item(0.0, 2, "small", 200, 0, 1)
    found = combination_lock.run_item(item)
    assert found == combination_lock.run_item(item) and 1 <= found < 200
    assert combination_lock.run_item(dataclasses.replace(item, cap=1)) == 1


def test_the_conclusion_on_locks_turns():
    shape = (len(combination_lock.NAMES), len(combination_lock.LENGTHS), 2)
    episodes = np.full(shape, 90.0)
    episodes[0] = 10
    data = combination_lock.Locks("certain", 100, 2, 0, episodes)
    assert combination_lock.conclusion(data).supported
    episodes[0, 3] = 100
    assert not combination_lock.conclusion(data).supported
    assert combination_lock.columns(data)["opened"][3] == 0


def test_the_clip_at_two_is_pessimistic_beyond_its_limit():
    """2 gamma + gamma^2 = gamma^2 / (1 - gamma) at sqrt(3) - 1 = 0.732: at n = 10^8 from .75."""
    data = optimism.compute("clip")
    printed, corrected = data.gap[:, -1]
    negative = [g for g, gap in zip(optimism.GAMMAS, printed, strict=True) if gap < 0]
    assert min(negative) == 0.75 and (corrected > 0).all()
    limit = {g: 2 * g + g**2 - g**2 / (1 - g) for g in optimism.GAMMAS}
    excess = data.gap[0] - np.array(list(limit.values()))
    assert (excess > 0).all() and (excess[2] < excess[1] / 5).all()
    assert not optimism.conclusion(data).supported
    assert optimism.conclusion(dataclasses.replace(data, gap=np.abs(data.gap))).supported


def test_gaps_are_those_of_every_policy():
    """T^ is worth gamma^2 on the way to state 2, the truth gamma^2 / (1 - gamma) = 8.1."""
    truth = in_floats(clipped_bonus_pair()[0])
    every = np.array([[0, 0, 0, 0, 0], [1, 1, 0, 0, 0]])
    found = optimism.values(truth, every)
    assert found == pytest.approx([performance(truth.mdp, policy_of(it, 2)) for it in every])
    candidates = WORLDS["clip"](0)[1]
    run = explore(truth, candidates, Bonus("none"), episodes=3, seed=1)
    assert run.ties[-1] == 2  # state 2 was not seen
    worst, best = optimism.gaps(run)
    rho = (state_occupancy(truth.mdp, Policy(np.full((5, 2), 0.5))) + 2 * occupied(truth)) / 3
    slack = 0.9 / 0.01 * np.sqrt(0.1 * 2 * rho[2])
    assert best[-1] == pytest.approx(0.81 - 8.1 + slack) and (worst <= best + 1e-12).all()


def occupied(truth):
    """The occupancy of the policy that stays at 3."""
    return state_occupancy(truth.mdp, policy_of(np.zeros(5, dtype=int), 2))


def test_data_of_less_coverage_make_larger_gaps():
    item = offline_coverage.Item("clip", 128.0, 100_000, 0, 0)
    found = offline_coverage.run_item(item)
    assert found == offline_coverage.run_item(item) and found.lines == 9 and not found.broken
    assert found.gaps[0] == pytest.approx(1.9) and found.best == pytest.approx(1.9)
    near = offline_coverage.run_item(dataclasses.replace(item, variant="coverage", place=1.0))
    far = offline_coverage.run_item(dataclasses.replace(item, variant="coverage", place=1 / 64))
    assert far.coverage > near.coverage >= 1


def test_the_conclusion_offline_turns():
    data = offline_coverage.compute("coverage", seeds=2, samples=20)
    better = dataclasses.replace(data, gap=-data.gap - np.arange(7.0)[:, None])
    assert not offline_coverage.conclusion(better).supported
    worse = dataclasses.replace(data, gap=np.ones_like(data.gap) * np.arange(7.0)[:, None])
    assert offline_coverage.conclusion(worse).supported
    assert len(offline_coverage.columns(data)["gap_mean"]) == 3 * 7


@pytest.mark.parametrize("figure", [lv_regret, combination_lock, optimism, offline_coverage])
def test_bad_options_are_named(figure):
    with pytest.raises(InvalidArgument, match="variant is 'nothing'"):
        figure.compute("nothing")
    with pytest.raises(InvalidArgument, match="seeds is -1"):
        figure.compute(seeds=-1)


def test_figures_draw(regret):
    assert len(lv_regret.draw(regret).axes) == 2
    assert len(optimism.draw(optimism.compute("clip")).axes) == 2
    data = offline_coverage.compute("coverage", seeds=2, samples=20)
    assert len(offline_coverage.draw(data).axes) == 1
