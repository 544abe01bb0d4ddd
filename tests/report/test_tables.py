"""Markdown and LaTeX tables: the page's numbers, nothing of a claim as markup or as a command."""

import re
import shutil
import subprocess
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt

from tests.report.samples import CODE, enriched, everywhere, full_record, refuted, run
from theorylab.cli import main
from theorylab.errors import ParseError
from theorylab.report.maths import tidy
from theorylab.report.sheets import sheets
from theorylab.report.store import write_json
from theorylab.report.tables import latex, latex_maths, latex_text, markdown, markdown_text
from theorylab.report.tables import markdown_maths as maths
from theorylab.report.typeset import ARGUMENTS, BIG, SYMBOLS, typesettable
from theorylab.report.view import view

TEX = r"\input{/etc/passwd} \write18{rm} $ % # & _ ^ ~ { } ^^5c \end{longtable} \\[1cm] \catcode`\@"
MARKDOWN = (
    "<script>x</script> [a](http://b) ![i](j) | *b* `c` $d$ https://e www.f.org & #1 \\| <k@l.m>"
)


def tokens(text):
    """Every token of a Markdown text, as GitHub's tables are read."""
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    found = parser.parse(text)
    return found + [child for token in found for child in token.children or ()]


def table(record, title):
    return next(sheet for sheet in sheets(view(record)) if sheet.title.startswith(title))


# ---- what the tables say -------------------------------------------------------------------------


def test_statements_have_every_column():
    sheet = table(enriched(full_record()), "Statements of mine: On lemmas")
    first = dict(zip((c.heading for c in sheet.columns), sheet.rows[0], strict=True))
    assert first == {
        "Statement": "Lemma 1 [printed]",
        "Verdict": "supported",
        "Evidence": "exact: 360 instances not refuted",
        "Worst slack": "0",
        "Tightness": "line 1: 1 (attained); line 2: 0.5, → 0.998 as gamma → 1",
        "Mutants killed": "3/7, 1 open",
        "Hypotheses": "1 needed, 1 idle, 1 undecided",
    }


def test_errata_go_from_print_to_correction():
    [row] = table(full_record(), "Errata: false as printed").rows
    assert row[0] == "Lemma 1 [printed]"
    assert row[2] == "S=2 A=1, line 2: left = 5/7, right = -11/13, claimed left ≤ right"
    assert row[4] == "supported"
    other = table(full_record(), "Errata: false in another reading").rows
    assert [r[3:] for r in other] == [("–", "–")]


def test_a_second_correction_does_not_repeat_the_print():
    record = full_record()
    record["claims"].append({**record["claims"][3], "id": "mine.other_way", "verdict": "proved"})
    first, second = table(record, "Errata: false as printed").rows
    assert first[1] != "–" and first[4] == "supported"
    assert second[:3] == ("Lemma 1 [printed]", "–", "–") and second[4] == "proved"


def test_the_tightness_table_has_each_line():
    rows = table(enriched(full_record()), "Tightness").rows
    assert [row[1] for row in rows] == ["1", "2 (Hoelder)", "1", "1", "1", "2 (Hoelder)"]
    assert rows[0][2:6] == ("1 (attained)", "S=2 A=1", "3/4", "3/4")
    assert rows[1][6] == "→ 0.998 as gamma → 1, in [0.99, 1.003]"


def test_a_run_without_the_new_keys_has_no_tightness_table():
    assert not [s for s in sheets(view(full_record())) if s.title.startswith("Tightness")]
    assert sheets(view({})) == []
    assert "0 claims: none judged" in markdown({})


# ---- Markdown ------------------------------------------------------------------------------------


def cells(text):
    """The texts of all cells of a Markdown text's tables, as a reader sees them."""
    found = tokens(text)
    inside = [b for a, b in pairwise(found) if a.type in ("td_open", "th_open")]
    return ["".join(part.content for part in cell.children) for cell in inside]


def expected(record):
    """The same from the sheets; None where a formula may be written in another way."""
    for sheet in sheets(view(record)):
        yield from (column.heading for column in sheet.columns)
        for row in sheet.rows:
            for column, text in zip(sheet.columns, row, strict=True):
                yield None if column.kind == "maths" else " ".join(tidy(text).split())


@pytest.mark.parametrize("record", [enriched(full_record()), *everywhere(MARKDOWN)])
def test_markdown_cells_read_as_the_sheets_say(record):
    wanted = list(expected(record))
    found = cells(markdown(record))
    assert len(found) == len(wanted) > 60
    assert [(f, w) for f, w in zip(found, wanted, strict=True) if w is not None and f != w] == []


@pytest.mark.parametrize("which", [0, 1])
def test_no_text_becomes_markdown_markup(which):
    text = markdown(everywhere(MARKDOWN)[which])
    kinds = {t.type for t in tokens(text)}
    assert not kinds & {"html_inline", "html_block", "link_open", "image", "em_open", "code_block"}
    assert not re.search(r"<|(?<!\\)://|www\.f", text)


def test_markdown_text_reads_as_it_was_written():
    [paragraph] = [t for t in tokens(markdown_text(MARKDOWN)) if t.type == "inline"]
    assert "".join(t.content for t in paragraph.children) == MARKDOWN


def test_formulas_in_markdown_have_no_bar_and_keep_their_source():
    assert maths(r"with \|V\| \le |x|, say") == (
        r"with $`\Vert V\Vert  \le \vert x\vert`$, say".replace(r"\vert`", r"\vert `")
    )
    assert maths(r"\href{http://x}{y}") == r"\\href{http\://x}{y}"


# ---- LaTeX ---------------------------------------------------------------------------------------

COMMANDS_OF_THE_FORM = set(
    re.findall(
        r"\\[A-Za-z]+",
        r"""\documentclass \usepackage \newcolumntype \raggedright \raggedleft \arraybackslash
        \linewidth \setlength \tabcolsep \parindent \begin \end \footnotesize \section \subsection
        \toprule \midrule \bottomrule \endhead \endfoot \textbackslash \textasciicircum \textless
        \textasciitilde \textgreater \textbar \textquotedbl \textasciigrave \ldots \text""",
    )
)


def checked(text):
    """Brace depth, environments, cells and commands of a LaTeX document; asserts that they fit."""
    depth, opened = 0, []
    for sign in re.findall(r"\\.|[{}]", text):
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    for step, name in re.findall(r"(?<!\\)\\(begin|end)\{(\w+)\}", text):
        assert step == "begin" or opened.pop() == name
        opened += [name] if step == "begin" else []
    assert opened == []
    used = set(re.findall(r"\\[A-Za-z]+", text.replace("\\\\", "")))
    assert used <= COMMANDS_OF_THE_FORM | set(ARGUMENTS) | BIG | SYMBOLS | {r"\left", r"\right"}
    for body in re.findall(r"(\\begin\{longtable\}.*?)\\end\{longtable\}", text, re.S):
        width = len(re.findall(r"[LR]\{0\.\d+\}", body.split("\n")[0]))
        rows = [line for line in body.split("\n") if line.endswith(r"\\")]
        assert [len(re.findall(r"(?<!\\)&", row)) for row in rows] == [width - 1] * len(rows)
        shares = [float(x) for x in re.findall(r"[LR]\{(0\.\d+)\}", body.split("\n")[0])]
        assert 0.9 < sum(shares) < 1
    assert all(line.count("$") % 2 == 0 for line in text.replace(r"\$", "").split("\n"))
    return text


def test_latex_is_whole():
    text = checked(latex(enriched(full_record())))
    assert text.count(r"\begin{longtable}") == 5
    assert r"$J(\pi) \le \frac{1}{1-\gamma}$" in text


@pytest.mark.parametrize("which", [0, 1])
def test_no_text_becomes_a_latex_command(which):
    text = checked(latex(everywhere(TEX)[which]))
    assert r"\input" not in text and r"\write" not in text and "^^" not in text
    assert text.count(r"\textbackslash{}input") > 20


def test_latex_text_sets_each_sign():
    assert latex_text("Hölder 50% ≤ −1 “x” 日") == r"Hölder 50\% $\le$ $-$1 ``x'' [U+65E5]"
    assert latex_maths(r"H\"older: \gamma_x") == r"Hölder: $\gamma_x$"
    assert checked(latex(run(refuted("x", label="[1cm]", title="*", code=CODE)))).count("{}[1cm]")


@pytest.mark.parametrize(
    "formula",
    [
        r"V^{\hat\pi}_{\hat M} \le \frac{\gamma}{1-\gamma} \|V\|_\infty",
        r"\left\| V' \right\|'",
        r"x'^2",
        r"E_{s'\sim M(s,a)} [x] = ...",
        r"\frac12 \text{if } s \in S",
    ],
)
def test_formulas_are_typeset(formula):
    assert typesettable(formula) is not None


@pytest.mark.parametrize(
    "formula",
    [
        *(r"\input{x}", r"\def\a{x}", r"\write18{x}", r"\csname x\endcsname", r"\end{document}"),
        *("x^^5c", "x % y", "x & y", "x $ y", "#1", r"x \\ y", "x\\", "`", "é", ""),
        *("{x", "x}", r"\left( x", r"x \right)", r"\left( { \right) }", r"\left x \right)"),
        *("x^", "x_", "x^a^b", "x_a_b", "x^2'", "x'_b^c", "x_a'_b", "^'"),
        *(
            r"\frac{1}",
            r"\binom",
            r"\hat",
            r"\hat\hat x",
            r"V^\hat\pi",
            r"\sqrt[3",
            r"\sqrt[a]{b}",
            r"\big x",
        ),
        *(r"\text{a_b}", r"\text{a$b}", r"\text{\input{x}}", r"\text", "{" * 60 + "}" * 60),
    ],
)
def test_what_could_stop_or_command_tex_is_not(formula):
    assert typesettable(formula) is None
    assert "$" not in latex_maths(formula).replace(r"\$", "")


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs pdflatex")
@pytest.mark.parametrize("poison", [None, TEX])
def test_pdflatex_compiles_it(poison, tmp_path):
    record = enriched(full_record()) if poison is None else everywhere(poison)[1]
    (tmp_path / "report.tex").write_text(latex(record), encoding="utf-8")
    command = ["pdflatex", "-no-shell-escape", "-halt-on-error", "report.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:].decode("utf-8", "replace")


# ---- the command ---------------------------------------------------------------------------------


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_json(tmp_path / "results" / "verdicts.json", enriched(full_record()))
    return tmp_path / "results"


@pytest.mark.parametrize(
    ("form", "file", "start"),
    [
        ("html", "report.html", "<!DOCTYPE html>"),
        ("markdown", "report.md", "# Which statements hold"),
        ("latex", "report.tex", r"\documentclass"),
    ],
)
def test_the_command_writes_each_form(form, file, start, results, capsys):
    assert main(["report", "--format", form]) == 0
    assert capsys.readouterr().out.strip() == f"results/{file}"
    text = (results / file).read_text(encoding="utf-8")
    assert text.lstrip().startswith(start)
    assert main(["report", "--format", form]) == 0
    assert (results / file).read_text(encoding="utf-8") == text


def test_the_command_prints_the_tables(results, capsys):
    assert main(["report", "--format", "terminal"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "# Statements of mine: On lemmas"
    assert lines[1].split("\t")[:2] == ["Statement", "Verdict"]
    assert "Lemma 1 [printed]\trefuted" in "\n".join(lines)


@pytest.mark.parametrize("terminal", [True, False])
def test_no_text_becomes_terminal_markup(terminal, results, capsys, monkeypatch):
    odd = "[red]x[/red]\x1b]0;title\x07\x9b2J\u202e\n\tr"
    write_json(results / "verdicts.json", everywhere(odd)[0])
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("COLUMNS", "250")
    assert main(["report", "--format", "terminal"]) == 0
    out = capsys.readouterr().out
    assert "[red]x[/red]" in out
    assert not {"\x07", "\x9b", "\u202e"} & set(out)
    assert "\x1b]" not in out
    if not terminal:
        widths = [line.count("\t") for line in out.splitlines() if line and line[0] != "#"]
        assert set(widths) <= {2, 4, 6, 7}


def test_an_unknown_form_is_one_line(results, capsys):
    assert main(["report", "--format", "word"]) == 2
    err = capsys.readouterr().err
    assert "format 'word'" in err and "html, markdown, latex, terminal" in err
    assert err.count("\n") == 1


def test_a_record_that_does_not_read_as_a_run_is_named():
    with pytest.raises(ParseError, match=r"does not read as a run .*TypeError"):
        view({"claims": [{"evidence": 3}]})
