r"""Random features: k(x, x') = int psi(x; xi) psi(x'; xi) dP(xi) (LV-Rep, Definition 13).

`FiniteFeatures` has finitely many xi, so that all is exact; `fourier_features` draws from the
spectral law of the Gaussian kernel (normal frequencies) or of a Matern kernel (Student's t) and
gives psi(x; (w, b)) = sqrt(2) cos(w'x + b), whose mean product is the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theorylab.arithmetic import Array
from theorylab.errors import InvalidArgument, ModelError
from theorylab.worlds import checks
from theorylab.worlds.kernels import GaussianKernel, MaternKernel


@dataclass(frozen=True, eq=False)
class FiniteFeatures:
    """Features psi (X, Xi) and the law (Xi,) of xi.

    Raises ModelError for a law that is no distribution or another number of columns.
    """

    psi: Any
    law: Any

    def __post_init__(self) -> None:
        psi, law = (checks.table(getattr(self, key), f"FiniteFeatures.{key}")
                    for key in ("psi", "law"))  # fmt: skip
        tables = checks.same_kind({"psi": psi, "law": law})
        psi, law = tables["psi"], tables["law"]
        if psi.ndim != 2 or not psi.size:
            raise ModelError(f"FiniteFeatures.psi has shape {psi.shape}, expected (X, Xi)")
        checks.check_finite(psi, "FiniteFeatures.psi")
        checks.check_shape(law, "FiniteFeatures.law", psi.shape[1:], "(Xi,)")
        law = checks.check_distribution(law, "FiniteFeatures.law", "Normalise it.")
        object.__setattr__(self, "psi", checks.frozen(psi))
        object.__setattr__(self, "law", checks.frozen(law))

    @property
    def kernel(self) -> Array:
        """k(x, x'), shape (X, X)."""
        return kernel_of_features(self.psi, self.law)

    def function(self, coefficients: Array) -> Array:
        """f(x) = int coefficients(xi) psi(x; xi) dP(xi), shape (Xi,) to (X,)."""
        return np.asarray(self.psi @ (self.law * coefficients))

    @property
    def square_root(self) -> Array:
        """sqrt(P(xi)) psi(x; xi) in floats, shape (X, Xi): its rows' inner products are k."""
        return np.asarray(checks.to_float(self.psi) * np.sqrt(checks.to_float(self.law)))


def kernel_of_features(psi: Array, law: Array) -> Array:
    """int psi(x; xi) psi(x'; xi) dP(xi), shapes (X, Xi), (Xi,) to (X, X)."""
    return np.asarray((psi * law) @ psi.T)


def fourier_features(
    kernel: GaussianKernel | MaternKernel, points: Array, count: int, seed: int
) -> Array:
    """psi(x; xi_i) / sqrt(count) for so many random xi_i, shape (m, d) to (m, count), floats.

    Raises InvalidArgument for a count that is not a positive integer, or another kernel.
    """
    if type(count) is not int or count < 1:
        raise InvalidArgument(f"count is {count!r}, expected at least 1 random feature")
    rng = np.random.Generator(np.random.PCG64(checks.seed_sequence(seed)))
    x = checks.to_float(checks.table(points, "points"))
    if x.ndim != 2:
        raise ModelError(f"points have shape {x.shape}, expected (m, d)")
    checks.check_finite(x, "points")
    frequencies = _frequencies(kernel, x.shape[1], count, rng)
    phases = rng.uniform(0, 2 * np.pi, size=count)
    return np.asarray(np.sqrt(2 / count) * np.cos(x @ frequencies + phases))


def _frequencies(kernel: Any, d: int, count: int, rng: np.random.Generator) -> Array:
    """Columns drawn from the law whose characteristic function is the kernel, shape (d, count)."""
    normal = rng.standard_normal((d, count))
    if isinstance(kernel, GaussianKernel):
        return np.asarray(normal * np.sqrt(2) / float(kernel.scale))
    if isinstance(kernel, MaternKernel):
        freedom = 2 * float(kernel.nu)
        return np.asarray(
            normal / float(kernel.scale) * np.sqrt(freedom / rng.chisquare(freedom, count))
        )
    name = type(kernel).__name__
    raise InvalidArgument(f"kernel is a {name}, expected a GaussianKernel or a MaternKernel")
