"""Optimal values and policies of a finite discounted MDP.

    V*(s) = best_a payoff(s, a) + gamma E V*(s'),   best = min for costs, max for rewards

`optimal_value` and `optimal_policy` decide on exact numbers by policy iteration, on batches lane by
lane, and on balls with an enclosure that is widened by what could not be decided. A prime field, a
tape and symbols have no order: `Unsupported`. Ties go to the smallest action.
`value_iteration` is for floats, with MacQueen's bounds as a certified stopping error, and
`optimal_value_by_linear_program` is an independent check.

Source: Puterman, Markov Decision Processes, sections 6.3-6.9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flint
import numpy as np

from theorylab.arithmetic import FLOATS, RATIONALS, Array, inf, sup, system_of
from theorylab.balls import BALLS, Ball, arb_of
from theorylab.errors import InvalidArgument, Unsupported
from theorylab.lanes import LANES, Lanes, stack, stack_like, unstack
from theorylab.theory.tabular import backup, lift, performance, value
from theorylab.worlds.mdp import MDP, Policy, map_tables, unchecked

TAPE = "the tape"
ENUMERATED = 16


def greedy(M: MDP, V: Array) -> Array:
    """The greedy action in each state for values V, shape (S,) of integers; ties: smallest."""
    Q = backup(M, V)
    signed = -Q if M.sense == "reward" else Q
    if system_of(Q) in (FLOATS, RATIONALS):
        return np.asarray(np.argmin(signed, axis=-1))
    raise Unsupported(f"greedy: {system_of(Q).name} has no order here; see greedy_policy")


def greedy_policy(M: MDP, V: Array) -> Policy:
    """The deterministic policy that is greedy for values V (S,); ties go to the smallest action.

    Lanes choose instance by instance. Balls choose where every comparison is certain, else
    Unsupported: a policy is a discrete choice, and a ball cannot make it in doubt.
    """
    Q = backup(M, V)
    system = system_of(Q)
    if system is LANES:
        batch = stack(-Q if M.sense == "reward" else Q)
        chosen = np.argmin(batch, axis=-1)[..., None] == np.arange(M.A)
        return unchecked(Policy, probabilities=unstack(chosen.astype(float)))
    if system is BALLS:
        return deterministic(_certain_choice(-Q if M.sense == "reward" else Q), M.A, Q)
    return deterministic(greedy(M, V), M.A, Q)


def _certain_choice(Q: Array) -> Array:
    """The least entry of each row where the balls are apart or exactly equal."""
    actions = []
    for row in Q:
        values = [arb_of(q) for q in row]
        best = 0
        for k, q in enumerate(values[1:], 1):  # a ball with a radius is not equal to itself
            if q < values[best]:
                best = k
            elif not (q > values[best] or q == values[best]):
                raise Unsupported("a greedy action is in doubt between balls; exact remains")
        actions.append(best)
    return np.array(actions)


def deterministic(actions: Array, A: int, like: Array) -> Policy:
    """The policy that takes `actions` (..., S), in floats or exact like the given table."""
    chosen = actions[..., None] == np.arange(A)
    if like.dtype == np.float64:
        return unchecked(Policy, probabilities=chosen.astype(float))
    table = np.asarray(np.frompyfunc(lambda c: flint.fmpq(int(c)), 1, 1)(chosen), dtype=object)
    return unchecked(Policy, probabilities=table)


def optimal_policy(M: MDP) -> Policy:
    """An optimal deterministic policy, by policy iteration; exact on exact tables.

    Lanes choose instance by instance. Balls raise Unsupported: between equal actions they would
    choose by their last bits (`optimal_value` has an enclosure there).
    """
    system = system_of(M.P, M.payoff)
    if system is LANES:
        actions = optimal_policy(_unbatched(M)).probabilities
        return unchecked(Policy, probabilities=unstack(actions))
    if system is BALLS:
        raise Unsupported("an optimal policy is a choice that balls cannot make; exact remains")
    return _policy_iteration(M)


def _policy_iteration(M: MDP) -> Policy:
    actions = greedy(M, 0 * M.payoff[..., 0])
    while True:
        pi = deterministic(actions, M.A, M.P)
        V = value(M, pi)
        better = _improve(M, V, actions)
        if (better == actions).all():
            return deterministic(_smallest(M, V), M.A, M.P)
        actions = better


def _smallest(M: MDP, V: Array) -> Array:
    """The smallest of the best actions in each state, for values V that are optimal."""
    Q = backup(M, V) if M.sense == "cost" else -backup(M, V)
    best = Q.min(-1)[..., None]
    return np.asarray(np.argmax(best + _margin(Q) >= Q, axis=-1))


def _margin(Q: Array) -> Any:
    """What floats may be apart and still count as equal; 0 for exact tables."""
    return 0 if Q.dtype == object else 1e-13 * (1.0 + np.abs(Q).max())


def _improve(M: MDP, V: Array, actions: Array) -> Array:
    """Greedy actions, changed only where strictly better (by more than rounding in floats)."""
    Q = backup(M, V) if M.sense == "cost" else -backup(M, V)
    best = np.asarray(np.argmin(Q, axis=-1))
    gain = np.take_along_axis(Q, actions[..., None], -1) - np.take_along_axis(
        Q, best[..., None], -1
    )
    return np.where(gain[..., 0] > _margin(Q), best, actions)


def _unbatched(M: MDP) -> MDP:
    """Lanes as one float MDP with a leading batch axis."""
    count = stack(M.P).shape[0]
    like = M.P

    def floats(table: Array) -> Array:
        if table.ndim:
            return stack_like(table, like)
        element = table[()]
        values = element.values if isinstance(element, Lanes) else float(element)
        return np.broadcast_to(values, (count,))

    return map_tables(M, floats)


def _midpoints(table: Array) -> Array:
    def middle(x: Any) -> flint.fmpq:
        if not isinstance(x, Ball):
            return flint.fmpq(x)
        mantissa, exponent = x.arb.mid().man_exp()
        scale = flint.fmpz(2) ** int(abs(exponent))
        return flint.fmpq(mantissa) * scale if exponent >= 0 else flint.fmpq(mantissa) / scale

    return np.asarray(np.frompyfunc(middle, 1, 1)(table), dtype=object)


def optimal_value(M: MDP) -> Array:
    """V*, shape (S,). In balls an enclosure: widened by the undecided Bellman residual.

    On a tape it is the best of all deterministic policies, where these are few.
    """
    if system_of(M.P, M.payoff).name == TAPE:
        return _best_of_all(M)
    if system_of(M.P, M.payoff) is BALLS:
        return _enclosed(M, value(M, _policy_iteration(map_tables(M, _midpoints))))
    return value(M, optimal_policy(M))


def _best_of_all(M: MDP) -> Array:
    """The best value of all deterministic policies, state by state; Unsupported when many."""
    count = M.A**M.S
    if count > ENUMERATED:
        raise Unsupported(f"{count} deterministic policies are too many for a tape")
    values = []
    for actions in np.ndindex(*(M.A,) * M.S):
        chosen = np.array(actions)[:, None] == np.arange(M.A)
        values.append(value(M, unchecked(Policy, probabilities=chosen.astype(int).astype(object))))
    return np.asarray((inf if M.sense == "cost" else sup)(np.stack(values), 0))


def _enclosed(M: MDP, V: Array) -> Array:
    """Widen the balls of a policy's value by residual / (1 - gamma), which bounds |V - V*|."""
    Q = backup(M, V)
    residual = flint.arb(0)
    for state, action in np.ndindex(*Q.shape):
        gain = V[state] - Q[state, action] if M.sense == "cost" else Q[state, action] - V[state]
        residual = residual.max(arb_of(gain))
    slack = (residual / arb_of(1 - M.gamma)).abs_upper()
    widen = np.frompyfunc(lambda v: v + Ball(flint.arb(0, slack)), 1, 1)
    return np.asarray(widen(V), dtype=object)


def optimal_performance(M: MDP) -> Any:
    """J* = E_{s ~ start} V*(s), a number per episode, not normalised."""
    return (M.start * optimal_value(M)).sum(-1)


def best_performance(M: MDP, policies: tuple[Policy, ...]) -> Any:
    """The best J over finitely many policies: the smallest cost, or the largest reward."""
    if not policies:
        raise InvalidArgument("policies is empty, expected at least one policy")
    values = np.stack([_boxed(performance(M, pi)) for pi in policies])
    return inf(values, 0) if M.sense == "cost" else sup(values, 0)


def _boxed(value: Any) -> Array:
    """A number as a 0-d array of its own kind."""
    if isinstance(value, np.ndarray | np.floating):
        return np.asarray(value)
    out = np.empty((), dtype=object)
    out[()] = value
    return out


@dataclass(frozen=True)
class Enclosure:
    """lower <= V* <= upper, shape (S,), with the greedy actions and the sweeps it took."""

    lower: Array
    upper: Array
    actions: Array
    sweeps: int


def value_iteration(M: MDP, tolerance: float = 1e-8, max_sweeps: int = 1_000_000) -> Enclosure:
    """Value iteration in float64, stopped when MacQueen's bounds are within `tolerance`.

    After a sweep V -> TV with differences in [a, b]: V* lies in TV + gamma / (1 - gamma) [a, b],
    widened by the rounding of the sweep over 1 - gamma. Raises InvalidArgument on exact tables, or
    where rounding or `max_sweeps` does not allow the tolerance.
    """
    if M.P.dtype != np.float64:
        raise InvalidArgument("value_iteration takes floats; use optimal_value for exact tables")
    if not tolerance > 0:
        raise InvalidArgument(f"tolerance is {tolerance}, expected a number above 0")
    V = np.zeros(M.payoff.shape[:-1])
    for sweep in range(1, max_sweeps + 1):
        Q = backup(M, V)
        new = Q.min(-1) if M.sense == "cost" else Q.max(-1)
        change, V = new - V, new
        low, high = _macqueen(M, change)
        rounding = _rounding(M, V, np.maximum(np.abs(low), np.abs(high)))
        if np.all(high - low + 2 * rounding <= tolerance):
            return Enclosure(V + low - rounding, V + high + rounding, greedy(M, V), sweep)
        if np.all(2 * rounding > tolerance):
            break
    raise InvalidArgument(
        f"tolerance is {tolerance}: not reached in {sweep} sweeps, where rounding alone is"
        f" {float(2 * rounding.max()):.1e}"
    )


def _macqueen(M: MDP, change: Array) -> tuple[Array, Array]:
    factor = lift(M.gamma / (1 - M.gamma), 1)
    return factor * change.min(-1, keepdims=True), factor * change.max(-1, keepdims=True)


def _rounding(M: MDP, V: Array, bound: Array) -> Array:
    """What rounding may do to V*, shape (..., 1): in one sweep, in the bounds, and by rows of P
    that sum to 1 only up to their last bits."""
    size = np.abs(M.payoff).max((-2, -1)) + np.abs(V).max(-1) + bound[..., 0]
    return np.asarray(2.0**-52 * (M.S + 8) * size / (1 - M.gamma))[..., None]


def optimal_value_by_linear_program(M: MDP) -> Array:
    """V* by HiGHS: for costs, maximise sum V subject to V <= payoff + gamma P V. Floats (S,)."""
    from scipy.optimize import linprog

    from theorylab.worlds.checks import to_float

    P, payoff = to_float(M.P), to_float(M.payoff)
    gamma = float(to_float(np.array(M.gamma, dtype=object)))
    sign = 1.0 if M.sense == "cost" else -1.0
    rows = np.repeat(np.eye(M.S), M.A, axis=0) - gamma * P.reshape(M.S * M.A, M.S)
    result = linprog(-sign * np.ones(M.S), sign * rows, sign * payoff.ravel(), bounds=(None, None))
    if result.status != 0:
        raise InvalidArgument(f"the linear program of this MDP was not solved: {result.message}")
    return np.asarray(result.x)
