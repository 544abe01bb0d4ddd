"""Bad input: one line on stderr that names argument, place, value and expectation; exit 2."""

import json
import os
from pathlib import Path

import pytest

from theorylab.cli import main

HEAD = """from theorylab import *
from theorylab.notation import D, E, J, V
"""
GOOD = """
@claim("Lemma 1")
def square(x: Number(0, 1)):
    return at_most(x * x, x)
"""
EXACT = ["--engine", "exact", "--quiet"]


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """Run a command that must be refused: gives its one line, without `theorylab: `."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.py").write_text(HEAD + GOOD)

    def refused(*arguments):
        try:
            status = main([str(a) for a in arguments])
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        assert status == 2, (status, out, err)
        assert out == "" or "the claim is at fault: bad." in out  # found while it ran
        assert err.startswith("theorylab: ") and err.count("\n") == 1, err
        assert "Traceback" not in err
        return err.removeprefix("theorylab: ").rstrip("\n")

    return refused


@pytest.fixture
def refused_file(refused, tmp_path):
    """Verify a claims file of this text, which must be refused."""

    def refused_file(text, head=HEAD):
        (tmp_path / "bad.py").write_text(head + text)
        return refused("verify", tmp_path / "bad.py", *EXACT)

    return refused_file


# ---- arguments ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["verify", "good.py", "--claim", "sqare"], ["'sqare'", "list"]),
        (["verify", "good.py", "--engine", "exakt"], ["engine 'exakt'", "exact", "search"]),
        (["verify", "good.py", "--budget", "fast"], ["budget 'fast'", "quick, normal, deep"]),
        (["verify", "good.py", "--jobs", "0"], ["jobs is 0", "at least 1"]),
        (["verify", "good.py", "--jobs", "-2"], ["jobs is -2", "at least 1"]),
        (["verify", "good.py", "--seed", "-1"], ["seed is -1", "at least 0"]),
        (["verify", "none.py"], ["PATH none.py", "does not exist"]),
        (["verify", "text.md"], ["PATH text.md", "not a Python file"]),
        (["verify", "empty"], ["empty has no claim", "@claim"]),
        (["verify"], ["PATH", "verification"]),
        (["list"], ["PATH"]),
        (["list", "none.py"], ["none.py"]),
        (["show", "sqare", "good.py"], ["'sqare'", "Did you mean 'square'?"]),
        (["show", "Lemma 2", "good.py"], ["'Lemma 2'", "Did you mean 'Lemma 1'?"]),
        (["show", "square", "good.py", "--budget", "x"], ["budget 'x'"]),
        (["mutate", "sqare", "good.py"], ["'sqare'", "Did you mean 'square'?"]),
        (["mutate", "square", "good.py", "--budget", "x"], ["budget 'x'"]),
        (["recheck", "none.json"], ["none.json", "cannot be read"]),
        (["report"], ["results/verdicts.json", "theorylab verify"]),
        (["figure", "tree", "--figures", "shapes"], ["figure 'tree'", "unknown"]),
        (["figure", "--figures", "none"], ["none is not a folder"]),
        (["reproduce", "--figures", "none"], ["PATH"]),
    ],
    ids=lambda v: " ".join(v[:4]) if isinstance(v, list) else None,
)
def test_a_wrong_argument_is_named(refused, tmp_path, arguments, parts):
    """The line names the argument, its value and what was expected."""
    (tmp_path / "text.md").write_text("no claims")
    (tmp_path / "empty").mkdir()
    (tmp_path / "shapes").mkdir()
    line = refused(*arguments)
    assert all(part in line for part in parts), line
    assert not (tmp_path / "results").exists()


def test_the_nearest_claim_is_suggested(refused):
    """`verify --claim` with a slip suggests the nearest claim, as `show` does."""
    assert "square" in refused("verify", "good.py", "--claim", "sqare").replace("sqare", "")


# ---- places that cannot be written -------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--out", "place"], ["--out", "place/below"]])
def test_a_results_folder_that_is_a_file_is_named(refused, tmp_path, arguments):
    """A file in the place of the results folder is named with what to do."""
    (tmp_path / "place").write_text("")
    line = refused("verify", "good.py", *EXACT, *arguments)
    assert "place" in line and "cannot be written" in line and "--out" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_without_permission_is_named(refused, tmp_path):
    """A folder without write permission is named."""
    (tmp_path / "locked").mkdir(mode=0o500)
    assert "locked" in refused("verify", "good.py", *EXACT, "--out", "locked")


@pytest.mark.parametrize("place", ["taken", "taken/v.json"])
def test_a_json_file_that_cannot_be_written_is_named(tmp_path, monkeypatch, capsys, place):
    """--json onto a folder, or below a file, is one line that names the file, and exit 2."""
    monkeypatch.chdir(tmp_path)
    Path("good.py").write_text(HEAD + GOOD)
    if place == "taken":
        (tmp_path / "taken").mkdir()
    else:
        (tmp_path / "taken").write_text("")
    assert main(["verify", "good.py", *EXACT, "--json", place]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and place in err and "cannot be written" in err


def test_a_report_of_something_else_is_refused(refused, tmp_path):
    """verdicts.json that is cut, or of another schema, is one line that names the file."""
    (tmp_path / "results").mkdir()
    for text in ("{", json.dumps({"schema": 99}), "[]", json.dumps({"schema": 1, "claims": 3})):
        (tmp_path / "results" / "verdicts.json").write_text(text)
        assert refused("report")


# ---- claim files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("\n1 / 0", ["bad.py:4", "ZeroDivisionError", "division by zero"]),
        ("import nothing_of_this_name", ["bad.py:3", "ModuleNotFoundError"]),
        ("def broken(:\n", ["bad.py:3", "SyntaxError"]),
        ("'\\N{none}'", ["bad.py:3", "SyntaxError"]),
        ("raise SystemExit(0)", ["bad.py:3", "SystemExit"]),
        ("x = 1", ["bad.py has no claim"]),
    ],
)
def test_a_file_that_cannot_be_imported_is_named(refused_file, text, parts):
    """File, line and error of what it raised while it was imported; exit 2, whatever it raised."""
    line = refused_file(text)
    assert all(part in line for part in parts), line


def body(returns, signature="x: Number(0, 1)"):
    """A claims file with one claim that returns this."""
    return f'@claim("Lemma 1")\ndef lemma({signature}):\n    return {returns}\n'


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (body("equal(x, x)", "x"), ["lemma", "untyped parameter x", "MDP"]),
        (body("equal(x, x)", "x: int"), ["parameter x has type int", "Policy"]),
        (body("equal(x, x)", "x: 'Mdp'"), ["lemma", "unknown type", "Mdp"]),
        (body("equal(x, x)", "*x: MDP"), ["lemma", "*x"]),
        (body("equal(1, 1)", ""), ["lemma has no parameter"]),
        (body("equal(x, x)", "x: Number(1, 0)"), ["parameter x", "Number(1, 0)", "empty"]),
        (body("equal(x, x)", "x: Integer(3, 2)"), ["parameter x", "Integer(3, 2)", "empty"]),
        (body("x"), ["bad.lemma returned fmpq", "equal(lhs, rhs)"]),
        (body("None"), ["bad.lemma returned NoneType", "at_most"]),
        (body("chain(x)"), ["bad.lemma", "chain without a link"]),
        (body("every()"), ["bad.lemma", "link"]),
        (body("equal(M.c, M.start)", "M: MDP"), ["bad.lemma", "shape (1, 1)", "shape (1,)"]),
        (body("equal(M.c, J(M, pi))", "M: MDP, pi: Policy"), ["bad.lemma", "is a number"]),
        (body("at_most(x, 0.5)"), ["bad.lemma", "line 5", "float 0.5"]),
        (body("at_most(x, 1 / 2)"), ["bad.lemma", "line 5", "1 / 2"]),
        (body("at_most(x, y)"), ["bad.lemma", "line 5", "NameError", "'y'"]),
        (body("equal(M.reward, 0)", "M: MDP"), ["bad.lemma", "line 5", "'reward'"]),
        (body("equal(x, x)", "M_hat: Model"), ["Model", "MDP"]),
        (body("at_most(x, x)") + body("at_most(x, x)"), ["bad.py:7", "lemma again", "line 4"]),
        (body("at_most(x, x)") + body("at_most(x, x)").replace("lemma", "two"), ["lemma and two"]),
    ],
)
def test_a_claim_that_is_none_is_named(refused_file, text, parts):
    """The line names the claim, the parameter or line, what stands there and what is expected."""
    line = refused_file(text)
    assert all(part in line for part in parts), line


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("@p.claim('Lema 1')", ["p has no statement 'Lema 1'", "Did you mean 'Lemma 1'?"]),
        ("Paper('q', waived={'A': 'x'})", ["q waives 'A'", "not in its statements"]),
        ("Paper('q', statements={'A': 'a'}, waived={'A': ' '})", ["q waives 'A'", "reason"]),
    ],
)
def test_a_label_that_the_paper_does_not_have_is_named(refused_file, text, parts):
    """Unknown labels suggest the nearest; waivers need a known label and a reason."""
    define = "p = Paper('p', statements={'Lemma 1': 'one'})\n"
    line = refused_file(define + text + "\ndef f(x: Number(0, 1)):\n    return at_most(x, x)\n")
    assert all(part in line for part in parts), line


ROW = "[[['1/2', '1/2']], [[0, 1]]]"


@pytest.mark.parametrize(
    ("P", "payoff", "gamma", "start", "parts"),
    [
        ("[[[1, 0]], [['1/2', '1/3']]]", "[[1], [0]]", "0", "[1, 0]",
         ["MDP.P[1, 0] sums to 5/6", "expected 1", "1/2, 1/3"]),
        ("[[[1.0, 0]], [[0.5, 0.4]]]", "[[1], [0]]", "0", "[1, 0]", ["MDP.P[1, 0] sums to 0.9"]),
        ("[[[2, -1]], [[0, 1]]]", "[[1], [0]]", "0", "[1, 0]", ["MDP.P[0, 0, 1] is -1", "least 0"]),
        ("[[[float('nan'), 1]], [[0, 1]]]", "[[1], [0]]", "0", "[1, 0]",
         ["MDP.P[0, 0, 0] is nan", "finite"]),
        (ROW, "[[1], [float('inf')]]", "0", "[1, 0]", ["MDP.payoff[1, 0] is inf", "finite"]),
        (ROW, "[[1, 2], [0, 1]]", "0", "[1, 0]", ["MDP.payoff", "(2, 2)", "(2, 1)"]),
        (ROW, "[[1], [0]]", "1", "[1, 0]", ["MDP.gamma is 1", "[0, 1)"]),
        (ROW, "[[1], [0]]", "'-1/2'", "[1, 0]", ["MDP.gamma is -1/2", "[0, 1)"]),
        (ROW, "[[1], [0]]", "float('nan')", "[1, 0]", ["MDP.gamma is nan"]),
        (ROW, "[[1], [0]]", "'1/0'", "[1, 0]", ["MDP.gamma", "'1/0'", "denominator is zero"]),
        (ROW, "[[1], [0]]", "'half'", "[1, 0]", ["MDP.gamma", "'half'", "exact rational"]),
        (ROW, "[[1], [0]]", "0", "[1, 1]", ["MDP.start", "sums to 2"]),
        (ROW, "[[1], [0]]", "0", "[1]", ["MDP.start", "(1,)", "(2,)"]),
        ("[[[1, 0]]]", "[[1]]", "0", "[1, 0]", ["MDP.P", "(1, 1, 2)", "(S, A, S)"]),
        ("[[[1, 0]], [[1]]]", "[[1], [0]]", "0", "[1, 0]", ["MDP.P", "ragged"]),
        ("[]", "[]", "0", "[]", ["MDP.P has shape", "(S, A, S)"]),
        ("[[], []]", "[[], []]", "0", "[1, 0]", ["MDP.P has shape"]),
        (ROW, "[[1], [None]]", "0", "[1, 0]", ["MDP.payoff[1, 0]", "None"]),
    ],
)  # fmt: skip
def test_a_world_that_is_none_is_named(refused_file, P, payoff, gamma, start, parts):
    """A wrong table built while a file is imported: the entry, its value, what was expected."""
    line = refused_file(f"MDP(P={P}, payoff={payoff}, gamma={gamma}, start={start})\n{GOOD}")
    assert all(part in line for part in parts), line


def test_a_wrong_world_is_placed_in_its_file(refused_file):
    """File and line of the world that a claims file could not build, as for any other error."""
    assert "bad.py:3" in refused_file("Policy([[1, 1]])\n" + GOOD)


def test_debug_shows_the_traceback(tmp_path, monkeypatch):
    """--debug raises what one line says otherwise."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"none\.py does not exist"):
        main(["--debug", "verify", "none.py"])
