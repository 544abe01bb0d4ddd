"""Latent-variable MDPs as givens: how they are drawn, and what their domain is.

    LatentVariableModel      Z latent values, S states, A actions; rewards in [0, 1]
    LatentVariableEstimate   other latents and emissions for the model before it
    KernelMatrix             a positive definite table (Z, Z): the kernel k(z, z'), operator T_k

A kernel matrix is LL', L lower triangular with a diagonal in (0, 1] and entries in [-1, 1] below
it; up to its scale every positive definite matrix is of this kind. The simplest is the identity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import ClaimError, ModelError
from theorylab.linear_givens import signed
from theorylab.points import Source
from theorylab.worlds.latent_variable import (
    LatentVariableEstimate,
    LatentVariableModel,
)
from theorylab.worlds.mdp import unchecked

Build = Callable[[Source, Mapping[str, int], Mapping[str, Any]], Any]


class KernelMatrix:
    """A positive definite kernel on the latent values: a symmetric table of shape (Z, Z)."""


def _tables(source: Source, n: Mapping[str, int]) -> dict[str, Array]:
    S, A, Z = n["S"], n["A"], n["Z"]
    return {"latents": source.simplex(S, A, Z), "emissions": source.simplex(Z, S)}


def _model(source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]) -> LatentVariableModel:
    S, A = n["S"], n["A"]
    rest = {"payoff": source.fraction(S, A), "gamma": source.discount()}
    tables = _tables(source, n)
    return unchecked(LatentVariableModel, **tables, **rest, start=source.simplex(S))


def _first(so_far: Mapping[str, Any]) -> LatentVariableModel:
    found = next((v for v in so_far.values() if isinstance(v, LatentVariableModel)), None)
    if found is None:
        raise ClaimError(
            "a LatentVariableEstimate parameter needs a LatentVariableModel parameter before it"
        )
    return found


def _estimate(
    source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]
) -> LatentVariableEstimate:
    tables = _tables(source, n)
    return unchecked(LatentVariableEstimate, **{**vars(_first(so_far)), **tables})


def _kernel(source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]) -> Array:
    Z = n["Z"]
    L = np.zeros((Z, Z), dtype=int).astype(object)
    if Z > 1:
        L[np.tril_indices(Z, -1)] = signed(source, Z * (Z - 1) // 2)
    L[np.diag_indices(Z)] = [1 - source.discount() for _ in range(Z)]
    return np.asarray(L @ L.T)


LATENT_VARIABLE_GIVENS: dict[type, tuple[tuple[str, ...], Build]] = {
    LatentVariableModel: (("S", "A", "Z"), _model),
    LatentVariableEstimate: (("S", "A", "Z"), _estimate),
    KernelMatrix: (("Z", "Z"), _kernel),
}
"""Of each kind the sizes it depends on, in the order of its main table's axes, and its builder."""


def check_latent_variable(name: str, value: Any, drawn: Mapping[str, Any]) -> None:
    """Raise ModelError unless a model, or an estimate of the first one, lies in its domain.

    Every table is checked again: a witness may come from a file.
    """
    type(value)(**vars(value))
    if isinstance(value, LatentVariableEstimate):
        for key in ("payoff", "gamma", "start"):
            if not np.asarray(getattr(value, key) == getattr(_first(drawn), key)).all():
                raise ModelError(f"{name}.{key} is another one, expected that of the model")
