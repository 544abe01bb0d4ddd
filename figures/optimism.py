r"""Optimism of Algorithm 1 of LV-Rep (Lemma 7), and how it fails: as alpha shrinks, by the clip.

    gap = min over deterministic pi of  V^pi_{T^, r+b} - V^pi_{T*, r} + slack,   slack = gamma /
    (1-gamma)^2 sqrt((1-gamma) A zeta),  zeta = E_{rho x U} t^2,  t half the l1 distance

alpha: runs on a combination lock of length 3 in the class of all locks, where what was not seen is
not believed; alpha is the corrected one times 1, 1/4, 1/16, ..., 0; lambda and clip the corrected
ones. Exact at each episode, all 2^S policies. Told: on how many episodes the gap is negative, for
some policy, and for the optimal one.

clip: the hard pair (five states; state 2 pays 1 for ever in the truth, once in T^, and is never
seen), all data from the policy that turns away, so zeta and slack are 0, with expected counts at n
= 10^4, 10^6, 10^8. V^ - V* of the policy that goes there, by gamma, with the printed bonus clipped
at 2 and the corrected one clipped at B = gamma^2 / (1-gamma). For n to infinity the gap is gamma B
+ gamma^2 - gamma^2 / (1-gamma): 0 for the corrected B, which so cannot be lowered; with 2 for B
negative from gamma = sqrt(3) - 1 on.

The paper, read as Lemma 7: with its own alpha and clip the gap is never negative.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from theorylab.algorithms.representation_bonus import Bonus, bonus_table, constants
from theorylab.algorithms.representation_classes import ListedClass, lock_class
from theorylab.algorithms.representation_terms import slack
from theorylab.algorithms.representation_ucb import Online, explore, policy_of
from theorylab.errors import InvalidArgument
from theorylab.theory.planning import optimal_policy
from theorylab.theory.tabular import performance, state_occupancy
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.latent_variable_instances import (
    clipped_bonus_pair,
    combination_lock,
    in_floats,
)

from .shared import Conclusion, Each, Floats, check_integer
from .style import PAGE, cycle, paper_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VARIANTS = ("alpha", "clip")
SCALES = (1.0, *(4.0**-k for k in range(1, 8)), 0.0)
GAMMAS = tuple(np.round(np.linspace(0.5, 0.95, 19), 3).tolist())
COUNTS = (10**4, 10**6, 10**8)
CODE = (1, 0, 1)


@dataclass(frozen=True, eq=False)
class Optimism:
    """What was measured. alpha: gap (scale, seeds, episodes) and `best` the same of the optimal
    policy; clip: gap (printed and corrected, n, gamma), `best` the same."""

    variant: str
    episodes: int
    seeds: int
    seed: int
    gap: Floats
    best: Floats


@dataclass(frozen=True)
class Item:
    """One run at a scale of alpha."""

    scale: float
    episodes: int
    seed: int
    replication: int


def compute(
    variant: str = "alpha", *, seeds: int = 4, episodes: int = 200, seed: int = 0, each: Each = map
) -> Optimism:
    """Measure the gaps; seeds and episodes matter for the runs alone.

    Raises: InvalidArgument for an unknown variant, no seeds or episodes, a negative seed.
    """
    if variant not in VARIANTS:
        raise InvalidArgument(f"optimism: variant is {variant!r}, expected one of {VARIANTS}.")
    for name, value, least in (("seeds", seeds, 1), ("episodes", episodes, 1), ("seed", seed, 0)):
        check_integer("optimism", name, value, least)
    if variant == "clip":
        found = np.array([[clip_gaps(printed, n) for n in COUNTS] for printed in (True, False)])
        return Optimism(variant, 0, 0, seed, found, found)
    items = [Item(scale, episodes, seed, k) for scale in SCALES for k in range(seeds)]
    runs = np.array(list(each(run_item, items))).reshape(len(SCALES), seeds, 2, episodes)
    return Optimism(variant, episodes, seeds, seed, runs[:, :, 0], runs[:, :, 1])


# ---- alpha: gaps along runs ----------------------------------------------------------------------


def run_item(item: Item) -> Floats:
    """Gaps of the worst and of the optimal policy after each episode, shape (2, N)."""
    lock = in_floats(combination_lock(CODE))
    seed = np.random.SeedSequence([item.seed, item.replication])
    bonus = Bonus(scale=item.scale)
    run = explore(lock, lock_class(lock), bonus, episodes=item.episodes, seed=seed)
    return gaps(run)


def gaps(run: Online) -> Floats:
    """V^pi_{T^, r+b} - V^pi_{T*, r} + slack, least over pi and of the optimal pi, shape (2, N)."""
    world, M = run.world, run.world.mdp
    every = np.array(list(itertools.product(range(world.A), repeat=world.S)))
    best = int(np.flatnonzero((every == optimal_policy(M).probabilities.argmax(-1)).all(1))[0])
    true = values(world, every)
    total = state_occupancy(M, policy_of(every[0], world.A)) * 0
    played = np.full((world.S, world.A), 1 / world.A)
    found = np.zeros((2, run.episodes))
    for n in range(1, run.episodes + 1):
        pi = replace(policy_of(every[0], world.A), probabilities=played)
        total = total + state_occupancy(M, pi)
        learned = run.candidates.pick(run.index[n - 1])
        t = np.abs(learned.P - world.P).sum(-1) / 2
        zeta = float((total @ t**2).sum() / (n * world.A))
        paid = learned.with_reward(learned.payoff + run.bonuses[n - 1])
        gap = values(paid, every) - true + slack(run.constants, zeta)
        found[:, n - 1] = gap.min(), gap[best]
        played = np.eye(world.A)[run.actions[n - 1]]
    return found


def values(model: LatentVariableModel, every: np.ndarray) -> Floats:
    """V from the start of each deterministic policy, actions (K, S) to (K,)."""
    states = np.arange(model.S)
    P, paid = model.P[states, every], model.payoff[states, every]
    V = np.linalg.solve(np.eye(model.S) - float(model.gamma) * P, paid[..., None])[..., 0]
    return np.asarray(V @ model.start)


# ---- clip: the hard pair -------------------------------------------------------------------------


def clip_gaps(printed: bool, n: int) -> list[float]:
    """V^_{T^, r+b} - V_{T*, r} of the policy that goes to state 2, at each gamma."""
    return [_clip_gap(printed, n, gamma) for gamma in GAMMAS]


def _clip_gap(printed: bool, n: int, gamma: float) -> float:
    truth, other = (in_floats(it) for it in clipped_bonus_pair(f"{round(1000 * gamma)}/1000"))
    away, there = np.zeros(5, dtype=np.int64), np.array([1, 1, 0, 0, 0])
    candidates = ListedClass((other, truth))
    known = constants(Bonus(printed=printed), candidates, np.eye(4), gamma=gamma, ratio=2, N=n)
    d = state_occupancy(truth.mdp, policy_of(away, 2))
    counts = np.repeat(d[:, None], 2, axis=1) * n / 2
    b = bonus_table(known, np.eye(4), other.latents, counts, n)
    paid = other.with_reward(other.payoff + b).mdp
    pi = policy_of(there, 2)
    return float(performance(paid, pi) - performance(truth.mdp, pi))


# ---- what it says --------------------------------------------------------------------------------


def failing(gap: Floats) -> Floats:
    """The share of negative gaps, over all but the first axis."""
    return np.asarray((gap < -1e-9).mean(tuple(range(1, gap.ndim))))


def conclusion(data: Optimism) -> Conclusion:
    """Is Algorithm 1 optimistic with its own bonus?"""
    if data.variant == "clip":
        printed, corrected = data.gap
        below = [
            f"n = 10^{len(str(n)) - 1}: "
            + (f"gamma >= {min(bad)}" if (bad := _negative(row)) else "none")
            for n, row in zip(COUNTS, printed, strict=True)
        ]
        return Conclusion(
            bool((printed >= -1e-9).all()),
            f"Printed, clip 2: negative at {'; '.join(below)}; at gamma = 9/10 "
            f"{', '.join(f'{gap:.3f}' for gap in printed[:, GAMMAS.index(0.9)])}. Corrected:"
            f" least gap {corrected.min():.3f}, negative at {len(_negative(corrected.min(0)))} of"
            f" {len(GAMMAS)} values of gamma.",
        )
    share, best = failing(data.gap), failing(data.best)
    cells = [
        f"{scale:.2g}: {a:.3f} ({b:.3f}, least gap {low:.3g})"
        for scale, a, b, low in zip(SCALES, share, best, data.gap.min((1, 2)), strict=True)
    ]
    return Conclusion(
        bool(share[0] == 0),
        f"Share of {data.seeds * data.episodes} episodes with a negative gap for some policy (the"
        f" optimal one), by the scale of alpha: {'; '.join(cells)}.",
    )


def _negative(row: Floats) -> list[float]:
    return [gamma for gamma, gap in zip(GAMMAS, row, strict=True) if gap < -1e-9]


def columns(data: Optimism) -> dict[str, Any]:
    """The plotted numbers."""
    if data.variant == "alpha":
        return {
            "scale": SCALES,
            "share_failing": failing(data.gap),
            "share_failing_optimal": failing(data.best),
            "least_gap": data.gap.min((1, 2)),
        }
    places = list(itertools.product(("printed", "corrected"), COUNTS, GAMMAS))
    names, counts, gammas = zip(*places, strict=True)
    return {"bonus": names, "n": counts, "gamma": gammas, "gap": data.gap.ravel()}


# ---- drawing -------------------------------------------------------------------------------------


def draw(data: Optimism) -> Figure:
    """Shares and least gaps against the scale, or gaps against gamma."""
    from matplotlib.figure import Figure

    with paper_style():
        figure = Figure(figsize=(PAGE, 2.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        (_draw_alpha if data.variant == "alpha" else _draw_clip)(left, right, data)
        figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def _draw_alpha(left: Axes, right: Axes, data: Optimism) -> None:
    x = np.arange(len(SCALES))
    labels = ["1", *(f"$4^{{-{k}}}$" for k in range(1, 8)), "0"]
    left.plot(x, failing(data.gap), label="some policy", **cycle(0))
    left.plot(x, failing(data.best), label="the optimal policy", **cycle(1))
    left.set(title="share of episodes that are not optimistic")
    right.plot(x, data.gap.min((1, 2)), **cycle(0))
    right.plot(x, data.best.min((1, 2)), **cycle(1))
    right.axhline(0, color="grey", linewidth=0.6)
    right.set(yscale="symlog", title="least gap")
    for axes in (left, right):
        axes.set_xticks(x, labels)
        axes.set_xlabel("alpha, times the corrected one")


def _draw_clip(left: Axes, right: Axes, data: Optimism) -> None:
    for axes, name, rows in zip((left, right), ("clip 2", "corrected"), data.gap, strict=True):
        for k, (n, row) in enumerate(zip(COUNTS, rows, strict=True)):
            axes.plot(GAMMAS, row, label=f"$n = 10^{{{len(str(n)) - 1}}}$", **cycle(k))
        axes.axhline(0, color="grey", linewidth=0.6)
        axes.set(yscale="symlog", xlabel="gamma", title=f"{name}: learned less true value")
