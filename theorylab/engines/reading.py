"""Reading a tape on a region: every node as a quotient of polynomials in the region's coordinates.

Denominators are kept as powers of irreducible factors, each proved positive on the region by its
Bernstein coefficients, so that common factors cancel and degrees stay low. abs, max, min and ratio
are *choices*: decided where the sign of the difference of their arguments is known on the whole
region; else *open*: a new variable, of which only lower bounds are known.

    |x| = max(x, -x),   min(x, y) = -max(-x, -y),   f = max(x, y):  f >= x, f >= y
    f = ratio(x, y), y >= 0:  f y = x at every instance that is not void (0/0 = 0 included)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from theorylab import bernstein
from theorylab.errors import TheorylabError, Undefined, Unsupported
from theorylab.regions import Region
from theorylab.tape import Tape, cramer

CHOICES = ("abs", "max", "min", "ratio")


class TooLarge(TheorylabError):
    """A polynomial with more terms or coefficients than the budget allows."""


class NotPositive(TheorylabError):
    """A denominator whose Bernstein coefficients do not show its sign on the region."""


@dataclass(frozen=True)
class Quotient:
    """numerator / product of factors ** power; factors are numbers of the reader's table."""

    numerator: Any
    powers: tuple[tuple[int, int], ...] = ()


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


@dataclass
class Reader:
    """Reads the nodes of a tape on a region; raises TooLarge beyond `limit` terms."""

    tape: Tape
    region: Region
    limit: int
    factors: list[Any] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    opened: int = 0
    _values: list[Quotient] = field(default_factory=list)
    _solutions: dict[int, list[Quotient]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [f"y{b}_{k}" for b, n in enumerate(self.region.sizes) for k in range(n - 1)]
        self.width = len(names)
        opens = sum(op[0] in CHOICES for op in self.tape.operations)
        names += [f"f{k}" for k in range(opens)]
        self.ring = flint.fmpq_mpoly_ctx.get(names or ["y"], "degrevlex")
        self.variables = self.ring.gens()
        self.labels = self._inputs()
        for number in range(len(self.tape.operations)):
            self._values.append(self._read(number))

    def _inputs(self) -> dict[str, Any]:
        """The linear form of each input, in the order of the tape."""
        labels = [op[1] for op in self.tape.operations if op[0] == "input"]
        return {
            label: self._linear(*self.region.forms[int(label[1:])]) for label in labels
        }

    def _linear(self, block: int, weights: Sequence[Fraction]) -> Any:
        first = sum(n - 1 for n in self.region.sizes[:block])
        *free, last = weights
        form = self.constant(last)
        for k, weight in enumerate(free):
            form = form + self._rational(weight - last) * self.variables[first + k]
        return form

    @staticmethod
    def _rational(value: Fraction) -> flint.fmpq:
        return flint.fmpq(value.numerator, value.denominator)

    def constant(self, value: Any) -> Any:
        """A constant polynomial."""
        return self.ring.constant(self._rational(Fraction(value)))

    def value(self, node: Any) -> Quotient:
        """The quotient of a node, or of an exact constant."""
        return self._values[self.tape.node(node).number]

    def _read(self, number: int) -> Quotient:
        name, *args = self.tape.operations[number]
        if name == "input":
            return Quotient(self.labels[args[0]])
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

    # ---- arithmetic of quotients ----------------------------------------------------------------

    def times(self, x: Any, y: Any) -> Any:
        """The product of two polynomials; raises TooLarge before it grows beyond the limit."""
        if len(x) * len(y) > 50 * self.limit:
            raise TooLarge(f"more than {self.limit:,} terms")
        product = x * y
        if len(product) > self.limit:
            raise TooLarge(f"more than {self.limit:,} terms")
        return product

    def lift(self, x: Quotient, powers: dict[int, int]) -> Any:
        """The numerator of x over a denominator that its own divides."""
        numerator, own = x.numerator, dict(x.powers)
        for factor, power in powers.items():
            for _ in range(power - own.get(factor, 0)):
                numerator = self.times(numerator, self.factors[factor])
        return numerator

    def add(self, x: Quotient, y: Quotient) -> Quotient:
        """x + y."""
        powers = common(x, y)
        return self.reduced(self.lift(x, powers) + self.lift(y, powers), powers)

    def subtract(self, x: Quotient, y: Quotient) -> Quotient:
        """x - y."""
        powers = common(x, y)
        return self.reduced(self.lift(x, powers) - self.lift(y, powers), powers)

    def multiply(self, x: Quotient, y: Quotient) -> Quotient:
        """x y."""
        powers = dict(x.powers)
        for factor, power in y.powers:
            powers[factor] = powers.get(factor, 0) + power
        return self.reduced(self.times(x.numerator, y.numerator), powers)

    def divide(self, x: Quotient, y: Quotient) -> Quotient:
        """x / y, for y with a sign: NotPositive where its coefficients do not show one."""
        unit, factors = self.positive_factors(y.numerator)
        inverse = Quotient(self.lift(Quotient(self.constant(1 / unit)), dict(y.powers)))
        quotient = self.multiply(x, inverse)
        powers = dict(quotient.powers)
        for factor, power in factors.items():
            powers[factor] = powers.get(factor, 0) + power
        return self.reduced(quotient.numerator, powers)

    def reduced(self, numerator: Any, powers: dict[int, int]) -> Quotient:
        """The quotient with the factors cancelled that divide the numerator."""
        if numerator == 0:
            return Quotient(numerator)
        left = {}
        for factor, power in sorted(powers.items()):
            while power:
                divided, rest = divmod(numerator, self.factors[factor])
                if rest != 0:
                    break
                numerator, power = divided, power - 1
            if power:
                left[factor] = power
        return Quotient(numerator, tuple(left.items()))

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

    # ---- signs ------------------------------------------------------------------------------

    def plain(self, polynomial: Any) -> bernstein.Polynomial:
        """A polynomial without open choices, as exponents and coefficients."""
        exponents = np.array(polynomial.monoms(), dtype=np.int64).reshape(len(polynomial), -1)
        if exponents[:, self.width :].any():
            raise Unsupported("a maximum is divided by, or stands inside another choice")
        numbers = tuple(Fraction(int(c.p), int(c.q)) for c in polynomial.coeffs())
        return bernstein.Polynomial(exponents[:, : self.width], numbers)

    def is_plain(self, polynomial: Any) -> bool:
        """Whether no open choice stands in a polynomial."""
        return all(d <= 0 for d in polynomial.degrees()[self.width :])

    def coefficients(self, polynomial: Any, degrees: Sequence[int] | None = None) -> Any:
        """The Bernstein coefficients; raises TooLarge where there are more than the limit."""
        plain, sizes = self.plain(polynomial), self.region.sizes
        size = bernstein.count(sizes, degrees or plain.degrees(sizes))
        if size > self.limit:
            raise TooLarge(f"{size:,} coefficients")
        return bernstein.coefficients(plain, sizes, degrees)

    def sign(self, polynomial: Any) -> int | None:
        """The sign of a polynomial on the region where its coefficients show it."""
        if polynomial == 0:
            return 0
        if not self.is_plain(polynomial):
            return None
        return bernstein.sign(self.coefficients(polynomial))

    def positive(self, polynomial: Any) -> bool:
        """Whether a polynomial is > 0 wherever every discount is below 1."""
        values = self.coefficients(polynomial)
        degrees = self.plain(polynomial).degrees(self.region.sizes)
        faces = []
        for block, vertices in self.region.below_one():
            basis = bernstein.monomials(self.region.blocks[block].size, degrees[block])
            others = set(range(self.region.blocks[block].size)) - set(vertices)
            places = [k for k, m in enumerate(basis) if not any(m[v] for v in others)]
            faces.append((block, np.array(places, dtype=np.int64)))
        return bernstein.positive_on(values, faces)

    def positive_factors(self, polynomial: Any) -> tuple[Fraction, dict[int, int]]:
        """A unit and positive irreducible factors with their powers."""
        if polynomial == 0:
            raise Undefined("a denominator is identically zero")
        unit, parts = polynomial.factor()
        found: dict[int, int] = {}
        sign = 1
        for part, power in parts:
            factor, own = self._positive_factor(part)
            found[factor] = found.get(factor, 0) + int(power)
            sign *= own ** int(power)
        return Fraction(int(unit.p), int(unit.q)) * sign, found

    def _positive_factor(self, part: Any) -> tuple[int, int]:
        for known, factor in enumerate(self.factors):
            if part == factor or part == -factor:
                return known, 1 if part == factor else -1
        if not self.is_plain(part):
            raise Unsupported("a maximum is divided by")
        for own in (1, -1):
            if self.positive(own * part):
                self.factors.append(own * part)
                return len(self.factors) - 1, own
        raise NotPositive(f"a denominator may vanish: {str(part)[:60]}")

    # ---- choices ----------------------------------------------------------------------------

    def _choose(self, kind: str, *arguments: Quotient) -> Quotient:
        for choice in self.choices:
            if choice.kind == kind and all(map(self._same, choice.arguments, arguments)):
                return choice.value
        made = self._ratio(*arguments) if kind == "ratio" else self._extreme(kind, *arguments)
        self.choices.append(made)
        return made.value

    def _same(self, x: Quotient, y: Quotient) -> bool:
        return bool(x.powers == y.powers and x.numerator == y.numerator)

    def negated(self, x: Quotient) -> Quotient:
        """-x."""
        return Quotient(-x.numerator, x.powers)

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
            if choice.decision == "open":
                if x.numerator == self.variables[self.width + choice.variable]:
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


def common(*quotients: Quotient) -> dict[int, int]:
    """The least common denominator."""
    powers: dict[int, int] = {}
    for quotient in quotients:
        for factor, power in quotient.powers:
            powers[factor] = max(powers.get(factor, 0), power)
    return powers
