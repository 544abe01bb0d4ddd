r"""Alpha-vector envelopes: the optimal value of a latent MDP over the beliefs of 2 and 3 contexts.

A patient has one of M illnesses. A test takes a step and points to the right one with probability
4/5, else to one of the others at random; treating makes well if it was the right illness, and each
step well pays 1/H; a referred patient is worth 11/20 of that for sure. So a test costs time. After
each history the best that can still be earned is max over alpha of b . alpha, b the belief over the
illnesses (LMDP, Section 3.2 and Appendix B.1): convex, and linear where one vector is best.

Drawn are the vectors that some belief needs, all of them and no other, found exactly
(`theorylab.algorithms.alpha_vectors`), and by colour the action that each begins with. Left open by
the paper, and chosen here: the example. The reward is that of an episode, undiscounted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import flint
import numpy as np

from theorylab.algorithms.alpha_vectors import AlphaSet, alpha_vector_sets
from theorylab.errors import InvalidArgument
from theorylab.worlds.checks import to_float
from theorylab.worlds.latent_mdp import LatentMDP

from .shared import Conclusion, Floats, Variations, check_integer, frozen
from .style import COLOURS, PAGE, PURPLE, paper_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VARIANTS = ("two", "three")
CONTEXTS = {"two": 2, "three": 3}
BELIEFS = 8
TEST, GREY = 0, "#888888"


@dataclass(frozen=True, eq=False)
class Envelopes:
    """With 1, ..., H steps left the useful vectors (K, M), their first actions and losses (K,).

    `error` is the largest difference from backward induction over all histories, at random beliefs.
    """

    M: int
    vectors: tuple[Floats, ...]
    actions: tuple[Floats, ...]
    losses: tuple[Floats, ...]
    error: float


def compute(variant: str, *, horizon: int = 7, seed: int = 0) -> Envelopes:
    """The sets before the first test with 1, ..., `horizon` steps left; seed: beliefs compared.

    Raises: InvalidArgument for an unknown variant, or a horizon other than 2, ..., 8.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(
            f"alpha_envelopes: variant is {variant!r}, expected one of {VARIANTS}."
        )
    check_integer("alpha_envelopes", "horizon", horizon, 2, 8)
    return measured(patient(CONTEXTS[variant], horizon), seed)


def patient(M: int, H: int, accuracy: str = "4/5", referral: str = "11/20") -> LatentMDP:
    """States: 0 untested, 1 + k the test points to k, then well, ill and referred; all stay so.

    Actions: 0 test, 1 + k treat illness k, M + 1 refer.
    """
    right, zero = flint.fmpq(*map(int, accuracy.split("/"))), flint.fmpq(0)
    well, ill, referred = M + 1, M + 2, M + 3
    unit = np.array([[flint.fmpq(int(s == t)) for t in range(M + 4)] for s in range(M + 4)])
    P = np.broadcast_to(unit[:, None], (M, M + 4, M + 2, M + 4)).copy()
    labels = np.zeros((M, M + 4, M + 2), dtype=np.int64)
    labels[:, well], labels[:, referred], labels[:, : M + 1, M + 1] = 1, 2, 2
    P[:, : M + 1, 1 : M + 1], P[:, : M + 1, M + 1] = unit[ill], unit[referred]
    for m in range(M):
        wrong = (1 - right) / (M - 1)
        shown = [right if k == m else wrong for k in range(M)]
        P[m, : M + 1, TEST] = [zero, *shown, zero, zero, zero]
        P[m, : M + 1, 1 + m], labels[m, : M + 1, 1 + m] = unit[well], 1
    share = flint.fmpq(*map(int, referral.split("/"))) / H
    palette = [zero, flint.fmpq(1, H), share]
    return LatentMDP([flint.fmpq(1, M)] * M, [unit[0]] * M, P, palette, labels, H)


def measured(W: LatentMDP, seed: int) -> Envelopes:
    """The sets before the first test, and how far they are from all histories."""
    sets = [row[0] for row in reversed(alpha_vector_sets(W))]
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    beliefs = rng.dirichlet(np.ones(W.M), size=BELIEFS)
    vectors = tuple(frozen(to_float(found.vectors)) for found in sets)
    errors = [(table @ b).max() - by_histories(W, b, h) for b in beliefs
              for h, table in enumerate(vectors, start=1)]  # fmt: skip
    return Envelopes(
        W.M,
        vectors,
        tuple(frozen(found.actions) for found in sets),
        tuple(frozen(_losses(found)) for found in sets),
        float(np.abs(errors).max()),
    )


def _losses(found: AlphaSet) -> Floats:
    return to_float(np.array(found.losses, dtype=object))


def by_histories(W: LatentMDP, belief: Floats, steps: int) -> float:
    """The optimal value before the first test with so many steps left, over all histories."""
    P, R = to_float(W.P), to_float(W.rewards)

    @cache
    def best(weights: tuple[float, ...], s: int, left: int) -> float:
        if not left:
            return 0.0
        c = np.array(weights)
        return max(float(c @ R[:, s, a]) + after(c, s, a, left - 1) for a in range(W.A))

    def after(c: Floats, s: int, a: int, left: int) -> float:
        total = 0.0
        for label in range(W.L):
            same = c * (W.labels[:, s, a] == label)
            for then in range(W.S):
                reached = same * P[:, s, a, then]
                total += best(tuple(reached.tolist()), then, left) if reached.any() else 0.0
        return total

    return best(tuple(belief.tolist()), 0, steps)


def columns(data: Envelopes) -> dict[str, Any]:
    """One row for each vector: steps left, its number, its first action, entries, loss."""
    steps = np.repeat(np.arange(1, len(data.vectors) + 1), [len(v) for v in data.vectors])
    table = {"steps_left": steps, "number": np.concatenate([np.arange(len(v))
             for v in data.vectors])}  # fmt: skip
    entries = np.concatenate(data.vectors)
    table |= {"action": np.concatenate(data.actions).astype(int)}
    table |= {f"alpha_{m}": entries[:, m] for m in range(data.M)}
    return table | {"loss": np.concatenate(data.losses)}


def conclusion(data: Envelopes) -> Conclusion:
    """The envelope is the optimal value over all histories, and no vector can be spared."""
    least = min(float(losses.min()) for losses in data.losses)
    right = data.error < 1e-9 and least > 0
    counts = ", ".join(str(len(table)) for table in data.vectors)
    growing = all((b.max(0) >= a.max(0)).all() for a, b in zip(data.vectors, data.vectors[1:],
                                                               strict=False))  # fmt: skip
    return Conclusion(
        right and growing,
        f"M = {data.M}: {counts} vectors with 1, ..., {len(data.vectors)} steps left. Their"
        f" maximum is {'' if data.error < 1e-9 else 'NOT '}the optimal value over all histories"
        f" (largest difference {data.error:.0e} at {BELIEFS} beliefs); each vector is needed, the"
        f" loss of the least would cost {least:.2g} of an episode's reward of at most 1.",
    )


def variations(*, horizon: int = 5, seed: int = 0) -> Variations:
    """One choice of the example changed at a time: how many vectors, and how many begin a test."""
    changes: dict[str, dict[str, str]] = {
        "nothing": {},
        "accuracy 3/5": {"accuracy": "3/5"},
        "accuracy 9/10": {"accuracy": "9/10"},
        "referral 9/10": {"referral": "9/10"},
        "referral 1/10": {"referral": "1/10"},
    }
    rows = []
    for name, change in changes.items():
        found = [measured(patient(M, horizon, **change), seed) for M in CONTEXTS.values()]
        counts = [f"{len(d.vectors[-1])} ({int((d.actions[-1] == TEST).sum())})" for d in found]
        held = all(conclusion(data).supported for data in found)
        rows.append((name, *counts, "yes" if held else "no"))
    text = f"Vectors with {horizon} steps left, in brackets those that begin with a test."
    return Variations(("changed", "M = 2", "M = 3", "holds"), tuple(rows), text)


# ---- drawing -------------------------------------------------------------------------------------


def draw(data: Envelopes) -> Figure:
    """Three panels with 1, half and all steps left: lines over [0, 1], or regions of a triangle."""
    from matplotlib.figure import Figure

    H = len(data.vectors)
    panel = _lines if data.M == 2 else _regions
    with paper_style():
        figure = Figure(figsize=(PAGE, 2.4), layout="constrained")
        for axes, h in zip(figure.subplots(1, 3), (1, (H + 1) // 2, H), strict=True):
            panel(axes, data.vectors[h - 1], data.actions[h - 1])
            count = len(data.vectors[h - 1])
            axes.set_title(f"{h} step{'s' * (h > 1)} left: {count} vectors")
        _legend(figure, data.M)
    return figure


def action_name(M: int, a: int) -> str:
    """What the action is called in the figure."""
    return "test" if a == TEST else "refer" if a == M + 1 else f"treat {a}"


def _colour(M: int, a: int) -> str:
    return GREY if a == TEST else PURPLE if a == M + 1 else COLOURS[a - 1]


def _legend(figure: Figure, M: int) -> None:
    from matplotlib.lines import Line2D

    names = [action_name(M, a) for a in range(M + 2)]
    lines = [Line2D([], [], color=_colour(M, a), linewidth=2) for a in range(M + 2)]
    figure.legend(lines, names, loc="outside lower center", ncols=M + 2)


def _lines(axes: Axes, vectors: Floats, actions: Floats) -> None:
    """Each vector over the chance of illness 2: thin, and thick where it is the best."""
    b = np.linspace(0, 1, 2001)
    worth = vectors[:, :1] * (1 - b) + vectors[:, 1:] * b
    best = worth.argmax(0)
    for k, (row, a) in enumerate(zip(worth, actions, strict=True)):
        colour = _colour(2, int(a))
        axes.plot(b[[0, -1]], row[[0, -1]], color=colour, linewidth=0.4, linestyle="--")
        axes.plot(b, np.where(best == k, row, np.nan), color=colour, linewidth=1.8)
    axes.set(xlim=(0, 1), ylim=(0, None), xlabel="belief in illness 2", ylabel="value")


def _regions(axes: Axes, vectors: Floats, actions: Floats) -> None:
    """The triangle of beliefs, cut into the regions where one vector is best."""
    corner = np.array([[0, 0], [1, 0], [0.5, np.sqrt(0.75)]])
    for k, a in enumerate(actions):
        region = where_best(vectors, k)
        if len(region) > 2:
            look = {"facecolor": _colour(3, int(a)), "edgecolor": "white", "linewidth": 0.4}
            axes.fill(*(region @ corner).T, **look)
    for m, place in enumerate(corner):
        axes.annotate(f"illness {m + 1}", place, (0, 4 if m == 2 else -8),
                      textcoords="offset points", ha="center", fontsize=6)  # fmt: skip
    axes.set_aspect("equal")
    axes.axis("off")


def where_best(vectors: Floats, k: int) -> Floats:
    """The corners (beliefs) of the region where vector k is best: the triangle, cut by each rival.

    Shape (c, 3), in order around it; no rows where it is best nowhere.
    """
    corners: Sequence[Floats] = list(np.eye(3))
    for rival in np.delete(vectors, k, axis=0):
        corners = _cut(corners, vectors[k] - rival)
    return np.array(corners).reshape(-1, 3)


def _cut(corners: Sequence[Floats], gap: Floats) -> list[Floats]:
    """What is left of a convex polygon where the gap is at least 0."""
    left = []
    for here, there in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        x, y = float(here @ gap), float(there @ gap)
        if x >= 0:
            left.append(here)
        if x * y < 0:
            left.append((y * here - x * there) / (y - x))
    return left
