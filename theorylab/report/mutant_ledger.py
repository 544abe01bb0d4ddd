"""The ledger of mutants: what became of each, with the instance that shows it.

One file per paper beside its ledger of verdicts, `ledger/<paper>.mutants.json`, one line for each
mutant. It is replayed by the tests: the mutants of a claim must be those of the ledger, each stored
instance must show again what it showed, and every finding must have its decision.
`theorylab mutate --accept` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from theorylab.claims import Claim
from theorylab.engines.compared import Witness
from theorylab.engines.mutation import FATES, FINDINGS, Fate, matches
from theorylab.engines.replay import complaint
from theorylab.errors import ParseError
from theorylab.mutants import Mutant, is_family, mutants
from theorylab.report.ledger import ledger_path
from theorylab.report.store import read_json, write_bytes

SCHEMA = 1
HARD = ("sweep", "climb", "search")
MOST = 60
"""How many hard instances are tried again."""


def mutants_path(source: Path, paper: str) -> Path:
    """Where the mutants of a paper stand: beside its ledger."""
    return ledger_path(source, paper).with_name(f"{paper}.mutants.json")


def read_mutants(path: Path) -> dict[str, Any]:
    """Claim id to its entry; empty when there is no ledger of mutants yet."""
    if not path.exists():
        return {}
    data = read_json(path)
    claims = data.get("claims") if isinstance(data, dict) else None
    if not isinstance(claims, dict) or data.get("schema") != SCHEMA:
        raise ParseError(f"{path} is not a ledger of mutants: expected schema {SCHEMA}")
    for name, found in claims.items():
        if not isinstance(found, dict) or not {"statement", "mutants"} <= set(found):
            raise ParseError(f"{path}: the entry of {name} has no statement or no mutants")
    return claims


def entry(claim: Claim, fates: Sequence[Fate]) -> dict[str, Any]:
    """What the ledger says of the mutants of one claim."""
    return {"statement": claim.hash, "mutants": {f.mutant.key: _plain(f) for f in fates}}


def _plain(fate: Fate) -> dict[str, Any]:
    record: dict[str, Any] = {"fate": fate.fate, "by": fate.by}
    if fate.witness is not None:
        w = fate.witness
        record |= {"sizes": dict(w.sizes), "line": w.link + 1, "numbers": list(w.numbers)}
    return record


def write_mutants(path: Path, paper: str, entries: Mapping[str, Any], known: set[str]) -> Path:
    """Accept these fates; entries of the other known claims are kept, those of no claim dropped."""
    kept = {k: v for k, v in read_mutants(path).items() if k in known}
    return write_bytes(path, _text(paper, {**kept, **entries}).encode())


def _text(paper: str, claims: Mapping[str, Any]) -> str:
    """JSON with one line for each mutant, so that a change shows as one line."""
    blocks = []
    for name in sorted(claims):
        found = claims[name]
        lines = [f"    {_json(key)}: {_json(value)}" for key, value in found["mutants"].items()]
        body = "{\n" + ",\n".join(lines) + "\n  }" if lines else "{}"
        blocks.append(
            f'  {_json(name)}: {{"statement": {_json(found["statement"])}, "mutants": {body}}}'
        )
    head = f'{{\n"schema": {SCHEMA},\n"paper": {_json(paper)},\n"claims": {{\n'
    return head + ",\n".join(blocks) + "\n}\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)


def stored_fates(claim: Claim, known: Mapping[str, Any]) -> list[Fate]:
    """The fates that the ledger stores, of the mutants that the claim has now."""
    return _stored({m.key: m for m in mutants(claim)}, known)


def _stored(found: Mapping[str, Mutant], known: Mapping[str, Any]) -> list[Fate]:
    return [_fate(found[k], v) for k, v in known["mutants"].items() if k in found]


def _fate(mutant: Mutant, stored: Any) -> Fate:
    place = f"{mutant.original.id}, {mutant.key}"
    if not isinstance(stored, dict) or stored.get("fate") not in FATES:
        raise ParseError(f"the ledger of mutants has no fate of {place}")
    witness = None
    if "numbers" in stored:
        try:
            numbers = tuple(int(k) for k in stored["numbers"])
            witness = Witness(dict(stored["sizes"]), numbers, int(stored["line"]) - 1)
        except (KeyError, TypeError, ValueError):
            raise ParseError(f"the ledger of mutants has no instance of {place}") from None
    return Fate(mutant, stored["fate"], str(stored.get("by", "")), witness)


def hard_instances(
    claim: Claim, claims: Sequence[Claim], known: Mapping[str, Any]
) -> list[Witness]:
    """Instances that were needed to kill mutants of claims about the same kinds of objects."""
    kinds = [p.says for p in claim.parameters]
    alike = [c.id for c in claims if [p.says for p in c.parameters] == kinds]
    found: dict[str, Witness] = {}
    for each in (m for name in alike for m in known.get(name, {"mutants": {}})["mutants"].values()):
        if each["fate"] == "killed" and each["by"] in HARD:
            sizes = {k: each["sizes"][k] for k in sorted(each["sizes"])}
            found.setdefault(f"{sizes} {each['numbers']}", Witness(sizes, tuple(each["numbers"])))
    return list(found.values())[:MOST]


def replay(claim: Claim, known: Mapping[str, Any] | None, every: int = 1) -> list[str]:
    """What no longer agrees with the ledger, in words; empty where all does, and of a family.

    Which mutants there are and that findings are decided is always compared; only the instance of
    one fate in `every` is judged again.
    """
    if is_family(claim):
        return []
    if known is None:
        return [f"{claim.id} has no mutants in the ledger: theorylab mutate --accept"]
    if known["statement"] != claim.hash:
        return [f"{claim.id} is another statement: theorylab mutate --accept"]
    mutants_now = {m.key: m for m in mutants(claim)}
    now, then = set(mutants_now), set(known["mutants"])
    found = [f"{claim.id}: no mutant ran"] if now and not then else []
    found += [f"{claim.id}: {key} is no mutant any more" for key in sorted(then - now)]
    found += [f"{claim.id}: {key} is a new mutant" for key in sorted(now - then)]
    for place, fate in enumerate(_stored(mutants_now, known)):
        wrong = "it has no decision" if fate.open else None
        if place % every == 0:
            wrong = complaint(fate) or wrong
        if wrong:
            found.append(f"{claim.id}: {fate.mutant.key} was {fate.fate}, but {wrong}")
    return found


def idle_decisions(claims: Sequence[Claim], known: Mapping[str, Any]) -> list[str]:
    """Decisions that no finding in the ledger needs."""
    patterns = {pattern: None for claim in claims for pattern in claim.decided}
    needed = {
        pattern
        for claim in claims
        for key, stored in known.get(claim.id, {"mutants": {}})["mutants"].items()
        for pattern in claim.decided
        if stored["fate"] in FINDINGS and matches(claim, key, pattern)
    }
    return [f"the decision on {p!r} decides nothing" for p in patterns if p not in needed]


def mutant_record(claim: Claim, known: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Counts by fate and one entry for each mutant; None where the ledger has another statement."""
    if known is None or known["statement"] != claim.hash:
        return None
    return fates_record(stored_fates(claim, known))


def fates_record(fates: Sequence[Fate]) -> dict[str, Any]:
    """Fates as plain data; `open` counts findings without a decision."""
    counts: dict[str, Any] = {fate: sum(f.fate == fate for f in fates) for fate in FATES}
    return {**counts, "open": sum(f.open for f in fates), "list": [_listed(f) for f in fates]}


def _listed(fate: Fate) -> dict[str, Any]:
    killing = fate.witness if fate.fate == "killed" else None
    return {
        "change": fate.mutant.change,
        "line": fate.mutant.line,
        "fate": fate.fate,
        "by": fate.by,
        "decision": fate.decision if fate.fate in FINDINGS else None,
        "counterexample": killing
        and {"sizes": dict(killing.sizes), "numbers": list(killing.numbers)},
    }
