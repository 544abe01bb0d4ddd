"""Latent MDPs: what is wrong is named; the best trajectory is found; histories are numbered."""

from typing import Any

import numpy as np
import pytest

from tests.oracle import fractions
from theorylab import DeterministicHistoryPolicy, HistoryPolicy, LatentMDP, LatentModel
from theorylab.errors import ModelError
from theorylab.worlds.latent_mdp import capped, histories, histories_at, largest_total, support

NAN = float("nan")
GOOD: dict[str, Any] = {
    "w": ["1/3", "2/3"],
    "nu": [[1, 0], ["1/2", "1/2"]],
    "P": [[[[1, 0]], [[0, 1]]], [[["1/2", "1/2"]], [[1, 0]]]],
    "palette": [0, "1/2"],
    "labels": [[[1], [0]], [[1], [0]]],
    "H": 2,
}


def world(**changes: Any) -> LatentMDP:
    """Two contexts, two states, one action, two steps, with some tables replaced."""
    return LatentMDP(**{**GOOD, **changes})


REFUSED = {
    "weights": ({"w": ["1/3", "1/3"]}, "LatentMDP.w", "sums to 2/3"),
    "a context that is never played": ({"w": [0, 1]}, "LatentMDP.w[0]", "leave out a context"),
    "too many weights": ({"w": [1, 0, 0]}, "LatentMDP.w", "expected (M,) = (2,)"),
    "a first state": ({"nu": [[1, 1], [0, 1]]}, "LatentMDP.nu[0]", "sums to 2"),
    "a row": (
        {"P": [[[[1, 0]], [[0, "1/3"]]], GOOD["P"][1]]},
        "LatentMDP.P[0, 1, 0]",
        "sums to 1/3",
    ),
    "no contexts axis": ({"P": GOOD["P"][0]}, "LatentMDP.P", "(M, S, A, S)"),
    "a reward above 1": ({"palette": [0, 2]}, "LatentMDP.palette[1]", "in [0, 1]"),
    "a negative reward": ({"palette": [-1, 1]}, "LatentMDP.palette[0]", "in [0, 1]"),
    "nan": ({"palette": [0.0, NAN]}, "LatentMDP.palette", "nan"),
    "equal rewards": ({"palette": ["1/2", "1/2"]}, "LatentMDP.palette[1]", "one label"),
    "no rewards": ({"palette": []}, "LatentMDP.palette", "(L,)"),
    "a label that is not there": (
        {"labels": [[[2], [0]], [[1], [0]]]},
        "LatentMDP.labels[0, 0, 0]",
        "a label in 0..1",
    ),
    "labels of another shape": ({"labels": [[1, 0], [1, 0]]}, "LatentMDP.labels", "(M, S, A)"),
    "fraction as a label": ({"labels": [[[0.5], [0]], [[1], [0]]]}, "LatentMDP.labels", "integer"),
    "booleans as labels": (
        {"labels": [[[True], [False]], [[True], [False]]]},
        "LatentMDP.labels",
        "no integer",
    ),
    "no step": ({"H": 0}, "LatentMDP.H", "at least 1"),
    "a horizon that is no integer": ({"H": 2.0}, "LatentMDP.H", "2.0"),
    "a horizon that is true": ({"H": True}, "LatentMDP.H", "True"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_table_is_refused_with_its_place(case: str) -> None:
    """Each message names the entry, what was found or what was expected."""
    changes, place, words = REFUSED[case]
    with pytest.raises(ModelError) as error:
        world(**changes)
    assert place in str(error.value) and words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_trajectory_that_pays_more_than_1_is_named() -> None:
    """Three visits of state 0 in context 0 pay 3/2; impossible moves do not count."""
    with pytest.raises(
        ModelError, match=r"pays 3/2 in context 0 on the trajectory s=0 a=0, s=0 a=0"
    ):
        world(H=3)
    away = [[[[0, 1]], [[0, 1]]], [[[0, 1]], [[0, 1]]]]
    assert fractions(largest_total(world(H=3, P=away))) == fractions("1/2")


def test_a_model_may_pay_more_and_shares_all_but_the_transitions() -> None:
    """The total of a model is not checked: an estimate may have another support."""
    W = world(P=[[[[0, 1]], [[0, 1]]], [[[0, 1]], [[0, 1]]]], H=3)
    model = W.with_transitions(GOOD["P"])
    assert type(model) is LatentModel and fractions(largest_total(model)) == fractions("3/2")
    for name in ("w", "nu", "palette", "labels", "H"):
        assert np.all(np.asarray(getattr(model, name) == getattr(W, name)))


def test_capped_divides_the_palette_by_the_largest_total() -> None:
    """The best trajectory then pays exactly 1; a world that pays less stays."""
    model = world().with_transitions(GOOD["P"])
    assert fractions(capped(world()).palette) == fractions(world().palette)
    more = LatentModel(**{**GOOD, "H": 3})
    assert fractions(capped(more).palette) == fractions([0, "1/3"])
    assert fractions(largest_total(capped(more))) == 1 and type(model) is LatentModel


def test_sizes_rewards_and_degree() -> None:
    """Letters of the paper."""
    W = world()
    assert (W.M, W.S, W.A, W.L, W.H, W.degree) == (2, 2, 1, 2, 2, 2)
    assert fractions(W.rewards) == fractions([[["1/2"], [0]], [["1/2"], [0]]])
    assert fractions(support(W.P)[1]) == [[[1, 1]], [[1, 0]]]


def test_histories_are_counted() -> None:
    """S (A L S)^(t-1) of step t."""
    assert histories(world()) == [2, 8] and histories_at(world(), 3) == 32


def test_tables_are_read_only() -> None:
    """A world cannot change after its checks."""
    with pytest.raises(ValueError, match="read-only"):
        world().P[0, 0, 0, 0] = 0
    with pytest.raises(ValueError, match="read-only"):
        world().labels[0, 0, 0] = 0


def test_policies_name_the_row_that_is_wrong() -> None:
    """A row that sums to less, a table without an axis, a row that is no vertex."""
    with pytest.raises(ModelError, match=r"HistoryPolicy.probabilities\[1\] sums to 1/2"):
        HistoryPolicy([[1, 0], ["1/2", 0]])
    with pytest.raises(ModelError, match=r"expected \(N, A\)"):
        HistoryPolicy([1, 0])
    with pytest.raises(ModelError, match=r"probabilities\[1, 0\] is 1/2, expected 0 or 1"):
        DeterministicHistoryPolicy([[1, 0], ["1/2", "1/2"]])
