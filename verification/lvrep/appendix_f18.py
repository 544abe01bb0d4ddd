r"""Appendix F: Lemma 18, the simulation lemma with a bonus.

P is the model M, P' the model M_hat; b is any table, so that it also serves the penalty -b. Its
"V_{T, r}", with a third symbol T, is V_{P, r}: an extraction or typing slip, read so here; the occupancy
is normalised.
"""

from theorylab import (
    LatentVariableEstimate,
    LatentVariableModel,
    Policy,
    StateActionFunction,
    equal,
)
from theorylab.notation import D, E, V
from verification.lvrep.paper import lvrep
from verification.lvrep.terms import value_gap


@lvrep.claim("Lemma 18", reading="first display, under d_P")
def simulation_under_the_truth(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, pi: Policy, b: StateActionFunction
):
    r"""V^\pi_{P', r+b} - V^\pi_{P, r} = \frac{1}{1-\gamma} E_{d^\pi_P}[b + \gamma(E_{P'} V^\pi_{P', r+b} - E_P V^\pi_{P', r+b})]"""
    paid = V(T_hat.with_reward(T_hat.payoff + b), pi)
    step = b + T.gamma * (T_hat.P @ paid - T.P @ paid)
    return equal(value_gap(T_hat, b, T, pi), E(D(T, pi), step) / (1 - T.gamma))


@lvrep.claim(
    "Lemma 18",
    reading="second display, under d_P'",
    corrects="simulation_literal",
    because="the third symbol T stands for P, the model of the value without a bonus",
)
def simulation_under_the_estimate(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, pi: Policy, b: StateActionFunction
):
    r"""V^\pi_{P', r+b} - V^\pi_{P, r} = \frac{1}{1-\gamma} E_{d^\pi_{P'}}[b + \gamma(E_{P'} V^\pi_{P, r} - E_P V^\pi_{P, r})]"""
    step = b + T.gamma * (T_hat.P @ V(T, pi) - T.P @ V(T, pi))
    return equal(value_gap(T_hat, b, T, pi), E(D(T_hat, pi), step) / (1 - T.gamma))


@lvrep.claim("Lemma 18", reading="literal: V_{T, r} with T read as P' in the second display")
def simulation_literal(
    T: LatentVariableModel, T_hat: LatentVariableEstimate, pi: Policy, b: StateActionFunction
):
    r"""The second display with V^\pi_{P', r} on its right side"""
    step = b + T.gamma * (T_hat.P @ V(T_hat, pi) - T.P @ V(T_hat, pi))
    return equal(value_gap(T_hat, b, T, pi), E(D(T_hat, pi), step) / (1 - T.gamma))
