"""Slow twins in the standard library's `fractions`: no numpy, no flint, nothing of theorylab.

Tables are nested lists of Fraction: P[s][a][t], cost[s][a], start[s], pi[s][a]. Values come from
elimination (`policy_value`), from the power series (`series_value`) and from enumeration.
"""

from fractions import Fraction
from itertools import product
from typing import Any

Row = list[Fraction]
Matrix = list[Row]


def fractions(table: Any) -> Any:
    """A table of exact numbers, of any number system that prints as p/q, as nested Fractions."""
    if hasattr(table, "tolist"):
        table = table.tolist()
    if isinstance(table, list | tuple):
        return [fractions(entry) for entry in table]
    return table if isinstance(table, Fraction) else Fraction(str(table))


def solve(A: Matrix, b: Row) -> Row:
    """x with A x = b, by Gauss and Jordan with row exchange."""
    n = len(b)
    rows = [[*map(Fraction, A[i]), Fraction(b[i])] for i in range(n)]
    for k in range(n):
        pivot = next(i for i in range(k, n) if rows[i][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(n):
            if i != k:
                rows[i] = [x - rows[i][k] * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]


def det(A: Matrix) -> Fraction:
    """The determinant, by Leibniz' sum over the first column."""
    if not A:
        return Fraction(1)
    minors = [[row[1:] for k, row in enumerate(A) if k != i] for i in range(len(A))]
    return sum(((-1) ** i * A[i][0] * det(minors[i]) for i in range(len(A))), Fraction(0))


def under(P: list, pi: Matrix) -> Matrix:
    """P_pi[s][t] = sum_a pi[s][a] P[s][a][t]."""
    S = range(len(P))
    return [[sum(p * P[s][a][t] for a, p in enumerate(pi[s])) for t in S] for s in S]


def paid(cost: Matrix, pi: Matrix) -> Row:
    """The expected cost of one step."""
    return [dot(row, weights) for row, weights in zip(cost, pi, strict=True)]


def dot(x: Row, y: Row) -> Fraction:
    """The inner product."""
    return sum((a * b for a, b in zip(x, y, strict=True)), Fraction(0))


def policy_value(P: list, cost: Matrix, gamma: Fraction, pi: Matrix) -> Row:
    """V = (I - gamma P_pi)^-1 c_pi, by elimination."""
    T = under(P, pi)
    A = [[(s == t) - gamma * T[s][t] for t in range(len(P))] for s in range(len(P))]
    return solve(A, paid(cost, pi))


def series_value(P: list, cost: Matrix, gamma: Fraction, pi: Matrix, steps: int) -> Row:
    """The first `steps` terms of sum_h gamma^h P_pi^h c_pi."""
    T, c = under(P, pi), paid(cost, pi)
    V = [Fraction(0)] * len(P)
    for _ in range(steps):
        V = [c[s] + gamma * dot(T[s], V) for s in range(len(P))]
    return V


def series_occupancy(P: list, start: Row, gamma: Fraction, pi: Matrix, steps: int) -> Row:
    """The first `steps` terms of (1 - gamma) sum_h gamma^h d^h, rolled forward from `start`."""
    T, d, total, weight = under(P, pi), start, [Fraction(0)] * len(P), 1 - gamma
    for _ in range(steps):
        total = [x + weight * y for x, y in zip(total, d, strict=True)]
        d = [sum(d[s] * T[s][t] for s in range(len(P))) for t in range(len(P))]
        weight *= gamma
    return total


def deterministic_policies(S: int, A: int) -> list[Matrix]:
    """Every deterministic policy, as a table of zeros and ones."""
    choices = product(range(A), repeat=S)
    return [[[Fraction(int(a == chosen)) for a in range(A)] for chosen in row] for row in choices]


def best_values(P: list, cost: Matrix, gamma: Fraction, best: Any = min) -> Row:
    """V*, state by state the best over all deterministic policies."""
    policies = deterministic_policies(len(P), len(P[0]))
    values = [policy_value(P, cost, gamma, pi) for pi in policies]
    return [best(column) for column in zip(*values, strict=True)]


def paths_value(P: list, cost: list, pi: list, s: int, h: int = 0) -> Fraction:
    """The expected total of steps h, ..., H-1 from state s, path by path: tables (H, S, A, S)."""
    if h == len(P):
        return Fraction(0)
    total = Fraction(0)
    for a, p in enumerate(pi[h][s]):
        total += p * cost[h][s][a]
        for t, q in enumerate(P[h][s][a]):
            total += p * q * paths_value(P, cost, pi, t, h + 1) if p * q else 0
    return total


def paths_weight(P: list, start: Row, pi: list, h: int, s: int, a: int) -> Fraction:
    """The probability of state s and action a at step h, summed over all paths to them."""
    if h == 0:
        return start[s] * pi[0][s][a]
    S, A = range(len(start)), range(len(pi[0][0]))
    arrive = sum(paths_weight(P, start, pi, h - 1, x, b) * P[h - 1][x][b][s] for x in S for b in A)
    return arrive * pi[h][s][a]
