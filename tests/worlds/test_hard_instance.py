"""The hard instance by hand, and what it refuses."""

import flint
import numpy as np
import pytest

from theorylab.errors import ModelError
from theorylab.worlds.hard_instance import (
    hard_instance,
    hard_layout,
    permutation,
    reward_for_variance,
)
from theorylab.worlds.latent_mdp import largest_total


def test_figure_1() -> None:
    """M = 2, S = 11: e_1 -> e_2 or e_2 -> e_1, s_1 with seven tree states, g and t."""
    layout = hard_layout(11, 2, 2)
    W = hard_instance(layout, "1/2", "1/8", (0, 7))
    assert [int(np.argmax(W.nu[m])) for m in range(2)] == [0, 1]
    assert W.P[0, 0, 0, 1] == 1 == W.P[0, 1, 0, 2] and W.P[1, 1, 1, 0] == 1 == W.P[1, 0, 1, 2]
    # s_1 is 2; its action number 1 (index 0) leads to s_3, number 2 to s_2
    assert W.P[0, 2, 0, 4] == 1 == W.P[0, 2, 1, 3]
    assert W.P[0, 5, 0, 9] == flint.fmpq(5, 8) and W.P[1, 5, 0, 9] == flint.fmpq(1, 2)
    assert W.P[1, 8, 1, 9] == flint.fmpq(5, 8) and W.P[1, 8, 1, 10] == flint.fmpq(3, 8)
    assert W.degree == 2 and W.H == 6 and largest_total(W) == flint.fmpq(1, 2)


def test_every_layout_fits_and_tells_the_contexts_apart() -> None:
    for S in range(6, 13):
        for M in (1, 2, 6):
            it = hard_layout(S, 3, M)
            assert it.d_1 + it.N + 2 <= S < it.d_1 + 2 * it.N + 4
            assert len({permutation(m, it.d_1) for m in range(M)}) == M


def test_floats_and_exact_tables_agree() -> None:
    layout, answers = hard_layout(7, 3, 6), (0, 1, 2, 2, 1, 0)
    exact = hard_instance(layout, 1, "1/4", answers)
    floats = hard_instance(layout, 1.0, 0.25, answers)
    assert floats.P.dtype == np.float64
    assert ([[[[int(p.p) / int(p.q) for p in row] for row in pair] for pair in own]
                         for own in exact.P] == floats.P).all()  # fmt: skip


def test_variance_gives_the_reward() -> None:
    assert reward_for_variance(0.25) == 1
    with pytest.raises(ModelError, match=r"V is 0\.3, expected a variance in"):
        reward_for_variance(0.3)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ((5, 2, 1), "S is 5"),
        ((6, 1, 1), "A is 1"),
        ((6, 2, 7), "at most floor"),
        ((8, 2, 3, 2), "d_1 is 2"),
        ((8, 2, 3, 5), "d_1 is 5"),
    ],
)
def test_sizes_refused(sizes: tuple[int, ...], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        hard_layout(*sizes)


def test_values_refused() -> None:
    layout = hard_layout(6, 2, 2)
    for arguments, words in (
        ((2, "1/8", (0, 0)), "x is 2"),
        ((1, "1/3", (0, 0)), "eps is 1/3"),
        ((1, "1/8", (0, 2)), r"answers\[1\] is 2"),
        ((1, "1/8", (0,)), "one for each of 2"),
        ((1, "1/8", (0, 0), 3), "H is 3"),
    ):
        with pytest.raises(ModelError, match=words):
            hard_instance(layout, *arguments)
    with pytest.raises(ModelError, match="entries, expected at most"):
        hard_instance(hard_layout(20, 2, 40_000), 1, "1/8", (0,) * 40_000)
