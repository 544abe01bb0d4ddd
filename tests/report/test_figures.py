"""Figures from files: found by what they define, written whole, the same bytes each time."""

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest

from theorylab.errors import InvalidArgument
from theorylab.report.figures import find_figures, load_figure, write_figure

FIGURES = Path(__file__).parents[2] / "figures"

TOY = '''"""A line: y = slope x + noise."""
import dataclasses
import numpy as np
from matplotlib.figure import Figure
from .helper import SLOPE

VARIANTS = ("up", "down")

@dataclasses.dataclass(frozen=True)
class Line:
    slope: float
    limit: float
    x: np.ndarray
    y: np.ndarray

@dataclasses.dataclass(frozen=True)
class Conclusion:
    supported: bool
    text: str

def compute(variant="up", *, points=4, seed=0):
    slope = SLOPE if variant == "up" else -SLOPE
    x = np.arange(float(points))
    noise = np.random.default_rng(seed).normal(size=points)
    return Line(slope, float("inf"), x, slope * x + noise)

def draw(data):
    figure = Figure(figsize=(2, 1))
    axes = figure.subplots()
    axes.fill_between(data.x, data.y - 1, data.y + 1, alpha=0.2)
    axes.plot(data.x, data.y, label="$y$")
    axes.legend()
    return figure

def conclusion(data):
    return Conclusion(data.slope > 0, f"slope {data.slope}.")
'''

EXTRAS = """
def columns(data):
    return {"x": data.x, "y": data.y}

@dataclasses.dataclass(frozen=True)
class Table:
    columns: tuple
    rows: tuple
    text: str

def variations(*, points=4, seed=0):
    rows = (("points", str(points)), ("seed", str(seed)))
    return Table(("changed", "|y|"), rows, "It hangs on x.")
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with two figures, toy and full, and two files that are none."""
    place = tmp_path / "figs"
    place.mkdir()
    (place / "__init__.py").write_text("")
    (place / "helper.py").write_text("SLOPE = 2.0\n\n\ndef draw(data):\n    return None\n")
    (place / "toy.py").write_text(TOY)
    (place / "full.py").write_text(TOY + EXTRAS)
    return place


def contents(paths):
    return {path.name: path.read_bytes() for path in paths}


def test_finds_figures_by_what_they_define(folder):
    assert find_figures(folder) == {"full": folder / "full.py", "toy": folder / "toy.py"}


def test_finds_the_repository_s_figures():
    found = find_figures(FIGURES)
    assert found["widetree"] == FIGURES / "widetree.py"
    assert not {"style", "__init__", "widetree_world", "widetree_run"} & set(found)


def test_names_of_the_files_written(folder, tmp_path):
    paths = write_figure(folder / "toy.py", tmp_path / "deep" / "out")
    endings = ("svg", "pdf", "png", "csv")
    expected = [f"toy-{variant}.{ending}" for variant in ("up", "down") for ending in endings]
    assert [path.name for path in paths] == [*expected, "toy.md", "toy.json"]
    assert sorted(tmp_path.joinpath("deep", "out").iterdir()) == sorted(paths)  # no leftovers


def test_the_same_bytes_twice(folder, tmp_path, monkeypatch):
    """Neither the clock, nor SOURCE_DATE_EPOCH, nor the caller's style, nor the place matter."""
    import matplotlib as mpl

    first = contents(write_figure(folder / "full.py", tmp_path / "one", seed=3))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    monkeypatch.setattr("time.time", lambda: 2e9)
    with mpl.rc_context({"svg.hashsalt": None, "pdf.fonttype": 3, "savefig.dpi": 50}):
        second = contents(write_figure(folder / "full.py", tmp_path / "two", seed=3))
    assert first == second


def test_no_date_and_no_place_in_the_files(folder, tmp_path):
    for name, content in contents(write_figure(folder / "toy.py", tmp_path / "out")).items():
        assert b"CreationDate" not in content, name
        assert b"dc:date" not in content, name
        assert str(tmp_path).encode() not in content, name
    assert b"/Type3" not in (tmp_path / "out" / "toy-up.pdf").read_bytes()


def test_the_seed_reaches_the_numbers(folder, tmp_path):
    one = contents(write_figure(folder / "toy.py", tmp_path / "one", seed=1))
    two = contents(write_figure(folder / "toy.py", tmp_path / "two", seed=2))
    assert one["toy-up.csv"] != two["toy-up.csv"]
    assert one["toy-up.svg"] != two["toy-up.svg"]


def test_csv_of_columns_has_full_precision(folder, tmp_path):
    write_figure(folder / "full.py", tmp_path, seed=3)
    data = load_figure(folder / "full.py").compute("down", seed=3)
    rows = list(csv.reader(io.StringIO((tmp_path / "full-down.csv").read_text())))
    assert rows[0] == ["x", "y"]
    assert [[float(cell) for cell in row] for row in rows[1:]] == [
        [x, y] for x, y in zip(data.x, data.y, strict=True)
    ]


def test_csv_without_columns_has_every_number(folder, tmp_path):
    write_figure(folder / "toy.py", tmp_path)
    data = load_figure(folder / "toy.py").compute("up")
    rows = list(csv.reader(io.StringIO((tmp_path / "toy-up.csv").read_text())))
    assert rows[0] == ["field", "index", "value"]
    assert len(rows) == 1 + 4 + 4
    assert rows[8] == ["y", "3", repr(float(data.y[3]))]


def test_side_file_has_parameters_seed_versions_and_hash(folder, tmp_path):
    import matplotlib as mpl
    import numpy as np

    write_figure(folder / "toy.py", tmp_path, seed=7, options={"points": 3})
    side = json.loads((tmp_path / "toy.json").read_text())
    assert (side["figure"], side["seed"], side["options"]) == ("toy", 7, {"points": 3})
    assert side["versions"] == {"matplotlib": mpl.__version__, "numpy": np.__version__}
    down = side["variants"]["down"]
    assert down["parameters"] == {"slope": -2.0, "limit": "inf"}
    assert down["supported"] is False
    table = (tmp_path / "toy-down.csv").read_bytes()
    assert down["csv_sha256"] == hashlib.sha256(table).hexdigest()


def test_text_has_conclusions_variations_and_what_is_measured(folder, tmp_path):
    write_figure(folder / "full.py", tmp_path, seed=7, options={"points": 3})
    text = (tmp_path / "full.md").read_text()
    assert "**up: supported.** slope 2.0." in text
    assert "**down: not supported.** slope -2.0." in text
    assert "It hangs on x." in text
    assert "| changed | \\|y\\| |\n| --- | --- |\n| points | 3 |\n| seed | 7 |" in text
    assert "A line: y = slope x + noise." in text


def test_text_without_variations(folder, tmp_path):
    write_figure(folder / "toy.py", tmp_path)
    assert "changed" not in (tmp_path / "toy.md").read_text()


def test_a_figure_is_loaded_fresh(folder):
    assert load_figure(folder / "toy.py").compute("up").slope == 2
    (folder / "helper.py").write_text("SLOPE = 33.0\n")
    assert load_figure(folder / "toy.py").compute("up").slope == 33


def test_two_folders_do_not_mix(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "toy.py").write_text(TOY)
    (other / "helper.py").write_text("SLOPE = 5.0\n")
    assert load_figure(other / "toy.py").compute("up").slope == 5
    assert load_figure(folder / "toy.py").compute("up").slope == 2


def test_nothing_is_written_when_a_variant_fails(folder, tmp_path):
    fails = "\ndef conclusion(data):\n    assert data.slope > 0\n    return Conclusion(True, '')\n"
    (folder / "toy.py").write_text(TOY + fails)
    with pytest.raises(AssertionError):
        write_figure(folder / "toy.py", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("inside", [".", "below"])
def test_a_folder_that_cannot_be_written(folder, tmp_path, inside):
    """Found out before anything is computed."""
    exits = "\ndef compute(variant, *, seed=0):\n    raise SystemExit\n"
    (folder / "toy.py").write_text(TOY + exits)
    taken = tmp_path / "taken"
    taken.write_text("a file")
    with pytest.raises(
        InvalidArgument, match=r"taken.* cannot be written \(.*\), expected"
    ) as found:
        write_figure(folder / "toy.py", taken / inside)
    assert "\n" not in str(found.value)
    assert taken.read_text() == "a file"


def test_a_target_that_is_a_folder(folder, tmp_path):
    (tmp_path / "out" / "toy-up.pdf").mkdir(parents=True)
    with pytest.raises(InvalidArgument, match=r"toy-up\.pdf cannot be written"):
        write_figure(folder / "toy.py", tmp_path / "out")


def test_an_unknown_option(folder, tmp_path):
    with pytest.raises(InvalidArgument, match=r"option 'dots' is unknown, .*\['points'\]"):
        write_figure(folder / "toy.py", tmp_path, options={"dots": 3})


@pytest.mark.parametrize("part", ["VARIANTS", "compute", "draw", "conclusion"])
def test_a_missing_part(folder, part):
    (folder / "toy.py").write_text(TOY + f"\ndel {part}\n")
    with pytest.raises(InvalidArgument, match=f"has no {part}, expected"):
        load_figure(folder / "toy.py")


def test_a_file_that_fails_on_import(folder):
    (folder / "toy.py").write_text("import no_such_module\n")
    with pytest.raises(InvalidArgument, match="cannot be loaded: ModuleNotFoundError: No module"):
        load_figure(folder / "toy.py")


def test_a_file_that_is_not_python(folder):
    (folder / "toy.py").write_text("def draw(:\n")
    with pytest.raises(InvalidArgument, match=r"toy\.py is not readable as Python: .*line 1"):
        find_figures(folder)


@pytest.mark.parametrize("path", ["none.py", ".", "helper.txt"])
def test_a_path_that_is_no_file(folder, path):
    with pytest.raises(InvalidArgument, match="is not a Python file"):
        load_figure(folder / path)


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(InvalidArgument, match="is not a folder"):
        find_figures(tmp_path / "none")


def test_the_real_widetree_end_to_end(tmp_path):
    options = {"leaves": 8, "iterations": 4, "seeds": 2}
    paths = write_figure(FIGURES / "widetree.py", tmp_path, seed=1, options=options)
    assert len(paths) == 10
    side = json.loads((tmp_path / "widetree.json").read_text())
    assert side["variants"]["released"]["parameters"]["setting"]["root"] == 0.7
    assert "One choice changed at a time" in (tmp_path / "widetree.md").read_text()
