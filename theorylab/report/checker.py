"""The text of a checker that stands alone: a claim's own formula, and what it needs to be run.

    check.py = the claim and its helpers, as they stand in the paper's file
             + what the words of the claim mean, the check, and what it prints
             + the domain that the claim's signature names
    tables.py, relations.py, worlds.py and, where they are used, reals.py and infinity.py

Definitions of theorylab.report.standalone are chosen by the names, attributes and operators that
the text uses, to a fixed point. A name that has no standalone form is `Unsupported`, never left
out.
"""

from __future__ import annotations

import ast
import typing
from typing import Any

from theorylab import givens
from theorylab.claims import Claim
from theorylab.givens import Integer, Number, Parameter, Several
from theorylab.linear_givens import LINEAR_GIVENS
from theorylab.report.definitions import CHECK, Needed, needed
from theorylab.report.formula import Formula, place_of, standalone_name
from theorylab.worlds.linear_quadratic import LinearModel, LinearQuadratic
from theorylab.worlds.mdp import MDP, Model

READERS = {
    givens.StateDistribution: 'distribution("S")',
    givens.StateActionDistribution: 'distribution("S", "A")',
    givens.StateFunction: 'function("S")',
    givens.StateActionFunction: 'function("S", "A")',
}
HEAD = '''"""Checks the {kind} in {kind}.json. Run it with: python3 -I -S check.py

The instance is read and must lie in the domain of the statement; both sides of every line are
recomputed by elementary exact methods, with Python's standard library alone, and printed.
Exit status 0: {meaning}; 1: the file is rejected, and why.
Read here the statement (`formula`), what its words mean, and how the instance is judged. The files
beside this one compute with tables of exact numbers:
{beside}.
Written by theorylab export; see statement.md.
"""
'''
PATH = """sys.dont_write_bytecode = True  # nothing is left behind in this folder
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
"""
DATA = """DOMAIN = {{
{domain}
}}
ABOUT = {{
{about}
}}"""
END = """if __name__ == "__main__":
    sys.exit(main(CLAIM, DOMAIN, ABOUT))
"""
MEANINGS = {
    "counterexample": "the relation fails as stated",
    "instance": "no line fails at this instance",
}


def reader(claim: Claim, parameter: Parameter) -> str:
    """How an object of the claim is read, as an expression: `world(MDP)`, `integer(1, 3, 'n')`."""
    return _reader(claim, parameter, parameter.says)


def _reader(claim: Claim, parameter: Parameter, says: Any) -> str:
    if isinstance(says, Integer):
        return f'integer({says.low}, {says.high}, "{parameter.size}")'
    if isinstance(says, Number):
        most = None if says.high is None else str(says.high)
        return f"number({str(says.low)!r}, {most!r}, {says.below_high})"
    if isinstance(says, Several):
        return f"several({_reader(claim, parameter, says.kind)}, {says.most})"
    if typing.get_origin(says) is tuple:
        parts = [_reader(claim, parameter, kind) for kind in typing.get_args(says)]
        return f"group({', '.join(parts)})"
    if says in READERS:
        return READERS[says]
    name = standalone_name(says)
    Formula(claim).require(name is not None, f"{parameter.name}: {place_of(says)}")
    if says in LINEAR_GIVENS:
        like = f', like="{_first_system(claim)}"' if says is LinearModel else ""
        return f"linear({name}{like})"
    if says is not Model:
        return f"world({name})"
    return f'world({name}, like="{_first_mdp(claim)}")'


def _first_mdp(claim: Claim) -> str:
    """The MDP whose payoff, discount and start every Model of the claim has."""
    kinds = ((p.name, p.says) for p in claim.parameters)
    return next(n for n, says in kinds if isinstance(says, type) and issubclass(says, MDP))


def _first_system(claim: Claim) -> str:
    """The linear system whose costs and start every LinearModel of the claim has."""
    return next(p.name for p in claim.parameters if p.says is LinearQuadratic)


def checker_files(claim: Claim, kind: str) -> dict[str, str]:
    """check.py for a "counterexample" or an "instance", and the files beside it, by their names.

    Raises Unsupported, naming what has no standalone form.
    """
    formula = Formula.of(claim)
    own = [formula.text(), _data(claim, kind), f"CLAIM = formula({formula.words()})"]
    need = needed("\n\n".join([PATH, *own, END]))
    beside = need.beside()
    check = _check(kind, own, need, ", ".join(beside))
    try:
        ast.parse(check, feature_version=(3, 9))
    except SyntaxError as error:
        formula.require(False, f"syntax newer than Python 3.9 ({error.msg})")
    return {"check.py": check, **beside}


def _check(kind: str, own: list[str], need: Needed, beside: str) -> str:
    """The statement first, then what its words mean, then how an instance is judged."""
    library, others = need.check_imports()
    head = HEAD.format(kind=kind, meaning=MEANINGS[kind], beside=beside)
    top = "\n".join([head, library, "", PATH, others])
    statement, data, words = own
    meaning, checking = (need.of(file) for file in CHECK)
    return "\n\n\n".join([top, statement, data, *meaning, words, *checking, END])


def _data(claim: Claim, kind: str) -> str:
    """The objects of the claim, and what a file must say to be one for this statement."""
    domain = (f'    "{p.name}": {reader(claim, p)},' for p in claim.parameters)
    about = (f'    "{key}": {text!a},' for key, text in _about(claim, kind).items())
    return DATA.format(domain="\n".join(domain), about="\n".join(about))


def _about(claim: Claim, kind: str) -> dict[str, str]:
    """What a file must say to be one for this statement."""
    return {
        "kind": kind,
        "claim": claim.id,
        "label": claim.label,
        "reading": claim.reading,
        "statement_hash": claim.hash,
    }
