"""A stored fate checked again: the same instance must still show the same thing, exactly."""

from __future__ import annotations

from theorylab.claims import Claim
from theorylab.engines.budget import BUDGETS
from theorylab.engines.certificate import failing_links
from theorylab.engines.compared import Witness, differs
from theorylab.engines.equivalence import same_sides
from theorylab.engines.judging import breaks, generator, rebuild, rigorous, visited
from theorylab.engines.mutation import Fate
from theorylab.errors import ClaimError, InvalidArgument, TheorylabError, Undefined

BUDGET = BUDGETS["quick"]
WORLDS = [(2, 1), (2, 2)]


def complaint(fate: Fate) -> str | None:
    """What no longer agrees with a stored fate, in words; None where it stands."""
    claim, mutant, witness = fate.mutant.original, fate.mutant.claim, fate.witness
    if fate.fate == "equivalent":
        return None if same_sides(claim, mutant, 0, WORLDS) else "its sides are other ones"
    if fate.fate == "survived" and fate.by == "certificate" and not _certified(mutant):
        return "it is no identity"
    if witness is None:
        return None if fate.fate == "survived" else "it has no instance"
    return _at(fate, claim, mutant, witness)


def _at(fate: Fate, claim: Claim, mutant: Claim, point: Witness) -> str | None:
    """What the instance does not show."""
    if fate.fate == "stillborn":
        return None if _raises(mutant, point, ClaimError, InvalidArgument) else "it is a formula"
    if fate.by == "undefined":
        return None if _raises(mutant, point, Undefined) else "it is defined there"
    broken = breaks(mutant, point.sizes, point.numbers, rigorous(BUDGET))
    if fate.fate == "killed":
        return None if point.link in broken else f"line {point.link + 1} does not break there"
    if broken:
        return f"line {broken[0] + 1} breaks there"
    if fate.fate == "repair":
        own = breaks(claim, point.sizes, point.numbers, rigorous(BUDGET))
        return None if own else "the claim does not break there"
    how = {"implied": "looser", "sharper": "tighter", "survived": "other"}[fate.fate]
    seen = differs(claim, mutant, point, BUDGET)
    if fate.fate == "implied" and "tighter" in seen:
        return "it is tighter there"
    return None if how in seen else f"it is not {how} there"


def _raises(claim: Claim, point: Witness, *kinds: type[TheorylabError]) -> bool:
    try:  # decided as it was found: in balls, over all draws, along a family
        rigorous(BUDGET)(claim, rebuild(claim, point.sizes, point.numbers))
    except kinds:
        return True
    except TheorylabError:
        return False
    return False


def _certified(claim: Claim) -> bool:
    rng = generator(claim, "replay", 0)
    return not any(failing_links(claim, s, rng, 1) for s in visited(claim, BUDGET, WORLDS))
