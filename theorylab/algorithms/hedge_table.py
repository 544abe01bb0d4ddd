r"""Hedge on a whole table of losses, T rounds by N experts, at machine speed.

    paid = sum_t <w_t, loss_t>,   w_t proportional to exp(-rate_t L_{t-1})

Weights are computed from log space, exp(-rate L), at the first of every `BLOCK` rounds, and between
from round to round by the factor exp(-(rate_{t+1} L_t - rate_t L_{t-1})), up to a common factor,
which costs a polynomial as its exponent is small. Where the rate is too large for that, every round
is computed from log space. The weights' errors stay below 1e-12, relative; tests/algorithms has the
plain twin, benchmarks/hedge.py the speed.

Losses may come as one table or as chunks (B, N) in order: memory holds one chunk, the result has
the same bits for any cutting on one machine, and the interpreter's lock is released meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

from theorylab.algorithms.hedge import anytime_hedge, anytime_regret_bound, hedge, regret_bound
from theorylab.algorithms.spaces import Floats
from theorylab.errors import InvalidArgument
from theorylab.worlds.checks import frozen

BLOCK = 256
SHORT, LONG = 1 / 64, 1 / 4
"""Exponents up to SHORT take a polynomial of degree 5, up to LONG one of degree 9."""


@dataclass(frozen=True, eq=False)
class Played:
    """Hedge's run over a table.

    rounds: T; paid: sum of <w_t, loss_t>; totals: (N,) losses of each expert, read-only, both in
    the losses' unit; bound: what regret is at most.
    """

    rounds: int
    paid: float
    totals: Floats
    bound: float

    @property
    def regret(self) -> float:
        """Hedge's total less the best expert's."""
        return self.paid - float(self.totals.min())


def play(
    losses: Floats | Iterable[Floats],
    *,
    rate: float | None = None,
    loss_range: tuple[float, float] = (0.0, 1.0),
) -> Played:
    """Play Hedge on losses (T, N) or an iterable of chunks (B, N); rate None: the anytime rates.

    Raises: InvalidArgument naming the first loss (round, expert) that is NaN or outside the
    declared range, which must be finite here; for chunks of different widths; for no chunk.
    """
    chunks = [losses] if isinstance(losses, np.ndarray) else losses
    run: _Kernel | None = None
    for chunk in chunks:
        table = np.ascontiguousarray(chunk, dtype=np.float64)
        if run is None:
            run = _Kernel(table, rate, loss_range)
        run.play(table)
    if run is None:
        raise InvalidArgument("losses holds no chunk, expected at least one of shape (B, N).")
    return run.result()


class _Kernel:
    """Totals, weights and loss so far, with the compiled loop."""

    def __init__(self, first: Floats, rate: float | None, loss_range: tuple[float, float]):
        if first.ndim != 2:
            raise InvalidArgument(f"losses has shape {first.shape}, expected (T, N).")
        N = first.shape[1]
        start = anytime_hedge(N, loss_range=loss_range)  # checks both
        self.low, self.high = start.loss_range
        self.anytime = rate is None
        self.rate = start.rate if rate is None else hedge(N, rate=rate, loss_range=loss_range).rate
        small = not self.anytime and self.rate * (self.high - self.low) / 2 <= SHORT
        self.loop = _loop(self.anytime, small)
        self.exponential = _exponential(self.rate if small else None)
        self.totals, self.weights, self.rounds = np.zeros(N), np.zeros(N), 0
        self.carried = np.zeros(2)  # what was paid, and the total that the weights refer to

    def play(self, table: Floats) -> None:
        N = len(self.totals)
        if table.ndim != 2 or table.shape[1] != N:
            raise InvalidArgument(
                f"losses[{self.rounds}] starts a chunk of shape {table.shape}, expected (B, {N})."
            )
        bad = self.loop(
            table, self.totals, self.weights, self.carried, self.exponential,
            self.rounds, self.rate, self.low, self.high,
        )  # fmt: skip
        if bad:
            self._refuse(table)
        self.rounds += len(table)

    def _refuse(self, table: Floats) -> None:
        t, i = np.argwhere(~((table >= self.low) & (table <= self.high)))[0]
        raise InvalidArgument(
            f"hedge: losses[{self.rounds + t}, {i}] is {table[t, i]}, expected a number in"
            f" [{self.low}, {self.high}]. Rescale the losses, or declare their range."
        )

    def result(self) -> Played:
        N, T, declared = len(self.totals), self.rounds, (self.low, self.high)
        if self.anytime:
            bound = anytime_regret_bound(N, T, loss_range=declared)
        else:
            bound = regret_bound(N, T, rate=self.rate, loss_range=declared)
        return Played(T, float(self.carried[0]), frozen(self.totals), bound)


def _exponential(rate: float | None) -> Floats:
    """Ten coefficients: degree 9 in x with no rate, else degree 5 in u = x / rate."""
    if rate is None:
        return _fitted(9, LONG)
    return np.asarray(_fitted(5, SHORT) * rate ** np.arange(10))


@cache
def _fitted(degree: int, largest: float) -> Floats:
    """The polynomial that interpolates exp(-x) for |x| <= largest, up to a factor that makes its
    first coefficient 1: within 7e-16; 10 coefficients."""
    fitted = Chebyshev.interpolate(lambda x: np.exp(-x), degree, domain=[-largest, largest])
    found = np.zeros(10)
    found[: degree + 1] = fitted.convert(kind=Polynomial).coef
    return frozen(found / found[0])


@cache
def _loop(anytime: bool, small: bool) -> Callable[..., int]:
    """The compiled loop for one kind of rates; compiling it takes about a second."""
    import numba

    @numba.njit(nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
    def rounds(  # type: ignore[no-untyped-def]
        losses, totals, weights, carried, exponential, before, first_rate, low, high
    ):
        """The number of losses out of range; totals, weights and what is carried are updated."""
        _, c1, c2, c3, c4, c5, c6, c7, c8, c9 = exponential
        rate = after = first_rate
        bad, middle, base = 0, low + (high - low) / 2, carried[1]
        for t in range(losses.shape[0]):
            played = before + t
            if anytime:
                rate, after = first_rate / math.sqrt(played + 1), first_rate / math.sqrt(played + 2)
            if played % BLOCK == 0 or rate * (high - low) > LONG:
                base = totals.min()
                for i in range(totals.size):
                    weights[i] = math.exp(rate * (base - totals[i]))
            row, mass, cost, fall = losses[t], 0.0, 0.0, after - rate
            for i in range(totals.size):
                loss, weight, total = row[i], weights[i], totals[i]
                bad += not ((loss >= low) & (loss <= high))
                u = loss - middle
                share = weight * u
                mass += weight
                cost += share
                totals[i] = total + loss
                if small:
                    weights[i] = weight + share * (c1 + u * (c2 + u * (c3 + u * (c4 + u * c5))))
                else:
                    x = after * u
                    if anytime:
                        x += fall * (total - base)
                    y = x * x
                    tail = (c4 + c5 * x) + y * ((c6 + c7 * x) + y * (c8 + c9 * x))
                    weights[i] = weight * ((1 + c1 * x) + y * ((c2 + c3 * x) + y * tail))
            carried[0] += middle + cost / mass
        carried[1] = base
        return bad

    return rounds
