"""LV-Rep, Algorithm 1 with its bonus clipped at 2: the instance of the claims is the world that is
run, and the run behaves as they say."""

import flint
import numpy as np
import pytest

from theorylab.algorithms.representation_bonus import Bonus
from theorylab.algorithms.representation_classes import ListedClass
from theorylab.algorithms.representation_ucb import explore
from theorylab.theory.tabular import state_occupancy
from theorylab.worlds import Policy
from theorylab.worlds.latent_variable_instances import clipped_bonus_pair, in_floats
from verification.lvrep.algorithm_1 import AFTER, AWAY, THERE, world

ONE = flint.fmpq(1)
GAMMA = flint.fmpq(9, 10)


def test_the_claims_speak_of_the_world_that_is_run():
    truth, other = clipped_bonus_pair()
    kept = flint.fmpq(3, 5)
    claimed = world(ONE, GAMMA, kept=kept)
    for key in ("latents", "emissions", "payoff", "start"):
        assert (getattr(truth, key) == getattr(claimed, key)).all()
    after = (*AFTER[:2], (4, 4), *AFTER[3:])
    assert (other.latents == world(ONE, GAMMA, kept=kept, after=after).latents).all()


def test_the_first_episode_by_hand():
    """d(1) = 1/10 9/10 1/2, d(2) = 9/20 d(1) / (1/10); s' = 2 from 1 by one of two actions."""
    truth = clipped_bonus_pair()[0]
    d = state_occupancy(truth.mdp, Policy(np.array([["1/2", "1/2"]] * 5)))
    assert (d[1], d[2]) == (flint.fmpq(9, 200), flint.fmpq(81, 400))
    assert d[2] + d[1] / 2 == GAMMA / 4


@pytest.mark.parametrize("scale", [0.01, 1.0])
def test_runs_are_blind_as_often_and_lose_27_tenths(scale):
    """Whatever alpha is: 200 first episodes, 31/40 of them blind up to 4 standard errors; a run
    that did not see state 2 in its first episode does not later."""
    truth, other = (in_floats(it) for it in clipped_bonus_pair())
    candidates = ListedClass((other, truth))
    bonus = Bonus(printed=True, scale=scale)
    blind = 0
    for seed in range(200):
        run = explore(truth, candidates, bonus, episodes=1, seed=seed)
        blind += int(run.ties[-1] == 2)
    assert abs(blind / 200 - 31 / 40) < 4 * np.sqrt(31 / 40 * 9 / 40 / 200)
    for seed in range(8):
        run = explore(truth, candidates, bonus, episodes=100, seed=seed)
        unseen = run.ties[0] == 2
        expected = np.full(100, 2.7 if unseen else 0.0)
        assert not unseen or run.regret == pytest.approx(expected)
        assert not unseen or run.ties[-1] == 2
    assert (AWAY.probabilities[0, 0], THERE.probabilities[0, 1]) == (1, 1)
