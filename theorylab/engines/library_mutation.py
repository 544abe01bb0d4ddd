"""Mutants of the library itself, and whether some claim notices.

A function of `theory` or `algorithms` is changed by the operators of claims' mutants, and by those
of plain code: a comparison by its neighbour, the branches of a choice swapped, least for largest.
`planted` puts the changed code into the function in place, so that every name for it sees the
change, and takes it out again.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from types import CodeType, FrameType, FunctionType, ModuleType

from theorylab.claims import Claim
from theorylab.engines.budget import BUDGETS
from theorylab.engines.compared import Witness
from theorylab.engines.judging import exactly, generator, random_points, rebuild, visited
from theorylab.errors import HypothesisFailed, Unsupported
from theorylab.operators import Scope, replaced, short, variants

NEIGHBOURS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
OTHER_METHOD = {
    "min": "max", "max": "min", "argmin": "argmax", "argmax": "argmin",
    "any": "all", "all": "any", "minimum": "maximum", "maximum": "minimum",
}  # fmt: skip
WORLDS = [(1, 1), (2, 2), (2, 3), (3, 2)]
POINTS = 2


@dataclass(frozen=True)
class LibraryMutant:
    """A function of the library with changed code."""

    function: FunctionType
    code: CodeType
    line: int
    change: str
    key: str


def library_mutants(module: ModuleType) -> Iterator[LibraryMutant]:
    """All mutants of a module's own functions, in the order of its source."""
    for function in vars(module).values():
        if inspect.isfunction(function) and function.__module__ == module.__name__:
            yield from mutants_of(function)


def mutants_of(function: FunctionType) -> Iterator[LibraryMutant]:
    """All mutants of one function."""
    definition = _definition(function)
    counts: Counter[str] = Counter()
    seen = {ast.unparse(definition)}
    for node, new, words in _changes(definition):
        changed = replaced(definition, node, new)
        text = ast.unparse(changed)
        if text not in seen:
            seen.add(text)
            key = f"{function.__module__.rpartition('.')[2]}.{function.__name__}: {words}"
            counts[key] += 1
            key += f" #{counts[key]}" if counts[key] > 1 else ""
            line = function.__code__.co_firstlineno + getattr(node, "lineno", 1) - 1
            yield LibraryMutant(function, _compiled(function, changed), line, words, key)


def _definition(function: FunctionType) -> ast.FunctionDef:
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(node, ast.FunctionDef):
        raise TypeError(f"{function.__qualname__} is no plain function")
    if ast.get_docstring(node) is not None and len(node.body) > 1:
        node.body = node.body[1:]
    return node


def _changes(definition: ast.FunctionDef) -> Iterator[tuple[ast.AST, ast.expr, str]]:
    """Each change of an expression outside messages of errors; what is assigned to is none."""
    for statement in definition.body:
        for node in _executed(statement):
            if isinstance(getattr(node, "ctx", None), ast.Store):
                continue
            for new, words in (*variants(node, Scope()), *_of_code(node)):
                yield node, new, words


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement without what is raised and without annotations."""
    if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom):
        return
    yield node
    for name, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for child in children if name not in ("annotation", "returns") else ():
            if isinstance(child, ast.AST):
                yield from _executed(child)


def _of_code(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in NEIGHBOURS:
        other = NEIGHBOURS[type(node.ops[0])]()
        compared = ast.Compare(node.left, [other, *node.ops[1:]], node.comparators)
        yield compared, f"{short(node)} -> {short(compared)}"
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body), f"branches of {short(node)} swapped"
    elif isinstance(node, ast.Attribute) and node.attr in OTHER_METHOD:
        new = ast.Attribute(node.value, OTHER_METHOD[node.attr], ast.Load())
        yield new, f"{short(node)} -> {short(new)}"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield node.operand, f"not left out of {short(node)}"


def _compiled(function: FunctionType, changed: ast.FunctionDef) -> CodeType:
    """The changed function's code, with the names and defaults of the old one."""
    changed.decorator_list = []
    module = ast.fix_missing_locations(ast.Module([changed], []))
    flags = __future__.annotations.compiler_flag
    whole = compile(module, f"<mutant of {function.__name__}>", "exec", flags, dont_inherit=True)
    return next(c for c in whole.co_consts if isinstance(c, CodeType) and c.co_name == changed.name)


@contextmanager
def planted(function: FunctionType, code: CodeType) -> Iterator[None]:
    """The function with other code while the block runs, whoever calls it by whatever name."""
    before = function.__code__
    function.__code__ = code
    try:
        yield
    finally:
        function.__code__ = before


# ---- whether a claim notices -------------------------------------------------------------------


def panel(claims: Sequence[Claim], seed: int = 0) -> list[tuple[Claim, Witness]]:
    """Exact instances at which each of the claims holds, a few of each shape."""
    found = []
    for claim in claims:
        rng = generator(claim, "library", seed)
        for sizes in visited(claim, BUDGETS["quick"], WORLDS):
            for numbers in islice(random_points(claim, sizes, rng), POINTS):
                point = Witness(sizes, tuple(numbers))
                with suppress(HypothesisFailed, Unsupported):
                    if not exactly(claim, rebuild(claim, sizes, numbers)).broken():
                        found.append((claim, point))
    return found


def reached(points: Sequence[tuple[Claim, Witness]]) -> frozenset[CodeType]:
    """The code that the claims run at these instances: what is not among it they cannot notice."""
    found: set[CodeType] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        found.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        noticed_by_claim(points)
    finally:
        sys.setprofile(before)
    return frozenset(found)


def noticed_by_claim(points: Sequence[tuple[Claim, Witness]]) -> str | None:
    """The first claim that breaks, or cannot be evaluated, where it held before."""
    for claim, point in points:
        try:
            broken = exactly(claim, rebuild(claim, point.sizes, point.numbers)).broken()
        except Exception as error:
            return f"{claim.id} ({type(error).__name__})"
        if broken:
            return f"{claim.id} line {broken[0] + 1}"
    return None
