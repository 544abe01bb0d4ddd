"""Algorithms 1 and 2 of LV-Rep reach the optimum on block MDPs, combination locks and random
low-rank MDPs, on every seed; and what the constants of the proof cost.

The bonus is small: 1e-4 of the corrected alpha, lambda = 1. Of Theta(1) the proof's alpha clips
the bonus of every pair for longer than can be run online; offline it works at 10^11 samples.
"""

import numpy as np
import pytest

from figures.lv_run import block_world, lock_world, low_rank_world
from theorylab.algorithms.representation_bonus import Bonus
from theorylab.algorithms.representation_classes import lock_class
from theorylab.algorithms.representation_lcb import exploit
from theorylab.algorithms.representation_ucb import explore
from theorylab.worlds.latent_variable_instances import combination_lock, in_floats

SMALL = {"scale": 1e-4, "regular": 1.0}
EXACT = 1e-9


def noisy_lock(seed):
    """A lock of length 4 that slips with probability 1/10, and all such locks."""
    code = np.random.default_rng(seed).integers(2, size=4)
    lock = in_floats(combination_lock(tuple(code.tolist()), noise="1/10", copies=2))
    return lock, lock_class(lock, noise=0.1)


WORLDS = {
    "lock": lock_world,
    "noisy lock": noisy_lock,
    "block": block_world,
    "low rank": low_rank_world,
}


def online(name, bonus, episodes, seed, until=None):
    """A run of Algorithm 1."""
    truth, candidates = WORLDS[name](seed)
    return explore(truth, candidates, bonus, episodes=episodes, seed=seed + 100, until=until)


@pytest.mark.parametrize("name", WORLDS)
def test_online_the_last_policies_are_optimal(name):
    """Regret 0 in each of the last 150 of 600 episodes, not from the first one on."""
    runs = [online(name, Bonus(**SMALL), 600, seed) for seed in range(3)]
    assert max(run.regret[-150:].max() for run in runs) < EXACT
    assert max(run.regret[0] for run in runs) > 1e-3


def test_without_a_bonus_the_lock_stays_shut():
    """A bonus however small opens it: what is tried first is what was not seen."""
    for seed in range(3):
        assert online("lock", Bonus("none"), 300, seed).regret.min() > 1
        assert online("lock", Bonus(**SMALL), 300, seed, until=0.0).regret[-1] < EXACT


def test_with_the_constants_of_the_proof_every_bonus_is_clipped():
    """All pairs then have the same bonus: the plan is the greedy one, and the lock stays shut."""
    run = online("lock", Bonus(), 300, 0)
    assert (run.bonuses == run.constants.clip).all() and run.regret.min() > 1


@pytest.mark.parametrize("name", WORLDS)
def test_offline_the_policy_is_optimal_once_data_suffice(name):
    """Uniform behaviour: never at 3 samples on all seeds, always at 10^5."""
    gaps = {}
    for samples in (3, 10**5):
        gaps[samples] = []
        for seed in range(3):
            truth, candidates = WORLDS[name](seed)
            uniform = np.full((truth.S, truth.A), 1 / truth.A)
            run = exploit(
                truth, candidates, uniform, Bonus(**SMALL), samples=samples, seed=seed
            )  # fmt: skip
            gaps[samples].append(run.gap)
    assert max(gaps[10**5]) < EXACT < max(gaps[3])


@pytest.mark.parametrize("name", WORLDS)
def test_offline_the_constants_of_the_proof_need_many_samples(name):
    """alpha grows with the root of log n only: at 10^4 samples it is too large, not at 10^11."""
    gaps = {}
    for samples in (10**4, 10**11):
        gaps[samples] = []
        for seed in range(2):
            truth, candidates = WORLDS[name](seed)
            uniform = np.full((truth.S, truth.A), 1 / truth.A)
            run = exploit(truth, candidates, uniform, Bonus(), samples=samples, seed=seed)
            gaps[samples].append(run.gap)
    assert max(gaps[10**11]) < EXACT < 0.1 < max(gaps[10**4])
