"""Figures from files: found by what they define, loaded by path, written whole and reproducibly.

A figure file defines VARIANTS (names), compute(variant, *, seed, ...) -> a frozen dataclass,
draw(data) -> matplotlib Figure and conclusion(data) -> (supported, text). It may define
columns(data) -> {name: 1-d array}, the CSV's columns (otherwise every number with its index), and
variations(*, seed, ...) -> (columns, rows, text), one choice changed at a time.

compute and variations may take `each`, an ordered map like the built-in: each(function, items),
with a function at the top of a file of the folder and items that can be pickled, each with its own
seed. It runs in this process or on workers, and gives the same bits.

The same seed and versions give the same bytes: no file holds a time, a machine or a path.
"""

from __future__ import annotations

import ast
import csv
import dataclasses
import hashlib
import importlib
import importlib.util
import inspect
import io
import math
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from theorylab.errors import InvalidArgument, StoreError, TheorylabError
from theorylab.report.figure_tasks import each_on, make_package, package_of
from theorylab.report.store import dumps, write_bytes
from theorylab.workers import HERE, Workers

FUNCTIONS = ("compute", "draw", "conclusion")
METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
    "png": {},
}
SAVING = {"svg.hashsalt": "theorylab", "pdf.fonttype": 42, "savefig.dpi": 300}


def find_figures(folder: Path | str) -> dict[str, Path]:
    """Name and path of each figure file in a folder, by name: a file that defines FUNCTIONS.

    Raises: InvalidArgument for a folder that is none, or a file that is not Python.
    """
    place = Path(folder)
    if not place.is_dir():
        raise InvalidArgument(
            f"{folder} is not a folder. Give the folder that has the figure files."
        )
    return {path.stem: path for path in sorted(place.glob("*.py")) if _is_figure(path)}


def _is_figure(path: Path) -> bool:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InvalidArgument(f"{path} is not readable as Python: {reason}. Repair it.") from None
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return defined.issuperset(FUNCTIONS)


def load_figure(path: Path | str) -> ModuleType:
    """The module of a figure file, freshly loaded; relative imports see the files beside it.

    Raises: InvalidArgument for a file that is none, fails on import or lacks a part of a figure.
    """
    file = Path(path)
    if not (file.is_file() and file.suffix == ".py" and file.stem.isidentifier()):
        raise InvalidArgument(f"{path} is not a Python file. Give the path of a figure file.")
    package = _fresh_package(file.parent)
    try:
        module = importlib.import_module(f"{package}.{file.stem}")
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InvalidArgument(f"{path} cannot be loaded: {reason}. Repair it.") from error
    missing = [name for name in ("VARIANTS", *FUNCTIONS) if not hasattr(module, name)]
    if missing:
        raise InvalidArgument(
            f"{path} has no {', '.join(missing)}, expected VARIANTS, compute, draw and conclusion. "
            "Define them, as the other figures do."
        )
    return module


def _fresh_package(folder: Path) -> str:
    name = package_of(folder)
    for loaded in [key for key in sys.modules if key.split(".")[0] == name]:
        del sys.modules[loaded]
    return make_package(folder)


def write_figure(
    path: Path | str,
    out: Path | str,
    *,
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
    pool: Workers = HERE,
) -> list[Path]:
    """Compute, draw and conclude every variant of a figure file; the files written, in order.

    NAME-VARIANT.svg, .pdf, .png and .csv for each variant, NAME.md (conclusions, variations, what
    is measured) and NAME.json (parameters, seed, versions, sha256 of each CSV), into `out`, each
    whole or not at all. `options` go to compute, and to variations where it knows them; both are
    given `each`, an ordered map over `pool`, where they know it.
    Raises: InvalidArgument for a bad figure file, an unknown option, a folder that cannot be
    written (found out before anything is computed).
    """
    _check_matplotlib()
    module, folder, chosen = load_figure(path), Path(out), dict(options or {})
    work = {"each": each_on(pool, Path(path).parent)}
    _check_options(module, chosen)
    _check_folder(folder)
    files: dict[str, bytes] = {}
    name, side, said = Path(path).stem, {}, {}
    for variant in module.VARIANTS:
        data = module.compute(variant, seed=seed, **_known(module.compute, chosen | work))
        rendered = _variant_files(module, data)
        files |= {f"{name}-{variant}.{ending}": content for ending, content in rendered.items()}
        said[variant] = module.conclusion(data)
        side[variant] = _side(data, said[variant].supported, rendered["csv"])
    files[f"{name}.md"] = _text(name, module, said, seed, chosen | work).encode()
    files[f"{name}.json"] = dumps(_json(name, seed, chosen, side)).encode()
    return [_write(folder / file, content) for file, content in files.items()]


def _write(path: Path, content: bytes) -> Path:
    try:
        return write_bytes(path, content)
    except StoreError as error:
        raise InvalidArgument(str(error)) from None


def _check_matplotlib() -> None:
    if importlib.util.find_spec("matplotlib") is None:
        raise TheorylabError(
            "Figures need matplotlib, which is not installed. Run: pip install 'theorylab[plots]'"
        )


def _check_options(module: ModuleType, options: dict[str, Any]) -> None:
    known = set(inspect.signature(module.compute).parameters) - {"variant", "seed", "each"}
    for key in options:
        if key not in known:
            raise InvalidArgument(
                f"option {key!r} is unknown, expected one of {sorted(known)}. Leave it out."
            )


def _known(function: Any, options: dict[str, Any]) -> dict[str, Any]:
    known = inspect.signature(function).parameters
    return {key: value for key, value in options.items() if key in known}


def _check_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InvalidArgument(
            f"{folder} cannot be written ({error.strerror}), expected a writable folder. "
            "Choose another one with --out."
        ) from None


def _variant_files(module: ModuleType, data: Any) -> dict[str, bytes]:
    from matplotlib import style

    figure, rendered = module.draw(data), {}
    for ending, metadata in METADATA.items():
        buffer = io.BytesIO()
        with style.context(SAVING, after_reset=True):
            figure.savefig(buffer, format=ending, metadata=metadata)
        rendered[ending] = buffer.getvalue()
    return rendered | {"csv": _csv(module, data)}


def _csv(module: ModuleType, data: Any) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    if hasattr(module, "columns"):
        table = {key: np.asarray(column).tolist() for key, column in module.columns(data).items()}
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
    else:
        writer.writerow(("field", "index", "value"))
        writer.writerows(_every_number(data))
    return buffer.getvalue().encode()


def _every_number(data: Any) -> list[tuple[str, str, Any]]:
    rows = []
    for field in dataclasses.fields(data):
        table = getattr(data, field.name)
        if isinstance(table, np.ndarray):
            for index, value in np.ndenumerate(table):
                rows.append((field.name, " ".join(map(str, index)), value.item()))
    return rows


def _side(data: Any, supported: bool, table: bytes) -> dict[str, Any]:
    return {
        "supported": bool(supported),
        "parameters": _plain(data),
        "csv_sha256": hashlib.sha256(table).hexdigest(),
    }


def _plain(data: Any) -> dict[str, Any]:
    """The fields of a dataclass that are no arrays, as JSON knows them."""
    plain: dict[str, Any] = {}
    for field in dataclasses.fields(data):
        value = getattr(data, field.name)
        if dataclasses.is_dataclass(value):
            plain[field.name] = _plain(value)
        elif isinstance(value, float) and not math.isfinite(value):
            plain[field.name] = str(value)
        elif value is None or isinstance(value, str | int | float):
            plain[field.name] = value
    return plain


def _json(name: str, seed: int, options: dict[str, Any], side: dict[str, Any]) -> dict[str, Any]:
    import matplotlib

    return {
        "figure": name,
        "seed": seed,
        "options": options,
        "versions": {"matplotlib": matplotlib.__version__, "numpy": np.__version__},
        "variants": side,
    }


def _text(
    name: str, module: ModuleType, said: dict[str, Any], seed: int, options: dict[str, Any]
) -> str:
    lines = [f"# {name}", "", f"Seed {seed}."]
    for variant, it in said.items():
        word = "supported" if it.supported else "not supported"
        lines += ["", f"**{variant}: {word}.** {it.text}"]
    if hasattr(module, "variations"):
        lines += ["", "## One choice changed at a time", ""]
        lines += _table(module.variations(seed=seed, **_known(module.variations, options)))
    if module.__doc__:
        lines += ["", "## What is measured", "", "```text", module.__doc__.strip(), "```"]
    return "\n".join(lines) + "\n"


def _table(variations: Any) -> list[str]:
    rows = [variations.columns, ["---"] * len(variations.columns), *variations.rows]
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    return [variations.text, "", *("| " + " | ".join(row) + " |" for row in cells)]
