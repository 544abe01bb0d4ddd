r"""Linear MDPs through their features: covariances, weighted norms, bonuses, normalisation.

    ||x||_Sigma^2 = x' Sigma x          Sigma_{nu, p} = n E_nu[p p'] + lambda T_k^{-1}
    ||f||_{H_k}^2 = f' K^{-1} f         K = T_k, the kernel's matrix on the latent values

(LV-Rep, Appendices D and E; counting measure on Z latent values.) Features are p(. | s, a), rows of
`latents` (S, A, Z). Squares are returned, which are rational; the norm is their root. Occupancies
are normalised: they sum to one.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, inverse, sup
from theorylab.errors import HypothesisFailed
from theorylab.theory.tabular import occupancy, state_occupancy
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.mdp import Policy

SIGNED = 6
"""For how many states all sign vectors are gone through."""


def squared_norm(vectors: Array, weight: Array) -> Array:
    """x' weight x of each vector, shapes (..., Z) and (Z, Z) to (...)."""
    return np.asarray((vectors * (vectors @ weight)).sum(-1))[()]


def kernel_norm_squared(vectors: Array, K: Array) -> Array:
    """The square of ||f||_{H_k} of each vector, f' K^{-1} f; shapes (..., Z) and (Z, Z)."""
    return squared_norm(vectors, inverse(K))


def second_moments(weights: Array, vectors: Array) -> Array:
    """sum over pairs of weights x x', shapes (S, A) and (S, A, Z) to (Z, Z)."""
    flat = vectors.reshape(-1, vectors.shape[-1])
    return np.asarray((flat * weights.reshape(-1, 1)).T @ flat)


def covariance(distribution: Array, vectors: Array, K: Array, n: Any, regular: Any) -> Array:
    """Sigma = n E[x x'] + lambda K^{-1}; `regular` is lambda. Shapes (S, A), (S, A, Z), (Z, Z)."""
    return n * second_moments(distribution, vectors) + regular * inverse(K)


def bonus_squared(vectors: Array, sigma: Array) -> Array:
    """x' Sigma^{-1} x of each feature, shapes (..., Z) and (Z, Z): the elliptical potential."""
    return squared_norm(vectors, inverse(sigma))


def feature_bound(latents: Array, K: Array) -> Any:
    """The largest ||p(. | s, a)||_{H_k}^2: at most 1 under Assumption 2."""
    return sup(kernel_norm_squared(latents, K))


def function_bound(emissions: Array, K: Array) -> Any:
    """The largest ||sum_s' p(s' | .) g(s')||_{H_k}^2 over |g| <= 1: C of Assumption 2."""
    return largest_square(emissions, inverse(K))


def largest_square(emissions: Array, weight: Array) -> Any:
    """The largest f' weight f of f = sum_s' p(s' | .) g(s') over |g| <= 1, weight (Z, Z) psd.

    The square is convex and even in g, so that the sign vectors that begin with 1 are enough.
    Raises HypothesisFailed for more than `SIGNED` + 1 states: the instance then is not counted.
    """
    signs = _signs(emissions.shape[-1] - 1)
    first = np.ones((len(signs), 1), dtype=int).astype(object)
    return sup(squared_norm(np.concatenate([first, signs], axis=1) @ emissions.T, weight))


def _signs(n: int) -> Array:
    """All vectors of n signs, shape (2^n, n)."""
    if n > SIGNED:
        raise HypothesisFailed(f"{n} states have 2^{n} sign vectors, expected at most {SIGNED}")
    rows = np.array(list(product((1, -1), repeat=n)), dtype=int)
    return rows.reshape(2**n, n).astype(object)


def mean_over_signs(emissions: Array, weight: Array, g: Array) -> Any:
    """The mean of f' weight f, f = sum_s' p(s' | .) u(s'), over independent signs u of mean g (S,):
    above that of g itself by sum_s' (1 - g(s')^2) p(s' | .)' weight p(s' | .)."""
    signs = _signs(len(g))
    return (((1 + signs * g) / 2).prod(-1) * squared_norm(signs @ emissions.T, weight)).sum()


def mixture(occupancies: Iterable[Array]) -> Array:
    """The mean of some distributions of one shape."""
    tables = list(occupancies)
    return np.asarray(sum(tables[1:], tables[0]) / len(tables))


def visited_states(M: LatentVariableModel, policies: Iterable[Policy]) -> Array:
    """rho(s): the mean state occupancy of the policies, shape (S,). It sums to one: the policies
    are pi_0, ..., pi_{n-1}."""
    return mixture(state_occupancy(M.mdp, pi) for pi in policies)


def visited_pairs(M: LatentVariableModel, policies: Iterable[Policy]) -> Array:
    """rho(s, a): the mean occupancy of the policies, shape (S, A)."""
    return mixture(occupancy(M.mdp, pi) for pi in policies)


def with_uniform_actions(states: Array, A: int) -> Array:
    """rho x U(A): a law of states with actions drawn uniformly, shape (S,) to (S, A)."""
    return np.asarray(np.repeat(states[:, None], A, axis=1) / A)


def next_states(M: LatentVariableModel, pairs: Array) -> Array:
    """The law of s' where (s, a) has the law given and s' ~ T(. | s, a), shape (S, A) to (S,)."""
    return np.asarray(np.tensordot(pairs, M.P, axes=2))
