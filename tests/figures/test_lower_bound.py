"""The figures of LMDP's lower bound: tables read off, statements that can fail, rows by hand."""

import dataclasses

import numpy as np
import pytest

from figures import hard_instance, lower_bound
from figures.shared import frozen
from theorylab.algorithms.bayes_regret import class_regret, printed_eps
from theorylab.errors import InvalidArgument


def test_hard_instance_is_what_the_caption_says() -> None:
    data = hard_instance.compute()
    assert hard_instance.conclusion(data).supported
    assert (data.d_1, data.d_2, data.degree) == (2, 3, 2)
    # 11 states, 2 contexts: 16 coins (leaf, action) with two successors, 14 sure moves each
    assert len(data.edges) == 2 * (4 * 2 * 2 + 7 * 2)


def test_each_statement_about_the_instance_can_fail() -> None:
    data = hard_instance.compute()
    wrong_pays = np.array(data.pays)
    wrong_pays[0, 0] = 0.6
    lost = data.edges[~((data.edges[:, 1] == 0) & (data.edges[:, 0] == 0))]
    back = np.vstack([data.edges, [0, 9, 0, 9, 0.5]])
    for change in (
        {"pays": frozen(wrong_pays)},
        {"degree": 3},
        {"edges": frozen(lost)},
        {"edges": frozen(back)},
        {"largest_total": 2.0},
    ):
        found = hard_instance.judged(dataclasses.replace(data, **change))
        assert sum(not holds for holds in found.values()) == 1


def test_rows_of_the_lower_bound() -> None:
    item = (2, 2, 6, 2, 48)
    allowed, printed, best, factor, one = lower_bound.measured(item)
    eps = printed_eps(2, 12)
    assert printed == pytest.approx(class_regret(2, 2, 48, eps) / (2 * 2 * 48) ** 0.5)
    assert best >= printed and factor in lower_bound.FACTORS and np.isnan(one)
    assert allowed == 347


def small() -> lower_bound.LowerBound:
    items = [(2, 1, 6, 2, 12), (3, 1, 6, 3, 12), (2, 2, 6, 2, 24)]
    rows = frozen([lower_bound.measured(item) for item in items])
    return lower_bound.LowerBound(0, frozen(items), *(frozen(rows[:, k]) for k in range(5)))


def test_conclusion_of_the_lower_bound_can_fail() -> None:
    data = small()
    found = lower_bound.conclusion(data)
    assert found.supported and "fails at C = 2 (1 of 1" in found.text
    lower = dataclasses.replace(data, printed=frozen(data.printed * 0.2))
    assert not lower_bound.conclusion(lower).supported
    below = dataclasses.replace(data, one_mdp=frozen(data.one_mdp * 0.5))
    assert not lower_bound.conclusion(below).supported
    assert len(lower_bound.draw(data).axes) == 2
    assert {len(column) for column in lower_bound.columns(data).values()} == {3}


def test_refused() -> None:
    for module in (hard_instance, lower_bound):
        with pytest.raises(InvalidArgument, match="variant is 'x'"):
            module.compute("x")
    with pytest.raises(InvalidArgument, match="shortened is 3"):
        lower_bound.compute(shortened=3)
