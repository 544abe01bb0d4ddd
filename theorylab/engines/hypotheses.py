"""Which hypotheses a claim needs: each is dropped in turn, and a counterexample is looked for.

needed      a counterexample exists without it, outside the claim's own domain
idle        none was found, with the effort; certified without it where a certificate says so
undecided   without it the claim is undefined, or no engine applies

Idle is never a proof that the hypothesis can go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from theorylab.arithmetic import using
from theorylab.balls import BALLS
from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.certificate import certificate
from theorylab.engines.exact import exact
from theorylab.engines.judging import integer_kinds, rebuild, rigorous
from theorylab.engines.search import search
from theorylab.engines.sweep import sweep
from theorylab.errors import (
    ClaimError,
    HypothesisFailed,
    InvalidArgument,
    TheorylabError,
    Undefined,
)
from theorylab.givens import check_domain, shapes
from theorylab.relations import hypotheses as assuming
from theorylab.verdicts import Counterexample, Evidence, Hypothesis, Outcome
from theorylab.weaker import weaker
from theorylab.worlds.io import decode

ENGINES: tuple[Callable[[Claim, Budget, int], Evidence], ...] = (certificate, exact, sweep, search)


def hypotheses(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Drop every hypothesis in turn; evidence without a verdict of its own, unless a counterexample
    turns out to lie inside the claim's domain."""
    limits = _light(budget)
    if any(e.broken for e in _tried(claim, limits, seed)):
        return Evidence("hypotheses", None, "false with all its hypotheses", seed=seed)
    found = tuple(_judged(claim, name, other, limits, seed) for name, other in dropped(claim))
    inside = tuple(c for h in found if (c := _in_domain(claim, h, limits)) is not None)
    counts = ", ".join(
        f"{sum(h.status == status for h in found)} {status}"
        for status in ("needed", "idle", "undecided")
    )
    return Evidence(
        "hypotheses",
        Outcome.REFUTED if inside else None,
        "a hypothesis dropped led to a counterexample" if inside else counts,
        broken=inside,
        hypotheses=found,
        seed=seed,
    )


def _light(budget: Budget) -> Budget:
    """A part of the budget for each hypothesis, since there are several."""
    return replace(
        budget,
        shapes=min(budget.shapes, 5),
        combinations=4,
        examples=max(20, budget.examples // 10),
        lanes=max(1_000, budget.lanes // 10),
        compiled_size=0,
        generations=max(4, budget.generations // 10),
    )


def dropped(claim: Claim) -> Iterator[tuple[str, Claim]]:
    """Each hypothesis by name, with the claim that does without it: those that `assume` names,
    then those of the signature."""
    for name in assumed(claim):
        yield name, replace(claim, dropped=claim.dropped | {name})
    for place, parameter in enumerate(claim.parameters):
        for name, other in weaker(parameter):
            parameters = (*claim.parameters[:place], other, *claim.parameters[place + 1 :])
            yield name, replace(claim, parameters=parameters)


def assumed(claim: Claim) -> list[str]:
    """The names of the claim's assumptions, in their order."""
    sizes = next(shapes(claim.parameters, [(1, 1), (2, 2)]))
    instance = rebuild(claim, sizes, [0] * len(integer_kinds(claim, sizes)))
    with (
        using(BALLS),  # roots and logarithms, too
        assuming(defer=True) as record,
        suppress(TheorylabError, ArithmeticError),
    ):
        claim(**instance)
    return list(dict.fromkeys(record.names))


def _tried(claim: Claim, budget: Budget, seed: int) -> Iterator[Evidence]:
    """The evidence of the engines, cheapest first, until one has a counterexample."""
    for engine in ENGINES:
        found = engine(claim, budget, seed)
        yield found
        if found.broken or found.outcome is Outcome.CERTIFIED:
            return


def _judged(claim: Claim, name: str, other: Claim, budget: Budget, seed: int) -> Hypothesis:
    try:
        evidence = [e for e in _tried(other, budget, seed) if e.outcome is not None]
    except (ClaimError, InvalidArgument, Undefined, HypothesisFailed) as error:
        return Hypothesis(name, "undecided", f"without it: {error}")
    broken = [c for e in evidence for c in e.broken]
    if broken:
        return Hypothesis(name, "needed", evidence[-1].engine, broken[0])
    if any(e.undefined for e in evidence) or not any(_stands(e) for e in evidence):
        return Hypothesis(name, "undecided", "; ".join(e.note for e in evidence)[:300])
    return Hypothesis(name, "idle", "; ".join(f"{e.engine}: {e.note}" for e in evidence))


def _stands(e: Evidence) -> bool:
    return e.outcome is not None and e.outcome.stands


def _in_domain(claim: Claim, found: Hypothesis, budget: Budget) -> Counterexample | None:
    """The counterexample where it satisfies every hypothesis after all: then the claim is false."""
    c = found.counterexample
    if c is None:
        return None
    with suppress(TheorylabError):
        instance = {name: decode(data, name) for name, data in c.instance.items()}
        check_domain(claim.parameters, instance)
        if c.link in rigorous(budget)(claim, instance).broken():
            return c
    return None
