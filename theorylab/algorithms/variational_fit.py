r"""ELBO-maximisation with restricted families of q(z | s, a, s'), and what the restriction costs.

Families tie q over transitions (`theorylab.theory.variational`: shared, next_state, pair,
posterior): their best rows are in closed form. A family of k clusters chooses as well which
transitions share a row; it is fitted by exact alternating maximisation, to a local maximum. Counts
(S, A, S) say what was seen. Every step of every method here raises the ELBO of LV-Rep's (5), or
leaves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorylab.algorithms import variational_kernels as kernels
from theorylab.algorithms.latent_variable_fit import (
    Floats,
    Seen,
    check_class,
    check_counts,
    check_tolerance,
    check_whole,
    maximisers_of,
    transitions_seen,
)
from theorylab.errors import InvalidArgument
from theorylab.theory.elbo import elbo_table, log_likelihood, posterior
from theorylab.theory.variational import labels_of
from theorylab.worlds import checks
from theorylab.worlds.latent_variable import LatentVariableModel

ROUNDS = 1_000
"""Rounds of alternating maximisation after which clusters are left as they are."""


@dataclass(frozen=True)
class Bound:
    """The best q of a family for one model, or for clusters the best found: rows (rows, Z), the
    labels (S, A, S) that use them (-1 where nothing was seen), the ELBO and the log-likelihood."""

    rows: Floats
    labels: NDArray[np.int64]
    elbo: float
    log_likelihood: float

    @property
    def gap(self) -> float:
        """sum of counts times KL(q || posterior), in nats."""
        return self.log_likelihood - self.elbo


@dataclass(frozen=True)
class BoundFit:
    """The largest ELBO of each model of a class; `maximisers` are all that tie for the largest."""

    elbos: Floats
    log_likelihoods: Floats
    maximisers: tuple[int, ...]

    @property
    def chosen(self) -> int:
        """The first maximiser."""
        return self.maximisers[0]


@dataclass(frozen=True)
class VariationalFit:
    """Tables of the best start of variational EM: latents (S, A, Z), emissions (Z, S); `trace` is
    the ELBO before each of its steps and at its end; `starts` the last one of each start."""

    latents: Floats
    emissions: Floats
    elbo: float
    log_likelihood: float
    trace: Floats
    converged: bool
    starts: Floats

    @property
    def gap(self) -> float:
        """sum of counts times KL(q || posterior) at these tables, in nats."""
        return self.log_likelihood - self.elbo


def elbo_of(model: LatentVariableModel, counts: Any, q: Any) -> float:
    """The ELBO of any q (S, A, S, Z), summed over the counts.

    -infinity where q has mass that the model excludes at a transition seen, or such a transition
    has probability 0. Raises InvalidArgument for rows of q that are no distribution, and other
    shapes.
    """
    table = check_counts(counts)
    check_class([model], table)
    laws = checks.to_float(checks.table(q, "q"))
    checks.check_shape(laws, "q", (*table.shape, model.Z), "(S, A, S, Z)")
    laws = checks.check_distribution(laws, "q", "Normalise it.")
    bounds, seen = elbo_table(*_tables(model), laws), table > 0
    return float((table[seen] * bounds[seen]).sum())


def best_in_family(model: LatentVariableModel, counts: Any, family: str) -> Bound:
    """The best q of a tied family, in closed form.

    Raises InvalidArgument for counts without a transition, or one that the model cannot make.
    """
    table = _check_seen(counts, model)
    labels = labels_of(family, model.S, model.A)
    evidence, data = _evidence(model, table), transitions_seen(table)
    rows = np.empty((labels.max() + 1, model.Z))
    found = kernels.best_rows(*data, labels[table > 0], *_logs(model), rows)
    return Bound(rows, np.where(table > 0, labels, -1), float(found), evidence)


def clusters(model: LatentVariableModel, counts: Any, most: int) -> list[Bound]:
    """q with 1, 2, ..., most rows, each transition seen free to use any of them.

    One more row starts at the posterior of the transition with the largest loss, so that the gap
    falls weakly; then rows and choices are maximised in turn until nothing changes. As many rows as
    transitions seen have no gap. Local maxima: nothing says that a choice is the best.
    """
    table = _check_seen(counts, model)
    check_whole(most=most)
    data, (p, e), evidence = transitions_seen(table), _logs(model), _evidence(model, table)
    groups = np.zeros(len(data[2]), dtype=np.int64)
    found: list[Bound] = []
    for k in range(1, most + 1):
        rows = np.empty((k, model.Z))
        if k > 1:
            groups = groups.copy()
            groups[_worst(data, groups, p, e, found[-1].rows)] = k - 1
        value = _alternate(data, groups, p, e, rows)
        labels = np.full(table.shape, -1)
        labels[table > 0] = groups
        found.append(Bound(rows, labels, value, evidence))
    return found


def _worst(data: Seen, groups: Any, p: Floats, e: Floats, rows: Floats) -> int:
    """The transition that loses most by its row, of those that share one."""
    bounds = [
        kernels.bound_at(i, t, p, e, rows[g])
        for i, t, g in zip(data[0], data[1], groups, strict=True)
    ]
    loss = data[2] * (np.logaddexp.reduce(p[data[0]] + e[data[1]], axis=-1) - np.array(bounds))
    return int(np.where(np.bincount(groups)[groups] > 1, loss, -1).argmax())


def _alternate(data: Seen, groups: Any, p: Floats, e: Floats, rows: Floats) -> float:
    """Rows and groups maximised in turn, in place, until the ELBO stays; its value."""
    value = kernels.best_rows(*data, groups, p, e, rows)
    for _ in range(ROUNDS):
        kernels.regroup(data[0], data[1], groups, p, e, rows)
        found = kernels.best_rows(*data, groups, p, e, rows)
        if not found > value:
            break
        value = found
    return float(value)


def fit_class_by_elbo(models: Sequence[LatentVariableModel], counts: Any, family: str) -> BoundFit:
    """The models of a finite class with the largest ELBO, each with the best q of the family.

    A model that cannot make a transition seen has -infinity. Raises InvalidArgument for an empty
    class, other shapes, no data, or where every model has -infinity.
    """
    table = _check_some(check_counts(counts))
    check_class(models, table)
    evidence = np.array([float(log_likelihood(M.P.astype(float), table)) for M in models])
    elbos = np.full(len(models), -np.inf)
    for k, M in enumerate(models):
        if np.isfinite(evidence[k]):
            elbos[k] = best_in_family(M, table, family).elbo
    if np.isneginf(elbos).all():
        raise InvalidArgument(
            f"every model has ELBO -infinity with q of family {family!r}: no latent value is"
            " possible at all transitions of a row. Use a richer family, or models without zeros"
        )
    return BoundFit(elbos, evidence, maximisers_of(elbos))


def fit_latents_by_elbo(
    counts: Any,
    Z: int,
    family: str | int,
    seed: int | np.random.SeedSequence = 0,
    *,
    starts: int = 8,
    most: int = 1_000,
    tolerance: float = 1e-10,
) -> VariationalFit:
    """Variational EM over all models with Z latent values: the best of random starts by its ELBO.

    `family` names a tied family, or is a number of clusters, whose choices are maximised as well.
    Each start has its own seed, spawned from `seed`. With the posterior it is EM. A pair without
    counts keeps its random latents, a latent value without mass its emissions.
    """
    table = _check_some(check_counts(counts))
    check_whole(Z=Z, starts=starts, most=most)
    check_tolerance(tolerance)
    S, A, _ = table.shape
    if not isinstance(family, str):
        check_whole(family=family)
    labels = labels_of(family, S, A)[table > 0] if isinstance(family, str) else None
    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    data = transitions_seen(table)
    fits = [
        _climb(data, labels, family, (S, A, Z), child, most, tolerance)
        for child in root.spawn(starts)
    ]
    p, e, trace = max(fits, key=lambda fit: fit[2][-1])
    latents, emissions = p.reshape(S, A, Z), np.ascontiguousarray(e.T)
    return VariationalFit(
        latents,
        emissions,
        float(trace[-1]),
        float(log_likelihood(latents @ emissions, table)),
        trace,
        len(trace) <= most,
        np.array([fit[2][-1] for fit in fits]),
    )


def _climb(
    data: Seen, labels: Any, family: Any, shape: tuple[int, int, int],
    seed: np.random.SeedSequence, most: int, tolerance: float,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    S, A, Z = shape
    rng, n = np.random.default_rng(seed), len(data[2])
    p = rng.dirichlet(np.ones(Z), S * A)
    e = np.ascontiguousarray(rng.dirichlet(np.ones(S), Z).T)
    if labels is None:
        size = min(int(family), n)
        rows = posterior(p[data[0]], e[data[1]])[rng.permutation(n)[:size]]
        groups = np.zeros(n, dtype=np.int64)
        kernels.regroup(data[0], data[1], groups, np.log(p), np.log(e), rows)
    else:
        groups, rows = labels.copy(), np.empty((labels.max() + 1, Z))
    trace = np.empty(most + 1)
    made = kernels.run(*data, groups, labels is None, p, e, rows, trace, tolerance)
    return p, e, trace[: int(made) + 1]


def _tables(model: LatentVariableModel) -> tuple[Floats, Floats]:
    return np.asarray(model.latents, dtype=float), np.asarray(model.emissions, dtype=float)


def _logs(model: LatentVariableModel) -> tuple[Floats, Floats]:
    """Logs as the kernels take them, p (pairs, Z) and e (S, Z); -inf at a zero."""
    latents, emissions = _tables(model)
    with np.errstate(divide="ignore"):
        return np.log(latents.reshape(-1, model.Z)), np.log(np.ascontiguousarray(emissions.T))


def _check_some(counts: Floats) -> Floats:
    if not counts.sum() > 0:
        raise InvalidArgument("counts has no transition, expected at least one: there are no data")
    return counts


def _check_seen(counts: Any, model: LatentVariableModel) -> Floats:
    table = _check_some(check_counts(counts))
    check_class([model], table)
    return table


def _evidence(model: LatentVariableModel, counts: Floats) -> float:
    """The log-likelihood; InvalidArgument where the model cannot make a transition seen."""
    P = np.asarray(model.P, dtype=float)
    nowhere = np.argwhere((counts > 0) & (P <= 0))
    if len(nowhere):
        s, a, t = (int(i) for i in nowhere[0])
        raise InvalidArgument(
            f"counts[{s}, {a}, {t}] is {counts[s, a, t]:g}, but the model goes there with"
            " probability 0: its ELBO is -infinity for every q, and the gap has no value"
        )
    return float(log_likelihood(P, counts))
