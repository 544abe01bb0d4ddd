"""Families of q: labels, best rows by hand and against all of a grid, nested gaps, zeros."""

import math

import numpy as np
import pytest

from theorylab.errors import InvalidArgument
from theorylab.theory import elbo, variational


def test_labels_tie_what_the_name_says():
    tied = {family: variational.labels_of(family, 3, 2) for family in variational.FAMILIES}
    assert all(labels.shape == (3, 2, 3) for labels in tied.values())
    rows = {family: len(np.unique(labels)) for family, labels in tied.items()}
    assert rows == {"shared": 1, "next_state": 3, "pair": 6, "posterior": 18}
    assert (tied["next_state"] == np.arange(3)).all()
    assert (tied["pair"][1, 0] == 2).all() and (tied["pair"][1, 1] == 3).all()
    with pytest.raises(InvalidArgument, match="family is 'rich', expected one of shared"):
        variational.labels_of("rich", 3, 2)


def test_best_row_by_hand():
    """Two transitions of weights 1 and 3, joints (1/8, 1/2) and (3/8, 1/4)."""
    latents, emissions = np.array([[[0.5, 0.5]], [[0.5, 0.5]]]), np.array([[0.25, 0.75], [1, 0.5]])
    counts = np.array([[[1.0, 0.0]], [[0.0, 3.0]]])
    rows = variational.best_rows(latents, emissions, counts, np.zeros((2, 1, 2), dtype=int))
    first = math.exp((math.log(1 / 8) + 3 * math.log(3 / 8)) / 4)
    second = math.exp((math.log(1 / 2) + 3 * math.log(1 / 4)) / 4)
    assert rows[0] == pytest.approx([first / (first + second), second / (first + second)])
    bound = variational.best_bound(latents, emissions, counts, np.zeros((2, 1, 2), dtype=int))
    assert bound == pytest.approx(4 * math.log(first + second))


@pytest.fixture
def model():
    rng = np.random.default_rng(4)
    counts = rng.integers(0, 5, (3, 2, 3)).astype(float)
    return rng.dirichlet(np.ones(2), (3, 2)), rng.dirichlet(np.ones(3), 2), counts


@pytest.mark.parametrize("family", variational.FAMILIES)
def test_the_closed_form_is_the_largest_bound(model, family):
    latents, emissions, counts = model
    labels = variational.labels_of(family, 3, 2)
    best = variational.best_rows(latents, emissions, counts, labels)
    top = variational.best_bound(latents, emissions, counts, labels)

    def bound(rows):
        return (counts * elbo.elbo_table(latents, emissions, rows[labels])).sum()

    assert bound(best) == pytest.approx(top, rel=1e-13)
    rng = np.random.default_rng(5)
    for size in (0.001, 0.1, 1):
        other = (1 - size) * best + size * rng.dirichlet(np.ones(2), len(best))
        assert bound(other) < top
    gap = variational.family_gap(latents, emissions, counts, labels)
    own = elbo.posteriors(latents, emissions)
    divergence = (best[labels] * np.log(best[labels] / own)).sum(-1)
    assert gap == pytest.approx((counts * divergence).sum(), abs=1e-12)


def test_gaps_of_nested_families_fall_to_zero(model):
    for chain in variational.NESTED:
        gaps = [variational.family_gap(*model, variational.labels_of(it, 3, 2)) for it in chain]
        assert gaps[0] > gaps[1] > 0.1 and gaps[2] == pytest.approx(0, abs=1e-12)


def test_excluded_values_give_an_infinite_gap():
    """z = s' is seen as both: no row of one q avoids both zeros."""
    latents, emissions = np.full((2, 1, 2), 0.5), np.eye(2)
    counts = np.ones((2, 1, 2))
    shared, following = (variational.labels_of(it, 2, 1) for it in ("shared", "next_state"))
    assert (variational.best_rows(latents, emissions, counts, shared) == 0).all()
    assert variational.best_bound(latents, emissions, counts, shared) == -np.inf
    assert variational.family_gap(latents, emissions, counts, shared) == np.inf
    assert variational.family_gap(latents, emissions, counts, following) == 0
