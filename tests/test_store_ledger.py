"""The results folder is written whole or not at all; the ledger says what changed."""

import json
import os
import stat
from dataclasses import replace

import pytest

from theorylab import Number, at_most, claim
from theorylab.cli import main
from theorylab.errors import ParseError, StoreError
from theorylab.report.ledger import compare, entry, ledger_path, read_ledger, write_ledger
from theorylab.report.store import DEPTH_LIMIT, dumps, read_json, write_bytes, write_json
from theorylab.verdicts import Counterexample, Outcome, Verdict

HEAD = "from theorylab import Number, at_most, claim\n"
TRUE = """
@claim("Lemma 1", "the square grows")
def square(x: Number(0, 1)):
    return at_most(x * x, x)
"""
FALSE = """
@claim("Lemma 2")
def wrong(x: Number(0, 1)):
    return at_most(x, x * x)
"""
EXACT = ["--engine", "exact", "--quiet"]


@claim("Lemma 1")
def square(x: Number(0, 1)):
    return at_most(x * x, x)


def verdict(outcome, counterexample=None):
    """A verdict without evidence."""
    return Verdict(outcome, "", (), counterexample)


def fail(*_):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("call", ["fsync", "replace", "chmod", "fdopen"])
@pytest.mark.parametrize("old", [b"old", None])
def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch, call, old):
    """Whatever call fails: the old content or no file at all, no temporary file, a typed error."""
    file = tmp_path / "verdicts.json"
    if old is not None:
        file.write_bytes(old)
    monkeypatch.setattr(os, call, fail)
    with pytest.raises(StoreError, match=r"verdicts\.json cannot be written \(No space left"):
        write_bytes(file, b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == (
        [] if old is None else [("verdicts.json", old)]
    )


def interrupted(*_):
    raise KeyboardInterrupt


def test_an_interrupt_while_writing_leaves_what_was_there(tmp_path, monkeypatch):
    """Ctrl-C between writing and renaming: the old file, no temporary one, and the interrupt."""
    file = write_bytes(tmp_path / "a" / "b.json", b"old")
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(file, b"new")
    assert [p.read_bytes() for p in file.parent.iterdir()] == [b"old"]


def test_the_content_is_on_disk_before_its_name(tmp_path, monkeypatch):
    """The temporary file stands in the same folder, is complete and synced before the rename."""
    order = []
    fsync, rename = os.fsync, os.replace

    def synced(handle):
        order.append("fsync")
        fsync(handle)

    def renamed(source, target):
        assert os.path.dirname(source) == os.path.dirname(target)
        with open(source, "rb") as file:
            order.append(file.read())
        rename(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    file = write_bytes(tmp_path / "x.json", b"all of it")
    assert order[:2] == ["fsync", b"all of it"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_a_folder_that_is_a_file_is_named(tmp_path):
    """A file where the folder should be: StoreError with the path and what to do."""
    (tmp_path / "results").write_text("")
    with pytest.raises(StoreError, match=r"results/v\.json cannot be written .*--out"):
        write_json(tmp_path / "results" / "v.json", {})


def test_json_is_canonical():
    """Sorted keys, a final newline, plain Unicode, and no NaN."""
    assert dumps({"b": 1, "a": "γ"}) == '{\n  "a": "γ",\n  "b": 1\n}\n'
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="JSON compliant"):
            dumps(value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ('{"a": {"b": 1, "b": 1}}', "the key 'b' stands twice"),
        ("[NaN]", "NaN is not a JSON number"),
        ("[-Infinity]", "-Infinity is not a JSON number"),
        ('{"a": 1', "not valid JSON"),
        ("{} {}", "not valid JSON"),
        ("", "not valid JSON"),
        ("[" * (DEPTH_LIMIT + 1) + "]" * (DEPTH_LIMIT + 1), "nested deeper than 64"),
        ("[" * 200_000, "nested deeper than 64"),
        ("1" * 5000, "not valid JSON"),
    ],
)
def test_what_is_not_strict_json_is_refused(tmp_path, text, why):
    """Duplicate keys, NaN, cut files, trailing text, depth bombs: ParseErrors naming the file."""
    file = tmp_path / "x.json"
    file.write_text(text)
    with pytest.raises(ParseError, match=why) as error:
        read_json(file)
    assert "x.json" in str(error.value)


def test_files_that_cannot_be_read_are_refused(tmp_path):
    """A missing file, a folder, bytes that are no UTF-8 and a file over the limit are refused."""
    (tmp_path / "latin").write_bytes(b'"\xe9"')
    with open(tmp_path / "huge", "wb") as file:
        file.truncate(64 * 2**20 + 1)
    whys = {"none": "cannot be read", ".": "not a regular file", "latin": "not valid JSON"}
    for name, why in {**whys, "huge": "larger than"}.items():
        with pytest.raises(ParseError, match=why):
            read_json(tmp_path / name)


def test_brackets_within_texts_are_no_depth(tmp_path):
    """Half-open intervals in 100 statements nest nothing: the own results stay readable."""
    claims = [{"statement": "for gamma in [0, 1)"}] * 100
    assert read_json(write_json(tmp_path / "x.json", claims)) == claims


# ---- the ledger --------------------------------------------------------------------------------

ORDER = ["supported", "certified", "proved"]


@pytest.mark.parametrize("was", list(Outcome), ids=lambda o: o.word)
@pytest.mark.parametrize("now", list(Outcome), ids=lambda o: o.word)
def test_same_stronger_or_changed(was, now):
    """The same word or a stronger grade is `same`; everything else has changed and fails."""
    known = {square.id: entry(square, verdict(was))}
    found = compare(square, verdict(now), known)
    stronger = {was.word, now.word} <= set(ORDER) and ORDER.index(now.word) > ORDER.index(was.word)
    assert (found.status, found.fails) == (
        ("same", False) if was is now or stronger else ("changed", True)
    )
    assert (was.word in found.note) == (was is not now)


@pytest.mark.parametrize("now", list(Outcome), ids=lambda o: o.word)
def test_a_new_claim_is_expected_to_stand(now):
    """Without an entry a claim is new, and fails unless it is proved, certified or supported."""
    found = compare(square, verdict(now), {})
    assert (found.status, found.fails) == ("new", now.word not in ORDER)


def test_another_statement_is_changed_whatever_its_verdict():
    """An entry with another hash is for another statement."""
    known = {square.id: {**entry(square, verdict(Outcome.PROVED)), "statement": "0" * 64}}
    found = compare(square, verdict(Outcome.PROVED), known)
    assert (found.status, found.fails) == ("changed", True)
    assert "statement" in found.note


def test_an_entry_says_what_is_expected_and_no_more():
    """Label, reading, verdict, hash, what it corrects, the counterexample's sides: no time."""
    found = Counterexample({"S": 1}, {"x": {}}, 2, "why", "at_most", "1", "1/2")
    corrected = replace(square, corrects="wrong", reading="corrected")
    assert entry(corrected, verdict(Outcome.REFUTED, found)) == {
        "label": "Lemma 1",
        "reading": "corrected",
        "verdict": "refuted",
        "statement": square.hash,
        "corrects": "wrong",
        "counterexample": {
            "sizes": {"S": 1}, "line": 3, "relation": "at_most", "lhs": "1", "rhs": "1/2",
        },
    }  # fmt: skip


def test_writing_keeps_what_this_run_did_not_judge(tmp_path):
    """Accepting one claim replaces its entry and leaves the others."""
    path = tmp_path / "ledger" / "p.json"
    write_ledger(path, "p", {"p.a": {"verdict": "proved"}, "p.b": {"verdict": "proved"}})
    write_ledger(path, "p", {"p.b": {"verdict": "refuted"}})
    assert read_ledger(path) == {"p.a": {"verdict": "proved"}, "p.b": {"verdict": "refuted"}}
    assert json.loads(path.read_text())["paper"] == "p"
    assert read_ledger(tmp_path / "none.json") == {}


def test_the_ledger_stands_beside_the_claims(tmp_path):
    """Beside a file, inside a plain folder, beside a package."""
    (tmp_path / "plain").mkdir()
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    file = tmp_path / "mine.py"
    file.write_text("")
    assert ledger_path(file, "mine") == tmp_path / "ledger" / "mine.json"
    assert ledger_path(tmp_path / "plain", "p") == tmp_path / "plain" / "ledger" / "p.json"
    assert ledger_path(tmp_path / "package", "p") == tmp_path / "ledger" / "p.json"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a claims file into an empty working folder; gives its path."""
    monkeypatch.chdir(tmp_path)

    def write(*parts):
        (tmp_path / "mine.py").write_text(HEAD + "".join(parts))
        return str(tmp_path / "mine.py")

    return write


def ledger(tmp_path):
    """The ledger beside the claims file."""
    return json.loads((tmp_path / "ledger" / "mine.json").read_text())


def test_accepting_writes_the_ledger_then_all_is_the_same(write, tmp_path, capsys):
    """`--accept` writes what was found and exits 0; the next run is the same and exits 0."""
    file = write(TRUE, FALSE)
    assert main(["verify", file, *EXACT, "--accept"]) == 0
    claims = ledger(tmp_path)["claims"]
    assert {k: v["verdict"] for k, v in claims.items()} == {
        "mine.square": "supported",
        "mine.wrong": "refuted",
    }
    capsys.readouterr()
    assert main(["verify", file, *EXACT]) == 0
    assert capsys.readouterr().out.count(" same ") == 2


def test_a_verdict_that_changed_exits_1(write, tmp_path, capsys):
    """A verdict other than the ledger's is `changed`, says what was expected, and exits 1."""
    file = write(TRUE)
    main(["verify", file, *EXACT, "--accept"])
    data = ledger(tmp_path)
    data["claims"]["mine.square"]["verdict"] = "refuted"
    (tmp_path / "ledger" / "mine.json").write_text(json.dumps(data))
    capsys.readouterr()
    assert main(["verify", file, *EXACT]) == 1
    assert "mine.square: changed, the ledger says refuted" in capsys.readouterr().out


def test_a_statement_that_changed_exits_1(write, capsys):
    """The same name with another formula is a changed statement, whatever its verdict."""
    main(["verify", write(TRUE), *EXACT, "--accept"])
    capsys.readouterr()
    other = write(TRUE.replace("x * x, x", "x * x * x, x"))
    assert main(["verify", other, *EXACT]) == 1
    assert "mine.square: changed, the statement is another one" in capsys.readouterr().out


def test_a_claim_beside_the_ledger_is_new(write, capsys):
    """A claim that the ledger does not have is `new` and is expected to stand."""
    main(["verify", write(TRUE), *EXACT, "--accept"])
    both = write(TRUE, FALSE)
    capsys.readouterr()
    assert main(["verify", both, *EXACT]) == 1
    out = capsys.readouterr().out.splitlines()
    assert " same " in out[0] and " new " in out[1]


DAMAGED = [
    "[]", '{"claims": []}', '{"claims": {"mine.square": {}}}', '{"claims": {"mine.square": 1}}',
    '{"claims": {"mine.square": {"statement": "HASH", "verdict": "fine"}}}', "{",
]  # fmt: skip


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_ledger_is_one_line_and_exit_2(write, tmp_path, capsys, text):
    """A ledger that is cut, of another shape or with an unknown verdict is an error of the user."""
    file = write(TRUE)
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "mine.json").write_text(text.replace("HASH", square.hash))
    assert main(["verify", file, *EXACT]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "mine.json" in err
