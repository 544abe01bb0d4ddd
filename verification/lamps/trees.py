r"""The trees of Figures 1 and 5, and what the claims measure in them.

States are numbered from the root, A, B, C = 0, 1, 2, then row by row; actions are l = 0, r = 1. A tree
is a list of the two lists of successors of each state, equally likely ones where there are several.
"""

import numpy as np

from theorylab import MDP
from theorylab.arithmetic import absolute, identity
from theorylab.notation import D, D_at, E, J, V, l1_norm
from theorylab.theory.planning import optimal_policy
from verification.lamps.terms import always, mixed

A, B, C = 0, 1, 2


# ---- the trees -----------------------------------------------------------------------------------


def tree(depth):
    """Figure 1: a binary tree with 2^depth leaves, each of which leads to itself."""
    inner, states = 2**depth - 1, 2 ** (depth + 1) - 1
    below = [[[2 * s + 1], [2 * s + 2]] for s in range(inner)]
    return below + [[[s], [s]] for s in range(inner, states)]


def wide_tree(quarter):
    """Figure 5: five states above 4 * quarter leaves; l and r below D and E lead to a group each."""
    leaves = list(range(5, 5 + 4 * quarter))
    groups = [leaves[g * quarter : (g + 1) * quarter] for g in range(4)]
    above = [[[1], [2]], [[3], [3]], [[4], [4]], groups[:2], groups[2:]]
    return above + [[[s], [s]] for s in leaves]


def bad(truth):
    """M_bad: the branches exchanged at A, the truth everywhere else."""
    return [truth[A][::-1], *truth[1:]]


def siblings_exchanged(truth, inner):
    """M_good: below A, l leads where r does and the other way round."""
    return [truth[A], *(pair[::-1] for pair in truth[1:inner]), *truth[inner:]]


def branches_exchanged(truth):
    """M_good of Figure 5: below A, each state leads where its neighbour in the row does."""
    return [truth[A], truth[2], truth[1], truth[4], truth[3], *truth[5:]]


def always_to_b(truth, inner):
    """M_good, if its mistakes may be any: below A everything above the leaves leads to B."""
    return [truth[A], *([[B], [B]] for _ in range(1, inner)), *truth[inner:]]


def law(successors, S, one):
    """The row of transition probabilities with equally likely successors, shape (S,)."""
    return sum(identity(S)[s] for s in successors) * one / len(successors)


def world(successors, eps, gamma):
    """The MDP of a tree, started at A; costs are 1 at B and eps elsewhere."""
    S, one = len(successors), 1 + 0 * eps
    P = [[law(row, S, one) for row in pair] for pair in successors]
    c = [[eps, eps], [one, one], *([eps, eps] for _ in range(S - 2))]
    return MDP(np.array(P, dtype=object), np.array(c, dtype=object), gamma, law([A], S, one))


# ---- what is measured ----------------------------------------------------------------------------


def prediction_error(M, M_hat, weights):
    """E_{(s,a)~weights} || M_hat(s,a) - M*(s,a) ||_1."""
    return E(weights, l1_norm(M_hat.P - M.P))


def uniform_above(inner, M):
    """The uniform distribution over the pairs above the leaves, a table (S, A)."""
    share = (1 + 0 * M.gamma) / (2 * inner)
    leaves = [[0 * share] * 2] * (M.S - inner)
    return np.array([[share] * 2] * inner + leaves, dtype=object)


def visited(M):
    """Half D_{pi_hat}, half D_{pi_star}: the data of Algorithm 1 while the learner plans in M_bad."""
    return mixed(M, always(0, M.S), D(M, always(1, M.S)))


def visited_in_an_episode(M, steps):
    """The same over H steps without discount: (1/H) sum_{h<H} D^h."""
    policies = (always(0, M.S), always(1, M.S))
    return sum(D_at(M, pi, h) for pi in policies for h in range(steps)) / (2 * steps)


def value_moment_loss(M, M_hat, values, weights):
    """(9): E_{(s,a)~weights, s'~M*(s,a)} | V(s') - E_{s''~M_hat(s,a)} V(s'') |."""
    gap = absolute(values[None, None, :] - (M_hat.P @ values)[:, :, None])
    return E(weights, (M.P * gap).sum(-1))


def figure_1(depth, gamma, eps):
    """The real world, M_bad and M_good (children exchanged) of Figure 1."""
    truth = tree(depth)
    exchanged = siblings_exchanged(truth, 2**depth - 1)
    return [world(it, eps, gamma) for it in (truth, bad(truth), exchanged)]


def figure_5(quarter, gamma, eps):
    """The real world, M_bad and M_good of Figure 5."""
    truth = wide_tree(quarter)
    return [world(it, eps, gamma) for it in (truth, bad(truth), branches_exchanged(truth))]


def extra_cost_of_planning_in(M, M_hat, M_other):
    """J in the real world of M_hat's optimal policy, less that of M_other's."""
    return J(M, optimal_policy(M_hat)) - J(M, optimal_policy(M_other))


def objective_of_pdpm(M, M_hat, pi_hat, pi_star):
    """(1) + (2) + (3) of Lemma 3.1."""
    V_hat, V_expert = V(M_hat, pi_hat), V(M_hat, pi_star)
    return (
        (1 - M.gamma) * E(M.start, V_hat - V_expert)
        + M.gamma * E(D(M, pi_hat), M.P @ V_hat - M_hat.P @ V_hat)
        + M.gamma * E(D(M, pi_star), M_hat.P @ V_expert - M.P @ V_expert)
    )
