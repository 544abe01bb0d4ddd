"""The command `mutate --library`: does some claim or some test notice a change of the library?

A developer's command: it needs the repository, whose tests it runs, each mutant in a process of its
own. `tests/defects.py` has the defects that shipped elsewhere, planted in our functions, and the
waivers of mutants that nothing notices.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import io
import os
import pkgutil
import resource
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from theorylab.claims import Claim
from theorylab.engines.library_mutation import (
    Witness,
    library_mutants,
    noticed_by_claim,
    panel,
    planted,
    reached,
)
from theorylab.errors import InvalidArgument
from theorylab.loading import load, load_module
from theorylab.report.ledger import ledger_path, read_ledger
from theorylab.report.store import dumps, write_json
from theorylab.report.terminal import clean

CPU_SECONDS = 30
"""What a mutant may run before it counts as one that does not end."""
PACKAGES = ("theorylab.theory", "theorylab.algorithms")


@dataclass(frozen=True)
class Planted:
    """One change of the library: its name, the function, its code, the tests that may notice."""

    key: str
    where: str
    function: FunctionType
    code: CodeType
    tests: tuple[str, ...]


def mutate_library(options: argparse.Namespace) -> int:
    """Print each change of the library with what noticed it; 1 where nothing does, unwaived."""
    defects = load_defects(Path("tests"))
    points = panel(standing_claims(Path("verification")))
    called = reached(points)
    quiet = options.json == Path("-")
    rows = []
    for p in [*defects.PLANTED, *all_mutants()]:
        seen = noticed(p, points if p.function.__code__ in called else [])
        waived = None if seen else waiver(p.key, defects.WAIVED)
        rows.append({"change": p.key, "where": p.where, "noticed": seen, "waived": waived})
        if not quiet:
            print(clean(line(rows[-1])), flush=True)
    _finish(rows, defects.NOT_APPLICABLE, options.json)
    return 1 if any(not row["noticed"] and not row["waived"] for row in rows) else 0


def _finish(
    rows: list[dict[str, Any]], not_applicable: Mapping[str, str], file: Path | None
) -> None:
    data = {"schema": 1, "mutants": rows, "not applicable": dict(not_applicable)}
    if file == Path("-"):
        sys.stdout.write(dumps(data))
        return
    if file is not None:
        write_json(file, data)
    for name, reason in not_applicable.items():
        print(clean(f"{'n/a':<9} {name}: {reason}"))


def waiver(key: str, waived: Mapping[str, str]) -> str | None:
    """The reason of the first waiver (a glob on the key) for a change that nothing notices."""
    return next((reason for pattern, reason in waived.items() if fnmatchcase(key, pattern)), None)


def line(row: Mapping[str, Any]) -> str:
    """`noticed  tabular.value: drop ... (tabular.py:76)  by lamps.pdpm line 1`."""
    fate = "noticed" if row["noticed"] else "waived" if row["waived"] else "SURVIVED"
    why = f"by {row['noticed']}" if row["noticed"] else (row["waived"] or "nothing notices it")
    return f"{fate:<9} {row['change']} ({row['where']})  {why}"


def load_defects(tests: Path) -> ModuleType:
    """The module of planted defects and waivers; InvalidArgument away from the repository."""
    file = tests / "defects.py"
    if not file.exists():
        raise InvalidArgument(f"--library needs {file}: run it in theorylab's repository")
    return load_module(file)


def standing_claims(folder: Path) -> list[Claim]:
    """The claims of the papers that their ledgers do not call refuted, cheap ones first."""
    claims = []
    for package in sorted(p.parent for p in folder.glob("*/__init__.py")):
        library = load(package)
        known = {k: v for p in library.papers for k, v in _ledger(package, p.name).items()}
        claims += [c for c in library.claims if known.get(c.id, {}).get("verdict") != "refuted"]
    return claims


def _ledger(package: Path, paper: str) -> dict[str, Any]:
    return read_ledger(ledger_path(package, paper))


def all_mutants() -> list[Planted]:
    """The mutants of every function of theory and algorithms, with the tests of its module."""
    found = []
    for name in PACKAGES:
        package = importlib.import_module(name)
        for item in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{name}.{item.name}")
            tests = covering_tests(module.__name__)
            for m in library_mutants(module):
                where = f"{item.name}.py:{m.line}"
                found.append(Planted(m.key, where, m.function, m.code, tests))
    return found


# ---- the tests of a module ---------------------------------------------------------------------


def covering_tests(module: str) -> tuple[str, ...]:
    """The test file of a module's name; else those that import it, or else those of what does.

    Paths from the root of the repository, of files that are there: a missing one would end pytest
    with an error, which is no notice of any change. Empty where no test runs the module.
    """
    package, _, name = module.removeprefix("theorylab.").rpartition(".")
    own = Path("tests", package, f"test_{name}.py")
    if own.exists():
        return (str(own),)
    importing = [str(f) for f in _files("tests", "test_*.py") if module in imported(f)]
    if importing:
        return tuple(importing)
    users = [f for f in _files("theorylab", "*.py") if module in imported(f)]
    found = {t for f in users for t in covering_tests(".".join(f.with_suffix("").parts))}
    return tuple(sorted(found))


def _files(root: str, pattern: str) -> list[Path]:
    """The files of theory and algorithms, or of their tests, in order."""
    folders = [Path(root, name.rpartition(".")[2]) for name in PACKAGES]
    return [f for folder in folders for f in sorted(folder.glob(pattern))]


@cache
def imported(file: Path) -> frozenset[str]:
    """The full names of what a file imports, of modules and of what it takes from them."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


# ---- one mutant in a process of its own --------------------------------------------------------


def noticed(change: Planted, points: Sequence[tuple[Claim, Witness]]) -> str | None:
    """The claim or test that notices a change, or None."""

    def look() -> str | None:
        with planted(change.function, change.code):
            return noticed_by_claim(points) or (
                failing_test(change.tests) if change.tests else None
            )

    return in_child(look)


def failing_test(tests: Sequence[str]) -> str | None:
    """The first test of these files (or node ids) that fails."""
    import pytest

    recorder = _Recorder()
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header"]
        status = pytest.main([*options, *tests], plugins=[recorder])
    return recorder.failed or (None if status == 0 else f"pytest ends with status {int(status)}")


class _Recorder:
    """A pytest plugin that keeps the first failure."""

    failed: str | None = None

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and self.failed is None:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and self.failed is None:
            self.failed = f"{report.nodeid} (collection)"


def in_child(look: Callable[[], str | None]) -> str | None:
    """What a function returns in a forked process: nothing that a mutant does stays behind."""
    sys.stdout.flush()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        _child(look, write)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return f"it does not end (signal {os.WTERMSIG(status)})"
    return text or None


def _child(look: Callable[[], str | None], write: int) -> None:
    status = 0
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        text = look() or ""
    except BaseException as error:
        text = f"{type(error).__name__}"
    try:
        os.write(write, text.encode()[:4096])
    finally:
        os._exit(status)
