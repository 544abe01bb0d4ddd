"""The command `mutate`: mutants of claims, or of the library, and what became of each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from theorylab.claims import Claim
from theorylab.engines import BUDGETS, Budget
from theorylab.engines.judging import rebuild, rigorous
from theorylab.engines.mutation import FATES, Fate, counterexamples, fates
from theorylab.errors import TheorylabError
from theorylab.loading import Library
from theorylab.report.ledger import ledger_path, read_ledger
from theorylab.report.mutant_ledger import (
    entry,
    fates_record,
    hard_instances,
    mutants_path,
    read_mutants,
    write_mutants,
)
from theorylab.report.store import dumps, write_json
from theorylab.report.terminal import clean
from theorylab.run import check_budget, check_seed
from theorylab.verdicts import instance_lines, shape_text
from theorylab.worlds.io import encode, exact_texts

SCHEMA = 1


def mutate(chosen: Sequence[tuple[Library, list[Claim]]], options: argparse.Namespace) -> int:
    """Each mutant of these claims as one line with its fate; 1 where a finding has no decision."""
    budget, seed = BUDGETS[check_budget(options.budget)], check_seed(options.seed)
    quiet = options.json == Path("-")
    rows, open_findings = [], 0
    for library, claims in chosen:
        entries: dict[tuple[Path, str], dict[str, Any]] = {}
        for claim in claims:
            path = mutants_path(library.path, claim.paper)
            stored = {**read_mutants(path), **entries.get((path, claim.paper), {})}
            known = hard_instances(claim, library.claims, stored)
            if is_refuted(library, claim):
                known += counterexamples(claim, budget, seed)
            found = fates(claim, budget, seed, known)
            open_findings += sum(f.open for f in found)
            rows.append({"id": claim.id, **fates_record(found)})
            entries.setdefault((path, claim.paper), {})[claim.id] = entry(claim, found)
            for line in [] if quiet else claim_lines(claim, found, budget, options.verbose):
                print(clean(line), flush=True)
        names = {c.id for c in library.claims}
        for (path, paper), found_entries in entries.items() if options.accept else ():
            write_mutants(path, paper, found_entries, names)
    _write(rows, options.json)
    return 1 if open_findings else 0


def is_refuted(library: Library, claim: Claim) -> bool:
    """Whether the ledger of verdicts says that this very statement is false."""
    verdict = read_ledger(ledger_path(library.path, claim.paper)).get(claim.id, {})
    return verdict.get("verdict") == "refuted" and verdict.get("statement") == claim.hash


def _write(rows: list[dict[str, Any]], file: Path | None) -> None:
    data = {"schema": SCHEMA, "claims": rows}
    if file == Path("-"):
        sys.stdout.write(dumps(data))
    elif file is not None:
        write_json(file, data)


def claim_lines(
    claim: Claim, found: Sequence[Fate], budget: Budget, verbose: bool = False
) -> list[str]:
    """The claim's counts, then one line for each mutant; with its tables when verbose."""
    counts = {fate: sum(f.fate == fate for f in found) for fate in FATES}
    counts["open"] = sum(f.open for f in found)
    words = ", ".join(f"{n} {fate}" for fate, n in counts.items() if n)
    lines = [f"{claim.id}: {words or 'no mutant'}"]
    for fate in found:
        lines.append(f"  {fate.fate:<10} {fate.mutant.diff}  ({_where(fate)})")
        if fate.decision and fate.fate in ("sharper", "survived", "repair"):
            lines.append(f"{'':13}decided: {fate.decision}")
        if verbose and fate.witness is not None:
            lines += [f"{'':13}{line}" for line in _instance(fate, budget)]
    return lines


def _where(fate: Fate) -> str:
    """By which engine, at which sizes, at which line of the claim."""
    if fate.witness is None:
        return fate.by
    line = f", line {fate.witness.link + 1}" if fate.fate == "killed" else ""
    return f"{fate.by}, {shape_text(fate.witness.sizes)}{line}"


def _instance(fate: Fate, budget: Budget) -> list[str]:
    """Both sides of the mutant and the tables of its instance."""
    point, claim = fate.witness, fate.mutant.original
    if point is None:
        return []
    instance = rebuild(claim, point.sizes, point.numbers)
    tables = instance_lines({name: encode(value) for name, value in instance.items()})
    try:
        links = rigorous(budget)(fate.mutant.claim, instance).links
    except TheorylabError as error:
        return [str(error), *tables]
    step = links[point.link]
    sides = [f"left  = {exact_texts(step.lhs)}", f"right = {exact_texts(step.rhs)}"]
    return [*sides, *tables]
