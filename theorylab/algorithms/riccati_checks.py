"""Checks of the tables of linear-quadratic problems, each error naming the entry or the step."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

from theorylab.algorithms.riccati_kernels import Floats, compiled
from theorylab.errors import Diverged, IndefiniteCost, InvalidArgument

ASYMMETRY = 1e-9
"""How far Q and R may be from symmetric, relative to their greatest entry; their mean is used."""

AXES = {
    "A": ("H", "n", "n"),
    "B": ("H", "n", "m"),
    "Q": ("H", "n", "n"),
    "R": ("H", "m", "m"),
    "N": ("H", "n", "m"),
    "a": ("H", "n"),
    "q": ("H", "n"),
    "r": ("H", "m"),
    "Q_final": ("n", "n"),
    "q_final": ("n",),
    "K": ("H", "m", "n"),
    "k": ("H", "m"),
    "x0": ("n",),
    "noise": ("H", "n"),
    "states": ("H+1", "n"),
    "controls": ("H", "m"),
}
"""The axes of each table: H steps, n states, m controls."""

SYMMETRIC = ("Q", "R", "Q_final")


def sizes_of(name: str, B: Floats) -> tuple[tuple[int, ...], dict[str, int]]:
    """The batch axes and the sizes, read off a table of shape (..., H, n, m)."""
    if B.ndim < 3 or 0 in B.shape[-2:]:
        letter = "N" if name == "trajectory_cost" else "B"
        raise InvalidArgument(
            f"{name}: {letter} has shape {B.shape}, expected (H, n, m): steps, states, controls."
        )
    *batch, H, n, m = B.shape
    return tuple(batch), {"H": H, "H+1": H + 1, "n": n, "m": m}


def shaped_table(
    where: str, name: str, table: Floats, batch: tuple[int, ...], sizes: dict[str, int]
) -> Floats:
    """The table with one leading batch axis; InvalidArgument for a wrong shape."""
    axes = AXES[name]
    expected = (*batch, *(sizes[axis] for axis in axes))
    if table.shape != expected:
        letters = f"({', '.join(axes)}{',' if len(axes) == 1 else ''})"
        raise InvalidArgument(
            f"{where}: {name} has shape {table.shape}, expected {letters} = {expected}."
        )
    return table.reshape(prod(batch), *table.shape[len(batch) :])


def checked_table(
    where: str, name: str, table: Floats, batch: tuple[int, ...], sizes: dict[str, int]
) -> Floats:
    """The table with one leading batch axis; InvalidArgument naming the entry that is wrong."""
    shaped = shaped_table(where, name, table, batch, sizes)
    if not finite(table.reshape(-1)):
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(table))[0])
        raise InvalidArgument(
            f"{where}: {name}[{', '.join(map(str, place))}] is {table[place]}, "
            "expected a finite number."
        )
    if name in SYMMETRIC:
        check_symmetric(where, name, table)
    return shaped


def check_symmetric(where: str, name: str, table: Floats) -> None:
    worst, top = asymmetry(table.reshape(prod(table.shape[:-2]), *table.shape[-2:]))
    if worst > ASYMMETRY * top:
        gap = np.abs(table - table.swapaxes(-1, -2))
        place = tuple(int(i) for i in np.unravel_index(gap.argmax(), gap.shape))
        mirror = (*place[:-2], place[-1], place[-2])
        raise InvalidArgument(
            f"{where}: {name}[{', '.join(map(str, place))}] is {table[place]} and its mirror image "
            f"{table[mirror]}, expected a symmetric matrix. Pass ({name} + {name}') / 2."
        )


def common_batch(where: str, tables: dict[str, Floats]) -> tuple[int, ...]:
    """The leading axis that tables share, () if none has one; InvalidArgument if two differ."""
    found: tuple[int, ...] = ()
    for name, table in tables.items():
        leading = table.shape[: max(0, table.ndim - len(AXES[name]))]
        if len(leading) > 1 or (found and leading and leading != found):
            raise InvalidArgument(
                f"{where}: {name} has shape {table.shape}, expected one leading axis at most"
                f"{f', of length {found[0]}' if found else ''}."
            )
        found = found or leading
    return found


def same_length(flat: dict[str, Floats], names: tuple[str, ...], count: int) -> list[Floats]:
    """These tables, all with one leading entry or all with `count`."""
    tables = [flat[name] for name in names]
    if len({len(t) for t in tables}) == 1:
        return tables
    return [t if len(t) == count else np.repeat(t, count, axis=0) for t in tables]


def refuse_indefinite(
    batch: tuple[int, ...],
    b: int,
    steps: NDArray[np.int64],
    flat: list[Floats],
    P: Floats,
    regularisation: float,
) -> None:
    """Raise the error for instance b, whose recursion stopped at steps[b]."""
    t = int(steps[b])
    where = of_instance(batch, b)
    B, R, after = flat[1][b, t], flat[3][b, t], P[b, t + 1]
    hessian = R + B.T @ after @ B
    if not np.isfinite(hessian).all():
        raise Diverged(f"{where}: the cost to go overflows at step {t + 1}. Rescale the system.")
    least = np.linalg.eigvalsh(hessian)[0]
    added = f" + {regularisation} I" if regularisation else ""
    raise IndefiniteCost(
        f"{where}: R + B'PB{added} is not positive definite at step {t} (the least eigenvalue of "
        f"R + B'PB is {least:.6g}), so no control is best. Make R larger, or regularise."
    )


def refuse_overflow(batch: tuple[int, ...], P: Floats, p: Floats, constants: Floats) -> None:
    """Raise Diverged at the last step at which the cost to go is not finite.

    What is not finite at one step is not finite at any step before it.
    """
    if np.isfinite(P[:, 0]).all() and np.isfinite(p[:, 0]).all() and np.isfinite(constants).all():
        return
    wrong = np.asarray(~(np.isfinite(P).all((-2, -1)) & np.isfinite(p).all(-1)))
    wrong[:, 0] |= ~np.isfinite(constants)
    b, t = (int(i) for i in np.argwhere(wrong)[-1])
    raise Diverged(
        f"{of_instance(batch, b)}: the cost to go overflows at step {t}. "
        "Rescale the system, or shorten the horizon."
    )


def of_instance(batch: tuple[int, ...], b: int) -> str:
    """`backward_pass`, with the place of an instance in its batch."""
    place = ", ".join(str(int(i)) for i in np.unravel_index(b, batch)) if batch else ""
    return f"backward_pass of instance {place}" if place else "backward_pass"


# ---- all tables at once, compiled ----------------------------------------------------------------


@compiled
def finite(table: Floats) -> bool:
    """Whether every entry of a table, shape (N,), is finite."""
    total = 0.0
    for x in table:
        total += 0.0 * x  # 0 for a finite number, NaN else
    return total == 0.0


@compiled
def asymmetry(table: Floats) -> tuple[float, float]:
    """The greatest difference of mirrored entries, and the greatest entry, shape (N, n, n)."""
    gap, top = 0.0, 0.0
    for b in range(table.shape[0]):
        for i in range(table.shape[1]):
            for j in range(i + 1):
                gap = max(gap, abs(table[b, i, j] - table[b, j, i]))
                top = max(top, max(abs(table[b, i, j]), abs(table[b, j, i])))
    return gap, top


@compiled
def sound(A, B, Q, R, N, a, q, r, Q_final, q_final, slack):  # type: ignore[no-untyped-def]
    """Whether all entries are finite and Q, R, Q_final symmetric up to slack, relative."""
    all_finite = finite(A.reshape(-1)) and finite(B.reshape(-1)) and finite(N.reshape(-1))
    all_finite = all_finite and finite(a.reshape(-1)) and finite(q.reshape(-1))
    all_finite = all_finite and finite(r.reshape(-1)) and finite(q_final.reshape(-1))
    all_finite = all_finite and finite(Q.reshape(-1)) and finite(R.reshape(-1))
    if not (all_finite and finite(Q_final.reshape(-1))):
        return False
    n, m = N.shape[-2:]
    Q_gap, Q_top = asymmetry(Q.reshape((Q.shape[0] * Q.shape[1], n, n)))
    R_gap, R_top = asymmetry(R.reshape((R.shape[0] * R.shape[1], m, m)))
    end_gap, end_top = asymmetry(Q_final)
    return Q_gap <= slack * Q_top and R_gap <= slack * R_top and end_gap <= slack * end_top
