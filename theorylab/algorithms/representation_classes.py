r"""Finite classes of latent-variable models and their maximum likelihood.

    max over (p, q) in P of   sum over (s, a, s') of log sum_z p(z | s, a) q(s' | z)

By Assumption 1 and Remark 1 of LV-Rep this is what maximising the ELBO (5) gives. Among equally
likely models the first is taken; how many there are is told. Scores are log-likelihoods, added
transition by transition, so models that agree on the data tie exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from theorylab.arithmetic import Array
from theorylab.errors import InvalidArgument
from theorylab.worlds import checks
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.latent_variable_instances import decoder, right_row, wrong_row
from theorylab.worlds.mdp import unchecked

Floats = NDArray[np.float64]
LARGEST = 2**31
"""The most bytes that a class's table of log-probabilities may take."""


@dataclass(frozen=True, eq=False)
class Choice:
    """A most likely model: the first; `index` says which; `ties` counts all most likely ones."""

    model: LatentVariableModel
    index: NDArray[np.int64]
    ties: int


@dataclass(frozen=True, eq=False)
class ListedClass:
    """Models listed one by one, in floats; they share S, A, Z, reward, discount and start."""

    models: tuple[LatentVariableModel, ...]
    logs: Floats = field(init=False)

    def __post_init__(self) -> None:
        if not self.models:
            raise InvalidArgument("ListedClass: there is no model, expected at least one")
        M, first = len(self.models), self.models[0]
        for m, it in enumerate(self.models):
            if it.latents.shape != first.latents.shape or it.emissions.dtype != np.float64:
                raise InvalidArgument(
                    f"ListedClass: models[{m}] has latents of shape {it.latents.shape},"
                    f" {it.emissions.dtype}, expected {first.latents.shape} in floats"
                )
        _check_memory("ListedClass", M * first.S * first.A * first.S)
        with np.errstate(divide="ignore"):
            logs = np.log(np.stack([it.P for it in self.models]))
        object.__setattr__(self, "logs", checks.frozen(logs))

    @property
    def log_size(self) -> float:
        """log |P|."""
        return math.log(len(self.models))

    @property
    def features(self) -> Floats:
        """All p(. | s, a) of all models, shape (rows, Z)."""
        return np.concatenate([it.latents.reshape(-1, it.Z) for it in self.models])

    @property
    def emissions(self) -> tuple[Floats, ...]:
        """The p(s' | z) of all models."""
        return tuple(it.emissions for it in self.models)

    def scores(self) -> Floats:
        """Log-likelihoods of no data, shape (M,)."""
        return np.zeros(len(self.models))

    def add(self, scores: Floats, s: int, a: int, following: int, times: int = 1) -> None:
        """Add a transition, so many times, to the scores, in place."""
        scores += times * self.logs[:, s, a, following]
        if scores.max() == -np.inf:
            raise InvalidArgument(_impossible(s, a, following))

    def best(self, scores: Floats) -> Choice:
        """The first most likely model."""
        index = np.array([scores.argmax()])
        return Choice(self.pick(index), index, int((scores == scores.max()).sum()))

    def pick(self, index: NDArray[np.int64]) -> LatentVariableModel:
        """The model of an index."""
        return self.models[int(index[0])]


@dataclass(frozen=True, eq=False)
class RowClass:
    """All models whose rows p(. | s, a) are chosen one by one from R candidates; p(s' | z) known.

    rows (G, A, R, Z): the candidates of a group of states and an action; group (S,): each state's
    group, whose states share the row. |P| = R^(G A), counting candidates that are equal.
    `like` gives emissions, reward, discount, start.
    """

    rows: Floats
    group: NDArray[np.int64]
    like: LatentVariableModel
    logs: Floats = field(init=False)

    def __post_init__(self) -> None:
        rows = checks.to_float(checks.table(self.rows, "RowClass.rows"))
        if rows.ndim != 4 or 0 in rows.shape:
            raise InvalidArgument(
                f"RowClass.rows has shape {rows.shape}, expected (G, A, R, Z), each at least 1"
            )
        G, A, R, Z = rows.shape
        if (A, Z) != (self.like.A, self.like.Z):
            raise InvalidArgument(
                f"RowClass.rows has shape {rows.shape}, expected (G, {self.like.A}, R,"
                f" {self.like.Z})"
            )
        rows = checks.check_distribution(rows, "RowClass.rows", "Normalise.")
        checks.check_array(self.group, "RowClass.group")
        if self.group.dtype.kind != "i":
            raise InvalidArgument(f"RowClass.group has {self.group.dtype} entries, not integers")
        checks.check_shape(self.group, "RowClass.group", (self.like.S,), "(S,)")
        if self.group.min() < 0 or self.group.max() >= G:
            raise InvalidArgument(f"RowClass.group leaves the range 0..{G - 1}")
        _check_memory("RowClass", G * A * R * self.like.S)
        with np.errstate(divide="ignore"):
            logs = np.log(rows @ self.like.emissions)
        object.__setattr__(self, "rows", checks.frozen(rows))
        object.__setattr__(self, "logs", checks.frozen(logs))

    @property
    def log_size(self) -> float:
        """log |P|."""
        G, A, R, _ = self.rows.shape
        return G * A * math.log(R)

    @property
    def features(self) -> Floats:
        """All p(. | s, a) of all models, shape (rows, Z)."""
        return self.rows.reshape(-1, self.rows.shape[-1])

    @property
    def emissions(self) -> tuple[Floats, ...]:
        """The p(s' | z) of all models."""
        return (self.like.emissions,)

    def scores(self) -> Floats:
        """Log-likelihoods of no data, shape (G, A, R)."""
        return np.zeros(self.rows.shape[:3])

    def add(self, scores: Floats, s: int, a: int, following: int, times: int = 1) -> None:
        """Add a transition, so many times, to the scores, in place."""
        g = self.group[s]
        scores[g, a] += times * self.logs[g, a, :, following]
        if scores[g, a].max() == -np.inf:
            raise InvalidArgument(_impossible(s, a, following))

    def best(self, scores: Floats) -> Choice:
        """The first most likely row of each group and action."""
        index = scores.argmax(-1)
        top = np.take_along_axis(scores, index[..., None], -1)
        ties = math.prod((scores == top).sum(-1).ravel().tolist())
        return Choice(self.pick(index), index, ties)

    def pick(self, index: NDArray[np.int64]) -> LatentVariableModel:
        """The model of an index (G, A)."""
        chosen = np.take_along_axis(self.rows, index[..., None, None], -2)[..., 0, :]
        fields = {**vars(self.like), "latents": chosen[self.group]}
        return unchecked(LatentVariableModel, **fields)


ModelClass = ListedClass | RowClass


def norm_constants(candidates: ModelClass, K: Array) -> tuple[float, float, float]:
    """Over the class: the largest p' K^{-1} p and p' K p, and C of Assumption 2 from above.

    C is bounded by the sum of the entries |K^{-1}|, as the functions of z are in [-1, 1]; for
    diagonal K the function 1 attains it.
    """
    rows = candidates.features
    if K.shape != (rows.shape[1],) * 2:
        raise InvalidArgument(f"K has shape {K.shape}, expected (Z, Z) with Z = {rows.shape[1]}")
    if np.linalg.matrix_rank(K) < len(K):
        raise InvalidArgument(
            f"K has rank {np.linalg.matrix_rank(K)} of {len(K)}: norms are infinite. Take a"
            " positive definite kernel."
        )
    inverse = np.linalg.inv(K)
    primal = float(((rows @ inverse) * rows).sum(-1).max())
    dual = float(((rows @ K) * rows).sum(-1).max())
    return primal, dual, float(np.abs(inverse).sum())


def lock_class(lock: LatentVariableModel, noise: float = 0.0) -> RowClass:
    """The combination locks like this one, where at each step each action may be right or wrong.

    |P| = 2^(A (2H + 1)) counts the equal candidates elsewhere too. An action not seen is wrong.
    """
    if lock.Z < 3 or lock.Z % 2 == 0 or lock.S % lock.Z:
        raise InvalidArgument(
            f"lock has S = {lock.S} and Z = {lock.Z}, expected a combination lock, with Z = 2H + 1"
        )
    if not 0 <= noise < 1:
        raise InvalidArgument(f"noise is {noise!r}, expected at least 0 and below 1")
    H, copies = (lock.Z - 1) // 2, lock.S // lock.Z
    rows = np.repeat(lock.latents[::copies, :, None], 2, axis=2)
    for h in range(H):
        rows[h, :, 0] = checks.to_float(wrong_row(H, h))
        rows[h, :, 1] = (1 - noise) * checks.to_float(right_row(H, h)) + noise * rows[h, :, 0]
    return RowClass(rows, decoder(lock.S, copies), lock)


def _impossible(s: int, a: int, following: int) -> str:
    return (
        f"the transition ({s}, {a}) -> {following} has probability 0 in every model that is left:"
        " the class does not hold the truth. Add a model that allows it."
    )


def _check_memory(name: str, entries: int) -> None:
    if 8 * entries > LARGEST:
        raise InvalidArgument(
            f"{name}: the table of log-probabilities would take {8 * entries / 2**30:.1f} GiB,"
            f" expected at most {LARGEST / 2**30:.0f}. Take fewer models, or rows."
        )
