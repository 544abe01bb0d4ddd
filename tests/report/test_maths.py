"""LaTeX and words: formulas become MathML, words stay words, what does not parse is shown."""

import re
from xml.etree import ElementTree

import pytest

from theorylab.report.maths import NotMaths, mathml, runs, sentence, statement


def words(text):
    return [piece.strip() for is_word, piece in runs(text) if is_word and piece.strip()]


def formulas(text):
    return [piece.strip() for is_word, piece in runs(text) if not is_word]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"J(\pi) = E_{s \sim \omega} V(s)", [r"J(\pi) = E_{s \sim \omega} V(s)"]),
        (r"with (4) made tight and \Pi all policies", [r"\Pi"]),
        (r"outside \Pi: (4) says nothing", [r"\Pi"]),
        (r"as Appendix A.3 says, \nu may vanish while the expert's does not", [r"\nu"]),
        (r"\sum_s D(s) = 1 and D(s) \ge 0.", [r"\sum_s D(s) = 1", r"D(s) \ge 0"]),
        (r"\epsilon_{po}," + "\n" + r"C = \sup_s d(s)", [r"\epsilon_{po}", r"C = \sup_s d(s)"]),
        (r"E_{s in S} [x] = ... = 1", [r"E_{s in S} [x] = ... = 1"]),
        ("The model is a class", []),
        ("C", ["C"]),
        ("", []),
    ],
)
def test_formulas_are_found_among_words(text, found):
    assert formulas(text) == found


def test_nothing_of_the_text_is_lost():
    text = "The same, with  \\hat\\pi outside\n\\Pi; \\{ (4) } says a, b."
    assert "".join(piece for _, piece in runs(text)) == text


def test_mathml_is_well_formed_and_keeps_the_latex_as_its_text():
    shown = mathml(r"\frac{\gamma}{1-\gamma} < \|V_{max}\|_\infty", display=True)
    math = ElementTree.fromstring(str(shown))
    assert math.attrib["alttext"] == r"\frac{\gamma}{1-\gamma} < \|V_{max}\|_\infty"
    assert "".join(math.itertext()) == "γ1−γ<‖Vmax‖∞"
    assert math.find(".//mtext").text == "max"


@pytest.mark.parametrize(
    "latex",
    [
        "",
        "{",
        "x^",
        r"\left( x",
        r"\nosuchcommand",
        "a & b",
        r"\phantom{x}",
        r"\href{#}{x}",
        r"\style{color:red}{x}",
        r"\class{v}{x}",
        r"\newcommand{\a}{x} \a",
        r"\def\a{x} \a",
        "x" * 5000,
        "{" * 2000 + "}" * 2000,
    ],
)
def test_what_is_no_plain_formula_is_refused(latex):
    with pytest.raises(NotMaths):
        mathml(latex)


def test_what_does_not_parse_is_shown_as_it_is_written():
    assert statement(r"\left( x < 1") == (
        '<div class="formula"><div><code class="latex">\\left( x &lt; 1</code></div></div>'
    )


def test_long_formulas_stand_alone_and_break_where_the_text_does():
    shown = statement("J \\le \nV\n+ E_{s\n\\sim D} Q,\nwhere D is a law")
    rows = re.findall("<div>(.*?)</div>", shown)
    assert len(rows) == 3
    assert 'form="infix">+' in rows[2]
    assert shown.endswith('where <math alttext="D"><mrow><mi>D</mi></mrow></math> is a law</p>')


def test_accents_and_quotes_of_latex_are_read():
    assert statement('H\\"older "inequality\\"') == "<p>Hölder &#34;inequality&#34;</p>"


def test_a_reason_has_formulas_only_where_there_is_a_backslash():
    assert sentence("E_D f <= C E_nu f, and V - Q") == "E_D f &lt;= C E_nu f, and V - Q"
    assert sentence(r"it is (1-\gamma) V.").count("<math") == 1
    assert words(r"it is (1-\gamma) V.") == ["it is", "."]
