r"""Linear systems with quadratic costs, over a finite horizon or discounted.

    x_{t+1} = A_t x_t + B_t u_t + a_t + w_t,   w_t of mean 0 and covariance W_t,   x_0 ~ start
    cost_t  = x'Q_t x + 2 x'N_t u + u'R_t u + 2 q_t'x + 2 r_t'u + constant_t
    at the end of H steps: x'Q_final x + 2 q_final'x + constant_H

What is paid is a cost, per step, with no factor 1/2 and not normalised. Only the mean and the
covariance of the noise and of the start enter anything quadratic, so their laws are left open.
Tables are float64 or exact (object arrays); one system each, no batch axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import ModelError
from theorylab.worlds import checks, definite
from theorylab.worlds.mdp import set_fields, unchecked
from theorylab.worlds.systems import START, STEP, Axes, System, checked_policy, checked_system


@dataclass(frozen=True, eq=False)
class LinearQuadratic(System):
    """A time-varying linear system of H steps with quadratic costs, X states and U controls.

    Shapes: A (H, X, X), B (H, X, U), Q (H, X, X), R (H, U, U), Q_final (X, X), mean (X,) of the
    start; 0 where left out: N (H, X, U), a (H, X), q (H, X), r (H, U), q_final (X,), constant
    (H+1,), W (H, X, X), covariance (X, X) of the start. Costs may be indefinite: where no control
    is best, the recursion says so. Raises ModelError naming the entry that is wrong.

    >>> M = LinearQuadratic.time_invariant(2, A=[[2]], B=[[1]], Q=[[1]], R=[["1/3"]], mean=[1])
    >>> M.H, M.X, M.U, M.R[1, 0, 0]
    (2, 1, 1, 1/3)
    """

    A: Any
    B: Any
    Q: Any
    R: Any
    Q_final: Any
    mean: Any
    N: Any = None
    a: Any = None
    q: Any = None
    r: Any = None
    q_final: Any = None
    constant: Any = None
    W: Any = None
    covariance: Any = None

    AXES: ClassVar[Axes] = {
        **{key: ("H", *letters) for key, letters in STEP.items()},
        "Q_final": ("X", "X"),
        "q_final": ("X",),
        "constant": ("H+1",),
        **START,
    }

    def __post_init__(self) -> None:
        set_fields(self, **checked_system(self, 3))

    @property
    def H(self) -> int:
        """The number of steps."""
        return int(self.B.shape[0])

    def with_dynamics(self, A: Any, B: Any, a: Any = None, W: Any = None) -> LinearModel:
        """A model with other dynamics, the same costs and start; shapes as in the class.

        Of time-invariant dynamics, A (X, X) and so on, all steps are alike.
        """
        given = {"A": A, "B": B, "a": a, "W": W}
        for key, value in given.items():
            if value is not None and np.ndim(value) == len(self.AXES[key]) - 1:
                given[key] = _repeated(value, self.H, f"LinearModel.{key}")
        own = {k: v for k, v in vars(self).items() if k not in given}
        return LinearModel(**given, **own)

    def without_affine_terms(self) -> LinearQuadratic:
        """The same with a, q, r, q_final and the constants zero."""
        return _zeroed(self, "a", "q", "r", "q_final", "constant")

    def homogeneous(self) -> LinearQuadratic:
        """The same without affine terms and noise: the optimal cost to go is x'Px."""
        return _zeroed(self.without_affine_terms(), "W")

    def without_noise(self) -> LinearQuadratic:
        """The same from the start's mean, and no noise at any step."""
        return _zeroed(self, "W", "covariance")

    @classmethod
    def time_invariant(
        cls, H: int, A: Any, B: Any, Q: Any, R: Any, mean: Any, **others: Any
    ) -> LinearQuadratic:
        """All steps alike: A (X, X), B (X, U), Q, R, and of the others N, a, q, r, W likewise.

        The final costs are Q_final (0 if left out), q_final; constant is one number for each step,
        nothing at the end.
        """
        if isinstance(H, bool) or not isinstance(H, int | np.integer) or H < 0:
            raise ModelError(f"{cls.__name__}.H is {H!r}, expected a number of steps, at least 0")
        given = {"A": A, "B": B, "Q": Q, "R": R, **others}
        repeated = [k for k in given if cls.AXES.get(k, ("",))[0] == "H"]
        tables = {k: _repeated(given.pop(k), H, f"{cls.__name__}.{k}") for k in repeated}
        if "constant" in given:
            paid = given.pop("constant")
            tables["constant"] = checks.table([paid] * int(H) + [0], f"{cls.__name__}.constant")
        X = tables["A"].shape[-1] if tables["A"].ndim > 1 else 0
        given.setdefault("Q_final", np.zeros((X, X), dtype=int).astype(object))
        return cls(mean=mean, **tables, **given)


def _zeroed(world: Any, *keys: str) -> Any:
    """The same world with some of its tables zero."""
    return unchecked(type(world), **{**vars(world), **{k: 0 * getattr(world, k) for k in keys}})


def _repeated(value: Any, H: int, name: str) -> Array:
    """One step's table for each of H steps."""
    one = checks.table(value, name)
    return np.broadcast_to(one, (int(H), *one.shape)).copy()


class LinearModel(LinearQuadratic):
    """Other dynamics (A, B, a, W) for a system, with its costs, horizon and start."""


@dataclass(frozen=True, eq=False)
class AffinePolicy:
    """u_t = K_t x_t + k_t + e_t, e_t of mean 0 and the given covariance, 0 if left out.

    Shapes: K (H, U, X), k (H, U), covariance (H, U, U).
    """

    K: Any
    k: Any = None
    covariance: Any = None

    AXES: ClassVar[Axes] = {
        "K": ("H", "U", "X"),
        "k": ("H", "U"),
        "covariance": ("H", "U", "U"),
    }

    def __post_init__(self) -> None:
        set_fields(self, **checked_policy(self, "HUX"))

    def without_noise(self) -> AffinePolicy:
        """The same control without noise."""
        return _zeroed(self, "covariance")


@dataclass(frozen=True, eq=False)
class DiscountedLinearQuadratic(System):
    """A time-invariant linear system with quadratic costs, discounted by gamma for ever.

    Shapes: A (X, X), B (X, U), Q (X, X), R (U, U), gamma in [0, 1), mean (X,) of the start; 0 where
    left out: N (X, U), a (X,), q (X,), r (U,), W (X, X), covariance (X, X) of the start. That a
    policy's cost is finite depends on the policy: where it is not, its value is `Unstable`.
    """

    A: Any
    B: Any
    Q: Any
    R: Any
    gamma: Any
    mean: Any
    N: Any = None
    a: Any = None
    q: Any = None
    r: Any = None
    W: Any = None
    covariance: Any = None

    AXES: ClassVar[Axes] = {**STEP, "gamma": (), **START}

    def __post_init__(self) -> None:
        tables = checked_system(self, 2)
        checks.check_discount(tables["gamma"], f"{type(self).__name__}.gamma")
        tables["gamma"] = tables["gamma"][()]
        set_fields(self, **tables)

    def with_dynamics(self, A: Any, B: Any, a: Any = None, W: Any = None) -> DiscountedLinearModel:
        """A model with other dynamics, the same costs, discount and start."""
        given = {"A": A, "B": B, "a": a, "W": W}
        return DiscountedLinearModel(
            **given, **{k: v for k, v in vars(self).items() if k not in given}
        )


class DiscountedLinearModel(DiscountedLinearQuadratic):
    """Other dynamics (A, B, a, W) for a discounted system, with its costs, discount and start."""


@dataclass(frozen=True, eq=False)
class LinearPolicy:
    """The stationary u = K x + k + e, e of mean 0 and the given covariance, 0 if left out.

    Shapes: K (U, X), k (U,), covariance (U, U).
    """

    K: Any
    k: Any = None
    covariance: Any = None

    AXES: ClassVar[Axes] = {"K": ("U", "X"), "k": ("U",), "covariance": ("U", "U")}

    def __post_init__(self) -> None:
        set_fields(self, **checked_policy(self, "UX"))


def joint_cost(M: LinearQuadratic | DiscountedLinearQuadratic) -> Array:
    """The quadratic part of each step's cost on (x, u), shape (..., X+U, X+U)."""
    top = np.concatenate([M.Q, M.N], axis=-1)
    bottom = np.concatenate([np.swapaxes(M.N, -1, -2), M.R], axis=-1)
    return np.concatenate([top, bottom], axis=-2)


def check_convex(M: LinearQuadratic | DiscountedLinearQuadratic, name: str) -> None:
    """Raise ModelError unless R is positive definite and no step's quadratic cost is negative.

    For floats and exact rationals; then R + B'PB is positive definite at every step.
    """
    definite.check_definite(M.R, f"{name}.R")
    definite.check_semidefinite(joint_cost(M), f"{name}, the cost of (x, u)")
    if isinstance(M, LinearQuadratic):
        definite.check_semidefinite(M.Q_final, f"{name}.Q_final")


def shared_costs(model: Any, system: Any) -> Any:
    """A model's tables beside those of the system whose costs and start it takes, unchecked."""
    kind = LinearModel if isinstance(system, LinearQuadratic) else DiscountedLinearModel
    return unchecked(kind, **{**vars(system), **model})
