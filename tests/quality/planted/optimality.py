"""Optimal values, greedy policies, optimism: each lemma and its planted twin."""

from theorylab import (
    MDP,
    Model,
    Policy,
    RewardMDP,
    StateFunction,
    assume,
    at_least,
    at_most,
    chain,
    claim,
)
from theorylab.arithmetic import maximum, sup, sup_norm
from theorylab.notation import D, E, J, J_star, T, T_pi, V, V_star
from theorylab.theory.planning import greedy_policy
from theorylab.theory.tabular import backup


@claim("loss of the greedy policy")
def greedy_loss(M: MDP, f: StateFunction):
    best, greedy, scale = V_star(M), greedy_policy(M, f), 1 / (1 - M.gamma)
    return (
        chain(sup(V(M, greedy) - best))
        .at_most(scale * sup(T_pi(M, greedy, best) - best), "telescoping")
        .at_most(scale * 2 * M.gamma * sup_norm(f - best), "both backups contract")
    )


@claim("loss of the greedy policy, two per cent too good")
def greedy_loss_planted(M: MDP, f: StateFunction):
    best, greedy, scale = V_star(M), greedy_policy(M, f), 1 / (1 - M.gamma)
    return (
        chain(sup(V(M, greedy) - best))
        .at_most(scale * sup(T_pi(M, greedy, best) - best), "telescoping")
        .at_most(scale * 196 * M.gamma * sup_norm(f - best) / 100, "both backups contract")
    )


@claim("policy improvement")
def improvement(M: MDP, M_hat: Model, pi: Policy):
    V_pi = V(M, pi)
    greedy = greedy_policy(M, V_pi)
    return (
        chain(V_star(M))
        .at_most(T(M, V_pi), "T is monotone")
        .equal(T_pi(M, greedy, V_pi), "greedy")
        .at_most(V_pi, "the best action is not worse than the average one")
    )


@claim("policy improvement, greedy in the model")
def improvement_planted(M: MDP, M_hat: Model, pi: Policy):
    V_pi = V(M, pi)
    greedy = greedy_policy(M_hat, V_pi)
    return (
        chain(V_star(M))
        .at_most(T(M, V_pi), "T is monotone")
        .equal(T_pi(M, greedy, V_pi), "greedy")
        .at_most(V_pi, "the best action is not worse than the average one")
    )


@claim("contraction")
def contraction(M: RewardMDP, f: StateFunction, g: StateFunction):
    Q_f, Q_g = backup(M, f), backup(M, g)
    return (
        chain(sup_norm(T(M, f) - T(M, g)))
        .equal(sup_norm(sup(Q_f, -1) - sup(Q_g, -1)), "definition of T")
        .at_most(sup_norm(Q_f - Q_g), "maxima differ by at most the entries")
        .equal(M.gamma * sup_norm(M.P @ (f - g)), "rewards cancel")
        .at_most(M.gamma * sup_norm(f - g), "rows average")
    )


@claim("contraction, the absolute value outside the maximum")
def contraction_planted(M: RewardMDP, f: StateFunction, g: StateFunction):
    Q_f, Q_g = backup(M, f), backup(M, g)
    return (
        chain(sup_norm(T(M, f) - T(M, g)))
        .equal(sup_norm(sup(Q_f, -1) - sup(Q_g, -1)), "definition of T")
        .at_most(sup_norm(sup(Q_f - Q_g, -1)), "maxima differ by at most the entries")
        .equal(M.gamma * sup_norm(sup(M.P @ (f - g), -1)), "rewards cancel")
        .at_most(M.gamma * sup_norm(f - g), "rows average")
    )


@claim("the better of two policies")
def better_of_two(M: RewardMDP, pair: tuple[Policy, Policy]):
    first, second = pair
    V_1, V_2 = V(M, first), V(M, second)
    return (
        chain(maximum(J(M, first), J(M, second)))
        .equal(maximum(E(M.start, V_1), E(M.start, V_2)), "definition of J")
        .at_most(E(M.start, maximum(V_1, V_2)), "the larger of means, the mean of the larger")
        .at_most(J_star(M), "no policy beats the optimal one")
    )


@claim("the better of two policies, as if chosen for each state")
def better_of_two_planted(M: RewardMDP, pair: tuple[Policy, Policy]):
    first, second = pair
    V_1, V_2 = V(M, first), V(M, second)
    return (
        chain(maximum(J(M, first), J(M, second)))
        .equal(maximum(E(M.start, V_1), E(M.start, V_2)), "definition of J")
        .equal(E(M.start, maximum(V_1, V_2)), "the expectation is linear")
        .at_most(J_star(M), "no policy beats the optimal one")
    )


@claim("regret under optimism")
def optimism(M: RewardMDP, pi: Policy, mu: Policy, f: StateFunction):
    upper = f / (1 - M.gamma)
    assume(at_least(upper, V_star(M)), "optimism")
    return (
        chain(J(M, mu) - J(M, pi))
        .at_most(J_star(M) - J(M, pi), "mu is not better than the optimal policy")
        .at_most(E(M.start, upper) - J(M, pi), "optimism")
        .equal(E(D(M, pi), upper[:, None] - backup(M, upper)) / (1 - M.gamma), "telescoping")
    )


@claim("regret under optimism, along the wrong policy")
def optimism_planted(M: RewardMDP, pi: Policy, mu: Policy, f: StateFunction):
    upper = f / (1 - M.gamma)
    assume(at_least(upper, V_star(M)), "optimism")
    return (
        chain(J(M, mu) - J(M, pi))
        .at_most(J_star(M) - J(M, pi), "mu is not better than the optimal policy")
        .at_most(E(M.start, upper) - J(M, pi), "optimism")
        .equal(E(D(M, mu), upper[:, None] - backup(M, upper)) / (1 - M.gamma), "telescoping")
    )


@claim("subsolutions are below the optimal cost")
def subsolution(M: MDP, pi: Policy, f: StateFunction):
    assume(at_most(f, T(M, f)), "subsolution")
    return (
        chain(f)
        .at_most(T(M, f), "hypothesis")
        .at_most(V_star(M), "T is monotone, iterate")
        .at_most(V(M, pi), "optimality")
    )


@claim("subsolutions of one policy, as if below the optimal cost")
def subsolution_planted(M: MDP, pi: Policy, f: StateFunction):
    assume(at_most(f, T_pi(M, pi, f)), "subsolution")
    return (
        chain(f)
        .at_most(T_pi(M, pi, f), "hypothesis")
        .at_most(V(M, pi), "T_pi is monotone, iterate")
        .at_most(V_star(M), "optimality")
    )
