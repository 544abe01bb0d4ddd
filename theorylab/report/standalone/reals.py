"""Real numbers between two fractions, for roots and logarithms: every step rounds outwards.

`larger`, `smaller`, `laws`, `holds`, `shown` and `same` here take the place of those for fractions
(in `arithmetic`, `worlds` and `relations`) when a claim needs reals: a relation is broken where the
enclosures of its sides are apart, and left open where they overlap.
"""

import re
from fractions import Fraction
from math import ceil, floor, isqrt

from theorylab.report.standalone.relations import nested
from theorylab.report.standalone.tables import Table, each, entries, exact, require, table

UNIT = 10**80


class Interval:
    """A real number between two fractions, which are rounded outwards to 80 digits."""

    def __init__(self, low, high):
        self.low, self.high = Fraction(floor(low * UNIT), UNIT), Fraction(ceil(high * UNIT), UNIT)

    def __neg__(self):
        return Interval(-self.high, -self.low)

    def __abs__(self):
        nearest = 0 if self.low <= 0 <= self.high else min(abs(self.low), abs(self.high))
        return Interval(nearest, max(-self.low, self.high))

    def __add__(self, other):
        return hull(lambda x, y: x + y, self, other)

    __radd__ = __add__

    def __sub__(self, other):
        return hull(lambda x, y: x - y, self, other)

    def __rsub__(self, other):
        return hull(lambda x, y: y - x, self, other)

    def __mul__(self, other):
        return hull(lambda x, y: x * y, self, other)

    __rmul__ = __mul__

    def __truediv__(self, other):
        return hull(lambda x, y: x / y, self, away_from_zero(other))

    def __rtruediv__(self, other):
        return hull(lambda x, y: y / x, away_from_zero(self), other)

    def __pow__(self, power):
        require(isinstance(power, int), "a power that is no integer")
        if power < 0:
            return 1 / self**-power
        base = abs(self) if power % 2 == 0 else self
        return Interval(base.low**power, base.high**power)


def low(x):
    """The lower end of a number."""
    return getattr(x, "low", x)


def high(x):
    """The upper end of a number."""
    return getattr(x, "high", x)


def hull(f, x, y):
    """f of two intervals, for f monotone in each: the hull of its values at their ends."""
    if not all(isinstance(z, (int, Fraction, Interval)) for z in (x, y)):
        return NotImplemented
    ends = [f(a, b) for a in (low(x), high(x)) for b in (low(y), high(y))]
    return Interval(min(ends), max(ends))


def away_from_zero(x):
    """x, which a division needs to be certainly not 0."""
    if isinstance(x, Interval) and x.low <= 0 <= x.high:
        raise ZeroDivisionError("a divisor that may be 0")
    return x


def larger(x, y):
    """The larger of two numbers."""
    if low(x) >= high(y) or low(y) >= high(x):
        return exact(x if low(x) >= high(y) else y)
    return Interval(max(low(x), low(y)), max(high(x), high(y)))


def smaller(x, y):
    """The smaller of two numbers."""
    return -larger(-x, -y)


def rising(f, x):
    """An increasing function, entry by entry, from its enclosures at fractions."""

    def at(y):
        if isinstance(y, Interval):
            return Interval(low(f(y.low)), high(f(y.high)))
        return y.limit(f) if hasattr(y, "limit") else f(y)

    return each(at, x)


def series(term, factor):
    """term + term * factor(1) + term * factor(1) * factor(2) + ..., each |factor| <= 1/2."""
    total, n = Interval(0, 0), 0
    while max(abs(low(term)), abs(high(term))) * UNIT > 64:
        n += 1
        total, term = total + term, Interval(low(term), high(term)) * factor(n)
    return total + Interval(Fraction(-128, UNIT), Fraction(128, UNIT))


def log_of(x):
    """log x = k log 2 + 2 artanh((y - 1) / (y + 1)) with x = 2^k y and y in [1/2, 2]."""
    require(x > 0, f"log of {x} is not defined")
    if x == 1:
        return Fraction(0)
    k = Fraction(x).numerator.bit_length() - Fraction(x).denominator.bit_length()
    y = x / Fraction(2) ** k
    return k * 2 * artanh(Fraction(1, 3)) + 2 * artanh((y - 1) / (y + 1))


def artanh(y):
    """y + y^3 / 3 + y^5 / 5 + ..., for |y| <= 1/3."""
    return series(Interval(y, y), lambda n: y * y * Fraction(2 * n - 1, 2 * n + 1))


def exp_of(x):
    """The exponential series at x / 2^k, squared k times."""
    if x == 0:
        return Fraction(1)
    k = 0
    while abs(x) * 2 > 2**k:
        k += 1
    value = series(Interval(1, 1), lambda n: Fraction(x) / 2**k / n)
    for _ in range(k):
        value = value * value
    return value


def sqrt_of(x):
    """The root of a fraction, exact where it is one; nothing below 0 has one."""
    require(x >= 0, f"sqrt of {x} is not defined")
    x = Fraction(x)
    p, q = isqrt(x.numerator), isqrt(x.denominator)
    if p * p == x.numerator and q * q == x.denominator:
        return Fraction(p, q)
    root = isqrt(floor(x * UNIT * UNIT))
    return Interval(Fraction(root, UNIT), Fraction(root + 1, UNIT))


def log(x):
    """Natural logarithm."""
    return rising(log_of, x)


def exp(x):
    """Exponential."""
    return rising(exp_of, x)


def sqrt(x):
    """Square root; of an interval around 0, which may be 0 itself, of its part above."""

    def above(y):
        return Interval(0, y.high) if isinstance(y, Interval) and y.low < 0 <= y.high else y

    return rising(sqrt_of, each(above, x))


def laws(rows, name):
    """Distributions along the last axis, as far as enclosures tell."""
    rows = table(rows)
    right = all(high(p) >= 0 for p in entries(rows))
    require(
        right and all(low(p) <= 1 <= high(p) for p in entries(rows.sum(-1))), f"{name} is wrong"
    )
    return rows


def holds(kind, x, y):
    """Whether x = y, or x <= y; None where that is not certain."""
    if low(x) > high(y) or (kind == "equal" and high(x) < low(y)):
        return False
    certain = high(x) <= low(y) and (kind != "equal" or low(x) == high(y))
    return True if certain else None


def shown(x):
    """A side as text: fractions exactly, other numbers to 40 digits."""
    if isinstance(x, Table):
        return str(nested(x))
    if low(x) == high(x):
        return str(low(x))
    digits = f"{abs(round((low(x) + high(x)) / 2 * 10**40)):041}"
    return f"{'-' if high(x) < 0 else ''}{digits[:-40]}.{digits[-40:]}..."


def same(x, text):
    """Whether a side is that of the file: its text, or enclosures that it meets."""
    texts = re.findall("'([^']*)'", text) if "'" in text else [text]
    alike = (shown(e) == given or meets(e, given) for e, given in zip(entries(x), texts))
    return len(texts) == len(entries(x)) and all(alike)


def meets(x, text):
    """Whether a number is that of a text, as far as enclosures tell."""
    bottom, top = ends(text)
    return low(x) <= top and bottom <= high(x)


def ends(text):
    """The ends of "3/4", "0.5000" or "[0.6931 +/- 2.1e-5]"."""
    middle, _, radius = text.strip("[]").partition(" +/- ")
    return Fraction(middle) - Fraction(radius or 0), Fraction(middle) + Fraction(radius or 0)
