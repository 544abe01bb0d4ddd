"""The regret figure: bounds as the library measures them on its own, and counts that can fail."""

import dataclasses

import numpy as np
import pytest

from figures import regret
from figures.regret_run import (
    ALGORITHMS,
    Item,
    Setting,
    _explored,
    _sides,
    judge,
    judged,
    played,
    random_instance,
    sides,
)
from theorylab import at_most, equal
from theorylab.algorithms.bounds import lamps_bound, lamps_mm_bound, signed_bound, sysid_bound
from theorylab.errors import InvalidArgument
from theorylab.worlds import MDP

INDEPENDENT = {
    "SysID": sysid_bound,
    "LAMPS": lamps_bound,
    "LAMPS-MM": lamps_mm_bound,
    "signed loss": signed_bound,
}


def run_of(algorithm, realizable=False, **changes):
    setting = dataclasses.replace(Setting(realizable, rounds=6), **changes)
    it = random_instance(setting, np.random.default_rng(4))
    world = MDP(it.P, it.c, it.gamma, np.eye(len(it.P))[0])
    models = [world.with_transitions(P) for P in it.wrong]
    return played(algorithm, world, models, _explored(world, setting, algorithm), setting, 0)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_claims_agree_with_the_library_s_own_bounds(algorithm):
    """theorylab.algorithms.bounds computes them by another route, and not looser."""
    run = run_of(algorithm)
    found, (lhs, rhs, holds) = INDEPENDENT[algorithm](run), sides(algorithm, run)
    assert holds and found.holds
    assert lhs == pytest.approx(run.measures.regret.mean(), abs=1e-9)
    if algorithm in ("LAMPS-MM", "signed loss"):
        assert rhs == pytest.approx(found.value)
    else:
        assert found.value <= rhs + 1e-9  # one root, and half of the norm, by Jensen's inequality


def test_a_broken_bound_is_seen():
    two, one = np.float64(2), np.float64(1)
    assert _sides(at_most(two, one))[2] is False
    assert _sides(at_most(one, two))[2] is True
    assert _sides(equal(one, two))[2] is False
    assert _sides(equal(two, one))[2] is False


def test_a_void_bound_holds_nowhere():
    """Without the expert's actions in nu C is infinite: such a run is void, it does not hold."""
    item = Item("LAMPS", Setting(True, rounds=2, nu="uniform"), 0, 0)
    it = random_instance(item.setting, np.random.default_rng(1))
    found = judged(item, it, 0)
    assert (found.runs, found.held, found.void) == (1, 1, 0)
    from figures import regret_run

    zero = np.zeros((4, 2))
    zero[0, 0] = 1
    kept = regret_run._explored
    regret_run._explored = lambda *_: zero
    try:
        found = judged(item, it, 0)
    finally:
        regret_run._explored = kept
    assert (found.runs, found.held, found.void) == (1, 0, 1)


def test_the_adversary_only_raises_the_ratio():
    setting = Setting(False, rounds=2, nu="expert")
    alone, searched = (judge(Item("LAMPS-MM", setting, 0, 0, tries)) for tries in (0, 12))
    assert searched.ratio > alone.ratio
    assert (alone.runs, searched.runs) == (1, 13)
    assert searched.held == 13


def made(**changes):
    shape = (len(ALGORITHMS), len(regret.ROUNDS), 3, 3)
    four = np.full(4, 10)
    data = regret.Regret(
        "realizable", 3, 0, 1, np.ones(shape), np.ones(shape), np.ones((4, 3)), four, four, 0 * four
    )
    return dataclasses.replace(data, **changes)


def test_judgements_follow_the_data():
    assert regret.conclusion(made()).supported
    broken = made(held=np.array([10, 9, 10, 10]))
    assert not regret.conclusion(broken).supported
    assert "broken on 1." in regret.conclusion(broken).text
    assert regret.judged(made(held=np.full(4, 9), void=np.full(4, 1)))["every bound holds"]
    much = made().by_rounds.copy()
    much[3, -1, :, 2] = 4 * 10 * np.sqrt(64 * np.log(6) / 2) + 1
    assert not regret.conclusion(made(by_rounds=much)).supported


def test_growth_is_fitted_where_it_exists():
    exponent, low, high = regret.grows((1, 2, 4, 8), np.array([1.0, 4, 16, 64]))
    assert exponent == pytest.approx(2) and low <= 2 + 1e-9 and high >= 2 - 1e-9
    assert regret.grows((1, 2, 4), np.array([1.0, 0, 1])) is None


def test_end_to_end_in_small(monkeypatch):
    monkeypatch.setattr(regret, "ROUNDS", (2, 4, 6))
    monkeypatch.setattr(regret, "GAMMAS", (0.5, 0.7, 0.8))
    data = regret.compute("agnostic", tries=1, seeds=2)
    assert data.runs.tolist() == [2 * 6 + 2 * 2] * 4
    assert (data.held == data.runs).all()
    table = regret.columns(data)
    assert {len(column) for column in table.values()} == {4 * 6}
    assert table["regret_mean"][0] == pytest.approx(data.by_rounds[0, 0, :, 0].mean())
    assert len(regret.draw(data).axes) == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"variant": "text"}, "regret: variant is 'text'"),
        ({"tries": 0}, "regret: tries is 0, expected an integer of at least 1"),
        ({"seeds": 1}, "regret: seeds is 1"),
    ],
)
def test_bad_input(options, said):
    with pytest.raises(InvalidArgument, match=said):
        regret.compute(**options)
