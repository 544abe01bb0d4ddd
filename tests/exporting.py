"""What the tests of exported evidence share: a bare Python, quick refutations, tampering."""

from __future__ import annotations

import copy
import json
import runpy
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from theorylab.claims import Claim
from theorylab.engines import BUDGETS
from theorylab.engines.judging import breaks, counterexample, exactly, random_points
from theorylab.givens import shapes
from theorylab.report.checker import checker_files
from theorylab.report.definitions import BESIDE
from theorylab.verdicts import Outcome, Verdict

ROOT = Path(__file__).parents[1]
LAMPS = ROOT / "verification" / "lamps"
QUICK = BUDGETS["quick"]
REFUTED = sorted(
    name.removeprefix("lamps.")
    for name, entry in json.loads((LAMPS.parent / "ledger" / "lamps.json").read_text())[
        "claims"
    ].items()
    if entry["verdict"] == "refuted"
)


def bare(check: Path, *arguments: str, cwd: str = "/") -> subprocess.CompletedProcess[str]:
    """Run a checker with nothing: no environment, no site packages, another folder."""
    command = [sys.executable, "-I", "-S", str(check), *arguments]
    return subprocess.run(command, env={}, cwd=cwd, capture_output=True, text=True)


def written(claim: Claim, folder: Path, kind: str = "instance") -> Path:
    """The files of a claim's checker in a folder; gives check.py."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in checker_files(claim, kind).items():
        (folder / name).write_text(text)
    return folder / "check.py"


def loaded(check: Path) -> dict[str, Any]:
    """What a checker defines, in this process, which keeps nothing of the files beside it."""
    path, dont = sys.path[:], sys.dont_write_bytecode
    try:
        return runpy.run_path(str(check))
    finally:
        sys.path[:], sys.dont_write_bytecode = path, dont
        for name in BESIDE:
            sys.modules.pop(name, None)


def refutation(claim: Claim) -> Verdict:
    """The verdict that a short hunt finds: the first random instance that breaks the claim."""
    rng = np.random.default_rng(1)
    for sizes in shapes(claim.parameters, QUICK.worlds()):
        for numbers in islice(random_points(claim, sizes, rng), 40):
            for link in breaks(claim, sizes, numbers, exactly)[:1]:
                found = counterexample(claim, sizes, numbers, link, exactly)
                return Verdict(Outcome.REFUTED, "refuted exactly", (), found)
    raise AssertionError(f"{claim.id} was not refuted")


STANDS = Verdict(Outcome.SUPPORTED, "not refuted", ())


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every leaf of nested data with its path."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, (*path, key))
    else:
        yield path, data


def replaced(record: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of nested data with another leaf."""
    out = copy.deepcopy(record)
    at = out
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return out
