"""Recheck: a counterexample stands on its file and the claim alone, and no field may be changed."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from theorylab.cli import main

CLAIMS = '''
from theorylab import *
from theorylab.arithmetic import log
from theorylab.notation import *


@claim("Lemma 1", "no model error")
def same(
    M: MDP, N: Model, pi: Policy, f: StateActionFunction, x: Number(0, 2), n: Integer(1, 3),
    more: Several(Policy), two: tuple[Policy, StateDistribution],
):
    """J is doubled."""
    nothing = 0 * x * n * (E(D(M, pi), f) + J(N, more[0]) + E(two[1], V(M, two[0])))
    return chain(J(M, pi)).equal(J(M, pi) + nothing, "nothing").equal(2 * J(N, pi), "twice")


@claim("Lemma 2")
def entropy(p: StateDistribution, q: StateDistribution):
    """A divergence is no distance."""
    return at_most(3 * TV(p, q) ** 2, KL(p, q))


@claim("Lemma 3")
def policies(M: MDP, pi: Policy):
    """The second state pays nothing."""
    return at_most(V(M, pi).sum(), 0)
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the claims above and the counterexamples of a run."""
    place = tmp_path_factory.mktemp("recheck")
    source = place / "mine.py"
    source.write_text(CLAIMS)
    engines = ["--engine", "exact", "--engine", "ball"]
    assert main(["verify", str(source), "--out", str(place), "--quiet", *engines]) == 1
    return place


def stored(folder: Path, claim: str) -> dict[str, Any]:
    """The record of a counterexample."""
    return json.loads((folder / "counterexamples" / f"mine.{claim}.json").read_text())


def recheck(folder: Path, record: Any) -> int:
    """The exit status for a record written to a file."""
    file = folder / "tampered.json"
    file.write_text(json.dumps(record))
    return main(["recheck", str(file)])


@pytest.mark.parametrize("claim", ["same", "entropy", "policies"])
def test_a_stored_counterexample_is_confirmed(folder: Path, claim: str, capsys) -> None:
    """Both sides are computed anew, rational or in balls, and the file stands."""
    assert recheck(folder, stored(folder, claim)) == 0
    assert f"confirmed: mine.{claim}" in capsys.readouterr().out


def places(data: Any, path: tuple = ()) -> Iterator[tuple]:
    """Every place of a record that holds a plain value."""
    if isinstance(data, dict | list):
        keys = data if isinstance(data, dict) else range(len(data))
        for key in keys:
            yield from places(data[key], (*path, key))
    else:
        yield path


def at(record: Any, path: tuple) -> Any:
    """What stands at a place."""
    for key in path:
        record = record[key]
    return record


def with_change(record: dict[str, Any], path: tuple, value: Any) -> dict[str, Any]:
    """The record with one place replaced."""
    changed = copy.deepcopy(record)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def flips(value: Any) -> list[Any]:
    """Other values of the same kind, of another kind, and nothing."""
    if isinstance(value, int):
        return [value + 1, -value, str(value), None, [value]]
    return [value + "1", "7/5", "-1", "", 3, None, 0.5, [value]]


FREE = {
    ("instance", "x", "value"): ["7/5", "01"],
    ("instance", "f", "entries", 0, 0): ["-1"],
    ("source",): [""],
}
"""Changes that leave a true counterexample: another number of the domain, another way there."""


@pytest.mark.parametrize("claim", ["same", "entropy"])
def test_every_flipped_field_is_rejected_without_a_traceback(folder, claim) -> None:
    """Whatever single value is changed, the file is rejected (1) or unreadable (2)."""
    record, passed = stored(folder, claim), []
    for path in places(record):
        before = at(record, path)
        for after in flips(before):
            if after == before or any(after == free for free in FREE.get(path, ())):
                continue
            status = recheck(folder, with_change(record, path, after))
            if status not in (1, 2):
                passed.append((path, before, after, status))
    assert passed == []


@pytest.mark.parametrize("claim", ["same", "entropy"])
def test_every_missing_or_added_field_is_rejected(folder: Path, claim: str) -> None:
    """A record has its fields, an instance its parameters, a table its rows: no more, no less."""
    record, passed = stored(folder, claim), []
    containers = {path[:k] for path in places(record) for k in range(len(path))}
    for path in containers:
        holder = at(record, path)
        for key in list(holder) if isinstance(holder, dict) else [-1]:
            if key == "sense":  # costs are what a world without a word means
                continue
            changed = copy.deepcopy(record)
            del at(changed, path)[key]
            if recheck(folder, changed) not in (1, 2):
                passed.append((path, key, "removed"))
        changed = copy.deepcopy(record)
        if isinstance(holder, dict):
            at(changed, path)["more"] = "1"
        else:
            at(changed, path).append(holder[-1])
        if recheck(folder, changed) not in (1, 2):
            passed.append((path, "added"))
    assert passed == []


def test_a_policy_of_fewer_states_is_not_stretched(folder: Path) -> None:
    """A table with a row too few is another instance, even where its rows are alike."""
    record = stored(folder, "policies")
    instance = record["instance"]
    instance["M"] = {
        "kind": "MDP",
        "P": [[["1", "0"]], [["0", "1"]]],
        "payoff": [["1"], ["1"]],
        "gamma": "0",
        "start": ["1", "0"],
        "sense": "cost",
    }
    instance["pi"] = {"kind": "Policy", "probabilities": [["1"], ["1"]]}
    record.update(lhs="2", rhs="0", sizes={"S": 2, "A": 1})
    assert recheck(folder, record) == 0
    instance["pi"]["probabilities"].pop()
    assert recheck(folder, record) == 1


def test_a_file_for_another_statement_is_refused(folder: Path, tmp_path: Path, capsys) -> None:
    """Once the claim says something else its old counterexample is no longer one."""
    source = tmp_path / "mine.py"
    source.write_text(CLAIMS.replace("2 * J(N, pi)", "3 * J(N, pi)"))
    file = folder / "counterexamples" / "mine.same.json"
    assert main(["recheck", str(file), "--source", str(source)]) == 1
    assert "another statement" in capsys.readouterr().out


def test_a_new_layout_is_the_same_statement(folder: Path, tmp_path: Path) -> None:
    """Comments, docstring and line breaks do not matter to a counterexample."""
    source = tmp_path / "mine.py"
    source.write_text(CLAIMS.replace('"""J is doubled."""', '"""Twice J."""  # so they say\n'))
    file = folder / "counterexamples" / "mine.same.json"
    assert main(["recheck", str(file), "--source", str(source)]) == 0


def test_a_file_for_a_claim_that_is_gone_is_refused(folder: Path, tmp_path: Path, capsys) -> None:
    """The source must have the claim that the file names."""
    source = tmp_path / "mine.py"
    source.write_text(CLAIMS.replace("def same", "def other"))
    file = folder / "counterexamples" / "mine.same.json"
    assert main(["recheck", str(file), "--source", str(source)]) == 2
    assert "mine.same" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"x"', '{"kind": "counterexample"}', "[" * 100_000, "\x00"]
)
def test_what_is_no_counterexample_file_is_one_line(tmp_path: Path, text: str, capsys) -> None:
    """Empty, cut off, of another kind, nested without end: exit 2 and one line."""
    file = tmp_path / "file.json"
    file.write_text(text)
    assert main(["recheck", str(file)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path, capsys) -> None:
    """A missing file and a folder are named."""
    for path in (tmp_path / "none.json", tmp_path):
        assert main(["recheck", str(path)]) == 2
        assert str(path) in capsys.readouterr().err
