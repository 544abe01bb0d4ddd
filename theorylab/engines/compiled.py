"""A claim at one shape as machine code (see `machine`), with what rebuilds its instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, using
from theorylab.claims import Claim, evaluate
from theorylab.errors import Unsupported
from theorylab.givens import Sizes, build_instance
from theorylab.lowering import lower
from theorylab.machine import Compiled, Draw, compile_program, integers_of
from theorylab.tape import TAPES, Tape, recording


@dataclass
class InputSource:
    """Inputs of a tape in the order of an instance's integers, and the draws they stand for."""

    tape: Tape
    draws: list[Draw] = field(default_factory=list)
    count: int = 0

    def _inputs(self, kind: str, shape: tuple[int, ...], length: int) -> Array:
        size = int(np.prod(shape, dtype=int))
        self.draws.append(Draw(kind, size // length, length))
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
        raise Unsupported("discrete choices are not compiled")


@dataclass(frozen=True)
class CompiledClaim:
    """Machine code of a claim at one shape, and the draws that generate its instances."""

    code: Compiled
    draws: tuple[Draw, ...]
    kinds: tuple[str, ...]

    def numbers(self, seed: int, instance: int) -> list[int]:
        """The integers of one instance of a seed."""
        return [int(k) for k in integers_of(self.draws, seed, np.array([instance]))[0]]


def compiled(claim: Claim, sizes: Sizes) -> CompiledClaim:
    """Compile a claim at one shape; Unsupported where it cannot be traced."""
    with recording() as tape, using(TAPES):
        source = InputSource(tape)
        links, _ = evaluate(claim, build_instance(claim.parameters, source, sizes))
    pairs = [list(zip(_flat(k.lhs), _flat(k.rhs), strict=True)) for k in links]
    program = lower(tape, [side for link in pairs for pair in link for side in pair])
    kinds = tuple(link.kind for link in links)
    code = compile_program(program, source.draws, kinds, [len(p) for p in pairs])
    return CompiledClaim(code, tuple(source.draws), kinds)


def _flat(side: Any) -> list[Any]:
    return list(side.ravel()) if isinstance(side, np.ndarray) else [side]
