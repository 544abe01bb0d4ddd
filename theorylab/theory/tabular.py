"""Values and occupancies of a policy in a finite MDP.

    V = payoff_pi + gamma P_pi V          Q = payoff + gamma P V          J = <start, V>
    d^0 = start,  d^{h+1} = d^h P_pi      d = (1 - gamma) sum_{h>=0} gamma^h d^h      D = d pi

V, Q and J are totals of the discounted payoff per episode, not normalised: in [0, 1/(1-gamma)]
for payoffs in [0, 1]. Occupancies `d` and `D` are normalised: they sum to one;
`unnormalised_occupancy` is D / (1 - gamma). Steps h are counted from 0, where the state is drawn
from `start`.

Axes: S states, A actions; tables may have leading batch axes in float64.
Source: LAMPS, Section 3; Puterman, Markov Decision Processes, chapter 6.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from theorylab.arithmetic import Array, identity, inf, ratio, solve, sup
from theorylab.errors import InvalidArgument
from theorylab.remembering import once
from theorylab.worlds.checks import frozen
from theorylab.worlds.mdp import MDP, Policy


def lift(number: Any, axes: int) -> Any:
    """A number per batch entry with `axes` trailing axes added, so that it scales tables."""
    if isinstance(number, np.ndarray) and number.ndim:
        return number.reshape(number.shape + (1,) * axes)
    return number


def expectation(distribution: Any, values: Any) -> Any:
    """E over the last axes of `distribution` of `values`.

    A Policy (S, A) averages values (S, A) to (S,); a transition table (S, A, S) averages state
    values (S,) to (S, A); a distribution of the shape of `values` gives a number.
    """
    values = np.asarray(values)
    if isinstance(distribution, Policy):
        weights = distribution.probabilities
        _check_same(weights, values)
        return (weights * values).sum(-1)
    weights = np.asarray(distribution)
    if values.ndim == 0:
        return (weights * values[()]).sum()
    if weights.ndim == 3 and values.ndim == 1:
        return next_value(weights, values)
    _check_same(weights, values)
    return (weights * values).sum()


def _check_same(weights: Array, values: Array) -> None:
    if weights.shape != values.shape:
        raise InvalidArgument(
            f"expectation over a distribution of shape {weights.shape} of values of shape"
            f" {values.shape}: expected equal shapes"
        )


def next_value(P: Array, V: Array) -> Array:
    """E[V(s') | s, a]: P (..., S, A, S), V (..., S) to (..., S, A)."""
    return (P @ V[..., None, :, None])[..., 0]


def policy_transitions(M: MDP, pi: Policy) -> Array:
    """P_pi(s, s') = sum_a pi(a|s) P(s'|s, a), shape (S, S)."""
    return once(_policy_transitions, M, pi)


def _policy_transitions(M: MDP, pi: Policy) -> Array:
    return np.asarray((pi.probabilities[..., None] * M.P).sum(-2))


def policy_payoff(M: MDP, pi: Policy) -> Array:
    """The expected payoff of one step, shape (S,)."""
    return (pi.probabilities * M.payoff).sum(-1)


def value(M: MDP, pi: Policy) -> Array:
    """V^pi, shape (S,): expected discounted total payoff from each state."""
    return once(_value, M, pi)


def _value(M: MDP, pi: Policy) -> Array:
    return solve(identity_minus(M, policy_transitions(M, pi)), policy_payoff(M, pi))


def identity_minus(M: MDP, P_pi: Array) -> Array:
    """I - gamma P_pi, shape (S, S)."""
    eye = np.eye(M.S) if P_pi.dtype == np.float64 else _exact_identity(M.S)
    return eye - lift(M.gamma, 2) * P_pi


@cache
def _exact_identity(n: int) -> Array:
    return frozen(identity(n))


def backup(M: MDP, V: Array) -> Array:
    """payoff + gamma P V, shape (S, A): the value of acting once and then being paid V."""
    return M.payoff + lift(M.gamma, 2) * next_value(M.P, V)


def action_value(M: MDP, pi: Policy) -> Array:
    """Q^pi, shape (S, A)."""
    return backup(M, value(M, pi))


def advantage(M: MDP, pi: Policy) -> Array:
    """Q^pi - V^pi, shape (S, A): in cost units an advantage above 0 is a worse action."""
    V = value(M, pi)
    return backup(M, V) - V[..., None]


def bellman(M: MDP, pi: Policy, V: Array) -> Array:
    """The Bellman operator of pi: payoff_pi + gamma P_pi V, shape (S,)."""
    return (pi.probabilities * backup(M, V)).sum(-1)


def optimal_bellman(M: MDP, V: Array) -> Array:
    """The optimal Bellman operator: the best action's backup, shape (S,); least for costs."""
    return np.asarray((inf if M.sense == "cost" else sup)(backup(M, V), -1))


def performance(M: MDP, pi: Policy) -> Any:
    """J^pi = E_{s ~ start} V^pi(s), a number: per episode, not normalised."""
    return (M.start * value(M, pi)).sum(-1)


def state_occupancy(M: MDP, pi: Policy) -> Array:
    """d = (1 - gamma) sum_{h >= 0} gamma^h d^h, shape (S,); sums to one."""
    return once(_state_occupancy, M, pi)


def _state_occupancy(M: MDP, pi: Policy) -> Array:
    flow = identity_minus(M, policy_transitions(M, pi)).swapaxes(-1, -2)
    return solve(flow, lift(1 - M.gamma, 1) * M.start)


def occupancy(M: MDP, pi: Policy) -> Array:
    """D(s, a) = d(s) pi(a|s), shape (S, A); sums to one."""
    return with_actions(state_occupancy(M, pi), pi)


def unnormalised_occupancy(M: MDP, pi: Policy) -> Array:
    """sum_{h >= 0} gamma^h D^h, shape (S, A); sums to 1 / (1 - gamma)."""
    return occupancy(M, pi) / lift(1 - M.gamma, 2)


def with_actions(d: Array, pi: Policy) -> Array:
    """The state-action distribution d(s) pi(a|s), shape (S, A)."""
    return d[..., None] * pi.probabilities


def state_occupancy_at(M: MDP, pi: Policy, h: int) -> Array:
    """d^h, shape (S,): the law of the state at step h, with d^0 = start."""
    if h < 0:
        raise InvalidArgument(f"step h is {h}, expected at least 0")
    P_pi, d = policy_transitions(M, pi), M.start
    for _ in range(h):
        d = (d[..., None] * P_pi).sum(-2)
    return d


def occupancy_at(M: MDP, pi: Policy, h: int) -> Array:
    """D^h(s, a) = d^h(s) pi(a|s), shape (S, A)."""
    return with_actions(state_occupancy_at(M, pi, h), pi)


def coverage_coefficient(target: Array, nu: Array) -> Any:
    """C = sup target / nu with 0/0 = 0; x/0 makes the bound void (LAMPS, Section 5)."""
    return sup(ratio(target, nu))


def state_marginal(nu: Array) -> Array:
    """The law of the state under a state-action distribution, (S, A) to (S,)."""
    return nu.sum(-1)
