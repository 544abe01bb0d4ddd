"""Whether two claims have the same sides: a certificate that also sees max, abs and roots.

Both claims are traced on one tape, whose nodes are evaluated at a random point of a prime field.
What is no ring arithmetic there (abs, max, sqrt, log, ...) is a free function: equal arguments give
equal random values, max and min are symmetric, abs is even. Sides that agree under such a reading
are equal in every number system; sides that differ under it may still be equal. Both sides of an
inequality may also have been multiplied by one factor: whether it is positive, and the inequality
so the same, is for the engines to try.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import PRIME_FIELD, Array, using
from theorylab.claims import Claim, evaluate
from theorylab.engines.budget import BUDGETS
from theorylab.engines.certificate import random_prime
from theorylab.engines.judging import generator, visited
from theorylab.errors import HypothesisFailed, TheorylabError, Undefined, Unsupported
from theorylab.givens import Sizes, build_instance
from theorylab.points import GenericSource
from theorylab.relations import Link
from theorylab.tape import TAPES, Tape, recording

WORLDS = [(1, 2), (2, 1), (2, 2), (2, 3)]
SYMMETRIC = ("max", "min")


def same_sides(
    claim: Claim, other: Claim, seed: int, worlds: list[tuple[int, int]] = WORLDS
) -> bool | None:
    """Whether both claims have equal sides at generic points; None where they cannot be traced."""
    rng = generator(claim, "equivalence", seed)
    try:
        shapes = visited(claim, BUDGETS["quick"], worlds)
        return all(_same_at(claim, other, sizes, rng) for sizes in shapes)
    except (Unsupported, Undefined, HypothesisFailed, ZeroDivisionError):
        return None


def _same_at(claim: Claim, other: Claim, sizes: Sizes, rng: np.random.Generator) -> bool:
    with recording() as tape, using(TAPES):
        labels = (str(k) for k in range(10**9))
        source = GenericSource(lambda: tape.input(next(labels)), tape.constant(1))
        instance = build_instance(claim.parameters, source, sizes)
        ours = evaluate(claim, instance)[0]
        try:
            theirs = evaluate(other, instance)[0]
        except (Unsupported, Undefined, HypothesisFailed):
            raise
        except TheorylabError:
            return False
    if [link.kind for link in ours] != [link.kind for link in theirs]:
        return False
    value = _Evaluation(tape, rng)
    return all(_same_link(tape, a, b, value) for a, b in zip(ours, theirs, strict=True))


def _same_link(tape: Tape, ours: Link, theirs: Link, value: _Evaluation) -> bool:
    if np.shape(ours.lhs) != np.shape(theirs.lhs):
        return False
    sides = [_values(tape, side, value) for k in (ours, theirs) for side in (k.lhs, k.rhs)]
    same = all(a == c and b == d for a, b, c, d in zip(*sides, strict=True))
    return same or (ours.kind == "at_most" and all(map(_one_factor, *sides)))


def _one_factor(a: Any, b: Any, c: Any, d: Any) -> bool:
    """Whether (c, d) is a multiple of (a, b), and not zero where that is not."""
    return bool(a * d == b * c) and ((c != 0 or d != 0) or (a == 0 and b == 0))


def _values(tape: Tape, side: Any, value: _Evaluation) -> list[Any]:
    """The entries of a side at the random point."""
    return [value(tape.node(entry).number) for entry in np.ravel(_boxed(side))]


def _boxed(side: Any) -> Array:
    if isinstance(side, np.ndarray):
        return side
    out = np.empty((), dtype=object)
    out[()] = side
    return out


class _Evaluation:
    """The nodes of a tape at a random point of a prime field, functions read as free ones."""

    def __init__(self, tape: Tape, rng: np.random.Generator):
        self.tape, self.rng = tape, rng
        self.prime = random_prime(rng)
        self.values: list[Any] = []
        self._free: dict[tuple[Any, ...], Any] = {}
        self._solutions: dict[int, Array] = {}

    def __call__(self, number: int) -> Any:
        """The value of a node; nodes stand after those they depend on."""
        while len(self.values) <= number:
            self.values.append(self._value(*self.tape.operations[len(self.values)]))
        return self.values[number]

    def _value(self, name: str, *operands: Any) -> Any:
        if name == "input":
            return self._random()
        if name == "constant":
            top, bottom = operands[0].numerator, operands[0].denominator
            return self._element(top) / self._element(bottom)
        if name == "solve":
            return self._solution(*operands)
        x, *rest = (self.values[k] for k in operands)
        if name in ("+", "-", "*", "/"):
            return _ring(name, x, rest[0])
        return self._function(name, x, *rest)

    def _function(self, name: str, *arguments: Any) -> Any:
        key = [int(a) for a in arguments]
        if name == "abs":
            key = [min(key[0], self.prime - key[0])]
        if name in SYMMETRIC:
            key.sort()
        return self._free.setdefault((name, *key), self._random())

    def _solution(self, system: int, row: int) -> Any:
        if system not in self._solutions:
            found = self.tape.systems[system]
            rows = [[self.values[k] for k in numbers] for numbers in found.matrix]
            right = [self.values[k] for k in found.right]
            matrix, column = np.array(rows, dtype=object), np.array(right, dtype=object)
            self._solutions[system] = PRIME_FIELD.solve(matrix, column)
        return self._solutions[system][row]

    def _element(self, value: int) -> flint.nmod:
        return flint.nmod(value, self.prime)

    def _random(self) -> flint.nmod:
        return self._element(int(self.rng.integers(self.prime)))


def _ring(name: str, x: Any, y: Any) -> Any:
    if name == "+":
        return x + y
    if name == "-":
        return x - y
    return x * y if name == "*" else x / y
