r"""Latent-variable models of transitions: evidence lower bound, posterior, likelihood, EM.

    log sum_z p(z) e(z) >= E_q log e(z) - KL(q || p),    the gap is KL(q || p e / sum_z p e)

(LV-Rep, equation (5).) Here p is p(z | s, a), e is p(s' | z) and q is q(z | s, a, s'), all along
the last axis. Where q has mass on a value that p or e excludes the bound is -infinity, never NaN.
Counts n(s, a, s') are non-negative numbers, of transitions seen or their weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theorylab.arithmetic import Array, ratio, x_log_ratio
from theorylab.theory.information import kl_divergence


def expected_log(q: Array, e: Array) -> Any:
    """E_q log e, shape (..., Z) to (...); -infinity where q has mass and e has none."""
    return -x_log_ratio(q, q * e).sum(-1)


def elbo(p: Array, e: Array, q: Array) -> Any:
    """E_q log e - KL(q || p), shapes (..., Z) to (...)."""
    return expected_log(q, e) - kl_divergence(q, p)


def evidence(p: Array, e: Array) -> Any:
    """sum_z p(z) e(z), the probability of what was seen; shapes (..., Z) to (...)."""
    return (p * e).sum(-1)


def posterior(p: Array, e: Array) -> Array:
    """p e / sum_z p e, shapes (..., Z). A row of zeros where what was seen has no probability."""
    joint = p * e
    return np.asarray(ratio(joint, joint.sum(-1, keepdims=True) + 0 * joint))


def posteriors(latents: Array, emissions: Array) -> Array:
    """p(z | s, a, s') of every transition, shapes (S, A, Z) and (Z, S) to (S, A, S, Z)."""
    return posterior(latents[:, :, None, :], emissions.T[None, None])


def elbo_table(latents: Array, emissions: Array, q: Array) -> Array:
    """The bound at every transition, shapes (S, A, Z), (Z, S) and (S, A, S, Z) to (S, A, S)."""
    return np.asarray(elbo(latents[:, :, None, :] + 0 * q, emissions.T[None, None] + 0 * q, q))


def log_likelihood(P: Array, counts: Array) -> Any:
    """sum counts log P, shapes (S, A, S); -infinity where a transition seen has probability 0."""
    return -x_log_ratio(counts, counts * P).sum()


def em_step(latents: Array, emissions: Array, counts: Array) -> tuple[Array, Array]:
    """One step of expectation maximisation; the likelihood does not fall.

    Shapes: (S, A, Z), (Z, S), counts (S, A, S). A pair without counts, or a latent value without
    mass, keeps its row. Source: Dempster, Laird and Rubin (1977).
    """
    return weighted_step(latents, emissions, counts, posteriors(latents, emissions))


def weighted_step(latents: Array, emissions: Array, counts: Array, q: Array) -> tuple[Array, Array]:
    """The tables with the largest ELBO for rows q (S, A, S, Z): shapes and rows as in `em_step`."""
    weights = counts[..., None] * q
    pairs, values = weights.sum(2), weights.sum((0, 1)).T
    return _normalised(pairs, latents), _normalised(values, emissions)


def _normalised(weights: Array, otherwise: Array) -> Array:
    """Rows of weights over their sums; the other table's rows where a sum is 0."""
    total = weights.sum(-1, keepdims=True) + 0 * weights
    return np.asarray(ratio(weights, total) + (1 - ratio(total, total)) * otherwise)
