"""What each command of the command line does, in plain steps."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from theorylab.claims import Claim
from theorylab.engines import ANALYSES, BUDGETS
from theorylab.errors import EngineError, InvalidArgument, ParseError, Unsupported
from theorylab.loading import Library, load, load_if_any
from theorylab.report import ledger, records, terminal
from theorylab.report.store import dumps, write_json
from theorylab.run import (
    Result,
    check_budget,
    check_engines,
    check_seed,
    select,
    verify,
    verify_all,
)
from theorylab.verdicts import shape_text
from theorylab.workers import workers

DEFAULT_PATH = Path("verification")


def run(options: argparse.Namespace) -> int:
    """Dispatch a parsed command line; returns the exit status."""
    handlers = {
        "verify": run_verify,
        "list": run_list,
        "show": run_show,
        "recheck": run_recheck,
        "figure": run_figure,
        "mutate": run_mutate,
        "export": run_export,
        "report": run_report,
        "reproduce": run_reproduce,
    }
    return handlers[options.command](options)


def _libraries(paths: Sequence[Path]) -> list[Library]:
    if not paths and not DEFAULT_PATH.exists():
        raise InvalidArgument("no PATH given and no folder verification here: name a claims file")
    return [library for path in paths or [DEFAULT_PATH] for library in _papers_of(path)]


def _papers_of(path: Path) -> list[Library]:
    """A folder of packages is one library per package, so that each has its own ledger."""
    packages = sorted(p.parent for p in path.glob("*/__init__.py")) if path.is_dir() else []
    if not packages:
        return [load(path)]
    loose = sorted(f for f in path.glob("*.py") if f.name != "__init__.py")
    found = [library for p in (*loose, *packages) if (library := load_if_any(p)) is not None]
    return found or [load(path)]


def run_verify(options: argparse.Namespace) -> int:
    """Judge, store, print, compare."""
    check_engines(options.engine)
    check_budget(options.budget)
    check_seed(options.seed)
    libraries = _libraries(options.paths)
    chosen = [(library, select(library, options.claim)) for library in libraries]
    if not any(claims for _, claims in chosen):
        find_claim(libraries, options.claim)  # says which name is nearest
    _refuse_equal_names(chosen)
    found = _judge(chosen, options)
    record = _store(found, libraries, options)
    if options.accept:
        _accept(found)
    if options.json == Path("-"):
        sys.stdout.write(dumps(record))
    else:
        _print(record, colour=not options.no_color)
    if options.json not in (None, Path("-")):
        write_json(options.json, record)
    _tell_faults(found)
    return _status(found, strict=options.strict, accepted=options.accept)


def _refuse_equal_names(chosen: list[tuple[Library, list[Claim]]]) -> None:
    """Two claims of one id would overwrite each other's counterexample."""
    home: dict[str, Path] = {}
    for library, claims in chosen:
        for claim in claims:
            other = home.setdefault(claim.id, library.path)
            if other != library.path:
                raise InvalidArgument(
                    f"{claim.id} stands in {other} and in {library.path}: rename a file or run"
                    " them one by one"
                )


def _judge(
    chosen: list[tuple[Library, list[Claim]]], options: argparse.Namespace
) -> list[tuple[Result, ledger.Expectation]]:
    count = sum(len(claims) for _, claims in chosen)
    engines = getattr(options, "engine", None)
    each = len(check_engines(engines)) + len(ANALYSES) * options.hypotheses
    with terminal.progress(count * each, quiet=options.quiet) as advance:
        results = verify_all(
            chosen,
            budget=options.budget,
            seed=options.seed,
            engines=engines,
            hypotheses=options.hypotheses,
            jobs=options.jobs,
            progress=advance,
        )
    ledgers: dict[Path, dict[str, Any]] = {}
    return [(r, _expectation(r, ledgers)) for r in results]


def _expectation(result: Result, ledgers: dict[Path, dict[str, Any]]) -> ledger.Expectation:
    """How the verdict compares with its ledger; each ledger is read once, into `ledgers`."""
    path = ledger.ledger_path(result.source, result.claim.paper)
    try:
        if path not in ledgers:
            ledgers[path] = ledger.read_ledger(path)
        return ledger.compare(result.claim, result.verdict, ledgers[path])
    except ParseError as error:
        raise ParseError(f"{path}: {error}".replace(f"{path}: {path}", str(path))) from None


def _mutants(results: list[Result]) -> dict[str, dict[str, Any] | None]:
    """By claim, what the ledger of mutants says, where it is of the same statement."""
    from theorylab.report.mutant_ledger import mutant_record, mutants_path, read_mutants

    paths = {r.claim.id: mutants_path(r.source, r.claim.paper) for r in results}
    known = {path: read_mutants(path) for path in set(paths.values())}
    ids = {r.claim.id: known[paths[r.claim.id]].get(r.claim.id) for r in results}
    return {r.claim.id: mutant_record(r.claim, ids[r.claim.id]) for r in results}


def _store(
    found: list[tuple[Result, ledger.Expectation]],
    libraries: list[Library],
    options: argparse.Namespace,
) -> dict[str, Any]:
    """The run as one record, written to the results folder with each counterexample."""
    fates = _mutants([r for r, _ in found])
    claims = [
        records.claim_record(r.claim, r.verdict, r.source, e, mutants=fates[r.claim.id])
        for r, e in found
    ]
    papers = [paper for library in libraries for paper in library.papers]
    record = records.run_record(claims, budget=options.budget, seed=options.seed, papers=papers)
    for claim in claims:
        if claim["counterexample"] is not None:
            file = options.out / "counterexamples" / f"{claim['id']}.json"
            write_json(file, claim["counterexample"])
    write_json(options.out / "verdicts.json", record)
    return record


def _print(record: dict[str, Any], *, colour: bool) -> None:
    terminal.print_verdicts(record["claims"], colour=colour)
    for claim in record["claims"]:
        note = claim["ledger"]["note"]
        if note:
            print(terminal.clean(f"{claim['id']}: {claim['ledger']['status']}, {note}"))
    print(terminal.summary(record["claims"]))


def _tell_faults(found: list[tuple[Result, ledger.Expectation]]) -> None:
    """One line on stderr for each claim that is at fault; the others have their verdicts."""
    for r, _ in found:
        fault = next((e.note for e in r.verdict.evidence if e.faulty), None)
        if fault is not None:
            print(terminal.clean(f"theorylab: {fault}"), file=sys.stderr)


def _accept(found: list[tuple[Result, ledger.Expectation]]) -> None:
    entries: dict[tuple[Path, str], dict[str, Any]] = {}
    for r, _ in found:
        if any(e.faulty for e in r.verdict.evidence):
            continue
        key = (ledger.ledger_path(r.source, r.claim.paper), r.claim.paper)
        entries.setdefault(key, {})[r.claim.id] = ledger.entry(r.claim, r.verdict)
    for (path, paper), claims in entries.items():
        ledger.write_ledger(path, paper, claims)


def _status(
    found: list[tuple[Result, ledger.Expectation]], *, strict: bool = False, accepted: bool = False
) -> int:
    words = {r.verdict.outcome.word for r, _ in found}
    if any(e.faulty for r, _ in found for e in r.verdict.evidence):
        return 2
    if "conflict" in words:
        return 3
    if not accepted and any(e.fails and r.verdict.outcome.word != "undecided" for r, e in found):
        return 1
    if "undecided" in words:
        changed = any(e.status == "changed" for r, e in found)
        return 4 if strict else int(changed)
    return 0


def run_list(options: argparse.Namespace) -> int:
    """One line per claim, then the statements that are waived or missing."""
    libraries = _libraries(options.paths)
    rows = [
        {"id": c.id, "label": c.label, "reading": c.reading, "title": c.title}
        for library in libraries
        for c in library.claims
    ]
    if options.json is not None:
        data = {"schema": records.SCHEMA, "claims": rows}
        if options.json == Path("-"):
            sys.stdout.write(dumps(data))
        else:
            write_json(options.json, data)
        return 0
    for row in rows:
        print(
            terminal.clean(
                f"{row['id']:<44} {row['label']:<28} {row['reading']:<24} {row['title']}"
            )
        )
    for library in libraries:
        for paper in library.papers:
            for label, reason in paper.waived.items():
                print(terminal.clean(f"{paper.name}: {label} is waived: {reason}"))
            for label in paper.unaccounted(list(library.claims)):
                print(terminal.clean(f"{paper.name}: {label} has neither a claim nor a waiver"))
    return 0


def find_claim(libraries: list[Library], name: str) -> tuple[Claim, Path]:
    """The one claim of that id, name or label; the printed reading when several share a label."""
    found = [(c, library.path) for library in libraries for c in select(library, name)]
    if not found:
        from difflib import get_close_matches

        known = [
            n for library in libraries for c in library.claims for n in (c.id, c.name, c.label)
        ]
        near = get_close_matches(name, known, 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise InvalidArgument(f"claim {name!r} is unknown.{hint} See `theorylab list`.")
    printed = [f for f in found if f[0].reading == "printed"]
    return (printed or found)[0]


def run_show(options: argparse.Namespace) -> int:
    """Statement, source, hypotheses, verdict and counterexample of one claim."""
    claim, source = find_claim(_libraries(options.paths), options.claim)
    verdict = verify(claim, budget=options.budget, seed=options.seed, hypotheses=options.hypotheses)
    record = records.claim_record(claim, verdict, source, ledger.Expectation("", ""))
    for line in _show_lines(record):
        print(terminal.clean(line))
    return 0


def _show_lines(record: dict[str, Any]) -> list[str]:
    lines = [f"{record['id']}: {record['label']} [{record['reading']}] {record['title']}", ""]
    lines += [record["statement"], ""]
    if record["corrects"]:
        lines += [f"corrects {record['corrects']}: {record['because']}", ""]
    lines += [
        "for any " + ", ".join(f"{n}: {says}" for n, says in record["parameters"].items()),
        "",
    ]
    lines += [record["code"].rstrip(), "", f"verdict: {record['verdict']}"]
    for e in record["evidence"]:
        lines.append(f"  {e['engine']:<11} {e['outcome']:<14} {e['note']}")
    for h in record["hypotheses"]:
        where = h["counterexample"] and shape_text(h["counterexample"]["sizes"])
        lines.append(f"  {h['status']:<11} {h['name']}" + (f" ({where})" if where else ""))
    if record["counterexample"]:
        lines += ["", *terminal.counterexample_lines(record["counterexample"])]
    return lines


def run_recheck(options: argparse.Namespace) -> int:
    """Confirm or reject a stored counterexample."""
    from theorylab.recheck import recheck

    record, result = recheck(options.file, options.source)
    for line in terminal.counterexample_lines(record) if result.lhs else []:
        print(terminal.clean(line))
    word = "confirmed" if result.confirmed else "rejected"
    print(terminal.clean(f"{word}: {record['claim']}: {result.reason}"))
    return 0 if result.confirmed else 1


def run_mutate(options: argparse.Namespace) -> int:
    """Each mutant as one line with its fate; exit 1 where a finding has no decision."""
    if options.library:
        from theorylab.library_mutating import mutate_library

        return mutate_library(options)
    from theorylab.mutating import mutate

    libraries = _libraries(options.paths)
    chosen = [(library, select(library, options.claim)) for library in libraries]
    if not any(claims for _, claims in chosen):
        find_claim(libraries, options.claim)
    return mutate(chosen, options)


def run_export(options: argparse.Namespace) -> int:
    """Write a folder for the claim, or for every refuted one; exit 1 where one was not."""
    from theorylab.report.export import export

    budget = BUDGETS[check_budget(options.budget)]
    without = 0
    for claim, source in _to_export(options):
        verdict = verify(claim, budget=options.budget, seed=options.seed)
        if options.all and verdict.counterexample is None:
            continue
        try:
            print(export(claim, verdict, source, options.out, budget))
        except (Unsupported, EngineError) as error:  # the others are exported all the same
            if not options.all:
                raise
            without += 1
            print(terminal.clean(f"not exported: {error}"))
    return 1 if without else 0


def _to_export(options: argparse.Namespace) -> list[tuple[Claim, Path]]:
    if options.all:  # the first word is a path then
        paths = [Path(options.claim), *options.paths] if options.claim else options.paths
        return [(c, library.path) for library in _libraries(paths) for c in library.claims]
    if options.claim is None:
        raise InvalidArgument("CLAIM is missing: name a claim, or take every refuted one by --all")
    return [find_claim(_libraries(options.paths), options.claim)]


def run_figure(options: argparse.Namespace) -> int:
    """Draw the named figures, or all of them."""
    from theorylab.report.figures import find_figures, write_figure

    known = find_figures(options.figures)
    for name in options.names:
        if name not in known:
            raise InvalidArgument(f"figure {name!r} is unknown, expected one of {', '.join(known)}")
    with workers(options.jobs) as pool:
        for name in options.names or known:
            for path in write_figure(known[name], options.out, seed=options.seed, pool=pool):
                print(path)
    return 0


FORMATS = ("html", "markdown", "latex", "terminal")


def run_report(options: argparse.Namespace) -> int:
    """Write the report of the last run in the results folder, or print it."""
    if options.format not in FORMATS:
        raise InvalidArgument(f"format {options.format!r}, expected one of {', '.join(FORMATS)}")
    record = _last_run(options.out / "verdicts.json")
    if options.format == "terminal":
        from theorylab.report.sheets import sheets
        from theorylab.report.view import view

        terminal.print_sheets(sheets(view(record)))
    elif options.format == "html":
        from theorylab.report.html import write_report

        print(write_report(record, options.out))
    else:
        from theorylab.report.tables import write_tables

        print(write_tables(record, options.out, options.format))
    return 0


def _last_run(file: Path) -> dict[str, Any]:
    """The record of the run in a results folder."""
    from theorylab.report.store import read_json

    if not file.exists():
        raise InvalidArgument(f"{file} does not exist: run `theorylab verify` first")
    record = read_json(file)
    if not isinstance(record, dict) or record.get("schema") != records.SCHEMA:
        raise ParseError(f"{file} is not a run of theorylab: expected schema {records.SCHEMA}")
    if not isinstance(record.get("claims"), list):
        raise ParseError(f"{file} has no list of claims")
    return record


def run_reproduce(options: argparse.Namespace) -> int:
    """Everything: verdicts of all papers, figures, report."""
    libraries = _libraries([])
    options.hypotheses = True
    found = _judge([(library, list(library.claims)) for library in libraries], options)
    record = _store(found, libraries, options)
    _print(record, colour=True)
    arguments = {"names": [], "out": options.out / "figures", "figures": options.figures}
    run_figure(argparse.Namespace(**arguments, seed=options.seed, jobs=options.jobs))
    run_report(argparse.Namespace(format="html", out=options.out))
    _tell_faults(found)
    return _status(found)
