"""Worlds, data and fits of one seed for the figure of ELBO gaps."""

from __future__ import annotations

from typing import Any

import numpy as np

from theorylab.algorithms.latent_variable_fit import fit_class, fit_latents
from theorylab.algorithms.representation_ucb import plan, policy_of
from theorylab.algorithms.variational_fit import (
    best_in_family,
    clusters,
    fit_class_by_elbo,
    fit_latents_by_elbo,
)
from theorylab.theory.elbo import log_likelihood
from theorylab.theory.tabular import performance
from theorylab.theory.variational import FAMILIES
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.latent_variable_instances import block_mdp, in_floats

from .shared import Floats, generator

S, A, Z, GAMMA = 6, 2, 3, 0.9
SAMPLES = 200
MODELS = 32
FARTHEST = 0.5
"""The largest share of another model in one of the class."""
CLUSTERS = (2, 4, 8, 16)
SAME = 1e-3
"""Nats per transition: log-likelihoods of two EMs this near are the same."""
EM: dict[str, Any] = {"starts": 8, "most": 500}
MEASURES = ("gap", "loss", "suboptimality", "fitted_gap", "mle_gap")
Item = tuple[str, int, int]
Family = str | int


def families_of(variant: str) -> tuple[Family, ...]:
    """The tied families, and numbers of clusters where tables are fitted."""
    return FAMILIES if variant == "class" else (*FAMILIES, *CLUSTERS)


# ---- worlds, data and models ---------------------------------------------------------------------


def tables_at_random(rng: np.random.Generator) -> LatentVariableModel:
    """A low-rank MDP whose rows are Dirichlet(0.3), rewards uniform, of the state
    alone."""
    latents, emissions = rng.dirichlet(np.full(Z, 0.3), (S, A)), rng.dirichlet(np.full(S, 0.3), Z)
    floor = 1e-3
    latents = (latents + floor) / (1 + Z * floor)
    emissions = (emissions + floor) / (1 + S * floor)
    payoff = np.repeat(rng.random((S, 1)), A, axis=1)
    return LatentVariableModel(latents, emissions, payoff, GAMMA, np.full(S, 1 / S))


def world(variant: str, seed: int, k: int) -> LatentVariableModel:
    """The truth of one seed."""
    if variant == "block":
        truth = in_floats(block_mdp((seed, k), blocks=Z, copies=S // Z, A=A))
        return truth.with_reward(np.repeat(truth.payoff[:, :1], A, axis=1))
    return tables_at_random(generator(seed, "world", k))


def candidates(truth: LatentVariableModel, rng: np.random.Generator) -> list[LatentVariableModel]:
    """The class: the truth at a random place among models between it and others."""
    found = []
    for t in rng.uniform(0, FARTHEST, MODELS - 1):
        other = tables_at_random(rng)
        found.append(
            LatentVariableModel(
                (1 - t) * truth.latents + t * other.latents,
                (1 - t) * truth.emissions + t * other.emissions,
                truth.payoff, truth.gamma, truth.start,
            )
        )  # fmt: skip
    found.insert(int(rng.integers(MODELS)), truth)
    return found


def data_of(truth: LatentVariableModel, rng: np.random.Generator) -> Floats:
    """SAMPLES next states of each pair, counts (S, A, S)."""
    return rng.multinomial(SAMPLES, truth.P / truth.P.sum(-1, keepdims=True)).astype(float)


def suboptimality(truth: LatentVariableModel, model: LatentVariableModel) -> float:
    """Discounted reward that the optimal policy of the model loses in the truth."""
    nothing = np.zeros_like(truth.payoff)
    actions, _ = plan(model, nothing)
    return plan(truth, nothing)[1] - float(performance(truth.mdp, policy_of(actions, truth.A)))


def with_tables(truth: LatentVariableModel, latents: Floats, emissions: Floats) -> Any:
    """The model of these tables, rewards as in the truth."""
    return LatentVariableModel(latents, emissions, truth.payoff, truth.gamma, truth.start)


# ---- one seed ------------------------------------------------------------------------------------


def run_item(item: Item) -> tuple[list[list[float]], list[bool], float]:
    """Of one seed: the measures (measures, families), sameness, suboptimality of the MLE."""
    variant, seed, k = item
    truth = world(variant, seed, k)
    counts = data_of(truth, generator(seed, "data", k))
    fit = class_fits if variant == "class" else table_fits
    best, fits, same = fit(truth, counts, variant, (seed, k))
    n = counts.sum()
    top = max(likelihood_of(M, counts) for M in (best, *fits))
    columns = [
        [
            gap_at(truth, counts, family) / n,
            (top - likelihood_of(M, counts)) / n,
            suboptimality(truth, M),
            gap_at(M, counts, family) / n,
            gap_at(best, counts, family) / n,
        ]
        for family, M in zip(families_of(variant), fits, strict=True)
    ]
    return [list(row) for row in zip(*columns, strict=True)], same, suboptimality(truth, best)


def likelihood_of(model: LatentVariableModel, counts: Floats) -> float:
    """The log-likelihood of the data, in nats."""
    return float(log_likelihood(model.P, counts))


def gap_at(model: LatentVariableModel, counts: Floats, family: Family) -> float:
    """The gap of the best q at a model; for clusters, of the best found."""
    if isinstance(family, str):
        return best_in_family(model, counts, family).gap
    return clusters(model, counts, family)[-1].gap


def class_fits(truth: Any, counts: Floats, variant: str, key: tuple[int, int]) -> Any:
    """Of the finite class: the MLE, the ELBO maximiser of each family, and if the sets agree."""
    models = candidates(truth, generator(key[0], "class", key[1]))
    likeliest = fit_class(models, counts)
    found = [fit_class_by_elbo(models, counts, family) for family in FAMILIES]
    same = [it.maximisers == likeliest.maximisers for it in found]
    return models[likeliest.chosen], [models[it.chosen] for it in found], same


def table_fits(truth: Any, counts: Floats, variant: str, key: tuple[int, int]) -> Any:
    """Of all tables: EM, variational EM of each family, and if the log-likelihoods agree."""
    free = fit_latents(counts, Z, np.random.SeedSequence([*key, 0]), **EM)
    found = [
        fit_latents_by_elbo(counts, Z, family, np.random.SeedSequence([*key, 1]), **EM)
        for family in families_of(variant)
    ]
    near = SAME * counts.sum()
    same = [abs(it.log_likelihood - free.log_likelihood) <= near for it in found]
    models = [with_tables(truth, it.latents, it.emissions) for it in found]
    return with_tables(truth, free.latents, free.emissions), models, same
