"""Maximum likelihood of latent-variable models: EM, finite classes, bad input."""

import math

import numpy as np
import pytest

from theorylab.algorithms import latent_variable_fit as fitting
from theorylab.algorithms import latent_variable_kernels as kernels
from theorylab.errors import InvalidArgument
from theorylab.theory import elbo
from theorylab.worlds.latent_variable import LatentVariableModel


def world(rng: np.random.Generator, S: int, A: int, Z: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.dirichlet(np.ones(Z), (S, A)), rng.dirichlet(np.ones(S), Z)


def test_compiled_steps_are_the_plain_ones() -> None:
    rng = np.random.default_rng(1)
    latents, emissions = world(rng, 4, 3, 2)
    counts = rng.integers(0, 4, (4, 3, 4)).astype(float)
    counts[2, 1] = 0
    p, e = latents.reshape(12, 2).copy(), emissions.T.copy()
    seen = np.argwhere(counts > 0)
    data = (seen[:, 0] * 3 + seen[:, 1], seen[:, 2].copy(), counts[tuple(seen.T)])
    steps, value = kernels.run(*data, p, e, 5, 0.0)
    for _ in range(5):
        latents, emissions = elbo.em_step(latents, emissions, counts)
    assert steps == 5
    assert np.allclose(p.reshape(4, 3, 2), latents, rtol=1e-12, atol=1e-15)
    assert np.allclose(e.T, emissions, rtol=1e-12, atol=1e-15)
    assert value == pytest.approx(elbo.log_likelihood(latents @ emissions, counts), rel=1e-12)


def test_as_many_latent_values_as_states_reach_the_frequencies() -> None:
    """With Z = S the largest likelihood is that of the frequencies; no model has more."""
    rng = np.random.default_rng(2)
    counts = rng.integers(1, 9, (2, 1, 2)).astype(float)
    frequencies = counts / counts.sum(-1, keepdims=True)
    top = (counts * np.log(frequencies)).sum()
    found = fitting.fit_latents(counts, 2, 0, most=20_000, tolerance=1e-14)
    assert found.log_likelihood <= top + 1e-9
    assert found.log_likelihood == pytest.approx(top, rel=1e-6)


def test_one_latent_value_has_the_pooled_frequencies() -> None:
    counts = np.array([[[3.0, 1.0]], [[1.0, 3.0]]])
    found = fitting.fit_latents(counts, 1)
    assert np.allclose(found.emissions, [[0.5, 0.5]])
    assert found.log_likelihood == pytest.approx(8 * math.log(0.5), rel=1e-14)
    assert found.converged


def test_more_starts_keep_the_first_ones_and_repeat_exactly() -> None:
    counts = np.random.default_rng(3).integers(0, 5, (3, 2, 3))
    few, more = (fitting.fit_latents(counts, 2, 7, starts=n) for n in (2, 5))
    assert list(more.starts[:2]) == list(few.starts)
    assert more.log_likelihood == more.starts.max() >= few.log_likelihood
    again = fitting.fit_latents(counts, 2, 7, starts=5)
    assert (again.latents == more.latents).all()


def coin(q: float) -> LatentVariableModel:
    return LatentVariableModel([[[1.0]], [[1.0]]], [[q, 1 - q]], [[0.0], [0.0]], 0.5, [1.0, 0.0])


def test_class_names_all_maximisers_and_takes_the_first() -> None:
    counts = np.array([[[3, 1]], [[0, 0]]])
    found = fitting.fit_class([coin(0.5), coin(0.8), coin(0.75), coin(0.75)], counts)
    assert found.maximisers == (2, 3)
    assert found.chosen == 2
    by_hand = 3 * math.log(0.8) + math.log(0.2)
    assert found.log_likelihoods[1] == pytest.approx(by_hand, rel=1e-14)


def test_class_without_data_ties() -> None:
    assert fitting.fit_class([coin(0.5), coin(0.8)], np.zeros((2, 1, 2))).maximisers == (0, 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fitting.fit_class([], np.ones((2, 1, 2))), "models is empty"),
        (lambda: fitting.fit_class([coin(1.0)], [[[0, 2]], [[0, 0]]]), r"counts\[0, 0, 1\] is 2"),
        (lambda: fitting.fit_class([coin(0.5)], np.ones((3, 1, 3))), r"models\[0\] has"),
        (lambda: fitting.fit_latents(np.ones((2, 1)), 1), "counts has shape"),
        (lambda: fitting.fit_latents([[[1, -1]], [[0, 0]]], 1), r"counts\[0, 0, 1\] is -1"),
        (lambda: fitting.fit_latents(np.ones((2, 1, 2)), 0), "Z is 0"),
        (lambda: fitting.fit_latents(np.ones((2, 1, 2)), True), "Z is True"),
        (
            lambda: fitting.fit_latents(np.ones((2, 1, 2)), 1, tolerance=math.nan),
            "tolerance is nan",
        ),
    ],
)
def test_bad_input_is_named(call, words) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidArgument, match=words):
        call()


def test_data_that_do_not_identify_the_model_are_told_with_the_rank() -> None:
    rng = np.random.default_rng(9)
    latents, emissions = world(rng, 4, 2, 3)
    rest = (np.zeros((4, 2)), 0.5, np.full(4, 0.25))
    counts = np.ones((4, 2, 4))
    fitting.check_identified(LatentVariableModel(latents, emissions, *rest), counts)
    few = counts.copy()
    few[1:] = 0
    with pytest.raises(InvalidArgument, match=r"of the pairs seen has rank 2 of \|Z\| = 3"):
        fitting.check_identified(LatentVariableModel(latents, emissions, *rest), few)
    with pytest.raises(InvalidArgument, match="has rank 0 of"):
        fitting.check_identified(LatentVariableModel(latents, emissions, *rest), 0 * counts)
    emissions[2] = (emissions[0] + emissions[1]) / 2
    with pytest.raises(InvalidArgument, match=r"p\(s'\|z\) has rank 2 of"):
        fitting.check_identified(LatentVariableModel(latents, emissions, *rest), counts)
