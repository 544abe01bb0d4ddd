"""The report: nothing of a claim becomes markup, every link leads somewhere, all is there."""

import json
import re

import pytest

from tests.report.samples import (
    CANARY,
    claim,
    everywhere,
    evidence,
    full_record,
    made,
    refuted,
    run,
    section,
)
from theorylab.claims import Paper
from theorylab.report.claim_view import number
from theorylab.report.records import run_record
from theorylab.report.store import dumps
from theorylab.report.view import statements_of

# ------------------------------------------------------------------------------- nothing gets out


@pytest.mark.parametrize("which", [0, 1])
def test_no_text_of_a_record_becomes_an_element(which, tmp_path):
    figures = tmp_path / "figures"
    figures.mkdir()
    (figures / "a.md").write_text(f"# a\n\n**{CANARY}**\n\n## {CANARY}\n")
    (figures / 'a-"><b onclick=x>.png').write_bytes(b"png")
    text, page = made(everywhere()[which], tmp_path)
    assert CANARY not in text
    assert text.count("&lt;script&gt;alert(1)") > 40
    assert not {"script", "iframe", "b", "object", "link", "form"} & {t for t, _ in page.elements}
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert [a["src"][:22] for t, a in page.elements if t == "img"] == ["data:image/png;base64,"]


@pytest.mark.parametrize(
    "statement",
    [
        CANARY,
        rf"\text{{{CANARY}}} \le 1",
        rf"x_{{{CANARY}}} = \frac{{1}}{{2}}",
        r"\href{javascript:alert(1)}{x} = 1",
        r"\style{background:url(http://x)}{y} = 1",
        r"\class{x\" onclick=\"y}{z}",
        r"&lt;script&gt; = &#60;img onerror=x&#62;",
    ],
)
def test_latex_injects_nothing(statement, tmp_path):
    record = run(claim("x", statement=statement, corrects="y", because=statement))
    _, page = made(record, tmp_path)
    assert not {"script", "img"} & {t for t, _ in page.elements}
    assert not {"onclick", "onerror", "class\\"} & {name for _, a in page.elements for name in a}
    assert not [a for t, a in page.elements if t.startswith("m") and {"href", "style"} & set(a)]


def test_control_characters_and_direction_marks_are_left_out(tmp_path):
    odd = "a\x00\x1b[31m\u202eb\u2028c\xa0d\ud800"
    text, _ = made(run(claim("x", title=odd, grade=odd, code=odd)), tmp_path)
    assert "a[31mb c d" in text
    assert not set("\x00\x1b\u202e\u2028\xa0") & set(text)


def test_the_page_may_load_and_run_nothing(tmp_path):
    text, page = made(full_record(), tmp_path)
    policy = next(a["content"] for t, a in page.elements if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert all(link.startswith("#") for link in page.all("href"))
    assert not re.search(r"url\(|@import|https?://", text)


# -------------------------------------------------------------------------------- all is there


def test_links_lead_to_one_place_each(tmp_path):
    record = full_record()
    record["claims"].append(claim("first"))  # the same id once more
    record["claims"].append({**claim("x"), "id": "errata"})  # an id that a section has
    _, page = made(record, tmp_path)
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.all("href")} <= set(ids)


def test_every_claim_has_a_section(tmp_path):
    record = full_record()
    text, page = made(record, tmp_path)
    sections = [a["id"] for t, a in page.elements if t == "article" and "id" in a]
    assert sections == [c["id"] for c in record["claims"]]
    assert re.findall(r'</th><td class="number">(\d+)</td><td>', text) == ["2", "2"]


def test_errata_have_both_sides_and_the_correction(tmp_path):
    text, _ = made(full_record(), tmp_path)
    printed = section(text, "False as printed", "False in another reading")
    assert 'href="#mine.wrong"' in printed
    assert "5/7" in printed
    assert "-11/13" in printed
    assert "left ≤ right" in printed
    assert 'href="#mine.right"' in printed
    assert "γ" in printed  # because, as a formula
    other = section(text, "False in another reading", '<section id="tightness">')
    assert "reading B" in other
    assert "No claim of this run corrects it." in other


def test_a_counterexample_is_shown_in_the_order_of_the_signature(tmp_path):
    text, _ = made(run(refuted("wrong")), tmp_path)
    names = re.findall(r"<h5>([^ <]+)", section(text, 'id="claims"', "Source"))
    assert names == ["M", "pi", "n", "nu", "Pi[0]"]
    assert '<th scope="col">cost</th>' in text
    assert text.count("<svg") == 1
    assert "for any <code>M: MDP</code>, <code>pi: Policy</code>, <code>n: Integer(1, 3)" in text


def test_a_chain_shows_its_lines_and_the_broken_one(tmp_path):
    text, _ = made(run(refuted("wrong")), tmp_path)
    rows = re.findall(r"<tr[^>]*>.*?</tr>", section(text, '"lines"', "Counterexample"), re.S)[1:]
    assert ["broken" in row for row in rows] == [False, False, True]
    assert "≤ x - 1" in rows[2]
    assert "wrong" in rows[2]


def test_an_instance_of_an_unknown_form_is_shown_as_it_is(tmp_path):
    record = refuted("wrong")
    odd = {"kind": "MDP", "P": [[["x"]]], "payoff": [], "start": []}
    record["counterexample"] = {**record["counterexample"], "instance": {"M": odd, "N": 5}}
    text, _ = made(run(record), tmp_path)
    assert "&#34;payoff&#34;: []" in text


def test_the_table_has_verdict_strength_slack_and_tries(tmp_path):
    fine = [evidence("exact", "proved", note="all of them"), evidence("sweep", "supported")]
    text, _ = made(run(claim("x", verdict="proved", evidence=fine)), tmp_path)
    table = section(text, '<section id="statements">', '<section id="errata">')
    assert "proved</span>" in table
    assert "exact: all of them" in table
    assert "sweep" not in table.split("<p class")[0]
    assert "800" in table
    assert "720 kept" in table
    assert number(-0.0) == "0"


def test_waived_and_missing_statements_are_in_the_papers_order(tmp_path):
    record = full_record()
    record["papers"][0]["statements"] = [["(10)", "ten"], ["Lemma 1", ""], ["(2)", ""], ["(3)", ""]]
    text, _ = made(record, tmp_path)
    waived = section(text, '<section id="waived">', '<section id="claims">')
    assert waived.index("(10)") < waived.index("ten") < waived.index("(2)")
    assert "Neither judged in this run nor waived:</strong>\n(3)." in waived


def test_in_a_record_of_an_older_run_they_are_in_natural_order(tmp_path):
    text, _ = made(full_record(), tmp_path)
    waived = section(text, '<section id="waived">', '<section id="claims">')
    assert waived.index("(2)") < waived.index("a name") < waived.index("(10)")
    assert "Neither judged in this run nor waived:</strong>\n(3)." in waived


def test_a_run_keeps_the_papers_order():
    paper = Paper("p", statements={"B": "b", "A": "a"}, waived={"A": "why"})
    record = json.loads(dumps(run_record([], budget="quick", seed=0, papers=[paper])))
    assert list(statements_of(record["papers"][0]).items()) == [("B", "b"), ("A", "a")]
