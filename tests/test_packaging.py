"""What the wheel holds, which module may import which, and no trace of one machine."""

from __future__ import annotations

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from email import message_from_string
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# --- the wheel ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy: a build in place leaves files that the next one packs.

    The repository's other folders are there, empty, so that packing one of them shows.
    """
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source)
    for name in ("verification", "figures", "tests"):
        (source / name).mkdir()
        (source / name / "__init__.py").touch()
    caches = shutil.ignore_patterns("__pycache__", ".*_cache")
    shutil.copytree(ROOT / "theorylab", source / "theorylab", ignore=caches)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(out.glob("*.whl")))


def dist_info(wheel: zipfile.ZipFile, name: str) -> str:
    """The text of one file of the wheel's metadata."""
    return wheel.read(
        next(n for n in wheel.namelist() if n.endswith(f".dist-info/{name}"))
    ).decode()


def test_wheel_holds_every_module_and_data_file(wheel: zipfile.ZipFile) -> None:
    """A folder that lacks its __init__.py, or data not listed in setup.cfg, would stay behind."""
    package = ROOT / "theorylab"
    paths = {*package.rglob("*.py"), *package.glob("report/templates/*"), package / "py.typed"}
    wanted = {path.relative_to(ROOT).as_posix() for path in paths if path.is_file()}
    assert wanted - set(wheel.namelist()) == set()


def test_wheel_holds_the_library_only(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {re.sub(r"-.*\.", ".", top) for top in tops} == {"theorylab", "theorylab.dist-info"}


def test_entry_points_name_modules_of_the_wheel(wheel: zipfile.ZipFile) -> None:
    """A missing plugin module would break every pytest run of whoever installs us."""
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.read_string(dist_info(wheel, "entry_points.txt"))
    assert {group: dict(parser[group]) for group in parser.sections()} == {
        "console_scripts": {"theorylab": "theorylab.cli:main"},
        "pytest11": {"theorylab": "theorylab.pytest_plugin"},
    }
    assert {"theorylab/cli.py", "theorylab/pytest_plugin.py"} <= set(wheel.namelist())


def test_metadata(wheel: zipfile.ZipFile) -> None:
    metadata = message_from_string(dist_info(wheel, "METADATA"))
    assert metadata["Name"] == "theorylab"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert {"Typing :: Typed", "Framework :: Pytest", "Framework :: Hypothesis"} <= set(
        metadata.get_all("Classifier", [])
    )
    assert set(metadata.get_all("Provides-Extra", [])) == {"plots", "cluster", "test", "docs"}


def test_one_version_everywhere() -> None:
    """setup.cfg, the package and CITATION.cff say the same."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    version = setup["metadata"]["version"]
    assert f'\n__version__ = "{version}"\n' in (ROOT / "theorylab" / "__init__.py").read_text()
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()


def test_wheel_imports_away_from_the_repository(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = "import theorylab; print(theorylab.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(tmp_path / "theorylab" / "__init__.py"), done.stderr


def test_constraints_pin_every_requirement() -> None:
    """Each requirement of setup.cfg has one exact version in constraints.txt."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    texts = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    wanted = {re.split(r"[<>=\[]", line)[0] for text in texts for line in text.split()}
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []
    names = [pin.split("==")[0].lower() for pin in pins]
    assert len(names) == len(set(names))
    assert wanted - {"theorylab"} <= set(names)


# --- no trace of one machine ----------------------------------------------------------------

FOLDERS = ["work", "home", "root", "Users"]
TRACES = re.compile(
    r"(?<![\w.:/-])/(?:" + "|".join(FOLDERS) + ")/"  # an absolute path
    r"|(?:" + "|".join(["py" + "pi", "python" + "hosted", "ana" + "conda"]) + r")\.org"
    r"|--(?:extra-)?index" + r"-url|--find" + r"-links|--trusted" + r"-host"
)


def traces(path: Path) -> Iterator[str]:
    """`file:line: what` for each machine path or registry address in a text file."""
    data = path.read_bytes()
    if b"\0" in data:
        return
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        if found := TRACES.search(line):
            yield f"{path}:{number}: {found[0]}"


def test_no_tracked_file_names_a_machine_path_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    names = listed.stdout.split("\0")[:-1]
    if not names:
        pytest.skip(f"git lists no file here: {listed.stderr.strip() or 'nothing is tracked'}")
    files = [ROOT / name for name in names if (ROOT / name).is_file()]
    found = [trace for file in files for trace in traces(file)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "see /" + "home/me/notes",
        'open("/' + 'work/x.json")',
        "https://py" + "pi.org/simple",
        "pip install --index" + "-url X",
    ],
)
def test_a_trace_is_found_with_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "f.txt").write_text("fine\n" + line)
    assert [trace.split(": ")[0] for trace in traces(tmp_path / "f.txt")] == [
        f"{tmp_path / 'f.txt'}:2"
    ]


@pytest.mark.parametrize("line", ["a/" + "work/b", "../" + "home/b", "https://x.org/" + "home/"])
def test_a_relative_path_or_a_page_is_no_trace(tmp_path: Path, line: str) -> None:
    (tmp_path / "f.txt").write_text(line)
    assert list(traces(tmp_path / "f.txt")) == []


# --- imports go one way ---------------------------------------------------------------------

LAYERS = [
    "errors extended arithmetic remembering lanes balls germs linalg tape lowering bernstein"
    " regions gradient",
    "worlds givens linear_givens latent_givens latent_variable_givens points theory simd machine"
    " weaker",
    "relations claims verdicts operators mutants notation lint chance families",
    "engines algorithms",
    "report workers",
    "run loading recheck positivity_check mutating library_mutating",
    "cli commands pytest_plugin strategies __init__ __main__",
]
"""The modules and folders of theorylab; each imports only its own line and those above it."""

LAYER_OF = {name: number for number, names in enumerate(LAYERS) for name in names.split()}

NEVER = {"theory": {"claims"}, "algorithms": {"engines", "claims"}}
"""What a part must not import even where the layers would allow it."""

PUBLIC = {"", "notation", "theory", "arithmetic", "worlds"}
"""What the papers import of theorylab; of `theory` also its modules."""


def imports(file: Path, root: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of each import of a file: those in functions too, not those for types only."""
    module = file.relative_to(root).with_suffix("").parts
    for node in runtime_nodes(ast.parse(file.read_text(), str(file))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            prefix = module[: len(module) - node.level] if node.level else ()
            base = ".".join([*prefix, *filter(None, [node.module])])
            names = [alias.name for alias in node.names if alias.name != "__version__"]
            yield from ((node.lineno, named(base, name, root)) for name in names)


def runtime_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run: `if TYPE_CHECKING:` is left out, its else branch is not."""
    yield node
    skipped: Sequence[ast.AST] = ()
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        skipped = node.body
    for child in ast.iter_child_nodes(node):
        if child not in skipped:
            yield from runtime_nodes(child)


def named(base: str, name: str, root: Path) -> str:
    """The module that `from base import name` loads: base.name where that is one, else base."""
    path = root.joinpath(*base.split("."), name)
    return f"{base}.{name}" if path.is_dir() or path.with_suffix(".py").exists() else base


def offences(root: Path) -> list[str]:
    """`file:line: what is wrong` for each import that goes the wrong way."""
    found = []
    for package, judge in (("theorylab", wrong_in_library), ("verification", wrong_in_papers)):
        for file in sorted((root / package).rglob("*.py")):
            name = file.relative_to(root)
            for line, module in imports(file, root):
                if wrong := judge(name.with_suffix("").parts[1], module):
                    found.append(f"{name}:{line}: {wrong}")
    return found


def wrong_in_library(part: str, module: str) -> str | None:
    """What is wrong when the part `part` of theorylab imports `module`, or None."""
    top, _, rest = module.partition(".")
    if top in {"verification", "figures"}:
        return f"theorylab imports {module}: the library knows no paper"
    if top != "theorylab":
        return None
    target = rest.split(".")[0] or "__init__"
    if unknown := [name for name in (part, target) if name not in LAYER_OF]:
        return f"{unknown[0]} has no layer: add it to LAYERS in tests/test_packaging.py"
    if target in NEVER.get(part, ()):
        return f"{part} must not import {module}"
    if LAYER_OF[target] > LAYER_OF[part]:
        return f"{part} (layer {LAYER_OF[part]}) imports {module} (layer {LAYER_OF[target]})"
    return None


def wrong_in_papers(part: str, module: str) -> str | None:
    """What is wrong when a paper's file imports `module`, or None."""
    top, _, rest = module.partition(".")
    if top != "theorylab" or rest in PUBLIC or rest.startswith("theory."):
        return None
    return f"verification imports {module}: not public, papers use " + ", ".join(
        f"theorylab.{name}".rstrip(".") for name in sorted(PUBLIC)
    )


def test_imports_go_one_way() -> None:
    found = offences(ROOT)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("file", "code", "wrong"),
    [
        ("theorylab/tape.py", "import theorylab.claims", "2: tape (layer 0) imports"),
        ("theorylab/tape.py", "def f():\n    from theorylab import claims", "3: tape (layer 0)"),
        ("theorylab/tape.py", "from .claims import Claim", "2: tape (layer 0) imports"),
        ("theorylab/tape.py", "from theorylab import MDP", "2: tape (layer 0) imports theorylab "),
        ("theorylab/theory/tabular.py", "from ..claims import Claim", "2: theory must not import"),
        ("theorylab/theory/__init__.py", "from .. import claims", "2: theory must not import"),
        ("theorylab/algorithms/hedge.py", "import theorylab.engines.exact", "2: algorithms must"),
        ("theorylab/algorithms/hedge.py", "import theorylab.claims", "2: algorithms must not"),
        ("theorylab/run.py", "import verification.lamps", "2: theorylab imports verification"),
        ("theorylab/__init__.py", "import figures", "2: theorylab imports figures"),
        ("theorylab/novel.py", "import theorylab.tape", "2: novel has no layer"),
        (
            "theorylab/run.py",
            "if TYPE_CHECKING:\n    pass\nelse:\n    import theorylab.cli",
            "5: run",
        ),
        (
            "verification/lamps/a.py",
            "from theorylab.claims import Claim",
            "2: verification imports",
        ),
        ("verification/lamps/a.py", "from theorylab import claims", "2: verification imports"),
        ("verification/lamps/a.py", "from theorylab.worlds import checks", "2: verification imp"),
    ],
)
def test_a_wrong_import_is_found_with_its_line(
    tmp_path: Path, file: str, code: str, wrong: str
) -> None:
    lay_out(tmp_path, file, code)
    assert [offence[: len(file) + 1 + len(wrong)] for offence in offences(tmp_path)] == [
        f"{file}:{wrong}"
    ]


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("theorylab/tape.py", "import numpy, theorylab.errors"),
        ("theorylab/tape.py", "if TYPE_CHECKING:\n    from theorylab.claims import Claim"),
        ("theorylab/claims.py", "from theorylab.theory.tabular import value"),
        ("theorylab/run.py", "from theorylab import __version__, tape"),
        ("verification/lamps/a.py", "from theorylab import MDP, Paper\nfrom .b import c"),
        ("verification/lamps/a.py", "from theorylab.theory.tabular import value"),
    ],
)
def test_a_right_import_passes(tmp_path: Path, file: str, code: str) -> None:
    lay_out(tmp_path, file, code)
    assert offences(tmp_path) == []


def lay_out(root: Path, file: str, code: str) -> None:
    """A small theorylab in `root` in which one file holds `code`, from its second line on."""
    empty = [
        "__init__",
        "errors",
        "tape",
        "claims",
        "run",
        "cli",
        "theory/tabular",
        "worlds/checks",
    ]
    for name in [*(f"theorylab/{stem}.py" for stem in empty), file]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / file).write_text("\n" + code)
