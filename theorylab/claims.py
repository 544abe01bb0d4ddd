"""Claims: plain functions whose signature is "for any ..." and whose body is the formula.

    lamps = Paper("lamps", statements={"Lemma A.1": "simulation lemma", ...})

    @lamps.claim("Lemma A.1", "simulation lemma")
    def simulation(M: MDP, M_hat: Model, pi: Policy): ...

A claim of one's own needs no paper: `@claim("my lemma")`, or just the function in
`theorylab.verify(function)`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from types import FunctionType
from typing import Any

from theorylab import lint
from theorylab.errors import ClaimError, ModelError, TheorylabError, Undefined, Unsupported
from theorylab.givens import Instance, Parameter, parameters_of
from theorylab.relations import Hypotheses, Link, Relation, every, hypotheses
from theorylab.remembering import remembering


@dataclass(frozen=True)
class Claim:
    """A statement that can be judged.

    `label` is the source's own ("Lemma A.1"), `reading` is "printed", "corrected" or the name of a
    reading; `corrects` names the claim whose printed form this one corrects, `because` says why.
    `dropped` are the assumptions that are not made, when one asks whether they are needed.
    `decided` maps changes (globs on "change", "function: change" or "claim/function: change") to
    the reason why such a mutant may stand although it was not broken: "registered as NAME: ..."
    where a claim of its own covers it, else why it is left.
    """

    function: FunctionType
    paper: str
    label: str
    title: str = ""
    reading: str = "printed"
    corrects: str | None = None
    because: str = ""
    decided: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    parameters: tuple[Parameter, ...] = field(default=(), repr=False)
    dropped: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.__name__

    @property
    def id(self) -> str:
        """paper.name, the same on every machine."""
        return f"{self.paper}.{self.name}"

    @property
    def statement(self) -> str:
        """The statement in LaTeX and words: the function's docstring."""
        return inspect.getdoc(self.function) or ""

    @cached_property
    def source(self) -> str:
        """The source text of the function."""
        return lint.source_of(self.function)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what the claim says, whatever its layout, comments and docstring."""
        return lint.statement_hash(self.function)

    def __call__(self, *args: Any, **kwargs: Any) -> Relation:
        """The relation at given objects, as the function returns it."""
        out = self.function(*args, **kwargs)
        if isinstance(out, tuple) and all(isinstance(r, Relation) for r in out):
            out = every(*out)
        if not isinstance(out, Relation):
            raise ClaimError(
                f"{self.id} returned {type(out).__name__}, expected a relation:"
                " equal(lhs, rhs), at_most(lhs, rhs) or chain(...)"
            )
        if not out.links:
            raise ClaimError(f"{self.id} returned a chain without a link: add .equal or .at_most")
        return out


def make_claim(function: Callable[..., Any], paper: str, label: str, **metadata: Any) -> Claim:
    """A claim from a function, linted, with its signature read; raises ClaimError."""
    if not isinstance(function, FunctionType):
        raise ClaimError(f"{function!r} is not a plain function (def ...), which a claim is")
    parameters = parameters_of(function)
    integers = frozenset(p.name for p in parameters if p.is_integer)
    lint.check(function, f"{paper}.{function.__name__}", integers)
    return Claim(function, paper, label, parameters=parameters, **metadata)


def claim(label: str, title: str = "", **metadata: Any) -> Callable[[Callable[..., Any]], Claim]:
    """Decorator for a claim of one's own; its paper is the name of its file."""

    def decorate(function: Callable[..., Any]) -> Claim:
        return make_claim(function, _file_stem(function), label, title=title, **metadata)

    return decorate


def _file_stem(function: Callable[..., Any]) -> str:
    stem = Path(function.__code__.co_filename).stem
    return stem if stem.isidentifier() else "notebook"


@dataclass(frozen=True)
class Paper:
    """A paper: the list of all its numbered statements, and waivers for those without a claim.

    `statements` maps the paper's labels to short titles; `waived` maps a label to the reason why
    no claim stands for it; `decided` holds decisions on mutants for all its claims (see `Claim`).
    """

    name: str
    title: str = ""
    statements: Mapping[str, str] = field(default_factory=dict)
    waived: Mapping[str, str] = field(default_factory=dict)
    decided: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)

    def __post_init__(self) -> None:
        for label, reason in self.waived.items():
            if label not in self.statements:
                raise ClaimError(f"{self.name} waives {label!r}, which is not in its statements")
            if not reason.strip():
                raise ClaimError(f"{self.name} waives {label!r} without a reason")

    def claim(
        self, label: str, title: str = "", *, corrects: str | None = None, **metadata: Any
    ) -> Callable[[Callable[..., Any]], Claim]:
        """Decorator: the function is a claim of this paper under the paper's own label."""
        if self.statements and label not in self.statements:
            near = get_close_matches(label, self.statements, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ClaimError(f"{self.name} has no statement {label!r}.{hint}")
        if corrects is not None:
            metadata.setdefault("reading", "corrected")
        title = title or self.statements.get(label, "")
        metadata["decided"] = {**metadata.get("decided", {}), **self.decided}

        def decorate(function: Callable[..., Any]) -> Claim:
            return make_claim(
                function, self.name, label, title=title, corrects=corrects, **metadata
            )

        return decorate

    def unaccounted(self, claims: list[Claim]) -> list[str]:
        """Labels that have neither a claim nor a waiver, in the paper's order."""
        known = {c.label for c in claims if c.paper == self.name} | set(self.waived)
        return [label for label in self.statements if label not in known]


def evaluate(
    claim: Claim, instance: Instance, *, defer: bool = False
) -> tuple[tuple[Link, ...], Hypotheses]:
    """The claim's links at one instance, in the instance's own number system.

    With `defer` the hypotheses are not decided but handed over as links (`Hypotheses.deferred`).
    Raises HypothesisFailed (not counted), Undefined (0/0), Unsupported (an operation the number
    system lacks) or ClaimError (the claim itself is at fault).
    """
    with hypotheses(claim.dropped, defer=defer) as record, remembering():
        try:
            return claim(**instance).links, record
        except ZeroDivisionError:
            raise Undefined("a division by zero") from None
        except TheorylabError as error:
            raise _named(error, claim) from None
        except Exception as error:
            raise _translated(error, claim) from error


def _named(error: TheorylabError, claim: Claim) -> TheorylabError:
    if isinstance(error, ModelError):  # a world that the claim makes does not exist here
        return Undefined(str(error))
    if isinstance(error, ClaimError) and not str(error).startswith(claim.id):
        return ClaimError(f"{claim.id}: {error}")
    return error


def _translated(error: Exception, claim: Claim) -> TheorylabError:
    text = f"{type(error).__name__}: {error}"
    if "ordered" in str(error):
        return Unsupported(f"{claim.id} compares numbers: {error}")
    if isinstance(error, TypeError) and "float" in str(error):
        return ClaimError(
            f"{claim.id} {_line(error)}: a float met an exact number ({error}). Write x / 3, not"
            " x * (1/3); for a table of ones or zeros use integers"
        )
    return ClaimError(f"{claim.id} {_line(error)}: {text}")


def _line(error: Exception) -> str:
    """`line 12` of the innermost frame outside theorylab, as a reader of the claim needs it."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if "theorylab" not in str(trace.tb_frame.f_globals.get("__name__", "")).split("."):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"line {line}"
