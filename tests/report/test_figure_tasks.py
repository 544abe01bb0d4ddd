"""A figure's work on workers: the same bytes, the same faults, nothing that cannot travel."""

from pathlib import Path

import pytest

from theorylab.cli import main
from theorylab.errors import InvalidArgument, TheorylabError
from theorylab.report.figures import write_figure
from theorylab.workers import Workers, workers

SQUARES = """
import dataclasses
import numpy as np
from matplotlib.figure import Figure
from theorylab.errors import InvalidArgument
from .parts import Item, drawn, wrong

VARIANTS = ("text",)

@dataclasses.dataclass(frozen=True)
class Squares:
    y: np.ndarray

@dataclasses.dataclass(frozen=True)
class Conclusion:
    supported: bool
    text: str

@dataclasses.dataclass(frozen=True)
class Table:
    columns: tuple
    rows: tuple
    text: str

def compute(variant, *, points=5, seed=0, fails="", each=map):
    function = {"": drawn, "wrong": wrong, "lambda": lambda item: item}[fails]
    items = [Item(seed, k) for k in range(points)]
    found = list(each(function, items))
    assert [it.k for it in found] == list(range(points))
    return Squares(np.array([it.value for it in found]))

def draw(data):
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot(data.y)
    return figure

def conclusion(data):
    return Conclusion(True, f"mean {data.y.mean()}")

def variations(*, seed=0, each=map):
    rows = tuple((str(it.k), str(it.value)) for it in each(drawn, [Item(seed + 9, 3)]))
    return Table(("k", "value"), rows, "said")
"""

PARTS = """
import dataclasses, os
import numpy as np
from theorylab.errors import InvalidArgument

@dataclasses.dataclass(frozen=True)
class Item:
    seed: int
    k: int

@dataclasses.dataclass(frozen=True)
class Found:
    k: int
    value: float

def drawn(item):
    return Found(item.k, float(np.random.default_rng((item.seed, item.k)).normal()))

def wrong(item):
    if item.k in (2, 4):
        raise InvalidArgument(f"item {item.k} is wrong")
    return Found(item.k, 0.0)

def unreadable(item):
    return lambda: item

def dies(item):
    os._exit(3)

def place(item):
    return os.getpid()
"""


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "figs"
    place.mkdir()
    (place / "parts.py").write_text(PARTS)
    (place / "squares.py").write_text(SQUARES)
    return place


@pytest.fixture(scope="module")
def two():
    with workers(2) as pool:
        yield pool


def contents(paths):
    return {path.name: path.read_bytes() for path in paths}


def test_the_same_bytes_for_any_number_of_workers(folder, tmp_path, two):
    one = write_figure(folder / "squares.py", tmp_path / "one", seed=3)
    other = write_figure(folder / "squares.py", tmp_path / "two", seed=3, pool=two)
    assert contents(one) == contents(other)
    changed = write_figure(folder / "squares.py", tmp_path / "four", seed=4, pool=two)
    assert contents(one)["squares-text.csv"] != contents(changed)["squares-text.csv"]


def test_the_real_widetree_on_workers(tmp_path, two):
    figure = Path(__file__).parents[2] / "figures" / "widetree.py"

    options = {"leaves": 8, "iterations": 4, "seeds": 2}
    one = write_figure(figure, tmp_path / "one", options=options)
    other = write_figure(figure, tmp_path / "two", options=options, pool=two)
    assert contents(one) == contents(other)


def test_the_work_is_done_elsewhere(folder, two):
    import os

    from theorylab.report.figure_tasks import each_on
    from theorylab.report.figures import load_figure

    module = load_figure(folder / "squares.py")
    here = each_on(Workers(), folder)
    assert set(here(function(module, "place"), range(3))) == {os.getpid()}
    assert os.getpid() not in set(each_on(two, folder)(function(module, "place"), range(3)))


def function(module, name):
    import sys

    return getattr(sys.modules[f"{module.__package__}.parts"], name)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_first_fault_in_order_is_told(folder, tmp_path, two, jobs):
    pool = two if jobs == 2 else Workers()
    with pytest.raises(InvalidArgument, match=r"^item 2 is wrong$"):
        write_figure(folder / "squares.py", tmp_path, options={"fails": "wrong"}, pool=pool)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_function_without_a_name_is_refused(folder, tmp_path, two, jobs):
    pool = two if jobs == 2 else Workers()
    with pytest.raises(InvalidArgument, match="lambda>, which workers cannot find") as found:
        write_figure(folder / "squares.py", tmp_path, options={"fails": "lambda"}, pool=pool)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_cannot_travel_is_refused(folder, two, jobs):
    from theorylab.report.figure_tasks import each_on
    from theorylab.report.figures import load_figure

    module = load_figure(folder / "squares.py")
    each = each_on(two if jobs == 2 else Workers(), folder)
    with pytest.raises(InvalidArgument, match="drawn's item cannot travel to a worker"):
        list(each(function(module, "drawn"), [lambda: 1]))
    with pytest.raises(InvalidArgument, match="what unreadable returns cannot travel"):
        list(each(function(module, "unreadable"), [1]))


def test_a_worker_that_dies_is_told_in_one_line(folder, two):
    from theorylab.report.figure_tasks import each_on
    from theorylab.report.figures import load_figure

    module = load_figure(folder / "squares.py")
    with pytest.raises(TheorylabError, match=r"a worker died: .*Use fewer --jobs\.") as found:
        list(each_on(two, folder)(function(module, "dies"), [1]))
    assert "\n" not in str(found.value)


def test_each_is_no_option(folder, tmp_path):
    with pytest.raises(InvalidArgument, match="option 'each' is unknown"):
        write_figure(folder / "squares.py", tmp_path, options={"each": map})


def test_the_command_takes_jobs(folder, tmp_path, capsys):
    arguments = ["figure", "--figures", str(folder), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--jobs", "0"]) == 2
    assert capsys.readouterr().err == "theorylab: jobs is 0, expected at least 1\n"
    assert main([*arguments, "--jobs", "2"]) == 0
    assert (tmp_path / "out" / "squares-text.csv").exists()
