r"""Figures 1 and 5: what the text says of the two trees, as claims.

The worlds are built from the captions: A leads to B (l) and to C (r), c(B, .) = 1, c = \epsilon
elsewhere; M_bad errs at A alone, M_good everywhere else. Leaves stay where they are and pay
\epsilon for ever, so that the trees are discounted MDPs as in Section 3. The text leaves open under
which distribution the "prediction error" is taken, and what M_good's mistakes are:

* under the uniform distribution over the pairs above the leaves, M_bad's error is the smaller one;
  under D_{\omega,\pi}, as in Corollary 3.1 and Algorithm 2, the claim of Section 3.2 needs
  1 - \gamma < \gamma - \gamma^H: at least three steps, and \gamma > 0.618;
* M_good's value moment loss is zero when no mistake predicts B, and may be the larger one if some do;
* M_good's optimal policy is right at A whatever its mistakes are.

The trees, and how their states and actions are numbered, are in `trees`.
"""

import numpy as np

from theorylab import MDP, Integer, Number, at_most, equal, every
from theorylab.notation import J, V, V_star
from theorylab.theory.planning import optimal_policy
from verification.lamps.paper import lamps
from verification.lamps.trees import (
    A,
    always_to_b,
    bad,
    extra_cost_of_planning_in,
    figure_1,
    figure_5,
    objective_of_pdpm,
    prediction_error,
    tree,
    uniform_above,
    value_moment_loss,
    visited,
    visited_in_an_episode,
    world,
)

# ---- prediction error (eps does not enter, so that it may be any number: gamma) -------------------


@lamps.claim("Figure 1", reading="prediction error, uniform")
def smaller_error_uniform(depth: Integer(2, 3), gamma: Number(below_high=True)):
    r"""E \|M_{bad} - M^\star\|_1 \le \frac12 E \|M_{good} - M^\star\|_1 under the uniform distribution
    over the pairs above the leaves: they are 2/(2^H-1) and 2(2^H-2)/(2^H-1)"""
    M, M_bad, M_good = figure_1(depth, gamma, gamma)
    inner = 2**depth - 1
    uniform = uniform_above(inner, M)
    error_of_bad, error_of_good = (prediction_error(M, it, uniform) for it in (M_bad, M_good))
    return every(
        at_most(2 * error_of_bad, error_of_good),
        equal(inner * error_of_bad, 2 + 0 * gamma),
        equal(inner * error_of_good, 2 * (inner - 1) + 0 * gamma),
    )


@lamps.claim("Figure 1", reading="prediction error, visited by a policy")
def smaller_error_visited(depth: Integer(2, 3), gamma: Number("1/8", 1, below_high=True)):
    r"""E_{D_{\omega,\pi}} \|M_{bad} - M^\star\|_1 \le E_{D_{\omega,\pi}} \|M_{good} - M^\star\|_1, the
    expectation of Corollary 3.1; its data are half of the learner that plans in M_bad, half of the
    expert, as in Algorithms 1 and 2"""
    M, M_bad, M_good = figure_1(depth, gamma, gamma)
    return at_most(prediction_error(M, M_bad, visited(M)), prediction_error(M, M_good, visited(M)))


@lamps.claim(
    "Figure 1",
    reading="prediction error, visited by a policy, corrected",
    corrects="smaller_error_visited",
    because="A has weight 1 - \\gamma and all that follows it above the leaves \\gamma - \\gamma^H, which"
    " is the larger one for H \\ge 3 and \\gamma above 0.618 (the root of \\gamma^2 + \\gamma = 1) only",
)
def smaller_error_visited_corrected(steps: Integer(3, 8), gamma: Number("2/3", 1, below_high=True)):
    r"""The same for H \ge 3 steps and \gamma \ge 2/3: 2(1-\gamma) \le 2(\gamma - \gamma^H), which are the
    two errors (errors_exactly, for the trees of two and three steps)"""
    return at_most(2 * (1 - gamma), 2 * (gamma - gamma**steps))


@lamps.claim("Figure 1", reading="prediction errors, exactly")
def errors_exactly(depth: Integer(2, 3), gamma: Number(below_high=True)):
    r"""Under D_{\omega,\pi}: 2(1-\gamma) of M_bad and 2(\gamma-\gamma^H) of M_good; in an episode of H
    steps: 2/H and 2(H-1)/H, equal for H = 2; the policy and \epsilon do not matter"""
    M, M_bad, M_good = figure_1(depth, gamma, gamma)
    episode = visited_in_an_episode(M, depth)
    return every(
        equal(prediction_error(M, M_bad, visited(M)), 2 * (1 - gamma)),
        equal(prediction_error(M, M_good, visited(M)), 2 * (gamma - gamma**depth)),
        equal(depth * prediction_error(M, M_bad, episode), 2 + 0 * gamma),
        equal(depth * prediction_error(M, M_good, episode), 2 * (depth - 1) + 0 * gamma),
    )


# ---- policies and value moments ------------------------------------------------------------------


@lamps.claim("Figure 1", reading="the worse policy")
def worse_policy(depth: Integer(2, 3), eps: Number(), gamma: Number(below_high=True)):
    r"""J_{M^\star} of M_{bad}'s optimal policy is \gamma(1-\epsilon) above that of M_{good}'s, which is
    optimal in the real world; and so says the objective (1) + (2) + (3) of Lemma 3.1"""
    M, M_bad, M_good = figure_1(depth, gamma, eps)
    pi_bad, pi_good, pi_star = (optimal_policy(it) for it in (M_bad, M_good, M))
    return every(
        equal(J(M, pi_bad) - J(M, pi_good), gamma * (1 - eps)),
        equal(J(M, pi_good), J(M, pi_star)),
        equal(objective_of_pdpm(M, M_good, pi_good, pi_star), 0 * eps),
        equal(objective_of_pdpm(M, M_bad, pi_bad, pi_star), (1 - gamma) * gamma * (1 - eps)),
    )


@lamps.claim("Figure 1", reading="M_good with any mistakes below A")
def right_plan_whatever_the_mistakes(mistakes: MDP, eps: Number()):
    r"""V^\star(C) \le V^\star(B) in any model with c(B) = 1 and c = \epsilon elsewhere: whatever M_good's
    mistakes below A are, its optimal policy is right at A. Here B is the first state of a model drawn
    at random and C has a law of its own, drawn too."""
    S, gamma = mistakes.S, mistakes.gamma
    zero, one = 0 * eps, 1 + 0 * eps
    from_c = [[*mistakes.start, zero]] * mistakes.A
    P = [[[*row, zero] for row in pair] for pair in mistakes.P] + [from_c]
    c = [[one] * mistakes.A, *([eps] * mistakes.A for _ in range(S))]
    start = [*mistakes.start, zero]
    tables = [np.array(table, dtype=object) for table in (P, c)]
    V_best = V_star(MDP(*tables, gamma, np.array(start, dtype=object)))
    return at_most(V_best[S], V_best[0])


@lamps.claim("Figure 1", reading="value moment loss, any mistakes of M_good")
def smaller_value_loss_with_any_mistakes(
    depth: Integer(2, 3), eps: Number(), gamma: Number(below_high=True)
):
    r"""\ell_t(M_{good}) \le \ell_t(M_{bad}), (9) under D_{\omega,\pi} with V of M_bad's optimal policy in
    M_bad, where M_good's mistakes all lead to B"""
    truth = tree(depth)
    mistaken = always_to_b(truth, 2**depth - 1)
    M, M_bad, M_good = (world(it, eps, gamma) for it in (truth, bad(truth), mistaken))
    V_hat = V(M_bad, optimal_policy(M_bad))
    return at_most(
        value_moment_loss(M, M_good, V_hat, visited(M)),
        value_moment_loss(M, M_bad, V_hat, visited(M)),
    )


def value_losses_of_good_and_bad(M, M_bad, M_good, weights):
    """(9) of both models with the values of both models' optimal policies: 0 and (1-gamma)(1-eps)."""
    return [
        [
            value_moment_loss(M, it, V(current, optimal_policy(current)), weights)
            for it in (M_good, M_bad)
        ]
        for current in (M_good, M_bad)
    ]


@lamps.claim(
    "Figure 1",
    reading="value moment loss",
    corrects="smaller_value_loss_with_any_mistakes",
    because="below A all states but B have one value, so a mistake costs nothing unless it predicts B",
)
def smaller_value_loss(depth: Integer(2, 3), eps: Number(), gamma: Number(below_high=True)):
    r"""\ell_t(M_{good}) = 0 and \ell_t(M_{bad}) = (1-\gamma)(1-\epsilon), with V of either model, for
    mistakes of M_good among siblings"""
    M, M_bad, M_good = figure_1(depth, gamma, eps)
    losses = value_losses_of_good_and_bad(M, M_bad, M_good, visited(M))
    expected = [[0 * eps, (1 - gamma) * (1 - eps)]] * 2
    return equal(np.array(losses, dtype=object), np.array(expected, dtype=object))


# ---- operations ----------------------------------------------------------------------------------


def planning_queries(successors, state, steps):
    """Queries (s, a) -> s', c of a model by which the optimal policy is found over so many steps:
    each pair that can be reached is asked for once, as no two paths of a tree meet."""
    queries, row = 0, [state]
    for _ in range(steps):
        row = [after[0] for reached in row for after in successors[reached]]
        queries += len(row)
    return queries


def rollout_queries(successors, state, steps):
    """Queries of following a policy, which may as well take l, for so many steps."""
    queries = 0
    for _ in range(steps):
        state, queries = successors[state][0][0], queries + 1
    return queries


def disadvantage_queries(successors, steps):
    """Queries by which the disadvantage is minimised at the states of the expert's trajectory, from
    its end: each action there is tried once, followed by a rollout of the policy found so far."""
    queries, path = 0, [A]
    for _ in range(steps - 1):
        path.append(successors[path[-1]][1][0])
    for h, state in enumerate(path):
        for after in successors[state]:
            queries += 1 + rollout_queries(successors, after[0], steps - h - 1)
    return queries


@lamps.claim("Figure 1", reading="operations, counted")
def operations_counted(depth: Integer(1, 6), one: Number(1, 1)):
    r"""Queries of the model in the tree of H steps: 2^{H+1} - 2 for optimal planning, which is at least
    2^H, and H(H+1) for minimising the disadvantage at the states of the expert's trajectory"""
    truth = tree(depth)
    planning = one * planning_queries(truth, A, depth)
    return every(
        equal(planning, one * (2 ** (depth + 1) - 2)),
        at_most(one * 2**depth, planning),
        equal(one * disadvantage_queries(truth, depth), one * (depth * (depth + 1))),
    )


# ---- Figure 5 ------------------------------------------------------------------------------------


@lamps.claim("Figure 5")
def wide_tree_errors(quarter: Integer(1, 2), gamma: Number(below_high=True)):
    r"""E \|M_{bad} - M^\star\|_1 is 2/5 uniformly over the pairs above the leaves and 2/3 in an episode,
    less than M_good's 8/5 and 4/3; under D_{\omega,\pi} they are 2(1-\gamma) and 2(\gamma-\gamma^3)"""
    M, M_bad, M_good = figure_5(quarter, gamma, gamma)
    of, uniform, episode = prediction_error, uniform_above(5, M), visited_in_an_episode(M, 3)
    return every(
        equal(5 * of(M, M_bad, uniform), 2 + 0 * gamma),
        equal(5 * of(M, M_good, uniform), 8 + 0 * gamma),
        equal(3 * of(M, M_bad, episode), 2 + 0 * gamma),
        equal(3 * of(M, M_good, episode), 4 + 0 * gamma),
        equal(of(M, M_bad, visited(M)), 2 * (1 - gamma)),
        equal(of(M, M_good, visited(M)), 2 * (gamma - gamma**3)),
    )


@lamps.claim("Figure 5", reading="policy and value moment loss")
def wide_tree_policy_and_value_loss(
    quarter: Integer(1, 2), eps: Number(), gamma: Number(below_high=True)
):
    r"""Planning in M_bad costs \gamma(1-\epsilon) more than in M_good, and (9) under D_{\omega,\pi} is 0
    for M_good and (1-\gamma)(1-\epsilon) for M_bad, with V of either model"""
    M, M_bad, M_good = figure_5(quarter, gamma, eps)
    losses = value_losses_of_good_and_bad(M, M_bad, M_good, visited(M))
    expected = [[0 * eps, (1 - gamma) * (1 - eps)]] * 2
    return every(
        equal(extra_cost_of_planning_in(M, M_bad, M_good), gamma * (1 - eps)),
        equal(np.array(losses, dtype=object), np.array(expected, dtype=object)),
    )
