"""Fronts of alpha vectors: dominance, hulls, rounding up, memory."""

import numpy as np
import pytest

from theorylab.algorithms.latent_fronts import undominated
from theorylab.algorithms.mvp_solver import mvp_solver
from theorylab.errors import InvalidArgument

from .test_latent_solvers import guess, world


def test_a_resolution_rounds_up_and_says_so():
    for seed in range(5):
        W = world(seed, H=4)
        known = guess(W, seed, 0.02, 4000)
        exact, rounded = mvp_solver()(known), mvp_solver(resolution=1 / 64)(known)
        assert exact.value - 1e-9 <= rounded.value <= exact.value + W.H / 64
        assert rounded.note == "rounded up to 1/64 after each step"


def test_fronts():
    points = np.array([[0, 1], [1, 0], [0.4, 0.4], [0.2, 0.3], [1, 0], [0.6, 0.6]])
    assert undominated(points).tolist() == [0, 1, 5]
    assert undominated(points[:4], hull=True).tolist() == [0, 1]
    assert undominated(points[:4]).tolist() == [0, 1, 2]


def test_bad_arguments_name_themselves():
    W = world(0, 2, 3, 2, 6)
    known = guess(W, 0, 0.001, 10**6)
    with pytest.raises(InvalidArgument, match="choices of next vectors"):
        mvp_solver(memory=2000)(known)
    with pytest.raises(InvalidArgument, match="resolution is -1"):
        mvp_solver(resolution=-1)(known)
