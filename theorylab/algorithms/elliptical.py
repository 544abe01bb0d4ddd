r"""Elliptical potential along a stream of feature vectors, by rank-one updates.

    Sigma_t = Sigma_0 + sum_{i <= t} x_i x_i'
    bonus_t^2 = x_t' Sigma_{t-1}^{-1} x_t
    log det Sigma_t = log det Sigma_{t-1} + log(1 + bonus_t^2)

(LV-Rep, equation (7) and Lemma 8: Sigma_0 = lambda T_k^{-1}, or lambda I for features phi.) What is
updated is the factorisation Sigma = L D L', not the inverse: adding x x' to it is backward stable
whatever lambda is, and bonuses, being sums of squares, stay above 0. Sherman and Morrison's formula
subtracts nearly all of the inverse where bonus^2 is large and loses about as many digits as it has,
for good. (Eight dimensions, lambda = 1e-8, unit vectors: relative errors of bonus^2 2e-15 and
3e-9; tests/algorithms/test_elliptical.py.) Both take d^2 multiplications a step.

Every so many steps Sigma, summed in float64, is factorised afresh. Before that the factors are
compared to it:

    drift = || S^{-1/2} Sigma S^{-1/2} - I ||_F,      S = L D L'

so that every bonus^2 is within the share `drift` of the one of Sigma as it was summed, and the log
det within 2 sqrt(d) drift (for drift at most 1/2). Squares below the smallest float are 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.algorithms.elliptical_kernels import add_all, add_products
from theorylab.arithmetic import Array
from theorylab.errors import InvalidArgument
from theorylab.worlds import checks
from theorylab.worlds.checks import place_name, shown, to_float
from theorylab.worlds.definite import check_definite, check_symmetric
from theorylab.worlds.kernels import is_positive_number

EVERY = 5_000
LIMITS = {np.dtype(np.float64): 1e-6, np.dtype(np.float32): 1e-2}
"""The drift that is allowed unless another limit is given."""


@dataclass(frozen=True, eq=False)
class EllipticalStream:
    """What a stream gave: squared (T,) x_t' Sigma_{t-1}^{-1} x_t; log_dets (T,) log det Sigma_t -
    log det Sigma_0; sigma (d, d) at the end; drift: the largest before a factorisation; fresh: the
    largest just after one."""

    squared: Array
    log_dets: Array
    sigma: Array
    drift: float
    fresh: float

    @property
    def bonuses(self) -> Array:
        """||x_t|| in Sigma_{t-1}^{-1}, shape (T,)."""
        return np.asarray(np.sqrt(self.squared))


class EllipticalPotential:
    """Sigma along a stream that comes piece by piece.

    start: lambda > 0, for lambda I of the first piece's dimension, or Sigma_0 (d, d), positive
    definite; every: how many steps between factorisations; limit: the drift that is refused, by
    default 1e-6 for float64 vectors, 1e-2 for float32. Raises InvalidArgument, ModelError.
    """

    def __init__(
        self, start: Any = 1.0, *, dimension: int, every: int = EVERY, limit: float | None = None,
        dtype: Any = np.float64,
    ) -> None:  # fmt: skip
        self.dtype = np.dtype(dtype)
        if self.dtype not in LIMITS:
            raise InvalidArgument(f"dtype is {self.dtype}, expected float64 or float32")
        for name, value in (("dimension", dimension), ("every", every)):
            if type(value) is not int or value < 1:
                raise InvalidArgument(f"{name} is {value!r}, expected an integer of at least 1")
        self.limit = LIMITS[self.dtype] if limit is None else limit
        if not is_positive_number(self.limit):
            raise InvalidArgument(f"limit is {self.limit!r}, expected a drift above 0")
        self.every, self.steps = every, 0
        self.drift = self.fresh = 0.0
        self._sigma, self._since = _start(start, dimension), 0
        self._waiting: list[Array] = []
        self._factorise()

    @property
    def dimension(self) -> int:
        """d."""
        return len(self._sigma)

    @property
    def sigma(self) -> Array:
        """Sigma now, (d, d) in float64, summed anew."""
        if not self._waiting:
            return self._sigma
        total = np.zeros_like(self._sigma)
        add_products(np.concatenate(self._waiting), total)
        return np.asarray(self._sigma + np.triu(total) + np.triu(total, 1).T)

    @property
    def log_det(self) -> float:
        """log det Sigma now."""
        return float(np.log(self._diagonal, dtype=np.float64).sum())

    def add(self, vectors: Array) -> Array:
        """x_t' Sigma_{t-1}^{-1} x_t of each row (T,), all added in their order.

        Raises InvalidArgument for another dimension, an entry that is not finite, a step that
        overflows, and a drift above the limit, naming the step.
        """
        table = self._checked(vectors)
        squared = np.empty(len(table))
        done = 0
        while done < len(table):
            part = slice(done, min(len(table), done + self.every - self._since))
            made = add_all(table[part], self._upper, self._diagonal, squared[part])
            self._waiting.append(table[done : done + made].copy())
            self.steps += made
            self._since += made
            if made < part.stop - done:
                self._refuse_overflow(table[done + made])
            done = part.stop
            if self._since == self.every:
                self.refactorise()
        return squared

    def squared(self, vectors: Array) -> Array:
        """x' Sigma^{-1} x of vectors (..., d), which are not added."""
        table = _numbers(vectors)
        rows = self._checked(np.atleast_1d(table).reshape(-1, table.shape[-1] if table.ndim else 1))
        white = np.linalg.solve(self._root, rows.T.astype(np.float64))
        return np.asarray((white * white).sum(0).reshape(table.shape[:-1]))

    def refactorise(self) -> None:
        """Measure the drift and factorise Sigma afresh; InvalidArgument for too large a drift."""
        self._gather()
        found = self._measured()
        self.drift = max(self.drift, found)
        self._factorise()
        if not found <= self.limit:
            raise InvalidArgument(
                f"step {self.steps}: the factors drifted by {found:.3g} from Sigma, expected at"
                f" most {self.limit:g}. Factorise more often than every {self.every} steps."
            )

    def _gather(self) -> None:
        self._sigma, self._waiting, self._since = self.sigma, [], 0

    def _factorise(self) -> None:
        try:
            root = np.linalg.cholesky(self._sigma)
        except np.linalg.LinAlgError:
            root = np.full_like(self._sigma, np.nan)
        scale = np.diag(root)
        self._upper = np.ascontiguousarray((root / scale).T.astype(self.dtype))
        self._diagonal = (scale * scale).astype(self.dtype)
        found = self._measured()
        self.fresh = max(self.fresh, found)
        if not found <= self.limit:
            raise InvalidArgument(
                f"step {self.steps}: factorised afresh, Sigma still drifts by {found:.3g}, expected"
                f" at most {self.limit:g}: it is too near to singular for {self.dtype}. Take a"
                " larger lambda, or features of one size."
            )

    @property
    def _root(self) -> Array:
        """L D^{1/2} in float64."""
        lower = np.tril(self._upper.T.astype(np.float64), -1) + np.eye(self.dimension)
        return np.asarray(lower * np.sqrt(self._diagonal.astype(np.float64)))

    def _measured(self) -> float:
        """The drift of the factors from Sigma, nothing waiting to be added to it."""
        root = self._root
        if not np.isfinite(root).all() or not np.diag(root).all():
            return math.inf
        half = np.linalg.solve(root, self._sigma - root @ root.T)
        return float(np.linalg.norm(np.linalg.solve(root, half.T)))

    def _checked(self, vectors: Array) -> Array:
        table = np.ascontiguousarray(_numbers(vectors), dtype=self.dtype)
        if table.ndim != 2 or table.shape[1] != self.dimension:
            raise InvalidArgument(
                f"vectors have shape {table.shape}, expected (T, d) with d = {self.dimension}, as"
                " Sigma has"
            )
        if not np.isfinite(table).all():
            index = tuple(np.argwhere(~np.isfinite(table))[0])
            step = self.steps + int(index[0]) + 1
            raise InvalidArgument(
                f"{place_name('vectors', index)} is {shown(table[index])} (step {step}), expected"
                " a finite number"
            )
        return table

    def _refuse_overflow(self, x: Array) -> None:
        """The factors, half changed by x, are made anew of what went before; then the error."""
        self._gather()
        self._factorise()
        raise InvalidArgument(
            f"step {self.steps + 1}: a vector of largest entry {shown(np.abs(x).max())} overflows"
            f" {self.dtype}. Scale the features and lambda."
        )


def _numbers(vectors: Any) -> Array:
    """The vectors as an array of numbers."""
    try:
        given = np.asarray(vectors)
    except ValueError:
        raise InvalidArgument("vectors are ragged: rows of different lengths") from None
    if given.dtype.kind not in "fiu":
        raise InvalidArgument(f"vectors are of dtype {given.dtype}, expected real numbers")
    return given


def _start(start: Any, d: int) -> Array:
    """Sigma_0 (d, d) in float64."""
    if np.ndim(start) == 0:
        real = isinstance(start, int | float | np.integer | np.floating)
        if not real or isinstance(start, bool) or not 0 < start < math.inf:
            raise InvalidArgument(
                f"lambda is {start!r}, expected a number above 0 (Sigma would be singular)"
            )
        return np.asarray(float(start) * np.eye(d))
    sigma = np.array(to_float(checks.table(start, "Sigma")))
    if sigma.shape != (d, d):
        raise InvalidArgument(f"Sigma has shape {sigma.shape}, expected (d, d) = {(d, d)}")
    checks.check_finite(sigma, "Sigma")
    check_symmetric(sigma, "Sigma")
    check_definite(sigma, "Sigma")
    return sigma


def elliptical_stream(
    vectors: Any, start: Any = 1.0, *, every: int = EVERY, limit: float | None = None
) -> EllipticalStream:
    """Bonuses and log dets along the rows of vectors (T, d); float32 is kept, the rest is float64.

    start: lambda, or Sigma_0 (d, d). Raises InvalidArgument as `EllipticalPotential` does.

    >>> found = elliptical_stream([[1.0, 0.0], [1.0, 0.0]], 1.0)
    >>> found.squared.tolist(), round(float(found.log_dets[-1]), 12) == round(math.log(3), 12)
    ([1.0, 0.5], True)
    """
    table = _numbers(vectors)
    if table.ndim != 2:
        raise InvalidArgument(f"vectors have shape {table.shape}, expected (T, d)")
    dtype = table.dtype if table.dtype in LIMITS else np.float64
    state = EllipticalPotential(
        start, dimension=table.shape[1], every=every, limit=limit, dtype=dtype
    )
    squared = state.add(table)
    state.refactorise()
    return EllipticalStream(
        squared, np.cumsum(np.log1p(squared)), state.sigma, state.drift, state.fresh
    )
