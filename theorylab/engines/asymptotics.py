"""Where a family drives lhs / rhs: members exactly, and the limit exactly where it can be had.

The claim is run once on germs (rational functions of the small x > 0 behind the parameter that
runs), which gives the limit of a rational lhs / rhs and how fast it grows. Where roots, logarithms
or exponentials are in the way, sympy takes the limit of the closed form, and the members must
agree with it. What neither can do has no exact limit here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import RATIONALS, NumberSystem, symbols_system, using
from theorylab.balls import BALLS, Ball, is_rational
from theorylab.claims import Claim, evaluate
from theorylab.errors import ClaimError, HypothesisFailed, TheorylabError, Undefined, Unsupported
from theorylab.families import along_a_family
from theorylab.germs import GERMS, X, germ_of
from theorylab.givens import Along, Instance, Parameter, fmap
from theorylab.relations import Decision, Link, number

OPERATIONS = 400
"""The largest closed form of which sympy is asked a limit."""
CONVERGES = 0.75
"""Ratios whose increments shrink faster than this from step to step look convergent."""
AGREE = 5
"""So many last members must agree with sympy's limit."""


@dataclass(frozen=True)
class Ending:
    """The limit of lhs / rhs along a family: `ratio` None says that it is infinite.

    `growth` says how fast in words, `by` which arithmetic found it.
    """

    ratio: Any
    growth: str
    by: str


def running(claim: Claim) -> Parameter:
    """The parameter that runs; Unsupported where there is none."""
    for parameter in claim.parameters:
        if isinstance(parameter.says, Along):
            return parameter
    raise Unsupported("no parameter runs along a family, such as gamma: Along(1)")


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Within: balls have this precision."""
    before, flint.ctx.prec = flint.ctx.prec, bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def member(claim: Claim, instance: Instance, bits: int) -> tuple[Link, ...]:
    """The links at one member, sides exact or in balls of `bits` bits."""
    try:
        return _links(claim, instance, RATIONALS)
    except Unsupported:
        with precision(bits):
            return _links(claim, instance, BALLS)


def _links(claim: Claim, instance: Instance, system: NumberSystem) -> tuple[Link, ...]:
    with along_a_family(), using(system):
        links, _ = evaluate(claim, instance)
    kinds = {link.kind for link in links}
    if "bounded" not in kinds:
        raise Unsupported("no bounded_by: the other engines judge it, member by member")
    if kinds != {"bounded"}:
        raise ClaimError(
            f"{claim.id} mixes bounded_by with other relations: state them as claims of their own"
        )
    return links


def ratio_of(link: Link) -> float:
    """The largest lhs / rhs of a member, 0 where lhs <= 0; infinite where rhs = 0 < lhs."""
    return max((_ratio(lhs, rhs) for lhs, rhs in pairs(link)), default=0.0)


def pairs(link: Link) -> list[tuple[Any, Any]]:
    """The entries of both sides."""
    sides = [list(np.ravel(np.array(side, dtype=object))) for side in (link.lhs, link.rhs)]
    return list(zip(*sides, strict=True))


def _ratio(lhs: Any, rhs: Any) -> float:
    if _sign(rhs) < 0:
        raise Undefined("the bound is negative, so that no constant has a meaning")
    if _sign(rhs) == 0:
        return np.inf if _sign(lhs) > 0 else 0.0
    if is_rational(lhs) and is_rational(rhs):  # two integers divide to a float in Python
        lhs, rhs = flint.fmpq(lhs), flint.fmpq(rhs)
    return max(0.0, number(lhs / rhs))


def _sign(x: Any) -> int:
    """The sign of an exact number or a ball; Undefined where a ball straddles 0."""
    if isinstance(x, Ball):
        if x.arb > 0 or x.arb < 0 or x.arb == 0:
            return int(x.arb > 0) - int(x.arb < 0)
        raise Undefined("a side cannot be told from 0 in balls")
    return int(x > 0) - int(x < 0)


# ---- limits ------------------------------------------------------------------------------------


def endings(
    claim: Claim, instance: Instance, ratios: list[list[float]] | None = None
) -> list[Ending] | None:
    """The exact limit of every line along the family through an instance; None where unknown.

    `ratios` are those of the members by line; sympy's limit counts only where they agree with it.
    """
    with suppress(TheorylabError, TypeError):
        links = _links(claim, _at(claim, instance, X), GERMS)
        return [_germ_ending(link) for link in links]
    if ratios is None:
        return None
    found = _by_sympy(claim, instance)
    if found is None or len(found) != len(ratios):
        return None
    return found if all(map(_agrees, found, ratios)) else None


def _at(claim: Claim, instance: Instance, x: Any) -> Instance:
    parameter = running(claim)
    return {**instance, parameter.name: parameter.says.near(x)}


def _germ_ending(link: Link) -> Ending:
    found = [_germ_pair(germ_of(lhs), germ_of(rhs)) for lhs, rhs in pairs(link)]
    infinite = [e for e in found if e.ratio is None]
    return infinite[0] if infinite else max(found, key=lambda e: e.ratio)


def _germ_pair(lhs: Any, rhs: Any) -> Ending:
    if lhs is None or rhs is None:
        raise Unsupported("a side is no germ")
    if rhs.sign() < 0:
        raise Undefined("the bound is negative, so that no constant has a meaning")
    if lhs.sign() <= 0:
        return Ending(flint.fmpq(0), "is at most 0", "germs")
    if rhs.sign() == 0:
        return Ending(None, "has a right side of 0", "germs")
    quotient = lhs / rhs
    if quotient.limit() is None:
        return Ending(None, f"grows like (1/x)^{-quotient.order()}", "germs")
    return Ending(quotient.limit(), f"tends to {quotient.limit()}", "germs")


def _by_sympy(claim: Claim, instance: Instance) -> list[Ending] | None:
    import sympy

    system = symbols_system()
    x = sympy.Symbol("x", positive=True)

    def symbols(table: Any) -> Any:
        return np.frompyfunc(lambda q: sympy.Rational(int(q.p), int(q.q)), 1, 1)(table)

    others = {name: fmap(value, symbols) for name, value in instance.items()}
    try:
        links = _links(claim, _at(claim, others, x), system)
        return [_sympy_ending(link, x) for link in links]
    except (TheorylabError, TypeError, ValueError, NotImplementedError, ArithmeticError):
        return None


def _sympy_ending(link: Link, x: Any) -> Ending:
    import sympy

    found = []
    for lhs, rhs in pairs(link):
        quotient = sympy.sympify(lhs) / sympy.sympify(rhs)
        if sympy.count_ops(quotient) > OPERATIONS:
            raise Unsupported("the closed form is too large for sympy")
        limit = sympy.limit(quotient, x, 0, "+")
        if limit is not sympy.oo and not (limit.is_number and limit.is_finite):
            raise Unsupported(f"sympy knows no limit: {limit}")
        found.append(limit)
    if any(limit is sympy.oo for limit in found):
        return Ending(None, "grows without limit", "sympy")
    largest = max(found, key=float)
    return Ending(float(largest), f"tends to {largest}", "sympy")


def _agrees(ending: Ending, ratios: list[float]) -> bool:
    """Whether the last members do what the limit says: grow, or come no further from it."""
    last = ratios[-AGREE:]
    if len(last) < 2:
        return False
    if ending.ratio is None:
        steps = [b - a for a, b in pairwise(last)]
        return steps[0] > 0 and all(b >= CONVERGES * a for a, b in pairwise(steps))
    gaps = [abs(r - max(0.0, float(ending.ratio))) for r in last]
    return gaps[-1] <= gaps[0] + 1e-9 * (1 + abs(float(ending.ratio)))


# ---- one instance as a member of its family ----------------------------------------------------


def judge_member(
    claim: Claim, instance: Instance, bits: int
) -> tuple[tuple[Link, ...], tuple[Decision, ...]]:
    """The links at an instance, and whether the family through it has a constant.

    The members before the instance are run too. A line is broken where lhs / rhs -> infinity
    exactly, or where rhs = 0 < lhs at the instance itself.
    """
    parameter = running(claim)
    last = parameter.says.step(instance[parameter.name]) or 1
    links = []
    for k in range(1, last):
        with suppress(HypothesisFailed):
            links.append(member(claim, {**instance, parameter.name: parameter.says.at(k)}, bits))
    links.append(member(claim, instance, bits))
    ratios = [[ratio_of(line[k]) for line in links] for k in range(len(links[-1]))]
    found = endings(claim, instance, ratios)
    decided = [
        _decide(link, ratios[k], found[k] if found else None) for k, link in enumerate(links[-1])
    ]
    return tuple(link for link, _ in decided), tuple(decision for _, decision in decided)


def _decide(link: Link, ratios: list[float], ending: Ending | None) -> tuple[Link, Decision]:
    slack = -ratios[-1]
    if np.isinf(ratios[-1]):
        words = "no constant will do: the right side is 0, or the left one infinite"
        return Link(link.kind, link.lhs, link.rhs, _because(link, words)), Decision(False, -np.inf)
    if ending is None:
        return link, Decision(None, slack)
    if ending.ratio is not None:
        return link, Decision(True, slack)
    words = f"no constant will do, lhs / rhs {ending.growth}"
    return Link(link.kind, link.lhs, link.rhs, _because(link, words)), Decision(False, slack)


def _because(link: Link, words: str) -> str:
    return f"{link.because}: {words}" if link.because else words
