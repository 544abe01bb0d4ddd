"""What a signature may say, what it may not, and what lies in its domain."""

from itertools import islice
from typing import Any

import flint
import numpy as np
import pytest

from theorylab import (
    MDP,
    FiniteHorizonMDP,
    Integer,
    Model,
    NonstationaryPolicy,
    Number,
    Policy,
    RewardFiniteHorizonMDP,
    RewardMDP,
    Several,
    StateActionDistribution,
    StateActionFunction,
    StateDistribution,
    StateFunction,
)
from theorylab.errors import ClaimError, InvalidArgument, ModelError
from theorylab.givens import Parameter, build_instance, bulk, check_domain, parameters_of, shapes
from theorylab.points import ExactSource, random_integers, replay

SIZES = {"S": 3, "A": 2, "H": 2, "n": 2, "|pis|": 3}


def untyped(M: MDP, pi):
    """No type for pi."""


def unknown(M: MDP, K: "Kernel"):  # noqa: F821
    """A name that is not there."""


def plain(M: MDP, x: float):
    """A type that is no given."""


def starred(M: MDP, *pis: Policy):
    """Parameters without names."""


def nothing():
    """No parameter."""


def empty_integer(M: MDP, n: Integer(3, 2)):
    """No integer."""


def empty_number(M: MDP, x: Number(1, "1/2")):
    """No number."""


def half_open(M: MDP, x: Number(1, 1, below_high=True)):
    """No number either."""


def number_of_float(M: MDP, x: Number(0, 0.5)):
    """An end that is not exact."""


def integer_of_float(M: MDP, n: Integer(0.5, 2)):
    """An end that is not an integer."""


def several_of_nothing(M: MDP, pis: Several(Policy, 0)):
    """At most none."""


def several_numbers(M: MDP, xs: Several(Number(0, 1))):
    """Several of what is no world or table."""


def tuple_of_text(M: MDP, xs: tuple[Policy, str]):
    """A tuple with a stranger."""


WRONG = {
    untyped: "untyped parameter pi",
    unknown: "unknown type.*Kernel",
    plain: "parameter x has type float",
    starred: r"\*pis",
    nothing: "no parameter",
    empty_integer: r"parameter n is Integer\(3, 2\)",
    empty_number: r"parameter x is Number\(1, 1/2\)",
    half_open: "parameter x",
    number_of_float: "0.5",
    integer_of_float: "parameter n",
    several_of_nothing: "parameter pis",
    several_numbers: "parameter xs",
    tuple_of_text: "parameter xs has type str",
}


@pytest.mark.parametrize("function", WRONG, ids=lambda f: f.__name__)
def test_a_signature_that_says_nothing_drawable_is_refused(function) -> None:
    """The message names the parameter and what it may say."""
    with pytest.raises((ClaimError, InvalidArgument), match=WRONG[function]):
        parameters_of(function)


def test_a_model_needs_an_mdp_before_it() -> None:
    """A model has the spaces of the MDP before it; without one, the error says so."""
    with pytest.raises(ClaimError, match="needs an MDP parameter before it"):
        build_instance((Parameter("N", Model),), replay([0] * 99), SIZES)


def test_models_share_and_rewards_are_rewards() -> None:
    """A model has the payoff, discount and start of its MDP; senses are as the types say."""
    source = ExactSource(random_integers(np.random.default_rng(0)))
    kinds = (RewardMDP, Model, FiniteHorizonMDP, RewardFiniteHorizonMDP, NonstationaryPolicy)
    M, N, F, R, pi = build_instance(
        tuple(Parameter(f"x{k}", kind) for k, kind in enumerate(kinds)), source, SIZES
    ).values()
    assert (N.payoff is M.payoff, N.gamma is M.gamma, N.start is M.start) == (True,) * 3
    assert [w.sense for w in (M, N, F, R)] == ["reward", "reward", "cost", "reward"]
    assert F.P.shape == (2, 3, 2, 3) and pi.probabilities.shape == (2, 3, 2)


def test_shapes_come_smallest_first_with_every_combination() -> None:
    """Every S, A and n is there once, in the order of its bulk."""
    own = (Parameter("M", MDP), Parameter("n", Integer(0, 2)), Parameter("pis", Several(Policy)))
    found = list(shapes(own, [(2, 1), (1, 1), (1, 2)]))
    assert len(found) == 3 * 3 * 3 == len({tuple(s.items()) for s in found})
    assert found[0] == {"S": 1, "A": 1, "n": 0, "|pis|": 1}
    assert [bulk(s) for s in found] == sorted(bulk(s) for s in found)


@pytest.mark.parametrize("name", ["S", "A", "H", "n"])
def test_an_integer_keeps_its_range_whatever_its_name(name: str) -> None:
    """An Integer called like a size of the world is still an integer of its own."""
    own = (
        Parameter("M", MDP),
        Parameter("pi", NonstationaryPolicy),
        Parameter(name, Integer(4, 6)),
    )
    found = [build_instance(own, replay([0] * 999), n) for n in shapes(own, [(1, 1), (2, 2)])]
    assert {drawn[name] for drawn in found} == {4, 5, 6}
    assert {drawn["M"].S for drawn in found} == {1, 2}


def good() -> tuple[tuple[Parameter, ...], dict[str, Any]]:
    """An instance of one parameter of each sort, in the domain."""
    own = (
        Parameter("M", MDP),
        Parameter("N", Model),
        Parameter("pi", Policy),
        Parameter("nu", StateActionDistribution),
        Parameter("f", StateFunction),
        Parameter("g", StateActionFunction),
        Parameter("x", Number("1/2", 1, below_high=True)),
        Parameter("n", Integer(1, 2)),
        Parameter("pis", Several(Policy)),
    )
    source = ExactSource(random_integers(np.random.default_rng(1)))
    return own, build_instance(own, source, SIZES)


def other_world(**changes: Any) -> MDP:
    """The MDP of the good instance with fields replaced."""
    M = good()[1]["M"]
    return MDP(**{**vars(M), **changes})


def outside() -> dict[str, tuple[str, Any]]:
    """What is not in the domain, parameter by parameter."""
    M, N = good()[1]["M"], good()[1]["N"]
    half = flint.fmpq(1, 2)
    two = np.array([flint.fmpq(2)] * 3, dtype=object)
    short = Policy([["1/2", "1/2"]])
    return {
        "a payoff above 1": ("M", other_world(payoff=M.payoff + 1)),
        "a model with another payoff": ("N", Model(N.P, 1 - M.payoff, M.gamma, M.start)),
        "a model with another start": ("N", Model(N.P, M.payoff, M.gamma, N.P[0, 0])),
        "a model with another discount": (
            "N",
            Model(N.P, M.payoff, M.gamma / 2 + half / 2, M.start),
        ),
        "a model with another sense": ("N", Model(N.P, M.payoff, M.gamma, M.start, "reward")),
        "rewards where costs are meant": ("M", other_world(sense="reward")),
        "an MDP for a model": ("N", M),
        "a policy of other states": ("pi", short),
        "a policy of other actions": ("pi", Policy([["1/3"] * 3] * 3)),
        "a distribution that sums to 2": ("nu", np.array([[1, 0], [0, 0], [0, 1]], dtype=object)),
        "a distribution of another shape": ("nu", np.array([1, 0, 0, 0, 0, 0], dtype=object)),
        "a function above 1": ("f", two),
        "a function of other states": ("f", two[:2] / 2),
        "a function of another shape": ("g", two / 2),
        "a number below": ("x", flint.fmpq(1, 3)),
        "a number at the open end": ("x", flint.fmpq(1)),
        "an integer above": ("n", 3),
        "an integer that is true": ("n", True),
        "too many policies": ("pis", good()[1]["pis"] * 2),
        "no policy": ("pis", ()),
    }


@pytest.mark.parametrize("case", outside())
def test_what_is_outside_the_domain_is_rejected(case: str) -> None:
    """check_domain names the parameter that is not what the signature says."""
    own, drawn = good()
    check_domain(own, drawn)
    name, value = outside()[case]
    with pytest.raises(ModelError, match=name):
        check_domain(own, {**drawn, name: value})


def test_a_missing_or_unknown_parameter_is_rejected() -> None:
    """The instance has exactly the parameters of the claim."""
    own, drawn = good()
    for wrong in ({**drawn, "y": 1}, {k: drawn[k] for k in islice(drawn, 3)}):
        with pytest.raises(ModelError, match="expected M, N, pi"):
            check_domain(own, wrong)


def test_state_distributions_are_over_states() -> None:
    """The two kinds of distributions have their shapes and sum to one."""
    source = ExactSource(random_integers(np.random.default_rng(2)))
    own = (Parameter("mu", StateDistribution), Parameter("nu", StateActionDistribution))
    drawn = build_instance(own, source, SIZES)
    assert drawn["mu"].shape == (3,) and drawn["nu"].shape == (3, 2)
    assert drawn["mu"].sum() == drawn["nu"].sum() == 1


def test_no_shape_holds_more_objects_than_the_signature_allows() -> None:
    """Several(Policy, 2) means one or two policies, also where shapes are wide."""
    own = (Parameter("M", MDP), Parameter("pis", Several(Policy, 2)))
    for wide in (False, True):
        sizes = shapes(own, [(1, 1)], wide=wide)
        assert {n["|pis|"] for n in sizes} == {1, 2}
