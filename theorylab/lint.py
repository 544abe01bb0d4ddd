"""The lint of a claim's source: what would make a verdict unsound is refused before anything runs.

Refused: float literals, literal int / int (a float in Python), the builtins and NumPy functions
that compare numbers (`max`, `abs`, `.min()`, `np.where`, ...), branching on numbers, randomness.
Branching on integers (Integer parameters, range loops, sizes such as M.S) is fine.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from fractions import Fraction
from types import FunctionType, ModuleType
from typing import Any, cast

import flint

from theorylab.errors import ClaimError

BUILTINS = {
    "abs": "absolute", "max": "maximum or sup", "min": "minimum or inf", "round": None,
    "float": None, "int": None, "complex": None, "sorted": None, "any": None, "all": None,
}  # fmt: skip
METHODS = {
    "max", "min", "argmax", "argmin", "sort", "argsort", "clip", "round", "astype", "any", "all",
    "nonzero", "searchsorted", "count", "index",
}  # fmt: skip
NUMPY = {
    "array", "asarray", "stack", "concatenate", "vstack", "hstack", "block", "sum", "prod",
    "cumsum",
    "cumprod", "einsum", "dot", "vdot", "inner", "outer", "kron", "matmul", "tensordot", "trace",
    "diag", "diagonal", "arange", "transpose", "swapaxes", "moveaxis", "reshape", "ravel", "repeat",
    "tile", "roll", "flip", "triu", "tril", "expand_dims", "squeeze", "broadcast_to", "shape",
    "ndim",
    "newaxis", "ix_", "split", "take",
}  # fmt: skip
"""What a claim may use of numpy: moving entries about, sums and products."""
INSPECTION = {
    "getattr", "setattr", "hasattr", "isinstance", "issubclass", "type", "eval", "exec", "globals",
    "locals", "vars", "id", "hash", "repr", "str", "open", "input", "__import__", "bool", "next",
    "divmod", "pow",
}  # fmt: skip
"""Builtins by which a claim could see in which number system it runs, or leave it."""
INTEGER_ATTRIBUTES = {"S", "A", "H", "X", "U", "shape", "ndim", "size"}


def source_of(function: Callable[..., Any]) -> str:
    """The dedented source text; ClaimError when Python does not have it."""
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise ClaimError(
            f"the source of {function.__name__} is not available: write the claim in a file"
        ) from None


def helpers_of(function: FunctionType) -> list[FunctionType]:
    """Functions of the same file or package that the function calls, directly or through others."""
    found: dict[str, FunctionType] = {}
    waiting = [function]
    while waiting:
        current = waiting.pop()
        for name in _names(current):
            helper = current.__globals__.get(name)
            if (
                isinstance(helper, FunctionType)
                and _package(helper) == _package(function)
                and helper is not function
                and name not in found
            ):
                found[name] = helper
                waiting.append(helper)
    return [found[name] for name in sorted(found)]


def _package(function: Callable[..., Any]) -> str:
    return str(function.__module__).partition(".")[0]


def _names(function: Callable[..., Any]) -> set[str]:
    tree = definition_of(function)
    tree.decorator_list = []
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def statement_hash(function: FunctionType) -> str:
    """SHA-256 of what the claim says: its code and its helpers', without names, docs, layout."""
    text = ""
    for part in (function, *helpers_of(function)):
        definition = definition_of(part)
        definition.decorator_list = []
        if ast.get_docstring(definition) is not None:
            definition.body = definition.body[1:]
        text += ast.dump(definition) + _constants(part)
    return hashlib.sha256(text.encode()).hexdigest()


def _constants(function: FunctionType) -> str:
    """The numbers and texts that the function uses of its file and of modules (`constants.K`), as
    part of what it says."""
    scope = function.__globals__
    used = {n: scope[n] for n in _names(function) if n in scope}
    dotted = [n for n in ast.walk(definition_of(function)) if isinstance(n, ast.Attribute)]
    used.update({ast.unparse(n): _resolved(n, scope) for n in dotted})
    plain = (int, str, tuple, Fraction, flint.fmpq, flint.fmpz)
    return "".join(f"{n}={used[n]!r};" for n in sorted(used) if isinstance(used[n], plain))


def definition_of(function: Callable[..., Any]) -> ast.FunctionDef:
    """The syntax tree of a plain function; ClaimError for anything else."""
    node = ast.parse(source_of(function)).body[0]
    if not isinstance(node, ast.FunctionDef):
        raise ClaimError(f"{function.__name__} is not a plain function (def ...)")
    return node


def check(function: FunctionType, name: str, integers: frozenset[str]) -> None:
    """Raise ClaimError at the first thing that would make the claim unsound, with its line."""
    for part in (function, *helpers_of(function)):
        first = part.__code__.co_firstlineno
        own = integers if part is function else frozenset()
        definition = definition_of(part)
        known = own | _loop_variables(definition) | _drawn_labels(definition)
        for line, complaint in _complaints(part, known):
            raise ClaimError(f"{name} line {first + line - 1}: {complaint}")


def _loop_variables(definition: ast.FunctionDef) -> frozenset[str]:
    """Variables of `for h in range(...)`, which are integers."""
    loops = [n for n in ast.walk(definition) if isinstance(n, ast.For | ast.comprehension)]
    return frozenset(
        loop.target.id
        for loop in loops
        if isinstance(loop.target, ast.Name)
        and isinstance(loop.iter, ast.Call)
        and isinstance(loop.iter.func, ast.Name)
        and loop.iter.func.id == "range"
    )


def _drawn_labels(definition: ast.FunctionDef) -> frozenset[str]:
    """Variables that hold nothing but labels from draw(...) and integer literals.

    `s = draw(p)`, `s, a = draw(nu)`, `path = draw(p, n)`, `for s in path`, `for s in draw(p, n)`.
    """
    drawn: set[str] = set()
    other: set[str] = set()
    for node in ast.walk(definition):
        if isinstance(node, ast.Assign):
            for target, value in _assigned(node):
                if not _is_literal_integer(value):
                    (drawn if _is_draw(value) else other).update(_stored(target))
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
            other.update(_stored(node.target))
    drawn -= other
    for node in ast.walk(definition):
        if isinstance(node, ast.For | ast.comprehension) and isinstance(node.target, ast.Name):
            over_labels = isinstance(node.iter, ast.Name) and node.iter.id in drawn
            if (over_labels or _is_draw(node.iter)) and node.target.id not in other:
                drawn.add(node.target.id)
    return frozenset(drawn)


def _assigned(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(target, value) of an assignment; `a, b = x, y` is two of them."""
    for target in node.targets:
        lists = [e.elts for e in (target, node.value) if isinstance(e, ast.Tuple)]
        if len(lists) == 2 and len(lists[0]) == len(lists[1]):
            yield from zip(*lists, strict=True)
        else:
            yield target, node.value


def _stored(target: ast.expr) -> set[str]:
    """The variables that an assignment to this target writes to."""
    names = [n for n in ast.walk(target) if isinstance(n, ast.Name)]
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def _is_draw(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and func_name(node.func) == "draw"


def _is_literal_integer(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def _complaints(function: Any, integers: frozenset[str]) -> Iterator[tuple[int, str]]:
    for statement in definition_of(function).body:
        for node in ast.walk(statement):
            complaint = _complaint(node, function.__globals__, integers)
            if complaint:
                yield cast(ast.expr, node).lineno, complaint


def _complaint(node: ast.AST, scope: dict[str, Any], integers: frozenset[str]) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        return f"the float {node.value!r}: a claim is exact. Write it as x / n with integers"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _literals(node):
        shown = ast.unparse(node)
        return f"{shown} is int/int, a float in Python. Write x / n with x an element"
    if isinstance(node, ast.Call):
        return _call_complaint(node.func, scope)
    if isinstance(node, ast.Match | ast.Try | ast.Global | ast.Nonlocal | ast.Import | ast.With):
        return f"{type(node).__name__.lower()} has no place in a formula"
    if isinstance(node, ast.Attribute) and node.attr.startswith("__"):
        return f".{node.attr} has no place in a formula: a claim is the same in every number system"
    if isinstance(node, ast.Name | ast.Attribute):
        return _constant_complaint(node, scope)
    if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert):
        return None if _on_integers(node.test, integers) else _branching(node.test)
    if isinstance(node, ast.Compare | ast.BoolOp) and not _on_integers(node, integers):
        return _branching(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return None if _on_integers(node.operand, integers) else _branching(node)
    if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
        tests = [test for loop in node.generators for test in loop.ifs]
        return next((_branching(t) for t in tests if not _on_integers(t, integers)), None)
    return None


def _constant_complaint(node: ast.expr, scope: dict[str, Any]) -> str | None:
    found = _resolved(node, scope)
    if isinstance(found, float | complex):
        shown = ast.unparse(node)
        return f"{shown} is the float {found!r}: a claim is exact. Write x / n with integers"
    return None


def _literals(node: ast.BinOp) -> bool:
    return all(isinstance(side, ast.Constant) for side in (node.left, node.right))


def _branching(node: ast.AST) -> str:
    return (
        f"'{ast.unparse(node)}' decides on a number. Use assume(...) for a hypothesis,"
        " theory.planning for a choice, positive or sup from theorylab.arithmetic for a maximum"
    )


def _on_integers(node: ast.AST, integers: frozenset[str]) -> bool:
    """Whether every leaf is an integer: a literal, an integer variable, a size, len(...)."""
    if isinstance(node, ast.Attribute):
        return node.attr in INTEGER_ATTRIBUTES
    if isinstance(node, ast.Name):
        return node.id in integers
    if isinstance(node, ast.Constant):
        return node.value is None or isinstance(node.value, int | str)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("len", "range", "draw")
    if isinstance(node, ast.Subscript):  # M.shape[0] is a size, M.A[0, 0] an entry of a system
        of_a_table = isinstance(node.value, ast.Attribute) and node.value.attr != "shape"
        return not of_a_table and _on_integers(node.value, integers)
    children = [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)]
    return all(_on_integers(child, integers) for child in children)


def _call_complaint(func: ast.expr, scope: dict[str, Any]) -> str | None:
    shown = ast.unparse(func)
    if isinstance(func, ast.Name) and func.id not in scope:
        return _builtin_complaint(func.id)
    found = _resolved(func, scope)
    library, name = _library(func, found, scope)
    if library == "numpy" and name not in NUMPY:
        return f"{shown} is a float function. Use theorylab.arithmetic ({name})"
    if library in sys.stdlib_module_names and library != "builtins":
        return f"{shown} is no function of the claim's numbers. Use theorylab.arithmetic"
    if isinstance(func, ast.Attribute) and found is None and func.attr in METHODS:
        return f".{func.attr}(...) compares numbers. Use sup or inf from theorylab.arithmetic"
    return None


def _library(func: ast.expr, found: Any, scope: dict[str, Any]) -> tuple[str, str]:
    """The top package that a called name belongs to, and its name just below that package."""
    chain, node = [], func
    while isinstance(node, ast.Attribute):
        chain.append(node.attr)
        node = node.value
    root = scope.get(node.id) if isinstance(node, ast.Name) else None
    if isinstance(root, ModuleType):
        return root.__name__.partition(".")[0], chain[-1] if chain else ""
    home = getattr(found, "__module__", None) or getattr(type(found), "__module__", "")
    return str(home).partition(".")[0], getattr(found, "__name__", func_name(func))


def _builtin_complaint(name: str) -> str | None:
    if name in BUILTINS:
        instead = BUILTINS[name]
        advice = f"Use {instead} from theorylab.arithmetic" if instead else "Leave it out"
        return f"the builtin {name}(...) is not sound in every number system. {advice}"
    if name in INSPECTION:
        return f"{name}(...) has no place in a formula: a claim is the same in every number system"
    return None


def func_name(func: ast.expr) -> str:
    """The last name of a called expression."""
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _resolved(func: ast.expr, scope: dict[str, Any]) -> Any:
    """The object that a dotted name stands for among the globals; None when it is local."""
    if isinstance(func, ast.Name):
        return scope.get(func.id)
    if isinstance(func, ast.Attribute):
        owner = _resolved(func.value, scope)
        return None if owner is None else getattr(owner, func.attr, None)
    return None
