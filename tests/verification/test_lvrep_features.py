"""LV-Rep's Sections 2 to 4: refuted statements recomputed by hand.

Nothing of the engines or of theorylab.theory: exact fractions, enumeration and `math`.
"""

from fractions import Fraction as F
from itertools import combinations, product
from math import exp

HALF = F(1, 2)


def test_the_printed_recursion_of_the_occupancy_falls_at_one_state() -> None:
    """d = 1 + 1/2 + 1/4 + ... = 2; (1 - gamma) + gamma d = 3/2. Normalised: 1 = 1/2 + 1/2."""
    d = 1 / (1 - HALF)
    assert (d, (1 - HALF) + HALF * d, 1 + HALF * d) == (2, F(3, 2), 2)
    assert (1 - HALF) + HALF * 1 == 1


def test_the_action_value_without_the_discount() -> None:
    """One state that pays 1, gamma = 1/2: Q = 2, printed 1 + <phi, mu V> = 3."""
    V = 1 / (1 - HALF)
    assert (1 + HALF * V, 1 + V) == (2, 3)


def test_signed_features_satisfy_the_constraint_of_likelihood() -> None:
    """phi = 2 and mu = (1, -1/2): their products sum to 1 and are 2 and -1."""
    products = [2 * m for m in (F(1), -HALF)]
    assert sum(products) == 1 and products == [2, -1]


def test_the_gaussian_example_has_half_of_the_variance() -> None:
    """Densities exp(-2x^2/sigma^2) and exp(-x^2/sigma^2), convolved by a fine sum, sigma = 1."""
    nodes = [k / 64 for k in range(-512, 513)]

    def variance(rate: float) -> float:
        law = [exp(-rate * x * x) for x in nodes]
        return sum(x * x * w for x, w in zip(nodes, law, strict=True)) / sum(law)

    assert abs(2 * variance(2) - 1 / 2) < 1e-9 and abs(2 * variance(1) - 1) < 1e-9


CYCLE = [[HALF, HALF, 0, 0], [0, HALF, HALF, 0], [0, 0, HALF, HALF], [HALF, 0, 0, HALF]]


def test_a_cycle_has_three_features_and_four_latents() -> None:
    """The last row is r_0 - r_1 + r_2; no positive rectangle holds two of the entries (i, i)."""
    assert CYCLE[3] == [a - b + c for a, b, c in zip(*CYCLE[:3], strict=True)]
    assert all(CYCLE[i][i] > 0 for i in range(4))
    assert all(CYCLE[i][j] * CYCLE[j][i] == 0 for i, j in combinations(range(4), 2))


def bayes(emissions: list[list[F]]) -> list[list[F]]:
    """p(z | s') from uniform z."""
    totals = [sum(column) for column in zip(*emissions, strict=True)]
    return [[e / t for e, t in zip(row, totals, strict=True)] for row in emissions]


def test_the_exchanged_arguments_of_6() -> None:
    """One state that pays 1, two latent values of one half: w = V/2 in place of V."""
    V, latents = 1 / (1 - HALF), [HALF, HALF]
    printed = 1 + HALF * sum(
        p * row[0] * V for p, row in zip(latents, bayes([[F(1)], [F(1)]]), strict=True)
    )
    assert (printed, 1 + HALF * V) == (F(3, 2), 2)


def test_one_latent_draw_per_feature_is_not_the_operator() -> None:
    """k = 1[z = z'] by psi_xi(z)^2 = 2 [z = xi], P = (1/2, 1/2): E psi^2 = 1, p'Kp = 1/2."""
    drawn = sum(F(1, 4) * (2 if z == xi else 0) for z, xi in product(range(2), repeat=2))
    means = sum(HALF * 2 * HALF**2 for _ in range(2))
    assert (drawn, means) == (1, HALF)


def test_unscaled_features_forget_the_regular_part() -> None:
    """One datum at p itself, p'Kp = 1, lambda = 1: m/(m + 1) tends to 1, the operator has 1/2."""
    bonuses = [F(m, m + 1) for m in (1, 10, 1000)]
    assert bonuses[0] == HALF and bonuses[-1] > F(99, 100)


def test_two_latent_values_need_trace_two() -> None:
    """K >= pp' at p = e_1 and e_2 makes both diagonal entries 1 or more: not within trace 1.

    For a grid of kernels of trace 1, one of the two norms exceeds 1.
    """
    for a, b in product((F(k, 16) for k in range(1, 16)), (F(k, 16) for k in range(-8, 9))):
        determinant = a * (1 - a) - b * b
        if determinant > 0:
            assert max((1 - a) / determinant, a / determinant) > 1


def test_unit_diagonals_admit_no_density() -> None:
    """Two values of measure 1/2, density (1, 1), k(z, z) = 1, k between them 3/4: 8/7 > 1."""
    k = F(3, 4)
    inverse = [[1 / (1 - k * k), -k / (1 - k * k)], [-k / (1 - k * k), 1 / (1 - k * k)]]
    assert sum(map(sum, inverse)) == 2 / (1 + k) == F(8, 7)


def test_copies_of_the_latent_values_satisfy_both_assumptions() -> None:
    """Two values, two copies each, p = e_1: p = (1/2, 1/2, 0, 0) = u_1, K = sum_c u_c u_c'."""
    U = [[HALF, HALF, 0, 0], [0, 0, HALF, HALF]]
    K = [[sum(u[i] * u[j] for u in U) for j in range(4)] for i in range(4)]
    assert sum(K[i][i] for i in range(4)) == 1
    alpha = [1, 1, 0, 0]
    image = [sum(K[i][j] * alpha[j] for j in range(4)) for i in range(4)]
    assert image == U[0] and sum(a * b for a, b in zip(alpha, image, strict=True)) == 1
    beta = [2] * 4
    image = [sum(K[i][j] * beta[j] for j in range(4)) for i in range(4)]
    norm = sum(a * b for a, b in zip(beta, image, strict=True))
    assert image == [1] * 4 and norm == 8  # g = 1 gives the constant 1: C = |Z|^3
