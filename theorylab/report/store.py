"""The results folder: whole files or nothing.

Every file is written beside its place, synced and renamed, so that a reader never sees half of one.
JSON has sorted keys, no NaN and no times or machine names; exact rationals are strings.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from theorylab.errors import ParseError, StoreError

SIZE_LIMIT = 64 * 2**20
DEPTH_LIMIT = 64


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file atomically; StoreError naming the folder when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written ({error.strerror}): choose another folder with --out"
        ) from None
    return path


def dumps(data: Any) -> str:
    """Canonical JSON text: sorted keys, two spaces, no NaN, a final newline."""
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(path: Path, data: Any) -> Path:
    """Write data as canonical JSON, atomically."""
    return write_bytes(path, dumps(data).encode())


def read_json(path: Path) -> Any:
    """Read a JSON file strictly: bounded size and depth, no duplicate keys, no NaN."""
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise ParseError(f"{path} is larger than {SIZE_LIMIT} bytes")
        if not path.is_file():
            raise ParseError(f"{path} is not a regular file")
        text = path.read_text(encoding="utf-8")
        _check_depth(text, path)
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except OSError as error:
        raise ParseError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, ParseError):
            raise
        raise ParseError(f"{path} is not valid JSON: {error}") from None


_TEXTS = re.compile(r'"(?:[^"\\\\]|\\\\.)*"')


def _check_depth(text: str, path: Path) -> None:
    depth = deepest = 0
    for character in _TEXTS.sub("", text):
        depth += (character in "[{") - (character in "]}")
        deepest = max(deepest, depth)
        if deepest > DEPTH_LIMIT:
            raise ParseError(f"{path} is nested deeper than {DEPTH_LIMIT} levels")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
