"""Tightness, hypotheses, mutants and certificates in words; absent means unknown, never zero."""

import pytest

from tests.report.samples import CERTIFICATE, LIMIT, MUTANTS, hypotheses, tightness
from theorylab.report.claim_view import claim_view
from theorylab.report.findings import (
    certificate_view,
    hypotheses_text,
    limit_text,
    mutants_text,
    mutants_view,
    ratio_text,
    thinned,
    tightest,
    tightness_texts,
)


@pytest.mark.parametrize(
    ("ratio", "attained", "text"),
    [
        (1.0, True, "1 (attained)"),
        (1.0, False, "≈ 1"),
        (1 - 2e-7, False, "1 − 2e-07"),
        (1 + 3e-13, False, "1 + 3e-13"),
        (0.99949, False, "0.9995"),
        (-0.25, False, "−0.25"),
        (None, False, "–"),
        (float("inf"), False, "–"),
    ],
)
def test_only_an_attained_ratio_reads_as_one(ratio, attained, text):
    assert ratio_text(ratio, attained=attained) == text


def test_each_line_shows_its_tightest_entry():
    entries = [
        tightness({}, line=2, ratio=0.3),
        tightness({}, line=1, ratio=1.0),
        tightness({}, line=2, ratio=0.7, limit=LIMIT),
        tightness({}, line=1, ratio=1.0, attained=True),
        tightness({}, line=2, ratio=None),
    ]
    assert [(e["line"], e["ratio"], e["attained"]) for e in tightest(entries)] == [
        (1, 1.0, True),
        (2, 0.7, False),
    ]
    assert tightness_texts(entries) == [
        "line 1: 1 (attained)",
        "line 2: 0.7, → 0.998 as gamma → 1",
    ]
    assert tightness_texts(entries[:1]) == ["0.3"]
    assert limit_text({**LIMIT, "parameter": "c"}) == "→ 0.998 along c, in [0.99, 1.003]"
    assert limit_text(LIMIT) == "→ 0.998 as gamma → 1, in [0.99, 1.003]"


def test_hypotheses_are_counted_by_status():
    assert hypotheses_text(hypotheses(None)) == "1 needed, 1 idle, 1 undecided"
    assert hypotheses_text([{"status": "idle"}, {"status": "odd"}]) == "1 idle, 1 odd"


def test_open_mutants_come_first_and_are_counted():
    shown = mutants_view(MUTANTS)
    assert mutants_text(shown) == "3/7, 1 open"
    assert [(m["fate"], m["open"]) for m in shown["list"]] == [
        ("survived", True),
        ("sharper", False),
        ("killed", False),
    ]
    assert shown["counts"] == {f: MUTANTS[f] for f in shown["counts"]} and len(shown["counts"]) == 5


def test_stillborn_mutants_count_for_nothing_and_repairs_are_findings():
    one = {"fate": "repair", "decision": None, "change": "", "line": 1, "counterexample": None}
    record = {"killed": 4, "repair": 1, "stillborn": 7, "open": 1, "list": [one]}
    shown = mutants_view(record)
    assert (mutants_text(shown), shown["counts"]["stillborn"]) == ("4/5, 1 open", 7)
    assert shown["list"][0]["open"]


def test_a_long_path_is_shown_by_its_ends_and_some_between():
    assert thinned(list(range(24))) == [0, 3, 7, 10, 13, 16, 20, 23]
    assert thinned([1, 2]) == [1, 2]


def test_a_run_without_a_mutant_is_an_alarm_and_one_that_did_not_look_is_a_dash():
    none_ran = mutants_view({"killed": 0, "open": 0, "list": []})
    assert (none_ran["alarm"], mutants_text(none_ran)) == ("no mutant ran", "none ran")
    assert mutants_text(mutants_view(None)) == "–"


def test_a_record_of_an_older_run_has_dashes():
    shown = claim_view({"evidence": [], "verdict": "supported"})
    texts = (shown["tightness_texts"], shown["hypotheses_text"], shown["mutants_text"])
    assert texts == (["–"], "–", "–")
    assert (shown["histogram"], shown["certificates"], shown["slack"]) == (None, [], "–")


def test_a_certificate_is_shown_in_short():
    shown = certificate_view(CERTIFICATE)
    assert ("coefficients", "10368") in shown["facts"]
    assert ("shape", "S 2, A 1") in shown["facts"]
    assert "cases" not in dict(shown["facts"])
    [(name, heading, rows)] = shown["tables"]
    assert (name, heading[-1], rows[1]) == ("cases", "largest", ["--", "2592", "1/8", "1"])
    long = certificate_view({"entries": list(range(5000)), "note": "x" * 5000, "deep": [[1], [2]]})
    assert len(str(long)) < 600
    assert ("entries", "5,000 values") in long["facts"]
    assert certificate_view([1, 2])["facts"] == [("entries", "(1, 2)")]
