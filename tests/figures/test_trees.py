"""Figures 1 and 5: tables, errors and costs by hand, every planner against all paths."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from figures import figure1, figure5, tree_search, trees
from figures.trees import Choices
from theorylab.errors import InvalidArgument

SMALL = {"depth": 3, "longest": 5, "seeds": 3}


def test_tables_of_the_tree():
    trio = trees.binary(3)
    assert trio.world.S == 15
    lines = {(s, a): after for s, a, after, _ in trees.edges(trio.world, trio.world, 7)}
    assert lines == {(s, a): 2 * s + 1 + a for s in range(7) for a in (0, 1)}
    bad = {(s, a, after): wrong for s, a, after, wrong in trees.edges(trio.bad, trio.world, 7)}
    assert [edge for edge, wrong in bad.items() if wrong] == [(0, 0, 2), (0, 1, 1)]
    good = trees.edges(trio.good, trio.world, 7)
    assert all(wrong == (s > 0) for s, _, _, wrong in good)
    assert [(s, a, after) for s, a, after, _ in good[:4]] == [
        (0, 0, 1),
        (0, 1, 2),
        (1, 0, 4),
        (1, 1, 3),
    ]


def test_errors_and_costs_by_hand():
    """gamma = 9/10, H = 3: A weighs 1/10 and what follows it 9/10 - 729/1000; rows differ by 2."""
    trio = trees.binary(3)
    visits = [2 * (Fraction(9, 10) - Fraction(9, 10) ** 3), 2 * Fraction(1, 10)]
    expected = [[Fraction(12, 7), Fraction(2, 7)], visits, [Fraction(4, 3), Fraction(2, 3)]]
    assert trees.prediction_errors(trio) == pytest.approx(np.array(expected, dtype=float))
    assert trees.extra_costs(trio) == pytest.approx([0, 0.9 * 0.99])
    assert trees.value_losses(trio) == pytest.approx(np.array([[0, 0.1 * 0.99]] * 2))


def test_figure_5_by_hand():
    data = figure5.compute(leaves=8)
    expected = [[8 / 5, 2 / 5], [2 * (0.9 - 0.9**3), 0.2], [4 / 3, 2 / 3]]
    assert data.errors == pytest.approx(np.array(expected))
    assert data.extra_costs == pytest.approx([0, 0.9 * 0.99])
    below_d = [(a, after) for s, a, after, _ in data.edges[0] if s == 3]
    assert below_d == [(0, 5), (1, 6)]
    assert [(a, after) for s, a, after, _ in data.edges[1] if s == 3] == [(0, 7), (1, 8)]


@pytest.mark.parametrize("H", [1, 2, 3, 6])
@pytest.mark.parametrize("random", [False, True])
def test_every_planner_finds_the_least_cost_of_all_paths(H, random):
    def tree():
        return tree_search.tree(H, 0.01, np.random.default_rng(5) if random else None)

    paths = [path_cost(tree().cost, path) for path in itertools.product((0, 1), repeat=H)]
    expert = tree_search.expert_trajectory(tree())
    found = [
        tree_search.plan(tree()),
        tree_search.best_first(tree(), 0.0 if random else 0.01),
        tree_search.minimise_disadvantage(tree(), expert),
    ]
    assert [it.cost for it in found] == pytest.approx([min(paths)] * 3)
    assert found[0].queries == 2 ** (H + 1) - 2
    assert found[2].queries == H * (H + 1)
    if not random and H > 1:
        assert found[1].queries == 2 * (H + 1)


def path_cost(cost, path):
    s, paid = 0, 0.0
    for a in path:
        paid, s = paid + cost[s, a], 2 * s + 1 + a
    return paid


def test_a_poor_trajectory_gives_a_poor_policy():
    """Algorithm 3 looks at the states of nu only: along B's branch it still turns right at A."""
    H = 4
    found = tree_search.minimise_disadvantage(tree_search.tree(H, 0.01), [0, 1, 3, 7])
    assert found.cost == pytest.approx(0.04)
    costly = tree_search.tree(H, 0.01)
    costly.cost[5] = [1.0, 0.01]  # below C, off the trajectory, l is costly
    assert tree_search.minimise_disadvantage(costly, [0, 1, 3, 7]).cost > 1


def test_judgements_follow_the_measurements():
    data = figure1.compute(**SMALL)
    assert figure1.conclusion(data).supported
    assert "14 queries" not in figure1.conclusion(data).text
    assert "62 queries for optimal planning" in figure1.conclusion(data).text
    changed = {
        Choices(gamma="1/2"): ["M_bad has the smaller prediction error (discounted visits)"],
        Choices(mistakes="to B"): ["value moment loss picks M_good"],
        Choices(eps="1"): ["M_bad has the worse policy", "value moment loss picks M_good"],
    }
    for choices, falls in changed.items():
        other = figure1._measured(choices, 3, 3, 0, data.horizons, data.queries)
        assert [name for name, holds in figure1.judged(other).items() if not holds] == falls
        assert not figure1.conclusion(other).supported


def test_variations_name_what_turns():
    rows = {row[0]: row[1:] for row in figure1.variations().rows}
    assert rows["nothing"] == ("yes",) * 5
    assert rows["H = 2"] == ("yes", "no", "no", "yes", "yes")
    assert rows["M_good's mistakes predict B"] == ("yes", "yes", "yes", "yes", "no")
    wide = {row[0]: row[2] for row in figure5.variations(leaves=4).rows}
    assert (wide["nothing"], wide["gamma = 1/2"]) == ("yes", "no")


def test_the_order_of_the_tasks_does_not_matter():
    def backwards(function, items):
        return reversed([function(item) for item in reversed(list(items))])

    one, other = figure1.compute(**SMALL), figure1.compute(**SMALL, each=backwards)
    assert (one.queries == other.queries).all()
    assert (figure1.compute(**SMALL, seed=1).queries[2] != one.queries[2]).any()


def test_columns_and_drawing():
    data = figure1.compute(**SMALL)
    table = figure1.columns(data)
    assert table["H"].tolist() == [2, 3, 4, 5]
    assert table["optimal_planning_mean"].tolist() == [6, 14, 30, 62]
    assert table["disadvantage_se"].tolist() == [0] * 4
    assert len(figure1.draw(data).axes) == 5
    assert len(figure5.draw(figure5.compute(leaves=4)).axes) == 4


@pytest.mark.parametrize(
    ("figure", "options", "said"),
    [
        (figure1, {"variant": "txt"}, "figure1: variant is 'txt'"),
        (figure1, {"depth": 1}, "figure1: depth is 1, expected an integer from 2 to 6"),
        (figure1, {"longest": 3}, "figure1: longest is 3"),
        (figure1, {"seeds": 1}, "figure1: seeds is 1"),
        (figure1, {"seed": -1}, "figure1: seed is -1"),
        (figure5, {"variant": "txt"}, "figure5: variant is 'txt'"),
        (figure5, {"leaves": 6}, "figure5: leaves is 6, expected a multiple of 4"),
    ],
)
def test_bad_input(figure, options, said):
    with pytest.raises(InvalidArgument, match=said) as found:
        figure.compute(**options)
    assert "\n" not in str(found.value)
