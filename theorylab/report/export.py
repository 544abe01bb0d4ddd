"""Evidence that stands alone: a folder that a reviewer reads and runs with nothing installed.

    counterexample.json   exact rationals, as `theorylab recheck` reads them (instance.json where
                          the claim stands: its tightest instance known, else a random one)
    statement.md          the statement as printed and as judged, what fails, how to run
    check.py              the formula and what its words mean; recomputes both sides by methods of
                          its own: python3 -I -S check.py
    tables.py, ...        what check.py needs of numpy, of worlds, of reals

A checker is run before anything is written: a folder that does not confirm is never left behind.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.judging import (
    breaks,
    counterexample,
    generator,
    random_points,
    rebuild,
    rigorous,
    visited,
)
from theorylab.errors import (
    EngineError,
    HypothesisFailed,
    InvalidArgument,
    StoreError,
    Undefined,
)
from theorylab.relations import SIGNS
from theorylab.report.checker import checker_files
from theorylab.report.definitions import BESIDE
from theorylab.report.records import SCHEMA, counterexample_record
from theorylab.report.store import dumps, write_bytes
from theorylab.verdicts import Tightness, Verdict, instance_lines, shape_text
from theorylab.worlds.io import encode, exact_texts

MARKER = ".theorylab-export"
WRITTEN = (
    "counterexample.json", "instance.json", "statement.md", "check.py",
    *(f"{name}.py" for name in BESIDE),
)  # fmt: skip
TRIES = 200
RUN = """## To check it

    python3 -I -S check.py

Python 3.9 or newer, nothing else. It reads `{kind}.json`, recomputes both sides of every line
exactly, by methods other than theorylab's, and ends with 0 if and only if they are as stated.
`check.py` begins with the statement and what its words mean; the files beside it compute with
tables of exact numbers."""


def export(claim: Claim, verdict: Verdict, source: Path, out: Path, budget: Budget) -> Path:
    """Write the folder of a claim below `out`; gives its path.

    Raises Unsupported where the claim has no standalone form, EngineError where its checker does
    not confirm, StoreError where the folder holds what export did not write.
    """
    record = _record(claim, verdict, source, budget)
    kind = record["kind"]
    files = {
        f"{kind}.json": dumps(record),
        "statement.md": statement(claim, verdict, record),
        **checker_files(claim, kind),
    }
    _confirm(claim, files)
    folder = out / folder_name(claim.id)
    _write(folder, files)
    return folder


def folder_name(claim: str) -> str:
    """A claim's id as a name that every file system takes; a changed id keeps its own by a hash."""
    safe = re.sub(r"[^A-Za-z0-9_.-]", "_", claim).strip(".")[:100]
    if safe == claim:
        return safe
    return f"{safe}-{hashlib.sha256(claim.encode()).hexdigest()[:8]}"


# ---- what is exported --------------------------------------------------------------------------


def _record(claim: Claim, verdict: Verdict, source: Path, budget: Budget) -> dict[str, Any]:
    if verdict.counterexample is not None:
        return counterexample_record(claim, verdict.counterexample, source)
    tight = [t for e in verdict.evidence for t in e.tightness]
    if tight:
        return _tightest(claim, max(tight, key=lambda t: t.ratio), source)
    return _random(claim, source, budget)


def _instance_record(claim: Claim, source: Path, **found: Any) -> dict[str, Any]:
    """The record of an instance at which the claim holds, in the form of a counterexample's."""
    return {
        "schema": SCHEMA,
        "kind": "instance",
        "claim": claim.id,
        "label": claim.label,
        "reading": claim.reading,
        "source": source.as_posix(),
        "statement_hash": claim.hash,
        **found,
    }


def _tightest(claim: Claim, t: Tightness, source: Path) -> dict[str, Any]:
    return _instance_record(
        claim, source, sizes=dict(t.sizes), instance=t.instance, line=t.link + 1,
        because=t.because, relation="at_most", lhs=t.lhs, rhs=t.rhs,
    )  # fmt: skip


def _random(claim: Claim, source: Path, budget: Budget) -> dict[str, Any]:
    """The first random instance, at the largest shape of the budget, that is in the domain."""
    decide, rng = rigorous(budget), generator(claim, "export", 0)
    for sizes in reversed(visited(claim, budget)):
        points = random_points(claim, sizes, rng)
        for _, numbers in zip(range(TRIES), points, strict=False):
            instance = rebuild(claim, sizes, numbers)
            try:
                judged = decide(claim, instance)
            except (HypothesisFailed, Undefined):
                continue
            if judged.broken():  # the engines have missed it: what was found is what counts
                link = breaks(claim, sizes, numbers, decide)[0]
                found = counterexample(claim, sizes, numbers, link, decide)
                return counterexample_record(claim, found, source)
            last = judged.links[-1]
            return _instance_record(
                claim, source, sizes=dict(sizes),
                instance={name: encode(value) for name, value in instance.items()},
                line=len(judged.links), because=last.because, relation=last.kind,
                lhs=exact_texts(last.lhs), rhs=exact_texts(last.rhs),
            )  # fmt: skip
    raise InvalidArgument(f"{claim.id} has no instance to export: its hypotheses never held")


def statement(claim: Claim, verdict: Verdict, record: Mapping[str, Any]) -> str:
    """Statement, verdict and instance in Markdown, with the claim's texts only quoted."""
    refuted = record["kind"] == "counterexample"
    title = "A counterexample" if refuted else "An instance at which the statement holds"
    about = [f"{claim.id}: {claim.label} [{claim.reading}] {claim.title}".rstrip()]
    if claim.corrects:
        about.append(f"corrects {claim.corrects}: {claim.because}")
    about.append(f"theorylab's verdict: {verdict.outcome.word}. {verdict.grade}")
    parts = [
        f"# {title}",
        _quoted("\n".join(about)),
        "## As printed\n\n" + _quoted(claim.statement, "latex"),
        "## As judged\n\n" + _quoted(claim.source, "python"),
        ("## What fails\n\n" if refuted else "## The instance\n\n") + _quoted(_sides(record)),
        RUN.format(kind=record["kind"]),
    ]
    return "\n\n".join(parts) + "\n"


def _sides(record: Mapping[str, Any]) -> str:
    because = f" ({record['because']})" if record["because"] else ""
    claimed = f"line {record['line']}{because} claims  left {SIGNS[record['relation']]} right"
    but = ",  but" if record["kind"] == "counterexample" else ",  and"
    shape = f"at {shape_text(record['sizes'])}:"
    sides = [f"  left  = {record['lhs']}", f"  right = {record['rhs']}"]
    return "\n".join([shape, claimed + but, *sides, *instance_lines(record["instance"])])


def _quoted(text: str, language: str = "text") -> str:
    """A fenced block whose fence the text does not contain."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    printable = "".join(c if c.isprintable() or c == "\n" else "�" for c in text.expandtabs())
    return f"{fence}{language}\n{printable.rstrip()}\n{fence}"


# ---- the folder --------------------------------------------------------------------------------


def _confirm(claim: Claim, files: Mapping[str, str]) -> None:
    """Run the checker in a folder of its own; EngineError, with its words, unless it confirms."""
    with tempfile.TemporaryDirectory() as name:
        for file, text in files.items():
            Path(name, file).write_text(text, encoding="utf-8")
        command = [sys.executable, "-I", "-S", str(Path(name, "check.py"))]
        done = subprocess.run(command, capture_output=True, text=True, cwd=name)
    if done.returncode != 0:
        said = (done.stdout.splitlines() or done.stderr.splitlines() or ["nothing"])[-1]
        raise EngineError(
            f"{claim.id}: its standalone checker and theorylab disagree ({said}): report this"
        )


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files into an empty folder, or one that export has written."""
    try:
        found = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise StoreError(f"{folder} cannot be written ({error.strerror})") from None
    if found and MARKER not in found:
        raise StoreError(
            f"{folder} holds {found[0]}, which export did not write: choose another --out"
        )
    write_bytes(folder / MARKER, b"written by theorylab export; its files may be replaced\n")
    for name in set(WRITTEN) - set(files):
        (folder / name).unlink(missing_ok=True)
    for name, text in files.items():
        write_bytes(folder / name, text.encode())
