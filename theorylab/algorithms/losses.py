r"""The model losses of LAMPS, each a number for every model of a stack, on one round's data.

    log        - E_{(s,a,s') ~ D_t} log M(s'|s,a)                                     (Algorithm 2)
    sampled    E_{(s,a,s') ~ D_t} | V(s') - E_{s''~M(s,a)} V(s'') |                   (9)
    expected   E_{(s,a) ~ D_t} | E[V(s') | s,a] - E_{s''~M(s,a)} V(s'') |     (after Theorem 6.1)
    signed     E_learned[V(s') - M V] + E_explored[M V - V(s')]                       (15)
    mistakes   1 if M(.|s,a) is not the law of s' at a pair in the data, else 0       (B.1)

V is the value of the round's policy in the round's model, per episode; for rewards minus it,
which only (15) tells apart. The log loss is printed
without its minus sign, which an argmin needs. `expected` takes the conditional mean from the data:
the truth where the round is exact, an empirical mean where it is a sample. (15) takes the mean over
each half of the data; with a coin for each datum the halves are random, and twice the share of the
whole is their unbiased stand-in (equal in exact rounds).

Shapes: P (..., S, A, S) to (...).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from theorylab.algorithms.rounds import Round
from theorylab.algorithms.spaces import Floats
from theorylab.worlds.mdp import MDP

ModelLoss = Callable[[Floats, Round], Floats]


def log_loss(P: Floats, data: Round) -> Floats:
    """-E log M(s'|s,a), infinite for a model that excludes a seen successor, with 0 log 0 = 0."""
    joint = np.broadcast_to(data.joint, P.shape)
    logs = np.zeros(P.shape)
    with np.errstate(divide="ignore"):
        np.log(P, out=logs, where=joint > 0)
    return np.asarray(-(joint * logs).sum((-3, -2, -1)))


def sampled_moment_loss(P: Floats, data: Round) -> Floats:
    """(9) as printed: the successor that was seen stands inside the absolute value."""
    gaps = np.abs(data.V - (P @ data.V)[..., None])
    return np.asarray((data.joint * gaps).sum((-3, -2, -1)))


def expected_moment_loss(P: Floats, data: Round) -> Floats:
    """(9) with both expectations inside the absolute value."""
    weights = data.joint.sum(-1)
    return np.asarray(np.abs(data.joint @ data.V - weights * (P @ data.V)).sum((-2, -1)))


def signed_loss(P: Floats, data: Round) -> Floats:
    """(15): linear in the model, of either sign."""
    difference = 2 * (data.learned - data.explored)
    seen = (difference @ data.V).sum()
    return np.asarray(seen - (difference.sum(-1) * (P @ data.V)).sum((-2, -1)))


def mistake_loss(P: Floats, data: Round) -> Floats:
    """Whether the model errs anywhere in the data, up to rounding: for exact rounds."""
    wrong = np.abs(data.joint - data.joint.sum(-1, keepdims=True) * P) > 1e-12
    return np.asarray(wrong.any((-3, -2, -1)).astype(float))


def sampled_moment_gradient(P: Floats, data: Round) -> Floats:
    """A subgradient of `sampled_moment_loss` in M, shape (S, A, S); 0 taken at a kink."""
    slopes = np.sign((P @ data.V)[..., None] - data.V)
    return np.asarray((data.joint * slopes).sum(-1)[..., None] * centred(data.V))


def expected_moment_gradient(P: Floats, data: Round) -> Floats:
    """A subgradient of `expected_moment_loss` in M, shape (S, A, S); 0 taken at a kink."""
    weights = data.joint.sum(-1)
    slopes = np.sign(weights * (P @ data.V) - data.joint @ data.V)
    return np.asarray((weights * slopes)[..., None] * centred(data.V))


def signed_gradient(P: Floats, data: Round) -> Floats:
    """The gradient of `signed_loss` in M, shape (S, A, S): it does not depend on M."""
    weights = 2 * (data.learned - data.explored).sum(-1)
    return np.asarray(-weights[..., None] * centred(data.V))


def centred(V: Floats) -> Floats:
    """V less its mean: rows of a model sum to one, so a constant moves no model."""
    return np.asarray(V - V.mean())


def value_span(world: MDP) -> float:
    """The largest difference of two values of any policy in any model, per episode.

    (max payoff - min payoff) / (1 - gamma): the moment losses lie in [0, span], (15) in
    [-2 span, 2 span] on data of one coin for each datum.
    """
    return float((world.payoff.max() - world.payoff.min()) / (1 - world.gamma))


def excluded(P: Floats, data: Round) -> tuple[int, int, int] | None:
    """The first (s, a, s') that was seen and has probability 0 in the model P (S, A, S)."""
    places = np.argwhere((data.joint > 0) & (P == 0))
    return tuple(int(i) for i in places[0]) if len(places) else None  # type: ignore[return-value]
