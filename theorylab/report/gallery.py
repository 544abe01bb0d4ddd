"""What lies beside a report: figures as data URIs with their conclusions, ways to source files."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup, escape

from theorylab.report.maths import tidy

KINDS = {"png": "image/png", "svg": "image/svg+xml"}


@dataclass(frozen=True)
class Image:
    """One image: its file's stem and its bytes as a data URI."""

    name: str
    uri: str


@dataclass(frozen=True)
class Figure:
    """The images of one figure, its conclusions, and the rest of what NAME.md says."""

    name: str
    images: tuple[Image, ...]
    conclusion: Markup
    details: str


def figures(folder: Path) -> list[Figure]:
    """The figures of a folder: NAME.md with its images NAME.png, NAME-VARIANT.png, by name.

    An image that exists only as SVG is taken as SVG (browsers run no script of an image).
    """
    images = {p.stem: p for kind in reversed(KINDS) for p in sorted(folder.glob(f"*.{kind}"))}
    texts = {p.stem: p for p in sorted(folder.glob("*.md"))}
    groups: dict[str, list[Path]] = {}
    for stem, path in sorted(images.items()):
        groups.setdefault(_group(stem, list(texts)), []).append(path)
    return [_figure(name, paths, texts.get(name)) for name, paths in groups.items()]


def _group(stem: str, names: Sequence[str]) -> str:
    fits = [name for name in names if stem == name or stem.startswith(f"{name}-")]
    return max(fits, key=len, default=stem)


def _figure(name: str, paths: Sequence[Path], text: Path | None) -> Figure:
    said = "" if text is None else text.read_text(encoding="utf-8", errors="replace")
    conclusion, _, details = said.partition("\n## ")
    lines = conclusion.strip().splitlines()
    if lines and lines[0].startswith("# "):
        lines = lines[1:]
    return Figure(
        name,
        tuple(Image(p.stem, _uri(p)) for p in paths),
        _bold("\n".join(lines).strip()),
        f"## {details.strip()}" if details else "",
    )


def _bold(text: str) -> Markup:
    """Escaped text with `**words**` in bold, which is how a conclusion says its verdict."""
    return Markup(re.sub(r"\*\*([^*\n]+)\*\*", r"<strong>\1</strong>", str(escape(tidy(text)))))


def _uri(path: Path) -> str:
    content = base64.b64encode(path.read_bytes()).decode()
    return f"data:{KINDS[path.suffix[1:]]};base64,{content}"


def source_link(file: str, out: Path) -> str:
    """The way from the results folder to a Python file; empty where there is none (any more)."""
    path = Path(file)
    if path.suffix != ".py" or not path.is_file():
        return ""
    return quote(Path(os.path.relpath(path, out)).as_posix())
