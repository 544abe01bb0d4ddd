r"""Runs of LAMPS built by hand, along which the printed regret bounds are judged.

State 0 is left for the absorbing state 1, which costs 1 a step, with a probability that the action
chooses; the expert takes action 0. Tables are integers in units of `one`, the running parameter's own 1, or of a part of it.
"""

from theorylab import MDP
from theorylab.arithmetic import identity
from verification.lamps.terms import always


def table(unit, rows):
    """Rows of integers times a unit, which brings the number system."""
    return [
        sum(k * axis for k, axis in zip(row, identity(len(row)), strict=True)) * unit
        for row in rows
    ]


def leaves(one, eighths):
    """The transitions in which action a leaves state 0 with probability eighths[a] / 8."""
    A = len(eighths)
    return [table(one / 8, [[8 - k, k] for k in eighths]), table(one, [[0, 1]] * A)]


def leaving(one, eighths, gamma):
    """The MDP in which action a leaves state 0 with probability eighths[a] / 8."""
    A = len(eighths)
    return MDP(
        leaves(one, eighths),
        table(one, [[0] * A, [1] * A]),
        gamma,
        *table(one, [[1, 0]]),
    )


def believed(M, one, eighths):
    """A model of `leaving` with other probabilities of leaving."""
    return M.with_transitions(leaves(one, eighths))


def one_state(one, costs, gamma):
    """The MDP with one state and these costs."""
    return MDP([table(one, [[1]] * len(costs))], table(one, [costs]), gamma, *table(one, [[1]]))


def rotating_leaders(one, gamma):
    """M*, the models of two leaders, and the policies of the expert and of both.

    Model i believes that action i, which leaves state 0 with probability 3/4, does so with 1/4; all
    else it knows. So action i is the best in it, the expert's action 0 (1/2) is the best in M*, and
    model i is wrong where its own policy goes and nowhere else. With n such models a model that has
    led has paid more than one that has not, so that Follow-the-Leader lets them lead in turn.
    """
    M = leaving(one, [4, 6, 6], gamma)
    models = believed(M, one, [4, 2, 6]), believed(M, one, [4, 6, 2])
    return M, models, tuple(always(action, 2, 3) for action in range(3))
