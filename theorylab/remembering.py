"""What one evaluation of a claim has computed already, so that it is computed once.

A formula names V(M, pi) and D(M, pi) again and again, each a linear system. Within `remembering()`
a function of frozen objects, called by `once`, gives the array that it gave for the very same
objects before: claims.evaluate remembers for one instance, in one number system, and forgets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from theorylab.arithmetic import Array

_KNOWN: ContextVar[dict[tuple[Any, ...], tuple[Array, tuple[Any, ...]]] | None] = ContextVar(
    "what is known", default=None
)


@contextmanager
def remembering() -> Iterator[None]:
    """Within: `once` computes each array once."""
    token = _KNOWN.set({})
    try:
        yield
    finally:
        _KNOWN.reset(token)


def once(function: Callable[..., Array], *objects: Any) -> Array:
    """function(*objects), remembered for these very objects and read-only; outside of
    `remembering` it is computed each time."""
    known = _KNOWN.get()
    if known is None:
        return function(*objects)
    key = (function, *map(id, objects))
    found = known.get(key)
    if found is None:
        array = function(*objects)
        array.setflags(write=False)
        found = known[key] = (array, objects)  # an object that is kept keeps its id
    return found[0]
