"""Verdicts on a terminal: tables where there is one, plain lines where output is piped.

Text from claims is printed as text: no markup and no control character of theirs is interpreted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TextIO

from theorylab.verdicts import Counterexample

if TYPE_CHECKING:
    from theorylab.report.sheets import Sheet

STYLES = {
    "proved": "bold green",
    "certified": "green",
    "supported": "cyan",
    "refuted": "bold red",
    "undecided": "yellow",
    "vacuous": "yellow",
    "conflict": "bold white on red",
}


def clean(text: str) -> str:
    """The text without control characters and direction marks (newlines and tabs stay)."""
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() and c not in _MARKS))


_MARKS = {chr(k) for k in (*range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def console(file: TextIO | None = None, *, colour: bool = True) -> Any:
    """A rich console on a stream; NO_COLOR and --no-color are honoured."""
    from rich.console import Console

    return Console(file=file, no_color=None if colour else True, highlight=False, markup=False)


def print_verdicts(records: Sequence[dict[str, Any]], *, colour: bool = True) -> None:
    """A table of verdicts on a terminal, one plain line per claim otherwise."""
    if sys.stdout.isatty():
        _print_table(records, colour)
        return
    for r in records:
        label, status = f"{r['label']} [{r['reading']}]", r["ledger"]["status"]
        print(clean(f"{r['verdict']:<10} {r['id']:<44} {label:<44} {status:<8} {r['grade']}"))


def _print_table(records: Sequence[dict[str, Any]], colour: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False, pad_edge=False)
    for heading, ratio in (("statement", 3), ("claim", 3), ("verdict", 1), ("ledger", 1), ("", 6)):
        table.add_column(heading, ratio=ratio, overflow="fold")
    for r in records:
        label = Text(clean(f"{r['label']} [{r['reading']}]"))
        word = Text(r["verdict"], style=STYLES[r["verdict"]])
        table.add_row(
            label, Text(r["id"]), word, Text(r["ledger"]["status"]), Text(clean(r["grade"]))
        )
    console(colour=colour).print(table)


def print_sheets(sheets: Sequence[Sheet], *, colour: bool = True) -> None:
    """The report's tables: boxed on a terminal, cells parted by tabs where output is piped."""
    for sheet in sheets:
        if sys.stdout.isatty():
            _print_sheet(sheet, colour)
        else:
            headings = [column.heading for column in sheet.columns]
            print(
                "\n".join(["# " + _line(sheet.title), *map(_tabbed, (headings, *sheet.rows)), ""])
            )


def _print_sheet(sheet: Sheet, colour: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(_line(sheet.title)), title_justify="left", expand=True)
    for column in sheet.columns:
        right = column.kind == "number"
        justify: Literal["left", "right"] = "right" if right else "left"
        ratio = None if right else column.share
        table.add_column(column.heading, ratio=ratio, justify=justify, overflow="fold")
    for row in sheet.rows:
        table.add_row(*(Text(_line(cell), style=STYLES.get(cell, "")) for cell in row))
    console(colour=colour).print(table)


def _tabbed(cells: Sequence[str]) -> str:
    return "\t".join(map(_line, cells))


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def summary(records: Sequence[dict[str, Any]]) -> str:
    """`31 claims: 20 proved, 6 supported, 5 refuted`."""
    counts: dict[str, int] = {}
    for r in records:
        counts[r["verdict"]] = counts.get(r["verdict"], 0) + 1
    parts = ", ".join(f"{counts[word]} {word}" for word in STYLES if word in counts)
    return f"{len(records)} claims: {parts}"


def counterexample_lines(record: dict[str, Any]) -> list[str]:
    """A stored counterexample in words: which line, both sides, the instance."""
    return Counterexample(
        sizes=record["sizes"],
        instance=record["instance"],
        link=record["line"] - 1,
        because=record["because"],
        kind=record["relation"],
        lhs=record["lhs"],
        rhs=record["rhs"],
    ).lines()


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Any]:
    """Live progress on stderr: a bar on a terminal, a line every tenth otherwise."""
    if quiet:
        yield lambda task: None
    elif sys.stderr.isatty():
        yield from _bar(total)
    else:
        yield _lines(total)


def _bar(total: int) -> Iterator[Any]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        main = bar.add_task("judging", total=total)

        def advance(task: Any) -> None:
            bar.update(main, advance=1, description=f"{task.engine:<11} {task.claim}")

        yield advance


def _lines(total: int) -> Any:
    done = 0

    def advance(task: Any) -> None:
        nonlocal done
        done += 1
        if done % max(1, total // 10) == 0 or done == total:
            print(f"judged {done} of {total} ({task.claim}, {task.engine})", file=sys.stderr)

    return advance
