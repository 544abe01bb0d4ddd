"""Drawn objects as JSON: exact rationals as strings, one record per object, and back.

    {"kind": "MDP", "P": [[["1/2", "1/2"]]], "payoff": ..., "gamma": "1/2", "start": ..., ...}
    {"kind": "Policy", "probabilities": ...}   {"kind": "table", "entries": ...}
    {"kind": "number", "value": "1/3"}   {"kind": "integer", "value": 2}   {"kind": "tuple", ...}

Reading checks every table as a constructor does, so that a witness outside its domain is refused.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import ParseError
from theorylab.worlds.checks import rational, table
from theorylab.worlds.finite_horizon import (
    FiniteHorizonMDP,
    NonstationaryPolicy,
    RewardFiniteHorizonMDP,
)
from theorylab.worlds.latent_mdp import (
    DeterministicHistoryPolicy,
    HistoryPolicy,
    LatentMDP,
    LatentModel,
)
from theorylab.worlds.latent_variable import LatentVariableEstimate, LatentVariableModel
from theorylab.worlds.linear_quadratic import (
    AffinePolicy,
    DiscountedLinearModel,
    DiscountedLinearQuadratic,
    LinearModel,
    LinearPolicy,
    LinearQuadratic,
)
from theorylab.worlds.mdp import MDP, DeterministicPolicy, Model, Policy, RewardMDP

KINDS = (
    MDP, RewardMDP, Model, Policy, DeterministicPolicy,
    FiniteHorizonMDP, RewardFiniteHorizonMDP, NonstationaryPolicy,
    LinearQuadratic, LinearModel, AffinePolicy,
    DiscountedLinearQuadratic, DiscountedLinearModel, LinearPolicy,
    LatentMDP, LatentModel, HistoryPolicy, DeterministicHistoryPolicy,
    LatentVariableModel, LatentVariableEstimate,
)  # fmt: skip
WORLDS = {kind.__name__: kind for kind in KINDS}


PLAIN = {"tuple": "items", "table": "entries", "integer": "value", "number": "value"}
"""Kinds that are no worlds, and the one key that each has."""


def encode(value: Any) -> Any:
    """A drawn object with exact entries as JSON data."""
    if isinstance(value, tuple):
        return {"kind": "tuple", "items": [encode(item) for item in value]}
    if type(value).__name__ in WORLDS:
        record = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        return {"kind": type(value).__name__, **record}
    if isinstance(value, np.ndarray):
        return {"kind": "table", "entries": _plain(value)}
    if isinstance(value, int):
        return {"kind": "integer", "value": value}
    return {"kind": "number", "value": _plain(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [_plain(v) for v in value]
    whole = isinstance(value, int | np.integer)
    return int(value) if whole else value if isinstance(value, str) else str(value)


def decode(data: Any, place: str) -> Any:
    """The object of a JSON record; ParseError or ModelError naming the place."""
    kind = data.get("kind") if isinstance(data, dict) else None
    if not isinstance(kind, str):
        raise ParseError(f"{place} has no kind, expected MDP, Policy, table, number, ...")
    try:
        _check_exact(data, place)
        return _decode(kind, data, place)
    except (KeyError, TypeError, AttributeError) as error:
        raise ParseError(f"{place} is not a {kind}: {type(error).__name__} {error}") from None


def _check_exact(data: Any, place: str) -> None:
    """Raise ParseError at the first entry that is neither a text nor an integer."""
    if isinstance(data, dict | list):
        items = data.items() if isinstance(data, dict) else enumerate(data)
        for key, value in items:
            _check_exact(value, f"{place}[{key}]")
    elif type(data) not in (str, int):
        raise ParseError(f"{place} is {data!r}, expected an exact rational such as '1/3'")


def _decode(kind: str, data: dict[str, Any], place: str) -> Any:
    if kind in PLAIN and set(data) != {"kind", PLAIN[kind]}:
        raise ParseError(f"{place} has keys {sorted(data)}, expected kind and {PLAIN[kind]}")
    if kind == "tuple":
        return tuple(decode(item, f"{place}[{k}]") for k, item in enumerate(data["items"]))
    if kind == "table":
        return table(data["entries"], place)
    if kind == "integer":
        if type(data["value"]) is not int:
            raise ParseError(f"{place} is {data['value']!r}, expected an integer")
        return data["value"]
    if kind == "number":
        return rational(data["value"], place)
    if kind not in WORLDS:
        raise ParseError(f"{place} has kind {kind!r}, expected one of {', '.join(WORLDS)}")
    names = [f.name for f in fields(WORLDS[kind])]
    if set(data) != {"kind", *names}:
        raise ParseError(f"{place} has keys {sorted(data)}, expected kind, {', '.join(names)}")
    return WORLDS[kind](**{name: data[name] for name in names})


def exact_texts(side: Any) -> str:
    """A side of a relation as text: a rational, or a list of them; balls as they print."""
    if isinstance(side, np.ndarray) and side.ndim:
        return str(_nested(side))
    return _shown(side[()] if isinstance(side, np.ndarray) else side)


def _nested(array: Array) -> Any:
    return [_nested(row) for row in array] if array.ndim > 1 else [_shown(v) for v in array]


def _shown(value: Any) -> str:
    return str(value)
