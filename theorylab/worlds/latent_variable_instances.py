r"""Latent-variable MDPs to run on: block MDPs, combination locks, random low rank, hard pairs.

All are exact; `in_floats` casts them. Rewards are in [0, 1] per step. A hard pair is the truth T*
and another model T^ of the same emissions, rewards, discount and start, on which a bonus or a
penalty clipped at 2 fails while rewards are not normalised.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import InvalidArgument
from theorylab.worlds import checks
from theorylab.worlds.latent_variable import LatentVariableEstimate, LatentVariableModel
from theorylab.worlds.mdp import World, map_tables

ODDS = 9
"""Random probabilities are odds among 1, ..., ODDS, normalised."""

Pair = tuple[LatentVariableModel, LatentVariableEstimate]


def in_floats(T: World) -> World:
    """The same with its tables rounded to floats."""
    return map_tables(T, checks.to_float)


def random_low_rank(
    seed: int | tuple[int, ...], *, S: int, A: int, Z: int, gamma: Any = "9/10"
) -> LatentVariableModel:
    """A latent-variable MDP at random, T of rank at most Z, rewards multiples of 1 / ODDS.

    Every latent value has weight from every pair, and every state from every latent value.
    """
    _check(S=S, A=A, Z=Z)
    rng = _generator(seed)
    payoff = _fractions(rng.integers(0, ODDS + 1, size=(S, A)))
    return LatentVariableModel(_rows(rng, (S, A), Z), _rows(rng, (Z,), S), payoff, gamma, _unit(S))


def block_mdp(
    seed: int | tuple[int, ...], *, blocks: int, copies: int, A: int, gamma: Any = "9/10"
) -> LatentVariableModel:
    """A block MDP: the state tells its block s // copies, and only the block matters.

    T(s' | s, a) = p(z' | block(s), a) q(s' | z'), with q(. | z') on the `copies` states of z'.
    """
    _check(blocks=blocks, copies=copies, A=A)
    rng, S = _generator(seed), blocks * copies
    moves, within = _rows(rng, (blocks, A), blocks), _rows(rng, (blocks,), copies)
    payoff = _fractions(rng.integers(0, ODDS + 1, size=(blocks, A)))
    emissions = np.full((blocks, S), flint.fmpq(0))
    for z in range(blocks):
        emissions[z, z * copies : (z + 1) * copies] = within[z]
    block = decoder(S, copies)
    return LatentVariableModel(moves[block], emissions, payoff[block], gamma, _unit(S))


def decoder(S: int, copies: int) -> np.ndarray:
    """The block of each state, shape (S,) of integers."""
    return np.arange(S) // copies


def combination_lock(
    code: tuple[int, ...], *, A: int = 2, noise: Any = 0, copies: int = 1, gamma: Any = "9/10"
) -> LatentVariableModel:
    """A lock that opens after the right action at each of H = len(code) steps; open, it pays 1.

    Latent values: 0..H-1 on the way, H open for ever, H+1..2H wrong after so many steps, the last
    for ever. The right action goes on with probability 1 - noise, any other goes wrong; a wrong
    value goes on wrong. Each latent value shows as one of `copies` states, uniformly.
    """
    _check(steps=len(code), A=A, copies=copies)
    p = checks.rational(noise, "combination_lock: noise")
    if not 0 <= p < 1:
        raise InvalidArgument(f"combination_lock: noise is {p}, expected at least 0 and below 1")
    if any(type(a) is not int or not 0 <= a < A for a in code):
        raise InvalidArgument(f"combination_lock: code is {code}, expected actions in 0..{A - 1}")
    H = len(code)
    moves = np.full((2 * H + 1, A, 2 * H + 1), flint.fmpq(0))
    for h, action in enumerate(code):
        moves[h] = wrong_row(H, h)
        moves[h, action] = right_row(H, h, p)
    moves[H, :, H] = flint.fmpq(1)
    for k in range(1, H + 1):
        moves[H + k, :, H + min(k + 1, H)] = flint.fmpq(1)
    payoff = _fractions(np.zeros((2 * H + 1, A), dtype=np.int64))
    payoff[H] = flint.fmpq(1)
    return _shown(moves, payoff, copies, gamma)


def wrong_row(H: int, h: int) -> Array:
    """p(. | h, a) of a wrong action at step h, shape (2H + 1,)."""
    return _unit(2 * H + 1, H + h + 1)


def right_row(H: int, h: int, noise: Any = 0) -> Array:
    """p(. | h, a) of the right action at step h, shape (2H + 1,)."""
    return np.asarray((1 - noise) * _unit(2 * H + 1, h + 1) + noise * wrong_row(H, h))


def _shown(moves: Array, payoff: Array, copies: int, gamma: Any) -> LatentVariableModel:
    """Tables of latent values (Z, A, Z), (Z, A), each value shown as `copies` states."""
    Z = len(moves)
    block = decoder(Z * copies, copies)
    emissions = np.array([_unit(Z, z) for z in range(Z)])[:, block] / copies
    return LatentVariableModel(moves[block], emissions, payoff[block], gamma, emissions[0])


def clipped_bonus_pair(gamma: Any = "9/10", kept: Any = "3/5") -> Pair:
    """(T*, T^) on which Algorithm 1 with its bonus clipped at 2 may never see the best reward.

    Five states: 0 goes to 3 (action 0) or 1; 1 to 4 or 2; 2 pays 1 and stays in T*, goes to 4 in
    T^; 3 pays `kept` and stays (action 0) or goes to 4; 4 stays and pays nothing. z' = s' - 1.
    Until 2 is seen, T^ is as likely as T*, and going there is worth at most 2 gamma + gamma^2.
    """
    paid = checks.rational(kept, "clipped_bonus_pair: kept")
    if not 0 <= paid <= 1:
        raise InvalidArgument(f"clipped_bonus_pair: kept is {paid}, expected a reward in [0, 1]")
    moves = [[3, 1], [4, 2], [2, 2], [3, 4], [4, 4]]
    payoff = [[0, 0], [0, 0], [1, 1], [paid, paid], [0, 0]]
    latents = np.array([[_unit(4, s - 1) for s in row] for row in moves])
    emissions = np.array([_unit(5, z + 1) for z in range(4)])
    truth = LatentVariableModel(latents, emissions, payoff, gamma, _unit(5))
    wrong = latents.copy()
    wrong[2] = _unit(4, 3)
    return truth, _estimate(truth, wrong)


def clipped_penalty_pair(L: int = 3, gamma: Any = "19/20", aside: Any = "1/2") -> Pair:
    """(T*, T^) on which Algorithm 2 with its penalty clipped at 2 trusts a chain it has not seen.

    States 0..L, L+1 (good: pays 1, stays), L+2 (bad, stays). Below L, action 1 goes on, action 0
    reaches good with probability `aside`, else bad. L goes to bad in T*, to good in T^. z' = s'.
    """
    _check(L=L)
    q = checks.rational(aside, "clipped_penalty_pair: aside")
    if not 0 <= q <= 1:
        raise InvalidArgument(f"clipped_penalty_pair: aside is {q}, expected a probability")
    S = L + 3
    good, bad = _unit(S, L + 1), _unit(S, L + 2)
    latents = np.array([[q * good + (1 - q) * bad, _unit(S, s + 1)] for s in range(L)])
    ends = np.array([[bad, bad], [good, good], [bad, bad]])
    payoff = np.repeat(good[:, None], 2, axis=1)
    emissions = np.array([_unit(S, z) for z in range(S)])
    truth = LatentVariableModel(np.concatenate([latents, ends]), emissions, payoff, gamma, _unit(S))
    wrong = truth.latents.copy()
    wrong[L] = good
    return truth, _estimate(truth, wrong)


def _estimate(truth: LatentVariableModel, latents: Array) -> LatentVariableEstimate:
    return LatentVariableEstimate(**{**vars(truth), "latents": latents})


def _fractions(table: np.ndarray) -> Array:
    """Integers over ODDS, exact."""
    return np.asarray(np.frompyfunc(lambda k: flint.fmpq(int(k), ODDS), 1, 1)(table))


def _check(**sizes: int) -> None:
    for name, size in sizes.items():
        if type(size) is not int or size < 1:
            raise InvalidArgument(f"{name} is {size!r}, expected an integer of at least 1")


def _generator(seed: int | tuple[int, ...]) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(checks.seed_sequence(seed)))


def _rows(rng: np.random.Generator, shape: tuple[int, ...], n: int) -> Array:
    """Random distributions on n points, shape (*shape, n)."""
    odds = rng.integers(1, ODDS + 1, size=(*shape, n))
    table = _fractions(odds)
    return np.asarray(table / table.sum(-1, keepdims=True))


def _unit(n: int, k: int = 0) -> Array:
    table = np.full(n, flint.fmpq(0))
    table[k] = flint.fmpq(1)
    return table
