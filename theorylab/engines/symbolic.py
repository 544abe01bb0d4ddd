"""The symbolic engine: an identity proved for the smallest shapes by expanding polynomials.

The claim is traced with its free entries as variables; lhs - rhs is read as numerator over a
product of determinants, and the numerator is expanded over Q. If it is the zero polynomial, the
identity is proved for every instance of the shape at which its denominators do not vanish.
"""

from __future__ import annotations

from typing import Any

import flint

from theorylab.claims import Claim
from theorylab.engines.budget import Budget
from theorylab.engines.certificate import equalities, gaps, only_equalities, trace
from theorylab.engines.judging import break_generic, generator, rigorous, visited
from theorylab.errors import HypothesisFailed, TheorylabError, Undefined, Unsupported
from theorylab.givens import Sizes
from theorylab.relations import Link
from theorylab.tape import RationalForm, Tape, cramer, is_zero
from theorylab.verdicts import Evidence, Outcome, shape_text

WORLDS = [(1, 1), (1, 2), (2, 1), (2, 2)]


class TooLarge(TheorylabError):
    """A polynomial that would have more terms than the budget allows."""


class Polynomial:
    """A flint polynomial that refuses to grow beyond `limit` terms."""

    __slots__ = ("limit", "value")

    def __init__(self, value: Any, limit: int):
        self.value, self.limit = value, limit

    def _make(self, value: Any) -> Polynomial:
        return Polynomial(value, self.limit)

    def __add__(self, other: Any) -> Polynomial:
        return self._make(self.value + getattr(other, "value", other))

    def __sub__(self, other: Any) -> Polynomial:
        return self._make(self.value - getattr(other, "value", other))

    def __rsub__(self, other: Any) -> Polynomial:
        return self._make(other - self.value)

    def __mul__(self, other: Any) -> Polynomial:
        factor = getattr(other, "value", other)
        if isinstance(other, Polynomial) and len(self.value) * len(factor) > 50 * self.limit:
            raise TooLarge("its polynomials")
        product = self.value * factor
        if len(product) > self.limit:
            raise TooLarge("its polynomials")
        return self._make(product)

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return bool(self.value == getattr(other, "value", other))

    __hash__ = None  # type: ignore[assignment]


def symbolic(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Prove the claim's equalities for the smallest shapes."""
    proved: list[Sizes] = []
    stopped, whole = "", True
    for sizes in visited(claim, budget, WORLDS):
        try:
            tape, links = trace(claim, sizes)
            false = _false_links(tape, links, budget.terms)
        except (Unsupported, HypothesisFailed, Undefined) as error:
            return Evidence("symbolic", None, str(error), seed=seed)
        except TooLarge:
            stopped = f", {shape_text(sizes)} has too many terms"
            continue
        if false:
            return _refuted(claim, sizes, false, budget, seed)
        whole = whole and only_equalities(links)
        proved.append(sizes)
    if not proved:
        return Evidence("symbolic", None, f"no shape is small enough{stopped}", seed=seed)
    shown = ", ".join(shape_text(s) for s in proved)
    note = f"{'' if whole else 'the equalities are '}proved for {shown}{stopped}"
    outcome = Outcome.PROVED if whole else Outcome.SUPPORTED
    return Evidence("symbolic", outcome, note, kept=len(proved), shapes=tuple(proved), seed=seed)


def _false_links(tape: Tape, links: tuple[Link, ...], limit: int) -> list[int]:
    form = _form(tape, limit)
    return [
        k for k in equalities(links) if not all(is_zero(form, node) for node in gaps((links[k],)))
    ]


def _form(tape: Tape, limit: int) -> RationalForm:
    labels = [op[1] for op in tape.operations if op[0] == "input"]
    context = flint.fmpq_mpoly_ctx.get(labels or ["x0"], "degrevlex")
    variables = dict(zip(labels, context.gens(), strict=False))
    return RationalForm(
        tape,
        leaf=lambda label: Polynomial(variables[label], limit),
        constant=lambda value: Polynomial(context.constant(value), limit),
        cramer=cramer,
    )


def _refuted(claim: Claim, sizes: Sizes, false: list[int], budget: Budget, seed: int) -> Evidence:
    rng, decide = generator(claim, "symbolic", seed), rigorous(budget)
    found = [break_generic(claim, sizes, link, rng, decide) for link in false]
    broken = tuple(c for c in found if c is not None)
    missing = (sizes,) if len(broken) < len(false) else ()
    outcome = Outcome.CONFLICT if missing else Outcome.REFUTED
    note = "not an identity of rational functions"
    return Evidence("symbolic", outcome, note, broken=broken, suspected=missing, seed=seed)
