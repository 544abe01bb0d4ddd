r"""BFGS in machine code, for the helicopter's loss: thousands of fits of 20 numbers.

As Nocedal & Wright (2006), Algorithm 6.1 with the strong Wolfe conditions of Algorithms 3.5 and 3.6
(c1 = 1e-4, c2 = 0.9), the inverse Hessian from the identity, first step and stopping rule
max |gradient| <= gtol as in scipy's `minimize(method="BFGS")`, which takes some hundred times as
long here. A line search without a step ends the run, as it does there.
"""

from __future__ import annotations

import numpy as np

from .helicopter_dynamics import inner
from .helicopter_fit import loss_and_gradient

SUFFICIENT, CURVATURE = 1e-4, 0.9
TRIALS = 40  # of one line search


@inner
def _at(x, d, alpha, data):  # type: ignore[no-untyped-def]
    """(loss, slope along d, gradient) at x + alpha d; an infinite loss where it is no number."""
    loss, gradient = loss_and_gradient(x + alpha * d, data[0], data[1], data[2], data[3])
    slope = (gradient * d).sum()
    if not (np.isfinite(loss) and np.isfinite(slope)):
        return np.inf, np.inf, gradient
    return loss, slope, gradient


@inner
def _between(low, f_low, s_low, high, f_high):  # type: ignore[no-untyped-def]
    """The minimiser of the parabola through both ends, kept off the ends; else the middle."""
    width = high - low
    bend = 2 * (f_high - f_low - s_low * width)
    if np.isfinite(bend) and bend > 0:
        share = -s_low * width / bend
        if 0.1 < share < 0.9:
            return low + share * width
    return low + 0.5 * width


@inner
def _wolfe(x, d, f, slope, first, data):  # type: ignore[no-untyped-def]
    """(alpha, loss, gradient) with the strong Wolfe conditions; alpha 0 if none was found."""
    low, f_low, s_low = 0.0, f, slope  # the best end so far; the other end is `high`
    high, f_high, bracketed = 0.0, 0.0, False
    alpha, gradient = first, d
    for trial in range(TRIALS):
        if bracketed:
            alpha = _between(low, f_low, s_low, high, f_high)
        value, along, gradient = _at(x, d, alpha, data)
        if value > f + SUFFICIENT * alpha * slope or (value >= f_low and trial > 0):
            high, f_high, bracketed = alpha, value, True
            continue
        if abs(along) <= -CURVATURE * slope:
            return alpha, value, gradient
        if bracketed:
            if along * (high - low) >= 0:
                high, f_high = low, f_low
        elif along >= 0:
            high, f_high, bracketed = low, f_low, True
        low, f_low, s_low = alpha, value, along
        if not bracketed:
            alpha = 2 * alpha
    return 0.0, f, gradient


@inner
def _updated(inverse, s, y):  # type: ignore[no-untyped-def]
    """Overwrite the inverse Hessian by (I - r s y') H (I - r y s') + r s s', r = 1 / y's."""
    r = 1 / (y * s).sum()
    Hy = np.zeros(s.size)
    for i in range(s.size):
        for j in range(s.size):
            Hy[i] += inverse[i, j] * y[j]
    both = r * (1 + r * (y * Hy).sum())
    for i in range(s.size):
        for j in range(s.size):
            inverse[i, j] += both * s[i] * s[j] - r * (Hy[i] * s[j] + s[i] * Hy[j])


@inner
def bfgs(start, gtol, most, count, gram, cross, square):  # type: ignore[no-untyped-def]
    """(parameters (20,), loss, iterations made) from one start, at most `most` iterations."""
    data = (count, gram, cross, square)
    x, inverse = start.copy(), np.eye(start.size)
    f, gradient = loss_and_gradient(x, count, gram, cross, square)
    before = f + np.sqrt((gradient * gradient).sum()) / 2
    for made in range(most):
        if np.abs(gradient).max() <= gtol:
            return x, f, made
        d = np.zeros(x.size)
        for i in range(x.size):
            for j in range(x.size):
                d[i] -= inverse[i, j] * gradient[j]
        slope = (d * gradient).sum()
        if not slope < 0:
            return x, f, made
        first = 2.02 * (f - before) / slope
        first = min(1.0, first) if first > 0 else 1.0
        alpha, value, after = _wolfe(x, d, f, slope, first, data)
        if alpha == 0.0:
            return x, f, made
        s = alpha * d
        _updated(inverse, s, after - gradient)
        x, before, f, gradient = x + s, f, value, after
    return x, f, most


@inner
def best_of(starts, gtol, most, count, gram, cross, square):  # type: ignore[no-untyped-def]
    """The parameters (20,) of the least loss among BFGS from each row of starts (n, 20)."""
    best, least = starts[0].copy(), np.inf
    for i in range(starts.shape[0]):
        x, f, _ = bfgs(starts[i], gtol, most, count, gram, cross, square)
        if f < least and np.isfinite(x).all():
            best, least = x, f
    return best
