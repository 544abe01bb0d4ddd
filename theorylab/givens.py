"""What a claim's signature may say: the theorem's "for any ...".

    MDP, RewardMDP, Model, Policy, DeterministicPolicy             worlds; an MDP has costs
    FiniteHorizonMDP, RewardFiniteHorizonMDP, NonstationaryPolicy  worlds with a horizon H
    LinearQuadratic, LinearModel, AffinePolicy, ...                 see linear_givens
    LatentMDP, LatentModel, HistoryPolicy, ...                      see latent_givens
    LatentVariableModel, LatentVariableEstimate, KernelMatrix       see latent_variable_givens
    StateDistribution, StateActionDistribution                      tables (S,), (S, A), sum to one
    StateFunction, StateActionFunction                              arbitrary tables in [-1, 1]
    Number(low, high)                                               a number in [low, high]
    Integer(low, high)                                              a Python int: a step, an index
    Along(0), Along(1), Along("infinity")                           what runs along a family
    tuple[Policy, Policy], Several(Policy)                          two; a few (1, 2 or 3)

All worlds of a claim share the spaces S and A (and H); a Model shares also payoff, discount and
start with the MDP before it. Payoffs are drawn in [0, 1].
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import ClaimError, ModelError
from theorylab.latent_givens import LATENT_GIVENS, check_latent, latent_shape, latent_sizes
from theorylab.latent_variable_givens import (
    LATENT_VARIABLE_GIVENS,
    KernelMatrix,
    check_latent_variable,
)
from theorylab.linear_givens import LINEAR_GIVENS, check_linear, linear_shape, linear_sizes
from theorylab.points import Source
from theorylab.worlds.checks import check_distribution, frozen, rational
from theorylab.worlds.definite import check_definite, check_symmetric
from theorylab.worlds.finite_horizon import (
    FiniteHorizonMDP,
    NonstationaryPolicy,
    RewardFiniteHorizonMDP,
)
from theorylab.worlds.latent_variable import LatentVariableModel
from theorylab.worlds.mdp import (
    MDP,
    DeterministicPolicy,
    Model,
    Policy,
    RewardMDP,
    unchecked,
)

WORLD_NAMES = (*"SAHMXUZ", "labels")
"""Sizes that worlds have."""
Sizes = Mapping[str, int]
Instance = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """One kind of drawn object: the sizes it depends on and how it is built."""

    sizes: tuple[str, ...]
    build: Callable[[Source, Sizes, Instance], Any]


@dataclass(frozen=True)
class Number:
    """A number in [low, high]; no upper end means any number from `low` up.

    Ends are integers or exact strings such as "1/2". `below_high=True` leaves the upper end out.
    """

    low: int | str = 0
    high: int | str | None = 1
    below_high: bool = False


@dataclass(frozen=True)
class Integer:
    """A Python integer from low to high, both included: a step, an index, a count."""

    low: int
    high: int


@dataclass(frozen=True)
class Along:
    """A parameter that runs along a family, in steps k = 1, 2, ...

    `Along(0)` is the number 1/2^k, `Along(1)` is 1 - 1/2^k, and `Along("infinity")` is the integer
    2^k. No member is built beyond step `most` (a family of 2^k states soon is large). A claim has
    at most one.
    """

    to: int | str = 0
    most: int = 16

    def at(self, k: int) -> Any:
        """Step k: an exact rational, or an integer."""
        return 2**k if self.to == "infinity" else self.near(flint.fmpq(1, 2**k))

    def near(self, x: Any) -> Any:
        """The same for any small x in place of 1/2^k."""
        return 1 / x if self.to == "infinity" else 1 - x if self.to == 1 else x

    def step(self, value: Any) -> int | None:
        """The step at which the parameter has this value, None where it has it nowhere."""
        whole = type(value) is int if self.to == "infinity" else isinstance(value, flint.fmpq)
        bits = max(int(value).bit_length() - 1, 0) if whole and self.to == "infinity" else 0
        if whole and self.to != "infinity":
            bits = int((value if self.to == 0 else 1 - value).q).bit_length() - 1
        return bits if 1 <= bits <= self.most and self.at(bits) == value else None


@dataclass(frozen=True)
class Several:
    """A tuple of 1 to `most` objects of one kind."""

    kind: Any
    most: int = 3


class StateDistribution:
    """A distribution over states: an array of shape (S,)."""


class StateActionDistribution:
    """A distribution over state-action pairs, such as an exploration one: shape (S, A)."""


class StateFunction:
    """An arbitrary function of the state with values in [-1, 1]: shape (S,)."""


class StateActionFunction:
    """An arbitrary function of state and action with values in [-1, 1]: shape (S, A)."""


def _mdp(kind: type[MDP]) -> Callable[[Source, Sizes, Instance], MDP]:
    def build(source: Source, n: Sizes, so_far: Instance) -> MDP:
        S, A = n["S"], n["A"]
        return unchecked(
            kind,
            P=source.simplex(S, A, S),
            payoff=source.fraction(S, A),
            gamma=source.discount(),
            start=source.simplex(S),
            sense=kind.sense,
        )

    return build


def _model(source: Source, n: Sizes, so_far: Instance) -> Model:
    M = next((v for v in so_far.values() if isinstance(v, MDP)), None)
    if M is None:
        raise ClaimError("a Model parameter needs an MDP parameter before it, whose spaces it has")
    P = source.simplex(n["S"], n["A"], n["S"])
    return unchecked(Model, P=P, payoff=M.payoff, gamma=M.gamma, start=M.start, sense=M.sense)


def _finite_horizon(
    kind: type[FiniteHorizonMDP],
) -> Callable[[Source, Sizes, Instance], FiniteHorizonMDP]:
    def build(source: Source, n: Sizes, so_far: Instance) -> FiniteHorizonMDP:
        H, S, A = n["H"], n["S"], n["A"]
        return unchecked(
            kind,
            P=source.simplex(H, S, A, S),
            payoff=source.fraction(H, S, A),
            start=source.simplex(S),
            sense=kind.sense,
        )

    return build


def _policy(source: Source, n: Sizes, so_far: Instance) -> Policy:
    return unchecked(Policy, probabilities=source.simplex(n["S"], n["A"]))


def _deterministic(source: Source, n: Sizes, so_far: Instance) -> DeterministicPolicy:
    return unchecked(DeterministicPolicy, probabilities=source.vertex(n["S"], n["A"]))


def _nonstationary(source: Source, n: Sizes, so_far: Instance) -> NonstationaryPolicy:
    return unchecked(NonstationaryPolicy, probabilities=source.simplex(n["H"], n["S"], n["A"]))


def _pairs(source: Source, n: Sizes, so_far: Instance) -> Array:
    return source.simplex(n["S"] * n["A"]).reshape(n["S"], n["A"])


def _signed(*axes: str) -> Callable[[Source, Sizes, Instance], Array]:
    return lambda source, n, so_far: 1 - 2 * source.fraction(*(n[a] for a in axes))


GIVENS: dict[Any, Given] = {
    MDP: Given(("S", "A"), _mdp(MDP)),
    RewardMDP: Given(("S", "A"), _mdp(RewardMDP)),
    Model: Given(("S", "A"), _model),
    Policy: Given(("S", "A"), _policy),
    DeterministicPolicy: Given(("S", "A"), _deterministic),
    FiniteHorizonMDP: Given(("H", "S", "A"), _finite_horizon(FiniteHorizonMDP)),
    RewardFiniteHorizonMDP: Given(("H", "S", "A"), _finite_horizon(RewardFiniteHorizonMDP)),
    NonstationaryPolicy: Given(("H", "S", "A"), _nonstationary),
    StateDistribution: Given(("S",), lambda source, n, so_far: source.simplex(n["S"])),
    StateActionDistribution: Given(("S", "A"), _pairs),
    StateFunction: Given(("S",), _signed("S")),
    StateActionFunction: Given(("S", "A"), _signed("S", "A")),
    **{kind: Given(sizes, build) for kind, (sizes, build) in LINEAR_GIVENS.items()},
    **{kind: Given(sizes, build) for kind, (sizes, build) in LATENT_GIVENS.items()},
    **{kind: Given(sizes, build) for kind, (sizes, build) in LATENT_VARIABLE_GIVENS.items()},
}


TABLE_KINDS = (
    StateDistribution, StateActionDistribution, StateFunction, StateActionFunction, KernelMatrix,
)  # fmt: skip
"""Kinds whose objects are plain tables."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a claim: its name and what it says.

    `change` makes another object of the one drawn, to see what a hypothesis is needed for.
    """

    name: str
    says: Any
    change: Callable[[Any, Source], Any] | None = None

    @property
    def size(self) -> str:
        """The name of an Integer among the sizes, apart from those that worlds have."""
        if isinstance(self.says, Along):
            return f"step of {self.name}"
        return f"integer {self.name}" if self.name in WORLD_NAMES else self.name

    @property
    def is_integer(self) -> bool:
        """Whether it is a Python integer in every number system."""
        along = isinstance(self.says, Along) and self.says.to == "infinity"
        return isinstance(self.says, Integer) or along

    @property
    def sizes(self) -> tuple[str, ...]:
        """The sizes it depends on; an Integer is a size of its own, and so is a step."""
        if isinstance(self.says, Integer | Along):
            return (self.size,)
        if isinstance(self.says, Several):
            return (*given_of(self.says.kind, self.name).sizes, f"|{self.name}|")
        if isinstance(self.says, Number):
            return ()
        if typing.get_origin(self.says) is tuple:
            kinds = typing.get_args(self.says)
            return tuple({s: None for kind in kinds for s in given_of(kind, self.name).sizes})
        return given_of(self.says, self.name).sizes

    def build(self, source: Source, n: Sizes, so_far: Instance) -> Any:
        """Draw this parameter from a source, after the ones before it."""
        drawn = self._drawn(source, n, so_far)
        return drawn if self.change is None else self.change(drawn, source)

    def _drawn(self, source: Source, n: Sizes, so_far: Instance) -> Any:
        if isinstance(self.says, Integer):
            return n[self.size]
        if isinstance(self.says, Along):
            return self.says.at(n[self.size])
        if isinstance(self.says, Number):
            return _number(self.says, source)
        if isinstance(self.says, Several):
            given = given_of(self.says.kind, self.name)
            return tuple(given.build(source, n, so_far) for _ in range(n[f"|{self.name}|"]))
        if typing.get_origin(self.says) is tuple:
            kinds = typing.get_args(self.says)
            return tuple(given_of(k, self.name).build(source, n, so_far) for k in kinds)
        return given_of(self.says, self.name).build(source, n, so_far)


def given_of(kind: Any, name: str) -> Given:
    """The given of a type; ClaimError naming the parameter for an unknown one."""
    if not isinstance(kind, type) or kind not in GIVENS:
        known = ", ".join(sorted(k.__name__ for k in GIVENS))
        shown = getattr(kind, "__name__", kind)
        raise ClaimError(
            f"parameter {name} has type {shown}, expected one of {known},"
            " Number(...), Integer(...), Along(...), Several(...)"
        )
    return GIVENS[kind]


def _number(says: Number, source: Source) -> Any:
    low = rational(says.low, "Number.low")
    p, q = int(low.p), int(low.q)
    if says.high is None:
        u = source.discount()
        return (u * q / (1 - u) + p) / q
    width = rational(says.high, "Number.high") - low
    top, bottom = int(width.p), int(width.q)
    u = source.discount() if says.below_high else source.fraction(1)[0]
    return (u * (top * q) + p * bottom) / (bottom * q)


def parameters_of(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The typed parameters of a claim; ClaimError for an untyped or unknown one."""
    where = f"{function.__name__}"
    try:
        signature = inspect.signature(function, eval_str=True)
    except NameError as error:
        raise ClaimError(f"{where} has a parameter of an unknown type: {error}") from None
    found = []
    for parameter in signature.parameters.values():
        if parameter.annotation is inspect.Parameter.empty:
            raise ClaimError(
                f"{where} has an untyped parameter {parameter.name}, expected a type such as MDP,"
                " Policy, StateDistribution or Number(0, 1)"
            )
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise ClaimError(f"{where} has a parameter *{parameter.name}: name each parameter")
        found.append(Parameter(parameter.name, parameter.annotation))
        _check_says(found[-1])
    running = [p.name for p in found if isinstance(p.says, Along)]
    if len(running) > 1:
        raise ClaimError(f"{where} has {' and '.join(running)} run along a family, expected one")
    if not found:
        raise ClaimError(f"{where} has no parameter: a claim says 'for any ...' in its signature")
    return tuple(found)


def _check_says(parameter: Parameter) -> None:
    says, name = parameter.says, parameter.name
    if isinstance(says, Integer):
        if type(says.low) is not int or type(says.high) is not int or says.low > says.high:
            raise ClaimError(f"parameter {name} is Integer({says.low}, {says.high}): empty")
    elif isinstance(says, Number):
        low, high = rational(says.low, "Number.low"), says.high
        width = None if high is None else rational(high, "Number.high") - low
        if width is not None and (width < 0 or (width == 0 and says.below_high)):
            raise ClaimError(f"parameter {name} is Number({low}, {high}): empty")
    elif isinstance(says, Along):
        if says.to not in (0, 1, "infinity") or isinstance(says.to, bool):
            raise ClaimError(f'parameter {name} is Along({says.to!r}), expected 0, 1, "infinity"')
        if type(says.most) is not int or says.most < 1:
            raise ClaimError(f"parameter {name} has most = {says.most!r}, expected at least 1")
    elif isinstance(says, Several) and (type(says.most) is not int or says.most < 1):
        raise ClaimError(f"parameter {name} is Several(..., {says.most}), expected at least 1")
    _ = parameter.sizes


def build_instance(parameters: tuple[Parameter, ...], source: Source, n: Sizes) -> Instance:
    """One instance of the claim's parameters."""
    instance: Instance = {}
    for parameter in parameters:
        instance[parameter.name] = parameter.build(source, n, instance)
        _freeze(instance[parameter.name])
    return instance


def _freeze(value: Any) -> None:
    """Make the tables of a drawn object read-only, in place."""
    if isinstance(value, np.ndarray):
        frozen(value)
        return
    parts = value if isinstance(value, tuple) else vars(value).values() if _is_world(value) else ()
    for part in parts:
        _freeze(part)


def _is_world(value: Any) -> bool:
    return type(value) in GIVENS


WORLD_SIZES = [
    (1, 1),
    (1, 2),
    (2, 1),
    (1, 3),
    (2, 2),
    (3, 1),
    (2, 3),
    (3, 2),
    (4, 1),
    (3, 3),
    (4, 2),
]
"""(S, A), smallest S * A first; false statements mostly fall at the first of them."""


def shapes(
    parameters: tuple[Parameter, ...], worlds: list[tuple[int, int]], *, wide: bool = False
) -> Iterator[Sizes]:
    """All choices of the claim's sizes, small first; `wide` adds longer horizons and tuples."""
    names = list(dict.fromkeys(s for p in parameters for s in p.sizes))
    own = [name for name in names if name not in (*"SAXU", "labels")]
    ranges = {name: _range(name, parameters, wide) for name in own}
    bases = [{"S": S, "A": A} for S, A in worlds] if {"S", "A"} & set(names) else [{}]
    if "A" not in names and "S" in names:
        bases = [{"S": S} for S in sorted({S for S, _ in worlds})]
    if {"X", "U"} & set(names):
        bases = [{**base, **linear} for base in bases for linear in linear_sizes(names, wide=wide)]
    combinations = [dict(zip(ranges, values, strict=True)) for values in product(*ranges.values())]
    found = [{**base, **extra} for base in bases for extra in combinations]
    if "labels" in names:
        found = latent_sizes(found, wide=wide)
    return iter(sorted(found, key=bulk))


def bulk(n: Sizes) -> tuple[int, ...]:
    """How large a shape is, for ordering: S * A times its other sizes first."""
    worlds = n.get("S", 1) * n.get("A", 1)
    others = [k for name, k in n.items() if name not in ("S", "A", "labels")]
    size = worlds * max(1, sum(abs(k) for k in others) or 1)
    return (size, worlds, n.get("S", 1), *others, n.get("labels", 0))


def _range(name: str, parameters: tuple[Parameter, ...], wide: bool) -> list[int]:
    if name in ("M", "Z"):
        return [1, 2, 3]
    if name == "H":
        return [1, 2, 3, 5, 8] if wide else [1, 2, 3]
    for parameter in parameters:
        if isinstance(parameter.says, Integer) and parameter.size == name:
            return _values(parameter.says)
        if isinstance(parameter.says, Along) and parameter.size == name:
            return list(range(1, min(parameter.says.most, 8 if wide else 5) + 1))
        if isinstance(parameter.says, Several) and name == f"|{parameter.name}|":
            return list(range(1, parameter.says.most + 1))
    raise ClaimError(f"size {name} is unknown")


FEW = 64
"""Up to so many values of an Integer are all tried."""


def _values(says: Integer) -> list[int]:
    """Every value where they are few; else the first ones, powers of two above, and the last."""
    if says.high - says.low < FEW:
        return list(range(says.low, says.high + 1))
    first = list(range(says.low, says.low + FEW // 2))
    steps = [says.low + 2**k + d for k in range(5, 64) for d in (0, 1)]
    return sorted({*first, *(n for n in steps if n < says.high), says.high - 1, says.high})


def fmap(value: Any, function: Callable[[Array], Array]) -> Any:
    """A drawn object with `function` applied to its tables; integers stay integers."""
    from theorylab.worlds.mdp import map_tables

    if isinstance(value, tuple):
        return tuple(fmap(v, function) for v in value)
    if isinstance(value, int):
        return value
    if isinstance(value, np.ndarray):
        return function(value)
    if type(value) in GIVENS:
        return map_tables(value, function)
    return function(np.array([value], dtype=object))[0]


def check_domain(parameters: tuple[Parameter, ...], instance: Instance) -> dict[str, int]:
    """The sizes of an instance; ModelError unless every object lies in the domain named."""
    if set(instance) != {p.name for p in parameters}:
        names = ", ".join(p.name for p in parameters)
        raise ModelError(f"the instance has {', '.join(instance)}, expected {names}")
    world: MDP | None = None
    known: dict[str, int] = {}
    for parameter in parameters:
        value = instance[parameter.name]
        _check_kind(parameter.name, parameter.says, value)
        _check_sizes(parameter.name, parameter.says, value, known)
        if isinstance(value, MDP) and world is None:
            world = value
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Model) and world is not None:
                _check_shares(parameter.name, item, world)
            if type(item) in LATENT_GIVENS:
                check_latent(parameter.name, item, {p.name: instance[p.name] for p in parameters})
            if isinstance(item, LatentVariableModel):
                others = {p.name: instance[p.name] for p in parameters}
                check_latent_variable(parameter.name, item, others)
            if type(item) in LINEAR_GIVENS:
                check_linear(parameter.name, item, {p.name: instance[p.name] for p in parameters})
        if isinstance(parameter.says, Integer):
            known[parameter.size] = value
        if isinstance(parameter.says, Along):
            known[parameter.size] = parameter.says.step(value) or 0
        if isinstance(parameter.says, Several):
            known[f"|{parameter.name}|"] = len(value)
    return known


def _check_kind(name: str, says: Any, value: Any) -> None:
    if isinstance(says, Integer):
        _require(type(value) is int and says.low <= value <= says.high, name, value, says)
    elif isinstance(says, Along):
        _require(says.step(value) is not None, name, value, says)
    elif isinstance(says, Number):
        _require(isinstance(value, flint.fmpq), name, type(value).__name__, "a number")
        _require(_in_range(says, value), name, value, says)
    elif isinstance(says, Several) or typing.get_origin(says) is tuple:
        _require(isinstance(value, tuple), name, value, "a tuple")
        if isinstance(says, Several):
            _require(1 <= len(value) <= says.most, name, f"of length {len(value)}", says)
        kinds = (says.kind,) * len(value) if isinstance(says, Several) else typing.get_args(says)
        _require(len(kinds) == len(value), name, f"of length {len(value)}", says)
        for k, (kind, item) in enumerate(zip(kinds, value, strict=True)):
            _check_kind(f"{name}[{k}]", kind, item)
    elif says in TABLE_KINDS:
        _require(isinstance(value, np.ndarray), name, type(value).__name__, "a table")
        _check_table(name, says, value)
    else:
        _require(type(value) is says, name, type(value).__name__, says.__name__)
        if issubclass(says, MDP | FiniteHorizonMDP) and says is not Model:
            _require(value.sense == says.sense, f"{name}.sense", value.sense, says.sense)
        payoff = np.ravel(getattr(value, "payoff", 0))
        _require(all(0 <= v <= 1 for v in payoff), f"{name}.payoff", payoff, "entries in [0, 1]")


def _check_table(name: str, says: Any, value: Array) -> None:
    if says is KernelMatrix:
        check_symmetric(value, name)
        check_definite(value, name)
    elif says in (StateDistribution, StateActionDistribution):
        check_distribution(np.ravel(value), name, "Normalise it.")
    else:
        _require(all(-1 <= v <= 1 for v in np.ravel(value)), name, value, "entries in [-1, 1]")


def _check_sizes(name: str, says: Any, value: Any, known: dict[str, int]) -> None:
    """All objects of an instance share the spaces; `known` collects their sizes."""
    if isinstance(says, Several) or typing.get_origin(says) is tuple:
        kinds = (says.kind,) * len(value) if isinstance(says, Several) else typing.get_args(says)
        for k, (kind, item) in enumerate(zip(kinds, value, strict=True)):
            _check_sizes(f"{name}[{k}]", kind, item, known)
        return
    if isinstance(says, Integer | Number | Along):
        return
    axes, shape = given_of(says, name).sizes, _shape_of(value)
    if len(axes) != len(shape):
        raise ModelError(f"{name} has shape {shape}, expected ({', '.join(axes)})")
    for axis, size in zip(axes, shape, strict=True):
        if known.setdefault(axis, size) != size:
            raise ModelError(f"{name} has {axis} = {size}, expected {known[axis]} as the others")


def _shape_of(value: Any) -> tuple[int, ...]:
    if isinstance(value, np.ndarray):
        return value.shape
    if type(value) in LINEAR_GIVENS:
        return linear_shape(value)
    if type(value) in LATENT_GIVENS:
        return latent_shape(value)
    if isinstance(value, LatentVariableModel):
        return tuple(value.latents.shape)
    if hasattr(value, "payoff"):
        return tuple(value.payoff.shape)
    return tuple(value.probabilities.shape)


def _in_range(says: Number, value: Any) -> bool:
    low = rational(says.low, "Number.low")
    if says.high is None:
        return bool(value >= low)
    high = rational(says.high, "Number.high")
    return bool(low <= value < high if says.below_high else low <= value <= high)


def _check_shares(name: str, model: Model, world: MDP) -> None:
    for table in ("sense", "payoff", "gamma", "start"):
        same = np.all(np.asarray(getattr(model, table) == getattr(world, table)))
        _require(bool(same), f"{name}.{table}", "another one", "that of the MDP")


def _require(holds: bool, name: str, value: Any, expected: Any) -> None:
    if not holds:
        raise ModelError(f"{name} is {value}, expected {expected}")
