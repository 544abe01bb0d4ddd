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
Offline, with omega = max 1 / pi_b and n = N samples, alpha as printed and corrected is

    gamma / (1-gamma) sqrt(omega log(|P| / delta) + lambda gamma^2 C)
    gamma^2 / (1-gamma) sqrt((e-1) (2 (sqrt(omega / gamma) + 1)^2 log(2 |P| / delta) + lambda C))

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
        if not _is_number(self.scale) or not 0 <= self.scale < math.inf:
            raise InvalidArgument(f"scale is {self.scale!r}, expected at least 0")
        if not _is_number(self.delta) or not 0 < self.delta < 1:
            raise InvalidArgument(f"delta is {self.delta!r}, expected between 0 and 1")
        for name, value in (("clip", self.clip), ("lambda", self.regular)):
            if value is not None and not (_is_number(value) and 0 < value < math.inf):
                why = " (the operator would be singular)" if name == "lambda" else ""
                raise InvalidArgument(f"{name} is {value!r}, expected above 0{why}")
        whole = type(self.features) is int and self.features >= (self.kind == "features")
        if not whole:
            raise InvalidArgument(
                f"features is {self.features!r}, expected an integer of at least 1"
            )


def _is_number(value: object) -> bool:
    """Whether it is a real number, which True and False are not."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


@dataclass(frozen=True, eq=False)
class Constants:
    """The numbers behind a bonus. log_size: log |P|; ratio: A online, omega offline."""

    bonus: Bonus
    gamma: float
    ratio: float
    offline: bool
    log_size: float
    N: int
    regular: float
    R: float
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
        """The logarithm in alpha_n: of n |P| / delta as printed, 4 n^2 |P| / delta corrected;
        offline without n, of |P| / delta and 2 |P| / delta."""
        share = 1 if self.bonus.printed else 2 if self.offline else 4 * n
        return math.log(share * (1 if self.offline else n) / self.bonus.delta) + self.log_size

    def alpha(self, n: int) -> float:
        """alpha_n times the scale."""
        if n < 1:
            raise InvalidArgument(f"n is {n}, expected an episode or samples of at least 1")
        gamma, L, rest = self.gamma, self.log_term(n), self.regular * self.C
        if self.bonus.printed:
            inside = self.ratio * L + rest * (gamma**2 if self.offline else 1)
            return self.bonus.scale * gamma / (1 - gamma) * math.sqrt(inside)
        ratio = self.ratio / gamma if self.offline and gamma > 0 else self.ratio
        inside = self.c2 * (2 * (math.sqrt(ratio) + 1) ** 2 * L + rest)
        return self.bonus.scale * gamma**2 / (1 - gamma) * math.sqrt(inside)


def constants(
    bonus: Bonus,
    candidates: ModelClass,
    K: Floats,
    *,
    gamma: float,
    ratio: float,
    N: int,
    offline: bool = False,
) -> Constants:
    """The constants of a bonus for N episodes, or samples.

    Raises InvalidArgument for N below 1, gamma outside [0, 1), a singular kernel.
    """
    if N < 1 or not 0 <= gamma < 1:
        raise InvalidArgument(f"N is {N} and gamma {gamma}, expected at least 1 and in [0, 1)")
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
    return Constants(bonus, gamma, ratio, offline, log_size, N, regular, R, C, clip)


def feature_kernel(bonus: Bonus, K: Floats, rng: np.random.Generator) -> Floats:
    """The Gram matrix (Z, Z) of a kind's features of the latent values; drawn here, once.

    K for the operator; for random features W W' with W = L signs / sqrt(m), of mean K.
    """
    Z = len(K)
    if bonus.kind == "features":
        signs = rng.choice([-1.0, 1.0], size=(Z, bonus.features))
        W = np.linalg.cholesky(K) @ signs / math.sqrt(bonus.features)
        return np.asarray(W @ W.T)
    if bonus.kind == "unnormalised":
        return np.diag(SCALES ** rng.uniform(-2, 2, size=Z))
    return K


def squared_potential(latents: Floats, visits: Floats, regular: float, kernel: Floats) -> Floats:
    """phi' (sum of visits phi phi' + lambda I)^{-1} phi, phi = W' p and W W' the kernel; (S, A).

    Computed with Z numbers whatever the number of features: p' (lambda I + K M)^{-1} K p, where M
    sums visits p p'; for a kernel that has an inverse p' (M + lambda K^{-1})^{-1} p.
    """
    p = latents.reshape(visits.size, -1)
    M = (p * visits.reshape(-1, 1)).T @ p
    inner = np.linalg.solve(regular * np.eye(len(kernel)) + kernel @ M, kernel)
    return np.asarray(((p @ inner) * p).sum(-1).reshape(visits.shape))


def bonus_table(
    known: Constants, kernel: Floats, latents: Floats, visits: NDArray[np.int64], n: int
) -> Floats:
    """b_n(s, a) for the learned latents (S, A, Z) and visits (S, A) to the pairs of D_n."""
    kind, alpha = known.bonus.kind, known.alpha(n)
    if kind == "none":
        return np.zeros(visits.shape)
    if kind == "count":
        return np.asarray(np.minimum(alpha / np.sqrt(visits + known.regular), known.clip))
    squared = squared_potential(latents, visits.astype(float), known.regular, kernel)
    return np.asarray(np.minimum(alpha * np.sqrt(np.maximum(squared, 0)), known.clip))
