"""Mutants: small changes of a claim's source that should make it false.

A check is worth what it would catch. Each mutant changes one place: a factor or term dropped, a
sign, an index, a power or a constant moved by one, two policies or models swapped at one place,
a maximum turned into a minimum, the relation turned round, a bound tightened by one percent, a
hypothesis dropped. The claim's helper functions are mutated with it.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any

from theorylab.claims import Claim
from theorylab.givens import Parameter
from theorylab.lint import definition_of, helpers_of
from theorylab.worlds.mdp import MDP, Policy

SHARED = {"gamma", "c", "r", "payoff", "start", "S", "A", "H", "sense"}
"""Fields that a model shares with its MDP: swapping the two changes nothing there."""


@dataclass(frozen=True)
class Mutant:
    """A mutated claim, the line of its change and the change in words."""

    claim: Claim
    line: int
    change: str

    @property
    def diff(self) -> str:
        """`line 12: drop gamma * ... from gamma * E(...)`."""
        return f"line {self.line}: {self.change}"


def mutants(claim: Claim) -> Iterator[Mutant]:
    """All mutants of a claim, without repetitions."""
    parts = [claim.function, *helpers_of(claim.function)]
    own = frozenset(part.__name__ for part in parts)
    seen: set[str] = set()
    for part in parts:
        for line, change, changed in _changes(definition_of(part), _swaps(claim.parameters), own):
            text = ast.unparse(changed)
            if text in seen:
                continue
            seen.add(text)
            function = _rebuilt(claim.function, parts, part, changed)
            first = part.__code__.co_firstlineno
            yield Mutant(replace(claim, function=function), first + line - 1, change)


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _swaps(parameters: tuple[Parameter, ...]) -> dict[str, list[str]]:
    """For each policy and each world its rivals among the parameters."""
    kinds = {p.name: p.says for p in parameters if isinstance(p.says, type)}
    rivals: dict[str, list[str]] = {}
    for base in (Policy, MDP):
        names = [n for n, kind in kinds.items() if issubclass(kind, base)]
        for name in names:
            rivals[name] = [other for other in names if other != name]
    return rivals


Change = tuple[int, str, ast.FunctionDef]
Variant = tuple[ast.expr, str]


def _changes(
    definition: ast.FunctionDef, rivals: dict[str, list[str]], own: frozenset[str]
) -> Iterator[Change]:
    """Each changed definition, with the line and the change in words.

    Arguments of the claim's own helpers are not swapped: that would only be a special case of it.
    """
    for statement in definition.body:
        for node in ast.walk(statement):
            delegated = isinstance(node, ast.Call) and _called(node) in own
            for new, words in _variants(node, {} if delegated else rivals):
                yield getattr(node, "lineno", 1), words, _with(definition, node, new)
    for statement in definition.body:
        if _is_assumption(statement):
            yield statement.lineno, f"drop {_short(statement)}", _without(definition, statement)


def _is_assumption(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and _called(statement.value) == "assume"
    )


def _variants(node: ast.AST, rivals: dict[str, list[str]]) -> Iterator[Variant]:
    if isinstance(node, ast.BinOp):
        yield from _arithmetic(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand, f"sign of {_short(node)}"
    elif isinstance(node, ast.Call):
        yield from _calls(node)
        yield from _swapped_arguments(node, rivals)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.attr not in SHARED:
            for rival in rivals.get(node.value.id, ()):
                new = ast.Attribute(ast.Name(rival, ast.Load()), node.attr, ast.Load())
                yield new, f"{_short(node)} -> {_short(new)}"
    elif isinstance(node, ast.Constant) and type(node.value) is int and node.value > 1:
        for value in (node.value - 1, node.value + 1):
            yield ast.Constant(value), f"{node.value} -> {value}"


def _arithmetic(node: ast.BinOp) -> Iterator[Variant]:
    left, right, op = node.left, node.right, node.op
    if isinstance(op, ast.Mult):
        yield left, f"drop factor {_short(right)}"
        yield right, f"drop factor {_short(left)}"
        for factor, other in ((left, right), (right, left)):
            if isinstance(factor, ast.Name | ast.Attribute):
                square = ast.BinOp(factor, ast.Mult(), factor)
                yield ast.BinOp(square, ast.Mult(), other), f"square {_short(factor)}"
    elif isinstance(op, ast.Div):
        yield left, f"drop divisor {_short(right)}"
        yield ast.BinOp(left, ast.Mult(), right), f"times {_short(right)} for over it"
    elif isinstance(op, ast.Add | ast.Sub):
        yield left, f"drop term {_short(right)}"
        if isinstance(op, ast.Add):
            yield right, f"drop term {_short(left)}"
        opposite = ast.Sub() if isinstance(op, ast.Add) else ast.Add()
        yield ast.BinOp(left, opposite, right), f"sign before {_short(right)}"
    elif isinstance(op, ast.Pow):
        for step, word in ((ast.Add(), "+ 1"), (ast.Sub(), "- 1")):
            exponent = ast.BinOp(right, step, ast.Constant(1))
            yield ast.BinOp(left, op, exponent), f"power {_short(right)} {word}"


OPPOSITE = {"sup": "inf", "inf": "sup", "maximum": "minimum", "minimum": "maximum"}


def _calls(node: ast.Call) -> Iterator[Variant]:
    name = _called(node)
    if name in OPPOSITE:
        other = ast.Name(OPPOSITE[name], ast.Load())
        yield ast.Call(other, node.args, node.keywords), f"{name} -> {OPPOSITE[name]}"
    elif name == "positive":
        yield node.args[0], f"drop positive of {_short(node.args[0])}"
    elif name in ("at_most", "at_least") and isinstance(node.func, ast.Name):
        lhs, rhs, *rest = node.args
        yield ast.Call(node.func, [rhs, lhs, *rest], node.keywords), "turn the relation round"
        tighter = [lhs, _scaled(rhs)] if name == "at_most" else [_scaled(lhs), rhs]
        yield ast.Call(node.func, [*tighter, *rest], node.keywords), "tighten the bound by 1 %"
    elif name == "at_most":
        line, *rest = node.args
        tightened = ast.Call(node.func, [_scaled(line), *rest], node.keywords)
        yield tightened, f"tighten line '{_reason(rest)}' by 1 %"
    elif name in ("d_at", "D_at", "state_occupancy_at", "occupancy_at"):
        *objects, step = node.args
        later = ast.BinOp(step, ast.Add(), ast.Constant(1))
        yield ast.Call(node.func, [*objects, later], []), f"index of {_short(node)} + 1"


def _reason(rest: list[ast.expr]) -> str:
    return str(rest[0].value) if rest and isinstance(rest[0], ast.Constant) else ""


def _swapped_arguments(node: ast.Call, rivals: dict[str, list[str]]) -> Iterator[Variant]:
    """One policy or world in a call's arguments replaced by a rival."""
    for place, argument in enumerate(node.args):
        for rival in rivals.get(argument.id, ()) if isinstance(argument, ast.Name) else ():
            swapped = list(node.args)
            swapped[place] = ast.Name(rival, ast.Load())
            new = ast.Call(node.func, swapped, node.keywords)
            yield new, f"{_short(node)} -> {_short(new)}"


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _percent(side: ast.expr) -> ast.expr:
    size = ast.Call(ast.Name("absolute", ast.Load()), [side], [])
    return ast.BinOp(size, ast.Div(), ast.Constant(100))


def _scaled(side: ast.expr) -> ast.expr:
    """The side less one percent of its absolute value, written so that it stays exact."""
    return ast.BinOp(side, ast.Sub(), _percent(side))


class _Replace(ast.NodeTransformer):
    def __init__(self, place: int, new: ast.expr):
        self.place, self.new, self.seen = place, new, -1

    def generic_visit(self, node: ast.AST) -> ast.AST:
        self.seen += 1
        if self.seen == self.place:
            return self.new
        return super().generic_visit(node)


def _with(definition: ast.FunctionDef, node: ast.AST, new: ast.expr) -> ast.FunctionDef:
    """A copy of the definition with one node replaced."""
    counter = _Index(node)
    counter.visit(definition)
    changed = _Replace(counter.found, copy.deepcopy(new)).visit(copy.deepcopy(definition))
    return ast.fix_missing_locations(changed)


class _Index(ast.NodeVisitor):
    """The position of a node in the order in which a transformer meets nodes."""

    def __init__(self, target: ast.AST):
        self.target, self.seen, self.found = target, -1, -1

    def generic_visit(self, node: ast.AST) -> None:
        self.seen += 1
        if node is self.target:
            self.found = self.seen
        super().generic_visit(node)


def _without(definition: ast.FunctionDef, statement: ast.stmt) -> ast.FunctionDef:
    changed = copy.copy(definition)
    changed.body = [s for s in definition.body if s is not statement]
    return changed


def _rebuilt(
    function: FunctionType,
    parts: list[FunctionType],
    changed_part: FunctionType,
    changed: ast.FunctionDef,
) -> FunctionType:
    """The claim's function, compiled with its helpers in a namespace of their own."""
    from theorylab import arithmetic

    scope: dict[str, Any] = {}
    for part in reversed(parts):
        scope.update(part.__globals__)
    for name in ("inf", "sup", "maximum", "minimum", "absolute"):
        scope.setdefault(name, getattr(arithmetic, name))
    for part in parts:
        definition = changed if part is changed_part else definition_of(part)
        bare = copy.copy(definition)
        bare.decorator_list, bare.returns = [], None
        bare.args = _unannotated(bare.args)
        module = ast.fix_missing_locations(ast.Module([bare], []))
        exec(compile(module, f"<mutant of {function.__name__}>", "exec"), scope)
    return scope[function.__name__]


def _unannotated(arguments: ast.arguments) -> ast.arguments:
    plain = copy.deepcopy(arguments)
    for argument in plain.args + plain.kwonlyargs:
        argument.annotation = None
    return plain
