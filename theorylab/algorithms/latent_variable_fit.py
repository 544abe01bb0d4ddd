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
from theorylab.theory.elbo import elbo_table, log_likelihood
from theorylab.worlds import checks
from theorylab.worlds.checks import to_float
from theorylab.worlds.latent_variable import LatentVariableModel

Floats = NDArray[np.float64]
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
    if not models:
        raise InvalidArgument("models is empty, expected at least one: the class holds the truth")
    for k, M in enumerate(models):
        if M.P.shape != table.shape:
            raise InvalidArgument(
                f"models[{k}] has transitions {M.P.shape}, expected those of counts, {table.shape}"
            )
    tables = [np.asarray(M.P, dtype=float) for M in models]
    found = np.array([float(log_likelihood(P, table)) for P in tables])
    if np.isneginf(found).all():
        _refuse_impossible(tables, table)
        raise InvalidArgument("no model makes all transitions seen: the class lacks the truth")
    best = found.max()
    ties = np.flatnonzero(found >= best - TIES * (1 + abs(best)))
    return ClassFit(found, tuple(int(k) for k in ties))


def evidence_bound(model: LatentVariableModel, q: Any, counts: Any) -> float:
    """sum counts (E_q log p(s' | z) - KL(q || p(z | s, a))): the ELBO (5) of the counts, q (S, A,
    S, Z); the log-likelihood where q is the posterior.

    -infinity where q has mass that the model excludes, or a transition seen has probability 0.
    Raises InvalidArgument for rows of q that are no distribution, and other shapes.
    """
    table = check_counts(counts)
    laws = checks.to_float(checks.table(q, "q"))
    shape = (*model.P.shape, model.Z)
    if table.shape != shape[:3]:
        raise InvalidArgument(f"counts has shape {table.shape}, expected {shape[:3]} of the model")
    checks.check_shape(laws, "q", shape, "(S, A, S, Z)")
    laws = checks.check_distribution(laws, "q", "Normalise it.")
    seen = table > 0
    pairs, emitted = (checks.to_float(it) for it in (model.latents, model.emissions))
    bounds = elbo_table(pairs, emitted, laws)
    return float((table[seen] * bounds[seen]).sum())


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
    for name, value in (("Z", Z), ("starts", starts), ("most", most)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InvalidArgument(f"{name} is {value!r}, expected an integer of at least 1")
    if not tolerance >= 0:
        raise InvalidArgument(f"tolerance is {tolerance!r}, expected a number of at least 0")
    if not table.any():
        raise InvalidArgument("counts hold no transition: every model is as likely. Give data.")
    S, A, _ = table.shape
    seen = np.argwhere(table > 0)
    pairs, following = seen[:, 0] * A + seen[:, 1], seen[:, 2].copy()
    data = (pairs, following, table[tuple(seen.T)])
    root = checks.seed_sequence(seed)
    fits = [_climb(data, (S, A, Z), child, most, tolerance) for child in root.spawn(starts)]
    found = np.array([fit[3] for fit in fits])
    p, e, steps, best = fits[int(np.argmax(found))]
    latents, emissions = p.reshape(S, A, Z), np.ascontiguousarray(e.T)
    return LatentFit(latents, emissions, best, steps, steps < most, found)


def _climb(
    data: tuple[Any, Any, Floats],
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
