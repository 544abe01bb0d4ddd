"""Mutants: small changes of a claim's source that should make it false.

A check is worth what it would catch. Each mutant changes one place (see `operators`), in the claim
or in one of its helper functions, or drops a hypothesis. Mutants are named by their change, not by
a line, so that a ledger of them outlives edits elsewhere in the file.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import CodeType, FunctionType
from typing import Any

from theorylab import arithmetic
from theorylab.claims import Claim
from theorylab.givens import Along, Parameter, StateActionDistribution, StateDistribution
from theorylab.lint import definition_of, helpers_of
from theorylab.operators import Scope, called, distributions, replaced, short, variants, without
from theorylab.relations import Chain, at_most
from theorylab.worlds.latent_mdp import HistoryPolicy, LatentMDP
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.linear_quadratic import (
    AffinePolicy,
    DiscountedLinearQuadratic,
    LinearPolicy,
    LinearQuadratic,
)
from theorylab.worlds.mdp import MDP, Policy

ARITHMETIC = ("inf", "sup", "maximum", "minimum", "absolute")
"""What a changed formula may use although its file does not import it."""
LINEAR = (LinearQuadratic, AffinePolicy, DiscountedLinearQuadratic, LinearPolicy)
LATENT = (LatentMDP, HistoryPolicy, LatentVariableModel)


@dataclass(frozen=True)
class Mutant:
    """A mutated claim, compiled when it is asked for; the line of its change, its change in words.

    `key` names it among the mutants of its claim: the function, the change, and which of several
    equal ones it is.
    """

    original: Claim
    part: FunctionType
    changed: ast.FunctionDef
    line: int
    change: str
    key: str

    @cached_property
    def claim(self) -> Claim:
        """The mutant as a claim."""
        function = rebuilt(self.original.function, self.part, self.changed)
        return replace(self.original, function=function)

    @property
    def diff(self) -> str:
        """`line 12: drop factor gamma of gamma * E(...)`."""
        return f"line {self.line}: {self.change}"


def is_family(claim: Claim) -> bool:
    """Whether a claim is about a family: no single member could kill a mutant of it."""
    return any(isinstance(p.says, Along) for p in claim.parameters)


def mutants(claim: Claim) -> Iterator[Mutant]:
    """All mutants of a claim, without repetitions, in the order of its source; none of a family."""
    if is_family(claim):
        return
    seen: set[str] = set()
    counts: Counter[str] = Counter()
    own = frozenset(part.__name__ for part in (claim.function, *helpers_of(claim.function)))
    for part in (claim.function, *helpers_of(claim.function)):
        first = part.__code__.co_firstlineno
        for line, change, changed in _changes(definition_of(part), claim.parameters, own):
            text = ast.unparse(changed)
            if text in seen:
                continue
            seen.add(text)
            key = f"{part.__name__}: {change}"
            counts[key] += 1
            key += f" #{counts[key]}" if counts[key] > 1 else ""
            yield Mutant(claim, part, changed, first + line - 1, change, key)


Change = tuple[int, str, ast.FunctionDef]


def _changes(
    definition: ast.FunctionDef, parameters: tuple[Parameter, ...], own: frozenset[str]
) -> Iterator[Change]:
    """Each changed definition, with the line and the change in words."""
    scope = _scope(definition, parameters, own)
    for statement in definition.body:
        for node in ast.walk(statement):
            for new, words in variants(node, scope):
                yield getattr(node, "lineno", 1), words, replaced(definition, node, new)
    for statement in definition.body:
        if _is_assumption(statement):
            yield statement.lineno, f"drop {short(statement)}", without(definition, statement)


def _is_assumption(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and called(statement.value) == "assume"


def _scope(
    definition: ast.FunctionDef, parameters: tuple[Parameter, ...], own: frozenset[str]
) -> Scope:
    """Rivals and distributions among the names that this function knows."""
    known = {a.arg for a in definition.args.args}
    kinds = {p.name: p.says for p in parameters if p.name in known and isinstance(p.says, type)}
    rivals: dict[str, list[str]] = {}
    for base in (Policy, MDP, *LINEAR, *LATENT):
        names = [n for n, kind in kinds.items() if issubclass(kind, base)]
        rivals.update({n: [other for other in names if other != n] for n in names})
    axes = {StateDistribution: "S", StateActionDistribution: "SA"}
    tables = {n: axes[kind] for n, kind in kinds.items() if kind in axes}
    returned = [s.value for s in definition.body if isinstance(s, ast.Return)]
    delegated = frozenset(id(v) for v in returned if v is not None and called(v) in own)
    return Scope(rivals, distributions(definition.body, tables), delegated)


# ---- a changed claim compiled ------------------------------------------------------------------


def rebuilt(function: FunctionType, part: FunctionType, changed: ast.FunctionDef) -> FunctionType:
    """The claim's function, compiled with its helpers, one of them changed, in its own scope."""
    parts = [function, *helpers_of(function)]
    scope: dict[str, Any] = {}
    for each in reversed(parts):
        scope.update(each.__globals__)
    for name in ARITHMETIC:
        scope.setdefault(name, getattr(arithmetic, name))
    scope.update(turned=turned, average=average)
    for each in parts:
        exec(_compiled(changed) if each is part else _unchanged(each), scope)
    return scope[function.__name__]


@cache
def _unchanged(part: FunctionType) -> CodeType:
    """A function as it is, compiled once for all mutants that leave it alone."""
    return _compiled(definition_of(part))


def _compiled(definition: ast.FunctionDef) -> CodeType:
    """The definition without decorators and annotations, compiled."""
    bare = copy.copy(definition)
    bare.decorator_list, bare.returns = [], None
    bare.args = _unannotated(bare.args)
    module = ast.fix_missing_locations(ast.Module([bare], []))
    return compile(module, f"<mutant of {definition.name}>", "exec")


def turned(chain: Chain, line: Any, because: str = "") -> Chain:
    """A chain's `.at_most(line)` the other way round: the next line is at most the last one."""
    link = at_most(line, chain.last, because).links[0]
    return Chain((*chain.links, link), line)


def average(terms: Iterable[Any]) -> Any:
    """The mean of the terms of a sum."""
    items = list(terms)
    return sum(items) / len(items)


def _unannotated(arguments: ast.arguments) -> ast.arguments:
    plain = copy.deepcopy(arguments)
    for argument in plain.args + plain.kwonlyargs:
        argument.annotation = None
    return plain
