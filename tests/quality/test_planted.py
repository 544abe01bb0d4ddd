"""Planted errors: subtly false lemmas with their true forms, as users would write them.

Each false one is refuted, at its first false line and its smallest shape, both known by hand
(`planted/expected.py`); each true one stands. `make test` judges a part of them at the quick
budget, `make nightly` all at quick and normal.
"""

from functools import cache
from pathlib import Path

import pytest

from tests.quality.planted.expected import PLANTED
from theorylab.loading import load
from theorylab.run import verify

FOLDER = Path(__file__).parent / "planted"
FILES = sorted({planted.file for planted in PLANTED})
DAILY = {
    "performance_difference", "return_variance", "determinant", "pinsker", "hoelder",
    "total_variation", "kl_of_marginals", "chi_square", "two_sided", "behaviour", "greedy_loss",
    "three_points", "clipped_gap", "two_laws",
}  # fmt: skip
"""A part that takes half a minute of one core, most of the thin regions among them."""


def cases():
    """Every lemma at quick and normal; all but a part of quick is nightly."""
    for budget in ("quick", "normal"):
        for planted in PLANTED:
            daily = budget == "quick" and planted.name in DAILY
            marks = [] if daily else [pytest.mark.nightly]
            yield pytest.param(planted, budget, id=f"{planted.name}-{budget}", marks=marks)


@cache
def library(file):
    return {c.name: c for c in load(FOLDER / f"{file}.py").claims}


@cache
def verdict(file, name, budget):
    return verify(library(file)[name], budget=budget)


def judged(planted, budget):
    return verdict(planted.file, planted.false, budget)


@pytest.mark.parametrize(("planted", "budget"), list(cases()))
def test_a_planted_error_is_refuted_at_its_first_false_line(planted, budget):
    """The first broken line is the one known, and the counterexample shown is its own."""
    found = judged(planted, budget)
    assert found.outcome.word == "refuted"
    assert found.broken_links[0] + 1 == planted.line
    assert found.counterexample.link + 1 == planted.line


@pytest.mark.parametrize(("planted", "budget"), list(cases()))
def test_the_true_form_stands(planted, budget):
    """With the one line mended nothing is broken, undecided, vacuous or in conflict."""
    found = verdict(planted.file, planted.name, budget)
    assert found.outcome.stands, str(found)
    assert found.broken_links == ()


@pytest.mark.parametrize(("planted", "budget"), list(cases()))
def test_the_counterexample_has_the_smallest_shape(planted, budget):
    """No smaller shape breaks the line: `smaller` says why."""
    assert dict(judged(planted, budget).counterexample.sizes) == planted.smallest


def test_every_planted_claim_is_accounted_for():
    """Every claim of the folder is a planted error or its true form; enough of them are thin."""
    for file in FILES:
        names = {n for p in PLANTED if p.file == file for n in (p.name, p.false)}
        assert set(library(file)) == names
    assert set(FILES) == {p.stem for p in FOLDER.glob("*.py")} - {"expected", "__init__"}
    assert len(PLANTED) >= 30
    assert sum(bool(p.thin) for p in PLANTED) >= 5
