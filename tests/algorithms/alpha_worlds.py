"""Small latent MDPs and POMDPs with many ties, and their values by brute force, in fractions."""

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from tests import oracle
from theorylab.worlds.latent_mdp import LatentMDP, LatentModel, capped
from theorylab.worlds.pomdp import POMDP

SHAPES = ((1, 2, 2, 3), (2, 1, 3, 4), (2, 2, 2, 3), (2, 2, 3, 3), (3, 1, 3, 4), (3, 2, 3, 2),
          (3, 2, 2, 3), (4, 1, 4, 3))  # fmt: skip
"""(M, S, A, H)."""
PALETTES = ([0, "1/3"], [0], ["1/4", 0, "1/2"], [0, 1], [0, "1/3", "2/3"], ["1/7", "1/8"])


def rows(rng: np.random.Generator, *shape: int, vertices: bool = False) -> Any:
    """Distributions from odds 0, 1, 2 (all 0: the first vertex), or vertices; as fractions."""
    odds = rng.integers(0, 3, size=shape)
    if vertices:
        odds = np.eye(shape[-1], dtype=int)[rng.integers(0, shape[-1], size=shape[:-1])]
    odds[..., 0] += odds.sum(-1) == 0
    table = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        table[index] = Fraction(int(odds[index]), int(odds[index[:-1]].sum()))
    return table


def latent(seed: int) -> LatentMDP:
    """Number `seed`: shapes in turn; every third deterministic, every fifth with twin contexts.

    Each context has the rewards of a state in an order of its own, so that it pays to know it.
    """
    rng = np.random.default_rng(seed)
    M, S, A, H = SHAPES[seed % len(SHAPES)]
    palette = PALETTES[int(rng.integers(len(PALETTES)))]
    P = rows(rng, M, S, A, S, vertices=seed % 3 == 0)
    labels = rng.permuted(np.arange(M * S * A).reshape(M, S, A) % len(palette), axis=-1)
    if seed % 5 == 0 and M > 1:
        P[1], labels[1] = P[0], labels[0]
    odds = rng.integers(1, 4, size=M)
    w = [Fraction(int(x), int(odds.sum())) for x in odds]
    drawn = LatentModel(w, rows(rng, M, S), P, palette, labels, H)
    return LatentMDP(**vars(capped(drawn)))


def pomdp(seed: int, X: int, A: int, O: int) -> POMDP:
    """Random tables with zeros, rewards from -3 to 3, discount 9/10."""
    rng = np.random.default_rng(seed)
    P, observe = rows(rng, X, A, X), rows(rng, A, X, O)
    return POMDP(P, observe, rng.integers(-3, 4, size=(X, A)).tolist(), [1] + [0] * (X - 1), "9/10")


def best_total(W: LatentMDP) -> Fraction:
    """The optimal value: every history, action by action, with joint weights of the contexts."""
    P, palette = oracle.fractions(W.P), oracle.fractions(W.palette)
    M, S, labels = range(W.M), range(W.S), W.labels

    def from_here(c: list[Fraction], s: int, left: int) -> Fraction:
        if not left or not any(c):
            return Fraction(0)
        return max(after(c, s, a, left) for a in range(W.A))

    def after(c: list[Fraction], s: int, a: int, left: int) -> Fraction:
        total = sum((c[m] * palette[labels[m, s, a]] for m in M), Fraction(0))
        for label in range(W.L):
            for then in S:
                grown = [c[m] * P[m][s][a][then] * int(labels[m, s, a] == label) for m in M]
                total += from_here(grown, then, left - 1)
        return total

    w, nu = oracle.fractions(W.w), oracle.fractions(W.nu)
    starts = [from_here([w[m] * nu[m][s] for m in M], s, W.H) for s in S]
    return sum(starts, Fraction(0))


def best_discounted(B: POMDP, weights: list[Fraction], left: int) -> Fraction:
    """The optimal value of a POMDP at unnormalised beliefs, over all histories."""
    if not left:
        return Fraction(0)
    P, observe, rewards = (oracle.fractions(t) for t in (B.P, B.observe, B.rewards))
    gamma, X = oracle.fractions(np.array([B.gamma], dtype=object))[0], range(B.X)
    found = []
    for a in range(B.A):
        total = sum((weights[x] * rewards[x][a] for x in X), Fraction(0))
        moved = [sum((weights[x] * P[x][a][y] for x in X), Fraction(0)) for y in X]
        for o in range(B.O):
            seen = [moved[y] * observe[a][y][o] for y in X]
            total += gamma * best_discounted(B, seen, left - 1)
        found.append(total)
    return max(found)


def largest_gap(gaps: list[tuple[int, ...]]) -> Fraction:
    """max over beliefs b of the least product with a row: the best of all corners, by elimination.

    A corner is where n of the k + n inequalities (z <= a row's product, b_i >= 0) are tight.
    """
    n, k = len(gaps[0]), len(gaps)
    best = None
    for tight in combinations(range(k + n), n):
        A = [[1] * n + [0]]
        A += [[*gaps[j], -1] if j < k else [int(i == j - k) for i in range(n + 1)] for j in tight]
        try:
            *b, z = oracle.solve(A, [1] + [0] * n)
        except (StopIteration, ZeroDivisionError):
            continue
        if min(b) >= 0 and all(z <= sum(x * g for x, g in zip(b, r, strict=True)) for r in gaps):
            best = z if best is None else max(best, z)
    return best


def needed_slowly(vectors: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The different vectors that are strictly best somewhere among all, one by one."""
    different = sorted(set(vectors))
    if len(different) == 1:
        return different
    found = []
    for v in different:
        gaps = [tuple(x - y for x, y in zip(v, u, strict=True)) for u in different if u != v]
        if largest_gap(gaps) > 0:
            found.append(v)
    return found
