"""theorylab: the referee and proof debugger of reinforcement-learning theory.

A lemma is a plain function: its signature says "for any ...", its body is the formula.

    from theorylab import MDP, Model, Policy, claim, equal
    from theorylab.notation import D, E, J, V

    @claim("simulation lemma")
    def simulation(M: MDP, M_hat: Model, pi: Policy):
        gamma, V_hat = M.gamma, V(M_hat, pi)
        gap = E(D(M, pi), M.P @ V_hat - M_hat.P @ V_hat)
        return equal(J(M, pi) - J(M_hat, pi), gamma / (1 - gamma) * gap)

    theorylab.verify(simulation)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from theorylab.chance import (
        almost_surely,
        count_labels,
        draw,
        draw_counts,
        in_expectation,
        so_far,
        with_probability,
    )
    from theorylab.claims import Claim, Paper, claim
    from theorylab.engines import growth_rate
    from theorylab.errors import TheorylabError
    from theorylab.families import bounded_by
    from theorylab.givens import (
        Along,
        Integer,
        KernelMatrix,
        Number,
        Several,
        StateActionDistribution,
        StateActionFunction,
        StateDistribution,
        StateFunction,
    )
    from theorylab.relations import assume, at_least, at_most, chain, equal, every
    from theorylab.run import verify
    from theorylab.verdicts import Outcome, Verdict
    from theorylab.worlds import (
        MDP,
        AffinePolicy,
        DeterministicHistoryPolicy,
        DeterministicPolicy,
        DiscountedLinearModel,
        DiscountedLinearQuadratic,
        FiniteHorizonMDP,
        HistoryPolicy,
        LatentMDP,
        LatentModel,
        LatentVariableEstimate,
        LatentVariableModel,
        LinearModel,
        LinearPolicy,
        LinearQuadratic,
        Model,
        NonstationaryPolicy,
        Policy,
        RewardFiniteHorizonMDP,
        RewardMDP,
    )

_HOMES = {
    "chance": (
        "almost_surely", "count_labels", "draw", "draw_counts", "in_expectation", "so_far",
        "with_probability",
    ),
    "claims": ("Claim", "Paper", "claim"),
    "engines": ("growth_rate",),
    "errors": ("TheorylabError",),
    "families": ("bounded_by",),
    "givens": (
        "Along", "Integer", "KernelMatrix", "Number", "Several", "StateActionDistribution",
        "StateActionFunction", "StateDistribution", "StateFunction",
    ),
    "relations": ("assume", "at_least", "at_most", "chain", "equal", "every"),
    "run": ("verify",),
    "verdicts": ("Outcome", "Verdict"),
    "worlds": (
        "MDP", "AffinePolicy", "DeterministicHistoryPolicy", "DeterministicPolicy",
        "DiscountedLinearModel", "DiscountedLinearQuadratic", "FiniteHorizonMDP", "HistoryPolicy",
        "LatentMDP", "LatentModel", "LatentVariableEstimate",
        "LatentVariableModel", "LinearModel", "LinearPolicy", "LinearQuadratic", "Model",
        "NonstationaryPolicy", "Policy", "RewardFiniteHorizonMDP", "RewardMDP",
    ),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "MDP", "AffinePolicy", "Along", "Claim", "DeterministicHistoryPolicy", "DeterministicPolicy",
    "DiscountedLinearModel", "DiscountedLinearQuadratic", "FiniteHorizonMDP", "HistoryPolicy",
    "Integer", "KernelMatrix", "LatentMDP", "LatentModel", "LatentVariableEstimate",
    "LatentVariableModel", "LinearModel", "LinearPolicy",
    "LinearQuadratic", "Model", "NonstationaryPolicy", "Number", "Outcome", "Paper", "Policy",
    "RewardFiniteHorizonMDP", "RewardMDP", "Several", "StateActionDistribution",
    "StateActionFunction", "StateDistribution", "StateFunction", "TheorylabError", "Verdict",
    "almost_surely", "assume", "at_least", "at_most", "bounded_by", "chain", "claim",
    "count_labels", "draw", "draw_counts", "equal", "every", "growth_rate", "in_expectation",
    "so_far", "verify", "with_probability",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Public names are imported when first used, so that the command line starts at once."""
    if name not in _HOME:
        raise AttributeError(f"module 'theorylab' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"theorylab.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
