"""Better constants: how much of each term of a bound is ever needed.

A bound lhs <= a + b + c may be tight through one term alone, which hides the slack of the others.
So each term is isolated: lhs - a - c <= b is the same statement, and the largest ratio of its sides
is the smallest constant before b that no instance contradicts, the other terms kept as they are.
A ratio below 1 is a finding: it supports a sharper bound, and proves none; two constants found so
need not hold together, which is for a claim of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import FunctionType

from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.search import search
from theorylab.lint import definition_of, helpers_of
from theorylab.mutants import _rebuilt
from theorylab.verdicts import Tightness

SHARP = 1 - 1e-5
"""A smaller ratio says that the constant can be improved."""


@dataclass(frozen=True)
class Isolated:
    """A claim that bounds one term of an inequality from below: lhs - other terms <= term."""

    term: str
    claim: Claim


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

    def __str__(self) -> str:
        """`M.gamma * V_max * E(...): 0.5 of it suffices at every one of 45000 instances`."""
        if not self.improves:
            return f"{self.term}: needed as it stands"
        return (
            f"{self.term}: {self.supremum:.6g} of it suffices at every one of"
            f" {self.tightness.effort} instances"
        )


def improved_constants(claim: Claim, budget: Budget, seed: int) -> tuple[Constant, ...]:
    """The constant of each term of the claim's inequalities; none where the claim is refuted or
    its bounds are no sums, and none for a term that was above 0 together with its left side at no
    instance."""
    found = []
    for part in isolated(claim):
        evidence = search(part.claim, budget, seed)
        if evidence.broken:
            return ()
        found += [Constant(part.term, t) for t in evidence.tightness if t.ratio > 0]
    return tuple(found)


def isolated(claim: Claim) -> Iterator[Isolated]:
    """The claim with one term of one bound isolated, for each term of each at_most(lhs, a + b)."""
    for part in (claim.function, *helpers_of(claim.function)):
        for place, call in enumerate(_bounds(definition_of(part))):
            terms = _terms(_resolved(call.args[1], definition_of(part)))
            for chosen in range(len(terms)) if len(terms) > 1 else ():
                yield _isolated(claim, part, place, chosen)


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


def _isolated(claim: Claim, part: FunctionType, place: int, chosen: int) -> Isolated:
    definition = definition_of(part)
    call = _bounds(definition)[place]
    terms = _terms(_resolved(call.args[1], definition))
    rest = call.args[0]
    for number, (less, term) in enumerate(terms):
        if number != chosen:
            rest = ast.BinOp(rest, ast.Add() if less else ast.Sub(), term)
    less, term = terms[chosen]
    call.args[0] = rest
    call.args[1] = ast.UnaryOp(ast.USub(), term) if less else term
    parts = [claim.function, *helpers_of(claim.function)]
    function = _rebuilt(claim.function, parts, part, definition)
    text = ast.unparse(call.args[1])
    return Isolated(text, replace(claim, function=function, title=f"the term {text}"))
