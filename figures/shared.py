"""What the figures share: what compute and variations take and return, random numbers, means over
seeds, one choice changed at a time, checks."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from theorylab.errors import InvalidArgument

Floats = NDArray[np.float64]
T = TypeVar("T")
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


def generator(seed: int, *key: int | str) -> np.random.Generator:
    """The random numbers of one purpose, which numbers and names tell; the same in any process."""
    numbers = [_number(part) if isinstance(part, str) else part for part in key]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=numbers)))


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


def mean_and_error(values: Floats) -> tuple[Floats, Floats]:
    """Mean and standard error over the seeds; values (R, ...)."""
    return values.mean(0), values.std(0, ddof=1) / math.sqrt(len(values))


def plus_minus(values: Floats, mean: str = ".3f", error: str = ".3f") -> str:
    """`mean ± standard error` over the seeds, in these formats."""
    middle, reach = mean_and_error(values)
    return f"{middle:{mean}} ± {reach:{error}}"


def single_changes(
    base: Any, other: Any, more: Mapping[str, tuple[Any, ...]], left_out: Collection[str] = ()
) -> Iterator[tuple[str, Any]]:
    """One choice of a setting at a time: the other variant's, then `more` that neither makes."""
    for key in (field.name for field in fields(base)[1:] if field.name not in left_out):
        for value in dict.fromkeys((getattr(other, key), *more.get(key, ()))):
            if value != getattr(base, key):
                shown = f"{value:.3g}" if isinstance(value, float) else value
                change = f"{key} = {shown}"
                yield change, replace(base, **{key: value, "name": f"{base.name}, {change}"})


def one_at_a_time(
    bases: Iterable[Any], changes: Callable[[Any], Iterable[tuple[str, Any]]]
) -> list[tuple[str, str, Any]]:
    """(variant, change, setting): each variant as it is ("nothing"), then its single changes."""
    return [
        (base.name, change, setting)
        for base in bases
        for change, setting in [("nothing", base), *changes(base)]
    ]


def where_it_hangs(
    name: str,
    tried: Mapping[str, T],
    conclude: Callable[[T], Conclusion],
    shown: Callable[[str, T], str],
) -> str:
    """Whether a variant's conclusion holds, and which single changes turn it; data by change."""
    plain = conclude(tried["nothing"]).supported
    changed = {change: data for change, data in tried.items() if change != "nothing"}
    turns = [shown(c, data) for c, data in changed.items() if conclude(data).supported != plain]
    holds, other = ("holds", "fails") if plain else ("fails", "holds")
    where = f"it {other} with {'; '.join(turns)}" if turns else "no single change turns it"
    return f"{name}: the paper's conclusion {holds}; of {len(changed)} single changes {where}."


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
