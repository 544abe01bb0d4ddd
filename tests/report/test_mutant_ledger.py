"""The ledgers of mutants of all papers, replayed: each stored fate is shown again."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pytest

from theorylab.claims import Claim
from theorylab.engines.budget import BUDGETS
from theorylab.engines.mutation import counterexamples, fates, matches
from theorylab.errors import ParseError
from theorylab.loading import load
from theorylab.mutants import is_family, mutants
from theorylab.report.mutant_ledger import (
    hard_instances,
    idle_decisions,
    mutant_record,
    read_mutants,
    replay,
    write_mutants,
)

ROOT = Path(__file__).parents[2]
WAITING = set((ROOT / "tests" / "pending_mutants.txt").read_text().split())
"""Claims whose mutants have not been run or decided to the end; it only grows shorter."""


@dataclass(frozen=True)
class Book:
    """A paper's claims beside its ledger of mutants."""

    paper: str

    @property
    def path(self) -> Path:
        """Its ledger of mutants."""
        return ROOT / "verification" / "ledger" / f"{self.paper}.mutants.json"

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """Id to claim, in the paper's order."""
        return {c.id: c for c in load(ROOT / "verification" / self.paper).claims}

    @cached_property
    def ledger(self) -> dict[str, dict]:
        """Id to what became of its mutants."""
        return read_mutants(self.path)

    @cached_property
    def verdicts(self) -> dict[str, dict]:
        """Id to verdict."""
        return json.loads(self.path.with_name(f"{self.paper}.json").read_text())["claims"]

    @property
    def mutated(self) -> list[str]:
        """The claims that must be in the ledger: all but families and the pending."""
        return [k for k, c in self.claims.items() if k not in WAITING and not is_family(c)]


PAPERS = sorted(p.name.split(".")[0] for p in (ROOT / "verification/ledger").glob("*.mutants.json"))
BOOKS = {paper: Book(paper) for paper in PAPERS}
EVERY = pytest.mark.parametrize("book", BOOKS.values(), ids=PAPERS)
MUTATED = [(paper, name) for paper in PAPERS for name in BOOKS[paper].mutated]
LAMPS = BOOKS["lamps"]


# ---- every paper -------------------------------------------------------------------------------


def test_papers_that_have_mutants():
    """None drops out by a renamed file, and nothing waits that is no claim, or a family."""
    assert {"lamps", "lmdp"} <= set(PAPERS)
    folders = [file.parent.name for file in (ROOT / "verification").glob("*/paper.py")]
    claims = {k: c for paper in folders for k, c in Book(paper).claims.items()}
    assert set(claims) >= WAITING and not any(is_family(claims[name]) for name in WAITING)


@EVERY
def test_the_ledger_has_the_mutants_of_every_claim(book):
    """No claim is without mutants but families and the pending; no entry is left over."""
    assert set(book.ledger) == set(book.mutated)
    assert sum(len(v["mutants"]) for v in book.ledger.values()) > 400


@EVERY
def test_mutants_of_false_claims_are_no_sharper_theorems(book):
    """A statement refuted in the ledger of verdicts has no implied and no sharper mutant."""
    for name, verdict in book.verdicts.items():
        entry = book.ledger.get(name, {"mutants": {}})  # of a family or a pending claim
        fates_there = {m["fate"] for m in entry["mutants"].values()}
        if verdict["verdict"] == "refuted":
            assert fates_there <= {"killed", "equivalent", "repair", "stillborn"}, name
        else:
            assert "repair" not in fates_there, name


MUTANTS = pytest.mark.parametrize(("paper", "name"), MUTATED, ids=[name for _, name in MUTATED])
FEW = {"lamps": 1}
"""One fate in so many is shown again in an ordinary run (8 where nothing is said: an instance with
histories takes its time), every one in a nightly run."""


@MUTANTS
def test_the_ledger_replays(paper, name):
    """The same mutants, fates shown again by their instances, every finding decided."""
    book = BOOKS[paper]
    assert replay(book.claims[name], book.ledger.get(name), FEW.get(paper, 8)) == []


@pytest.mark.nightly
@MUTANTS
def test_the_whole_ledger_replays(paper, name):
    """Each fate shown again by its instance."""
    book = BOOKS[paper]
    assert replay(book.claims[name], book.ledger.get(name)) == []


@EVERY
def test_a_decision_that_names_a_claim_names_one(book):
    """`registered as NAME` is a claim of the paper that stands in the ledger of verdicts."""
    for reason in {r for claim in book.claims.values() for r in claim.decided.values()}:
        assert len(reason) > 15
        name = reason.removeprefix("registered as ").split(":")[0]
        if name != reason.split(":")[0]:
            verdict = book.verdicts[f"{book.paper}.{name}"]["verdict"]
            assert verdict not in ("refuted", "undecided"), name


@EVERY
def test_no_decision_is_idle(book):
    """Each one closes a finding of the ledger, or is about a mutant of a claim that waits."""
    idle = idle_decisions(list(book.claims.values()), book.ledger)
    waiting = [book.claims[name] for name in sorted(WAITING & set(book.claims))] if idle else []
    for claim in waiting:
        keys = [m.key for m in mutants(claim)]
        needed = {p for p in claim.decided if any(matches(claim, key, p) for key in keys)}
        idle = [said for said in idle if not any(repr(p) in said for p in needed)]
    assert idle == []


@EVERY
def test_the_ledger_is_written_as_it_is_read(book, tmp_path):
    """Writing what was read gives the same bytes; claims that are gone are dropped."""
    copy = write_mutants(tmp_path / book.path.name, book.paper, book.ledger, set(book.ledger))
    assert copy.read_bytes() == book.path.read_bytes()
    first = min(book.ledger)
    write_mutants(copy, book.paper, {}, {first})
    assert set(read_mutants(copy)) == {first}


@pytest.mark.nightly
@MUTANTS
def test_the_full_run_gives_the_ledger(paper, name):
    """`theorylab mutate` gives every mutant the fate that is written."""
    book = BOOKS[paper]
    subject, known = book.claims[name], list(book.claims.values())
    hard = hard_instances(subject, known, book.ledger)
    if book.verdicts[name]["verdict"] == "refuted":
        hard += counterexamples(subject, BUDGETS["quick"], 0)
    found = fates(subject, BUDGETS["quick"], 0, hard)
    stored = book.ledger[name]["mutants"]
    assert {f.mutant.key: f.fate for f in found} == {k: v["fate"] for k, v in stored.items()}


# ---- what a replay notices ---------------------------------------------------------------------


def test_hard_instances_are_those_of_like_claims():
    """What broke mutants of bounds about the same objects is tried again, each instance once."""
    known = list(LAMPS.claims.values())
    found = hard_instances(LAMPS.claims["lamps.pdpm_bound"], known, LAMPS.ledger)
    assert found and len(set(map(str, found))) == len(found)
    assert hard_instances(LAMPS.claims["lamps.value_recursion"], known, LAMPS.ledger) == []


SIMULATION = LAMPS.claims["lamps.simulation"]
STORED = LAMPS.ledger.get("lamps.simulation", {"statement": "", "mutants": {}})


def changed_ledger(**fields):
    """The stored entry of the simulation lemma with its first mutant changed."""
    first = next(iter(STORED["mutants"]))
    changed = {**STORED["mutants"], first: {**STORED["mutants"][first], **fields}}
    return {**STORED, "mutants": changed}


@pytest.mark.parametrize(
    ("entry_of", "words"),
    [
        (lambda: None, "has no mutants in the ledger"),
        (lambda: {**STORED, "statement": "other"}, "is another statement"),
        (lambda: {**STORED, "mutants": {}}, "no mutant ran"),
        (lambda: {**STORED, "mutants": {**STORED["mutants"], "f: x": {}}}, "is no mutant any more"),
        (lambda: {**STORED, "mutants": dict([*STORED["mutants"].items()][1:])}, "is a new mutant"),
        (lambda: changed_ledger(numbers=[0] * 99), "does not break there"),
        (lambda: changed_ledger(fate="equivalent"), "its sides are other ones"),
        (lambda: changed_ledger(fate="sharper"), "breaks there"),
        (lambda: changed_ledger(fate="implied"), "breaks there"),
        (lambda: changed_ledger(fate="survived"), "breaks there"),
        (lambda: changed_ledger(fate="repair"), "breaks there"),
        (lambda: changed_ledger(fate="stillborn"), "it is a formula"),
        (lambda: changed_ledger(by="undefined"), "it is defined there"),
    ],
)
def test_replay_notices(entry_of, words):
    """Each way in which a ledger and a claim can part is said."""
    assert any(words in said for said in replay(SIMULATION, entry_of()))


def test_a_replay_of_few_judges_the_first_of_them():
    """The instance of the first mutant is judged again in any case, that of the next one is not."""
    second = list(STORED["mutants"])[1]
    other = {**STORED["mutants"], second: {**STORED["mutants"][second], "numbers": [0] * 99}}
    assert replay(SIMULATION, changed_ledger(numbers=[0] * 99), 8) != []
    assert replay(SIMULATION, {**STORED, "mutants": other}, 8) == []
    assert replay(SIMULATION, {**STORED, "mutants": other}) != []


def test_a_damaged_ledger_is_refused(tmp_path):
    """A fate of an unknown kind, an instance without sizes and another schema are named."""
    with pytest.raises(ParseError, match=r"no fate of lamps\.simulation, simulation: "):
        replay(SIMULATION, changed_ledger(fate="dead"))
    with pytest.raises(ParseError, match="no instance of"):
        replay(SIMULATION, changed_ledger(sizes=None))
    file = tmp_path / "x.mutants.json"
    file.write_text('{"schema": 9, "claims": {}}')
    with pytest.raises(ParseError, match="not a ledger of mutants"):
        read_mutants(file)


def test_an_undecided_finding_fails_and_an_idle_decision_too():
    """Without its decisions a claim's findings are said; a decision that decides nothing is too."""
    subject = LAMPS.claims["lamps.pdam_first_step"]
    bare = replace(subject, decided={})
    assert any("has no decision" in said for said in replay(bare, LAMPS.ledger[subject.id]))
    idle = replace(subject, decided={"drop all*": "nothing is dropped so"})
    assert idle_decisions([idle], LAMPS.ledger) == ["the decision on 'drop all*' decides nothing"]


def test_the_record_for_the_report():
    """Counts by fate, one entry for each mutant, the killing instance; None for another hash."""
    record = mutant_record(SIMULATION, STORED)
    assert record["killed"] == len(record["list"]) > 20 and record["open"] == 0
    assert set(record) >= {"killed", "equivalent", "implied", "sharper", "survived", "open"}
    first = record["list"][0]
    assert set(first) == {"change", "line", "fate", "by", "decision", "counterexample"}
    assert set(first["counterexample"]) == {"sizes", "numbers"}
    assert mutant_record(SIMULATION, {**STORED, "statement": "other"}) is None
