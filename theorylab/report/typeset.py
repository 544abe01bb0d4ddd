r"""Which formulas of a claim TeX may have: those that it can only set, and that do not stop it.

A claim's text is untrusted and TeX is a programming language, so a formula passes only when it is
made of listed commands with the arguments that they need, and plain signs:

    list      item ...
    item      { list }   sign   symbol   function argument ...   '   ^ argument   _ argument
              \left delimiter list \right delimiter
    argument  { list }   sign   symbol
"""

from __future__ import annotations

import re

from theorylab.report import maths

_SYMBOLS = r"""
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi
    rho varrho sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma
    Upsilon Phi Psi Omega ell infty partial nabla emptyset hbar top perp prime
    le leq ge geq ne neq lt gt approx sim simeq equiv propto ll gg in notin subset subseteq cup cap
    lesssim gtrsim cdot cdots dots ldots times pm mp circ star ast otimes oplus setminus mid
    parallel to mapsto rightarrow Rightarrow leftarrow iff implies forall exists neg land lor wedge
    vee sum prod int max min sup inf lim log ln exp arg det Pr quad qquad
    """
_FUNCTIONS = r"""
    hat bar tilde vec dot widehat widetilde overline underline sqrt
    mathbb mathcal mathrm mathbf mathit
    """
_BIG = "big Big bigl bigr Bigl Bigr"
_FENCES = "lVert rVert lvert rvert Vert vert langle rangle lfloor rfloor lceil rceil"
SYMBOLS = frozenset(
    {f"\\{name}" for name in (_SYMBOLS + _FENCES).split()} | {f"\\{c}" for c in "|{},;:! "}
)
ARGUMENTS = {
    **{f"\\{name}": 1 for name in _FUNCTIONS.split()},
    **dict.fromkeys((r"\frac", r"\tfrac", r"\dfrac", r"\binom"), 2),
}
BIG = frozenset(rf"\{name}" for name in _BIG.split())
DELIMITERS = frozenset([*"()[]|./<>", r"\|", r"\{", r"\}"]) | {
    rf"\{name}" for name in _FENCES.split()
}
_SIGNS = frozenset("+-*/=<>()[]|.,;:!?")
_TOKEN = re.compile(r"\\text\{[A-Za-z0-9 ,.()-]*\}|\\[A-Za-z]+|\\.|\S", re.DOTALL)
DEPTH_LIMIT = 40


class _Refused(ValueError):
    """A formula that is not on the grammar above."""


def typesettable(text: str) -> str | None:
    r"""The formula as TeX may have it, or None where any part of it is not known as harmless.

    >>> print(typesettable(r"\pi \le V_{max}"))
    \pi \le V_{\text{max}}
    >>> [typesettable(t) for t in (r"\input{x}", r"\frac{1}", "x^^5c", "x % y")]
    [None, None, None, None]
    """
    latex = maths.plain_latex(text.strip()).replace("~", r"\sim ")
    tokens = _TOKEN.findall(latex)
    if not tokens or len(latex) > maths.LENGTH_LIMIT:
        return None
    try:
        if _list(tokens, 0, 0) != len(tokens):
            return None
        maths.mathml(latex)  # which sees two scripts at one place
    except (_Refused, maths.NotMaths):
        return None
    return latex


def _list(tokens: list[str], at: int, depth: int) -> int:
    """Read items up to the end, a `}` or a `\\right`; returns where that is."""
    if depth > DEPTH_LIMIT:
        raise _Refused
    scripts, before = "", ""
    while at < len(tokens) and tokens[at] not in ("}", r"\right"):
        token = tokens[at]
        scripts = _scripts(scripts, before, token)
        at, before = at + 1 if token == "'" else _item(tokens, at, depth), token
    return at


def _scripts(known: str, before: str, token: str) -> str:
    """The scripts that a base has so far; a second one at one place stops TeX.

    A prime is a superscript, to which only another prime or `^` right after it may add.
    """
    place = "^" if token == "'" else token
    if place not in ("^", "_"):
        return ""
    if place in known and not (place == "^" and before == "'"):
        raise _Refused
    return known + place


def _item(tokens: list[str], at: int, depth: int) -> int:
    token = tokens[at]
    if token in ("^", "_"):
        return _argument(tokens, at + 1, depth)
    if token == r"\left":
        return _fenced(tokens, at + 1, depth)
    if token in BIG:
        return _one_of(DELIMITERS, tokens, at + 1)
    if token not in ARGUMENTS:
        return _argument(tokens, at, depth)
    if tokens[at : at + 2] == [r"\sqrt", "["]:  # an optional argument, which may not end
        raise _Refused
    at += 1
    for _ in range(ARGUMENTS[token]):
        at = _argument(tokens, at, depth)
    return at


def _argument(tokens: list[str], at: int, depth: int) -> int:
    """A group, a sign or a symbol; returns where it ends."""
    if at < len(tokens) and tokens[at] == "{":
        end = _list(tokens, at + 1, depth + 1)
        return _one_of(frozenset("}"), tokens, end)
    if at < len(tokens) and (_is_letter(tokens[at]) or tokens[at].startswith(r"\text{")):
        return at + 1
    return _one_of(SYMBOLS | _SIGNS, tokens, at)


def _fenced(tokens: list[str], at: int, depth: int) -> int:
    end = _list(tokens, _one_of(DELIMITERS, tokens, at), depth + 1)
    return _one_of(DELIMITERS, tokens, _one_of(frozenset([r"\right"]), tokens, end))


def _one_of(allowed: frozenset[str], tokens: list[str], at: int) -> int:
    if at >= len(tokens) or tokens[at] not in allowed:
        raise _Refused
    return at + 1


def _is_letter(token: str) -> bool:
    return len(token) == 1 and token.isascii() and token.isalnum()
