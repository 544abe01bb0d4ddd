"""Verdicts: evidence, and its fold into one of seven outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Outcome(Enum):
    """What can be said of a claim; each member carries its sentence."""

    PROVED = "proved", "proved for the shapes named"
    CERTIFIED = "certified", "certified as an identity, with the failure probability named"
    SUPPORTED = "supported", "not refuted at any instance tried"
    REFUTED = "refuted", "false: an exact counterexample breaks it"
    UNDECIDED = "undecided", "no engine could decide it"
    VACUOUS = "vacuous", "its hypotheses held at no instance: nothing was tested"
    CONFLICT = "conflict", "engines disagree: a fault of theorylab or of a number system"

    def __init__(self, word: str, sentence: str):
        self.word, self.sentence = word, sentence

    @property
    def stands(self) -> bool:
        """Whether the claim may be relied on, to the grade of its evidence."""
        return self in (Outcome.PROVED, Outcome.CERTIFIED, Outcome.SUPPORTED)


OUTCOMES = {outcome.word: outcome for outcome in Outcome}
FLOAT = ("sweep", "search")
"""Engines whose support is in floats: it never suffices alone."""
STRENGTH = [Outcome.SUPPORTED, Outcome.CERTIFIED, Outcome.PROVED]


@dataclass(frozen=True)
class Counterexample:
    """An exact instance that breaks one link: sizes, its integers, both sides as exact text."""

    sizes: Mapping[str, int]
    instance: Any
    link: int
    because: str
    kind: str
    lhs: str
    rhs: str
    numbers: tuple[int, ...] = ()

    def lines(self) -> list[str]:
        """Both sides and the instance as small text tables."""
        sign = {"equal": "=", "at_most": "<=", "bounded": "= O of"}[self.kind]
        because = f" ({self.because})" if self.because else ""
        head = [f"line {self.link + 1}{because} claims  left {sign} right,  but"]
        return [
            *head,
            f"  left  = {self.lhs}",
            f"  right = {self.rhs}",
            *instance_lines(self.instance),
        ]


@dataclass(frozen=True)
class Limit:
    """Where a family of instances drives lhs / rhs: the parameter that runs, the ratio fitted at
    its end with an interval, and the path of (parameter, ratio) that the fit saw."""

    parameter: str
    ratio: float
    interval: tuple[float, float]
    path: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Tightness:
    """The instance at which an inequality is tightest: lhs / rhs, both sides as exact text.

    `attained` says that lhs = rhs exactly, with a positive right side: no smaller constant will do.
    `effort` counts the instances that were tried on the way. `ratio` is -inf where no instance has
    both sides above 0: then the sides are those of the least slack.
    """

    link: int
    because: str
    ratio: float
    attained: bool
    sizes: Mapping[str, int]
    instance: Any
    lhs: str
    rhs: str
    numbers: tuple[int, ...] = ()
    effort: int = 0
    limit: Limit | None = None


@dataclass(frozen=True)
class Improvement:
    """How much of one term of a bound any instance needs: the largest ratio of what the rest leaves
    to the term. Below 1 it is a better constant, which the search supports and nothing proves;
    `together` says whether all better constants of the bound at once were not broken either."""

    term: str
    ratio: float
    factor: str
    effort: int
    together: bool


@dataclass(frozen=True)
class Histogram:
    """How many instances had which relative slack, (rhs - lhs) / (1 + size): counts[k] of them
    between edges[k] and edges[k + 1]."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Hypothesis:
    """A hypothesis and whether the claim needs it: "needed" (a counterexample exists without it),
    "idle" (none was found, with the effort in `note`) or "undecided"."""

    name: str
    status: str
    note: str = ""
    counterexample: Counterexample | None = None


@dataclass(frozen=True)
class Evidence:
    """What one engine found.

    `outcome` is None when the engine does not apply, `note` says why; else `note` says in words
    what was done. `tried` counts instances drawn, `kept` those that satisfied the hypotheses,
    `undefined` those at which a side does not exist. `slack` is the worst slack seen (a float, for
    reports). `failure` is the probability that a false identity passed. `shapes` are the sizes
    visited, `broken` holds the smallest counterexample to each broken link, `suspected` the shapes
    at which an identity must be false although no exact counterexample was found. `tightness` has
    the tightest instance of each inequality, `histogram` the slacks seen, and `certificate` plain
    data from which a proof can be recomputed. `faulty` says that the claim itself is at fault, as
    `note` says: it has no verdict. `hypotheses` says which the claim needs,
    `improvements` how much of each term of its bounds. `lines` is how many lines the claim was seen
    to have, 0 where they were not counted.
    """

    engine: str
    outcome: Outcome | None
    note: str = ""
    tried: int = 0
    kept: int = 0
    undecided: int = 0
    undefined: int = 0
    slack: float | None = None
    failure: float | None = None
    shapes: tuple[Mapping[str, int], ...] = ()
    broken: tuple[Counterexample, ...] = ()
    seed: int = 0
    suspected: tuple[Mapping[str, int], ...] = ()
    tightness: tuple[Tightness, ...] = ()
    histogram: Histogram | None = None
    certificate: Any = None
    faulty: bool = False
    hypotheses: tuple[Hypothesis, ...] = ()
    improvements: tuple[Improvement, ...] = ()
    lines: int = 0


@dataclass(frozen=True)
class Verdict:
    """The fold of all evidence on one claim; `grade` says in words how strong it is."""

    outcome: Outcome
    grade: str
    evidence: tuple[Evidence, ...]
    counterexample: Counterexample | None = None
    broken_links: tuple[int, ...] = field(default=())

    def __str__(self) -> str:
        """The verdict in words, with the smallest counterexample."""
        lines = [f"{self.outcome.word}: {self.grade}"]
        if self.counterexample is not None:
            lines += self.counterexample.lines()
        return "\n".join(lines)


def judge(evidence: Sequence[Evidence]) -> Verdict:
    """One verdict from all evidence. Undecided and vacuous are never folded into true."""
    broken = _by_link(evidence)
    outcome = _outcome(evidence, broken)
    first = broken[min(broken)] if broken else None
    return Verdict(
        outcome, _grade(outcome, evidence), tuple(evidence), first, tuple(sorted(broken))
    )


def _by_link(evidence: Sequence[Evidence]) -> dict[int, Counterexample]:
    """The smallest counterexample to each broken link."""
    found: dict[int, Counterexample] = {}
    for counterexample in (c for e in evidence for c in e.broken):
        known = found.get(counterexample.link)
        if known is None or _bulk(counterexample) < _bulk(known):
            found[counterexample.link] = counterexample
    return found


def _bulk(c: Counterexample) -> tuple[int, int, int]:
    worlds = c.sizes.get("S", 1) * c.sizes.get("A", 1)
    return (worlds, sum(c.sizes.values()), sum(c.numbers))


def _outcome(evidence: Sequence[Evidence], broken: Mapping[int, Counterexample]) -> Outcome:
    outcomes = [e.outcome for e in evidence if e.outcome is not None]
    if any(e.faulty for e in evidence):
        return Outcome.UNDECIDED
    if Outcome.CONFLICT in outcomes or _contradicted(evidence, broken):
        return Outcome.CONFLICT
    if broken:
        return Outcome.REFUTED
    if any(e.suspected for e in evidence):
        return Outcome.CONFLICT
    if any(e.undefined for e in evidence):
        return Outcome.UNDECIDED
    rigorous = [_reach(e) for e in evidence if e.outcome in STRENGTH and _sees_every_link(e)]
    if rigorous:
        return max((o for o in rigorous if o), key=STRENGTH.index)
    decisive = [e.outcome for e in evidence if e.outcome and e.engine not in FLOAT] or outcomes
    if decisive and all(o is Outcome.VACUOUS for o in decisive):
        return Outcome.VACUOUS
    return Outcome.UNDECIDED


def _reach(e: Evidence) -> Outcome | None:
    """What an engine's evidence says of the claim at all its sizes. An inequality proved at small
    shapes is support at larger ones, no more: unlike an identity, it has no degree that bounds it.
    """
    elsewhere = e.engine == "positivity" and any(e.shapes)
    return Outcome.SUPPORTED if e.outcome is Outcome.PROVED and elsewhere else e.outcome


def _sees_every_link(e: Evidence) -> bool:
    """Whether support by this engine is support of the whole claim, and rigorous.

    Floats never suffice; certificate and symbolic see only the equalities of a mixed chain, which
    they then call supported.
    """
    partial = e.engine in ("certificate", "symbolic") and e.outcome is Outcome.SUPPORTED
    return e.engine not in FLOAT and not partial


def _contradicted(evidence: Sequence[Evidence], broken: Mapping[int, Counterexample]) -> bool:
    """Whether a shape that one engine proved or certified has a counterexample."""
    sizes = [dict(c.sizes) for c in broken.values()]
    strong = [e for e in evidence if e.outcome in (Outcome.PROVED, Outcome.CERTIFIED)]
    return any(dict(shape) in sizes for e in strong for shape in e.shapes)


def _grade(outcome: Outcome, evidence: Sequence[Evidence]) -> str:
    """The strength in words: what each engine that applies did."""
    fault = next((e.note for e in evidence if e.faulty), None)
    if fault is not None:
        return f"the claim is at fault: {fault}"
    if outcome is Outcome.REFUTED:
        first = min((c for e in evidence for c in e.broken), key=lambda c: (c.link, _bulk(c)))
        where = f"line {first.link + 1}: " if first.link or first.because else ""
        return f"refuted exactly at {shape_text(first.sizes)}: {where}{first.because}".rstrip(": ")
    strongest_first = sorted(evidence, key=lambda e: e.outcome is not Outcome.PROVED)
    parts = [f"{e.engine}: {e.note}" for e in strongest_first if e.outcome is not None]
    return "; ".join(parts) or "no engine applies"


def shape_text(sizes: Mapping[str, int]) -> str:
    """`S=2 A=1`."""
    return " ".join(f"{name}={size}" for name, size in sizes.items()) or "its only shape"


def instance_lines(instance: Mapping[str, Any]) -> list[str]:
    """An encoded exact instance as small text tables, one line per row."""
    lines: list[str] = []
    for name, value in instance.items():
        kind = value["kind"]
        if kind in ("number", "integer"):
            lines.append(f"{name} = {value['value']}")
        elif kind == "tuple":
            lines += instance_lines({f"{name}[{k}]": v for k, v in enumerate(value["items"])})
        else:
            lines.append(f"{name} ({kind})")
            for key, entries in value.items():
                if key not in ("kind", "sense") and (kind != "Model" or key == "P"):
                    lines += [f"  {line}" for line in _rows(key, entries)]
    return lines


def _rows(name: str, entries: Any) -> list[str]:
    if not isinstance(entries, list):
        return [f"{name} = {entries}"]
    if entries and isinstance(entries[0], list):
        return [line for k, row in enumerate(entries) for line in _rows(f"{name}[{k}]", row)]
    return [f"{name} = [{', '.join(str(e) for e in entries)}]"]
