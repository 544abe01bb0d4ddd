"""A figure's work in pieces: functions of a folder of figures, run here or on workers.

Figure files are loaded by path under a private package, which a worker does not know. A call
travels as folder, module, name of the function and pickled item; the worker makes the package
known first. Calls in this process take the same path, so that nothing differs.
"""

from __future__ import annotations

import hashlib
import importlib
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

from theorylab.errors import InvalidArgument
from theorylab.workers import Workers

Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""An ordered map, as the built-in: each(function, items)."""


@dataclass(frozen=True)
class Call:
    """One call of a function of a figures folder, as it travels to a worker."""

    folder: Path
    module: str
    name: str
    item: bytes


def package_of(folder: Path) -> str:
    """The name under which the files of a folder are loaded, the same in every process."""
    return "_figures_" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


def make_package(folder: Path) -> str:
    """The name of the folder's package, made where it is not known yet."""
    name = package_of(folder)
    if name not in sys.modules:
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
        importlib.invalidate_caches()
    return name


def each_on(workers: Workers, folder: Path) -> Each:
    """The ordered map that the figures of a folder are given."""
    place = folder.resolve()

    def each(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        module, name = _reference(function)
        calls = (Call(place, module, name, _packed(item, f"{name}'s item")) for item in items)
        return map(pickle.loads, workers.each(run_call, calls))

    return each


def _reference(function: Callable[[Any], Any]) -> tuple[str, str]:
    module, name = (getattr(function, key, "") for key in ("__module__", "__qualname__"))
    try:
        found = attrgetter(name)(sys.modules[module])
    except (AttributeError, KeyError, TypeError):
        found = None
    if found is not function:
        raise InvalidArgument(
            f"each is given {name or repr(function)}, which workers cannot find by its name, "
            "expected a function at the top of a figure file. Move it there."
        )
    return module, name


def _packed(value: Any, what: str) -> bytes:
    try:
        return pickle.dumps(value)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InvalidArgument(
            f"{what} cannot travel to a worker ({error}), expected arrays, numbers, tuples or "
            "dataclasses. Build the rest inside the function."
        ) from None


def run_call(call: Call) -> bytes:
    """What the function returns, pickled: only processes that know the package can read it."""
    make_package(call.folder)
    function = attrgetter(call.name)(importlib.import_module(call.module))
    return _packed(function(pickle.loads(call.item)), f"what {call.name} returns")
