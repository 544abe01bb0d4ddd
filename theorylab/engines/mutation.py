"""What the engines make of a claim's mutants: how hard the claim was really tried.

killed       an exact instance breaks the mutant, or it is no claim any more
equivalent   both sides are those of the claim, everywhere it was looked
implied      an inequality that is never tighter than the claim: weaker, harmless
sharper      an inequality that was not broken although it is tighter somewhere: the printed
             bound has slack, a finding that needs a decision
survived     an identity that holds although it is another one: a finding, or a weak check
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import flint
import numpy as np

from theorylab.arithmetic import PRIME_FIELD, Array, using
from theorylab.claims import Claim, evaluate
from theorylab.engines.budget import BUDGETS, Budget
from theorylab.engines.certificate import certificate, random_prime
from theorylab.engines.exact import exact
from theorylab.engines.floats import judge_batch
from theorylab.engines.judging import generator, visited
from theorylab.engines.search import search
from theorylab.engines.sweep import sweep
from theorylab.errors import (
    ClaimError,
    HypothesisFailed,
    InvalidArgument,
    Undefined,
    Unsupported,
)
from theorylab.givens import Sizes, build_instance
from theorylab.mutants import Mutant, mutants
from theorylab.points import GenericSource, random_lanes
from theorylab.verdicts import Counterexample, Evidence, Outcome

FATES = ("killed", "equivalent", "implied", "sharper", "survived")
COMPARED = 400
SAME = 1e-12


@dataclass(frozen=True)
class Fate:
    """What became of one mutant, by which engine, and the instance that killed it."""

    mutant: Mutant
    fate: str
    by: str = ""
    counterexample: Counterexample | None = None


def fates(claim: Claim, budget: Budget | None = None, seed: int = 0) -> list[Fate]:
    """Judge every mutant of a claim, cheapest engine first."""
    limits = budget or BUDGETS["quick"]
    return [_fate(claim, mutant, limits, seed) for mutant in mutants(claim)]


CHEAPEST_FIRST: tuple[Callable[[Claim, Budget, int], Evidence], ...] = (
    certificate,
    sweep,
    search,
    exact,
)


def _fate(claim: Claim, mutant: Mutant, budget: Budget, seed: int) -> Fate:
    """Engines that would not apply to the claim itself are skipped by their own word."""
    for engine in CHEAPEST_FIRST:
        try:
            found = engine(mutant.claim, budget, seed)
        except (ClaimError, InvalidArgument):
            return Fate(mutant, "killed", "it is no claim any more")
        if found.broken:
            return Fate(mutant, "killed", found.engine, found.broken[0])
        if found.undefined or found.outcome is Outcome.VACUOUS:
            return Fate(mutant, "killed", f"{found.engine}: {found.outcome}")
        if found.outcome is Outcome.CERTIFIED:
            same = _same_identity(claim, mutant.claim, seed)
            return Fate(mutant, "equivalent" if same else "survived", found.engine)
    return Fate(mutant, _compared(claim, mutant.claim, budget, seed), "slack")


def _same_identity(claim: Claim, other: Claim, seed: int) -> bool:
    """Whether both sides agree at a generic point of a prime field, shape by shape."""
    rng = generator(claim, "mutation", seed)
    p = random_prime(rng)
    for sizes in visited(claim, BUDGETS["quick"], [(2, 2)]):
        source = GenericSource(lambda: flint.nmod(int(rng.integers(p)), p), flint.nmod(1, p))
        instance = build_instance(claim.parameters, source, sizes)
        with using(PRIME_FIELD):
            ours, theirs = (evaluate(c, instance)[0] for c in (claim, other))
        if len(ours) != len(theirs):
            return False
        for a, b in zip(ours, theirs, strict=True):
            if np.any(a.lhs != b.lhs) or np.any(a.rhs != b.rhs):
                return False
    return True


def _compared(claim: Claim, other: Claim, budget: Budget, seed: int) -> str:
    """Where no engine broke a mutant: compare its slack with the claim's, instance by instance."""
    tighter = looser = compared = False
    for sizes in visited(claim, budget):
        with suppress(Unsupported, HypothesisFailed, Undefined):
            ours, theirs = (_slacks(c, sizes, seed) for c in (claim, other))
            if ours.shape != theirs.shape:
                return "survived"
            compared = True
            scale = SAME * (1 + np.abs(ours))
            tighter |= bool((theirs < ours - scale).any())
            looser |= bool((theirs > ours + scale).any())
    if tighter:
        return "sharper"
    if not compared:  # draws, families: their own engines judge them, no float does
        return "survived"
    return "implied" if looser else "equivalent"


def _slacks(claim: Claim, sizes: Sizes, seed: int) -> Array:
    """rhs - lhs of every link at the same random instances, infinite where they do not count."""
    rng = np.random.default_rng(np.random.SeedSequence(entropy=seed))
    batch = judge_batch(claim, sizes, random_lanes(rng, COMPARED), COMPARED)
    slacks = [np.broadcast_to(d.slack, (COMPARED,)) for d in batch.decisions]
    return np.where(batch.kept & np.isfinite(slacks), np.stack(slacks), 0.0)


def findings(all_fates: list[Fate]) -> list[Fate]:
    """The fates that need a decision: sharper inequalities and surviving identities."""
    return [f for f in all_fates if f.fate in ("sharper", "survived")]


def tally(all_fates: list[Fate]) -> dict[str, int]:
    """How many mutants met each fate."""
    return {fate: sum(f.fate == fate for f in all_fates) for fate in FATES}
