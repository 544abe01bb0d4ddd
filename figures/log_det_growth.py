r"""The log-determinant potential of LV-Rep's Lemma 19, exactly, for the three eigendecays.

sup over laws nu of log det(I + alpha E_nu[phi phi']) is water-filling over the squared axes of the
ball that holds nu (`theorylab.theory.water_filling`): mu_i^2 in the power RKHS, which the lemma's
proof and Lemma 8 use (variant "power"), mu_i in H_k, as the statement is printed (variant
"literal"). Nothing is sampled; axes that get no mass do not count, so the values are those of
the infinite spectrum as long as fewer axes are active than are held.

Growth is fitted on the upper half of the alphas, with intervals, beside the printed rate fitted on
the same alphas and the exponent that the water-filling has. Polynomial, in alpha: alpha^{1/2beta}
log(alpha) printed, alpha^{1/(1+2beta)} true (alpha^{1/(1+beta)} in the ball of H_k). Finite and
exponential, in log(alpha) + d with the d of the straightest fit: 1 and 1 + 1/beta, approached with
log log(alpha). Dotted: the printed rate, scaled to meet the value at the last alpha. Marks: an
adversary that adds in each step the vector of largest potential, regularised by 1, after N steps,
at alpha = N.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.engines import growth_rate
from theorylab.errors import InvalidArgument
from theorylab.theory.water_filling import (
    exponential_bound,
    finite_bound,
    greedy_counts,
    log_det_of_counts,
    polynomial_bound,
    sharper_polynomial_bound,
    water_filling,
)

from .shared import Conclusion, Each, Floats, Variations, check_integer, frozen
from .style import PAGE, cycle, paper_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VARIANTS = ("power", "literal")
AXES = {"finite": 16, "polynomial": 200_000, "exponential": 40_000}
BETAS = {"finite": (1.0, 4.0, 16.0), "polynomial": (1.5, 2.0, 3.0), "exponential": (0.5, 1.0, 2.0)}
TOP = {"finite": 60, "polynomial": 12, "exponential": 60}
"""The powers of ten of the largest alphas."""
NEAR = 0.1
"""A fitted exponent of log(alpha) this much above the printed one is still called the same: log
log(alpha) does not vanish at these alphas. The explicit bounds are what decides there."""
RATE = 1.0
"""C_2 of the exponential decay; C_0 = C_1 = 1."""


@dataclass(frozen=True, eq=False)
class Growth:
    """What was computed, a row for each decay and beta.

    Shapes: cases (R,) pairs of decay and beta, alphas (R, n), values (R, n), bounds (R, n) the
    explicit ones of Lemma 19, active (R, n), steps (m,), played (R, m) of the adversary.
    """

    variant: str
    cases: tuple[tuple[str, float], ...]
    alphas: Floats
    values: Floats
    bounds: Floats
    active: Floats
    steps: Floats
    played: Floats


def compute(
    variant: str = "power",
    *,
    points: int = 25,
    steps: int = 10_000,
    seed: int = 0,
    each: Each = map,
) -> Growth:
    """The potential at so many alphas from 1 to 10^12 or 10^60, the adversary up to so many steps.

    Nothing is random. Raises: InvalidArgument for an unknown variant, too few points or steps.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(
            f"log_det_growth: variant is {variant!r}, expected one of {VARIANTS}."
        )
    check_integer("log_det_growth", "points", points, 12)
    check_integer("log_det_growth", "steps", steps, 10)
    cases = tuple((decay, beta) for decay, betas in BETAS.items() for beta in betas)
    alphas = np.stack([np.logspace(0, TOP[decay], points) for decay, _ in cases])
    taken = np.unique(np.logspace(1, math.log10(steps), 7).astype(int))
    items = [(variant, *case, row, taken) for case, row in zip(cases, alphas, strict=True)]
    rows = list(each(measured, items))
    tables = [frozen([row[k] for row in rows]) for k in range(4)]
    values, bounds, active, played = tables
    return Growth(variant, cases, frozen(alphas), values, bounds, active, frozen(taken), played)


def measured(item: tuple[str, str, float, Floats, Any]) -> tuple[Any, ...]:
    """Values, bounds and active axes at each alpha, and what the adversary reaches."""
    variant, decay, beta, alphas, steps = item
    axes = squared_axes(variant, decay, beta)
    found = [water_filling(axes, alpha) for alpha in alphas.tolist()]
    bounds = [bound(variant, decay, beta, alpha) for alpha in alphas.tolist()]
    held = axes[:2000]
    played = [log_det_of_counts(held, greedy_counts(held, int(n))) for n in steps]
    return [it.value for it in found], bounds, [it.active for it in found], played


def squared_axes(variant: str, decay: str, beta: float) -> Floats:
    """mu_i^2 or mu_i, of which those that underflow are left out."""
    i = np.arange(1.0, AXES[decay] + 1)
    if decay == "finite":
        mu = np.full(int(beta), 1 / beta)
    else:
        mu = i**-beta if decay == "polynomial" else np.exp(-RATE * i**beta)
    axes = mu**2 if variant == "power" else mu
    return axes[axes > 1e-300]


def bound(variant: str, decay: str, beta: float, alpha: float) -> float:
    """Lemma 19 with constants, in the power RKHS; in the ball of H_k the same with mu_i for mu_i^2:
    beta/2 for beta, or C_2/2 for C_2."""
    half = 1.0 if variant == "power" else 0.5
    if decay == "finite":
        return finite_bound(alpha, int(beta), (1 / beta) ** half)
    if decay == "polynomial":
        return polynomial_bound(alpha, 1.0, beta * half)
    return exponential_bound(alpha, 1.0, RATE * half, beta)


# ---- what it says --------------------------------------------------------------------------------


def printed_rate(decay: str, beta: float, alphas: Floats) -> Floats:
    """The rate that Lemma 19 prints, without its constant."""
    if decay == "finite":
        return np.log1p(alphas / beta)
    if decay == "polynomial":
        return np.asarray(alphas ** (1 / (2 * beta)) * np.log(alphas))
    return np.asarray(np.log(alphas) ** (1 + 1 / beta))


def true_exponent(variant: str, decay: str, beta: float) -> float:
    """The exponent of the water-filling, in alpha (polynomial) or in log alpha."""
    if decay == "polynomial":
        return 1 / (1 + (2 if variant == "power" else 1) * beta)
    return 1.0 if decay == "finite" else 1 + 1 / beta


@dataclass(frozen=True)
class Fit:
    """Exponents: of the value, with its interval, of the printed rate on the same alphas, true."""

    value: tuple[float, tuple[float, float]]
    printed: float
    true: float
    exceeds: bool


def fitted(data: Growth, row: int) -> Fit:
    """Growth over the upper half of the alphas; `exceeds`: surely faster than the printed rate."""
    decay, beta = data.cases[row]
    upper = slice(data.alphas.shape[1] // 2, None)
    alphas, values = data.alphas[row, upper], data.values[row, upper]
    true = true_exponent(data.variant, decay, beta)
    if decay == "polynomial":
        value = growth_rate(alphas.tolist(), values.tolist())
        rate = growth_rate(alphas.tolist(), printed_rate(decay, beta, alphas).tolist())[0]
        return Fit(value, rate, true, value[1][0] > rate)
    value = shifted_rate(np.log(alphas), values)
    return Fit(value, true, true, value[1][0] > true + NEAR)


def shifted_rate(x: Floats, y: Floats) -> tuple[float, tuple[float, float]]:
    """The exponent b of y ~ (x + d)^b and its interval, at the d where log y is straightest."""
    from scipy.optimize import minimize_scalar

    def bend(shift: float) -> float:
        u, v = np.log(x + shift), np.log(y)
        rest = v - np.polyval(np.polyfit(u, v, 1), u)
        return float(rest @ rest)

    d = minimize_scalar(bend, bounds=(1 - float(x[0]), float(x[-1])), method="bounded").x
    return growth_rate((x + d).tolist(), y.tolist())


def conclusion(data: Growth) -> Conclusion:
    """Does the potential grow no faster than printed, and do the explicit bounds hold?"""
    fits = [fitted(data, row) for row in range(len(data.cases))]
    held = bool((data.values <= data.bounds * (1 + 1e-9)).all())
    complete = all(
        data.active[row].max() < AXES[decay] or decay == "finite"
        for row, (decay, _) in enumerate(data.cases)
    )
    faster = [case for case, fit in zip(data.cases, fits, strict=True) if fit.exceeds]
    lines = "; ".join(_words(case, fit) for case, fit in zip(data.cases, fits, strict=True))
    share = (data.played / _at_steps(data)).min(), (data.played / _at_steps(data)).max()
    where = ", ".join(f"{decay} beta = {beta:g}" for decay, beta in faster) or "nowhere"
    return Conclusion(
        not faster and held and complete,
        f"{'Ball of the power RKHS' if data.variant == 'power' else 'Ball of H_k, as printed'}:"
        f" faster than printed: {where}. Exponents fitted on the upper half of the alphas"
        f" (printed, true): {lines}."
        f" The explicit bounds {'hold' if held else 'FAIL'} at all {data.values.size} points. The"
        f" adversary reaches {share[0]:.3f} to {share[1]:.3f} of the supremum in"
        f" {data.steps[-1]:.0f} steps or fewer.",
    )


def _words(case: tuple[str, float], fit: Fit) -> str:
    exponent, (low, high) = fit.value
    return (
        f"{case[0]} {case[1]:g}: {exponent:.3f} [{low:.3f}, {high:.3f}] ({fit.printed:.3f},"
        f" {fit.true:.3f})"
    )


def _at_steps(data: Growth) -> Floats:
    """The supremum at alpha = N for the adversary's N, shape (R, m)."""
    rows = []
    for decay, beta in data.cases:
        axes = squared_axes(data.variant, decay, beta)
        rows.append([water_filling(axes, float(n)).value for n in data.steps])
    return frozen(rows)


def columns(data: Growth) -> dict[str, Any]:
    """One row for each decay, beta and alpha."""
    n = data.alphas.shape[1]
    return {
        "decay": np.repeat([decay for decay, _ in data.cases], n),
        "beta": np.repeat([beta for _, beta in data.cases], n),
        "alpha": data.alphas.ravel(),
        "log_det": data.values.ravel(),
        "explicit_bound": data.bounds.ravel(),
        "active_axes": data.active.ravel().astype(int),
    }


def variations(*, points: int = 25, seed: int = 0) -> Variations:
    """The polynomial decay at other exponents, both balls: fitted, printed and true exponents."""
    alphas, rows = np.logspace(0, 9, points), []
    for beta in (1.2, 1.5, 2.0, 4.0):
        for variant in VARIANTS:
            axes = squared_axes(variant, "polynomial", beta)
            upper = alphas[points // 2 :].tolist()
            exponent, (low, high) = growth_rate(
                upper, [water_filling(axes, alpha).value for alpha in upper]
            )
            loose = max(
                sharper_polynomial_bound(alpha, 1.0, beta if variant == "power" else beta / 2)
                / water_filling(axes, alpha).value
                for alpha in upper
            )
            true = true_exponent(variant, "polynomial", beta)
            rows.append((f"{beta:g}", variant, f"{exponent:.3f} [{low:.3f}, {high:.3f}]",
                         f"{1 / (2 * beta):.3f}", f"{true:.3f}", f"{loose:.2f}"))  # fmt: skip
    header = ("beta", "ball", "fitted", "printed, times log", "true", "sharper bound / value")
    return Variations(header, tuple(rows), "Polynomial decay, alpha from 3e4 to 1e9.")


# ---- drawing -------------------------------------------------------------------------------------


def draw(data: Growth) -> Figure:
    """A panel for each decay: the supremum (lines), the printed rate (dotted), the adversary."""
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(PAGE, 2.6), layout="constrained")
        for axes, decay in zip(figure.subplots(1, 3), BETAS, strict=True):
            _panel(axes, data, decay)
    return figure


def _panel(axes: Axes, data: Growth, decay: str) -> None:
    """Value, printed rate scaled to meet it at the last alpha, and the adversary's marks."""
    rows = [r for r, case in enumerate(data.cases) if case[0] == decay]
    for k, row in enumerate(rows):
        beta, look = data.cases[row][1], cycle(k)
        alphas = data.alphas[row]
        rate = printed_rate(decay, beta, alphas[1:])
        axes.plot(alphas, data.values[row], color=look["color"], label=rf"$\beta$ = {beta:g}")
        scaled = rate * data.values[row, -1] / rate[-1]
        axes.plot(alphas[1:], scaled, color=look["color"], linestyle=":", linewidth=0.8)
        axes.plot(data.steps, data.played[row], color=look["color"], linestyle="",
                  marker=look["marker"])  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel=r"$\alpha$", ylabel="log det", title=decay)
    axes.legend()
