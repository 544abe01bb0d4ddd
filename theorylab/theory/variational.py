r"""Restricted families of q(z | s, a, s'), tied over transitions: the best q, its ELBO and its gap.

A family is a table of labels (S, A, S): transitions of one label share one row q. Given a model the
best row of a label is in closed form,

    q proportional to exp of the mean of log p(z | s, a) p(s' | z) over the label's transitions,

with the ELBO W log sum_z exp(mean), W the label's weight. What is left to the log-likelihood, the
gap, is the weighted sum of KL(q || posterior). Weights n(s, a, s') are >= 0, shape (S, A, S).
Source: LV-Rep, equation (5) and Remark 1; the rows are those of mean-field updates (Jordan,
Ghahramani, Jaakkola and Saul, 1999).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theorylab.arithmetic import Array, exp, ratio, x_log_ratio
from theorylab.errors import InvalidArgument
from theorylab.theory.elbo import log_likelihood

FAMILIES = ("shared", "next_state", "pair", "posterior")
"""One row for all; one for each s'; one for each (s, a); one for each (s, a, s')."""
NESTED = (("shared", "next_state", "posterior"), ("shared", "pair", "posterior"))
"""Chains of families, each within the next."""


def labels_of(family: str, S: int, A: int) -> Array:
    """The number of the row that q uses at each transition, integers (S, A, S).

    Raises InvalidArgument for an unknown family.
    """
    pairs, following = np.arange(S * A).reshape(S, A, 1), np.arange(S)
    tables = {
        "shared": 0 * pairs + 0 * following,
        "next_state": 0 * pairs + following,
        "pair": pairs + 0 * following,
        "posterior": S * pairs + following,
    }
    if family not in tables:
        raise InvalidArgument(f"family is {family!r}, expected one of {', '.join(FAMILIES)}")
    return tables[family]


def label_weights(weights: Array, labels: Array) -> Array:
    """The sum of the weights of each label, shape (rows,)."""
    return np.stack([weights[labels == g].sum() for g in range(labels.max() + 1)])


def _weighed(latents: Array, emissions: Array, weights: Array, labels: Array) -> Array:
    """exp of the mean log joint of each label, shape (rows, Z); 1 where a label has no weight, 0
    where one of its transitions excludes z."""
    joint = latents[:, :, None, :] * emissions.T[None, None]
    cost = x_log_ratio(weights[..., None] + 0 * joint, weights[..., None] * joint)
    total = label_weights(weights, labels)[:, None]
    sums = np.stack([cost[labels == g].sum(0) for g in range(len(total))])
    return np.asarray(exp(-ratio(sums, total)))


def best_of_family(
    latents: Array, emissions: Array, weights: Array, labels: Array
) -> tuple[Array, Any]:
    """The rows with the largest ELBO and that ELBO, summed over the weights.

    Shapes (S, A, Z), (Z, S), (S, A, S) twice to (rows, Z) and a number. A row of zeros, and ELBO
    -infinity, where each z is excluded by a transition of the label. A label without weight has a
    uniform row.
    """
    table = _weighed(latents, emissions, weights, labels)
    mass, total = table.sum(-1), label_weights(weights, labels)
    return np.asarray(ratio(table, mass[:, None])), -x_log_ratio(total, total * mass).sum()


def best_rows(latents: Array, emissions: Array, weights: Array, labels: Array) -> Array:
    """The rows of `best_of_family`, shape (rows, Z)."""
    return best_of_family(latents, emissions, weights, labels)[0]


def best_bound(latents: Array, emissions: Array, weights: Array, labels: Array) -> Any:
    """The largest ELBO of the family, summed over the weights."""
    return best_of_family(latents, emissions, weights, labels)[1]


def family_gap(latents: Array, emissions: Array, weights: Array, labels: Array) -> Any:
    """The log-likelihood less the largest ELBO, >= 0; the log-likelihood must be finite."""
    evidence = log_likelihood(latents @ emissions, weights)
    return evidence - best_bound(latents, emissions, weights, labels)
