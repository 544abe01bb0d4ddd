"""Exported evidence: it stands alone, agrees with the library, and nothing in it may be changed."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.exporting import (
    EXPORTED,
    LAMPS,
    LEDGER,
    QUICK,
    REFUTED,
    STANDS,
    bare,
    leaves,
    loaded,
    plant,
    refutation,
    replaced,
)
from theorylab.claims import Claim
from theorylab.cli import main
from theorylab.errors import EngineError, StoreError
from theorylab.loading import load
from theorylab.recheck import check_record
from theorylab.report.export import export, folder_name
from theorylab.verdicts import Evidence, Outcome, Tightness, Verdict


@pytest.fixture(scope="module")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Claim, Path]]:
    """Every refuted claim of LAMPS with its exported folder."""
    out = tmp_path_factory.mktemp("lamps")
    claims = {c.name: c for c in load(LAMPS).claims}
    return {
        name: (claims[name], export(claims[name], refutation(claims[name]), LAMPS, out, QUICK))
        for name in REFUTED
    }


def test_which_refuted_claims_have_a_checker() -> None:
    """Of 93 refuted claims 51 fall at one instance; the others along a family or in probability."""
    refuted = [name for name, entry in LEDGER.items() if entry["verdict"] == "refuted"]
    assert (len(refuted), len(EXPORTED), len(REFUTED)) == (93, 51, 39)


@pytest.mark.parametrize("name", REFUTED)
def test_a_refuted_claim_is_confirmed_by_a_bare_python(
    lamps: dict[str, tuple[Claim, Path]], name: str
) -> None:
    claim, folder = lamps[name]
    done = bare(folder / "check.py")
    record = json.loads((folder / "counterexample.json").read_text())
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1].startswith("confirmed")
    broken = next(k for k, line in enumerate(lines) if line.endswith("FAILS"))
    assert lines[broken].startswith(f"line {record['line']} of ")
    assert lines[broken + 1 : broken + 3] == [
        f"  left  = {record['lhs']}",
        f"  right = {record['rhs']}",
    ]
    assert check_record(claim, record).confirmed  # one file for both


def imported(tree: ast.AST) -> set[str]:
    """The modules that a text imports."""
    nodes = list(ast.walk(tree))
    plain = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    return plain | {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}


STANDARD = {"fractions", "itertools", "json", "math", "os", "re", "sys", "types"}


def test_a_checker_is_a_page_or_two_of_the_standard_library(
    lamps: dict[str, tuple[Claim, Path]],
) -> None:
    """check.py is what a reviewer reads: the statement comes before everything that it needs."""
    for name, (_, folder) in lamps.items():
        for file in folder.glob("*.py"):
            modules = imported(ast.parse(file.read_text(), feature_version=(3, 9)))
            beside = {other.stem for other in folder.glob("*.py")} - {"check"}
            assert modules - beside <= {
                "fractions",
                "itertools",
                "json",
                "math",
                "os",
                "re",
                "sys",
                "types",
            }
        text = (folder / "check.py").read_text()
        tree = ast.parse(text)
        first = next(n for n in tree.body if isinstance(n, ast.FunctionDef))
        assert (first.name, name in ast.unparse(first)) == ("formula", True)
        assert first.lineno < 30
        others = len(text.splitlines()) - (first.end_lineno or 0) + first.lineno
        assert others < 240, name


def test_a_checker_has_what_it_needs_and_no_more(lamps: dict[str, tuple[Claim, Path]]) -> None:
    """Every function of a folder is used in it, and no enclosure where all is rational."""
    folder = lamps["pdam_bound"][1]
    texts = {file.stem: file.read_text() for file in folder.glob("*.py")}
    assert set(texts) == {"check", "tables", "arithmetic", "relations", "worlds"}
    whole = "".join(texts.values())
    assert "np_" not in whole and "FiniteHorizon" not in whole and "Infinity" not in whole
    trees = [ast.parse(text) for text in texts.values()]
    used = {n.id for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name)}
    kinds = ast.FunctionDef | ast.ClassDef
    assert {n.name for tree in trees for n in tree.body if isinstance(n, kinds)} <= used
    for tree in trees:
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        nodes = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        assert {a.name for node in nodes for a in node.names} <= names


def test_a_check_leaves_nothing_behind(lamps: dict[str, tuple[Claim, Path]]) -> None:
    _, folder = lamps["pdam_bound"]
    before = sorted(folder.iterdir())
    assert bare(folder / "check.py").returncode == 0
    assert sorted(folder.iterdir()) == before


# ---- tampering ---------------------------------------------------------------------------------


def test_a_changed_entry_is_rejected(lamps: dict[str, tuple[Claim, Path]], tmp_path: Path) -> None:
    """Any leaf: rejected, or the file is a counterexample all the same, as recheck says too."""
    claim, folder = lamps["pdam_exploration_proof"]
    checker = loaded(folder / "check.py")
    record = json.loads((folder / "counterexample.json").read_text())
    rejected = 0
    for path, value in leaves(record):
        for other in ("1/7", "0", "1", 3, 0.5, "x", None):
            tampered = replaced(record, path, other)
            if other == value or path in (("schema",), ("source",)):
                continue
            try:
                checker["check"](tampered, *(checker[n] for n in ("CLAIM", "DOMAIN", "ABOUT")))
            except Exception:
                rejected += 1
            else:
                assert check_record(claim, tampered).confirmed, path
    assert rejected > 100


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("lhs",), "12345"),
        (("rhs",), "-1/3"),
        (("line",), 1),
        (("line",), 0),
        (("line",), 99),
        (("relation",), "equal"),
        (("kind",), "instance"),
        (("statement_hash",), "0" * 64),
        (("sizes", "S"), 2),
        (("instance", "M", "gamma"), "1"),
        (("instance", "M", "gamma"), 0.5),
        (("instance", "M", "payoff", 0, 0), "2"),
        (("instance", "M", "start", 0), "1/2"),
        (("instance", "M", "sense"), "reward"),
        (("instance", "M_hat", "gamma"), "1/3"),
        (("instance", "nu", "entries", 0), ["1", "1"]),
        (("instance", "pi_hat"), {"kind": "Policy"}),
    ],
)
def test_a_tampered_file_exits_1(
    lamps: dict[str, tuple[Claim, Path]], tmp_path: Path, path: tuple[Any, ...], value: Any
) -> None:
    _, folder = lamps["pdam_exploration_proof"]
    record = json.loads((folder / "counterexample.json").read_text())
    file = tmp_path / "tampered.json"
    file.write_text(json.dumps(replaced(record, path, value)))
    done = bare(folder / "check.py", str(file))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1].startswith("rejected: ")


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"kind": "counterexample"}', "\xff"])
def test_a_file_that_is_none_exits_1(
    lamps: dict[str, tuple[Claim, Path]], tmp_path: Path, text: str
) -> None:
    file = tmp_path / "none.json"
    file.write_bytes(text.encode("latin-1"))
    done = bare(lamps["pdam_bound"][1] / "check.py", str(file))
    assert (done.returncode, done.stderr) == (1, "")


# ---- the texts of a claim are data -------------------------------------------------------------

HOSTILE = r'''
from theorylab import *
from theorylab import MDP as World

TOP = 2


@claim("L\u202e\"\"\" ``` \n# x \x1b[31m", title="'; exit(9) #", reading='{k} \\ """')
def formula(value: World, solve: Policy, table: Number(0, 1)):  # a comment
    """A docstring with ```` and \""" and \\ and {braces}
  and odd indents"""
    def larger(M: "not evaluated", k: "Undefined" = TOP) -> "Nothing": return k * M.gamma
    several = "a text\nwith \"lines\""
    return every(at_most(larger(value), table, "why \n rejected: \x1b[2J `x`"), main(value))
def main(M): return equal(M.gamma, 2 * M.gamma, """two
# lines""")
'''


def test_texts_and_names_of_a_claim_are_data(tmp_path: Path) -> None:
    """Labels, reasons and docstrings reach no code; names like the checker's own do no harm."""
    file = tmp_path / "mine.py"
    file.write_text(HOSTILE)
    (claim,) = load(file).claims
    folder = export(claim, refutation(claim), file, tmp_path / "out", QUICK)
    done = bare(folder / "check.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.isascii() and "\x1b" not in done.stdout
    page = (folder / "statement.md").read_text()
    assert "\x1b" not in page and "\u202e" not in page
    parts = re.split(r"(?ms)^(`{3,})\w+\n.*?^\1\n", page)[::2]
    assert len(parts) == 5
    assert [line for part in parts for line in part.splitlines() if line.startswith("#")] == [
        "# A counterexample", "## As printed", "## As judged", "## What fails", "## To check it",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "safe"),
    [("lamps.pdpm", True), ("../../etc.x", False), ("a b.c", False), ("..", False), ("é.f", False)],
)
def test_folder_names_are_safe(claim: str, safe: bool) -> None:
    name = folder_name(claim)
    assert (name == claim) is safe
    assert name.isascii() and "/" not in name and not name.startswith(".")
    assert folder_name(claim + " ") != name


# ---- the folder and the command ----------------------------------------------------------------


def test_a_foreign_folder_is_left_alone(
    lamps: dict[str, tuple[Claim, Path]], tmp_path: Path
) -> None:
    claim, _ = lamps["pdam_bound"]
    folder = tmp_path / claim.id
    folder.mkdir()
    (folder / "check.py").write_text("mine")
    with pytest.raises(StoreError, match=r"holds check\.py, which export did not write"):
        export(claim, refutation(claim), LAMPS, tmp_path, QUICK)
    assert (folder / "check.py").read_text() == "mine"


def test_an_own_folder_is_replaced_and_other_files_in_it_stay(
    lamps: dict[str, tuple[Claim, Path]], tmp_path: Path
) -> None:
    """A claim that was exported as standing, and is refuted now, has one file of data."""
    claim, _ = lamps["action_value_as_printed"]
    folder = tmp_path / claim.id
    export(claim, refutation(claim), LAMPS, tmp_path, QUICK)
    (folder / "instance.json").write_text("old")
    (folder / "infinity.py").write_text("old")
    (folder / "notes.txt").write_text("mine")
    export(claim, refutation(claim), LAMPS, tmp_path, QUICK)
    names = {path.name for path in folder.iterdir()}
    assert names == {
        ".theorylab-export", "arithmetic.py", "check.py", "counterexample.json", "notes.txt",
        "relations.py", "statement.md", "tables.py", "worlds.py",
    }  # fmt: skip


def test_a_claim_that_stands_is_exported_with_an_instance(tmp_path: Path) -> None:
    claim = next(c for c in load(LAMPS).claims if c.name == "pdpm_bound")
    folder = export(claim, STANDS, LAMPS, tmp_path, QUICK)
    assert bare(folder / "check.py").stdout.splitlines()[-1].startswith("confirmed: the instance")
    record = json.loads((folder / "instance.json").read_text())
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({**record, "lhs": "1"}))
    assert bare(folder / "check.py", str(wrong)).returncode == 1


def test_the_tightest_instance_of_all_evidence_is_exported(tmp_path: Path) -> None:
    """Of two engines' tightest instances the one with the larger ratio, with its own sides."""
    file = tmp_path / "mine.py"
    file.write_text(SMALL)
    claim = next(c for c in load(file).claims if c.name == "right")
    loose, tight = (
        Tightness(
            link=0, because="", ratio=float(Fraction(x)), attained=False, sizes={},
            instance={"x": {"kind": "number", "value": x}}, lhs=str(Fraction(x) ** 2), rhs=x,
        )
        for x in ("1/2", "3/4")
    )  # fmt: skip
    evidence = tuple(
        Evidence("sweep", Outcome.SUPPORTED, tightness=found)
        for found in ((loose,), (tight, loose))
    )
    verdict = Verdict(Outcome.SUPPORTED, "not refuted", evidence)
    folder = export(claim, verdict, file, tmp_path / "out", QUICK)
    record = json.loads((folder / "instance.json").read_text())
    assert record["instance"] == tight.instance
    assert (record["line"], record["relation"]) == (1, "at_most")
    done = bare(folder / "check.py")
    assert done.returncode == 0 and "  left  = 9/16" in done.stdout.splitlines()
    wrong = replace(tight, lhs="1/4")
    with pytest.raises(EngineError, match="disagree"):
        export(claim, replace(verdict, evidence=(replace(evidence[0], tightness=(wrong,)),)),
               file, tmp_path / "out", QUICK)  # fmt: skip


def test_a_false_claim_said_to_stand_is_exported_as_refuted(
    lamps: dict[str, tuple[Claim, Path]], tmp_path: Path
) -> None:
    """What the engines had missed and the drawn instance shows is not passed over."""
    claim, _ = lamps["action_value_as_printed"]
    folder = export(claim, STANDS, LAMPS, tmp_path, QUICK)
    assert (folder / "counterexample.json").exists()


SMALL = """
from theorylab import *
from theorylab.arithmetic import maximum


@claim("Lemma 1")
def wrong(x: Number(0, 1)):
    return at_most(x, x * x)


@claim("Lemma 2")
def right(x: Number(0, 1)):
    return at_most(x * x, x)


@claim("Lemma 3")
def strange(f: StateFunction):
    return at_most(f, f.real - 1)
"""


def test_the_command_exports_one_claim_or_all_that_are_refuted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(SMALL)
    assert main(["export", "Lemma 2", "mine.py", "--out", "one"]) == 0
    assert capsys.readouterr().out == "one/mine.right\n"
    assert main(["export", "--all", "mine.py"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "results/export/mine.wrong"
    assert said[1].startswith("not exported: export cannot write mine.strange: it uses .real,")
    assert len(said) == 2
    assert bare(tmp_path / "results/export/mine.wrong/check.py").returncode == 0
    assert main(["export"]) == 2
    assert "CLAIM is missing" in capsys.readouterr().err


def test_a_disagreement_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of two refuted claims the second is exported, although the first one's checker is broken."""
    file = tmp_path / "mine.py"
    file.write_text(SMALL.replace("at_most(x * x, x)", "equal(maximum(x, 1), 0 * x)"))
    plant(monkeypatch, "relations", "x <= y", "x >= y")
    assert main(["export", "--all", str(file), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().out
    assert "not exported: mine.wrong: its standalone checker and theorylab disagree" in said
    assert [f.name for f in (tmp_path / "out").iterdir()] == ["mine.right"]


@pytest.mark.nightly
def test_export_all_of_the_first_library(tmp_path: Path) -> None:
    assert main(["export", "--all", str(LAMPS), "--out", str(tmp_path)]) == 1
    folders = sorted(path.name for path in tmp_path.iterdir())
    assert folders == [f"lamps.{name}" for name in EXPORTED]
    assert all(bare(tmp_path / name / "check.py").returncode == 0 for name in folders)
