r"""Eigendecay of the Matern and Gaussian kernels (LV-Rep, Remark 8) at growing resolution.

Eigenvalues of T_k on [0, 1] with the Lebesgue measure by Nystrom's method at Gauss-Legendre nodes,
each with an estimate of its error from half the nodes; shown and fitted are those of at least ten
times their error. Predicted for a Matern kernel of smoothness nu: i^-(1 + 2 nu), so polynomial
decay with beta = 1 + 2 nu; for the Gaussian faster than any exponential: its eigenvalues beyond n
are at most the Poisson tail sum_{j >= n} c^j / j!, c = 2 r^2 / sigma^2 on an interval of length
2r (the claim `gaussian_kernel_decays`). The trend with the number of nodes is what a finite
computation can say of an infinite spectrum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.engines import growth_rate
from theorylab.errors import InvalidArgument
from theorylab.theory.kernels import nystrom
from theorylab.worlds.kernels import GaussianKernel, Kernel, MaternKernel

from .log_det_growth import shifted_rate
from .shared import Conclusion, Each, Floats, check_integer, frozen
from .style import COLUMN, cycle, paper_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VARIANTS = ("interval",)
SMOOTHNESS = ("1/2", "3/2", "5/2")
SCALE = 0.5
FIRST = 2
"""The first eigenvalues, before the power law, are left out of the fits."""
NEAR = 0.1
"""A fitted exponent within this share of the predicted one is called the same."""


@dataclass(frozen=True, eq=False)
class Spectra:
    """Of each kernel at each number of nodes: the eigenvalues above ten times their error.

    Shapes: nodes (m,), values (kernels, m, n) with NaN where the error is too large.
    """

    names: tuple[str, ...]
    nodes: Floats
    values: Floats


def kernels() -> dict[str, Kernel]:
    """The kernels by name."""
    rough = {f"Matern {nu}": MaternKernel(nu, SCALE) for nu in SMOOTHNESS}
    return {**rough, "Gaussian": GaussianKernel(SCALE)}


def compute(
    variant: str = "interval", *, doublings: int = 3, seed: int = 0, each: Each = map
) -> Spectra:
    """Eigenvalues at 64 nodes and so many doublings. Nothing is random.

    Raises: InvalidArgument for an unknown variant, or doublings outside 1..4.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(
            f"kernel_spectra: variant is {variant!r}, expected one of {VARIANTS}."
        )
    check_integer("kernel_spectra", "doublings", doublings, 1, 4)
    nodes = [64 * 2**k for k in range(doublings + 1)]
    names = tuple(kernels())
    found = list(each(measured, [(name, m, nodes[-1] // 2) for name in names for m in nodes]))
    shape = (len(names), len(nodes), nodes[-1] // 2)
    return Spectra(names, frozen(nodes), frozen(np.array(found).reshape(shape)))


def measured(item: tuple[str, int, int]) -> Floats:
    """The known eigenvalues, filled up with NaN to a length."""
    name, nodes, length = item
    found = nystrom(kernels()[name], nodes)
    row = np.full(length, np.nan)
    row[: found.known] = found.values[: found.known]
    return row


def known(data: Spectra, kernel: int, resolution: int) -> Floats:
    """The known eigenvalues of one kernel at one number of nodes."""
    row = data.values[kernel, resolution]
    return row[: int(np.isfinite(row).sum())]


def exponent(data: Spectra, kernel: int, resolution: int) -> tuple[float, tuple[float, float]]:
    """Matern: b of mu_i ~ (i + d)^-b. Gaussian: b of -log mu_i ~ i^b, super-exponential if > 1."""
    values = known(data, kernel, resolution)[FIRST:]
    i = np.arange(FIRST + 1.0, FIRST + 1 + len(values))
    if data.names[kernel] == "Gaussian":
        return growth_rate(i.tolist(), (-np.log(values)).tolist())
    return shifted_rate(i, 1 / values)


def poisson_tail(n: int) -> float:
    """sum_{j >= n} c^j / j!: above the sum of the Gaussian's eigenvalues beyond the first n."""
    c = 2 * 0.25 / SCALE**2
    return sum(c**j / math.factorial(j) for j in range(n, n + 60))


def conclusion(data: Spectra) -> Conclusion:
    """Do the spectra decay as Remark 8 says, at the finest resolution?"""
    last = len(data.nodes) - 1
    texts, good = [], True
    for k, name in enumerate(data.names):
        fits = [exponent(data, k, r)[0] for r in range(len(data.nodes))]
        value, (low, high) = exponent(data, k, last)
        trend = ", ".join(f"{fit:.2f}" for fit in fits)
        if name == "Gaussian":
            row = known(data, k, last)
            below = all(mu <= poisson_tail(i) * (1 + 1e-9) for i, mu in enumerate(row))
            good &= below and low > 1
            side = "at most" if below else "NOT below"
            texts.append(f"Gaussian: -log mu_i like i^b, b = {trend} ({len(row)} known), each"
                         f" eigenvalue {side} the Poisson tail")  # fmt: skip
            continue
        predicted = 1 + 2 * float(MaternKernel(SMOOTHNESS[k], 1).nu)
        good &= abs(value - predicted) <= NEAR * predicted
        count = len(known(data, k, last))
        texts.append(f"{name}: {trend}, at last [{low:.2f}, {high:.2f}] with {count} known,"
                     f" predicted {predicted:g}")  # fmt: skip
    nodes = ", ".join(f"{m:.0f}" for m in data.nodes)
    return Conclusion(bool(good), f"Exponents at {nodes} nodes. {'; '.join(texts)}.")


def columns(data: Spectra) -> dict[str, Any]:
    """One row for each kernel, number of nodes and known eigenvalue."""
    at = np.argwhere(np.isfinite(data.values))
    return {
        "kernel": np.array(data.names)[at[:, 0]],
        "nodes": data.nodes[at[:, 1]].astype(int),
        "i": at[:, 2] + 1,
        "eigenvalue": data.values[tuple(at.T)],
    }


def draw(data: Spectra) -> Figure:
    """Known eigenvalues against their index, the coarsest resolution as marks on the finest."""
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(COLUMN, 2.6), layout="constrained")
        axes = figure.subplots()
        for k, name in enumerate(data.names):
            look = cycle(k)
            for r, style in ((len(data.nodes) - 1, "-"), (0, "")):
                row = known(data, k, r)
                axes.plot(np.arange(1, len(row) + 1), row, color=look["color"], linestyle=style,
                          marker=look["marker"] if r == 0 else None,
                          label=name if r else None)  # fmt: skip
        axes.set(xscale="log", yscale="log", xlabel="i", ylabel=r"$\mu_i$")
        axes.legend()
    return figure
