"""A claim at one shape as machine code (see `machine`), with what rebuilds its instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, using
from theorylab.claims import Claim, evaluate
from theorylab.givens import Sizes, build_instance
from theorylab.lowering import Program, lower
from theorylab.machine import Side, Sweep, swept
from theorylab.simd.generation import Draw, integers_of
from theorylab.tape import TAPES, Tape, recording


@dataclass
class InputSource:
    """Inputs of a tape in the order of an instance's integers, and the draws they stand for."""

    tape: Tape
    draws: list[Draw] = field(default_factory=list)
    count: int = 0

    def _inputs(self, kind: str, shape: tuple[int, ...], length: int) -> Array:
        size = int(np.prod(shape, dtype=int))
        rows, length = (1, size) if kind == "fraction" else (size // length, length)
        self.draws.append(Draw(kind, rows, length))
        out = np.empty(size, dtype=object)
        out[:] = [self.tape.input(str(self.count + k)) for k in range(size)]
        self.count += size
        return out.reshape(shape)

    def simplex(self, *shape: int) -> Array:
        return self._inputs("weight", shape, shape[-1])

    def fraction(self, *shape: int) -> Array:
        return self._inputs("fraction", shape, 1)

    def discount(self) -> Any:
        return self._inputs("discount", (1,), 1)[0]

    def vertex(self, *shape: int) -> Array:
        return self._inputs("vertex", shape, shape[-1])


@dataclass(frozen=True)
class Traced:
    """A claim at one shape as a program: its results are the sides of its hypotheses, then of its
    links, entry by entry, left and right; its inputs are the entries of the tables drawn."""

    program: Program
    sides: tuple[Side, ...]
    draws: tuple[Draw, ...]

    @property
    def links(self) -> tuple[Side, ...]:
        """The sides that are links."""
        return tuple(side for side in self.sides if not side.assumed)


def traced(claim: Claim, sizes: Sizes) -> Traced:
    """Trace a claim at one shape; Unsupported where that cannot be done."""
    with recording() as tape, using(TAPES):
        source = InputSource(tape)
        instance = build_instance(claim.parameters, source, sizes)
        links, record = evaluate(claim, instance, defer=True)
    relations = [*record.deferred, *links]
    pairs = [list(zip(_flat(k.lhs), _flat(k.rhs), strict=True)) for k in relations]
    program = lower(tape, [side for link in pairs for pair in link for side in pair])
    assumed = len(record.deferred)
    sides = [
        Side(link.kind, len(pairs[k]), assumed=k < assumed) for k, link in enumerate(relations)
    ]
    return Traced(program, tuple(sides), tuple(source.draws))


@dataclass(frozen=True)
class CompiledClaim:
    """Machine code of a claim at one shape, and the draws that generate its instances."""

    code: Sweep
    draws: tuple[Draw, ...]
    kinds: tuple[str, ...]

    def numbers(self, seed: int, instance: int) -> list[int]:
        """The integers of one instance of a seed."""
        return [int(k) for k in integers_of(self.draws, seed, np.array([instance]))[0]]


def compiled(claim: Claim, sizes: Sizes) -> CompiledClaim:
    """Compile a claim at one shape; Unsupported where it cannot be traced."""
    found = traced(claim, sizes)
    code = swept(found.program, found.sides, found.draws)
    return CompiledClaim(code, found.draws, tuple(link.kind for link in found.links))


def _flat(side: Any) -> list[Any]:
    return list(side.ravel()) if isinstance(side, np.ndarray) else [side]
