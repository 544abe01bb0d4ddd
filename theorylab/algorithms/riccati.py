r"""Riccati recursion and rollouts of finite-horizon linear-quadratic problems, compiled, float64.

    x_{t+1} = A_t x_t + B_t u_t + a_t + noise_t,                                   t = 0, ..., H-1
    cost = sum_t (x'Q_t x + 2 x'N_t u + u'R_t u + 2 q_t'x + 2 r_t'u) + x_H'Q_H x_H + 2 q_H'x_H

Costs are per episode, with no factor 1/2, not discounted and not normalised. The best control is
u_t = K_t x_t + k_t, its cost to go V_t(x) = x'P_t x + 2 p_t'x + constant_t without noise; with
noise of mean 0 and covariance W_t the gains stay and V_t grows by sum_{s >= t} trace(P_{s+1} W_s).

    G = N' + B'PA,  Hu = R + B'PB,  K = -(Hu + mu I)^{-1} G,  k = -(Hu + mu I)^{-1} (r + B'(Pa + p))

with P, p of step t+1 and mu the regularisation (0: optimal). P_t and p_t are always the cost to go
of the control K x + k itself, so that with mu > 0 they stay true values of a control that is not
the best. `theorylab.theory.linear_quadratic` has the same over any arithmetic.

Compiled code elsewhere may call the kernels `_backward`, `_rollout` and `_cost`, which take
C-contiguous float64 tables of one instance and meet no Python object (module `riccati_kernels`).

>>> one = np.ones((1, 1, 1))
>>> gains = backward_pass(one, one, one, one, 0 * one, [[0]], [[0]], [[0]], [[1.0]], [0.0])
>>> gains.K[0].tolist(), gains.P[0].tolist()
([[-0.5]], [[1.5]])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theorylab.algorithms.riccati_checks import (
    ASYMMETRY,
    AXES,
    checked_table,
    common_batch,
    refuse_indefinite,
    refuse_overflow,
    same_length,
    shaped_table,
    sizes_of,
    sound,
)
from theorylab.algorithms.riccati_kernels import (
    _backward,
    _backward_each,
    _cost,
    _cost_each,
    _rollout,
    _rollout_each,
)
from theorylab.errors import Diverged, InvalidArgument

__all__ = ["Gains", "_backward", "_cost", "_rollout", "backward_pass", "rollout", "trajectory_cost"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Gains:
    """The control u_t = K_t x + k_t and its cost to go x'P_t x + 2 p_t'x + constant_t.

    Shapes: K (H, m, n), k (H, m), P (H+1, n, n), p (H+1, n), constant: V_0's, a float. With leading
    batch axes all have them, `constant` too. Costs as in the module, noise left out.
    """

    K: Floats
    k: Floats
    P: Floats
    p: Floats
    constant: Any


def backward_pass(
    A: ArrayLike,
    B: ArrayLike,
    Q: ArrayLike,
    R: ArrayLike,
    N: ArrayLike,
    a: ArrayLike,
    q: ArrayLike,
    r: ArrayLike,
    Q_final: ArrayLike,
    q_final: ArrayLike,
    regularisation: float = 0.0,
) -> Gains:
    """The Riccati recursion from step H-1 down to 0.

    Shapes: A (H, n, n), B (H, n, m), Q (H, n, n), R (H, m, m), N (H, n, m), a (H, n), q (H, n),
    r (H, m), Q_final (n, n), q_final (n,); all may have the same leading batch axes.
    Raises: IndefiniteCost naming the step where R + B'PB + regularisation I is not positive
    definite; Diverged where the recursion overflows; InvalidArgument for a wrong shape, a number
    that is not finite, Q, R or Q_final that is not symmetric, a negative regularisation.
    """
    names = ("A", "B", "Q", "R", "N", "a", "q", "r", "Q_final", "q_final")
    given = dict(zip(names, (A, B, Q, R, N, a, q, r, Q_final, q_final), strict=True))
    tables = {name: np.ascontiguousarray(t, dtype=np.float64) for name, t in given.items()}
    batch, sizes = sizes_of("backward_pass", tables["B"])
    H, n, m = sizes["H"], sizes["n"], sizes["m"]
    where = "backward_pass"
    flat = [shaped_table(where, name, t, batch, sizes) for name, t in tables.items()]
    if not sound(*flat, ASYMMETRY):  # all at once; one by one to name what is wrong
        for name, table in tables.items():
            checked_table(where, name, table, batch, sizes)
    if not (np.isfinite(regularisation) and regularisation >= 0):
        raise InvalidArgument(
            f"backward_pass: regularisation is {regularisation}, expected a finite number >= 0."
        )
    count = flat[0].shape[0]
    K, k = np.empty((count, H, m, n)), np.empty((count, H, m))
    P, p = np.empty((count, H + 1, n, n)), np.empty((count, H + 1, n))
    constants, steps = np.empty(count), np.empty(count, dtype=np.int64)
    if count == 1:  # one call the less, which is a third of the time of a small problem
        one = [table[0] for table in flat]
        outputs = (K[0], k[0], P[0], p[0])
        steps[0], constants[0] = _backward(*one, float(regularisation), *outputs)
    else:
        _backward_each(*flat, float(regularisation), K, k, P, p, constants, steps)
    if (steps >= 0).any():
        refuse_indefinite(batch, int((steps >= 0).argmax()), steps, flat, P, regularisation)
    refuse_overflow(batch, P, p, constants)
    shaped = (t.reshape((*batch, *t.shape[1:])) for t in (K, k, P, p, constants))
    K, k, P, p, constants = shaped
    return Gains(K, k, P, p, float(constants) if not batch else constants)


def rollout(
    A: ArrayLike,
    B: ArrayLike,
    a: ArrayLike,
    K: ArrayLike,
    k: ArrayLike,
    x0: ArrayLike,
    noise: ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """(states (H+1, n), controls (H, m)) of u_t = K_t x_t + k_t from x0, shape (n,).

    Shapes: tables as in `backward_pass`; noise (H, n) or None. x0 and noise may have one leading
    axis, of many starts; the system (A, B, a) and the gains (K, k) may have it, or be shared.
    Raises: Diverged naming the step where a state is not finite; InvalidArgument as above.
    """
    _, sizes = sizes_of("rollout", np.asarray(B))
    n, m, H = sizes["n"], sizes["m"], sizes["H"]
    given = {"A": A, "B": B, "a": a, "K": K, "k": k, "x0": x0}
    if noise is not None:
        given["noise"] = noise
    tables = {name: np.ascontiguousarray(t, dtype=np.float64) for name, t in given.items()}
    leading = common_batch("rollout", tables)
    flat = {
        name: checked_table("rollout", name, t, t.shape[: t.ndim - len(AXES[name])], sizes)
        for name, t in tables.items()
    }
    count = leading[0] if leading else 1
    if len(flat["x0"]) != count:
        flat["x0"] = np.repeat(flat["x0"], count, axis=0)
    states, controls = np.empty((count, H + 1, n)), np.empty((count, H, m))
    steps = np.empty(count, dtype=np.int64)
    noises = flat.get("noise", np.empty((1, 0, n)))
    system = [same_length(flat, names, count) for names in (("A", "B", "a"), ("K", "k"))]
    _rollout_each(*system[0], *system[1], flat["x0"], noises, states, controls, steps)
    if (steps >= 0).any():
        b = int((steps >= 0).argmax())
        where = f" of start {b}" if leading else ""
        raise Diverged(
            f"rollout: the state after step {steps[b]}{where} is not a finite number. "
            "Check the gains, or shorten the horizon."
        )
    return (states, controls) if leading else (states[0], controls[0])


def trajectory_cost(
    Q: ArrayLike,
    R: ArrayLike,
    N: ArrayLike,
    q: ArrayLike,
    r: ArrayLike,
    Q_final: ArrayLike,
    q_final: ArrayLike,
    states: ArrayLike,
    controls: ArrayLike,
) -> Any:
    """The cost per episode of states (H+1, n) and controls (H, m); one leading axis: (count,).

    Shapes: costs as in `backward_pass`, shared by all trajectories or with their leading axis.
    """
    names = ("Q", "R", "N", "q", "r", "Q_final", "q_final", "states", "controls")
    given = (Q, R, N, q, r, Q_final, q_final, states, controls)
    tables = {
        name: np.ascontiguousarray(t, dtype=np.float64)
        for name, t in zip(names, given, strict=True)
    }
    _, sizes = sizes_of("trajectory_cost", tables["N"])
    leading = common_batch("trajectory_cost", tables)
    flat = {
        name: checked_table("trajectory_cost", name, t, t.shape[: t.ndim - len(AXES[name])], sizes)
        for name, t in tables.items()
    }
    count = leading[0] if leading else 1
    paths = same_length(flat, ("states", "controls"), count)
    if len(paths[0]) != count:
        paths = [np.repeat(path, count, axis=0) for path in paths]
    out = np.empty(count)
    _cost_each(*same_length(flat, names[:7], count), *paths, out)
    return out if leading else float(out[0])
