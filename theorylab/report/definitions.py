"""The standalone definitions that a text needs: names, members and operators, to a fixed point.

    definitions = the functions, classes and constants of theorylab.report.standalone
    needed(text) = those that the text uses, those that these use, ..., with their imports

Of a class only the members that are used are taken, so that a checker stays short.
"""

from __future__ import annotations

import ast
import symtable
import textwrap
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

FILES = ("tables", "reals", "worlds", "vocabulary", "checking")
REALS = "reals"
PLAIN = {name for kind in (list, tuple, dict, str) for name in dir(kind)}
"""Attributes of Python's own values, which a claim may use anywhere."""
OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.Pow: "pow",
    ast.MatMult: "matmul", ast.USub: "neg",
}  # fmt: skip
CALLED = {"abs": "__abs__", "len": "__len__"}
ALWAYS = {"__init__", "__getitem__"}
"""Members that Python calls by itself, in ways which no name or operator shows."""


@dataclass(frozen=True)
class Definition:
    """A function, a class or a constant: its text, and for a class the texts of its members."""

    text: str
    members: Mapping[str, str] = field(default_factory=dict)

    def pieces(self, wanted: frozenset[str]) -> list[str]:
        """The text and those of the wanted members."""
        return [self.text, *(text for name, text in self.members.items() if name in wanted)]

    def written(self, wanted: frozenset[str]) -> str:
        """The text with the wanted members."""
        parts = self.pieces(wanted)
        rest = (_gap(one, other) + other for one, other in pairwise(parts))
        return "".join([self.text, *rest])


def _gap(one: str, other: str) -> str:
    """One-liners of a class stand together."""
    return "\n" if " = lambda " in one and " = lambda " in other else "\n\n"


@cache
def definitions(reals: bool) -> dict[str, Definition]:
    """All definitions by name; `reals` takes in enclosures, whose larger and smaller come first."""
    found: dict[str, Definition] = {}
    names = [name for name in FILES if name != REALS] + [REALS] * reals
    for name in names:
        source = standalone(name)
        for node in ast.parse(source).body:
            found.update(_definition(node, source))
    return found


def standalone(name: str) -> str:
    """The source text of a standalone file."""
    return (Path(__file__).parent / "standalone" / f"{name}.py").read_text(encoding="utf-8")


def _definition(node: ast.stmt, source: str) -> dict[str, Definition]:
    if isinstance(node, ast.FunctionDef):
        return {node.name: Definition(_text(source, node))}
    if isinstance(node, ast.ClassDef):
        members = [m for m in node.body if isinstance(m, ast.FunctionDef | ast.Assign)]
        last = members[0] if members else None
        head = lines_of(source, node.lineno, _first(last) - 1 if last else node.end_lineno)
        texts = {_name(m): _text(source, m) for m in members}
        return {node.name: Definition(head.rstrip(), texts)}
    if isinstance(node, ast.Assign):
        return {_name(node): Definition(_text(source, node))}
    return {}


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        return typing.cast(ast.Name, node.targets[0]).id
    return typing.cast(ast.FunctionDef, node).name


def _first(node: Any) -> int:
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])


def _text(source: str, node: ast.stmt) -> str:
    return lines_of(source, _first(node), node.end_lineno)


def lines_of(source: str, first: int, last: int | None) -> str:
    return "\n".join(source.split("\n")[first - 1 : last])


# ---- what a text uses --------------------------------------------------------------------------


def free_names(text: str) -> set[str]:
    """The names that a text takes from outside, whatever scopes it has."""
    top = symtable.symtable(text, "text", "exec")
    own = {s.get_name() for s in top.get_symbols() if s.is_assigned()}
    return {
        symbol.get_name()
        for scope in _scopes(top)
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and symbol.is_global()
    } - own


def _scopes(scope: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield scope
    for child in scope.get_children():
        yield from _scopes(child)


def members_used(text: str) -> set[str]:
    """The attributes that a text names, and the methods behind its operators."""
    found = set(ALWAYS)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.BinOp | ast.AugAssign | ast.UnaryOp):
            name = OPERATORS.get(type(node.op), "")
            found |= {f"__{name}__", f"__r{name}__"}
        elif isinstance(node, ast.Name) and node.id in CALLED:
            found.add(CALLED[node.id])
    return found


@cache
def _uses(piece: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names and the members that a piece of text uses."""
    text = textwrap.dedent(piece)
    return frozenset(free_names(text)), frozenset(members_used(text))


def needed(text: str) -> str:
    """The standalone definitions that a text needs, themselves and their imports, in order."""
    rational = definitions(False)
    names, members = _closure(text, rational)
    if not names & (definitions(True).keys() - rational.keys()):
        return _written(rational, names, members)
    return _written(definitions(True), *_closure(text, definitions(True)))


def _closure(text: str, known: Mapping[str, Definition]) -> tuple[frozenset[str], frozenset[str]]:
    """All names and members that a text uses, by itself and through definitions."""
    names, members = _uses(text)
    while True:
        chosen = [d for name, d in known.items() if name in names]
        uses = [_uses(piece) for d in chosen for piece in d.pieces(members)]
        before = len(names) + len(members)
        names = names.union(*(found for found, _ in uses))
        members = members.union(*(found for _, found in uses))
        if len(names) + len(members) == before:
            return names, members


def _written(
    known: Mapping[str, Definition], names: frozenset[str], members: frozenset[str]
) -> str:
    chosen = [d.written(members) for name, d in known.items() if name in names]
    return "\n\n".join([_imports(names), *chosen])


@cache
def _library() -> frozenset[tuple[str, str]]:
    """What the standalone files import of the standard library: (module, name), "" for itself."""
    found = {("types", "SimpleNamespace")}
    for file in FILES:
        for node in ast.parse(standalone(file)).body:
            if isinstance(node, ast.Import):
                found |= {(a.name, "") for a in node.names}
            elif isinstance(node, ast.ImportFrom) and not str(node.module).startswith("theorylab"):
                found |= {(str(node.module), a.name) for a in node.names}
    return frozenset(found)


def _imports(wanted: frozenset[str]) -> str:
    """The imports of the standard library's names that are wanted."""
    found = {(home, name) for home, name in _library() if (name or home) in wanted}
    lines = [f"import {module}" for module, name in sorted(found) if not name]
    for module in sorted({module for module, name in found if name}):
        names = sorted(name for home, name in found if home == module and name)
        lines.append(f"from {module} import {', '.join(names)}")
    return "\n".join(lines)


def attribute_chains(text: str, name: str) -> set[tuple[str, ...]]:
    """The chains of attributes that a text takes of a name; () where it is used bare."""
    chains, inner = set(), set()
    for node in ast.walk(ast.parse(text)):
        chain, at = [], node
        while isinstance(at, ast.Attribute):
            chain.append(at.attr)
            inner.add(id(at.value))
            at = at.value
        if isinstance(at, ast.Name) and at.id == name and id(node) not in inner:
            chains.add(tuple(reversed(chain)))
    return chains


@cache
def known_attributes() -> frozenset[str]:
    """What the standalone classes have, and Python's own values."""
    found = set(PLAIN)
    for definition in definitions(True).values():
        found |= set(definition.members)
        for text in definition.members.values():
            found |= {a for chain in attribute_chains(textwrap.dedent(text), "self") for a in chain}
    return frozenset(found)
