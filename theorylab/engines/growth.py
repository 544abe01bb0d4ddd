"""The growth engine: bounds with a hidden constant, judged along the family that the claim names.

Exact ratios lhs / rhs at the members k = 1, 2, ..., their limit exactly where it can be had (by
`asymptotics`), a fitted rate elsewhere. Refuted: the limit is infinite, so that no hidden constant
will do; the counterexample is the last member, and the path to it is printed. Supported: the limit
is finite, or the ratios fitted do not grow; the constant that the members need is named. A limit
that is known by a fit alone never refutes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from theorylab.claims import Claim
from theorylab.engines.asymptotics import Ending, endings, member, ratio_of, running
from theorylab.engines.budget import Budget
from theorylab.engines.judging import (
    FAMILY_BITS,
    counterexample,
    finite,
    generator,
    integer_kinds,
    random_points,
    rebuild,
    rigorous,
    visited,
)
from theorylab.errors import HypothesisFailed, InvalidArgument, Undefined, Unsupported
from theorylab.givens import Along, Sizes
from theorylab.verdicts import Counterexample, Evidence, Limit, Outcome, Tightness, shape_text
from theorylab.worlds.io import encode, exact_texts

INSTANCES = 4
"""How many instances of the other parameters are tried at each shape."""
STEADY = 0.02
"""A ratio whose fitted exponent is surely below this does not grow, as far as a fit can tell."""
SHOWN = 8


def growth_rate(
    xs: Sequence[float], ys: Sequence[float], *, confidence: float = 0.95
) -> tuple[float, tuple[float, float]]:
    """The exponent b of y ~ a x^b and an interval for it.

    Least squares of log y on log x; the t interval is widened to hold the fit of the later half of
    the points too, so that lower-order terms show. At least 3 points, all above 0.

    >>> exponent, (low, high) = growth_rate([1, 2, 4, 8], [3, 12, 48, 192])
    >>> round(exponent, 6)
    2.0
    """
    x, y = np.asarray(xs, dtype=float), np.asarray(ys, dtype=float)
    if x.shape != y.shape or x.ndim != 1 or len(x) < 3:
        raise InvalidArgument(f"growth_rate: {x.shape} xs and {y.shape} ys, expected 3 or more")
    if not (np.isfinite(x).all() and np.isfinite(y).all() and (x > 0).all() and (y > 0).all()):
        raise InvalidArgument("growth_rate: a point is not above 0 and finite: no power law")
    if len(set(x.tolist())) < 2:
        raise InvalidArgument("growth_rate: all xs are equal, expected at least two")
    order = np.argsort(x, kind="stable")
    u, v = np.log(x[order]), np.log(y[order])
    slope, radius = _fit(u, v, confidence)
    half = len(u) // 2 if len(u) >= 6 else 0
    later = _fit(u[half:], v[half:], confidence)[0] if np.ptp(u[half:]) else slope
    return slope, (min(slope - radius, later), max(slope + radius, later))


def _fit(u: np.ndarray, v: np.ndarray, confidence: float) -> tuple[float, float]:
    from scipy.stats import t

    centred = u - u.mean()
    spread = float(centred @ centred)
    slope = float(centred @ v) / spread
    residual = v - v.mean() - slope * centred
    error = math.sqrt(float(residual @ residual) / (len(u) - 2) / spread)
    return slope, float(t.ppf((1 + confidence) / 2, len(u) - 2)) * error


@dataclass
class _Family:
    """The members through one instance: ratios by line, the steps that count, exact limits."""

    sizes: Sizes
    numbers: list[int]
    steps: list[int]
    ratios: list[list[float]]
    endings: list[Ending] | None


@dataclass
class _Seen:
    tried: int = 0
    undefined_at: str = ""
    families: list[_Family] = field(default_factory=list)
    broken: dict[int, Counterexample] = field(default_factory=dict)
    paths: dict[int, _Family] = field(default_factory=dict)


def growth(claim: Claim, budget: Budget, seed: int) -> Evidence:
    """Judge the claim's bounds along its family, through several instances of what else it has."""
    seen = _Seen()
    try:
        step = running(claim).size
        shapes: list[Sizes] = []
        for visit in visited(claim, budget):
            sizes: Sizes = {**visit, step: 1}
            shapes += [sizes] if sizes not in shapes else []
        for sizes in shapes:
            _visit(claim, sizes, budget, seed, seen)
    except Unsupported as error:
        return Evidence("growth", None, str(error), seed=seed)
    outcome, note = _words(claim, seen)
    return Evidence(
        "growth",
        outcome,
        note,
        tried=seen.tried,
        kept=sum(len(f.steps) for f in seen.families),
        undefined=int(bool(seen.undefined_at)),
        shapes=tuple({**f.sizes, step: f.steps[-1]} for f in seen.families),
        broken=tuple(seen.broken[k] for k in sorted(seen.broken)),
        seed=seed,
        tightness=tuple(_tightness(claim, seen)),
    )


def _visit(claim: Claim, sizes: Sizes, budget: Budget, seed: int, seen: _Seen) -> None:
    rng, kinds = generator(claim, f"growth {shape_text(sizes)}", seed), integer_kinds(claim, sizes)
    points = [[0] * len(kinds)]
    if kinds:
        points += islice(random_points(claim, sizes, rng), INSTANCES - 1)
    for numbers in points:
        try:
            family = _family(claim, sizes, numbers, budget, seen)
        except Undefined as error:
            seen.undefined_at = f"{shape_text(sizes)}: {error}"
            continue
        if family is not None:
            seen.families.append(family)
            _refute(claim, family, budget, seen)


def _family(
    claim: Claim, sizes: Sizes, numbers: list[int], budget: Budget, seen: _Seen
) -> _Family | None:
    """The members that satisfy the hypotheses; None where there is none."""
    step, steps, rows = running(claim).size, [], []
    for k in range(1, min(budget.steps, running(claim).says.most) + 1):
        seen.tried += 1
        try:
            links = member(claim, rebuild(claim, {**sizes, step: k}, numbers), FAMILY_BITS)
            row = [ratio_of(link) for link in links]
        except HypothesisFailed:
            continue
        steps.append(k)
        rows.append(row)
    if not steps:
        return None
    ratios = [list(column) for column in zip(*rows, strict=True)]
    instance = rebuild(claim, {**sizes, step: steps[-1]}, numbers)
    return _Family(sizes, numbers, steps, ratios, endings(claim, instance, ratios))


def _refute(claim: Claim, family: _Family, budget: Budget, seen: _Seen) -> None:
    """Keep a counterexample to each line that no constant saves: the last member, judged anew."""
    step = running(claim).size
    for link, ratios in enumerate(family.ratios):
        infinite = [k for k, r in zip(family.steps, ratios, strict=True) if math.isinf(r)]
        grows = family.endings is not None and family.endings[link].ratio is None
        if link in seen.broken or not (infinite or grows):
            continue
        sizes = {**family.sizes, step: infinite[0] if infinite else family.steps[-1]}
        decide = rigorous(budget)
        judged = decide(claim, rebuild(claim, sizes, family.numbers))
        if link in judged.broken():
            found = counterexample(claim, sizes, family.numbers, link, decide)
            path = _family(claim, family.sizes, list(found.numbers), budget, seen)
            seen.broken[link], seen.paths[link] = found, path or family


# ---- words ---------------------------------------------------------------------------------------


def _words(claim: Claim, seen: _Seen) -> tuple[Outcome, str]:
    if seen.broken:
        paths = [_path(claim, seen, link) for link in sorted(seen.broken)]
        return Outcome.REFUTED, "; ".join(paths)
    if seen.undefined_at:
        note = f"undefined at {seen.undefined_at}; add an assumption or fix the claim"
        return Outcome.UNDECIDED, note
    if not seen.families:
        return Outcome.VACUOUS, f"kept 0 of {seen.tried} members: its hypotheses never held"
    lines = range(len(seen.families[0].ratios))
    judged = [_line_words(claim, seen, link) for link in lines]
    stands = all(holds for holds, _ in judged)
    words = "; ".join(words for _, words in judged)
    return (Outcome.SUPPORTED if stands else Outcome.UNDECIDED), words


def _path(claim: Claim, seen: _Seen, link: int) -> str:
    """`line 1: no hidden constant will do: 2, 4, 8, ... at gamma = 1/2, 3/4, 7/8, ...`."""
    found, family = seen.broken[link], seen.paths[link]
    says, name = running(claim).says, running(claim).name
    shown = list(zip(family.steps, family.ratios[link], strict=True))[:SHOWN]
    ratios = ", ".join(f"{r:.4g}" for _, r in shown)
    places = ", ".join(str(says.at(k)) for k, _ in shown)
    return (
        f"line {link + 1}: {found.because}; lhs / rhs is {ratios}, ... at {name} = {places}, ..."
        f" where x = {_small(says, name)} tends to 0"
    )


def _small(says: Along, name: str) -> str:
    return {0: name, 1: f"1 - {name}", "infinity": f"1 / {name}"}[says.to]


def _line_words(claim: Claim, seen: _Seen, link: int) -> tuple[bool, str]:
    """Whether one line stands along all families, and the words: exact limits first, then fits."""
    largest = max(max(f.ratios[link]) for f in seen.families)
    exact = [f for f in seen.families if f.endings is not None]
    words = (
        f"line {link + 1}: along {len(seen.families)} families lhs / rhs is at most {largest:.6g}"
    )
    if len(exact) == len(seen.families):
        top = max(exact, key=lambda f: float(f.endings[link].ratio))  # type: ignore[index]
        ending = top.endings[link]  # type: ignore[index]
        return True, f"{words} and {ending.growth} exactly (by {ending.by})"
    fits = [_fitted(f, link) for f in seen.families if f.endings is None]
    _, (low, high) = max(fits, key=lambda fit: fit[1][1])
    rate = f"x^-[{low:.3f}, {high:.3f}] fitted"
    if high <= STEADY:
        return True, f"{words}, and does not grow: {rate}, no exact limit"
    return False, f"{words}, growing like {rate}, no exact limit: a fit refutes nothing"


def _fitted(family: _Family, link: int) -> tuple[float, tuple[float, float]]:
    """The exponent of the later ratios in 1/x = 2^k; a ratio of 0 does not grow."""
    later = [(2.0**k, r) for k, r in zip(family.steps, family.ratios[link], strict=True) if r > 0][
        -max(4, len(family.steps) // 2) :
    ]
    if not later:
        return 0.0, (0.0, 0.0)
    if len(later) < 3:
        return 0.0, (-math.inf, math.inf)
    return growth_rate(*zip(*later, strict=True))


def _tightness(claim: Claim, seen: _Seen) -> list[Tightness]:
    """The largest ratio of every line that stands, with the path to its limit."""
    found = []
    for link in range(len(seen.families[0].ratios)) if seen.families and not seen.broken else ():
        family = max(seen.families, key=lambda f: max(f.ratios[link]))
        found.append(_tightest(claim, family, link, seen))
    return found


def _tightest(claim: Claim, family: _Family, link: int, seen: _Seen) -> Tightness:
    parameter, ratios = running(claim), family.ratios[link]
    step = family.steps[int(np.argmax(ratios))]
    sizes = {**family.sizes, parameter.size: step}
    instance = rebuild(claim, sizes, family.numbers)
    side = member(claim, instance, FAMILY_BITS)[link]
    path = [(str(parameter.says.at(k)), r) for k, r in zip(family.steps, ratios, strict=True)]
    limit = ratios[-1] if family.endings is None else float(family.endings[link].ratio)
    exact = family.endings is not None
    return Tightness(
        link,
        side.because,
        ratio=finite(max(ratios)) or 0.0,
        attained=False,
        sizes=sizes,
        instance={name: encode(value) for name, value in instance.items()},
        lhs=exact_texts(side.lhs),
        rhs=exact_texts(side.rhs),
        numbers=tuple(family.numbers),
        effort=seen.tried,
        limit=Limit(
            parameter.name, limit, (limit, limit) if exact else _around(ratios), tuple(path)
        ),
    )


def _around(ratios: list[float]) -> tuple[float, float]:
    """The range of the later half of the members, where no limit is known."""
    later = ratios[len(ratios) // 2 :]
    return min(later), max(later)
