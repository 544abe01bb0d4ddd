"""The tables of an instance one by one: what they are called, which integers describe them, and
instances whose tables are given directly, outside the integers' reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import Array
from theorylab.claims import Claim
from theorylab.givens import (
    Instance,
    Number,
    Sizes,
    StateActionFunction,
    StateFunction,
    build_instance,
)
from theorylab.points import ExactSource, exact_rows, replay

DENOMINATORS = (10, 10**2, 10**3, 10**4, 10**6, 10**9)


@dataclass(frozen=True)
class Table:
    """One table of an instance: its name ("M.P"), its kind ("weight", "fraction", "discount" or
    "choice"), the place of its first integer, its integers as rows of a length, and what the ends
    0 and 1 of its range stand for."""

    label: str
    kind: str
    first: int
    rows: int
    length: int
    ends: tuple[str, str] = ("0", "1")

    @property
    def places(self) -> slice:
        """Where its integers stand."""
        return slice(self.first, self.first + self.rows * self.length)


@dataclass
class _Recorder:
    """A source that notes what another one gives."""

    source: ExactSource
    found: list[tuple[str, int, int, Any]] = field(default_factory=list)

    def _note(self, kind: str, first: int, length: int, value: Any) -> Any:
        self.found.append((kind, first, length, value))
        return value

    def simplex(self, *shape: int) -> Array:
        first = len(self.source.log)
        return np.asarray(self._note("weight", first, shape[-1], self.source.simplex(*shape)))

    def fraction(self, *shape: int) -> Array:
        first = len(self.source.log)
        return np.asarray(self._note("fraction", first, 1, self.source.fraction(*shape)))

    def discount(self) -> Any:
        first = len(self.source.log)
        return self._note("discount", first, 1, self.source.discount())

    def vertex(self, *shape: int) -> Array:
        first = len(self.source.log)
        return np.asarray(self._note("choice", first, 1, self.source.vertex(*shape)))


@dataclass
class TableSource:
    """Gives these tables in their order, whatever is asked for."""

    values: Sequence[Any]
    given: int = 0

    def _next(self, *shape: int) -> Any:
        self.given += 1
        return self.values[self.given - 1]

    simplex = fraction = discount = vertex = _next


def tables_of(
    claim: Claim, sizes: Sizes, numbers: Sequence[int]
) -> tuple[tuple[Table, ...], list[Any]]:
    """The tables of the instance that these integers describe, and their exact values."""
    recorder, layout = _Recorder(replay(numbers)), []  # type: ignore[var-annotated]
    instance: Instance = {}
    for parameter in claim.parameters:
        value = instance[parameter.name] = parameter.build(recorder, sizes, instance)
        for kind, first, length, table in recorder.found[len(layout) :]:
            rows = (table.size if isinstance(table, np.ndarray) else 1) // length
            rows = rows // table.shape[-1] if kind == "choice" else rows
            label = _label(parameter.name, value, table)
            layout.append(Table(label, kind, first, rows, length, _ends(parameter.says)))
    return tuple(layout), [value for *_, value in recorder.found]


def _ends(says: Any) -> tuple[str, str]:
    """What the fractions 0 and 1 that are drawn for a parameter stand for."""
    if isinstance(says, Number):
        return str(says.low), "infinity" if says.high is None else str(says.high)
    return ("1", "-1") if says in (StateFunction, StateActionFunction) else ("0", "1")


def layout_of(claim: Claim, sizes: Sizes) -> tuple[Table, ...]:
    """The tables of every instance of a shape."""
    return tables_of(claim, sizes, _Zeros())[0]


class _Zeros(Sequence[int]):
    """As many zeros as are asked for."""

    def __len__(self) -> int:
        return 0

    def __getitem__(self, place: Any) -> Any:
        return 0

    def __iter__(self) -> Iterator[int]:
        while True:
            yield 0


def from_tables(claim: Claim, sizes: Sizes, values: Sequence[Any]) -> Instance:
    """The instance with these tables."""
    return build_instance(claim.parameters, TableSource([_copy(v) for v in values]), sizes)


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def nearby(claim: Claim, sizes: Sizes, x: Array) -> Iterator[list[Any]]:
    """Exact tables near the floats x (inputs,), coarse to fine; integers do not reach them all."""
    layout, like = tables_of(claim, sizes, [0] * len(x))
    for denominator in DENOMINATORS:
        yield [
            _rounded(table, np.shape(value), x[table.places], denominator)
            for table, value in zip(layout, like, strict=True)
        ]


def _rounded(table: Table, shape: tuple[int, ...], x: Array, denominator: int) -> Any:
    """One table rounded to 1 / denominator; rows are then normalised."""
    steps = np.rint(x * denominator).astype(np.int64)
    if table.kind == "weight":
        return exact_rows(steps.reshape(shape))
    if table.kind == "discount":
        return flint.fmpq(min(int(steps[0]), denominator - 1), denominator)
    out = np.empty(len(steps), dtype=object)
    out[:] = [flint.fmpq(int(k), denominator) for k in steps]
    return out.reshape(shape)


def _label(name: str, value: Any, table: Any) -> str:
    """`M.P` for a table of a world, `Pi[1]` for a policy of a tuple, else the parameter's name."""
    if isinstance(value, tuple):
        own = [_label(f"{name}[{k}]", item, table) for k, item in enumerate(value)]
        return next((label for k, label in enumerate(own) if _holds(value[k], table)), name)
    for item in fields(value) if is_dataclass(value) else ():
        if getattr(value, item.name) is table:
            return name if item.name == "probabilities" else f"{name}.{item.name}"
    return name


def _holds(value: Any, table: Any) -> bool:
    """Whether the table is one of a world's, or the value itself."""
    own = [getattr(value, f.name) for f in fields(value)] if is_dataclass(value) else [value]
    return any(entry is table for entry in own)
