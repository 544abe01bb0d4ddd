"""Proving that a polynomial with open choices is not negative: branches and lower bounds.

The polynomial is P = sum over alpha of kappa_alpha f^alpha, f the variables of open choices. f is
one of its branches at every instance, so it is enough that P >= 0 for both: so a maximum in which P
falls is treated. Where P rises, kappa_alpha >= 0 and

    kappa f^alpha >= sum_j mu_j h_j X_j,   f^alpha Y_j >= X_j,  kappa - sum_j mu_j h_j Y_j >= 0

for products X_j, Y_j of lower bounds f y >= x and polynomials h_j >= 0. Constants mu_j >= 0 for
which all Bernstein coefficients are >= 0 are found by a linear program in floats, snapped to small
rationals, and then checked exactly: the floats decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce
from hashlib import sha256
from itertools import permutations, product
from math import gcd
from typing import Any

import numpy as np

from theorylab import bernstein
from theorylab.arithmetic import Array
from theorylab.engines.quotients import Quotient, common
from theorylab.engines.reading import Bound, Choice, Reader

OPTIONS = 64
"""The most products of lower bounds that a linear program weighs."""
SNAP = 24
"""The largest denominator of a multiplier."""
Alpha = tuple[int, ...]


@dataclass(frozen=True)
class Stuck:
    """Why a polynomial was not shown to be >= 0, with its coefficients where it is plain."""

    reason: str
    values: Array | None = None
    degrees: tuple[int, ...] = ()


@dataclass(frozen=True)
class Option:
    """A lower bound of one monomial of choices: f^alpha * times >= value, to be used h times.

    `at` is the (block, vertex) of the coordinate that h has as a further factor, or empty.
    """

    alpha: Alpha
    picks: tuple[int, ...]
    at: tuple[int, ...]
    value: Quotient
    times: Any
    h: Any


def prove(reader: Reader, polynomial: Any) -> dict[str, Any] | Stuck:
    """Data that show polynomial >= 0 on the reader's region, or why there are none."""
    if reader.is_plain(polynomial):
        return _plain(reader, polynomial)
    for choice in reversed(reader.choices):
        if choice.branches and _falls(reader, polynomial, choice):
            return _by_branches(reader, polynomial, choice)
    return _by_bounds(reader, polynomial)


def _plain(reader: Reader, polynomial: Any) -> dict[str, Any] | Stuck:
    if polynomial == 0:
        return {"by": "zero"}
    values = reader.coefficients(polynomial)
    if bernstein.sign(values) in (0, 1):
        return {"by": "coefficients", **summary(values)}
    degrees = reader.plain(polynomial).degrees(reader.region.sizes)
    return Stuck("coefficients of both signs", values, degrees)


def summary(values: Array) -> dict[str, Any]:
    """Count, extremes and digest of coefficients, divided by their greatest common divisor."""
    numbers = [int(v) for v in values.flat]
    content = gcd(*numbers) or 1
    text = ",".join(str(v // content) for v in numbers)
    return {
        "count": len(numbers),
        "least": str(min(numbers) // content),
        "greatest": str(max(numbers) // content),
        "sha256": sha256(text.encode()).hexdigest(),
    }


def grouped(reader: Reader, polynomial: Any) -> dict[Alpha, Any]:
    """The polynomials kappa before each monomial of choices."""
    parts: dict[Alpha, dict[Any, Any]] = {}
    width = reader.width
    for exponents, coefficient in polynomial.to_dict().items():
        alpha = tuple(int(e) for e in exponents[width:])
        plain = (*exponents[:width], *(0 for _ in alpha))
        parts.setdefault(alpha, {})[plain] = coefficient
    return {alpha: reader.ring.from_dict(terms) for alpha, terms in parts.items()}


def _falls(reader: Reader, polynomial: Any, choice: Choice) -> bool:
    """Whether the polynomial is affine in a choice, and falls in it everywhere on the region."""
    places = {c.variable: c for c in reader.choices if c.decision == "open"}
    found = False
    for alpha, kappa in grouped(reader, polynomial).items():
        if alpha[choice.variable] > 1:
            return False
        if alpha[choice.variable]:
            others = [k for k, e in enumerate(alpha) if e and k != choice.variable]
            if not all(places[k].nonnegative for k in others) or reader.sign(kappa) != -1:
                return False
            found = True
    return found


def _by_branches(reader: Reader, polynomial: Any, choice: Choice) -> dict[str, Any] | Stuck:
    cases = []
    for branch in choice.branches:
        found = prove(reader, substituted(reader, polynomial, choice.variable, branch))
        if isinstance(found, Stuck):
            return found
        cases.append(found)
    return {"by": "branches", "choice": choice.variable, "cases": cases}


def substituted(reader: Reader, polynomial: Any, variable: int, value: Quotient) -> Any:
    """The numerator of the polynomial with a quotient put in for a choice of degree one."""
    without, factor = reader.constant(0), reader.constant(0)
    symbol = reader.variables[reader.width + variable]
    quotient, rest = divmod(polynomial, symbol)
    without, factor = rest, quotient
    return reader.add(Quotient(without), reader.multiply(Quotient(factor), value)).numerator


def _by_bounds(reader: Reader, polynomial: Any) -> dict[str, Any] | Stuck:
    groups = grouped(reader, polynomial)
    plain = (0,) * len(next(iter(groups)))
    base = Quotient(groups.pop(plain, reader.constant(0)))
    if any(reader.sign(kappa) != 1 for kappa in groups.values()):
        return Stuck("a maximum enters with both signs")
    options = [o for alpha, kappa in groups.items() for o in options_of(reader, alpha, kappa)]
    found: dict[str, Any] | Stuck = Stuck("a maximum has no lower bound that helps")
    for block in _refinements(reader):
        finer = refined(reader, options, block)
        if finer and len(finer) <= OPTIONS:
            found = _by_weights(reader, base, groups, finer)
            if not isinstance(found, Stuck):
                return found
    return found


def _by_weights(
    reader: Reader, base: Quotient, groups: dict[Alpha, Any], options: list[Option]
) -> dict[str, Any] | Stuck:
    weights = _weights(reader, base, groups, options)
    if weights is None:
        return Stuck("no lower bounds of its maxima suffice")
    found = combined(reader, base, groups, options, weights)
    if isinstance(found, Stuck):
        return found
    used = [
        {
            "choices": _listed(o.alpha),
            "bounds": list(o.picks),
            "at": list(o.at),
            "weight": str(w),
        }
        for o, w in zip(options, weights, strict=True)
        if w
    ]
    count = sum(reader.coefficients(kappa).size for kappa in groups.values())
    return {"by": "bounds", "count": count, "used": used, "rest": found}


def _refinements(reader: Reader) -> list[int | None]:
    """Constant weights first; then weights that are affine in a discount's block."""
    return [None, *dict.fromkeys(block for block, _ in reader.region.below_one())]


def refined(reader: Reader, options: list[Option], block: int | None) -> list[Option]:
    """The options times each coordinate of a block, so that weights may vary along it."""
    if block is None:
        return options
    vertices = range(reader.region.blocks[block].size)
    return [
        replace(o, at=(block, v), h=reader.times(o.h, reader.coordinate(block, v)))
        for o in options
        for v in vertices
    ]


def _listed(alpha: Alpha) -> list[int]:
    """The choices of a monomial, each as often as it stands there."""
    return [k for k, e in enumerate(alpha) for _ in range(e)]


def options_of(reader: Reader, alpha: Alpha, kappa: Any) -> Iterator[Option]:
    """The products of lower bounds of f^alpha that are sound, with the factor h >= 0 of each."""
    opened = {c.variable: c for c in reader.choices if c.decision == "open"}
    owners = [opened[k] for k in _listed(alpha)]
    for picks in product(*(range(len(c.bounds)) for c in owners)):
        bounds = [c.bounds[k] for c, k in zip(owners, picks, strict=True)]
        plain = all(reader.is_plain(b.value.numerator) for b in bounds)
        if not plain or not _product_is_sound(reader, owners, bounds):
            continue
        times = reduce(reader.times, (b.times for b in bounds), reader.constant(1))
        value = reduce(reader.multiply, (b.value for b in bounds))
        divided, rest = divmod(kappa, times)
        h = divided if rest == 0 else kappa
        if reader.sign(h) == 1:
            yield Option(alpha, picks, (), value, times, h)


def _product_is_sound(reader: Reader, owners: Sequence[Choice], bounds: Sequence[Bound]) -> bool:
    """f_1 y_1 >= x_1, ..., f_r y_r >= x_r give f_1 ... f_r y_1 ... y_r >= x_1 ... x_r when, in
    some order, all f but the first and all x but the last are >= 0."""
    if len(owners) == 1:
        return True
    signed = [
        (c.nonnegative, reader.sign(b.value.numerator) in (0, 1))
        for c, b in zip(owners, bounds, strict=True)
    ]
    return any(
        all(f for f, _ in order[1:]) and all(x for _, x in order[:-1])
        for order in permutations(signed)
    )


def _may_be_left(reader: Reader, alpha: Alpha) -> bool:
    """Whether f^alpha is known to be >= 0, so that a rest of kappa >= 0 may be dropped."""
    opened = {c.variable: c for c in reader.choices if c.decision == "open"}
    return all(opened[k].nonnegative for k, e in enumerate(alpha) if e)


def rests(
    reader: Reader, groups: dict[Alpha, Any], options: list[Option], weights: list[Fraction]
) -> dict[Alpha, Any]:
    """kappa - sum mu h Y for each monomial of choices."""
    left = dict(groups)
    for option, weight in zip(options, weights, strict=True):
        used = reader.constant(weight) * reader.times(option.h, option.times)
        left[option.alpha] = left[option.alpha] - used
    return left


def combined(
    reader: Reader,
    base: Quotient,
    groups: dict[Alpha, Any],
    options: list[Option],
    weights: list[Fraction],
) -> dict[str, Any] | Stuck:
    """The exact check of a choice of weights; data of the polynomial that remains."""
    for alpha, rest in rests(reader, groups, options, weights).items():
        allowed = (0, 1) if _may_be_left(reader, alpha) else (0,)
        if reader.sign(rest) not in allowed:
            return Stuck("lower bounds are used more often than they stand there")
    total = base
    for option, weight in zip(options, weights, strict=True):
        if weight:
            factor = Quotient(reader.constant(weight) * option.h)
            total = reader.add(total, reader.multiply(factor, option.value))
    return _plain(reader, total.numerator)


# ---- the linear program ------------------------------------------------------------------------


@dataclass
class Rows:
    """Rows of `matrix @ weights <= right` and of equalities, scaled to size one."""

    less: list[Array] = field(default_factory=list)
    equal: list[Array] = field(default_factory=list)

    def need(self, columns: list[Array], *, exactly: bool = False) -> None:
        """columns[0] + sum of weights * columns[1:] >= 0 (or = 0), coefficient by coefficient."""
        table = np.stack(columns, axis=1)
        if not exactly:
            table = table[table.min(axis=1) < 0]  # the others hold for all weights >= 0
        scale = np.abs(table).max(axis=1, initial=0, keepdims=True)
        rows = np.unique(table[scale[:, 0] > 0] / scale[scale[:, 0] > 0], axis=0)
        (self.equal if exactly else self.less).append(rows)


def _weights(
    reader: Reader, base: Quotient, groups: dict[Alpha, Any], options: list[Option]
) -> list[Fraction] | None:
    """Weights by HiGHS, snapped to small rationals; None where there are none."""
    from scipy.optimize import linprog

    rows = Rows()
    columns = [base, *(reader.multiply(Quotient(o.h), o.value) for o in options)]
    powers = common(*columns)
    rows.need(_aligned(reader, [reader.lift(c, powers) for c in columns]))
    for alpha, kappa in groups.items():
        used = [
            -reader.times(o.h, o.times) if o.alpha == alpha else reader.constant(0) for o in options
        ]
        rows.need(_aligned(reader, [kappa, *used]), exactly=not _may_be_left(reader, alpha))
    none = np.zeros((0, len(options) + 1))
    less, equal = np.concatenate([*rows.less, none]), np.concatenate([*rows.equal, none])
    result = linprog(
        np.zeros(len(options)), A_ub=-less[:, 1:], b_ub=less[:, 0],
        A_eq=equal[:, 1:] if len(equal) else None, b_eq=-equal[:, 0] if len(equal) else None,
        method="highs-ds",
    )  # fmt: skip
    if result.status != 0:
        return None
    return [Fraction(float(x)).limit_denominator(SNAP) for x in result.x]


def _aligned(reader: Reader, polynomials: list[Any]) -> list[Array]:
    """The coefficients of polynomials raised to common degrees, on one common scale, as floats."""
    sizes = reader.region.sizes
    plain = [reader.plain(p) for p in polynomials if p != 0]
    if not plain:
        return [np.zeros(1) for _ in polynomials]
    degrees = tuple(max(d) for d in zip(*(p.degrees(sizes) for p in plain), strict=True))
    shape = bernstein.count(sizes, degrees)
    out = []
    for polynomial in polynomials:
        if polynomial == 0:
            out.append(np.zeros(shape))
        else:
            values = reader.coefficients(polynomial, degrees).ravel().astype(float)
            out.append(values / reader.plain(polynomial).scale)
    return out
