"""The command line. Heavy libraries are imported by the commands that need them.

Exit status: 0 all as expected, 1 a verdict differs from the expected one, 2 usage or input error,
3 engines disagree, 4 undecided or crashed under --strict, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """The parser of `theorylab`."""
    top = argparse.ArgumentParser(
        prog="theorylab", description="The referee and proof debugger of RL theory.", epilog=__doc__
    )
    top.formatter_class = argparse.RawDescriptionHelpFormatter
    top.add_argument("--debug", action="store_true", help="show tracebacks of errors")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _verify(commands)
    _list_and_show(commands)
    _others(commands)
    return top


def _verify(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verify = commands.add_parser("verify", help="judge claims and compare with the ledger")
    verify.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders")
    verify.add_argument(
        "--claim", metavar="GLOB", help="only claims whose id, name or label matches"
    )
    verify.add_argument("--engine", action="append", metavar="NAME", help="only this engine")
    verify.add_argument(
        "--json", type=Path, metavar="FILE", help="write the verdicts as JSON (- is stdout)"
    )
    verify.add_argument(
        "--accept", action="store_true", help="write the ledger from these verdicts"
    )
    _with_hypotheses(verify)
    verify.add_argument("--strict", action="store_true", help="undecided verdicts exit 4")
    verify.add_argument("--no-color", action="store_true", help="no colours")
    _running(verify)


def _with_hypotheses(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--hypotheses",
        action="store_true",
        help="drop each hypothesis: needed or idle? and better constants",
    )


def _running(command: argparse.ArgumentParser) -> None:
    command.add_argument("--budget", default="quick", help="quick (default), normal or deep")
    command.add_argument("--seed", type=int, default=0, help="root of all randomness (default 0)")
    command.add_argument("--jobs", type=int, default=1, help="processes (default 1: this one)")
    command.add_argument("--out", type=Path, default=Path("results"), help="results folder")
    command.add_argument("--quiet", action="store_true", help="no progress")


def _list_and_show(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    listing = commands.add_parser("list", help="list claims and waived statements")
    listing.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    listing.add_argument("--json", type=Path, metavar="FILE")
    show = commands.add_parser("show", help="a claim: statement, source, verdict, counterexample")
    show.add_argument("claim", metavar="CLAIM", help="id, name or label")
    show.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    show.add_argument("--budget", default="quick")
    _with_hypotheses(show)
    show.add_argument("--seed", type=int, default=0)


def _others(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    recheck = commands.add_parser("recheck", help="re-evaluate a stored counterexample exactly")
    recheck.add_argument("file", type=Path, metavar="FILE")
    recheck.add_argument("--source", type=Path, metavar="PATH", help="where the claim stands now")
    figure = commands.add_parser("figure", help="draw figures from real runs")
    figure.add_argument("names", nargs="*", metavar="NAME", help="all when none is given")
    figure.add_argument("--out", type=Path, default=Path("results/figures"))
    figure.add_argument("--seed", type=int, default=0)
    figure.add_argument("--jobs", type=int, default=1, help="processes (default 1: this one)")
    figure.add_argument(
        "--figures", type=Path, default=Path("figures"), help="folder of figure files"
    )
    mutate = commands.add_parser("mutate", help="mutants of a claim, and what killed each")
    mutate.add_argument(
        "claim", nargs="?", metavar="CLAIM", help="id, name or label (a glob takes several)"
    )
    mutate.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    mutate.add_argument("--verbose", action="store_true", help="with the tables of each instance")
    mutate.add_argument(
        "--json", type=Path, metavar="FILE", help="write them as JSON (- is stdout)"
    )
    mutate.add_argument("--accept", action="store_true", help="write the ledger of mutants")
    mutate.add_argument(
        "--library", action="store_true", help="mutants of theorylab's own theory and algorithms"
    )
    mutate.add_argument("--budget", default="quick")
    mutate.add_argument("--seed", type=int, default=0)
    export = commands.add_parser(
        "export", help="evidence that a bare Python re-checks, as a folder"
    )
    export.add_argument("claim", nargs="?", metavar="CLAIM", help="id, name or label")
    export.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    export.add_argument("--all", action="store_true", help="every refuted claim, instead of CLAIM")
    export.add_argument("--out", type=Path, default=Path("results/export"), help="parent folder")
    export.add_argument("--budget", default="quick")
    export.add_argument("--seed", type=int, default=0)
    report = commands.add_parser("report", help="write the report of the last run")
    report.add_argument(
        "--format", default="html", help="html (default), markdown, latex, or terminal: print it"
    )
    report.add_argument("--out", type=Path, default=Path("results"), help="results folder")
    reproduce = commands.add_parser("reproduce", help="verdicts, figures and report, all at once")
    reproduce.add_argument("--figures", type=Path, default=Path("figures"))
    _running(reproduce)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; errors of the user are one line on stderr and exit status 2."""
    options = parser().parse_args(arguments)
    from theorylab.errors import TheorylabError

    try:
        from theorylab import commands

        return commands.run(options)
    except TheorylabError as error:
        if options.debug:
            raise
        print(f"theorylab: {_one_line(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("theorylab: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


if __name__ == "__main__":
    sys.exit(main())
