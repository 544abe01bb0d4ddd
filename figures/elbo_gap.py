r"""The gap of the evidence lower bound against the richness of q, and what it costs (LV-Rep, (5)).

Families of q(z | s, a, s'): one row for all transitions, one for each s', one for each (s, a), one
for each (s, a, s') (posterior); and k rows that transitions choose, k = 2, 4, 8, 16. The best q of
a family is in closed form, that of clusters by alternating maximisation (a local maximum).

low_rank: 6 states, 2 actions, 3 latent values, tables of Dirichlet(0.3) rows; all tables are
fitted by variational EM. block: 3 blocks of 2 states, where z is decoded from s', so that the
truth's posteriors lie in the family that depends on s' alone; EM. class: a low-rank truth among 32
models, p = (1 - t) truth + t another one with t uniform in [0, 1/2]; the first maximiser is taken.
Data: 200 next states of each pair, the same for all families. gamma = 9/10, rewards in [0, 1] of
the state alone.

Measured: the gap at the truth, per transition; of the fitted model the log-likelihood that is lost
against maximum likelihood, and the suboptimality of its optimal policy in the truth.

Criterion, set beforehand. The paper's sentence ("if Q holds all posteriors, maximising the ELBO is
MLE") is supported when on every seed the posterior family has gap 0 (1e-9 nats per transition) at
the truth and at its fit, and its maximiser is that of the likelihood: the same set in the class, a
log-likelihood within 1e-3 nats per transition of an EM of its own starts for tables (8 starts each;
with 4, one low-rank seed of 32 stayed at a local maximum). Besides: the gap falls weakly along
nested families, and in the class no ELBO maximiser loses more than the gap of the MLE. Whether a q
that is rich at the truth alone (q(z|s') on blocks) does as well is reported; the paper does not say
so.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.errors import InvalidArgument
from theorylab.theory.variational import NESTED

from .elbo_gap_run import MEASURES, A, Family, S, families_of, run_item
from .shared import Conclusion, Each, Floats, check_integer, plus_minus
from .style import COLOURS, MARKERS, PAGE, paper_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VARIANTS = ("low_rank", "block", "class")
ROWS = {"shared": 1, "next_state": S, "pair": S * A, "posterior": S * A * S}
"""How many rows q has in each tied family."""
NAMED = {"shared": "one q", "next_state": "q(z|s')", "pair": "q(z|s,a)", "posterior": "posterior"}
ZERO = 1e-9
"""Nats per transition below which there is no gap."""


@dataclass(frozen=True, eq=False)
class Gaps:
    """Of each family and seed: the `MEASURES`, (measures, families, seeds); whether its maximiser
    is that of the likelihood; the suboptimality of maximum likelihood (seeds,)."""

    variant: str
    seeds: int
    seed: int
    measured: Floats
    same: np.ndarray
    likelihood: Floats


def compute(variant: str = "low_rank", *, seeds: int = 32, seed: int = 0, each: Each = map) -> Gaps:
    """Fit every family on the data of every seed.

    Raises: InvalidArgument for an unknown variant, fewer than 2 seeds, or a negative seed.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(f"elbo_gap: variant is {variant!r}, expected one of {VARIANTS}.")
    check_integer("elbo_gap", "seeds", seeds, 2)
    check_integer("elbo_gap", "seed", seed, 0)
    found = list(each(run_item, [(variant, seed, k) for k in range(seeds)]))
    measured = np.moveaxis(np.array([it[0] for it in found]), 0, -1)
    same = np.array([it[1] for it in found]).T
    return Gaps(variant, seeds, seed, measured, same, np.array([it[2] for it in found]))


# ---- what it says --------------------------------------------------------------------------------


def judged(data: Gaps) -> dict[str, bool]:
    """The statements, each true or false on this data."""
    names = families_of(data.variant)
    full, gaps, fitted = names.index("posterior"), data.measured[0], data.measured[3]
    falls = all(
        (gaps[names.index(small)] >= gaps[names.index(large)] - ZERO).all()
        for chain in NESTED
        for small, large in pairwise(chain)
    )
    said = {
        "no gap with the posterior family": bool(
            (np.abs([gaps[full], fitted[full]]) <= ZERO).all()
        ),
        "its maximiser is that of the likelihood": bool(data.same[full].all()),
        "the gap falls along nested families": bool(falls),
    }
    if data.variant == "class":
        loss, bound = data.measured[1], data.measured[4]
        said["no maximiser loses more than the gap of the MLE"] = bool((loss <= bound + ZERO).all())
    return said


def conclusion(data: Gaps) -> Conclusion:
    """Is maximising the ELBO maximum likelihood when q is rich, and what does a poor q cost?"""
    found, names = judged(data), families_of(data.variant)
    said = "; ".join(f"{name}: {'yes' if holds else 'no'}" for name, holds in found.items())
    lines = [
        f"{shown(family)}: {_finite(data.measured[0, i])},"
        f" {_finite(data.measured[1, i])},"
        f" {_finite(data.measured[2, i])}, {int(data.same[i].sum())} of {data.seeds}"
        for i, family in enumerate(names)
    ]
    return Conclusion(
        all(found.values()),
        f"{said}. Gap at the truth and log-likelihood lost (nats per transition), suboptimality"
        f" (MLE: {_finite(data.likelihood)}), seeds with the maximiser of the likelihood: "
        + "; ".join(lines)
        + ".",
    )


def _finite(values: Floats) -> str:
    """Mean and standard error, or on how many seeds it is infinite; rounding is cut off."""
    infinite = int(np.isinf(values).sum())
    if infinite:
        return f"infinite on {infinite} of {len(values)}"
    return plus_minus(np.round(values, 9) + 0.0, ".4f", ".4f")


def middle(values: Floats) -> tuple[Floats, Floats]:
    """Mean and standard error over the seeds (..., seeds); an infinite mean has error NaN."""
    mean = values.mean(-1)
    finite = np.where(np.isfinite(mean)[..., None], values, np.nan)
    return mean, finite.std(-1, ddof=1) / np.sqrt(values.shape[-1])


def shown(family: Family) -> str:
    """A family's name for a reader."""
    return NAMED[family] if isinstance(family, str) else f"{family} clusters"


def columns(data: Gaps) -> dict[str, Any]:
    """One row for each family: rows of q, mean and standard error of each measure, sameness."""
    names = families_of(data.variant)
    table: dict[str, Any] = {
        "family": [shown(family) for family in names],
        "rows": [rows_of(family) for family in names],
    }
    for measure, values in zip(MEASURES, data.measured, strict=True):
        mean, error = middle(values)
        table |= {f"{measure}_mean": mean, f"{measure}_se": error}
    return table | {"seeds_as_mle": data.same.sum(-1)}


def rows_of(family: Family) -> int:
    """How many rows q has."""
    return ROWS[family] if isinstance(family, str) else family


# ---- drawing -------------------------------------------------------------------------------------

TITLES = ("ELBO gap at the truth", "log-likelihood lost by the fit", "suboptimality of the plan")
UNITS = ("nats per transition", "nats per transition", "discounted reward")
SMALL = 1e-3
"""Below this the scale is linear, so that 0 has a place."""


def draw(data: Gaps) -> Figure:
    """Gap, likelihood lost and suboptimality against the number of rows of q."""
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(PAGE, 2.6), layout="constrained")
        panels = figure.subplots(1, 3)
        for axes, values, title, unit in zip(panels, data.measured, TITLES, UNITS, strict=False):
            _panel(axes, data.variant, values)
            axes.set(title=title, ylabel=unit, xlabel="rows of q")
        reach = data.likelihood.mean()
        panels[2].axhline(reach, color="grey", ls=":", label="maximum likelihood")
        figure.legend(*panels[2].get_legend_handles_labels(), loc="outside upper center", ncols=6)
        figure.supxlabel(
            f"{data.variant}: mean of {data.seeds} seeds ± 1 standard error; linear below {SMALL};"
            " an arrow marks an infinite gap",
            fontsize=7,
        )
    return figure


def _panel(axes: Any, variant: str, values: Floats) -> None:
    names, (mean, error) = families_of(variant), middle(values)
    top = 3 * max(mean[np.isfinite(mean)].max(), SMALL)
    for i, family in enumerate(names):
        if isinstance(family, str):
            k = list(ROWS).index(family)
            look = {"color": COLOURS[k], "marker": MARKERS[k], "label": NAMED[family]}
        else:
            first = family == min(it for it in names if not isinstance(it, str))
            look = {"color": COLOURS[4], "marker": "x", "label": "clusters" if first else None}
        if np.isfinite(mean[i]):
            axes.errorbar(rows_of(family), mean[i], error[i], ls="", ms=5, capsize=2, **look)
        else:
            axes.plot(rows_of(family), top, ls="", ms=7, **{**look, "marker": r"$\uparrow$"})
    axes.set_yscale("symlog", linthresh=SMALL)
    axes.set_ylim(-SMALL / 3, 1.5 * top)
    axes.set(xscale="log", xlim=(0.7, 100), xticks=[1, 10, 100], xticklabels=["1", "10", "100"])
