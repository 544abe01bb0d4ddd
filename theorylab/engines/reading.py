"""Reading a tape on a region: every node as a quotient of polynomials in the region's coordinates.

abs, max, min and ratio are *choices*: decided where the sign of the difference of their arguments
is known on the whole region; else *open*: a new variable, of which only lower bounds are known.

    |x| = max(x, -x),   min(x, y) = -max(-x, -y),   f = max(x, y):  f >= x, f >= y
    f = ratio(x, y), y >= 0:  f y = x at every instance that is not void (0/0 = 0 included)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from theorylab.engines.quotients import NotPositive, Quotient, Quotients, common
from theorylab.errors import Unsupported
from theorylab.regions import Region
from theorylab.tape import Tape, cramer

CHOICES = ("abs", "max", "min", "ratio")


@dataclass(frozen=True)
class Bound:
    """A lower bound of an open choice f: f * times >= value, with times >= 0 a polynomial."""

    value: Quotient
    times: Any


@dataclass
class Choice:
    """A value of abs, max, min or ratio: its arguments and what is known of it.

    `decision` is "first", "second", "divide", "zero" or "open"; an open one has the number of its
    variable, lower bounds, branches (it equals one of them, or none where empty), and whether it
    is known to be >= 0. `difference` is what would have to have a sign.
    """

    kind: str
    arguments: tuple[Quotient, ...]
    decision: str
    value: Quotient
    difference: Any = None
    variable: int = -1
    bounds: tuple[Bound, ...] = ()
    branches: tuple[Quotient, ...] = ()
    nonnegative: bool = False


class Reader(Quotients):
    """The nodes of a tape on a region, and the choices met on the way."""

    def __init__(self, tape: Tape, region: Region, limit: int):
        super().__init__(region, limit, sum(op[0] in CHOICES for op in tape.operations))
        self.tape = tape
        self.choices: list[Choice] = []
        self.opened = 0
        self._solutions: dict[int, list[Quotient]] = {}
        self._values: list[Quotient] = []
        for number in range(len(tape.operations)):
            self._values.append(self._read(number))

    def value(self, node: Any) -> Quotient:
        """The quotient of a node, or of an exact constant."""
        return self._values[self.tape.node(node).number]

    def _read(self, number: int) -> Quotient:
        name, *args = self.tape.operations[number]
        if name == "input":
            return Quotient(self.linear(*self.region.forms[int(args[0][1:])]))
        if name == "constant":
            return Quotient(self.constant(args[0]))
        if name == "solve":
            return self._solution(*args)
        values = [self._values[k] for k in args]
        operations = {"+": self.add, "-": self.subtract, "*": self.multiply, "/": self.divide}
        if name in operations:
            return operations[name](*values)
        if name in CHOICES:
            return self._choose(name, *values)
        raise Unsupported(f"{name} is not algebraic: no polynomial form")

    def _solution(self, system: int, row: int) -> Quotient:
        if system not in self._solutions:
            self._solutions[system] = self._solved(system)
        return self._solutions[system][row]

    def _solved(self, number: int) -> list[Quotient]:
        """Cramer's rule over cleared rows."""
        system, rows, right = self.tape.systems[number], [], []
        for numbers, constant in zip(system.matrix, system.right, strict=True):
            entries = [self._values[k] for k in (*numbers, constant)]
            powers = common(*entries)
            *row, last = [self.lift(e, powers) for e in entries]
            rows.append(row)
            right.append(last)
        determinant, numerators = cramer(rows, right)
        whole = Quotient(determinant)
        return [self.divide(Quotient(n), whole) for n in numerators]

    def _choose(self, kind: str, *arguments: Quotient) -> Quotient:
        for choice in self.choices:
            if choice.kind == kind and all(map(self._same, choice.arguments, arguments)):
                return choice.value
        made = self._ratio(*arguments) if kind == "ratio" else self._extreme(kind, *arguments)
        self.choices.append(made)
        return made.value

    def _same(self, x: Quotient, y: Quotient) -> bool:
        return bool(x.powers == y.powers and x.numerator == y.numerator)

    def _extreme(self, kind: str, x: Quotient, y: Quotient | None = None) -> Choice:
        """abs, max or min: the first argument, the second, or open."""
        second = self.negated(x) if y is None else y
        arguments = (x,) if y is None else (x, second)
        difference = x.numerator if y is None else self.subtract(x, second).numerator
        sign = self.sign(difference)
        if sign is not None:
            larger, smaller = (x, second) if sign >= 0 else (second, x)
            value = smaller if kind == "min" else larger
            return Choice(kind, arguments, "first" if value is x else "second", value)
        lower = kind == "min"
        branches = tuple(self.negated(b) if lower else b for b in (x, second))
        variable, known = self._fresh(), kind == "abs" or self._known(branches)
        value = Quotient(-variable if lower else variable)
        bounds = tuple(bound for b in branches for bound in self._bounds_of(b))
        return Choice(
            kind, arguments, "open", value, difference, self.opened - 1, bounds, branches, known
        )

    def _known(self, branches: tuple[Quotient, ...]) -> bool:
        """Whether a maximum is known to be >= 0: one of its branches is."""
        for branch in branches:
            owner = self.owner(branch)
            if owner.nonnegative if owner else self.sign(branch.numerator) in (0, 1):
                return True
        return False

    def _fresh(self) -> Any:
        self.opened += 1
        return self.variables[self.width + self.opened - 1]

    def _bounds_of(self, branch: Quotient) -> tuple[Bound, ...]:
        """A branch bounds the maximum; a branch that is itself open passes its bounds on."""
        owner = self.owner(branch)
        return owner.bounds if owner else (Bound(branch, self.constant(1)),)

    def owner(self, x: Quotient) -> Choice | None:
        """The open choice whose variable a quotient is, if it is just that."""
        if x.powers:
            return None
        for choice in self.choices:
            own = choice.decision == "open" and self.variables[self.width + choice.variable]
            if own is not False and x.numerator == own:
                return choice
        return None

    def _ratio(self, x: Quotient, y: Quotient) -> Choice:
        """x / y, with 0/0 = 0 and void at x/0: there the instance does not count."""
        if x.numerator == 0:
            return Choice("ratio", (x, y), "zero", x)
        if y.numerator == 0:
            raise Unsupported("a ratio x/0: the bound is void everywhere")
        if self.is_plain(y.numerator) and self.positive(y.numerator):
            return Choice("ratio", (x, y), "divide", self.divide(x, y))
        if self.sign(y.numerator) != 1:
            raise NotPositive("a ratio's denominator may be negative")
        # f y = x with y = n / d gives f n = x d, a polynomial multiplier
        value = self.multiply(x, Quotient(self.lift(Quotient(self.constant(1)), dict(y.powers))))
        known = self.sign(x.numerator) in (0, 1)
        variable = Quotient(self._fresh())
        return Choice(
            "ratio", (x, y), "open", variable, None, self.opened - 1,
            (Bound(value, y.numerator),), (), known,
        )  # fmt: skip
