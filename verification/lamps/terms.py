r"""What the statements on regret share: the learner's losses, its data, and policies made by hand.

A run is a sequence of pairs (M_hat_t, pi_hat_t); J is in units of total discounted cost.
"""

from theorylab import Policy, assume, at_least, at_most
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


def discounts_inside(M):
    """Only discounts inside (0, 1): a statement should not fall for want of a future alone."""
    assume(at_least(8 * M.gamma, 1), "the discount is inside (0, 1): at least 1/8")


def covers(nu, target):
    """Only nu that covers the target, as Section 5 asks of an exploration distribution: C <= 8."""
    assume(at_most(target, 8 * nu), "nu covers the expert: C is at most 8")


def has_support(N, M):
    """Only models N that give weight to whatever M does, so that the log loss is finite."""
    assume(at_most(M.P, 8 * N.P), "the model has the support of the truth")


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
