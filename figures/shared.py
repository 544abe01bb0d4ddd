"""What the figures share: what compute and variations take and return, means over seeds, checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorylab.errors import InvalidArgument

Floats = NDArray[np.float64]
Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""An ordered map, in this process or on workers."""


@dataclass(frozen=True)
class Conclusion:
    """Does the measured data show what the paper concludes, and what it shows in words."""

    supported: bool
    text: str


@dataclass(frozen=True)
class Variations:
    """One choice changed at a time: a table of text, and what it says."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text: str


def mean_and_error(values: Floats) -> tuple[Floats, Floats]:
    """Mean and standard error over the seeds; values (R, ...)."""
    return values.mean(0), values.std(0, ddof=1) / math.sqrt(len(values))


def frozen(table: Any) -> Floats:
    """The table as a read-only array."""
    array = np.asarray(table, dtype=np.float64)
    array.setflags(write=False)
    return array


def check_integer(figure: str, name: str, value: int, least: int, most: float = np.inf) -> None:
    """Raise InvalidArgument unless an argument of a figure is an integer in its range."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not least <= value <= most:
        reach = f"of at least {least}" if most == np.inf else f"from {least} to {most}"
        raise InvalidArgument(f"{figure}: {name} is {value!r}, expected an integer {reach}.")
