r"""The largest log det(I + alpha E_nu[phi phi']) over laws nu on an ellipsoid, exactly.

    sup_nu log det(I + alpha E_nu[phi phi'])  =  max_p sum_i log(1 + alpha m_i p_i)

for phi in {sum_i a_i e_i : sum_i a_i^2 / m_i <= 1} (Hadamard: the diagonal is best), p >= 0 with
sum one. The best p is water-filling, p_i = (theta - 1 / (alpha m_i))_+. For the unit ball of H_k
the squared axes are m_i = mu_i, for that of the power RKHS they are mu_i^2 (LV-Rep, Lemma 19).

Axes without mass do not count: once fewer axes are active than are given, the value is that of the
whole (infinite) spectrum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import InvalidArgument
from theorylab.worlds.checks import shown, to_float
from theorylab.worlds.kernels import is_positive_number


@dataclass(frozen=True, eq=False)
class WaterFilling:
    """The optimum: how many axes have mass, the level theta, the masses (n,), the log det."""

    active: int
    level: Any
    masses: Array
    value: float


def water_filling(axes: Array, alpha: Any) -> WaterFilling:
    """The optimum for squared axes m (n,), largest first; exact masses for exact rationals.

    Raises InvalidArgument unless alpha > 0 and the axes are >= 0, sorted and not all 0.
    """
    _check(axes, alpha)
    m = axes[: int(np.count_nonzero(axes > 0))]
    rests = 1 / (alpha * m)
    levels = (1 + np.cumsum(rests)) / np.arange(1, len(m) + 1)
    active = int(np.flatnonzero(levels > rests)[-1]) + 1
    level = levels[active - 1]
    masses = 0 * axes
    masses[:active] = level - rests[:active]
    filled = to_float(np.asarray(alpha * m[:active] * level))
    return WaterFilling(active, level, masses, float(np.log(filled).sum()))


def _check(axes: Array, alpha: Any) -> None:
    if not is_positive_number(alpha):
        raise InvalidArgument(f"alpha is {shown(alpha)}, expected a number above 0")
    if axes.ndim != 1 or not len(axes) or not axes[0] > 0:
        raise InvalidArgument("axes hold no squared axis above 0: the log det is 0 for any law")
    wrong = ~(axes[1:] <= axes[:-1]) | ~(axes[1:] >= 0)
    if wrong.any():
        i = int(np.flatnonzero(wrong)[0]) + 1
        raise InvalidArgument(
            f"axes[{i}] is {shown(axes[i])} after {shown(axes[i - 1])}, expected numbers >= 0,"
            " the largest first"
        )


def greedy_counts(axes: Array, steps: int, regular: float = 1.0) -> Array:
    """How often each axis is taken in so many steps that each add the vector of largest potential.

    The adversary of an elliptical potential: at X = regular + sum phi phi' it plays the axis with
    the largest m_i / X_i. Floats; shape (n,) to (n,) integers.
    """
    import heapq

    _check_constants(regular=regular)
    if type(steps) is not int or steps < 0 or not len(axes):
        raise InvalidArgument(
            f"steps is {steps!r} and there are {len(axes)} axes, expected 0 or more steps, 1 axis"
        )
    m, counts = to_float(axes), np.zeros(len(axes), dtype=np.int64)
    heap = [(-float(value) / regular, i) for i, value in enumerate(m)]
    heapq.heapify(heap)
    for _ in range(steps):
        _, i = heap[0]
        counts[i] += 1
        heapq.heapreplace(heap, (-float(m[i]) / (regular + counts[i] * float(m[i])), i))
    return counts


def log_det_of_counts(axes: Array, counts: Array, regular: float = 1.0) -> float:
    """log det(I + sum phi phi' / regular) where axis i was played counts_i times."""
    _check_constants(regular=regular)
    return float(np.log1p(counts * to_float(axes) / regular).sum())


# ---- Lemma 19 with constants -------------------------------------------------------------------


def _check_constants(**given: float) -> None:
    for name, value in given.items():
        if not is_positive_number(value):
            raise InvalidArgument(f"{name} is {value!r}, expected a number above 0")


def _check_decay(beta: float) -> None:
    if not is_positive_number(beta) or not beta > 1 / 2:
        raise InvalidArgument(
            f"beta is {beta!r}, expected a number above 1/2: the sum of i^(-2 beta) diverges"
        )


def finite_bound(alpha: float, beta: int, largest: float = 1.0) -> float:
    """beta log(1 + alpha mu_1^2 / beta), at most beta log(1 + alpha / beta)."""
    _check_constants(alpha=alpha, largest=largest)
    if type(beta) is not int or beta < 1:
        raise InvalidArgument(f"beta is {beta!r}, expected a positive integer")
    return beta * math.log1p(alpha * largest**2 / beta)


def polynomial_bound(alpha: float, C0: float, beta: float) -> float:
    """i log(1 + alpha C_0^2 / i) at i = (alpha C_0^2 + 1)^{1 / 2 beta}, rounded down: Lemma 19."""
    _check_constants(alpha=alpha, C0=C0)
    _check_decay(beta)
    top = alpha * C0**2
    i = max(1, math.floor((top + 1) ** (1 / (2 * beta)) * (1 + 1e-12)))
    return i * math.log1p(top / i)


def exponential_bound(alpha: float, C1: float, C2: float, beta: float) -> float:
    """i log(1 + a / i), a = alpha C_1^2 e^{-2 C_2}, at i = (1 + log(1 + a) / 2 C_2)^{1/beta}."""
    _check_constants(alpha=alpha, C1=C1, C2=C2, beta=beta)
    top = alpha * C1**2 * math.exp(-2 * C2)
    i = max(1, math.floor((1 + math.log1p(top) / (2 * C2)) ** (1 / beta) * (1 + 1e-12)))
    return i * math.log1p(top / i)


def sharper_polynomial_bound(alpha: float, C0: float, beta: float) -> float:
    """(2 beta + 2) n at n = (alpha C_0^2)^{1 / (2 beta + 1)}, rounded up: no logarithm."""
    _check_constants(alpha=alpha, C0=C0)
    _check_decay(beta)
    n = max(1, math.ceil((alpha * C0**2) ** (1 / (2 * beta + 1))))
    return (2 * beta + 2) * n
