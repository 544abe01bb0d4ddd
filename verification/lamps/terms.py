r"""What the statements on regret share: the learner's losses, its data, and policies made by hand.

A run is a sequence of pairs (M_hat_t, pi_hat_t); J is in units of total discounted cost.
"""

from theorylab import Policy
from theorylab.arithmetic import maximum, minimum
from theorylab.notation import D, J, Q, V


def least(numbers):
    """The smallest of a few numbers."""
    smallest = numbers[0]
    for number in numbers[1:]:
        smallest = minimum(smallest, number)
    return smallest


def largest(numbers):
    """The largest of a few numbers."""
    top = numbers[0]
    for number in numbers[1:]:
        top = maximum(top, number)
    return top


def always(action, S, A=2):
    """The policy that takes one of A actions in each of S states."""
    return Policy.deterministic([action] * S, A)


def disadvantage(N, pi):
    """V(s) - Q(s, a) of pi in the model N, a table (S, A)."""
    return V(N, pi)[:, None] - Q(N, pi)


def mixed(M, pi_hat, other):
    """D_t = half of the learned policy's occupancy and half of another distribution (S, A)."""
    return (D(M, pi_hat) + other) / 2


def average_regret(M, run, pi_star):
    """1/T sum_t J(pi_hat_t) - J(pi_star)."""
    return sum(J(M, pi) for _, pi in run) / len(run) - J(M, pi_star)
