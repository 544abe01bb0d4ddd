"""The tables of an instance one by one: what they are called, which integers describe them, and
instances whose tables are given directly, outside the integers' reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.claims import Claim
from theorylab.givens import Instance, Sizes, build_instance
from theorylab.points import ExactSource, replay


@dataclass(frozen=True)
class Table:
    """One table of an instance: its name ("M.P"), its kind ("weight", "fraction", "discount" or
    "choice"), the place of its first integer, and its integers as rows of a length."""

    label: str
    kind: str
    first: int
    rows: int
    length: int

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
    recorder, instance, owners = _Recorder(replay(numbers)), {}, []  # type: ignore[var-annotated]
    for parameter in claim.parameters:
        value = instance[parameter.name] = parameter.build(recorder, sizes, instance)
        new = recorder.found[len(owners) :]
        owners += [_label(parameter.name, value, entry[3], len(new) > 1) for entry in new]
    ends = [first for _, first, _, _ in recorder.found[1:]] + [len(recorder.source.log)]
    layout = tuple(
        Table(label, kind, first, (end - first) // length, length)
        for label, end, (kind, first, length, _) in zip(owners, ends, recorder.found, strict=True)
    )
    return layout, [value for *_, value in recorder.found]


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


def _label(name: str, value: Any, table: Any, several: bool) -> str:
    """`M.P` for a field of a world, `Pi[1].probabilities` in a tuple, else the parameter's name."""
    if isinstance(value, tuple):
        own = [_label(f"{name}[{k}]", item, table, True) for k, item in enumerate(value)]
        return next((label for label in own if "." in label), name)
    for item in fields(value) if is_dataclass(value) else ():
        if getattr(value, item.name) is table:
            return f"{name}.{item.name}" if several or item.name != "probabilities" else name
    return name
