"""What an engine has seen of a claim: counts, the links that break, and the evidence they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from theorylab.claims import Claim
from theorylab.engines.judging import Decide, Judged, finite, rebuild
from theorylab.errors import HypothesisFailed, Undefined
from theorylab.givens import Sizes
from theorylab.verdicts import Counterexample, Evidence, Outcome, shape_text


@dataclass
class Tally:
    """Instances tried, kept (inside the hypotheses), undecided, tied (equal to the last bit) and
    undefined; the smallest slack; a counterexample for each broken link; the shapes reached; how
    many lines the claim was seen to have where it was judged exactly; the links that each suspicion
    of floats breaks."""

    tried: int = 0
    kept: int = 0
    undecided: int = 0
    tied: int = 0
    undefined: int = 0
    undefined_at: str = ""
    slack: float = float("inf")
    broken: dict[int, Counterexample] = field(default_factory=dict)
    reached: list[Sizes] = field(default_factory=list)
    lines: int = 0
    suspects: dict[tuple[Any, ...], list[int]] = field(default_factory=dict)

    def attempt(
        self, claim: Claim, sizes: Sizes, numbers: list[int], decide: Decide
    ) -> Judged | None:
        """The instance of these integers judged; None outside the hypotheses or undefined there."""
        try:
            return decide(claim, rebuild(claim, sizes, numbers))
        except HypothesisFailed:
            return None
        except Undefined as error:
            self.note_undefined(sizes, error)
            return None

    def note_undefined(self, sizes: Sizes, error: Undefined) -> None:
        """Record that the claim is no number somewhere in this shape."""
        self.undefined += 1
        self.undefined_at = f"{shape_text(sizes)}: {error}"

    def count(self, judged: Judged, sizes: Sizes) -> None:
        """Record one judged instance of a shape."""
        self.reach(sizes, 1)
        self.lines = max(self.lines, len(judged.links))
        self.slack = min([self.slack, *(d.slack for d in judged.decisions)])
        unsure = [d for d in judged.decisions if d.holds is None]
        self.tied += bool(unsure) and all(d.tied for d in unsure)
        self.undecided += any(not d.tied for d in unsure)

    def reach(self, sizes: Sizes, kept: int) -> None:
        """Record that so many instances of a shape were inside the hypotheses."""
        self.kept += kept
        if kept and sizes not in self.reached:
            self.reached.append(sizes)

    def collect(self, judged: Judged, found: Callable[[int], Counterexample]) -> None:
        """Keep a counterexample for every link that breaks here and was not known to."""
        for link in judged.broken():
            if link not in self.broken:
                self.broken[link] = found(link)

    def evidence(
        self, engine: str, seed: int, found: str, refuted: str = "counterexample found"
    ) -> Evidence:
        """The evidence; `found` says in words what was seen when nothing broke."""
        outcome, note = self._outcome(found, refuted)
        return Evidence(
            engine,
            outcome,
            note,
            self.tried,
            self.kept,
            self.undecided,
            undefined=self.undefined,
            slack=finite(self.slack),
            shapes=tuple(self.reached),
            broken=tuple(self.broken[k] for k in sorted(self.broken)),
            seed=seed,
            lines=self.lines,
        )

    def _outcome(self, found: str, refuted: str) -> tuple[Outcome, str]:
        if self.broken:
            return Outcome.REFUTED, refuted
        if self.undefined:
            note = f"undefined at {self.undefined_at}; add an assumption or fix the claim"
            return Outcome.UNDECIDED, note
        if not self.kept:
            note = f"kept 0 of {self.tried} instances: its hypotheses never held"
            return Outcome.VACUOUS, note
        if 2 * self.undecided > self.kept:
            note = f"{self.undecided} of {self.kept} instances could not be decided"
            return Outcome.UNDECIDED, note
        return Outcome.SUPPORTED, found
