"""The page beyond the verdicts: tightness, hypotheses, mutants, histograms, errata, sources."""

import re

from tests.report.samples import claim, enriched, full_record, made, refuted, run, section


def test_the_table_shows_tightness_mutants_and_hypotheses(tmp_path):
    text, _ = made(enriched(full_record()), tmp_path)
    table = section(text, '<section id="statements">', '<section id="errata">')
    cells = re.findall(
        r'data-label="(\w+)[^>]*>(.*?)</td>', section(table, "<tbody", "</tr>\n</tbody")
    )
    first = dict(cells[:7])
    assert re.findall(">([^<]+)<", first["Tightness"]) == [
        "line 1: 1 (attained)",
        "line 2: 0.5, → 0.998 as gamma → 1",
    ]
    assert first["Mutants"].startswith("3/7") and "1 open" in first["Mutants"]
    assert first["Hypotheses"] == "1 needed, 1 idle, 1 undecided"
    older, _ = made(full_record(), tmp_path)
    none = re.findall(
        r'data-label="(?:Tightness|Mutants killed|Hypotheses)" class="[^"]*none">(.*?)</td>', older
    )
    assert len(none) == 12 and {re.sub("<[^>]*>", "", cell) for cell in none} == {"–"}


def test_the_summary_counts_what_was_found(tmp_path):
    text, _ = made(enriched(full_record()), tmp_path)
    summary = " ".join(
        re.sub("<[^>]*>", "", section(text, 'id="summary"', '<div class="bar"')).split()
    )
    assert "Of 6 inequalities searched for the worst case, 4 are attained." in summary
    assert "Of 14 mutants of the claims that stand, 6 were killed;" in summary
    assert "4 wait for a decision." in summary
    assert "Of 6 hypotheses 2 seem idle." in summary


def test_a_section_shows_all_that_is_known(tmp_path):
    text, page = made(enriched(run(refuted("wrong"))), tmp_path)
    shown = text[text.index('<article class="claim"') :]
    headings = re.findall(r"<h4>([A-Z]\w+)", shown)
    known = "Hypotheses Lines Counterexample Tightness Evidence Certificate Slacks Mutants"
    assert " ".join(headings) == known
    for part in (
        "nu covers the expert",
        "Without it this instance breaks the claim",
        '<strong class="good">attained</strong>, left = right exactly',
        "A family of instances approaches 0.998 as gamma → 1, in [0.99, 1.003]",
        "The tightest instance",
        "5,153 instances",
        "<td>−0.25</td><td>0</td><td>2</td>",
        "the sharper form is a claim of its own",
        "drop factor gamma",
        "3/4",
    ):
        assert part in shown, part
    drawings = [a["class"] for t, a in page.elements if t == "svg"]
    assert drawings.count("graph") == 4  # needed hypothesis, counterexample, two tight instances
    assert drawings.count("histogram") == 1
    waiting, settled = shown[shown.index("<h4>Mutants") :].split("<details", 1)
    assert "3 -&gt; 2" in waiting and "drop factor gamma" in settled


def test_the_tightness_section_lists_each_line(tmp_path):
    text, _ = made(enriched(full_record()), tmp_path)
    table = section(text, '<section id="tightness">', '<section id="waived">')
    assert table.count('scope="row"><a href="#mine.') == 6
    assert table.count("1 (attained)") == 4
    assert "→ 0.998 as gamma → 1, in [0.99, 1.003]" in table
    older, _ = made(full_record(), tmp_path)
    assert "Not searched for in this run." in older


def test_the_source_is_linked_where_it_is(tmp_path):
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "a b.py").touch()
    there = {"file": (tmp_path / "claims" / "a b.py").as_posix(), "line": 7}
    gone = {"file": "javascript:alert(1).py", "line": 3}
    text, page = made(run(claim("x", source=there), claim("y", source=gone)), tmp_path / "out")
    assert "../claims/a%20b.py" in page.all("href")
    assert "javascript:alert(1).py, line 3" in text
    assert not [link for link in page.all("href") if "javascript" in link]


def test_errata_show_the_corrected_form(tmp_path):
    record = full_record()
    record["claims"][3]["statement"] = r"J \le \kappa"
    text, _ = made(record, tmp_path)
    printed = section(text, "False as printed", "False in another reading")
    steps = re.findall(r"<h5>([A-Z][\w&;]+)</h5>", printed)
    assert steps == ["Printed", "Counter&shy;example", "Corrected"]
    assert "κ" in printed.split("Corrected</h5>")[1]
    assert "supported" in printed.split("Corrected</h5>")[1]
