r"""One step of the helicopter and its derivatives by state, control and parameters, compiled.

The formulas stand in `helicopter_world`. Every derivative is written out by the chain rule through
the quaternions; tests compare them with finite differences.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

STATES, CONTROLS, PARAMETERS, HORIZON = 12, 4, 20, 100
DT, CLIP = 0.05, 100.0
M, I, TX, FX, FY, FZ, G = 0, 1, 4, 13, 14, 16, 19  # where in the parameters; T: x, y, z in a row

inner = njit(cache=True, nogil=True, error_model="numpy")


# ---- rotations -----------------------------------------------------------------------------------


@inner
def _half_turn(a, doubled):  # type: ignore[no-untyped-def]
    """(s, c, s', c') of q(a) = (s a, c); the derivatives are by |a|^2."""
    square = a[0] * a[0] + a[1] * a[1] + a[2] * a[2]
    h = 1.0 if doubled else 0.5  # the angle's share
    z = h * h * square
    angle = math.sqrt(square)
    c = math.cos(h * angle)
    if z < 1e-3:  # where the quotients would cancel; the next terms are below rounding
        s = h * (1 - z / 6 + z * z / 120 - z * z * z / 5040)
        s_slope = -h * h * h * (1 - z / 10 + z * z / 280) / 6
    else:
        s = math.sin(h * angle) / angle
        s_slope = (h * c - s) / (2 * square)
    c_slope = -h * s / 2
    if doubled and c < 0:  # released: c = sqrt(1 - sin^2)
        c, c_slope = -c, -c_slope
    return s, c, s_slope, c_slope


@inner
def _rotated(a, b, c, w, v, out):  # type: ignore[no-untyped-def]
    """out = v turned by the unit quaternion ((a, b, c), w): v + 2 (w (p x v) + p x (p x v))."""
    x, y, z = b * v[2] - c * v[1], c * v[0] - a * v[2], a * v[1] - b * v[0]
    out[0] = v[0] + 2 * (w * x + b * z - c * y)
    out[1] = v[1] + 2 * (w * y + c * x - a * z)
    out[2] = v[2] + 2 * (w * z + a * y - b * x)


@inner
def _rotated_slopes(a, b, c, w, v, out):  # type: ignore[no-untyped-def]
    """out (3, 4): the derivatives of `_rotated` by a, b, c, w."""
    p = (a, b, c)
    along = a * v[0] + b * v[1] + c * v[2]
    for i in range(3):
        for j in range(3):
            out[i, j] = 2 * (p[i] * v[j] - 2 * v[i] * p[j])
        out[i, i] += 2 * along
    out[0, 1] += 2 * w * v[2]
    out[0, 2] -= 2 * w * v[1]
    out[1, 0] -= 2 * w * v[2]
    out[1, 2] += 2 * w * v[0]
    out[2, 0] += 2 * w * v[1]
    out[2, 1] -= 2 * w * v[0]
    out[0, 3] = 2 * (b * v[2] - c * v[1])
    out[1, 3] = 2 * (c * v[0] - a * v[2])
    out[2, 3] = 2 * (a * v[1] - b * v[0])


@inner
def _turned(a, b, doubled, q):  # type: ignore[no-untyped-def]
    """q = q(a) q(b), scalar last; (scale, slope by (q_0, q_1, q_2), slope by q_3) of the angle.

    The axis-angle vector of q is scale (q_0, q_1, q_2); d scale = slope q . dq + last dq_3.
    """
    s, w, _, _ = _half_turn(a, doubled)
    r, z, _, _ = _half_turn(b, doubled)
    dot = 0.0
    for i in range(3):
        q[i] = w * r * b[i] + z * s * a[i]
        dot += s * a[i] * r * b[i]
    q[0] += s * r * (a[1] * b[2] - a[2] * b[1])
    q[1] += s * r * (a[2] * b[0] - a[0] * b[2])
    q[2] += s * r * (a[0] * b[1] - a[1] * b[0])
    q[3] = w * z - dot
    square = q[0] * q[0] + q[1] * q[1] + q[2] * q[2]
    sign = -1.0 if q[3] < 0 else 1.0  # q and -q are one rotation: the shorter way round
    w = abs(q[3])
    if square < 1e-3 * w * w:  # as in `_half_turn`
        y = square / (w * w)
        scale = 2 * (1 - y * (1 / 3 - y * (1 / 5 - y * (1 / 7 - y / 9)))) / w
        slope = -4 * (1 / 3 - y * (2 / 5 - y * (3 / 7 - y * 4 / 9))) / (w * w * w)
    else:
        length = math.sqrt(square)
        scale = 2 * math.atan2(length, w) / length
        slope = (2 * w / (square + w * w) - scale) / square
    last = -2 / (square + w * w)
    return sign * scale, sign * slope, last


@inner
def body_frame(attitude, doubled, v, out):  # type: ignore[no-untyped-def]
    """out = R'v, a vector of the world as the body sees it."""
    s, w, _, _ = _half_turn(attitude, doubled)
    _rotated(-s * attitude[0], -s * attitude[1], -s * attitude[2], w, v, out)


# ---- one step ------------------------------------------------------------------------------------


@inner
def advance(x, u, theta, doubled, noise, out):  # type: ignore[no-untyped-def]
    """out (12,) = the next state; noise (6,): forces in N (world), torques in N m (body)."""
    v, attitude = x[0:3], x[9:12]
    s, w, _, _ = _half_turn(attitude, doubled)
    a, b, c = s * attitude[0], s * attitude[1], s * attitude[2]
    body, force, world = np.empty(3), np.empty(3), np.empty(3)
    _rotated(-a, -b, -c, w, v, body)
    push = min(max(u[3], -CLIP), CLIP)
    force[0] = theta[FX] * body[0]
    force[1] = theta[FY] + theta[FY + 1] * body[1]
    force[2] = theta[FZ] + theta[FZ + 1] * body[2] + theta[FZ + 2] * push
    _rotated(a, b, c, w, force, world)
    for i in range(3):
        out[i] = v[i] + DT * (world[i] + noise[i]) / theta[M]
        out[3 + i] = x[3 + i] + DT * v[i]
        t = TX + 3 * i
        turn = min(max(u[i], -CLIP), CLIP)
        torque = theta[t] + theta[t + 1] * x[6 + i] + theta[t + 2] * turn + noise[3 + i]
        out[6 + i] = x[6 + i] + DT * torque / theta[I + i]
    out[2] += DT * theta[G]
    q = np.empty(4)
    for i in range(3):
        body[i] = DT * x[6 + i]
    scale, _, _ = _turned(attitude, body, doubled, q)
    for i in range(3):
        out[9 + i] = scale * q[i] + (attitude[i] if doubled else 0.0)


@inner
def _quaternion_slopes(a, doubled, out):  # type: ignore[no-untyped-def]
    """out (4, 3): the derivatives of q(a), scalar last."""
    s, _, s_slope, c_slope = _half_turn(a, doubled)
    for j in range(3):
        for i in range(3):
            out[i, j] = 2 * s_slope * a[i] * a[j]
        out[j, j] += s
        out[3, j] = 2 * c_slope * a[j]


@inner
def _force_slopes(x, u, theta, doubled, A, B):  # type: ignore[no-untyped-def]
    """The rows of v' in A (12, 12) and B (12, 4)."""
    v, attitude = x[0:3], x[9:12]
    s, w, _, _ = _half_turn(attitude, doubled)
    a, b, c = s * attitude[0], s * attitude[1], s * attitude[2]
    to_q = np.empty((4, 3))
    _quaternion_slopes(attitude, doubled, to_q)
    body, force, unit = np.empty(3), np.empty(3), np.zeros(3)
    _rotated(-a, -b, -c, w, v, body)
    drag = (theta[FX], theta[FY + 1], theta[FZ + 1])
    push = min(max(u[3], -CLIP), CLIP)
    force[0] = drag[0] * body[0]
    force[1] = theta[FY] + drag[1] * body[1]
    force[2] = theta[FZ] + drag[2] * body[2] + theta[FZ + 2] * push
    into, back = np.empty((3, 4)), np.empty((3, 4))
    _rotated_slopes(-a, -b, -c, w, v, into)
    _rotated_slopes(a, b, c, w, force, back)
    R = np.empty((3, 3))
    column = np.empty(3)
    for j in range(3):
        unit[:] = 0.0
        unit[j] = 1.0
        _rotated(a, b, c, w, unit, column)
        R[:, j] = column
    k = DT / theta[M]
    for i in range(3):
        for j in range(3):
            direct, turning = 0.0, 0.0
            for l in range(3):
                direct += R[i, l] * drag[l] * R[j, l]
                by_q = into[l, 3] * to_q[3, j]
                for h in range(3):
                    by_q -= into[l, h] * to_q[h, j]
                turning += R[i, l] * drag[l] * by_q
            for h in range(4):
                turning += back[i, h] * to_q[h, j]
            A[i, j] = k * direct
            A[i, 9 + j] = k * turning
        A[i, i] += 1.0
        B[i, 3] = k * R[i, 2] * theta[FZ + 2] if abs(u[3]) <= CLIP else 0.0


@inner
def _attitude_slopes(x, doubled, A):  # type: ignore[no-untyped-def]
    """The rows of attitude' in A."""
    attitude, turn, q = x[9:12], np.empty(3), np.empty(4)
    for i in range(3):
        turn[i] = DT * x[6 + i]
    scale, slope, last = _turned(attitude, turn, doubled, q)
    left, right, by = np.empty((4, 3)), np.empty((4, 3)), np.empty((4, 6))
    _quaternion_slopes(attitude, doubled, left)
    _quaternion_slopes(turn, doubled, right)
    s, w, _, _ = _half_turn(attitude, doubled)
    r, z, _, _ = _half_turn(turn, doubled)
    p = (s * attitude[0], s * attitude[1], s * attitude[2])
    o = (r * turn[0], r * turn[1], r * turn[2])
    for j in range(3):
        by[3, j] = left[3, j] * z
        by[3, 3 + j] = right[3, j] * w
        for i in range(3):
            k, l = (i + 1) % 3, (i + 2) % 3
            by[i, j] = left[3, j] * o[i] + z * left[i, j] + left[k, j] * o[l] - left[l, j] * o[k]
            by[i, 3 + j] = (
                w * right[i, j] + right[3, j] * p[i] + p[k] * right[l, j] - p[l] * right[k, j]
            )
            by[3, j] -= left[i, j] * o[i]
            by[3, 3 + j] -= right[i, j] * p[i]
    for j in range(6):
        radial = slope * (q[0] * by[0, j] + q[1] * by[1, j] + q[2] * by[2, j]) + last * by[3, j]
        place, chain = (9 + j, 1.0) if j < 3 else (3 + j, DT)
        for i in range(3):
            A[9 + i, place] = chain * (scale * by[i, j] + radial * q[i])
    if doubled:
        for i in range(3):
            A[9 + i, 9 + i] += 1.0


@inner
def slopes(x, u, theta, doubled):  # type: ignore[no-untyped-def]
    """(A, B): the derivatives of the noiseless step by state and control."""
    A, B = np.zeros((STATES, STATES)), np.zeros((STATES, CONTROLS))
    _force_slopes(x, u, theta, doubled, A, B)
    for i in range(3):
        t = TX + 3 * i
        A[3 + i, i] = DT
        A[3 + i, 3 + i] = 1.0
        A[6 + i, 6 + i] = 1.0 + DT * theta[t + 1] / theta[I + i]
        B[6 + i, i] = DT * theta[t + 2] / theta[I + i] if abs(u[i]) <= CLIP else 0.0
    _attitude_slopes(x, doubled, A)
    return A, B


@inner
def parameter_slopes(x, u, theta, doubled):  # type: ignore[no-untyped-def]
    """The derivatives of the noiseless step by the parameters, shape (12, 20)."""
    out = np.zeros((STATES, PARAMETERS))
    attitude = x[9:12]
    s, w, _, _ = _half_turn(attitude, doubled)
    a, b, c = s * attitude[0], s * attitude[1], s * attitude[2]
    body, force, column = np.empty(3), np.zeros(3), np.empty(3)
    _rotated(-a, -b, -c, w, x[0:3], body)
    push = min(max(u[3], -CLIP), CLIP)
    features = (body[0], 1.0, body[1], 1.0, body[2], push)
    axes = (0, 1, 1, 2, 2, 2)
    k = DT / theta[M]
    for j in range(6):
        force[:] = 0.0
        force[axes[j]] = features[j]
        _rotated(a, b, c, w, force, column)
        for i in range(3):
            out[i, FX + j] = k * column[i]
            out[i, M] -= k * column[i] * theta[FX + j] / theta[M]
    out[2, G] = DT
    for i in range(3):
        t, k = TX + 3 * i, DT / theta[I + i]
        turn = min(max(u[i], -CLIP), CLIP)
        torque = theta[t] + theta[t + 1] * x[6 + i] + theta[t + 2] * turn
        out[6 + i, I + i] = -k * torque / theta[I + i]
        out[6 + i, t] = k
        out[6 + i, t + 1] = k * x[6 + i]
        out[6 + i, t + 2] = k * turn
    return out
