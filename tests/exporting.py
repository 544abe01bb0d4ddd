"""What the tests of exported evidence share: a bare Python, quick refutations, tampering."""

from __future__ import annotations

import ast
import copy
import json
import runpy
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import flint
import numpy as np
import pytest

from theorylab.balls import Ball
from theorylab.claims import Claim
from theorylab.engines import BUDGETS
from theorylab.engines.judging import (
    Judged,
    breaks,
    counterexample,
    exactly,
    random_points,
    rebuild,
    rigorous,
)
from theorylab.errors import HypothesisFailed, Undefined
from theorylab.givens import shapes
from theorylab.lint import definition_of, helpers_of
from theorylab.loading import load
from theorylab.report import definitions as shaking
from theorylab.report.checker import checker_files
from theorylab.report.definitions import BESIDE
from theorylab.verdicts import Outcome, Verdict
from theorylab.worlds import checks
from theorylab.worlds.io import encode

ROOT = Path(__file__).parents[1]
LAMPS = ROOT / "verification" / "lamps"
QUICK = BUDGETS["quick"]
LEDGER = json.loads((LAMPS.parent / "ledger" / "lamps.json").read_text())["claims"]
NO_INSTANCE = {"bounded_by", "draw", "in_expectation", "with_probability", "almost_surely"}
"""What breaks along a family, or in probability, is shown by no single instance: export says so."""
RARE = {
    "lazy_bound_is_tighter_under_the_expert",
    "printed_leader_is_near",
    "signed_regret_has_a_bound",
    "smaller_loss_gives_the_better_policy",
    "warm_up_line_1_expert_values",
}
"""Refuted where random instances seldom are; the nightly test exports them."""


def exported(claim: Claim) -> bool:
    """Whether a claim is refuted by one instance, which a checker of its own confirms."""
    nodes = [n for f in (claim.function, *helpers_of(claim.function))
             for n in ast.walk(definition_of(f))]  # fmt: skip
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return LEDGER[claim.id]["verdict"] == "refuted" and not names & NO_INSTANCE


def falls_in_rationals(claim: Claim) -> bool:
    """Whether its counterexample in the ledger has no root, no logarithm and no infinite side."""
    found = LEDGER[claim.id]["counterexample"]
    sides = f"{found['lhs']} {found['rhs']}"
    return "+/-" not in sides and "infinity" not in sides


CLAIMS = {claim.name: claim for claim in load(LAMPS).claims}
EXPORTED = sorted(name for name, claim in CLAIMS.items() if exported(claim))
REFUTED = [name for name in EXPORTED if falls_in_rationals(CLAIMS[name]) and name not in RARE]


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


# ---- checkers and library, side by side --------------------------------------------------------

DRIVER = """
import json, runpy, sys

def numbers(side):
    entries = side.at.values() if hasattr(side, "at") else [side]
    return [[str(getattr(x, end, x)) for end in ("low", "high")] for x in entries]

at_start = set(sys.modules)
for folder in sys.argv[1:]:
    checker = runpy.run_path(folder + "/check.py")
    for name in set(sys.modules) - at_start:
        del sys.modules[name]
    found = []
    for record in json.load(open(folder + "/records.json")):
        try:
            lines = checker["judged"](record, checker["DOMAIN"], checker["CLAIM"])
        except Exception as error:
            found.append(repr(error))
            continue
        found.append([
            [kind, because, holds, numbers(left), numbers(right)]
            for kind, left, right, because, holds in lines
        ])
    print(json.dumps(found))
"""


def draw(claim: Claim, count: int, seed: int) -> list[tuple[dict[str, Any], Judged]]:
    """Random exact instances in the domain, over the shapes, with the library's judgement."""
    rng, decide = np.random.default_rng(seed), rigorous(QUICK)
    worlds = [(1, 1), (2, 1), (1, 2), (2, 2), (3, 2), (2, 3)]
    found: list[tuple[dict[str, Any], Judged]] = []
    for sizes in islice(cycle(shapes(claim.parameters, worlds)), 40 * count):
        instance = rebuild(claim, sizes, next(random_points(claim, sizes, rng)))
        with suppress(HypothesisFailed, Undefined):
            judged = decide(claim, instance)
            texts = {name: encode(value) for name, value in instance.items()}
            found.append(({"instance": texts, "sizes": dict(sizes)}, judged))
        if len(found) == count:
            return found
    raise AssertionError(f"{claim.id} kept {len(found)} instances")


def disagreements(claims: list[Claim], count: int, folder: Path) -> tuple[int, list[str]]:
    """How many instances were compared, and where checkers and library differ: one bare Python."""
    drawn = {claim.name: draw(claim, count, seed) for seed, claim in enumerate(claims)}
    for claim in claims:
        records = [record for record, _ in drawn[claim.name]]
        written(claim, folder / claim.name)
        (folder / claim.name / "records.json").write_text(json.dumps(records))
    (folder / "driver").write_text(DRIVER)
    done = bare(folder / "driver", *(str(folder / name) for name in drawn))
    assert done.returncode == 0, done.stderr
    wrong = []
    for (name, pairs), line in zip(drawn.items(), done.stdout.splitlines(), strict=True):
        for (_, judged), lines in zip(pairs, json.loads(line), strict=True):
            wrong += [f"{name}: {text}" for text in differences(judged, lines)]
    return sum(map(len, drawn.values())), wrong


def differences(judged: Judged, lines: Any) -> Iterator[str]:
    """Where the lines of a checker are not the library's."""
    if isinstance(lines, str) or len(lines) != len(judged.links):
        yield str(lines)
        return
    for k, (link, decision, (kind, because, holds, *sides)) in enumerate(
        zip(judged.links, judged.decisions, lines, strict=True), 1
    ):
        if (kind, because) != (link.kind, link.because):
            yield f"line {k}: {kind} {because}"
        expected = "void" if decision.void and decision.holds else decision.holds
        if holds != expected and (expected is not None or holds is False):
            yield f"line {k}: {holds}, not {decision.holds}"
        for side, ends in zip((link.lhs, link.rhs), sides, strict=True):
            entries = list(side.flat) if isinstance(side, np.ndarray) else [side]
            if len(entries) != len(ends) or not all(map(agree, entries, ends)):
                yield f"line {k}: {ends}, not {entries}"


def agree(entry: Any, ends: list[str]) -> bool:
    """Identical fractions; for a ball, an enclosure that meets it."""
    if not isinstance(entry, Ball):
        return [str(entry)] * 2 == ends
    low, high = (flint.arb(checks.rational(text, "end")) for text in ends)
    return not (low > entry.arb or high < entry.arb)


def plant(monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str) -> None:
    """Replace a text in a standalone file, for one test."""
    original = shaking.standalone

    def changed(name: str) -> str:
        source = original(name)
        assert name != file or old in source
        return source.replace(old, new) if name == file else source

    monkeypatch.setattr(shaking, "standalone", changed)
    monkeypatch.setattr(shaking, "definitions", shaking.definitions.__wrapped__)
