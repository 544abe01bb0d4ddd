"""What the figures say of single changes, and the band that they draw."""

import numpy as np
import pytest

from figures.shared import Conclusion, plus_minus, where_it_hangs
from figures.style import curve


def conclude(value):
    """A conclusion that holds for positive numbers."""
    return Conclusion(value > 0, "")


@pytest.mark.parametrize(
    ("tried", "said"),
    [
        ({"nothing": 1, "a": 2, "b": -1}, "holds; of 2 single changes it fails with b: -1."),
        ({"nothing": -1, "a": 2}, "fails; of 1 single changes it holds with a: 2."),
        ({"nothing": 1, "a": 2}, "holds; of 1 single changes no single change turns it."),
    ],
)
def test_a_conclusion_hangs_on_the_changes_that_turn_it(tried, said):
    """What holds may fail with a change, and the other way round."""
    text = where_it_hangs("x", tried, conclude, lambda change, value: f"{change}: {value}")
    assert text == f"x: the paper's conclusion {said}"


def test_mean_and_error_in_their_own_formats():
    """1 and 3: mean 2, standard deviation sqrt(2), standard error 1."""
    assert plus_minus(np.array([1.0, 3.0]), ".1f", ".0f") == "2.0 ± 1"


def test_a_band_is_one_error_wide_and_cut_at_its_floor():
    """Values 1 and 3, 0 and 1: bands 2 ± 1 and 1/2 ± 1/2; a floor lifts their lower ends."""
    from matplotlib.figure import Figure

    values = np.array([[1.0, 0.0], [3.0, 1.0]])
    for floor, ends in ((None, (1.0, 0.0)), (0.75, (1.5, 0.375))):
        axes = Figure().subplots()
        curve(axes, [0, 1], values, floor=floor, color="black")
        assert axes.lines[0].get_ydata().tolist() == [2.0, 0.5]
        corners = axes.collections[0].get_paths()[0].vertices
        for x, low, high in ((0, ends[0], 3.0), (1, ends[1], 1.0)):
            heights = corners[corners[:, 0] == x, 1]
            assert (heights.min(), heights.max()) == (low, high)


def test_what_a_log_scale_cannot_show_is_not_drawn():
    """With a floor a mean of 0 or less leaves a gap; without one it is drawn."""
    from matplotlib.figure import Figure

    values = np.array([[1.0, 0.0, -2.0], [3.0, 0.0, 1.0]])
    for floor, drawn in ((None, [True] * 3), (1e-2, [True, False, False])):
        axes = Figure().subplots()
        curve(axes, [0, 1, 2], values, floor=floor, color="black")
        assert np.isfinite(axes.lines[0].get_ydata()).tolist() == drawn
