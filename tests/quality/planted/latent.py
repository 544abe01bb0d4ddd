"""Latent-variable models: each lemma and its planted twin."""

from theorylab import (
    LatentVariableEstimate,
    LatentVariableModel,
    Policy,
    RewardMDP,
    StateFunction,
    chain,
    claim,
)
from theorylab.arithmetic import minimum, sup
from theorylab.notation import TV, D, E, J, V, d
from theorylab.theory.tabular import policy_transitions


def with_bonus(M, M_hat, b, pi):
    """The value in the learned model, the bonus b added to the reward."""
    return J(M_hat.with_reward(M.r + b), pi)


@claim("optimism of a clipped bonus")
def clipped_bonus(M: LatentVariableModel, M_hat: LatentVariableEstimate, pi: Policy):
    most = M.gamma / (1 - M.gamma)
    b = most * TV(M_hat.P, M.P)
    return (
        chain(J(M, pi))
        .at_most(with_bonus(M, M_hat, b, pi), "simulation lemma")
        .at_most(with_bonus(M, M_hat, minimum(b, most + 0 * b), pi), "TV is at most one")
    )


@claim("optimism of a bonus clipped as one that looks one step ahead")
def clipped_bonus_planted(M: LatentVariableModel, M_hat: LatentVariableEstimate, pi: Policy):
    most = M.gamma / (1 - M.gamma)
    b = most * TV(M_hat.P, M.P)
    return (
        chain(J(M, pi))
        .at_most(with_bonus(M, M_hat, b, pi), "simulation lemma")
        .at_most(with_bonus(M, M_hat, minimum(b, M.gamma * most + 0 * b), pi), "the clip")
    )


@claim("two steps back")
def two_steps_back(M: LatentVariableModel, pi: Policy, g: StateFunction):
    P, law, first = policy_transitions(M, pi), d(M, pi), (1 - M.gamma) * M.start
    return (
        chain(law @ g)
        .equal(first @ g + M.gamma * (law @ P @ g), "one step")
        .equal(first @ g + M.gamma * (first @ P @ g) + M.gamma**2 * (law @ P @ P @ g), "two")
    )


@claim("two steps back, the start of the second step not discounted")
def two_steps_back_planted(M: LatentVariableModel, pi: Policy, g: StateFunction):
    P, law, first = policy_transitions(M, pi), d(M, pi), (1 - M.gamma) * M.start
    return (
        chain(law @ g)
        .equal(first @ g + M.gamma * (law @ P @ g), "one step")
        .equal(first @ g + first @ P @ g + M.gamma**2 * (law @ P @ P @ g), "two")
    )


@claim("the mean value of the states visited")
def mean_value(M: RewardMDP, pi: Policy):
    law, value = d(M, pi), V(M, pi)
    return (
        chain(law @ value)
        .equal(E(D(M, pi), M.r + M.gamma * E(M.P, value)), "Bellman")
        .at_most(sup(value), "a mean")
    )


@claim("the mean value of the states visited, by that of the start")
def mean_value_planted(M: RewardMDP, pi: Policy):
    law, value = d(M, pi), V(M, pi)
    return (
        chain(law @ value)
        .equal(E(D(M, pi), M.r + M.gamma * E(M.P, value)), "Bellman")
        .at_most(2 * J(M, pi), "each step's reward is counted twice")
    )
