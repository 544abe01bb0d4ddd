r"""What the regret theorems speak of, measured exactly on the rounds of a run.

Expectations are over the true laws, D_t = 1/2 D_{omega, pi_t} + 1/2 nu, whatever the learner saw:

    kl            E_{D_t} KL(M* || M)           reverse_kl    E_{D_t} KL(M || M*), as printed
    moment        E_{D_t} |(M* - M) V_t|        l1            E_{D_t} |M - M*|_1
    signed        E_{D_pi_t}[(M* - M) V_t] + E_nu[(M - M*) V_t],       V_t = V of pi_t in M_t

with -V_t in place of V_t for rewards. Each for the model played in round t, shape (T,), and for
every model of the class, shape (T, K). The least mean over the class is eps_model; the sum for the
models played less T eps_model is the learner's regret Reg_T. Divergences are infinite where support
is missing; Reg_T is infinite where the learner's own sum is. Values are per episode; the other
quantities are expectations of one step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theorylab.algorithms.disadvantage import Disadvantage, disadvantage_of_values
from theorylab.algorithms.spaces import Floats, least_cost
from theorylab.theory.information import kl_divergence
from theorylab.theory.planning import optimal_performance
from theorylab.theory.tabular import (
    backup,
    coverage_coefficient,
    occupancy,
    performance,
    state_occupancy,
    value,
)
from theorylab.worlds.checks import frozen
from theorylab.worlds.mdp import MDP, Policy

LOSSES = ("kl", "reverse_kl", "moment", "signed", "l1")


@dataclass(frozen=True, eq=False)
class Losses:
    """One loss over a run: of the models played (T,), and of every model of the class (T, K).

    best: the least total over the class; with no finite class, over all tabular models.
    """

    played: Floats
    candidates: Floats
    best: float

    @property
    def eps_model(self) -> float:
        """The least mean loss over the class: the agnostic model error."""
        return self.best / len(self.played) if len(self.played) else 0.0

    @property
    def regret(self) -> float:
        """Reg_T = sum of the played models' losses less the best model's; infinite if that is."""
        paid = float(self.played.sum())
        return np.inf if np.isinf(paid) else paid - self.best


@dataclass(frozen=True, eq=False)
class Measures:
    """All that the theorems need, arrays (T,) read-only, one entry for each round.

    performance: J of pi_t in the world; regret: how much worse than the expert, per episode;
    eps_oc: how much pi_t misses the optimum of its model, from the start; V_hat_max: sup norm of
    V_t; V_max: that of the expert's value in M_t; eps_po: (8) in three forms under nu;
    coverage: C = sup D_expert / nu; state_coverage: C_s = sup d_expert / nu_s; either may be
    infinite, and a bound with it is void.
    """

    performance: Floats
    expert_performance: float
    regret: Floats
    eps_oc: Floats
    V_hat_max: Floats
    V_max: Floats
    eps_po: tuple[Disadvantage, ...]
    kl: Losses
    reverse_kl: Losses
    moment: Losses
    signed: Losses
    l1: Losses
    coverage: float
    state_coverage: float

    def eps(self, form: str) -> Floats:
        """eps_po of every round, shape (T,): "printed", "positive" or "best_action"."""
        return np.array([getattr(error, form) for error in self.eps_po])


def measured(
    world: MDP,
    nu: Floats,
    expert: Policy,
    models: Sequence[MDP],
    policies: Sequence[Policy],
    candidates: Sequence[MDP] | None,
) -> Measures:
    """Measure rounds of models and policies against the world; candidates None: all tabular models.

    Nothing here is counted as an algorithm's work.
    """
    truth = float(performance(world, expert))
    rounds = [_round(world, nu, expert, M, pi) for M, pi in zip(models, policies, strict=True)]
    J, eps_oc, V_hat_max, V_max = (
        frozen(np.array([row[k] for row in rounds], dtype=np.float64)) for k in range(4)
    )
    V = np.array([row[4] for row in rounds]).reshape(len(rounds), world.S)
    D = np.array([row[5] for row in rounds]).reshape(len(rounds), world.S, world.A)
    return Measures(
        J,
        truth,
        frozen(least_cost(world) * (J - truth)),
        eps_oc,
        V_hat_max,
        V_max,
        tuple(row[6] for row in rounds),
        **_losses(world, nu, models, candidates, V, D),
        coverage=float(coverage_coefficient(occupancy(world, expert), nu)),
        state_coverage=float(coverage_coefficient(state_occupancy(world, expert), nu.sum(-1))),
    )


def _round(world: MDP, nu: Floats, expert: Policy, M: MDP, pi: Policy) -> tuple:
    V = value(M, pi)
    missed = least_cost(world) * float((M.start * V).sum() - optimal_performance(M))
    return (
        performance(world, pi),
        missed,
        np.abs(V).max(),
        np.abs(value(M, expert)).max(),
        least_cost(world) * V,
        occupancy(world, pi),
        disadvantage_of_values(M, V, backup(M, V), nu),
    )


def _losses(
    world: MDP,
    nu: Floats,
    models: Sequence[MDP],
    candidates: Sequence[MDP] | None,
    V: Floats,
    D: Floats,
) -> dict[str, Losses]:
    T = len(V)
    played = {name: np.empty(T) for name in LOSSES}
    for t, M in enumerate(models):
        found = model_losses(world.P, M.P[None], V[t : t + 1], D[t : t + 1], nu)
        for name in LOSSES:
            played[name][t] = found[name][0, 0]
    stack = (
        np.empty((0, *world.P.shape)) if candidates is None else np.stack([M.P for M in candidates])
    )
    table = model_losses(world.P, stack, V, D, nu)
    least = _least_of_all(world.P, V, D, nu) if candidates is None else None
    return {
        name: Losses(
            frozen(played[name]),
            frozen(table[name]),
            float(table[name].sum(0).min()) if least is None else least[name],
        )
        for name in LOSSES
    }


def _least_of_all(P: Floats, V: Floats, D: Floats, nu: Floats) -> dict[str, float]:
    """The least totals over all tabular models: 0 at M* itself but for the signed loss, which is
    linear and least at vertices."""
    slopes = np.einsum("tsa,tx->sax", D - nu, V)
    signed = float((slopes * P).sum() - slopes.max(-1).sum())
    return dict.fromkeys(LOSSES, 0.0) | {"signed": signed}


def model_losses(P: Floats, stack: Floats, V: Floats, D: Floats, nu: Floats) -> dict[str, Floats]:
    """Each loss of `LOSSES`, shape (T, K), for the truth P (S, A, S) and models (K, S, A, S).

    Shapes: V (T, S), D (T, S, A) the learned policies' occupancies, nu (S, A).
    """
    mixed = (D + nu) / 2
    moment, signed = (np.empty((len(V), len(stack))) for _ in range(2))
    for t in range(len(V)):
        gap = (P - stack) @ V[t]
        moment[t] = (mixed[t] * np.abs(gap)).sum((-2, -1))
        signed[t] = ((D[t] - nu) * gap).sum((-2, -1))
    truth = np.broadcast_to(P, stack.shape)
    return {
        "kl": _averaged(mixed, kl_divergence(truth, stack)),
        "reverse_kl": _averaged(mixed, kl_divergence(stack, truth)),
        "moment": moment,
        "signed": signed,
        "l1": _averaged(mixed, np.abs(P - stack).sum(-1)),
    }


def _averaged(weights: Floats, table: Floats) -> Floats:
    """E over (s, a) of tables (K, S, A) under weights (T, S, A), shape (T, K), with 0 inf = 0."""
    pairs = table.shape[-2] * table.shape[-1]
    rows, columns = weights.reshape(len(weights), pairs), table.reshape(len(table), pairs)
    finite = np.where(np.isinf(columns), 0.0, columns)
    void = (rows > 0).astype(float) @ np.isinf(columns).T.astype(float) > 0
    return np.where(void, np.inf, rows @ finite.T)
