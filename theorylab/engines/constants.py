"""Better constants: how much of each term of a bound is ever needed.

A bound lhs <= a + b + c may be tight through one term alone, which hides the slack of the others.
So each term is isolated: lhs - a - c <= b is the same statement, and the largest ratio of its sides
is the smallest constant before b that no instance contradicts, the other terms kept as they are.
A ratio below 1 is a finding: it supports a sharper bound, and proves none. Constants found one by
one need not hold together, so the bound with all of them is searched as a claim of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import FunctionType

from theorylab.claims import Claim
from theorylab.engines.budget import BUDGETS, Budget
from theorylab.engines.search import search
from theorylab.lint import definition_of, helpers_of
from theorylab.mutants import rebuilt
from theorylab.verdicts import Evidence, Improvement, Tightness

SHARP = 1 - 1e-5
"""A smaller ratio says that the constant can be improved."""
LARGEST_DENOMINATOR = 1000


@dataclass(frozen=True)
class Bound:
    """One at_most(lhs, a + b + ...) of a claim or of its helpers, the place-th of that function,
    and the texts of its terms."""

    claim: Claim
    part: FunctionType
    place: int
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Constant:
    """The smallest constant before a term that no instance contradicts, with the instance."""

    term: str
    tightness: Tightness

    @property
    def supremum(self) -> float:
        """The largest ratio: of an instance, or of the limit of a family."""
        limit = self.tightness.limit
        return self.tightness.ratio if limit is None else max(self.tightness.ratio, limit.ratio)

    @property
    def improves(self) -> bool:
        """Whether the search supports a constant below the printed one."""
        return 0 < self.supremum < SHARP

    @property
    def factor(self) -> Fraction:
        """A simple fraction that is at least the supremum; 1 where nothing is improved."""
        if not self.improves:
            return Fraction(1)
        near = Fraction(self.supremum).limit_denominator(LARGEST_DENOMINATOR)
        return near if near >= self.supremum else near + Fraction(1, LARGEST_DENOMINATOR)

    def __str__(self) -> str:
        """`M.gamma * V_max * E(...): 0.5 of it suffices at every one of 45000 instances`."""
        if not self.improves:
            return f"{self.term}: needed as it stands"
        return (
            f"{self.term}: {self.supremum:.6g} of it suffices at every one of"
            f" {self.tightness.effort} instances"
        )


@dataclass(frozen=True)
class Sharpened:
    """A bound with the constant of each of its terms, and what the search makes of all the better
    ones together: the claim and its evidence, None where no constant is better."""

    bound: Bound
    constants: tuple[Constant, ...]
    claim: Claim | None = None
    evidence: Evidence | None = None

    @property
    def together(self) -> bool:
        """Whether all better constants together were not refuted."""
        return self.evidence is not None and not self.evidence.broken


def constants(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """How much of each term is needed, as evidence without a verdict of its own; quick at most,
    since each term is a search."""
    light = BUDGETS["quick"] if budget.generations > BUDGETS["quick"].generations else budget
    found = tuple(
        Improvement(c.term, c.supremum, str(c.factor), c.tightness.effort, s.together)
        for s in improved_constants(claim, light, seed)
        for c in s.constants
    )
    better = sum(c.factor != "1" for c in found)
    note = f"{better} of {len(found)} terms have a better constant"
    return Evidence("constants", None, note, seed=seed, improvements=found)


def improved_constants(claim: Claim, budget: Budget, seed: int) -> tuple[Sharpened, ...]:
    """Each bound of the claim that is a sum, with the constants of its terms. None where the claim
    is refuted; a term that is above 0 together with its left side at no instance has no constant.
    """
    found = []
    for bound in bounds(claim):
        constants = []
        for chosen, term in enumerate(bound.terms):
            evidence = search(isolated(bound, chosen), budget, seed)
            if evidence.broken:
                return ()
            own = [t for t in evidence.tightness if t.because == _reason(term) and t.ratio > 0]
            if own:
                largest = max(own, key=lambda t: t.ratio)
                constants.append((chosen, Constant(term, largest)))
        found.append(_together(bound, constants, budget, seed))
    return tuple(found)


def _reason(term: str) -> str:
    """The reason that an isolated line is given, by which it is known among the others."""
    return f"the term {term}"


def _together(
    bound: Bound, constants: list[tuple[int, Constant]], budget: Budget, seed: int
) -> Sharpened:
    factors = {chosen: c.factor for chosen, c in constants if c.factor < 1}
    every = tuple(c for _, c in constants)
    if not factors:
        return Sharpened(bound, every)
    claim = sharpened(bound, factors)
    return Sharpened(bound, every, claim, search(claim, budget, seed))


def bounds(claim: Claim) -> Iterator[Bound]:
    """The bounds of a claim and of its helpers that are sums."""
    for part in (claim.function, *helpers_of(claim.function)):
        definition = definition_of(part)
        for place, call in enumerate(_bounds(definition)):
            terms = _terms(_resolved(call.args[1], definition))
            if len(terms) > 1:
                texts = (ast.unparse(_signed(less, term)) for less, term in terms)
                yield Bound(claim, part, place, tuple(texts))


def isolated(bound: Bound, chosen: int) -> Claim:
    """The same statement with one term alone on the right: lhs - other terms <= term + 0 * lhs.

    The zero gives the term the shape of the sum where it is a number among tables.
    """
    definition = definition_of(bound.part)
    call = _bounds(definition)[bound.place]
    zero = _zero(call.args[0])
    terms = _terms(_resolved(call.args[1], definition))
    for number, (less, term) in enumerate(terms):
        if number != chosen:
            call.args[0] = ast.BinOp(call.args[0], ast.Add() if less else ast.Sub(), term)
    reason = _reason(bound.terms[chosen])
    alone = ast.BinOp(_signed(*terms[chosen]), ast.Add(), zero)
    call.args[1:], call.keywords = [alone, ast.Constant(reason)], []
    return _changed(bound, definition, reason)


def sharpened(bound: Bound, factors: Mapping[int, Fraction]) -> Claim:
    """The claim with some terms of a bound multiplied by these factors.

    A term gets a zero of the left side's kind first: an integer alone would divide to a float.
    """
    definition = definition_of(bound.part)
    call = _bounds(definition)[bound.place]
    side: ast.expr | None = None
    for number, (less, term) in enumerate(_terms(_resolved(call.args[1], definition))):
        scaled = _signed(less, term)
        if number in factors:
            scaled = _times(ast.BinOp(scaled, ast.Add(), _zero(call.args[0])), factors[number])
        side = scaled if side is None else ast.BinOp(side, ast.Add(), scaled)
    assert side is not None
    call.args[1] = side
    return _changed(bound, definition, "with better constants")


def _zero(side: ast.expr) -> ast.expr:
    return ast.BinOp(ast.Constant(0), ast.Mult(), side)


def _times(term: ast.expr, factor: Fraction) -> ast.expr:
    top, bottom = ast.Constant(factor.numerator), ast.Constant(factor.denominator)
    return ast.BinOp(ast.BinOp(term, ast.Mult(), top), ast.Div(), bottom)


def _signed(less: bool, term: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), term) if less else term


def _changed(bound: Bound, definition: ast.FunctionDef, title: str) -> Claim:
    function = rebuilt(bound.claim.function, bound.part, definition)
    return replace(bound.claim, function=function, title=title)


def _bounds(definition: ast.FunctionDef) -> list[ast.Call]:
    """The calls at_most(lhs, rhs) of a function, in the order of its text."""
    return [
        node
        for node in ast.walk(definition)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "at_most"
        and len(node.args) >= 2
    ]


def _resolved(side: ast.expr, definition: ast.FunctionDef) -> ast.expr:
    """A name that is assigned once stands for what is assigned to it."""
    if not isinstance(side, ast.Name):
        return side
    values = [
        node.value
        for node in ast.walk(definition)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == side.id
    ]
    return values[0] if len(values) == 1 else side


def _terms(side: ast.expr) -> list[tuple[bool, ast.expr]]:
    """The terms of a sum, each with whether it is subtracted."""
    if not (isinstance(side, ast.BinOp) and isinstance(side.op, ast.Add | ast.Sub)):
        return [(False, side)]
    minus = isinstance(side.op, ast.Sub)
    return [*_terms(side.left), *((minus != less, term) for less, term in _terms(side.right))]
