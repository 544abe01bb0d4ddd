"""Eigendecay of kernels: close to the prediction, and spoilt spectra are not supported."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from figures import kernel_spectra
from theorylab.errors import InvalidArgument


@cache
def small():
    """Three resolutions."""
    return kernel_spectra.compute(doublings=2)


def test_spectra_decay_as_predicted_and_more_is_known_with_more_nodes():
    """Remark 8's exponents; finer nodes know more eigenvalues of the rough kernels."""
    data = small()
    found = kernel_spectra.conclusion(data)
    assert found.supported, found.text
    for k in range(3):
        assert len(kernel_spectra.known(data, k, 2)) > len(kernel_spectra.known(data, k, 0))


@pytest.mark.parametrize("spoilt", ["Matern", "Gaussian"])
def test_other_spectra_are_not_supported(spoilt):
    """Another power, or eigenvalues above the Poisson tail."""
    data = small()
    values = data.values.copy()
    rows = slice(0, 3) if spoilt == "Matern" else slice(3, 4)
    values[rows] = values[rows] ** (0.25 if spoilt == "Gaussian" else 1.3)
    assert not kernel_spectra.conclusion(dataclasses.replace(data, values=values)).supported


def test_figure_and_table():
    """Two curves for each kernel; a row for each known eigenvalue."""
    data = small()
    assert len(kernel_spectra.draw(data).axes[0].lines) == 8
    lengths = {len(column) for column in kernel_spectra.columns(data).values()}
    assert lengths == {int(np.isfinite(data.values).sum())}


def test_poisson_tail_by_hand():
    """c = 2: e^2 less its first terms."""
    assert kernel_spectra.poisson_tail(0) == pytest.approx(np.exp(2))
    assert kernel_spectra.poisson_tail(2) == pytest.approx(np.exp(2) - 3)


@pytest.mark.parametrize(
    ("options", "said"),
    [({"variant": "x"}, "variant is 'x'"), ({"doublings": 0}, "doublings is 0, expected")],
)
def test_bad_input(options, said):
    """One line that names the argument."""
    with pytest.raises(InvalidArgument, match=said) as caught:
        kernel_spectra.compute(**options)
    assert "\n" not in str(caught.value)
