r"""Bonuses of Algorithms 1 and 2: elliptical in the learned features, and the baselines' own.

    b(s, a) = min(alpha_n ||p^(. | s, a)||_{Sigma^^{-1}}, clip)
    Sigma^  = sum over the data of p^ p^' + lambda K^{-1}

(LV-Rep, equation (7) and Theorem 4.) Constants as printed, with 1 for each Theta and clip 2:

    lambda = Z log N + log(N |P| / delta)
    alpha_n = gamma / (1-gamma) sqrt(A log(n |P| / delta) + lambda C)

or those for which the proof goes through (rewards in [0, 1] per step, clip gamma^2 / (1-gamma)):

    lambda = e R log(4 Z N |P| / delta)
    alpha_n = gamma^2 / (1-gamma) sqrt((e-1) (2 (sqrt A + 1)^2 log(4 n^2 |P| / delta) + lambda C))

with R the largest p' K p and C the constant of Assumption 2 (delta / 2 for each of two events).
Offline A is omega = max 1 / pi_b, one sample size n = N, and alpha_n of the print has
omega log(|P| / delta).

Kinds: "operator", as above; "features", by m random features psi(z; xi) = (L xi)_z, L L' = K, xi
uniform signs, phi = m^{-1/2} E_p psi, Sigma^ = sum phi phi' + lambda I; "unnormalised", features
scaled latent by latent by up to 10 either way, with lambda I, in the manner of REP-UCB; "count",
1 / sqrt(visits + lambda) in place of the norm; "none", greedy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theorylab.algorithms.representation_classes import Floats, ModelClass, norm_constants
from theorylab.errors import InvalidArgument

KINDS = ("operator", "features", "unnormalised", "count", "none")
SCALES = 10.0
"""Unnormalised features are scaled by at most this, either way."""


@dataclass(frozen=True)
class Bonus:
    """What is asked: a kind; constants as printed or the corrected ones; alpha times `scale`.

    clip, regular: in place of the constants' own clip and lambda; features: m of "features".
    Raises InvalidArgument.
    """

    kind: str = "operator"
    printed: bool = False
    scale: float = 1.0
    delta: float = 0.1
    clip: float | None = None
    regular: float | None = None
    features: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidArgument(f"kind is {self.kind!r}, expected one of {KINDS}")
        if not 0 <= self.scale < math.inf:
            raise InvalidArgument(f"scale is {self.scale}, expected at least 0")
        if not 0 < self.delta < 1:
            raise InvalidArgument(f"delta is {self.delta}, expected between 0 and 1")
        for name, value in (("clip", self.clip), ("lambda", self.regular)):
            if value is not None and not 0 < value < math.inf:
                why = " (the operator would be singular)" if name == "lambda" else ""
                raise InvalidArgument(f"{name} is {value}, expected above 0{why}")
        whole = type(self.features) is int and self.features >= (self.kind == "features")
        if not whole:
            raise InvalidArgument(
                f"features is {self.features!r}, expected an integer of at least 1"
            )


@dataclass(frozen=True, eq=False)
class Constants:
    """The numbers behind a bonus. log_size: log |P|; actions: A online, omega offline."""

    bonus: Bonus
    gamma: float
    actions: float
    log_size: float
    N: int
    regular: float
    C: float
    clip: float

    @property
    def c1(self) -> float:
        """The empirical Sigma is at least this times its mean (but for lambda), on the event."""
        return 1 - math.exp(-1)

    @property
    def c2(self) -> float:
        """The empirical Sigma is at most this times its mean (but for lambda), on the event."""
        return math.e - 1

    def log_term(self, n: int) -> float:
        """log(n |P| / delta) as printed; log(4 n^2 |P| / delta) corrected."""
        delta = self.bonus.delta
        if self.bonus.printed:
            return math.log(n / delta) + self.log_size
        return math.log(4 * n * n / delta) + self.log_size

    def alpha(self, n: int) -> float:
        """alpha_n times the scale."""
        L, rest = self.log_term(n), self.regular * self.C
        if self.bonus.printed:
            full = self.gamma / (1 - self.gamma) * math.sqrt(self.actions * L + rest)
        else:
            inside = 2 * (math.sqrt(self.actions) + 1) ** 2 * L + rest
            full = self.gamma**2 / (1 - self.gamma) * math.sqrt(self.c2 * inside)
        return self.bonus.scale * full


def constants(
    bonus: Bonus, candidates: ModelClass, K: Floats, *, gamma: float, actions: float, N: int
) -> Constants:
    """The constants of a bonus for N episodes, or samples."""
    Z, log_size = len(K), candidates.log_size
    _, R, C = norm_constants(candidates, K)
    if bonus.regular is not None:
        regular = bonus.regular
    elif bonus.printed:
        regular = Z * math.log(N) + math.log(N / bonus.delta) + log_size
    else:
        regular = math.e * R * (math.log(4 * Z * N / bonus.delta) + log_size)
    own = 2.0 if bonus.printed else gamma**2 / (1 - gamma)
    clip = own if bonus.clip is None else bonus.clip
    return Constants(bonus, gamma, actions, log_size, N, regular, C, clip)


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """p(. | s, a) to the features of a bonus, `matrix` (Z, d), and lambda's matrix (d, d)."""

    matrix: Floats
    inverse_kernel: Floats


def feature_map(bonus: Bonus, K: Floats, rng: np.random.Generator) -> FeatureMap:
    """The features of a kind; what is random in them is drawn here, once."""
    Z = len(K)
    if bonus.kind == "features":
        root = np.linalg.cholesky(K)
        signs = rng.choice([-1.0, 1.0], size=(Z, bonus.features))
        return FeatureMap(root @ signs / math.sqrt(bonus.features), np.eye(bonus.features))
    if bonus.kind == "unnormalised":
        return FeatureMap(np.diag(SCALES ** rng.uniform(-1, 1, size=Z)), np.eye(Z))
    return FeatureMap(np.eye(Z), np.linalg.inv(K))


def squared_potential(latents: Floats, visits: Floats, regular: float, fm: FeatureMap) -> Floats:
    """||phi(s, a)||^2 of Sigma^{-1}, Sigma = sum of visits phi phi' + lambda .; shape (S, A)."""
    phi = (latents @ fm.matrix).reshape(visits.size, -1)
    sigma = (phi * visits.reshape(-1, 1)).T @ phi + regular * fm.inverse_kernel
    return np.asarray((phi * np.linalg.solve(sigma, phi.T).T).sum(-1).reshape(visits.shape))


def bonus_table(
    known: Constants, fm: FeatureMap, latents: Floats, visits: NDArray[np.int64], n: int
) -> Floats:
    """b_n(s, a) for the learned latents (S, A, Z) and visits (S, A) to the pairs of D_n."""
    kind, alpha = known.bonus.kind, known.alpha(n)
    if kind == "none":
        return np.zeros(visits.shape)
    if kind == "count":
        return np.asarray(np.minimum(alpha / np.sqrt(visits + known.regular), known.clip))
    squared = squared_potential(latents, visits.astype(float), known.regular, fm)
    return np.asarray(np.minimum(alpha * np.sqrt(np.maximum(squared, 0)), known.clip))
