"""Bernstein coefficients by hand and at points; the parts of a move cover what they split."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from theorylab import bernstein
from theorylab.bernstein import Polynomial, coefficients, control_point, monomials
from theorylab.positivity_check import domain, polynomials
from theorylab.regions import Block, BoxSource, Move, Region, parts


def polynomial(terms: dict) -> Polynomial:
    """From exponents of the free coordinates to integers."""
    return Polynomial(np.array(list(terms)), tuple(terms.values()))


def at(terms: dict, point: list[Fraction]) -> Fraction:
    """The polynomial at free coordinates."""
    total = Fraction(0)
    for es, c in terms.items():
        total += c * np.prod([x**e for x, e in zip(point, es, strict=True)])
    return total


def test_coefficients_of_a_square_by_hand():
    """(1 - 2x)^2 = y^2 - 2xy + x^2 with y = 1 - x: the middle is negative."""
    values = coefficients(polynomial({(0,): 1, (1,): -4, (2,): 4}), [2])
    assert values.tolist() == [1, -2, 1]
    assert bernstein.sign(values) is None
    raised = coefficients(polynomial({(0,): 1, (1,): -1}), [2], [3])
    assert dict(zip(monomials(2, 3), raised, strict=True))[0, 3] == 1
    assert raised.tolist() == [0, 1, 2, 1]  # (1 - x) = y (x + y)^2


@pytest.mark.parametrize("number", [3, 0, -2, 2**70])
def test_a_mere_number_is_its_own_coefficient(number):
    """A claim about integers has no table, so its polynomials have no block."""
    values = coefficients(Polynomial(np.zeros((1, 0), dtype=np.int64), (number,)), [])
    assert values.shape == () and values[()] == number
    assert bernstein.sign(values) == (number > 0) - (number < 0)


@pytest.mark.parametrize(
    ("values", "sign"), [([0, 0], 0), ([0, 1], 1), ([-1, 0], -1), ([-1, 1], None)]
)
def test_sign_of_coefficients(values, sign):
    assert bernstein.sign(np.array(values)) == sign


TERMS = st.dictionaries(
    st.tuples(*(st.integers(0, 2) for _ in range(3))), st.integers(-9, 9), min_size=1, max_size=6
)
POINT = st.lists(st.integers(0, 6), min_size=3, max_size=3)


@given(TERMS, POINT, st.sampled_from([1, 10**18]))
def test_coefficients_give_the_values_back(terms, weights, scale):
    """sum of coefficient * monomial is the polynomial, in int64 and beyond; the checker's too."""
    terms = {es: c * scale for es, c in terms.items()}
    blocks = [3, 2]
    u, v, t = (Fraction(w, 12) for w in weights)
    free, full = [u, v, t], [[u, v, 1 - u - v], [t, 1 - t]]
    p = polynomial(terms)
    values = coefficients(p, blocks)
    bases = [monomials(n, d) for n, d in zip(blocks, p.degrees(blocks), strict=True)]
    total = Fraction(0)
    for place in np.ndindex(*values.shape):
        powers = [m for b, k in zip(bases, place, strict=True) for m in b[k]]
        factors = [x**e for x, e in zip([*full[0], *full[1]], powers, strict=True)]
        total += int(values[place]) * np.prod(factors)
    assert total == at(terms, free)
    packed = {}
    for (a, b, c), k in terms.items():
        packed[sum(e << (polynomials.BITS * f) for e, f in ((a, 0), (b, 1), (c, 3)))] = k
    packed = {key: c for key, c in packed.items() if c}
    if packed and len(packed) == len(terms):
        listed = polynomials.listed(polynomials.homogeneous(packed, blocks), blocks)
        assert listed == [int(k) for k in values.flat]


def test_positive_on_a_face():
    """1 - g is > 0 for g < 1 only; g is not; 1 + g is everywhere."""
    falls, rises, over = ({(0,): 1, (1,): -1}, {(1,): 1}, {(0,): 1, (1,): 1})
    below = [(0, np.array([1]))]  # y = 1 - g stands last
    values = [coefficients(polynomial(t), [2]) for t in (falls, rises, over)]
    assert [bernstein.positive_on(v, []) for v in values] == [False, False, True]
    assert [bernstein.positive_on(v, below) for v in values] == [True, False, True]


def test_control_point_of_a_vertex():
    assert control_point([0, 1], [3, 2], [2, 2]) == [[1, 0, 0], [Fraction(1, 2)] * 2]


def source() -> BoxSource:
    """Two rows of three, a row of two and three scalars."""
    made = BoxSource(lambda: object())
    made.simplex(2, 3)
    made.simplex(2)
    made.fraction(2)
    made.discount()
    return made


def moves() -> list[tuple[Region, Move]]:
    """Moves of the domain, and of what other moves made of it."""
    whole = source().region()
    merged = parts(whole, Move("merge", (2, 3), (0,)))[0]
    coupled = parts(whole, Move("couple", (0, 1)))[1]
    return [
        (whole, Move("merge", (2, 3), (0,))),
        (whole, Move("merge", (3, 4), (1,))),
        (merged, Move("merge", (2, 4), (1,))),
        (whole, Move("couple", (0, 1))),
        (whole, Move("bisect", (0,), (0, 2))),
        (coupled, Move("bisect", (4,), (3, 1))),
        (merged, Move("bisect", (4,), (2, 0))),
    ]


def reached(region: Region, values: list[Fraction]) -> bool:
    """Whether some point of a region has these inputs, by a linear program."""
    width = sum(region.sizes)
    rows, right = [], []
    starts = np.cumsum([0, *region.sizes])
    for block, size in enumerate(region.sizes):
        rows.append([float(starts[block] <= k < starts[block] + size) for k in range(width)])
        right.append(1.0)
    for (block, weights), value in zip(region.forms, values, strict=True):
        row = [0.0] * width
        row[starts[block] : starts[block + 1]] = map(float, weights)
        rows.append(row)
        right.append(float(value))
    return linprog(np.zeros(width), A_eq=rows, b_eq=right, method="highs").status == 0


@pytest.mark.parametrize("case", range(7))
def test_the_parts_of_a_move_cover_it(case):
    """Every point of a region, corners among them, lies in a part; one part alone misses some."""
    region, move = moves()[case]
    rng = np.random.default_rng(case)
    found = parts(region, move)
    seen = [0] * len(found)
    for _ in range(40):
        point = []
        for size in region.sizes:
            weights = rng.integers(0, int(rng.choice([2, 7])), size=size)
            weights[rng.integers(size)] += 1
            point.append([Fraction(int(w), int(weights.sum())) for w in weights])
        values = region.values(point)
        inside = [reached(part, values) for part in found]
        assert any(inside), values
        seen = [k + i for k, i in zip(seen, inside, strict=True)]
    assert all(0 < k < 40 for k in seen)


@pytest.mark.parametrize("case", range(7))
def test_the_checker_has_the_same_parts(case):
    """Two codes, one by matrices and one by vertices, split alike."""
    region, move = moves()[case]
    kinds = ["chain" if b.chain else "row" if b.row else "cut" for b in region.blocks]
    twin = domain.Region(
        list(zip(region.sizes, kinds, strict=True)),
        [(b, list(w)) for b, w in region.forms],
        list(region.discounts),
    )
    mine = parts(region, move)
    theirs = twin.parts(move.name, list(move.blocks), list(move.detail))
    assert len(mine) == len(theirs)
    for a, b in zip(mine, theirs, strict=True):
        assert list(a.sizes) == b.sizes
        assert [(k, list(w)) for k, w in a.forms] == b.forms
        assert [list(v) for _, v in a.below_one()] == [v for _, v in b.below_one()]


def test_a_merge_fixes_the_order_and_a_coupling_the_signs():
    whole = source().region()
    for part in parts(whole, Move("merge", (3, 4), (0,))):
        (_, x), (_, y) = part.forms[8], part.forms[9]
        assert len({a > b for a, b in zip(x, y, strict=True) if a != b}) == 1
    for part in parts(whole, Move("couple", (0, 1))):
        for k in range(3):
            p, q = part.forms[k][1], part.forms[3 + k][1]
            assert len({a > b for a, b in zip(p, q, strict=True) if a != b}) == 1


@pytest.mark.parametrize(
    ("name", "blocks", "detail"),
    [
        ("merge", [0, 1], [0]),
        ("couple", [2, 3], []),
        ("couple", [0, 0], []),
        ("merge", [2, -1], [0]),
        ("bisect", [0], [1, 1]),
        ("bisect", [0], [0, 3]),
        ("bisect", [0, 1], [0, 1]),
        ("drop", [0], []),
    ],
)
def test_the_checker_knows_no_other_moves(name, blocks, detail):
    kinds = [(3, "row"), (3, "row"), (2, "chain"), (2, "chain")]
    with pytest.raises(polynomials.CertificateError, match="does not exist"):
        domain.Region(kinds, [], []).parts(name, blocks, detail)


def test_exact_division_of_packed_polynomials():
    """(x^2 - y^2) / (x - y) = x + y; x^2 + y^2 has no such factor, nor has x a factor 2."""
    x, y = 1, 1 << polynomials.BITS
    assert polynomials.over({2 * x: 1, 2 * y: -1}, {x: 1, y: -1}, 2) == {x: 1, y: 1}
    assert polynomials.over({2 * x: 1, 2 * y: 1}, {x: 1, y: -1}, 2) is None
    assert polynomials.over({x: 1}, {0: 2}, 2) is None


def test_blocks_count_what_product_counts():
    sizes, degrees = [2, 3, 4], [3, 2, 1]
    listed = product(*(monomials(n, d) for n, d in zip(sizes, degrees, strict=True)))
    assert bernstein.count(sizes, degrees) == len(list(listed)) == 4 * 6 * 4
    assert Block(2).chain is False
