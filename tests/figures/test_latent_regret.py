"""The latent regret figure: its worlds by hand, and judgements that can turn."""

import dataclasses

import numpy as np
import pytest

from figures import latent_regret
from figures.latent_regret_run import Item, bound_of, run_item, speaks_from
from figures.latent_regret_world import (
    GAP,
    guessing,
    hard,
    largest_variance,
    least_regret,
    payoffs,
    staying,
)
from theorylab.algorithms.latent_estimates import optimal_graph
from theorylab.errors import InvalidArgument


@pytest.mark.parametrize("x", [GAP, 1 / 4, 1])
def test_payoffs_keep_the_gap_and_spread_the_variance(x):
    """Half of the episodes start at a payoff, of mean 1/2; else right pays 1/2 + GAP/2."""
    W = payoffs(x)
    assert optimal_graph(W)[1].value == pytest.approx(1 / 2 + GAP / 4)
    assert largest_variance(W) == pytest.approx(x * x / 4, rel=1e-6)


def test_the_other_worlds():
    for H in (4, 16):
        W = staying(H)
        assert W.rewards.max() * H == 1
        assert optimal_graph(W)[0].nodes == 4 * H
    assert optimal_graph(guessing(1))[1].value == pytest.approx(1 / 2)
    assert optimal_graph(guessing(4))[1].value > 1 / 2


def test_a_run_depends_on_its_item_alone():
    item = Item("episodes", 3, "MVP", 64, 5, 1)
    found = run_item(item)
    assert found == run_item(item)
    assert found.lines == 18 and not found.broken and found.good
    assert run_item(dataclasses.replace(item, algorithm="posterior")).lines == 0


def test_the_bound_speaks_from_where_it_says():
    K = speaks_from("episodes", 4)
    assert bound_of("episodes", 4, K) < K
    assert bound_of("episodes", 4, K // 2) >= K // 2


@pytest.fixture(scope="module")
def small():
    return latent_regret.compute("episodes", seeds=2, episodes=64, seed=1)


def test_the_conclusion_turns(small):
    text = latent_regret.conclusion(small).text
    assert "every line of the proof's chain holds: yes" in text and "MVP" in text
    broken = dataclasses.replace(small, broken="X_4 (1)")
    assert not latent_regret.conclusion(broken).supported
    flat = dataclasses.replace(small, regret=np.ones_like(small.regret))
    assert latent_regret.conclusion(flat).supported
    K = np.array([2.0**k for k in range(7)])
    assert not latent_regret.conclusion(
        dataclasses.replace(small, regret=flat.regret * K)
    ).supported


def test_horizon_and_variance_are_judged(small):
    counts, ones = 5, np.ones((3, 4, 2, 5))
    H = np.array([4.0, 8, 16, 32])[:, None, None]
    base = dataclasses.replace(small, variant="horizon", episodes=2 ** (counts - 1))
    for power, holds in ((0.2, True), (0.9, False)):
        data = dataclasses.replace(base, regret=ones * H**power)
        assert latent_regret.conclusion(data).supported == holds
    x = np.arange(1.0, 7)[:, None, None]
    for regret, holds in ((x, True), (1 / x, False), (x * 2.0 ** np.arange(counts), False)):
        regret = np.broadcast_to(regret, (3, 6, 2, counts))
        data = dataclasses.replace(base, variant="variance", regret=regret)
        assert latent_regret.conclusion(data).supported == holds


def test_the_hard_class_and_its_least_regret(small):
    """Four instances of value 3/4, none alike; one that guesses blindly loses K/8, least_regret is
    that at K = 1 and less after; what is below it on the class is found out."""
    worlds = [hard(number) for number in range(4)]
    assert len({W.P.tobytes() for W in worlds}) == 4
    assert [optimal_graph(W)[1].value for W in worlds] == pytest.approx([3 / 4] * 4)
    assert least_regret(1) == pytest.approx(1 / 8)
    assert least_regret(64) < 64 / 8 and least_regret(600, 64) == least_regret(64)
    least = np.array([least_regret(2**k) for k in range(5)])
    base = dataclasses.replace(small, variant="hard", episodes=16, bound=np.ones(4))
    for share, holds in ((1, True), (0.99, False)):
        regret = np.broadcast_to(share * least, (3, 4, 2, 5))
        data = dataclasses.replace(base, regret=regret, uniform=np.ones(4), variances=np.ones(4))
        assert latent_regret.conclusion(data).supported == holds
        assert len(latent_regret.columns(data)["K"]) == 60
    lines = [line.get_label() for line in latent_regret.draw(data).axes[0].lines]
    assert "Bayes-optimal over the class" in lines


def test_it_draws_and_tabulates(small):
    figure = latent_regret.draw(small)
    assert len(figure.axes) == 2
    table = latent_regret.columns(small)
    assert len({len(column) for column in table.values()}) == 1
    assert len(table["K"]) == 4 * 7


@pytest.mark.parametrize(("options", "said"), [({"variant": "x"}, "variant is 'x'"),
                                               ({"seeds": 1}, "seeds is 1"),
                                               ({"episodes": 2}, "episodes is 2"),
                                               ({"seed": -1}, "seed is -1")])  # fmt: skip
def test_bad_options(options, said):
    with pytest.raises(InvalidArgument, match=said):
        latent_regret.compute(**options)
