"""Where instances come from: domain points, lanes of them, generic points, shrinking."""

from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawing import as_float
from tests.oracle import fractions
from theorylab import (
    MDP,
    DeterministicHistoryPolicy,
    DeterministicPolicy,
    DiscountedLinearModel,
    DiscountedLinearQuadratic,
    HistoryPolicy,
    Integer,
    LatentMDP,
    LatentModel,
    LatentVariableEstimate,
    LatentVariableModel,
    LinearModel,
    LinearQuadratic,
    Number,
    Policy,
    Several,
    StateDistribution,
)
from theorylab.errors import Unsupported
from theorylab.givens import (
    GIVENS,
    Parameter,
    build_instance,
    check_domain,
    fmap,
)
from theorylab.lanes import stack
from theorylab.points import (
    FRACTIONS,
    LIMITS,
    ExactSource,
    GenericSource,
    random_integers,
    random_lanes,
    replay,
    replay_lanes,
    shrink,
)

SIZES = {"S": 3, "A": 2, "H": 2, "X": 2, "U": 1, "n": 2, "|pis|": 3}
SIZES |= {"M": 2, "labels": 0b_101001_011011, "Z": 2}
SYSTEMS = {
    LinearModel: LinearQuadratic,
    DiscountedLinearModel: DiscountedLinearQuadratic,
    LatentVariableEstimate: LatentVariableModel,
    **dict.fromkeys((LatentModel, HistoryPolicy, DeterministicHistoryPolicy), LatentMDP),
}
SAYS: dict[str, Any] = {
    **{kind.__name__: kind for kind in GIVENS},
    "Number(0, 1)": Number(0, 1),
    "Number(1/2, 3)": Number("1/2", 3),
    "Number(-2, -1/3)": Number(-2, "-1/3"),
    "Number(1, None)": Number(1, None),
    "Number, end left out": Number(0, 1, below_high=True),
    "Several": Several(Policy),
    "tuple": tuple[Policy, StateDistribution],
    "Integer": Integer(1, 3),
}


def parameters(name: str) -> tuple[Parameter, ...]:
    """The parameter in question, after the world that a model needs (or a history's policy)."""
    own = {"Several": "pis", "Integer": "n"}.get(name, "x")
    return (Parameter("M", SYSTEMS.get(SAYS[name], MDP)), Parameter(own, SAYS[name]))


def arrays(value: Any) -> list[np.ndarray]:
    """Every table of a drawn object."""
    found: list[np.ndarray] = []
    fmap(value, lambda t: found.append(np.asarray(t, dtype=object)) or t)
    return found


@pytest.mark.parametrize("name", SAYS)
@given(st.integers(0, 2**32))
def test_domain_points_are_in_the_domain(name: str, seed: int) -> None:
    """What is drawn for a parameter satisfies the check of what its signature says."""
    source = ExactSource(random_integers(np.random.default_rng(seed)))
    drawn = build_instance(parameters(name), source, SIZES)
    check_domain(parameters(name), drawn)
    for value in drawn.values():
        for table in arrays(value):
            assert all(isinstance(x, flint.fmpq | int) for x in table.flat)
    for kind, k in zip(source.kinds, source.log, strict=True):
        assert 0 <= k <= LIMITS[kind]


@pytest.mark.parametrize("name", SAYS)
def test_what_is_drawn_cannot_be_written(name: str) -> None:
    """Tables are read-only, in tuples and worlds too: what is remembered of them stays true."""
    source = ExactSource(random_integers(np.random.default_rng(5)))
    drawn = build_instance(parameters(name), source, SIZES)
    values = [value for value in drawn.values() if not isinstance(value, flint.fmpq)]
    tables = [t for value in values for t in arrays(value) if t.ndim]
    assert tables and not any(t.flags.writeable for t in tables)


@pytest.mark.parametrize("name", SAYS)
def test_replay_rebuilds_the_same_instance(name: str) -> None:
    """An instance is its integers: the same ones give the same tables."""
    source = ExactSource(random_integers(np.random.default_rng(3)))
    first = build_instance(parameters(name), source, SIZES)
    again = build_instance(parameters(name), replay(source.log), SIZES)
    for key, value in first.items():
        for one, other in zip(arrays(value), arrays(again[key]), strict=True):
            assert fractions(one) == fractions(other)


@pytest.mark.parametrize("name", SAYS)
def test_the_integers_of_a_lane_rebuild_that_lane(name: str) -> None:
    """numbers(i) describe the exact instance whose floats are lane i."""
    source = random_lanes(np.random.default_rng(4), 6)
    batch = build_instance(parameters(name), source, SIZES)
    rows = np.array([source.numbers(k) for k in range(6)])
    again = build_instance(parameters(name), replay_lanes(rows), SIZES)
    for k in range(6):
        exact = build_instance(parameters(name), replay(source.numbers(k)), SIZES)
        for key, value in exact.items():
            triples = zip(arrays(value), arrays(batch[key]), arrays(again[key]), strict=True)
            for table, lanes, replayed in triples:
                if table.dtype == object and isinstance(lanes.flat[0], int):
                    continue
                floats = np.vectorize(as_float, otypes=[float])(table)
                np.testing.assert_allclose(stack(lanes)[k], floats, rtol=1e-15, atol=1e-15)
                np.testing.assert_array_equal(stack(replayed), stack(lanes))


def test_the_simplest_point_is_all_zeros() -> None:
    """Zeros are first vertices, payoff 0 and discount 0: what counterexamples shrink to."""
    source = ExactSource(lambda kind, count: [0] * count)
    M = build_instance((Parameter("M", MDP),), source, SIZES)["M"]
    assert fractions(M.start) == [1, 0, 0] and fractions(M.gamma) == 0
    assert (M.payoff == 0).all() and (M.P[..., 0] == 1).all()


def test_the_table_of_fractions_is_exact_and_without_repetition_at_its_start() -> None:
    """0, 1 and 1/2 come first; all lie in [0, 1]; discounts leave 1 out."""
    assert FRACTIONS[:4] == [0, 1, Fraction(1, 2), Fraction(1, 3)]
    assert all(0 <= f <= 1 for f in FRACTIONS) and LIMITS["discount"] == LIMITS["fraction"] - 1
    source = ExactSource(lambda kind, count: [LIMITS[kind]] * count)
    assert 0 <= source.discount() < 1


def test_a_generic_row_ends_in_one_minus_the_others() -> None:
    """Rows sum to one as an identity; a deterministic policy has no generic point."""
    fresh = iter(flint.fmpq(k, 7) for k in range(1, 1000))
    source = GenericSource(lambda: next(fresh), flint.fmpq(1))
    M = build_instance((Parameter("M", MDP),), source, SIZES)["M"]
    assert (M.P.sum(-1) == 1).all() and M.start.sum() == 1
    assert len({str(x) for x in M.P[..., :-1].flat}) == M.P[..., :-1].size
    with pytest.raises(Unsupported, match="no generic point"):
        build_instance((Parameter("pi", DeterministicPolicy),), source, SIZES)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6), st.integers(0, 60))
def test_shrinking_ends_at_a_fixed_point(numbers: list[int], least: int) -> None:
    """No single integer can be replaced by 0, its half or its predecessor and still fail."""

    def fails(trial: list[int]) -> bool:
        return sum(trial) >= least or trial[0] == 7

    if not fails(numbers):
        return
    small = shrink(numbers, fails)
    assert fails(small)
    for place, k in enumerate(small):
        for smaller in {0, k // 2, k - 1} if k else set():
            assert not fails([*small[:place], smaller, *small[place + 1 :]])


def test_shrinking_does_not_change_the_callers_list() -> None:
    """The instance that was found stays as it was."""
    numbers = [5, 5]
    assert shrink(numbers, lambda t: t[1] > 2) == [0, 3] and numbers == [5, 5]
