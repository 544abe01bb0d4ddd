"""The report: one self-contained HTML page of a run, readable offline, in print and on a phone.

It loads nothing and runs no script (a strict Content-Security-Policy says so); every text that
comes from a claim is escaped, formulas are MathML. The same record gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from theorylab.report import gallery, maths
from theorylab.report.store import write_bytes
from theorylab.report.view import view


def write_report(record: Mapping[str, Any], out: Path) -> Path:
    """Write `report.html` into the results folder, atomically; returns its path.

    Figures in `out/figures` are shown with their conclusions.
    Raises: ParseError for a record of another schema, StoreError for a folder not writable.
    """
    page = _template().render(
        **view(record),
        figures=gallery.figures(out / "figures"),
        source_link=lambda file: gallery.source_link(file, out),
    )
    return write_bytes(out / "report.html", page.encode())


def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("theorylab.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda v: maths.tidy(v) if isinstance(v, str) and not _is_safe(v) else v,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shapes"] = maths.shapes
    return environment.get_template("report.html.j2")


def _is_safe(text: str) -> bool:
    return isinstance(text, Markup)
