"""The standalone definitions that a text needs: names, members and operators, to a fixed point.

    definitions    the functions, classes and constants of theorylab.report.standalone
    needed(text)   those that the text uses, those that these use, ..., and the file of each

Of a class only the members that are used are taken, so that a reviewer reads no more than needed.
"""

from __future__ import annotations

import ast
import symtable
import textwrap
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

FILES = ("tables", "arithmetic", "relations", "worlds", "vocabulary", "checking")
OPTIONAL = ("reals", "infinity")
"""Written where a text uses them; some of their definitions then take the place of those above."""
CHECK = ("vocabulary", "checking")
"""What stands in check.py itself."""
BESIDE = ("tables", "reals", "infinity", "arithmetic", "relations", "worlds")
"""The files beside check.py, each of which imports from earlier ones."""
WIDTH = 100
PLAIN = {name for kind in (list, tuple, dict, str) for name in dir(kind)}
"""Attributes of Python's own values, which a claim may use anywhere."""
OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.Pow: "pow",
    ast.MatMult: "matmul", ast.USub: "neg",
}  # fmt: skip
COMPARED = {
    ast.Eq: ("__eq__",), ast.NotEq: ("__eq__",), ast.In: ("__eq__",),
    ast.Lt: ("__lt__", "__gt__"), ast.Gt: ("__lt__", "__gt__"),
    ast.LtE: ("__le__", "__ge__"), ast.GtE: ("__le__", "__ge__"),
}  # fmt: skip
CALLED = {
    "abs": ("__abs__",), "len": ("__len__",), "max": ("__lt__", "__gt__"),
    "min": ("__lt__", "__gt__"), "sorted": ("__lt__", "__gt__"),
}  # fmt: skip
ALWAYS = {"__init__", "__getitem__", "__str__"}
"""Members that Python calls by itself, in ways which no name or operator shows."""


@dataclass(frozen=True)
class Definition:
    """A function, a class or a constant: its text, and for a class the texts of its members.

    `file` is where it is written: that of the definition whose place it takes, if there is one.
    """

    text: str
    file: str
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
def definitions(*optional: str) -> dict[str, Definition]:
    """All definitions by name, with those of the optional files, which go before others."""
    found: dict[str, Definition] = {}
    for name in (*FILES, *optional):
        source = standalone(name)
        for node in ast.parse(source).body:
            for key, definition in _definition(node, source, name).items():
                place = found[key].file if key in found else name
                found[key] = replace(definition, file=place)
    return found


def standalone(name: str) -> str:
    """The source text of a standalone file."""
    return (Path(__file__).parent / "standalone" / f"{name}.py").read_text(encoding="utf-8")


def _definition(node: ast.stmt, source: str, file: str) -> dict[str, Definition]:
    if isinstance(node, ast.FunctionDef):
        return {node.name: Definition(_text(source, node), file)}
    if isinstance(node, ast.ClassDef):
        members = [m for m in node.body if isinstance(m, ast.FunctionDef | ast.Assign)]
        last = members[0] if members else None
        head = lines_of(source, node.lineno, _first(last) - 1 if last else node.end_lineno)
        texts = {_name(m): _text(source, m) for m in members}
        return {node.name: Definition(head.rstrip(), file, texts)}
    if isinstance(node, ast.Assign):
        return {_name(node): Definition(_text(source, node), file)}
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
        elif isinstance(node, ast.Compare):
            found |= {name for op in node.ops for name in COMPARED.get(type(op), ())}
        elif isinstance(node, ast.Name):
            found |= set(CALLED.get(node.id, ()))
    return found


@cache
def _uses(piece: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names and the members that a piece of text uses."""
    text = textwrap.dedent(piece)
    return frozenset(free_names(text)), frozenset(members_used(text))


@dataclass(frozen=True)
class Needed:
    """The definitions that a text needs, with the names and members that are used of them."""

    text: str
    known: Mapping[str, Definition]
    names: frozenset[str]
    members: frozenset[str]

    def of(self, file: str) -> list[str]:
        """The definitions that are written to a file, in order."""
        chosen = ((name, d) for name, d in self.known.items() if name in self.names)
        return [d.written(self.members) for _, d in chosen if d.file == file]

    def check_imports(self) -> tuple[str, str]:
        """What check.py imports of the standard library, and of the files beside it."""
        return self._imports([self.text, *(text for file in CHECK for text in self.of(file))])

    def _imports(self, texts: list[str], own: str = "") -> tuple[str, str]:
        used = frozenset().union(*(_uses(text)[0] for text in texts))
        homes = {name: self.known[name].file for name in sorted(used & self.known.keys())}
        beside = ((file, [n for n in homes if homes[n] == file]) for file in BESIDE if file != own)
        return _imports(used), "\n".join(_import(file, names) for file, names in beside if names)

    def beside(self) -> dict[str, str]:
        """The files beside check.py that are needed, by name."""
        return {f"{file}.py": self._written(file) for file in BESIDE if self.of(file)}

    def _written(self, file: str) -> str:
        about = str(ast.get_docstring(ast.parse(standalone(file)))).partition("\n\n")[0]
        head = f'"""{about}\n\nWritten by theorylab export: what check.py uses, and no more.\n"""'
        imports = filter(None, self._imports(self.of(file), file))
        return "\n\n\n".join(["\n\n".join([head, *imports]), *self.of(file)]) + "\n"


def needed(text: str) -> Needed:
    """The standalone definitions that a text needs."""
    optional: tuple[str, ...] = ()
    every = definitions(*OPTIONAL)
    while True:
        known = definitions(*optional)
        names, members = _closure(text, known)
        own = {name for name in names if name in every and name not in known}
        if not own:
            return Needed(text, known, names, members)
        optional = tuple(
            f for f in OPTIONAL if f in optional or any(every[n].file == f for n in own)
        )


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


@cache
def _library() -> frozenset[tuple[str, str]]:
    """What the standalone files import of the standard library: (module, name), "" for itself."""
    found = {("types", "SimpleNamespace")}
    for file in (*FILES, *OPTIONAL):
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


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    inside = textwrap.fill(", ".join(names), WIDTH, initial_indent="    ", subsequent_indent="    ")
    return f"from {module} import (\n{inside},\n)"


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
    for definition in definitions(*OPTIONAL).values():
        found |= set(definition.members)
        for text in definition.members.values():
            found |= {a for chain in attribute_chains(textwrap.dedent(text), "self") for a in chain}
    return frozenset(found)
