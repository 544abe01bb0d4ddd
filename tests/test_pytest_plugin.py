"""The pytest plugin: claims in test files are tests."""

import subprocess
import sys
from pathlib import Path

import pytest

CLAIMS = """
from theorylab import MDP, Number, Policy, at_most, claim, equal
from theorylab.notation import E, J, V


@claim("Lemma 1")
def stands(M: MDP, pi: Policy):
    return equal(J(M, pi), E(M.start, V(M, pi)))


@claim("Lemma 2")
def falls(x: Number(0, 1)):
    return at_most(x, x * x)


def test_by_hand():
    assert True
"""


@pytest.fixture
def run(tmp_path: Path):
    """Run pytest on files of a folder with the plugin; gives its exit status and output."""

    def run(*arguments: str, **files: str) -> tuple[int, str]:
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
        options = ["-p", "theorylab.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers"]
        found = subprocess.run(
            [sys.executable, "-c", LAUNCH, *options, *arguments, str(tmp_path)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        return found.returncode, found.stdout + found.stderr

    return run


LAUNCH = """
import os, pytest, sys
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
sys.exit(pytest.main(sys.argv[1:]))
"""


def test_claims_pass_or_fail_beside_other_tests(run) -> None:
    """One item for each claim: the true one passes, the false one shows its counterexample."""
    status, shown = run("-v", test_mine=CLAIMS)
    assert status == 1
    assert "test_mine.py::stands PASSED" in shown and "test_mine.py::test_by_hand PASSED" in shown
    assert "test_mine.py::falls FAILED" in shown and "1 failed, 2 passed" in shown
    for part in ("refuted exactly", "left  = 1/2", "right = 1/4", "x = 1/2", "Lemma 2 [falls]"):
        assert part in shown
    assert "Traceback" not in shown and "run.py" not in shown


def test_claims_are_selected_by_name_and_marker(run) -> None:
    """-k and -m see claims as they see tests; an imported claim is not collected twice."""
    other = "from test_mine import stands\n"
    status, shown = run("-m", "theorylab", "-k", "stands", test_mine=CLAIMS, test_other=other)
    assert status == 0 and "1 passed, 2 deselected" in shown


def test_options_reach_the_engines(run) -> None:
    """An unknown budget is an error that says so; another seed finds the same smallest instance."""
    status, shown = run("--theorylab-budget", "huge", test_mine=CLAIMS)
    assert status == 1 and "budget 'huge' is unknown" in shown
    options = ("--theorylab-budget", "quick", "--theorylab-seed", "5", "-k", "falls")
    assert "left  = 1/2" in run(*options, test_mine=CLAIMS)[1]


def test_nothing_heavy_is_imported_before_a_claim_is_met(run) -> None:
    """Projects without claims pay nothing for the plugin."""
    text = "import sys\n\n\ndef test_light():\n    heavy = {'numpy', 'flint', 'sympy'}\n"
    status, shown = run(test_light=text + "    assert not heavy & set(sys.modules)\n")
    assert status == 0, shown
