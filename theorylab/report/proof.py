"""The lines of a proof, read off a claim's source: `chain(first).equal(next, "why").at_most(...)`.

A claim whose body does not end in such a chain has no lines here; nothing is run.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from textwrap import dedent

SIGNS = {"equal": "=", "at_most": "≤", "at_least": "≥"}


@dataclass(frozen=True)
class Line:
    """One line: its number (0 is the first), the sign before it, its source and the reason."""

    number: int
    sign: str
    code: str
    because: str = ""


def function_of(code: str) -> ast.FunctionDef | None:
    """The claim's function, or None where the text is not one."""
    try:
        body = ast.parse(dedent(code)).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return body[0] if body and isinstance(body[0], ast.FunctionDef) else None


def signature(code: str) -> dict[str, str]:
    """Each parameter and its annotation, as they read and in their order."""
    function = function_of(code)
    if function is None:
        return {}
    return {a.arg: _text(a.annotation) for a in function.args.args if a.annotation is not None}


def lines(code: str) -> list[Line]:
    """The lines of the chain that the claim returns; empty where it returns none."""
    function = function_of(code)
    last = function.body[-1] if function else None
    if not isinstance(last, ast.Return) or last.value is None:
        return []
    found = _unwound(last.value)
    return [Line(k, sign, _text(line), because) for k, (sign, line, because) in enumerate(found)]


def _unwound(call: ast.expr) -> list[tuple[str, ast.expr, str]]:
    if not isinstance(call, ast.Call) or not call.args:
        return []
    step = call.func
    if isinstance(step, ast.Name) and step.id == "chain":
        return [("", call.args[0], "")]
    if not isinstance(step, ast.Attribute) or step.attr not in SIGNS:
        return []
    before = _unwound(step.value)
    return [*before, (SIGNS[step.attr], call.args[0], _reason(call))] if before else []


def _reason(call: ast.Call) -> str:
    said = [*call.args[1:], *(k.value for k in call.keywords if k.arg == "because")]
    found = [a.value for a in said if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return found[0] if found else ""


def _text(node: ast.expr) -> str:
    try:
        return ast.unparse(node)
    except RecursionError:
        return "…"
