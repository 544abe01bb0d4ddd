"""The evidence lower bound, posterior and EM: by hand, against sums over latent values, exactly."""

import math
from fractions import Fraction as F
from itertools import product

import flint
import numpy as np
import pytest

from theorylab.theory import elbo as theory

Q = flint.fmpq


def exact(rows: object) -> np.ndarray:
    table = np.asarray(rows, dtype=object)
    flat = [Q(F(x).numerator, F(x).denominator) for x in table.ravel()]
    out = np.empty(len(flat), dtype=object)
    out[:] = flat
    return out.reshape(table.shape)


LATENTS = exact([[["1/2", "1/2"], ["1/4", "3/4"]], [["0", "1"], ["1/3", "2/3"]]])
EMISSIONS = exact([["1/5", "4/5"], ["1/2", "1/2"]])
COUNTS = exact([[[3, 1], [0, 0]], [[2, 2], [1, 5]]])


def test_posterior_by_hand() -> None:
    rows = theory.posteriors(LATENTS, EMISSIONS)
    assert rows.shape == (2, 2, 2, 2)
    assert list(rows[0, 0, 0]) == [Q(2, 7), Q(5, 7)]
    assert all(row.sum() == 1 for row in rows.reshape(-1, 2))


def test_evidence_and_posterior_of_a_row_that_is_not_uniform() -> None:
    """1/4 1/5 + 3/4 1/2 = 17/40: the posterior is (2, 15)/17, a square of p would show."""
    p, e = LATENTS[0, 1], EMISSIONS[:, 0]
    assert theory.evidence(p, e) == Q(17, 40)
    assert list(theory.posterior(p, e)) == [Q(2, 17), Q(15, 17)]
    pairs = theory.evidence(LATENTS[0], e + 0 * LATENTS[0])
    assert list(pairs) == [Q(7, 20), Q(17, 40)]


def test_posterior_of_the_impossible_is_zero() -> None:
    p, e = exact(["1", "0"]), exact(["0", "1/2"])
    assert list(theory.posterior(p, e)) == [0, 0]


def test_bound_by_hand_and_its_gap() -> None:
    p, e = np.array([0.5, 0.5]), np.array([0.2, 0.5])
    q = np.array([0.25, 0.75])
    by_hand = sum(x * (math.log(b) - math.log(x / a)) for x, a, b in zip(q, p, e, strict=True))
    assert theory.elbo(p, e, q) == pytest.approx(by_hand, rel=1e-14)
    tight = theory.elbo(p, e, theory.posterior(p, e))
    assert tight == pytest.approx(math.log(0.35), rel=1e-14)
    assert theory.elbo(p, e, q) < tight
    grid = [theory.elbo(p, e, np.array([x, 1 - x])) for x in np.linspace(0, 1, 1001)]
    assert max(grid) <= tight + 1e-15
    assert max(grid) == pytest.approx(tight, abs=1e-5)


@pytest.mark.parametrize(("p", "e"), [([0.0, 1.0], [0.5, 0.5]), ([0.5, 0.5], [0.0, 1.0])])
def test_mass_where_there_is_none_is_minus_infinity(p: list[float], e: list[float]) -> None:
    assert theory.elbo(np.array(p), np.array(e), np.array([0.5, 0.5])) == -np.inf
    assert np.isfinite(theory.elbo(np.array(p), np.array(e), np.array([0.0, 1.0])))


def test_table_is_the_bound_entry_by_entry() -> None:
    rng = np.random.default_rng(0)
    latents, emissions = rng.dirichlet(np.ones(3), (2, 2)), rng.dirichlet(np.ones(4), 3)
    latents, q = latents[:, :1], rng.dirichlet(np.ones(3), (2, 1, 4))
    table = theory.elbo_table(latents, emissions, q)
    assert table.shape == (2, 1, 4)
    for s, t in product(range(2), range(4)):
        one = theory.elbo(latents[s, 0], emissions[:, t], q[s, 0, t])
        assert table[s, 0, t] == pytest.approx(one, rel=1e-14)


def likelihood(latents: np.ndarray, emissions: np.ndarray) -> Q:
    value = Q(1)
    for index in product(range(2), range(2), range(2)):
        value *= (latents @ emissions)[index] ** int(COUNTS[index].p)
    return value


def test_log_likelihood_and_a_transition_without_probability() -> None:
    P = np.array([[[0.25, 0.75]]])
    assert theory.log_likelihood(P, np.array([[[2.0, 1.0]]])) == pytest.approx(
        2 * math.log(0.25) + math.log(0.75), rel=1e-14
    )
    assert theory.log_likelihood(np.array([[[0.0, 1.0]]]), np.array([[[1.0, 1.0]]])) == -np.inf
    assert theory.log_likelihood(np.array([[[0.0, 1.0]]]), np.array([[[0.0, 1.0]]])) == 0


def test_em_does_not_lose_likelihood_and_keeps_rows_without_counts() -> None:
    latents, emissions = theory.em_step(LATENTS, EMISSIONS, COUNTS)
    assert all(row.sum() == 1 for row in [*latents.reshape(-1, 2), *emissions])
    assert list(latents[0, 1]) == list(LATENTS[0, 1])
    assert likelihood(latents, emissions) > likelihood(LATENTS, EMISSIONS)


def test_em_step_by_hand() -> None:
    """One pair, one count of each next state: posteriors (2/7, 5/7) and (8/13, 5/13)."""
    latents, emissions = theory.em_step(LATENTS[:1, :1], EMISSIONS, exact([[[1, 1]]]))
    first, second = Q(2, 7), Q(8, 13)
    assert latents[0, 0, 0] == (first + second) / 2
    assert emissions[0, 0] == first / (first + second)
    assert emissions[1, 0] == (1 - first) / (2 - first - second)


def test_a_latent_value_without_mass_keeps_its_emissions() -> None:
    latents = exact([[["1", "0"]]])
    _, emissions = theory.em_step(latents, EMISSIONS, exact([[[1, 3]]]))
    assert list(emissions[1]) == list(EMISSIONS[1])
    assert list(emissions[0]) == [Q(1, 4), Q(3, 4)]
