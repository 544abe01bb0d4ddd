"""Which engines have nothing to add once others have spoken: they are not run, and say why.

The rigorous engines always run, so that they may contradict each other. What samples comes after
them (`LATER`): it is left out where they have settled what it could find.
"""

from __future__ import annotations

from collections.abc import Sequence

from theorylab.verdicts import Evidence, Outcome

LATER = ("ball", "exhaustive", "sweep", "search")
"""The engines that hear the others first."""
JUDGED = (Outcome.SUPPORTED, Outcome.REFUTED)
SETTLED = (Outcome.PROVED, Outcome.CERTIFIED)


def needless(engine: str, earlier: Sequence[Evidence]) -> str | None:
    """Why an engine has nothing to add to this evidence on the same claim; None where it may."""
    by = {evidence.engine: evidence for evidence in earlier}
    exact = by.get("exact")
    if engine in LATER and exact is not None and _all_broken(exact):
        return "not needed: the exact engine has refuted every line"
    if engine == "ball" and exact is not None and exact.outcome in JUDGED:
        return "not needed: every side is rational, the exact engine judges it"
    if engine == "search" and any(_settles(by.get(name)) for name in ("certificate", "symbolic")):
        return "not needed: an identity, settled by certificate or symbolic"
    return None


def _all_broken(exact: Evidence) -> bool:
    """Whether each line that the claim was seen to have has a counterexample."""
    broken = {counterexample.link for counterexample in exact.broken}
    return exact.lines > 0 and broken >= set(range(exact.lines))


def _settles(evidence: Evidence | None) -> bool:
    return evidence is not None and evidence.outcome in SETTLED
