"""Code in memory with the rooms that it works in: what is passed to it, and what is kept for it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.lowering import Program
from theorylab.simd import driver
from theorylab.simd.assembly import WIDTH, assembly
from theorylab.simd.objects import Loaded, load

ALIGNMENT = 64


def vectors(count: int) -> Array:
    """Room for `count` vectors, aligned as the code expects: shape (count, WIDTH)."""
    room = np.zeros(count * WIDTH + ALIGNMENT // 8)
    start = (-address(room) % ALIGNMENT) // 8
    return room[start : start + count * WIDTH].reshape(count, WIDTH)


@dataclass(frozen=True)
class Body:
    """A program's code with the room that it works in."""

    code: Loaded
    loops: Loaded
    inputs: Array
    results: Array
    scratch: Array

    def loop(self, name: str, kinds: Sequence[Any]) -> Loop:
        """A loop with this body."""
        pointers = [ctypes.c_void_p] * 4
        function = ctypes.CFUNCTYPE(None, *pointers, *kinds)(self.loops.address(name))
        rooms = (address(room) for room in (self.inputs, self.results, self.scratch))
        return Loop(self, function, (self.code.address("body"), *rooms))


@dataclass(frozen=True)
class Loop:
    """A loop with its body; it keeps the code and the rooms whose addresses it passes on."""

    body: Body
    function: Callable[..., None]
    first: tuple[int, ...]

    def __call__(self, *rest: int) -> None:
        """Run, with what the loop takes after the body and its rooms."""
        self.function(*self.first, *rest)


def address(array: Array) -> int:
    """Where an array's first number is. Whoever passes it on keeps the array."""
    if array.size and array.flags.c_contiguous and array.flags.writeable:
        return ctypes.addressof(ctypes.c_char.from_buffer(array.data))  # much faster
    return int(array.__array_interface__["data"][0])


def body_of(program: Program, inputs: int, level: int = 1) -> Body:
    """The code of a program, with room for so many vectors of inputs; at level 0 it takes half as
    long to compile, and is slower."""
    code = assembly(program)
    rooms = (inputs + 1, len(program.results), code.scratch)  # an odd row writes one more
    return Body(load(code.text, level), loops(), *(vectors(max(1, k)) for k in rooms))


@cache
def loops() -> Loaded:
    """The loops, which are the same for all programs."""
    return load(driver.text(), level=2, passes=2)
