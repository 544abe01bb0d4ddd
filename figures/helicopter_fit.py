r"""Fitting the helicopter's 20 parameters: mean squared one-step error, from its moments.

The error is linear in what the parameters make of forces and torques,

    psi = (Fx, Fy0, Fy1, Fz0, Fz1, Fz2) / m, g, T_x / I_x, T_y / I_y, T_z / I_z     (16 numbers),

because a rotation keeps lengths: |v' - v_hat'| = dt |R'(v' - v) / dt - f / m - g R'e_3|. So the
loss is psi'G psi - 2 h'psi + s, and a loss or gradient costs the same for any number of data. The
rows of position and attitude hold no parameter; their error is a constant and is left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .helicopter_dynamics import CLIP, DT, FX, FY, FZ, PARAMETERS, TX, G, I, M, body_frame, inner
from .shared import Floats

COMBINED = 16
Optimiser = Literal["BFGS", "exact"]


@inner
def _accumulate(before, controls, after, doubled, gram, cross):  # type: ignore[no-untyped-def]
    """Add the moments of transitions (n, 12), (n, 4), (n, 12); the sum of squares."""
    total = 0.0
    rows, wanted = np.zeros((6, COMBINED)), np.empty(6)
    body, down, change = np.empty(3), np.empty(3), np.empty(3)
    for d in range(before.shape[0]):
        x, u, y = before[d], controls[d], after[d]
        for i in range(3):
            change[i] = y[i] - x[i]
        body_frame(x[9:12], doubled, x[0:3], body)
        body_frame(x[9:12], doubled, np.array((0.0, 0.0, 1.0)), down)
        body_frame(x[9:12], doubled, change, wanted)
        rows[0, 0], rows[1, 1], rows[1, 2] = body[0], 1.0, body[1]
        rows[2, 3], rows[2, 4], rows[2, 5] = 1.0, body[2], min(max(u[3], -CLIP), CLIP)
        for i in range(3):
            rows[i, 6] = down[i]
            t = 7 + 3 * i
            rows[3 + i, t], rows[3 + i, t + 1] = 1.0, x[6 + i]
            rows[3 + i, t + 2] = min(max(u[i], -CLIP), CLIP)
            wanted[3 + i] = y[6 + i] - x[6 + i]
        for i in range(6):
            total += wanted[i] * wanted[i]
            for j in range(COMBINED):
                cross[j] += DT * rows[i, j] * wanted[i]
                for l in range(COMBINED):
                    gram[j, l] += DT * DT * rows[i, j] * rows[i, l]
    return total


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over `count` transitions: G (16, 16), h (16,), s."""

    count: int
    gram: Floats
    cross: Floats
    square: float

    def plus(self, before: Floats, controls: Floats, after: Floats, doubled: bool) -> Moments:
        """These and the moments of more transitions, shapes (n, 12), (n, 4), (n, 12)."""
        gram, cross = self.gram.copy(), self.cross.copy()
        square = _accumulate(before, controls, after, doubled, gram, cross)
        return Moments(self.count + len(before), gram, cross, self.square + square)


def no_data() -> Moments:
    """The moments of no transition."""
    return Moments(0, np.zeros((COMBINED, COMBINED)), np.zeros(COMBINED), 0.0)


@inner
def combined(theta):  # type: ignore[no-untyped-def]
    """psi (16,) of parameters (20,)."""
    psi = np.empty(COMBINED)
    for j in range(6):
        psi[j] = theta[FX + j] / theta[M]
    psi[6] = theta[G]
    for i in range(3):
        for j in range(3):
            psi[7 + 3 * i + j] = theta[TX + 3 * i + j] / theta[I + i]
    return psi


@inner
def loss_and_gradient(theta, count, gram, cross, square):  # type: ignore[no-untyped-def]
    """The mean squared one-step error and its gradient (20,) by the parameters."""
    psi = combined(theta)
    loss, by_psi = square, np.empty(COMBINED)
    for j in range(COMBINED):
        row = 0.0
        for l in range(COMBINED):
            row += gram[j, l] * psi[l]
        loss += psi[j] * (row - 2 * cross[j])
        by_psi[j] = 2 * (row - cross[j]) / count
    slope = np.zeros(PARAMETERS)
    for j in range(6):
        slope[FX + j] = by_psi[j] / theta[M]
        slope[M] -= by_psi[j] * psi[j] / theta[M]
    slope[G] = by_psi[6]
    for i in range(3):
        for j in range(3):
            k = 7 + 3 * i + j
            slope[TX + 3 * i + j] = by_psi[k] / theta[I + i]
            slope[I + i] -= by_psi[k] * psi[k] / theta[I + i]
    return loss / count, slope


def fit_exactly(data: Moments, initial: Floats) -> Floats:
    """The minimiser whose psi is nearest to the initial one, with the initial m and I."""
    psi = combined(initial)
    psi = psi + np.linalg.lstsq(data.gram, data.cross - data.gram @ psi, rcond=1e-12)[0]
    theta = initial.copy()
    theta[[FX, FY, FY + 1, FZ, FZ + 1, FZ + 2]] = psi[:6] * theta[M]
    theta[G] = psi[6]
    theta[TX : TX + 9] = psi[7:] * np.repeat(theta[I : I + 3], 3)
    return theta


def fit_by_bfgs(data: Moments, starts: Floats, gtol: float) -> Floats:
    """The best of BFGS from each row of starts (n, 20); stops at max |gradient| <= gtol."""
    from scipy.optimize import minimize

    arguments = (data.count, data.gram, data.cross, data.square)
    best, least = starts[0], math.inf
    for start in starts:
        found: Any = minimize(
            *(loss_and_gradient, start, arguments), jac=True, method="BFGS", options={"gtol": gtol}
        )
        if found.fun < least and np.isfinite(found.x).all():
            best, least = found.x, found.fun
    return best
