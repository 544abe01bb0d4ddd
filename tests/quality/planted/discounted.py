"""Values, occupancies and differences of policies, discounted: each lemma and its planted twin."""

import numpy as np

from theorylab import MDP, Integer, Model, Policy, RewardMDP, StateFunction, chain, claim
from theorylab.arithmetic import det, identity, inverse, solve, sup
from theorylab.notation import Adv, D, E, J, Q, T_pi, V, d, d_at
from theorylab.theory.tabular import policy_transitions


@claim("performance difference")
def performance_difference(M: RewardMDP, pi: Policy, mu: Policy):
    gamma, V_mu, D_pi, d_pi = M.gamma, V(M, mu), D(M, pi), d(M, pi)
    return (
        chain((1 - gamma) * (J(M, pi) - J(M, mu)))
        .equal(E(D_pi, M.r) - (1 - gamma) * E(M.start, V_mu), "J under the occupancy")
        .equal(E(D_pi, M.r) - E(d_pi, V_mu) + gamma * E(D_pi, M.P @ V_mu), "flow of the occupancy")
        .equal(E(D_pi, Q(M, mu)) - E(d_pi, V_mu), "definition of Q")
        .equal(E(D_pi, Adv(M, mu)), "definition of the advantage")
    )


@claim("performance difference, the flow without its discount")
def performance_difference_planted(M: RewardMDP, pi: Policy, mu: Policy):
    gamma, V_mu, D_pi, d_pi = M.gamma, V(M, mu), D(M, pi), d(M, pi)
    return (
        chain((1 - gamma) * (J(M, pi) - J(M, mu)))
        .equal(E(D_pi, M.r) - (1 - gamma) * E(M.start, V_mu), "J under the occupancy")
        .equal(E(D_pi, M.r) - E(d_pi, V_mu) + E(D_pi, M.P @ V_mu), "flow of the occupancy")
        .equal(E(D_pi, Q(M, mu)) - E(d_pi, V_mu), "definition of Q")
        .equal(E(D_pi, Adv(M, mu)), "definition of the advantage")
    )


@claim("performance difference from the other side, costs")
def disadvantage(M: MDP, pi: Policy, mu: Policy):
    V_pi, scale = V(M, pi), 1 / (1 - M.gamma)
    return (
        chain(J(M, pi) - J(M, mu))
        .equal(E(M.start, V_pi - V(M, mu)), "definition of J")
        .equal(scale * E(d(M, mu), V_pi - T_pi(M, mu, V_pi)), "telescoping along mu")
        .equal(-scale * E(D(M, mu), Adv(M, pi)), "T_mu V_pi averages Q_pi")
    )


@claim("performance difference from the other side, with the sign for rewards")
def disadvantage_planted(M: MDP, pi: Policy, mu: Policy):
    V_pi, scale = V(M, pi), 1 / (1 - M.gamma)
    return (
        chain(J(M, pi) - J(M, mu))
        .equal(E(M.start, V_pi - V(M, mu)), "definition of J")
        .equal(scale * E(d(M, mu), V_pi - T_pi(M, mu, V_pi)), "telescoping along mu")
        .equal(scale * E(D(M, mu), Adv(M, pi)), "T_mu V_pi averages Q_pi")
    )


@claim("simulation lemma, state by state")
def simulation_by_state(M: MDP, M_hat: Model, pi: Policy):
    gamma, V_pi, V_hat = M.gamma, V(M, pi), V(M_hat, pi)
    P, P_hat = policy_transitions(M, pi), policy_transitions(M_hat, pi)
    resolvent = inverse(identity(M.S) - gamma * P)
    return (
        chain(V_pi - V_hat)
        .equal(gamma * (P @ V_pi - P_hat @ V_hat), "Bellman twice, the costs cancel")
        .equal(gamma * (P @ (V_pi - V_hat) + (P - P_hat) @ V_hat), "add and subtract")
        .equal(gamma * (resolvent @ ((P - P_hat) @ V_hat)), "solve for the difference")
    )


@claim("simulation lemma, the wrong value added and subtracted")
def simulation_by_state_planted(M: MDP, M_hat: Model, pi: Policy):
    gamma, V_pi, V_hat = M.gamma, V(M, pi), V(M_hat, pi)
    P, P_hat = policy_transitions(M, pi), policy_transitions(M_hat, pi)
    resolvent = inverse(identity(M.S) - gamma * P)
    return (
        chain(V_pi - V_hat)
        .equal(gamma * (P @ V_pi - P_hat @ V_hat), "Bellman twice, the costs cancel")
        .equal(gamma * (P @ (V_pi - V_hat) + (P - P_hat) @ V_pi), "add and subtract")
        .equal(gamma * (resolvent @ ((P - P_hat) @ V_pi)), "solve for the difference")
    )


@claim("J through Q and the occupancy")
def performance_by_occupancy(M: MDP, pi: Policy):
    gamma, V_pi, d_pi = M.gamma, V(M, pi), d(M, pi)
    return (
        chain(J(M, pi))
        .equal(E(M.start, E(pi, Q(M, pi))), "condition on the first action")
        .equal(E(M.start, V_pi), "V averages Q")
        .equal(E(d_pi, V_pi - gamma * policy_transitions(M, pi) @ V_pi) / (1 - gamma), "flow")
        .equal(E(D(M, pi), M.c) / (1 - gamma), "Bellman")
    )


@claim("J as the mean of V under the occupancy instead of the start")
def performance_by_occupancy_planted(M: MDP, pi: Policy):
    V_pi, d_pi = V(M, pi), d(M, pi)
    return (
        chain(J(M, pi))
        .equal(E(M.start, E(pi, Q(M, pi))), "condition on the first action")
        .equal(E(M.start, V_pi), "V averages Q")
        .equal(E(d_pi, V_pi), "the occupancy begins at the start")
        .equal(E(D(M, pi), Q(M, pi)), "V averages Q")
    )


@claim("second-order expansion of the successor measure")
def successor_expansion(M: MDP, pi: Policy, mu: Policy):
    gamma = M.gamma
    P_pi, P_mu = policy_transitions(M, pi), policy_transitions(M, mu)
    N_pi, N_mu = inverse(identity(M.S) - gamma * P_pi), inverse(identity(M.S) - gamma * P_mu)
    step = N_mu @ (gamma * (P_pi - P_mu))
    return (
        chain(N_pi - N_mu)
        .equal(gamma * N_pi @ (P_pi - P_mu) @ N_mu, "difference of inverses")
        .equal(step @ N_pi, "the same with the roles exchanged")
        .equal(step @ (N_mu + step @ N_pi), "insert it into itself")
        .equal(step @ N_mu + step @ step @ N_pi, "multiply out")
    )


@claim("second-order expansion of the successor measure, broken off")
def successor_expansion_planted(M: MDP, pi: Policy, mu: Policy):
    gamma = M.gamma
    P_pi, P_mu = policy_transitions(M, pi), policy_transitions(M, mu)
    N_pi, N_mu = inverse(identity(M.S) - gamma * P_pi), inverse(identity(M.S) - gamma * P_mu)
    step = N_mu @ (gamma * (P_pi - P_mu))
    return (
        chain(N_pi - N_mu)
        .equal(gamma * N_pi @ (P_pi - P_mu) @ N_mu, "difference of inverses")
        .equal(step @ N_pi, "the same with the roles exchanged")
        .equal(step @ (N_mu + step @ N_mu), "insert it into itself")
        .equal(step @ N_mu + step @ step @ N_mu, "multiply out")
    )


@claim("occupancy after n steps")
def truncated_occupancy(M: MDP, pi: Policy, f: StateFunction, n: Integer(1, 3)):
    gamma, N = M.gamma, inverse(identity(M.S) - M.gamma * policy_transitions(M, pi))
    head = (1 - gamma) * sum(gamma**h * E(d_at(M, pi, h), f) for h in range(n))
    return (
        chain(E(d(M, pi), f))
        .equal((1 - gamma) * E(M.start, N @ f), "resolvent")
        .equal(head + (1 - gamma) * gamma**n * E(d_at(M, pi, n), N @ f), "n steps by hand")
        .at_most(head + gamma**n * sup(f), "the rest is an average")
    )


@claim("occupancy after n steps, the rest from one step too early")
def truncated_occupancy_planted(M: MDP, pi: Policy, f: StateFunction, n: Integer(1, 3)):
    gamma, N = M.gamma, inverse(identity(M.S) - M.gamma * policy_transitions(M, pi))
    head = (1 - gamma) * sum(gamma**h * E(d_at(M, pi, h), f) for h in range(n))
    return (
        chain(E(d(M, pi), f))
        .equal((1 - gamma) * E(M.start, N @ f), "resolvent")
        .equal(head + (1 - gamma) * gamma**n * E(d_at(M, pi, n - 1), N @ f), "n steps by hand")
        .at_most(head + gamma**n * sup(f), "the rest is an average")
    )


def second_moment(M, pi):
    """E[G^2] of the discounted total cost G from each state, shape (S,): Sobel (1982)."""
    P, PV = policy_transitions(M, pi), M.P @ V(M, pi)
    source = E(pi, M.c * M.c + 2 * M.gamma * M.c * PV)
    return solve(identity(M.S) - M.gamma**2 * P, source)


@claim("variance of the return")
def return_variance(M: MDP, pi: Policy):
    gamma, P, V_pi, Q_pi = M.gamma, policy_transitions(M, pi), V(M, pi), Q(M, pi)
    second, PV = second_moment(M, pi), M.P @ V_pi
    choice = E(pi, Q_pi * Q_pi) - V_pi * V_pi
    chance = E(pi, M.P @ (V_pi * V_pi) - PV * PV)
    return (
        chain(second - V_pi * V_pi)
        .equal(
            E(pi, M.c * M.c + 2 * gamma * M.c * PV) + gamma**2 * (P @ second) - V_pi * V_pi,
            "Bellman's equation of the second moment",
        )
        .equal(choice + gamma**2 * (P @ second - E(pi, PV * PV)), "complete the square")
        .equal(choice + gamma**2 * (chance + P @ (second - V_pi * V_pi)), "total variance")
    )


@claim("variance of the return, squared before the actions are averaged")
def return_variance_planted(M: MDP, pi: Policy):
    gamma, P, V_pi, Q_pi = M.gamma, policy_transitions(M, pi), V(M, pi), Q(M, pi)
    second, PV = second_moment(M, pi), M.P @ V_pi
    choice = E(pi, Q_pi * Q_pi) - V_pi * V_pi
    chance = P @ (V_pi * V_pi) - (P @ V_pi) ** 2
    return (
        chain(second - V_pi * V_pi)
        .equal(
            E(pi, M.c * M.c + 2 * gamma * M.c * PV) + gamma**2 * (P @ second) - V_pi * V_pi,
            "Bellman's equation of the second moment",
        )
        .equal(choice + gamma**2 * (P @ second - (P @ V_pi) ** 2), "complete the square")
        .equal(choice + gamma**2 * (chance + P @ (second - V_pi * V_pi)), "total variance")
    )


@claim("determinant of I - gamma P with the eigenvalue 1 taken out")
def determinant(M: MDP, pi: Policy):
    gamma, P, eye = M.gamma, policy_transitions(M, pi), identity(M.S)
    deflated = P - M.start[None, :]
    return (
        chain(det(eye - gamma * P))
        .equal(det(eye - gamma * P.swapaxes(0, 1)), "a matrix and its transpose")
        .equal((1 - gamma) * det(eye - gamma * deflated), "eigenvalue 1 becomes 0")
    )


@claim("determinant of I - gamma P as if P had two eigenvalues")
def determinant_planted(M: MDP, pi: Policy):
    gamma, P, eye = M.gamma, policy_transitions(M, pi), identity(M.S)
    trace = np.trace(P)
    return (
        chain(det(eye - gamma * P))
        .equal(det(eye - gamma * P.swapaxes(0, 1)), "a matrix and its transpose")
        .equal((1 - gamma) * (1 - gamma * (trace - 1)), "eigenvalues 1 and tr P - 1")
        .equal((1 - gamma) ** 2 + gamma * (1 - gamma) * (2 - trace), "multiply out")
    )
