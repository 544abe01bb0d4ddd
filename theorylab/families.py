"""Statements with a hidden constant: lhs = O(rhs) along a family of instances.

    def variance(gamma: Along(1)):
        return bounded_by(1 / (1 - gamma) ** 2, 1 / (1 - gamma))

says that some constant C has lhs <= C rhs for all members of the family, here gamma = 1 - 1/2^k.
No single instance can break that; a family along which lhs / rhs grows without limit does. The
body builds each member from the parameter that runs. For a bound on a size take `absolute(lhs)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from theorylab.errors import RunsAlong
from theorylab.relations import Link, Relation, at_most

_ALONG: ContextVar[bool] = ContextVar("along a family", default=False)


@contextmanager
def along_a_family() -> Iterator[None]:
    """Within: `bounded_by` gives its link to the growth engine."""
    token = _ALONG.set(True)
    try:
        yield
    finally:
        _ALONG.reset(token)


def bounded_by(lhs: Any, rhs: Any, because: str = "") -> Relation:
    """lhs <= C rhs with one constant C for the whole family, entry by entry; rhs >= 0."""
    if not _ALONG.get():
        raise RunsAlong("a bound with a hidden constant; the growth engine judges it")
    (link,) = at_most(lhs, rhs, because).links
    return Relation((Link("bounded", link.lhs, link.rhs, link.because),))
