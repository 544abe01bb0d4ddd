r"""Whether data determine a latent-variable model: ranks of its tables at the pairs visited.

    T(s' | s, a) = sum_z p(z | s, a) p(s' | z)

Transitions of a pair are known in the limit where the pair is visited. From them p(z | s, a) is
determined where p(s' | z) is known and has rank |Z|, and p(s' | z) where p(z | s, a) is known and
its visited rows have rank |Z|. Where neither is known, a model is determined locally if

    (dp, de) -> dp e + p de

has no kernel on the changes that keep zeros and sums: its rank against the number of free numbers.
Relabelled latent values are the same model; models far away that agree are not looked for. With
positive tables and |Z| > 1 it never is: mixing the latent values a little changes no transition.
Ranks are of floats: singular values below 1e-9 of the largest count as 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorylab.errors import InvalidArgument
from theorylab.worlds import checks
from theorylab.worlds.latent_variable import LatentVariableModel

Floats = NDArray[np.float64]
SINGULAR = 1e-9
KNOWN = ("nothing", "emissions", "latents")


def check_identified(model: LatentVariableModel, visits: Any, *, known: str = "nothing") -> None:
    """Raise InvalidArgument, with the rank, unless visits (S, A) to its pairs determine a model.

    known: "emissions", "latents" or "nothing". What was never visited is named first, but where
    the latents are known.
    """
    if known not in KNOWN:
        raise InvalidArgument(f"known is {known!r}, expected one of {KNOWN}")
    counts = checks.to_float(checks.table(visits, "visits"))
    checks.check_shape(counts, "visits", (model.S, model.A), "(S, A)")
    checks.check_finite(counts, "visits")
    if (counts < 0).any():
        s, a = np.argwhere(counts < 0)[0]
        raise InvalidArgument(f"visits[{s}, {a}] is {counts[s, a]:g}, expected at least 0")
    latents, emissions = checks.to_float(model.latents), checks.to_float(model.emissions)
    if known == "latents":
        _need(_rank(latents[counts > 0]), model.Z, "the visited pairs' p(z | s, a)", "p(s' | z)")
        return
    if (counts == 0).any():
        s, a = np.argwhere(counts == 0)[0]
        raise InvalidArgument(f"pair ({s}, {a}) was never visited: p(z | {s}, {a}) is not known")
    if known == "emissions":
        _need(_rank(emissions), model.Z, "p(s' | z)", "p(z | s, a)")
        return
    found, free = local_rank(latents, emissions)
    if found < free:
        raise InvalidArgument(
            f"the data determine {found} of the {free} free numbers of p(z | s, a) and p(s' | z):"
            " not the model. Fix one of the tables, or take fewer latent values."
        )


def _need(found: int, Z: int, what: str, missing: str) -> None:
    if found < Z:
        raise InvalidArgument(
            f"{what} has rank {found} of |Z| = {Z}: the data do not determine {missing}"
        )


def _rank(rows: Floats) -> int:
    """The rank of rows (n, m), n possibly 0."""
    if not len(rows):
        return 0
    values = np.linalg.svd(rows, compute_uv=False)
    return int((values > SINGULAR * values[0]).sum())


def local_rank(latents: Floats, emissions: Floats) -> tuple[int, int]:
    """(rank, number of free numbers) of (dp, de) -> dp e + p de, shapes (S, A, Z) and (Z, S).

    Free are the positive entries of each row but its last one, which makes up the sum.
    """
    p = latents.reshape(-1, latents.shape[-1])
    columns = [np.outer(unit, change @ emissions) for unit, change in _changes(p)]
    columns += [np.outer(p @ unit, change) for unit, change in _changes(emissions)]
    if not columns:
        return 0, 0
    return _rank(np.array([it.ravel() for it in columns])), len(columns)


def _changes(rows: Floats) -> list[tuple[Floats, Floats]]:
    """(unit vector of a row, change of the row) for each free number."""
    found = []
    for k, row in enumerate(rows):
        *free, last = np.flatnonzero(row > 0)
        for i in free:
            change = np.zeros(len(row))
            change[[i, last]] = 1, -1
            found.append((np.eye(len(rows))[k], change))
    return found
