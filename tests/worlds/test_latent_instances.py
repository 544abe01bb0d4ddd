"""Random and named latent MDPs: their bounds, degrees and seeds."""

import flint
import numpy as np
import pytest

from tests.latent_oracle import Plain
from theorylab.errors import InvalidArgument
from theorylab.worlds.latent_instances import (
    diagnosis,
    in_floats,
    random_latent,
    random_spikes,
    telling_arms,
)

SIZES = {"M": 2, "S": 3, "A": 2, "H": 4}


def totals(W):
    """The largest total reward of a trajectory that can happen, by following all of them."""
    world = Plain(W)

    def most(t, s, joint):
        paid = max(
            (world.palette[world.labels[m][s][a]], a) for a in range(W.A)
            for m, c in enumerate(joint) if c
        )  # fmt: skip
        if t == W.H:
            return paid[0]
        return max(
            world.palette[label] + most(t + 1, x, grown)
            for a in range(W.A) for label, x, grown in world.after(s, joint, a)
        )  # fmt: skip

    return max(most(1, s, joint) for s, joint in world.starts())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("degree", [None, 1, 2])
def test_random_ones_have_the_degree_and_pay_at_most_one(seed, degree):
    """Gamma as asked, exactly; some trajectory pays 1 where the palette had to be divided."""
    W = random_latent((seed, 1), **SIZES, L=3, degree=degree)
    assert ((W.P > 0).sum(-1) == (degree or 3)).all() and W.degree == (degree or 3)
    assert totals(W) <= 1
    assert (W.nu > 0).sum() == (2 if degree == 1 else 6)
    F = in_floats(W)
    assert F.P.dtype == np.float64 and F.labels is W.labels and F.H == W.H
    assert (np.abs(F.P.sum(-1) - 1) < 1e-15).all()


@pytest.mark.parametrize("seed", range(6))
def test_spikes_are_paid_once(seed):
    """Each context has its spikes, none in the end state; no trajectory meets two."""
    W = random_spikes(seed, **SIZES, spikes=2)
    assert (W.labels.sum((1, 2)) == 2).all() and not W.labels[:, -1].any()
    assert totals(W) == 1


def test_seeds_are_all_that_matters():
    one, same, other = (random_latent(seed, **SIZES) for seed in (5, 5, 6))
    assert (one.P == same.P).all() and (one.labels == same.labels).all()
    assert not (one.P == other.P).all()


def test_the_diagnosis_is_as_told():
    """Tests point to the right illness with the accuracy; treating ends; H = 1 is a guess."""
    W = diagnosis(3, "2/3")
    assert [[W.P[m, 2, 0, k] for k in (1, 2)] for m in (0, 1)] == [
        [flint.fmpq(2, 3), flint.fmpq(1, 3)], [flint.fmpq(1, 3), flint.fmpq(2, 3)]
    ]  # fmt: skip
    assert (W.P[:, :3, 1:, 3] == 1).all() and (W.P[:, 3, :, 3] == 1).all()
    assert W.rewards[0, 0, 1] == 1 == W.rewards[1, 2, 2] and W.labels.sum() == 6
    assert totals(W) == 1 == totals(telling_arms(3, 2))


@pytest.mark.parametrize(("make", "found"), [
    (lambda: random_latent(0, M=2, S=2, A=2, H=2, degree=3), "degree is 3, expected at most S = 2"),
    (lambda: random_latent(0, M=0, S=2, A=2, H=2), "M is 0, expected an integer of at least 1"),
    (lambda: random_spikes(0, M=1, S=2, A=1, H=1, spikes=2), "spikes is 2, expected at most"),
    (lambda: diagnosis(2, "3/2"), "accuracy is 3/2, expected a probability"),
    (lambda: diagnosis(0), "H is 0, expected"),
    (lambda: telling_arms(2, 1.0), "H is 1.0, expected"),
])  # fmt: skip
def test_wrong_sizes_are_refused(make, found):
    with pytest.raises(InvalidArgument) as caught:
        make()
    assert found in str(caught.value)
