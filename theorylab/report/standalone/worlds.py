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


def semidefinite(rows, strictly=False):
    """Whether a symmetric matrix has no negative eigenvalue (`strictly`: none that is 0 either)."""
    rows = [list(row) for row in rows]
    while rows:
        pivot, rest = rows[0][0], rows[0][1:]
        if pivot < 0 or (pivot == 0 and (strictly or any(x != 0 for x in rest))):
            return False
        ratios = [row[0] / pivot if pivot else 0 for row in rows[1:]]
        rows = [[x - c * y for x, y in zip(row[1:], rest)] for row, c in zip(rows[1:], ratios)]
    return True


def shaped(axes, sizes, found):
    """The tables of these axes (H+1 is T), each letter one size."""
    for name, letters in axes.items():
        shape = tuple(sizes[letter] for letter in letters)
        require(found[name].shape == shape, f"{name} has another shape than {letters}")


SYSTEM_AXES = {
    "A": "HXX", "B": "HXU", "Q": "HXX", "R": "HUU", "Q_final": "XX", "mean": "X", "N": "HXU",
    "a": "HX", "q": "HX", "r": "HU", "q_final": "X", "constant": "T", "W": "HXX",
    "covariance": "XX",
}  # fmt: skip
POLICY_AXES = {"K": "HUX", "k": "HU", "covariance": "HUU"}


class LinearQuadratic:
    """x' = A_t x + B_t u + a_t + noise (covariance W_t) from a start of this mean and covariance.

    The cost of a step is x'Qx + 2 x'Nu + u'Ru + 2 q'x + 2 r'u + constant, that of the end likewise.
    """

    AXES = SYSTEM_AXES

    def __init__(self, A, B, Q, R, Q_final, mean, N, a, q, r, q_final, constant, W, covariance):
        self.A, self.B, self.a, self.W = table(A), table(B), table(a), table(W)
        self.Q, self.R, self.N = table(Q), table(R), table(N)
        self.q, self.r, self.constant = table(q), table(r), table(constant)
        self.Q_final, self.q_final = table(Q_final), table(q_final)
        self.mean, self.covariance = table(mean), table(covariance)
        self.H, self.X, self.U = self.B.shape
        sizes = {"H": self.H, "X": self.X, "U": self.U, "T": self.H + 1}
        shaped(self.AXES, sizes, vars(self))

    def zeroed(self, *names):
        """The same with some tables zero."""
        own = {name: vars(self)[name] for name in self.AXES}
        return type(self)(**{k: 0 * v if k in names else v for k, v in own.items()})

    def without_affine_terms(self):
        """The same with a, q, r, q_final and the constants zero."""
        return self.zeroed("a", "q", "r", "q_final", "constant")

    def homogeneous(self):
        """The same without affine terms and noise."""
        return self.zeroed("a", "q", "r", "q_final", "constant", "W")

    def without_noise(self):
        """The same from the start's mean, and no noise at any step."""
        return self.zeroed("W", "covariance")

    def check(self, name):
        """Costs are convex in (x, u), R is positive definite, covariances are covariances."""
        for t in range(self.H):
            top = [[*x, *n] for x, n in zip(self.Q[t], self.N[t])]
            low = [[*n, *u] for n, u in zip(self.N[t].T, self.R[t])]
            joint = table(top + low)
            require(entries(joint) == entries(joint.T), f"{name} has an asymmetric cost")
            require(semidefinite(joint), f"{name} has a cost that is not convex")
            require(semidefinite(self.R[t], strictly=True), f"{name}.R is not positive definite")
        for matrix in (self.Q_final, self.covariance, *self.W):
            require(entries(matrix) == entries(matrix.T), f"{name} has an asymmetric matrix")
            require(semidefinite(matrix), f"{name} has a matrix with a negative eigenvalue")


class LinearModel(LinearQuadratic):
    """Other dynamics A, B, a, W for a system."""


class AffinePolicy:
    """u = K_t x + k_t + noise of this covariance."""

    AXES = POLICY_AXES

    def __init__(self, K, k, covariance):
        self.K, self.k, self.covariance = table(K), table(k), table(covariance)
        self.H, self.U, self.X = self.K.shape
        shaped(self.AXES, {"H": self.H, "U": self.U, "X": self.X}, vars(self))

    def without_noise(self):
        """The same control without noise."""
        return type(self)(self.K, self.k, 0 * self.covariance)

    def check(self, name):
        """Covariances are covariances."""
        for matrix in self.covariance:
            require(entries(matrix) == entries(matrix.T), f"{name} has an asymmetric covariance")
            require(semidefinite(matrix), f"{name} has a covariance with a negative eigenvalue")


def linear(kind, like=None):
    """A linear system or policy; a model shares all but A, B, a, W with the system `like`."""

    def read(data, name, sizes, instance):
        found = kind(**fields(data, kind.__name__, name))
        found.check(name)
        shared = [k for k in kind.AXES if like and k not in ("A", "B", "a", "W")]
        alike = all(entries(table(data[k])) == entries(table(instance[like][k])) for k in shared)
        require(alike, f"{name} has other costs or another start than {like}")
        agree(sizes, {k: v for k, v in vars(found).items() if k in ("H", "X", "U")}, name)
        return found

    return read


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
