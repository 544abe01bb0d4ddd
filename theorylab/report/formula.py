"""A claim's own formula as text that stands alone, with the outside names that it uses.

The claim and its helpers are taken as they stand in the paper's file, without decorators and
annotations. A name or an attribute that has no standalone form is `Unsupported`, never left out.
"""

from __future__ import annotations

import ast
import builtins
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import FunctionType, ModuleType
from typing import Any

import flint
import numpy as np

from theorylab import lint
from theorylab.claims import Claim
from theorylab.errors import Unsupported
from theorylab.report.definitions import (
    OPTIONAL,
    attribute_chains,
    definitions,
    free_names,
    known_attributes,
    lines_of,
)

HOMES = (
    "theorylab.arithmetic", "theorylab.relations", "theorylab.theory.discounted_linear",
    "theorylab.theory.finite_horizon", "theorylab.theory.information",
    "theorylab.theory.linear_quadratic", "theorylab.theory.online",
    "theorylab.theory.planning", "theorylab.theory.tabular",
    "theorylab.worlds.finite_horizon", "theorylab.worlds.linear_quadratic", "theorylab.worlds.mdp",
)  # fmt: skip
"""Modules whose functions and classes have standalone forms, each under its own name."""
WIDTH = 80


@dataclass
class Formula:
    """A claim and its helpers as text, and the outside names they use, each as an expression."""

    claim: Claim
    functions: dict[str, tuple[FunctionType, str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    chains: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)

    def take(self, function: FunctionType) -> None:
        """Take in a function with all that it uses; Unsupported where something has no form."""
        name = function.__name__
        known = self.functions.get(name)
        if known is not None:
            self.require(known[0] is function, f"two functions named {name}")
            return
        text = plain(function)
        self.functions[name] = (function, text)
        scope = _scope(function)
        for other in sorted(free_names(text)):
            self._take_name(other, scope, text)

    def _take_name(self, name: str, scope: Mapping[str, Any], text: str) -> None:
        if name not in scope:
            self.require(hasattr(builtins, name), f"{name}, which is not defined")
            return
        value = scope[name].function if isinstance(scope[name], Claim) else scope[name]
        if isinstance(value, FunctionType) and not _is_of(value, "theorylab", "numpy"):
            self.require(value.__name__ == name, f"{value.__name__} under the name {name}")
            self.take(value)
            return
        if isinstance(value, ModuleType):  # several functions may use different parts of it
            self.chains.setdefault(name, set()).update(attribute_chains(text, name))
            self.names[name] = self._namespace(value, sorted(self.chains[name]))
            return
        expression = self._expression(name, value)
        known = self.names.setdefault(name, expression)
        self.require(known == expression, f"two things named {name}")

    def _expression(self, name: str, value: Any) -> str:
        constant = literal(value)
        if constant is not None:
            return constant
        word = standalone_name(value)
        self.require(word is not None, f"{name} ({place_of(value)})")
        return str(word)

    def _namespace(self, module: ModuleType, chains: list[tuple[str, ...]]) -> str:
        """A module as the namespace of what is used of it."""
        self.require(bool(chains) and all(chains), f"the module {module.__name__} as a value")
        parts: dict[str, str] = {}
        for first in dict.fromkeys(chain[0] for chain in chains):
            value = getattr(module, first, None)
            rest = [chain[1:] for chain in chains if chain[0] == first]
            place = f"{module.__name__}.{first}"
            if isinstance(value, ModuleType):
                parts[first] = self._namespace(value, rest)
                continue
            word = standalone_name(value, first if module is np else "") or literal(value)
            self.require(word is not None and hasattr(module, first), place)
            parts[first] = str(word)
        return f"SimpleNamespace({', '.join(f'{k}={v}' for k, v in parts.items())})"

    def require(self, holds: bool, what: str) -> None:
        """Unsupported, saying what the claim uses, unless it has a standalone form."""
        if not holds:
            raise Unsupported(
                f"export cannot write {self.claim.id}: it uses {what}, which has no standalone form"
                " (theorylab/report/standalone/vocabulary.py is where one is added)"
            )

    @classmethod
    def of(cls, claim: Claim) -> Formula:
        """The claim's formula, of which every name and attribute has a standalone form."""
        formula = cls(claim)
        formula.take(claim.function)
        formula.check_attributes()
        return formula

    def check_attributes(self) -> None:
        """Every attribute taken of an object must exist in the standalone classes."""
        own = "\n".join(text for _, text in self.functions.values())
        modules = {n for n, text in self.names.items() if text.startswith("SimpleNamespace")}
        for node in ast.walk(ast.parse(own)):
            if isinstance(node, ast.Attribute) and _root(node) not in modules:
                self.require(node.attr in known_attributes(), f".{node.attr}")
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                self.require(False, f"an assignment to {ast.unparse(node)}")

    def text(self) -> str:
        """The function `formula`, which takes the words of the claim and returns the claim."""
        own = self.claim.function.__name__
        clash = sorted(set(self.names) & set(self.functions))
        self.require(not clash, f"two things named {clash[0] if clash else ''}")
        order = [name for name in self.functions if name != own] + [own]
        bodies = [_indented(self.functions[name][1]) for name in order]
        head = "def formula(" + _packed(list(self.names)) + "):"
        doc = '    r"""The statement and its helpers, as they stand in the paper\'s file."""'
        return "\n\n".join(["\n".join([head, doc]), *bodies, f"    return {own}"])

    def words(self) -> str:
        """What the words are, as arguments of `formula`."""
        return _packed([f"{name}={meaning}" for name, meaning in self.names.items()])


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return getattr(node, "id", "")


def _scope(function: FunctionType) -> Mapping[str, Any]:
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return ChainMap({name: cell.cell_contents for name, cell in cells}, function.__globals__)


def _is_of(value: Any, *packages: str) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] in packages


def place_of(value: Any) -> str:
    name = getattr(value, "__name__", None)
    return f"{getattr(value, '__module__', '')}.{name}" if name else type(value).__name__


def standalone_name(value: Any, numpy_name: str = "") -> str | None:
    """The name of the standalone form of a function or class of theorylab or numpy."""
    name = numpy_name or str(getattr(value, "__name__", ""))
    if numpy_name or isinstance(value, np.ufunc) or _is_of(value, "numpy"):
        name = f"np_{name}"
    elif getattr(value, "__module__", None) not in HOMES:
        return None
    return name if name in definitions(*OPTIONAL) else None


def literal(value: Any) -> str | None:
    """A constant of the paper's file as an expression, or None for anything else."""
    if value is None or type(value) in (bool, int, str):
        return repr(value)
    if isinstance(value, Fraction | flint.fmpq | flint.fmpz):
        return f"Fraction({str(value)!r})"
    if isinstance(value, tuple | list):
        parts = [literal(part) for part in value]
        if None not in parts:
            inner = "".join(f"{part}, " for part in parts)
            return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    return None


def plain(function: FunctionType) -> str:
    """A function as it stands in its file, without decorators and annotations."""
    source = lint.source_of(function)
    node = lint.definition_of(function)
    node.decorator_list, node.returns = [], None
    _annotations(node.args)
    body = ast.Module(node.body, [])
    moved = any("\n" in s for s in _strings(body) if s != ast.get_docstring(node, clean=False))
    if _annotations(body) or moved or node.body[0].lineno == node.lineno:
        return ast.unparse(node)
    head = f"def {node.name}({ast.unparse(node.args)}):"
    return "\n".join([head, lines_of(source, node.body[0].lineno, node.end_lineno)])


def _annotations(tree: ast.AST) -> int:
    """Take the annotations of all arguments out of a tree; how many there were."""
    count = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            node.annotation, count = None, count + 1
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            node.returns, count = None, count + 1
    return count


def _strings(tree: ast.AST) -> list[str]:
    nodes = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
    return [value for value in nodes if isinstance(value, str)]


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))


def _packed(items: list[str]) -> str:
    """Items in lines of a bearable width."""
    lines = [""]
    for item in items:
        if len(lines[-1]) + len(item) > WIDTH:
            lines.append("")
        lines[-1] += f"{item}, "
    inside = "\n    ".join(line.rstrip() for line in lines).rstrip(",")
    return inside if len(lines) == 1 else f"\n    {inside},\n"
