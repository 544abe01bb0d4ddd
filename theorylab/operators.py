"""Operators: the small changes of a formula's syntax tree that mutants are made of.

    factors   drop, drop the divisor, multiply for divide, a discount or coverage factor twice
    terms     drop, change the sign before it; powers and roots by their neighbours
    choices   max and min, a sum and a mean, positive part and absolute value left out
    objects   another policy, model or distribution of the same shape at one place
    indices   a step, a range's end or a subscript moved by one, an integer constant by one
    relations turned round, a bound tightened by one percent

Each variant is a new expression for one node, with the change in words.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Variant = tuple[ast.expr, str]

SHARED = {"gamma", "c", "r", "payoff", "start", "S", "A", "H", "sense"}
"""Fields that a model shares with its MDP: swapping the two changes nothing there."""
OPPOSITE = {"sup": "inf", "inf": "sup", "maximum": "minimum", "minimum": "maximum"}
STATES = {"d", "d_at", "state_occupancy", "state_occupancy_at"}
PAIRS = {"D", "D_at", "occupancy", "occupancy_at"}
STEPS = {"d_at", "D_at", "state_occupancy_at", "occupancy_at"}
AVERAGED = {"E", "expectation", "coverage", "coverage_coefficient"}
"""Functions whose arguments are distributions."""


@dataclass(frozen=True)
class Scope:
    """What may stand for what in one function.

    `rivals` maps a policy or world to the others, `kinds` a distribution's text to its axes,
    "S" or "SA"; `delegated` are calls of the claim's own helpers that are the whole statement,
    whose arguments are not swapped: that would only be a special case of it.
    """

    rivals: Mapping[str, Sequence[str]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    delegated: frozenset[int] = frozenset()


def short(node: ast.AST) -> str:
    """The node's text on one line, cut at 60 characters."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:57] + "..."


def called(node: ast.expr) -> str:
    """The last name of a called expression; empty where it is no call of a name."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def variants(node: ast.AST, scope: Scope) -> Iterator[Variant]:
    """Each expression that may stand for this node, with the change in words."""
    if isinstance(node, ast.BinOp):
        yield from _arithmetic(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand, f"sign of {short(node)}"
    elif isinstance(node, ast.Call):
        yield from _calls(node)
        yield from _other_arguments(node, scope)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        yield from _other_owner(node, node.value.id, scope)
    elif isinstance(node, ast.Subscript):
        yield from _other_index(node)
    elif isinstance(node, ast.Constant) and type(node.value) is int and node.value > 1:
        for value in (node.value - 1, node.value + 1):
            yield ast.Constant(value), f"{node.value} -> {value}"


# ---- arithmetic --------------------------------------------------------------------------------


def _arithmetic(node: ast.BinOp) -> Iterator[Variant]:
    if isinstance(node.op, ast.Mult):
        yield from _product(node)
    elif isinstance(node.op, ast.Div):
        yield from _quotient(node)
    elif isinstance(node.op, ast.Add | ast.Sub):
        yield from _sum(node)
    elif isinstance(node.op, ast.Pow):
        for step, word in ((1, "+ 1"), (-1, "- 1")):
            new = ast.BinOp(node.left, node.op, moved(node.right, step))
            yield new, f"power {short(node.right)} {word} in {short(node)}"


def _product(node: ast.BinOp) -> Iterator[Variant]:
    left, right = node.left, node.right
    yield left, f"drop factor {short(right)} of {short(node)}"
    yield right, f"drop factor {short(left)} of {short(node)}"
    for factor, other in ((left, right), (right, left)):
        if _is_factor(factor):
            square = ast.BinOp(factor, ast.Mult(), factor)
            new = ast.BinOp(square, ast.Mult(), other)
            yield new, f"double factor {short(factor)} of {short(node)}"


def _is_factor(node: ast.expr) -> bool:
    """A name, a field, 1 - gamma or gamma / (1 - gamma): what a bound has once too often."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Sub):
        return _plain(node.left) and (_plain(node.right) or _is_factor(node.right))
    return isinstance(node, ast.Name | ast.Attribute)


def _plain(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute | ast.Constant)


def _quotient(node: ast.BinOp) -> Iterator[Variant]:
    left, right = node.left, node.right
    yield left, f"drop divisor {short(right)} of {short(node)}"
    yield ast.BinOp(left, ast.Mult(), right), f"times {short(right)} for over it in {short(node)}"
    if _is_factor(right):
        twice = ast.BinOp(node, ast.Div(), right)
        yield twice, f"double divisor {short(right)} of {short(node)}"
    if not isinstance(left, ast.Constant):
        without = ast.BinOp(ast.Constant(1), ast.Div(), right)
        yield without, f"drop factor {short(left)} of {short(node)}"


def _sum(node: ast.BinOp) -> Iterator[Variant]:
    left, right = node.left, node.right
    yield left, f"drop term {short(right)} of {short(node)}"
    if isinstance(node.op, ast.Add):
        yield right, f"drop term {short(left)} of {short(node)}"
    elif not isinstance(left, ast.Constant):
        yield ast.UnaryOp(ast.USub(), right), f"drop term {short(left)} of {short(node)}"
    opposite = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    yield ast.BinOp(left, opposite, right), f"sign before {short(right)} in {short(node)}"


def moved(node: ast.expr, step: int) -> ast.expr:
    """The integer expression plus 1 or minus 1."""
    return ast.BinOp(node, ast.Add() if step > 0 else ast.Sub(), ast.Constant(abs(step)))


# ---- calls -------------------------------------------------------------------------------------


def _calls(node: ast.Call) -> Iterator[Variant]:
    name = called(node)
    if name in OPPOSITE:
        yield _call(OPPOSITE[name], *node.args), f"{name} -> {OPPOSITE[name]} in {short(node)}"
    elif name in ("positive", "absolute", "sqrt") and node.args:  # x.sqrt() has none
        yield node.args[0], f"drop {name} of {short(node.args[0])}"
    elif name == "sup_norm":
        smallest = _call("inf", _call("absolute", *node.args))
        yield smallest, f"max -> min in {short(node)}"
    elif name == "l1_norm":
        yield _mean(_call("absolute", *node.args)), f"sum -> mean in {short(node)}"
    elif name == "sum":
        yield from _sums(node)
    elif name in ("at_most", "at_least"):
        yield from _relations(node, name)
    elif name in STEPS and node.args:
        *objects, step = node.args
        for change in (1, -1):
            if change > 0 or not isinstance(step, ast.Constant):
                new = ast.Call(node.func, [*objects, moved(step, change)], node.keywords)
                yield new, f"step {'+' if change > 0 else '-'} 1 of {short(node)}"
    elif name == "range":
        yield from _ranges(node)


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _mean(table: ast.expr) -> ast.expr:
    function = ast.Attribute(table, "mean", ast.Load())
    return ast.Call(function, [ast.UnaryOp(ast.USub(), ast.Constant(1))], [])


def _sums(node: ast.Call) -> Iterator[Variant]:
    if isinstance(node.func, ast.Attribute):
        mean = ast.Attribute(node.func.value, "mean", ast.Load())
        yield ast.Call(mean, node.args, node.keywords), f"sum -> mean in {short(node)}"
    else:
        yield _call("average", *node.args), f"sum -> mean in {short(node)}"


def _ranges(node: ast.Call) -> Iterator[Variant]:
    """The ends of a range, one early and one late; a range without its first step."""
    *first, last = node.args[:2]
    for change, word in ((1, "late"), (-1, "early")):
        new = ast.Call(node.func, [*first, moved(last, change), *node.args[2:]], [])
        yield new, f"end one {word} in {short(node)}"
    start = moved(first[0], 1) if first else ast.Constant(1)
    yield ast.Call(node.func, [start, last, *node.args[2:]], []), f"begin one late in {short(node)}"


def _relations(node: ast.Call, name: str) -> Iterator[Variant]:
    if isinstance(node.args[0], ast.Starred):  # at_most(*two_sides(...))
        both = ast.Starred(_call("reversed", node.args[0].value), ast.Load())
        yield ast.Call(node.func, [both, *node.args[1:]], node.keywords), "turn the relation round"
    elif isinstance(node.func, ast.Name):
        lhs, rhs, *rest = node.args
        yield ast.Call(node.func, [rhs, lhs, *rest], node.keywords), "turn the relation round"
        tighter = [lhs, _scaled(rhs)] if name == "at_most" else [_scaled(lhs), rhs]
        yield ast.Call(node.func, [*tighter, *rest], node.keywords), "tighten the bound by 1 %"
    elif isinstance(node.func, ast.Attribute):
        line, *rest = node.args
        reason = str(rest[0].value) if rest and isinstance(rest[0], ast.Constant) else ""
        yield _call("turned", node.func.value, line, *rest), f"turn line '{reason}' round"
        tightened = ast.Call(node.func, [_scaled(line), *rest], node.keywords)
        yield tightened, f"tighten line '{reason}' by 1 %"


def _scaled(side: ast.expr) -> ast.expr:
    """The side less one percent of its absolute value, written so that it stays exact."""
    percent = ast.BinOp(_call("absolute", side), ast.Div(), ast.Constant(100))
    return ast.BinOp(side, ast.Sub(), percent)


# ---- objects and indices -----------------------------------------------------------------------


def _other_arguments(node: ast.Call, scope: Scope) -> Iterator[Variant]:
    """One argument of a call replaced: a policy or world by a rival, a distribution by another."""
    for place, argument in enumerate(node.args):
        others = [ast.Name(r, ast.Load()) for r in _rivals(node, argument, scope)]
        for new_argument in [*others, *_distributions(node, place, scope)]:
            arguments = list(node.args)
            arguments[place] = new_argument
            new = ast.Call(node.func, arguments, node.keywords)
            yield new, f"{short(argument)} -> {short(new_argument)} in {short(node)}"


def _rivals(node: ast.Call, argument: ast.expr, scope: Scope) -> Sequence[str]:
    named = isinstance(argument, ast.Name) and id(node) not in scope.delegated
    return scope.rivals.get(argument.id, ()) if named else ()  # type: ignore[attr-defined]


def _distributions(node: ast.Call, place: int, scope: Scope) -> list[ast.expr]:
    """Other distributions of the same shape in scope, for an expectation's or a coverage's."""
    first = called(node) in ("E", "expectation") and place == 0
    if not (first or called(node) in ("coverage", "coverage_coefficient")):
        return []
    text = ast.unparse(node.args[place])
    kind = scope.kinds.get(text)
    texts = [t for t, k in scope.kinds.items() if kind is not None and k == kind and t != text]
    return [ast.parse(t, mode="eval").body for t in texts]


def distributions(body: Sequence[ast.stmt], parameters: Mapping[str, str]) -> dict[str, str]:
    """The distributions that a function's formulas average over: text to axes, "S" or "SA"."""
    found = dict(parameters)
    named = {
        statement.targets[0].id: statement.value
        for statement in body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    for node in (n for statement in body for n in ast.walk(statement)):
        if isinstance(node, ast.Call) and called(node) in AVERAGED:
            for argument in node.args:
                kind = _kind(argument, named, found)
                if kind:
                    found.setdefault(ast.unparse(argument), kind)
    return found


def _kind(node: ast.expr, named: Mapping[str, ast.expr], known: Mapping[str, str]) -> str:
    """The axes of a distribution by how it is written; empty where it is none."""
    if isinstance(node, ast.Name):
        return known.get(node.id) or (_kind(named[node.id], {}, known) if node.id in named else "")
    if isinstance(node, ast.Attribute) and node.attr == "start":
        return "S"
    return "S" if called(node) in STATES else "SA" if called(node) in PAIRS else ""


def _other_owner(node: ast.Attribute, owner: str, scope: Scope) -> Iterator[Variant]:
    if node.attr not in SHARED:
        for rival in scope.rivals.get(owner, ()):
            new = ast.Attribute(ast.Name(rival, ast.Load()), node.attr, ast.Load())
            yield new, f"{short(node)} -> {short(new)}"


def _other_index(node: ast.Subscript) -> Iterator[Variant]:
    """A subscript moved by one; a constant only forward, since x[0 - 1] is the last entry."""
    if isinstance(node.slice, ast.Constant) and type(node.slice.value) is int:
        steps: tuple[int, ...] = (1,) if node.slice.value <= 1 else (1, -1)
    elif isinstance(node.slice, ast.Name | ast.BinOp):
        steps = (1, -1)
    else:
        return
    for step in steps:
        new = ast.Subscript(node.value, moved(node.slice, step), node.ctx)  # read or assigned to
        yield new, f"index {'+' if step > 0 else '-'} 1 of {short(node)}"


# ---- one node of a tree replaced ---------------------------------------------------------------


def replaced(definition: ast.FunctionDef, node: ast.AST, new: ast.expr) -> ast.FunctionDef:
    """The definition with one node replaced; what does not hold the node is shared, not copied."""
    changed = _replaced(definition, node, new)
    assert isinstance(changed, ast.FunctionDef)
    return changed


def _replaced(tree: ast.AST, node: ast.AST, new: ast.expr) -> ast.AST:
    if tree is node:
        return new
    for name, value in ast.iter_fields(tree):
        changed: object = value
        if isinstance(value, ast.AST):
            changed = _replaced(value, node, new)
        elif isinstance(value, list):
            items = [_replaced(i, node, new) if isinstance(i, ast.AST) else i for i in value]
            changed = items if any(i is not j for i, j in zip(items, value, strict=True)) else value
        if changed is not value:
            copied = copy.copy(tree)
            setattr(copied, name, changed)
            return copied
    return tree


def without(definition: ast.FunctionDef, statement: ast.stmt) -> ast.FunctionDef:
    """A copy of the definition without one statement."""
    changed = copy.copy(definition)
    changed.body = [s for s in definition.body if s is not statement]
    return changed
