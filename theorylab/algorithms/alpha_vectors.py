r"""Backward sets of alpha vectors of latent MDPs and POMDPs: exact, pruned at once, minimal.

    Q_t(s, a)   = R(s, a) + cross-sum over (s', r) of { P_m(s' | s, a) 1[r = R_m(s, a)] alpha_m }
    Gamma_t(s)  = union over a of Q_t(s, a),      alpha in Gamma_{t+1}(s'),   Gamma_{H+1} = {0}
    V_t(b, s)   = max over alpha in Gamma_t(s) of b . alpha

(LMDP, Section 3.2; incremental pruning: Cassandra, Littman & Zhang 1997.) In a POMDP the vectors
are over hidden states, one set for each number of steps left:

    Gamma_h = union over a of r(., a) + gamma sum_o { P(., a) diag(observe[a, ., o]) alpha },
    alpha in Gamma_{h-1}.

All is a reward, not a cost. Numbers are Python integers on one scale for each step. Float tables
are taken as the binary rationals that they are, and the result is exact for those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

import flint
import numpy as np

from theorylab.algorithms.alpha_backup import (
    Backup,
    Branch,
    Option,
    dot,
    exact_table,
    latent_backup,
    pomdp_backup,
)
from theorylab.algorithms.alpha_envelope import MEMORY, gaps_to, needed, summed, summits
from theorylab.algorithms.exact_simplex import Row
from theorylab.arithmetic import Array
from theorylab.errors import InvalidArgument
from theorylab.worlds.latent_mdp import LatentMDP
from theorylab.worlds.pomdp import POMDP


@dataclass(frozen=True, eq=False)
class AlphaSet:
    """The vectors of one step and last state, each needed at some belief, and their actions.

    points: K tuples of n integers, the vectors times `scale`; actions (K,); summits: of each vector
    the belief (integers, unnormalised) where it is most above all others.
    """

    points: tuple[Row, ...]
    scale: int
    actions: tuple[int, ...]
    summits: tuple[Row, ...]

    def __len__(self) -> int:
        return len(self.points)

    @property
    def vectors(self) -> Array:
        """Exact rationals, shape (K, n): n contexts, or hidden states. In the unit of a reward."""
        return _rationals([[flint.fmpq(x, self.scale) for x in row] for row in self.points])

    @property
    def beliefs(self) -> Array:
        """The witnesses, exact rationals, shape (K, n): where each vector is most above others."""
        return _rationals([[flint.fmpq(x, sum(row)) for x in row] for row in self.summits])

    @property
    def losses(self) -> tuple[flint.fmpq | None, ...]:
        """The value that the loss of each vector alone would cost at its witness, which is the most
        that it would cost at any belief; None for a vector that is alone."""
        return tuple(self._loss(i) for i in range(len(self)))

    def _loss(self, i: int) -> flint.fmpq | None:
        weights, own = self.summits[i], self.points[i]
        gaps = [dot(weights, gaps_to(own, u)) for j, u in enumerate(self.points) if j != i]
        return flint.fmpq(min(gaps), sum(weights) * self.scale) if gaps else None


def after_the_last(backup: Backup) -> list[AlphaSet]:
    """After the last step: the vector 0 at each place."""
    zero, uniform = (0,) * backup.n, (1,) * backup.n
    return [AlphaSet((zero,), backup.unit, (0,), (uniform,)) for _ in backup.places]


def alpha_vector_sets(W: LatentMDP, *, memory: int = MEMORY) -> list[list[AlphaSet]]:
    """Gamma_t(s) over the M contexts: [t - 1][s], t = 1, ..., H.

    Raises InvalidArgument where a cross-sum would take more than `memory` bytes.
    """
    return _run(latent_backup(W), W.H, memory)[::-1]


def pomdp_alpha_sets(B: POMDP, horizon: int, *, memory: int = MEMORY) -> list[AlphaSet]:
    """Gamma_h over the hidden states: [h - 1], h = 1, ..., horizon steps left, discounted.

    Raises InvalidArgument for a horizon that is no positive integer, or out of memory as above.
    """
    if type(horizon) is not int or horizon < 1:
        raise InvalidArgument(f"horizon is {horizon!r}, expected an integer of at least 1.")
    return [sets[0] for sets in _run(pomdp_backup(B), horizon, memory)]


def optimal_value(W: LatentMDP, sets: list[list[AlphaSet]] | None = None) -> flint.fmpq:
    """The largest expected total reward of an episode over history-dependent policies, exact."""
    first = (alpha_vector_sets(W) if sets is None else sets)[0]
    weights = exact_table(W.w)[:, None] * exact_table(W.nu)
    best = [_best(first[s], list(weights[:, s]))[0] for s in range(W.S)]
    total = sum(best, Fraction(0))
    return flint.fmpq(total.numerator, total.denominator)


def optimal_action(sets: list[list[AlphaSet]], t: int, s: int, weights: Any) -> int:
    """An optimal action at step t = 1, ..., H in last state s at joint weights or a belief (n,).

    Of vectors that tie that of the smallest action is taken. Raises InvalidArgument for a step or
    state out of range, or weights that are no multiple of a belief.
    """
    for name, value, least, most in (("t", t, 1, len(sets)), ("s", s, 0, len(sets[0]) - 1)):
        if type(value) is not int or not least <= value <= most:
            raise InvalidArgument(
                f"{name} is {value!r}, expected an integer from {least} to {most}."
            )
    found, row = sets[t - 1][s], list(exact_table(np.asarray(weights)).ravel())
    if len(row) != len(found.points[0]) or min(row) < 0 or not sum(row):
        raise InvalidArgument(
            f"weights is {weights}, expected {len(found.points[0])} nonnegative numbers, not all 0."
        )
    return _best(found, row)[1]


def _best(found: AlphaSet, weights: Sequence[Fraction]) -> tuple[Fraction, int]:
    """The value at weights, and the smallest action that has it."""
    whole = lcm(*(x.denominator for x in weights))
    row = [int(x * whole) for x in weights]
    value, action = max(
        (dot(row, point), -a) for point, a in zip(found.points, found.actions, strict=True)
    )
    return Fraction(value, whole * found.scale), -action


def _run(backup: Backup, horizon: int, memory: int) -> list[list[AlphaSet]]:
    """The sets of each place with 1, 2, ..., horizon steps left."""
    found, later = [], after_the_last(backup)
    for _ in range(horizon):
        step = Step(later, later[0].scale * backup.factor // backup.unit, memory)
        scale = later[0].scale * backup.factor
        built = {place: _set(place, step, scale) for place in dict.fromkeys(backup.places)}
        later = [built[place] for place in backup.places]
        found.append(later)
    return found


@dataclass(frozen=True, eq=False)
class Step:
    """One step back in progress: the sets after it, how much finer its scale is than the rewards',
    the memory that a cross-sum may take, and what branches have seen so far."""

    later: list[AlphaSet]
    rise: int
    memory: int
    known: dict[Branch, list[Row]] = field(default_factory=dict)

    def seen(self, branch: Branch) -> list[Row]:
        """The needed vectors of a branch, as seen from here."""
        if branch not in self.known:
            points = branch.seen(self.later[branch.place].points)
            kept = points if branch.keeps_order() else _kept(points, self.memory)
            self.known[branch] = kept
        return self.known[branch]


def _kept(points: list[Row], memory: int) -> list[Row]:
    return [points[i] for i in needed(points, memory)]


def _set(place: Sequence[Option], step: Step, scale: int) -> AlphaSet:
    """The union over the actions, pruned, with its witnesses."""
    points: list[Row] = []
    actions: list[int] = []
    for a, option in enumerate(place):
        own = action_points(option, step)
        points, actions = points + own, actions + [a] * len(own)
    kept = needed(points, step.memory)
    left = tuple(points[i] for i in kept)
    return AlphaSet(left, scale, tuple(actions[i] for i in kept), tuple(summits(left)))


def action_points(option: Option, step: Step) -> list[Row]:
    """Q_t(s, a): the cross-sum over the branches, smallest sets first, pruned after each."""
    found: list[Row] = [tuple(step.rise * r for r in option.rewards)]
    for points in sorted((step.seen(branch) for branch in option.branches), key=len):
        found = summed(found, points, step.memory)
    return found


def _rationals(rows: list[list[flint.fmpq]]) -> Array:
    out = np.empty((len(rows), len(rows[0])), dtype=object)
    for i, row in enumerate(rows):
        out[i] = row
    return out
