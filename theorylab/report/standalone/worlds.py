"""Worlds, and the reading of an instance: everything is checked against the claim's domain.

A world is a class with the name and the fields of its JSON record. `world(MDP)`, `integer(1, 3)`,
... are readers: they take an object's record, its name, the sizes known so far and the whole
instance, and return the object, or raise ValueError naming what is outside the domain.
"""

from fractions import Fraction

from theorylab.report.standalone.tables import entries, exact, require, table


def laws(rows, name):
    """Distributions along the last axis."""
    rows = table(rows)
    right = all(p >= 0 for p in entries(rows)) and all(p == 1 for p in entries(rows.sum(-1)))
    require(right, f"{name} has a row that is no distribution")
    return rows


class MDP:
    """P (S, A, S), payoff (S, A), gamma in [0, 1), start (S,); the payoff is a cost or a reward."""

    sense = "cost"

    def __init__(self, P, payoff, gamma, start, sense=None):
        self.P, self.payoff, self.start = laws(P, "P"), table(payoff), laws(start, "start")
        self.gamma, self.sense = exact(gamma), sense or self.sense
        self.S, self.A = S, A = self.payoff.shape
        require(self.P.shape == (S, A, S) and self.start.shape == (S,), "an MDP's shapes differ")
        require(0 <= self.gamma < 1, "gamma is not in [0, 1)")

    @property
    def c(self):
        """What is paid, a cost."""
        require(self.sense == "cost", "a cost was asked where rewards are paid")
        return self.payoff

    @property
    def r(self):
        """What is paid, a reward."""
        require(self.sense == "reward", "a reward was asked where costs are paid")
        return self.payoff

    def with_start(self, start):
        """The same from another law of the first state."""
        return type(self)(self.P, self.payoff, self.gamma, start, self.sense)

    def with_transitions(self, P):
        """A model on the same spaces."""
        return Model(P, self.payoff, self.gamma, self.start, self.sense)


class Model(MDP):
    """Other transitions for an MDP."""


class RewardMDP(MDP):
    """An MDP that pays rewards."""

    sense = "reward"


class Policy:
    """Action probabilities (S, A)."""

    def __init__(self, probabilities):
        self.probabilities = laws(probabilities, "probabilities")
        self.S, self.A = self.probabilities.shape

    @classmethod
    def deterministic(cls, actions, A):
        """The policy that takes actions[s] in state s."""
        return cls([[int(a == int(chosen)) for a in range(A)] for chosen in actions])


class DeterministicPolicy(Policy):
    """A policy whose rows are vertices."""

    def __init__(self, probabilities):
        super().__init__(probabilities)
        sure = all(p in (0, 1) for p in entries(self.probabilities))
        require(sure, "a policy is not deterministic")


class FiniteHorizonMDP:
    """P (H, S, A, S), payoff (H, S, A), start (S,); nothing is discounted."""

    sense = "cost"

    def __init__(self, P, payoff, start, sense=None):
        self.P, self.payoff, self.start = laws(P, "P"), table(payoff), laws(start, "start")
        self.H, self.S, self.A = H, S, A = self.payoff.shape
        self.sense = sense or self.sense
        require(self.P.shape == (H, S, A, S) and self.start.shape == (S,), "shapes differ")


class RewardFiniteHorizonMDP(FiniteHorizonMDP):
    """A finite-horizon MDP that pays rewards."""

    sense = "reward"


class NonstationaryPolicy:
    """Action probabilities (H, S, A)."""

    def __init__(self, probabilities):
        self.probabilities = laws(probabilities, "probabilities")
        self.H, self.S, self.A = self.probabilities.shape


def fields(data, kind, name):
    """The fields of a record of that kind."""
    require(data["kind"] == kind, f"{name} is no {kind}")
    return {key: value for key, value in data.items() if key != "kind"}


def agree(sizes, found, name):
    """All objects share the spaces: a size is the same wherever it stands."""
    for axis, size in found.items():
        require(sizes.setdefault(axis, size) == size, f"{name} has another {axis} than the others")


def world(kind, like=None):
    """A world that pays in [0, 1] a step; a Model shares all but P with the MDP `like`."""

    def read(data, name, sizes, instance):
        found = kind(**fields(data, kind.__name__, name))
        shared = ("payoff", "gamma", "start") if like else ()
        sense = instance[like]["sense"] if like else getattr(kind, "sense", None)
        alike = all(entries(table(data[k])) == entries(table(instance[like][k])) for k in shared)
        require(alike and data.get("sense") == sense, f"{name} is another world than it should be")
        bounded = all(0 <= x <= 1 for x in entries(getattr(found, "payoff", 0)))
        require(bounded, f"{name} pays outside [0, 1]")
        agree(sizes, {k: v for k, v in vars(found).items() if k in ("H", "S", "A")}, name)
        return found

    return read


def distribution(*axes):
    """A distribution over states, or over states and actions."""

    def read(data, name, sizes, instance):
        found = table(fields(data, "table", name)["entries"])
        laws([entries(found)], name)
        agree(sizes, named(found, axes), name)
        return found

    return read


def function(*axes):
    """A function with values in [-1, 1]."""

    def read(data, name, sizes, instance):
        found = table(fields(data, "table", name)["entries"])
        require(all(-1 <= x <= 1 for x in entries(found)), f"{name} is not in [-1, 1]")
        agree(sizes, named(found, axes), name)
        return found

    return read


def named(found, axes):
    """The sizes of a table by the names of its axes."""
    require(len(found.shape) == len(axes), f"a table does not have the axes {axes}")
    return dict(zip(axes, found.shape))


def number(least, most, below=False):
    """A number from `least` to `most`; `below` leaves that end out, None means no end."""

    def read(data, name, sizes, instance):
        x = exact(fields(data, "number", name)["value"])
        inside = most is None or x < Fraction(most) or (x == Fraction(most) and not below)
        require(Fraction(least) <= x and inside, f"{name} is outside its range")
        return x

    return read


def integer(least, most, size):
    """An integer from `least` to `most`, both included; it is a size of its own."""

    def read(data, name, sizes, instance):
        n = fields(data, "integer", name)["value"]
        require(type(n) is int and least <= n <= most, f"{name} is outside its range")
        agree(sizes, {size: n}, name)
        return n

    return read


def several(kind, most):
    """A tuple of 1 to `most` objects."""

    def read(data, name, sizes, instance):
        items = fields(data, "tuple", name)["items"]
        require(1 <= len(items) <= most, f"{name} has {len(items)} items")
        agree(sizes, {f"|{name}|": len(items)}, name)
        return tuple(kind(x, f"{name}[{k}]", sizes, instance) for k, x in enumerate(items))

    return read


def group(*kinds):
    """A tuple of one object of each kind."""

    def read(data, name, sizes, instance):
        items = fields(data, "tuple", name)["items"]
        require(len(items) == len(kinds), f"{name} has {len(items)} items")
        return tuple(kind(x, name, sizes, instance) for kind, x in zip(kinds, items))

    return read
