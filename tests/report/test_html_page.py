"""The report's page as a file and for its readers: from a real run, whole, in a browser."""

import copy
import re
from itertools import pairwise
from pathlib import Path

import pytest

from theorylab import MDP, Policy, at_most, chain
from theorylab.claims import make_claim
from theorylab.errors import ParseError, StoreError
from theorylab.notation import J, V
from theorylab.report import ledger, records
from theorylab.report.html import write_report
from theorylab.run import verify


@pytest.fixture(scope="module")
def record():
    """The record of a run over two false lemmas."""

    def lemma(M: MDP, pi: Policy):
        r"""E_\omega V^\pi \le J(\pi) - 1"""
        return chain(J(M, pi)).equal(M.start @ V(M, pi), "by definition").at_most(J(M, pi) - 1)

    def other(M: MDP, pi: Policy):
        """Nothing is paid."""
        return at_most(J(M, pi), 0)

    found = [make_claim(f, "mine", f"Lemma {k}") for k, f in enumerate((lemma, other))]
    rows = [
        records.claim_record(c, verify(c, engines=["exact"]), Path("x.py"), ledger.Expectation(""))
        for c in found
    ]
    return records.run_record(rows, budget="quick", seed=0)


@pytest.fixture
def page(record, tmp_path):
    """Its report."""
    return write_report(record, tmp_path)


def test_a_real_run_is_shown_the_same_each_time(record, page, tmp_path):
    before, text = copy.deepcopy(record), page.read_text(encoding="utf-8")
    assert text.count('<tr class="broken">') == 1
    assert text.count("<svg") == 2
    assert write_report(record, tmp_path).read_text(encoding="utf-8") == text
    assert record == before


@pytest.mark.parametrize("empty", [{}, {"claims": [], "papers": [{"name": "p", "title": "t"}]}])
def test_an_empty_record_gives_a_page(empty, tmp_path):
    text = write_report(empty, tmp_path).read_text(encoding="utf-8")
    assert "No claim was judged in this run." in text


def test_a_record_of_another_schema_is_refused(tmp_path):
    with pytest.raises(ParseError, match="schema 2, expected 1"):
        write_report({"schema": 2}, tmp_path)


def test_figures_stand_beside_their_conclusions(tmp_path):
    folder = tmp_path / "figures"
    folder.mkdir()
    for name in ("tree-a.png", "tree-b.png", "tree-b.svg", "lone.svg", "tree.pdf"):
        (folder / name).write_bytes(b"<svg/>")
    (folder / "tree.md").write_text("# tree\n\n**a: supported.** 3 < 4\n\n## What is measured\nit")
    text = write_report({}, tmp_path).read_text(encoding="utf-8")
    kinds = re.findall('<img src="([^;]+);base64,[^"]+" alt="[^"]+">', text)
    assert kinds == ["data:image/svg+xml", "data:image/png", "data:image/png"]
    assert "<strong>a: supported.</strong> 3 &lt; 4</div>" in text
    assert "## What is measured\nit" in text


def test_the_old_report_stays_when_writing_fails(record, tmp_path, monkeypatch):
    path = write_report({}, tmp_path)
    before = path.read_bytes()

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("theorylab.report.store.os.replace", fail)
    with pytest.raises(StoreError, match="cannot be written"):
        write_report(record, tmp_path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


# ------------------------------------------------------------------------------- for every reader


def test_headings_do_not_skip_a_level(page):
    text = page.read_text(encoding="utf-8")
    levels = [int(level) for level in re.findall("<h([1-6])", text)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert '<html lang="en">' in text


def luminance(colour):
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_text_has_contrast_aa(mode, page):
    text = page.read_text(encoding="utf-8")
    block = re.findall(r":root \{(.*?)\}", text, re.S)[mode]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    pairs = [(n, f"{n}-back") for n in colours if f"{n}-back" in colours]
    pairs += [(n, back) for n in ("text", "quiet", "link") for back in ("page", "card")]
    assert len(pairs) == 13
    assert {p: c for p in pairs if (c := contrast(colours[p[0]], colours[p[1]])) < 4.5} == {}
