"""Loading: any file or folder of claims, and one line that names file and line of what is wrong."""

from pathlib import Path

import pytest

from theorylab.cli import main
from theorylab.errors import ClaimError, InvalidArgument
from theorylab.loading import load

ONE = """
from theorylab import MDP, claim, equal

@claim("{label}")
def {name}(M: MDP):
    return equal(M.gamma, M.gamma)
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files, by their path below a folder."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def one(name: str) -> str:
    """A file with one claim."""
    return ONE.format(label=name, name=name)


def ids(path: Path) -> list[str]:
    """The ids of the claims under a path."""
    return sorted(c.id for c in load(path).claims)


def test_a_file_and_a_folder_are_loaded_alike(tmp_path: Path) -> None:
    """Every Python file below a folder counts; caches do not."""
    write(
        tmp_path,
        {"first.py": one("a"), "sub/second.py": one("b"), "__pycache__/hidden.py": one("c")},
    )
    assert ids(tmp_path / "first.py") == ["first.a"]
    assert ids(tmp_path) == ["first.a", "second.b"]


def test_the_file_given_is_the_file_loaded(tmp_path: Path) -> None:
    """Two packages of one name in different places are not confused."""
    for place in ("here", "there"):
        write(tmp_path / place, {"mine/__init__.py": "", "mine/x.py": one(f"from_{place}")})
    for place in ("here", "there"):
        assert ids(tmp_path / place / "mine") == [f"x.from_{place}"]


def test_a_changed_file_is_loaded_anew(tmp_path: Path) -> None:
    """What was loaded before does not stand for what the file says now."""
    file = write(tmp_path, {"x.py": one("a")}) / "x.py"
    assert ids(file) == ["x.a"]
    file.write_text(one("b"))
    assert ids(file) == ["x.b"]


def test_a_folder_of_packages_and_files_is_loaded_whole(tmp_path: Path, capsys) -> None:
    """Loose files beside a package, and files beside a sub-package, are claims too."""
    write(tmp_path, {"loose.py": one("a"), "p1/__init__.py": "", "p1/section.py": one("b")})
    write(tmp_path, {"p1/sub/__init__.py": "", "p1/sub/part.py": one("c")})
    assert main(["list", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("loose.a", "section.b", "part.c"))


def test_a_package_without_claims_does_not_hide_the_others(tmp_path: Path, capsys) -> None:
    """A package of helpers beside a package of claims is no error."""
    write(tmp_path, {"helpers/__init__.py": "", "helpers/x.py": "y = 1\n"})
    write(tmp_path, {"p2/__init__.py": "", "p2/section.py": one("b")})
    assert main(["list", str(tmp_path)]) == 0
    assert "section.b" in capsys.readouterr().out


def test_an_imported_claim_is_not_claimed_again(tmp_path: Path) -> None:
    """A claim belongs to the file that defines it."""
    write(tmp_path, {"p3/__init__.py": "", "p3/a.py": one("a")})
    write(tmp_path, {"p3/b.py": one("b") + "\nfrom p3.a import a\n"})
    assert ids(tmp_path / "p3") == ["a.a", "b.b"]


RAISES = {
    "an exception": ("a = 1\n\nraise ValueError('boo')\n", 3, "ValueError", "boo"),
    "a syntax error": ("a = 1\ndef (:\n", 2, "SyntaxError", "invalid syntax"),
    "a missing module": (
        "import no_such_module_here\n",
        1,
        "ModuleNotFoundError",
        "no_such_module",
    ),
    "sys.exit(0)": ("import sys\n\n\nsys.exit(0)\n", 4, "SystemExit", "0"),
    "a division": ("x = 1\ny = 2\nz = 1 / 0\n", 3, "ZeroDivisionError", "division"),
}


@pytest.mark.parametrize("case", RAISES)
def test_a_file_that_raises_is_named_with_its_line(tmp_path: Path, case: str, capsys) -> None:
    """file:line, the error and its text; exit 2, no traceback, never what looks like success."""
    text, line, error, reason = RAISES[case]
    file = write(tmp_path, {"bad.py": text}) / "bad.py"
    assert main(["verify", str(file), "--quiet"]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1
    for part in (f"{file}:{line}", error, reason):
        assert part in printed.err


def test_the_line_belongs_to_the_file_that_is_named(tmp_path: Path, capsys) -> None:
    """When an imported file raises, its own line is not given to the importing file."""
    write(tmp_path, {"p4/__init__.py": "", "p4/outer.py": "import p4.inner\n"})
    write(tmp_path, {"p4/inner.py": "\n" * 30 + "raise ValueError('boo')\n"})
    assert main(["verify", str(tmp_path / "p4" / "outer.py"), "--quiet"]) == 2
    error = capsys.readouterr().err
    assert "outer.py:31" not in error
    assert "inner.py:31" in error or "outer.py:1" in error


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"x.py": "y = 1\n"}, "has no claim"),
        ({"x.py": one("same") + one("same")}, "defines same again"),
        ({"x.py": one("u") + ONE.format(label="u", name="v")}, "claimed twice"),
        ({"a/x.py": one("u"), "b/x.py": one("u")}, "claimed twice"),
    ],
)
def test_a_folder_without_distinct_claims_is_refused(tmp_path: Path, files, message) -> None:
    """No claim at all, a name twice, a label twice."""
    with pytest.raises(ClaimError, match=message):
        load(write(tmp_path, files))


def test_a_path_that_is_no_source_is_refused(tmp_path: Path) -> None:
    """A missing path and a file of another kind are named."""
    (tmp_path / "data.txt").write_text("")
    with pytest.raises(InvalidArgument, match="does not exist"):
        load(tmp_path / "none.py")
    with pytest.raises(InvalidArgument, match="not a Python file"):
        load(tmp_path / "data.txt")


def test_spaces_and_other_letters_in_a_path_are_fine(tmp_path: Path) -> None:
    """A path is a path, whatever it is called."""
    folder = tmp_path / "mes énoncés, 2026"
    write(folder, {"lemme.py": one("a")})
    assert ids(folder) == ["lemme.a"]
