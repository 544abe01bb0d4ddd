"""How good a statement is, beyond its verdict: tightness, hypotheses, mutants, certificates.

Each view takes what the record holds and says it in words; None or an empty list, as in runs
that did not look and in records of older runs, gives a dash and never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

NONE = "–"
FATES = ("killed", "equivalent", "implied", "sharper", "survived", "repair", "stillborn")
"""What became of a mutant."""
UNSETTLED = ("sharper", "survived", "repair")
"""Fates that need a decision."""
STILLBORN = "stillborn"
"""No formula any more: it tells nothing, and is not counted."""
STATUSES = ("needed", "idle", "undecided")
CERTIFICATE_ROWS = 12
WORDS_LIMIT = 200


# ---- tightness -----------------------------------------------------------------------------------


def ratio_text(ratio: float | None, *, attained: bool = False) -> str:
    """A ratio lhs / rhs to four digits; only one that is attained exactly reads as a plain 1.

    >>> ratio_text(1.0, attained=True), ratio_text(0.5), ratio_text(1 - 3e-9), ratio_text(1.0)
    ('1 (attained)', '0.5', '1 − 3e-09', '≈ 1')
    """
    if attained:
        return "1 (attained)"
    if ratio is None or not isfinite(ratio):
        return NONE
    if ratio == 1:
        return "≈ 1"
    if f"{ratio:.4g}" == "1":
        return f"1 {'−' if ratio < 1 else '+'} {abs(1 - ratio):.1g}"
    return f"{ratio:.4g}".replace("-", "−")


def limit_text(limit: Mapping[str, Any] | None) -> str:
    """`→ 1 along gamma, in [0.99, 1.01]`: what a family of instances approaches."""
    if limit is None:
        return ""
    low, high = (f"{end:.4g}".replace("-", "−") for end in limit["interval"])
    return f"{_approach(limit)}, in [{low}, {high}]"


def _approach(limit: Mapping[str, Any]) -> str:
    """`→ 1 along gamma`, or `→ 1 as gamma → 1` where the parameter says where it goes."""
    fitted, parameter = f"{limit['ratio']:.4g}".replace("-", "−"), str(limit["parameter"])
    word = "as" if "->" in parameter else "along"
    return f"→ {fitted} {word} {parameter.replace('->', '→')}"


def thinned(path: Sequence[Any], most: int = 8) -> list[Any]:
    """At most so many points of a path, evenly, the first and the last among them."""
    if len(path) <= most:
        return list(path)
    return [path[round(k * (len(path) - 1) / (most - 1))] for k in range(most)]


def tightest(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """For each line its tightest entry, by line: one attained, else the largest ratio."""
    best: dict[int, Mapping[str, Any]] = {}
    for entry in entries:
        known = best.get(entry["line"])
        if known is None or _closeness(entry) > _closeness(known):
            best[entry["line"]] = entry
    return [best[line] for line in sorted(best)]


def _closeness(entry: Mapping[str, Any]) -> tuple[bool, float]:
    ratio = entry["ratio"]
    return bool(entry["attained"]), -float("inf") if ratio is None else float(ratio)


def tightness_texts(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """The tightest ratio of each line in words, with the line where there are several."""
    shown = tightest(entries)
    texts = [_tightness_text(entry) for entry in shown]
    if len(shown) == 1:
        return texts
    return [f"line {e['line']}: {text}" for e, text in zip(shown, texts, strict=True)] or [NONE]


def _tightness_text(entry: Mapping[str, Any]) -> str:
    ratio = ratio_text(entry["ratio"], attained=entry["attained"])
    limit = entry["limit"]
    if limit is None or entry["attained"]:
        return ratio
    return f"{ratio}, {_approach(limit)}"


# ---- hypotheses ----------------------------------------------------------------------------------


def hypotheses_text(entries: Sequence[Mapping[str, Any]]) -> str:
    """`2 needed, 1 idle`."""
    words = [entry["status"] for entry in entries]
    known = [*STATUSES, *(w for w in dict.fromkeys(words) if w not in STATUSES)]
    return ", ".join(f"{words.count(w)} {w}" for w in known if w in words) or NONE


# ---- mutants -------------------------------------------------------------------------------------


def mutants_view(record: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A record of fates with its total, its open mutants first, and what it says in words."""
    if record is None:
        return None
    listed = [{**m, "open": _is_open(m)} for m in record.get("list", ())]
    counts = {fate: int(record[fate]) for fate in FATES if record.get(fate)}
    total = sum(n for fate, n in counts.items() if fate != STILLBORN)
    unsettled = int(record.get("open", 0))
    return {
        "total": total,
        "killed": counts.get("killed", 0),
        "open": unsettled,
        "list": sorted(listed, key=lambda m: (not m["open"], m["fate"] not in UNSETTLED)),
        "counts": counts,
        "text": f"{counts.get('killed', 0)}/{total}" if total else "none ran",
        "alarm": f"{unsettled} open" if unsettled else "" if total else "no mutant ran",
    }


def _is_open(mutant: Mapping[str, Any]) -> bool:
    return mutant["fate"] in UNSETTLED and not mutant["decision"]


def mutants_text(view: Mapping[str, Any] | None) -> str:
    """`36/40, 2 open`: killed of all, and those that lack a decision."""
    if view is None:
        return NONE
    return f"{view['text']}, {view['open']} open" if view["open"] else str(view["text"])


# ---- certificates --------------------------------------------------------------------------------


def certificate_view(certificate: Any) -> dict[str, Any] | None:
    """A certificate in short: its single values, how long its lists are, small lists as tables."""
    if certificate is None:
        return None
    top = certificate if isinstance(certificate, Mapping) else {"entries": certificate}
    return {
        "facts": [(str(k), _in_short(v)) for k, v in top.items() if not _is_small_table(v)],
        "tables": [
            (str(name), list(value[0]), [[_in_short(row[k]) for k in value[0]] for row in value])
            for name, value in top.items()
            if _is_small_table(value)
        ],
    }


def _in_short(value: Any) -> str:
    """A value, a flat list or mapping as it is where that is short, else how much it holds."""
    if isinstance(value, Mapping):
        parts = [f"{k} {_in_short(v)}" for k, v in value.items()]
    elif isinstance(value, list):
        parts = [_in_short(v) for v in value[: CERTIFICATE_ROWS + 1]]
    else:
        text = NONE if value is None else str(value)
        return text if len(text) <= WORDS_LIMIT else f"{text[:WORDS_LIMIT]}…"
    inside = ", ".join(parts)
    brief = len(value) <= CERTIFICATE_ROWS and len(inside) <= WORDS_LIMIT
    if not brief or any(isinstance(v, list | Mapping) for v in _values(value)):
        return f"{_size(value):,} values"
    return inside if isinstance(value, Mapping) else f"({inside})"


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, Mapping) else list(value)


def _size(value: Any) -> int:
    """How many single values a nested value holds."""
    if not isinstance(value, list | Mapping):
        return 1
    return sum(_size(v) for v in _values(value))


def _is_small_table(value: Any) -> bool:
    """A short list of flat mappings with the same keys."""
    if not isinstance(value, list) or not 0 < len(value) <= CERTIFICATE_ROWS:
        return False
    first = value[0]
    return isinstance(first, Mapping) and all(
        isinstance(row, Mapping) and list(row) == list(first) for row in value
    )
