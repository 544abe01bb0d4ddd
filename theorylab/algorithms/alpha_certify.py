r"""A second look at sets of alpha vectors: that nothing is missing, and nothing too much.

Each set is compared with the cross-sums of the sets of the next step in full, unpruned:

    right      each vector is one of them, with its action
    needed     each is above all others at its witness, by exactly what its loss may cost at most
    enough     each cross-sum is at most a mixture of vectors of the set, in every context

By induction over the steps the sets then have the optimal values, and no smaller sets have. The
mixtures come from the integer simplex method alone and are checked by adding up: no float anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import NoReturn

import flint

from theorylab.algorithms.alpha_backup import Backup, Option, dot, latent_backup, pomdp_backup
from theorylab.algorithms.alpha_envelope import MEMORY, NUMBER, gaps_to, whole
from theorylab.algorithms.alpha_vectors import AlphaSet, after_the_last
from theorylab.algorithms.exact_simplex import Row, by_bland
from theorylab.errors import InvalidArgument
from theorylab.worlds.latent_mdp import LatentMDP
from theorylab.worlds.pomdp import POMDP


@dataclass(frozen=True)
class Certificate:
    """How many vectors were found needed, and how many cross-sums not."""

    needed: int
    superfluous: int


def certify(W: LatentMDP, sets: list[list[AlphaSet]], *, memory: int = MEMORY) -> Certificate:
    """Check `alpha_vector_sets(W)` from scratch.

    Raises InvalidArgument naming step, state and vector that is wrong or missing, or a full
    cross-sum of more than `memory` bytes.
    """
    if len(sets) != W.H or {len(row) for row in sets} != {W.S}:
        raise InvalidArgument(
            f"sets is {len(sets)} steps of {sorted({len(row) for row in sets})} sets, expected"
            f" H = {W.H} steps of S = {W.S}."
        )
    names = [[f"sets[{t}][{s}]" for s in range(W.S)] for t in range(W.H)]
    return _certify(latent_backup(W), sets[::-1], names[::-1], memory)


def certify_pomdp(B: POMDP, sets: list[AlphaSet], *, memory: int = MEMORY) -> Certificate:
    """The same for `pomdp_alpha_sets(B, len(sets))`."""
    names = [[f"sets[{h}]"] for h in range(len(sets))]
    return _certify(pomdp_backup(B), [[found] for found in sets], names, memory)


def _certify(
    backup: Backup, sets: list[list[AlphaSet]], names: list[list[str]], memory: int
) -> Certificate:
    """Step by step, from the last; the lists are by the number of steps left."""
    kept = dropped = 0
    later = after_the_last(backup)
    for row, called in zip(sets, names, strict=True):
        for place, found, name in zip(backup.places, row, called, strict=True):
            everything = _all_sums(backup, place, later, name, memory)
            _check_right(found, everything, later[0].scale * backup.factor, name)
            _check_needed(found, name)
            _check_enough(found, everything, name)
            kept, dropped = kept + len(found), dropped + len(everything) - len(found)
        later = row
    return Certificate(kept, dropped)


def _all_sums(
    backup: Backup, place: Sequence[Option], later: list[AlphaSet], name: str, memory: int
) -> set[tuple[Row, int]]:
    """Each vector of the full cross-sum of each action, and the action."""
    counts = [prod(len(later[branch.place]) for branch in option.branches) for option in place]
    if sum(counts) * backup.n * NUMBER > memory:
        raise InvalidArgument(
            f"{name} has full cross-sums of {sum(counts)} vectors, about"
            f" {sum(counts) * backup.n * NUMBER / 2**20:.1f} MiB, the limit `memory` is"
            f" {memory / 2**20:.1f} MiB. Raise it, or certify a shorter horizon."
        )
    rise = later[0].scale * backup.factor // backup.unit
    found = set()
    for a, option in enumerate(place):
        own = tuple(rise * r for r in option.rewards)
        seen = [branch.seen(later[branch.place].points) for branch in option.branches]
        found |= {(_total(own, chosen), a) for chosen in product(*seen)}
    return found


def _total(own: Row, chosen: Sequence[Row]) -> Row:
    return tuple(sum(column) for column in zip(own, *chosen, strict=True))


def _check_right(found: AlphaSet, sums: set[tuple[Row, int]], scale: int, name: str) -> None:
    if found.scale != scale:
        raise InvalidArgument(f"{name}.scale is {found.scale}, expected {scale}.")
    for i, pair in enumerate(zip(found.points, found.actions, strict=True)):
        if pair not in sums:
            _refuse(f"{name}.points[{i}] is {pair[0]} of action {pair[1]}, expected a cross-sum")


def _check_needed(found: AlphaSet, name: str) -> None:
    """Each witness is a belief where its vector is strictly best, by the most that is possible."""
    for i, (point, weights) in enumerate(zip(found.points, found.summits, strict=True)):
        if min(weights) < 0 or sum(weights) <= 0:
            _refuse(f"{name}.summits[{i}] is {weights}, expected the odds of a belief")
        gaps = [gaps_to(point, u) for j, u in enumerate(found.points) if j != i]
        if not gaps:
            continue
        own = flint.fmpq(min(dot(weights, gap) for gap in gaps), sum(weights))
        most = by_bland(gaps).gap
        if not own == most > 0:
            _refuse(f"{name}.summits[{i}] shows a gap of {own}, expected {most}, above 0")


def _check_enough(found: AlphaSet, everything: set[tuple[Row, int]], name: str) -> None:
    """Each cross-sum lies below a mixture of the set's vectors in every context."""
    for point, a in everything:
        gaps = [gaps_to(point, u) for u in found.points]
        if not (any(max(gap) <= 0 for gap in gaps) or _below_mixture(gaps)):
            _refuse(f"{name} lacks {point} of action {a}, which no mixture of its vectors matches")


def _below_mixture(gaps: list[Row]) -> bool:
    """Whether the integer simplex method finds odds of the rows whose sum is nowhere above 0."""
    odds = whole(by_bland(gaps).mixture)
    sums = [dot(odds, column) for column in zip(*gaps, strict=True)]
    return min(odds) >= 0 and sum(odds) > 0 and max(sums) <= 0


def _refuse(what: str) -> NoReturn:
    raise InvalidArgument(f"{what}. Build the sets anew.")
