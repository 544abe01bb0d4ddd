"""Latent MDPs as givens: how they are drawn, and what their domain is.

    LatentMDP, LatentModel                      M contexts, S states, A actions, H steps
    HistoryPolicy, DeterministicHistoryPolicy   on the histories of the latent MDP before it

Two labels are drawn. Which label stands at (m, s, a) is a size, `labels`: bit number
(m S + s) A + a of it; so the histories of a shape are the same for all instances, and generic
points exist. Weights are positive, rewards differ, and the palette is divided by the largest total
of a trajectory where that exceeds 1. A model takes all but the transitions from the latent MDP
before it, and may pay more than 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import ClaimError, ModelError
from theorylab.points import GenericSource, Source
from theorylab.worlds.latent_mdp import (
    TABLES,
    DeterministicHistoryPolicy,
    HistoryPolicy,
    LatentMDP,
    LatentModel,
    capped,
    histories,
)
from theorylab.worlds.mdp import unchecked

Build = Callable[[Source, Mapping[str, int], Mapping[str, Any]], Any]

LABELS = 2
"""How many different rewards are drawn."""
HISTORIES = {False: 100, True: 500}
"""Shapes with more histories than this are not visited (by key `wide`)."""


def labels_of(code: int, M: int, S: int, A: int) -> Array:
    """The labels (M, S, A) that the bits of an integer say."""
    bits = [(code >> k) & 1 for k in range(M * S * A)]
    return np.array(bits, dtype=np.int64).reshape(M, S, A)


def code_of(labels: Array) -> int:
    """The integer whose bits are these labels; ModelError for a label other than 0 and 1."""
    if not np.isin(labels, (0, 1)).all():
        raise ModelError(f"labels has {labels.max()}, expected 0 and 1: two rewards are drawn")
    return sum(int(bit) << k for k, bit in enumerate(labels.ravel()))


def label_codes(M: int, S: int, A: int, *, wide: bool) -> list[int]:
    """The choices of labels visited at a shape, simplest first: all of them where there are few
    (without `wide` one reward everywhere and a spike, at two places: contexts may be exchanged).

    Else one reward everywhere, a spike at the last (m, s, a), the context told, the action told,
    and, with `wide`, some at random.
    """
    size = M * S * A
    if size == 1 or (wide and size <= 4):
        return list(range(2**size))
    if size == 2:
        return [0, 2]
    spike = 1 << (size - 1)
    told = [sum(1 << k for k in range(size) if (k // step) % 2) for step in (S * A, 1)]
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([M, S, A])))
    random = [int(c) for c in rng.integers(0, 2 ** min(size, 60), size=4 * wide)]
    return sorted({0, spike, *told, *random})


def _positive_weights(source: Source, M: int) -> Array:
    odds = np.empty(M, dtype=object)
    odds[:] = [1 / (1 - source.discount()) for _ in range(M)]
    return np.asarray(odds / odds.sum())


def _palette(source: Source) -> Array:
    low, step = source.discount(), 1 - source.discount()
    rewards = np.empty(LABELS, dtype=object)
    rewards[:] = [low, low + (1 - low) * step]
    return rewards


def _latent(source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]) -> LatentMDP:
    M, S, A = n["M"], n["S"], n["A"]
    drawn = unchecked(
        LatentMDP,
        w=_positive_weights(source, M),
        nu=source.simplex(M, S),
        P=source.simplex(M, S, A, S),
        palette=_palette(source),
        labels=labels_of(n["labels"], M, S, A),
        H=n["H"],
    )
    return drawn if isinstance(source, GenericSource) else capped(drawn)


def _world(so_far: Mapping[str, Any], kind: str) -> LatentMDP:
    found = next((v for v in so_far.values() if isinstance(v, LatentMDP)), None)
    if found is None:
        raise ClaimError(f"a {kind} parameter needs a LatentMDP parameter before it")
    return found


def _model(source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]) -> LatentModel:
    W = _world(so_far, "LatentModel")
    P = source.simplex(W.M, W.S, W.A, W.S)
    return unchecked(LatentModel, **{**vars(W), "P": P})


def _policy(source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]) -> HistoryPolicy:
    W = _world(so_far, "HistoryPolicy")
    return unchecked(HistoryPolicy, probabilities=source.simplex(sum(histories(W)), W.A))


def _deterministic(
    source: Source, n: Mapping[str, int], so_far: Mapping[str, Any]
) -> DeterministicHistoryPolicy:
    W = _world(so_far, "DeterministicHistoryPolicy")
    chosen = source.vertex(sum(histories(W)), W.A)
    return unchecked(DeterministicHistoryPolicy, probabilities=chosen)


LATENT_GIVENS: dict[type, tuple[tuple[str, ...], Build]] = {
    LatentMDP: (("M", "S", "A", "H", "labels"), _latent),
    LatentModel: ((), _model),
    HistoryPolicy: ((), _policy),
    DeterministicHistoryPolicy: ((), _deterministic),
}
"""Of each kind the sizes it depends on by itself, and its builder."""


def latent_sizes(found: Iterable[Mapping[str, int]], *, wide: bool) -> list[dict[str, int]]:
    """Each shape with each choice of labels, without the shapes that have too many histories.

    Three contexts are visited at two states or two actions; elsewhere they are for `wide` only.
    """
    grown = []
    for n in found:
        branches = n["S"] * n["A"] * LABELS
        few = wide or n["M"] < 3 or n["S"] * n["A"] == 2
        if few and n["S"] * sum(branches**t for t in range(n["H"])) <= HISTORIES[wide]:
            codes = label_codes(n["M"], n["S"], n["A"], wide=wide)
            grown += [{**n, "labels": code} for code in codes]
    return grown


def latent_shape(value: Any) -> tuple[int, ...]:
    """The sizes of a latent MDP in the order of `LATENT_GIVENS`; the others have none."""
    if type(value) is not LatentMDP:
        return ()
    return (value.M, value.S, value.A, value.H, code_of(value.labels))


def check_latent(name: str, value: Any, drawn: Mapping[str, Any]) -> None:
    """Raise ModelError unless one of the objects drawn lies in its domain; tables are checked anew:
    a witness may come from a file."""
    type(value)(**vars(value))
    if type(value) is LatentMDP:
        return
    W = _world(drawn, type(value).__name__)
    if isinstance(value, LatentModel):
        for key in (*TABLES, "labels", "H"):
            same = np.asarray(getattr(value, key) == getattr(W, key)).all()
            if key != "P" and not same:
                raise ModelError(f"{name}.{key} is another one, expected that of the latent MDP")
    elif value.probabilities.shape != (sum(histories(W)), W.A):
        raise ModelError(
            f"{name} has shape {value.probabilities.shape}, expected {(sum(histories(W)), W.A)}"
        )
