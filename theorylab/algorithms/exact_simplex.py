r"""The dominance program exactly: the largest gap by which a vector can be best, and where.

    max_{b in simplex} min_j sum_i b_i G[i, j],   G integer, row j of `gaps` is its column

(as in `dense_simplex`). `settled` takes the basis that floats find, solves its equations in
rationals and checks that it is feasible and optimal, exactly; where it is not, `by_bland` starts
anew: the simplex method in integers (Edmonds 1967), Bland's rule, which ends always.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np

from theorylab.algorithms.dense_simplex import Floats, solve_game

Row = tuple[int, ...]


@dataclass(frozen=True)
class Game:
    """The largest gap (in the unit of `gaps`), a belief that shows it, a mixture that proves it.

    belief (n,) and mixture (k,) are exact rationals of sum 1: every row of `gaps` has a product of
    at least `gap` with the belief, and the mixture of the rows is at most `gap` in every context.
    """

    gap: flint.fmpq
    belief: tuple[flint.fmpq, ...]
    mixture: tuple[flint.fmpq, ...]


def settled(gaps: Sequence[Row]) -> Game:
    """The game of k at least 1 rows (n,) of integers, solved exactly."""
    k, n = len(gaps), len(gaps[0])
    largest = max(max(abs(entry) for entry in row) for row in gaps) or 1
    G = np.array([[entry / largest for entry in row] for row in gaps]).T.copy()
    basis = np.empty(n, dtype=np.int64)
    if solve_game(G, basis, np.empty(n), np.empty(k)):
        found = _at_basis(gaps, [int(j) for j in basis], largest + 1)
        if found is not None:
            return found
    return by_bland(gaps)


def has_gap(G: Floats, row: Callable[[int], Row]) -> bool:
    """Whether the largest gap is above 0, exactly, for row(0), ..., row(k - 1) of integers.

    G (n, k) has the same as floats, each context on a scale of its own. The few rivals of the basis
    that they find mostly suffice to see that there is none: more rivals leave no larger gap.
    """
    n, k = G.shape
    basis = np.empty(n, dtype=np.int64)
    solve_game(G, basis, np.empty(n), np.empty(k))
    few = [row(j) for j in basis.tolist() if j < k]
    if few and settled(few).gap <= 0:
        return False
    return settled([row(j) for j in range(k)]).gap > 0


def _at_basis(gaps: Sequence[Row], basis: list[int], shift: int) -> Game | None:
    """The game's solution at a basis, None unless it is feasible and optimal exactly."""
    k, n = len(gaps), len(gaps[0])
    columns = [_column(gaps, j, shift) for j in basis]
    B = flint.fmpq_mat(n, n, [columns[j][i] for i in range(n) for j in range(n)])
    ones = flint.fmpq_mat(n, 1, [1] * n)
    costs = flint.fmpq_mat(n, 1, [int(j < k) for j in basis])
    try:
        x, y = B.solve(ones).entries(), B.transpose().solve(costs).entries()
    except ZeroDivisionError:
        return None
    if min(x) < 0 or min(y) < 0:
        return None
    dot = flint.fmpq_mat(k, n, [entry + shift for row in gaps for entry in row])
    if min((dot * flint.fmpq_mat(n, 1, y)).entries()) < 1:
        return None
    paid = dict(zip(basis, x, strict=True))
    return _game(y, [paid.get(j, flint.fmpq(0)) for j in range(k)], shift)


def _column(gaps: Sequence[Row], j: int, shift: int) -> list[int]:
    """Column j of the program: a rival's, or the slack of context j - k."""
    k, n = len(gaps), len(gaps[0])
    if j >= k:
        return [int(i == j - k) for i in range(n)]
    return [entry + shift for entry in gaps[j]]


def _game(y: Sequence[Any], x: Sequence[Any], shift: int) -> Game:
    """From the program's two solutions: both have the sum 1 / (gap + shift)."""
    total = sum(y, flint.fmpq(0))
    return Game(1 / total - shift, tuple(b / total for b in y), tuple(p / total for p in x))


def by_bland(gaps: Sequence[Row]) -> Game:
    """The same by the simplex method in integers: T / unit is the tableau in rationals."""
    k, n = len(gaps), len(gaps[0])
    shift = max(max(abs(entry) for entry in row) for row in gaps) + 1
    T, basis, unit = _tableau(gaps, shift), list(range(k, k + n)), 1
    while (negative := np.flatnonzero(T[n, : n + k] < 0)).size:
        q = int(negative[0])
        p = _least_ratio(T, basis, q)
        T, unit = _pivoted(T, p, q, unit), T[p, q]
        basis[p] = q
    paid = {j: flint.fmpq(T[i, -1], unit) for i, j in enumerate(basis)}
    y = [flint.fmpq(entry, unit) for entry in T[n, k : k + n]]
    return _game(y, [paid.get(j, flint.fmpq(0)) for j in range(k)], shift)


def _tableau(gaps: Sequence[Row], shift: int) -> Any:
    """The first tableau, integers of shape (n + 1, k + n + 1); its last row has the costs."""
    k, n = len(gaps), len(gaps[0])
    T = np.zeros((n + 1, k + n + 1), dtype=object)
    for j, row in enumerate(gaps):
        T[:n, j] = [entry + shift for entry in row]
    T[:n, k : k + n] = np.eye(n, dtype=int).astype(object)
    T[:n, -1], T[n, :k] = 1, -1
    return T


def _least_ratio(T: Any, basis: list[int], q: int) -> int:
    """The row that leaves: the least ratio among positive entries, ties to the least variable.

    There is one: the program is bounded, its entries being positive.
    """
    rows = [i for i in range(len(basis)) if T[i, q] > 0]
    return min(rows, key=lambda i: (flint.fmpq(T[i, -1], T[i, q]), basis[i]))


def _pivoted(T: Any, p: int, q: int, unit: int) -> Any:
    """The tableau after the exchange, over the unit T[p, q]: the divisions leave no rest."""
    grown = (T * T[p, q] - np.outer(T[:, q], T[p])) // unit
    grown[p] = T[p]
    return grown
