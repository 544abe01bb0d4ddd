r"""Runs of LAMPS built by hand, along which the printed regret bounds are judged.

State 0 is left for the absorbing state 1, which costs 1 a step, with a probability that the action
chooses; the expert takes action 0. Tables are integers times `one`, the running parameter's own 1.
"""

import numpy as np

from theorylab import MDP, Policy
from theorylab.arithmetic import identity


def table(one, rows):
    """Integer entries as elements of the running parameter's number system."""
    return np.array(rows, dtype=object) * one


def leaving(one, eighths, gamma):
    """The MDP in which action a leaves state 0 with probability eighths[a] / 8."""
    stay = [[8 - k, k] for k in eighths]
    A = len(eighths)
    return MDP(
        table(one, [stay, [[0, 8]] * A]) / 8,
        table(one, [[0] * A, [1] * A]),
        gamma,
        table(one, [1, 0]),
    )


def believed(M, one, eighths):
    """A model of `leaving` with other probabilities of leaving."""
    stay = [[8 - k, k] for k in eighths]
    return M.with_transitions(table(one, [stay, [[0, 8]] * len(eighths)]) / 8)


def always(one, action, A, S=2):
    """The policy that takes one action in every state."""
    return Policy(np.stack([identity(A)[action]] * S) * one)


def one_state(one, costs, gamma):
    """The MDP with one state and these costs."""
    A = len(costs)
    return MDP(table(one, [[[1]] * A]), table(one, [costs]), gamma, table(one, [1]))


def rotating_leaders(one, gamma):
    """M*, the models of two leaders, and the policies of the expert and of both.

    Model i believes that action i, which leaves state 0 with probability 3/4, does so with 1/4; all
    else it knows. So action i is the best in it, the expert's action 0 (1/2) is the best in M*, and
    model i is wrong where its own policy goes and nowhere else. With n such models a model that has
    led has paid more than one that has not, so that Follow-the-Leader lets them lead in turn.
    """
    M = leaving(one, [4, 6, 6], gamma)
    models = believed(M, one, [4, 2, 6]), believed(M, one, [4, 6, 2])
    return M, models, tuple(always(one, action, 3) for action in range(3))
