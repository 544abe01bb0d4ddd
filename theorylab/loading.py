"""Claims from files: any Python file or folder of claims is loaded the same way.

A file inside a package is imported under its dotted name, a single file under a name of its own.
Loading a claims file runs its code: claims are Python by design.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from theorylab.claims import Claim, Paper
from theorylab.errors import ClaimError, InvalidArgument, TheorylabError


@dataclass(frozen=True)
class Library:
    """The claims and papers found under one path."""

    path: Path
    claims: tuple[Claim, ...]
    papers: tuple[Paper, ...]


def load(path: Path) -> Library:
    """The claims of a file or folder, in the papers' order; typed errors for what goes wrong."""
    if not path.exists():
        raise InvalidArgument(f"PATH {path} does not exist, expected a file or folder of claims")
    modules = [load_module(file) for file in _files(path)]
    papers = _unique(v for m in modules for v in vars(m).values() if isinstance(v, Paper))
    claims = [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Claim) and value.function.__module__ == module.__name__
    ]
    if not claims:
        raise NoClaims(f"{path} has no claim: decorate a function with @claim(...)")
    _check_unique(claims)
    return Library(path, tuple(_in_order(claims, papers)), tuple(papers))


def load_if_any(path: Path) -> Library | None:
    """The claims of a file or folder, or None where it is code without claims."""
    try:
        return load(path)
    except NoClaims:
        return None


class NoClaims(ClaimError):
    """A file or folder without a claim."""


def _unique(values: Any) -> list[Any]:
    return list({id(value): value for value in values}.values())


def _files(path: Path) -> list[Path]:
    if path.is_file():
        if path.suffix != ".py":
            raise InvalidArgument(f"PATH {path} is not a Python file, expected a file of claims")
        return [path]
    return sorted(f for f in path.rglob("*.py") if "__pycache__" not in f.parts)


def _in_order(claims: list[Claim], papers: list[Paper]) -> list[Claim]:
    """By the paper's own list of statements; claims of no paper as they stand."""
    rank = {(p.name, label): k for p in papers for k, label in enumerate(p.statements)}
    return sorted(claims, key=lambda c: (c.paper, rank.get((c.paper, c.label), 0)))


def _check_unique(claims: list[Claim]) -> None:
    seen: dict[Any, Claim] = {}
    for claim in claims:
        for key in (claim.id, (claim.paper, claim.label, claim.reading)):
            if key in seen and seen[key] is not claim:
                shown = key if isinstance(key, str) else f"{claim.label} ({claim.reading})"
                raise ClaimError(f"{shown} is claimed twice, by {seen[key].name} and {claim.name}")
            seen[key] = claim


def _check_names(file: Path) -> None:
    """Raise ClaimError where a decorated function is hidden by a later one of the same name."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return  # the import says it better
    seen: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            if node.name in seen and node.decorator_list:
                raise ClaimError(
                    f"{file}:{node.lineno} defines {node.name} again (first in line"
                    f" {seen[node.name]}), which hides the first: give it another name"
                )
            seen[node.name] = node.lineno


def load_module(file: Path) -> ModuleType:
    """Import one file; errors name file and line, and what it raised."""
    _check_names(file)
    name, root = _module_name(file.resolve())
    try:
        return _import_anew(name, root) if root is not None else _load_alone(name, file)
    except TheorylabError as error:
        raise type(error)(f"{file}:{_line_in(file, error)}: {error}") from error
    except (Exception, SystemExit) as error:
        raise ClaimError(
            f"{file}:{_line_in(file, error)} raised {type(error).__name__} while it was imported:"
            f" {error}"
        ) from error


def _line_in(file: Path, error: BaseException) -> int:
    """The last line of this file that was running when the error came."""
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return error.lineno or 1
    own = file.resolve()
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno or 1 for f in reversed(frames) if Path(f.filename) == own), 1)


def _import_anew(name: str, root: Path) -> ModuleType:
    """Import a package's module from this root, whatever package of that name was loaded before."""
    top = name.partition(".")[0]
    known = sys.modules.get(top)
    places = [Path(p).resolve() for p in getattr(known, "__path__", [])]
    if known is not None and root / top not in places:
        for loaded in [m for m in sys.modules if m == top or m.startswith(f"{top}.")]:
            del sys.modules[loaded]
    if sys.path[:1] != [str(root)]:
        sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    return importlib.import_module(name)


def _module_name(file: Path) -> tuple[str, Path | None]:
    """The dotted name and the folder to import it from, or a name of its own."""
    parts, folder = [file.stem], file.parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    if len(parts) > 1:
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts), folder
    return f"theorylab_claims_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}", None


def _load_alone(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file.resolve())
    if spec is None or spec.loader is None:
        raise InvalidArgument(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
