"""Log-det growth: the fits meet the true exponents, the literal ball grows faster than printed."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from figures import log_det_growth
from theorylab.errors import InvalidArgument


@cache
def small(variant):
    """Few points and steps."""
    return log_det_growth.compute(variant, points=13, steps=200)


def test_power_ball_grows_no_faster_than_printed():
    """Every fit is close to the true exponent, below the printed rate; bounds hold."""
    data = small("power")
    found = log_det_growth.conclusion(data)
    assert found.supported and "nowhere" in found.text
    for row in range(len(data.cases)):
        fit = log_det_growth.fitted(data, row)
        assert fit.value[0] == pytest.approx(fit.true, rel=0.15)
    share = data.played / log_det_growth._at_steps(data)
    assert (share <= 1 + 1e-12).all() and (share > 0.6).all()


def test_the_literal_ball_grows_faster_in_the_polynomial_case_only():
    """The finding: alpha^{1/(1+beta)} against the printed alpha^{1/2beta} log alpha."""
    data = small("literal")
    assert not log_det_growth.conclusion(data).supported
    faster = {case for row, case in enumerate(data.cases)
              if log_det_growth.fitted(data, row).exceeds}  # fmt: skip
    assert faster == {("polynomial", beta) for beta in (1.5, 2.0, 3.0)}
    assert (data.values <= data.bounds * (1 + 1e-9)).all()


@pytest.mark.parametrize("spoilt", ["bound", "axes", "growth"])
def test_what_breaks_the_lemma_is_not_supported(spoilt):
    """A value above its bound, a spectrum cut off too early, a faster growth."""
    data = small("power")
    changes = {
        "bound": {"bounds": data.values / 2},
        "axes": {"active": np.full_like(data.active, 1e9)},
        "growth": {"values": data.alphas**0.7, "bounds": data.alphas},
    }  # fmt: skip
    assert not log_det_growth.conclusion(dataclasses.replace(data, **changes[spoilt])).supported


def test_figure_table_and_variations():
    """Three panels with three lines of each kind; a row for each point; both balls varied."""
    data = small("power")
    panels = log_det_growth.draw(data).axes
    assert [len(axes.lines) for axes in panels] == [9, 9, 9]
    assert {len(column) for column in log_det_growth.columns(data).values()} == {9 * 13}
    rows = log_det_growth.variations(points=13).rows
    assert len(rows) == 8 and all(float(row[-1]) >= 1 for row in rows)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"variant": "other"}, "variant is 'other', expected one of"),
        ({"points": 3}, "points is 3, expected an integer of at least 12"),
        ({"steps": True}, "steps is True"),
    ],
)
def test_bad_input(options, said):
    """One line that names the argument."""
    with pytest.raises(InvalidArgument, match=said) as caught:
        log_det_growth.compute(**options)
    assert "\n" not in str(caught.value)
