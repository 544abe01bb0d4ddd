"""How good a statement is, beyond its verdict: tightness, hypotheses, mutants, certificates.

Each view takes what the record holds and says it in words; None or an empty list, as in runs
that did not look and in records of older runs, gives a dash and never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

NONE = "–"
FATES = ("killed", "equivalent", "implied", "sharper", "survived")
"""What became of a mutant; the last two need a decision."""
UNSETTLED = ("sharper", "survived")
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
    fitted = f"{limit['ratio']:.4g}".replace("-", "−")
    return f"→ {fitted} along {limit['parameter']}, in [{low}, {high}]"


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
    return f"{ratio}, → {limit['ratio']:.4g} along {limit['parameter']}"


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
    total = sum(int(record.get(fate, 0)) for fate in FATES)
    unsettled = int(record.get("open", 0))
    return {
        "total": total,
        "killed": int(record.get("killed", 0)),
        "open": unsettled,
        "list": sorted(listed, key=lambda m: (not m["open"], m["fate"] not in UNSETTLED)),
        "counts": {fate: int(record[fate]) for fate in FATES if record.get(fate)},
        "text": f"{int(record.get('killed', 0))}/{total}" if total else "none ran",
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
        "facts": [(str(name), _in_short(value)) for name, value in top.items()],
        "tables": [
            (str(name), list(value[0]), [[_in_short(row[k]) for k in value[0]] for row in value])
            for name, value in top.items()
            if _is_small_table(value)
        ],
    }


def _in_short(value: Any) -> str:
    if isinstance(value, Mapping):
        inside = ", ".join(f"{k} {_in_short(v)}" for k, v in value.items())
        return inside if len(inside) <= WORDS_LIMIT else f"{len(value)} entries"
    if isinstance(value, list):
        inside = ", ".join(_in_short(v) for v in value[: CERTIFICATE_ROWS + 1])
        brief = len(value) <= CERTIFICATE_ROWS and len(inside) <= WORDS_LIMIT
        plain = not any(isinstance(v, list | Mapping) for v in value)
        return f"({inside})" if brief and plain else f"{len(value)} entries"
    text = NONE if value is None else str(value)
    return text if len(text) <= WORDS_LIMIT else f"{text[:WORDS_LIMIT]}…"


def _is_small_table(value: Any) -> bool:
    """A short list of flat mappings with the same keys."""
    if not isinstance(value, list) or not 0 < len(value) <= CERTIFICATE_ROWS:
        return False
    first = value[0]
    return isinstance(first, Mapping) and all(
        isinstance(row, Mapping) and list(row) == list(first) for row in value
    )
