"""LAMPS' claims and the worlds that they build, for figures that measure the very statements."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import ModuleType

from theorylab.loading import load_module

FOLDER = Path(__file__).resolve().parents[1] / "verification" / "lamps"


@cache
def claims_in(module: str) -> ModuleType:
    """A module of verification/lamps, by its file name without the ending."""
    return load_module(FOLDER / f"{module}.py")
