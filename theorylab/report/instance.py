"""A counterexample's instance as small tables and drawings.

MDP: one row for each state and action, with what is paid and the law of the next state
LatentMDP: one row for each context, state and action, with its reward and the law of the next state
LatentVariableModel: one row for each state and action, its reward and the law of the latent value;
one for each latent value, the law of the next state
Policy, tables: one row for each state        numbers and vectors: `gamma = 1/2`
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from theorylab.report import graph

Axes = Mapping[str, tuple[str, ...]]
AXES: Axes = {
    "P": ("step", "state", "action", "to"),
    "probabilities": ("step", "state", "action"),
    "latents": ("state", "action", "latent"),
    "emissions": ("latent", "to"),
    "entries": ("state", "action"),
}
"""The axes of the tables that worlds have; shorter tables have the last of them."""
LATENT_AXES: Axes = {
    "P": ("context", "state", "action", "to"),
    "nu": ("context", "state"),
    "probabilities": ("history", "action"),
}
"""The same where histories are: in latent MDPs and their policies."""
LATENT = ("LatentMDP", "LatentModel", "HistoryPolicy", "DeterministicHistoryPolicy")
LATENT_VARIABLE = ("LatentVariableModel", "LatentVariableEstimate")
CAPTIONS = {"latents": "p(z | s, a)", "emissions": "p(s' | z)"}
SYMBOLS = {"gamma": "γ"}
ENTRIES_LIMIT = 4096


@dataclass(frozen=True)
class Table:
    """Column headings (those of the rows' own headings first) and rows of exact texts."""

    heading: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    caption: str = ""


@dataclass(frozen=True)
class Item:
    """One drawn object: its name, kind, what is said in a line, tables and a drawing."""

    name: str
    kind: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    drawing: Markup | None = None
    raw: str = ""


def items(instance: Mapping[str, Any], order: Sequence[str] = ()) -> list[Item]:
    """All objects of an instance, in the order of the claim's parameters."""
    names = [n for n in order if n in instance] + [n for n in instance if n not in order]
    return [item for name in names for item in _items(name, instance[name])]


def _items(name: str, value: Any) -> Iterator[Item]:
    try:
        if value["kind"] == "tuple":
            for k, part in enumerate(value["items"]):
                yield from _items(f"{name}[{k}]", part)
        else:
            yield _item(name, value)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError):
        yield Item(name, raw=json.dumps(value, indent=1, ensure_ascii=False, default=str))


def _item(name: str, value: dict[str, Any]) -> Item:
    kind = str(value["kind"])
    if kind in ("number", "integer"):
        return Item(name, kind, ((name, str(value["value"])),))
    shown = {k: v for k, v in value.items() if k not in ("kind", "sense")}
    if kind == "Model":
        shown = {"P": shown["P"]}
    if kind in LATENT and "labels" in shown:
        value = {**value, "sense": "reward"}
        shown = _of_a_latent_world(shown, model=kind == "LatentModel")
    if kind in LATENT_VARIABLE:
        value = {**value, "sense": "reward"}
        shown = _of_a_latent_variable(shown, estimate=kind == "LatentVariableEstimate")
    wide = {k: v for k, v in shown.items() if _depth(v) >= 2}
    facts = tuple((SYMBOLS.get(k, k), _vector(v)) for k, v in shown.items() if k not in wide)
    drawing = graph.draw(name, value) if "P" in value and _depth(value["P"]) == 3 else None
    axes = LATENT_AXES if kind in LATENT else AXES
    tables = _tables(wide, value.get("sense", "payoff"), axes)
    return Item(name, "" if kind == "table" else kind, facts, tables, drawing)


def _of_a_latent_world(shown: dict[str, Any], *, model: bool) -> dict[str, Any]:
    """Its rewards in place of labels; of a model what is its own, the transitions."""
    if model:
        return {"P": shown["P"]}
    others = {key: value for key, value in shown.items() if key != "labels"}
    return {**others, "payoff": _paid(shown["palette"], shown["labels"])}


def _of_a_latent_variable(shown: dict[str, Any], *, estimate: bool) -> dict[str, Any]:
    """Of an estimate what is its own, latents and emissions."""
    return {k: shown[k] for k in ("latents", "emissions")} if estimate else shown


def _paid(palette: list[str], labels: Any) -> Any:
    """Labels to the rewards that they name."""
    return [_paid(palette, k) for k in labels] if isinstance(labels, list) else palette[labels]


def _tables(wide: dict[str, Any], sense: str, known: Axes) -> tuple[Table, ...]:
    """One table each; what is paid joins the table of transitions, or of the latent value."""
    found = {name: table(name, nested, known) for name, nested in wide.items()}
    law = next((name for name in ("P", "latents") if name in found), None)
    if law is not None and "payoff" in found:
        found[law] = _with_payoff(found[law], found.pop("payoff"), sense)
    return tuple(found.values())


def _with_payoff(laws: Table, payoff: Table, sense: str) -> Table:
    """The table of laws with a column of what each of its rows is paid."""
    paid = [entry for _, row in payoff.rows for entry in row]
    at = len(laws.heading) - len(laws.rows[0][1])
    rows = ((own, (p, *law)) for (own, law), p in zip(laws.rows, paid, strict=True))
    return Table((*laws.heading[:at], sense, *laws.heading[at:]), tuple(rows), laws.caption)


def table(name: str, nested: Any, known: Axes = AXES) -> Table:
    """A nested list as a table: its last axis across, the others down."""
    depth = _depth(nested)
    rows = tuple(_rows(nested))
    if sum(len(row) for _, row in rows) > ENTRIES_LIMIT:
        raise ValueError(f"{name} has more than {ENTRIES_LIMIT} entries")
    axes = known.get(name, ())[-depth:]
    axes = axes if len(axes) == depth else ("index",) * (depth - 1) + ("",)
    width = max(len(row) for _, row in rows)
    across = tuple(f"{axes[-1]} {k}".strip() for k in range(width))
    caption = CAPTIONS.get(name, "" if name in AXES else name)
    return Table((*axes[:-1], *across), rows, caption)


def _rows(nested: Any, *index: int) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    if _depth(nested) == 1:
        yield tuple(map(str, index)), tuple(map(str, nested))
    else:
        for k, part in enumerate(nested):
            yield from _rows(part, *index, k)


def _depth(value: Any) -> int:
    return 1 + _depth(value[0]) if isinstance(value, list) and value else int(value == [])


def _vector(value: Any) -> str:
    return f"({', '.join(map(str, value))})" if isinstance(value, list) else str(value)


def side(text: str) -> Table | str:
    """A side of a relation: a number as it is, a list of exact texts as a table of one row."""
    try:
        value = ast.literal_eval(text) if text.startswith("[") else text
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    if not isinstance(value, list) or not value:
        return _short(text)
    if len(value) == 1 and isinstance(value[0], str):
        return _short(value[0])
    return table("", value) if _depth(value) > 1 else Table((), (((), tuple(map(str, value))),))


def _short(text: str) -> str:
    """A ball that prints as -1.000...0 as `-1 (to 29 decimals)`."""
    whole = re.fullmatch(r"(-?\d+)\.(0{9,})", text)
    return f"{whole[1]} (to {len(whole[2])} decimals)" if whole else text
