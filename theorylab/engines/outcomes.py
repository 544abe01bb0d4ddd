"""All outcomes of a claim that draws, each with its exact probability; statements weighed by them.

The claim is run once for each path of outcomes, outcomes of probability zero left out. Instances
are exact rationals; what is irrational (a root, the weights of Hedge) becomes a ball, and the
precision is doubled until every statement is decided. So a failure probability of rationals is an
exact rational, and one with balls is enclosed.

A path on which a line cannot be decided, or does not exist, has a probability too: a statement is
broken when the paths that surely fail weigh too much, and holds when those that may fail do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from typing import Any

import flint

from theorylab.arithmetic import RATIONALS, NumberSystem, using
from theorylab.balls import BALLS, Ball, noting_roots
from theorylab.chance import Event, Expected, Past, drawing
from theorylab.claims import Claim, evaluate
from theorylab.errors import (
    ClaimError,
    HypothesisFailed,
    TooManyOutcomes,
    Undefined,
    Unsupported,
    VoidBound,
)
from theorylab.givens import Instance
from theorylab.relations import Decision, Link, compare
from theorylab.worlds.io import exact_texts

PATHS = 2**16
"""The largest tree that is enumerated to confirm a counterexample, whatever the budget."""
DRAWS = 20_000
"""How many draws a run may make: a loop that ends with probability one need not end."""
FIRST_BITS = 64
CERTAIN_BITS = 512
"""From this precision on, a root of a ball around 0 is taken for the root of 0."""


@dataclass
class Path:
    """One run: it repeats `prefix`, then takes the first outcome that is possible.

    `others` are the prefixes of the possible outcomes that it did not take, at most `limit`.
    """

    prefix: tuple[int, ...]
    limit: int = PATHS
    outcomes: list[int] = field(default_factory=list)
    others: list[tuple[int, ...]] = field(default_factory=list)
    probability: Any = field(default_factory=lambda: flint.fmpq(1))

    @property
    def drawn(self) -> int:
        """How many outcomes have been chosen."""
        return len(self.outcomes)

    def labels(self, row: Sequence[Any], count: int) -> list[int]:
        """Independent labels, one outcome each."""
        return [self._choose(row) for _ in range(count)]

    def counts(self, row: Sequence[Any], count: int) -> list[int]:
        """A multinomial, as a binomial for each label given those before it."""
        if any(isinstance(entry, Ball) for entry in row):
            chosen = self.labels(row, count)
            return [chosen.count(k) for k in range(len(row))]
        if count >= self.limit and sum(entry != 0 for entry in row) > 1:
            raise TooManyOutcomes(f"more than {self.limit} outcomes of one draw")
        found, rest, left = [], flint.fmpq(1), count
        for entry in row[:-1]:
            chance = entry / rest if left else flint.fmpq(0)
            found.append(self._choose(binomial(left, chance)) if left else 0)
            rest, left = rest - entry, left - found[-1]
        return [*found, left]

    def _choose(self, row: Sequence[Any]) -> int:
        if self.drawn >= DRAWS:
            raise TooManyOutcomes(f"a run makes more than {DRAWS} draws")
        if self.drawn < len(self.prefix):
            label = self.prefix[self.drawn]
        else:
            label, *rest = [k for k, entry in enumerate(row) if entry != 0]
            self.others += [(*self.outcomes, k) for k in rest]
            if len(self.others) >= self.limit:
                raise TooManyOutcomes(f"more than {self.limit} outcomes at one instance")
        if label >= len(row):
            raise ClaimError("draws from another distribution after the same outcomes")
        self.probability = self.probability * row[label]
        self.outcomes.append(label)
        return label


@lru_cache(maxsize=256)
def binomial(n: int, p: Any) -> tuple[Any, ...]:
    """The exact law of Binomial(n, p), p rational: n + 1 probabilities."""
    powers = [flint.fmpq(1)]
    for _ in range(n):
        powers.append(powers[-1] * (1 - p))
    law, up = [], flint.fmpq(1)
    for k in range(n + 1):
        law.append(int(flint.fmpz.bin_uiui(n, k)) * up * powers[n - k])
        up = up * p
    return tuple(law)


@dataclass
class Spent:
    """How many runs of the claim have been made, and the most outcomes that an instance had."""

    runs: int = 0
    outcomes: int = 0


@dataclass(frozen=True)
class Run:
    """A path that was run: its outcomes, its probability, and its links or why it has none."""

    outcomes: tuple[int, ...]
    probability: Any
    links: tuple[Link, ...] | None
    without: str = ""


def weigh(
    claim: Claim, instance: Instance, *, paths: int, bits: int, spent: Spent | None = None
) -> tuple[tuple[Link, ...], tuple[Decision, ...]]:
    """Every statement of the claim at one exact instance, its random sides weighed exactly.

    A statement becomes the link "failure probability <= delta", or "E lhs (= | <=) E rhs".
    Raises: TooManyOutcomes; HypothesisFailed where no outcome satisfies the hypotheses; Undefined.
    """
    spent = spent or Spent()
    try:
        return _statements(all_runs(claim, instance, paths, RATIONALS, spent))
    except TooManyOutcomes:
        raise
    except Unsupported:
        return _with_balls(claim, instance, paths, bits, spent)


def _with_balls(
    claim: Claim, instance: Instance, paths: int, bits: int, spent: Spent
) -> tuple[tuple[Link, ...], tuple[Decision, ...]]:
    precision, before = FIRST_BITS, flint.ctx.prec
    try:
        while True:
            flint.ctx.prec = precision
            last = 2 * precision > bits
            with suppress(*() if last else (Undefined,)), noting_roots() as roots:
                runs = all_runs(claim, instance, paths, BALLS, spent)
                links, decisions = _statements(runs, last=last)
                sure = all(d.holds is not None for d in decisions)
                if last or (sure and (not roots or precision >= CERTAIN_BITS)):
                    return links, decisions
            precision *= 2
    finally:
        flint.ctx.prec = before


def all_runs(
    claim: Claim, instance: Instance, paths: int, system: NumberSystem, spent: Spent
) -> list[Run]:
    """Every possible path, depth first."""
    found: list[Run] = []
    waiting: list[tuple[int, ...]] = [()]
    with using(system):
        while waiting:
            if len(found) >= paths:
                raise TooManyOutcomes(f"more than {paths} outcomes at one instance")
            path = Path(waiting.pop(), paths)
            spent.runs += 1
            found.append(run(claim, instance, path))
            waiting += path.others
    total = reduce(lambda x, y: x + y, [r.probability for r in found])
    if not (total.arb.contains(1) if isinstance(total, Ball) else total == 1):
        raise ClaimError(
            f"{claim.id}: its outcomes have probability {total} in all, expected 1: it depends on"
            " more than its arguments and draws (random numbers, global state)"
        )
    spent.outcomes = max(spent.outcomes, len(found))
    return [r for r in found if r.probability != 0]


def run(claim: Claim, instance: Instance, path: Any) -> Run:
    """The claim run once along a path; a run may stand without links, and says why."""
    with drawing(path):
        try:
            links, _ = evaluate(claim, instance)
            return Run(tuple(path.outcomes), path.probability, links)
        except (Undefined, VoidBound) as error:
            if not path.drawn:
                raise
            return Run(tuple(path.outcomes), path.probability, None, f"undefined: {error}")
        except HypothesisFailed as error:
            if not path.drawn:
                raise
            return Run(tuple(path.outcomes), path.probability, None, str(error))


# ---- statements weighed --------------------------------------------------------------------------


def _statements(
    runs: list[Run], *, last: bool = True
) -> tuple[tuple[Link, ...], tuple[Decision, ...]]:
    """The weighed links with their decisions; `last` says that no more precision will come."""
    check_hypotheses(runs)
    whole = [r for r in runs if r.links is not None]
    if not whole:
        raise Undefined(runs[0].without)
    judged = [_judge(k, runs, last) for k in range(len(_same_statements(whole)))]
    return tuple(link for link, _ in judged), tuple(decision for _, decision in judged)


def check_hypotheses(runs: Sequence[Run]) -> None:
    """HypothesisFailed if no run satisfies them; ClaimError if that hangs on the outcomes."""
    failed = [r for r in runs if r.links is None and not r.without.startswith("undefined")]
    if len(failed) == len(runs):
        raise HypothesisFailed(failed[0].without)
    if failed:
        raise ClaimError(
            f"{failed[0].without} on some outcomes and does on others: a hypothesis on what is"
            " drawn is a part of the event"
        )


def _same_statements(runs: list[Run]) -> tuple[Link, ...]:
    """The first run's links; ClaimError unless all runs state the same."""
    first = runs[0].links or ()
    for r in runs:
        if [_form(link) for link in r.links or ()] != [_form(link) for link in first]:
            raise ClaimError(
                "states other things on other outcomes: lines, their reasons and the level must"
                " not depend on the draws"
            )
    return first


def _form(link: Link) -> tuple[Any, ...]:
    level = exact_texts(link.rhs) if isinstance(link, Event) else ""
    return type(link).__name__, link.kind, link.because, level


def as_event(link: Link) -> Event:
    """A statement with probability as it is; a plain line as one that must hold surely."""
    if isinstance(link, Event):
        return link
    return Event("at_most", None, flint.fmpq(0), link.because, (link,))


def _judge(k: int, runs: list[Run], last: bool) -> tuple[Link, Decision]:
    """Statement k: its worst group of runs, where runs with the same past are a group."""
    links = [r.links[k] for r in runs if r.links is not None]
    if type(links[0]) is Link and _constant(links) and len(links) == len(runs):
        return links[0], compare(links[0])
    judged = [_judge_group(k, group, last) for group in _groups(k, runs)]
    order = {False: 0, None: 1, True: 2}
    return min(judged, key=lambda pair: (order[pair[1].holds], pair[1].slack))


def _constant(links: list[Any]) -> bool:
    sides = {(exact_texts(link.lhs), exact_texts(link.rhs)) for link in links}
    return len(sides) == 1


def _groups(k: int, runs: list[Run]) -> Iterator[list[Run]]:
    """The runs by what statement k is given; one without links joins every group it may be in."""
    groups: dict[tuple[int, ...], list[Run]] = {}
    for r in (r for r in runs if r.links is not None):
        given = getattr(r.links[k], "given", None) or Past(0)  # type: ignore[index]
        groups.setdefault(r.outcomes[: given.drawn], []).append(r)
    if not groups:
        raise Undefined(runs[0].without)
    _check_pasts(groups)
    for past, group in groups.items():
        lost = [r for r in runs if r.links is None and r.outcomes[: len(past)] == past]
        yield group + lost


def _check_pasts(groups: dict[tuple[int, ...], list[Run]]) -> None:
    """ClaimError where one past goes on from another: it was chosen with what came later."""
    for past in groups:
        if any(past[:k] in groups for k in range(len(past))):
            raise ClaimError("given=past: which past it is must be known when so_far() is called")


def _judge_group(k: int, group: list[Run], last: bool) -> tuple[Link, Decision]:
    link = next(r.links[k] for r in group if r.links is not None)
    lost = next((r.without for r in group if r.links is None), "")
    if isinstance(link, Expected):
        if lost:
            raise Undefined(lost)
        return _expected(k, group)
    judged = _failure(k, group)
    if judged[1].holds is None and last and lost:
        raise Undefined(lost)
    return judged


def _failure(k: int, group: list[Run]) -> tuple[Link, Decision]:
    """`P[the event fails | past] <= delta`, enclosed by what surely fails and what may."""
    fails = maybe = flint.fmpq(0)
    mass = reduce(lambda x, y: x + y, [r.probability for r in group])
    for r in group:
        holds = None if r.links is None else event_holds(as_event(r.links[k]))
        if holds is False:
            fails = fails + r.probability
        elif holds is None:
            maybe = maybe + r.probability
    event = as_event(next(r.links[k] for r in group if r.links is not None))
    because = named("failure probability", event)
    surely = Link("at_most", fails / mass, event.rhs, because)
    at_most = Link("at_most", (fails + maybe) / mass, event.rhs, because)
    broken, holds_at_worst = compare(surely), compare(at_most)
    if broken.holds is False:
        return surely, broken
    return at_most, holds_at_worst if holds_at_worst.holds else Decision(None, holds_at_worst.slack)


def event_holds(event: Event) -> bool | None:
    """Whether all lines of the event hold in one run; None where balls cannot tell."""
    found = [compare(link).holds for link in event.inner]
    if any(holds is False for holds in found):
        return False
    return True if all(found) else None


def _expected(k: int, group: list[Run]) -> tuple[Link, Decision]:
    """`E lhs (= | <=) E rhs`, given the past."""
    first: Any = next(r.links[k] for r in group if r.links is not None)
    mass = reduce(lambda x, y: x + y, [r.probability for r in group])
    sides = [
        reduce(lambda x, y: x + y, [getattr(r.links[k], side) * r.probability for r in group])  # type: ignore[index]
        for side in ("lhs", "rhs")
    ]
    because = named("in expectation", first)
    link = Link(first.kind, sides[0] / mass, sides[1] / mass, because)
    return link, compare(link)


def named(what: str, link: Link) -> str:
    """What the sides of a weighed statement are, with the claim's own words."""
    return f"{what}: {link.because}" if link.because else what
