"""Infinity, what x / 0 is in a coverage or a divergence, with the arithmetic that has a meaning.

`decide` here takes the place of the one in `relations` when a claim has ratios: infinity is not at
most what is finite, one infinite side breaks an equality, and an infinite bound says nothing.
What has no value (infinity - infinity, 0 or what is negative times infinity) is refused.
"""

from theorylab.report.standalone.reals import log
from theorylab.report.standalone.relations import holds
from theorylab.report.standalone.tables import Table, entries, require


def on_numbers(method):
    """A method of infinity that leaves tables to go entry by entry."""
    return lambda self, other: NotImplemented if isinstance(other, Table) else method(self, other)


class Infinity:
    """Plus or minus infinity; compared with a number, as it lies on the line."""

    def __init__(self, sign=1):
        self.sign = sign

    def __str__(self):
        return "infinity" if self.sign > 0 else "-infinity"

    def __neg__(self):
        return Infinity(-self.sign)

    def __abs__(self):
        return Infinity()

    @on_numbers
    def __add__(self, other):
        require(not isinstance(other, Infinity) or other == self, "infinity - infinity is void")
        return self

    __radd__ = __add__

    @on_numbers
    def __sub__(self, other):
        return self + -other

    @on_numbers
    def __rsub__(self, other):
        return other + -self

    @on_numbers
    def __mul__(self, other):
        require(sign(other) != 0, "0 times infinity is void")
        require(sign(other) > 0 or isinstance(other, (int, Infinity)), "so is a negative times it")
        return Infinity(self.sign * sign(other))

    __rmul__ = __mul__

    @on_numbers
    def __truediv__(self, other):
        require(not isinstance(other, Infinity), "infinity / infinity is void")
        require(sign(other) >= 0 or isinstance(other, int), "infinity / a negative is void")
        return Infinity(self.sign * (sign(other) or 1))

    @on_numbers
    def __rtruediv__(self, other):
        return 0 * other

    @on_numbers
    def __pow__(self, power):
        require(power != 0, "infinity to the power 0 is void")
        return 0 if power < 0 else Infinity(self.sign if power % 2 else 1)

    def __eq__(self, other):
        return isinstance(other, Infinity) and self.sign == other.sign

    def __lt__(self, other):
        return self.sign < getattr(other, "sign", 0)

    def __le__(self, other):
        return self.sign <= getattr(other, "sign", 0)

    def __gt__(self, other):
        return self.sign > getattr(other, "sign", 0)

    def __ge__(self, other):
        return self.sign >= getattr(other, "sign", 0)

    def limit(self, f):
        """What log, sqrt or exp tends to here; log and sqrt refuse what is below 0."""
        return self if self.sign > 0 else 0 * f(-1)


def sign(x):
    """-1, 0 or 1, which must be certain."""
    if isinstance(x, Infinity):
        return x.sign
    signs = {(end > 0) - (end < 0) for end in (getattr(x, "low", x), getattr(x, "high", x))}
    require(len(signs) == 1, "the sign of a divisor, or of what infinity multiplies, is in doubt")
    return signs.pop()


def quotient(x, y):
    """x / y with 0/0 = 0, and infinite at x/0."""
    if sign(y) == 0:
        return 0 * x if sign(x) == 0 else Infinity(sign(x))
    return x / y


def x_log_quotient(x, y):
    """x log(x / y), 0 at x = 0 and infinite where y = 0 < x."""
    infinite = isinstance(x, Infinity) or isinstance(y, Infinity)
    require(not infinite, "x log(x / y) of infinity is void")
    return 0 * x if sign(x) == 0 else x * log(quotient(x, y))


def decide(kind, left, right):
    """Whether left = right, or left <= right, in all entries; "void" where infinity bounds."""
    found = []
    for x, y in zip(entries(left), entries(right)):
        infinite = [isinstance(x, Infinity), isinstance(y, Infinity)]
        if not any(infinite):
            found.append(holds(kind, x, y))
        elif kind == "equal":
            found.append("void" if all(infinite) and x == y else False)
        else:
            larger = getattr(x, "sign", 0) > getattr(y, "sign", 0)
            found.append(False if larger else "void")
    return next((outcome for outcome in (False, None, "void") if outcome in found), True)
