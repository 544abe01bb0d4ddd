"""What a wrong model costs: each lemma and its planted twin."""

from theorylab import MDP, Model, Policy, chain, claim
from theorylab.arithmetic import absolute, identity, inverse, l1_norm, minimum, positive, sup
from theorylab.notation import TV, D, E, J, V, d
from theorylab.theory.tabular import policy_transitions


@claim("simulation gap")
def simulation_gap(M: MDP, M_hat: Model, pi: Policy):
    gamma, V_hat, far = M.gamma, V(M_hat, pi), TV(M.P, M_hat.P)
    factor = gamma / (1 - gamma)
    return (
        chain(J(M, pi) - J(M_hat, pi))
        .equal(factor * E(D(M, pi), (M.P - M_hat.P) @ V_hat), "simulation lemma")
        .at_most(factor / (1 - gamma) * E(D(M, pi), far), "values span 1 / (1 - gamma)")
        .at_most(factor / (1 - gamma) * sup(far), "the largest distance")
    )


@claim("simulation gap, two per cent too good")
def simulation_gap_planted(M: MDP, M_hat: Model, pi: Policy):
    gamma, V_hat, far = M.gamma, V(M_hat, pi), TV(M.P, M_hat.P)
    factor = gamma / (1 - gamma)
    return (
        chain(J(M, pi) - J(M_hat, pi))
        .equal(factor * E(D(M, pi), (M.P - M_hat.P) @ V_hat), "simulation lemma")
        .at_most(98 * factor * sup(far) / (100 * (1 - gamma)), "values span 1 / (1 - gamma)")
    )


@claim("simulation gap, one horizon more or fewer")
def simulation_horizon(M: MDP, M_hat: Model, pi: Policy):
    gamma, V_hat, far = M.gamma, V(M_hat, pi), TV(M.P, M_hat.P)
    factor = gamma / (1 - gamma)
    return (
        chain(J(M_hat, pi) - J(M, pi))
        .equal(factor * E(D(M, pi), (M_hat.P - M.P) @ V_hat), "simulation lemma")
        .at_most(factor * sup(far) * (1 + gamma / (1 - gamma)), "values span the horizon")
    )


@claim("simulation gap, as if no horizon were longer than 50")
def simulation_horizon_planted(M: MDP, M_hat: Model, pi: Policy):
    gamma, V_hat, far = M.gamma, V(M_hat, pi), TV(M.P, M_hat.P)
    factor = gamma / (1 - gamma)
    return (
        chain(J(M_hat, pi) - J(M, pi))
        .equal(factor * E(D(M, pi), (M_hat.P - M.P) @ V_hat), "simulation lemma")
        .at_most(factor * sup(far) * 50, "values span the horizon")
    )


@claim("occupancies of two models")
def occupancy_gap(M: MDP, M_hat: Model, pi: Policy):
    D_pi, factor = D(M, pi), M.gamma / (1 - M.gamma)
    moved = (D_pi[..., None] * (M.P - M_hat.P)).sum((0, 1))
    N_hat = inverse(identity(M.S) - M.gamma * policy_transitions(M_hat, pi))
    return (
        chain(l1_norm(d(M, pi) - d(M_hat, pi)))
        .equal(M.gamma * l1_norm(moved @ N_hat), "difference of the flow equations")
        .at_most(factor * l1_norm(moved), "rows of the resolvent sum to 1 / (1 - gamma)")
        .at_most(factor * E(D_pi, l1_norm(M.P - M_hat.P)), "triangle inequality")
    )


@claim("occupancies of two models, l1 against total variation")
def occupancy_gap_planted(M: MDP, M_hat: Model, pi: Policy):
    D_pi, factor = D(M, pi), M.gamma / (1 - M.gamma)
    moved = (D_pi[..., None] * (M.P - M_hat.P)).sum((0, 1))
    N_hat = inverse(identity(M.S) - M.gamma * policy_transitions(M_hat, pi))
    return (
        chain(l1_norm(d(M, pi) - d(M_hat, pi)))
        .equal(M.gamma * l1_norm(moved @ N_hat), "difference of the flow equations")
        .at_most(factor * l1_norm(moved), "rows of the resolvent sum to 1 / (1 - gamma)")
        .at_most(factor * E(D_pi, TV(M.P, M_hat.P)), "triangle inequality")
    )


@claim("a model between two others")
def between(M: MDP, first: Model, second: Model, pi: Policy):
    D_pi = D(M, pi)
    near, far = E(D_pi, TV(M.P, first.P)), E(D_pi, TV(first.P, second.P))
    return (
        chain(E(D_pi, TV(M.P, second.P)))
        .equal(E(d(M, pi), E(pi, TV(M.P, second.P))), "state, then action")
        .at_most(near + far, "triangle inequality")
        .at_most(near + sup(TV(first.P, second.P)), "the largest distance")
    )


@claim("a model between two others, the triangle inequality reversed")
def between_planted(M: MDP, first: Model, second: Model, pi: Policy):
    D_pi = D(M, pi)
    near, far = E(D_pi, TV(M.P, first.P)), E(D_pi, TV(first.P, second.P))
    return (
        chain(E(D_pi, TV(M.P, second.P)))
        .equal(E(d(M, pi), E(pi, TV(M.P, second.P))), "state, then action")
        .at_most(absolute(near - far), "triangle inequality")
        .at_most(near + far, "both are positive")
    )


@claim("clipping the simulation gap at the horizon")
def clipped_gap(M: MDP, M_hat: Model, pi: Policy):
    gap, far = J(M_hat, pi) - J(M, pi), sup(TV(M.P, M_hat.P))
    top = M.gamma * far / (1 - M.gamma) ** 2
    return (
        chain(gap)
        .equal(minimum(gap, top), "the clip never bites")
        .equal(top - positive(top - gap), "a minimum as a positive part")
    )


@claim("clipping the simulation gap at 50 steps")
def clipped_gap_planted(M: MDP, M_hat: Model, pi: Policy):
    gap, far = J(M_hat, pi) - J(M, pi), sup(TV(M.P, M_hat.P))
    top = 50 * M.gamma * far / (1 - M.gamma)
    return (
        chain(gap)
        .equal(minimum(gap, top), "the clip never bites")
        .equal(top - positive(top - gap), "a minimum as a positive part")
    )
