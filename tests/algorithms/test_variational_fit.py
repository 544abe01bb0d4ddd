"""ELBO-maximisation with restricted q: against plain twins and EM, monotone, bad input."""

import numpy as np
import pytest

from theorylab.algorithms import variational_fit as fitting
from theorylab.algorithms import variational_kernels as kernels
from theorylab.algorithms.latent_variable_fit import fit_class, fit_latents, transitions_seen
from theorylab.errors import InvalidArgument
from theorylab.theory import elbo, variational
from theorylab.worlds.latent_variable import LatentVariableModel


def model_of(rng, S=4, A=2, Z=3):
    latents, emissions = rng.dirichlet(np.ones(Z), (S, A)), rng.dirichlet(np.ones(S), Z)
    return LatentVariableModel(latents, emissions, np.zeros((S, A)), 0.9, np.full(S, 1 / S))


@pytest.fixture(scope="module")
def truth():
    return model_of(np.random.default_rng(6))


@pytest.fixture(scope="module")
def counts(truth):
    table = np.random.default_rng(7).multinomial(40, truth.P / truth.P.sum(-1, keepdims=True))
    table[1, 1] = 0
    return table.astype(float)


@pytest.mark.parametrize("family", variational.FAMILIES)
def test_compiled_rows_are_the_plain_ones(truth, counts, family):
    found = fitting.best_in_family(truth, counts, family)
    labels = variational.labels_of(family, truth.S, truth.A)
    tables = (truth.latents, truth.emissions, counts, labels)
    assert found.rows == pytest.approx(variational.best_rows(*tables), abs=1e-14)
    assert found.elbo == pytest.approx(variational.best_bound(*tables), rel=1e-13)
    assert found.gap == pytest.approx(variational.family_gap(*tables), abs=1e-10)
    assert (found.labels[counts == 0] == -1).all()
    assert fitting.elbo_of(truth, counts, found.rows[labels]) == pytest.approx(found.elbo)


@pytest.mark.parametrize("family", variational.FAMILIES)
def test_compiled_steps_are_the_plain_ones(truth, counts, family):
    labels = variational.labels_of(family, truth.S, truth.A)
    p, e = truth.latents.reshape(-1, 3).copy(), np.ascontiguousarray(truth.emissions.T)
    rows, trace = np.empty((labels.max() + 1, 3)), np.empty(4)
    data = transitions_seen(counts)
    kernels.run(*data, labels[counts > 0], False, p, e, rows, trace, -1.0)
    latents, emissions = truth.latents, truth.emissions
    for k in range(3):
        bound = variational.best_bound(latents, emissions, counts, labels)
        assert trace[k] == pytest.approx(bound, rel=1e-12)
        q = variational.best_rows(latents, emissions, counts, labels)[labels]
        latents, emissions = elbo.weighted_step(latents, emissions, counts, q)
    assert p.reshape(4, 2, 3) == pytest.approx(latents, abs=1e-12)
    assert e == pytest.approx(emissions.T, abs=1e-12)


@pytest.mark.parametrize("family", [*variational.FAMILIES, 1, 3, 7])
def test_the_elbo_climbs_and_stays_below_the_likelihood(counts, family):
    found = fitting.fit_latents_by_elbo(counts, 3, family, 1, starts=3, most=200)
    assert (np.diff(found.trace) >= -1e-9).all() and found.trace[-1] > found.trace[0]
    assert found.gap >= -1e-9 and found.elbo == found.starts.max()


def test_a_step_may_lose_likelihood(truth):
    """Data that are the truth's own: it has the largest likelihood, and only EM stays there."""
    for family, stays in (("pair", False), ("next_state", False), ("posterior", True)):
        labels = variational.labels_of(family, truth.S, truth.A)
        q = variational.best_rows(truth.latents, truth.emissions, truth.P, labels)[labels]
        latents, emissions = elbo.weighted_step(truth.latents, truth.emissions, truth.P, q)
        found = elbo.log_likelihood(latents @ emissions, truth.P)
        lost = elbo.log_likelihood(truth.P, truth.P) - found
        gap = variational.family_gap(truth.latents, truth.emissions, truth.P, labels)
        assert abs(lost) < 1e-12 if stays else 1e-3 < lost < gap


def test_with_the_posterior_it_is_em(counts):
    free = fit_latents(counts, 3, 2, starts=2, most=50)
    found = fitting.fit_latents_by_elbo(counts, 3, "posterior", 2, starts=2, most=50)
    assert found.log_likelihood == pytest.approx(free.log_likelihood, rel=1e-12)
    assert found.latents == pytest.approx(free.latents, abs=1e-8)


def test_clusters_fall_to_no_gap(truth, counts):
    seen = int((counts > 0).sum())
    found = fitting.clusters(truth, counts, seen)
    gaps = np.array([it.gap for it in found])
    assert (np.diff(gaps) <= 1e-9).all() and gaps[-1] == pytest.approx(0, abs=1e-9)
    assert gaps[0] == pytest.approx(fitting.best_in_family(truth, counts, "shared").gap)
    assert [len(it.rows) for it in found] == list(range(1, seen + 1))
    q = found[3].rows[found[3].labels]
    assert fitting.elbo_of(truth, counts, q) == pytest.approx(found[3].elbo)


def test_each_transition_uses_its_best_cluster(truth, counts):
    found = fitting.clusters(truth, counts, 4)[-1]
    tables = (truth.latents[:, :, None, None], truth.emissions.T[None, None, :, None])
    every = np.moveaxis([elbo.elbo(*np.broadcast_arrays(*tables, q)) for q in found.rows], 0, -1)
    own = np.take_along_axis(every[:, :, :, 0], found.labels[..., None], -1)[..., 0]
    assert (own + 1e-9 >= every[:, :, :, 0].max(-1))[counts > 0].all()
    assert len(np.unique(found.labels[counts > 0])) == 4


def test_a_class_by_elbo_and_by_likelihood(truth, counts):
    rng = np.random.default_rng(8)
    models = [model_of(rng) for _ in range(6)] + [truth, truth]
    likeliest = fit_class(models, counts)
    full = fitting.fit_class_by_elbo(models, counts, "posterior")
    assert full.maximisers == likeliest.maximisers == (6, 7) and full.chosen == 6
    poor = fitting.fit_class_by_elbo(models, counts, "shared")
    each = [fitting.best_in_family(M, counts, "shared").elbo for M in models]
    assert poor.elbos == pytest.approx(each) and (poor.elbos <= poor.log_likelihoods).all()
    lost = poor.log_likelihoods[6] - poor.log_likelihoods[poor.chosen]
    assert 0 <= lost <= fitting.best_in_family(truth, counts, "shared").gap


def zeros():
    """Two pairs, z = s' always."""
    return LatentVariableModel(
        np.full((2, 1, 2), 0.5), np.eye(2), np.zeros((2, 1)), 0.5, np.array([1.0, 0.0])
    )


def test_mass_on_excluded_values_is_minus_infinity():
    assert fitting.elbo_of(zeros(), np.ones((2, 1, 2)), np.full((2, 1, 2, 2), 0.5)) == -np.inf
    assert fitting.best_in_family(zeros(), np.ones((2, 1, 2)), "pair").gap == np.inf
    with pytest.raises(InvalidArgument, match="every model has ELBO -infinity with q of family"):
        fitting.fit_class_by_elbo([zeros()], np.ones((2, 1, 2)), "shared")


def test_bad_input(truth, counts):
    q = np.full((4, 2, 4, 3), 1 / 3)
    with pytest.raises(InvalidArgument, match=r"q has shape \(4, 2, 4\), expected \(S, A"):
        fitting.elbo_of(truth, counts, q[..., 0])
    q[1, 0, 2] = [0.5, 0.5, 0.1]
    with pytest.raises(InvalidArgument, match=r"q\[1, 0, 2\] .*1\.1"):
        fitting.elbo_of(truth, counts, q)
    q[1, 0, 2] = [-0.5, 1.5, 0]
    with pytest.raises(InvalidArgument, match=r"q\[1, 0, 2, 0\] is -0.5"):
        fitting.elbo_of(truth, counts, q)
    with pytest.raises(InvalidArgument, match="counts has no transition"):
        fitting.fit_latents_by_elbo(0 * counts, 3, "pair")
    with pytest.raises(InvalidArgument, match=r"counts\[0, 0, 1\] is -1"):
        fitting.best_in_family(truth, np.where(np.arange(4) == 1, -1.0, counts), "pair")
    with pytest.raises(InvalidArgument, match="family is 'rich'"):
        fitting.best_in_family(truth, counts, "rich")
    with pytest.raises(InvalidArgument, match="family is 0, expected an integer of at least 1"):
        fitting.fit_latents_by_elbo(counts, 3, 0)
    stuck = LatentVariableModel(
        truth.latents, np.eye(4)[:3], truth.payoff, truth.gamma, truth.start
    )
    with pytest.raises(InvalidArgument, match=r"counts\[0, 0, 3\] is .* its ELBO is -infinity"):
        fitting.best_in_family(stuck, np.ones((4, 2, 4)), "pair")
