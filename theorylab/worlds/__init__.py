"""Worlds: frozen values whose constructors name the entry that is wrong."""

from theorylab.worlds.finite_horizon import (
    FiniteHorizonMDP,
    NonstationaryPolicy,
    RewardFiniteHorizonMDP,
)
from theorylab.worlds.gaussian_control import GaussianControl, centred_grid, distance_to_normal
from theorylab.worlds.hard_instance import HardLayout, hard_layout, hard_tables
from theorylab.worlds.kernels import (
    GaussianKernel,
    LinearKernel,
    MaternKernel,
    PolynomialKernel,
    gram,
    polynomial_rank,
)
from theorylab.worlds.latent_mdp import (
    DeterministicHistoryPolicy,
    HistoryPolicy,
    LatentMDP,
    LatentModel,
    histories,
    largest_total,
    support,
)
from theorylab.worlds.latent_variable import LatentVariableEstimate, LatentVariableModel
from theorylab.worlds.linear_mdp import LinearMDP
from theorylab.worlds.linear_quadratic import (
    AffinePolicy,
    DiscountedLinearModel,
    DiscountedLinearQuadratic,
    LinearModel,
    LinearPolicy,
    LinearQuadratic,
)
from theorylab.worlds.mdp import MDP, DeterministicPolicy, Model, Policy, RewardMDP
from theorylab.worlds.pomdp import POMDP
from theorylab.worlds.random_features import kernel_of_features
from theorylab.worlds.spectra import by_decreasing, cayley, spectral

__all__ = [
    "MDP", "POMDP", "AffinePolicy", "DeterministicHistoryPolicy", "DeterministicPolicy",
    "DiscountedLinearModel", "DiscountedLinearQuadratic", "FiniteHorizonMDP", "GaussianControl",
    "GaussianKernel", "HardLayout", "HistoryPolicy", "LatentMDP", "LatentModel",
    "LatentVariableEstimate", "LatentVariableModel", "LinearKernel", "LinearMDP", "LinearModel",
    "LinearPolicy", "LinearQuadratic", "MaternKernel", "Model", "NonstationaryPolicy", "Policy",
    "PolynomialKernel", "RewardFiniteHorizonMDP", "RewardMDP", "by_decreasing", "cayley",
    "centred_grid", "distance_to_normal", "gram", "hard_layout", "hard_tables", "histories",
    "kernel_of_features", "largest_total", "polynomial_rank", "spectral", "support",
]  # fmt: skip
