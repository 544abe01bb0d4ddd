r"""The hard instance of LMDP, Section 6.1: the context is told by a permutation, then guessed at.

    e_sigma_1(m) -> ... -> e_sigma_d1(m) -> s_1 -> (binary tree) -> leaf s_l -> g or t -> t

In context m the d_1 encoding states are visited in the order of the permutation sigma(m), whatever
is done. From s_i the action with number a leads to s_{2i + (a mod 2)}. At a leaf the action leads
to g with probability 1/2, and 1/2 + eps at the one leaf and action that are right in that context.
Only g pays: x, once. So an episode is one guess among C = L A choices in a known context.

States are numbered e_1 ... e_d1, s_1 ... s_N, g, t, then the unused ones, which lead to t; table
index a stands for the action with number a + 1 of the paper, index l for the leaf s_{L + l}.
An episode is over after d_1 + d_2 + 1 steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import ModelError
from theorylab.worlds.latent_mdp import LatentMDP
from theorylab.worlds.mdp import unchecked

ENTRIES = 2**24
"""The largest table P, (M, S, A, S), that is built."""


@dataclass(frozen=True)
class HardLayout:
    """Sizes that satisfy the constraints of Section 6.1; `hard_layout` makes them.

    >>> it = hard_layout(S=11, A=2, M=2)
    >>> it.d_1, it.d_2, it.L, it.C, it.steps
    (2, 3, 4, 8, 6)
    """

    S: int
    A: int
    M: int
    d_1: int
    d_2: int

    @property
    def L(self) -> int:
        """The number of leaves, 2^(d_2 - 1)."""
        return 2 ** (self.d_2 - 1)

    @property
    def N(self) -> int:
        """The number of states of the tree, 2^d_2 - 1."""
        return 2 * self.L - 1

    @property
    def C(self) -> int:
        """The number of choices, L A."""
        return self.L * self.A

    @property
    def steps(self) -> int:
        """The steps until g has paid, d_1 + d_2 + 1: the shortest horizon."""
        return self.d_1 + self.d_2 + 1

    @property
    def good(self) -> int:
        """The index of g; t comes next."""
        return self.d_1 + self.N

    def tree(self, i: int) -> int:
        """The index of s_i, i = 1, ..., N."""
        return self.d_1 + i - 1

    def leaf(self, choice: int) -> int:
        """The index of the leaf of a choice: choices are numbered l A + a."""
        return self.tree(self.L + choice // self.A)


def hard_layout(S: int, A: int, M: int, d_1: int | None = None) -> HardLayout:
    """The layout for these sizes, with the smallest d_1 that has M permutations unless it is given.

    Raises: ModelError for S < 6, A < 2, M above floor(S/2)!, or a d_1 above S/2 or with d_1! < M.
    """
    for name, value, least in (("S", S, 6), ("A", A, 2), ("M", M, 1)):
        if type(value) is not int or value < least:
            raise ModelError(f"hard_layout: {name} is {value!r}, expected an integer >= {least}")
    most = S // 2
    smallest = next((d for d in range(1, most + 1) if math.factorial(d) >= M), None)
    if smallest is None:
        raise ModelError(
            f"hard_layout: M is {M}, expected at most floor(S/2)! = {math.factorial(most)} contexts"
            f" for S = {S}. Take fewer contexts or more states."
        )
    chosen = smallest if d_1 is None else d_1
    if type(chosen) is not int or not smallest <= chosen <= most:
        raise ModelError(f"hard_layout: d_1 is {d_1!r}, expected an integer from {smallest} to"
                         f" S/2 = {most}: d_1! must reach M = {M}")  # fmt: skip
    return HardLayout(S, A, M, chosen, (S - chosen - 1).bit_length() - 1)


def permutation(m: int, length: int) -> tuple[int, ...]:
    """sigma(m): the m-th permutation of 0, ..., length - 1 in lexicographic order, m = 0, 1, ..."""
    left, found = list(range(length)), []
    for k in range(length - 1, -1, -1):
        place, m = divmod(m, math.factorial(k))
        found.append(left.pop(place))
    return tuple(found)


def hard_instance(
    layout: HardLayout, x: Any, eps: Any, answers: Sequence[int], H: int | None = None
) -> LatentMDP:
    """The latent MDP of one answer per context: a choice l A + a, 0 <= choice < C, for each m.

    x is the reward at g, in (0, 1]; eps the advantage of the answer, in [0, 1/4]; both exact (an
    integer, a Fraction, "1/8", flint's rationals) or both floats.
    Raises: ModelError for one out of range, a horizon below `layout.steps`, tables too large.
    """
    from theorylab.worlds.checks import table

    x, eps = table([x, eps], "hard_instance [x, eps]")
    if not 0 < x <= 1:
        raise ModelError(f"hard_instance: x is {x}, expected a reward in (0, 1]")
    if not 0 <= 4 * eps <= 1:
        raise ModelError(f"hard_instance: eps is {eps}, expected a number in [0, 1/4]")
    _check_shape(layout, answers, H)
    return LatentMDP(**vars(hard_tables(layout, x, eps, answers, H)))


def hard_tables(
    layout: HardLayout, x: Any, eps: Any, answers: Sequence[int], H: int | None = None
) -> LatentMDP:
    """The same for x and eps of any number system, without checks: for claims."""
    one = 1 + 0 * x * eps
    sure, coin, tilt = transitions(layout, answers)
    d_1, first = layout.d_1, np.zeros((layout.M, layout.S), dtype=int)
    for m in range(layout.M):
        first[m, permutation(m, d_1)[0]] = 1
    labels = np.zeros((layout.M, layout.S, layout.A), dtype=np.int64)
    labels[:, layout.good] = 1
    return unchecked(
        LatentMDP,
        w=np.array([one / layout.M] * layout.M, dtype=_kind(one)),
        nu=first.astype(object) * one if _kind(one) is object else first * one,
        P=_scaled(sure, one) + _scaled(coin, one / 2) + _scaled(tilt, eps),
        palette=np.array([0 * x, x], dtype=_kind(one)),
        labels=labels,
        H=layout.steps if H is None else H,
    )


def transitions(layout: HardLayout, answers: Sequence[int]) -> tuple[Array, Array, Array]:
    """P = sure + coin / 2 + eps tilt: three integer tables of shape (M, S, A, S)."""
    M, S, A = layout.M, layout.S, layout.A
    sure, coin, tilt = (np.zeros((M, S, A, S), dtype=int) for _ in range(3))
    good, end, root = layout.good, layout.good + 1, layout.tree(1)
    for m in range(M):
        order = (*permutation(m, layout.d_1), root)
        for here, after in pairwise(order):
            sure[m, here, :, after] = 1
        right = layout.leaf(answers[m]), answers[m] % A
        tilt[m, right[0], right[1], [good, end]] = 1, -1
    for i in range(1, layout.L):
        for a in range(A):
            sure[:, layout.tree(i), a, layout.tree(2 * i + (a + 1) % 2)] = 1
    coin[:, layout.tree(layout.L) : good, :, good : end + 1] = 1
    sure[:, good:, :, end] = 1
    return sure, coin, tilt


def reward_for_variance(V: float) -> float:
    """x with Var* = V: x = 2 sqrt(V), since Var* = x^2 / 4 exactly; V in (0, 1/4]."""
    if not 0 < V <= 0.25:
        raise ModelError(
            f"reward_for_variance: V is {V}, expected a variance in (0, 1/4]: totals are at most 1"
        )
    return 2 * math.sqrt(V)


def _check_shape(layout: HardLayout, answers: Sequence[int], H: int | None) -> None:
    for m, choice in enumerate(answers):
        if not 0 <= choice < layout.C:
            raise ModelError(f"hard_instance: answers[{m}] is {choice}, expected 0..{layout.C - 1}")
    if len(answers) != layout.M:
        raise ModelError(f"hard_instance: {len(answers)} answers, expected one for each of"
                         f" {layout.M} contexts")  # fmt: skip
    if H is not None and (type(H) is not int or layout.steps > H):
        raise ModelError(f"hard_instance: H is {H!r}, expected an integer >= d_1 + d_2 + 1 ="
                         f" {layout.steps}: g pays in that step")  # fmt: skip
    size = layout.M * layout.A * layout.S**2
    if size > ENTRIES:
        raise ModelError(f"hard_instance: P would have {size} entries, expected at most {ENTRIES}."
                         " Take fewer contexts.")  # fmt: skip


def _kind(one: Any) -> type:
    return float if isinstance(one, float) else object


def _scaled(table: Array, factor: Any) -> Array:
    return np.asarray(table.astype(_kind(1 + 0 * factor)) * factor)
