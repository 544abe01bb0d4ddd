r"""Latent MDPs at random, and two small ones where the history is worth its memory.

All are exact; `in_floats` casts them. The total reward is at most 1 on every trajectory, exactly.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import InvalidArgument
from theorylab.worlds import checks
from theorylab.worlds.latent_mdp import LatentMDP, LatentModel, capped
from theorylab.worlds.mdp import map_tables

ODDS = 9
"""Random probabilities are odds among 1, ..., ODDS, normalised."""


def random_latent(
    seed: int | tuple[int, ...], *, M: int, S: int, A: int, H: int, L: int = 2,
    degree: int | None = None,
) -> LatentMDP:  # fmt: skip
    """A latent MDP at random, from numpy.random.SeedSequence(seed).

    `degree` is Gamma, how many next states each (m, s, a) has: all by default; with 1 everything,
    the first state too, is certain given the context. The L rewards are multiples of 1 / L, dealt
    at random, and divided by the largest total where that exceeds 1. Raises InvalidArgument.
    """
    width = S if degree is None else degree
    _check(M=M, S=S, A=A, H=H, L=L, degree=width)
    if width > S:
        raise InvalidArgument(f"random_latent: degree is {degree}, expected at most S = {S}")
    rng = _generator(seed)
    w, nu = _rows(rng, (), M, M), _rows(rng, (M,), S, 1 if width == 1 else S)
    P = _rows(rng, (M, S, A), S, width)
    palette = [flint.fmpq(k, L) for k in rng.permutation(L + 1)[:L].tolist()]
    drawn = LatentModel(w, nu, P, palette, rng.integers(0, L, size=(M, S, A)), H)
    return LatentMDP(**vars(capped(drawn)))


def random_spikes(
    seed: int | tuple[int, ...], *, M: int, S: int, A: int, H: int, spikes: int = 1
) -> LatentMDP:
    """A random latent MDP that pays 1 at once, or nothing, in an episode.

    In each context `spikes` pairs (s, a), s < S - 1, pay 1 and lead to the end, the state S - 1,
    which pays nothing and is never left. Raises InvalidArgument.
    """
    _check(M=M, S=S - 1, A=A, H=H, spikes=spikes)
    if spikes > (S - 1) * A:
        raise InvalidArgument(
            f"random_spikes: spikes is {spikes}, expected at most (S - 1) A = {(S - 1) * A}"
        )
    rng, labels = _generator(seed), np.zeros((M, S, A), dtype=np.int64)
    w, nu, P = _rows(rng, (), M, M), _rows(rng, (M,), S, S), _rows(rng, (M, S, A), S, S)
    for m in range(M):
        pairs = rng.permutation((S - 1) * A)[:spikes]
        labels[m].reshape(-1)[pairs] = 1
    over = (labels == 1) | (np.arange(S) == S - 1)[None, :, None]
    P[over] = _unit(S, S - 1)
    return LatentMDP(w, nu, P, [0, 1], labels, H)


def diagnosis(H: int, accuracy: Any = "3/4") -> LatentMDP:
    """Which of two illnesses? Each test points to the right one with probability `accuracy`.

    States: 0 untested, 1 + k the last test pointed to illness k, 3 over. Actions: 0 test, 1 + k
    treat illness k, which ends the episode and pays 1 if it was right. With H - 1 tests, an
    odd number, history gives the majority's chance to be right; the last test alone `accuracy`.
    """
    _check(H=H)
    p = checks.rational(accuracy, "diagnosis: accuracy")
    if not 0 <= p <= 1:
        raise InvalidArgument(f"diagnosis: accuracy is {p}, expected a probability")
    P = np.full((2, 4, 3, 4), flint.fmpq(0))
    labels = np.zeros((2, 4, 3), dtype=np.int64)
    P[:, :, :] = _unit(4, 3)
    for m in range(2):
        P[m, :3, 0] = [0 * p, *([p, 1 - p][:: 1 - 2 * m]), 0 * p]
        labels[m, :3, 1 + m] = 1
    return LatentMDP(_even(2), [_unit(4, 0)] * 2, P, [0, 1], labels, H)


def telling_arms(M: int, H: int) -> LatentMDP:
    """One state, M actions: in context m action m pays 1/H, the others nothing.

    The rewards tell which context it is: no memory, no more than 1/M; with it, trying one after
    the other, an action is lost for each wrong one, but the last is known without trying.
    """
    _check(M=M, H=H)
    P = np.full((M, 1, M, 1), flint.fmpq(1))
    labels = np.eye(M, dtype=np.int64)[:, None, :]
    return LatentMDP(_even(M), np.full((M, 1), flint.fmpq(1)), P, [0, flint.fmpq(1, H)], labels, H)


def in_floats(W: LatentMDP) -> LatentMDP:
    """The same with its tables rounded to floats."""
    return map_tables(W, checks.to_float)


def _check(**sizes: int) -> None:
    for name, size in sizes.items():
        if type(size) is not int or size < 1:
            raise InvalidArgument(f"{name} is {size!r}, expected an integer of at least 1")


def _generator(seed: int | tuple[int, ...]) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))


def _rows(rng: np.random.Generator, shape: tuple[int, ...], n: int, width: int) -> Array:
    """Random distributions on n points, `width` of them with weight, shape (*shape, n)."""
    table = np.full((*shape, n), flint.fmpq(0))
    for index in np.ndindex(*shape):
        points = rng.permutation(n)[:width]
        odds = rng.integers(1, ODDS + 1, size=width).tolist()
        for point, weight in zip(points, odds, strict=True):
            table[(*index, point)] = flint.fmpq(weight, sum(odds))
    return table


def _unit(n: int, k: int) -> Array:
    table = np.full(n, flint.fmpq(0))
    table[k] = flint.fmpq(1)
    return table


def _even(n: int) -> Array:
    return np.full(n, flint.fmpq(1, n))
