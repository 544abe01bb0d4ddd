"""What the regret figure measures, from the runs that `regret` asks for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .regret_run import CLASSES, Found
from .shared import Floats

VARIANTS = CLASSES
ROUNDS = (4, 8, 16, 32, 64)
GAMMAS = (1 / 2, 3 / 4, 7 / 8, 15 / 16, 31 / 32)


@dataclass(frozen=True, eq=False)
class Regret:
    """What was measured, in the order of ALGORITHMS.

    by_rounds (algorithm, T, seeds, 3), by_gamma (algorithm, gamma, seeds, 3): mean regret, bound,
    Reg_T; adversary (algorithm, seeds): the largest ratio found; runs, held, void (algorithm,): all
    runs, those on which the claims hold, those whose bound is infinite.
    """

    variant: str
    seeds: int
    seed: int
    tries: int
    by_rounds: Floats
    by_gamma: Floats
    adversary: Floats
    runs: Floats
    held: Floats
    void: Floats


def collected(
    variant: str, seed: int, tries: int, found: list[Found], shape: tuple[int, ...], by_rounds: int
) -> Regret:
    """Runs in the order `shape`: algorithm, setting, seed.

    The first `by_rounds` settings vary T, the last is the adversary's, those between vary gamma.
    """
    sides = np.array([(it.regret, it.bound, it.learner) for it in found]).reshape(*shape, 3)
    counts = np.array([(it.runs, it.held, it.void) for it in found]).reshape(*shape, 3).sum((1, 2))
    ratios = np.array([it.ratio for it in found]).reshape(shape)
    return Regret(
        variant,
        shape[-1],
        seed,
        tries,
        by_rounds=sides[:, :by_rounds],
        by_gamma=sides[:, by_rounds:-1],
        adversary=ratios[:, -1],
        runs=counts[:, 0],
        held=counts[:, 1],
        void=counts[:, 2],
    )
