"""Divergences between distributions along the last axis.

    KL(p || q) = sum_x p(x) log(p(x) / q(x)),     TV(p, q) = 1/2 sum_x |p(x) - q(x)|

Arguments stand in the order of the formula: in KL(p || q) the expectation is under p. KL is void
(infinite) where p puts mass on a point that q excludes.
"""

from __future__ import annotations

from typing import Any

from theorylab.arithmetic import Array, absolute, log, x_log_ratio


def kl_divergence(p: Array, q: Array) -> Any:
    """KL(p || q), shape (..., n) to (...)."""
    return x_log_ratio(p, q).sum(-1)


def total_variation(p: Array, q: Array) -> Any:
    """Half the l1 distance, shape (..., n) to (...)."""
    return absolute(p - q).sum(-1) / 2


def cross_entropy(p: Array, q: Array) -> Any:
    """-E_p log q, shape (..., n) to (...); q must be positive."""
    return -(p * log(q)).sum(-1)
