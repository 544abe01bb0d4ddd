r"""The report's tables in Markdown and in LaTeX (booktabs), for a reply to authors or an appendix.

Text from claims is untrusted and escaped in both. A formula of a statement is typeset only where
it parses and holds nothing but harmless commands; else its source is shown as text. In Markdown
formulas are $`...`$, which is code wherever it is not mathematics, so nothing in it is markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from theorylab.report import maths
from theorylab.report.sheets import Column, Kind, Sheet, sheets
from theorylab.report.store import write_bytes
from theorylab.report.typeset import typesettable
from theorylab.report.view import view

TITLE = "Which statements hold"


def write_tables(record: Mapping[str, Any], out: Path, form: str) -> Path:
    """Write `report.md` or `report.tex` into the results folder, atomically; returns its path.

    Raises: ParseError for a record of another schema, StoreError for a folder not writable.
    """
    write, file = {"markdown": (markdown, "report.md"), "latex": (latex, "report.tex")}[form]
    return write_bytes(out / file, write(record).encode())


def about(shown: Mapping[str, Any]) -> str:
    """`44 claims: 18 proved, 26 supported. Budget quick, seed 0, theorylab 0.1.0, ...`."""
    counts = ", ".join(f"{n} {word}" for word, n in shown["counts"].items()) or "none judged"
    made = [f"{name} {version}" for name, version in shown["versions"].items()]
    run = ", ".join([f"budget {shown['budget']}", f"seed {shown['seed']}", *made])
    return f"{len(shown['claims'])} claims: {counts}. Run with {run}."


# ---- Markdown ------------------------------------------------------------------------------------

_MARKDOWN = re.compile(r"[\\`*_\[\]#~$|@]")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def markdown(record: Mapping[str, Any]) -> str:
    """All tables as GitHub's Markdown."""
    shown = view(record)
    blocks = [f"# {TITLE}", markdown_text(about(shown)), *map(_markdown_sheet, sheets(shown))]
    return "\n\n".join(blocks) + "\n"


def _markdown_sheet(sheet: Sheet) -> str:
    rule = ["---:" if c.kind == "number" else "---" for c in sheet.columns]
    heading = [markdown_text(c.heading) for c in sheet.columns]
    cell: dict[Kind, Callable[[str], str]] = {"maths": markdown_maths}
    rows = [
        [cell.get(c.kind, markdown_text)(text) for c, text in zip(sheet.columns, row, strict=True)]
        for row in sheet.rows
    ]
    lines = [f"| {' | '.join(row)} |" for row in (heading, rule, *rows)]
    return "\n".join([f"## {markdown_text(sheet.title)}", "", *lines])


def markdown_text(text: str) -> str:
    r"""Text in which nothing is markup, on one line; addresses do not become links.

    >>> print(markdown_text("<b> a|b *c* https://x"))
    &lt;b&gt; a\|b \*c\* https\://x
    """
    line = " ".join(maths.tidy(text).split())
    escaped = _MARKDOWN.sub(lambda m: f"\\{m[0]}", line)
    escaped = re.sub("[&<>]", lambda m: _HTML[m[0]], escaped)
    return re.sub(r"(?i)(www)\.", r"\1\\.", escaped.replace("://", "\\://"))


def markdown_maths(text: str) -> str:
    r"""Words and formulas: `x \le 1` as $`x \le 1`$; bars, which end a cell, as commands."""
    return _mixed(text, markdown_text, lambda latex: f"$`{_without_bars(latex)}`$")


def _without_bars(latex: str) -> str:
    return latex.replace(r"\|", r"\Vert ").replace("|", r"\vert ")


# ---- LaTeX ---------------------------------------------------------------------------------------

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage{textcomp}
\usepackage[a4paper,landscape,margin=15mm]{geometry}
\usepackage{amsmath,amssymb}
\usepackage{array,booktabs,longtable}
\newcolumntype{L}[1]{>{\raggedright\arraybackslash}p{#1\linewidth}}
\newcolumntype{R}[1]{>{\raggedleft\arraybackslash}p{#1\linewidth}}
\setlength{\tabcolsep}{3pt}
\setlength{\parindent}{0pt}
\begin{document}
\footnotesize
"""
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    **{c: f"\\{c}" for c in "#$%&_{}"},
    "−": "$-$",
    "–": "--",
    "—": "---",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "≈": r"$\approx$",
    "→": r"$\to$",
    "∞": r"$\infty$",
    "…": r"\ldots{}",
    "×": r"$\times$",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "γ": r"$\gamma$",
    "π": r"$\pi$",
}
_LETTERS = frozenset("ßæœøåÆŒØÅ") | {c for c in map(chr, range(0xC0, 0x100)) if c.isalpha()}
"""Letters that the T1 fonts have, one sign each."""


def latex(record: Mapping[str, Any]) -> str:
    """All tables as a document of its own; with booktabs and longtable it compiles anywhere."""
    shown = view(record)
    head = [f"\\section*{{{latex_text(TITLE)}}}", latex_text(about(shown)), ""]
    body = [line for sheet in sheets(shown) for line in _latex_sheet(sheet)]
    return PREAMBLE + "\n".join([*head, *body, r"\end{document}"]) + "\n"


def _latex_sheet(sheet: Sheet) -> list[str]:
    heading = _latex_row([latex_text(c.heading) for c in sheet.columns])
    return [
        f"\\subsection*{{{latex_text(sheet.title)}}}",
        f"\\begin{{longtable}}{{{_widths(sheet.columns)}}}",
        r"\toprule",
        heading,
        r"\midrule",
        r"\endhead",
        r"\bottomrule",
        r"\endfoot",
        *(_latex_row(_latex_cells(sheet.columns, row)) for row in sheet.rows),
        r"\end{longtable}",
        "",
    ]


def _latex_cells(columns: tuple[Column, ...], row: tuple[str, ...]) -> list[str]:
    cell: dict[Kind, Callable[[str], str]] = {"maths": latex_maths}
    return [cell.get(c.kind, latex_text)(text) for c, text in zip(columns, row, strict=True)]


def _latex_row(cells: list[str]) -> str:
    r"""A row; it opens with `{}`, so that a `[` or `*` in it is no argument of the `\\` before."""
    return f"{{}}{' & '.join(cells)} \\\\"


def _widths(columns: tuple[Column, ...]) -> str:
    """Column types that share the line's width: `@{}L{0.2}L{0.1}R{0.1}@{}`."""
    whole, used = sum(c.share for c in columns), 0.985 - 0.008 * (len(columns) - 1)
    types = (
        f"{'R' if c.kind == 'number' else 'L'}{{{used * c.share / whole:.3f}}}" for c in columns
    )
    return "@{}" + "".join(types) + "@{}"


def latex_text(text: str) -> str:
    r"""Text in which nothing is a command, on one line; signs that T1 lacks as their code point.

    >>> print(latex_text(r"50% of \input{x}_1 ≤ ♞"))
    50\% of \textbackslash{}input\{x\}\_1 $\le$ [U+265E]
    """
    return "".join(_latex_sign(c) for c in " ".join(maths.tidy(text).split()))


def _latex_sign(sign: str) -> str:
    if sign in _SPECIAL:
        return _SPECIAL[sign]
    return sign if sign.isascii() or sign in _LETTERS else f"[U+{ord(sign):04X}]"


def latex_maths(text: str) -> str:
    """Words and formulas, the formulas as they are written."""
    return _mixed(text, latex_text, lambda formula: f"${formula}$")


# ---- formulas ------------------------------------------------------------------------------------


def _mixed(text: str, words: Callable[[str], str], formula: Callable[[str], str]) -> str:
    """Words by one function, formulas by the other where they are safe to typeset."""
    parts = []
    for is_word, piece in maths.runs(" ".join(maths.tidy(text).split())):
        core = piece.strip()
        latex = None if is_word else typesettable(core)
        before, after = piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
        parts += [before, words(core) if latex is None else formula(latex), after]
    return "".join(parts).strip()
