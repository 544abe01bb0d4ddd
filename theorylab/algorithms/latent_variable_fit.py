r"""Maximum likelihood for latent-variable transitions: over a finite class, or all tables by EM.

Counts n(s, a, s'), shape (S, A, S), say what was seen. Over a finite class the maximiser is exact
up to rounding, and all that tie are named; the first one is chosen (LV-Rep, Assumption 1 and
Algorithm 1, line 5). Over all models with Z latent values EM climbs from several starts to a local
maximum, as maximising the ELBO of (5) over all q does. Nothing says that it is the largest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorylab.algorithms import latent_variable_kernels as kernels
from theorylab.errors import InvalidArgument
from theorylab.theory.elbo import log_likelihood
from theorylab.worlds import checks
from theorylab.worlds.checks import to_float
from theorylab.worlds.latent_variable import LatentVariableModel

Floats = NDArray[np.float64]
Seen = tuple[NDArray[np.int64], NDArray[np.int64], Floats]
TIES = 1e-12
"""Log-likelihoods closer than this, relative to 1 + their size, count as equal."""


@dataclass(frozen=True)
class ClassFit:
    """The log-likelihood of each model; `maximisers` are all that tie for the largest."""

    log_likelihoods: Floats
    maximisers: tuple[int, ...]

    @property
    def chosen(self) -> int:
        """The first maximiser."""
        return self.maximisers[0]


@dataclass(frozen=True)
class LatentFit:
    """Tables fitted by EM: latents (S, A, Z), emissions (Z, S); each start's log-likelihood.

    `steps` is how many steps the best start made; `converged` is False where it used all of them.
    """

    latents: Floats
    emissions: Floats
    log_likelihood: float
    steps: int
    converged: bool
    starts: Floats


def check_counts(counts: Any) -> Floats:
    """The counts as floats (S, A, S); InvalidArgument for another shape, or a bad entry."""
    table = to_float(checks.table(counts, "counts"))
    if table.ndim != 3 or table.shape[0] != table.shape[2] or 0 in table.shape:
        raise InvalidArgument(
            f"counts has shape {table.shape}, expected (S, A, S), each at least 1"
        )
    wrong = np.argwhere(~(np.isfinite(table) & (table >= 0)))
    if len(wrong):
        place = tuple(int(i) for i in wrong[0])
        shown = ", ".join(str(i) for i in place)
        raise InvalidArgument(f"counts[{shown}] is {table[place]}, expected a finite number >= 0")
    return table


def fit_class(models: Sequence[LatentVariableModel], counts: Any) -> ClassFit:
    """The models of a finite class with the largest likelihood of the counts.

    Raises InvalidArgument for an empty class, other shapes, or a transition seen that no model can
    make (it is named).
    """
    table = check_counts(counts)
    check_class(models, table)
    tables = [np.asarray(M.P, dtype=float) for M in models]
    found = np.array([float(log_likelihood(P, table)) for P in tables])
    if np.isneginf(found).all():
        _refuse_impossible(tables, table)
        raise InvalidArgument("no model makes all transitions seen: the class lacks the truth")
    return ClassFit(found, maximisers_of(found))


def check_class(models: Sequence[LatentVariableModel], counts: Floats) -> None:
    """Raise InvalidArgument for an empty class, or a model of other sizes than the counts."""
    if not models:
        raise InvalidArgument("models is empty, expected at least one: the class holds the truth")
    for k, M in enumerate(models):
        if M.P.shape != counts.shape:
            raise InvalidArgument(
                f"models[{k}] has transitions {M.P.shape}, expected those of counts, {counts.shape}"
            )


def maximisers_of(found: Floats) -> tuple[int, ...]:
    """The places of all that tie for the largest, up to TIES."""
    best = found.max()
    ties = np.flatnonzero(found >= best - TIES * (1 + abs(best)))
    return tuple(int(k) for k in ties)


def _refuse_impossible(tables: list[Floats], counts: Floats) -> None:
    nowhere = np.argwhere((counts > 0) & (np.max(tables, axis=0) <= 0))
    if len(nowhere):
        s, a, t = (int(i) for i in nowhere[0])
        raise InvalidArgument(
            f"counts[{s}, {a}, {t}] is {counts[s, a, t]:g}, but no model goes there: expected a"
            " class that holds the truth"
        )


def fit_latents(
    counts: Any,
    Z: int,
    seed: int | np.random.SeedSequence = 0,
    *,
    starts: int = 8,
    most: int = 1_000,
    tolerance: float = 1e-10,
) -> LatentFit:
    """EM over all models with Z latent values, from `starts` random tables; the best of them.

    Each start has its own seed, spawned from `seed`, so that more starts keep the first ones. A
    pair without counts keeps its random latents: the data say nothing of it.
    """
    table = check_counts(counts)
    check_whole(Z=Z, starts=starts, most=most)
    check_tolerance(tolerance)
    if not table.any():
        raise InvalidArgument("counts hold no transition: every model is as likely. Give data.")
    S, A, _ = table.shape
    data = transitions_seen(table)
    root = checks.seed_sequence(seed)
    fits = [_climb(data, (S, A, Z), child, most, tolerance) for child in root.spawn(starts)]
    found = np.array([fit[3] for fit in fits])
    p, e, steps, best = fits[int(np.argmax(found))]
    latents, emissions = p.reshape(S, A, Z), np.ascontiguousarray(e.T)
    return LatentFit(latents, emissions, best, steps, steps < most, found)


def check_whole(**values: Any) -> None:
    """Raise InvalidArgument for an argument that is no integer of at least 1."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InvalidArgument(f"{name} is {value!r}, expected an integer of at least 1")


def check_tolerance(tolerance: float) -> None:
    """Raise InvalidArgument unless the tolerance is a number of at least 0."""
    if not tolerance >= 0:
        raise InvalidArgument(f"tolerance is {tolerance!r}, expected a number of at least 0")


def transitions_seen(counts: Floats) -> Seen:
    """The numbers of the pairs s A + a, the next states and the counts of what was seen."""
    seen = np.argwhere(counts > 0)
    pairs, following = seen[:, 0] * counts.shape[1] + seen[:, 1], seen[:, 2].copy()
    return pairs, following, counts[tuple(seen.T)]


def _climb(
    data: Seen,
    shape: tuple[int, int, int],
    seed: np.random.SeedSequence,
    most: int,
    tolerance: float,
) -> tuple[Floats, Floats, int, float]:
    S, A, Z = shape
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(Z), S * A)
    e = np.ascontiguousarray(rng.dirichlet(np.ones(S), Z).T)
    steps, value = kernels.run(*data, p, e, most, tolerance)
    return p, e, int(steps), float(value)
