"""Relations: what a claim returns.

    equal(lhs, rhs)         at_most(lhs, rhs)         at_least(lhs, rhs)
    chain(first).equal(next, "why").at_most(...)    a proof, line by line
    every(relation, relation, ...)                  all of them
    assume(relation, "name")                        a hypothesis that is not solved for

A relation is a tuple of `Link`s, each between two neighbouring lines. `compare` decides a link in
the number system of its sides: exactly, rigorously in balls (or not at all), or lane by lane.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import flint
import numpy as np

from theorylab.arithmetic import (
    FLOATS,
    PRIME_FIELD,
    RATIONALS,
    Array,
    NumberSystem,
    system_of,
)
from theorylab.balls import BALLS, Ball, gap, is_rational
from theorylab.errors import ClaimError, HypothesisFailed, Undefined, Unsupported
from theorylab.extended import Infinity
from theorylab.germs import GERMS
from theorylab.lanes import LANES, Lanes, stack_like

Kind = Literal["equal", "at_most", "bounded"]
SIGNS = {"equal": "=", "at_most": "<=", "bounded": "= O of"}


@dataclass(frozen=True)
class Link:
    """One step, entry by entry: lhs = rhs, lhs <= rhs, or (along a family) lhs <= C rhs."""

    kind: Kind
    lhs: Any
    rhs: Any
    because: str = ""


@dataclass(frozen=True)
class Relation:
    """Links that must all hold; a chain's links share their lines."""

    links: tuple[Link, ...]


@dataclass(frozen=True)
class Chain(Relation):
    """A proof: `chain(line).equal(line, "why").at_most(line, "why")`."""

    links: tuple[Link, ...] = ()
    last: Any = None

    def equal(self, line: Any, because: str = "") -> Chain:
        """The next line equals the last one."""
        return self._extend("equal", line, because)

    def at_most(self, line: Any, because: str = "") -> Chain:
        """The last line is at most the next one."""
        return self._extend("at_most", line, because)

    def at_least(self, line: Any, because: str = "") -> Chain:
        """The last line is at least the next one."""
        return Chain((*self.links, _link("at_most", line, self.last, because)), line)

    def _extend(self, kind: Kind, line: Any, because: str) -> Chain:
        return Chain((*self.links, _link(kind, self.last, line, because)), line)


def equal(lhs: Any, rhs: Any, because: str = "") -> Relation:
    """lhs = rhs, entry by entry."""
    return Relation((_link("equal", lhs, rhs, because),))


def at_most(lhs: Any, rhs: Any, because: str = "") -> Relation:
    """lhs <= rhs, entry by entry."""
    return Relation((_link("at_most", lhs, rhs, because),))


def at_least(lhs: Any, rhs: Any, because: str = "") -> Relation:
    """lhs >= rhs, entry by entry."""
    return at_most(rhs, lhs, because)


def chain(first: Any) -> Chain:
    """Begin a proof with its first line."""
    return Chain((), first)


def every(*relations: Relation) -> Relation:
    """All of the relations."""
    return Relation(tuple(link for relation in relations for link in relation.links))


def _link(kind: Kind, lhs: Any, rhs: Any, because: str) -> Link:
    _check_side("left", lhs)
    _check_side("right", rhs)
    left, right = np.shape(lhs), np.shape(rhs)
    if left != right:
        raise ClaimError(
            f"left side {_shape(left)}, right side {_shape(right)}."
            " Did an E(...) or a .sum() miss an axis?"
        )
    return Link(kind, lhs, rhs, because)


def _check_side(name: str, side: Any) -> None:
    """A side is a number of a number system or an array of them; anything else is no formula."""
    odd = {bool, np.bool_, float, complex, str, bytes, list, tuple, dict, type(None)}
    entries = side.ravel()[:1] if isinstance(side, np.ndarray) else [side]
    for entry in entries:
        if type(entry) in odd or isinstance(entry, Relation):
            shown = f"{type(entry).__name__} {entry!r}"
            raise ClaimError(
                f"{name} side is a {shown[:60]}, expected a number or an array of numbers of the"
                " claim's own (x / 3, not 1/3; np.stack, not a list)"
            )


def _shape(shape: tuple[int, ...]) -> str:
    return f"has shape {shape}" if shape else "is a number"


# ---- hypotheses --------------------------------------------------------------------------------


@dataclass
class Hypotheses:
    """What a claim assumed while it ran: names met, names dropped, lanes that satisfy them all.

    With `defer` nothing is decided: the hypotheses' links are handed over in `deferred`, for code
    that decides them later.
    """

    dropped: frozenset[str] = frozenset()
    names: list[str] = field(default_factory=list)
    kept: Array | None = None
    defer: bool = False
    deferred: list[Link] = field(default_factory=list)


_HYPOTHESES: ContextVar[Hypotheses | None] = ContextVar("hypotheses", default=None)


@contextmanager
def hypotheses(
    dropped: frozenset[str] = frozenset(), *, defer: bool = False
) -> Iterator[Hypotheses]:
    """Collect the hypotheses of a claim while the block runs it."""
    record = Hypotheses(dropped, defer=defer)
    token = _HYPOTHESES.set(record)
    try:
        yield record
    finally:
        _HYPOTHESES.reset(token)


def assume(relation: Relation, name: str) -> None:
    """A named hypothesis: instances that do not satisfy it are not counted (and are reported)."""
    if not isinstance(relation, Relation):
        raise ClaimError(f"assume({name!r}) got {type(relation).__name__}, expected a relation")
    record = _HYPOTHESES.get() or Hypotheses()
    record.names.append(name)
    if name in record.dropped:
        return
    if record.defer:
        record.deferred.extend(relation.links)
        return
    for link in relation.links:
        decision = compare(link)
        if isinstance(decision.holds, np.ndarray):
            ok = decision.holds
            record.kept = ok if record.kept is None else record.kept & ok
        elif decision.holds is None:
            raise HypothesisFailed(f"hypothesis {name!r} could not be decided")
        elif not decision.holds:
            raise HypothesisFailed(f"hypothesis {name!r} does not hold")


# ---- deciding a link ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """Whether a link holds (None: undecided) and its slack rhs - lhs.

    In lanes `holds` and `slack` are arrays over the instances. For an equality the slack is
    -max |lhs - rhs|. `tied` says that the balls of an equality agree to their last bits, `void`
    that a bound is infinite (it holds, but says nothing). Slacks are floats, for reports: only
    `holds` decides.
    """

    holds: Any
    slack: Any = 0.0
    tied: bool = False
    void: bool = False


def compare(link: Link) -> Decision:
    """Decide a link in the number system of its sides.

    Raises Unsupported where the system has no order (or no exact zero test), Undefined for NaN.
    """
    if link.kind == "bounded":
        raise Unsupported("a bound with a hidden constant is decided along a family, not here")
    system = system_of(link.lhs, link.rhs)
    pairs = list(zip(np.ravel(_object(link.lhs)), np.ravel(_object(link.rhs)), strict=True))
    infinite = [p for p in pairs if isinstance(p[0], Infinity) or isinstance(p[1], Infinity)]
    if not infinite:
        return _decider(system)(link.kind, pairs)
    if any(_breaks_infinitely(link.kind, *pair) for pair in infinite):
        return Decision(False, -np.inf)
    finite = _decider(system)(link.kind, [p for p in pairs if p not in infinite])
    return replace(finite, void=True)


def _breaks_infinitely(kind: Kind, lhs: Any, rhs: Any) -> bool:
    """Infinity is not at most what is finite, nor what is finite at most -infinity; one infinite
    side breaks an equality. An infinite bound says nothing."""
    left, right = (x.sign if isinstance(x, Infinity) else 0 for x in (lhs, rhs))
    return left != right if kind == "equal" else left > right


def _object(side: Any) -> Array:
    if isinstance(side, np.ndarray):
        return side
    out = np.empty((), dtype=object)
    out[()] = side
    return out


def _decider(system: NumberSystem) -> Any:
    deciders = {
        RATIONALS.name: _exact,
        PRIME_FIELD.name: _modular,
        BALLS.name: _rigorous,
        LANES.name: _by_lane,
        GERMS.name: _asymptotic,
        FLOATS.name: _stray_float,
    }
    if system.name not in deciders:
        raise Unsupported(f"{system.name} decides no relation")
    return deciders[system.name]


def _exact(kind: Kind, pairs: list[tuple[Any, Any]]) -> Decision:
    if kind == "equal":
        holds = all(lhs == rhs for lhs, rhs in pairs)
        return Decision(holds, -max((abs(number(lhs - rhs)) for lhs, rhs in pairs), default=0.0))
    holds = all(lhs <= rhs for lhs, rhs in pairs)
    return Decision(holds, min((number(rhs - lhs) for lhs, rhs in pairs), default=0.0))


def _asymptotic(kind: Kind, pairs: list[tuple[Any, Any]]) -> Decision:
    """In germs: whether it holds for all small enough x > 0."""
    return Decision(all(lhs == rhs if kind == "equal" else lhs <= rhs for lhs, rhs in pairs))


def number(x: Any) -> float:
    """The nearest float of an exact number or a ball, for reports."""
    try:
        if isinstance(x, Ball):
            return float(x.arb.mid())
        return int(x.p) / int(x.q) if isinstance(x, flint.fmpq) else float(x)
    except OverflowError:
        return np.inf if x > 0 else -np.inf


def _modular(kind: Kind, pairs: list[tuple[Any, Any]]) -> Decision:
    if kind != "equal":
        raise Unsupported("at_most: a prime field has no order; exact, ball and sweep remain")
    return Decision(all(lhs == rhs for lhs, rhs in pairs))


def _rigorous(kind: Kind, pairs: list[tuple[Any, Any]]) -> Decision:
    if not all(isinstance(side, Ball) or is_rational(side) for pair in pairs for side in pair):
        return _stray_float(kind, pairs)  # a float after a ball: 1 / 2 of integers, say
    gaps = [gap(lhs, rhs) for lhs, rhs in pairs]
    if any(isinstance(g, flint.arb) and (g.is_nan() or not g.is_finite()) for g in gaps):
        raise Undefined("a side is not a number")
    middles = [_middle(g) for g in gaps]
    slack = min(middles, default=0.0)
    if kind == "equal":
        slack = -max(map(abs, middles), default=0.0)
    broken = any(g != 0 if kind == "equal" else g < 0 for g in gaps)
    open_gaps = [g for g in gaps if not (g == 0 if kind == "equal" else g >= 0)]
    tied = kind == "equal" and all(_last_bits(g) for g in open_gaps)
    return Decision(False if broken else None if open_gaps else True, slack, tied)


def _middle(gap: Any) -> float:
    return number(Ball(gap) if isinstance(gap, flint.arb) else gap)


def _last_bits(gap: Any) -> bool:
    return isinstance(gap, flint.arb) and float(gap.rad()) < 2.0 ** -(flint.ctx.prec // 2)


def _by_lane(kind: Kind, pairs: list[tuple[Any, Any]]) -> Decision:
    if not any(isinstance(side, Lanes) for pair in pairs for side in pair):
        return _exact(kind, pairs)  # constants: the same in every instance
    left = stack_like(_column([p[0] for p in pairs]), _column([s for p in pairs for s in p]))
    right = stack_like(_column([p[1] for p in pairs]), _column([s for p in pairs for s in p]))
    with np.errstate(invalid="ignore"):
        gap = right - left
    slack = -np.abs(gap).max(-1) if kind == "equal" else gap.min(-1)
    sizes = np.maximum(_largest(left), _largest(right))
    return Decision(slack >= -1e-9 * (1 + sizes), slack / (_unit(sizes) + sizes))


TINY = 1e-6
"""Sides that are smaller in all of a batch are measured by the largest of them, not by 1."""


def _unit(sizes: Array) -> float:
    top = float(sizes.max(initial=0.0))
    return top if 0 < top < TINY else 1.0


def _largest(side: Array) -> Array:
    return np.asarray(np.where(np.isfinite(side), np.abs(side), 0).max(-1))


def _column(entries: list[Any]) -> Array:
    out = np.empty(len(entries), dtype=object)
    out[:] = entries
    return out


def _stray_float(kind: Kind, pairs: list[tuple[Any, Any]]) -> Decision:
    raise ClaimError(
        "a side is a Python float: a claim computes with the number system it is given."
        " Write x / 3 instead of x * (1/3) and sqrt(x) instead of x ** 0.5"
    )
