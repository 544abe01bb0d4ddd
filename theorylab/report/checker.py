"""The text of a checker that stands alone: a claim's own formula, and what it needs to be run.

    check.py = definitions of theorylab.report.standalone that are used
             + the claim and its helpers, as they stand in the paper's file
             + the domain that the claim's signature names

Definitions are chosen by the names, attributes and operators that the text uses, to a fixed point.
A name that has no standalone form is `Unsupported`, never left out.
"""

from __future__ import annotations

import ast
import builtins
import typing
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import FunctionType, ModuleType
from typing import Any

import flint
import numpy as np

from theorylab import givens, lint
from theorylab.claims import Claim
from theorylab.errors import Unsupported
from theorylab.givens import Integer, Number, Parameter, Several
from theorylab.report.definitions import (
    attribute_chains,
    definitions,
    free_names,
    known_attributes,
    lines_of,
    needed,
)
from theorylab.worlds.mdp import MDP, Model

HOMES = (
    "theorylab.arithmetic", "theorylab.relations", "theorylab.theory.finite_horizon",
    "theorylab.theory.information", "theorylab.theory.planning", "theorylab.theory.tabular",
    "theorylab.worlds.finite_horizon", "theorylab.worlds.mdp",
)  # fmt: skip
"""Modules whose functions and classes have standalone forms, each under its own name."""
READERS = {
    givens.StateDistribution: 'distribution("S")',
    givens.StateActionDistribution: 'distribution("S", "A")',
    givens.StateFunction: 'function("S")',
    givens.StateActionFunction: 'function("S", "A")',
}
WIDTH = 80

HEAD = '''"""Checks the {kind} in {kind}.json. Run it with: python3 -I -S check.py

The instance is read and must lie in the domain of the statement; both sides of every line are
recomputed by elementary exact methods, with Python's standard library alone, and printed.
Exit status 0: {meaning}; 1: the file is rejected, and why.
The statement is the function `formula` near the end, as the paper's file has it.
Written by theorylab export; see statement.md.
"""
'''
END = """ABOUT = {{
{about}
}}
DOMAIN = {{
{domain}
}}

if __name__ == "__main__":
    sys.exit(main(formula(), DOMAIN, ABOUT))
"""
MEANINGS = {
    "counterexample": "the relation fails as stated",
    "instance": "all lines hold at this instance",
}


# ---- the claim's own text ----------------------------------------------------------------------


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
        self.require(word is not None, f"{name} ({_shown(value)})")
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

    def text(self) -> str:
        """The function `formula`, which returns the claim's own."""
        own = self.claim.function.__name__
        clash = sorted(set(self.names) & set(self.functions))
        self.require(not clash, f"two things named {clash[0] if clash else ''}")
        order = [name for name in self.functions if name != own] + [own]
        bodies = [_indented(self.functions[name][1]) for name in order]
        head = "def formula(" + _packed([f"{k}={v}" for k, v in self.names.items()]) + "):"
        doc = '    r"""The statement and its helpers, as they stand in the paper\'s file."""'
        return "\n\n".join(["\n".join([head, doc]), *bodies, f"    return {own}"])


def _scope(function: FunctionType) -> Mapping[str, Any]:
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return ChainMap({name: cell.cell_contents for name, cell in cells}, function.__globals__)


def _is_of(value: Any, *packages: str) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] in packages


def _shown(value: Any) -> str:
    name = getattr(value, "__name__", None)
    return f"{getattr(value, '__module__', '')}.{name}" if name else type(value).__name__


def standalone_name(value: Any, numpy_name: str = "") -> str | None:
    """The name of the standalone form of a function or class of theorylab or numpy."""
    name = numpy_name or str(getattr(value, "__name__", ""))
    if numpy_name or isinstance(value, np.ufunc) or _is_of(value, "numpy"):
        name = f"np_{name}"
    elif getattr(value, "__module__", None) not in HOMES:
        return None
    return name if name in definitions(True) else None


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
    return "\n        ".join(line.rstrip() for line in lines).rstrip(",")


# ---- the whole file ----------------------------------------------------------------------------


def reader(claim: Claim, parameter: Parameter) -> str:
    """How an object of the claim is read, as an expression: `world(MDP)`, `integer(1, 3, 'n')`."""
    return _reader(claim, parameter, parameter.says)


def _reader(claim: Claim, parameter: Parameter, says: Any) -> str:
    if isinstance(says, Integer):
        return f'integer({says.low}, {says.high}, "{parameter.size}")'
    if isinstance(says, Number):
        most = None if says.high is None else str(says.high)
        return f"number({str(says.low)!r}, {most!r}, {says.below_high})"
    if isinstance(says, Several):
        return f"several({_reader(claim, parameter, says.kind)}, {says.most})"
    if typing.get_origin(says) is tuple:
        parts = [_reader(claim, parameter, kind) for kind in typing.get_args(says)]
        return f"group({', '.join(parts)})"
    if says in READERS:
        return READERS[says]
    name = standalone_name(says)
    Formula(claim).require(name is not None, f"{parameter.name}: {_shown(says)}")
    if says is not Model:
        return f"world({name})"
    return f'world({name}, like="{_first_mdp(claim)}")'


def _first_mdp(claim: Claim) -> str:
    """The MDP whose payoff, discount and start every Model of the claim has."""
    kinds = ((p.name, p.says) for p in claim.parameters)
    return next(n for n, says in kinds if isinstance(says, type) and issubclass(says, MDP))


def checker_text(claim: Claim, kind: str) -> str:
    """The text of check.py for a "counterexample" or an "instance"; Unsupported, naming what."""
    formula = Formula(claim)
    formula.take(claim.function)
    _check_attributes(formula, "\n".join(text for _, text in formula.functions.values()))
    domain = (f'    "{p.name}": {reader(claim, p)},' for p in claim.parameters)
    about = (f'    "{key}": {text!a},' for key, text in _about(claim, kind).items())
    end = END.format(domain="\n".join(domain), about="\n".join(about))
    text = f"{formula.text()}\n\n{end}"
    whole = f"{HEAD.format(kind=kind, meaning=MEANINGS[kind])}\n{needed(text)}\n\n{text}"
    try:
        ast.parse(whole, feature_version=(3, 9))
    except SyntaxError as error:
        formula.require(False, f"syntax newer than Python 3.9 ({error.msg})")
    return whole


def _about(claim: Claim, kind: str) -> dict[str, str]:
    """What a file must say to be one for this statement."""
    return {
        "kind": kind,
        "claim": claim.id,
        "label": claim.label,
        "reading": claim.reading,
        "statement_hash": claim.hash,
    }


def _check_attributes(formula: Formula, own: str) -> None:
    """Every attribute that the claim takes of an object must exist in the standalone classes."""
    modules = {n for n, text in formula.names.items() if text.startswith("SimpleNamespace")}
    for node in ast.walk(ast.parse(own)):
        if isinstance(node, ast.Attribute) and _root(node) not in modules:
            formula.require(node.attr in known_attributes(), f".{node.attr}")
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            formula.require(False, f"an assignment to {ast.unparse(node)}")


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return getattr(node, "id", "")
