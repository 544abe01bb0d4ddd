"""The command line: what each command prints and writes, and with which exit status it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from theorylab.cli import main
from theorylab.engines import ENGINES
from theorylab.verdicts import OUTCOMES, Evidence, Outcome

HEAD = "from theorylab import MDP, Number, Policy, at_most, claim, equal\n"
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
WORLD = """
@claim("Lemma 3")
def free(M: MDP, pi: Policy):
    "Every payoff is zero."
    return at_most((M.c * pi.probabilities).sum(), 0)
"""
COMMANDS = ["verify", "list", "show", "recheck", "figure", "mutate", "report", "reproduce"]
ROOT = Path(__file__).parent.parent
FIELDS = {"id", "paper", "label", "reading", "verdict", "grade", "evidence", "counterexample"}
SEARCH = ["--engine", "search", "--quiet"]  # applies to no identity: undecided
EXACT = ["--engine", "exact", "--quiet"]


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a claims file into an empty working folder; gives its path."""
    monkeypatch.chdir(tmp_path)

    def write(*parts, name="mine.py"):
        file = tmp_path / name
        file.write_text(HEAD + "".join(parts), encoding="utf-8")
        return str(file)

    return write


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, capsys):
    """`theorylab COMMAND --help` prints its usage and ends well."""
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    assert f"usage: theorylab {command}" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["prove"], ["verify", "--seed", "x"], ["show"]])
def test_wrong_usage_exits_2(arguments, capsys):
    """No command, an unknown one, a seed that is no number, a missing name: usage, exit 2."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "usage: theorylab" in capsys.readouterr().err


def test_help_imports_nothing_heavy():
    """`theorylab --help` loads no numpy, flint, sympy, hypothesis, scipy, rich or matplotlib."""
    heavy = ["numpy", "flint", "sympy", "hypothesis", "scipy", "rich", "matplotlib", "distributed"]
    code = (
        "import sys\nfrom theorylab.cli import main\ntry:\n    main(['--help'])\n"
        f"except SystemExit:\n    pass\nprint([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.endswith("[]\n")
    assert "exit status" in done.stdout.lower()


def test_claims_that_stand_exit_0(write, capsys):
    """All claims stand: exit 0, one plain line each, then the counts; nothing on stderr."""
    assert main(["verify", write(TRUE), *EXACT]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].split()[:5] == ["supported", "mine.square", "Lemma", "1", "[printed]"]
    assert lines[-1] == "1 claims: 1 supported"
    assert err == ""


def test_a_refuted_claim_without_a_ledger_exits_1(write, capsys):
    """A new claim is expected to stand: one that is refuted exits 1, the true one beside it not."""
    assert main(["verify", write(TRUE, FALSE), *EXACT]) == 1
    out = capsys.readouterr().out
    assert "refuted    mine.wrong" in out
    assert "2 claims: 1 supported, 1 refuted" in out


def test_progress_goes_to_stderr_and_quiet_silences_it(write, capsys):
    """Each judged claim is named on stderr, which --quiet leaves empty; stdout has no progress."""
    file = write(TRUE)
    main(["verify", file, "--engine", "exact"])
    out, err = capsys.readouterr()
    assert err == "judged 1 of 1 (mine.square, exact)\n"
    assert "judged" not in out


def test_conflicting_engines_exit_3(write, monkeypatch, capsys):
    """A proof and a counterexample at one shape are a conflict, never a verdict: exit 3."""
    proof = Evidence("symbolic", Outcome.PROVED, "proved", shapes=({},))
    monkeypatch.setitem(ENGINES, "symbolic", lambda claim, budget, seed: proof)
    file = write(FALSE)
    assert main(["verify", file, "--engine", "symbolic", *EXACT]) == 3
    assert capsys.readouterr().out.startswith("conflict   mine.wrong")
    assert main(["verify", file, "--engine", "symbolic", *EXACT, "--accept"]) == 3


def test_undecided_exits_4_under_strict_only(write):
    """A claim that no engine decides exits 0, and 4 under --strict."""
    file = write(TRUE.replace("at_most(x * x, x)", "equal(x + x, 2 * x)"))
    assert main(["verify", file, *SEARCH]) == 0
    assert main(["verify", file, *SEARCH, "--strict"]) == 4


def test_a_crashed_engine_exits_4_under_strict(write, monkeypatch, capsys):
    """An engine that crashes supports nothing; its cause is printed."""
    monkeypatch.setitem(ENGINES, "exact", lambda *_: 1 // 0)
    assert main(["verify", write(TRUE), *EXACT, "--strict"]) == 4
    out = capsys.readouterr().out
    assert out.startswith("undecided")
    assert "crashed (ZeroDivisionError" in out


def test_an_interrupt_exits_130(write, monkeypatch, capsys):
    """Ctrl-C ends with 130 and one line, and leaves no results."""

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setitem(ENGINES, "exact", interrupted)
    assert main(["verify", write(TRUE), *EXACT]) == 130
    assert capsys.readouterr().err == "theorylab: interrupted\n"
    assert not Path("results").exists()


def test_json_on_stdout_is_the_documented_record(write, capsys):
    """`--json -` prints one JSON object and nothing else, with the documented fields."""
    assert main(["verify", write(TRUE, FALSE), *EXACT, "--json", "-"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["schema"] == 1
    by_id = {claim["id"]: claim for claim in record["claims"]}
    assert set(by_id) == {"mine.square", "mine.wrong"}
    assert all(claim.keys() >= FIELDS for claim in record["claims"])
    assert all(claim["verdict"] in OUTCOMES for claim in record["claims"])
    good, bad = by_id["mine.square"], by_id["mine.wrong"]
    assert (good["paper"], good["label"], good["reading"]) == ("mine", "Lemma 1", "printed")
    assert good["counterexample"] is None and good["evidence"][0]["engine"] == "exact"
    assert bad["counterexample"]["instance"]["x"] == {"kind": "number", "value": "1/2"}
    assert (bad["counterexample"]["lhs"], bad["counterexample"]["rhs"]) == ("1/2", "1/4")


def test_json_file_is_the_stored_record(write, tmp_path, capsys):
    """`--json FILE` writes the same bytes as the results folder, and the lines are still shown."""
    assert main(["verify", write(TRUE), *EXACT, "--json", "out/v.json"]) == 0
    stored = (tmp_path / "results" / "verdicts.json").read_bytes()
    assert (tmp_path / "out" / "v.json").read_bytes() == stored
    assert "supported" in capsys.readouterr().out


def test_the_results_folder_holds_each_counterexample(write, tmp_path):
    """The results folder has verdicts.json and one file per counterexample, and no more."""
    main(["verify", write(TRUE, FALSE), *EXACT, "--out", "there"])
    files = sorted(p.relative_to(tmp_path / "there").as_posix() for p in tmp_path.rglob("*.json"))
    assert files == ["counterexamples/mine.wrong.json", "verdicts.json"]
    text = (tmp_path / "there" / "verdicts.json").read_text()
    stored = json.loads((tmp_path / "there" / "counterexamples" / "mine.wrong.json").read_text())
    assert json.loads(text)["claims"][1]["counterexample"] == stored
    assert text.endswith("}\n") and "NaN" not in text


@pytest.mark.parametrize("pattern", ["wrong", "mine.w*", "Lemma 2"])
def test_claims_are_chosen_by_name_id_or_label(write, pattern, capsys):
    """--claim takes a glob over ids, names and labels: only what matches is judged."""
    main(["verify", write(TRUE, FALSE), *EXACT, "--claim", pattern])
    out = capsys.readouterr().out
    assert "mine.wrong" in out and "mine.square" not in out


def test_list_shows_claims_waivers_and_gaps(write, capsys):
    """`list` names every claim, every waived statement with its reason, and every gap."""
    paper = """
from theorylab import Paper
p = Paper("p", statements={"A": "a", "B": "b", "C": "c"}, waived={"B": "a definition"})
@p.claim("A")
def first(x: Number(0, 1)):
    return at_most(x * x, x)
"""
    assert main(["list", write(paper)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["p.first", "A", "printed", "a"]
    assert lines[1:] == ["p: B is waived: a definition", "p: C has neither a claim nor a waiver"]
    assert main(["list", write(TRUE), "--json", "-"]) == 0
    row = {"id": "mine.square", "label": "Lemma 1", "reading": "printed"}
    assert json.loads(capsys.readouterr().out)["claims"] == [{**row, "title": "the square grows"}]


def test_show_tells_all_of_a_claim(write, capsys):
    """`show` prints statement, parameters, source, verdict, evidence and counterexample."""
    assert main(["show", "Lemma 3", write(WORLD)]) == 0
    out = capsys.readouterr().out
    for part in ("Every payoff is zero.", "M: MDP, pi: Policy", "def free(", "verdict: refuted"):
        assert part in out
    assert "  left  = 1\n  right = 0\nM (MDP)\n  P[0][0] = [1]" in out


def test_a_counterexample_rechecks_and_makes_the_report(write, capsys):
    """`recheck` confirms what `verify` stored, and `report` writes the page of that run."""
    main(["verify", write(FALSE), *EXACT])
    capsys.readouterr()
    assert main(["recheck", "results/counterexamples/mine.wrong.json"]) == 0
    assert "confirmed: mine.wrong" in capsys.readouterr().out
    assert main(["report"]) == 0
    assert Path(capsys.readouterr().out.strip()).read_text().count("mine.wrong") >= 1


def test_mutate_exits_1_on_a_finding(write, capsys):
    """A bound with slack has a sharper mutant: a finding, exit 1; each mutant is one line."""
    assert main(["mutate", "square", write(TRUE.replace("x * x, x", "x * x, 2 * x"))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("mine.square: ")
    assert any(line.split()[0] == "sharper" for line in lines[1:])


CANARY = "[red]x[/red] \x1b[31mred\x1b]0;title\x07\x9b2J\u202eright\u2066"


def test_no_markup_of_a_claim_is_interpreted(write, capsys):
    """Escape codes and direction marks never reach a terminal; [red] is four plain letters more."""
    evil = f"""
@claim({CANARY!r}, {CANARY!r})
def evil(x: Number(0, 1)):
    "doc {CANARY.encode("unicode_escape").decode()}"
    return at_most(x, x * x, {CANARY!r})
"""
    file = write(evil)
    main(["verify", file, *EXACT])
    main(["list", file])
    main(["show", "evil", file])
    main(["recheck", "results/counterexamples/mine.evil.json"])
    out, err = capsys.readouterr()
    assert out.count("[red]x[/red]") >= 5
    for bad in ("\x1b", "\x07", "\x9b", "\u202e", "\u2066"):
        assert bad not in out + err


def test_a_terminal_gets_a_table_without_their_markup(write, monkeypatch, capsys):
    """On a terminal the verdicts are a rich table, and a label's markup is still plain text."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    evil = TRUE.replace('"Lemma 1"', repr("[red]L[/red]\x1b[5m"))
    main(["verify", write(evil), *EXACT, "--no-color"])
    out = capsys.readouterr().out
    assert "statement" in out and "[red]L[/red]" in out
    assert "\x1b[5m" not in out


def test_one_relative_path_in_two_folders_is_two_files(tmp_path, monkeypatch):
    """A relative path means the file of the folder one is in now, in one process too."""
    for name, text, status in (("a", TRUE, 0), ("b", TRUE.replace("x * x, x", "x, 0"), 1)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.py").write_text(HEAD + text)
        monkeypatch.chdir(tmp_path / name)
        assert main(["verify", "mine.py", *EXACT]) == status


def test_packages_of_one_name_are_not_confused(tmp_path, capsys):
    """Two packages of one name in one process: each is judged itself, or the second is refused."""
    for place, text in (("a", TRUE), ("b", FALSE)):
        folder = tmp_path / place / "twin_of_test_cli"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        (folder / "lemmas.py").write_text(HEAD + text)
    first, second = (str(tmp_path / place / "twin_of_test_cli") for place in "ab")
    out = ["--out", str(tmp_path / "results")]
    assert main(["verify", first, *EXACT, *out]) == 0
    capsys.readouterr()
    assert main(["verify", second, *EXACT, *out]) in (1, 2)
    assert "square" not in capsys.readouterr().out


def test_two_claims_of_one_name_are_refused(tmp_path, monkeypatch, capsys) -> None:
    """In one run they would overwrite each other's counterexample."""
    text = "from theorylab import Number, claim, equal\n\n\n@claim('x')\n"
    text += "def same(x: Number(0, 1)):\n    return equal(x, x)\n"
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert main(["verify", "a/mine.py", "b/mine.py", "--quiet"]) == 2
    assert "mine.same stands in a/mine.py and in b/mine.py" in capsys.readouterr().err
