r"""LaTeX and words to HTML: formulas as MathML, words as words, anything else as it is written.

    The same, with \hat\pi outside \Pi   ->   <p>The same, with <math>...</math> outside ...</p>

A claim's text is untrusted. No markup of it gets through: the elements that latex2mathml builds are
walked, only those of presentation MathML that draw something are written, and all text is escaped.
"""

from __future__ import annotations

import html
import re
import unicodedata
from xml.etree.ElementTree import Element

from markupsafe import Markup, escape

from theorylab.report.terminal import clean

LENGTH_LIMIT = 4000
INLINE_LIMIT = 50
"""A formula with more signs than this stands on lines of its own."""

TAGS = frozenset(
    [
        "mrow",
        "mi",
        "mo",
        "mn",
        "mtext",
        "mspace",
        "mfrac",
        "msqrt",
        "mroot",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
        "mstyle",
    ]
)
ATTRIBUTES = frozenset(
    [
        "accent",
        "accentunder",
        "columnalign",
        "columnspacing",
        "displaystyle",
        "fence",
        "form",
        "largeop",
        "linethickness",
        "lspace",
        "mathvariant",
        "maxsize",
        "minsize",
        "movablelimits",
        "rowspacing",
        "rspace",
        "scriptlevel",
        "separator",
        "stretchy",
        "symmetric",
        "width",
    ]
)
_VALUE = re.compile(r"[\w.%+ -]{0,40}", re.ASCII)
_MACROS = re.compile(r"\\(?:re)?(?:newcommand|def|let)")
_WORD = re.compile(r"""["“(\['‘]*[^\W\d_]{2,}(?:['’-][^\W\d_]+)*[)\]"”'’.,;:!?]*""")
_NEUTRAL = re.compile(r"""(?:[A-Z]\.\d|[\s\d()\[\]"'“”‘’.,;:!?–—-])*|\s*a\s*""")
_BREAK = re.compile(r"(.*[^.])([;:]\s*|,\s*\n\s*)", re.DOTALL)
_SUBSCRIPT = re.compile(r"([_^])\{([A-Za-z]{2,})\}")


class NotMaths(ValueError):
    """Text that does not parse as a formula, or asks for more than one."""


def tidy(text: str) -> str:
    r"""Text with each kind of blank as a space, no control characters, and `\"o` as ö."""
    text = clean(re.sub(r"[^\S\n\t]", " ", text))
    text = re.sub(r'\\"([A-Za-z])', lambda m: _umlaut(m[1]), text)
    return text.replace('\\"', '"')


def _umlaut(letter: str) -> str:
    return unicodedata.normalize("NFC", letter + "\u0308")


# ---- one formula ---------------------------------------------------------------------------------


def mathml(latex: str, *, display: bool = False) -> Markup:
    """One formula as MathML.

    Raises: NotMaths when it does not parse, is too long, defines macros, or becomes an element or
    an attribute that is not on the list.
    """
    if len(latex) > LENGTH_LIMIT or _MACROS.search(latex):
        raise NotMaths("too long, or it defines macros")
    source = plain_latex(latex)
    try:
        inside = "".join(_written(child) for child in _elements(source, display))
    except NotMaths:
        raise
    except Exception as error:  # latex2mathml raises IndexError, KeyError and classes of its own
        raise NotMaths(f"{type(error).__name__}: {error}") from None
    style = Markup(' displaystyle="true"') if display else ""
    return Markup('<math{} alttext="{}">{}</math>').format(
        style, " ".join(latex.split()), Markup(inside)
    )


def plain_latex(latex: str) -> str:
    r"""LaTeX as it is meant: a subscript of several letters is a word, `...` are dots.

    >>> print(plain_latex("V_{max} = ... + 1"))
    V_{\text{max}} = \dots  + 1
    """
    return _SUBSCRIPT.sub(r"\1{\\text{\2}}", latex.replace("...", r"\dots "))


def _elements(source: str, display: bool) -> list[Element]:
    from latex2mathml.converter import Converter

    math = Converter(display="block" if display else "inline").convert_to_element(source)
    for bar in (e for e in math.iter("mo") if _text(e) == "|"):
        bar.attrib.update(lspace="0.1em", rspace="0.1em")
    row = list(math[0])
    for outer in (row[:1], row[-1:]):
        for element in outer:
            if element.tag == "mo" and _text(element) in set("=+−<>≤≥≲"):
                element.set("form", "infix")
    return list(math)


def _written(element: Element) -> str:
    if element.tag not in TAGS:
        raise NotMaths(f"element {element.tag}")
    for name, value in element.attrib.items():
        if name not in ATTRIBUTES or not _VALUE.fullmatch(value):
            raise NotMaths(f"attribute {name}")
    text = _text(element)
    if re.search(r"[\\&]", text) and element.tag != "mtext":
        raise NotMaths(f"command {text}")
    tag = "mo" if text == "∼" else element.tag
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.items())
    return (
        f"<{tag}{attributes}>{escape(text)}{''.join(_written(child) for child in element)}</{tag}>"
    )


def _text(element: Element) -> str:
    text = tidy(html.unescape(element.text or ""))
    return "∼" if text == "~" and element.tag == "mi" else text


# ---- words and formulas --------------------------------------------------------------------------


def runs(text: str) -> list[tuple[bool, str]]:
    r"""The text cut into words (True) and formulas (False), blanks kept.

    A word has two letters or more and stands outside braces; numbers and punctuation between words
    belong to them.

    >>> runs(r"Lemma 3.1 gives \gamma V,  as (4) says")
    [(True, 'Lemma 3.1 gives '), (False, '\\gamma V'), (True, ',  as (4) says')]
    """
    pieces: list[tuple[bool, str]] = []
    depth = 0
    for token in re.findall(r"\S+\s*|\s+", text):
        is_word = depth == 0 and _WORD.fullmatch(token.rstrip()) is not None
        depth += len(re.findall(r"(?<!\\)\{", token)) - len(re.findall(r"(?<!\\)\}", token))
        depth = max(0, depth)
        mark = _BREAK.fullmatch(token) if depth == 0 and not is_word else None
        pieces += [(is_word, token)] if mark is None else [(False, mark[1]), (True, mark[2])]
    return _merged(_without_marks(_with_neutral(_merged(pieces))))


def _merged(pieces: list[tuple[bool, str]]) -> list[tuple[bool, str]]:
    merged: list[tuple[bool, str]] = []
    for is_word, piece in pieces:
        if merged and merged[-1][0] == is_word:
            merged[-1] = (is_word, merged[-1][1] + piece)
        elif piece:
            merged.append((is_word, piece))
    return merged


def _with_neutral(pieces: list[tuple[bool, str]]) -> list[tuple[bool, str]]:
    """Numbers, punctuation and the article between words are words."""
    some = any(is_word for is_word, _ in pieces)
    return [(w or (some and _NEUTRAL.fullmatch(piece) is not None), piece) for w, piece in pieces]


def _without_marks(pieces: list[tuple[bool, str]]) -> list[tuple[bool, str]]:
    """A comma or full stop after a formula belongs to the sentence."""
    found: list[tuple[bool, str]] = []
    for is_word, piece in pieces:
        mark = None if is_word else re.fullmatch(r"(.*?)((?<!\.)[.,;:]?\s*)", piece, re.DOTALL)
        found += [(is_word, piece)] if mark is None else [(False, mark[1]), (True, mark[2])]
    return found


def statement(text: str) -> Markup:
    """A claim's statement: paragraphs, and formulas on lines of their own where they are long."""
    pieces = runs(tidy(text).strip())
    alone = not any(is_word and piece.strip(" \n.,;:") for is_word, piece in pieces)
    parts: list[Markup] = []
    line = Markup("")
    for is_word, piece in pieces:
        if is_word and not line and not piece.strip(" \n.,;:"):
            continue
        if not is_word and (alone or "\n" in piece or _signs(piece) > INLINE_LIMIT):
            parts += [*_paragraph(line), _rows(piece)]
            line = Markup("")
        else:
            line += escape(piece) if is_word else formula(piece)
    return Markup("\n").join([*parts, *_paragraph(line)])


def shapes(text: str) -> Markup:
    """Escaped text in which the sizes of a shape, `S=2 A=1`, stay on one line.

    >>> shapes("up to S=2 A=1, <1>")
    Markup('up to <span class="shape">S=2 A=1</span>, &lt;1&gt;')
    """
    parts = re.split(r"((?<![\w|])\|?\w+\|?=\d+(?: \|?\w+\|?=\d+)+)", tidy(text))
    span = Markup('<span class="shape">{}</span>')
    return Markup("").join(span.format(p) if k % 2 else escape(p) for k, p in enumerate(parts))


def _signs(latex: str) -> int:
    """How many signs a formula shows, about."""
    return len(re.sub(r"\\[A-Za-z]+", "x", re.sub(r"[\s{}_^]", "", latex)))


def _paragraph(line: Markup) -> list[Markup]:
    words = Markup(re.sub(r"^[,;:.]\s+", "", line.strip()))
    return [Markup("<p>{}</p>").format(words)] if words else []


def _rows(text: str) -> Markup:
    """A displayed formula, broken where the text breaks its lines outside braces."""
    rows: list[str] = []
    for line in text.splitlines():
        whole = not rows or rows[-1].count("{") == rows[-1].count("}")
        rows = [*rows, line] if whole else [*rows[:-1], f"{rows[-1]} {line}"]
    shown = (Markup("<div>{}</div>").format(formula(row, display=True)) for row in rows)
    return Markup('<div class="formula">{}</div>').format(Markup("").join(shown))


def formula(text: str, *, display: bool = False) -> Markup:
    """A formula as MathML, or as it is written when that fails; blanks around it are kept."""
    latex = text.strip()
    if not latex:
        return escape(text)
    try:
        shown = mathml(latex, display=display)
    except NotMaths:
        shown = Markup('<code class="latex">{}</code>').format(latex)
    before, after = text[: text.index(latex)], text[text.index(latex) + len(latex) :]
    return escape(before) + shown + escape(after)


def sentence(text: str) -> Markup:
    """Words with formulas where there is a backslash; plain `E_nu f >= 0` stays as it is."""
    parts = [
        formula(piece) if not is_word and "\\" in piece else escape(piece)
        for is_word, piece in runs(tidy(text))
    ]
    return Markup("").join(parts)
