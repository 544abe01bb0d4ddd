"""Claims and papers: when a statement is another one, and what a paper must account for."""

import flint
import numpy as np
import pytest

from theorylab import MDP, Number, Paper, Policy, at_most, claim, equal
from theorylab.arithmetic import log
from theorylab.claims import Claim, evaluate, make_claim
from theorylab.errors import ClaimError, Undefined, Unsupported

PAPER = Paper(
    "demo",
    title="A demonstration",
    statements={"Lemma 1": "first", "Lemma 2": "second", "Theorem 3": "third"},
    waived={"Theorem 3": "it needs a machine that we do not have"},
)


@PAPER.claim("Lemma 1")
def printed(x: Number(0, 1)):
    r"""x \le x^2"""
    return at_most(x, x * x)


@PAPER.claim("Lemma 1", corrects="printed", because="the square of a fraction is smaller")
def corrected(x: Number(0, 1)):
    r"""x^2 \le x"""
    return at_most(x * x, x)


def test_a_claim_knows_its_place() -> None:
    """Id, label, title, reading and statement are those of the paper."""
    assert (printed.id, printed.label, printed.reading) == ("demo.printed", "Lemma 1", "printed")
    assert printed.title == "first" and printed.statement == r"x \le x^2"
    assert (corrected.reading, corrected.corrects) == ("corrected", "printed")
    assert "smaller" in corrected.because and "def printed" in printed.source


def test_a_label_that_the_paper_does_not_have_is_refused_with_the_nearest() -> None:
    """A typing error in a label does not make a new statement."""
    with pytest.raises(ClaimError, match=r"demo has no statement 'Lemma  2'.*'Lemma 2'"):
        PAPER.claim("Lemma  2")


def test_a_paper_accounts_for_every_statement() -> None:
    """A label without claim and without waiver is missing; a waiver has a label and a reason."""
    assert PAPER.unaccounted([printed, corrected]) == ["Lemma 2"]
    for waived in ({"Lemma 9": "why not"}, {"Lemma 2": " "}):
        with pytest.raises(ClaimError, match="waives"):
            Paper("demo", statements={"Lemma 2": ""}, waived=waived)


def made(text: str, tmp_path, name: str = "f", head: str = "") -> Claim:
    """A claim from the text of a file."""
    import importlib.util

    imports = "from theorylab import *\nfrom theorylab.notation import *\n"
    file = tmp_path / f"m{abs(hash(text + head))}.py"
    file.write_text(imports + head + text)
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return make_claim(getattr(module, name), "mine", name)


BASE = "def f(M: MDP, pi: Policy):\n    return equal(J(M, pi), helper(M, pi))\n"
HELPER = "def helper(M, pi):\n    return E(M.start, V(M, pi))\n\n"
SAME = {
    "a docstring": (BASE.replace("\n    ret", '\n    """J."""\n    ret'), HELPER),
    "comments and spaces": (BASE.replace(":\n", ":  # so\n"), HELPER.replace("(M, ", "( M,  ")),
    "a line break": (BASE.replace("J(M, pi), ", "J(M, pi),\n        "), HELPER),
    "a docstring of the helper": (BASE, HELPER.replace("\n    ret", '\n    """EV."""\n    ret')),
    "another claim beside it": (BASE + BASE.replace("def f", "def g"), HELPER),
}  # fmt: skip
OTHER = {
    "a factor": (BASE.replace("equal(J", "equal(2 * J"), HELPER),
    "a relation": (BASE.replace("equal", "at_most"), HELPER),
    "a type": (BASE.replace("M: MDP", "M: RewardMDP"), HELPER),
    "a name of a parameter": (BASE.replace("pi", "rho"), HELPER),
    "the helper": (BASE, HELPER.replace("E(M", "2 * E(M")),
}


@pytest.mark.parametrize("change", SAME)
def test_layout_is_not_part_of_the_statement(tmp_path, change: str) -> None:
    """The hash does not see comments, docstrings or line breaks."""
    base = made(HELPER + BASE, tmp_path)
    changed = made(SAME[change][1] + SAME[change][0], tmp_path)
    assert changed.hash == base.hash and len(base.hash) == 64


@pytest.mark.parametrize("change", OTHER)
def test_what_the_claim_says_is_its_hash(tmp_path, change: str) -> None:
    """A changed formula, signature or helper is another statement."""
    changed = made(OTHER[change][1] + OTHER[change][0], tmp_path)
    assert changed.hash != made(HELPER + BASE, tmp_path).hash


def test_a_constant_of_the_file_is_part_of_the_statement(tmp_path) -> None:
    """Two claims that differ in a number above them do not say the same."""
    text = "def f(M: MDP):\n    return at_most(M.gamma, LIMIT * M.gamma)\n"
    one, two = (made(text, tmp_path, head=f"LIMIT = {k}\n") for k in (1, 2))
    assert one.hash != two.hash


@claim("no relation")
def no_relation(x: Number(0, 1)):
    return x


@claim("a tuple")
def pair(x: Number(0, 1)):
    return equal(x, x), at_most(x, 1)


@claim("a division")
def division(x: Number(0, 1)):
    return equal(x / x, 1)


@claim("a logarithm")
def logarithm(x: Number(0, 1)):
    return at_most(log(1 + x), x)


@claim("a wrong axis")
def wrong_axis(M: MDP, pi: Policy):
    return equal((M.P @ M.payoff).sum(), M.gamma)


@claim("a bug")
def bug(x: Number(0, 1)):
    return equal(x, x[0])


HALF = {"x": flint.fmpq(1, 2)}


def test_evaluation_translates_what_goes_wrong() -> None:
    """No relation and bugs are ClaimErrors with the claim's id and line; 0/0 is undefined."""
    with pytest.raises(ClaimError, match=r"no_relation returned fmpq, expected a relation"):
        evaluate(no_relation, HALF)
    with pytest.raises(Undefined, match="division by zero"):
        evaluate(division, {"x": flint.fmpq(0)})
    with pytest.raises(Unsupported, match="log"):
        evaluate(logarithm, HALF)
    line = bug.function.__code__.co_firstlineno + 2
    with pytest.raises(ClaimError, match=rf"bug line {line}: TypeError"):
        evaluate(bug, HALF)


def test_a_tuple_of_relations_is_all_of_them() -> None:
    """Several relations may be returned side by side."""
    links, _ = evaluate(pair, HALF)
    assert [link.kind for link in links] == ["equal", "at_most"]


def test_an_instance_is_not_changed_by_its_claim() -> None:
    """A claim that writes into its arguments fails instead of changing them for the next engine."""

    def writes(M: MDP, pi: Policy):
        M.payoff[0, 0] = 7
        return equal(M.gamma, M.gamma)

    M = MDP(P=[[[1]]], payoff=[[0]], gamma=0, start=[1])
    with pytest.raises(ClaimError, match="read-only"):
        evaluate(make_claim(writes, "mine", "writes"), {"M": M, "pi": Policy([[1]])})
    assert M.payoff[0, 0] == 0 and not np.any(M.payoff)
