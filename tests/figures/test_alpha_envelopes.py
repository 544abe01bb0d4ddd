"""Alpha-vector envelopes: the example by hand, against all histories, regions that tile."""

import dataclasses

import numpy as np
import pytest

from figures import alpha_envelopes
from theorylab.errors import InvalidArgument


def test_one_step_by_hand():
    """With one step left: treat or refer, 1 or 11/20 of the share 1/H of a step."""
    data = alpha_envelopes.compute("two", horizon=2)
    assert data.vectors[0].tolist() == [[0.5, 0], [0.275, 0.275], [0, 0.5]]
    assert data.actions[0].tolist() == [1, 3, 2]
    assert data.losses[0] == pytest.approx([0.225, 0.025, 0.225])


@pytest.mark.parametrize(("variant", "counts"), [("two", [3, 3, 3, 3, 3]), ("three", [4, 4, 13])])
def test_envelope_is_the_value_over_all_histories(variant, counts):
    """The count of vectors by steps left, and the comparison that `conclusion` reports."""
    data = alpha_envelopes.compute(variant, horizon=len(counts))
    assert [len(table) for table in data.vectors] == counts
    assert data.error < 1e-12 and alpha_envelopes.conclusion(data).supported


@pytest.mark.parametrize("spoilt", ["missing", "useless", "wrong"])
def test_what_is_not_the_envelope_is_not_supported(spoilt):
    """A vector that costs nothing to lose, a maximum off the histories', a value that shrinks."""
    data = alpha_envelopes.compute("two", horizon=3)
    changes = {
        "missing": {"error": 1e-3},
        "useless": {"losses": (*data.losses[:2], np.zeros(3))},
        "wrong": {"vectors": data.vectors[::-1]},
    }
    spoiled = dataclasses.replace(data, **changes[spoilt])
    assert not alpha_envelopes.conclusion(spoiled).supported


def test_regions_tile_the_triangle_and_hold_their_vector():
    """Areas sum to that of the simplex, and inside a region its own vector is the best."""
    data = alpha_envelopes.compute("three", horizon=4)
    vectors, area = data.vectors[-1], 0.0
    for k in range(len(vectors)):
        region = alpha_envelopes.where_best(vectors, k)
        assert (vectors @ region.mean(0)).argmax() == k
        x, y = region[:, 0], region[:, 1]
        area += abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2
    assert area == pytest.approx(0.5)


def test_figures_are_drawn_and_listed():
    """Three panels; in the triangle a patch for each vector; the CSV has a row for each vector."""
    for variant in alpha_envelopes.VARIANTS:
        data = alpha_envelopes.compute(variant, horizon=4)
        panels = alpha_envelopes.draw(data).axes
        shown = [len(a.lines) // 2 if variant == "two" else len(a.patches) for a in panels]
        assert shown == [len(data.vectors[h]) for h in (0, 1, 3)]
        table = alpha_envelopes.columns(data)
        assert {len(column) for column in table.values()} == {sum(map(len, data.vectors))}


def test_variations_say_how_many_vectors_begin_with_a_test():
    """A test that tells little begins none."""
    rows = {row[0]: row for row in alpha_envelopes.variations(horizon=3).rows}
    assert rows["accuracy 3/5"][1] == "3 (0)"
    assert all(row[-1] == "yes" for row in rows.values())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"variant": "four"}, "variant is 'four', expected one of"),
        ({"variant": "two", "horizon": 1}, "horizon is 1, expected an integer from 2 to 8"),
        ({"variant": "two", "horizon": 2.0}, "horizon is 2.0"),
    ],
)
def test_bad_input(options, said):
    """One line that names the argument."""
    with pytest.raises(InvalidArgument, match=said) as caught:
        alpha_envelopes.compute(**options)
    assert "\n" not in str(caught.value)
