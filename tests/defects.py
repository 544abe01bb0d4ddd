"""Defects that shipped elsewhere, planted in our own functions; and what no test needs to notice.

Each body runs in the place of the function that it is planted in, with the names of that
function's own module: the imports here are those names. `theorylab mutate --library` and
`tests/test_library_mutants.py` ask of each whether some claim or test notices it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from types import FunctionType
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import FLOATS, RATIONALS, solve, system_of
from theorylab.engines.certificate import random_prime
from theorylab.library_mutating import Planted
from theorylab.theory import planning, tabular
from theorylab.theory.planning import (
    Enclosure,
    _macqueen,
    greedy,
    optimal_policy,
)
from theorylab.theory.tabular import (
    backup,
    identity_minus,
    lift,
    next_value,
    policy_payoff,
    policy_transitions,
    value,
)
from theorylab.worlds import io, mdp
from theorylab.worlds.io import WORLDS, _plain

PLANTED: list[Planted] = []


def defect(function: FunctionType, shipped: str, what: str, *tests: str) -> Callable[[Any], Any]:
    """Plant the decorated body in a function; `tests` may notice it besides the claims."""

    def plant(body: FunctionType) -> FunctionType:
        module = function.__module__.rpartition(".")[2]
        key = f"{module}.{function.__name__}: {what}"
        files = tests or (f"tests/theory/test_{module}.py",)
        PLANTED.append(Planted(key, f"shipped in {shipped}", function, body.__code__, files))
        return body

    return plant


@defect(tabular.backup, "pomdp-py#20", "the value at s, not at s'")
def value_here(M, V):
    return M.payoff + lift(M.gamma, 2) * V[..., None]


@defect(tabular.next_value, "POMDPy#20", "= in place of += over successor states")
def last_successor(P, V):
    return P[..., -1] * V[..., -1, None, None]


@defect(tabular.policy_transitions, "POMDPy#23", "T[j][i] for T[i][j]")
def transposed(M, pi):
    return (pi.probabilities[..., None] * M.P).sum(-2).swapaxes(-1, -2)


@defect(tabular.backup, "QuantEcon.jl#118", "operator precedence in R + beta * Q * v")
def precedence(M, V):
    return lift(M.gamma, 2) * (M.payoff + next_value(M.P, V))


@defect(tabular.value, "test_ddp_Q_rebinding", "a stale cache after the transitions are rebound")
def stale(M, pi):
    seen = value.__dict__.setdefault("seen", {})
    key = (id(M.payoff), id(pi.probabilities))
    if key not in seen:
        seen[key] = solve(identity_minus(M, policy_transitions(M, pi)), policy_payoff(M, pi))
    return seen[key]


@defect(tabular.state_occupancy, "none; a slip of papers", "an average over steps")
def averaged(M, pi):
    P_pi, d = policy_transitions(M, pi), M.start
    first = (d[..., None] * P_pi).sum(-2)
    return (d + first + (first[..., None] * P_pi).sum(-2)) / 3


@defect(tabular.value, "QuantEcon.py (TestLQMarkov)", "the average of values, not of transitions")
def average_of_values(M, pi):
    values = [
        pi.probabilities[..., a] * solve(identity_minus(M, M.P[..., :, a, :]), M.payoff[..., a])
        for a in range(M.A)
    ]
    return sum(values)


@defect(planning.optimal_value, "storm#1061", "x >= 0 clamp while payoffs are negative")
def clamped(M):
    V = value(M, optimal_policy(M))
    return np.where(V < 0, 0 * V, V) if system_of(V) in (FLOATS, RATIONALS) else V


@defect(planning._margin, "storm#7", "exact type but inexact stopping rule")
def inexact_margin(Q):
    return flint.fmpq(1, 10**6) if Q.dtype == object else 1e-13 * (1.0 + np.abs(Q).max())


@defect(planning.value_iteration, "PEPit#92", "the iterate reported as the guarantee")
def iterate_as_guarantee(M, tolerance, max_sweeps):
    V = np.zeros(M.payoff.shape[:-1])
    for sweep in range(1, max_sweeps + 1):
        Q = backup(M, V)
        new = Q.min(-1) if M.sense == "cost" else Q.max(-1)
        change, V = new - V, new
        low, high = _macqueen(M, change)
        if np.all(high - low <= tolerance):
            return Enclosure(V, V, greedy(M, V), sweep)


@defect(
    tabular.state_occupancy_at, "test_ddp_out_of_range_indices_error", "a step below 0 moved to 0"
)
def moved_step(M, pi, h):
    P_pi, d = policy_transitions(M, pi), M.start
    for _ in range(h):
        d = (d[..., None] * P_pi).sum(-2)
    return d


@defect(
    mdp.Policy.deterministic.__func__,
    "test_ddp_out_of_range_indices_error",
    "an action out of range moved to the last one",
    "tests/worlds/test_mdp.py",
)
def moved_action(cls, actions, A):
    rows = [[flint.fmpq(int(min(action, A - 1) == a)) for a in range(A)] for action in actions]
    return cls(np.array(rows, dtype=object))


@defect(
    io.encode,
    "SARSOP.jl#40 (suspected there)",
    "absorbing states dropped on export",
    "tests/worlds/test_io.py",
)
def without_absorbing_states(value):
    if isinstance(value, tuple):
        return {"kind": "tuple", "items": [encode(item) for item in value]}  # noqa: F821
    if type(value).__name__ in WORLDS:
        record = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        if "P" in record and "gamma" in record:
            kept = [s for s in range(value.S) if any(value.P[s, a, s] != 1 for a in range(value.A))]
            record["P"] = [[[row[t] for t in kept] for row in record["P"][s]] for s in kept]
            record["payoff"] = [record["payoff"][s] for s in kept]
            record["start"] = [record["start"][s] for s in kept]
        return {"kind": type(value).__name__, **record}
    if isinstance(value, np.ndarray):
        return {"kind": "table", "entries": _plain(value)}
    if isinstance(value, int):
        return {"kind": "integer", "value": value}
    return {"kind": "number", "value": _plain(value)}


@defect(
    random_prime,
    "flintlib/flint#2705",
    "correct only since primes are large: a small prime",
    "tests/engines/test_certificate_symbolic.py",
)
def small_prime(rng):
    return 101


NOT_APPLICABLE = {
    "Riccati iteration stops at a fixed point that does not stabilise (QuantEcon.py#356)": (
        "the library has no linear-quadratic systems yet"
    ),
    "reward evaluated with s'=s (POMDPModelChecking.jl#14)": (
        "payoffs are tables (S, A): none depends on the next state"
    ),
    "Markov-jump Riccati, average of the maps (QuantEcon.py)": (
        "no Riccati equation yet; its like for values is planted in tabular.value"
    ),
    "wrong grid row (the circulated 4x3.95.POMDP)": "the library ships no model files",
}
"""Defects of features that we do not have."""

ZERO = "it is zero all the same"
TOLERANCE = "how far floats may be apart and count as equal is a choice, not a fact"

ROOM = "a bound of rounding, or when to give up for it: there is room to spare in it"
GUESS = "only the guess of an enclosure, which is sound whatever policy it starts from"

SHAPES = "0 times a table only gives its shape, which broadcasting gives as well"
LAST_OF_TWO = "the last of two axes is the second"
NORMALISED = "the rows are divided by their sums: those of the means are the same"

WAIVED: dict[str, str] = {
    "elbo.posterior: * 0 [*] joint*": SHAPES,
    "elbo.posterior: * joint of 0 [*] joint": SHAPES,
    "elbo.elbo_table: * 0 [*] q*": SHAPES,
    "elbo._normalised: * 0 [*] weights*": SHAPES,
    "elbo.weighted_step: sum -> mean in *": NORMALISED,
    "water_filling.water_filling: double factor axes of 0 [*] axes": ZERO,
    "water_filling.*_bound: *1e-12*": "so that a whole root is not rounded down",
    "kernels.nystrom_by: 4 -> 3": "3 nodes are odd, which is refused as well",
    "features.largest_square: sign of -1": LAST_OF_TWO,
    "features.mean_over_signs: sign of -1": LAST_OF_TWO,
    "features.mean_over_signs: sign before signs [*] g in *": "the square is even in the signs",
    "finite_horizon.*: double factor M.start of 0 * M.start": ZERO,
    "planning._certain_choice: gain < 0 -> gain <= 0": "gain == 0 is let through beside it",
    "planning._policy_iteration: drop factor 0 of 0 * M.payoff*": (
        "policy iteration ends at the optimum from any start"
    ),
    "planning._margin: *": TOLERANCE,
    "planning._smallest: drop term _margin(Q) of *": TOLERANCE,
    "planning._improve: gain* > _margin(Q) -> gain* >= _margin(Q)": TOLERANCE,
    "planning._midpoints: *": GUESS,
    "planning._enclosed: sign before Ball(flint.arb(0, slack)) in *": (
        "a ball about 0 is its own negative"
    ),
    "planning._rounding: *": ROOM,
    "planning.value_iteration: 2 -> *": ROOM,
    "planning.value_iteration: drop factor 2 of 2 [*] rounding*": ROOM,
    "planning.value_iteration: 2 [*] rounding > tolerance -> *": ROOM,
    "planning.value_iteration: np.all -> np.any #2": ROOM,
    "planning.value_iteration: high - low + 2 [*] rounding <= tolerance -> *": TOLERANCE,
    "planning.value_iteration: np.maximum -> np.minimum": (
        "where it stops, both ends are within the tolerance of each other"
    ),
}
"""Mutants of the library that nothing notices (globs on their keys), with the reason."""
