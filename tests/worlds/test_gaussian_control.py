"""The Gaussian control example on grids: rows by hand, closed forms, trends, bad input."""

import math

import flint
import numpy as np
import pytest

from theorylab.engines import growth_rate
from theorylab.errors import InvalidArgument
from theorylab.theory.planning import optimal_performance
from theorylab.worlds.gaussian_control import (
    GaussianControl,
    centred_grid,
    distance_to_normal,
    emission_rows,
    limit_distance,
    row,
    rows,
    through_latents,
)


def test_points_are_exact_and_centred():
    """n = 1: four points 5/4 apart."""
    assert list(centred_grid(1, flint.fmpq(1))) == [flint.fmpq(k, 8) for k in (-15, -5, 5, 15)]
    assert np.allclose(np.diff(centred_grid(3)), 5 / 2 / 6)


def test_rows_are_normalised_exponentials():
    points = np.array([0.0, 1.0])
    ratio = math.exp(-2 * 0.75**2) / math.exp(-2 * 0.25**2)
    assert row(points, 0.25, 2.0)[1] / row(points, 0.25, 2.0)[0] == pytest.approx(ratio)
    assert emission_rows(centred_grid(2), 1.5) == pytest.approx(
        rows(centred_grid(2), centred_grid(2), 1.5), abs=1e-15
    )


@pytest.mark.parametrize("rate", [1.0, 2.0])
def test_variance_is_the_sum_of_both_factors(rate):
    points = centred_grid(3)
    law = through_latents(points, 0.25, rate)
    mean = law @ points
    assert mean == pytest.approx(0.25, abs=1e-5)
    assert law @ (points - mean) ** 2 == pytest.approx(1 / rate, abs=1e-4)


def test_the_law_is_the_density_times_the_step():
    """Against (2 pi sigma^2)^(-1/2) exp(-(s' - f)^2 / (2 sigma^2)), not normalised on the grid."""
    points, f = centred_grid(3), -0.4
    density = np.exp(-((points - f) ** 2) / 2) / math.sqrt(2 * math.pi)
    step = points[1] - points[0]
    assert np.abs(through_latents(points, f, 1.0) - step * density).sum() < 1e-10


def test_the_distance_falls_exponentially_only_with_the_corrected_factors():
    sizes = [4 * n * n for n in (1, 2, 3)]
    found = [distance_to_normal(centred_grid(n), 0.5, 1.0, 1.0) for n in (1, 2, 3)]
    exponent, _ = growth_rate(sizes, [-math.log(x) for x in found])
    assert 0.9 < exponent < 1.15
    printed = [distance_to_normal(centred_grid(n), 0.5, 2.0, 1.0) for n in (2, 3, 6)]
    assert printed[-1] == pytest.approx(limit_distance(0.5), abs=3e-3)  # |gap| has kinks


def test_limit_distance_is_that_of_the_densities():
    x = np.linspace(-20, 20, 400_001)
    gap = np.exp(-(x**2)) / math.sqrt(math.pi) - np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    assert limit_distance(0.5) == pytest.approx(np.abs(gap).sum() * (x[1] - x[0]), abs=1e-6)
    assert limit_distance(2.0) == pytest.approx(limit_distance(0.5)) and limit_distance(1.0) == 0


def test_values_settle_as_the_grid_grows():
    """With half the variance the optimal value is another one, which no grid mends."""
    found = [value(n, 1.0) for n in (3, 4, 5)]
    assert found == pytest.approx([6.86] * 3, abs=5e-3)
    assert value(5, 2.0) > found[-1] + 0.9


def value(n, rate):
    return float(optimal_performance(GaussianControl(rate=rate).model(n).mdp))


@pytest.mark.parametrize("n", [0, -1, 1.5, True])
def test_bad_resolution(n):
    with pytest.raises(InvalidArgument, match="expected an integer of at least 1"):
        centred_grid(n)
    with pytest.raises(InvalidArgument, match="expected a number above 0"):
        limit_distance(-1)
